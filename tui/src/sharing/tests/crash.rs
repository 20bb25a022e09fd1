//! Whatever the step at which everything stops, beginning again loses nothing and does nothing twice.

use std::{fs, path::Path};

use jiff::ToSpan as _;
use kith_protocol::{
    ids::{BundleId, Digest},
    receipt::ReceiptKind,
};

use super::{
    story::{Story, entry},
    world::{Agency, World, now, run},
};
use crate::{
    casework::{
        command::Command,
        ids::EntryId,
        query::{Answer, Query, ShareState},
    },
    sharing::{
        elsewhere::PIECE,
        plan::{Decision, ShareChoices},
    },
    store::OutboxState,
};

/// Runs rounds of the school, each stopped one step later than the one before and followed by a restart, until one
/// comes to its end. Gives the number of rounds.
fn stumble_school(world: &mut World) -> usize {
    for steps in 0.. {
        let (_, ended) = run(&world.runtime, &mut world.school, &world.node, Some(steps), &now());
        world.school.open();
        if ended.is_ok() {
            return steps;
        }
    }
    0
}

fn stumble_care(world: &mut World) -> usize {
    for steps in 0.. {
        let (_, ended) = run(&world.runtime, &mut world.care, &world.node, Some(steps), &now());
        world.care.open();
        if ended.is_ok() {
            return steps;
        }
    }
    0
}

#[test]
fn a_share_arrives_once_however_often_both_sides_stop() {
    let mut world = World::new();
    let story = Story::tell(&mut world.school);
    let choices = story.decided(&mut world.school);
    let share = world.school.office().send(story.case, &choices, &now()).unwrap();
    world.school.open();
    assert!(stumble_school(&mut world) > 5);
    assert_eq!(world.school.share(share).state, ShareState::Stored);
    assert!(stumble_care(&mut world) > 5);
    let received = world.care.only_received();
    stumble_school(&mut world);
    assert_eq!(world.school.share(share).state, ShareState::Delivered);
    world.care.office().opened(received, &now()).unwrap();
    world.care.office().answer(received, ReceiptKind::Receipted, "ours", &now()).unwrap();
    stumble_care(&mut world);
    stumble_school(&mut world);
    let row = world.school.share(share);
    assert_eq!(row.state, ShareState::Receipted);
    assert_eq!(row.receipts.len(), 4);
    assert_eq!((world.school.files("outbox"), world.care.files("inbox")), (0, 0));
    // Once more, and nothing happens.
    let (again, other) = (world.school_round(), world.care_round());
    assert!(
        !again.changed && !other.changed && again.notes.is_empty() && other.notes.is_empty(),
        "{again:?} {other:?}"
    );
    world.care.only_received();
}

/// Jamie's case with a long recording that somebody has listened to, and what would go.
pub(crate) fn with_a_long_recording(school: &mut Agency, pieces: usize) -> (Story, ShareChoices) {
    let mut story = Story::tell(school);
    let bytes: Vec<u8> = (0..(pieces - 1) * PIECE + 7).map(|n| (n % 251) as u8).collect();
    let book = school.office().casebook_mut();
    let recording = book.attach(bytes.as_slice(), "recording.mp3", "audio/mpeg").unwrap();
    let mut told = entry(&[(story.jamie, kith_protocol::bundle::Role::Subject)], "See the recording.");
    told.attachments = vec![recording.clone()];
    story.entry = EntryId(school.did(Command::RecordEntry { entry: told, case: Some(story.case) }));
    let mut choices = story.choices();
    choices.attachments = vec![recording.sha256];
    let suggested = school.office().suggest(story.case, &choices, &now()).unwrap();
    let listened = |reason: &str| Decision::Keep { reason: reason.into() };
    choices.decisions.extend(suggested.0.into_iter().map(|one| (one.id, listened("listened to"))));
    (story, choices)
}

#[test]
fn a_long_bundle_is_sealed_by_pieces_and_arrives_once_however_often_that_stops() {
    const PIECES: usize = 4;
    let mut world = World::new();
    let (story, choices) = with_a_long_recording(&mut world.school, PIECES);
    let share = world.school.office().send(story.case, &choices, &now()).unwrap();
    world.school.open();
    let (_, ended) = run(&world.runtime, &mut world.school, &world.node, Some(1 + PIECES), &now());
    assert!(ended.is_err());
    world.school.open();
    let waiting = world.school.office().casebook().outbox().unwrap();
    assert!(matches!(waiting[0].state, OutboxState::ToSeal { .. }), "others waited for all of it");
    stumble_school(&mut world);
    assert_eq!(world.school.share(share).state, ShareState::Stored);
    assert_eq!(world.school.files("outbox"), 0);
    // Its attachment comes in by pieces too.
    assert!(stumble_care(&mut world) > 5);
    assert_eq!(world.care.files("inbox"), 0);
    let received = world.care.only_received();
    let Answer::Received(view) = world.care.asked(&Query::Received { received }) else { panic!() };
    let sizes: Vec<u64> = view.received.attachments.iter().map(|one| one.size).collect();
    assert_eq!(sizes, [((PIECES - 1) * PIECE + 7) as u64]);
}

