//! From a proof and the words it is about to what they reveal, and under which commitment.

use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

use super::{
    Commitment,
    blob::Reader,
    hash::{Hash, Scope},
    leaf::Leaf,
    proof::{Part, Proof, ProofError, Shape, Words},
    tree::Span,
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
    Value { path: String, kind: Kind, text: String },
    Head { path: String, segments: usize },
    Segment(String),
}

/// A field of which something is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevealedField {
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
        let (mut leaves, mut paths) = (Vec::new(), BTreeSet::new());
        if let Some(twice) = words.iter().find(|one| !paths.insert(&one.path)) {
            return Err(ProofError::Twice(twice.path.to_string()));
        }
        for (shape, words) in self.shapes.iter().zip(words) {
            put_leaves(shape, words, &mut leaves)?;
        }
        let commitment = self.commitment(&leaves)?;
        let known = leaves.into_iter().map(|(at, leaf)| (at, Known::from(leaf))).collect();
        Ok(Revealed { commitment, total: self.runs.total, known })
    }

    fn commitment(&self, leaves: &[(usize, Leaf<'_>)]) -> Result<Commitment, ProofError> {
        let scope = Scope { nonce: self.nonce, total: self.runs.total };
        let (mut nodes, mut leaves) = (Reader(&self.nodes), leaves.iter().map(|(_, leaf)| *leaf));
        let mut subtrees = Vec::new();
        for (span, open) in self.runs.subtrees() {
            let hash = if open {
                let inside: Vec<_> = leaves.by_ref().take(span.count).collect();
                if inside.len() < span.count {
                    return Err(ProofError::WordsMissing);
                }
                scope.under(span, &nodes.array()?, &inside)
            } else {
                nodes.array()?
            };
            subtrees.push((span, hash));
        }
        let top = join_subtrees(Span::whole(self.runs.total), &mut subtrees.into_iter().peekable());
        Ok(scope.commitment(top.ok_or(ProofError::BadRuns)?))
    }
}

type Subtrees<T> = std::iter::Peekable<T>;

/// The hash of `span` from those of the subtrees that make it up.
fn join_subtrees(span: Span, subtrees: &mut Subtrees<impl Iterator<Item = (Span, Hash)>>) -> Option<Hash> {
    if let Some((_, hash)) = subtrees.next_if(|(there, _)| *there == span) {
        return Some(hash);
    }
    let (left, right) = span.halves()?;
    let (left, right) = (join_subtrees(left, subtrees)?, join_subtrees(right, subtrees)?);
    Some(Scope::inner(span, &left, &right))
}

/// The open leaves of one field, from its shape and the words that stand elsewhere.
fn put_leaves<'w>(
    shape: &Shape,
    words: &'w Words<'_>,
    leaves: &mut Vec<(usize, Leaf<'w>)>,
) -> Result<(), ProofError> {
    let wrong_parts = || ProofError::WrongParts(words.path.to_string());
    let (path, kind) = (words.path.as_ref(), words.kind);
    if shape.segments == 0 {
        return match words.parts.as_slice() {
            [Part::Text(text)] => {
                leaves.push((shape.at, Leaf::Value { path, kind, text }));
                Ok(())
            }
            _ => Err(wrong_parts()),
        };
    }
    if kind != Kind::Text {
        return Err(wrong_parts());
    }
    leaves.push((shape.at, Leaf::Head { path, segments: shape.segments }));
    let (text, mut parts) = (shape.text(), words.parts.iter());
    let mut told = text.first;
    for (run, lengths) in &shape.open {
        if run.first > told && parts.next() != Some(&Part::Withheld) {
            return Err(wrong_parts());
        }
        let Some(Part::Text(said)) = parts.next() else { return Err(wrong_parts()) };
        let pieces = pieces(said, lengths).ok_or_else(|| ProofError::WrongLength(words.path.to_string()))?;
        let placed = (run.first..).zip(pieces);
        leaves.extend(
            placed.map(|(at, text_of)| (at, Leaf::Segment { place: at - text.first, text: text_of })),
        );
        told = run.end();
    }
    if told < text.end() && parts.next() != Some(&Part::Withheld) || parts.next().is_some() {
        return Err(wrong_parts());
    }
    Ok(())
}

/// A text in pieces of these lengths, to its end.
fn pieces<'t>(text: &'t str, lengths: &[u8]) -> Option<Vec<&'t str>> {
    let mut rest = text;
    let pieces = lengths.iter().map(|length| {
        let (piece, after) = rest.split_at_checked(usize::from(*length))?;
        rest = after;
        Some(piece)
    });
    let pieces = pieces.collect::<Option<Vec<_>>>()?;
    rest.is_empty().then_some(pieces)
}

