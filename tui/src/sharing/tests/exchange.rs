//! A share's way from decision to answer.

use jiff::civil::{Date, date};
use kith_protocol::{
    bundle::{Bundle, Span},
    directory::NodeAddress,
    ids::Digest,
    receipt::ReceiptKind,
};

use super::{
    story::{NARRATIVE, Story, by_consent, decide_all, entry, pupil},
    world::{World, now, run},
};
use crate::{
    casework::{
        case::{Case, LevelOfNeed},
        command::{Command, FileInto},
        fact::ShareEnd,
        ids::{ConsentId, PersonId, ReceivedId},
        person::{Person, PersonKind},
        query::{Answer, ConsentOrNot, Query, ReceivedView, ShareState, Window},
    },
    sharing::{matching::MatchState, rounds::RoundError},
};

fn proven_and_nothing_else_said(checks: &[String]) {
    let not_ok: Vec<_> = checks.iter().filter(|check| !check.starts_with("ok: ")).collect();
    assert!(
        not_ok.len() == 2
            && not_ok[0].starts_with("caution: Not witnessed by anybody else yet")
            && not_ok[1].starts_with("not checked: Not proven: that what is written is true"),
        "{checks:?}"
    );
    assert!(checks.iter().any(|check| check.starts_with("ok: The words shown are the recorded words")));
}

#[test]
fn a_share_is_stored_collected_verified_filed_and_receipted() {
    let mut world = World::new();
    let story = Story::tell(&mut world.school);
    let choices = story.decided(&mut world.school);
    let preview = world.school.office().preview(story.case, &choices, &now()).unwrap();
    assert_eq!(preview.refusals, Vec::<String>::new());
    let shown = preview.lines.join("\n");
    assert!(
        shown.contains("bruise on the left arm")
            && shown.contains("[withheld 1: another child] said he saw it")
    );
    assert!(!shown.contains("Ryan") && !preview.html.contains("Ryan") && preview.size > 0);

    let share = world.school.office().send(story.case, &choices, &now()).unwrap();
    assert_eq!(world.school.share(share).state, ShareState::Queued);
    let report = world.school_round();
    assert_eq!((report.stored, report.notes.as_slice()), (1, [].as_slice()));
    let row = world.school.share(share);
    assert_eq!(row.state, ShareState::Stored);
    assert_eq!(row.share.withheld.iter().map(|one| one.spans).sum::<u32>(), 2);
    assert_eq!(world.school.files("outbox"), 0);

    // The other agency has a child of that name and birthday.
    let theirs = PersonId(world.care.did(Command::AddPerson(pupil("Jamie", "Oakes"))));
    assert_eq!(world.care_round().received, 1);
    let received = world.care.only_received();
    assert_eq!(world.care.files("inbox"), 0);
    assert_eq!(world.care.inbox()[0].signed_by, "Amira Khan, Designated Safeguarding Lead");
    world.school_round();
    assert_eq!(world.school.share(share).state, ShareState::Delivered);

    // A person looks at it, once and again.
    assert!(world.care.office().opened(received, &now()).unwrap());
    assert!(!world.care.office().opened(received, &now()).unwrap());
    let Answer::Received(view) = world.care.asked(&Query::Received { received }) else { panic!() };
    proven_and_nothing_else_said(&view.received.checks);
    assert_eq!(view.matches.iter().map(|row| row.id).collect::<Vec<_>>(), [theirs]);
    let (state, matches) = world.care.office().matches(received, &now()).unwrap();
    assert_eq!((state, matches[0].row.id), (MatchState::Match, theirs));
    world.care_round();
    world.school_round();
    assert_eq!(world.school.share(share).state, ShareState::Opened);

    // It is filed, then taken on by a named person.
    let case = Case {
        child: theirs,
        title: "Referral".into(),
        level: LevelOfNeed::ChildInNeed,
        lead: "Julia Moss".into(),
    };
    let case = world.care.office().file(received, FileInto::Child { child: theirs, case }, &now()).unwrap();
    let all = Query::EntriesOf { case, significant_only: false, window: Window::First, limit: 10 };
    let Answer::EntriesOf { rows, .. } = world.care.asked(&all) else { panic!() };
    assert!(rows.len() == 1 && rows[0].headline.contains("bruise"));
    world.care.office().answer(received, ReceiptKind::Receipted, "We visit today", &now()).unwrap();
    let again = world.care.office().answer(received, ReceiptKind::Declined, "No", &now());
    assert!(again.unwrap_err().to_string().contains("receipted already"));
    world.care_round();
    world.school_round();
    let row = world.school.share(share);
    assert_eq!(row.state, ShareState::Receipted);
    let kinds: Vec<ReceiptKind> = row.receipts.iter().map(|one| one.0).collect();
    let all = [ReceiptKind::Stored, ReceiptKind::Delivered, ReceiptKind::Opened, ReceiptKind::Receipted];
    assert_eq!(kinds, all);
    let last = row.receipts.last().unwrap();
    assert_eq!(last.3, "We visit today");
    assert!(last.2.contains("Julia Moss"));
}

