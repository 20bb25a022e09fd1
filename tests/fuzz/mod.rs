//! A smoke run of every decoder on changed vectors. `cargo fuzz` does the same at length (docs/contributing.md).

mod corpus;
mod decoders;
mod reading;
mod seeds;

use std::{fs, panic};

use rand::{Rng as _, SeedableRng as _, rngs::StdRng, seq::SliceRandom as _};

use self::{
    corpus::corpus,
    decoders::{DECODERS, decoder},
};
use crate::tidy::{root, sources};

/// Changed inputs for each decoder.
const TRIES: usize = 250;
/// Most letters of an input that are shown.
const SHOWN: usize = 4_000;

/// Bits, bytes, stretches: changed, cut, doubled, taken from elsewhere.
fn changed(from: &[u8], other: &[u8], by: &mut StdRng) -> Vec<u8> {
    let mut bytes = from.to_vec();
    for _ in 0..by.gen_range(1..4) {
        let at = by.gen_range(0..=bytes.len());
        let end = (at + by.gen_range(0..16)).min(bytes.len());
        match by.gen_range(0..7) {
            0 => bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= 1 << by.gen_range(0..8)),
            1 => bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte = by.r#gen()),
            2 => drop(bytes.drain(at..end)),
            3 => bytes.truncate(at),
            4 => {
                let again = bytes[at..end].to_vec();
                bytes.splice(at..at, again);
            }
            5 => {
                let from = by.gen_range(0..=other.len());
                let to = (from + by.gen_range(0..64)).min(other.len());
                bytes.splice(at..end, other[from..to].iter().copied());
            }
            _ => {
                let odd = [
                    &b"\0"[..],
                    b"\xff\xff\xff\xff",
                    b"-1",
                    b"9999999999999999999999",
                    b"\"",
                    b"\n\n",
                    "\u{202e}".as_bytes(),
                ];
                let odd = odd.choose(by).copied().unwrap_or_default();
                bytes.splice(at..at, odd.iter().copied());
            }
        }
    }
    bytes
}

#[test]
fn no_decoder_panics_or_takes_two_forms_of_one_thing() {
    let seed: u64 = std::env::var("FUZZ_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    println!("FUZZ_SEED={seed}");
    for (name, decode) in DECODERS {
        let corpus = corpus(name);
        let mut by = StdRng::seed_from_u64(seed);
        let tries = (0..TRIES)
            .filter_map(|_| Some(changed(corpus.choose(&mut by)?, corpus.choose(&mut by)?, &mut by)));
        for input in corpus.iter().cloned().chain(tries.collect::<Vec<_>>()) {
            let ended = panic::catch_unwind(|| decode(&input));
            let beginning: String = String::from_utf8_lossy(&input).chars().take(SHOWN).collect();
            assert!(ended.is_ok(), "{name} on {} bytes: {beginning:?}", input.len());
        }
    }
}

/// Else a smoke run would go past closed doors.
#[test]
fn every_decoder_takes_something_that_it_begins_from() {
    for (name, decode) in DECODERS {
        assert!(corpus(name).iter().any(|input| decode(input)), "{name} takes nothing");
    }
}

/// What names a kind of document where it is declared: a signed document's `Kind`, and a `kith` field of one value.
const DECLARED: [(&str, &str); 2] = [("Kind { name: \"", "\""), ("serde(rename = \"", "/1\"")];

/// Every kind of document that the protocol declares, and none that nobody thought of.
#[test]
fn every_kind_of_document_has_its_door() {
    // The first is written, to be hashed into eight words, and never read; the other is of tests.
    let never_read = ["partnership", "note"];
    let mut kinds = 0;
    for source in sources(&["protocol/src"]).iter().filter(|source| !source.path.contains("tests")) {
        for (before, after) in DECLARED {
            for declared in source.text.split(before).skip(1) {
                let Some((name, _)) = declared.split_once(after).filter(|(name, _)| !name.contains('"'))
                else {
                    continue;
                };
                kinds += 1;
                let has = DECODERS.iter().any(|(door, _)| *door == name) || never_read.contains(&name);
                assert!(has, "{}: {name} has no door in tests/fuzz/decoders.rs", source.path);
            }
        }
    }
    assert!(kinds >= 21, "{kinds}: where do they stand now?");
}

/// `cargo fuzz` has a program for each decoder, and no others.
#[test]
fn every_decoder_has_its_fuzz_program() {
    let manifest = fs::read_to_string(root().join("tests/fuzz/Cargo.toml")).expect("its manifest");
    let programs: Vec<&str> =
        manifest.split("[[bin]]\nname = \"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert_eq!(programs, DECODERS.map(|(name, _)| name));
    for name in programs {
        decoder(name)(b"");
    }
}
