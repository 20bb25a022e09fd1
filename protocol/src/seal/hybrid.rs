//! The `mlkem768x25519` recipient of the age specification: HPKE over MLKEM768-X25519, from the `hpke` crate.
//!
//! Released age has none yet; this is the adapter, to be dropped when it ships its own (str4d/rage PR 632).

use std::{collections::HashSet, io};

use age::{DecryptError, EncryptError};
use age_core::{
    format::{FILE_KEY_BYTES, FileKey, Stanza},
    secrecy::ExposeSecret as _,
};
use base64ct::{Base64Unpadded, Encoding as _};
use hpke::{Deserializable as _, Kem as _, OpModeR, OpModeS, Serializable as _};
use rand::RngCore as _;
use zeroize::Zeroizing;

use super::BadKey;

pub(super) const PUBLIC_PREFIX: &str = "age1pq";
pub(super) const SECRET_PREFIX: &str = "age-secret-key-pq-";

const TAG: &str = "mlkem768x25519";
const INFO: &[u8] = b"age-encryption.org/mlkem768x25519";
const LABEL: &str = "postquantum";

/// ML-KEM-768 encapsulation key (1184), then X25519 point (32).
const PUBLIC_LEN: usize = 1216;
/// ML-KEM-768 ciphertext (1088), then X25519 share (32).
const SHARE_LEN: usize = 1120;
const TAG_LEN: usize = 16;

type Kem = hpke::kem::XWing;
type Kdf = hpke::kdf::HkdfSha256;
type Aead = hpke::aead::ChaCha20Poly1305;
type PublicKey = <Kem as hpke::Kem>::PublicKey;
type PrivateKey = <Kem as hpke::Kem>::PrivateKey;
type Share = <Kem as hpke::Kem>::EncappedKey;

/// A post-quantum public key, checked: its ML-KEM half is canonical (FIPS 203), its X25519 half contributes.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct HybridRecipient(Box<[u8; PUBLIC_LEN]>);

impl HybridRecipient {
    pub(super) fn from_bytes(bytes: &[u8]) -> Result<Self, BadKey> {
        let key: Box<[u8; PUBLIC_LEN]> = Box::new(bytes.try_into().map_err(|_| BadKey::Damaged)?);
        PublicKey::from_bytes(bytes).map_err(|_| BadKey::Unsafe)?;
        if contributes(bytes) { Ok(Self(key)) } else { Err(BadKey::Unsafe) }
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.0.as_slice()
    }
}

/// A post-quantum secret key: the 32 bytes both halves grow from.
#[derive(Clone)]
pub struct HybridIdentity(Zeroizing<[u8; 32]>);

impl HybridIdentity {
    pub(super) fn from_seed(seed: &[u8; 32]) -> Self {
        Self(Zeroizing::new(*seed))
    }

    pub(super) fn generate() -> Self {
        let mut seed = Zeroizing::new([0; 32]);
        rand::rngs::OsRng.fill_bytes(seed.as_mut());
        Self(seed)
    }

    pub(super) fn seed(&self) -> &[u8] {
        self.0.as_slice()
    }

    pub(super) fn recipient(&self) -> HybridRecipient {
        let mut public = Box::new([0; PUBLIC_LEN]);
        if let Ok(secret) = PrivateKey::from_bytes(self.seed()) {
            Kem::sk_to_pk(&secret).write_exact(public.as_mut());
        }
        HybridRecipient(public)
    }
}

/// Whether the X25519 point at the end of `bytes` takes part in the shared secret. A low-order point does not: the
/// result is zero for every secret, so that the sender alone chooses it. Nothing secret is needed to tell: a clamped
/// scalar is a multiple of the cofactor and never of a prime order, so one such scalar answers for all.
pub(super) fn contributes(bytes: &[u8]) -> bool {
    bytes.last_chunk().is_some_and(|point| x25519_dalek::x25519([1; 32], *point) != [0; 32])
}

impl age::Recipient for HybridRecipient {
    fn wrap_file_key(&self, file_key: &FileKey) -> Result<(Vec<Stanza>, HashSet<String>), EncryptError> {
        let failed = |_| EncryptError::Io(io::Error::other("post-quantum sealing failed"));
        let public = PublicKey::from_bytes(self.as_bytes()).map_err(failed)?;
        let (share, body) = hpke::single_shot_seal::<Aead, Kdf, Kem>(
            &OpModeS::Base,
            &public,
            INFO,
            file_key.expose_secret(),
            b"",
        )
        .map_err(failed)?;
        let stanza = Stanza {
            tag: TAG.to_owned(),
            args: vec![Base64Unpadded::encode_string(&share.to_bytes())],
            body,
        };
        Ok((vec![stanza], HashSet::from([LABEL.to_owned()])))
    }
}

impl age::Identity for HybridIdentity {
    fn unwrap_stanza(&self, stanza: &Stanza) -> Option<Result<FileKey, DecryptError>> {
        if stanza.tag != TAG {
            return None;
        }
        let Some(share) = read_share(stanza) else { return Some(Err(DecryptError::InvalidHeader)) };
        let secret = PrivateKey::from_bytes(self.seed()).ok()?;
        // A failure to open is no error: the stanza may be for another key.
        let plain = hpke::single_shot_open::<Aead, Kdf, Kem>(
            &OpModeR::Base,
            &secret,
            &share,
            INFO,
            &stanza.body,
            b"",
        );
        let plain = Zeroizing::new(plain.ok()?);
        Some(FileKey::try_init_with_mut(|key| {
            key.copy_from_slice(plain.get(..FILE_KEY_BYTES).ok_or(DecryptError::InvalidHeader)?);
            Ok(())
        }))
    }
}

/// The share of a well-formed stanza: one canonical argument, a body of file key and tag, a contributing point.
fn read_share(stanza: &Stanza) -> Option<Share> {
    let [share] = stanza.args.as_slice() else { return None };
    let mut buffer = [0; SHARE_LEN];
    let bytes = Base64Unpadded::decode(share, &mut buffer).ok()?;
    if bytes.len() != SHARE_LEN || stanza.body.len() != FILE_KEY_BYTES + TAG_LEN || !contributes(bytes) {
        return None;
    }
    Share::from_bytes(bytes).ok()
}
