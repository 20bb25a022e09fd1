//! What stands in the node's database about bundles, gates and news: each function is one question or one change.

mod ahead;
mod news;
mod place;

use jiff::Timestamp;
use kith_protocol::{
    envelope::{Envelope, SignedEnvelope},
    gate::SignedGate,
    ids::{AgencyId, BundleId, Digest, GateId},
    receipt::{Leaf, SignedReceipt},
    sign::VerifyingKey,
    signed::Signed,
    wire::{Happening, OurFault, Policy, Waiting, WireError},
};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

pub(super) use ahead::{begin_ahead, is_ahead, name_ahead};
pub(super) use news::{answers, news, tell};
use place::{cursor_of, go_on};

use super::{config::Limits, log, store::StoreError};

type Result<T> = std::result::Result<T, StoreError>;

/// Most items in one reply, and most of their text, in bytes: a reply fits well into a frame.
const PAGE: i64 = 64;
const PAGE_BYTES: usize = 512 * 1024;

/// How far a bundle has come on the node. The numbers stand in the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Waiting = 0,
    Delivered = 1,
    Acknowledged = 2,
    Withdrawn = 3,
    Expired = 4,
    /// Its bytes went missing here.
    Lost = 5,
}

impl State {
    fn from_number(number: i64) -> Result<Self> {
        use State::{Acknowledged, Delivered, Expired, Lost, Waiting, Withdrawn};
        [Waiting, Delivered, Acknowledged, Withdrawn, Expired, Lost]
            .into_iter()
            .find(|state| *state as i64 == number)
            .ok_or(StoreError::Damaged("a bundle's state"))
    }

    /// What keeps its bytes from being handed out, if anything does.
    pub(super) const fn refusal(self) -> Option<WireError> {
        Some(WireError::Policy(match self {
            Self::Waiting | Self::Delivered => return None,
            Self::Acknowledged => Policy::Gone,
            Self::Withdrawn => Policy::Withdrawn,
            Self::Expired => Policy::Expired,
            Self::Lost => return Some(WireError::Ours { fault: OurFault::Lost, retry_after: 3600 }),
        }))
    }
}

/// A bundle on the node.
#[derive(Debug, Clone)]
pub(super) struct Held {
    pub(super) sender: AgencyId,
    pub(super) recipient: AgencyId,
    pub(super) size: u64,
    pub(super) ciphertext: Digest,
    pub(super) stored: SignedReceipt,
    pub(super) delivered: Option<SignedReceipt>,
    pub(super) state: State,
    pub(super) stored_at: Timestamp,
    /// The gate lets nobody begin to collect it from then on.
    pub(super) gate_until: Timestamp,
}

impl Held {
    /// What keeps its bytes from being handed out at `now`, if anything does.
    pub(super) fn refusal(&self, now: Timestamp) -> Option<WireError> {
        let shut = self.state == State::Waiting && self.gate_until <= now;
        if shut { State::Expired } else { self.state }.refusal()
    }
}

/// A bundle whose bytes are durable, or come with it.
pub(super) struct Accepted {
    pub(super) id: BundleId,
    pub(super) envelope: Envelope,
    pub(super) signed: SignedEnvelope,
    pub(super) gate: SignedGate,
    pub(super) gate_until: Timestamp,
    pub(super) at: Timestamp,
    /// The bytes, if they are few enough to stand in the database.
    pub(super) body: Option<Vec<u8>>,
}

fn policy(policy: Policy) -> StoreError {
    WireError::Policy(policy).into()
}

fn text<T>(signed: &Signed<T>) -> Result<String> {
    serde_json::to_string(signed).map_err(|_| StoreError::Damaged("a document to be written"))
}

fn signed<T>(text: &str) -> Result<Signed<T>> {
    serde_json::from_str(text).map_err(|_| StoreError::Damaged("a stored document"))
}

fn agency(text: &str) -> Result<AgencyId> {
    text.parse().map_err(|_| StoreError::Damaged("an agency's name"))
}

fn key(id: &BundleId) -> &[u8; 32] {
    id.0.as_bytes()
}

fn bundle(bytes: [u8; 32]) -> BundleId {
    BundleId(Digest::from_bytes(bytes))
}

