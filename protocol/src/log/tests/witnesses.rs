use proptest::prelude::*;

use super::*;
use crate::directory::NodeAddress;

const NOON: &str = "2026-11-22T12:00:00Z";

fn node_address(name: &str, n: u8) -> NodeAddress {
    let public = |n| key(n).public();
    NodeAddress {
        name: name.into(),
        addr: "node.example:443".into(),
        link: public(n),
        sign: public(n + 1),
        log: public(n + 2),
        cosign: public(n + 3),
    }
}

/// A witness node whose cosign key grows from `n`.
fn witness(name: &str, n: u8, own: bool) -> (Witness, Cosigner) {
    (Witness::node(&node_address(name, n - 3), own).unwrap(), Cosigner::node(key(n)).unwrap())
}

fn offer(size: u64) -> SignedCheckpoint {
    head(&Memory::counting(size), size).sign(&log_key()).unwrap()
}

/// What a witness says that saw the first `seen` leaves.
fn cosign(
    cosigner: &Cosigner,
    offered: &SignedCheckpoint,
    seen: Option<&Checkpoint>,
    growth: &Growth,
) -> Result<(Checkpoint, Cosignature), Refused> {
    cosigner.cosign(offered, (&origin(), &log_key().public()), seen, growth, at(NOON))
}

fn none() -> Growth {
    Growth::new(Vec::new())
}

fn cosigned(checkpoint: &mut SignedCheckpoint, (witness, cosigner): &(Witness, Cosigner), time: &str) {
    let log = log_key().public();
    let (_, line) = cosigner.cosign(checkpoint, (&origin(), &log), None, &none(), at(time)).unwrap();
    checkpoint.add(&line, witness).unwrap();
}

#[test]
fn a_witness_cosigns_what_only_grew() {
    let memory = Memory::counting(20);
    let (_, cosigner) = witness("w", 40, false);
    let (first, _) = cosign(&cosigner, &offer(7), None, &none()).unwrap();
    assert_eq!(first, head(&memory, 7));
    let growth = memory.at(20).growth_from(7).unwrap();
    let (second, _) = cosign(&cosigner, &offer(20), Some(&first), &growth).unwrap();
    assert_eq!(second, head(&memory, 20));
    // The same one again gives a fresh word for it.
    assert!(cosign(&cosigner, &offer(20), Some(&second), &none()).is_ok());
}

#[test]
fn a_witness_refuses_what_did_not_grow() {
    let memory = Memory::counting(20);
    let (_, cosigner) = witness("w", 40, false);
    let seen = head(&memory, 10);
    let older = cosign(&cosigner, &offer(9), Some(&seen), &none()).unwrap_err();
    assert_eq!(older, Refused::Older { offered: 9, seen: 10 });
    let mut other = Memory::counting(9);
    (90..111).for_each(|n| other.append(numbered(n)));
    let forked = head(&other, 10).sign(&log_key()).unwrap();
    assert_eq!(cosign(&cosigner, &forked, Some(&seen), &none()), Err(Refused::Forked { size: 10 }));
    let rewritten = head(&other, 20).sign(&log_key()).unwrap();
    let growth = other.at(20).growth_from(10).unwrap();
    let not_grown = cosign(&cosigner, &rewritten, Some(&seen), &growth);
    assert_eq!(not_grown, Err(Refused::NotGrown(PathError::OtherBeginning)));
    let without = cosign(&cosigner, &offer(20), Some(&seen), &none()).unwrap_err();
    assert_eq!(without, Refused::NotGrown(PathError::Length(0)));
    let stranger = head(&memory, 20).sign(&key(9)).unwrap();
    assert!(matches!(cosign(&cosigner, &stranger, None, &none()), Err(Refused::Checkpoint(_))));
}

#[test]
fn the_rule_asks_for_enough_and_for_one_from_outside() {
    let us = witness("our node", 40, true);
    let (one, two) = (witness("Northshire Police", 50, false), witness("Oak Hill", 60, false));
    let all = vec![us.0.clone(), one.0.clone(), two.0];
    let policy = Policy::new(all).unwrap();
    let mut checkpoint = offer(5);
    let judge = |checkpoint: &SignedCheckpoint| policy.judge(checkpoint, at(NOON)).unwrap();
    assert_eq!(judge(&checkpoint).standing(), Standing::TooFew { have: 0 });

    cosigned(&mut checkpoint, &us, "2026-11-22T09:00:00Z");
    assert_eq!(judge(&checkpoint).standing(), Standing::TooFew { have: 1 });
    // Once more by the same witness is still one.
    cosigned(&mut checkpoint, &us, "2026-11-22T10:00:00Z");
    assert_eq!(judge(&checkpoint).standing(), Standing::TooFew { have: 1 });
    // Somebody nobody knows is passed over.
    let unknown = witness("a stranger", 70, false);
    cosigned(&mut checkpoint, &unknown, "2026-11-22T10:30:00Z");
    cosigned(&mut checkpoint, &one, "2026-11-22T11:00:00Z");
    let witnessed = judge(&checkpoint);
    assert_eq!(witnessed.standing(), Standing::Since(at("2026-11-22T11:00:00Z")));
    assert_eq!(
        witnessed.to_string(),
        "witnessed since 22 November 2026, 11:00 UTC: our node (its own) at 22 November 2026, 09:00 UTC; \
         Northshire Police at 22 November 2026, 11:00 UTC"
    );
    let read: SignedCheckpoint = checkpoint.to_string().parse().unwrap();
    assert_eq!(judge(&read), witnessed);
}

