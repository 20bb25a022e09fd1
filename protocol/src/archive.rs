//! The tar inside a bundle: plain `ustar`, regular files in one top folder, one canonical form, zeros to a padded end.
//!
//! Any `tar` reads it. Our reader takes only what our writer could have written: it builds each header again and
//! compares all 512 bytes, so links, devices, long-name extensions, odd paths and hidden bytes have no way in.

use std::io::{self, Read, Write};

/// A header or a block of data, in bytes.
const BLOCK: u64 = 512;
/// Two zero blocks end an archive.
const END: u64 = 2 * BLOCK;
/// Shortest padded archive, in bytes: small bundles all look alike.
pub const SHORTEST: u64 = 16 * 1024;

/// Why an archive was refused.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    #[error("the archive holds something other than a plain file in canonical form, at byte {at}")]
    NotCanonical { at: u64 },
    #[error("the archive ends too early, at byte {at}")]
    Truncated { at: u64 },
    #[error("the padding after the archive is not as it must be, at byte {at}")]
    Padding { at: u64 },
    #[error("reading stopped at byte {at}: {source}")]
    Read { at: u64, source: io::Error },
}

/// How long an archive of files of these `sizes` is after padding, in bytes.
#[must_use]
pub fn padded_archive(sizes: impl IntoIterator<Item = u64>) -> u64 {
    padded(sizes.into_iter().fold(END, |sum, size| sum.saturating_add(BLOCK + size + filler(size))))
}

/// `len` rounded up by Padmé (Nikitin and others, 2019): at most 12 % more, and only O(log log) bits of size told.
#[must_use]
pub fn padded(len: u64) -> u64 {
    let len = len.max(SHORTEST);
    let exponent = u64::BITS - 1 - len.leading_zeros();
    let kept = u32::BITS - exponent.leading_zeros();
    let mask = (1_u64 << (exponent - kept)) - 1;
    len.saturating_add(mask) & !mask
}

const fn filler(size: u64) -> u64 {
    (BLOCK - size % BLOCK) % BLOCK
}

/// The one header a regular file of this path, size and time (Unix seconds) has.
fn header(path: &str, size: u64, time: u64) -> io::Result<[u8; 512]> {
    let mut header = tar::Header::new_ustar();
    header.set_entry_type(tar::EntryType::Regular);
    header.set_path(path)?;
    header.set_mode(0o644);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(time);
    header.set_size(size);
    header.set_cksum();
    Ok(*header.as_bytes())
}

/// Writes an archive.
pub struct ArchiveWriter<W> {
    out: W,
    written: u64,
    time: u64,
}

impl<W: Write> ArchiveWriter<W> {
    /// Begins an archive whose files all carry `time` (Unix seconds).
    pub const fn new(out: W, time: u64) -> Self {
        Self { out, written: 0, time }
    }

    /// Writes a file held in memory.
    ///
    /// # Errors
    /// A path that does not fit `ustar`, or the writer's errors.
    pub fn file(&mut self, path: &str, content: &[u8]) -> io::Result<()> {
        self.begin(path, content.len() as u64)?;
        self.write_all(content)?;
        self.end()
    }

    /// Begins a file of exactly `size` bytes: write them, then call [`ArchiveWriter::end`].
    ///
    /// # Errors
    /// A path that does not fit `ustar`, or the writer's errors.
    pub fn begin(&mut self, path: &str, size: u64) -> io::Result<()> {
        self.write_all(&header(path, size, self.time)?)
    }

    /// Fills up the last block of a file.
    ///
    /// # Errors
    /// The writer's.
    pub fn end(&mut self) -> io::Result<()> {
        self.zeros(filler(self.written))
    }

    /// Ends the archive and pads it.
    ///
    /// # Errors
    /// The writer's.
    pub fn finish(mut self) -> io::Result<W> {
        self.zeros(END)?;
        self.zeros(padded(self.written) - self.written)?;
        Ok(self.out)
    }

    /// Bytes written so far.
    pub const fn written(&self) -> u64 {
        self.written
    }

    fn zeros(&mut self, mut left: u64) -> io::Result<()> {
        let zeros = [0; 64 * 1024];
        while left > 0 {
            let (some, _) = zeros.split_at(left.min(zeros.len() as u64) as usize);
            self.write_all(some)?;
            left -= some.len() as u64;
        }
        Ok(())
    }
}

