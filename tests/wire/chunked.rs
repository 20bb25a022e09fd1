//! Each published age vector and each golden frame ends the same whole and in pieces of any length.

use std::{fs, io::Read, path::Path};

use kith_protocol::{
    seal::{Identity, Passphrase, open_with, unlock_with_passphrase},
    wire,
};

use super::pieces::Pieces;

const LENGTHS: [usize; 6] = [1, 2, 3, 17, 511, 65_536];

fn files(kind: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors").join(kind);
    let paths = fs::read_dir(folder).expect("vectors").map(|file| file.expect("an entry").path());
    let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    paths.map(|path| (name(&path), fs::read(path).expect("a vector"))).collect()
}

/// What was opened, and whether it ended well.
fn opened(keys: &[Identity], from: impl Read) -> (Vec<u8>, bool) {
    let mut plain = Vec::new();
    let ended = open_with(keys, from).is_ok_and(|mut opened| opened.read_to_end(&mut plain).is_ok());
    (plain, ended)
}

#[test]
fn every_age_vector_ends_the_same_in_pieces() {
    let mut count = 0;
    for (name, bytes) in files("age") {
        let Some(end) = bytes.windows(2).position(|two| two == b"\n\n") else { continue };
        let (facts, sealed) = (String::from_utf8_lossy(&bytes[..end]), &bytes[end + 2..]);
        let of = |key: &str| facts.lines().find_map(|line| line.strip_prefix(key).map(str::to_owned));
        let keys: Vec<Identity> =
            facts.lines().filter_map(|line| line.strip_prefix("identity: ")?.parse().ok()).collect();
        let Some(expect) = of("expect: ") else { continue };
        count += 1;
        if let Some(passphrase) = of("passphrase: ") {
            // A slot is read whole; there are no pieces.
            let read = unlock_with_passphrase(&Passphrase::from(passphrase.as_str()), sealed);
            assert_eq!(read.is_ok(), expect == "success", "{name}");
            continue;
        }
        let whole = opened(&keys, sealed);
        assert_eq!(whole.1, expect == "success", "{name}");
        for length in LENGTHS {
            assert!(opened(&keys, Pieces(sealed, length)) == whole, "{name} by {length}");
        }
    }
    assert_eq!(count, 91, "vectors that vanish must not pass");
}

/// A frame cut anywhere is none, and one with a byte more neither: pieces must be put together first.
#[test]
fn no_beginning_of_a_frame_is_a_frame() {
    for (name, hex) in files("wire").into_iter().filter(|(name, _)| !name.starts_with("bad-")) {
        let digits: Vec<u32> = hex.iter().filter_map(|c| char::from(*c).to_digit(16)).collect();
        let frame: Vec<u8> = digits.chunks(2).map(|pair| (pair[0] << 4 | pair[1]) as u8).collect();
        let request = name.starts_with("request");
        let reads = |bytes: &[u8]| match request {
            true => wire::decode::<wire::Request>(bytes).is_ok(),
            false => wire::decode::<wire::Response>(bytes).is_ok(),
        };
        assert!(reads(&frame[4..]), "{name}");
        for end in 4..frame.len() {
            assert!(!reads(&frame[4..end]), "{name} cut at {end}");
        }
        assert!(!reads(&[&frame[4..], b"\0"].concat()), "{name} and a byte");
    }
}
