//! What happened to Jamie, and the record on which it may be shared.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, ToSpan as _, civil::date};
use kith_protocol::{
    bundle::{ConcernCategory, Role, StatementKind},
    consent::{
        Category, ConsentEvent, ConsentRecord, ConsentState, ConsentVersion, DecidedBy, Decision, FamilyTold,
        LawfulBasis, NamedRecipient, Notice, OnwardLimit, Party, Safeguarding, SpecialCondition, Validity,
    },
    ids::Digest,
};

use super::world::{Agency, World, care_id, now, school_id};
use crate::{
    casework::{
        case::{Case, LevelOfNeed},
        command::Command,
        entry::{Danger, Entry, EntryKind, Involvement, Precision, Significance, Source, Statement, When},
        ids::{CaseId, EntryId, PersonId, ReceivedId, ShareId},
        person::{Address, Person, PersonKind},
    },
    sharing::plan::{Decision as Fate, ShareChoices},
};

pub(crate) fn person(kind: PersonKind, given: &str, family: &str) -> Person {
    Person {
        kind,
        given: given.into(),
        family: family.into(),
        preferred: None,
        also_known_as: Vec::new(),
        born: None,
        identifiers: Vec::new(),
        phones: Vec::new(),
        emails: Vec::new(),
    }
}

pub(crate) fn pupil(given: &str, family: &str) -> Person {
    Person {
        born: Some(date(2016, 3, 4)),
        ..person(PersonKind::Pupil { year: "5".into(), class: "5B".into() }, given, family)
    }
}

/// Jamie's case at the school, with one entry that also names Ryan.
pub(crate) struct Story {
    pub(crate) jamie: PersonId,
    pub(crate) ryan: PersonId,
    pub(crate) case: CaseId,
    pub(crate) entry: EntryId,
}

pub(crate) const NARRATIVE: &str = "Jamie had a bruise on the left arm. Ryan Field said he saw it happen. Jamie said: \u{201c}I fell\u{201d}.";

pub(crate) fn entry(people: &[(PersonId, Role)], text: &str) -> Entry {
    Entry {
        kind: EntryKind::Note,
        people: people.iter().map(|(person, role)| Involvement { person: *person, role: *role }).collect(),
        happened: When { at: date(2026, 3, 6).at(13, 20, 0, 0), precision: Precision::Exact },
        category: ConcernCategory::Welfare,
        source: Source { name: "Tom Reed".into(), role: "teacher".into(), agency: "Elm Park Primary".into() },
        statements: vec![Statement { kind: StatementKind::ObservedFact, text: text.into() }],
        danger: Danger::No,
        told: "Amira Khan at 13:40".into(),
        done: "First aid; mother rung".into(),
        effect: "quiet all afternoon".into(),
        significance: Significance::High,
        attachments: Vec::new(),
    }
}

impl Story {
    pub(crate) fn tell(school: &mut Agency) -> Self {
        let jamie = PersonId(school.did(Command::AddPerson(pupil("Jamie", "Oakes"))));
        let ryan = PersonId(school.did(Command::AddPerson(pupil("Ryan", "Field"))));
        let case = Case {
            child: jamie,
            title: "Bruising".into(),
            level: LevelOfNeed::ChildInNeed,
            lead: "Amira Khan".into(),
        };
        let case = CaseId(school.did(Command::OpenCase(case)));
        let told = entry(&[(jamie, Role::Subject), (ryan, Role::Witness)], NARRATIVE);
        let entry = EntryId(school.did(Command::RecordEntry { entry: told, case: Some(case) }));
        Self { jamie, ryan, case, entry }
    }

    /// Told, shared, and collected by social care.
    pub(crate) fn delivered() -> (World, Self, ShareId, ReceivedId) {
        let mut world = World::new();
        let story = Self::tell(&mut world.school);
        let choices = story.decided(&mut world.school);
        let share = world.school.office().send(story.case, &choices, &now()).unwrap();
        world.school_round();
        world.care_round();
        let received = world.care.only_received();
        (world, story, share, received)
    }

    /// Everything is in order, and nothing is decided yet.
    pub(crate) fn choices(&self) -> ShareChoices {
        let consent = ConsentRecord {
            record_id: format!("of-{}", self.case).parse().unwrap(),
            pii_principal_id: vec![self.jamie.to_string().parse().unwrap()],
            ..consent()
        };
        ShareChoices {
            to: Some(care_id()),
            consent: Some(Box::new(consent)),
            ask: "Tell us whether Jamie is known to you".into(),
            answer_by: Some(date(2026, 3, 11)),
            entries: vec![self.entry],
            attachments: Vec::new(),
            decisions: BTreeMap::new(),
            versions: BTreeMap::new(),
        }
    }

