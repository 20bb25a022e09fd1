//! *Decided not to share, because*: a record of its own, signed by the person who decided and by their agency.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{NamedRecipient, RecordId, record::blank};
use crate::{
    directory::Directories,
    document::Kind,
    envelope::member,
    ids::AgencyId,
    keys::{PersonKey, SignedCertificate},
    sign::{Namespace, SigningKey},
    signed::{Document, DocumentError, Signed},
};

/// Longest reason, in bytes.
const MAX_BECAUSE: usize = 16 * 1024;

/// A decision not to share about a child, with whom, why, and who decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotShared {
    pub agency: AgencyId,
    /// The agency's own reference for the case; it tells nobody else who the child is.
    pub case: RecordId,
    pub with: NamedRecipient,
    pub because: String,
    #[serde(deserialize_with = "crate::moment::utc")]
    pub at: Timestamp,
    /// The person who decided, as the agency certified them.
    pub decided_by: SignedCertificate,
}

impl Document for NotShared {
    const KIND: Kind = Kind { name: "not-shared", version: 1, limit: 32 * 1024 };
    const NAMESPACE: Namespace = Namespace::Consent;
}

/// A decision not to share with two signatures: the person's first, then the agency's.
pub type SignedNotShared = Signed<NotShared>;

impl Signed<NotShared> {
    /// Signs as the person and as the agency.
    #[must_use]
    pub fn decided(decision: &NotShared, person: &PersonKey, agency: &SigningKey) -> Self {
        let by_person = Self::new(decision, &person.key);
        let by_agency = agency.sign(NotShared::NAMESPACE, by_person.text.as_bytes());
        Self::from_parts(by_person.text, by_person.signature.and(&by_agency))
    }

    /// Checks both signatures. The certificate must hold when it was decided, not when it is read.
    ///
    /// # Errors
    /// One is missing or does not hold, or the reason is empty or too long.
    pub fn verify<'a>(&self, directories: impl Into<Directories<'a>>) -> Result<NotShared, DocumentError> {
        let claimed = self.claims()?;
        let decision = directories.into().judge(claimed.at, |directory| {
            let keys = &member(directory, &claimed.agency)?.keys;
            let person = claimed.decided_by.verify(&claimed.agency, keys, claimed.at)?;
            self.verify_by(&keys.sign)?;
            self.verify_by(&person.key)
        })?;
        if blank(&decision.because) || decision.because.len() > MAX_BECAUSE {
            return Err(NotShared::KIND.refused("it gives no reason, or one that is too long").into());
        }
        Ok(decision)
    }
}
