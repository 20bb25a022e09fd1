//! `kith inbox` and `kith exchange`: what others sent, and one round with the node.

use std::path::Path;

use kith_protocol::{consent::LawfulBasis, ids::BundleId, receipt::ReceiptKind};
use serde_json::{Value, json};

use super::{
    args::{Inbox, KeepArg, Shape},
    desk::{Desk, Open, answer, whole},
    exit::Exit,
    failure::{Failure, open_file},
    forms,
};
use crate::{
    casework::{
        command::{Command, FileInto, Refusal},
        fact::SignedText,
        ids::{CaseId, ReceivedId},
        query::{Answer, PAGE, Query, ReceivedRow},
    },
    sharing::{
        laid_out::Exported,
        office::{OfficeError, Papers},
        view,
        withdrawn::Reaction,
    },
    text,
};

pub(super) fn run(desk: &mut Desk, what: Option<&Inbox>, shape: Shape) -> Result<(), Failure> {
    match what {
        None => list(desk, shape),
        Some(Inbox::Read { received, shape }) => read(desk, *received, *shape),
        Some(Inbox::File { received, case }) => file(desk, *received, *case),
        Some(Inbox::Import { file, shape }) => import(desk, file, *shape),
        Some(Inbox::Supplement { received, file, shape }) => supplement(desk, *received, file, *shape),
        Some(Inbox::Dismiss { bundle, why }) => {
            let why = said(desk, Some(why))?;
            let mut open = desk.open()?;
            let bundle = set_aside(&open, bundle)?;
            let command = Command::DismissBundle { bundle, why };
            open.casebook.execute(command, &open.session.user, &desk.now)?;
            desk.console.say(&format!("Dismissed and kept; `kith inbox bring-back {bundle}` undoes it."))
        }
        Some(Inbox::BringBack { bundle }) => {
            let mut open = desk.open()?;
            let command = Command::BringBackBundle { bundle: set_aside(&open, bundle)? };
            open.casebook.execute(command, &open.session.user, &desk.now)?;
            desk.console.say("It stands in the inbox again.")
        }
        Some(Inbox::Export { received, out, shape }) => export(desk, *received, out.as_deref(), *shape),
        Some(Inbox::Answer { received, receipted, declined, deleted: _, kept, note }) => {
            let said = said(desk, note.as_deref())?;
            let kind = match (receipted, declined, kept) {
                (true, ..) => ReceiptKind::Receipted,
                (_, true, _) => ReceiptKind::Declined,
                (_, _, Some(basis)) => return react(desk, *received, keep(*basis, said)),
                _ => return react(desk, *received, Reaction::Deleted { note: said }),
            };
            answer_bundle(desk, *received, kind, &said)
        }
    }
}

/// A bundle by its id, or by the beginning of one that stands in the inbox.
fn set_aside(open: &Open, typed: &str) -> Result<BundleId, Failure> {
    if let Ok(whole) = typed.parse() {
        return Ok(BundleId(whole));
    }
    let rows = answer!(open.ask(&Query::SetAside)?, Answer::SetAside(rows) => rows)?;
    let mut found = rows.iter().map(|row| row.bundle).filter(|one| one.to_string().starts_with(typed));
    match (found.next(), found.next()) {
        (Some(one), None) if !typed.is_empty() => Ok(one),
        (None, _) => {
            Err(Failure::new(Exit::NothingMatched, "no bundle set aside begins so: `kith inbox` lists them"))
        }
        _ => Err(Failure::usage("several bundles begin so: give more of the id")),
    }
}

