//! What a sender's own key cannot make true: records that are not those of its log. Each change is signed anew by the
//! sender, and refused; `tests/vectors/bundle/bad-*.json` holds them, one a file.

use std::path::PathBuf;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{
    super::*,
    World, facts,
    fixture::*,
    hostile::seal_bundle,
    withholding::{holds, opened_bytes},
};
use crate::{
    consent::tests::at,
    evidence::{Commitment, ProofError, Revealed, Seed, Show, commit, disclose},
    fact::Body,
    log::{PathError, leaf_hash},
    sign::SigningKey,
};

fn document(world: &mut World) -> Value {
    let draft = world.draft();
    let (sealed, _) = world.seal(draft);
    serde_json::from_str(sealed.document()).unwrap()
}

/// Seals what the sender signed, whatever it says, and opens it; nothing may be kept.
fn refused(world: &World, document: &Value) -> String {
    let bundle: Bundle = match serde_json::from_value(document.clone()) {
        Ok(bundle) => bundle,
        Err(error) => return error.to_string(),
    };
    let mut kept = Kept::default();
    let told = world.open(None, &seal_bundle(world, &bundle), &mut kept);
    let told = match told {
        Err(told) => {
            assert!(kept.discarded && !kept.committed && kept.files.is_empty());
            return told.to_string();
        }
        Ok(opened) => opened.verify(&world.directory, &"northshire-police".parse().unwrap(), at(NOW)),
    };
    told.map(|_| ()).unwrap_err().to_string()
}

/// Every kind of change: its name, where, what becomes of it, and what is said.
type Change = (&'static str, &'static str, fn(&mut Value), &'static str);
const CHANGES: [Change; 21] = [
    (
        "word",
        "/records/0/statements/0/text/0/text",
        |v| *v = v.as_str().unwrap().replace("Round", "Large").into(),
        "at least one of them was changed",
    ),
    (
        "word-length",
        "/records/0/statements/1/text/0/text",
        |v| *v = json!("Craig grabbed me. "),
        "not as long",
    ),
    (
        "name",
        "/records/0/people/1/name/0/text",
        |v| *v = json!("Craig Dunk"),
        "at least one of them was changed",
    ),
    ("kind", "/records/0/kind", |v| *v = json!("Note"), "at least one of them was changed"),
    (
        "when",
        "/records/0/happened/at",
        |v| *v = json!("2026-11-18T10:40:00"),
        "at least one of them was changed",
    ),
    (
        "recorded",
        "/records/1/recorded",
        |v| *v = json!("2026-11-20T14:21:00Z"),
        "at least one of them was changed",
    ),
    ("role", "/records/0/people/1/role", |v| *v = json!("witness"), "at least one of them was changed"),
    (
        "gap-moved",
        "/records/0/statements/1/text",
        |v| v.as_array_mut().unwrap().swap(0, 1),
        "record 1 does not fit its proof",
    ),
    (
        "gap-hidden",
        "/records/0/statements/1/text",
        |v| drop(v.as_array_mut().unwrap().remove(1)),
        "record 1 does not fit its proof",
    ),
    (
        "gap-added",
        "/records/0/statements/0/text",
        |v| v.as_array_mut().unwrap().push(json!({"withheld": "informant"})),
        "record 1 does not fit its proof",
    ),
    (
        "statements-swapped",
        "/records/0/statements",
        |v| v.as_array_mut().unwrap().swap(0, 3),
        "record 1 does not fit its proof",
    ),
    (
        "statement-dropped",
        "/records/0/statements",
        |v| drop(v.as_array_mut().unwrap().remove(3)),
        "record 1 does not fit its proof",
    ),
    ("records-swapped", "/records", |v| v.as_array_mut().unwrap().swap(0, 1), "does not fit its proof"),
    ("attachment-hidden", "/records/1/attachments", |v| *v = json!([]), "record 2 does not fit its proof"),
    (
        "attachment-other",
        "/attachments/0/sha256",
        |v| *v = json!("ab".repeat(32)),
        "a record names an attachment that is not there",
    ),
    (
        "attachment-copy",
        "/attachments/0",
        |v| {
            v["copy_of"] = json!(["cd".repeat(32)]);
            v["sha256"] = json!("ab".repeat(32));
        },
        "a record names an attachment that is not there",
    ),
    ("leaf", "/evidence/records/1/leaf", |v| *v = json!(5), "does not lead to the root"),
    ("leaf-twice", "/evidence/records/1/leaf", |v| *v = json!(1), "two of its records are of one fact"),
    (
        "size",
        "/evidence/log/checkpoint",
        |v| *v = v.as_str().unwrap().replacen("\n7\n", "\n8\n", 1).into(),
        "checkpoint does not hold",
    ),
    (
        "origin",
        "/evidence/log/checkpoint",
        |v| *v = v.as_str().unwrap().replace("kith/elm-park/", "kith/other-school/").into(),
        "not the sender's",
    ),
    ("none", "/evidence", |v| *v = Value::Null, "proofs for 0"),
];

#[test]
fn a_sender_cannot_change_what_its_log_holds() {
    let mut world = World::new();
    let right = document(&mut world);
    for (name, place, change, said) in CHANGES {
        let mut wrong = right.clone();
        change(wrong.pointer_mut(place).unwrap_or_else(|| panic!("{place}")));
        recount(&mut wrong);
        let told = refused(&world, &wrong);
        assert!(told.contains(said), "{name}: {told}");
        golden(name, &wrong);
    }
}

/// A wrong bundle as it is kept for others to refuse.
fn golden(name: &str, wrong: &Value) {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors/bundle");
    let file = folder.join(format!("bad-{name}.json"));
    let text = serde_json::to_string_pretty(wrong).unwrap() + "\n";
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&file, &text).unwrap();
    }
    assert!(std::fs::read_to_string(&file).unwrap() == text, "{name} changed: see UPDATE=1");
}

