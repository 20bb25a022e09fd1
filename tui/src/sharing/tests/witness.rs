//! Agencies and their node as witnesses of each other's logs.

use kith_protocol::{
    bundle::{Bundle, Outcome},
    log::{Fork, Grown, Offer, Origin, Policy, Shown, Standing, Witness},
};

use super::{
    story::{Story, pupil},
    world::{World, care_id, now, school_id},
};
use crate::{
    casework::{
        command::Command,
        ids::{ReceivedId, ShareId},
        query::{Answer, LogsView, Query},
    },
    sharing::{
        senders::{Beside, beside_seen},
        tests::world::Agency,
        witness::worth,
    },
};

fn logs(agency: &mut Agency) -> LogsView {
    match agency.asked(&Query::Logs) {
        Answer::Logs(view) => *view,
        other => panic!("{other:?}"),
    }
}

/// The log of the node that an agency holds on to, and its size.
fn watched(agency: &mut Agency) -> (Origin, u64) {
    let seen = agency.office().casebook().watched_node(|_| true).unwrap().unwrap().claims().unwrap();
    (seen.origin, seen.size)
}

fn send(world: &mut World) -> ShareId {
    let story = Story::tell(&mut world.school);
    let choices = story.decided(&mut world.school);
    world.school.office().send(story.case, &choices, &now()).unwrap()
}

#[test]
fn a_round_has_what_was_recorded_cosigned_and_the_nodes_log_looked_at() {
    let mut world = World::new();
    send(&mut world);
    let report = world.school_round();
    assert_eq!(report.notes, Vec::<String>::new());
    let facts = logs(&mut world.school).facts;
    let note = world.school.office().casebook().log_witnessed(1).unwrap().remove(0);
    // All that was recorded, the STORED of this round included.
    assert_eq!(note.claims().unwrap().size, facts);
    let policy = Policy::for_agency(&world.directory, &world.school.office().session().agency).unwrap();
    let judged = policy.judge(&note, now().timestamp()).unwrap();
    assert_eq!(
        judged.by.iter().map(|one| (one.name.as_str(), one.own)).collect::<Vec<_>>(),
        [("northshire", true)]
    );
    assert_eq!(judged.standing(), Standing::TooFew { have: 1 });
    assert!(logs(&mut world.school).standing.unwrap().words.contains("northshire (our own)"));

    // The STORED was shown in the node's log; nothing is left to look for.
    assert_eq!(watched(&mut world.school).1, 1);
    assert_eq!(world.school.office().casebook().not_shown().unwrap(), []);
    world.care_round();
    world.school_round();
    let (size, facts) = (note.claims().unwrap().size, logs(&mut world.school).facts);
    assert!(facts > size, "DELIVERED was recorded");
    let newest = world.school.office().casebook().log_witnessed(1).unwrap().remove(0);
    assert_eq!(newest.claims().unwrap().size, facts);
}

#[test]
fn a_round_that_broke_off_before_the_answer_is_made_good_by_the_next() {
    let mut world = World::new();
    world.school.did(Command::AddPerson(pupil("Jamie", "Oakes")));
    world.school_round();
    let book = world.school.office().casebook_mut();
    let head = book.log_head().unwrap();
    // The node cosigned, and nobody here heard.
    book.forget_witnesses();
    world.school_round();
    let seen = world.school.office().casebook().log_witnessed(1).unwrap().remove(0);
    assert_eq!(seen.claims().unwrap(), head);
    assert_eq!(logs(&mut world.school).findings, []);
}

