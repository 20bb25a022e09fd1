//! Texts that must not leave anywhere in a bundle: protected addresses, and whatever is withheld in one place.
//!
//! A name may be withheld in one entry and kept with a reason in another: what is kept, or cannot be left out, is no
//! needle. Protected addresses always are.

use std::collections::BTreeSet;

use jiff::civil::Date;
use kith_protocol::{bundle::Forbidden, directory::Sector};

use super::{
    pieces,
    plan::ShareChoices,
    suggest::{
        common::is_common,
        finder::Finder,
        fold::fold,
        gazetteer::is_ordinary,
        names::{self, Form, Part},
        places,
        registry::{self, Registry},
        ties::is_tie,
    },
};
use crate::casework::query::EntryView;

/// Fewest letters of a single withheld word that is looked for elsewhere.
const MIN_WORD: usize = 4;
/// Fewest letters and digits of anything longer.
const MIN_PHRASE: usize = 6;
/// Most words of a name.
const NAME_WORDS: usize = 4;
/// Fewest letters of a whole name.
const MIN_NAME: usize = 3;

/// What is withheld and what stands, by text.
#[derive(Debug, Default)]
pub(super) struct Fate {
    pub(super) withheld: BTreeSet<String>,
    /// Those of them that were withheld as somebody.
    pub(super) people: BTreeSet<String>,
    /// Kept with a reason, or allowed, or a part of every bundle, such as the child's name.
    pub(super) stands: Vec<String>,
}

pub(super) fn forbidden(registry: &Registry, fate: &Fate) -> Vec<Forbidden> {
    let mut forbidden = blocked(registry);
    let stands: String =
        fate.stands.iter().flat_map(|text| [only_letters(text), "\u{1}".to_owned()]).collect();
    let phrases = fate.withheld.iter().filter(|phrase| is_telling(phrase) && !is_tie(phrase)).cloned();
    let people = people_withheld(registry, fate);
    let names = people.into_iter().flat_map(|(_, forms)| forms).filter(|form| form.part == Part::Whole);
    let names = names.map(|form| form.text).filter(|name| only_letters(name).chars().count() >= MIN_NAME);
    let needles: BTreeSet<String> = phrases.chain(names).collect();
    forbidden.extend(needles.into_iter().filter(|needle| !stands.contains(&only_letters(needle))).map(
        |needle| Forbidden {
            needle,
            why: "something that is withheld elsewhere in this bundle".to_owned(),
            always: false,
        },
    ));
    forbidden
}

/// What may never leave.
fn blocked(registry: &Registry) -> Vec<Forbidden> {
    let mut forbidden = Vec::new();
    for (_, address) in &registry.near.addresses {
        if let Some(why) = registry::address_blocks(registry, address) {
            let needles = places::needles(address).into_iter();
            forbidden.extend(needles.map(|needle| Forbidden { needle, why: why.clone(), always: true }));
        }
    }
    for (id, person) in &registry.near.people {
        if let Some(why) = registry::person_blocks(registry, *id) {
            let contacts = person.phones.iter().chain(&person.emails);
            let contacts = contacts.filter(|contact| only_letters(contact).chars().count() >= MIN_PHRASE);
            forbidden.extend(contacts.map(|needle| Forbidden {
                needle: needle.clone(),
                why: why.clone(),
                always: true,
            }));
        }
    }
    forbidden
}

/// The same, and with it what of it stands in these entries in other words: with slips, in part, turned round.
pub(super) fn blocked_in(
    registry: &Registry,
    entries: &[EntryView],
    aware: (Sector, Date),
) -> Vec<Forbidden> {
    let finder = Finder::new(registry, entries, &ShareChoices::default(), aware);
    let mut forbidden = blocked(registry);
    for piece in entries.iter().flat_map(pieces::pieces) {
        let hits = finder.hits(&piece.text, None).into_iter();
        forbidden.extend(hits.filter_map(|hit| {
            let why = hit.withhold.filter(|withhold| withhold.blocks)?.why;
            Some(Forbidden { needle: piece.text.get(hit.at)?.to_owned(), why, always: true })
        }));
    }
    forbidden
}

