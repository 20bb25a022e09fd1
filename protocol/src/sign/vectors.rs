//! Published vectors of Ed25519, judged as every signature is. `tests/vectors/ed25519/README.md` says where they come from.

use std::{fs, path::Path};

use super::*;
#[derive(Deserialize)]
struct Vector {
    name: String,
    #[serde(default)]
    seed: Option<String>,
    key: String,
    message: String,
    signature: String,
    holds: bool,
}

fn vectors(file: &str, count: usize) -> Vec<Vector> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors/ed25519").join(file);
    let vectors: Vec<Vector> = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    assert_eq!(vectors.len(), count, "a vector that vanishes must not pass: {file}");
    vectors
}

fn bytes(hex: &str) -> Vec<u8> {
    hex.as_bytes()
        .chunks(2)
        .map(|two| u8::from_str_radix(std::str::from_utf8(two).unwrap(), 16).unwrap())
        .collect()
}

#[test]
fn signatures_are_judged_as_published() {
    for (file, count) in [("rfc8032.json", 4), ("wycheproof.json", 151), ("speccheck.json", 12)] {
        for vector in vectors(file, count) {
            let key = VerifyingKey::from_bytes(bytes(&vector.key).try_into().unwrap());
            let holds = key.verify_note(&bytes(&vector.message), &bytes(&vector.signature));
            assert_eq!(holds, vector.holds, "{}", vector.name);
        }
    }
}

#[test]
fn signatures_are_made_as_published() {
    for vector in vectors("rfc8032.json", 4) {
        let key = SigningKey::from_seed(&bytes(&vector.seed.unwrap()).try_into().unwrap());
        assert_eq!(key.public().as_bytes().as_slice(), bytes(&vector.key), "{}", vector.name);
        let signature = key.sign_note(&bytes(&vector.message));
        assert_eq!(signature.as_slice(), bytes(&vector.signature), "{}", vector.name);
    }
}
