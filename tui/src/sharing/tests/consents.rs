//! Records of consent on which nothing goes yet, and claims in a record that cannot be so.

use jiff::ToSpan as _;
use kith_protocol::{
    consent::{ConsentEvent, ConsentRecord, ConsentState, FamilyTold, LawfulBasis},
    ids::Digest,
};

use super::{
    story::{Story, by_consent, consent},
    world::{World, now},
};
use crate::casework::{
    command::Command,
    ids::ConsentId,
    query::{Answer, ConsentOrNot, Query},
};

fn event(event_state: ConsentState) -> ConsentEvent {
    ConsentEvent {
        event_time: now().timestamp(),
        event_state,
        entity: "Dana Oakes, mother".into(),
        event_type: "by phone".into(),
    }
}

fn refused(world: &mut World, story: &Story, record: ConsentRecord) -> String {
    let command = Command::RecordConsent { case: story.case, record: Box::new(record) };
    world.school.office().execute(command, &now()).unwrap_err().to_string()
}

fn stands(world: &mut World, consent: ConsentId) -> (ConsentRecord, bool) {
    let Answer::Consent { row, .. } = world.school.asked(&Query::Consent { consent }) else { panic!() };
    let ConsentOrNot::Record { record, withdrawn } = row.what else { panic!() };
    (*record, withdrawn.is_some())
}

#[test]
fn consent_is_asked_for_before_anything_goes_and_a_share_rests_on_the_answer() {
    let mut world = World::offline();
    let story = Story::tell(&mut world.school);
    let asked = ConsentRecord { events: vec![event(ConsentState::Requested)], ..by_consent(&mut world.school) };
    // Of this child alone, decided by whoever is at the desk, and once.
    let other = ConsentRecord { pii_principal_id: vec!["1-2".parse().unwrap()], ..asked.clone() };
    assert!(refused(&mut world, &story, other).contains("write one for this child"));
    let mut deputy = asked.clone();
    deputy.safeguarding.decided_by.name = "Julia Moss".into();
    assert!(refused(&mut world, &story, deputy).contains("is at the desk"));
    let record = Command::RecordConsent { case: story.case, record: Box::new(asked.clone()) };
    let consent = ConsentId(world.school.did(record));
    assert!(refused(&mut world, &story, asked).contains(&format!("already, as {consent}")));
    // It carries nothing until it is given.
    let mut choices = story.decided(&mut world.school);
    choices.consent = Some(Box::new(stands(&mut world, consent).0));
    let told = world.school.office().send(story.case, &choices, &now()).unwrap_err().to_string();
    assert!(told.contains("requested, not answered"), "{told}");
    world.school.did(Command::MoveConsent { consent, event: event(ConsentState::Given) });
    choices.consent = Some(Box::new(stands(&mut world, consent).0));
    world.school.office().send(story.case, &choices, &now()).unwrap();
}

#[test]
fn a_record_tells_nothing_that_has_not_come_or_that_nobody_can_show() {
    let mut world = World::offline();
    let story = Story::tell(&mut world.school);
    let given = by_consent(&mut world.school);
    let mut choices = story.decided(&mut world.school);
    let mut sent = |world: &mut World, record: ConsentRecord| {
        choices.consent = Some(Box::new(record));
        world.school.office().send(story.case, &choices, &now()).unwrap_err().to_string()
    };
    let tomorrow = now().timestamp() + 24.hours();
    let mut ahead = given.clone();
    ahead.events[0].event_time = tomorrow;
    let told = sent(&mut world, ahead.clone());
    assert!(told.contains("which has not come"), "{told}");
    assert!(refused(&mut world, &story, ahead.clone()).contains("future"));
    ahead.lawful_basis = Some(LawfulBasis::DutyToShare);
    assert!(sent(&mut world, ahead).contains("which has not come"));
    let mut ahead = consent();
    ahead.safeguarding.decided_by.on = tomorrow;
    assert!(sent(&mut world, ahead).contains("which has not come"));
    let mut ahead = consent();
    let on = now().date().tomorrow().unwrap();
    ahead.safeguarding.family_told = FamilyTold::Yes { on, response: "She agreed.".into() };
    assert!(sent(&mut world, ahead).contains("check the day"));
    let mut other = consent();
    other.safeguarding.decided_by.role = "Chief Constable".into();
    assert!(sent(&mut world, other).contains("the casebook calls them"));
    let mut other = consent();
    other.pii_controllers[0].id = "northshire-police".parse().unwrap();
    assert!(sent(&mut world, other).contains("the sender among them"));
    let mut unknown = given;
    unknown.notice.sha256 = Some(Digest::of(b"never kept"));
    assert!(sent(&mut world, unknown).contains("nothing shows what they were told"));
}

#[test]
fn a_record_that_is_withdrawn_stands_as_withdrawn_whatever_was_said_before() {
    for state in [ConsentState::Requested, ConsentState::Refused, ConsentState::Given] {
        let mut world = World::offline();
        let story = Story::tell(&mut world.school);
        let record = ConsentRecord { events: vec![event(state)], ..consent() };
        let record = Command::RecordConsent { case: story.case, record: Box::new(record) };
        let consent = ConsentId(world.school.did(record));
        // The clock went back meanwhile.
        let earlier = now().checked_sub(1.hour()).unwrap();
        let (by, why) = ("Dana Oakes".to_owned(), "by letter".to_owned());
        world.school.office().execute(Command::WithdrawConsent { consent, by, why }, &earlier).unwrap();
        let (record, withdrawn) = stands(&mut world, consent);
        assert!(withdrawn, "{state:?}");
        let last = record.state(now().timestamp());
        // What was never given is not taken back; the record is.
        let wanted = if state == ConsentState::Given { ConsentState::Withdrawn } else { state };
        assert_eq!(last, wanted);
    }
}
