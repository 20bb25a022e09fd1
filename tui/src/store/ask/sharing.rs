//! Shares and the inbox.

use jiff::Timestamp;
use kith_protocol::{
    ids::{AgencyId, BundleId, Digest},
    receipt::{Receipt, ReceiptKind, SignedReceipt, Signer},
    sign::SignatureSet,
};
use rusqlite::{Connection, OptionalExtension as _, Row, ToSql, types::ValueRef};

use super::{all, in_order, number, on_by_id, unknown};
use crate::{
    casework::{
        contact::Verification,
        fact::{Fact, Release, SignedText},
        ids::{CaseId, FactId, ReceivedId, ShareId},
        query::{Asked, FiledRow, Page, ReceivedRow, ReceivedView, Released, ShareRow, ShareState, Window},
        second::SharingPolicy,
    },
    store::{cells, error::StoreError, facts, project::share_state as state, touch::supplements},
};

/// Newest first.
pub(super) fn shares(
    db: &Connection,
    case: Option<CaseId>,
    window: Window<ShareId>,
    limit: usize,
) -> Result<Page<ShareRow>, StoreError> {
    let (on, bound, back) = on_by_id("s.id", "?", window.bound(), |share| share.0);
    let (rows, total) = match case.map(|case| case.0.key()) {
        Some(case) => (
            select(db, &format!("WHERE s.case_id = ? AND {on} LIMIT ?"), &[&case, &bound, &limit])?,
            number(db, "SELECT count(*) FROM share WHERE case_id = ?", &[&case])?,
        ),
        None => (
            select(db, &format!("WHERE {on} LIMIT ?"), &[&bound, &limit])?,
            number(db, "SELECT count(*) FROM share", &[])?,
        ),
    };
    Ok(Page { rows: in_order(rows, back), total, window })
}

/// Those that somebody still waits for, newest first.
pub(super) fn waiting(db: &Connection, limit: usize) -> Result<Vec<ShareRow>, StoreError> {
    select(db, "WHERE s.waiting = 1 ORDER BY s.id DESC LIMIT ?", &[&limit])
}

/// Those that wait for a second person's check, oldest first.
pub(super) fn to_check(db: &Connection, limit: usize) -> Result<Vec<ShareRow>, StoreError> {
    // The number itself, so that the index of these rows serves.
    let rest = format!("WHERE s.state = {} ORDER BY s.id LIMIT ?", state::TO_CHECK);
    select(db, &rest, &[&limit])
}

/// Which shares a second person must check.
pub(super) fn policy(db: &Connection) -> Result<SharingPolicy, StoreError> {
    let fact: Option<i64> =
        db.prepare_cached("SELECT fact FROM sharing_policy")?.query_row([], |row| row.get(0)).optional()?;
    let Some(fact) = fact.map(|key| facts::load(db, key)).transpose()? else {
        return Ok(SharingPolicy::default());
    };
    match fact.fact {
        Fact::SharingPolicySet { policy, .. } => Ok(policy),
        _ => Err(StoreError::bad_fact(fact.id)),
    }
}

/// The newest comparison of an agency's words.
pub(super) fn verified(db: &Connection, agency: &AgencyId) -> Result<Option<Verification>, StoreError> {
    let fact: Option<i64> = db
        .prepare_cached("SELECT fact FROM comparison WHERE agency = ?")?
        .query_row([agency.as_str()], |row| row.get(0))
        .optional()?;
    let Some(found) = fact.map(|key| facts::load(db, key)).transpose()? else { return Ok(None) };
    match found.fact {
        Fact::ContactCompared(comparison) => {
            Ok(Some(Verification { comparison, by: found.by, on: found.recorded }))
        }
        _ => Err(StoreError::bad_fact(found.id)),
    }
}

/// Shares `s`, by the rest of a query.
pub(super) fn select(
    db: &Connection,
    rest: &str,
    values: &[&dyn ToSql],
) -> Result<Vec<ShareRow>, StoreError> {
    let sql = format!(
        "SELECT s.id, s.state, s.bundle, s.ended, coalesce(a.name, s.agency), p.name, s.approved, s.asked
         FROM share s JOIN case_file c ON c.id = s.case_id JOIN person p ON p.id = c.child
         LEFT JOIN agency a ON a.id = s.agency {rest}"
    );
    all(db, &sql, values, |row| read(db, row))
}

fn read(db: &Connection, row: &Row<'_>) -> Result<ShareRow, StoreError> {
    let fact = facts::load(db, row.get(0)?)?;
    let (Fact::ShareDecided(share) | Fact::ShareProposed { share, .. }) = fact.fact else {
        return Err(StoreError::bad_fact(fact.id));
    };
    let checked = row.get::<_, Option<i64>>("approved")?.map(|key| facts::load(db, key)).transpose()?;
    let id = ShareId(fact.id);
    let bundle: Option<[u8; 32]> = row.get(2)?;
    Ok(ShareRow {
        id,
        share,
        child_name: row.get(5)?,
        to_name: row.get(4)?,
        decided: fact.recorded,
        by: fact.by,
        checked: checked.map(|fact| (fact.recorded, fact.by)),
        bundle: bundle.map(|bytes| BundleId(Digest::from_bytes(bytes))),
        state: share_state(db, row.get(1)?, row.get(3)?)?,
        receipts: receipts(db, id)?,
        // What was stopped in time was asked of nobody.
        asked: if row.get::<_, i64>(1)? >= state::ASKED { asked(db, row.get("asked")?)? } else { None },
        released: released(db, id)?,
    })
}

