//! Consent from asking to withdrawal, decisions not to share, and both in the forms of others.

use super::{
    sharing::{case, consent, decide, share},
    *,
};

/// The one record of a case.
fn record(world: &World, case: crate::casework::ids::CaseId) -> Value {
    let list = world.kith(&format!("consent list {case} --json"), "").json("consent-list/1");
    assert_eq!(list["records"].as_array().unwrap().len(), 1, "{list}");
    list["records"][0].clone()
}

#[test]
fn consent_is_recorded_withdrawn_and_exported_from_the_command_line() {
    let world = World::new();
    let (case, _) = case(&world);
    let text = "We share what keeps children safe, and with whom.\n";
    let notice = world.write("notice.txt", text);
    let kept = world
        .kith(&format!("consent notice {} --name Elm@Park@privacy@notice,@version@3", notice.display()), "");
    assert_eq!(kept.exit, Exit::Done, "{}", kept.err);
    let form = consent(&world, case);
    let undecided = share(&world, case, &form, "--json");
    let decisions = decide(&world, &undecided);
    let sent = share(&world, case, &form, &format!("--decisions {decisions} --json")).json("share/1");
    let found = record(&world, case);
    let id = found["ref"].as_str().unwrap();
    let digest = kith_protocol::ids::Digest::of(text.as_bytes()).to_string();
    assert_eq!(found["record"]["notice"]["sha256"], digest.as_str());

    let said = "Dana Oakes, mother\nby phone; she had the notice before her";
    let given = world.kith(&format!("consent record {id} --state given --said -"), said);
    assert_eq!(given.exit, Exit::Done, "{}", given.err);
    let twice = world.kith(&format!("consent record {id} --state given --said -"), said);
    assert!(twice.exit == Exit::Refused && twice.err.contains("given cannot become given"), "{}", twice.err);
    let mute = world.kith(&format!("consent record {id} --state refused --said -"), "Dana Oakes");
    assert_eq!(mute.exit, Exit::Usage, "{}", mute.err);
    let dpv = world.kith(&format!("consent export {id} --format dpv"), "");
    let dpv: Value = serde_json::from_str(&dpv.out).unwrap();
    assert_eq!(dpv["dpv:hasConsentStatus"][0]["@type"], "dpv:ConsentGiven");
    assert_eq!(dpv["dpv:hasNotice"]["spdx:checksum"]["spdx:checksumValue"], digest.as_str());

    let back = world.kith(&format!("consent withdraw {id} --said -"), "Dana Oakes, mother\nby letter");
    assert_eq!(back.exit, Exit::Done, "{}", back.err);
    let fhir = world.kith(&format!("consent export {id} --format fhir"), "");
    let fhir: Value = serde_json::from_str(&fhir.out).unwrap();
    assert_eq!((&fhir["resourceType"], &fhir["status"]), (&"Consent".into(), &"inactive".into()));
    let events = record(&world, case)["record"]["events"].as_array().unwrap().len();
    assert_eq!(events, 2);
    // It never left: the next exchange ends it, and until then it can be taken back by hand as well.
    let share = sent["ref"].as_str().unwrap();
    let ended = world.kith(&format!("withdraw {share} --why -"), "sent to the wrong desk");
    assert_eq!(ended.exit, Exit::Done, "{}", ended.err);
    let shares = world.kith("shares --json", "").json("share-list/1");
    assert_eq!(shares["shares"][0]["state"], "withdrawn");
}

#[test]
fn a_decision_not_to_share_is_signed_and_laid_out_for_others() {
    let world = World::new();
    let (case, _) = case(&world);
    let decline = format!("consent decline {case} --with northshire-police --because -");
    assert_eq!(world.kith(&decline, " ").exit, Exit::Refused, "without a reason");
    assert_eq!(world.kith(&decline, "nobody is in danger\n").exit, Exit::Done);
    let found = record(&world, case);
    let id = found["ref"].as_str().unwrap();
    assert_eq!(found["not_shared"]["because"], "nobody is in danger");
    let out = world.path("decision");
    let ran = world.kith(&format!("consent export {id} --format signed --out {}", out.display()), "");
    assert_eq!(ran.exit, Exit::Done, "{}", ran.err);
    let text = fs::read_to_string(out.join("decision.json")).unwrap();
    assert!(
        text.starts_with(r#"{"kith":"not-shared/1","agency":"elm-park","#)
            && text.contains("nobody is in danger")
    );
    let signers = fs::read_to_string(out.join("allowed_signers")).unwrap();
    for (name, who) in [("person", "person@elm-park "), ("agency", "elm-park ")] {
        let line = signers.lines().find(|line| line.starts_with(who)).unwrap();
        let key: kith_protocol::sign::VerifyingKey = line[who.len()..].parse().unwrap();
        let signature = fs::read_to_string(out.join(format!("decision.json.{name}.sig"))).unwrap();
        let set = kith_protocol::sign::SignatureSet::from_text(&signature).unwrap();
        assert_eq!(key.verify(kith_protocol::sign::Namespace::Consent, text.as_bytes(), &set), Ok(()));
    }
    let again = world.kith(&format!("consent export {id} --format signed --out {}", out.display()), "");
    assert_ne!(again.exit, Exit::Done, "a folder that is there is left alone");
    assert_eq!(world.kith(&format!("consent export {id} --format dpv"), "").exit, Exit::Refused);
}

#[test]
fn an_opened_file_can_be_had_as_a_fhir_document() {
    let world = World::new();
    let (case, _) = case(&world);
    let form = consent(&world, case);
    let undecided = share(&world, case, &form, "--json");
    let decisions = decide(&world, &undecided);
    let file = world.path("bundle.age").display().to_string();
    share(&world, case, &form, &format!("--decisions {decisions} --to-file {file} --json")).json("share/1");
    let ran = world.kith_of("northshire-police", &format!("open {file} --fhir"), "");
    assert_eq!(ran.exit, Exit::Done, "{}", ran.err);
    let document: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((&document["resourceType"], &document["type"]), (&"Bundle".into(), &"document".into()));
    assert!(ran.out.contains("Niamh") && !ran.out.contains("Haroon") && !ran.out.contains("Larkfield"));
}
