//! The rest of what a node is told, by its own verbs: logs to cosign, words for its own log, directories, enrolments, and the
//! receipts that it passes on unread. What it takes is what the judge of the vectors takes.

use std::{fs, path::Path};

use kith_exchange::{
    courier::{Courier, growing},
    node::{self, Clock, Config, Limits, NodeFolder, NodeKeys, enrol},
};
use kith_protocol::{
    answer::Answer,
    directory::{Pinned, SignedDirectory},
    ids::{AgencyId, Digest, LogId},
    log::{Checkpoint, Cosigner, Growth, NoteKey, NoteKind, Offer, Origin, SignedCheckpoint},
    receipt::SignedReceipt,
    sign::SigningKey,
    wire::{self, BytesFault, Happening, PeerFault, Request, Response, WireError},
};
use kith_tests::bundles::{POLICE, SCHOOL, World, now};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{
    cases::{SEALED, key},
    directory, judge,
    node::{Node, asked, node, said, vector},
    vectors,
};

fn field<T: DeserializeOwned>(case: &Value, name: &str) -> T {
    serde_json::from_value(case[name].clone()).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The vectors of logs that ask this question, by name.
fn logs(check: &str) -> Vec<(String, Value)> {
    let files =
        fs::read_dir(vectors().join("log")).expect("the vectors").map(|file| file.expect("an entry").path());
    let read =
        |path: &Path| -> Value { serde_json::from_slice(&fs::read(path).expect("a vector")).expect("JSON") };
    let name = |path: &Path| path.file_stem().expect("a name").to_string_lossy().into_owned();
    let mut found: Vec<(String, Value)> = files.map(|path| (name(&path), read(&path))).collect();
    found.retain(|(_, case)| case["check"] == check);
    found.sort_by(|one, other| one.0.cmp(&other.0));
    found
}

/// How bincode writes a length.
fn length(of: usize) -> Vec<u8> {
    match u8::try_from(of) {
        Ok(short @ ..251) => vec![short],
        _ => match u16::try_from(of) {
            Ok(middle) => [&[251][..], &middle.to_le_bytes()].concat(),
            Err(_) => [&[252][..], &u32::try_from(of).expect("short").to_le_bytes()].concat(),
        },
    }
}

/// The school's log key, as the vectors name it.
fn key_of(world: &World) -> Value {
    let origin = Origin::of_agency(&SCHOOL.parse().expect("an id"), LogId::from_bytes([7; 16]));
    json!(
        NoteKey::new(origin.to_string(), NoteKind::Ed25519, world.school.log.public())
            .expect("a name")
            .to_string()
    )
}

/// Offers a log with these exact words for a checkpoint and for how it grew, which may be none.
async fn offered(node: &Node, by: &SigningKey, note: &str, growth: &str) -> Option<Response> {
    let good: SignedCheckpoint = logs("checkpoint")
        .into_iter()
        .find(|(name, _)| name == "checkpoint")
        .and_then(|(_, case)| field::<String>(&case, "note").parse().ok())
        .expect("the good one");
    let stands = good.to_string();
    let empty = Growth::new(Vec::new());
    let offer = Offer { since: 0, checkpoint: good, growth: empty };
    let frame = wire::encode(&Request::Witness { offer }).expect("a frame");
    let at = frame.windows(stands.len()).position(|some| some == stands.as_bytes()).expect("it stands in it");
    let before = &frame[4..at - length(stands.len()).len()];
    let after = &frame[at + stands.len()..];
    let after = &after[..after.len() - 1];
    let texts =
        [length(note.len()), note.into(), after.to_vec(), length(growth.len()), growth.into()].concat();
    let size = u32::try_from(before.len() + texts.len()).expect("short").to_be_bytes();
    said(node, by, &[&[&size[..], before, &texts].concat()]).await
}

fn cosigned(said: Option<&Response>) -> bool {
    matches!(said, Some(Response::Cosigned { .. }))
}

#[tokio::test]
async fn a_node_cosigns_the_golden_checkpoints_that_hold_and_no_other() {
    let world = World::hybrid();
    let (mut good, mut bad) = (0, 0);
    let steady = node(&world).await;
    // Some are judged by another key than the directory lists for the log.
    let listed = key_of(&world);
    for (name, case) in logs("checkpoint").into_iter().filter(|(_, case)| case["log"] == listed) {
        let note: String = field(&case, "note");
        if case["expect"] == "ok" {
            let fresh = node(&world).await;
            let said = offered(&fresh, &world.school.link, &note, "").await;
            assert!(cosigned(said.as_ref()), "{name}: {said:?}");
            fresh.handle.stop().await;
            good += 1;
        } else {
            let said = offered(&steady, &world.school.link, &note, "").await;
            let Some(Response::Failed { error }) = said else { panic!("{name}: {said:?}") };
            let refused = [
                WireError::Bytes(BytesFault::Document),
                WireError::Bytes(BytesFault::Frame),
                WireError::Bytes(BytesFault::TooLong),
                WireError::Peer(PeerFault::NotTheSender),
            ];
            assert!(refused.contains(&error), "{name}: {error}");
            bad += 1;
        }
    }
    let others =
        offered(&steady, &world.police.link, &field::<String>(&logs("checkpoint")[0].1, "note"), "").await;
    assert!(!cosigned(others.as_ref()), "another agency's log: {others:?}");
    steady.handle.stop().await;
    assert_eq!((good, bad), (2, 16));
}

#[tokio::test]
async fn a_node_cosigns_what_grew_as_the_golden_proofs_show_and_nothing_else() {
    let world = World::hybrid();
    let by = &world.school.link;
    let sign = |origin: &Origin, size: u64, root: Digest| {
        let checkpoint = Checkpoint { origin: origin.clone(), size, root };
        checkpoint.sign(&world.school.log).expect("a name").to_string()
    };
    let (mut good, mut bad) = (0, 0);
    let steady = node(&world).await;
    for (nth, (name, case)) in (0_u8..).zip(logs("growth")) {
        let (old, size): (u64, u64) = (field(&case, "old"), field(&case, "size"));
        let (old_root, root): (Digest, Digest) = (field(&case, "old_root"), field(&case, "root"));
        let origin = Origin::of_agency(&SCHOOL.parse().expect("an id"), LogId::from_bytes([nth; 16]));
        let first = offered(&steady, by, &sign(&origin, old, old_root), "").await;
        if !cosigned(first.as_ref()) {
            // No log of no leaves has another root.
            assert!(old == 0 && case["expect"] != "ok", "{name}: {first:?}");
            bad += 1;
            continue;
        }
        let said = offered(&steady, by, &sign(&origin, size, root), &field::<String>(&case, "growth")).await;
        assert_eq!(cosigned(said.as_ref()), case["expect"] == "ok", "{name}: {said:?}");
        *(if case["expect"] == "ok" { &mut good } else { &mut bad }) += 1;
    }
    steady.handle.stop().await;
    for (name, case) in logs("cosign") {
        let node = node(&world).await;
        let note: SignedCheckpoint = field::<String>(&case, "note").parse().expect("a note");
        let origin = note.claims().expect("a checkpoint").origin;
        let seen = sign(&origin, field(&case, "seen_size"), field(&case, "seen_root"));
        assert!(cosigned(offered(&node, by, &seen, "").await.as_ref()), "{name}");
        let said = offered(&node, by, &note.to_string(), &field::<String>(&case, "growth")).await;
        assert_eq!(cosigned(said.as_ref()), case["expect"] == "ok", "{name}: {said:?}");
        if case["expect"] != "ok" {
            let told = Response::Seen { checkpoint: Some(seen.parse().expect("a note")) };
            assert_eq!(said, Some(told), "{name}: it says what it saw");
            bad += 1;
        } else {
            good += 1;
        }
        node.handle.stop().await;
    }
    for (name, case) in logs("fork").into_iter().filter(|(_, case)| case["expect"] == "forked") {
        let node = node(&world).await;
        assert!(cosigned(offered(&node, by, &field::<String>(&case, "one"), "").await.as_ref()), "{name}");
        let said = offered(&node, by, &field::<String>(&case, "other"), "").await;
        assert!(matches!(said, Some(Response::Seen { checkpoint: Some(_) })), "{name}: {said:?}");
        bad += 1;
        node.handle.stop().await;
    }
    assert_eq!((good, bad), (2, 15));
}

/// A cosignature over the node's own log counts when it is the caller's, over that log as it was.
#[tokio::test]
async fn a_node_keeps_the_words_for_its_own_log_that_hold() {
    let world = World::hybrid();
    let node = node(&world).await;
    let (envelope, gate) = (vector("envelope"), vector("gate"));
    let deposit = Request::Deposit { envelope, gate, eager: true };
    assert!(matches!(asked(&node, &world.school.link, &deposit, SEALED).await, Response::Stored { .. }));
    let asks = Request::Proof { leaf: None, since: 0 };
    let proven = asked(&node, &world.police.link, &asks, b"").await;
    let Response::Proven { checkpoint, .. } = proven else { panic!("{proven:?}") };
    let claims = checkpoint.claims().expect("a checkpoint");
    let by = |agency: &str, key: &SigningKey, over: &SignedCheckpoint| {
        let agency: AgencyId = agency.parse().expect("an id");
        let cosigner = Cosigner::agency(&agency, key.clone()).expect("a name");
        let log = (&claims.origin, &node.address.log);
        let (_, line) =
            cosigner.cosign(over, log, None, &Growth::new(Vec::new()), now()).expect("it is signed");
        line
    };
    let ours = &world.police.cosign;
    let other = Checkpoint { root: Digest::of(b"another"), ..claims.clone() }.sign(&key(92)).expect("a name");
    let not_signed = WireError::Bytes(BytesFault::Document);
    for (what, size, line, refused) in [
        ("another log's", claims.size, by(POLICE, ours, &other), Some(not_signed.clone())),
        ("by another key", claims.size, by(POLICE, &key(97), &checkpoint), Some(not_signed.clone())),
        ("another agency's", claims.size, by(SCHOOL, &world.school.cosign, &checkpoint), Some(not_signed)),
        (
            "of a size that never was",
            claims.size + 1,
            by(POLICE, ours, &checkpoint),
            Some(WireError::Peer(PeerFault::NotForYou)),
        ),
        ("theirs", claims.size, by(POLICE, ours, &checkpoint), None),
    ] {
        let request = Request::Witnessed { size, cosignature: line };
        let said = asked(&node, &world.police.link, &request, b"").await;
        assert_eq!(said, refused.map_or(Response::Done, |error| Response::Failed { error }), "{what}");
    }
    node.handle.stop().await;
}

/// A node that has this directory, if it takes it at that time.
async fn listing(case: &Value) -> Option<(tempfile::TempDir, node::NodeHandle)> {
    let folder = tempfile::tempdir().expect("a folder");
    let keys = NodeKeys { link: key(90), sign: key(91), log: key(92), cosign: key(93) };
    let config = Config {
        name: "Northshire node".into(),
        folder: folder.path().to_owned(),
        socket: std::net::UdpSocket::bind("127.0.0.1:0").expect("a port"),
        keys,
        directory: serde_json::from_value(case["document"].clone()).ok()?,
        pinned: field(case, "pinned"),
        clock: Clock::fixed(field(case, "at")),
        limits: Limits::default(),
    };
    Some((folder, node::start(config).await.ok()?))
}

#[tokio::test]
async fn a_node_takes_the_golden_directories_that_hold_and_hands_them_on() {
    let world = World::hybrid();
    let (mut good, mut bad) = (0, 0);
    for (name, case) in super::all(&world).into_iter().filter(|(_, case)| case["check"] == "directory") {
        let started = listing(&case).await;
        // One that has just run out is still good for what is urgent.
        let expect = case["expect"].as_str().expect("a word");
        assert_eq!(started.is_some(), ["ok", "expired"].contains(&expect), "{name}");
        let Some((_folder, handle)) = started else {
            bad += 1;
            continue;
        };
        let school = Courier::new(handle.address(), &world.school.link).expect("a key");
        let (pinned, signed): (Pinned, SignedDirectory) = (field(&case, "pinned"), field(&case, "document"));
        let news =
            school.directory(&Pinned { at_least_version: 0, ..pinned }, now()).await.expect("it holds");
        assert_eq!(news.map(|(signed, _)| signed), Some(signed), "{name}");
        handle.stop().await;
        good += 1;
    }
    assert_eq!((good, bad), (2, 18));
}

#[test]
fn an_admin_lists_the_golden_enrolments_that_hold() {
    let world = World::hybrid();
    let (mut good, mut bad) = (0, 0);
    let about = super::read("directory").expect("a vector");
    for (name, case) in super::all(&world).into_iter().filter(|(_, case)| case["check"] == "enrolment") {
        let folder = tempfile::tempdir().expect("a folder");
        let put = |name: &str, value: &Value| {
            fs::write(folder.path().join(name), value.to_string()).expect("a file is written");
        };
        let hex = |digits: &str| json!(digits.repeat(32));
        put("directory.json", &about["document"]);
        put("pinned.json", &about["pinned"]);
        put("partnership.key", &hex("63"));
        put(
            "secrets.json",
            &json!({"link": hex("5a"), "sign": hex("5b"), "log": hex("5c"), "cosign": hex("5d")}),
        );
        put(
            "node.json",
            &json!({"name": "Northshire node", "listen": "127.0.0.1:0", "addr": "node.northshire.example:443"}),
        );
        put("enrolment.json", &case["document"]);
        let path = |name: &str| folder.path().join(name);
        let node = NodeFolder(folder.path().to_owned());
        let listed = enrol(&node, &path("enrolment.json"), &[path("partnership.key")], true, now());
        assert_eq!(listed.is_ok(), case["expect"] == "ok", "{name}: {listed:?}");
        let after: Value =
            serde_json::from_slice(&fs::read(path("directory.json")).expect("a file")).expect("JSON");
        assert_eq!(after == about["document"], listed.is_err(), "{name}: what was not taken changes nothing");
        *(if listed.is_ok() { &mut good } else { &mut bad }) += 1;
    }
    assert_eq!((good, bad), (1, 14));
}

/// The node sees no inside of them: they arrive as they were sent, and it is the sender of the bundle who judges.
#[tokio::test]
async fn what_people_answer_comes_through_a_node_and_is_judged_behind_it() {
    let world = World::hybrid();
    let people = ["opened", "receipted", "declined", "kept", "deleted"];
    let cases: Vec<(String, Value)> = super::all(&world)
        .into_iter()
        .filter(|(name, case)| case["check"] == "receipt" && people.iter().any(|kind| name.starts_with(kind)))
        .collect();
    let mut count = 0;
    for some in cases.chunks(usize::try_from(Limits::default().answers).expect("few")) {
        let node = node(&world).await;
        let envelope: kith_protocol::envelope::SignedEnvelope = vector("envelope");
        let (id, claims) = (envelope.id(), envelope.claims().expect("an envelope"));
        let deposit = Request::Deposit { envelope, gate: vector("gate"), eager: true };
        assert!(matches!(asked(&node, &world.school.link, &deposit, SEALED).await, Response::Stored { .. }));
        let police = Courier::new(node.address.clone(), &world.police.link).expect("a key");
        let listed = police.list(0, &node.directory).await.expect("listed");
        let arrival = listed.arrivals.first().expect("it waits");
        let (file, delivered) =
            (node.folder.path().join("file"), arrival.delivered(&world.police.link, now()));
        let collected = police.collect_to_file(arrival, &delivered, (&file, growing().0), &|_, _| ()).await;
        collected.expect("collected");
        for (_, case) in some {
            let receipt: SignedReceipt = field(case, "document");
            let answer = Answer { receipt, cosigned: None, node: None };
            let sealed = answer.seal(&world.school.seal.recipient()).expect("sealed");
            police.answer(id, sealed).await.expect("passed on");
        }
        let school = Courier::new(node.address.clone(), &world.school.link).expect("a key");
        let news =
            school.news(0, &node.directory, &|one| (one == id).then(|| claims.clone())).await.expect("news");
        let answers = news.items.iter().filter_map(|item| match &item.what {
            Happening::Answered { sealed } => Some(sealed),
            _ => None,
        });
        for (sealed, (name, case)) in answers.zip(some) {
            let opened = Answer::open(std::slice::from_ref(&world.school.seal), sealed).expect("ours");
            let mut arrived = case.clone();
            arrived["document"] = serde_json::to_value(&opened.receipt).expect("JSON");
            assert_eq!(arrived["document"], case["document"], "{name}");
            assert_eq!(judge(&arrived, &directory()), case["expect"].as_str().expect("a word"), "{name}");
            count += 1;
        }
        node.handle.stop().await;
    }
    assert_eq!(count, cases.len());
}