impl From<Leaf<'_>> for Known {
    fn from(leaf: Leaf<'_>) -> Self {
        match leaf {
            Leaf::Value { path, kind, text } => {
                Self::Value { path: path.to_owned(), kind, text: text.to_owned() }
            }
            Leaf::Head { path, segments } => Self::Head { path: path.to_owned(), segments },
            Leaf::Segment { text, .. } => Self::Segment(text.to_owned()),
        }
    }
}

impl Revealed {
    /// The commitment that words and proof lead to.
    #[must_use]
    pub const fn commitment(&self) -> &Commitment {
        &self.commitment
    }

    /// How many leaves stay withheld.
    #[must_use]
    pub fn withheld(&self) -> usize {
        self.total - self.known.len()
    }

    /// The fields of which something is known, in order.
    #[must_use]
    pub fn fields(&self) -> Vec<RevealedField> {
        let mut fields = Vec::new();
        for (at, known) in &self.known {
            match known {
                Known::Value { path, kind, text } => {
                    let parts = vec![RevealedPart::Text(text.clone())];
                    fields.push(RevealedField { path: path.clone(), kind: *kind, parts });
                }
                Known::Head { path, segments } => {
                    let parts = self.parts(Span { first: at + 1, count: *segments });
                    fields.push(RevealedField { path: path.clone(), kind: Kind::Text, parts });
                }
                // With its head.
                Known::Segment(_) => {}
            }
        }
        fields
    }

    /// A field's text segment by segment, none for one that is withheld; a text without segments is one. None when
    /// nothing is known of the field.
    #[must_use]
    pub fn segments(&self, of: &str) -> Option<Vec<Option<&str>>> {
        self.known.iter().find_map(|(at, known)| match known {
            Known::Value { path, text, .. } if path == of => Some(vec![Some(text.as_str())]),
            Known::Head { path, segments } if path == of => {
                let each = at + 1..at + 1 + segments;
                let segment = |at| match self.known.get(&at) {
                    Some(Known::Segment(text)) => Some(text.as_str()),
                    _ => None,
                };
                Some(each.map(segment).collect())
            }
            _ => None,
        })
    }

    fn parts(&self, text: Span) -> Vec<RevealedPart> {
        let (mut parts, mut told) = (Vec::new(), text.first);
        for (at, known) in self.known.range(text.first..text.end()) {
            let Known::Segment(segment) = known else { continue };
            if *at > told {
                parts.push(RevealedPart::Withheld { segments: at - told });
            }
            match parts.last_mut() {
                Some(RevealedPart::Text(before)) => before.push_str(segment),
                _ => parts.push(RevealedPart::Text(segment.clone())),
            }
            told = at + 1;
        }
        if told < text.end() {
            parts.push(RevealedPart::Withheld { segments: text.end() - told });
        }
        parts
    }

    /// What this and another disclosure of the same fact reveal together.
    ///
    /// # Errors
    /// When they are not of the same fact.
    pub fn join(mut self, supplement: Self) -> Result<Self, DoesNotFit> {
        if self.commitment != supplement.commitment {
            return Err(DoesNotFit);
        }
        for (at, known) in supplement.known {
            match self.known.entry(at) {
                Entry::Vacant(place) => {
                    place.insert(known);
                }
                Entry::Occupied(there) if *there.get() == known => {}
                // Under one commitment a leaf says one thing.
                Entry::Occupied(_) => return Err(DoesNotFit),
            }
        }
        Ok(self)
    }
}
