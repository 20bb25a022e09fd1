//! To check: shares that somebody else proposed. What would go, what was withheld and kept and why; then yes or no.

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    text::Line,
};

use super::{Answered, Cx, Face, Flow, Heard, dialog::Dialog, push, query};
use crate::{
    action::Action,
    casework::{
        ids::ShareId,
        query::{Answer, PAGE, Query, ShareRow},
    },
    flow::Request,
    keymap::Context,
    sharing::plan::{Checking, Marked},
    text,
    widgets::{
        form::{Field, Form},
        list::{Place, Rows, reading},
        paint::{Columns, below, divider, heading, labelled, paragraph, split_left, split_top},
    },
};

/// Columns of the labels.
const LABEL: usize = 14;

/// The list, and the one that is read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ToCheck {
    rows: Vec<ShareRow>,
    known: bool,
    place: Place,
    shown: Option<Box<Checking>>,
    reading: bool,
    scroll: Place,
    asking: Option<Asking>,
    /// What is said once it is done.
    going: Option<&'static str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asking {
    Approve(ShareId),
    SendBack(ShareId),
}

impl ToCheck {
    fn selected(&self) -> Option<&ShareRow> {
        self.place.of(&self.rows)
    }

    /// What is shown, if it is of the selected row.
    fn shown(&self) -> Option<&Checking> {
        let selected = self.selected()?.id;
        self.shown.as_deref().filter(|shown| shown.row.id == selected)
    }

    fn look_at(&self) -> Option<Request> {
        self.selected().map(|row| Request::Checking { share: row.id })
    }

    fn approve(&mut self, cx: &Cx<'_>) -> Vec<Flow> {
        let Some(row) = self.selected().cloned() else { return Vec::new() };
        let form =
            Form::new(vec![Field::line("name", "Their short name").required().help("Type it exactly")]);
        let intro = format!(
            "You, {}, sign exactly what is shown here, and it is sent to {} ({}). Type their short name to approve.",
            cx.user(),
            row.to_name,
            row.share.to
        );
        self.asking = Some(Asking::Approve(row.id));
        push(Dialog::new("Approve the share", &intro, form))
    }

    fn send_back(&mut self) -> Vec<Flow> {
        let Some(row) = self.selected().cloned() else { return Vec::new() };
        let form = Form::new(vec![Field::line("why", "Because").required().help("It stands in the record")]);
        let intro = format!("Nothing is sent. {} gets it back with your reason.", row.by.name);
        self.asking = Some(Asking::SendBack(row.id));
        push(Dialog::new("Send the share back", &intro, form))
    }

    fn list(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) -> Position {
        let theme = cx.look.theme;
        let room = usize::from(area.width.saturating_sub(2));
        let row = |row: &ShareRow| -> Vec<Line<'static>> {
            let when = text::short_moment(row.decided, cx.now);
            let line =
                Columns::new(cx.look, room).cell(&when, 12, theme.quiet).text(&row.to_name, theme.strong);
            vec![line.rest(&format!("{}, by {}", row.child_name, row.by.name), theme.plain)]
        };
        let rows: Vec<_> = self.rows.iter().map(row).collect();
        heading(buf, cx.look, area, "Proposed", !self.reading);
        let empty = if self.known { "Nothing waits for a check." } else { "Asking the casebook." };
        Rows { look: cx.look, place: self.place, focused: !self.reading, empty }.view(
            buf,
            below(area, 1),
            &rows,
        )
    }

    fn detail(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) -> Position {
        heading(buf, cx.look, area, "What would go", self.reading);
        let inner = below(area, 1);
        let inner = Rect { x: inner.x + 2.min(inner.width), width: inner.width.saturating_sub(3), ..inner };
        let lines = self.shown().map(|shown| lines(shown, cx, inner.width)).unwrap_or_default();
        reading(buf, cx.look, inner, &lines, (self.scroll, self.reading))
    }
}

