//! Disclosing some words of a fact: what is shown, and its proof.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::{
    Commitment, Seed,
    hash::{Salts, Scope},
    leaf,
    proof::{Part, Proof, ProofError, Shape, Words},
    reveal::Revealed,
    tree::{Runs, Span},
};
use crate::fact::{Body, Field};

/// How much of a field is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Show {
    /// Nothing: not even its path and its type.
    Nothing,
    /// Of a cut text, path and type and the segments in these ranges; of another field, all of it.
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
        Self::Segments(
            Runs::of(&open).open_in(Span::whole(open.len())).map(|run| run.first..run.end()).collect(),
        )
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
    let (mut open, mut shown) = (Vec::new(), Vec::new());
    for (number, field) in body.fields().iter().enumerate() {
        let (at, show) = (open.len(), show(number, field));
        open.push(show != Show::Nothing);
        open.extend((0..field.segment_count()).map(|segment| show.shows(segment)));
        if show != Show::Nothing {
            shown.push((at, field));
        }
    }
    let runs = Runs::of(&open);
    let (shapes, words) = shown.into_iter().map(|(at, field)| one(at, field, &runs)).unzip();
    let leaves = leaf::leaves(body.fields());
    let salts = Salts::grown(seed, leaves.len());
    let scope = Scope { nonce: salts.nonce, total: leaves.len() };
    let mut nodes = Vec::new();
    for (span, open) in runs.subtrees() {
        let seed = salts.at(span);
        if open {
            nodes.extend(seed);
        } else {
            nodes.extend(scope.under(span, &seed, leaves.get(span.first..span.end()).unwrap_or_default()));
        }
    }
    Disclosure { proof: Proof { nonce: scope.nonce, runs, shapes, nodes }, words }
}

/// One field that is shown: its shape, and its words.
fn one<'a>(at: usize, field: &'a Field<'_>, runs: &Runs) -> (Shape, Words<'a>) {
    let (path, kind) = (field.path().into(), field.kind());
    if field.segment_count() == 0 {
        let parts = vec![Part::Text(field.text().into())];
        return (Shape { at, segments: 0, open: Vec::new() }, Words { path, kind, parts });
    }
    let segments: Vec<&str> = field.segments().collect();
    let mut shape = Shape { at, segments: segments.len(), open: Vec::new() };
    let (text, mut parts, mut told) = (shape.text(), Vec::new(), 0);
    for run in runs.open_in(text) {
        let first = run.first - text.first;
        let run_segments = segments.get(first..first + run.count).unwrap_or_default();
        if first > told {
            parts.push(Part::Withheld);
        }
        parts.push(Part::Text(run_segments.concat().into()));
        told = first + run.count;
        // Segments are at most 63 bytes long.
        let lengths = run_segments.iter().map(|one| one.len() as u8).collect();
        shape.open.push((run, lengths));
    }
    if told < text.count {
        parts.push(Part::Withheld);
    }
    (shape, Words { path, kind, parts })
}
