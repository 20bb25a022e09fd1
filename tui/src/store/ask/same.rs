//! Records of one and the same person.

use rusqlite::Connection;

use super::{all, people::latest};
use crate::{
    casework::{
        decide::MAX_RECORDS,
        fact::{Fact, Recorded},
        ids::{FactId, PersonId},
        person::Person,
        query::SameMark,
    },
    store::{Casebook, error::StoreError, facts},
};

/// Every record of the person, theirs included: a pupil's before others, then the oldest first. The first one stands for
/// them where one must.
pub(in crate::store) fn records(db: &Connection, id: i64) -> Result<Vec<i64>, StoreError> {
    let sql = "WITH RECURSIVE same(id) AS (
            VALUES (?1)
            UNION SELECT CASE s.one WHEN same.id THEN s.other ELSE s.one END
            FROM same JOIN same_person s ON s.one = same.id OR s.other = same.id)
        SELECT p.id FROM same JOIN person p ON p.id = same.id ORDER BY p.pupil DESC, p.id LIMIT ?2";
    all(db, sql, &[&id, &MAX_RECORDS], |row| Ok(row.get(0)?))
}

/// What marked these records as of one person, the oldest first.
pub(super) fn marks(db: &Connection, records: &[i64]) -> Result<Vec<SameMark>, StoreError> {
    let mut marks = Vec::new();
    for record in records {
        let sql = "SELECT fact FROM same_person WHERE one = ? ORDER BY fact LIMIT ?";
        for fact in all(db, sql, &[record, &MAX_RECORDS], |row| Ok(row.get::<_, i64>(0)?))? {
            let Recorded { fact, recorded: at, by, .. } = facts::load(db, fact)?;
            if let Fact::SamePerson { one, other, why } = fact {
                marks.push(SameMark { one, other, why, by, at });
            }
        }
    }
    marks.sort_by_key(|mark| mark.at);
    Ok(marks)
}

/// The record that stands for the person.
pub(super) fn first(db: &Connection, id: i64) -> Result<i64, StoreError> {
    Ok(records(db, id)?.first().copied().unwrap_or(id))
}

/// The other records of a person.
pub(super) fn others(db: &Connection, id: i64) -> Result<Vec<(PersonId, Person)>, StoreError> {
    let ids = records(db, id)?.into_iter().filter(|one| *one != id);
    ids.map(|one| PersonId(FactId::from_key(one))).map(|one| Ok((one, latest(db, one)?.1))).collect()
}

impl Casebook {
    /// The other records of a person, as they are now.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn same_person(&self, person: PersonId) -> Result<Vec<(PersonId, Person)>, StoreError> {
        others(&self.db, person.0.key())
    }
}
