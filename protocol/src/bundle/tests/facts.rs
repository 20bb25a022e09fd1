//! Facts behind records that were written by hand, so that they can be proven as those of a casebook are.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::kith::{
    bundle::{Draft, DraftSpan, Evidence, Logged, Mark, Marks, Passage, Place, Reason, Record, RecordProof},
    evidence::{Seed, commit},
    fact::Body,
    ids::{AgencyId, Digest, LogId},
    log::{Checkpoint, Node, Origin, Shown, Tree, leaf_hash},
    sign::SigningKey,
};

/// Puts the records into the sender's log, every `apart`-th fact of it, and their proof into the draft.
pub(super) fn prove(draft: &mut Draft, key: &SigningKey, apart: u64) {
    let leaf = |nth: usize| nth as u64 * apart + 1;
    let records = draft.records.iter_mut().enumerate().map(|(nth, record)| one(leaf(nth), record));
    let (records, commitments): (Vec<_>, Vec<_>) = records.unzip();
    if records.is_empty() {
        return;
    }
    let mut leaves: Vec<Digest> =
        (0..leaf(records.len())).map(|n| leaf_hash(Digest::of(&n.to_be_bytes()).as_bytes())).collect();
    for (proof, commitment) in records.iter().zip(commitments) {
        leaves[proof.leaf as usize] = commitment;
    }
    draft.evidence = Some(in_log(&draft.from.id, key, &leaves, records));
}

/// A log of these leaves, and the proof that some of them are in it.
pub(super) fn in_log(
    agency: &AgencyId,
    key: &SigningKey,
    leaves: &[Digest],
    records: Vec<RecordProof>,
) -> Evidence {
    let size = leaves.len() as u64;
    let mut hashes = BTreeMap::new();
    for (at, leaf) in (0..).zip(leaves) {
        let made = {
            let tree = Tree::new(at, |node: Node| hashes.get(&node).copied().ok_or("missing"));
            tree.unwrap().append(*leaf).unwrap()
        };
        hashes.extend(made);
    }
    let tree = Tree::new(size, |node: Node| hashes.get(&node).copied().ok_or("missing")).unwrap();
    let origin = Origin::of_agency(agency, LogId::from_bytes([7; 16]));
    let checkpoint = Checkpoint { origin, size, root: tree.root().unwrap() }.sign(key).unwrap();
    let shown: BTreeSet<u64> = records.iter().map(|one| one.leaf).collect();
    Evidence {
        log: Shown { checkpoint, grown: Vec::new() },
        inclusion: tree.inclusion_of(&shown).unwrap(),
        records,
    }
}

/// The proof of one record, and the hash of its leaf.
fn one(leaf: u64, record: &mut Record<DraftSpan>) -> (RecordProof, Digest) {
    let mut fact = Fact::default();
    let value = fact.value(record);
    let body = Body::of(&value, &mut |text| fact.cuts.get(text).cloned().unwrap_or_default()).unwrap();
    let seed = Seed::from_bytes([leaf as u8; 32]);
    let files = record.attachments.iter().flatten().copied().collect();
    let logged = Logged { leaf, seed: &seed, body: &body };
    let mut marks = |place, _: &str| fact.marks.get(&place).cloned().unwrap_or_default();
    let (mut shown, proof) = logged.show(&mut marks, &files).unwrap();
    for (shown, person) in shown.people.iter_mut().zip(&record.people) {
        shown.relation.clone_from(&person.relation);
    }
    *record = shown;
    (proof, leaf_hash(commit(&seed, &body).as_bytes()))
}

/// A fact in the making: where its texts are cut, and what is withheld of them.
#[derive(Default)]
pub(super) struct Fact {
    pub(super) cuts: BTreeMap<String, Vec<u8>>,
    pub(super) marks: BTreeMap<Place, Marks>,
    gaps: u32,
}

impl Fact {
    /// The entry as a casebook records it.
    pub(super) fn value(&mut self, record: &Record<DraftSpan>) -> Value {
        let statements = record.statements.iter().enumerate();
        let statements: Vec<Value> = statements
            .map(|(nth, one)| json!({"kind": one.kind, "text": self.text(Place::Statement(nth), &one.text)}))
            .collect();
        let people: Vec<Value> =
            record.people.iter().map(|one| json!({"person": "1-1", "role": one.role})).collect();
        let names = record.people.iter().enumerate();
        let names: Vec<String> = names.map(|(nth, one)| self.text(Place::Person(nth), &one.name)).collect();
        let danger = record.in_danger.as_ref().map(|done| self.text(Place::Danger, done));
        let danger = danger.map_or_else(|| json!("No"), |done| json!({"Yes": {"done": done}}));
        let files = record.attachments.iter().map(|digest| digest.unwrap_or_else(|| Digest::of(b"kept")));
        let files: Vec<Value> = files
            .map(|digest| json!({"name": "a file", "media_type": "image/jpeg", "size": 1, "sha256": digest}))
            .collect();
        json!({
            "id": record.id, "recorded": record.recorded,
            "by": {
                "name": self.text(Place::ByName, &record.recorded_by.name),
                "role": self.text(Place::ByRole, &record.recorded_by.role),
            },
            "fact": {"EntryRecorded": {"entry": {
                "kind": record.kind, "people": people, "happened": record.happened,
                "category": record.category,
                "source": {
                    "name": self.text(Place::SourceName, &record.source.name),
                    "role": self.text(Place::SourceRole, &record.source.role),
                    "agency": self.text(Place::SourceAgency, &record.source.agency),
                },
                "statements": statements, "danger": danger,
                "told": self.text(Place::Told, &record.told), "done": self.text(Place::Done, &record.done),
                "effect": self.text(Place::Effect, &record.effect),
                "significance": record.significance, "attachments": files,
            }, "case": null, "names": names}},
        })
    }

    /// The whole text of a passage, with something in its gaps.
    fn text(&mut self, place: Place, passage: &Passage<DraftSpan>) -> String {
        let (mut whole, mut cut) = (String::new(), Vec::new());
        for span in passage {
            let mark = match span {
                DraftSpan::Text(text) => {
                    whole.push_str(text);
                    cut.extend(pieces(text));
                    continue;
                }
                DraftSpan::Withheld(reason) => Mark::Withhold(Reason::clone(reason)),
                DraftSpan::Undecided { suggested, because, .. } => {
                    Mark::Undecided { suggested: suggested.clone(), because: because.clone() }
                }
            };
            self.gaps += 1;
            let left_out = format!("left out {}", self.gaps);
            let at = whole.len()..whole.len() + left_out.len();
            cut.extend(pieces(&left_out));
            whole.push_str(&left_out);
            self.marks.entry(place).or_default().push((at, mark));
        }
        self.cuts.insert(whole.clone(), cut);
        whole
    }
}

/// Lengths of pieces of at most 60 bytes, after blanks where there are any.
fn pieces(text: &str) -> Vec<u8> {
    let mut lengths: Vec<u8> = Vec::new();
    let mut ended = true;
    for c in text.chars() {
        match lengths.last_mut().filter(|last| !ended && **last < 56) {
            Some(last) => *last += c.len_utf8() as u8,
            None => lengths.push(c.len_utf8() as u8),
        }
        ended = c == ' ';
    }
    lengths
}
