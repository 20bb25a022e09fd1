//! What leads to somebody without naming them: National Insurance numbers, references; with plates, accounts, streets.

use std::ops::Range;

use super::{
    accounts::account,
    numbers::{Found, Kind, plain},
    plates::plate,
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

pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
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
