//! The records a bundle discloses: typed statements made of spans, with a reason wherever something is left out.

use jiff::{Timestamp, civil::DateTime};
use serde::{Deserialize, Serialize};

use super::{ConcernCategory, Passage, Span, passage::in_words};
use crate::{consent::RecordId, ids::Digest};

/// One entry of the sender's record, as one fact of the casebook says it. What is recorded as a code stands here as the
/// same code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record<S> {
    pub id: RecordId,
    pub kind: RecordKind,
    pub category: ConcernCategory,
    /// When it happened: a claim of whoever wrote it.
    pub happened: Happened,
    #[serde(deserialize_with = "crate::moment::utc")]
    pub recorded: Timestamp,
    pub recorded_by: RecordedBy<S>,
    pub source: Source<S>,
    pub people: Vec<PersonRole<S>>,
    pub statements: Vec<Statement<S>>,
    /// A child was in immediate danger, and this was done at once.
    pub in_danger: Option<Passage<S>>,
    pub told: Passage<S>,
    pub done: Passage<S>,
    /// Effect on the child.
    pub effect: Passage<S>,
    pub significance: Significance,
    /// Digests of its attachments; none for one that was not sent.
    pub attachments: Vec<Option<Digest>>,
}

impl<S> Record<S> {
    /// Every passage of it, in the order of its fields.
    pub fn passages(&self) -> impl Iterator<Item = &Passage<S>> {
        let Self { recorded_by, source, .. } = self;
        let people = self.people.iter().flat_map(|person| [&person.name, &person.relation]);
        [&recorded_by.name, &recorded_by.role, &source.name, &source.role, &source.agency]
            .into_iter()
            .chain(people)
            .chain(self.statements.iter().map(|statement| &statement.text))
            .chain(&self.in_danger)
            .chain([&self.told, &self.done, &self.effect])
    }

    /// Its attachments that were sent.
    pub fn sent(&self) -> impl Iterator<Item = &Digest> {
        self.attachments.iter().flatten()
    }
}

impl Record<Span> {
    /// The first statement's beginning on one line, or what the entry is about: made for a list, and no part of it.
    #[must_use]
    pub fn headline(&self) -> String {
        let lines = self.statements.iter().map(|statement| beginning(&statement.text));
        let first = lines.into_iter().find(|line| !line.is_empty());
        first.unwrap_or_else(|| self.category.words().to_owned())
    }
}

/// Longest headline, in characters.
const MAX_HEADLINE: usize = 90;

fn beginning(passage: &[Span]) -> String {
    one_line(&in_words(passage, |_| "[\u{2026}]".to_owned()), MAX_HEADLINE)
}

/// A text on one line, cut after a whole word when it is longer than `most` characters.
#[must_use]
pub fn one_line(text: &str, most: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= most {
        return line;
    }
    let cut: String = line.chars().take(most).collect();
    let whole = cut.rsplit_once(' ').map_or(cut.as_str(), |(whole, _)| whole);
    format!("{whole} \u{2026}")
}

/// Who wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordedBy<S> {
    pub name: Passage<S>,
    pub role: Passage<S>,
}

/// Where it comes from: who told it, in which role, of which agency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source<S> {
    pub name: Passage<S>,
    pub role: Passage<S>,
    pub agency: Passage<S>,
}

/// What kind of entry it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RecordKind {
    Concern,
    Note,
    PhoneCall,
    Meeting,
    Visit,
    Attendance,
    Received,
}

impl RecordKind {
    /// The kind in words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Concern => "Concern",
            Self::Note => "Note",
            Self::PhoneCall => "Phone call",
            Self::Meeting => "Meeting",
            Self::Visit => "Visit",
            Self::Attendance => "Attendance",
            Self::Received => "Received from another agency",
        }
    }
}

/// How much it mattered to whoever wrote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Significance {
    None,
    Positive,
    Low,
    Medium,
    High,
}

impl Significance {
    /// In words; none when it was not said.
    #[must_use]
    pub const fn words(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Positive => Some("positive"),
            Self::Low => Some("low"),
            Self::Medium => Some("medium"),
            Self::High => Some("high"),
        }
    }
}

/// When something happened, in local time, and how exactly that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Happened {
    pub at: DateTime,
    pub precision: Precision,
}

/// How exactly a time is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Precision {
    Exact,
    /// About that time of day.
    About,
    /// Only the day.
    Day,
}

/// A person and their part in this one incident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonRole<S> {
    /// Their name as it stood when this was recorded.
    pub name: Passage<S>,
    pub role: Role,
    /// Who they are to the child, as the sender says now; not part of what was recorded.
    pub relation: Passage<S>,
}

/// The part a person has in one incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// The child it is about.
    Subject,
    AllegedVictim,
    AllegedInstigator,
    Witness,
    Reporter,
    Family,
    Professional,
    Mentioned,
}

impl Role {
    /// The part in words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Subject => "child concerned",
            Self::AllegedVictim => "alleged victim",
            Self::AllegedInstigator => "alleged instigator",
            Self::Witness => "witness",
            Self::Reporter => "reported it",
            Self::Family => "family",
            Self::Professional => "professional",
            Self::Mentioned => "mentioned",
        }
    }
}

/// A piece of narrative, and what kind of claim it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement<S> {
    pub kind: StatementKind,
    pub text: Passage<S>,
}

/// What kind of claim a statement is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StatementKind {
    ObservedFact,
    ChildsWords,
    ThirdPartyReport,
    ProfessionalOpinion,
}

impl StatementKind {
    /// The kind in words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::ObservedFact => "Observed fact",
            Self::ChildsWords => "Child's own words",
            Self::ThirdPartyReport => "Reported by someone else",
            Self::ProfessionalOpinion => "Professional opinion",
        }
    }
}
