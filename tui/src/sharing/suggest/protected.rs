//! Addresses that nobody may learn, as people write them: in part, with slips, the other way round.
//!
//! The house number beside the first word of its street blocks. The word alone, where it is a rare one, is suggested, and
//! said once more when it is kept.

use std::ops::Range;

use super::{
    common::is_common,
    fold::fold,
    gazetteer::{is_ordinary, listed},
    places::telling,
    streets::is_street,
    words::Word,
};
use crate::casework::person::Address;

/// From this many letters on a slip is forgiven, from the second on two.
const SLIPS: [usize; 2] = [5, 8];
/// Fewest letters of a word that tells by itself.
const RARE: usize = 5;
/// Fewest letters of a street's first word; `St` and `Le` say nothing.
const SHORTEST: usize = 3;
/// Most words between a house number and its street: `number 14 up on Larkfield`.
const BETWEEN: usize = 2;
/// Words that may stand there.
const LINKS: [&str; 8] = ["at", "down", "in", "no", "number", "of", "on", "up"];
/// First words that many streets have; not rare even where no other list has them. Sorted.
#[rustfmt::skip]
const USUAL: [&str; 62] = [
    "albert", "albion", "alexandra", "alma", "ashley", "beech", "belmont", "birch", "bridge", "broad",
    "canal", "castle", "cedar", "central", "chapel", "cherry", "chester", "chestnut", "clarence", "college",
    "derby", "devonshire", "durham", "edward", "elizabeth", "factory", "ferry", "front", "garden", "george",
    "grange", "grosvenor", "hawthorn", "high", "kent", "lancaster", "laurel", "lime", "lincoln", "london",
    "main", "manor", "maple", "market", "meadow", "middle", "mill", "milton", "nelson", "orchard", "oxford",
    "poplar", "prospect", "quarry", "railway", "rectory", "school", "sycamore", "upper", "valley",
    "wellington", "windsor",
];

/// What is looked for of one address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Guarded {
    /// Its place in the registry.
    pub(super) place: usize,
    /// `14`, `14a`.
    number: Option<String>,
    /// Words of the street, folded, the first that tells something first.
    street: Vec<String>,
    /// The street itself must not be told, whatever the number.
    whole_street: bool,
}

/// Something of it in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Spotted {
    pub(super) at: Range<usize>,
    pub(super) place: usize,
    /// No more than a rare word.
    pub(super) alone: bool,
}

/// What to look for of an address that must not leave. `agencies` are named anyway, so words of theirs alone say nothing.
pub(super) fn guarded(place: usize, address: &Address) -> Vec<Guarded> {
    let each = telling(address).into_iter().filter_map(|line| {
        let line = fold(&line).replace('\'', "");
        let mut words: Vec<&str> =
            line.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
        let number = words.first().copied().filter(|word| is_house_number(word)).map(str::to_owned);
        if number.is_some() {
            words.remove(0);
        }
        let telling = |word: &str| word != "the" && word.len() >= SHORTEST;
        let first = words.iter().position(|word| telling(word))?;
        // `Larkfield` of `Upper Larkfield Rise`.
        let rare = words.iter().position(|word| telling(word) && is_rare(word)).filter(|at| *at != first);
        let street = |at: usize| words.iter().skip(at).map(|word| (*word).to_owned()).collect();
        let guarded = |at| Guarded {
            place,
            number: number.clone(),
            street: street(at),
            whole_street: address.protected,
        };
        Some([Some(first), rare].into_iter().flatten().map(guarded).collect::<Vec<_>>())
    });
    each.flatten().collect()
}

