use super::*;

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A duty-to-share record of a fictional school, good from 20 November 2026 for three months.
pub(crate) fn record() -> ConsentRecord {
    ConsentRecord {
        kith: ConsentVersion::One,
        record_id: "desk-1.812".parse().unwrap(),
        pii_principal_id: vec!["desk-1.77".parse().unwrap()],
        decision: Decision::Share,
        notice: Notice {
            privacy_notice: "Elm Park Primary privacy notice for pupils, version 7".into(),
            language: "en-GB".into(),
            sha256: None,
        },
        purposes: vec!["To let police and social care decide whether Jamie is at risk at home.".into()],
        lawful_basis: Some(LawfulBasis::DutyToShare),
        special_condition: Some(SpecialCondition::Safeguarding),
        pii_controllers: vec![Party {
            id: "elm-park".parse().unwrap(),
            name: "Elm Park Primary School".into(),
            address: "Elm Park Lane, Northshire NS1 1AA".into(),
            contact: "Data protection officer".into(),
            phone: "01632 960 001".into(),
        }],
        recipients: vec![NamedRecipient {
            id: "northshire-police".parse().unwrap(),
            name: "Northshire Police, Public Protection Unit".into(),
        }],
        categories: BTreeSet::from([
            Category::Identity,
            Category::Welfare,
            Category::ChildsVoice,
            Category::Health,
        ]),
        validity: Validity {
            from: at("2026-11-20T00:00:00Z"),
            until: at("2027-02-20T00:00:00Z"),
            review: Some("2027-01-15".parse().unwrap()),
        },
        withdrawal_method: "Ring or write to the school; what was shared lawfully stays shared.".into(),
        storage_location: "Encrypted casebook of Elm Park Primary School".into(),
        retention_period: "Date of birth + 25 years, then reviewed".into(),
        jurisdiction: "England".into(),
        events: Vec::new(),
        safeguarding: safeguarding(),
    }
}

fn safeguarding() -> Safeguarding {
    Safeguarding {
        family_told: FamilyTold::NotSafe {
            because: "The person alleged to have caused the injury lives in the household.".into(),
        },
        childs_view: "Jamie said: “I want someone to make it stop.”".into(),
        capacity: None,
        parental_responsibility: vec![ParentalResponsibility {
            name: "Dana Oakes".into(),
            relation: "mother".into(),
            evidence: "birth certificate seen at enrolment".into(),
        }],
        level_of_need: Some("Level 4 of the Northshire threshold document: acute need".into()),
        necessity: "Three entries of the last month; nothing older, nothing about siblings.".into(),
        withheld_from: vec![WithheldFrom {
            what: "Where Jamie's aunt lives".into(),
            from_whom: "everyone in the household".into(),
            because: "Jamie may have to stay there.".into(),
        }],
        decided_by: DecidedBy {
            name: "Ruth Adeyemi".into(),
            role: "Designated Safeguarding Lead".into(),
            on: at("2026-11-20T15:40:00Z"),
        },
        advice: Some("Northshire MASH, by telephone".into()),
        onward: OnwardLimit::AskFirst,
    }
}

const NOW: &str = "2026-11-22T09:14:00Z";

fn asked(record: &ConsentRecord, categories: &[Category], now: &str) -> Vec<Refusal> {
    let police = "northshire-police".parse().unwrap();
    scope_refusals(record, &police, &categories.iter().copied().collect(), at(now))
}

fn event(state: ConsentState) -> ConsentEvent {
    ConsentEvent {
        event_time: at("2026-11-21T10:00:00Z"),
        event_state: state,
        entity: "Dana Oakes, mother".into(),
        event_type: "in person".into(),
    }
}

#[test]
fn a_duty_to_share_needs_no_consent() {
    assert_eq!(asked(&record(), &[Category::Welfare, Category::Health], NOW), []);
    let refused = ConsentRecord { events: vec![event(ConsentState::Refused)], ..record() };
    assert_eq!(asked(&refused, &[Category::Welfare], NOW), []);
}

#[test]
fn consent_as_the_basis_must_be_given_and_last() {
    let with = |events: Vec<ConsentState>| ConsentRecord {
        lawful_basis: Some(LawfulBasis::Consent),
        events: events.into_iter().map(event).collect(),
        notice: Notice { sha256: Some(crate::ids::Digest::of(b"what they were told")), ..record().notice },
        ..record()
    };
    use ConsentState as S;
    assert_eq!(asked(&with(vec![S::Requested, S::Given]), &[Category::Welfare], NOW), []);
    for state in [S::Requested, S::Refused, S::Expired, S::NotSought] {
        let told = asked(&with(vec![S::Given, state]), &[Category::Welfare], NOW);
        assert_eq!(told, [Refusal::ConsentNotGiven { state }]);
    }
    // What they were told must be known to the letter; on another basis it may be.
    let mut told_something = with(vec![S::Given]);
    told_something.notice.sha256 = None;
    assert_eq!(asked(&told_something, &[Category::Welfare], NOW), [Refusal::NoticeNotKept]);
    told_something.lawful_basis = Some(LawfulBasis::PublicTask);
    assert_eq!(asked(&told_something, &[Category::Welfare], NOW), []);
    let told = asked(&with(vec![]), &[Category::Welfare], NOW);
    assert_eq!(told, [Refusal::ConsentNotGiven { state: S::NotSought }]);
    let told = asked(&with(vec![S::Given, S::Withdrawn]), &[Category::Welfare], NOW);
    assert_eq!(told, [Refusal::Withdrawn { on: at("2026-11-21T10:00:00Z") }]);
    let told = asked(&with(vec![S::Given]), &[Category::Welfare], "2027-02-20T00:00:00Z");
    assert_eq!(told, [Refusal::Expired { on: at("2027-02-20T00:00:00Z") }]);
    assert_eq!(with(vec![S::Given]).state(at("2027-03-01T00:00:00Z")), S::Expired);
}

