//! Files read ahead and written behind on a thread of their own, hashing with them: sealing then takes as long as the
//! cipher does. Wrap a [`Measured`] file in them and pass it to `seal` or `open`.

use std::{
    io::{self, Read, Write},
    sync::mpsc::{Receiver, SyncSender, sync_channel},
    thread::{Builder, JoinHandle},
};

pub use kith_exchange::disk::SyncedFile;
use kith_protocol::bundle::{Measure, Measured, SealedIn, SealedOut};

/// Bytes that change hands at a time.
const PIECE: usize = 256 * 1024;
/// Pieces in memory for one file.
const PIECES: usize = 6;

/// Writes to `W` on another thread. An error of `W` is reported by a later write or by [`Behind::finish`].
pub struct Behind<W> {
    filling: Vec<u8>,
    full: Option<SyncSender<Vec<u8>>>,
    empty: Receiver<Vec<u8>>,
    thread: Option<JoinHandle<io::Result<W>>>,
}

impl<W: Write + Send + 'static> Behind<W> {
    /// Begins to write.
    ///
    /// # Errors
    /// No thread can be had.
    pub fn new(mut out: W) -> io::Result<Self> {
        let (full, pieces) = sync_channel::<Vec<u8>>(PIECES);
        let (give_back, empty) = sync_channel(PIECES);
        let work = move || {
            for mut piece in pieces {
                out.write_all(&piece)?;
                piece.clear();
                // Nobody wants the piece back once the last one is sent.
                let _ = give_back.try_send(piece);
            }
            out.flush()?;
            Ok(out)
        };
        let thread = Builder::new().name("kith-write".to_owned()).spawn(work)?;
        // The first pieces are made as they are needed: small files need one.
        Ok(Self { filling: Vec::new(), full: Some(full), empty, thread: Some(thread) })
    }

    /// Waits until all is written and flushed; gives `W` back.
    ///
    /// # Errors
    /// `W`'s.
    pub fn finish(mut self) -> io::Result<W> {
        self.pass_on()?;
        self.end()
    }

    fn pass_on(&mut self) -> io::Result<()> {
        let next = self.empty.try_recv().unwrap_or_default();
        let piece = std::mem::replace(&mut self.filling, next);
        let sent = piece.is_empty() || self.full.as_ref().is_some_and(|full| full.send(piece).is_ok());
        if sent { Ok(()) } else { self.end().and(Err(stopped())) }
    }

    fn end(&mut self) -> io::Result<W> {
        self.full = None;
        self.thread.take().ok_or_else(stopped)?.join().map_err(|_| stopped())?
    }
}

impl<W: Write + Send + 'static> Write for Behind<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.filling.len() >= PIECE {
            self.pass_on()?;
        }
        self.filling.reserve_exact(PIECE - self.filling.len());
        let (some, _) = bytes.split_at(bytes.len().min(PIECE - self.filling.len()));
        self.filling.extend_from_slice(some);
        Ok(some.len())
    }

    /// Passes on what there is; only [`Behind::finish`] waits for it.
    fn flush(&mut self) -> io::Result<()> {
        self.pass_on()
    }
}

impl<W: Write + Send + 'static> SealedOut for Behind<Measured<W>> {
    fn measure(self) -> io::Result<Measure> {
        self.finish()?.measure()
    }
}

impl<W> Drop for Behind<W> {
    fn drop(&mut self) {
        self.full = None;
        // When it was given up, the file is closed before anybody removes it.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

/// Room for some bytes, and how many there are.
type Piece = (Vec<u8>, usize);

/// Reads from `R` on another thread, ahead of who asks.
pub struct Ahead<R> {
    piece: Piece,
    at: usize,
    full: Receiver<io::Result<Piece>>,
    empty: SyncSender<Vec<u8>>,
    thread: Option<JoinHandle<R>>,
    ended: Option<R>,
}

impl<R: Read + Send + 'static> Ahead<R> {
    /// Begins to read.
    ///
    /// # Errors
    /// No thread can be had.
    pub fn new(mut input: R) -> io::Result<Self> {
        let (send, full) = sync_channel(PIECES);
        let (empty, spare) = sync_channel::<Vec<u8>>(PIECES);
        let work = move || {
            loop {
                let mut room = spare.try_recv().unwrap_or_else(|_| vec![0; PIECE]);
                let read = fill(&mut input, &mut room);
                let more = matches!(read, Ok(1..));
                if !matches!(read, Ok(0)) && send.send(read.map(|got| (room, got))).is_ok() && more {
                    continue;
                }
                return input;
            }
        };
        let thread = Some(Builder::new().name("kith-read".to_owned()).spawn(work)?);
        Ok(Self { piece: (Vec::new(), 0), at: 0, full, empty, thread, ended: None })
    }

    /// Reads on to the end and gives `R` back.
    ///
    /// # Errors
    /// `R`'s.
    pub fn finish(mut self) -> io::Result<R> {
        while self.next_piece()? {}
        self.ended.ok_or_else(stopped)
    }

    /// Takes the next piece; false at the end.
    fn next_piece(&mut self) -> io::Result<bool> {
        let next = match self.full.recv() {
            Ok(next) => next.inspect_err(|_| self.thread = None)?,
            Err(_) if self.ended.is_some() => return Ok(false),
            Err(_) => {
                let thread = self.thread.take().ok_or_else(stopped)?;
                self.ended = Some(thread.join().map_err(|_| stopped())?);
                return Ok(false);
            }
        };
        let (used, _) = std::mem::replace(&mut self.piece, next);
        self.at = 0;
        if !used.is_empty() {
            // The reader makes a piece of its own when none comes back.
            let _ = self.empty.try_send(used);
        }
        Ok(true)
    }
}

impl<R: Read + Send + 'static> Read for Ahead<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.at == self.piece.1 && !self.next_piece()? {
            return Ok(0);
        }
        let (bytes, end) = &self.piece;
        let got = bytes.get(self.at..*end).unwrap_or_default().read(into)?;
        self.at += got;
        Ok(got)
    }
}

