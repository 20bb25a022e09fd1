//! From what is cleared to one sealed file, its envelope and its gate. Memory stays flat whatever the size.

use std::io::{self, Read};

use jiff::{SignedDuration, Timestamp};
use rand::{CryptoRng, RngCore};

use super::{
    Attachment, Bundle, BundleVersion, Cleared, Draft, Exact, Measured, SealedOut, Unproven, clear::withheld,
    parts::Parts,
};
use crate::{
    approval::{self, ApprovalError, Approved},
    consent::Refusal,
    directory::Member,
    envelope::{Envelope, SignedEnvelope, coarse},
    gate::{Gate, SignedGate, commit},
    ids::{AgencyId, BundleId, Digest, GateId, SealId},
    keys::{CertificateError, PersonKey},
    seal::{SealError, longest, seal_to},
    sign::SigningKey,
};

/// Who seals, when, and with which fresh names.
pub struct Sealing<'a> {
    /// The sender as the directory lists it.
    pub from: &'a Member,
    /// The agency's `sign` key.
    pub agency: &'a SigningKey,
    /// The named person; their signature stands beside the agency's.
    pub person: &'a PersonKey,
    pub now: Timestamp,
    /// How long the node may hold it for collection; never past the consent record's end.
    pub gate_open: SignedDuration,
    pub fresh: Fresh,
}

/// Random names of one sealing. Never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fresh {
    pub seal_id: SealId,
    pub gate: GateId,
    pub gate_salt: Digest,
}

impl Fresh {
    /// New names from `rng`, which must be a cryptographic one.
    pub fn draw(rng: &mut (impl RngCore + CryptoRng)) -> Self {
        let (mut seal, mut gate, mut salt) = ([0; 16], [0; 16], [0; 32]);
        rng.fill_bytes(&mut seal);
        rng.fill_bytes(&mut gate);
        rng.fill_bytes(&mut salt);
        let gate_salt = Digest::from_bytes(salt);
        Self { seal_id: SealId::from_bytes(seal), gate: GateId::from_bytes(gate), gate_salt }
    }

    /// New names from the system's randomness.
    #[must_use]
    pub fn system() -> Self {
        Self::draw(&mut rand::rngs::OsRng)
    }
}

/// Where the bytes of attachments come from.
pub trait AttachmentSource {
    /// The bytes of `attachment`, from the beginning.
    ///
    /// # Errors
    /// The source's.
    fn open(&mut self, attachment: &Attachment) -> io::Result<Box<dyn Read + '_>>;
}

/// For bundles without attachments.
pub struct NoAttachments;

impl AttachmentSource for NoAttachments {
    fn open(&mut self, _: &Attachment) -> io::Result<Box<dyn Read + '_>> {
        Err(io::ErrorKind::NotFound.into())
    }
}

/// What a sealing leaves besides the sealed file.
#[derive(Debug, Clone)]
pub struct Sealed {
    envelope: SignedEnvelope,
    gate: SignedGate,
    size: u64,
    document: String,
}

impl Sealed {
    /// The signed envelope that travels with the file.
    #[must_use]
    pub const fn envelope(&self) -> &SignedEnvelope {
        &self.envelope
    }

    /// The signed gate without which no node takes it.
    #[must_use]
    pub const fn gate(&self) -> &SignedGate {
        &self.gate
    }

    /// The bundle's id.
    #[must_use]
    pub fn id(&self) -> BundleId {
        self.envelope.id()
    }

    /// Length of the sealed file, in bytes.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The exact `bundle.json` inside: what the recipient will read, for the sender's own record.
    #[must_use]
    pub fn document(&self) -> &str {
        &self.document
    }
}

