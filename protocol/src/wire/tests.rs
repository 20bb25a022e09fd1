//! Every message there and back, against golden bytes; and what is not a message.

use std::{fs, path::PathBuf};

use jiff::Timestamp;

use super::*;
use crate::{
    envelope::Envelope,
    gate::{Gate, Withdrawal, commit},
    ids::{LogId, SealId},
    log::{Checkpoint, Cosigner, Origin, Restored},
    receipt::Leaf,
    sign::SigningKey,
};

fn agency(name: &str) -> AgencyId {
    name.parse().unwrap()
}

fn key(n: u8) -> SigningKey {
    SigningKey::from_seed(&[n; 32])
}

fn at() -> Timestamp {
    Timestamp::from_second(1_790_000_000).unwrap()
}

fn envelope() -> Envelope {
    Envelope {
        from: agency("elm-park"),
        to: agency("police"),
        recipient_key: Digest::of(b"key"),
        seal_id: SealId::from_bytes([1; 16]),
        gate: GateId::from_bytes([2; 16]),
        ciphertext: Digest::of(b"sealed"),
        size: 6,
        at: at(),
    }
}

fn documents() -> (SignedEnvelope, SignedGate, SignedReceipt, SignedReceipt, SignedWithdrawal) {
    let (from, to) = (agency("elm-park"), agency("police"));
    let gate = Gate {
        id: GateId::from_bytes([2; 16]),
        from: from.clone(),
        to,
        valid_from: at(),
        valid_until: at(),
        commitment: commit(&[3; 32], b"record"),
    };
    let signed = SignedEnvelope::new(&envelope(), &key(1));
    let log = Origin::of_node(&key(5).public(), LogId::from_bytes([3; 16]));
    let leaf = Leaf { log, index: 40 };
    let stored = SignedReceipt::stored((signed.id(), &envelope()), ("northshire", &key(2)), leaf, at());
    let delivered = SignedReceipt::delivered(signed.id(), &envelope(), &stored, &key(3), at());
    let withdrawal = Withdrawal { from, gates: vec![gate.id], at: at(), letter: None };
    (signed, SignedGate::new(&gate, &key(1)), stored, delivered, SignedWithdrawal::new(&withdrawal, &key(1)))
}

fn requests() -> Vec<(&'static str, Request)> {
    let (envelope, gate, _, delivered, withdrawal) = documents();
    let ahead = Request::Ahead { gate: gate.clone(), most: 105_000_000 };
    let bundle = envelope.id();
    vec![
        ("deposit", Request::Deposit { envelope, gate, eager: true }),
        ("list", Request::List { after: 251 }),
        ("news", Request::News { after: u64::MAX, wait: true }),
        ("collect", Request::Collect { bundle, delivered, offset: 70_000 }),
        ("acknowledge", Request::Acknowledge { bundle }),
        ("answer", Request::Answer { bundle, sealed: vec![0, 250, 251, 255] }),
        ("withdraw", Request::Withdraw { withdrawal }),
        ("directory", Request::Directory { have_version: 7 }),
        ("status", Request::Status),
        ("proof", Request::Proof { leaf: Some(Digest::of(b"leaf")), since: 5 }),
        ("witness", Request::Witness { offer: offered().0 }),
        ("witnessed", Request::Witnessed { size: 300, cosignature: offered().1 }),
        ("ahead", ahead),
    ]
}

