//! The `kith-node` program itself: what its commands do and refuse, killed in the middle, on a full disk.

use std::{
    fs,
    io::{BufRead as _, BufReader, Cursor},
    net::UdpSocket,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use jiff::{SignedDuration, Timestamp};
use kith_exchange::{
    courier::{Courier, CourierError},
    node::NodeFolder,
};
use kith_protocol::{
    directory::{Directory, Sector},
    enrolment::{Enrolment, SignedEnrolment},
    envelope::{Envelope, SignedEnvelope, coarse},
    gate::{Gate, SignedGate, commit},
    ids::{Digest, GateId, SealId},
    keys::AgencySecrets,
    wire::OurFault,
};
use tempfile::TempDir;

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_kith-node-under-test");

fn quiet(_: u64, _: u64) {}

pub(crate) fn kith_node(words: &[&str]) -> Output {
    Command::new(PROGRAM).args(words).output().expect("the program starts")
}

fn code(words: &[&str]) -> Option<i32> {
    kith_node(words).status.code()
}

pub(crate) fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.as_slice(), &output.stderr].concat()).into_owned()
}

/// A node's folder made by `init`, with two members, and what a courier needs.
pub(crate) struct Place {
    scratch: TempDir,
    pub(crate) folder: PathBuf,
    school: AgencySecrets,
    police: AgencySecrets,
}

impl Place {
    pub(crate) fn new() -> Self {
        let scratch = tempfile::tempdir().expect("a folder");
        let folder = scratch.path().join("node");
        Self { scratch, folder, school: AgencySecrets::generate(), police: AgencySecrets::generate() }
    }

    pub(crate) fn path(&self) -> &str {
        self.folder.to_str().expect("a plain path")
    }

    pub(crate) fn key(&self) -> String {
        self.folder.join("partnership.key").to_str().expect("a plain path").to_owned()
    }

    pub(crate) fn init(&self) -> Output {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
        let addr = socket.local_addr().expect("its address").to_string();
        kith_node(&["init", "--folder", self.path(), "--name", "n", "--addr", &addr, "--listen", &addr])
    }

    /// The enrolment file of an agency.
    fn file(&self, id: &str, secrets: &AgencySecrets) -> String {
        let asked = Enrolment {
            id: id.parse().expect("an id"),
            name: id.into(),
            sector: Sector::Other,
            phone: None,
            authority: None,
            keys: secrets.public(),
        };
        let path = self.scratch.path().join(id);
        let signed = SignedEnrolment::new(&asked, &secrets.sign);
        fs::write(&path, serde_json::to_vec(&signed).expect("JSON")).expect("a file");
        path.to_str().expect("a plain path").to_owned()
    }

    fn enrolled() -> Self {
        let place = Self::new();
        place.enrol_both();
        place
    }

    fn enrol_both(&self) {
        assert_eq!(self.init().status.code(), Some(0));
        for (id, secrets) in [("school", &self.school), ("police", &self.police)] {
            let file = self.file(id, secrets);
            let words = ["enrol", "--folder", self.path(), "--key", &self.key(), "--compared", &file];
            assert_eq!(code(&words), Some(0), "{id}");
        }
    }

    /// Starts the program by `with` and waits until it says that it listens.
    pub(crate) fn serve(&self, with: &mut Command) -> Running {
        let mut child = with
            .args(["serve", "--folder", self.path()])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        let mut line = String::new();
        let out = child.stdout.take().expect("a pipe was asked for");
        BufReader::new(out).read_line(&mut line).expect("it speaks");
        assert!(line.starts_with("listening on "), "{line:?}");
        Running(Mutex::new(child), false)
    }

    fn directory(&self) -> Directory {
        let (signed, pinned) = NodeFolder(self.folder.clone()).directory().expect("a directory");
        signed.verify(&pinned, Timestamp::now()).expect("it verifies")
    }

    fn courier(&self, who: &AgencySecrets) -> Courier {
        let address = NodeFolder(self.folder.clone()).address().expect("an address");
        Courier::new(address, &who.link).expect("a key")
    }

    fn letter(&self, n: u8, body: &[u8]) -> (SignedEnvelope, SignedGate) {
        let now = Timestamp::now();
        let gate = Gate {
            id: GateId::from_bytes([n; 16]),
            from: "school".parse().expect("an id"),
            to: "police".parse().expect("an id"),
            valid_from: now,
            valid_until: now + SignedDuration::from_hours(24),
            commitment: commit(&[n; 32], b"record"),
        };
        let envelope = Envelope {
            from: gate.from.clone(),
            to: gate.to.clone(),
            recipient_key: self.police.public().seal.fingerprint(),
            seal_id: SealId::from_bytes([n; 16]),
            gate: gate.id,
            ciphertext: Digest::of(body),
            size: body.len() as u64,
            at: coarse(now),
        };
        (SignedEnvelope::new(&envelope, &self.school.sign), SignedGate::new(&gate, &self.school.sign))
    }

