//! What opens a casebook: the key of its database, and the text on the recovery card.

use kith_protocol::seal::Identity;
use rand::{RngCore as _, rngs::OsRng};
use zeroize::Zeroizing;

use super::error::StoreError;

/// How the secret on a recovery card begins.
const BEGINNING: &str = "AGE-SECRET-KEY-";

/// The key of the database. Wiped when dropped; never printed.
pub(super) struct DatabaseKey(Zeroizing<[u8; 32]>);

impl DatabaseKey {
    pub(super) fn generate() -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        OsRng.fill_bytes(bytes.as_mut());
        Self(bytes)
    }

    pub(super) fn from_opened(bytes: &[u8]) -> Result<Self, StoreError> {
        let bytes = bytes.try_into().map_err(|_| StoreError::damaged("a key slot"))?;
        Ok(Self(Zeroizing::new(bytes)))
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.0.as_ref()
    }

    /// The raw key as SQLCipher takes it: `x'…'`.
    pub(super) fn as_sql(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(67));
        text.push_str("x'");
        for byte in self.0.iter() {
            for digit in [byte >> 4, byte & 15] {
                text.push(char::from_digit(digit.into(), 16).unwrap_or_default());
            }
        }
        text.push('\'');
        text
    }
}

/// What stands on the recovery card: an age identity, as text. Wiped when dropped; never printed by accident.
pub struct RecoverySecret(Zeroizing<String>);

impl RecoverySecret {
    pub(super) fn of(identity: &Identity) -> Self {
        Self(identity.secret_text())
    }

    /// Takes what somebody typed from the card, or the whole card; blanks between groups do not matter.
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        let mut typed = Zeroizing::new(String::with_capacity(text.len()));
        typed.extend(text.chars().filter(|c| !c.is_whitespace()));
        let secret = typed.find(BEGINNING).and_then(|at| typed.get(at..)).unwrap_or(&typed);
        Self(Zeroizing::new(secret.to_owned()))
    }

    /// The text for the card.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }
}
