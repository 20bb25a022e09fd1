//! Steps that are committed together: one within another is a savepoint of it.

use std::ops::Deref;

use rusqlite::Connection;

use super::{Casebook, beside::InFile, error::StoreError, schema};

/// A transaction, or a part of the one that is open. Dropped before [`Self::commit`] it is undone.
pub(super) struct Step<'c> {
    db: &'c Connection,
    /// It is a transaction of its own.
    outermost: bool,
    open: bool,
}

impl<'c> Step<'c> {
    fn begin(db: &'c Connection) -> Result<Self, StoreError> {
        let outermost = db.is_autocommit();
        db.execute_batch(if outermost { "BEGIN IMMEDIATE" } else { "SAVEPOINT step" })?;
        Ok(Self { db, outermost, open: true })
    }

    pub(super) fn commit(mut self) -> Result<(), StoreError> {
        self.db.execute_batch(if self.outermost { "COMMIT" } else { "RELEASE step" })?;
        self.open = false;
        Ok(())
    }
}

impl Drop for Step<'_> {
    fn drop(&mut self) {
        // Nothing is left to undo when SQLite has done it by itself.
        if self.open && !self.db.is_autocommit() {
            let _ = self.db.execute_batch(if self.outermost {
                "ROLLBACK"
            } else {
                "ROLLBACK TO step; RELEASE step"
            });
        }
    }
}

impl Deref for Step<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.db
    }
}

impl Casebook {
    pub(super) fn transaction(&mut self) -> Result<Step<'_>, StoreError> {
        self.refresh()?;
        Step::begin(&self.db)
    }

    /// From here to [`Self::end_together`] all that is written is one step; whoever begins it ends it.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn begin_together(&mut self) -> Result<(), StoreError> {
        self.refresh()?;
        Ok(self.db.execute_batch("BEGIN IMMEDIATE")?)
    }

    /// Commits what was written since, or undoes all of it.
    ///
    /// # Errors
    /// When the database cannot be written; all of it is undone then.
    pub fn end_together(&mut self, keep: bool) -> Result<(), StoreError> {
        let kept = if keep { self.db.execute_batch("COMMIT").map_err(StoreError::from) } else { Ok(()) };
        if !self.db.is_autocommit() {
            self.db.execute_batch("ROLLBACK")?;
        }
        // Dropped, those of a step that was undone go.
        let arrived = std::mem::take(&mut self.arrived);
        if keep && kept.is_ok() {
            arrived.into_iter().for_each(InFile::keep);
            self.beside().drop_gone(&self.db)?;
        }
        kept
    }

    /// Writes what can be had again, without a wait for the disk: it is there with whatever is committed next.
    pub(super) fn unhurried<T>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        // Within another step that step's end decides.
        if !self.db.is_autocommit() {
            return work(self);
        }
        schema::wait_for_disk(&self.db, false)?;
        let done = work(self);
        schema::wait_for_disk(&self.db, true)?;
        done
    }
}
