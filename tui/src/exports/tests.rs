//! What the forms of others require, held against the exports. The rules are those of ISO/IEC TS 27560 (fields it makes
//! mandatory) and FHIR R4 4.0.1 (cardinalities, value sets and invariants of the resources used).

#![cfg(feature = "demo")]

use std::collections::BTreeSet;

use jiff::Timestamp;
use kith_protocol::consent::{ConsentEvent, ConsentRecord, ConsentState, Decision, LawfulBasis};
use serde_json::Value;

use super::{dpv, fhir};

fn record() -> ConsentRecord {
    crate::sharing::tests::story::consent()
}

fn given(record: ConsentRecord) -> ConsentRecord {
    let event = ConsentEvent {
        event_time: record.validity.from,
        event_state: ConsentState::Given,
        entity: "Dana <Oakes> & \"mother\"".into(),
        event_type: "by phone".into(),
    };
    ConsentRecord { lawful_basis: Some(LawfulBasis::Consent), events: vec![event], ..record }
}

fn moved(record: &ConsentRecord, event_state: ConsentState) -> ConsentRecord {
    let mut record = record.clone();
    let event = ConsentEvent { event_state, ..given(record.clone()).events.remove(0) };
    record.events.push(event);
    record
}

fn now(record: &ConsentRecord) -> Timestamp {
    record.validity.from
}

#[test]
fn every_mandatory_field_of_the_standard_stands_in_the_record() {
    let record = given(record());
    let out = dpv::consent(&record, "elm-park", (now(&record), None));
    let process = &out["dpv:hasProcess"];
    for (name, field) in [
        ("schema version", &out["dct:conformsTo"]["@id"]),
        ("record id", &out["dct:identifier"]),
        ("PII principal", &out["dpv:hasDataSubject"][0]["@id"]),
        ("privacy notice", &out["dpv:hasNotice"]["dct:title"]),
        ("language", &out["dpv:hasNotice"]["dct:language"]),
        ("purpose", &process["dpv:hasPurpose"][0]["dct:description"]),
        ("lawful basis", &process["dpv:hasLegalBasis"]["@type"][1]),
        ("PII", &process["dpv:hasPersonalData"][0]["dct:title"]),
        ("controller", &out["dpv:hasDataController"][0]["dpv:hasName"]),
        ("controller's address", &out["dpv:hasDataController"][0]["dpv:hasAddress"]),
        ("controller's contact", &out["dpv:hasDataController"][0]["dpv:hasContact"][0]),
        ("storage location", &process["dpv:hasStorageCondition"][0]["dct:description"]),
        ("retention", &process["dpv:hasStorageCondition"][1]["dct:description"]),
        ("jurisdiction", &process["dpv:hasJurisdiction"]["dct:title"]),
        ("recipient", &process["dpv:hasRecipientThirdParty"][0]["dpv:hasName"]),
        ("event time", &out["dpv:hasConsentStatus"][0]["dpv:isIndicatedAtTime"]["@value"]),
        ("event entity", &out["dpv:hasConsentStatus"][0]["dpv:isIndicatedBy"]["dpv:hasName"]),
        ("event type", &out["dpv:hasConsentStatus"][0]["dpv:hasIndicationMethod"]),
        ("withdrawal method", &out["dpv:hasRight"]["dpv:isExercisedAt"]["dct:description"]),
    ] {
        assert!(field.as_str().is_some_and(|text| !text.is_empty()), "{name}: {field}");
    }
    // Every prefix that is used is written out in the context.
    let context: BTreeSet<String> = out["@context"].as_object().unwrap().keys().cloned().collect();
    let mut used = BTreeSet::new();
    prefixes(&out["dpv:hasProcess"], &mut used);
    prefixes(&out["dpv:hasConsentStatus"], &mut used);
    assert!(used.is_subset(&context), "{used:?}");
}

fn prefixes(value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, value)| {
            into.extend(name.split_once(':').map(|(prefix, _)| prefix.to_owned()));
            prefixes(value, into);
        }),
        Value::Array(list) => list.iter().for_each(|value| prefixes(value, into)),
        _ => {}
    }
}

#[test]
fn each_state_has_its_word_in_both_forms() {
    let at = now(&record());
    let asked = given(record());
    let none = ConsentRecord { events: Vec::new(), ..asked.clone() };
    let other = ConsentRecord { events: Vec::new(), ..record() };
    let late = asked.validity.until;
    for (record, at, class, status, provision) in [
        (none.clone(), at, "dpv:ConsentUnknown", "proposed", "permit"),
        (moved(&none, ConsentState::Requested), at, "dpv:ConsentRequested", "proposed", "permit"),
        (moved(&none, ConsentState::Refused), at, "dpv:ConsentRefused", "rejected", "deny"),
        (asked.clone(), at, "dpv:ConsentGiven", "active", "permit"),
        (moved(&asked, ConsentState::Withdrawn), at, "dpv:ConsentWithdrawn", "inactive", "permit"),
        (asked.clone(), late, "dpv:ConsentExpired", "inactive", "permit"),
        // A share on another basis is in force though nobody was asked.
        (other.clone(), at, "dpv:ConsentUnknown", "active", "permit"),
        (
            ConsentRecord { decision: Decision::DoNotShare { because: "no need".into() }, ..other },
            at,
            "dpv:ConsentUnknown",
            "active",
            "deny",
        ),
    ] {
        let dpv = dpv::consent(&record, "elm-park", (at, None));
        let statuses = dpv["dpv:hasConsentStatus"].as_array().unwrap();
        assert_eq!(statuses.last().unwrap()["@type"], class);
        let fhir = fhir::consent(&record, "elm-park", (at, None));
        assert_eq!(
            (&fhir["status"], &fhir["provision"]["type"]),
            (&status.into(), &provision.into()),
            "{class}"
        );
        required_of_consent(&fhir);
    }
}

