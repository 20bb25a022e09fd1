//! What the doors of files and of a person's input begin from.

use std::{fs, path::Path};

use kith_protocol::seal::{Identity, Passphrase, WorkFactor};
use kith_tui::{
    casework::fact::Author,
    store::{Casebook, Setup},
};
use serde_json::Value;

use super::{
    corpus::{a_whole_bundle, files, published, texts, within},
    decoders::files::{NODE, PASSPHRASE, seeds},
};

/// What each door of `decoders::files` begins from.
pub(super) fn of_the_disk(name: &str) -> Option<Vec<Vec<u8>>> {
    let all = |given: &[&str]| given.iter().map(|text| text.as_bytes().to_vec()).collect();
    Some(match name {
        "passphrase-slot" => [published("scrypt"), vec![too_much_work()]].concat(),
        "key-slots" => vec![key_slots()],
        "recovery-card" => cards(),
        "concern-form" => {
            all(&[CONCERN, "{\n\"peeple\": []}", "3", "{\"people\": [{\"role\": \"friend\"}]}"])
        }
        "decisions" => {
            let long = format!(r#"{{"kith":"decisions/1","decisions":{{"{}":1}}}}"#, "a".repeat(100_000));
            [all(&[DECISIONS]), vec![long.into_bytes()]].concat()
        }
        "person-amended" => all(&[AMENDED]),
        "references" => all(&[
            "1-42",
            "1-2..4,1-9,2-1",
            "1-0..999999,2-1,2-2",
            "1-140737488355327..140737488355328",
            "1-310:statement/0:10:24",
            "neglect",
        ]),
        "signed-text" => within("signed", "/document"),
        "supplement-file" => {
            let signed = files("bundle", "supplement");
            [signed.iter().filter_map(|signed| apart(signed)).collect(), signed].concat()
        }
        "disposal-file" => within("signed", "/document").iter().filter_map(|signed| apart(signed)).collect(),
        "tombstone" => texts("disposal")
            .iter()
            .filter_map(|text| serde_json::from_slice::<Value>(text).ok())
            .map(|disposal| disposal["tombstone"].to_string().into_bytes())
            .collect(),
        "laid-open" => [vec![a_whole_bundle()], files("opened", "")].concat(),
        "pins" => within("signed", "/pinned"),
        "node-settings" => all(&[NODE]),
        "node-secrets" => vec![seeds().into_bytes()],
        "partnership-key" => vec![format!("\"{}\"\n", "63".repeat(32)).into_bytes()],
        _ => return None,
    })
}

const CONCERN: &str = r#"{"people": [{"person": "1-42", "role": "subject"}, {"find": "Amina Khan", "role": "witness"}],
"happened": "today 0905", "category": "neglect", "danger": null,
"statements": [{"kind": "observed-fact", "text": "He had no coat."}, {"kind": "professional-opinion", "text": "Again."}],
"told": "His form tutor.", "done": "", "effect": "", "source": {"name": "P Singh", "role": "Teacher", "agency": "Oak"}}"#;

const DECISIONS: &str = r#"{"kith": "decisions/1", "decisions": {
"1-310:statement/0:10:24": {"withhold": "third-party-child"}, "1-310:told:0:4": {"withhold": {"other": "not ours"}},
"1-310:done:0:11": {"keep": "the officer in the case, known to them"}}}"#;

const AMENDED: &str = r#"{"why": "as he says himself", "given": "Jonah", "also_known_as": ["Joe"], "born": "2017-03-08",
"nhs": "9434765919", "phones": [], "class": "Oak"}"#;

/// The slot of the published vectors, which asks for twice as much work as we do.
fn too_much_work() -> Vec<u8> {
    let slot = published("scrypt").swap_remove(0);
    let at = slot.windows(4).position(|some| some == b" 10\n").expect("the work it asks for");
    [&slot[..at], b" 21\n", &slot[at + 4..]].concat()
}

/// The key slots of a casebook. They are never the same twice: they are read, and made with `UPDATE=1` where there are none.
fn key_slots() -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds/keys.json");
    if std::env::var_os("UPDATE").is_some() && !path.exists() {
        let place = tempfile::tempdir().expect("a folder");
        let folder = place.path().join("casebook");
        let user = Author { name: "R Ahmed".into(), role: "DSL".into() };
        let agency = "elm-park".parse().expect("an id");
        let setup = Setup { agency, agency_name: "Elm Park".into(), user, demo: true };
        let made = Casebook::create(&folder, &setup, &Passphrase::from(PASSPHRASE), WorkFactor::LEAST);
        drop(made.expect("a casebook"));
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::copy(folder.join("keys.json"), &path).expect("a seed is written");
    }
    fs::read(path).expect("a seed")
}

/// A card as typed, and whole.
fn cards() -> Vec<Vec<u8>> {
    let secret = Identity::hybrid_from_seed(&[5; 32]).secret_text();
    let groups: Vec<&str> =
        secret.as_bytes().chunks(4).map(|four| str::from_utf8(four).expect("ASCII")).collect();
    let typed = groups.join(" ");
    let card = format!("Recovery card of Elm Park\nKeep it locked away.\n\n    {}\n", groups.join("\n    "));
    vec![typed.into_bytes(), secret.as_bytes().to_vec(), card.into_bytes(), b"AGE-SECRET-KEY-".to_vec()]
}

/// A signed document as its text, and its signatures after it.
fn apart(signed: &[u8]) -> Option<Vec<u8>> {
    let signed: Value = serde_json::from_slice(signed).ok()?;
    let part = |name: &str| signed.get(name)?.as_str();
    Some([part("text")?, part("signature")?].concat().into_bytes())
}
