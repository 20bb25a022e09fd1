//! The node's own log, as its clients see it.

use kith_protocol::{
    log::Checkpoint,
    wire::{PeerFault, WireError},
};

use super::*;
use crate::{
    courier::{Audit, Breach, Lie, Proven},
    node::begin_again,
};

async fn proof(
    world: &World,
    receipt: Option<&SignedReceipt>,
    known: Option<&Checkpoint>,
) -> Result<Proven, CourierError> {
    world.courier(&world.school).proof(receipt, known).await
}

/// Where the receipt that was asked for stands.
fn place(proven: &Proven) -> Option<u64> {
    proven.logged.as_ref().map(|logged| logged.index)
}

async fn collect(world: &World) -> SignedReceipt {
    let arrival = world.waiting().await.remove(0);
    let delivered = arrival.delivered(&world.police.link, world.now());
    let courier = world.courier(&world.police);
    courier.collect(&arrival, &delivered, &mut Vec::new(), &quiet).await.unwrap().delivered
}

#[tokio::test]
async fn what_the_node_signed_for_stands_in_its_log_for_good() {
    let mut world = World::new().await;
    let empty = proof(&world, None, None).await.unwrap();
    assert_eq!((empty.checkpoint.size, place(&empty)), (0, None));

    let stored = world.send(&world.letter(1, bytes(10))).await.unwrap();
    let first = proof(&world, Some(&stored), Some(&empty.checkpoint)).await.unwrap();
    assert_eq!((first.checkpoint.size, place(&first)), (1, Some(0)));
    // The same bundle once more is entered once.
    assert_eq!(world.send(&world.letter(1, bytes(10))).await.unwrap(), stored);
    let delivered = collect(&world).await;
    let second = proof(&world, Some(&delivered), Some(&first.checkpoint)).await.unwrap();
    assert_eq!((second.checkpoint.size, place(&second)), (2, Some(1)));

    world.restart().await;
    for n in 2..12 {
        world.send(&world.letter(n, bytes(10))).await.unwrap();
    }
    let last = proof(&world, Some(&stored), Some(&second.checkpoint)).await.unwrap();
    assert_eq!((last.checkpoint.size, place(&last)), (12, Some(0)));
    assert_eq!(last.checkpoint.origin, empty.checkpoint.origin);
}

/// A STORED names its own place, before anybody has asked.
#[tokio::test]
async fn a_receipt_that_stands_elsewhere_than_it_says_is_a_lie() {
    let world = World::new().await;
    let log = proof(&world, None, None).await.unwrap().checkpoint.origin;
    for n in 1..4 {
        let stored = world.send(&world.letter(n, bytes(10))).await.unwrap();
        let leaf = stored.claims().unwrap().leaf.unwrap();
        assert_eq!((leaf.log.clone(), leaf.index), (log.clone(), u64::from(n) - 1));
    }
    // The node signs one for a place where another stands, and enters it at the end.
    let stored = world.send(&world.letter(9, bytes(10))).await.unwrap();
    let mut lies = stored.claims().unwrap();
    lies.leaf.as_mut().unwrap().index = 1;
    let lies = SignedReceipt::new(&lies, &node_keys().sign);
    let db = rusqlite::Connection::open(world.folder.path().join("node.db")).unwrap();
    crate::node::log::enter(&db, &lies).unwrap();
    let refused = proof(&world, Some(&lies), None).await;
    assert!(matches!(refused, Err(CourierError::Lie(Lie::Place))), "{refused:?}");
}

