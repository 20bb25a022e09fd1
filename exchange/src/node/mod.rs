//! The node: takes bundles in, keeps them, hands them to whom they are for. It is not trusted with what they hold.
//!
//! Acknowledged means never lost: bytes durable, then the books, then the signed receipt, then the reply.

mod admin;
mod blobs;
pub mod cli;
mod config;
mod handlers;
mod ledger;
mod log;
mod serve;
mod store;
mod sweep;
#[cfg(test)]
mod tests;
mod waiting_room;
mod witness;

use std::{
    collections::HashMap,
    fs, io,
    net::SocketAddr,
    path::Path,
    sync::{Arc, PoisonError, RwLock},
    thread,
};

use jiff::Timestamp;
use kith_protocol::{
    directory::{Directory, DirectoryError, NodeAddress, Pinned, SignedDirectory},
    ids::AgencyId,
    sign::VerifyingKey,
};
use tokio::{sync::watch, task::JoinHandle};

pub use admin::{
    AdminError, Enrolled, Founded, NodeFolder, begin_again, enrol, found, relocate, remove, renew, restored,
};
pub use config::{Clock, Config, Limits, NodeKeys, expired};
pub use store::StoreError;

use crate::link::{self, Admits, LinkError};
use blobs::Blobs;
use handlers::CameAhead;
use store::Store;
use waiting_room::{Bells, Doors, Turns};

/// Why a node did not start or take a directory.
#[derive(Debug, thiserror::Error)]
pub enum NodeError {
    #[error("the node's folder cannot be used: {}; check its permissions and the disk", .0.kind())]
    Folder(#[from] io::Error),
    #[error("the node's database cannot be used: {0}")]
    Store(#[from] StoreError),
    #[error("the directory was not accepted: {0}")]
    Directory(#[from] DirectoryError),
    #[error(transparent)]
    Link(#[from] LinkError),
}

/// All that handlers share.
pub(crate) struct Node {
    name: String,
    keys: NodeKeys,
    clock: Clock,
    limits: Limits,
    store: Store,
    blobs: Blobs,
    roster: Arc<RwLock<Arc<Roster>>>,
    doors: Doors,
    bells: Bells,
    turns: Turns,
    came_ahead: CameAhead,
    stopping: watch::Receiver<bool>,
}

/// The directory in force, what the next one is judged by, and who has which link key.
struct Roster {
    directory: Directory,
    pinned: Pinned,
    signed: SignedDirectory,
    links: HashMap<VerifyingKey, AgencyId>,
}

impl Roster {
    fn new(signed: SignedDirectory, pinned: &Pinned, now: Timestamp) -> Result<Self, DirectoryError> {
        // A directory that has just run out must not stop what is urgent; each agency judges that for itself.
        let (directory, _) = signed.verify_for_urgent_use(pinned, now)?;
        let pinned = pinned.follow(&signed)?;
        let links = directory.members.iter().map(|member| (member.keys.link, member.id.clone())).collect();
        Ok(Self { directory, pinned, signed, links })
    }
}

impl Node {
    /// Starts a node; it serves until the handle is stopped or dropped. Call inside a tokio runtime.
    ///
    /// # Errors
    /// The folder, database, directory or socket cannot be used.
    pub(crate) async fn start(config: Config) -> Result<NodeHandle, NodeError> {
        make_private(&config.folder)?;
        let roster = Roster::new(config.directory, &config.pinned, config.clock.now())?;
        let roster = Arc::new(RwLock::new(Arc::new(roster)));
        let (store, writer) = Store::open(&config.folder.join("node.db"))?;
        let blobs = Blobs::open(&config.folder)?;
        let (stop, stopping) = watch::channel(false);
        let own = config.keys.link.public();
        let known = Arc::clone(&roster);
        let admits: Admits = Arc::new(move |key| *key == own || current(&known).links.contains_key(key));
        let endpoint = link::listen(config.socket, &config.keys.link, admits)?;
        let (addr, links) = (endpoint.local_addr()?, config.limits.links);
        let node = Arc::new(Self {
            name: config.name,
            keys: config.keys,
            clock: config.clock,
            limits: config.limits,
            store,
            blobs,
            roster,
            doors: Doors::default(),
            bells: Bells::default(),
            turns: Turns::default(),
            came_ahead: CameAhead::default(),
            stopping,
        });
        sweep::tidy(&node).await?;
        tracing::info!(%addr, "the node is up");
        let serving = tokio::spawn(serve::serve(Arc::clone(&node), endpoint, links));
        Ok(NodeHandle { addr, node, stop, serving, writer })
    }

    fn roster(&self) -> Arc<Roster> {
        current(&self.roster)
    }
}

/// Starts a node; it serves until the handle is stopped or dropped. Call inside a tokio runtime.
///
/// # Errors
/// The folder, database, directory or socket cannot be used.
pub async fn start(config: Config) -> Result<NodeHandle, NodeError> {
    Node::start(config).await
}

fn current(roster: &RwLock<Arc<Roster>>) -> Arc<Roster> {
    Arc::clone(&roster.read().unwrap_or_else(PoisonError::into_inner))
}

/// A running node.
pub struct NodeHandle {
    addr: SocketAddr,
    node: Arc<Node>,
    stop: watch::Sender<bool>,
    serving: JoinHandle<()>,
    writer: thread::JoinHandle<()>,
}

impl NodeHandle {
    /// Where it listens.
    #[must_use]
    pub const fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// What couriers need to call it and to check its receipts.
    #[must_use]
    pub fn address(&self) -> NodeAddress {
        self.node.keys.address(self.node.name.clone(), self.addr.to_string())
    }

    /// Takes a newer directory into force at once; open links of agencies that left are refused from now on.
    ///
    /// # Errors
    /// It does not verify, or is older than the one in force. The one in force again is no error.
    pub fn set_directory(&self, signed: SignedDirectory) -> Result<(), DirectoryError> {
        let current = self.node.roster();
        let roster = Arc::new(Roster::new(signed, &current.pinned, self.node.clock.now())?);
        if roster.pinned == current.pinned {
            return Ok(());
        }
        tracing::info!(version = roster.directory.version, "a directory is in force");
        *self.node.roster.write().unwrap_or_else(PoisonError::into_inner) = roster;
        Ok(())
    }

    /// Lets go what has waited too long, as the node does by itself every hour.
    ///
    /// # Errors
    /// The database or a file failed.
    pub async fn sweep(&self) -> Result<(), StoreError> {
        sweep::sweep(&self.node).await
    }

    /// Ends requests in hand, then links, then the database.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        // A task that panicked has nothing left to end.
        let _ = self.serving.await;
        drop(self.node);
        let writer = self.writer;
        let _ = tokio::task::spawn_blocking(move || writer.join()).await;
    }
}

/// Makes a folder that its owner alone can read.
pub(super) fn make_private(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}

/// Makes a file that its owner alone can read, if it is not there; takes others' rights to it away.
pub(super) fn make_private_file(path: &Path) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
        options.mode(0o600).open(path)?.set_permissions(fs::Permissions::from_mode(0o600))
    }
    #[cfg(not(unix))]
    options.open(path).map(drop)
}
