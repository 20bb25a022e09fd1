//! Eight words over an agency's whole key set: what people compare by voice, instead of hex.

use bip39::Language;

use crate::{ids::Hasher, keys::AgencyKeys};

const DOMAIN: &[u8] = b"kith/words/1";
const BITS: usize = 11;

/// The eight words of a key set: the first 88 bits of a SHA-256 over all its keys, 11 bits a word, in the English
/// BIP-39 list (2,048 words that differ within their first four letters).
///
/// The hash covers the domain name `kith/words/1`, then each of the keys `sign`, `log`, `link`, `seal` as text; each of
/// the five has its length before it (8 bytes, big-endian). Whoever wants other keys with the same words has 2^88 sets
/// to try.
#[must_use]
pub fn eight_words(keys: &AgencyKeys) -> [&'static str; 8] {
    let mut hasher = Hasher::default();
    let mut take = |bytes: &[u8]| {
        hasher.update(&(bytes.len() as u64).to_be_bytes());
        hasher.update(bytes);
    };
    take(DOMAIN);
    for key in keys.signing() {
        take(key.to_string().as_bytes());
    }
    take(keys.seal.to_string().as_bytes());
    words_of(hasher.finish().as_bytes())
}

pub(crate) fn words_of(digest: &[u8; 32]) -> [&'static str; 8] {
    let (head, _) = digest.split_at(11);
    let bits = head.iter().fold(0_u128, |bits, byte| bits << 8 | u128::from(*byte));
    let list = Language::English.word_list();
    std::array::from_fn(|place| {
        let index = bits >> (BITS * (7 - place)) & 0x7ff;
        // 11 bits never point past the list's 2,048 words.
        usize::try_from(index).ok().and_then(|index| list.get(index)).copied().unwrap_or_default()
    })
}
