//! Four agencies, their directory and a real node on loopback, under one clock that moves when a test moves it.

use std::{
    net::UdpSocket,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use jiff::{SignedDuration, Timestamp, Zoned, tz::TimeZone};
use kith_exchange::node::{self, Config, Limits, NodeHandle, NodeKeys};
use kith_protocol::{
    directory::{Directory, Member, NodeAddress, Pinned, Sector, SignedDirectory},
    keys::generate_signing,
    seal::{Identity, Passphrase, WorkFactor},
    sign::SigningKey,
    words::eight_words,
};
use kith_tui::{
    casework::{
        command::Command,
        contact::{Compared, Comparison},
        fact::Author,
    },
    cli::keys::{Founding, found},
    sharing::office::Office,
    store::{Casebook, Setup},
};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::desk::Desk;

/// What unlocks every casebook here.
pub const PASSPHRASE: &str = "seven tired herons";
/// The agencies: short name, name, sector, who sits at the desk, as what.
pub const AGENCIES: [(&str, &str, Sector, &str, &str); 4] = [
    ("elm-park", "Elm Park Primary", Sector::School, "Amina Khan", "Designated Safeguarding Lead"),
    ("st-judes", "St Jude's Academy", Sector::School, "Robert Fenwick", "Designated Safeguarding Lead"),
    ("northshire-police", "Northshire Police PPU", Sector::Police, "Marcus Hale", "Detective Constable"),
    (
        "northshire-csc",
        "Northshire Children's Social Care",
        Sector::SocialCare,
        "Julia Moss",
        "Duty social worker",
    ),
];
/// A Friday in term.
const FIRST_DAY: &str = "2026-11-20T09:15:00Z";

/// The clock of a world; every part of it reads this one.
#[derive(Debug, Clone)]
pub struct Clock(Arc<AtomicI64>);

impl Clock {
    /// A clock that stands at `at`.
    ///
    /// # Panics
    /// When `at` is no moment.
    #[must_use]
    pub fn at(at: &str) -> Self {
        let clock = Self(Arc::new(AtomicI64::new(0)));
        clock.set(at);
        clock
    }

    /// Moves it, forwards or back.
    ///
    /// # Panics
    /// When `at` is no moment.
    pub fn set(&self, at: &str) {
        let at: Timestamp = at.parse().expect("a moment");
        self.0.store(at.as_millisecond(), Ordering::SeqCst);
    }

    /// Lets time pass.
    ///
    /// # Panics
    /// When it is an age.
    pub fn pass(&self, time: SignedDuration) {
        let millis = i64::try_from(time.as_millis()).expect("a short time");
        self.0.fetch_add(millis, Ordering::SeqCst);
    }

    /// The time.
    ///
    /// # Panics
    /// Never: what is set is a moment.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.0.load(Ordering::SeqCst)).expect("a moment")
    }

    /// The time in the school's zone.
    ///
    /// # Panics
    /// When the zone is not known to this machine or to jiff.
    #[must_use]
    pub fn local(&self) -> Zoned {
        self.now().to_zoned(zone())
    }
}

/// The zone of every agency here.
///
/// # Panics
/// When it is not known.
#[must_use]
pub fn zone() -> TimeZone {
    TimeZone::get("Europe/London").expect("the zone is known")
}

/// Which keys agencies receive with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Keys {
    PostQuantum,
    ClassicAtThePolice,
}

/// The agencies, the node, the clock. Each agency's desk is opened with [`World::desk`].
pub struct World {
    // The node stops before its runtime; the folder goes last.
    node: Option<NodeHandle>,
    runtime: Runtime,
    pub clock: Clock,
    node_keys: NodeKeys,
    address: NodeAddress,
    signed: SignedDirectory,
    pinned: Pinned,
    pub folder: TempDir,
}

impl World {
    /// Four agencies whose keys were compared by telephone, and the node, running.
    ///
    /// # Panics
    /// When this machine has no folder, port or thread to give.
    #[must_use]
    pub fn new() -> Self {
        Self::beginning(Clock::at(FIRST_DAY), Keys::PostQuantum)
    }

    /// The same at the machine's own time, for programs that read its clock.
    ///
    /// # Panics
    /// As [`Self::new`].
    #[must_use]
    pub fn today() -> Self {
        Self::beginning(Clock::at(&Timestamp::now().to_string()), Keys::PostQuantum)
    }

    /// The same, but the police list a classic key.
    ///
    /// # Panics
    /// As [`Self::new`].
    #[must_use]
    pub fn with_a_classic_key() -> Self {
        Self::beginning(Clock::at(FIRST_DAY), Keys::ClassicAtThePolice)
    }

    /// A classic key at the machine's own time.
    ///
    /// # Panics
    /// As [`Self::new`].
    #[must_use]
    pub fn today_with_a_classic_key() -> Self {
        Self::beginning(Clock::at(&Timestamp::now().to_string()), Keys::ClassicAtThePolice)
    }

