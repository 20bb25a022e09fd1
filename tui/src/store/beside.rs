//! Long attachments: sealed files beside the database, each to a key of its own that stands in the database alone. So the
//! database stays small enough to be written afresh, and whoever has a file without its row has nothing.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use kith_protocol::seal::{Identity, OpenReader, SealError, SealWriter, open_with, seal_to};
use rand::{RngCore as _, rngs::OsRng};
use rusqlite::Connection;
use zeroize::Zeroizing;

use super::{error::StoreError, place};
use crate::pipe::{Behind, SyncedFile};

/// The folder of these files, in the casebook's.
const FOLDER: &str = "attachments";
/// How the name of a file begins that nothing in the database names yet.
const ARRIVING: &str = "arriving-";

/// The folder of long attachments.
#[derive(Debug, Clone)]
pub(super) struct Beside(PathBuf);

impl Beside {
    pub(super) fn of(casebook: &Path) -> Self {
        Self(casebook.join(FOLDER))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Begins a file under a name that says nothing, sealed to a fresh key.
    pub(super) fn begin(&self) -> Result<Writing, StoreError> {
        let failed = || StoreError::io("attachment");
        fs::create_dir_all(&self.0).and_then(|()| place::make_private(&self.0, 0o700)).map_err(failed())?;
        let mut name = [0; 16];
        OsRng.fill_bytes(&mut name);
        let name: String = name.iter().map(|byte| format!("{byte:02x}")).collect();
        let mut key = Zeroizing::new([0; 32]);
        OsRng.fill_bytes(key.as_mut());
        let path = self.path(&format!("{ARRIVING}{name}"));
        let file = File::create_new(&path).map_err(failed())?;
        let arrived = InFile { folder: self.clone(), name, key, at: Some(path.clone()) };
        place::make_private(&path, 0o600).map_err(failed())?;
        let to = Identity::hybrid_from_seed(&arrived.key).recipient();
        let out = match seal_to(&[to], SyncedFile::new(file)) {
            Ok(out) => Behind::new(out).map_err(failed())?,
            Err(SealError::Write(error)) => return Err(failed()(error)),
            Err(error) => return Err(error.into()),
        };
        Ok(Writing { out, arrived })
    }

    /// Opens a file with the key from its row.
    pub(super) fn open(&self, name: &str, key: &[u8; 32]) -> Result<OpenReader<File>, StoreError> {
        let damaged = || StoreError::damaged(format!("the file {FOLDER}/{name}"));
        let file = match File::open(self.path(name)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(damaged()),
            file => file.map_err(StoreError::io("attachment"))?,
        };
        open_with(&[Identity::hybrid_from_seed(key)], file).map_err(|_| damaged())
    }

    /// Is this file here?
    pub(super) fn has(&self, name: &str) -> bool {
        self.path(name).is_file()
    }

    /// A file as it is told of.
    pub(super) fn shown(&self, name: &str) -> String {
        format!("{FOLDER}/{name}")
    }

    /// Every file here with its length in bytes, but for those that arrive.
    pub(super) fn all(&self) -> Result<Vec<(String, u64)>, StoreError> {
        let entries = match fs::read_dir(&self.0) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(StoreError::io("attachment"))?,
        };
        let one = |entry: io::Result<fs::DirEntry>| {
            let entry = entry?;
            Ok((entry.file_name().to_string_lossy().into_owned(), entry.metadata()?.len()))
        };
        let all = entries.map(one).collect::<io::Result<Vec<_>>>().map_err(StoreError::io("attachment"))?;
        Ok(all.into_iter().filter(|(name, _)| !name.starts_with(ARRIVING)).collect())
    }

    /// Removes what a crash left that nothing names.
    pub(super) fn drop_unfinished(&self) -> Result<(), StoreError> {
        let entries = match fs::read_dir(&self.0) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            entries => entries.map_err(StoreError::io("attachment"))?,
        };
        for entry in entries {
            let entry = entry.map_err(StoreError::io("attachment"))?;
            if entry.file_name().to_string_lossy().starts_with(ARRIVING) {
                remove(&entry.path())?;
            }
        }
        Ok(())
    }

    /// Removes the files whose rows went. Within a step nothing is removed: it may be undone.
    pub(super) fn drop_gone(&self, db: &Connection) -> Result<(), StoreError> {
        if !db.is_autocommit() {
            return Ok(());
        }
        let mut gone = db.prepare_cached("SELECT file FROM attachment_gone")?;
        let gone = gone.query_map([], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?;
        for name in gone {
            remove(&self.path(&name))?;
            db.prepare_cached("DELETE FROM attachment_gone WHERE file = ?")?.execute([name])?;
        }
        Ok(())
    }
}

/// A file that is being written, on a thread of its own.
pub(super) struct Writing {
    out: Behind<SealWriter<SyncedFile>>,
    arrived: InFile,
}

impl Writing {
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.out.write_all(bytes).map_err(StoreError::io("attachment"))
    }

    /// Waits until all of it is on the disk.
    pub(super) fn finish(self) -> Result<InFile, StoreError> {
        let on_disk = |out: Behind<SealWriter<SyncedFile>>| out.finish()?.finish()?.flush();
        on_disk(self.out).map_err(StoreError::io("attachment"))?;
        Ok(self.arrived)
    }
}

/// A whole file. It goes when this is dropped, unless it is named and kept.
pub(super) struct InFile {
    folder: Beside,
    name: String,
    key: Zeroizing<[u8; 32]>,
    /// Where it lies while it is not kept.
    at: Option<PathBuf>,
}

impl InFile {
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn key(&self) -> &[u8; 32] {
        &self.key
    }

    /// Gives it the name its row has; the folder knows it when this returns.
    pub(super) fn put_in_place(&mut self) -> Result<(), StoreError> {
        if let Some(at) = &mut self.at {
            let named = self.folder.path(&self.name);
            let put = fs::rename(&*at, &named).and_then(|()| place::sync_folder(&self.folder.0));
            put.map_err(StoreError::io("attachment"))?;
            *at = named;
        }
        Ok(())
    }

    /// The row that names it is committed.
    pub(super) fn keep(mut self) {
        self.at = None;
    }
}

impl Drop for InFile {
    fn drop(&mut self) {
        // What cannot be removed now goes when the casebook opens next; once it has its name, it is bytes that nobody can
        // open.
        let _ = self.at.take().map(fs::remove_file);
    }
}

fn remove(path: &Path) -> Result<(), StoreError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(StoreError::io("attachment")(error)),
        _ => Ok(()),
    }
}