impl<W: Write> Write for ArchiveWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = self.out.write(bytes)?;
        self.written += taken as u64;
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// A file in an archive. Its path is printable ASCII, relative, without `.` or `..`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub path: String,
    /// In bytes.
    pub size: u64,
    /// Unix seconds.
    pub time: u64,
}

/// Reads an archive, one file after the other.
pub struct ArchiveReader<R> {
    input: R,
    at: u64,
    left: u64,
    filler: u64,
}

impl<R: Read> ArchiveReader<R> {
    /// Begins to read.
    pub const fn new(input: R) -> Self {
        Self { input, at: 0, left: 0, filler: 0 }
    }

    /// The next file, or `None` at the end of the archive. What is left of the file before is passed over.
    ///
    /// # Errors
    /// Anything but a header that [`ArchiveWriter`] writes.
    pub fn next_entry(&mut self) -> Result<Option<Entry>, ArchiveError> {
        let mut rest = [0; 4096];
        while self.left > 0 {
            self.read_some(&mut rest)?;
        }
        let (gap, _) = rest.split_at_mut(std::mem::take(&mut self.filler) as usize);
        self.block(gap)?;
        if gap.iter().any(|&b| b != 0) {
            return Err(ArchiveError::NotCanonical { at: self.at });
        }
        let mut bytes = [0; 512];
        self.block(&mut bytes)?;
        if bytes == [0; 512] {
            self.block(&mut bytes)?;
            return if bytes == [0; 512] {
                Ok(None)
            } else {
                Err(ArchiveError::NotCanonical { at: self.at })
            };
        }
        let entry = parse(&bytes).ok_or(ArchiveError::NotCanonical { at: self.at - BLOCK })?;
        (self.left, self.filler) = (entry.size, filler(entry.size));
        Ok(Some(entry))
    }

    /// Reads some bytes of the current file; 0 at its end.
    ///
    /// # Errors
    /// The reader's, or the archive ends inside the file.
    pub fn read_some(&mut self, into: &mut [u8]) -> Result<usize, ArchiveError> {
        let want = self.left.min(into.len() as u64) as usize;
        let (into, _) = into.split_at_mut(want);
        let got =
            read_again(&mut self.input, into).map_err(|source| ArchiveError::Read { at: self.at, source })?;
        if got == 0 && want > 0 {
            return Err(ArchiveError::Truncated { at: self.at });
        }
        self.at += got as u64;
        self.left -= got as u64;
        Ok(got)
    }

    /// Checks that only the right number of zeros follows, to the end of the input.
    ///
    /// # Errors
    /// Other bytes than zeros, too few or too many of them, or the reader's errors.
    pub fn finish(mut self) -> Result<u64, ArchiveError> {
        let end = padded(self.at);
        let mut buffer = [0; 64 * 1024];
        loop {
            match read_again(&mut self.input, &mut buffer) {
                Ok(0) if self.at == end => return Ok(end),
                Ok(0) => return Err(ArchiveError::Padding { at: self.at }),
                Ok(got) => {
                    let (read, _) = buffer.split_at(got.min(buffer.len()));
                    if read.iter().any(|&b| b != 0) || self.at + got as u64 > end {
                        return Err(ArchiveError::Padding { at: self.at });
                    }
                    self.at += got as u64;
                }
                Err(source) => return Err(ArchiveError::Read { at: self.at, source }),
            }
        }
    }

    fn block(&mut self, into: &mut [u8]) -> Result<(), ArchiveError> {
        self.input.read_exact(into).map_err(|source| match source.kind() {
            io::ErrorKind::UnexpectedEof => ArchiveError::Truncated { at: self.at },
            _ => ArchiveError::Read { at: self.at, source },
        })?;
        self.at += into.len() as u64;
        Ok(())
    }
}

/// Reads, and again when a signal interrupted it.
fn read_again(input: &mut impl Read, into: &mut [u8]) -> io::Result<usize> {
    loop {
        match input.read(into) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

/// The file a header speaks of, if it is exactly the header that file has.
fn parse(bytes: &[u8; 512]) -> Option<Entry> {
    let read = tar::Header::from_byte_slice(bytes);
    let path = String::from_utf8(read.path_bytes().into_owned()).ok()?;
    let (size, time) = (read.entry_size().ok()?, read.mtime().ok()?);
    let plain = path.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'/'));
    let inside = path.split('/').all(|part| !matches!(part, "" | "." | ".."));
    let same = header(&path, size, time).ok()? == *bytes;
    (plain && inside && same).then_some(Entry { path, size, time })
}

#[cfg(test)]
mod tests;
