//! A recipient as the sender's witness: the log that proves a bundle is held to what was seen of it before, and the
//! cosignature goes back with each answer.

use jiff::Zoned;
use kith_protocol::{
    answer::CosignedLog,
    bundle::{Check, Outcome, What},
    directory::Member,
    ids::{AgencyId, BundleId},
    log::{Checkpoint, Cosignature, Growth, Policy, Refused, Shown, SignedCheckpoint, Witness},
};
use serde::Deserialize;

use super::{
    office::{Enrolled, Office, OfficeError},
    witness::cosigner,
};
use crate::{
    casework::{
        command::{Fault, Refusal},
        query::LogFinding,
    },
    store::Casebook,
};

/// What this reads of a bundle's document, which was verified.
#[derive(Deserialize)]
struct Carries {
    evidence: Option<Carried>,
}

#[derive(Deserialize)]
struct Carried {
    log: Shown,
}

pub(super) fn broken(finding: &LogFinding) -> OfficeError {
    let why = format!("{}. Nothing of it was kept but what shows this", finding.what);
    OfficeError::Refused(Refusal::Bundle { why, fault: Fault::Sender, what: "goes-on" })
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

/// A sender's log beside what was seen of it before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Beside {
    /// There is nothing to compare: no records, or the first that is seen of this sender.
    First,
    /// It goes on from what was seen.
    GoesOn(Check),
    /// It may; nothing here shows it.
    NotShown(Check),
    /// Another log than before.
    Another(Check),
    /// It does not.
    Broken(LogFinding),
}

impl Beside {
    /// What is said of it beside a bundle.
    pub(super) fn into_check(self) -> Option<Check> {
        match self {
            Self::First | Self::Broken(_) => None,
            Self::GoesOn(check) | Self::NotShown(check) | Self::Another(check) => Some(check),
        }
    }
}

fn said(outcome: Outcome, explanation: String) -> Check {
    Check { what: What::GoesOn, outcome, explanation }
}

impl Office {
    /// As [`beside_seen`], for whoever only looks.
    ///
    /// # Errors
    /// The log was written anew.
    pub(super) fn goes_on(
        &self,
        from: &AgencyId,
        document: &str,
        now: &Zoned,
    ) -> Result<Option<Check>, OfficeError> {
        let enrolled = self.enrolled()?;
        // Of one that the directory dropped, whoever looks is told that.
        if enrolled.directory.member(from).is_none() {
            return Ok(None);
        }
        match beside_seen(&self.casebook, enrolled, from, document, now)? {
            Beside::Broken(finding) => Err(broken(&finding)),
            other => Ok(other.into_check()),
        }
    }

    /// Keeps what a bundle that is kept now shows of its sender's log as the last that was seen, if that is the first or goes
    /// on from there.
    pub(super) fn see_log(
        &mut self,
        from: &AgencyId,
        document: &str,
        now: &Zoned,
    ) -> Result<(), OfficeError> {
        let shown = shown_in(document).and_then(|shown| Some((shown.checkpoint.claims().ok()?, shown)));
        let Some((claimed, shown)) = shown else { return Ok(()) };
        let ours = claimed.origin.agency().as_ref() == Some(from);
        match beside_seen(&self.casebook, self.enrolled()?, from, document, now)? {
            Beside::First | Beside::GoesOn(_) | Beside::Another(_) if ours => {
                self.casebook.watch(&claimed.origin, false, &shown.checkpoint)?;
                self.sign_seen(from, document, shown.checkpoint, now)
            }
            _ => Ok(()),
        }
    }

    /// Keeps our own word for a log that was seen now, beside what others signed of it.
    fn sign_seen(
        &mut self,
        from: &AgencyId,
        document: &str,
        mut seen: SignedCheckpoint,
        now: &Zoned,
    ) -> Result<(), OfficeError> {
        let bad = |why: String| OfficeError::refused(why);
        if let Some(cosigned) = self.cosign_log(from, document, now)? {
            let me = Witness::agency(&self.enrolled()?.me, false).map_err(|why| bad(why.to_string()))?;
            seen.add(&cosigned.cosignature, &me).map_err(|why| bad(why.to_string()))?;
        }
        Ok(self.casebook.watch_signed(&seen)?)
    }

    /// What is known here of who signed the log that a bundle shows, if that is more than the bundle says.
    pub(super) fn signed_since(&self, document: &str) -> Result<Option<SignedCheckpoint>, OfficeError> {
        let Some(shown) = shown_in(document) else { return Ok(None) };
        let Ok(claimed) = shown.checkpoint.claims() else { return Ok(None) };
        let known = if claimed.origin.agency().as_ref() == Some(&self.session().agency) {
            self.casebook.log_signed_at(claimed.size)?
        } else {
            self.casebook.watched_at(&claimed.origin, claimed.size)?
        };
        let Some(known) = known else { return Ok(None) };
        let mut joined = shown.checkpoint.clone();
        Ok((joined.join(&known).is_ok() && joined != shown.checkpoint).then_some(joined))
    }

