//! What others saw of the node's log, held against what it shows here: a node that shows its members different logs is found.

use jiff::Zoned;
use kith_exchange::courier::{Breach, Proven};
use kith_protocol::{
    ids::{AgencyId, BundleId},
    log::{Checkpoint, SignedCheckpoint},
};

use super::office::{Office, OfficeError};
use crate::casework::query::LogFinding;

/// What an agency says it saw.
#[derive(Debug, Clone)]
pub(super) struct Heard {
    pub(super) agency: AgencyId,
    pub(super) note: SignedCheckpoint,
    pub(super) claimed: Checkpoint,
}

impl Office {
    /// The last that was verified here of the node's log, to be shown to others.
    pub(super) fn node_seen(&self) -> Result<Option<SignedCheckpoint>, OfficeError> {
        let node = &self.enrolled()?.node;
        let seen = self.casebook.watched_node(|log| log.is_of_node(&node.cosign))?;
        Ok(seen.map(SignedCheckpoint::by_owner_alone))
    }

    /// Whom a bundle of ours is for; none if it is not ours.
    pub(super) fn recipient_of(&self, bundle: BundleId) -> Result<Option<AgencyId>, OfficeError> {
        let Some(share) = self.casebook.share_of_bundle(bundle)? else { return Ok(None) };
        Ok(Some(self.casebook.papers(share)?.share.to))
    }

    /// Keeps what a recipient saw of our node's log. Of another node's, and what the node did not sign, nothing is kept.
    pub(super) fn hear_of_node(
        &mut self,
        bundle: BundleId,
        note: &SignedCheckpoint,
    ) -> Result<(), OfficeError> {
        let Some(agency) = self.recipient_of(bundle)? else { return Ok(()) };
        let node = &self.enrolled()?.node;
        let Ok(claimed) = note.claims() else { return Ok(()) };
        let origin = claimed.origin;
        if !origin.is_of_node(&node.cosign) || note.verify(&origin, &node.log).is_err() {
            return Ok(());
        }
        Ok(self.casebook.heard(&agency, &origin, &note.clone().by_owner_alone())?)
    }

    /// What is to be held against what the node shows us, after we have looked.
    pub(super) fn not_compared(&mut self) -> Result<Vec<Heard>, OfficeError> {
        let mut found = Vec::new();
        for (agency, note) in self.casebook.all_heard()? {
            let Ok(claimed) = note.claims() else { continue };
            let ours = self.casebook.watched_at(&claimed.origin, claimed.size)?;
            if ours.and_then(|seen| seen.claims().ok()).as_ref() == Some(&claimed) {
                self.casebook.compared_heard(&agency, &note)?;
            } else {
                found.push(Heard { agency, note, claimed });
            }
        }
        Ok(found)
    }

    /// It is the beginning of what the node shows us.
    pub(super) fn same_log(&mut self, heard: &Heard) -> Result<(), OfficeError> {
        Ok(self.casebook.compared_heard(&heard.agency, &heard.note)?)
    }

    /// It is not: what shows that is kept, and what happened is said.
    pub(super) fn other_log(
        &mut self,
        heard: &Heard,
        breach: Breach,
        now_says: &Proven,
        now: &Zoned,
    ) -> Result<Option<String>, OfficeError> {
        let Checkpoint { origin, size, .. } = &heard.claimed;
        let begins_from = now_says.began.as_ref().map(|began| &began.left.origin);
        let left = self.casebook.watched(origin)?.is_some() || begins_from == Some(origin);
        // Of a log that the node has left it shows nothing any more: what we saw of it ourselves at that size does.
        let other = match breach {
            Breach::Replaced if left => self.casebook.watched_at(origin, *size)?,
            _ => Some(now_says.signed.clone()),
        };
        let Some(other) = other else {
            self.same_log(heard)?;
            return Ok(None);
        };
        let node = &self.enrolled()?.node.name;
        let whom =
            self.member(&heard.agency).map_or_else(|_| heard.agency.to_string(), |one| one.name.clone());
        let what = match breach {
            Breach::Replaced if left => format!(
                "{node}: the log that it has left was not one and the same for {whom} and for us: it showed its members different logs. The node is at fault, whatever it says of a backup: tell your partnership, both signed notes show it"
            ),
            Breach::Replaced => format!(
                "{node}: it shows {whom} another log than us: ask its admin whether a backup was restored; if not, tell your partnership"
            ),
            _ => format!(
                "{node}: its log is not one and the same for {whom} and for us: it shows its members different logs, or was set back. The node is at fault: tell your partnership, both signed notes show it. Nothing more of this log is cosigned here"
            ),
        };
        let (one, other) = (heard.note.to_string(), other.to_string());
        // The finding first: a stop between the two loses nothing, and the same is kept once.
        self.casebook.keep_finding(&LogFinding { found: now.timestamp(), what: what.clone(), one, other })?;
        self.same_log(heard)?;
        Ok(Some(what))
    }
}
