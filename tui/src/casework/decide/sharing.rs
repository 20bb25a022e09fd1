//! Shares and what becomes of them.

use std::collections::BTreeSet;

use kith_protocol::{
    consent::{Category, scope_refusals},
    receipt::ReceiptKind,
};

use super::{ConsentState, Context, ShareState, SharedEntry, Touched, limits, open};
use crate::casework::{
    command::{Command, Refusal},
    fact::{Fact, Share, ShareEnd},
    ids::ConsentId,
};

pub(super) fn decide(command: Command, touched: &Touched, at: &Context) -> Result<Vec<Fact>, Refusal> {
    Ok(vec![match (command, touched) {
        (Command::Share { mut share, record, draft }, Touched::Sharing { case, consent, entries }) => {
            open(case)?;
            new_share(&share, &draft, consent, entries, at)?;
            if let Some(record) = record {
                share.consent = ConsentId(at.next);
                let recorded = Fact::ConsentRecorded { case: share.case, record };
                return Ok(vec![recorded, Fact::ShareDecided(share)]);
            }
            Fact::ShareDecided(share)
        }
        (Command::NoteSealed { share, bundle, ciphertext, envelope, gate }, Touched::Share(state)) => {
            in_progress(state)?;
            if state.sealed {
                return Err(Refusal::ShareState { state: "sealed" });
            }
            Fact::ShareSealed { share, bundle, ciphertext, envelope, gate }
        }
        // The same receipt may come twice, after a crash between the node and here: that is no fault.
        (Command::KeepReceipt { kind, .. }, Touched::Share(state)) if state.receipts.contains(&kind) => {
            return Ok(Vec::new());
        }
        (Command::KeepReceipt { share, kind, receipt }, Touched::Share(state)) => {
            if !state.sealed {
                return Err(Refusal::ShareState { state: "not sealed, so it has no receipts," });
            }
            Fact::ReceiptKept { share, kind, receipt }
        }
        (Command::EndShare { share, end }, Touched::Share(state)) => {
            in_progress(state)?;
            if let ShareEnd::Withdrawn { why } | ShareEnd::RefusedByNode { why } = &end {
                limits::reason(why)?;
            }
            if state.receipts.iter().any(|kind| *kind != ReceiptKind::Stored) {
                return Err(Refusal::ShareState { state: "delivered" });
            }
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
            if state.receipts.contains(&ReceiptKind::Deleted) {
                return Err(Refusal::ShareState { state: "deleted" });
            }
            Fact::WithdrawalSigned { share, why, answer_by, withdrawal }
        }
        _ => return Err(Refusal::Changed),
    }])
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
    let categories: BTreeSet<Category> = entries.iter().map(|entry| entry.category).collect();
    match scope_refusals(record, &share.to, &categories, at.now).first() {
        Some(refusal) => Err(Refusal::Sharing(refusal.to_string())),
        None => Ok(()),
    }
}
