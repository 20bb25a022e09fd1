//! The tree (RFC 6962, 2.1) over hashes that somebody stores: appending, roots and proofs cost a few reads each.

use std::collections::BTreeSet;

use crate::ids::{Digest, Hasher};

use super::{
    many::Many,
    path::{Growth, Path},
};

/// Most leaves of a log: what a checkpoint can say.
pub const MAX_SIZE: u64 = (1 << 63) - 1;

/// A complete subtree: the leaves from `index << level` on, `1 << level` of them. Its hash never changes, and is
/// what a store keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Node {
    pub level: u32,
    pub index: u64,
}

/// Why a proof could not be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TreeError<E> {
    #[error(transparent)]
    OutOfRange(#[from] OutOfRange),
    #[error("{0}")]
    Read(E),
}

/// What was asked for is not in the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the log has {size} leaves; {asked} is beyond them")]
pub struct OutOfRange {
    pub asked: u64,
    pub size: u64,
}

/// A tree of so many leaves, and how to read the hash of each complete subtree in it.
pub struct Tree<R> {
    size: u64,
    read: R,
}

impl<R, E> Tree<R>
where
    R: Fn(Node) -> Result<Digest, E>,
{
    /// The tree of the first `size` leaves; an earlier tree of a log is read from the same hashes.
    ///
    /// # Errors
    /// No log is larger than [`MAX_SIZE`].
    pub fn new(size: u64, read: R) -> Result<Self, OutOfRange> {
        if size > MAX_SIZE {
            Err(OutOfRange { asked: size, size: MAX_SIZE })
        } else {
            Ok(Self { size, read })
        }
    }

    /// How many leaves it has.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The root hash.
    ///
    /// # Errors
    /// Those of the store.
    pub fn root(&self) -> Result<Digest, E> {
        self.over(0, self.size)
    }

    /// The hashes to store when a leaf is appended: of the leaf, then of each subtree that it completes.
    ///
    /// # Errors
    /// Those of the store; or the log is full.
    pub fn append(&self, leaf: Digest) -> Result<Vec<(Node, Digest)>, TreeError<E>> {
        if self.size == MAX_SIZE {
            return Err(OutOfRange { asked: self.size, size: self.size }.into());
        }
        let mut made = vec![(Node { level: 0, index: self.size }, leaf)];
        let (mut hash, mut at) = (leaf, Node { level: 0, index: self.size });
        while at.index & 1 == 1 {
            let left = (self.read)(Node { index: at.index - 1, ..at }).map_err(TreeError::Read)?;
            hash = node_hash(&left, &hash);
            at = Node { level: at.level + 1, index: at.index >> 1 };
            made.push((at, hash));
        }
        Ok(made)
    }

    /// Proves that leaf `index` is in this tree.
    ///
    /// # Errors
    /// There is no such leaf, or the store cannot be read.
    pub fn inclusion(&self, index: u64) -> Result<Path, TreeError<E>> {
        if index >= self.size {
            return Err(OutOfRange { asked: index, size: self.size }.into());
        }
        let (mut from, mut to, mut path) = (0, self.size, Vec::new());
        while to - from > 1 {
            let middle = from + left_of(to - from);
            let (sibling_from, sibling_to) = if index < middle { (middle, to) } else { (from, middle) };
            path.push(self.over(sibling_from, sibling_to).map_err(TreeError::Read)?);
            (from, to) = if index < middle { (from, middle) } else { (middle, to) };
        }
        path.reverse();
        Ok(Path::new(path))
    }

    /// Proves that the tree of the first `old` leaves is the beginning of this one.
    ///
    /// # Errors
    /// `old` is more than this tree has, or the store cannot be read.
    pub fn growth_from(&self, old: u64) -> Result<Growth, TreeError<E>> {
        if old > self.size {
            return Err(OutOfRange { asked: old, size: self.size }.into());
        }
        if old == 0 {
            return Ok(Growth::new(Vec::new()));
        }
        let (mut from, mut to, mut path) = (0, self.size, Vec::new());
        while to != old {
            let middle = from + left_of(to - from);
            let (sibling_from, sibling_to) = if old <= middle { (middle, to) } else { (from, middle) };
            path.push(self.over(sibling_from, sibling_to).map_err(TreeError::Read)?);
            (from, to) = if old <= middle { (from, middle) } else { (middle, to) };
        }
        if from > 0 {
            path.push(self.over(from, to).map_err(TreeError::Read)?);
        }
        path.reverse();
        Ok(Growth::new(path))
    }

    /// Proves that all of `leaves` are in this tree, each hash told once.
    ///
    /// # Errors
    /// There is no such leaf, or the store cannot be read.
    pub fn inclusion_of(&self, leaves: &BTreeSet<u64>) -> Result<Many, TreeError<E>> {
        if let Some(&last) = leaves.last().filter(|last| **last >= self.size) {
            return Err(OutOfRange { asked: last, size: self.size }.into());
        }
        let leaves: Vec<u64> = leaves.iter().copied().collect();
        let mut hashes = Vec::new();
        self.around(0, self.size, &leaves, &mut hashes).map_err(TreeError::Read)?;
        Ok(Many::new(hashes))
    }

    /// The hashes beside `leaves` within a subtree, from left to right.
    fn around(&self, from: u64, to: u64, leaves: &[u64], hashes: &mut Vec<Digest>) -> Result<(), E> {
        if leaves.is_empty() {
            hashes.push(self.over(from, to)?);
        } else if to - from > 1 {
            let middle = from + left_of(to - from);
            let (left, right) = leaves.split_at(leaves.partition_point(|leaf| *leaf < middle));
            self.around(from, middle, left, hashes)?;
            self.around(middle, to, right, hashes)?;
        }
        Ok(())
    }

    /// The hash over the leaves `from..to`, a subtree of some tree of this log: complete ones, largest first, joined
    /// from the right.
    fn over(&self, from: u64, to: u64) -> Result<Digest, E> {
        let (mut at, mut parts) = (from, Vec::new());
        while at < to {
            let level = (to - at).ilog2();
            parts.push((self.read)(Node { level, index: at >> level })?);
            at += 1 << level;
        }
        let joined = parts.into_iter().rev().reduce(|right, left| node_hash(&left, &right));
        Ok(joined.unwrap_or_else(empty_root))
    }
}

/// The hash of a leaf over its exact bytes.
#[must_use]
pub fn leaf_hash(bytes: &[u8]) -> Digest {
    let mut hasher = Hasher::default();
    hasher.update(&[0]);
    hasher.update(bytes);
    hasher.finish()
}

/// The hash of an inner node.
#[must_use]
pub fn node_hash(left: &Digest, right: &Digest) -> Digest {
    let mut hasher = Hasher::default();
    hasher.update(&[1]);
    hasher.update(left.as_bytes());
    hasher.update(right.as_bytes());
    hasher.finish()
}

/// The root of the tree without leaves.
pub(super) fn empty_root() -> Digest {
    Digest::of(b"")
}

/// How many of `leaves`, two or more, stand in the left subtree: the largest power of two below.
pub(super) const fn left_of(leaves: u64) -> u64 {
    1 << (leaves - 1).ilog2()
}
