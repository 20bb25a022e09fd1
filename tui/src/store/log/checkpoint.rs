//! What the log says of itself: checkpoints, growth, and where facts stand. What was signed is kept, here and outside.

use std::collections::{BTreeMap, BTreeSet};

use kith_protocol::{
    ids::LogId,
    log::{Checkpoint, Many, Offer, Origin, SignedCheckpoint},
    sign::SigningKey,
};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::{Log, cosigned::LOOK_BACK, current, failed, outside, size, tree};
use crate::{
    casework::ids::FactId,
    store::{Casebook, DEVICE, error::StoreError},
};

/// What shows that facts stand in the log, for one reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogProof {
    /// The checkpoint, with growth from what that reader saw last.
    pub offer: Offer,
    /// Its size and root, as in the offer.
    pub checkpoint: Checkpoint,
    /// Where each fact stands.
    pub places: BTreeMap<FactId, u64>,
    pub inclusion: Many,
}

impl Casebook {
    /// What the log is now.
    ///
    /// # Errors
    /// When it cannot be read, as with all that follow.
    pub fn log_head(&self) -> Result<Checkpoint, StoreError> {
        let log = current(&self.db)?;
        self.log_at(log, size(&self.db)?)
    }

    pub(super) fn log_at(&self, log: Log, size: u64) -> Result<Checkpoint, StoreError> {
        let origin = Origin::of_agency(&self.read_setup()?.agency, log.id);
        Ok(Checkpoint { origin, size, root: tree(&self.db, size)?.root()? })
    }

    /// The newest checkpoint, signed with the agency's `log` key and kept before it is given away.
    ///
    /// # Errors
    /// The log is shorter than one signed before, or not the one that was signed: a backup was restored.
    pub fn log_checkpoint(&mut self, key: &SigningKey) -> Result<SignedCheckpoint, StoreError> {
        let log = current(&self.db)?;
        let head = self.log_head()?;
        if let Some(known) = outside::read(self.place.folder(), key)? {
            let goes_on = known.origin == head.origin
                && known.size <= head.size
                && self.log_at(log, known.size)?.root == known.root;
            if !goes_on {
                return Err(StoreError::SetBack);
            }
        }
        if let Some(kept) = kept_at(&self.db, log.id, head.size)? {
            return Ok(kept);
        }
        let signed = head.sign(key).map_err(|_| StoreError::damaged("the log's name"))?;
        outside::write(self.place.folder(), &signed)?;
        put(&self.db, log.id, head.size, &signed)?;
        Ok(signed)
    }

    /// The newest checkpoint for a witness, with growth from the one it cosigned last.
    ///
    /// # Errors
    /// As [`Self::log_checkpoint`].
    pub fn log_offer(&mut self, witness: &str, key: &SigningKey) -> Result<Offer, StoreError> {
        let checkpoint = self.log_checkpoint(key)?;
        let since = self.log_seen(witness)?;
        self.log_growth(checkpoint, since)
    }

    /// A checkpoint with proof that it grew from its first `since` leaves.
    ///
    /// # Errors
    /// There never were so many.
    pub fn log_growth(&self, checkpoint: SignedCheckpoint, since: u64) -> Result<Offer, StoreError> {
        let size = checkpoint.claims().map_err(|_| super::damaged())?.size;
        let growth = tree(&self.db, size)?.growth_from(since).map_err(failed)?;
        Ok(Offer { checkpoint, since, growth })
    }

    /// Shows that `facts` stand in the log, to a reader by the name it cosigns under. Of the checkpoints that have all of
    /// them, and no fewer leaves than the reader saw, it is the newest of those with the highest `worth`; where nobody cosigned
    /// one, one made now.
    ///
    /// # Errors
    /// As [`Self::log_checkpoint`]; or a fact is not one of this device.
    pub fn log_proof(
        &mut self,
        facts: &BTreeSet<FactId>,
        reader: &str,
        key: &SigningKey,
        worth: impl Fn(&SignedCheckpoint) -> u8,
    ) -> Result<LogProof, StoreError> {
        if let Some(other) = facts.iter().find(|fact| fact.device != DEVICE || fact.seq == 0) {
            return Err(StoreError::Unknown { what: "a fact of this device", id: other.to_string() });
        }
        let log = current(&self.db)?;
        let places: BTreeMap<FactId, u64> = facts.iter().map(|fact| (*fact, log.place(*fact))).collect();
        let leaves: BTreeSet<u64> = places.values().copied().collect();
        let since = self.log_seen(reader)?;
        let needed = leaves.last().map_or(0, |last| last + 1).max(since);
        let newest = self.log_checkpoint(key)?;
        let mut best: Option<(u8, SignedCheckpoint)> = None;
        for note in cosigned_from(&self.db, log.id, needed)? {
            let worth = worth(&note);
            if best.as_ref().is_none_or(|(before, _)| *before < worth) {
                best = Some((worth, note));
            }
        }
        let signed = best.map_or(newest, |(_, note)| note);
        let offer = self.log_growth(signed, since)?;
        let checkpoint = offer.checkpoint.claims().map_err(|_| super::damaged())?;
        let inclusion = tree(&self.db, checkpoint.size)?.inclusion_of(&leaves).map_err(failed)?;
        Ok(LogProof { offer, checkpoint, places, inclusion })
    }

    /// How many leaves of the log a witness has cosigned.
    ///
    /// # Errors
    /// As [`Self::log_head`].
    pub fn log_seen(&self, witness: &str) -> Result<u64, StoreError> {
        let log = current(&self.db)?;
        let mut query = self.db.prepare_cached("SELECT size FROM log_seen WHERE log = ? AND witness = ?")?;
        let seen = query.query_row(params![log.id.as_bytes(), witness], |row| row.get(0)).optional()?;
        Ok(seen.unwrap_or(0))
    }
}

/// The checkpoint of this size, if one was signed.
pub(super) fn kept_at(
    db: &Connection,
    log: LogId,
    size: u64,
) -> Result<Option<SignedCheckpoint>, StoreError> {
    let note = db
        .prepare_cached("SELECT note FROM log_checkpoint WHERE log = ? AND size = ?")?
        .query_row(params![log.as_bytes(), size], |row| row.get::<_, String>(0))
        .optional()?;
    note.map(|note| parse(&note)).transpose()
}

/// Those of at least `size` leaves that a witness cosigned, the newest first.
fn cosigned_from(db: &Connection, log: LogId, size: u64) -> Result<Vec<SignedCheckpoint>, StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT note FROM log_checkpoint WHERE log = ?1 AND size >= ?2 AND witnesses > 0
         ORDER BY size DESC LIMIT ?3",
    )?;
    let notes =
        statement.query_map(params![log.as_bytes(), size, LOOK_BACK], |row| row.get::<_, String>(0))?;
    notes.map(|note| parse(&note?)).collect()
}

fn put(db: &Connection, log: LogId, size: u64, note: &SignedCheckpoint) -> Result<(), StoreError> {
    db.prepare_cached("INSERT INTO log_checkpoint (log, size, note, witnesses) VALUES (?, ?, ?, 0)")?
        .execute(params![log.as_bytes(), size, note.to_string()])?;
    Ok(())
}

pub(super) fn parse(note: &str) -> Result<SignedCheckpoint, StoreError> {
    note.parse().map_err(|_| StoreError::damaged("a checkpoint"))
}