fn time(seconds: i64) -> Result<Timestamp> {
    Timestamp::from_second(seconds).map_err(|_| StoreError::Damaged("a time"))
}

/// The bundle, if the node knows it.
pub(super) fn find(db: &Connection, id: BundleId) -> Result<Option<Held>> {
    let mut query = db.prepare_cached(
        "SELECT sender, recipient, size, ciphertext, stored, delivered, state, stored_at,
         gate_until FROM bundles WHERE id = ?",
    )?;
    let mut rows = query.query([key(&id)])?;
    rows.next()?.map(held).transpose()
}

fn held(row: &Row<'_>) -> Result<Held> {
    Ok(Held {
        sender: agency(row.get_ref(0)?.as_str().unwrap_or_default())?,
        recipient: agency(row.get_ref(1)?.as_str().unwrap_or_default())?,
        size: row.get(2)?,
        ciphertext: Digest::from_bytes(row.get(3)?),
        stored: signed(&row.get::<_, String>(4)?)?,
        delivered: row.get::<_, Option<String>>(5)?.map(|text| signed(&text)).transpose()?,
        state: State::from_number(row.get(6)?)?,
        stored_at: time(row.get(7)?)?,
        gate_until: time(row.get(8)?)?,
    })
}

/// What the books say to an upload.
pub(super) enum Reserved {
    /// The bundle was accepted before.
    Stored(SignedReceipt),
    /// There is room for it; its beginning may have come ahead.
    Room { ahead: bool },
}

/// The receipt for a bundle that was accepted before, or room made for one that may come.
///
/// # Errors
/// Its gate was used or taken back, or there is no room.
pub(super) fn reserve(
    db: &Connection,
    id: BundleId,
    envelope: &Envelope,
    now: Timestamp,
    limits: Limits,
) -> Result<Reserved> {
    if let Some(held) = find(db, id)?.filter(|held| held.state != State::Lost) {
        return Ok(Reserved::Stored(held.stored));
    }
    passable(db, id, (&envelope.from, envelope.gate))?;
    let ahead = is_ahead(db, &envelope.from, envelope.gate)?;
    if ahead {
        release(db, name_ahead(&envelope.from))?;
    }
    let begun = db
        .prepare_cached("SELECT 1 FROM partials WHERE id = ?")?
        .query_row([key(&id)], |_| Ok(()))
        .optional()?;
    if begun.is_none() {
        take_room(db, (&envelope.from, envelope.size), limits)?;
        db.prepare_cached("INSERT INTO partials (id, sender, size, begun_at) VALUES (?, ?, ?, ?)")?
            .execute(params![key(&id), envelope.from.as_str(), envelope.size, now.as_second()])?;
    }
    Ok(Reserved::Room { ahead })
}

