//! Facts as they are kept, for those who prove words of them.

use kith_protocol::evidence::Seed;
use rusqlite::{OptionalExtension as _, Row};

use super::{Casebook, error::StoreError, facts};
use crate::casework::{
    fact::Fact,
    ids::{EntryId, FactId},
    supplied::Became,
};

/// A fact's exact body, and the seed that its proofs grow from.
#[derive(Debug, Clone)]
pub struct KeptFact {
    pub body: Vec<u8>,
    pub seed: Seed,
}

impl Casebook {
    /// The version of an entry that stood when `fact` was recorded.
    ///
    /// # Errors
    /// There was none yet.
    pub fn stood_at(&self, entry: EntryId, fact: FactId) -> Result<FactId, StoreError> {
        let version: Option<i64> = self
            .db
            .prepare_cached("SELECT max(fact) FROM entry_version WHERE entry = ? AND fact < ?")?
            .query_row([entry.0.key(), fact.key()], |row| row.get(0))?;
        version.map(FactId::from_key).ok_or_else(|| StoreError::bad_fact(entry.0))
    }

    /// What became of the words of a supplement that was taken in.
    ///
    /// # Errors
    /// It is not here, or is another fact.
    pub fn supplied(&self, id: FactId) -> Result<Became, StoreError> {
        match facts::load(&self.db, id.key())?.fact {
            Fact::SupplementTaken(supplied) => Ok(supplied.became),
            _ => Err(StoreError::bad_fact(id)),
        }
    }

    /// The fact as it was written.
    ///
    /// # Errors
    /// It is not here, or was disposed of.
    pub fn kept_fact(&self, id: FactId) -> Result<KeptFact, StoreError> {
        let mut fact = self.db.prepare_cached("SELECT body, seed FROM fact WHERE id = ?")?;
        let kept = |row: &Row<'_>| {
            let body = row.get::<_, Option<Vec<u8>>>(0)?.zip(row.get::<_, Option<[u8; 32]>>(1)?);
            Ok(body.map(|(body, seed)| KeptFact { body, seed: Seed::from_bytes(seed) }))
        };
        let kept = fact.query_row([id.key()], kept).optional()?.flatten();
        kept.ok_or_else(|| StoreError::bad_fact(id))
    }
}
