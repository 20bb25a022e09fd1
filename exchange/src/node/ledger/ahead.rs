//! What comes ahead of its deposit: room for one beginning from each sender, and the gate that its bundle will pass.

use jiff::Timestamp;
use kith_protocol::{
    gate::Gate,
    ids::{AgencyId, BundleId, Digest, GateId},
};
use rusqlite::{Connection, params};

use super::{Result, key, passable, release, take_room};
use crate::node::config::Limits;

/// The name under which it is kept until its bundle is known. No bundle has it: ids are digests of envelopes.
pub(in crate::node) fn name_ahead(sender: &AgencyId) -> BundleId {
    BundleId(Digest::of(format!("kith/ahead/1\0{sender}").as_bytes()))
}

/// Makes room for at most `most` bytes, in the place of what this sender sent ahead before.
///
/// # Errors
/// The gate was used or taken back, or there is no room.
pub(in crate::node) fn begin_ahead(
    db: &Connection,
    gate: &Gate,
    most: u64,
    now: Timestamp,
    limits: Limits,
) -> Result<()> {
    let name = name_ahead(&gate.from);
    passable(db, name, (&gate.from, gate.id))?;
    release(db, name)?;
    take_room(db, (&gate.from, most), limits)?;
    db.prepare_cached("INSERT INTO partials (id, sender, size, begun_at, gate) VALUES (?, ?, ?, ?, ?)")?
        .execute(params![key(&name), gate.from.as_str(), most, now.as_second(), gate.id.as_bytes()])?;
    Ok(())
}

/// Whether what this sender sent ahead is for this gate.
pub(in crate::node) fn is_ahead(db: &Connection, sender: &AgencyId, gate: GateId) -> Result<bool> {
    let mut query = db.prepare_cached("SELECT 1 FROM partials WHERE id = ? AND gate = ?")?;
    Ok(query.exists(params![key(&name_ahead(sender)), gate.as_bytes()])?)
}
