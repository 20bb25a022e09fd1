//! What arrives: opened, verified, kept in one step, answered by a named person, filed where a person says.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use jiff::{Timestamp, Zoned};
use kith_protocol::{
    bundle::{Attachment, AttachmentSink, Check, KeepNothing, Measured, Outcome, SealedIn, Verified, open},
    consent::LawfulBasis,
    directory::KeptDirectories,
    envelope::SignedEnvelope,
    gate::SignedGate,
    ids::{BundleId, Digest},
    receipt::{MAX_NOTE, Receipt, ReceiptKind, SignedReceipt, Signer},
};

use super::{
    Office, OfficeError,
    fault::{for_us, in_time, not_opened, not_unsealed, not_verified, on_disk},
};
use crate::{
    casework::{
        command::{Command, FileInto, Refusal},
        entry,
        fact::{Received, SignedText},
        ids::{CaseId, ReceivedId},
        query::{Answer, LogFinding, Query, ReceivedView},
    },
    pipe::Ahead,
    sharing::{
        matching::{self, ChildMatch, MatchState},
        papers,
        senders::{Beside, beside_seen, broken},
        supplements::another_kind,
    },
    store::{Arriving, StoreError},
};

/// Longest envelope file that is read, in bytes.
const MAX_ENVELOPE: u64 = 64 * 1024;

/// The signed documents that came with a bundle; by hand there may be none.
#[derive(Debug, Clone, Default)]
pub struct Papers {
    pub envelope: Option<SignedEnvelope>,
    pub gate: Option<SignedGate>,
    /// STORED and DELIVERED.
    pub receipts: Vec<SignedReceipt>,
}

impl Papers {
    /// The envelope in the file beside a sealed file, `<name>.envelope.json`, if there is one.
    ///
    /// # Errors
    /// When it is there but cannot be read.
    pub fn beside(path: &Path) -> Result<Self, OfficeError> {
        let path = envelope_path(path);
        let size = match fs::metadata(&path) {
            Ok(found) => found.len(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(OfficeError::file("envelope")(error)),
        };
        let bad = || OfficeError::refused("the envelope beside the file is not readable: ask for it again");
        if size > MAX_ENVELOPE {
            return Err(bad());
        }
        let text = fs::read(&path).map_err(OfficeError::file("envelope"))?;
        let envelope = serde_json::from_slice(&text).map_err(|_| bad())?;
        Ok(Self { envelope: Some(envelope), ..Self::default() })
    }
}

/// Where the envelope of a sealed file lies when both travel by hand.
#[must_use]
pub fn envelope_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".envelope.json");
    name.into()
}

impl Office {
    /// Takes in a sealed file that came by hand. Without its envelope it may have been re-sealed: that is said.
    ///
    /// # Errors
    /// Refuses what does not open or verify, and what is here already; nothing is kept then.
    pub fn receive_file(
        &mut self,
        path: &Path,
        envelope: Option<SignedEnvelope>,
        now: &Zoned,
    ) -> Result<ReceivedId, OfficeError> {
        self.import_file(path, &Papers { envelope, ..Papers::default() }, now)
    }

    /// What is true of a sealed file, in words, without keeping anything of it.
    ///
    /// # Errors
    /// Refuses what does not open or verify, and says why.
    pub fn verify_file(
        &self,
        path: &Path,
        envelope: Option<&SignedEnvelope>,
        now: &Zoned,
    ) -> Result<Vec<String>, OfficeError> {
        let (enrolled, directories) = (self.enrolled()?, self.directories()?);
        for_us(envelope, directories, &self.session.agency)?;
        let file = fs::File::open(path).map_err(OfficeError::file("sealed file"))?;
        let from = Ahead::new(Measured::new(file)).map_err(OfficeError::file("sealed file"))?;
        let opened =
            open(&enrolled.seals, envelope, directories, from, &mut KeepNothing).map_err(not_opened)?;
        let verified =
            opened.verify(directories, &self.session.agency, now.timestamp()).map_err(not_verified)?;
        let goes_on = self.goes_on(&verified.bundle().from.id, verified.document(), now)?;
        Ok(checks(&verified, goes_on.as_ref()))
    }

