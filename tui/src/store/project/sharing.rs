//! Shares with their receipts.

use kith_protocol::receipt::ReceiptKind;
use rusqlite::{Connection, params};

use super::{Tally, cases};
use crate::{
    casework::{
        fact::{Fact, Recorded, Share},
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
    /// It has reached them, and was taken back.
    pub(in crate::store) const ASKED: i64 = 7;
    pub(in crate::store) const KEPT: i64 = 8;
    pub(in crate::store) const DELETED: i64 = 9;
}

pub(super) fn project(db: &Connection, recorded: &Recorded) -> Result<(), StoreError> {
    let key = recorded.id.key();
    match &recorded.fact {
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
        Fact::ContactCompared(compared) => {
            db.prepare_cached("INSERT OR REPLACE INTO comparison (agency, fact) VALUES (?, ?)")?
                .execute(params![compared.agency.as_str(), key])?;
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
        Fact::WordsReleased(release) => {
            let share = release.share.0.key();
            let case: i64 = db
                .prepare_cached("SELECT case_id FROM share WHERE id = ?")?
                .query_row([share], |row| row.get(0))?;
            db.prepare_cached("INSERT INTO released (id, share, case_id, at) VALUES (?, ?, ?, ?)")?
                .execute(params![key, share, case, release.at.to_string()])?;
            cases::count_month(db, case, release.at, (1, 1))
        }
        Fact::ShareEnded { share, .. } => {
            db.prepare_cached("UPDATE share SET ended = ? WHERE id = ?")?.execute([key, share.0.key()])?;
            advance(db, *share, state::ENDED)
        }
        Fact::WithdrawalSigned { share, .. } => {
            db.prepare_cached("UPDATE share SET asked = ? WHERE id = ?")?.execute([key, share.0.key()])?;
            let (reached, _) = standing(db, share.0.key())?;
            if has_reached_them(reached) { advance(db, *share, state::ASKED) } else { Ok(()) }
        }
        _ => Ok(()),
    }
}

fn decided(db: &Connection, key: i64, share: &Share, at: i64) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT INTO share (id, case_id, at, agency, state, waiting, consent) VALUES (?, ?, ?, ?, ?, ?, ?)",
    )?
    .execute(params![
        key,
        share.case.0.key(),
        share.at.to_string(),
        share.to.as_str(),
        at,
        at == state::QUEUED,
        share.consent.0.key()
    ])?;
    db.prepare_cached("UPDATE case_file SET shares = shares + 1 WHERE id = ?")?
        .execute([share.case.0.key()])?;
    cases::count_month(db, share.case.0.key(), share.at, (1, 1))?;
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
        ReceiptKind::Kept => state::KEPT,
        ReceiptKind::Deleted => state::DELETED,
    };
    let (before, asked) = standing(db, share.0.key())?;
    // Somebody collected it while it was being taken back: the withdrawal reaches them now.
    let too_late = asked && before == state::ENDED && has_reached_them(reached);
    advance(db, share, if too_late { state::ASKED } else { reached })
}

/// How far a share has come, and whether it was taken back.
fn standing(db: &Connection, key: i64) -> Result<(i64, bool), StoreError> {
    Ok(db
        .prepare_cached("SELECT state, asked IS NOT NULL FROM share WHERE id = ?")?
        .query_row([key], |row| Ok((row.get(0)?, row.get(1)?)))?)
}

const fn has_reached_them(state: i64) -> bool {
    matches!(state, state::DELIVERED..=state::DECLINED)
}

/// Takes a share further, never back, and counts whether anybody still waits for it.
fn advance(db: &Connection, share: ShareId, reached: i64) -> Result<(), StoreError> {
    let key = share.0.key();
    let (was, waited): (i64, bool) = db
        .prepare_cached("SELECT state, waiting FROM share WHERE id = ?")?
        .query_row([key], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let state = was.max(reached);
    let waiting = state < state::RECEIPTED || state == state::ASKED;
    db.prepare_cached("UPDATE share SET state = ?2, waiting = ?3 WHERE id = ?1")?
        .execute(params![key, state, waiting])?;
    if waited != waiting {
        Tally::SharesWaiting.add(db, if waiting { 1 } else { -1 })?;
    }
    Ok(())
}
