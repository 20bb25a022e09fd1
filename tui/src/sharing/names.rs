//! The ways in which a person's name is written.

use super::{common::is_common, fold::fold};
use crate::casework::person::{Person, PersonKind};

/// One way, folded.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Form {
    pub(super) text: String,
    pub(super) part: Part,
}

/// How much of the name it is. The more, the surer that this person is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    Whole,
    /// `J Oakes`, `Mrs Oakes`.
    Titled,
    Given,
    Family,
}

impl Form {
    /// May it as well be an ordinary word?
    pub(super) fn is_common(&self) -> bool {
        self.part >= Part::Given && self.text.split(' ').all(is_common)
    }
}

const TITLES: [&str; 8] = ["mr", "mrs", "ms", "miss", "mx", "dr", "uncle", "aunty"];

/// Every way; of the family name alone only when `family_alone`.
pub(super) fn forms(person: &Person, family_alone: bool) -> Vec<Form> {
    let family = fold(&person.family);
    let mut forms = Vec::new();
    for given in [Some(&person.given), person.preferred.as_ref()].into_iter().flatten() {
        let given = fold(given);
        let first = given.split(' ').next().unwrap_or_default().to_owned();
        for name in [&given, &first] {
            both(&mut forms, name, &family);
            put(&mut forms, name, Part::Given);
        }
    }
    for other in person.also_known_as.iter().map(|name| fold(name)) {
        let part = if other.contains(' ') { Part::Whole } else { Part::Given };
        put(&mut forms, &other, part);
    }
    if family_alone {
        put(&mut forms, &family, Part::Family);
    }
    if !matches!(person.kind, PersonKind::Pupil { .. }) && !family.is_empty() {
        for title in TITLES {
            put(&mut forms, &format!("{title} {family}"), Part::Titled);
            put(&mut forms, &format!("{title}. {family}"), Part::Titled);
        }
    }
    forms.sort();
    forms.dedup();
    forms
}

/// Given and family name together, and with the initial.
fn both(forms: &mut Vec<Form>, given: &str, family: &str) {
    let (Some(initial), false) = (given.chars().next(), family.is_empty()) else { return };
    put(forms, &format!("{given} {family}"), Part::Whole);
    put(forms, &format!("{family} {given}"), Part::Whole);
    put(forms, &format!("{family}, {given}"), Part::Whole);
    put(forms, &format!("{initial} {family}"), Part::Titled);
    put(forms, &format!("{initial}. {family}"), Part::Titled);
    put(forms, &format!("{given} {}", family.chars().take(1).collect::<String>()), Part::Titled);
}

/// Adds a form, also as it is written when apostrophes are left out. A single letter names nobody.
fn put(forms: &mut Vec<Form>, text: &str, part: Part) {
    let kept = text.to_owned();
    for text in [kept, text.replace('\'', ""), text.replace('\'', " ")] {
        if text.chars().filter(|c| c.is_alphanumeric()).count() > 1 {
            forms.push(Form { text, part });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(given: &str, family: &str) -> Person {
        Person {
            kind: PersonKind::Other,
            given: given.into(),
            family: family.into(),
            preferred: None,
            also_known_as: Vec::new(),
            born: None,
            identifiers: Vec::new(),
            phones: Vec::new(),
            emails: Vec::new(),
        }
    }

    #[test]
    fn a_name_is_known_in_the_ways_it_is_written() {
        let all: Vec<String> =
            forms(&person("Mary Jane", "O'Neill"), true).into_iter().map(|form| form.text).collect();
        for way in
            ["mary jane o'neill", "mary oneill", "m. o'neill", "mrs o'neill", "o'neill", "o neill", "mary"]
        {
            assert!(all.iter().any(|form| form == way), "{way} is missing from {all:?}");
        }
        assert!(forms(&person("J", ""), true).is_empty());
        let one = forms(&person("J", "Li"), true);
        assert!(one.iter().all(|form| form.text.chars().count() > 1));
    }
}
