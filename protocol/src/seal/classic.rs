//! Classic X25519 keys, for partners whose tools know no post-quantum ones. All of it is age's own.

use std::fmt;

use age::x25519;
use age_core::secrecy::ExposeSecret as _;
use zeroize::Zeroizing;

use super::{BadKey, hybrid::contributes};

pub(super) const PUBLIC_PREFIX: &str = "age";
pub(super) const SECRET_PREFIX: &str = "age-secret-key-";

/// A classic public key, checked: its point contributes, so that sealing to it cannot fail.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ClassicRecipient(x25519::Recipient);

impl ClassicRecipient {
    /// Takes the text of a key and the bytes that stand in it.
    pub(super) fn read(text: &str, bytes: &[u8]) -> Result<Self, BadKey> {
        if bytes.len() == 32 && !contributes(bytes) {
            return Err(BadKey::Unsafe);
        }
        text.parse().map(Self).map_err(|_| BadKey::Damaged)
    }

    pub(super) const fn as_age(&self) -> &x25519::Recipient {
        &self.0
    }
}

impl fmt::Display for ClassicRecipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A classic secret key.
#[derive(Clone)]
pub struct ClassicIdentity(x25519::Identity);

impl ClassicIdentity {
    pub(super) fn generate() -> Self {
        Self(x25519::Identity::generate())
    }

    pub(super) fn read(text: &str) -> Result<Self, BadKey> {
        text.parse().map(Self).map_err(|_| BadKey::Damaged)
    }

    pub(super) fn secret_text(&self) -> Zeroizing<String> {
        Zeroizing::new(self.0.to_string().expose_secret().to_owned())
    }

    pub(super) fn recipient(&self) -> ClassicRecipient {
        ClassicRecipient(self.0.to_public())
    }

    pub(super) const fn as_age(&self) -> &x25519::Identity {
        &self.0
    }
}
