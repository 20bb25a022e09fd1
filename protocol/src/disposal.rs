//! The certificate of a disposal: what was destroyed, under which rule and by whose word, with no word of content.
//!
//! Facts are named by number and by the leaf that stays in the agency's log, so that a proof of that log can be held
//! against it ever after.

use serde::{Deserialize, Serialize};

use crate::{
    consent::DecidedBy,
    document::Kind,
    ids::{AgencyId, Digest},
    sign::Namespace,
    signed::{Document, Signed},
};

/// What an agency says about one disposal; its `sign` key signed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Disposal {
    pub agency: AgencyId,
    pub agency_name: String,
    /// The rule by its code, in words, and who made it.
    pub rule: String,
    pub rule_words: String,
    pub rule_source: String,
    /// Two persons: one proposed, the other approved, and the file was destroyed at that time.
    pub proposed_by: DecidedBy,
    pub approved_by: DecidedBy,
    /// Destroyed again by the list of disposals, after an older backup had been put back.
    pub replayed: bool,
    /// The tombstone, by its number in the log.
    pub tombstone: String,
    pub facts: Vec<DisposedFact>,
    /// How many attachments went with them.
    pub attachments: u32,
    /// Entries kept whole, by number, because they concern another child as well.
    pub kept: Vec<String>,
}

/// A fact of which the leaf alone is left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DisposedFact {
    pub fact: String,
    pub leaf: Digest,
}

impl Document for Disposal {
    const KIND: Kind = Kind { name: "disposal", version: 1, limit: 64 * 1024 * 1024 };
    const NAMESPACE: Namespace = Namespace::Disposal;
}

/// A certificate and the agency's signature.
pub type SignedDisposal = Signed<Disposal>;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{sign::SigningKey, signed::DocumentError};

    fn by(name: &str) -> DecidedBy {
        DecidedBy { name: name.into(), role: "DSL".into(), on: "2026-11-20T10:00:00Z".parse().unwrap() }
    }

    fn certificate() -> Disposal {
        Disposal {
            agency: "elm-park".parse().unwrap(),
            agency_name: "Elm Park Primary".into(),
            rule: "pupil-file".into(),
            rule_words: "date of birth and 25 years".into(),
            rule_source: "toolkit".into(),
            proposed_by: by("A. Khan"),
            approved_by: by("B. Osei"),
            replayed: false,
            tombstone: "1-9".into(),
            facts: vec![DisposedFact { fact: "1-4".into(), leaf: Digest::of(b"leaf") }],
            attachments: 1,
            kept: vec!["1-5".into()],
        }
    }

    #[test]
    fn a_certificate_is_believed_by_its_agencys_key_alone() {
        let key = SigningKey::from_seed(&[1; 32]);
        let signed = SignedDisposal::new(&certificate(), &key);
        assert!(signed.text.starts_with(r#"{"kith":"disposal/1","agency":"elm-park""#), "{}", signed.text);
        assert_eq!(signed.verify_by(&key.public()), Ok(certificate()));
        let other = SigningKey::from_seed(&[2; 32]).public();
        assert!(matches!(signed.verify_by(&other), Err(DocumentError::Signature(_))));
        let changed = SignedDisposal::from_parts(signed.text.replace("1-4", "1-3"), signed.signature);
        assert!(matches!(changed.verify_by(&key.public()), Err(DocumentError::Signature(_))));
    }
}
