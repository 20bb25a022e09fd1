//! From share to verified STORED to OPENED on loopback, beside age with curl and nginx, in turn in one run:
//! `cargo bench -p kith-tests --bench share`.
//!
//! Ours is the product's path in three processes: the node serves; a sender opens its casebook, clears and commits the
//! share, seals, signs, deposits, verifies and keeps STORED; a receiver opens its casebook, collects, opens, verifies and
//! keeps the bundle, signs OPENED, and hands it to the node. All of it is durable when it is said.
//!
//! What is in the figure: from the start of the sender's process (`warm`: from the order to it) until the receiver's has
//! the node's word that it holds OPENED. The sender says STORED at the moment at which it is verified and in its
//! casebook, and the receiver's process is started then; what a round does after that for nobody in particular (the rest
//! of the news, witnessing of logs) and the closing of casebooks go on beside it, and stand in lines of their own
//! (`after`), as does attaching the file to an entry before. What the processes do after what they said competes with
//! what is measured.
//!
//! Casebooks open with the least work, so that little of the derivation, slow on purpose, is in the figure; `cold, without
//! unlocking` leaves both openings out. The link is called as soon as a casebook is open, as the full-screen program does.
//! `warm` keeps both processes, their casebooks and links. The peer is `age`, `curl` up to nginx (WebDAV, TLS 1.3),
//! `curl` down, `age -d`: nothing is signed, nothing is synced to the disk, nobody is told.

#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    clippy::panic,
    reason = "a benchmark prints and may stop"
)]

#[path = "share/desk.rs"]
mod desk;
#[path = "share/peer.rs"]
mod peer;
#[path = "share/world.rs"]
mod world;

use std::{
    collections::BTreeMap,
    env, fs,
    path::Path,
    time::{Duration, Instant},
};

use self::{peer::Peer, world::World};

const KB: u64 = 1_000;
const MB: u64 = 1_000_000;

fn main() {
    let arguments: Vec<String> = env::args().skip(1).filter(|one| one != "--bench").collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["desk", folder, orders @ ..] => desk::run(Path::new(folder), orders),
        _ => compare(),
    }
}

fn compare() {
    let work = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let cold = World::make(&work.path().join("cold"));
    let warm = World::make(&work.path().join("warm"));
    let peer = Peer::start(&work.path().join("peer"));
    let asked = |name: &str, usual| env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual);
    for (size, rounds) in [(20 * KB, asked("KITH_BENCH_SMALL", 50)), (100 * MB, asked("KITH_BENCH_BULK", 5))]
    {
        if rounds == 0 {
            continue;
        }
        let (mut sender, mut receiver) = (warm.keep("sender"), warm.keep("receiver"));
        let mut lines = Lines::default();
        // The first round is for whatever is set up once.
        for round in 0..=rounds {
            let file = work.path().join("plain.jpg");
            world::write_random(&file, size);
            cold_round(&cold, &file, &mut lines);
            world::write_random(&file, size);
            warm_round((&mut sender, &mut receiver), &file, &mut lines);
            if let Some(peer) = &peer {
                lines.add("peer", peer.round(&file));
            }
            if round == 0 {
                lines = Lines::default();
            }
        }
        lines.print(size, rounds);
    }
}

fn cold_round(world: &World, file: &Path, lines: &mut Lines) {
    lines.parts("cold: recording it before", &world.once("sender", &format!("record {}", file.display())));
    let started = Instant::now();
    let mut sender = world.begin("sender", "send");
    let told = sender.hear();
    lines.add("kith cold, to STORED", started.elapsed());
    let mut receiver = world.begin("receiver", &receive(file));
    let heard = receiver.hear();
    let cold = started.elapsed();
    lines.add("kith cold", cold);
    let unlocking = first_step(&told) + first_step(&heard);
    lines.add("kith cold, without unlocking", cold.saturating_sub(unlocking));
    lines.parts("cold sender", &told);
    lines.parts("cold receiver", &heard);
    lines.parts("cold sender, after", &sender.end());
    lines.parts("cold receiver, after", &receiver.end());
    // DELIVERED and OPENED reach the sender; not measured, as below.
    world.once("sender", "round");
}

fn warm_round((sender, receiver): (&mut world::Kept, &mut world::Kept), file: &Path, lines: &mut Lines) {
    sender.ask(&format!("record {}", file.display()));
    sender.rest();
    let started = Instant::now();
    let told = sender.ask("send");
    lines.add("kith warm, to STORED", started.elapsed());
    let heard = receiver.ask(&receive(file));
    lines.add("kith warm", started.elapsed());
    lines.parts("warm sender", &told);
    lines.parts("warm receiver", &heard);
    lines.parts("warm sender, after", &sender.rest());
    lines.parts("warm receiver, after", &receiver.rest());
    // As above.
    sender.ask("round");
    sender.rest();
}

/// What a process said of its first step.
fn first_step(said: &str) -> Duration {
    let micros = said.split_whitespace().nth(1).and_then(|micros| micros.parse().ok());
    Duration::from_micros(micros.expect("microseconds"))
}

/// The order to receive, and how long the file is that must have come.
fn receive(file: &Path) -> String {
    format!("receive {}", fs::metadata(file).map_or(0, |one| one.len()))
}

/// Times by what was measured.
#[derive(Default)]
struct Lines(BTreeMap<String, Vec<Duration>>);

impl Lines {
    fn add(&mut self, what: &str, time: Duration) {
        self.0.entry(what.to_owned()).or_default().push(time);
    }

    /// What a process said of its own steps: `name microseconds`, and so on.
    fn parts(&mut self, whose: &str, said: &str) {
        let words: Vec<&str> = said.split_whitespace().collect();
        for (step, part) in words.chunks_exact(2).enumerate() {
            let [name, micros] = part else { continue };
            let time = Duration::from_micros(micros.parse().expect("microseconds"));
            self.add(&format!("  {whose} {step}. {name}"), time);
        }
    }

    fn of(&self, what: &str, share: usize) -> Option<Duration> {
        let mut times = self.0.get(what)?.clone();
        times.sort_unstable();
        times.get((times.len() * share / 100).min(times.len() - 1)).copied()
    }

    fn print(&self, size: u64, rounds: usize) {
        let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
        println!("\n{} KB, {rounds} of each in turn; load {}", size / KB, load.trim());
        println!("{:<44} {:>9} {:>9} {:>9}", "ms", "p50", "p99", "least");
        for what in self.0.keys() {
            let ms = |share| self.of(what, share).unwrap_or_default().as_secs_f64() * 1e3;
            println!("{what:<44} {:>9.2} {:>9.2} {:>9.2}", ms(50), ms(99), ms(0));
        }
        for ours in ["kith cold", "kith cold, without unlocking", "kith warm"] {
            if let (Some(our), Some(their)) = (self.of(ours, 50), self.of("peer", 50)) {
                let ratio = our.as_secs_f64() / their.as_secs_f64();
                println!("{ours} / age + curl + nginx + age: p50 {ratio:.2}; below 1 ours is faster");
            }
        }
    }
}
