//! What a node needs to know to start, and the limits it holds to.

use std::{fmt, net::UdpSocket, path::PathBuf, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use kith_protocol::{
    directory::{NodeAddress, Pinned, SignedDirectory},
    keys::generate_signing,
    sign::SigningKey,
};

/// All a node needs to start. The caller binds the socket, so that port 0 can be put into a directory first.
pub struct Config {
    /// Its name in the directory.
    pub name: String,
    /// Where it keeps everything; made if missing, readable by its owner alone.
    pub folder: PathBuf,
    /// Where it listens.
    pub socket: UdpSocket,
    /// Its keys.
    pub keys: NodeKeys,
    /// Whom it serves.
    pub directory: SignedDirectory,
    /// The partnership keys that the directory must be signed by.
    pub pinned: Pinned,
    /// What it asks for the time.
    pub clock: Clock,
    /// What it will hold and for how long.
    pub limits: Limits,
}

/// A node's keys, each with one job.
#[derive(Debug, Clone)]
pub struct NodeKeys {
    /// Speaks TLS.
    pub link: SigningKey,
    /// Signs STORED.
    pub sign: SigningKey,
    /// Signs checkpoints of the node's own log.
    pub log: SigningKey,
    /// Cosigns the checkpoints of others.
    pub cosign: SigningKey,
}

impl NodeKeys {
    /// New keys from the system's randomness.
    #[must_use]
    pub fn generate() -> Self {
        Self {
            link: generate_signing(),
            sign: generate_signing(),
            log: generate_signing(),
            cosign: generate_signing(),
        }
    }

    /// How the node with these keys stands in a directory.
    #[must_use]
    pub fn address(&self, name: String, addr: String) -> NodeAddress {
        NodeAddress {
            name,
            addr,
            link: self.link.public(),
            sign: self.sign.public(),
            log: self.log.public(),
            cosign: self.cosign.public(),
        }
    }
}

/// What a node will hold. Sizes in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Longest bundle.
    pub bundle: u64,
    /// All that one agency has on the node.
    pub agency: u64,
    /// All that the node holds; beyond it the disk counts as full.
    pub node: u64,
    /// Answers to one bundle.
    pub answers: u32,
    /// Days a bundle waits for its recipient, and a collected one for its acknowledgement.
    pub keep_days: u32,
    /// Days for which the node knows of a bundle after its end, and of news: so long a withdrawal still finds whom
    /// to tell.
    pub remember_days: u32,
    /// Links open at once; further ones are turned away.
    pub links: usize,
    /// Links one agency may have open at once.
    pub links_each: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bundle: 4 << 30,
            agency: 16 << 30,
            node: 256 << 30,
            answers: 32,
            keep_days: 28,
            remember_days: 730,
            links: 20_000,
            links_each: 32,
        }
    }
}

impl Limits {
    pub(super) fn keep(&self) -> SignedDuration {
        SignedDuration::from_hours(24 * i64::from(self.keep_days))
    }

    pub(super) fn remember(&self) -> SignedDuration {
        SignedDuration::from_hours(24 * i64::from(self.remember_days))
    }
}

/// Where the time comes from: the system, or a test's hand.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    /// The system's clock.
    #[must_use]
    pub fn system() -> Self {
        Self::from_fn(Timestamp::now)
    }

    /// A clock that stands still.
    #[must_use]
    pub fn fixed(at: Timestamp) -> Self {
        Self::from_fn(move || at)
    }

    /// A clock that asks `now`.
    #[must_use]
    pub fn from_fn(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The time now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        (self.0)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Clock({})", self.now())
    }
}

/// Whether something kept since `since` for `keep` is over at `now`.
#[must_use]
pub fn expired(now: Timestamp, since: Timestamp, keep: SignedDuration) -> bool {
    now.duration_since(since) >= keep
}
