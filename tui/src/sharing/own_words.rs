//! What leaves beside the words of the entries: letter, record of the decision, reasons, names of files. Nothing can be
//! withheld in it, so whom it names is said before it goes, and what may never leave stops it.
//!
//! The document itself is walked, so that no field of it can be forgotten.

use aho_corasick::AhoCorasick;
use kith_protocol::bundle::{Draft, Forbidden};
use serde::Serialize;
use serde_json::Value;

use super::{
    needles::{Fate, people_withheld},
    suggest::{
        finder::{Finder, Hit, Rank},
        fold::{Folded, fold},
        known::is_meant,
        names::{Form, Part},
        registry::Registry,
    },
};

/// Parts of a draft that do not leave, or hold no words.
const NOT_WORDS: [&str; 3] = ["evidence", "forbidden", "second"];
/// What these say of an agency or the child they say in every bundle.
const SAID_ANYWAY: [&str; 5] = ["from", "to", "children", "letter, ring", "consent, pii controllers"];

/// What was found in what is written for one share.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// Whom it names that an entry would not, or does not.
    pub(super) cautions: Vec<String>,
    /// What may never leave, as it is written here.
    pub(super) forbidden: Vec<Forbidden>,
}

/// Every text of what somebody wrote or chose, with where it stands; also the keys of maps.
pub(super) fn own_words(written: &impl Serialize) -> Vec<(String, String)> {
    let mut words = Vec::new();
    // Everything here has a JSON form.
    walk(&serde_json::to_value(written).unwrap_or_default(), "", &mut words);
    words.retain(|(_, text)| !text.trim().is_empty());
    words
}

/// What of it would be withheld from this recipient if it stood in an entry, or is withheld in one.
pub(super) fn search(finder: &Finder<'_>, withheld: (&Registry, &Fate), draft: &Draft) -> Found {
    let named = Named::of(withheld);
    let mut found = Found::default();
    for (place, text) in own_words(draft) {
        let said_anyway = SAID_ANYWAY.iter().any(|part| place.starts_with(part));
        let all = finder.hits(&text, None);
        let names = named.hits(&text, &all);
        for (name, at) in &names {
            let written = text.get(at.clone()).unwrap_or_default();
            found.caution(&place, written, &format!("{name} is withheld in an entry"));
        }
        for Hit { at, withhold, rank, .. } in all {
            let Some(withhold) = withhold.filter(|_| rank != Rank::Guessed) else { continue };
            let written = text.get(at.clone()).unwrap_or_default();
            let twice = names.iter().any(|(_, name)| name.start < at.end && at.start < name.end);
            if withhold.blocks {
                let (needle, why) = (written.to_owned(), withhold.why);
                found.forbidden.push(Forbidden { needle, why, always: true });
            } else if !(twice
                || finder.is_own_phone(written)
                || (said_anyway && rank == Rank::ByForm)
                || is_holder(&place))
            {
                found.caution(
                    &place,
                    written,
                    &format!("which an entry would not tell them: {}", withhold.why),
                );
            }
        }
    }
    found
}

impl Found {
    fn caution(&mut self, place: &str, written: &str, why: &str) {
        let place = in_words(place);
        let caution = format!(
            "“{place}” says “{written}” ({why}). It goes as you wrote it: step back and write it without, unless they \
             must know"
        );
        if !self.cautions.contains(&caution) {
            self.cautions.push(caution);
        }
    }
}

/// The other names of those whose name is withheld: whole ones stop the share by themselves.
struct Named {
    looker: Option<AhoCorasick>,
    /// For each pattern: whose it is, and the form.
    owners: Vec<(String, Form)>,
}

impl Named {
    fn of((registry, fate): (&Registry, &Fate)) -> Self {
        let stands: Vec<String> = fate.stands.iter().map(|text| fold(text)).collect();
        let people = people_withheld(registry, fate).into_iter();
        let owners = people.flat_map(|(name, forms)| forms.into_iter().map(move |form| (name.clone(), form)));
        let owners = owners.filter(|(_, form)| form.part != Part::Whole && !stands.contains(&form.text));
        let owners: Vec<(String, Form)> = owners.collect();
        let looker = AhoCorasick::new(owners.iter().map(|(_, form)| &form.text)).ok();
        Self { looker, owners }
    }

