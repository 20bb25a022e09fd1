//! Bundles that arrived, what people here answered, and what is left of those that were deleted.

use kith_protocol::{ids::Digest, receipt::ReceiptKind};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::{Tally, cases, entries};
use crate::{
    casework::fact::{Destroyed, Fact, Received, Recorded, Supplied},
    store::{
        cells::{self, name_of},
        error::StoreError,
        settings,
    },
};

pub(super) fn project(db: &Connection, recorded: &Recorded) -> Result<(), StoreError> {
    let key = recorded.id.key();
    match &recorded.fact {
        Fact::BundleReceived(received) => arrived(db, recorded, received),
        Fact::BundleFiled { received, case, at, .. } => {
            let filed = db
                .prepare_cached("UPDATE received SET case_id = ?, filed = ?, at = ? WHERE id = ?")?
                .execute(params![case.0.key(), key, at.to_string(), received.0.key()])?;
            // Of one that was deleted since there is nothing to show.
            if filed == 0 {
                return Ok(());
            }
            cases::count_month(db, case.0.key(), *at, (1, 1))?;
            released_before(db, received.0.key(), case.0.key())
        }
        Fact::SupplementTaken(supplied) => supplied_now(db, key, supplied),
        Fact::BundleAnswered { received, kind, .. } => answered(db, key, received.0.key(), *kind),
        Fact::WithdrawalArrived { received, .. } => taken_back(db, key, received.0.key()),
        Fact::BundleDestroyed(gone) => destroyed(db, key, gone),
        // What is set aside is no fact, and no projection; that it need not be shown is said beside it.
        Fact::BundleDismissed { bundle, .. } => settings::set_dismissed(db, *bundle, true),
        Fact::BundleBroughtBack { bundle } => settings::set_dismissed(db, *bundle, false),
        _ => Ok(()),
    }
}

/// Words released of a bundle; they stand in the chronology of the case that it was filed in.
fn supplied_now(db: &Connection, key: i64, supplied: &Supplied) -> Result<(), StoreError> {
    let received = supplied.received.0.key();
    let case: Option<Option<i64>> = db
        .prepare_cached("SELECT case_id FROM received WHERE id = ?")?
        .query_row([received], |row| row.get(0))
        .optional()?;
    let Some(case) = case else { return Ok(()) };
    let entry = supplied.filed.as_ref().map(|(entry, _)| entry.0.key());
    db.prepare_cached("INSERT INTO released (id, received, entry, case_id, at) VALUES (?, ?, ?, ?, ?)")?
        .execute(params![key, received, entry, case, supplied.at.to_string()])?;
    case.map_or(Ok(()), |case| cases::count_month(db, case, supplied.at, (1, 1)))
}

/// What was released of a bundle before it was filed.
fn released_before(db: &Connection, received: i64, case: i64) -> Result<(), StoreError> {
    let mut moved = db.prepare_cached("UPDATE released SET case_id = ? WHERE received = ? RETURNING at")?;
    let mut rows = moved.query([case, received])?;
    while let Some(row) = rows.next()? {
        cases::count_month(db, case, cells::parsed(row, 0)?, (1, 1))?;
    }
    Ok(())
}

fn arrived(db: &Connection, recorded: &Recorded, received: &Received) -> Result<(), StoreError> {
    Tally::InboxUnanswered.add(db, 1)?;
    db.prepare_cached(
        "INSERT INTO received (id, bundle, document, from_name, signed_by, purpose, child, recorded, by_node, open, seal)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?)",
    )?
    .execute(params![
        recorded.id.key(),
        received.bundle.map(|bundle| *bundle.0.as_bytes()),
        Digest::of(received.document.as_bytes()).as_bytes(),
        received.from_name,
        received.signed_by,
        received.purpose,
        received.child,
        recorded.recorded.as_microsecond(),
        !received.receipts.is_empty(),
        received.seal_id().map(|seal| *seal.as_bytes()),
    ])?;
    Ok(())
}

/// A bundle waits until somebody took it on or declined it; one that was taken back, until that is answered.
fn answered(db: &Connection, key: i64, received: i64, kind: ReceiptKind) -> Result<(), StoreError> {
    db.prepare_cached("INSERT INTO received_answer (received, fact, kind) VALUES (?, ?, ?)")?
        .execute(params![received, key, name_of(&kind)])?;
    db.prepare_cached("UPDATE received SET answered = ?2 WHERE id = ?1")?
        .execute(params![received, name_of(&kind)])?;
    let closes = match kind {
        ReceiptKind::Kept | ReceiptKind::Deleted => "1",
        ReceiptKind::Receipted | ReceiptKind::Declined => "asked IS NULL",
        ReceiptKind::Stored | ReceiptKind::Delivered | ReceiptKind::Opened => "0",
    };
    let closed = db
        .prepare_cached(&format!("UPDATE received SET open = 0 WHERE id = ? AND open = 1 AND {closes}"))?
        .execute([received])?;
    if closed > 0 { Tally::InboxUnanswered.add(db, -1) } else { Ok(()) }
}

/// It is to be answered, also where it was before.
fn taken_back(db: &Connection, key: i64, received: i64) -> Result<(), StoreError> {
    let reopened = db
        .prepare_cached("UPDATE received SET open = 1 WHERE id = ? AND open = 0 AND gone IS NULL")?
        .execute([received])?;
    if reopened > 0 {
        Tally::InboxUnanswered.add(db, 1)?;
    }
    db.prepare_cached("UPDATE received SET asked = ? WHERE id = ?")?.execute([key, received])?;
    Ok(())
}

/// Nothing of what it said stays: its row, the entries filed from it, their words in the index, what was counted. When the
/// tables are built again there is nothing to remove, and the same stays.
fn destroyed(db: &Connection, key: i64, gone: &Destroyed) -> Result<(), StoreError> {
    let id = gone.received.0.key();
    let open: Option<bool> = db
        .prepare_cached("DELETE FROM received WHERE id = ? RETURNING open")?
        .query_row([id], |row| row.get(0))
        .optional()?;
    // Also by nothing: a number that was counted stands there, live or built again.
    Tally::InboxUnanswered.add(db, if open == Some(true) { -1 } else { 0 })?;
    for fact in &gone.facts {
        entries::remove(db, fact.key())?;
    }
    db.prepare_cached("DELETE FROM released WHERE received = ?")?.execute([id])?;
    db.prepare_cached(
        "INSERT INTO received (id, bundle, document, from_name, signed_by, purpose, child, recorded, open, gone)
         VALUES (?, ?, ?, ?, '', '', '', ?, 0, ?)",
    )?
    .execute(params![
        id,
        gone.bundle.map(|bundle| *bundle.0.as_bytes()),
        gone.document.as_bytes(),
        gone.from_name,
        gone.arrived.as_microsecond(),
        key,
    ])?;
    Ok(())
}
