//! Consent's scope is never exceeded: whatever the record, the categories, the recipient and the moment, what is cleared,
//! and what a recipient takes from a sender that cleared nothing, is within it. The rule is told here once more.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::{super::*, World, fixture::*, hostile::seal_bundle};
use crate::consent::{Category, ConsentEvent, ConsentRecord, ConsentState, Decision, LawfulBasis, tests::at};

const STATES: [ConsentState; 6] = [
    ConsentState::NotSought,
    ConsentState::Requested,
    ConsentState::Given,
    ConsentState::Refused,
    ConsentState::Withdrawn,
    ConsentState::Expired,
];

/// What a record leaves open, drawn at random; most draws have a fault or two.
#[derive(Debug, Clone)]
struct Drawn {
    shares: bool,
    basis: usize,
    events: Vec<usize>,
    special: bool,
    named: bool,
    noticed: bool,
    allowed: BTreeSet<Category>,
    used: Vec<ConcernCategory>,
    /// Hours from the moment of sealing.
    from: i64,
    until: i64,
}

fn drawn() -> impl Strategy<Value = Drawn> {
    let category = || prop::sample::select(Category::ALL.to_vec());
    let about = prop::sample::select(ConcernCategory::ALL.to_vec());
    let often = || prop::bool::weighted(0.9);
    let allowed = prop_oneof![
        Just(Category::ALL.into_iter().collect::<BTreeSet<_>>()),
        prop::collection::btree_set(category(), 0..15),
    ];
    let record = (often(), 0_usize..4, prop::collection::vec(0_usize..6, 0..3), often(), often(), often());
    let use_of_it = (allowed, prop::collection::vec(about, 2), -48_i64..6, -6_i64..48);
    (record, use_of_it).prop_map(
        |((shares, basis, events, special, named, noticed), (allowed, used, from, until))| Drawn {
            shares,
            basis,
            events,
            special,
            named,
            noticed,
            allowed,
            used,
            from,
            until,
        },
    )
}

impl Drawn {
    fn record(&self, right: &ConsentRecord, now: Timestamp) -> ConsentRecord {
        let mut record = right.clone();
        if !self.shares {
            record.decision =
                Decision::DoNotShare { because: "the risk of telling is the greater one".into() };
        }
        let bases = [None, Some(LawfulBasis::Consent), Some(LawfulBasis::DutyToShare)];
        record.lawful_basis = bases.get(self.basis).cloned().unwrap_or(Some(LawfulBasis::DutyToShare));
        let event = |state: &usize| ConsentEvent {
            event_time: at("2026-11-20T09:00:00Z"),
            event_state: STATES[*state],
            entity: "Dana Oakes, mother".into(),
            event_type: "by phone".into(),
        };
        record.events = self.events.iter().map(event).collect();
        if !self.special {
            record.special_condition = None;
        }
        if !self.named {
            record.recipients[0].id = "northshire-csc".parse().unwrap();
        }
        let notice = crate::ids::Digest::of(b"what they were told");
        record.notice.sha256 = Some(notice).filter(|_| self.noticed);
        record.categories = self.allowed.clone();
        record.validity.from = now + SignedDuration::from_hours(self.from);
        record.validity.until = now + SignedDuration::from_hours(self.until);
        record
    }

    /// The rule, in other words than the program's.
    fn may_go(&self) -> bool {
        let asked_for = self.basis == 1;
        let events: Vec<ConsentState> = self.events.iter().map(|state| STATES[*state]).collect();
        // Given at once, or after it was asked for or refused; nothing else leads to it.
        let agreed = matches!(
            events.as_slice(),
            [ConsentState::Given] | [ConsentState::Requested | ConsentState::Refused, ConsentState::Given]
        );
        self.shares
            && self.basis != 0
            && (!asked_for || agreed && self.noticed)
            && self.named
            && self.from <= 0
            && self.until > 0
            && self.used.iter().all(|about| self.allowed.contains(&about.data()))
            && (self.special || !self.used.iter().any(|about| about.data().is_special()))
    }
}

fn with_categories<S>(records: &mut [Record<S>], used: &[ConcernCategory]) {
    for (record, category) in records.iter_mut().zip(used.iter().cycle()) {
        record.category = *category;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn nothing_is_cleared_beyond_its_record(drawn in drawn()) {
        let mut world = World::new();
        let mut draft = world.draft();
        draft.attachments.clear();
        draft.records.iter_mut().for_each(|record| record.attachments.clear());
        with_categories(&mut draft.records, &drawn.used);
        draft.consent = drawn.record(&draft.consent, at(NOW));
        let told = draft.clear(world.to(), at(NOW));
        prop_assert_eq!(told.is_ok(), drawn.may_go(), "{:?}", told.err());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// A sender that runs no check of its own; all else it signs is right.
    #[test]
    fn nothing_is_taken_beyond_its_record(drawn in drawn()) {
        let mut world = World::new();
        let mut draft = world.draft();
        draft.consent.categories.extend(Category::ALL);
        // Of the records, which are proven to be of these categories, and of the attachment.
        with_categories(&mut draft.records, &drawn.used);
        draft.attachments[0].category = drawn.used[1].data();
        let agency = World::agency();
        let mut bundle = world.clear(draft).unwrap().bundle(&world.sealing(&agency)).unwrap();
        let right = bundle.consent.get().clone();
        bundle.consent = Exact::new(drawn.record(&right, at(NOW))).unwrap();
        let told = world
            .open(None, &seal_bundle(&world, &bundle), &mut Kept::default())
            .map(|opened| opened.verify(&world.directory, &"northshire-police".parse().unwrap(), at(NOW)));
        match told {
            Ok(Ok(_)) => prop_assert!(drawn.may_go()),
            Ok(Err(VerifyRefused::OutOfScope(_))) => prop_assert!(!drawn.may_go()),
            other => prop_assert!(false, "{:?}", other),
        }
    }
}
