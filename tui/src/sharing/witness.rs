//! The office as a witness: our log is offered, the logs of others are held to what they said. What does not hold is kept.

use jiff::{Timestamp, Zoned, civil::Date, tz::TimeZone};
use kith_exchange::courier::{Breach, Proven};
use kith_protocol::{
    log::{
        Checkpoint, Cosignature, Cosigned, Cosigner, Offer, Policy, SignedCheckpoint, Standing, WITNESSES,
        Witness, Witnessed,
    },
    receipt::SignedReceipt,
};

use kith_protocol::page::shown;

use super::{
    office::{Enrolled, Office, OfficeError},
    papers,
};
use crate::{
    casework::{
        ids::FactId,
        query::{LogFinding, LogStanding},
    },
    store::{Met, StoreError},
};

/// Our log, as it is offered to the node.
#[derive(Debug)]
pub(super) enum Offered {
    /// The node has seen all of it.
    Nothing,
    Offer(Box<Offer>),
    /// It cannot be offered, and why.
    Stopped(String),
}

/// What the node is asked about its own log.
#[derive(Debug)]
pub(super) struct NodeLog {
    /// What is known of it.
    pub(super) known: Option<Checkpoint>,
    /// Receipts it is to show.
    pub(super) receipts: Vec<(FactId, SignedReceipt)>,
}

impl Office {
    /// What to ask the node about its log.
    pub(super) fn node_log(&self) -> Result<NodeLog, OfficeError> {
        let node = &self.enrolled()?.node;
        let seen = self.casebook.watched_node(|log| log.is_of_node(&node.cosign))?;
        let known = seen.and_then(|seen| seen.claims().ok());
        let mut receipts = Vec::new();
        for (fact, kept) in self.casebook.not_shown()? {
            let receipt = papers::read(&kept).map_err(|_| StoreError::bad_fact(fact))?;
            receipts.push((fact, receipt));
        }
        Ok(NodeLog { known, receipts })
    }

    /// Is this receipt one that the node we talk to now signed? Another one's is not looked for.
    pub(super) fn looked_for(&mut self, fact: FactId, receipt: &SignedReceipt) -> Result<bool, OfficeError> {
        let by_it = receipt.verify_by(&self.enrolled()?.node.sign).is_ok();
        if !by_it {
            self.casebook.set_shown(fact, None)?;
        }
        Ok(by_it)
    }

    /// The node's log holds: it is kept as seen, then cosigned, if it is larger than what was seen before.
    pub(super) fn node_shows(
        &mut self,
        fact: Option<FactId>,
        proven: &Proven,
        now: &Zoned,
    ) -> Result<Option<(u64, Cosignature)>, OfficeError> {
        let enrolled = self.enrolled()?;
        let (log, key) = (proven.checkpoint.origin.clone(), enrolled.node.log);
        let cosigner = cosigner(enrolled)?;
        let seen = self.casebook.watched(&log)?.and_then(|seen| seen.claims().ok());
        let grew = seen.as_ref() != Some(&proven.checkpoint) && !self.casebook.in_doubt(&log)?;
        let cosigned = if grew {
            let cosigned =
                cosigner.cosign(&proven.signed, (&log, &key), seen.as_ref(), &proven.growth, now.timestamp());
            Some(cosigned.map_err(|why| OfficeError::refused(why.to_string()))?)
        } else {
            None
        };
        self.casebook.watch(&log, true, &proven.signed)?;
        if let Some(fact) = fact {
            self.casebook.set_shown(fact, proven.logged.as_ref())?;
        }
        Ok(cosigned.map(|(checkpoint, line)| (checkpoint.size, line)))
    }

    /// The node's log does not hold. What shows it is kept, and what happened is said. A log that took the place of another
    /// is watched from now on.
    pub(super) fn node_broke(
        &mut self,
        breach: Breach,
        shown: Option<(FactId, &SignedReceipt)>,
        now_says: &Proven,
        now: &Zoned,
    ) -> Result<String, OfficeError> {
        let node = self.enrolled()?.node.clone();
        let known = self.casebook.watched_node(|log| log.is_of_node(&node.cosign))?;
        let words = match (breach, shown) {
            (Breach::Replaced, _) => replaced_words(known.as_ref(), now_says),
            (Breach::Missing, Some((fact, _))) if self.casebook.is_received(fact)? => {
                "a receipt that came with a bundle does not stand in the log that it shows us: it shows its members different logs, or was set back. The node is at fault: tell your partnership, and the bundle's sender".to_owned()
            }
            _ => breach_words(breach).to_owned(),
        };
        let what = format!("{}: {words}", node.name);
        let one = match (breach, shown) {
            (Breach::Missing, Some((_, receipt))) => receipt.text.clone(),
            _ => known.map(String::from).unwrap_or_default(),
        };
        let other = String::from(now_says.signed.clone());
        let finding = LogFinding { found: now.timestamp(), what: what.clone(), one, other };
        self.casebook.keep_finding(&finding)?;
        match (breach, shown) {
            (Breach::Missing, Some((fact, _))) => self.casebook.set_shown(fact, None)?,
            (Breach::Replaced, _) => {
                self.casebook.watch(&now_says.checkpoint.origin, true, &now_says.signed)?;
            }
            _ => {}
        }
        Ok(what)
    }

