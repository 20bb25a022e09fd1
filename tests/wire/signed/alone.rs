//! Rules that the faults of `good` and `cases` do not touch: each is broken alone.

use base64ct::{Base64, Encoding as _};
use kith_protocol::{
    consent::LawfulBasis,
    enrolment::{Enrolment, SignedEnrolment},
    receipt::{ReceiptKind, SignedReceipt, Signer},
    sign::{Namespace, SigningKey},
};
use kith_tests::bundles::{POLICE, SCHOOL, World};
use serde_json::json;

use super::{
    cases::{Cases, by_officer, key, officer, person, receipt, stored},
    good::{Good, good},
};

pub(super) fn alone(world: &World, cases: &mut Cases) {
    signatures(world, cases);
    directories(world, cases);
    texts(world, cases);
    receipts(world, cases);
    people(world, cases);
}

const BEGIN: &str = "-----BEGIN SSH SIGNATURE-----\n";
pub(super) const END: &str = "\n-----END SSH SIGNATURE-----\n";

/// The signature in lines of so many letters, its bytes changed.
pub(super) fn armoured(signature: &str, letters: usize, change: impl Fn(&mut Vec<u8>)) -> String {
    let lines = signature.strip_prefix(BEGIN).and_then(|rest| rest.strip_suffix(END)).expect("one signature");
    let mut bytes = Base64::decode_vec(&lines.replace('\n', "")).expect("base64");
    change(&mut bytes);
    let text = Base64::encode_string(&bytes);
    let lines: Vec<&str> =
        text.as_bytes().chunks(letters).map(|line| std::str::from_utf8(line).expect("ASCII")).collect();
    format!("{BEGIN}{}{END}", lines.join("\n"))
}

fn signatures(world: &World, cases: &mut Cases) {
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
    let signed = one.signed(&text, one.namespace);
    let signature = signed["signature"].as_str().expect("a text").to_owned();
    // After "SSHSIG", version, key and namespace, each with its length.
    let reserved = 6 + 4 + 4 + 51 + 4 + "enrolment@kith".len();
    let strangers = key(98).sign(one.namespace, text.as_bytes()).as_str().repeat(60);
    for (name, about, signature) in [
        ("version", "an SSHSIG of version 2", armoured(&signature, 70, |bytes| bytes[9] = 2)),
        (
            "kind",
            "the signature says it is by another kind of key",
            armoured(&signature, 70, |bytes| {
                let at = bytes.len() - 64 - 4 - 1;
                bytes[at] = b'8';
            }),
        ),
        (
            "reserved",
            "something stands where nothing may stand",
            armoured(&signature, 70, |bytes| drop(bytes.splice(reserved..reserved + 4, [0, 0, 0, 1, b'x']))),
        ),
        ("lines", "its lines are of 64 letters", armoured(&signature, 64, |_| ())),
        ("long", "more than 16 KiB of signatures, ours the first", signature.clone() + &strangers),
    ] {
        let document = json!({"text": text, "signature": signature});
        cases.insert(format!("enrolment-sshsig-{name}"), one.case(about, "not signed", document));
    }
    let more = json!({"text": text, "signature": signature, "more": 1});
    cases
        .insert("enrolment-beside".into(), one.case("a field beside text and signature", "unreadable", more));
}

fn directories(world: &World, cases: &mut Cases) {
    let partnership = key(99);
    let text = world.directory.sign(&[&partnership]).expect("a key").text;
    let mut one = good("directory", Namespace::Directory, &[&partnership], &text);
    one.beside.insert("pinned".into(), cases["directory"]["pinned"].clone());
    let known = world.directory.keys[0].to_string();
    let other = key(97).public();
    let wire = |kind: &str, bytes: &[u8]| {
        let part = |bytes: &[u8]| [&(bytes.len() as u32).to_be_bytes(), bytes].concat();
        Base64::encode_string(&[part(kind.as_bytes()), part(bytes)].concat())
    };
    let bytes = other.as_bytes();
    for (name, about, second) in [
        ("form", "a second key without its kind before it", wire("ssh-ed25519", bytes)),
        (
            "kind",
            "a second key that says another kind",
            format!("ssh-ed25519 {}", wire("ssh-ed25518", bytes)),
        ),
        ("length", "a second key of 31 bytes", format!("ssh-ed25519 {}", wire("ssh-ed25519", &bytes[1..]))),
        ("comment", "a second key with a comment", format!("{other} somebody")),
    ] {
        let keys = format!("\"keys\":[\"{known}\"]");
        let both = format!("\"keys\":[\"{known}\",\"{second}\"]");
        cases.insert(format!("directory-key-{name}"), one.saying(about, "unreadable", &keys, &both));
    }
    cases.insert(
        "directory-days".into(),
        one.saying("it holds for more than 400 days", "not acceptable", "2027-09-01", "2027-11-01"),
    );
    cases.insert(
        "directory-moment".into(),
        one.saying("a time that does not end with Z", "unreadable", "00:00:00Z", "00:00:00+00:00"),
    );
    let mut early = one.case("it is from the future", "future", one.signed(&text, one.namespace));
    early["at"] = json!("2026-08-31T00:00:00Z");
    cases.insert("directory-future".into(), early);
}

