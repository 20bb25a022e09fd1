//! The palette: any action by name, with its key for next time, and greyed ones with the reason; or a typed command.

use crossterm::event::KeyEvent;
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    text::Line,
};

use super::{Answered, Cx, Face, Flow, case::CaseScreen, find::Find, help::view_typed};
use crate::{
    action::Action,
    keymap::{Binding, Context},
    widgets::{
        editor::Editor,
        list::{Place, Rows},
        paint::{Columns, Look, below, span, window},
    },
};

/// An action that can be run from a menu, or why it cannot.
#[derive(Debug, Clone)]
pub struct Entry {
    pub binding: Binding,
    pub why_not: Option<String>,
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.binding.action == other.binding.action && self.why_not == other.why_not
    }
}

impl Entry {
    /// Does it have every word that was typed, in its name, its keys or what it does?
    pub(super) fn fits(&self, typed: &str) -> bool {
        let all = format!("{} {} {}", self.binding.label, self.binding.help, self.binding.keys_text())
            .to_lowercase();
        typed.to_lowercase().split_whitespace().all(|word| all.contains(word))
    }

    pub(super) fn line(&self, look: Look<'_>, room: usize, keys: usize) -> Line<'static> {
        let columns = Columns::new(look, room).cell(&self.binding.keys_text(), keys, look.theme.accent);
        match &self.why_not {
            None => columns.rest(self.binding.help, look.theme.plain),
            Some(why) => columns
                .text(self.binding.label, look.theme.quiet)
                .rest(&format!("not now: {why}"), look.theme.quiet),
        }
    }
}

/// What can be run, and what is typed.
#[derive(Debug, Clone, PartialEq)]
pub struct Palette {
    entries: Vec<Entry>,
    typed: Editor,
    place: Place,
}

impl Palette {
    /// A palette of these actions.
    #[must_use]
    pub fn new(entries: Vec<Entry>) -> Self {
        Self { entries, typed: Editor::default(), place: Place::default() }
    }

    fn narrowed(&self) -> Vec<&Entry> {
        self.entries.iter().filter(|entry| entry.fits(self.typed.text())).collect()
    }

    /// A typed command: `case 1-14`, `child smith y4`.
    fn command(&self) -> Option<(String, Flow)> {
        let typed = self.typed.text().trim();
        let (word, rest) = typed.split_once(' ')?;
        let rest = rest.trim();
        match word {
            "case" => {
                let case = rest.parse().ok()?;
                Some((format!("Open case {rest}"), Flow::Replace(Box::new(CaseScreen::new(case).into()))))
            }
            "child" | "find" if !rest.is_empty() => {
                Some((format!("Find {rest}"), Flow::Replace(Box::new(Find::for_text(rest).into()))))
            }
            _ => None,
        }
    }
}

impl Face for Palette {
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
        let (command, rows) = (self.command(), self.narrowed());
        let before = usize::from(command.is_some());
        match action {
            Action::Back => vec![Flow::Pop],
            Action::Open => match (command, self.place.0) {
                (Some((_, flow)), 0) => vec![flow],
                (_, at) => rows
                    .get(at - before)
                    .map(|entry| Flow::Answer(Box::new(Answered::Run(entry.binding.action))))
                    .into_iter()
                    .collect(),
            },
            action => {
                let many = rows.len() + before;
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
        let size = (area.width.saturating_sub(4).min(86), area.height.saturating_sub(2).min(18));
        let inner = window(buf, cx.look, area, size, "What do you want to do?  Also: case 1-14, child smith");
        let room = usize::from(inner.width.saturating_sub(2));
        let command = self.command().map(|(words, _)| vec![Line::from(span(&words, cx.look.theme.strong))]);
        let actions = self.narrowed().into_iter().map(|entry| vec![entry.line(cx.look, room, 16)]);
        let rows: Vec<_> = command.into_iter().chain(actions).collect();
        let list = Rows { look: cx.look, place: self.place, focused: true, empty: "Nothing is called that." };
        list.view(buf, below(inner, 2), &rows);
        view_typed(cx.look, &self.typed, inner, buf)
    }
}
