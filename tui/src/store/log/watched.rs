//! What we saw of the logs of others: the last checkpoint of each, and what did not hold.

use jiff::Timestamp;
use kith_protocol::{
    ids::AgencyId,
    log::{Logged, Origin, SignedCheckpoint},
    receipt::ReceiptKind,
};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::checkpoint::parse;
use crate::{
    casework::{
        fact::{Fact, SignedText},
        ids::{FactId, ShareId},
        query::{LogFinding, SettledFinding},
    },
    store::{
        Casebook,
        cells::{from_micros, name_of},
        error::StoreError,
        facts,
    },
};

/// Receipts that are looked for in one round, and findings that are listed.
const MANY: usize = 256;
/// Sizes at which the node's log is remembered, the newest ones.
const SIZES: usize = 1024;
/// What one agency says of one log between two looks at it.
const HEARD: usize = 64;

impl Casebook {
    /// The last checkpoint of a log that was cosigned here.
    ///
    /// # Errors
    /// When it cannot be read, as with all that follow.
    pub fn watched(&self, log: &Origin) -> Result<Option<SignedCheckpoint>, StoreError> {
        let note = self
            .db
            .prepare_cached("SELECT note FROM log_watched WHERE log = ?")?
            .query_row([log.as_str()], |row| row.get::<_, String>(0))
            .optional()?;
        note.map(|note| parse(&note)).transpose()
    }

    /// What the node's log was here when it had this size, if it was looked at then.
    ///
    /// # Errors
    /// As [`Self::watched`].
    pub fn watched_at(&self, log: &Origin, size: u64) -> Result<Option<SignedCheckpoint>, StoreError> {
        let Ok(size) = i64::try_from(size) else { return Ok(None) };
        let note = self
            .db
            .prepare_cached("SELECT note FROM log_watched_at WHERE log = ? AND size = ?")?
            .query_row(params![log.as_str(), size], |row| row.get::<_, String>(0))
            .optional()?;
        note.map(|note| parse(&note)).transpose()
    }

