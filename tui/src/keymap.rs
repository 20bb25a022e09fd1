//! Which key means what, where: one table, from which footer, help, palette, the `g` popup and `docs/keys.md` are made.

mod table;

use std::fmt::Write as _;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

pub use self::table::TABLE;
use crate::action::Action;

/// A key as the table names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Key {
    Ch(char),
    Ctrl(char),
    F(u8),
    ShiftF(u8),
    Up,
    Down,
    PgUp,
    PgDn,
    Home,
    End,
    Enter,
    Esc,
    Tab,
    BackTab,
    Backspace,
}

/// Where a key means something. A screen names its contexts, the most specific first; [`Context::Global`] comes last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Context {
    Global,
    /// After `g`.
    Go,
    List,
    Filter,
    Reading,
    Today,
    Concerns,
    Cases,
    Case,
    Chronology,
    CaseActions,
    People,
    Shares,
    ActionBoard,
    Form,
    Check,
    Dialog,
    Inbox,
    Sent,
    Contacts,
    Retention,
    ToCheck,
    Wizard,
    Who,
    What,
    Redact,
    ReasonCode,
    SendStep,
    Menu,
    Unlock,
    EntryForm,
}

impl Context {
    /// Every context, in the order of the manual, with its title.
    pub const ALL: [(Self, &'static str); 31] = [
        (Self::Global, "Anywhere"),
        (Self::Go, "After g"),
        (Self::List, "Lists"),
        (Self::Filter, "Filter line"),
        (Self::Reading, "Reading pane"),
        (Self::Today, "Today"),
        (Self::Concerns, "Concerns"),
        (Self::Cases, "Cases"),
        (Self::Case, "Case"),
        (Self::Chronology, "Chronology"),
        (Self::CaseActions, "Actions of a case"),
        (Self::People, "People of a case"),
        (Self::Shares, "Shares of a case"),
        (Self::ActionBoard, "Actions"),
        (Self::Form, "Forms"),
        (Self::EntryForm, "Concerns and entries"),
        (Self::Check, "Check answers"),
        (Self::Dialog, "Questions"),
        (Self::Inbox, "Inbox"),
        (Self::Sent, "Sent"),
        (Self::Contacts, "Contacts"),
        (Self::Retention, "Retention"),
        (Self::ToCheck, "Shares to check"),
        (Self::Wizard, "Sharing"),
        (Self::Who, "Sharing: who"),
        (Self::What, "Sharing: what"),
        (Self::Redact, "Sharing: redact"),
        (Self::ReasonCode, "Sharing: reason for withholding"),
        (Self::SendStep, "Sharing: send"),
        (Self::Menu, "Help and palette"),
        (Self::Unlock, "Unlock"),
    ];
}

impl Context {
    /// Is somebody in the middle of something there, that other errands would interrupt?
    #[must_use]
    pub const fn is_errand(self) -> bool {
        matches!(
            self,
            Self::Form
                | Self::Check
                | Self::Dialog
                | Self::Wizard
                | Self::ReasonCode
                | Self::SendStep
                | Self::Menu
                | Self::Filter
        )
    }
}

/// One row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Binding {
    pub context: Context,
    pub keys: &'static [Key],
    pub action: Action,
    /// For the footer.
    pub label: &'static str,
    /// For help, palette and manual.
    pub help: &'static str,
    /// Its place in the footer, from 1; 0 keeps it out.
    pub hint: u8,
}

