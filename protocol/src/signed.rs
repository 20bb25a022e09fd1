//! A document and its signatures: compact JSON whose first field is its kind, signed over exactly those bytes.
//!
//! The text is signed first and parsed after; it is never written again to verify it.

use std::marker::PhantomData;

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{
    document::{BadDocument, Kind},
    ids::{AgencyId, Digest},
    keys::CertificateError,
    sign::{Namespace, SignatureError, SignatureSet, SigningKey, VerifyingKey},
};

/// Something an agency or a node says and signs. Unknown fields are refused: a change makes a new kind.
pub trait Document: Serialize + DeserializeOwned {
    /// Its name and version, and the longest text that is read.
    const KIND: Kind;
    /// The SSHSIG namespace of its signatures.
    const NAMESPACE: Namespace;
}

/// Why a signed document was not believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    #[error(transparent)]
    Text(#[from] BadDocument),
    #[error("{0} is not in the directory")]
    UnknownAgency(AgencyId),
    #[error("the node {0} is not in the directory")]
    UnknownNode(String),
    #[error("the signer's certificate does not hold: {0}")]
    Certificate(#[from] CertificateError),
    #[error("the document is dated in the future")]
    FromTheFuture,
    #[error(transparent)]
    Signature(#[from] SignatureError),
}

/// A document's exact text and the signatures over it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signed<T> {
    /// The exact text that was signed.
    pub text: String,
    /// Its signatures.
    pub signature: SignatureSet,
    #[serde(skip)]
    kind: PhantomData<fn() -> T>,
}

impl<T: Document> Signed<T> {
    /// Writes and signs `body`.
    #[must_use]
    pub fn new(body: &T, key: &SigningKey) -> Self {
        let text = T::KIND.write(body);
        let signature = key.sign(T::NAMESPACE, text.as_bytes());
        Self::from_parts(text, signature)
    }

    /// Puts a text and its signatures together; neither is believed yet.
    #[must_use]
    pub const fn from_parts(text: String, signature: SignatureSet) -> Self {
        Self { text, signature, kind: PhantomData }
    }

    /// The digest of the exact text: the document's name.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(self.text.as_bytes())
    }

    /// Checks the signature by `key`, then reads the text.
    ///
    /// # Errors
    /// The text is too long, not signed by `key` as this kind, or not readable.
    pub fn verify_by(&self, key: &VerifyingKey) -> Result<T, DocumentError> {
        T::KIND.check_length(&self.text)?;
        key.verify(T::NAMESPACE, self.text.as_bytes(), &self.signature)?;
        self.claims()
    }

    /// What the text says, unverified: only to learn whose signature to ask for.
    ///
    /// # Errors
    /// The text is too long or not readable.
    pub fn claims(&self) -> Result<T, DocumentError> {
        Ok(T::KIND.read(&self.text)?)
    }
}

impl<T> Clone for Signed<T> {
    fn clone(&self) -> Self {
        Self { text: self.text.clone(), signature: self.signature.clone(), kind: PhantomData }
    }
}

impl<T> PartialEq for Signed<T> {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text && self.signature == other.signature
    }
}

impl<T> Eq for Signed<T> {}

impl<T> std::fmt::Debug for Signed<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Signed({})", Digest::of(self.text.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Note {
        n: u8,
    }
    impl Document for Note {
        const KIND: Kind = Kind { name: "note", version: 1, limit: 40 };
        const NAMESPACE: Namespace = Namespace::Consent;
    }

    fn key() -> SigningKey {
        SigningKey::from_seed(&[5; 32])
    }

    fn signed(text: &str) -> Signed<Note> {
        Signed::from_parts(text.into(), key().sign(Namespace::Consent, text.as_bytes()))
    }

    #[test]
    fn the_kind_stands_first_and_the_text_is_compact() {
        let note = Signed::new(&Note { n: 7 }, &key());
        assert_eq!(note.text, r#"{"kith":"note/1","n":7}"#);
        assert_eq!(note.verify_by(&key().public()), Ok(Note { n: 7 }));
        assert_eq!(note.digest(), Digest::of(note.text.as_bytes()));
    }

    #[test]
    fn a_good_signature_does_not_excuse_a_bad_text() {
        for text in [
            r#"{"n":7}"#,
            r#"{"kith":"note/2","n":7}"#,
            r#"{"kith":"note/1","n":7,"n":8}"#,
            r#"{"kith":"note/1","n":7,"m":8}"#,
            r#"{"kith":"note/1","n":7,"kith":"x"}"#,
            r#"{"kith":"note/1","n":7}{}"#,
            r#"{ "kith":"note/1","n":7}"#,
            &format!(r#"{{"kith":"note/1","n":7{}}}"#, " ".repeat(40)),
            "",
        ] {
            let read = signed(text).verify_by(&key().public());
            assert!(matches!(read, Err(DocumentError::Text(_))), "{text}: {read:?}");
        }
    }

    #[test]
    fn a_changed_text_is_not_believed() {
        let mut note = Signed::new(&Note { n: 7 }, &key());
        note.text = note.text.replace('7', "8");
        assert_eq!(note.verify_by(&key().public()), Err(SignatureError::Mismatch.into()));
    }
}
