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
            self.push(plain_form(look_alike(c), &mut buffer), &at);
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

/// The Latin letter that a Cyrillic or Greek one looks like, small or large: names and addresses are typed or copied
/// with either (Unicode TR39, confusables).
const fn look_alike(c: char) -> char {
    match c {
        '\u{430}' | '\u{3b1}' => 'a',
        '\u{432}' | '\u{3b2}' => 'b',
        '\u{441}' => 'c',
        '\u{501}' => 'd',
        '\u{435}' | '\u{3b5}' => 'e',
        '\u{4bb}' | '\u{43d}' | '\u{3b7}' => 'h',
        '\u{456}' | '\u{3b9}' => 'i',
        '\u{458}' => 'j',
        '\u{43a}' | '\u{3ba}' => 'k',
        '\u{4cf}' => 'l',
        '\u{43c}' | '\u{3bc}' => 'm',
        '\u{3bd}' => 'n',
        '\u{43e}' | '\u{3bf}' => 'o',
        '\u{440}' | '\u{3c1}' => 'p',
        '\u{455}' => 's',
        '\u{442}' | '\u{3c4}' => 't',
        '\u{445}' | '\u{3c7}' => 'x',
        '\u{443}' | '\u{3c5}' => 'y',
        '\u{3b6}' => 'z',
        c => c,
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
    fn letters_of_other_alphabets_that_look_the_same_hide_nothing() {
        assert_eq!(found("larkfield", "14 L\u{430}rkfi\u{435}ld"), Some("L\u{430}rkfi\u{435}ld".into()));
        assert_eq!(fold("\u{420}eter \u{39f}akes"), "peter oakes");
        // A name of that alphabet is itself in every case.
        assert_eq!(fold("\u{41c}\u{410}\u{420}\u{422}\u{410}"), fold("\u{41c}\u{430}\u{440}\u{442}\u{430}"));
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
