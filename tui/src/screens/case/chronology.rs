//! The chronology: newest first, gaps named in words, three levels of detail, the selected event beside or below.

mod months;
mod rows;

use jiff::civil::DateTime;
use kith_protocol::bundle::ConcernCategory;
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    text::Line,
};

use crate::{
    action::Action,
    casework::{
        ids::CaseId,
        query::{Answer, EntryRow, EntryView, Event, EventKey, Month, PAGE, Query, Window},
    },
    flow::Request,
    screens::{Cx, Flow, entry_text, query},
    text,
    widgets::{
        list::{Place, Rows, reading},
        paint::{Columns, below, divider, heading, split_left, split_top, titled},
    },
};

fn month_of(at: DateTime) -> (i16, i8) {
    (at.year(), at.month())
}

/// What the next rows are for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Load {
    #[default]
    Fresh,
    Older,
    Newer,
}

/// Rows above the selected one that are read again with it.
const AROUND: usize = PAGE as usize / 2;

/// The rows that are loaded, newest first, and where one is.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Chronology {
    case: CaseId,
    rows: Vec<Event>,
    total: u64,
    known: bool,
    months: Vec<Month>,
    place: Place,
    significant: bool,
    /// Only entries of this category.
    category: Option<ConcernCategory>,
    detail: u8,
    view: Option<Box<EntryView>>,
    load: Load,
    /// Where the rows are loaded from when they are read again: the selected one is among those, wherever it stands.
    from: Window<EventKey>,
    /// Go to the last row once they are there.
    to_end: bool,
    /// The first and the last row are the newest and the oldest there are.
    ends: (bool, bool),
    reading: bool,
    scroll: Place,
    alone: bool,
}

impl Chronology {
    pub(super) fn new(case: CaseId) -> Self {
        Self {
            case,
            rows: Vec::new(),
            total: 0,
            known: false,
            months: Vec::new(),
            place: Place::default(),
            significant: false,
            category: None,
            detail: 1,
            view: None,
            load: Load::Fresh,
            from: Window::Last,
            to_end: false,
            ends: (true, true),
            reading: false,
            scroll: Place::default(),
            alone: false,
        }
    }

    fn event(&self) -> Option<&Event> {
        self.place.of(&self.rows)
    }

    /// The selected entry.
    pub(super) fn row(&self) -> Option<&EntryRow> {
        match self.event()? {
            Event::Entry(row) => Some(row),
            Event::Share(_) | Event::Filed(_) | Event::Released(_) => None,
        }
    }

    /// The selected entry, once it has been read.
    pub(super) fn shown(&self) -> Option<&EntryView> {
        self.view.as_deref().filter(|view| Some(view.id) == self.row().map(|row| row.id))
    }

    fn query(&self, window: Window<EventKey>) -> Request {
        query(Query::Chronology {
            case: self.case,
            significant_only: self.significant,
            category: self.category,
            window,
            limit: PAGE,
        })
    }

    pub(super) fn ask(&self) -> Vec<Request> {
        vec![self.query(self.from), query(Query::Months { case: self.case })]
    }

    pub(super) fn hear(&mut self, answer: Answer) -> Vec<Flow> {
        match answer {
            Answer::Chronology { rows, total } => {
                self.heard(rows, total);
                return self.read();
            }
            Answer::Months(months) => self.months = months,
            Answer::Entry(view) => self.view = Some(view),
            _ => {}
        }
        Vec::new()
    }

    fn heard(&mut self, mut rows: Vec<Event>, total: u64) {
        rows.sort_unstable_by_key(|row| std::cmp::Reverse(row.key()));
        let whole = (rows.len() as u64) < u64::from(PAGE);
        let before = self.event().map(|event| event.key().id);
        // A refresh may have taken the place of a question for more rows: then these begin anew.
        let load = match std::mem::take(&mut self.load) {
            Load::Older if rows.first().map(Event::key) >= self.rows.last().map(Event::key) => Load::Fresh,
            Load::Newer
                if !rows.is_empty() && rows.last().map(Event::key) <= self.rows.first().map(Event::key) =>
            {
                Load::Fresh
            }
            load => load,
        };
        match load {
            Load::Fresh => {
                self.rows = rows;
                self.ends = match self.from {
                    Window::Last => (true, whole),
                    Window::Before(_) => (false, whole),
                    Window::First | Window::After(_) => (whole, true),
                };
            }
            Load::Older => {
                self.rows.extend(rows);
                self.ends.1 = whole;
            }
            Load::Newer => {
                rows.append(&mut self.rows);
                self.rows = rows;
                self.ends.0 = whole;
            }
        }
        (self.total, self.known) = (total, true);
        if let Some(at) = self.rows.iter().position(|row| Some(row.key().id) == before) {
            self.place = Place(at);
        }
        if std::mem::take(&mut self.to_end) {
            self.place = Place(self.rows.len());
        }
        self.place.clamp(self.rows.len());
        self.keep_around();
    }

