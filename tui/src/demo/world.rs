//! The demo's world: a private folder, a partnership of four agencies, and a node on loopback. All of it real.

use std::{
    fs,
    net::UdpSocket,
    path::{Path, PathBuf},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp, Zoned};
use kith_exchange::node::{self, Clock, Config, Limits, NodeHandle, NodeKeys};
use kith_protocol::{
    directory::{Directory, Member, NodeAddress, Pinned, Sector, SignedDirectory},
    ids::AgencyId,
    keys::generate_signing,
    seal::{Passphrase, WorkFactor},
    sign::SigningKey,
};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::{DemoError, calendar::Calendar, clock::DemoClock, desk, fill, running};
use crate::{
    casework::{
        command::Command,
        contact::{Compared, Comparison},
        fact::Author,
    },
    cli::keys::{Founding, certified, found},
    sharing::{
        office::Office,
        rounds::{Report, Told},
    },
    store::{Casebook, Setup},
};

/// What unlocks every casebook of the demo. It guards nothing: the people are fictional and the folder goes away.
pub(super) const PASSPHRASE: &str = "demo";
/// The school's deputy has another, so that two people can be tried out at one desk.
pub(super) const DEPUTYS: &str = "deputy";
const DEPUTY: (&str, &str) = ("Daniel Osei", "Deputy DSL and SENCO");
/// Both, as the unlock screen says them.
pub(super) const PASSPHRASES: &str = "demo (at Elm Park, for the deputy: deputy)";
/// How the names of demo folders begin.
pub(super) const PREFIX: &str = "kith-demo-";
const PARTNERSHIP: &str = "Northshire safeguarding partnership (demo)";
const NODE: &str = "northshire-demo";

/// An agency of the demo and who sits at its desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cast {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    pub(super) sector: Sector,
    pub(super) person: &'static str,
    pub(super) role: &'static str,
    pub(super) phone: &'static str,
}

pub(super) const ELM_PARK: Cast = Cast {
    id: "elm-park",
    name: "Elm Park Primary",
    sector: Sector::School,
    person: "Amina Khan",
    role: "Designated Safeguarding Lead",
    phone: "01632 960101",
};
pub(super) const ST_JUDES: Cast = Cast {
    id: "st-judes",
    name: "St Jude's Academy",
    sector: Sector::School,
    person: "Robert Fenwick",
    role: "Designated Safeguarding Lead",
    phone: "01632 960510",
};
pub(super) const POLICE: Cast = Cast {
    id: "northshire-police",
    name: "Northshire Police PPU",
    sector: Sector::Police,
    person: "Marcus Hale",
    role: "Detective Constable, Protecting Vulnerable People",
    phone: "01632 960410",
};
pub(super) const SOCIAL_CARE: Cast = Cast {
    id: "northshire-csc",
    name: "Northshire Children's Social Care",
    sector: Sector::SocialCare,
    person: "Julia Moss",
    role: "Duty social worker",
    phone: "01632 960310",
};
pub(super) const ALL: [Cast; 4] = [ELM_PARK, ST_JUDES, POLICE, SOCIAL_CARE];

impl Cast {
    pub(super) fn id(&self) -> Result<AgencyId, DemoError> {
        self.id.parse().map_err(|_| DemoError::Seed)
    }

    pub(super) fn author(&self) -> Author {
        Author { name: self.person.to_owned(), role: self.role.to_owned() }
    }
}

/// Everything that runs. Dropping it stops the node and, unless kept, removes the folder.
pub(super) struct World {
    // Fields drop in this order: the node before its runtime, the folder last.
    node: Option<NodeHandle>,
    runtime: Runtime,
    pub(super) clock: DemoClock,
    /// When the agencies began to work together.
    pub(super) since: Timestamp,
    node_keys: NodeKeys,
    address: NodeAddress,
    signed: SignedDirectory,
    pub(super) directory: Directory,
    pinned: Pinned,
    folder: TempDir,
}

impl World {
    /// Makes the folder, four casebooks with keys, and the signed directory. The node does not run yet.
    pub(super) fn make(clock: DemoClock) -> Result<Self, DemoError> {
        let since = began(&clock.local())?;
        let folder = private_folder()?;
        // Marks the folder as a demo's: no other is ever removed.
        fs::write(folder.path().join(running::LOCK), "").map_err(failed("a file in its folder"))?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .map_err(failed("a runtime for the node"))?;
        let node_keys = NodeKeys::generate();
        // The port is the system's choice; it is let go and taken again whenever the node starts.
        let addr = UdpSocket::bind("127.0.0.1:0").and_then(|socket| socket.local_addr());
        let addr = addr.map_err(failed("a port on this machine"))?.to_string();
        let address = node_keys.address(NODE.to_owned(), addr);
        let founded = ALL.map(|cast| open_agency(folder.path(), cast, since).map(|made| (cast, made)));
        let mut agencies = Vec::new();
        let mut members = Vec::new();
        for made in founded {
            let (cast, (casebook, enrolment)) = made?;
            members.push(enrolment.member(address.clone()));
            agencies.push((cast, casebook));
        }
        let (directory, signed, pinned) = directory(members, since)?;
        let world =
            Self { node: None, runtime, clock, since, node_keys, address, signed, directory, pinned, folder };
        for (cast, casebook) in &mut agencies {
            world.introduce(casebook, *cast, since)?;
        }
        Ok(world)
    }

