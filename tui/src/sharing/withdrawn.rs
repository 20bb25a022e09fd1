//! Bundles of others that were taken back: the withdrawal is verified and becomes a task; a named person answers it.

use jiff::Zoned;
use kith_exchange::courier::takes_back;
use kith_protocol::{
    consent::LawfulBasis,
    envelope::SignedEnvelope,
    gate::SignedWithdrawal,
    ids::{BundleId, Digest},
    receipt::ReceiptKind,
};

use super::{
    inbox::Noted,
    office::{Office, OfficeError},
    outbox::machine,
    papers,
};
use crate::casework::{
    command::Command,
    ids::ReceivedId,
    query::{Answer, Query, ReceivedView},
};

/// What a person answers to a withdrawal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reaction {
    /// It is destroyed with everything that was filed from it, and its sender is told so.
    Deleted { note: String },
    /// It is kept, under a basis that is not consent, because.
    Kept { basis: LawfulBasis, because: String },
}

impl Office {
    /// Keeps a withdrawal of a bundle that is here, as a task. One that is not its sender's, or names another gate, is
    /// refused; one that was taken in before changes nothing.
    ///
    /// # Errors
    /// When the casebook fails.
    pub(super) fn taken_back(
        &mut self,
        bundle: BundleId,
        signed: &SignedWithdrawal,
        now: &Zoned,
    ) -> Result<Noted, OfficeError> {
        let Some(received) = self.casebook.received_of_bundle(bundle)? else {
            self.casebook.keep_withdrawal(bundle, &papers::kept(signed))?;
            return Ok(Noted::Nothing);
        };
        let view = self.look(received, now)?;
        if view.asked.is_some() || view.gone.is_some() {
            return Ok(Noted::Nothing);
        }
        let (why, answer_by) = match self.read_withdrawal(&view, signed) {
            Ok(found) => found,
            Err(why) => return Ok(Noted::Refused(why)),
        };
        let withdrawal = papers::kept(signed);
        let command = Command::TakeWithdrawal { received, why, answer_by, withdrawal };
        let facts = self.casebook.execute(command, &machine(), now)?;
        Ok(if facts.is_empty() { Noted::Nothing } else { Noted::Changed })
    }

    /// Its reason and day, if it is by the bundle's sender and about this bundle. Without a letter no reason is known.
    fn read_withdrawal(
        &self,
        view: &ReceivedView,
        signed: &SignedWithdrawal,
    ) -> Result<(String, Option<jiff::civil::Date>), String> {
        let enrolled = self.enrolled().map_err(|error| error.to_string())?;
        let directories = self.directories().map_err(|error| error.to_string())?;
        let kept = view.received.envelope.as_ref().ok_or("its envelope is not here to compare")?;
        let envelope: SignedEnvelope = papers::read(kept).map_err(|error| error.to_string())?;
        let id = envelope.id();
        // It was verified when it came; its sender's keys may be others by now.
        let envelope = envelope.claims().map_err(|error| error.to_string())?;
        let withdrawal = takes_back(signed, &envelope, directories).map_err(|error| error.to_string())?;
        let Some(letter) = withdrawal.letter else { return Ok((String::new(), None)) };
        let identity = &enrolled.seals;
        let letter = letter.open(identity, id).map_err(|error| format!("its letter: {error}"))?;
        Ok((letter.why, letter.answer_by))
    }

    /// Answers a withdrawal as the person at the keyboard.
    ///
    /// # Errors
    /// Refuses an answer to what was not taken back, a second one, one to keep it without a reason or on consent, and to
    /// delete what was shared on.
    pub fn react(
        &mut self,
        received: ReceivedId,
        reaction: Reaction,
        now: &Zoned,
    ) -> Result<(), OfficeError> {
        let view = self.look(received, now)?;
        let withdrawal = self.casebook.withdrawal_of(received)?;
        let withdrawal = withdrawal.map(|kept| Digest::of(kept.text.as_bytes()));
        match reaction {
            Reaction::Kept { basis: LawfulBasis::Consent, .. } => Err(OfficeError::refused(
                "consent was withdrawn: it can be kept under another basis only, or must be deleted",
            )),
            Reaction::Kept { basis, because } => {
                self.sign_as_person(&view, ReceiptKind::Kept, &because, (withdrawal, Some(basis)), now)
            }
            Reaction::Deleted { note } => {
                self.sign_as_person(&view, ReceiptKind::Deleted, &note, (withdrawal, None), now)
            }
        }
    }

    fn look(&self, received: ReceivedId, now: &Zoned) -> Result<ReceivedView, OfficeError> {
        match self.casebook.ask(&Query::Received { received }, now.date())? {
            Answer::Received(view) => Ok(*view),
            _ => Err(OfficeError::refused("the casebook's answer does not fit the question")),
        }
    }
}
