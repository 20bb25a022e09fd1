//! How values stand in columns, both ways.

use std::str::FromStr;

use jiff::Timestamp;
use rusqlite::{Row, RowIndex};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::error::StoreError;
use crate::casework::{case::LevelOfNeed, entry::Significance, ids::FactId};

/// The name of a variant without fields.
pub(super) fn name_of(variant: &impl Serialize) -> String {
    match serde_json::to_value(variant) {
        Ok(Value::String(name)) => name,
        // Only ever called with enums of plain variants.
        _ => String::new(),
    }
}

/// The variant of that name.
pub(super) fn named<T: DeserializeOwned>(row: &Row<'_>, at: impl RowIndex) -> Result<T, StoreError> {
    let name: String = row.get(at)?;
    serde_json::from_value(Value::String(name)).map_err(|_| StoreError::damaged("a row"))
}

/// A value kept as its text.
pub(super) fn parsed<T: FromStr>(row: &Row<'_>, at: impl RowIndex) -> Result<T, StoreError> {
    let text: String = row.get(at)?;
    text.parse().map_err(|_| StoreError::damaged("a row"))
}

/// A moment kept in microseconds.
pub(super) fn moment(row: &Row<'_>, at: impl RowIndex) -> Result<Timestamp, StoreError> {
    from_micros(row.get(at)?)
}

pub(super) fn from_micros(micros: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_microsecond(micros).map_err(|_| StoreError::damaged("a row"))
}

/// The id kept as a key.
pub(super) fn id(row: &Row<'_>, at: impl RowIndex) -> Result<FactId, StoreError> {
    Ok(FactId::from_key(row.get(at)?))
}

/// The id kept as a key, if there is one.
pub(super) fn maybe_id(row: &Row<'_>, at: impl RowIndex) -> Result<Option<FactId>, StoreError> {
    Ok(row.get::<_, Option<i64>>(at)?.map(FactId::from_key))
}

pub(super) const fn significance_number(significance: Significance) -> i64 {
    match significance {
        Significance::None => 0,
        Significance::Positive => 1,
        Significance::Low => 2,
        Significance::Medium => 3,
        Significance::High => 4,
    }
}

pub(super) fn significance(row: &Row<'_>, at: impl RowIndex) -> Result<Significance, StoreError> {
    Ok(match row.get::<_, i64>(at)? {
        0 => Significance::None,
        1 => Significance::Positive,
        2 => Significance::Low,
        3 => Significance::Medium,
        4 => Significance::High,
        _ => return Err(StoreError::damaged("a row")),
    })
}

pub(super) const fn level_number(level: LevelOfNeed) -> i64 {
    match level {
        LevelOfNeed::NotAssessed => 0,
        LevelOfNeed::Universal => 1,
        LevelOfNeed::EarlyHelp => 2,
        LevelOfNeed::ChildInNeed => 3,
        LevelOfNeed::ChildProtection => 4,
    }
}

pub(super) fn level(row: &Row<'_>, at: impl RowIndex) -> Result<LevelOfNeed, StoreError> {
    Ok(match row.get::<_, i64>(at)? {
        0 => LevelOfNeed::NotAssessed,
        1 => LevelOfNeed::Universal,
        2 => LevelOfNeed::EarlyHelp,
        3 => LevelOfNeed::ChildInNeed,
        4 => LevelOfNeed::ChildProtection,
        _ => return Err(StoreError::damaged("a row")),
    })
}
