//! `kith casebook retention`, `left`, `hold` and `dispose`: what may go, what is held, and the two people who decide.

use std::{fs, io::Read as _, path::Path};

use serde_json::{Value, json};

use super::{
    args::{Book, OneFile, Shape},
    desk::{Desk, answer},
    failure::Failure,
};
use crate::{
    casework::{
        command::Command,
        ids::{FileId, PersonId, ReceivedId},
        query::{Answer, DisposalRow, PAGE, Query, RetentionRow},
        retention::{Leaving, Verdict},
    },
    sharing::{certificate, office::OfficeError},
    text,
};

pub(super) fn run(desk: &mut Desk, verb: &Book) -> Result<(), Failure> {
    match verb {
        Book::Left { person, returned: Some(on), .. } => {
            let command = Command::RecordReturn { person: *person, on: *on };
            execute(desk, command, "Recorded: their leaving counts no more.")
        }
        Book::Left { person, on: Some(on), to, receipt, .. } => {
            let leaving = Leaving { on: *on, to: to.clone().unwrap_or_default(), receipt: *receipt };
            execute(desk, Command::RecordLeaving { person: *person, leaving }, "Recorded.")
        }
        Book::Hold { file: OneFile { person, bundle }, why, until, lift: None } => {
            let file = whose(*person, *bundle)?;
            let why = read(desk, why)?;
            let command = Command::PlaceHold { file, why, until: *until };
            execute(desk, command, "The file is held: nothing of it can be destroyed.")
        }
        Book::Hold { lift: Some(hold), why, .. } => {
            let why = read(desk, why)?;
            execute(desk, Command::LiftHold { hold: *hold, why }, "The hold is lifted.")
        }
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
        Book::Dispose { file: OneFile { person, bundle }, .. } => propose(desk, whose(*person, *bundle)?),
        _ => Err(whose_file()),
    }
}

fn whose(person: Option<PersonId>, bundle: Option<ReceivedId>) -> Result<FileId, Failure> {
    bundle.map(FileId::Bundle).or(person.map(FileId::Person)).ok_or_else(whose_file)
}

fn whose_file() -> Failure {
    Failure::usage("say whose file, or which bundle, proposal, hold or disposal")
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
fn propose(desk: &mut Desk, file: FileId) -> Result<(), Failure> {
    let mut open = desk.open()?;
    let row = answer!(open.ask(&Query::File { file })?, Answer::File(row) => row)?;
    let rule = match row.verdict {
        Verdict::Due { rule, .. } => rule,
        verdict => {
            return Err(Failure::new(
                super::exit::Exit::Refused,
                format!(
                    "the file may not be destroyed: {}",
                    [&[verdict.words()], &*row.remarks].concat().join("; ")
                ),
            ));
        }
    };
    let command = Command::ProposeDisposal { file, rule, signed: None };
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
        console.line(&format!("{:8} {}  {}", row.file.to_string(), text::verdict(&row.verdict), row.name))?;
        console.text(9, &row.verdict.words())?;
        row.remarks.iter().try_for_each(|remark| console.text(9, remark))?;
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
    let (person, bundle) = match row.file {
        FileId::Person(person) => (Some(person), None),
        FileId::Bundle(bundle) => (None, Some(bundle)),
    };
    json!({
        "person": person, "bundle": bundle, "name": row.name, "state": text::verdict(&row.verdict), "why": row.verdict.words(), "remarks": row.remarks,
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
