//! `kith inbox` and `kith exchange`: what others sent, and one round with the node.

use std::{fs, io::Read as _, path::Path};

use kith_protocol::receipt::ReceiptKind;
use serde_json::json;

use super::{
    args::{Inbox, Shape},
    desk::{Desk, answer},
    exit::Exit,
    failure::Failure,
    forms,
};
use crate::{
    casework::{
        command::FileInto,
        ids::{CaseId, ReceivedId},
        query::{Answer, PAGE, Query},
    },
    sharing::view,
    text,
};

pub(super) fn run(desk: &mut Desk, what: Option<&Inbox>, shape: Shape) -> Result<(), Failure> {
    match what {
        None => list(desk, shape),
        Some(Inbox::Read { received, shape }) => read(desk, *received, *shape),
        Some(Inbox::File { received, case }) => file(desk, *received, *case),
        Some(Inbox::Answer { received, receipted, note, .. }) => {
            let kind = if *receipted { ReceiptKind::Receipted } else { ReceiptKind::Declined };
            answer_bundle(desk, *received, kind, note.as_deref())
        }
    }
}

fn list(desk: &mut Desk, shape: Shape) -> Result<(), Failure> {
    let open = desk.open()?;
    let rows = answer!(open.ask(&Query::Inbox { limit: PAGE })?, Answer::Inbox(rows) => rows)?;
    let aside = answer!(open.ask(&Query::SetAside)?, Answer::SetAside(rows) => rows)?;
    if shape.json {
        let bundles: Vec<_> = rows.iter().map(forms::received).collect();
        return desk.console.json("inbox/1", json!({ "bundles": bundles, "set_aside": aside }));
    }
    for row in &aside {
        let (whose, remedy) = text::fault(row.fault);
        desk.console.line(&format!("SET ASIDE: {} ({})", row.from_name, row.from))?;
        desk.console.text(9, &format!("{}. The fault is {whose}. {remedy} {}", row.why, row.phone))?;
    }
    for row in &rows {
        let answered = row.answered.map_or("NOT ANSWERED", text::receipt);
        let filed = row.case.map(|case| format!(", filed in {case}")).unwrap_or_default();
        let when = text::moment(row.received, desk.now.time_zone());
        desk.console.line(&format!(
            "{:8} {answered}: {} about {}{filed}",
            row.id.to_string(),
            row.from_name,
            row.child
        ))?;
        desk.console.text(9, &format!("{}; signed by {}, arrived {when}", row.purpose, row.signed_by))?;
    }
    if rows.is_empty() && aside.is_empty() {
        Err(Failure::new(Exit::NothingMatched, "the inbox is empty"))
    } else {
        Ok(())
    }
}

fn read(desk: &mut Desk, received: ReceivedId, shape: Shape) -> Result<(), Failure> {
    let open = desk.open()?;
    let mut office = open.office(desk)?;
    let query = Query::Received { received };
    let view = answer!(office.ask(&query, desk.now.date())?, Answer::Received(view) => view)?;
    let document = serde_json::from_str(&view.received.document).map_err(|_| super::desk::off_topic())?;
    // The receipt says that a person was shown it: signed now, as it is shown.
    let told = office.opened(received, &desk.now)?;
    let console = &mut desk.console;
    if shape.json {
        let document: serde_json::Value =
            serde_json::from_str(&view.received.document).map_err(|_| super::desk::off_topic())?;
        let matches: Vec<_> = view.matches.iter().map(forms::person_row).collect();
        return console.json(
            "received/1",
            json!({
                "ref": view.id, "bundle": view.received.bundle, "from": view.received.from,
                "from_name": view.received.from_name, "signed_by": view.received.signed_by,
                "checks": view.received.checks, "case": view.case, "matches": matches, "document": document,
            }),
        );
    }
    console.line(&format!("{}  {}", view.id, view.received.purpose))?;
    console.field("From", &format!("{}, signed by {}", view.received.from_name, view.received.signed_by))?;
    view.received.checks.iter().try_for_each(|check| console.field("Checked", check))?;
    console.line("")?;
    view::lines(&document).iter().try_for_each(|line| console.text(0, line))?;
    for row in &view.matches {
        console.field("May be", &forms::person_line(row))?;
    }
    if told {
        console.say("OPENED was signed in your name; it goes to the sender with the next exchange.")?;
    }
    Ok(())
}

fn file(desk: &mut Desk, received: ReceivedId, case: CaseId) -> Result<(), Failure> {
    let open = desk.open()?;
    let mut office = open.office(desk)?;
    let case = office.file(received, FileInto::Case(case), &desk.now)?;
    desk.console.say(&format!("{received} is filed in case {case}."))
}

fn answer_bundle(
    desk: &mut Desk,
    received: ReceivedId,
    kind: ReceiptKind,
    note: Option<&Path>,
) -> Result<(), Failure> {
    let note = match note {
        Some(path) if path.as_os_str() == "-" => desk.console.read_all()?,
        Some(path) => {
            let mut text = String::new();
            let file = fs::File::open(path).map_err(Failure::file(path))?;
            file.take(64 * 1024).read_to_string(&mut text).map_err(Failure::file(path))?;
            text
        }
        None => String::new(),
    };
    let open = desk.open()?;
    let mut office = open.enrolled_office(desk)?;
    office.answer(received, kind, note.trim(), &desk.now)?;
    let word = text::receipt(kind);
    desk.console
        .say(&format!("{word} was signed in your name; it goes to the sender with the next exchange."))
}
