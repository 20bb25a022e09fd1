//! What a record of a decision says. Names follow ISO/IEC TS 27560 where it has them.

use std::{collections::BTreeSet, fmt, str::FromStr};

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use super::{Category, LawfulBasis, SpecialCondition};
use crate::ids::{AgencyId, BadId, Digest};

/// Names a record inside its agency: 1 to 64 of `a-z`, `0-9`, `-` and `.`, such as `laptop-2.417`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RecordId(String);

impl RecordId {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for RecordId {
    type Error = BadId;
    fn try_from(text: String) -> Result<Self, BadId> {
        let plain = text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.'));
        if plain && (1..=64).contains(&text.len()) {
            Ok(Self(text))
        } else {
            Err(BadId { what: "record id", why: "1 to 64 of a-z, 0-9, - and ." })
        }
    }
}

impl FromStr for RecordId {
    type Err = BadId;
    fn from_str(text: &str) -> Result<Self, BadId> {
        Self::try_from(text.to_owned())
    }
}

impl From<RecordId> for String {
    fn from(id: RecordId) -> Self {
        id.0
    }
}

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The form of the record.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ConsentVersion {
    #[default]
    #[serde(rename = "consent/1")]
    One,
}

/// One decision to share, or not to share, and everything it rests on. Unknown fields are refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsentRecord {
    /// Schema version of ISO/IEC TS 27560.
    pub kith: ConsentVersion,
    pub record_id: RecordId,
    /// The children the record is about, as the sender's own references.
    pub pii_principal_id: Vec<RecordId>,
    pub decision: Decision,
    pub notice: Notice,
    /// What the sharing is for, each in a sentence.
    pub purposes: Vec<String>,
    pub lawful_basis: Option<LawfulBasis>,
    pub special_condition: Option<SpecialCondition>,
    pub pii_controllers: Vec<Party>,
    /// Named agencies; a kind of agency is not specific enough (ICO).
    pub recipients: Vec<NamedRecipient>,
    pub categories: BTreeSet<Category>,
    pub validity: Validity,
    pub withdrawal_method: String,
    pub storage_location: String,
    pub retention_period: String,
    pub jurisdiction: String,
    /// Consent asked for and answered, oldest first; empty when it was not sought.
    pub events: Vec<ConsentEvent>,
    pub safeguarding: Safeguarding,
}

/// What was decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Decision {
    Share,
    DoNotShare { because: String },
}

/// The privacy notice the family was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notice {
    /// Its name and version.
    pub privacy_notice: String,
    /// The language it was given in (BCP 47), such as `en-GB`.
    pub language: String,
    /// Digest of its exact text, where the sender keeps that: what they were told can then be shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<Digest>,
}

/// An organisation that answers for the data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Party {
    pub id: AgencyId,
    pub name: String,
    pub address: String,
    pub contact: String,
    pub phone: String,
}

/// An agency that may receive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamedRecipient {
    pub id: AgencyId,
    pub name: String,
}

/// From when until when the record carries a share, and when it must be looked at again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Validity {
    #[serde(deserialize_with = "crate::moment::utc")]
    pub from: Timestamp,
    /// The first moment at which it no longer holds.
    #[serde(deserialize_with = "crate::moment::utc")]
    pub until: Timestamp,
    pub review: Option<Date>,
}

/// One step of asking for consent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsentEvent {
    #[serde(deserialize_with = "crate::moment::utc")]
    pub event_time: Timestamp,
    pub event_state: ConsentState,
    /// Who asked or answered, in words that outlive staff lists.
    pub entity: String,
    /// How: in person, in writing, by phone; and what they were told.
    pub event_type: String,
}

/// Where the asking stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConsentState {
    NotSought,
    Requested,
    Given,
    Refused,
    Withdrawn,
    Expired,
}

impl ConsentState {
    /// The state in words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::NotSought => "not sought",
            Self::Requested => "requested, not answered",
            Self::Given => "given",
            Self::Refused => "refused",
            Self::Withdrawn => "withdrawn",
            Self::Expired => "expired",
        }
    }
}

/// What safeguarding adds to the standard's record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Safeguarding {
    pub family_told: FamilyTold,
    /// What the child wants and feels about the sharing, or why they were not asked.
    pub childs_view: String,
    /// What the child understands of it, and who judged so (Gillick); none where it was not looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<String>,
    pub parental_responsibility: Vec<ParentalResponsibility>,
    /// Level of need under the local threshold document, with the words of that document.
    pub level_of_need: Option<String>,
    /// Why this much, and no more, is necessary, proportionate and relevant.
    pub necessity: String,
    pub withheld_from: Vec<WithheldFrom>,
    pub decided_by: DecidedBy,
    /// Whose advice was taken.
    pub advice: Option<String>,
    pub onward: OnwardLimit,
}

/// Whether the family knows that this is shared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum FamilyTold {
    Yes {
        on: Date,
        /// Who was told, by whom, and what they said.
        response: String,
    },
    NotYet {
        by: Date,
        because: String,
    },
    NotSafe {
        because: String,
    },
}

/// Who holds parental responsibility, and how the sender knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ParentalResponsibility {
    pub name: String,
    pub relation: String,
    pub evidence: String,
}

/// What must not reach whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WithheldFrom {
    pub what: String,
    pub from_whom: String,
    pub because: String,
}

/// The person who decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DecidedBy {
    pub name: String,
    pub role: String,
    #[serde(deserialize_with = "crate::moment::utc")]
    pub on: Timestamp,
}

/// How far the recipient may pass it on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum OnwardLimit {
    /// Ask the sender first, except where the law compels or a life is in danger.
    AskFirst,
    /// As the recipient's own duties require.
    AsDutiesRequire,
    /// With the named people or bodies only.
    Only { with: String },
}

impl OnwardLimit {
    /// The limit in words.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::AskFirst => "Ask us first, unless the law compels you or someone is in danger.".to_owned(),
            Self::AsDutiesRequire => "As your own safeguarding duties require.".to_owned(),
            Self::Only { with } => format!("Only with: {with}"),
        }
    }
}

impl ConsentRecord {
    /// Where the asking for consent stands at `now`.
    #[must_use]
    pub fn state(&self, now: Timestamp) -> ConsentState {
        match self.events.last().map(|event| event.event_state) {
            None => ConsentState::NotSought,
            Some(ConsentState::Given) if now >= self.validity.until => ConsentState::Expired,
            Some(state) => state,
        }
    }
}

pub(crate) fn blank(text: &str) -> bool {
    text.trim().is_empty()
}