/// A sender's log that holds a fact with one field twice, in the room of one that no record shows: either text fits the
/// fact's hash, and none may be shown.
#[test]
fn a_field_that_is_recorded_twice_proves_neither_text() {
    let mut world = World::new();
    let mut draft = world.draft();
    facts::prove(&mut draft, &SigningKey::from_seed(&[2; 32]), 3);
    draft.records.truncate(1);
    draft.attachments.clear();
    draft.forbidden.clear();
    let mut record = draft.records.remove(0);
    let paths = fields::paths(false);
    let path = paths.of(Place::Statement(0));
    let value = facts::Fact::default().value(&record);
    let mut cut = |_: &str| Vec::new();
    let mut body = serde_json::to_value(Body::of(&value, &mut cut).unwrap()).unwrap();
    let fields = body["fields"].as_array_mut().unwrap();
    let at = fields.iter().position(|field| field[0] == path.as_str()).unwrap();
    let mut second = fields[at].clone();
    second[2] = json!("Nothing of note.");
    fields.insert(at + 1, second);
    fields.retain(|field| field[0] != "/fact/EntryRecorded/case");
    let bytes = serde_json::to_vec(&body).unwrap();
    let body = Body::parse(&bytes).unwrap();
    let seed = Seed::from_bytes([1; 32]);
    for shown in [at, at + 1] {
        let mut hidden = vec!["/fact/EntryRecorded/names"];
        hidden.extend(
            body.fields().iter().map(crate::fact::Field::path).filter(|path| path.ends_with("/person")),
        );
        let disclosed = disclose(&seed, &body, |number, field| {
            let is_other = field.path() == path && number != shown;
            if is_other || hidden.contains(&field.path()) { Show::Nothing } else { Show::Whole }
        });
        // As a disclosure by itself it holds: what refuses it is that a record is told by all its fields.
        let revealed = disclosed.verify(&commit(&seed, &body)).unwrap();
        let said = revealed.segments(&path).unwrap().concat_texts();
        for (place, passage) in fields::passages_mut(&mut record) {
            let told = revealed.segments(&paths.of(place)).unwrap().concat_texts();
            *passage = vec![DraftSpan::Text(told)];
        }
        assert_eq!(said == "Nothing of note.", shown == at + 1);
        let proof = RecordProof { leaf: 0, amended: false, proof: disclosed.proof };
        let leaf = leaf_hash(commit(&seed, &body).as_bytes());
        let key = SigningKey::from_seed(&[2; 32]);
        let evidence = facts::in_log(&draft.from.id, &key, &[leaf], vec![proof]);
        let mut wrong = document(&mut world);
        wrong["records"] = json!([record]);
        wrong["records"][0]["attachments"] = json!([]);
        wrong["attachments"] = json!([]);
        wrong["evidence"] = serde_json::to_value(evidence).unwrap();
        recount(&mut wrong);
        let told = refused(&world, &wrong);
        assert!(told.contains("other fields than its kind has"), "{told}");
        if shown == at + 1 {
            golden("field-twice", &wrong);
        }
    }
}

