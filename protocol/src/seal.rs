//! Sealing with age: bundles, key slots and staff drops alike. This module alone names age.
//!
//! A file is sealed either to post-quantum hybrid keys (`age1pq1…`) or to classic ones (`age1…`), never to both.
//! Anyone can open it with stock tools: `age -d -i key.txt file.age`. The format is C2SP's, <https://c2sp.org/age>.

mod classic;
mod hybrid;
mod open;
mod passphrase;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod vectors;

use std::{
    fmt,
    io::{self, Write},
    str::FromStr,
};

use bech32::{FromBase32, ToBase32, Variant};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

pub use self::{
    classic::{ClassicIdentity, ClassicRecipient},
    hybrid::{HybridIdentity, HybridRecipient},
    open::{MAX_HEADER, OpenError, OpenReader, Part, open_with},
    passphrase::{Passphrase, WorkFactor, lock_with_passphrase, unlock_with_passphrase},
};
use crate::ids::Digest;

/// Most recipients of one file. Their header stays below [`MAX_HEADER`].
pub const MAX_RECIPIENTS: usize = 32;
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

    fn as_age(&self) -> &dyn age::Recipient {
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

    fn as_age(&self) -> &dyn age::Identity {
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

fn to_bech32(prefix: &str, bytes: &[u8]) -> String {
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

/// Why nothing was sealed.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    #[error("nobody to seal to: name at least one key")]
    NoRecipient,
    #[error("{asked} recipients are more than one file may have ({MAX_RECIPIENTS})")]
    TooManyRecipients { asked: usize },
    #[error("post-quantum and classic keys cannot share a file: seal one file for each kind")]
    MixedStrength,
    #[error("the sealed file could not be written")]
    Write(#[source] io::Error),
    #[error("this key could not be sealed to; ask its owner for a new one")]
    Key,
}

impl From<age::EncryptError> for SealError {
    fn from(error: age::EncryptError) -> Self {
        match error {
            age::EncryptError::MissingRecipients => Self::NoRecipient,
            age::EncryptError::IncompatibleRecipients { .. } => Self::MixedStrength,
            age::EncryptError::Io(error) => Self::Write(error),
            _ => Self::Key,
        }
    }
}

/// Begins a file sealed to `to`; its header is written to `out` at once.
///
/// # Errors
/// Refuses an empty list, more than [`MAX_RECIPIENTS`], keys of unlike strength; reports what `out` reports.
pub fn seal_to<W: Write>(to: &[Recipient], out: W) -> Result<SealWriter<W>, SealError> {
    if to.len() > MAX_RECIPIENTS {
        return Err(SealError::TooManyRecipients { asked: to.len() });
    }
    let encryptor = age::Encryptor::with_recipients(to.iter().map(Recipient::as_age))?;
    let inner = encryptor.wrap_output(out).map_err(SealError::Write)?;
    Ok(SealWriter { inner, failed: false })
}

/// Seals what is written to it, 64 KiB at a time. Without [`SealWriter::finish`] the file cannot be opened.
pub struct SealWriter<W> {
    inner: age::stream::StreamWriter<W>,
    failed: bool,
}

impl<W: Write> SealWriter<W> {
    /// Writes the last piece and gives the output back. The caller flushes and syncs it.
    ///
    /// # Errors
    /// Reports what the output reports, and that an earlier write failed.
    pub fn finish(self) -> io::Result<W> {
        if self.failed { Err(after_failure()) } else { self.inner.finish() }
    }
}

impl<W: Write> Write for SealWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.failed {
            return Err(after_failure());
        }
        self.inner.write(bytes).inspect_err(|_| self.failed = true)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

fn after_failure() -> io::Error {
    io::Error::other("an earlier write of this sealed file failed; begin again")
}
