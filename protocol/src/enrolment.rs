//! An agency's request to be listed in a directory, signed by its own `sign` key.
//!
//! That shows only that whoever wrote it has the key; whose keys they are, people settle by reading eight words aloud.

use serde::{Deserialize, Serialize};

use crate::{
    directory::{Member, NodeAddress, Sector},
    document::Kind,
    ids::AgencyId,
    keys::AgencyKeys,
    sign::Namespace,
    signed::{Document, DocumentError, Signed},
};

/// What an agency wants to be listed with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Enrolment {
    pub id: AgencyId,
    pub name: String,
    pub sector: Sector,
    pub phone: Option<String>,
    pub authority: Option<String>,
    pub keys: AgencyKeys,
}

impl Enrolment {
    /// The entry this asks for, at the node it will use.
    #[must_use]
    pub fn member(self, node: NodeAddress) -> Member {
        let Self { id, name, sector, phone, authority, keys } = self;
        Member { id, name, sector, node, keys, phone, authority }
    }
}

impl Document for Enrolment {
    const KIND: Kind = Kind { name: "enrolment", version: 1, limit: 16 * 1024 };
    const NAMESPACE: Namespace = Namespace::Enrolment;
}

/// An enrolment and its signature: the enrolment file, as JSON.
pub type SignedEnrolment = Signed<Enrolment>;

impl Signed<Enrolment> {
    /// Checks that it is signed by the key it asks to be listed with.
    ///
    /// # Errors
    /// It is not, or cannot be read.
    pub fn verify(&self) -> Result<Enrolment, DocumentError> {
        let claimed = self.claims()?;
        let enrolment = self.verify_by(&claimed.keys.sign)?;
        if enrolment.keys.one_job_each() {
            Ok(enrolment)
        } else {
            Err(Enrolment::KIND.refused("a key has two jobs").into())
        }
    }
}
