//! The people, casebooks and node of these tests. The clock stands still until a test moves it.

use std::{
    cell::{Cell, RefCell},
    net::UdpSocket,
    path::{Path, PathBuf},
};

use jiff::{SignedDuration, ToSpan as _, Zoned, civil::date, tz::TimeZone};
use kith_exchange::{
    courier::Courier,
    node::{Clock, Config, Limits, NodeHandle, NodeKeys},
};
use kith_protocol::{
    directory::{Directory, Member, NodeAddress, Pinned, Sector, SignedDirectory},
    enrolment::Enrolment,
    ids::AgencyId,
    keys::{AgencySecrets, Certificate, PersonKey},
    seal::{Passphrase, WorkFactor},
    sign::SigningKey,
};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::{
    casework::{
        command::Command,
        fact::Author,
        ids::{ReceivedId, ShareId},
        query::{Answer, Page, Query, ReceivedRow, ShareRow, Window},
    },
    sharing::{
        office::Office,
        rounds::{Closed, Desk, Report, RoundError, adopt_listed, round},
    },
    store::{Casebook, Setup},
};

pub(crate) const PASSPHRASE: &str = "seven tired herons";

/// Monday 9 March 2026, 10:00 in London.
pub(crate) fn now() -> Zoned {
    date(2026, 3, 9).at(10, 0, 0, 0).to_zoned(TimeZone::get("Europe/London").unwrap()).unwrap()
}

pub(crate) fn school_id() -> AgencyId {
    "elm-park".parse().unwrap()
}

pub(crate) fn care_id() -> AgencyId {
    "northshire-csc".parse().unwrap()
}

/// One agency: its folder outlives its office, as a disk outlives a crash.
pub(crate) struct Agency {
    pub(crate) folder: TempDir,
    pub(crate) office: Option<Office>,
    pub(crate) secrets: AgencySecrets,
    id: AgencyId,
    name: &'static str,
}

impl Agency {
    fn new(id: AgencyId, name: &'static str, user: &str, role: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let user = Author { name: user.into(), role: role.into() };
        let secrets = AgencySecrets::generate();
        let setup = Setup { agency: id.clone(), agency_name: name.into(), user: user.clone(), demo: false };
        let passphrase = Passphrase::from(PASSPHRASE);
        let (mut book, _) =
            Casebook::create(&folder.path().join("book"), &setup, &passphrase, WorkFactor::LEAST).unwrap();
        let key = SigningKey::from_seed(&[name.len() as u8; 32]);
        let certificate = Certificate {
            agency: id.clone(),
            name: user.name,
            role: user.role,
            key: key.public(),
            from: now().timestamp() - 24.hours(),
            until: now().timestamp() + SignedDuration::from_hours(24 * 700),
        };
        let person = PersonKey { key, certificate: certificate.sign(&secrets.sign) };
        book.set_agency_secrets(&secrets).unwrap();
        book.set_person_key(&person).unwrap();
        drop(book);
        Self { folder, office: None, secrets, id, name }
    }

    pub(crate) fn sealed(&self) -> PathBuf {
        self.folder.path().join("sealed")
    }

    pub(crate) fn book(&self) -> PathBuf {
        self.folder.path().join("book")
    }

    fn member(&self, sector: Sector, node: NodeAddress) -> Member {
        Member {
            id: self.id.clone(),
            name: self.name.into(),
            sector,
            node,
            keys: self.secrets.public(),
            phone: Some("01632 960100".into()),
            authority: Some("Northshire".into()),
        }
    }

    fn enrol(&self, signed: &SignedDirectory, directory: &Directory, pinned: &Pinned) {
        let mut book = Casebook::unlock(&self.book(), &Passphrase::from(PASSPHRASE)).unwrap();
        book.set_directory(signed, directory, pinned).unwrap();
    }

    pub(crate) fn open(&mut self) -> &mut Office {
        self.office = None;
        let book = Casebook::unlock(&self.book(), &Passphrase::from(PASSPHRASE)).unwrap();
        self.office.insert(Office::open(book, &self.sealed(), &now()).unwrap())
    }

    pub(crate) fn office(&mut self) -> &mut Office {
        self.office.as_mut().unwrap()
    }

    pub(crate) fn did(&mut self, command: Command) -> crate::casework::ids::FactId {
        self.office().execute(command, &now()).unwrap()[0]
    }

    pub(crate) fn asked(&mut self, query: &Query) -> Answer {
        self.office().ask(query, now().date()).unwrap()
    }

