//! What the rules of retention need to know of a file, and what goes with it.

use std::collections::BTreeSet;

use jiff::civil::{Date, DateTime};
use kith_protocol::{bundle::Role, consent::Category};
use rusqlite::{Connection, OptionalExtension as _, ToSql, params};

use super::{ask, cells, error::StoreError, facts};
use crate::casework::{
    fact::Fact,
    ids::{AddressId, CaseId, EntryId, FactId, HoldId, PersonId, ProposalId, ReceivedId},
    person::PersonKind,
    query::{DisposalRow, ProposalView, RetentionRow, RetentionView},
    retention::{FileKind, FileState, Hold, Leaving, Rule, Scope, Verdict, judge},
};

/// A person's file, as the rules see it.
pub(super) fn file_state(db: &Connection, person: PersonId) -> Result<FileState, StoreError> {
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
    let sexual_harm = db
        .prepare_cached(&format!("SELECT 1 FROM entry e WHERE {OF_FILE} AND e.category = ?2"))?
        .exists(params![key, cells::name_of(&Category::SexualHarm)])?;
    Ok(FileState {
        kind,
        born: known.born,
        leaving: leaving(db, key)?,
        last_entry,
        sexual_harm,
        alleged: if kind == FileKind::Staff { alleged(db, person)? } else { None },
        unfinished: unfinished(db, key)?,
        holds: holds(db, key)?,
    })
}

/// Entries `e` of a person's file: those they stand in, and those of their cases.
const OF_FILE: &str = "(e.id IN (SELECT entry FROM entry_person WHERE person = ?1)
    OR e.case_id IN (SELECT id FROM case_file WHERE child = ?1))";

fn date_of(at: &str) -> Result<Date, StoreError> {
    at.parse::<DateTime>().map(|at| at.date()).map_err(|_| StoreError::damaged("a row"))
}

fn leaving(db: &Connection, key: i64) -> Result<Option<Leaving>, StoreError> {
    let fact: Option<i64> = db
        .prepare_cached("SELECT fact FROM leaving WHERE person = ?")?
        .query_row([key], |row| row.get(0))
        .optional()?;
    let Some(fact) = fact else { return Ok(None) };
    match facts::load(db, fact)?.fact {
        Fact::LeavingRecorded { leaving, .. } => Ok(Some(leaving)),
        _ => Err(StoreError::bad_fact(FactId::from_key(fact))),
    }
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
            "SELECT 1 FROM received r JOIN case_file c ON c.id = r.case_id WHERE c.child = ? AND r.open = 1",
            "a bundle that was received is not answered: answer it first",
        ),
    ] {
        if db.prepare_cached(sql)?.exists([key])? {
            return Ok(Some(what));
        }
    }
    Ok(None)
}

