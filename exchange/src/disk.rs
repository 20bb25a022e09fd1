//! Long files on their way to the disk while they are still being written, so that the last wait is a short one.

use std::{
    fs::File,
    io::{self, IoSlice, Read, Write},
    sync::mpsc::{Receiver, SyncSender, sync_channel},
    thread::{Builder, JoinHandle},
};

use bytes::Bytes;

/// So many new bytes are worth a trip to the disk.
const STEP: u64 = 4 * 1024 * 1024;

/// A file that is on the disk when it is flushed.
pub struct SyncedFile {
    file: File,
    /// Bytes since the disk was last sent for.
    fresh: u64,
    dirty: bool,
    early: Option<Early>,
}

/// A thread that has the disk take what has been written so far.
struct Early {
    ask: SyncSender<()>,
    thread: JoinHandle<io::Result<()>>,
}

impl SyncedFile {
    /// Goes on at the file's end or wherever it stands. What is in it already may not have come to the disk.
    #[must_use]
    pub const fn new(file: File) -> Self {
        Self { file, fresh: 0, dirty: true, early: None }
    }

    fn wrote(&mut self, written: usize) -> io::Result<usize> {
        self.fresh += written as u64;
        if self.fresh >= STEP {
            self.send_for_the_disk()?;
        }
        Ok(written)
    }

    fn send_for_the_disk(&mut self) -> io::Result<()> {
        self.fresh = 0;
        if self.early.is_none() {
            self.early = Some(Early::begin(self.file.try_clone()?)?);
        }
        if let Some(early) = &self.early {
            // It is busy with what came before: the next step asks again.
            let _ = early.ask.try_send(());
        }
        Ok(())
    }
}

/// Writes what a link brought, in the pieces it came in.
pub(crate) fn write_pieces(out: &mut impl Write, pieces: &[Bytes]) -> io::Result<()> {
    let mut slices: Vec<IoSlice<'_>> = pieces.iter().map(|piece| IoSlice::new(piece)).collect();
    let mut left = slices.as_mut_slice();
    IoSlice::advance_slices(&mut left, 0);
    while !left.is_empty() {
        match out.write_vectored(left) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => IoSlice::advance_slices(&mut left, written),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Reads a file in pieces whose memory is used again when nobody needs them any more.
pub(crate) struct Pieces {
    give_back: SyncSender<Vec<u8>>,
    spare: Receiver<Vec<u8>>,
}

/// What is read at once.
const PIECE: usize = 256 * 1024;
/// Pieces kept to be used again: as many as may be on their way on a link.
const SPARE: usize = 32;

/// A piece, and where its memory goes in the end.
struct Piece {
    room: Vec<u8>,
    length: usize,
    give_back: SyncSender<Vec<u8>>,
}

impl Pieces {
    pub(crate) fn new() -> Self {
        let (give_back, spare) = sync_channel(SPARE);
        Self { give_back, spare }
    }

    /// The next piece; `None` at the end.
    pub(crate) fn read(&self, from: &mut impl Read) -> io::Result<Option<Bytes>> {
        let mut room = self.spare.try_recv().unwrap_or_else(|_| vec![0; PIECE]);
        let length = from.read(&mut room)?;
        let give_back = self.give_back.clone();
        Ok((length > 0).then(|| Bytes::from_owner(Piece { room, length, give_back })))
    }
}

impl AsRef<[u8]> for Piece {
    fn as_ref(&self) -> &[u8] {
        self.room.get(..self.length).unwrap_or_default()
    }
}

impl Drop for Piece {
    fn drop(&mut self) {
        // There are enough, or nobody reads any more.
        let _ = self.give_back.try_send(std::mem::take(&mut self.room));
    }
}

impl Early {
    fn begin(file: File) -> io::Result<Self> {
        let (ask, asked) = sync_channel(1);
        let work = move || asked.iter().try_for_each(|()| file.sync_data());
        let thread = Builder::new().name("kith-disk".to_owned()).spawn(work)?;
        Ok(Self { ask, thread })
    }

    /// What went wrong here is told nowhere else: the system tells a lost write once.
    fn end(self) -> io::Result<()> {
        let Self { ask, thread } = self;
        drop(ask);
        thread.join().map_err(|_| io::Error::other("the thread that waits for the disk has stopped"))?
    }
}

impl Write for SyncedFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.dirty = true;
        let written = self.file.write(bytes)?;
        self.wrote(written)
    }

    fn write_vectored(&mut self, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
        self.dirty = true;
        let written = self.file.write_vectored(pieces)?;
        self.wrote(written)
    }

    /// Waits until all of it is on the disk.
    fn flush(&mut self) -> io::Result<()> {
        self.early.take().map_or(Ok(()), Early::end)?;
        if self.dirty {
            self.file.sync_all()?;
            self.dirty = false;
        }
        Ok(())
    }
}

