//! `kith consent` and `kith withdraw`: what was asked and answered, what is taken back, records in the forms of others.

use std::{fs, path::Path};

use jiff::civil::Date;
use kith_protocol::consent::ConsentEvent;
use serde_json::{Value, json};

use super::{
    args::{Consent, FormatArg, Shape},
    desk::{Desk, answer, off_topic},
    exit::Exit,
    failure::Failure,
    share::{read_json, read_text},
};
use crate::{
    casework::{
        command::Command,
        ids::{CaseId, ConsentId, ShareId},
        query::{Answer, ConsentOrNot, ConsentRow, Query},
    },
    exports,
    sharing::office::{Evidence, Office},
    text,
};

pub(super) fn run(desk: &mut Desk, what: &Consent) -> Result<(), Failure> {
    match what {
        Consent::List { case, shape } => list(desk, *case, *shape),
        Consent::Add { case, record, shape } => add(desk, *case, record, *shape),
        Consent::Record { consent, state, said } => {
            let (entity, event_type) = who_and_how(desk, said)?;
            let (event_time, event_state) = (desk.now.timestamp(), (*state).into());
            let event = ConsentEvent { event_time, event_state, entity, event_type };
            carry_out(desk, Command::MoveConsent { consent: *consent, event })?;
            desk.console.say("Recorded beside the record.")
        }
        Consent::Withdraw { consent, said } => {
            let (by, why) = who_and_how(desk, said)?;
            carry_out(desk, Command::WithdrawConsent { consent: *consent, by, why })?;
            desk.console
                .say("Recorded. What waits is stopped, and whoever has it is asked with the next exchange.")
        }
        Consent::Decline { case, with, because } => {
            let because = read_text(desk, because)?.trim().to_owned();
            let (case, with) = (*case, with.clone());
            carry_out(desk, Command::DeclineSharing { case, with, because, signed: None })?;
            desk.console
                .say("Recorded: decided not to share. `kith consent export` gives it with its signatures.")
        }
        Consent::Export { consent, format, out } => export(desk, *consent, *format, out.as_deref()),
        Consent::Notice { file, name, language } => {
            let text = read_text(desk, file)?;
            let (name, language) = (name.clone(), language.clone());
            carry_out(desk, Command::KeepNotice { name, language, text })?;
            desk.console.say("Kept. New records of that name and language say which text they were told.")
        }
    }
}

/// Records on what basis something may go one day, or that it was asked for, or refused.
fn add(desk: &mut Desk, case: CaseId, record: &Path, shape: Shape) -> Result<(), Failure> {
    let record = Box::new(read_json(desk, Some(record), "the consent record")?);
    let open = desk.open()?;
    let facts = open.office(desk)?.execute(Command::RecordConsent { case, record }, &desk.now)?;
    let consent = facts.first().map(|fact| ConsentId(*fact)).ok_or_else(off_topic)?;
    if shape.json {
        return desk.console.json("consent-add/1", json!({ "ref": consent, "case": case }));
    }
    desk.console.say(&format!(
        "Recorded as {consent}; nothing went. `kith consent record {consent}` says what is answered."
    ))
}

/// Takes a share back.
pub(super) fn take_back(
    desk: &mut Desk,
    share: ShareId,
    why: &Path,
    answer_by: Option<Date>,
) -> Result<(), Failure> {
    let why = read_text(desk, why)?;
    let open = desk.open()?;
    open.enrolled_office(desk)?.withdraw(share, &why, answer_by, &desk.now)?;
    desk.console.say("Taken back. If it left already, the node is told with the next exchange, and whoever has it with theirs.")
}

fn carry_out(desk: &mut Desk, command: Command) -> Result<(), Failure> {
    let open = desk.open()?;
    open.office(desk)?.execute(command, &desk.now)?;
    Ok(())
}

/// The first line says who, the rest how.
fn who_and_how(desk: &mut Desk, said: &Path) -> Result<(String, String), Failure> {
    let text = read_text(desk, said)?;
    let (who, how) = text.trim().split_once('\n').ok_or_else(|| {
        Failure::new(Exit::Usage, "the first line says who, and how follows below it: one of both is missing")
    })?;
    Ok((who.trim().to_owned(), how.trim().to_owned()))
}