    pub(crate) fn share(&mut self, id: ShareId) -> ShareRow {
        let Answer::Shares(Page { rows, .. }) =
            self.asked(&Query::Shares { case: None, window: Window::First, limit: 50 })
        else {
            panic!()
        };
        rows.into_iter().find(|row| row.id == id).unwrap()
    }

    pub(crate) fn inbox(&mut self) -> Vec<ReceivedRow> {
        let Answer::Inbox(Page { rows, .. }) = self.asked(&Query::Inbox { window: Window::First, limit: 50 })
        else {
            panic!()
        };
        rows
    }

    pub(crate) fn only_received(&mut self) -> ReceivedId {
        let rows = self.inbox();
        assert_eq!(rows.len(), 1, "{rows:?}");
        rows[0].id
    }

    /// Closes the office and copies the casebook's folder.
    pub(crate) fn copy_book(&mut self) -> TempDir {
        self.office = None;
        let to = tempfile::tempdir().unwrap();
        copy_files(&self.book(), to.path());
        to
    }

    /// Closes the office and puts the copy in place of the casebook's folder.
    pub(crate) fn put_back_book(&mut self, from: &TempDir) {
        self.office = None;
        std::fs::remove_dir_all(self.book()).unwrap();
        copy_files(from.path(), &self.book());
    }

    /// Sealed files that lie in a folder of the exchange.
    pub(crate) fn files(&self, folder: &str) -> usize {
        std::fs::read_dir(self.sealed().join(folder)).unwrap().count()
    }
}

/// A school, a social care team, and the node between them.
pub(crate) struct World {
    pub(crate) runtime: Runtime,
    pub(crate) school: Agency,
    pub(crate) care: Agency,
    pub(crate) node: NodeAddress,
    node_folder: TempDir,
    node_keys: NodeKeys,
    signed: SignedDirectory,
    pinned: Pinned,
    pub(crate) directory: Directory,
    handle: Option<NodeHandle>,
    socket: Option<UdpSocket>,
    /// The socket of the node that runs once more, so that nobody else gets its port between two starts.
    spare: Option<UdpSocket>,
}

impl World {
    pub(crate) fn new() -> Self {
        let mut world = Self::offline();
        world.start_node();
        world
    }

    /// The node is in the directory, but does not run yet.
    pub(crate) fn offline() -> Self {
        Self::build(true)
    }

    /// The social care team has pinned the partnership and knows the node, and has not seen a directory yet.
    pub(crate) fn care_just_joined() -> Self {
        let mut world = Self::build(false);
        world.start_node();
        world
    }

    fn build(care_enrolled: bool) -> Self {
        let [link, sign, log, cosign] = [21, 22, 23, 24].map(|n| SigningKey::from_seed(&[n; 32]));
        let node_keys = NodeKeys { link, sign, log, cosign };
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let node = node_keys.address("northshire".into(), socket.local_addr().unwrap().to_string());
        let school =
            Agency::new(school_id(), "Elm Park Primary", "Amira Khan", "Designated Safeguarding Lead");
        let care =
            Agency::new(care_id(), "Northshire Children's Social Care", "Julia Moss", "Duty social worker");
        let partnership = SigningKey::from_seed(&[9; 32]);
        let directory = Directory {
            partnership: "Northshire Safeguarding Partnership".into(),
            version: 1,
            issued: now().timestamp() - 24.hours(),
            expires: now().timestamp() + SignedDuration::from_hours(24 * 200),
            threshold: 1,
            keys: vec![partnership.public()],
            members: vec![
                school.member(Sector::School, node.clone()),
                care.member(Sector::SocialCare, node.clone()),
            ],
        };
        let signed = directory.sign(&[&partnership]).unwrap();
        let pinned = Pinned::enrol(directory.partnership.clone(), directory.keys.clone(), 1);
        let mut world = Self {
            runtime: tokio::runtime::Builder::new_multi_thread()
                .worker_threads(1)
                .enable_all()
                .build()
                .unwrap(),
            school,
            care,
            node,
            node_folder: tempfile::tempdir().unwrap(),
            node_keys,
            signed,
            pinned,
            directory,
            handle: None,
            socket: Some(socket),
            spare: None,
        };
        let follow = world.pinned.follow(&world.signed).unwrap();
        world.school.enrol(&world.signed, &world.directory, &follow);
        if care_enrolled {
            world.care.enrol(&world.signed, &world.directory, &follow);
        } else {
            let mut book = Casebook::unlock(&world.care.book(), &Passphrase::from(PASSPHRASE)).unwrap();
            book.set_pinned(&world.pinned).unwrap();
            book.set_node(&world.node).unwrap();
        }
        world.school.open();
        world.care.open();
        world
    }

