//! What comes ahead of its deposit: the deposit goes on from it, nobody else has anything of it, and it has its bounds.

use std::{fs::File, sync::atomic::AtomicU64};

use bytes::Bytes;
use kith_protocol::wire::{BytesFault, PeerFault, Policy, Request, Response, WireError};

use super::{links::raw, *};
use crate::{
    courier::{Growing, growing},
    link::{Connection, Endpoint, Stream},
};

const MOST: u64 = 2_500_000;

/// A link on which so much came ahead for a letter's gate, by this agency; whether there is more is not said yet.
async fn begun(
    world: &World,
    letter: &Letter,
    who: &AgencySecrets,
    ahead: &[u8],
) -> (Endpoint, Connection, Stream) {
    let (endpoint, connection, mut stream) = raw(world, who).await;
    let gate = SignedGate::new(&letter.gate, &world.school.sign);
    stream.say(&Request::Ahead { gate, most: MOST }, Bytes::copy_from_slice(ahead)).await.unwrap();
    (endpoint, connection, stream)
}

async fn came(world: &World, letter: &Letter, ahead: &[u8]) -> Response {
    let (_endpoint, _connection, mut stream) = begun(world, letter, &world.school, ahead).await;
    stream.finish();
    stream.hear().await.unwrap()
}

/// Deposits a letter; gives how much of it the node had.
async fn had(world: &World, letter: &Letter) -> u64 {
    let least = AtomicU64::new(u64::MAX);
    let note = |sent: u64, _: u64| {
        least.fetch_min(sent.saturating_sub(256 * 1024), Ordering::SeqCst);
    };
    let (envelope, gate) = letter.signed(&world.school.sign);
    let courier = world.courier(&world.school);
    courier.deposit(&envelope, &gate, Cursor::new(&letter.body), &note).await.unwrap();
    let arrivals = world.waiting().await;
    let arrival = arrivals.iter().find(|one| one.id() == envelope.id()).unwrap();
    let mut body = Vec::new();
    let delivered = arrival.delivered(&world.police.link, world.now());
    world.courier(&world.police).collect(arrival, &delivered, &mut body, &quiet).await.unwrap();
    assert!(body == letter.body, "it came whole");
    least.into_inner()
}

async fn held(world: &World) -> u64 {
    world.courier(&world.school).status().await.unwrap().held
}

fn partial(world: &World) -> Vec<String> {
    files(&world.folder.path().join("partial"))
}

/// A file with these bytes, as it is sealed.
fn sealed(world: &World, bytes: &[u8]) -> (crate::courier::Grows, Growing) {
    let path = world.folder.path().join("out.age");
    std::fs::write(&path, bytes).unwrap();
    let (grows, file) = growing();
    grows.begins(File::open(path).unwrap());
    grows.has(bytes.len() as u64);
    (grows, file)
}

