//! What stands in `tests/vectors/signed`: each kind of signed document once as it must be, and once with each fault.

use std::collections::BTreeMap;

use jiff::ToSpan as _;
use kith_protocol::{
    approval::{self, Approval, Proposed},
    bundle::Bundle,
    consent::{LawfulBasis, NamedRecipient, NotShared, SignedNotShared},
    directory::Pinned,
    enrolment::{Enrolment, SignedEnrolment},
    envelope::{Envelope, SignedEnvelope},
    gate::{Gate, SignedGate, SignedWithdrawal, Withdrawal, commit},
    ids::{Digest, GateId, LogId, SealId},
    keys::{Certificate, PersonKey},
    log::Origin,
    receipt::{Leaf, Receipt, ReceiptKind, SignedReceipt, Signer},
    sign::{Namespace, SigningKey},
};
use kith_tests::bundles::{POLICE, SCHOOL, World, now};
use serde_json::{Value, json};

use super::{
    alone::alone,
    disposals::disposals,
    good::{Good, at, good},
};

/// A case by its name.
pub(super) type Cases = BTreeMap<String, Value>;

/// What is sent in these cases; nobody opens it.
pub(in crate::wire) const SEALED: &[u8] = b"sealed";

pub(in crate::wire) fn key(n: u8) -> SigningKey {
    SigningKey::from_seed(&[n; 32])
}

/// The log of the node of these vectors.
pub(in crate::wire) const NODE_LOG: LogId = LogId::from_bytes([9; 16]);

/// The police officer who answers; their key grows from 61 x 32.
pub(in crate::wire) fn officer(world: &World) -> PersonKey {
    person(POLICE, "P Singh", 61, &world.police.sign)
}

pub(in crate::wire) fn person(agency: &str, name: &str, seed: u8, by: &SigningKey) -> PersonKey {
    let certificate = Certificate {
        agency: agency.parse().expect("an agency's id"),
        name: name.into(),
        role: "Sergeant".into(),
        key: key(seed).public(),
        from: now() - 48.hours(),
        until: now() + 48.hours(),
    };
    PersonKey { key: key(seed), certificate: certificate.sign(by) }
}

/// Every case, made from seeds: the same bytes each time. What is sealed is drawn afresh, and is not among them.
pub(super) fn cases(world: &World) -> Cases {
    let mut cases = Cases::new();
    members(world, &mut cases);
    passing(world, &mut cases);
    receipts(world, &mut cases);
    approvals(world, &mut cases);
    decisions(world, &mut cases);
    supplements(world, &mut cases);
    alone(world, &mut cases);
    cases
}

fn members(world: &World, cases: &mut Cases) {
    let (partnership, directory) = (key(99), &world.directory);
    let pinned = Pinned::enrol(directory.partnership.clone(), directory.keys.clone(), 1);
    let text = directory.sign(&[&partnership]).expect("a key").text;
    let mut one = good("directory", Namespace::Directory, &[&partnership], &text);
    one.beside.insert("pinned".into(), json!(pinned));
    one.enter("directory", "the directory by which all others here are judged", cases);
    cases.insert("directory-jobs".into(), {
        let (sign, link) = (world.school.sign.public().to_string(), world.school.link.public().to_string());
        one.saying("a key with two jobs", "not acceptable", &link, &sign)
    });
    let later = Pinned { at_least_version: 5, ..pinned.clone() };
    let seen = Pinned { at_least_version: 4, seen: Some(Digest::of(b"another text")), ..pinned.clone() };
    let elsewhere = Pinned { partnership: "Southshire".into(), ..pinned };
    for (name, about, expect, pinned) in [
        ("older", "a newer version was seen before", "older", later),
        ("two", "another text was seen of this version", "two of one version", seen),
        ("partnership", "another partnership is pinned", "other", elsewhere),
    ] {
        let case = Good { beside: at(now()), keys: one.keys.clone(), text: text.clone(), ..one };
        let mut case = case.case(about, expect, one.signed(&text, one.namespace));
        case["pinned"] = json!(pinned);
        cases.insert(format!("directory-{name}"), case);
    }
    let mut late = cases["directory"].clone();
    (late["about"], late["expect"]) = (json!("it ran out"), json!("expired"));
    late["at"] = json!("2027-09-02T00:00:00Z");
    cases.insert("directory-expired".into(), late);

    let me = world.member(SCHOOL);
    let enrolment = Enrolment {
        id: me.id.clone(),
        name: me.name.clone(),
        sector: me.sector,
        phone: me.phone.clone(),
        authority: None,
        keys: world.school.public(),
    };
    let text = SignedEnrolment::new(&enrolment, &world.school.sign).text;
    let one = good("enrolment", Namespace::Enrolment, &[&world.school.sign], &text);
    one.enter("enrolment", "an agency asks to be listed", cases);
    let (log, link) = (world.school.log.public().to_string(), world.school.link.public().to_string());
    cases.insert("enrolment-jobs".into(), one.saying("a key with two jobs", "not acceptable", &link, &log));

    let text = world.person.certificate.text.clone();
    let mut one = good("certificate", Namespace::Certificate, &[&world.school.sign], &text);
    one.beside.insert("agency".into(), json!(SCHOOL));
    one.enter("certificate", "whose key it is that signs bundles", cases);
    cases.insert(
        "certificate-agency".into(),
        one.saying("it names another agency", "certificate", SCHOOL, POLICE),
    );
    for (name, about, at) in [
        ("early", "it does not hold yet", "2026-08-31T23:59:59Z"),
        ("late", "it holds no longer", "2027-09-01T00:00:00Z"),
    ] {
        let mut case = one.case(about, "certificate", one.signed(&text, one.namespace));
        case["at"] = json!(at);
        cases.insert(format!("certificate-{name}"), case);
    }
}

