//! Concerns: the triage queue with a reading pane. Immediate danger first, then the oldest.

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    text::Line,
};

use super::{
    Answered, Cx, Face, Flow, Heard, Place as Where, entry_form::EntryForm, entry_text, push, query,
    triage::Triage, versions::Versions,
};
use crate::{
    action::Action,
    casework::{
        ids::EntryId,
        query::{Answer, EntryRow, EntryView, Query},
    },
    flow::Request,
    keymap::Context,
    text,
    widgets::{
        list::{Place, Rows, reading},
        paint::{Columns, below, divider, heading, split_left, split_top},
    },
};

/// The queue, the concern that is read, and what waits to be opened.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Concerns {
    rows: Vec<EntryRow>,
    total: u64,
    known: bool,
    place: Place,
    view: Option<Box<EntryView>>,
    scroll: Place,
    reading: bool,
    alone: bool,
    /// Select this one, and triage it, as soon as it is there.
    wanted: Option<(EntryId, bool)>,
}

impl Concerns {
    /// The queue with one concern selected; with `triage` its decision is asked for at once.
    #[must_use]
    pub fn at(entry: EntryId, triage: bool) -> Self {
        Self { wanted: Some((entry, triage)), ..Self::default() }
    }

    fn row(&self) -> Option<&EntryRow> {
        self.place.of(&self.rows)
    }

    /// The concern that is selected, once it has been read from the casebook.
    fn shown(&self) -> Option<&EntryView> {
        self.view.as_deref().filter(|view| Some(view.id) == self.row().map(|row| row.id))
    }

    fn read(&self) -> Vec<Flow> {
        self.row().map(|row| Flow::Ask(query(Query::Entry { entry: row.id }))).into_iter().collect()
    }

    fn heard_rows(&mut self, rows: Vec<EntryRow>, total: u64) -> Vec<Flow> {
        let before = self.row().map(|row| row.id);
        let wanted = self.wanted.map(|(entry, _)| entry).or(before);
        if let Some(at) = rows.iter().position(|row| Some(row.id) == wanted) {
            self.place = Place(at);
        }
        self.place.clamp(rows.len());
        (self.rows, self.total, self.known) = (rows, total, true);
        if self.row().map(|row| row.id) != before {
            self.scroll = Place::default();
        }
        self.read()
    }

    fn heard_view(&mut self, view: Box<EntryView>) -> Vec<Flow> {
        self.view = Some(view);
        match (self.wanted, self.shown()) {
            (Some((wanted, triage)), Some(view)) if view.id == wanted => {
                let flows = if triage { push(Triage::new(view)) } else { Vec::new() };
                self.wanted = None;
                flows
            }
            _ => Vec::new(),
        }
    }

    fn list(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) -> Position {
        let room = usize::from(area.width.saturating_sub(2));
        let theme = cx.look.theme;
        let row = |row: &EntryRow| {
            let (word, style) = if row.in_danger { ("DANGER", theme.danger) } else { ("NEW", theme.warn) };
            let first = Columns::new(cx.look, room)
                .cell(word, 6, style)
                .cell(&text::short_moment(row.recorded, cx.now), 12, theme.quiet)
                .text(&row.children, theme.strong)
                .rest(if room > 70 { &row.headline } else { row.category.words() }, theme.plain);
            vec![first]
        };
        let rows: Vec<_> = self.rows.iter().map(row).collect();
        let empty = if self.known {
            "No concern waits for triage. Ctrl+N records one."
        } else {
            "Asking the casebook."
        };
        heading(buf, cx.look, area, "Waiting for triage", !self.reading);
        let list = Rows { look: cx.look, place: self.place, focused: !self.reading, empty };
        list.view(buf, below(area, 1), &rows)
    }

    fn text(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) -> Position {
        let title =
            self.shown().map_or(String::new(), |view| view.names.first().cloned().unwrap_or_default());
        heading(buf, cx.look, area, &title, self.reading);
        let inner = below(area, 1);
        let inner = Rect { x: inner.x + 2.min(inner.width), width: inner.width.saturating_sub(3), ..inner };
        let lines = self
            .shown()
            .map(|view| entry_text::lines(view, cx.look, cx.now.time_zone(), inner.width))
            .unwrap_or_else(|| if self.rows.is_empty() { Vec::new() } else { vec![Line::from("Reading.")] });
        reading(buf, cx.look, inner, &lines, (self.scroll, self.reading))
    }
}

