//! Loads what a command touches, in the command's own transaction, for `decide`.

mod supplied;

pub(super) use self::supplied::of as supplements;

use jiff::Timestamp;
use kith_protocol::{bundle::Bundle, consent::ConsentRecord, ids::Digest, receipt::ReceiptKind};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::{
    ask, cells, dispose, error::StoreError, facts, log, project::share_state as share_state_of, retention,
    settings,
};
use crate::casework::{
    case::{Case, LevelOfNeed, TriageDecision},
    command::{Command, FileInto},
    decide::{
        CaseState, ConsentState, ProposalState, ShareState, SharedEntry, Touched, Triage, TwoRecords,
        Withdrawn,
    },
    entry::{Entry, EntryKind},
    fact::{Author, Fact, Received, Release, Share},
    ids::{
        ActionId, CaseId, ConsentId, EntryId, FactId, FileId, HoldId, PersonId, ProposalId, ReceivedId,
        ShareId,
    },
    person::Person,
    query::NoticeRow,
    retention::Scope,
};

/// Whether a notice of that name and language has another text.
fn notice(db: &Connection, name: (&String, &String), text: &str) -> Result<Touched, StoreError> {
    let other = |row: &NoticeRow| (&row.name, &row.language) == name && row.text != text;
    Ok(Touched::Notice { other_text: ask::notices(db)?.iter().any(other) })
}

/// Found, or the thing that is missing.
type Found<T> = Result<Result<T, Touched>, StoreError>;

/// What the casebook holds of what `command` names.
pub(super) fn load(db: &Connection, command: &Command, author: &Author) -> Result<Touched, StoreError> {
    match touched(db, command, author)? {
        Ok(touched) | Err(touched) => Ok(touched),
    }
}

/// Unwraps a [`Found`], handing on what is missing.
macro_rules! found {
    ($found:expr) => {
        match $found? {
            Ok(value) => value,
            Err(missing) => return Ok(Err(missing)),
        }
    };
}

fn leaving(db: &Connection, person: PersonId) -> Found<Touched> {
    found!(people(db, [person]));
    Ok(Ok(Touched::Leaving(retention::leaving(db, person.0.key())?.0)))
}

/// When somebody was born, so that nobody leaves before.
fn birth(db: &Connection, person: PersonId) -> Found<Touched> {
    found!(people(db, [person]));
    Ok(Ok(Touched::Born(ask::person(db, person)?.born)))
}

