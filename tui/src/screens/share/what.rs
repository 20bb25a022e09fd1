//! What: the entries and files that go, and no more.

use kith_protocol::consent::scope_refusals;
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    text::Line,
};

use super::{Share, why};
use crate::{
    action::Action,
    casework::{entry::Attachment, query::EntryRow},
    screens::{Cx, Flow, entry_text},
    text,
    widgets::{
        list::{Place, Rows, reading},
        paint::{Columns, below, divider, heading, split_left, split_top},
    },
};

impl Share {
    /// Files of the chosen entries, which may go too.
    pub(super) fn offered(&self) -> Vec<&Attachment> {
        let chosen = self.chosen_in_order().into_iter().filter_map(|id| self.views.get(&id));
        let mut files: Vec<&Attachment> = Vec::new();
        for file in chosen.flat_map(|view| &view.entry.attachments) {
            if files.iter().all(|other| other.sha256 != file.sha256) {
                files.push(file);
            }
        }
        files
    }

    pub(super) fn why_not_what(&self, cx: &Cx<'_>) -> Option<String> {
        if self.chosen.is_empty() {
            return Some("choose at least one entry with Space".to_owned());
        }
        if self.gathering.is_some() || self.chosen.iter().any(|id| !self.views.contains_key(id)) {
            return Some("the chosen entries are still being read".to_owned());
        }
        if let Some(why) = self.why_not_earlier() {
            return Some(why);
        }
        let to = self.to.as_ref()?;
        let record = match why::record(self, to, cx) {
            Ok(record) => record,
            Err(why) => return Some(why),
        };
        let refused = scope_refusals(&record, &to.id, &why::categories(self), cx.now.timestamp());
        refused.first().map(ToString::to_string)
    }

    pub(super) fn act_what(&mut self, action: Action, cx: &Cx<'_>) -> Vec<Flow> {
        let at = self.place().0;
        let mut flows = Vec::new();
        match action {
            Action::Mark => {
                let file = at
                    .checked_sub(self.rows.len())
                    .and_then(|n| self.offered().get(n).map(|file| file.sha256));
                if let Some(row) = self.rows.get(at) {
                    let id = row.id;
                    if !self.chosen.remove(&id) {
                        self.chosen.insert(id);
                    }
                } else if let Some(digest) = file
                    && !self.files.remove(&digest)
                {
                    self.files.insert(digest);
                }
                self.keep_only_offered();
                self.touched();
            }
            Action::MarkAll => {
                flows.extend(self.choose_all());
                self.keep_only_offered();
            }
            Action::MarkDates => return self.ask_dates(),
            action => {
                let many = self.rows.len() + self.offered().len();
                if let Some(place) = self.place_mut() {
                    place.act(action, many, cx.page());
                }
                self.to_end = action == Action::Bottom;
                flows.extend(self.older_if_near());
            }
        }
        flows.extend(self.missing());
        flows
    }

    /// A file goes only with its entry.
    pub(super) fn keep_only_offered(&mut self) {
        let offered: Vec<_> = self.offered().iter().map(|file| file.sha256).collect();
        if self.chosen.iter().all(|id| self.views.contains_key(id)) {
            self.files.retain(|digest| offered.contains(digest));
        }
    }

    pub(super) fn view_what(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) -> Position {
        let (left, right) = if cx.two_panes() {
            let (left, right) = split_left(area, area.width * 11 / 20);
            (left, divider(buf, cx.look, right))
        } else {
            split_top(area, area.height * 3 / 5)
        };
        let chosen = format!(
            "{} of {}, {} chosen",
            self.chosen.len(),
            text::count(self.total, "entry", "entries"),
            text::count(self.files.len() as u64, "file", "files")
        );
        let others = self.rows.iter().filter(|row| row.case.is_some_and(|case| case != self.case)).count();
        let others = match others as u64 {
            0 => String::new(),
            many => format!("; {} of the child's other record", text::count(many, "entry", "entries")),
        };
        heading(buf, cx.look, left, &format!("{chosen}{others}"), true);
        let room = usize::from(left.width.saturating_sub(2));
        let entries = self.rows.iter().map(|row| self.entry_row(row, cx, room));
        let files = self.offered().into_iter().map(|file| self.file_row(file, cx, room));
        let rows: Vec<_> = entries.chain(files).collect();
        let list = Rows {
            look: cx.look,
            place: self.place(),
            focused: true,
            empty: "The case has no entry to share.",
        };
        let cursor = list.view(buf, below(left, 1), &rows);
        self.selected(cx, right, buf);
        cursor
    }

    fn entry_row(&self, row: &EntryRow, cx: &Cx<'_>, room: usize) -> Vec<Line<'static>> {
        let theme = cx.look.theme;
        let (sign, style) =
            if self.chosen.contains(&row.id) { ("[x]", theme.good) } else { ("[ ]", theme.quiet) };
        let when = text::short_when(row.at, row.precision, cx.today());
        let line = Columns::new(cx.look, room).cell(sign, 3, style).cell(&when, 15, theme.quiet);
        let line = line.cell(text::significance_sign(row.significance), 1, theme.quiet);
        // It stands in another record of the child.
        let line = match row.case.filter(|case| *case != self.case) {
            Some(case) => line.text(&format!("case {case}"), theme.warn),
            None => line,
        };
        vec![line.rest(&row.headline, theme.plain)]
    }

    fn file_row(&self, file: &Attachment, cx: &Cx<'_>, room: usize) -> Vec<Line<'static>> {
        let theme = cx.look.theme;
        let (sign, style) =
            if self.files.contains(&file.sha256) { ("[x]", theme.good) } else { ("[ ]", theme.quiet) };
        let line = Columns::new(cx.look, room).cell(sign, 3, style).cell("file", 15, theme.quiet);
        vec![line.rest(&format!("{}, {}, goes whole", file.name, text::size(file.size)), theme.plain)]
    }

    fn selected(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        heading(buf, cx.look, area, "Selected", false);
        let inner = below(area, 1);
        let inner = Rect { x: inner.x + 2.min(inner.width), width: inner.width.saturating_sub(3), ..inner };
        let view = self.place().of(&self.rows).and_then(|row| self.views.get(&row.id));
        let lines = view.map(|view| entry_text::body(&view.entry, &view.names, cx.look, inner.width));
        reading(buf, cx.look, inner, &lines.unwrap_or_default(), (Place::default(), false));
    }
}