/// Lets reserved room go.
pub(super) fn release(db: &Connection, id: BundleId) -> Result<()> {
    let mut query = db.prepare_cached("DELETE FROM partials WHERE id = ? RETURNING sender, size")?;
    let freed: Option<(String, i64)> =
        query.query_row([key(&id)], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    freed.map_or(Ok(()), |(sender, size)| give_back(db, &sender, size))
}

/// Enters a bundle, and the news of it. A bundle that is entered already keeps its first receipt, also when its bytes
/// were lost and have come again; a new one is signed for its place in the log, and entered there.
///
/// # Errors
/// Its gate was used or taken back, or there is no room.
pub(super) fn accept(
    db: &Connection,
    new: &Accepted,
    limits: Limits,
    (cosign, sign): (&VerifyingKey, impl FnOnce(Leaf) -> SignedReceipt),
) -> Result<SignedReceipt> {
    let lost = match find(db, new.id)? {
        Some(held) if held.state != State::Lost => return Ok(held.stored),
        lost => lost,
    };
    let envelope = &new.envelope;
    passable(db, new.id, (&envelope.from, envelope.gate))?;
    let reserved = db.prepare_cached("DELETE FROM partials WHERE id = ?")?.execute([key(&new.id)])?;
    if reserved == 0 {
        take_room(db, (&envelope.from, envelope.size), limits)?;
    }
    if lost.is_some() {
        for forget in
            ["DELETE FROM bundles WHERE id = ?", "DELETE FROM news WHERE bundle = ? AND kind IN (0, 4)"]
        {
            db.prepare_cached(forget)?.execute([key(&new.id)])?;
        }
    }
    let (stored, delivered) = lost.map_or((None, None), |held| (Some(held.stored), held.delivered));
    let stored = match stored {
        Some(first) => first,
        None => sign(log::next(db, cosign)?),
    };
    let state = if delivered.is_some() { State::Delivered } else { State::Waiting };
    db.prepare_cached(
        "INSERT INTO bundles (id, sender, recipient, gate, size, ciphertext, envelope, signed_gate, stored,
         stored_at, state, changed_at, gate_until, delivered)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?10, ?12, ?13)",
    )?
    .execute(params![
        key(&new.id),
        envelope.from.as_str(),
        envelope.to.as_str(),
        envelope.gate.as_bytes(),
        envelope.size,
        envelope.ciphertext.as_bytes(),
        text(&new.signed)?,
        text(&new.gate)?,
        text(&stored)?,
        new.at.as_second(),
        state as i64,
        new.gate_until.as_second(),
        delivered.as_ref().map(text).transpose()?,
    ])?;
    if let Some(body) = &new.body {
        db.prepare_cached("INSERT INTO bodies (id, body) VALUES (?, ?)")?
            .execute(params![key(&new.id), body])?;
    }
    log::enter(db, &stored)?;
    tell(db, &envelope.to, new.id, &Happening::Arrived, new.at)?;
    Ok(stored)
}

fn passable(db: &Connection, id: BundleId, (from, gate): (&AgencyId, GateId)) -> Result<()> {
    let gate = params![from.as_str(), gate.as_bytes(), key(&id)];
    for (query, rule) in [
        ("SELECT 1 FROM withdrawn WHERE sender = ? AND gate = ? AND ?3 = ?3", Policy::GateWithdrawn),
        ("SELECT 1 FROM bundles WHERE sender = ? AND gate = ? AND id <> ?", Policy::GateUsed),
    ] {
        if db.prepare_cached(query)?.exists(gate)? {
            return Err(policy(rule));
        }
    }
    Ok(())
}

fn take_room(db: &Connection, (from, size): (&AgencyId, u64), limits: Limits) -> Result<()> {
    let all: u64 = db
        .prepare_cached("SELECT coalesce(sum(held), 0) FROM usage")?
        .query_row([], |row| row.get::<_, u64>(0))?;
    if all.saturating_add(size) > limits.node {
        return Err(WireError::Ours { fault: OurFault::DiskFull, retry_after: 600 }.into());
    }
    if used(db, from)?.saturating_add(size) > limits.agency {
        return Err(policy(Policy::QuotaFull { limit: limits.agency }));
    }
    db.prepare_cached(
        "INSERT INTO usage (agency, held) VALUES (?1, ?2) ON CONFLICT (agency) DO UPDATE SET held = held + ?2",
    )?
    .execute(params![from.as_str(), size])?;
    Ok(())
}

fn give_back(db: &Connection, sender: &str, size: i64) -> Result<()> {
    db.prepare_cached("UPDATE usage SET held = max(held - ?2, 0) WHERE agency = ?1")?
        .execute(params![sender, size])?;
    Ok(())
}

/// Bytes on the node from an agency.
pub(super) fn used(db: &Connection, sender: &AgencyId) -> Result<u64> {
    let mut query = db.prepare_cached("SELECT held FROM usage WHERE agency = ?")?;
    Ok(query.query_row([sender.as_str()], |row| row.get(0)).optional()?.unwrap_or(0))
}

/// The bytes of a bundle that stands in the database.
pub(super) fn body(db: &Connection, id: BundleId) -> Result<Option<Vec<u8>>> {
    let mut query = db.prepare_cached("SELECT body FROM bodies WHERE id = ?")?;
    Ok(query.query_row([key(&id)], |row| row.get(0)).optional()?)
}

