//! Concerns: the triage queue with a reading pane. Immediate danger first, then the oldest.

use kith_protocol::bundle::ConcernCategory;
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    text::Line,
};

use super::{
    Answered, Cx, Face, Flow, Heard, Place as Where,
    dialog::Dialog,
    entry_form::{EntryForm, categories},
    entry_text,
    paged::Paged,
    push, query,
    triage::Triage,
    versions::Versions,
};
use crate::{
    action::Action,
    casework::{
        category,
        ids::EntryId,
        query::{Answer, EntryRow, EntryView, PAGE, Page, Query, TriageKey, Window},
    },
    flow::Request,
    keymap::Context,
    text,
    widgets::{
        form::{Choice, Field, Form},
        list::{Place, Rows, reading},
        paint::{Columns, below, divider, heading, split_left, split_top},
    },
};

/// The queue, the concern that is read, and what waits to be opened.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Concerns {
    list: Paged<EntryRow>,
    /// Only concerns of this category.
    category: Option<ConcernCategory>,
    place: Place,
    view: Option<Box<EntryView>>,
    scroll: Place,
    reading: bool,
    alone: bool,
    /// How many are immediate danger, as the beginning of the list told the last time.
    in_danger: usize,
    /// Select this one, and triage it, as soon as it is there; until the whole list was looked through.
    wanted: Option<(EntryId, bool)>,
}

impl Concerns {
    /// The queue with one concern selected; with `triage` its decision is asked for at once.
    #[must_use]
    pub fn at(entry: EntryId, triage: bool) -> Self {
        Self { wanted: Some((entry, triage)), ..Self::default() }
    }

    fn row(&self) -> Option<&EntryRow> {
        self.place.of(&self.list.rows)
    }

    /// The concern that is selected, once it has been read from the casebook.
    fn shown(&self) -> Option<&EntryView> {
        self.view.as_deref().filter(|view| Some(view.id) == self.row().map(|row| row.id))
    }

    fn read(&self) -> Vec<Flow> {
        self.row().map(|row| Flow::Ask(query(Query::Entry { entry: row.id }))).into_iter().collect()
    }

    fn query(&self, window: Window<TriageKey>) -> Request {
        query(Query::Triage { category: self.category, window, limit: PAGE })
    }

    fn heard_rows(&mut self, page: Page<EntryRow>) -> Vec<Flow> {
        let before = self.row().map(|row| row.id);
        if let Some(window) = self.list.heard(page, &mut self.place) {
            return vec![Flow::Ask(self.query(window))];
        }
        if self.list.begins() {
            self.in_danger = self.list.rows.iter().filter(|row| row.in_danger).count();
        }
        let wanted = self.wanted.map(|(entry, _)| entry).or(before);
        if let Some(at) = self.list.rows.iter().position(|row| Some(row.id) == wanted) {
            self.place = Place(at);
        } else if self.wanted.is_some() {
            // What was recorded last is at the end, unless it is immediate danger.
            let more = if self.list.begins() {
                self.list.go(Action::Bottom, &mut self.place, 0)
            } else {
                self.list.rest()
            };
            if let Some(window) = more {
                return vec![Flow::Ask(self.query(window))];
            }
            if self.list.is_whole() {
                // Somebody has triaged it meanwhile.
                self.wanted = None;
            }
        }
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
        let rows: Vec<_> = self.list.rows.iter().map(row).collect();
        let empty = match (self.list.known, self.category) {
            (false, _) => "Asking the casebook.",
            (true, None) => "No concern waits for triage. Ctrl+N records one.",
            (true, Some(_)) => "No concern of this category waits. / chooses another, or all.",
        };
        let about = self.category.map_or(String::new(), |one| format!(": {}", one.words()));
        heading(buf, cx.look, area, &format!("Waiting for triage{about}"), !self.reading);
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
            .unwrap_or_else(|| {
                if self.list.rows.is_empty() { Vec::new() } else { vec![Line::from("Reading.")] }
            });
        reading(buf, cx.look, inner, &lines, (self.scroll, self.reading))
    }
}

/// Asks which category is shown.
pub(super) fn ask_category(now: Option<ConcernCategory>) -> Vec<Flow> {
    let mut choices = vec![Choice::new("all", "All categories", "")];
    choices.extend(categories());
    let now = now.map_or_else(|| "all".to_owned(), category::name);
    let field = Field::choice("category", "Category", choices).chosen(&now);
    push(Dialog::new("Which category", "", Form::new(vec![field.help("Type any word for it")])))
}

impl Face for Concerns {
    fn title(&self, _cx: &Cx<'_>) -> (String, String) {
        let danger =
            if self.in_danger > 0 { format!("{} IN DANGER  ", self.in_danger) } else { String::new() };
        let about = self.category.map_or(String::new(), |one| format!("   {}", one.words()));
        (format!("CONCERNS{about}"), format!("{danger}{} to triage", self.list.total))
    }

    fn contexts(&self) -> Vec<Context> {
        vec![Context::Concerns, if self.reading { Context::Reading } else { Context::List }]
    }

    fn place(&self) -> Option<Where> {
        Some(Where::Concerns)
    }

    fn ask(&self, _cx: &Cx<'_>) -> Vec<Request> {
        vec![self.query(self.list.window())]
    }

    fn hear(&mut self, heard: Heard, _cx: &Cx<'_>) -> Vec<Flow> {
        match heard {
            Heard::Answer(Answer::Triage(page)) => self.heard_rows(page),
            Heard::Answer(Answer::Entry(view)) => self.heard_view(view),
            _ => Vec::new(),
        }
    }

    fn answered(&mut self, answer: Answered, _cx: &Cx<'_>) -> Vec<Flow> {
        match answer {
            Answered::Recorded(entry) => {
                // It must be in sight whatever was chosen before.
                self.category = None;
                self.wanted = Some((entry, false));
            }
            Answered::Form(form) => {
                self.category = form.key_of("category").and_then(category::typed);
                (self.list, self.place, self.scroll) = Default::default();
                return vec![Flow::Ask(self.query(Window::First))];
            }
            _ => {}
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
            (Action::Filter, _) => return ask_category(self.category),
            (Action::NextPane | Action::PrevPane | Action::Open, _) => self.reading = !self.reading,
            (Action::Zoom, _) => self.alone = !self.alone,
            (Action::Back | Action::CloseView, _) if self.reading => self.reading = false,
            (Action::Back | Action::CloseView, _) => return vec![Flow::Pop],
            (action, _) if self.reading => {
                self.scroll.scroll(action, cx.look.shown.get());
            }
            (action, _) => {
                let before = self.place;
                let more = self.list.go(action, &mut self.place, cx.page());
                let more = more.map(|window| Flow::Ask(self.query(window)));
                if before != self.place {
                    self.scroll = Place::default();
                    return self.read().into_iter().chain(more).collect();
                }
                return more.into_iter().collect();
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
            let rows = u16::try_from(self.list.rows.len())
                .unwrap_or(u16::MAX)
                .saturating_add(2)
                .clamp(4, area.height / 3);
            split_top(area, rows)
        };
        let (at_list, at_text) = (self.list(cx, list, buf), self.text(cx, text, buf));
        if self.reading { at_text } else { at_list }
    }
}
