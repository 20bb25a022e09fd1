//! Signatures that outlive us: OpenSSH signatures (SSHSIG) over exact bytes, one namespace for each document kind.
//!
//! Anyone can check them with `ssh-keygen -Y verify`. Sign bytes, parse after; nothing is serialised again to verify it.

use std::{fmt, str::FromStr};

use ed25519_dalek::{Signer as _, SigningKey as DalekKey, VerifyingKey as DalekPublic};
use serde::{Deserialize, Serialize};
use ssh_key::{Algorithm, HashAlg, LineEnding, PublicKey, SshSig, public::Ed25519PublicKey, public::KeyData};
use zeroize::Zeroizing;

/// Longest signature set that is read, in bytes.
pub const MAX_SIGNATURES: usize = 16 * 1024;

/// What kind of document a signature speaks for; its name is the SSHSIG namespace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Namespace {
    Approval,
    Bundle,
    Certificate,
    Consent,
    Directory,
    Disposal,
    Enrolment,
    Envelope,
    Gate,
    Papers,
    Receipt,
    Supplement,
    Withdrawal,
}

impl Namespace {
    /// The text that goes into the signature, and after `-n` of `ssh-keygen -Y verify`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Approval => "approval@kith",
            Self::Bundle => "bundle@kith",
            Self::Certificate => "certificate@kith",
            Self::Consent => "consent@kith",
            Self::Directory => "directory@kith",
            Self::Disposal => "disposal@kith",
            Self::Enrolment => "enrolment@kith",
            Self::Envelope => "envelope@kith",
            Self::Gate => "gate@kith",
            Self::Papers => "papers@kith",
            Self::Receipt => "receipt@kith",
            Self::Supplement => "supplement@kith",
            Self::Withdrawal => "withdrawal@kith",
        }
    }
}

/// Why a signature was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    #[error("the signature is not a readable OpenSSH signature")]
    Unreadable,
    #[error("no signature by the expected key")]
    OtherKey,
    #[error("the signature was made for another kind of document")]
    OtherNamespace,
    #[error("the signature does not match these bytes")]
    Mismatch,
}

/// An Ed25519 secret key with one job. Wiped when dropped; never printed.
#[derive(Clone)]
pub struct SigningKey(DalekKey);

impl SigningKey {
    /// The key that grows from 32 random bytes.
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(DalekKey::from_bytes(seed))
    }

    /// The 32 bytes the key grows from.
    #[must_use]
    pub fn seed(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.0.to_bytes())
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> VerifyingKey {
        VerifyingKey(self.0.verifying_key().to_bytes())
    }

    /// Signs `bytes` as a document of kind `namespace`.
    #[must_use]
    pub fn sign(&self, namespace: Namespace, bytes: &[u8]) -> SignatureSet {
        let text = SshSig::signed_data(namespace.as_str(), HashAlg::Sha512, bytes)
            .and_then(|data| {
                let raw = self.0.sign(&data).to_bytes();
                let signature = ssh_key::Signature::new(Algorithm::Ed25519, raw)?;
                let key = KeyData::Ed25519(Ed25519PublicKey(self.public().0));
                SshSig::new(key, namespace.as_str(), HashAlg::Sha512, signature)?.to_pem(LineEnding::LF)
            })
            // The namespace is never empty and the key type is fixed: the only errors the crate knows here.
            .unwrap_or_default();
        SignatureSet(text)
    }

    /// Signs `bytes` as they are (RFC 8032): for signed notes, whose texts say themselves what they are.
    pub(crate) fn sign_note(&self, bytes: &[u8]) -> [u8; 64] {
        self.0.sign(bytes).to_bytes()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey(secret of {})", self.public())
    }
}

/// An Ed25519 public key; in text the OpenSSH form `ssh-ed25519 AAAA...`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct VerifyingKey([u8; 32]);