#[test]
fn what_the_recipient_keeps_holds_nothing_that_was_withheld() {
    let mut world = World::new();
    let story = Story::tell(&mut world.school);
    let choices = story.decided(&mut world.school);
    world.school.office().send(story.case, &choices, &now()).unwrap();
    world.school_round();
    world.care_round();
    let received = world.care.only_received();
    let Answer::Received(view) = world.care.asked(&Query::Received { received }) else { panic!() };
    assert!(!view.received.document.contains("Ryan") && !view.received.document.contains("Field"));
    // The signed list names exactly the document that is kept.
    let digest = Digest::of(view.received.document.as_bytes()).to_string();
    assert!(view.received.document_signature.contains(&digest));
    let bundle: Bundle = serde_json::from_str(&view.received.document).unwrap();
    let texts = bundle.records[0].statements[0].text.iter().filter_map(|span| match span {
        Span::Text(text) => Some(text.as_str()),
        Span::Withheld(_) => None,
    });
    assert_eq!(texts.collect::<Vec<_>>().join("Ryan Field "), NARRATIVE);
    assert_eq!(view.received.receipts.len(), 2);
    assert!(view.received.gate.is_some() && view.received.document_signature.contains("BEGIN SSH SIGNATURE"));
}

#[test]
fn a_bundle_may_be_declined_with_a_reason() {
    let (mut world, _, share, received) = Story::delivered();
    assert!(world.care.office().answer(received, ReceiptKind::Declined, " ", &now()).is_err());
    world
        .care
        .office()
        .answer(received, ReceiptKind::Declined, "Lives in Southshire: send it there", &now())
        .unwrap();
    world.care_round();
    world.school_round();
    let row = world.school.share(share);
    assert_eq!(row.state, ShareState::Declined);
    assert!(row.receipts.last().unwrap().3.contains("Southshire"));
}

#[test]
fn without_a_node_it_waits_and_then_goes_by_itself() {
    let mut world = World::offline();
    let story = Story::tell(&mut world.school);
    let choices = story.decided(&mut world.school);
    let share = world.school.office().send(story.case, &choices, &now()).unwrap();
    let nowhere = NodeAddress { addr: "127.0.0.1:0".into(), ..world.node.clone() };
    let (report, ended) = run(&world.runtime, &mut world.school, &nowhere, None, &now());
    assert!(matches!(ended, Err(RoundError::Courier(_))), "{ended:?}");
    assert!(report.changed && report.stored == 0);
    assert_eq!(world.school.share(share).state, ShareState::Queued);
    // It is sealed already, and the same bundle goes when the node is there.
    let sealed = world.school.share(share).bundle;
    assert!(sealed.is_some() && world.school.files("outbox") == 1);
    world.school.open();
    world.start_node();
    assert_eq!(world.school_round().stored, 1);
    assert_eq!(world.school.share(share).bundle, sealed);
}

#[test]
fn consent_withdrawn_while_it_waits_stops_it() {
    for sealed_before in [false, true] {
        let mut world = World::new();
        let story = Story::tell(&mut world.school);
        let mut choices = story.decided(&mut world.school);
        choices.consent = Some(Box::new(by_consent(&mut world.school)));
        let share = world.school.office().send(story.case, &choices, &now()).unwrap();
        if sealed_before {
            world.school.office().seal_waiting(&now()).unwrap();
        }
        let consent = consent_id(&mut world, &story);
        let (by, why) = ("Dana Oakes".to_owned(), "changed her mind".to_owned());
        world.school.did(Command::WithdrawConsent { consent, by, why });
        let report = world.school_round();
        assert_eq!(report.stored, 0);
        let ShareState::Ended(ShareEnd::Withdrawn { why }) = world.school.share(share).state else {
            panic!("{:?}", world.school.share(share).state)
        };
        assert!(why.contains("did not leave") && why.contains("withdrawn on 9 March 2026"), "{why}");
        assert_eq!(world.school.files("outbox"), 0);
        assert_eq!(world.care_round().received, 0);
    }
}

#[test]
fn consent_withdrawn_while_the_node_holds_it_stops_it_too() {
    let mut world = World::new();
    let story = Story::tell(&mut world.school);
    let mut choices = story.decided(&mut world.school);
    choices.consent = Some(Box::new(by_consent(&mut world.school)));
    let share = world.school.office().send(story.case, &choices, &now()).unwrap();
    world.school_round();
    let consent = consent_id(&mut world, &story);
    let (by, why) = ("Dana Oakes".to_owned(), "changed her mind".to_owned());
    world.school.did(Command::WithdrawConsent { consent, by, why });
    assert!(matches!(world.school.share(share).state, ShareState::Ended(ShareEnd::Withdrawn { .. })));
    world.school_round();
    assert_eq!(world.care_round().received, 0);
}

