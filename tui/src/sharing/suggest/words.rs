//! A text as words: how each is written and what stands before it. One pass, nothing looked at twice.

use std::ops::Range;

use super::fold::fold;

/// One word, without a possessive ending.
#[derive(Debug, Clone)]
pub(super) struct Word<'t> {
    pub(super) at: Range<usize>,
    pub(super) text: &'t str,
    /// Without case and accents.
    pub(super) plain: String,
    /// Begins with a capital.
    pub(super) capital: bool,
    /// All capitals, and more than one.
    pub(super) upper: bool,
    /// First of its sentence, so that its capital says nothing.
    pub(super) begins: bool,
    /// `Ryan's`
    pub(super) possessive: bool,
    /// What stands between the word before and this one.
    pub(super) gap: &'t str,
}

impl Word<'_> {
    /// Written as one name with the word before.
    pub(super) fn goes_on(&self) -> bool {
        matches!(self.gap, " " | "-" | "\u{2010}" | "\u{2011}" | "\u{a0}")
    }

    pub(super) fn number(&self) -> Option<i16> {
        (self.plain.len() <= 4).then(|| self.plain.parse().ok()).flatten()
    }
}

/// After these a full stop ends no sentence.
const SHORTENED: [&str; 14] =
    ["mr", "mrs", "ms", "mx", "dr", "prof", "rev", "st", "sgt", "insp", "no", "ref", "tel", "eg"];

pub(super) fn words(text: &str) -> Vec<Word<'_>> {
    let mut found: Vec<Word<'_>> = Vec::new();
    let (mut end, mut rest) = (0, text);
    while let Some(skip) = rest.find(char::is_alphanumeric) {
        let tail = rest.get(skip..).unwrap_or_default();
        let len = length(tail);
        let start = text.len() - rest.len() + skip;
        let whole = tail.get(..len).unwrap_or_default();
        let owns = ["'s", "\u{2019}s", "'S", "\u{2019}S"].into_iter().find_map(|own| whole.strip_suffix(own));
        let owns = owns.filter(|word| !word.is_empty());
        let word = owns.or_else(|| without_contraction(whole)).unwrap_or(whole);
        let gap = text.get(end..start).unwrap_or_default();
        let folded = fold(word);
        // `Don't` is neither Don nor Dont.
        let plain = if folded.ends_with("n't") { "not".to_owned() } else { folded.replace('\'', "") };
        let letters = || word.chars().filter(|c| c.is_alphabetic());
        found.push(Word {
            at: start..start + word.len(),
            text: word,
            capital: word.starts_with(char::is_uppercase),
            upper: letters().count() > 1 && letters().all(char::is_uppercase),
            begins: begins(gap, found.last()),
            possessive: owns.is_some(),
            plain,
            gap,
        });
        end = start + whole.len();
        rest = text.get(end..).unwrap_or_default();
    }
    found
}

/// `She` of `She'll`, before its apostrophe goes and another word is left. `O'Neill` has none.
fn without_contraction(whole: &str) -> Option<&str> {
    let (at, apostrophe) = whole.char_indices().rfind(|(_, c)| is_apostrophe(*c))?;
    let ending = whole.get(at + apostrophe.len_utf8()..)?.to_lowercase();
    let shortened = matches!(ending.as_str(), "ll" | "d" | "ve" | "re" | "m");
    whole.get(..at).filter(|word| shortened && !word.is_empty())
}

/// How long the word is that `text` begins with; an apostrophe inside belongs to it.
fn length(text: &str) -> usize {
    let mut end = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().map(|(_, next)| *next);
        let inside = is_apostrophe(c) && next.is_some_and(char::is_alphanumeric);
        if !(c.is_alphanumeric() || inside || is_joined(c)) {
            break;
        }
        end = at + c.len_utf8();
    }
    end
}

const fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '\u{2019}' | '\u{2018}' | '\u{2bc}' | '`')
}

/// Accents of their own and invisible characters, which must not cut a word.
const fn is_joined(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
}

fn begins(gap: &str, before: Option<&Word<'_>>) -> bool {
    let Some(before) = before else { return true };
    let shortened = before.plain.chars().count() == 1 || SHORTENED.contains(&before.plain.as_str());
    if gap.contains(['\n', '\r', '\u{2022}', '!', '?', '"', '\u{201c}']) {
        return true;
    }
    if shortened && gap.trim() == "." {
        return false;
    }
    gap.contains(['.', ':']) || gap.contains(" - ") || gap.contains('\u{2013}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_whole_and_know_whether_their_capital_says_something() {
        let text = "He met Mr. Zoe\u{308} O'Neill\u{2019}s dog. Will it? (Anne-Marie)";
        let all = words(text);
        let written: Vec<_> = all.iter().map(|word| word.text).collect();
        assert_eq!(
            written,
            ["He", "met", "Mr", "Zoe\u{308}", "O'Neill", "dog", "Will", "it", "Anne", "Marie"]
        );
        let begins: Vec<_> = all.iter().filter(|word| word.begins).map(|word| word.text).collect();
        assert_eq!(begins, ["He", "Will", "Anne"]);
        assert!(all[4].possessive && all[4].plain == "oneill" && all[9].goes_on());
    }

    #[test]
    fn a_contraction_is_the_word_before_it_and_no_other() {
        let text = "She'll We\u{2019}ll I'd Nan'll don't they`re O'Dowd D'Arcy Zo\u{eb}\u{2019}d";
        let plain: Vec<_> = words(text).into_iter().map(|word| word.plain).collect();
        assert_eq!(plain, ["she", "we", "i", "nan", "not", "they", "odowd", "darcy", "zoe"]);
    }
}