#[test]
fn a_long_bundle_goes_ahead_while_it_is_sealed_and_is_deposited_from_there() {
    let mut world = World::new();
    let (story, choices) = with_a_long_recording(&mut world.school, 4);
    let share = world.school.office().send(story.case, &choices, &now()).unwrap();
    // Until it is sealed, and not a step further.
    for steps in 1.. {
        world.school.open();
        let _ = run(&world.runtime, &mut world.school, &world.node, Some(steps), &now());
        let waiting = world.school.office().casebook().outbox().unwrap();
        if matches!(waiting[0].state, OutboxState::Sealed { .. }) {
            break;
        }
    }
    let [sealed] = contents(&world.school.sealed().join("outbox")).try_into().unwrap();
    let [ahead] = contents(&world.node_folder().join("partial")).try_into().unwrap();
    assert!(sealed.starts_with(&ahead), "{} bytes of {}", ahead.len(), sealed.len());
    assert!(world.care.inbox().is_empty() && world.care_round().received == 0, "nobody has anything of it");
    world.school.open();
    world.school_round();
    assert_eq!(world.school.share(share).state, ShareState::Stored);
    assert_eq!(contents(&world.node_folder().join("partial")), Vec::<Vec<u8>>::new());
    assert_eq!(contents(&world.node_folder().join("blobs")), [sealed]);
    assert_eq!(world.care_round().received, 1);
}

fn contents(folder: &Path) -> Vec<Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap();
    entries.map(|entry| fs::read(entry.unwrap().path()).unwrap()).collect()
}

#[test]
fn stopping_after_each_single_step_and_then_going_on_is_the_same() {
    let mut world = World::new();
    let story = Story::tell(&mut world.school);
    let choices = story.decided(&mut world.school);
    for steps in 0..14 {
        let share = world.school.office().send(story.case, &choices, &now()).unwrap();
        // What it came to before it was stopped does not matter.
        let _ = run(&world.runtime, &mut world.school, &world.node, Some(steps), &now());
        world.school.open();
        world.school_round();
        assert_eq!(world.school.share(share).state, ShareState::Stored, "stopped after {steps} steps");
        let _ = run(&world.runtime, &mut world.care, &world.node, Some(steps), &now());
        world.care.open();
        world.care_round();
        assert_eq!(world.care.inbox().len(), steps + 1, "stopped after {steps} steps");
        assert_eq!(world.care.files("inbox"), 0, "stopped after {steps} steps");
    }
}

#[test]
fn an_orphan_in_the_outbox_is_swept_and_a_waiting_file_is_not() {
    let mut world = World::offline();
    let story = Story::tell(&mut world.school);
    let choices = story.decided(&mut world.school);
    world.school.office().send(story.case, &choices, &now()).unwrap();
    world.school.office().seal_waiting(&now()).unwrap();
    fs::write(world.school.sealed().join("outbox/00ff.age"), b"half").unwrap();
    assert_eq!(world.school.files("outbox"), 2);
    world.school.open();
    assert_eq!(world.school.files("outbox"), 1);
}

#[test]
fn a_bundle_that_cannot_be_opened_is_kept_and_said_and_tried_again() {
    let mut world = World::new();
    let story = Story::tell(&mut world.school);
    let choices = story.decided(&mut world.school);
    world.school.office().send(story.case, &choices, &now()).unwrap();
    world.school_round();
    // By this machine's clock it was made in the future.
    let slow = &now() - 2.hours();
    let round = |world: &mut World| run(&world.runtime, &mut world.care, &world.node, None, &slow).0;
    assert_eq!(round(&mut world).received, 0);
    let aside = |world: &mut World| match world.care.asked(&Query::SetAside) {
        Answer::SetAside(rows) => rows,
        other => panic!("{other:?}"),
    };
    for _ in 0..2 {
        // It outlives the program, and trying again does not double it.
        let rows = aside(&mut world);
        assert_eq!((rows.len(), rows[0].from_name.as_str()), (1, "Elm Park Primary"));
        assert!(!rows[0].why.is_empty() && !rows[0].phone.is_empty());
        assert_eq!(world.care.files("inbox"), 1, "what came is kept");
        world.care.open();
        assert_eq!(round(&mut world).received, 0);
    }
    // Dismissed with a reason, it is out of sight and no less there; a rebuild does not bring it back, undoing does.
    let (row, dismiss) =
        (aside(&mut world).remove(0), |why: &str, bundle| Command::DismissBundle { bundle, why: why.into() });
    let silent = world.care.office().execute(dismiss(" ", row.bundle), &now());
    assert!(silent.unwrap_err().to_string().contains("a reason is needed"));
    let unknown = world.care.office().execute(dismiss("rang them", BundleId(Digest::of(b"x"))), &now());
    assert!(unknown.unwrap_err().to_string().contains("is not in this casebook"));
    world.care.did(dismiss("rang them", row.bundle));
    assert!(world.care.office().execute(dismiss("rang them", row.bundle), &now()).unwrap().is_empty());
    world.care.office().casebook_mut().rebuild(&mut |_, _| {}).unwrap();
    assert_eq!((aside(&mut world), world.care.files("inbox")), (Vec::new(), 1));
    world.care.did(Command::BringBackBundle { bundle: row.bundle });
    assert_eq!(aside(&mut world), std::slice::from_ref(&row));
    world.care.did(dismiss("rang them", row.bundle));
    // What can be opened after all comes in all the same: nobody's word keeps a child's news out.
    world.care.open();
    assert_eq!(world.care_round().received, 1);
    assert_eq!((aside(&mut world), world.care.files("inbox")), (Vec::new(), 0));
    world.care.only_received();
}
