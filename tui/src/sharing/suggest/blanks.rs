//! What is known, looked for once more in the text of a file without its blanks: spaced letters hide nobody.
//!
//! Only what is long enough counts: whole names, addresses, numbers. What is shorter stands in ordinary words.

use std::collections::{BTreeMap, BTreeSet};

use aho_corasick::AhoCorasick;

use super::{
    finder::{Finder, Hit, apart},
    fold::{Folded, fold},
    names::{self, Form, Part},
    numbers::{self, Found, Kind},
    patterns::Meaning,
    places,
    registry::{Known, Registry},
};
use crate::casework::{
    ids::PersonId,
    person::{IdentifierScheme, Person},
};

/// Fewest letters and digits that count, and of a postcode.
const MIN: usize = 6;
const MIN_POSTCODE: usize = 5;
/// Fewest that count within a longer word.
const MIN_WITHIN: usize = 10;
/// From how many letters on, each by itself, they may be a name.
const MIN_SPELT: usize = 5;
/// Longest word of a name, and most words, that may be in such letters.
const MAX_SPELT: usize = 12;
const MAX_WORDS: usize = 5_000;

/// What is looked for.
#[derive(Debug)]
enum Needle {
    Words(Meaning),
    Number(Kind, String),
}

/// Everything that is looked for without blanks.
#[derive(Debug, Default)]
pub(super) struct WithoutBlanks {
    looker: Option<AhoCorasick>,
    needles: Vec<Needle>,
}

impl WithoutBlanks {
    /// Nothing is looked for where there are no files.
    pub(super) fn new(registry: &Registry, known: &BTreeMap<PersonId, Known<'_>>) -> Self {
        if registry.files.is_empty() {
            return Self::default();
        }
        let mut all: Vec<(String, Needle)> = Vec::new();
        for (id, one) in known {
            for form in names::forms(one.person, false).into_iter().filter(|form| form.part == Part::Whole) {
                all.push((form.text.clone(), Needle::Words(Meaning::Name { person: *id, form })));
            }
            // Numbers of another kind are known as names are.
            let odd = one.person.identifiers.iter().filter(|one| kind(one.scheme).is_none());
            all.extend(odd.map(|odd| {
                let form = Form { text: fold(&odd.value), part: Part::Whole };
                (form.text.clone(), Needle::Words(Meaning::Name { person: *id, form }))
            }));
            all.extend(numbers_of(one.person));
        }
        for (at, (_, address)) in registry.near.addresses.iter().enumerate() {
            let forms = places::forms(address).into_iter();
            all.extend(forms.map(|form| (form, Needle::Words(Meaning::Address(at)))));
            let postcode = numbers::plain(&address.postcode);
            all.push((address.postcode.clone(), Needle::Number(Kind::Postcode, postcode)));
        }
        let all = all.into_iter().map(|(text, needle)| (dense(&text), needle));
        let (texts, needles): (Vec<String>, Vec<Needle>) =
            all.filter(|(text, needle)| is_long_enough(text, needle)).unzip();
        Self { looker: AhoCorasick::new(&texts).ok(), needles }
    }
}

fn numbers_of(person: &Person) -> Vec<(String, Needle)> {
    let mut all = Vec::new();
    for phone in &person.phones {
        let plain = numbers::plain_phone(phone);
        let abroad = plain.strip_prefix('0').map(|rest| format!("44{rest}"));
        let ways = [Some(plain.clone()), abroad].into_iter().flatten();
        all.extend(ways.map(|way| (way, Needle::Number(Kind::Phone, plain.clone()))));
    }
    let emails = person.emails.iter();
    all.extend(emails.map(|email| (email.clone(), Needle::Number(Kind::Email, email.to_lowercase()))));
    all.extend(person.identifiers.iter().filter_map(|one| {
        let plain = numbers::plain(&one.value);
        Some((plain.clone(), Needle::Number(kind(one.scheme)?, plain)))
    }));
    all
}

const fn kind(scheme: IdentifierScheme) -> Option<Kind> {
    match scheme {
        IdentifierScheme::Upn => Some(Kind::Upn),
        IdentifierScheme::Nhs => Some(Kind::Nhs),
        _ => None,
    }
}

fn is_long_enough(text: &str, needle: &Needle) -> bool {
    let least = if matches!(needle, Needle::Number(Kind::Postcode, _)) { MIN_POSTCODE } else { MIN };
    letters(text) >= least
}

fn letters(text: &str) -> usize {
    text.chars().filter(|c| c.is_alphanumeric()).count()
}

/// Folded, without blanks.
fn dense(text: &str) -> String {
    fold(text).chars().filter(|c| !c.is_whitespace()).collect()
}

impl Finder<'_> {
    /// Everything found in the text of a file, as it is and without its blanks.
    pub(super) fn hits_in_file(&self, text: &str) -> Vec<Hit> {
        let mut hits = self.hits(text, None);
        let Some(looker) = &self.without_blanks.looker else { return hits };
        let folded = Folded::of(text);
        let (mut dense, mut from) = (String::new(), Vec::new());
        for (at, c) in folded.text().char_indices().filter(|(_, c)| !c.is_whitespace()) {
            dense.push(c);
            from.extend(at..at + c.len_utf8());
        }
        for found in looker.find_overlapping_iter(&dense) {
            let (Some(first), Some(last)) = (from.get(found.start()), from.get(found.end() - 1)) else {
                continue;
            };
            let range = *first..*last + 1;
            let within = dense.get(found.range()).is_some_and(|text| letters(text) >= MIN_WITHIN);
            let at = folded.original(&range).filter(|_| within || folded.is_whole(&range));
            let needle = self.without_blanks.needles.get(found.pattern().as_usize());
            hits.extend(at.zip(needle).and_then(|(at, needle)| match needle {
                Needle::Words(meaning) => self.judge(text, at, meaning, None),
                Needle::Number(kind, plain) => self.number(Found { at, kind: *kind, plain: plain.clone() }),
            }));
        }
        apart(hits)
    }
}

/// Words that letters may make which stand by themselves, so that whoever bears them is looked for.
pub(in crate::sharing) fn spelt(text: &str) -> String {
    let is_letter = |word: &&str| {
        let mut chars = word.chars();
        chars.next().is_some_and(char::is_alphabetic) && chars.next().is_none()
    };
    let mut found = BTreeSet::new();
    for line in text.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let runs = words.chunk_by(|one, next| is_letter(one) && is_letter(next));
        for run in runs.filter(|run| run.len() >= MIN_SPELT) {
            for start in 0..run.len() {
                for end in start + 2..=run.len().min(start + MAX_SPELT) {
                    if found.len() >= MAX_WORDS {
                        break;
                    }
                    found.extend(run.get(start..end).map(<[&str]>::concat));
                }
            }
        }
    }
    found.into_iter().collect::<Vec<_>>().join(" ")
}
