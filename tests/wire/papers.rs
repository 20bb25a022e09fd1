//! What stands in `tests/vectors/papers`: the papers of a share, and a decision not to share, once as they must be and once
//! with each fault; the list is the sender's where it is not the fault.

use std::{collections::BTreeMap, fs};

use jiff::{Timestamp, ToSpan as _};
use kith_protocol::{
    consent::{LawfulBasis, NamedRecipient, NotShared, SignedNotShared},
    gate::{SignedGate, SignedWithdrawal, Withdrawal},
    ids::{Digest, GateId, LogId},
    keys::PersonKey,
    log::{Checkpoint, Logged, Origin, Path, leaf_hash, node_hash},
    papers::{Files, Papers, verify},
    receipt::{Leaf, Receipt, ReceiptKind, SignedReceipt, Signer},
    sign::{Namespace, SigningKey},
};
use kith_tests::bundles::{POLICE, SCHOOL, World, now};
use kith_tui::{
    casework::command::Refusal,
    sharing::{not_shared, office::OfficeError},
};
use serde_json::{Value, json};

use super::signed::{NODE_LOG, SEALED, envelope, gate, key, officer, person, vectors};

type Cases = BTreeMap<String, Value>;

/// When the papers are judged.
fn judged_at() -> Timestamp {
    now() + 24.hours()
}

/// A receipt of the share, so many minutes after it was sealed.
fn receipt(
    world: &World,
    kind: ReceiptKind,
    (signer, by): (Signer, &SigningKey),
    (previous, withdrawal): (Option<Digest>, Option<Digest>),
    minutes: i64,
) -> SignedReceipt {
    let log = Origin::of_node(&key(93).public(), NODE_LOG);
    let at = Timestamp::from_second(now().as_second()).expect("a moment") + minutes.minutes();
    let body = Receipt {
        kind,
        bundle: envelope(world).id(),
        ciphertext: Digest::of(SEALED),
        at,
        signer,
        previous,
        note: (kind != ReceiptKind::Stored && kind != ReceiptKind::Delivered).then(|| "Visit today".into()),
        withdrawal,
        basis: (kind == ReceiptKind::Kept).then_some(LawfulBasis::PublicTask),
        leaf: (kind == ReceiptKind::Stored).then_some(Leaf { log, index: 0 }),
    };
    SignedReceipt::new(&body, by)
}

fn of_person(agency: &str, person: &PersonKey) -> Signer {
    Signer::Person { agency: agency.parse().expect("an id"), certificate: person.certificate.clone() }
}

/// STORED, DELIVERED, then what the officer says, each after the one before.
fn receipts(world: &World, said: &[ReceiptKind], withdrawal: Option<Digest>) -> Vec<SignedReceipt> {
    let node = Signer::Node { name: "Northshire node".into() };
    let police = Signer::Agency { agency: POLICE.parse().expect("an id") };
    let mut all = vec![receipt(world, ReceiptKind::Stored, (node, &key(91)), (None, None), 1)];
    let delivered = (Some(all[0].digest()), None);
    all.push(receipt(world, ReceiptKind::Delivered, (police, &world.police.link), delivered, 2));
    let officer = officer(world);
    for kind in said {
        let last = all.last().map(SignedReceipt::digest);
        let answered = withdrawal.filter(|_| kind.answers_withdrawal());
        let signer = (of_person(POLICE, &officer), &officer.key);
        all.push(receipt(world, *kind, signer, (last, answered), all.len() as i64 + 1));
    }
    all
}

/// That `leaf` is the first or second of two in a log.
fn logged(leaf: Digest, log: &Origin, index: u64, by: &SigningKey) -> Logged {
    let other = leaf_hash(b"another receipt");
    let root = if index == 0 { node_hash(&leaf, &other) } else { node_hash(&other, &leaf) };
    let checkpoint = Checkpoint { origin: log.clone(), size: 2, root }.sign(by).expect("a note");
    Logged { index, path: Path::new(vec![other]), checkpoint }
}

