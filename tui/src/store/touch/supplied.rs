//! What a supplement to a received bundle touches: the bundle, what was released of it before, and the record's entry.

use rusqlite::{Connection, OptionalExtension as _};

use super::{Found, missing};
use crate::{
    casework::{
        decide::Touched,
        fact::{Fact, SignedText, Supplied},
        ids::{EntryId, FactId, ReceivedId},
        query::EntryView,
        supplied::Filed,
    },
    store::{ask::entry_view, cells, error::StoreError, facts},
};

/// What was released of a received bundle, oldest first.
pub(in crate::store) fn of(db: &Connection, id: ReceivedId) -> Result<Vec<(FactId, SignedText)>, StoreError> {
    let mut statement = db.prepare_cached("SELECT id FROM released WHERE received = ? ORDER BY id")?;
    let mut rows = statement.query([id.0.key()])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let id: FactId = cells::id(row, 0)?;
        let Fact::SupplementTaken(Supplied { supplement, .. }) = facts::load(db, id.key())?.fact else {
            return Err(StoreError::bad_fact(id));
        };
        found.push((id, supplement));
    }
    Ok(found)
}

/// `number` is that of the record in the bundle, from 1.
pub(super) fn state(db: &Connection, id: ReceivedId, number: usize) -> Found<Touched> {
    let row: Option<(Option<i64>, bool)> = db
        .prepare_cached("SELECT filed, gone IS NOT NULL FROM received WHERE id = ?")?
        .query_row([id.0.key()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((filed, gone)) = row else { return missing("received bundle", id) };
    if gone {
        return Ok(Ok(Touched::Gone));
    }
    let Fact::BundleReceived(received) = facts::load(db, id.0.key())?.fact else {
        return Err(StoreError::bad_fact(id.0));
    };
    let filed = match filed.map(FactId::from_key) {
        Some(filed) => here(db, FactId { seq: filed.seq + number as u64, ..filed })?,
        None => Filed::NotYet,
    };
    let earlier = of(db, id)?.into_iter().map(|(_, one)| one).collect();
    Ok(Ok(Touched::Supplied { received: Box::new(received), filed, earlier }))
}

fn here(db: &Connection, id: FactId) -> Result<Filed, StoreError> {
    if !db.prepare_cached("SELECT 1 FROM entry WHERE id = ?")?.exists([id.key()])? {
        return Ok(Filed::Destroyed);
    }
    let entry = EntryId(id);
    let EntryView { entry: now, stands, earlier, .. } = entry_view(db, entry)?;
    let mut versions: Vec<_> = earlier.into_iter().map(|one| (one.entry, one.recorded)).collect();
    versions.push((now, facts::load(db, stands.fact.key())?.recorded));
    Ok(Filed::As { entry, versions })
}
