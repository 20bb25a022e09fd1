//! The files of one archive, written one after the other. Memory stays flat whatever the attachments' size.

use std::io::{self, Write};

use super::{
    Attachment, AttachmentSource, Bundle, Cleared, MAX_DOCUMENT, MAX_PAGE, SealRefused, Sealing, search, sums,
};
use crate::{
    archive::{ArchiveWriter, padded_archive},
    consent::Refusal,
    ids::{Digest, Hasher},
    page,
    sign::{Namespace, SigningKey},
};

/// Bytes of an attachment in memory at a time.
const PIECE: usize = 256 * 1024;

/// Every part of the archive but the attachments.
pub(super) struct Parts {
    folder: String,
    time: u64,
    pub(super) document: String,
    page: String,
    sums: String,
    signatures: String,
}

impl Parts {
    pub(super) fn of(bundle: &Bundle, cleared: &Cleared, with: &Sealing<'_>) -> Result<Self, SealRefused> {
        let document = serde_json::to_string_pretty(bundle).map_err(io::Error::other)? + "\n";
        // The last gate: what will leave is read back and searched, not what it was made from.
        let mut built: serde_json::Value = serde_json::from_str(&document).map_err(io::Error::other)?;
        // Hashes say nothing, and a short name is soon found in so many letters of base64. Who checked it stands on a
        // certificate, whatever else is withheld about them.
        if let Some(fields) = built.as_object_mut() {
            fields.remove("evidence");
            fields.remove("approval");
        }
        let mut refusals = search::refusals(&built, &cleared.forbidden);
        let page = page::render(bundle);
        if document.len() as u64 > MAX_DOCUMENT || page.len() as u64 > MAX_PAGE {
            refusals.push(Refusal::TooMuch { what: "text", limit: MAX_DOCUMENT });
        }
        if !refusals.is_empty() {
            return Err(SealRefused::Refused(refusals));
        }
        let digest = |text: &str| Digest::of(text.as_bytes());
        let sums = sums::write(digest(&document), digest(&page), &bundle.attachments);
        let sign = |key: &SigningKey| key.sign(Namespace::Bundle, sums.as_bytes());
        let signatures = sign(with.agency).and(&sign(&with.person.key)).as_str().to_owned();
        let time = u64::try_from(bundle.created.as_second()).unwrap_or_default();
        Ok(Self { folder: bundle.folder(), time, document, page, sums, signatures })
    }

    fn texts(&self) -> [(&'static str, &String); 4] {
        [
            (sums::SUMS, &self.sums),
            (sums::SIGNATURES, &self.signatures),
            (sums::DOCUMENT, &self.document),
            (sums::PAGE, &self.page),
        ]
    }

    /// How long the archive is, in bytes.
    pub(super) fn archive(&self, bundle: &Bundle) -> u64 {
        let texts = self.texts().map(|(_, text)| text.len() as u64);
        padded_archive(texts.into_iter().chain(bundle.attachments.iter().map(|attachment| attachment.size)))
    }

    pub(super) fn write(
        &self,
        bundle: &Bundle,
        out: &mut impl Write,
        source: &mut dyn AttachmentSource,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<(), SealRefused> {
        let total = self.archive(bundle);
        let mut archive = ArchiveWriter::new(out, self.time);
        for (name, text) in self.texts() {
            archive.file(&format!("{}/{name}", self.folder), text.as_bytes())?;
        }
        let mut piece = vec![0; if bundle.attachments.is_empty() { 0 } else { PIECE }];
        for attachment in &bundle.attachments {
            archive.begin(&format!("{}/{}", self.folder, attachment.path()), attachment.size)?;
            pass(attachment, source, &mut archive, &mut piece, &mut |done| progress(done, total))?;
            archive.end()?;
        }
        archive.finish()?;
        progress(total, total);
        Ok(())
    }
}

/// Passes one attachment on, and holds it against what was approved.
fn pass<W: Write>(
    attachment: &Attachment,
    source: &mut dyn AttachmentSource,
    archive: &mut ArchiveWriter<W>,
    piece: &mut [u8],
    progress: &mut dyn FnMut(u64),
) -> Result<(), SealRefused> {
    let failed = |source| SealRefused::Attachment { name: attachment.name.clone(), source };
    let changed = || SealRefused::AttachmentChanged { name: attachment.name.clone() };
    let mut input = source.open(attachment).map_err(failed)?;
    let (mut hasher, mut left) = (Hasher::default(), attachment.size);
    loop {
        let got = match input.read(piece) {
            Ok(got) => got,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(failed(error)),
        };
        if got == 0 {
            break;
        }
        let (bytes, _) = piece.split_at(got.min(piece.len()));
        left = left.checked_sub(bytes.len() as u64).ok_or_else(changed)?;
        hasher.update(bytes);
        archive.write_all(bytes)?;
        progress(archive.written());
    }
    if left == 0 && hasher.finish() == attachment.sha256 { Ok(()) } else { Err(changed()) }
}
