//! Sealing and opening beside rage and Debian's age, whole processes, file to file, in turn:
//! `cargo bench -p kith-tests --bench seal`.
//!
//! Ours is measured twice. `the file alone` encrypts and decrypts one file, as the peers do. `bundle` is the product's
//! path: a cleared bundle with one attachment, sealed, signed, hashed twice and padded; and opened, verified and its
//! attachment written. Nobody waits for the disk.

#![expect(clippy::print_stdout, clippy::expect_used, reason = "a benchmark prints and may stop")]

use std::{
    env,
    fs::{self, File},
    io::{self, Read, Write},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use kith_protocol::{
    bundle::{Attachment, AttachmentSink, AttachmentSource, Measured, open},
    envelope::SignedEnvelope,
    ids::{Digest, Hasher},
    seal::{Identity, open_with, seal_to},
};
use kith_tests::{
    bundles::{self, POLICE, World},
    tools,
};
use kith_tui::pipe::{Ahead, Behind};

const MB: u64 = 1_000_000;
const ROUNDS: usize = 7;

fn main() {
    let arguments: Vec<String> = env::args().skip(1).filter(|one| one != "--bench").collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["seal", key, plain, digest, sealed] => seal(key, plain, digest, sealed),
        ["open", key, sealed, plain] => unseal(key, sealed, plain),
        ["seal-file", key, plain, sealed] => seal_file(key, plain, sealed),
        ["open-file", key, sealed, plain] => open_file(key, sealed, plain),
        _ => compare(),
    }
}

fn identity(key: &str) -> Identity {
    let text = fs::read_to_string(key).expect("a key file");
    text.trim().parse().expect("a key")
}

/// The police's key from its file, and everybody else.
fn world(key: &str) -> World {
    World::new(identity(key))
}

fn seal_file(key: &str, plain: &str, sealed: &str) {
    let out = File::create_new(sealed).expect("a new file");
    let mut out = seal_to(&[identity(key).recipient()], out).expect("it is sealed to");
    pour(File::open(plain).expect("a file"), &mut out);
    out.finish().expect("it ends");
}

fn open_file(key: &str, sealed: &str, plain: &str) {
    let input = open_with(&[identity(key)], File::open(sealed).expect("a sealed file"));
    pour(input.expect("it opens"), &mut File::create_new(plain).expect("a new file"));
}

fn pour(mut from: impl Read, to: &mut impl Write) {
    let mut piece = vec![0; 256 * 1024];
    loop {
        let taken = from.read(&mut piece).expect("it reads");
        if taken == 0 {
            return;
        }
        to.write_all(piece.get(..taken).unwrap_or_default()).expect("the disk takes it");
    }
}

fn seal(key: &str, plain: &str, digest: &str, sealed: &str) {
    let mut world = world(key);
    let mut draft = world.draft();
    let size = fs::metadata(plain).expect("a file to attach").len();
    let big = bundles::attachment(digest.parse().expect("its digest"), size, "interview.mp4", "video/mp4");
    let mut source = Source { big: (big.sha256, plain.into()), small: world.files.clone() };
    draft.attachments.push(big);
    let cleared = world.clear(draft);
    let out = File::create_new(sealed).expect("a new file");
    let out = Behind::new(Measured::new(out)).expect("a thread");
    let done = cleared.seal(&world.sealing(), &mut source, out, &mut |_, _| {}).expect("it seals");
    let envelope = serde_json::to_vec(done.envelope()).expect("an envelope has a JSON form");
    fs::write(format!("{sealed}.envelope"), envelope).expect("the envelope is written");
}

struct Source {
    big: (Digest, PathBuf),
    small: bundles::Files,
}

impl AttachmentSource for Source {
    fn open(&mut self, attachment: &Attachment) -> io::Result<Box<dyn Read + '_>> {
        if attachment.sha256 == self.big.0 {
            return Ok(Box::new(Ahead::new(File::open(&self.big.1)?)?));
        }
        self.small.open(attachment)
    }
}

fn unseal(key: &str, sealed: &str, plain: &str) {
    let world = world(key);
    let envelope = fs::read(format!("{sealed}.envelope")).expect("its envelope");
    let envelope: SignedEnvelope = serde_json::from_slice(&envelope).expect("an envelope");
    let input = File::open(sealed).expect("a sealed file");
    let input = Ahead::new(Measured::new(input)).expect("a thread");
    let mut into = Folder { at: plain.into(), file: None };
    let keys = std::slice::from_ref(&world.police.seal);
    let opened = open(keys, Some(&envelope), &world.directory, input, &mut into).expect("it opens");
    let me = POLICE.parse().expect("an agency's id");
    opened.verify(&world.directory, &me, bundles::now()).expect("it is verified");
}

