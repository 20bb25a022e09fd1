//! Check answers: everything once more, to be changed or recorded.

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    text::{Line, Span},
};

use super::{Answered, Cx, Face, Flow};
use crate::{
    action::Action,
    casework::entry::Attachment,
    keymap::Context,
    widgets::{
        form::Form,
        list::{Place, Rows},
        paint::{Columns, below, put},
        safe_text::wrap,
    },
};

/// The answers as they will be recorded.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    title: String,
    /// Field, label, answer, what is said beside it.
    rows: Vec<(&'static str, &'static str, String, String)>,
    place: Place,
}

impl Check {
    /// The answers of a form.
    #[must_use]
    pub fn new(title: String, form: &Form, attachments: &[Attachment]) -> Self {
        let mut rows: Vec<_> = form
            .fields
            .iter()
            .filter(|field| !field.hidden && field.id != "attach")
            .map(|field| (field.id, field.label, field.words(), field.note.clone()))
            .collect();
        if !attachments.is_empty() {
            let names: Vec<&str> = attachments.iter().map(|file| file.name.as_str()).collect();
            rows.push(("attach", "Attached", names.join(", "), String::new()));
        }
        Self { title, rows, place: Place::default() }
    }
}

impl Face for Check {
    fn title(&self, _cx: &Cx<'_>) -> (String, String) {
        (format!("{}   check the answers", self.title), "Ctrl+S records".to_owned())
    }

    fn contexts(&self) -> Vec<Context> {
        vec![Context::Check, Context::List]
    }

    fn act(&mut self, action: Action, cx: &Cx<'_>) -> Vec<Flow> {
        match action {
            Action::Back | Action::CloseView => vec![Flow::Pop],
            Action::ChangeAnswer => {
                let change = self.place.of(&self.rows).map(|(id, ..)| Answered::Change(id));
                change.map(|answer| Flow::Answer(Box::new(answer))).into_iter().collect()
            }
            Action::Record => vec![Flow::Answer(Box::new(Answered::Record))],
            action => {
                self.place.act(action, self.rows.len(), cx.page());
                Vec::new()
            }
        }
    }

    fn why_not(&self, action: Action, _cx: &Cx<'_>) -> Option<String> {
        (action == Action::Filter).then(|| "there is nothing to filter here".to_owned())
    }

    fn view(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) -> Position {
        let theme = cx.look.theme;
        let room = usize::from(area.width).saturating_sub(24);
        let row = |(_, label, answer, note): &(&str, &str, String, String)| -> Vec<Line<'static>> {
            let empty = answer.is_empty();
            let shown = match (empty, note.is_empty()) {
                (true, _) => "none".to_owned(),
                (false, true) => answer.clone(),
                (false, false) => format!("{answer}  {note}"),
            };
            let style = if empty { theme.quiet } else { theme.plain };
            wrap(&shown, room)
                .into_iter()
                .enumerate()
                .map(|(n, text)| {
                    let (label, change) = if n == 0 { (*label, "e") } else { ("", " ") };
                    let mut line = Columns::new(cx.look, 21)
                        .cell(change, 1, theme.accent)
                        .cell(label, 16, theme.quiet)
                        .line();
                    line.push_span(Span::styled(text, style));
                    line
                })
                .collect()
        };
        let rows: Vec<_> = self.rows.iter().map(row).collect();
        let list = Rows { look: cx.look, place: self.place, focused: true, empty: "" };
        let hint = "Once recorded it can be amended, never removed.";
        put(buf, area, 0, &Line::styled(format!("  {hint}"), theme.quiet));
        list.view(buf, below(area, 2), &rows)
    }
}
