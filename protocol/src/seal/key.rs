//! age keys, public and secret, and their texts.

use std::{fmt, str::FromStr};

use bech32::{FromBase32, ToBase32, Variant};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{
    classic::{self, ClassicIdentity, ClassicRecipient},
    hybrid::{self, HybridIdentity, HybridRecipient},
};
use crate::ids::Digest;

/// Longest key text that is read, in bytes; a hybrid recipient has 1,959.
const MAX_KEY_TEXT: usize = 2048;

/// How long what is sealed can be expected to stay closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strength {
    /// X25519 alone: closed today, open to whoever keeps the file until quantum computers come.
    Classic,
    /// ML-KEM-768 with X25519: both must break.
    PostQuantum,
}

/// Why a key's text was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadKey {
    #[error("this is a secret key; give the public one, which begins with `age1`")]
    Secret,
    #[error("this is a public key; the secret one begins with `AGE-SECRET-KEY-`")]
    Public,
    #[error("this is not an age key of a known kind (`age1pq1…` or `age1…`)")]
    OtherKind,
    #[error("the key is mistyped or cut off: its check characters do not match; copy it again")]
    Damaged,
    #[error("the key is well written but not valid: nothing sealed to it would be safe; ask for a new one")]
    Unsafe,
}

/// Whom a file is sealed to: a public age key. In text `age1pq1…` or `age1…`.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Recipient {
    Hybrid(HybridRecipient),
    Classic(ClassicRecipient),
}

impl Recipient {
    /// How long what is sealed to this key can be expected to stay closed.
    #[must_use]
    pub const fn strength(&self) -> Strength {
        match self {
            Self::Hybrid(_) => Strength::PostQuantum,
            Self::Classic(_) => Strength::Classic,
        }
    }

    /// SHA-256 of the key's text: what envelopes name, and what screens show of 1,959 characters.
    #[must_use]
    pub fn fingerprint(&self) -> Digest {
        Digest::of(self.to_string().as_bytes())
    }

    pub(super) fn as_age(&self) -> &dyn age::Recipient {
        match self {
            Self::Hybrid(key) => key,
            Self::Classic(key) => key.as_age(),
        }
    }
}

impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hybrid(key) => f.write_str(&to_bech32(hybrid::PUBLIC_PREFIX, key.as_bytes())),
            Self::Classic(key) => key.fmt(f),
        }
    }
}

impl fmt::Debug for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Recipient({:?}, fingerprint {})", self.strength(), self.fingerprint())
    }
}

impl FromStr for Recipient {
    type Err = BadKey;
    fn from_str(text: &str) -> Result<Self, BadKey> {
        if text.starts_with("AGE-SECRET-KEY-") {
            return Err(BadKey::Secret);
        }
        if !text.starts_with("age1") {
            return Err(BadKey::OtherKind);
        }
        // The specification wants lower case; one key has one text, so that fingerprints are stable.
        if text.bytes().any(|b| b.is_ascii_uppercase()) {
            return Err(BadKey::Damaged);
        }
        let (prefix, bytes) = from_bech32(text)?;
        match prefix.as_str() {
            hybrid::PUBLIC_PREFIX => HybridRecipient::from_bytes(&bytes).map(Self::Hybrid),
            classic::PUBLIC_PREFIX => ClassicRecipient::read(text, &bytes).map(Self::Classic),
            _ => Err(BadKey::OtherKind),
        }
    }
}

impl TryFrom<String> for Recipient {
    type Error = BadKey;
    fn try_from(text: String) -> Result<Self, BadKey> {
        text.parse()
    }
}

impl From<Recipient> for String {
    fn from(key: Recipient) -> Self {
        key.to_string()
    }
}

/// A secret age key. Wiped when dropped; never printed.
#[derive(Clone)]
pub enum Identity {
    Hybrid(HybridIdentity),
    Classic(ClassicIdentity),
}

impl Identity {
    /// A new post-quantum key, from the system's randomness.
    #[must_use]
    pub fn generate_hybrid() -> Self {
        Self::Hybrid(HybridIdentity::generate())
    }

    /// A new classic key, from the system's randomness. Only for partners whose tools know no other.
    #[must_use]
    pub fn generate_classic() -> Self {
        Self::Classic(ClassicIdentity::generate())
    }

    /// The post-quantum key that grows from 32 random bytes.
    #[must_use]
    pub fn hybrid_from_seed(seed: &[u8; 32]) -> Self {
        Self::Hybrid(HybridIdentity::from_seed(seed))
    }

    /// The public half.
    #[must_use]
    pub fn recipient(&self) -> Recipient {
        match self {
            Self::Hybrid(key) => Recipient::Hybrid(key.recipient()),
            Self::Classic(key) => Recipient::Classic(key.recipient()),
        }
    }

    /// The text that opens files with any age tool: `AGE-SECRET-KEY-PQ-1…` or `AGE-SECRET-KEY-1…`.
    #[must_use]
    pub fn secret_text(&self) -> Zeroizing<String> {
        match self {
            Self::Hybrid(key) => {
                let mut text = Zeroizing::new(to_bech32(hybrid::SECRET_PREFIX, key.seed()));
                text.make_ascii_uppercase();
                text
            }
            Self::Classic(key) => key.secret_text(),
        }
    }

    pub(super) fn as_age(&self) -> &dyn age::Identity {
        match self {
            Self::Hybrid(key) => key,
            Self::Classic(key) => key.as_age(),
        }
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identity(secret of {:?})", self.recipient())
    }
}

impl FromStr for Identity {
    type Err = BadKey;
    fn from_str(text: &str) -> Result<Self, BadKey> {
        if text.starts_with("age1") {
            return Err(BadKey::Public);
        }
        if !text.starts_with("AGE-SECRET-KEY-") {
            return Err(BadKey::OtherKind);
        }
        if text.bytes().any(|b| b.is_ascii_lowercase()) {
            return Err(BadKey::Damaged);
        }
        let (prefix, bytes) = from_bech32(text)?;
        match prefix.as_str() {
            hybrid::SECRET_PREFIX => {
                let seed = bytes.as_slice().try_into().map_err(|_| BadKey::Damaged)?;
                Ok(Self::Hybrid(HybridIdentity::from_seed(seed)))
            }
            classic::SECRET_PREFIX => ClassicIdentity::read(text).map(Self::Classic),
            _ => Err(BadKey::OtherKind),
        }
    }
}

pub(super) fn to_bech32(prefix: &str, bytes: &[u8]) -> String {
    // The prefixes are constants of this module and valid: the only error the crate knows here.
    bech32::encode(prefix, bytes.to_base32(), Variant::Bech32).unwrap_or_default()
}

fn from_bech32(text: &str) -> Result<(String, Zeroizing<Vec<u8>>), BadKey> {
    if text.len() > MAX_KEY_TEXT {
        return Err(BadKey::Damaged);
    }
    match bech32::decode(text).map_err(|_| BadKey::Damaged)? {
        (prefix, data, Variant::Bech32) => {
            Ok((prefix, Zeroizing::new(Vec::from_base32(&data).map_err(|_| BadKey::Damaged)?)))
        }
        (_, _, Variant::Bech32m) => Err(BadKey::Damaged),
    }
}
