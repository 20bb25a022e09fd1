//! After a backup of a node was restored: another log begins, and says so.

use std::path::Path;

use jiff::Timestamp;
use kith_protocol::{
    ids::LogId,
    log::{Origin, Restored},
};
use rand::{RngCore as _, rngs::OsRng};
use rusqlite::TransactionBehavior;

use super::{AdminError, NodeFolder};
use crate::node::{NodeError, NodeKeys, StoreError, log, store};

/// Begins another log in the node's database: its first leaf says that and why, the receipts of the backup follow.
/// Returns what it says, and the exact bytes of that leaf.
///
/// # Errors
/// The folder or the database cannot be used.
pub fn restored(folder: &NodeFolder, why: &str, now: Timestamp) -> Result<(Restored, String), AdminError> {
    let (keys, name) = (folder.keys()?, folder.settings()?.name);
    let said = begin_again(&folder.0.join("node.db"), (&keys, name), why, now);
    said.map_err(|error| AdminError::Node(NodeError::Store(error)))
}

/// As [`restored`], for a node whose database and keys are not in a folder of its own.
///
/// # Errors
/// The database cannot be used.
pub fn begin_again(
    db: &Path,
    (keys, node): (&NodeKeys, String),
    why: &str,
    at: Timestamp,
) -> Result<(Restored, String), StoreError> {
    let mut bytes = [0; 16];
    OsRng.fill_bytes(&mut bytes);
    let id = LogId::from_bytes(bytes);
    let mut db = store::open_writer(db)?;
    let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let (left, log) = (log::newest(&tx)?.checkpoint(keys), Origin::of_node(&keys.cosign.public(), id));
    let said = Restored::new(node, at, left, log, why.to_owned());
    let text = said.to_text().map_err(|_| StoreError::Damaged("the statement: say why in fewer words"))?;
    log::begin(&tx, id, &text)?;
    tx.commit()?;
    Ok((said, text))
}
