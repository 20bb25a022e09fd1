//! Opening what arrives beside the casebook, while it is still being collected.

use std::{
    io::{self, Read},
    path::{Path, PathBuf},
};

use jiff::Zoned;
use kith_exchange::courier::Growing;
use kith_protocol::{
    bundle::{AttachmentSink, Measure, SealedIn, Verified, open},
    directory::KeptDirectories,
    ids::AgencyId,
    seal::Identity,
};

use super::{
    Enrolled, Office, OfficeError, Papers,
    fault::{in_time, not_unsealed, not_verified, on_disk},
};

/// A long bundle that comes, with the keys that may open it, which are wiped when this is dropped.
pub(in crate::sharing) struct ToOpen {
    path: PathBuf,
    from: Growing,
    came_with: Papers,
    identities: Vec<Identity>,
    directories: KeptDirectories,
    us: AgencyId,
    now: Zoned,
}

impl ToOpen {
    /// Opens and verifies it. Its attachments go into `sink`, and count only if this succeeds.
    pub(in crate::sharing) fn open(self, sink: &mut dyn AttachmentSink) -> Result<Verified, OfficeError> {
        let from = Collected(self.from);
        let envelope = self.came_with.envelope.as_ref();
        let opened = open(&self.identities, envelope, self.directories.all(), from, sink);
        let opened = opened.map_err(|error| not_unsealed(error, || on_disk(&self.path), envelope))?;
        let opened = match &self.came_with.gate {
            Some(gate) => opened.with_gate(gate.clone()),
            None => opened,
        };
        let directories = self.directories.all();
        let verified = opened.verify(directories, &self.us, self.now.timestamp()).map_err(not_verified)?;
        in_time(verified, &self.came_with, directories, &self.now)
    }
}

/// What is collected; the courier measures it.
struct Collected(Growing);

impl Read for Collected {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.0.read(into)
    }
}

impl SealedIn for Collected {
    fn measure(self) -> io::Result<Measure> {
        let (digest, size) = self.0.whole()?;
        Ok(Measure { digest, size })
    }
}

impl Office {
    /// What opening a long bundle takes, so that it can be opened beside the casebook.
    pub(in crate::sharing) fn to_open(
        &self,
        (path, from): (&Path, Growing),
        came_with: &Papers,
        now: &Zoned,
    ) -> Result<ToOpen, OfficeError> {
        let Enrolled { seals, .. } = self.enrolled()?;
        Ok(ToOpen {
            path: path.to_owned(),
            from,
            came_with: came_with.clone(),
            identities: seals.clone(),
            directories: self.kept_directories()?.clone(),
            us: self.session.agency.clone(),
            now: now.clone(),
        })
    }
}
