//! A recipient as the sender's witness: the log that proves a bundle is held to what was seen of it before, and the
//! cosignature goes back with each answer.

use jiff::Zoned;
use kith_protocol::{
    answer::CosignedLog,
    ids::{AgencyId, BundleId},
    log::{Checkpoint, Cosignature, Growth, Refused, Shown, Witness},
};
use serde::Deserialize;

use super::{
    office::{Office, OfficeError},
    witness::cosigner,
};
use crate::casework::query::LogFinding;

/// What this reads of a bundle's document, which was verified.
#[derive(Deserialize)]
struct Carries {
    evidence: Option<Carried>,
}

#[derive(Deserialize)]
struct Carried {
    log: Shown,
}

/// The sender's log as a bundle shows it.
fn shown_in(document: &str) -> Option<Shown> {
    serde_json::from_str::<Carries>(document).ok()?.evidence.map(|carried| carried.log)
}

/// What a checkpoint came to beside what was seen of that log.
struct Judged {
    claimed: Checkpoint,
    seen: Option<Checkpoint>,
    outcome: Result<Cosignature, Refused>,
}

impl Office {
    /// Keeps what a bundle that was received shows of its sender's log as the last that was seen, if the log only grew.
    /// What speaks against its owner is kept, and told.
    pub(super) fn see_log(
        &mut self,
        from: &AgencyId,
        document: &str,
        now: &Zoned,
    ) -> Result<Option<String>, OfficeError> {
        let Some(shown) = shown_in(document) else { return Ok(None) };
        let Some(Judged { claimed, seen, outcome }) = self.judge_log(from, &shown, now)? else {
            return Ok(None);
        };
        let from_there = seen.is_some_and(|seen| shown.growth_from(seen.size).is_some());
        let what = match outcome {
            Ok(_) => {
                self.casebook.watch(&claimed.origin, false, &shown.checkpoint)?;
                return Ok(None);
            }
            Err(Refused::Forked { .. }) => "signed two different logs of one name and size",
            Err(Refused::NotGrown(_)) if from_there => {
                "shows a log that does not go on from what was seen of it"
            }
            // An older one was overtaken on its way; growth from something else than was seen shows nothing yet.
            Err(_) => return Ok(None),
        };
        let name = self.member(from)?.name.clone();
        let what = format!("{name} {what}: ring them, and tell your partnership");
        let one = self.casebook.watched(&claimed.origin)?.map(String::from).unwrap_or_default();
        let other = String::from(shown.checkpoint);
        self.casebook.keep_finding(&LogFinding { found: now.timestamp(), what: what.clone(), one, other })?;
        Ok(Some(what))
    }

    /// Our word for the log that proved a received bundle, as long as it is the last we saw of it.
    pub(super) fn cosign_log(
        &self,
        from: &AgencyId,
        document: &str,
        now: &Zoned,
    ) -> Result<Option<CosignedLog>, OfficeError> {
        let Some(shown) = shown_in(document) else { return Ok(None) };
        Ok(self.judge_log(from, &shown, now)?.and_then(|Judged { claimed, seen, outcome }| {
            let cosignature = outcome.ok().filter(|_| seen.as_ref() == Some(&claimed))?;
            Some(CosignedLog { log: claimed.origin, size: claimed.size, cosignature })
        }))
    }

    fn judge_log(&self, from: &AgencyId, shown: &Shown, now: &Zoned) -> Result<Option<Judged>, OfficeError> {
        let Some(claimed) =
            shown.checkpoint.claims().ok().filter(|one| one.origin.agency().as_ref() == Some(from))
        else {
            return Ok(None);
        };
        let seen = self.casebook.watched(&claimed.origin)?.and_then(|seen| seen.claims().ok());
        // From nothing, and from itself, a log grows without proof.
        let needs_none = seen.as_ref().is_none_or(|seen| *seen == claimed);
        let since = seen.as_ref().filter(|_| !needs_none).map(|seen| seen.size);
        let growth = since.and_then(|since| shown.growth_from(since)).cloned();
        let growth = growth.unwrap_or_else(|| Growth::new(Vec::new()));
        let log = (&claimed.origin, &self.member(from)?.keys.log);
        let cosigner = cosigner(self.enrolled()?)?;
        let outcome = cosigner.cosign(&shown.checkpoint, log, seen.as_ref(), &growth, now.timestamp());
        Ok(Some(Judged { seen, outcome: outcome.map(|(_, line)| line), claimed }))
    }

    /// Keeps a recipient's word for our log. One that does not hold is passed over.
    pub(super) fn take_cosignature(
        &mut self,
        bundle: BundleId,
        cosigned: &CosignedLog,
    ) -> Result<(), OfficeError> {
        let Some(share) = self.casebook.share_of_bundle(bundle)? else { return Ok(()) };
        let to = self.casebook.papers(share)?.share.to;
        let Ok(witness) = self.member(&to).map(|member| Witness::agency(member, false)) else {
            return Ok(());
        };
        let witness = witness.map_err(|why| OfficeError::refused(why.to_string()))?;
        Ok(self.casebook.log_cosigned_at(cosigned, &witness)?)
    }
}
