//! A share from template to sealed file, opened at the other agency; and what refuses it.

use super::*;
use crate::{
    casework::{
        case::{Case, LevelOfNeed},
        command::Command,
        entry::{Danger, Entry, EntryKind, Involvement, Precision, Significance, Source, Statement, When},
        ids::{CaseId, EntryId, PersonId},
        person::Address,
    },
    store::Casebook,
};
use kith_protocol::{
    bundle::{Role, StatementKind},
    consent::Category,
};

const PLACE: &str = "14 Larkfield Rise";

/// A case with one entry that names another child and a protected address.
pub(super) fn case(world: &World) -> (CaseId, EntryId) {
    let people: Vec<PersonId> = pupils(world).iter().map(|one| one.parse().unwrap()).collect();
    let mut book = Casebook::unlock(&world.path("elm-park"), &Passphrase::from(SECRET)).unwrap();
    let user = book.session().unwrap().user;
    let mut run = |command| book.execute(command, &user, &now()).unwrap()[0];
    let (niamh, haroon) = (people[0], people[2]);
    run(Command::RecordAddress(Address {
        lines: PLACE.into(),
        postcode: "NX4 7QT".into(),
        protected: true,
        protected_from: "the father".into(),
        people: vec![niamh],
    }));
    let opened = Case {
        child: niamh,
        title: "Safety".into(),
        level: LevelOfNeed::ChildInNeed,
        lead: "Amina Khan".into(),
    };
    let case = CaseId(run(Command::OpenCase(opened)));
    let entry = Entry {
        kind: EntryKind::Note,
        people: vec![
            Involvement { person: niamh, role: Role::Subject },
            Involvement { person: haroon, role: Role::Witness },
        ],
        happened: When { at: "2026-11-19T09:05".parse().unwrap(), precision: Precision::Exact },
        category: Category::Family,
        source: Source {
            name: "Joanna Reid".into(),
            role: "teacher".into(),
            agency: "Elm Park Primary".into(),
        },
        statements: vec![Statement {
            kind: StatementKind::ObservedFact,
            text: format!("A man asked Haroon Siddiqui whether Niamh lives at {PLACE}, NX4 7QT."),
        }],
        danger: Danger::No,
        told: String::new(),
        done: "Rang the police.".into(),
        effect: "Frightened.".into(),
        significance: Significance::High,
        attachments: Vec::new(),
    };
    let entry = EntryId(run(Command::RecordEntry { entry, case: Some(case) }));
    (case, entry)
}

/// The template, filled in as a person would.
pub(super) fn consent(world: &World, case: CaseId) -> Value {
    let ran = world.kith(&format!("share {case} --to northshire-police --template"), "");
    assert_eq!(ran.exit, Exit::Done, "{}", ran.err);
    let mut record: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(
        (&record["lawful_basis"], &record["purposes"][0]),
        (&Value::Null, &"".into()),
        "people decide these"
    );
    record["lawful_basis"] = "duty-to-share".into();
    record["purposes"][0] = "To protect Niamh".into();
    record["notice"]["privacy_notice"] = "Elm Park privacy notice, version 3".into();
    record["safeguarding"]["family_told"] =
        serde_json::json!({ "not-safe": { "because": "the father would hear of it" } });
    record["safeguarding"]["childs_view"] = "She wants the man to go away.".into();
    record["safeguarding"]["necessity"] = "The police are looking for him.".into();
    record
}

pub(super) fn share(world: &World, case: CaseId, record: &Value, more: &str) -> Ran {
    let consent = world.write("consent.json", &record.to_string());
    world.write("ask.txt", "Please find the man.");
    let ask = world.path("ask.txt");
    world.kith(
        &format!(
            "share {case} --to northshire-police --consent {} --ask {} {more}",
            consent.display(),
            ask.display()
        ),
        "",
    )
}

/// Withholds every suggestion under the reason it was suggested for.
pub(super) fn decide(world: &World, undecided: &Ran) -> String {
    let listed = undecided.document("share-undecided/1");
    let decisions: serde_json::Map<String, Value> = (listed["suggestions"].as_array().unwrap().iter())
        .map(|one| {
            (one["span"].as_str().unwrap().to_owned(), serde_json::json!({ "withhold": one["suggested"] }))
        })
        .collect();
    let file = serde_json::json!({ "kith": "decisions/1", "decisions": decisions });
    world.write("decisions.json", &file.to_string()).display().to_string()
}

