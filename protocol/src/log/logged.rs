//! That one leaf stands in a log, in a file of its own (C2SP `tlog-proof`): its place, the way up to the root, and the
//! checkpoint that has that root.

use std::{fmt, str::FromStr};

use base64ct::{Base64, Encoding as _};

use super::{
    checkpoint::{Checkpoint, CheckpointError, SignedCheckpoint},
    path::{MAX_HASHES, Path, PathError},
};
use crate::ids::Digest;

const FIRST: &str = "c2sp.org/tlog-proof@v1\nindex ";

/// Why such a file shows nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadLogged {
    #[error("it is no proof of one leaf of a log in the form of c2sp.org/tlog-proof")]
    Unreadable,
    #[error(transparent)]
    Path(#[from] PathError),
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
}

/// A leaf's place and its proof. In text it has one form, without `extra` data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logged {
    /// From 0.
    pub index: u64,
    pub path: Path,
    pub checkpoint: SignedCheckpoint,
}

impl Logged {
    /// What the checkpoint claims, when `leaf` stands under its root. The log's signature is not looked at here.
    ///
    /// # Errors
    /// It does not stand there.
    pub fn holds(&self, leaf: Digest) -> Result<Checkpoint, BadLogged> {
        let claimed = self.checkpoint.claims()?;
        self.path.verify(leaf, self.index, claimed.size, &claimed.root)?;
        Ok(claimed)
    }
}

impl fmt::Display for Logged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{FIRST}{}", self.index)?;
        for hash in self.path.hashes() {
            writeln!(f, "{}", Base64::encode_string(hash.as_bytes()))?;
        }
        write!(f, "\n{}", self.checkpoint)
    }
}

impl FromStr for Logged {
    type Err = BadLogged;
    fn from_str(text: &str) -> Result<Self, BadLogged> {
        let rest = text.strip_prefix(FIRST).ok_or(BadLogged::Unreadable)?;
        let (above, checkpoint) = rest.split_once("\n\n").ok_or(BadLogged::Unreadable)?;
        let mut lines = above.split('\n');
        let index = lines.next().unwrap_or_default().parse().map_err(|_| BadLogged::Unreadable)?;
        let mut hashes = Vec::new();
        for line in lines {
            let bytes = Base64::decode_vec(line).ok().and_then(|bytes| bytes.try_into().ok());
            match bytes {
                Some(bytes) if hashes.len() < MAX_HASHES => hashes.push(Digest::from_bytes(bytes)),
                _ => return Err(BadLogged::Unreadable),
            }
        }
        let logged = Self { index, path: Path::new(hashes), checkpoint: checkpoint.parse()? };
        // One form: a number with a sign or zeros before it is none.
        if logged.to_string() == text { Ok(logged) } else { Err(BadLogged::Unreadable) }
    }
}
