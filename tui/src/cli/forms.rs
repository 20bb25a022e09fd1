//! The JSON forms of rows. Fields are only ever added; a change of meaning makes a new number behind the form's name.

use jiff::civil::Date;
use serde_json::{Value, json};

use crate::{
    casework::{
        case::LevelOfNeed,
        entry::{Danger, EntryKind, Precision, Significance},
        fact::ShareEnd,
        person::{IdentifierScheme, Person, PersonKind},
        query::{
            ActionRow, Asked, CaseRow, EntryRow, EntryView, FiledRow, PersonRow, ReceivedRow, ReleasedRow,
            ShareRow, ShareState,
        },
        supplied::Became,
    },
    text,
};

pub(super) const fn level(level: LevelOfNeed) -> &'static str {
    match level {
        LevelOfNeed::NotAssessed => "not-assessed",
        LevelOfNeed::Universal => "universal",
        LevelOfNeed::EarlyHelp => "early-help",
        LevelOfNeed::ChildInNeed => "child-in-need",
        LevelOfNeed::ChildProtection => "child-protection",
    }
}

pub(super) const fn entry_kind(kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::Concern => "concern",
        EntryKind::Note => "note",
        EntryKind::PhoneCall => "phone-call",
        EntryKind::Meeting => "meeting",
        EntryKind::Visit => "visit",
        EntryKind::Attendance => "attendance",
        EntryKind::Received => "received",
    }
}

pub(super) const fn precision(precision: Precision) -> &'static str {
    match precision {
        Precision::Exact => "exact",
        Precision::About => "about",
        Precision::Day => "day",
    }
}

pub(super) const fn significance(significance: Significance) -> &'static str {
    match significance {
        Significance::None => "none",
        Significance::Positive => "positive",
        Significance::Low => "low",
        Significance::Medium => "medium",
        Significance::High => "high",
    }
}

pub(super) const fn scheme(scheme: IdentifierScheme) -> &'static str {
    match scheme {
        IdentifierScheme::Upn => "upn",
        IdentifierScheme::Nhs => "nhs",
        IdentifierScheme::LocalAuthorityChildId => "la-child-id",
        IdentifierScheme::PoliceReference => "police-reference",
        IdentifierScheme::Other => "other",
    }
}

/// `queued`, `stored`, ... `withdrawn`, `refused-by-node`, `not-collected`.
pub(super) const fn share_state(state: &ShareState) -> &'static str {
    match state {
        ShareState::ToCheck => "to-check",
        ShareState::Queued => "queued",
        ShareState::Stored => "stored",
        ShareState::Delivered => "delivered",
        ShareState::Opened => "opened",
        ShareState::Receipted => "receipted",
        ShareState::Declined => "declined",
        ShareState::Asked => "asked-to-delete",
        ShareState::Kept => "kept",
        ShareState::Deleted => "deleted",
        ShareState::Ended(ShareEnd::Withdrawn { .. }) => "withdrawn",
        ShareState::Ended(ShareEnd::RefusedByNode { .. }) => "refused-by-node",
        ShareState::Ended(ShareEnd::SentBack { .. }) => "sent-back",
        ShareState::Ended(ShareEnd::NotCollected) => "not-collected",
    }
}

pub(super) fn case(row: &CaseRow) -> Value {
    json!({
        "ref": row.id, "child": row.child, "child_name": row.child_name, "year": row.year, "title": row.title,
        "level": level(row.level), "lead": row.lead, "open": row.open, "entries": row.entries, "last": row.last,
        "actions_open": row.actions_open, "actions_overdue": row.actions_overdue,
    })
}

pub(super) fn entry(row: &EntryRow) -> Value {
    json!({
        "ref": row.id, "kind": entry_kind(row.kind), "at": row.at, "precision": precision(row.precision),
        "recorded": row.recorded, "category": row.category, "children": row.children, "source": row.source,
        "headline": row.headline, "done": row.done, "significance": significance(row.significance),
        "in_danger": row.in_danger, "versions": row.versions, "attachments": row.attachments,
        "triaged": row.triaged, "case": row.case,
    })
}

/// An entry whole, as the chronology shows it.
pub(super) fn entry_view(view: &EntryView) -> Value {
    let entry = &view.entry;
    let people = entry
        .people
        .iter()
        .zip(&view.names)
        .map(|(one, name)| json!({ "ref": one.person, "name": name, "role": one.role }));
    let danger = match &entry.danger {
        Danger::No => Value::Null,
        Danger::Yes { done } => json!({ "done": done }),
    };
    json!({
        "ref": view.id, "kind": entry_kind(entry.kind), "at": entry.happened.at,
        "precision": precision(entry.happened.precision), "recorded": view.recorded, "by": view.by,
        "category": entry.category, "source": entry.source, "people": people.collect::<Vec<_>>(),
        "statements": entry.statements, "told": entry.told, "done": entry.done, "effect": entry.effect,
        "significance": significance(entry.significance), "danger": danger,
        "attachments": entry.attachments, "case": view.case, "sent": view.sent, "earlier_versions": view.earlier.len(),
        "triage": view.triage.as_ref().map(|triage| json!({
            "decision": triage.decision, "level": level(triage.level), "by": triage.by, "at": triage.at,
        })),
    })
}

