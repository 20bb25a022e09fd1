//! The certificate of a disposal: what was destroyed, under which rule and by whose word, with no word of content.
//!
//! Facts are named by number and by the leaf that stays in the agency's log, so that a proof of that log can be held
//! against it ever after.

mod tombstone;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use self::tombstone::Tombstone;
use crate::{
    consent::DecidedBy,
    document::Kind,
    ids::{AgencyId, Digest, Hasher},
    keys::{AgencyKeys, Certificate, CertificateError, PersonKey, SignedCertificate},
    log::{Many, SignedCheckpoint, leaf_hash},
    sign::{Namespace, VerifyingKey},
    signed::{Document, DocumentError, Signed},
};

/// What an agency says about one disposal; its `sign` key signed it, and the two people agreed to it with theirs.
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
    pub agreed: Agreed,
    /// Destroyed again by the list of disposals, after an older backup had been put back.
    pub replayed: bool,
    /// The fact that says so in the log.
    pub tombstone: Tombstone,
    /// What shows that the log has the tombstone, and still has the leaf of each of `facts`.
    pub log: InLog,
    pub facts: Vec<DisposedFact>,
    /// Facts that the two agreed to, and that were not in the backup to be destroyed again.
    pub absent: Vec<DisposedFact>,
    /// How many attachments went with them.
    pub attachments: u32,
    /// Entries kept whole, by number, because they concern another child as well.
    pub kept: Vec<String>,
}

/// Where the tombstone and the facts that were destroyed stand in the agency's log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InLog {
    pub checkpoint: SignedCheckpoint,
    /// The place of the tombstone's leaf, then those of `facts`, in their order; from 0.
    pub places: Vec<u64>,
    pub inclusion: Many,
}

/// A fact by its number and its leaf. Of those that were destroyed the leaf alone is left.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
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

/// What the two people sign: exactly these facts, under this rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agreement {
    pub agency: AgencyId,
    pub rule: String,
    /// When the first of the two proposed it.
    #[serde(deserialize_with = "crate::moment::utc")]
    pub proposed: Timestamp,
    /// By [`digest`].
    pub facts: Digest,
}

impl Document for Agreement {
    const KIND: Kind = Kind { name: "disposal-agreement", version: 1, limit: 4 * 1024 };
    const NAMESPACE: Namespace = Namespace::Disposal;
}

/// Which facts, whatever their order: SHA-256 over a line for each, sorted by bytes, of its number, a space, its leaf and
/// a line feed.
#[must_use]
pub fn digest(facts: impl IntoIterator<Item = DisposedFact>) -> Digest {
    let mut lines: Vec<String> =
        facts.into_iter().map(|DisposedFact { fact, leaf }| format!("{fact} {leaf}\n")).collect();
    lines.sort();
    let mut hasher = Hasher::default();
    lines.iter().for_each(|line| hasher.update(line.as_bytes()));
    hasher.finish()
}

/// Signed by the first, waiting for the second.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proposed {
    pub agreement: Signed<Agreement>,
    pub by: SignedCertificate,
}

/// Signed by both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agreed {
    pub agreement: Signed<Agreement>,
    pub proposed_by: SignedCertificate,
    pub approved_by: SignedCertificate,
}

