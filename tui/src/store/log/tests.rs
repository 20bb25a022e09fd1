//! What the log of a casebook promises.

use std::collections::{BTreeMap, BTreeSet};

use kith_protocol::{log::leaf_hash, sign::SigningKey};

use super::*;
use crate::store::{Casebook, tests::fresh};

fn key() -> SigningKey {
    SigningKey::from_seed(&[3; 32])
}

fn fact(seq: u64) -> FactId {
    FactId { device: DEVICE, seq }
}

/// A casebook with `count` facts.
fn filled(count: usize) -> (tempfile::TempDir, Casebook) {
    let (folder, mut casebook) = fresh();
    for _ in 0..count {
        casebook.add("Ann", "Lee");
    }
    (folder, casebook)
}

/// The leaves of some facts by their places, for a verifier.
fn leaves(casebook: &Casebook, places: &BTreeMap<FactId, u64>) -> BTreeMap<u64, Digest> {
    let leaf = |id: &FactId| {
        let sql = "SELECT leaf FROM fact WHERE id = ?";
        let bytes: [u8; 32] = casebook.db.query_row(sql, [id.key()], |row| row.get(0)).unwrap();
        leaf_hash(&bytes)
    };
    places.iter().map(|(id, place)| (*place, leaf(id))).collect()
}

#[test]
fn every_fact_is_a_leaf_and_any_of_them_can_be_shown() {
    let (_folder, mut casebook) = filled(7);
    assert_eq!(casebook.log_head().unwrap().size, 7);
    for shown in [vec![1], vec![7], vec![2, 3, 5], (1..=7).collect()] {
        let shown: BTreeSet<FactId> = shown.into_iter().map(fact).collect();
        let proof = casebook.log_proof(&shown, "kith/elsewhere", &key()).unwrap();
        let head = proof.offer.checkpoint.verify(&proof.checkpoint.origin, &key().public()).unwrap();
        assert_eq!(head, casebook.log_head().unwrap());
        assert_eq!(proof.places.keys().copied().collect::<BTreeSet<_>>(), shown);
        let mut shown = leaves(&casebook, &proof.places);
        proof.inclusion.verify(&shown, head.size, &head.root).unwrap();
        *shown.values_mut().next().unwrap() = leaf_hash(b"another");
        proof.inclusion.verify(&shown, head.size, &head.root).unwrap_err();
    }
    let beyond = BTreeSet::from([fact(8)]);
    casebook.log_proof(&beyond, "kith/elsewhere", &key()).unwrap_err();
}

#[test]
fn a_log_shows_that_it_only_grew() {
    let (_folder, mut casebook) = filled(5);
    let before = casebook.log_head().unwrap();
    casebook.log_checkpoint(&key()).unwrap();
    for _ in 0..4 {
        casebook.add("Bo", "Lee");
    }
    let after = casebook.log_checkpoint(&key()).unwrap();
    let offer = casebook.log_growth(after, before.size).unwrap();
    let head = casebook.log_head().unwrap();
    offer.growth.verify(before.size, &before.root, head.size, &head.root).unwrap();
    assert_eq!((before.size, head.size), (5, 9));
}

#[test]
fn a_checkpoint_is_signed_once_for_each_size() {
    let (_folder, mut casebook) = filled(2);
    let first = casebook.log_checkpoint(&key()).unwrap();
    assert_eq!(casebook.log_checkpoint(&key()).unwrap(), first);
    casebook.add("Bo", "Lee");
    assert_ne!(casebook.log_checkpoint(&key()).unwrap(), first);
    let kept: u64 =
        casebook.db.query_row("SELECT count(*) FROM log_checkpoint", [], |row| row.get(0)).unwrap();
    assert_eq!(kept, 2);
}

#[test]
fn a_database_that_was_put_back_signs_nothing() {
    let (folder, mut casebook) = filled(3);
    casebook.log_checkpoint(&key()).unwrap();
    drop(casebook);
    let backup = std::fs::read(folder.path().join("casebook.db")).unwrap();
    let mut casebook = crate::store::tests::unlock(folder.path());
    casebook.add("Bo", "Lee");
    casebook.log_checkpoint(&key()).unwrap();
    drop(casebook);
    std::fs::write(folder.path().join("casebook.db"), backup).unwrap();
    for other in ["casebook.db-wal", "casebook.db-shm"] {
        let _ = std::fs::remove_file(folder.path().join(other));
    }
    let mut casebook = crate::store::tests::unlock(folder.path());
    assert_eq!(casebook.log_head().unwrap().size, 3);
    assert!(matches!(casebook.log_checkpoint(&key()), Err(StoreError::SetBack)));
    // Also when it has grown past what was signed, with other facts.
    for _ in 0..3 {
        casebook.add("Cy", "Lee");
    }
    assert!(matches!(casebook.log_checkpoint(&key()), Err(StoreError::SetBack)));
}

#[test]
fn another_log_begins_with_the_fact_that_says_why() {
    let (_folder, mut casebook) = filled(6);
    let left = casebook.log_checkpoint(&key()).unwrap();
    let id = LogId::from_bytes([9; 16]);
    begin(&casebook.db, id, fact(6)).unwrap();
    casebook.add("Bo", "Lee");
    let log = current(&casebook.db).unwrap();
    assert_eq!(log, Log { id, begins: 6 });
    assert_eq!((0..7).map(|place| log.fact(place).seq).collect::<Vec<_>>(), [6, 1, 2, 3, 4, 5, 7]);
    assert!((1..=7).all(|seq| log.fact(log.place(fact(seq))) == fact(seq)));
    assert_eq!(differing(&casebook.db).unwrap(), Vec::<String>::new());
    let all: BTreeSet<FactId> = (1..=7).map(fact).collect();
    let proof = casebook.log_proof(&all, "kith/elsewhere", &key()).unwrap();
    assert_ne!(proof.checkpoint.origin, left.claims().unwrap().origin);
    let (shown, head) = (leaves(&casebook, &proof.places), proof.checkpoint);
    proof.inclusion.verify(&shown, head.size, &head.root).unwrap();
}

#[test]
fn the_first_fact_that_is_not_what_was_entered_is_named() {
    let (_folder, casebook) = filled(6);
    let change = |sql: &str| assert_eq!(casebook.db.execute(sql, []).unwrap(), 1);
    let change_fact =
        |seq| change(&format!("UPDATE fact SET leaf = zeroblob(32) WHERE id = {}", fact(seq).key()));
    change("UPDATE log_hash SET hash = zeroblob(32) WHERE level = 1 AND place = 1");
    assert_eq!(differing(&casebook.db).unwrap(), ["the log's hashes over 2 facts from 1-3 do not agree"]);
    change_fact(5);
    change_fact(4);
    assert_eq!(differing(&casebook.db).unwrap(), ["fact 1-4 is not what was entered in the log"]);
}

#[test]
fn facts_made_over_again_after_a_checkpoint_are_found() {
    let (_folder, mut casebook) = filled(4);
    casebook.log_checkpoint(&key()).unwrap();
    // Whoever holds the database can enter other facts in a log that agrees with itself, but cannot unsign.
    let sql = "UPDATE fact SET leaf = randomblob(32) WHERE id = ?";
    casebook.db.execute(sql, [fact(2).key()]).unwrap();
    let log = current(&casebook.db).unwrap();
    begin(&casebook.db, log.id, fact(1)).unwrap();
    assert_eq!(
        differing(&casebook.db).unwrap(),
        ["the checkpoint signed over 4 facts is not of these facts"]
    );
}
