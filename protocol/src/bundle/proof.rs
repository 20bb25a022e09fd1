//! That the words of a bundle's records are the recorded words: proven by the sender's log.

use std::{collections::BTreeMap, fmt};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    Bundle, Passage, Record, Span,
    fields::{self, words},
};
use crate::{
    consent::RecordId,
    directory::{Directory, Member},
    evidence::{Commitment, Proof, ProofError, Revealed},
    log::{CheckpointError, Many, Origin, PathError, Policy, Shown, WITNESSES, Witnessed, leaf_hash},
    page::moment,
};

/// What proves the records: they stand in facts, and the facts in the sender's log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// The log as its owner signed it, and that it grew from what this recipient may have seen.
    pub log: Shown,
    /// That all the facts stand in it.
    pub inclusion: Many,
    /// For each record, in order.
    pub records: Vec<RecordProof>,
}

/// What proves one record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordProof {
    /// The number of its fact in the log, from 0.
    pub leaf: u64,
    /// Whether the fact amended an entry; else it recorded one.
    pub amended: bool,
    pub proof: Proof,
}

/// Why the records are not proven. The sender signed this bundle: it is the sender's to explain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unproven {
    #[error("it has {records} records and proofs for {proofs}")]
    Count { records: usize, proofs: usize },
    #[error("the sender's checkpoint does not hold: {0}")]
    Checkpoint(#[from] CheckpointError),
    #[error("its log is not the sender's")]
    OtherLog,
    #[error("record {number} does not fit its proof: {error}")]
    Record { number: usize, error: ProofError },
    #[error("two of its records are of one fact")]
    Twice,
    #[error("its records are not what the sender's log holds, at least one of them was changed: {0}")]
    NotInLog(PathError),
}

/// What is proven of a bundle's records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proven {
    /// The log, and how many facts it had.
    pub origin: Origin,
    pub size: u64,
    /// The facts that the records are of, by number from 1, in the order of the records.
    pub facts: Vec<u64>,
    /// The records, as their sender numbers them, in the same order.
    pub records: Vec<RecordId>,
    /// Who else signed the log as it stood.
    pub witnessed: Option<Witnessed>,
}

impl Evidence {
    /// What each record reveals of its fact.
    pub(super) fn reveal(&self, records: &[Record<Span>]) -> Result<Vec<Revealed>, Unproven> {
        if self.records.len() != records.len() {
            return Err(Unproven::Count { records: records.len(), proofs: self.records.len() });
        }
        let each = (1..).zip(records.iter().zip(&self.records)).map(|(number, (record, proof))| {
            let words = words(record, proof.amended);
            proof.proof.reveal_all(words).map_err(|error| Unproven::Record { number, error })
        });
        each.collect()
    }

    /// What the fact of each record commits to, by leaf.
    fn leaves(&self, revealed: &[Revealed]) -> Result<BTreeMap<u64, Commitment>, Unproven> {
        let each = self.records.iter().zip(revealed);
        let leaves: BTreeMap<_, _> = each.map(|(one, revealed)| (one.leaf, *revealed.commitment())).collect();
        if leaves.len() == self.records.len() { Ok(leaves) } else { Err(Unproven::Twice) }
    }

    fn prove(&self, records: &[Record<Span>], sender: &Member) -> Result<Proven, Unproven> {
        let origin = self.log.checkpoint.claims()?.origin;
        if origin.agency().as_ref() != Some(&sender.id) {
            return Err(Unproven::OtherLog);
        }
        let checkpoint = self.log.checkpoint.verify(&origin, &sender.keys.log)?;
        let leaves = self.leaves(&self.reveal(records)?)?;
        let hashes = leaves.into_iter().map(|(leaf, commitment)| (leaf, leaf_hash(commitment.as_bytes())));
        self.inclusion
            .verify(&hashes.collect(), checkpoint.size, &checkpoint.root)
            .map_err(Unproven::NotInLog)?;
        let facts = self.records.iter().map(|one| one.leaf + 1).collect();
        let records = records.iter().map(|record| record.id.clone()).collect();
        Ok(Proven { origin, size: checkpoint.size, facts, records, witnessed: None })
    }
}

impl Bundle {
    /// Checks that the records are in the sender's log, word for word. None when there are no records.
    ///
    /// # Errors
    /// See [`Unproven`].
    pub(super) fn prove(&self, sender: &Member) -> Result<Option<Proven>, Unproven> {
        match &self.evidence {
            Some(evidence) => evidence.prove(&self.records, sender).map(Some),
            None if self.records.is_empty() => Ok(None),
            None => Err(Unproven::Count { records: self.records.len(), proofs: 0 }),
        }
    }

