//! A received bundle that was filed nowhere, as the rules of retention see it.

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use kith_protocol::receipt::ReceiptKind;
use rusqlite::{Connection, params};

use super::{holds, holds_of, keys};
use crate::{
    casework::{
        ids::{FactId, ReceivedId},
        retention::{BundleState, Hold, Verdict},
    },
    store::{cells, error::StoreError, settings},
};

/// Why nothing goes while somebody waits for an answer that is signed.
pub(super) const UNTOLD: &str =
    "an answer to the sender of a bundle is not sent yet: exchange with the node first";

pub(super) fn state(db: &Connection, bundle: ReceivedId) -> Result<BundleState, StoreError> {
    let key = bundle.0.key();
    let mut statement = db.prepare_cached(
        "SELECT r.filed IS NOT NULL, r.open, r.answered,
            max(r.recorded, coalesce((SELECT max(f.recorded) FROM fact f JOIN received_answer a ON a.fact = f.id
                                      WHERE a.received = r.id), 0))
         FROM received r WHERE r.id = ?",
    )?;
    let mut rows = statement.query([key])?;
    let row = rows.next()?.ok_or_else(|| StoreError::damaged("a row"))?;
    let declined = match row.get::<_, Option<String>>(2)? {
        Some(_) => cells::named::<ReceiptKind>(row, 2)? == ReceiptKind::Declined,
        None => false,
    };
    let unfinished = match (row.get(0)?, row.get(1)?) {
        (true, _) => Some("it was filed: it goes with the file that it was filed in"),
        (false, true) => Some("nobody has filed or answered it: file it, receipt it or decline it first"),
        (false, false) if answer_waits(db, key)? => Some(UNTOLD),
        (false, false) => None,
    };
    let holds = holds_on_bundle(db, bundle)?;
    Ok(BundleState { since: day(row.get(3)?)?, declined, unfinished, holds })
}

/// How many bundles that were filed nowhere wait for two people, or for somebody to file them after all: those that are due.
pub(in crate::store) fn unfiled_due(db: &Connection, today: Date) -> Result<u64, StoreError> {
    let unfiled = "SELECT id FROM received WHERE filed IS NULL AND gone IS NULL AND open = 0";
    let mut due = 0;
    for key in keys(db, unfiled, &[])? {
        let verdict = state(db, ReceivedId(FactId::from_key(key)))?.judge(today);
        due += u64::from(matches!(verdict, Verdict::Due { .. }));
    }
    Ok(due)
}

fn day(micros: i64) -> Result<Date, StoreError> {
    let at = Timestamp::from_microsecond(micros).map_err(|_| StoreError::damaged("a row"))?;
    Ok(TimeZone::UTC.to_datetime(at).date())
}

/// Does the sender of a bundle that came by the node wait for an answer that was signed here?
pub(super) fn answer_waits(db: &Connection, bundle: i64) -> Result<bool, StoreError> {
    let told = settings::cursor(db, settings::Cursor::Answers)?.cast_signed();
    let waits = "SELECT 1 FROM received_answer a JOIN received r ON r.id = a.received
        WHERE r.id = ?1 AND r.by_node = 1 AND a.fact > ?2";
    Ok(db.prepare_cached(waits)?.exists(params![bundle, told])?)
}

/// Holds on a bundle, and on the file in which it was filed.
pub(in crate::store) fn holds_on_bundle(
    db: &Connection,
    bundle: ReceivedId,
) -> Result<Vec<Hold>, StoreError> {
    let key = bundle.0.key();
    let child = "SELECT c.child FROM received r JOIN case_file c ON c.id = r.case_id WHERE r.id = ?1";
    if let Some(child) = keys(db, child, &[&key])?.first() {
        return holds(db, *child);
    }
    holds_of(db, keys(db, "SELECT id FROM hold WHERE lifted IS NULL AND file = ?1 ORDER BY id", &[&key])?)
}
