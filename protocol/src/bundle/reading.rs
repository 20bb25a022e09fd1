//! Reading the files of one bundle in their one order, each held to its limit and its digest.

use std::{collections::BTreeSet, io};

use super::{
    AttachmentSink, Bundle, Found, MAX_ATTACHMENTS, MAX_DOCUMENT, MAX_PAGE, OpenRefused, Proven, SignedFiles,
    clear::{attachment_refusals, letter_refusals},
    opening::same,
    sums,
};
use crate::{
    directory::{Directories, Member, Moment},
    envelope::Envelope,
    ids::{AgencyId, BundleId, Digest, Hasher},
    page,
    sign::{MAX_SIGNATURES, Namespace, SignatureError, SignatureSet, VerifyingKey},
};

/// Longest `SHA256SUMS`: a line of at most 160 bytes for each file.
const MAX_SUMS: u64 = 160 * (MAX_ATTACHMENTS as u64 + 2);
/// Bytes of an attachment in memory at a time.
const PIECE: usize = 256 * 1024;

/// The list of files and who signed it.
pub(super) struct Signed {
    /// The name of the folder and the time of the files, where they were sealed too.
    placed: Option<(String, u64)>,
    pub(super) sums: String,
    pub(super) signatures: SignatureSet,
    signer: AgencyId,
    /// The agency's key that signed it.
    pub(super) key: VerifyingKey,
    /// The exact `bundle.json`, once it was read.
    pub(super) document: String,
    /// What is proven of its records.
    pub(super) proven: Option<Proven>,
}

fn missing(what: &str) -> OpenRefused {
    OpenRefused::Missing { what: what.to_owned() }
}

pub(super) struct Opening<'a, F> {
    pub(super) files: F,
    pub(super) directories: Directories<'a>,
    pub(super) into: &'a mut dyn AttachmentSink,
}

