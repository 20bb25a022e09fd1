//! The log of facts: appended, read, never changed.

use jiff::Timestamp;
use kith_protocol::{
    evidence::{Commitment, Seed, commit},
    fact::{Body, MAX_BODY},
};
use rand::{RngCore as _, rngs::OsRng};
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde::{Deserialize, Serialize};

use super::{cut, error::StoreError};
use crate::casework::{
    fact::{Author, Fact, Recorded},
    ids::FactId,
};

/// A fact as its body tells it: everything about it, so that a body stands alone.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    id: FactId,
    recorded: Timestamp,
    by: Author,
    fact: Fact,
}

/// A fact as it is kept: its body, and what commits to it under a seed.
pub(super) fn to_body(recorded: Recorded, seed: &Seed) -> Result<(Vec<u8>, Commitment), StoreError> {
    let Recorded { id, recorded, by, fact } = recorded;
    let value =
        serde_json::to_value(Line { id, recorded, by, fact }).map_err(|_| StoreError::bad_fact(id))?;
    let too_large = |_| StoreError::TooLarge { what: "this record", limit: MAX_BODY as u64 };
    let body = Body::of(&value, &mut cut::cutter()).map_err(too_large)?;
    Ok((body.to_bytes().map_err(too_large)?, commit(seed, &body)))
}

/// Does a leaf commit to a body?
pub(super) fn is_committed(seed: [u8; 32], body: &[u8], leaf: [u8; 32]) -> bool {
    Body::parse(body).is_ok_and(|body| commit(&Seed::from_bytes(seed), &body).as_bytes() == &leaf)
}

/// The fact that a body tells.
pub(super) fn from_body(id: FactId, body: &[u8]) -> Result<Recorded, StoreError> {
    let bad = || StoreError::bad_fact(id);
    let value = Body::parse(body).and_then(|body| body.to_value()).map_err(|_| bad())?;
    let line: Line = serde_json::from_value(value).map_err(|_| bad())?;
    if line.id != id {
        return Err(bad());
    }
    Ok(Recorded { id, recorded: line.recorded, by: line.by, fact: line.fact })
}

/// Appends a fact under the next id of its device, with a seed from which its evidence will grow. Returns what commits
/// to it.
pub(super) fn append(db: &Connection, recorded: &Recorded) -> Result<Commitment, StoreError> {
    let mut seed = [0; 32];
    OsRng.fill_bytes(&mut seed);
    let (body, leaf) = to_body(recorded.clone(), &Seed::from_bytes(seed))?;
    db.prepare_cached(
        "INSERT INTO fact (id, recorded, author, role, kind, seed, leaf, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    )?
    .execute(params![
        recorded.id.key(),
        recorded.recorded.as_microsecond(),
        recorded.by.name,
        recorded.by.role,
        kind(&recorded.fact),
        seed,
        leaf.as_bytes(),
        body,
    ])?;
    Ok(leaf)
}

/// The id of the next fact of `device`.
pub(super) fn next(db: &Connection, device: u16) -> Result<FactId, StoreError> {
    let first = FactId { device, seq: 1 };
    let last: Option<i64> = db
        .prepare_cached("SELECT max(id) FROM fact WHERE id BETWEEN ? AND ?")?
        .query_row(keys_of(device), |row| row.get(0))?;
    Ok(last.map_or(first, |key| FactId { seq: FactId::from_key(key).seq + 1, device }))
}

/// What commits to each fact of `device`, in the order of the facts.
pub(super) fn each_leaf(
    db: &Connection,
    device: u16,
    mut then: impl FnMut(FactId, Commitment) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut statement = db.prepare("SELECT id, leaf FROM fact WHERE id BETWEEN ? AND ? ORDER BY id")?;
    let mut rows = statement.query(keys_of(device))?;
    while let Some(row) = rows.next()? {
        then(FactId::from_key(row.get(0)?), Commitment::from_bytes(row.get(1)?))?;
    }
    Ok(())
}

/// The first and the last key a fact of `device` can have.
const fn keys_of(device: u16) -> [i64; 2] {
    [FactId { device, seq: 0 }.key(), FactId { device: device + 1, seq: 0 }.key() - 1]
}

/// When the last fact was recorded, in microseconds.
pub(super) fn last_recorded(db: &Connection) -> Result<Option<i64>, StoreError> {
    Ok(db.query_row("SELECT recorded FROM fact ORDER BY id DESC LIMIT 1", [], |row| row.get(0)).optional()?)
}

/// The fact under `key`, which something else refers to.
pub(super) fn load(db: &Connection, key: i64) -> Result<Recorded, StoreError> {
    let id = FactId::from_key(key);
    let body: Option<Vec<u8>> = db
        .prepare_cached("SELECT body FROM fact WHERE id = ?")?
        .query_row([key], |row| row.get(0))
        .optional()?
        .flatten();
    from_body(id, &body.ok_or_else(|| StoreError::bad_fact(id))?)
}

/// Goes through all facts in order; those whose bodies were disposed of are skipped.
pub(super) fn each(
    db: &Connection,
    mut then: impl FnMut(Recorded) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut statement = db.prepare("SELECT id, body FROM fact WHERE body IS NOT NULL ORDER BY id")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        then(from_row(row)?)?;
    }
    Ok(())
}

