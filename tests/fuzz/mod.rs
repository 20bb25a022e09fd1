//! A smoke run of every decoder on changed vectors. `cargo fuzz` does the same at length (docs/contributing.md).

mod decoders;

use std::{fs, panic, path::Path};

use rand::{Rng as _, SeedableRng as _, rngs::StdRng, seq::SliceRandom as _};
use serde_json::Value;

use self::decoders::{DECODERS, decoder};
use crate::tidy::root;

/// Changed inputs for each decoder.
const TRIES: usize = 250;

/// What each decoder begins from: files of `tests/vectors`, texts within them, examples of the protocol.
fn corpus(name: &str) -> Vec<Vec<u8>> {
    match name {
        "request" | "response" => files("wire", name).iter().map(|hex| from_hex(hex).split_off(4)).collect(),
        "bundle" => files("bundle", "bundle.json"),
        "age" => {
            let cut = |file: Vec<u8>| {
                let end = file.windows(2).position(|two| two == b"\n\n").map_or(0, |end| end + 2);
                file[end..].to_vec()
            };
            ["hybrid", "stanza", "stream", "x25519"]
                .iter()
                .flat_map(|kind| files("age", kind))
                .map(cut)
                .collect()
        }
        "archive" => vec![an_archive()],
        "fact" => files("fact", ""),
        "disclosure" => within("evidence", "/disclosure"),
        "proof" => within("evidence", "/disclosure/proof"),
        "checkpoint" => within("log", "/note"),
        "path" => within("log", "/path"),
        "growth" => within("log", "/growth"),
        "many" => within("log", "/hashes"),
        "offer" => within("bundle", "/evidence/log"),
        "consent" => within("bundle", "/consent"),
        "certificate" => within("bundle", "/signed_by"),
        "supplement" => [files("bundle", "supplement"), examples("supplement")].concat(),
        "signatures" => within("bundle", "/signed_by/signature"),
        "keys" => ["sign", "seal"]
            .iter()
            .flat_map(|key| of_the_directory(&format!("/members/0/keys/{key}")))
            .collect(),
        "log-names" => {
            [within("log", "/log"), vec![b"kith/elm-park/07070707070707070707070707070707".to_vec()]].concat()
        }
        "signed-directory" | "invitation" => {
            let text = examples("directory")
                .iter()
                .map(|text| String::from_utf8_lossy(text).into_owned())
                .collect::<String>();
            vec![serde_json::json!({ "text": text, "signature": "" }).to_string().into_bytes()]
        }
        "people-file" => vec![
            "given,family,born,year,class\nJonah,O'Brien-Nguyễn,2017-03-08,5,Oak\n\"Ada\",\"Qu\"\"ill\",,,\n"
                .into(),
        ],
        "typed-time" => ["2026-01-09 0905", "yesterday 14:05", "mon", "9/1/2026 09:05", "about 3pm"]
            .map(|typed| typed.as_bytes().to_vec())
            .to_vec(),
        "casework-fact" => files("fact", "")
            .iter()
            .filter_map(|body| kith_protocol::fact::Body::parse(body).ok()?.to_value().ok())
            .map(|value| value["fact"].to_string().into_bytes())
            .collect(),
        "form-draft" => vec![br#"{"who":["Amina Khan",[]],"what":["It hurt.\nHe said so.",[]]}"#.to_vec()],
        "disposal" => texts("disposal"),
        "approval" => within("signed", "/approval/approval/text"),
        "not-shared" => texts("not-shared"),
        "answer" => within("signed", "/plain"),
        kind => examples(kind),
    }
}

fn files(kind: &str, start: &str) -> Vec<Vec<u8>> {
    let mut paths: Vec<_> = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors").join(kind))
        .expect("vectors")
        .map(|file| file.expect("an entry").path())
        .filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(start)))
        .collect();
    paths.sort();
    paths.iter().map(|path| fs::read(path).expect("a vector")).collect()
}

