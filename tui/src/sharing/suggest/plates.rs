//! British plates since 1963: `AB12 CDE`, `A123 BCD`, `ABC 123D`, with a blank, a hyphen or nothing between.

use std::ops::Range;

use super::{
    accounts::bare,
    numbers::Kind,
    traces::{Token, near},
};

/// Words near which what might be a plate is one. Sorted.
const CUES: [&str; 8] = ["car", "plate", "plates", "reg", "registration", "van", "vehicle", "vrm"];
/// Those after which nothing but a plate is to be expected, and what may stand between.
const SURE: [&str; 5] = ["plate", "plates", "reg", "registration", "vrm"];
const BETWEEN: [&str; 6] = ["is", "mark", "no", "num", "number", "was"];
/// Words of two letters with which no plate begins that is written with blanks: `on 14 May`.
const SMALL: [&str; 18] = [
    "am", "an", "as", "at", "be", "by", "do", "go", "he", "if", "in", "is", "it", "me", "no", "of", "on",
    "to",
];
/// Words of three letters that stand after a place in small letters, such as `ls12 and`; months after a day.
const WORDS: [&str; 56] = [
    "all", "and", "any", "apr", "are", "ask", "aug", "but", "can", "dad", "day", "dec", "did", "feb", "for",
    "get", "got", "had", "has", "her", "him", "his", "how", "its", "jan", "jul", "jun", "let", "mar", "may",
    "met", "mum", "nan", "new", "not", "nov", "now", "oct", "off", "old", "one", "our", "out", "own", "ran",
    "saw", "sep", "she", "the", "two", "was", "who", "why", "yes", "you", "yrs",
];

/// The plate that begins with the stretch at `at`. Written small only where it says what it is, or as those since 2001
/// are; with two blanks only after a word that says so.
pub(super) fn plate(text: &str, tokens: &[Token<'_>], at: usize) -> Option<(Range<usize>, Kind)> {
    let first = tokens.get(at)?;
    [3, 2, 1].into_iter().find_map(|count| {
        let parts = tokens.get(at..at + count)?;
        let beside = parts
            .iter()
            .zip(parts.iter().skip(1))
            .all(|(one, next)| text.get(one.at.end..next.at.start) == Some(" "));
        let end = parts.last()?.at.end;
        let candidate: String = parts.iter().map(|part| part.text).collect();
        (beside && is_plate(tokens, at, (&candidate, count))).then_some((first.at.start..end, Kind::Vehicle))
    })
}

fn is_plate(tokens: &[Token<'_>], at: usize, (written, parts): (&str, usize)) -> bool {
    let groups: Vec<&str> = written.split(['-', '\u{2010}', '\u{2011}', '\u{2013}']).collect();
    let candidate = groups.concat();
    let shape: String = candidate.chars().map(kind_of).collect();
    let known = match shape.as_str() {
        "AA99AAA" => true,
        // With so few digits a hyphen rather joins a room to a subject.
        "A9AAA" | "AAA9A" => groups.len() == 1,
        "A99AAA" | "A999AAA" | "AAA99A" | "AAA999A" => true,
        _ => false,
    };
    let breaks = |group: &&str| group.chars().map(kind_of).collect::<String>();
    let parted =
        groups.len() == 1 || (groups.len() <= 3 && groups.iter().map(breaks).all(|group| is_group(&group)));
    let small = candidate.chars().any(|c| c.is_ascii_lowercase());
    let word = small && WORDS.contains(&ending(&candidate).as_str());
    if !known || !parted || word {
        return false;
    }
    if parts == 3 {
        let first = tokens.get(at).map_or("", |first| first.plain.as_str());
        let one_case = !small || !candidate.chars().any(|c| c.is_ascii_uppercase());
        return one_case
            && !SMALL.contains(&first)
            && (is_said(tokens, at) || (!small && near(tokens, at, 0, &CUES)));
    }
    !small || near(tokens, at, 0, &CUES) || (shape == "AA99AAA" && is_since_2001(&candidate))
}

const fn kind_of(c: char) -> char {
    match c {
        'A'..='Z' | 'a'..='z' => 'A',
        '0'..='9' => '9',
        _ => '-',
    }
}

/// What stands on one side of a gap in a plate.
fn is_group(shape: &str) -> bool {
    matches!(shape, "AA99" | "AAA" | "AA" | "99" | "A9" | "A99" | "A999" | "9A" | "99A" | "999A")
}

fn ending(candidate: &str) -> String {
    candidate.get(4..).unwrap_or_default().to_lowercase()
}

/// Does a word right before say that it is a plate: `reg: `, `plate no. `?
fn is_said(tokens: &[Token<'_>], at: usize) -> bool {
    let before = tokens.get(..at).unwrap_or_default().iter().rev().map(|token| bare(&token.plain));
    let mut before = before.skip_while(|word| BETWEEN.contains(word));
    before.next().is_some_and(|word| SURE.contains(&word))
}

/// `ab12cde`: a number that is given out (from 02 to 51 and so on, by half-years: DVLA INF104).
fn is_since_2001(candidate: &str) -> bool {
    let year = candidate.get(2..4).and_then(|year| year.parse::<u8>().ok());
    year.is_some_and(|year| matches!(year, 2..=49 | 51..=99))
}

#[cfg(test)]
mod tests {
    use super::{
        super::{traces::traces, words::words},
        *,
    };

    fn seen(text: &str) -> Vec<&str> {
        let all = traces(text, &words(text)).into_iter().filter(|one| one.kind == Kind::Vehicle);
        all.map(|one| &text[one.at]).collect()
    }

    #[test]
    fn plates_of_every_age() {
        for plate in ["AB12 CDE", "AB12CDE", "P214 HGT", "ABC 123D", "AB12-CDE", "P214-HGT", "ABC-123D"] {
            assert_eq!(seen(&format!("a van, {plate}, left")), [plate], "{plate}");
        }
        for plate in ["ab12 cde", "nk57abc", "nk57 abc", "Nk57 Abc", "nk57-abc"] {
            assert_eq!(seen(&format!("a van, {plate}, left")), [plate], "{plate}");
        }
        assert_eq!(seen("reg p214 hgt"), ["p214 hgt"]);
        assert_eq!(seen("from ls12 and back, p214 and"), Vec::<&str>::new());
        assert_eq!(seen("at be12 and then; Year 6 ABC; reg yx14 was"), Vec::<&str>::new());
    }

    #[test]
    fn blanks_in_a_plate_count_after_a_word_that_says_so() {
        for text in ["reg: AB 12 CDE", "Plate no. AB 12 CDE", "his van AB 12 CDE"] {
            assert_eq!(seen(text), ["AB 12 CDE"], "{text}");
        }
        assert_eq!(seen("registration is ab 12 cde"), ["ab 12 cde"]);
        for quiet in [
            "the van on 14 May",
            "reg on 14 Jun",
            "car park: by 12 ALL went",
            "AB 12 CDE",
            "room B2-ART, set KS2-ICT",
        ] {
            assert_eq!(seen(quiet), Vec::<&str>::new(), "{quiet}");
        }
    }
}
