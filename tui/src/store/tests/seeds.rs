//! Each fact has a seed of its own, so that equal words in two entries cannot be known for equal by what leaves.

use std::collections::BTreeSet;

use super::*;

/// Seeds and what commits to the facts, in the order of the facts.
fn grown(book: &Casebook) -> Vec<([u8; 32], [u8; 32])> {
    let mut all = book.db.prepare("SELECT seed, leaf FROM fact WHERE seed IS NOT NULL ORDER BY id").unwrap();
    all.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect()
}

#[test]
fn equal_words_grow_from_seeds_that_are_never_the_same() {
    let (folder, mut book) = fresh();
    let child = book.add("Jamie", "Oakes");
    let one = || note(child, 3, "Ryan saw the bruise", Significance::Low);
    let entry = book.record(one(), None);
    book.record(one(), None);
    // Amended, and amended back: the third version says what the first did.
    let other = note(child, 3, "Nobody saw the bruise", Significance::Low);
    for now in [other, one()] {
        book.did(Command::AmendEntry { entry, now, why: "a slip".into() });
    }
    let before = grown(&book);
    book.rebuild(&mut |_, _| {}).unwrap();
    assert_eq!(grown(&book), before, "tables are made again; what was committed to stays");
    drop(book);

    // An older copy is put back, and the same is recorded under the same number once more.
    let copy = folder.path().join("casebook.db");
    let kept = std::fs::read(&copy).unwrap();
    let mut again = Vec::new();
    for _ in 0..2 {
        std::fs::write(&copy, &kept).unwrap();
        let mut book = unlock(folder.path());
        book.record(one(), None);
        again.push(grown(&book).pop().unwrap());
    }
    let all: Vec<_> = before.into_iter().chain(again).collect();
    assert!(all.len() >= 7);
    type Pair = ([u8; 32], [u8; 32]);
    for part in [|one: &Pair| one.0, |one: &Pair| one.1] {
        assert_eq!(all.iter().map(part).collect::<BTreeSet<_>>().len(), all.len(), "one stands twice");
    }
}
