//! Bundles that arrive: kept, filed into a case as entries, answered.

use std::collections::BTreeSet;

use kith_protocol::{
    bundle::{self, Bundle, Record, Role, Span},
    ids::Digest,
    receipt::ReceiptKind,
};

use super::{CaseState, Context, Touched, Withdrawn, limits, open, supplement};
use crate::casework::{
    case::Case,
    command::{Command, FileInto, Refusal},
    entry::{
        AsSent, Danger, Entry, EntryKind, Involvement, NamedPerson, Precision, Significance, Source,
        Statement, When,
    },
    fact::{Destroyed, Fact, Received, SignedText},
    ids::{CaseId, FactId, PersonId, ReceivedId},
    retention::holding,
};

pub(super) fn decide(command: Command, touched: &Touched, at: &Context) -> Result<Vec<Fact>, Refusal> {
    match (command, touched) {
        (Command::Receive(_), Touched::Arriving { here: true }) => Err(Refusal::AlreadyReceived),
        (Command::Receive(received), Touched::Arriving { here: false }) => {
            Ok(vec![Fact::BundleReceived(received)])
        }
        (Command::DismissBundle { bundle, why }, Touched::Aside { from, wrong, dismissed: false }) => {
            limits::reason(&why)?;
            Ok(vec![Fact::BundleDismissed { bundle, from: from.clone(), wrong: wrong.clone(), why }])
        }
        (Command::BringBackBundle { bundle }, Touched::Aside { dismissed: true, .. }) => {
            Ok(vec![Fact::BundleBroughtBack { bundle }])
        }
        // Done already.
        (_, Touched::Aside { .. }) => Ok(Vec::new()),
        // Told twice, or told what is gone: there is nothing more to do.
        (Command::TakeWithdrawal { .. }, Touched::Gone)
        | (
            Command::TakeWithdrawal { .. },
            Touched::Received { withdrawal: Withdrawn { asked: true, .. }, .. },
        ) => Ok(Vec::new()),
        (Command::TakeWithdrawal { received, why, answer_by, withdrawal }, Touched::Received { .. }) => {
            Ok(vec![Fact::WithdrawalArrived { received, why, answer_by, withdrawal }])
        }
        (_, Touched::Gone) => Err(Refusal::AlreadyAnswered { what: "deleted" }),
        (Command::FileBundle { .. }, Touched::Received { filed: true, .. }) => {
            Err(Refusal::AlreadyAnswered { what: "filed" })
        }
        (
            Command::FileBundle { received: id, into },
            Touched::Received { received, case, supplements, .. },
        ) => file((id, received, supplements), into, case.as_ref(), at),
        (
            Command::AnswerBundle { received: id, kind, note, receipt },
            Touched::Received { received, answered, withdrawal, .. },
        ) => {
            answer(kind, *answered, withdrawal.asked)?;
            limits::text("the note", &note)?;
            if matches!(kind, ReceiptKind::Declined | ReceiptKind::Kept) {
                limits::reason(&note)?;
            }
            let mut facts = Vec::new();
            if kind == ReceiptKind::Deleted {
                facts.push(destroyed(id, received, withdrawal, at)?);
            }
            facts.push(Fact::BundleAnswered { received: id, kind, note, receipt });
            Ok(facts)
        }
        _ => Err(Refusal::Changed),
    }
}

/// Opened comes first and once; then one of receipted and declined. Only a withdrawal is answered by kept or deleted, and
/// what is kept may be deleted later.
fn answer(kind: ReceiptKind, answered: Option<ReceiptKind>, asked: bool) -> Result<(), Refusal> {
    let no = |why: &str| Err(Refusal::Sharing(why.to_owned()));
    let what = match (answered, kind) {
        (_, ReceiptKind::Stored | ReceiptKind::Delivered) => {
            return no("only opened, receipted and declined are a person's answers");
        }
        (_, ReceiptKind::Kept | ReceiptKind::Deleted) if !asked => {
            return no("its sender has not taken it back, so there is nothing to answer");
        }
        (Some(ReceiptKind::Deleted), _) => "deleted",
        (Some(_), ReceiptKind::Deleted) | (None, _) => return Ok(()),
        (Some(ReceiptKind::Kept), _) => "answered as kept",
        (Some(_), ReceiptKind::Kept) => return Ok(()),
        (Some(ReceiptKind::Receipted), _) => "receipted",
        (Some(ReceiptKind::Declined), _) => "declined",
        (Some(ReceiptKind::Opened), ReceiptKind::Opened) => "opened",
        _ => return Ok(()),
    };
    Err(Refusal::AlreadyAnswered { what })
}

