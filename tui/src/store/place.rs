//! Where a casebook lies: a private folder on a local disk, held by one kith at a time.

use std::{
    fs::{self, File, TryLockError},
    io::{self, Read as _, Seek as _, Write as _},
    path::{Path, PathBuf},
};

use super::error::StoreError;

/// The casebook's folder, locked for as long as this lives.
#[derive(Debug)]
pub(super) struct Place {
    folder: PathBuf,
    /// Holds the lock; the system lets go of it when the process ends, however it ends.
    lock: File,
}

impl Place {
    /// Makes the folder for a new casebook, private to its owner.
    pub(super) fn make(folder: &Path) -> Result<Self, StoreError> {
        if folder.join(DATABASE).exists() {
            return Err(StoreError::Exists(folder.to_owned()));
        }
        fs::create_dir_all(folder).map_err(StoreError::io("casebook folder"))?;
        make_private(folder, 0o700).map_err(StoreError::io("casebook folder"))?;
        Self::lock(folder)
    }

    /// Takes the folder of a casebook that is there already.
    pub(super) fn open(folder: &Path) -> Result<Self, StoreError> {
        if !Self::holds_database(folder) {
            return Err(StoreError::NotACasebook(folder.to_owned()));
        }
        Self::lock(folder)
    }

    pub(super) fn holds_database(folder: &Path) -> bool {
        folder.join(DATABASE).is_file()
    }

    pub(super) fn database(&self) -> PathBuf {
        self.folder.join(DATABASE)
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    fn lock(folder: &Path) -> Result<Self, StoreError> {
        refuse_network(folder)?;
        let path = folder.join("lock");
        let mut file = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(StoreError::io("lock file"))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut text = String::new();
                // The process id is a courtesy: without it the message is only shorter.
                let _ = (&mut file).take(16).read_to_string(&mut text);
                return Err(StoreError::LockedByOther(text.trim().parse().ok()));
            }
            Err(TryLockError::Error(error)) => return Err(StoreError::io("lock file")(error)),
        }
        file.set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| writeln!(file, "{}", std::process::id()))
            .map_err(StoreError::io("lock file"))?;
        Ok(Self { folder: folder.to_owned(), lock: file })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // To close it is not enough: a program that is being started just now has a copy of it for a moment.
        let _ = self.lock.unlock();
    }
}

/// Name of the database in the folder.
pub(super) const DATABASE: &str = "casebook.db";

/// Writes a file so that after a crash either the old or the new one is there, whole.
pub(super) fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let fresh = path.with_extension("new");
    let mut file = File::create(&fresh)?;
    make_private(&fresh, 0o600)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&fresh, path)?;
    sync_folder(folder)
}

/// Writes a file in place, without a wait for the disk: after a crash it may be neither the old nor the new one.
pub(super) fn write_over(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::options().write(true).create(true).truncate(false).open(path)?;
    make_private(path, 0o600)?;
    file.write_all(bytes)?;
    file.set_len(bytes.len() as u64)
}

/// Puts a file that is whole in another's place, so that after a crash one of them is there.
pub(super) fn put_whole(fresh: &Path, at: &Path) -> io::Result<()> {
    make_private(fresh, 0o600)?;
    File::open(fresh)?.sync_all()?;
    fs::rename(fresh, at)?;
    sync_folder(at.parent().unwrap_or(Path::new(".")))
}

#[cfg(unix)]
pub(super) fn make_private(path: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

#[cfg(unix)]
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Elsewhere a profile folder is private by inheritance.
#[cfg(not(unix))]
pub(super) fn make_private(_: &Path, _: u32) -> io::Result<()> {
    Ok(())
}

#[cfg(not(unix))]
pub(super) fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

/// WAL needs shared memory and honest locks: no network file system has both.
/// Where the system keeps no list of mounts (macOS, Windows) nothing is checked.
fn refuse_network(folder: &Path) -> Result<(), StoreError> {
    let Ok(mounts) = fs::read_to_string("/proc/self/mounts") else { return Ok(()) };
    let real = fs::canonicalize(folder).map_err(StoreError::io("casebook folder"))?;
    match network_kind(&mounts, &real) {
        None => Ok(()),
        Some(kind) => Err(StoreError::NetworkDisk { path: folder.to_owned(), kind }),
    }
}

/// File systems that live on another machine, by the names the kernel gives them.
const NETWORK: [&str; 22] = [
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "smbfs",
    "ncpfs",
    "afs",
    "coda",
    "ceph",
    "lustre",
    "beegfs",
    "gpfs",
    "ocfs2",
    "gfs2",
    "9p",
    "drvfs",
    "davfs",
    "vboxsf",
    "sshfs",
    "rclone",
    "glusterfs",
    "s3fs",
];

/// The kind of network file system that `path` lies on, by a list of mounts in the form of fstab(5).
fn network_kind(mounts: &str, path: &Path) -> Option<String> {
    let (point, kind) = mounts
        .lines()
        .filter_map(|line| {
            let mut fields = line.split(' ');
            let (_, point, kind) = (fields.next()?, fields.next()?, fields.next()?);
            // Blanks in a mount point are written in octal.
            Some((PathBuf::from(point.replace("\\040", " ").replace("\\011", "\t")), kind))
        })
        .filter(|(point, _)| path.starts_with(point))
        // Of several mounts the deepest counts, of several at one point the last.
        .max_by_key(|(point, _)| point.components().count())?;
    let name = kind.strip_prefix("fuse.").unwrap_or(kind);
    // Some sandboxes serve their own local disk as 9p at the root.
    let remote = NETWORK.contains(&name) && !(name == "9p" && point == Path::new("/"));
    remote.then(|| kind.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn network_disks_are_known_by_the_deepest_mount() {
        let mounts = "/dev/vda / ext4 rw 0 0\nsrv:/home /home nfs4 rw 0 0\ntmpfs /home/local tmpfs rw 0 0\n\
                      //srv/x /mnt/School\\040Share cifs rw 0 0\nme@h: /mnt/ssh fuse.sshfs rw 0 0\n";
        let kind = |path: &str| network_kind(mounts, Path::new(path));
        assert_eq!(kind("/var/lib/kith"), None);
        assert_eq!(kind("/home/khan/kith").as_deref(), Some("nfs4"));
        assert_eq!(kind("/home/local/kith"), None);
        assert_eq!(kind("/mnt/School Share/kith").as_deref(), Some("cifs"));
        assert_eq!(kind("/mnt/ssh/kith").as_deref(), Some("fuse.sshfs"));
        assert_eq!(kind("/mnt/sshx"), None);
    }

    #[test]
    fn a_folder_is_held_by_one() {
        let folder = tempfile::tempdir().unwrap();
        let held = Place::make(folder.path()).unwrap();
        assert!(
            matches!(Place::make(folder.path()), Err(StoreError::LockedByOther(Some(id))) if id == std::process::id())
        );
        let in_a_program_that_starts = held.lock.try_clone().unwrap();
        drop(held);
        Place::make(folder.path()).unwrap();
        drop(in_a_program_that_starts);
    }
}
