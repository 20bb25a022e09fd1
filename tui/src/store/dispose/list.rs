//! The list of disposals beside the casebook, and of received bundles that were deleted. It is no part of a backup: when an older casebook is put back, what was
//! destroyed since is destroyed again by it.
//!
//! It is a small database under a key that stands in the casebook, so that nobody else can read it, add to it or change
//! it. That key stays when the casebook's own changes: an older casebook must be able to read the list.

use kith_protocol::ids::Digest;
use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::leaves;
use crate::{
    casework::{
        fact::{Destroyed, Fact},
        ids::FactId,
        retention::Disposed,
    },
    store::{
        error::StoreError,
        facts,
        place::{Place, make_private},
        schema,
        secrets::DatabaseKey,
    },
};

/// Its name in the casebook's folder.
const FILE: &str = "disposals.db";

/// The setting that holds its key.
const KEY: &str = "key of the list of disposals";

/// What stays of what was destroyed.
#[derive(Serialize, Deserialize)]
pub(super) enum Tombstone {
    File(Box<Disposed>),
    /// A bundle that its sender took back; it says who deleted it first, and when.
    Bundle(Box<Destroyed>),
}

/// One line of the list: a tombstone, and which facts were destroyed, by number and leaf. Another fact that has the
/// same number, after a backup was put back, has another leaf.
pub(super) struct Mark {
    pub(super) tombstone: Tombstone,
    facts: Vec<(FactId, Digest)>,
}

impl Mark {
    /// Those of its facts that are not among these.
    pub(super) fn absent(&self, here: &[FactId]) -> Vec<(FactId, Digest)> {
        self.facts.iter().filter(|(id, _)| !here.contains(id)).copied().collect()
    }

    /// Those of its facts that are still here, whole.
    pub(super) fn present(&self, db: &Connection) -> Result<Vec<FactId>, StoreError> {
        let mut here =
            db.prepare_cached("SELECT 1 FROM fact WHERE id = ? AND leaf = ? AND body IS NOT NULL")?;
        let mut present = Vec::new();
        for (id, leaf) in &self.facts {
            if here.exists(params![id.key(), leaf.as_bytes()])? {
                present.push(*id);
            }
        }
        Ok(present)
    }
}

/// Makes the key of the list, once, for a new casebook.
pub(in crate::store) fn begin(casebook: &Connection) -> Result<(), StoreError> {
    casebook.execute(
        "INSERT INTO setting (name, value) VALUES (?, ?)",
        params![KEY, DatabaseKey::generate().bytes()],
    )?;
    Ok(())
}

fn open(place: &Place, casebook: &Connection) -> Result<Connection, StoreError> {
    let key = "SELECT value FROM setting WHERE name = ?";
    let key: Zeroizing<Vec<u8>> =
        Zeroizing::new(casebook.prepare_cached(key)?.query_row([KEY], |row| row.get(0))?);
    opened(place, &DatabaseKey::from_opened(&key)?)
        .map_err(|_| StoreError::damaged(format!("the list of disposals, {FILE}")))
}

fn opened(place: &Place, key: &DatabaseKey) -> Result<Connection, StoreError> {
    let path = place.folder().join(FILE);
    let db = Connection::open(&path)?;
    make_private(&path, 0o600).map_err(StoreError::io("list of disposals"))?;
    schema::unlock(&db, key)?;
    db.execute_batch(
        "CREATE TABLE IF NOT EXISTS disposal (id INTEGER PRIMARY KEY, first BLOB NOT NULL UNIQUE, tombstone TEXT NOT NULL) STRICT;
         CREATE TABLE IF NOT EXISTS destroyed (
            disposal INTEGER NOT NULL REFERENCES disposal(id), fact INTEGER NOT NULL, leaf BLOB NOT NULL,
            PRIMARY KEY (disposal, fact)
         ) STRICT, WITHOUT ROWID;",
    )?;
    Ok(db)
}

/// The tombstones of the casebook, oldest first, and what each destroyed.
fn tombstones(casebook: &Connection) -> Result<Vec<Mark>, StoreError> {
    let sql = "SELECT id FROM disposal UNION SELECT gone FROM received WHERE gone IS NOT NULL ORDER BY 1";
    let mut ids = casebook.prepare(sql)?;
    let ids: Vec<i64> = ids.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let each = ids.into_iter().map(|id| {
        let fact = facts::load(casebook, id)?;
        match fact.fact {
            Fact::Disposed(disposed) => {
                let facts = leaves(casebook, disposed.facts.iter())?;
                Ok(Mark { tombstone: Tombstone::File(disposed), facts })
            }
            Fact::BundleDestroyed(gone) => {
                let facts = leaves(casebook, gone.facts.iter().copied())?;
                let first = gone.first.clone().unwrap_or((fact.by, fact.recorded));
                let gone = Destroyed { first: Some(first), ..gone };
                Ok(Mark { tombstone: Tombstone::Bundle(Box::new(gone)), facts })
            }
            _ => Err(StoreError::bad_fact(fact.id)),
        }
    });
    each.collect()
}

/// Puts on the list what the casebook destroyed and is not there yet.
pub(super) fn write(place: &Place, casebook: &Connection) -> Result<(), StoreError> {
    let mut list = open(place, casebook)?;
    let tx = list.transaction()?;
    for Mark { tombstone, facts } in tombstones(casebook)? {
        // A fact is destroyed once: the first leaf names the disposal.
        let Some((_, first)) = facts.first() else { continue };
        let text =
            serde_json::to_string(&tombstone).map_err(|_| StoreError::damaged("the list of disposals"))?;
        let new = tx.execute(
            "INSERT OR IGNORE INTO disposal (first, tombstone) VALUES (?, ?)",
            params![first.as_bytes(), text],
        )?;
        if new == 0 {
            continue;
        }
        let disposal = tx.last_insert_rowid();
        let mut insert = tx.prepare("INSERT INTO destroyed (disposal, fact, leaf) VALUES (?, ?, ?)")?;
        for (fact, leaf) in &facts {
            insert.execute(params![disposal, fact.key(), leaf.as_bytes()])?;
        }
    }
    Ok(tx.commit()?)
}

/// Tombstones of the list whose facts are here: this casebook is older than they are.
pub(super) fn missing(place: &Place, casebook: &Connection) -> Result<Vec<Mark>, StoreError> {
    if !place.folder().join(FILE).exists() {
        return Ok(Vec::new());
    }
    let list = open(place, casebook)?;
    let mut disposals = list.prepare("SELECT id, tombstone FROM disposal ORDER BY id")?;
    let mut destroyed = list.prepare("SELECT fact, leaf FROM destroyed WHERE disposal = ? ORDER BY fact")?;
    let mut rows = disposals.query([])?;
    let mut missing = Vec::new();
    while let Some(row) = rows.next()? {
        let text: String = row.get(1)?;
        let tombstone =
            serde_json::from_str(&text).map_err(|_| StoreError::damaged("the list of disposals"))?;
        let facts = destroyed
            .query_map([row.get::<_, i64>(0)?], |row| {
                Ok((FactId::from_key(row.get(0)?), Digest::from_bytes(row.get(1)?)))
            })?
            .collect::<Result<_, _>>()?;
        let mark = Mark { tombstone, facts };
        if !mark.present(casebook)?.is_empty() {
            missing.push(mark);
        }
    }
    Ok(missing)
}
