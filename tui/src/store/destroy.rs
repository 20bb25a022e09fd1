//! Destroying a received bundle that its sender took back, with all that was filed from it. As after a disposal no page
//! of the file holds a word of it.

use rusqlite::Connection;

#[cfg(test)]
use super::Casebook;
use super::{dispose, error::StoreError};
use crate::casework::fact::Destroyed;

/// Destroys a received bundle after its tombstone was recorded, with the attachments that nothing else names.
pub(super) fn bundle(db: &Connection, gone: &Destroyed) -> Result<(), StoreError> {
    dispose::bodies(db, gone.facts.iter().copied())?;
    let mut draft = db.prepare_cached("DELETE FROM draft WHERE key = ?")?;
    for fact in &gone.facts {
        draft.execute([format!("amend/{fact}")])?;
    }
    dispose::sweep(db)?;
    dispose::settle(db)
}

#[cfg(test)]
impl Casebook {
    /// What each fact is committed to by, in the order of facts.
    pub(crate) fn leaves(&self) -> Result<Vec<[u8; 32]>, StoreError> {
        let mut statement = self.db.prepare("SELECT leaf FROM fact ORDER BY id")?;
        Ok(statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?)
    }
}