/// The tombstone of a bundle.
fn destroyed(
    id: ReceivedId,
    received: &Received,
    withdrawal: &Withdrawn,
    at: &Context,
) -> Result<Fact, Refusal> {
    if let Some(hold) = holding(&withdrawal.holds, at.local.date()) {
        return Err(Refusal::Sharing(format!(
            "a legal hold by {} keeps it: answer that it is kept, and under which basis; or have the hold lifted first",
            hold.by
        )));
    }
    if let Some(agency) = &withdrawal.shared_on {
        return Err(Refusal::Sharing(format!(
            "something from it was shared with {agency}: withdraw that share first, or answer that it is kept"
        )));
    }
    Ok(Fact::BundleDestroyed(Destroyed {
        received: id,
        bundle: received.bundle,
        document: Digest::of(received.document.as_bytes()),
        from: received.from.clone(),
        from_name: received.from_name.clone(),
        arrived: withdrawal.arrived,
        facts: withdrawal.facts.clone(),
        first: None,
    }))
}

fn file(
    (id, received, supplements): (ReceivedId, &Received, &[SignedText]),
    into: FileInto,
    state: Option<&CaseState>,
    at: &Context,
) -> Result<Vec<Fact>, Refusal> {
    let nth = |n: u64| FactId { device: at.next.device, seq: at.next.seq + n };
    let mut facts = Vec::new();
    let (child, case) = match into {
        FileInto::Case(case) => {
            let state = state.ok_or(Refusal::Changed)?;
            open(state)?;
            (state.now.child, case)
        }
        FileInto::Child { child, case } => {
            limits::case(&case)?;
            if case.child != child {
                return Err(Refusal::Fixed { what: "the child of a case" });
            }
            facts.push(Fact::CaseOpened(case));
            (child, CaseId(nth(0)))
        }
        FileInto::NewChild { person, title, level, lead } => {
            limits::person(&person)?;
            let child = PersonId(nth(0));
            let case = Case { child, title, level, lead };
            limits::case(&case)?;
            facts.extend([Fact::PersonAdded(person), Fact::CaseOpened(case)]);
            (child, CaseId(nth(1)))
        }
    };
    let document = supplement::as_it_reads(&received.document, supplements)?;
    limits::count("records in one bundle", document.records.len(), bundle::MAX_RECORDS)?;
    let sent = document.records.iter().map(|record| as_sent(record, &document)).collect();
    facts.push(Fact::BundleFiled { received: id, case, sent, at: at.local });
    facts.extend(document.records.iter().map(|record| Fact::EntryRecorded {
        entry: entry(record, &document, received, vec![Involvement { person: child, role: Role::Subject }]),
        case: Some(case),
        names: Vec::new(),
    }));
    Ok(facts)
}

/// A record of the sender as an entry of ours, field by field. What was withheld stands in it as such.
pub(super) fn entry(
    record: &Record<Span>,
    document: &Bundle,
    received: &Received,
    people: Vec<Involvement>,
) -> Entry {
    let statements = record.statements.iter();
    // A record names what was recorded; what came may be a copy of that, under a digest of its own.
    let came = document.attachments.iter().filter(|file| record.sent().any(|sent| file.stands_for(sent)));
    let came: BTreeSet<&Digest> = came.map(|file| &file.sha256).collect();
    Entry {
        kind: EntryKind::Received,
        people,
        happened: happened(record.happened),
        category: record.category,
        source: Source {
            name: words(&record.source.name),
            role: words(&record.source.role),
            agency: words(&record.source.agency),
        },
        statements: statements.map(|one| Statement { kind: one.kind, text: words(&one.text) }).collect(),
        danger: record.in_danger.as_ref().map_or(Danger::No, |done| Danger::Yes { done: words(done) }),
        told: words(&record.told),
        done: words(&record.done),
        effect: words(&record.effect),
        significance: significance(record.significance),
        attachments: (received.attachments.iter())
            .filter(|file| came.contains(&file.sha256))
            .cloned()
            .collect(),
    }
}

/// What has no place in an entry of ours.
pub(super) fn as_sent(record: &Record<Span>, document: &Bundle) -> AsSent {
    let others = record.people.iter().filter(|person| person.role != Role::Subject);
    AsSent {
        agency: document.from.name.clone(),
        kind: record.kind,
        recorded: record.recorded,
        recorder: words(&record.recorded_by.name),
        recorder_role: words(&record.recorded_by.role),
        people: others
            .map(|person| NamedPerson {
                name: words(&person.name),
                role: person.role,
                relation: words(&person.relation),
            })
            .collect(),
    }
}

/// As the sender weighed it; the lead who files it can weigh it anew.
const fn significance(told: bundle::Significance) -> Significance {
    match told {
        bundle::Significance::None => Significance::None,
        bundle::Significance::Positive => Significance::Positive,
        bundle::Significance::Low => Significance::Low,
        bundle::Significance::Medium => Significance::Medium,
        bundle::Significance::High => Significance::High,
    }
}

fn happened(told: bundle::Happened) -> When {
    let precision = match told.precision {
        bundle::Precision::Exact => Precision::Exact,
        bundle::Precision::About => Precision::About,
        bundle::Precision::Day => Precision::Day,
    };
    When { at: told.at, precision }
}

/// A passage as one text.
fn words(passage: &[Span]) -> String {
    bundle::in_words(passage, |reason| format!("[withheld: {}]", reason.words()))
}
