//! The ways in which a person's name is written.

use super::{common::is_common, fold::fold, gazetteer};
use crate::casework::person::{Person, PersonKind};

/// One way, folded.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::sharing) struct Form {
    pub(in crate::sharing) text: String,
    pub(in crate::sharing) part: Part,
}

/// How much of the name it is. The more, the surer that this person is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::sharing) enum Part {
    Whole,
    /// `J Oakes`, `Mrs Oakes`.
    Titled,
    /// `J.O.`, `JO`
    Initials,
    Given,
    /// A usual short or long form of the given name, not one that is recorded.
    Short,
    Family,
}

impl Form {
    /// May it as well be an ordinary word?
    pub(in crate::sharing) fn is_common(&self) -> bool {
        self.part >= Part::Given && self.text.split(' ').all(is_common)
    }
}

const TITLES: [&str; 8] = ["mr", "mrs", "ms", "miss", "mx", "dr", "uncle", "aunty"];

/// Every way; of the family name alone only when `family_alone`.
pub(in crate::sharing) fn forms(person: &Person, family_alone: bool) -> Vec<Form> {
    let family = fold(&person.family);
    let mut forms = Vec::new();
    for given in [Some(&person.given), person.preferred.as_ref()].into_iter().flatten() {
        let given = fold(given);
        let first = given.split(' ').next().unwrap_or_default().to_owned();
        let joined = given.replace(' ', "");
        for name in [&given, &first, &joined] {
            both(&mut forms, name, &family);
            put(&mut forms, name, Part::Given);
        }
        for short in gazetteer::other_forms(&first).iter().chain(gazetteer::other_forms(&joined)) {
            whole(&mut forms, short, &family);
            put(&mut forms, short, Part::Short);
        }
        initials(&mut forms, &given, &family);
    }
    for other in person.also_known_as.iter().map(|name| fold(name)) {
        let part = if other.contains(' ') { Part::Whole } else { Part::Given };
        put(&mut forms, &other, part);
    }
    if family_alone {
        for name in families(&family) {
            put(&mut forms, &name, Part::Family);
            // The Hendersons, all of them.
            put(&mut forms, &format!("{name}s"), Part::Family);
        }
    }
    if !matches!(person.kind, PersonKind::Pupil { .. }) && !family.is_empty() {
        let families = families(&family);
        for (title, family) in
            TITLES.iter().flat_map(|title| families.iter().map(move |family| (title, family)))
        {
            put(&mut forms, &format!("{title} {family}"), Part::Titled);
            put(&mut forms, &format!("{title}. {family}"), Part::Titled);
        }
    }
    forms.sort();
    forms.dedup();
    forms
}

/// Single words of a name, folded, without apostrophes, in which a slip may be looked for.
pub(super) fn single_words(person: &Person) -> Vec<String> {
    let names = [Some(&person.given), person.preferred.as_ref(), Some(&person.family)].into_iter().flatten();
    let all = names.chain(&person.also_known_as).map(|name| fold(name).replace('\'', ""));
    all.flat_map(|name| name.split(' ').map(str::to_owned).collect::<Vec<_>>()).collect()
}

/// Single words of what somebody is called beside their family name, folded, without apostrophes; usual short forms, too.
pub(super) fn given_words(person: &Person) -> Vec<String> {
    let names =
        [Some(&person.given), person.preferred.as_ref()].into_iter().flatten().chain(&person.also_known_as);
    let mut all: Vec<String> = names
        .flat_map(|name| fold(name).replace('\'', "").split(' ').map(str::to_owned).collect::<Vec<_>>())
        .collect();
    let shorts: Vec<String> =
        all.iter().flat_map(|name| gazetteer::other_forms(name)).map(|short| (*short).to_owned()).collect();
    all.extend(shorts);
    all
}

/// A name without the title before it.
fn without_title(name: &str) -> &str {
    let title = |first: &str| TITLES.contains(&first.trim_end_matches('.').to_lowercase().as_str());
    name.split_once(' ').filter(|(first, _)| title(first)).map_or(name, |(_, rest)| rest.trim())
}

/// Somebody of whom no more than a name is known: the last word is the family's.
pub(in crate::sharing) fn somebody(name: &str) -> Person {
    let name = without_title(name.trim());
    let (given, family) = name.rsplit_once(' ').unwrap_or(("", name));
    Person {
        kind: PersonKind::Staff { role: String::new() },
        given: given.to_owned(),
        family: family.to_owned(),
        preferred: None,
        also_known_as: Vec::new(),
        born: None,
        identifiers: Vec::new(),
        phones: Vec::new(),
        emails: Vec::new(),
    }
}

/// A family name, its parts, and the parts as one word.
fn families(family: &str) -> Vec<String> {
    let mut all = vec![family.to_owned()];
    if family.contains(' ') {
        all.push(family.replace(' ', ""));
        all.extend(family.split(' ').filter(|part| part.chars().count() > 2).map(str::to_owned));
    }
    all
}

/// Given and family name together, and with the initial.
fn both(forms: &mut Vec<Form>, given: &str, family: &str) {
    whole(forms, given, family);
    let (Some(initial), false) = (given.chars().next(), family.is_empty()) else { return };
    let given_initials: Vec<String> =
        given.split(' ').filter_map(|part| part.get(..1)).map(str::to_owned).collect();
    for family in families(family) {
        put(forms, &format!("{initial} {family}"), Part::Titled);
        put(forms, &format!("{initial}. {family}"), Part::Titled);
        put(forms, &format!("{} {family}", given_initials.join(" ")), Part::Titled);
    }
    put(forms, &format!("{given} {}", family.chars().take(1).collect::<String>()), Part::Titled);
}

fn whole(forms: &mut Vec<Form>, given: &str, family: &str) {
    if family.is_empty() || given.is_empty() {
        return;
    }
    for family in families(family) {
        put(forms, &format!("{given} {family}"), Part::Whole);
        put(forms, &format!("{family} {given}"), Part::Whole);
        put(forms, &format!("{family}, {given}"), Part::Whole);
    }
}

/// `R.D.`, `R.D`, `R. D.`, `RD`, and with all given or family names.
fn initials(forms: &mut Vec<Form>, given: &str, family: &str) {
    let first =
        |name: &str| -> Vec<char> { name.split(' ').filter_map(|part| part.chars().next()).collect() };
    let (given, family) = (first(given), first(family));
    let few = [given.first(), family.first()].into_iter().flatten().copied().collect::<Vec<_>>();
    let all = given.iter().chain(&family).copied().collect::<Vec<_>>();
    for letters in [few, all].into_iter().filter(|letters| letters.len() > 1) {
        let each: Vec<String> = letters.iter().map(char::to_string).collect();
        for between in ["", ".", ". "] {
            put(forms, &each.join(between), Part::Initials);
        }
        put(forms, &format!("{}.", each.join(".")), Part::Initials);
        put(forms, &format!("{}.", each.join(". ")), Part::Initials);
    }
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
