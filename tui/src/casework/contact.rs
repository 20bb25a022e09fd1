//! That somebody here compared the eight words of an agency's keys. The agency that is verified reads its words; whoever
//! verifies them listens, beside a list that did not come from the one who reads.

use jiff::Timestamp;
use kith_protocol::ids::AgencyId;
use serde::{Deserialize, Serialize};

use super::fact::Author;

/// What was compared, and how; who did it and when stands beside the fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    pub agency: AgencyId,
    /// The eight words, joined by blanks; other keys have other words.
    pub words: String,
    pub how: Compared,
}

/// How people compared them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Compared {
    /// The number is one that was known before, not one that came with the keys.
    Telephone {
        number: String,
    },
    InPerson,
}

impl Compared {
    /// In words, as they stand in `VERIFIED (telephone 01632 960000, 2 Feb, A. Khan)`.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Telephone { number } => format!("telephone {number}"),
            Self::InPerson => "in person".to_owned(),
        }
    }
}

/// The newest comparison with one agency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    pub comparison: Comparison,
    pub by: Author,
    pub on: Timestamp,
}
