//! Shares and what becomes of them.

use std::collections::BTreeSet;

use kith_protocol::{
    consent::{Category, ConsentRecord, scope_refusals},
    ids::Digest,
    receipt::ReceiptKind,
};

use super::{CaseState, ConsentState, Context, ShareState, SharedEntry, Touched, limits, open};
use crate::casework::{
    command::{Command, Refusal},
    contact::{Compared, Comparison},
    fact::{Fact, Release, Share, ShareEnd},
    ids::ConsentId,
};

pub(super) fn decide(command: Command, touched: &Touched, at: &Context) -> Result<Vec<Fact>, Refusal> {
    Ok(vec![match (command, touched) {
        (Command::Share { share, record, draft }, Touched::Sharing { case, consent, entries }) => {
            let rests_on = (case, consent, entries.as_slice());
            return decided(share, record, &draft, rests_on, at, Fact::ShareDecided);
        }
        (
            Command::ProposeShare { share, record, draft, choices: _, proposal },
            Touched::Sharing { case, consent, entries },
        ) => {
            let rests_on = (case, consent, entries.as_slice());
            let fact = |share| Fact::ShareProposed { share, proposal };
            return decided(share, record, &draft, rests_on, at, fact);
        }
        (Command::NoteSealed { .. }, Touched::Share(ShareState { to_check: Some(_), .. })) => {
            return Err(Refusal::ShareState { state: "not checked, and so not to be sealed," });
        }
        (Command::NoteSealed { share, bundle, ciphertext, envelope, gate }, Touched::Share(state)) => {
            in_progress(state)?;
            if state.sealed {
                return Err(Refusal::ShareState { state: "sealed" });
            }
            Fact::ShareSealed { share, bundle, ciphertext, envelope, gate }
        }
        // The same receipt may come twice, after a crash between the node and here: that is no fault. Another of its kind by
        // node or agency is a fork, which was told; people may speak twice, and all they sign is kept.
        (Command::KeepReceipt { kind, receipt, .. }, Touched::Share(state))
            if state.receipts.contains(&(kind, Digest::of(receipt.text.as_bytes())))
                || (kind <= ReceiptKind::Delivered && state.has(kind))
                || state.receipts.len() >= limits::MAX_RECEIPTS =>
        {
            return Ok(Vec::new());
        }
        (Command::KeepReceipt { share, kind, receipt }, Touched::Share(state)) => {
            if !state.sealed {
                return Err(Refusal::ShareState { state: "not sealed, so it has no receipts," });
            }
            Fact::ReceiptKept { share, kind, receipt }
        }
        (Command::ReleaseWords(release), Touched::Share(state)) => released(release, state)?,
        (Command::EndShare { share, end }, Touched::Share(state)) => {
            may_end(&end, state)?;
            Fact::ShareEnded { share, end }
        }
        // It was taken back already, and the node is told until it knows.
        (Command::SignWithdrawal { .. }, Touched::Share(ShareState { asked: true, .. })) => {
            return Ok(Vec::new());
        }
        (Command::SignWithdrawal { share, why, answer_by, withdrawal }, Touched::Share(state)) => {
            limits::reason(&why)?;
            if !state.sealed {
                return Err(Refusal::ShareState { state: "not sealed, so there is nothing to take back," });
            }
            if state.has(ReceiptKind::Deleted) {
                return Err(Refusal::ShareState { state: "deleted" });
            }
            Fact::WithdrawalSigned { share, why, answer_by, withdrawal }
        }
        _ => return Err(Refusal::Changed),
    }])
}

/// Words of a share that were withheld are released.
fn released(release: Release, state: &ShareState) -> Result<Fact, Refusal> {
    limits::needed("the order", &release.order, "say on which order or for which reason it is released")?;
    may_release(state)?;
    Ok(Fact::WordsReleased(release))
}

/// Whether words of a share can still be released to its recipient.
///
/// # Errors
/// Why not, and what to do.
pub fn may_release(state: &ShareState) -> Result<(), Refusal> {
    if !state.sealed {
        return Err(Refusal::ShareState { state: "not sealed, so nothing of it is released later," });
    }
    if state.has(ReceiptKind::Deleted) {
        return Err(Refusal::ShareState {
            state: "deleted by its recipient: for more of it, share anew; it is ended",
        });
    }
    if state.asked {
        return Err(Refusal::ShareState {
            state: "taken back: for more of it, share anew; it is taken back",
        });
    }
    if state.ended {
        return Err(Refusal::Sharing(
            "the share ended without reaching its recipient (withdrawn, refused, sent back or not collected): there is nothing there that a supplement would fit. Share the words anew"
                .to_owned(),
        ));
    }
    let answer = state.receipts.iter().rev().map(|(kind, _)| *kind);
    let mut answer = answer.filter(|kind| matches!(kind, ReceiptKind::Receipted | ReceiptKind::Declined));
    if answer.next() == Some(ReceiptKind::Declined) {
        return Err(Refusal::Sharing(
            "its recipient declined the share and does not act on it: whom an order names gets the words in a share of their own. Share them anew"
                .to_owned(),
        ));
    }
    Ok(())
}

