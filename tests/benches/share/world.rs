//! A node in its own process, two agencies that it knows, and processes at their desks.

use std::{
    env, fs,
    io::{BufRead as _, BufReader, BufWriter, Write as _},
    net::UdpSocket,
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use jiff::{SignedDuration, Timestamp};
use kith_protocol::{
    directory::Sector,
    enrolment::Invitation,
    seal::{Passphrase, WorkFactor},
};
use kith_tui::{
    casework::fact::Author,
    cli::keys::{Founding, found},
    store::Setup,
};
use rand::RngCore as _;

pub(crate) const PASSPHRASE: &str = "seven tired herons";

/// Folders `sender` and `receiver`, and a node that runs.
pub(crate) struct World {
    folder: PathBuf,
    node: Child,
}

impl World {
    pub(crate) fn make(folder: &Path) -> Self {
        fs::create_dir_all(folder).expect("a folder");
        let port = UdpSocket::bind("127.0.0.1:0").and_then(|one| one.local_addr()).expect("a port");
        let (place, address) = (folder.join("node"), port.to_string());
        node(&["init", "--name", "northshire", "--addr", &address, "--listen", &address], &place);
        let invitation = fs::read(place.join("invitation.json")).expect("an invitation");
        let invitation: Invitation = serde_json::from_slice(&invitation).expect("an invitation");
        let agencies = [
            ("sender", "elm-park", "Elm Park Primary", Sector::School),
            ("receiver", "northshire-csc", "Northshire Children's Social Care", Sector::SocialCare),
        ];
        for (role, id, name, sector) in agencies {
            let enrolment = join(&folder.join(role), (id, name, sector), &invitation);
            let key = place.join("partnership.key");
            let file = folder.join(format!("{id}.json"));
            fs::write(&file, enrolment).expect("an enrolment is written");
            let [key, file] = [&key, &file].map(|path| path.to_string_lossy().into_owned());
            node(&["enrol", "--compared", "--key", &key, &file], &place);
        }
        let mut serve = Command::new(env!("CARGO_BIN_EXE_kith-node-under-test"));
        serve.args(["serve", "--folder"]).arg(&place).stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = serve.env("KITH_LOG", "error").spawn().expect("the node starts");
        let mut said = String::new();
        BufReader::new(child.stdout.take().expect("its words")).read_line(&mut said).expect("it listens");
        let world = Self { folder: folder.to_owned(), node: child };
        // The first time each fetches the directory.
        for role in ["sender", "receiver"] {
            world.once(role, "round");
        }
        world
    }

    /// A new process at a desk does one thing and ends.
    pub(crate) fn once(&self, role: &str, order: &str) -> String {
        let mut one = self.begin(role, order);
        let said = one.hear();
        one.end();
        said
    }

    /// A new process at a desk begins to do one thing, after which it ends.
    pub(crate) fn begin(&self, role: &str, order: &str) -> Kept {
        let mut desk = self.desk(role);
        Kept::new(desk.args(order.splitn(2, ' ')).stdin(Stdio::null()))
    }

    /// A process that stays at a desk.
    pub(crate) fn keep(&self, role: &str) -> Kept {
        let mut kept = Kept::new(self.desk(role).stdin(Stdio::piped()));
        kept.ask("round");
        kept.rest();
        kept
    }

    fn desk(&self, role: &str) -> Command {
        let mut desk = Command::new(env::current_exe().expect("this program"));
        desk.arg("desk").arg(self.folder.join(role));
        desk
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let _told = self.node.kill();
        let _ended = self.node.wait();
    }
}

/// A process that does what it is told, line by line, until it is dropped.
pub(crate) struct Kept {
    child: Child,
    orders: Option<ChildStdin>,
    said: BufReader<ChildStdout>,
}

impl Kept {
    fn new(desk: &mut Command) -> Self {
        let mut child = desk.stdout(Stdio::piped()).spawn().expect("a desk");
        let (orders, said) = (child.stdin.take(), child.stdout.take());
        Self { child, orders, said: BufReader::new(said.expect("a pipe")) }
    }

    /// Orders something; gives what is said when it is so.
    pub(crate) fn ask(&mut self, order: &str) -> String {
        let orders = self.orders.as_mut().expect("a desk");
        writeln!(orders, "{order}").expect("the desk hears");
        self.hear()
    }

    /// What is said when what was ordered is so.
    pub(crate) fn hear(&mut self) -> String {
        let mut said = String::new();
        let read = self.said.read_line(&mut said).expect("the desk answers");
        assert!(read > 0, "the desk has gone");
        said
    }

    /// Waits until nothing is left to do; gives what is said then.
    pub(crate) fn rest(&mut self) -> String {
        self.hear()
    }

    /// Waits for the end of a process that does one thing; gives what it said of what was left.
    pub(crate) fn end(mut self) -> String {
        let said = self.rest();
        assert!(self.child.wait().is_ok_and(|status| status.success()), "the desk ended well");
        said
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.orders = None;
        let _ended = self.child.wait();
    }
}

/// Makes a casebook that knows the invitation; gives its enrolment file.
fn join(folder: &Path, (id, name, sector): (&str, &str, Sector), invitation: &Invitation) -> Vec<u8> {
    let user = Author { name: "Amira Khan".to_owned(), role: "Designated Safeguarding Lead".to_owned() };
    let agency = id.parse().expect("an agency's id");
    let founding = Founding {
        setup: Setup { agency, agency_name: name.to_owned(), user, demo: false },
        sector,
        phone: Some("01632 960100".to_owned()),
        authority: Some("Northshire".to_owned()),
        work: WorkFactor::LEAST,
    };
    // A bundle tells whole seconds: what leaves in the second in which its signer was certified counts as too early.
    let before = Timestamp::now() - SignedDuration::from_mins(1);
    let made = found(folder, &founding, &Passphrase::from(PASSPHRASE), before);
    let mut made = made.expect("a casebook");
    made.casebook.set_node(&invitation.node).expect("it is kept");
    made.casebook.set_pinned(&invitation.pinned).expect("it is kept");
    serde_json::to_vec(&made.enrolment).expect("an enrolment has a JSON form")
}

fn node(arguments: &[&str], folder: &Path) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kith-node-under-test"));
    let (verb, rest) = arguments.split_first().expect("a verb");
    let done = command.arg(verb).arg("--folder").arg(folder).args(rest).output().expect("it starts");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

/// Bytes that do not compress and come only once.
pub(crate) fn write_random(path: &Path, size: u64) {
    let mut out = BufWriter::new(fs::File::create(path).expect("a file"));
    let (mut piece, mut left) = (vec![0; 1 << 20], size);
    while left > 0 {
        rand::thread_rng().fill_bytes(&mut piece);
        let (some, _) = piece.split_at(left.min(piece.len() as u64) as usize);
        out.write_all(some).expect("the disk takes it");
        left -= some.len() as u64;
    }
    out.flush().expect("the disk takes it");
}
