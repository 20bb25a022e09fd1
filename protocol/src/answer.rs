//! Answers: what travels sealed from a recipient back to a bundle's sender.

use std::io::{self, Read as _, Write as _};

use serde::{Deserialize, Serialize};

use crate::{
    log::{Cosignature, Origin, SignedCheckpoint},
    receipt::SignedReceipt,
    seal::{Identity, OpenError, Recipient, SealError, open_with, seal_to},
    wire::MAX_ANSWER,
};

/// An answer is padded to a multiple of this, so that its length does not tell a note from none.
const PAD: usize = 8 * 1024;

/// A named person's receipt, and with it the agency's word for the log that the bundle was proven by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    pub receipt: SignedReceipt,
    /// None when the recipient could not see that the log only grew, or saw more of it already.
    pub cosigned: Option<CosignedLog>,
    /// The last checkpoint of the node's own log that the recipient verified, so that the sender sees whether the node shows
    /// them one log.
    pub node: Option<SignedCheckpoint>,
}

/// A witness's word for a log of the sender's when it had `size` leaves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CosignedLog {
    pub log: Origin,
    pub size: u64,
    pub cosignature: Cosignature,
}

/// Why an answer cannot be sealed or read.
#[derive(Debug, thiserror::Error)]
pub enum AnswerError {
    #[error(transparent)]
    Seal(#[from] SealError),
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error("it is damaged, or could not be written")]
    Damaged(#[from] io::Error),
    #[error("its length is not that of an answer")]
    Length,
    #[error("what came is not an answer")]
    Malformed(#[from] serde_json::Error),
}

impl Answer {
    /// What is sealed: JSON, and blanks after it, which mean nothing.
    ///
    /// # Errors
    /// Never: plain data always has a JSON form.
    pub fn to_text(&self) -> Result<Vec<u8>, AnswerError> {
        let mut text = serde_json::to_vec(self)?;
        text.resize(text.len().div_ceil(PAD) * PAD, b' ');
        Ok(text)
    }

    /// Reads what [`Self::to_text`] wrote.
    ///
    /// # Errors
    /// It is not padded as it must be, or is no answer.
    pub fn from_text(text: &[u8]) -> Result<Self, AnswerError> {
        if text.is_empty() || !text.len().is_multiple_of(PAD) {
            return Err(AnswerError::Length);
        }
        Ok(serde_json::from_slice(text)?)
    }

    /// Seals it to the key of the bundle's sender.
    ///
    /// # Errors
    /// The key cannot be sealed to.
    pub fn seal(&self, to: &Recipient) -> Result<Vec<u8>, AnswerError> {
        let mut out = seal_to(std::slice::from_ref(to), Vec::new())?;
        out.write_all(&self.to_text()?)?;
        Ok(out.finish()?)
    }

    /// Opens an answer; who signed what is in it is not judged here.
    ///
    /// # Errors
    /// It is not for these keys, damaged, too long, or no answer.
    pub fn open(identities: &[Identity], sealed: &[u8]) -> Result<Self, AnswerError> {
        let mut text = Vec::new();
        open_with(identities, sealed)?.take(MAX_ANSWER as u64).read_to_end(&mut text)?;
        Self::from_text(&text)
    }
}
