//! New keys for an agency: in force once the directory lists them, by themselves; those before are good for nothing but to
//! open what was sealed to them.

use std::{collections::BTreeSet, fs::File};

use kith_exchange::courier::{Courier, CourierError};
use kith_protocol::{
    keys::AgencySecrets,
    receipt::ReceiptKind,
    seal::{Identity, open_with},
    sign::{Namespace, SigningKey},
    wire::{BytesFault, WireError},
};

use super::{
    story::Story,
    world::{World, now, school_id},
};
use crate::{
    casework::{
        holder::HolderChange,
        ids::ShareId,
        query::{Answer, Query, ShareState},
    },
    sharing::{office::Papers, outbox::Parcel},
};

fn send(world: &mut World, story: &Story) -> ShareId {
    let choices = story.decided(&mut world.school);
    world.school.office().send(story.case, &choices, &now()).unwrap()
}

fn secrets(world: &mut World, care: bool) -> AgencySecrets {
    let agency = if care { &mut world.care } else { &mut world.school };
    agency.office().casebook().agency_secrets().unwrap().unwrap()
}

fn node_takes(world: &World, link: &SigningKey) -> bool {
    let call = async {
        let courier = Courier::new(world.node.clone(), link).unwrap();
        let status = courier.status().await;
        courier.close().await;
        status.is_ok()
    };
    world.runtime.block_on(call)
}

fn opens(key: &Identity, path: &std::path::Path) -> bool {
    open_with(std::slice::from_ref(key), File::open(path).unwrap()).is_ok()
}

#[test]
fn peers_seal_to_the_new_keys_and_what_was_sealed_before_still_opens() {
    let mut world = World::new();
    let story = Story::tell(&mut world.school);
    let first = send(&mut world, &story);
    world.school_round();
    assert_eq!(world.care_round().received, 1);
    let received = world.care.only_received();
    let second = send(&mut world, &story);
    world.school_round();

    let before = secrets(&mut world, true);
    let made = world.care.office().replace_keys(&now()).unwrap();
    let asked = made.enrolment.verify().unwrap();
    let text = made.enrolment.text.as_bytes();
    before.sign.public().verify(Namespace::Enrolment, text, &made.enrolment.signature).unwrap();
    let again = world.care.office().replace_keys(&now()).unwrap();
    assert_eq!(again.words, made.words, "until they are listed there is one set of new keys");
    assert_eq!(secrets(&mut world, true).public(), before.public(), "until then those before are in force");

    // Listed: the node knows no others, and the agency learns of it by asking with them.
    assert!(node_takes(&world, &before.link));
    world.list(&asked);
    assert!(!node_takes(&world, &before.link), "who kept the old link key collects nothing");
    let report = world.care_round();
    assert_eq!(report.received, 1, "sealed to the key of before, and opened");
    assert!(report.notes.iter().any(|note| note.contains("new keys: they are in force")), "{report:?}");
    let after = secrets(&mut world, true);
    assert_eq!(after.public(), asked.keys);
    assert!(matches!(
        &world.care.office().casebook().holder_changes().unwrap()[..],
        [(_, HolderChange::KeysMade { .. }), (_, HolderChange::KeysReplaced { words }), (_, HolderChange::Certified { .. })]
            if *words == made.words.join(" ")
    ));

    // What was under way goes on: answers by new keys follow on from a DELIVERED by the old.
    world.care.office().answer(received, ReceiptKind::Receipted, "We visit today.", &now()).unwrap();
    world.care_round();
    world.school_round();
    assert_eq!(world.school.share(first).state, ShareState::Receipted);
    assert_eq!(world.school.share(second).state, ShareState::Delivered);

    // The next bundle is sealed to the new key, and the old one opens nothing of it.
    let path = world.school.folder.path().join("third.age");
    let choices = story.decided(&mut world.school);
    world.school.office().share_to_file(story.case, &choices, &path, &now()).unwrap();
    assert!(opens(&after.seal, &path) && !opens(&before.seal, &path));
    world.school_round();
    assert_eq!(world.care_round().received, 1);
    world.care.open();
    assert_eq!(secrets(&mut world, true).public(), asked.keys, "also after it was locked");
    assert_eq!(world.care.inbox().len(), 3);
}

#[test]
fn what_the_keys_of_before_signed_is_refused_once_the_directory_lists_others() {
    let mut world = World::new();
    let story = Story::tell(&mut world.school);
    send(&mut world, &story);
    world.school_round();
    world.care_round();
    world.school_round();
    let path = world.school.folder.path().join("by-hand.age");
    let choices = story.decided(&mut world.school);
    let queued = world.school.office().share_to_file(story.case, &choices, &path, &now()).unwrap();
    let parcel = world.school.office().next_parcel(&BTreeSet::new(), &now()).unwrap();
    let Parcel { envelope, gate, .. } = parcel.unwrap();

    let before = secrets(&mut world, false);
    let made = world.school.office().replace_keys(&now()).unwrap();
    world.list(&made.enrolment.verify().unwrap());
    world.school_round();
    let after = secrets(&mut world, false);
    assert_ne!(after.public(), before.public());
    let row = world.school.share(queued);
    assert!(matches!(row.state, ShareState::Ended(_)), "{:?}", row.state);
    assert!(world.school.office().casebook().outbox().unwrap().is_empty());

    // The node refuses an envelope by the old key, whoever brings it; so does who has it by hand.
    let deposit = |link: &SigningKey| {
        world.runtime.block_on(async {
            let courier = Courier::new(world.node.clone(), link).unwrap();
            let file = tokio::fs::File::open(&path).await.unwrap();
            let sent = courier.deposit(&envelope, &gate, file, &|_, _| {}).await;
            courier.close().await;
            sent
        })
    };
    let refused = deposit(&after.link);
    let bad = CourierError::Refused(WireError::Bytes(BytesFault::Document));
    assert_eq!(refused.unwrap_err().to_string(), bad.to_string());
    assert!(deposit(&before.link).is_err());
    let by_hand = |world: &mut World| {
        let envelope = Papers::beside(&path).unwrap().envelope;
        world.care.office().receive_file(&path, envelope, &now())
    };
    world.care_round();
    let why = by_hand(&mut world).unwrap_err().to_string();
    assert!(why.contains("not to be believed"), "{why}");

    // The log goes on under the new key: what leaves now is proven, and nobody takes it for another log.
    send(&mut world, &story);
    world.school_round();
    assert_eq!(world.care_round().received, 1);
    world.school_round();
    for agency in [&mut world.school, &mut world.care] {
        let Answer::Logs(view) = agency.asked(&Query::Logs) else { panic!() };
        assert!(view.findings.is_empty(), "{:?}", view.findings);
    }
    assert_eq!(school_id(), made.enrolment.verify().unwrap().id);
}
