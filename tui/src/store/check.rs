//! Rebuilding the tables from the facts, and checking that everything is whole: pages, structure, order, and that the
//! tables say what the facts say.

mod attachments;

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use rusqlite::{Connection, params};

use super::{
    Casebook, cells,
    error::StoreError,
    facts, log, place, project,
    schema::{self, INDEXES, PROJECTIONS},
    slots::Slots,
};
use crate::casework::{fact::Fact, ids::FactId};

/// Told how far a long task has come: done, of how many.
pub type Progress<'p> = &'p mut dyn FnMut(u64, u64);

/// Most findings that one check lists.
const MAX_FINDINGS: usize = 50;
/// Bytes of an attachment that are read at a time.
const PIECE: usize = 256 * 1024;
/// Facts between two words of progress.
const STEP: u64 = 1_000;
/// Facts in one transaction of the copy that is compared.
const BATCH: u64 = 20_000;

/// What was checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckItem {
    /// Every page decrypts and is what was written.
    Pages,
    /// The database's own structure.
    Structure,
    /// Rows that refer to others find them.
    References,
    /// Every fact reads, its columns say what its body says, and its leaf commits to that.
    Facts,
    /// No fact of a device is missing between its first and its last.
    Sequence,
    /// The log holds what commits to each fact, and every checkpoint signed is of it.
    Log,
    /// The tables say what the facts say.
    Tables,
    /// The text indexes hold the words of the records.
    Indexes,
    /// Every attachment has the bytes its digest names.
    Attachments,
    /// Sealed files beside the database that no row names: nobody has their keys. Not a fault: they may be those of a newer
    /// database, or left by a crash.
    Strays,
    /// Places where the clock had been set back. Not a fault: the order of facts is their sequence.
    Clock,
}

impl CheckItem {
    /// What was checked, in words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Pages => "pages decrypt and are unaltered",
            Self::Structure => "the database is well formed",
            Self::References => "references find what they name",
            Self::Facts => "every fact reads and is what was recorded",
            Self::Sequence => "no fact is missing",
            Self::Log => "the log agrees with the facts and with what was signed",
            Self::Tables => "the tables say what the facts say",
            Self::Indexes => "the search indexes are whole",
            Self::Attachments => "attachments are there and as they were recorded",
            Self::Strays => "no file of an attachment is left that nothing names",
            Self::Clock => "the clock never went back",
        }
    }

    /// Does a finding mean damage?
    #[must_use]
    pub const fn is_fault(self) -> bool {
        !matches!(self, Self::Clock | Self::Strays)
    }
}

/// What the checks found, in the order they were made; an empty list of findings is a pass.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CheckReport {
    pub facts: u64,
    pub results: Vec<(CheckItem, Vec<String>)>,
}

impl CheckReport {
    /// Was no damage found?
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.results.iter().all(|(item, findings)| !item.is_fault() || findings.is_empty())
    }
}

/// What can be said of a casebook's files without a passphrase: each with what is wrong with it, if anything is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outside(pub Vec<(&'static str, Option<String>)>);

impl Outside {
    /// Is nothing wrong with any of them?
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.0.iter().all(|(_, fault)| fault.is_none())
    }
}

impl Casebook {
    /// Looks at the files in `folder`, which nobody may be able to open.
    #[must_use]
    pub fn from_outside(folder: &Path) -> Outside {
        let slots = Slots::look(folder);
        let mut files: Vec<_> =
            slots.into_iter().map(|(name, fault)| (name, fault.map(|fault| fault.to_string()))).collect();
        let wrong = match fs::metadata(folder.join(place::DATABASE)) {
            Err(error) => Some(format!("cannot be read ({})", error.kind())),
            Ok(file) if file.len() == 0 || file.len() % schema::PAGE != 0 => {
                Some(format!("was cut short: {} bytes are no whole pages", file.len()))
            }
            Ok(_) => None,
        };
        files.push((place::DATABASE, wrong));
        Outside(files)
    }

    /// Empties the tables and computes them again from the facts, in one transaction.
    ///
    /// # Errors
    /// When a fact does not read or the disk is full; the tables are then as they were.
    pub fn rebuild(&mut self, progress: Progress<'_>) -> Result<(), StoreError> {
        schema::set_bulk(&self.db, true)?;
        let rebuilt = self.rebuild_tables(progress);
        schema::set_bulk(&self.db, false)?;
        rebuilt
    }

    fn rebuild_tables(&mut self, progress: Progress<'_>) -> Result<(), StoreError> {
        let tx = self.transaction()?;
        rebuild_within(&tx, progress)?;
        tx.commit()
    }

