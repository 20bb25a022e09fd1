//! The published vectors of the age format, opened through this module's own functions. `tests/vectors/age/README.md`
//! says where they come from.

use std::{fs, io::Read as _, path::Path};

use super::*;
use crate::ids::Digest;

/// How many files there are; a vector that vanishes must not pass.
const COUNT: usize = 91;

struct Vector {
    name: String,
    expect: String,
    payload: Option<Digest>,
    identities: Vec<Identity>,
    passphrases: Vec<Passphrase>,
    sealed: Vec<u8>,
}

fn read(path: &Path) -> Vector {
    let bytes = fs::read(path).unwrap();
    let end = bytes.windows(2).position(|w| w == b"\n\n").unwrap();
    let mut vector = Vector {
        name: path.file_name().unwrap().to_str().unwrap().to_owned(),
        expect: String::new(),
        payload: None,
        identities: Vec::new(),
        passphrases: Vec::new(),
        sealed: bytes[end + 2..].to_vec(),
    };
    for line in std::str::from_utf8(&bytes[..end]).unwrap().lines() {
        match line.split_once(": ").unwrap() {
            ("expect", value) => vector.expect = value.to_owned(),
            ("payload", value) => vector.payload = Some(value.parse().unwrap()),
            ("identity", value) => vector.identities.push(value.parse().unwrap()),
            ("passphrase", value) => vector.passphrases.push(value.into()),
            ("file key" | "comment", _) => {}
            (key, _) => panic!("{}: unknown key {key}", vector.name),
        }
    }
    vector
}

fn vectors() -> Vec<Vector> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors/age");
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| !matches!(path.file_name().unwrap().to_str(), Some("README.md" | ".gitattributes")));
    paths.sort();
    paths.iter().map(|path| read(path)).collect()
}

/// What opening gave, in the vectors' words, and all that was released before.
fn open(vector: &Vector) -> (&'static str, Vec<u8>) {
    let mut released = Vec::new();
    let result = match vector.passphrases.first() {
        Some(passphrase) => unlock_with_passphrase(passphrase, &vector.sealed)
            .map(|secret| released.extend_from_slice(&secret)),
        None => open_with(&vector.identities, &*vector.sealed)
            .and_then(|mut reader| Ok(reader.read_to_end(&mut released).map(drop)?)),
    };
    let outcome = match result {
        Ok(()) => "success",
        Err(
            OpenError::WrongKey
            | OpenError::WrongPassphrase
            | OpenError::NeedsKey
            | OpenError::NeedsPassphrase,
        ) => "no match",
        Err(OpenError::Damaged(Part::HeaderSeal)) => "HMAC failure",
        Err(OpenError::Damaged(Part::Contents)) => "payload failure",
        Err(
            OpenError::Damaged(Part::Header)
            | OpenError::NotAge
            | OpenError::NewerFormat
            | OpenError::TooMuchWork { .. },
        ) => "header failure",
        Err(error @ (OpenError::Armoured | OpenError::Read(_))) => panic!("{}: {error}", vector.name),
    };
    (outcome, released)
}

#[test]
fn every_published_vector_ends_as_it_says() {
    let vectors = vectors();
    assert_eq!(vectors.len(), COUNT, "vectors are missing or were added");
    let wrong: Vec<String> = vectors
        .iter()
        .filter_map(|vector| {
            let (outcome, released) = open(vector);
            let released_well = vector
                .payload
                .map_or_else(|| released.is_empty(), |payload| Digest::of(&released) == payload);
            (outcome != vector.expect || !released_well)
                .then(|| format!("{}: expected {}, got {outcome}", vector.name, vector.expect))
        })
        .collect();
    assert!(wrong.is_empty(), "{} of {COUNT} went wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn each_group_and_each_kind_of_failure_is_there() {
    let vectors = vectors();
    let group = |name: &str| vectors.iter().filter(|vector| vector.name.starts_with(name)).count();
    assert_eq!([group("hybrid"), group("x25519"), group("scrypt")], [18, 14, 25]);
    for kind in ["success", "no match", "header failure", "HMAC failure", "payload failure"] {
        assert!(vectors.iter().any(|vector| vector.expect == kind), "no vector for {kind}");
    }
}
