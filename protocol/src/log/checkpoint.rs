//! Checkpoints (C2SP `tlog-checkpoint`): which log, how many leaves, which root, signed by the log's key.

use std::{fmt, str::FromStr};

use base64ct::{Base64, Encoding as _};
use serde::{Deserialize, Serialize};

use crate::{
    ids::Digest,
    sign::{SigningKey, VerifyingKey},
};

use super::{
    note::{Line, MAX_NOTE_SIGNATURES, Note, NoteError, NoteKey, NoteKind},
    origin::Origin,
    tree::{MAX_SIZE, empty_root},
};

/// Why a checkpoint was not believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    #[error("the checkpoint cannot be read: {0}")]
    Text(&'static str),
    #[error("the checkpoint is of the log {named}, another one")]
    OtherLog { named: Origin },
    #[error("the checkpoint does not hold: {0}")]
    Note(#[from] NoteError),
    #[error("the cosignature is over another checkpoint, or not by {0}")]
    Cosignature(String),
    #[error(
        "these are signatures of another checkpoint, of {0} facts, without proof that the log goes on from this one: `kith casebook witnesses` at its sender prints them with one"
    )]
    Another(u64),
}

/// A log's head: what its owner says stands in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checkpoint {
    pub origin: Origin,
    /// How many leaves.
    pub size: u64,
    /// The root hash over them.
    pub root: Digest,
}

impl Checkpoint {
    /// The three lines that are signed.
    fn text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, Base64::encode_string(self.root.as_bytes()))
    }

    fn read(text: &str) -> Result<Self, CheckpointError> {
        let lines = || {
            let mut lines = text.strip_suffix('\n')?.split('\n');
            let three = (lines.next()?, lines.next()?, lines.next()?);
            lines.next().is_none().then_some(three)
        };
        let (origin, size, root) = lines().ok_or(CheckpointError::Text("it is not three lines"))?;
        let origin = origin.parse().map_err(|_| CheckpointError::Text("its first line is no log of ours"))?;
        let bad_size = CheckpointError::Text("its second line is not a size");
        let size = match size.parse::<u64>() {
            Ok(number) if number <= MAX_SIZE && number.to_string() == size => number,
            _ => return Err(bad_size),
        };
        let bad_root = CheckpointError::Text("its third line is not a root hash");
        let root = Base64::decode_vec(root).ok().and_then(|bytes| bytes.try_into().ok());
        let root = Digest::from_bytes(root.ok_or_else(|| bad_root.clone())?);
        if size == 0 && root != empty_root() { Err(bad_root) } else { Ok(Self { origin, size, root }) }
    }

    /// Signs it with the log's key. Whoever calls this has made sure that it grows from the last one signed.
    ///
    /// # Errors
    /// None with an origin that was read or made here.
    pub fn sign(&self, key: &SigningKey) -> Result<SignedCheckpoint, CheckpointError> {
        let name = log_key(&self.origin, key.public())?;
        Ok(SignedCheckpoint { note: Note::sign(self.text(), &name, key) })
    }
}

/// The key of a log: its name is the log's origin.
fn log_key(origin: &Origin, key: VerifyingKey) -> Result<NoteKey, NoteError> {
    NoteKey::new(origin.as_str().to_owned(), NoteKind::Ed25519, key)
}

/// A checkpoint's exact text with its signatures: the log's, and those of witnesses. In text a signed note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SignedCheckpoint {
    note: Note,
}

impl SignedCheckpoint {
    /// The checkpoint, if it is of `origin` and signed by that log's `key`. Signatures of others are passed over.
    ///
    /// # Errors
    /// See [`CheckpointError`].
    pub fn verify(&self, origin: &Origin, key: &VerifyingKey) -> Result<Checkpoint, CheckpointError> {
        self.note.verify(&log_key(origin, *key)?).or_else(|error| match self.claims()?.origin {
            named if named != *origin => Err(CheckpointError::OtherLog { named }),
            _ => Err(error.into()),
        })?;
        match self.claims()? {
            checkpoint if checkpoint.origin == *origin => Ok(checkpoint),
            other => Err(CheckpointError::OtherLog { named: other.origin }),
        }
    }

    /// What the text says, unverified: only to learn whose key to ask for.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn claims(&self) -> Result<Checkpoint, CheckpointError> {
        Checkpoint::read(&self.note.text)
    }

    /// The names of those whose signatures stand below it, none of them verified.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        self.note.lines.iter().map(Line::name).collect()
    }

    /// The same with its owner's signature alone.
    #[must_use]
    pub fn by_owner_alone(mut self) -> Self {
        let owner = self.note.text.lines().next().unwrap_or_default().to_owned();
        self.note.lines.retain(|line| line.name() == owner);
        self
    }

    /// Puts the signatures that stand below another copy of the same checkpoint beside these, none of them verified.
    ///
    /// # Errors
    /// It is another checkpoint.
    pub fn join(&mut self, other: &Self) -> Result<(), CheckpointError> {
        if other.note.text != self.note.text {
            return Err(CheckpointError::Another(other.claims()?.size));
        }
        for line in &other.note.lines {
            let stands = self.note.lines.iter().any(|known| known.is_of(line));
            if !stands && self.note.lines.len() < MAX_NOTE_SIGNATURES {
                self.note.lines.push(line.clone());
            }
        }
        Ok(())
    }

    /// The text that is signed.
    pub(super) fn text(&self) -> &str {
        &self.note.text
    }

    pub(super) fn lines_by<'a>(&'a self, key: &'a NoteKey) -> impl Iterator<Item = &'a Line> {
        self.note.lines.iter().filter(move |line| line.is_by(key))
    }

    /// Puts a line beside the others, unless one by this key stands there or there are too many.
    pub(super) fn put(&mut self, line: Line, key: &NoteKey) {
        if self.lines_by(key).next().is_none() && self.note.lines.len() < MAX_NOTE_SIGNATURES {
            self.note.lines.push(line);
        }
    }
}

impl FromStr for SignedCheckpoint {
    type Err = CheckpointError;
    fn from_str(text: &str) -> Result<Self, CheckpointError> {
        Ok(Self { note: text.parse()? })
    }
}

impl TryFrom<String> for SignedCheckpoint {
    type Error = CheckpointError;
    fn try_from(text: String) -> Result<Self, CheckpointError> {
        text.parse()
    }
}

impl From<SignedCheckpoint> for String {
    fn from(checkpoint: SignedCheckpoint) -> Self {
        checkpoint.to_string()
    }
}

impl fmt::Display for SignedCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.note.fmt(f)
    }
}

/// Proof that a log's owner was not honest: two checkpoints of one size with different roots, both signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fork {
    pub one: SignedCheckpoint,
    pub other: SignedCheckpoint,
}

impl Fork {
    /// Whether these two prove that the log `origin` with this `key` was forked. Anyone can check it.
    ///
    /// # Errors
    /// One of them does not hold; then they prove nothing.
    pub fn is_proven(&self, origin: &Origin, key: &VerifyingKey) -> Result<bool, CheckpointError> {
        let (one, other) = (self.one.verify(origin, key)?, self.other.verify(origin, key)?);
        Ok(one.size == other.size && one.root != other.root)
    }
}
