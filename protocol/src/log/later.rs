//! A later checkpoint of a log beside an earlier one: who signed the later saw the earlier as its beginning.
//!
//! As text it is what C2SP `tlog-witness` sends to a witness: `old` and the earlier size, a line for each hash of the
//! proof, an empty line, the checkpoint.

use std::{fmt, str::FromStr};

use base64ct::{Base64, Encoding as _};

use super::{
    checkpoint::{Checkpoint, CheckpointError},
    offer::Offer,
    path::{Growth, MAX_HASHES, PathError},
    tree::MAX_SIZE,
};
use crate::{ids::Digest, sign::VerifyingKey};

/// What such a text begins with.
const OLD: &str = "old ";

/// Why a later checkpoint says nothing of an earlier one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotLater {
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// It may be a replay, or a mistake of whoever made it.
    #[error("it shows growth from {since} facts, and here are {size}: ask for one from {size}")]
    OtherSize { since: u64, size: u64 },
    /// Its owner signed two logs under one name.
    #[error(
        "the log's owner signed two different logs of {size} facts under one name: what each of them shows may be missing in the other"
    )]
    Forked { size: u64 },
    /// A suspicion: the proof may have gone wrong, or the owner keeps two logs.
    #[error(
        "it does not show that the log of {later} facts goes on from that of {size}: {why}. It was spoilt, or the log's owner keeps two: have it made again, and if it fails again, show both to the witnesses"
    )]
    NotGrown { size: u64, later: u64, why: PathError },
}

impl Offer {
    /// The checkpoint, if it is by the log's `key` and goes on from `earlier`.
    ///
    /// # Errors
    /// See [`NotLater`]; two of one size with different roots are told as such, whatever the proof.
    pub fn goes_on_from(&self, earlier: &Checkpoint, key: &VerifyingKey) -> Result<Checkpoint, NotLater> {
        let later = self.checkpoint.verify(&earlier.origin, key)?;
        let size = earlier.size;
        if later.size == size && later.root != earlier.root {
            return Err(NotLater::Forked { size });
        }
        if self.since != size {
            return Err(NotLater::OtherSize { since: self.since, size });
        }
        let grown = self.growth.verify(size, &earlier.root, later.size, &later.root);
        grown.map_err(|why| NotLater::NotGrown { size, later: later.size, why })?;
        Ok(later)
    }

    /// Does a text begin as one of these does?
    #[must_use]
    pub fn is_meant(text: &[u8]) -> bool {
        text.starts_with(OLD.as_bytes())
    }
}

impl fmt::Display for Offer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{OLD}{}", self.since)?;
        let mut hashes = self.growth.hashes().iter();
        hashes.try_for_each(|hash| writeln!(f, "{}", Base64::encode_string(hash.as_bytes())))?;
        write!(f, "\n{}", self.checkpoint)
    }
}

impl FromStr for Offer {
    type Err = CheckpointError;
    fn from_str(text: &str) -> Result<Self, CheckpointError> {
        let bad = || CheckpointError::Text("its growth is not `old`, a size, and a line for each hash");
        let (head, checkpoint) = text.split_once("\n\n").ok_or_else(bad)?;
        let mut lines = head.split('\n');
        let old = lines.next().and_then(|line| line.strip_prefix(OLD)).ok_or_else(bad)?;
        let since = match old.parse::<u64>() {
            Ok(size) if size <= MAX_SIZE && size.to_string() == old => size,
            _ => return Err(bad()),
        };
        let hashes: Vec<Digest> =
            lines.take(MAX_HASHES + 1).map(hash).collect::<Option<_>>().ok_or_else(bad)?;
        if hashes.len() > MAX_HASHES {
            return Err(bad());
        }
        Ok(Self { checkpoint: checkpoint.parse()?, since, growth: Growth::new(hashes) })
    }
}

fn hash(line: &str) -> Option<Digest> {
    Base64::decode_vec(line).ok()?.try_into().ok().map(Digest::from_bytes)
}
