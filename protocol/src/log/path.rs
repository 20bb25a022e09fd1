//! Proofs of one leaf and of growth, and how they are verified (RFC 9162, 2.1.3.2 and 2.1.4.2).

use base64ct::{Base64, Encoding as _};
use serde::{Deserialize, Serialize};

use crate::ids::Digest;

use super::tree::{empty_root, node_hash};

/// Most hashes in the proof of one leaf or of growth.
pub const MAX_HASHES: usize = 64;

/// Why a proof does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    #[error("the proof is not whole hashes in base64, or too long")]
    Unreadable,
    #[error("the proof speaks of a leaf beyond the log's size, or of a log that shrank")]
    OutOfRange,
    #[error("the proof has {0} hashes, which is not the number for this place and size")]
    Length(usize),
    #[error("the proof does not lead to the root of the checkpoint")]
    OtherRoot,
    #[error("the earlier checkpoint is not the beginning of the later one")]
    OtherBeginning,
}

macro_rules! hashes {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Vec<Digest>);

        impl $name {
            /// Takes hashes in their order; whether they prove anything is found out when they are verified.
            #[must_use]
            pub const fn new(hashes: Vec<Digest>) -> Self {
                Self(hashes)
            }

            /// The hashes, in their order.
            #[must_use]
            pub fn hashes(&self) -> &[Digest] {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = PathError;
            fn try_from(text: String) -> Result<Self, PathError> {
                read_hashes(&text, MAX_HASHES).map(Self)
            }
        }

        impl From<$name> for String {
            fn from(path: $name) -> Self {
                write_hashes(&path.0)
            }
        }
    };
}

hashes!(
    /// The hashes from a leaf's sibling up to a child of the root. In text: base64 of all of them, one after the other.
    Path
);
hashes!(
    /// The hashes that show a log's earlier root in a later one. In text as [`Path`].
    Growth
);

impl Path {
    /// Checks that `leaf` is leaf `index` of the log of `size` leaves with this `root`.
    ///
    /// # Errors
    /// See [`PathError`].
    pub fn verify(&self, leaf: Digest, index: u64, size: u64, root: &Digest) -> Result<(), PathError> {
        if index >= size {
            return Err(PathError::OutOfRange);
        }
        let wrong = PathError::Length(self.0.len());
        let (mut place, mut last, mut hash) = (index, size - 1, leaf);
        for sibling in &self.0 {
            if last == 0 {
                return Err(wrong);
            }
            if place & 1 == 1 || place == last {
                hash = node_hash(sibling, &hash);
                rise_to_a_right_child(&mut place, &mut last);
            } else {
                hash = node_hash(&hash, sibling);
            }
            (place, last) = (place >> 1, last >> 1);
        }
        match (last, hash == *root) {
            (0, true) => Ok(()),
            (0, false) => Err(PathError::OtherRoot),
            _ => Err(wrong),
        }
    }
}

impl Growth {
    /// Checks that the log of `old` leaves with root `old_root` is the beginning of that of `size` with `root`.
    ///
    /// # Errors
    /// See [`PathError`].
    pub fn verify(&self, old: u64, old_root: &Digest, size: u64, root: &Digest) -> Result<(), PathError> {
        let wrong = PathError::Length(self.0.len());
        if old > size {
            return Err(PathError::OutOfRange);
        }
        if old == 0 || old == size {
            let beginning = if old == 0 { empty_root() } else { *root };
            return match (self.0.is_empty(), *old_root == beginning) {
                (true, true) => Ok(()),
                (true, false) => Err(PathError::OtherBeginning),
                (false, _) => Err(wrong),
            };
        }
        // A complete tree is a node of the later one, so the proof leaves its root out.
        let (first, rest) = match self.0.split_first() {
            _ if old.is_power_of_two() => (old_root, self.0.as_slice()),
            Some((first, rest)) => (first, rest),
            None => return Err(wrong),
        };
        let (mut place, mut last) = (old - 1, size - 1);
        while place & 1 == 1 {
            (place, last) = (place >> 1, last >> 1);
        }
        let (mut before, mut after) = (*first, *first);
        for hash in rest {
            if last == 0 {
                return Err(wrong);
            }
            if place & 1 == 1 || place == last {
                (before, after) = (node_hash(hash, &before), node_hash(hash, &after));
                rise_to_a_right_child(&mut place, &mut last);
            } else {
                after = node_hash(&after, hash);
            }
            (place, last) = (place >> 1, last >> 1);
        }
        match (last, before == *old_root, after == *root) {
            (0, true, true) => Ok(()),
            (0, false, _) => Err(PathError::OtherBeginning),
            (0, true, false) => Err(PathError::OtherRoot),
            _ => Err(wrong),
        }
    }
}

/// Goes up while the node is the last of its level and has no sibling there.
const fn rise_to_a_right_child(place: &mut u64, last: &mut u64) {
    while *place & 1 == 0 && *place != 0 {
        *place >>= 1;
        *last >>= 1;
    }
}

pub(super) fn write_hashes(hashes: &[Digest]) -> String {
    let bytes: Vec<u8> = hashes.iter().flat_map(|hash| *hash.as_bytes()).collect();
    Base64::encode_string(&bytes)
}

pub(super) fn read_hashes(text: &str, most: usize) -> Result<Vec<Digest>, PathError> {
    if text.len() > (most * 32).div_ceil(3) * 4 {
        return Err(PathError::Unreadable);
    }
    let bytes = Base64::decode_vec(text).map_err(|_| PathError::Unreadable)?;
    cut_hashes(&bytes, most)
}

pub(super) fn cut_hashes(bytes: &[u8], most: usize) -> Result<Vec<Digest>, PathError> {
    let (hashes, rest) = bytes.as_chunks::<32>();
    if rest.is_empty() && hashes.len() <= most {
        Ok(hashes.iter().map(|hash| Digest::from_bytes(*hash)).collect())
    } else {
        Err(PathError::Unreadable)
    }
}
