//! Redact: every passage decided, withheld with a reason code or kept with a reason; as I see it, as they will.

use kith_protocol::bundle::Reason;
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    text::{Line, Span},
};

use super::{
    Asking, Share,
    items::{Item, texts},
};
use crate::{
    action::Action,
    screens::{Cx, Flow, dialog::Dialog, push},
    sharing::{
        pieces,
        plan::{Decision, SpanId},
    },
    text,
    widgets::{
        form::{Field, Form},
        list::{Place, Rows, reading},
        paint::{Columns, below, heading, paragraph, put, split_top, window},
        safe_text::{self, cut, safe},
    },
};

/// Columns that the name of a text takes beside it.
const LABEL: usize = 14;
/// Columns for the number and day of an entry.
const BEARING: usize = 13;

impl Share {
    fn item(&self) -> Option<&Item> {
        self.place().of(&self.items)
    }

    pub(super) fn why_not_redact(&self, action: Action) -> Option<String> {
        match self.item() {
            _ if self.mark.is_some() => {
                matches!(action, Action::Keep | Action::Unmark).then(|| "Esc gives the mark up".to_owned())
            }
            None => Some("no passage is selected; v marks words of your own".to_owned()),
            Some(item) if action == Action::Keep && item.blocks => {
                Some("it may not be kept: protected address or no-contact rule".to_owned())
            }
            Some(item)
                if action == Action::Unmark
                    && !self.decisions.contains_key(&item.id)
                    && item.code.is_some() =>
            {
                Some("it is undecided already".to_owned())
            }
            Some(_) => None,
        }
    }

    pub(super) fn act_redact(&mut self, action: Action, cx: &Cx<'_>) -> Vec<Flow> {
        if self.mark.is_some() && self.act_mark(action) {
            return Vec::new();
        }
        match action {
            Action::Redact | Action::RedactEverywhere => {
                let Some((id, text)) = self.target() else { return Vec::new() };
                self.add_own(id.clone(), &text);
                let spans = if action == Action::Redact { vec![id] } else { self.everywhere(&text) };
                self.mark = None;
                self.asking = Some(Asking::Reason(spans));
            }
            Action::Keep => {
                let Some(item) = self.item() else { return Vec::new() };
                let form = Form::new(vec![
                    Field::line("reason", "Reason").required().help("Recorded with the share"),
                ]);
                let box_ = Dialog::new(
                    "Keep it in",
                    &format!("\"{}\" will be read by them. Why is it needed?", item.text),
                    form,
                );
                self.asking = Some(Asking::Keep(item.id.clone()));
                return push(box_);
            }
            Action::Unmark => {
                let Some(item) = self.item().cloned() else { return Vec::new() };
                self.decisions.remove(&item.id);
                if item.code.is_none() {
                    self.items.retain(|other| other.id != item.id);
                }
                let many = self.items.len();
                self.place_mut().into_iter().for_each(|place| place.clamp(many));
                self.touched();
            }
            Action::NextUndecided | Action::PrevUndecided => {
                self.go_undecided(action == Action::NextUndecided);
            }
            Action::StartMark => self.start_mark(),
            Action::LeaveOut => return self.leave_out(),
            action => {
                let many = self.items.len();
                if let Some(place) = self.place_mut() {
                    place.act(action, many, cx.page());
                }
            }
        }
        Vec::new()
    }

    fn act_mark(&mut self, action: Action) -> bool {
        match action {
            Action::Down | Action::NextUndecided => self.move_mark(1),
            Action::Up | Action::PrevUndecided => self.move_mark(-1),
            Action::PageDown => self.move_mark(10),
            Action::PageUp => self.move_mark(-10),
            Action::WidenMark => self.widen_mark(),
            Action::NextPane | Action::PrevPane => self.next_entry(action == Action::NextPane),
            _ => return false,
        }
        true
    }

    /// What a redaction is about: the mark, else the selected passage.
    fn target(&self) -> Option<(SpanId, String)> {
        match self.mark {
            Some(_) => self.marked(),
            None => self.item().map(|item| (item.id.clone(), item.text.clone())),
        }
    }

