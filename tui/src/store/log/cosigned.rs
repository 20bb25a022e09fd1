//! What witnesses said of our log, and what we learn of it from them.

use kith_protocol::{
    log::{Checkpoint, Cosignature, SignedCheckpoint, Witness},
    sign::SigningKey,
};
use rusqlite::params;

use super::{
    checkpoint::{kept_at, put},
    current, damaged, outside, size,
};
use crate::store::{Casebook, error::StoreError};

/// Checkpoints looked at to find one that is witnessed.
const LOOK_BACK: usize = 64;

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
        let Some(mut kept) =
            kept_at(&self.db, log, claimed.size)?.filter(|kept| kept.claims() == Ok(claimed.clone()))
        else {
            return Ok(());
        };
        kept.add(line, witness).map_err(|_| StoreError::damaged("a cosignature"))?;
        let tx = self.transaction()?;
        put(&tx, log, claimed.size, &kept)?;
        tx.prepare_cached(
            "INSERT INTO log_seen (log, witness, size) VALUES (?1, ?2, ?3)
             ON CONFLICT (log, witness) DO UPDATE SET size = max(size, ?3)",
        )?
        .execute(params![log.as_bytes(), witness.key().name(), claimed.size])?;
        tx.commit()?;
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
        let Ok(seen_then) = seen.verify(&head.origin, &key.public()) else { return Ok(Met::Foreign) };
        if self.log_had(&seen_then)? {
            self.db
                .prepare_cached("INSERT OR REPLACE INTO log_seen (log, witness, size) VALUES (?, ?, ?)")?
                .execute(params![log.id.as_bytes(), witness, seen_then.size])?;
            return Ok(Met::Ours);
        }
        outside::write(self.place.folder(), seen)?;
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

    /// Checkpoints that a witness cosigned last, newest first.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn log_witnessed(&self) -> Result<Vec<SignedCheckpoint>, StoreError> {
        let log = current(&self.db)?.id;
        let mut statement = self
            .db
            .prepare_cached("SELECT DISTINCT size FROM log_seen WHERE log = ? ORDER BY size DESC LIMIT ?")?;
        let sizes = statement.query_map(params![log.as_bytes(), LOOK_BACK], |row| row.get(0))?;
        let mut found = Vec::new();
        for size in sizes {
            found.extend(kept_at(&self.db, log, size?)?);
        }
        Ok(found)
    }
}
