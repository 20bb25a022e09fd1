//! Going from step to step; who, preview and send.

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    text::Line,
};

use super::{Asking, Share, Step, why};
use crate::{
    action::Action,
    flow::{MemberRow, Request},
    screens::{Cx, Flow, begin, compare},
    text,
    widgets::{
        form_view,
        list::Rows,
        paint::{Columns, below, paragraph, put_all, span},
    },
};

impl Share {
    /// Why the next step is not open.
    pub(super) fn why_not_next(&self, cx: &Cx<'_>) -> Option<String> {
        match self.step {
            Step::Who => (self.place().of(&self.members).is_none() && self.to.is_none())
                .then(|| "choose to whom; contacts come from the directory".to_owned()),
            Step::Why => None,
            Step::What => self.why_not_what(cx),
            Step::Redact => self.why_not_redacted(),
            Step::Preview => match &self.preview {
                None => Some("the preview is being built".to_owned()),
                Some(preview) => preview.refusals.first().cloned(),
            },
            Step::Send => None,
        }
    }

    /// Goes on, asking what the next step needs.
    pub(super) fn next(&mut self, cx: &Cx<'_>) -> Vec<Flow> {
        let mut flows = Vec::new();
        let (to, case) = (self.step, self.case);
        self.step = match to {
            Step::Who => {
                self.to = self.place().of(&self.members).cloned().or_else(|| self.to.take());
                self.touched();
                Step::Why
            }
            Step::Why => {
                // What is typed into this field counts as in any other; whoever comes back is where they were.
                let here = self.why.at;
                self.why.act(Action::NextField);
                self.why.at = here;
                why::check(&mut self.why, cx);
                if !self.why.check() {
                    return vec![Flow::Say("Not ready: look at the fields marked with !".to_owned())];
                }
                if let Some(request) = why::keep_notice(&self.why) {
                    self.keeping = true;
                    return begin(
                        request,
                        "Keeping the notice.",
                        "The notice is kept. Ctrl+S goes on.".to_owned(),
                    );
                }
                Step::What
            }
            Step::What => {
                flows.push(Flow::Ask(Request::Suggest { case, choices: self.choices(cx) }));
                Step::Redact
            }
            Step::Redact => {
                self.mark = None;
                self.preview = None;
                flows.push(Flow::Ask(Request::Preview { case, choices: self.choices(cx) }));
                Step::Preview
            }
            Step::Preview | Step::Send => Step::Send,
        };
        // What is selected on the new step may not be here yet.
        flows.extend(self.missing());
        flows
    }

    /// Goes back; from the first step it leaves, and what was chosen is kept.
    pub(super) fn back(&mut self, cx: &Cx<'_>) -> Vec<Flow> {
        if self.asking.take().is_some() || self.mark.take().is_some() {
            return Vec::new();
        }
        self.step = match self.step {
            Step::Who => return vec![Flow::Pop],
            Step::Why => Step::Who,
            Step::What => Step::Why,
            Step::Redact => Step::What,
            // What was marked may have brought more to decide, which the preview told of.
            Step::Preview => {
                self.step = Step::Redact;
                return vec![Flow::Ask(Request::Suggest { case: self.case, choices: self.choices(cx) })];
            }
            Step::Send => Step::Preview,
        };
        Vec::new()
    }

    pub(super) fn act_who(&mut self, action: Action, cx: &Cx<'_>) -> Vec<Flow> {
        if action == Action::Open {
            return match self.why_not_next(cx) {
                Some(why) => vec![Flow::Say(format!("Not now: {why}."))],
                None => self.next(cx),
            };
        }
        if action == Action::CompareWords {
            let Some(member) = self.place().of(&self.members).cloned() else { return Vec::new() };
            let flows = compare::ask(&member);
            self.asking = Some(Asking::Compare(Box::new(member)));
            return flows;
        }
        let many = self.members.len();
        if let Some(place) = self.place_mut() {
            place.act(action, many, cx.page());
        }
        Vec::new()
    }

