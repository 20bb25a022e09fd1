//! What receipts prove, and what does not count.

use super::*;
use crate::{
    directory::{Member, NodeAddress, Sector},
    envelope::SignedEnvelope,
    ids::{GateId, LogId, SealId},
    keys::{AgencySecrets, Certificate},
};

const NOW: i64 = 1_790_000_000;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap()
}

fn key(n: u8) -> SigningKey {
    SigningKey::from_seed(&[n; 32])
}

struct World {
    directory: Directory,
    police: AgencySecrets,
    envelope: Envelope,
    id: BundleId,
}

fn world() -> World {
    let node = |name: &str, n| NodeAddress {
        name: name.into(),
        addr: "x:1".into(),
        link: key(n).public(),
        sign: key(n + 1).public(),
        log: key(n + 2).public(),
        cosign: key(n + 3).public(),
    };
    let (node, other) = (node("n", 20), node("other", 40));
    let member = |id: &str, secrets: &AgencySecrets, node: &NodeAddress| Member {
        id: id.parse().unwrap(),
        name: id.into(),
        sector: Sector::Other,
        node: node.clone(),
        keys: secrets.public(),
        phone: None,
        authority: None,
    };
    let (school, police, health) =
        (AgencySecrets::generate(), AgencySecrets::generate(), AgencySecrets::generate());
    let directory = Directory {
        partnership: "p".into(),
        version: 1,
        issued: at(NOW),
        expires: at(NOW + 1),
        threshold: 1,
        keys: vec![key(24).public()],
        members: vec![
            member("school", &school, &node),
            member("police", &police, &node),
            member("health", &health, &other),
        ],
    };
    let envelope = Envelope {
        from: "school".parse().unwrap(),
        to: "police".parse().unwrap(),
        recipient_key: Digest::of(b"k"),
        seal_id: SealId::from_bytes([1; 16]),
        gate: GateId::from_bytes([1; 16]),
        ciphertext: Digest::of(b"c"),
        size: 1,
        at: at(NOW),
    };
    let id = SignedEnvelope::new(&envelope, &school.sign).id();
    World { directory, police, envelope, id }
}

/// A node's receipt, first in its log; nodes cosign with the key two after that they sign with.
fn by_node(of: (BundleId, &Envelope), (node, by): (&str, u8), seconds: i64) -> SignedReceipt {
    let log = Origin::of_node(&key(by + 2).public(), LogId::from_bytes([5; 16]));
    SignedReceipt::stored(of, (node, &key(by)), Leaf { log, index: 0 }, at(seconds))
}

impl World {
    fn stored(&self) -> SignedReceipt {
        by_node((self.id, &self.envelope), ("n", 21), NOW)
    }

    fn delivered(&self, seconds: i64) -> SignedReceipt {
        let stored = self.stored();
        SignedReceipt::delivered(self.id, &self.envelope, &stored, &self.police.link, at(NOW + seconds))
    }

    fn by_person(&self, kind: ReceiptKind, previous: &SignedReceipt, seconds: i64) -> SignedReceipt {
        let agency: AgencyId = "police".parse().unwrap();
        let certificate = Certificate {
            agency: agency.clone(),
            name: "P Singh".into(),
            role: "Sergeant".into(),
            key: key(30).public(),
            from: at(NOW),
            until: at(NOW + 100),
        };
        let certificate = certificate.sign(&self.police.sign);
        let receipt = Receipt {
            kind,
            bundle: self.id,
            ciphertext: self.envelope.ciphertext,
            at: at(NOW + seconds),
            signer: Signer::Person { agency, certificate },
            previous: Some(previous.digest()),
            note: Some("taken over".into()),
            withdrawal: kind.answers_withdrawal().then(|| Digest::of(b"w")),
            basis: (kind == ReceiptKind::Kept).then_some(LawfulBasis::PublicTask),
            leaf: None,
        };
        SignedReceipt::new(&receipt, &key(30))
    }

    fn fold(&self, receipts: &[SignedReceipt]) -> Standing {
        fold((self.id, &self.envelope), receipts, &self.directory, at(NOW + 1_000))
    }
}

