//! Whole names of people known here with a slip in each of their words: `Alfi Stubs` for Alfie Stubbs.
//!
//! Words are found by what is left of them without one letter, so that it costs by the length of the text and not by the
//! number of people: two words are one slip apart only if they share such a rest (Garbe, symmetric delete).

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use super::{
    common::is_common,
    fold::fold,
    gazetteer, names,
    words::{Word, words},
};
use crate::casework::{ids::PersonId, person::Person};

/// Shortest word that may have a slip, and where the other has one as well.
const SHORTEST: usize = 3;
const SHORTEST_OF_TWO: usize = 4;

/// The words of everybody's names, to be found with a slip.
#[derive(Debug, Default)]
pub(super) struct Nearly {
    given: Words,
    family: Words,
}

#[derive(Debug, Default)]
struct Words {
    bearers: BTreeMap<String, BTreeSet<PersonId>>,
    /// Words by what is left of them without a letter.
    rests: BTreeMap<String, BTreeSet<String>>,
}

/// A name with slips, and whose it seems to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Near {
    pub(super) at: Range<usize>,
    pub(super) who: PersonId,
    /// A misspelt word is a name of its own, so that it may be somebody else.
    pub(super) another: bool,
}

impl Words {
    fn add(&mut self, word: &str, id: PersonId) {
        if word.chars().count() < SHORTEST {
            return;
        }
        self.bearers.entry(word.to_owned()).or_default().insert(id);
        for rest in rests(word) {
            self.rests.entry(rest).or_default().insert(word.to_owned());
        }
    }

    /// Those who bear the word, with a slip or without.
    fn like(&self, plain: &str) -> BTreeMap<PersonId, bool> {
        let mut found = BTreeMap::new();
        let near: BTreeSet<&String> =
            rests(plain).iter().filter_map(|rest| self.rests.get(rest)).flatten().collect();
        let near = near.into_iter().filter(|word| strsim::osa_distance(plain, word) == 1);
        let exact = self.bearers.get(plain).into_iter().flatten().map(|id| (*id, false));
        let slips = near.filter_map(|word| self.bearers.get(word)).flatten().map(|id| (*id, true));
        for (id, slip) in slips.chain(exact) {
            found.insert(id, slip);
        }
        found
    }
}

/// The word, and the word without each of its letters.
fn rests(word: &str) -> BTreeSet<String> {
    let letters: Vec<char> = word.chars().collect();
    let without = (0..letters.len())
        .map(|at| letters.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, c)| *c).collect());
    without.chain([word.to_owned()]).collect()
}

impl Nearly {
    pub(super) fn of<'p>(people: impl Iterator<Item = (PersonId, &'p Person)>) -> Self {
        let mut all = Self::default();
        for (id, person) in people {
            for word in names::given_words(person) {
                all.given.add(&word, id);
            }
            for word in fold(&person.family).replace('\'', "").split(' ') {
                all.family.add(word, id);
            }
        }
        all
    }

    /// Every pair of words that is somebody's name but for slips, in either order.
    pub(super) fn spot(&self, words: &[Word<'_>]) -> Vec<Near> {
        let pairs = words.iter().zip(words.iter().skip(1)).filter(|(one, two)| may_be_name(one, two));
        pairs.filter_map(|(one, two)| self.pair(one, two).or_else(|| self.pair(two, one))).collect()
    }

    fn pair(&self, given: &Word<'_>, family: &Word<'_>) -> Option<Near> {
        let (ones, others) = (self.given.like(&given.plain), self.family.like(&family.plain));
        let slips = |id: &PersonId| Some((*ones.get(id)?, *others.get(id)?));
        let best = ones.keys().filter_map(|id| slips(id).map(|slips| (slips, *id)));
        let ((first, second), who) =
            best.min_by_key(|((one, two), id)| (u8::from(*one) + u8::from(*two), *id))?;
        let misspelt =
            || [(given, first), (family, second)].into_iter().filter(|(_, slip)| *slip).map(|(word, _)| word);
        let both = first && second;
        let word = |word: &Word<'_>| is_common(&word.plain) || gazetteer::is_ordinary(&word.plain);
        let short = |word: &Word<'_>| word.plain.chars().count() < SHORTEST_OF_TWO;
        // Exact in both: found as it is.
        if !(first || second)
            || misspelt().any(|one| gazetteer::is_ordinary(&one.plain))
            || (both && misspelt().any(|one| word(one) || short(one)))
        {
            return None;
        }
        let another = misspelt().any(|word| gazetteer::listed(&word.plain).is_name());
        let at = given.at.start.min(family.at.start)..given.at.end.max(family.at.end);
        Some(Near { at, who, another })
    }
}

/// Words beside each other that may be somebody's name with a slip in each, folded.
pub(in crate::sharing) fn pairs(text: &str) -> BTreeSet<(String, String)> {
    let words = words(text);
    let pairs = words.iter().zip(words.iter().skip(1)).filter(|(one, two)| may_be_name(one, two));
    let long = |word: &Word<'_>| {
        word.plain.chars().count() >= SHORTEST_OF_TWO
            && !is_common(&word.plain)
            && !gazetteer::is_ordinary(&word.plain)
    };
    pairs
        .filter(|(one, two)| long(one) && long(two))
        .map(|(one, two)| (one.plain.clone(), two.plain.clone()))
        .collect()
}

/// Are they written as one name?
fn may_be_name(one: &Word<'_>, two: &Word<'_>) -> bool {
    one.capital && two.capital && two.goes_on() && !one.possessive && one.upper == two.upper
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::casework::ids::FactId;

    #[test]
    fn a_slip_in_each_word_is_forgiven_and_two_in_one_are_not() {
        let alfie = Person { preferred: Some("Alfie".into()), ..names::somebody("Alfred Stubbs") };
        let people =
            [(1, alfie), (2, names::somebody("Niamh O'Brien")), (3, names::somebody("Ruby Tindall"))];
        let id = |seq| PersonId(FactId { device: 1, seq });
        let nearly = Nearly::of(people.iter().map(|(seq, person)| (id(*seq), person)));
        let seen = |text: &str| -> Vec<(String, PersonId)> {
            nearly.spot(&words(text)).into_iter().map(|one| (text[one.at].to_owned(), one.who)).collect()
        };
        for (text, seq) in [
            ("Alfi Stubs", 1),
            ("Alfei Stubbs", 1),
            ("Alfie Stubs", 1),
            ("Stubs Alfie", 1),
            ("Nimah O'Brian", 2),
            ("Rubby Tindal", 3),
        ] {
            assert_eq!(seen(&format!("then {text}, who")), [(text.to_owned(), id(seq))], "{text}");
        }
        for quiet in [
            "Alfie Stubbs",
            "alfi stubs",
            "Alfi, Stubs",
            "Alf Stu",
            "Alfi Tindal",
            "Ruby Tiled",
            "Rugby Tunnel",
            "Alfi's Stubs",
        ] {
            assert_eq!(seen(quiet), [], "{quiet}");
        }
    }
}