fn list(desk: &mut Desk, case: CaseId, shape: Shape) -> Result<(), Failure> {
    let open = desk.open()?;
    let rows = answer!(open.ask(&Query::Consents { case })?, Answer::Consents(rows) => rows)?;
    if shape.json {
        let records: Vec<Value> = rows.iter().map(form).collect();
        return desk.console.json("consent-list/1", json!({ "records": records }));
    }
    for row in &rows {
        let zone = desk.now.time_zone().clone();
        match &row.what {
            ConsentOrNot::NotShared { with, because, signed } => {
                let signed = if signed.is_some() { ", signed" } else { "" };
                desk.console
                    .line(&format!("{:8} NOT SHARED with {with}{signed}: {because}", row.id.to_string()))?;
            }
            ConsentOrNot::Record { record, withdrawn } => {
                let state = record.state(desk.now.timestamp()).words();
                let basis = record.lawful_basis.as_ref().map_or("no basis named", |basis| basis.words());
                let taken = if withdrawn.is_some() { "WITHDRAWN; " } else { "" };
                desk.console.line(&format!("{:8} {taken}{basis}; consent {state}", row.id.to_string()))?;
                for event in &record.events {
                    let when = text::moment(event.event_time, &zone);
                    let (state, who, how) = (event.event_state.words(), &event.entity, &event.event_type);
                    desk.console.text(9, &format!("{when}: {state}, {who}, {how}"))?;
                }
                if let Some((at, why)) = withdrawn {
                    let when = text::moment(*at, &zone);
                    desk.console.text(9, &format!("{when}: the record was withdrawn, {why}"))?;
                }
            }
        }
    }
    if rows.is_empty() { Err(Failure::new(Exit::NothingMatched, "nothing was decided")) } else { Ok(()) }
}

fn form(row: &ConsentRow) -> Value {
    let (record, withdrawn, not_shared) = match &row.what {
        ConsentOrNot::Record { record, withdrawn } => (Some(record), withdrawn.as_ref(), None),
        ConsentOrNot::NotShared { with, because, signed } => {
            (None, None, Some(json!({ "with": with, "because": because, "signed": signed })))
        }
    };
    json!({
        "ref": row.id, "recorded": row.recorded, "by": row.by, "record": record,
        "withdrawn": withdrawn.map(|(at, why)| json!({ "at": at, "why": why })), "not_shared": not_shared,
    })
}

fn export(desk: &mut Desk, consent: ConsentId, format: FormatArg, out: Option<&Path>) -> Result<(), Failure> {
    let open = desk.open()?;
    let row = answer!(open.ask(&Query::Consent { consent })?, Answer::Consent { row, .. } => row)?;
    let (agency, now) = (open.session.agency.clone(), desk.now.timestamp());
    let value = match (row.what, format) {
        (ConsentOrNot::Record { record, .. }, FormatArg::Record) => json!(record),
        (ConsentOrNot::Record { record, .. }, FormatArg::Dpv) => {
            exports::dpv::consent(&record, agency.as_str(), now)
        }
        (ConsentOrNot::Record { record, .. }, FormatArg::Fhir) => {
            exports::fhir::consent(&record, agency.as_str(), now)
        }
        (ConsentOrNot::NotShared { signed: Some(signed), .. }, FormatArg::Signed) => {
            let office = open.enrolled_office(desk)?;
            let out = out.ok_or_else(|| Failure::new(Exit::Usage, "name a new folder with --out"))?;
            let evidence = office.not_shared(&signed)?;
            lay_out(out, &evidence)?;
            return desk.console.say(&format!(
                "Written to {0}. Anyone can check it there: ssh-keygen -Y verify -f allowed_signers -I {1} -n {2} -s decision.json.person.sig < decision.json; the agency's signature is decision.json.agency.sig, by {3}.",
                out.display(), evidence.person, Office::DECISIONS, agency
            ));
        }
        (ConsentOrNot::NotShared { signed: None, .. }, FormatArg::Signed) => {
            return Err(Failure::new(
                Exit::Refused,
                "it was recorded before there were keys to sign it with",
            ));
        }
        (ConsentOrNot::NotShared { .. }, _) => {
            return Err(Failure::new(Exit::Refused, "it is a decision not to share: use --format signed"));
        }
        (ConsentOrNot::Record { .. }, FormatArg::Signed) => {
            return Err(Failure::new(
                Exit::Refused,
                "a record is signed inside the bundle that rests on it: use --format dpv or fhir",
            ));
        }
    };
    desk.console.raw(format!("{value}\n").as_bytes())
}

/// A folder that must not be there yet.
fn lay_out(out: &Path, evidence: &Evidence) -> Result<(), Failure> {
    fs::create_dir(out).map_err(Failure::file(out))?;
    for (name, text) in [
        ("decision.json", &evidence.text),
        ("decision.json.person.sig", &evidence.by_person),
        ("decision.json.agency.sig", &evidence.by_agency),
        ("allowed_signers", &evidence.allowed_signers),
    ] {
        let path = out.join(name);
        fs::write(&path, text).map_err(Failure::file(&path))?;
    }
    Ok(())
}
