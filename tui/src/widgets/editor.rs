//! Typing: one line or a box, by graphemes, with undo. Text is kept exactly as typed.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    style::Style,
    text::Line,
};
use unicode_segmentation::UnicodeSegmentation as _;

use super::{
    paint::put,
    safe_text::{lines, safe, width},
};

/// Longest text of one field, in bytes; the rest belongs in an attachment.
pub const MAX_TEXT: usize = 64 * 1024;
/// Steps of undo that are kept.
const MAX_UNDO: usize = 200;

/// Text and the caret in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Editor {
    text: String,
    at: usize,
    undo: Vec<(String, usize)>,
    redo: Vec<(String, usize)>,
    /// Takes line ends.
    pub many_lines: bool,
}

impl Editor {
    /// An editor holding `text`, the caret at its end.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self { text: text.to_owned(), at: text.len(), ..Self::default() }
    }

    /// The same for one line or for many.
    #[must_use]
    pub fn holding(text: &str, many_lines: bool) -> Self {
        Self { many_lines, ..Self::new(text) }
    }

    /// The text as typed.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Puts another text in place of this one, undoably.
    pub fn set(&mut self, text: &str) {
        self.remember();
        text.clone_into(&mut self.text);
        self.at = self.text.len();
    }

    /// Types one key; says whether it meant anything here.
    pub fn key(&mut self, key: KeyEvent) -> bool {
        let ctrl =
            key.modifiers.contains(KeyModifiers::CONTROL) && !key.modifiers.contains(KeyModifiers::ALT);
        match key.code {
            KeyCode::Char('z') if ctrl => self.undo(),
            KeyCode::Char('y') if ctrl => self.redo(),
            KeyCode::Char('u') if ctrl => self.delete(self.line_start(), self.at),
            KeyCode::Char('w') if ctrl => self.delete(self.word_start(), self.at),
            KeyCode::Char(_) if ctrl => return false,
            KeyCode::Char(c) => self.insert(c.encode_utf8(&mut [0; 4])),
            KeyCode::Enter if self.many_lines => self.insert("\n"),
            KeyCode::Backspace => self.delete(self.before(), self.at),
            KeyCode::Delete => self.delete(self.at, self.after()),
            KeyCode::Left => self.at = self.before(),
            KeyCode::Right => self.at = self.after(),
            KeyCode::Home => self.at = self.line_start(),
            KeyCode::End => {
                let rest = self.text.get(self.at..).unwrap_or_default();
                self.at += rest.find('\n').unwrap_or(rest.len());
            }
            KeyCode::Up if self.many_lines => self.line(-1),
            KeyCode::Down if self.many_lines => self.line(1),
            _ => return false,
        }
        true
    }

    /// Inserts at the caret; line ends become spaces where one line is asked for. Too much is cut.
    pub fn insert(&mut self, text: &str) {
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let text = if self.many_lines { text } else { text.replace('\n', " ") };
        let mut room = MAX_TEXT.saturating_sub(self.text.len()).min(text.len());
        while !text.is_char_boundary(room) {
            room -= 1;
        }
        let text = text.get(..room).unwrap_or_default();
        if text.is_empty() {
            return;
        }
        self.remember();
        self.text.insert_str(self.at, text);
        self.at += text.len();
    }

    fn delete(&mut self, from: usize, to: usize) {
        if from < to {
            self.remember();
            self.text.replace_range(from..to, "");
            self.at = from;
        }
    }

    fn remember(&mut self) {
        self.undo.push((self.text.clone(), self.at));
        if self.undo.len() > MAX_UNDO {
            self.undo.remove(0);
        }
        self.redo.clear();
    }

    /// Takes the last change of the text back.
    pub fn undo(&mut self) {
        if let Some((text, at)) = self.undo.pop() {
            self.redo.push((std::mem::replace(&mut self.text, text), std::mem::replace(&mut self.at, at)));
        }
    }

    /// Makes it again.
    pub fn redo(&mut self) {
        if let Some((text, at)) = self.redo.pop() {
            self.undo.push((std::mem::replace(&mut self.text, text), std::mem::replace(&mut self.at, at)));
        }
    }

    fn line_start(&self) -> usize {
        self.text.get(..self.at).and_then(|text| text.rfind('\n')).map_or(0, |at| at + 1)
    }

    /// Where the word before the caret begins.
    fn word_start(&self) -> usize {
        let head = self.text.get(..self.at).unwrap_or_default().trim_end();
        head.char_indices().rfind(|(_, c)| c.is_whitespace()).map_or(0, |(at, c)| at + c.len_utf8())
    }

    fn before(&self) -> usize {
        let head = self.text.get(..self.at).unwrap_or_default();
        head.grapheme_indices(true).next_back().map_or(0, |(at, _)| at)
    }

    fn after(&self) -> usize {
        let rest = self.text.get(self.at..).unwrap_or_default();
        self.at + rest.graphemes(true).next().map_or(0, str::len)
    }

    /// Moves the caret to the typed line above or below, keeping the column as far as it goes.
    fn line(&mut self, by: isize) {
        let starts: Vec<usize> =
            std::iter::once(0).chain(self.text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        let here = starts.iter().rposition(|start| *start <= self.at).unwrap_or(0);
        let column = self.at - starts.get(here).copied().unwrap_or(0);
        let Some(&start) = here.checked_add_signed(by).and_then(|n| starts.get(n)) else { return };
        let rest = self.text.get(start..).unwrap_or_default();
        let mut to = start + column.min(rest.find('\n').unwrap_or(rest.len()));
        while !self.text.is_char_boundary(to) {
            to -= 1;
        }
        self.at = to;
    }

    /// Rows the text takes at `room` columns.
    #[must_use]
    pub fn height(&self, room: u16) -> u16 {
        u16::try_from(lines(&self.text, usize::from(room)).len()).unwrap_or(u16::MAX)
    }

    /// Draws the text, scrolled so that the caret is in sight; gives the caret.
    pub fn view(&self, buf: &mut Buffer, area: Rect, style: Style) -> Position {
        if self.many_lines { self.view_box(buf, area, style) } else { self.view_line(buf, area, style) }
    }

    /// As [`Self::view`], with a star for each character.
    pub fn view_hidden(&self, buf: &mut Buffer, area: Rect, style: Style) -> Position {
        let stars = Self::new(&"*".repeat(self.text.graphemes(true).count()));
        stars.view_line(buf, area, style)
    }

    fn view_line(&self, buf: &mut Buffer, area: Rect, style: Style) -> Position {
        let room = usize::from(area.width.saturating_sub(1));
        let head = self.text.get(..self.at).unwrap_or_default();
        let mut from = 0;
        for (at, _) in head.grapheme_indices(true) {
            from = at;
            if width(head.get(at..).unwrap_or_default()) <= room {
                break;
            }
        }
        let from = if head.is_empty() { 0 } else { from };
        put(buf, area, 0, &Line::styled(safe(self.text.get(from..).unwrap_or_default()).into_owned(), style));
        let column = width(head.get(from..).unwrap_or_default()).min(room);
        Position { x: area.x + u16::try_from(column).unwrap_or(0), y: area.y }
    }

    fn view_box(&self, buf: &mut Buffer, area: Rect, style: Style) -> Position {
        let ranges = lines(&self.text, usize::from(area.width.saturating_sub(1)));
        let row = ranges.iter().rposition(|range| range.start <= self.at).unwrap_or(0);
        let first = row.saturating_sub(usize::from(area.height.saturating_sub(1)));
        for (y, range) in (0..area.height).zip(ranges.iter().skip(first)) {
            let line = safe(self.text.get(range.clone()).unwrap_or_default()).into_owned();
            put(buf, area, y, &Line::styled(line, style));
        }
        let start = ranges.get(row).map_or(0, |range| range.start);
        let column = width(self.text.get(start..self.at).unwrap_or_default());
        let column = u16::try_from(column).unwrap_or(0).min(area.width.saturating_sub(1));
        Position { x: area.x + column, y: area.y + u16::try_from(row - first).unwrap_or(0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(editor: &mut Editor, keys: &[KeyCode]) {
        for code in keys {
            editor.key(KeyEvent::from(*code));
        }
    }

    #[test]
    fn typing_moves_by_what_people_see() {
        let mut editor = Editor::new("e\u{301}a");
        typed(&mut editor, &[KeyCode::Left, KeyCode::Backspace]);
        assert_eq!(editor.text(), "a", "an accented letter goes as one");
        editor.undo();
        assert_eq!(editor.text(), "e\u{301}a");
        editor.redo();
        assert_eq!(editor.text(), "a");
    }

    #[test]
    fn pasted_line_ends_are_one_kind_and_one_line_stays_one_line() {
        let mut area = Editor { many_lines: true, ..Editor::default() };
        area.insert("a\r\nb\rc");
        assert_eq!(area.text(), "a\nb\nc");
        typed(&mut area, &[KeyCode::Up, KeyCode::Home, KeyCode::Char('>')]);
        assert_eq!(area.text(), "a\n>b\nc");
        let mut line = Editor::default();
        line.insert("a\rb");
        assert_eq!(line.text(), "a b");
    }

    proptest::proptest! {
        #[test]
        fn the_caret_is_always_on_a_boundary_and_inside_its_area(
            text in "\\PC{0,12}", keys in proptest::collection::vec(0_u8..9, 0..24), many in proptest::bool::ANY
        ) {
            let mut editor = Editor { many_lines: many, ..Editor::new(&text) };
            for key in keys {
                let code = [KeyCode::Left, KeyCode::Right, KeyCode::Up, KeyCode::Down, KeyCode::Home, KeyCode::End,
                    KeyCode::Backspace, KeyCode::Enter, KeyCode::Char('é')][usize::from(key)];
                editor.key(KeyEvent::from(code));
            }
            let area = Rect::new(3, 2, 7, 3);
            let mut buf = Buffer::empty(Rect::new(0, 0, 20, 9));
            assert!(area.contains(editor.view(&mut buf, area, Style::new())));
        }
    }
}
