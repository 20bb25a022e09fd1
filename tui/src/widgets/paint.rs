//! Lines, columns, headings and boxes: the small strokes every screen is made of.

use std::cell::Cell;

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    style::Style,
    text::{Line, Span},
    widgets::{Clear, Widget as _},
};
use unicode_width::UnicodeWidthStr as _;

use super::safe_text::{cut, safe, width, wrap};
use crate::theme::{Glyphs, Theme};

/// What drawing needs to know.
#[derive(Debug, Clone, Copy)]
pub struct Look<'a> {
    pub theme: &'a Theme,
    pub glyphs: &'a Glyphs,
    /// Noted by the pane that has the keys: a page is what was seen of it.
    pub shown: &'a Cell<Shown>,
}

/// What the last frame showed of the pane that has the keys.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Shown {
    /// Rows of its list, or lines of its text.
    pub rows: usize,
    /// The line that stands first once the end of the text is in sight.
    pub last: usize,
}

impl Shown {
    /// How far a page key moves: one row of the page before stays in sight.
    #[must_use]
    pub fn page(self) -> usize {
        self.rows.saturating_sub(1).max(1)
    }
}

/// A safe span.
#[must_use]
pub fn span(text: &str, style: Style) -> Span<'static> {
    Span::styled(safe(text).into_owned(), style)
}

/// A line built column by column; what does not fit is cut with an ellipsis.
#[derive(Debug, Clone)]
pub struct Columns<'a> {
    spans: Vec<Span<'static>>,
    look: Look<'a>,
    left: usize,
}

/// Fewest columns that are worth a cut text.
const LEAST: usize = 5;

impl<'a> Columns<'a> {
    /// A line of at most `room` columns.
    #[must_use]
    pub const fn new(look: Look<'a>, room: usize) -> Self {
        Self { spans: Vec::new(), look, left: room }
    }

    /// A cell of exactly `wide` columns and a gap after it.
    #[must_use]
    pub fn cell(mut self, text: &str, wide: usize, style: Style) -> Self {
        let wide = wide.min(self.left);
        let text = cut(text, wide, self.look.glyphs.ellipsis);
        let fill = wide.saturating_sub(text.width());
        self.spans.push(Span::styled(text, style));
        let gap = self.left.saturating_sub(wide).min(2);
        self.spans.push(Span::raw(" ".repeat(fill + gap)));
        self.left -= wide + gap;
        self
    }

    /// As [`Self::cell`], when the line is at least `from` wide in all; columns drop in a stated order.
    #[must_use]
    pub fn cell_if(self, there: bool, text: &str, wide: usize, style: Style) -> Self {
        if there { self.cell(text, wide, style) } else { self }
    }

    /// Text as wide as it is, and a gap of two.
    #[must_use]
    pub fn text(self, text: &str, style: Style) -> Self {
        if text.is_empty() {
            return self;
        }
        let wide = width(text);
        self.cell(text, wide, style)
    }

    /// Everything that is left; nothing where a few letters and three dots would be all.
    #[must_use]
    pub fn rest(self, text: &str, style: Style) -> Line<'static> {
        let left = self.left;
        let mut spans = self.spans;
        if left < LEAST && width(text) > left {
            return Line::from(spans);
        }
        spans.push(Span::styled(cut(text, left, self.look.glyphs.ellipsis), style));
        Line::from(spans)
    }

    /// The line, with `text` at its right edge.
    #[must_use]
    pub fn right(self, text: &str, style: Style) -> Line<'static> {
        let left = self.left;
        let text = cut(text, left, self.look.glyphs.ellipsis);
        let mut spans = self.spans;
        spans.push(Span::raw(" ".repeat(left.saturating_sub(text.width()))));
        spans.push(Span::styled(text, style));
        Line::from(spans)
    }

    /// The line as it is.
    #[must_use]
    pub fn line(self) -> Line<'static> {
        Line::from(self.spans)
    }
}

/// Puts a line at row `y` of `area`; outside it nothing is drawn.
pub fn put(buf: &mut Buffer, area: Rect, y: u16, line: &Line<'_>) {
    if y < area.height {
        buf.set_line(area.x, area.y + y, line, area.width);
    }
}

