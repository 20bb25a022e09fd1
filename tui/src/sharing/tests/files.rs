//! Bundles that travel by hand.

use std::fs;

use kith_protocol::receipt::ReceiptKind;

use super::world::{Story, World, now};
use crate::{
    casework::query::{Answer, Query},
    sharing::office::Papers,
};

/// A sealed file from the school, and the world it came from.
fn handed_over() -> (World, tempfile::TempDir) {
    let mut world = World::offline();
    let story = Story::tell(&mut world.school);
    let choices = story.decided(&mut world.school);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bundle.age");
    world.school.office().share_to_file(story.case, &choices, &path, &now()).unwrap();
    (world, folder)
}

#[test]
fn a_file_with_its_envelope_is_taken_in_once() {
    let (mut world, folder) = handed_over();
    let path = folder.path().join("bundle.age");
    let envelope = Papers::beside(&path).unwrap().envelope;
    assert!(envelope.is_some());
    let checks = world.care.office().verify_file(&path, envelope.as_ref(), &now()).unwrap();
    assert!(checks.iter().any(|check| check.contains("Its signed envelope matches")), "{checks:?}");
    assert_eq!(world.care.inbox(), []);
    world.care.office().receive_file(&path, envelope.clone(), &now()).unwrap();
    let again = world.care.office().receive_file(&path, envelope, &now()).unwrap_err();
    assert_eq!(again.to_string(), "this bundle is in the casebook already");
    // The same without its envelope is still the same.
    let again = world.care.office().receive_file(&path, None, &now()).unwrap_err();
    assert_eq!(again.to_string(), "this bundle is in the casebook already");
    assert_eq!(world.care.inbox().len(), 1);
}

#[test]
fn without_its_envelope_it_may_have_been_resealed_and_answers_stay_here() {
    let (mut world, folder) = handed_over();
    let path = folder.path().join("bundle.age");
    let received = world.care.office().receive_file(&path, None, &now()).unwrap();
    let Answer::Received(view) = world.care.asked(&Query::Received { received }) else { panic!() };
    assert!(view.received.bundle.is_none());
    assert!(
        view.received.checks.iter().any(|check| check.starts_with("caution: It came without its envelope"))
    );
    assert!(!world.care.office().opened(received, &now()).unwrap());
    world.care.office().answer(received, ReceiptKind::Receipted, "by phone", &now()).unwrap();
    let reply = world.care.office().next_reply(&now()).unwrap().unwrap();
    assert_eq!(reply.to, None);
}

#[test]
fn a_tampered_file_leaves_nothing_behind() {
    let (mut world, folder) = handed_over();
    let path = folder.path().join("bundle.age");
    let whole = fs::read(&path).unwrap();
    for at in [0, 100, whole.len() / 2, whole.len() - 1] {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        fs::write(&path, &bytes).unwrap();
        let refused = world.care.office().receive_file(&path, None, &now()).unwrap_err();
        assert!(!refused.to_string().is_empty());
    }
    fs::write(&path, &whole[..whole.len() - 1000]).unwrap();
    assert!(world.care.office().receive_file(&path, None, &now()).is_err());
    assert_eq!(world.care.inbox(), []);
    // It is not for the school itself.
    fs::write(&path, &whole).unwrap();
    assert!(world.school.office().receive_file(&path, None, &now()).is_err());
    world.care.office().receive_file(&path, None, &now()).unwrap();
}

#[test]
fn an_envelope_of_another_bundle_is_refused() {
    let (mut world, folder) = handed_over();
    let (_other_world, other) = handed_over();
    let path = folder.path().join("bundle.age");
    let envelope = Papers::beside(&other.path().join("bundle.age")).unwrap().envelope;
    assert!(world.care.office().receive_file(&path, envelope, &now()).is_err());
    assert_eq!(world.care.inbox(), []);
}