    pub(in crate::sharing) fn import_file(
        &mut self,
        path: &Path,
        came_with: &Papers,
        now: &Zoned,
    ) -> Result<ReceivedId, OfficeError> {
        let file = fs::File::open(path).map_err(OfficeError::file("sealed file"))?;
        let from = Ahead::new(Measured::new(file)).map_err(OfficeError::file("sealed file"))?;
        let taken = self.import((from, || on_disk(path)), came_with, now);
        let keys = self.enrolled.as_ref().map_or(&[][..], |one| &one.seals);
        taken.map_err(|error| another_kind(path, keys).unwrap_or(error))
    }

    /// Opens, verifies and keeps a bundle: all of it or nothing.
    pub(in crate::sharing) fn import(
        &mut self,
        (from, here): (impl SealedIn, impl FnOnce() -> Option<Digest>),
        came_with: &Papers,
        now: &Zoned,
    ) -> Result<ReceivedId, OfficeError> {
        self.enrolled()?;
        self.directories()?;
        if let Some(envelope) = &came_with.envelope
            && self.casebook.received_of_bundle(envelope.id())?.is_some()
        {
            let whole = |sent: Digest| here().is_none_or(|here| here == sent);
            let whole = envelope.claims().is_ok_and(|envelope| whole(envelope.ciphertext));
            return Err(if whole { Refusal::AlreadyReceived } else { Refusal::DamagedCopy }.into());
        }
        for_us(came_with.envelope.as_ref(), self.directories()?, &self.session.agency)?;
        let Self { casebook, enrolled: Ok(enrolled), kept, session, .. } = self else {
            return Err(Refusal::Changed.into());
        };
        let directories = kept.get().map(KeptDirectories::all);
        let directories = directories.ok_or(OfficeError::Refused(Refusal::Changed))?;
        let identity = &enrolled.seals;
        let mut sink = Sink::new(casebook.arriving())?;
        let envelope = came_with.envelope.as_ref();
        let verified = open(identity, envelope, directories, from, &mut sink)
            .map_err(|error| not_unsealed(error, here, envelope))
            .and_then(|opened| {
                let opened = match &came_with.gate {
                    Some(gate) => opened.with_gate(gate.clone()),
                    None => opened,
                };
                opened.verify(directories, &session.agency, now.timestamp()).map_err(not_verified)
            })
            .and_then(|verified| in_time(verified, came_with, directories, now));
        self.keep_opened(sink, verified, came_with, now)
    }

    /// Keeps what was opened, with its attachments; or, if it did not verify, nothing of it.
    pub(in crate::sharing) fn keep_opened(
        &mut self,
        sink: Sink,
        verified: Result<Verified, OfficeError>,
        came_with: &Papers,
        now: &Zoned,
    ) -> Result<ReceivedId, OfficeError> {
        let (held, finding) = self.beside_log(sink.failed.map_or(verified, |error| Err(error.into())), now);
        // What speaks against the sender's log is kept, and shown with what else does not hold.
        if let Some(finding) = finding {
            self.casebook.keep_finding(&finding)?;
        }
        let (verified, goes_on) = held?;
        self.casebook.keep_with_what_follows(sink.arriving)?;
        let kept = self.record_received(&verified, came_with, goes_on.as_ref(), now);
        self.casebook.end_together(kept.is_ok())?;
        kept
    }

    /// Holds the log that proves a bundle against what was seen of it; gives what speaks against that too.
    fn beside_log(
        &self,
        verified: Result<Verified, OfficeError>,
        now: &Zoned,
    ) -> (Result<Held, OfficeError>, Option<LogFinding>) {
        let mut finding = None;
        let held = verified.and_then(|verified| {
            let (from, document) = (&verified.bundle().from.id, verified.document());
            match beside_seen(&self.casebook, self.enrolled()?, from, document, now)? {
                Beside::Broken(found) => {
                    let why = broken(&found);
                    finding = Some(found);
                    Err(why)
                }
                other => Ok((verified, other.into_check())),
            }
        });
        (held, finding)
    }

