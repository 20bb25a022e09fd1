//! What is given along with a bundle: supplements to it, and notes of who signed its sender's log since.

use std::{
    fs::File,
    io::Read as _,
    path::{Path, PathBuf},
};

use kith_protocol::{
    bundle::Opened,
    log::{Offer, SignedCheckpoint},
};

use super::office::OfficeError;
use crate::casework::command::{Fault, Refusal};

/// Longest note that is read, in bytes.
const MAX_NOTE: u64 = 64 << 10;
/// What a note about a log begins with: its name.
const LOG: &[u8] = b"kith/";

/// The same, sorted.
#[derive(Default)]
pub(super) struct Given {
    pub(super) supplements: Vec<PathBuf>,
    witnesses: Vec<(PathBuf, Note)>,
}

/// Who signed a log: the very checkpoint that the bundle shows, or a later one with growth from there.
enum Note {
    Same(SignedCheckpoint),
    Later(Offer),
}

impl Given {
    /// Looks at each file only as far as it takes to know which it is.
    ///
    /// # Errors
    /// One cannot be read, or is a note and does not read as one.
    pub(super) fn sorted(with: &[PathBuf]) -> Result<Self, OfficeError> {
        let mut given = Self::default();
        for path in with {
            match note(path)? {
                Some(note) => given.witnesses.push((path.clone(), note)),
                None => given.supplements.push(path.clone()),
            }
        }
        Ok(given)
    }

    /// The bundle with what the notes say of its sender's log.
    ///
    /// # Errors
    /// A note is of another checkpoint than the bundle shows, with no growth from it.
    pub(super) fn beside(&self, mut opened: Opened) -> Result<Opened, OfficeError> {
        for (path, note) in &self.witnesses {
            let with = match note {
                Note::Same(note) => opened.with_witnesses(note.clone()),
                Note::Later(later) => opened.with_later(later.clone()),
            };
            opened = with.map_err(|error| bad(path, &error))?;
        }
        Ok(opened)
    }
}

fn note(path: &Path) -> Result<Option<Note>, OfficeError> {
    let failed = || OfficeError::file("file of witnesses");
    let mut bytes = Vec::new();
    File::open(path).map_err(failed())?.take(MAX_NOTE).read_to_end(&mut bytes).map_err(failed())?;
    let later = Offer::is_meant(&bytes);
    if !later && !bytes.starts_with(LOG) {
        return Ok(None);
    }
    let text = String::from_utf8(bytes).map_err(|error| bad(path, &error))?;
    let note = if later { text.parse().map(Note::Later) } else { text.parse().map(Note::Same) };
    note.map(Some).map_err(|error| bad(path, &error))
}

fn bad(path: &Path, why: &dyn std::fmt::Display) -> OfficeError {
    let why = format!("{}: it says nothing of this bundle: {why}", path.display());
    OfficeError::Refused(Refusal::Bundle { why, fault: Fault::Holder, what: "witnesses" })
}
