//! Versions of an entry side by side: nothing that was recorded is ever lost.

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    text::Line,
};

use super::{Cx, Face, Flow, entry_text};
use crate::{
    action::Action,
    casework::query::EntryView,
    keymap::Context,
    text,
    widgets::{
        list::{Place, reading},
        paint::{below, divider, heading, home, paragraph, put, split_left, split_top},
    },
};

/// The entry; the place counts versions from the newest replaced one.
#[derive(Debug, Clone, PartialEq)]
pub struct Versions {
    view: Box<EntryView>,
    at: usize,
    scroll: Place,
}

impl Versions {
    /// The newest replaced version beside the one that stands.
    #[must_use]
    pub fn new(view: EntryView) -> Self {
        Self { at: view.earlier.len().saturating_sub(1), view: Box::new(view), scroll: Place::default() }
    }

    fn now(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        heading(buf, cx.look, area, "As it stands", false);
        let lines = entry_text::lines(&self.view, cx.look, cx.now.time_zone(), area.width.saturating_sub(1));
        reading(buf, cx.look, below(area, 2), &lines, (self.scroll, true));
    }

    fn before(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        let Some(version) = self.view.earlier.get(self.at) else { return };
        let zone = cx.now.time_zone();
        let title = format!("Version {} of {}", self.at + 1, self.view.earlier.len() + 1);
        heading(buf, cx.look, area, &title, true);
        let room = area.width.saturating_sub(1);
        let mut lines = paragraph(
            &format!("{}, {}", text::moment(version.recorded, zone), version.by.name),
            room,
            cx.look.theme.plain,
        );
        lines.extend(paragraph(&format!("replaced because: {}", version.why), room, cx.look.theme.warn));
        lines.push(Line::default());
        lines.extend(entry_text::body(
            &version.entry,
            &self.view.names,
            cx.look,
            area.width.saturating_sub(1),
        ));
        reading(buf, cx.look, below(area, 2), &lines, (self.scroll, true));
    }
}

impl Face for Versions {
    fn title(&self, _cx: &Cx<'_>) -> (String, String) {
        (format!("VERSIONS OF {}", self.view.id), format!("amended {}x", self.view.earlier.len()))
    }

    fn contexts(&self) -> Vec<Context> {
        vec![Context::Reading]
    }

    fn act(&mut self, action: Action, cx: &Cx<'_>) -> Vec<Flow> {
        match action {
            Action::Back | Action::CloseView => return vec![Flow::Pop],
            Action::PrevTab => self.at = self.at.saturating_sub(1),
            Action::NextTab => self.at = (self.at + 1).min(self.view.earlier.len().saturating_sub(1)),
            action => drop(self.scroll.scroll(action, cx.look.shown.get())),
        }
        Vec::new()
    }

    fn view(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) -> Position {
        let (area, hint) = split_top(area, area.height.saturating_sub(1));
        put(buf, hint, 0, &Line::styled("  [ earlier   ] later", cx.look.theme.quiet));
        if cx.one_pane() {
            let (top, bottom) = split_top(area, area.height / 2);
            self.before(cx, top, buf);
            self.now(cx, bottom, buf);
            return home(area);
        }
        let (left, right) = split_left(area, area.width / 2);
        self.before(cx, left, buf);
        self.now(cx, divider(buf, cx.look, right), buf);
        home(area)
    }
}