#[tokio::test]
async fn a_receipt_that_was_never_entered_is_not_shown() {
    let world = World::new().await;
    let stored = world.send(&world.letter(1, bytes(10))).await.unwrap();
    let other = SignedReceipt::from_parts(format!("{} ", stored.text), stored.signature);
    let refused = proof(&world, Some(&other), None).await;
    assert!(
        matches!(refused, Err(CourierError::Refused(WireError::Peer(PeerFault::NotForYou)))),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_node_that_was_set_back_cannot_show_that_its_log_grew() {
    let mut world = World::new().await;
    let backup = tempfile::tempdir().unwrap();
    world.send(&world.letter(1, bytes(10))).await.unwrap();
    put_aside(&mut world, backup.path()).await;
    let dropped = world.send(&world.letter(2, bytes(10))).await.unwrap();
    let known = proof(&world, Some(&dropped), None).await.unwrap().checkpoint;

    put_back(&mut world, backup.path()).await;
    let shorter = proof(&world, None, Some(&known)).await;
    assert!(matches!(shorter, Err(CourierError::Refused(_))), "{shorter:?}");
    assert_eq!(breach(&world, None, &known).await, Breach::Shrunk);
    world.send(&world.letter(3, bytes(10))).await.unwrap();
    assert_eq!(breach(&world, None, &known).await, Breach::Forked);
    for n in 4..6 {
        world.send(&world.letter(n, bytes(10))).await.unwrap();
    }
    assert_eq!(breach(&world, Some(&dropped), &known).await, Breach::Rewritten);
    let rewritten = proof(&world, None, Some(&known)).await;
    assert!(matches!(rewritten, Err(CourierError::Lie(Lie::Proof(_)))), "{rewritten:?}");
}

#[tokio::test]
async fn another_log_of_the_node_is_not_taken_for_the_one_that_is_known() {
    let world = World::new().await;
    let known = proof(&world, None, None).await.unwrap().checkpoint;
    let other = World::new().await;
    let changed = other.courier(&other.school).proof(None, Some(&known)).await;
    assert!(matches!(changed, Err(CourierError::Lie(Lie::Log(_)))), "{changed:?}");
}

#[tokio::test]
async fn a_node_whose_backup_was_restored_begins_another_log_and_says_so() {
    let mut world = World::new().await;
    let backup = tempfile::tempdir().unwrap();
    let kept = world.send(&world.letter(1, bytes(10))).await.unwrap();
    put_aside(&mut world, backup.path()).await;
    let lost = world.send(&world.letter(2, bytes(10))).await.unwrap();
    let known = proof(&world, Some(&lost), None).await.unwrap().checkpoint;

    put_back(&mut world, backup.path()).await;
    let db = world.folder.path().join("node.db");
    let (said, leaf) =
        begin_again(&db, (&node_keys(), "northshire".into()), "the disk failed", world.now()).unwrap();
    assert_eq!((said.left.origin.clone(), said.left.size), (known.origin.clone(), 1));
    let Audit::Broken { breach, now } =
        world.courier(&world.school).audit(Some(&lost), Some(&known)).await.unwrap()
    else {
        panic!("another log is not the one that was known");
    };
    assert_eq!((breach, now.checkpoint.origin, now.checkpoint.size), (Breach::Replaced, said.log, 2));
    // What the backup had stands in the new log, after the leaf that says why; what came later does not.
    assert_eq!(proof(&world, Some(&kept), None).await.unwrap().logged.map(|at| at.index), Some(1));
    assert_eq!(breach_of(&world, &lost).await, Breach::Missing);
    let first = SignedReceipt::from_parts(leaf, kept.signature.clone());
    assert_eq!(proof(&world, Some(&first), None).await.unwrap().logged.map(|at| at.index), Some(0));
}

async fn breach(world: &World, receipt: Option<&SignedReceipt>, known: &Checkpoint) -> Breach {
    match world.courier(&world.school).audit(receipt, Some(known)).await.unwrap() {
        Audit::Broken { breach, .. } => breach,
        Audit::Holds(proven) => panic!("it holds: {proven:?}"),
    }
}

async fn breach_of(world: &World, receipt: &SignedReceipt) -> Breach {
    let now = proof(world, None, None).await.unwrap().checkpoint;
    breach(world, Some(receipt), &now).await
}

/// Copies the node's database, and goes on.
async fn put_aside(world: &mut World, to: &Path) {
    world.node.take().unwrap().stop().await;
    world.backup(to);
    world.start().await;
}

/// Puts the copy in place of the database.
async fn put_back(world: &mut World, from: &Path) {
    world.node.take().unwrap().stop().await;
    for name in files(from) {
        std::fs::copy(from.join(&name), world.folder.path().join(&name)).unwrap();
    }
    for name in ["node.db-wal", "node.db-shm"].iter().filter(|name| !from.join(name).exists()) {
        let _ = std::fs::remove_file(world.folder.path().join(name));
    }
    world.start().await;
}
