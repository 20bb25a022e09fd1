//! The record of why a share is lawful: field names of ISO/IEC TS 27560 where it has them, and what safeguarding adds.
//!
//! Consent is one basis among several and never blocks a share that rests on another. *Decided not to share, because*
//! is a record of the same kind. [`scope_refusals`] is the one check; sender and recipient both run it.

mod basis;
mod life;
mod not_shared;
mod record;
mod refusal;

use std::collections::BTreeSet;

use jiff::Timestamp;

pub use self::{
    basis::{Category, LawfulBasis, SpecialCondition},
    life::{BadHistory, History},
    not_shared::{NotShared, SignedNotShared},
    record::{
        ConsentEvent, ConsentRecord, ConsentState, ConsentVersion, DecidedBy, Decision, FamilyTold,
        NamedRecipient, Notice, OnwardLimit, ParentalResponsibility, Party, RecordId, Safeguarding, Validity,
        WithheldFrom,
    },
    refusal::Refusal,
};
use crate::ids::AgencyId;

/// THE check: may `categories` go to `recipient` at `now` under `record`? An empty list means yes.
#[must_use]
pub fn scope_refusals(
    record: &ConsentRecord,
    recipient: &AgencyId,
    categories: &BTreeSet<Category>,
    now: Timestamp,
) -> Vec<Refusal> {
    if let Decision::DoNotShare { because } = &record.decision {
        return vec![Refusal::DecidedNotToShare { because: because.clone() }];
    }
    let mut refusals: Vec<_> = basis_refusals(record, now).into_iter().collect();
    // Whole seconds, as a bundle says when it was sealed.
    let said = record.events.iter().map(|event| event.event_time).chain([record.safeguarding.decided_by.on]);
    let ahead = said.filter(|on| on.as_second() > now.as_second()).max();
    refusals.extend(ahead.map(|on| Refusal::InFuture { on }));
    let Validity { from, until, .. } = record.validity;
    if now < from {
        refusals.push(Refusal::NotYetValid { from });
    }
    if now >= until {
        refusals.push(Refusal::Expired { on: until });
    }
    if !record.recipients.iter().any(|named| named.id == *recipient) {
        refusals.push(Refusal::RecipientNotNamed { recipient: recipient.clone() });
    }
    refusals.extend(
        categories.difference(&record.categories).map(|&category| Refusal::CategoryOutOfScope { category }),
    );
    if record.special_condition.is_none() {
        let special = categories.iter().find(|category| category.is_special());
        refusals.extend(special.map(|&category| Refusal::NoSpecialCondition { category }));
    }
    refusals.extend(missing_words(record));
    refusals
}

fn basis_refusals(record: &ConsentRecord, now: Timestamp) -> Option<Refusal> {
    let last = record.events.last();
    match &record.lawful_basis {
        None => Some(Refusal::NoBasis),
        Some(LawfulBasis::LegalObligation { which }) if blank(which) => Some(Refusal::NoBasis),
        Some(LawfulBasis::Consent) => match last.map(|event| event.event_state) {
            // That it may have run out since is said by the validity of the record.
            Some(ConsentState::Given) if History::of(&record.events).is_err() => {
                Some(Refusal::Contradiction {
                    what: "what is recorded of the consent cannot have happened in that order",
                })
            }
            Some(ConsentState::Given) if record.notice.sha256.is_none() => Some(Refusal::NoticeNotKept),
            Some(ConsentState::Given) => None,
            Some(ConsentState::Withdrawn) => last.map(|event| Refusal::Withdrawn { on: event.event_time }),
            _ => Some(Refusal::ConsentNotGiven { state: record.state(now) }),
        },
        Some(_) => None,
    }
}

/// Words without which the record says nothing.
fn missing_words(record: &ConsentRecord) -> Vec<Refusal> {
    let more = &record.safeguarding;
    let mut refusals = Vec::new();
    if let FamilyTold::NotSafe { because } | FamilyTold::NotYet { because, .. } = &more.family_told
        && blank(because)
    {
        refusals.push(Refusal::FamilyReasonMissing);
    }
    let mut need = |there: bool, field: &'static str| {
        if !there {
            refusals.push(Refusal::FieldMissing { field });
        }
    };
    need(record.purposes.iter().any(|purpose| !blank(purpose)), "what the sharing is for");
    need(!blank(&more.decided_by.name) && !blank(&more.decided_by.role), "who decided, and their role");
    need(!blank(&more.necessity), "why it is necessary and proportionate");
    need(!blank(&more.childs_view), "the child's view, or why they were not asked");
    refusals
}

pub(crate) use self::record::blank;

#[cfg(test)]
pub(crate) mod tests;
