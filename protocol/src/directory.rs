//! The directory: who takes part, with which keys, at which node. Signed by m of n partnership keys, versioned, and
//! only good for a time.

mod check;
mod kept;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

pub use self::{
    check::{DirectoryError, Expired, SignedDirectory, is_host_and_port},
    kept::{Directories, KeptDirectories, Moment},
};
use crate::{
    document::Kind,
    ids::{AgencyId, Digest},
    keys::AgencyKeys,
    sign::{Namespace, SigningKey, VerifyingKey},
};

/// Most members of one directory.
pub const MAX_MEMBERS: usize = 2_000;
/// Most partnership keys.
pub const MAX_KEYS: usize = 16;
/// How long a directory stays usable for urgent danger after it ran out.
pub const GRACE: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Longest time a directory may be good for.
pub const MAX_LIFETIME: SignedDuration = SignedDuration::from_hours(400 * 24);
/// How far the clocks of signer and reader may differ.
pub const CLOCK_SKEW: SignedDuration = SignedDuration::from_mins(10);

const DIRECTORY: Kind = Kind { name: "directory", version: 1, limit: 8 * 1024 * 1024 };

/// What kind of agency a member is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sector {
    School,
    Police,
    SocialCare,
    Health,
    LocalAuthority,
    Other,
}

/// A node: where its mailboxes are, and the keys it must show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NodeAddress {
    /// What people call it.
    pub name: String,
    /// `host:port`.
    pub addr: String,
    /// Shown when a link is made.
    pub link: VerifyingKey,
    /// Signs the node's receipts.
    pub sign: VerifyingKey,
    /// Signs checkpoints of the node's own log.
    pub log: VerifyingKey,
    /// Cosigns the checkpoints of others, as their witness.
    pub cosign: VerifyingKey,
}

/// An agency that takes part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    pub id: AgencyId,
    /// What people call it.
    pub name: String,
    pub sector: Sector,
    /// Where its mailbox is.
    pub node: NodeAddress,
    pub keys: AgencyKeys,
    /// Whom to ring: the agency's safeguarding line.
    pub phone: Option<String>,
    /// The local authority in whose area it is.
    pub authority: Option<String>,
}

/// The list of all who take part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Directory {
    /// The partnership's name; a directory of another is refused.
    pub partnership: String,
    /// Grows with every issue.
    pub version: u64,
    #[serde(deserialize_with = "crate::moment::utc")]
    pub issued: Timestamp,
    #[serde(deserialize_with = "crate::moment::utc")]
    pub expires: Timestamp,
    /// How many of `keys` must sign the next version.
    pub threshold: u32,
    /// The partnership's keys.
    pub keys: Vec<VerifyingKey>,
    pub members: Vec<Member>,
}

impl Directory {
    /// The member with this id.
    #[must_use]
    pub fn member(&self, id: &AgencyId) -> Option<&Member> {
        self.members.iter().find(|member| member.id == *id)
    }

    /// The text of this directory with the signatures of `keys`. When the partnership's keys change, enough of the old
    /// ones and enough of the new ones must sign.
    #[must_use]
    pub fn sign(&self, keys: &[&SigningKey]) -> Option<SignedDirectory> {
        let text = DIRECTORY.write(self);
        let (first, others) = keys.split_first()?;
        let one = |key: &SigningKey| key.sign(Namespace::Directory, text.as_bytes());
        let signature = others.iter().fold(one(first), |set, key| set.and(&one(key)));
        Some(SignedDirectory { text, signature })
    }
}

/// What a client holds on to between directories. It comes from enrolment and moves on with [`Pinned::follow`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pinned {
    pub partnership: String,
    pub keys: Vec<VerifyingKey>,
    /// How many of `keys` must have signed; at least 1.
    pub threshold: u32,
    /// The newest version seen; nothing older is taken.
    pub at_least_version: u64,
    /// The text seen at that version; no other text is taken for it.
    pub seen: Option<Digest>,
}

impl Pinned {
    /// What to hold on to before any directory was seen.
    #[must_use]
    pub const fn enrol(partnership: String, keys: Vec<VerifyingKey>, threshold: u32) -> Self {
        Self { partnership, keys, threshold, at_least_version: 0, seen: None }
    }

    /// What to hold on to after `newer` was accepted: its version, its text, its keys. Whether it has run out plays no
    /// part, so that a client which missed several can go through them one by one.
    ///
    /// # Errors
    /// As [`SignedDirectory::verify`], but for time.
    pub fn follow(&self, newer: &SignedDirectory) -> Result<Self, DirectoryError> {
        let Directory { partnership, version, threshold, keys, .. } = newer.judge(self)?;
        let seen = Some(Digest::of(newer.text.as_bytes()));
        Ok(Self { partnership, keys, threshold, at_least_version: version, seen })
    }
}

/// How many different keys of `keys` signed; a key listed or signing twice counts once.
fn count_signers(keys: &[VerifyingKey], signed: &SignedDirectory) -> usize {
    let distinct: BTreeSet<_> = keys.iter().take(MAX_KEYS).collect();
    let holds = |key: &&VerifyingKey| {
        key.verify(Namespace::Directory, signed.text.as_bytes(), &signed.signature).is_ok()
    };
    distinct.into_iter().filter(holds).count()
}