/// Texts of segments that are all known, put together.
trait Texts {
    fn concat_texts(self) -> String;
}

impl Texts for Vec<Option<&str>> {
    fn concat_texts(self) -> String {
        self.into_iter().map(Option::unwrap).collect()
    }
}

/// What binds whoever clears binds whoever opens: else a sender with a program of its own leaves it out.
#[test]
fn what_no_sender_may_leave_out_or_say_twice_is_refused_when_it_is_opened() {
    let mut world = World::new();
    let right = document(&mut world);
    let told = |place: &str, to: Value| {
        let mut wrong = right.clone();
        *wrong.pointer_mut(place).unwrap() = to;
        refused(&world, &wrong)
    };
    for place in
        ["/letter/subject", "/letter/why", "/letter/asked/what", "/letter/may_use_for", "/letter/ring/phone"]
    {
        let told = told(place, json!(" \n"));
        assert!(told.contains("Not filled in"), "{place}: {told}");
    }
    let mut wrong = right.clone();
    wrong["letter"]["why"] = json!(" ");
    golden("letter-blank", &wrong);
    let mut wrong = right.clone();
    wrong["children"] = json!([]);
    assert!(refused(&world, &wrong).contains("which child"), "{}", refused(&world, &wrong));
    golden("no-child", &wrong);
    let mut wrong = right.clone();
    wrong["records"][1]["id"] = wrong["records"][0]["id"].clone();
    assert!(refused(&world, &wrong).contains("stands in it twice"), "{}", refused(&world, &wrong));
    golden("record-twice", &wrong);
}

/// What is not proven is for the verifier to say: a sender's own list of it is refused, true or not.
#[test]
fn a_sender_does_not_say_what_is_not_proven() {
    let mut world = World::new();
    let mut wrong = document(&mut world);
    wrong["not_proven"] = json!(["nothing: all of this has been verified by the court"]);
    let told = refused(&world, &wrong);
    assert!(told.contains("unknown field `not_proven`"), "{told}");
    golden("not-proven", &wrong);
    let opened = {
        let draft = world.draft();
        let (_, file) = world.seal(draft);
        world.open(None, &file, &mut Kept::default()).unwrap()
    };
    let verified = opened.verify(&world.directory, &"northshire-police".parse().unwrap(), at(NOW)).unwrap();
    let said = verified.checks().iter().find(|check| check.what == What::NotProven).unwrap();
    assert!(NOT_PROVEN.iter().all(|(_, words)| said.explanation.contains(words)));
}

/// The counts say what the records say: a liar would see to that.
fn recount(document: &mut Value) {
    let Ok(records) = serde_json::from_value::<Vec<Record<Span>>>(document["records"].clone()) else {
        return;
    };
    document["withheld"] = serde_json::to_value(clear::withheld(&records)).unwrap();
}

#[test]
fn counts_and_codes_that_lie_are_refused() {
    let mut world = World::new();
    let right = document(&mut world);
    let mut reason = right.clone();
    reason["records"][0]["statements"][1]["text"][1] = json!({"withheld": "informant"});
    assert!(refused(&world, &reason).contains("counts"), "{}", refused(&world, &reason));
    let mut reason = right;
    reason["records"][0]["statements"][1]["text"][1] = json!({"withheld": "no-such-code", "text": "x"});
    assert!(!refused(&world, &reason).is_empty());
}

