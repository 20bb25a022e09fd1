//! A question in a box: one short form, answered with Enter on its last field.

use crossterm::event::KeyEvent;
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
};

use super::{Answered, Cx, Face, Flow, Heard, actions::read_due, lookup};
use crate::{
    action::Action,
    casework::typed_time,
    keymap::Context,
    text,
    widgets::{
        form::{Did, Form},
        form_view,
        paint::{below, paragraph, put_all, window},
    },
};

/// The question and what is typed so far.
#[derive(Debug, Clone, PartialEq)]
pub struct Dialog {
    title: String,
    /// What will happen; said above the fields.
    intro: String,
    form: Form,
}

impl Dialog {
    /// A question. The layer below gets the form as [`Answered::Form`].
    #[must_use]
    pub fn new(title: &str, intro: &str, mut form: Form) -> Self {
        form.show_called_for();
        Self { title: title.to_owned(), intro: intro.to_owned(), form }
    }

    fn finish(&mut self, cx: &Cx<'_>) -> Vec<Flow> {
        dates(&mut self.form, cx, true);
        if self.form.check() {
            vec![Flow::Answer(Box::new(Answered::Form(self.form.clone())))]
        } else {
            Vec::new()
        }
    }

    fn after(&mut self, did: Did, cx: &Cx<'_>) -> Vec<Flow> {
        if did == Did::Changed {
            self.form.show_called_for();
        }
        dates(&mut self.form, cx, false);
        match did {
            Did::Finished => self.finish(cx),
            Did::Changed => lookup::ask(&mut self.form).map(Flow::Ask).into_iter().collect(),
            Did::Nothing | Did::Moved => Vec::new(),
        }
    }
}

impl Face for Dialog {
    fn title(&self, _cx: &Cx<'_>) -> (String, String) {
        (self.title.clone(), String::new())
    }

    fn contexts(&self) -> Vec<Context> {
        vec![Context::Dialog]
    }

    fn typing(&self) -> bool {
        true
    }

    fn is_box(&self) -> bool {
        true
    }

    fn act(&mut self, action: Action, cx: &Cx<'_>) -> Vec<Flow> {
        match action {
            Action::Back => vec![Flow::Pop],
            Action::Accept => {
                self.form.act(Action::NextField);
                self.finish(cx)
            }
            action => {
                let did = self.form.act(action);
                self.after(did, cx)
            }
        }
    }

    fn key(&mut self, key: KeyEvent, cx: &Cx<'_>) -> Vec<Flow> {
        let did = self.form.key(key);
        self.after(did, cx)
    }

    fn paste(&mut self, text: &str, cx: &Cx<'_>) -> Vec<Flow> {
        let did = self.form.paste(text);
        self.after(did, cx)
    }

    fn hear(&mut self, heard: Heard, _cx: &Cx<'_>) -> Vec<Flow> {
        if let Heard::Answer(answer) = heard {
            lookup::fill(&mut self.form, &answer);
        }
        Vec::new()
    }

    fn view(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) -> Position {
        let wide = area.width.saturating_sub(4).min(84);
        let intro = paragraph(&self.intro, wide.saturating_sub(4), cx.look.theme.plain);
        let intro_rows = if self.intro.is_empty() { 0 } else { u16::try_from(intro.len()).unwrap_or(4) + 1 };
        let rows = form_view::tallest(&self.form, wide.saturating_sub(4));
        let inner = window(buf, cx.look, area, (wide, (rows + intro_rows + 2).max(6)), &self.title);
        if intro_rows > 0 {
            put_all(buf, inner, &intro);
        }
        form_view::view(&self.form, cx.look, below(inner, intro_rows), buf)
    }
}

/// Says dates in full beside their field; with `judge`, what is wrong with them.
fn dates(form: &mut Form, cx: &Cx<'_>, judge: bool) {
    for field in &mut form.fields {
        let typed = field.editor.text().trim();
        let read = match field.id {
            _ if typed.is_empty() => continue,
            "due" => read_due(typed, cx),
            "first" | "last" => typed_time::happened(typed, cx.now.datetime())
                .map(|it| it.when.at.date())
                .map_err(|error| error.to_string()),
            "born" => typed.parse().map_err(|_| "type it as year-month-day, such as 1988-05-21".to_owned()),
            _ => continue,
        };
        field.note = read.as_ref().map(|date| format!("= {}", text::full_date(*date))).unwrap_or_default();
        field.error = read.err().filter(|_| judge).unwrap_or_default();
    }
}