/// Puts lines one below the other and says how many rows they took.
pub fn put_all(buf: &mut Buffer, area: Rect, lines: &[Line<'_>]) -> u16 {
    for (y, line) in (0..area.height).zip(lines) {
        put(buf, area, y, line);
    }
    u16::try_from(lines.len()).unwrap_or(u16::MAX).min(area.height)
}

/// A heading in a rule, `─ Due ───────`; the pane that has the keys stands out in weight as well as colour.
pub fn heading(buf: &mut Buffer, look: Look<'_>, area: Rect, title: &str, focused: bool) {
    let style = if focused { look.theme.accent } else { look.theme.plain };
    let title = cut(title, usize::from(area.width).saturating_sub(4), look.glyphs.ellipsis);
    let used = if title.is_empty() { 0 } else { title.width() + 3 };
    let mut spans = Vec::new();
    if !title.is_empty() {
        spans = vec![
            Span::styled(look.glyphs.across, look.theme.quiet),
            Span::raw(" "),
            Span::styled(title, style),
            Span::raw(" "),
        ];
    }
    let rest = usize::from(area.width).saturating_sub(used);
    spans.push(Span::styled(look.glyphs.across.repeat(rest), look.theme.quiet));
    put(buf, area, 0, &Line::from(spans));
}

/// A line down the left edge of `area`; gives what is to the right of it.
pub fn divider(buf: &mut Buffer, look: Look<'_>, area: Rect) -> Rect {
    for y in 0..area.height {
        put(buf, area, y, &Line::styled(look.glyphs.down, look.theme.quiet));
    }
    inset(area, 2)
}

/// `area` without its first `by` columns.
#[must_use]
pub fn inset(area: Rect, by: u16) -> Rect {
    let by = by.min(area.width);
    Rect { x: area.x + by, width: area.width - by, ..area }
}

/// `area` without its first `by` rows.
#[must_use]
pub fn below(area: Rect, by: u16) -> Rect {
    let by = by.min(area.height);
    Rect { y: area.y + by, height: area.height - by, ..area }
}

/// The first `rows` rows, and what is below them.
#[must_use]
pub fn split_top(area: Rect, rows: u16) -> (Rect, Rect) {
    let rows = rows.min(area.height);
    (Rect { height: rows, ..area }, below(area, rows))
}

/// The first `columns` columns, and what is right of them.
#[must_use]
pub fn split_left(area: Rect, columns: u16) -> (Rect, Rect) {
    let columns = columns.min(area.width);
    (Rect { width: columns, ..area }, inset(area, columns))
}

/// An emptied box in the middle of `area` with a title in its border; gives the inside.
pub fn window(buf: &mut Buffer, look: Look<'_>, area: Rect, size: (u16, u16), title: &str) -> Rect {
    let (wide, high) = (size.0.min(area.width), size.1.min(area.height));
    let outer = Rect {
        x: area.x + (area.width - wide) / 2,
        y: area.y + (area.height - high) / 2,
        width: wide,
        height: high,
    };
    Clear.render(outer, buf);
    buf.set_style(outer, look.theme.plain);
    frame(buf, look, outer, title);
    Rect {
        x: outer.x + 2.min(wide),
        y: outer.y + 1.min(high),
        width: wide.saturating_sub(4),
        height: high.saturating_sub(2),
    }
}

fn frame(buf: &mut Buffer, look: Look<'_>, area: Rect, title: &str) {
    let Glyphs { across, down, corners: [nw, ne, sw, se], ellipsis, .. } = *look.glyphs;
    let inner = usize::from(area.width).saturating_sub(2);
    let title = cut(title, inner.saturating_sub(4), ellipsis);
    let quiet = look.theme.quiet;
    let fill = inner.saturating_sub(title.width() + 3);
    let top = Line::from(vec![
        Span::styled(format!("{nw}{across} "), quiet),
        Span::styled(title, look.theme.accent),
        Span::styled(format!(" {}{ne}", across.repeat(fill)), quiet),
    ]);
    put(buf, area, 0, &top);
    for y in 1..area.height.saturating_sub(1) {
        put(buf, area, y, &Line::styled(down, quiet));
        put(buf, inset(area, area.width.saturating_sub(1)), y, &Line::styled(down, quiet));
    }
    let bottom = format!("{sw}{}{se}", across.repeat(inner));
    put(buf, area, area.height.saturating_sub(1), &Line::styled(bottom, quiet));
}

/// Wrapped text as lines of one style.
#[must_use]
pub fn paragraph(text: &str, room: u16, style: Style) -> Vec<Line<'static>> {
    wrap(text, usize::from(room)).into_iter().map(|line| Line::styled(line, style)).collect()
}

/// A label in a column of `wide` and wrapped text beside it.
#[must_use]
pub fn labelled(look: Look<'_>, label: &str, text: &str, wide: usize, room: u16) -> Vec<Line<'static>> {
    let room = usize::from(room).saturating_sub(wide + 2).max(8);
    let mut out = Vec::new();
    for (n, line) in wrap(text, room).into_iter().enumerate() {
        let label = if n == 0 { label } else { "" };
        out.push(Columns::new(look, wide + 2).cell(label, wide, look.theme.quiet).line());
        if let Some(last) = out.last_mut() {
            last.push_span(Span::styled(line, look.theme.plain));
        }
    }
    out
}

/// Draws what the columns of a list are, where there are rows to spare, and gives what is left for the list.
#[must_use]
pub fn titled(buf: &mut Buffer, area: Rect, titles: &Line<'static>) -> Rect {
    if area.height <= SPARE {
        return area;
    }
    put(buf, area, 0, titles);
    below(area, 1)
}

/// Rows that a list needs for itself.
const SPARE: u16 = 8;

/// Where the cursor rests when a screen has no row: the first cell of `area`.
#[must_use]
pub const fn home(area: Rect) -> Position {
    Position { x: area.x, y: area.y }
}