impl<F: SignedFiles> Opening<'_, F> {
    pub(super) fn read(
        mut self,
        envelope: Option<&(BundleId, Envelope)>,
    ) -> Result<(Signed, Bundle, bool), OpenRefused> {
        let mut signed = self.signed(envelope)?;
        let (document, page) = sums::read(&signed.sums).ok_or_else(|| missing("readable file list"))?;
        let (text, bundle) = self.document(&signed, document, page)?;
        signed.document = text;
        let created = bundle.created;
        let by = self.directories.listing(&signed.signer, &signed.key, created);
        let sender = by.and_then(|by| by.member(&signed.signer)).ok_or(OpenRefused::OtherTime { created })?;
        signed.proven = bundle.prove(sender)?;
        let entry = self.expect(&signed, sums::PAGE, MAX_PAGE)?;
        self.pass(&entry, page, |into, bytes| into.page(bytes))?;
        for attachment in &bundle.attachments {
            let entry = self.expect(&signed, &attachment.path(), attachment.size)?;
            if entry.size != attachment.size {
                return Err(OpenRefused::Altered { path: entry.name });
            }
            self.into.begin(attachment).map_err(OpenRefused::Sink)?;
            self.pass(&entry, attachment.sha256, |into, bytes| into.write(bytes))?;
        }
        self.files.finish()?;
        let page_is_ours = Digest::of(page::render(&bundle).as_bytes()) == page;
        Ok((signed, bundle, page_is_ours))
    }

    /// The file list, believed only when a member of the directory signed it; nothing else was read before.
    fn signed(&mut self, envelope: Option<&(BundleId, Envelope)>) -> Result<Signed, OpenRefused> {
        let unlisted = || missing(sums::SUMS);
        let entry = self.files.next_file(sums::SUMS)?.ok_or_else(unlisted)?;
        let placed = entry.placed.clone();
        if entry.name != sums::SUMS {
            return Err(unlisted());
        }
        let sums = self.text(&entry, "the file list", MAX_SUMS)?;
        let sums = String::from_utf8(sums).map_err(|_| missing("readable file list"))?;
        let unsigned = || missing(sums::SIGNATURES);
        let entry = self.files.next_file(sums::SIGNATURES)?.ok_or_else(unsigned)?;
        if entry.name != sums::SIGNATURES || entry.placed != placed {
            return Err(unsigned());
        }
        let text = self.text(&entry, "the signature", MAX_SIGNATURES as u64)?;
        let signatures = std::str::from_utf8(&text).map_err(|_| SignatureError::Unreadable);
        let signatures = signatures.and_then(SignatureSet::from_text).map_err(OpenRefused::Signature)?;
        let (signer, key) = self.signer(&sums, &signatures, envelope).map_err(OpenRefused::Signature)?;
        Ok(Signed { placed, sums, signatures, signer, key, document: String::new(), proven: None })
    }

    /// Who signed the list, of all who were ever listed: when is not known yet.
    fn signer(
        &self,
        sums: &str,
        signatures: &SignatureSet,
        envelope: Option<&(BundleId, Envelope)>,
    ) -> Result<(AgencyId, VerifyingKey), SignatureError> {
        let by = |member: &Member| member.keys.sign.verify(Namespace::Bundle, sums.as_bytes(), signatures);
        let told = envelope.map(|(_, envelope)| envelope);
        let moment = told.map(|envelope| Moment::hour(envelope.at));
        let each: Vec<_> = match moment {
            Some(moment) => self.directories.at(moment).collect(),
            None => self.directories.each().collect(),
        };
        let (mut worst, mut tried) = (SignatureError::OtherKey, BTreeSet::new());
        let members = each.into_iter().flat_map(|directory| &directory.members);
        for member in members.filter(|member| told.is_none_or(|envelope| member.id == envelope.from)) {
            if !tried.insert(member.keys.sign) {
                continue;
            }
            match by(member) {
                Ok(()) => return Ok((member.id.clone(), member.keys.sign)),
                Err(SignatureError::OtherKey) => {}
                Err(error) => worst = error,
            }
        }
        Err(worst)
    }

    fn document(
        &mut self,
        signed: &Signed,
        document: Digest,
        page: Digest,
    ) -> Result<(String, Bundle), OpenRefused> {
        let entry = self.expect(signed, sums::DOCUMENT, MAX_DOCUMENT)?;
        let text = self.text(&entry, "bundle.json", MAX_DOCUMENT)?;
        if Digest::of(&text) != document {
            return Err(OpenRefused::Altered { path: entry.name });
        }
        let text = String::from_utf8(text);
        let text =
            text.map_err(|error| OpenRefused::Unreadable(serde::de::Error::custom(error.utf8_error())))?;
        let bundle: Bundle = serde_json::from_str(&text).map_err(OpenRefused::Unreadable)?;
        same(bundle.from.id == signed.signer, "sender")?;
        if let Some((folder, time)) = &signed.placed {
            same(bundle.folder() == *folder, "name of the folder")?;
            // The archive's own time is not signed; it must not say anything of its own.
            same(u64::try_from(bundle.created.as_second()) == Ok(*time), "time of the files")?;
        }
        if sums::write(document, page, &bundle.attachments) != signed.sums {
            return Err(OpenRefused::Altered { path: sums::SUMS.to_owned() });
        }
        let Bundle { letter, children, consent, from, to, records, attachments, .. } = &bundle;
        let mut refusals = letter_refusals(letter, children, consent.get(), (&from.id, &to.id), records);
        refusals.extend(attachment_refusals(records, attachments));
        match refusals.into_iter().next() {
            Some(refusal) => Err(OpenRefused::Rule(refusal)),
            None => Ok((text, bundle)),
        }
    }

    /// The next file, which must be this one.
    fn expect(&mut self, signed: &Signed, name: &str, limit: u64) -> Result<Found, OpenRefused> {
        let entry = self.files.next_file(name)?.ok_or_else(|| missing(name))?;
        if entry.name != name || entry.placed != signed.placed {
            return Err(OpenRefused::Unlisted { path: entry.name });
        }
        if entry.size > limit {
            return Err(OpenRefused::TooLong { what: "a file", limit });
        }
        Ok(entry)
    }

    fn text(&mut self, entry: &Found, what: &'static str, limit: u64) -> Result<Vec<u8>, OpenRefused> {
        if entry.size > limit {
            return Err(OpenRefused::TooLong { what, limit });
        }
        // It grows with what really comes, not with what the header claims.
        let (mut text, mut piece) = (Vec::new(), vec![0; 16 * 1024]);
        loop {
            let got = self.files.read_some(&mut piece)?;
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
        entry: &Found,
        digest: Digest,
        mut to: impl FnMut(&mut dyn AttachmentSink, &[u8]) -> io::Result<()>,
    ) -> Result<(), OpenRefused> {
        let (mut hasher, mut piece) = (Hasher::default(), vec![0; PIECE]);
        loop {
            let got = self.files.read_some(&mut piece)?;
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
            Err(OpenRefused::Altered { path: entry.name.clone() })
        }
    }
}
