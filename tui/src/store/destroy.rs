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

    /// Does any page of the database or its log, decrypted, hold these bytes? A copy is made without a key, as whoever
    /// has the key could.
    pub(crate) fn holds_bytes(&self, words: &str) -> Result<bool, StoreError> {
        let copy = tempfile::tempdir().map_err(StoreError::io("copy"))?;
        let path = copy.path().join("plain.db");
        self.db.execute("ATTACH DATABASE ?1 AS plain KEY ''", [path.to_string_lossy()])?;
        self.db.query_row("SELECT sqlcipher_export('plain')", [], |_| Ok(()))?;
        self.db.execute("DETACH DATABASE plain", [])?;
        let bytes = std::fs::read(&path).map_err(StoreError::io("copy"))?;
        Ok(bytes.windows(words.len()).any(|at| at.eq_ignore_ascii_case(words.as_bytes())))
    }
}
