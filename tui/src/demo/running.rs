//! Which demo runs for this user, so that a second terminal finds it; and the end of it, however it comes.

use std::{
    env,
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
};

use etcetera::base_strategy::{BaseStrategy, choose_base_strategy};
use serde::{Deserialize, Serialize};

use super::{DemoError, world::PREFIX};

/// Held in the demo's folder for as long as it runs.
pub(super) const LOCK: &str = "running.lock";
/// Longest pointer that is read, in bytes.
const MAX_POINTER: u64 = 4 * 1024;

/// What the pointer says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pointer {
    folder: PathBuf,
    process: u32,
}

/// What a pointer leads to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    Nothing,
    /// A demo that runs, and its folder.
    Running(PathBuf),
    /// What a demo left that ended without clearing up; it has been removed.
    Cleared(PathBuf),
}

/// This process's demo: its folder is locked and, unless another runs, pointed at.
#[derive(Debug)]
pub(super) struct Running {
    pointer: Option<PathBuf>,
    _lock: File,
}

impl Running {
    /// Says that a demo runs in `folder`. When another one runs already, that one stays the one to be joined.
    pub(super) fn announce(folder: &Path, pointer: &Path) -> Result<Self, DemoError> {
        let lock = File::create(folder.join(LOCK)).map_err(failed("a lock in its folder"))?;
        lock.try_lock().map_err(|_| DemoError::Failed("the demo's new folder is in use".to_owned()))?;
        let text = Pointer { folder: folder.to_owned(), process: std::process::id() };
        let text = serde_json::to_vec(&text).map_err(|_| DemoError::Seed)?;
        let pointer = match write_private(pointer, &text) {
            Ok(()) => Some(pointer.to_owned()),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => None,
            Err(error) => return Err(failed("a place to say where it runs")(error)),
        };
        Ok(Self { pointer, _lock: lock })
    }

    /// Can other terminals find it?
    pub(super) const fn is_found(&self) -> bool {
        self.pointer.is_some()
    }

    /// What to remove when the process is told to end.
    pub(super) fn pointer(&self) -> Option<&Path> {
        self.pointer.as_deref()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(pointer) = &self.pointer {
            forget(pointer);
        }
    }
}

/// Removes a pointer, and its folder if nothing else is in it.
pub(super) fn forget(pointer: &Path) {
    // What cannot be removed is found stale by the next demo, and removed then.
    let _ = fs::remove_file(pointer);
    if let Some(folder) = pointer.parent().filter(|folder| folder.ends_with("kith")) {
        let _ = fs::remove_dir(folder);
    }
}

/// Where the pointer lies: in the session's own folder, or in the user's cache.
pub(super) fn usual_pointer() -> Result<PathBuf, DemoError> {
    if let Some(folder) = env::var_os("XDG_RUNTIME_DIR").filter(|folder| !folder.is_empty()) {
        return Ok(Path::new(&folder).join("kith-demo.json"));
    }
    let strategy = choose_base_strategy()
        .map_err(|_| DemoError::Failed("no home folder is known: set HOME".to_owned()))?;
    Ok(strategy.cache_dir().join("kith").join("demo.json"))
}

/// Follows the pointer. What a killed demo left is removed.
pub(super) fn find(pointer: &Path) -> Result<Found, DemoError> {
    let file = match File::open(pointer) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
        Err(error) => return Err(failed("to read where another one runs")(error)),
    };
    let mut text = Vec::new();
    file.take(MAX_POINTER).read_to_end(&mut text).map_err(failed("to read where another one runs"))?;
    // What does not read was never finished.
    let Ok(Pointer { folder, .. }) = serde_json::from_slice(&text) else {
        forget(pointer);
        return Ok(Found::Nothing);
    };
    if is_running(&folder)? {
        return Ok(Found::Running(folder));
    }
    forget(pointer);
    clear(&folder);
    Ok(Found::Cleared(folder))
}

fn is_running(folder: &Path) -> Result<bool, DemoError> {
    let Ok(lock) = OpenOptions::new().write(true).open(folder.join(LOCK)) else { return Ok(false) };
    match lock.try_lock() {
        Ok(()) => Ok(false),
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(error)) => Err(failed("to look whether another one runs")(error)),
    }
}

/// Removes a demo's folder, and nothing that is not one.
pub(super) fn clear(folder: &Path) {
    let is_ours = folder.file_name().is_some_and(|name| name.to_string_lossy().starts_with(PREFIX));
    if is_ours && folder.join(LOCK).is_file() {
        // What is left lies in the folder for temporary files, and the system clears that.
        let _ = fs::remove_dir_all(folder);
    }
}

fn write_private(path: &Path, text: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path)?.write_all(text)
}

fn failed(what: &'static str) -> impl Fn(io::Error) -> DemoError {
    move |error| DemoError::Failed(format!("the demo needs {what}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn demo_in(place: &Path) -> PathBuf {
        let folder = place.join(format!("{PREFIX}x"));
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    #[test]
    fn a_second_terminal_finds_the_first_and_not_when_it_has_ended() {
        let place = tempfile::tempdir().unwrap();
        let (folder, pointer) = (demo_in(place.path()), place.path().join("kith").join("demo.json"));
        assert_eq!(find(&pointer).unwrap(), Found::Nothing);
        let running = Running::announce(&folder, &pointer).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(fs::metadata(&pointer).unwrap().permissions().mode() & 0o777, 0o600);
        }
        assert_eq!(find(&pointer).unwrap(), Found::Running(folder.clone()));
        let other = tempfile::tempdir().unwrap();
        assert!(!Running::announce(other.path(), &pointer).unwrap().is_found());
        assert_eq!(find(&pointer).unwrap(), Found::Running(folder));
        drop(running);
        assert_eq!(find(&pointer).unwrap(), Found::Nothing);
        assert!(!pointer.parent().unwrap().exists());
    }

    #[test]
    fn what_a_killed_demo_left_is_removed_and_nothing_else_ever() {
        let place = tempfile::tempdir().unwrap();
        let (folder, pointer) = (demo_in(place.path()), place.path().join("demo.json"));
        let running = Running::announce(&folder, &pointer).unwrap();
        let text = fs::read(&pointer).unwrap();
        drop(running);
        // As after a kill: pointer and folder are there, the lock is not held.
        fs::write(&pointer, &text).unwrap();
        assert_eq!(find(&pointer).unwrap(), Found::Cleared(folder.clone()));
        assert!(!folder.exists() && !pointer.exists());
        let (mine, json) = (place.path().join("mine"), |folder: &Path| {
            serde_json::to_vec(&Pointer { folder: folder.to_owned(), process: 1 }).unwrap()
        });
        fs::create_dir(&mine).unwrap();
        fs::write(mine.join(LOCK), "").unwrap();
        fs::write(&pointer, json(&mine)).unwrap();
        find(&pointer).unwrap();
        assert!(mine.exists(), "a folder that no demo made is left alone");
        fs::write(&pointer, "{").unwrap();
        assert_eq!(find(&pointer).unwrap(), Found::Nothing);
    }
}
