//! The one border for text from outside: what could steer the terminal or hide in a line is made visible.

use std::{borrow::Cow, fmt::Write as _, ops::Range};

use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

/// The text with control, escape, bidi and invisible characters shown as `<U+001B>`; line ends and tabs become spaces.
#[must_use]
pub fn safe(text: &str) -> Cow<'_, str> {
    if !text.chars().any(suspect) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    let mut before = ' ';
    for c in text.chars() {
        match c {
            '\n' | '\r' | '\t' => out.push(' '),
            // Joiners belong inside words of several scripts and inside emoji.
            '\u{200c}' | '\u{200d}' | '\u{fe0f}' if !before.is_ascii() && !suspect(before) => out.push(c),
            c if suspect(c) => drop(write!(out, "<U+{:04X}>", u32::from(c))),
            c => out.push(c),
        }
        before = c;
    }
    Cow::Owned(out)
}

/// Characters that reach no terminal as they are.
#[must_use]
pub const fn suspect(c: char) -> bool {
    matches!(c,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}'
        | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// Columns that text takes once it is safe.
#[must_use]
pub fn width(text: &str) -> usize {
    safe(text).width()
}

/// Safe text, cut to `room` columns with `ellipsis` at the end where something is missing.
#[must_use]
pub fn cut(text: &str, room: usize, ellipsis: &str) -> String {
    let text = safe(text);
    if text.width() <= room {
        return text.into_owned();
    }
    let room = room.saturating_sub(ellipsis.width());
    let mut out = String::new();
    let mut used = 0;
    for grapheme in text.graphemes(true) {
        used += grapheme.width();
        if used > room {
            break;
        }
        out.push_str(grapheme);
    }
    out.truncate(out.trim_end().len());
    out.push_str(ellipsis);
    out
}

/// Byte ranges of the lines that `text` makes at `room` columns; broken at spaces where there are any.
#[must_use]
pub fn lines(text: &str, room: usize) -> Vec<Range<usize>> {
    let room = room.max(1);
    let mut out = Vec::new();
    let (mut start, mut used) = (0, 0);
    let mut gap: Option<(usize, usize)> = None;
    for (at, grapheme) in text.grapheme_indices(true) {
        if matches!(grapheme, "\n" | "\r\n" | "\r") {
            out.push(start..at);
            (start, used, gap) = (at + grapheme.len(), 0, None);
            continue;
        }
        let wide = width(grapheme);
        if used + wide > room && at > start && grapheme != " " {
            let (next, before) = gap.take().unwrap_or((at, used));
            out.push(start..next);
            (start, used) = (next, used.saturating_sub(before));
        }
        used += wide;
        if grapheme == " " {
            gap = Some((at + 1, used));
        }
    }
    out.push(start..text.len());
    out
}

/// Safe lines of at most `room` columns.
#[must_use]
pub fn wrap(text: &str, room: usize) -> Vec<String> {
    lines(text, room)
        .into_iter()
        .map(|range| safe(text.get(range).unwrap_or_default()).trim_end().to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_steer_a_terminal_is_shown() {
        assert_eq!(safe("plain Zoë"), "plain Zoë");
        assert_eq!(safe("a\u{1b}[2Jb"), "a<U+001B>[2Jb");
        assert_eq!(safe("evil\u{202e}txt"), "evil<U+202E>txt");
        assert_eq!(safe("zero\u{200b}width\u{feff}"), "zero<U+200B>width<U+FEFF>");
        assert_eq!(safe("one\ntwo\tthree"), "one two three");
        assert_eq!(safe("a\u{200d}b"), "a<U+200D>b", "a joiner hides between Latin letters");
        assert_eq!(safe("می\u{200c}خواهم"), "می\u{200c}خواهم", "and belongs in Persian");
    }

    #[test]
    fn cutting_and_wrapping_count_columns() {
        assert_eq!(cut("Anna Berg", 6, "…"), "Anna…");
        assert_eq!(cut("張偉張偉", 5, "…"), "張偉…");
        assert_eq!(cut("Anna", 4, "…"), "Anna");
        assert_eq!(wrap("the quick brown fox", 9), ["the quick", "brown fox"]);
        assert_eq!(wrap("unbreakable", 4), ["unbr", "eaka", "ble"]);
        assert_eq!(wrap("a\n\nb", 9), ["a", "", "b"]);
        assert_eq!(wrap("", 9), [""]);
    }

    proptest::proptest! {
        #[test]
        fn nothing_suspect_survives_and_lines_keep_every_byte(text in ".{0,80}", room in 1_usize..40) {
            let shown = safe(&text);
            assert!(!shown.chars().any(|c| suspect(c) && !matches!(c, '\u{200c}' | '\u{200d}' | '\u{fe0f}')));
            let ranges = lines(&text, room);
            assert!(ranges.windows(2).all(|w| w[0].end <= w[1].start && w[1].start - w[0].end <= 2));
            assert_eq!(ranges.last().map(|r| r.end), Some(text.len()));
        }
    }
}