    /// Whom the text names so, and where; not within the name of somebody who may stand.
    fn hits(&self, text: &str, all: &[Hit]) -> Vec<(&str, std::ops::Range<usize>)> {
        let folded = Folded::of(text);
        let Some(looker) = &self.looker else { return Vec::new() };
        let mut found: Vec<(&str, std::ops::Range<usize>)> = Vec::new();
        for one in looker.find_overlapping_iter(folded.text()) {
            let whole = folded.is_whole(&one.range());
            let at = folded.original(&one.range()).filter(|_| whole);
            let Some((at, (name, form))) = at.zip(self.owners.get(one.pattern().as_usize())) else {
                continue;
            };
            let another = all.iter().any(|hit| {
                let longer = hit.at.start <= at.start && at.end <= hit.at.end && hit.at.len() > at.len();
                longer && hit.withhold.is_none()
            });
            if another || !is_meant(text, &at, form, false) {
                continue;
            }
            let overlaps = |other: &std::ops::Range<usize>| other.start < at.end && at.start < other.end;
            match found.iter_mut().find(|(_, other)| overlaps(other)) {
                Some(other) if other.1.len() < at.len() => *other = (name, at),
                Some(_) => {}
                None => found.push((name, at)),
            }
        }
        found
    }
}

/// Visits every text with where it stands. The entries' own words were decided about one by one.
fn walk(value: &Value, place: &str, words: &mut Vec<(String, String)>) {
    let inside = |name: &str| if place.is_empty() { name.to_owned() } else { format!("{place}, {name}") };
    match value {
        Value::String(text) => words.push((place.to_owned(), text.clone())),
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                walk(item, &format!("{place} {}", at + 1), words);
            }
        }
        Value::Object(fields) => {
            let entrys = place.starts_with("records ");
            for (name, item) in fields {
                let decided = entrys && (name == "undecided" || (name == "text" && item.is_string()));
                let left = place.is_empty() && NOT_WORDS.contains(&name.as_str());
                if !(decided || left) {
                    walk(item, &inside(&name.replace(['_', '-'], " ")), words);
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Does it say who holds parental responsibility, or who answered for the child? The record must say that.
fn is_holder(place: &str) -> bool {
    let says = |list: &str, field: &str| place.starts_with(list) && place.ends_with(field);
    says("consent, safeguarding, parental responsibility", ", name") || says("consent, events", ", entity")
}

/// A place as the share's steps call it, or else by the names of its fields.
fn in_words(place: &str) -> String {
    let rest = place.strip_prefix("consent, safeguarding, ").or_else(|| place.strip_prefix("consent, "));
    let rest = rest.unwrap_or(place);
    let known = match rest {
        "letter, asked, what" => "What you ask",
        "letter, subject" | "letter, why" => "What for",
        "childs view" => "Child's view",
        "capacity" => "What the child understands",
        "necessity" => "Why this much",
        _ if rest.starts_with("purposes") => "What for",
        _ if rest.starts_with("family told") => "They said, or why not",
        _ if rest.ends_with("withheld, other") => "Reason in your own words",
        _ => "",
    };
    if !known.is_empty() {
        return known.to_owned();
    }
    let mut letters = rest.chars();
    let first = letters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}", letters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_is_found_but_what_was_decided_in_the_entries() {
        let draft = serde_json::json!({
            "letter": { "asked": { "what": "a" }, "some_new_field": ["b", { "deeper": "c" }] },
            "consent": { "events": [{ "entity": "d" }] },
            "records": [{ "told": [{ "text": "theirs" }, { "withheld": { "other": "e" } }],
                "statements": [{ "text": [{ "undecided": { "text": "theirs" } }, { "withheld": { "other": "f" } }] }] }],
            "attachments": [{ "checked": "g", "name": "h", "size": 7 }],
            "forbidden": [{ "needle": "never" }],
            "evidence": { "log": "hashes" },
        });
        let mut all: Vec<String> = own_words(&draft).into_iter().map(|(_, text)| text).collect();
        all.sort();
        assert_eq!(all, ["a", "b", "c", "d", "e", "f", "g", "h"]);
    }
}
