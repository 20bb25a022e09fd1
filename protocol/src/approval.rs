//! A second person's check: two people of the sender sign the same words about exactly what will leave.
//!
//! What they sign names the content by its digest, so that nothing else can be sealed with their names.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{
    document::Kind,
    ids::{AgencyId, Digest, Hasher, SealId},
    keys::{AgencyKeys, Certificate, CertificateError, PersonKey, SignedCertificate},
    sign::Namespace,
    signed::{Document, DocumentError, Signed},
};

/// The parts of `bundle.json` that a person reads and decides about, in the order in which they are digested.
const READ: [&str; 5] = ["letter", "consent", "children", "records", "attachments"];

/// What both sign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approval {
    pub from: AgencyId,
    pub to: AgencyId,
    /// The one sealing that it is for: a recipient takes no two.
    pub seal_id: SealId,
    /// By [`content`].
    pub content: Digest,
    /// When the first of the two proposed it.
    #[serde(deserialize_with = "crate::moment::utc")]
    pub proposed: Timestamp,
}

impl Document for Approval {
    const KIND: Kind = Kind { name: "approval", version: 1, limit: 4 * 1024 };
    const NAMESPACE: Namespace = Namespace::Approval;
}

/// The digest of what is read of a `bundle.json`: of the exact bytes of each part, each after its length.
/// None for a text that is no such document.
#[must_use]
pub fn content(document: &str) -> Option<Digest> {
    let parts: BTreeMap<&str, &RawValue> = serde_json::from_str(document).ok()?;
    let mut hasher = Hasher::default();
    for name in READ {
        let bytes = parts.get(name)?.get().as_bytes();
        hasher.update(&(bytes.len() as u64).to_be_bytes());
        hasher.update(bytes);
    }
    Some(hasher.finish())
}

/// What of a `bundle.json` says which sealing it is.
#[derive(Deserialize)]
struct Sealed {
    seal_id: SealId,
}

/// Signed by the first, waiting for the second.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proposed {
    approval: Signed<Approval>,
    by: SignedCertificate,
}

/// Signed by both; travels in the bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedApproval {
    pub approval: Signed<Approval>,
    pub proposed_by: SignedCertificate,
    pub checked_by: SignedCertificate,
}

/// Verified: two different people of the sender signed it.
#[derive(Debug, Clone)]
pub struct Approved {
    signed: SignedApproval,
    says: Approval,
    proposed_by: Certificate,
    checked_by: Certificate,
}

