//! One proof for many leaves of one log: what their single proofs share is told once.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ids::Digest;

use super::{
    path::{PathError, cut_hashes, read_hashes, write_hashes},
    tree::{left_of, node_hash},
};

/// Most leaves that one proof speaks of.
pub const MAX_LEAVES: usize = 65_536;
const MAX_HASHES: usize = 1 << 20;

/// The hashes of the largest subtrees that hold none of the leaves, from left to right; which leaves, and of which log,
/// stands elsewhere. In text: base64 of all of them, one after the other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Many(Vec<Digest>);

impl Many {
    pub(super) const fn new(hashes: Vec<Digest>) -> Self {
        Self(hashes)
    }

    /// The hashes, from left to right.
    #[must_use]
    pub fn hashes(&self) -> &[Digest] {
        &self.0
    }

    /// The hashes' bytes, one after the other, for a file.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.iter().flat_map(|hash| *hash.as_bytes()).collect()
    }

    /// Reads what [`Self::to_bytes`] wrote.
    ///
    /// # Errors
    /// Not whole hashes, or too many.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, PathError> {
        cut_hashes(bytes, MAX_HASHES).map(Self)
    }

    /// Checks that all of `leaves`, by index, are in the log of `size` leaves with this `root`.
    ///
    /// # Errors
    /// See [`PathError`]; no leaves at all, or more than [`MAX_LEAVES`], are out of range.
    pub fn verify(&self, leaves: &BTreeMap<u64, Digest>, size: u64, root: &Digest) -> Result<(), PathError> {
        let in_range = leaves.keys().next_back().is_some_and(|last| *last < size);
        if !in_range || leaves.len() > MAX_LEAVES {
            return Err(PathError::OutOfRange);
        }
        let leaves: Vec<(u64, Digest)> = leaves.iter().map(|(index, leaf)| (*index, *leaf)).collect();
        let mut hashes = self.0.iter();
        let wrong = PathError::Length(self.0.len());
        let found = join(0, size, &leaves, &mut hashes).ok_or(wrong)?;
        match (hashes.next(), found == *root) {
            (Some(_), _) => Err(wrong),
            (None, true) => Ok(()),
            (None, false) => Err(PathError::OtherRoot),
        }
    }
}

/// The hash over `from..to`, from the leaves in it and the hashes beside them. As deep as the tree is high.
fn join<'a>(
    from: u64,
    to: u64,
    leaves: &[(u64, Digest)],
    hashes: &mut impl Iterator<Item = &'a Digest>,
) -> Option<Digest> {
    match leaves {
        [] => hashes.next().copied(),
        [(_, leaf), ..] if to - from == 1 => Some(*leaf),
        _ => {
            let middle = from + left_of(to - from);
            let (left, right) = leaves.split_at(leaves.partition_point(|(index, _)| *index < middle));
            let left = join(from, middle, left, hashes)?;
            let right = join(middle, to, right, hashes)?;
            Some(node_hash(&left, &right))
        }
    }
}

impl TryFrom<String> for Many {
    type Error = PathError;
    fn try_from(text: String) -> Result<Self, PathError> {
        read_hashes(&text, MAX_HASHES).map(Self)
    }
}

impl From<Many> for String {
    fn from(many: Many) -> Self {
        write_hashes(&many.0)
    }
}
