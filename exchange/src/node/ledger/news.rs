//! What agencies are told, in the order it happened.

use jiff::Timestamp;
use kith_protocol::{
    ids::{AgencyId, BundleId, Digest},
    wire::{Happening, News},
};
use rusqlite::{Connection, params};

use super::{Held, PAGE, PAGE_BYTES, Result, bundle, cursor_of, go_on, key, signed, text};
use crate::node::store::StoreError;

/// Enters news for an agency; the same news twice is news once.
pub(in crate::node) fn tell(
    db: &Connection,
    agency: &AgencyId,
    id: BundleId,
    what: &Happening,
    now: Timestamp,
) -> Result<()> {
    let (kind, body): (i64, Vec<u8>) = match what {
        Happening::Arrived => (0, Vec::new()),
        Happening::Delivered { receipt } => (1, text(receipt)?.into_bytes()),
        Happening::Answered { sealed } => (2, sealed.clone()),
        Happening::Withdrawn { withdrawal } => (3, text(withdrawal)?.into_bytes()),
        Happening::NotDelivered { since } => (4, since.to_be_bytes().to_vec()),
    };
    db.prepare_cached(
        "INSERT OR IGNORE INTO news (agency, bundle, kind, body, digest, at) VALUES (?, ?, ?, ?, ?, ?)",
    )?
    .execute(params![
        agency.as_str(),
        key(&id),
        kind,
        body,
        Digest::of(&body).as_bytes(),
        now.as_second()
    ])?;
    Ok(())
}

/// How many answers to a bundle there are, and whether this is one of them.
pub(in crate::node) fn answers(
    db: &Connection,
    held: &Held,
    id: BundleId,
    sealed: &[u8],
) -> Result<(u32, bool)> {
    let mut query = db.prepare_cached(
        "SELECT count(*), coalesce(max(digest = ?3), 0) FROM news WHERE agency = ?1 AND bundle = ?2 AND kind = 2",
    )?;
    let digest = Digest::of(sealed);
    Ok(query.query_row(params![held.sender.as_str(), key(&id), digest.as_bytes()], |row| {
        Ok((row.get(0)?, row.get(1)?))
    })?)
}

/// News for `agency` after a cursor, oldest first, and whether there is more.
pub(in crate::node) fn news(db: &Connection, agency: &AgencyId, after: u64) -> Result<(Vec<News>, bool)> {
    let known = "SELECT 1 FROM news WHERE agency = ? AND cursor = ? AND mark = ?";
    let after = go_on(db, known, agency, after)?;
    let mut query = db.prepare_cached(
        "SELECT cursor, mark, bundle, kind, body FROM news WHERE agency = ? AND cursor > ? ORDER BY cursor LIMIT ?",
    )?;
    let mut rows = query.query(params![agency.as_str(), after, PAGE + 1])?;
    let (mut page, mut bytes) = (Vec::new(), 0);
    while let Some(row) = rows.next()? {
        let body: Vec<u8> = row.get(4)?;
        bytes += body.len();
        if page.len() as i64 == PAGE || (bytes > PAGE_BYTES && !page.is_empty()) {
            return Ok((page, true));
        }
        page.push(News {
            cursor: cursor_of(row)?,
            bundle: bundle(row.get(2)?),
            what: happening(row.get(3)?, body)?,
        });
    }
    Ok((page, false))
}

fn happening(kind: i64, body: Vec<u8>) -> Result<Happening> {
    let damaged = || StoreError::Damaged("a piece of news");
    let text = |body| String::from_utf8(body).map_err(|_| damaged());
    Ok(match kind {
        0 => Happening::Arrived,
        1 => Happening::Delivered { receipt: signed(&text(body)?)? },
        2 => Happening::Answered { sealed: body },
        3 => Happening::Withdrawn { withdrawal: signed(&text(body)?)? },
        4 => Happening::NotDelivered { since: i64::from_be_bytes(body.try_into().map_err(|_| damaged())?) },
        _ => return Err(damaged()),
    })
}