fn touched(db: &Connection, command: &Command, author: &Author) -> Found<Touched> {
    Ok(Ok(match command {
        Command::AddPerson(_)
        | Command::NoteRestored { .. }
        | Command::SetSharingPolicy { .. }
        | Command::CompareContact(_) => Touched::Known,
        Command::KeepNotice { name, language, text } => notice(db, (name, language), text)?,
        Command::RecordAddress(address) => found!(people(db, address.people.iter().copied())),
        Command::RecordRelation(relation) => found!(people(db, [relation.from, relation.to])),
        Command::MarkSame { one, other, .. } | Command::MarkNotSame { one, other, .. } => {
            found!(two_records(db, *one, *other))
        }
        Command::RecordEntry { entry, case } => {
            found!(entry_refers_to(db, entry));
            match case {
                Some(case) => Touched::Case(found!(case_state(db, *case))),
                None => Touched::Known,
            }
        }
        Command::AmendEntry { entry, now, .. } => {
            found!(entry_refers_to(db, now));
            found!(entry_state(db, *entry, None))
        }
        Command::SetSignificance { entry, .. } | Command::UndoTriage { entry } => {
            found!(entry_state(db, *entry, None))
        }
        Command::Triage { entry, decision, .. } => match decision {
            TriageDecision::NoFurtherAction { .. } => found!(entry_state(db, *entry, None)),
            TriageDecision::AddToCase { case } => found!(entry_state(db, *entry, Some(*case))),
            TriageDecision::OpenCase(case) => {
                found!(people(db, [case.child]));
                found!(entry_state(db, *entry, None))
            }
        },
        Command::AmendPerson { person, .. } => found!(people(db, [*person])),
        Command::OpenCase(case) => found!(people(db, [case.child])),
        Command::AmendCase { case, .. }
        | Command::CloseCase { case, .. }
        | Command::ReopenCase { case, .. }
        | Command::RecordConsent { case, .. }
        | Command::DeclineSharing { case, .. } => Touched::Case(found!(case_state(db, *case))),
        Command::AddAction(item) => Touched::Case(found!(case_state(db, item.case))),
        Command::AmendAction { action, .. }
        | Command::FinishAction { action, .. }
        | Command::ReopenAction { action } => found!(action_state(db, *action)),
        Command::RecordLeaving { person, .. } => found!(birth(db, *person)),
        Command::PlaceHold { file, .. } => found!(a_file(db, *file)),
        Command::RecordReturn { person, .. } => found!(leaving(db, *person)),
        Command::SettleFinding { finding, .. } => found!(finding_state(db, *finding)),
        Command::LiftHold { hold, .. } => found!(hold_state(db, *hold)),
        Command::ProposeDisposal { file, .. } => {
            found!(a_file(db, *file));
            let standing = retention::standing(db, *file)?;
            Touched::Retention { standing, proposed: retention::proposal(db, *file)?.is_some() }
        }
        Command::SendBackDisposal { proposal, .. } => found!(proposal_state(db, *proposal, author, false)),
        Command::ApproveDisposal { proposal, .. } => found!(proposal_state(db, *proposal, author, true)),
        _ => return sharing(db, command),
    }))
}

/// Where a share stands.
///
/// # Errors
/// There is none of this number, or the database cannot be read.
pub(super) fn share(db: &Connection, share: ShareId) -> Result<ShareState, StoreError> {
    share_state(db, share)?.map_err(|_| StoreError::Unknown { what: "share", id: share.to_string() })
}

/// Consent, shares and bundles that arrive.
fn sharing(db: &Connection, command: &Command) -> Found<Touched> {
    Ok(Ok(match command {
        Command::WithdrawConsent { consent, .. } | Command::MoveConsent { consent, .. } => {
            let (_, state) = found!(consent_state(db, *consent));
            Touched::Consent(state)
        }
        Command::Share { share, record, .. } | Command::ProposeShare { share, record, .. } => {
            found!(sharing_state(db, share, record.as_deref()))
        }
        Command::ReleaseWords(Release { share, .. })
        | Command::ApproveShare { share, .. }
        | Command::NoteSealed { share, .. }
        | Command::KeepReceipt { share, .. }
        | Command::SignWithdrawal { share, .. }
        | Command::EndShare { share, .. } => Touched::Share(found!(share_state(db, *share))),
        Command::Receive(received) => {
            found!(attachments(db, received.attachments.iter().map(|file| file.sha256)));
            Touched::Arriving { here: is_here(db, received)? }
        }
        Command::DismissBundle { bundle, .. } | Command::BringBackBundle { bundle } => {
            match settings::aside(db, *bundle)? {
                Some((row, dismissed)) => Touched::Aside { from: row.from, wrong: row.why, dismissed },
                None => return missing("bundle set aside", bundle),
            }
        }
        Command::FileBundle { received, into } => {
            let case = match into {
                FileInto::Case(case) => Some(found!(case_state(db, *case))),
                FileInto::Child { child, .. } => {
                    found!(people(db, [*child]));
                    None
                }
                FileInto::NewChild { .. } => None,
            };
            found!(received_state(db, *received, case))
        }
        Command::TakeSupplement { received, number, .. } => {
            found!(supplied::state(db, *received, *number))
        }
        Command::AnswerBundle { received, .. } | Command::TakeWithdrawal { received, .. } => {
            found!(received_state(db, *received, None))
        }
        _ => Touched::Known,
    }))
}

