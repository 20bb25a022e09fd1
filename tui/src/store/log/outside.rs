//! The largest checkpoint signed so far, in a file beside the key slots: a database that was put back does not take it along.

use std::{fs, io::Read as _, path::Path};

use kith_protocol::{
    log::{Checkpoint, MAX_NOTE_BYTES, SignedCheckpoint},
    sign::SigningKey,
};

use crate::store::{error::StoreError, place::write_whole};

const FILE: &str = "log.checkpoint";

/// What was signed last with `key`, by any log of this casebook. A file that is not ours says nothing.
pub(super) fn read(folder: &Path, key: &SigningKey) -> Result<Option<Checkpoint>, StoreError> {
    let file = match fs::File::open(folder.join(FILE)) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(StoreError::io(WHAT)(error)),
    };
    let mut text = String::new();
    let read = file.take(MAX_NOTE_BYTES as u64).read_to_string(&mut text);
    let Some(signed) = read.ok().and_then(|_| text.parse::<SignedCheckpoint>().ok()) else { return Ok(None) };
    let Ok(claimed) = signed.claims() else { return Ok(None) };
    Ok(signed.verify(&claimed.origin, &key.public()).ok())
}

/// Keeps what is about to be given away.
pub(super) fn write(folder: &Path, signed: &SignedCheckpoint) -> Result<(), StoreError> {
    write_whole(&folder.join(FILE), signed.to_string().as_bytes()).map_err(StoreError::io(WHAT))
}

const WHAT: &str = "checkpoint beside the casebook";
