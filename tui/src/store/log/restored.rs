//! A backup was restored: another log begins, with the fact that says so.

use jiff::Zoned;
use kith_protocol::{ids::LogId, log::SignedCheckpoint};
use rand::{RngCore as _, rngs::OsRng};

use super::{begin, outside};
use crate::{
    casework::{command::Command, fact::Author, ids::FactId},
    store::{Casebook, CommandError, carry_out, error::StoreError},
};

impl Casebook {
    /// Records that this casebook was restored from a backup, by whom and why, with the last checkpoint known of the log
    /// that is left, and begins another log with that fact.
    ///
    /// # Errors
    /// There is no reason, or nothing could be written.
    pub fn restored(&mut self, why: &str, author: &Author, now: &Zoned) -> Result<FactId, CommandError> {
        let outside = outside::text(self.place.folder())?;
        let known = outside.filter(|text| text.parse::<SignedCheckpoint>().is_ok());
        let last = match known {
            Some(known) => Some(known),
            None => self.log_witnessed(1)?.first().map(SignedCheckpoint::to_string),
        };
        let mut bytes = [0; 16];
        OsRng.fill_bytes(&mut bytes);
        let command = Command::NoteRestored { last, why: why.to_owned() };
        let fact = self.in_one(|tx| {
            let [fact] = carry_out(tx, command, author, now)?[..] else {
                return Err(StoreError::damaged("the log").into());
            };
            begin(tx, LogId::from_bytes(bytes), fact)?;
            Ok(fact)
        })?;
        outside::forget(self.place.folder())?;
        Ok(fact)
    }
}
