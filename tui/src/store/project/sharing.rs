//! Consent, shares with their receipts, and bundles that arrived.

use kith_protocol::{ids::Digest, receipt::ReceiptKind};
use rusqlite::{Connection, params};

use super::Tally;
use crate::{
    casework::{
        fact::{Fact, Received, Recorded, Share},
        ids::ShareId,
    },
    store::{cells::name_of, error::StoreError},
};

/// How far a share has come, as its row says it; receipts only ever take it further.
pub(in crate::store) mod state {
    /// Waits for a second person's check.
    pub(in crate::store) const TO_CHECK: i64 = -1;
    pub(in crate::store) const QUEUED: i64 = 0;
    pub(in crate::store) const STORED: i64 = 1;
    pub(in crate::store) const DELIVERED: i64 = 2;
    pub(in crate::store) const OPENED: i64 = 3;
    pub(in crate::store) const RECEIPTED: i64 = 4;
    pub(in crate::store) const DECLINED: i64 = 5;
    pub(in crate::store) const ENDED: i64 = 6;
}

pub(super) fn project(db: &Connection, recorded: &Recorded) -> Result<(), StoreError> {
    let key = recorded.id.key();
    match &recorded.fact {
        Fact::ConsentRecorded { case, .. } | Fact::SharingDeclined { case, .. } => {
            db.prepare_cached("INSERT INTO consent (id, case_id) VALUES (?, ?)")?
                .execute([key, case.0.key()])?;
            Ok(())
        }
        Fact::ConsentWithdrawn { consent, by, why } => {
            db.prepare_cached("UPDATE consent SET withdrawn = ?2, withdrawn_why = ?3 WHERE id = ?1")?
                .execute(params![
                    consent.0.key(),
                    recorded.recorded.as_microsecond(),
                    format!("{by}: {why}")
                ])?;
            Ok(())
        }
        Fact::ShareDecided(share) => {
            Tally::SharesWaiting.add(db, 1)?;
            decided(db, key, share, state::QUEUED)
        }
        Fact::ShareProposed { share, .. } => decided(db, key, share, state::TO_CHECK),
        Fact::ShareApproved { share, .. } => {
            Tally::SharesWaiting.add(db, 1)?;
            db.prepare_cached("UPDATE share SET approved = ?, state = ?, waiting = 1 WHERE id = ?")?
                .execute([key, state::QUEUED, share.0.key()])?;
            Ok(())
        }
        Fact::SharingPolicySet { .. } => {
            db.prepare_cached("INSERT OR REPLACE INTO sharing_policy (only, fact) VALUES (1, ?)")?
                .execute([key])?;
            Ok(())
        }
        Fact::ShareSealed { share, bundle, .. } => {
            db.prepare_cached("UPDATE share SET bundle = ?, sealed = ? WHERE id = ?")?.execute(params![
                bundle.0.as_bytes(),
                key,
                share.0.key()
            ])?;
            Ok(())
        }
        Fact::ReceiptKept { share, kind, .. } => receipt(db, key, *share, *kind),
        Fact::ShareEnded { share, .. } => {
            db.prepare_cached("UPDATE share SET ended = ? WHERE id = ?")?.execute([key, share.0.key()])?;
            advance(db, *share, state::ENDED)
        }
        Fact::BundleReceived(received) => arrived(db, recorded, received),
        Fact::BundleFiled { received, case } => {
            db.prepare_cached("UPDATE received SET case_id = ? WHERE id = ?")?
                .execute([case.0.key(), received.0.key()])?;
            Ok(())
        }
        Fact::BundleAnswered { received, kind, .. } => answered(db, key, received.0.key(), *kind),
        _ => Ok(()),
    }
}

fn decided(db: &Connection, key: i64, share: &Share, at: i64) -> Result<(), StoreError> {
    db.prepare_cached("INSERT INTO share (id, case_id, agency, state, waiting) VALUES (?, ?, ?, ?, ?)")?
        .execute(params![key, share.case.0.key(), share.to.as_str(), at, at == state::QUEUED])?;
    db.prepare_cached("UPDATE case_file SET shares = shares + 1 WHERE id = ?")?
        .execute([share.case.0.key()])?;
    let mut insert = db.prepare_cached("INSERT OR IGNORE INTO share_entry (entry, share) VALUES (?, ?)")?;
    for entry in &share.entries {
        insert.execute([entry.0.key(), key])?;
    }
    Ok(())
}

fn receipt(db: &Connection, key: i64, share: ShareId, kind: ReceiptKind) -> Result<(), StoreError> {
    db.prepare_cached("INSERT INTO share_receipt (share, fact, kind) VALUES (?, ?, ?)")?.execute(params![
        share.0.key(),
        key,
        name_of(&kind)
    ])?;
    let reached = match kind {
        ReceiptKind::Stored => state::STORED,
        ReceiptKind::Delivered => state::DELIVERED,
        ReceiptKind::Opened => state::OPENED,
        ReceiptKind::Receipted => state::RECEIPTED,
        ReceiptKind::Declined => state::DECLINED,
    };
    advance(db, share, reached)
}

/// Takes a share further, never back, and counts whether anybody still waits for it.
fn advance(db: &Connection, share: ShareId, reached: i64) -> Result<(), StoreError> {
    let key = share.0.key();
    let (was, waited): (i64, bool) = db
        .prepare_cached("SELECT state, waiting FROM share WHERE id = ?")?
        .query_row([key], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let state = was.max(reached);
    let waiting = state < state::RECEIPTED;
    db.prepare_cached("UPDATE share SET state = ?2, waiting = ?3 WHERE id = ?1")?
        .execute(params![key, state, waiting])?;
    if waited && !waiting {
        Tally::SharesWaiting.add(db, -1)?;
    }
    Ok(())
}

fn arrived(db: &Connection, recorded: &Recorded, received: &Received) -> Result<(), StoreError> {
    Tally::InboxUnanswered.add(db, 1)?;
    db.prepare_cached(
        "INSERT INTO received (id, bundle, document, from_name, signed_by, purpose, child, recorded, open)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1)",
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
    ])?;
    Ok(())
}

fn answered(db: &Connection, key: i64, received: i64, kind: ReceiptKind) -> Result<(), StoreError> {
    db.prepare_cached("INSERT INTO received_answer (received, fact, kind) VALUES (?, ?, ?)")?
        .execute(params![received, key, name_of(&kind)])?;
    let closes = matches!(kind, ReceiptKind::Receipted | ReceiptKind::Declined);
    if closes {
        Tally::InboxUnanswered.add(db, -1)?;
    }
    db.prepare_cached("UPDATE received SET answered = ?2, open = open AND NOT ?3 WHERE id = ?1")?
        .execute(params![received, name_of(&kind), closes])?;
    Ok(())
}