    /// The code of what was suggested first of these, if anything was.
    pub(super) fn fitting(&self, spans: &[SpanId]) -> Option<u8> {
        let suggested = self.items.iter().filter(|item| spans.contains(&item.id));
        suggested.filter_map(|item| item.code.as_ref()).map(Reason::number).find(|code| *code < 9)
    }

    /// That a code is another than what was suggested.
    fn caution(&self, spans: &[SpanId], chosen: &Reason) -> Option<Flow> {
        let suggested = self.items.iter().filter(|item| spans.contains(&item.id));
        let other = suggested.filter_map(|item| Some((item, item.code.as_ref()?)));
        let (item, code) = other.into_iter().find(|(_, code)| code.number() != chosen.number())?;
        Some(Flow::Say(format!(
            "Withheld as {}, where it looked like {} ({}). r chooses again.",
            chosen.words(),
            code.words(),
            item.why
        )))
    }

    /// A reason 1 to 9; the ninth wants words.
    pub(super) fn with_code(&mut self, spans: Vec<SpanId>, code: u8) -> Vec<Flow> {
        if let Some(reason) = Reason::CODED.into_iter().find(|reason| reason.number() == code) {
            self.asking = None;
            let caution = self.caution(&spans, &reason);
            self.decide(spans, &Decision::Withhold(reason));
            self.go_undecided(true);
            return caution.into_iter().collect();
        }
        self.asking = Some(Asking::Other(spans));
        let form = Form::new(vec![
            Field::line("reason", "Reason").required().help("They see it instead of the words"),
        ]);
        push(Dialog::new("Another reason", "", form))
    }

    fn go_undecided(&mut self, forward: bool) {
        let at = self.place().0;
        let open = |(_, item): &(usize, &Item)| !self.decisions.contains_key(&item.id);
        let mut rows = self.items.iter().enumerate();
        let found = if forward {
            let all: Vec<_> = rows.filter(open).map(|(n, _)| n).collect();
            all.iter().find(|n| **n > at).or(all.first()).copied()
        } else {
            rows.rfind(|row| row.0 < at && open(row)).map(|(n, _)| n)
        };
        if let (Some(found), Some(place)) = (found, self.place_mut()) {
            *place = Place(found);
        }
    }

    fn leave_out(&mut self) -> Vec<Flow> {
        let entry = self.mark.map(|mark| mark.entry).or(self.item().map(|item| item.id.entry));
        let Some(entry) = entry else {
            return vec![Flow::Say("Not now: no passage is selected.".to_owned())];
        };
        if self.chosen.len() == 1 {
            return vec![Flow::Say("Not now: it is the only entry; step back to choose another.".to_owned())];
        }
        self.mark = None;
        self.chosen.remove(&entry);
        self.items.retain(|item| item.id.entry != entry);
        self.decisions.retain(|id, _| id.entry != entry);
        self.keep_only_offered();
        self.touched();
        let many = self.items.len();
        self.place_mut().into_iter().for_each(|place| place.clamp(many));
        vec![Flow::Say("The entry is left out of the share.".to_owned())]
    }

    pub(super) fn view_redact(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) -> Position {
        let most = area.height * 3 / 5;
        let rows = u16::try_from(self.items.len()).unwrap_or(u16::MAX).saturating_add(2);
        let (list, rest) = split_top(area, rows.clamp(4.min(most), most));
        let cursor = self.view_items(cx, list, buf);
        let (status, text) = split_top(rest, 1);
        let (.., undecided) = self.counts();
        let closed = if undecided > 0 { ", so step 5 is closed" } else { "" };
        let style = if undecided > 0 { cx.look.theme.warn } else { cx.look.theme.good };
        let said = format!("  {}{closed}", self.tally());
        let said = cut(&said, usize::from(status.width), cx.look.glyphs.ellipsis);
        put(buf, status, 0, &Line::styled(said, style));
        let cursor = self.view_text(cx, below(text, 1), buf).unwrap_or(cursor);
        if let Some(Asking::Reason(spans)) = &self.asking {
            let title = match spans.len() {
                0 | 1 => "Withhold because".to_owned(),
                n => format!("Withhold {n} passages because"),
            };
            return reasons(&title, self.fitting(spans), cx, area, buf);
        }
        cursor
    }

