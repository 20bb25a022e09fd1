//! Who left, which files are held, what is proposed for destruction and what was destroyed.

use rusqlite::{Connection, params};

use super::entries;
use crate::{
    casework::fact::{Fact, Recorded},
    store::error::StoreError,
};

pub(super) fn project(db: &Connection, recorded: &Recorded) -> Result<(), StoreError> {
    let key = recorded.id.key();
    match &recorded.fact {
        Fact::LeavingRecorded { person, .. } | Fact::ReturnRecorded { person, .. } => {
            db.prepare_cached("INSERT OR REPLACE INTO leaving (person, fact) VALUES (?, ?)")?
                .execute([person.0.key(), key])?;
        }
        Fact::HoldPlaced { person, .. } => {
            db.prepare_cached("INSERT INTO hold (id, person) VALUES (?, ?)")?
                .execute([key, person.0.key()])?;
        }
        Fact::HoldLifted { hold, .. } => {
            db.prepare_cached("UPDATE hold SET lifted = ? WHERE id = ?")?.execute([key, hold.0.key()])?;
        }
        Fact::DisposalProposed { person, .. } => {
            db.prepare_cached("INSERT INTO proposal (id, person, open) VALUES (?, ?, 1)")?
                .execute([key, person.0.key()])?;
        }
        Fact::DisposalSentBack { proposal, .. } | Fact::DisposalApproved { proposal } => {
            db.prepare_cached("UPDATE proposal SET open = 0 WHERE id = ?")?.execute([proposal.0.key()])?;
        }
        Fact::Disposed(disposed) => {
            db.prepare_cached("INSERT INTO disposal (id) VALUES (?)")?.execute(params![key])?;
            // After an older backup was put back, a proposal may be left of one who is gone.
            db.execute(
                "UPDATE proposal SET open = 0 WHERE open = 1 AND person NOT IN (SELECT id FROM person)",
                [],
            )?;
            for entry in disposed.kept.iter() {
                entries::outlived(db, entry.key())?;
            }
        }
        _ => {}
    }
    Ok(())
}
