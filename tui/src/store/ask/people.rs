//! People: finding them, everything known of one, who is tied to whom.

use std::collections::BTreeSet;

use jiff::civil::Date;
use rusqlite::{Connection, OptionalExtension as _};

use super::{all, cases, entries, same, unknown};
use crate::{
    casework::{
        fact::Fact,
        ids::{AddressId, FactId, PersonId, RelationId},
        person::Person,
        query::{Network, PAGE, PersonRow, PersonView},
    },
    store::{Casebook, error::StoreError, facts, names},
};

/// How many entries are shown beside a person.
const LAST_ENTRIES: usize = 50;
/// Most people, ties or addresses of one network.
const MAX_NETWORK: usize = 200;
/// Most people who are looked for in a text.
const MAX_NAMED: usize = 500;
/// Most people of one day of birth who are looked at.
const MAX_BORN: usize = 100;

/// By reference, by a number others know them by, by any part of a name; blank text lists the newest.
pub(super) fn find(
    db: &Connection,
    text: &str,
    pupils_only: bool,
    limit: usize,
) -> Result<Vec<PersonRow>, StoreError> {
    let mut keys: Vec<i64> = Vec::new();
    if text.trim().is_empty() {
        let sql = "SELECT id FROM person WHERE pupil >= ? ORDER BY id DESC LIMIT ?";
        keys = all(db, sql, &[&pupils_only, &limit], |row| Ok(row.get(0)?))?;
    }
    let exact = text.trim().parse::<FactId>().ok().map(FactId::key);
    keys.extend(names::find_identifier(db, text, limit)?);
    keys.extend(names::find(db, text, pupils_only, limit)?);
    let mut seen = BTreeSet::new();
    // Whichever record was meant, the person is found once.
    let mut keys = keys.into_iter().map(|key| same::first(db, key)).collect::<Result<Vec<_>, _>>()?;
    // A reference names one record.
    keys.splice(..0, exact);
    keys.retain(|key| seen.insert(*key));
    keys.into_iter().filter_map(|id| row(db, id, pupils_only).transpose()).take(limit).collect()
}

fn row(db: &Connection, id: i64, pupils_only: bool) -> Result<Option<PersonRow>, StoreError> {
    let found = db
        .prepare_cached("SELECT name, detail, born FROM person WHERE id = ? AND pupil >= ?")?
        .query_row((id, pupils_only), |row| Ok((row.get(0)?, row.get(1)?, row.get::<_, Option<String>>(2)?)))
        .optional()?;
    let Some((name, detail, born)) = found else { return Ok(None) };
    let born = born.map(|date| date.parse().map_err(|_| StoreError::damaged("a row"))).transpose()?;
    let mut case = None;
    let records = same::records(db, id)?;
    for one in &records {
        case = case.or(cases::open_case(db, *one)?);
    }
    let detail = if records.len() > 1 { also(db, detail, id)? } else { detail };
    Ok(Some(PersonRow { id: PersonId(FactId::from_key(id)), name, detail, born, case }))
}

/// What is said beside a name, with the names under which the person is recorded too.
fn also(db: &Connection, detail: String, id: i64) -> Result<String, StoreError> {
    let others = same::others(db, id)?;
    let names: Vec<String> =
        others.iter().map(|(one, person)| format!("{} ({one})", person.name())).collect();
    let also = format!("also recorded as {}", names.join(", "));
    Ok([detail, also].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("; "))
}

