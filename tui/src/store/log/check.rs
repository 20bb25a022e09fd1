//! Whether the log is what the facts are, and what was signed of it.

use kith_protocol::{
    ids::Digest,
    log::{Node, SignedCheckpoint, leaf_hash, node_hash},
};
use rusqlite::Connection;

use super::{Log, current, hash_at, size, tree};
use crate::store::{DEVICE, error::StoreError, facts};

/// Where the log says something else than the facts, or than what was signed: the first place that differs.
pub(in crate::store) fn differing(db: &Connection) -> Result<Vec<String>, StoreError> {
    let log = current(db)?;
    let mut found = leaves(db, log)?;
    if found.is_none() {
        found = joints(db, log)?;
    }
    if found.is_none() {
        found = signed(db, log)?;
    }
    Ok(found.into_iter().collect())
}

fn leaves(db: &Connection, log: Log) -> Result<Option<String>, StoreError> {
    let (mut found, mut facts) = (None, 0);
    facts::each_leaf(db, DEVICE, |id, commitment| {
        facts += 1;
        let node = Node { level: 0, index: log.place(id) };
        let leaf = leaf_hash(commitment.as_bytes());
        if found.is_none() && !hash_at(db, node).is_ok_and(|hash| hash == leaf) {
            found = Some(format!("fact {id} is not what was entered in the log"));
        }
        Ok(())
    })?;
    let leaves = size(db)?;
    Ok(found.or_else(|| (leaves != facts).then(|| format!("the log has {leaves} leaves for {facts} facts"))))
}

/// The hashes above the leaves: each from the two below it.
fn joints(db: &Connection, log: Log) -> Result<Option<String>, StoreError> {
    let mut above = db.prepare(
        "SELECT up.level, up.place, up.hash, l.hash, r.hash FROM log_hash up
         LEFT JOIN log_hash l ON l.level = up.level - 1 AND l.place = up.place * 2
         LEFT JOIN log_hash r ON r.level = up.level - 1 AND r.place = up.place * 2 + 1
         WHERE up.level > 0 ORDER BY up.level, up.place",
    )?;
    let mut rows = above.query([])?;
    while let Some(row) = rows.next()? {
        let (level, place): (u32, u64) = (row.get(0)?, row.get(1)?);
        let [up, left, right] = [2, 3, 4].map(|at| row.get(at).map(Digest::from_bytes).ok());
        let joined = left.zip(right).map(|(left, right)| node_hash(&left, &right));
        if joined.is_none() || joined != up {
            let (facts, first) = (1_u64 << level, log.fact(place << level));
            return Ok(Some(format!("the log's hashes over {facts} facts from {first} do not agree")));
        }
    }
    Ok(None)
}

/// Every checkpoint that was signed is of this log as it was then.
fn signed(db: &Connection, log: Log) -> Result<Option<String>, StoreError> {
    let mut statement = db.prepare("SELECT size, note FROM log_checkpoint WHERE log = ? ORDER BY size")?;
    let mut rows = statement.query([log.id.as_bytes()])?;
    while let Some(row) = rows.next()? {
        let (at, note): (u64, String) = (row.get(0)?, row.get(1)?);
        let claimed = note.parse::<SignedCheckpoint>().ok().and_then(|note| note.claims().ok());
        let here = if at <= size(db)? { tree(db, at)?.root().ok() } else { None };
        if claimed.is_none_or(|claimed| claimed.size != at || Some(claimed.root) != here) {
            return Ok(Some(format!("the checkpoint signed over {at} facts is not of these facts")));
        }
    }
    Ok(None)
}