fn responses() -> Vec<(&'static str, Response)> {
    let (envelope, gate, stored, delivered, withdrawal) = documents();
    let (bundle, id) = (envelope.id(), GateId::from_bytes([2; 16]));
    let waiting = |delivered| Waiting {
        cursor: 5,
        envelope: envelope.clone(),
        gate: gate.clone(),
        stored: stored.clone(),
        delivered,
    };
    let bundles = vec![waiting(None), waiting(Some(delivered.clone()))];
    let happenings = [
        Happening::Arrived,
        Happening::Delivered { receipt: delivered.clone() },
        Happening::Answered { sealed: vec![9; 3] },
        Happening::Withdrawn { withdrawal },
        Happening::NotDelivered { since: -1 },
    ];
    let items = happenings.into_iter().map(|what| News { cursor: 300, bundle, what }).collect();
    let reaches = [
        Reach::Unused,
        Reach::Stopped { bundle },
        Reach::Collected { bundle, by: agency("police") },
        Reach::Expired { bundle },
    ];
    let outcomes = reaches.into_iter().map(|reach| Outcome { gate: id, reach }).collect();
    let status = Status {
        node: "northshire".into(),
        program: "0.1.0".into(),
        now: 1_790_000_000,
        directory: 3,
        waiting: 2,
        held: 1 << 40,
        quota: 1 << 41,
        cosigned: 3,
        forks: 1,
    };
    let mut all = vec![
        ("send", Response::Send { offset: 1 << 33 }),
        ("stored", Response::Stored { receipt: stored }),
        ("waiting", Response::Waiting { bundles, more: true }),
        ("news-items", Response::News { items, more: false }),
        ("sending", Response::Sending { size: 6, delivered }),
        ("done", Response::Done),
        ("withdrawn", Response::Withdrawn { outcomes }),
        ("directory-follows", Response::Directory { version: 8, size: 65_536 }),
        ("status-is", Response::Status { status }),
    ];
    all.push(("proven", proven()));
    all.push(("proven-restored", proven_restored()));
    let (offer, cosignature) = offered();
    all.push(("cosigned", Response::Cosigned { cosignature }));
    all.push(("seen", Response::Seen { checkpoint: Some(offer.checkpoint) }));
    all.push(("seen-none", Response::Seen { checkpoint: None }));
    all.extend(errors().into_iter().map(|(name, error)| (name, Response::Failed { error })));
    all
}

/// A log of two leaves, its first one shown, and its growth from one.
fn proven() -> Response {
    let [one, other] = [Digest::of(b"one"), Digest::of(b"other")];
    let key = SigningKey::from_seed(&[1; 32]);
    let origin = Origin::of_node(&key.public(), LogId::from_bytes([3; 16]));
    let checkpoint = Checkpoint { origin, size: 2, root: one }.sign(&key).unwrap();
    Response::Proven {
        checkpoint,
        leaf: Some((0, Path::new(vec![other]))),
        growth: Growth::new(vec![other]),
        began: None,
    }
}

/// The same of a log that began after a backup was restored, nothing known of it yet.
fn proven_restored() -> Response {
    let Response::Proven { checkpoint, .. } = proven() else { unreachable!() };
    let log = checkpoint.claims().unwrap().origin;
    let left = Origin::of_node(&key(1).public(), LogId::from_bytes([2; 16]));
    let left = Checkpoint { origin: left, size: 1, root: Digest::of(b"left") };
    let said = Restored::new("northshire".into(), at(), left, log, "the disk failed".into());
    let began = Some((said.to_text().unwrap(), Path::new(vec![Digest::of(b"other")])));
    Response::Proven { checkpoint, leaf: None, growth: Growth::new(Vec::new()), began }
}

/// The log of an agency at two leaves, grown from one, and a node's cosignature.
fn offered() -> (Offer, Cosignature) {
    let [one, other] = [Digest::of(b"one"), Digest::of(b"other")];
    let (key, node) = (SigningKey::from_seed(&[1; 32]), SigningKey::from_seed(&[2; 32]));
    let origin = Origin::of_agency(&agency("elm-park"), LogId::from_bytes([3; 16]));
    let root = crate::log::node_hash(&one, &other);
    let checkpoint = Checkpoint { origin: origin.clone(), size: 2, root }.sign(&key).unwrap();
    let seen = Checkpoint { origin: origin.clone(), size: 1, root: one };
    let offer = Offer { checkpoint, since: 1, growth: Growth::new(vec![other]) };
    let log = (&origin, &key.public());
    let cosigner = Cosigner::node(node).unwrap();
    let cosigned = cosigner.cosign(&offer.checkpoint, log, Some(&seen), &offer.growth, at());
    (offer, cosigned.unwrap().1)
}

