//! Collecting to a file: one thread hashes and writes what the link brings, in large pieces.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufWriter, Read as _, Write as _},
    path::{Path, PathBuf},
};

use bytes::Bytes;
use kith_protocol::{
    ids::{Digest, Hasher},
    receipt::SignedReceipt,
};
use tokio::{sync::mpsc, task::spawn_blocking};

use super::{
    Arrival, Collected, Courier, CourierError, Lie, Progress,
    collect::{Sink, Sofar, whole},
};

const BUFFER: usize = 1024 * 1024;
/// Batches of pieces that may wait for the disk.
const BEHIND: usize = 16;

impl Courier {
    /// Takes a bundle in to a file: first beside it as `<name>.part`, from which a later call goes on; the file
    /// itself appears when it is whole, verified and durable.
    ///
    /// # Errors
    /// See [`CourierError`].
    pub async fn collect_to_file(
        &self,
        arrival: &Arrival,
        delivered: &SignedReceipt,
        path: &Path,
        progress: Progress<'_>,
    ) -> Result<Collected, CourierError> {
        let (part, size) = (part_of(path), arrival.envelope().size);
        let file = here(move || Part::go_on(part, size)).await?;
        let mut sofar = Sofar { length: file.length, ..Sofar::default() };
        let (pass, passed) = mpsc::channel(BEHIND);
        let writing = spawn_blocking(move || file.write_all(passed));
        let filled = self.fill(arrival, delivered, &mut ToThread(pass), &mut sofar, progress).await;
        // What the disk said comes before what the link said: it may be the cause.
        let written = writing.await.map_err(io::Error::other)??;
        let collected = filled.and_then(|()| whole(arrival, sofar, written.digest));
        let path = path.to_owned();
        match &collected {
            Ok(_) => here(move || written.put(&path)).await?,
            Err(CourierError::Lie(Lie::Bytes)) => here(move || fs::remove_file(written.path)).await?,
            Err(_) => {}
        }
        collected
    }
}

/// Does `work` where it may wait for a disk.
async fn here<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    spawn_blocking(work).await.map_err(io::Error::other)?
}

struct ToThread(mpsc::Sender<Vec<Bytes>>);

impl Sink for ToThread {
    async fn take(&mut self, pieces: Vec<Bytes>) -> io::Result<()> {
        self.0.send(pieces).await.map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

/// A file in the making, hashed as it grows.
struct Part {
    path: PathBuf,
    file: BufWriter<File>,
    hasher: Hasher,
    length: u64,
}

/// What has been written, and the digest of all of it.
struct Written {
    path: PathBuf,
    file: File,
    digest: Digest,
}

impl Part {
    /// Opens what there is of a file and hashes it; what is longer than `size` is thrown away.
    fn go_on(path: PathBuf, size: u64) -> io::Result<Self> {
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path)?;
        if file.metadata()?.len() > size {
            file.set_len(0)?;
        }
        let (mut hasher, mut length, mut buffer) = (Hasher::default(), 0, vec![0; BUFFER]);
        loop {
            let read = file.read(&mut buffer)?;
            if read == 0 {
                break;
            }
            hasher.update(buffer.get(..read).unwrap_or_default());
            length += read as u64;
        }
        Ok(Self { path, file: BufWriter::with_capacity(BUFFER, file), hasher, length })
    }

    fn write_all(mut self, mut passed: mpsc::Receiver<Vec<Bytes>>) -> io::Result<Written> {
        while let Some(pieces) = passed.blocking_recv() {
            for piece in pieces {
                self.hasher.update(&piece);
                self.file.write_all(&piece)?;
            }
        }
        let file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        Ok(Written { path: self.path, file, digest: self.hasher.finish() })
    }
}

impl Written {
    /// Makes the bytes durable, then the name.
    fn put(&self, path: &Path) -> io::Result<()> {
        self.file.sync_all()?;
        fs::rename(&self.path, path)?;
        match path.parent() {
            // Windows has no such call and does not need it.
            Some(folder) if cfg!(unix) => {
                let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
                File::open(folder)?.sync_all()
            }
            _ => Ok(()),
        }
    }
}

fn part_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".part");
    name.into()
}
