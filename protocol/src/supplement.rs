//! A supplement: words that a bundle withheld, released later. It fits that bundle and no other, and is sealed as it was.

mod fill;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    bundle::{Bundle, Record, Span, Unproven},
    consent::{DecidedBy, RecordId},
    directory::{CLOCK_SKEW, Directories},
    document::Kind,
    envelope::member,
    evidence::{Disclosure, Part, Proof, ProofError, Revealed, Words},
    fact,
    ids::{AgencyId, SealId},
    keys::{PersonKey, SignedCertificate},
    sign::{Namespace, SigningKey},
    signed::{Document, DocumentError, Signed},
};

/// Longest supplement, in bytes.
pub const MAX_SUPPLEMENT: usize = 1 << 20;

/// What is released, of which bundle, on whose decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Supplement {
    pub from: AgencyId,
    pub to: AgencyId,
    /// The bundle's seal id.
    pub seal_id: SealId,
    /// The record in it.
    pub record: RecordId,
    /// On which order, or for which reason, it is released.
    pub order: String,
    pub decided_by: DecidedBy,
    /// The named person who releases it; their signature stands beside the agency's.
    pub signed_by: SignedCertificate,
    pub proof: Proof,
    pub words: Vec<Released>,
}

/// Words of one field, as in a disclosure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Released {
    pub path: String,
    pub kind: fact::Kind,
    pub parts: Vec<ReleasedPart>,
}

/// A stretch that is released, or the place of what still is not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReleasedPart {
    Text(String),
    Withheld,
}

impl Document for Supplement {
    const KIND: Kind = Kind { name: "supplement", version: 1, limit: MAX_SUPPLEMENT };
    const NAMESPACE: Namespace = Namespace::Supplement;
}

/// A supplement, signed by its agency and by the person who releases.
pub type SignedSupplement = Signed<Supplement>;

/// Why a supplement was not put beside a bundle.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Misfit {
    #[error("the supplement is not to be believed: {0}")]
    Document(#[from] DocumentError),
    #[error("the supplement is of another bundle: its {field} is not that of this one")]
    Other { field: &'static str },
    #[error("the bundle has no record {0}")]
    NoRecord(RecordId),
    #[error("what it releases is not what was recorded there: {0}")]
    Proof(#[from] ProofError),
    #[error("the bundle's own records are not proven: {0}")]
    Bundle(#[from] Unproven),
    #[error("it releases nothing that was still withheld")]
    Nothing,
}

/// Words that were released, for programs: which, where, and on whose decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReleasedWords {
    pub record: RecordId,
    /// Which of the bundle's records that is, from 1.
    pub number: usize,
    /// The text in the record, as a JSON pointer (RFC 6901); else the path in the fact.
    pub field: String,
    /// What was released of it, stretch by stretch.
    pub texts: Vec<String>,
    pub order: String,
    pub decided_by: DecidedBy,
}

/// A bundle's record with the released words in their places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fitted {
    /// Which of the bundle's records, from 1.
    pub number: usize,
    pub record: Record<Span>,
    pub supplement: Supplement,
}

impl Fitted {
    /// What was released, field by field, of the bundle that it was fitted to.
    #[must_use]
    pub fn words(&self, bundle: &Bundle) -> Vec<ReleasedWords> {
        let Supplement { record, order, decided_by, words, .. } = &self.supplement;
        let text = |part: &ReleasedPart| match part {
            ReleasedPart::Text(text) => Some(text.clone()),
            ReleasedPart::Withheld => None,
        };
        let each = words.iter().map(|one| ReleasedWords {
            record: record.clone(),
            number: self.number,
            field: bundle.pointer(self.number.saturating_sub(1), &one.path),
            texts: one.parts.iter().filter_map(text).collect(),
            order: order.clone(),
            decided_by: decided_by.clone(),
        });
        each.filter(|one| !one.texts.is_empty()).collect()
    }
}

impl From<Disclosure<'_>> for (Proof, Vec<Released>) {
    fn from(disclosure: Disclosure<'_>) -> Self {
        let words = disclosure.words.into_iter().map(|one| Released {
            path: one.path.into_owned(),
            kind: one.kind,
            parts: (one.parts.into_iter())
                .map(|part| match part {
                    Part::Text(text) => ReleasedPart::Text(text.into_owned()),
                    Part::Withheld => ReleasedPart::Withheld,
                })
                .collect(),
        });
        (disclosure.proof, words.collect())
    }
}

impl Released {
    fn words(&self) -> Words<'_> {
        let part = |part: &'_ ReleasedPart| match part {
            ReleasedPart::Text(text) => Part::Text(text.clone().into()),
            ReleasedPart::Withheld => Part::Withheld,
        };
        let parts = self.parts.iter().map(part).collect();
        Words { path: self.path.as_str().into(), kind: self.kind, parts }
    }
}

impl Supplement {
    fn revealed(&self) -> Result<Revealed, ProofError> {
        let words: Vec<Words<'_>> = self.words.iter().map(Released::words).collect();
        self.proof.reveal(&words)
    }
}

/// The bundle's records with the words of supplements in their places. They were fitted to it one after the other.
///
/// # Errors
/// They do not fit.
pub fn with_released(bundle: &Bundle, fitted: &[Supplement]) -> Result<Vec<Record<Span>>, Misfit> {
    let mut records = bundle.records.clone();
    for (at, one) in fitted.iter().enumerate() {
        let (number, record) = fill::record(bundle, fitted.get(..at).unwrap_or_default(), one)?;
        if let Some(place) = records.get_mut(number - 1) {
            *place = record;
        }
    }
    Ok(records)
}

