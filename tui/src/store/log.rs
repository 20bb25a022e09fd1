//! The device's log: each fact is a leaf of it, entered in the fact's own transaction, in an order nobody can change unseen.
//!
//! A log begins with one fact: the first of all, or the one that says a backup was restored. That fact is its first leaf;
//! the others follow in their order. So a log has as many leaves as there are facts, and each fact has one place in it.

mod check;
mod checkpoint;
mod cosigned;
mod outside;
mod restored;
#[cfg(test)]
mod tests;
mod watched;

use kith_protocol::{
    evidence::Commitment,
    ids::{Digest, LogId},
    log::{Node, Tree, TreeError, leaf_hash},
};
use rusqlite::{Connection, OptionalExtension as _, params};

pub(super) use self::check::differing;
pub(super) use self::watched::findings;
pub use self::{checkpoint::LogProof, cosigned::Met};
use super::{DEVICE, error::StoreError, facts};
use crate::casework::ids::FactId;

/// One log of this device: its name, and the fact it begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Log {
    pub(super) id: LogId,
    begins: u64,
}

impl Log {
    /// Where a fact stands in it.
    const fn place(self, fact: FactId) -> u64 {
        match fact.seq {
            seq if seq == self.begins => 0,
            seq if seq < self.begins => seq,
            seq => seq - 1,
        }
    }

    /// The fact at a place.
    const fn fact(self, place: u64) -> FactId {
        let seq = match place {
            0 => self.begins,
            place if place < self.begins => place,
            place => place + 1,
        };
        FactId { device: DEVICE, seq }
    }
}

/// The log that is kept now.
pub(super) fn current(db: &Connection) -> Result<Log, StoreError> {
    let row = db
        .prepare_cached("SELECT id, begins FROM log ORDER BY begins DESC LIMIT 1")?
        .query_row([], |row| Ok(Log { id: LogId::from_bytes(row.get(0)?), begins: row.get(1)? }))
        .optional()?;
    row.ok_or_else(damaged)
}

/// Enters a fact that was just appended: there are as many leaves as there were facts before it.
pub(super) fn append(db: &Connection, fact: FactId, commitment: &Commitment) -> Result<(), StoreError> {
    enter(db, fact.seq - 1, commitment)
}

fn enter(db: &Connection, size: u64, commitment: &Commitment) -> Result<(), StoreError> {
    let made = tree(db, size)?.append(leaf_hash(commitment.as_bytes())).map_err(failed)?;
    let mut insert = db.prepare_cached("INSERT INTO log_hash (level, place, hash) VALUES (?, ?, ?)")?;
    for (Node { level, index }, hash) in made {
        insert.execute(params![level, index, hash.as_bytes()])?;
    }
    Ok(())
}

/// The log of the first `size` leaves.
fn tree(db: &Connection, size: u64) -> Result<Tree<impl Fn(Node) -> Result<Digest, StoreError>>, StoreError> {
    Tree::new(size, move |node| hash_at(db, node)).map_err(|_| damaged())
}

fn hash_at(db: &Connection, Node { level, index }: Node) -> Result<Digest, StoreError> {
    let mut query = db.prepare_cached("SELECT hash FROM log_hash WHERE level = ? AND place = ?")?;
    let hash = query.query_row(params![level, index], |row| row.get(0)).optional()?;
    hash.map(Digest::from_bytes).ok_or_else(damaged)
}

/// How many leaves it has.
pub(super) fn size(db: &Connection) -> Result<u64, StoreError> {
    let mut query = db.prepare_cached("SELECT coalesce(max(place) + 1, 0) FROM log_hash WHERE level = 0")?;
    Ok(query.query_row([], |row| row.get(0))?)
}

/// Begins another log with `fact`, and enters all facts in it.
pub(super) fn begin(db: &Connection, id: LogId, fact: FactId) -> Result<(), StoreError> {
    db.execute("INSERT OR REPLACE INTO log (begins, id) VALUES (?, ?)", params![fact.seq, id.as_bytes()])?;
    db.execute("DELETE FROM log_hash", [])?;
    let first: [u8; 32] = db
        .query_row("SELECT leaf FROM fact WHERE id = ?", [fact.key()], |row| row.get(0))
        .optional()?
        .ok_or_else(|| StoreError::bad_fact(fact))?;
    enter(db, 0, &Commitment::from_bytes(first))?;
    let mut size = 1;
    facts::each_leaf(db, DEVICE, |id, commitment| {
        if id != fact {
            enter(db, size, &commitment)?;
            size += 1;
        }
        Ok(())
    })
}

fn damaged() -> StoreError {
    StoreError::damaged("the log")
}

fn failed(error: TreeError<StoreError>) -> StoreError {
    match error {
        TreeError::Read(error) => error,
        TreeError::OutOfRange(_) => damaged(),
    }
}