impl Key {
    /// The table's name for what the terminal sent; none for keys the table never uses.
    #[must_use]
    pub fn of(event: KeyEvent) -> Option<Self> {
        let ctrl = event.modifiers.contains(KeyModifiers::CONTROL);
        let alt = event.modifiers.contains(KeyModifiers::ALT);
        let shift = event.modifiers.contains(KeyModifiers::SHIFT);
        Some(match event.code {
            KeyCode::Char(c) if ctrl && !alt => Self::Ctrl(c.to_ascii_lowercase()),
            KeyCode::Char(_) if alt && !ctrl => return None,
            KeyCode::Char(c) => Self::Ch(c),
            KeyCode::F(n) if shift => Self::ShiftF(n),
            KeyCode::F(n) => Self::F(n),
            KeyCode::Up => Self::Up,
            KeyCode::Down => Self::Down,
            KeyCode::PageUp => Self::PgUp,
            KeyCode::PageDown => Self::PgDn,
            KeyCode::Home => Self::Home,
            KeyCode::End => Self::End,
            KeyCode::Enter => Self::Enter,
            KeyCode::Esc => Self::Esc,
            KeyCode::Tab if shift => Self::BackTab,
            KeyCode::Tab => Self::Tab,
            KeyCode::BackTab => Self::BackTab,
            KeyCode::Backspace => Self::Backspace,
            _ => return None,
        })
    }

    /// Is it text while a field has the keys?
    #[must_use]
    pub const fn types(self) -> bool {
        matches!(self, Self::Ch(_))
    }
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Ch(' ') => f.write_str("Space"),
            Self::Ch(c) => f.write_char(*c),
            Self::Ctrl(c) => write!(f, "Ctrl+{}", c.to_ascii_uppercase()),
            Self::F(n) => write!(f, "F{n}"),
            Self::ShiftF(n) => write!(f, "Shift+F{n}"),
            Self::BackTab => f.write_str("Shift+Tab"),
            key => write!(f, "{key:?}"),
        }
    }
}

impl Binding {
    /// Its keys in words, such as `j Down`.
    #[must_use]
    pub fn keys_text(&self) -> String {
        let prefix = if self.context == Context::Go { "g " } else { "" };
        self.keys.iter().map(|key| format!("{prefix}{key}")).collect::<Vec<_>>().join("  ")
    }
}

/// What `key` means in `contexts`, the first that knows it; while typing, letters are text.
#[must_use]
pub fn find(contexts: &[Context], key: Key, typing: bool) -> Option<&'static Binding> {
    if typing && key.types() {
        return None;
    }
    contexts.iter().find_map(|context| {
        TABLE.iter().find(|binding| binding.context == *context && binding.keys.contains(&key))
    })
}

/// The bindings that can be used in `contexts`, most specific first, each action once and only under keys that
/// are not taken by a context before it.
#[must_use]
pub fn usable(contexts: &[Context]) -> Vec<&'static Binding> {
    let mut out: Vec<&'static Binding> = Vec::new();
    for context in contexts {
        for binding in TABLE.iter().filter(|binding| binding.context == *context) {
            let taken = binding.keys.iter().all(|key| out.iter().any(|other| other.keys.contains(key)));
            let known = out.iter().any(|other| other.action == binding.action);
            if !(known || taken && !binding.keys.is_empty()) {
                out.push(binding);
            }
        }
    }
    out
}

/// The keys as a page of the manual.
#[must_use]
pub fn manual() -> String {
    let mut page = String::from(
        "# Keys\n\nMade from the table in `tui/src/keymap/table.rs`; `UPDATE=1 cargo test -p kith-tui` writes it anew.\n\
         Arrows and letters both work. While a field has the keys, letters are text; keys with Ctrl or F still work.\n\
         In a field `Ctrl+U` clears what stands before the caret in its line, and `Ctrl+W` the word before it.\n\
         `?` shows the keys of the screen one is on, `Ctrl+P` finds any action by name.\n",
    );
    for (context, title) in Context::ALL {
        let rows: Vec<_> = TABLE.iter().filter(|binding| binding.context == context).collect();
        if rows.is_empty() {
            continue;
        }
        let _ = write!(page, "\n## {title}\n\n| Keys | What they do |\n|---|---|\n");
        for binding in rows {
            let keys: Vec<String> =
                binding.keys.iter().map(|key| format!("`{key}`").replace('|', "\\|")).collect();
            let keys = if keys.is_empty() { "palette only".to_owned() } else { keys.join(" ") };
            let _ = writeln!(page, "| {keys} | {} |", binding.help);
        }
    }
    page
}

#[cfg(test)]
mod tests;
