//! Ties in words: `his older sister`, `her mum's partner`, `step-dad`. They tell who it is to those who know the child.

use std::ops::Range;

use super::words::{Word, words};
use crate::casework::person::RelationKind::{
    self, AuntOrUncle, Father, FosterCarer, Grandparent, HalfSibling, Mother, ParentsPartner, Sibling,
    StepParent,
};

/// A tie, where it stands, and what it may be in the casebook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tied {
    pub(super) at: Range<usize>,
    pub(super) kinds: &'static [RelationKind],
    pub(super) child: bool,
    /// A parent of whoever stands first; says nothing when that is the child.
    pub(super) parent: bool,
    pub(super) owner: Range<usize>,
}

/// Whom a word speaks of. Parents are left out: that a child has a mother tells nothing.
const KIN: [(&[&str], &[RelationKind], bool); 8] = [
    (
        &["sister", "sisters", "brother", "brothers", "sibling", "siblings", "twin"],
        &[Sibling, HalfSibling],
        true,
    ),
    (&["halfsister", "halfbrother", "stepsister", "stepbrother"], &[HalfSibling, Sibling], true),
    (&["cousin", "cousins", "niece", "nephew"], &[], true),
    (
        &[
            "nan",
            "nana",
            "nanna",
            "nanny",
            "gran",
            "granny",
            "grandma",
            "grandmother",
            "grandad",
            "grandpa",
            "grandfather",
            "granddad",
        ],
        &[Grandparent],
        false,
    ),
    (&["aunt", "auntie", "aunty", "uncle"], &[AuntOrUncle], false),
    (&["stepdad", "stepfather", "stepmum", "stepmother", "stepparent"], &[StepParent, ParentsPartner], false),
    (
        &[
            "partner",
            "boyfriend",
            "girlfriend",
            "husband",
            "wife",
            "ex",
            "sisterinlaw",
            "brotherinlaw",
            "motherinlaw",
            "fatherinlaw",
        ],
        &[ParentsPartner, StepParent],
        false,
    ),
    (&["mum", "mother", "dad", "father", "son", "daughter"], &[Mother, Father, FosterCarer], false),
];
/// The last of [`KIN`] speaks of the child's parents, unless it is somebody else's.
const PARENTS: usize = 7;
const OWNERS: [&str; 6] = ["his", "her", "their", "my", "the", "your"];
const BETWEEN: [&str; 14] = [
    "older", "elder", "eldest", "oldest", "younger", "youngest", "big", "little", "baby", "twin", "new",
    "late", "great", "other",
];
/// Most words between the owner and the kin.
const MOST: usize = 3;

/// Is the text a tie and nothing else? Such words stand everywhere, and name nobody by themselves.
pub(in crate::sharing) fn is_tie(text: &str) -> bool {
    ties(&words(text)).iter().any(|tied| tied.at == (0..text.len()))
}

/// Does the word speak of somebody by a tie, such as `mum` in `Mum's partner`?
pub(super) fn is_kin(word: &Word<'_>) -> bool {
    KIN.iter().any(|(all, ..)| all.contains(&word.plain.as_str()))
}

pub(super) fn ties(words: &[Word<'_>]) -> Vec<Tied> {
    let mut found: Vec<Tied> = Vec::new();
    let mut from = 0;
    while from < words.len() {
        match tie(words, from) {
            Some((end, tied)) => {
                found.push(tied);
                from = end;
            }
            None => from += 1,
        }
    }
    found
}

/// An owner, words such as `older`, and the kin: `his older sister`, `Mum's partner`, `the step-dad`.
fn tie(words: &[Word<'_>], from: usize) -> Option<(usize, Tied)> {
    let first = words.get(from)?;
    let parent =
        KIN.get(PARENTS).is_some_and(|(all, ..)| all.contains(&first.plain.as_str())) && first.possessive;
    let article = first.plain == "the";
    // A name's possessive: somebody else's kin, or the child's.
    let named = first.possessive && first.capital && !parent;
    if !(OWNERS.contains(&first.plain.as_str()) || parent || named) {
        return None;
    }
    let mut at = from + 1;
    let mut qualified = false;
    // `her mum's partner`
    if let Some(next) = words.get(at).filter(|next| next.possessive && next.gap == " ")
        && is_kin(next)
    {
        at += 1;
        qualified = true;
    }
    for _ in 0..MOST {
        let Some(next) = words.get(at).filter(|next| next.goes_on()) else { break };
        if !BETWEEN.contains(&next.plain.as_str()) {
            break;
        }
        at += 1;
        qualified = true;
    }
    let (last, end, plain) = compound(words, at)?;
    let (place, (_, kinds, child)) =
        KIN.iter().enumerate().find(|(_, (all, ..))| all.contains(&plain.as_str()))?;
    // `the partner` alone may be anybody's; `her mum` says nothing.
    let is_parent = place == PARENTS;
    if (article && !qualified) || (is_parent && !named) {
        return None;
    }
    let (at, owner) = (first.at.start..last, first.at.clone());
    Some((end, Tied { at, kinds, child: *child, parent: is_parent, owner }))
}

/// `step-dad`, `sister-in-law`, `half brother` as one word, with where it ends.
fn compound(words: &[Word<'_>], at: usize) -> Option<(usize, usize, String)> {
    let word = words.get(at).filter(|word| word.goes_on())?;
    let law = words.get(at + 1..at + 3).unwrap_or_default();
    if let [middle, law] = law
        && middle.plain == "in"
        && law.plain == "law"
    {
        return Some((law.at.end, at + 3, format!("{}inlaw", word.plain)));
    }
    let next = words.get(at + 1).filter(|next| next.goes_on());
    if let (true, Some(next)) = (matches!(word.plain.as_str(), "step" | "half"), next) {
        return Some((next.at.end, at + 2, format!("{}{}", word.plain, next.plain)));
    }
    Some((word.at.end, at + 1, word.plain.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(text: &str) -> Vec<&str> {
        ties(&words(text)).into_iter().map(|one| &text[one.at]).collect()
    }

    #[test]
    fn ties_are_read_whole_and_parents_say_nothing() {
        for tie in [
            "his sister",
            "her older half-brother",
            "Her mum's partner",
            "Mum's new boyfriend",
            "the older brother",
            "his step-dad",
            "her sister-in-law",
            "Reece's mum",
        ] {
            assert_eq!(seen(&format!("So, {tie} came.")), [tie], "{tie}");
        }
        for quiet in ["her mum rang", "the partner agencies", "his coat", "a sister ship", "the twin room"] {
            assert_eq!(seen(quiet), Vec::<&str>::new(), "{quiet}");
        }
    }
}
