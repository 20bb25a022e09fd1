//! The golden documents through a real node: what is good comes out as it went in, what is not is refused.

use std::net::UdpSocket;

use kith_exchange::{
    courier::{Courier, growing},
    link::{self, Endpoint},
    node::{self, Clock, Config, Limits, NodeHandle, NodeKeys},
};
use kith_protocol::{
    answer::Answer,
    directory::{Directory, NodeAddress, Pinned},
    envelope::SignedEnvelope,
    gate::{SignedGate, SignedWithdrawal},
    receipt::SignedReceipt,
    sign::SigningKey,
    wire::{self, Happening, Request, Response, WireError},
};
use kith_tests::bundles::{World, now};
use serde::de::DeserializeOwned;

use super::{
    cases::{NODE_LOG, SEALED, key},
    from_hex, read, sealed,
};

/// A node with the keys of the vectors, whose clock stands at their time.
pub(in crate::wire) struct Node {
    pub(in crate::wire) handle: NodeHandle,
    pub(in crate::wire) address: NodeAddress,
    pub(in crate::wire) directory: Directory,
    pub(in crate::wire) folder: tempfile::TempDir,
}

pub(in crate::wire) async fn node(world: &World) -> Node {
    let folder = tempfile::tempdir().expect("a folder");
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
    let keys = NodeKeys { link: key(90), sign: key(91), log: key(92), cosign: key(93) };
    let addr = socket.local_addr().expect("its address").to_string();
    let address = keys.address("Northshire node".into(), addr);
    let mut directory = world.directory.clone();
    directory.members.iter_mut().for_each(|member| member.node = address.clone());
    let signed = directory.sign(&[&key(99)]).expect("a key");
    let config = |socket| Config {
        name: address.name.clone(),
        folder: folder.path().to_owned(),
        socket,
        keys: keys.clone(),
        pinned: Pinned::enrol(directory.partnership.clone(), directory.keys.clone(), 1),
        directory: signed.clone(),
        clock: Clock::fixed(now()),
        limits: Limits::default(),
    };
    // Its log has a name drawn at random, and here that of the vectors.
    node::start(config(socket)).await.expect("it starts").stop().await;
    let db = rusqlite::Connection::open(folder.path().join("node.db")).expect("its books");
    db.execute("UPDATE log SET id = ?", [NODE_LOG.as_bytes()]).expect("written");
    drop(db);
    let socket = UdpSocket::bind(&address.addr).expect("the same port");
    let handle = node::start(config(socket)).await.expect("it starts");
    Node { handle, address, directory, folder }
}

pub(super) fn vector<T: DeserializeOwned>(name: &str) -> T {
    let case = read(name).unwrap_or_else(|| panic!("no vector {name}"));
    serde_json::from_value(case["document"].clone()).expect("a signed document")
}

fn quiet(_: u64, _: u64) {}

#[tokio::test]
async fn golden_documents_come_out_of_a_node_as_they_went_in() {
    let world = World::hybrid();
    let node = node(&world).await;
    let school = Courier::new(node.address.clone(), &world.school.link).expect("a key");
    let police = Courier::new(node.address.clone(), &world.police.link).expect("a key");
    let (envelope, gate) = (vector::<SignedEnvelope>("envelope"), vector::<SignedGate>("gate"));
    let stored =
        school.deposit(&envelope, &gate, std::io::Cursor::new(SEALED), &quiet).await.expect("stored");
    assert_eq!(stored, vector::<SignedReceipt>("stored"), "the node signs as published");

    let listed = police.list(0, &node.directory).await.expect("listed");
    let arrival = listed.arrivals.first().expect("it waits");
    assert_eq!((arrival.signed_envelope(), arrival.signed_gate()), (&envelope, &gate));
    let delivered: SignedReceipt = vector("delivered");
    assert_eq!(arrival.delivered(&world.police.link, delivered.claims().expect("a receipt").at), delivered);
    let file = node.folder.path().join("collected");
    let collected =
        police.collect_to_file(arrival, &delivered, (&file, growing().0), &quiet).await.expect("collected");
    assert_eq!(
        (collected.delivered, std::fs::read(&file).expect("a file")),
        (delivered.clone(), SEALED.to_vec())
    );

    let sealed = from_hex(read("answer").expect("a vector")["sealed"].as_str().expect("hex"));
    police.answer(envelope.id(), sealed.clone()).await.expect("passed on");
    let claims = envelope.claims().expect("an envelope");
    let known = |id| (id == envelope.id()).then(|| claims.clone());
    let news = school.news(0, &node.directory, &known).await.expect("news");
    let what: Vec<&Happening> = news.items.iter().map(|item| &item.what).collect();
    assert_eq!(
        what,
        [&Happening::Delivered { receipt: delivered }, &Happening::Answered { sealed: sealed.clone() }]
    );
    let opened = Answer::open(std::slice::from_ref(&world.school.seal), &sealed).expect("ours");
    assert_eq!(opened, sealed::answer(&world));

    let withdrawal: SignedWithdrawal = vector("withdrawal-letter");
    school.withdraw(&withdrawal).await.expect("taken back");
    let news = police.news(0, &node.directory, &known).await.expect("news");
    let told =
        news.items.iter().any(|item| item.what == Happening::Withdrawn { withdrawal: withdrawal.clone() });
    assert!(told, "{:?}", news.items);
    node.handle.stop().await;
}

