//! What a disclosure shows, what it keeps, and that nothing else leads to the same commitment.

mod properties;

use std::ops::Range;

use serde_json::{Value, json};

use super::*;
use crate::fact::{Field, Kind};

/// Cuts after every blank.
pub(super) fn cutter(text: &str) -> Vec<u8> {
    text.split_inclusive(' ').map(|piece| u8::try_from(piece.len()).unwrap()).collect()
}

pub(super) fn body(value: &Value) -> Body<'_> {
    Body::of(value, &mut cutter).unwrap()
}

pub(super) fn entry() -> Value {
    json!({
        "id": "1-2",
        "by": "A. Khan",
        "people": [{"person": "1-1"}, {"person": "1-9"}],
        "danger": false,
        "case": null,
        "text": "Jamie said Craig grabbed his arm and Lena saw it all",
        "told": "",
        "done": "MASH rung at nine",
    })
}

/// Shows one run of segments.
pub(super) fn only(run: Range<usize>) -> Show {
    Show::Segments([run].into_iter().collect())
}

fn seed(n: u8) -> Seed {
    Seed::from_bytes([n; 32])
}

fn sent(disclosure: &Disclosure<'_>) -> String {
    serde_json::to_string(disclosure).unwrap()
}

#[test]
fn any_changed_bit_of_proof_or_words_is_refused() {
    let value = entry();
    let body = body(&value);
    let commitment = commit(&seed(1), &body);
    let disclosure = disclose(&seed(1), &body, |at, field| match field.path() {
        "/text" => Show::Segments(vec![0..3, 4..8]),
        "/done" => Show::Whole,
        _ if at % 2 == 0 => Show::Whole,
        _ => Show::Nothing,
    });
    disclosure.verify(&commitment).unwrap();
    let proof = disclosure.proof.to_bytes();
    for bit in 0..proof.len() * 8 {
        let mut changed = proof.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        let refused = Proof::from_bytes(&changed)
            .and_then(|proof| Disclosure { proof, words: disclosure.words.clone() }.verify(&commitment));
        assert!(refused.is_err(), "bit {bit} of the proof");
    }
    let text = sent(&disclosure);
    let words = text.find("words").unwrap() + 8;
    for bit in words * 8..text.len() * 8 {
        let mut changed = text.clone().into_bytes();
        changed[bit / 8] ^= 1 << (bit % 8);
        let refused =
            serde_json::from_slice::<Disclosure<'_>>(&changed).map(|changed| changed.verify(&commitment));
        assert!(!matches!(refused, Ok(Ok(_))), "bit {bit} of the words");
    }
    for cut in 0..proof.len() {
        assert!(Proof::from_bytes(&proof[..cut]).is_err(), "cut at {cut}");
    }
    assert_eq!(Proof::from_bytes(&[&proof[..], &[0]].concat()), Err(ProofError::Trailing));
    let text = String::from(disclosure.proof);
    assert_eq!(Proof::try_from(text.clone() + "="), Err(ProofError::NotText));
    assert_eq!(Proof::try_from(text + "\n"), Err(ProofError::NotText));
}

#[test]
fn equal_words_cannot_be_known_by_their_hashes() {
    let value = json!(["lena lena lena lena ", "lena lena "]);
    let body = body(&value);
    let mut seen = std::collections::HashSet::new();
    let mut hashes = 0;
    // The same fact under two seeds, each segment withheld by itself: its hash stands in the proof.
    for n in 1..=2 {
        let (nonce, top) = hash::start(&seed(n));
        let fields = Row::fields(nonce, body.fields().len());
        for (at, field) in body.fields().iter().enumerate() {
            let salt = fields.seed_of(Span { first: at, count: 1 }, &top);
            let row = fields.segments(at, field.segment_count());
            for (first, segment) in field.segments().enumerate() {
                let here = Span { first, count: 1 };
                seen.insert(row.under_segments(here, &row.seed_of(here, &salt), &[segment]));
                hashes += 1;
            }
        }
    }
    assert_eq!(hashes, 12);
    assert_eq!(seen.len(), hashes);
    assert_ne!(commit(&seed(1), &body), commit(&seed(2), &body));
}

