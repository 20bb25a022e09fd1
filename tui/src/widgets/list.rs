//! Lists and reading panes: a place in rows, drawn so that it is always in sight.

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    text::{Line, Span},
};

use super::paint::{Look, home, inset, paragraph, put, put_all};
use crate::action::Action;

/// Rows that a page key moves.
const PAGE: usize = 10;

/// The selected row of a list, or the first shown line of a text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Place(pub usize);

impl Place {
    /// Moves within `len` rows if `action` is a movement; says whether it was.
    pub fn act(&mut self, action: Action, len: usize) -> bool {
        let last = len.saturating_sub(1);
        self.0 = match action {
            Action::Down => (self.0 + 1).min(last),
            Action::Up => self.0.min(last + 1).saturating_sub(1),
            Action::PageDown => (self.0 + PAGE).min(last),
            Action::PageUp => self.0.saturating_sub(PAGE),
            Action::Top => 0,
            Action::Bottom => last,
            _ => return false,
        };
        true
    }

    /// Keeps the place inside `len` rows.
    pub fn clamp(&mut self, len: usize) {
        self.0 = self.0.min(len.saturating_sub(1));
    }

    /// The selected one of `rows`.
    #[must_use]
    pub fn of<T>(self, rows: &[T]) -> Option<&T> {
        rows.get(self.0)
    }
}

/// What a list shows.
pub struct Rows<'a> {
    pub look: Look<'a>,
    pub place: Place,
    /// Does this pane have the keys?
    pub focused: bool,
    /// Said when there are no rows.
    pub empty: &'a str,
}

impl Rows<'_> {
    /// Draws `rows`, each of one or more lines, with `>` before the selected one; gives where the cursor belongs.
    pub fn view(&self, buf: &mut Buffer, area: Rect, rows: &[Vec<Line<'static>>]) -> Position {
        if rows.is_empty() {
            put_all(
                buf,
                inset(area, 2),
                &paragraph(self.empty, area.width.saturating_sub(2), self.look.theme.quiet),
            );
            return home(area);
        }
        let mut y = 0;
        let mut cursor = home(area);
        for (n, row) in rows.iter().enumerate().skip(self.first(rows, area.height)) {
            let chosen = n == self.place.0;
            if chosen {
                cursor = Position { x: area.x, y: area.y + y.min(area.height.saturating_sub(1)) };
            }
            for (k, line) in row.iter().enumerate() {
                self.line(buf, area, y, line, (chosen, k == 0));
                y += 1;
            }
            if y >= area.height {
                break;
            }
        }
        cursor
    }

    fn line(
        &self,
        buf: &mut Buffer,
        area: Rect,
        y: u16,
        line: &Line<'static>,
        (chosen, first): (bool, bool),
    ) {
        if y >= area.height {
            return;
        }
        let style = if chosen && self.focused { self.look.theme.selected } else { self.look.theme.plain };
        let sign = if chosen && first { "> " } else { "  " };
        let mut spans = vec![Span::raw(sign)];
        spans.extend(line.spans.iter().cloned());
        let line = Line::from(spans);
        put(buf, area, y, &line);
        if chosen && self.focused {
            buf.set_style(Rect { y: area.y + y, height: 1, ..area }, style);
        }
    }

    /// The first row to draw: the place stays near the middle, the ends stay at the edges.
    fn first(&self, rows: &[Vec<Line<'static>>], height: u16) -> usize {
        let height = usize::from(height);
        let tall = |from: usize, to: usize| -> usize {
            rows.iter().skip(from).take(to.saturating_sub(from)).map(Vec::len).sum()
        };
        let mut first = self.place.0.min(rows.len().saturating_sub(1));
        let own = rows.get(first).map_or(1, Vec::len);
        let target = height.saturating_sub(own) / 2;
        while first > 0 && (tall(first - 1, self.place.0) <= target || tall(first - 1, rows.len()) <= height)
        {
            first -= 1;
        }
        first
    }
}

/// A text taller than its pane: drawn from `place`, with what is hidden said in words.
pub fn reading(
    buf: &mut Buffer,
    look: Look<'_>,
    area: Rect,
    lines: &[Line<'static>],
    place: Place,
) -> Position {
    let height = usize::from(area.height);
    let from = place.0.min(lines.len().saturating_sub(height));
    let shown = lines.get(from..).unwrap_or_default();
    if shown.len() > height && height > 1 {
        put_all(buf, Rect { height: area.height - 1, ..area }, shown);
        let more = format!("{} more lines below", shown.len() - (height - 1));
        put(buf, area, area.height - 1, &Line::styled(more, look.theme.quiet));
    } else {
        put_all(buf, area, shown);
    }
    home(area)
}