fn errors() -> Vec<(&'static str, WireError)> {
    use BytesFault as B;
    use Policy as P;
    let ours = |fault| WireError::Ours { fault, retry_after: 600 };
    vec![
        ("bytes-frame", WireError::Bytes(B::Frame)),
        ("bytes-too-long", WireError::Bytes(B::TooLong)),
        ("bytes-document", WireError::Bytes(B::Document)),
        ("bytes-digest", WireError::Bytes(B::Digest)),
        ("bytes-size", WireError::Bytes(B::Size)),
        ("bytes-offset", WireError::Bytes(B::Offset)),
        ("bytes-receipt", WireError::Bytes(B::Receipt)),
        ("peer-not-a-member", WireError::Peer(PeerFault::NotAMember)),
        ("peer-not-the-sender", WireError::Peer(PeerFault::NotTheSender)),
        ("peer-not-for-you", WireError::Peer(PeerFault::NotForYou)),
        ("policy-unknown-recipient", WireError::Policy(P::UnknownRecipient)),
        ("policy-gate-for-another", WireError::Policy(P::GateForAnother)),
        ("policy-gate-not-yet", WireError::Policy(P::GateNotYet)),
        ("policy-gate-expired", WireError::Policy(P::GateExpired)),
        ("policy-gate-used", WireError::Policy(P::GateUsed)),
        ("policy-gate-withdrawn", WireError::Policy(P::GateWithdrawn)),
        ("policy-withdrawn", WireError::Policy(P::Withdrawn)),
        ("policy-expired", WireError::Policy(P::Expired)),
        ("policy-gone", WireError::Policy(P::Gone)),
        ("policy-bundle-too-large", WireError::Policy(P::BundleTooLarge { limit: 1 << 32 })),
        ("policy-quota-full", WireError::Policy(P::QuotaFull { limit: 1 << 34 })),
        ("policy-too-many-logs", WireError::Policy(P::TooManyLogs { limit: 256 })),
        ("policy-too-many-answers", WireError::Policy(P::TooManyAnswers { limit: 32 })),
        ("ours-disk-full", ours(OurFault::DiskFull)),
        ("ours-storage", ours(OurFault::Storage)),
        ("ours-busy", ours(OurFault::Busy)),
        ("ours-stopping", ours(OurFault::Stopping)),
        ("ours-lost", ours(OurFault::Lost)),
    ]
}

fn hex(bytes: &[u8]) -> String {
    let lines =
        bytes.chunks(48).map(|line| line.iter().map(|byte| format!("{byte:02x}")).collect::<String>());
    lines.collect::<Vec<_>>().join("\n") + "\n"
}

