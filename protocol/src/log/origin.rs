//! The name of a log. It tells whose it is and nothing of a person, a device, or how often anything happened.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{
    ids::{AgencyId, BadId, Digest, LogId},
    sign::VerifyingKey,
};

/// Whose log, and which: `kith/<agency>/<log id>` or `kith-node/<node>/<log id>`.
///
/// The log id is random and new for each device and each epoch, so that two logs never have one name, and a name says
/// nothing of how many there are.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Origin(String);

const AGENCY: &str = "kith/";
const NODE: &str = "kith-node/";

impl Origin {
    /// The log of one of an agency's devices.
    #[must_use]
    pub fn of_agency(agency: &AgencyId, id: LogId) -> Self {
        Self(format!("{}/{id}", agency_name(agency)))
    }

    /// The log of the node that cosigns with `cosign`.
    #[must_use]
    pub fn of_node(cosign: &VerifyingKey, id: LogId) -> Self {
        Self(format!("{}/{id}", node_name(cosign)))
    }

    /// The line as it stands in a checkpoint.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is a log of the node that cosigns with `cosign`.
    #[must_use]
    pub fn is_of_node(&self, cosign: &VerifyingKey) -> bool {
        self.0.rsplit_once('/').is_some_and(|(owner, _)| owner == node_name(cosign))
    }

    /// The agency whose log it is.
    #[must_use]
    pub fn agency(&self) -> Option<AgencyId> {
        self.0.strip_prefix(AGENCY)?.split_once('/')?.0.parse().ok()
    }
}

/// The name an agency cosigns under.
pub(super) fn agency_name(agency: &AgencyId) -> String {
    format!("{AGENCY}{agency}")
}

/// The name a node cosigns under: the beginning of its key's digest, since what people call it may have spaces, and its
/// address may change.
pub(super) fn node_name(cosign: &VerifyingKey) -> String {
    let digest = Digest::of(cosign.as_bytes()).to_string();
    format!("{NODE}{}", digest.get(..NODE_DIGITS).unwrap_or_default())
}

const NODE_DIGITS: usize = 16;

impl FromStr for Origin {
    type Err = BadId;
    fn from_str(text: &str) -> Result<Self, BadId> {
        let bad =
            BadId { what: "origin of a log", why: "kith/<agency>/<log id> or kith-node/<node>/<log id>" };
        let (owner, id) = text.rsplit_once('/').ok_or_else(|| bad.clone())?;
        let agency = owner.strip_prefix(AGENCY).is_some_and(|name| name.parse::<AgencyId>().is_ok());
        let node = owner.strip_prefix(NODE).is_some_and(|name| {
            name.len() == NODE_DIGITS && name.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
        });
        if (agency || node) && id.parse::<LogId>().is_ok() { Ok(Self(text.to_owned())) } else { Err(bad) }
    }
}

impl TryFrom<String> for Origin {
    type Error = BadId;
    fn try_from(text: String) -> Result<Self, BadId> {
        text.parse()
    }
}

impl From<Origin> for String {
    fn from(origin: Origin) -> Self {
        origin.0
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
