//! The way out once sealed, one step at a time: check again, hand over, keep the receipt. Each step can be done twice.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use jiff::Zoned;
use kith_protocol::{
    consent::scope_refusals,
    envelope::SignedEnvelope,
    gate::SignedGate,
    receipt::{ReceiptKind, SignedReceipt},
    wire::EAGER,
};

use super::{
    office::{Office, OfficeError, envelope_path},
    papers,
};
use crate::{
    casework::{
        command::Command,
        fact::{Author, Share, ShareEnd},
        ids::{CaseId, ShareId},
        query::{Answer, ConsentOrNot, Query},
    },
    sharing::plan::ShareChoices,
    store::{OutboxItem, OutboxState},
};

/// A sealed bundle that may leave now.
#[derive(Debug, Clone)]
pub struct Parcel {
    pub share: ShareId,
    pub path: PathBuf,
    /// All of it, if it is short.
    pub body: Option<Vec<u8>>,
    pub envelope: SignedEnvelope,
    pub gate: SignedGate,
}

/// What the exchange does by itself stands in the record under this name.
pub(super) fn machine() -> Author {
    Author { name: "Kith".to_owned(), role: "the exchange, by itself".to_owned() }
}

impl Office {
    /// Sends as [`Self::send`] does, and also writes the sealed file and its envelope to `path`, to be handed over.
    /// Whichever way arrives first counts.
    ///
    /// # Errors
    /// As [`Self::send`], and when the file cannot be written.
    pub fn share_to_file(
        &mut self,
        case: CaseId,
        choices: &ShareChoices,
        path: &Path,
        now: &Zoned,
    ) -> Result<ShareId, OfficeError> {
        let share = self.send(case, choices, now)?;
        if self.casebook.proposal(share).is_ok() {
            return Err(OfficeError::refused(format!(
                "{share} waits for a second person's check first: no file was written"
            )));
        }
        self.seal_waiting(now)?;
        let item = self.casebook.outbox()?.into_iter().find(|item| item.share == share);
        let Some(OutboxItem { state: OutboxState::Sealed { file, envelope, .. }, .. }) = item else {
            return Err(OfficeError::refused("it could not be sealed: look at the share to see why"));
        };
        let failed = || OfficeError::file("file to hand over");
        fs::copy(self.outbox_folder().join(file), path).map_err(failed())?;
        let envelope: SignedEnvelope =
            papers::read(&envelope).map_err(|error| OfficeError::refused(error.to_string()))?;
        let text = serde_json::to_vec(&envelope).map_err(|error| failed()(error.into()))?;
        fs::write(envelope_path(path), text).map_err(failed())?;
        Ok(share)
    }

    /// The next sealed bundle that may leave, but for those in `skip`. What may not is ended.
    ///
    /// # Errors
    /// When the casebook fails.
    pub fn next_parcel(
        &mut self,
        skip: &BTreeSet<ShareId>,
        now: &Zoned,
    ) -> Result<Option<Parcel>, OfficeError> {
        for item in self.casebook.outbox()? {
            let OutboxState::Sealed { file, envelope, gate } = item.state else { continue };
            if skip.contains(&item.share) {
                continue;
            }
            if let Err(why) = self.may_leave(item.share, now)? {
                self.end(item.share, &why, now)?;
                continue;
            }
            let path = self.outbox_folder().join(file);
            let bad = |error: kith_protocol::sign::SignatureError| OfficeError::refused(error.to_string());
            let (envelope, gate): (SignedEnvelope, SignedGate) =
                (papers::read(&envelope).map_err(bad)?, papers::read(&gate).map_err(bad)?);
            if envelope.verify_by(&self.enrolled()?.me.keys.sign).is_err() {
                let why = "it was sealed with keys of ours that were replaced since; send it again";
                self.end(item.share, why, now)?;
                continue;
            }
            // One that cannot be read is found out when it is to be sent.
            let short = fs::metadata(&path).is_ok_and(|file| file.len() <= EAGER);
            let body = short.then(|| fs::read(&path).ok()).flatten();
            return Ok(Some(Parcel { share: item.share, path, body, envelope, gate }));
        }
        Ok(None)
    }