/// What was released of a share since, oldest first.
fn released(db: &Connection, share: ShareId) -> Result<Vec<Released>, StoreError> {
    let sql = "SELECT id FROM released WHERE share = ? ORDER BY id";
    all(db, sql, &[&share.0.key()], |row| {
        let fact = facts::load(db, row.get(0)?)?;
        match fact.fact {
            Fact::WordsReleased(Release { entry, order, .. }) => {
                Ok(Released { at: fact.recorded, by: fact.by, entry, order })
            }
            _ => Err(StoreError::bad_fact(fact.id)),
        }
    })
}

/// What a withdrawal says, whichever side recorded it.
fn asked(db: &Connection, fact: Option<i64>) -> Result<Option<Asked>, StoreError> {
    let Some(key) = fact else { return Ok(None) };
    let fact = facts::load(db, key)?;
    match fact.fact {
        Fact::WithdrawalSigned { why, answer_by, .. } | Fact::WithdrawalArrived { why, answer_by, .. } => {
            Ok(Some(Asked { at: fact.recorded, why, answer_by }))
        }
        _ => Err(StoreError::bad_fact(fact.id)),
    }
}

fn share_state(db: &Connection, reached: i64, ended: Option<i64>) -> Result<ShareState, StoreError> {
    if let Some(fact) = ended.filter(|_| reached <= state::ENDED) {
        let fact = facts::load(db, fact)?;
        return match fact.fact {
            Fact::ShareEnded { end, .. } => Ok(ShareState::Ended(end)),
            _ => Err(StoreError::bad_fact(fact.id)),
        };
    }
    Ok(match reached {
        state::TO_CHECK => ShareState::ToCheck,
        state::QUEUED => ShareState::Queued,
        state::STORED => ShareState::Stored,
        state::DELIVERED => ShareState::Delivered,
        state::OPENED => ShareState::Opened,
        state::RECEIPTED => ShareState::Receipted,
        state::DECLINED => ShareState::Declined,
        state::ASKED => ShareState::Asked,
        state::KEPT => ShareState::Kept,
        state::DELETED => ShareState::Deleted,
        _ => return Err(StoreError::damaged("a row")),
    })
}

/// The receipts of a share, in the order they came. They were verified before they were kept.
fn receipts(db: &Connection, share: ShareId) -> Result<Vec<Step>, StoreError> {
    let sql = "SELECT fact FROM share_receipt WHERE share = ? ORDER BY fact";
    all(db, sql, &[&share.0.key()], |row| {
        let fact = facts::load(db, row.get(0)?)?;
        let Fact::ReceiptKept { kind, receipt, .. } = fact.fact else {
            return Err(StoreError::bad_fact(fact.id));
        };
        in_words(db, kind, &receipt, fact.recorded)
    })
}

/// A signed receipt or answer: when it was signed, by whom in words, and its note; before that the basis under which
/// something is kept.
fn in_words(
    db: &Connection,
    kind: ReceiptKind,
    receipt: &SignedText,
    recorded: Timestamp,
) -> Result<Step, StoreError> {
    Ok(match claims(receipt) {
        Some(told) => {
            let note = told.note.unwrap_or_default();
            let said = told.basis.map_or_else(|| note.clone(), |basis| format!("{}: {note}", basis.words()));
            (kind, told.at, signer(db, told.signer)?, said)
        }
        // A form this program does not know: say what is known without it.
        None => (kind, recorded, String::new(), String::new()),
    })
}

type Step = (ReceiptKind, Timestamp, String, String);

fn claims(receipt: &SignedText) -> Option<Receipt> {
    let signature = SignatureSet::from_text(&receipt.signature).ok()?;
    SignedReceipt::from_parts(receipt.text.clone(), signature).claims().ok()
}

fn signer(db: &Connection, signer: Signer) -> Result<String, StoreError> {
    Ok(match signer {
        Signer::Node { name } => format!("node {name}"),
        Signer::Agency { agency } => agency_name(db, &agency)?,
        Signer::Person { agency, certificate } => {
            let agency = agency_name(db, &agency)?;
            person_of(&certificate.text).map_or_else(|| agency.clone(), |who| format!("{who}, {agency}"))
        }
    })
}

/// Name and role in a certificate.
fn person_of(text: &str) -> Option<String> {
    let value: serde_json::Value = serde_json::from_str(text).ok()?;
    Some(format!("{}, {}", value.get("name")?.as_str()?, value.get("role")?.as_str()?))
}