    /// Keeps what was signed of another's log at one size, beside what is known of that already.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn watch_signed(&mut self, seen: &SignedCheckpoint) -> Result<(), StoreError> {
        let claimed = seen.claims().map_err(|_| StoreError::damaged("a checkpoint"))?;
        let mut note = seen.clone();
        if let Some(known) = self.watched_at(&claimed.origin, claimed.size)? {
            // Of two roots at one size the first stays: the other is a finding of its own.
            note = known;
            let _ = note.join(seen);
        }
        // What is lost of it can be said again.
        self.unhurried(|book| {
            book.db
                .prepare_cached("INSERT OR REPLACE INTO log_watched_at (log, size, note) VALUES (?, ?, ?)")?
                .execute(params![claimed.origin.as_str(), claimed.size, note.to_string()])?;
            Ok(())
        })
    }

    /// The name of the log of an agency that was seen last.
    ///
    /// # Errors
    /// As [`Self::watched`].
    pub fn watched_of(&self, agency: &AgencyId) -> Result<Option<Origin>, StoreError> {
        let mut statement =
            self.db.prepare_cached("SELECT log FROM log_watched WHERE NOT node ORDER BY begun DESC")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let log: Origin =
                row.get::<_, String>(0)?.parse().map_err(|_| StoreError::damaged("the name of a log"))?;
            if log.agency().as_ref() == Some(agency) {
                return Ok(Some(log));
            }
        }
        Ok(None)
    }

    /// The log of the node that was watched last, and what was seen of it.
    ///
    /// # Errors
    /// As [`Self::watched`].
    pub fn watched_node(
        &self,
        is_its: impl Fn(&Origin) -> bool,
    ) -> Result<Option<SignedCheckpoint>, StoreError> {
        let mut statement =
            self.db.prepare_cached("SELECT note FROM log_watched WHERE node ORDER BY begun DESC LIMIT ?")?;
        let notes = statement.query_map([MANY], |row| row.get::<_, String>(0))?;
        for note in notes {
            let note = parse(&note?)?;
            if note.claims().is_ok_and(|claimed| is_its(&claimed.origin)) {
                return Ok(Some(note));
            }
        }
        Ok(None)
    }

    /// Keeps what is about to be cosigned. A log of a node that was not watched before takes the place of the one that was,
    /// and all receipts are looked for in it again.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn watch(&mut self, log: &Origin, node: bool, seen: &SignedCheckpoint) -> Result<(), StoreError> {
        let size = seen.claims().map_err(|_| StoreError::damaged("a checkpoint"))?.size;
        let tx = self.transaction()?;
        if node {
            tx.prepare_cached("INSERT OR IGNORE INTO log_watched_at (log, size, note) VALUES (?, ?, ?)")?
                .execute(params![log.as_str(), size, seen.to_string()])?;
            tx.prepare_cached(
                "DELETE FROM log_watched_at WHERE log = ?1 AND size <= (SELECT size FROM log_watched_at
                 WHERE log = ?1 ORDER BY size DESC LIMIT 1 OFFSET ?2)",
            )?
            .execute(params![log.as_str(), SIZES])?;
        }
        let known = tx.prepare_cached("SELECT 1 FROM log_watched WHERE log = ?")?.exists([log.as_str()])?;
        if !known && node {
            tx.execute("DELETE FROM log_shown", [])?;
        }
        tx.prepare_cached(
            "INSERT INTO log_watched (log, node, note, begun)
             VALUES (?1, ?2, ?3, (SELECT coalesce(max(begun), 0) + 1 FROM log_watched))
             ON CONFLICT (log) DO UPDATE SET note = ?3",
        )?
        .execute(params![log.as_str(), node, seen.to_string()])?;
        tx.commit()
    }

    /// Facts that keep a node's STORED, of a bundle sent or received, which has not been looked for in its log yet, oldest
    /// first.
    ///
    /// # Errors
    /// As [`Self::watched`].
    pub fn not_shown(&self) -> Result<Vec<(FactId, SignedText)>, StoreError> {
        let mut statement = self.db.prepare_cached(
            "SELECT fact FROM (SELECT fact FROM share_receipt WHERE kind = ?
                 UNION ALL SELECT id FROM received WHERE by_node = 1 AND gone IS NULL) r
             WHERE NOT EXISTS (SELECT 1 FROM log_shown s WHERE s.fact = r.fact) ORDER BY fact LIMIT ?",
        )?;
        let mut rows = statement.query(params![name_of(&ReceiptKind::Stored), MANY])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let fact = facts::load(&self.db, row.get(0)?)?;
            let stored = match fact.fact {
                Fact::ReceiptKept { receipt, .. } => Some(receipt),
                Fact::BundleReceived(received) => received.receipts.into_iter().next(),
                _ => None,
            };
            found.push((fact.id, stored.ok_or_else(|| StoreError::bad_fact(fact.id))?));
        }
        Ok(found)
    }

    /// Keeps what shows that a receipt stands in the node's log; `None` when it does not, or is another node's.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn set_shown(&mut self, fact: FactId, proof: Option<&Logged>) -> Result<(), StoreError> {
        self.db
            .prepare_cached("INSERT OR REPLACE INTO log_shown (fact, proof) VALUES (?, ?)")?
            .execute(params![fact.key(), proof.map(ToString::to_string)])?;
        Ok(())
    }

    /// What shows that the STORED of a share stands in the node's log, if the node showed it.
    ///
    /// # Errors
    /// As [`Self::watched`].
    pub fn shown_of(&self, share: ShareId) -> Result<Option<Logged>, StoreError> {
        let proof: Option<Option<String>> = self
            .db
            .prepare_cached(
                "SELECT s.proof FROM share_receipt r JOIN log_shown s ON s.fact = r.fact
                 WHERE r.share = ? AND r.kind = ? AND s.proof IS NOT NULL",
            )?
            .query_row(params![share.0.key(), name_of(&ReceiptKind::Stored)], |row| row.get(0))
            .optional()?;
        let read = |text: String| text.parse().map_err(|_| StoreError::damaged("a proof of the node's log"));
        proof.flatten().map(read).transpose()
    }

    /// Keeps what an agency says it saw of the node's log, to be held against what is shown here; beside what it said before
    /// that was not yet.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn heard(
        &mut self,
        agency: &AgencyId,
        log: &Origin,
        note: &SignedCheckpoint,
    ) -> Result<(), StoreError> {
        self.db
            .prepare_cached(
                "INSERT OR IGNORE INTO log_heard (log, agency, note) SELECT ?1, ?2, ?3
                 WHERE (SELECT count(*) FROM log_heard WHERE log = ?1 AND agency = ?2) < ?4",
            )?
            .execute(params![log.as_str(), agency.as_str(), note.to_string(), HEARD])?;
        Ok(())
    }

    /// What was heard and has not been held against anything yet.
    ///
    /// # Errors
    /// As [`Self::watched`].
    pub fn all_heard(&self) -> Result<Vec<(AgencyId, SignedCheckpoint)>, StoreError> {
        let mut statement = self.db.prepare_cached("SELECT agency, note FROM log_heard LIMIT ?")?;
        let rows =
            statement.query_map([MANY], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
        rows.map(|row| {
            let (agency, note) = row?;
            Ok((agency.parse().map_err(|_| StoreError::damaged("an agency"))?, parse(&note)?))
        })
        .collect()
    }

    /// This was held against what is shown here.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn compared_heard(&mut self, agency: &AgencyId, note: &SignedCheckpoint) -> Result<(), StoreError> {
        self.db
            .prepare_cached("DELETE FROM log_heard WHERE agency = ? AND note = ?")?
            .execute([agency.as_str(), &note.to_string()])?;
        Ok(())
    }

    /// Is it a bundle that came to us?
    ///
    /// # Errors
    /// As [`Self::watched`].
    pub fn is_received(&self, fact: FactId) -> Result<bool, StoreError> {
        Ok(self.db.prepare_cached("SELECT 1 FROM received WHERE id = ?")?.exists([fact.key()])?)
    }

    /// Does something speak against this log that nobody has dealt with?
    ///
    /// # Errors
    /// As [`Self::watched`].
    pub fn in_doubt(&self, log: &Origin) -> Result<bool, StoreError> {
        let of_it = |note: &str| note.lines().next() == Some(log.as_str());
        let (open, _) = findings(&self.db)?;
        Ok(open.iter().any(|finding| of_it(&finding.one) && of_it(&finding.other)))
    }

    /// Keeps what did not hold, with what shows it. The same is kept once.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn keep_finding(&mut self, finding: &LogFinding) -> Result<(), StoreError> {
        let LogFinding { found, what, one, other } = finding;
        self.db
            .prepare_cached(
                "INSERT OR IGNORE INTO log_finding (found, what, one, other) VALUES (?, ?, ?, ?)",
            )?
            .execute(params![found.as_microsecond(), what, one, other])?;
        Ok(())
    }
}