fn holds(db: &Connection, key: i64) -> Result<Vec<Hold>, StoreError> {
    let ids = keys(db, "SELECT id FROM hold WHERE person = ?1 AND lifted IS NULL ORDER BY id", &[&key])?;
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

/// What would go with a person's file. Goes through all facts.
pub(super) fn scope(db: &Connection, person: PersonId) -> Result<Scope, StoreError> {
    let mut scope = outline(db, person)?;
    facts::each(db, |recorded| {
        scope.take(&recorded);
        Ok(())
    })?;
    Ok(scope)
}

/// What the tables know of it.
fn outline(db: &Connection, person: PersonId) -> Result<Scope, StoreError> {
    let key = person.0.key();
    let ids = |sql: &str| -> Result<Vec<FactId>, StoreError> {
        Ok(keys(db, sql, &[&key])?.into_iter().map(FactId::from_key).collect())
    };
    // An entry of another child's case, or in which another pupil stands, concerns that child too.
    let concerns_another = "(EXISTS (SELECT 1 FROM case_file c WHERE c.id = e.case_id AND c.child <> ?1)
        OR EXISTS (SELECT 1 FROM entry_person i JOIN person p ON p.id = i.person
                   WHERE i.entry = e.id AND i.person <> ?1 AND p.pupil = 1))";
    let all = format!("SELECT e.id FROM entry e WHERE {OF_FILE}");
    let kept: BTreeSet<FactId> = ids(&format!("{all} AND {concerns_another}"))?.into_iter().collect();
    let mut scope = Scope {
        cases: ids("SELECT id FROM case_file WHERE child = ?1")?.into_iter().map(CaseId).collect(),
        entries: ids(&all)?.into_iter().filter(|id| !kept.contains(id)).map(EntryId).collect(),
        kept: kept.into_iter().map(EntryId).collect(),
        received: ids("SELECT r.id FROM received r JOIN case_file c ON c.id = r.case_id WHERE c.child = ?1")?
            .into_iter()
            .map(ReceivedId)
            .collect(),
        ..Scope::default()
    };
    scope.people = family(db, person, &scope)?;
    let lived = "SELECT address FROM address_person WHERE person = ?1";
    for one in &scope.people {
        for address in keys(db, lived, &[&one.0.key()])? {
            let there = keys(db, "SELECT person FROM address_person WHERE address = ?1", &[&address])?;
            if there.iter().all(|key| scope.people.contains(&PersonId(FactId::from_key(*key)))) {
                scope.addresses.insert(AddressId(FactId::from_key(address)));
            }
        }
    }
    Ok(scope)
}

/// The person, and those of their family of whom nothing else is kept.
fn family(db: &Connection, person: PersonId, scope: &Scope) -> Result<BTreeSet<PersonId>, StoreError> {
    let near = "SELECT from_person FROM relation WHERE to_person = ?1
        UNION SELECT to_person FROM relation WHERE from_person = ?1
        UNION SELECT b.person FROM address_person a JOIN address_person b ON b.address = a.address WHERE a.person = ?1
        UNION SELECT i.person FROM entry_person i JOIN entry_person o ON o.entry = i.entry WHERE o.person = ?1
        UNION SELECT i.person FROM entry_person i JOIN entry e ON e.id = i.entry
              JOIN case_file c ON c.id = e.case_id WHERE c.child = ?1";
    let mut people = BTreeSet::from([person]);
    for key in keys(db, near, &[&person.0.key()])? {
        let one = PersonId(FactId::from_key(key));
        if matches!(ask::person(db, one)?.kind, PersonKind::Family | PersonKind::Other) {
            people.insert(one);
        }
    }
    // Each who stays may keep another.
    loop {
        let mut stays = None;
        for one in people.iter().filter(|one| **one != person) {
            if is_kept_elsewhere(db, *one, &people, scope)? {
                stays = Some(*one);
                break;
            }
        }
        match stays {
            Some(one) => people.remove(&one),
            None => return Ok(people),
        };
    }
}