fn withdrawal(world: &World, gate: u8) -> SignedWithdrawal {
    let from = SCHOOL.parse().expect("an id");
    let gates = vec![GateId::from_bytes([gate; 16])];
    SignedWithdrawal::new(
        &Withdrawal { from, gates, at: now() + 1.hours(), letter: None },
        &world.school.sign,
    )
}

fn papers(world: &World, receipts: Vec<SignedReceipt>, withdrawal: Option<SignedWithdrawal>) -> Papers {
    let log = Origin::of_node(&key(93).public(), NODE_LOG);
    let leaf = receipts.first().map(|stored| leaf_hash(stored.text.as_bytes()));
    let logged = leaf.map(|leaf| logged(leaf, &log, 0, &key(92)));
    Papers { envelope: envelope(world), gate: gate(world), withdrawal, receipts, logged }
}

fn files(world: &World, papers: &Papers) -> Files {
    let laid_out = papers.lay_out(&world.school.sign, (&world.directory).into(), judged_at());
    laid_out.unwrap_or_else(|why| panic!("not laid out: {why}")).0
}

/// The papers of a share that was taken on, as its sender writes them out.
pub(crate) fn taken_on(world: &World) -> Files {
    files(world, &papers(world, receipts(world, &[ReceiptKind::Opened, ReceiptKind::Receipted], None), None))
}

/// The sender lists and signs what is there.
fn listed(mut files: Files, by: &SigningKey, namespace: Namespace) -> Files {
    files.retain(|name, _| !name.starts_with("SHA256SUMS"));
    let line = |(name, text): (&String, &String)| format!("{}  {name}\n", Digest::of(text.as_bytes()));
    let sums: String = files.iter().map(line).collect();
    files.insert("SHA256SUMS.sig".into(), by.sign(namespace, sums.as_bytes()).as_str().into());
    files.insert("SHA256SUMS".into(), sums);
    files
}

fn put<T: kith_protocol::signed::Document>(
    files: &mut Files,
    name: &str,
    signed: &kith_protocol::signed::Signed<T>,
) {
    files.insert(name.into(), signed.text.clone());
    files.insert(format!("{name}.sig"), signed.signature.as_str().into());
}

fn rename(files: &mut Files, from: &str, to: &str) {
    for end in ["", ".sig"] {
        let text = files.remove(&format!("{from}{end}")).expect("a paper");
        files.insert(format!("{to}{end}"), text);
    }
}

fn case(check: &str, about: &str, expect: &str, files: &Files) -> Value {
    json!({ "about": about, "check": check, "at": judged_at(), "files": files, "expect": expect })
}