impl VerifyingKey {
    /// Takes the 32 bytes of a public key (RFC 8032), as a link's peer shows them.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes (RFC 8032).
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Checks that `set` holds this key's signature of kind `namespace` over exactly `bytes`.
    ///
    /// Signatures of unknown algorithms or other keys are skipped, so that others can stand beside ours.
    ///
    /// # Errors
    /// Says whether the set is unreadable, holds no signature by this key, is of another kind, or does not match.
    pub fn verify(
        &self,
        namespace: Namespace,
        bytes: &[u8],
        set: &SignatureSet,
    ) -> Result<(), SignatureError> {
        let mut worst = SignatureError::OtherKey;
        for block in set.blocks()? {
            let Some(sig) = read(&block) else { continue };
            if sig.public_key() != &KeyData::Ed25519(Ed25519PublicKey(self.0)) {
                continue;
            }
            if sig.namespace() != namespace.as_str() {
                worst = SignatureError::OtherNamespace;
                continue;
            }
            match self.verify_one(&sig, namespace, bytes) {
                Ok(()) => return Ok(()),
                Err(error) => worst = error,
            }
        }
        Err(worst)
    }

    /// Whether `signature` is this key's over `bytes` as they are (RFC 8032), judged strictly: canonical points, none of
    /// small order, a reduced scalar.
    pub(crate) fn verify_note(&self, bytes: &[u8], signature: &[u8]) -> bool {
        let key = DalekPublic::from_bytes(&self.0);
        let signature = ed25519_dalek::Signature::from_slice(signature);
        key.ok().zip(signature.ok()).is_some_and(|(key, raw)| key.verify_strict(bytes, &raw).is_ok())
    }

    fn verify_one(&self, sig: &SshSig, namespace: Namespace, bytes: &[u8]) -> Result<(), SignatureError> {
        let data = SshSig::signed_data(namespace.as_str(), sig.hash_alg(), bytes)
            .map_err(|_| SignatureError::Unreadable)?;
        if self.verify_note(&data, sig.signature_bytes()) { Ok(()) } else { Err(SignatureError::Mismatch) }
    }
}

impl fmt::Display for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = PublicKey::from(KeyData::Ed25519(Ed25519PublicKey(self.0)));
        f.write_str(&key.to_openssh().map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifyingKey({self})")
    }
}

impl FromStr for VerifyingKey {
    type Err = SignatureError;
    fn from_str(text: &str) -> Result<Self, SignatureError> {
        let key = match PublicKey::from_openssh(text).map(|key| key.key_data().clone()) {
            Ok(KeyData::Ed25519(Ed25519PublicKey(bytes))) => Self(bytes),
            _ => return Err(SignatureError::Unreadable),
        };
        // It has one form: no comment, no blank.
        if key.to_string() == text { Ok(key) } else { Err(SignatureError::Unreadable) }
    }
}

impl TryFrom<String> for VerifyingKey {
    type Error = SignatureError;
    fn try_from(text: String) -> Result<Self, SignatureError> {
        text.parse()
    }
}

impl From<VerifyingKey> for String {
    fn from(key: VerifyingKey) -> Self {
        key.to_string()
    }
}

/// A signature in its one form. The lengths that stand in it are covered by nothing else, and other readers refuse what
/// does not keep to them.
fn read(block: &str) -> Option<SshSig> {
    let sig = SshSig::from_pem(block).ok()?;
    let known = sig.version() == 1 && sig.reserved().is_empty();
    (known && sig.to_pem(LineEnding::LF).ok()? == block).then_some(sig)
}

/// One or more armoured OpenSSH signatures over the same bytes, one after the other, and nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SignatureSet(String);

impl SignatureSet {
    const BEGIN: &'static str = "-----BEGIN SSH SIGNATURE-----\n";
    const END: &'static str = "-----END SSH SIGNATURE-----\n";

    /// Takes text that should hold signatures; it is read when it is verified.
    ///
    /// # Errors
    /// Text longer than [`MAX_SIGNATURES`] is refused.
    pub fn from_text(text: &str) -> Result<Self, SignatureError> {
        if text.len() > MAX_SIGNATURES { Err(SignatureError::Unreadable) } else { Ok(Self(text.to_owned())) }
    }