pub(super) fn agency_name(db: &Connection, id: &AgencyId) -> Result<String, StoreError> {
    let known = db
        .prepare_cached("SELECT name FROM agency WHERE id = ?")?
        .query_row([id.as_str()], |row| row.get(0))
        .optional()?;
    Ok(known.unwrap_or_else(|| id.to_string()))
}

/// Newest first.
pub(super) fn inbox(
    db: &Connection,
    window: Window<ReceivedId>,
    limit: usize,
) -> Result<Page<ReceivedRow>, StoreError> {
    let (on, bound, back) = on_by_id("id", "?", window.bound(), |received| received.0);
    let rows = select_received(db, &format!("WHERE {on} LIMIT ?"), &[&bound, &limit])?;
    let total = number(db, "SELECT count(*) FROM received", &[])?;
    Ok(Page { rows: in_order(rows, back), total, window })
}

/// Those that nobody has receipted or declined yet, newest first.
pub(super) fn unanswered(db: &Connection, limit: usize) -> Result<Vec<ReceivedRow>, StoreError> {
    select_received(db, "WHERE open = 1 ORDER BY id DESC LIMIT ?", &[&limit])
}

/// The columns that [`read_received`] reads, of `received r`.
const RECEIVED: &str =
    "r.id, r.from_name, r.signed_by, r.purpose, r.child, r.recorded, r.case_id, r.answered, r.asked,
    r.gone IS NOT NULL";

fn select_received(
    db: &Connection,
    rest: &str,
    values: &[&dyn ToSql],
) -> Result<Vec<ReceivedRow>, StoreError> {
    let sql = format!("SELECT {RECEIVED} FROM received r {rest}");
    all(db, &sql, values, |row| read_received(db, row))
}

fn read_received(db: &Connection, row: &Row<'_>) -> Result<ReceivedRow, StoreError> {
    let answered = match row.get_ref(7)? {
        ValueRef::Null => None,
        _ => Some(cells::named(row, 7)?),
    };
    Ok(ReceivedRow {
        id: ReceivedId(cells::id(row, 0)?),
        from_name: row.get(1)?,
        signed_by: row.get(2)?,
        purpose: row.get(3)?,
        child: row.get(4)?,
        received: cells::moment(row, 5)?,
        case: cells::maybe_id(row, 6)?.map(CaseId),
        answered,
        asked: asked(db, row.get(8)?)?,
        gone: row.get(9)?,
    })
}

/// Bundles that were filed into a case, with what was answered.
pub(super) fn filed(db: &Connection, rest: &str, values: &[&dyn ToSql]) -> Result<Vec<FiledRow>, StoreError> {
    let sql = format!("SELECT {RECEIVED}, r.at FROM received r {rest}");
    all(db, &sql, values, |row| {
        let answers = "SELECT fact FROM received_answer WHERE received = ? ORDER BY fact";
        let answers = all(db, answers, &[&row.get::<_, i64>(0)?], |row| {
            let fact = facts::load(db, row.get(0)?)?;
            match &fact.fact {
                Fact::BundleAnswered { kind, receipt, .. } => in_words(db, *kind, receipt, fact.recorded),
                _ => Err(StoreError::bad_fact(fact.id)),
            }
        })?;
        Ok(FiledRow { received: read_received(db, row)?, at: cells::parsed(row, 10)?, answers })
    })
}

pub(super) fn received(db: &Connection, id: ReceivedId) -> Result<ReceivedView, StoreError> {
    let key = id.0.key();
    let row: Option<(Option<i64>, Option<i64>, Option<i64>)> = db
        .prepare_cached("SELECT case_id, asked, gone FROM received WHERE id = ?")?
        .query_row([key], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let (case, taken_back, gone) = row.ok_or_else(|| unknown("received bundle", id))?;
    let fact = facts::load(db, gone.unwrap_or(key))?;
    let (received, at, gone) = match fact.fact {
        Fact::BundleReceived(received) => (received, fact.recorded, None),
        Fact::BundleDestroyed(left) => {
            let at = left.arrived;
            let (by, on) = left.first.clone().unwrap_or((fact.by, fact.recorded));
            (left.into(), at, Some((on, by)))
        }
        _ => return Err(StoreError::bad_fact(id.0)),
    };
    let sql = "SELECT fact FROM received_answer WHERE received = ? ORDER BY fact";
    let answers = all(db, sql, &[&key], |row| {
        let fact = facts::load(db, row.get(0)?)?;
        match fact.fact {
            Fact::BundleAnswered { kind, note, .. } => Ok((kind, fact.recorded, note)),
            _ => Err(StoreError::bad_fact(fact.id)),
        }
    })?;
    let case = case.map(|key| CaseId(FactId::from_key(key)));
    let supplements = supplements(db, id)?.into_iter().map(|(_, one)| one).collect();
    let asked = asked(db, taken_back)?;
    Ok(ReceivedView {
        id,
        received,
        at,
        case,
        answers,
        asked,
        gone,
        matches: Vec::new(),
        meant: None,
        supplements,
    })
}
