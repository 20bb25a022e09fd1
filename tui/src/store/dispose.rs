//! Disposal: what was kept under a file is destroyed in one transaction, and after it no byte of it is left in the
//! database's file, its free pages or its log.
//!
//! The transaction takes bodies and seeds away and computes every table and index anew from what is left. Then the
//! database is written out afresh and put in the old one's place: pages that once held something are not emptied but
//! left behind. A note in the database says that this is still to be done, so that a crash between the two is made good
//! when the casebook opens next.

pub(super) mod list;

use std::{collections::BTreeSet, fs};

use jiff::Zoned;
use kith_protocol::{
    disposal::{self, DisposedFact},
    ids::Digest,
};
use rusqlite::{Connection, OptionalExtension as _};

use super::{
    Casebook, check, destroy as bundle,
    error::{CommandError, StoreError},
    facts, open_database, place, record, retention,
};
use crate::casework::{
    fact::{Author, Destroyed, Fact},
    ids::{FactId, FileId, ProposalId},
    retention::{Disposed, Scope, named},
};

/// The setting that says that the file must be written out afresh.
const PENDING: &str = "disposal to finish";
/// The database while it is written afresh, beside the casebook; encrypted alike.
const FRESH: &str = "fresh.db";

/// Destroys what `scope` holds and computes the tables anew. The tombstone is in the log already.
pub(super) fn destroy(db: &Connection, scope: &Scope) -> Result<(), StoreError> {
    drop_drafts(db, scope)?;
    bodies(db, scope.facts.iter().copied())?;
    sweep(db)?;
    settle(db)
}

/// Drops every attachment that no fact and no form left half written names: those of what was just destroyed, and those
/// of forms that were given up and of shares that came to nothing.
pub(super) fn sweep(db: &Connection) -> Result<(), StoreError> {
    let mut kept = db.prepare("SELECT sha256 FROM attachment")?;
    let kept = kept.query_map([], |row| row.get(0).map(Digest::from_bytes))?;
    let mut unnamed = kept.collect::<Result<BTreeSet<Digest>, _>>()?;
    facts::each(db, |recorded| {
        for digest in named(&recorded.fact) {
            unnamed.remove(&digest);
        }
        Ok(())
    })?;
    let mut in_a_form =
        db.prepare("SELECT 1 FROM draft WHERE instr(CAST(body AS BLOB), CAST(? AS BLOB)) > 0")?;
    let mut drop_file = db.prepare("DELETE FROM attachment WHERE sha256 = ?")?;
    for digest in unnamed {
        if !in_a_form.exists([digest.to_string()])? {
            drop_file.execute([digest.as_bytes()])?;
        }
    }
    Ok(())
}

/// Takes body, seed and author away; number, time, kind and leaf stay, so that the log verifies.
pub(super) fn bodies(db: &Connection, ids: impl IntoIterator<Item = FactId>) -> Result<(), StoreError> {
    let mut empty =
        db.prepare_cached("UPDATE fact SET body = NULL, seed = NULL, author = '', role = '' WHERE id = ?")?;
    for id in ids {
        empty.execute([id.key()])?;
    }
    Ok(())
}

/// Tables and indexes are computed from what is left, and the file is to be written afresh.
pub(super) fn settle(db: &Connection) -> Result<(), StoreError> {
    check::rebuild_within(db, &mut |_, _| {})?;
    db.execute("INSERT OR REPLACE INTO setting (name, value) VALUES (?, '')", [PENDING])?;
    Ok(())
}

