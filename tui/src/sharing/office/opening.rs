//! Opening what arrived, here or beside the casebook, and whose doing it is when it does not open.

use std::{
    fs,
    path::{Path, PathBuf},
};

use jiff::{Timestamp, Zoned};
use kith_protocol::{
    bundle::{AttachmentSink, Measured, OpenRefused, Verified, VerifyRefused, open},
    directory::Directory,
    ids::AgencyId,
    seal::{Identity, OpenError},
};

use super::{Enrolled, Office, OfficeError, Papers};
use crate::{
    casework::command::{Fault, Refusal},
    sharing::hashing::Ahead,
};

/// A long bundle that has come, with the key that opens it, which is wiped when this is dropped.
pub(in crate::sharing) struct ToOpen {
    path: PathBuf,
    came_with: Papers,
    identity: Identity,
    directory: Directory,
    us: AgencyId,
    now: Timestamp,
}

impl ToOpen {
    /// Opens and verifies it. Its attachments go into `sink`, and count only if this succeeds.
    pub(in crate::sharing) fn open(&self, sink: &mut dyn AttachmentSink) -> Result<Verified, OfficeError> {
        let file = fs::File::open(&self.path).map_err(OfficeError::file("sealed file"))?;
        let from = Ahead::new(Measured::new(file)).map_err(OfficeError::file("sealed file"))?;
        let identity = std::slice::from_ref(&self.identity);
        let opened = open(identity, self.came_with.envelope.as_ref(), &self.directory, from, sink);
        let opened = opened.map_err(not_opened)?;
        let opened = match &self.came_with.gate {
            Some(gate) => opened.with_gate(gate.clone()),
            None => opened,
        };
        opened.verify(&self.directory, &self.us, self.now).map_err(not_verified)
    }
}

impl Office {
    /// What opening a long bundle takes, so that it can be opened beside the casebook.
    pub(in crate::sharing) fn to_open(
        &self,
        path: &Path,
        came_with: &Papers,
        now: &Zoned,
    ) -> Result<ToOpen, OfficeError> {
        let Enrolled { secrets, directory, .. } = self.enrolled()?;
        Ok(ToOpen {
            path: path.to_owned(),
            came_with: came_with.clone(),
            identity: secrets.seal.clone(),
            directory: directory.clone(),
            us: self.session.agency.clone(),
            now: now.timestamp(),
        })
    }
}

pub(in crate::sharing) fn not_opened(error: OpenRefused) -> OfficeError {
    let fault = match &error {
        OpenRefused::Read(_) | OpenRefused::Sink(_) => Fault::OurProgram,
        OpenRefused::Seal(OpenError::WrongKey) => Fault::OtherKey,
        OpenRefused::Seal(OpenError::NewerFormat) | OpenRefused::Unreadable(_) => Fault::OurProgram,
        OpenRefused::Signature(_) => Fault::OurDirectory,
        OpenRefused::Envelope(_) | OpenRefused::Mismatch { .. } | OpenRefused::Altered { .. } => {
            Fault::OnTheWay
        }
        OpenRefused::Seal(_)
        | OpenRefused::Archive(_)
        | OpenRefused::Missing { .. }
        | OpenRefused::Unlisted { .. }
        | OpenRefused::TooLong { .. }
        | OpenRefused::Rule(_)
        | OpenRefused::Unproven(_) => Fault::Sender,
    };
    OfficeError::Refused(Refusal::Bundle { why: error.to_string(), fault })
}

pub(in crate::sharing) fn not_verified(error: VerifyRefused) -> OfficeError {
    let fault = match &error {
        VerifyRefused::UnknownSender { .. } | VerifyRefused::Certificate(_) => Fault::OurDirectory,
        VerifyRefused::FromTheFuture { .. } => Fault::AClock,
        VerifyRefused::Gate(_) | VerifyRefused::OtherGate => Fault::OnTheWay,
        VerifyRefused::ForAnother { .. }
        | VerifyRefused::Person(_)
        | VerifyRefused::Counts
        | VerifyRefused::Unproven(_)
        | VerifyRefused::Approval(_)
        | VerifyRefused::OutOfScope(_) => Fault::Sender,
    };
    OfficeError::Refused(Refusal::Bundle { why: error.to_string(), fault })
}
