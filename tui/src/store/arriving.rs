//! Attachments on their way in, beside the casebook: others use it meanwhile, on other threads too.

use kith_protocol::{
    bundle::MAX_ATTACHMENT,
    ids::{Digest, Hasher},
};

use super::{
    beside::{Beside, InFile, Writing},
    error::StoreError,
};

/// Longest attachment that is kept in the database itself, in bytes; a longer one lies beside it.
const LONGEST_INSIDE: usize = 128 * 1024;
/// So many bytes of short attachments wait in memory; what is beyond lies beside the database too.
const MOST_INSIDE: usize = 4 * 1024 * 1024;

/// What has come so far. Nothing of it counts before [`Casebook::keep`]; dropped, it leaves nothing behind.
///
/// [`Casebook::keep`]: super::Casebook::keep
pub struct Arriving {
    beside: Beside,
    whole: Vec<Arrived>,
    current: Option<Current>,
    /// Bytes in memory.
    inside: usize,
}

/// One that has come.
pub(super) struct Arrived {
    pub(super) sha256: Digest,
    pub(super) size: u64,
    pub(super) held: Held,
}

/// Where it is held.
pub(super) enum Held {
    Inside(Vec<u8>),
    Beside(InFile),
}

/// The one that comes.
struct Current {
    digest: Named,
    size: u64,
    held: Coming,
}

/// What it will be kept by.
enum Named {
    Hashed(Hasher),
    /// Whoever gives its bytes holds them against this.
    Verified(Digest),
}

enum Coming {
    Inside(Vec<u8>),
    Beside(Box<Writing>),
}

impl Arriving {
    pub(super) const fn new(beside: Beside) -> Self {
        Self { beside, whole: Vec::new(), current: None, inside: 0 }
    }

    /// The next attachment begins.
    ///
    /// # Errors
    /// When the one before could not be written.
    pub fn begin(&mut self) -> Result<(), StoreError> {
        self.next(Named::Hashed(Hasher::default()))
    }

    /// As [`Self::begin`]; that its bytes have this digest is verified by whoever gives them, before they are kept.
    ///
    /// # Errors
    /// As there.
    pub fn begin_verified(&mut self, sha256: Digest) -> Result<(), StoreError> {
        self.next(Named::Verified(sha256))
    }

    fn next(&mut self, digest: Named) -> Result<(), StoreError> {
        self.end()?;
        self.current = Some(Current { digest, size: 0, held: Coming::Inside(Vec::new()) });
        Ok(())
    }

    /// Its next bytes.
    ///
    /// # Errors
    /// When it has grown too large, or cannot be written.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        let Some(current) = &mut self.current else { return Ok(()) };
        current.size += bytes.len() as u64;
        if current.size > MAX_ATTACHMENT {
            return Err(StoreError::TooLarge { what: "the attachment, in bytes,", limit: MAX_ATTACHMENT });
        }
        if let Named::Hashed(hasher) = &mut current.digest {
            hasher.update(bytes);
        }
        if let Coming::Inside(short) = &mut current.held {
            let longer = short.len() + bytes.len();
            if longer <= LONGEST_INSIDE && self.inside + longer <= MOST_INSIDE {
                short.extend_from_slice(bytes);
                return Ok(());
            }
            let mut long = self.beside.begin()?;
            long.write(short)?;
            current.held = Coming::Beside(Box::new(long));
        }
        match &mut current.held {
            Coming::Beside(long) => long.write(bytes),
            Coming::Inside(_) => Ok(()),
        }
    }

    /// All of them have come whole, and what lies beside the database is on the disk.
    pub(super) fn finish(mut self) -> Result<Vec<Arrived>, StoreError> {
        self.end()?;
        Ok(self.whole)
    }

    fn end(&mut self) -> Result<(), StoreError> {
        let Some(Current { digest, size, held }) = self.current.take() else { return Ok(()) };
        let held = match held {
            Coming::Inside(bytes) => {
                self.inside += bytes.len();
                Held::Inside(bytes)
            }
            Coming::Beside(long) => Held::Beside(long.finish()?),
        };
        let sha256 = match digest {
            Named::Hashed(hasher) => hasher.finish(),
            Named::Verified(digest) => digest,
        };
        self.whole.push(Arrived { sha256, size, held });
        Ok(())
    }
}
