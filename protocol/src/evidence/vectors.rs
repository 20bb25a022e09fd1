//! The vectors in `tests/vectors/evidence`: one case a file, of good disclosures and of ones with one fault each.
//! `UPDATE=1` writes them again.

mod alone;

use std::{fs, path::PathBuf};

use serde_json::{Value, json};

use super::{
    tests::{body, entry, only},
    *,
};
use crate::fact::Field;

/// How many there are; one that vanishes must not pass.
const COUNT: usize = 32;

fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/evidence"))
}

fn seed() -> Seed {
    Seed::from_bytes(std::array::from_fn(|n| n as u8))
}

/// Which part of the entry a case shows.
type Shows = fn(usize, &Field<'_>) -> Show;

/// What the bundle of these cases shows: the text but three of its words, and most other fields.
fn most(_: usize, field: &Field<'_>) -> Show {
    match field.path() {
        "/text" => Show::Segments(vec![0..2, 4..7, 8..11]),
        "/people/0/person" | "/people/1/person" | "/case" => Show::Nothing,
        "/done" => Show::Segments(vec![]),
        _ => Show::Whole,
    }
}

fn disclosed(shows: Shows) -> Value {
    let value = entry();
    serde_json::to_value(disclose(&seed(), &body(&value), shows)).unwrap()
}

/// The fields as they are revealed: texts, and how many segments are withheld between them.
fn revealed(revealed: &Revealed) -> Value {
    let parts = |field: &RevealedField| -> Vec<Value> {
        let part = |part: &RevealedPart| match part {
            RevealedPart::Text(text) => json!({ "text": text }),
            RevealedPart::Withheld { segments } => json!({ "withheld": segments }),
        };
        field.parts.iter().map(part).collect()
    };
    let field = |field: &RevealedField| json!([field.path, field.kind, parts(field)]);
    revealed.fields().iter().map(field).collect()
}

/// A disclosure that holds, with all that makes it.
fn good(what: &str, shows: Shows) -> Value {
    let value = entry();
    let body = body(&value);
    let commitment = commit(&seed(), &body);
    let disclosure = disclose(&seed(), &body, shows);
    let verified = disclosure.verify(&commitment);
    json!({
        "what": what,
        "seed": "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
        "body": body,
        "commitment": commitment.to_string(),
        "disclosure": disclosure,
        "reveals": revealed(&verified.unwrap()),
    })
}

/// A disclosure with one fault.
fn bad(what: &str, change: impl FnOnce(&mut Value)) -> Value {
    let value = entry();
    let mut disclosure = disclosed(most);
    change(&mut disclosure);
    json!({
        "what": what,
        "commitment": commit(&seed(), &body(&value)).to_string(),
        "disclosure": disclosure,
        "refused": refusal(&disclosure, &commit(&seed(), &body(&value))).unwrap(),
    })
}

/// Why it is refused.
fn refusal(disclosure: &Value, commitment: &Commitment) -> Option<String> {
    let text = disclosure.to_string();
    match serde_json::from_str::<Disclosure<'_>>(&text) {
        Ok(read) => read.verify(commitment).err().map(|error| error.to_string()),
        // Without the place in the text, which is no part of the reason.
        Err(error) => error.to_string().split(" at line ").next().map(str::to_owned),
    }
}

/// Changes the bytes of the proof.
fn in_proof(change: impl FnOnce(&mut Vec<u8>)) -> impl FnOnce(&mut Value) {
    |disclosure| {
        use base64ct::{Base64UrlUnpadded, Encoding as _};
        let text = disclosure["proof"].as_str().unwrap();
        let mut bytes = Base64UrlUnpadded::decode_vec(text).unwrap();
        change(&mut bytes);
        disclosure["proof"] = Base64UrlUnpadded::encode_string(&bytes).into();
    }
}

