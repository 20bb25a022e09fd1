//! What was sent before is sent again, under another envelope, or from a log that was rewritten: by hand and by the node it
//! is refused with what is wrong and whose fault it is, and nothing is imported.

use std::{io::Cursor, path::Path, process::Command};

use jiff::ToSpan as _;
use kith_exchange::courier::{Courier, CourierError};
use kith_protocol::{
    envelope::{Envelope, SignedEnvelope},
    gate::SignedGate,
    receipt::SignedReceipt,
    sign::SignatureSet,
    wire::{BytesFault, Policy, WireError},
};
use kith_tests::{script::Ran, world::World};
use kith_tui::casework::{fact::SignedText, ids::ShareId};
use serde_json::Value;

use super::two_agencies::{case, elm_park, fill_in, police, to_police, withhold_all, write};

/// A case whose share is decided on but for what is asked.
fn ready() -> (World, String) {
    let world = World::today();
    let case = recorded(&world, "Bruise on the left upper arm.");
    (world, case)
}

fn recorded(world: &World, words: &str) -> String {
    let case = case(world, "Jonah", words).to_string();
    fill_in(world, &case, "Please find the man.");
    withhold_all(world, &case);
    case
}

fn share(world: &World, case: &str, ask: &str, file: &str) -> ShareId {
    write(world, "ask.txt", ask);
    let more = ["--decisions", "decisions.json", "--to-file", file, "--json"];
    let sent = elm_park(world, &to_police(case, &more)).ends(0).json("share/1");
    sent["ref"].as_str().expect("a reference").parse().expect("a reference")
}

/// What stands in the inbox of the police: how many bundles, and what was set aside.
fn inbox(world: &World) -> (usize, Vec<Value>) {
    let listed = police(world, &["inbox", "--json"]);
    let listed = listed.json("inbox/1");
    let of = |name: &str| listed[name].as_array().expect("a list").clone();
    (of("bundles").len(), of("set_aside"))
}

/// Refused as a check that failed, with what is wrong and whose fault it is.
fn refused(ran: Ran, what: &str, whose: &str) {
    let ran = ran.ends(5);
    assert!(ran.err.contains(what) && ran.err.contains(whose), "{ran:?}");
}

/// The papers that a share goes with, and its sealed file.
fn sealed(world: &World, share: ShareId, file: &str) -> (SignedEnvelope, SignedGate, Vec<u8>) {
    let office = world.office("elm-park");
    let papers = office.casebook().papers(share).expect("it is here").sealed.expect("it is sealed");
    let set = |kept: &SignedText| SignatureSet::from_text(&kept.signature).expect("signatures");
    let envelope = SignedEnvelope::from_parts(papers.envelope.text.clone(), set(&papers.envelope));
    let gate = SignedGate::from_parts(papers.gate.text.clone(), set(&papers.gate));
    (envelope, gate, std::fs::read(world.folder.path().join(file)).expect("a file"))
}

/// The same with the hour put on, signed by the sender itself.
fn dated_anew(world: &World, envelope: &SignedEnvelope) -> SignedEnvelope {
    let claims = envelope.claims().expect("ours");
    let secrets = world.office("elm-park").casebook().agency_secrets().expect("it reads").expect("keys");
    SignedEnvelope::new(&Envelope { at: claims.at + 1.hour(), ..claims }, &secrets.sign)
}

/// A sender with a program of its own leaves something with the node.
fn deposit(
    world: &World,
    (envelope, gate, bytes): (&SignedEnvelope, &SignedGate, &[u8]),
) -> Result<SignedReceipt, CourierError> {
    let secrets = world.office("elm-park").casebook().agency_secrets().expect("it reads").expect("keys");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let courier = Courier::new(world.admin().0, &secrets.link).expect("a courier");
        let stored = courier.deposit(envelope, gate, Cursor::new(bytes.to_vec()), &|_, _| {}).await;
        courier.close().await;
        stored
    })
}

fn copy(from: &Path, to: &Path) {
    let copied = Command::new("cp").arg("-a").args([from, to]).status().expect("cp");
    assert!(copied.success());
}

