//! Disclosing some words of a fact: what is shown, and its proof.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::{
    Commitment, Seed,
    hash::{self, Row, Salt},
    leaf::{self, Leaf},
    proof::{Part, Piece, Proof, ProofError, Shape, Words},
    reveal::Revealed,
    tree::{Runs, Span},
};
use crate::fact::{Body, Field};

/// How much of a field is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Show {
    /// Nothing: not even its path and its type.
    Nothing,
    /// Of a cut text the segments in these ranges, without any nothing; of another field, all of it.
    Segments(Vec<Range<usize>>),
    Whole,
}

impl Show {
    /// All of a field but some stretches of its text, each widened to whole segments, or to all of a text without.
    #[must_use]
    pub fn without(field: &Field<'_>, withheld: &[Range<usize>]) -> Self {
        let touches = |at: &Range<usize>| at.start < at.end.min(field.text().len());
        if field.segment_count() == 0 {
            return if withheld.iter().any(touches) { Self::Nothing } else { Self::Whole };
        }
        let mut open = vec![true; field.segment_count()];
        for at in withheld {
            open.iter_mut()
                .take(field.touched(at).end)
                .skip(field.touched(at).start)
                .for_each(|one| *one = false);
        }
        Self::Segments(Runs::of(&open).open().map(|run| run.first..run.end()).collect())
    }

    fn shows(&self, segment: usize) -> bool {
        match self {
            Self::Nothing => false,
            Self::Segments(ranges) => ranges.iter().any(|range| range.contains(&segment)),
            Self::Whole => true,
        }
    }
}

/// Words of one fact with their proof. It stands alone: as a bundle's, or later as a supplement to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Disclosure<'a> {
    pub proof: Proof,
    #[serde(borrow)]
    pub words: Vec<Words<'a>>,
}

impl Disclosure<'_> {
    /// What it reveals of the fact under this commitment.
    ///
    /// # Errors
    /// When words and proof do not fit together, or belong to another fact.
    pub fn verify(&self, commitment: &Commitment) -> Result<Revealed, ProofError> {
        let revealed = self.proof.reveal(&self.words)?;
        if revealed.commitment() == commitment { Ok(revealed) } else { Err(ProofError::OtherFact) }
    }
}

/// Shows of each field what `show` says, by its number and the field; withholds the rest.
#[must_use]
pub fn disclose<'a>(
    seed: &Seed,
    body: &'a Body<'_>,
    mut show: impl FnMut(usize, &Field<'_>) -> Show,
) -> Disclosure<'a> {
    let shown = body.fields().iter().enumerate().map(|(at, field)| {
        let show = show(at, field);
        let open: Vec<bool> = (0..field.segment_count()).map(|segment| show.shows(segment)).collect();
        let nothing = show == Show::Nothing || (!open.is_empty() && !open.contains(&true));
        (!nothing).then(|| one(at, field, Runs::of(&open)))
    });
    let shown: Vec<Option<(Shape, Words<'a>)>> = shown.collect();
    let fields = Runs::of(&shown.iter().map(Option::is_some).collect::<Vec<_>>());
    let (shapes, words) = shown.into_iter().flatten().unzip();
    let (nonce, top) = hash::start(seed);
    let mut proof = Proof { nonce, fields, shapes, nodes: Vec::new() };
    proof.nodes = nodes(&proof, &top, &leaf::leaves(body.fields()));
    Disclosure { proof, words }
}

/// Seeds of what is open, hashes of what is withheld.
fn nodes(proof: &Proof, top: &Salt, leaves: &[Leaf<'_>]) -> Vec<u8> {
    let row = Row::fields(proof.nonce, leaves.len());
    let mut nodes = Vec::new();
    for piece in proof.pieces() {
        match piece {
            Piece::Open(span) => nodes.extend(row.seed_of(span, top)),
            Piece::Withheld(span) => {
                let inside = leaves.get(span.first..span.end()).unwrap_or_default();
                nodes.extend(row.under_fields(span, &row.seed_of(span, top), inside));
            }
            Piece::Part(shape) => {
                let Some(Leaf::Text { segments, .. }) = leaves.get(shape.at) else { continue };
                let salt = row.seed_of(Span { first: shape.at, count: 1 }, top);
                let row = row.segments(shape.at, segments.len());
                for (span, open) in shape.segments.subtrees() {
                    let seed = row.seed_of(span, &salt);
                    let inside = segments.get(span.first..span.end()).unwrap_or_default();
                    match open {
                        true => nodes.extend(seed),
                        false => nodes.extend(row.under_segments(span, &seed, inside)),
                    }
                }
            }
        }
    }
    nodes
}

/// One field that is shown: its shape, and its words.
fn one<'a>(at: usize, field: &'a Field<'_>, open: Runs) -> (Shape, Words<'a>) {
    let (path, kind) = (field.path().into(), field.kind());
    if open.total == 0 {
        let parts = vec![Part::Text(field.text().into())];
        return (Shape { at, segments: open, lengths: Vec::new() }, Words { path, kind, parts });
    }
    let segments: Vec<&str> = field.segments().collect();
    let (mut parts, mut lengths) = (Vec::new(), Vec::new());
    for (run, is_open) in open.each() {
        if !is_open {
            parts.push(Part::Withheld);
            continue;
        }
        let run = segments.get(run.first..run.end()).unwrap_or_default();
        parts.push(Part::Text(run.concat().into()));
        // Segments are at most 63 bytes long.
        lengths.extend(run.iter().map(|one| one.len() as u8));
    }
    (Shape { at, segments: open, lengths }, Words { path, kind, parts })
}
