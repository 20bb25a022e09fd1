//! The records a bundle discloses: typed statements made of spans, with a reason wherever something is left out.

use jiff::{Timestamp, civil::DateTime};
use serde::{Deserialize, Serialize};

use crate::{
    consent::{Category, RecordId},
    ids::Digest,
};

/// A text as the recipient may read it: spans, in order.
pub type Passage<S> = Vec<S>;

/// A stretch of text, or the place where one was left out. Its length is not told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Span {
    Text(String),
    Withheld(Reason),
}

/// Why something is withheld. The text codes are stable; the numbers are for print.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    ThirdPartyChild,
    ThirdPartyAdult,
    Informant,
    ContactOrAddress,
    NotRelevant,
    LegalPrivilege,
    SeriousHarm,
    PoliceOrCourt,
    /// Another reason, in the sender's words.
    Other(String),
}

impl Reason {
    /// Every code but `Other`, which carries words of its own.
    pub const CODED: [Self; 8] = [
        Self::ThirdPartyChild,
        Self::ThirdPartyAdult,
        Self::Informant,
        Self::ContactOrAddress,
        Self::NotRelevant,
        Self::LegalPrivilege,
        Self::SeriousHarm,
        Self::PoliceOrCourt,
    ];

    /// The code, 1 to 9.
    #[must_use]
    pub const fn number(&self) -> u8 {
        match self {
            Self::ThirdPartyChild => 1,
            Self::ThirdPartyAdult => 2,
            Self::Informant => 3,
            Self::ContactOrAddress => 4,
            Self::NotRelevant => 5,
            Self::LegalPrivilege => 6,
            Self::SeriousHarm => 7,
            Self::PoliceOrCourt => 8,
            Self::Other(_) => 9,
        }
    }

    /// The reason in words.
    #[must_use]
    pub fn words(&self) -> &str {
        match self {
            Self::ThirdPartyChild => "another child",
            Self::ThirdPartyAdult => "another adult",
            Self::Informant => "an informant or whistle-blower",
            Self::ContactOrAddress => "a contact detail or address",
            Self::NotRelevant => "not relevant to the purpose",
            Self::LegalPrivilege => "legal privilege",
            Self::SeriousHarm => "could cause serious harm",
            Self::PoliceOrCourt => "restricted by the police or a court",
            Self::Other(words) => words,
        }
    }
}

/// How many passages are withheld for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WithheldCount {
    pub reason: Reason,
    pub count: u64,
}

/// One entry of the sender's record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record<S> {
    pub id: RecordId,
    pub kind: RecordKind,
    pub category: Category,
    pub headline: Passage<S>,
    /// When it happened: a claim of whoever wrote it.
    pub happened: Happened,
    pub recorded: Timestamp,
    /// Who wrote it, with their role.
    pub recorded_by: Passage<S>,
    /// Where it comes from: seen by the writer, told by the child, a phone call from police ...
    pub source: Passage<S>,
    pub people: Vec<PersonRole<S>>,
    pub statements: Vec<Statement<S>>,
    pub action_taken: Passage<S>,
    pub significance: Passage<S>,
    pub effect_on_child: Passage<S>,
    /// Digests of the attachments that belong to it.
    pub attachments: Vec<Digest>,
}

impl<S> Record<S> {
    /// Every passage of it, in the order of its fields.
    pub fn passages(&self) -> impl Iterator<Item = &Passage<S>> {
        let people = self.people.iter().flat_map(|person| [&person.name, &person.relation]);
        let statements = self.statements.iter().flat_map(|statement| [&statement.by, &statement.text]);
        ([&self.headline, &self.recorded_by, &self.source].into_iter())
            .chain(people)
            .chain(statements)
            .chain([&self.action_taken, &self.significance, &self.effect_on_child])
    }
}

/// What kind of entry it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RecordKind {
    Concern,
    Note,
    Call,
    Meeting,
    Visit,
    Decision,
    Action,
    Outcome,
    BodyMap,
    Document,
    Received,
}

impl RecordKind {
    /// The kind in words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Concern => "Concern",
            Self::Note => "Note",
            Self::Call => "Phone call",
            Self::Meeting => "Meeting",
            Self::Visit => "Visit",
            Self::Decision => "Decision",
            Self::Action => "Action",
            Self::Outcome => "Outcome",
            Self::BodyMap => "Body map",
            Self::Document => "Document",
            Self::Received => "Received from another agency",
        }
    }
}

/// When something happened, in local time, and how exactly that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Happened {
    pub at: DateTime,
    pub until: Option<DateTime>,
    pub precision: Precision,
}

/// How exactly a time is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Precision {
    Minute,
    /// About that time of day.
    AboutTime,
    Day,
    AboutDay,
    Month,
    Year,
}

/// A person and their part in this one incident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonRole<S> {
    pub name: Passage<S>,
    pub role: Role,
    /// Who they are to the child.
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
    /// Who said or saw it, where that is not the writer.
    pub by: Passage<S>,
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
