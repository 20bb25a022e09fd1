//! What goes with a person's file, and what stays because somebody else needs it.

use std::collections::BTreeSet;

use rusqlite::Connection;

use super::{OF_FILE, keys};
use crate::{
    casework::{
        ids::{AddressId, CaseId, EntryId, FactId, FileId, PersonId, ReceivedId},
        person::PersonKind,
        retention::Scope,
    },
    store::{ask, error::StoreError, facts},
};

/// What would go with a file. Goes through all facts.
pub(in crate::store) fn scope(db: &Connection, file: FileId) -> Result<Scope, StoreError> {
    let mut scope = outline(db, file)?;
    facts::each(db, |recorded| {
        scope.take(&recorded);
        Ok(())
    })?;
    Ok(scope)
}

/// What the tables know of it.
pub(super) fn outline(db: &Connection, file: FileId) -> Result<Scope, StoreError> {
    match file {
        FileId::Person(person) => of_person(db, person),
        FileId::Bundle(bundle) => Ok(Scope { received: BTreeSet::from([bundle]), ..Scope::default() }),
    }
}

fn of_person(db: &Connection, person: PersonId) -> Result<Scope, StoreError> {
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
    let held = "SELECT 1 FROM hold WHERE file = ? AND lifted IS NULL";
    Ok(db.prepare_cached(held)?.exists([key])?)
}
