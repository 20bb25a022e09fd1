//! The list of cases, with a filter line; open ones, or closed ones too.

use crossterm::event::KeyEvent;
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    text::Line,
};

use super::{
    Answered, Cx, Doing, Face, Flow, Heard, Place as Where, case::CaseScreen, dialog::Dialog,
    help::view_typed, paged::Paged, push, query,
};
use crate::{
    action::Action,
    casework::{
        case::Case,
        command::Command,
        ids::CaseId,
        query::{Answer, CaseFilter, CaseRow, PAGE, Query, Window},
    },
    flow::Request,
    keymap::Context,
    text,
    widgets::{
        editor::Editor,
        form::{Choice, Field, Form},
        list::{Place, Rows},
        paint::{Columns, below, put, titled},
    },
};

/// The rows loaded so far, and the filter.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Cases {
    list: Paged<CaseRow>,
    place: Place,
    filter: Editor,
    filtering: bool,
    closed_too: bool,
    opening: bool,
}

impl Cases {
    fn query(&self, window: Window<CaseId>) -> Request {
        let filter =
            CaseFilter { text: self.filter.text().trim().to_owned(), include_closed: self.closed_too };
        query(Query::Cases { filter, window, limit: PAGE })
    }

    fn again(&mut self) -> Vec<Flow> {
        self.list.renew();
        self.place = Place::default();
        vec![Flow::Ask(self.query(Window::First))]
    }

    fn moved(&mut self, action: Action, page: usize) -> Vec<Flow> {
        let more = self.list.go(action, &mut self.place, page);
        more.map(|window| Flow::Ask(self.query(window))).into_iter().collect()
    }

    fn rows(&self, cx: &Cx<'_>, room: usize) -> Vec<Vec<Line<'static>>> {
        let theme = cx.look.theme;
        let row = |row: &CaseRow| {
            let style = match () {
                () if !row.open => theme.quiet,
                () if row.level == crate::casework::case::LevelOfNeed::ChildProtection => theme.warn,
                () => theme.plain,
            };
            let level = if row.open { text::level(row.level) } else { "CLOSED" };
            let last = row.last.map_or("no entry".to_owned(), |at| text::short_date(at.date(), cx.today()));
            let late = match (row.actions_overdue, row.actions_open) {
                (0, 0) => "no action".to_owned(),
                (0, open) => text::count(open, "action", "actions"),
                (late, _) => format!("OVERDUE {late}"),
            };
            let late_style = if row.actions_overdue > 0 { theme.danger } else { theme.quiet };
            let line = Columns::new(cx.look, room)
                .cell(&row.child_name, if room > 90 { 24 } else { 20 }, theme.strong)
                .cell(&text::year(&row.year), 4, theme.quiet)
                .cell(level, 16, style)
                .cell(&late, 10, late_style)
                .cell_if(room > 90, &last, 9, theme.quiet)
                .cell_if(room > 90, &row.lead, 14, theme.quiet);
            vec![line.rest(&row.title, theme.plain)]
        };
        self.list.rows.iter().map(row).collect()
    }
}

impl Face for Cases {
    fn title(&self, _cx: &Cx<'_>) -> (String, String) {
        let which = if self.closed_too { "open and closed" } else { "open" };
        (format!("CASES   {which}"), text::count(self.list.total, "case", "cases"))
    }

    fn contexts(&self) -> Vec<Context> {
        if self.filtering { vec![Context::Filter] } else { vec![Context::Cases, Context::List] }
    }

    fn typing(&self) -> bool {
        self.filtering
    }

    fn place(&self) -> Option<Where> {
        Some(Where::Cases)
    }

    fn ask(&self, _cx: &Cx<'_>) -> Vec<Request> {
        vec![self.query(self.list.window())]
    }

    fn hear(&mut self, heard: Heard, _cx: &Cx<'_>) -> Vec<Flow> {
        let Heard::Answer(Answer::Cases(page)) = heard else { return Vec::new() };
        let more = self.list.heard(page, &mut self.place);
        more.map(|window| Flow::Ask(self.query(window))).into_iter().collect()
    }