    /// The node holds it: keeps the receipt, takes the share out of the outbox, removes the file.
    ///
    /// # Errors
    /// When the casebook fails; the share stays in the outbox then.
    pub fn stored(
        &mut self,
        share: ShareId,
        receipt: &SignedReceipt,
        now: &Zoned,
    ) -> Result<(), OfficeError> {
        let command =
            Command::KeepReceipt { share, kind: ReceiptKind::Stored, receipt: papers::kept(receipt) };
        self.casebook.execute(command, &machine(), now)?;
        self.tidy()
    }

    /// The node will not have it: ends the share, with the reason.
    ///
    /// # Errors
    /// When the casebook fails.
    pub fn refused_by_node(&mut self, share: ShareId, why: &str, now: &Zoned) -> Result<(), OfficeError> {
        let end = ShareEnd::RefusedByNode { why: why.to_owned() };
        self.casebook.execute(Command::EndShare { share, end }, &machine(), now)?;
        self.tidy()
    }

    /// It did not go this time, and waits.
    ///
    /// # Errors
    /// When the casebook fails.
    pub fn not_yet(&mut self, share: ShareId, why: &str, now: &Zoned) -> Result<(), OfficeError> {
        Ok(self.casebook.set_tried(share, now.timestamp(), why)?)
    }

    /// The consent check, once more: the record as it stands now, for what is about to leave.
    pub(super) fn may_leave(&self, share: ShareId, now: &Zoned) -> Result<Result<(), String>, OfficeError> {
        let share = self.casebook.papers(share)?.share;
        if let Some(why) = self.withdrawn_record(&share, now)? {
            return Ok(Err(why));
        }
        let Share { case, to, consent, entries, .. } = share;
        let Answer::Consents(rows) = self.casebook.ask(&Query::Consents { case }, now.date())? else {
            return Ok(Err("the record it rests on cannot be found".to_owned()));
        };
        let found = rows.into_iter().find(|row| row.id == consent).map(|row| row.what);
        let Some(ConsentOrNot::Record { record, .. }) = found else {
            return Ok(Err("the record it rests on cannot be found".to_owned()));
        };
        let mut categories = BTreeSet::new();
        for entry in entries {
            if let Answer::Entry(view) = self.casebook.ask(&Query::Entry { entry }, now.date())? {
                categories.insert(view.entry.category.data());
            }
        }
        let refusals = scope_refusals(&record, &to, &categories, now.timestamp());
        Ok(refusals.first().map_or(Ok(()), |refusal| Err(refusal.to_string())))
    }

    /// When the record a share rests on was withdrawn, if it was. By whom and why is the record's own; recipients read this.
    pub(super) fn withdrawn_record(&self, share: &Share, now: &Zoned) -> Result<Option<String>, OfficeError> {
        let query = Query::Consents { case: share.case };
        let Answer::Consents(rows) = self.casebook.ask(&query, now.date())? else { return Ok(None) };
        let found = rows.into_iter().find(|row| row.id == share.consent).map(|row| row.what);
        let Some(ConsentOrNot::Record { withdrawn: Some((at, _)), .. }) = found else { return Ok(None) };
        let day = at.to_zoned(now.time_zone().clone()).strftime("%-d %B %Y");
        Ok(Some(format!("the record it rested on was withdrawn on {day}")))
    }

    /// Removes sealed files that nothing waits for.
    pub(super) fn tidy(&self) -> Result<(), OfficeError> {
        let failed = || OfficeError::file("folder for sealed files");
        let waiting: BTreeSet<String> = (self.casebook.outbox()?.into_iter())
            .filter_map(|item| match item.state {
                OutboxState::Sealed { file, .. } => Some(file),
                OutboxState::ToSeal { .. } => None,
            })
            .collect();
        for entry in fs::read_dir(self.outbox_folder()).map_err(failed())? {
            let entry = entry.map_err(failed())?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.ends_with(".age") && !waiting.contains(&name) {
                fs::remove_file(entry.path()).map_err(failed())?;
            }
        }
        Ok(())
    }
}
