//! The tombstone, opened: that its leaf in the log is a fact which names just this disposal.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Disposal, DisposalError};
use crate::{
    evidence::{Seed, commit},
    fact::Body,
    ids::Digest,
};

/// The fact that says what was destroyed: it holds nothing of that, so it is shown whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tombstone {
    pub fact: String,
    pub leaf: Digest,
    /// The fact's seed and its exact body, which lead to the leaf.
    pub seed: Digest,
    pub body: String,
}

impl Tombstone {
    /// It leads to its leaf, and is the tombstone of this disposal.
    pub(super) fn is_of(&self, disposal: &Disposal) -> Result<(), DisposalError> {
        let unread = |_| DisposalError::Tombstone("it does not read");
        let body = Body::parse(self.body.as_bytes()).map_err(unread)?;
        let says = body.to_value().map_err(unread)?;
        if commit(&Seed::from_bytes(*self.seed.as_bytes()), &body).as_bytes() != self.leaf.as_bytes() {
            return Err(DisposalError::Tombstone("its seed and body do not lead to its leaf"));
        }
        let (first, second) = (&disposal.proposed_by, &disposal.approved_by);
        let facts = disposal.facts.iter().map(|one| one.fact.as_str());
        let absent: Vec<_> = disposal.absent.iter().map(|one| json!([one.fact, one.leaf])).collect();
        let named = [
            ("/id", json!(self.fact)),
            ("/fact/Disposed/proposed_by", json!({ "name": first.name, "role": first.role })),
            ("/fact/Disposed/approved_by", json!({ "name": second.name, "role": second.role })),
            ("/fact/Disposed/approved", json!(second.on)),
            ("/fact/Disposed/facts", json!(runs(facts))),
            ("/fact/Disposed/kept", json!(runs(disposal.kept.iter().map(String::as_str)))),
            ("/fact/Disposed/attachments", json!(disposal.attachments)),
            ("/fact/Disposed/replayed", json!(disposal.replayed)),
            ("/fact/Disposed/agreed/agreement/text", json!(disposal.agreed.agreement.text)),
        ];
        let names = |(path, wanted): &(&str, Value)| says.pointer(path) == Some(wanted);
        let same =
            says.pointer("/fact/Disposed/absent").map_or(absent.is_empty(), |one| *one == json!(absent));
        if same && named.iter().all(names) {
            return Ok(());
        }
        Err(DisposalError::OtherFacts)
    }
}

/// Numbers of facts in order, as a tombstone writes them: `1-4..9,1-12`. None when one is no such number.
fn runs<'a>(facts: impl Iterator<Item = &'a str>) -> Option<String> {
    let number = |fact: &str| {
        let (device, seq) = fact.split_once('-')?;
        Some((device.parse::<u16>().ok()?, seq.parse::<u64>().ok()?))
    };
    let mut numbers = facts.map(number).collect::<Option<Vec<_>>>()?;
    numbers.sort_unstable();
    let mut runs: Vec<(u16, u64, u64)> = Vec::new();
    for (device, seq) in numbers {
        match runs.last_mut() {
            Some((same, _, last)) if *same == device && last.checked_add(1) == Some(seq) => *last = seq,
            _ => runs.push((device, seq, seq)),
        }
    }
    let written = runs.iter().map(|(device, first, last)| match first == last {
        true => format!("{device}-{first}"),
        false => format!("{device}-{first}..{last}"),
    });
    Some(written.collect::<Vec<_>>().join(","))
}
