//! A reader that comes in pieces.

use std::io::{self, Read};

/// Gives at most so many bytes at a time.
pub(super) struct Pieces<'a>(pub(super) &'a [u8], pub(super) usize);

impl Read for Pieces<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let most = into.len().min(self.1);
        self.0.read(&mut into[..most])
    }
}
