//! Every hash of a commitment, each over bytes that begin with a tag of its own and the version.
//!
//! Salts and inner seeds are 16 bytes: as in SLH-DSA-128 (FIPS 205) and the tree signatures, 128 bits are enough when
//! no two targets share a hash. So each hash takes in where it stands in its fact and the fact's nonce, without which
//! one guess could be tried on all facts at once (Dinur, Nadler, "Multi-target Attacks on the Picnic Signature Scheme",
//! EUROCRYPT 2019). Hashes that bind are whole.

use sha2::{Digest as _, Sha256};

use super::{Commitment, Seed, leaf::Leaf, tree::Span};
use crate::fact::Kind;

/// Bytes of a salt, of an inner seed and of the nonce.
pub(super) const SALT: usize = 16;
/// Bytes of a hash.
pub(super) const HASH: usize = 32;

pub(super) type Salt = [u8; SALT];
pub(super) type Hash = [u8; HASH];

/// First byte of what is hashed. None is 0 or 1, the log's own.
#[derive(Clone, Copy)]
#[repr(u8)]
enum Tag {
    Start = 0x10,
    Grow = 0x11,
    Value = 0x12,
    Head = 0x13,
    Segment = 0x14,
    Inner = 0x15,
    Fact = 0x16,
}

/// Second byte of what is hashed.
const VERSION: u8 = 1;

fn hash<'p>(tag: Tag, parts: impl IntoIterator<Item = &'p [u8]>) -> Hash {
    let mut hasher = Sha256::new_with_prefix([tag as u8, VERSION]);
    parts.into_iter().for_each(|part| hasher.update(part));
    hasher.finalize().into()
}

/// A number as it is hashed. Leaves and lengths are far below its bounds.
fn number(n: usize) -> [u8; 4] {
    u32::try_from(n).unwrap_or(u32::MAX).to_be_bytes()
}

/// Two salts from one hash, which is as long as both.
fn split(hash: &Hash) -> (Salt, Salt) {
    (hash.first_chunk().copied().unwrap_or_default(), hash.last_chunk().copied().unwrap_or_default())
}

/// What every hash of one fact takes in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scope {
    pub(super) nonce: Salt,
    /// How many leaves there are.
    pub(super) total: usize,
}

impl Scope {
    /// The seeds of the two subtrees below a seed.
    fn grow(&self, span: Span, seed: &Salt) -> (Salt, Salt) {
        let (first, count) = (number(span.first), number(span.count));
        split(&hash(Tag::Grow, [&self.nonce[..], &first, &count, seed]))
    }

    fn leaf(&self, index: usize, salt: &Salt, leaf: &Leaf<'_>) -> Hash {
        let (index, total) = (number(index), number(self.total));
        let here = [&self.nonce[..], &index, &total, salt].into_iter();
        match leaf {
            Leaf::Value { path, kind, text } => {
                let (kind, length) = ([kind_number(*kind)], number(path.len()));
                hash(Tag::Value, here.chain([&kind[..], &length, path.as_bytes(), text.as_bytes()]))
            }
            Leaf::Head { path, segments } => {
                hash(Tag::Head, here.chain([&number(*segments)[..], path.as_bytes()]))
            }
            Leaf::Segment { place, text } => {
                hash(Tag::Segment, here.chain([&number(*place)[..], text.as_bytes()]))
            }
        }
    }

    /// The hash over two subtrees.
    pub(super) fn inner(span: Span, left: &Hash, right: &Hash) -> Hash {
        hash(Tag::Inner, [&number(span.first)[..], &number(span.count), left, right])
    }

    /// The hash of a subtree whose seed and leaves are known.
    pub(super) fn under(&self, span: Span, seed: &Salt, leaves: &[Leaf<'_>]) -> Hash {
        match (span.halves(), leaves) {
            (Some((left, right)), leaves) => {
                let (left_seed, right_seed) = self.grow(span, seed);
                let (first, rest) = leaves.split_at(left.count.min(leaves.len()));
                Self::inner(span, &self.under(left, &left_seed, first), &self.under(right, &right_seed, rest))
            }
            (None, [leaf, ..]) => self.leaf(span.first, seed, leaf),
            // A span has as many leaves as it counts; without, nothing could match this.
            (None, []) => [0; HASH],
        }
    }

    pub(super) fn commitment(&self, top: Hash) -> Commitment {
        Commitment::from_bytes(hash(Tag::Fact, [&self.nonce[..], &number(self.total), &top]))
    }
}

/// The tree of salts of one fact.
pub(super) struct Salts {
    pub(super) nonce: Salt,
    pub(super) top: Salt,
    total: usize,
}

impl Salts {
    pub(super) fn grown(seed: &Seed, total: usize) -> Self {
        let (nonce, top) = split(&hash(Tag::Start, [&seed.0[..]]));
        Self { nonce, top, total }
    }

    /// The seed of a subtree.
    pub(super) fn at(&self, wanted: Span) -> Salt {
        let scope = Scope { nonce: self.nonce, total: self.total };
        let (mut span, mut seed) = (Span::whole(self.total), self.top);
        while span != wanted
            && let Some((left, right)) = span.halves()
        {
            let (left_seed, right_seed) = scope.grow(span, &seed);
            (span, seed) = if wanted.first < right.first { (left, left_seed) } else { (right, right_seed) };
        }
        seed
    }
}

const fn kind_number(kind: Kind) -> u8 {
    match kind {
        Kind::Text => 0,
        Kind::Integer => 1,
        Kind::Bool => 2,
        Kind::Null => 3,
        Kind::List => 4,
        Kind::Object => 5,
    }
}
