//! The way in, one step at a time: collect, keep, acknowledge; answers out, receipts in. Each step can be done twice.

use std::{fs, io, path::PathBuf};

use jiff::Zoned;
use kith_exchange::courier::{Arrival, Growing};
use kith_protocol::{
    answer,
    bundle::{Measured, Verified},
    envelope::SignedEnvelope,
    ids::{BundleId, Digest},
    receipt::{Receipt, ReceiptKind, ReceiptRefusal, SignedReceipt, Signer, follows},
    wire::{EAGER, Happening, News},
};

use super::{
    office::{Office, OfficeError, Papers, Sink, ToOpen},
    outbox::machine,
    papers,
    withdraw::answers_ours,
};
use crate::{
    casework::{
        command::{Command, Fault, Refusal},
        fact::{Received, ShareEnd, SignedText},
        ids::{FactId, ReceivedId, ShareId},
        query::{Answer, Query, SetAside},
    },
    store::{Arriving, Cursor},
};

/// What is to be done about a bundle that waits at the node.
#[derive(Debug, Clone)]
pub enum Fetch {
    /// Collect it with this DELIVERED: a short one to memory, another to a file, where after a crash it may be already.
    Collect { delivered: Box<SignedReceipt>, path: Option<PathBuf> },
    /// It is in the casebook: the node may let it go.
    Acknowledge,
    /// It is in the casebook, since it came by hand before; the node is told so with this DELIVERED.
    Deliver(Box<SignedReceipt>),
    /// It was looked at and cannot be filed; it stays at the node.
    Leave,
}

/// What became of a bundle that was collected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    Kept(ReceivedId),
    /// Not taken in, and why; it stands in the inbox, and is tried again when the casebook opens next.
    Refused(String),
}

/// What a piece of news changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Noted {
    Changed,
    Nothing,
    /// It is kept, and its signer said something else before: who, in words for people.
    Twice(String),
    /// What was taken back has an answer: what they did with it, in words for people.
    Settled(String),
    /// It follows on from something that is not here yet: ask for it again.
    Later,
    /// It is not to be believed, and why.
    Refused(String),
}

/// A signed answer on its way to a bundle's sender.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// To be noted when it was passed on.
    pub mark: FactId,
    /// None when the bundle came by hand: there is no way to its sender.
    pub to: Option<(BundleId, Vec<u8>)>,
}

impl Office {
    /// What is to be done about a bundle that waits.
    ///
    /// # Errors
    /// When the casebook fails, or we are not enrolled.
    pub fn fetch(&self, arrival: &Arrival, now: &Zoned) -> Result<Fetch, OfficeError> {
        let deliver =
            || Ok::<_, OfficeError>(arrival.delivered(&self.enrolled()?.secrets.link, now.timestamp()));
        if self.casebook.received_of_bundle(arrival.id())?.is_some() {
            return Ok(match arrival.is_delivered() {
                true => Fetch::Acknowledge,
                false => Fetch::Deliver(Box::new(deliver()?)),
            });
        }
        if self.refused.contains(&arrival.id()) {
            return Ok(Fetch::Leave);
        }
        let delivered = Box::new(deliver()?);
        let path = self.inbox_file(arrival.id());
        let to_memory = arrival.envelope().size <= EAGER && !path.exists();
        Ok(Fetch::Collect { delivered, path: (!to_memory).then_some(path) })
    }

    /// Opens, verifies and keeps a bundle that was collected, to memory or to its file. One that cannot be filed is set
    /// aside.
    ///
    /// # Errors
    /// When the casebook or the file fails.
    pub fn take_in(
        &mut self,
        arrival: &Arrival,
        delivered: &SignedReceipt,
        bytes: Option<Vec<u8>>,
        now: &Zoned,
    ) -> Result<Taken, OfficeError> {
        let came_with = came_with(arrival, delivered);
        let imported = match &bytes {
            Some(bytes) => {
                self.import((Measured::new(bytes.as_slice()), || Some(Digest::of(bytes))), &came_with, now)
            }
            None => self.import_file(&self.inbox_file(arrival.id()), &came_with, now),
        };
        self.taken(arrival, imported, bytes, now)
    }

    /// What opening a long bundle takes, while it is collected to its file.
    pub(super) fn open_meanwhile(
        &self,
        arrival: &Arrival,
        delivered: &SignedReceipt,
        from: Growing,
        now: &Zoned,
    ) -> Result<(ToOpen, Arriving), OfficeError> {
        let file = (self.inbox_file(arrival.id()), from);
        let to_open = self.to_open((&file.0, file.1), &came_with(arrival, delivered), now)?;
        Ok((to_open, self.casebook.arriving()))
    }