    fn view_items(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) -> Position {
        let half = area.width / 2;
        let (left, right) =
            (Rect { width: half, ..area }, Rect { x: area.x + half, width: area.width - half, ..area });
        heading(buf, cx.look, left, "As I see it", self.mark.is_none());
        heading(buf, cx.look, right, "As they will see it", false);
        let wide = usize::from(half.saturating_sub(4)).saturating_sub(BEARING + 1);
        let row = |(bearing, item): (String, &Item)| -> Vec<Line<'static>> {
            let (before, after) =
                self.around(item, wide.saturating_sub(safe_text::width(&item.text)) / 2, cx);
            let mine = format!("{before}{{{}}}{after}", item.text);
            let (theirs, style) = match self.decisions.get(&item.id) {
                None => ("UNDECIDED".to_owned(), cx.look.theme.warn),
                Some(Decision::Withhold(reason)) => {
                    (format!("{before}[{}: {}]{after}", reason.number(), reason.words()), cx.look.theme.good)
                }
                Some(Decision::Keep { reason }) => {
                    (format!("{before}{}{after}  kept: {reason}", item.text), cx.look.theme.plain)
                }
            };
            let line = Columns::new(cx.look, usize::from(area.width.saturating_sub(2)));
            let line = line.cell(&bearing, BEARING, cx.look.theme.quiet);
            vec![line.cell(&mine, wide, cx.look.theme.plain).rest(&theirs, style)]
        };
        let rows: Vec<_> = self.bearings(cx).into_iter().zip(&self.items).map(row).collect();
        let empty = if self.suggested {
            "Nothing was found that ought to be withheld. v marks words of your own; Ctrl+S goes on."
        } else {
            "Looking for what ought to be withheld."
        };
        let list = Rows { look: cx.look, place: self.place(), focused: self.mark.is_none(), empty };
        list.view(buf, below(area, 1), &rows)
    }

    /// Beside the first passage of each entry its number in the preview, and its day.
    fn bearings(&self, cx: &Cx<'_>) -> Vec<String> {
        let order = self.chosen_in_order();
        let mut before = None;
        let each = self.items.iter().map(|item| {
            let entry = item.id.entry;
            if before.replace(entry) == Some(entry) {
                return String::new();
            }
            let number = order.iter().position(|one| *one == entry).map_or(0, |at| at + 1);
            let day = self.views.get(&entry).map(|view| view.entry.happened.at.date());
            let day = day.map(|day| text::short_date(day, cx.today())).unwrap_or_default();
            format!("{number}. {day}")
        });
        each.collect()
    }

    /// A little of the text before and after a passage.
    fn around(&self, item: &Item, room: usize, cx: &Cx<'_>) -> (String, String) {
        let view = self.views.get(&item.id.entry);
        let found = view.and_then(|view| texts(view).into_iter().find(|(field, _)| *field == item.id.field));
        let Some((_, body)) = found else {
            return (format!("{}: ", pieces::name(&item.id.field)), String::new());
        };
        let (start, end) = (item.id.start as usize, item.id.end as usize);
        let before = body.get(..start).unwrap_or_default();
        let after = body.get(end..).unwrap_or_default();
        if before.is_empty() && after.is_empty() {
            // Alone it does not say what it is: a name among the people, a source.
            return (format!("{}: ", pieces::name(&item.id.field)), String::new());
        }
        let many = before.chars().count();
        let tail: String = before.chars().skip(many.saturating_sub(room)).collect();
        let tail = match tail.split_once(' ').filter(|_| many > room) {
            Some((_, whole)) => format!("{}{whole}", cx.look.glyphs.ellipsis),
            None => tail,
        };
        (tail, after.chars().take(2 * room).collect())
    }

    /// The text around the selected passage with everything marked in it; while marking, with the caret on the mark.
    fn view_text(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) -> Option<Position> {
        let (entry, current) = match self.mark {
            Some(mark) => (mark.entry, self.marked().map(|(id, _)| id)),
            None => (self.item()?.id.entry, Some(self.item()?.id.clone())),
        };
        let view = self.views.get(&entry)?;
        let when = text::when(view.entry.happened);
        let title = if self.mark.is_some() {
            "Your mark: arrows move, w widens, r redacts, Tab next entry, Esc gives up".to_owned()
        } else {
            let item = self.item()?;
            format!("{when}: {}{}", item.why, if item.blocks { ", MUST BE WITHHELD" } else { "" })
        };
        heading(buf, cx.look, area, &title, self.mark.is_some());
        let inner = below(area, 1);
        let inner = Rect { x: inner.x + 2.min(inner.width), width: inner.width.saturating_sub(3), ..inner };
        let mut lines: Vec<Line<'static>> = Vec::new();
        let mut at = None;
        // The braces around a passage take two columns.
        let room = usize::from(inner.width).saturating_sub(LABEL + 2);
        for (field, body) in texts(view) {
            let here = current.as_ref().filter(|id| id.field == field);
            let mut label = pieces::name(&field);
            for range in safe_text::lines(&body, room) {
                let start = here.map(|id| id.start as usize).filter(|start| range.contains(start));
                if let Some(start) = start {
                    let before = safe_text::width(body.get(range.start..start).unwrap_or_default());
                    at = Some((lines.len(), LABEL + before));
                }
                let mut line = Line::styled(format!("{label:LABEL$}"), cx.look.theme.quiet);
                line.extend(marked_line(&body, range, here, cx));
                lines.push(line);
                label.clear();
            }
        }
        let first = at.map_or(0, |(row, _)| row.saturating_sub(usize::from(inner.height) / 2));
        reading(buf, cx.look, inner, &lines, (Place(first), false));
        let first = first.min(lines.len().saturating_sub(usize::from(inner.height)));
        self.mark?;
        let (row, column) = at?;
        Some(Position {
            x: inner.x + u16::try_from(column).unwrap_or(0).min(inner.width.saturating_sub(1)),
            y: inner.y
                + u16::try_from(row.saturating_sub(first)).unwrap_or(0).min(inner.height.saturating_sub(1)),
        })
    }
}

