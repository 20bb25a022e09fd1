//! Golden records of a decision, one reason a file: the scope check that sender and recipient both run.

use std::{collections::BTreeSet, fs};

use jiff::Timestamp;
use kith_protocol::{
    consent::{Category, ConsentRecord, Refusal, scope_refusals},
    ids::{AgencyId, Digest},
};
use kith_tests::bundles::{POLICE, now};
use serde_json::{Value, json};

use super::signed::vectors;

type Change = fn(&mut Value);

/// Each by its name: what comes of it, and what is changed of the golden bundle's record.
const CASES: [(&str, &str, Change); 30] = [
    ("good", "ok", |_| ()),
    ("good-consent", "ok", |one| lived(one, &["requested", "refused", "requested", "given"])),
    ("good-no-special", "ok", |one| {
        one["record"]["special_condition"] = Value::Null;
        one["categories"] = json!(["welfare"]);
    }),
    ("not-to-be-shared", "decided not to share", |one| {
        one["record"]["decision"] = json!({"do-not-share": {"because": "the child asked us to wait"}});
    }),
    ("no-basis", "no basis", |one| one["record"]["lawful_basis"] = Value::Null),
    ("blank-obligation", "no basis", |one| {
        one["record"]["lawful_basis"] = json!({"legal-obligation": {"which": " "}});
    }),
    ("not-sought", "not given", |one| lived(one, &[])),
    ("requested", "not given", |one| lived(one, &["requested"])),
    ("refused", "not given", |one| lived(one, &["requested", "refused"])),
    ("expired", "not given", |one| lived(one, &["given", "expired"])),
    ("withdrawn", "withdrawn", |one| lived(one, &["given", "withdrawn"])),
    ("given-again", "no life of a consent", |one| lived(one, &["given", "withdrawn", "given"])),
    ("back-in-time", "no life of a consent", |one| {
        lived(one, &["requested", "given"]);
        one["record"]["events"][1]["event_time"] = json!("2026-11-19T00:00:00Z");
    }),
    ("nobody", "no life of a consent", |one| {
        lived(one, &["given"]);
        one["record"]["events"][0]["entity"] = json!(" ");
    }),
    ("no-way", "no life of a consent", |one| {
        lived(one, &["given"]);
        one["record"]["events"][0]["event_type"] = json!("");
    }),
    ("no-notice", "no notice was kept", |one| {
        lived(one, &["given"]);
        one["record"]["notice"].as_object_mut().expect("an object").remove("sha256");
    }),
    ("event-ahead", "in the future", |one| {
        one["record"]["events"] = json!([{ "event_time": "2026-11-22T09:14:08Z", "event_state": "requested",
            "entity": "Ruth Adeyemi", "event_type": "by letter" }]);
    }),
    ("decided-ahead", "in the future", |one| {
        one["record"]["safeguarding"]["decided_by"]["on"] = json!("2026-11-22T09:14:08Z");
    }),
    ("early", "early", |one| one["record"]["validity"]["from"] = json!("2026-11-22T09:14:08Z")),
    ("late", "late", |one| one["at"] = json!("2027-02-20T00:00:00Z")),
    ("recipient", "recipient", |one| one["recipient"] = json!("southshire")),
    ("category", "category", |one| one["categories"] = json!(["contact", "welfare"])),
    ("no-condition", "no condition", |one| one["record"]["special_condition"] = Value::Null),
    ("not-safe", "family", |one| told(one, json!({"not-safe": {"because": "\t"}}))),
    ("not-yet", "family", |one| told(one, json!({"not-yet": {"by": "2026-12-01", "because": ""}}))),
    ("no-purpose", "purpose", |one| one["record"]["purposes"] = json!([" "])),
    ("no-name", "who decided", |one| one["record"]["safeguarding"]["decided_by"]["name"] = json!("")),
    ("no-role", "who decided", |one| one["record"]["safeguarding"]["decided_by"]["role"] = json!(" ")),
    ("no-necessity", "necessity", |one| one["record"]["safeguarding"]["necessity"] = json!("")),
    ("no-view", "the child's view", |one| one["record"]["safeguarding"]["childs_view"] = json!("\n")),
];