/// Those of whom any form is withheld, each with all the ways in which they are named, but for those in which the child
/// is named, too.
pub(super) fn people_withheld(registry: &Registry, fate: &Fate) -> Vec<(String, Vec<Form>)> {
    let withheld: BTreeSet<String> = fate.withheld.iter().map(|text| fold(text)).collect();
    let everybody = || registry.near.people.iter().chain(&registry.named);
    let child = everybody().find(|(id, _)| registry.subject == Some(*id));
    let own: BTreeSet<String> =
        child.into_iter().flat_map(|(_, child)| names::forms(child, true)).map(|form| form.text).collect();
    let others = everybody().filter(|(id, _)| registry.subject != Some(*id));
    let mut people: Vec<(String, Vec<Form>)> = others
        .map(|(_, person)| (person.name(), names::forms(person, true)))
        .filter(|(_, forms)| {
            forms.iter().any(|form| form.part != Part::Family && withheld.contains(&form.text))
        })
        .collect();
    // Whom the casebook does not know has no more than the name that was withheld.
    let known = |text: &str| people.iter().any(|(_, forms)| forms.iter().any(|form| form.text == text));
    let unknown = fate.people.iter().filter(|text| is_written_as_a_name(text) && !known(&fold(text)));
    let unknown: Vec<_> = unknown
        .map(|text| {
            let forms = names::forms(&names::somebody(text), true).into_iter();
            (text.clone(), forms.filter(|form| !form.is_common() && !is_ordinary(&form.text)).collect())
        })
        .collect();
    people.extend(unknown);
    for (_, forms) in &mut people {
        forms.retain(|form| !own.contains(&form.text));
    }
    people
}

/// `Olwen Griffiths`, `Mrs Griffiths`, and nothing with a word in small letters, or a number.
fn is_written_as_a_name(text: &str) -> bool {
    let letters =
        |word: &str| word.chars().all(|c| c.is_alphabetic() || matches!(c, '\'' | '\u{2019}' | '-' | '.'));
    let words = || text.split_whitespace();
    words().count() <= NAME_WORDS
        && words().all(|word| word.starts_with(char::is_uppercase) && letters(word))
        && !is_tie(text)
}

/// Long or unusual enough that finding it means something.
fn is_telling(phrase: &str) -> bool {
    let folded = fold(phrase);
    let letters = only_letters(phrase).chars().count();
    if folded.contains(' ') || folded.chars().any(|c| c.is_ascii_digit() || c == '@') {
        letters >= MIN_PHRASE
    } else {
        letters >= MIN_WORD && !is_common(&folded)
    }
}

fn only_letters(text: &str) -> String {
    fold(text).chars().filter(|c| c.is_alphanumeric()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn needles(withheld: &[&str], stands: &[&str]) -> Vec<String> {
        let fate = Fate {
            withheld: withheld.iter().map(|text| (*text).to_owned()).collect(),
            stands: stands.iter().map(|text| (*text).to_owned()).collect(),
            ..Fate::default()
        };
        forbidden(&Registry::default(), &fate).into_iter().map(|one| one.needle).collect()
    }

    #[test]
    fn what_is_withheld_once_is_looked_for_everywhere() {
        assert_eq!(
            needles(&["Ryan Field", "07700 900123", "Ryan"], &[]),
            ["07700 900123", "Ryan", "Ryan Field"]
        );
    }

    #[test]
    fn what_is_kept_somewhere_and_what_says_nothing_is_no_needle() {
        assert_eq!(needles(&["Ryan Field", "Ryan"], &["with Ryan’s kit"]), ["Ryan Field"]);
        assert_eq!(needles(&["Will", "it", "on 4", "Ann", "his brother"], &[]), Vec::<String>::new());
    }
}
