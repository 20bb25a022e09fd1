//! From a proof and the words it is about to what they reveal, and under which commitment.

use std::{
    collections::{BTreeMap, BTreeSet, btree_map::Entry},
    iter::Peekable,
};

use super::{
    Commitment,
    blob::Reader,
    hash::{Hash, Row},
    leaf::Leaf,
    proof::{Part, Piece, Proof, ProofError, Shape, Words},
    tree::{Runs, Span},
};
use crate::fact::Kind;

/// What is known of one fact, and of which: that a log holds it under this commitment is another proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revealed {
    commitment: Commitment,
    total: usize,
    known: BTreeMap<usize, Known>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Known {
    Value {
        path: String,
        kind: Kind,
        text: String,
    },
    /// A cut text: how many segments it has, and those that are known.
    Text {
        path: String,
        segments: usize,
        known: BTreeMap<usize, String>,
    },
}

/// A field of which something is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevealedField {
    /// Its number among the fields of the fact, from 0.
    pub at: usize,
    pub path: String,
    pub kind: Kind,
    pub parts: Vec<RevealedPart>,
}

/// A stretch of its text, or how many segments are withheld there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RevealedPart {
    Text(String),
    Withheld { segments: usize },
}

/// Two disclosures that are not of one fact.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the supplement is about another record than the disclosure")]
pub struct DoesNotFit;

impl Proof {
    /// What these words reveal, and under which commitment.
    ///
    /// # Errors
    /// When the words are not of the shape that the proof says.
    pub fn reveal(&self, words: &[Words<'_>]) -> Result<Revealed, ProofError> {
        if let Some(stray) = words.get(self.shapes.len()) {
            return Err(ProofError::Unproven(stray.path.to_string()));
        }
        if words.len() < self.shapes.len() {
            return Err(ProofError::WordsMissing);
        }
        let mut paths = BTreeSet::new();
        if let Some(twice) = words.iter().find(|one| !paths.insert(&one.path)) {
            return Err(ProofError::Twice(twice.path.to_string()));
        }
        let shown = self.shapes.iter().zip(words).map(|(shape, words)| Ok((shape.at, shown(shape, words)?)));
        let shown = shown.collect::<Result<BTreeMap<_, _>, _>>()?;
        let commitment = self.commitment(&shown)?;
        let known = shown.into_iter().map(|(at, shown)| (at, Known::from(shown))).collect();
        Ok(Revealed { commitment, total: self.fields.total, known })
    }

    /// What the words of a whole fact reveal, one for each of its fields in order, those that are withheld whole
    /// included: so each field stands in its one place, and no path is in the fact a second time.
    ///
    /// # Errors
    /// As [`Self::reveal`], and when the proof is of another number of fields, or shows others.
    pub fn reveal_all(&self, words: Vec<Words<'_>>) -> Result<Revealed, ProofError> {
        let withheld = |one: &Words<'_>| one.parts == [Part::Withheld];
        let open: Vec<bool> = words.iter().map(|one| !withheld(one)).collect();
        if Runs::of(&open) != self.fields {
            return Err(ProofError::OtherFields);
        }
        self.reveal(&words.into_iter().filter(|one| !withheld(one)).collect::<Vec<_>>())
    }

    fn commitment(&self, shown: &BTreeMap<usize, Shown<'_>>) -> Result<Commitment, ProofError> {
        let row = Row::fields(self.nonce, self.fields.total);
        let mut nodes = Reader(&self.nodes);
        let mut subtrees = Vec::new();
        for piece in self.pieces() {
            subtrees.push(match piece {
                Piece::Withheld(span) => (span, nodes.array()?),
                Piece::Open(span) => {
                    let inside: Vec<_> =
                        shown.range(span.first..span.end()).map(|(_, one)| one.leaf()).collect();
                    (span, row.under_fields(span, &nodes.array()?, &inside))
                }
                Piece::Part(shape) => {
                    let shown = shown.get(&shape.at).ok_or(ProofError::WordsMissing)?;
                    (Span { first: shape.at, count: 1 }, text_in_part(&row, shape, shown, &mut nodes)?)
                }
            });
        }
        join_subtrees(row.total, subtrees).map(|top| row.commitment(top))
    }
}

/// One field that is shown, between its proof and its words.
enum Shown<'w> {
    Value { path: &'w str, kind: Kind, text: &'w str },
    Text { path: &'w str, segments: usize, known: BTreeMap<usize, &'w str> },
}