#[test]
fn undecided_suggestions_stop_a_share_and_are_listed() {
    let world = World::new();
    let (case, _) = case(&world);
    let record = consent(&world, case);
    let ran = share(&world, case, &record, "--json");
    assert_eq!(ran.exit, Exit::Refused, "{}", ran.err);
    let listed = ran.document("share-undecided/1");
    let texts: Vec<_> =
        listed["suggestions"].as_array().unwrap().iter().map(|one| one["text"].as_str().unwrap()).collect();
    assert!(
        texts.iter().any(|text| text.contains("Haroon"))
            && texts.iter().any(|text| text.contains("Larkfield")),
        "{texts:?}"
    );
    assert!(listed["suggestions"].as_array().unwrap().iter().any(|one| one["must_be_withheld"] == true));
    let plain = share(&world, case, &record, "");
    assert_eq!(plain.exit, Exit::Refused);
    assert!(
        plain.out.contains("MUST BE WITHHELD") && plain.err.contains("--decisions"),
        "{}{}",
        plain.out,
        plain.err
    );
}

#[test]
fn a_share_without_a_basis_or_with_the_address_left_in_is_refused() {
    let world = World::new();
    let (case, entry) = case(&world);
    let record = consent(&world, case);
    let undecided = share(&world, case, &record, "--json");
    let decisions = decide(&world, &undecided);
    let mut bare = record.clone();
    bare["lawful_basis"] = Value::Null;
    let ran = share(&world, case, &bare, &format!("--decisions {decisions}"));
    assert_eq!(ran.exit, Exit::Refused);
    assert!(ran.err.contains("no lawful basis") && ran.err.contains("nothing was sent"), "{}", ran.err);
    let kept = fs::read_to_string(&decisions)
        .unwrap()
        .replace(r#"{"withhold":"contact-or-address"}"#, r#"{"keep":"they know it"}"#);
    let kept = world.write("kept.json", &kept);
    let ran = share(&world, case, &record, &format!("--decisions {}", kept.display()));
    assert_eq!(ran.exit, Exit::Refused, "{}", ran.err);
    let ran = share(&world, case, &record, &format!("--decisions {decisions} --entries 1-99999"));
    assert_eq!(ran.exit, Exit::NothingMatched, "{entry}: {}", ran.err);
    assert_eq!(world.kith("shares", "").exit, Exit::NothingMatched, "nothing was recorded");
}

#[test]
fn a_sealed_file_goes_by_hand_and_opens_at_the_other_agency() {
    let world = World::new();
    let (case, _) = case(&world);
    let record = consent(&world, case);
    let undecided = share(&world, case, &record, "--json");
    let decisions = decide(&world, &undecided);
    let preview = share(&world, case, &record, &format!("--decisions {decisions} --dry-run"));
    assert_eq!(preview.exit, Exit::Done, "{}", preview.err);
    assert!(
        preview.out.contains("Niamh")
            && !preview.out.contains("Haroon")
            && !preview.out.contains("Larkfield")
    );
    assert_eq!(world.kith("shares", "").exit, Exit::NothingMatched, "a dry run records nothing");
    let file = world.path("bundle.age").display().to_string();
    let sent = share(&world, case, &record, &format!("--decisions {decisions} --to-file {file} --json"))
        .json("share/1");
    let shares = world.kith("shares --json", "").json("share-list/1");
    assert_eq!(
        (&shares["shares"][0]["ref"], &shares["shares"][0]["state"]),
        (&sent["ref"], &"queued".into())
    );

    let police = |words: &str| world.kith_of("northshire-police", words, "");
    let verified = police(&format!("verify {file} --json")).json("verified/1");
    assert_eq!(verified["from"], "elm-park");
    let out = world.path("opened");
    let opened = police(&format!("open {file} --out {}", out.display()));
    assert_eq!(opened.exit, Exit::Done, "{}", opened.err);
    assert!(opened.out.contains("Please find the man.") && !opened.out.contains("Larkfield"));
    for name in ["bundle.json", "index.html", "SHA256SUMS", "SHA256SUMS.sig"] {
        assert!(out.join(name).is_file(), "{name}");
    }
    let again = police(&format!("open {file} --out {}", out.display()));
    assert_eq!(again.exit, Exit::CheckFailed, "an existing folder is left alone: {}", again.err);
    assert_eq!(
        world.kith(&format!("verify {file}"), "").exit,
        Exit::CheckFailed,
        "it is not sealed to its sender"
    );
    let mut bytes = fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&file, bytes).unwrap();
    assert_eq!(police(&format!("verify {file}")).exit, Exit::CheckFailed, "one bit was changed");
}

#[test]
fn a_node_that_does_not_answer_is_said_and_what_waits_stays() {
    let world = World::new();
    let ran = world.kith("exchange --json", "");
    assert_eq!(ran.exit, Exit::Unreachable, "{}", ran.err);
    assert_eq!(ran.document("exchange/1")["reached"], false);
}

#[test]
fn an_unknown_agency_is_named_with_those_that_are_known() {
    let world = World::new();
    let (case, _) = case(&world);
    let ran = world.kith(&format!("share {case} --to nobody --template"), "");
    assert_eq!(ran.exit, Exit::NothingMatched);
    assert!(ran.err.contains("northshire-police"), "{}", ran.err);
}
