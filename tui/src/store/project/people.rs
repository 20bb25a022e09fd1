//! People, their names for searching, addresses and ties.

use rusqlite::{Connection, params};

use crate::{
    casework::{
        fact::{Fact, Recorded},
        person::{Address, Person, PersonKind, Relation},
    },
    store::{cells::name_of, error::StoreError, names, project::Tally},
};

pub(super) fn project(db: &Connection, recorded: &Recorded) -> Result<(), StoreError> {
    let key = recorded.id.key();
    match &recorded.fact {
        Fact::PersonAdded(person) => {
            Tally::People.add(db, 1)?;
            write(db, key, key, person)
        }
        Fact::PersonAmended { person: id, now, .. } => write(db, id.0.key(), key, now),
        Fact::AddressRecorded(address) => write_address(db, key, address),
        Fact::RelationRecorded(relation) => write_relation(db, key, relation),
        Fact::SamePerson { one, other, .. } => {
            let sql =
                "INSERT OR IGNORE INTO same_person (one, other, fact) VALUES (min(?1, ?2), max(?1, ?2), ?3)";
            db.prepare_cached(sql)?.execute([one.0.key(), other.0.key(), key])?;
            Ok(())
        }
        Fact::NotSamePerson { one, other, .. } => {
            let sql = "DELETE FROM same_person WHERE one = min(?1, ?2) AND other = max(?1, ?2)";
            db.prepare_cached(sql)?.execute([one.0.key(), other.0.key()])?;
            Ok(())
        }
        _ => Ok(()),
    }
}

fn write(db: &Connection, id: i64, fact: i64, person: &Person) -> Result<(), StoreError> {
    let (year, is_pupil) = match &person.kind {
        PersonKind::Pupil { year, .. } => (year.as_str(), true),
        _ => ("", false),
    };
    db.prepare_cached(
        "INSERT INTO person (id, latest, versions, name, detail, year, born, pupil) VALUES (?1, ?2, 1, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (id) DO UPDATE SET latest = ?2, versions = versions + 1, name = ?3, detail = ?4, year = ?5,
            born = ?6, pupil = ?7",
    )?
    .execute(params![
        id,
        fact,
        person.name(),
        detail(&person.kind),
        year,
        person.born.map(|date| date.to_string()),
        is_pupil,
    ])?;
    db.prepare_cached("DELETE FROM person_identifier WHERE person = ?")?.execute([id])?;
    let mut insert = db
        .prepare_cached("INSERT OR IGNORE INTO person_identifier (value, scheme, person) VALUES (?, ?, ?)")?;
    for one in &person.identifiers {
        insert.execute(params![names::plain_identifier(&one.value), name_of(&one.scheme), id])?;
    }
    names::index(db, id, person, is_pupil)
}

fn detail(kind: &PersonKind) -> String {
    let parts: [&str; 2] = match kind {
        PersonKind::Pupil { year, class } => [year, class],
        PersonKind::Family => ["family", ""],
        PersonKind::Staff { role } => ["staff", role],
        PersonKind::Professional { role, agency } if role == agency => [role, ""],
        PersonKind::Professional { role, agency } => [role, agency],
        PersonKind::Other => ["", ""],
    };
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

fn write_address(db: &Connection, key: i64, address: &Address) -> Result<(), StoreError> {
    db.prepare_cached("INSERT INTO address (id, protected) VALUES (?, ?)")?
        .execute(params![key, address.protected])?;
    let mut insert =
        // Whoever lived there and was disposed of since is not known any more.
        db.prepare_cached("INSERT OR IGNORE INTO address_person (person, address) SELECT id, ?2 FROM person WHERE id = ?1")?;
    for person in &address.people {
        insert.execute([person.0.key(), key])?;
    }
    Ok(())
}

fn write_relation(db: &Connection, key: i64, relation: &Relation) -> Result<(), StoreError> {
    db.prepare_cached("INSERT INTO relation (id, from_person, to_person) VALUES (?, ?, ?)")?.execute([
        key,
        relation.from.0.key(),
        relation.to.0.key(),
    ])?;
    Ok(())
}
