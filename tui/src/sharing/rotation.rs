//! New keys for the agency: made here, listed by the partnership, in force as soon as the directory says so. Until then
//! everything goes on with those before.

use jiff::Zoned;
use kith_protocol::{
    directory::{Member, NodeAddress, Pinned},
    enrolment::{Enrolment, SignedEnrolment},
    keys::AgencySecrets,
    sign::{Namespace, SigningKey},
    words::eight_words,
};

use super::{
    office::{Office, OfficeError},
    persons,
};
use crate::casework::query::{Answer, Keyed as _, PAGE, Query, ShareState};

/// Keys that wait to be listed.
#[derive(Debug)]
pub struct Replacement {
    /// For the admin of the node: signed by the new `sign` key, and by the one in force.
    pub enrolment: SignedEnrolment,
    pub words: [&'static str; 8],
    /// Shares that nobody has collected: once the new keys are listed, what was signed with those before is refused.
    pub uncollected: usize,
}

impl Office {
    /// Makes new keys for every job and asks for them to be listed. Asked again before they are, it asks for the same.
    ///
    /// # Errors
    /// Refuses where no directory lists this agency yet.
    pub fn replace_keys(&mut self, now: &Zoned) -> Result<Replacement, OfficeError> {
        let (Some(me), Some(present)) = (self.listed(now)?, self.casebook.agency_secrets()?) else {
            return Err(OfficeError::refused(
                "no directory lists this agency yet: its keys are those of the enrolment that the admin has",
            ));
        };
        let next = match self.casebook.secrets_to_come()? {
            Some(next) => next,
            None => {
                let next = AgencySecrets::generate();
                self.casebook.keep_secrets_to_come(&next, now.timestamp())?;
                next
            }
        };
        let Member { id, name, sector, phone, authority, .. } = me;
        let keys = next.public();
        let words = eight_words(&keys);
        let asked = Enrolment { id, name, sector, phone, authority, keys };
        let mut enrolment = SignedEnrolment::new(&asked, &next.sign);
        let present = present.sign.sign(Namespace::Enrolment, enrolment.text.as_bytes());
        enrolment.signature = enrolment.signature.and(&present);
        Ok(Replacement { enrolment, words, uncollected: self.uncollected(now)? })
    }

    /// Puts keys that waited into force, if the directory lists them now. Everybody here is certified by them: the person
    /// at the keyboard now, the others when they open the casebook.
    ///
    /// # Errors
    /// When the casebook fails.
    pub(super) fn adopt_listed(&mut self, now: &Zoned) -> Result<(), OfficeError> {
        let Some(next) = self.casebook.secrets_to_come()? else { return Ok(()) };
        if self.listed(now)?.is_some_and(|me| me.keys == next.public()) {
            self.casebook.adopt_secrets(now.timestamp())?;
            self.certificate_warning = persons::renew(&mut self.casebook, now);
        }
        Ok(())
    }

    /// Where to ask whether keys that wait are listed, with the key to ask by: the node knows no other from then on.
    pub(super) fn line_to_come(&self) -> Result<Option<(NodeAddress, SigningKey, Pinned)>, OfficeError> {
        let book = &self.casebook;
        let Some(next) = book.secrets_to_come()? else { return Ok(None) };
        let node = self.line()?.map(|(node, _)| node);
        Ok(node.zip(book.pinned()?).map(|(node, pinned)| (node, next.link, pinned)))
    }

    /// Ourselves as the directory lists us, by whatever keys.
    fn listed(&self, now: &Zoned) -> Result<Option<Member>, OfficeError> {
        let (Some(signed), Some(pinned)) = (self.casebook.directory()?, self.casebook.pinned()?) else {
            return Ok(None);
        };
        let read = signed.verify_for_urgent_use(&pinned, now.timestamp()).ok();
        Ok(read.and_then(|(directory, _)| directory.member(&self.session.agency).cloned()))
    }

    fn uncollected(&self, now: &Zoned) -> Result<usize, OfficeError> {
        let (mut count, mut after) = (0, None);
        loop {
            let query = Query::Shares { case: None, window: after.into(), limit: PAGE };
            let Answer::Shares(page) = self.casebook.ask(&query, now.date())? else { return Ok(count) };
            let Some(last) = page.rows.last() else { return Ok(count) };
            after = Some(last.key());
            count += page.rows.iter().filter(|row| row.state == ShareState::Stored).count();
        }
    }
}
