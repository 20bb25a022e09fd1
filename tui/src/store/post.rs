//! The outbox: what is decided to go and the node does not have yet. A share and its place here commit together, and so
//! do the node's receipt, or the share's end, and its leaving.

use jiff::{Timestamp, Zoned};
use kith_protocol::{
    approval::{Proposed, SignedApproval},
    ids::{BundleId, Digest, SealId},
};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::{
    Casebook, carry_out, cells,
    error::{CommandError, StoreError},
    facts,
};
use crate::casework::{
    command::Command,
    fact::{Author, Fact, Recorded, Release, Share, SignedText},
    ids::{ConsentId, FactId, ReceivedId, ShareId},
};

/// A share on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxItem {
    pub share: ShareId,
    pub state: OutboxState,
    /// How often it was tried, when last, and what came of it (a code, no content).
    pub tries: u32,
    pub last_try: Option<Timestamp>,
    pub last_error: Option<String>,
}

/// How far it has come on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OutboxState {
    /// Still to be sealed: the exact document that was previewed.
    ToSeal { draft: Vec<u8> },
    /// Sealed; the file waits in the outbox folder.
    Sealed { file: String, envelope: SignedText, gate: SignedText },
}

/// What sealing made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedFile {
    pub bundle: BundleId,
    pub ciphertext: Digest,
    /// Name of the sealed file in the outbox folder.
    pub file: String,
    pub envelope: SignedText,
    pub gate: SignedText,
}

/// Everything kept of one share, to verify what comes back about it and to take it back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharePapers {
    pub share: Share,
    /// The second person's check, where there was one.
    pub approval: Option<Box<SignedApproval>>,
    /// None until it is sealed.
    pub sealed: Option<SealedPapers>,
    /// Its receipts, in the order they were kept.
    pub receipts: Vec<SignedText>,
    pub ended: bool,
    /// The withdrawal, if it was taken back.
    pub withdrawal: Option<SignedText>,
}

/// A share that waits for a second person's check, or did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    pub share: Share,
    pub by: Author,
    pub signed: Box<Proposed>,
    /// The exact document that was previewed, and the choices it was made from, as JSON.
    pub draft: Vec<u8>,
    pub choices: Vec<u8>,
}

/// What sealing left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedPapers {
    pub bundle: BundleId,
    pub envelope: SignedText,
    pub gate: SignedText,
}

/// Most answers that are handed out at once; the rest follow.
const MAX_ANSWERS: usize = 64;
/// Most shares that are handed out at once; the rest follow.
const MAX_OUTBOX: usize = 64;

