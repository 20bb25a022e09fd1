//! Who gets a link, and what a stranger with one can do: nothing.

use bytes::Bytes;
use kith_protocol::wire::{BytesFault, PeerFault, Policy, Request, Response, WireError};

use super::*;
use crate::{
    courier::Lie,
    link::{self, Stream},
};

#[tokio::test]
async fn a_node_with_another_key_is_not_called() {
    let world = World::new().await;
    let wrong = NodeAddress { link: SigningKey::from_seed(&[1; 32]).public(), ..world.address.clone() };
    let called = Courier::connect(wrong, &world.school.link).await;
    assert!(matches!(called.err(), Some(CourierError::OtherKey)));
}

#[tokio::test]
async fn a_stranger_is_not_let_in() {
    let world = World::new().await;
    let stranger = Courier::new(world.address.clone(), &SigningKey::from_seed(&[1; 32])).unwrap();
    let status = stranger.status().await;
    assert!(matches!(status, Err(CourierError::OtherKey)), "{status:?}");
    assert_eq!(CourierError::OtherKey.try_later(), None);
}

#[tokio::test]
async fn a_member_that_left_is_refused_on_an_open_link() {
    let world = World::new().await;
    let health = world.courier(&world.health);
    health.status().await.unwrap();
    let mut directory = Directory { version: 2, ..world.directory() };
    directory.members.retain(|member| member.id.as_str() != "health");
    world.node().set_directory(directory.sign(&[&world.partnership]).unwrap()).unwrap();
    let status = health.status().await;
    assert!(
        matches!(status, Err(CourierError::Refused(WireError::Peer(PeerFault::NotAMember)))),
        "{status:?}"
    );
    assert!(world.node().set_directory(world.signed_directory(1)).is_err(), "rolled back");
}

#[tokio::test]
async fn a_newer_directory_is_fetched_and_verified() {
    let world = World::new().await;
    let courier = world.courier(&world.school);
    let seen = world.pinned().follow(&world.signed_directory(1)).unwrap();
    assert!(courier.directory(&seen, world.now()).await.unwrap().is_none());
    world.node().set_directory(world.signed_directory(2)).unwrap();
    let (_, newer) = courier.directory(&seen, world.now()).await.unwrap().unwrap();
    assert_eq!(newer.version, 2);
    let other = Pinned::enrol("Northshire".into(), vec![SigningKey::from_seed(&[2; 32]).public()], 1);
    let refused = courier.directory(&other, world.now()).await;
    assert!(matches!(refused, Err(CourierError::Lie(Lie::Directory(_)))), "{refused:?}");
}

#[tokio::test]
async fn nobody_is_there() {
    let world = World::new().await;
    let address = NodeAddress { addr: "nowhere".into(), ..world.address.clone() };
    let called = Courier::connect(address, &world.school.link).await.err().unwrap();
    assert!(matches!(called, CourierError::NoAnswer), "{called:?}");
    assert!(called.try_later().is_some());
}

/// A member's raw stream, to say what a courier never would.
pub(super) async fn raw(world: &World, who: &AgencySecrets) -> (link::Endpoint, link::Connection, Stream) {
    let config = link::dialling(&who.link, world.address.link).unwrap();
    let endpoint = link::Endpoint::client("127.0.0.1:0".parse().unwrap()).unwrap();
    let to = world.address.addr.parse().unwrap();
    let connection = endpoint.connect_with(config, to, "x.invalid").unwrap().await.unwrap();
    let stream = Stream::new(connection.open_bi().await.unwrap());
    (endpoint, connection, stream)
}

#[tokio::test]
async fn who_has_an_old_directory_reads_again_what_it_could_not() {
    let world = World::new().await;
    for n in 1..=3 {
        world.send(&world.letter(n, bytes(10))).await.unwrap();
    }
    let (police, newest) = (world.courier(&world.police), Directory { version: 2, ..world.directory() });
    world.node().set_directory(newest.sign(&[&world.partnership]).unwrap()).unwrap();
    let mut old = world.directory();
    old.members.retain(|member| member.id.as_str() != "elm-park");
    let missed = police.list(0, &old).await.unwrap();
    assert!(missed.outdated && missed.refused.len() == 3 && missed.cursor.kept() == 0, "{missed:?}");
    let rest = police.list(missed.cursor, &old).await.unwrap();
    assert!(rest.refused.is_empty() && rest.cursor.kept() == 0, "a round goes on all the same");
    let listed = police.list(rest.cursor.kept(), &newest).await.unwrap();
    assert!(listed.arrivals.len() == 3 && listed.cursor.kept() != 0);
    // Where the node has no newer one, a sender that left holds nobody up.
    let left = Directory { version: 2, ..old };
    let gone = police.list(0, &left).await.unwrap();
    assert!(!gone.outdated && gone.refused.len() == 3 && gone.cursor.kept() == listed.cursor.kept());
}