#[test]
fn a_node_that_was_put_back_is_told_of_and_what_shows_it_is_kept() {
    let mut world = World::new();
    send(&mut world);
    world.school_round();
    let backup = world.stop_and_copy_node();
    world.start_node();
    send(&mut world);
    world.school_round();
    let known = watched(&mut world.school);
    assert_eq!(known.1, 2);

    world.put_back_node(&backup);
    world.school.open();
    let report = world.school_round();
    assert!(
        report.notes.iter().any(|note| note.contains("northshire: its log has fewer receipts")),
        "{:?}",
        report.notes
    );
    let findings = logs(&mut world.school).findings;
    let [one, other] = [&findings[0].one, &findings[0].other].map(|note| {
        let note: kith_protocol::log::SignedCheckpoint = note.parse().unwrap();
        note.verify(&known.0, &world.node.log).unwrap().size
    });
    assert_eq!((findings.len(), one, other), (1, 2, 1));
    // It is said again when asked again, kept once; what was known stays known.
    world.school.open();
    world.school_round();
    assert_eq!((logs(&mut world.school).findings.len(), watched(&mut world.school)), (1, known));

    // Somebody looks into it, and says what came of it; it is no news then, and not forgotten.
    let finding = logs(&mut world.school).findings[0].id();
    let settle = |why: &str| Command::SettleFinding { finding, why: why.into() };
    assert!(world.school.office().execute(settle(" "), &now()).is_err(), "not without a reason");
    world.school.did(settle("rang the admin: the disk failed, a backup was put back"));
    assert!(world.school.office().execute(settle("again"), &now()).is_err());
    world.school.open();
    world.school_round();
    let view = logs(&mut world.school);
    assert_eq!((view.findings, view.settled.len()), (Vec::new(), 1));
    assert!(view.settled[0].by.name == "Amira Khan" && view.settled[0].why.contains("the disk failed"));
    world.school.office().casebook_mut().rebuild(&mut |_, _| {}).unwrap();
    assert_eq!(logs(&mut world.school).settled.len(), 1);
}

#[test]
fn a_node_that_begins_another_log_shows_which_receipts_it_lost() {
    let mut world = World::new();
    send(&mut world);
    world.school_round();
    let backup = world.stop_and_copy_node();
    world.start_node();
    send(&mut world);
    world.school_round();
    world.put_back_node(&backup);
    world.restored_node("the disk failed");
    world.school.open();
    let report = world.school_round();
    assert!(
        report.notes.iter().any(|note| {
            note.contains("it was restored from a backup on 9 March 2026, 10:00 UTC: the disk failed")
                && note.contains("Of the 2 entries we saw in its log 1 are not in the backup")
        }),
        "{:?}",
        report.notes
    );
    let report = world.school_round();
    assert!(
        report.notes.iter().any(|note| note.contains("a receipt it signed does not stand in its log")),
        "{:?}",
        report.notes
    );
    assert_eq!(logs(&mut world.school).findings.len(), 2);
    assert_eq!(world.school.office().casebook().not_shown().unwrap(), []);
    assert_eq!(world.school_round().notes, Vec::<String>::new());
}

#[test]
fn a_folder_put_back_whole_learns_of_it_from_the_node() {
    let mut world = World::new();
    world.school.did(Command::AddPerson(pupil("Jamie", "Oakes")));
    world.school_round();
    let backup = world.school.copy_book();
    world.school.open();
    world.school.did(Command::AddPerson(pupil("Lena", "Fox")));
    world.school_round();
    world.school.put_back_book(&backup);
    world.school.open();
    let report = world.school_round();
    assert!(
        report.notes.iter().any(|note| note.contains("it was restored from a backup")),
        "{:?}",
        report.notes
    );
    assert_eq!(logs(&mut world.school).findings.len(), 1);

    let author = world.school.office().session().user.clone();
    world.school.office().casebook_mut().restored("the laptop was stolen", &author, &now()).unwrap();
    assert_eq!(world.school_round().notes, Vec::<String>::new());
    let (view, seen) =
        (logs(&mut world.school), world.school.office().casebook().log_witnessed(1).unwrap().remove(0));
    assert_eq!(seen.claims().unwrap().size, view.facts);
}

/// A document that shows this log, as a bundle's does.
fn showing(Offer { checkpoint, since, growth }: &Offer) -> String {
    let (checkpoint, growth) = (checkpoint.clone(), growth.clone());
    let grown = if *since == 0 { Vec::new() } else { vec![Grown { since: *since, growth }] };
    let shown = Shown { checkpoint, grown };
    serde_json::json!({ "kith": "bundle/1", "evidence": { "log": shown } }).to_string()
}

