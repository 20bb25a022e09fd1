//! A proof: which leaves are open, where their texts are cut, and the seeds and hashes that lead to the commitment.
//!
//! It is one text, base64url without padding, and has one form. What it says about its own shape is checked as it is
//! read; [`Proof::reveal`] puts the words into it that stand elsewhere.

use std::{borrow::Cow, cmp::Ordering};

use base64ct::{Base64UrlUnpadded, Encoding as _};
use serde::{Deserialize, Serialize};

use super::{
    MAX_LEAVES,
    blob::{Reader, put_number},
    hash::{HASH, SALT, Salt},
    tree::{Runs, Span},
};
use crate::fact::{Kind, MAX_SEGMENT};

/// Why a proof does not hold, or was not even read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    #[error("the proof is not base64url without padding")]
    NotText,
    #[error("the proof is of version {0}, which this program does not know")]
    Version(u8),
    #[error("the proof ends too early")]
    Truncated,
    #[error("the proof goes on after its end")]
    Trailing,
    #[error("the proof writes a number in another than its one form")]
    NotCanonical,
    #[error("the proof is for 0 leaves or more than {MAX_LEAVES}")]
    TooManyLeaves,
    #[error("the runs of the proof are not those of its leaves")]
    BadRuns,
    #[error("field {0} of the proof, counted from 0, is a text that is not cut as it may be")]
    BadText(usize),
    #[error("the proof is of a fact with other fields than its kind has, or shows others than stand here")]
    OtherFields,
    #[error("field {0} is shown twice")]
    Twice(String),
    #[error("the proof is about more fields than were shown")]
    WordsMissing,
    #[error("field {0} is shown, and the proof knows nothing of it")]
    Unproven(String),
    #[error("what is shown of field {0} is not in the parts that the proof says")]
    WrongParts(String),
    #[error("what is shown of field {0} is not as long as the proof says, or cut inside a character")]
    WrongLength(String),
    #[error("what is shown is not what was recorded: it leads to another commitment")]
    OtherFact,
}

/// What is shown of one field. A field of which nothing is left out is one part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words<'a> {
    #[serde(borrow)]
    pub path: Cow<'a, str>,
    pub kind: Kind,
    #[serde(borrow)]
    pub parts: Vec<Part<'a>>,
}

/// A stretch that is shown, or the place of one or more segments that are not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part<'a> {
    #[serde(borrow)]
    Text(Cow<'a, str>),
    Withheld,
}

/// The proof of some words of one fact. It holds none of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Proof {
    pub(super) nonce: Salt,
    /// Which fields are shown, whole or in part.
    pub(super) fields: Runs,
    /// For each of them, its shape.
    pub(super) shapes: Vec<Shape>,
    /// Seeds of open subtrees and hashes of withheld ones, in order.
    pub(super) nodes: Vec<u8>,
}

/// The shape of one field that is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shape {
    /// Its number.
    pub(super) at: usize,
    /// Which segments of its text are open; a whole field has none at all.
    pub(super) segments: Runs,
    /// How long each open segment is.
    pub(super) lengths: Vec<u8>,
}

/// A stretch of fields, and what the nodes of a proof are for it.
pub(super) enum Piece<'p> {
    /// All of it is open: one seed.
    Open(Span),
    /// None of it: one hash.
    Withheld(Span),
    /// A text that is shown in part: the nodes of its own tree.
    Part(&'p Shape),
}

impl Shape {
    pub(super) fn is_in_part(&self) -> bool {
        self.lengths.len() < self.segments.total
    }
}

const VERSION: u8 = 1;

impl Proof {
    pub(super) fn from_bytes(bytes: &[u8]) -> Result<Self, ProofError> {
        let mut reader = Reader(bytes);
        match reader.byte()? {
            VERSION => {}
            other => return Err(ProofError::Version(other)),
        }
        let nonce = reader.array()?;
        let total = reader.number()?;
        if !(1..=MAX_LEAVES).contains(&total) {
            return Err(ProofError::TooManyLeaves);
        }
        let fields = read_runs(&mut reader, total)?;
        let shapes = read_shapes(&mut reader, &fields)?;
        let nodes = reader.rest().to_vec();
        let proof = Self { nonce, fields, shapes, nodes };
        match proof.nodes.len().cmp(&proof.nodes_expected()) {
            Ordering::Less => Err(ProofError::Truncated),
            Ordering::Greater => Err(ProofError::Trailing),
            Ordering::Equal => Ok(proof),
        }
    }

