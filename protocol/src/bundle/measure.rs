//! Sealed bytes on their way: counted and hashed as they pass.

use std::io::{self, Read, Write};

use crate::{
    gate::SignedGate,
    ids::{Digest, Hasher},
};

/// What was seen of a sealed file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measure {
    /// SHA-256 of its bytes.
    pub digest: Digest,
    /// In bytes.
    pub size: u64,
}

/// Takes a sealed file and measures it. [`Measured`] does it in line; a caller with threads may hash on another.
pub trait SealedOut: Write {
    /// Told before the first byte: the gate that this will pass, and how many bytes there can be at most. Whoever sends
    /// them ahead needs both.
    fn for_gate(&mut self, _: &SignedGate, _most: u64) {}

    /// The measure of all that was written, with everything flushed.
    ///
    /// # Errors
    /// The writer's.
    fn measure(self) -> io::Result<Measure>;
}

/// Gives a sealed file and measures it. [`Measured`] does it in line.
pub trait SealedIn: Read {
    /// The measure of all that was read.
    ///
    /// # Errors
    /// The reader's.
    fn measure(self) -> io::Result<Measure>;
}

/// Measures what passes, on the thread it passes on.
pub struct Measured<T> {
    inner: T,
    hasher: Hasher,
    size: u64,
}

impl<T> Measured<T> {
    /// Measures what passes through `inner`.
    pub fn new(inner: T) -> Self {
        Self { inner, hasher: Hasher::default(), size: 0 }
    }

    fn take_in(&mut self, bytes: &[u8], passed: usize) {
        let (passed, _) = bytes.split_at(passed.min(bytes.len()));
        self.hasher.update(passed);
        self.size += passed.len() as u64;
    }

    fn finish(self) -> Measure {
        Measure { digest: self.hasher.finish(), size: self.size }
    }
}

impl<W: Write> Write for Measured<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let passed = self.inner.write(bytes)?;
        self.take_in(bytes, passed);
        Ok(passed)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<R: Read> Read for Measured<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let passed = self.inner.read(into)?;
        self.take_in(into, passed);
        Ok(passed)
    }
}

impl<W: Write> SealedOut for Measured<W> {
    fn measure(mut self) -> io::Result<Measure> {
        self.inner.flush()?;
        Ok(self.finish())
    }
}

impl<R: Read> SealedIn for Measured<R> {
    fn measure(self) -> io::Result<Measure> {
        Ok(self.finish())
    }
}
