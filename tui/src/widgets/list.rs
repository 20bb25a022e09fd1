//! Lists and reading panes: a place in rows, drawn so that it is always in sight.

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    text::{Line, Span},
};

use super::paint::{Look, Shown, home, inset, paragraph, put, put_all};
use crate::action::Action;

/// Further down than any text goes; drawing finds the end.
const END: usize = usize::MAX / 2;

/// The selected row of a list, or the first shown line of a text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Place(pub usize);

impl Place {
    /// Moves within `len` rows if `action` is a movement; says whether it was.
    pub fn act(&mut self, action: Action, len: usize, page: usize) -> bool {
        let last = len.saturating_sub(1);
        self.0 = match action {
            Action::Down => (self.0 + 1).min(last),
            Action::Up => self.0.min(last + 1).saturating_sub(1),
            Action::PageDown => (self.0 + page).min(last),
            Action::PageUp => self.0.saturating_sub(page),
            Action::Top => 0,
            Action::Bottom => last,
            _ => return false,
        };
        true
    }

    /// Moves through a text of which `shown` was seen; says whether `action` was a movement.
    pub fn scroll(&mut self, action: Action, shown: Shown) -> bool {
        if action == Action::Bottom {
            self.0 = END;
            return true;
        }
        self.0 = self.0.min(shown.last);
        self.act(action, shown.last + 1, shown.page())
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
        let first = self.first(rows, area.height);
        if self.focused {
            self.look.shown.set(Shown { rows: whole(rows, first, area.height), last: 0 });
        }
        for (n, row) in rows.iter().enumerate().skip(first) {
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

/// How many rows fit whole, from the first one drawn.
fn whole(rows: &[Vec<Line<'static>>], first: usize, height: u16) -> usize {
    let mut left = usize::from(height);
    let fits = |row: &&Vec<Line<'static>>| {
        let fits = row.len() <= left;
        left = left.saturating_sub(row.len());
        fits
    };
    rows.iter().skip(first).take_while(fits).count()
}

/// A text taller than its pane: drawn from `place`, with what is hidden said in words. `focused`: it has the keys.
pub fn reading(
    buf: &mut Buffer,
    look: Look<'_>,
    area: Rect,
    lines: &[Line<'static>],
    (place, focused): (Place, bool),
) -> Position {
    let height = usize::from(area.height);
    if focused {
        let rows = if lines.len() > height { height.saturating_sub(1) } else { height };
        look.shown.set(Shown { rows, last: lines.len().saturating_sub(height) });
    }
    // At its end no line is needed for what is below.
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