#[test]
fn a_withheld_stretch_is_widened_to_whole_segments() {
    let value = entry();
    let body = body(&value);
    let text = body.fields().iter().find(|field| field.path() == "/text").unwrap();
    let at = |words: &str| {
        let start = text.text().find(words).unwrap();
        start..start + words.len()
    };
    let without =
        |words: &[&str]| Show::without(text, &words.iter().map(|words| at(words)).collect::<Vec<_>>());
    assert_eq!(without(&[]), only(0..11));
    assert_eq!(without(&["raig grab"]), Show::Segments(vec![0..2, 4..11]));
    assert_eq!(without(&["Craig ", "Lena", "Jamie"]), Show::Segments(vec![1..2, 3..7, 8..11]));
    assert_eq!(without(&[text.text()]), Show::Segments(vec![]));
    let whole = &body.fields()[0];
    assert_eq!(Show::without(whole, &[1..2, 0..1]), Show::Nothing);
    assert_eq!(Show::without(whole, &[1..1, 3..3]), Show::Whole);
}

#[test]
fn a_supplement_is_small_and_fits_only_its_own_fact() {
    let words: Vec<String> = (0..70).map(|n| format!("word{n}")).collect();
    let value = json!({"text": words.join(" "), "more": [1, 2, 3, 4, 5, 6, 7, 8]});
    let body = body(&value);
    let commitment = commit(&seed(1), &body);
    let show = |text: &Show| {
        let text = text.clone();
        move |_: usize, field: &Field<'_>| {
            if field.kind() == Kind::Text { text.clone() } else { Show::Nothing }
        }
    };
    let bundle =
        disclose(&seed(1), &body, show(&Show::Segments(vec![0..20, 23..70]))).verify(&commitment).unwrap();
    let supplement = disclose(&seed(1), &body, show(&only(20..23)));
    let size = sent(&supplement).len();
    assert!(size < 800, "{size} bytes");
    let joined = bundle.clone().join(supplement.verify(&commitment).unwrap()).unwrap();
    assert_eq!(joined.fields()[0].parts, [RevealedPart::Text(words.join(" "))]);
    let other = disclose(&seed(2), &body, show(&only(20..23))).proof.reveal(&supplement.words).unwrap();
    assert_eq!(bundle.join(other), Err(DoesNotFit));
}

#[test]
fn what_is_shown_must_be_of_the_shape_the_proof_says() {
    let value = json!({"a": "one two three", "n": 7, "e": ""});
    let body = body(&value);
    let good =
        disclose(
            &seed(1),
            &body,
            |at, _| if at == 0 { Show::Segments(vec![0..1, 2..3]) } else { Show::Whole },
        );
    let refused = |change: &dyn Fn(&mut Vec<Words<'_>>)| {
        let mut words = good.words.clone();
        change(&mut words);
        good.proof.reveal(&words).unwrap_err()
    };
    let path = |at: usize| good.words[at].path.to_string();
    assert_eq!(refused(&|words| drop(words.pop())), ProofError::WordsMissing);
    assert_eq!(refused(&|words| words.push(words[1].clone())), ProofError::Unproven(path(1)));
    assert_eq!(refused(&|words| words[1].path = words[0].path.clone()), ProofError::Twice(path(0)));
    assert_eq!(refused(&|words| drop(words[0].parts.remove(1))), ProofError::WrongParts(path(0)));
    assert_eq!(refused(&|words| words[0].parts.push(Part::Withheld)), ProofError::WrongParts(path(0)));
    assert_eq!(refused(&|words| words[0].kind = Kind::Null), ProofError::WrongParts(path(0)));
    assert_eq!(refused(&|words| words[2].parts.push(Part::Text("".into()))), ProofError::WrongParts(path(2)));
    let longer = |words: &mut Vec<Words<'_>>| words[0].parts[0] = Part::Text("one  ".into());
    assert_eq!(refused(&longer), ProofError::WrongLength(path(0)));
    let mut words = good.words.clone();
    words[0].parts[0] = Part::Text("oné".into());
    let other = Disclosure { proof: good.proof.clone(), words };
    assert_eq!(other.verify(&commit(&seed(1), &body)), Err(ProofError::OtherFact));
}