/// The size of the school's log as the received bundle shows it.
fn shown_to_care(world: &mut World, received: ReceivedId) -> u64 {
    let Answer::Received(view) = world.care.asked(&Query::Received { received }) else { panic!() };
    let bundle: Bundle = serde_json::from_str(&view.received.document).unwrap();
    bundle.evidence.unwrap().log.checkpoint.claims().unwrap().size
}

/// How much of the school's log social care has cosigned, as the school knows.
fn cosigned_by_care(world: &mut World) -> u64 {
    world.school.office().casebook().log_seen("kith/northshire-csc").unwrap()
}

#[test]
fn a_bundle_carries_its_log_to_the_recipient_and_the_answer_brings_their_word_back() {
    let mut world = World::new();
    send(&mut world);
    world.school_round();
    world.care_round();
    let received = world.care.only_received();
    let size = shown_to_care(&mut world, received);
    assert_eq!(cosigned_by_care(&mut world), 0);
    world.care.office().opened(received, &now()).unwrap();
    world.care_round();
    world.school_round();
    assert_eq!(cosigned_by_care(&mut world), size);
    let seen = world.school.office().casebook().log_witnessed(2).unwrap();
    let care = seen.iter().find(|note| note.names().iter().any(|name| name.contains("northshire-csc")));
    assert_eq!(care.unwrap().claims().unwrap().size, size);
}

/// The second leaves before the first is answered: the sender does not know what the recipient saw.
#[test]
fn a_second_bundle_sent_before_the_first_was_answered_is_cosigned_too() {
    let mut world = World::new();
    send(&mut world);
    world.school_round();
    world.care_round();
    let first = world.care.only_received();
    send(&mut world);
    world.school_round();
    world.care_round();
    let second = world.care.inbox().into_iter().map(|row| row.id).find(|id| *id != first).unwrap();
    let sizes = (shown_to_care(&mut world, first), shown_to_care(&mut world, second));
    assert!(sizes.0 < sizes.1, "{sizes:?}");
    for received in [first, second] {
        world.care.office().opened(received, &now()).unwrap();
    }
    world.care_round();
    world.school_round();
    assert_eq!((cosigned_by_care(&mut world), logs(&mut world.care).findings), (sizes.1, Vec::new()));

    // One that never arrived stands in nobody's way.
    let stopped = send(&mut world);
    world.school_round();
    world.school.office().withdraw(stopped, "sent by mistake", None, &now()).unwrap();
    send(&mut world);
    world.school_round();
    world.care_round();
    let known = [first, second];
    let third = world.care.inbox().into_iter().map(|row| row.id).find(|id| !known.contains(id)).unwrap();
    world.care.office().opened(third, &now()).unwrap();
    world.care_round();
    world.school_round();
    assert_eq!(cosigned_by_care(&mut world), shown_to_care(&mut world, third));
}

#[test]
fn a_recipient_is_a_witness_and_its_word_comes_back() {
    let mut world = World::new();
    let (school, care) = (school_id(), care_id());
    let key = world.school.secrets.log.clone();
    world.school.did(Command::AddPerson(pupil("Jamie", "Oakes")));
    world.school_round();
    let offer = |world: &mut World| {
        let book = world.school.office().casebook_mut();
        book.log_offer("kith/northshire-csc", &key).unwrap()
    };
    let witness = Witness::agency(world.directory.member(&care).unwrap(), false).unwrap();
    for size in 1..4 {
        let shown = showing(&offer(&mut world));
        let office = world.care.office();
        let early = office.cosign_log(&school, &shown, &now()).unwrap();
        assert_eq!(early, None, "nothing is cosigned before it is kept");
        office.see_log(&school, &shown, &now()).unwrap();
        let cosigned = office.cosign_log(&school, &shown, &now()).unwrap().unwrap();
        assert_eq!(cosigned.size, size);
        let book = world.school.office().casebook_mut();
        book.log_cosigned_at(&cosigned, &witness).unwrap();
        assert_eq!(book.log_seen("kith/northshire-csc").unwrap(), size);
        // The node cosigned the first of them and the last: with one other that is enough for the first.
        let standing = logs(&mut world.school).standing.unwrap();
        assert_eq!((standing.size, standing.words.starts_with("witnessed by ")), (1, true), "{standing:?}");
        world.school.did(Command::AddPerson(pupil("Lena", "Fox")));
    }
    world.school_round();
    // Social care cosigned three, and the node all that came of them.
    assert_eq!(logs(&mut world.school).standing.unwrap().size, 3);
    // What speaks of another agency's log changes nothing.
    let shown = showing(&offer(&mut world));
    world.care.office().see_log(&care, &shown, &now()).unwrap();
    assert_eq!(logs(&mut world.care).findings, []);
}

