//! First frame and key to frame beside gitui, in one run: `cargo bench -p kith-tests --bench terminal`.
//!
//! `KITH_BENCH_CASEBOOK=large` also opens a casebook of 100,000 pupils and 1,000,000 entries. It takes minutes to make;
//! `KITH_BENCH_FOLDER` names a folder where it stays for the next run.
//!
//! A frame is measured on a pseudo-terminal of 120 by 40, to the moment its bytes are read. `first frame` is start to
//! unlock screen plus passphrase to a Today full of rows; the slot has the least work, so that the derivation, slow on
//! purpose, is not in it. `key` is the first output that changes the screen, `settled` the last one, with whatever the
//! casebook was asked for.

#![expect(clippy::print_stdout, clippy::expect_used, reason = "a benchmark prints and may stop")]

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
    thread::park_timeout,
    time::{Duration, Instant},
};

use kith_tests::{
    pty::Terminal,
    scale::{self, Scaled},
    tools,
};

const SCREEN: (u16, u16) = (40, 120);
const PATIENCE: Duration = Duration::from_secs(30);
const KEYS: usize = 200;
const STARTS: usize = 15;
/// A screen that says nothing for so long has come to rest.
const QUIET: Duration = Duration::from_millis(25);
const IDLE: Duration = Duration::from_secs(10);

fn main() {
    let work = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let mut books = vec![("small", scale::casebook(&work.path().join("small"), 300, 3_000))];
    if env::var("KITH_BENCH_CASEBOOK").is_ok_and(|size| size == "large") {
        let large = scale::casebook(&work.path().join("large"), 100_000, 1_000_000);
        if let Some(time) = large.made_in {
            println!("the large casebook was made in {time:.0?}");
        }
        books.push(("large", large));
    }
    let peer = gitui();
    let mut lines = Vec::new();
    for (name, book) in &books {
        println!("{name}: {} pupils, {} entries", book.scale.pupils, book.scale.entries);
        lines.extend(measure_ours(name, book));
    }
    if let Some(gitui) = peer {
        lines.extend(measure_gitui(&gitui, work.path()));
    }
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    println!("load {}", load.trim());
    print(&lines);
}

/// One measured thing: a start, or many keys on one screen.
struct Line {
    who: String,
    what: &'static str,
    times: Vec<Duration>,
    settled: Vec<Duration>,
    said: String,
}

impl Line {
    fn of(who: &str, what: &'static str) -> Self {
        Self { who: who.to_owned(), what, times: Vec::new(), settled: Vec::new(), said: String::new() }
    }
}

/// Whatever of somebody is to be compared.
fn of<'a>(lines: &'a [Line], who: &'a str) -> impl Iterator<Item = &'a Line> {
    lines.iter().filter(move |line| line.who == who && !line.times.is_empty())
}

fn percentile(times: &[Duration], share: usize) -> Duration {
    let mut times = times.to_vec();
    times.sort_unstable();
    times.get((times.len() * share / 100).min(times.len().saturating_sub(1))).copied().unwrap_or_default()
}