impl Drop for SyncedFile {
    fn drop(&mut self) {
        // Given up: only that nobody holds the file open any longer matters.
        let _ = self.early.take().map(Early::end);
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, io::Read as _};

    use super::*;

    #[test]
    fn what_was_written_is_there_however_long_it_is() {
        let scratch = tempfile::tempdir().unwrap();
        for length in [0, 1, STEP as usize - 1, STEP as usize, 3 * STEP as usize + 7] {
            let path = scratch.path().join(length.to_string());
            let bytes: Vec<u8> = (0..length).map(|n| (n % 251) as u8).collect();
            let mut file = SyncedFile::new(File::create(&path).unwrap());
            bytes.chunks(100_003).for_each(|some| file.write_all(some).unwrap());
            file.flush().unwrap();
            file.write_all(b"more").unwrap();
            file.flush().unwrap();
            let mut read = Vec::new();
            File::open(&path).unwrap().read_to_end(&mut read).unwrap();
            assert!(read == [bytes.as_slice(), b"more"].concat(), "{length}");
        }
    }

    /// Takes a few bytes at a time, of one piece or of two.
    struct Sips(Vec<u8>);

    impl Write for Sips {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.extend(bytes.iter().take(7));
            Ok(bytes.len().min(7))
        }
        fn write_vectored(&mut self, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
            let some: Vec<u8> = pieces.iter().flat_map(|piece| piece.iter().copied()).take(7).collect();
            self.write(&some)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn pieces_come_out_whole_and_in_order_and_their_memory_is_used_again() {
        let bytes: Vec<u8> = (0..3 * PIECE + 5).map(|n| (n % 251) as u8).collect();
        let (pieces, mut from) = (Pieces::new(), bytes.as_slice());
        let mut kept = Vec::new();
        while let Some(piece) = pieces.read(&mut from).unwrap() {
            kept.push(piece);
        }
        kept.insert(1, Bytes::new());
        let mut out = Sips(Vec::new());
        write_pieces(&mut out, &kept).unwrap();
        assert!(out.0 == bytes);
        let first = kept[0].as_ptr();
        drop(kept);
        let again = pieces.read(&mut bytes.as_slice()).unwrap().unwrap();
        assert_eq!((again.as_ptr(), again.len()), (first, PIECE));
    }

    #[test]
    fn what_the_disk_refuses_is_not_called_written() {
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("read only");
        fs::write(&path, b"").unwrap();
        let mut file = SyncedFile::new(File::open(&path).unwrap());
        assert!(file.write_all(b"x").is_err());
    }

    #[test]
    fn an_error_that_only_the_early_trip_met_comes_out() {
        let (ask, asked) = sync_channel(1);
        let thread = std::thread::spawn(move || {
            asked.iter().try_for_each(|()| Err::<(), _>(io::ErrorKind::StorageFull.into()))
        });
        ask.send(()).unwrap();
        let scratch = tempfile::tempdir().unwrap();
        let file = File::create(scratch.path().join("file")).unwrap();
        let mut file = SyncedFile::new(file);
        file.early = Some(Early { ask, thread });
        file.write_all(b"x").unwrap();
        assert_eq!(file.flush().unwrap_err().kind(), io::ErrorKind::StorageFull);
    }
}
