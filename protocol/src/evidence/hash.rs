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
    Text = 0x13,
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

/// A row of leaves and the tree over it: the fields of a fact, or the segments of one of its texts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    nonce: Salt,
    /// 0 is the fields; after that the segments of each field, in order.
    number: usize,
    pub(super) total: usize,
}

impl Row {
    pub(super) const fn fields(nonce: Salt, total: usize) -> Self {
        Self { nonce, number: 0, total }
    }

    /// The segments of one field.
    pub(super) const fn segments(&self, field: usize, total: usize) -> Self {
        Self { nonce: self.nonce, number: field + 1, total }
    }

    /// The seeds of the two subtrees below a seed.
    fn grow(&self, span: Span, seed: &Salt) -> (Salt, Salt) {
        let (row, first, count) = (number(self.number), number(span.first), number(span.count));
        split(&hash(Tag::Grow, [&self.nonce[..], &row, &first, &count, seed]))
    }

    /// The seed of a subtree, from that of the whole row.
    pub(super) fn seed_of(&self, wanted: Span, whole: &Salt) -> Salt {
        let (mut span, mut seed) = (Span::whole(self.total), *whole);
        while span != wanted
            && let Some((left, right)) = span.halves()
        {
            let (left_seed, right_seed) = self.grow(span, &seed);
            (span, seed) = if wanted.first < right.first { (left, left_seed) } else { (right, right_seed) };
        }
        seed
    }

    /// The hash over two subtrees.
    pub(super) fn inner(span: Span, left: &Hash, right: &Hash) -> Hash {
        hash(Tag::Inner, [&number(span.first)[..], &number(span.count), left, right])
    }

    /// The hash of a subtree whose seed and leaves are known; `leaf` hashes one, by its number and its salt.
    fn under<L>(
        &self,
        span: Span,
        seed: &Salt,
        leaves: &[L],
        leaf: &impl Fn(usize, &Salt, &L) -> Hash,
    ) -> Hash {
        match (span.halves(), leaves) {
            (Some((left, right)), leaves) => {
                let (left_seed, right_seed) = self.grow(span, seed);
                let (first, rest) = leaves.split_at(left.count.min(leaves.len()));
                let (first, rest) =
                    (self.under(left, &left_seed, first, leaf), self.under(right, &right_seed, rest, leaf));
                Self::inner(span, &first, &rest)
            }
            (None, [one, ..]) => leaf(span.first, seed, one),
            // A span has as many leaves as it counts; without, nothing could match this.
            (None, []) => [0; HASH],
        }
    }

    /// The hash over some fields of the row of fields.
    pub(super) fn under_fields(&self, span: Span, seed: &Salt, fields: &[Leaf<'_>]) -> Hash {
        self.under(span, seed, fields, &|at, salt, leaf| self.field(at, salt, leaf))
    }

    /// The hash over some segments of a row of segments.
    pub(super) fn under_segments(&self, span: Span, seed: &Salt, segments: &[&str]) -> Hash {
        let (row, total) = (number(self.number), number(self.total));
        self.under(span, seed, segments, &|place, salt, text| {
            let place = number(place);
            hash(Tag::Segment, [&self.nonce[..], &row, &place, &total, salt, text.as_bytes()])
        })
    }

    fn field(&self, at: usize, salt: &Salt, leaf: &Leaf<'_>) -> Hash {
        match leaf {
            Leaf::Value { path, kind, text } => {
                let (kind, length) = ([kind_number(*kind)], number(path.len()));
                let (at, total) = (number(at), number(self.total));
                let here = [&self.nonce[..], &at, &total, salt];
                hash(
                    Tag::Value,
                    here.into_iter().chain([&kind[..], &length, path.as_bytes(), text.as_bytes()]),
                )
            }
            Leaf::Text { path, segments } => {
                let row = self.segments(at, segments.len());
                self.text(at, path, &row, &row.under_segments(Span::whole(row.total), salt, segments))
            }
        }
    }

    /// The hash of a cut text, over the tree of its segments.
    pub(super) fn text(&self, at: usize, path: &str, row: &Self, segments: &Hash) -> Hash {
        let (at, total, count) = (number(at), number(self.total), number(row.total));
        hash(Tag::Text, [&self.nonce[..], &at, &total, &count, segments, path.as_bytes()])
    }

    pub(super) fn commitment(&self, top: Hash) -> Commitment {
        Commitment::from_bytes(hash(Tag::Fact, [&self.nonce[..], &number(self.total), &top]))
    }
}

/// The nonce of a fact and the seed of its whole tree.
pub(super) fn start(seed: &Seed) -> (Salt, Salt) {
    split(&hash(Tag::Start, [&seed.0[..]]))
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
