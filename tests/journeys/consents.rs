//! Consent that a script asks for first, and shares on when it is given.

use kith_tests::world::World;
use serde_json::{Value, json};

use super::two_agencies::{case, elm_park, fill_in, to_police, withhold_all, write};

#[test]
fn a_script_asks_for_consent_and_shares_on_what_was_answered() {
    let world = World::today();
    let case = case(&world, "Jonah", "Bruise on the left upper arm.").to_string();
    let mut record = fill_in(&world, &case, "Please find the man.");
    withhold_all(&world, &case);
    write(&world, "notice.txt", "We tell the police what we see, and you may say no.");
    elm_park(&world, &["consent", "notice", "notice.txt", "--name", "Police, 2026"]).ends(0);
    record["lawful_basis"] = "consent".into();
    record["notice"]["privacy_notice"] = "Police, 2026".into();
    let asked = |when: &str| {
        json!([{
            "event_time": when, "event_state": "requested", "entity": "Dana Crane, mother",
            "event_type": "by phone",
        }])
    };
    record["events"] = asked("2199-01-01T00:00:00Z");
    write(&world, "asked.json", &record.to_string());
    let ahead = elm_park(&world, &["consent", "add", &case, "asked.json"]).ends(6);
    assert!(ahead.err.contains("future"), "{ahead:?}");
    record["events"] = asked("2026-01-01T00:00:00Z");
    write(&world, "asked.json", &record.to_string());
    let added = elm_park(&world, &["consent", "add", &case, "asked.json", "--json"]).ends(0);
    let consent = added.json("consent-add/1")["ref"].as_str().expect("a reference").to_owned();
    let stands = |said: &str| {
        let listed = elm_park(&world, &["consent", "list", &case]).ends(0);
        assert!(listed.out.contains(said), "{listed:?}");
        let export = ["consent", "export", &consent, "--format", "record"];
        write(&world, "record.json", &elm_park(&world, &export).ends(0).out);
    };
    stands("consent requested, not answered");
    let sent = || elm_park(&world, &to_police(&case, &["--decisions", "decisions.json", "--json"]));
    let early = sent().ends(6);
    assert!(early.err.contains("requested, not answered"), "{early:?}");
    write(&world, "said.txt", "Dana Crane, mother\nby phone: yes, if Jonah may be there");
    elm_park(&world, &["consent", "record", &consent, "--state", "given", "--said", "said.txt"]).ends(0);
    stands("consent given");
    sent().ends(0);
    // Taken back, it stands as withdrawn everywhere.
    elm_park(&world, &["consent", "withdraw", &consent, "--said", "said.txt"]).ends(0);
    stands("WITHDRAWN; ");
    let fhir = elm_park(&world, &["consent", "export", &consent, "--format", "fhir"]).ends(0);
    let fhir: Value = serde_json::from_str(&fhir.out).expect("JSON");
    assert_eq!(fhir["status"], "inactive");
}
