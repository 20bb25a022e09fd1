//! How logs stand: what does not hold, above everything; else up to where ours is witnessed.

use ratatui::{buffer::Buffer, layout::Rect, text::Line};

use super::Tab;
use crate::{
    casework::query::LogsView,
    screens::Cx,
    text,
    widgets::{
        paint::{below, paragraph, put, put_all, span, split_top},
        safe_text::cut,
    },
};

/// Draws it under the tabs, and gives what is left of `area`. `tab` has an empty line there, unless it is the inbox.
pub(super) fn view(logs: &LogsView, tab: Tab, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) -> Rect {
    let theme = cx.look.theme;
    let rest = if tab == Tab::Inbox { area } else { below(area, 1) };
    let width = area.width.saturating_sub(2);
    let indented = |area: Rect| Rect { x: area.x + 1.min(area.width), width, ..area };
    let Some(finding) = logs.findings.first() else {
        if let Some(standing) = logs.standing.as_ref().filter(|_| tab != Tab::Inbox) {
            let words = format!("Log up to fact {}: {}", standing.size, standing.words);
            let words = cut(&words, usize::from(width), cx.look.glyphs.ellipsis);
            let line = Line::from(span(&words, theme.quiet));
            put(buf, indented(split_top(area, 1).0), 0, &line);
        }
        return rest;
    };
    let more = match logs.findings.len() {
        1 => String::new(),
        many => format!(" ({} more: kith casebook check)", many - 1),
    };
    let when = text::short_moment(finding.found, cx.now);
    let lines = paragraph(&format!("LOG {when}  {}{more}", finding.what), width, theme.danger);
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).min(area.height / 3);
    let (top, left) = split_top(rest, height);
    put_all(buf, indented(top), &lines);
    left
}