fn print(lines: &[Line]) {
    println!("{:<9} {:<28} {:>8} {:>8} {:>8} {:>8}", "ms", "", "p50", "p99", "settled", "p99");
    let ms = |times: &[Duration], share| match times.is_empty() {
        true => String::new(),
        false => format!("{:.2}", percentile(times, share).as_secs_f64() * 1e3),
    };
    for Line { who, what, times, settled, said } in lines {
        let [a, b, c, d] = [ms(times, 50), ms(times, 99), ms(settled, 50), ms(settled, 99)];
        println!("{who:<9} {what:<28} {a:>8} {b:>8} {c:>8} {d:>8} {said}");
    }
    println!("\nratios; below 1 the first is faster, and the targets are 2");
    let ratio = |a: &[Duration], b: &[Duration], share| {
        percentile(a, share).as_secs_f64() / percentile(b, share).as_secs_f64()
    };
    for line in lines.iter().filter(|line| line.who != "gitui" && !line.times.is_empty()) {
        let first = line.what.starts_with("first");
        if let Some(peer) = of(lines, "gitui").find(|peer| peer.what.starts_with("first") == first) {
            let [p50, p99] = [50, 99].map(|share| ratio(&line.times, &peer.times, share));
            println!("{} / gitui: {:<28} p50 {p50:.2}, p99 {p99:.2}", line.who, line.what);
        }
    }
    for (large, small) in of(lines, "large").zip(of(lines, "small")) {
        let [p50, p99] = [50, 99].map(|share| ratio(&large.times, &small.times, share));
        let settled = ratio(&large.settled, &small.settled, 50);
        println!("large / small: {:<28} p50 {p50:.2}, p99 {p99:.2}, settled p50 {settled:.2}", large.what);
    }
}

fn measure_ours(name: &str, book: &Scaled) -> Vec<Line> {
    let path = book.path.to_string_lossy().into_owned();
    let start =
        || Terminal::start(env!("CARGO_BIN_EXE_kith-under-test"), &["--casebook", &path], &[], SCREEN);
    let unlock = |terminal: &mut Terminal| {
        let asked = terminal.wait_for("Passphrase", None, PATIENCE);
        terminal.keys(book.passphrase);
        let entered = Instant::now();
        terminal.keys("\r");
        (asked, terminal.wait_for("200 to triage", Some(entered), PATIENCE))
    };
    let [mut asked, mut today, mut first] =
        ["unlock screen", "passphrase to Today", "first frame, both"].map(|what| Line::of(name, what));
    for _ in 0..STARTS {
        let (to_ask, to_today) = unlock(&mut start());
        asked.times.push(to_ask);
        today.times.push(to_today);
        first.times.push(to_ask + to_today);
    }
    // Parts of the first frame are for reading, not for comparing.
    for part in [&mut asked, &mut today] {
        part.said = format!("p50 {:.2} ms", percentile(&part.times, 50).as_secs_f64() * 1e3);
        part.times.clear();
    }
    let mut terminal = start();
    unlock(&mut terminal);
    terminal.keys("2");
    terminal.wait_for(" CONCERNS ", None, PATIENCE);
    let triage = keys(name, "triage list", &mut terminal, &up_and_down("j", "k"));
    terminal.keys("3");
    terminal.wait_for(" CASES ", None, PATIENCE);
    rest(&mut terminal);
    terminal.keys("\r");
    terminal.wait_for(" CASE 1-", None, PATIENCE);
    let chronology = keys(name, "case chronology", &mut terminal, &up_and_down("j", "k"));
    terminal.keys("\x06");
    terminal.wait_for(" FIND ", None, PATIENCE);
    let search = keys(name, "people search as you type", &mut terminal, &typing());
    vec![asked, today, first, triage, chronology, search, idle(name, &mut terminal)]
}

/// Down further than up, so that the list scrolls.
fn up_and_down<'a>(down: &'a str, up: &'a str) -> Vec<&'a str> {
    (0..KEYS).map(|at| if at % 80 < 50 { down } else { up }).collect()
}

/// Names typed and taken back, letter by letter; some are misspelt.
fn typing() -> Vec<&'static str> {
    const NAMES: [[&str; 9]; 6] = [
        ["a", "b", "l", "i", "n", " ", "b", "e", "s"],
        ["c", "a", "m", "e", "i", "n", " ", "a", "l"],
        ["s", "a", "r", "a", " ", "d", "a", "v", "e"],
        ["b", "r", "i", "m", "a", "h", " ", "m", "o"],
        ["j", "a", "s", "h", "e", "r", " ", "k", "a"],
        ["m", "a", "v", "e", "l", "l", "e", "y", "y"],
    ];
    NAMES.iter().cycle().flat_map(|name| name.iter().copied().chain(["\x7f"; 9])).take(KEYS).collect()
}