fn consent_id(world: &mut World, story: &Story) -> ConsentId {
    let Answer::Consents(rows) = world.school.asked(&Query::Consents { case: story.case }) else { panic!() };
    assert!(matches!(rows[0].what, ConsentOrNot::Record { .. }));
    rows[0].id
}

#[test]
fn what_is_withdrawn_before_collection_is_never_collected() {
    let mut world = World::new();
    let story = Story::tell(&mut world.school);
    let choices = story.decided(&mut world.school);
    let share = world.school.office().send(story.case, &choices, &now()).unwrap();
    world.school_round();
    world.school.office().withdraw(share, "sent in error", None, &now()).unwrap();
    world.school_round();
    assert!(matches!(world.school.share(share).state, ShareState::Ended(ShareEnd::Withdrawn { .. })));
    assert_eq!(world.care_round().received, 0);
}

#[test]
fn attachments_go_when_somebody_has_looked_them_through() {
    let mut world = World::new();
    let mut story = Story::tell(&mut world.school);
    let mut photo = vec![0xff; 300_000];
    photo[7] = 1;
    let photo = world
        .school
        .office()
        .casebook_mut()
        .attach(photo.as_slice(), "Ryan Field arm.jpg", "image/jpeg")
        .unwrap();
    let note = world
        .school
        .office()
        .casebook_mut()
        .attach(&b"Ryan was there"[..], "note.txt", "text/plain")
        .unwrap();
    let plain =
        world.school.office().casebook_mut().attach(&b"a bruise"[..], "plain.txt", "text/plain").unwrap();
    let mut told = entry(&[(story.jamie, kith_protocol::bundle::Role::Subject)], "See the files.");
    told.attachments = vec![photo.clone(), note.clone(), plain.clone()];
    story.entry = crate::casework::ids::EntryId(
        world.school.did(Command::RecordEntry { entry: told, case: Some(story.case) }),
    );
    let mut choices = story.choices();
    choices.attachments = vec![photo.sha256, note.sha256, plain.sha256];
    let suggested = world.school.office().suggest(story.case, &choices, &now()).unwrap();
    let asked: Vec<&str> = suggested.0.iter().map(|one| one.text.as_str()).collect();
    assert_eq!(asked, ["Ryan Field arm.jpg", "note.txt"]);
    let refused = world.school.office().preview(story.case, &choices, &now()).unwrap().refusals.join(" ");
    assert!(refused.contains("undecided"), "{refused}");
    let keep = |reason: &str| crate::sharing::plan::Decision::Keep { reason: reason.into() };
    choices
        .decisions
        .insert(suggested.0[0].id.clone(), keep("shows the arm alone; taken by the school camera"));
    choices.decisions.insert(
        suggested.0[1].id.clone(),
        crate::sharing::plan::Decision::Withhold(suggested.0[1].code.clone()),
    );
    world.school.office().send(story.case, &choices, &now()).unwrap();
    world.school_round();
    world.care_round();
    let received = world.care.only_received();
    let Answer::Received(view) = world.care.asked(&Query::Received { received }) else { panic!() };
    let files: Vec<(&str, u64)> =
        view.received.attachments.iter().map(|file| (file.name.as_str(), file.size)).collect();
    assert_eq!(files.len(), 2);
    assert!(
        files.contains(&("plain.txt", 8))
            && files.iter().any(|(name, size)| name.starts_with("attachment ") && *size == 300_000)
    );
    let mut bytes = Vec::new();
    std::io::Read::read_to_end(
        &mut world.care.office().casebook().read_attachment(&photo.sha256).unwrap(),
        &mut bytes,
    )
    .unwrap();
    assert_eq!(bytes.len(), 300_000);
}

#[test]
fn an_attachment_that_was_left_out_does_not_go_under_another_entry() {
    let mut world = World::offline();
    let story = Story::tell(&mut world.school);
    let photo = world.school.office().casebook_mut().attach(&b"\xff\xd8"[..], "a.jpg", "image/jpeg").unwrap();
    let mut choices = story.choices();
    for _ in 0..2 {
        let mut told = entry(&[(story.jamie, kith_protocol::bundle::Role::Subject)], "See the photo.");
        told.attachments = vec![photo.clone()];
        let id = world.school.did(Command::RecordEntry { entry: told, case: Some(story.case) });
        choices.entries.push(crate::casework::ids::EntryId(id));
    }
    choices.attachments = vec![photo.sha256];
    let choices = decide_all(&mut world.school, story.case, choices);
    let preview = world.school.office().preview(story.case, &choices, &now()).unwrap();
    assert_eq!(preview.refusals, Vec::<String>::new());
    assert!(!preview.lines.iter().any(|line| line.contains("a.jpg")), "{:?}", preview.lines);
}