fn missing<T>(what: &'static str, id: impl ToString) -> Found<T> {
    Ok(Err(Touched::Missing { what, id: id.to_string() }))
}

fn finding_state(db: &Connection, finding: Digest) -> Found<Touched> {
    match log::findings(db)?.0.iter().any(|one| one.id() == finding) {
        true => Ok(Ok(Touched::Known)),
        false => missing("finding that nobody has dealt with", finding),
    }
}

fn two_records(db: &Connection, one: PersonId, other: PersonId) -> Found<Touched> {
    found!(people(db, [one, other]));
    let of = |id: PersonId| -> Result<Vec<(PersonId, Person)>, StoreError> {
        let ids = ask::records(db, id.0.key())?.into_iter().map(|key| PersonId(FactId::from_key(key)));
        ids.map(|id| Ok((id, ask::person(db, id)?))).collect()
    };
    let (of_one, of_other) = (of(one)?, of(other)?);
    let mut marks = Vec::new();
    let mut marked = db.prepare_cached("SELECT other FROM same_person WHERE one = ? ORDER BY other")?;
    for (id, _) in &of_one {
        for with in marked.query_map([id.0.key()], |row| row.get(0))? {
            marks.push((*id, PersonId(FactId::from_key(with?))));
        }
    }
    let marked = marks.contains(&(one, other)) || marks.contains(&(other, one));
    Ok(Ok(Touched::People(Box::new(TwoRecords { marked, one: of_one, other: of_other, marks }))))
}

fn people(db: &Connection, ids: impl IntoIterator<Item = PersonId>) -> Found<Touched> {
    let mut statement = db.prepare_cached("SELECT 1 FROM person WHERE id = ?")?;
    for id in ids {
        if !statement.exists([id.0.key()])? {
            return missing("person", id);
        }
    }
    Ok(Ok(Touched::Known))
}

fn a_file(db: &Connection, file: FileId) -> Found<Touched> {
    let bundle = match file {
        FileId::Person(person) => return people(db, [person]),
        FileId::Bundle(bundle) => bundle,
    };
    let here = "SELECT 1 FROM received WHERE id = ? AND gone IS NULL";
    match db.prepare_cached(here)?.exists([bundle.0.key()])? {
        true => Ok(Ok(Touched::Known)),
        false => missing("received bundle", bundle),
    }
}

fn attachments(db: &Connection, digests: impl IntoIterator<Item = Digest>) -> Found<()> {
    let mut statement = db.prepare_cached("SELECT 1 FROM attachment WHERE sha256 = ?")?;
    for digest in digests {
        if !statement.exists([digest.as_bytes()])? {
            return missing("attachment", digest);
        }
    }
    Ok(Ok(()))
}

fn entry_refers_to(db: &Connection, entry: &Entry) -> Found<()> {
    found!(people(db, entry.people.iter().map(|one| one.person)));
    attachments(db, entry.attachments.iter().map(|file| file.sha256))
}

fn case_state(db: &Connection, case: CaseId) -> Found<CaseState> {
    let row = db
        .prepare_cached("SELECT child, title, level, lead, open, actions_open FROM case_file WHERE id = ?")?
        .query_row([case.0.key()], |row| Ok(read_case(row, case)))
        .optional()?;
    row.map_or_else(|| missing("case", case), |state| Ok(Ok(state?)))
}

fn read_case(row: &Row<'_>, id: CaseId) -> Result<CaseState, StoreError> {
    let child = PersonId(cells::id(row, 0)?);
    let now = Case { child, title: row.get(1)?, level: cells::level(row, 2)?, lead: row.get(3)? };
    Ok(CaseState { id, now, open: row.get(4)?, actions_open: row.get(5)? })
}

