//! What sealing needs from this machine: who seals, attachments from the casebook, a file that is really on the disk.

use std::{
    fs::File,
    io::{self, Read, Write},
    path::Path,
    sync::Arc,
};

use jiff::{SignedDuration, Zoned};
use kith_exchange::courier::{Growing, Grows, growing};
use kith_protocol::{
    bundle::{Attachment, AttachmentSource, Fresh, Measure, Measured, Sealed, SealedOut, Sealing},
    gate::SignedGate,
};
use tokio::sync::oneshot;

use super::{
    inside::Cleaned,
    office::{Enrolled, OfficeError},
    papers,
};
use crate::{
    pipe::{Behind, SyncedFile},
    store::{Casebook, SealedFile},
};

/// How long a node may hold a bundle for collection.
pub(super) const GATE_OPEN: SignedDuration = SignedDuration::from_hours(28 * 24);

/// How this office seals, with fresh names.
pub(super) fn sealing<'a>(enrolled: &'a Enrolled, now: &Zoned) -> Sealing<'a> {
    Sealing {
        from: &enrolled.me,
        agency: &enrolled.secrets.sign,
        person: &enrolled.person,
        now: now.timestamp(),
        gate_open: GATE_OPEN,
        fresh: Fresh::system(),
    }
}

pub(super) fn sealed_file(sealed: &Sealed, file: String) -> Result<SealedFile, OfficeError> {
    let claims = sealed.envelope().claims().map_err(|error| OfficeError::refused(error.to_string()))?;
    Ok(SealedFile {
        bundle: sealed.id(),
        ciphertext: claims.ciphertext,
        file,
        envelope: papers::kept(sealed.envelope()),
        gate: papers::kept(sealed.gate()),
    })
}

/// Attachments as the casebook keeps them.
pub(super) struct FromCasebook<'c>(pub(super) &'c Casebook);

/// The same, with copies that are not kept yet.
pub(super) struct WithCopies<'c>(pub(super) &'c Casebook, pub(super) Vec<Cleaned>);

impl AttachmentSource for WithCopies<'_> {
    fn open(&mut self, attachment: &Attachment) -> io::Result<Box<dyn Read + '_>> {
        match self.1.iter().find(|copy| copy.sha256 == attachment.sha256) {
            Some(copy) => Ok(Box::new(copy.bytes.as_slice())),
            None => Ok(Box::new(self.0.read_attachment(&attachment.sha256).map_err(io::Error::other)?)),
        }
    }
}

impl AttachmentSource for FromCasebook<'_> {
    fn open(&mut self, attachment: &Attachment) -> io::Result<Box<dyn Read + '_>> {
        let reader = self.0.read_attachment(&attachment.sha256).map_err(io::Error::other)?;
        Ok(Box::new(reader))
    }
}

/// A bundle that is being sealed, for whoever sends it ahead.
pub(super) struct Leaving {
    pub(super) gate: SignedGate,
    /// In bytes.
    pub(super) most: u64,
    pub(super) file: Growing,
}

/// Whom to tell when a bundle's first byte is about to be written.
pub(super) type Leaves = oneshot::Sender<Leaving>;

/// Writes and measures on a thread of its own; flushes only at the end.
pub(super) struct Durable {
    out: Behind<Measured<Shown>>,
    shown: Arc<Grows>,
    leaves: Option<(Leaves, Growing)>,
}

/// A file that is read while it grows.
struct Shown {
    file: SyncedFile,
    length: u64,
    shown: Arc<Grows>,
}

impl Durable {
    pub(super) fn create(path: &Path, leaves: Option<Leaves>) -> io::Result<Self> {
        let file = SyncedFile::new(File::create(path)?);
        let (grows, growing) = growing();
        grows.begins(File::open(path)?);
        let shown = Arc::new(grows);
        let out = Behind::new(Measured::new(Shown { file, length: 0, shown: Arc::clone(&shown) }))?;
        Ok(Self { out, shown, leaves: leaves.map(|leaves| (leaves, growing)) })
    }
}

impl Write for Durable {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl SealedOut for Durable {
    fn for_gate(&mut self, gate: &SignedGate, most: u64) {
        if let Some((leaves, file)) = self.leaves.take() {
            // Nobody may want it ahead any more.
            let _ = leaves.send(Leaving { gate: gate.clone(), most, file });
        }
    }

    fn measure(self) -> io::Result<Measure> {
        let measure = self.out.measure()?;
        self.shown.is_whole(measure.digest);
        Ok(measure)
    }
}

impl Write for Shown {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.length += written as u64;
        self.shown.has(self.length);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(unix)]
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
pub(super) fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}
