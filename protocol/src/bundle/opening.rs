//! From a sealed file to what its sender signed, streaming, with a limit for every part before it is read.

use std::io::{self, Read};

use super::{
    Attachment, Bundle, MAX_ATTACHMENTS, MAX_DOCUMENT, MAX_PAGE, MAX_RECORDS, Measure, SealedIn,
    clear::attachment_refusals, sums,
};
use crate::{
    archive::{ArchiveError, ArchiveReader, Entry},
    consent::Refusal,
    directory::{Directory, Member},
    envelope::{Envelope, SignedEnvelope},
    ids::{AgencyId, BundleId, Digest, Hasher},
    page,
    seal::{Identity, OpenError, open_with},
    sign::{MAX_SIGNATURES, Namespace, SignatureError, SignatureSet},
    signed::DocumentError,
};

/// Longest `SHA256SUMS`: a line of at most 160 bytes for each file.
const MAX_SUMS: u64 = 160 * (MAX_ATTACHMENTS as u64 + 2);
/// Bytes of an attachment in memory at a time.
const PIECE: usize = 256 * 1024;

/// Where attachments go while they are read. Nothing is to be used before `commit`.
pub trait AttachmentSink {
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
    Missing { what: &'static str },
    #[error("the file holds {path}, which its list does not name")]
    Unlisted { path: String },
    #[error("{what} is longer than {limit} bytes")]
    TooLong { what: &'static str, limit: u64 },
    #[error("no member of the directory signed it: {0}; fetch the newest directory, then ask the sender")]
    Signature(SignatureError),
    #[error("bundle.json cannot be read: {0}; a newer version of this program may be needed")]
    Unreadable(serde_json::Error),
    #[error("bundle.json breaks a rule: {0}")]
    Rule(Refusal),
    #[error("{path} is not what the sender signed")]
    Altered { path: String },
    #[error("the {field} inside is not the one it should be; the file may belong to another envelope")]
    Mismatch { field: &'static str },
    #[error("an attachment could not be stored: {0}")]
    Sink(io::Error),
    #[error("the sealed file could not be read: {0}")]
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
    pub(super) gate: Option<crate::gate::SignedGate>,
    pub(super) measure: Measure,
    pub(super) sums: String,
    pub(super) signatures: SignatureSet,
    pub(super) page_is_ours: bool,
}

impl Opened {
    /// What it says it is; not yet checked against its consent record.
    #[must_use]
    pub const fn claims(&self) -> &Bundle {
        &self.bundle
    }

    /// Adds the gate it came through, so that its commitment is checked too.
    #[must_use]
    pub fn with_gate(self, gate: crate::gate::SignedGate) -> Self {
        Self { gate: Some(gate), ..self }
    }
}

/// Opens a sealed file. Without its envelope it may have been sealed again by somebody else: `verify` says so.
///
/// # Errors
/// Any part that is not exactly as its sender signed it and as its envelope says; `into` was told to discard.
pub fn open<R: SealedIn>(
    identities: &[Identity],
    envelope: Option<&SignedEnvelope>,
    directory: &Directory,
    mut from: R,
    into: &mut dyn AttachmentSink,
) -> Result<Opened, OpenRefused> {
    let envelope =
        envelope.map(|one| Ok::<_, DocumentError>((one.id(), one.verify(directory)?))).transpose()?;
    let result = open_with(identities, &mut from).map_err(OpenRefused::Seal).and_then(|plain| {
        Opening { archive: ArchiveReader::new(plain), directory, into: &mut *into }.read(envelope.as_ref())
    });
    let result = result.and_then(|(signed, bundle, page_is_ours)| {
        let measure = from.measure().map_err(OpenRefused::Read)?;
        let ours = identities.iter().any(|one| one.recipient().fingerprint() == bundle.recipient_key);
        same(ours, "recipient's key")?;
        if let Some((_, envelope)) = &envelope {
            agrees(envelope, &bundle, measure)?;
        }
        into.commit().map_err(OpenRefused::Sink)?;
        let Signed { sums, signatures, .. } = signed;
        Ok(Opened { bundle, envelope, gate: None, measure, sums, signatures, page_is_ours })
    });
    result.inspect_err(|_| into.discard())
}

fn same(equal: bool, field: &'static str) -> Result<(), OpenRefused> {
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

/// The list of files and who signed it.
struct Signed {
    folder: String,
    time: u64,
    sums: String,
    signatures: SignatureSet,
    signer: AgencyId,
}

struct Opening<'a, R> {
    archive: ArchiveReader<R>,
    directory: &'a Directory,
    into: &'a mut dyn AttachmentSink,
}

impl<R: Read> Opening<'_, R> {
    fn read(
        mut self,
        envelope: Option<&(BundleId, Envelope)>,
    ) -> Result<(Signed, Bundle, bool), OpenRefused> {
        let signed = self.signed(envelope)?;
        let (document, page) = sums::read(&signed.sums).ok_or(OpenRefused::Missing { what: "file list" })?;
        let bundle = self.document(&signed, document, page)?;
        let entry = self.expect(&signed, sums::PAGE, MAX_PAGE)?;
        self.pass(&entry, page, |_, _| Ok(()))?;
        for attachment in &bundle.attachments {
            let entry = self.expect(&signed, &attachment.path(), attachment.size)?;
            if entry.size != attachment.size {
                return Err(OpenRefused::Altered { path: entry.path });
            }
            self.into.begin(attachment).map_err(OpenRefused::Sink)?;
            self.pass(&entry, attachment.sha256, |into, bytes| into.write(bytes))?;
        }
        if let Some(Entry { path, .. }) = self.archive.next_entry()? {
            return Err(OpenRefused::Unlisted { path });
        }
        self.archive.finish()?;
        let page_is_ours = Digest::of(page::render(&bundle).as_bytes()) == page;
        Ok((signed, bundle, page_is_ours))
    }

    /// The file list, believed only when a member of the directory signed it; nothing else was read before.
    fn signed(&mut self, envelope: Option<&(BundleId, Envelope)>) -> Result<Signed, OpenRefused> {
        let missing = || OpenRefused::Missing { what: "file list" };
        let entry = self.archive.next_entry()?.ok_or_else(missing)?;
        let (folder, name) = entry.path.split_once('/').ok_or_else(missing)?;
        let (folder, time) = (folder.to_owned(), entry.time);
        if name != sums::SUMS {
            return Err(missing());
        }
        let sums = self.text(&entry, "the file list", MAX_SUMS)?;
        let sums = String::from_utf8(sums).map_err(|_| missing())?;
        let entry = self.archive.next_entry()?.ok_or_else(missing)?;
        if entry.path != format!("{folder}/{}", sums::SIGNATURES) || entry.time != time {
            return Err(OpenRefused::Missing { what: "signature" });
        }
        let text = self.text(&entry, "the signature", MAX_SIGNATURES as u64)?;
        let signatures = std::str::from_utf8(&text).map_err(|_| SignatureError::Unreadable);
        let signatures = signatures.and_then(SignatureSet::from_text).map_err(OpenRefused::Signature)?;
        let signer = self.signer(&sums, &signatures, envelope).map_err(OpenRefused::Signature)?;
        Ok(Signed { folder, time, sums, signatures, signer })
    }

    fn signer(
        &self,
        sums: &str,
        signatures: &SignatureSet,
        envelope: Option<&(BundleId, Envelope)>,
    ) -> Result<AgencyId, SignatureError> {
        let told = envelope.and_then(|(_, envelope)| self.directory.member(&envelope.from));
        let by = |member: &Member| member.keys.sign.verify(Namespace::Bundle, sums.as_bytes(), signatures);
        if let Some(member) = told {
            return by(member).map(|()| member.id.clone());
        }
        let mut worst = SignatureError::OtherKey;
        for member in &self.directory.members {
            match by(member) {
                Ok(()) => return Ok(member.id.clone()),
                Err(SignatureError::OtherKey) => {}
                Err(error) => worst = error,
            }
        }
        Err(worst)
    }

    fn document(&mut self, signed: &Signed, document: Digest, page: Digest) -> Result<Bundle, OpenRefused> {
        let entry = self.expect(signed, sums::DOCUMENT, MAX_DOCUMENT)?;
        let text = self.text(&entry, "bundle.json", MAX_DOCUMENT)?;
        if Digest::of(&text) != document {
            return Err(OpenRefused::Altered { path: entry.path });
        }
        let bundle: Bundle = serde_json::from_slice(&text).map_err(OpenRefused::Unreadable)?;
        same(bundle.from.id == signed.signer, "sender")?;
        same(bundle.folder() == signed.folder, "name of the folder")?;
        if sums::write(document, page, &bundle.attachments) != signed.sums {
            return Err(OpenRefused::Altered { path: sums::SUMS.to_owned() });
        }
        if bundle.records.len() > MAX_RECORDS {
            return Err(OpenRefused::Rule(Refusal::TooMuch { what: "records", limit: MAX_RECORDS as u64 }));
        }
        match attachment_refusals(&bundle.records, &bundle.attachments).into_iter().next() {
            Some(refusal) => Err(OpenRefused::Rule(refusal)),
            None => Ok(bundle),
        }
    }

    /// The next file, which must be this one.
    fn expect(&mut self, signed: &Signed, name: &str, limit: u64) -> Result<Entry, OpenRefused> {
        let entry = self.archive.next_entry()?.ok_or(OpenRefused::Missing { what: "file its list names" })?;
        if entry.path != format!("{}/{name}", signed.folder) || entry.time != signed.time {
            return Err(OpenRefused::Unlisted { path: entry.path });
        }
        if entry.size > limit {
            return Err(OpenRefused::TooLong { what: "a file", limit });
        }
        Ok(entry)
    }

    fn text(&mut self, entry: &Entry, what: &'static str, limit: u64) -> Result<Vec<u8>, OpenRefused> {
        if entry.size > limit {
            return Err(OpenRefused::TooLong { what, limit });
        }
        // It grows with what really comes, not with what the header claims.
        let (mut text, mut piece) = (Vec::new(), vec![0; 16 * 1024]);
        loop {
            let got = self.archive.read_some(&mut piece)?;
            let (bytes, _) = piece.split_at(got.min(piece.len()));
            if bytes.is_empty() {
                return Ok(text);
            }
            text.extend_from_slice(bytes);
        }
    }

    /// Passes a file on and holds it against its digest.
    fn pass(
        &mut self,
        entry: &Entry,
        digest: Digest,
        mut to: impl FnMut(&mut dyn AttachmentSink, &[u8]) -> io::Result<()>,
    ) -> Result<(), OpenRefused> {
        let (mut hasher, mut piece) = (Hasher::default(), vec![0; PIECE]);
        loop {
            let got = self.archive.read_some(&mut piece)?;
            let (bytes, _) = piece.split_at(got.min(piece.len()));
            if bytes.is_empty() {
                break;
            }
            hasher.update(bytes);
            to(&mut *self.into, bytes).map_err(OpenRefused::Sink)?;
        }
        if hasher.finish() == digest {
            Ok(())
        } else {
            Err(OpenRefused::Altered { path: entry.path.clone() })
        }
    }
}
