//! Find anything: people by part of a name, also misspelt, or by number; entries by their words.

use crossterm::event::KeyEvent;
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    text::Line,
};

use super::{Cx, Face, Flow, Heard, case::CaseScreen, help::view_typed, lookup, query};
use crate::{
    action::Action,
    casework::{
        ids::CaseId,
        query::{Answer, EntryRow, PersonRow, Query},
    },
    flow::Request,
    keymap::Context,
    text,
    widgets::{
        editor::Editor,
        list::{Place, Rows},
        paint::{Columns, below},
    },
};

/// Rows of each kind that are asked for.
const LIMIT: u32 = 20;

/// What is typed and what was found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Find {
    typed: Editor,
    people: Vec<PersonRow>,
    entries: Vec<EntryRow>,
    place: Place,
}

impl Find {
    /// Looks for `text` at once.
    #[must_use]
    pub fn for_text(text: &str) -> Self {
        Self { typed: Editor::new(text), ..Self::default() }
    }

    fn again(&mut self, cx: &Cx<'_>) -> Vec<Flow> {
        self.place = Place::default();
        if self.typed.text().trim().is_empty() {
            (self.people, self.entries) = (Vec::new(), Vec::new());
        }
        self.ask(cx).into_iter().map(Flow::Ask).collect()
    }

    fn case(&self) -> Option<CaseId> {
        let at = self.place.0;
        match self.people.get(at) {
            Some(person) => person.case,
            None => self.entries.get(at.checked_sub(self.people.len())?)?.case,
        }
    }
}

impl Face for Find {
    fn title(&self, _cx: &Cx<'_>) -> (String, String) {
        let found = self.people.len() + self.entries.len();
        ("FIND   a child, a person, a number, or words in entries".to_owned(), format!("{found} found"))
    }

    fn contexts(&self) -> Vec<Context> {
        vec![Context::Menu]
    }

    fn typing(&self) -> bool {
        true
    }

    fn ask(&self, _cx: &Cx<'_>) -> Vec<Request> {
        let text = self.typed.text().trim().to_owned();
        if text.is_empty() {
            return Vec::new();
        }
        let people = Query::FindPeople { text: text.clone(), pupils_only: false, limit: LIMIT };
        vec![query(people), query(Query::FindEntries { text, limit: LIMIT })]
    }

    fn hear(&mut self, heard: Heard, _cx: &Cx<'_>) -> Vec<Flow> {
        match heard {
            Heard::Answer(Answer::People(rows)) => self.people = rows,
            Heard::Answer(Answer::Entries(rows)) => self.entries = rows,
            _ => {}
        }
        self.place.clamp(self.people.len() + self.entries.len());
        Vec::new()
    }

    fn why_not(&self, action: Action, _cx: &Cx<'_>) -> Option<String> {
        match (action, self.case()) {
            (Action::Open, None) if self.people.is_empty() && self.entries.is_empty() => {
                Some("nothing was found".to_owned())
            }
            (Action::Open, None) => Some("there is no case to open for this row".to_owned()),
            _ => None,
        }
    }

    fn act(&mut self, action: Action, cx: &Cx<'_>) -> Vec<Flow> {
        match action {
            Action::Back => vec![Flow::Pop],
            Action::Open => {
                let case = self.case().map(|case| Flow::Replace(Box::new(CaseScreen::new(case).into())));
                case.into_iter().collect()
            }
            action => {
                self.place.act(action, self.people.len() + self.entries.len(), cx.page());
                Vec::new()
            }
        }
    }

    fn key(&mut self, key: KeyEvent, cx: &Cx<'_>) -> Vec<Flow> {
        if self.typed.key(key) { self.again(cx) } else { Vec::new() }
    }

    fn paste(&mut self, text: &str, cx: &Cx<'_>) -> Vec<Flow> {
        self.typed.insert(text);
        self.again(cx)
    }

    fn view(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) -> Position {
        let theme = cx.look.theme;
        let room = usize::from(area.width.saturating_sub(2));
        let person = |row: &PersonRow| -> Vec<Line<'static>> {
            let choice = lookup::person(row);
            let case = if row.case.is_some() { "case" } else { "no case" };
            let line = Columns::new(cx.look, room).cell("person", 10, theme.quiet).cell(case, 7, theme.quiet);
            vec![line.text(&row.name, theme.strong).rest(&choice.detail, theme.plain)]
        };
        let entry =
            |row: &EntryRow| -> Vec<Line<'static>> {
                let when = text::short_when(row.at, row.precision, cx.today());
                let line = Columns::new(cx.look, room)
                    .cell(text::entry_kind(row.kind), 10, theme.quiet)
                    .cell(&when, 15, theme.quiet);
                vec![line.text(&row.children, theme.strong).rest(&row.headline, theme.plain)]
            };
        let rows: Vec<_> = self.people.iter().map(person).chain(self.entries.iter().map(entry)).collect();
        let empty = if self.typed.text().is_empty() {
            "Type part of a name, a number, or words."
        } else {
            "Nothing was found."
        };
        let list = Rows { look: cx.look, place: self.place, focused: true, empty };
        list.view(buf, below(area, 3), &rows);
        let line =
            Rect { x: area.x + 2.min(area.width), width: area.width.saturating_sub(2), ..below(area, 1) };
        view_typed(cx.look, &self.typed, line, buf)
    }
}
