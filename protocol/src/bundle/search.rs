//! Looks for texts that must not leave, in everything that would.

use serde::Serialize;
use serde_json::Value;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::Forbidden;
use crate::consent::Refusal;

/// Fewest letters or digits that can be searched for.
const SHORTEST: usize = 3;
/// From this many letters or digits on a match need not be a whole word.
const ANYWHERE: usize = 8;
/// Stands where something was withheld.
const GAP: char = '\u{1}';

/// A forbidden text that is looked for only right before something withheld: `Flat 2` and a gap.
#[must_use]
pub fn before_a_gap(text: &str) -> String {
    format!("{text}{GAP}")
}

/// Every forbidden text that is left in `document`, once each; those that say the same of one place, once.
#[must_use]
pub fn refusals(document: &impl Serialize, forbidden: &[Forbidden]) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    let mut needles = Vec::new();
    for Forbidden { needle, why, .. } in forbidden {
        let folded = Folded::of(needle);
        if folded.text.chars().count() < SHORTEST {
            refusals.push(Refusal::ForbiddenTooShort { why: why.clone() });
        } else {
            needles.push((without_trunk_code(folded.text), why));
        }
    }
    // Everything a bundle holds has a JSON form; if ever not, nothing was searched and nothing may pass.
    let Ok(value) = serde_json::to_value(document) else {
        return vec![Refusal::Contradiction { what: "the bundle cannot be searched" }];
    };
    walk(&value, "", &mut |text, place| {
        let folded = Folded::of(text);
        needles.retain(|(needle, why)| {
            let found = folded.holds(needle);
            if found {
                let (place, why) = (place.to_owned(), (*why).clone());
                let left_in = Refusal::ForbiddenLeftIn { place, why };
                // Two spellings of one text in one place are one thing to do.
                if !refusals.contains(&left_in) {
                    refusals.push(left_in);
                }
            }
            !found
        });
    });
    refusals
}

/// Visits every text, the texts of one passage joined.
fn walk(value: &Value, place: &str, visit: &mut impl FnMut(&str, &str)) {
    let inside = |name: &str| if place.is_empty() { name.to_owned() } else { format!("{place}, {name}") };
    match value {
        Value::String(text) => visit(text, place),
        Value::Array(items) => {
            let joined: String = items.iter().map(|item| item["text"].as_str().unwrap_or("\u{1}")).collect();
            visit(&joined, place);
            for (at, item) in items.iter().enumerate() {
                walk(item, &format!("{place} {}", at + 1), visit);
            }
        }
        Value::Object(fields) => fields.iter().for_each(|(name, item)| {
            walk(item, &inside(&name.replace('_', " ")), visit);
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// A text without case, accents, spaces, punctuation and invisible characters, and where its words began.
struct Folded {
    text: String,
    /// For each byte of `text`: a word begins here.
    begins: Vec<bool>,
}

impl Folded {
    fn of(text: &str) -> Self {
        let mut folded = Self { text: String::with_capacity(text.len()), begins: Vec::new() };
        let mut begin = true;
        for c in text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase) {
            if c.is_alphanumeric() || c == GAP {
                folded.text.push(c);
                folded.begins.resize(folded.text.len(), false);
                if let Some(first) = folded.begins.get_mut(folded.text.len() - c.len_utf8()) {
                    *first = begin;
                }
                begin = c == GAP;
            } else if !is_invisible(c) {
                begin = true;
            }
        }
        folded
    }

    fn holds(&self, needle: &str) -> bool {
        let begins = |at: usize| self.begins.get(at).copied().unwrap_or(true);
        let long = needle.chars().count() >= ANYWHERE;
        let gap = |at: usize| self.text.get(at..).is_some_and(|rest| rest.starts_with(GAP));
        (self.text.match_indices(needle)).any(|(at, found)| {
            let end = at + found.len();
            long || (begins(at) && (begins(end) || gap(end)))
        })
    }
}

/// Soft hyphens, joiners and their like stand inside words and must not break them.
const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
}

/// A phone number without `0` or `44` before it, so that both ways of writing it are found.
fn without_trunk_code(needle: String) -> String {
    let digits = needle.len() >= 10 && needle.bytes().all(|b| b.is_ascii_digit());
    let short = needle.strip_prefix("44").or_else(|| needle.strip_prefix('0')).filter(|_| digits);
    short.map(str::to_owned).unwrap_or(needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left_in(needle: &str, text: &str) -> bool {
        let forbidden = [Forbidden { needle: needle.into(), why: "a test".into(), always: true }];
        !refusals(&serde_json::json!({ "note": text }), &forbidden).is_empty()
    }

    #[test]
    fn a_text_beside_a_gap_is_found_there_and_nowhere_else() {
        let needle = format!("Flat 2{GAP}");
        let forbidden = [Forbidden { needle, why: "a door".into(), always: true }];
        let flat = |rest: Value| refusals(&serde_json::json!([{ "text": "at flat 2, " }, rest]), &forbidden);
        assert_eq!(flat(serde_json::json!({ "withheld": 4 })).len(), 1);
        assert_eq!(flat(serde_json::json!({ "text": "it is cold" })).len(), 0);
    }

    #[test]
    fn case_spaces_accents_and_invisible_characters_hide_nothing() {
        for text in [
            "at 12 Elm Road, SW1A 1AA",
            "12elm  road\nsw1a1aa",
            "12, ELM ROAD. SW1A\u{a0}1AA",
            "１２ Élm Road SW1A 1AA",
            "12 E\u{200b}lm Ro\u{ad}ad SW1A1AA",
        ] {
            assert!(left_in("12 Elm Road SW1A 1AA", text), "{text}");
        }
        assert!(!left_in("12 Elm Road SW1A 1AA", "13 Elm Road SW1A 1AA"));
    }

    #[test]
    fn short_names_match_whole_words_only() {
        for text in ["Ann said", "said ann.", "Ann's", "(ANN)"] {
            assert!(left_in("Ann", text), "{text}");
        }
        assert!(!left_in("Ann", "planning the annual visit"));
        assert!(!left_in("Tom Fay", "Tom's bottom fayre"));
    }

    #[test]
    fn a_phone_number_is_found_however_it_is_written() {
        for text in ["ring 07700 900123", "+44 7700 900 123", "07700-900-123"] {
            assert!(left_in("07700 900123", text) && left_in("+44 7700 900123", text), "{text}");
        }
    }

    #[test]
    fn a_needle_cut_over_spans_is_found_but_not_over_a_gap() {
        let forbidden = [Forbidden { needle: "Rosa Field".into(), why: "a test".into(), always: true }];
        let cut = serde_json::json!({ "by": [{ "text": "Ro" }, { "text": "sa Field" }] });
        assert_eq!(refusals(&cut, &forbidden).len(), 1);
        let gap =
            serde_json::json!({ "by": [{ "text": "Rosa " }, { "withheld": "other" }, { "text": "Field" }] });
        assert_eq!(refusals(&gap, &forbidden).len(), 0);
    }

    #[test]
    fn what_is_too_short_to_search_for_is_refused() {
        let forbidden = [Forbidden { needle: " 7 ".into(), why: "house number".into(), always: true }];
        let told = refusals(&serde_json::json!({}), &forbidden);
        assert_eq!(told, [Refusal::ForbiddenTooShort { why: "house number".into() }]);
    }
}