#[test]
fn our_own_alone_are_not_enough() {
    let (us, node) = (witness("Elm Park", 40, true), witness("our node", 50, true));
    let outside = witness("Oak Hill", 60, false);
    let policy = Policy::new(vec![us.0.clone(), node.0.clone(), outside.0.clone()]).unwrap();
    let mut checkpoint = offer(5);
    cosigned(&mut checkpoint, &us, "2026-11-22T09:00:00Z");
    cosigned(&mut checkpoint, &node, "2026-11-22T09:01:00Z");
    let witnessed = policy.judge(&checkpoint, at(NOON)).unwrap();
    assert_eq!(witnessed.standing(), Standing::OnlyOwn);
    assert!(witnessed.to_string().starts_with("not witnessed yet: seen by the owner's own side alone"));
    cosigned(&mut checkpoint, &outside, "2026-11-22T11:30:00Z");
    let standing = policy.judge(&checkpoint, at(NOON)).unwrap().standing();
    assert_eq!(standing, Standing::Since(at("2026-11-22T11:30:00Z")));
}

#[test]
fn rules_that_cannot_be_met_are_none() {
    let (us, one) = (witness("us", 40, true).0, witness("one", 50, false).0);
    let other = witness("another", 60, true).0;
    assert!(Policy::new(vec![us.clone(), one.clone()]).is_some());
    assert!(Policy::new(vec![us.clone(), other]).is_none(), "nobody from outside");
    assert!(Policy::new(vec![one.clone()]).is_none(), "too few");
    assert!(Policy::new(vec![one.clone(), us, one]).is_none(), "one key twice");
}

#[test]
fn the_directory_says_who_can_be_a_witness() {
    let directory = crate::bundle::tests::World::new().directory;
    let agency = "elm-park".parse().unwrap();
    // Every member and the one node they share; the agency itself and that node are its own.
    let policy = Policy::for_agency(&directory, &agency).unwrap();
    assert!(Policy::for_agency(&directory, &"nobody".parse().unwrap()).is_none());
    let police = directory.member(&"northshire-police".parse().unwrap()).unwrap();
    let cosigner = Cosigner::agency(&police.id, key(14)).unwrap();
    let mut checkpoint = offer(5);
    let (_, line) = cosign(&cosigner, &checkpoint, None, &none()).unwrap();
    checkpoint.add(&line, &Witness::agency(police, false).unwrap()).unwrap();
    let witnessed = policy.judge(&checkpoint, at(NOON)).unwrap();
    assert_eq!(witnessed.by, [Cosigned { name: "Northshire Police".into(), own: false, at: at(NOON) }]);
}

#[test]
fn a_cosignature_over_something_else_is_not_added_and_spoils_the_note() {
    let one = witness("Oak Hill", 60, false);
    let mut other = offer(6);
    let (_, line) = cosign(&one.1, &other, None, &none()).unwrap();
    let mut checkpoint = offer(5);
    let refused = Err(CheckpointError::Cosignature("Oak Hill".into()));
    assert_eq!(checkpoint.add(&line, &one.0), refused);
    other.add(&line, &one.0).unwrap();
    let line = other.to_string().lines().last().unwrap().to_owned();
    let pasted: SignedCheckpoint = format!("{checkpoint}{line}\n").parse().unwrap();
    let policy = Policy::new(vec![one.0.clone(), witness("us", 40, true).0]).unwrap();
    assert_eq!(policy.judge(&pasted, at(NOON)), refused.map(|()| unreachable!()));
}

#[test]
fn a_cosignature_from_the_future_does_not_count_yet() {
    let one = witness("Oak Hill", 60, false);
    let mut checkpoint = offer(5);
    cosigned(&mut checkpoint, &one, "2026-11-22T12:30:00Z");
    let us = witness("our node", 40, true);
    cosigned(&mut checkpoint, &us, "2026-11-22T11:00:00Z");
    let policy = Policy::new(vec![one.0, us.0]).unwrap();
    let standing = |now| policy.judge(&checkpoint, at(now)).unwrap().standing();
    assert_eq!(standing(NOON), Standing::TooFew { have: 1 });
    assert_eq!(standing("2026-11-22T12:20:00Z"), Standing::Since(at("2026-11-22T12:30:00Z")));
}

proptest! {
    /// Two witnesses of one log that was shown to them in two forms: when they meet, at any size, it is found.
    #[test]
    fn equivocation_is_found(common in 0_u64..40, apart in 1_u64..40, shown in 1_u64..40) {
        let (mut honest, mut other) = (Memory::counting(common), Memory::counting(common));
        (0..apart).for_each(|n| honest.append(numbered(1_000 + n)));
        (0..shown.max(apart)).for_each(|n| other.append(numbered(2_000 + n)));
        let (_, cosigner) = witness("w", 40, false);
        let seen = head(&honest, honest.size);
        let offered = head(&other, other.size).sign(&log_key()).unwrap();
        // Whatever proof the owner makes from either form.
        for growth in [
            other.at(other.size).growth_from(honest.size).unwrap(),
            other.at(other.size).growth_from(common).unwrap(),
            honest.at(honest.size).growth_from(common).unwrap(),
            none(),
        ] {
            let verdict = cosign(&cosigner, &offered, Some(&seen), &growth);
            prop_assert!(matches!(verdict, Err(Refused::Forked { .. } | Refused::NotGrown(_))), "{verdict:?}");
        }
    }
}
