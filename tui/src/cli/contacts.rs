//! `kith contacts`: whom we can share with, and that their keys are theirs.

use kith_protocol::ids::AgencyId;
use serde_json::json;

use super::{
    args::{Contacts, Shape},
    console::Console,
    desk::Desk,
    exit::Exit,
    failure::Failure,
};
use crate::{
    casework::{
        command::Command,
        contact::{Compared, Comparison},
    },
    flow::MemberRow,
};

pub(super) fn run(desk: &mut Desk, verb: &Contacts) -> Result<(), Failure> {
    match verb {
        Contacts::List { shape } => list(desk, *shape),
        Contacts::Verify { agency, number, words, .. } => {
            let how = match number {
                Some(number) => Compared::Telephone { number: number.clone() },
                None => Compared::InPerson,
            };
            verify(desk, agency, how, words.as_deref())
        }
    }
}

fn list(desk: &mut Desk, shape: Shape) -> Result<(), Failure> {
    let rows = desk.open()?.enrolled_office(desk)?.members()?;
    if shape.json {
        let row = |row: &MemberRow| {
            json!({
                "agency": row.id, "name": row.name, "sector": row.sector, "phone": row.phone, "trust": row.trust,
                "words": row.words.join(" "), "post_quantum": row.post_quantum,
            })
        };
        let contacts: Vec<_> = rows.iter().map(row).collect();
        return desk.console.json("contact-list/1", json!({ "contacts": contacts }));
    }
    for row in &rows {
        desk.console.line(&format!("{}  {}, {}  {}", row.id, row.name, row.sector, row.phone))?;
        desk.console.text(2, &row.trust)?;
        desk.console.text(2, &row.words.join(" "))?;
    }
    if rows.is_empty() {
        return Err(Failure::new(Exit::NothingMatched, "the directory names nobody else yet"));
    }
    Ok(())
}

fn verify(desk: &mut Desk, agency: &AgencyId, how: Compared, words: Option<&str>) -> Result<(), Failure> {
    let mut office = desk.open()?.enrolled_office(desk)?;
    let members = office.members()?;
    let member = members.iter().find(|row| row.id == *agency).ok_or_else(|| {
        Failure::new(
            Exit::NothingMatched,
            format!("{agency} is not in the directory; `kith contacts list` shows who is"),
        )
    })?;
    let words = match words {
        Some(words) => words.split_whitespace().map(str::to_lowercase).collect::<Vec<_>>().join(" "),
        None => heard(&mut desk.console, member)?,
    };
    office.execute(Command::CompareContact(Comparison { agency: agency.clone(), words, how }), &desk.now)?;
    desk.console
        .say(&format!("VERIFIED: you compared the eight words of {}; it stands in the record.", member.name))
}

/// Shows the words, and takes the last one as the word that all of them were heard.
fn heard(console: &mut Console, member: &MemberRow) -> Result<String, Failure> {
    let words = member.words.join(" ");
    if !console.asks {
        let remedy = "give the eight words that they read to you with --words";
        return Err(Failure::usage(format!("nobody is here to ask: {remedy}")));
    }
    console.say(&format!("The eight words of {}: {words}", member.name))?;
    let typed = console.ask("When they have read you the same eight words, type the last one")?;
    if member.words.last().is_some_and(|last| typed.to_lowercase() == *last) {
        return Ok(words);
    }
    Err(Failure::new(
        Exit::Refused,
        format!(
            "nothing was recorded: that is not the last of them; listen again, and if theirs differ share nothing with {} \
             and tell the admin of the node",
            member.name
        ),
    ))
}
