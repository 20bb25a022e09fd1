//! What the log says of itself: checkpoints, growth, and where facts stand. What was signed is kept, here and outside.

use std::collections::{BTreeMap, BTreeSet};

use kith_protocol::{
    ids::LogId,
    log::{Checkpoint, Grown, MAX_GROWN, Many, Offer, Origin, Shown, SignedCheckpoint},
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
    /// The checkpoint, with growth from what that reader may have seen.
    pub shown: Shown,
    /// Its size and root.
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
        // The facts it is over are on the disk. Itself it can be made again, the same to the last bit.
        self.unhurried(|book| put(&book.db, log.id, head.size, &signed))?;
        outside::write(self.place.folder(), &signed)?;
        Ok(signed)
    }

    /// The checkpoint of this log at that size as it was signed, with what others signed of it since; none if it was never
    /// given away.
    ///
    /// # Errors
    /// As [`Self::log_head`].
    pub fn log_signed_at(&self, size: u64) -> Result<Option<SignedCheckpoint>, StoreError> {
        kept_at(&self.db, current(&self.db)?.id, size)
    }

    /// The first later checkpoint of this log of the highest worth above `least`, with growth from that size.
    ///
    /// # Errors
    /// As [`Self::log_head`].
    pub fn log_signed_after(
        &self,
        size: u64,
        least: u8,
        worth: impl Fn(&SignedCheckpoint) -> u8,
    ) -> Result<Option<Offer>, StoreError> {
        let mut best: Option<SignedCheckpoint> = None;
        let mut least = least;
        for note in cosigned_after(&self.db, current(&self.db)?.id, size)? {
            let worth = worth(&note);
            if worth > least {
                (best, least) = (Some(note), worth);
            }
        }
        best.map(|note| self.log_growth(note, size)).transpose()
    }

    /// A checkpoint for a witness, with growth from the one it cosigned last: the next of those that went out in bundles, so
    /// that it stands under what others cosign too; when it has all of these, the newest.
    ///
    /// # Errors
    /// As [`Self::log_checkpoint`].
    pub fn log_offer(&mut self, witness: &str, key: &SigningKey) -> Result<Offer, StoreError> {
        let newest = self.log_checkpoint(key)?;
        let (log, since) = (current(&self.db)?.id, self.log_seen(witness)?);
        let told: Option<u64> = self
            .db
            .prepare_cached("SELECT min(size) FROM log_told WHERE log = ? AND size > ?")?
            .query_row(params![log.as_bytes(), since], |row| row.get(0))?;
        let told = told.map(|size| kept_at(&self.db, log, size)).transpose()?.flatten();
        // Under keys before these it would not be taken.
        let ours = |note: &SignedCheckpoint| {
            note.claims().is_ok_and(|claimed| note.verify(&claimed.origin, &key.public()).is_ok())
        };
        self.log_growth(told.filter(ours).unwrap_or(newest), since)
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
    /// them, and no fewer leaves than the reader can have seen, it is the newest of those with the highest `worth`; where nobody cosigned
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
        let told = self.log_may_have_seen(reader)?;
        let needed = leaves.last().map_or(0, |last| last + 1).max(told.last().copied().unwrap_or(0));
        let signed = self.best_from(needed, key, worth)?;
        let shown = self.log_shown(signed, &told)?;
        let checkpoint = shown.checkpoint.claims().map_err(|_| super::damaged())?;
        let inclusion = tree(&self.db, checkpoint.size)?.inclusion_of(&leaves).map_err(failed)?;
        Ok(LogProof { shown, checkpoint, places, inclusion })
    }

    /// Shows to anybody that `facts` stand in the log: a checkpoint, where each stands, and the proof. Of the checkpoints that
    /// have all of them it is the newest of those that most others cosigned; where nobody did, one made now.
    ///
    /// # Errors
    /// As [`Self::log_checkpoint`]; or a fact is not one of this device.
    pub fn log_holds(
        &mut self,
        facts: &[FactId],
        key: &SigningKey,
    ) -> Result<(SignedCheckpoint, Vec<u64>, Many), StoreError> {
        if let Some(other) = facts.iter().find(|fact| fact.device != DEVICE || fact.seq == 0) {
            return Err(StoreError::Unknown { what: "a fact of this device", id: other.to_string() });
        }
        let log = current(&self.db)?;
        let places: Vec<u64> = facts.iter().map(|fact| log.place(*fact)).collect();
        let needed = places.iter().max().map_or(0, |last| last + 1);
        let lines = |note: &SignedCheckpoint| u8::try_from(note.names().len()).unwrap_or(u8::MAX);
        let checkpoint = self.best_from(needed, key, lines)?;
        let size = checkpoint.claims().map_err(|_| super::damaged())?.size;
        let inclusion = tree(&self.db, size)?.inclusion_of(&places.iter().copied().collect());
        Ok((checkpoint, places, inclusion.map_err(failed)?))
    }

    /// The newest checkpoint of the highest worth of at least `size` leaves; where nobody cosigned one, one made now.
    fn best_from(
        &mut self,
        size: u64,
        key: &SigningKey,
        worth: impl Fn(&SignedCheckpoint) -> u8,
    ) -> Result<SignedCheckpoint, StoreError> {
        let (log, newest) = (current(&self.db)?, self.log_checkpoint(key)?);
        // One that was signed with keys before these would not verify by the directory in force.
        let ours = |signed: &SignedCheckpoint| {
            signed.claims().is_ok_and(|claimed| signed.verify(&claimed.origin, &key.public()).is_ok())
        };
        let mut best: Option<(u8, SignedCheckpoint)> = None;
        for note in cosigned_from(&self.db, log.id, size)?.into_iter().filter(ours) {
            let worth = worth(&note);
            if best.as_ref().is_none_or(|(before, _)| *before < worth) {
                best = Some((worth, note));
            }
        }
        Ok(best.map_or(newest, |(_, note)| note))
    }

    /// A checkpoint with proof that it grew from each of these sizes.
    fn log_shown(&self, checkpoint: SignedCheckpoint, sizes: &BTreeSet<u64>) -> Result<Shown, StoreError> {
        let size = checkpoint.claims().map_err(|_| super::damaged())?.size;
        let tree = tree(&self.db, size)?;
        let grown = sizes.iter().map(|since| {
            let growth = tree.growth_from(*since).map_err(failed)?;
            Ok(Grown { since: *since, growth })
        });
        let grown = grown.collect::<Result<_, StoreError>>()?;
        Ok(Shown { checkpoint, grown })
    }

    /// The sizes of the log that a reader may have seen: what it cosigned last, and what went to it since without its word
    /// having come back yet. The newest [`MAX_GROWN`].
    fn log_may_have_seen(&self, reader: &str) -> Result<BTreeSet<u64>, StoreError> {
        let log = current(&self.db)?;
        let mut told = self.db.prepare_cached(
            "SELECT size FROM log_told WHERE log = ? AND reader = ? ORDER BY size DESC LIMIT ?",
        )?;
        let told = told.query_map(params![log.id.as_bytes(), reader, MAX_GROWN - 1], |row| row.get(0))?;
        let mut sizes = told.collect::<Result<BTreeSet<u64>, _>>()?;
        sizes.insert(self.log_seen(reader)?);
        sizes.remove(&0);
        Ok(sizes)
    }

    /// Notes that this checkpoint is on its way to a reader.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn log_told(&mut self, checkpoint: &SignedCheckpoint, reader: &str) -> Result<(), StoreError> {
        let (log, claimed) = (current(&self.db)?, checkpoint.claims().map_err(|_| super::damaged())?);
        self.db
            .prepare_cached("INSERT OR IGNORE INTO log_told (log, reader, size) VALUES (?, ?, ?)")?
            .execute(params![log.id.as_bytes(), reader, claimed.size])?;
        Ok(())
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

/// Those of more leaves that a witness cosigned, the oldest first.
fn cosigned_after(db: &Connection, log: LogId, size: u64) -> Result<Vec<SignedCheckpoint>, StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT note FROM log_checkpoint WHERE log = ?1 AND size > ?2 AND witnesses > 0
         ORDER BY size LIMIT ?3",
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