fn cases() -> Vec<(&'static str, Value)> {
    let only_text: Shows = |_, field| match field.path() {
        "/text" => only(2..4),
        _ => Show::Nothing,
    };
    vec![
        ("whole", good("everything is shown: one seed", |_, _| Show::Whole)),
        ("nothing", good("nothing is shown: one hash", |_, _| Show::Nothing)),
        ("most", good("runs of words and whole fields are withheld", most)),
        ("supplement", good("two words that the case `most` withholds, by themselves", only_text)),
        (
            "bad-word",
            bad("one letter of a word", |one| one["words"][0]["parts"][0]["text"] = "A. Khat".into()),
        ),
        ("bad-path", bad("a word under another path", |one| one["words"][1]["path"] = "/from".into())),
        (
            "bad-gap",
            bad("the place of a gap is not shown", |one| {
                let parts = one["words"].as_array_mut().unwrap().iter_mut();
                let gaps = parts.map(|field| field["parts"].as_array_mut().unwrap());
                gaps.for_each(|parts| parts.retain(|part| part != "withheld"));
            }),
        ),
        (
            "bad-fewer",
            bad("a field less", |one| {
                one["words"].as_array_mut().unwrap().pop();
            }),
        ),
        (
            "bad-more",
            bad("a field that nothing proves", |one| {
                let extra = json!({"path": "/extra", "kind": "text", "parts": []});
                one["words"].as_array_mut().unwrap().push(extra);
            }),
        ),
        ("bad-version", bad("another version", in_proof(|bytes| bytes[0] = 2))),
        ("bad-nonce", bad("a bit of the nonce", in_proof(|bytes| bytes[1] ^= 1))),
        ("bad-total", bad("more leaves than its runs tell", in_proof(|bytes| bytes[17] += 1))),
        (
            "bad-number",
            bad(
                "a number in two bytes that fits in one",
                in_proof(|bytes| {
                    bytes.splice(17..18, [bytes[17] | 0x80, 0]);
                }),
            ),
        ),
        ("bad-node", bad("a bit of the last hash", in_proof(|bytes| *bytes.last_mut().unwrap() ^= 1))),
        ("bad-short", bad("its last byte is missing", in_proof(|bytes| bytes.truncate(bytes.len() - 1)))),
        ("bad-long", bad("a byte too many", in_proof(|bytes| bytes.push(0)))),
    ]
}

#[test]
fn the_vectors_are_what_this_program_writes() {
    let cases = [cases(), alone::cases(), alone::fitted()].concat();
    assert_eq!(cases.len(), COUNT);
    for (name, case) in cases {
        let (path, case) =
            (folder().join(format!("{name}.json")), serde_json::to_string_pretty(&case).unwrap() + "\n");
        if std::env::var_os("UPDATE").is_some() {
            fs::create_dir_all(folder()).unwrap();
            fs::write(&path, &case).unwrap();
        }
        assert!(fs::read_to_string(&path).unwrap_or_default() == case, "{name} changed: see UPDATE=1");
    }
}

#[test]
fn every_vector_is_taken_or_refused_as_it_says() {
    let mut count = 0;
    for file in fs::read_dir(folder()).unwrap() {
        let case: Value = serde_json::from_slice(&fs::read(file.unwrap().path()).unwrap()).unwrap();
        count += 1;
        let digits = case["commitment"].as_str().unwrap().parse::<Digest>().unwrap();
        let commitment = Commitment::from_bytes(*digits.as_bytes());
        assert_eq!(
            refusal(&case["disclosure"], &commitment).as_deref(),
            case["refused"].as_str(),
            "{}",
            case["what"]
        );
        if let Some(body) = case.get("body") {
            let body = body.to_string();
            assert_eq!(commit(&seed(), &Body::parse(body.as_bytes()).unwrap()), commitment);
            let disclosure = case["disclosure"].to_string();
            let disclosure: Disclosure<'_> = serde_json::from_str(&disclosure).unwrap();
            assert_eq!(revealed(&disclosure.verify(&commitment).unwrap()), case["reveals"]);
        }
    }
    assert_eq!(count, COUNT);
}