#[tokio::test]
async fn a_directory_may_come_twice_and_may_bring_new_keys() {
    let world = World::new().await;
    let (first, second) = (&world.partnership, SigningKey::from_seed(&[10; 32]));
    let two = world.signed_directory(2);
    for _ in 0..2 {
        world.node().set_directory(two.clone()).unwrap();
    }
    let three = Directory { version: 3, keys: vec![second.public()], ..world.directory() };
    world.node().set_directory(three.sign(&[first, &second]).unwrap()).unwrap();
    let four = Directory { version: 4, keys: vec![second.public()], ..world.directory() };
    let by_the_old = world.node().set_directory(four.sign(&[first]).unwrap());
    assert!(by_the_old.is_err(), "retired keys");
    world.node().set_directory(four.sign(&[&second]).unwrap()).unwrap();
    let version = world.courier(&world.school).status().await.unwrap().directory;
    assert_eq!(version, 4);
}

#[tokio::test]
async fn what_is_not_a_frame_is_called_so() {
    let world = World::new().await;
    for junk in
        [&[0, 0, 0, 0][..], &[0xff; 8], &[0, 0, 0, 2, 1, 99], &[0, 0, 0, 2, 9, 8], &[0, 0, 0, 3, 1, 8, 0]]
    {
        let (_endpoint, _connection, mut stream) = raw(&world, &world.school).await;
        stream.send(Bytes::copy_from_slice(junk)).await.unwrap();
        stream.finish();
        let said: Response = stream.hear().await.unwrap();
        assert_eq!(said, Response::Failed { error: WireError::Bytes(BytesFault::Frame) }, "{junk:?}");
    }
}

#[tokio::test]
async fn gates_and_envelopes_that_do_not_hold_are_refused() {
    let world = World::new().await;
    let good = || world.letter(1, bytes(10));
    let refuse = async |letter: Letter,
                        (by_envelope, by_gate): (&SigningKey, &SigningKey),
                        as_who: &AgencySecrets| {
        let (envelope, gate) = (letter.signed(by_envelope).0, letter.signed(by_gate).1);
        let result = world.courier(as_who).deposit(&envelope, &gate, Cursor::new(letter.body), &quiet).await;
        match result {
            Err(CourierError::Refused(error)) => error,
            other => panic!("{other:?}"),
        }
    };
    let (sign, other) = (&world.school.sign, &world.health.sign);
    let document = WireError::Bytes(BytesFault::Document);
    assert_eq!(refuse(good(), (other, sign), &world.school).await, document);
    assert_eq!(refuse(good(), (sign, other), &world.school).await, document);
    assert_eq!(refuse(good(), (sign, sign), &world.health).await, WireError::Peer(PeerFault::NotTheSender));
    let from_nobody = |mut letter: Letter| {
        letter.envelope.from = "nobody".parse().unwrap();
        letter.gate.from = "nobody".parse().unwrap();
        letter
    };
    let refused = refuse(from_nobody(good()), (sign, sign), &world.school).await;
    assert_eq!(refused, WireError::Peer(PeerFault::NotTheSender), "it is not the recipient that is unknown");
    let mut gates = good();
    gates.gate.to = "health".parse().unwrap();
    assert_eq!(refuse(gates, (sign, sign), &world.school).await, WireError::Policy(Policy::GateForAnother));
    let mut early = good();
    early.gate.valid_from = at(START + 1_000);
    assert_eq!(refuse(early, (sign, sign), &world.school).await, WireError::Policy(Policy::GateNotYet));
    let mut late = good();
    late.gate.valid_until = at(START);
    assert_eq!(refuse(late, (sign, sign), &world.school).await, WireError::Policy(Policy::GateExpired));
    let mut nowhere = good();
    nowhere.envelope.to = "nobody".parse().unwrap();
    nowhere.gate.to = "nobody".parse().unwrap();
    assert_eq!(
        refuse(nowhere, (sign, sign), &world.school).await,
        WireError::Policy(Policy::UnknownRecipient)
    );
    for size in [10, 300_000] {
        let mut swapped = world.letter(1, bytes(size));
        swapped.envelope.ciphertext = Digest::of(b"other");
        assert_eq!(refuse(swapped, (sign, sign), &world.school).await, WireError::Bytes(BytesFault::Digest));
    }
    assert!(world.waiting().await.is_empty());
    world.send(&good()).await.unwrap();
    let mut second = world.letter(1, bytes(11));
    second.envelope.seal_id = SealId::from_bytes([2; 16]);
    assert_eq!(refuse(second, (sign, sign), &world.school).await, WireError::Policy(Policy::GateUsed));
}

