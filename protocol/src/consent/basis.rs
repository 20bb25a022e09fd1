//! Lawful bases, conditions for special-category data, and the categories themselves.

use serde::{Deserialize, Serialize};

/// The ground in law a share stands on (UK GDPR Article 6).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum LawfulBasis {
    /// The duty to share information about a child, Children Act 2004 s.16LA.
    DutyToShare,
    PublicTask,
    VitalInterests,
    RecognisedLegitimateInterest,
    /// Another duty or a court's order; `which` names it.
    LegalObligation {
        which: String,
    },
    Consent,
}

impl LawfulBasis {
    /// The basis in plain words.
    #[must_use]
    pub const fn words(&self) -> &'static str {
        match self {
            Self::DutyToShare => "Legal duty to share information about a child",
            Self::PublicTask => "Public task",
            Self::VitalInterests => "Vital interests: someone is in immediate danger",
            Self::RecognisedLegitimateInterest => {
                "Recognised legitimate interest: safeguarding a child or an adult at risk"
            }
            Self::LegalObligation { .. } => "Legal obligation or court order",
            Self::Consent => "Consent",
        }
    }

    /// The statute behind it.
    #[must_use]
    pub const fn statute(&self) -> &'static str {
        match self {
            Self::DutyToShare => {
                "Children Act 2004 s.16LA (inserted by the Children's Wellbeing and Schools Act 2026 s.4); UK GDPR Article 6(1)(c)"
            }
            Self::PublicTask => "UK GDPR Article 6(1)(e)",
            Self::VitalInterests => "UK GDPR Article 6(1)(d)",
            Self::RecognisedLegitimateInterest => "UK GDPR Article 6(1)(ea) and Annex 1",
            Self::LegalObligation { .. } => "UK GDPR Article 6(1)(c)",
            Self::Consent => "UK GDPR Article 6(1)(a)",
        }
    }
}

/// The condition under which special-category or criminal data may be shared (UK GDPR Articles 9 and 10).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SpecialCondition {
    /// Safeguarding of children and of individuals at risk.
    Safeguarding,
    VitalInterests,
    LegalClaims,
    HealthOrSocialCare,
    ExplicitConsent,
}

impl SpecialCondition {
    /// The condition in plain words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Safeguarding => "Safeguarding of children and of individuals at risk",
            Self::VitalInterests => "Vital interests, where consent cannot be given",
            Self::LegalClaims => "Legal claims and court proceedings",
            Self::HealthOrSocialCare => "Provision of health or social care",
            Self::ExplicitConsent => "Explicit consent",
        }
    }

    /// The statute behind it.
    #[must_use]
    pub const fn statute(self) -> &'static str {
        match self {
            Self::Safeguarding => "UK GDPR Article 9(2)(g); Data Protection Act 2018 Schedule 1 paragraph 18",
            Self::VitalInterests => "UK GDPR Article 9(2)(c)",
            Self::LegalClaims => "UK GDPR Article 9(2)(f)",
            Self::HealthOrSocialCare => {
                "UK GDPR Article 9(2)(h); Data Protection Act 2018 Schedule 1 paragraph 2"
            }
            Self::ExplicitConsent => "UK GDPR Article 9(2)(a)",
        }
    }
}

/// What kind of data an entry or an attachment holds: the unit in which a consent record limits a share. For an entry it
/// follows from what the entry is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Category {
    Identity,
    Contact,
    Family,
    Welfare,
    Behaviour,
    Attendance,
    Education,
    ChildsVoice,
    Plans,
    Online,
    Health,
    MentalHealth,
    SexualHarm,
    EthnicityOrReligion,
    CriminalAllegation,
}

impl Category {
    /// Every category, in the order people are shown them.
    pub const ALL: [Self; 15] = [
        Self::Identity,
        Self::Contact,
        Self::Family,
        Self::Welfare,
        Self::Behaviour,
        Self::Attendance,
        Self::Education,
        Self::ChildsVoice,
        Self::Plans,
        Self::Online,
        Self::Health,
        Self::MentalHealth,
        Self::SexualHarm,
        Self::EthnicityOrReligion,
        Self::CriminalAllegation,
    ];

    /// The category in words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Identity => "who the child is",
            Self::Contact => "addresses and phone numbers",
            Self::Family => "family and household",
            Self::Welfare => "welfare and abuse",
            Self::Behaviour => "behaviour",
            Self::Attendance => "attendance",
            Self::Education => "education and special needs",
            Self::ChildsVoice => "what the child said",
            Self::Plans => "plans and meetings",
            Self::Online => "online safety",
            Self::Health => "health",
            Self::MentalHealth => "mental health",
            Self::SexualHarm => "sexual harm",
            Self::EthnicityOrReligion => "ethnicity, religion or beliefs",
            Self::CriminalAllegation => "criminal allegations",
        }
    }

    /// Whether it needs a [`SpecialCondition`] (UK GDPR Articles 9 and 10).
    #[must_use]
    pub const fn is_special(self) -> bool {
        matches!(
            self,
            Self::Health
                | Self::MentalHealth
                | Self::SexualHarm
                | Self::EthnicityOrReligion
                | Self::CriminalAllegation
        )
    }
}