/// Fits several to one bundle: in the order given or, where one then releases nothing new, in another in which each does.
///
/// # Errors
/// Which of them, by its place among those given, does not fit, and why.
pub fn fit_all(
    bundle: &Bundle,
    signed: &[SignedSupplement],
    directories: Directories<'_>,
    now: Timestamp,
) -> Result<Vec<Fitted>, (usize, Misfit)> {
    let each = signed.iter().enumerate().map(|(at, one)| {
        one.verify(directories, now)
            .map_err(Misfit::from)
            .and_then(|one| of(bundle, one))
            .map_err(|why| (at, why))
    });
    let each = each.collect::<Result<Vec<_>, _>>()?;
    let given: Vec<usize> = (0..each.len()).collect();
    match in_order(bundle, &each, &given) {
        Err((_, Misfit::Nothing)) if each.len() > 1 => in_order(bundle, &each, &an_order(bundle, &each)?),
        fitted => fitted,
    }
}

fn in_order(bundle: &Bundle, each: &[Supplement], order: &[usize]) -> Result<Vec<Fitted>, (usize, Misfit)> {
    let mut fitted: Vec<Fitted> = Vec::new();
    let mut earlier = Vec::new();
    for (&at, supplement) in order.iter().filter_map(|at| Some((at, each.get(*at)?))) {
        let (number, record) = fill::record(bundle, &earlier, supplement).map_err(|why| (at, why))?;
        earlier.push(supplement.clone());
        fitted.push(Fitted { number, record, supplement: supplement.clone() });
    }
    Ok(fitted)
}

/// An order in which each releases something that those before it did not. What releases something that no other does may
/// always come last, so it is found from its end.
fn an_order(bundle: &Bundle, each: &[Supplement]) -> Result<Vec<usize>, (usize, Misfit)> {
    let mut left: Vec<usize> = (0..each.len()).collect();
    let mut order = Vec::new();
    while let Some(&least) = left.last() {
        let mut last = Err((least, Misfit::Nothing));
        for (&at, one) in left.iter().rev().filter_map(|at| Some((at, each.get(*at)?))) {
            let others = left.iter().filter(|other| **other != at);
            let others: Vec<Supplement> = others.filter_map(|other| each.get(*other).cloned()).collect();
            match fill::record(bundle, &others, one) {
                Ok(_) => last = Ok(at),
                Err(Misfit::Nothing) => continue,
                Err(why) => last = Err((at, why)),
            }
            break;
        }
        let last = last?;
        left.retain(|at| *at != last);
        order.push(last);
    }
    order.reverse();
    Ok(order)
}

/// It, if it is to this very bundle.
fn of(bundle: &Bundle, supplement: Supplement) -> Result<Supplement, Misfit> {
    for (same, field) in [
        (supplement.from == bundle.from.id, "sender"),
        (supplement.to == bundle.to.id, "recipient"),
        (supplement.seal_id == bundle.seal_id, "seal id"),
    ] {
        if !same {
            return Err(Misfit::Other { field });
        }
    }
    Ok(supplement)
}

impl Signed<Supplement> {
    /// Signs with the agency's key and the person's.
    #[must_use]
    pub fn release(supplement: &Supplement, agency: &SigningKey, person: &PersonKey) -> Self {
        let one = Self::new(supplement, agency);
        let both = one.signature.and(&person.key.sign(Namespace::Supplement, one.text.as_bytes()));
        Self::from_parts(one.text, both)
    }

    /// Checks both signatures, then that it releases words of `bundle`, which was verified before, and puts them in.
    ///
    /// # Errors
    /// See [`Misfit`].
    pub fn fit<'a>(
        &self,
        bundle: &Bundle,
        directories: impl Into<Directories<'a>>,
        now: Timestamp,
    ) -> Result<Fitted, Misfit> {
        self.fit_after(bundle, &[], directories, now)
    }

    /// As [`Self::fit`], after others to the same bundle: they were fitted before, and their words stand in it too.
    ///
    /// # Errors
    /// See [`Misfit`].
    pub fn fit_after<'a>(
        &self,
        bundle: &Bundle,
        earlier: &[Supplement],
        directories: impl Into<Directories<'a>>,
        now: Timestamp,
    ) -> Result<Fitted, Misfit> {
        let supplement = of(bundle, self.verify(directories.into(), now)?)?;
        let (number, record) = fill::record(bundle, earlier, &supplement)?;
        Ok(Fitted { number, record, supplement })
    }

    fn verify(&self, directories: Directories<'_>, now: Timestamp) -> Result<Supplement, DocumentError> {
        let claimed = self.claims()?;
        let on = claimed.decided_by.on;
        let supplement = directories.judge(on, |directory| {
            let sender = member(directory, &claimed.from)?;
            let supplement = self.verify_by(&sender.keys.sign)?;
            let person = supplement.signed_by.verify(&supplement.from, &sender.keys, on)?;
            person.key.verify(Namespace::Supplement, self.text.as_bytes(), &self.signature)?;
            Ok::<_, DocumentError>(supplement)
        })?;
        if on.duration_since(now) > CLOCK_SKEW {
            return Err(DocumentError::FromTheFuture);
        }
        Ok(supplement)
    }
}

#[cfg(test)]
mod tests;
