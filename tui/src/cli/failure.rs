//! Why a verb did not do it: what, where and the remedy for people, an exit code for scripts.

use std::{fmt, fs::File, io, path::Path};

use super::exit::Exit;
use crate::{
    casework::{command::Refusal, ids::BadReference},
    sharing::office::OfficeError,
    store::{CommandError, StoreError},
    text,
};

/// A verb's end without success.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    pub exit: Exit,
    /// Says what and what to do; empty when there is nobody left to tell.
    pub message: String,
}

impl Failure {
    /// A failure with its message.
    #[must_use]
    pub fn new(exit: Exit, message: impl fmt::Display) -> Self {
        Self { exit, message: message.to_string() }
    }

    /// Wrong usage.
    #[must_use]
    pub fn usage(message: impl fmt::Display) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// Somebody pressed Ctrl+C.
    #[must_use]
    pub fn interrupted() -> Self {
        Self::new(Exit::Interrupted, "interrupted")
    }

    /// A file that could not be read or written.
    pub fn file(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |error| {
            let remedy = match error.kind() {
                io::ErrorKind::NotFound => "check the path",
                io::ErrorKind::PermissionDenied => "check the permissions of the file and its folder",
                io::ErrorKind::AlreadyExists => "choose another name; nothing is overwritten",
                io::ErrorKind::StorageFull => "free some space and do it again",
                _ => "check the disk and the path",
            };
            Self::new(Exit::Failed, format!("{}: {}; {remedy}", path.display(), reason(&error)))
        }
    }
}

/// A file to read; a folder is no file.
///
/// # Errors
/// When it is a folder, or cannot be opened.
pub fn open_file(path: &Path) -> Result<File, Failure> {
    let file = File::open(path).map_err(Failure::file(path))?;
    if file.metadata().map_err(Failure::file(path))?.is_dir() {
        return Err(Failure::usage(format!("{} is a folder; give the file", path.display())));
    }
    Ok(file)
}

/// An error of the file system without Rust's `(os error 2)`.
fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_lowercase()
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

/// Only for standard output and standard error: a reader that went away is no failure of ours.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self { exit: Exit::Done, message: String::new() },
            io::ErrorKind::Interrupted => Self::interrupted(),
            _ => Self::new(Exit::Failed, format!("the answer could not be written: {}", reason(&error))),
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let exit = match &error {
            StoreError::WrongPassphrase | StoreError::WrongCard | StoreError::LockedByOther(_) => {
                Exit::NotAllowed
            }
            StoreError::NotACasebook(_) | StoreError::NetworkDisk { .. } | StoreError::TooNew { .. } => {
                Exit::Configuration
            }
            StoreError::Slots(faults) if faults.is_other_version() => Exit::Configuration,
            StoreError::Slots(faults) if faults.is_unreadable() => Exit::Failed,
            StoreError::Slots(_) => Exit::CheckFailed,
            StoreError::Exists(_) | StoreError::HolderExists => Exit::Changed,
            StoreError::OwnSlot => Exit::Refused,
            StoreError::Damaged { .. } => Exit::CheckFailed,
            StoreError::Unknown { .. } | StoreError::NoSuchHolder => Exit::NothingMatched,
            _ => Exit::Failed,
        };
        Self::new(exit, error)
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        let exit = match &refusal {
            Refusal::Bundle { fault, .. } => {
                let (whose, remedy) = text::fault(*fault);
                let message = format!("{refusal}. The fault is {whose}. {remedy}");
                return Self::new(Exit::CheckFailed, message);
            }
            Refusal::Unknown { .. } => Exit::NothingMatched,
            Refusal::Changed
            | Refusal::AlreadyReceived
            | Refusal::DamagedCopy
            | Refusal::AlreadySupplied
            | Refusal::AlreadyReleased { .. }
            | Refusal::AlreadyAnswered { .. }
            | Refusal::AlreadyTriaged { .. }
            | Refusal::CaseOpen => Exit::Changed,
            _ => Exit::Refused,
        };
        Self::new(exit, refusal)
    }
}

impl From<CommandError> for Failure {
    fn from(error: CommandError) -> Self {
        match error {
            CommandError::Refused(refusal) => refusal.into(),
            CommandError::Store(error) => error.into(),
        }
    }
}

impl From<OfficeError> for Failure {
    fn from(error: OfficeError) -> Self {
        match error {
            OfficeError::Refused(refusal) => refusal.into(),
            OfficeError::Supplement { path, refusal } => {
                let Self { exit, message } = refusal.into();
                Self { exit, message: format!("{}: {message}", path.display()) }
            }
            OfficeError::Store(error) => error.into(),
            error @ OfficeError::File { .. } => Self::new(Exit::Failed, error),
        }
    }
}

impl From<BadReference> for Failure {
    fn from(error: BadReference) -> Self {
        Self::usage(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_failure_has_its_code() {
        let code = |failure: Failure| failure.exit;
        assert_eq!(code(StoreError::WrongPassphrase.into()), Exit::NotAllowed);
        assert_eq!(code(StoreError::NotACasebook("x".into()).into()), Exit::Configuration);
        assert_eq!(code(Refusal::NoReason.into()), Exit::Refused);
        assert_eq!(code(Refusal::Unknown { what: "case", id: "1-2".into() }.into()), Exit::NothingMatched);
        assert_eq!(code(Refusal::CaseOpen.into()), Exit::Changed);
    }

    #[test]
    fn a_reader_that_went_away_is_quiet() {
        let failure = Failure::from(io::Error::from(io::ErrorKind::BrokenPipe));
        assert_eq!((failure.exit, failure.message.as_str()), (Exit::Done, ""));
    }

    #[test]
    fn a_missing_file_says_where_and_what_to_do() {
        let failure = Failure::file(Path::new("a/b.csv"))(io::Error::from(io::ErrorKind::NotFound));
        assert_eq!(failure.message, "a/b.csv: entity not found; check the path");
    }
}