fn texts(world: &World, cases: &mut Cases) {
    let text_of =
        |cases: &Cases, name: &str| cases[name]["document"]["text"].as_str().expect("a text").to_owned();
    let sign = [&world.school.sign];
    let mut one = good("certificate", Namespace::Certificate, &sign, &text_of(cases, "certificate"));
    one.beside.insert("agency".into(), json!(SCHOOL));
    let role = "Designated Safeguarding Lead";
    cases.insert(
        "certificate-long".into(),
        one.saying("more than 4 KiB", "unreadable", role, &"a".repeat(5000)),
    );

    let mut one = good("gate", Namespace::Gate, &sign, &text_of(cases, "gate"));
    one.beside.insert("envelope".into(), cases["gate"]["envelope"].clone());
    cases.insert("gate-unknown".into(), one.saying("it is nobody's", "unknown", SCHOOL, "southshire"));
    let one = good("withdrawal", Namespace::Withdrawal, &sign, &text_of(cases, "withdrawal"));
    cases.insert("withdrawal-unknown".into(), one.saying("it is nobody's", "unknown", SCHOOL, "southshire"));
    let gate = format!("\"{}\"", "02".repeat(16));
    let many = (0..257).map(|n| format!("\"{n:032x}\"")).collect::<Vec<_>>().join(",");
    cases.insert("withdrawal-many".into(), one.saying("it names 257 gates", "not acceptable", &gate, &many));

    let keys = [&world.person.key, &world.school.sign];
    let one = good("not-shared", Namespace::Consent, &keys, &text_of(cases, "not-shared"));
    let because = "nobody is in danger, and the child asked us to wait";
    cases.insert(
        "not-shared-long".into(),
        one.saying("its reason is longer than 16 KiB", "not acceptable", because, &"a".repeat(16_385)),
    );
}

fn receipts(world: &World, cases: &mut Cases) {
    let (node, officer) = (key(91), officer(world));
    let police = || POLICE.parse().expect("an id");
    let mut put = |name: &str, about: &str, by: &SigningKey, receipt: SignedReceipt| {
        let one = good("receipt", Namespace::Receipt, &[by], &receipt.text);
        cases.insert(name.into(), one.case(about, "not acceptable", one.signed(&one.text, one.namespace)));
    };
    let opened = ReceiptKind::Opened;
    let by_node = || Signer::Node { name: "Northshire node".into() };
    let by_agency = || Signer::Agency { agency: police() };
    let by_person = || Signer::Person { agency: police(), certificate: officer.certificate.clone() };
    put("opened-node", "a node says what people say", &node, receipt(world, opened, by_node(), None, &node));
    let link = &world.police.link;
    put(
        "opened-link",
        "an agency says what its people say",
        link,
        receipt(world, opened, by_agency(), None, link),
    );
    let delivered = receipt(world, ReceiptKind::Delivered, by_person(), None, &officer.key);
    put("delivered-person", "a person says what the agency says", &officer.key, delivered);

    let text = by_officer(world, ReceiptKind::Deleted).text;
    let one = good("receipt", Namespace::Receipt, &[&officer.key], &text);
    let mut say = |one: &Good<'_>, name: &str, about: &str, expect: &str, was: &str, is: &str| {
        cases.insert(name.into(), one.saying(about, expect, was, is));
    };
    let refused = "not acceptable";
    say(
        &one,
        "deleted-opened",
        "it answers a withdrawal that it may not answer",
        refused,
        "\"deleted\"",
        "\"opened\"",
    );
    let withdrawal = text.find(",\"withdrawal\"").expect("it answers one");
    let (_, from) = text.split_at(withdrawal);
    let answers = &from[..",\"withdrawal\":\"\"".len() + 64];
    say(&one, "deleted-nothing", "it does not say which withdrawal it answers", refused, answers, "");
    let basis = format!(",\"basis\":{}{answers}", json!(LawfulBasis::PublicTask));
    say(&one, "deleted-basis", "no basis is needed to delete", refused, answers, &basis);

    let text = by_officer(world, ReceiptKind::Kept).text;
    let one = good("receipt", Namespace::Receipt, &[&officer.key], &text);
    say(&one, "kept-nothing", "it does not say on which basis", refused, ",\"basis\":\"public-task\"", "");
    let long = "a".repeat(4097);
    say(&one, "kept-long", "it says more than 4 KiB", refused, "an enquiry has begun", &long);

    let text = stored(world).text;
    let one = good("receipt", Namespace::Receipt, &[&node], &text);
    say(&one, "stored-log-id", "a log with no number", "unreadable", &"09".repeat(16), &"0z".repeat(16));
    say(
        &one,
        "stored-place",
        "a leaf that no log has",
        refused,
        "\"index\":0",
        "\"index\":9223372036854775808",
    );
}

/// A person whose certificate is their own agency's, and says another.
fn people(world: &World, cases: &mut Cases) {
    let certificate = person(SCHOOL, "P Singh", 61, &world.police.sign).certificate;
    let signer = Signer::Person { agency: POLICE.parse().expect("an id"), certificate };
    let by = key(61);
    let receipt = receipt(world, ReceiptKind::Opened, signer, None, &by);
    let one = good("receipt", Namespace::Receipt, &[&by], &receipt.text);
    let signed = one.signed(&one.text, one.namespace);
    cases.insert(
        "opened-agency".into(),
        one.case("the certificate names another agency", "certificate", signed),
    );
}