    /// Our log for the node, if it has grown since the node cosigned it last, and once after the casebook was opened: all of
    /// it may have been put back.
    pub(super) fn offer_log(&mut self) -> Result<Offered, OfficeError> {
        let enrolled = self.enrolled()?;
        let (witness, key) = (node_witness(enrolled)?, enrolled.secrets.log.clone());
        let name = witness.key().name();
        if self.log_offered && self.casebook.log_head()?.size == self.casebook.log_seen(name)? {
            return Ok(Offered::Nothing);
        }
        match self.casebook.log_offer(name, &key) {
            Ok(offer) => Ok(Offered::Offer(Box::new(offer))),
            Err(error @ StoreError::SetBack) => Ok(Offered::Stopped(error.to_string())),
            Err(error) => Err(error.into()),
        }
    }

    /// Keeps the node's word for our log.
    pub(super) fn log_cosigned(&mut self, offer: &Offer, line: &Cosignature) -> Result<(), OfficeError> {
        let witness = node_witness(self.enrolled()?)?;
        self.casebook.log_cosigned(&offer.checkpoint, line, &witness)?;
        self.log_offered = true;
        Ok(())
    }

    /// Takes in what the node saw of our log last. Says why it cannot be offered again, if it cannot.
    pub(super) fn log_met(
        &mut self,
        offer: &Offer,
        seen: Option<&SignedCheckpoint>,
        now: &Zoned,
    ) -> Result<Option<String>, OfficeError> {
        let enrolled = self.enrolled()?;
        let (name, witness, key) =
            (enrolled.node.name.clone(), node_witness(enrolled)?, enrolled.secrets.log.clone());
        let Some(seen) = seen else {
            return Ok(Some(format!("{name} did not cosign this casebook's log and does not say why")));
        };
        match self.casebook.log_met(seen, witness.key().name(), &key)? {
            Met::Ours => Ok(None),
            Met::Foreign => Ok(Some(format!("{name} takes another log for this casebook's; ring its admin"))),
            Met::Beyond => {
                let what = StoreError::SetBack.to_string();
                let (one, other) = (seen.to_string(), offer.checkpoint.to_string());
                let finding = LogFinding { found: now.timestamp(), what: what.clone(), one, other };
                self.casebook.keep_finding(&finding)?;
                Ok(Some(what))
            }
        }
    }

    /// Who signed our log as it stood at `size` facts, as a note for whoever has a bundle that shows it; where more is known of
    /// a later checkpoint, that one with growth. None when it was never given away, nor a later one signed.
    ///
    /// # Errors
    /// When the casebook cannot be read.
    pub fn log_witnesses(&self, size: u64, now: &Zoned) -> Result<Option<String>, OfficeError> {
        let enrolled = self.enrolled().ok();
        let policy = enrolled.and_then(|enrolled| Policy::for_agency(&enrolled.directory, &enrolled.me.id));
        let worth = |note: &SignedCheckpoint| worth(policy.as_ref(), note, now.timestamp());
        let then = self.casebook.log_signed_at(size)?;
        let later = self.casebook.log_signed_after(size, then.as_ref().map_or(0, worth), worth)?;
        Ok(later.map(|later| later.to_string()).or_else(|| then.map(|note| note.to_string())))
    }