    /// The same from social care to the school, where social care has a child and a case of its own.
    pub(crate) fn back(&self, child: PersonId) -> ShareChoices {
        let mut choices = self.choices();
        choices.to = Some(school_id());
        let record = choices.consent.as_mut().unwrap();
        record.pii_principal_id = vec![child.to_string().parse().unwrap()];
        record.recipients = vec![NamedRecipient { id: school_id(), name: "Elm Park Primary".into() }];
        record.pii_controllers[0].id = care_id();
        record.pii_controllers[0].name = "Northshire Children's Social Care".into();
        record.safeguarding.decided_by.name = "Julia Moss".into();
        record.safeguarding.decided_by.role = "Duty social worker".into();
        choices
    }

    /// Everything suggested is withheld.
    pub(crate) fn decided(&self, school: &mut Agency) -> ShareChoices {
        decide_all(school, self.case, self.choices())
    }

    pub(crate) fn address(&self, school: &mut Agency, protected: bool) {
        school.did(Command::RecordAddress(Address {
            lines: "14 Harbour Road\nNorthport".into(),
            postcode: "NP1 4QT".into(),
            protected,
            protected_from: if protected { "Darren Pike, by court order".into() } else { String::new() },
            people: vec![self.jamie],
        }));
    }
}

/// Decides whatever is suggested, by withholding it.
pub(crate) fn decide_all(school: &mut Agency, case: CaseId, mut choices: ShareChoices) -> ShareChoices {
    let suggestions = school.office().suggest(case, &choices, &now()).unwrap();
    choices.decisions.extend(suggestions.0.into_iter().map(|one| (one.id, Fate::Withhold(one.code))));
    choices
}

pub(crate) fn consent() -> ConsentRecord {
    let at = now().timestamp();
    ConsentRecord {
        kith: ConsentVersion::One,
        record_id: "1-7".parse().unwrap(),
        pii_principal_id: vec!["1-1".parse().unwrap()],
        decision: Decision::Share,
        notice: Notice { privacy_notice: "2025".into(), language: "en-GB".into(), sha256: None },
        purposes: vec!["Referral for assessment".into()],
        lawful_basis: Some(LawfulBasis::DutyToShare),
        special_condition: Some(SpecialCondition::Safeguarding),
        pii_controllers: vec![Party {
            id: school_id(),
            name: "Elm Park Primary".into(),
            address: "Elm Park".into(),
            contact: "office@elmpark.example".into(),
            phone: "01632 960100".into(),
        }],
        recipients: vec![NamedRecipient { id: care_id(), name: "Northshire Children's Social Care".into() }],
        categories: BTreeSet::from([Category::Welfare]),
        validity: Validity {
            from: at - 1.hour(),
            until: at + SignedDuration::from_hours(24 * 30),
            review: None,
        },
        withdrawal_method: "ring the school".into(),
        storage_location: "the school's casebook".into(),
        retention_period: "until 25".into(),
        jurisdiction: "England".into(),
        events: Vec::new(),
        safeguarding: Safeguarding {
            family_told: FamilyTold::NotSafe { because: "the cause of the injury is not known".into() },
            childs_view: "wants it to stop".into(),
            capacity: None,
            parental_responsibility: Vec::new(),
            level_of_need: None,
            necessity: "they need the injury's history to assess".into(),
            withheld_from: Vec::new(),
            decided_by: DecidedBy {
                name: "Amira Khan".into(),
                role: "Designated Safeguarding Lead".into(),
                on: at,
            },
            advice: None,
            onward: OnwardLimit::AskFirst,
        },
    }
}

/// The same, resting on the mother's consent, given to a notice that the school keeps.
pub(crate) fn by_consent(school: &mut Agency) -> ConsentRecord {
    let (name, language) = ("What goes to whom, 2026".to_owned(), "en-GB".to_owned());
    let text = "We share what keeps children safe, with whom we name.".to_owned();
    let sha256 = Some(Digest::of(text.as_bytes()));
    school.did(Command::KeepNotice { name: name.clone(), language: language.clone(), text });
    let event = ConsentEvent {
        event_time: now().timestamp(),
        event_state: ConsentState::Given,
        entity: "Dana Oakes, mother".into(),
        event_type: "by phone; was told what goes to whom".into(),
    };
    ConsentRecord {
        record_id: "1-8".parse().unwrap(),
        lawful_basis: Some(LawfulBasis::Consent),
        events: vec![event],
        notice: Notice { privacy_notice: name, language, sha256 },
        ..consent()
    }
}