    fn record_received(
        &mut self,
        verified: &Verified,
        came_with: &Papers,
        goes_on: Option<&Check>,
        now: &Zoned,
    ) -> Result<ReceivedId, OfficeError> {
        self.same_keys(&verified.bundle().from.id)?;
        let received = received(verified, came_with, goes_on);
        let facts = self.execute(Command::Receive(received), now)?;
        self.see_log(&verified.bundle().from.id, verified.document(), now)?;
        facts.first().copied().map(ReceivedId).ok_or(OfficeError::Refused(Refusal::Changed))
    }

    /// Signs OPENED as the person at the keyboard, once, when a bundle is first shown. By hand there is nobody to tell.
    ///
    /// # Errors
    /// When the casebook cannot be read or written.
    pub fn opened(&mut self, received: ReceivedId, now: &Zoned) -> Result<bool, OfficeError> {
        let view = self.received(received, now)?;
        if view.gone.is_some()
            || !view.answers.is_empty()
            || view.received.receipts.is_empty()
            || self.enrolled().is_err()
        {
            return Ok(false);
        }
        self.sign(&view, ReceiptKind::Opened, "", now)?;
        Ok(true)
    }

    /// Answers a bundle as the person at the keyboard: RECEIPTED (it is taken on) or DECLINED (with a reason).
    ///
    /// # Errors
    /// Refuses a second answer, a note that is too long, and a DECLINED without a reason.
    pub fn answer(
        &mut self,
        received: ReceivedId,
        kind: ReceiptKind,
        note: &str,
        now: &Zoned,
    ) -> Result<(), OfficeError> {
        if kind.answers_withdrawal() {
            return Err(OfficeError::refused("a withdrawal is answered by itself"));
        }
        let view = self.received(received, now)?;
        self.sign(&view, kind, note, now)
    }

    /// Files a received bundle where a person says.
    ///
    /// # Errors
    /// Refuses a bundle that was filed already, and what the casebook refuses.
    pub fn file(&mut self, received: ReceivedId, into: FileInto, now: &Zoned) -> Result<CaseId, OfficeError> {
        self.execute(Command::FileBundle { received, into }, now)?;
        self.received(received, now)?.case.ok_or(OfficeError::Refused(Refusal::Changed))
    }

    /// Children of ours who may be meant, best first, and what that amounts to.
    ///
    /// # Errors
    /// When the casebook cannot be read.
    pub fn matches(
        &self,
        received: ReceivedId,
        now: &Zoned,
    ) -> Result<(MatchState, Vec<ChildMatch>), OfficeError> {
        let view = self.received(received, now)?;
        let matches = self.matches_of(&view.received.document)?;
        Ok((matching::state(&matches), matches))
    }

    fn received(&self, received: ReceivedId, now: &Zoned) -> Result<ReceivedView, OfficeError> {
        match self.casebook.ask(&Query::Received { received }, now.date())? {
            Answer::Received(view) => Ok(*view),
            _ => Err(OfficeError::Refused(Refusal::Changed)),
        }
    }

    fn sign(
        &mut self,
        view: &ReceivedView,
        kind: ReceiptKind,
        note: &str,
        now: &Zoned,
    ) -> Result<(), OfficeError> {
        self.sign_as_person(view, kind, note, (None, None), now)
    }

    pub(in crate::sharing) fn sign_as_person(
        &mut self,
        view: &ReceivedView,
        kind: ReceiptKind,
        note: &str,
        (withdrawal, basis): (Option<Digest>, Option<LawfulBasis>),
        now: &Zoned,
    ) -> Result<(), OfficeError> {
        let note = note.trim();
        if note.len() > MAX_NOTE {
            return Err(Refusal::TooLong { what: "the note", limit: MAX_NOTE }.into());
        }
        let person = self.signs(now.timestamp())?.clone();
        let (bundle, ciphertext) = names(&view.received);
        let answers = self.casebook.answers_of(view.id)?;
        let before = answers.last().or_else(|| view.received.receipts.last());
        let receipt = Receipt {
            kind,
            bundle,
            ciphertext,
            at: to_the_second(now.timestamp()),
            signer: Signer::Person {
                agency: self.session.agency.clone(),
                certificate: person.certificate.clone(),
            },
            previous: before.map(|receipt| Digest::of(receipt.text.as_bytes())),
            note: (!note.is_empty()).then(|| note.to_owned()),
            withdrawal,
            basis,
            leaf: None,
        };
        let receipt = papers::kept(&SignedReceipt::new(&receipt, &person.key));
        self.execute(Command::AnswerBundle { received: view.id, kind, note: note.to_owned(), receipt }, now)?;
        Ok(())
    }
}