/// How many versions of a person there are, and what is recorded of them now.
pub(super) fn latest(db: &Connection, id: PersonId) -> Result<(u32, Person), StoreError> {
    let found: Option<(i64, u32)> = db
        .prepare_cached("SELECT latest, versions FROM person WHERE id = ?")?
        .query_row([id.0.key()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let (fact, versions) = found.ok_or_else(|| unknown("person", id))?;
    match facts::load(db, fact)?.fact {
        Fact::PersonAdded(person) | Fact::PersonAmended { now: person, .. } => Ok((versions, person)),
        _ => Err(StoreError::bad_fact(FactId::from_key(fact))),
    }
}

pub(super) fn view(db: &Connection, id: PersonId, today: Date) -> Result<PersonView, StoreError> {
    let (versions, person) = latest(db, id)?;
    let (mut cases, mut entries) = (Vec::new(), Vec::new());
    for record in same::records(db, id.0.key())? {
        cases.extend(cases::of_child(db, PersonId(FactId::from_key(record)), today)?);
        entries.extend(entries::of_person(db, record, LAST_ENTRIES)?);
    }
    cases.sort_unstable_by_key(|case| std::cmp::Reverse(case.id));
    // Both records may stand in one entry.
    entries.sort_unstable_by_key(|entry| std::cmp::Reverse((entry.at, entry.id)));
    entries.dedup_by_key(|entry| entry.id);
    entries.truncate(LAST_ENTRIES);
    Ok(PersonView { id, person, cases, entries, versions, same: same::others(db, id.0.key())? })
}

/// The person, those tied to them or living with them, and the ties and addresses among all of these.
pub(super) fn network(db: &Connection, id: PersonId) -> Result<Network, StoreError> {
    let near = "SELECT id AS person FROM me
        UNION SELECT from_person FROM relation WHERE to_person IN me
        UNION SELECT to_person FROM relation WHERE from_person IN me
        UNION SELECT b.person FROM address_person a JOIN address_person b ON b.address = a.address
              WHERE a.person IN me";
    let records = same::records(db, id.0.key())?;
    let me = records.iter().map(|key| format!("({key})")).collect::<Vec<_>>().join(",");
    let me = format!("me(id) AS (VALUES {me})");
    let keys = |sql: &str| -> Result<Vec<i64>, StoreError> {
        all(db, sql, &[&id.0.key(), &MAX_NETWORK], |row| Ok(row.get(0)?))
    };
    let mut network = Network { marks: same::marks(db, &records)?, ..Network::default() };
    network
        .same
        .extend(records.iter().filter(|one| **one != id.0.key()).map(|key| PersonId(FactId::from_key(*key))));
    for key in keys(&format!("WITH {me} SELECT person FROM ({near}) ORDER BY person <> ?1, person LIMIT ?2"))?
    {
        let person = PersonId(FactId::from_key(key));
        network.people.push((person, latest(db, person)?.1));
    }
    for key in keys(&format!(
        "WITH {me}, near AS ({near}) SELECT id FROM relation WHERE from_person IN (SELECT person FROM near)
            AND to_person IN (SELECT person FROM near) ORDER BY id LIMIT ?2"
    ))? {
        let fact = facts::load(db, key)?;
        if let Fact::RelationRecorded(relation) = fact.fact {
            network.relations.push((RelationId(fact.id), relation));
        }
    }
    for key in keys(&format!(
        "WITH {me}, near AS ({near}) SELECT DISTINCT address FROM address_person
         WHERE person IN (SELECT person FROM near) ORDER BY address DESC LIMIT ?2"
    ))? {
        let fact = facts::load(db, key)?;
        if let Fact::AddressRecorded(address) = fact.fact {
            network.addresses.push((AddressId(fact.id), address));
        }
    }
    Ok(network)
}

impl Casebook {
    /// People whose names have any of the words of a text, those with the most of them first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn people_named(&self, text: &str) -> Result<Vec<(PersonId, Person)>, StoreError> {
        let keys = names::bearing(&self.db, &names::words(text), MAX_NAMED)?;
        let id = |key| PersonId(FactId::from_key(key));
        keys.into_iter().map(|key| Ok((id(key), latest(&self.db, id(key))?.1))).collect()
    }

    /// People whose names are, but for slips, two words that stand beside each other, and people with such initials.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn people_hinted(
        &self,
        pairs: &BTreeSet<(String, String)>,
        initials: &BTreeSet<(char, char)>,
    ) -> Result<Vec<(PersonId, Person)>, StoreError> {
        let mut keys = names::nearly(&self.db, pairs)?;
        keys.extend(names::with_initials(&self.db, initials)?);
        let id = |key| PersonId(FactId::from_key(key));
        keys.into_iter().map(|key| Ok((id(key), latest(&self.db, id(key))?.1))).collect()
    }

    /// People in the order they were recorded, after one of them; [`PAGE`] at most.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn people_after(
        &self,
        after: Option<PersonId>,
        pupils_only: bool,
    ) -> Result<Vec<PersonRow>, StoreError> {
        let sql = "SELECT id FROM person WHERE id > ? AND pupil >= ? ORDER BY id LIMIT ?";
        let after = after.map_or(i64::MIN, |id| id.0.key());
        let keys = all(&self.db, sql, &[&after, &pupils_only, &PAGE], |row| Ok(row.get::<_, i64>(0)?))?;
        keys.into_iter().filter_map(|key| row(&self.db, key, pupils_only).transpose()).collect()
    }

    /// People of this day of birth, each once whichever of their records says it.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn people_born(&self, day: Date) -> Result<Vec<PersonRow>, StoreError> {
        let sql = "SELECT id FROM person WHERE born = ? ORDER BY id LIMIT ?";
        let keys = all(&self.db, sql, &[&day.to_string(), &MAX_BORN], |row| Ok(row.get::<_, i64>(0)?))?;
        let first: BTreeSet<i64> =
            keys.into_iter().map(|key| same::first(&self.db, key)).collect::<Result<_, _>>()?;
        first.into_iter().filter_map(|key| row(&self.db, key, false).transpose()).collect()
    }

    /// Somebody as recorded now.
    ///
    /// # Errors
    /// When they are not here, or the database cannot be read.
    pub fn person(&self, id: PersonId) -> Result<Person, StoreError> {
        Ok(latest(&self.db, id)?.1)
    }
}
