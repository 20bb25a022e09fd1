//! The node's own log: what it signed for, in one order that it cannot change unseen.
//!
//! A leaf is entered in the transaction that enters what it speaks for. Rows are only ever added.

use kith_protocol::{
    ids::{Digest, LogId},
    log::{self, Growth, Node as Place, Path, Tree, TreeError},
    receipt::SignedReceipt,
};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::store::StoreError;

type Result<T> = std::result::Result<T, StoreError>;

/// What shows a leaf, and that the log only grew.
pub(super) struct Proof {
    pub(super) id: LogId,
    pub(super) size: u64,
    pub(super) root: Digest,
    pub(super) leaf: Option<(u64, Path)>,
    pub(super) growth: Growth,
}

/// Enters a receipt. One that stands there already is not entered again.
pub(super) fn enter(db: &Connection, receipt: &SignedReceipt) -> Result<()> {
    let leaf = log::leaf_hash(receipt.text.as_bytes());
    if index_of(db, leaf)?.is_some() {
        return Ok(());
    }
    let tree = Tree::new(size(db)?, |place| hash_at(db, place)).map_err(|_| damaged())?;
    db.prepare_cached("INSERT INTO log_leaves (hash, place) VALUES (?, ?)")?
        .execute(params![leaf.as_bytes(), tree.size()])?;
    for (place, hash) in tree.append(leaf).map_err(failed)? {
        db.prepare_cached("INSERT INTO log_hashes (level, place, hash) VALUES (?, ?, ?)")?
            .execute(params![place.level, place.index, hash.as_bytes()])?;
    }
    Ok(())
}

/// What the log is now: with proof of `leaf`, if it is asked for, and of growth from `since` leaves. `None` when there
/// is no such leaf, or there never were so many.
pub(super) fn prove(db: &Connection, leaf: Option<Digest>, since: u64) -> Result<Option<Proof>> {
    let id = db.query_row("SELECT id FROM log", [], |row| row.get(0))?;
    // What is read after the size is of that size or later; hashes below it never change.
    let tree = Tree::new(size(db)?, |place| hash_at(db, place)).map_err(|_| damaged())?;
    if since > tree.size() {
        return Ok(None);
    }
    let leaf = match leaf {
        None => None,
        Some(leaf) => match index_of(db, leaf)?.filter(|index| *index < tree.size()) {
            None => return Ok(None),
            Some(index) => Some((index, tree.inclusion(index).map_err(failed)?)),
        },
    };
    let growth = tree.growth_from(since).map_err(failed)?;
    Ok(Some(Proof { id: LogId::from_bytes(id), size: tree.size(), root: tree.root()?, leaf, growth }))
}

fn size(db: &Connection) -> Result<u64> {
    let mut query =
        db.prepare_cached("SELECT coalesce(max(place) + 1, 0) FROM log_hashes WHERE level = 0")?;
    Ok(query.query_row([], |row| row.get(0))?)
}

fn index_of(db: &Connection, leaf: Digest) -> Result<Option<u64>> {
    let mut query = db.prepare_cached("SELECT place FROM log_leaves WHERE hash = ?")?;
    Ok(query.query_row([leaf.as_bytes()], |row| row.get(0)).optional()?)
}

fn hash_at(db: &Connection, place: Place) -> Result<Digest> {
    let mut query = db.prepare_cached("SELECT hash FROM log_hashes WHERE level = ? AND place = ?")?;
    Ok(query.query_row(params![place.level, place.index], |row| row.get(0)).map(Digest::from_bytes)?)
}

const fn damaged() -> StoreError {
    StoreError::Damaged("the log")
}

fn failed(error: TreeError<StoreError>) -> StoreError {
    match error {
        TreeError::Read(error) => error,
        TreeError::OutOfRange(_) => damaged(),
    }
}
