//! Sealed files that are too long for the database: written beside, made durable, then renamed into place.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
};

use bytes::Bytes;
use kith_protocol::ids::{BundleId, Digest, Hasher};

use super::make_private;
use crate::disk::{SyncedFile, write_pieces};

const BUFFER: usize = 256 * 1024;

/// The two folders: files in the making, and whole ones.
#[derive(Debug, Clone)]
pub(super) struct Blobs {
    partial: PathBuf,
    whole: PathBuf,
}

impl Blobs {
    pub(super) fn open(folder: &Path) -> io::Result<Self> {
        let blobs = Self { partial: folder.join("partial"), whole: folder.join("blobs") };
        make_private(&blobs.partial)?;
        make_private(&blobs.whole)?;
        sync_folder(folder)?;
        Ok(blobs)
    }

    /// Begins a file; nothing of one before is kept.
    pub(super) fn begin(&self, id: BundleId, size: u64) -> io::Result<Upload> {
        let file = self.partial(id)?;
        file.set_len(0)?;
        Ok(self.upload((id, size), file, Hashed::default()))
    }

    /// Goes on with a file, from whatever there is of it; what is too long or cannot become `digest` is thrown away.
    /// What was hashed of it already is not read again.
    pub(super) fn resume(
        &self,
        (id, size): (BundleId, u64),
        digest: Digest,
        hashed: Option<Hashed>,
    ) -> io::Result<Upload> {
        let mut file = self.partial(id)?;
        let there = file.metadata()?.len();
        let mut hashed = match hashed.filter(|hashed| hashed.length == there) {
            Some(hashed) => hashed,
            None if there > size => Hashed::default(),
            None => Hashed::rest_of(&mut file)?,
        };
        if hashed.length > size || (hashed.length == size && hashed.hasher.clone().finish() != digest) {
            hashed = Hashed::default();
        }
        file.set_len(hashed.length)?;
        file.seek(SeekFrom::Start(hashed.length))?;
        Ok(self.upload((id, size), file, hashed))
    }

    fn partial(&self, id: BundleId) -> io::Result<File> {
        let path = self.partial.join(id.to_string());
        OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)
    }

    fn upload(&self, (id, size): (BundleId, u64), file: File, hashed: Hashed) -> Upload {
        let [path, whole] = [&self.partial, &self.whole].map(|folder| folder.join(id.to_string()));
        Upload { file: SyncedFile::new(file), path, whole, hashed, size }
    }

    /// Gives a file in the making, if there is one, the name of another.
    pub(super) fn rename(&self, from: BundleId, to: BundleId) -> io::Result<()> {
        match fs::rename(self.partial.join(from.to_string()), self.partial.join(to.to_string())) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Opens a whole file at `offset`.
    pub(super) fn read(&self, id: BundleId, offset: u64) -> io::Result<File> {
        let mut file = File::open(self.whole.join(id.to_string()))?;
        file.seek(SeekFrom::Start(offset))?;
        Ok(file)
    }

    /// How long the whole file is, if there is one.
    pub(super) fn length(&self, id: BundleId) -> io::Result<Option<u64>> {
        match fs::metadata(self.whole.join(id.to_string())) {
            Ok(file) => Ok(Some(file.len())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Lets a bundle's files go, if there are any.
    pub(super) fn remove(&self, id: BundleId) -> io::Result<()> {
        for folder in [&self.partial, &self.whole] {
            match fs::remove_file(folder.join(id.to_string())) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    /// Puts a whole file that never came into the books back among those in the making.
    pub(super) fn demote(&self, id: BundleId) -> io::Result<()> {
        fs::rename(self.whole.join(id.to_string()), self.partial.join(id.to_string()))
    }

    /// The whole files there are.
    pub(super) fn all(&self) -> io::Result<Vec<BundleId>> {
        named(&self.whole)
    }

    /// The files in the making.
    pub(super) fn begun(&self) -> io::Result<Vec<BundleId>> {
        named(&self.partial)
    }
}

fn named(folder: &Path) -> io::Result<Vec<BundleId>> {
    let mut ids = Vec::new();
    for entry in fs::read_dir(folder)? {
        ids.extend(entry?.file_name().to_str().and_then(|name| name.parse().ok()).map(BundleId));
    }
    Ok(ids)
}

/// A file in the making, hashed as it grows.
pub(super) struct Upload {
    file: SyncedFile,
    path: PathBuf,
    whole: PathBuf,
    hashed: Hashed,
    size: u64,
}

/// So much of a file in the making was hashed.
#[derive(Clone, Default)]
pub(super) struct Hashed {
    hasher: Hasher,
    length: u64,
}

impl Hashed {
    fn rest_of(file: &mut File) -> io::Result<Self> {
        let (mut hashed, mut buffer) = (Self::default(), vec![0; BUFFER]);
        loop {
            let read = file.read(&mut buffer)?;
            if read == 0 {
                return Ok(hashed);
            }
            hashed.take(buffer.get(..read).unwrap_or_default());
        }
    }

    fn take(&mut self, bytes: &[u8]) {
        self.hasher.update(bytes);
        self.length += bytes.len() as u64;
    }
}

/// Why a file did not become whole.
#[derive(Debug, thiserror::Error)]
pub(super) enum UploadError {
    #[error("more bytes came than were announced")]
    TooLong,
    #[error("fewer bytes came than were announced")]
    TooShort,
    #[error("the bytes are not those that were announced")]
    Digest,
    #[error(transparent)]
    File(#[from] io::Error),
}

impl Upload {
    /// How much there is.
    pub(super) const fn length(&self) -> u64 {
        self.hashed.length
    }

    /// Takes in the next bytes.
    pub(super) fn take(&mut self, pieces: &[Bytes]) -> Result<(), UploadError> {
        for piece in pieces {
            if self.hashed.length + piece.len() as u64 > self.size {
                return Err(UploadError::TooLong);
            }
            self.hashed.take(piece);
        }
        Ok(write_pieces(&mut self.file, pieces)?)
    }

    /// Leaves what there is for another time.
    pub(super) fn pause(mut self) -> io::Result<Hashed> {
        self.file.flush()?;
        Ok(self.hashed)
    }

    /// Checks the bytes, makes them durable, and puts the file in its place.
    pub(super) fn complete(mut self, digest: Digest) -> Result<(), UploadError> {
        if self.hashed.length < self.size {
            self.file.flush()?;
            return Err(UploadError::TooShort);
        }
        if self.hashed.hasher.finish() != digest {
            fs::remove_file(&self.path)?;
            return Err(UploadError::Digest);
        }
        self.file.flush()?;
        fs::rename(&self.path, &self.whole)?;
        sync_folder(self.whole.parent().unwrap_or(&self.whole))?;
        Ok(())
    }

    /// Gives up and leaves nothing.
    pub(super) fn discard(self) -> io::Result<()> {
        fs::remove_file(&self.path)
    }
}

/// Makes names in a folder durable. Windows has no such call and does not need it.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}