impl Face for Concerns {
    fn title(&self, _cx: &Cx<'_>) -> (String, String) {
        let danger = self.rows.iter().filter(|row| row.in_danger).count();
        let danger = if danger > 0 { format!("{danger} IN DANGER  ") } else { String::new() };
        ("CONCERNS".to_owned(), format!("{danger}{} to triage", self.total))
    }

    fn contexts(&self) -> Vec<Context> {
        vec![Context::Concerns, if self.reading { Context::Reading } else { Context::List }]
    }

    fn place(&self) -> Option<Where> {
        Some(Where::Concerns)
    }

    fn ask(&self, _cx: &Cx<'_>) -> Vec<Request> {
        vec![query(Query::Triage { limit: crate::casework::query::PAGE })]
    }

    fn hear(&mut self, heard: Heard, _cx: &Cx<'_>) -> Vec<Flow> {
        match heard {
            Heard::Answer(Answer::Triage { rows, total }) => self.heard_rows(rows, total),
            Heard::Answer(Answer::Entry(view)) => self.heard_view(view),
            _ => Vec::new(),
        }
    }

    fn answered(&mut self, answer: Answered, _cx: &Cx<'_>) -> Vec<Flow> {
        if let Answered::Recorded(entry) = answer {
            self.wanted = Some((entry, false));
        }
        Vec::new()
    }

    fn why_not(&self, action: Action, _cx: &Cx<'_>) -> Option<String> {
        match action {
            Action::Triage | Action::Amend | Action::Open if self.row().is_none() => {
                Some("no concern is selected".to_owned())
            }
            Action::Triage | Action::Amend | Action::Versions if self.shown().is_none() => {
                Some("the concern is still being read".to_owned())
            }
            Action::Versions if self.shown().is_some_and(|view| view.earlier.is_empty()) => {
                Some("it was never amended".to_owned())
            }
            Action::Filter => {
                Some("the queue has one order: danger first, then oldest; Ctrl+F finds anything".to_owned())
            }
            _ => None,
        }
    }

    fn inside(&self) -> bool {
        self.reading
    }

    fn has_panes(&self) -> bool {
        true
    }

    fn zooms(&self, cx: &Cx<'_>) -> bool {
        !cx.one_pane()
    }

    fn act(&mut self, action: Action, cx: &Cx<'_>) -> Vec<Flow> {
        match (action, self.shown()) {
            (Action::Triage, Some(view)) => return push(Triage::new(view)),
            (Action::Amend, Some(view)) => return push(EntryForm::amend(view)),
            (Action::Versions, Some(view)) => return push(Versions::new(view.clone())),
            (Action::NextPane | Action::PrevPane | Action::Open, _) => self.reading = !self.reading,
            (Action::Zoom, _) => self.alone = !self.alone,
            (Action::Back | Action::CloseView, _) if self.reading => self.reading = false,
            (Action::Back | Action::CloseView, _) => return vec![Flow::Pop],
            (action, _) if self.reading => {
                self.scroll.scroll(action, cx.look.shown.get());
            }
            (action, _) => {
                let before = self.place;
                self.place.act(action, self.rows.len(), cx.page());
                if before != self.place {
                    self.scroll = Place::default();
                    return self.read();
                }
            }
        }
        Vec::new()
    }

    fn view(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) -> Position {
        if self.alone || cx.one_pane() {
            return if self.reading { self.text(cx, area, buf) } else { self.list(cx, area, buf) };
        }
        let (list, text) = if cx.two_panes() {
            let (list, text) = split_left(area, area.width * 9 / 20);
            (list, divider(buf, cx.look, text))
        } else {
            let rows = u16::try_from(self.rows.len())
                .unwrap_or(u16::MAX)
                .saturating_add(2)
                .clamp(4, area.height / 3);
            split_top(area, rows)
        };
        let (at_list, at_text) = (self.list(cx, list, buf), self.text(cx, text, buf));
        if self.reading { at_text } else { at_list }
    }
}