/// Every change of who can open the casebook, in order.
pub(super) fn holder_changes(db: &Connection) -> Result<Vec<Recorded>, StoreError> {
    let sql = "SELECT id, body FROM fact WHERE kind = 'HolderChanged' AND body IS NOT NULL ORDER BY id";
    let mut statement = db.prepare(sql)?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(from_row(row)?);
    }
    Ok(found)
}

fn from_row(row: &Row<'_>) -> Result<Recorded, StoreError> {
    let id = FactId::from_key(row.get(0)?);
    let body = row.get_ref(1)?.as_blob().map_err(|_| StoreError::bad_fact(id))?;
    from_body(id, body)
}

pub(super) fn count(db: &Connection) -> Result<u64, StoreError> {
    Ok(db.query_row("SELECT count(*) FROM fact", [], |row| row.get(0))?)
}

/// The kind of a fact, as its body names it.
const fn kind(fact: &Fact) -> &'static str {
    match fact {
        Fact::PersonAdded(_) => "PersonAdded",
        Fact::PersonAmended { .. } => "PersonAmended",
        Fact::AddressRecorded(_) => "AddressRecorded",
        Fact::RelationRecorded(_) => "RelationRecorded",
        Fact::SamePerson { .. } => "SamePerson",
        Fact::NotSamePerson { .. } => "NotSamePerson",
        Fact::EntryRecorded { .. } => "EntryRecorded",
        Fact::EntryAmended { .. } => "EntryAmended",
        Fact::SignificanceSet { .. } => "SignificanceSet",
        Fact::ConcernTriaged { .. } => "ConcernTriaged",
        Fact::TriageUndone { .. } => "TriageUndone",
        Fact::CaseOpened(_) => "CaseOpened",
        Fact::CaseAmended { .. } => "CaseAmended",
        Fact::CaseClosed { .. } => "CaseClosed",
        Fact::CaseReopened { .. } => "CaseReopened",
        Fact::ActionAdded(_) => "ActionAdded",
        Fact::ActionAmended { .. } => "ActionAmended",
        Fact::ActionFinished { .. } => "ActionFinished",
        Fact::ActionReopened { .. } => "ActionReopened",
        Fact::ConsentRecorded { .. } => "ConsentRecorded",
        Fact::ConsentWithdrawn { .. } => "ConsentWithdrawn",
        Fact::ConsentMoved { .. } => "ConsentMoved",
        Fact::NoticeKept { .. } => "NoticeKept",
        Fact::SharingDeclined { .. } => "SharingDeclined",
        Fact::ShareDecided(_) => "ShareDecided",
        Fact::ShareSealed { .. } => "ShareSealed",
        Fact::ReceiptKept { .. } => "ReceiptKept",
        Fact::ShareEnded { .. } => "ShareEnded",
        Fact::WordsReleased(_) => "WordsReleased",
        Fact::BackupRestored { .. } => "BackupRestored",
        Fact::FindingSettled { .. } => "FindingSettled",
        Fact::WithdrawalSigned { .. } => "WithdrawalSigned",
        Fact::BundleReceived(_) => "BundleReceived",
        Fact::BundleFiled { .. } => "BundleFiled",
        Fact::BundleAnswered { .. } => "BundleAnswered",
        Fact::WithdrawalArrived { .. } => "WithdrawalArrived",
        Fact::SupplementTaken(_) => "SupplementTaken",
        Fact::BundleDestroyed(_) => "BundleDestroyed",
        Fact::LeavingRecorded { .. } => "LeavingRecorded",
        Fact::ReturnRecorded { .. } => "ReturnRecorded",
        Fact::HoldPlaced { .. } => "HoldPlaced",
        Fact::HoldLifted { .. } => "HoldLifted",
        Fact::DisposalProposed { .. } => "DisposalProposed",
        Fact::DisposalSentBack { .. } => "DisposalSentBack",
        Fact::DisposalApproved { .. } => "DisposalApproved",
        Fact::Disposed(_) => "Disposed",
        Fact::ShareProposed { .. } => "ShareProposed",
        Fact::ShareApproved { .. } => "ShareApproved",
        Fact::SharingPolicySet { .. } => "SharingPolicySet",
        Fact::HolderChanged(_) => "HolderChanged",
        Fact::BundleDismissed { .. } => "BundleDismissed",
        Fact::BundleBroughtBack { .. } => "BundleBroughtBack",
        Fact::ContactCompared(_) => "ContactCompared",
    }
}