/// What did not hold, newest first: what nobody has dealt with, and what somebody has.
pub(in crate::store) fn findings(
    db: &Connection,
) -> Result<(Vec<LogFinding>, Vec<SettledFinding>), StoreError> {
    let mut statement =
        db.prepare_cached("SELECT found, what, one, other FROM log_finding ORDER BY id DESC LIMIT ?")?;
    let mut settled_by = db.prepare_cached("SELECT fact FROM finding_settled WHERE finding = ?")?;
    let mut rows = statement.query([MANY])?;
    let (mut open, mut settled) = (Vec::new(), Vec::new());
    while let Some(row) = rows.next()? {
        let found: Timestamp = from_micros(row.get(0)?)?;
        let finding = LogFinding { found, what: row.get(1)?, one: row.get(2)?, other: row.get(3)? };
        let fact: Option<i64> =
            settled_by.query_row([finding.id().as_bytes()], |row| row.get(0)).optional()?;
        let Some(fact) = fact.map(|key| facts::load(db, key)).transpose()? else {
            open.push(finding);
            continue;
        };
        let Fact::FindingSettled { why, .. } = fact.fact else { return Err(StoreError::bad_fact(fact.id)) };
        settled.push(SettledFinding { finding, at: fact.recorded, by: fact.by, why });
    }
    Ok((open, settled))
}
