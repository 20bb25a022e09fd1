//! What commitments cost: `cargo bench -p kith-tests --bench evidence`.
//!
//! The time to record an entry of 400 characters with its commitment, beside the same less all that commitments need: the
//! seed, the cut, the fields in order, and hashing them. That is what nothing can be recorded without, so it is timed by
//! itself and taken off. Once durably on the disk; and once on a file system in memory, if there is one, where no waiting
//! for a disk hides what is computed.

#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    clippy::panic,
    reason = "a benchmark prints and may stop"
)]

use std::{
    hint::black_box,
    path::Path,
    time::{Duration, Instant},
};

use jiff::Zoned;
use kith_protocol::{
    evidence::{Seed, commit},
    fact::{Body, Field},
};
use kith_tests::{narrative::WORDS, scale};
use kith_tui::{
    casework::{
        command::Command,
        fact::Author,
        query::{Answer, Query},
    },
    store::cut::cutter,
};
use rand::{
    Rng as _, RngCore as _, SeedableRng as _,
    rngs::{OsRng, StdRng},
};
use serde_json::{Value, json};

const ROUNDS: usize = 500;
/// Characters of a narrative.
const LENGTH: usize = 400;
/// A file system in memory, on Linux.
const MEMORY: &str = "/dev/shm";

fn main() {
    let mut rng = StdRng::seed_from_u64(8);
    commit_times(&mut rng);
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
    let body = Body::of(&value, &mut cutter()).expect("a body");
    let leaves: usize = body.fields().iter().map(Field::leaves).sum();
    let commits = timed(|| {
        let mut seed = [0; 32];
        OsRng.fill_bytes(&mut seed);
        let body = Body::of(black_box(&value), &mut cutter()).expect("a body");
        black_box(commit(&Seed::from_bytes(seed), &body));
    });
    println!("commit to an entry of {LENGTH} characters ({leaves} leaves): {commits:.4} ms");
    for (where_to, folder) in [("durable, on the disk", env!("CARGO_TARGET_TMPDIR")), ("in memory", MEMORY)] {
        let Ok(work) = tempfile::tempdir_in(folder) else {
            println!("{folder} cannot be written: recording {where_to} is not measured");
            continue;
        };
        let records = recording(work.path(), rng);
        println!("record such an entry, commitment included, {where_to}: {records:.4} ms");
        println!("recording with / without, {where_to}: {:.3}", records / (records - commits));
    }
}

/// The time to record an entry, as the casebook does.
fn recording(folder: &Path, rng: &mut StdRng) -> f64 {
    let scaled = scale::casebook(folder, 300, 3_000);
    let mut book = scaled.open();
    let now = Zoned::now();
    let question = Query::Entry { entry: scaled.entry(1) };
    let Ok(Answer::Entry(view)) = book.ask(&question, now.date()) else {
        panic!("the casebook does not have the entry it was made with");
    };
    let by = Author { name: "A. Khan".to_owned(), role: "DSL".to_owned() };
    timed(|| {
        let mut entry = view.entry.clone();
        entry.statements.truncate(1);
        entry.statements.iter_mut().for_each(|one| one.text = narrative(rng));
        book.execute(Command::RecordEntry { entry, case: view.case }, &by, &now).expect("it is recorded");
    })
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
        }, "case": "1-640", "names": ["Jamie Oakes", "Craig Dunn", "Lena Marsh"]}},
    })
}