/// Every case of the papers of a share.
#[expect(clippy::too_many_lines, reason = "one call for each fault")]
fn shares(world: &World, cases: &mut Cases) {
    let mut enter = |name: &str, about: &str, expect: &str, files: Files| {
        cases.insert(name.to_owned(), case("papers", about, expect, &files));
    };
    let good = taken_on(world);
    let sign = &world.school.sign;
    let ours = |files| listed(files, sign, Namespace::Papers);
    let taken_back = withdrawal(world, 2);
    let answered = [ReceiptKind::Opened, ReceiptKind::Kept, ReceiptKind::Deleted];
    let answered = receipts(world, &answered, Some(taken_back.digest()));
    let withdrawn = files(world, &papers(world, answered.clone(), Some(taken_back)));
    enter("papers", "a share that a person took on, to the node's proof", "ok", good.clone());
    enter("papers-withdrawn", "taken back, kept and then deleted", "ok", withdrawn.clone());
    enter("papers-alone", "sealed, and no answer yet", "ok", files(world, &papers(world, Vec::new(), None)));

    // Who holds the files can do these.
    let spoilt = |change: &dyn Fn(&mut Files)| {
        let mut files = good.clone();
        change(&mut files);
        files
    };
    let receipted = "receipt-4-receipted.json";
    enter(
        "papers-changed",
        "a word of an answer was changed",
        "files",
        spoilt(&|files| {
            let text = files[receipted].replace("today", "to-day");
            files.insert(receipted.into(), text);
        }),
    );
    enter(
        "papers-cut",
        "the last answer was left out",
        "files",
        spoilt(&|files| {
            files.remove(receipted);
            files.remove("receipt-4-receipted.json.sig");
        }),
    );
    enter(
        "papers-more",
        "a file was put there",
        "files",
        spoilt(&|files| {
            files.insert("notes.txt".into(), "theirs".into());
        }),
    );
    enter(
        "papers-stranger",
        "a stranger signed the list",
        "signature",
        listed(good.clone(), &key(98), Namespace::Papers),
    );
    let of_files = listed(good.clone(), sign, Namespace::Bundle);
    enter("papers-namespace", "the list was signed as that of a bundle", "signature", of_files);

    // For these the sender signs: a list is no proof of what it lists.
    let mut falsely = |name: &str, about: &str, expect: &str, change: &dyn Fn(&mut Files)| {
        enter(name, about, expect, ours(spoilt(change)));
    };
    falsely("papers-notes", "the list has a file that is no paper", "files", &|files| {
        files.insert("notes.txt".into(), "ours".into());
    });
    falsely("papers-envelope", "a stranger signed the envelope", "envelope", &|files| {
        let text = files["envelope.json"].clone();
        let set = key(98).sign(Namespace::Envelope, text.as_bytes());
        files.insert("envelope.json.sig".into(), set.as_str().into());
    });
    falsely("papers-gate", "the gate is of another bundle", "gate", &|files| {
        let mut other = gate(world).claims().expect("a gate");
        other.id = GateId::from_bytes([4; 16]);
        put(files, "gate.json", &SignedGate::new(&other, sign));
    });
    falsely("papers-gate-stranger", "a stranger signed the gate", "gate", &|files| {
        let other = gate(world).claims().expect("a gate");
        put(files, "gate.json", &SignedGate::new(&other, &key(98)));
    });
    falsely("papers-withdrawal", "another bundle was taken back", "withdrawal", &|files| {
        put(files, "withdrawal.json", &withdrawal(world, 4));
    });
    falsely("papers-withdrawal-from", "another agency takes it back", "withdrawal", &|files| {
        let mut body = withdrawal(world, 2).claims().expect("a withdrawal");
        body.from = POLICE.parse().expect("an id");
        put(files, "withdrawal.json", &SignedWithdrawal::new(&body, &world.police.sign));
    });
    let honest = receipts(world, &[ReceiptKind::Opened, ReceiptKind::Receipted], None);
    let officer = officer(world);
    let last = |change: &dyn Fn(&mut Receipt)| {
        let mut body = honest[3].claims().expect("a receipt");
        change(&mut body);
        body
    };
    falsely("papers-bundle", "an answer is about another bundle", "receipts", &|files| {
        let body = last(&|body| body.bundle = kith_protocol::ids::BundleId(Digest::of(b"another")));
        put(files, receipted, &SignedReceipt::new(&body, &officer.key));
    });
    falsely("papers-person", "one of the sender's own people answers", "receipts", &|files| {
        let own = person(SCHOOL, "T Iqbal", 62, sign);
        let body = last(&|body| body.signer = of_person(SCHOOL, &own));
        put(files, receipted, &SignedReceipt::new(&body, &own.key));
    });
    falsely("papers-forged", "a stranger signed an answer", "receipts", &|files| {
        put(files, receipted, &SignedReceipt::new(&last(&|_| ()), &key(98)));
    });
    falsely("papers-name", "an answer is called something else than it says", "receipts", &|files| {
        rename(files, receipted, "receipt-4-declined.json");
    });
    falsely("papers-twice", "an answer is there twice", "receipts", &|files| {
        put(files, "receipt-5-receipted.json", &honest[3]);
    });
    falsely("papers-order", "two answers stand the wrong way round", "receipts", &|files| {
        rename(files, "receipt-3-opened.json", "receipt-4-opened.json");
        rename(files, receipted, "receipt-3-receipted.json");
    });
    falsely("papers-unlinked", "what an answer follows on from is not there", "receipts", &|files| {
        files.remove("receipt-3-opened.json");
        files.remove("receipt-3-opened.json.sig");
        rename(files, receipted, "receipt-3-receipted.json");
    });
    falsely("papers-signers", "another key stands for the recipient's person", "signers", &|files| {
        let signers = files["allowed_signers"]
            .replace(&officer.key.public().to_string(), &key(98).public().to_string());
        files.insert("allowed_signers".into(), signers);
    });
    let proof = "receipt-1-stored.tlog-proof";
    let (of_node, stranger) = (key(92), key(98));
    let leaf = leaf_hash(honest[0].text.as_bytes());
    let log = Origin::of_node(&key(93).public(), NODE_LOG);
    let mut proven = |name: &str, about: &str, expect: &str, logged: String| {
        falsely(name, about, expect, &|files| {
            files.insert(proof.into(), logged.clone());
        });
    };
    let other = Origin::of_node(&key(93).public(), LogId::from_bytes([8; 16]));
    let at = |leaf, log, index, by| logged(leaf, log, index, by).to_string();
    proven(
        "papers-restored",
        "in a log that took the place of the one it names",
        "ok",
        at(leaf, &other, 1, &of_node),
    );
    let form = at(leaf, &log, 0, &of_node).replace("index 0", "index 00");
    proven("papers-log-form", "the proof has another form", "log", form);
    let elsewhere = at(leaf, &log, 1, &of_node);
    proven("papers-log-place", "STORED stands elsewhere than it says", "log", elsewhere);
    let another = at(leaf_hash(b"a third"), &log, 0, &of_node);
    proven("papers-log-leaf", "the proof is of another receipt", "log", another);
    proven("papers-log-key", "a stranger signed the checkpoint", "log", at(leaf, &log, 0, &stranger));
    let foreign = Origin::of_node(&key(98).public(), NODE_LOG);
    proven("papers-log-node", "the log is of another node", "log", at(leaf, &foreign, 0, &of_node));

    let mut other = withdrawn;
    let mut body = answered[3].claims().expect("a receipt");
    body.withdrawal = Some(Digest::of(b"another withdrawal"));
    rename(&mut other, "receipt-4-kept.json", "away");
    for name in ["away", "away.sig", "receipt-5-deleted.json", "receipt-5-deleted.json.sig"] {
        other.remove(name);
    }
    put(&mut other, "receipt-4-kept.json", &SignedReceipt::new(&body, &officer.key));
    enter("papers-answer", "it answers another withdrawal", "receipts", ours(other));
}

