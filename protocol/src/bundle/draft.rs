//! What a sender prepares.

use serde::{Deserialize, Serialize};

use super::{Attachment, Child, End, Evidence, Letter, Reason, Record};
use crate::consent::ConsentRecord;

/// A share being prepared: a copy of records with parts withheld, and suggestions still to be decided.
///
/// What is withheld is not in it; only [`Forbidden`] texts are, and those never leave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    pub from: End,
    pub to: End,
    pub letter: Letter,
    pub consent: ConsentRecord,
    pub children: Vec<Child>,
    pub records: Vec<Record<DraftSpan>>,
    /// What proves the records; none when there are none.
    pub evidence: Option<Evidence>,
    pub attachments: Vec<Attachment>,
    pub forbidden: Vec<Forbidden>,
    #[serde(default)]
    pub second: Second,
}

/// Whether a second person must look at it before it may leave.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Second {
    #[default]
    NotAsked,
    Asked,
}

/// A span of a draft.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum DraftSpan {
    Text(String),
    Withheld(Reason),
    /// Suggested to be withheld; somebody must decide.
    Undecided {
        text: String,
        suggested: Reason,
        because: String,
    },
}

/// A text that must not leave, such as a protected address or a withheld name.
///
/// It is looked for in every text of the bundle, whatever the case, spacing, accents or punctuation. Up to seven
/// letters or digits must match whole words; longer ones match anywhere. What attachments hold is for the sender to read:
/// see [`forbidden_left_in`](super::forbidden_left_in).
/// What may stand alone and not beside something withheld is made by [`before_a_gap`](super::before_a_gap).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Forbidden {
    pub needle: String,
    /// What it is, in words that may themselves be shown.
    pub why: String,
    /// It never leaves, whatever a person decides. What is not so is withheld in one place, and may go in an attachment
    /// that somebody looked through.
    pub always: bool,
}
