//! What leads to somebody without naming them: vehicles, National Insurance numbers, references, accounts.

use std::ops::Range;

use super::{
    accounts::account,
    numbers::{Found, Kind, plain},
    streets::streets,
    words::Word,
};

/// A stretch between blanks, without the punctuation around it.
pub(super) struct Token<'t> {
    pub(super) at: Range<usize>,
    pub(super) text: &'t str,
    pub(super) plain: String,
}

/// Words before a reference.
const REFERENCES: [&str; 9] = ["cad", "case", "crime", "incident", "log", "ref", "reference", "urn", "order"];
/// Words of three letters that stand after a place in small letters, such as `ls12 and`.
const WORDS: [&str; 44] = [
    "all", "and", "any", "are", "ask", "but", "can", "dad", "day", "did", "for", "get", "got", "had", "has",
    "her", "him", "his", "how", "its", "let", "may", "met", "mum", "nan", "new", "not", "now", "off", "old",
    "one", "our", "out", "own", "ran", "saw", "she", "the", "two", "was", "who", "why", "yes", "you",
];
/// How many stretches away such a word may stand.
const NEAR: usize = 3;
/// Everything of the kind, in no order; finds may overlap.
pub(super) fn traces(text: &str, words: &[Word<'_>]) -> Vec<Found> {
    let tokens = tokens(text);
    let mut found = streets(text, words);
    for at in 0..tokens.len() {
        let one = account(text, &tokens, at)
            .or_else(|| plate(text, &tokens, at))
            .or_else(|| insurance(text, &tokens, at))
            .or_else(|| reference(&tokens, at));
        found.extend(one.map(|(at, kind)| Found {
            plain: plain(text.get(at.clone()).unwrap_or_default()),
            at,
            kind,
        }));
    }
    found
}

fn tokens(text: &str) -> Vec<Token<'_>> {
    let edge = |c: char| !(c.is_alphanumeric() || matches!(c, '@' | '_'));
    let mut found = Vec::new();
    let mut end = 0;
    for piece in text.split_inclusive(char::is_whitespace) {
        let start = end + piece.len() - piece.trim_start_matches(edge).len();
        let token = piece.trim_matches(edge);
        end += piece.len();
        if !token.is_empty() {
            found.push(Token { at: start..start + token.len(), text: token, plain: token.to_lowercase() });
        }
    }
    found
}