#[test]
fn the_ladder_is_climbed_one_proof_at_a_time_in_any_order() {
    let world = world();
    let (stored, delivered) = (world.stored(), world.delivered(1));
    let opened = world.by_person(ReceiptKind::Opened, &delivered, 2);
    let receipted = world.by_person(ReceiptKind::Receipted, &opened, 3);
    let all = [receipted, delivered, opened, stored];
    let ladder = [
        (vec![], BundleState::Queued),
        (vec![3], BundleState::Stored),
        (vec![1, 3], BundleState::Delivered),
        (vec![2, 1, 3], BundleState::Opened),
        (vec![0, 1, 2, 3, 3, 0], BundleState::Receipted),
    ];
    for (chosen, state) in ladder {
        let chosen: Vec<_> = chosen.into_iter().map(|n| all[n].clone()).collect();
        let standing = world.fold(&chosen);
        assert_eq!((standing.state, standing.refused), (state, vec![]));
    }
    assert!(BundleState::Queued < BundleState::Stored && BundleState::Opened < BundleState::Receipted);
}

#[test]
fn declined_may_follow_at_once_and_be_taken_back() {
    let world = world();
    let (stored, delivered) = (world.stored(), world.delivered(1));
    let declined = world.by_person(ReceiptKind::Declined, &delivered, 2);
    let after = world.by_person(ReceiptKind::Receipted, &declined, 3);
    let standing = world.fold(&[stored.clone(), delivered.clone(), declined.clone()]);
    assert_eq!((standing.state, standing.refused), (BundleState::Declined, vec![]));
    let standing = world.fold(&[stored, delivered, declined, after]);
    assert_eq!((standing.state, standing.refused), (BundleState::Receipted, vec![]));
}

#[test]
fn several_persons_of_an_agency_may_speak_at_once() {
    use ReceiptKind::{Declined, Opened, Receipted};
    let world = world();
    let (stored, delivered) = (world.stored(), world.delivered(1));
    let says = |kind, seconds| world.by_person(kind, &delivered, seconds);
    let cases = [
        (vec![says(Opened, 2), says(Opened, 3)], BundleState::Opened),
        (vec![says(Opened, 2), says(Receipted, 3)], BundleState::Receipted),
        (vec![says(Receipted, 2), says(Opened, 3)], BundleState::Receipted),
        (vec![says(Receipted, 2), says(Declined, 3)], BundleState::Declined),
        (vec![says(Declined, 2), says(Receipted, 3)], BundleState::Receipted),
    ];
    for (spoken, state) in cases {
        for turned in [false, true] {
            let mut all = [vec![stored.clone(), delivered.clone()], spoken.clone()].concat();
            if turned {
                all.reverse();
            }
            let standing = world.fold(&all);
            assert_eq!((standing.state, standing.refused), (state, vec![]));
            let order: Vec<_> = standing.proven.iter().skip(2).map(|(digest, _)| *digest).collect();
            assert_eq!(order, spoken.iter().map(SignedReceipt::digest).collect::<Vec<_>>(), "both are shown");
        }
    }
    // What names another comes after it, whatever its clock says.
    let first = says(Receipted, 9);
    let second = world.by_person(Declined, &first, 2);
    let standing = world.fold(&[second, first, stored.clone(), delivered.clone()]);
    assert_eq!((standing.state, standing.refused), (BundleState::Declined, vec![]));
    // A person's word that names STORED skips the delivery.
    let early = world.by_person(Opened, &stored, 2);
    let standing = world.fold(&[early.clone(), stored, delivered]);
    assert_eq!(standing.state, BundleState::Delivered);
    assert_eq!(standing.refused, [(early.digest(), ReceiptRefusal::Unlinked)]);
}

