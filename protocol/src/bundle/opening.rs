//! From a sealed file to what its sender signed, streaming, with a limit for every part before it is read.

use std::io;

use super::{
    Attachment, Bundle, Measure, Proven, SealedIn, SignedFiles, Unproven,
    reading::{Opening, Signed},
};
use crate::{
    archive::{ArchiveError, ArchiveReader},
    consent::Refusal,
    directory::Directories,
    envelope::{Envelope, SignedEnvelope},
    gate::SignedGate,
    ids::BundleId,
    log::{CheckpointError, Growth, Offer, SignedCheckpoint},
    seal::{Identity, OpenError, open_with},
    sign::{SignatureError, SignatureSet, VerifyingKey},
    signed::DocumentError,
};

/// Where attachments go while they are read. Nothing is to be used before `commit`.
pub trait AttachmentSink {
    /// Some bytes of the signed `index.html`, which comes before all attachments.
    ///
    /// # Errors
    /// The sink's; opening stops.
    fn page(&mut self, _: &[u8]) -> io::Result<()> {
        Ok(())
    }

    /// The next attachment begins.
    ///
    /// # Errors
    /// The sink's; opening stops.
    fn begin(&mut self, attachment: &Attachment) -> io::Result<()>;

    /// Its next bytes.
    ///
    /// # Errors
    /// The sink's; opening stops.
    fn write(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Everything was verified: keep it all, durably.
    ///
    /// # Errors
    /// The sink's; opening stops and `discard` follows.
    fn commit(&mut self) -> io::Result<()>;

    /// Something was wrong: leave nothing behind.
    fn discard(&mut self);
}

/// Verifies attachments and keeps none.
pub struct KeepNothing;

impl AttachmentSink for KeepNothing {
    fn begin(&mut self, _: &Attachment) -> io::Result<()> {
        Ok(())
    }
    fn write(&mut self, _: &[u8]) -> io::Result<()> {
        Ok(())
    }
    fn commit(&mut self) -> io::Result<()> {
        Ok(())
    }
    fn discard(&mut self) {}
}

/// Why a file was not opened. Nothing of it was kept.
#[derive(Debug, thiserror::Error)]
pub enum OpenRefused {
    #[error(transparent)]
    Seal(#[from] OpenError),
    #[error(transparent)]
    Archive(ArchiveError),
    #[error("the envelope is not to be believed: {0}")]
    Envelope(#[from] DocumentError),
    #[error("the file has no {what} where it must stand; ask the sender to send it again")]
    Missing { what: String },
    #[error("the file holds {path}, which its list does not name")]
    Unlisted { path: String },
    #[error("{what} is longer than {limit} bytes")]
    TooLong { what: &'static str, limit: u64 },
    #[error("no member of the directory signed it: {0}; fetch the newest directory, then ask the sender")]
    Signature(SignatureError),
    #[error(
        "the key that signed it was not the sender's when it says that it was made, {created}: ring the sender"
    )]
    OtherTime { created: jiff::Timestamp },
    #[error("bundle.json cannot be read: {0}; a newer version of this program may be needed")]
    Unreadable(serde_json::Error),
    #[error("bundle.json breaks a rule: {0}")]
    Rule(Refusal),
    #[error("{0}. The sender signed it so: ring them, and do not rely on it")]
    Unproven(#[from] Unproven),
    #[error("{path} is not what the sender signed")]
    Altered { path: String },
    #[error("the {field} inside is not the one it should be; the file may belong to another envelope")]
    Mismatch { field: &'static str },
    #[error("an attachment could not be stored: {0}")]
    Sink(io::Error),
    #[error("what was sent could not be read: {0}")]
    Read(io::Error),
}

impl From<ArchiveError> for OpenRefused {
    fn from(error: ArchiveError) -> Self {
        match error {
            // Below the archive lies the seal; its errors are more to the point.
            ArchiveError::Read { source, .. } => Self::Seal(source.into()),
            error => Self::Archive(error),
        }
    }
}

/// What a sender signed: whole, unaltered, and sealed to us. Whether it may be filed is for `verify` to say.
#[derive(Debug)]
pub struct Opened {
    pub(super) bundle: Bundle,
    pub(super) envelope: Option<(BundleId, Envelope)>,
    pub(super) gate: Option<SignedGate>,
    /// None when the files lay open.
    pub(super) measure: Option<Measure>,
    pub(super) document: String,
    pub(super) sums: String,
    pub(super) signatures: SignatureSet,
    /// The agency's key that signed it.
    pub(super) key: VerifyingKey,
    pub(super) page_is_ours: bool,
    pub(super) proven: Option<Proven>,
    /// Notes of the checkpoint that it shows, or of later ones, each with growth from it.
    pub(super) later: Vec<Offer>,
}

impl Opened {
    /// What it says it is; not yet checked against its consent record.
    #[must_use]
    pub const fn claims(&self) -> &Bundle {
        &self.bundle
    }

    /// Adds the gate it came through, so that its commitment is checked too.
    #[must_use]
    pub fn with_gate(self, gate: SignedGate) -> Self {
        Self { gate: Some(gate), ..self }
    }

    /// Adds what others signed of the log that it shows since it was sealed, in a note that its owner signed too; `verify`
    /// judges it, and tells of one of the same size with another root.
    ///
    /// # Errors
    /// The bundle has no records, or the note is of a checkpoint of another size.
    pub fn with_witnesses(self, since: SignedCheckpoint) -> Result<Self, CheckpointError> {
        let size = self.checkpoint()?.claims()?.size;
        match since.claims()?.size {
            same if same == size => {
                self.with_later(Offer { checkpoint: since, since: size, growth: Growth::new(Vec::new()) })
            }
            another => Err(CheckpointError::Another(another)),
        }
    }

    /// Adds a later checkpoint of the log that it shows, whose witnesses count for it too once `verify` finds that it goes on
    /// from there.
    ///
    /// # Errors
    /// The bundle has no records.
    pub fn with_later(mut self, later: Offer) -> Result<Self, CheckpointError> {
        self.checkpoint()?;
        self.later.push(later);
        Ok(self)
    }

    fn checkpoint(&self) -> Result<&SignedCheckpoint, CheckpointError> {
        let shown = self.bundle.evidence.as_ref().map(|evidence| &evidence.log.checkpoint);
        shown.ok_or(CheckpointError::Text("the bundle shows no log that could be witnessed"))
    }
}

/// Opens a sealed file. It is judged by the directory that was in force when it was made. Without its envelope it may
/// have been sealed again by somebody else: `verify` says so.
///
/// # Errors
/// Any part that is not exactly as its sender signed it and as its envelope says; `into` was told to discard.
pub fn open<'a, R: SealedIn>(
    identities: &[Identity],
    envelope: Option<&SignedEnvelope>,
    directories: impl Into<Directories<'a>>,
    mut from: R,
    into: &mut dyn AttachmentSink,
) -> Result<Opened, OpenRefused> {
    let directories = directories.into();
    let envelope =
        envelope.map(|one| Ok::<_, DocumentError>((one.id(), one.verify(directories)?))).transpose()?;
    let result = open_with(identities, &mut from).map_err(OpenRefused::Seal).and_then(|plain| {
        Opening { files: ArchiveReader::new(plain), directories, into: &mut *into }.read(envelope.as_ref())
    });
    let result = result.and_then(|(signed, bundle, page_is_ours)| {
        let measure = from.measure().map_err(OpenRefused::Read)?;
        let ours = identities.iter().any(|one| one.recipient().fingerprint() == bundle.recipient_key);
        same(ours, "recipient's key")?;
        if let Some((_, envelope)) = &envelope {
            agrees(envelope, &bundle, measure)?;
        }
        into.commit().map_err(OpenRefused::Sink)?;
        Ok(opened(signed, bundle, (envelope, Some(measure), page_is_ours)))
    });
    result.inspect_err(|_| into.discard())
}

/// Reads files that lie open, as a stranger has them: everything inside is checked, nothing of the seal.
///
/// # Errors
/// As [`open`].
pub fn open_files<'a>(
    files: impl SignedFiles,
    directories: impl Into<Directories<'a>>,
    into: &mut dyn AttachmentSink,
) -> Result<Opened, OpenRefused> {
    let read = Opening { files, directories: directories.into(), into: &mut *into }.read(None);
    let result = read.and_then(|(signed, bundle, page_is_ours)| {
        into.commit().map_err(OpenRefused::Sink)?;
        Ok(opened(signed, bundle, (None, None, page_is_ours)))
    });
    result.inspect_err(|_| into.discard())
}

fn opened(
    signed: Signed,
    bundle: Bundle,
    (envelope, measure, page_is_ours): (Option<(BundleId, Envelope)>, Option<Measure>, bool),
) -> Opened {
    let Signed { sums, signatures, key, document, proven, .. } = signed;
    Opened {
        bundle,
        envelope,
        gate: None,
        measure,
        document,
        sums,
        signatures,
        key,
        page_is_ours,
        proven,
        later: Vec::new(),
    }
}

pub(super) fn same(equal: bool, field: &'static str) -> Result<(), OpenRefused> {
    if equal { Ok(()) } else { Err(OpenRefused::Mismatch { field }) }
}

fn agrees(envelope: &Envelope, bundle: &Bundle, measure: Measure) -> Result<(), OpenRefused> {
    same(envelope.from == bundle.from.id, "sender")?;
    same(envelope.to == bundle.to.id, "recipient")?;
    same(envelope.recipient_key == bundle.recipient_key, "recipient's key")?;
    same(envelope.seal_id == bundle.seal_id, "seal id")?;
    same(envelope.gate == bundle.gate, "gate")?;
    same(envelope.size == measure.size, "size of the sealed file")?;
    same(envelope.ciphertext == measure.digest, "digest of the sealed file")
}