#[test]
fn every_character_of_proofs_and_checkpoint_counts() {
    let mut world = World::new();
    let right = document(&mut world);
    for place in ["/evidence/records/0/proof", "/evidence/inclusion", "/evidence/log/checkpoint"] {
        let text = right.pointer(place).unwrap().as_str().unwrap();
        let sender = world.school();
        for at in (0..text.len()).filter(|at| text.is_char_boundary(*at)) {
            let mut changed: Vec<char> = text.chars().collect();
            let Some(one) = changed.get_mut(at) else { break };
            *one = if *one == 'B' { 'C' } else { 'B' };
            let mut wrong = right.clone();
            *wrong.pointer_mut(place).unwrap() = changed.into_iter().collect::<String>().into();
            let proven = serde_json::from_value::<Bundle>(wrong).map(|bundle| bundle.prove(sender));
            assert!(!matches!(proven, Ok(Ok(_))), "{place} at {at}");
        }
    }
}

#[test]
fn another_log_key_or_a_stranger_proves_nothing() {
    let mut world = World::new();
    let bundle: Bundle = serde_json::from_value(document(&mut world)).unwrap();
    assert!(bundle.prove(world.school()).is_ok());
    let mut other = world.school().clone();
    other.keys.log = other.keys.cosign;
    assert!(matches!(bundle.prove(&other), Err(Unproven::Checkpoint(_))));
    assert_eq!(bundle.prove(world.to()), Err(Unproven::OtherLog));
}