/// Why a disposal is not to be believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DisposalError {
    #[error(transparent)]
    Document(#[from] DocumentError),
    #[error("a person's certificate does not hold: {0}")]
    Certificate(#[from] CertificateError),
    #[error("one person proposed and approved it; two must")]
    SamePerson,
    #[error("it names other people than those who signed")]
    OtherPeople,
    #[error("the agency's log does not have it: {0}")]
    NotInLog(&'static str),
    #[error("the two people signed, or the log says, something else: another agency, rule or other facts")]
    OtherFacts,
    #[error("what it shows of the tombstone is not what the log has: {0}")]
    Tombstone(&'static str),
}

impl Proposed {
    /// Signs as the first person.
    #[must_use]
    pub fn new(agreement: &Agreement, by: &PersonKey) -> Self {
        Self { agreement: Signed::new(agreement, &by.key), by: by.certificate.clone() }
    }

    /// Signs the same words as the second person.
    ///
    /// # Errors
    /// It is the same person, or one of the two did not sign for the agency `from`.
    pub fn approve(
        &self,
        by: &PersonKey,
        from: (&AgencyId, &AgencyKeys),
        now: Timestamp,
    ) -> Result<Agreed, DisposalError> {
        let second = by.key.sign(Namespace::Disposal, self.agreement.text.as_bytes());
        let both = self.agreement.signature.clone().and(&second);
        let agreed = Agreed {
            agreement: Signed::from_parts(self.agreement.text.clone(), both),
            proposed_by: self.by.clone(),
            approved_by: by.certificate.clone(),
        };
        agreed.verify(from, now)?;
        Ok(agreed)
    }
}

impl Agreed {
    /// What two different people, certified by the agency `from`, agreed to. `at` is when it was approved.
    ///
    /// # Errors
    /// Says what does not hold.
    pub fn verify(
        &self,
        (from, keys): (&AgencyId, &AgencyKeys),
        at: Timestamp,
    ) -> Result<(Agreement, [Certificate; 2]), DisposalError> {
        let claimed = self.agreement.claims()?;
        let first = self.proposed_by.verify(from, keys, claimed.proposed)?;
        let second = self.approved_by.verify(from, keys, at)?;
        if first.is_same_person(&second) {
            return Err(DisposalError::SamePerson);
        }
        self.agreement.verify_by(&first.key)?;
        let says = self.agreement.verify_by(&second.key)?;
        if says.agency == *from { Ok((says, [first, second])) } else { Err(DisposalError::OtherFacts) }
    }
}

impl Signed<Disposal> {
    /// Checks the agency's signature and those of the two people, and that they agreed to just this.
    ///
    /// # Errors
    /// See [`DisposalError`].
    pub fn verify(&self, from: (&AgencyId, &AgencyKeys)) -> Result<Disposal, DisposalError> {
        let disposal = self.verify_by(&from.1.sign)?;
        let (proposed, approved) = (&disposal.proposed_by, &disposal.approved_by);
        let (says, people) = disposal.agreed.verify(from, approved.on)?;
        let named = [proposed, approved];
        if !people.iter().zip(named).all(|(one, by)| (&one.name, &one.role) == (&by.name, &by.role)) {
            return Err(DisposalError::OtherPeople);
        }
        let facts = digest(disposal.facts.iter().chain(&disposal.absent).cloned());
        let same = (&says.agency, &says.rule, says.proposed, says.facts)
            == (&disposal.agency, &disposal.rule, proposed.on, facts);
        if !same {
            return Err(DisposalError::OtherFacts);
        }
        disposal.is_in_log(&from.1.log)?;
        disposal.tombstone.is_of(&disposal)?;
        Ok(disposal)
    }
}

impl Disposal {
    /// The tombstone and each leaf stand in the log at the signed checkpoint.
    fn is_in_log(&self, key: &VerifyingKey) -> Result<(), DisposalError> {
        let InLog { checkpoint, places, inclusion } = &self.log;
        let no = |why| move || DisposalError::NotInLog(why);
        let not_signed = no("its checkpoint is not signed by the agency's log");
        let claimed = checkpoint.claims().map_err(|_| not_signed())?;
        if claimed.origin.agency().as_ref() != Some(&self.agency) {
            return Err(DisposalError::NotInLog("its checkpoint is of another log"));
        }
        let head = checkpoint.verify(&claimed.origin, key).map_err(|_| not_signed())?;
        let leaves = || std::iter::once(&self.tombstone.leaf).chain(self.facts.iter().map(|one| &one.leaf));
        let each: BTreeMap<u64, Digest> =
            places.iter().copied().zip(leaves().map(|leaf| leaf_hash(leaf.as_bytes()))).collect();
        if each.len() != places.len() || places.len() != leaves().count() {
            return Err(DisposalError::NotInLog("it does not say where each leaf stands, once"));
        }
        let held = inclusion.verify(&each, head.size, &head.root);
        held.map_err(|_| DisposalError::NotInLog("a leaf does not stand where it says"))
    }
}

#[cfg(test)]
mod tests;