impl<R: Read + Send + 'static> SealedIn for Ahead<Measured<R>> {
    fn measure(self) -> io::Result<Measure> {
        self.finish()?.measure()
    }
}

/// Reads until `room` is full or the input ends.
fn fill(input: &mut impl Read, room: &mut [u8]) -> io::Result<usize> {
    let mut got = 0;
    while let Some(rest) = room.get_mut(got..).filter(|rest| !rest.is_empty()) {
        match input.read(rest) {
            Ok(0) => break,
            Ok(some) => got += some,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(got)
}

fn stopped() -> io::Error {
    io::Error::other("the thread that reads or writes the file has stopped")
}

#[cfg(test)]
mod tests {
    use kith_protocol::ids::Digest;

    use super::*;

    fn some(len: usize) -> Vec<u8> {
        (0..len).map(|n| (n % 251) as u8).collect()
    }

    #[test]
    fn what_passes_is_the_same_and_measured() {
        for len in [0, 1, PIECE - 1, PIECE, PIECE + 1, 20 * PIECE + 7] {
            let bytes = some(len);
            let mut out = Behind::new(Vec::new()).unwrap();
            bytes.chunks(40_001).for_each(|some| out.write_all(some).unwrap());
            assert!(out.finish().unwrap() == bytes, "{len}");
            let mut out = Behind::new(Measured::new(Vec::new())).unwrap();
            out.write_all(&bytes).unwrap();
            let measure = Measure { digest: Digest::of(&bytes), size: len as u64 };
            assert_eq!(out.measure().unwrap(), measure);
            let mut input = Ahead::new(Measured::new(io::Cursor::new(bytes.clone()))).unwrap();
            let mut read = Vec::new();
            input.read_to_end(&mut read).unwrap();
            assert!(read == bytes, "{len}");
            assert_eq!(input.read(&mut [0; 9]).unwrap(), 0, "the end stays the end");
            assert_eq!(input.measure().unwrap(), measure);
        }
    }

    #[test]
    fn the_measure_is_of_the_whole_file_however_little_was_asked_for() {
        let bytes = some(30 * PIECE);
        let mut input = Ahead::new(Measured::new(io::Cursor::new(bytes.clone()))).unwrap();
        input.read_exact(&mut [0; 10]).unwrap();
        assert_eq!(input.measure().unwrap().digest, Digest::of(&bytes));
    }

    /// Takes or gives some bytes, then fails.
    struct Failing(usize);

    impl Write for Failing {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 = self.0.checked_sub(bytes.len()).ok_or(io::ErrorKind::StorageFull)?;
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Read for Failing {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let got = into.len().min(1_000);
            self.0 = self.0.checked_sub(got).ok_or(io::ErrorKind::TimedOut)?;
            Ok(got)
        }
    }

    #[test]
    fn an_error_of_the_file_comes_out_and_is_never_taken_for_the_end() {
        let mut out = Behind::new(Failing(3 * PIECE)).unwrap();
        let written = out.write_all(&some(40 * PIECE)).and_then(|()| out.finish().map(drop));
        assert_eq!(written.unwrap_err().kind(), io::ErrorKind::StorageFull);
        let mut out = Behind::new(Failing(10)).unwrap();
        out.write_all(&some(11)).unwrap();
        assert_eq!(out.finish().err().unwrap().kind(), io::ErrorKind::StorageFull);
        let mut input = Ahead::new(Failing(3 * PIECE)).unwrap();
        let error = io::copy(&mut input, &mut io::sink()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert!(input.read(&mut [0; 9]).is_err(), "what failed does not end");
        let input = Ahead::new(Measured::new(Failing(3 * PIECE))).unwrap();
        assert_eq!(input.measure().unwrap_err().kind(), io::ErrorKind::TimedOut);
    }

    #[test]
    fn what_is_given_up_ends() {
        let mut out = Behind::new(Vec::new()).unwrap();
        out.write_all(&some(3 * PIECE)).unwrap();
        drop(out);
        let mut input = Ahead::new(io::repeat(7)).unwrap();
        input.read_exact(&mut [0; 100]).unwrap();
        drop(input);
    }
}