#[test]
fn when_it_was_withdrawn_and_which_notice_was_given_stand_in_both_forms() {
    let digest = kith_protocol::ids::Digest::of(b"the notice");
    let mut record = moved(&given(record()), ConsentState::Withdrawn);
    let at: Timestamp = "2026-03-09T14:05:00Z".parse().unwrap();
    record.events[1].event_time = at;
    record.notice.sha256 = Some(digest);
    let fhir = fhir::consent(&record, "elm-park", (now(&record), None));
    let part = |of: &Value, url: &str, kind: &str| {
        let parts = of["extension"].as_array().unwrap().iter();
        parts.clone().find(|one| one["url"] == url).map(|one| one[kind].clone())
    };
    let all = fhir["extension"].as_array().unwrap();
    let ours = |url: &str| all.iter().filter(|one| one["url"] == url).collect::<Vec<_>>();
    let [_, withdrawn] = ours("urn:kith:terms:consent-event")[..] else { panic!("{fhir}") };
    assert_eq!(part(withdrawn, "state", "valueCode").unwrap(), "withdrawn");
    assert_eq!(part(withdrawn, "time", "valueDateTime").unwrap(), "2026-03-09T14:05:00Z");
    let [notice] = ours("urn:kith:terms:notice")[..] else { panic!("{fhir}") };
    assert_eq!(part(notice, "sha256", "valueString").unwrap(), digest.to_string());
    required_of_consent(&fhir);
    // A record on another basis is withdrawn though nobody consented.
    let duty = self::record();
    let both = [dpv::consent, fhir::consent].map(|export| export(&duty, "elm-park", (now(&duty), Some(at))));
    assert_eq!(both[0]["kith:withdrawn"]["@value"], "2026-03-09T14:05:00Z");
    assert_eq!(both[1]["status"], "inactive");
    let withdrawn =
        both[1]["extension"].as_array().unwrap().iter().find(|one| one["url"] == "urn:kith:terms:withdrawn");
    assert_eq!(withdrawn.unwrap()["valueDateTime"], "2026-03-09T14:05:00Z");

    let dpv = dpv::consent(&record, "elm-park", (now(&record), None));
    let last = dpv["dpv:hasConsentStatus"].as_array().unwrap().last().unwrap();
    assert_eq!(last["@type"], "dpv:ConsentWithdrawn");
    assert_eq!(last["dpv:isIndicatedAtTime"]["@value"], "2026-03-09T14:05:00Z");
    assert_eq!(dpv["dpv:hasNotice"]["spdx:checksum"]["spdx:checksumValue"], digest.to_string());
}

/// FHIR R4 `Consent`: status, scope and category are required; ppc-1 asks for a policy or its rule; ppc-2 for a patient
/// where the scope is privacy; an actor for its role and reference, a verification for whether it was.
fn required_of_consent(consent: &Value) {
    const STATUS: [&str; 6] = ["draft", "proposed", "active", "rejected", "inactive", "entered-in-error"];
    assert!(STATUS.contains(&consent["status"].as_str().unwrap()));
    assert_eq!(consent["scope"]["coding"][0]["code"], "patient-privacy");
    assert!(!consent["category"].as_array().unwrap().is_empty());
    assert!(consent["policyRule"]["text"].is_string() && consent["patient"].is_object());
    for actor in consent["provision"]["actor"].as_array().unwrap() {
        assert!(actor["role"].is_object() && actor["reference"].is_object());
    }
    for verified in consent["verification"].as_array().into_iter().flatten() {
        assert!(verified["verified"].is_boolean());
    }
    nothing_empty(consent);
}

/// FHIR has no null, no empty object, list or text anywhere.
fn nothing_empty(value: &Value) {
    match value {
        Value::Object(fields) => {
            assert!(!fields.is_empty());
            fields.values().for_each(nothing_empty);
        }
        Value::Array(list) => {
            assert!(!list.is_empty());
            list.iter().for_each(nothing_empty);
        }
        Value::String(text) => assert!(!text.is_empty()),
        Value::Null => panic!("a null"),
        Value::Bool(_) | Value::Number(_) => {}
    }
}

#[test]
fn names_are_text_and_never_markup() {
    let record =
        ConsentRecord { purposes: vec!["<script>alert(1)</script>\u{1b}[2J".into()], ..given(record()) };
    let out = fhir::consent(&record, "elm-park", (now(&record), None));
    let div = out["text"]["div"].as_str().unwrap();
    assert!(div.contains("&lt;script&gt;") && !div.contains("<script>") && !div.contains('\u{1b}'), "{div}");
}