impl Casebook {
    /// Shares that still have to be sealed or sent, oldest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn outbox(&self) -> Result<Vec<OutboxItem>, StoreError> {
        let mut statement = self.db.prepare_cached(
            "SELECT share, draft, file, envelope, gate, tries, last_try, last_error FROM outbox ORDER BY share LIMIT ?",
        )?;
        let mut rows = statement.query([MAX_OUTBOX])?;
        let mut items = Vec::new();
        while let Some(row) = rows.next()? {
            let state = match row.get::<_, Option<String>>(2)? {
                None => OutboxState::ToSeal { draft: row.get(1)? },
                Some(file) => {
                    let (envelope, gate): (String, String) = (row.get(3)?, row.get(4)?);
                    OutboxState::Sealed { file, envelope: signed(&envelope)?, gate: signed(&gate)? }
                }
            };
            items.push(OutboxItem {
                share: ShareId(cells::id(row, 0)?),
                state,
                tries: row.get(5)?,
                last_try: row.get::<_, Option<i64>>(6)?.map(cells::from_micros).transpose()?,
                last_error: row.get(7)?,
            });
        }
        Ok(items)
    }

    /// Notes that a share was sealed: the fact and the outbox change together.
    ///
    /// # Errors
    /// As [`Casebook::execute`].
    pub fn set_sealed(
        &mut self,
        share: ShareId,
        sealed: &SealedFile,
        author: &Author,
        now: &Zoned,
    ) -> Result<Vec<FactId>, CommandError> {
        let (envelope, gate) = (text_of(&sealed.envelope)?, text_of(&sealed.gate)?);
        let tx = self.transaction()?;
        let SealedFile { bundle, ciphertext, envelope: sent, gate: through, .. } = sealed.clone();
        let command = Command::NoteSealed { share, bundle, ciphertext, envelope: sent, gate: through };
        let facts = carry_out(&tx, command, author, now)?;
        tx.prepare_cached(
            "UPDATE outbox SET draft = x'', file = ?2, envelope = ?3, gate = ?4 WHERE share = ?1",
        )?
        .execute(params![share.0.key(), sealed.file, envelope, gate])?;
        tx.commit()?;
        Ok(facts)
    }

    /// Notes a try that did not succeed.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn set_tried(&mut self, share: ShareId, now: Timestamp, error: &str) -> Result<(), StoreError> {
        self.db
            .prepare_cached(
                "UPDATE outbox SET tries = tries + 1, last_try = ?2, last_error = ?3 WHERE share = ?1",
            )?
            .execute(params![share.0.key(), now.as_microsecond(), error])?;
        Ok(())
    }

    /// Everything kept of a share.
    ///
    /// # Errors
    /// When it is not here, or the database cannot be read.
    pub fn papers(&self, id: ShareId) -> Result<SharePapers, StoreError> {
        let found = self
            .db
            .prepare_cached("SELECT ended IS NOT NULL, approved, sealed, asked FROM share WHERE id = ?")?
            .query_row([id.0.key()], |row| {
                let fact = |at| row.get::<_, Option<i64>>(at);
                Ok((row.get::<_, bool>(0)?, [fact(1)?, fact(2)?, fact(3)?]))
            })
            .optional()?;
        let (ended, [approved, sealed, asked]) =
            found.ok_or_else(|| StoreError::Unknown { what: "share", id: id.to_string() })?;
        let fact = facts::load(&self.db, id.0.key())?;
        let (Fact::ShareDecided(share) | Fact::ShareProposed { share, .. }) = fact.fact else {
            return Err(StoreError::bad_fact(fact.id));
        };
        let approved = approved.map(|key| facts::load(&self.db, key)).transpose()?;
        let approval = approved.map(|fact| match fact.fact {
            Fact::ShareApproved { approval, .. } => Ok(approval),
            _ => Err(StoreError::bad_fact(fact.id)),
        });
        let sealed = sealed.map(|key| facts::load(&self.db, key)).transpose()?;
        let sealed = sealed.map(|fact| match fact.fact {
            Fact::ShareSealed { bundle, envelope, gate, .. } => Ok(SealedPapers { bundle, envelope, gate }),
            _ => Err(StoreError::bad_fact(fact.id)),
        });
        let mut statement =
            self.db.prepare_cached("SELECT fact FROM share_receipt WHERE share = ? ORDER BY fact")?;
        let mut rows = statement.query([id.0.key()])?;
        let mut receipts = Vec::new();
        while let Some(row) = rows.next()? {
            let fact = facts::load(&self.db, row.get(0)?)?;
            let Fact::ReceiptKept { receipt, .. } = fact.fact else {
                return Err(StoreError::bad_fact(fact.id));
            };
            receipts.push(receipt);
        }
        let withdrawal = asked.map(|key| withdrawal(&self.db, key)).transpose()?;
        Ok(SharePapers {
            share,
            approval: approval.transpose()?,
            sealed: sealed.transpose()?,
            receipts,
            ended,
            withdrawal,
        })
    }

    /// What was released of a share so far, oldest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn releases(&self, share: ShareId) -> Result<Vec<(FactId, Release)>, StoreError> {
        let mut statement = self.db.prepare_cached("SELECT id FROM released WHERE share = ? ORDER BY id")?;
        let mut rows = statement.query([share.0.key()])?;
        let mut releases = Vec::new();
        while let Some(row) = rows.next()? {
            let fact = facts::load(&self.db, row.get(0)?)?;
            let Fact::WordsReleased(release) = fact.fact else { return Err(StoreError::bad_fact(fact.id)) };
            releases.push((fact.id, release));
        }
        Ok(releases)
    }

    /// A share that waits for a second person's check.
    ///
    /// # Errors
    /// When it does not wait for one, or the database cannot be read.
    pub fn proposal(&self, id: ShareId) -> Result<Proposal, StoreError> {
        let kept: Option<(Vec<u8>, Vec<u8>)> = self
            .db
            .prepare_cached("SELECT draft, choices FROM proposed_share WHERE share = ?")?
            .query_row([id.0.key()], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let unknown = || StoreError::Unknown { what: "share to check", id: id.to_string() };
        let (draft, choices) = kept.ok_or_else(unknown)?;
        let fact = facts::load(&self.db, id.0.key())?;
        match fact.fact {
            Fact::ShareProposed { share, proposal } => {
                Ok(Proposal { share, by: fact.by, signed: proposal, draft, choices })
            }
            _ => Err(StoreError::bad_fact(fact.id)),
        }
    }

    /// What became of a share that waits for no check: its approval, its end, or, where none was asked for, its decision. None
    /// when there is no such share.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn checked_already(&self, id: ShareId) -> Result<Option<Recorded>, StoreError> {
        let fact = self
            .db
            .prepare_cached("SELECT coalesce(approved, ended, id) FROM share WHERE id = ?")?
            .query_row([id.0.key()], |row| row.get(0))
            .optional()?;
        fact.map(|fact| facts::load(&self.db, fact)).transpose()
    }

    /// Answers to received bundles that people here gave after the fact `after`, oldest first, each with its receipt.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn answers_after(&self, after: FactId) -> Result<Vec<(FactId, ReceivedId, SignedText)>, StoreError> {
        let mut statement = self.db.prepare_cached(
            "SELECT fact, received FROM received_answer WHERE fact > ? ORDER BY fact LIMIT ?",
        )?;
        let mut rows = statement.query(params![after.key(), MAX_ANSWERS])?;
        let mut answers = Vec::new();
        while let Some(row) = rows.next()? {
            let fact = facts::load(&self.db, row.get(0)?)?;
            let Fact::BundleAnswered { receipt, .. } = fact.fact else {
                return Err(StoreError::bad_fact(fact.id));
            };
            answers.push((fact.id, ReceivedId(cells::id(row, 1)?), receipt));
        }
        Ok(answers)
    }

    /// The receipts that people here signed for a received bundle, oldest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn answers_of(&self, received: ReceivedId) -> Result<Vec<SignedText>, StoreError> {
        let mut statement =
            self.db.prepare_cached("SELECT fact FROM received_answer WHERE received = ? ORDER BY fact")?;
        let mut rows = statement.query([received.0.key()])?;
        let mut answers = Vec::new();
        while let Some(row) = rows.next()? {
            let fact = facts::load(&self.db, row.get(0)?)?;
            let Fact::BundleAnswered { receipt, .. } = fact.fact else {
                return Err(StoreError::bad_fact(fact.id));
            };
            answers.push(receipt);
        }
        Ok(answers)
    }

    /// Withdrawals that were signed after the fact `after`, oldest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn withdrawals_after(&self, after: FactId) -> Result<Vec<(FactId, SignedText)>, StoreError> {
        let mut statement =
            self.db.prepare_cached("SELECT asked FROM share WHERE asked > ? ORDER BY asked LIMIT ?")?;
        let mut rows = statement.query(params![after.key(), MAX_ANSWERS])?;
        let mut withdrawals = Vec::new();
        while let Some(row) = rows.next()? {
            let key = row.get(0)?;
            withdrawals.push((FactId::from_key(key), withdrawal(&self.db, key)?));
        }
        Ok(withdrawals)
    }

    /// Shares the node or their recipient has, which were not taken back though the record they rest on was withdrawn.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn shares_without_record(&self) -> Result<Vec<ShareId>, StoreError> {
        let mut statement = self.db.prepare_cached(
            "SELECT s.id FROM consent c JOIN share s ON s.consent = c.id
             WHERE c.withdrawn IS NOT NULL AND s.asked IS NULL AND s.ended IS NULL AND s.sealed IS NOT NULL
               AND EXISTS (SELECT 1 FROM share_receipt r WHERE r.share = s.id)
             ORDER BY s.id LIMIT ?",
        )?;
        let mut rows = statement.query([MAX_ANSWERS])?;
        let mut shares = Vec::new();
        while let Some(row) = rows.next()? {
            shares.push(ShareId(cells::id(row, 0)?));
        }
        Ok(shares)
    }

    /// Consents that were asked for or given, and have run out by `now` without that being recorded.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn run_out(&self, now: Timestamp) -> Result<Vec<ConsentId>, StoreError> {
        let mut statement = self.db.prepare_cached(
            "SELECT id FROM consent WHERE state IN ('requested', 'given') AND withdrawn IS NULL AND until <= ?
             ORDER BY until LIMIT ?",
        )?;
        let mut rows = statement.query(params![now.as_microsecond(), MAX_ANSWERS])?;
        let mut consents = Vec::new();
        while let Some(row) = rows.next()? {
            consents.push(ConsentId(cells::id(row, 0)?));
        }
        Ok(consents)
    }

    /// The withdrawal of a received bundle, as its sender signed it.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn withdrawal_of(&self, received: ReceivedId) -> Result<Option<SignedText>, StoreError> {
        let key: Option<Option<i64>> = self
            .db
            .prepare_cached("SELECT asked FROM received WHERE id = ?")?
            .query_row([received.0.key()], |row| row.get(0))
            .optional()?;
        let Some(fact) = key.flatten().map(|key| facts::load(&self.db, key)).transpose()? else {
            return Ok(None);
        };
        match fact.fact {
            Fact::WithdrawalArrived { withdrawal, .. } => Ok(Some(withdrawal)),
            _ => Err(StoreError::bad_fact(fact.id)),
        }
    }

    /// The share that sent a bundle.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn share_of_bundle(&self, bundle: BundleId) -> Result<Option<ShareId>, StoreError> {
        self.one_id("SELECT id FROM share WHERE bundle = ?", bundle).map(|id| id.map(ShareId))
    }

    /// The place in the inbox of a bundle that arrived.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn received_of_bundle(&self, bundle: BundleId) -> Result<Option<ReceivedId>, StoreError> {
        self.one_id("SELECT id FROM received WHERE bundle = ?", bundle).map(|id| id.map(ReceivedId))
    }

    /// The place in the inbox of what was sealed under this id.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn received_of_seal(&self, seal: SealId) -> Result<Option<ReceivedId>, StoreError> {
        let mut statement = self.db.prepare_cached("SELECT id FROM received WHERE seal = ?")?;
        let mut rows = statement.query([seal.as_bytes()])?;
        Ok(rows.next()?.map(|row| cells::id(row, 0)).transpose()?.map(ReceivedId))
    }

    fn one_id(&self, sql: &str, bundle: BundleId) -> Result<Option<FactId>, StoreError> {
        let mut statement = self.db.prepare_cached(sql)?;
        let mut rows = statement.query([bundle.0.as_bytes()])?;
        rows.next()?.map(|row| cells::id(row, 0)).transpose()
    }
}