    /// Checks everything. Damage is found, not mended; each finding says where.
    ///
    /// # Errors
    /// When the checks cannot be made at all: no room for the copy that is compared.
    pub fn check(&mut self, progress: Progress<'_>) -> Result<CheckReport, StoreError> {
        self.refresh()?;
        let mut report = CheckReport::default();
        let mut note = |item, found: Result<Vec<String>, StoreError>| {
            let findings = found.unwrap_or_else(|error| vec![error.to_string()]);
            let whole = findings.is_empty();
            report.results.push((item, findings));
            whole
        };
        let pages = note(CheckItem::Pages, lines(&self.db, "PRAGMA cipher_integrity_check"));
        let structure = lines(&self.db, "PRAGMA integrity_check").map(|mut found| {
            found.retain(|line| line != "ok");
            found
        });
        note(CheckItem::Structure, structure);
        note(CheckItem::References, dangling(&self.db));
        let facts = note(CheckItem::Facts, unreadable(&self.db));
        note(CheckItem::Sequence, gaps(&self.db));
        note(CheckItem::Log, log::differing(&self.db));
        note(CheckItem::Indexes, indexes(&self.db));
        note(CheckItem::Attachments, self.wrong_attachments());
        note(CheckItem::Strays, self.strays());
        note(CheckItem::Clock, set_back(&self.db));
        if pages && facts {
            note(CheckItem::Tables, self.compare(progress));
        }
        report.facts = facts::count(&self.db).unwrap_or(0);
        Ok(report)
    }

    /// Builds the tables again in a copy beside the casebook, encrypted alike, and names those that differ.
    fn compare(&self, progress: Progress<'_>) -> Result<Vec<String>, StoreError> {
        let copy = Copy::beside(self.place.folder())?;
        let mut other = Connection::open(&copy.0)?;
        schema::prepare(&other, &self.key)?;
        other.pragma_update(None, "synchronous", "OFF")?;
        schema::set_bulk(&other, true)?;
        schema::migrate(&mut other)?;
        let total = facts::count(&self.db)?;
        let mut done = 0;
        let tx = other.unchecked_transaction()?;
        facts::each(&self.db, |recorded| {
            facts::append(&tx, &recorded)?;
            project::project(&tx, &recorded)?;
            done += 1;
            if done % STEP == 0 {
                progress(done, total);
            }
            if done % BATCH == 0 {
                tx.execute_batch("COMMIT; BEGIN")?;
            }
            Ok(())
        })?;
        tx.commit()?;
        drop(other);
        progress(total, total);
        self.db.execute(
            "ATTACH DATABASE ?1 AS copy KEY ?2",
            params![copy.0.to_string_lossy(), self.key.as_sql().as_str()],
        )?;
        let differing = differing(&self.db);
        self.db.execute("DETACH DATABASE copy", [])?;
        differing
    }
}

/// Empties the tables and computes them again, in the caller's transaction.
pub(super) fn rebuild_within(db: &Connection, progress: Progress<'_>) -> Result<(), StoreError> {
    for table in PROJECTIONS {
        db.execute(&format!("DELETE FROM {table}"), [])?;
    }
    for index in INDEXES {
        db.execute(&format!("INSERT INTO {index} ({index}) VALUES ('delete-all')"), [])?;
    }
    replay(db, progress)
}

/// Runs every fact through the projections again.
fn replay(db: &Connection, progress: Progress<'_>) -> Result<(), StoreError> {
    let total = facts::count(db)?;
    let mut done = 0;
    facts::each(db, |recorded| {
        project::project(db, &recorded)?;
        done += 1;
        if done % STEP == 0 || done == total {
            progress(done, total);
        }
        Ok(())
    })
}

/// A file beside the casebook that goes when this does.
struct Copy(PathBuf);

impl Copy {
    fn beside(folder: &Path) -> Result<Self, StoreError> {
        let copy = Self(folder.join("check.db"));
        copy.remove();
        place::write_whole(&copy.0, b"").map_err(StoreError::io("copy to compare"))?;
        Ok(copy)
    }

    fn remove(&self) {
        for end in ["", "-wal", "-shm"] {
            // What is not there needs no removing; what cannot be removed is encrypted like the casebook.
            let _ = fs::remove_file(format!("{}{end}", self.0.display()));
        }
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        self.remove();
    }
}

/// The first column of each row, as text.
fn lines(db: &Connection, sql: &str) -> Result<Vec<String>, StoreError> {
    let mut statement = db.prepare(sql)?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        if found.len() < MAX_FINDINGS {
            found.push(row.get(0)?);
        }
    }
    Ok(found)
}

/// Tables that differ from those of the attached copy.
fn differing(db: &Connection) -> Result<Vec<String>, StoreError> {
    let mut found = Vec::new();
    for table in PROJECTIONS {
        let (here, there) = (format!("SELECT * FROM main.{table}"), format!("SELECT * FROM copy.{table}"));
        for (sql, more) in [
            (format!("SELECT count(*) FROM ({here} EXCEPT {there})"), "rows that the facts do not make"),
            (format!("SELECT count(*) FROM ({there} EXCEPT {here})"), "rows missing that the facts make"),
        ] {
            let n: u64 = db.query_row(&sql, [], |row| row.get(0))?;
            if n > 0 {
                found.push(format!("table {table}: {n} {more}"));
            }
        }
    }
    Ok(found)
}

