//! Schools and places of work: they tell where somebody is to be found.

use std::ops::Range;

use super::{gazetteer::is_ordinary, words::Word};

/// What a stretch seems to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    School,
    Work,
}

const SCHOOLS: [&str; 14] = [
    "school",
    "academy",
    "college",
    "primary",
    "secondary",
    "nursery",
    "grammar",
    "high",
    "infants",
    "infant",
    "juniors",
    "junior",
    "preschool",
    "playgroup",
];
/// These stand between a school's own name and what it is.
const KINDS: [&str; 10] =
    ["church", "of", "england", "catholic", "ce", "rc", "community", "girls", "boys", "park"];
/// At the end these alone make a school.
const ENDS: [&str; 12] = [
    "school",
    "academy",
    "college",
    "primary",
    "nursery",
    "grammar",
    "infants",
    "juniors",
    "preschool",
    "playgroup",
    "high",
    "secondary",
];
const WORKS: [&str; 6] = ["works", "work", "worked", "working", "employed", "job"];
/// Most words of one name.
const LONGEST: usize = 6;

/// Every one, in reading order.
pub(super) fn institutions(words: &[Word<'_>]) -> Vec<(Range<usize>, What)> {
    let mut found = Vec::new();
    let mut from = 0;
    while from < words.len() {
        let one = school(words, from).map(|end| (end, What::School));
        let Some((end, what)) = one.or_else(|| work(words, from).map(|end| (end, What::Work))) else {
            from += 1;
            continue;
        };
        let stretch = words.get(from..end).unwrap_or_default();
        if let (Some(first), Some(last)) = (stretch.first(), stretch.last()) {
            found.push((first.at.start..last.at.end, what));
        }
        from = end;
    }
    found
}

/// `St Jude's Academy`, `Holy Rood RC Primary`; at least one word is the school's own.
fn school(words: &[Word<'_>], from: usize) -> Option<usize> {
    let first = words.get(from)?;
    let own = |word: &Word<'_>| {
        let plain = word.plain.as_str();
        let general = SCHOOLS.contains(&plain) || KINDS.contains(&plain);
        word.capital && !general && (word.text == "St" || !is_ordinary(plain))
    };
    if !own(first) {
        return None;
    }
    let mut end = None;
    for (at, word) in words.get(from + 1..)?.iter().enumerate().take(LONGEST) {
        let joined = matches!(word.gap, " " | "-" | "'s " | "\u{2019}s " | "' " | "\u{2019} ")
            || (word.gap == ". " && !word.begins);
        if !joined || !(word.capital || word.plain == "of") {
            break;
        }
        if ENDS.contains(&word.plain.as_str()) {
            end = Some(from + at + 2);
        }
    }
    end
}

/// Where somebody works, when it is named with a capital: `works nights at the Harbour Lights Hotel`.
fn work(words: &[Word<'_>], from: usize) -> Option<usize> {
    let first = words.get(from).filter(|first| first.capital && first.gap == " ")?;
    let mut before = words.get(..from)?;
    if let [rest @ .., article] = before
        && matches!(article.plain.as_str(), "the" | "a" | "an")
    {
        before = rest;
    }
    let [rest @ .., link] = before else { return None };
    let linked = matches!(link.plain.as_str(), "at" | "for" | "with" | "in");
    let works = |word: &Word<'_>| WORKS.contains(&word.plain.as_str());
    let said = rest.iter().rev().take(2).any(works);
    let more = words.get(from + 1..)?.iter().take(LONGEST);
    // `Co-op` is one word.
    let more = more.take_while(|word| word.goes_on() && (word.capital || word.gap != " ")).count();
    let named = more > 0 || !is_ordinary(&first.plain);
    (linked && said && named).then_some(from + 1 + more)
}

#[cfg(test)]
mod tests {
    use super::{super::words::words, *};

    fn seen(text: &str) -> Vec<&str> {
        institutions(&words(text)).into_iter().map(|(at, _)| &text[at]).collect()
    }

    #[test]
    fn schools_and_work_by_their_form() {
        assert_eq!(
            seen("at St Jude's Academy, then Holy Rood RC Primary"),
            ["St Jude's Academy", "Holy Rood RC Primary"]
        );
        assert_eq!(seen("Eastwold Girls' Academy"), ["Eastwold Girls' Academy"]);
        assert_eq!(seen("she works nights at the Harbour Lights Hotel"), ["Harbour Lights Hotel"]);
        assert_eq!(seen("he works at the Co-op now"), ["Co-op"]);
        for quiet in [
            "the School rang",
            "Primary School staff",
            "works at home",
            "School Nurse",
            "High Street",
            "saw Carol. Primary staff",
        ] {
            assert_eq!(seen(quiet), Vec::<&str>::new(), "{quiet}");
        }
    }
}