fn lines(shown: &Checking, cx: &Cx<'_>, room: u16) -> Vec<Line<'static>> {
    let (look, row) = (cx.look, &shown.row);
    let by = format!("{}, {}, {}", row.by.name, row.by.role, text::short_moment(row.decided, cx.now));
    let facts = [
        ("To", row.to_name.as_str()),
        ("About", row.child_name.as_str()),
        ("Proposed by", by.as_str()),
        ("Purpose", row.share.purpose.as_str()),
        ("Asked", row.share.ask.as_str()),
        ("Basis", shown.basis.as_str()),
    ];
    let mut lines: Vec<_> =
        facts.iter().flat_map(|(label, text)| labelled(look, label, text, LABEL, room)).collect();
    for (title, marks) in [("Withheld", &shown.withheld), ("Kept in spite of a suggestion", &shown.kept)] {
        lines.push(Line::default());
        lines.push(Line::styled(format!("{title}: {}", marks.len()), look.theme.strong));
        for Marked { entry, place, text, reason } in marks {
            lines.extend(paragraph(&format!("{entry}, {place}: {text}"), room, look.theme.plain));
            lines.extend(paragraph(&format!("  because: {reason}"), room, look.theme.quiet));
        }
    }
    lines.push(Line::default());
    lines.push(Line::styled("What they will read", look.theme.strong));
    lines.extend(shown.lines.iter().flat_map(|line| paragraph(line, room, look.theme.plain)));
    lines
}

impl Face for ToCheck {
    fn title(&self, _cx: &Cx<'_>) -> (String, String) {
        let count = text::count(self.rows.len() as u64, "share", "shares");
        ("TO CHECK   a second person decides".to_owned(), count)
    }

    fn contexts(&self) -> Vec<Context> {
        vec![Context::ToCheck, if self.reading { Context::Reading } else { Context::List }]
    }

    fn ask(&self, _cx: &Cx<'_>) -> Vec<Request> {
        let mut asked = vec![query(Query::ToCheck { limit: PAGE })];
        asked.extend(self.look_at());
        asked
    }

    fn hear(&mut self, heard: Heard, _cx: &Cx<'_>) -> Vec<Flow> {
        match heard {
            Heard::Answer(Answer::ToCheck(rows)) => {
                (self.rows, self.known) = (rows, true);
                self.place.clamp(self.rows.len());
                self.reading &= self.shown().is_some();
                if self.shown().is_none() {
                    return self.look_at().map(Flow::Ask).into_iter().collect();
                }
            }
            Heard::Checking(checking) => self.shown = Some(checking),
            Heard::Done(_) => {
                if let Some(said) = self.going.take() {
                    (self.reading, self.shown) = (false, None);
                    return vec![Flow::Say(said.to_owned())];
                }
            }
            Heard::Not(_) => self.going = None,
            _ => {}
        }
        Vec::new()
    }

    fn answered(&mut self, answer: Answered, _cx: &Cx<'_>) -> Vec<Flow> {
        let (Answered::Form(form), Some(asking)) = (answer, self.asking.take()) else { return Vec::new() };
        match asking {
            Asking::Approve(share) => {
                let to = self.selected().map(|row| row.share.to.to_string()).unwrap_or_default();
                if form.text("name") != to {
                    return vec![Flow::Say(format!("Not approved: type their short name, {to}, exactly."))];
                }
                self.going = Some("APPROVED, signed by you. It goes by itself.");
                vec![Flow::Ask(Request::ApproveShare { share })]
            }
            Asking::SendBack(share) => {
                self.going = Some("SENT BACK with your reason. Nothing was sent.");
                vec![Flow::Ask(Request::SendBackShare { share, why: form.text("why").to_owned() })]
            }
        }
    }

    fn why_not(&self, action: Action, cx: &Cx<'_>) -> Option<String> {
        let no = |why: &str| Some(why.to_owned());
        match action {
            Action::Open | Action::Approve | Action::SendBack if self.selected().is_none() => {
                no("nothing is selected")
            }
            Action::Approve if self.selected().is_some_and(|row| row.by.name == cx.user()) => {
                no("you proposed it: somebody else who can open the casebook must check it")
            }
            Action::Approve | Action::SendBack if self.going.is_some() => no("it is being recorded"),
            Action::Approve if !self.reading || self.shown().is_none() => {
                no("read it first: Enter shows what would go")
            }
            Action::Filter => no("there is nothing to filter here"),
            _ => None,
        }
    }

    fn has_panes(&self) -> bool {
        true
    }

    fn act(&mut self, action: Action, cx: &Cx<'_>) -> Vec<Flow> {
        match action {
            Action::Approve => self.approve(cx),
            Action::SendBack => self.send_back(),
            Action::Open if !self.reading => {
                (self.reading, self.scroll) = (true, Place::default());
                self.look_at().map(Flow::Ask).into_iter().collect()
            }
            Action::Back | Action::CloseView if self.reading => {
                self.reading = false;
                Vec::new()
            }
            Action::Back | Action::CloseView => vec![Flow::Pop],
            Action::NextPane | Action::PrevPane => {
                self.reading = !self.reading && self.shown().is_some();
                Vec::new()
            }
            action if self.reading => {
                self.scroll.scroll(action, cx.look.shown.get());
                Vec::new()
            }
            action => {
                self.place.act(action, self.rows.len(), cx.page());
                self.look_at().filter(|_| self.shown().is_none()).map(Flow::Ask).into_iter().collect()
            }
        }
    }

    fn view(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) -> Position {
        if cx.one_pane() {
            return if self.reading { self.detail(cx, area, buf) } else { self.list(cx, area, buf) };
        }
        let (left, right) = if cx.two_panes() {
            let (left, right) = split_left(area, area.width * 9 / 20);
            (left, divider(buf, cx.look, right))
        } else {
            let rows = u16::try_from(self.rows.len()).unwrap_or(u16::MAX).saturating_add(2);
            split_top(area, rows.clamp(4, (area.height / 3).max(4)))
        };
        let (at_list, at_detail) = (self.list(cx, left, buf), self.detail(cx, right, buf));
        if self.reading { at_detail } else { at_list }
    }
}
