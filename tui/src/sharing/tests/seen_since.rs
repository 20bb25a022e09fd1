//! A bundle is sealed before anybody has signed the log that it shows; who signs it after that counts as well.

use std::{fs, path::PathBuf, slice};

use kith_protocol::{
    ids::Digest,
    log::{Checkpoint, CheckpointError, Growth, Offer, SignedCheckpoint},
};

use super::{
    story::Story,
    world::{World, now},
};
use crate::{
    casework::{
        command::{Fault, Refusal},
        ids::ReceivedId,
        query::{Answer, Query},
    },
    sharing::{laid_out::verify_laid_out, office::OfficeError, unpack::Unpacked},
};

fn document(world: &mut World, received: ReceivedId) -> String {
    let Answer::Received(view) = world.care.asked(&Query::Received { received }) else { panic!() };
    view.received.document
}

fn shown(document: &str) -> SignedCheckpoint {
    let document: serde_json::Value = serde_json::from_str(document).unwrap();
    document["evidence"]["log"]["checkpoint"].as_str().unwrap().parse().unwrap()
}

fn signers(note: &SignedCheckpoint) -> usize {
    note.names().len()
}

#[test]
#[expect(clippy::too_many_lines, reason = "one story, told to both sides")]
fn who_signs_the_log_after_a_bundle_was_sealed_is_known_on_both_sides_and_goes_with_its_files() {
    let (mut world, _, _, received) = Story::delivered();
    let document = document(&mut world, received);
    let then = shown(&document);
    assert_eq!(signers(&then), 1, "its owner alone");

    // Who receives it signs what it saw, and says so.
    let since = world.care.office().signed_since(&document).unwrap().unwrap();
    assert_eq!(signers(&since), 2);
    let from = "elm-park".parse().unwrap();
    let words = world.care.office().witnessed_since(&from, &document, &now()).unwrap().unwrap();
    assert!(words.contains("Northshire Children's Social Care"), "{words}");
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("laid out");
    let exported = world.care.office().export(received, Some(&out), &now()).unwrap();
    let beside = exported.witnesses.unwrap();
    assert_eq!(beside, folder.path().join("laid out-witnesses.txt"));
    assert_eq!(fs::read_to_string(&beside).unwrap(), since.to_string());
    let mut judged = |with: &[PathBuf]| {
        let office = world.care.office();
        verify_laid_out(&out, with, office.directories().unwrap(), &now())
    };
    let witnesses = |unpacked: Unpacked| unpacked.proven.unwrap().witnesses();
    assert!(witnesses(judged(&[]).unwrap()).starts_with("Not witnessed"), "at the time it was not");
    let seen = witnesses(judged(slice::from_ref(&beside)).unwrap());
    assert!(seen.contains("Northshire Children's Social Care"), "{seen}");
    // A note that was altered, or is of something else, is the fault of whoever had it.
    let (text, size) = (since.to_string(), then.claims().unwrap().size);
    let cut = text.len() - 12;
    let other_end = if text.as_bytes()[cut] == b'A' { "B" } else { "A" };
    // The log's own line stands first below the checkpoint.
    let (own, rest) = text.split_once("\n\n").unwrap();
    let (first, others) = rest.split_once('\n').unwrap();
    let flipped = first.len() - 8;
    let other_own = if first.as_bytes()[flipped] == b'A' { "B" } else { "A" };
    let altered = [
        format!("{own}\n\n{others}"),
        format!("{own}\n\n{}{other_own}{}\n{others}", &first[..flipped], &first[flipped + 1..]),
        text.replacen("\u{2014} kith/northshire", "\u{2014} kith/southshire", 1),
        text.replacen(&format!("\n{size}\n"), "\n99\n", 1),
        text.replacen("kith/", "kith/other-", 1),
        format!("{}{other_end}{}", &text[..cut], &text[cut + 1..]),
        text[..cut].to_owned(),
    ];
    let path = folder.path().join("altered.txt");
    let mut refused = 0;
    for changed in altered {
        assert_ne!(text, changed);
        fs::write(&path, changed).unwrap();
        match judged(slice::from_ref(&path)) {
            // Whom nobody knows says nothing.
            Ok(unpacked) => assert!(witnesses(unpacked).starts_with("Not witnessed")),
            Err(error) => {
                let said = error.to_string();
                assert!(
                    said.contains("does not hold") || said.contains("says nothing of this bundle"),
                    "{said}"
                );
                refused += 1;
            }
        }
    }
    assert_eq!(refused, 6);

    // The sender has that, and its node's word, once the answer came.
    world.care.office().opened(received, &now()).unwrap();
    world.care_round();
    world.school_round();
    world.school_round();
    let all = world.school.office().casebook().log_signed_at(size).unwrap().unwrap();
    assert_eq!(signers(&all), 3, "{all}");
    assert_eq!(world.school.office().casebook().log_signed_at(size + 1_000).unwrap(), None);

    // Each may have what the other knows; of another checkpoint it is nothing.
    let mut joined = since;
    joined.join(&all).unwrap();
    assert_eq!(signers(&joined), 3);
    let other = all.to_string().replacen(&format!("\n{size}\n"), &format!("\n{}\n", size + 1), 1);
    assert_eq!(joined.join(&other.parse().unwrap()), Err(CheckpointError::Another(size + 1)));
}