/// A decision not to share as it is written out.
pub(crate) fn decided(world: &World) -> Files {
    let decision = NotShared {
        agency: SCHOOL.parse().expect("an id"),
        case: "1-204".parse().expect("a reference"),
        with: NamedRecipient { id: POLICE.parse().expect("an id"), name: "Northshire Police".into() },
        because: "The child asked us to wait for her grandmother.".into(),
        at: now(),
        decided_by: world.person.certificate.clone(),
    };
    let signed = SignedNotShared::decided(&decision, &world.person, &world.school.sign);
    let each = signed.signature.each().expect("two signatures");
    let (person, agency) = (world.person.key.public(), world.school.sign.public());
    Files::from([
        ("decision.json".into(), signed.text),
        ("decision.json.person.sig".into(), each[0].clone()),
        ("decision.json.agency.sig".into(), each[1].clone()),
        ("allowed_signers".into(), format!("person@{SCHOOL} {person}\n{SCHOOL} {agency}\n")),
    ])
}

fn decisions(world: &World, cases: &mut Cases) {
    let good = decided(world);
    let (person, agency) = ("decision.json.person.sig", "decision.json.agency.sig");
    let mut enter = |name: &str, about: &str, expect: &str, change: &dyn Fn(&mut Files)| {
        let mut files = good.clone();
        change(&mut files);
        cases.insert(name.to_owned(), case("not-shared", about, expect, &files));
    };
    enter("not-shared", "decided, signed by the person and the agency", "ok", &|_| ());
    enter("not-shared-missing", "the agency's signature is not there", "files", &|files| {
        files.remove(agency);
    });
    enter("not-shared-more", "another file was put there", "files", &|files| {
        files.insert("notes.txt".into(), String::new());
    });
    enter("not-shared-changed", "the reason was changed", "decision", &|files| {
        let text = files["decision.json"].replace("grandmother", "grandfather");
        files.insert("decision.json".into(), text);
    });
    enter("not-shared-swapped", "each signature lies under the other's name", "decision", &|files| {
        let (one, other) = (files[person].clone(), files[agency].clone());
        files.insert(person.into(), other);
        files.insert(agency.into(), one);
    });
    enter("not-shared-both", "both signatures lie in one file, and one in the other", "decision", &|files| {
        let both = format!("{}{}", files[person], files[agency]);
        files.insert(person.into(), both);
    });
    enter("not-shared-signers", "another key stands for the agency", "signers", &|files| {
        let ours = world.school.sign.public().to_string();
        let signers = files["allowed_signers"].replace(&ours, &key(98).public().to_string());
        files.insert("allowed_signers".into(), signers);
    });
}