/// Compares with the file that was written once; `KITH_WRITE_VECTORS=1` writes those that are missing.
fn golden(kind: &str, name: &str, frame: &[u8]) {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/wire"));
    let path = folder.join(format!("{kind}-{name}.hex"));
    if !path.exists() && std::env::var_os("KITH_WRITE_VECTORS").is_some() {
        fs::create_dir_all(&folder).unwrap();
        fs::write(&path, hex(frame)).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert_eq!(hex(frame), written, "{kind} {name} changed on the wire: that needs another version byte");
}

fn there_and_back<M: Message + PartialEq + std::fmt::Debug>(kind: &str, messages: &[(&str, M)]) {
    for (name, message) in messages {
        let frame = encode(message).unwrap();
        let (header, rest) = frame.split_first_chunk().unwrap();
        assert_eq!(length(*header), Ok(rest.len()), "{name}");
        assert_eq!(decode::<M>(rest).as_ref(), Ok(message), "{name}");
        golden(kind, name, &frame);
        for cut in 0..rest.len() {
            assert!(decode::<M>(&rest[..cut]).is_err(), "{name} cut at {cut} was read");
        }
        assert_eq!(decode::<M>(&[rest, &[0]].concat()), Err(FrameError::Trailing), "{name}");
        assert_eq!(decode::<M>(&[&[VERSION + 1], &rest[1..]].concat()), Err(FrameError::Version), "{name}");
    }
}

#[test]
fn every_request_goes_there_and_back_in_its_golden_bytes() {
    there_and_back("request", &requests());
}

#[test]
fn every_response_goes_there_and_back_in_its_golden_bytes() {
    there_and_back("response", &responses());
}

#[test]
fn lengths_are_bounded_before_anything_is_read() {
    assert_eq!(length([0; 4]), Err(FrameError::Version));
    assert_eq!(length([0xff; 4]), Err(FrameError::TooLong));
    assert_eq!(length(u32::try_from(MAX_FRAME).unwrap().to_be_bytes()), Ok(MAX_FRAME));
    assert_eq!(length(u32::try_from(MAX_FRAME + 1).unwrap().to_be_bytes()), Err(FrameError::TooLong));
    assert_eq!(decode::<Request>(&vec![VERSION; MAX_FRAME + 1]), Err(FrameError::TooLong));
}

#[test]
fn claimed_lengths_and_longer_forms_are_refused() {
    // Answer (5), its bundle id as text of 64 bytes, then a list that claims 2^64-1 bytes.
    let mut huge = vec![VERSION, 5, 64];
    huge.extend(Digest::of(b"x").to_string().bytes());
    huge.extend([253, 255, 255, 255, 255, 255, 255, 255, 255]);
    assert_eq!(decode::<Request>(&huge), Err(FrameError::Unreadable));
    // List { after: 5 }, once in one byte and once in three.
    assert_eq!(decode(&[VERSION, 1, 5]), Ok(Request::List { after: 5 }));
    assert_eq!(decode::<Request>(&[VERSION, 1, 251, 5, 0]), Err(FrameError::NotCanonical));
    // No such variant, a bool that is neither, an id that is not hex.
    assert_eq!(decode::<Request>(&[VERSION, 250]), Err(FrameError::Unreadable));
    assert_eq!(decode::<Request>(&[VERSION, 2, 0, 2]), Err(FrameError::Unreadable));
    assert_eq!(
        decode::<Request>(&[[VERSION, 4, 64].as_slice(), &[b'Z'; 64]].concat()),
        Err(FrameError::Unreadable)
    );
    assert_eq!(decode::<Request>(&[]), Err(FrameError::Version));
}

#[test]
fn a_place_is_the_low_forty_bits_of_a_cursor() {
    assert_eq!(place(7 << 40 | 300), 300);
    assert_eq!(place(u64::MAX), (1 << 40) - 1);
}

#[test]
fn what_does_not_fit_is_not_written() {
    let bundle = BundleId(Digest::of(b"x"));
    let fits = Request::Answer { bundle, sealed: vec![7; MAX_ANSWER] };
    let frame = encode(&fits).unwrap();
    assert_eq!(decode(&frame[4..]), Ok(fits));
    let long = Request::Answer { bundle, sealed: vec![7; MAX_FRAME] };
    assert_eq!(encode(&long), Err(FrameError::TooLong));
}

proptest::proptest! {
    #[test]
    fn junk_is_refused_or_is_a_message_in_its_one_form(junk in proptest::collection::vec(0_u8..=255, 0..300)) {
        if let Ok(message) = decode::<Request>(&junk) {
            proptest::prop_assert_eq!(&encode(&message).unwrap()[4..], &junk[..]);
        }
        if let Ok(message) = decode::<Response>(&junk) {
            proptest::prop_assert_eq!(&encode(&message).unwrap()[4..], &junk[..]);
        }
    }
}