/// Moves a bundle on; its bytes go when the new state hands them out no more.
pub(super) fn set_state(
    db: &Connection,
    id: BundleId,
    held: &Held,
    state: State,
    now: Timestamp,
) -> Result<()> {
    db.prepare_cached("UPDATE bundles SET state = ?2, changed_at = ?3 WHERE id = ?1")?.execute(params![
        key(&id),
        state as i64,
        now.as_second()
    ])?;
    if held.state.refusal().is_none() && state.refusal().is_some() {
        db.prepare_cached("DELETE FROM bodies WHERE id = ?")?.execute([key(&id)])?;
        let size = i64::try_from(held.size).unwrap_or(i64::MAX);
        give_back(db, held.sender.as_str(), size)?;
    }
    Ok(())
}

/// Enters the recipient's DELIVERED, and the news of it. Gives back the first one, if there was one.
///
/// # Errors
/// The bundle may not be collected any more.
pub(super) fn deliver(
    db: &Connection,
    id: BundleId,
    receipt: &SignedReceipt,
    now: Timestamp,
) -> Result<SignedReceipt> {
    let held = find(db, id)?.ok_or(StoreError::Damaged("a bundle that was there"))?;
    if let Some(refusal) = held.refusal(now) {
        return Err(refusal.into());
    }
    if let Some(first) = held.delivered {
        return Ok(first);
    }
    db.prepare_cached("UPDATE bundles SET delivered = ?2 WHERE id = ?1")?
        .execute(params![key(&id), text(receipt)?])?;
    set_state(db, id, &held, State::Delivered, now)?;
    log::enter(db, receipt)?;
    tell(db, &held.sender, id, &Happening::Delivered { receipt: receipt.clone() }, now)?;
    Ok(receipt.clone())
}

/// The bundle that came through a gate.
pub(super) fn by_gate(db: &Connection, sender: &AgencyId, gate: GateId) -> Result<Option<BundleId>> {
    let mut query = db.prepare_cached("SELECT id FROM bundles WHERE sender = ? AND gate = ?")?;
    let id = query.query_row(params![sender.as_str(), gate.as_bytes()], |row| row.get(0)).optional()?;
    Ok(id.map(bundle))
}

/// Enters that a gate was taken back; nothing passes through it from now on.
pub(super) fn shut(db: &Connection, sender: &AgencyId, gate: GateId, now: Timestamp) -> Result<()> {
    db.prepare_cached("INSERT OR IGNORE INTO withdrawn (sender, gate, at) VALUES (?, ?, ?)")?
        .execute(params![sender.as_str(), gate.as_bytes(), now.as_second()])?;
    Ok(())
}

/// Enters that a bundle's bytes are gone though they should be here, and tells the sender, whose name it gives.
///
/// # Errors
/// They should not be here.
pub(super) fn lose(db: &Connection, id: BundleId, now: Timestamp) -> Result<AgencyId> {
    let held = find(db, id)?.ok_or(StoreError::Damaged("a bundle that was there"))?;
    if let Some(refusal) = held.state.refusal() {
        return Err(refusal.into());
    }
    set_state(db, id, &held, State::Lost, now)?;
    let since = held.stored_at.as_second();
    tell(db, &held.sender, id, &Happening::NotDelivered { since }, now)?;
    Ok(held.sender)
}

/// Bundles whose bytes should stand in a file, and how long it is.
pub(super) fn in_files(db: &Connection) -> Result<Vec<(BundleId, u64)>> {
    let mut query = db.prepare_cached(
        "SELECT id, size FROM bundles WHERE state <= 1 AND NOT EXISTS (SELECT 1 FROM bodies WHERE bodies.id = bundles.id)",
    )?;
    let found =
        query.query_map([], |row| Ok((bundle(row.get(0)?), row.get(1)?)))?.collect::<rusqlite::Result<_>>();
    Ok(found?)
}

/// Forgets what ended before `before`: bundles whose gates have shut as well, news, and gates taken back.
pub(super) fn forget(db: &Connection, before: Timestamp, now: Timestamp) -> Result<()> {
    let (before, now) = (before.as_second(), now.as_second());
    db.prepare_cached("DELETE FROM bundles WHERE state >= 2 AND changed_at <= ? AND gate_until <= ?")?
        .execute([before, now])?;
    db.prepare_cached("DELETE FROM news WHERE at <= ?")?.execute([before])?;
    db.prepare_cached("DELETE FROM withdrawn WHERE at <= ?")?.execute([before])?;
    Ok(())
}