#[tokio::test]
async fn only_the_recipient_collects_and_only_with_its_own_delivered() {
    let world = World::new().await;
    world.send(&world.letter(1, bytes(10))).await.unwrap();
    let arrival = world.waiting().await.remove(0);
    let collect = async |who: &AgencySecrets, delivered: SignedReceipt| {
        let mut out = Vec::new();
        match world.courier(who).collect(&arrival, &delivered, &mut out, &quiet).await {
            Err(CourierError::Refused(error)) => error,
            other => panic!("{other:?}"),
        }
    };
    let own = arrival.delivered(&world.police.link, world.now());
    let not_yours = WireError::Peer(PeerFault::NotForYou);
    assert_eq!(collect(&world.health, own.clone()).await, not_yours);
    assert_eq!(collect(&world.school, own).await, not_yours);
    let forged = arrival.delivered(&world.health.link, world.now());
    assert_eq!(collect(&world.police, forged).await, WireError::Bytes(BytesFault::Document));
    let elsewhere = SignedReceipt::delivered(
        arrival.id(),
        arrival.envelope(),
        &arrival.delivered(&world.police.link, world.now()),
        &world.police.link,
        world.now(),
    );
    assert_eq!(collect(&world.police, elsewhere).await, WireError::Bytes(BytesFault::Receipt));
    let health = world.courier(&world.health);
    for refused in [health.answer(arrival.id(), vec![1]).await, health.acknowledge(arrival.id()).await] {
        assert!(matches!(refused, Err(CourierError::Refused(error)) if error == not_yours));
    }
    let untouched = world.courier(&world.school).news(0, &world.directory(), &|_| None).await.unwrap();
    assert!(untouched.items.is_empty(), "{untouched:?}");
}

#[tokio::test]
async fn a_withdrawal_is_the_senders_alone() {
    let world = World::new().await;
    world.send(&world.letter(1, bytes(10))).await.unwrap();
    let withdrawal = world.withdrawal(&[1]);
    let refused = world.courier(&world.police).withdraw(&withdrawal).await;
    assert!(matches!(refused, Err(CourierError::Refused(WireError::Peer(PeerFault::NotTheSender)))));
    let mut forged = withdrawal;
    forged.text = forged.text.replace("elm-park", "police");
    let refused = world.courier(&world.police).withdraw(&forged).await;
    assert!(matches!(refused, Err(CourierError::Refused(WireError::Bytes(BytesFault::Document)))));
    assert_eq!(world.waiting().await.len(), 1);
}

#[tokio::test]
async fn the_newest_of_two_uploads_goes_on() {
    let world = World::new().await;
    let letter = world.letter(1, bytes(2_000_000));
    let (envelope, gate) = letter.signed(&world.school.sign);
    let (_endpoint, _connection, mut stale) = raw(&world, &world.school).await;
    let request = Request::Deposit { envelope: envelope.clone(), gate: gate.clone(), eager: false };
    stale.say(&request, Bytes::new()).await.unwrap();
    assert_eq!(stale.hear::<Response>().await.unwrap(), Response::Send { offset: 0 });
    stale.send(Bytes::copy_from_slice(&letter.body[..100_000])).await.unwrap();
    // The stale link says no more; the sender has called again.
    let courier = world.courier(&world.school);
    courier.deposit(&envelope, &gate, Cursor::new(&letter.body), &quiet).await.unwrap();
    assert!(stale.hear::<Response>().await.is_err(), "it was told nothing of a bundle it did not finish");
}

#[test]
fn a_node_that_fell_over_says_so_when_it_is_back() {
    let ours = tokio::runtime::Runtime::new().unwrap();
    let its = tokio::runtime::Runtime::new().unwrap();
    let mut world = ours.block_on(World::new());
    ours.block_on(world.node.take().unwrap().stop());
    let socket = UdpSocket::bind(&world.address.addr).unwrap();
    let node = its.block_on(crate::node::start(world.config(socket))).unwrap();
    let (_endpoint, connection, mut stream) = ours.block_on(raw(&world, &world.school));
    // Dropped with everything it was doing: nobody is told.
    its.shutdown_timeout(std::time::Duration::from_secs(5));
    drop(node);
    ours.block_on(async {
        let socket = UdpSocket::bind(&world.address.addr).unwrap();
        world.node = Some(crate::node::start(world.config(socket)).await.unwrap());
        // It may have heard already, from a packet that was on its way.
        let _ = stream.say(&Request::Status, Bytes::new()).await;
        assert_eq!(connection.closed().await, link::ConnectionError::Reset, "it waited for the old link");
    });
}

#[tokio::test]
async fn a_link_that_is_closed_has_said_goodbye() {
    let world = World::new().await;
    let school = world.courier(&world.school);
    let connection = school.connection().await.unwrap();
    let before = connection.stats().udp_tx.datagrams;
    school.close().await;
    assert!(connection.stats().udp_tx.datagrams > before);
    // It can be used again, and closed again.
    school.status().await.unwrap();
    school.close().await;
    school.close().await;
}
