//! The cover: the whole screen, at once, with a clock and one word.

use jiff::Zoned;
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    text::Line,
    widgets::{Clear, Widget as _},
};

use crate::widgets::paint::{Look, put};

/// Paints every cell. It asks the terminal nothing, so that it never waits.
pub fn view(look: Look<'_>, since: &Zoned, area: Rect, buf: &mut Buffer) -> Position {
    Clear.render(area, buf);
    buf.set_style(area, look.theme.plain);
    let (clock, word) = (since.strftime("%H:%M").to_string(), "covered");
    let middle = area.height / 2;
    let at = |text: &str| Rect {
        x: area.x + area.width.saturating_sub(u16::try_from(text.len()).unwrap_or(0)) / 2,
        width: area.width.min(u16::try_from(text.len()).unwrap_or(0)),
        ..area
    };
    put(buf, at(&clock), middle.saturating_sub(1), &Line::styled(clock.clone(), look.theme.strong));
    put(buf, at(word), middle, &Line::styled(word, look.theme.quiet));
    Position { x: at(word).x, y: area.y + middle }
}