    /// Up to which fact the log is witnessed, by the directory in force: the largest checkpoint that enough witnesses
    /// cosigned, or a larger one that grew from it; without one, the newest that anybody did.
    ///
    /// # Errors
    /// When the casebook cannot be read.
    pub fn log_standing(&self, today: Date) -> Result<Option<LogStanding>, OfficeError> {
        let Ok(enrolled) = self.enrolled() else { return Ok(None) };
        let Some(policy) = Policy::for_agency(&enrolled.directory, &enrolled.me.id) else {
            return Ok(None);
        };
        let by_now =
            today.at(23, 59, 59, 0).to_zoned(TimeZone::UTC).map_or(Timestamp::MAX, |end| end.timestamp());
        let mut notes = Vec::new();
        for note in self.casebook.log_witnessed(WITNESSES)? {
            if let (Ok(claimed), Ok(judged)) = (note.claims(), policy.judge(&note, by_now)) {
                notes.push((claimed.size, judged));
            }
        }
        notes.sort_by_key(|(size, _)| std::cmp::Reverse(*size));
        // Who cosigned a larger one vouches for its beginning too.
        let (mut newest, mut larger) = (None, Vec::new());
        for (size, mut judged) in notes {
            larger.retain(|one: &Cosigned| judged.by.iter().all(|known| known.name != one.name));
            judged.by.append(&mut larger);
            judged.by.sort_by_key(|one| one.at);
            let standing = LogStanding { size, words: standing_words(&judged) };
            if matches!(judged.standing(), Standing::Since(_)) {
                return Ok(Some(standing));
            }
            newest.get_or_insert(standing);
            larger = judged.by;
        }
        Ok(newest)
    }
}

fn standing_words(judged: &Witnessed) -> String {
    let day = |at: Timestamp| at.strftime("%-d %B %Y").to_string();
    let names: Vec<String> = judged
        .by
        .iter()
        .map(|one| format!("{}{}", one.name, if one.own { " (our own)" } else { "" }))
        .collect();
    let by = if names.is_empty() { "nobody".to_owned() } else { names.join(", ") };
    match judged.standing() {
        Standing::Since(at) => format!("witnessed by {by} since {}", day(at)),
        standing => format!("cosigned by {by}; {standing}"),
    }
}

/// What a checkpoint says to a stranger: that enough witnesses signed, that one from outside did, or only our own side.
pub(super) fn worth(policy: Option<&Policy>, note: &SignedCheckpoint, now: Timestamp) -> u8 {
    let Some(Ok(judged)) = policy.map(|policy| policy.judge(note, now)) else { return 0 };
    match judged.standing() {
        Standing::Since(_) => 2,
        Standing::TooFew { .. } | Standing::OnlyOwn => u8::from(judged.by.iter().any(|one| !one.own)),
    }
}

/// That the node's log is another one now, and what it says of that itself, which its log commits to.
fn replaced_words(known: Option<&SignedCheckpoint>, now_says: &Proven) -> String {
    let known = known.and_then(|known| known.claims().ok());
    let (Some(began), Some(known)) = (&now_says.began, known) else {
        return breach_words(Breach::Replaced).to_owned();
    };
    let (on, why) = (began.at.strftime("%-d %B %Y, %H:%M UTC"), shown(&began.why));
    if began.left.origin != known.origin {
        return format!(
            "its log was replaced by another, which says that it goes on from one that was never shown to us (on {on}: {why}): tell your partnership; receipts are looked for again"
        );
    }
    let lost = known.size.saturating_sub(began.left.size);
    format!(
        "it was restored from a backup on {on}: {why}. Of the {} entries we saw in its log {lost} are not in the backup. Our receipts are looked for again; what is missing is told, and what had not been collected is sent again",
        known.size
    )
}

/// What happened to the node's log, in words.
const fn breach_words(breach: Breach) -> &'static str {
    match breach {
        Breach::Replaced => {
            "its log was replaced by another, and it does not say why: ask its admin whether a backup was restored; receipts are looked for again"
        }
        Breach::Shrunk => {
            "its log has fewer receipts than it had: it was set back, and the node is at fault; ask its admin, who says with `kith-node restored` that a backup was restored"
        }
        Breach::Forked | Breach::Rewritten => {
            "its log was rewritten: what it signed before is not the beginning of what it shows now; tell your partnership"
        }
        Breach::Missing => {
            "a receipt it signed does not stand in its log: what was sent may be lost; ring the recipient"
        }
    }
}

pub(super) fn cosigner(enrolled: &Enrolled) -> Result<Cosigner, OfficeError> {
    Cosigner::agency(&enrolled.me.id, enrolled.secrets.cosign.clone())
        .map_err(|why| OfficeError::refused(why.to_string()))
}

fn node_witness(enrolled: &Enrolled) -> Result<Witness, OfficeError> {
    Witness::node(&enrolled.node, true).map_err(|why| OfficeError::refused(why.to_string()))
}
