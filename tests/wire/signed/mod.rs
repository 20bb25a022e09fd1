//! The golden vectors of every signed document: one question a file, one fault a file. Each is read whole and written again
//! here; `node` sends them through a node. None is read in pieces: a document is one text, verified before it is parsed.

mod alone;
mod cases;
mod disposals;
mod good;
mod judge;
mod node;
mod sealed;
mod verbs;

use std::{fs, path::PathBuf};

use kith_protocol::{
    approval::{ApprovalError, Approved},
    bundle::Bundle,
    directory::{Directory, Pinned, SignedDirectory},
    gate::{SignedWithdrawal, Withdrawal},
};
use kith_tests::bundles::{World, now};
use serde_json::Value;

use self::{
    cases::Cases,
    judge::{judge, written_again},
};
pub(in crate::wire) use self::{
    cases::{NODE_LOG, SEALED, envelope, gate, key, officer, person},
    node::{Node, asked, node, said},
    sealed::letter as letter_of,
};

pub(super) fn vectors() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("vectors")
}

/// The directory by which the cases are judged.
fn directory() -> Directory {
    let case = read("directory").expect("a vector");
    let field = |name: &str| case[name].clone();
    let pinned: Pinned = serde_json::from_value(field("pinned")).expect("pins");
    let signed: SignedDirectory = serde_json::from_value(field("document")).expect("a directory");
    signed.verify(&pinned, now()).expect("it holds")
}

fn read(name: &str) -> Option<Value> {
    let text = fs::read(vectors().join("signed").join(format!("{name}.json"))).ok()?;
    Some(serde_json::from_slice(&text).expect("JSON"))
}

/// All cases. What is sealed is never the same twice: it is read, and made anew only where there is none.
fn all(world: &World) -> Cases {
    let mut cases = cases::cases(world);
    let sealed = read("answer").map_or_else(
        || sealed::answer(world).seal(&world.school.seal.recipient()).expect("sealed"),
        |case| from_hex(case["sealed"].as_str().expect("hex")),
    );
    sealed::answers(world, &sealed, &mut cases);
    let withdrawal = read("withdrawal-letter").map_or_else(
        || {
            let letter = sealed::letter(world).seal(&world.police.seal.recipient()).expect("sealed");
            let gates = vec![kith_protocol::ids::GateId::from_bytes([2; 16])];
            let from = kith_tests::bundles::SCHOOL.parse().expect("an id");
            let body = Withdrawal { from, gates, at: now(), letter: Some(letter) };
            SignedWithdrawal::new(&body, &world.school.sign)
        },
        |case| serde_json::from_value(case["document"].clone()).expect("a withdrawal"),
    );
    sealed::letters(world, &withdrawal, &mut cases);
    cases
}

pub(super) fn from_hex(hex: &str) -> Vec<u8> {
    let digits: Vec<u32> = hex.chars().filter_map(|c| c.to_digit(16)).collect();
    digits.chunks_exact(2).map(|pair| (pair[0] << 4 | pair[1]) as u8).collect()
}

/// `UPDATE=1` writes them. Which there are, and what comes of each, stands in the name and in `expect`.
#[test]
fn every_signed_document_is_these_bytes_and_is_judged_as_it_says() {
    let (world, folder) = (World::hybrid(), vectors().join("signed"));
    let made = all(&world);
    if std::env::var_os("UPDATE").is_some() {
        fs::create_dir_all(&folder).expect("a folder");
        for (name, case) in &made {
            let text = serde_json::to_string_pretty(case).expect("JSON") + "\n";
            fs::write(folder.join(format!("{name}.json")), text).expect("a vector is written");
        }
    }
    let directory = directory();
    let mut wrong = Vec::new();
    for (name, case) in &made {
        assert!(read(name).as_ref() == Some(case), "{name}: if the format changed, run with UPDATE=1");
        let (said, expect) = (judge(case, &directory), case["expect"].as_str().expect("a word"));
        if said != expect {
            wrong.push(format!("{name}: {said}, and not {expect}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let there = fs::read_dir(&folder).expect("the vectors").count();
    assert_eq!(there, made.len(), "a vector that nobody makes");
}

/// Ours write the one form of the protocol: a good document is written again as it was.
#[test]
fn what_is_good_is_written_again_byte_for_byte() {
    let mut count = 0;
    for (name, case) in all(&World::hybrid()) {
        let Some(again) = (case["expect"] == "ok").then(|| written_again(&case)).flatten() else { continue };
        let one = if case["check"] == "approval" { &case["approval"]["approval"] } else { &case["document"] };
        assert_eq!(&again, one, "{name}");
        count += 1;
    }
    assert!(count >= 17, "{count}");
}

/// Who agreed to a bundle, by its document.
pub(super) fn approved(document: &str) -> Result<Approved, ApprovalError> {
    let bundle: Bundle = serde_json::from_str(document).expect("a bundle");
    let (directory, signed) = (directory(), bundle.approval.as_ref().expect("two people agreed"));
    let sender = directory.member(&bundle.from.id).expect("a member");
    let approved = signed.verify((&bundle.from.id, &sender.keys), bundle.created)?;
    approved.fits(&bundle.to.id, document)?;
    Ok(approved)
}

#[test]
fn the_golden_bundle_that_two_people_agreed_to_is_what_they_read() {
    let (made, path) =
        (cases::approved_bundle(&World::hybrid()), vectors().join("bundle/bundle-approved.json"));
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &made).expect("a vector is written");
    }
    assert_eq!(
        fs::read_to_string(path).expect("the vector"),
        made,
        "if the format changed, run with UPDATE=1"
    );
    assert_eq!(approved(&made).expect("they agreed").checked_by().name, "Tom Iqbal");
    // What they read ends where it says; not a word of it may differ.
    let other = made.replacen("Jamie Oakes", "Jamie Oaks", 1);
    assert_eq!(approved(&other).unwrap_err(), ApprovalError::OtherContent);
}

/// Whether a vector of this folder is judged as it says.
pub(super) fn holds(bytes: &[u8]) -> Option<()> {
    let case: Value = serde_json::from_slice(bytes).ok()?;
    (case["expect"].as_str()? == judge(&case, &directory())).then_some(())
}