/// It rests on a consent with this life.
fn lived(one: &mut Value, states: &[&str]) {
    let event = |(nth, state): (usize, &&str)| {
        json!({ "event_time": format!("2026-11-20T{nth:02}:00:00Z"), "event_state": state,
            "entity": "Dana Oakes, mother", "event_type": "by telephone" })
    };
    one["record"]["lawful_basis"] = json!("consent");
    one["record"]["notice"]["sha256"] = json!(Digest::of(b"notice"));
    one["record"]["events"] = states.iter().enumerate().map(event).collect();
}

fn told(one: &mut Value, how: Value) {
    one["record"]["safeguarding"]["family_told"] = how;
}

fn made() -> Vec<(String, Value)> {
    let golden = fs::read_to_string(vectors().join("bundle/bundle.json")).expect("a vector");
    let golden: Value = serde_json::from_str(&golden).expect("JSON");
    let case = |(name, expect, change): &(&str, &str, Change)| {
        let mut one = json!({ "expect": expect, "recipient": POLICE, "categories": ["health", "welfare"], "at": now(),
            "record": golden["consent"] });
        change(&mut one);
        ((*name).to_owned(), one)
    };
    CASES.iter().map(case).collect()
}

/// The one reason against it, in a word.
fn judged(case: &Value) -> String {
    fn field<T: serde::de::DeserializeOwned>(case: &Value, name: &str) -> T {
        serde_json::from_value(case[name].clone()).unwrap_or_else(|error| panic!("{name}: {error}"))
    }
    let (record, to): (ConsentRecord, AgencyId) = (field(case, "record"), field(case, "recipient"));
    let (categories, at): (BTreeSet<Category>, Timestamp) = (field(case, "categories"), field(case, "at"));
    let said = match scope_refusals(&record, &to, &categories, at).as_slice() {
        [] => "ok",
        [one] => match one {
            Refusal::DecidedNotToShare { .. } => "decided not to share",
            Refusal::NoBasis => "no basis",
            Refusal::ConsentNotGiven { .. } => "not given",
            Refusal::Withdrawn { .. } => "withdrawn",
            Refusal::Contradiction { .. } => "no life of a consent",
            Refusal::NoticeNotKept => "no notice was kept",
            Refusal::InFuture { .. } => "in the future",
            Refusal::NotYetValid { .. } => "early",
            Refusal::Expired { .. } => "late",
            Refusal::RecipientNotNamed { .. } => "recipient",
            Refusal::CategoryOutOfScope { .. } => "category",
            Refusal::NoSpecialCondition { .. } => "no condition",
            Refusal::FamilyReasonMissing => "family",
            Refusal::FieldMissing { field } => match *field {
                "what the sharing is for" => "purpose",
                "who decided, and their role" => "who decided",
                "why it is necessary and proportionate" => "necessity",
                _ => "the child's view",
            },
            other => return format!("{other:?}"),
        },
        several => return format!("{several:?}"),
    };
    said.to_owned()
}

/// `UPDATE=1` writes them.
#[test]
fn every_record_of_a_decision_is_judged_as_it_says() {
    let (folder, made) = (vectors().join("consent"), made());
    let update = std::env::var_os("UPDATE").is_some();
    if update {
        fs::create_dir_all(&folder).expect("a folder");
    }
    for (name, case) in &made {
        let (path, text) =
            (folder.join(format!("{name}.json")), serde_json::to_string_pretty(case).expect("JSON") + "\n");
        if update {
            fs::write(&path, &text).expect("a vector is written");
        }
        let there = fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(there, text, "{name}: if the format changed, run with UPDATE=1");
        assert_eq!(judged(case), case["expect"].as_str().expect("a word"), "{name}");
        // Read and written again, it is the same record, and the same comes of it.
        let record: ConsentRecord = serde_json::from_value(case["record"].clone()).expect("a record");
        let again = json!({ "record": record, "recipient": case["recipient"], "categories": case["categories"],
            "at": case["at"] });
        assert_eq!(judged(&again), case["expect"].as_str().expect("a word"), "{name}");
    }
    assert_eq!(fs::read_dir(&folder).expect("the vectors").count(), made.len(), "a vector that nobody makes");
}

/// Whether a vector of this folder is judged as it says.
pub(super) fn holds(bytes: &[u8]) -> Option<()> {
    let case: Value = serde_json::from_slice(bytes).ok()?;
    (case["expect"].as_str()? == judged(&case)).then_some(())
}
