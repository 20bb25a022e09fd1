//! The certificate of a disposal: what was destroyed, under which rule and by whose word, with no word of content.
//!
//! Facts are named by number and by the leaf that stays in the agency's log, so that a proof of that log can be held
//! against it ever after.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

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
    pub tombstone: DisposedFact,
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
    #[error("the two people signed for something else: another agency, rule or other facts")]
    OtherFacts,
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
        let facts = || std::iter::once(&self.tombstone).chain(&self.facts);
        let each: BTreeMap<u64, Digest> =
            places.iter().copied().zip(facts().map(|one| leaf_hash(one.leaf.as_bytes()))).collect();
        if each.len() != places.len() || places.len() != facts().count() {
            return Err(DisposalError::NotInLog("it does not say where each leaf stands, once"));
        }
        let held = inclusion.verify(&each, head.size, &head.root);
        held.map_err(|_| DisposalError::NotInLog("a leaf does not stand where it says"))
    }
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan as _;

    use super::*;
    use crate::{
        ids::LogId,
        keys::{AgencySecrets, generate_signing},
        log::{Checkpoint, Node, Origin, Tree},
        sign::SigningKey,
    };

    fn agency() -> AgencySecrets {
        AgencySecrets { log: log_key(), ..AgencySecrets::generate() }
    }

    fn now() -> Timestamp {
        "2026-11-20T10:00:00Z".parse().unwrap()
    }

    fn person(secrets: &AgencySecrets, name: &str) -> PersonKey {
        let key = generate_signing();
        let certificate = Certificate {
            agency: "elm-park".parse().unwrap(),
            name: name.into(),
            role: "DSL".into(),
            key: key.public(),
            from: now(),
            until: now() + 24.hours(),
        };
        PersonKey { key, certificate: certificate.sign(&secrets.sign) }
    }

    fn facts() -> Vec<DisposedFact> {
        [("1-10", "ten"), ("1-4", "four")]
            .map(|(fact, leaf)| DisposedFact { fact: fact.into(), leaf: Digest::of(leaf.as_bytes()) })
            .into()
    }

    fn tombstone() -> DisposedFact {
        DisposedFact { fact: "1-12".into(), leaf: Digest::of(b"twelve") }
    }

    fn log_key() -> SigningKey {
        SigningKey::from_seed(&[2; 32])
    }

    /// A log that has these, the first last, as a tombstone comes after what it tells of.
    fn in_log(facts: &[DisposedFact]) -> InLog {
        let places: Vec<u64> =
            (0..facts.len() as u64).map(|n| (n + facts.len() as u64 - 1) % facts.len() as u64).collect();
        let mut hashes = BTreeMap::new();
        for at in 0..facts.len() as u64 {
            let here = places.iter().position(|place| *place == at).unwrap();
            let made = {
                let tree = Tree::new(at, |node: Node| hashes.get(&node).copied().ok_or("missing")).unwrap();
                tree.append(leaf_hash(facts[here].leaf.as_bytes())).unwrap()
            };
            hashes.extend(made);
        }
        let size = facts.len() as u64;
        let tree = Tree::new(size, |node: Node| hashes.get(&node).copied().ok_or("missing")).unwrap();
        let origin = Origin::of_agency(&"elm-park".parse().unwrap(), LogId::from_bytes([7; 16]));
        let checkpoint = Checkpoint { origin, size, root: tree.root().unwrap() }.sign(&log_key()).unwrap();
        let inclusion = tree.inclusion_of(&places.iter().copied().collect()).unwrap();
        InLog { checkpoint, places, inclusion }
    }

    fn proposed(by: &PersonKey) -> Proposed {
        let agreement = Agreement {
            agency: "elm-park".parse().unwrap(),
            rule: "pupil-file".into(),
            proposed: now(),
            facts: digest(facts()),
        };
        Proposed::new(&agreement, by)
    }

    fn certificate(agreed: Agreed) -> Disposal {
        let by = |name: &str, on| DecidedBy { name: name.into(), role: "DSL".into(), on };
        Disposal {
            agency: "elm-park".parse().unwrap(),
            agency_name: "Elm Park Primary".into(),
            rule: "pupil-file".into(),
            rule_words: "date of birth and 25 years".into(),
            rule_source: "toolkit".into(),
            proposed_by: by("A. Khan", now()),
            approved_by: by("B. Osei", now() + 1.hours()),
            agreed,
            replayed: false,
            tombstone: tombstone(),
            log: in_log(&[tombstone(), facts()[0].clone(), facts()[1].clone()]),
            facts: facts(),
            absent: Vec::new(),
            attachments: 1,
            kept: vec!["1-5".into()],
        }
    }

    #[test]
    fn a_certificate_is_believed_when_the_agency_and_both_people_signed_just_this() {
        let (secrets, from) = (agency(), "elm-park".parse().unwrap());
        let keys = secrets.public();
        let (first, second) = (person(&secrets, "A. Khan"), person(&secrets, "B. Osei"));
        let agreed = proposed(&first).approve(&second, (&from, &keys), now() + 1.hours()).unwrap();
        let good = certificate(agreed.clone());
        let judged = |one: &Disposal| SignedDisposal::new(one, &secrets.sign).verify((&from, &keys));
        assert_eq!(judged(&good), Ok(good.clone()));
        // An older backup held one of the two: the other was not there to be destroyed again.
        let again = Disposal {
            replayed: true,
            facts: facts()[1..].into(),
            absent: facts()[..1].into(),
            log: in_log(&[tombstone(), facts()[1].clone()]),
            ..good.clone()
        };
        assert_eq!(judged(&again), Ok(again.clone()));

        // The log must have the tombstone and each leaf, where it says and by its own key.
        let elsewhere = |change: &dyn Fn(&mut Disposal)| {
            let mut other = good.clone();
            change(&mut other);
            judged(&other)
        };
        for change in [
            &(|one: &mut Disposal| one.tombstone.leaf = Digest::of(b"another")) as &dyn Fn(&mut Disposal),
            &|one| one.log.places.swap(0, 1),
            &|one| one.log.places.truncate(2),
            &|one| one.log.places[2] = one.log.places[1],
            &|one| {
                let text = serde_json::to_string(&one.log.checkpoint).unwrap();
                one.log.checkpoint = serde_json::from_str(&text.replacen("\\n3\\n", "\\n4\\n", 1)).unwrap();
            },
            &|one| {
                let text = serde_json::to_string(&one.log.checkpoint).unwrap();
                one.log.checkpoint = serde_json::from_str(&text.replace("elm-park", "ash-park")).unwrap();
            },
        ] {
            assert!(matches!(elsewhere(change), Err(DisposalError::NotInLog(_))), "{:?}", elsewhere(change));
        }
        let fewer = Disposal { facts: facts()[1..].into(), ..good.clone() };
        assert_eq!(judged(&fewer), Err(DisposalError::OtherFacts));
        let other = Disposal { rule: "staff-file".into(), ..good.clone() };
        assert_eq!(judged(&other), Err(DisposalError::OtherFacts));
        let named = DecidedBy { name: "C. Other".into(), ..good.approved_by.clone() };
        assert_eq!(judged(&Disposal { approved_by: named, ..good.clone() }), Err(DisposalError::OtherPeople));
        let alone = Agreed { approved_by: first.certificate.clone(), ..agreed.clone() };
        assert_eq!(judged(&certificate(alone)), Err(DisposalError::SamePerson));
        let unsigned = Agreed { agreement: proposed(&first).agreement, ..agreed };
        assert!(matches!(judged(&certificate(unsigned)), Err(DisposalError::Document(_))));
        let stranger = SignedDisposal::new(&good, &generate_signing()).verify((&from, &keys));
        assert!(matches!(stranger, Err(DisposalError::Document(_))));
    }

    #[test]
    fn one_person_alone_or_a_stranger_is_not_two() {
        let (secrets, from) = (AgencySecrets::generate(), "elm-park".parse().unwrap());
        let keys = secrets.public();
        let first = person(&secrets, "A. Khan");
        let waiting = proposed(&first);
        for same in [&first, &person(&secrets, "A. Khan")] {
            assert_eq!(waiting.approve(same, (&from, &keys), now()), Err(DisposalError::SamePerson));
        }
        let stranger = person(&AgencySecrets::generate(), "C. Other");
        let refused = waiting.approve(&stranger, (&from, &keys), now());
        assert!(matches!(refused, Err(DisposalError::Certificate(_))));
    }
}
