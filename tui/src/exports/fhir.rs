//! A consent record as a FHIR R4 (4.0.1) `Consent`. Children and people go as identifiers: the record names none.

use jiff::Timestamp;
use kith_protocol::consent::{ConsentRecord, ConsentState, Decision, LawfulBasis, NamedRecipient};
use serde_json::{Value, json};

use super::urn;

/// Where the codes of FHIR's own tables live.
const TERMS: &str = "http://terminology.hl7.org/CodeSystem";

/// Where ours live.
const TERMS_OF_OURS: &str = "urn:kith:terms";

/// The record as it stands at `now`; `withdrawn` is when it was itself withdrawn, on whatever basis.
#[must_use]
pub fn consent(
    record: &ConsentRecord,
    agency: &str,
    (now, withdrawn): (Timestamp, Option<Timestamp>),
) -> Value {
    let decided = &record.safeguarding.decided_by;
    let controllers = record.pii_controllers.iter().map(|one| named(one.id.as_str(), &one.name));
    let basis = record.lawful_basis.as_ref();
    let rule = match (&record.decision, basis) {
        (Decision::DoNotShare { because }, _) => format!("Decided not to share, because: {because}"),
        (Decision::Share, Some(basis)) => format!("{} ({})", basis.words(), basis.statute()),
        (Decision::Share, None) => "No lawful basis is named".to_owned(),
    };
    let mut out = json!({
        "resourceType": "Consent",
        "text": narrative(&[summary(record, now), rule.clone()]),
        "extension": extensions(record, withdrawn),
        "identifier": [{ "system": system(agency, "consent"), "value": record.record_id }],
        "status": if withdrawn.is_some() { "inactive" } else { status(record, now) },
        "scope": coded(&format!("{TERMS}/consentscope"), "patient-privacy", "Privacy Consent"),
        "category": [coded("http://loinc.org", "59284-0", "Consent Document")],
        "dateTime": decided.on,
        "performer": [{ "display": format!("{}, {}", decided.name, decided.role) }],
        "organization": controllers.collect::<Vec<_>>(),
        "policyRule": { "text": rule },
        "verification": record.events.iter().filter(|event| event.event_state == ConsentState::Given).map(|event| json!({
            "verified": true,
            "verifiedWith": { "display": event.entity },
            "verificationDate": event.event_time,
        })).collect::<Vec<_>>(),
        "provision": provision(record, now),
    });
    if let Some(fields) = out.as_object_mut() {
        // An empty list is not allowed in FHIR.
        fields.retain(|_, value| value.as_array().is_none_or(|list| !list.is_empty()));
        if let [child, ..] = record.pii_principal_id.as_slice() {
            let patient = json!({ "identifier": { "system": system(agency, "child"), "value": child } });
            fields.insert("patient".to_owned(), patient);
        }
    }
    out
}

/// What R4 has no field for: each step of the consent with its time, a withdrawal above all, and which notice was given.
fn extensions(record: &ConsentRecord, withdrawn: Option<Timestamp>) -> Vec<Value> {
    let part = |url: &str, kind: &str, value: Value| json!({ "url": url, kind: value });
    let said = |parts: Vec<Value>| {
        let parts = parts.into_iter();
        // An empty text is not allowed in FHIR.
        let is_empty =
            |one: &Value| ["valueString", "valueCode"].iter().any(|kind| one.get(kind) == Some(&json!("")));
        parts.filter(|one| !is_empty(one)).collect::<Vec<_>>()
    };
    let steps = record.events.iter().map(|event| {
        json!({ "url": format!("{TERMS_OF_OURS}:consent-event"), "extension": said(vec![
            part("state", "valueCode", json!(event.event_state)),
            part("time", "valueDateTime", json!(event.event_time)),
            part("entity", "valueString", json!(event.entity)),
            part("how", "valueString", json!(event.event_type)),
        ]) })
    });
    let notice = &record.notice;
    let digest = notice.sha256.map(|digest| part("sha256", "valueString", json!(digest)));
    let notice = said(
        [
            Some(part("title", "valueString", json!(notice.privacy_notice))),
            Some(part("language", "valueCode", json!(notice.language))),
            digest,
        ]
        .into_iter()
        .flatten()
        .collect(),
    );
    let notice = (!notice.is_empty())
        .then(|| json!({ "url": format!("{TERMS_OF_OURS}:notice"), "extension": notice }));
    let withdrawn =
        withdrawn.map(|at| json!({ "url": format!("{TERMS_OF_OURS}:withdrawn"), "valueDateTime": at }));
    steps.chain(withdrawn).chain(notice).collect()
}

fn summary(record: &ConsentRecord, now: Timestamp) -> String {
    let to: Vec<&str> = record.recipients.iter().map(|one| one.name.as_str()).collect();
    format!("{}. To: {}. Consent: {}.", record.purposes.join("; "), to.join(", "), record.state(now).words())
}

/// What is in force is active. Consent matters only where the record rests on it.
fn status(record: &ConsentRecord, now: Timestamp) -> &'static str {
    let rests_on_consent = record.lawful_basis == Some(LawfulBasis::Consent);
    match record.state(now) {
        _ if record.lawful_basis.is_none() && record.decision == Decision::Share => "draft",
        _ if now >= record.validity.until => "inactive",
        ConsentState::Withdrawn | ConsentState::Expired => "inactive",
        ConsentState::Refused if rests_on_consent => "rejected",
        ConsentState::NotSought | ConsentState::Requested if rests_on_consent => "proposed",
        _ => "active",
    }
}

fn provision(record: &ConsentRecord, now: Timestamp) -> Value {
    let recipient = coded(&format!("{TERMS}/v3-ParticipationType"), "IRCP", "information recipient");
    let actor =
        |to: &NamedRecipient| json!({ "role": recipient, "reference": named(to.id.as_str(), &to.name) });
    let permits = record.decision == Decision::Share && status(record, now) != "rejected";
    let mut out = json!({
        "type": if permits { "permit" } else { "deny" },
        "period": { "start": record.validity.from, "end": record.validity.until },
        "actor": record.recipients.iter().map(actor).collect::<Vec<_>>(),
        "action": [coded(&format!("{TERMS}/consentaction"), "disclose", "Disclose")],
        "purpose": record.purposes.iter().map(|one| json!({ "display": one })).collect::<Vec<_>>(),
        "code": record.categories.iter().map(|one| json!({ "text": one.words() })).collect::<Vec<_>>(),
    });
    if let Some(fields) = out.as_object_mut() {
        fields.retain(|_, value| value.as_array().is_none_or(|list| !list.is_empty()));
    }
    out
}

pub(super) fn coded(system: &str, code: &str, display: &str) -> Value {
    json!({ "coding": [{ "system": system, "code": code, "display": display }] })
}

/// An agency by its name in the directory.
pub(super) fn named(id: &str, name: &str) -> Value {
    json!({ "identifier": { "system": "urn:kith:agency", "value": id }, "display": name })
}

pub(super) fn system(agency: &str, kind: &str) -> String {
    urn(agency, kind, "").trim_end_matches(':').to_owned()
}

/// Paragraphs as FHIR's narrative: XHTML in which every word is text.
pub(super) fn narrative(paragraphs: &[String]) -> Value {
    let each: String = paragraphs.iter().map(|one| format!("<p>{}</p>", escaped(one))).collect();
    json!({ "status": "generated", "div": format!(r#"<div xmlns="http://www.w3.org/1999/xhtml">{each}</div>"#) })
}

/// Text that is shown harmlessly: markup is not markup, and what XML cannot hold is made visible.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in kith_protocol::page::shown(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
    out
}