/// What a receipt names. A bundle that came by hand without its envelope has no id: its answer stays here, and names
/// the document instead.
fn names(received: &Received) -> (BundleId, Digest) {
    let document = Digest::of(received.document.as_bytes());
    let envelope = received.envelope.as_ref().and_then(|text| papers::read(text).ok());
    let claims = envelope.and_then(|signed: SignedEnvelope| signed.claims().ok());
    (received.bundle.unwrap_or(BundleId(document)), claims.map_or(document, |envelope| envelope.ciphertext))
}

fn received(verified: &Verified, came_with: &Papers, goes_on: Option<&Check>) -> Received {
    let bundle = verified.bundle();
    let (sums, signatures) = verified.signed_sums();
    let signer = verified.signer();
    Received {
        bundle: verified.id(),
        from: bundle.from.id.clone(),
        from_name: bundle.from.name.clone(),
        signed_by: format!("{}, {}", signer.name, signer.role),
        purpose: bundle.letter.subject.clone(),
        child: bundle.children.first().map(|child| child.name.clone()).unwrap_or_default(),
        envelope: came_with.envelope.as_ref().map(papers::kept),
        gate: came_with.gate.as_ref().map(papers::kept),
        receipts: came_with.receipts.iter().map(papers::kept).collect::<Vec<SignedText>>(),
        document: verified.document().to_owned(),
        document_signature: format!("{sums}{}", signatures.as_str()),
        checks: checks(verified, goes_on),
        attachments: bundle.attachments.iter().map(attachment).collect(),
    }
}

fn attachment(one: &Attachment) -> entry::Attachment {
    entry::Attachment {
        name: one.name.clone(),
        media_type: one.media_type.clone(),
        size: one.size,
        sha256: one.sha256,
    }
}

/// What was checked, and what only this casebook can say: whether the sender's log goes on.
pub(in crate::sharing) fn checks(verified: &Verified, goes_on: Option<&Check>) -> Vec<String> {
    verified.checks().iter().chain(goes_on).map(in_words).collect()
}

pub(in crate::sharing) fn in_words(check: &Check) -> String {
    let outcome = match check.outcome {
        Outcome::Holds => "ok",
        Outcome::Caution => "caution",
        Outcome::NotChecked => "not checked",
    };
    format!("{outcome}: {}", check.explanation)
}

/// What was verified, and what is said of its sender's log.
type Held = (Verified, Option<Check>);

/// Takes page and attachments as they are read; they count only when all has been verified.
pub(in crate::sharing) struct Sink {
    arriving: Arriving,
    failed: Option<StoreError>,
}

impl Sink {
    /// The page comes first.
    pub(in crate::sharing) fn new(mut arriving: Arriving) -> Result<Self, OfficeError> {
        arriving.begin()?;
        Ok(Self { arriving, failed: None })
    }

    fn note(&mut self, result: Result<(), StoreError>) -> io::Result<()> {
        result.map_err(|error| {
            self.failed = Some(error);
            io::ErrorKind::Other.into()
        })
    }
}

impl AttachmentSink for Sink {
    fn page(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write(bytes)
    }

    fn begin(&mut self, attachment: &Attachment) -> io::Result<()> {
        let result = self.arriving.begin_verified(attachment.sha256);
        self.note(result)
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let result = self.arriving.write(bytes);
        self.note(result)
    }

    /// Opened, but not yet verified: whoever asked keeps or drops.
    fn commit(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn discard(&mut self) {}
}

fn to_the_second(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}
