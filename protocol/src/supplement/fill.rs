//! Putting released words where the bundle has gaps.

use super::{Misfit, Supplement};
use crate::{
    bundle::{Bundle, Passage, Reason, Record, Span},
    evidence::{ProofError, Revealed},
};

/// The record that a supplement is of, with what it and those before it release, and its number from 1.
pub(super) fn record(
    bundle: &Bundle,
    earlier: &[Supplement],
    supplement: &Supplement,
) -> Result<(usize, Record<Span>), Misfit> {
    let id = &supplement.record;
    let at = bundle.records.iter().position(|record| record.id == *id);
    let at = at.ok_or_else(|| Misfit::NoRecord(id.clone()))?;
    let missing = || Misfit::NoRecord(id.clone());
    let mut record = bundle.records.get(at).cloned().ok_or_else(missing)?;
    let sent = bundle.revealed(at)?.ok_or_else(missing)?;
    let joined = |known: Revealed, one: &Supplement| {
        known.join(one.revealed()?).map_err(|_| Misfit::Proof(ProofError::OtherFact))
    };
    let before = earlier.iter().filter(|one| one.record == *id).try_fold(sent.clone(), joined)?;
    let after = joined(before.clone(), supplement)?;
    let paths = bundle.paths(at);
    if after.fields().iter().any(|field| paths.get(field.at) != Some(&field.path)) {
        return Err(Misfit::Proof(ProofError::OtherFields));
    }
    if after.known() == before.known() {
        return Err(Misfit::Nothing);
    }
    for (path, passage) in bundle.texts_mut(at, &mut record) {
        let (was, is) = (sent.segments(&path), after.segments(&path));
        if let Some(now) = is.filter(|now| was.as_ref() != Some(now)) {
            *passage = filled(passage, was, &now);
        }
    }
    Ok((at + 1, record))
}

/// The passage as it is now; a gap that stays keeps its reason.
fn filled(passage: &Passage<Span>, before: Option<Vec<Option<&str>>>, now: &[Option<&str>]) -> Passage<Span> {
    let before = before.unwrap_or_else(|| vec![None; now.len()]);
    let mut gaps = reasons(passage).into_iter();
    let (mut reason, mut in_gap) = (None, false);
    let mut spans = Passage::new();
    for (was, is) in before.iter().zip(now) {
        if was.is_none() && !in_gap {
            reason = gaps.next();
        }
        in_gap = was.is_none();
        match (is, reason, spans.last_mut()) {
            (Some(text), _, Some(Span::Text(before))) => before.push_str(text),
            (Some(text), ..) => spans.push(Span::Text((*text).to_owned())),
            (None, _, Some(Span::Withheld(_))) | (None, None, _) => {}
            (None, Some(reason), _) => spans.push(Span::Withheld(reason.clone())),
        }
    }
    spans
}

/// The reason of each gap; of several that stand side by side the first.
fn reasons(passage: &Passage<Span>) -> Vec<&Reason> {
    let (mut reasons, mut in_gap) = (Vec::new(), false);
    for span in passage {
        match span {
            Span::Withheld(reason) if !in_gap => {
                reasons.push(reason);
                in_gap = true;
            }
            Span::Withheld(_) => {}
            Span::Text(_) => in_gap = false,
        }
    }
    reasons
}