/// A share that may be sealed.
pub(super) fn queue(db: &Connection, share: FactId, draft: &[u8]) -> Result<(), StoreError> {
    db.prepare_cached("INSERT INTO outbox (share, draft) VALUES (?, ?)")?
        .execute(params![share.key(), draft])?;
    Ok(())
}

/// A share that a second person must check first.
pub(super) fn propose(
    db: &Connection,
    share: FactId,
    draft: &[u8],
    choices: &[u8],
) -> Result<(), StoreError> {
    db.prepare_cached("INSERT INTO proposed_share (share, draft, choices) VALUES (?, ?, ?)")?
        .execute(params![share.key(), draft, choices])?;
    Ok(())
}

/// It was checked.
pub(super) fn queue_proposed(db: &Connection, share: ShareId) -> Result<(), StoreError> {
    let key = share.0.key();
    db.prepare_cached(
        "INSERT INTO outbox (share, draft) SELECT share, draft FROM proposed_share WHERE share = ?",
    )?
    .execute([key])?;
    db.prepare_cached("DELETE FROM proposed_share WHERE share = ?")?.execute([key])?;
    Ok(())
}

/// Nothing waits on this machine for it any more.
pub(super) fn leave(db: &Connection, share: ShareId) -> Result<(), StoreError> {
    for sql in ["DELETE FROM outbox WHERE share = ?", "DELETE FROM proposed_share WHERE share = ?"] {
        db.prepare_cached(sql)?.execute([share.0.key()])?;
    }
    Ok(())
}

fn withdrawal(db: &Connection, key: i64) -> Result<SignedText, StoreError> {
    let fact = facts::load(db, key)?;
    match fact.fact {
        Fact::WithdrawalSigned { withdrawal, .. } => Ok(withdrawal),
        _ => Err(StoreError::bad_fact(fact.id)),
    }
}

#[cfg(test)]
impl Casebook {
    /// Puts another word into a draft that waits to be sealed.
    pub(crate) fn alter_outbox(&mut self, share: ShareId, was: &str, is: &str) {
        let sql =
            "UPDATE outbox SET draft = CAST(replace(CAST(draft AS TEXT), ?2, ?3) AS BLOB) WHERE share = ?1";
        assert_eq!(self.db.execute(sql, params![share.0.key(), was, is]).unwrap(), 1);
    }
}

fn text_of(signed: &SignedText) -> Result<String, StoreError> {
    serde_json::to_string(signed).map_err(|_| StoreError::damaged("the outbox"))
}

fn signed(text: &str) -> Result<SignedText, StoreError> {
    serde_json::from_str(text).map_err(|_| StoreError::damaged("the outbox"))
}
