//! What `bundle.json` says, as types. Unknown fields are refused: a signed document holds nothing its reader is not
//! shown. New fields come with a new number in `kith`.

use std::collections::BTreeSet;

use jiff::{
    Timestamp,
    civil::{Date, DateTime},
};
use serde::{Deserialize, Serialize};

use super::Exact;
use crate::{
    consent::{Category, ConsentRecord, RecordId},
    ids::{AgencyId, Digest, GateId, SealId},
};

/// The form of the document.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum BundleVersion {
    #[default]
    #[serde(rename = "bundle/1")]
    One,
}

/// `bundle.json`: who to whom, why, under which record, and the records disclosed.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bundle {
    pub kith: BundleVersion,
    pub from: End,
    pub to: End,
    /// Fingerprint of the age key it is sealed to.
    pub recipient_key: Digest,
    pub seal_id: SealId,
    pub gate: GateId,
    /// Salt of the gate's commitment to the consent record.
    pub gate_salt: Digest,
    pub created: Timestamp,
    pub letter: Letter,
    pub consent: Exact<ConsentRecord>,
    pub children: Vec<Child>,
    pub records: Vec<Record<Span>>,
    pub attachments: Vec<Attachment>,
    /// How many passages are withheld, by reason.
    pub withheld: Vec<WithheldCount>,
    /// What the signatures and digests do not prove.
    pub not_proven: Vec<String>,
}

/// One end of the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct End {
    pub id: AgencyId,
    pub name: String,
}

/// Why it was sent, what is asked, and whom to ring.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Letter {
    /// One line, such as `Referral: Jamie Oakes, 9, unexplained bruising`.
    pub subject: String,
    pub why: String,
    pub asked: Asked,
    /// What the recipient may use it for.
    pub may_use_for: String,
    pub ring: Contact,
    /// Whether a named person is asked to say that they opened it, and that they take it on or decline.
    pub receipts: BTreeSet<ReceiptAsked>,
}

/// What the recipient is asked to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    pub what: String,
    /// By when, in local time of the sender.
    pub by: Option<DateTime>,
    pub urgency: Urgency,
}

/// How soon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Urgency {
    /// A child may be in immediate danger; the sender has also rung.
    Immediate,
    SameDay,
    ByDate,
    ForInformation,
}

impl Urgency {
    /// How soon, in words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Immediate => "Immediate: a child may be in danger now",
            Self::SameDay => "The same day",
            Self::ByDate => "By the date given",
            Self::ForInformation => "For information",
        }
    }
}

/// A receipt the sender asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReceiptAsked {
    Opened,
    TakenOnOrDeclined,
}

/// A person to ring.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    pub name: String,
    pub role: String,
    pub phone: String,
    pub out_of_hours: Option<String>,
}

/// A child the bundle is about, as disclosed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Child {
    pub name: String,
    pub also_known_as: Vec<String>,
    pub born: Option<Date>,
    pub identifiers: Vec<Identifier>,
}

/// A number another system knows the child by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identifier {
    /// What it is, such as `UPN` or `NHS number`.
    pub kind: String,
    pub value: String,
}

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

/// A file that travels with the bundle, named by its digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attachment {
    /// SHA-256 of its bytes.
    pub sha256: Digest,
    /// In bytes.
    pub size: u64,
    /// What people call it; never used as a path.
    pub name: String,
    pub media_type: String,
    pub category: Category,
    /// Who looked it through, metadata included, and why it goes whole.
    pub checked: String,
}
