//! Commitments: 32 bytes that fix every word of a fact, and proofs that some of its words are among them.
//!
//! The fields of a fact become salted leaves of one hash tree, one for each; that of a cut text is itself a tree, over its
//! segments. So a field has one place, whatever is withheld before it, and whoever knows which field a place is for knows
//! that it is there once. The salts grow from the fact's seed in a tree of the same shape, so that whoever is shown a run
//! of leaves needs a few seeds, and for a run withheld a few hashes. This is the redactable signature of Johnson, Molnar,
//! Song and Wagner ("Homomorphic Signature Schemes", CT-RSA 2002), built on the tree of Goldreich, Goldwasser and
//! Micali ("How to Construct Random Functions", J. ACM 1986); content extraction signatures (Steinfeld, Bull, Zheng,
//! ICISC 2001) name the same goal. As there, nothing stops a reader from showing less of what they were shown.
//!
//! A [`Proof`] holds no word: a bundle's records do. A later release is another [`Disclosure`] of the same fact; what
//! disclosures of one fact reveal adds up ([`Revealed::join`]), and that is all they reveal.

mod blob;
mod disclose;
mod hash;
mod leaf;
mod proof;
mod reveal;
#[cfg(test)]
mod tests;
mod tree;
#[cfg(test)]
mod vectors;

use std::fmt;

pub use self::{
    disclose::{Disclosure, Show, disclose},
    proof::{Part, Proof, ProofError, Words},
    reveal::{DoesNotFit, Revealed, RevealedField, RevealedPart},
};
use self::{hash::Row, tree::Span};
use crate::{fact::Body, ids::Digest};

/// Most leaves of one fact.
pub const MAX_LEAVES: usize = 1 << 20;

/// What commits to a fact: what its log holds of it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Commitment(Digest);

impl Commitment {
    /// Takes 32 bytes that are a commitment already.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Digest::from_bytes(bytes))
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }
}

impl fmt::Display for Commitment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Commitment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Commitment({self})")
    }
}

/// The secret of one fact, from which all its salts grow: 32 random bytes, fresh for each fact.
#[derive(Clone)]
pub struct Seed([u8; 32]);

impl Seed {
    /// Takes 32 random bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The secret itself: whoever has it can try words on every hash of the fact.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seed(secret)")
    }
}

impl Drop for Seed {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.0);
    }
}

/// Commits to a fact.
#[must_use]
pub fn commit(seed: &Seed, body: &Body<'_>) -> Commitment {
    let leaves = leaf::leaves(body.fields());
    let (nonce, top) = hash::start(seed);
    let row = Row::fields(nonce, leaves.len());
    row.commitment(row.under_fields(Span::whole(row.total), &top, &leaves))
}