#[tokio::test]
async fn what_came_ahead_is_not_sent_again() {
    let mut world = World::new().await;
    for (n, restarted) in [(1, false), (2, true)] {
        let letter = world.letter(n, bytes(2_000_000));
        let gate = SignedGate::new(&letter.gate, &world.school.sign);
        let (grows, file) = sealed(&world, &letter.body);
        grows.is_whole(letter.envelope.ciphertext);
        world.courier(&world.school).ahead(&gate, MOST, file).await.unwrap();
        assert_eq!(partial(&world).len(), 1);
        assert_eq!(world.waiting().await.len(), usize::from(n) - 1, "nobody is told of it");
        if restarted {
            world.restart().await;
        }
        let before = held(&world).await - MOST;
        // The last call says that all of it is there; there is no other.
        assert_eq!(had(&world, &letter).await, 2_000_000 - 256 * 1024);
        assert_eq!(held(&world).await, before + 2_000_000, "what it takes, not what it might have");
        assert_eq!(partial(&world), Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_deposit_goes_on_from_what_came_ahead() {
    let mut world = World::new().await;
    for (n, restarted) in [(1, false), (2, true)] {
        let letter = world.letter(n, bytes(2_000_000));
        assert_eq!(came(&world, &letter, &letter.body[..1_300_000]).await, Response::Done);
        if restarted {
            world.restart().await;
        }
        assert_eq!(had(&world, &letter).await, 1_300_000);
        assert_eq!(partial(&world), Vec::<String>::new());
    }
    // Its link says no more, and the deposit waits for nobody.
    let letter = world.letter(3, bytes(2_000_000));
    let (_endpoint, _connection, mut stale) =
        begun(&world, &letter, &world.school, &letter.body[..500_000]).await;
    while partial(&world).is_empty() {
        tokio::task::yield_now().await;
    }
    had(&world, &letter).await;
    assert!(stale.hear::<Response>().await.is_err(), "it was told nothing of what it did not finish");
    assert_eq!((partial(&world), held(&world).await), (Vec::new(), 6_000_000));
}

#[tokio::test]
async fn bytes_that_are_not_the_bundles_do_no_harm() {
    let world = World::new().await;
    let letter = world.letter(1, bytes(2_000_000));
    came(&world, &letter, &vec![7; 2_000_000]).await;
    assert_eq!(had(&world, &letter).await, 0, "it began again");
    let letter = world.letter(2, bytes(2_000_000));
    came(&world, &letter, &vec![7; 2_100_000]).await;
    assert_eq!(had(&world, &letter).await, 0, "it began again");
    // In the middle nobody can tell before the end; then nothing is kept, and it goes the next time.
    let letter = world.letter(3, bytes(2_000_000));
    came(&world, &letter, &[7; 1_000]).await;
    let refused = world.send(&letter).await;
    assert!(
        matches!(refused, Err(CourierError::Refused(WireError::Bytes(BytesFault::Digest)))),
        "{refused:?}"
    );
    assert_eq!((partial(&world), held(&world).await), (Vec::new(), 4_000_000));
    assert_eq!(had(&world, &letter).await, 0);
}

#[tokio::test]
async fn each_sender_has_one_beginning_and_another_gate_does_not_find_it() {
    let world = World::new().await;
    let (first, second) = (world.letter(1, bytes(2_000_000)), world.letter(2, bytes(2_000_000)));
    came(&world, &first, &first.body[..1_000_000]).await;
    assert_eq!(had(&world, &second).await, 0, "another gate");
    assert_eq!((partial(&world).len(), held(&world).await), (1, MOST + 2_000_000));
    let third = world.letter(3, bytes(2_000_000));
    came(&world, &third, &third.body[..900_000]).await;
    assert_eq!(
        (partial(&world).len(), held(&world).await),
        (1, MOST + 2_000_000),
        "in the place of the first"
    );
    assert_eq!(had(&world, &first).await, 0);
    assert_eq!(had(&world, &third).await, 900_000);
}

#[tokio::test]
async fn what_is_given_up_or_waits_too_long_leaves_nothing() {
    let world = World::new().await;
    let letter = world.letter(1, bytes(2_000_000));
    let gate = SignedGate::new(&letter.gate, &world.school.sign);
    let (grows, file) = sealed(&world, &letter.body[..1_000_000]);
    let school = world.courier(&world.school);
    let sealing = async {
        while partial(&world).is_empty() {
            tokio::task::yield_now().await;
        }
        drop(grows);
    };
    let (ahead, ()) = tokio::join!(school.ahead(&gate, MOST, file), sealing);
    assert!(matches!(ahead, Err(CourierError::Here(_))), "{ahead:?}");
    while !partial(&world).is_empty() || held(&world).await > 0 {
        tokio::task::yield_now().await;
    }
    came(&world, &letter, &letter.body[..1_000_000]).await;
    world.pass(SignedDuration::from_hours(71));
    world.node().sweep().await.unwrap();
    assert_eq!((partial(&world).len(), held(&world).await), (1, MOST));
    world.pass(SignedDuration::from_hours(1));
    world.node().sweep().await.unwrap();
    assert_eq!((partial(&world), held(&world).await), (Vec::new(), 0));
    assert_eq!(had(&world, &letter).await, 0);
}

#[tokio::test]
async fn what_comes_ahead_has_the_bounds_of_a_bundle() {
    let world = World::with(Limits { bundle: MOST, agency: MOST + 10, ..Limits::default() }).await;
    let letter = world.letter(1, bytes(2_000_000));
    let fault = |error| Response::Failed { error };
    assert_eq!(
        came(&world, &letter, &bytes(MOST as usize + 1)).await,
        fault(WireError::Bytes(BytesFault::Size))
    );
    assert_eq!((partial(&world), held(&world).await), (Vec::new(), 0));
    let (_endpoint, _connection, mut stream) = raw(&world, &world.school).await;
    let gate = SignedGate::new(&letter.gate, &world.school.sign);
    stream.say(&Request::Ahead { gate, most: MOST + 1 }, Bytes::new()).await.unwrap();
    let rule = Policy::BundleTooLarge { limit: MOST };
    assert_eq!(stream.hear::<Response>().await.unwrap(), fault(WireError::Policy(rule)));
    world.send(&world.letter(9, bytes(11))).await.unwrap();
    let rule = Policy::QuotaFull { limit: MOST + 10 };
    assert_eq!(came(&world, &letter, &letter.body).await, fault(WireError::Policy(rule)));
    assert_eq!((partial(&world), held(&world).await), (Vec::new(), 11));
    // It is a help and no more: what there is room for goes without it.
    assert_eq!(had(&world, &letter).await, 0);
}

#[tokio::test]
async fn nothing_comes_ahead_without_leave() {
    let world = World::new().await;
    let refused = async |letter: &Letter, who: &AgencySecrets, gate: SignedGate| {
        let (_endpoint, _connection, mut stream) = raw(&world, who).await;
        let behind = Bytes::copy_from_slice(&letter.body);
        let _ = stream.say(&Request::Ahead { gate, most: MOST }, behind).await;
        match stream.hear::<Response>().await.unwrap() {
            Response::Failed { error } => error,
            other => panic!("{other:?}"),
        }
    };
    let letter = world.letter(1, bytes(300_000));
    let signed = |letter: &Letter| SignedGate::new(&letter.gate, &world.school.sign);
    let own = signed(&letter);
    assert_eq!(refused(&letter, &world.health, own.clone()).await, WireError::Peer(PeerFault::NotTheSender));
    let forged = SignedGate::new(&letter.gate, &world.health.sign);
    assert_eq!(refused(&letter, &world.school, forged).await, WireError::Bytes(BytesFault::Document));
    let mut other = world.letter(2, bytes(300_000));
    other.gate.valid_from = at(START + 86_400);
    other.gate.valid_until = at(START + 90_000);
    assert_eq!(refused(&other, &world.school, signed(&other)).await, WireError::Policy(Policy::GateNotYet));
    other.gate.valid_from = at(START - 90_000);
    other.gate.valid_until = at(START);
    let shut = refused(&other, &world.school, signed(&other)).await;
    assert!(
        matches!(shut, WireError::Policy(Policy::GateExpired) | WireError::Bytes(BytesFault::Document)),
        "{shut:?}"
    );
    world.send(&letter).await.unwrap();
    assert_eq!(refused(&letter, &world.school, own).await, WireError::Policy(Policy::GateUsed));
    world.courier(&world.school).withdraw(&world.withdrawal(&[3])).await.unwrap();
    let third = world.letter(3, bytes(300_000));
    assert_eq!(
        refused(&third, &world.school, signed(&third)).await,
        WireError::Policy(Policy::GateWithdrawn)
    );
    assert_eq!((partial(&world), held(&world).await), (Vec::new(), 300_000));
}

#[tokio::test]
async fn a_gate_taken_back_meanwhile_lets_nothing_pass() {
    let world = World::new().await;
    let letter = world.letter(1, bytes(2_000_000));
    came(&world, &letter, &letter.body).await;
    world.courier(&world.school).withdraw(&world.withdrawal(&[1])).await.unwrap();
    let refused = world.send(&letter).await;
    assert!(
        matches!(refused, Err(CourierError::Refused(WireError::Policy(Policy::GateWithdrawn)))),
        "{refused:?}"
    );
    assert!(world.waiting().await.is_empty());
}
