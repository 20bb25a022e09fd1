//! Today: what needs me now, what is due, what others owe an answer to.

use jiff::civil::Date;
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    text::Line,
};

use super::{
    Answered, Cx, Face, Flow, Heard, Place as Where, actions, case::CaseScreen, concerns::Concerns,
    exchange::Exchange, push, query, to_check::ToCheck,
};
use crate::{
    action::Action,
    casework::{
        ids::EntryId,
        query::{Answer, Query, ShareState, Today},
    },
    flow::Request,
    keymap::Context,
    text,
    widgets::{
        list::{Place, Rows},
        paint::{Columns, below, divider, heading, put, split_left, split_top},
    },
};

/// The panes that can have the keys.
const PANES: usize = 3;

/// What was answered, and where one is.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TodayScreen {
    today: Option<Box<Today>>,
    pane: usize,
    places: [Place; PANES],
    alone: bool,
    /// A concern that was just recorded: it is selected.
    recorded: Option<EntryId>,
}

impl TodayScreen {
    fn len(&self, pane: usize) -> usize {
        let Some(today) = &self.today else { return 0 };
        match pane {
            0 => today.triage.len() + today.to_check.len() + today.inbox.len(),
            1 => today.actions.len(),
            _ => today.shares.len(),
        }
    }

    fn place(&self, pane: usize) -> Place {
        self.places.get(pane).copied().unwrap_or_default()
    }

    fn open(&self, triage: bool) -> Vec<Flow> {
        let Some(today) = &self.today else { return Vec::new() };
        let at = self.place(self.pane).0;
        match self.pane {
            0 => match today.triage.get(at) {
                Some(row) => push(Concerns::at(row.id, triage)),
                None if at < today.triage.len() + today.to_check.len() => push(ToCheck::default()),
                None => push(Exchange::default()),
            },
            1 => {
                today.actions.get(at).map(|row| push(CaseScreen::actions(row.item.case))).unwrap_or_default()
            }
            _ => today.shares.get(at).map(|row| push(CaseScreen::shares(row.share.case))).unwrap_or_default(),
        }
    }