#[test]
fn a_bundle_that_comes_twice_is_taken_in_once() {
    let (world, case) = ready();
    let first = share(&world, &case, "Please find the man.", "first.age");
    police(&world, &["inbox", "import", "first.age"]).ends(0);
    let again = police(&world, &["inbox", "import", "first.age"]).ends(8);
    assert!(again.err.contains("in the casebook already"), "{again:?}");
    // Without its envelope, and under one of another hour that its sender signed: it is the same bundle still.
    let (envelope, gate, bytes) = sealed(&world, first, "first.age");
    copy(&world.folder.path().join("first.age"), &world.folder.path().join("bare.age"));
    police(&world, &["inbox", "import", "bare.age"]).ends(8);
    let anew = dated_anew(&world, &envelope);
    write(&world, "bare.age.envelope.json", &serde_json::to_string(&anew).expect("JSON"));
    police(&world, &["inbox", "import", "bare.age"]).ends(8);
    assert_eq!(inbox(&world), (1, Vec::new()));

    // By the node, twice: one place in its log, one bundle at the police.
    let stored = deposit(&world, (&envelope, &gate, &bytes)).expect("it takes it");
    assert_eq!(deposit(&world, (&envelope, &gate, &bytes)).expect("it has it"), stored);
    police(&world, &["exchange"]).ends(0);
    assert_eq!(inbox(&world), (1, Vec::new()));
    // Under another envelope its gate has been passed.
    let told = deposit(&world, (&anew, &gate, &bytes)).expect_err("it is used");
    assert!(matches!(told, CourierError::Refused(WireError::Policy(Policy::GateUsed))), "{told:?}");
}

#[test]
fn yesterdays_bundle_under_todays_envelope_is_refused() {
    let (world, case) = ready();
    let [first, second] = ["first.age", "second.age"].map(|file| share(&world, &case, file, file));
    let path = |name: &str| world.folder.path().join(name);
    copy(&path("first.age"), &path("mixed.age"));
    copy(&path("second.age.envelope.json"), &path("mixed.age.envelope.json"));
    refused(
        police(&world, &["inbox", "import", "mixed.age"]),
        "may belong to another envelope",
        "The fault is ",
    );
    police(&world, &["verify", "mixed.age"]).ends(5);
    assert_eq!(inbox(&world).0, 0);

    // The node does not take it: it is not the file that the envelope names.
    let (_, _, mut same_size) = sealed(&world, first, "first.age");
    let (envelope, gate, right) = sealed(&world, second, "second.age");
    same_size.resize(right.len(), 0);
    let told = deposit(&world, (&envelope, &gate, &same_size)).expect_err("it is another");
    assert!(matches!(told, CourierError::Refused(WireError::Bytes(BytesFault::Digest))), "{told:?}");
    police(&world, &["exchange"]).ends(0);
    assert_eq!(inbox(&world), (0, Vec::new()));
}

#[test]
fn a_bundle_from_a_log_that_was_rewritten_is_refused_and_both_notes_are_kept() {
    let world = World::today();
    let (book, backup) = (world.casebook("elm-park"), world.folder.path().join("backup"));
    copy(&book, &backup);
    let case = recorded(&world, "Bruise on the left upper arm.");
    share(&world, &case, "Please find the man.", "first.age");
    police(&world, &["inbox", "import", "first.age"]).ends(0);
    // The school's folder is put back whole, and something else is recorded in the same place.
    std::fs::remove_dir_all(&book).expect("it goes");
    copy(&backup, &book);
    let case = recorded(&world, "Nothing to be seen.");
    share(&world, &case, "Never mind.", "second.age");
    refused(
        police(&world, &["inbox", "import", "second.age"]),
        "Elm Park Primary signed two different logs of one name and size",
        "The fault is ",
    );
    refused(police(&world, &["verify", "second.age"]), "signed two different logs", "second.age");
    assert_eq!(inbox(&world), (1, Vec::new()));

    // By the node it comes, is set aside, and says whose fault it is.
    elm_park(&world, &["exchange"]).ends(0);
    police(&world, &["exchange"]).ends(0);
    let (bundles, aside) = inbox(&world);
    assert_eq!((bundles, aside.len()), (1, 1), "{aside:?}");
    assert!(aside[0]["why"].as_str().expect("words").contains("signed two different logs"), "{aside:?}");
    assert_eq!((&aside[0]["from"], &aside[0]["fault"]), (&"elm-park".into(), &"sender".into()));
    let findings = police(&world, &["casebook", "check"]);
    assert!(findings.out.contains("signed two different logs"), "{findings:?}");
}