/// Why nothing was sealed. What was written so far is to be thrown away.
#[derive(Debug, thiserror::Error)]
pub enum SealRefused {
    #[error("it may not leave as it is: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))]
    Refused(Vec<Refusal>),
    #[error("the signing key is not the one the directory lists for {0}: update the directory")]
    OtherKey(AgencyId),
    #[error("the second person's check does not count: {0}")]
    Approval(#[from] ApprovalError),
    #[error("the person's certificate does not hold: {0}")]
    Certificate(#[from] CertificateError),
    #[error("the attachment “{name}” could not be read: {source}")]
    Attachment { name: String, source: io::Error },
    #[error("the attachment “{name}” is not what was approved: its bytes have changed; look at it again")]
    AttachmentChanged { name: String },
    #[error("what it says is not what this casebook's log holds: {0}; check the casebook")]
    Unproven(#[from] Unproven),
    #[error(transparent)]
    Seal(#[from] SealError),
    #[error("the sealed file could not be written: {0}")]
    Write(#[from] io::Error),
}

/// What a sealing would come to: shown, proposed and checked, never sent.
#[derive(Debug, Clone)]
pub struct Rehearsed {
    /// `bundle.json` as it would be; what is fresh in each sealing differs.
    pub document: String,
    /// What a second person signs, where one is asked for.
    pub content: Digest,
    pub size: u64,
}

impl Draft {
    /// Runs every check but the second person's, and seals to nowhere.
    ///
    /// # Errors
    /// As [`Self::clear`] and [`Cleared::seal`].
    pub fn rehearse(
        self,
        to: &Member,
        with: &Sealing<'_>,
        attachments: &mut dyn AttachmentSource,
    ) -> Result<Rehearsed, SealRefused> {
        let cleared = self.judge(to, with.now).map_err(SealRefused::Refused)?;
        let Sealed { document, size, .. } =
            cleared.seal(with, attachments, Measured::new(io::sink()), &mut |_, _| {})?;
        let content = approval::content(&document).ok_or(ApprovalError::OtherContent)?;
        Ok(Rehearsed { document, content, size })
    }
}

impl Cleared {
    /// Checks once more, then writes the sealed file to `out`. `progress` is told bytes done and bytes in all.
    ///
    /// # Errors
    /// The record no longer allows it, keys and directory disagree, an attachment is not what was approved, or
    /// reading or writing failed.
    pub fn seal<W: SealedOut>(
        &self,
        with: &Sealing<'_>,
        attachments: &mut dyn AttachmentSource,
        mut out: W,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Sealed, SealRefused> {
        self.may_leave(with)?;
        let bundle = self.bundle(with)?;
        let parts = Parts::of(&bundle, self, with)?;
        if let Some(approved) = &self.approved {
            approved.fits(&bundle.to.id, &parts.document)?;
        }
        bundle.prove(with.from)?;
        let gate = SignedGate::new(&self.gate(&bundle, with), with.agency);
        out.for_gate(&gate, longest(parts.archive(&bundle)));
        let mut sealing = seal_to(std::slice::from_ref(&self.to_member.keys.seal), &mut out)?;
        parts.write(&bundle, &mut sealing, attachments, progress)?;
        sealing.finish()?;
        let measure = out.measure()?;
        let envelope = Envelope {
            from: bundle.from.id.clone(),
            to: bundle.to.id.clone(),
            recipient_key: bundle.recipient_key,
            seal_id: bundle.seal_id,
            gate: bundle.gate,
            ciphertext: measure.digest,
            size: measure.size,
            at: coarse(with.now),
        };
        Ok(Sealed {
            envelope: SignedEnvelope::new(&envelope, with.agency),
            gate,
            size: measure.size,
            document: parts.document,
        })
    }

    fn may_leave(&self, with: &Sealing<'_>) -> Result<(), SealRefused> {
        let refusals = self.refusals(with.now);
        if !refusals.is_empty() {
            return Err(SealRefused::Refused(refusals));
        }
        let from = &self.content.from.id;
        if with.from.id != *from || with.from.keys.sign != with.agency.public() {
            return Err(SealRefused::OtherKey(from.clone()));
        }
        let certificate = with.person.certificate.verify(from, &with.from.keys, with.now)?;
        if certificate.key != with.person.key.public() {
            return Err(SealRefused::OtherKey(from.clone()));
        }
        Ok(())
    }

    pub(super) fn bundle(&self, with: &Sealing<'_>) -> Result<Bundle, SealRefused> {
        let content = self.content.clone();
        Ok(Bundle {
            kith: BundleVersion::One,
            from: content.from,
            to: content.to,
            recipient_key: self.to_member.keys.seal.fingerprint(),
            seal_id: self.approved.as_ref().map_or(with.fresh.seal_id, Approved::seal_id),
            gate: with.fresh.gate,
            gate_salt: with.fresh.gate_salt,
            created: to_the_second(with.now),
            signed_by: with.person.certificate.clone(),
            approval: self.approved.as_ref().map(|one| one.signed().clone()),
            letter: content.letter,
            consent: Exact::new(content.consent).map_err(io::Error::other)?,
            children: content.children,
            withheld: withheld(&content.records),
            records: content.records,
            attachments: content.attachments,
            evidence: self.evidence.clone(),
        })
    }

    fn gate(&self, bundle: &Bundle, with: &Sealing<'_>) -> Gate {
        let record = bundle.consent.get();
        let open_until = with.now.checked_add(with.gate_open).unwrap_or(record.validity.until);
        Gate {
            id: bundle.gate,
            from: bundle.from.id.clone(),
            to: bundle.to.id.clone(),
            valid_from: coarse(with.now),
            valid_until: coarse(open_until.min(record.validity.until)).max(to_the_second(with.now)),
            commitment: commit(bundle.gate_salt.as_bytes(), bundle.consent.text().as_bytes()),
        }
    }
}

fn to_the_second(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}