    fn needs(&self, cx: &Cx<'_>, today: &Today, room: usize) -> Vec<Vec<Line<'static>>> {
        let theme = cx.look.theme;
        let concern = |row: &crate::casework::query::EntryRow| {
            let (word, style) = if row.in_danger { ("DANGER", theme.danger) } else { ("NEW", theme.warn) };
            let line = Columns::new(cx.look, room).cell(word, 6, style).cell(
                &time(row.recorded, cx),
                6,
                theme.quiet,
            );
            vec![line.text(&row.children, theme.strong).rest(&row.headline, theme.plain)]
        };
        let bundle = |row: &crate::casework::query::ReceivedRow| {
            // One that was taken back is a task of its own, with its own day.
            let asked = row.asked.as_ref().filter(|_| row.owes_answer());
            let (word, style) = if asked.is_some() { ("BACK", theme.danger) } else { ("INBOX", theme.warn) };
            let at = asked.map_or(row.received, |asked| asked.at);
            let line = Columns::new(cx.look, room).cell(word, 6, style).cell(&time(at, cx), 6, theme.quiet);
            let due = asked.and_then(|asked| asked.answer_by);
            let words = match (asked, due) {
                (None, _) => row.purpose.clone(),
                (Some(_), Some(day)) => format!("taken back, answer by {}: {}", text::date(day), row.purpose),
                (Some(_), None) => format!("taken back, answer it: {}", row.purpose),
            };
            vec![line.text(&row.from_name, theme.strong).rest(&words, theme.plain)]
        };
        let check = |row: &crate::casework::query::ShareRow| {
            let line = Columns::new(cx.look, room).cell("CHECK", 6, theme.warn).cell(
                &time(row.decided, cx),
                6,
                theme.quiet,
            );
            vec![line.text(&row.to_name, theme.strong).rest(&row.share.purpose, theme.plain)]
        };
        let checks = today.to_check.iter().map(check);
        today.triage.iter().map(concern).chain(checks).chain(today.inbox.iter().map(bundle)).collect()
    }

    fn sent(cx: &Cx<'_>, today: &Today, room: usize) -> Vec<Vec<Line<'static>>> {
        let theme = cx.look.theme;
        let row = |row: &crate::casework::query::ShareRow| {
            let (word, _) = text::share_state(&row.state);
            let style = if row.state == ShareState::Receipted { theme.good } else { theme.warn };
            let line = Columns::new(cx.look, room);
            let line = match cx.sending(row.id) {
                Some(come) => line.text(&format!("SENDING {come}"), theme.warn),
                None => line.cell(word, 10, style),
            };
            let line = line.text(&row.child_name, theme.strong);
            vec![line.rest(&format!("{}, {}", row.to_name, waiting(row, cx)), theme.quiet)]
        };
        today.shares.iter().map(row).collect()
    }

    fn pane(&self, pane: usize, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) -> Option<Position> {
        let focused = pane == self.pane;
        let blank = Today::default();
        let today = self.today.as_deref().unwrap_or(&blank);
        let edge = if pane == 0 && !cx.one_pane() { 3 } else { 2 };
        let room = usize::from(area.width.saturating_sub(edge));
        let (title, empty, rows) = match pane {
            0 => {
                ("Needs me now", "Nothing is waiting. Ctrl+N records a concern.", self.needs(cx, today, room))
            }
            1 => ("Due", "No action is due.", actions::rows(&today.actions, cx, room, false)),
            _ => ("Sent, waiting on others", "Nothing is on its way.", Self::sent(cx, today, room)),
        };
        let empty = if self.today.is_some() { empty } else { "Asking the casebook." };
        heading(buf, cx.look, area, title, focused);
        let list = Rows { look: cx.look, place: self.place(pane), focused, empty };
        let cursor = list.view(buf, below(area, 1), &rows);
        focused.then_some(cursor)
    }

    /// Numbers in words; the eight weeks as numbers with bars above them.
    fn numbers(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        heading(buf, cx.look, area, "Last 8 weeks", false);
        let Some(today) = &self.today else { return };
        let inner = below(area, 1);
        let weeks = &today.concerns_by_week;
        let look = cx.look;
        let wide = if area.width < 46 { 3 } else { 4 };
        let top = weeks.iter().map(|(_, n)| *n).max().unwrap_or(0).max(1);
        let bar =
            |n: u64| look.glyphs.bars.get(usize::try_from(n * 8 / top).unwrap_or(0)).copied().unwrap_or(" ");
        let bars: String = weeks.iter().map(|(_, n)| format!("{:>wide$}", bar(*n))).collect();
        let counts: String = weeks.iter().map(|(_, n)| format!("{n:>wide$}")).collect();
        let room = usize::from(area.width.saturating_sub(2));
        let line = |label: &str, text: &str, style| {
            Columns::new(look, room).cell(label, 10, look.theme.quiet).rest(text, style)
        };
        let mut lines = vec![
            line("  ", &bars, look.theme.accent),
            line("  concerns", &counts, look.theme.plain),
            line("  cases", &format!("   {} open", today.open_cases), look.theme.plain),
            line("  actions", &due_words(today), look.theme.plain),
            line("  drafts", &format!("   {}", draft_words(today.drafts)), look.theme.plain),
        ];
        if let Some(words) = retention_words(today) {
            lines.insert(4, line("  retention", &format!("   {words}"), look.theme.warn));
        }
        if today.certificate.is_some() {
            lines.insert(0, line("  WARNING", "   not certified: g m", look.theme.danger));
        }
        for (y, line) in (0..inner.height).zip(&lines) {
            put(buf, inner, y, line);
        }
    }
}

fn due_words(today: &Today) -> String {
    format!("   {} overdue, {} due this week", today.actions_overdue, today.actions_due_week)
}

fn draft_words(drafts: u64) -> String {
    if drafts == 0 { "none kept".to_owned() } else { format!("{drafts} kept: Ctrl+R in its form") }
}

/// What waits under the rules of retention, if anything does.
fn retention_words(today: &Today) -> Option<String> {
    match (today.disposals_proposed, today.past_retention) {
        (0, 0) => None,
        (0, past) => Some(format!("{} to review: g r", text::count(past, "file", "files"))),
        (proposed, _) => Some(format!("{proposed} to approve: g r")),
    }
}

/// The clock today, the day before that.
fn time(at: jiff::Timestamp, cx: &Cx<'_>) -> String {
    let at = at.to_zoned(cx.now.time_zone().clone());
    if at.date() == cx.today() { at.strftime("%H:%M").to_string() } else { at.strftime("%-d %b").to_string() }
}

/// Since when a share waits, in words.
fn waiting(row: &crate::casework::query::ShareRow, cx: &Cx<'_>) -> String {
    let last = row.receipts.last().map_or(row.decided, |(_, at, ..)| *at);
    let days = cx.now.timestamp().duration_since(last).as_hours() / 24;
    let (_, words) = text::share_state(&row.state);
    let since = match days {
        0 => format!("since {}", text::short_moment(last, cx.now)),
        1 => "for 1 day".to_owned(),
        days => format!("for {days} days"),
    };
    format!("{words}, {since}")
}

fn header(date: Date, today: Option<&Today>) -> (String, String) {
    let counts = today.map_or(String::new(), |today| {
        let danger =
            if today.in_danger > 0 { format!("{} IN DANGER  ", today.in_danger) } else { String::new() };
        format!("{danger}{} to triage  {} overdue", today.untriaged, today.actions_overdue)
    });
    (format!("TODAY   {}", text::full_date(date)), counts)
}

impl Face for TodayScreen {
    fn title(&self, cx: &Cx<'_>) -> (String, String) {
        header(cx.today(), self.today.as_deref())
    }

    fn contexts(&self) -> Vec<Context> {
        vec![Context::Today, Context::List]
    }

    fn place(&self) -> Option<Where> {
        Some(Where::Today)
    }

    fn ask(&self, cx: &Cx<'_>) -> Vec<Request> {
        vec![query(Query::Today { today: cx.today() })]
    }

    fn hear(&mut self, heard: Heard, cx: &Cx<'_>) -> Vec<Flow> {
        if let Heard::Answer(Answer::Today(mut today)) = heard {
            // Nobody checks what they proposed themselves.
            today.to_check.retain(|row| row.by.name != cx.user());
            let new = self.recorded.take().and_then(|id| today.triage.iter().position(|row| row.id == id));
            if let (Some(at), Some(place)) = (new, self.places.first_mut()) {
                (place.0, self.pane) = (at, 0);
            }
            self.today = Some(today);
            for pane in 0..PANES {
                let len = self.len(pane);
                self.places.iter_mut().skip(pane).take(1).for_each(|place| place.clamp(len));
            }
        }
        Vec::new()
    }

    fn answered(&mut self, answer: Answered, _cx: &Cx<'_>) -> Vec<Flow> {
        if let Answered::Recorded(entry) = answer {
            self.recorded = Some(entry);
        }
        Vec::new()
    }

    fn why_not(&self, action: Action, _cx: &Cx<'_>) -> Option<String> {
        let here = self.place(self.pane).0;
        let concern = self.pane == 0 && self.today.as_ref().is_some_and(|today| here < today.triage.len());
        match action {
            Action::Triage if !concern => Some("the selected row is not a concern".to_owned()),
            Action::Open if self.len(self.pane) == 0 => Some("nothing is selected".to_owned()),
            Action::Filter => Some("filter in Concerns, Cases or Actions; Ctrl+F finds anything".to_owned()),
            _ => None,
        }
    }

    fn has_panes(&self) -> bool {
        true
    }

    fn zooms(&self, cx: &Cx<'_>) -> bool {
        !cx.one_pane()
    }

    fn act(&mut self, action: Action, cx: &Cx<'_>) -> Vec<Flow> {
        match action {
            Action::NextPane => self.pane = (self.pane + 1) % PANES,
            Action::PrevPane => self.pane = (self.pane + PANES - 1) % PANES,
            Action::Zoom => self.alone = !self.alone,
            Action::Open => return self.open(false),
            Action::Triage => return self.open(true),
            action => {
                let len = self.len(self.pane);
                if let Some(place) = self.places.get_mut(self.pane) {
                    place.act(action, len, cx.page());
                }
            }
        }
        Vec::new()
    }

    fn view(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) -> Position {
        let home = crate::widgets::paint::home(area);
        if self.alone || cx.one_pane() {
            let (top, bottom) = split_top(area, area.height.saturating_sub(1));
            let cursor = self.pane(self.pane, cx, top, buf);
            let others = pane_names(self.pane);
            put(buf, bottom, 0, &Line::styled(format!("  Tab: {others}"), cx.look.theme.quiet));
            return cursor.unwrap_or(home);
        }
        let (left, right) = split_left(area, area.width / 2);
        let right = divider(buf, cx.look, right);
        let share = area.height - (area.height * 2 / 5).clamp(6, 9);
        let ((a, c), (b, d)) = (split_top(left, share), split_top(right, share));
        let cursors = [self.pane(0, cx, a, buf), self.pane(1, cx, b, buf), self.pane(2, cx, d, buf)];
        self.numbers(cx, c, buf);
        cursors.into_iter().flatten().next().unwrap_or(home)
    }
}

fn pane_names(pane: usize) -> &'static str {
    match pane {
        0 => "Due, then Sent",
        1 => "Sent, then Needs me now",
        _ => "Needs me now, then Due",
    }
}
