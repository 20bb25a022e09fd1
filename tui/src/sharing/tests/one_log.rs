//! A node that shows its members different logs, each of them sound by itself, is found when they talk to each other.

use kith_protocol::{
    ids::{Digest, LogId},
    log::{Checkpoint, Fork, Origin, SignedCheckpoint},
    wire::{Happening, News},
};
use tempfile::TempDir;

use super::{
    story::{Story, decide_all},
    world::{Agency, World, now, run},
};
use crate::{
    casework::{
        ids::{ReceivedId, ShareId},
        query::{Answer, LogFinding, Query},
    },
    sharing::inbox::Noted,
};

fn send(world: &mut World) -> ShareId {
    let story = Story::tell(&mut world.school);
    let choices = story.decided(&mut world.school);
    world.school.office().send(story.case, &choices, &now()).unwrap()
}

/// Social care sends something of its own.
fn send_back(world: &mut World) {
    let story = Story::tell(&mut world.care);
    let choices = decide_all(&mut world.care, story.case, story.back(story.jamie));
    world.care.office().send(story.case, &choices, &now()).unwrap();
}

fn findings(agency: &mut Agency) -> Vec<LogFinding> {
    let Answer::Logs(view) = agency.asked(&Query::Logs) else { panic!() };
    view.findings
}

/// The node as it was when both had seen the same two entries of its log, and as it was shown to the school after that.
struct TwoFaced {
    world: World,
    share: ShareId,
    received: ReceivedId,
    before: TempDir,
    to_school: TempDir,
}

fn two_faced() -> TwoFaced {
    let mut world = World::new();
    let share = send(&mut world);
    world.school_round();
    world.care_round();
    world.school_round();
    let received = world.care.only_received();
    let before = world.stop_and_copy_node();
    world.start_node();
    send(&mut world);
    world.school_round();
    let to_school = world.stop_and_copy_node();
    world.start_node();
    world.put_back_node(&before);
    TwoFaced { world, share, received, before, to_school }
}

#[test]
fn a_node_that_shows_two_logs_is_found_by_an_answer_and_both_notes_prove_it() {
    let TwoFaced { mut world, share, received, before: _before, to_school } = two_faced();
    // Social care is shown another third entry, and sees nothing wrong.
    send_back(&mut world);
    assert_eq!(world.care_round().notes, Vec::<String>::new());
    world.care.office().opened(received, &now()).unwrap();
    let (bundle, sealed) = world.care.office().next_reply(&now()).unwrap().unwrap().to.unwrap();

    // The node passes the answer on; it cannot read it. To the school it shows what it showed the school before.
    world.put_back_node(&to_school);
    assert_eq!(world.school_round().notes, Vec::<String>::new(), "by itself all is well");
    let news = News { cursor: 1, bundle, what: Happening::Answered { sealed } };
    assert_eq!(world.school.office().note(&news, &now()).unwrap(), Noted::Changed);
    let report = world.school_round();
    let told = |note: &String| {
        note.contains(
            "northshire: its log is not one and the same for Northshire Children's Social Care and for us",
        ) && note.contains("The node is at fault")
    };
    assert!(report.notes.iter().any(told), "{:?}", report.notes);
    assert_eq!(world.school.share(share).receipts.len(), 3, "the answer counts all the same");

    // What was kept proves it to anybody who has the directory.
    let finding = findings(&mut world.school).remove(0);
    assert!(proves_a_fork(&world, &finding), "{finding:?}");

    // It is said once; nothing more of this log is cosigned until somebody has dealt with it.
    send(&mut world);
    assert_eq!(world.school_round().notes, Vec::<String>::new());
    let ours = world.school.office().node_seen().unwrap().unwrap();
    assert!(world.school.office().casebook().in_doubt(&ours.claims().unwrap().origin).unwrap());
}

/// Two notes of social care: of the third entry that it was shown instead of the school's, and of the school's own.
fn two_notes(world: &mut World, to_school: &TempDir) -> [SignedCheckpoint; 2] {
    send_back(world);
    world.care_round();
    let theirs = world.care.office().node_seen().unwrap().unwrap();
    world.put_back_node(to_school);
    [theirs, world.school.office().node_seen().unwrap().unwrap()]
}

