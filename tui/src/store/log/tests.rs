//! What the log of a casebook promises.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use kith_protocol::{log::leaf_hash, sign::SigningKey};

use super::*;
use crate::{
    casework::fact::Fact,
    store::{
        Casebook,
        tests::{author, fresh, now, unlock},
    },
};

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
        let proof = casebook.log_proof(&shown, "kith/elsewhere", &key(), |_| 0).unwrap();
        let head = proof.shown.checkpoint.verify(&proof.checkpoint.origin, &key().public()).unwrap();
        assert_eq!(head, casebook.log_head().unwrap());
        assert_eq!(proof.places.keys().copied().collect::<BTreeSet<_>>(), shown);
        let mut shown = leaves(&casebook, &proof.places);
        proof.inclusion.verify(&shown, head.size, &head.root).unwrap();
        *shown.values_mut().next().unwrap() = leaf_hash(b"another");
        proof.inclusion.verify(&shown, head.size, &head.root).unwrap_err();
    }
    let beyond = BTreeSet::from([fact(8)]);
    casebook.log_proof(&beyond, "kith/elsewhere", &key(), |_| 0).unwrap_err();
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
    let backup = put_aside(folder.path(), casebook);
    casebook = unlock(folder.path());
    casebook.add("Bo", "Lee");
    casebook.log_checkpoint(&key()).unwrap();
    let mut casebook = put_back(folder.path(), casebook, &backup);
    assert_eq!(casebook.log_head().unwrap().size, 3);
    assert!(matches!(casebook.log_checkpoint(&key()), Err(StoreError::SetBack)));
    // Also when it has grown past what was signed, with other facts.
    for _ in 0..3 {
        casebook.add("Cy", "Lee");
    }
    assert!(matches!(casebook.log_checkpoint(&key()), Err(StoreError::SetBack)));
}

/// Closes a casebook and copies its database.
fn put_aside(folder: &Path, casebook: Casebook) -> Vec<u8> {
    drop(casebook);
    std::fs::read(folder.join("casebook.db")).unwrap()
}

/// Closes a casebook and puts the copy in place of its database.
fn put_back(folder: &Path, casebook: Casebook, backup: &[u8]) -> Casebook {
    drop(casebook);
    std::fs::write(folder.join("casebook.db"), backup).unwrap();
    for other in ["casebook.db-wal", "casebook.db-shm"] {
        let _ = std::fs::remove_file(folder.join(other));
    }
    unlock(folder)
}

#[test]
fn another_log_begins_with_the_fact_that_says_why() {
    let (folder, mut casebook) = filled(6);
    let left = casebook.log_checkpoint(&key()).unwrap();
    let id = LogId::from_bytes([9; 16]);
    begin(&casebook.db, id, fact(6)).unwrap();
    outside::forget(folder.path()).unwrap();
    casebook.add("Bo", "Lee");
    let log = current(&casebook.db).unwrap();
    assert_eq!(log, Log { id, begins: 6 });
    assert_eq!((0..7).map(|place| log.fact(place).seq).collect::<Vec<_>>(), [6, 1, 2, 3, 4, 5, 7]);
    assert!((1..=7).all(|seq| log.fact(log.place(fact(seq))) == fact(seq)));
    assert_eq!(differing(&casebook.db).unwrap(), Vec::<String>::new());
    let all: BTreeSet<FactId> = (1..=7).map(fact).collect();
    let proof = casebook.log_proof(&all, "kith/elsewhere", &key(), |_| 0).unwrap();
    assert_ne!(proof.checkpoint.origin, left.claims().unwrap().origin);
    let (shown, head) = (leaves(&casebook, &proof.places), proof.checkpoint);
    proof.inclusion.verify(&shown, head.size, &head.root).unwrap();
}

#[test]
fn a_restored_casebook_says_so_and_goes_on_in_another_log() {
    let (folder, mut casebook) = filled(3);
    let backup = put_aside(folder.path(), casebook);
    casebook = unlock(folder.path());
    casebook.add("Bo", "Lee");
    let last = casebook.log_checkpoint(&key()).unwrap();
    let mut casebook = put_back(folder.path(), casebook, &backup);
    assert!(matches!(casebook.log_checkpoint(&key()), Err(StoreError::SetBack)));
    assert!(casebook.restored(" ", &author(), &now()).is_err());
    let said = casebook.restored("the disk failed", &author(), &now()).unwrap();
    assert_eq!(said, fact(4));
    let kept = facts::load(&casebook.db, said.key()).unwrap();
    let (why, note) = ("the disk failed".to_owned(), last.to_string());
    assert_eq!(kept.fact, Fact::BackupRestored { last: Some(note), why });
    let proof =
        casebook.log_proof(&BTreeSet::from([said, fact(2)]), "kith/elsewhere", &key(), |_| 0).unwrap();
    assert_eq!(proof.places, BTreeMap::from([(said, 0), (fact(2), 2)]));
    assert_ne!(proof.checkpoint.origin, last.claims().unwrap().origin);
    let report = casebook.check(&mut |_, _| {}).unwrap();
    assert!(report.is_whole(), "{report:?}");
    casebook.rebuild(&mut |_, _| {}).unwrap();
    assert_eq!(casebook.log_head().unwrap(), proof.checkpoint);
}

#[test]
fn what_a_witness_saw_tells_that_all_of_the_folder_was_put_back() {
    let (_folder, mut casebook) = filled(3);
    let (_other, mut further) = filled(5);
    // The same log, further on, as the witness saw it: a copy of the folder would have it.
    let id: [u8; 16] = *current(&casebook.db).unwrap().id.as_bytes();
    further.db.execute("UPDATE log SET id = ?", [id]).unwrap();
    let seen = further.log_checkpoint(&key()).unwrap();
    let own = casebook.log_checkpoint(&key()).unwrap();
    assert_eq!(casebook.log_met(&own, "kith-node/x", &key()).unwrap(), Met::Ours);
    assert_eq!(casebook.log_seen("kith-node/x").unwrap(), 3);
    let strangers = SigningKey::from_seed(&[4; 32]);
    assert_eq!(casebook.log_met(&seen, "kith-node/x", &strangers).unwrap(), Met::Foreign);
    casebook.log_checkpoint(&key()).unwrap();
    assert_eq!(casebook.log_met(&seen, "kith-node/x", &key()).unwrap(), Met::Beyond);
    assert!(matches!(casebook.log_checkpoint(&key()), Err(StoreError::SetBack)));
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