    /// Where everything lies.
    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The casebook's folder of one agency.
    pub(super) fn casebook_of(&self, cast: Cast) -> PathBuf {
        casebook_in(self.folder(), cast)
    }

    /// Removes the folder and `pointer`, gives the terminal back and ends the process when it is told to end.
    pub(super) fn end_on_signals(&self, pointer: Option<&Path>, has_screen: bool) {
        let (folder, pointer) = (self.folder().to_owned(), pointer.map(Path::to_owned));
        self.runtime.spawn(async move {
            let signal = told_to_end().await;
            if has_screen {
                crate::run::leave();
            }
            if let Some(pointer) = pointer {
                running::forget(&pointer);
            }
            running::clear(&folder);
            // As a shell tells of a signal.
            std::process::exit(128 + signal);
        });
    }

    /// Leaves the folder there when the world ends.
    pub(super) fn keep(&mut self) {
        self.folder.disable_cleanup(true);
    }

    /// Opens one agency's casebook.
    pub(super) fn unlock(&self, cast: Cast) -> Result<Casebook, DemoError> {
        Ok(Casebook::unlock(&self.casebook_of(cast), &Passphrase::from(PASSPHRASE))?)
    }

    /// Opens one agency's office, at the demo's time.
    pub(super) fn office(&self, cast: Cast) -> Result<Office, DemoError> {
        let casebook = self.unlock(cast)?;
        Ok(Office::open(casebook, &self.casebook_of(cast), &self.clock.local())?)
    }

    /// One exchange round of an office with the node.
    pub(super) fn exchange(&self, office: &mut Office) -> Result<Report, DemoError> {
        self.exchange_within(office, desk::PATIENCE, &|_| {})
    }

    /// The same, for `patience` at most, telling of large transfers.
    pub(super) fn exchange_within(
        &self,
        office: &mut Office,
        patience: Duration,
        told: Told<'_>,
    ) -> Result<Report, DemoError> {
        desk::exchange((&self.runtime, &self.clock), office, patience, told)
    }

    pub(super) fn node_runs(&self) -> bool {
        self.node.is_some()
    }

    /// Starts the node at its address.
    pub(super) fn start_node(&mut self) -> Result<(), DemoError> {
        if self.node.is_some() {
            return Ok(());
        }
        let socket =
            UdpSocket::bind(&self.address.addr).map_err(failed("the node's port on this machine"))?;
        let clock = self.clock.clone();
        let config = Config {
            name: self.address.name.clone(),
            folder: self.folder().join("node"),
            socket,
            keys: self.node_keys.clone(),
            directory: self.signed.clone(),
            pinned: self.pinned.clone(),
            clock: Clock::from_fn(move || clock.now()),
            limits: Limits::default(),
        };
        let started = self.runtime.block_on(node::start(config));
        self.node = Some(
            started.map_err(|error| DemoError::Failed(format!("the demo's node did not start: {error}")))?,
        );
        Ok(())
    }

    /// Stops the node; what it acknowledged is on disk.
    pub(super) fn stop_node(&mut self) {
        if let Some(node) = self.node.take() {
            self.runtime.block_on(node.stop());
        }
    }

    /// Gives a casebook the directory, the node, and the word that the members' keys were compared.
    fn introduce(&self, casebook: &mut Casebook, cast: Cast, since: Timestamp) -> Result<(), DemoError> {
        casebook.set_directory(&self.signed, &self.directory, &self.pinned)?;
        casebook.set_node(&self.address)?;
        let since = since.to_zoned(self.clock.local().time_zone().clone());
        for member in self.directory.members.iter().filter(|member| member.id.as_str() != cast.id) {
            let compared = Comparison {
                agency: member.id.clone(),
                words: kith_protocol::words::eight_words(&member.keys).join(" "),
                how: Compared::Telephone { number: member.phone.clone().unwrap_or_default() },
            };
            casebook.execute(Command::CompareContact(compared), &cast.author(), &since)?;
        }
        Ok(())
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.stop_node();
    }
}