fn list(desk: &mut Desk, shape: Shape) -> Result<(), Failure> {
    let open = desk.open()?;
    let rows = whole(
        |after| answer!(open.ask(&Query::Inbox { window: after.into(), limit: PAGE })?, Answer::Inbox(page) => page),
    )?;
    let aside = answer!(open.ask(&Query::SetAside)?, Answer::SetAside(rows) => rows)?;
    if shape.json {
        if rows.is_empty() && aside.is_empty() {
            open.joined()?;
        }
        let bundles = rows.iter().map(|row| in_list(&open, row)).collect::<Result<Vec<_>, _>>()?;
        return desk.console.json("inbox/1", json!({ "bundles": bundles, "set_aside": aside }));
    }
    for row in &aside {
        let (whose, remedy) = text::fault(row.fault);
        let id: String = row.bundle.to_string().chars().take(8).collect();
        desk.console.line(&format!("{id} SET ASIDE: {} ({})", row.from_name, row.from))?;
        desk.console.text(9, &format!("{}. The fault is {whose}. {remedy} {}", row.why, row.phone))?;
    }
    for row in &rows {
        if let Some(asked) = row.asked.as_ref().filter(|_| row.owes_answer()) {
            let due =
                asked.answer_by.map(|day| format!(", answer by {}", text::date(day))).unwrap_or_default();
            desk.console.line(&format!(
                "{:8} TAKEN BACK by its sender{due}: {}",
                row.id.to_string(),
                asked.why
            ))?;
        }
        if row.gone {
            let said = "DELETED: a bundle from";
            let more = "nothing that it said is here";
            desk.console.line(&format!("{:8} {said} {}; {more}", row.id.to_string(), row.from_name))?;
            continue;
        }
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
        open.joined()?;
        Err(Failure::new(Exit::NothingMatched, "the inbox is empty"))
    } else {
        Ok(())
    }
}

/// A bundle in the list, with its sender and itself as others name them.
fn in_list(open: &Open, row: &ReceivedRow) -> Result<Value, Failure> {
    let view = answer!(open.ask(&Query::Received { received: row.id })?, Answer::Received(view) => view)?;
    let mut form = forms::received(row);
    if let Value::Object(fields) = &mut form {
        fields.insert("from".to_owned(), json!(view.received.from));
        fields.insert("bundle".to_owned(), json!(view.received.bundle));
    }
    Ok(form)
}