/// Is there anything else that needs this person: an entry that stays, or a tie or home shared with somebody who stays
/// and is not there by profession?
fn is_kept_elsewhere(
    db: &Connection,
    one: PersonId,
    going: &BTreeSet<PersonId>,
    scope: &Scope,
) -> Result<bool, StoreError> {
    let key = one.0.key();
    let entries = keys(db, "SELECT entry FROM entry_person WHERE person = ?1", &[&key])?;
    if entries.iter().any(|entry| !scope.entries.contains(&EntryId(FactId::from_key(*entry)))) {
        return Ok(true);
    }
    let tied = "SELECT from_person FROM relation WHERE to_person = ?1
        UNION SELECT to_person FROM relation WHERE from_person = ?1
        UNION SELECT b.person FROM address_person a JOIN address_person b ON b.address = a.address WHERE a.person = ?1";
    for key in keys(db, tied, &[&key])? {
        let other = PersonId(FactId::from_key(key));
        let by_profession = |kind| matches!(kind, PersonKind::Staff { .. } | PersonKind::Professional { .. });
        if other != one && !going.contains(&other) && !by_profession(ask::person(db, other)?.kind) {
            return Ok(true);
        }
    }
    let held = "SELECT 1 FROM hold WHERE person = ? AND lifted IS NULL";
    Ok(db.prepare_cached(held)?.exists([key])?)
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

/// Most files that are judged for one list.
const MAX_JUDGED: usize = 2_000;

/// Files that a person must look at, what is due longest first; and what was destroyed, newest first.
pub(super) fn review(db: &Connection, today: Date, limit: usize) -> Result<RetentionView, StoreError> {
    let candidates = "SELECT person FROM proposal WHERE open = 1
        UNION SELECT person FROM hold WHERE lifted IS NULL
        UNION SELECT person FROM leaving
        UNION SELECT id FROM person WHERE pupil = 1 AND born <= ?1
        UNION SELECT id FROM person WHERE pupil = 1 AND born IS NULL
              AND (id IN (SELECT child FROM case_file) OR id IN (SELECT person FROM entry_person))
        LIMIT ?2";
    let mut rows = Vec::new();
    for key in keys(db, candidates, &[&Rule::born_by(today).to_string(), &MAX_JUDGED])? {
        let row = row(db, PersonId(FactId::from_key(key)), today)?;
        let held = matches!(row.verdict, Verdict::Held(_));
        if row.proposal.is_some() || held || row.verdict.needs_a_person() {
            rows.push(row);
        }
    }
    let due = rows.iter().filter(|row| matches!(row.verdict, Verdict::Due { .. })).count() as u64;
    rows.sort_by_key(|row| (place(row), row.person));
    rows.truncate(limit);
    let newest = "SELECT id FROM disposal ORDER BY id DESC LIMIT ?1";
    let disposals =
        keys(db, newest, &[&limit])?.into_iter().map(|key| disposal(db, key)).collect::<Result<_, _>>()?;
    Ok(RetentionView { rows, due, disposals })
}

/// What is proposed first, then what is due, then what hinders, then what is held.
fn place(row: &RetentionRow) -> (u8, Option<Date>) {
    match &row.verdict {
        _ if row.proposal.is_some() => (0, None),
        Verdict::Due { on, .. } => (1, Some(*on)),
        Verdict::AwaitsReceipt { left } => (2, Some(*left)),
        Verdict::Unfinished(_) => (3, None),
        Verdict::Undated => (4, None),
        Verdict::Held(_) => (5, None),
        Verdict::NotYet { .. } | Verdict::Keep => (6, None),
    }
}

/// How one file stands.
pub(super) fn row(db: &Connection, person: PersonId, today: Date) -> Result<RetentionRow, StoreError> {
    let scope = outline(db, person)?;
    let known = ask::person(db, person)?;
    Ok(RetentionRow {
        person,
        name: known.name(),
        verdict: judge(&file_state(db, person)?, today),
        proposal: proposal(db, person)?,
        cases: scope.cases.len() as u64,
        entries: scope.entries.len() as u64,
        family: scope.people.len().saturating_sub(1) as u64,
        kept: scope.kept.into_iter().collect(),
    })
}

/// The proposal that waits for another person's word.
pub(super) fn proposal(db: &Connection, person: PersonId) -> Result<Option<ProposalView>, StoreError> {
    let found = keys(db, "SELECT id FROM proposal WHERE person = ?1 AND open = 1", &[&person.0.key()])?;
    let Some(key) = found.first() else { return Ok(None) };
    let fact = facts::load(db, *key)?;
    match fact.fact {
        Fact::DisposalProposed { rule, .. } => {
            Ok(Some(ProposalView { id: ProposalId(fact.id), rule, by: fact.by, at: fact.recorded }))
        }
        _ => Err(StoreError::bad_fact(fact.id)),
    }
}

fn disposal(db: &Connection, key: i64) -> Result<DisposalRow, StoreError> {
    let fact = facts::load(db, key)?;
    match fact.fact {
        Fact::Disposed(disposed) => Ok(DisposalRow { id: fact.id, disposed: *disposed }),
        _ => Err(StoreError::bad_fact(fact.id)),
    }
}