/// Forms that were left half written for what goes: by what they are for, and by what they name.
fn drop_drafts(db: &Connection, scope: &Scope) -> Result<(), StoreError> {
    let ids = scope.people.iter().map(|one| one.0);
    let ids = ids
        .chain(scope.cases.iter().map(|case| case.0))
        .chain(scope.entries.iter().map(|entry| entry.0))
        .chain(scope.received.iter().map(|bundle| bundle.0));
    let ids: Vec<String> = ids.map(|id| id.to_string()).collect();
    let mut names = Vec::new();
    let mut name = db.prepare_cached("SELECT name FROM person WHERE id = ?")?;
    for one in &scope.people {
        names.extend(name.query_row([one.0.key()], |row| row.get::<_, String>(0)).optional()?);
    }
    let names: Vec<String> =
        names.iter().map(|name| name.to_lowercase()).filter(|name| !name.is_empty()).collect();
    let mut drafts = db.prepare("SELECT key, title || char(10) || body FROM draft")?;
    let mut rows = drafts.query([])?;
    let mut gone: Vec<String> = Vec::new();
    while let Some(row) = rows.next()? {
        let (key, text): (String, String) = (row.get(0)?, row.get(1)?);
        // A form's answers name what was picked in quotes; its own words escape theirs.
        let named =
            |id: &String| key.split('/').any(|part| part == id) || text.contains(&format!("\"{id}\""));
        let text_lower = text.to_lowercase();
        if ids.iter().any(named) || names.iter().any(|name| text_lower.contains(name.as_str())) {
            gone.push(key);
        }
    }
    for key in gone {
        db.execute("DELETE FROM draft WHERE key = ?", [key])?;
    }
    Ok(())
}

impl Casebook {
    /// Makes good what a crash or an older backup left: destroys again what the list beside the casebook says was
    /// destroyed, and writes the file afresh if that was not done. Gives how many disposals were replayed.
    ///
    /// # Errors
    /// When the list or the database cannot be read or written.
    pub fn finish_disposals(&mut self, now: &Zoned) -> Result<usize, CommandError> {
        let missing = list::missing(&self.place, &self.db)?;
        if !missing.is_empty() {
            let by = self.session()?.user;
            self.in_one(|tx| Ok(replay(tx, &missing, &by, now)?))?;
        }
        self.after_disposal()?;
        Ok(missing.len())
    }

    /// Notes what was destroyed outside the database, then leaves the old pages behind. Nothing is done without need.
    pub(super) fn after_disposal(&mut self) -> Result<(), StoreError> {
        self.leave_old_pages().map_err(|error| StoreError::OldPages(Box::new(error)))
    }

    fn leave_old_pages(&mut self) -> Result<(), StoreError> {
        let pending = "SELECT 1 FROM setting WHERE name = ?";
        if !self.db.prepare_cached(pending)?.exists([PENDING])? {
            return Ok(());
        }
        list::write(&self.place, &self.db)?;
        self.beside().drop_gone(&self.db)?;
        self.write_afresh()?;
        self.db.execute("DELETE FROM setting WHERE name = ?", [PENDING])?;
        Ok(())
    }

    /// Writes the database to a new file that only what is left ever touched, and puts that in its place.
    fn write_afresh(&mut self) -> Result<(), StoreError> {
        let failed = StoreError::io("casebook file");
        let fresh = self.place.folder().join(FRESH);
        remove(&fresh)?;
        self.db.flush_prepared_statement_cache();
        self.db.execute("VACUUM INTO ?", [fresh.to_string_lossy()])?;
        // The last connection takes the write-ahead log with it when it closes.
        let old = std::mem::replace(&mut self.db, Connection::open_in_memory()?);
        if let Err((old, error)) = old.close() {
            self.db = old;
            return Err(error.into());
        }
        let database = self.place.database();
        let put = place::put_whole(&fresh, &database).map_err(failed);
        self.db = open_database(&self.place, &self.key)?;
        put
    }

