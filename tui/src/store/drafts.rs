//! Drafts: forms that were left. They are not facts, but they are committed like facts, so a crash loses none.

use rusqlite::{Connection, params};

use super::{Casebook, cells, error::StoreError};
use crate::casework::query::Draft;

/// Longest draft, in bytes: a form of the largest texts.
const MAX_DRAFT: usize = 8 * 1024 * 1024;
/// Most drafts that are listed.
const MAX_LISTED: usize = 200;

impl Casebook {
    /// Keeps a draft in place of the one under the same key.
    ///
    /// # Errors
    /// When it is too large or cannot be written.
    pub fn save_draft(&mut self, draft: &Draft) -> Result<(), StoreError> {
        if draft.body.len() > MAX_DRAFT {
            return Err(StoreError::TooLarge { what: "this draft", limit: MAX_DRAFT as u64 });
        }
        self.db
            .prepare_cached("INSERT OR REPLACE INTO draft (key, title, saved, body) VALUES (?, ?, ?, ?)")?
            .execute(params![draft.key, draft.title, draft.saved.as_microsecond(), draft.body])?;
        Ok(())
    }

    /// Drops a draft; one that is not there is dropped already.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn drop_draft(&mut self, key: &str) -> Result<(), StoreError> {
        self.db.prepare_cached("DELETE FROM draft WHERE key = ?")?.execute([key])?;
        Ok(())
    }
}

/// All drafts, last saved first.
pub(super) fn list(db: &Connection) -> Result<Vec<Draft>, StoreError> {
    let mut statement =
        db.prepare_cached("SELECT key, title, saved, body FROM draft ORDER BY saved DESC, key LIMIT ?")?;
    let mut rows = statement.query([MAX_LISTED])?;
    let mut drafts = Vec::new();
    while let Some(row) = rows.next()? {
        drafts.push(Draft {
            key: row.get(0)?,
            title: row.get(1)?,
            saved: cells::moment(row, 2)?,
            body: row.get(3)?,
        });
    }
    Ok(drafts)
}