    fn nodes_expected(&self) -> usize {
        let size = |(_, open)| if open { SALT } else { HASH };
        let pieces = self.pieces().into_iter().map(|piece| match piece {
            Piece::Open(_) => SALT,
            Piece::Withheld(_) => HASH,
            Piece::Part(shape) => shape.segments.subtrees().into_iter().map(size).sum(),
        });
        pieces.sum()
    }

    /// The largest subtrees of fields that are wholly open or wholly withheld, and between them each text that is shown
    /// in part.
    pub(super) fn pieces(&self) -> Vec<Piece<'_>> {
        let (mut pieces, mut found) = (Vec::new(), Vec::new());
        let mut in_part = self.shapes.iter().filter(|shape| shape.is_in_part()).peekable();
        let whole = Span::whole(self.fields.total);
        for (run, open) in self.fields.each() {
            let mut from = run.first;
            while let Some(shape) = in_part.next_if(|shape| shape.at < run.end()) {
                whole.cover(Span { first: from, count: shape.at - from }, &mut found);
                pieces.extend(found.drain(..).map(Piece::Open));
                pieces.push(Piece::Part(shape));
                from = shape.at + 1;
            }
            whole.cover(Span { first: from, count: run.end() - from }, &mut found);
            pieces.extend(found.drain(..).map(if open { Piece::Open } else { Piece::Withheld }));
        }
        pieces
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut out = vec![VERSION];
        out.extend(self.nonce);
        put_number(self.fields.total, &mut out);
        put_runs(&self.fields, &mut out);
        for shape in &self.shapes {
            put_number(shape.segments.total, &mut out);
            put_runs(&shape.segments, &mut out);
            out.extend(&shape.lengths);
        }
        out.extend(&self.nodes);
        out
    }
}

fn put_runs(runs: &Runs, out: &mut Vec<u8>) {
    let runs = runs.each();
    if runs.first().is_some_and(|(_, open)| !open) {
        put_number(0, out);
    }
    runs.iter().for_each(|(run, _)| put_number(run.count, out));
}

/// Lengths of runs, open and withheld by turns, until all leaves are told. Only the first may be empty.
fn read_runs(reader: &mut Reader<'_>, total: usize) -> Result<Runs, ProofError> {
    let (mut runs, mut told) = (Vec::new(), 0);
    while told < total {
        let run = reader.number()?;
        if run > total - told || (run == 0 && !runs.is_empty()) {
            return Err(ProofError::BadRuns);
        }
        told += run;
        runs.push(run);
    }
    Ok(Runs::by_turns(total, true, runs))
}

/// For each field that is shown: how its text is cut, and what is open of it.
fn read_shapes(reader: &mut Reader<'_>, fields: &Runs) -> Result<Vec<Shape>, ProofError> {
    let (mut shapes, mut leaves) = (Vec::new(), fields.total);
    for at in fields.open().flat_map(|run| run.first..run.end()) {
        let total = reader.number()?;
        leaves += total;
        if leaves > MAX_LEAVES {
            return Err(ProofError::TooManyLeaves);
        }
        let segments = read_runs(reader, total)?;
        let open: usize = segments.open().map(|run| run.count).sum();
        let lengths = (0..open).map(|_| reader.byte()).collect::<Result<Vec<_>, _>>()?;
        let bad = lengths.iter().any(|length| !(1..=MAX_SEGMENT).contains(&usize::from(*length)));
        if bad || total == 1 || (total > 1 && open == 0) {
            return Err(ProofError::BadText(at));
        }
        shapes.push(Shape { at, segments, lengths });
    }
    Ok(shapes)
}

impl TryFrom<String> for Proof {
    type Error = ProofError;
    fn try_from(text: String) -> Result<Self, ProofError> {
        Self::from_bytes(&Base64UrlUnpadded::decode_vec(&text).map_err(|_| ProofError::NotText)?)
    }
}

impl From<Proof> for String {
    fn from(proof: Proof) -> Self {
        Base64UrlUnpadded::encode_string(&proof.to_bytes())
    }
}