    fn beginning(clock: Clock, keys: Keys) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        let node_keys = NodeKeys::generate();
        let port = UdpSocket::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a port");
        let address = node_keys.address("northshire".into(), port.to_string());
        let mut made: Vec<(Casebook, Member)> =
            AGENCIES.iter().map(|agency| founded(&folder, *agency, &address, clock.now())).collect();
        if keys == Keys::ClassicAtThePolice {
            made.iter_mut()
                .filter(|(_, member)| member.sector == Sector::Police)
                .for_each(list_a_classic_key);
        }
        let partnership = generate_signing();
        let directory = Directory {
            partnership: "Northshire Safeguarding Children Partnership".into(),
            version: 1,
            issued: clock.now() - SignedDuration::from_hours(24),
            expires: clock.now() + SignedDuration::from_hours(24 * 300),
            threshold: 1,
            keys: vec![partnership.public()],
            members: made.iter().map(|(_, member)| member.clone()).collect(),
        };
        let signed = directory.sign(&[&partnership]).expect("a directory");
        let pinned = Pinned::enrol(directory.partnership.clone(), directory.keys.clone(), 1);
        let pinned = pinned.follow(&signed).expect("it is the first");
        for (mut casebook, me) in made {
            casebook.set_directory(&signed, &directory, &pinned).expect("a directory is kept");
            casebook.set_node(&address).expect("a node is kept");
            for other in directory.members.iter().filter(|other| other.id != me.id) {
                let compared = Comparison {
                    agency: other.id.clone(),
                    words: eight_words(&other.keys).join(" "),
                    how: Compared::Telephone { number: "01632 960000".into() },
                };
                let user = casebook.session().expect("a session").user;
                let now = clock.now().to_zoned(TimeZone::UTC);
                casebook.execute(Command::CompareContact(compared), &user, &now).expect("it is kept");
            }
        }
        let mut world = Self { node: None, runtime, clock, node_keys, address, signed, pinned, folder };
        world.start_node();
        world
    }

    /// The casebook's folder of an agency.
    #[must_use]
    pub fn casebook(&self, agency: &str) -> PathBuf {
        self.folder.path().join(agency)
    }

    /// The directory as the partnership signed it.
    #[must_use]
    pub const fn signed_directory(&self) -> &SignedDirectory {
        &self.signed
    }

    /// The node's address, and the link key of its admin, who may call it too.
    #[must_use]
    pub fn admin(&self) -> (NodeAddress, SigningKey) {
        (self.address.clone(), self.node_keys.link.clone())
    }

    /// Opens the office of an agency.
    ///
    /// # Panics
    /// When it is open already.
    #[must_use]
    pub fn office(&self, agency: &str) -> Office {
        let folder = self.casebook(agency);
        let casebook = Casebook::unlock(&folder, &Passphrase::from(PASSPHRASE)).expect("it unlocks");
        Office::open(casebook, &folder, &self.clock.local()).expect("an office")
    }

    /// Somebody sits down at the screen of an agency and unlocks it.
    #[must_use]
    pub fn desk(&self, agency: &str) -> Desk {
        let mut desk = Desk::new(self.casebook(agency), self.clock.clone(), (100, 32));
        desk.keys(PASSPHRASE).keys("<Enter>");
        desk
    }

    /// Starts the node where the directory says it is.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start_node(&mut self) {
        let clock = self.clock.clone();
        let config = Config {
            name: self.address.name.clone(),
            folder: self.folder.path().join("node"),
            socket: UdpSocket::bind(&self.address.addr).expect("the node's port is free"),
            keys: self.node_keys.clone(),
            directory: self.signed.clone(),
            pinned: self.pinned.clone(),
            clock: node::Clock::from_fn(move || clock.now()),
            limits: Limits::default(),
        };
        self.node = Some(self.runtime.block_on(node::start(config)).expect("the node starts"));
    }

    /// Stops the node; what it acknowledged is on disk.
    pub fn stop_node(&mut self) {
        if let Some(node) = self.node.take() {
            self.runtime.block_on(node.stop());
        }
    }
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.stop_node();
    }
}

fn list_a_classic_key((casebook, member): &mut (Casebook, Member)) {
    let mut secrets = casebook.agency_secrets().expect("it reads").expect("it has keys");
    secrets.seal = Identity::generate_classic();
    casebook.set_agency_secrets(&secrets).expect("they are kept");
    member.keys = secrets.public();
}

fn founded(
    folder: &TempDir,
    (id, name, sector, person, role): (&str, &str, Sector, &str, &str),
    node: &NodeAddress,
    now: Timestamp,
) -> (Casebook, Member) {
    let setup = Setup {
        agency: id.parse().expect("an agency's id"),
        agency_name: name.into(),
        user: Author { name: person.into(), role: role.into() },
        demo: false,
    };
    let founding = Founding {
        setup,
        sector,
        phone: Some("01632 960100".into()),
        authority: Some("Northshire".into()),
        work: WorkFactor::LEAST,
    };
    let made = found(&folder.path().join(id), &founding, &Passphrase::from(PASSPHRASE), now);
    let made = made.unwrap_or_else(|failure| panic!("{}", failure.message));
    let enrolment = made.enrolment.verify().expect("our own enrolment");
    (made.casebook, enrolment.member(node.clone()))
}
