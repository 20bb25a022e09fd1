//! `kith check`: shares that wait for a second person, and which ones must.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{
    args::{Check, Shape},
    desk::{Desk, answer},
    failure::Failure,
    share::read_text,
};
use crate::{
    casework::{
        command::Command,
        ids::ShareId,
        query::{Answer, PAGE, Query, ShareRow},
        second::SharingPolicy,
    },
    sharing::plan::Marked,
    text,
};

pub(super) fn run(desk: &mut Desk, verb: &Check) -> Result<(), Failure> {
    match verb {
        Check::List { shape } => list(desk, *shape),
        Check::Show { share, shape } => show(desk, *share, *shape),
        Check::Approve { share } => {
            let mut office = desk.open()?.enrolled_office(desk)?;
            office.approve(*share, &desk.now)?;
            desk.console.say(&format!(
                "{share} is approved, signed by you, and queued; `kith exchange` sends it now."
            ))
        }
        Check::Return { share, why } => {
            let why = read_text(desk, why)?;
            let mut office = desk.open()?.enrolled_office(desk)?;
            office.send_back(*share, &why, &desk.now)?;
            desk.console.say(&format!("{share} went back with your reason; nothing was sent."))
        }
        Check::Policy { sector, level, off, why, shape } => {
            let policy = SharingPolicy {
                sectors: sector.iter().map(|sector| (*sector).into()).collect(),
                levels: level.iter().map(|level| (*level).into()).collect(),
            };
            let asked = *off || policy != SharingPolicy::default();
            if asked { set(desk, policy, why.as_deref()) } else { policy_now(desk, *shape) }
        }
    }
}

fn list(desk: &mut Desk, shape: Shape) -> Result<(), Failure> {
    let open = desk.open()?;
    let rows = answer!(open.ask(&Query::ToCheck { limit: PAGE })?, Answer::ToCheck(rows) => rows)?;
    if shape.json {
        let rows: Vec<_> = rows.iter().map(row).collect();
        return desk.console.json("check-list/1", json!({ "shares": rows }));
    }
    if rows.is_empty() {
        return desk.console.say("Nothing waits for a check.");
    }
    rows.iter().try_for_each(|row| {
        let line = format!("{}  {}  {}  proposed by {}", row.id, row.to_name, row.child_name, row.by.name);
        desk.console.line(&line)
    })
}

fn row(row: &ShareRow) -> Value {
    json!({
        "ref": row.id, "case": row.share.case, "to": row.share.to, "to_name": row.to_name, "child": row.child_name,
        "purpose": row.share.purpose, "ask": row.share.ask, "proposed": row.decided, "proposed_by": row.by.name,
    })
}

fn show(desk: &mut Desk, share: ShareId, shape: Shape) -> Result<(), Failure> {
    let office = desk.open()?.enrolled_office(desk)?;
    let shown = office.checking(share, &desk.now)?;
    if shape.json {
        let marks = |marks: &[Marked]| -> Vec<Value> {
            let mark = |one: &Marked| json!({ "entry": one.entry, "place": one.place, "text": one.text, "reason": one.reason });
            marks.iter().map(mark).collect()
        };
        return desk.console.json(
            "check-show/1",
            json!({
                "share": row(&shown.row), "basis": shown.basis, "withheld": marks(&shown.withheld),
                "kept": marks(&shown.kept), "lines": shown.lines,
            }),
        );
    }
    let console = &mut desk.console;
    let share = &shown.row;
    console.line(&format!("{}  to {}, about {}", share.id, share.to_name, share.child_name))?;
    console.line(&format!("Proposed by {}, {}", share.by.name, share.by.role))?;
    console.text(0, &format!("Purpose: {}", share.share.purpose))?;
    console.line(&format!("Basis: {}", shown.basis))?;
    for (title, marks) in [("Withheld", &shown.withheld), ("Kept in spite of a suggestion", &shown.kept)] {
        console.line(&format!("{title}: {}", marks.len()))?;
        for one in marks {
            console
                .text(2, &format!("{}, {}: {:?}, because: {}", one.entry, one.place, one.text, one.reason))?;
        }
    }
    console.line("What they will read:")?;
    shown.lines.iter().try_for_each(|line| console.text(2, line))
}

fn set(desk: &mut Desk, policy: SharingPolicy, why: Option<&std::path::Path>) -> Result<(), Failure> {
    let why = match why {
        Some(path) => read_text(desk, path)?.trim().to_owned(),
        None => super::keys::ask(&mut desk.console, "Why (it stands in the record)", "--why")?,
    };
    let mut open = desk.open()?;
    let author = open.session.user.clone();
    open.casebook.execute(Command::SetSharingPolicy { policy, why }, &author, &desk.now)?;
    desk.console.say("Recorded; it holds from the next share on.")
}

fn policy_now(desk: &mut Desk, shape: Shape) -> Result<(), Failure> {
    let policy = desk.open()?.casebook.sharing_policy()?;
    if shape.json {
        let levels: BTreeSet<_> = policy.levels.iter().map(|level| super::forms::level(*level)).collect();
        let fields = json!({ "sectors": policy.sectors, "levels": levels });
        return desk.console.json("check-policy/1", fields);
    }
    if policy == SharingPolicy::default() {
        return desk.console.line("No share needs a second person's check.");
    }
    for sector in &policy.sectors {
        desk.console.line(&format!("sector  {}", crate::sharing::office::sector_words(*sector)))?;
    }
    policy.levels.iter().try_for_each(|level| desk.console.line(&format!("level   {}", text::level(*level))))
}
