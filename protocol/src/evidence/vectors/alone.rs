//! One fault each that no other rule would notice: where it takes one, the commitment is made to fit the fault.

use base64ct::{Base64UrlUnpadded, Encoding as _};
use serde_json::{Value, json};

use super::{super::*, bad, in_proof, refusal, seed};
use crate::ids::Digest;

const NONCE: [u8; 16] = [5; 16];

pub(super) fn cases() -> Vec<(&'static str, Value)> {
    let field = |path: &'static str, change: fn(&mut Value)| {
        move |one: &mut Value| {
            let mut words = one["words"].as_array_mut().unwrap().iter_mut();
            change(words.find(|field| field["path"] == path).unwrap());
        }
    };
    vec![
        ("bad-run-long", of(&|_, _| Show::Nothing, in_proof(|bytes| bytes[19] += 1))),
        (
            "bad-run-none",
            of(
                &|_, _| Show::Whole,
                in_proof(|bytes| {
                    let all = bytes[18];
                    bytes.splice(18..19, [1, 0, all - 1]);
                }),
            ),
        ),
        (
            "bad-text-longer",
            bad(
                "a letter more before a gap",
                field("/text", |field| {
                    let text = field["parts"][0]["text"].as_str().unwrap().to_owned() + "x";
                    field["parts"][0]["text"] = text.into();
                }),
            ),
        ),
        (
            "bad-gap-word",
            bad("a gap by another name", field("/text", |field| field["parts"][1] = "held".into())),
        ),
        (
            "bad-part-kind",
            bad("a number that is cut", field("/text", |field| field["kind"] = "integer".into())),
        ),
        (
            "bad-part-more",
            bad(
                "a gap after what is whole",
                field("/id", |field| {
                    field["parts"].as_array_mut().unwrap().push("withheld".into());
                }),
            ),
        ),
        (
            "bad-part-field",
            bad("a field that nobody knows", field("/id", |field| field["parts"][0]["more"] = 1.into())),
        ),
        ("bad-word-field", bad("a field that nobody knows", field("/id", |field| field["more"] = 1.into()))),
    ]
}

/// Those whose commitment is made to fit.
pub(super) fn fitted() -> Vec<(&'static str, Value)> {
    let proof = |head: &[u8], nodes: &[u8]| [&[1], &NONCE[..], head, nodes].concat();
    let open = |first: &str, second: &str| segments(&[first, second]);
    vec![
        ("bad-twice", twice()),
        ("bad-no-leaf", made("no leaf at all", json!([]), &proof(&[0], &[7; 32]), whole(0, &[7; 32]))),
        (
            "bad-leaves",
            made(
                "2^20 + 1 leaves",
                json!([]),
                &proof(&[0x81, 0x80, 0x40, 0, 0x81, 0x80, 0x40], &[7; 32]),
                whole((1 << 20) + 1, &[7; 32]),
            ),
        ),
        ("bad-segments", many()),
        ("bad-segment-one", segments(&["whole"])),
        ("bad-segment-empty", open("", "text")),
        ("bad-segment-long", open(&"a".repeat(64), "text")),
        (
            "bad-text-hidden",
            made(
                "a text of which nothing is shown",
                json!([{"path": "/text", "kind": "text", "parts": ["withheld"]}]),
                &proof(&[1, 1, 2, 0, 2], &[7; 32]),
                whole(1, &text_leaf(2, &[7; 32])),
            ),
        ),
    ]
}

