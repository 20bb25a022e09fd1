//! The ways in which an address is written.

use std::ops::Range;

use kith_protocol::bundle::before_a_gap;

use super::{cues::PLACES, fold::fold};
use crate::casework::person::Address;

/// Words that are abbreviated, and how.
const SHORT: [(&str, &str); 13] = [
    ("avenue", "ave"),
    ("close", "cl"),
    ("court", "ct"),
    ("crescent", "cres"),
    ("drive", "dr"),
    ("gardens", "gdns"),
    ("house", "hse"),
    ("lane", "ln"),
    ("place", "pl"),
    ("road", "rd"),
    ("square", "sq"),
    ("street", "st"),
    ("terrace", "ter"),
];

/// Words before a place.
const WHERE: [&str; 14] =
    ["along", "at", "down", "from", "in", "into", "near", "off", "on", "onto", "to", "towards", "up", "via"];
/// Words that, beside those of [`PLACES`], follow a street's name in the name of something else.
const INSTITUTIONS: [&str; 14] = [
    "allotments",
    "baptist",
    "chapel",
    "clinic",
    "community",
    "dental",
    "health",
    "infant",
    "infants",
    "junior",
    "library",
    "medical",
    "methodist",
    "practice",
];

/// The lines that tell where somebody lives, as given: those with a number, or else the first.
/// `Flat 2` alone tells nothing and goes with the line after it. Towns are left out.
pub(in crate::sharing) fn telling(address: &Address) -> Vec<String> {
    let lines: Vec<&str> =
        address.lines.split(['\n', ',', ';']).map(str::trim).filter(|line| !line.is_empty()).collect();
    let mut telling = Vec::new();
    let mut before: Option<&str> = None;
    for (at, line) in lines.iter().enumerate() {
        let numbered = line.chars().any(|c| c.is_ascii_digit()) || before.is_some();
        let alone = !line.contains(' ') && line.chars().all(|c| c.is_ascii_digit());
        if is_part_of_house(line) || alone {
            before = Some(line);
            continue;
        }
        if numbered || at == 0 {
            telling.push(
                before
                    .take()
                    .filter(|part| part.chars().all(|c| c.is_ascii_digit()))
                    .map_or_else(|| (*line).to_owned(), |number| format!("{number} {line}")),
            );
        }
    }
    if telling.is_empty() {
        lines.first().map(|line| (*line).to_owned()).into_iter().collect()
    } else {
        telling
    }
}

/// The street alone, when the line begins with a house number.
fn street(line: &str) -> Option<String> {
    let rest =
        line.split_once(' ').filter(|(number, _)| number.starts_with(|c: char| c.is_ascii_digit()))?.1.trim();
    (rest.contains(' ')).then(|| rest.to_owned())
}

/// What may not leave of an address that nobody may learn: telling lines, their streets, the postcode, and a flat
/// beside a gap.
pub(in crate::sharing) fn needles(address: &Address) -> Vec<String> {
    let lines = telling(address);
    let streets: Vec<String> = lines.iter().filter_map(|line| street(line)).collect();
    let mut needles: Vec<String> =
        lines.into_iter().chain(streets).flat_map(|line| [short(&line), line]).collect();
    needles.push(address.postcode.clone());
    needles.retain(|needle| needle.chars().filter(|c| c.is_alphanumeric()).count() >= 4);
    // Beside a gap it tells which door of what was withheld.
    needles.extend(parts_of_house(address).map(before_a_gap));
    needles.sort();
    needles.dedup();
    needles
}

/// Folded forms to look for in texts; of a protected address the street alone, too, however it is written.
pub(in crate::sharing) fn forms(address: &Address) -> Vec<String> {
    let lines = telling(address);
    let streets: Vec<String> =
        lines.iter().filter(|_| address.protected).filter_map(|line| street(line)).collect();
    let mut forms = Vec::new();
    for line in lines.into_iter().chain(streets).flat_map(|line| [short(&line), line]).map(|line| fold(&line))
    {
        let number =
            line.split_once(' ').filter(|(number, _)| number.starts_with(|c: char| c.is_ascii_digit()));
        forms.extend(number.map(|(number, rest)| format!("{number}, {rest}")));
        forms.push(line);
    }
    forms.retain(|form| form.chars().count() >= 4);
    forms.sort();
    forms.dedup();
    forms
}

/// Folded forms of the streets alone, where somebody lives who may be looked for there.
pub(super) fn streets(address: &Address) -> Vec<String> {
    let streets = telling(address).into_iter().filter_map(|line| street(&line));
    let mut forms: Vec<String> =
        streets.flat_map(|street| [short(&street), long(&street), street]).map(|form| fold(&form)).collect();
    forms.sort();
    forms.dedup();
    forms
}