/// Does one of the words stand near, before or after?
pub(super) fn near(tokens: &[Token<'_>], at: usize, after: usize, sorted: &[&str]) -> bool {
    let around = tokens.get(at.saturating_sub(NEAR)..(at + 1 + after).min(tokens.len())).unwrap_or_default();
    around.iter().any(|token| {
        let bare = token.plain.trim_matches(|c: char| !c.is_alphanumeric());
        sorted.contains(&bare)
    })
}

/// British plates since 1963: `AB12 CDE`, `A123 BCD`, `ABC 123D`. Written small only where it says what it is, or as
/// those since 2001 are.
fn plate(text: &str, tokens: &[Token<'_>], at: usize) -> Option<(Range<usize>, Kind)> {
    let first = tokens.get(at)?;
    let second = tokens.get(at + 1).filter(|second| text.get(first.at.end..second.at.start) == Some(" "));
    let said =
        || near(tokens, at, 0, &["reg", "registration", "plate", "plates", "vehicle", "car", "van", "vrm"]);
    let is = |candidate: &str| {
        let capitals = !candidate.chars().any(|c| c.is_ascii_lowercase());
        let shape: String = (candidate.chars())
            .map(|c| match c {
                'A'..='Z' | 'a'..='z' => 'A',
                '0'..='9' => '9',
                _ => '-',
            })
            .collect();
        let known = matches!(
            shape.as_str(),
            "AA99AAA" | "A9AAA" | "A99AAA" | "A999AAA" | "AAA9A" | "AAA99A" | "AAA999A"
        );
        known && (capitals || said() || (shape == "AA99AAA" && is_since_2001(candidate)))
    };
    let one = |end: usize, candidate: &str| is(candidate).then_some((first.at.start..end, Kind::Vehicle));
    second
        .and_then(|second| one(second.at.end, &format!("{}{}", first.text, second.text)))
        .or_else(|| one(first.at.end, first.text))
}

/// `ab12cde`: a number that is given out, and no `be12 and`.
fn is_since_2001(candidate: &str) -> bool {
    let year = candidate.get(2..4).and_then(|year| year.parse::<u8>().ok());
    let last = candidate.get(4..).unwrap_or_default().to_lowercase();
    // From 02 to 51 and so on, by half-years (DVLA INF104).
    year.is_some_and(|year| matches!(year, 2..=49 | 51..=99)) && !WORDS.contains(&last.as_str())
}

/// `AB 12 34 56 C`, with the prefixes that are given out (HMRC, NIM39110).
fn insurance(text: &str, tokens: &[Token<'_>], at: usize) -> Option<(Range<usize>, Kind)> {
    let start = tokens.get(at)?.at.start;
    let mut number = String::new();
    let mut end = start;
    for token in tokens.get(at..)?.iter().take(5) {
        number.push_str(token.text);
        end = token.at.end;
        if number.len() >= 9 {
            break;
        }
    }
    let bytes = number.as_bytes();
    let [one, two, digits @ .., last] = bytes else { return None };
    let letters = one.is_ascii_uppercase() && two.is_ascii_uppercase() && (b'A'..=b'D').contains(last);
    let given = !b"DFIQUV".contains(one) && !b"DFIQUVO".contains(two);
    let never = ["BG", "GB", "KN", "NK", "NT", "TN", "ZZ"].iter().any(|bad| number.starts_with(bad));
    let whole = text.get(start..end).is_some_and(|stretch| !stretch.contains('\n'));
    (digits.len() == 6 && digits.iter().all(u8::is_ascii_digit) && letters && given && !never && whole)
        .then_some((start..end, Kind::Insurance))
}

/// References of police, courts and cases: `NP/20931/26`, or anything with digits after a word that says so.
fn reference(tokens: &[Token<'_>], at: usize) -> Option<(Range<usize>, Kind)> {
    let token = tokens.get(at)?;
    let digits = token.text.chars().filter(char::is_ascii_digit).count();
    let form = token.text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '/' | '-'));
    if !form || digits < 3 {
        return None;
    }
    let parts: Vec<&str> = token.text.split(['/', '-']).collect();
    let lettered = token.text.chars().take_while(char::is_ascii_uppercase).count() >= 2;
    let numeric = parts.iter().all(|part| part.chars().all(|c| c.is_ascii_digit()));
    let is_date = numeric && parts.len() == 3 && parts.iter().all(|part| part.len() <= 2 || part.len() == 4);
    let by_form = parts.len() > 1 && digits >= 4 && lettered
        || (parts.len() == 3 && numeric && !is_date && parts.get(1).is_some_and(|part| part.len() >= 4));
    let said = || near(tokens, at, 0, &REFERENCES) && !is_date;
    if !(by_form && !is_date || said()) {
        return None;
    }
    // `0231 of 11/03/26`
    let dated = tokens.get(at + 1).filter(|of| of.plain == "of").and_then(|_| tokens.get(at + 2));
    let dated = dated.filter(|date| date.text.starts_with(|c: char| c.is_ascii_digit()));
    Some((token.at.start..dated.map_or(token.at.end, |date| date.at.end), Kind::Reference))
}

#[cfg(test)]
mod tests {
    use super::{super::words::words, *};

    fn seen(text: &str) -> Vec<(&str, Kind)> {
        traces(text, &words(text)).into_iter().map(|one| (&text[one.at.clone()], one.kind)).collect()
    }

    #[test]
    fn plates_of_every_age() {
        for plate in ["AB12 CDE", "AB12CDE", "P214 HGT", "ABC 123D"] {
            assert_eq!(seen(&format!("a van, {plate}, left")), [(plate, Kind::Vehicle)], "{plate}");
        }
        for plate in ["ab12 cde", "nk57abc", "nk57 abc", "Nk57 Abc"] {
            assert_eq!(seen(&format!("a van, {plate}, left")), [(plate, Kind::Vehicle)], "{plate}");
        }
        assert_eq!(seen("reg p214 hgt"), [("p214 hgt", Kind::Vehicle)]);
        assert_eq!(seen("from ls12 and back, p214 and"), []);
        assert_eq!(seen("at be12 and then; Year 6 ABC"), []);
    }

    #[test]
    fn numbers_of_the_state_and_references() {
        assert_eq!(seen("NI JK 49 20 17 B."), [("JK 49 20 17 B", Kind::Insurance)]);
        assert_eq!(seen("QQ 12 34 56 C"), []);
        assert_eq!(
            seen("police NP/20931/26, crime ref 4471, 42/118734/26"),
            [("NP/20931/26", Kind::Reference), ("4471", Kind::Reference), ("42/118734/26", Kind::Reference)]
        );
        assert_eq!(seen("log 0231 of 11/03/26"), [("0231 of 11/03/26", Kind::Reference)]);
        assert_eq!(seen("on 11/03/2026, pages 3-4, in 2025/26"), []);
    }
}
