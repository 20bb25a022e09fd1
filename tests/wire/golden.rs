//! Golden sealed bundles, to a hybrid and to a classic key: opened whole and in pieces, and through a real node, with one
//! verdict; and what comes of each when a byte of it is another. Frames go to the node byte by byte.

use std::{fs, path::PathBuf};

use kith_exchange::courier::{Courier, growing};
use kith_protocol::{
    bundle::{KeepNothing, Sealed},
    envelope::SignedEnvelope,
    gate::SignedGate,
    seal::open_with,
    wire::{BytesFault, Request, Response, WireError},
};
use kith_tests::bundles::{POLICE, World, now};
use serde::{Deserialize, Serialize};

use super::{
    pieces::Pieces,
    signed::{Node, asked, node, said},
};

const LENGTHS: [usize; 4] = [1, 7, 65_536, usize::MAX];

/// What travels beside the sealed file.
#[derive(Serialize, Deserialize)]
struct Beside {
    envelope: SignedEnvelope,
    gate: SignedGate,
}

/// A world, and its golden bundle.
struct Golden {
    name: &'static str,
    world: World,
    beside: Beside,
    file: Vec<u8>,
}

fn folder() -> PathBuf {
    super::signed::vectors().join("sealed")
}

/// What is sealed is never the same twice: it is read, and made with `UPDATE=1` only where there is none.
fn golden() -> [Golden; 2] {
    let classic = "AGE-SECRET-KEY-1EGTZVFFV20835NWYV6270LXYVK2VKNX2MMDKWYKLMGR48UAWX40Q2P2LM0";
    let classic = World::new(classic.parse().expect("a key"));
    [("hybrid", World::hybrid()), ("classic", classic)].map(|(name, mut world)| {
        let (paper, sealed) = (folder().join(format!("{name}.json")), folder().join(format!("{name}.age")));
        if std::env::var_os("UPDATE").is_some() && !sealed.exists() {
            let mut draft = world.draft();
            draft.records.truncate(1);
            let (made, file): (Sealed, Vec<u8>) = world.seal(draft);
            let beside = Beside { envelope: made.envelope().clone(), gate: made.gate().clone() };
            fs::create_dir_all(folder()).expect("a folder");
            fs::write(&paper, serde_json::to_string_pretty(&beside).expect("JSON") + "\n").expect("written");
            fs::write(&sealed, file).expect("written");
        }
        let beside = serde_json::from_slice(&fs::read(paper).expect("the vector")).expect("two documents");
        Golden { name, world, beside, file: fs::read(sealed).expect("the vector") }
    })
}

/// Every check in words, or why it is not filed.
fn verdict(one: &Golden, file: &[u8], length: usize) -> Result<String, String> {
    let from = Pieces(file, length);
    let opened = one.world.open_into(Some(&one.beside.envelope), from, &mut KeepNothing);
    let opened = opened.map_err(|error| error.to_string())?;
    let me = POLICE.parse().expect("an agency's id");
    let verified = opened.verify(&one.world.directory, &me, now()).map_err(|error| error.to_string())?;
    Ok(serde_json::to_string(verified.checks()).expect("JSON"))
}

/// One fault each, by what is wrong.
fn bad(file: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let flipped = |at: usize| {
        let mut file = file.to_vec();
        file[at] ^= 1;
        file
    };
    let payload = file.windows(4).position(|four| four == b"\n---").expect("a header's end") + 60;
    vec![
        ("the version of age", flipped(20)),
        ("the key that is wrapped", flipped(payload / 2)),
        ("the nonce", flipped(payload)),
        ("the first part", flipped(payload + 100)),
        ("the last byte", flipped(file.len() - 1)),
        ("cut in the header", file[..40].to_vec()),
        ("cut in the middle", file[..file.len() / 2].to_vec()),
        ("cut by a byte", file[..file.len() - 1].to_vec()),
        ("a byte more", [file, b"\0"].concat()),
        ("nothing", Vec::new()),
    ]
}

