//! The envelope: all a node sees of a bundle. Signed by the sender; its digest is the bundle's id.

use jiff::{Timestamp, TimestampRound, Unit};
use serde::{Deserialize, Serialize};

use crate::{
    directory::{Directories, Directory, Member, Moment},
    document::Kind,
    ids::{AgencyId, BundleId, Digest, GateId, SealId},
    sign::Namespace,
    signed::{Document, DocumentError, Signed},
};

/// Who sends which sealed file to whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Envelope {
    /// The sending agency, whose `sign` key signed this.
    pub from: AgencyId,
    /// The one agency that can open it.
    pub to: AgencyId,
    /// Fingerprint of the recipient's age key it is sealed to.
    pub recipient_key: Digest,
    /// Stands inside the sealed file too, and ties the two together.
    pub seal_id: SealId,
    /// The gate that lets it pass.
    pub gate: GateId,
    /// SHA-256 of the sealed file.
    pub ciphertext: Digest,
    /// Its length in bytes, padded before sealing.
    pub size: u64,
    /// When it was sealed, cut to the hour: see [`coarse`].
    #[serde(deserialize_with = "crate::moment::utc")]
    pub at: Timestamp,
}

impl Document for Envelope {
    const KIND: Kind = Kind { name: "envelope", version: 1, limit: 4 * 1024 };
    const NAMESPACE: Namespace = Namespace::Envelope;
}

/// An envelope and the sender's signature.
pub type SignedEnvelope = Signed<Envelope>;

impl Signed<Envelope> {
    /// The bundle's id: the digest of the envelope's exact text.
    #[must_use]
    pub fn id(&self) -> BundleId {
        BundleId(self.digest())
    }

    /// Checks the sender's signature with the key that was listed when it was sealed, and that both ends were members.
    ///
    /// # Errors
    /// Sender or recipient unknown, or the text is not the sender's.
    pub fn verify<'a>(&self, directories: impl Into<Directories<'a>>) -> Result<Envelope, DocumentError> {
        let claimed = self.claims()?;
        directories.into().judge(Moment::hour(claimed.at), |directory| {
            let envelope = self.verify_by(&member(directory, &claimed.from)?.keys.sign)?;
            member(directory, &envelope.to)?;
            Ok(envelope)
        })
    }
}

/// Cuts a time to the hour, so that an envelope does not tell when somebody worked.
#[must_use]
pub fn coarse(at: Timestamp) -> Timestamp {
    let down = TimestampRound::new().smallest(Unit::Hour).mode(jiff::RoundMode::Floor);
    at.round(down).unwrap_or(at)
}

pub(crate) fn member<'a>(directory: &'a Directory, id: &AgencyId) -> Result<&'a Member, DocumentError> {
    directory.member(id).ok_or_else(|| DocumentError::UnknownAgency(id.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_cut_to_the_hour() {
        let cut = |text: &str| coarse(text.parse().unwrap()).to_string();
        assert_eq!(cut("2026-11-22T15:59:59.9Z"), "2026-11-22T15:00:00Z");
        assert_eq!(cut("2026-11-22T15:00:00Z"), "2026-11-22T15:00:00Z");
    }
}
