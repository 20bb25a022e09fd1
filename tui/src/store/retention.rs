//! What the rules of retention need to know of a file, what goes with it, and the list for review.

mod bundle;
mod outline;
mod review;

use std::{collections::BTreeMap, iter};

use jiff::{
    Timestamp,
    civil::{Date, DateTime},
};
use kith_protocol::{
    bundle::{ConcernCategory, Role},
    consent::Category,
};
use rusqlite::{Connection, OptionalExtension as _, ToSql, params};

pub(super) use self::{
    bundle::{holds_on_bundle, unfiled_due},
    outline::scope,
    review::{proposal, review, row},
};
use super::{ask, cells, error::StoreError, facts};
use crate::casework::{
    fact::Fact,
    ids::{FactId, FileId, HoldId, PersonId},
    person::PersonKind,
    retention::{FileKind, FileState, Hold, Leaving, Standing},
};

/// A file, as the rules see it.
pub(super) fn standing(db: &Connection, file: FileId) -> Result<Standing, StoreError> {
    Ok(match file {
        FileId::Person(person) => Standing::Person(Box::new(file_state(db, person)?)),
        FileId::Bundle(bundle) => Standing::Bundle(bundle::state(db, bundle)?),
    })
}

/// A person's file: over every record of theirs.
fn file_state(db: &Connection, person: PersonId) -> Result<FileState, StoreError> {
    let records = ask::records(db, person.0.key())?;
    let records = records.into_iter().map(|key| PersonId(FactId::from_key(key)));
    let mut all = one_record(db, person)?;
    for record in records.clone().filter(|record| *record != person) {
        let other = one_record(db, record)?;
        all.born = all.born.max(other.born);
        all.last_entry = all.last_entry.max(other.last_entry);
        all.sexual_harm |= other.sexual_harm;
        all.unfinished = all.unfinished.or(other.unfinished);
        all.holds.extend(other.holds);
        all.returned = all.returned.max(other.returned);
        all.also.push((other.kind, other.leaving));
    }
    // Only a copy asks for it.
    let mut leavings = iter::once(all.leaving.as_ref()).chain(all.also.iter().map(|(_, one)| one.as_ref()));
    if leavings.any(|leaving| leaving.is_some_and(|one| one.receipt.is_some())) {
        for record in records.clone() {
            all.made.extend(made(db, record)?);
        }
    }
    // An entry is read whole for this, and it matters of staff alone.
    let mut kinds = iter::once(all.kind).chain(all.also.iter().map(|(kind, _)| *kind));
    if kinds.any(|kind| kind == FileKind::Staff) {
        for record in records {
            all.alleged = all.alleged.max(alleged(db, record)?);
        }
    }
    all.holds.sort_unstable_by_key(|hold| hold.id);
    all.holds.dedup_by_key(|hold| hold.id);
    Ok(all)
}

fn one_record(db: &Connection, person: PersonId) -> Result<FileState, StoreError> {
    let key = person.0.key();
    let known = ask::person(db, person)?;
    let kind = match known.kind {
        PersonKind::Pupil { .. } => FileKind::Pupil,
        PersonKind::Staff { .. } => FileKind::Staff,
        PersonKind::Family | PersonKind::Professional { .. } | PersonKind::Other => FileKind::Other,
    };
    let last: Option<String> = db
        .prepare_cached(&format!("SELECT max(e.at) FROM entry e WHERE {OF_FILE}"))?
        .query_row([key], |row| row.get(0))?;
    let last_entry = last.map(|at| date_of(&at)).transpose()?;
    let mut about =
        db.prepare_cached(&format!("SELECT 1 FROM entry e WHERE {OF_FILE} AND e.category = ?2"))?;
    let mut sexual_harm = false;
    for one in ConcernCategory::ALL.iter().filter(|one| one.data() == Category::SexualHarm) {
        sexual_harm = sexual_harm || about.exists(params![key, cells::name_of(one)])?;
    }
    let (leaving, returned) = leaving(db, key)?;
    Ok(FileState {
        kind,
        born: known.born,
        leaving,
        returned,
        made: BTreeMap::new(),
        last_entry,
        sexual_harm,
        alleged: None,
        unfinished: unfinished(db, key)?,
        holds: holds(db, key)?,
        also: Vec::new(),
    })
}

/// Entries `e` of a person's file: those they stand in, and those of their cases.
const OF_FILE: &str = "(e.id IN (SELECT entry FROM entry_person WHERE person = ?1)
    OR e.case_id IN (SELECT id FROM case_file WHERE child = ?1))";

fn date_of(at: &str) -> Result<Date, StoreError> {
    at.parse::<DateTime>().map(|at| at.date()).map_err(|_| StoreError::damaged("a row"))
}

/// Their leaving, or when they came back from it: whichever was recorded last.
pub(super) fn leaving(db: &Connection, key: i64) -> Result<(Option<Leaving>, Option<Date>), StoreError> {
    let fact: Option<i64> = db
        .prepare_cached("SELECT fact FROM leaving WHERE person = ?")?
        .query_row([key], |row| row.get(0))
        .optional()?;
    let Some(fact) = fact else { return Ok((None, None)) };
    match facts::load(db, fact)?.fact {
        Fact::LeavingRecorded { leaving, .. } => Ok((Some(leaving), None)),
        Fact::ReturnRecorded { on, .. } => Ok((None, Some(on))),
        _ => Err(StoreError::bad_fact(FactId::from_key(fact))),
    }
}

