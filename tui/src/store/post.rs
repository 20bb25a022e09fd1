//! The outbox: what is decided to go and has not arrived yet. A share and its place here commit together.

use jiff::{Timestamp, Zoned};
use kith_protocol::ids::{BundleId, Digest};
use rusqlite::params;

use super::{
    Casebook, carry_out, cells,
    error::{CommandError, StoreError},
};
use crate::casework::{
    command::{Command, Refusal},
    fact::{Author, SignedText},
    ids::{FactId, ReceivedId, ShareId},
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
        let command = Command::NoteSealed { share, bundle: sealed.bundle, ciphertext: sealed.ciphertext };
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

    /// Keeps the node's receipt, or the share's end, and takes the share out of the outbox, together.
    ///
    /// # Errors
    /// As [`Casebook::execute`]; the outbox is unchanged then.
    pub fn set_sent(
        &mut self,
        command: Command,
        author: &Author,
        now: &Zoned,
    ) -> Result<Vec<FactId>, CommandError> {
        let (Command::KeepReceipt { share, .. } | Command::EndShare { share, .. }) = &command else {
            return Err(Refusal::Changed.into());
        };
        let key = share.0.key();
        let tx = self.transaction()?;
        let facts = carry_out(&tx, command, author, now)?;
        tx.prepare_cached("DELETE FROM outbox WHERE share = ?")?.execute([key])?;
        tx.commit()?;
        Ok(facts)
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

    fn one_id(&self, sql: &str, bundle: BundleId) -> Result<Option<FactId>, StoreError> {
        let mut statement = self.db.prepare_cached(sql)?;
        let mut rows = statement.query([bundle.0.as_bytes()])?;
        rows.next()?.map(|row| cells::id(row, 0)).transpose()
    }
}

fn text_of(signed: &SignedText) -> Result<String, StoreError> {
    serde_json::to_string(signed).map_err(|_| StoreError::damaged("the outbox"))
}

fn signed(text: &str) -> Result<SignedText, StoreError> {
    serde_json::from_str(text).map_err(|_| StoreError::damaged("the outbox"))
}
