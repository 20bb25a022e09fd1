//! Where somebody lives: a house number and a street, or the street of a home.

use super::{
    numbers::{Found, Kind, plain},
    words::Word,
};

/// How many words before a street may say that somebody lives there.
const NEAR: usize = 3;
/// Endings of streets and houses.
const STREETS: [&str; 51] = [
    "ave",
    "avenue",
    "bank",
    "buildings",
    "cl",
    "close",
    "cottages",
    "court",
    "cres",
    "crescent",
    "croft",
    "ct",
    "dr",
    "drive",
    "fields",
    "gardens",
    "gdns",
    "green",
    "grove",
    "heights",
    "hill",
    "house",
    "hse",
    "lane",
    "ln",
    "meadows",
    "mews",
    "paddock",
    "paddocks",
    "parade",
    "park",
    "place",
    "quay",
    "rd",
    "ridge",
    "rise",
    "road",
    "row",
    "sq",
    "square",
    "st",
    "street",
    "ter",
    "terrace",
    "tower",
    "view",
    "villas",
    "walk",
    "way",
    "wharf",
    "yard",
];
/// Words before the name of a street that say that somebody is to be found there.
const LIVES: [&str; 12] = [
    "address", "flat", "home", "house", "live", "lived", "lives", "living", "moved", "stay", "staying",
    "stays",
];
/// Longest house number, in digits.
const HOUSE_DIGITS: usize = 4;
/// Most words of a street's name.
const STREET_WORDS: usize = 4;

/// Does the word end the name of a street?
pub(super) fn is_street(plain: &str) -> bool {
    STREETS.binary_search(&plain).is_ok()
}

/// Every one, in reading order.
pub(super) fn streets(text: &str, words: &[Word<'_>]) -> Vec<Found> {
    let mut found = Vec::new();
    let mut from = 0;
    while from < words.len() {
        let flat = if is_flat(words, from) { 2 } else { 0 };
        let Some(end) = street(words, from + flat) else {
            from += 1;
            continue;
        };
        let stretch = words.get(from..end).unwrap_or_default();
        if let (Some(first), Some(last)) = (stretch.first(), stretch.last()) {
            let at = first.at.start..last.at.end;
            let plain = plain(text.get(at.clone()).unwrap_or_default());
            found.push(Found { at, kind: Kind::Street, plain });
        }
        from = end;
    }
    found
}

/// `Flat 2, ` before a house number.
fn is_flat(words: &[Word<'_>], from: usize) -> bool {
    let Some([flat, number, house]) = words.get(from..from + 3) else { return false };
    let part = matches!(flat.plain.as_str(), "flat" | "apartment" | "apt" | "unit");
    let digit = |word: &Word<'_>| word.plain.starts_with(|c: char| c.is_ascii_digit());
    part && digit(number) && digit(house) && matches!(house.gap, ", " | " ")
}

/// Where the address ends that begins with this word: a house number and a street, or the street of a home.
fn street(words: &[Word<'_>], from: usize) -> Option<usize> {
    let first = words.get(from)?;
    let before = from.checked_sub(1).and_then(|at| words.get(at));
    let digits = first.plain.trim_end_matches(|c: char| c.is_ascii_lowercase());
    let numbered = !digits.is_empty()
        && digits.len() <= HOUSE_DIGITS
        && first.plain.len() <= digits.len() + 1
        && digits.chars().all(|c| c.is_ascii_digit())
        && !before
            .is_some_and(|word| matches!(word.plain.as_str(), "year" | "class" | "room" | "page" | "age"));
    let name = if numbered { from + 1 } else { from };
    if !numbered {
        let around = words.get(from.saturating_sub(NEAR)..from).unwrap_or_default();
        let home = around.iter().any(|word| LIVES.binary_search(&word.plain.as_str()).is_ok());
        if !(home && first.capital) {
            return None;
        }
    }
    let rest = words.get(name..).unwrap_or_default();
    let mut count = 0;
    for (at, word) in rest.iter().enumerate().take(STREET_WORDS) {
        let joined = (at == 0 && (word.gap == ", " || !numbered)) || word.goes_on();
        let article = at == 0 && word.plain == "the";
        if !joined || !(word.capital || article || (at > 0 && is_street(&word.plain))) {
            break;
        }
        if at > 0 && is_street(&word.plain) {
            count = at + 1;
        }
    }
    (count > 0).then_some(name + count)
}

#[cfg(test)]
mod tests {
    use super::{super::words::words, *};

    fn seen(text: &str) -> Vec<(&str, Kind)> {
        streets(text, &words(text)).into_iter().map(|one| (&text[one.at.clone()], one.kind)).collect()
    }

    #[test]
    fn the_lists_are_sorted_so_that_they_can_be_searched() {
        assert!(STREETS.is_sorted() && LIVES.is_sorted());
    }

    #[test]
    fn houses_and_the_streets_of_homes() {
        assert_eq!(seen("at 17a Prospect Terrace now"), [("17a Prospect Terrace", Kind::Street)]);
        assert_eq!(seen("in Flat 2, 40 Albion Street"), [("Flat 2, 40 Albion Street", Kind::Street)]);
        assert_eq!(seen("3 the Paddocks"), [("3 the Paddocks", Kind::Street)]);
        assert_eq!(seen("lives on Albion Street"), [("Albion Street", Kind::Street)]);
        assert_eq!(seen("met at Albion Street in Year 6 Park"), []);
    }
}