#[test]
fn a_bundle_that_was_collected_in_the_meantime_is_told_to_be_taken_back() {
    let mut world = World::new();
    let story = Story::tell(&mut world.school);
    let choices = story.decided(&mut world.school);
    let share = world.school.office().send(story.case, &choices, &now()).unwrap();
    world.school_round();
    world.care_round();
    // The school has not heard of the delivery yet.
    world.school.office().withdraw(share, "wrong child", None, &now()).unwrap();
    world.school_round();
    let report = world.care_round();
    assert!(report.notes.iter().any(|note| note.contains("taken back by its sender")), "{report:?}");
    // Nobody knew that they had it, so the withdrawal tells them nothing of why.
    let asked = world.care.inbox()[0].asked.clone().unwrap();
    assert_eq!((asked.why.as_str(), asked.answer_by), ("", None));
    // What became of it is still told to the sender, who now waits for an answer.
    let row = world.school.share(share);
    assert_eq!((row.receipts.len(), row.state), (2, ShareState::Asked));
}

#[test]
fn the_first_directory_comes_with_the_first_round() {
    let mut world = World::care_just_joined();
    assert!(world.care.office().enrolled().is_err() && world.care.office().line().unwrap().is_some());
    assert!(world.care_round().changed);
    assert_eq!(world.care.office().members().unwrap().len(), 1);
    assert!(!world.care_round().changed);
}

/// Social care, who has no pupils, gets a bundle about the demo's own child as the school spells her.
fn sent_as_the_school_spells_her(world: &mut World) -> ReceivedId {
    let story = Story::tell(&mut world.school);
    let now_is = Person {
        born: Some(date(2018, 1, 26)),
        also_known_as: vec!["Niamh O'Brien".into(), "Nhi".into(), "Jamie".into()],
        ..pupil("Niamh", "O'Brien-Nguy\u{1ec5}n")
    };
    world.school.did(Command::AmendPerson { person: story.jamie, now: now_is, why: "as in the demo".into() });
    let choices = story.decided(&mut world.school);
    world.school.office().send(story.case, &choices, &now()).unwrap();
    world.school_round();
    world.care_round();
    world.care.only_received()
}

fn known_to_care(world: &mut World, given: &str, family: &str, born: Date) -> PersonId {
    let person = Person { kind: PersonKind::Other, born: Some(born), ..pupil(given, family) };
    PersonId(world.care.did(Command::AddPerson(person)))
}

fn view(world: &mut World, received: ReceivedId) -> Box<ReceivedView> {
    let Answer::Received(view) = world.care.asked(&Query::Received { received }) else { panic!() };
    view
}

#[test]
fn a_child_is_known_by_another_of_their_names_and_the_birthday() {
    let mut world = World::new();
    let birthday = date(2018, 1, 26);
    let ours = known_to_care(&mut world, "Niamh", "O'Brien", birthday);
    let namesake = known_to_care(&mut world, "Niamh", "O'Brien", date(1984, 5, 2));
    let brother = known_to_care(&mut world, "Finn", "O'Brien", date(2021, 2, 17));
    let staff = Person {
        kind: PersonKind::Staff { role: "social worker".into() },
        born: Some(birthday),
        ..pupil("Niamh", "O'Brien")
    };
    world.care.did(Command::AddPerson(staff));
    let received = sent_as_the_school_spells_her(&mut world);
    let view = view(&mut world, received);
    assert_eq!(view.meant, Some(ours));
    assert_eq!(view.matches.iter().map(|row| row.id).collect::<Vec<_>>(), [ours, namesake]);
    assert!(view.matches.iter().all(|row| row.id != brother));
}

#[test]
fn where_only_part_agrees_a_person_must_say_who_is_meant() {
    let mut world = World::new();
    let birthday = date(2018, 1, 26);
    // By birthday and one part of a name alone.
    let part = known_to_care(&mut world, "Nia", "Nguyen", birthday);
    let other = known_to_care(&mut world, "Zara", "Malik", birthday);
    let received = sent_as_the_school_spells_her(&mut world);
    let seen = view(&mut world, received);
    assert_eq!(seen.matches.iter().map(|row| row.id).collect::<Vec<_>>(), [part]);
    assert_eq!(seen.meant, None);
    assert!(seen.matches.iter().all(|row| row.id != other));
    // Two who fit alike: nobody is chosen for them.
    known_to_care(&mut world, "Niamh", "O'Brien", birthday);
    let one = view(&mut world, received).meant;
    assert!(one.is_some());
    known_to_care(&mut world, "Niamh", "O'Brien", birthday);
    assert_eq!(view(&mut world, received).meant, None);
}