/// A line of a text with the current passage in braces and underlined.
fn marked_line(
    body: &str,
    range: std::ops::Range<usize>,
    here: Option<&SpanId>,
    cx: &Cx<'_>,
) -> Vec<Span<'static>> {
    let plain = |from: usize, to: usize| {
        Span::styled(safe(body.get(from..to).unwrap_or_default()).into_owned(), cx.look.theme.plain)
    };
    let Some(id) = here else { return vec![plain(range.start, range.end)] };
    let from = (id.start as usize).clamp(range.start, range.end);
    let to = (id.end as usize).clamp(range.start, range.end);
    let inside = safe(body.get(from..to).unwrap_or_default()).into_owned();
    if inside.is_empty() {
        return vec![plain(range.start, range.end)];
    }
    // A passage over two lines is one: its braces stand where it begins and where it ends.
    let open = if id.start as usize >= range.start { "{" } else { "" };
    let close = if id.end as usize <= range.end { "}" } else { "" };
    let marked = Span::styled(format!("{open}{inside}{close}"), cx.look.theme.marked);
    vec![plain(range.start, from), marked, plain(to, range.end)]
}

/// The nine reasons, while one is asked for.
fn reasons(title: &str, fitting: Option<u8>, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) -> Position {
    let inner = window(buf, cx.look, area, (48, 12), title);
    for (y, reason) in (0..inner.height).zip(Reason::CODED) {
        let fits = fitting == Some(reason.number());
        let enter = if fits { "  (Enter)" } else { "" };
        let style = if fits { cx.look.theme.strong } else { cx.look.theme.plain };
        put(buf, inner, y, &Line::styled(format!("{}  {}{enter}", reason.number(), reason.words()), style));
    }
    put(buf, inner, 8, &Line::from("9  another reason, in your words"));
    let esc = paragraph("Esc: leave it undecided", inner.width, cx.look.theme.quiet);
    put(buf, inner, 9, &esc.into_iter().next().unwrap_or_default());
    crate::widgets::paint::home(inner)
}
