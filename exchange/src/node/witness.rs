//! What the node saw of the logs of others, and who cosigned its own.

use kith_protocol::{
    ids::AgencyId,
    log::{Cosignature, Fork, Origin, SignedCheckpoint},
    wire::{Policy, WireError},
};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::store::StoreError;

/// Most logs of one agency: its devices, and as often as their backups were restored.
const MAX_LOGS: u32 = 256;

type Result<T> = std::result::Result<T, StoreError>;

/// The last checkpoint of this log that the node cosigned.
pub(super) fn seen(db: &Connection, log: &Origin) -> Result<Option<SignedCheckpoint>> {
    let note = db
        .prepare_cached("SELECT note FROM witnessed WHERE log = ?")?
        .query_row([log.as_str()], |row| row.get::<_, String>(0))
        .optional()?;
    note.map(|note| note.parse().map_err(|_| StoreError::Damaged("a checkpoint"))).transpose()
}

/// Keeps what the node is about to cosign.
pub(super) fn keep(
    db: &Connection,
    (agency, log): (&AgencyId, &Origin),
    note: &SignedCheckpoint,
) -> Result<()> {
    let logs: u32 = db
        .prepare_cached("SELECT count(*) FROM witnessed WHERE agency = ? AND log <> ?")?
        .query_row([agency.as_str(), log.as_str()], |row| row.get(0))?;
    if logs >= MAX_LOGS {
        return Err(WireError::Policy(Policy::TooManyLogs { limit: MAX_LOGS }).into());
    }
    db.prepare_cached("INSERT OR REPLACE INTO witnessed (log, agency, note) VALUES (?, ?, ?)")?
        .execute(params![log.as_str(), agency.as_str(), note.to_string()])?;
    Ok(())
}

/// Keeps proof that an agency was not honest. The first for each checkpoint seen is enough.
pub(super) fn keep_fork(db: &Connection, Fork { one, other }: &Fork) -> Result<()> {
    let one = one.to_string();
    let known = db.prepare_cached("SELECT 1 FROM forks WHERE one = ?")?.exists([&one])?;
    if !known {
        db.prepare_cached("INSERT INTO forks (one, other) VALUES (?, ?)")?
            .execute([one, other.to_string()])?;
    }
    Ok(())
}

/// How many logs were cosigned, and how many forks are kept: of one agency, or of all.
pub(super) fn counts(db: &Connection, agency: Option<&AgencyId>) -> Result<(u64, u64)> {
    let of = agency.map(AgencyId::as_str);
    let cosigned = db
        .prepare_cached("SELECT count(*) FROM witnessed WHERE ?1 IS NULL OR agency = ?1")?
        .query_row([of], |row| row.get(0))?;
    // A checkpoint begins with the log's name, and that with its agency's.
    let forks = db
        .prepare_cached("SELECT count(*) FROM forks WHERE ?1 IS NULL OR substr(one, 1, length(?1)) = ?1")?
        .query_row([of.map(|agency| format!("kith/{agency}/"))], |row| row.get(0))?;
    Ok((cosigned, forks))
}

/// Keeps a member's cosignature over the node's own log, unless it gave one over a longer one.
pub(super) fn keep_cosignature(
    db: &Connection,
    witness: &AgencyId,
    size: u64,
    line: Cosignature,
) -> Result<()> {
    db.prepare_cached(
        "INSERT INTO log_cosigned (witness, size, line) VALUES (?1, ?2, ?3)
         ON CONFLICT (witness) DO UPDATE SET size = ?2, line = ?3 WHERE size < ?2",
    )?
    .execute(params![witness.as_str(), size, String::from(line)])?;
    Ok(())
}

/// Who cosigned the node's log when it had `size` leaves.
pub(super) fn cosignatures(db: &Connection, size: u64) -> Result<Vec<(AgencyId, Cosignature)>> {
    let mut statement = db.prepare_cached("SELECT witness, line FROM log_cosigned WHERE size = ?")?;
    let rows = statement.query_map([size], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
    let damaged = || StoreError::Damaged("a cosignature");
    rows.map(|row| {
        let (witness, line) = row?;
        Ok((witness.parse().map_err(|_| damaged())?, Cosignature::try_from(line).map_err(|_| damaged())?))
    })
    .collect()
}