impl<'w> Shown<'w> {
    /// It as a leaf, when all of it is shown.
    fn leaf(&self) -> Leaf<'w> {
        match self {
            Self::Value { path, kind, text } => Leaf::Value { path, kind: *kind, text },
            Self::Text { path, known, .. } => {
                Leaf::Text { path, segments: known.values().copied().collect() }
            }
        }
    }
}

impl From<Shown<'_>> for Known {
    fn from(shown: Shown<'_>) -> Self {
        match shown {
            Shown::Value { path, kind, text } => {
                Self::Value { path: path.to_owned(), kind, text: text.to_owned() }
            }
            Shown::Text { path, segments, known } => {
                let known = known.into_iter().map(|(place, text)| (place, text.to_owned())).collect();
                Self::Text { path: path.to_owned(), segments, known }
            }
        }
    }
}

/// The hash of a text of which some segments are withheld.
fn text_in_part(
    fields: &Row,
    shape: &Shape,
    shown: &Shown<'_>,
    nodes: &mut Reader<'_>,
) -> Result<Hash, ProofError> {
    let Shown::Text { path, known, .. } = shown else { return Err(ProofError::WordsMissing) };
    let row = fields.segments(shape.at, shape.segments.total);
    let mut subtrees = Vec::new();
    for (span, open) in shape.segments.subtrees() {
        let hash = if open {
            let inside: Vec<&str> = known.range(span.first..span.end()).map(|(_, text)| *text).collect();
            row.under_segments(span, &nodes.array()?, &inside)
        } else {
            nodes.array()?
        };
        subtrees.push((span, hash));
    }
    let segments = join_subtrees(row.total, subtrees)?;
    Ok(fields.text(shape.at, path, &row, &segments))
}

/// The hash of a whole row from those of the subtrees that make it up.
fn join_subtrees(total: usize, subtrees: Vec<(Span, Hash)>) -> Result<Hash, ProofError> {
    joined(Span::whole(total), &mut subtrees.into_iter().peekable()).ok_or(ProofError::BadRuns)
}

fn joined(span: Span, subtrees: &mut Peekable<impl Iterator<Item = (Span, Hash)>>) -> Option<Hash> {
    if let Some((_, hash)) = subtrees.next_if(|(there, _)| *there == span) {
        return Some(hash);
    }
    let (left, right) = span.halves()?;
    let (left, right) = (joined(left, subtrees)?, joined(right, subtrees)?);
    Some(Row::inner(span, &left, &right))
}

/// One field, from its shape and the words that stand elsewhere.
fn shown<'w>(shape: &Shape, words: &'w Words<'_>) -> Result<Shown<'w>, ProofError> {
    let wrong_parts = || ProofError::WrongParts(words.path.to_string());
    let (path, kind) = (words.path.as_ref(), words.kind);
    if shape.segments.total == 0 {
        return match words.parts.as_slice() {
            [Part::Text(text)] => Ok(Shown::Value { path, kind, text }),
            _ => Err(wrong_parts()),
        };
    }
    if kind != Kind::Text {
        return Err(wrong_parts());
    }
    let (mut parts, mut lengths, mut known) = (words.parts.iter(), shape.lengths.iter(), BTreeMap::new());
    for (run, open) in shape.segments.each() {
        match (parts.next(), open) {
            (Some(Part::Withheld), false) => {}
            (Some(Part::Text(said)), true) => {
                let pieces = pieces(said, lengths.by_ref().take(run.count))
                    .ok_or_else(|| ProofError::WrongLength(words.path.to_string()))?;
                known.extend((run.first..).zip(pieces));
            }
            _ => return Err(wrong_parts()),
        }
    }
    if parts.next().is_some() {
        return Err(wrong_parts());
    }
    Ok(Shown::Text { path, segments: shape.segments.total, known })
}