    pub(crate) fn node_folder(&self) -> &Path {
        self.node_folder.path()
    }

    pub(crate) fn start_node(&mut self) {
        let socket = self.socket.take().unwrap();
        self.spare = Some(socket.try_clone().unwrap());
        let config = Config {
            name: self.node.name.clone(),
            folder: self.node_folder.path().to_owned(),
            socket,
            keys: self.node_keys.clone(),
            directory: self.signed.clone(),
            pinned: self.pinned.clone(),
            clock: Clock::fixed(now().timestamp()),
            limits: Limits::default(),
        };
        self.handle = Some(self.runtime.block_on(kith_exchange::node::start(config)).unwrap());
    }

    /// The partnership lists what an agency asks for, and the node takes that into force.
    pub(crate) fn list(&mut self, asked: &Enrolment) {
        let member = self.directory.members.iter_mut().find(|member| member.id == asked.id).unwrap();
        member.keys = asked.keys.clone();
        self.directory.version += 1;
        self.signed = self.directory.sign(&[&SigningKey::from_seed(&[9; 32])]).unwrap();
        self.handle.as_ref().unwrap().set_directory(self.signed.clone()).unwrap();
    }

    pub(crate) fn stop_node(&mut self) {
        if let Some(handle) = self.handle.take() {
            self.runtime.block_on(handle.stop());
        }
        self.spare = None;
    }

    /// Stops the node, keeps its socket for the next start, and copies its database.
    pub(crate) fn stop_and_copy_node(&mut self) -> TempDir {
        self.socket = self.spare.take();
        self.stop_node();
        let to = tempfile::tempdir().unwrap();
        copy_files(self.node_folder.path(), to.path());
        to
    }

    /// Stops the node, puts the copy in place of its database, and starts it.
    pub(crate) fn put_back_node(&mut self, from: &TempDir) {
        drop(self.stop_and_copy_node());
        for entry in std::fs::read_dir(self.node_folder.path()).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                std::fs::remove_file(path).unwrap();
            }
        }
        copy_files(from.path(), self.node_folder.path());
        self.start_node();
    }

    /// The node's admin says that a backup was restored.
    pub(crate) fn restored_node(&mut self, why: &str) {
        let (db, name) = (self.node_folder.path().join("node.db"), self.node.name.clone());
        kith_exchange::node::begin_again(&db, (&self.node_keys, name), why, now().timestamp()).unwrap();
    }

    /// A round of the school, which must come to its end.
    pub(crate) fn school_round(&mut self) -> Report {
        let (report, ended) = run(&self.runtime, &mut self.school, &self.node, None, &now());
        ended.unwrap();
        report
    }

    pub(crate) fn care_round(&mut self) -> Report {
        let (report, ended) = run(&self.runtime, &mut self.care, &self.node, None, &now());
        ended.unwrap();
        report
    }
}

/// Copies the files of a folder, not those of folders in it.
fn copy_files(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if entry.path().is_file() {
            std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.stop_node();
    }
}

/// One round, stopped before the step after `steps`.
pub(crate) fn run(
    runtime: &Runtime,
    agency: &mut Agency,
    node: &NodeAddress,
    steps: Option<usize>,
    at: &Zoned,
) -> (Report, Result<(), RoundError>) {
    let desk = Here { office: RefCell::new(agency.office()), left: Cell::new(steps), now: at.clone() };
    let mut report = Report::default();
    let ended = runtime.block_on(async {
        if steps.is_none() {
            adopt_listed(&desk, &mut report).await?;
        }
        let line = desk.office.borrow().line().unwrap();
        let link = line.unwrap().1;
        let courier = Courier::new(node.clone(), &link).unwrap();
        let ended = round(&desk, &courier, &|_| {}, &mut report).await;
        courier.close().await;
        ended
    });
    (report, ended)
}

/// The office, on this thread; after some steps it is gone, as in a crash.
struct Here<'a> {
    office: RefCell<&'a mut Office>,
    left: Cell<Option<usize>>,
    now: Zoned,
}

impl Desk for Here<'_> {
    async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Office, &Zoned) -> T + Send + 'static,
    ) -> Result<T, Closed> {
        match self.left.get() {
            Some(0) => return Err(Closed),
            Some(left) => self.left.set(Some(left - 1)),
            None => {}
        }
        Ok(work(&mut self.office.borrow_mut(), &self.now))
    }
}