#[test]
fn what_is_not_proven_is_listed_and_does_not_count() {
    let world = world();
    let (stored, delivered) = (world.stored(), world.delivered(1));
    let elsewhere = Envelope { ciphertext: Digest::of(b"other"), ..world.envelope.clone() };
    let cases = [
        (by_node((world.id, &elsewhere), ("n", 21), NOW), ReceiptRefusal::OtherBundle),
        (by_node((world.id, &world.envelope), ("other", 41), NOW), ReceiptRefusal::OtherSigner),
        (
            by_node((world.id, &world.envelope), ("none", 21), NOW),
            DocumentError::UnknownNode("none".into()).into(),
        ),
        (by_node((world.id, &world.envelope), ("n", 21), NOW + 9_999), DocumentError::FromTheFuture.into()),
    ];
    for (receipt, refusal) in cases {
        let standing = world.fold(std::slice::from_ref(&receipt));
        assert_eq!(standing.state, BundleState::Queued);
        assert_eq!(standing.refused, [(receipt.digest(), refusal)]);
    }
    let gap = world.fold(&[stored.clone(), world.by_person(ReceiptKind::Opened, &delivered, 2)]);
    assert_eq!((gap.state, gap.refused.len()), (BundleState::Stored, 1));
    let late = world.by_person(ReceiptKind::Opened, &delivered, 100);
    let late = world.fold(&[stored.clone(), delivered.clone(), late]);
    assert_eq!(late.state, BundleState::Delivered);
    assert!(matches!(late.refused[0].1, ReceiptRefusal::Document(DocumentError::Certificate(_))));
    let fork = world.fold(&[stored, delivered, world.delivered(2)]);
    assert_eq!((fork.state, fork.refused.len()), (BundleState::Stored, 2));
    assert!(fork.refused.iter().all(|(_, refusal)| *refusal == ReceiptRefusal::Forked));
}

#[test]
fn nobody_says_what_is_anothers_to_say() {
    let world = world();
    let Receipt { signer, .. } = world.delivered(1).claims().unwrap();
    let mut receipt = world.stored().claims().unwrap();
    receipt.signer = signer;
    let by_agency = SignedReceipt::new(&receipt, &world.police.link);
    assert!(matches!(by_agency.verify(&world.directory, at(NOW)), Err(DocumentError::Text(_))));
    let mut receipt = world.delivered(1).claims().unwrap();
    receipt.kind = ReceiptKind::Receipted;
    let by_link = SignedReceipt::new(&receipt, &world.police.link);
    assert!(matches!(by_link.verify(&world.directory, at(NOW)), Err(DocumentError::Text(_))));
    let by_sign = SignedReceipt::new(&world.delivered(1).claims().unwrap(), &world.police.sign);
    assert!(matches!(by_sign.verify(&world.directory, at(NOW)), Err(DocumentError::Signature(_))));
}

#[test]
fn a_withdrawal_is_answered_above_all_that_was_said_before() {
    let world = world();
    let (stored, delivered) = (world.stored(), world.delivered(1));
    let receipted = world.by_person(ReceiptKind::Receipted, &delivered, 2);
    let kept = world.by_person(ReceiptKind::Kept, &receipted, 3);
    let late = world.by_person(ReceiptKind::Declined, &kept, 4);
    let deleted = world.by_person(ReceiptKind::Deleted, &kept, 5);
    let after = world.by_person(ReceiptKind::Kept, &deleted, 6);
    let mut told = vec![stored, delivered, receipted, kept];
    assert_eq!(world.fold(&told).state, BundleState::Kept);
    told.push(late);
    assert_eq!(world.fold(&told).state, BundleState::Kept);
    told.extend([deleted, after]);
    let standing = world.fold(&told);
    assert_eq!((standing.state, standing.proven.len()), (BundleState::Deleted, 7));
}

#[test]
fn an_answer_names_its_withdrawal_and_what_is_kept_its_basis() {
    let world = world();
    let (stored, delivered) = (world.stored(), world.delivered(1));
    let good = world.by_person(ReceiptKind::Kept, &delivered, 2).claims().unwrap();
    let count = |receipt: &Receipt| {
        let signed = SignedReceipt::new(receipt, &key(30));
        world.fold(&[stored.clone(), delivered.clone(), signed]).proven.len()
    };
    assert_eq!(count(&good), 3);
    for bad in [
        Receipt { withdrawal: None, ..good.clone() },
        Receipt { basis: None, ..good.clone() },
        Receipt { basis: Some(LawfulBasis::Consent), ..good.clone() },
        Receipt { note: None, ..good.clone() },
        Receipt { kind: ReceiptKind::Deleted, ..good.clone() },
        Receipt { kind: ReceiptKind::Receipted, basis: None, ..good },
    ] {
        assert_eq!(count(&bad), 2, "{bad:?}");
    }
}