pub(in crate::wire) fn envelope(world: &World) -> SignedEnvelope {
    let envelope = Envelope {
        from: SCHOOL.parse().expect("an id"),
        to: POLICE.parse().expect("an id"),
        recipient_key: world.police.seal.recipient().fingerprint(),
        seal_id: SealId::from_bytes([1; 16]),
        gate: GateId::from_bytes([2; 16]),
        ciphertext: Digest::of(SEALED),
        size: SEALED.len() as u64,
        at: kith_protocol::envelope::coarse(now()),
    };
    SignedEnvelope::new(&envelope, &world.school.sign)
}

pub(in crate::wire) fn gate(world: &World) -> SignedGate {
    let gate = Gate {
        id: GateId::from_bytes([2; 16]),
        from: SCHOOL.parse().expect("an id"),
        to: POLICE.parse().expect("an id"),
        valid_from: kith_protocol::envelope::coarse(now()),
        valid_until: now() + 72.hours(),
        commitment: commit(&[3; 32], b"record"),
    };
    SignedGate::new(&gate, &world.school.sign)
}

fn passing(world: &World, cases: &mut Cases) {
    let sign = [&world.school.sign];
    let (envelope, gate) = (envelope(world), gate(world));
    let one = good("envelope", Namespace::Envelope, &sign, &envelope.text);
    one.enter("envelope", "who sends which sealed file to whom", cases);
    cases.insert(
        "envelope-unknown".into(),
        one.saying("its recipient is no member", "unknown", POLICE, "southshire-police"),
    );

    let mut one = good("gate", Namespace::Gate, &sign, &gate.text);
    one.beside.insert("envelope".into(), json!(envelope.text));
    one.enter("gate", "it lets the envelope beside it pass", cases);
    cases.insert(
        "gate-other".into(),
        one.saying("it is for another bundle", "other", &"02".repeat(16), &"04".repeat(16)),
    );
    for (name, about, expect, at) in [
        ("early", "it is not open yet", "early", "2026-11-22T08:00:00Z"),
        ("late", "it has expired", "late", "2026-11-25T09:14:07Z"),
    ] {
        let mut case = one.case(about, expect, one.signed(&one.text, one.namespace));
        case["at"] = json!(at);
        cases.insert(format!("gate-{name}"), case);
    }
    for (name, about, set) in around(&one) {
        let case = one.case(about, "not signed", json!({ "text": one.text, "signature": set }));
        cases.insert(format!("gate-set-{name}"), case);
    }

    let body = Withdrawal {
        from: SCHOOL.parse().expect("an id"),
        gates: vec![GateId::from_bytes([2; 16])],
        at: now(),
        letter: None,
    };
    let text = SignedWithdrawal::new(&body, &world.school.sign).text;
    let one = good("withdrawal", Namespace::Withdrawal, &sign, &text);
    one.enter("withdrawal", "one gate is taken back, and nothing said of why", cases);
    let gate = format!("\"{}\"", "02".repeat(16));
    cases.insert("withdrawal-none".into(), one.saying("it names no gate", "not acceptable", &gate, ""));
}

