//! Witnesses (C2SP `tlog-cosignature`): what one checks before it cosigns, and whose cosignatures are enough.

use std::{collections::BTreeSet, fmt};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    directory::{CLOCK_SKEW, Directory, Member, NodeAddress},
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
fn time_of(line: &Line, key: &NoteKey, text: &str) -> Option<Timestamp> {
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

/// The rule: so many of these witnesses, and at least one of them neither the log's owner nor the owner's own node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    witnesses: Vec<Witness>,
    needed: usize,
}

impl Policy {
    /// A rule that can be met: `None` when a key stands in it twice, `needed` is zero or more than there are witnesses,
    /// or none of them is from outside.
    #[must_use]
    pub fn new(witnesses: Vec<Witness>, needed: usize) -> Option<Self> {
        let keys: BTreeSet<_> = witnesses.iter().map(|witness| witness.key.key()).collect();
        let sound = keys.len() == witnesses.len()
            && (1..=witnesses.len()).contains(&needed)
            && witnesses.iter().any(|witness| !witness.own);
        sound.then_some(Self { witnesses, needed })
    }

    /// The rule for the logs of `agency`: every member and every node of the directory can be a witness.
    #[must_use]
    pub fn for_agency(directory: &Directory, agency: &AgencyId, needed: usize) -> Option<Self> {
        let own = directory.member(agency)?;
        let mut witnesses = Vec::new();
        let mut nodes = BTreeSet::new();
        for member in &directory.members {
            witnesses.push(Witness::agency(member, member.id == *agency).ok()?);
            if nodes.insert(member.node.cosign) {
                witnesses.push(Witness::node(&member.node, member.node.cosign == own.node.cosign).ok()?);
            }
        }
        Self::new(witnesses, needed)
    }

    /// Who of them cosigned this checkpoint, whose own signature was verified before. Lines of others are passed over,
    /// and so are cosignatures dated later than `now`.
    ///
    /// # Errors
    /// A line claims to be by one of them and is not.
    pub fn judge(&self, checkpoint: &SignedCheckpoint, now: Timestamp) -> Result<Witnessed, CheckpointError> {
        let latest = now.saturating_add(CLOCK_SKEW).unwrap_or(Timestamp::MAX);
        let mut by = Vec::new();
        for witness in &self.witnesses {
            let mut first: Option<Timestamp> = None;
            for line in checkpoint.lines_by(&witness.key) {
                let at = time_of(line, &witness.key, checkpoint.text())
                    .ok_or_else(|| CheckpointError::Cosignature(witness.name.clone()))?;
                first = Some(first.map_or(at, |first| first.min(at)));
            }
            by.extend(first.filter(|at| *at <= latest).map(|at| Cosigned {
                name: witness.name.clone(),
                own: witness.own,
                at,
            }));
        }
        by.sort_by_key(|cosigned| cosigned.at);
        Ok(Witnessed { by, needed: self.needed })
    }
}

/// A witness's word for a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cosigned {
    pub name: String,
    /// Whether it is the log's owner, or the owner's own node.
    pub own: bool,
    pub at: Timestamp,
}

/// Who cosigned, the earliest first, and how many must.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witnessed {
    pub by: Vec<Cosigned>,
    pub needed: usize,
}

/// Whether a rule is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It has been met since then: nothing up to the checkpoint was changed after it.
    Since(Timestamp),
    TooFew {
        have: usize,
        needed: usize,
    },
    /// Enough, but only the owner and the owner's own node.
    OnlyOwn,
}

impl Witnessed {
    /// Whether the rule is met, and since when.
    #[must_use]
    pub fn standing(&self) -> Standing {
        let enough = self.needed.checked_sub(1).and_then(|last| self.by.get(last));
        let outside = self.by.iter().find(|cosigned| !cosigned.own);
        match (enough, outside) {
            (None, _) => Standing::TooFew { have: self.by.len(), needed: self.needed },
            (Some(_), None) => Standing::OnlyOwn,
            (Some(enough), Some(outside)) => Standing::Since(enough.at.max(outside.at)),
        }
    }
}

impl fmt::Display for Witnessed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.standing() {
            Standing::Since(at) => write!(f, "witnessed since {at}")?,
            Standing::TooFew { have, needed } => {
                write!(f, "not witnessed yet: {have} of {needed} witnesses have signed")?;
            }
            Standing::OnlyOwn => {
                f.write_str("not witnessed yet: only the owner of the log and its own node have signed")?;
            }
        }
        for (place, Cosigned { name, own, at }) in self.by.iter().enumerate() {
            let own = if *own { " (its own)" } else { "" };
            write!(f, "{}{name}{own} at {at}", if place == 0 { ": " } else { ", " })?;
        }
        Ok(())
    }
}
