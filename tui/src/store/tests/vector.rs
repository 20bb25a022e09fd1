//! The form of a fact's body, as it must still read in fifty years.

use kith_protocol::evidence::Seed;

use super::*;
use crate::{
    casework::fact::{Fact, Recorded},
    store::facts,
};

/// Changed only together with the version in the body.
const VECTOR: &str = include_str!("../../../../tests/vectors/fact/entry-recorded.json");
/// What commits to it under a seed of 32 bytes 07.
const LEAF: &str = "d6581b0698333bc607f395d8bc9fc370685f3c7332fe97e75272fa26dbe0532e";

fn recorded() -> Recorded {
    let mut entry = concern(
        PersonId(FactId { device: 1, seq: 1 }),
        "nul \0 esc \u{1b} bidi \u{202e} quote \" line\nend é",
    );
    entry.danger = Danger::Yes { done: "999".into() };
    Recorded {
        id: FactId { device: 1, seq: 2 },
        recorded: now().timestamp(),
        by: author(),
        fact: Fact::EntryRecorded { entry, case: None, names: vec!["Jamie Oakes".into()], sent: None },
    }
}

#[test]
fn a_fact_is_written_and_read_as_published() {
    let (body, leaf) = facts::to_body(recorded(), &Seed::from_bytes([7; 32])).unwrap();
    let body = String::from_utf8(body).unwrap();
    assert_eq!(body, VECTOR.trim_end());
    assert_eq!(leaf.to_string(), LEAF);
    assert_eq!(facts::from_body(recorded().id, VECTOR.trim_end().as_bytes()).unwrap(), recorded());
    assert!(
        facts::from_body(FactId { device: 1, seq: 3 }, VECTOR.trim_end().as_bytes()).is_err(),
        "another's body"
    );
}