/// Sets in which something stands that no signature covers, and cannot be seen by whoever checks them.
fn around(one: &Good<'_>) -> [(&'static str, &'static str, String); 8] {
    let signed = one.signed(&one.text, one.namespace);
    let ours = signed["signature"].as_str().expect("a set");
    let other = key(98).sign(one.namespace, one.text.as_bytes());
    let (other, begin) = (other.as_str(), "-----BEGIN SSH SIGNATURE-----\n");
    [
        ("before", "words before the signature", format!("words\n{ours}")),
        ("between", "words between two signatures", format!("{other}words\n{ours}")),
        ("after", "words after the signature", format!("{ours}words\n")),
        ("begin", "a signature that begins and does not end", format!("{ours}{begin}")),
        ("blank", "a blank line between two signatures", format!("{ours}\n{other}")),
        ("end", "a blank line after the signature", format!("{ours}\n")),
        (
            "inside",
            "other than base64 in a second signature",
            format!("{ours}{}", other.replacen("U1NI", "U1 I", 1)),
        ),
        ("cut", "its last line feed is missing", ours.trim_end().to_owned()),
    ]
}

pub(super) fn receipt(
    world: &World,
    kind: ReceiptKind,
    signer: Signer,
    previous: Option<Digest>,
    by: &SigningKey,
) -> SignedReceipt {
    let envelope = envelope(world);
    let receipt = Receipt {
        kind,
        bundle: envelope.id(),
        ciphertext: Digest::of(SEALED),
        at: jiff::Timestamp::from_second(now().as_second()).expect("a moment"),
        signer,
        previous,
        note: (kind == ReceiptKind::Kept).then(|| "an enquiry has begun".into()),
        withdrawal: kind.answers_withdrawal().then(|| Digest::of(b"withdrawal")),
        basis: (kind == ReceiptKind::Kept).then_some(LawfulBasis::PublicTask),
        leaf: (kind == ReceiptKind::Stored)
            .then(|| Leaf { log: Origin::of_node(&key(93).public(), NODE_LOG), index: 0 }),
    };
    SignedReceipt::new(&receipt, by)
}

pub(super) fn stored(world: &World) -> SignedReceipt {
    let signer = Signer::Node { name: "Northshire node".into() };
    receipt(world, ReceiptKind::Stored, signer, None, &key(91))
}

pub(super) fn delivered(world: &World) -> SignedReceipt {
    let signer = Signer::Agency { agency: POLICE.parse().expect("an id") };
    receipt(world, ReceiptKind::Delivered, signer, Some(stored(world).digest()), &world.police.link)
}

pub(super) fn by_officer(world: &World, kind: ReceiptKind) -> SignedReceipt {
    let officer = officer(world);
    let signer =
        Signer::Person { agency: POLICE.parse().expect("an id"), certificate: officer.certificate.clone() };
    receipt(world, kind, signer, Some(delivered(world).digest()), &officer.key)
}

