//! Everything that was said in this session, newest first.

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    text::{Line, Span},
};

use super::{Cx, Face, Flow};
use crate::{
    action::Action,
    keymap::Context,
    widgets::{
        list::{Place, Rows},
        paint::below,
        safe_text::wrap,
    },
};

/// The place in the log.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Messages {
    place: Place,
}

impl Face for Messages {
    fn title(&self, cx: &Cx<'_>) -> (String, String) {
        ("MESSAGES".to_owned(), format!("{} in this session", cx.messages.len()))
    }

    fn contexts(&self) -> Vec<Context> {
        vec![Context::Reading]
    }

    fn act(&mut self, action: Action, cx: &Cx<'_>) -> Vec<Flow> {
        match action {
            Action::Back | Action::CloseView => vec![Flow::Pop],
            action => {
                self.place.act(action, cx.messages.len(), cx.page());
                Vec::new()
            }
        }
    }

    fn view(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) -> Position {
        let room = usize::from(area.width).saturating_sub(12);
        let row = |(at, text): &(jiff::Zoned, String)| -> Vec<Line<'static>> {
            let clock = at.strftime("%H:%M:%S").to_string();
            wrap(text, room)
                .into_iter()
                .enumerate()
                .map(|(n, line)| {
                    let clock = if n == 0 { clock.clone() } else { String::new() };
                    Line::from(vec![
                        Span::styled(format!("{clock:10}"), cx.look.theme.quiet),
                        Span::raw(line),
                    ])
                })
                .collect()
        };
        let rows: Vec<_> = cx.messages.iter().rev().map(row).collect();
        let list = Rows { look: cx.look, place: self.place, focused: true, empty: "Nothing was said yet." };
        list.view(buf, below(area, 1), &rows)
    }
}
