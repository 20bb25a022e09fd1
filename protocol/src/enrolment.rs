//! An agency's request to be listed in a directory, signed by its own `sign` key.
//!
//! That shows only that whoever wrote it has the key; whose keys they are, people settle by reading eight words aloud.

use serde::{Deserialize, Serialize};

use crate::{
    directory::{Member, NodeAddress, Pinned, Sector},
    document::Kind,
    ids::{AgencyId, Digest},
    keys::AgencyKeys,
    sign::Namespace,
    signed::{Document, DocumentError, Signed},
    words::words_of,
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

/// What an agency needs before it can take part: where the node is, and which partnership keys to hold on to.
///
/// The file carries no signature; its eight words are compared by voice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Invitation {
    pub node: NodeAddress,
    pub pinned: Pinned,
}

impl Invitation {
    /// Eight words over all of it.
    #[must_use]
    pub fn words(&self) -> [&'static str; 8] {
        let text = INVITATION.write(self);
        words_of(Digest::of(text.as_bytes()).as_bytes())
    }
}

const INVITATION: Kind = Kind { name: "invitation", version: 1, limit: 16 * 1024 };
