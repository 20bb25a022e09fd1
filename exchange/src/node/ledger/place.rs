//! Cursors: a place in a list and a random mark of the row there.
//!
//! A node that was set back has another row there, or none, and so begins that list anew for whoever asks.

use kith_protocol::{
    ids::AgencyId,
    wire::{PLACE_BITS, place},
};
use rusqlite::{Connection, Row, params};

use super::Result;

/// The cursor of a row whose place and mark are its first two columns.
pub(super) fn cursor_of(row: &Row<'_>) -> Result<u64> {
    let (place, mark): (u64, u64) = (row.get(0)?, row.get(1)?);
    Ok(mark << PLACE_BITS | place)
}

/// The place to go on from: that of `cursor`, or the beginning where this node gave `agency` no such cursor.
pub(super) fn go_on(db: &Connection, known: &str, agency: &AgencyId, cursor: u64) -> Result<u64> {
    let (place, mark) = (place(cursor), cursor >> PLACE_BITS);
    let known = db.prepare_cached(known)?.exists(params![agency.as_str(), place, mark])?;
    Ok(if known { place } else { 0 })
}
