//! Taking back what was shared: what nobody has collected stops at the node; whoever has it is asked to delete it, or to
//! say on which basis it is kept. Each step can be done twice.

use jiff::{Timestamp, Zoned, civil::Date};
use kith_protocol::{
    consent::{ConsentEvent, ConsentState},
    envelope::SignedEnvelope,
    gate::{SignedWithdrawal, Withdrawal},
    ids::Digest,
    letter::Letter,
    receipt::{ReceiptRefusal, SignedReceipt},
};

use super::{
    office::{Office, OfficeError},
    outbox::machine,
    papers,
};
use crate::{
    casework::{
        command::Command,
        fact::{Author, ShareEnd, SignedText},
        ids::{FactId, ShareId},
    },
    store::{Cursor, SealedPapers, SharePapers},
};

/// How long a recipient is given where nobody says.
const DAYS_TO_ANSWER: i32 = 14;

impl Office {
    /// Takes a share back. What has not been collected is stopped; who has it is told why, and asked for an answer.
    ///
    /// # Errors
    /// Refuses what has ended or was taken back already.
    pub fn withdraw(
        &mut self,
        share: ShareId,
        why: &str,
        answer_by: Option<Date>,
        now: &Zoned,
    ) -> Result<(), OfficeError> {
        let author = self.session.user.clone();
        self.take_back(share, (why.trim(), answer_by), &author, now)
    }

    /// Takes back whatever rests on a record that was withdrawn.
    ///
    /// # Errors
    /// When the casebook fails.
    pub(super) fn stop_withdrawn(&mut self, now: &Zoned) -> Result<(), OfficeError> {
        if self.enrolled().is_err() {
            return Ok(());
        }
        for share in self.casebook.shares_without_record()? {
            let row = self.casebook.papers(share)?.share;
            if let Some(why) = self.withdrawn_record(&row, now)? {
                self.take_back(share, (&why, None), &machine(), now)?;
            }
        }
        Ok(())
    }

    /// It may not leave any more; should it have left before a crash, it is taken back.
    pub(super) fn end(&mut self, share: ShareId, why: &str, now: &Zoned) -> Result<(), OfficeError> {
        self.take_back(share, (&format!("It did not leave: {why}"), None), &machine(), now)
    }

    /// The share's end, where it did not reach anybody, and the signed withdrawal, where anybody could have it, in one.
    fn take_back(
        &mut self,
        share: ShareId,
        (why, answer_by): (&str, Option<Date>),
        author: &Author,
        now: &Zoned,
    ) -> Result<(), OfficeError> {
        let papers = self.casebook.papers(share)?;
        if papers.withdrawal.is_some() {
            return Err(OfficeError::refused("it was taken back already: their answer is awaited"));
        }
        let delivered = papers.receipts.len() > 1;
        let mut commands = Vec::new();
        if !delivered {
            commands.push(Command::EndShare { share, end: ShareEnd::Withdrawn { why: why.to_owned() } });
        }
        if let Some(sealed) = &papers.sealed {
            let due = || now.date().checked_add(jiff::Span::new().days(DAYS_TO_ANSWER)).ok();
            let answer_by = answer_by.or_else(due);
            let withdrawal = self.sign_withdrawal(sealed, &papers, (why, answer_by), now)?;
            commands.push(Command::SignWithdrawal { share, why: why.to_owned(), answer_by, withdrawal });
        }
        self.casebook.execute_all(commands, author, now)?;
        self.tidy()
    }

    /// Why, and by when an answer is wanted, goes sealed to whoever has the bundle, also where nobody told us yet that
    /// they do: the node passes it on to who collected, and to nobody else.
    fn sign_withdrawal(
        &self,
        sealed: &SealedPapers,
        papers: &SharePapers,
        (why, answer_by): (&str, Option<Date>),
        now: &Zoned,
    ) -> Result<SignedText, OfficeError> {
        let bad = |error: &dyn std::fmt::Display| OfficeError::refused(error.to_string());
        let envelope: SignedEnvelope = papers::read(&sealed.envelope).map_err(|error| bad(&error))?;
        let gate = envelope.claims().map_err(|error| bad(&error))?.gate;
        let letter = match self.member(&papers.share.to) {
            Ok(to) if self.sending(now).is_ok() => {
                let letter = Letter { bundle: sealed.bundle, why: why.to_owned(), answer_by };
                Some(letter.seal(&to.keys.seal).map_err(|error| bad(&error))?)
            }
            _ => None,
        };
        let enrolled = self.enrolled()?;
        let at = now.timestamp();
        let at = Timestamp::from_second(at.as_second()).unwrap_or(at);
        let withdrawal = Withdrawal { from: enrolled.me.id.clone(), gates: vec![gate], at, letter };
        Ok(papers::kept(&SignedWithdrawal::new(&withdrawal, &enrolled.secrets.sign)))
    }

    /// The next withdrawal the node has not been told of, and the mark to note when that is done.
    ///
    /// # Errors
    /// When the casebook fails.
    pub fn next_withdrawal(&self) -> Result<Option<(FactId, SignedWithdrawal)>, OfficeError> {
        let after = FactId::from_key(self.casebook.cursor(Cursor::Withdrawals)?.cast_signed());
        let Some((mark, withdrawal)) = self.casebook.withdrawals_after(after)?.into_iter().next() else {
            return Ok(None);
        };
        let withdrawal =
            papers::read(&withdrawal).map_err(|error| OfficeError::refused(error.to_string()))?;
        Ok(Some((mark, withdrawal)))
    }

    /// The node knows of the withdrawal.
    ///
    /// # Errors
    /// When the casebook fails.
    pub fn withdrawn(&mut self, mark: FactId) -> Result<(), OfficeError> {
        Ok(self.casebook.set_cursor(Cursor::Withdrawals, mark.key().cast_unsigned())?)
    }

    /// Records of consents that have run out, so that this stands in their history too.
    ///
    /// # Errors
    /// When the casebook fails.
    pub(super) fn note_run_out(&mut self, now: &Zoned) -> Result<(), OfficeError> {
        for consent in self.casebook.run_out(now.timestamp())? {
            let event = ConsentEvent {
                event_time: now.timestamp(),
                event_state: ConsentState::Expired,
                entity: machine().name,
                event_type: "the record no longer holds".to_owned(),
            };
            match self.casebook.execute(Command::MoveConsent { consent, event }, &machine(), now) {
                // A history that was recorded out of order stays as it is; the record has run out all the same.
                Ok(_) | Err(crate::store::CommandError::Refused(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}

/// Does a receipt answer the withdrawal that was made, if it answers one?
pub(super) fn answers_ours(papers: &SharePapers, signed: &SignedReceipt) -> Result<(), ReceiptRefusal> {
    let receipt = signed.claims().map_err(ReceiptRefusal::Document)?;
    let ours = papers.withdrawal.as_ref().map(|kept| Digest::of(kept.text.as_bytes()));
    if receipt.kind.answers_withdrawal() && receipt.withdrawal != ours {
        Err(ReceiptRefusal::OtherWithdrawal)
    } else {
        Ok(())
    }
}
