//! What holds for any fact and any part of it.

use proptest::prelude::*;

use super::{
    super::{hash::Row, proof::Shape},
    *,
};

/// What is shown of each field: nothing, all, or the segments whose bit is set.
#[derive(Debug, Clone)]
enum Choice {
    Nothing,
    Whole,
    Bits(u64),
}

impl Choice {
    fn show(&self) -> Show {
        match self {
            Self::Nothing => Show::Nothing,
            Self::Whole => Show::Whole,
            Self::Bits(bits) => {
                Show::Segments((0..64).filter(|n| bits >> n & 1 == 1).map(|n| n..n + 1).collect())
            }
        }
    }
}

fn choices(most: usize) -> impl Strategy<Value = Vec<Choice>> {
    let one = prop_oneof![
        Just(Choice::Nothing),
        Just(Choice::Whole),
        any::<u64>().prop_map(Choice::Bits),
        (any::<u64>(), any::<u64>()).prop_map(|(a, b)| Choice::Bits(a | b)),
    ];
    prop::collection::vec(one, most)
}

fn chosen(choices: &[Choice], at: usize) -> Show {
    choices.get(at).map_or(Show::Nothing, Choice::show)
}

/// Some fields, in which every segment is a word that stands nowhere else.
fn fields() -> impl Strategy<Value = Value> {
    prop::collection::vec((0_usize..20, any::<bool>()), 1..7).prop_map(|shape| {
        let mut next = 0;
        let mut word = || {
            next += 1;
            format!("w{next}-{:016x}", next * 0x9e37_79b9_7f4a_7c15_u128)
        };
        let fields = shape.into_iter().map(|(words, is_text)| {
            if is_text {
                json!((0..words).map(|_| word()).collect::<Vec<_>>().join(" "))
            } else {
                json!(words)
            }
        });
        json!({ "fields": fields.collect::<Vec<_>>() })
    })
}

fn received(text: &str) -> Disclosure<'_> {
    serde_json::from_str(text).unwrap()
}

/// Every text that is open: its field, and its place among the segments.
fn open_texts(disclosure: &Disclosure<'_>) -> Vec<(usize, usize)> {
    let segments = |shape: &Shape| -> Vec<_> {
        let open = shape.segments.open().flat_map(|run| run.first..run.end());
        if shape.segments.total == 0 {
            vec![(shape.at, 0)]
        } else {
            open.map(|place| (shape.at, place)).collect()
        }
    };
    disclosure.proof.shapes.iter().flat_map(segments).collect()
}

/// All nodes of the tree over `span`.
fn all_spans(span: Span, into: &mut Vec<Span>) {
    into.push(span);
    if let Some((left, right)) = span.halves() {
        all_spans(left, into);
        all_spans(right, into);
    }
}

