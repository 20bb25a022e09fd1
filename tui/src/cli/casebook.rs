//! `kith casebook`, `kith unlock`, `kith paths`: looking after the casebook itself.

use std::path::Path;

use serde_json::json;

use super::{
    args::{Book, Shape},
    desk::{Desk, answer},
    exit::Exit,
    failure::Failure,
    places, retention,
};
use crate::{
    casework::{
        command::Command,
        query::{Answer, LogFinding, LogsView, Query},
    },
    store::{Casebook, Outside},
    text,
};

pub(super) fn run(desk: &mut Desk, verb: &Book) -> Result<(), Failure> {
    match verb {
        Book::Check { shape } => check(desk, *shape),
        Book::Rebuild => rebuild(desk),
        Book::Restored { why } => restored(desk, why),
        Book::Settle { finding, why } => settle(desk, finding, why),
        Book::Witnesses { size } => witnesses(desk, *size),
        Book::Retention { shape } => retention::list(desk, *shape),
        Book::Left { .. } | Book::Hold { .. } | Book::Dispose { .. } => retention::run(desk, verb),
    }
}

/// The note as it is, so that it can be written to a file and handed on.
fn witnesses(desk: &mut Desk, size: u64) -> Result<(), Failure> {
    let now = desk.now.clone();
    let office = desk.open()?.office(desk)?;
    match office.log_witnesses(size, &now)? {
        Some(note) => desk.console.raw(note.as_bytes()),
        None => Err(Failure::new(
            Exit::NothingMatched,
            format!(
                "the log was never shown to anybody at {size} facts, and nobody has signed a later one: `kith verify` of the bundle says at how many"
            ),
        )),
    }
}

fn check(desk: &mut Desk, shape: Shape) -> Result<(), Failure> {
    let outside = Casebook::from_outside(&desk.folder()?);
    let mut open = match desk.open() {
        Ok(open) => open,
        Err(failure) => {
            if !outside.is_whole() {
                say_outside(desk, &outside, shape)?;
            }
            return Err(failure);
        }
    };
    let report = open.casebook.check(&mut |_, _| {})?;
    let (today, office) = (open.today, open.office(desk)?);
    let logs = answer!(office.ask(&Query::Logs, today)?, Answer::Logs(logs) => logs)?;
    if shape.json {
        let results = report.results.iter().map(|(item, findings)| {
            json!({ "what": item.words(), "findings": findings, "fault": item.is_fault() && !findings.is_empty() })
        });
        let results: Vec<_> = results.collect();
        desk.console.json(
            "casebook-check/1",
            json!({
                "whole": report.is_whole(), "facts": report.facts, "results": results,
                "log": logs.standing.as_ref().map(|one| json!({ "facts": one.size, "witnesses": one.words })),
                "findings": findings_json(&logs),
            }),
        )?;
    } else {
        desk.console.line(&text::count(report.facts, "fact", "facts"))?;
        for (item, findings) in &report.results {
            let word = if findings.is_empty() {
                "ok"
            } else if item.is_fault() {
                "FAULT"
            } else {
                "note"
            };
            desk.console.line(&format!("{word:6}{}", item.words()))?;
            findings.iter().try_for_each(|finding| desk.console.text(6, finding))?;
        }
        say_logs(desk, &logs)?;
    }
    if report.is_whole() {
        return Ok(());
    }
    Err(Failure::new(
        Exit::CheckFailed,
        "the casebook is not whole: change nothing in it, keep a copy of its folder; `kith casebook rebuild` mends tables and indexes, everything else needs the last backup",
    ))
}

/// Who cosigned the log, and what of the logs of others did not hold.
fn say_logs(desk: &mut Desk, logs: &LogsView) -> Result<(), Failure> {
    let standing = logs.standing.as_ref().map_or_else(
        || "nobody else has cosigned the log yet".to_owned(),
        |one| format!("the log up to fact {}: {}", one.size, one.words),
    );
    desk.console.line(&format!("note  {standing}"))?;
    for finding in &logs.findings {
        let day = finding.found.to_zoned(desk.now.time_zone().clone()).strftime("%-d %B %Y");
        let name: String = finding.id().to_string().chars().take(NAME).collect();
        desk.console
            .line(&format!("note  {name} found on {day}, kept with both sides (--json): {}", finding.what))?;
    }
    for one in &logs.settled {
        let words = format!("{}; dealt with by {}: {}", one.finding.what, one.by.name, one.why);
        desk.console.line(&format!("ok    {words}"))?;
    }
    Ok(())
}