fn read(desk: &mut Desk, received: ReceivedId, shape: Shape) -> Result<(), Failure> {
    let open = desk.open()?;
    let mut office = open.office(desk)?;
    let query = Query::Received { received };
    let view = answer!(office.ask(&query, desk.now.date())?, Answer::Received(view) => view)?;
    if let Some((at, by)) = &view.gone {
        let when = text::moment(*at, desk.now.time_zone());
        return Err(Failure::new(
            Exit::NothingMatched,
            format!(
                "{received} was deleted on {when} by {}, {}: nothing that it said is here",
                by.name, by.role
            ),
        ));
    }
    let (document, released) =
        view::as_it_reads(&view.received.document, &view.supplements).ok_or_else(super::desk::off_topic)?;
    // The receipt says that a person was shown it: signed now, as it is shown.
    let told = office.opened(received, &desk.now)?;
    let since = office.witnessed_since(&view.received.from, &view.received.document, &desk.now)?;
    let console = &mut desk.console;
    if shape.json {
        let document: Value =
            serde_json::from_str(&view.received.document).map_err(|_| super::desk::off_topic())?;
        let matches: Vec<_> = view.matches.iter().map(forms::person_row).collect();
        return console.json(
            "received/1",
            json!({
                "ref": view.id, "bundle": view.received.bundle, "from": view.received.from,
                "from_name": view.received.from_name, "signed_by": view.received.signed_by,
                "checks": view.received.checks, "witnessed_since": since, "case": view.case, "matches": matches, "document": document,
                "supplements": view.supplements.iter().map(SignedText::supplement).collect::<Vec<_>>(),
            }),
        );
    }
    console.line(&format!("{}  {}", view.id, view.received.purpose))?;
    console.field("From", &format!("{}, signed by {}", view.received.from_name, view.received.signed_by))?;
    view.received.checks.iter().chain(&since).try_for_each(|check| console.field("Checked", check))?;
    released.iter().try_for_each(|said| console.field("Released", said))?;
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

fn import(desk: &mut Desk, file: &Path, shape: Shape) -> Result<(), Failure> {
    let open = desk.open()?;
    let mut office = open.enrolled_office(desk)?;
    let envelope = Papers::beside(file)?.envelope;
    let received = office.receive_file(file, envelope, &desk.now)?;
    if shape.json {
        return desk.console.json("imported/1", json!({ "ref": received }));
    }
    desk.console.say(&format!("It is in the inbox as {received}: `kith inbox read {received}` shows it."))
}

fn supplement(desk: &mut Desk, received: ReceivedId, file: &Path, shape: Shape) -> Result<(), Failure> {
    open_file(file)?;
    let open = desk.open()?;
    let mut office = open.enrolled_office(desk)?;
    let taken = office.take_supplement(received, file, &desk.now);
    let (fitted, became) = taken.map_err(|error| about(file, error))?;
    if shape.json {
        let lines = view::released(&fitted);
        let fields = json!({ "ref": received, "record": fitted.supplement.record, "number": fitted.number,
            "order": fitted.supplement.order, "released": lines, "became": forms::became(&became) });
        return desk.console.json("supplement/1", fields);
    }
    view::released(&fitted).iter().try_for_each(|line| desk.console.text(0, line))?;
    let each = view::became(&became, desk.now.time_zone());
    each.iter().try_for_each(|line| desk.console.line(line))
}

/// What is wrong with a supplement's file, by its name.
fn about(file: &Path, error: OfficeError) -> Failure {
    let of_the_file =
        matches!(error, OfficeError::Refused(Refusal::Bundle { .. }) | OfficeError::File { .. });
    let Failure { exit, message } = error.into();
    let message = if of_the_file { format!("{}: {message}", file.display()) } else { message };
    Failure { exit, message }
}

fn file(desk: &mut Desk, received: ReceivedId, case: CaseId) -> Result<(), Failure> {
    let open = desk.open()?;
    let mut office = open.office(desk)?;
    let case = office.file(received, FileInto::Case(case), &desk.now)?;
    desk.console.say(&format!("{received} is filed in case {case}."))
}

fn export(desk: &mut Desk, received: ReceivedId, out: Option<&Path>, shape: Shape) -> Result<(), Failure> {
    let open = desk.open()?;
    let Exported { folder, supplements, witnesses, unpacked } =
        open.office(desk)?.export(received, out, &desk.now)?;
    if shape.json {
        let fields = json!({
            "ref": received, "folder": folder, "supplements": supplements, "witnesses": witnesses,
            "checks": unpacked.checks, "results": unpacked.results,
        });
        return desk.console.json("exported/1", fields);
    }
    desk.console.say(&format!(
        "Its files are in {}, as they were signed. It is no longer sealed: whom you give it to reads it. They check it with sha256sum, ssh-keygen and `kith verify FOLDER --directory FILE`; `kith directory export` writes that file.",
        folder.display()
    ))?;
    if let Some(file) = witnesses {
        desk.console.say(&format!(
            "Who signed the sender's log since then: `kith verify {} --with {}` shows by when it held these records.",
            folder.display(),
            file.display()
        ))?;
    }
    supplements.iter().try_for_each(|file| {
        desk.console.say(&format!(
            "What was released of it since: --with {} puts it in its place; ssh-keygen takes the .sig beside it.",
            file.display()
        ))
    })
}

fn answer_bundle(
    desk: &mut Desk,
    received: ReceivedId,
    kind: ReceiptKind,
    note: &str,
) -> Result<(), Failure> {
    let open = desk.open()?;
    let mut office = open.enrolled_office(desk)?;
    office.answer(received, kind, note, &desk.now)?;
    let word = text::receipt(kind);
    desk.console
        .say(&format!("{word} was signed in your name; it goes to the sender with the next exchange."))
}

fn said(desk: &mut Desk, note: Option<&Path>) -> Result<String, Failure> {
    let text = note.map(|path| super::share::read_text(desk, path)).transpose()?;
    Ok(text.unwrap_or_default().trim().to_owned())
}

fn keep(basis: KeepArg, because: String) -> Reaction {
    let basis = match basis {
        KeepArg::DutyToShare => LawfulBasis::DutyToShare,
        KeepArg::PublicTask => LawfulBasis::PublicTask,
        KeepArg::VitalInterests => LawfulBasis::VitalInterests,
        KeepArg::RecognisedLegitimateInterest => LawfulBasis::RecognisedLegitimateInterest,
        KeepArg::LegalObligation => LawfulBasis::LegalObligation { which: because.clone() },
    };
    Reaction::Kept { basis, because }
}

fn react(desk: &mut Desk, received: ReceivedId, reaction: Reaction) -> Result<(), Failure> {
    let word = match &reaction {
        Reaction::Deleted { .. } => "It was destroyed here with every entry filed from it. DELETED",
        Reaction::Kept { .. } => "KEPT",
    };
    let open = desk.open()?;
    open.enrolled_office(desk)?.react(received, reaction, &desk.now)?;
    desk.console
        .say(&format!("{word} was signed in your name; it goes to the sender with the next exchange."))
}
