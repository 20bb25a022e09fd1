//! The node's own log: what it signed for, in one order that it cannot change unseen.
//!
//! A leaf is entered in the transaction that enters what it speaks for. Rows are only ever added.

use kith_protocol::{
    ids::{Digest, LogId},
    log::{self, Checkpoint, Growth, Node as Place, Origin, Path, SignedCheckpoint, Tree, TreeError},
    receipt::{Leaf, SignedReceipt},
    sign::VerifyingKey,
};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::{NodeKeys, store::StoreError};

type Result<T> = std::result::Result<T, StoreError>;

/// The log at some size.
pub(super) struct Head {
    id: LogId,
    pub(super) size: u64,
    root: Digest,
}

/// What shows a leaf, and that the log only grew.
pub(super) struct Proof {
    pub(super) head: Head,
    pub(super) leaf: Option<(u64, Path)>,
    pub(super) growth: Growth,
    /// How the log began after a backup, for who knows nothing of it.
    pub(super) began: Option<(String, Path)>,
}

/// Where the next leaf will stand.
pub(super) fn next(db: &Connection, cosign: &VerifyingKey) -> Result<Leaf> {
    Ok(Leaf { log: Origin::of_node(cosign, id(db)?), index: size(db)? })
}

/// Enters a receipt. One that stands there already is not entered again.
pub(super) fn enter(db: &Connection, receipt: &SignedReceipt) -> Result<()> {
    enter_leaf(db, log::leaf_hash(receipt.text.as_bytes()))
}

fn enter_leaf(db: &Connection, leaf: Digest) -> Result<()> {
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
    let head = Head { id: id(db)?, size: tree.size(), root: tree.root()? };
    let began = match statement(db, head.id)?.filter(|_| since == 0) {
        Some(said) => Some((said, tree.inclusion(0).map_err(failed)?)),
        None => None,
    };
    Ok(Some(Proof { head, leaf, growth, began }))
}

/// The log when it had `at` leaves; `None` when it never had so many.
pub(super) fn head(db: &Connection, at: u64) -> Result<Option<Head>> {
    if at > size(db)? {
        return Ok(None);
    }
    let tree = Tree::new(at, |place| hash_at(db, place)).map_err(|_| damaged())?;
    Ok(Some(Head { id: id(db)?, size: at, root: tree.root()? }))
}

/// The log as it is.
pub(super) fn newest(db: &Connection) -> Result<Head> {
    head(db, size(db)?)?.ok_or_else(damaged)
}

/// The log's own word for what it was.
pub(super) fn sign(head: Head, keys: &NodeKeys) -> Result<SignedCheckpoint> {
    head.checkpoint(keys).sign(&keys.log).map_err(|_| StoreError::Damaged("the log's name"))
}

impl Head {
    pub(super) fn checkpoint(self, keys: &NodeKeys) -> Checkpoint {
        let Self { id, size, root } = self;
        Checkpoint { origin: Origin::of_node(&keys.cosign.public(), id), size, root }
    }
}

/// Begins another log, after a backup was restored: its first leaf is `statement`, then come the receipts of the log that
/// is left, in their order.
pub(super) fn begin(db: &Connection, id: LogId, statement: &str) -> Result<()> {
    let mut leaves = db.prepare("SELECT hash FROM log_leaves ORDER BY place")?;
    let leaves = leaves.query_map([], |row| row.get(0).map(Digest::from_bytes))?;
    let leaves = leaves.collect::<std::result::Result<Vec<_>, _>>()?;
    db.execute_batch("DELETE FROM log_leaves; DELETE FROM log_hashes; DELETE FROM log_cosigned;")?;
    db.execute("UPDATE log SET id = ?", [id.as_bytes()])?;
    db.execute(
        "INSERT INTO log_beginnings (id, statement) VALUES (?, ?)",
        params![id.as_bytes(), statement],
    )?;
    enter_leaf(db, log::leaf_hash(statement.as_bytes()))?;
    leaves.into_iter().try_for_each(|leaf| enter_leaf(db, leaf))
}

fn statement(db: &Connection, id: LogId) -> Result<Option<String>> {
    let mut query = db.prepare_cached("SELECT statement FROM log_beginnings WHERE id = ?")?;
    Ok(query.query_row([id.as_bytes()], |row| row.get(0)).optional()?)
}

fn id(db: &Connection) -> Result<LogId> {
    Ok(db.query_row("SELECT id FROM log", [], |row| row.get(0).map(LogId::from_bytes))?)
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