#[test]
fn a_sender_who_shows_two_logs_is_told_of_by_both_notes() {
    let mut world = World::new();
    let (school, key) = (school_id(), world.school.secrets.log.clone());
    world.school.did(Command::AddPerson(pupil("Jamie", "Oakes")));
    let backup = world.school.copy_book();
    world.school.open();
    world.school.did(Command::AddPerson(pupil("Lena", "Fox")));
    let first = world.school.office().casebook_mut().log_offer("kith/x", &key).unwrap();
    world.care.office().see_log(&school, &showing(&first), &now()).unwrap();
    // Put back with its folder, and another fact in the other's place.
    world.school.put_back_book(&backup);
    world.school.open();
    world.school.did(Command::AddPerson(pupil("Ryan", "Cole")));
    let other = world.school.office().casebook_mut().log_offer("kith/x", &key).unwrap();
    let told = world.care.office().goes_on(&school, &showing(&other), &now()).unwrap_err().to_string();
    assert!(told.contains("Elm Park Primary signed two different logs"), "{told}");
    let office = world.care.office();
    let shown = showing(&other);
    let beside = beside_seen(office.casebook(), office.enrolled().unwrap(), &school, &shown, &now()).unwrap();
    let Beside::Broken(finding) = beside else { panic!("{beside:?}") };
    let fork = Fork { one: finding.one.parse().unwrap(), other: finding.other.parse().unwrap() };
    let origin = first.checkpoint.claims().unwrap().origin;
    assert_eq!(fork.is_proven(&origin, &key.public()), Ok(true));
    assert_eq!(world.care.office().cosign_log(&school, &showing(&other), &now()).unwrap(), None);
}

/// What care says of the school's log as it would show it now, having told what it saw of it last.
fn beside(world: &mut World, since: u64) -> Beside {
    let key = world.school.secrets.log.clone();
    let book = world.school.office().casebook_mut();
    let checkpoint = book.log_checkpoint(&key).unwrap();
    let offer = book.log_growth(checkpoint, since).unwrap();
    let office = world.care.office();
    let enrolled = office.enrolled().unwrap();
    beside_seen(office.casebook(), enrolled, &school_id(), &showing(&offer), &now()).unwrap()
}

/// Care has seen two facts of the school; then the school is where it was before the second, and has another in its place.
fn rewritten() -> World {
    let mut world = World::new();
    let key = world.school.secrets.log.clone();
    world.school.did(Command::AddPerson(pupil("Jamie", "Oakes")));
    let backup = world.school.copy_book();
    world.school.open();
    world.school.did(Command::AddPerson(pupil("Lena", "Fox")));
    assert_eq!(beside(&mut world, 0), Beside::First);
    let first = world.school.office().casebook_mut().log_offer("kith/x", &key).unwrap();
    world.care.office().see_log(&school_id(), &showing(&first), &now()).unwrap();
    world.school.put_back_book(&backup);
    world.school.open();
    world
}

fn caution(beside: &Beside) -> String {
    let check = beside.clone().into_check().unwrap();
    assert_eq!(check.outcome, Outcome::Caution, "{check:?}");
    check.explanation
}