    /// The armoured text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Puts another set's signatures beside these.
    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        self.0.push_str(&other.0);
        self
    }

    /// Each signature by itself, armoured, in their order: stock tools read one from a file.
    ///
    /// # Errors
    /// The text is not readable.
    pub fn each(&self) -> Result<Vec<String>, SignatureError> {
        self.blocks()
    }

    /// Nothing stands outside of the blocks: what no signature covers must not lie there unseen.
    fn blocks(&self) -> Result<Vec<String>, SignatureError> {
        let mut rest = self.0.as_str();
        let mut blocks = Vec::new();
        while let Some(from) = rest.strip_prefix(Self::BEGIN) {
            let (body, after) = from.split_once(Self::END).ok_or(SignatureError::Unreadable)?;
            let line = |line: &str| {
                line.strip_suffix('\n').is_some_and(|line| !line.is_empty() && line.bytes().all(base64))
            };
            if body.is_empty() || !body.split_inclusive('\n').all(line) {
                return Err(SignatureError::Unreadable);
            }
            blocks.push([Self::BEGIN, body, Self::END].concat());
            rest = after;
        }
        let whole = rest.is_empty() && !blocks.is_empty() && self.0.len() <= MAX_SIGNATURES;
        if whole { Ok(blocks) } else { Err(SignatureError::Unreadable) }
    }
}

const fn base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')
}

#[cfg(test)]
mod vectors;

#[cfg(test)]
mod tests {
    use super::*;

    fn key(n: u8) -> SigningKey {
        SigningKey::from_seed(&[n; 32])
    }

    #[test]
    fn a_signature_speaks_for_one_key_one_kind_and_these_bytes() {
        let set = key(1).sign(Namespace::Envelope, b"bytes");
        assert_eq!(key(1).public().verify(Namespace::Envelope, b"bytes", &set), Ok(()));
        assert_eq!(
            key(1).public().verify(Namespace::Envelope, b"byteS", &set),
            Err(SignatureError::Mismatch)
        );
        assert_eq!(
            key(1).public().verify(Namespace::Gate, b"bytes", &set),
            Err(SignatureError::OtherNamespace)
        );
        assert_eq!(
            key(2).public().verify(Namespace::Envelope, b"bytes", &set),
            Err(SignatureError::OtherKey)
        );
    }

    #[test]
    fn unknown_signatures_beside_ours_are_skipped() {
        let ours = key(1).sign(Namespace::Gate, b"x");
        let unknown = SignatureSet(
            "-----BEGIN SSH SIGNATURE-----\nVGhpcyBpcyBub3QgYSBzaWduYXR1cmU=\n-----END SSH SIGNATURE-----\n"
                .into(),
        );
        let set = unknown.and(&key(2).sign(Namespace::Gate, b"x")).and(&ours);
        assert_eq!(key(1).public().verify(Namespace::Gate, b"x", &set), Ok(()));
        assert_eq!(key(3).public().verify(Namespace::Gate, b"x", &set), Err(SignatureError::OtherKey));
    }

    #[test]
    fn what_stands_outside_of_the_armour_makes_the_set_unreadable() {
        let (ours, other) = (key(1).sign(Namespace::Gate, b"x").0, key(2).sign(Namespace::Gate, b"x").0);
        let holds = |text: String| key(1).public().verify(Namespace::Gate, b"x", &SignatureSet(text));
        assert_eq!(holds(format!("{ours}{other}")), Ok(()));
        for text in [
            String::new(),
            format!("words\n{ours}"),
            format!("\n{ours}"),
            format!("{ours}words"),
            format!("{ours}\n"),
            format!("{ours}words\n{other}"),
            format!("{ours}\n{other}"),
            format!("{ours}-----BEGIN SSH SIGNATURE-----\n"),
            format!("-----BEGIN SSH SIGNATURE-----\n{ours}"),
            format!("{ours}-----END SSH SIGNATURE-----\n"),
            format!("{ours}-----BEGIN SSH SIGNATURE-----\n-----END SSH SIGNATURE-----\n"),
            format!("{ours}-----BEGIN SSH SIGNATURE-----\nwith words\n-----END SSH SIGNATURE-----\n"),
            ours.trim_end().to_owned(),
            ours.replace('\n', "\r\n"),
        ] {
            assert_eq!(holds(text.clone()), Err(SignatureError::Unreadable), "{text}");
        }
    }

    #[test]
    fn keys_read_back_from_their_openssh_text() {
        let public = key(9).public();
        assert!(public.to_string().starts_with("ssh-ed25519 AAAA"));
        assert_eq!(public.to_string().parse(), Ok(public));
        assert!("ssh-rsa AAAA".parse::<VerifyingKey>().is_err());
    }
}
