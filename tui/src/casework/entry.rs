//! Entries: what was seen, heard and done, in typed statements, with a role for everyone involved.

use jiff::{Timestamp, civil::DateTime};
use kith_protocol::{
    bundle::{ConcernCategory, RecordKind, Role, StatementKind},
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
    pub category: ConcernCategory,
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

/// What another agency's record says beside what an entry holds. It is theirs, and is not amended here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AsSent {
    /// The agency that sent it.
    pub agency: String,
    /// What sort of event it is there.
    pub kind: RecordKind,
    /// When, by whom and in which role it was recorded there.
    pub recorded: Timestamp,
    pub recorder: String,
    pub recorder_role: String,
    /// Those it names besides the child. They are nobody of this casebook.
    pub people: Vec<NamedPerson>,
}

impl AsSent {
    /// Its words, to be searched.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        let people = self.people.iter().flat_map(|one| [one.name.as_str(), &one.relation]);
        [self.agency.as_str(), &self.recorder, &self.recorder_role].into_iter().chain(people)
    }
}

/// Somebody named in another agency's record, with their part in the event and who they are to the child.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedPerson {
    pub name: String,
    pub role: Role,
    pub relation: String,
}

/// A file kept with an entry; its bytes are in the casebook under the digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    pub name: String,
    pub media_type: String,
    pub size: u64,
    pub sha256: Digest,
}
