//! A file that is read while it is still being written: collected, or sealed.

use std::{
    fs::File,
    io::{self, Read},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
};

use kith_protocol::ids::Digest;

/// The writer's side: says how far the file has come. Dropped before the end, it says that no more comes.
pub struct Grows(Arc<Shared>);

/// The reader's side. It waits for bytes that are not there yet.
pub struct Growing {
    shared: Arc<Shared>,
    file: Option<File>,
    at: u64,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// To be read, from its beginning; taken by the reader.
    file: Option<File>,
    /// Bytes that are in it.
    length: u64,
    end: Option<End>,
}

#[derive(Clone, Copy)]
enum End {
    Whole(Digest),
    GivenUp,
}

/// Both sides of one file.
#[must_use]
pub fn growing() -> (Grows, Growing) {
    let shared = Arc::new(Shared::default());
    (Grows(Arc::clone(&shared)), Growing { shared, file: None, at: 0 })
}

impl Grows {
    /// This is the file, opened to be read.
    pub fn begins(&self, file: File) {
        self.0.lock().file = Some(file);
    }

    /// So many bytes are in the file now.
    pub fn has(&self, length: u64) {
        self.0.lock().length = length;
        self.0.changed.notify_all();
    }

    /// It is whole, and this is its digest.
    pub fn is_whole(&self, digest: Digest) {
        self.0.ends(End::Whole(digest));
    }
}

impl Drop for Grows {
    fn drop(&mut self) {
        self.0.ends(End::GivenUp);
    }
}

impl Shared {
    /// What was written under the lock is whole whoever panicked with it.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The first end counts.
    fn ends(&self, end: End) {
        self.lock().end.get_or_insert(end);
        self.changed.notify_all();
    }

    fn wait<T>(&self, mut until: impl FnMut(&State) -> Option<T>) -> T {
        let mut state = self.lock();
        loop {
            if let Some(found) = until(&state) {
                return found;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Growing {
    /// Waits for the end; gives digest and length of the whole file.
    ///
    /// # Errors
    /// No more comes.
    pub fn whole(&self) -> io::Result<(Digest, u64)> {
        self.shared.wait(|state| match state.end? {
            End::Whole(digest) => Some(Ok((digest, state.length))),
            End::GivenUp => Some(Err(given_up())),
        })
    }

    /// How many bytes can be read now: at least one, but at the end.
    fn there(&self) -> io::Result<u64> {
        self.shared.wait(|state| match state.end {
            Some(End::GivenUp) => Some(Err(given_up())),
            _ if state.length > self.at => Some(Ok(state.length - self.at)),
            Some(End::Whole(_)) => Some(Ok(0)),
            None => None,
        })
    }
}

impl Read for Growing {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let there = self.there()?;
        if there == 0 {
            return Ok(0);
        }
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(self.shared.lock().file.take().ok_or_else(given_up)?),
        };
        let read = file.take(there).read(into)?;
        self.at += read as u64;
        Ok(read)
    }
}

fn given_up() -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, "the bundle did not come whole")
}

#[cfg(test)]
mod tests {
    use std::{fs, io::Write as _, thread};

    use super::*;

    #[test]
    fn a_reader_waits_for_what_comes_and_for_the_end() {
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("bundle.part");
        let (grows, mut growing) = growing();
        let reader = thread::spawn(move || {
            let mut all = Vec::new();
            growing.read_to_end(&mut all).map(|_| (all, growing.whole().unwrap()))
        });
        let bytes = vec![7_u8; 100_000];
        let mut file = File::create(&path).unwrap();
        grows.begins(File::open(&path).unwrap());
        for (from, to) in [(0, 0), (0, 1), (1, 70_000), (70_000, 100_000)] {
            file.write_all(&bytes[from..to]).unwrap();
            grows.has(to as u64);
        }
        grows.is_whole(Digest::of(&bytes));
        let (read, whole) = reader.join().unwrap().unwrap();
        assert!(read == bytes && whole == (Digest::of(&bytes), 100_000));
    }

    #[test]
    fn a_file_that_is_given_up_never_looks_whole() {
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("bundle.part");
        fs::write(&path, [7; 10]).unwrap();
        let (grows, mut growing) = growing();
        grows.begins(File::open(&path).unwrap());
        grows.has(10);
        growing.read_exact(&mut [0; 10]).unwrap();
        drop(grows);
        assert_eq!(growing.read(&mut [0]).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
        assert!(growing.whole().is_err());
    }
}