fn receipts(world: &World, cases: &mut Cases) {
    let (node, officer) = (key(91), officer(world));
    let (stored, delivered) = (stored(world), delivered(world));
    let one = good("receipt", Namespace::Receipt, &[&node], &stored.text);
    one.enter("stored", "the node holds the bundle", cases);
    cases.insert(
        "stored-node".into(),
        one.saying("a node that nobody knows", "unknown", "Northshire node", "South"),
    );
    let (leaf, other) = (r#","leaf":{"log":"kith-node/"#, Origin::of_node(&key(92).public(), NODE_LOG));
    let at = stored.text.find(leaf).expect("it names its leaf");
    let place = &stored.text[at..stored.text.len() - 1];
    let ours = Origin::of_node(&key(93).public(), NODE_LOG);
    cases.insert(
        "stored-leaf".into(),
        one.saying("it names no place in the node's log", "not acceptable", place, ""),
    );
    cases.insert(
        "stored-log".into(),
        one.saying("it names another node's log", "not acceptable", ours.as_str(), other.as_str()),
    );
    let mut early = one.case("it is from the future", "future", one.signed(&one.text, one.namespace));
    early["at"] = json!("2026-11-22T08:00:00Z");
    cases.insert("stored-future".into(), early);
    let one = good("receipt", Namespace::Receipt, &[&world.police.link], &delivered.text);
    one.enter("delivered", "the recipient takes it in", cases);
    for (kind, name, about) in [
        (ReceiptKind::Opened, "opened", "a person opened it"),
        (ReceiptKind::Receipted, "receipted", "a person took it on"),
        (ReceiptKind::Declined, "declined", "a person did not take it on"),
        (ReceiptKind::Kept, "kept", "a person keeps what was taken back, and says on which basis"),
        (ReceiptKind::Deleted, "deleted", "a person deleted what was taken back"),
    ] {
        let text = by_officer(world, kind).text;
        let one = good("receipt", Namespace::Receipt, &[&officer.key], &text);
        one.enter(name, about, cases);
        if kind == ReceiptKind::Kept {
            for (fault, about, was, is) in [
                ("basis", "consent is no basis to keep it", "\"public-task\"", "\"consent\""),
                ("why", "it does not say why", "an enquiry has begun", " "),
            ] {
                let name = format!("kept-{fault}");
                cases.insert(name, one.saying(about, "not acceptable", was, is));
            }
            cases.insert(
                "kept-certificate".into(),
                one.saying("the person's certificate had run out", "certificate", "2026-11-22", "2026-11-19"),
            );
        }
    }
}

/// The parts of a bundle that two people signed for.
const DOCUMENT: &str = r#"{"letter":{"subject":"Jamie"},"consent":{"a": 2},"children":[],"records":[3],"attachments":[],"gate":4,"seal_id":"01010101010101010101010101010101"}"#;

fn approvals(world: &World, cases: &mut Cases) {
    let second = person(SCHOOL, "Tom Iqbal", 62, &world.school.sign);
    let ends = (&SCHOOL.parse().expect("an id"), &world.school.public());
    let body = Approval {
        from: SCHOOL.parse().expect("an id"),
        to: POLICE.parse().expect("an id"),
        seal_id: SealId::from_bytes([1; 16]),
        content: approval::content(DOCUMENT).expect("it has all parts"),
        proposed: now(),
    };
    let approved = Proposed::new(&body, &world.person).approve(&second, ends, now()).expect("two people");
    let mut one = good(
        "approval",
        Namespace::Approval,
        &[&world.person.key, &second.key],
        &approved.signed().approval.text,
    );
    one.beside.extend([
        ("agency".into(), json!(SCHOOL)),
        ("to".into(), json!(POLICE)),
        ("content".into(), json!(DOCUMENT)),
        ("approval".into(), json!(approved.signed())),
    ]);
    one.enter("approval", "two people agreed that this content goes to this agency", cases);
    let good = cases["approval"].clone();
    let mut put = |name: &str, about: &str, expect: &str, change: &dyn Fn(&mut Value)| {
        let mut case = good.clone();
        (case["about"], case["expect"]) = (json!(about), json!(expect));
        change(&mut case);
        cases.insert(format!("approval-{name}"), case);
    };
    put("content", "a blank less is in what would leave", "other", &|case| {
        case["content"] = json!(DOCUMENT.replace(": 2", ":2"));
    });
    put("seal", "the same content, sealed once more", "other", &|case| {
        case["content"] = json!(DOCUMENT.replace("0101", "0102"));
    });
    put("to", "it would go to another agency", "other", &|case| case["to"] = json!("southshire"));
    put("from", "it is another agency's", "other", &|case| case["agency"] = json!(POLICE));
    let alone = json!({
        "text": body_text(&good), "signature": world.person.key.sign(Namespace::Approval, body_text(&good).as_bytes())
    });
    put("alone", "the second did not sign", "not signed", &|case| {
        case["approval"]["approval"] = alone.clone();
    });
    put("same", "the same person twice", "same person", &|case| {
        case["approval"]["checked_by"] = json!(world.person.certificate);
    });
    let renamed = person(SCHOOL, "RUTH  adeyemi", 62, &world.school.sign);
    put("name", "a second key of the same person", "same person", &|case| {
        case["approval"]["checked_by"] = json!(renamed.certificate);
    });
    put("certificate", "the second's certificate ran out before it left", "certificate", &|case| {
        case["at"] = json!("2026-11-25T09:14:07Z");
    });
}

/// The golden bundle, as two people agreed to it.
pub(super) fn approved_bundle(world: &World) -> String {
    let golden = std::fs::read_to_string(super::vectors().join("bundle/bundle.json")).expect("a vector");
    let mut bundle: Bundle = serde_json::from_str(&golden).expect("a bundle");
    let second = person(SCHOOL, "Tom Iqbal", 62, &world.school.sign);
    let ends = (&bundle.from.id, &world.school.public());
    let body = Approval {
        from: bundle.from.id.clone(),
        to: bundle.to.id.clone(),
        seal_id: bundle.seal_id,
        content: approval::content(&golden).expect("it has all parts"),
        proposed: now() - 1.hours(),
    };
    let approved = Proposed::new(&body, &world.person).approve(&second, ends, now()).expect("two people");
    bundle.approval = Some(approved.signed().clone());
    serde_json::to_string_pretty(&bundle).expect("JSON") + "\n"
}

fn body_text(case: &Value) -> String {
    case["approval"]["approval"]["text"].as_str().expect("a text").to_owned()
}

fn decisions(world: &World, cases: &mut Cases) {
    let decision = NotShared {
        agency: SCHOOL.parse().expect("an id"),
        case: "1-204".parse().expect("an id"),
        with: NamedRecipient { id: POLICE.parse().expect("an id"), name: "Northshire Police".into() },
        because: "nobody is in danger, and the child asked us to wait".into(),
        at: now(),
        decided_by: world.person.certificate.clone(),
    };
    let text = SignedNotShared::decided(&decision, &world.person, &world.school.sign).text;
    let keys = [&world.person.key, &world.school.sign];
    let one = good("not-shared", Namespace::Consent, &keys, &text);
    one.enter("not-shared", "decided not to share, and why", cases);
    let because = "nobody is in danger, and the child asked us to wait";
    cases.insert("not-shared-why".into(), one.saying("it gives no reason", "not acceptable", because, " "));
    for (name, about, key) in [
        ("person", "the person did not sign", &world.school.sign),
        ("agency", "the agency did not sign", &world.person.key),
    ] {
        let lone = good("not-shared", Namespace::Consent, &[key], &text);
        let case = lone.case(about, "not signed", lone.signed(&text, lone.namespace));
        cases.insert(format!("not-shared-{name}"), case);
    }

    disposals(world, cases);
}

/// Made from the supplement to the golden bundle.
fn supplements(world: &World, cases: &mut Cases) {
    let golden = super::vectors().join("bundle/supplement.json");
    let golden: Value = serde_json::from_slice(&std::fs::read(golden).expect("a vector")).expect("JSON");
    let text = golden["text"].as_str().expect("a text");
    let keys = [&world.school.sign, &world.person.key];
    let mut one = good("supplement", Namespace::Supplement, &keys, text);
    one.beside = at("2026-12-02T10:00:00Z".parse().expect("a moment"));
    one.enter("supplement", "to bundle/bundle.json: words that a court ordered", cases);
    for (name, about, expect, was, is) in [
        (
            "ends",
            "it is for another recipient",
            "other",
            "\"to\":\"northshire-police\"",
            "\"to\":\"southshire\"",
        ),
        ("record", "the bundle has no such record", "other", "\"record\":\"", "\"record\":\"x"),
        ("words", "other words than were recorded", "other words", "left out 1", "left out 2"),
    ] {
        cases.insert(format!("supplement-{name}"), one.saying(about, expect, was, is));
    }
    let signed = one.signed(text, one.namespace);
    let set = format!("{}words\n", signed["signature"].as_str().expect("a set"));
    let around =
        one.case("words after its signatures", "not signed", json!({ "text": text, "signature": set }));
    cases.insert("supplement-set-after".into(), around);
    let lone = Good { keys: vec![&world.school.sign], beside: one.beside.clone(), text: text.into(), ..one };
    let case = lone.case("the person did not sign", "not signed", lone.signed(text, lone.namespace));
    cases.insert("supplement-person".into(), case);
}
