//! A text without case, accents and odd spaces, and where each byte of it stands in the original.

use std::ops::Range;

use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

/// Text to be searched, and the way back to the original.
#[derive(Debug)]
pub(in crate::sharing) struct Folded {
    text: String,
    /// For each byte of `text`: the stretch of the original it comes from.
    from: Vec<Range<usize>>,
}

impl Folded {
    pub(in crate::sharing) fn of(original: &str) -> Self {
        let mut folded = Self { text: String::with_capacity(original.len()), from: Vec::new() };
        for (at, c) in original.char_indices() {
            folded.take(c, at..at + c.len_utf8());
        }
        folded
    }

    pub(in crate::sharing) fn text(&self) -> &str {
        &self.text
    }

    /// The stretch of the original that a stretch of the folded text comes from.
    pub(in crate::sharing) fn original(&self, at: &Range<usize>) -> Option<Range<usize>> {
        let first = self.from.get(at.start)?;
        let last = self.from.get(at.end.checked_sub(1)?)?;
        Some(first.start..last.end)
    }

    /// Does a word begin where the stretch begins and end where it ends?
    pub(in crate::sharing) fn is_whole(&self, at: &Range<usize>) -> bool {
        let before = self.text.get(..at.start).and_then(|text| text.chars().next_back());
        let after = self.text.get(at.end..).and_then(|text| text.chars().next());
        ![before, after].into_iter().flatten().any(char::is_alphanumeric)
    }

    fn take(&mut self, c: char, at: Range<usize>) {
        let plain: String = std::iter::once(c).nfkd().filter(|c| !is_combining_mark(*c)).collect();
        if plain.is_empty() || is_invisible(c) {
            // Accents and invisible characters belong to what stands before them.
            let last = self.from.last().map(|last| last.start);
            self.from
                .iter_mut()
                .rev()
                .take_while(|one| Some(one.start) == last)
                .for_each(|one| one.end = at.end);
            return;
        }
        for c in plain.chars().flat_map(char::to_lowercase).filter(|c| !is_combining_mark(*c)) {
            let mut buffer = [0; 4];
            self.push(plain_form(c, &mut buffer), &at);
        }
    }

    fn push(&mut self, plain: &str, at: &Range<usize>) {
        if plain == " " && self.text.ends_with(' ') {
            return;
        }
        self.text.push_str(plain);
        self.from.extend(plain.bytes().map(|_| at.clone()));
    }
}

/// Folds a text that is only compared.
pub(in crate::sharing) fn fold(text: &str) -> String {
    Folded::of(text).text.trim().to_owned()
}

/// Letters that have no accent to lose but are typed without, one apostrophe, and one kind of gap.
fn plain_form(c: char, buffer: &mut [u8; 4]) -> &str {
    match c {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'þ' => "th",
        'ø' => "o",
        'ł' => "l",
        'đ' | 'ð' => "d",
        'ħ' => "h",
        'ı' => "i",
        '\u{2019}' | '\u{2018}' | '\u{2bc}' | '\u{2bb}' | '`' | '\u{b4}' => "'",
        '-' | '_' | '\u{2010}'..='\u{2015}' => " ",
        c if c.is_whitespace() => " ",
        c => c.encode_utf8(buffer),
    }
}

/// Soft hyphens, joiners and their like stand inside words and must not hide them.
const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(needle: &str, text: &str) -> Option<String> {
        let folded = Folded::of(text);
        let start = folded.text().find(needle)?;
        let at = start..start + needle.len();
        folded.is_whole(&at).then(|| text[folded.original(&at).unwrap()].to_owned())
    }

    #[test]
    fn accents_case_and_invisible_characters_hide_nothing() {
        assert_eq!(found("zoe", "saw Zoë."), Some("Zoë".into()));
        assert_eq!(found("zoe", "saw Zoe\u{308}."), Some("Zoe\u{308}".into()));
        assert_eq!(found("zoe", "saw ZO\u{200b}E\u{ad}."), Some("ZO\u{200b}E\u{ad}".into()));
        assert_eq!(found("lukasz", "Łukasz's bag"), Some("Łukasz".into()));
        assert_eq!(found("anne marie", "Anne-\n Marie"), Some("Anne-\n Marie".into()));
        assert_eq!(found("o'neill", "O\u{2019}Neill’s"), Some("O\u{2019}Neill".into()));
    }

    #[test]
    fn only_whole_words_are_found_and_ranges_are_char_boundaries() {
        assert_eq!(found("ann", "planning"), None);
        assert_eq!(found("ann", "(ann)"), Some("ann".into()));
        // One letter that folds to two is never cut in half.
        assert_eq!(found("f", "ﬁ"), None);
        let text = "Straße ﬁ İ é\u{301} 李";
        let folded = Folded::of(text);
        for at in 0..folded.text().len() {
            let from = folded.original(&(at..at + 1)).unwrap();
            assert!(text.get(from).is_some());
        }
    }
}