    /// When the rows are read again, they are those around the selected one.
    fn keep_around(&mut self) {
        self.from = match self.place.0.checked_sub(AROUND) {
            None if self.ends.0 => Window::Last,
            above => self.rows.get(above.unwrap_or(0)).map_or(self.from, |row| Window::Before(row.key())),
        };
    }

    /// Loads the rows anew from somewhere else.
    fn load_from(&mut self, from: Window<EventKey>) -> Vec<Flow> {
        (self.from, self.load) = (from, Load::Fresh);
        self.to_end = from == Window::First;
        vec![Flow::Ask(self.query(from))]
    }

    /// Reads the selected entry.
    fn read(&self) -> Vec<Flow> {
        let stale = self.shown().is_none() || self.load == Load::Fresh;
        let row = self.row().filter(|_| stale);
        row.map(|row| Flow::Ask(query(Query::Entry { entry: row.id }))).into_iter().collect()
    }

    fn moved(&mut self) -> Vec<Flow> {
        self.scroll = Place::default();
        self.keep_around();
        let mut flows = self.read();
        let older =
            self.rows.last().map(Event::key).filter(|_| self.place.0 + 20 >= self.rows.len() && !self.ends.1);
        let newer = self.rows.first().map(Event::key).filter(|_| self.place.0 < 20 && !self.ends.0);
        if let (Some(key), Load::Fresh) = (older, self.load) {
            self.load = Load::Older;
            flows.push(Flow::Ask(self.query(Window::Before(key))));
        } else if let (Some(key), Load::Fresh) = (newer, self.load) {
            self.load = Load::Newer;
            flows.push(Flow::Ask(self.query(Window::After(key))));
        }
        flows
    }

    /// Which category is shown alone.
    pub(super) const fn category(&self) -> Option<ConcernCategory> {
        self.category
    }

    /// Shows one category alone, or all.
    pub(super) fn choose(&mut self, category: Option<ConcernCategory>) -> Vec<Flow> {
        self.category = category;
        (self.rows, self.place, self.known) = (Vec::new(), Place::default(), false);
        self.load_from(Window::Last)
    }

    pub(super) fn why_not(&self, action: Action) -> Option<String> {
        match self.shown() {
            _ if action == Action::MoreDetail => (self.detail == 2).then(|| "everything is shown".to_owned()),
            _ if action == Action::LessDetail => {
                (self.detail == 0).then(|| "headlines alone are shown".to_owned())
            }
            _ if self.event().is_none() => Some("nothing is selected".to_owned()),
            _ if self.row().is_none() => Some("it is no entry: nothing in it is amended".to_owned()),
            None => Some("the entry is being read".to_owned()),
            Some(view) if action == Action::Versions && view.earlier.is_empty() => {
                Some("it was never amended".to_owned())
            }
            Some(_) => None,
        }
    }

    /// Does what is the chronology's own; none for what is the case's.
    pub(super) fn act(&mut self, action: Action, cx: &Cx<'_>) -> Option<Vec<Flow>> {
        match action {
            Action::Significant => {
                self.significant = !self.significant;
                return Some(self.load_from(Window::Last));
            }
            Action::MoreDetail => self.detail = (self.detail + 1).min(2),
            Action::LessDetail => self.detail = self.detail.saturating_sub(1),
            Action::SignificantNext | Action::SignificantPrev => {
                return Some(self.significant_from_here(action == Action::SignificantNext));
            }
            Action::MonthNext | Action::MonthPrev => return Some(self.month(action == Action::MonthPrev)),
            Action::NextPane | Action::PrevPane | Action::Open => self.reading = !self.reading,
            Action::Zoom => self.alone = !self.alone,
            Action::Back | Action::CloseView if self.reading => self.reading = false,
            Action::Bottom if !self.reading && !self.ends.1 => return Some(self.load_from(Window::First)),
            Action::Top if !self.reading && !self.ends.0 => {
                (self.rows, self.place) = (Vec::new(), Place::default());
                return Some(self.load_from(Window::Last));
            }
            action if self.reading => return self.scroll.scroll(action, cx.look.shown.get()).then(Vec::new),
            action => return self.place.act(action, self.rows.len(), cx.page()).then(|| self.moved()),
        }
        Some(Vec::new())
    }

    /// The next significant entry down the list, or up.
    fn significant_from_here(&mut self, down: bool) -> Vec<Flow> {
        let at = self.place.0;
        let counts = |(_, row): &(usize, &Event)| row.is_significant();
        let found = if down {
            self.rows.iter().enumerate().skip(at + 1).find(counts)
        } else {
            self.rows.iter().enumerate().take(at).rfind(counts)
        };
        let Some((at, _)) = found else {
            return vec![Flow::Say("Nothing else that is significant that way.".to_owned())];
        };
        self.place = Place(at);
        self.moved()
    }

