//! The node as a witness of its members' logs, and they as witnesses of its own.

use std::collections::HashMap;

use kith_protocol::{
    ids::LogId,
    log::{Checkpoint, Cosigner, Fork, Growth, Node as Place, Offer, Origin, Tree, Witness, leaf_hash},
    wire::{BytesFault, PeerFault, WireError},
};

use super::*;
use crate::{courier::Witnessed, node::store};

/// A log of the school's, in memory.
struct Book {
    origin: Origin,
    size: u64,
    hashes: HashMap<Place, Digest>,
}

impl Book {
    fn new(leaves: &[&str]) -> Self {
        let origin = Origin::of_agency(&"elm-park".parse().unwrap(), LogId::from_bytes([1; 16]));
        let mut book = Self { origin, size: 0, hashes: HashMap::new() };
        book.append(leaves);
        book
    }

    fn tree(&self) -> Tree<impl Fn(Place) -> Result<Digest, std::convert::Infallible>> {
        Tree::new(self.size, |place| Ok(self.hashes[&place])).unwrap()
    }

    fn append(&mut self, leaves: &[&str]) {
        for leaf in leaves {
            let made = self.tree().append(leaf_hash(leaf.as_bytes())).unwrap();
            self.hashes.extend(made);
            self.size += 1;
        }
    }

    fn offer(&self, since: u64, key: &SigningKey) -> Offer {
        let head =
            Checkpoint { origin: self.origin.clone(), size: self.size, root: self.tree().root().unwrap() };
        let growth = self.tree().growth_from(since).unwrap_or(Growth::new(Vec::new()));
        Offer { checkpoint: head.sign(key).unwrap(), since, growth }
    }
}

async fn offered(world: &World, offer: &Offer) -> Option<u64> {
    match world.courier(&world.school).witness(offer).await.unwrap() {
        Witnessed::Cosigned(_) => None,
        Witnessed::Seen(seen) => Some(seen.map_or(0, |seen| seen.claims().unwrap().size)),
    }
}

#[tokio::test]
async fn a_members_log_is_cosigned_for_as_long_as_it_only_grows() {
    let mut world = World::new().await;
    let log = world.school.log.clone();
    let mut book = Book::new(&["a", "b", "c"]);
    assert_eq!(offered(&world, &book.offer(0, &log)).await, None);
    let (early, of_three) = (Book::new(&["a", "b"]), book.offer(3, &log));
    book.append(&["d", "e"]);
    assert_eq!(offered(&world, &book.offer(0, &log)).await, Some(3), "growth from what it did not see last");
    assert_eq!(offered(&world, &book.offer(3, &log)).await, None);
    world.restart().await;
    assert_eq!(offered(&world, &book.offer(5, &log)).await, None, "the same again");
    assert_eq!(offered(&world, &of_three).await, Some(5), "an older one is a replay");
    assert_eq!(offered(&world, &early.offer(0, &log)).await, Some(5));
    let rewritten = Book::new(&["a", "b", "c", "d", "x", "f"]);
    assert_eq!(offered(&world, &rewritten.offer(5, &log)).await, Some(5), "rewritten, and longer");
}

#[tokio::test]
async fn a_fork_is_kept_so_that_anybody_can_check_it() {
    let mut world = World::new().await;
    let log = world.school.log.clone();
    let (one, other) = (Book::new(&["a", "b"]), Book::new(&["a", "x"]));
    assert_eq!(offered(&world, &one.offer(0, &log)).await, None);
    for _ in 0..2 {
        assert_eq!(offered(&world, &other.offer(2, &log)).await, Some(2));
    }
    // Whose it is sees it, and the admin; others do not.
    let seen = async |key: &SigningKey| {
        let status = Courier::new(world.address.clone(), key).unwrap().status().await.unwrap();
        (status.cosigned, status.forks)
    };
    assert_eq!(seen(&world.school.link).await, (1, 1));
    assert_eq!(seen(&world.police.link).await, (0, 0));
    assert_eq!(seen(&node_keys().link).await, (1, 1));
    world.node.take().unwrap().stop().await;
    let db = store::open_reader(&world.folder.path().join("node.db")).unwrap();
    let mut statement = db.prepare("SELECT one, other FROM forks").unwrap();
    let forks = statement.query_map([], |row| {
        let [one, other] = [0, 1].map(|at| row.get::<_, String>(at).unwrap().parse().unwrap());
        Ok(Fork { one, other })
    });
    let forks: Vec<Fork> = forks.unwrap().map(Result::unwrap).collect();
    assert_eq!(forks.len(), 1);
    assert_eq!(forks[0].is_proven(&one.origin, &log.public()), Ok(true));
}

#[tokio::test]
async fn only_an_agency_itself_offers_its_logs() {
    let world = World::new().await;
    let book = Book::new(&["a"]);
    let by_police = world.courier(&world.police).witness(&book.offer(0, &world.school.log)).await;
    assert!(
        matches!(by_police, Err(CourierError::Refused(WireError::Peer(PeerFault::NotTheSender)))),
        "{by_police:?}"
    );
    let other_key = world.courier(&world.school).witness(&book.offer(0, &world.school.sign)).await;
    assert!(
        matches!(other_key, Err(CourierError::Refused(WireError::Bytes(BytesFault::Document)))),
        "{other_key:?}"
    );
}

#[tokio::test]
async fn members_cosign_the_nodes_log_and_others_see_it() {
    let world = World::new().await;
    world.send(&world.letter(1, bytes(10))).await.unwrap();
    let police = world.courier(&world.police);
    let proven = police.proof(None, None).await.unwrap();
    let growth = Growth::new(Vec::new());
    let cosign = |secrets: &AgencySecrets| {
        let cosigner = Cosigner::agency(&"police".parse().unwrap(), secrets.cosign.clone()).unwrap();
        let log = (&proven.checkpoint.origin, &world.address.log);
        cosigner.cosign(&proven.signed, log, None, &growth, world.now()).unwrap().1
    };
    let (size, line) = (proven.checkpoint.size, cosign(&world.police));
    police.give_cosignature(size, line.clone()).await.unwrap();
    let seen = world.courier(&world.school).proof(None, None).await.unwrap().signed;
    let witness = Witness::agency(&world.directory().members[1], false).unwrap();
    let mut with = proven.signed.clone();
    with.add(&line, &witness).unwrap();
    assert_eq!(seen, with);

    let forged = police.give_cosignature(size, cosign(&world.school)).await;
    assert!(
        matches!(forged, Err(CourierError::Refused(WireError::Bytes(BytesFault::Document)))),
        "{forged:?}"
    );
    let beyond = police.give_cosignature(size + 1, line).await;
    assert!(
        matches!(beyond, Err(CourierError::Refused(WireError::Peer(PeerFault::NotForYou)))),
        "{beyond:?}"
    );
}
