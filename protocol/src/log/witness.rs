//! Witnesses (C2SP `tlog-cosignature`): who they are, and what one checks before it cosigns.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    directory::{Member, NodeAddress},
    ids::AgencyId,
    sign::{SigningKey, VerifyingKey},
};

use super::{
    checkpoint::{Checkpoint, CheckpointError, SignedCheckpoint},
    note::{Line, NoteError, NoteKey, NoteKind},
    origin::{Origin, agency_name, node_name},
    path::{Growth, PathError},
    tree::empty_root,
};

/// Somebody whose cosignature counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness {
    /// What people call it.
    pub name: String,
    /// Whether it is the log's owner, or the owner's own node.
    pub own: bool,
    key: NoteKey,
}

impl Witness {
    /// Whoever cosigns with `key`.
    ///
    /// # Errors
    /// The key signs notes of another kind.
    pub fn new(name: String, own: bool, key: NoteKey) -> Result<Self, NoteError> {
        match key.kind() {
            NoteKind::Cosignature => Ok(Self { name, own, key }),
            NoteKind::Ed25519 => Err(NoteError::Malformed("the key is a log's, not a witness's")),
        }
    }

    /// An agency of the directory.
    ///
    /// # Errors
    /// None for a member of a verified directory.
    pub fn agency(member: &Member, own: bool) -> Result<Self, NoteError> {
        let key = NoteKey::new(agency_name(&member.id), NoteKind::Cosignature, member.keys.cosign)?;
        Ok(Self { name: member.name.clone(), own, key })
    }

    /// A node of the directory.
    ///
    /// # Errors
    /// None for a node of a verified directory.
    pub fn node(node: &NodeAddress, own: bool) -> Result<Self, NoteError> {
        let key = NoteKey::new(node_name(&node.cosign), NoteKind::Cosignature, node.cosign)?;
        Ok(Self { name: node.name.clone(), own, key })
    }

    /// The key it cosigns with, under its name.
    #[must_use]
    pub const fn key(&self) -> &NoteKey {
        &self.key
    }
}

/// A witness's line for a checkpoint. In text `— name base64`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Cosignature(Line);

impl TryFrom<String> for Cosignature {
    type Error = NoteError;
    fn try_from(text: String) -> Result<Self, NoteError> {
        Line::read(&text).map(Self)
    }
}

impl From<Cosignature> for String {
    fn from(cosignature: Cosignature) -> Self {
        cosignature.0.to_string()
    }
}

/// Why a witness did not cosign.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    #[error("this checkpoint has {offered} leaves; one with {seen} was seen before")]
    Older { offered: u64, seen: u64 },
    #[error("there are two different checkpoints of {size} leaves: the log's owner is not honest")]
    Forked { size: u64 },
    #[error("it is not shown that the log only grew: {0}")]
    NotGrown(#[from] PathError),
    #[error("the clock says a time before 1970")]
    Clock,
}

/// Who cosigns: an agency or a node, under its name.
#[derive(Debug, Clone)]
pub struct Cosigner {
    name: NoteKey,
    key: SigningKey,
}

impl Cosigner {
    /// An agency with its `cosign` key.
    ///
    /// # Errors
    /// None: every agency id can be part of a name.
    pub fn agency(agency: &AgencyId, key: SigningKey) -> Result<Self, NoteError> {
        let name = NoteKey::new(agency_name(agency), NoteKind::Cosignature, key.public())?;
        Ok(Self { name, key })
    }

    /// A node with its `cosign` key.
    ///
    /// # Errors
    /// None: the name is made of the key.
    pub fn node(key: SigningKey) -> Result<Self, NoteError> {
        let name = NoteKey::new(node_name(&key.public()), NoteKind::Cosignature, key.public())?;
        Ok(Self { name, key })
    }

    /// Cosigns what the log `origin` with `log` as its key offers, if it grew from what was `seen` of it last.
    ///
    /// The checkpoint that comes back is to be kept as the last one seen before the cosignature is given away, with no
    /// other one of this log taken in between.
    ///
    /// # Errors
    /// See [`Refused`].
    pub fn cosign(
        &self,
        offered: &SignedCheckpoint,
        (origin, log): (&Origin, &VerifyingKey),
        seen: Option<&Checkpoint>,
        growth: &Growth,
        now: Timestamp,
    ) -> Result<(Checkpoint, Cosignature), Refused> {
        let checkpoint = offered.verify(origin, log)?;
        let (old, old_root) = seen.map_or((0, empty_root()), |seen| (seen.size, seen.root));
        if checkpoint.size < old {
            return Err(Refused::Older { offered: checkpoint.size, seen: old });
        }
        if checkpoint.size == old && checkpoint.root != old_root {
            return Err(Refused::Forked { size: old });
        }
        growth.verify(old, &old_root, checkpoint.size, &checkpoint.root)?;
        let time = u64::try_from(now.as_second()).map_err(|_| Refused::Clock)?;
        let signature = self.key.sign_note(message(time, offered.text()).as_bytes());
        let body = [time.to_be_bytes().as_slice(), &signature].concat();
        Ok((checkpoint, Cosignature(Line::new(&self.name, body))))
    }
}

/// What a cosignature is over.
fn message(time: u64, text: &str) -> String {
    format!("cosignature/v1\ntime {time}\n{text}")
}

/// When the line was made, if it is the key's cosignature over the text.
pub(super) fn time_of(line: &Line, key: &NoteKey, text: &str) -> Option<Timestamp> {
    let (time, signature) = line.signature.split_first_chunk::<8>()?;
    let time = u64::from_be_bytes(*time);
    let holds = key.key().verify_note(message(time, text).as_bytes(), signature);
    let time = Timestamp::from_second(i64::try_from(time).ok()?).ok()?;
    holds.then_some(time)
}

impl SignedCheckpoint {
    /// Adds a witness's cosignature, if it holds. A second one by the same witness changes nothing.
    ///
    /// # Errors
    /// It is not by `witness`, or not over this checkpoint.
    pub fn add(&mut self, cosignature: &Cosignature, witness: &Witness) -> Result<(), CheckpointError> {
        let Cosignature(line) = cosignature;
        let holds = line.is_by(&witness.key) && time_of(line, &witness.key, self.text()).is_some();
        if holds {
            self.put(line.clone(), &witness.key);
            Ok(())
        } else {
            Err(CheckpointError::Cosignature(witness.name.clone()))
        }
    }
}
