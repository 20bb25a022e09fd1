//! What a node sees of two bundles about one child.

use std::collections::BTreeSet;

use kith_protocol::{bundle::Bundle, ids::Digest};
use kith_tests::bundles::World;
use serde_json::Value;

/// The values of a gate's or envelope's own fields, as text.
fn values(text: &str) -> BTreeSet<String> {
    let read: Value = serde_json::from_str(text).expect("JSON");
    read.as_object().expect("fields").values().map(Value::to_string).collect()
}

#[test]
fn two_gates_over_one_consent_record_share_nothing_but_the_agencies_and_hours() {
    let mut world = World::hybrid();
    let draft = world.draft();
    let (one, _) = world.seal(draft.clone());
    let (other, _) = world.seal(draft);
    let record = |document: &str| {
        let bundle: Bundle = serde_json::from_str(document).expect("JSON");
        (bundle.consent.text().to_owned(), bundle.consent.get().clone())
    };
    let (text, consent) = record(one.document());
    assert_eq!(text, record(other.document()).0, "it is one record");
    let gate = one.gate().claims().expect("ours");
    let known: Value = serde_json::to_value(&gate).expect("JSON");
    let told: BTreeSet<_> = ["from", "to", "valid_from", "valid_until"]
        .iter()
        .map(|field| known[*field].to_string())
        .chain([r#""gate/1""#.to_owned()])
        .collect();
    let (first, second) = (values(&one.gate().text), values(&other.gate().text));
    let shared: BTreeSet<_> = first.intersection(&second).cloned().collect();
    assert_eq!(shared, told, "what both gates say");
    // Nor does any of the record, or what anyone could compute of it, stand in gate or envelope.
    let digest = Digest::of(text.as_bytes()).to_string();
    let basis = serde_json::to_string(&consent.lawful_basis).expect("JSON");
    for seen in [&one.gate().text, &one.envelope().text, &other.gate().text, &other.envelope().text] {
        for secret in [digest.as_str(), &consent.purposes[0], basis.trim_matches('"'), "Jamie", "record_id"] {
            assert!(!seen.contains(secret), "{secret}: {seen}");
        }
    }
}
