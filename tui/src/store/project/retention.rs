//! Who left, which files are held, what is proposed for destruction and what was destroyed.

use rusqlite::{Connection, params};

use super::entries;
use crate::{
    casework::{
        fact::{Fact, Recorded},
        ids::FileId,
    },
    store::error::StoreError,
};

pub(super) fn project(db: &Connection, recorded: &Recorded) -> Result<(), StoreError> {
    let key = recorded.id.key();
    match &recorded.fact {
        Fact::LeavingRecorded { person, .. } | Fact::ReturnRecorded { person, .. } => {
            db.prepare_cached("INSERT OR REPLACE INTO leaving (person, fact) VALUES (?, ?)")?
                .execute([person.0.key(), key])?;
        }
        Fact::HoldPlaced { file, .. } => {
            db.prepare_cached("INSERT INTO hold (id, file, of_bundle) VALUES (?, ?, ?)")?
                .execute(params![key, file.fact().key(), is_bundle(*file)])?;
        }
        Fact::HoldLifted { hold, .. } => {
            db.prepare_cached("UPDATE hold SET lifted = ? WHERE id = ?")?.execute([key, hold.0.key()])?;
        }
        Fact::DisposalProposed { file, .. } => {
            db.prepare_cached("INSERT INTO proposal (id, file, of_bundle, open) VALUES (?, ?, ?, 1)")?
                .execute(params![key, file.fact().key(), is_bundle(*file)])?;
        }
        Fact::DisposalSentBack { proposal, .. } | Fact::DisposalApproved { proposal } => {
            db.prepare_cached("UPDATE proposal SET open = 0 WHERE id = ?")?.execute([proposal.0.key()])?;
        }
        Fact::Disposed(disposed) => {
            db.prepare_cached("INSERT INTO disposal (id) VALUES (?)")?.execute(params![key])?;
            // After an older backup was put back, a proposal may be left of one who is gone.
            db.execute(
                "UPDATE proposal SET open = 0 WHERE open = 1 AND file NOT IN (SELECT id FROM person)
                 AND file NOT IN (SELECT id FROM received WHERE gone IS NULL)",
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

const fn is_bundle(file: FileId) -> bool {
    matches!(file, FileId::Bundle(_))
}
