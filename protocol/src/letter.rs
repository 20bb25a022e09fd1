//! What a withdrawal says to the agency that has the bundle: why, and by when an answer is wanted.
//!
//! The node passes withdrawals on and must not learn this, so it is sealed to the recipient; the sender's signature over
//! the withdrawal covers it, and it names its bundle, so that it cannot be put under another.

use std::io::{Read as _, Write as _};

use base64ct::{Base64, Encoding as _};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{
    document::{BadDocument, Kind},
    ids::BundleId,
    seal::{Identity, OpenError, Recipient, SealError, open_with, seal_to},
};

/// Longest reason, in bytes.
pub const MAX_WHY: usize = 1024;

const KIND: Kind = Kind { name: "withdrawal-letter", version: 1, limit: 8 * 1024 };
/// Padded to a multiple of this, so that its length does not tell a long reason from a short one.
const PAD: usize = 2 * 1024;

/// Why a bundle was taken back, and by when its sender asks for an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Letter {
    /// The bundle it is about.
    pub bundle: BundleId,
    /// At most [`MAX_WHY`] bytes.
    pub why: String,
    #[serde(default, deserialize_with = "crate::moment::day")]
    pub answer_by: Option<Date>,
}

/// A letter that only its recipient can read: an age file in base64.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SealedLetter(String);

/// Why a letter cannot be sealed or read.
#[derive(Debug, thiserror::Error)]
pub enum LetterError {
    #[error("it is not base64")]
    NotBase64,
    #[error(transparent)]
    Seal(#[from] SealError),
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error("it is damaged")]
    Damaged(#[from] std::io::Error),
    #[error(transparent)]
    Text(#[from] BadDocument),
    #[error("it is about another bundle")]
    OtherBundle,
}

impl Letter {
    /// The padded text that is sealed.
    ///
    /// # Errors
    /// The reason is too long.
    pub fn to_text(&self) -> Result<String, BadDocument> {
        self.fits()?;
        let mut text = KIND.write(self);
        // Blanks after JSON mean nothing.
        let padding = text.len().next_multiple_of(PAD) - text.len();
        text.extend(std::iter::repeat_n(' ', padding));
        Ok(text)
    }

    /// Reads what [`Self::to_text`] wrote.
    ///
    /// # Errors
    /// It is not padded as it must be, is no letter, or its reason is too long.
    pub fn from_text(text: &str) -> Result<Self, BadDocument> {
        KIND.check_length(text)?;
        if text.is_empty() || !text.len().is_multiple_of(PAD) {
            return Err(KIND.refused("it is not padded as it must be"));
        }
        let letter: Self = KIND.read(text)?;
        letter.fits()?;
        Ok(letter)
    }

    fn fits(&self) -> Result<(), BadDocument> {
        if self.why.len() > MAX_WHY { Err(KIND.refused("its reason is too long")) } else { Ok(()) }
    }

    /// Seals it to the recipient's key.
    ///
    /// # Errors
    /// The key cannot be sealed to, or the reason is too long.
    pub fn seal(&self, to: &Recipient) -> Result<SealedLetter, LetterError> {
        let text = self.to_text()?;
        let mut out = seal_to(std::slice::from_ref(to), Vec::new())?;
        out.write_all(text.as_bytes())?;
        Ok(SealedLetter(Base64::encode_string(&out.finish()?)))
    }
}

impl SealedLetter {
    /// Opens the letter about `bundle`.
    ///
    /// # Errors
    /// It is not for these keys, damaged, not a letter, or about another bundle.
    pub fn open(&self, identities: &[Identity], bundle: BundleId) -> Result<Letter, LetterError> {
        let sealed = Base64::decode_vec(&self.0).map_err(|_| LetterError::NotBase64)?;
        let opened = open_with(identities, sealed.as_slice())?;
        let mut text = String::new();
        opened.take(KIND.limit as u64 + 1).read_to_string(&mut text)?;
        let letter = Letter::from_text(&text)?;
        if letter.bundle == bundle { Ok(letter) } else { Err(LetterError::OtherBundle) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Digest;

    #[test]
    fn a_letter_reads_for_its_recipient_and_its_bundle_alone() {
        let (ours, other) = (Identity::generate_hybrid(), Identity::generate_hybrid());
        let bundle = BundleId(Digest::of(b"one"));
        let letter = |why: &str| Letter {
            bundle,
            why: why.to_owned(),
            answer_by: Some(jiff::civil::date(2026, 12, 4)),
        };
        let sealed = letter("the mother withdrew her consent").seal(&ours.recipient()).unwrap();
        assert_eq!(
            sealed.open(std::slice::from_ref(&ours), bundle).unwrap(),
            letter("the mother withdrew her consent")
        );
        assert!(matches!(sealed.open(&[other], bundle), Err(LetterError::Open(_))));
        let elsewhere = sealed.open(std::slice::from_ref(&ours), BundleId(Digest::of(b"two")));
        assert!(matches!(elsewhere, Err(LetterError::OtherBundle)));
        let altered = SealedLetter(sealed.0.replacen('A', "B", 1));
        assert!(altered.open(std::slice::from_ref(&ours), bundle).is_err());
        let long = letter(&"\u{1}".repeat(MAX_WHY));
        assert_eq!(long.seal(&ours.recipient()).unwrap().open(&[ours], bundle).unwrap(), long);
    }
}