/// The case that a triage raised, as long as it stands at that level; with the level before.
fn raised(
    db: &Connection,
    decision: &TriageDecision,
    (level, from): (LevelOfNeed, Option<LevelOfNeed>),
) -> Result<Option<(Box<CaseState>, LevelOfNeed)>, StoreError> {
    let (&TriageDecision::AddToCase { case }, Some(from)) = (decision, from) else { return Ok(None) };
    let state = case_state(db, case)?.ok().filter(|state| state.now.level == level);
    Ok(state.map(|state| (Box::new(state), from)))
}

/// `into` is a case the command names besides.
fn entry_state(db: &Connection, entry: EntryId, into: Option<CaseId>) -> Found<Touched> {
    let key = entry.0.key();
    let mut statement = db.prepare_cached(
        "SELECT e.kind, e.waiting, t.fact FROM entry e LEFT JOIN triage t ON t.entry = e.id WHERE e.id = ?",
    )?;
    let mut rows = statement.query([key])?;
    let Some(row) = rows.next()? else { return missing("entry", entry) };
    let kind: EntryKind = cells::named(row, 0)?;
    let triage = match row.get::<_, Option<i64>>(2)? {
        Some(fact) => {
            let fact = facts::load(db, fact)?;
            let (built, raised) = match &fact.fact {
                Fact::ConcernTriaged { decision, level, raised_from, .. } => {
                    (built_on(db, key, fact.id, decision)?, raised(db, decision, (*level, *raised_from))?)
                }
                _ => (None, None),
            };
            Triage::Done { by: fact.by.name, built, raised }
        }
        None if row.get(1)? => Triage::Waiting,
        None => Triage::None,
    };
    let case = match into {
        Some(case) => Some(found!(case_state(db, case))),
        None => None,
    };
    Ok(Ok(Touched::Entry { kind, triage, case }))
}

/// What has been built on a triage since, in words.
fn built_on(
    db: &Connection,
    entry: i64,
    triage: FactId,
    decision: &TriageDecision,
) -> Result<Option<&'static str>, StoreError> {
    let any =
        |sql: &str, key: i64| -> Result<bool, StoreError> { Ok(db.prepare_cached(sql)?.exists([key])?) };
    if any("SELECT 1 FROM share_entry WHERE entry = ?", entry)? {
        return Ok(Some("a share of this entry"));
    }
    if !matches!(decision, TriageDecision::OpenCase(_)) {
        return Ok(None);
    }
    let case = triage.key();
    for (sql, what) in [
        ("SELECT 1 FROM case_file WHERE id = ? AND entries > 1", "another entry in the case"),
        ("SELECT 1 FROM action WHERE case_id = ?", "an action in the case"),
        ("SELECT 1 FROM consent WHERE case_id = ?", "a decision about sharing"),
        ("SELECT 1 FROM share WHERE case_id = ?", "a share from the case"),
        ("SELECT 1 FROM received WHERE case_id = ?", "a received bundle filed in the case"),
        ("SELECT 1 FROM case_file WHERE id = ? AND versions > 1", "a change to the case"),
    ] {
        if any(sql, case)? {
            return Ok(Some(what));
        }
    }
    Ok(None)
}