/// Why a second person's check does not count.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApprovalError {
    #[error("the same person proposed it: somebody else must check it")]
    SamePerson,
    #[error("what was checked is not what would leave: propose it again")]
    OtherContent,
    #[error("it names another sender or recipient")]
    OtherEnds,
    #[error("two people agreed to another sealing: propose it again")]
    OtherSeal,
    #[error("a certificate does not hold: {0}")]
    Certificate(#[from] CertificateError),
    #[error(transparent)]
    Document(#[from] DocumentError),
}

impl Proposed {
    /// Signs `approval` as its first person.
    #[must_use]
    pub fn new(approval: &Approval, by: &PersonKey) -> Self {
        Self { approval: Signed::new(approval, &by.key), by: by.certificate.clone() }
    }

    /// Signs the same words as its second person.
    ///
    /// # Errors
    /// It is the same person, or one of the two did not sign for the agency `from` with these `keys`.
    pub fn approve(
        &self,
        by: &PersonKey,
        (from, keys): (&AgencyId, &AgencyKeys),
        now: Timestamp,
    ) -> Result<Approved, ApprovalError> {
        let second = by.key.sign(Namespace::Approval, self.approval.text.as_bytes());
        let both = self.approval.signature.clone().and(&second);
        let signed = SignedApproval {
            approval: Signed::from_parts(self.approval.text.clone(), both),
            proposed_by: self.by.clone(),
            checked_by: by.certificate.clone(),
        };
        signed.verify((from, keys), now)
    }

    /// What was proposed, unverified.
    ///
    /// # Errors
    /// The text is not readable.
    pub fn claims(&self) -> Result<Approval, DocumentError> {
        self.approval.claims()
    }
}

impl SignedApproval {
    /// Checks that two different people, certified by the agency `from`, signed it. `at` is when it left, or now.
    ///
    /// # Errors
    /// Says what does not hold.
    pub fn verify(
        &self,
        (from, keys): (&AgencyId, &AgencyKeys),
        at: Timestamp,
    ) -> Result<Approved, ApprovalError> {
        let claimed = self.approval.claims()?;
        if claimed.from != *from {
            return Err(ApprovalError::OtherEnds);
        }
        let proposed_by = self.proposed_by.verify(from, keys, claimed.proposed)?;
        let checked_by = self.checked_by.verify(from, keys, at)?;
        if proposed_by.is_same_person(&checked_by) {
            return Err(ApprovalError::SamePerson);
        }
        self.approval.verify_by(&proposed_by.key)?;
        let says = self.approval.verify_by(&checked_by.key)?;
        Ok(Approved { signed: self.clone(), says, proposed_by, checked_by })
    }
}

impl Approved {
    /// Holds what would leave, or has arrived, against what was signed.
    ///
    /// # Errors
    /// It is for another recipient or sealing, or a byte of what is read differs.
    pub fn fits(&self, to: &AgencyId, document: &str) -> Result<(), ApprovalError> {
        self.is_of(to, content(document).ok_or(ApprovalError::OtherContent)?)?;
        let sealed: Sealed = serde_json::from_str(document).map_err(|_| ApprovalError::OtherContent)?;
        if sealed.seal_id == self.says.seal_id { Ok(()) } else { Err(ApprovalError::OtherSeal) }
    }

    /// Holds what is read, before it is sealed, against what was signed.
    ///
    /// # Errors
    /// It is for another recipient, or what is read differs.
    pub fn is_of(&self, to: &AgencyId, content: Digest) -> Result<(), ApprovalError> {
        if self.says.to != *to {
            return Err(ApprovalError::OtherEnds);
        }
        if content == self.says.content { Ok(()) } else { Err(ApprovalError::OtherContent) }
    }

    /// The one sealing that it is for.
    #[must_use]
    pub const fn seal_id(&self) -> SealId {
        self.says.seal_id
    }

    /// What travels.
    #[must_use]
    pub const fn signed(&self) -> &SignedApproval {
        &self.signed
    }

    /// Who proposed it.
    #[must_use]
    pub const fn proposed_by(&self) -> &Certificate {
        &self.proposed_by
    }

    /// Who checked it.
    #[must_use]
    pub const fn checked_by(&self) -> &Certificate {
        &self.checked_by
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::keys::{AgencySecrets, generate_signing};

    const DOCUMENT: &str = r#"{"letter":1,"consent":{"a": 2},"children":[],"records":[3],"attachments":[],"gate":4,"seal_id":"07070707070707070707070707070707"}"#;

    fn now() -> Timestamp {
        "2026-03-03T10:00:00Z".parse().unwrap()
    }

    fn person(secrets: &AgencySecrets, name: &str) -> PersonKey {
        let key = generate_signing();
        let certificate = Certificate {
            agency: "elm-park".parse().unwrap(),
            name: name.into(),
            role: "DSL".into(),
            key: key.public(),
            from: now(),
            until: now() + SignedDuration::from_hours(24),
        };
        PersonKey { key, certificate: certificate.sign(&secrets.sign) }
    }

    fn proposed(by: &PersonKey) -> Proposed {
        let approval = Approval {
            from: "elm-park".parse().unwrap(),
            to: "police".parse().unwrap(),
            seal_id: SealId::from_bytes([7; 16]),
            content: content(DOCUMENT).unwrap(),
            proposed: now(),
        };
        Proposed::new(&approval, by)
    }

    #[test]
    fn two_people_sign_exactly_one_content_for_one_recipient() {
        let (secrets, from) = (AgencySecrets::generate(), "elm-park".parse().unwrap());
        let (keys, police) = (secrets.public(), "police".parse().unwrap());
        let (first, second) = (person(&secrets, "A. Khan"), person(&secrets, "B. Lowe"));
        let approved = proposed(&first).approve(&second, (&from, &keys), now()).unwrap();
        assert_eq!(
            (approved.proposed_by().name.as_str(), approved.checked_by().name.as_str()),
            ("A. Khan", "B. Lowe")
        );
        assert_eq!(approved.fits(&police, DOCUMENT), Ok(()));
        // What is fresh in each sealing is not read; everything that is read counts, to the byte.
        assert_eq!(approved.fits(&police, &DOCUMENT.replace("\"gate\":4", "\"gate\":5")), Ok(()));
        for (was, is) in [("\"letter\":1", "\"letter\":2"), ("{\"a\": 2}", "{\"a\":2}"), ("[3]", "[]")] {
            let other = approved.fits(&police, &DOCUMENT.replace(was, is));
            assert_eq!(other, Err(ApprovalError::OtherContent), "{is}");
        }
        // The same once more, after it was withdrawn or in another envelope, is another sealing.
        assert_eq!(approved.fits(&police, &DOCUMENT.replace("0707", "0708")), Err(ApprovalError::OtherSeal));
        assert_eq!(content("{}"), None);
        assert_eq!(approved.fits(&from, DOCUMENT), Err(ApprovalError::OtherEnds));
    }

    #[test]
    fn one_person_alone_or_a_stranger_is_not_two() {
        let (secrets, from) = (AgencySecrets::generate(), "elm-park".parse().unwrap());
        let keys = secrets.public();
        let (first, second) = (person(&secrets, "A. Khan"), person(&secrets, "B. Lowe"));
        let waiting = proposed(&first);
        let alone = waiting.approve(&first, (&from, &keys), now());
        assert_eq!(alone.unwrap_err(), ApprovalError::SamePerson);
        for name in ["A. Khan", "A. KHAN", "a.  Khan"] {
            let renewed = waiting.approve(&person(&secrets, name), (&from, &keys), now());
            assert_eq!(renewed.unwrap_err(), ApprovalError::SamePerson, "a second key of the same person");
        }
        let stranger = person(&AgencySecrets::generate(), "C. Other");
        let refused = waiting.approve(&stranger, (&from, &keys), now());
        assert!(matches!(refused, Err(ApprovalError::Certificate(_))));
        // The checker's name with the proposer's signature only.
        let forged = SignedApproval {
            checked_by: second.certificate,
            ..waiting.approve(&person(&secrets, "D."), (&from, &keys), now()).unwrap().signed
        };
        assert!(matches!(forged.verify((&from, &keys), now()), Err(ApprovalError::Document(_))));
    }
}