#[test]
fn a_golden_bundle_opens_the_same_in_pieces_and_with_a_byte_changed_never() {
    for one in golden() {
        let whole = verdict(&one, &one.file, usize::MAX);
        assert!(whole.is_ok(), "{}: {whole:?}", one.name);
        for length in LENGTHS {
            assert!(verdict(&one, &one.file, length) == whole, "{} by {length}", one.name);
        }
        assert!(
            open_with(std::slice::from_ref(&one.world.school.seal), &one.file[..]).is_err(),
            "{}",
            one.name
        );
        for (what, file) in bad(&one.file) {
            let whole = verdict(&one, &file, usize::MAX);
            assert!(whole.is_err(), "{}: {what}", one.name);
            for length in LENGTHS {
                assert_eq!(verdict(&one, &file, length), whole, "{}: {what} by {length}", one.name);
            }
        }
    }
}

#[tokio::test]
async fn a_golden_bundle_comes_out_of_a_node_with_the_same_verdict_and_a_changed_one_goes_not_in() {
    for one in golden() {
        let node: Node = node(&one.world).await;
        let deposit = || Request::Deposit {
            envelope: one.beside.envelope.clone(),
            gate: one.beside.gate.clone(),
            eager: true,
        };
        let mut refused = 0;
        for (what, file) in bad(&one.file) {
            let said = asked(&node, &one.world.school.link, &deposit(), &file).await;
            let Response::Failed { error: WireError::Bytes(fault) } = &said else {
                panic!("{what}: {said:?}")
            };
            assert!(matches!(fault, BytesFault::Digest | BytesFault::Size), "{what}: {fault:?}");
            refused += 1;
        }
        assert_eq!(refused, 10);
        let school = Courier::new(node.address.clone(), &one.world.school.link).expect("a key");
        let police = Courier::new(node.address.clone(), &one.world.police.link).expect("a key");
        let body = std::io::Cursor::new(one.file.clone());
        let (envelope, gate) = (&one.beside.envelope, &one.beside.gate);
        school.deposit(envelope, gate, body, &|_, _| ()).await.expect("it is whole now");
        let listed = police.list(0, &node.directory).await.expect("listed");
        let arrival = listed.arrivals.first().expect("it waits");
        assert_eq!((arrival.signed_envelope(), arrival.signed_gate()), (envelope, gate), "{}", one.name);
        let file = node.folder.path().join("collected");
        let delivered = arrival.delivered(&one.world.police.link, now());
        let to = (file.as_path(), growing().0);
        police.collect_to_file(arrival, &delivered, to, &|_, _| ()).await.expect("collected");
        let collected = fs::read(file).expect("a file");
        let whole = verdict(&one, &one.file, usize::MAX);
        assert!(whole.is_ok() && verdict(&one, &collected, usize::MAX) == whole, "{}", one.name);
        node.handle.stop().await;
    }
}

/// Every golden request gets one answer, whole and byte by byte; every bad one is refused as a frame, or by its end.
#[tokio::test]
async fn a_node_reads_frames_the_same_whole_and_byte_by_byte() {
    let world = World::hybrid();
    let node = node(&world).await;
    let (mut good, mut bad) = (0, 0);
    for file in fs::read_dir(super::signed::vectors().join("wire")).expect("the vectors") {
        let path = file.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let (is_bad, frame) = (name.starts_with("bad-request"), || {
            super::signed::from_hex(&fs::read_to_string(&path).expect("hex"))
        });
        // A wait for news takes its time; what begins a long transfer is in the other tests.
        let long = ["news", "ahead"].iter().any(|verb| name.starts_with(&format!("request-{verb}")));
        if long || !(is_bad || name.starts_with("request-")) {
            continue;
        }
        let whole = said(&node, &world.school.link, &[&frame()]).await;
        let frame = frame();
        let pieces: Vec<&[u8]> = frame.chunks(1).collect();
        assert_eq!(said(&node, &world.school.link, &pieces).await, whole, "{name}");
        if is_bad {
            let refused = Response::Failed { error: WireError::Bytes(BytesFault::Frame) };
            assert!(whole.is_none() || whole == Some(refused), "{name}: {whole:?}");
            bad += 1;
        } else {
            assert!(whole.is_some(), "{name}");
            good += 1;
        }
    }
    assert_eq!((good, bad), (11, 25));
    node.handle.stop().await;
}
