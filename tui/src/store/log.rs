//! The log of this casebook's facts: each is a leaf, in their order.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
};

use kith_protocol::{
    ids::{Digest, LogId},
    log::{Checkpoint, Many, Node, Offer, Origin, Tree, TreeError, leaf_hash},
    sign::SigningKey,
};
use rand::{RngCore as _, rngs::OsRng};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::{Casebook, DEVICE, error::StoreError};
use crate::casework::ids::FactId;

/// What shows that facts stand in the log, for one reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogProof {
    /// The checkpoint, with growth from what that reader saw last.
    pub offer: Offer,
    /// Its size and root, as in the offer.
    pub checkpoint: Checkpoint,
    /// Where each fact stands.
    pub places: BTreeMap<FactId, u64>,
    pub inclusion: Many,
}

impl Casebook {
    /// Shows that `facts` stand in the log, to a reader by the name it cosigns under.
    ///
    /// # Errors
    /// It cannot be read, or a fact is not one of this device.
    pub fn log_proof(
        &mut self,
        facts: &BTreeSet<FactId>,
        _reader: &str,
        key: &SigningKey,
    ) -> Result<LogProof, StoreError> {
        let damaged = || StoreError::damaged("the log");
        if let Some(other) = facts.iter().find(|fact| fact.device != DEVICE || fact.seq == 0) {
            return Err(StoreError::Unknown { what: "a fact of this device", id: other.to_string() });
        }
        let places: BTreeMap<FactId, u64> = facts.iter().map(|fact| (*fact, fact.seq - 1)).collect();
        let hashes = RefCell::new(BTreeMap::<Node, Digest>::new());
        let read = |node: Node| hashes.borrow().get(&node).copied().ok_or_else(damaged);
        let failed = |error| match error {
            TreeError::Read(error) => error,
            TreeError::OutOfRange(_) => damaged(),
        };
        let mut size = 0;
        for leaf in leaves(&self.db)? {
            let made = Tree::new(size, read).map_err(|_| damaged())?.append(leaf).map_err(failed)?;
            hashes.borrow_mut().extend(made);
            size += 1;
        }
        let tree = Tree::new(size, read).map_err(|_| damaged())?;
        let origin = Origin::of_agency(&self.read_setup()?.agency, log_id(&self.db)?);
        let checkpoint = Checkpoint { origin, size, root: tree.root()? };
        let signed = checkpoint.sign(key).map_err(|_| damaged())?;
        let growth = tree.growth_from(0).map_err(failed)?;
        let inclusion = tree.inclusion_of(&places.values().copied().collect()).map_err(failed)?;
        Ok(LogProof { offer: Offer { checkpoint: signed, since: 0, growth }, checkpoint, places, inclusion })
    }
}

fn leaves(db: &Connection) -> Result<Vec<Digest>, StoreError> {
    let mut statement = db.prepare_cached("SELECT leaf FROM fact ORDER BY id")?;
    let rows = statement.query_map([], |row| row.get::<_, [u8; 32]>(0))?;
    rows.map(|leaf| Ok(leaf_hash(&leaf?))).collect()
}

/// The log's random name, drawn once.
fn log_id(db: &Connection) -> Result<LogId, StoreError> {
    let name = "log id";
    let kept: Option<[u8; 16]> = db
        .query_row("SELECT value FROM setting WHERE name = ?", [name], |row| row.get(0))
        .optional()?;
    if let Some(id) = kept {
        return Ok(LogId::from_bytes(id));
    }
    let mut id = [0; 16];
    OsRng.fill_bytes(&mut id);
    db.execute("INSERT INTO setting (name, value) VALUES (?, ?)", params![name, id])?;
    Ok(LogId::from_bytes(id))
}
