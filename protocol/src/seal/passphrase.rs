//! Key slots: a secret locked with a passphrase, as an age file with a `scrypt` stanza.

use std::{
    fmt,
    io::{Read as _, Write as _},
    iter,
};

use age::{DecryptError, scrypt};
use age_core::{
    format::{FileKey, Stanza},
    primitives::aead_decrypt,
    secrecy::SecretString,
};
use base64ct::{Base64Unpadded, Encoding as _};
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
    let identity = Typed(passphrase);
    // Room for all of it at once: a vector that grows leaves copies behind.
    let mut secret = Zeroizing::new(Vec::with_capacity(locked.len()));
    open::decrypt(decryptor, iter::once(&identity as _))?.read_to_end(&mut secret)?;
    Ok(secret)
}

/// A passphrase as an identity. age's own tries the machine's speed each time it is made, to set a bound that is not
/// wanted here.
struct Typed<'a>(&'a Passphrase);

const TAG: &str = "scrypt";
const SALT_LABEL: &[u8] = b"age-encryption.org/v1/scrypt";
const SALT: usize = 16;
const FILE_KEY: usize = 16;

impl age::Identity for Typed<'_> {
    /// The `scrypt` stanza of <https://c2sp.org/age>.
    fn unwrap_stanza(&self, stanza: &Stanza) -> Option<Result<FileKey, DecryptError>> {
        (stanza.tag == TAG).then(|| self.file_key(stanza))
    }
}

impl Typed<'_> {
    fn file_key(&self, stanza: &Stanza) -> Result<FileKey, DecryptError> {
        let bad = || DecryptError::InvalidHeader;
        let [salt, work] = &stanza.args[..] else { return Err(bad()) };
        let mut salted = [0; SALT_LABEL.len() + SALT];
        let (label, room) = salted.split_at_mut(SALT_LABEL.len());
        label.copy_from_slice(SALT_LABEL);
        if Base64Unpadded::decode(salt, room).map_err(|_| bad())?.len() != SALT {
            return Err(bad());
        }
        let decimal = work.bytes().all(|digit| digit.is_ascii_digit()) && !work.starts_with('0');
        let work: u8 = work.parse().ok().filter(|_| decimal).ok_or_else(bad)?;
        if stanza.body.len() != FILE_KEY + 16 {
            return Err(bad());
        }
        let too_much = || DecryptError::ExcessiveWork { required: work, target: WorkFactor::MOST.0 };
        if work > WorkFactor::MOST.0 {
            return Err(too_much());
        }
        let params = ::scrypt::Params::new(work, 8, 1, 32).map_err(|_| too_much())?;
        let mut key = Zeroizing::new([0; 32]);
        ::scrypt::scrypt(self.0.0.as_bytes(), &salted, &params, key.as_mut()).map_err(|_| too_much())?;
        let opened = aead_decrypt(&key, FILE_KEY, &stanza.body);
        let opened = Zeroizing::new(opened.map_err(|_| DecryptError::DecryptionFailed)?);
        Ok(FileKey::init_with_mut(|file_key| file_key.copy_from_slice(&opened)))
    }
}
