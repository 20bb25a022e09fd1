//! Entries: what was seen, heard and done, in typed statements, with a role for everyone involved.

use jiff::civil::DateTime;
use kith_protocol::{
    bundle::{Role, StatementKind},
    consent::Category,
    ids::Digest,
};
use serde::{Deserialize, Serialize};

use super::ids::PersonId;

/// One recorded event. A concern is an entry that waits for triage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub kind: EntryKind,
    /// The child or children first.
    pub people: Vec<Involvement>,
    pub happened: When,
    pub category: Category,
    pub source: Source,
    pub statements: Vec<Statement>,
    pub danger: Danger,
    /// Who was told, when; what was done.
    pub told: String,
    pub done: String,
    /// Effect on the child, as seen.
    pub effect: String,
    pub significance: Significance,
    pub attachments: Vec<Attachment>,
}

/// What sort of event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum EntryKind {
    Concern,
    Note,
    PhoneCall,
    Meeting,
    Visit,
    Attendance,
    /// Came from another agency in a bundle.
    Received,
}

/// Somebody's part in one event. A person may be a witness here and harmed there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Involvement {
    pub person: PersonId,
    pub role: Role,
}

/// When something happened, as claimed, in the school's own time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct When {
    pub at: DateTime,
    pub precision: Precision,
}

/// How exactly the time is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Precision {
    Exact,
    About,
    /// Only the day.
    Day,
}

/// Where an entry comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    pub name: String,
    pub role: String,
    pub agency: String,
}

/// One statement of a narrative; its kind keeps fact apart from opinion. Text is kept exactly.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    pub kind: StatementKind,
    pub text: String,
}

/// Is a child in immediate danger now?
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Danger {
    No,
    /// Yes, and what was done at once (999, MASH).
    Yes {
        done: String,
    },
}

/// How much an entry matters in the child's story.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Significance {
    None,
    Positive,
    Low,
    Medium,
    High,
}

impl Significance {
    /// Does it stand in the significant-events chronology?
    #[must_use]
    pub const fn is_significant(self) -> bool {
        !matches!(self, Self::None | Self::Low)
    }
}

/// A file kept with an entry; its bytes are in the casebook under the digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    pub name: String,
    pub media_type: String,
    pub size: u64,
    pub sha256: Digest,
}