/// What was recorded, received or shared of them, and when: entries and their amendments, cases, actions, consents,
/// shares and received bundles.
fn made(db: &Connection, person: PersonId) -> Result<Vec<(FactId, Timestamp)>, StoreError> {
    let sql = format!(
        "WITH own AS (SELECT id FROM case_file WHERE child = ?1), about AS (SELECT e.id FROM entry e WHERE {OF_FILE})
         SELECT id, recorded FROM fact WHERE id IN (
            SELECT id FROM own UNION SELECT id FROM about
            UNION SELECT fact FROM entry_version WHERE entry IN (SELECT id FROM about)
            UNION SELECT id FROM action WHERE case_id IN (SELECT id FROM own)
            UNION SELECT id FROM consent WHERE case_id IN (SELECT id FROM own)
            UNION SELECT fact FROM consent_event JOIN consent c ON c.id = consent WHERE c.case_id IN (SELECT id FROM own)
            UNION SELECT id FROM share WHERE case_id IN (SELECT id FROM own)
            UNION SELECT id FROM received WHERE case_id IN (SELECT id FROM own)
            UNION SELECT filed FROM received WHERE case_id IN (SELECT id FROM own))"
    );
    let mut statement = db.prepare_cached(&sql)?;
    let mut rows = statement.query([person.0.key()])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let at = Timestamp::from_microsecond(row.get(1)?).map_err(|_| StoreError::damaged("a row"))?;
        found.push((FactId::from_key(row.get(0)?), at));
    }
    Ok(found)
}

/// When they last were said to have done harm.
fn alleged(db: &Connection, person: PersonId) -> Result<Option<Date>, StoreError> {
    let latest = keys(
        db,
        "SELECT e.latest FROM entry e WHERE e.id IN (SELECT entry FROM entry_person WHERE person = ?1)",
        &[&person.0.key()],
    )?;
    let mut last = None;
    for fact in latest {
        let (Fact::EntryRecorded { entry, .. } | Fact::EntryAmended { now: entry, .. }) =
            facts::load(db, fact)?.fact
        else {
            return Err(StoreError::bad_fact(FactId::from_key(fact)));
        };
        if entry.people.iter().any(|one| one.person == person && one.role == Role::AllegedInstigator) {
            last = last.max(Some(entry.happened.at.date()));
        }
    }
    Ok(last)
}

/// What must come to an end before a file can go.
fn unfinished(db: &Connection, key: i64) -> Result<Option<&'static str>, StoreError> {
    for (sql, what) in [
        ("SELECT 1 FROM case_file WHERE child = ? AND open = 1", "a case is open: close it first"),
        (
            "SELECT 1 FROM entry e JOIN entry_person i ON i.entry = e.id WHERE i.person = ? AND e.waiting = 1",
            "a concern waits for triage: decide it first",
        ),
        (
            "SELECT 1 FROM share s JOIN case_file c ON c.id = s.case_id WHERE c.child = ?
             AND (s.waiting = 1 OR s.id IN (SELECT share FROM outbox))",
            "a share waits on another agency: withdraw it or see it through first",
        ),
        (
            "SELECT 1 FROM share s JOIN case_file c ON c.id = s.case_id WHERE c.child = ?
             AND s.id IN (SELECT share FROM proposed_share)",
            "a share waits for a second person's check: approve it or send it back first",
        ),
        (
            "SELECT 1 FROM received r JOIN case_file c ON c.id = r.case_id WHERE c.child = ? AND r.open = 1",
            "a bundle that was received is not answered: answer it first",
        ),
    ] {
        if db.prepare_cached(sql)?.exists([key])? {
            return Ok(Some(what));
        }
    }
    let bundles = "SELECT r.id FROM received r JOIN case_file c ON c.id = r.case_id WHERE c.child = ?1";
    for bundle in keys(db, bundles, &[&key])? {
        if bundle::answer_waits(db, bundle)? {
            return Ok(Some(bundle::UNTOLD));
        }
    }
    Ok(None)
}

/// Holds on the person, on anybody tied to them or standing in their entries, and on bundles that were filed in their
/// cases: what tells of somebody who is held may not go either.
fn holds(db: &Connection, key: i64) -> Result<Vec<Hold>, StoreError> {
    let sql = format!(
        "SELECT id FROM hold WHERE lifted IS NULL AND (file = ?1
            OR file IN (SELECT from_person FROM relation WHERE to_person = ?1)
            OR file IN (SELECT to_person FROM relation WHERE from_person = ?1)
            OR file IN (SELECT i.person FROM entry_person i JOIN entry e ON e.id = i.entry WHERE {OF_FILE})
            OR file IN (SELECT r.id FROM received r JOIN case_file c ON c.id = r.case_id WHERE c.child = ?1))
         ORDER BY id"
    );
    holds_of(db, keys(db, &sql, &[&key])?)
}

/// Holds as they were placed.
fn holds_of(db: &Connection, ids: Vec<i64>) -> Result<Vec<Hold>, StoreError> {
    let read = |id| {
        let fact = facts::load(db, id)?;
        match fact.fact {
            Fact::HoldPlaced { why, until, .. } => {
                Ok(Hold { id: HoldId(fact.id), by: fact.by.name, why, until })
            }
            _ => Err(StoreError::bad_fact(fact.id)),
        }
    };
    ids.into_iter().map(read).collect()
}

fn keys(db: &Connection, sql: &str, values: &[&dyn ToSql]) -> Result<Vec<i64>, StoreError> {
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = statement.query(values)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(row.get(0)?);
    }
    Ok(found)
}