fn measure_gitui(gitui: &Path, work: &Path) -> Vec<Line> {
    let repository = work.join("repository");
    fs::create_dir_all(&repository).expect("a folder");
    let script = "git init -q -b main . && git config user.email a@example.org && git config user.name a \
        && for i in $(seq 100 300); do echo $i > file$i.txt; done && git add -A && git commit -qm first \
        && for i in $(seq 100 300); do echo changed >> file$i.txt; done";
    let made = Command::new("sh").args(["-c", script]).current_dir(&repository).status();
    assert!(made.is_ok_and(|status| status.success()), "the repository for gitui was made");
    let (folder, home) = (repository.to_string_lossy().into_owned(), work.to_string_lossy().into_owned());
    let start = || Terminal::start(&gitui.to_string_lossy(), &["-d", &folder], &[("HOME", &home)], SCREEN);
    let mut first = Line::of("gitui", "first frame, 200 changed files");
    first.times = (0..STARTS).map(|_| start().wait_for("file100.txt", None, PATIENCE)).collect();
    let mut terminal = start();
    terminal.wait_for("file100.txt", None, PATIENCE);
    let status = keys("gitui", "list of changed files", &mut terminal, &up_and_down("\x1b[B", "\x1b[A"));
    vec![first, status, idle("gitui", &mut terminal)]
}

/// Let the program come to rest, as a person reading would.
fn rest(terminal: &mut Terminal) {
    park_timeout(Duration::from_millis(500));
    terminal.drain();
}

fn keys(who: &str, what: &'static str, terminal: &mut Terminal, keys: &[&str]) -> Line {
    rest(terminal);
    let mut line = Line::of(who, what);
    for key in keys {
        if let Some((first, settled)) = terminal.time_settled(key, Duration::from_millis(300), QUIET) {
            line.times.push(first);
            line.settled.push(settled);
        }
    }
    let changed = line.times.len();
    assert!(changed > keys.len() / 2, "{who}, {what}: {changed} of {} keys changed it", keys.len());
    if changed < keys.len() {
        line.said = format!("{changed} of {} keys changed the screen", keys.len());
    }
    line
}

/// What it costs to do nothing.
fn idle(who: &str, terminal: &mut Terminal) -> Line {
    rest(terminal);
    let mut line = Line::of(who, "idle for 10 s");
    let Some(pid) = terminal.pid() else { return line };
    let before = work_of(pid);
    park_timeout(IDLE);
    let (work, wakes) = work_of(pid);
    terminal.drain();
    let memory = |name: &str| {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap_or(0) / 1024
    };
    line.said = format!(
        "{:.3} ms of processor, {} wakes; memory {} MiB, at most {} MiB",
        (work - before.0).as_secs_f64() * 1e3,
        wakes - before.1,
        memory("VmRSS:"),
        memory("VmHWM:")
    );
    line
}

/// Processor time and turns of all threads so far, from the kernel's scheduler; 0 where it keeps none.
fn work_of(pid: u32) -> (Duration, u64) {
    let threads = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    threads.fold((Duration::ZERO, 0), |(work, turns), thread| {
        let text = fs::read_to_string(thread.path().join("schedstat")).unwrap_or_default();
        let mut numbers = text.split_whitespace().map(|word| word.parse::<u64>().unwrap_or(0));
        let (ran, _waited, times) = (numbers.next(), numbers.next(), numbers.next());
        (work + Duration::from_nanos(ran.unwrap_or(0)), turns + times.unwrap_or(0))
    })
}

fn gitui() -> Option<PathBuf> {
    let cached =
        PathBuf::from(env::var_os("HOME").unwrap_or_default()).join(".cache/bench-peers/cargo/bin/gitui");
    let what = "the comparison with gitui (cargo install gitui --version 0.28.1 --locked)";
    if cached.is_file() { Some(cached) } else { tools::find("gitui", what) }
}