    /// What a record reveals of its fact, by its place; none when there is no such record.
    pub(crate) fn revealed(&self, at: usize) -> Result<Option<Revealed>, Unproven> {
        let proof = self.evidence.as_ref().and_then(|evidence| evidence.records.get(at));
        let Some((record, proof)) = self.records.get(at).zip(proof) else { return Ok(None) };
        let revealed = proof.proof.reveal_all(words(record, proof.amended));
        revealed.map(Some).map_err(|error| Unproven::Record { number: at + 1, error })
    }

    /// The path of each field of the fact that a record is of, in order.
    pub(crate) fn paths(&self, at: usize) -> Vec<String> {
        let proof = self.evidence.as_ref().and_then(|evidence| evidence.records.get(at));
        let words = self.records.get(at).zip(proof).map(|(record, proof)| words(record, proof.amended));
        words.into_iter().flatten().map(|one| one.path.into_owned()).collect()
    }

    /// The texts of a record, or of a copy of it, each with its path in the fact.
    pub(crate) fn texts_mut<'r>(
        &self,
        at: usize,
        record: &'r mut Record<Span>,
    ) -> Vec<(String, &'r mut Passage<Span>)> {
        let proof = self.evidence.as_ref().and_then(|evidence| evidence.records.get(at));
        let paths = fields::paths(proof.is_some_and(|proof| proof.amended));
        let texts = fields::passages_mut(record).into_iter();
        texts.map(|(place, passage)| (paths.of(place), passage)).collect()
    }

    /// Who else signed the sender's log, of the directory's witnesses.
    pub(super) fn witnessed(
        &self,
        directory: &Directory,
        now: Timestamp,
    ) -> Result<Option<Witnessed>, Unproven> {
        let policy = Policy::for_agency(directory, &self.from.id);
        let checkpoint = self.evidence.as_ref().map(|evidence| &evidence.log.checkpoint);
        Ok(policy.zip(checkpoint).map(|(policy, checkpoint)| policy.judge(checkpoint, now)).transpose()?)
    }
}

impl Proven {
    /// Since when the log as it stood is witnessed. Each of the records was recorded no later than that.
    #[must_use]
    pub fn since(&self) -> Option<Timestamp> {
        self.witnessed.as_ref()?.standing().since()
    }

    /// Who has witnessed it, in words.
    #[must_use]
    pub fn witnesses(&self) -> String {
        let said = match &self.witnessed {
            Some(witnessed) if !witnessed.by.is_empty() => sentence(witnessed),
            _ => format!(
                "Not witnessed by anybody else yet, and {WITNESSES} are asked: the sender's word alone says that the log was not written anew."
            ),
        };
        match self.since() {
            Some(_) => said,
            None => format!("{said} By when the records were recorded is the sender's word too."),
        }
    }

    /// By when each record was recorded, as others than the sender know it, in words; none where they do not.
    #[must_use]
    pub fn no_later(&self) -> Option<String> {
        let (since, facts) = (moment(self.since()?), runs(&self.facts));
        Some(format!(
            "Each record shown was recorded no later than {since}, when the log that holds it was witnessed: fact {facts}."
        ))
    }
}

/// A sentence of what begins in the middle of one.
fn sentence(said: &impl fmt::Display) -> String {
    let said = said.to_string();
    let mut rest = said.chars();
    rest.next().map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), rest.as_str()))
}

impl fmt::Display for Proven {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let several = self.facts.len() > 1;
        write!(
            f,
            "The words shown are the recorded words, in their order, of {} {} of the log {} as it stood at {} facts.",
            if several { "facts" } else { "fact" },
            runs(&self.facts),
            self.origin,
            self.size
        )
    }
}

/// Numbers in order, neighbours as one run: `3, 7\u{2013}9`.
fn runs(numbers: &[u64]) -> String {
    let mut sorted = numbers.to_vec();
    sorted.sort_unstable();
    let runs = sorted.chunk_by(|before, after| before + 1 == *after);
    let each = runs.filter_map(|run| match (run.first()?, run.last()?) {
        (first, last) if first == last => Some(first.to_string()),
        (first, last) => Some(format!("{first}\u{2013}{last}")),
    });
    each.collect::<Vec<_>>().join(", ")
}