/// `ok`, or which part is refused.
pub(crate) fn judge(check: &str, files: &Files, world: &World) -> String {
    let directories = (&world.directory).into();
    if check == "papers" {
        return match verify(files, directories, judged_at()) {
            Ok(_) => "ok".to_owned(),
            Err(why) => why.what().to_owned(),
        };
    }
    match not_shared::verify(files, directories) {
        Ok(_) => "ok".to_owned(),
        Err(OfficeError::Refused(Refusal::Bundle { what, .. })) => what.to_owned(),
        Err(other) => other.to_string(),
    }
}

/// `UPDATE=1` writes them.
#[test]
fn the_papers_of_a_share_are_these_bytes_and_are_judged_as_they_say() {
    let (world, folder, mut made) = (World::hybrid(), vectors().join("papers"), Cases::new());
    shares(&world, &mut made);
    decisions(&world, &mut made);
    if std::env::var_os("UPDATE").is_some() {
        fs::create_dir_all(&folder).expect("a folder");
        for (name, case) in &made {
            let text = serde_json::to_string_pretty(case).expect("JSON") + "\n";
            fs::write(folder.join(format!("{name}.json")), text).expect("a vector is written");
        }
    }
    let mut wrong = Vec::new();
    for (name, case) in &made {
        let there = fs::read(folder.join(format!("{name}.json"))).ok();
        let there = there.and_then(|text| serde_json::from_slice::<Value>(&text).ok());
        assert!(there.as_ref() == Some(case), "{name}: if the format changed, run with UPDATE=1");
        if !holds(case) {
            let files = serde_json::from_value(case["files"].clone()).expect("files");
            let said = judge(case["check"].as_str().expect("a word"), &files, &world);
            wrong.push(format!("{name}: {said}, and not {}", case["expect"]));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(fs::read_dir(&folder).expect("the vectors").count(), made.len(), "a vector that nobody makes");
}

/// Whether a vector of this folder is judged as it says.
pub(super) fn holds(case: &Value) -> bool {
    let Ok(files) = serde_json::from_value::<Files>(case["files"].clone()) else { return false };
    let word = |name: &str| case[name].as_str().unwrap_or_default().to_owned();
    judge(&word("check"), &files, &World::hybrid()) == word("expect")
}