    /// What would go with a file now, as two people sign it.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn disposal_content(&self, file: FileId) -> Result<Digest, StoreError> {
        content(&self.db, &retention::scope(&self.db, file)?)
    }

    /// What whoever proposed a disposal signed.
    ///
    /// # Errors
    /// When there is no such proposal, or the database cannot be read.
    pub fn disposal_proposed(&self, id: ProposalId) -> Result<Option<disposal::Proposed>, StoreError> {
        let unknown = || StoreError::Unknown { what: "proposal", id: id.to_string() };
        let here = self.db.prepare_cached("SELECT 1 FROM proposal WHERE id = ?")?.exists([id.0.key()])?;
        if !here {
            return Err(unknown());
        }
        match facts::load(&self.db, id.0.key())?.fact {
            Fact::DisposalProposed { signed, .. } => Ok(signed.map(|signed| *signed)),
            _ => Err(unknown()),
        }
    }

    /// What a disposal left in the log: its tombstone with its leaf, and the leaf of each fact that it names.
    ///
    /// # Errors
    /// When there is no such disposal, or the database cannot be read.
    pub fn disposal(&self, id: FactId) -> Result<(Disposed, Digest, Vec<Leaf>), StoreError> {
        let unknown = || StoreError::Unknown { what: "disposal", id: id.to_string() };
        let here = self.db.prepare_cached("SELECT 1 FROM disposal WHERE id = ?")?.exists([id.key()])?;
        if !here {
            return Err(unknown());
        }
        match facts::load(&self.db, id.key())?.fact {
            Fact::Disposed(disposed) => {
                let leaves = leaves(&self.db, disposed.facts.iter())?;
                let own = self::leaves(&self.db, [id])?.first().map(|(_, leaf)| *leaf);
                Ok((*disposed, own.ok_or_else(unknown)?, leaves))
            }
            _ => Err(unknown()),
        }
    }
}

/// A fact, and what commits to it.
type Leaf = (FactId, Digest);

/// What a scope holds, as two people sign it.
pub(super) fn content(db: &Connection, scope: &Scope) -> Result<Digest, StoreError> {
    let leaves = leaves(db, scope.facts.iter().copied())?;
    Ok(disposal::digest(leaves.into_iter().map(|(fact, leaf)| DisposedFact { fact: fact.to_string(), leaf })))
}

/// The leaves of facts, in order.
fn leaves(
    db: &Connection,
    ids: impl IntoIterator<Item = FactId>,
) -> Result<Vec<(FactId, Digest)>, StoreError> {
    let mut leaf = db.prepare_cached("SELECT leaf FROM fact WHERE id = ?")?;
    let one = |id: FactId| Ok((id, Digest::from_bytes(leaf.query_row([id.key()], |row| row.get(0))?)));
    ids.into_iter().map(one).collect()
}

/// Destroys again, by number and leaf, and says so in the log.
fn replay(db: &Connection, missing: &[list::Mark], by: &Author, now: &Zoned) -> Result<(), StoreError> {
    let mut doomed: Vec<FactId> = Vec::new();
    for mark in missing {
        let here: Vec<FactId> = mark.present(db)?;
        let next = facts::next(db, super::DEVICE)?;
        let again = |fact| record(db, next, now.timestamp(), by, fact);
        match &mark.tombstone {
            list::Tombstone::File(disposed) => {
                let facts = here.iter().copied().collect();
                let absent = mark.absent(&here);
                let disposed = Disposed { facts, absent, replayed: true, ..(**disposed).clone() };
                doomed.extend(here);
                again(Fact::Disposed(Box::new(disposed)))?;
            }
            list::Tombstone::Bundle(gone) => {
                let gone = Destroyed { facts: here, ..(**gone).clone() };
                again(Fact::BundleDestroyed(gone.clone()))?;
                bundle::bundle(db, &gone)?;
            }
        }
    }
    if doomed.is_empty() {
        return Ok(());
    }
    let going: BTreeSet<FactId> = doomed.iter().copied().collect();
    let mut scope = Scope::default();
    facts::each(db, |recorded| {
        scope.sort(&recorded, going.contains(&recorded.id));
        Ok(())
    })?;
    destroy(db, &scope)
}

fn remove(path: &std::path::Path) -> Result<(), StoreError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(StoreError::io("casebook file")(error))
        }
        _ => Ok(()),
    }
}