/// A text in pieces of these lengths, to its end.
fn pieces<'t, 'l>(text: &'t str, lengths: impl Iterator<Item = &'l u8>) -> Option<Vec<&'t str>> {
    let mut rest = text;
    let pieces = lengths.map(|length| {
        let (piece, after) = rest.split_at_checked(usize::from(*length))?;
        rest = after;
        Some(piece)
    });
    let pieces = pieces.collect::<Option<Vec<_>>>()?;
    rest.is_empty().then_some(pieces)
}

impl Revealed {
    /// The commitment that words and proof lead to.
    #[must_use]
    pub const fn commitment(&self) -> &Commitment {
        &self.commitment
    }

    /// How much is known: fields, and segments of cut texts.
    #[must_use]
    pub fn known(&self) -> usize {
        let one = |known: &Known| match known {
            Known::Value { .. } => 1,
            Known::Text { known, .. } => known.len(),
        };
        self.known.values().map(one).sum()
    }

    /// The fields of which something is known, each with its number in the fact, in order.
    #[must_use]
    pub fn fields(&self) -> Vec<RevealedField> {
        let field = |(at, known): (&usize, &Known)| match known {
            Known::Value { path, kind, text } => {
                let parts = vec![RevealedPart::Text(text.clone())];
                RevealedField { at: *at, path: path.clone(), kind: *kind, parts }
            }
            Known::Text { path, segments, known } => {
                let parts = parts(*segments, known);
                RevealedField { at: *at, path: path.clone(), kind: Kind::Text, parts }
            }
        };
        self.known.iter().map(field).collect()
    }

    /// A field's text segment by segment, none for one that is withheld; a text without segments is one. None when
    /// nothing is known of the field.
    #[must_use]
    pub fn segments(&self, of: &str) -> Option<Vec<Option<&str>>> {
        self.known.values().find_map(|known| match known {
            Known::Value { path, text, .. } if path == of => Some(vec![Some(text.as_str())]),
            Known::Text { path, segments, known } if path == of => {
                Some((0..*segments).map(|place| known.get(&place).map(String::as_str)).collect())
            }
            _ => None,
        })
    }

    /// What this and another disclosure of the same fact reveal together.
    ///
    /// # Errors
    /// When they are not of the same fact.
    pub fn join(mut self, supplement: Self) -> Result<Self, DoesNotFit> {
        if self.commitment != supplement.commitment || self.total != supplement.total {
            return Err(DoesNotFit);
        }
        for (at, more) in supplement.known {
            match self.known.entry(at) {
                Entry::Vacant(place) => {
                    place.insert(more);
                }
                Entry::Occupied(mut there) => there.get_mut().join(more)?,
            }
        }
        Ok(self)
    }
}

impl Known {
    /// Under one commitment a leaf says one thing.
    fn join(&mut self, more: Self) -> Result<(), DoesNotFit> {
        match (self, more) {
            (
                Self::Text { path, segments, known },
                Self::Text { path: same, segments: count, known: more },
            ) if *path == same && *segments == count => {
                for (place, text) in more {
                    if *known.entry(place).or_insert_with(|| text.clone()) != text {
                        return Err(DoesNotFit);
                    }
                }
                Ok(())
            }
            (known, more) if *known == more => Ok(()),
            _ => Err(DoesNotFit),
        }
    }
}

/// The stretches of a cut text.
fn parts(segments: usize, known: &BTreeMap<usize, String>) -> Vec<RevealedPart> {
    let (mut parts, mut told) = (Vec::new(), 0);
    for (place, segment) in known {
        if *place > told {
            parts.push(RevealedPart::Withheld { segments: place - told });
        }
        match parts.last_mut() {
            Some(RevealedPart::Text(before)) => before.push_str(segment),
            _ => parts.push(RevealedPart::Text(segment.clone())),
        }
        told = place + 1;
    }
    if told < segments {
        parts.push(RevealedPart::Withheld { segments: segments - told });
    }
    parts
}
