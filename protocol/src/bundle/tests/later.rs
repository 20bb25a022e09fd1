//! Years after: keys were changed, the sender left, every directory ran out.

use super::{super::*, World, fixture::*};
use crate::{
    consent::tests::at,
    directory::{Directory, KeptDirectories, SignedDirectory},
    sign::SigningKey,
};

const LATER: &str = "2031-11-22T09:00:00Z";

fn me() -> crate::ids::AgencyId {
    "northshire-police".parse().unwrap()
}

fn signed(directory: &Directory) -> SignedDirectory {
    directory.sign(&[&SigningKey::from_seed(&[99; 32])]).unwrap()
}

/// The next version of a directory, issued at `issued`, with `change` made to it.
fn next(before: &Directory, issued: &str, change: impl FnOnce(&mut Directory)) -> Directory {
    let mut next = before.clone();
    next.version += 1;
    next.issued = at(issued);
    next.expires = at(issued) + jiff::SignedDuration::from_hours(24 * 300);
    change(&mut next);
    next
}

/// The first, one with new keys of the school, one without the school.
fn history(world: &World) -> [SignedDirectory; 3] {
    let rotated = next(&world.directory, "2026-12-10T09:00:00Z", |next| {
        let key = |n| SigningKey::from_seed(&[n; 32]).public();
        next.members[0].keys.sign = key(41);
        next.members[0].keys.log = key(42);
    });
    let left = next(&rotated, "2027-02-01T09:00:00Z", |next| drop(next.members.remove(0)));
    [signed(&world.directory), signed(&rotated), signed(&left)]
}

fn said(verified: &Verified, what: What) -> (Outcome, String) {
    let check = verified.checks().iter().find(|check| check.what == what).unwrap();
    (check.outcome, check.explanation.clone())
}

#[test]
fn it_is_judged_by_the_directory_of_its_time_and_says_what_changed_since() {
    let mut world = World::new();
    let draft = world.draft();
    let (sealed, file) = world.seal(draft);
    let kept = KeptDirectories::follow(&history(&world)).unwrap();
    for envelope in [Some(sealed.envelope()), None] {
        let keys = std::slice::from_ref(&world.police);
        let opened = open(keys, envelope, &kept, Measured::new(&file[..]), &mut Kept::default()).unwrap();
        let gated = opened.with_gate(sealed.gate().clone());
        let verified = gated.verify(&kept, &me(), at(LATER)).unwrap();
        assert_eq!(
            said(&verified, What::Directory),
            (
                Outcome::Holds,
                "Judged by directory version 1 of 1 September 2026, in force when it was made.".into()
            )
        );
        let (outcome, since) = said(&verified, What::Since);
        assert_eq!(outcome, Outcome::Caution);
        assert!(
            since.starts_with("Since then: directory version 2 of 10 December 2026 lists another signing key and another key of its log for the sender; directory version 3 of 1 February 2027 no longer lists the sender."),
            "{since}"
        );
        assert_eq!(verified.replaced(), Some(at("2026-12-10T09:00:00Z")));
        let (outcome, newest) = said(&verified, What::Newest);
        assert!(outcome == Outcome::Caution && newest.contains("ran out on 28 November 2027"), "{newest}");
        assert_eq!(verified.proven().unwrap().facts, [2, 5]);
    }
}

#[test]
fn a_key_counts_only_while_it_was_listed() {
    let mut world = World::new();
    let draft = world.draft();
    let (_, file) = world.seal(draft);
    // A directory of before it was made lists another key: this one came later, or was never the school's.
    let early = next(&world.directory, "2026-11-01T09:00:00Z", |next| {
        next.members[0].keys.sign = SigningKey::from_seed(&[41; 32]).public();
    });
    let kept = KeptDirectories::follow(&[signed(&world.directory), signed(&early)]).unwrap();
    let keys = std::slice::from_ref(&world.police);
    let told = open(keys, None, &kept, Measured::new(&file[..]), &mut Kept::default()).unwrap_err();
    assert!(matches!(told, OpenRefused::OtherTime { .. }), "{told:?}");
}

#[test]
fn a_directory_that_had_run_out_or_came_later_is_said() {
    let mut world = World::new();
    let draft = world.draft();
    let (_, file) = world.seal(draft);
    let keys = std::slice::from_ref(&world.police);
    for (issued, words) in [
        ("2027-01-01T09:00:00Z", "the oldest directory here"),
        ("2026-01-01T09:00:00Z", "had run out on 28 October 2026"),
    ] {
        let only = next(&world.directory, issued, |_| {});
        let opened = open(keys, None, &only, Measured::new(&file[..]), &mut Kept::default()).unwrap();
        let verified = opened.verify(&only, &me(), at(LATER)).unwrap();
        let (outcome, by) = said(&verified, What::Directory);
        assert!(outcome == Outcome::Caution && by.contains(words), "{by}");
    }
}

#[test]
fn directories_that_do_not_follow_each_other_are_refused() {
    let world = World::new();
    let [first, second, third] = history(&world);
    let of_others = |version: u64| {
        let mut other = world.directory.clone();
        (other.version, other.keys) = (version, vec![SigningKey::from_seed(&[98; 32]).public()]);
        other.sign(&[&SigningKey::from_seed(&[98; 32])]).unwrap()
    };
    assert!(KeptDirectories::follow(&[third.clone(), second, first.clone()]).is_ok(), "any order");
    assert!(KeptDirectories::follow(&[first.clone(), third, first.clone()]).is_ok(), "gaps and repeats");
    assert!(KeptDirectories::follow(&[]).is_err());
    assert!(KeptDirectories::follow(&[first.clone(), of_others(2)]).is_err(), "other keys");
    let alone = KeptDirectories::follow(&[of_others(2)]).unwrap();
    assert_ne!(alone.words(), KeptDirectories::follow(&[first]).unwrap().words(), "its words tell");
}