    /// The month before the selected one that has events, or the one after.
    fn month(&mut self, earlier: bool) -> Vec<Flow> {
        let Some(here) = self.event().map(|event| month_of(event.key().at)) else { return Vec::new() };
        let id = |month: &&Month| (month.year, month.month);
        let target = if earlier {
            self.months.iter().filter(|month| id(month) < here).max_by_key(|month| id(month))
        } else {
            self.months.iter().filter(|month| id(month) > here).min_by_key(|month| id(month))
        };
        let Some(target) = target.copied() else {
            return vec![Flow::Say("No month that way has anything.".to_owned())];
        };
        let of_it = |event: &Event| month_of(event.key().at) == (target.year, target.month);
        if let Some(at) = self.rows.iter().position(of_it) {
            self.place = Place(at);
            return self.moved();
        }
        let next = self
            .months
            .iter()
            .filter(|month| id(month) > (target.year, target.month))
            .min_by_key(|month| id(month));
        (self.rows, self.place) = (Vec::new(), Place::default());
        self.load_from(next.map_or(Window::Last, |month| Window::Before(month.first)))
    }

    pub(super) fn view(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) -> Position {
        let here = self.event().map(|event| month_of(event.key().at));
        let (strip, rest) = split_top(area, if area.height > 14 { 2 } else { 1 });
        months::view(&self.months, here, cx, strip, buf);
        if self.alone || area.width < 80 && self.reading {
            return if self.reading { self.text(cx, rest, buf) } else { self.list(cx, rest, buf) };
        }
        let (list, text) = if cx.two_panes() {
            let (list, text) = split_left(rest, rest.width * 11 / 20);
            (list, divider(buf, cx.look, text))
        } else {
            split_top(rest, rest.height * 3 / 5)
        };
        let (at_list, at_text) = (self.list(cx, list, buf), self.text(cx, text, buf));
        if self.reading { at_text } else { at_list }
    }

    fn list(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) -> Position {
        let which = if self.significant { "Significant events" } else { "All events" };
        let about = self.category.map_or(String::new(), |one| format!(" of {}", one.words()));
        heading(buf, cx.look, area, &format!("{which}{about}, newest first: {}", self.total), !self.reading);
        let room = usize::from(area.width.saturating_sub(if cx.two_panes() { 3 } else { 2 }));
        let rows: Vec<_> = self
            .rows
            .iter()
            .enumerate()
            .map(|(n, row)| {
                let mut lines = rows::lines(row, self.detail, cx, room);
                let next = self.rows.get(n + 1);
                let gap = next.and_then(|next| text::gap(next.key().at.date(), row.key().at.date()));
                lines.extend(gap.map(|words| Line::styled(format!("     {words}"), cx.look.theme.warn)));
                lines
            })
            .collect();
        let empty = match (self.known, self.significant) {
            (false, _) => "Asking the casebook.",
            (true, _) if self.category.is_some() => "No entry of this category. / chooses another, or all.",
            (true, true) => "No entry is marked significant. r shows all of them; * marks one.",
            (true, false) => "No entry yet. a adds one.",
        };
        let quiet = cx.look.theme.quiet;
        let titles = Columns::new(cx.look, room + 2)
            .cell("", 0, quiet)
            .cell("When", 15, quiet)
            .cell("!", 1, quiet)
            .cell_if(room > 62, "Source", 14, quiet)
            .cell_if(room > 84, "Kind", 10, quiet)
            .rest("What happened; ! is 0 to 3 by how much it matters, + for good", quiet);
        let area = titled(buf, below(area, 1), &titles);
        Rows { look: cx.look, place: self.place, focused: !self.reading, empty }.view(buf, area, &rows)
    }

    fn text(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) -> Position {
        let title = self.event().map_or("", rows::kind);
        heading(buf, cx.look, area, title, self.reading);
        let inner = below(area, 1);
        let inner = Rect { x: inner.x + 2.min(inner.width), width: inner.width.saturating_sub(3), ..inner };
        let lines = match self.event() {
            Some(Event::Share(row)) => rows::share(row, cx, inner.width),
            Some(Event::Filed(row)) => rows::filed(row, cx, inner.width),
            Some(Event::Released(row)) => rows::released(row, cx, inner.width),
            _ => {
                let zone = cx.now.time_zone();
                let lines = self.shown().map(|view| entry_text::lines(view, cx.look, zone, inner.width));
                lines.unwrap_or_default()
            }
        };
        reading(buf, cx.look, inner, &lines, (self.scroll, self.reading))
    }
}