#[test]
fn who_signs_a_later_checkpoint_vouches_for_the_bundles_too_if_the_log_goes_on_from_there() {
    let (mut world, story, _, received) = Story::delivered();
    let document = document(&mut world, received);
    let then = shown(&document).claims().unwrap();
    // They answer a second bundle alone, so that their word is of a later checkpoint.
    let choices = story.decided(&mut world.school);
    world.school.office().send(story.case, &choices, &now()).unwrap();
    world.school_round();
    world.care_round();
    let second = world.care.inbox().iter().map(|row| row.id).max().unwrap();
    world.care.office().opened(second, &now()).unwrap();
    world.care_round();
    world.school_round();
    world.school_round();
    let note = world.school.office().log_witnesses(then.size, &now()).unwrap().unwrap();
    let later: Offer = note.parse().unwrap();
    assert!(later.since == then.size && later.checkpoint.claims().unwrap().size > then.size, "{note}");
    // Of the later one itself it is that note, without growth.
    let last = later.checkpoint.claims().unwrap().size;
    let alone = world.school.office().log_witnesses(last, &now()).unwrap().unwrap();
    assert_eq!(alone, later.checkpoint.to_string());
    let unknown = world.school.office().log_witnesses(last + 1_000, &now()).unwrap();
    assert_eq!(unknown, None);

    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("laid out");
    world.care.office().export(received, Some(&out), &now()).unwrap();
    let path = folder.path().join("later.txt");
    let mut judged = |text: &str| {
        fs::write(&path, text).unwrap();
        let office = world.care.office();
        verify_laid_out(&out, slice::from_ref(&path), office.directories().unwrap(), &now())
    };
    let seen = judged(&note).unwrap().proven.unwrap();
    assert!(seen.witnesses().contains("Northshire Children's Social Care"), "{}", seen.witnesses());
    assert!(seen.since().is_some(), "{}", seen.witnesses());

    let mut fault = |text: &str| match judged(text) {
        Err(OfficeError::Refused(Refusal::Bundle { why, fault, .. })) => (fault, why),
        other => panic!("{:?}", other.map(|_| ())),
    };
    let (whose, why) = fault(&alone);
    assert!(whose == Fault::Holder && why.contains("without proof that the log goes on"), "{why}");
    let unproven = Offer { growth: Growth::new(Vec::new()), ..later.clone() };
    let (whose, why) = fault(&unproven.to_string());
    assert!(whose == Fault::Holder && why.contains("does not show that the log of"), "{why}");
    let elsewhere = Offer { since: then.size - 1, ..later };
    let (whose, why) = fault(&elsewhere.to_string());
    assert!(whose == Fault::Holder && why.contains("ask for one from"), "{why}");
    // A split view: another log of that size, signed by its owner. That is no mistake of whoever has the note.
    let key = world.school.office().casebook().agency_secrets().unwrap().unwrap().log;
    let split = Checkpoint { root: Digest::of(b"another log"), ..then.clone() }.sign(&key).unwrap();
    let mut judged = |text: &str| {
        fs::write(&path, text).unwrap();
        let office = world.care.office();
        verify_laid_out(&out, slice::from_ref(&path), office.directories().unwrap(), &now())
    };
    let growth = Growth::new(Vec::new());
    let offered = Offer { checkpoint: split.clone(), since: then.size, growth };
    for text in [split.to_string(), offered.to_string()] {
        let Err(OfficeError::Refused(Refusal::Bundle { why, fault, .. })) = judged(&text) else { panic!() };
        assert!(fault == Fault::Sender && why.contains("signed two different logs"), "{why}");
    }
}