/// The number of the signal that ends us: interrupt, terminate, hang up.
#[cfg(unix)]
async fn told_to_end() -> i32 {
    use tokio::signal::unix::{SignalKind, signal};
    let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
    let [Ok(mut interrupt), Ok(mut terminate), Ok(mut hangup)] = kinds.map(signal) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => 2,
        _ = terminate.recv() => 15,
        _ = hangup.recv() => 1,
    }
}

#[cfg(not(unix))]
async fn told_to_end() -> i32 {
    match tokio::signal::ctrl_c().await {
        Ok(()) => 2,
        Err(_) => std::future::pending().await,
    }
}

/// The day before the first record.
fn began(now: &Zoned) -> Result<Timestamp, DemoError> {
    let day = Calendar::at(now).before(fill::TAKEN_IN + 1);
    Ok(day.to_zoned(now.time_zone().clone()).map_err(|_| DemoError::Seed)?.timestamp())
}

/// The casebook's folder of `cast` in a demo's folder.
pub(super) fn casebook_in(folder: &Path, cast: Cast) -> PathBuf {
    folder.join(cast.id)
}

fn private_folder() -> Result<TempDir, DemoError> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(PREFIX);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(fs::Permissions::from_mode(0o700));
    }
    builder.tempdir().map_err(failed("a folder for temporary files"))
}

fn failed(what: &'static str) -> impl Fn(std::io::Error) -> DemoError {
    move |error| DemoError::Failed(format!("the demo needs {what}: {error}"))
}

fn open_agency(
    folder: &Path,
    cast: Cast,
    now: Timestamp,
) -> Result<(Casebook, kith_protocol::enrolment::Enrolment), DemoError> {
    let setup =
        Setup { agency: cast.id()?, agency_name: cast.name.to_owned(), user: cast.author(), demo: true };
    let founding = Founding {
        setup,
        sector: cast.sector,
        phone: Some(cast.phone.to_owned()),
        authority: Some("Northshire".to_owned()),
        // Fictional people behind a public passphrase: the least work, so that the demo starts at once.
        work: WorkFactor::LEAST,
    };
    let mut made = found(&casebook_in(folder, cast), &founding, &Passphrase::from(PASSPHRASE), now)?;
    let enrolment = made.enrolment.verify().map_err(|error| DemoError::Failed(error.to_string()))?;
    if cast == ELM_PARK {
        add_deputy(&mut made.casebook, cast, now)?;
    }
    Ok((made.casebook, enrolment))
}

fn add_deputy(casebook: &mut Casebook, cast: Cast, now: Timestamp) -> Result<(), DemoError> {
    let (name, role) = DEPUTY;
    let deputy = Author { name: name.to_owned(), role: role.to_owned() };
    let secrets = casebook.agency_secrets()?;
    let person = match &secrets {
        Some(secrets) => Some(certified(secrets, &cast.id()?, &deputy, now)),
        None => None,
    };
    let passphrase = Passphrase::from(DEPUTYS);
    Ok(casebook.add_holder(&deputy, person.as_ref(), (&passphrase, WorkFactor::LEAST), now)?)
}

/// The directory of the four, under a new partnership key that signs once and is forgotten.
fn directory(
    members: Vec<Member>,
    since: Timestamp,
) -> Result<(Directory, SignedDirectory, Pinned), DemoError> {
    let key: SigningKey = generate_signing();
    let directory = Directory {
        partnership: PARTNERSHIP.to_owned(),
        version: 1,
        issued: since,
        expires: since.saturating_add(SignedDuration::from_hours(390 * 24)).unwrap_or(Timestamp::MAX),
        threshold: 1,
        keys: vec![key.public()],
        members,
    };
    let refused = |error: kith_protocol::directory::DirectoryError| DemoError::Failed(error.to_string());
    let signed = directory.sign(&[&key]).ok_or(DemoError::Seed)?;
    let pinned = Pinned::enrol(PARTNERSHIP.to_owned(), directory.keys, 1);
    let verified = signed.verify(&pinned, since).map_err(refused)?;
    let pinned = pinned.follow(&signed).map_err(refused)?;
    Ok((verified, signed, pinned))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_world_is_private_has_four_agencies_and_a_node_and_goes_away() {
        let clock = DemoClock::system();
        clock.set("2026-11-20T12:00:00Z".parse().unwrap());
        let mut world = World::make(clock).unwrap();
        world.start_node().unwrap();
        assert!(world.node_runs());
        world.stop_node();
        world.start_node().unwrap();
        let folder = world.folder().to_owned();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
        }
        for cast in ALL {
            let casebook = world.unlock(cast).unwrap();
            let session = casebook.session().unwrap();
            assert!(session.demo);
            assert_eq!((session.agency_name.as_str(), session.user.name.as_str()), (cast.name, cast.person));
        }
        assert_eq!(world.directory.members.len(), 4);
        drop(world);
        assert!(!folder.exists());
    }
}
