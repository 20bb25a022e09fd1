//! Directories of other times: what came is verified for ever, what goes needs a directory that is good.

use jiff::{SignedDuration, Zoned};
use kith_protocol::{
    bundle::{Outcome, What},
    directory::{Directory, SignedDirectory},
    seal::Passphrase,
    sign::SigningKey,
};

use super::{
    story::Story,
    world::{Agency, PASSPHRASE, World, now},
};
use crate::{
    sharing::{office::Office, unpack::Unpacked},
    store::Casebook,
};

fn later(days: i64) -> Zoned {
    now().checked_add(SignedDuration::from_hours(24 * days)).unwrap()
}

fn signed(directory: &Directory) -> SignedDirectory {
    directory.sign(&[&SigningKey::from_seed(&[9; 32])]).unwrap()
}

/// The version after `before`, issued some days from now.
fn next(before: &Directory, days: i64, change: impl FnOnce(&mut Directory)) -> Directory {
    let mut next = before.clone();
    next.version += 1;
    next.issued = later(days).timestamp();
    next.expires = later(days + 200).timestamp();
    change(&mut next);
    next
}

fn new_keys(directory: &mut Directory) {
    directory.members[0].keys.sign = SigningKey::from_seed(&[61; 32]).public();
    directory.members[0].keys.log = SigningKey::from_seed(&[62; 32]).public();
}

fn opened_at(agency: &mut Agency, at: &Zoned) -> Office {
    agency.office = None;
    let book = Casebook::unlock(&agency.book(), &Passphrase::from(PASSPHRASE)).unwrap();
    Office::open(book, &agency.sealed(), at).unwrap()
}

fn said(unpacked: &Unpacked, what: What) -> (Outcome, &str) {
    let check = unpacked.results.iter().find(|check| check.what == what).unwrap();
    (check.outcome, &check.explanation)
}

#[test]
fn a_bundle_verifies_years_after_its_sender_changed_keys_and_left() {
    let mut world = World::offline();
    let story = Story::tell(&mut world.school);
    let choices = story.decided(&mut world.school);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bundle.age");
    world.school.office().share_to_file(story.case, &choices, &path, &now()).unwrap();

    let rotated = next(&world.directory, 30, new_keys);
    let left = next(&rotated, 60, |next| drop(next.members.remove(0)));
    world.care.office().take_directory(&signed(&rotated), &later(31)).unwrap();
    world.care.office().take_directory(&signed(&left), &later(61)).unwrap();

    let at = later(5 * 365);
    let office = opened_at(&mut world.care, &at);
    let unpacked = office.unpack(&path, None, (None, &[]), &at).unwrap();
    let (outcome, by) = said(&unpacked, What::Directory);
    assert_eq!(
        (outcome, by),
        (Outcome::Holds, "Judged by directory version 1 of 8 March 2026, in force when it was made.")
    );
    let (outcome, since) = said(&unpacked, What::Since);
    assert_eq!(outcome, Outcome::Caution);
    for words in [
        "version 2 of 8 April 2026 lists another signing key",
        "version 3 of 8 May 2026 no longer lists the sender",
    ] {
        assert!(since.contains(words), "{words}: {since}");
    }
    assert!(said(&unpacked, What::Newest).1.contains("ran out on"));
    assert_eq!(said(&unpacked, What::Recorded).0, Outcome::Holds);

    // It was never here before: whoever has the old key could have made it only now.
    let mut office = office;
    let refused = office.receive_file(&path, None, &at).unwrap_err().to_string();
    assert!(refused.contains("replaced the key that signed it"), "{refused}");
}

#[test]
fn what_a_node_held_before_the_keys_changed_is_taken_in_after() {
    let mut world = World::new();
    let story = Story::tell(&mut world.school);
    let choices = story.decided(&mut world.school);
    world.school.office().send(story.case, &choices, &now()).unwrap();
    world.school_round();
    let rotated = next(&world.directory, 1, new_keys);
    world.care.office().take_directory(&signed(&rotated), &later(2)).unwrap();
    let report = world.care_round();
    let received = world.care.inbox();
    assert_eq!(received.len(), 1, "{report:?}");
}

#[test]
fn by_a_directory_that_ran_out_long_ago_nothing_is_sent_and_all_is_read() {
    let mut world = World::new();
    let story = Story::tell(&mut world.school);
    let choices = story.decided(&mut world.school);
    world.school.office().send(story.case, &choices, &now()).unwrap();
    world.school_round();
    world.care_round();
    let received = world.care.only_received();

    let at = later(400);
    let mut care = opened_at(&mut world.care, &at);
    assert!(care.opened(received, &at).unwrap(), "reading is noted");
    assert_eq!(care.next_reply(&at).unwrap(), None, "and told when there is a directory again");
    let mut school = opened_at(&mut world.school, &at);
    let refused = school.send(story.case, &choices, &at).unwrap_err().to_string();
    assert!(refused.contains("too long ago to send anything by it"), "{refused}");
}
