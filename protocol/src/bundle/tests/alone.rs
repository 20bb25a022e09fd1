//! One fault each that no other rule would notice, in `tests/vectors/bundle/bad-*.json`.

use serde_json::{Value, json};

use super::{
    super::*,
    World, facts,
    proven::{document, golden, recount, refused},
};
use crate::{
    evidence::{Seed, Show, commit, disclose},
    fact::Body,
    log::leaf_hash,
    sign::SigningKey,
};

/// Its name, where, what becomes of it, and what is said.
type Change = (&'static str, &'static str, fn(&mut Value), &'static str);

const CHANGES: [Change; 30] = [
    ("version", "/kith", |v| *v = json!("bundle/2"), "bundle/2"),
    ("field-missing", "", |v| drop(v.as_object_mut().unwrap().remove("recipient_key")), "recipient_key"),
    ("same-agency", "/to/id", |v| *v = json!("elm-park"), "the same agency"),
    ("nobody-responsible", "/consent/pii_controllers", |v| *v = json!([]), "who is responsible"),
    ("withheld-count", "/withheld/0/count", |v| *v = json!(1), "counts"),
    ("withheld-reason", "/withheld/0/reason", |v| *v = json!("serious-harm"), "counts"),
    ("withheld-none", "/withheld", |v| *v = json!([]), "counts"),
    ("withheld-order", "/withheld", |v| v.as_array_mut().unwrap().swap(0, 1), "counts"),
    (
        "reason",
        "",
        |v| {
            let reason = json!({"other": "would tell the household of a plan", "more": 1});
            v["records"][1]["statements"][0]["text"][3] = json!({"withheld": reason});
            v["withheld"][4]["reason"] = reason;
        },
        "expected",
    ),
    ("span", "/records/0/told/0", |v| v["more"] = json!(1), "expected"),
    (
        "growth-order",
        "/evidence/log/grown",
        |v| *v = json!([{"since": 5, "growth": ""}, {"since": 3, "growth": ""}]),
        "smallest first",
    ),
    (
        "growth-many",
        "/evidence/log/grown",
        |v| *v = (0..9).map(|since| json!({"since": since, "growth": ""})).collect(),
        "smallest first",
    ),
    (
        "proofs-more",
        "/evidence/records",
        |v| {
            let first = v[0].clone();
            v.as_array_mut().unwrap().push(first);
        },
        "proofs for 3",
    ),
    ("leaf-type", "/evidence/records/0/leaf", |v| *v = json!(1.0), "u64"),
    ("amended-type", "/evidence/records/0/amended", |v| *v = json!(0), "boolean"),
    ("copy-of-form", "/attachments/0", |v| v["copy_of"] = json!({"ab".repeat(32): 1}), "sequence"),
    ("copy-of-digest", "/attachments/0", |v| v["copy_of"] = json!(["ab"]), "digest"),
    ("attachment-size-type", "/attachments/0/size", |v| *v = json!(23.0), "u64"),
    (
        "attachment-too-long",
        "/attachments/0/size",
        |v| *v = json!((4_u64 << 30) + 1),
        "bytes in one attachment",
    ),
    ("attachment-name", "/attachments/0/name", |v| *v = json!(" "), "1 to 200 bytes"),
    ("attachment-name-long", "/attachments/0/name", |v| *v = json!("a".repeat(201)), "1 to 200 bytes"),
    ("attachment-unchecked", "/attachments/0/checked", |v| *v = json!(" "), "undecided"),
    ("attachment-media-type", "/attachments/0/media_type", |v| *v = json!("image"), "media type"),
    ("attachment-media-letters", "/attachments/0/media_type", |v| *v = json!("image/j peg"), "media type"),
    (
        "attachment-twice",
        "/attachments",
        |v| {
            let first = v[0].clone();
            v.as_array_mut().unwrap().push(first);
        },
        "stands in it twice",
    ),
    ("attachments-many", "/attachments", |v| more(v, 500, 1), "500"),
    ("attachments-long", "/attachments", |v| more(v, 5, 4 << 30), "bytes of attachments"),
    ("attachment-field", "/attachments/0", |v| v["more"] = json!(1), "more"),
    ("evidence-field", "/evidence", |v| v["more"] = json!(1), "more"),
    ("origin", "/evidence/log/checkpoint", |v| other_log(v), "not the sender's"),
];

/// So many attachments beside the first.
fn more(attachments: &mut Value, count: u32, size: u64) {
    for number in 0..count {
        let mut one = attachments[0].clone();
        one["sha256"] = json!(format!("{number:064x}"));
        one["size"] = json!(size);
        attachments.as_array_mut().unwrap().push(one);
    }
}

/// The same tree under another agency's name, which the sender's own key signs.
fn other_log(note: &mut Value) {
    use crate::log::{Checkpoint, Origin, SignedCheckpoint};
    let signed: SignedCheckpoint = note.as_str().unwrap().parse().unwrap();
    let claims = signed.claims().unwrap();
    let log = crate::ids::LogId::from_bytes([7; 16]);
    let origin = Origin::of_agency(&"other-school".parse().unwrap(), log);
    let other = Checkpoint { origin, ..claims };
    *note = json!(other.sign(&SigningKey::from_seed(&[2; 32])).unwrap().to_string());
}

#[test]
fn each_rule_of_a_bundle_refuses_by_itself() {
    let mut world = World::new();
    let right = document(&mut world);
    let mut wrongs = Vec::new();
    for (name, place, change, said) in CHANGES {
        let mut wrong = right.clone();
        change(wrong.pointer_mut(place).unwrap_or_else(|| panic!("{place}")));
        let told = refused(&world, &wrong);
        if !told.contains(said) {
            wrongs.push(format!("{name}: {told}"));
        }
        golden(name, &wrong);
    }
    assert!(wrongs.is_empty(), "{wrongs:#?}");
}

/// Two facts of the log that name themselves alike.
#[test]
fn two_records_of_one_name_are_refused_though_each_is_proven() {
    let mut world = World::new();
    let mut draft = world.draft();
    draft.records[1].id = draft.records[0].id.clone();
    facts::prove(&mut draft, &SigningKey::from_seed(&[2; 32]), 3);
    let mut wrong = document(&mut world);
    wrong["records"] = serde_json::to_value(&draft.records).unwrap();
    wrong["evidence"] = serde_json::to_value(&draft.evidence).unwrap();
    recount(&mut wrong);
    assert!(refused(&world, &wrong).contains("stands in it twice"), "{}", refused(&world, &wrong));
    golden("record-twice", &wrong);
}

/// A fact with a field more than an entry has, which no record tells: it is hidden, and last.
#[test]
fn a_fact_of_another_shape_is_no_record() {
    let mut world = World::new();
    let mut draft = world.draft();
    draft.records.truncate(1);
    let mut record = draft.records.remove(0);
    record.attachments.clear();
    let paths = fields::paths(false);
    let value = facts::Fact::default().value(&record);
    let mut body = serde_json::to_value(Body::of(&value, &mut |_| Vec::new()).unwrap()).unwrap();
    body["fields"].as_array_mut().unwrap().push(json!(["/more", "text", "of nobody"]));
    let bytes = serde_json::to_vec(&body).unwrap();
    let (body, seed) = (Body::parse(&bytes).unwrap(), Seed::from_bytes([1; 32]));
    let hidden = ["/fact/EntryRecorded/case", "/fact/EntryRecorded/names", "/more"];
    let disclosed = disclose(&seed, &body, |_, field| {
        let path = field.path();
        if hidden.contains(&path) || path.ends_with("/person") { Show::Nothing } else { Show::Whole }
    });
    let revealed = disclosed.verify(&commit(&seed, &body)).unwrap();
    for (place, passage) in fields::passages_mut(&mut record) {
        let told: Option<String> = revealed.segments(&paths.of(place)).unwrap().into_iter().collect();
        *passage = vec![DraftSpan::Text(told.unwrap())];
    }
    let proof = RecordProof { leaf: 0, amended: false, proof: disclosed.proof };
    let (leaf, key) = (leaf_hash(commit(&seed, &body).as_bytes()), SigningKey::from_seed(&[2; 32]));
    let mut wrong = document(&mut world);
    wrong["records"] = json!([record]);
    wrong["attachments"] = json!([]);
    wrong["evidence"] = json!(facts::in_log(&draft.from.id, &key, &[leaf], vec![proof]));
    recount(&mut wrong);
    let told = refused(&world, &wrong);
    assert!(told.contains("other fields than its kind has"), "{told}");
    golden("field-more", &wrong);
}
