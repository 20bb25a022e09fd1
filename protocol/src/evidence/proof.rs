//! A proof: which leaves are open, where their texts are cut, and the seeds and hashes that lead to the commitment.
//!
//! It is one text, base64url without padding, and has one form. What it says about its own shape is checked as it is
//! read; [`Proof::reveal`] puts the words into it that stand elsewhere.

use std::borrow::Cow;

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
    #[error("leaf {0} of the proof begins a text that is not cut as it may be")]
    BadText(usize),
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
    pub(super) runs: Runs,
    pub(super) shapes: Vec<Shape>,
    /// Seeds of open subtrees and hashes of withheld ones, in order.
    pub(super) nodes: Vec<u8>,
}

/// The shape of one field that is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shape {
    /// Its first leaf.
    pub(super) at: usize,
    /// How many segments its text is cut into; none when it is whole.
    pub(super) segments: usize,
    /// The open runs among the segments, and how long each segment is.
    pub(super) open: Vec<(Span, Vec<u8>)>,
}

impl Shape {
    /// Where its segments stand.
    pub(super) fn text(&self) -> Span {
        Span { first: self.at + 1, count: self.segments }
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
        let runs = read_runs(&mut reader, total)?;
        let shapes = read_shapes(&mut reader, &runs)?;
        let nodes = reader.rest().to_vec();
        let size = |open| if open { SALT } else { HASH };
        let expected: usize = runs.subtrees().into_iter().map(|(_, open)| size(open)).sum();
        match nodes.len() {
            length if length < expected => Err(ProofError::Truncated),
            length if length > expected => Err(ProofError::Trailing),
            _ => Ok(Self { nonce, runs, shapes, nodes }),
        }
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut out = vec![VERSION];
        out.extend(self.nonce);
        put_number(self.runs.total, &mut out);
        let runs = self.runs.each();
        if runs.first().is_some_and(|(_, open)| !open) {
            put_number(0, &mut out);
        }
        runs.iter().for_each(|(run, _)| put_number(run.count, &mut out));
        for shape in &self.shapes {
            put_number(shape.segments, &mut out);
            shape.open.iter().for_each(|(_, lengths)| out.extend(lengths));
        }
        out.extend(&self.nodes);
        out
    }
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

/// For each open leaf that is no segment: what it begins.
fn read_shapes(reader: &mut Reader<'_>, runs: &Runs) -> Result<Vec<Shape>, ProofError> {
    let (mut shapes, mut next) = (Vec::new(), 0);
    for run in runs.open() {
        next = next.max(run.first);
        while next < run.end() {
            let segments = reader.number()?;
            let mut shape = Shape { at: next, segments, open: Vec::new() };
            if segments == 1 || shape.text().end() > runs.total {
                return Err(ProofError::BadText(next));
            }
            for open in runs.open_in(shape.text()) {
                let lengths = (0..open.count).map(|_| reader.byte()).collect::<Result<Vec<_>, _>>()?;
                if lengths.iter().any(|length| !(1..=MAX_SEGMENT).contains(&usize::from(*length))) {
                    return Err(ProofError::BadText(next));
                }
                shape.open.push((open, lengths));
            }
            next = shape.text().end();
            shapes.push(shape);
        }
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