pub(super) fn action(row: &ActionRow, today: Date) -> Value {
    json!({
        "ref": row.id, "case": row.item.case, "what": row.item.what, "owner": row.item.owner, "due": row.item.due,
        "overdue": row.finished.is_none() && row.item.due < today, "outcome": row.finished,
    })
}

pub(super) fn person_row(row: &PersonRow) -> Value {
    json!({ "ref": row.id, "name": row.name, "detail": row.detail, "born": row.born, "case": row.case })
}

pub(super) fn person(person: &Person) -> Value {
    let identifiers = person.identifiers.iter();
    let kind = match &person.kind {
        PersonKind::Pupil { year, class } => json!({ "pupil": { "year": year, "class": class } }),
        PersonKind::Family => json!("family"),
        PersonKind::Staff { role } => json!({ "staff": { "role": role } }),
        PersonKind::Professional { role, agency } => {
            json!({ "professional": { "role": role, "agency": agency } })
        }
        PersonKind::Other => json!("other"),
    };
    json!({
        "kind": kind, "given": person.given, "family": person.family, "preferred": person.preferred,
        "also_known_as": person.also_known_as, "born": person.born, "phones": person.phones,
        "emails": person.emails,
        "identifiers": identifiers
            .map(|one| json!({ "scheme": scheme(one.scheme), "value": one.value }))
            .collect::<Vec<_>>(),
    })
}

pub(super) fn share(row: &ShareRow) -> Value {
    let receipts = row
        .receipts
        .iter()
        .map(|(kind, at, by, note)| json!({ "kind": kind, "at": at, "by": by, "note": note }));
    let released = row.released.iter();
    let released = released
        .map(|one| json!({ "at": one.at, "by": one.by.name, "entry": one.entry, "order": one.order }));
    json!({
        "ref": row.id, "at": row.share.at, "case": row.share.case, "child_name": row.child_name, "to": row.share.to,
        "to_name": row.to_name, "purpose": row.share.purpose, "entries": row.share.entries,
        "decided": row.decided, "by": row.by, "checked": row.checked.as_ref().map(|(at, _)| at),
        "checked_by": row.checked.as_ref().map(|(_, by)| &by.name), "bundle": row.bundle, "state": share_state(&row.state),
        "receipts": receipts.collect::<Vec<_>>(), "asked": row.asked.as_ref().map(asked),
        "released": released.collect::<Vec<_>>(),
        "answered_twice": row.answered_twice().map(|(kind, by)| json!({ "kind": kind, "by": by })).collect::<Vec<_>>(),
    })
}

pub(super) fn received(row: &ReceivedRow) -> Value {
    json!({
        "ref": row.id, "from_name": row.from_name, "signed_by": row.signed_by, "purpose": row.purpose,
        "child": row.child, "received": row.received, "case": row.case, "answered": row.answered,
        "asked": row.asked.as_ref().map(asked), "deleted": row.gone,
    })
}

/// A bundle that was filed into a case, with what was answered.
pub(super) fn filed(row: &FiledRow) -> Value {
    let mut form = received(&row.received);
    let answers = row
        .answers
        .iter()
        .map(|(kind, at, by, note)| json!({ "kind": kind, "at": at, "by": by, "note": note }));
    if let Value::Object(fields) = &mut form {
        fields.insert("at".to_owned(), json!(row.at));
        fields.insert("answers".to_owned(), answers.collect());
    }
    form
}

/// Where released words stand in the entry that their record was filed as.
pub(super) fn became(became: &Became) -> Value {
    match became {
        Became::NotFiled => json!({ "is": "not-filed" }),
        Became::Destroyed => json!({ "is": "destroyed" }),
        Became::Entry { entry, fields } => json!({ "is": "entry", "entry": entry, "fields": fields }),
    }
}

/// Words released later.
pub(super) fn released(row: &ReleasedRow) -> Value {
    json!({
        "ref": row.id, "at": row.at, "by_us": row.by_us, "agency": row.agency, "by": row.by, "on": row.on,
        "record": row.record, "order": row.order,
    })
}

/// That a bundle was taken back.
fn asked(asked: &Asked) -> Value {
    json!({ "at": asked.at, "why": asked.why, "answer_by": asked.answer_by })
}

/// A list of people for people.
pub(super) fn person_line(row: &PersonRow) -> String {
    let born = row.born.map(|born| format!("born {}", text::date(born))).unwrap_or_default();
    let case = row.case.map(|case| format!("case {case}")).unwrap_or_default();
    let parts = [row.detail.as_str(), &born, &case].into_iter().filter(|part| !part.is_empty());
    format!("{:8} {}  {}", row.id.to_string(), row.name, parts.collect::<Vec<_>>().join(", "))
}
