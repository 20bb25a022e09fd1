//! Unlock: a passphrase, and nothing that says what this program holds.

use crossterm::event::KeyEvent;
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    text::Line,
};
use zeroize::Zeroizing;

use super::{Cx, Face, Flow, Heard};
use crate::{
    action::Action,
    keymap::Context,
    widgets::{
        editor::Editor,
        paint::{below, inset, paragraph, put, put_all, window},
    },
};

/// The way in for whoever has no passphrase.
const FORGOTTEN: &str =
    "Forgotten? In a shell, run kith recover: it asks for what stands on the recovery card.";

/// What is typed, and what came of the last try.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Unlock {
    typed: Editor,
    trying: bool,
    said: String,
    /// Of the demo, to be read off the screen.
    passphrase: Option<&'static str>,
}

impl Unlock {
    /// Locked; the demo says its passphrase.
    #[must_use]
    pub fn new(demo: Option<&'static str>) -> Self {
        Self { passphrase: demo, ..Self::default() }
    }

    /// What is said below the field.
    fn words(&self) -> String {
        match self.passphrase {
            _ if self.trying => "Opening the casebook. This takes a moment.".to_owned(),
            Some(passphrase) => {
                let gap = if self.said.is_empty() { "" } else { ". " };
                let said = self.said.trim_end_matches('.');
                format!("{said}{gap}The demo's passphrase is: {passphrase}")
            }
            None => self.said.clone(),
        }
    }
}

impl Face for Unlock {
    fn title(&self, _cx: &Cx<'_>) -> (String, String) {
        (String::new(), String::new())
    }

    fn contexts(&self) -> Vec<Context> {
        vec![Context::Unlock]
    }

    fn typing(&self) -> bool {
        true
    }

    fn act(&mut self, action: Action, _cx: &Cx<'_>) -> Vec<Flow> {
        if action != Action::Accept || self.trying || self.typed.text().is_empty() {
            return Vec::new();
        }
        self.trying = true;
        self.said.clear();
        let typed = std::mem::take(&mut self.typed);
        vec![Flow::Unlock(Zeroizing::new(typed.text().to_owned()))]
    }

    fn key(&mut self, key: KeyEvent, _cx: &Cx<'_>) -> Vec<Flow> {
        self.typed.key(key);
        Vec::new()
    }

    fn paste(&mut self, text: &str, _cx: &Cx<'_>) -> Vec<Flow> {
        self.typed.insert(text.trim_end());
        Vec::new()
    }

    fn hear(&mut self, heard: Heard, _cx: &Cx<'_>) -> Vec<Flow> {
        if let Heard::Not(why) = heard {
            self.trying = false;
            self.said = why;
        }
        Vec::new()
    }

    fn view(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) -> Position {
        let theme = cx.look.theme;
        let wide = 56_u16;
        let style = if self.trying || self.said.is_empty() { theme.quiet } else { theme.warn };
        let mut said = paragraph(&self.words(), wide - 4, style);
        said.push(Line::default());
        said.extend(paragraph(FORGOTTEN, wide - 4, theme.quiet));
        let high = u16::try_from(said.len()).unwrap_or(u16::MAX).saturating_add(7);
        let inner = window(buf, cx.look, area, (wide, high), "Locked");
        put(buf, inner, 1, &Line::styled("Passphrase", theme.quiet));
        put(buf, inner, 2, &Line::styled("> ", theme.accent));
        let field = inset(below(inner, 2), 2);
        let caret = self.typed.view_hidden(buf, Rect { height: 1, ..field }, theme.plain);
        put_all(buf, below(inner, 4), &said);
        caret
    }
}