    /// Who signed the log that a bundle shows, in words, where that is more than it says itself.
    ///
    /// # Errors
    /// When the casebook fails.
    pub fn witnessed_since(
        &self,
        from: &AgencyId,
        document: &str,
        now: &Zoned,
    ) -> Result<Option<String>, OfficeError> {
        let (Some(note), Ok(enrolled)) = (self.signed_since(document)?, self.enrolled()) else {
            return Ok(None);
        };
        let policy = Policy::for_agency(&enrolled.directory, from);
        let judged = policy.and_then(|policy| policy.judge(&note, now.timestamp()).ok());
        Ok(judged.map(|witnessed| format!("Since it came, the log that it shows is {witnessed}.")))
    }

    /// Our word for the log that proved a received bundle, as long as it is the last we saw of it.
    pub(super) fn cosign_log(
        &self,
        from: &AgencyId,
        document: &str,
        now: &Zoned,
    ) -> Result<Option<CosignedLog>, OfficeError> {
        let Some(shown) = shown_in(document) else { return Ok(None) };
        Ok(judge_log(&self.casebook, self.enrolled()?, from, &shown, now)?.and_then(
            |Judged { claimed, seen, outcome }| {
                let cosignature = outcome.ok().filter(|_| seen.as_ref() == Some(&claimed))?;
                Some(CosignedLog { log: claimed.origin, size: claimed.size, cosignature })
            },
        ))
    }

    /// Keeps a recipient's word for our log. One that does not hold is passed over.
    pub(super) fn take_cosignature(
        &mut self,
        bundle: BundleId,
        cosigned: &CosignedLog,
    ) -> Result<(), OfficeError> {
        let Some(to) = self.recipient_of(bundle)? else { return Ok(()) };
        let Ok(witness) = self.member(&to).map(|member| Witness::agency(member, false)) else {
            return Ok(());
        };
        let witness = witness.map_err(|why| OfficeError::refused(why.to_string()))?;
        Ok(self.casebook.log_cosigned_at(cosigned, &witness)?)
    }
}

/// What a verified bundle shows of its sender's log, held against what was seen of it before.
pub(super) fn beside_seen(
    book: &Casebook,
    enrolled: &Enrolled,
    from: &AgencyId,
    document: &str,
    now: &Zoned,
) -> Result<Beside, OfficeError> {
    let Some(shown) = shown_in(document) else { return Ok(Beside::First) };
    let Some(Judged { claimed, seen, outcome }) = judge_log(book, enrolled, from, &shown, now)? else {
        return Ok(Beside::First);
    };
    let Some(seen) = seen else {
        return Ok(match book.watched_of(from)? {
            None => Beside::First,
            Some(other) => Beside::Another(said(
                Outcome::Caution,
                format!(
                    "The sender shows another log than before, when it was {other}: nothing shows that it holds what that one held. Ring them and ask whether they restored a backup."
                ),
            )),
        });
    };
    let what = match outcome {
        Ok(_) => {
            return Ok(Beside::GoesOn(said(
                Outcome::Holds,
                format!("The sender's log goes on from the {} facts that were seen of it before.", seen.size),
            )));
        }
        Err(Refused::Forked { .. }) => "signed two different logs of one name and size",
        Err(Refused::NotGrown(_)) if shown.growth_from(seen.size).is_some() => {
            "shows a log that does not go on from what was seen of it"
        }
        Err(_) => {
            return Ok(Beside::NotShown(said(
                Outcome::Caution,
                format!(
                    "Nothing here shows that the sender's log, of {} facts, and the {} facts seen of it before are one log. A bundle sent after they have had our answer shows it; if none does, ring them.",
                    claimed.size, seen.size
                ),
            )));
        }
    };
    let what = format!("{} {what}: ring them, and tell your partnership", sender(enrolled, from)?.name);
    let one = book.watched(&claimed.origin)?.map(String::from).unwrap_or_default();
    let other = String::from(shown.checkpoint);
    Ok(Beside::Broken(LogFinding { found: now.timestamp(), what, one, other }))
}

fn judge_log(
    book: &Casebook,
    enrolled: &Enrolled,
    from: &AgencyId,
    shown: &Shown,
    now: &Zoned,
) -> Result<Option<Judged>, OfficeError> {
    let Some(claimed) =
        shown.checkpoint.claims().ok().filter(|one| one.origin.agency().as_ref() == Some(from))
    else {
        return Ok(None);
    };
    let seen = book.watched(&claimed.origin)?.and_then(|seen| seen.claims().ok());
    // From nothing, and from itself, a log grows without proof.
    let needs_none = seen.as_ref().is_none_or(|seen| *seen == claimed);
    let since = seen.as_ref().filter(|_| !needs_none).map(|seen| seen.size);
    let growth = since.and_then(|since| shown.growth_from(since)).cloned();
    let growth = growth.unwrap_or_else(|| Growth::new(Vec::new()));
    let log = (&claimed.origin, &sender(enrolled, from)?.keys.log);
    let cosigner = cosigner(enrolled)?;
    let outcome = cosigner.cosign(&shown.checkpoint, log, seen.as_ref(), &growth, now.timestamp());
    Ok(Some(Judged { seen, outcome: outcome.map(|(_, line)| line), claimed }))
}

fn sender<'e>(enrolled: &'e Enrolled, from: &AgencyId) -> Result<&'e Member, OfficeError> {
    let member = enrolled.directory.member(from);
    member
        .ok_or_else(|| OfficeError::refused(format!("{from} is not in the directory: fetch the newest one")))
}