/// One frame out, one frame back, whatever a courier of ours would say to it.
pub(in crate::wire) async fn asked(node: &Node, by: &SigningKey, request: &Request, body: &[u8]) -> Response {
    let frame = wire::encode(request).expect("a frame");
    said(node, by, &[&frame, body]).await.expect("one frame")
}

/// What is said to these bytes, each piece sent by itself; none when the stream just ends.
pub(in crate::wire) async fn said(node: &Node, by: &SigningKey, pieces: &[&[u8]]) -> Option<Response> {
    let dialling = link::dialling(by, node.address.link).expect("a key");
    let endpoint = Endpoint::client("127.0.0.1:0".parse().expect("an address")).expect("a socket");
    let to = node.address.addr.parse().expect("an address");
    let link = endpoint.connect_with(dialling, to, "x.invalid").expect("a call").await.expect("a link");
    let (mut send, mut hear) = link.open_bi().await.expect("a stream");
    for piece in pieces {
        // A node that has read enough wants no more.
        if send.write_all(piece).await.is_err() {
            break;
        }
        tokio::task::yield_now().await;
    }
    let _gone = send.finish();
    let said = hear.read_to_end(1 << 20).await.unwrap_or_default();
    link.close(0_u32.into(), b"");
    let (header, rest) = said.split_first_chunk()?;
    wire::decode(rest.get(..wire::length(*header).ok()?)?).ok()
}

#[tokio::test]
async fn a_node_refuses_every_golden_document_that_does_not_hold() {
    let world = World::hybrid();
    let node = node(&world).await;
    let good = (vector::<SignedEnvelope>("envelope"), vector::<SignedGate>("gate"));
    let bad: Vec<(String, String)> = super::all(&world)
        .into_iter()
        .filter(|(_, case)| case["expect"] != "ok" && case["at"] == serde_json::json!(now()))
        .map(|(name, case)| (name, case["check"].as_str().expect("a check").to_owned()))
        .collect();
    let mut refused = 0;
    let mut refuses = async |name: &str, by: &SigningKey, request: Request, body: &[u8]| {
        let said = asked(&node, by, &request, body).await;
        let Response::Failed { error } = &said else { panic!("{name}: {said:?}") };
        assert!(!matches!(error, WireError::Ours { .. }), "{name}: {error}");
        refused += 1;
    };
    for (name, check) in &bad {
        let (envelope, gate) = match check.as_str() {
            "envelope" => (vector(name), good.1.clone()),
            "gate" => (good.0.clone(), vector(name)),
            "withdrawal" => {
                let request = Request::Withdraw { withdrawal: vector(name) };
                refuses(name, &world.school.link, request, b"").await;
                continue;
            }
            _ => continue,
        };
        let request = Request::Deposit { envelope, gate, eager: true };
        refuses(name, &world.school.link, request, SEALED).await;
    }
    let (envelope, gate) = good.clone();
    let deposit = Request::Deposit { envelope, gate, eager: true };
    let said = asked(&node, &world.school.link, &deposit, SEALED).await;
    assert!(matches!(said, Response::Stored { .. }), "{said:?}");
    for (name, _) in bad.iter().filter(|(name, _)| name.starts_with("delivered")) {
        let request = Request::Collect { bundle: good.0.id(), delivered: vector(name), offset: 0 };
        refuses(name, &world.police.link, request, b"").await;
    }
    assert_eq!(refused, 44);
    let police = Courier::new(node.address.clone(), &world.police.link).expect("a key");
    let listed = police.list(0, &node.directory).await.expect("it goes on");
    assert_eq!(listed.arrivals.len(), 1, "it holds the good one alone");
    node.handle.stop().await;
}
