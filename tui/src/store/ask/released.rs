//! Words released of a share later, as they stand in the chronology of a case: at who released them and at who got them.

use kith_protocol::supplement::Supplement;
use rusqlite::{Connection, Row, ToSql};

use super::{all, sharing::agency_name};
use crate::{
    casework::{
        fact::{Fact, Recorded, Release, SignedText, Supplied},
        query::ReleasedRow,
    },
    store::{cells, error::StoreError, facts},
};

/// `rest` selects rows of `released l`.
pub(super) fn select(
    db: &Connection,
    rest: &str,
    values: &[&dyn ToSql],
) -> Result<Vec<ReleasedRow>, StoreError> {
    all(db, &format!("SELECT l.id, l.at FROM released l {rest}"), values, |row| read(db, row))
}

fn read(db: &Connection, row: &Row<'_>) -> Result<ReleasedRow, StoreError> {
    let Recorded { id, fact, .. } = facts::load(db, row.get(0)?)?;
    let (by_us, supplement) = match &fact {
        Fact::WordsReleased(Release { supplement, .. }) => (true, supplement),
        Fact::SupplementTaken(Supplied { supplement, .. }) => (false, supplement),
        _ => return Err(StoreError::bad_fact(id)),
    };
    let Supplement { from, to, record, order, decided_by, .. } =
        SignedText::supplement(supplement).ok_or_else(|| StoreError::bad_fact(id))?;
    Ok(ReleasedRow {
        id,
        at: cells::parsed(row, 1)?,
        by_us,
        agency: agency_name(db, if by_us { &to } else { &from })?,
        by: format!("{}, {}", decided_by.name, decided_by.role),
        on: decided_by.on,
        record: record.to_string(),
        order,
    })
}