#[test]
fn whose_fault_it_is_is_said() {
    let mut world = World::new();
    let mut wrong = document(&mut world);
    wrong["records"][0]["kind"] = json!("Visit");
    let told = refused(&world, &wrong);
    assert!(told.contains("The sender signed it so: ring them, and do not rely on it"), "{told}");
    let error = Unproven::Record { number: 3, error: ProofError::WordsMissing };
    assert!(error.to_string().starts_with("record 3 "));
    assert!(Unproven::NotInLog(PathError::OtherRoot).to_string().contains("log"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever is withheld: no word of it is in what leaves, and what is shown is proven.
    #[test]
    fn no_withheld_word_leaves_with_the_proof(
        words in prop::collection::vec(("[a-z]{9,14}", any::<bool>()), 1..24),
        name in any::<bool>(),
        seed in any::<[u8; 32]>(),
    ) {
        let mut world = World::new();
        let mut draft = world.draft();
        let text: String = words.iter().flat_map(|(word, _)| [word.as_str(), " "]).collect();
        let (shown, hidden): (Vec<_>, Vec<_>) = words.iter().partition(|(_, shown)| *shown);
        let (record, proof) = logged(&text, &words, name, seed);
        let (proof, commitment) = proof;
        let leaf = leaf_hash(commitment.as_bytes());
        let key = SigningKey::from_seed(&[2; 32]);
        let evidence = facts::in_log(&draft.from.id, &key, &[leaf], vec![proof]);
        draft.records = vec![record];
        draft.attachments.clear();
        draft.evidence = Some(evidence);
        let (_, file) = world.seal(draft);
        let plain = opened_bytes(&world, &file);
        for (word, _) in hidden {
            let also_shown = shown.iter().any(|(one, _)| one.contains(word.as_str()));
            prop_assert!(also_shown || !holds(&plain, word), "{word} left");
        }
        for (word, _) in shown {
            prop_assert!(holds(&plain, word), "{word} is missing");
        }
        prop_assert!(!name || !holds(&plain, "Wilhelmina"));
        let opened = world.open(None, &file, &mut Kept::default()).unwrap();
        let police = "northshire-police".parse().unwrap();
        prop_assert!(opened.verify(&world.directory, &police, at(NOW)).unwrap().proven().is_some());
    }

    /// One entry goes out twice, with other words withheld: who has both bundles has what either shows, and no more.
    #[test]
    fn two_bundles_of_one_entry_show_together_what_either_shows(
        words in prop::collection::vec(("[a-z]{3,9}", any::<bool>(), any::<bool>()), 2..24),
        seed in any::<[u8; 32]>(),
    ) {
        let mut world = World::new();
        // Each word stands nowhere else.
        let named = |nth: usize| format!("{}x{nth}x{}", words[nth].0, 7919 * (nth + 1));
        let text: String = (0..words.len()).flat_map(|nth| [named(nth), " ".to_owned()]).collect();
        let mut sent = |first: bool| {
            let shown = words.iter().enumerate().map(|(nth, one)| (named(nth), if first { one.1 } else { one.2 }));
            let (record, (proof, commitment)) = logged(&text, &shown.collect::<Vec<_>>(), first, seed);
            let mut draft = world.draft();
            let key = SigningKey::from_seed(&[2; 32]);
            let leaf = leaf_hash(commitment.as_bytes());
            draft.evidence = Some(facts::in_log(&draft.from.id, &key, &[leaf], vec![proof]));
            draft.records = vec![record];
            draft.attachments.clear();
            let (_, file) = world.seal(draft);
            let bundle = world.open(None, &file, &mut Kept::default()).unwrap().claims().clone();
            let revealed = bundle.evidence.as_ref().unwrap().reveal(&bundle.records).unwrap().remove(0);
            (opened_bytes(&world, &file), revealed)
        };
        let ((one, first), (other, second)) = (sent(true), sent(false));
        for (nth, (_, in_first, in_second)) in words.iter().enumerate() {
            let word = named(nth);
            prop_assert_eq!((holds(&one, &word), holds(&other, &word)), (*in_first, *in_second), "{}", word);
        }
        // What both prove of the one fact adds up, word by word; what neither shows stays unknown.
        prop_assert_eq!(first.commitment(), second.commitment());
        let path = fields::paths(false).of(Place::Statement(0));
        let known = |revealed: &Revealed| -> Vec<Option<String>> {
            let parts = revealed.segments(&path);
            let all = parts.map(|parts| parts.into_iter().map(|one| one.map(str::to_owned)).collect());
            all.unwrap_or_else(|| vec![None; words.len()])
        };
        for (nth, (one, other)) in known(&first).into_iter().zip(known(&second)).enumerate() {
            let right = Some(named(nth) + " ").filter(|_| words[nth].1 || words[nth].2);
            prop_assert_eq!(one.or(other), right);
        }
    }
}

/// A record of one statement with these words, some of them withheld, as the casebook would show it.
fn logged(
    text: &str,
    words: &[(String, bool)],
    name: bool,
    seed: [u8; 32],
) -> (Record<DraftSpan>, (RecordProof, Commitment)) {
    let value = json!({
        "id": "desk-1.7", "recorded": "2026-11-20T14:20:00Z",
        "by": {"name": "Tom Iqbal", "role": "class teacher"},
        "fact": {"EntryRecorded": {"entry": {
            "kind": "Note", "people": [{"person": "1-1", "role": "witness"}],
            "happened": {"at": "2026-11-20T00:00:00", "precision": "Day"}, "category": "welfare",
            "source": {"name": "", "role": "", "agency": ""},
            "statements": [{"kind": "observed-fact", "text": text}],
            "danger": "No", "told": "", "done": "", "effect": "", "significance": "None", "attachments": [],
        }, "case": null, "names": ["Wilhelmina"]}},
    });
    let mut cut = |text: &str| -> Vec<u8> { text.split_inclusive(' ').map(|one| one.len() as u8).collect() };
    let (body, seed) = (Body::of(&value, &mut cut).unwrap(), Seed::from_bytes(seed));
    let mut marks = |place, _: &str| {
        let mut marks = Marks::new();
        if place == Place::Person(0) && name {
            marks.push((2..3, Mark::Withhold(Reason::ThirdPartyChild)));
        }
        if place == Place::Statement(0) {
            let mut from = 0;
            for (word, shown) in words {
                // One letter is enough: the whole word goes.
                let at = from + 1..from + 2;
                marks.extend((!shown).then_some((at, Mark::Withhold(Reason::NotRelevant))));
                from += word.len() + 1;
            }
        }
        marks
    };
    let logged = Logged { leaf: 0, seed: &seed, body: &body };
    let (record, proof) = logged.show(&mut marks, &std::collections::BTreeSet::new()).unwrap();
    (record, (proof, commit(&seed, &body)))
}