fn stands_in(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

proptest! {
    #[test]
    fn every_subset_leads_to_the_same_commitment_and_shows_only_itself(
        value in fields(), secret in any::<[u8; 32]>(), choices in choices(8))
    {
        let (body, seed) = (body(&value), Seed::from_bytes(secret));
        let commitment = commit(&seed, &body);
        let disclosure = disclose(&seed, &body, |at, _| chosen(&choices, at));
        let text = sent(&disclosure);
        prop_assert_eq!(&received(&text), &disclosure);
        let revealed = received(&text).verify(&commitment).unwrap();
        let mut fields = revealed.fields().into_iter();
        for (at, field) in body.fields().iter().enumerate() {
            let show = chosen(&choices, at);
            let opens = |place| match &show {
                Show::Nothing => false,
                Show::Segments(ranges) => ranges.iter().any(|range| range.contains(&place)),
                Show::Whole => true,
            };
            let count = field.segment_count();
            if show == Show::Nothing || (count > 0 && !(0..count).any(opens)) {
                continue;
            }
            let shown = fields.next().unwrap();
            prop_assert_eq!((shown.path.as_str(), shown.kind), (field.path(), field.kind()));
            let told: usize = shown.parts.iter().map(|part| match part {
                RevealedPart::Text(text) => text.len(),
                RevealedPart::Withheld { segments } => *segments,
            }).sum();
            let whole: usize = field.segments().enumerate().map(|(at, text)| match &show {
                Show::Segments(ranges) if !ranges.iter().any(|range| range.contains(&at)) => 1,
                _ => text.len(),
            }).sum();
            prop_assert_eq!(told, if field.segment_count() > 0 { whole } else { field.text().len() });
        }
        prop_assert_eq!(fields.next(), None);
    }

    #[test]
    fn no_disclosure_holds_a_word_it_withholds_or_a_seed_that_leads_to_it(
        value in fields(), secret in any::<[u8; 32]>(), choices in choices(8))
    {
        let (body, seed) = (body(&value), Seed::from_bytes(secret));
        let disclosure = disclose(&seed, &body, |at, _| chosen(&choices, at));
        let (text, proof) = (sent(&disclosure), disclosure.proof.to_bytes());
        let open = open_texts(&disclosure);
        let (nonce, top) = hash::start(&seed);
        let row = Row::fields(nonce, body.fields().len());
        let mut spans = Vec::new();
        all_spans(Span::whole(row.total), &mut spans);
        let hidden = |at: usize| !(0..body.fields()[at].segment_count().max(1)).all(|n| open.contains(&(at, n)));
        for span in spans {
            if (span.first..span.end()).any(hidden) {
                prop_assert!(!stands_in(&proof, &row.seed_of(span, &top)), "a seed over something withheld");
            }
        }
        for (at, field) in body.fields().iter().enumerate() {
            let whole: Vec<&str> = if field.segment_count() == 0 { vec![field.text()] } else { field.segments().collect() };
            for (place, word) in whole.iter().enumerate() {
                let word = word.trim();
                if field.kind() == Kind::Text && !word.is_empty() {
                    prop_assert_eq!(text.contains(word), open.contains(&(at, place)), "{}", word);
                    prop_assert!(!stands_in(&proof, word.as_bytes()), "a proof holds no word, shown or not");
                }
            }
            let (salt, segments) = (row.seed_of(Span { first: at, count: 1 }, &top), row.segments(at, field.segment_count()));
            let mut spans = Vec::new();
            if field.segment_count() > 0 {
                all_spans(Span::whole(segments.total), &mut spans);
            }
            for span in spans {
                if (span.first..span.end()).any(|place| !open.contains(&(at, place))) {
                    prop_assert!(!stands_in(&proof, &segments.seed_of(span, &salt)), "a seed over something withheld");
                }
            }
        }
        prop_assert!(!stands_in(&proof, &secret));
    }

    #[test]
    fn disclosures_of_one_fact_reveal_exactly_their_union(
        value in fields(), secret in any::<[u8; 32]>(), one in choices(8), other in choices(8))
    {
        let (body, seed) = (body(&value), Seed::from_bytes(secret));
        let commitment = commit(&seed, &body);
        let disclose_by = |choices: &[Choice]| disclose(&seed, &body, |at, _| chosen(choices, at));
        let both = |at: usize| match (chosen(&one, at), chosen(&other, at)) {
            (Show::Whole, _) | (_, Show::Whole) => Show::Whole,
            (Show::Segments(a), Show::Segments(b)) => Show::Segments([a, b].concat()),
            (Show::Segments(only), Show::Nothing) | (Show::Nothing, Show::Segments(only)) => Show::Segments(only),
            (Show::Nothing, Show::Nothing) => Show::Nothing,
        };
        let revealed = |disclosure: Disclosure<'_>| disclosure.verify(&commitment).unwrap();
        let joined = revealed(disclose_by(&one)).join(revealed(disclose_by(&other))).unwrap();
        prop_assert_eq!(joined, revealed(disclose(&seed, &body, |at, _| both(at))));
    }

    /// The same words, withheld in two entries: nothing in the two proofs is the same, so nobody can tell.
    #[test]
    fn equal_words_in_different_entries_cannot_be_linked(
        value in fields(), secrets in any::<[[u8; 32]; 2]>(), choices in choices(8))
    {
        prop_assume!(secrets[0] != secrets[1]);
        let body = body(&value);
        let nodes = secrets.map(|secret| {
            let disclosure = disclose(&Seed::from_bytes(secret), &body, |at, _| chosen(&choices, at));
            (disclosure.proof.nonce, disclosure.proof.nodes)
        });
        let [(nonce, one), (other_nonce, other)] = &nodes;
        prop_assert_ne!(nonce, other_nonce);
        for part in one.chunks(hash::SALT) {
            prop_assert!(!stands_in(other, part), "a seed or hash stands in both");
        }
    }

    #[test]
    fn noise_is_no_proof_and_what_reads_is_written_the_same(
        noise in prop::collection::vec(any::<u8>(), 0..120), flips in prop::collection::vec(any::<prop::sample::Index>(), 0..3))
    {
        let value = entry();
        let body = body(&value);
        let mut bytes = disclose(&seed(1), &body, |at, _| chosen(&[Choice::Whole, Choice::Bits(5)], at)).proof.to_bytes();
        for flip in flips {
            let at = flip.index(bytes.len());
            bytes[at] ^= noise.first().copied().unwrap_or(1);
        }
        for bytes in [[&[1; 18][..], &noise[..]].concat(), noise, bytes] {
            if let Ok(proof) = Proof::from_bytes(&bytes) {
                prop_assert_eq!(proof.to_bytes(), bytes);
            }
        }
    }
}
