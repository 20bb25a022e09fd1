//! What is believed of a directory, and what is not.

use super::*;
use crate::{
    document::BadDocument,
    keys::AgencySecrets,
    seal::Identity,
    sign::{MAX_SIGNATURES, SignatureSet},
};

fn key(n: u8) -> SigningKey {
    SigningKey::from_seed(&[n; 32])
}

fn publics(keys: &[u8]) -> Vec<VerifyingKey> {
    keys.iter().map(|n| key(*n).public()).collect()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A member whose keys grow from `n` to `n + 3`.
fn member(id: &str, n: u8) -> Member {
    let secrets = AgencySecrets {
        sign: key(n),
        log: key(n + 1),
        cosign: key(n + 3),
        link: key(n + 2),
        seal: Identity::hybrid_from_seed(&[n; 32]),
    };
    Member {
        id: id.parse().unwrap(),
        name: format!("The {id}"),
        sector: Sector::School,
        node: NodeAddress {
            name: "Northshire node".into(),
            addr: "node.northshire.example:4433".into(),
            link: key(200).public(),
            sign: key(201).public(),
            log: key(202).public(),
            cosign: key(203).public(),
        },
        keys: secrets.public(),
        phone: Some("01632 960123".into()),
        authority: None,
    }
}

/// Version 4 under keys 1, 2, 3, two of which must sign.
fn directory() -> Directory {
    Directory {
        partnership: "Northshire Safeguarding Children Partnership".into(),
        version: 4,
        issued: at("2026-11-01T00:00:00Z"),
        expires: at("2026-12-01T00:00:00Z"),
        threshold: 2,
        keys: publics(&[1, 2, 3]),
        members: vec![member("elm-park", 10), member("northshire-police", 20)],
    }
}

fn pinned() -> Pinned {
    Pinned::enrol("Northshire Safeguarding Children Partnership".into(), publics(&[1, 2, 3]), 2)
}

fn signed(directory: &Directory, by: &[u8]) -> SignedDirectory {
    let keys: Vec<_> = by.iter().map(|n| key(*n)).collect();
    directory.sign(&keys.iter().collect::<Vec<_>>()).unwrap()
}

fn now() -> Timestamp {
    at("2026-11-22T12:00:00Z")
}

#[test]
fn enough_signatures_make_a_directory() {
    for by in [&[1, 2][..], &[3, 1], &[1, 2, 3], &[9, 2, 3]] {
        let found = signed(&directory(), by).verify(&pinned(), now()).unwrap();
        assert_eq!(found, directory());
        assert_eq!(found.member(&"elm-park".parse().unwrap()).unwrap().name, "The elm-park");
        assert_eq!(found.member(&"nobody".parse().unwrap()), None);
    }
}

#[test]
fn too_few_strange_or_doubled_signatures_do_not() {
    for by in [&[1][..], &[1, 1], &[1, 1, 1, 9], &[8, 9], &[1, 10]] {
        let valid = usize::from(by.contains(&1));
        let refused = Err(DirectoryError::TooFewSignatures { valid, needed: 2 });
        assert_eq!(signed(&directory(), by).verify(&pinned(), now()), refused, "{by:?}");
    }
}

#[test]
fn a_key_pinned_twice_does_not_count_twice() {
    let twice = Pinned { keys: publics(&[1, 1, 2]), ..pinned() };
    let why = "a partnership key stands in it twice";
    assert_eq!(signed(&directory(), &[1]).verify(&twice, now()), Err(DirectoryError::Pins { why }));
    assert_eq!(count_signers(&publics(&[1, 1, 1]), &signed(&directory(), &[1, 1])), 1);
    let listed = Directory { keys: publics(&[1, 2, 2]), ..directory() };
    let refused = Err(BadDocument::Refused { what: "directory", why }.into());
    assert_eq!(signed(&listed, &[1, 2]).verify(&pinned(), now()), refused);
}

#[test]
fn a_threshold_of_none_or_more_than_all_is_refused() {
    for threshold in [0, 4, u32::MAX] {
        let pins = Pinned { threshold, ..pinned() };
        let result = signed(&directory(), &[1, 2, 3]).verify(&pins, now());
        assert!(matches!(result, Err(DirectoryError::Pins { .. })), "{threshold}");
        let listed = Directory { threshold, ..directory() };
        let result = signed(&listed, &[1, 2, 3]).verify(&pinned(), now());
        assert!(matches!(result, Err(DirectoryError::Document(_))), "{threshold}");
    }
}

#[test]
fn an_older_directory_is_not_taken_back() {
    let newer = signed(&Directory { version: 5, ..directory() }, &[1, 2]);
    let pins = pinned().follow(&newer).unwrap();
    assert_eq!(newer.verify(&pins, now()).unwrap().version, 5);
    let refused = Err(DirectoryError::RolledBack { offered: 4, seen: 5 });
    assert_eq!(signed(&directory(), &[1, 2]).verify(&pins, now()), refused);
    assert_eq!(
        pins.follow(&signed(&directory(), &[1, 2])),
        Err(DirectoryError::RolledBack { offered: 4, seen: 5 })
    );
}

#[test]
fn a_frozen_directory_runs_out() {
    let frozen = signed(&directory(), &[1, 2]);
    let expired = |now: &str| match frozen.verify(&pinned(), at(now)) {
        Err(DirectoryError::Expired(expired)) => expired,
        other => panic!("{other:?}"),
    };
    assert!(frozen.verify(&pinned(), at("2026-11-30T23:59:59Z")).is_ok());
    assert_eq!(expired("2026-12-01T00:00:00Z").days, 0);
    let late = expired("2026-12-04T06:00:00Z");
    let usable_until = at("2026-12-08T00:00:00Z");
    assert_eq!(late, Expired { at: directory().expires, days: 3, usable_until });
    assert!(DirectoryError::Expired(late).to_string().contains("3 days ago"));
    let urgent = frozen.verify_for_urgent_use(&pinned(), at("2026-12-04T06:00:00Z"));
    assert_eq!(urgent, Ok((directory(), Some(late))));
    assert_eq!(frozen.verify_for_urgent_use(&pinned(), now()), Ok((directory(), None)));
}

#[test]
fn after_the_days_of_grace_it_is_of_no_use() {
    let frozen = signed(&directory(), &[1, 2]);
    for (moment, days) in [("2026-12-08T00:00:00Z", 7), ("2027-12-01T00:00:00Z", 365)] {
        let usable_until = at("2026-12-08T00:00:00Z");
        let gone = DirectoryError::LongExpired(Expired { at: directory().expires, days, usable_until });
        assert_eq!(frozen.verify(&pinned(), at(moment)), Err(gone.clone()));
        assert_eq!(frozen.verify_for_urgent_use(&pinned(), at(moment)), Err(gone));
    }
}

#[test]
fn urgency_excuses_nothing_but_time() {
    let late = at("2026-12-04T06:00:00Z");
    let one = signed(&directory(), &[1]);
    let refused = Err(DirectoryError::TooFewSignatures { valid: 1, needed: 2 });
    assert_eq!(one.verify_for_urgent_use(&pinned(), late), refused);
}

#[test]
fn a_directory_from_the_future_is_refused_but_clocks_may_differ() {
    let early = signed(&directory(), &[1, 2]);
    assert!(early.verify(&pinned(), at("2026-10-31T23:50:00Z")).is_ok());
    let refused = Err(DirectoryError::NotYetIssued { issued: directory().issued });
    assert_eq!(early.verify(&pinned(), at("2026-10-31T23:49:59Z")), refused);
}

#[test]
fn texts_and_signatures_of_two_versions_do_not_mix() {
    let (four, five) =
        (signed(&directory(), &[1, 2]), signed(&Directory { version: 5, ..directory() }, &[1, 3]));
    let refused = Err(DirectoryError::TooFewSignatures { valid: 0, needed: 2 });
    let mixed = SignedDirectory { text: five.text.clone(), signature: four.signature.clone() };
    assert_eq!(mixed.verify(&pinned(), now()), refused);
    // One signature from each version makes no two of either.
    let both = signed(&directory(), &[1]).signature.and(&five.signature);
    let mixed = SignedDirectory { text: four.text, signature: both };
    let refused = Err(DirectoryError::TooFewSignatures { valid: 1, needed: 2 });
    assert_eq!(mixed.verify(&pinned(), now()), refused);
}

#[test]
fn two_directories_of_one_version_are_a_lie() {
    let pins = pinned().follow(&signed(&directory(), &[1, 2])).unwrap();
    assert!(signed(&directory(), &[2, 3]).verify(&pins, now()).is_ok(), "same text, other signers");
    let mut other = directory();
    other.members.pop();
    let refused = Err(DirectoryError::TwoOfOneVersion { version: 4 });
    assert_eq!(signed(&other, &[1, 2]).verify(&pins, now()), refused);
}

#[test]
fn another_partnership_with_the_same_keys_is_another() {
    let other = Directory { partnership: "Southshire".into(), ..directory() };
    assert_eq!(signed(&other, &[1, 2]).verify(&pinned(), now()), Err(DirectoryError::OtherPartnership));
}

#[test]
fn new_keys_need_enough_of_the_old_and_of_the_new() {
    let change = Directory { version: 5, keys: publics(&[3, 4, 5]), threshold: 3, ..directory() };
    let verdict = |by: &[u8]| signed(&change, by).verify(&pinned(), now()).map(|found| found.version);
    assert_eq!(verdict(&[3, 4, 5]), Err(DirectoryError::TooFewSignatures { valid: 1, needed: 2 }));
    assert_eq!(verdict(&[1, 2]), Err(DirectoryError::TooFewNewSignatures { valid: 0, needed: 3 }));
    assert_eq!(verdict(&[1, 2, 3, 4]), Err(DirectoryError::TooFewNewSignatures { valid: 2, needed: 3 }));
    assert_eq!(verdict(&[1, 3, 4, 5]), Ok(5));
}

#[test]
fn a_threshold_cannot_be_lowered_by_fewer_than_it() {
    let lower = Directory { version: 5, threshold: 1, ..directory() };
    let refused = Err(DirectoryError::TooFewSignatures { valid: 1, needed: 2 });
    assert_eq!(signed(&lower, &[1]).verify(&pinned(), now()), refused);
}

#[test]
fn who_missed_a_change_of_keys_follows_it_step_by_step() {
    let five = signed(&Directory { version: 5, keys: publics(&[4, 5]), ..directory() }, &[1, 2, 4, 5]);
    let six = Directory { version: 6, keys: publics(&[6, 7]), ..directory() };
    let six = signed(&six, &[4, 5, 6, 7]);
    assert_eq!(six.verify(&pinned(), now()), Err(DirectoryError::TooFewSignatures { valid: 0, needed: 2 }));
    let pins = pinned().follow(&five).unwrap().follow(&six).unwrap();
    assert_eq!((pins.at_least_version, pins.keys.clone()), (6, publics(&[6, 7])));
    assert!(six.verify(&pins, now()).is_ok());
    let seven = Directory { version: 7, keys: publics(&[6, 7]), ..directory() };
    let refused = Err(DirectoryError::TooFewSignatures { valid: 0, needed: 2 });
    assert_eq!(signed(&seven, &[4, 5]).verify(&pins, now()), refused, "retired keys");
}

#[test]
fn nothing_is_read_before_signatures_hold() {
    let garbage = |text: String, by: &[u8]| {
        let keys: Vec<_> = by.iter().map(|n| key(*n)).collect();
        let one = |key: &SigningKey| key.sign(Namespace::Directory, text.as_bytes());
        let signature = keys[1..].iter().fold(one(&keys[0]), |set, key| set.and(&one(key)));
        SignedDirectory { text, signature }.verify(&pinned(), now())
    };
    let refused = Err(DirectoryError::TooFewSignatures { valid: 0, needed: 2 });
    assert_eq!(garbage("{".into(), &[8, 9]), refused);
    let known = DIRECTORY.write(&directory());
    let kinds = [
        ("{}".to_owned(), "no directory"),
        (known.replace("directory/1", "directory/2"), "no directory"),
        (known.replace("\"version\":4", "\"version\":4,\"version\":5"), "does not follow"),
        (known.replace("\"version\":4", "\"version\":4,\"more\":5"), "does not follow"),
        (format!("{known} {known}"), "does not follow"),
    ];
    for (text, says) in kinds {
        let error = garbage(text, &[1, 2]).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }
    let long = SignedDirectory { text: " ".repeat(DIRECTORY.limit + 1), ..signed(&directory(), &[1]) };
    assert!(matches!(
        long.verify(&pinned(), now()),
        Err(DirectoryError::Document(BadDocument::TooLong { .. }))
    ));
    let set = SignatureSet::from_text(&" ".repeat(MAX_SIGNATURES + 1));
    assert!(set.is_err(), "a set that long is not taken");
}

#[test]
fn nothing_stands_in_it_for_two() {
    let with = |change: &dyn Fn(&mut Directory)| {
        let mut changed = directory();
        change(&mut changed);
        match signed(&changed, &[1, 2]).verify(&pinned(), now()) {
            Err(DirectoryError::Member { id, why }) => format!("{id}: {why}"),
            other => panic!("{other:?}"),
        }
    };
    let police = |why: &str| format!("northshire-police: {why}");
    let job = police("a key of it has another job too");
    assert_eq!(with(&|d| d.members[1].keys.sign = key(10).public()), job);
    assert_eq!(with(&|d| d.members[1].keys.log = d.members[1].keys.sign), job);
    assert_eq!(with(&|d| d.members[1].keys.cosign = key(13).public()), job);
    assert_eq!(with(&|d| d.members[1].keys.link = key(1).public()), job);
    assert_eq!(with(&|d| d.members[1].keys.link = key(200).public()), job);
    assert_eq!(
        with(&|d| d.members[1].keys.seal = d.members[0].keys.seal.clone()),
        police("another member has the same sealing key")
    );
    assert_eq!(
        with(&|d| d.members[1] = member("elm-park", 20)),
        "elm-park: it stands in the directory twice"
    );
    let node = police("its node stands elsewhere with other keys or address");
    assert_eq!(with(&|d| d.members[1].node.addr = "evil.example:1".into()), node);
    assert_eq!(with(&|d| d.members[1].node.link = key(99).public()), node);
    assert_eq!(
        with(&|d| d.members[1].node.name = "Second node".into()),
        police("a key of its node has another job too")
    );
}

#[test]
fn entries_that_would_mislead_are_refused() {
    let refused = |change: &dyn Fn(&mut Directory)| {
        let mut changed = directory();
        change(&mut changed);
        changed.check().is_err()
    };
    assert!(!refused(&|_| ()));
    assert!(refused(&|d| d.members[0].name = "Elm\u{202e}Park".into()));
    assert!(refused(&|d| d.members[0].phone = Some("\u{1b}[2J".into())));
    assert!(refused(&|d| d.members[0].authority = Some(String::new())));
    assert!(refused(&|d| d.partnership = "x".repeat(121)));
    assert!(refused(&|d| d.expires = d.issued));
    assert!(refused(&|d| d.expires = d.issued + SignedDuration::from_hours(401 * 24)));
    assert!(refused(&|d| d.keys = (0..17).map(|n| key(100 + n).public()).collect()));
    for addr in ["", "host", ":1", "host:0", "host:65536", "host:+1", "a b:1", "user@host:1", "[::g]:1"] {
        assert!(refused(&|d| d.members.iter_mut().for_each(|m| m.node.addr = addr.into())), "{addr}");
    }
    for addr in ["host:1", "10.0.0.1:4433", "[::1]:4433"] {
        assert!(!refused(&|d| d.members.iter_mut().for_each(|m| m.node.addr = addr.into())), "{addr}");
    }
}