/// Bundles that wait for `recipient` after a cursor, oldest first, and whether there are more.
pub(super) fn waiting(
    db: &Connection,
    recipient: &AgencyId,
    after: u64,
    now: Timestamp,
) -> Result<(Vec<Waiting>, bool)> {
    let known = "SELECT 1 FROM bundles WHERE recipient = ? AND cursor = ? AND mark = ?";
    let after = go_on(db, known, recipient, after)?;
    let mut query = db.prepare_cached(
        "SELECT cursor, mark, envelope, signed_gate, stored, delivered FROM bundles
         WHERE recipient = ? AND cursor > ? AND state <= 1 AND (state = 1 OR gate_until > ?) ORDER BY cursor LIMIT ?",
    )?;
    let mut rows = query.query(params![recipient.as_str(), after, now.as_second(), PAGE + 1])?;
    let (mut page, mut bytes) = (Vec::new(), 0);
    while let Some(row) = rows.next()? {
        let texts: [String; 3] = [row.get(2)?, row.get(3)?, row.get(4)?];
        let delivered: Option<String> = row.get(5)?;
        bytes += texts.iter().chain(&delivered).map(String::len).sum::<usize>();
        if page.len() as i64 == PAGE || (bytes > PAGE_BYTES && !page.is_empty()) {
            return Ok((page, true));
        }
        let [envelope, gate, stored] = &texts;
        page.push(Waiting {
            cursor: cursor_of(row)?,
            envelope: signed(envelope)?,
            gate: signed(gate)?,
            stored: signed(stored)?,
            delivered: delivered.as_deref().map(signed).transpose()?,
        });
    }
    Ok((page, false))
}

/// How many bundles wait for `recipient`.
pub(super) fn count_waiting(db: &Connection, recipient: &AgencyId) -> Result<u64> {
    let mut query = db.prepare_cached(
        "SELECT count(*) FROM bundles INDEXED BY bundles_waiting WHERE recipient = ? AND state <= 1",
    )?;
    Ok(query.query_row([recipient.as_str()], |row| row.get(0))?)
}

/// How many bundles wait, and how many bytes are held, for all agencies together.
pub(super) fn totals(db: &Connection) -> Result<(u64, u64)> {
    let waiting = db.query_row("SELECT count(*) FROM bundles WHERE state = 0", [], |row| row.get(0))?;
    let held = db.query_row("SELECT coalesce(sum(held), 0) FROM usage", [], |row| row.get(0))?;
    Ok((waiting, held))
}

/// Bundles nobody began to collect that were stored before `before`, or whose gates have shut by `now`.
pub(super) fn overdue(db: &Connection, before: Timestamp, now: Timestamp) -> Result<Vec<BundleId>> {
    ids(
        db,
        "SELECT id FROM bundles WHERE state = 0 AND (stored_at <= ? OR gate_until <= ?)",
        [before.as_second(), now.as_second()],
    )
}

/// Bundles in `state` that have not moved since before `before`.
pub(super) fn idle(db: &Connection, state: State, before: Timestamp) -> Result<Vec<BundleId>> {
    ids(
        db,
        "SELECT id FROM bundles WHERE state = ? AND changed_at <= ?",
        params![state as i64, before.as_second()],
    )
}

/// Uploads begun before `before` and never ended.
pub(super) fn abandoned(db: &Connection, before: Timestamp) -> Result<Vec<BundleId>> {
    ids(db, "SELECT id FROM partials WHERE begun_at <= ?", [before.as_second()])
}

/// Uploads the books know of.
pub(super) fn reserved(db: &Connection) -> Result<Vec<BundleId>> {
    ids(db, "SELECT id FROM partials", [])
}

fn ids(db: &Connection, query: &str, with: impl rusqlite::Params) -> Result<Vec<BundleId>> {
    let mut query = db.prepare_cached(query)?;
    let found = query.query_map(with, |row| row.get(0).map(bundle))?.collect::<rusqlite::Result<_>>();
    Ok(found?)
}