    /// As [`Self::take_in`], after it was opened beside the casebook.
    pub(super) fn take_in_opened(
        &mut self,
        (arrival, delivered): (&Arrival, &SignedReceipt),
        sink: Sink,
        verified: Result<Verified, OfficeError>,
        now: &Zoned,
    ) -> Result<Taken, OfficeError> {
        let imported = self.keep_opened(sink, verified, &came_with(arrival, delivered), now);
        self.taken(arrival, imported, None, now)
    }

    fn taken(
        &mut self,
        arrival: &Arrival,
        imported: Result<ReceivedId, OfficeError>,
        bytes: Option<Vec<u8>>,
        now: &Zoned,
    ) -> Result<Taken, OfficeError> {
        match imported {
            Ok(received) => {
                if let Some(withdrawal) = self.casebook.kept_withdrawal(arrival.id())? {
                    let signed =
                        papers::read(&withdrawal).map_err(|error| OfficeError::refused(error.to_string()))?;
                    // What does not count was said when it came.
                    self.taken_back(arrival.id(), &signed, now)?;
                }
                self.casebook.not_aside(arrival.id())?;
                Ok(Taken::Kept(received))
            }
            Err(OfficeError::Refused(refusal)) => {
                if let Some(bytes) = bytes {
                    let path = self.inbox_file(arrival.id());
                    fs::write(path, bytes).map_err(OfficeError::file("sealed file"))?;
                }
                self.put_aside(arrival, &refusal, now)
            }
            Err(error) => Err(error),
        }
    }

    /// Notes in the inbox what is wrong with a bundle, and whose doing it is. The sealed file stays.
    fn put_aside(&mut self, arrival: &Arrival, refusal: &Refusal, now: &Zoned) -> Result<Taken, OfficeError> {
        let (why, from) = (refusal.to_string(), &arrival.envelope().from);
        let sender = self.member(from).ok();
        let row = SetAside {
            bundle: arrival.id(),
            from: from.clone(),
            from_name: sender.map_or_else(|| from.to_string(), |sender| sender.name.clone()),
            phone: sender.and_then(|sender| sender.phone.clone()).unwrap_or_default(),
            since: now.timestamp(),
            why: why.clone(),
            fault: match refusal {
                Refusal::Bundle { fault, .. } => *fault,
                // Under another envelope: whoever signed that sent it a second time.
                Refusal::AlreadyReceived | Refusal::DamagedCopy => Fault::Sender,
                _ => Fault::OurProgram,
            },
        };
        self.casebook.put_aside(&row)?;
        self.refused.insert(arrival.id());
        Ok(Taken::Refused(why))
    }