/// Writes the one large attachment to a file.
struct Folder {
    at: PathBuf,
    file: Option<Behind<File>>,
}

impl AttachmentSink for Folder {
    fn begin(&mut self, attachment: &Attachment) -> io::Result<()> {
        self.file = match attachment.media_type.as_str() {
            "video/mp4" => Some(Behind::new(File::create_new(&self.at)?)?),
            _ => None,
        };
        Ok(())
    }
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.as_mut().map_or(Ok(()), |file| file.write_all(bytes))
    }
    fn commit(&mut self) -> io::Result<()> {
        self.file.take().map_or(Ok(()), |file| file.finish().map(drop))
    }
    fn discard(&mut self) {
        self.file = None;
        // It may not have been made yet.
        let _ = fs::remove_file(&self.at);
    }
}

/// What our program is asked to do.
#[derive(Clone, Copy)]
enum Ours {
    /// One file through age, as the peers do.
    File,
    /// A whole bundle: cleared, hashed, signed, padded.
    Bundle,
}

/// A program that seals and opens, and what it took.
struct Program {
    name: &'static str,
    program: PathBuf,
    ours: Option<Ours>,
    recipient: String,
    key: PathBuf,
    seal: Vec<Taken>,
    open: Vec<Taken>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Taken {
    time: Duration,
    /// The shortest time of all rounds: the least disturbed one.
    best: Duration,
    /// Processor time of all threads. It and `peak` are 0 when `/usr/bin/time` is not installed.
    work: Duration,
    /// Most memory held, in KiB.
    peak: u64,
}

fn compare() {
    let work = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let mut programs = programs(work.path());
    println!("whole processes, file to file, in turn, medians of {ROUNDS}");
    for (size, rounds) in [(100 * MB, ROUNDS), (1_000 * MB, 1)] {
        let digest = write_plain(&work.path().join("plain"), size);
        for program in &mut programs {
            (program.seal, program.open) = (Vec::new(), Vec::new());
        }
        for _ in 0..rounds {
            programs.iter_mut().for_each(|program| program.round(work.path(), digest));
            // Whoever comes first pays for what the one before left to be written to disk.
            programs.rotate_left(1);
        }
        let behind = rounds % programs.len();
        programs.rotate_right(behind);
        print(&programs, size, rounds);
    }
}

fn programs(work: &Path) -> Vec<Program> {
    let (hybrid, classic) = (Identity::hybrid_from_seed(&[77; 32]), Identity::generate_classic());
    let file = |name: &str, key: &Identity| {
        let path = work.join(name);
        fs::write(&path, key.secret_text().as_bytes()).expect("a key is written");
        path
    };
    let (hybrid_key, classic_key) = (file("hybrid.txt", &hybrid), file("classic.txt", &classic));
    let program = |name, program, ours, key: &PathBuf| Program {
        name,
        program,
        ours,
        recipient: classic.recipient().to_string(),
        key: key.clone(),
        seal: Vec::new(),
        open: Vec::new(),
    };
    let myself = env::current_exe().expect("this program");
    let mut all = vec![
        program("kith, file, post-quantum", myself.clone(), Some(Ours::File), &hybrid_key),
        program("kith, file, classic", myself.clone(), Some(Ours::File), &classic_key),
        program("kith, bundle, post-quantum", myself.clone(), Some(Ours::Bundle), &hybrid_key),
        program("kith, bundle, classic", myself, Some(Ours::Bundle), &classic_key),
    ];
    let cached =
        PathBuf::from(env::var_os("HOME").unwrap_or_default()).join(".cache/bench-peers/cargo/bin/rage");
    let rage = if cached.is_file() { Some(cached) } else { tools::find("rage", "the rage peer") };
    all.extend(rage.map(|path| program("rage", path, None, &classic_key)));
    all.extend(tools::find("age", "the age peer").map(|path| program("age", path, None, &classic_key)));
    all
}

/// Bytes that do not compress, a seed grown by hashing.
fn write_plain(path: &Path, size: u64) -> Digest {
    let (mut hasher, mut left) = (Hasher::default(), size);
    let mut out = io::BufWriter::new(File::create(path).expect("a file"));
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut piece = vec![0; 1 << 20];
    while left > 0 {
        for word in piece.chunks_exact_mut(8) {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            word.copy_from_slice(&state.to_le_bytes());
        }
        let (some, _) = piece.split_at(left.min(piece.len() as u64) as usize);
        hasher.update(some);
        out.write_all(some).expect("the disk takes it");
        left -= some.len() as u64;
    }
    out.flush().expect("the disk takes it");
    hasher.finish()
}

impl Program {
    fn round(&mut self, work: &Path, digest: Digest) {
        let [plain, sealed, opened] = ["plain", "sealed", "opened"].map(|name| work.join(name));
        let (mut seal, mut open) = (Command::new(&self.program), Command::new(&self.program));
        match self.ours {
            Some(Ours::File) => {
                seal.arg("seal-file").arg(&self.key).arg(&plain).arg(&sealed);
                open.arg("open-file").arg(&self.key).arg(&sealed).arg(&opened);
            }
            Some(Ours::Bundle) => {
                seal.arg("seal").arg(&self.key).arg(&plain).arg(digest.to_string()).arg(&sealed);
                open.arg("open").arg(&self.key).arg(&sealed).arg(&opened);
            }
            None => {
                seal.arg("-r").arg(&self.recipient).arg("-o").arg(&sealed).arg(&plain);
                open.args(["-d", "-i"]).arg(&self.key).arg("-o").arg(&opened).arg(&sealed);
            }
        }
        self.seal.push(timed(&seal, work));
        self.open.push(timed(&open, work));
        let length = |path: &Path| fs::metadata(path).map(|file| file.len()).expect("it was written");
        assert_eq!(length(&plain), length(&opened), "{}", self.name);
        for path in [sealed, opened] {
            fs::remove_file(path).expect("it was written");
        }
    }
}

fn timed(command: &Command, work: &Path) -> Taken {
    let note = work.join("peak");
    let mut whole = match Path::new("/usr/bin/time").is_file() {
        true => {
            let mut time = Command::new("/usr/bin/time");
            time.args(["-f", "%M %U %S", "-o"]).arg(&note).arg(command.get_program());
            time
        }
        false => Command::new(command.get_program()),
    };
    whole.args(command.get_args()).stdin(Stdio::null()).stdout(Stdio::null());
    let started = Instant::now();
    let status = whole.status().expect("it starts");
    let time = started.elapsed();
    assert!(status.success(), "{command:?}: {status}");
    let said = fs::read_to_string(note).unwrap_or_default();
    let mut figures = said.split_whitespace().map(|word| word.parse().unwrap_or(0.0));
    let mut next = || figures.next().unwrap_or(0.0);
    Taken { time, best: time, peak: next() as u64, work: Duration::from_secs_f64(next() + next()) }
}

/// Median time and work, most memory.
fn median(taken: &[Taken]) -> Taken {
    let middle = |of: fn(&Taken) -> Duration| {
        let mut all: Vec<_> = taken.iter().map(of).collect();
        all.sort();
        all.get(all.len() / 2).copied().unwrap_or_default()
    };
    let peak = taken.iter().map(|one| one.peak).max().unwrap_or(0);
    let best = taken.iter().map(|one| one.best).min().unwrap_or_default();
    Taken { time: middle(|one| one.time), best, work: middle(|one| one.work), peak }
}

fn print(programs: &[Program], size: u64, rounds: usize) {
    println!("\n{} MB, {rounds} round(s)", size / MB);
    let heads = ["seal ms", "best ms", "work ms", "peak MiB", "open ms", "best ms", "work ms", "peak MiB"];
    println!("{:<28}{}", "", heads.map(|head| format!(" {head:>8}")).concat());
    let figures: Vec<_> = programs.iter().map(|one| (one, median(&one.seal), median(&one.open))).collect();
    let row = |taken: &Taken| {
        let [time, best, work] = [taken.time, taken.best, taken.work].map(|one| one.as_millis());
        format!(" {time:>8} {best:>8} {work:>8} {:>8.1}", taken.peak as f64 / 1024.0)
    };
    for (program, seal, open) in &figures {
        println!("{:<28}{}{}", program.name, row(seal), row(open));
    }
    for (ours, seal, open) in figures.iter().filter(|(program, ..)| program.ours.is_some()) {
        for (peer, peer_seal, peer_open) in figures.iter().filter(|(program, ..)| program.ours.is_none()) {
            let ratio = |ours: Duration, peer: Duration| ours.as_secs_f64() / peer.as_secs_f64();
            println!(
                "{} : {:<6} seal {:.2}x (best {:.2}x), open {:.2}x (best {:.2}x); below 1 ours is faster",
                ours.name,
                peer.name,
                ratio(seal.time, peer_seal.time),
                ratio(seal.best, peer_seal.best),
                ratio(open.time, peer_open.time),
                ratio(open.best, peer_open.best)
            );
        }
    }
}