fn may_end(end: &ShareEnd, state: &ShareState) -> Result<(), Refusal> {
    in_progress(state)?;
    if let ShareEnd::Withdrawn { why } | ShareEnd::RefusedByNode { why } | ShareEnd::SentBack { why } = end {
        limits::reason(why)?;
    }
    if matches!(end, ShareEnd::SentBack { .. }) && state.to_check.is_none() {
        return Err(Refusal::ShareState { state: "approved, or needs no check," });
    }
    if state.receipts.iter().any(|(kind, _)| *kind != ReceiptKind::Stored) {
        return Err(Refusal::ShareState { state: "delivered" });
    }
    Ok(())
}

/// A second person's check, and which shares need one.
/// What was compared is the office's to judge; how must be said.
pub(super) fn compared(compared: Comparison) -> Result<Vec<Fact>, Refusal> {
    if let Compared::Telephone { number } = &compared.how {
        limits::needed("the number", number, "say which number you rang; it is one you held before")?;
        limits::line("the number", number)?;
    }
    limits::line("the eight words", &compared.words)?;
    Ok(vec![Fact::ContactCompared(compared)])
}

pub(super) fn second(command: Command, touched: &Touched) -> Result<Vec<Fact>, Refusal> {
    Ok(vec![match (command, touched) {
        (Command::ApproveShare { share, by, approval }, Touched::Share(state)) => {
            in_progress(state)?;
            match &state.to_check {
                None => return Err(Refusal::ShareState { state: "approved, or needs no check," }),
                Some(proposer) if *proposer == by => {
                    return Err(Refusal::Sharing(
                        "you proposed it yourself: somebody else who can open the casebook must check it"
                            .to_owned(),
                    ));
                }
                Some(_) => Fact::ShareApproved { share, approval },
            }
        }
        (Command::SetSharingPolicy { policy, why }, Touched::Known) => {
            limits::reason(&why)?;
            Fact::SharingPolicySet { policy, why }
        }
        _ => return Err(Refusal::Changed),
    }])
}

/// A new share, and before it the record that it rests on where that is new too.
fn decided(
    mut share: Share,
    record: Option<Box<ConsentRecord>>,
    draft: &[u8],
    (case, consent, entries): (&CaseState, &ConsentState, &[SharedEntry]),
    at: &Context,
    fact: impl FnOnce(Share) -> Fact,
) -> Result<Vec<Fact>, Refusal> {
    open(case)?;
    new_share(&share, draft, consent, entries, at)?;
    let Some(record) = record else { return Ok(vec![fact(share)]) };
    share.consent = ConsentId(at.next);
    Ok(vec![Fact::ConsentRecorded { case: share.case, record }, fact(share)])
}

const fn in_progress(state: &ShareState) -> Result<(), Refusal> {
    if state.ended { Err(Refusal::ShareState { state: "ended" }) } else { Ok(()) }
}

/// The same check that the composer made and the recipient will make.
fn new_share(
    share: &Share,
    draft: &[u8],
    consent: &ConsentState,
    entries: &[SharedEntry],
    at: &Context,
) -> Result<(), Refusal> {
    let no = |why: &str| Err(Refusal::Sharing(why.to_owned()));
    limits::needed("the purpose", &share.purpose, "say what the information is for")?;
    limits::text("what is asked", &share.ask)?;
    limits::count("entries in one share", share.entries.len(), limits::MAX_SHARE_ENTRIES)?;
    if draft.is_empty() {
        return no("there is nothing to send: open the preview again");
    }
    let Some(record) = &consent.record else {
        return no("it was decided not to share: record a new decision first");
    };
    if !consent.of_this_case {
        return no("the consent record belongs to another case: record one for this case");
    }
    if consent.withdrawn {
        return no("the consent record was withdrawn: record on which basis this may go");
    }
    if entries.iter().any(|entry| !entry.of_this_case) {
        return no("an entry belongs to another case: take it out");
    }
    let categories: BTreeSet<Category> = entries.iter().map(|entry| entry.category.data()).collect();
    match scope_refusals(record, &share.to, &categories, at.now).first() {
        Some(refusal) => Err(Refusal::Sharing(refusal.to_string())),
        None => Ok(()),
    }
}
