//! What somebody typed, as an expression of the text index. Typed text never becomes syntax: only runs of letters and
//! digits pass, each in quotes.

use unicode_normalization::char::is_combining_mark;

/// Most words of one search.
const MAX_WORDS: usize = 16;
/// Longest word, in letters.
const MAX_WORD: usize = 64;

/// An expression that asks for all words as typed, and for what stands in quotes as a phrase; and one that takes the
/// last word for a beginning, unless a blank follows it. None when there is no word in it.
///
/// Whole words come newest first at once; a beginning gathers all its words before it gives any.
pub(super) fn expressions(typed: &str) -> Option<(String, Option<String>)> {
    let mut parts = Vec::new();
    let mut room = MAX_WORDS;
    for (at, stretch) in typed.split('"').enumerate() {
        let words: Vec<String> = words(stretch).take(room).collect();
        room -= words.len();
        if at % 2 == 1 && !words.is_empty() {
            parts.push(format!("\"{}\"", words.join(" ")));
        } else {
            parts.extend(words.iter().map(|word| format!("\"{word}\"")));
        }
    }
    let whole = Some(parts.join(" ")).filter(|whole| !whole.is_empty())?;
    let begun = typed.chars().next_back().is_some_and(is_of_word).then(|| format!("{whole}*"));
    Some((whole, begun))
}

/// Whether the word that is being typed has more than one letter. One alone begins some word of nearly every text: it
/// tells nothing, and takes long to gather.
pub(super) fn begins_with_more_than_a_letter(typed: &str) -> bool {
    typed.chars().rev().take_while(|c| is_of_word(*c)).nth(1).is_some()
}

fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c| !is_of_word(c))
        .filter(|word| !word.is_empty())
        .map(|word| word.chars().take(MAX_WORD).collect())
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || is_combining_mark(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_letter_is_not_gathered() {
        for (typed, more) in [("", false), ("a", false), ("bruise l", false), ("br", true), ("left br", true)]
        {
            assert_eq!(begins_with_more_than_a_letter(typed), more, "{typed}");
        }
    }

    #[test]
    fn typed_text_is_never_syntax() {
        let is =
            |typed: &str| expressions(typed).map(|(whole, begun)| begun.unwrap_or(whole)).unwrap_or_default();
        assert_eq!(is("bruise left"), r#""bruise" "left"*"#);
        assert_eq!(is("bruise "), r#""bruise""#);
        assert_eq!(is(r#"saw "left arm" x"#), r#""saw" "left arm" "x"*"#);
        assert_eq!(
            is(r#"words:x* NOT "a" OR (b^2) -c + NEAR"#),
            r#""words" "x" "NOT" "a" "OR" "b" "2" "c" "NEAR"*"#
        );
        assert_eq!(is("o'brien"), r#""o" "brien"*"#);
        assert_eq!(expressions("\" * \0 ' \u{202e}"), None);
        assert_eq!(is(&"x ".repeat(40)).matches('x').count(), MAX_WORDS);
    }
}