/// What stands at a place in the JSON files of a folder: a text, or else JSON.
fn within(kind: &str, place: &str) -> Vec<Vec<u8>> {
    let read = files(kind, "").into_iter().filter_map(|file| serde_json::from_slice::<Value>(&file).ok());
    let found = read.filter_map(|value| value.pointer(place).cloned());
    found.map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned).into_bytes()).collect()
}

/// The texts of signed vectors whose file begins so.
fn texts(start: &str) -> Vec<Vec<u8>> {
    let read =
        files("signed", start).into_iter().filter_map(|file| serde_json::from_slice::<Value>(&file).ok());
    read.filter_map(|case| Some(case.pointer("/document/text")?.as_str()?.as_bytes().to_vec())).collect()
}

/// The examples of the protocol that are of this kind.
fn examples(kind: &str) -> Vec<Vec<u8>> {
    let protocol = fs::read_to_string(root().join("docs/protocol.md")).expect("the protocol");
    let start = format!("{{\"kith\":\"{kind}/1\",");
    protocol.lines().filter(|line| line.starts_with(&start)).map(|line| line.as_bytes().to_vec()).collect()
}

fn of_the_directory(place: &str) -> Vec<Vec<u8>> {
    let read =
        examples("directory").into_iter().filter_map(|text| serde_json::from_slice::<Value>(&text).ok());
    let texts = read.filter_map(|value| Some(value.pointer(place)?.as_str()?.as_bytes().to_vec()));
    texts.collect()
}

fn an_archive() -> Vec<u8> {
    let mut archive = kith_protocol::archive::ArchiveWriter::new(Vec::new(), 1_795_000_000);
    archive.file("kith-a/SHA256SUMS", b"a list").expect("memory takes it");
    archive.file("kith-a/bundle.json", &[b'x'; 700]).expect("memory takes it");
    archive.finish().expect("memory takes it")
}

fn from_hex(text: &[u8]) -> Vec<u8> {
    let digits: Vec<u8> =
        text.iter().filter_map(|c| (*c as char).to_digit(16)).map(|digit| digit as u8).collect();
    digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

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
        assert!(name == "supplement" || !corpus.is_empty(), "{name} begins from nothing");
        let mut by = StdRng::seed_from_u64(seed);
        let tries = (0..TRIES)
            .filter_map(|_| Some(changed(corpus.choose(&mut by)?, corpus.choose(&mut by)?, &mut by)));
        for input in corpus.iter().cloned().chain(tries.collect::<Vec<_>>()) {
            let ended = panic::catch_unwind(|| decode(&input));
            assert!(ended.is_ok(), "{name} on {:?}", String::from_utf8_lossy(&input));
        }
    }
}

/// What is taken as it stands; else a smoke run would go past closed doors.
#[test]
fn the_decoders_take_what_they_begin_from() {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    let mut proofs = corpus("proof").into_iter().map(text);
    assert!(proofs.any(|proof| kith_protocol::evidence::Proof::try_from(proof).is_ok()));
    let mut notes = corpus("checkpoint").into_iter().map(text);
    assert!(notes.any(|note| note.parse::<kith_protocol::log::SignedCheckpoint>().is_ok()));
    let mut bundles = corpus("bundle").into_iter();
    assert!(bundles.any(|one| serde_json::from_slice::<kith_protocol::bundle::Bundle>(&one).is_ok()));
    let fact = |bytes: Vec<u8>| serde_json::from_slice::<kith_tui::casework::fact::Fact>(&bytes).is_ok();
    assert!(corpus("casework-fact").into_iter().all(fact));
    let draft = |bytes: Vec<u8>| serde_json::from_slice::<kith_tui::widgets::form::Saved>(&bytes).is_ok();
    assert!(corpus("form-draft").into_iter().all(draft));
    let nobody = || kith_protocol::sign::SignatureSet::from_text("").expect("an empty set");
    let disposal = |one| kith_protocol::disposal::SignedDisposal::from_parts(one, nobody()).claims().is_ok();
    assert!(corpus("disposal").into_iter().map(text).any(disposal));
    for frame in corpus("request") {
        assert!(kith_protocol::wire::decode::<kith_protocol::wire::Request>(&frame).is_ok());
    }
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
