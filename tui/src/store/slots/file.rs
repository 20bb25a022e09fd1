//! One file of key slots as it lies there, and what can be wrong with it. A file that another version made is left
//! alone: its twin may be older, and would take the place of what is newer.

use std::{
    fs,
    io::{self, Read as _},
    path::Path,
};

use serde::Deserialize;

use super::{MAX_FILE, MAX_SLOTS, Slots};

/// The two copies, in the order they are written.
pub(super) const FILES: [&str; 2] = ["keys.json", "keys.copy.json"];
/// The form that this program writes.
const FORM: &str = "keys/1";
/// Most characters that are repeated of what another version calls its form.
const SHOWN: usize = 24;

/// Why a file of key slots cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SlotsFault {
    #[error("is not there")]
    Missing,
    #[error("cannot be read ({0})")]
    Unreadable(io::ErrorKind),
    #[error("was made by another version of Kith (its form is {0}, this one reads {FORM})")]
    OtherVersion(String),
    #[error("is damaged (line {line}, column {column})")]
    Damaged { line: usize, column: usize },
}

/// What both files say, where neither can be used or one must be left alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlotsFaults(pub(super) [Option<SlotsFault>; 2]);

impl SlotsFaults {
    /// Was one of them made by another version?
    #[must_use]
    pub fn is_other_version(&self) -> bool {
        self.any(|fault| matches!(fault, SlotsFault::OtherVersion(_)))
    }

    /// Is one of them there, and could not be read?
    #[must_use]
    pub fn is_unreadable(&self) -> bool {
        self.any(|fault| matches!(fault, SlotsFault::Unreadable(_)))
    }

    fn any(&self, is: impl Fn(&SlotsFault) -> bool) -> bool {
        self.0.iter().flatten().any(is)
    }
}

impl std::fmt::Display for SlotsFaults {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (name, fault) in FILES.iter().zip(&self.0) {
            if let Some(fault) = fault {
                write!(f, "{name} {fault}; ")?;
            }
        }
        f.write_str(match () {
            () if self.is_other_version() => "update Kith and open the casebook with that; nothing is lost",
            () if self.is_unreadable() => "put right the permissions of the casebook's folder and its files, or look after the disk",
            () if self.any(|fault| *fault == SlotsFault::Missing) => {
                "put back what is missing, from where it was moved to or from the last backup; no passphrase and no \
                 recovery card opens the casebook without one of them"
            }
            () => "put one of them back from the last backup; the database itself was not touched",
        })
    }
}

/// The slots in a file.
pub(super) fn read(path: &Path) -> Result<Slots, SlotsFault> {
    let unreadable = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => SlotsFault::Missing,
        kind => SlotsFault::Unreadable(kind),
    };
    let mut text = Vec::new();
    fs::File::open(path).map_err(unreadable)?.take(MAX_FILE).read_to_end(&mut text).map_err(unreadable)?;
    let damaged =
        |error: serde_json::Error| SlotsFault::Damaged { line: error.line(), column: error.column() };
    let head: Head = serde_json::from_slice(&text).map_err(damaged)?;
    if head.kith != FORM {
        return Err(SlotsFault::OtherVersion(
            head.kith.chars().take(SHOWN).flat_map(char::escape_default).collect(),
        ));
    }
    let slots: Slots = serde_json::from_slice(&text).map_err(damaged)?;
    if slots.slots.len() > MAX_SLOTS {
        return Err(SlotsFault::Damaged { line: 1, column: 0 });
    }
    Ok(slots)
}

/// Which form a file has; everything else in it is for that form to say.
#[derive(Deserialize)]
struct Head {
    kith: String,
}