#[test]
fn a_log_that_does_not_show_that_it_grew_is_a_caution() {
    let mut world = rewritten();
    for name in ["Ryan", "Tom", "Ada"] {
        world.school.did(Command::AddPerson(pupil(name, "Cole")));
    }
    for since in [0, 1, 3] {
        let beside = beside(&mut world, since);
        assert!(matches!(beside, Beside::NotShown(_)), "{since}: {beside:?}");
        assert!(caution(&beside).contains("of 4 facts, and the 2 facts seen"), "{beside:?}");
    }
    // From what was seen it cannot: that is no caution any more.
    let beside = beside(&mut world, 2);
    let Beside::Broken(finding) = beside else { panic!("{beside:?}") };
    assert!(finding.what.contains("does not go on from what was seen"), "{finding:?}");
}

#[test]
fn an_older_log_than_was_seen_is_a_caution() {
    let mut world = rewritten();
    let beside = beside(&mut world, 0);
    assert!(matches!(beside, Beside::NotShown(_)), "{beside:?}");
    assert!(caution(&beside).contains("of 1 facts, and the 2 facts seen"), "{beside:?}");
}

#[test]
fn another_log_than_before_is_a_caution_and_one_that_goes_on_is_none() {
    let mut world = rewritten();
    let author = world.school.office().session().user.clone();
    world.school.office().casebook_mut().restored("the laptop was stolen", &author, &now()).unwrap();
    let another = beside(&mut world, 0);
    assert!(matches!(another, Beside::Another(_)), "{another:?}");
    assert!(caution(&another).contains("another log than before"), "{another:?}");

    let mut world = World::new();
    world.school.did(Command::AddPerson(pupil("Jamie", "Oakes")));
    let key = world.school.secrets.log.clone();
    let first = world.school.office().casebook_mut().log_offer("kith/x", &key).unwrap();
    world.care.office().see_log(&school_id(), &showing(&first), &now()).unwrap();
    world.school.did(Command::AddPerson(pupil("Lena", "Fox")));
    let grown = beside(&mut world, 1);
    assert!(matches!(grown, Beside::GoesOn(_)), "{grown:?}");
}

#[test]
fn what_others_witnessed_is_shown_rather_than_what_our_own_node_signed_last() {
    let mut world = World::new();
    let (school, key) = (school_id(), world.school.secrets.log.clone());
    let first = world.school.did(Command::AddPerson(pupil("Jamie", "Oakes")));
    world.school_round();
    let offer = world.school.office().casebook_mut().log_offer("kith/northshire-csc", &key).unwrap();
    let (office, shown) = (world.care.office(), showing(&offer));
    office.see_log(&school, &shown, &now()).unwrap();
    let cosigned = office.cosign_log(&school, &shown, &now()).unwrap().unwrap();
    let witness = Witness::agency(world.directory.member(&care_id()).unwrap(), false).unwrap();
    world.school.office().casebook_mut().log_cosigned_at(&cosigned, &witness).unwrap();
    let second = world.school.did(Command::AddPerson(pupil("Lena", "Fox")));
    world.school_round();
    let policy = Policy::for_agency(&world.directory, &school);
    for (fact, size) in [(first, 1), (second, 2)] {
        let worth = |note: &_| worth(policy.as_ref(), note, now().timestamp());
        let book = world.school.office().casebook_mut();
        let proof = book.log_proof(&[fact].into(), "kith/elsewhere", &key, worth).unwrap();
        assert_eq!(proof.checkpoint.size, size);
    }
    // So is the certificate of a disposal, which says how many agreed on its log.
    let book = world.school.office().casebook_mut();
    let (shown, ..) = book.log_holds(&[first], &key).unwrap();
    assert_eq!(shown.claims().unwrap().size, 1);
    let judged = policy.unwrap().judge(&shown, now().timestamp()).unwrap();
    assert!(matches!(judged.standing(), Standing::Since(_)), "{judged}");
}
