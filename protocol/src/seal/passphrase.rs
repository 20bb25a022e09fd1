//! Key slots: a secret locked with a passphrase, as an age file with a `scrypt` stanza.

use std::{
    fmt,
    io::{Read as _, Write as _},
    iter,
};

use age::scrypt;
use age_core::secrecy::SecretString;
use zeroize::Zeroizing;

use super::{OpenError, SealError, open};

/// What a person types to unlock. Wiped when dropped; never printed.
#[derive(Clone)]
pub struct Passphrase(Zeroizing<String>);

impl Passphrase {
    /// Takes the text as it was typed; nothing is trimmed or folded.
    #[must_use]
    pub const fn new(text: Zeroizing<String>) -> Self {
        Self(text)
    }

    fn to_secret(&self) -> SecretString {
        SecretString::from(self.0.as_str())
    }
}

impl From<&str> for Passphrase {
    fn from(text: &str) -> Self {
        Self(Zeroizing::new(text.to_owned()))
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase(hidden)")
    }
}

/// What each guess at a passphrase costs: scrypt with N = 2^n, r = 8, p = 1, which takes 2^(n-10) MiB of memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct WorkFactor(u8);

impl WorkFactor {
    /// For tests only: 1 MiB, about a millisecond.
    pub const LEAST: Self = Self(10);
    /// For people's slots: 256 MiB, about a second.
    pub const STANDARD: Self = Self(18);
    /// The most that is done to open a slot: 1 GiB, a few seconds.
    pub const MOST: Self = Self(20);

    /// The work factor N = 2^n, if it is within bounds.
    #[must_use]
    pub fn new(n: u8) -> Option<Self> {
        (Self::LEAST.0..=Self::MOST.0).contains(&n).then_some(Self(n))
    }

    /// The n of N = 2^n.
    #[must_use]
    pub const fn log2(self) -> u8 {
        self.0
    }
}

/// Locks a small secret with a passphrase. `age -d` opens it too.
///
/// # Errors
/// None that a caller can cause.
pub fn lock_with_passphrase(
    passphrase: &Passphrase,
    secret: &[u8],
    work: WorkFactor,
) -> Result<Vec<u8>, SealError> {
    let mut recipient = scrypt::Recipient::new(passphrase.to_secret());
    recipient.set_work_factor(work.0);
    let encryptor = age::Encryptor::with_recipients(iter::once(&recipient as _))?;
    let mut writer = encryptor.wrap_output(Vec::new()).map_err(SealError::Write)?;
    writer.write_all(secret).map_err(SealError::Write)?;
    writer.finish().map_err(SealError::Write)
}

/// Gives back what was locked. Work beyond [`WorkFactor::MOST`] is refused before any is done.
///
/// # Errors
/// Says whether the passphrase is wrong, the slot asks for too much work, is damaged, or is no slot.
pub fn unlock_with_passphrase(
    passphrase: &Passphrase,
    locked: &[u8],
) -> Result<Zeroizing<Vec<u8>>, OpenError> {
    let decryptor = open::read_header(locked)?;
    if !decryptor.is_scrypt() {
        return Err(OpenError::NeedsKey);
    }
    let mut identity = scrypt::Identity::new(passphrase.to_secret());
    identity.set_max_work_factor(WorkFactor::MOST.0);
    // Room for all of it at once: a vector that grows leaves copies behind.
    let mut secret = Zeroizing::new(Vec::with_capacity(locked.len()));
    open::decrypt(decryptor, iter::once(&identity as _))?.read_to_end(&mut secret)?;
    Ok(secret)
}
