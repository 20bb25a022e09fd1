//! A node and its agencies on loopback, and what must hold between them.

mod admin;
mod ahead;
mod journeys;
mod keeping;
mod limits;
mod links;
mod log;
mod witness;

use std::{
    io::Cursor,
    net::UdpSocket,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use jiff::{SignedDuration, Timestamp};
use kith_protocol::{
    directory::{Directory, Member, NodeAddress, Pinned, Sector, SignedDirectory},
    envelope::{Envelope, SignedEnvelope, coarse},
    gate::{Gate, SignedGate, SignedWithdrawal, Withdrawal, commit},
    ids::{Digest, GateId, SealId},
    keys::AgencySecrets,
    receipt::SignedReceipt,
    sign::SigningKey,
};

use super::{Clock, Config, Limits, NodeHandle, NodeKeys};
use crate::courier::{Arrival, Courier, CourierError};

fn quiet(_: u64, _: u64) {}

/// An hour that is not cut, so that cutting shows.
const START: i64 = 1_790_000_000;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap()
}

/// A node with three members, on a clock that stands still until a test moves it.
struct World {
    node: Option<NodeHandle>,
    folder: tempfile::TempDir,
    address: NodeAddress,
    clock: Arc<AtomicI64>,
    limits: Limits,
    partnership: SigningKey,
    school: AgencySecrets,
    police: AgencySecrets,
    health: AgencySecrets,
}

impl World {
    async fn new() -> Self {
        Self::with(Limits::default()).await
    }

    async fn with(limits: Limits) -> Self {
        let address = node_keys().address("northshire".into(), "127.0.0.1:1".into());
        let mut world = Self {
            node: None,
            folder: tempfile::tempdir().unwrap(),
            address,
            clock: Arc::new(AtomicI64::new(START)),
            limits,
            partnership: SigningKey::from_seed(&[9; 32]),
            school: AgencySecrets::generate(),
            police: AgencySecrets::generate(),
            health: AgencySecrets::generate(),
        };
        world.start().await;
        world
    }

    /// Starts the node in its folder, on a new port.
    async fn start(&mut self) {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        self.address.addr = socket.local_addr().unwrap().to_string();
        self.node = Some(super::start(self.config(socket)).await.unwrap());
    }

    fn config(&self, socket: UdpSocket) -> Config {
        let clock = Arc::clone(&self.clock);
        Config {
            name: self.address.name.clone(),
            folder: self.folder.path().to_owned(),
            socket,
            keys: node_keys(),
            directory: self.signed_directory(1),
            pinned: self.pinned(),
            clock: Clock::from_fn(move || at(clock.load(Ordering::SeqCst))),
            limits: self.limits,
        }
    }

    /// All that stands in the node's folder, put aside.
    fn backup(&self, to: &Path) {
        for name in ["node.db", "node.db-wal", "node.db-shm"] {
            let (from, to) = (self.folder.path().join(name), to.join(name));
            match std::fs::metadata(&from) {
                Ok(_) => drop(std::fs::copy(from, to).unwrap()),
                Err(_) => drop(std::fs::remove_file(to)),
            }
        }
    }

    async fn restart(&mut self) {
        self.node.take().unwrap().stop().await;
        self.start().await;
    }

    fn node(&self) -> &NodeHandle {
        self.node.as_ref().unwrap()
    }

    fn now(&self) -> Timestamp {
        at(self.clock.load(Ordering::SeqCst))
    }

    fn pass(&self, time: SignedDuration) {
        self.clock.fetch_add(time.as_secs(), Ordering::SeqCst);
    }

    fn directory(&self) -> Directory {
        let member = |id: &str, sector, secrets: &AgencySecrets| Member {
            id: id.parse().unwrap(),
            name: id.to_owned(),
            sector,
            node: self.address.clone(),
            keys: secrets.public(),
            phone: None,
            authority: None,
        };
        Directory {
            partnership: "Northshire".into(),
            version: 1,
            issued: at(START),
            expires: at(START + 300 * 86_400),
            threshold: 1,
            keys: vec![self.partnership.public()],
            members: vec![
                member("elm-park", Sector::School, &self.school),
                member("police", Sector::Police, &self.police),
                member("health", Sector::Health, &self.health),
            ],
        }
    }

    fn signed_directory(&self, version: u64) -> SignedDirectory {
        Directory { version, ..self.directory() }.sign(&[&self.partnership]).unwrap()
    }

    fn pinned(&self) -> Pinned {
        Pinned::enrol("Northshire".into(), vec![self.partnership.public()], 1)
    }

    fn courier(&self, who: &AgencySecrets) -> Courier {
        Courier::new(self.address.clone(), &who.link).unwrap()
    }

    /// A bundle from the school to the police; `n` makes it and its gate one of a kind.
    fn letter(&self, n: u8, body: Vec<u8>) -> Letter {
        let gate = Gate {
            id: GateId::from_bytes([n; 16]),
            from: "elm-park".parse().unwrap(),
            to: "police".parse().unwrap(),
            valid_from: at(START),
            valid_until: at(START + 60 * 86_400),
            commitment: commit(&[n; 32], b"record"),
        };
        let envelope = Envelope {
            from: gate.from.clone(),
            to: gate.to.clone(),
            recipient_key: self.police.public().seal.fingerprint(),
            seal_id: SealId::from_bytes([n; 16]),
            gate: gate.id,
            ciphertext: Digest::of(&body),
            size: body.len() as u64,
            at: coarse(at(START)),
        };
        Letter { gate, envelope, body }
    }

    async fn send(&self, letter: &Letter) -> Result<SignedReceipt, CourierError> {
        let (envelope, gate) = letter.signed(&self.school.sign);
        self.courier(&self.school).deposit(&envelope, &gate, Cursor::new(&letter.body), &quiet).await
    }

    async fn waiting(&self) -> Vec<Arrival> {
        let listed = self.courier(&self.police).list(0, &self.directory()).await.unwrap();
        assert!(listed.refused.is_empty(), "{:?}", listed.refused);
        listed.arrivals
    }

    fn withdrawal(&self, gates: &[u8]) -> SignedWithdrawal {
        let gates = gates.iter().map(|n| GateId::from_bytes([*n; 16])).collect();
        let body = Withdrawal { from: "elm-park".parse().unwrap(), gates, at: self.now(), letter: None };
        SignedWithdrawal::new(&body, &self.school.sign)
    }
}

fn node_keys() -> NodeKeys {
    let [link, sign, log, cosign] = [7, 8, 18, 19].map(|n| SigningKey::from_seed(&[n; 32]));
    NodeKeys { link, sign, log, cosign }
}

struct Letter {
    gate: Gate,
    envelope: Envelope,
    body: Vec<u8>,
}

impl Letter {
    fn signed(&self, key: &SigningKey) -> (SignedEnvelope, SignedGate) {
        (SignedEnvelope::new(&self.envelope, key), SignedGate::new(&self.gate, key))
    }

    fn id(&self, key: &SigningKey) -> kith_protocol::ids::BundleId {
        self.signed(key).0.id()
    }
}

/// Bytes that no two places share for long.
fn bytes(length: usize) -> Vec<u8> {
    (0_u32..).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).take(length).collect()
}

/// All files in a folder, by name.
fn files(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}
