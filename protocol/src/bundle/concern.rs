//! What sort of harm or worry an entry is about, in the words of *Keeping children safe in education* and *Working
//! together*; and the one table that says which category of data a consent record must cover for it.

use serde::{Deserialize, Serialize};

use crate::consent::Category;

/// What an entry is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConcernCategory {
    Neglect,
    PhysicalAbuse,
    EmotionalAbuse,
    SexualAbuse,
    DomesticAbuse,
    ChildOnChildAbuse,
    /// Sexual violence, harassment or images between children.
    HarmfulSexualBehaviour,
    Bullying,
    ChildSexualExploitation,
    ChildCriminalExploitation,
    SeriousViolence,
    Trafficking,
    Radicalisation,
    FemaleGenitalMutilation,
    HonourBasedAbuse,
    OnlineSafety,
    SelfHarm,
    MentalHealth,
    SubstanceUse,
    Health,
    FabricatedIllness,
    MissingEducation,
    Attendance,
    /// From home or care.
    Missing,
    Behaviour,
    Discrimination,
    FamilyCircumstances,
    ParentalHealth,
    Appearance,
    Welfare,
    Education,
    /// Of somebody who works with children.
    AdultConduct,
    ContactDetails,
    Plans,
    Other,
}

impl ConcernCategory {
    /// Every one, in the order people are shown them.
    pub const ALL: [Self; 35] = [
        Self::Neglect,
        Self::PhysicalAbuse,
        Self::EmotionalAbuse,
        Self::SexualAbuse,
        Self::DomesticAbuse,
        Self::ChildOnChildAbuse,
        Self::HarmfulSexualBehaviour,
        Self::Bullying,
        Self::ChildSexualExploitation,
        Self::ChildCriminalExploitation,
        Self::SeriousViolence,
        Self::Trafficking,
        Self::Radicalisation,
        Self::FemaleGenitalMutilation,
        Self::HonourBasedAbuse,
        Self::OnlineSafety,
        Self::SelfHarm,
        Self::MentalHealth,
        Self::SubstanceUse,
        Self::Health,
        Self::FabricatedIllness,
        Self::MissingEducation,
        Self::Attendance,
        Self::Missing,
        Self::Behaviour,
        Self::Discrimination,
        Self::FamilyCircumstances,
        Self::ParentalHealth,
        Self::Appearance,
        Self::Welfare,
        Self::Education,
        Self::AdultConduct,
        Self::ContactDetails,
        Self::Plans,
        Self::Other,
    ];

    /// THE table: its words, and the category of data that an entry about it holds.
    const fn row(self) -> (&'static str, Category) {
        match self {
            Self::Neglect => ("neglect", Category::Welfare),
            Self::PhysicalAbuse => ("physical abuse", Category::Welfare),
            Self::EmotionalAbuse => ("emotional abuse", Category::Welfare),
            Self::SexualAbuse => ("sexual abuse", Category::SexualHarm),
            Self::DomesticAbuse => ("domestic abuse", Category::Welfare),
            Self::ChildOnChildAbuse => ("child-on-child abuse", Category::Welfare),
            Self::HarmfulSexualBehaviour => ("sexual harm between children", Category::SexualHarm),
            Self::Bullying => ("bullying", Category::Behaviour),
            Self::ChildSexualExploitation => ("child sexual exploitation", Category::SexualHarm),
            Self::ChildCriminalExploitation => {
                ("criminal exploitation, county lines", Category::CriminalAllegation)
            }
            Self::SeriousViolence => ("serious violence, knives or gangs", Category::CriminalAllegation),
            Self::Trafficking => ("trafficking or modern slavery", Category::CriminalAllegation),
            Self::Radicalisation => ("radicalisation (Prevent)", Category::EthnicityOrReligion),
            Self::FemaleGenitalMutilation => ("female genital mutilation (FGM)", Category::Health),
            Self::HonourBasedAbuse => {
                ("so-called honour-based abuse, forced marriage", Category::CriminalAllegation)
            }
            Self::OnlineSafety => ("online safety", Category::Online),
            Self::SelfHarm => ("self-harm or suicidal thoughts", Category::MentalHealth),
            Self::MentalHealth => ("mental health", Category::MentalHealth),
            Self::SubstanceUse => ("drugs, alcohol or vaping", Category::Health),
            Self::Health => ("health", Category::Health),
            Self::FabricatedIllness => ("fabricated or induced illness", Category::Health),
            Self::MissingEducation => ("missing education", Category::Attendance),
            Self::Attendance => ("attendance and lateness", Category::Attendance),
            Self::Missing => ("missing from home or care", Category::Welfare),
            Self::Behaviour => ("behaviour", Category::Behaviour),
            Self::Discrimination => ("racism, hate or discrimination", Category::EthnicityOrReligion),
            Self::FamilyCircumstances => ("family circumstances", Category::Family),
            Self::ParentalHealth => ("a parent's health, drugs or alcohol", Category::Health),
            Self::Appearance => ("hygiene, clothing or appearance", Category::Welfare),
            Self::Welfare => ("general welfare", Category::Welfare),
            Self::Education => ("learning or special needs", Category::Education),
            Self::AdultConduct => ("conduct of an adult at work", Category::CriminalAllegation),
            Self::ContactDetails => ("contact details", Category::Contact),
            Self::Plans => ("plans, meetings and referrals", Category::Plans),
            Self::Other => ("something else", Category::Welfare),
        }
    }

    /// What it is, in words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        self.row().0
    }

    /// The category of data that a consent record must cover for an entry about it to be shared.
    #[must_use]
    pub const fn data(self) -> Category {
        self.row().1
    }
}