/// Rows that refer to something that is not there.
fn dangling(db: &Connection) -> Result<Vec<String>, StoreError> {
    let mut found = lines(db, "SELECT \"table\" || ' row ' || rowid FROM pragma_foreign_key_check")?;
    for (table, column, other) in [
        ("entry", "case_id", "case_file"),
        ("entry_person", "person", "person"),
        ("entry_person", "entry", "entry"),
        ("case_file", "child", "person"),
        ("action", "case_id", "case_file"),
        ("consent", "case_id", "case_file"),
        ("share", "case_id", "case_file"),
        ("received", "case_id", "case_file"),
        ("address_person", "person", "person"),
        ("relation", "from_person", "person"),
        ("relation", "to_person", "person"),
    ] {
        let n: u64 = db.query_row(
            &format!(
                "SELECT count(*) FROM {table} t WHERE {column} IS NOT NULL
                 AND NOT EXISTS (SELECT 1 FROM {other} o WHERE o.id = t.{column})"
            ),
            [],
            |row| row.get(0),
        )?;
        if n > 0 {
            found.push(format!("{table}.{column}: {n} without {other}"));
        }
    }
    Ok(found)
}

/// Facts whose body does not read, says something else than their row, or is not what their leaf commits to.
fn unreadable(db: &Connection) -> Result<Vec<String>, StoreError> {
    let mut statement =
        db.prepare("SELECT id, recorded, author, role, seed, leaf, body FROM fact ORDER BY id")?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    let mut without = BTreeSet::new();
    while let Some(row) = rows.next()? {
        let id = FactId::from_key(row.get(0)?);
        let body: Option<Vec<u8>> = row.get(6)?;
        // A disposed fact keeps its place and its leaf, and nothing else.
        let Some(body) = body else {
            without.insert(id);
            continue;
        };
        let agrees = facts::from_body(id, &body).is_ok_and(|fact| {
            match &fact.fact {
                Fact::Disposed(disposed) => without.retain(|id| !disposed.facts.contains(*id)),
                Fact::BundleDestroyed(gone) => without.retain(|id| !gone.facts.contains(id)),
                _ => {}
            }
            let column = |at| row.get::<_, String>(at).unwrap_or_default();
            row.get::<_, i64>(1) == Ok(fact.recorded.as_microsecond())
                && (column(2), column(3)) == (fact.by.name, fact.by.role)
        });
        let committed = || match (row.get(4), row.get(5)) {
            (Ok(seed), Ok(leaf)) => facts::is_committed(seed, &body, leaf),
            _ => false,
        };
        let finding = match agrees {
            false => format!("fact {id}"),
            true if !committed() => format!("fact {id}: its leaf commits to something else"),
            true => continue,
        };
        if found.len() < MAX_FINDINGS {
            found.push(finding);
        }
    }
    // A tombstone comes after what it names.
    let room = MAX_FINDINGS.saturating_sub(found.len());
    found.extend(
        without.iter().take(room).map(|id| format!("fact {id}: it is empty, and no disposal names it")),
    );
    Ok(found)
}

/// Sequence numbers that no fact has.
fn gaps(db: &Connection) -> Result<Vec<String>, StoreError> {
    let mut statement = db.prepare("SELECT id FROM fact ORDER BY id")?;
    let mut rows = statement.query([])?;
    let (mut found, mut expected) = (Vec::new(), FactId { device: 0, seq: 1 });
    while let Some(row) = rows.next()? {
        let id = FactId::from_key(row.get(0)?);
        if id.device != expected.device {
            expected = FactId { device: id.device, seq: 1 };
        }
        if id != expected && found.len() < MAX_FINDINGS {
            found.push(format!("facts {expected} to {id} (not included)"));
        }
        expected = FactId { seq: id.seq + 1, device: id.device };
    }
    Ok(found)
}

/// Facts that were recorded by a clock behind that of the fact before.
fn set_back(db: &Connection) -> Result<Vec<String>, StoreError> {
    let mut statement = db.prepare("SELECT id, recorded FROM fact ORDER BY id")?;
    let mut rows = statement.query([])?;
    let (mut found, mut before) = (Vec::new(), i64::MIN);
    while let Some(row) = rows.next()? {
        let recorded: i64 = row.get(1)?;
        if recorded < before && found.len() < MAX_FINDINGS {
            let (id, from, to) =
                (cells::id(row, 0)?, cells::from_micros(before)?, cells::from_micros(recorded)?);
            found.push(format!("before fact {id}: from {from} to {to}"));
        }
        before = recorded;
    }
    Ok(found)
}

/// Text indexes that are damaged or hold other rows than their tables.
fn indexes(db: &Connection) -> Result<Vec<String>, StoreError> {
    let mut found = BTreeSet::new();
    for (index, table) in INDEXES.into_iter().zip(["entry", "case_file"]) {
        if db.execute(&format!("INSERT INTO {index} ({index}) VALUES ('integrity-check')"), []).is_err() {
            found.insert(format!("index {index} is damaged"));
        }
        let count = |name: &str| -> Result<u64, StoreError> {
            Ok(db.query_row(&format!("SELECT count(*) FROM {name}"), [], |row| row.get(0))?)
        };
        if count(&format!("{index}_docsize"))? != count(table)? {
            found.insert(format!("index {index} has other rows than {table}"));
        }
    }
    Ok(found.into_iter().collect())
}
