//! Sealing with age: bundles, key slots and staff drops alike. This module alone names age.
//!
//! A file is sealed either to post-quantum hybrid keys (`age1pq1…`) or to classic ones (`age1…`), never to both.
//! Stock tools open both: `age -d -i key.txt file.age`, from age 1.3 for hybrid keys. The format is <https://c2sp.org/age>.

mod classic;
mod hybrid;
mod key;
mod open;
mod passphrase;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod vectors;

use std::io::{self, Write};

pub use self::{
    classic::{ClassicIdentity, ClassicRecipient},
    hybrid::{HybridIdentity, HybridRecipient},
    key::{BadKey, Identity, Recipient, Strength},
    open::{MAX_HEADER, OpenError, OpenReader, Part, open_with},
    passphrase::{Passphrase, WorkFactor, lock_with_passphrase, unlock_with_passphrase},
};

/// Most recipients of one file. Their header stays below [`MAX_HEADER`].
pub const MAX_RECIPIENTS: usize = 32;

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

/// How many bytes a sealed file of so many can have at most: a header (age pads it at random), a nonce, and a tag for each
/// piece.
#[must_use]
pub const fn longest(plain: u64) -> u64 {
    const PIECE: u64 = 64 * 1024;
    plain.saturating_add(MAX_HEADER as u64 + 16).saturating_add((plain / PIECE + 1) * 16)
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
