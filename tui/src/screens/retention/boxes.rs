//! The questions about a file: leaving, holds, proposing and approving, and where a certificate goes.

use jiff::civil::Date;

use super::save;
use crate::{
    action::Action,
    casework::{
        command::Command,
        ids::{FactId, FileId, HoldId, PersonId, ProposalId},
        query::RetentionRow,
        retention::{Leaving, Rule, Verdict},
    },
    screens::{Flow, dialog::Dialog, doing, push},
    widgets::form::{Field, Form},
};

/// What is being asked.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Asking {
    Propose(FileId, Rule),
    Approve(ProposalId),
    SendBack(ProposalId),
    /// Of the file that is selected, unless another person is named.
    Hold(Option<FileId>),
    Lift(HoldId),
    Left(Option<PersonId>),
    Certificate(FactId),
}

/// What must be typed before a file is destroyed.
const DESTROY: &str = "destroy";

pub(super) fn ask(action: Action, row: Option<&RetentionRow>) -> (Option<Asking>, Vec<Flow>) {
    let file = row.map(|row| row.file);
    let person = file.and_then(|file| match file {
        FileId::Person(person) => Some(person),
        FileId::Bundle(_) => None,
    });
    let proposal = row.and_then(|row| row.proposal.as_ref());
    let name = row.map_or("", |row| row.name.as_str());
    match (action, row.map(|row| &row.verdict), proposal) {
        (Action::ProposeDisposal, Some(Verdict::Due { rule, .. }), None) => {
            let intro =
                format!("{name}: {}. Another person must approve; nothing goes before.", rule.words());
            let word = Field::line("word", "Type propose").required();
            (file.map(|file| Asking::Propose(file, *rule)), asked("Propose to destroy", &intro, vec![word]))
        }
        (Action::ApproveDisposal, _, Some(one)) => {
            let intro = format!(
                "{name}: {} proposed it. Words, attachments and index are destroyed now. There is no way back.",
                one.by.name
            );
            let word = Field::line("word", "Type destroy").required();
            (Some(Asking::Approve(one.id)), asked("Destroy the file", &intro, vec![word]))
        }
        (Action::SendBackDisposal, _, Some(one)) => {
            let intro = format!("{} proposed it. Nothing is destroyed.", one.by.name);
            (Some(Asking::SendBack(one.id)), asked("Send back", &intro, vec![why()]))
        }
        (Action::LegalHold, Some(Verdict::Held(hold)), _) => {
            let intro = format!("{name}: held by {}, because: {}", hold.by, hold.why);
            (Some(Asking::Lift(hold.id)), asked("Lift the hold", &intro, vec![why()]))
        }
        (Action::LegalHold, ..) => {
            let until = Field::line("until", "Until").help("Year-month-day; blank until somebody lifts it");
            let intro = "Nothing of a held file can be destroyed, whatever rule it is under.";
            (Some(Asking::Hold(file)), asked("Place a legal hold", intro, vec![whose(row), why(), until]))
        }
        (Action::RecordLeaving, ..) => {
            let fields = vec![
                whose(row),
                Field::line("on", "Left on").help("Year-month-day"),
                Field::line("to", "Next school").help("When the file goes there"),
                Field::line("receipt", "Confirmed on").help("When the next school said that it has the file"),
                Field::line("back", "Came back")
                    .help("Or the day they came back: their leaving counts no more"),
            ];
            (Some(Asking::Left(person)), asked("Somebody left, or came back", "", fields))
        }
        _ => (None, Vec::new()),
    }
}

pub(super) fn certificate() -> Vec<Flow> {
    let folder = Field::line("folder", "Folder").required().help("Its signature is written beside it");
    let intro = "The certificate names rule, persons, facts by number and leaf; no content.";
    asked("Save the certificate", intro, vec![folder])
}

fn asked(title: &str, intro: &str, fields: Vec<Field>) -> Vec<Flow> {
    push(Dialog::new(title, intro, Form::new(fields)))
}

fn why() -> Field {
    Field::line("why", "Why").required()
}

/// The selected file stands for itself; another is found by name.
fn whose(row: Option<&RetentionRow>) -> Field {
    let field = Field::lookup("person", "Whose file", false, Vec::new());
    match row {
        Some(_) => field.help("Blank for the selected one; or type part of a name"),
        None => field.required().help("Type part of a name or number"),
    }
}

/// The command that an answered box makes.
pub(super) fn answer(asking: Asking, form: &Form) -> Vec<Flow> {
    command(asking, form).unwrap_or_else(|why| vec![Flow::Say(format!("Not done: {why}"))])
}

fn command(asking: Asking, form: &Form) -> Result<Vec<Flow>, String> {
    let why = || form.text("why").to_owned();
    let typed = |word: &str| {
        let right = form.text("word").trim().eq_ignore_ascii_case(word);
        if right { Ok(()) } else { Err(format!("{word} was not typed")) }
    };
    let named = form.key_of("person").and_then(|key| key.parse().ok());
    let whose_file = || "say whose file".to_owned();
    Ok(match asking {
        Asking::Propose(file, rule) => {
            typed("propose")?;
            let said = "Proposed. Another person unlocks and approves it.";
            doing(Command::ProposeDisposal { file, rule, signed: None }, said, None)
        }
        Asking::Approve(proposal) => {
            typed(DESTROY)?;
            doing(
                Command::ApproveDisposal { proposal, agreed: None },
                "The file is destroyed. w saves its certificate.",
                None,
            )
        }
        Asking::SendBack(proposal) => doing(
            Command::SendBackDisposal { proposal, why: why() },
            "Sent back; nothing is destroyed.",
            None,
        ),
        Asking::Hold(selected) => {
            let file = named.map(FileId::Person).or(selected).ok_or_else(whose_file)?;
            let until = date(form, "until")?;
            doing(Command::PlaceHold { file, why: why(), until }, "The file is held.", None)
        }
        Asking::Lift(hold) => doing(Command::LiftHold { hold, why: why() }, "The hold is lifted.", None),
        Asking::Left(person) => {
            let person = named.or(person).ok_or_else(whose_file)?;
            let (to, receipt) = (form.text("to").trim().to_owned(), date(form, "receipt")?);
            match (date(form, "on")?, date(form, "back")?) {
                (Some(on), None) => {
                    let leaving = Leaving { on, to, receipt };
                    doing(Command::RecordLeaving { person, leaving }, "Recorded.", None)
                }
                (None, Some(on)) if to.is_empty() && receipt.is_none() => {
                    let said = "Recorded: their leaving counts no more.";
                    doing(Command::RecordReturn { person, on }, said, None)
                }
                _ => return Err("say either when they left, or when they came back".to_owned()),
            }
        }
        Asking::Certificate(id) => save(id, form.text("folder")),
    })
}

fn date(form: &Form, field: &str) -> Result<Option<Date>, String> {
    let typed = form.text(field).trim();
    if typed.is_empty() {
        return Ok(None);
    }
    typed.parse().map(Some).map_err(|_| "type dates as year-month-day, such as 2025-09-01".to_owned())
}
