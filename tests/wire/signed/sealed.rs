//! What is sealed on its way: answers, and the letter of a withdrawal.

use std::io::Read as _;

use kith_protocol::{
    answer::{Answer, CosignedLog},
    gate::SignedWithdrawal,
    ids::{Digest, LogId},
    letter::Letter,
    log::{Checkpoint, Cosigner, Growth, Origin, SignedCheckpoint},
    receipt::ReceiptKind,
    seal::open_with,
    sign::Namespace,
};
use kith_tests::bundles::{POLICE, SCHOOL, World, now};
use serde_json::{Value, json};

use super::{
    cases::{Cases, NODE_LOG, by_officer, envelope, key},
    good::{Good, at},
};

/// The school's log as the police saw it.
fn checkpoint(world: &World) -> SignedCheckpoint {
    let origin = Origin::of_agency(&SCHOOL.parse().expect("an id"), LogId::from_bytes([7; 16]));
    let checkpoint = Checkpoint { origin, size: 13, root: Digest::of(b"root") };
    checkpoint.sign(&world.school.log).expect("a name of a log")
}

/// What the police saw of the node's own log.
fn node_checkpoint() -> SignedCheckpoint {
    let origin = Origin::of_node(&key(93).public(), NODE_LOG);
    let checkpoint = Checkpoint { origin, size: 2, root: Digest::of(b"root of the node") };
    checkpoint.sign(&key(92)).expect("a name of a log")
}

/// The officer's answer, with the police's word for the school's log.
pub(super) fn answer(world: &World) -> Answer {
    let (police, note) = (POLICE.parse().expect("an id"), checkpoint(world));
    let origin = note.claims().expect("ours").origin;
    let cosigner = Cosigner::agency(&police, world.police.cosign.clone()).expect("a name");
    let log = (&origin, &world.school.log.public());
    let (_, cosignature) =
        cosigner.cosign(&note, log, None, &Growth::new(Vec::new()), now()).expect("it grew");
    let cosigned = Some(CosignedLog { log: origin.clone(), size: 13, cosignature });
    let node = Some(node_checkpoint());
    Answer { receipt: by_officer(world, ReceiptKind::Opened), cosigned, node }
}

/// What was in the sealed file `sealed`, and whether it is what must come of it.
pub(super) fn answers(world: &World, sealed: &[u8], cases: &mut Cases) {
    let mut text = String::new();
    let opened = open_with(std::slice::from_ref(&world.school.seal), sealed).expect("the school's");
    opened.take(65_536).read_to_string(&mut text).expect("whole");
    let plain = text.trim_end().to_owned();
    let good = json!({
        "check": "answer", "about": "opened, and the sender's log cosigned", "expect": "cosigned", "at": now(),
        "bundle": envelope(world).id(), "checkpoint": checkpoint(world).to_string(),
        "plain": plain, "length": text.len(), "sealed": hex(sealed),
    });
    let mut put = |name: &str, about: &str, expect: &str, change: &dyn Fn(&mut Value)| {
        let mut case = good.clone();
        (case["about"], case["expect"]) = (json!(about), json!(expect));
        change(&mut case);
        cases.insert(format!("answer{name}"), case);
    };
    put("", "opened, and the sender's log cosigned", "cosigned", &|_| {});
    // What differs from here on was never sealed.
    let unsealed = |case: &mut Value| drop(case.as_object_mut().map(|all| all.remove("sealed")));
    let plain_of = |case: &mut Value, was: &str, is: &str| {
        assert!(plain.contains(was), "{was}");
        case["plain"] = json!(plain.replacen(was, is, 1));
        unsealed(case);
    };
    let cosigned = plain.find(r#","cosigned""#).expect("it is there");
    let without = format!("{},\"cosigned\":null,\"node\":null}}", &plain[..cosigned]);
    put("-alone", "the recipient saw more of the log already", "receipt alone", &|case| {
        case["plain"] = json!(without);
        unsealed(case);
    });
    put("-log", "cosigned as another size of the log", "receipt alone", &|case| {
        plain_of(case, r#""size":13"#, r#""size":12"#);
    });
    put("-cosignature", "the cosignature is over another log", "receipt alone", &|case| {
        let origin = Origin::of_agency(&SCHOOL.parse().expect("an id"), LogId::from_bytes([7; 16]));
        let other = Checkpoint { origin, size: 13, root: Digest::of(b"another root") };
        case["checkpoint"] = json!(other.sign(&world.school.log).expect("a name").to_string());
        unsealed(case);
    });
    put("-bundle", "it is about another bundle", "other", &|case| {
        case["bundle"] = json!(Digest::of(b"another"));
        unsealed(case);
    });
    put("-receipt", "its receipt was altered", "not signed", &|case| {
        plain_of(case, r#"\"kind\":\"opened\""#, r#"\"kind\":\"declined\""#);
    });
    put("-length", "it is not padded as it must be", "unreadable", &|case| {
        case["length"] = json!(8191);
        unsealed(case);
    });
    put("-empty", "there is nothing in it", "unreadable", &|case| {
        case["length"] = json!(0);
        unsealed(case);
    });
    put("-field", "a field that nobody knows", "unreadable", &|case| {
        plain_of(case, r#"{"receipt""#, r#"{"more":1,"receipt""#);
    });
}

/// What was in the sealed letter, and for which bundle it reads.
pub(super) fn letters(world: &World, withdrawal: &SignedWithdrawal, cases: &mut Cases) {
    let one = Good {
        check: "withdrawal",
        namespace: Namespace::Withdrawal,
        keys: vec![&world.school.sign],
        text: withdrawal.text.clone(),
        beside: at(now()),
    };
    let body = withdrawal.claims().expect("a withdrawal");
    let opened =
        body.letter.expect("a letter").open(std::slice::from_ref(&world.police.seal), envelope(world).id());
    assert_eq!(opened.expect("it is for the police"), letter(world));
    cases.insert(
        "withdrawal-letter".into(),
        one.case("with a letter that only the recipient reads", "ok", one.signed(&one.text, one.namespace)),
    );
    let gate = format!("\"{}\"", "02".repeat(16));
    let two = format!("{gate},\"{}\"", "04".repeat(16));
    cases.insert(
        "withdrawal-letter-two".into(),
        one.saying("its letter would reach two agencies", "not acceptable", &gate, &two),
    );
}

pub(in crate::wire) fn letter(world: &World) -> Letter {
    let answer_by = Some(jiff::civil::date(2026, 12, 5));
    Letter { bundle: envelope(world).id(), why: "the record it rested on was withdrawn".into(), answer_by }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