/// Is a street meant by what stands at `at`, in one of the forms of [`streets`]? It is written with a capital, or small
/// right after a word such as `in`; and it is no part of the name of a school or surgery.
pub(super) fn is_street_meant(text: &str, at: &Range<usize>) -> bool {
    let (Some(before), Some(written), Some(after)) =
        (text.get(..at.start), text.get(at.clone()), text.get(at.end..))
    else {
        return false;
    };
    let article = |word: &&str| word.eq_ignore_ascii_case("the");
    let mut words = written.split_whitespace();
    let capital =
        words.clone().filter(|word| !article(word)).any(|word| word.starts_with(char::is_uppercase));
    let preposition = before.trim_end().rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    let somewhere = before.ends_with(' ') && WHERE.contains(&preposition.to_lowercase().as_str());
    let next =
        after.strip_prefix(' ').filter(|next| next.starts_with(char::is_uppercase)).unwrap_or_default();
    let next = next.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default().to_lowercase();
    let other = PLACES.contains(&next.as_str()) || INSTITUTIONS.contains(&next.as_str());
    (capital || (somewhere && !words.next().is_some_and(|first| article(&first)))) && !other
}

/// The line that names a part of a house, such as `Flat 2`.
fn parts_of_house(address: &Address) -> impl Iterator<Item = &str> {
    let lines = address.lines.split(['\n', ',', ';']).map(str::trim);
    lines.filter(|line| is_part_of_house(line) && line.chars().any(char::is_whitespace))
}

fn is_part_of_house(line: &str) -> bool {
    let folded = fold(line);
    let mut words = folded.split(' ');
    words.next().is_some_and(is_part_word) && words.count() <= 1
}

/// `flat`, folded, and its like.
pub(super) fn is_part_word(folded: &str) -> bool {
    matches!(folded, "flat" | "apartment" | "apt" | "unit" | "room" | "floor")
}

fn short(line: &str) -> String {
    each_word(line, |plain| SHORT.iter().find(|(long, _)| *long == plain).map(|(_, short)| *short))
}

fn long(line: &str) -> String {
    let long = |plain: &str| SHORT.iter().find(|(_, short)| *short == plain).map(|(long, _)| *long);
    // The first word is a name: `St Ann's Road`.
    match line.split_once(' ') {
        Some((first, rest)) => format!("{first} {}", each_word(rest, long)),
        None => line.to_owned(),
    }
}

fn each_word(line: &str, other: impl Fn(&str) -> Option<&'static str>) -> String {
    let words = line.split(' ').map(|word| {
        let plain = word.to_lowercase();
        other(plain.trim_end_matches('.')).unwrap_or(word)
    });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(lines: &str, protected: bool) -> Address {
        Address {
            lines: lines.into(),
            postcode: "NP1 4QT".into(),
            protected,
            protected_from: String::new(),
            people: Vec::new(),
        }
    }

    #[test]
    fn lines_that_tell_where_somebody_lives() {
        assert_eq!(telling(&address("14 Harbour View\nNorthport", false)), ["14 Harbour View"]);
        assert_eq!(telling(&address("Flat 2, 14 Harbour View, Northport", false)), ["14 Harbour View"]);
        assert_eq!(telling(&address("14\nHarbour View", false)), ["14 Harbour View"]);
        assert_eq!(telling(&address("Rose Cottage, Northport", false)), ["Rose Cottage"]);
        assert_eq!(telling(&address("Flat 2", false)), ["Flat 2"]);
    }

    #[test]
    fn a_street_alone_is_meant_where_it_is_written_as_one() {
        assert_eq!(streets(&address("14 Harbour Road", false)), ["harbour rd", "harbour road"]);
        assert_eq!(streets(&address("8 St Ann's Rd.", false)), ["st ann's rd.", "st ann's road"]);
        let meant = |text: &str, street: &str| {
            let at = text.find(street).expect("it is there");
            is_street_meant(text, &(at..at + street.len()))
        };
        assert!(meant("Harbour Road again", "Harbour Road") && meant("down harbour road", "harbour road"));
        assert!(meant("from the Paddocks", "the Paddocks") && !meant("in the paddocks", "the paddocks"));
        assert!(!meant("a harbour road", "harbour road"));
        assert!(
            !meant("Harbour Road Primary", "Harbour Road") && meant("Harbour Road primary", "Harbour Road")
        );
    }

    #[test]
    fn a_flat_is_looked_for_only_beside_what_was_withheld() {
        let needles = needles(&address("Flat 2, 14 Harbour Road", true));
        assert!(needles.contains(&before_a_gap("Flat 2")) && !needles.contains(&"Flat 2".to_owned()));
    }

    #[test]
    fn a_protected_address_is_looked_for_in_parts_and_abbreviated() {
        let needles = needles(&address("14 Harbour Road\nNorthport", true));
        assert_eq!(needles, ["14 Harbour Road", "14 Harbour rd", "Harbour Road", "Harbour rd", "NP1 4QT"]);
        assert!(forms(&address("14 Harbour Road", true)).contains(&"harbour rd".to_owned()));
        assert!(!forms(&address("14 Harbour Road", false)).contains(&"harbour road".to_owned()));
    }
}
