//! Where a text is cut into segments when it is recorded: between words, as Unicode Standard Annex 29 finds them.
//!
//! White space belongs to the segment before it, or to the first. What is cut here can be withheld or proven by itself
//! ever after; the cut is kept in the body, so another edition of Unicode changes nothing.

use kith_protocol::{
    evidence::MAX_LEAVES,
    fact::{MAX_FIELDS, MAX_SEGMENT},
};
use unicode_segmentation::UnicodeSegmentation as _;

/// Longest text that is cut, in bytes: longer ones are documents of others, which are shown whole or not at all.
const LONGEST: usize = 64 * 1024;

/// Cuts the texts of one fact, until it has as many segments as it may.
pub fn cutter() -> impl FnMut(&str) -> Vec<u8> {
    // A field takes a leaf even when its text is left whole.
    let mut left = MAX_LEAVES - MAX_FIELDS;
    move |text| {
        // Without white space it is an id, a time, a code: one thing.
        let is_narrative = text.len() <= LONGEST && text.contains(char::is_whitespace);
        let cut = if is_narrative { segments(text) } else { Vec::new() };
        match left.checked_sub(cut.len()) {
            Some(rest) => {
                left = rest;
                cut
            }
            None => Vec::new(),
        }
    }
}

/// The lengths of a text's segments, in bytes.
fn segments(text: &str) -> Vec<u8> {
    let mut segments: Vec<u8> = Vec::new();
    let mut only_space = true;
    for piece in text.split_word_bounds() {
        let space = piece.trim_start().is_empty();
        for (at, c) in piece.chars().enumerate() {
            let (goes_on, length) = (space || only_space || at > 0, c.len_utf8() as u8);
            match segments.last_mut() {
                Some(last) if goes_on && usize::from(*last + length) <= MAX_SEGMENT => *last += length,
                _ => segments.push(length),
            }
        }
        only_space &= space;
    }
    segments
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cut(text: &str) -> Vec<&str> {
        let mut rest = text;
        let piece = |length| {
            let (piece, after) = rest.split_at(usize::from(length));
            rest = after;
            piece
        };
        segments(text).into_iter().map(piece).collect()
    }

    #[test]
    fn words_keep_their_white_space_and_long_ones_are_split() {
        assert_eq!(
            cut("saw Ryan O'Neill, 7,  run\n"),
            ["saw ", "Ryan ", "O'Neill", ", ", "7", ",  ", "run\n"]
        );
        assert_eq!(cut(" \n Zoë saw"), [" \n Zoë ", "saw"]);
        assert_eq!(cut(""), [""; 0]);
        assert_eq!(cut(" "), [" "]);
        assert_eq!(cut(&"é".repeat(40)), ["é".repeat(31), "é".repeat(9)]);
        assert_eq!(cut(&" ".repeat(64)), [" ".repeat(63), " ".to_owned()]);
    }

    #[test]
    fn ids_long_documents_and_endless_lists_stay_whole() {
        let mut cutter = cutter();
        assert!(cutter(&"a ".repeat(40_000)).is_empty());
        assert!(cutter("2025-03-14T10:00:00Z").is_empty());
        let most = "a ".repeat(30_000);
        let cut = (0..100).map(|_| cutter(&most).len()).sum::<usize>();
        assert_eq!(cut, (MAX_LEAVES - MAX_FIELDS) / 30_000 * 30_000);
    }

    proptest! {
        #[test]
        fn segments_put_together_are_the_text(text in "(\\PC|\\s|[a-z ]{1,9}){0,60}") {
            let cut = cut(&text);
            prop_assert_eq!(&cut.concat(), &text);
            prop_assert!(cut.iter().all(|piece| (1..=MAX_SEGMENT).contains(&piece.len())));
        }
    }
}
