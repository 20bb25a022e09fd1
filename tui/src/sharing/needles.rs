//! Texts that must not leave anywhere in a bundle: protected addresses, and whatever is withheld in one place.
//!
//! A name may be withheld in one entry and kept with a reason in another: what is kept, or cannot be left out, is no
//! needle. Protected addresses always are.

use std::collections::BTreeSet;

use kith_protocol::bundle::Forbidden;

use super::suggest::{
    common::is_common,
    fold::fold,
    names::{self, Part},
    places,
    registry::{self, Registry},
    ties::is_tie,
};

/// Fewest letters of a single withheld word that is looked for elsewhere.
const MIN_WORD: usize = 4;
/// Fewest letters and digits of anything longer.
const MIN_PHRASE: usize = 6;

/// What is withheld and what stands, by text.
#[derive(Debug, Default)]
pub(super) struct Fate {
    pub(super) withheld: BTreeSet<String>,
    /// Kept with a reason, or allowed, or a part of every bundle, such as the child's name.
    pub(super) stands: Vec<String>,
}

pub(super) fn forbidden(registry: &Registry, fate: &Fate) -> Vec<Forbidden> {
    let mut forbidden = blocked(registry);
    let stands: String =
        fate.stands.iter().flat_map(|text| [only_letters(text), "\u{1}".to_owned()]).collect();
    let phrases = fate.withheld.iter().cloned().chain(names_withheld(registry, fate));
    let needles: BTreeSet<String> = phrases.filter(|phrase| is_telling(phrase) && !is_tie(phrase)).collect();
    forbidden.extend(needles.into_iter().filter(|needle| !stands.contains(&only_letters(needle))).map(
        |needle| Forbidden { needle, why: "something that is withheld elsewhere in this bundle".to_owned() },
    ));
    forbidden
}

/// What may never leave.
pub(super) fn blocked(registry: &Registry) -> Vec<Forbidden> {
    let mut forbidden = Vec::new();
    for (_, address) in &registry.near.addresses {
        if let Some(why) = registry::address_blocks(registry, address) {
            let needles = places::needles(address).into_iter();
            forbidden.extend(needles.map(|needle| Forbidden { needle, why: why.clone() }));
        }
    }
    for (id, person) in &registry.near.people {
        if let Some(why) = registry::person_blocks(registry, *id) {
            let contacts = person.phones.iter().chain(&person.emails);
            let contacts = contacts.filter(|contact| only_letters(contact).chars().count() >= MIN_PHRASE);
            forbidden.extend(contacts.map(|needle| Forbidden { needle: needle.clone(), why: why.clone() }));
        }
    }
    forbidden
}

/// Whole names of those of whom any form is withheld.
fn names_withheld(registry: &Registry, fate: &Fate) -> Vec<String> {
    let withheld: BTreeSet<String> = fate.withheld.iter().map(|text| fold(text)).collect();
    let people = registry.near.people.iter().chain(&registry.named);
    people
        .filter(|(id, _)| registry.subject != Some(*id))
        .map(|(_, person)| names::forms(person, true))
        .filter(|forms| forms.iter().any(|form| form.part != Part::Family && withheld.contains(&form.text)))
        .flatten()
        .filter(|form| form.part == Part::Whole)
        .map(|form| form.text)
        .collect()
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
