//! What commitments cost: `cargo bench -p kith-tests --bench evidence`.
//!
//! The time to commit to an entry of 400 characters beside the time to record it, durably, with its commitment; and
//! the bytes of the proofs of 1,000 entries of which a tenth of the words is withheld, in runs of 1 to 4, beside those
//! of the words.

#![expect(clippy::print_stdout, clippy::expect_used, reason = "a benchmark prints and may stop")]

use std::{
    hint::black_box,
    ops::Range,
    time::{Duration, Instant},
};

use jiff::Zoned;
use kith_protocol::{
    evidence::{Seed, Show, commit, disclose},
    fact::{Body, Field},
};
use kith_tests::scale;
use kith_tui::casework::{
    command::Command,
    fact::Author,
    query::{Answer, Query},
};
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use serde_json::{Value, json};

const ENTRIES: usize = 1_000;
const ROUNDS: usize = 500;
/// Characters of a narrative.
const LENGTH: usize = 400;
/// One word in so many is withheld.
const WITHHELD: usize = 10;

const WORDS: [&str; 24] = [
    "Jamie",
    "said",
    "that",
    "his",
    "mother's",
    "partner",
    "grabbed",
    "the",
    "arm",
    "because",
    "she",
    "spilled",
    "it,",
    "and",
    "Lena",
    "saw",
    "everything",
    "from",
    "a",
    "window;",
    "safeguarding",
    "lead",
    "was",
    "told.",
];

fn main() {
    let mut rng = StdRng::seed_from_u64(8);
    commit_times(&mut rng);
    sizes(&mut rng);
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default().as_secs_f64() * 1e3
}

fn timed(mut once: impl FnMut()) -> f64 {
    let round = |_| {
        let started = Instant::now();
        once();
        started.elapsed()
    };
    median((0..ROUNDS).map(round).collect())
}

fn commit_times(rng: &mut StdRng) {
    let value = fact(&narrative(rng));
    let body = Body::of(&value, &mut cut).expect("a body");
    let seed = Seed::from_bytes([7; 32]);
    let leaves: usize = body.fields().iter().map(Field::leaves).sum();
    let commits = timed(|| {
        black_box(commit(&seed, &body));
    });
    let work = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let scaled = scale::casebook(work.path(), 300, 3_000);
    let mut book = scaled.open();
    let now = Zoned::now();
    let question = Query::Entry { entry: scaled.entry(1) };
    let Ok(Answer::Entry(view)) = book.ask(&question, now.date()) else {
        return println!("the casebook does not have the entry it was made with");
    };
    let by = Author { name: "A. Khan".to_owned(), role: "DSL".to_owned() };
    let records = timed(|| {
        let mut entry = view.entry.clone();
        entry.statements.truncate(1);
        entry.statements.iter_mut().for_each(|one| one.text = narrative(rng));
        book.execute(Command::RecordEntry { entry, case: view.case }, &by, &now).expect("it is recorded");
    });
    println!("commit to an entry of {LENGTH} characters ({leaves} leaves): {commits:.4} ms");
    println!("record such an entry, commitment included, durable: {records:.4} ms");
    println!("recording with / without: {:.3}", records / (records - commits));
}

fn sizes(rng: &mut StdRng) {
    let (mut words, mut proofs) = (0, 0);
    for _ in 0..ENTRIES {
        let text = narrative(rng);
        let (value, seed) = (fact(&text), Seed::from_bytes(rng.r#gen()));
        let body = Body::of(&value, &mut cut).expect("a body");
        let shows = |_: usize, field: &Field<'_>| match field.path().rsplit('/').next() {
            Some("person" | "case") => Show::Nothing,
            Some("text") => Show::Segments(left(field.segment_count(), rng)),
            _ => Show::Whole,
        };
        let disclosure = disclose(&seed, &body, shows);
        disclosure.verify(&commit(&seed, &body)).expect("it verifies");
        proofs += r#"      "proof": "","#.len() + 1 + String::from(disclosure.proof.clone()).len();
        words += text.len();
    }
    let share = proofs as f64 / words as f64 * 100.0;
    println!(
        "{ENTRIES} entries, 1 word in {WITHHELD} withheld: narratives {words} bytes, proofs of whole entries {proofs}"
    );
    println!("proofs are {share:.1} % of the narratives");
}

/// Some words, 400 characters long.
fn narrative(rng: &mut StdRng) -> String {
    let mut text = String::new();
    while text.len() < LENGTH {
        text.push_str(WORDS.get(rng.gen_range(0..WORDS.len())).copied().unwrap_or_default());
        text.push(' ');
    }
    text.truncate(LENGTH);
    text
}

/// Cuts before every word and every mark of a text that has white space.
fn cut(text: &str) -> Vec<u8> {
    if !text.contains(' ') {
        return Vec::new();
    }
    let mut lengths: Vec<u8> = Vec::new();
    let mut before = ' ';
    for c in text.chars() {
        let begins = c != ' ' && (before == ' ' || c.is_alphanumeric() != before.is_alphanumeric());
        match lengths.last_mut().filter(|last| !begins && **last < 59) {
            Some(last) => *last += c.len_utf8() as u8,
            None => lengths.push(c.len_utf8() as u8),
        }
        before = c;
    }
    lengths
}

/// The segments that stay when runs of 1 to 4 are withheld.
fn left(count: usize, rng: &mut StdRng) -> Vec<Range<usize>> {
    let mut open = vec![true; count];
    while open.iter().filter(|one| !**one).count() * WITHHELD < count {
        let (first, length) = (rng.gen_range(0..count.max(1)), rng.gen_range(1..=4));
        open.iter_mut().skip(first).take(length).for_each(|one| *one = false);
    }
    open.iter().enumerate().filter(|(_, one)| **one).map(|(at, _)| at..at + 1).collect()
}

/// An entry's fact, in the shape the casebook records.
fn fact(text: &str) -> Value {
    let people = [("1-1", "subject"), ("1-7", "alleged-instigator"), ("1-9", "witness")];
    let people = people.map(|(person, role)| json!({"person": person, "role": role}));
    json!({
        "id": "1-812", "recorded": "2026-11-19T11:05:31Z", "by": {"name": "Tom Iqbal", "role": "class teacher"},
        "fact": {"EntryRecorded": {"entry": {
            "kind": "Concern", "people": people,
            "happened": {"at": "2026-11-19T10:40:00", "precision": "About"}, "category": "welfare",
            "source": {"name": "Tom Iqbal", "role": "class teacher", "agency": ""},
            "statements": [{"kind": "childs-words", "text": text}],
            "danger": "No", "told": "Ruth Adeyemi at 11:00", "done": "MASH rung at noon", "effect": "quiet",
            "significance": "High", "attachments": [],
        }, "case": "1-640"}},
    })
}
