//! Collecting to a file: one thread hashes and writes what the link brings, in large pieces.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use bytes::Bytes;
use kith_protocol::{
    ids::{Digest, Hasher},
    receipt::SignedReceipt,
};
use tokio::{sync::mpsc, task::spawn_blocking};

use super::{
    Arrival, Collected, Courier, CourierError, Grows, Lie, Progress,
    collect::{Sink, Sofar, whole},
};
use crate::disk::write_pieces;

const BUFFER: usize = 1024 * 1024;
/// Batches of pieces that may wait for the disk.
const BEHIND: usize = 16;

impl Courier {
    /// Takes a bundle in to a file: first beside it as `<name>.part`, from which a later call goes on; the file
    /// itself appears when it is whole and verified. Nobody waits for the disk: the node keeps its own until we
    /// acknowledge, and a file that a power cut spoiled is found out and collected again. One that is there already
    /// is not asked for. `grows` tells whoever reads it meanwhile.
    ///
    /// # Errors
    /// See [`CourierError`].
    pub async fn collect_to_file(
        &self,
        arrival: &Arrival,
        delivered: &SignedReceipt,
        (path, grows): (&Path, Grows),
        progress: Progress<'_>,
    ) -> Result<Collected, CourierError> {
        let (part, size) = (part_of(path), arrival.envelope().size);
        let (there, digest) = (path.to_owned(), arrival.envelope().ciphertext);
        if here(move || is_whole(&there, digest)).await? {
            grows.begins(File::open(path)?);
            grows.has(size);
            grows.is_whole(digest);
            return Ok(Collected { delivered: delivered.clone(), size });
        }
        let file = here(move || Part::go_on(part, size)).await?;
        let mut sofar = Sofar { length: file.length, ..Sofar::default() };
        let (pass, passed) = mpsc::channel(BEHIND);
        let writing = spawn_blocking(move || file.write_all(passed, grows));
        let filled = self.fill(arrival, delivered, &mut ToThread(pass), &mut sofar, progress).await;
        // What the disk said comes before what the link said: it may be the cause.
        let written = writing.await.map_err(io::Error::other)??;
        let collected = filled.and_then(|()| whole(arrival, sofar, written.digest));
        let path = path.to_owned();
        match &collected {
            Ok(_) => {
                here(move || fs::rename(written.path, path)).await?;
                written.grows.is_whole(written.digest);
            }
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
    file: File,
    hasher: Hasher,
    length: u64,
}

/// What has been written, and the digest of all of it.
struct Written {
    path: PathBuf,
    digest: Digest,
    grows: Grows,
}

/// Whether the file is there with the bytes it should have. One that has others is removed.
fn is_whole(path: &Path, digest: Digest) -> io::Result<bool> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error),
    };
    let mut hasher = Hasher::default();
    hash_rest(&mut file, &mut hasher)?;
    let whole = hasher.finish() == digest;
    if !whole {
        fs::remove_file(path)?;
    }
    Ok(whole)
}

/// Hashes a file to its end; gives how many bytes those were.
fn hash_rest(file: &mut File, hasher: &mut Hasher) -> io::Result<u64> {
    let (mut length, mut buffer) = (0, vec![0; BUFFER]);
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok(length);
        }
        hasher.update(buffer.get(..read).unwrap_or_default());
        length += read as u64;
    }
}

impl Part {
    /// Opens what there is of a file and hashes it; what is longer than `size` is thrown away.
    fn go_on(path: PathBuf, size: u64) -> io::Result<Self> {
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path)?;
        if file.metadata()?.len() > size {
            file.set_len(0)?;
        }
        let mut hasher = Hasher::default();
        let length = hash_rest(&mut file, &mut hasher)?;
        Ok(Self { path, file, hasher, length })
    }

    fn write_all(mut self, mut passed: mpsc::Receiver<Vec<Bytes>>, grows: Grows) -> io::Result<Written> {
        grows.begins(File::open(&self.path)?);
        while let Some(pieces) = passed.blocking_recv() {
            write_pieces(&mut self.file, &pieces)?;
            self.length += pieces.iter().map(|piece| piece.len() as u64).sum::<u64>();
            grows.has(self.length);
            pieces.iter().for_each(|piece| self.hasher.update(piece));
        }
        Ok(Written { path: self.path, digest: self.hasher.finish(), grows })
    }
}

fn part_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".part");
    name.into()
}