fn proves_a_fork(world: &World, finding: &LogFinding) -> bool {
    let [one, other] = [&finding.one, &finding.other].map(|note| note.parse::<SignedCheckpoint>().unwrap());
    let origin = one.claims().unwrap().origin;
    Fork { one, other }.is_proven(&origin, &world.node.log).unwrap()
}

#[test]
fn a_node_that_shows_two_logs_and_then_begins_another_is_found_all_the_same() {
    let TwoFaced { mut world, share, before: _before, to_school, .. } = two_faced();
    let bundle = world.school.share(share).bundle.unwrap();
    let [theirs, _] = two_notes(&mut world, &to_school);
    world.restored_node("the disk failed");
    let told = world.school_round().notes;
    assert!(told.iter().any(|note| note.contains("it was restored from a backup")), "{told:?}");
    let before = findings(&mut world.school).len();
    world.school.office().hear_of_node(bundle, &theirs).unwrap();
    let told = world.school_round().notes;
    let found = |note: &String| note.contains("the log that it has left was not one and the same");
    assert!(told.iter().any(found), "{told:?}");
    let findings = findings(&mut world.school);
    assert_eq!(findings.len(), before + 1);
    assert!(proves_a_fork(&world, &findings[0]), "{:?}", findings[0]);
    assert_eq!(world.school_round().notes, Vec::<String>::new(), "it is said once");
}

#[test]
fn what_was_heard_and_not_yet_compared_is_not_overwritten() {
    let TwoFaced { mut world, share, before: _before, to_school, .. } = two_faced();
    let bundle = world.school.share(share).bundle.unwrap();
    for note in two_notes(&mut world, &to_school) {
        world.school.office().hear_of_node(bundle, &note).unwrap();
    }
    let told = world.school_round().notes;
    assert!(told.iter().any(|note| note.contains("is not one and the same")), "{told:?}");
    let finding = findings(&mut world.school).remove(0);
    assert!(proves_a_fork(&world, &finding), "{finding:?}");
}

#[test]
fn an_answer_from_before_or_of_another_nodes_log_is_nothing_to_tell() {
    let mut world = World::new();
    send(&mut world);
    world.school_round();
    world.care_round();
    let received = world.care.only_received();
    world.care.office().opened(received, &now()).unwrap();
    let (bundle, _) = world.care.office().next_reply(&now()).unwrap().unwrap().to.unwrap();
    // What social care saw is the beginning of what the school sees later.
    world.care_round();
    send(&mut world);
    assert_eq!(world.school_round().notes, Vec::<String>::new());
    let seen = world.care.office().node_seen().unwrap().unwrap().claims().unwrap();
    // Not signed by the node, and of another node's log.
    let key = world.care.secrets.log.clone();
    let forged = Checkpoint { root: Digest::of(b"another"), ..seen.clone() }.sign(&key).unwrap();
    let origin = Origin::of_node(&key.public(), LogId::from_bytes([1; 16]));
    let anothers = Checkpoint { origin, ..seen }.sign(&key).unwrap();
    for note in [forged, anothers] {
        world.school.office().hear_of_node(bundle, &note).unwrap();
        assert_eq!(world.school.office().casebook().all_heard().unwrap(), []);
    }
    assert_eq!(world.school_round().notes, Vec::<String>::new());
    assert_eq!(findings(&mut world.school), []);
}

#[test]
fn a_receipt_that_came_with_a_bundle_is_looked_for_in_the_log_that_its_recipient_sees() {
    let TwoFaced { mut world, before, to_school, .. } = two_faced();
    world.put_back_node(&to_school);
    // Social care collects what the school sent, and does not get to asking about the log.
    let node = world.node.clone();
    let steps = (1..40).find(|steps| {
        let _ = run(&world.runtime, &mut world.care, &node, Some(*steps), &now());
        world.care.open();
        world.care.inbox().len() == 2
    });
    assert!(steps.is_some(), "it came");
    world.put_back_node(&before);
    send_back(&mut world);
    let report = world.care_round();
    let told = |note: &String| {
        note.contains(
            "northshire: a receipt that came with a bundle does not stand in the log that it shows us",
        ) && note.contains("The node is at fault")
    };
    assert!(report.notes.iter().any(told), "{:?}", report.notes);
    assert_eq!(findings(&mut world.care).len(), 1);
}