    /// The node has let the bundle go: its sealed file is no longer needed.
    ///
    /// # Errors
    /// When the file cannot be removed.
    pub fn acknowledged(&self, bundle: BundleId) -> Result<(), OfficeError> {
        match fs::remove_file(self.inbox_file(bundle)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(OfficeError::file("sealed file")(error))
            }
            _ => Ok(()),
        }
    }

    /// The next answer of a person here that its sender has not been told; none while the directory is long out.
    ///
    /// # Errors
    /// When the casebook fails, or the answer cannot be sealed.
    pub fn next_reply(&self, now: &Zoned) -> Result<Option<Reply>, OfficeError> {
        if self.sending(now).is_err() {
            return Ok(None);
        }
        let after = FactId::from_key(self.casebook.cursor(Cursor::Answers)?.cast_signed());
        let Some((mark, received, receipt)) = self.casebook.answers_after(after)?.into_iter().next() else {
            return Ok(None);
        };
        let Answer::Received(view) = self.casebook.ask(&Query::Received { received }, now.date())? else {
            return Err(Refusal::Changed.into());
        };
        // Of a bundle that was deleted nothing tells any more whether it came by the node.
        let by_node = view.gone.is_some() || !view.received.receipts.is_empty();
        let to = match view.received.bundle.filter(|_| by_node) {
            Some(bundle) => Some((bundle, self.seal_answer(&view.received, &receipt, now)?)),
            None => None,
        };
        Ok(Some(Reply { mark, to }))
    }

    /// An answer was passed on, or never can be.
    ///
    /// # Errors
    /// When the casebook fails.
    pub fn replied(&mut self, mark: FactId) -> Result<(), OfficeError> {
        Ok(self.casebook.set_cursor(Cursor::Answers, mark.key().cast_unsigned())?)
    }

    /// How far the node's news has been read.
    ///
    /// # Errors
    /// When the casebook fails.
    pub fn news_cursor(&self) -> Result<u64, OfficeError> {
        Ok(self.casebook.cursor(Cursor::Receipts)?)
    }

    /// The node's news has been read so far.
    ///
    /// # Errors
    /// When the casebook fails.
    pub fn set_news_cursor(&mut self, to: u64) -> Result<(), OfficeError> {
        Ok(self.casebook.set_cursor(Cursor::Receipts, to)?)
    }

    /// Takes a piece of news in: a receipt is kept only when it verifies and follows on from those that are here.
    ///
    /// # Errors
    /// When the casebook fails.
    pub fn note(&mut self, item: &News, now: &Zoned) -> Result<Noted, OfficeError> {
        match &item.what {
            // The list of what waits says more; withdrawals are judged by themselves.
            Happening::Arrived | Happening::Withdrawn { .. } => Ok(Noted::Nothing),
            Happening::Delivered { receipt } => self.keep(item.bundle, receipt, now),
            Happening::Answered { sealed } => match self.open_answer(sealed) {
                Ok(answer) => {
                    let noted = self.keep(item.bundle, &answer.receipt, now)?;
                    if let Some(cosigned) = &answer.cosigned {
                        self.take_cosignature(item.bundle, cosigned)?;
                    }
                    if let Some(node) = &answer.node {
                        self.hear_of_node(item.bundle, node)?;
                    }
                    Ok(noted)
                }
                Err(why) => Ok(Noted::Refused(why)),
            },
            Happening::NotDelivered { .. } => self.not_collected(item.bundle, now),
        }
    }

    fn not_collected(&mut self, bundle: BundleId, now: &Zoned) -> Result<Noted, OfficeError> {
        let Some(share) = self.casebook.share_of_bundle(bundle)? else { return Ok(Noted::Nothing) };
        let papers = self.casebook.papers(share)?;
        if papers.ended || papers.receipts.len() > 1 {
            return Ok(Noted::Nothing);
        }
        let command = Command::EndShare { share, end: ShareEnd::NotCollected };
        self.casebook.execute(command, &machine(), now)?;
        Ok(Noted::Changed)
    }

    fn keep(&mut self, bundle: BundleId, signed: &SignedReceipt, now: &Zoned) -> Result<Noted, OfficeError> {
        let Some(share) = self.casebook.share_of_bundle(bundle)? else {
            return Ok(Noted::Refused("it is about a bundle that was not sent from here".to_owned()));
        };
        match self.judge(share, bundle, signed, now)? {
            Ok(None) => Ok(Noted::Nothing),
            Ok(Some((kind, twice))) => {
                let receipt = papers::kept(signed);
                self.casebook.execute(Command::KeepReceipt { share, kind, receipt }, &machine(), now)?;
                let settled = self.settled(share, signed)?.map_or(Noted::Changed, Noted::Settled);
                Ok(twice.map_or(settled, Noted::Twice))
            }
            Err(ReceiptRefusal::Unlinked) if self.awaits_stored(share)? => Ok(Noted::Later),
            Err(refusal) => Ok(Noted::Refused(refusal.to_string())),
        }
    }

    /// What its recipient did with a share that was taken back, if that is what they answer; in words that name no child.
    fn settled(&self, share: ShareId, signed: &SignedReceipt) -> Result<Option<String>, OfficeError> {
        let receipt = signed.claims().map_err(|error| OfficeError::refused(error.to_string()))?;
        let did = match (receipt.kind, &receipt.basis) {
            (ReceiptKind::Deleted, _) => "deleted it".to_owned(),
            (ReceiptKind::Kept, Some(basis)) => format!("keeps it, on another basis: {}", basis.words()),
            _ => return Ok(None),
        };
        let to = self.casebook.papers(share)?.share.to;
        let whom = self.member(&to).map_or_else(|_| to.to_string(), |member| member.name.clone());
        Ok(Some(format!(
            "{whom} has answered share {share}, which was taken back: {did}; their words stand with the share"
        )))
    }

    /// What it is if, with those kept, it is proven; none when it is kept already.
    fn judge(
        &self,
        share: ShareId,
        bundle: BundleId,
        signed: &SignedReceipt,
        now: &Zoned,
    ) -> Result<Result<Option<Proven>, ReceiptRefusal>, OfficeError> {
        let papers = self.casebook.papers(share)?;
        let answers = answers_ours(&papers, signed);
        let bad = |error: &dyn std::fmt::Display| OfficeError::refused(error.to_string());
        let Some(sealed) = papers.sealed else { return Ok(Err(ReceiptRefusal::OtherBundle)) };
        let envelope: SignedEnvelope = papers::read(&sealed.envelope).map_err(|error| bad(&error))?;
        let envelope = envelope.claims().map_err(|error| bad(&error))?;
        let receipts = papers
            .receipts
            .iter()
            .map(papers::read)
            .collect::<Result<Vec<SignedReceipt>, _>>()
            .map_err(|error| bad(&error))?;
        if receipts.iter().any(|kept| kept.digest() == signed.digest()) {
            return Ok(Ok(None));
        }
        if let Err(refusal) = answers {
            return Ok(Err(refusal));
        }
        let directories = self.directories()?;
        let judged = follows((bundle, &envelope), &receipts, signed, directories, now.timestamp());
        Ok(judged.map(|receipt| {
            let who = person(&receipt).filter(|who| {
                let mut before = receipts.iter().filter_map(|kept| kept.claims().ok());
                before.any(|kept| kept.kind == receipt.kind && person(&kept).as_ref() == Some(who))
            });
            Some((receipt.kind, who))
        }))
    }

    fn awaits_stored(&self, share: ShareId) -> Result<bool, OfficeError> {
        Ok(self.casebook.outbox()?.iter().any(|item| item.share == share))
    }

    fn seal_answer(&self, to: &Received, receipt: &SignedText, now: &Zoned) -> Result<Vec<u8>, OfficeError> {
        let key = &self.member(&to.from)?.keys.seal;
        let receipt: SignedReceipt =
            papers::read(receipt).map_err(|error| OfficeError::refused(error.to_string()))?;
        let cosigned = self.cosign_log(&to.from, &to.document, now)?;
        let node = self.node_seen()?;
        let answer = answer::Answer { receipt, cosigned, node };
        answer.seal(key).map_err(|error| OfficeError::refused(error.to_string()))
    }

    fn open_answer(&self, sealed: &[u8]) -> Result<answer::Answer, String> {
        let enrolled = self.enrolled().map_err(|error| error.to_string())?;
        answer::Answer::open(&enrolled.seals, sealed).map_err(|error| error.to_string())
    }

    fn inbox_file(&self, bundle: BundleId) -> PathBuf {
        self.inbox_folder().join(format!("{bundle}.age"))
    }

    /// Removes collected files that are in the casebook already.
    pub(super) fn tidy_inbox(&mut self) -> Result<(), OfficeError> {
        let failed = || OfficeError::file("folder for sealed files");
        for entry in fs::read_dir(self.inbox_folder()).map_err(failed())? {
            let entry = entry.map_err(failed())?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let bundle = name.strip_suffix(".age").and_then(|id| id.parse().ok()).map(BundleId);
            if let Some(bundle) = bundle
                && self.casebook.received_of_bundle(bundle)?.is_some()
            {
                fs::remove_file(entry.path()).map_err(failed())?;
            }
        }
        // What is said of a file goes with it.
        if let Answer::SetAside(rows) = self.casebook.ask(&Query::SetAside, jiff::civil::Date::MIN)? {
            for row in rows {
                if !self.inbox_file(row.bundle).exists() {
                    self.casebook.not_aside(row.bundle)?;
                }
            }
        }
        Ok(())
    }
}

/// A receipt's kind, and who signed another of that kind before.
type Proven = (ReceiptKind, Option<String>);

/// The name of the person who signed a receipt.
fn person(receipt: &Receipt) -> Option<String> {
    let Signer::Person { certificate, .. } = &receipt.signer else { return None };
    let certificate: serde_json::Value = serde_json::from_str(&certificate.text).ok()?;
    certificate.get("name")?.as_str().map(str::to_owned)
}

fn came_with(arrival: &Arrival, delivered: &SignedReceipt) -> Papers {
    Papers {
        envelope: Some(arrival.signed_envelope().clone()),
        gate: Some(arrival.signed_gate().clone()),
        receipts: vec![arrival.stored().clone(), delivered.clone()],
    }
}