#[test]
fn nothing_is_told_that_has_not_come() {
    // To the second, on any basis.
    let mut record = ConsentRecord { events: vec![event(ConsentState::Refused)], ..record() };
    record.events[0].event_time = at("2026-11-22T09:14:00.9Z");
    assert_eq!(asked(&record, &[Category::Welfare], NOW), []);
    let on = at("2026-11-22T09:14:01Z");
    record.events[0].event_time = on;
    assert_eq!(asked(&record, &[Category::Welfare], NOW), [Refusal::InFuture { on }]);
    record.events.clear();
    record.safeguarding.decided_by.on = on;
    assert_eq!(asked(&record, &[Category::Welfare], NOW), [Refusal::InFuture { on }]);
}

#[test]
fn time_recipient_categories_and_condition_are_held_to() {
    let welfare = &[Category::Welfare];
    let mut early = record();
    early.safeguarding.decided_by.on = at("2026-11-19T12:00:00Z");
    assert_eq!(
        asked(&early, welfare, "2026-11-19T23:59:59Z"),
        [Refusal::NotYetValid { from: at("2026-11-20T00:00:00Z") }]
    );
    assert_eq!(
        asked(&record(), welfare, "2027-02-20T00:00:00Z"),
        [Refusal::Expired { on: at("2027-02-20T00:00:00Z") }]
    );
    let unnamed = ConsentRecord { recipients: Vec::new(), ..record() };
    assert_eq!(
        asked(&unnamed, welfare, NOW),
        [Refusal::RecipientNotNamed { recipient: "northshire-police".parse().unwrap() }]
    );
    assert_eq!(
        asked(&record(), &[Category::Online, Category::Welfare], NOW),
        [Refusal::CategoryOutOfScope { category: Category::Online }]
    );
    let bare = ConsentRecord { special_condition: None, ..record() };
    assert_eq!(asked(&bare, welfare, NOW), []);
    assert_eq!(
        asked(&bare, &[Category::Health], NOW),
        [Refusal::NoSpecialCondition { category: Category::Health }]
    );
}

#[test]
fn a_record_that_says_nothing_is_refused() {
    let none = ConsentRecord { lawful_basis: None, ..record() };
    assert_eq!(asked(&none, &[], NOW), [Refusal::NoBasis]);
    let unnamed = LawfulBasis::LegalObligation { which: "  ".into() };
    let none = ConsentRecord { lawful_basis: Some(unnamed), ..record() };
    assert_eq!(asked(&none, &[], NOW), [Refusal::NoBasis]);
    let mut silent = record();
    silent.safeguarding.family_told = FamilyTold::NotSafe { because: " ".into() };
    assert_eq!(asked(&silent, &[], NOW), [Refusal::FamilyReasonMissing]);
    let mut silent = record();
    silent.safeguarding.childs_view.clear();
    silent.purposes = vec![String::new()];
    assert_eq!(asked(&silent, &[], NOW).len(), 2);
    let decided = ConsentRecord {
        decision: Decision::DoNotShare { because: "it would put Jamie in more danger".into() },
        ..record()
    };
    let told = asked(&decided, &[Category::Welfare], NOW);
    assert!(matches!(told.as_slice(), [Refusal::DecidedNotToShare { .. }]), "{told:?}");
}

#[test]
fn every_refusal_gives_a_reason_and_a_remedy() {
    let text = Refusal::ConsentNotGiven { state: ConsentState::Refused }.to_string();
    assert_eq!(
        text,
        "The basis is consent, and consent is refused. If a child is or may be at risk, record the basis that applies instead: duty to share, public task or vital interests."
    );
    let text = Refusal::Expired { on: at("2027-02-20T00:00:00Z") }.to_string();
    assert_eq!(text, "The record expired on 20 February 2027. Review the decision and record a new one.");
}

#[test]
fn the_record_reads_back_and_refuses_what_it_does_not_know() {
    let text = serde_json::to_string(&record()).unwrap();
    assert!(text.starts_with(r#"{"kith":"consent/1","#));
    assert_eq!(serde_json::from_str::<ConsentRecord>(&text).unwrap(), record());
    let more = text.replacen('{', r#"{"hidden":1,"#, 1);
    assert!(serde_json::from_str::<ConsentRecord>(&more).is_err());
    let other = text.replace("consent/1", "consent/2");
    assert!(serde_json::from_str::<ConsentRecord>(&other).is_err());
}
