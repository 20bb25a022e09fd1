//! What witnesses said of our log, and what we learn of it from them.

use kith_protocol::{
    answer::CosignedLog,
    log::{Checkpoint, Cosignature, SignedCheckpoint, Witness},
    sign::SigningKey,
};
use rusqlite::params;

use super::{
    checkpoint::{kept_at, parse},
    current, damaged, outside, size,
};
use crate::store::{Casebook, error::StoreError};

/// Checkpoints looked at to find one that is witnessed.
pub(super) const LOOK_BACK: usize = 64;

/// Whether what a witness saw of our log is its beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Met {
    /// It is: the log goes on from there.
    Ours,
    /// We signed it, and this casebook does not have it: a backup was restored.
    Beyond,
    /// It is not signed by us, or is of another log.
    Foreign,
}

impl Casebook {
    /// Keeps a witness's word for a checkpoint that was offered to it.
    ///
    /// # Errors
    /// The cosignature is not by this witness over this checkpoint, or nothing could be written.
    pub fn log_cosigned(
        &mut self,
        checkpoint: &SignedCheckpoint,
        line: &Cosignature,
        witness: &Witness,
    ) -> Result<(), StoreError> {
        let log = current(&self.db)?.id;
        let claimed = checkpoint.claims().map_err(|_| damaged())?;
        // Of a log that was left since, nothing more is kept.
        let kept = kept_at(&self.db, log, claimed.size)?.filter(|kept| kept.claims() == Ok(claimed.clone()));
        match kept {
            Some(kept) => self.add_line(kept, &claimed, line, witness),
            None => Ok(()),
        }
    }

    /// As [`Self::log_cosigned`], for what comes back by itself later. What is not over a checkpoint of ours, or does not
    /// hold, is passed over.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn log_cosigned_at(&mut self, cosigned: &CosignedLog, witness: &Witness) -> Result<(), StoreError> {
        let log = current(&self.db)?.id;
        let Some(kept) = kept_at(&self.db, log, cosigned.size)? else { return Ok(()) };
        let Ok(claimed) = kept.claims() else { return Err(damaged()) };
        let holds =
            claimed.origin == cosigned.log && kept.clone().add(&cosigned.cosignature, witness).is_ok();
        if holds { self.add_line(kept, &claimed, &cosigned.cosignature, witness) } else { Ok(()) }
    }

    fn add_line(
        &mut self,
        mut kept: SignedCheckpoint,
        claimed: &Checkpoint,
        line: &Cosignature,
        witness: &Witness,
    ) -> Result<(), StoreError> {
        let before = kept.clone();
        kept.add(line, witness).map_err(|_| StoreError::damaged("a cosignature"))?;
        let log = current(&self.db)?.id;
        // What is lost of it the witness says again when the log is next offered.
        self.unhurried(|book| {
            let tx = book.transaction()?;
            tx.prepare_cached(
                "UPDATE log_checkpoint SET note = ?3, witnesses = witnesses + ?4 WHERE log = ?1 AND size = ?2",
            )?
            .execute(params![log.as_bytes(), claimed.size, kept.to_string(), kept != before])?;
            tx.prepare_cached(
                "INSERT INTO log_seen (log, witness, size) VALUES (?1, ?2, ?3)
                 ON CONFLICT (log, witness) DO UPDATE SET size = max(size, ?3)",
            )?
            .execute(params![log.as_bytes(), witness.key().name(), claimed.size])?;
            // Who cosigned this saw it, and never sees less.
            tx.prepare_cached("DELETE FROM log_told WHERE log = ? AND reader = ? AND size <= ?")?
                .execute(params![log.as_bytes(), witness.key().name(), claimed.size])?;
            tx.commit()
        })?;
        if outside::claims(self.place.folder())?.is_none_or(|outside| outside.size <= claimed.size) {
            outside::write(self.place.folder(), &kept)?;
        }
        Ok(())
    }

    /// Takes in what a witness saw of our log last: the next offer to it grows from there. What we signed and do not have
    /// is kept outside, and from then on nothing is signed until a person has said that a backup was restored.
    ///
    /// # Errors
    /// When it cannot be read or written.
    pub fn log_met(
        &mut self,
        seen: &SignedCheckpoint,
        witness: &str,
        key: &SigningKey,
    ) -> Result<Met, StoreError> {
        let (head, log) = (self.log_head()?, current(&self.db)?);
        let claimed = seen.claims().ok();
        // What this log was is ours, also under keys before these.
        let was = claimed.map(|one| self.log_had(&one).map(|had| had.then_some(one))).transpose()?.flatten();
        if was.is_none() && seen.verify(&head.origin, &key.public()).is_err() {
            return Ok(Met::Foreign);
        }
        if let Some(seen_then) = was {
            self.db
                .prepare_cached("INSERT OR REPLACE INTO log_seen (log, witness, size) VALUES (?, ?, ?)")?
                .execute(params![log.id.as_bytes(), witness, seen_then.size])?;
            return Ok(Met::Ours);
        }
        outside::insist(self.place.folder(), seen)?;
        Ok(Met::Beyond)
    }

    /// Was the log this at some time?
    fn log_had(&self, then: &Checkpoint) -> Result<bool, StoreError> {
        let log = current(&self.db)?;
        Ok(then.size <= size(&self.db)? && self.log_at(log, then.size)? == *then)
    }

    /// Nothing is known any more of what witnesses saw, as when their answers were lost.
    #[cfg(test)]
    pub(crate) fn forget_witnesses(&mut self) {
        self.db.execute("DELETE FROM log_seen", []).unwrap();
    }

    /// Checkpoints with a cosignature: those that `enough` witnesses signed first, the newest of each first.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn log_witnessed(&self, enough: usize) -> Result<Vec<SignedCheckpoint>, StoreError> {
        let log = current(&self.db)?.id;
        let mut statement = self.db.prepare_cached(
            "SELECT note FROM log_checkpoint WHERE log = ? AND witnesses > 0
             ORDER BY witnesses >= ? DESC, size DESC LIMIT ?",
        )?;
        let notes =
            statement.query_map(params![log.as_bytes(), enough, LOOK_BACK], |row| row.get::<_, String>(0))?;
        notes.map(|note| parse(&note?)).collect()
    }
}
