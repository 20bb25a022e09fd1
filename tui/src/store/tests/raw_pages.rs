//! The database as it lies on the disk, decrypted page by page: also what no table refers to any more.
//!
//! SQLCipher 4 with a raw key: each page of 4,096 bytes is AES-256-CBC, its IV and HMAC in the last 48 bytes; page 1
//! begins with the salt in the clear. Frames of the write-ahead log hold pages likewise.

use std::{fs, path::Path};

use aws_lc_rs::cipher::{AES_256, DecryptingKey, DecryptionContext, UnboundCipherKey};

const PAGE: usize = 4096;
const RESERVED: usize = 48;
const SALT: usize = 16;
const WAL_HEADER: usize = 32;
const FRAME_HEADER: usize = 24;

/// Everything that can be read in a casebook's folder with its keys, in lower case: all pages of all databases there
/// and of their logs, and every other file as it is.
pub(crate) fn everything(folder: &Path, keys: &[Vec<u8>; 2]) -> Vec<u8> {
    let mut all: Vec<u8> = keys.iter().flat_map(|key| with_key(folder, key)).collect();
    all.make_ascii_lowercase();
    all
}

fn with_key(folder: &Path, key: &[u8]) -> Vec<u8> {
    let mut all = Vec::new();
    for item in fs::read_dir(folder).unwrap() {
        let path = item.unwrap().path();
        if path.is_dir() {
            continue;
        }
        let bytes = fs::read(&path).unwrap();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.ends_with(".db") {
            all.extend(bytes.chunks_exact(PAGE).enumerate().flat_map(|(n, page)| decrypt(key, page, n == 0)));
        } else if name.ends_with(".db-wal") && bytes.len() > WAL_HEADER {
            let frames = bytes[WAL_HEADER..].chunks_exact(FRAME_HEADER + PAGE);
            all.extend(frames.flat_map(|frame| {
                let number = u32::from_be_bytes(frame[..4].try_into().unwrap());
                decrypt(key, &frame[FRAME_HEADER..], number == 1)
            }));
        } else {
            all.extend(bytes);
        }
    }
    all
}

fn decrypt(key: &[u8], page: &[u8], first: bool) -> Vec<u8> {
    let from = if first { SALT } else { 0 };
    let (content, reserved) = page.split_at(PAGE - RESERVED);
    let iv: [u8; 16] = reserved[..16].try_into().unwrap();
    let key = DecryptingKey::cbc(UnboundCipherKey::new(&AES_256, key).unwrap()).unwrap();
    let mut bytes = content[from..].to_vec();
    key.decrypt(&mut bytes, DecryptionContext::Iv128(iv.into())).unwrap();
    bytes
}