/// What can be checked though nobody can open it.
fn say_outside(desk: &mut Desk, outside: &Outside, shape: Shape) -> Result<(), Failure> {
    if shape.json {
        let files: Vec<_> =
            outside.0.iter().map(|(file, fault)| json!({ "file": file, "fault": fault })).collect();
        return desk.console.json("casebook-check/1", json!({ "whole": false, "files": files }));
    }
    outside.0.iter().try_for_each(|(file, fault)| match fault {
        Some(fault) => desk.console.line(&format!("FAULT {file} {fault}")),
        None => desk.console.line(&format!("ok    {file}")),
    })
}

/// Digits of a finding's name that are shown, and that must be given.
const NAME: usize = 8;

fn settle(desk: &mut Desk, name: &str, why: &Path) -> Result<(), Failure> {
    let why = retention::read(desk, why)?;
    let mut open = desk.open()?;
    let logs = answer!(open.ask(&Query::Logs)?, Answer::Logs(logs) => logs)?;
    let mut found = logs.findings.iter().map(LogFinding::id).filter(|id| id.to_string().starts_with(name));
    let one = found.next().filter(|_| name.len() >= NAME && found.next().is_none());
    let finding = one.ok_or_else(|| {
        Failure::usage(
            "no finding, or several, begin so: `kith casebook check` lists what nobody has dealt with",
        )
    })?;
    let command = Command::SettleFinding { finding, why };
    let facts = open.casebook.execute(command, &open.session.user, &desk.now)?;
    for id in facts {
        desk.console.line(&id.to_string())?;
    }
    desk.console.say("Dealt with. Both sides are kept, and the reason stands in the record.")
}

fn restored(desk: &mut Desk, why: &str) -> Result<(), Failure> {
    let mut open = desk.open()?;
    let fact = open.casebook.restored(why, &open.session.user, &desk.now)?;
    desk.console.say(&format!("Recorded as fact {fact}, by you. The casebook's log begins anew with it."))?;
    desk.console.say(
        "What was recorded after the backup is not in this casebook: ask those you shared with, and record it again.",
    )
}

/// What did not hold, with both sides word for word.
pub(super) fn findings_json(logs: &LogsView) -> Vec<serde_json::Value> {
    let one = |finding: &LogFinding| {
        let LogFinding { found, what, one, other } = finding;
        json!({ "found": found, "what": what, "one": one, "other": other, "name": finding.id() })
    };
    let settled = logs.settled.iter().map(|done| {
        let LogFinding { found, what, one, other } = &done.finding;
        let dealt_with = json!({ "at": done.at, "by": done.by.name, "why": done.why });
        json!({ "found": found, "what": what, "one": one, "other": other, "name": done.finding.id(), "dealt_with": dealt_with })
    });
    logs.findings.iter().map(one).chain(settled).collect()
}

fn rebuild(desk: &mut Desk) -> Result<(), Failure> {
    let mut open = desk.open()?;
    let mut told = 0;
    let console = &mut desk.console;
    open.casebook.rebuild(&mut |done, total| {
        let percent = (done * 100).checked_div(total).unwrap_or(100);
        if percent >= told + 10 {
            told = percent;
            // Progress is a courtesy: the work goes on without a reader.
            let _ = console.say(&format!("{percent} percent"));
        }
    })?;
    desk.console.say("All tables were computed anew from the facts.")
}

pub(super) fn unlock(desk: &mut Desk) -> Result<(), Failure> {
    let open = desk.open()?;
    let session = &open.session;
    desk.console.say(&format!(
        "The passphrase is right: {}, {}, at {}.",
        session.user.name, session.user.role, session.agency_name
    ))
}

pub(super) fn paths(desk: &mut Desk, shape: Shape) -> Result<(), Failure> {
    let (folder, because) = places::casebook(desk.common.casebook.as_deref())?;
    let there = Casebook::is_in(&folder);
    let console = &mut desk.console;
    if shape.json {
        return console
            .json("paths/1", json!({ "casebook": folder, "because": because.words(), "exists": there }));
    }
    let state = if there { "" } else { ", not made yet" };
    console.line(&format!("casebook  {}  ({}{state})", folder.display(), because.words()))
}