fn action_state(db: &Connection, action: ActionId) -> Found<Touched> {
    let row: Option<(i64, bool)> = db
        .prepare_cached("SELECT case_id, open FROM action WHERE id = ?")?
        .query_row([action.0.key()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((case, open)) = row else { return missing("action", action) };
    let item_case = CaseId(FactId::from_key(case));
    Ok(Ok(Touched::Action { open, item_case, case: found!(case_state(db, item_case)) }))
}

/// The case of a consent record, and how the record stands.
fn consent_state(db: &Connection, consent: ConsentId) -> Found<(CaseId, ConsentState)> {
    let row: Option<(i64, bool)> = db
        .prepare_cached("SELECT case_id, withdrawn IS NOT NULL FROM consent WHERE id = ?")?
        .query_row([consent.0.key()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((case, withdrawn)) = row else { return missing("consent record", consent) };
    let record = ask::consent_record(db, consent)?;
    Ok(Ok((CaseId(FactId::from_key(case)), ConsentState { of_this_case: true, withdrawn, record })))
}

fn sharing_state(db: &Connection, share: &Share, new: Option<&ConsentRecord>) -> Found<Touched> {
    let case = found!(case_state(db, share.case));
    let consent = match new {
        Some(record) => {
            let record = Some(Box::new(record.clone()));
            ConsentState { of_this_case: true, withdrawn: false, record }
        }
        None => {
            let (consent_case, consent) = found!(consent_state(db, share.consent));
            ConsentState { of_this_case: consent_case == share.case, ..consent }
        }
    };
    found!(attachments(db, share.attachments.iter().copied()));
    let mut entries = Vec::with_capacity(share.entries.len());
    // What stands in another record of the child is of the child.
    let cases = ask::cases_of_one(db, share.case)?;
    let mut statement = db.prepare_cached("SELECT case_id, category FROM entry WHERE id = ?")?;
    for entry in &share.entries {
        let mut rows = statement.query([entry.0.key()])?;
        let Some(row) = rows.next()? else { return missing("entry", entry) };
        let stands_in = row.get::<_, Option<i64>>(0)?;
        let of_this_case = cases.iter().any(|case| Some(case.0.key()) == stands_in);
        entries.push(SharedEntry { of_this_case, category: cells::named(row, 1)? });
    }
    Ok(Ok(Touched::Sharing { case, consent, entries }))
}

fn share_state(db: &Connection, share: ShareId) -> Found<ShareState> {
    let key = share.0.key();
    let row: Option<(bool, bool, bool, bool)> = db
        .prepare_cached(
            "SELECT bundle IS NOT NULL, ended IS NOT NULL, asked IS NOT NULL, state = ?2 FROM share WHERE id = ?1",
        )?
        .query_row([key, share_state_of::TO_CHECK], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })
        .optional()?;
    let Some((sealed, ended, asked, waits)) = row else { return missing("share", share) };
    let to_check = if waits { Some(facts::load(db, key)?.by.name) } else { None };
    let mut statement = db.prepare_cached("SELECT fact FROM share_receipt WHERE share = ? ORDER BY fact")?;
    let mut rows = statement.query([key])?;
    let mut receipts = Vec::new();
    while let Some(row) = rows.next()? {
        let fact = facts::load(db, row.get(0)?)?;
        let Fact::ReceiptKept { kind, receipt, .. } = fact.fact else {
            return Err(StoreError::bad_fact(fact.id));
        };
        receipts.push((kind, Digest::of(receipt.text.as_bytes())));
    }
    Ok(Ok(ShareState { to_check, sealed, ended, asked, receipts }))
}

fn is_here(db: &Connection, received: &Received) -> Result<bool, StoreError> {
    let document = Digest::of(received.document.as_bytes());
    let bundle = received.bundle.map(|bundle| *bundle.0.as_bytes());
    Ok(db
        .prepare_cached("SELECT 1 FROM received WHERE document = ? OR bundle = ? OR seal = ?")?
        .exists(params![document.as_bytes(), bundle, received.seal_id().map(|seal| *seal.as_bytes())])?)
}

fn received_state(db: &Connection, id: ReceivedId, case: Option<CaseState>) -> Found<Touched> {
    let mut statement = db.prepare_cached(
        "SELECT filed, answered, asked IS NOT NULL, gone IS NOT NULL FROM received WHERE id = ?",
    )?;
    let mut rows = statement.query([id.0.key()])?;
    let Some(row) = rows.next()? else { return missing("received bundle", id) };
    if row.get(3)? {
        return Ok(Ok(Touched::Gone));
    }
    let answered = match row.get::<_, Option<String>>(1)? {
        Some(_) => Some(cells::named::<ReceiptKind>(row, 1)?),
        None => None,
    };
    let fact = facts::load(db, id.0.key())?;
    let arrived = fact.recorded;
    let Fact::BundleReceived(received) = fact.fact else { return Err(StoreError::bad_fact(id.0)) };
    let filed: Option<i64> = row.get(0)?;
    let withdrawal = match row.get(2)? {
        true => taken_back(db, (id, &received), filed, arrived)?,
        false => Withdrawn::default(),
    };
    Ok(Ok(Touched::Received {
        received: Box::new(received),
        filed: filed.is_some(),
        answered,
        case,
        withdrawal,
        supplements: supplied::of(db, id)?.into_iter().map(|(_, one)| one).collect(),
    }))
}

/// What would go with a bundle: itself, and every version of each entry that was filed from it. Filing records these, one
/// for each record, right after the fact that says where it was filed.
fn taken_back(
    db: &Connection,
    (id, received): (ReceivedId, &Received),
    filed: Option<i64>,
    arrived: Timestamp,
) -> Result<Withdrawn, StoreError> {
    let supplements = supplied::of(db, id)?.into_iter().map(|(fact, _)| fact);
    let facts = [id.0].into_iter().chain(supplements).collect();
    let holds = retention::holds_on_bundle(db, id)?;
    let mut found = Withdrawn { asked: true, arrived, facts, shared_on: None, holds };
    let Some(filed) = filed.map(FactId::from_key) else { return Ok(found) };
    let document: Bundle =
        serde_json::from_str(&received.document).map_err(|_| StoreError::bad_fact(id.0))?;
    let mut versions = db.prepare_cached("SELECT fact FROM entry_version WHERE entry = ? ORDER BY fact")?;
    for (_, seq) in document.records.iter().zip(filed.seq + 1..) {
        let entry = FactId { seq, ..filed };
        let mut rows = versions.query([entry.key()])?;
        while let Some(row) = rows.next()? {
            found.facts.push(cells::id(row, 0)?);
        }
        if found.shared_on.is_none() {
            found.shared_on = shared_on(db, entry)?;
        }
    }
    Ok(found)
}

/// An agency that an entry was shared with, which has not been asked to delete it.
fn shared_on(db: &Connection, entry: FactId) -> Result<Option<String>, StoreError> {
    Ok(db
        .prepare_cached(
            "SELECT s.agency FROM share_entry e JOIN share s ON s.id = e.share
             WHERE e.entry = ? AND s.ended IS NULL AND s.asked IS NULL LIMIT 1",
        )?
        .query_row([entry.key()], |row| row.get(0))
        .optional()?)
}

fn hold_state(db: &Connection, hold: HoldId) -> Found<Touched> {
    let lifted: Option<bool> = db
        .prepare_cached("SELECT lifted IS NOT NULL FROM hold WHERE id = ?")?
        .query_row([hold.0.key()], |row| row.get(0))
        .optional()?;
    lifted.map_or_else(|| missing("hold", hold), |lifted| Ok(Ok(Touched::Hold { lifted })))
}

/// `whole` also finds everything that would go.
fn proposal_state(db: &Connection, id: ProposalId, approver: &Author, whole: bool) -> Found<Touched> {
    let open: Option<bool> = db
        .prepare_cached("SELECT open FROM proposal WHERE id = ?")?
        .query_row([id.0.key()], |row| row.get(0))
        .optional()?;
    let Some(open) = open else { return missing("proposal", id) };
    let fact = facts::load(db, id.0.key())?;
    let Fact::DisposalProposed { file, rule, signed } = fact.fact else {
        return Err(StoreError::bad_fact(fact.id));
    };
    // Once it is destroyed, nothing is there to be judged.
    found!(a_file(db, file));
    let scope = if whole && open { retention::scope(db, file)? } else { Scope::default() };
    let standing = retention::standing(db, file)?;
    let content = dispose::content(db, &scope)?;
    let (by, at, approver) = (fact.by, fact.recorded, approver.clone());
    let state = ProposalState { rule, by, at, open, approver, standing, scope, content, signed };
    Ok(Ok(Touched::Proposal(Box::new(state))))
}
