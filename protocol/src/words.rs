//! Eight words over an agency's whole key set: what people compare by voice, instead of hex.

use bip39::Language;

use crate::{ids::Hasher, keys::AgencyKeys};

const DOMAIN: &[u8] = b"kith/words/1";
const BITS: usize = 11;

/// The eight words of a key set: the first 88 bits of a SHA-256 over all its keys, 11 bits a word, in the English
/// BIP-39 list (2,048 words that differ within their first four letters).
///
/// The hash covers the domain name `kith/words/1`, then each of the keys `sign`, `log`, `cosign`, `link`, `seal` as text;
/// each of the six has its length before it (8 bytes, big-endian). Whoever wants other keys with the same words has 2^88 sets
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{keys::AgencySecrets, seal::Identity, sign::SigningKey};

    fn keys() -> AgencyKeys {
        let key = |n| SigningKey::from_seed(&[n; 32]);
        let seal = Identity::hybrid_from_seed(&[4; 32]);
        AgencySecrets { sign: key(1), log: key(2), cosign: key(5), link: key(3), seal }.public()
    }

    #[test]
    fn bits_become_words_in_order() {
        assert_eq!(words_of(&[0; 32]), ["abandon"; 8]);
        assert_eq!(words_of(&[0xff; 32]), ["zoo"; 8]);
        let mut digest = [0; 32];
        (digest[1], digest[10]) = (0b0010_0000, 1);
        assert_eq!(words_of(&digest)[..2], ["ability", "abandon"]);
        assert_eq!(words_of(&digest)[7], "ability");
    }

    #[test]
    fn the_words_of_a_key_set_never_change() {
        // Computed apart from this code, with Python's hashlib and the list of BIP-39.
        let words = ["season", "valid", "banana", "shock", "area", "join", "have", "renew"];
        assert_eq!(eight_words(&keys()), words);
    }

    #[test]
    fn every_key_and_its_job_count() {
        let known = keys();
        let other = SigningKey::from_seed(&[9; 32]).public();
        let changed = [
            AgencyKeys { sign: other, ..known.clone() },
            AgencyKeys { log: other, ..known.clone() },
            AgencyKeys { cosign: other, ..known.clone() },
            AgencyKeys { link: other, ..known.clone() },
            AgencyKeys { seal: Identity::hybrid_from_seed(&[5; 32]).recipient(), ..known.clone() },
            AgencyKeys { sign: known.log, log: known.sign, ..known.clone() },
        ];
        for keys in changed {
            let same = eight_words(&keys).iter().zip(eight_words(&known)).filter(|(a, b)| *a == b).count();
            assert!(same < 3, "{same} of 8 words are the same");
        }
    }
}
