//! People and what ties them: names and their variants, households, parental responsibility, protected addresses.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::ids::PersonId;

/// Anyone a casebook knows. Names are kept exactly as given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    pub kind: PersonKind,
    pub given: String,
    pub family: String,
    /// The name the person uses, when it differs.
    pub preferred: Option<String>,
    /// Former and other names, nicknames.
    pub also_known_as: Vec<String>,
    pub born: Option<Date>,
    pub identifiers: Vec<Identifier>,
    pub phones: Vec<String>,
    pub emails: Vec<String>,
}

impl Person {
    /// Preferred or given name, then family name.
    #[must_use]
    pub fn name(&self) -> String {
        let given = self.preferred.as_deref().unwrap_or(&self.given);
        [given, &self.family].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
    }
}

/// What somebody is to the school.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum PersonKind {
    Pupil { year: String, class: String },
    Family,
    Staff { role: String },
    Professional { role: String, agency: String },
    Other,
}

/// A number somebody else knows the person by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identifier {
    pub scheme: IdentifierScheme,
    pub value: String,
}

/// Which numbers are known; checks are in [`super::identifier`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum IdentifierScheme {
    /// Unique Pupil Number, 13 characters with a check letter.
    Upn,
    /// NHS number, 10 digits with a check digit.
    Nhs,
    LocalAuthorityChildId,
    PoliceReference,
    Other,
}

/// Where people live. A protected address must never leave the school unless the recipient may know it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    pub lines: String,
    pub postcode: String,
    pub protected: bool,
    /// Who must not learn it, and why: shown wherever the address is protected.
    pub protected_from: String,
    pub people: Vec<PersonId>,
}

/// A tie between two people, read as: `from` is `kind` of `to`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relation {
    pub from: PersonId,
    pub to: PersonId,
    pub kind: RelationKind,
    /// Does `from` hold parental responsibility for `to` (Children Act 1989 s.3)?
    pub parental_responsibility: bool,
    pub same_household: bool,
    pub contact: ContactRule,
}

/// What `from` is to `to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RelationKind {
    Mother,
    Father,
    StepParent,
    ParentsPartner,
    Sibling,
    HalfSibling,
    Grandparent,
    AuntOrUncle,
    FosterCarer,
    Guardian,
    SocialWorker,
    FamilyFriend,
    Other,
}

/// May `from` have contact with `to`?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ContactRule {
    Open,
    Supervised,
    /// By court order or safety plan: nothing may reach this person.
    None,
}
