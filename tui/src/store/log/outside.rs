//! The largest checkpoint signed so far, in a file beside the key slots: a database that was put back does not take it along.

use std::{fs, io::Read as _, path::Path};

use kith_protocol::{
    log::{Checkpoint, MAX_NOTE_BYTES, SignedCheckpoint},
    sign::SigningKey,
};

use crate::store::{
    error::StoreError,
    place::{write_over, write_whole},
};

const FILE: &str = "log.checkpoint";

/// What was signed last with `key`, by any log of this casebook. A file that is not ours says nothing.
pub(super) fn read(folder: &Path, key: &SigningKey) -> Result<Option<Checkpoint>, StoreError> {
    let verified =
        |signed: SignedCheckpoint| signed.verify(&signed.claims().ok()?.origin, &key.public()).ok();
    Ok(text(folder)?.and_then(|text| text.parse().ok()).and_then(verified))
}

/// What the file says, unverified.
pub(super) fn claims(folder: &Path) -> Result<Option<Checkpoint>, StoreError> {
    let claims = |text: String| text.parse::<SignedCheckpoint>().ok()?.claims().ok();
    Ok(text(folder)?.and_then(claims))
}

/// The file as it is.
pub(super) fn text(folder: &Path) -> Result<Option<String>, StoreError> {
    let file = match fs::File::open(folder.join(FILE)) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(StoreError::io(WHAT)(error)),
    };
    let mut text = String::new();
    Ok(file.take(MAX_NOTE_BYTES as u64).read_to_string(&mut text).ok().map(|_| text))
}

/// Lets go of what was kept of a log that is left.
pub(super) fn forget(folder: &Path) -> Result<(), StoreError> {
    match fs::remove_file(folder.join(FILE)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(StoreError::io(WHAT)(error)),
        _ => Ok(()),
    }
}

/// Keeps what was signed, once it is in the casebook, and waits for no disk: a power cut may leave an earlier one or none.
/// Then less is noticed here, and nothing is noticed wrongly; witnesses notice the same.
pub(super) fn write(folder: &Path, signed: &SignedCheckpoint) -> Result<(), StoreError> {
    write_over(&folder.join(FILE), signed.to_string().as_bytes()).map_err(StoreError::io(WHAT))
}

/// Keeps what shows that a backup was restored: it is on the disk then.
pub(super) fn insist(folder: &Path, signed: &SignedCheckpoint) -> Result<(), StoreError> {
    write_whole(&folder.join(FILE), signed.to_string().as_bytes()).map_err(StoreError::io(WHAT))
}

const WHAT: &str = "checkpoint beside the casebook";