    pub(super) fn view_who(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) -> Position {
        let theme = cx.look.theme;
        let room = usize::from(area.width.saturating_sub(2));
        let row = |row: &MemberRow| -> Vec<Line<'static>> {
            let style = if row.trust.starts_with("VERIFIED") { theme.good } else { theme.warn };
            let weak = if row.post_quantum { "" } else { "  WEAKER KEY" };
            let head = Columns::new(cx.look, room).cell(&row.name, 30, theme.strong).text(&row.trust, style);
            let second = format!("  {}  {}  {}{weak}", row.id, row.sector, row.phone);
            vec![head.line(), Line::from(span(&second, theme.quiet)), Line::default()]
        };
        let rows: Vec<_> = self.members.iter().map(row).collect();
        let empty = "The directory names nobody else yet.";
        Rows { look: cx.look, place: self.place(), focused: true, empty }.view(buf, area, &rows)
    }

    pub(super) fn preview_lines(&self, cx: &Cx<'_>, room: u16) -> Vec<Line<'static>> {
        let theme = cx.look.theme;
        let Some(preview) = &self.preview else {
            return vec![Line::from("Building the document they will see.")];
        };
        let mut out = Vec::new();
        for why in &preview.refusals {
            out.extend(paragraph(&format!("NOT YET: {why}"), room, theme.danger));
        }
        for caution in &preview.cautions {
            out.extend(paragraph(&format!("CAUTION: {caution}."), room, theme.warn));
        }
        let name = self.to.as_ref().map_or("", |to| to.name.as_str());
        let said = if preview.refusals.is_empty() {
            format!(
                "This is what {name} will see, from the document as built ({}). Ctrl+S goes on.",
                text::size(preview.size)
            )
        } else {
            "Step back with Esc and put that right. Below is the document as it stands.".to_owned()
        };
        out.extend(paragraph(&said, room, theme.quiet));
        out.push(Line::default());
        for line in &preview.lines {
            out.extend(paragraph(line, room, theme.plain));
        }
        out
    }

    pub(super) fn view_send(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) -> Position {
        let theme = cx.look.theme;
        let inner = Rect { x: area.x + 2.min(area.width), width: area.width.saturating_sub(4), ..area };
        let Some(to) = &self.to else { return crate::widgets::paint::home(area) };
        let record = why::record(self, to, cx).ok();
        let basis =
            record.as_ref().and_then(|record| record.lawful_basis.as_ref()).map(|basis| basis.words());
        let purpose = record.as_ref().map(|record| record.purposes.join("; ")).unwrap_or_default();
        let size = self.preview.as_ref().map_or(String::new(), |preview| text::size(preview.size));
        let mut lines = Vec::new();
        let mut say = |label: &str, words: &str| {
            lines.extend(crate::widgets::paint::labelled(cx.look, label, words, 12, inner.width));
        };
        say("To", &format!("{}, {}", to.name, to.trust));
        say("About", &self.name);
        if !self.same.is_empty() {
            say("", &format!("counted as the subject: {}", self.same.join("; ")));
        }
        say("For", &purpose);
        say("Basis", basis.unwrap_or_default());
        say("Ask", self.why.text("ask"));
        say(
            "What",
            &format!(
                "{}, {}, {size}",
                text::count(self.chosen.len() as u64, "entry", "entries"),
                text::count(self.files.len() as u64, "file", "files")
            ),
        );
        say("Withheld", &self.tally());
        lines.push(Line::default());
        let how = if self.preview.as_ref().is_some_and(|preview| preview.to_check) {
            format!(
                "A second person must check it. Type their short name, {}, and press Enter: it then waits for that.",
                to.id
            )
        } else {
            let from = cx.session.map_or("this agency", |session| &session.agency_name);
            format!("It leaves {from} when you type their short name, {}, and press Enter.", to.id)
        };
        lines.extend(paragraph(&how, inner.width, theme.strong));
        let used = put_all(buf, inner, &lines);
        form_view::view(&self.short_name, cx.look, below(area, used + 1), buf)
    }
}
