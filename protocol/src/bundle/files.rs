//! Where the signed files are read from: the archive inside the seal, or a folder they were laid out in.

use std::io::Read;

use super::OpenRefused;
use crate::archive::ArchiveReader;

/// A file as it stands there, before anything of it is believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its path below the bundle's folder.
    pub name: String,
    /// In bytes.
    pub size: u64,
    /// The folder's name and the file's time (Unix seconds), where they are part of what was sealed.
    pub placed: Option<(String, u64)>,
}

/// The signed files, one after the other, in their one order.
pub trait SignedFiles {
    /// The next file, which is to be the one called `name`; whoever has an order of its own gives the next of that.
    ///
    /// # Errors
    /// It cannot be read, as with all that follow.
    fn next_file(&mut self, name: &str) -> Result<Option<Found>, OpenRefused>;

    /// Some bytes of that file; 0 at its end.
    ///
    /// # Errors
    /// See [`Self::next_file`].
    fn read_some(&mut self, into: &mut [u8]) -> Result<usize, OpenRefused>;

    /// Nothing is left.
    ///
    /// # Errors
    /// A file is there that was not asked for: [`OpenRefused::Unlisted`].
    fn finish(self) -> Result<(), OpenRefused>;
}

impl<R: Read> SignedFiles for ArchiveReader<R> {
    fn next_file(&mut self, _: &str) -> Result<Option<Found>, OpenRefused> {
        let Some(entry) = self.next_entry()? else { return Ok(None) };
        let (folder, name) = entry.path.split_once('/').unwrap_or(("", &entry.path));
        let placed = Some((folder.to_owned(), entry.time));
        Ok(Some(Found { name: name.to_owned(), size: entry.size, placed }))
    }

    fn read_some(&mut self, into: &mut [u8]) -> Result<usize, OpenRefused> {
        Ok(Self::read_some(self, into)?)
    }

    fn finish(mut self) -> Result<(), OpenRefused> {
        match self.next_entry()? {
            Some(entry) => Err(OpenRefused::Unlisted { path: entry.path }),
            None => Self::finish(self).map(|_| ()).map_err(OpenRefused::from),
        }
    }
}
