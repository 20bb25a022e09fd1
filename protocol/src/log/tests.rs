//! What logs, checkpoints and witnesses promise.

mod checkpoints;
mod notes;
mod trees;
mod vectors;
mod witnesses;

use std::{cell::RefCell, collections::BTreeMap, convert::Infallible};

use super::*;
use crate::{ids::Digest, sign::SigningKey};

/// A log in memory: every complete subtree's hash, as a store keeps them.
#[derive(Default)]
struct Memory {
    hashes: BTreeMap<Node, Digest>,
    reads: RefCell<usize>,
    size: u64,
}

impl Memory {
    fn of<'a>(leaves: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut memory = Self::default();
        leaves.into_iter().for_each(|leaf| memory.append(leaf_hash(leaf)));
        memory
    }

    /// Leaves that count up.
    fn counting(size: u64) -> Self {
        let mut memory = Self::default();
        (0..size).for_each(|n| memory.append(numbered(n)));
        memory
    }

    fn append(&mut self, leaf: Digest) {
        let made = self.at(self.size).append(leaf).unwrap();
        self.hashes.extend(made);
        self.size += 1;
    }

    /// The tree of its first `size` leaves.
    fn at(&self, size: u64) -> Tree<impl Fn(Node) -> Result<Digest, Infallible>> {
        let read = |node| {
            *self.reads.borrow_mut() += 1;
            Ok(self.hashes[&node])
        };
        Tree::new(size, read).unwrap()
    }

    fn root(&self, size: u64) -> Digest {
        self.at(size).root().unwrap()
    }
}

fn numbered(n: u64) -> Digest {
    leaf_hash(&n.to_be_bytes())
}

fn key(n: u8) -> SigningKey {
    SigningKey::from_seed(&[n; 32])
}

fn at(text: &str) -> jiff::Timestamp {
    text.parse().unwrap()
}

fn origin() -> Origin {
    Origin::of_agency(&"elm-park".parse().unwrap(), crate::ids::LogId::from_bytes([7; 16]))
}

/// The school's log key.
fn log_key() -> SigningKey {
    key(2)
}

fn head(memory: &Memory, size: u64) -> Checkpoint {
    Checkpoint { origin: origin(), size, root: memory.root(size) }
}