    fn why_not(&self, action: Action, _cx: &Cx<'_>) -> Option<String> {
        (action == Action::Open && self.list.rows.is_empty()).then(|| "no case is selected".to_owned())
    }

    fn answered(&mut self, answer: Answered, _cx: &Cx<'_>) -> Vec<Flow> {
        let Answered::Form(form) = answer else { return Vec::new() };
        let level = text::LEVELS.into_iter().find(|level| Some(text::level(*level)) == form.key_of("level"));
        let (Some(child), Some(level)) = (form.key_of("person").and_then(|key| key.parse().ok()), level)
        else {
            return Vec::new();
        };
        self.opening = true;
        let case =
            Case { child, title: form.text("title").to_owned(), level, lead: form.text("lead").to_owned() };
        let said = "Case opened.".to_owned();
        vec![Flow::Do(Box::new(Doing { command: Command::OpenCase(case), said, undo: None }))]
    }

    fn inside(&self) -> bool {
        self.filtering
    }

    fn act(&mut self, action: Action, cx: &Cx<'_>) -> Vec<Flow> {
        match action {
            Action::Open => {
                self.place.of(&self.list.rows).map(|row| push(CaseScreen::new(row.id))).unwrap_or_default()
            }
            Action::Filter => {
                self.filtering = true;
                Vec::new()
            }
            Action::Accept => {
                self.filtering = false;
                Vec::new()
            }
            Action::Back if self.filtering => {
                self.filtering = false;
                self.filter = Editor::default();
                self.again()
            }
            Action::ToggleClosed => {
                self.closed_too = !self.closed_too;
                self.again()
            }
            Action::NewCase => push(Dialog::new("Open a case", "", case_form(cx.user()))),
            Action::Back | Action::CloseView => vec![Flow::Pop],
            action => self.moved(action, cx.page()),
        }
    }

    fn key(&mut self, key: KeyEvent, _cx: &Cx<'_>) -> Vec<Flow> {
        if self.filter.key(key) { self.again() } else { Vec::new() }
    }

    fn paste(&mut self, text: &str, _cx: &Cx<'_>) -> Vec<Flow> {
        self.filter.insert(text);
        self.again()
    }

    fn view(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) -> Position {
        let room = usize::from(area.width.saturating_sub(2));
        let empty = match (self.list.known, self.filter.text().is_empty()) {
            (false, _) => "Asking the casebook.",
            (true, true) => "No case is open. Triage opens them; a opens one for a child.",
            (true, false) => "No case matches. Esc clears the filter; c shows closed cases too.",
        };
        let list = Rows { look: cx.look, place: self.place, focused: !self.filtering, empty };
        let quiet = cx.look.theme.quiet;
        let titles = Columns::new(cx.look, room + 2)
            .cell("", 0, quiet)
            .cell("Child", if room > 90 { 24 } else { 20 }, quiet)
            .cell("Year", 4, quiet)
            .cell("Level of need", 16, quiet)
            .cell("Actions", 10, quiet)
            .cell_if(room > 90, "Last", 9, quiet)
            .cell_if(room > 90, "Lead", 14, quiet)
            .rest("Case", quiet);
        let pane = titled(buf, below(area, 1), &titles);
        let cursor = list.view(buf, pane, &self.rows(cx, room));
        if self.filtering {
            return view_typed(cx.look, &self.filter, area, buf);
        }
        if !self.filter.text().is_empty() {
            let line = format!("  filter: {}", self.filter.text());
            put(buf, area, 0, &Columns::new(cx.look, room).rest(&line, cx.look.theme.warn));
        }
        cursor
    }
}

fn case_form(lead: &str) -> Form {
    let levels = text::LEVELS
        .map(|level| Choice::new(text::level(level), text::level(level), text::level_help(level)));
    Form::new(vec![
        Field::lookup("person", "Child", false, Vec::new()).required().help("Type part of a name or number"),
        Field::choice("level", "Level of need", levels.to_vec()).required(),
        Field::line("title", "Title").required(),
        Field::line("lead", "Lead").required().with(lead),
    ])
}
