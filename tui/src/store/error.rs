//! What can go wrong with a casebook, by blame, each with its remedy. No error holds a name or a word of content.

use std::{io, path::PathBuf};

use kith_protocol::seal::{OpenError, SealError};

use super::slots::SlotsFaults;
use crate::casework::{command::Refusal, ids::FactId};

/// Why a casebook could not be opened, read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the passphrase is wrong: check Caps Lock and the keyboard layout, or use the recovery card")]
    WrongPassphrase,
    #[error("this is not the recovery card of this casebook, or it is mistyped: copy it again")]
    WrongCard,
    #[error("somebody of that name can open this casebook already: give the whole name")]
    HolderExists,
    #[error("nobody of that name can open this casebook: `kith holder list` shows who can")]
    NoSuchHolder,
    #[error("you cannot take your own key away: somebody else who can open the casebook must")]
    OwnSlot,
    #[error("{} holds no casebook: give the folder that `kith init` made", .0.display())]
    NotACasebook(PathBuf),
    #[error("{} holds a casebook already: open it, or choose another folder", .0.display())]
    Exists(PathBuf),
    #[error(
        "the casebook is damaged in {place}: nothing was changed; run `kith casebook check`, then restore the last backup"
    )]
    Damaged { place: String },
    /// Nobody can open it: of its two files of key slots none can be used.
    #[error("the casebook cannot be opened: {0}")]
    Slots(SlotsFaults),
    #[error(
        "this casebook is older than what was signed of it before: it was restored from a backup, and a person must say so with `kith casebook restored` before anything of it is proven to others"
    )]
    SetBack,
    #[error("the disk is full: nothing was written; free some space and do it again")]
    Full,
    #[error("another kith has this casebook open{}: close it there first", process(*.0))]
    LockedByOther(Option<u32>),
    #[error("{} lies on a network disk ({kind}), where a casebook would be damaged: choose a folder on this machine", .path.display())]
    NetworkDisk { path: PathBuf, kind: String },
    #[error(
        "this casebook was written by a newer kith (its format is {version}, this kith knows {}): update kith",
        super::schema::VERSION
    )]
    TooNew { version: u32 },
    #[error("{what} {id} is not in this casebook")]
    Unknown { what: &'static str, id: String },
    #[error("{what} is too large: {limit} at most")]
    TooLarge { what: &'static str, limit: u64 },
    #[error("the {what} could not be read or written ({}): check the disk and the folder's permissions", .source.kind())]
    Io { what: &'static str, source: io::Error },
    #[error(
        "what was to be destroyed is, but its old pages still lie in the file ({0}): make room for a second copy of the casebook, then lock and unlock it"
    )]
    OldPages(Box<Self>),
    #[error("the key slot could not be made: {0}")]
    Seal(#[from] SealError),
    /// Ours: the statement is fixed text and holds no values.
    #[error("the database refused a statement ({0}): this is a fault in kith, please report it")]
    Sql(rusqlite::Error),
}

impl StoreError {
    pub(super) fn damaged(place: impl Into<String>) -> Self {
        Self::Damaged { place: place.into() }
    }

    /// The body of a fact that does not read.
    pub(crate) fn bad_fact(id: FactId) -> Self {
        Self::Damaged { place: format!("fact {id}") }
    }

    /// Wraps an error of the file system around `what` was touched; a full disk is told apart.
    pub(super) fn io(what: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full,
            _ => Self::Io { what, source },
        }
    }

    pub(super) fn slot(error: OpenError) -> Self {
        match error {
            OpenError::WrongPassphrase => Self::WrongPassphrase,
            _ => Self::damaged("a key slot"),
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as Code;
        let Some(code) = error.sqlite_error_code() else {
            return match error {
                // A value of a type or form that our own writer never puts there.
                rusqlite::Error::InvalidColumnType(..)
                | rusqlite::Error::FromSqlConversionFailure(..)
                | rusqlite::Error::IntegralValueOutOfRange(..) => Self::damaged("a row"),
                other => Self::Sql(other),
            };
        };
        match code {
            Code::DiskFull => Self::Full,
            Code::DatabaseCorrupt | Code::NotADatabase => Self::damaged("a page of the database"),
            Code::DatabaseBusy | Code::DatabaseLocked => Self::LockedByOther(None),
            Code::SystemIoFailure | Code::ReadOnly | Code::CannotOpen | Code::PermissionDenied => {
                Self::Io { what: "casebook", source: io::Error::other(format!("{code:?}")) }
            }
            _ => Self::Sql(error),
        }
    }
}

/// Why a command did not happen.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<rusqlite::Error> for CommandError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

fn process(id: Option<u32>) -> String {
    id.map_or_else(String::new, |id| format!(" (process {id})"))
}
