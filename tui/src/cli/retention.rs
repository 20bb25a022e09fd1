//! `kith casebook retention`, `left`, `hold` and `dispose`: what may go, what is held, and the two people who decide.

use std::{fs, io::Read as _, path::Path};

use serde_json::{Value, json};

use super::{
    args::{Book, Shape},
    desk::{Desk, answer},
    failure::Failure,
};
use crate::{
    casework::{
        command::Command,
        query::{Answer, DisposalRow, PAGE, Query, RetentionRow},
        retention::{Leaving, Verdict},
    },
    sharing::{certificate, office::OfficeError},
    text,
};

pub(super) fn run(desk: &mut Desk, verb: &Book) -> Result<(), Failure> {
    match verb {
        Book::Left { person, on, to, receipt } => {
            let leaving = Leaving { on: *on, to: to.clone().unwrap_or_default(), receipt: *receipt };
            execute(desk, Command::RecordLeaving { person: *person, leaving }, "Recorded.")
        }
        Book::Hold { person: Some(person), why, until, .. } => {
            let why = read(desk, why)?;
            let command = Command::PlaceHold { person: *person, why, until: *until };
            execute(desk, command, "The file is held: nothing of it can be destroyed.")
        }
        Book::Hold { lift: Some(hold), why, .. } => {
            let why = read(desk, why)?;
            execute(desk, Command::LiftHold { hold: *hold, why }, "The hold is lifted.")
        }
        Book::Dispose { person: Some(person), .. } => propose(desk, *person),
        Book::Dispose { approve: Some(proposal), .. } => execute(
            desk,
            Command::ApproveDisposal { proposal: *proposal, agreed: None },
            "The file is destroyed. `kith casebook dispose --certificate` writes the certificate; let old backups expire.",
        ),
        Book::Dispose { send_back: Some(proposal), why: Some(why), .. } => {
            let why = read(desk, why)?;
            execute(
                desk,
                Command::SendBackDisposal { proposal: *proposal, why },
                "Sent back; nothing is destroyed.",
            )
        }
        Book::Dispose { certificate: Some(id), out, .. } => {
            let mut open = desk.open()?;
            let saved = certificate::save(&mut open.casebook, *id, out);
            let file = saved.map_err(|error| match error {
                OfficeError::File { source, .. } => {
                    Failure::file(&out.join(format!("disposal-{id}.json")))(source)
                }
                error => error.into(),
            })?;
            desk.console.say(&format!("The certificate is in {}, its signature beside it.", file.display()))
        }
        _ => Err(Failure::usage("say whose file, or which proposal, hold or disposal")),
    }
}

fn execute(desk: &mut Desk, command: Command, said: &str) -> Result<(), Failure> {
    let mut open = desk.open()?;
    let command = certificate::signed(&open.casebook, command, &desk.now)?;
    let facts = open.casebook.execute(command, &open.session.user, &desk.now)?;
    if let Some(last) = facts.last() {
        desk.console.line(&last.to_string())?;
    }
    desk.console.say(said)
}

/// Proposes a file under the rule that makes it due.
fn propose(desk: &mut Desk, person: crate::casework::ids::PersonId) -> Result<(), Failure> {
    let mut open = desk.open()?;
    let row = answer!(open.ask(&Query::File { person })?, Answer::File(row) => row)?;
    let rule = match row.verdict {
        Verdict::Due { rule, .. } => rule,
        verdict => {
            return Err(Failure::new(
                super::exit::Exit::Refused,
                format!("the file may not be destroyed: {}", verdict.words()),
            ));
        }
    };
    let command = Command::ProposeDisposal { person, rule, signed: None };
    let command = certificate::signed(&open.casebook, command, &desk.now)?;
    let facts = open.casebook.execute(command, &open.session.user, &desk.now)?;
    for id in facts {
        desk.console.line(&id.to_string())?;
    }
    desk.console.say("Proposed. Another person approves it, with a passphrase of their own.")
}

pub(super) fn read(desk: &mut Desk, path: &Path) -> Result<String, Failure> {
    if path.as_os_str() == "-" {
        return Ok(desk.console.read_all()?.trim().to_owned());
    }
    let mut words = String::new();
    let file = fs::File::open(path).map_err(Failure::file(path))?;
    file.take(64 * 1024).read_to_string(&mut words).map_err(Failure::file(path))?;
    Ok(words.trim().to_owned())
}

pub(super) fn list(desk: &mut Desk, shape: Shape) -> Result<(), Failure> {
    let open = desk.open()?;
    let view = answer!(open.ask(&Query::Retention { limit: PAGE })?, Answer::Retention(view) => view)?;
    let console = &mut desk.console;
    if shape.json {
        let files: Vec<Value> = view.rows.iter().map(file).collect();
        let disposals: Vec<Value> = view.disposals.iter().map(disposal).collect();
        let fields = json!({ "due": view.due, "found": view.found, "files": files, "disposals": disposals });
        return console.json("casebook-retention/1", fields);
    }
    console.line(&format!("{} due", text::count(view.due, "file", "files")))?;
    for row in &view.rows {
        console.line(&format!(
            "{:8} {}  {}",
            row.person.to_string(),
            text::verdict(&row.verdict),
            row.name
        ))?;
        console.text(9, &row.verdict.words())?;
        if let Some(proposal) = &row.proposal {
            let words =
                format!("proposed as {} by {}: another person approves it", proposal.id, proposal.by.name);
            console.text(9, &words)?;
        }
    }
    if let Some(more) = text::shown_of(view.rows.len(), view.found) {
        console.line(&more)?;
    }
    for row in &view.disposals {
        console.line(&format!("{:8} DESTROYED  {}", row.id.to_string(), text::disposed(&row.disposed)))?;
    }
    Ok(())
}

fn file(row: &RetentionRow) -> Value {
    let (on, rule) = match &row.verdict {
        Verdict::Due { on, rule } | Verdict::NotYet { on, rule } => (Some(on), Some(rule.code())),
        _ => (None, None),
    };
    let proposal = row.proposal.as_ref();
    json!({
        "person": row.person, "name": row.name, "state": text::verdict(&row.verdict), "why": row.verdict.words(),
        "on": on, "rule": rule, "cases": row.cases, "entries": row.entries, "family": row.family, "kept": row.kept,
        "proposal": proposal.map(|one| json!({ "ref": one.id, "by": one.by.name, "at": one.at })),
    })
}

fn disposal(row: &DisposalRow) -> Value {
    let one = &row.disposed;
    json!({
        "ref": row.id, "rule": one.rule.code(), "proposed_by": one.proposed_by.name, "proposed": one.proposed,
        "approved_by": one.approved_by.name, "approved": one.approved, "facts": one.facts.len(),
        "attachments": one.attachments, "kept": one.kept, "replayed": one.replayed,
    })
}
