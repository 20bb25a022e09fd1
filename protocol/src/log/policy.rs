//! Whose cosignatures are enough, and since when they were.

use std::{collections::BTreeSet, fmt};

use jiff::Timestamp;

use crate::{
    directory::{CLOCK_SKEW, Directory},
    ids::AgencyId,
    page::moment,
};

use super::{
    checkpoint::{CheckpointError, SignedCheckpoint},
    witness::{Witness, time_of},
};

/// How many witnesses are asked of every log, whoever reads it; one of them is neither the log's owner nor the owner's own
/// node. Why it is no setting stands in decision 21.
pub const WITNESSES: usize = 2;

/// The rule: [`WITNESSES`] of these, and at least one of them neither the log's owner nor the owner's own node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    witnesses: Vec<Witness>,
}

impl Policy {
    /// A rule that can be met: `None` when a key stands in it twice, there are too few witnesses, or none of them is from
    /// outside.
    #[must_use]
    pub fn new(witnesses: Vec<Witness>) -> Option<Self> {
        let keys: BTreeSet<_> = witnesses.iter().map(|witness| witness.key().key()).collect();
        let sound = keys.len() == witnesses.len()
            && witnesses.len() >= WITNESSES
            && witnesses.iter().any(|witness| !witness.own);
        sound.then_some(Self { witnesses })
    }

    /// The rule for the logs of `agency`: every member and every node of the directory can be a witness.
    #[must_use]
    pub fn for_agency(directory: &Directory, agency: &AgencyId) -> Option<Self> {
        let own = directory.member(agency)?;
        let mut witnesses = Vec::new();
        let mut nodes = BTreeSet::new();
        for member in &directory.members {
            witnesses.push(Witness::agency(member, member.id == *agency).ok()?);
            if nodes.insert(member.node.cosign) {
                witnesses.push(Witness::node(&member.node, member.node.cosign == own.node.cosign).ok()?);
            }
        }
        Self::new(witnesses)
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
            for line in checkpoint.lines_by(witness.key()) {
                let at = time_of(line, witness.key(), checkpoint.text())
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
        Ok(Witnessed { by })
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

/// Who cosigned, the earliest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witnessed {
    pub by: Vec<Cosigned>,
}

/// Whether a rule is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It has been met since then: nothing up to the checkpoint was changed after it.
    Since(Timestamp),
    TooFew {
        have: usize,
    },
    /// Enough, but only the owner and the owner's own node.
    OnlyOwn,
}

impl Witnessed {
    /// With those who cosigned a checkpoint that goes on from this one; of two words by one witness the earlier counts.
    #[must_use]
    pub fn and(mut self, later: Self) -> Self {
        for one in later.by {
            match self.by.iter_mut().find(|known| known.name == one.name) {
                Some(known) => known.at = known.at.min(one.at),
                None => self.by.push(one),
            }
        }
        self.by.sort_by_key(|cosigned| cosigned.at);
        self
    }

    /// Whether the rule is met, and since when.
    #[must_use]
    pub fn standing(&self) -> Standing {
        let enough = self.by.get(WITNESSES - 1);
        let outside = self.by.iter().find(|cosigned| !cosigned.own);
        match (enough, outside) {
            (None, _) => Standing::TooFew { have: self.by.len() },
            (Some(_), None) => Standing::OnlyOwn,
            (Some(enough), Some(outside)) => Standing::Since(enough.at.max(outside.at)),
        }
    }
}

impl Standing {
    /// Since when enough have signed; none before that.
    #[must_use]
    pub const fn since(self) -> Option<Timestamp> {
        match self {
            Self::Since(at) => Some(at),
            Self::TooFew { .. } | Self::OnlyOwn => None,
        }
    }
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Since(at) => write!(f, "witnessed since {}", moment(*at)),
            Self::TooFew { have } => {
                write!(f, "not witnessed yet: seen by {have} of the {WITNESSES} witnesses asked")
            }
            Self::OnlyOwn => write!(
                f,
                "not witnessed yet: seen by the owner's own side alone; one of the {WITNESSES} witnesses asked must be another agency"
            ),
        }
    }
}

impl fmt::Display for Witnessed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.standing())?;
        for (place, Cosigned { name, own, at }) in self.by.iter().enumerate() {
            let own = if *own { " (its own)" } else { "" };
            write!(f, "{}{name}{own} at {}", if place == 0 { ": " } else { "; " }, moment(*at))?;
        }
        Ok(())
    }
}
