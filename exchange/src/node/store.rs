//! The node's database: one writer that commits for all who wait, and readers beside it.
//!
//! WAL with `synchronous=FULL`: what was committed survives a power cut. Nobody is answered before the commit.

use std::{
    fmt, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    thread::{self, JoinHandle},
    time::Duration,
};

use kith_protocol::wire::{OurFault, WireError};
use rusqlite::{Connection, ErrorCode, OpenFlags};
use tokio::sync::{mpsc, oneshot};

use super::make_private_file;

/// Changes that may wait for the writer, and most that share a commit.
const WAITING: usize = 1024;
const TOGETHER: usize = 256;
const SCHEMA_VERSION: i64 = 5;
const SCHEMA: &str = include_str!("schema.sql");

/// Why a change or a question failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The peer gets this.
    #[error(transparent)]
    Wire(#[from] WireError),
    #[error("the database failed: {0}")]
    Database(#[from] rusqlite::Error),
    #[error("a file failed: {0}")]
    File(#[from] io::Error),
    #[error("the database holds what this program did not write: {0}")]
    Damaged(&'static str),
    #[error("the database is of version {0}, this program writes {SCHEMA_VERSION}")]
    Version(i64),
    #[error("the store has stopped")]
    Stopped,
}

impl StoreError {
    /// What the peer is told; causes of our own stay here.
    pub(super) fn wire(self) -> WireError {
        let ours = |fault, retry_after| WireError::Ours { fault, retry_after };
        match self {
            Self::Wire(error) => error,
            Self::Database(error) => ours(fault(&error), 60),
            Self::File(error) if is_full(&error) => ours(OurFault::DiskFull, 600),
            Self::Stopped => ours(OurFault::Stopping, 5),
            Self::File(_) | Self::Damaged(_) | Self::Version(_) => ours(OurFault::Storage, 60),
        }
    }
}

pub(super) fn is_full(error: &io::Error) -> bool {
    use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge)
}

type Result<T> = std::result::Result<T, StoreError>;
/// Tells whoever asked for a change how it went, given how the commit went.
type Tell = Box<dyn FnOnce(std::result::Result<(), OurFault>) + Send>;
/// A change; says whether it is to be kept. Without a connection no transaction could be begun, and it is not made.
type Job = Box<dyn FnOnce(std::result::Result<&Connection, OurFault>) -> (bool, Tell) + Send>;

/// The database, shared by all handlers.
#[derive(Clone)]
pub(super) struct Store {
    writer: mpsc::Sender<Job>,
    readers: Arc<Readers>,
}

struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
}

impl Store {
    /// Opens or makes the database; the writer ends when the last `Store` is dropped.
    pub(super) fn open(path: &Path) -> Result<(Self, JoinHandle<()>)> {
        make_private_file(path)?;
        Ok(Self::over(open_writer(path)?, path)?)
    }

    fn over(connection: Connection, path: &Path) -> io::Result<(Self, JoinHandle<()>)> {
        let (writer, jobs) = mpsc::channel(WAITING);
        let thread =
            thread::Builder::new().name("kith-writer".into()).spawn(move || write_all(connection, jobs))?;
        let readers = Readers { path: path.to_owned(), idle: Mutex::new(Vec::new()) };
        Ok((Self { writer, readers: Arc::new(readers) }, thread))
    }

    /// Makes a change; comes back when it is committed, or was not made at all.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        change: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (tell, told) = oneshot::channel();
        let job: Job = Box::new(move |connection| {
            let lost = |fault| WireError::Ours { fault, retry_after: 60 }.into();
            let result = connection.map_err(lost).and_then(change);
            let keep = result.is_ok();
            let tell: Tell = Box::new(move |committed| {
                // Whoever asked may have gone; the change stands all the same.
                let _ = tell.send(if keep { committed.map_err(lost).and(result) } else { result });
            });
            (keep, tell)
        });
        self.writer.send(job).await.map_err(|_| StoreError::Stopped)?;
        told.await.map_err(|_| StoreError::Stopped)?
    }

    /// Asks a question beside the writer.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let readers = Arc::clone(&self.readers);
        let answer = tokio::task::spawn_blocking(move || {
            let connection = readers.take()?;
            let answer = question(&connection);
            readers.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
            answer
        });
        answer.await.map_err(|_| StoreError::Stopped)?
    }
}

impl Readers {
    fn take(&self) -> Result<Connection> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        idle.map_or_else(|| open_reader(&self.path), Ok)
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Store")
    }
}

pub(super) fn open_writer(path: &Path) -> Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "wal_autocheckpoint", 4000)?;
    connection.set_prepared_statement_cache_capacity(64);
    match connection.pragma_query_value(None, "user_version", |row| row.get(0))? {
        0 => connection.execute_batch(&format!(
            "BEGIN IMMEDIATE; {SCHEMA} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;"
        ))?,
        SCHEMA_VERSION => {}
        other => return Err(StoreError::Version(other)),
    }
    Ok(connection)
}

/// A connection that only reads, for a running node or beside one.
pub(super) fn open_reader(path: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    Ok(connection)
}

/// Takes whatever waits, makes each change by itself, commits them together, then tells everyone.
fn write_all(connection: Connection, mut jobs: mpsc::Receiver<Job>) {
    while let Some(first) = jobs.blocking_recv() {
        let mut batch = vec![first];
        while batch.len() < TOGETHER {
            let Ok(job) = jobs.try_recv() else { break };
            batch.push(job);
        }
        if let Err(error) = connection.execute_batch("BEGIN IMMEDIATE") {
            tracing::error!(%error, "no transaction could be begun");
            let fault = fault(&error);
            batch.into_iter().for_each(|job| job(Err(fault)).1(Err(fault)));
            continue;
        }
        let told: Vec<Tell> = batch.into_iter().map(|job| write_one(&connection, job)).collect();
        let committed = connection.execute_batch("COMMIT").map_err(|error| {
            tracing::error!(%error, "a commit failed; its changes are undone");
            // Nothing is left to undo when SQLite has done it by itself.
            let _ = connection.execute_batch("ROLLBACK");
            fault(&error)
        });
        told.into_iter().for_each(|tell| tell(committed));
    }
}

fn write_one(connection: &Connection, job: Job) -> Tell {
    let marked = connection.execute_batch("SAVEPOINT one");
    let (keep, tell) = job(Ok(connection));
    let end = if keep { "RELEASE one" } else { "ROLLBACK TO one; RELEASE one" };
    match marked.and_then(|()| connection.execute_batch(end)) {
        Ok(()) => tell,
        Err(error) => {
            tracing::error!(%error, "a savepoint failed");
            let fault = fault(&error);
            Box::new(move |_| tell(Err(fault)))
        }
    }
}

fn fault(error: &rusqlite::Error) -> OurFault {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => OurFault::DiskFull,
        _ => OurFault::Storage,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_change_that_cannot_be_begun_is_the_storages_fault() {
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("node.db");
        let connection = open_writer(&path).unwrap();
        connection.busy_timeout(Duration::ZERO).unwrap();
        let (store, _) = Store::over(connection, &path).unwrap();
        let other = open_writer(&path).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        let refused = store.write(|_| Ok(())).await.unwrap_err();
        assert_eq!(refused.wire(), WireError::Ours { fault: OurFault::Storage, retry_after: 60 });
        other.execute_batch("ROLLBACK").unwrap();
        store.write(|_| Ok(())).await.unwrap();
    }
}