/// As [`bad`], of what is shown so.
fn of(shows: &dyn Fn(usize, &crate::fact::Field<'_>) -> Show, change: impl FnOnce(&mut Value)) -> Value {
    let value = super::entry();
    let body = super::body(&value);
    let mut disclosure = serde_json::to_value(disclose(&seed(), &body, shows)).unwrap();
    change(&mut disclosure);
    refused("runs that are not in their one form", disclosure, commit(&seed(), &body))
}

fn refused(what: &str, disclosure: Value, commitment: Commitment) -> Value {
    let why = refusal(&disclosure, &commitment).unwrap();
    json!({"what": what, "commitment": commitment.to_string(), "disclosure": disclosure, "refused": why})
}

fn made(what: &str, words: Value, proof: &[u8], commitment: Digest) -> Value {
    let proof = Base64UrlUnpadded::encode_string(proof);
    let commitment = Commitment::from_bytes(*commitment.as_bytes());
    refused(what, json!({"proof": proof, "words": words}), commitment)
}

/// Two fields under one path, both of which the fact has.
fn twice() -> Value {
    let body = br#"{"kith":"fact/1","fields":[["/id","text","1-2"],["/id","text","1-3"]]}"#;
    let body = Body::parse(body).unwrap();
    let disclosure = serde_json::to_value(disclose(&seed(), &body, |_, _| Show::Whole)).unwrap();
    refused("two fields under one path", disclosure, commit(&seed(), &body))
}

fn hash(parts: &[&[u8]]) -> Digest {
    Digest::of(&parts.concat())
}

fn n4(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_be_bytes()).collect()
}

/// A fact of so many fields, by the top of their tree.
fn whole(total: u32, top: &[u8]) -> Digest {
    hash(&[b"\x16\x01", &NONCE, &n4(&[total]), top])
}

/// The one field of a fact, a text of so many segments, by the top of their tree.
fn text_leaf(count: u32, top: &[u8]) -> [u8; 32] {
    *hash(&[b"\x13\x01", &NONCE, &n4(&[0, 1, count]), top, b"/text"]).as_bytes()
}

fn segment(at: u32, count: u32, salt: &[u8], text: &str) -> [u8; 32] {
    *hash(&[b"\x14\x01", &NONCE, &n4(&[1, at, count]), salt, text.as_bytes()]).as_bytes()
}

/// A fact of one text that is cut so, all of it open.
fn segments(texts: &[&str]) -> Value {
    let (count, seed) = (texts.len() as u32, [6; 16]);
    let top = if let [one] = texts {
        segment(0, 1, &seed, one)
    } else {
        let salts = hash(&[b"\x11\x01", &NONCE, &n4(&[1, 0, 2]), &seed]);
        let (left, right) = salts.as_bytes().split_at(16);
        let (left, right) = (segment(0, 2, left, texts[0]), segment(1, 2, right, texts[1]));
        *hash(&[b"\x15\x01", &n4(&[0, 2]), &left, &right]).as_bytes()
    };
    let lengths: Vec<u8> = texts.iter().map(|text| text.len() as u8).collect();
    let proof = [&[1], &NONCE[..], &[1, 1, count as u8, count as u8], &lengths, &seed].concat();
    let words = json!([{"path": "/text", "kind": "text", "parts": [{"text": texts.concat()}]}]);
    made(
        "a text in segments of another length than they may have",
        words,
        &proof,
        whole(1, &text_leaf(count, &top)),
    )
}

/// A text of 2^20 segments, which with its field is a leaf more than a fact may have.
fn many() -> Value {
    let (count, salt) = (1 << 20, [6; 16]);
    let (mut top, mut nodes) = (segment(0, count, &salt, "a"), salt.to_vec());
    for level in 1..=20 {
        top = *hash(&[b"\x15\x01", &n4(&[0, 1 << level]), &top, &[7; 32]]).as_bytes();
        nodes.extend([7; 32]);
    }
    // One segment is open, all others are not.
    let shape = [1, 1, 0x80, 0x80, 0x40, 1, 0xff, 0xff, 0x3f, 1];
    let proof = [&[1], &NONCE[..], &shape, &nodes].concat();
    let words = json!([{"path": "/text", "kind": "text", "parts": [{"text": "a"}, "withheld"]}]);
    made("2^20 segments", words, &proof, whole(1, &text_leaf(count, &top)))
}