    /// Takes in all that waits, and gives it in order.
    async fn collect_all(&self) -> Vec<Vec<u8>> {
        let courier = self.courier(&self.police);
        let mut bodies = Vec::new();
        for arrival in courier.list(0, &self.directory()).await.expect("a list").arrivals {
            let (mut body, delivered) = (Vec::new(), arrival.delivered(&self.police.link, Timestamp::now()));
            courier.collect(&arrival, &delivered, &mut body, &quiet).await.expect("it comes whole");
            bodies.push(body);
        }
        bodies
    }
}

/// A program that serves, and whether it was killed before; killed when dropped.
pub(crate) struct Running(Mutex<Child>, bool);

impl Running {
    /// SIGKILL: it is given no time for anything.
    pub(crate) fn kill(&self) {
        let mut child = self.0.lock().expect("no test panicked with it");
        child.kill().expect("it runs");
        child.wait().expect("it ended");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Ok(mut child) = self.0.lock() {
            // It may have ended already.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn bytes(length: usize) -> Vec<u8> {
    (0_u32..).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).take(length).collect()
}

/// Ends with `code`, and says each of these of what is to blame; no number of the system's, no other advice.
fn blames(code: i32, args: &[&str], words: &[&str]) {
    let ran = kith_node(args);
    let told = String::from_utf8_lossy(&ran.stderr).into_owned();
    assert_eq!(ran.status.code(), Some(code), "{told}");
    assert!(words.iter().all(|word| told.contains(word)) && !told.contains("os error"), "{told}");
}

#[test]
fn the_programs_commands_do_what_they_say_and_exit_by_blame() {
    let place = Place::new();
    assert_eq!(code(&["init"]), Some(2), "wrong usage");
    let wrong_usage = ["init", "--folder", place.path(), "--name", "n", "--addr", "bad"];
    assert_eq!(code(&wrong_usage), Some(2), "an argument of a wrong form is wrong usage");
    assert!(!place.folder.join("node.json").exists(), "nothing was made");
    blames(9, &["status", "--folder", place.path()], &["holds no node", "kith-node init"]);
    let made = place.init();
    assert_eq!(made.status.code(), Some(0), "{}", said(&made));
    assert!(said(&made).contains("words"), "{}", said(&made));
    let secrets = fs::read(place.folder.join("secrets.json")).expect("secrets");
    assert_eq!(place.init().status.code(), Some(8), "it was there first");
    assert_eq!(fs::read(place.folder.join("secrets.json")).expect("secrets"), secrets);

    let (file, key) = (place.file("school", &place.school), place.key());
    let enrol = |more: &[&str]| {
        kith_node(&[&["enrol", "--folder", place.path(), "--key", &key, file.as_str()], more].concat())
    };
    let before = fs::read(place.folder.join("directory.json")).expect("a directory");
    let unheard = enrol(&[]);
    assert_eq!(unheard.status.code(), Some(6), "{}", said(&unheard));
    assert_eq!(fs::read(place.folder.join("directory.json")).expect("a directory"), before);
    let words = kith_protocol::words::eight_words(&place.school.public()).join(" ");
    assert!(said(&unheard).contains(&words), "{}", said(&unheard));
    assert_eq!(enrol(&["--compared"]).status.code(), Some(0));
    assert_eq!(enrol(&["--compared"]).status.code(), Some(8), "a member already");
    assert_eq!(enrol(&["--compared", "--replace"]).status.code(), Some(0));
    let wrong = place.scratch.path().join("wrong.key");
    fs::write(&wrong, format!("\"{}\"", "07".repeat(32))).expect("a file");
    let wrong = wrong.to_str().expect("a plain path");
    assert_eq!(code(&["renew", "--folder", place.path(), "--key", wrong]), Some(5));
    let node = place.folder.join("node.json");
    let node = node.to_str().expect("a plain path");
    blames(
        5,
        &["renew", "--folder", place.path(), "--key", node],
        &["no partnership key", "partnership.key"],
    );
    let swapped = ["enrol", "--folder", place.path(), "--key", &key, "--compared", node];
    blames(5, &swapped, &["no enrolment file", "kith init"]);
    let nowhere = ["renew", "--folder", place.path(), "--key", "nowhere.key"];
    blames(1, &nowhere, &["nowhere.key: no such file or directory;"]);
    assert_eq!(code(&["renew", "--folder", place.path(), "--key", &key]), Some(0));

    let running = place.serve(&mut Command::new(PROGRAM));
    let status = kith_node(&["status", "--folder", place.path(), "--json"]);
    let status: serde_json::Value = serde_json::from_slice(&status.stdout).expect("JSON");
    assert_eq!((&status["running"], &status["node"]), (&true.into(), &"n".into()));
    assert_eq!((&status["directory"], &status["waiting"]), (&4.into(), &0.into()));
    // Its public address leads nowhere: it is asked where it listens.
    let moved = kith_node(&["move", "--folder", place.path(), "--key", &key, "--addr", "127.0.0.1:1"]);
    assert_eq!(moved.status.code(), Some(0), "{}", said(&moved));
    assert_eq!(code(&["status", "--folder", place.path()]), Some(0));
    blames(9, &["serve", "--folder", place.path()], &["listens there already", "change `listen`"]);
    running.kill();
    assert_eq!(code(&["remove", "--folder", place.path(), "--key", &key, "school"]), Some(0));
    assert_eq!(code(&["remove", "--folder", place.path(), "--key", &key, "school"]), Some(1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn killed_in_the_middle_of_an_upload_it_loses_nothing_it_acknowledged() {
    let place = Place::enrolled();
    let (small, large) = (bytes(20_000), bytes(12_000_000));
    let ((first, first_gate), (second, second_gate)) = (place.letter(1, &small), place.letter(2, &large));
    let running = Mutex::new(Some(place.serve(&mut Command::new(PROGRAM))));
    let school = place.courier(&place.school);
    let stored = school.deposit(&first, &first_gate, Cursor::new(&small), &quiet).await.expect("it is taken");
    let begun = place.folder.join("partial").join(second.id().to_string());
    let least_after = AtomicU64::new(u64::MAX);
    // Once some of it is on the disk, and long before all of it can be: killed, and started again.
    let strike = |sent: u64, _: u64| {
        let mut running = running.lock().expect("no test panicked with it");
        if place.killed_once(&mut running, sent, &begun) {
            least_after.store(u64::MAX, Ordering::SeqCst);
        } else {
            least_after.fetch_min(sent, Ordering::SeqCst);
        }
    };
    let receipt = school
        .deposit(&second, &second_gate, Cursor::new(&large), &strike)
        .await
        .expect("it goes on by itself");
    let least_after = least_after.into_inner();
    assert!((1_000_000..=12_000_000).contains(&least_after), "it began again: {least_after}");
    let again = school.deposit(&second, &second_gate, Cursor::new(&large), &quiet).await;
    assert_eq!(again.expect("it is known"), receipt);
    let again = school.deposit(&first, &first_gate, Cursor::new(&small), &quiet).await;
    assert_eq!(again.expect("it is known"), stored, "what was acknowledged before is not lost");
    assert!(place.collect_all().await == [small, large], "each once, as it was sent");
}

impl Place {
    /// Kills the node when `sent` is far enough and some of the upload is on the disk, and starts it again: once.
    fn killed_once(&self, running: &mut Option<Running>, sent: u64, begun: &Path) -> bool {
        let first = running.as_ref().is_some_and(|running| !running.1);
        if !first || sent < 5_500_000 {
            return false;
        }
        // Flow control lets no more than 4 MiB be on their way, so that this comes about.
        while fs::metadata(begun).map_or(0, |file| file.len()) < 1_000_000 {
            std::thread::yield_now();
        }
        running.take().into_iter().for_each(|running| running.kill());
        let mut fresh = self.serve(&mut Command::new(PROGRAM));
        fresh.1 = true;
        *running = Some(fresh);
        true
    }
}

/// A program that may write no file longer than 2 or 4 MB, by the shell's units: to it the disk is full there.
fn with_short_files() -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' XFSZ; ulimit -f 4000; exec \"$0\" \"$@\"", PROGRAM]);
    command
}

fn mount(folder: &Path, options: &str) -> bool {
    let mut mount = Command::new("mount");
    let mount = mount.args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(folder).stderr(Stdio::null());
    mount.status().is_ok_and(|status| status.success())
}

/// Takes the mount away again.
struct Mounted(PathBuf);

impl Drop for Mounted {
    fn drop(&mut self) {
        // A folder that stays mounted is seen by whoever looks; nothing else can be done here.
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn on_a_full_disk_it_says_so_and_goes_on_when_there_is_room() {
    let place = Place::new();
    fs::create_dir(&place.folder).expect("a folder");
    // Without the right to mount a small disk, a limit on the length of files stands for it.
    let mounted = mount(&place.folder, "size=3m").then(|| Mounted(place.folder.clone()));
    place.enrol_both();
    let (small, large) = (bytes(20_000), bytes(6_000_000));
    let ((first, first_gate), (second, second_gate)) = (place.letter(1, &small), place.letter(2, &large));
    let running =
        place.serve(&mut if mounted.is_some() { Command::new(PROGRAM) } else { with_short_files() });
    let school = place.courier(&place.school);
    let refused = school.deposit(&second, &second_gate, Cursor::new(&large), &quiet).await;
    let refused = refused.expect_err("there is no room");
    assert!(matches!(refused, CourierError::Later { fault: OurFault::DiskFull, .. }), "{refused:?}");
    assert_eq!(fs::read_dir(place.folder.join("partial")).expect("the folder").count(), 0, "nothing is left");
    school.deposit(&first, &first_gate, Cursor::new(&small), &quiet).await.expect("what fits is taken");
    running.kill();
    assert!(mounted.is_none() || mount(&place.folder, "remount,size=30m"));

    let again = place.serve(&mut Command::new(PROGRAM));
    let school = place.courier(&place.school);
    school.deposit(&second, &second_gate, Cursor::new(&large), &quiet).await.expect("there is room now");
    assert!(place.collect_all().await == [small, large], "each once, as it was sent");
    again.kill();
}
