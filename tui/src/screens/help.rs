//! Help: the keys of the screen below; typing narrows, Enter runs.

use crossterm::event::KeyEvent;
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
};

use super::{Answered, Cx, Face, Flow, palette::Entry};
use crate::{
    action::Action,
    keymap::Context,
    widgets::{
        editor::Editor,
        list::{Place, Rows},
        paint::{Columns, Look, below, inset, put, window},
    },
};

/// The keys, and what is typed to narrow them.
#[derive(Debug, Clone, PartialEq)]
pub struct Help {
    entries: Vec<Entry>,
    typed: Editor,
    place: Place,
}

impl Help {
    /// Help on these actions.
    #[must_use]
    pub fn new(mut entries: Vec<Entry>) -> Self {
        entries.retain(|entry| !entry.binding.keys.is_empty());
        Self { entries, typed: Editor::default(), place: Place::default() }
    }

    fn narrowed(&self) -> Vec<&Entry> {
        self.entries.iter().filter(|entry| entry.fits(self.typed.text())).collect()
    }
}

impl Face for Help {
    fn title(&self, _cx: &Cx<'_>) -> (String, String) {
        (String::new(), String::new())
    }

    fn contexts(&self) -> Vec<Context> {
        vec![Context::Menu]
    }

    fn typing(&self) -> bool {
        true
    }

    fn is_box(&self) -> bool {
        true
    }

    fn act(&mut self, action: Action, cx: &Cx<'_>) -> Vec<Flow> {
        let rows = self.narrowed();
        match action {
            Action::Back => vec![Flow::Pop],
            Action::Open => rows
                .get(self.place.0)
                .map(|entry| Flow::Answer(Box::new(Answered::Run(entry.binding.action))))
                .into_iter()
                .collect(),
            action => {
                let many = rows.len();
                self.place.act(action, many, cx.page());
                Vec::new()
            }
        }
    }

    fn key(&mut self, key: KeyEvent, _cx: &Cx<'_>) -> Vec<Flow> {
        self.typed.key(key);
        self.place = Place::default();
        Vec::new()
    }

    fn paste(&mut self, text: &str, _cx: &Cx<'_>) -> Vec<Flow> {
        self.typed.insert(text);
        Vec::new()
    }

    fn view(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) -> Position {
        let size = (area.width.saturating_sub(4).min(86), area.height.saturating_sub(2));
        let inner = window(buf, cx.look, area, size, "Keys here: type to narrow, Enter runs");
        let room = usize::from(inner.width.saturating_sub(2));
        let rows: Vec<_> = self.narrowed().iter().map(|entry| vec![entry.line(cx.look, room, 16)]).collect();
        let list = Rows { look: cx.look, place: self.place, focused: true, empty: "No key does that here." };
        let pane = below(inner, 2);
        list.view(buf, pane, &rows);
        view_count(cx.look, rows.len(), pane.height, inner, buf);
        view_typed(cx.look, &self.typed, Rect { width: inner.width.saturating_sub(COUNT), ..inner }, buf)
    }
}

/// Columns that the count takes.
const COUNT: u16 = 20;

/// How many rows there are, where not all of them are in sight.
pub(super) fn view_count(look: Look<'_>, many: usize, high: u16, area: Rect, buf: &mut Buffer) {
    if many > usize::from(high) {
        let said = format!("{high} of {many} in sight");
        put(buf, area, 0, &Columns::new(look, usize::from(area.width)).right(&said, look.theme.quiet));
    }
}

/// The line one narrows by.
pub(super) fn view_typed(look: Look<'_>, typed: &Editor, area: Rect, buf: &mut Buffer) -> Position {
    let line = Columns::new(look, usize::from(area.width)).text("/", look.theme.accent).line();
    put(buf, area, 0, &line);
    typed.view(buf, inset(Rect { height: 1, ..area }, 3), look.theme.plain)
}
