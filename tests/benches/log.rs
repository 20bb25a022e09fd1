//! The log of a large casebook: `cargo bench -p kith-tests --bench log`.
//!
//! 100,000 pupils and 1,000,000 entries, each fact a leaf, as they lie encrypted on the disk: the newest checkpoint, growth
//! from checkpoints of any age, and where 1,000 facts stand. Beside it what a leaf costs without a store: hashes alone,
//! in memory. Making the casebook takes minutes: `KITH_BENCH_FOLDER` names a folder where it stays. No peer; the
//! bound is 50 ms for growth from any checkpoint.

#![expect(clippy::print_stdout, clippy::expect_used, reason = "a benchmark prints and may stop")]

use std::{
    collections::{BTreeSet, HashMap},
    hint::black_box,
    time::{Duration, Instant},
};

use kith_protocol::{
    ids::Digest,
    log::{Node, Tree, leaf_hash},
    sign::SigningKey,
};
use kith_tests::scale;
use kith_tui::casework::ids::FactId;
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};

const ROUNDS: usize = 1_000;
/// Facts shown at once.
const SHOWN: usize = 1_000;
/// Leaves entered in memory.
const LEAVES: u64 = 1_000_000;

fn main() {
    let mut rng = StdRng::seed_from_u64(9);
    let work = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let scaled = scale::casebook(&work.path().join("large"), 100_000, 1_000_000);
    let mut book = scaled.open();
    let key = SigningKey::from_seed(&[1; 32]);
    let started = Instant::now();
    let newest = book.log_checkpoint(&key).expect("it is signed");
    let size = book.log_head().expect("a log").size;
    println!("{size} facts; the newest checkpoint, signed and kept: {:.2?}", started.elapsed());

    let edges = [1, 2, 3, size / 2, size / 2 + 1, size - 1, size];
    let old: Vec<u64> = edges.into_iter().chain((0..ROUNDS).map(|_| rng.gen_range(1..=size))).collect();
    let mut took = Vec::new();
    for since in old {
        let note = newest.clone();
        let started = Instant::now();
        let offer = book.log_growth(note, since).expect("it grew");
        took.push(started.elapsed());
        black_box(offer);
    }
    print("growth from a checkpoint of any age", took);

    let mut took = Vec::new();
    for _ in 0..20 {
        let facts: BTreeSet<FactId> =
            (0..SHOWN).map(|_| FactId { device: 1, seq: rng.gen_range(1..=size) }).collect();
        let started = Instant::now();
        black_box(book.log_proof(&facts, "kith/nobody", &key, |_| 0).expect("they stand in it"));
        took.push(started.elapsed());
    }
    print("where 1,000 facts stand", took);

    let mut hashes: HashMap<Node, Digest> = HashMap::new();
    let started = Instant::now();
    for n in 0..LEAVES {
        let tree = Tree::new(n, |node| hashes.get(&node).copied().ok_or(node)).expect("a log");
        let made = tree.append(leaf_hash(&n.to_be_bytes())).expect("hashes are there");
        hashes.extend(made);
    }
    let each = started.elapsed().as_secs_f64() * 1e6 / LEAVES as f64;
    println!("a leaf more, without a store: {each:.2} µs");
}

fn print(what: &str, mut took: Vec<Duration>) {
    took.sort_unstable();
    let ms = |at: usize| took.get(at).copied().unwrap_or_default().as_secs_f64() * 1e3;
    let last = took.len().saturating_sub(1);
    println!("{what}: median {:.3} ms, longest {:.3} ms", ms(last / 2), ms(last));
}