impl Guarded {
    /// Everything of it in a text; stretches may overlap.
    pub(super) fn spot(&self, words: &[Word<'_>], agencies: &[&str]) -> Vec<Spotted> {
        let mut found = Vec::new();
        for from in 0..words.len() {
            let Some(first) = self.first(words, from) else { continue };
            let whole = self.goes_on(words, first.clone());
            let with_number = self.beside_number(words, &first, whole.clone());
            let in_full = whole.end > first.end || self.turned_round(words, &first).is_some();
            let (stretch, alone) = match with_number {
                Some(stretch) => (stretch, false),
                None if self.whole_street && in_full => {
                    (self.turned_round(words, &first).unwrap_or(whole), false)
                }
                None if self.whole_street && self.tells_alone(words, &first, agencies) => (whole, true),
                None => continue,
            };
            if let (Some(one), Some(last)) = (words.get(stretch.start), words.get(stretch.end - 1)) {
                found.push(Spotted { at: one.at.start..last.at.end, place: self.place, alone });
            }
        }
        found
    }

    fn key(&self) -> &str {
        self.street.first().map_or("", String::as_str)
    }

    /// Is the street's first word a rare one?
    fn is_rare(&self) -> bool {
        is_rare(self.key())
    }

    /// The words that are the street's first one, from `from` on: one, or two written apart.
    fn first(&self, words: &[Word<'_>], from: usize) -> Option<Range<usize>> {
        let word = words.get(from)?;
        if like(&word.plain, self.key(), self.is_rare()) {
            return Some(from..from + 1);
        }
        let next = words.get(from + 1).filter(|next| next.goes_on())?;
        let joined = format!("{}{}", word.plain, next.plain);
        let split = self.is_rare() && word.plain.len() >= SHORTEST && next.plain.len() >= SHORTEST;
        (split && skeleton(&joined) == skeleton(self.key())).then_some(from..from + 2)
    }

    /// The stretch with the words of the street that follow.
    fn goes_on(&self, words: &[Word<'_>], first: Range<usize>) -> Range<usize> {
        let rest = words.get(first.end..).unwrap_or_default().iter();
        let same = rest.zip(self.street.iter().skip(1)).take_while(|(word, part)| {
            let is_line = word.goes_on() || word.gap.trim().is_empty() || word.gap == ", ";
            is_line && (like(&word.plain, part, true) || shortens(&word.plain, part))
        });
        first.start..first.end + same.count()
    }

    /// `Rise, Larkfield`: the words of the street before its first one.
    fn turned_round(&self, words: &[Word<'_>], first: &Range<usize>) -> Option<Range<usize>> {
        let more = self.street.get(1..).filter(|more| !more.is_empty())?;
        let from = first.start.checked_sub(more.len())?;
        let comma = words.get(first.start).is_some_and(|word| word.gap.trim() == ",");
        let before = words.get(from..first.start)?;
        let same = before.iter().zip(more).all(|(word, part)| word.plain == *part && word.capital);
        (comma && same).then_some(from..first.end)
    }

    /// The stretch with the house number before or after it.
    fn beside_number(
        &self,
        words: &[Word<'_>],
        first: &Range<usize>,
        whole: Range<usize>,
    ) -> Option<Range<usize>> {
        let number = self.number.as_deref()?;
        let capital = words.get(first.start).is_some_and(|word| word.capital);
        // `14 church members`
        if !self.is_rare() && !capital {
            return None;
        }
        let link = |word: &Word<'_>| LINKS.contains(&word.plain.as_str());
        for links in 0..=BETWEEN {
            let Some(at) = whole.start.checked_sub(links + 1) else { break };
            let between = words.get(at + 1..whole.start).unwrap_or_default();
            let closed = words.get(at + 1).is_some_and(|word| is_near(word.gap));
            let linked = (links == 0 || self.is_rare()) && closed && between.iter().all(link);
            if let Some(from) = ends_in_number(words, at, number).filter(|_| linked) {
                return Some(from..whole.end);
            }
        }
        let after = words.get(whole.end).filter(|word| is_near(word.gap))?;
        let said = matches!(after.plain.as_str(), "no" | "number" | "nr");
        let at = whole.end + usize::from(said);
        let place = whole.start..at + 1;
        (self.is_rare() && words.get(at).is_some_and(|word| is_number(&word.plain, number))).then_some(place)
    }

    /// Does the first word alone tell something?
    fn tells_alone(&self, words: &[Word<'_>], first: &Range<usize>, agencies: &[&str]) -> bool {
        let Some(word) = words.get(first.start) else { return false };
        let exact = word.plain == self.key();
        let named = agencies.iter().any(|agency| agency.split(' ').any(|word| word == self.key()));
        let sure = exact || (word.capital && !is_usual(&word.plain));
        self.is_rare() && sure && !named && first.len() == 1
    }
}

/// Does a house number end at `at`? `14`, `l4`, `fourteen`, `twenty two`; where it begins.
fn ends_in_number(words: &[Word<'_>], at: usize, number: &str) -> Option<usize> {
    let word = words.get(at)?;
    if is_number(&word.plain, number) {
        return Some(at);
    }
    let tens = at.checked_sub(1).and_then(|before| words.get(before)).filter(|_| word.goes_on())?;
    let said = tens_of(&tens.plain)? + ones_of(&word.plain).filter(|ones| *ones < 10)?;
    (said.to_string() == number).then(|| at - 1)
}

fn is_number(plain: &str, number: &str) -> bool {
    let digits = |text: &str| -> String {
        let plain = text.chars().map(|c| {
            if matches!(c, 'l' | 'i') {
                '1'
            } else if c == 'o' {
                '0'
            } else {
                c
            }
        });
        plain.collect()
    };
    let has_digit = plain.bytes().any(|b| b.is_ascii_digit());
    let said = ones_of(plain).or_else(|| tens_of(plain)).map(|said| said.to_string());
    plain == number || (has_digit && digits(plain) == digits(number)) || said.as_deref() == Some(number)
}

/// A number in words, below twenty.
pub(super) fn ones_of(plain: &str) -> Option<usize> {
    const ONES: [&str; 19] = [
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
        "nineteen",
    ];
    ONES.iter().position(|one| *one == plain).map(|at| at + 1)
}

fn tens_of(plain: &str) -> Option<usize> {
    const TENS: [&str; 8] = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
    TENS.iter().position(|one| *one == plain).map(|at| (at + 2) * 10)
}

/// `14`, `14a`.
fn is_house_number(word: &str) -> bool {
    let digits = word.trim_end_matches(|c: char| c.is_ascii_lowercase());
    !digits.is_empty() && word.len() <= digits.len() + 1 && digits.bytes().all(|b| b.is_ascii_digit())
}

/// Nothing but blanks, a comma, or a stroke.
fn is_near(gap: &str) -> bool {
    gap.len() <= 4 && gap.chars().all(|c| c.is_whitespace() || matches!(c, ',' | '.' | '-' | '/'))
}

fn is_rare(word: &str) -> bool {
    word.chars().count() >= RARE && !is_usual(word)
}

fn is_usual(word: &str) -> bool {
    let list = listed(word);
    USUAL.binary_search(&word).is_ok()
        || is_common(word)
        || is_ordinary(word)
        || is_street(word)
        || list.given
}

/// Is it the word, with a slip or two by length, or with digits that look like letters?
fn like(plain: &str, word: &str, slips: bool) -> bool {
    if plain == word {
        return true;
    }
    let (one, other) = (skeleton(plain), skeleton(word));
    if one == other {
        return true;
    }
    let letters = word.chars().count();
    let most = SLIPS.iter().filter(|from| letters >= **from).count();
    let same_start = one.chars().next() == other.chars().next();
    slips && most > 0 && same_start && !is_usual(plain) && strsim::osa_distance(&one, &other) <= most
}

/// `rd` for `road`.
fn shortens(plain: &str, part: &str) -> bool {
    plain.len() >= 2 && is_street(plain) && plain.chars().next() == part.chars().next() && is_street(part)
}

/// A word with its digits as the letters they look like.
fn skeleton(word: &str) -> String {
    let letter = |c: char| match c {
        '0' => 'o',
        '1' | 'l' => 'i',
        '3' => 'e',
        '4' => 'a',
        '5' => 's',
        c => c,
    };
    word.chars().map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::{super::words::words, *};

    fn seen(lines: &str, text: &str) -> Option<(String, bool)> {
        let address = Address {
            lines: lines.into(),
            postcode: String::new(),
            protected: true,
            protected_from: String::new(),
            people: Vec::new(),
        };
        let all: Vec<Spotted> = guarded(0, &address)
            .iter()
            .flat_map(|one| one.spot(&words(text), &["larkfield primary"]))
            .collect();
        assert!(all.len() < 2, "{text}: {all:?}");
        all.first().map(|one| (text[one.at.clone()].to_owned(), one.alone))
    }

    #[test]
    fn the_lists_are_sorted_so_that_they_can_be_searched() {
        assert!(USUAL.is_sorted());
    }

    #[test]
    fn a_house_number_beside_the_first_word_of_its_street_is_the_address() {
        for form in [
            "14 Larkfield",
            "14 larkfield rise",
            "14, Lark Field Rise",
            "14 Larkfeild Rise",
            "14 Larkfield R1se",
            "l4 Larkfield Rise",
            "fourteen Larkfield",
            "14 up at Larkfield",
            "14 L\u{430}rkfield",
            "14 Larkfield\nRise",
            "Larkfield Rise no. 14",
            "Larkfield 14",
            "Rise, Larkfield",
            "Larkfeild Rise",
            "Larkfield R1se",
        ] {
            let found = seen("Flat 2, 14 Larkfield Rise, Northshire", &format!("They live at {form} now."));
            assert_eq!(found, Some((form.to_owned(), false)), "{form}");
        }
        let found = seen("22 Brackenhurst Road", "twenty-two Brackenhurst Rd");
        assert_eq!(found, Some(("twenty-two Brackenhurst Rd".to_owned(), false)));
        assert_eq!(seen("14 Church Road", "at 14 Church now"), Some(("14 Church".to_owned(), false)));
    }

    #[test]
    fn a_rare_word_of_the_street_is_told_alone_and_a_usual_one_is_not() {
        let rare = Some(("Brackenhurst".to_owned(), true));
        assert_eq!(seen("22 Brackenhurst Road", "seen up at Brackenhurst again"), rare);
        for (lines, quiet) in [
            ("14 Church Road", "14 church members came; the Church, by the Road"),
            ("14 Station Road", "at the Station, by the road"),
            ("14 Larkfield Rise", "fees rise at Larkfield; 14 pupils, 14 on the Rise"),
            ("14 Larkfield Rise", "14 Parkfield Rise, and Larkhill"),
            ("3 The Paddocks", "3 the gate, paddle"),
            ("22 Minster Road", "the minister said so"),
        ] {
            assert_eq!(seen(lines, quiet), None, "{quiet}");
        }
    }
}
