//! The gate: the sender's signed leave for a node to pass one bundle to one recipient. It says nothing of why.
//!
//! Every bundle has a fresh gate, so that nothing in it links two bundles about one child.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    directory::{CLOCK_SKEW, Directories, Moment},
    document::Kind,
    envelope::{Envelope, member},
    ids::{AgencyId, Digest, GateId, Hasher},
    letter::SealedLetter,
    sign::Namespace,
    signed::{Document, DocumentError, Signed},
};

/// Most gates one withdrawal may name.
pub const MAX_WITHDRAWN: usize = 256;

/// Leave for one bundle to pass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gate {
    /// Fresh and random for each bundle.
    pub id: GateId,
    /// The sending agency, whose `sign` key signed this.
    pub from: AgencyId,
    /// The one agency it opens for.
    pub to: AgencyId,
    /// It opens then,
    pub valid_from: Timestamp,
    /// and is shut from then on: nothing is taken in, and nobody begins to collect.
    pub valid_until: Timestamp,
    /// Hides the consent record it stands for: see [`commit`].
    pub commitment: Digest,
}

/// Why a gate does not let a bundle pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GateRefusal {
    #[error("the gate is for another bundle, sender or recipient")]
    ForAnother,
    #[error("the gate is not open yet")]
    NotYet,
    #[error("the gate has expired")]
    Expired,
}

impl Gate {
    /// Whether this gate lets `envelope` pass at `now`.
    ///
    /// # Errors
    /// The gate is for something else, not open yet (bar [`CLOCK_SKEW`]), or shut.
    pub fn admits(&self, envelope: &Envelope, now: Timestamp) -> Result<(), GateRefusal> {
        if (self.id, &self.from, &self.to) != (envelope.gate, &envelope.from, &envelope.to) {
            return Err(GateRefusal::ForAnother);
        }
        self.is_open(now)
    }

    /// Whether it is open at `now`, for whatever it is for.
    ///
    /// # Errors
    /// It is not open yet (bar [`CLOCK_SKEW`]), or shut.
    pub fn is_open(&self, now: Timestamp) -> Result<(), GateRefusal> {
        if self.valid_from.duration_since(now) > CLOCK_SKEW {
            return Err(GateRefusal::NotYet);
        }
        if now >= self.valid_until {
            return Err(GateRefusal::Expired);
        }
        Ok(())
    }
}

impl Document for Gate {
    const KIND: Kind = Kind { name: "gate", version: 1, limit: 4 * 1024 };
    const NAMESPACE: Namespace = Namespace::Gate;
}

/// A gate and the sender's signature.
pub type SignedGate = Signed<Gate>;

impl Signed<Gate> {
    /// Checks the sender's signature with the key that was listed when it opened.
    ///
    /// # Errors
    /// The sender is unknown, or the text is not the sender's.
    pub fn verify<'a>(&self, directories: impl Into<Directories<'a>>) -> Result<Gate, DocumentError> {
        let claimed = self.claims()?;
        directories.into().judge(Moment::hour(claimed.valid_from), |directory| {
            self.verify_by(&member(directory, &claimed.from)?.keys.sign)
        })
    }
}

/// The commitment to a consent record's exact text. `salt` is 32 fresh random bytes, told only inside the bundle.
#[must_use]
pub fn commit(salt: &[u8; 32], record: &[u8]) -> Digest {
    let mut hasher = Hasher::default();
    hasher.update(b"kith/gate-commitment/1\0");
    hasher.update(salt);
    hasher.update(record);
    hasher.finish()
}

/// The sender takes gates back: what is not yet collected stops, and whoever has it is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Withdrawal {
    /// The sending agency, whose `sign` key signed this.
    pub from: AgencyId,
    /// The gates taken back, 1 to [`MAX_WITHDRAWN`].
    pub gates: Vec<GateId>,
    /// When.
    pub at: Timestamp,
    /// To the one agency that has the bundle of the one gate: see [`crate::letter::Letter`]. The node cannot read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub letter: Option<SealedLetter>,
}

impl Document for Withdrawal {
    const KIND: Kind = Kind { name: "withdrawal", version: 1, limit: 32 * 1024 };
    const NAMESPACE: Namespace = Namespace::Withdrawal;
}

/// A withdrawal and the sender's signature.
pub type SignedWithdrawal = Signed<Withdrawal>;

impl Signed<Withdrawal> {
    /// Checks the sender's signature with the key that was listed then, and the number of gates.
    ///
    /// # Errors
    /// The sender is unknown, the text is not the sender's, or it names no gate, too many, or several with a letter.
    pub fn verify<'a>(&self, directories: impl Into<Directories<'a>>) -> Result<Withdrawal, DocumentError> {
        let claimed = self.claims()?;
        let withdrawal = directories
            .into()
            .judge(claimed.at, |directory| self.verify_by(&member(directory, &claimed.from)?.keys.sign))?;
        if withdrawal.gates.is_empty() || withdrawal.gates.len() > MAX_WITHDRAWN {
            return Err(Withdrawal::KIND.refused("it names no gate, or too many").into());
        }
        if withdrawal.letter.is_some() && withdrawal.gates.len() > 1 {
            return Err(Withdrawal::KIND.refused("its letter would reach several agencies").into());
        }
        Ok(withdrawal)
    }
}
