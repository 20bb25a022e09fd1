//! A program with made-up answers behind it.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use jiff::{SignedDuration, Timestamp};
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
};

use super::answers::{answer, checking, members, session, suggestions};
use crate::{
    app::{App, Effect, Input, Settings},
    casework::{
        ids::{FactId, ReceivedId},
        query::{Draft, Query, SetAside},
    },
    flow::{Event, ExchangeState, Request},
    sharing::plan::Preview,
    theme::{Glyphs, Theme},
};

pub(crate) struct World {
    pub(crate) app: App,
    pub(crate) now: Timestamp,
    pub(crate) size: (u16, u16),
    /// Everything that was asked for, answered or not.
    pub(crate) sent: Vec<Request>,
    pub(crate) effects: Vec<Effect>,
    pub(crate) drafts: Vec<Draft>,
    pub(crate) triaged: bool,
    /// The bundle in the inbox came through a node, and nobody has opened it.
    pub(crate) closed: bool,
    /// Somebody has since.
    pub(crate) opened: bool,
    /// Of the child of a bundle only part agrees.
    pub(crate) unsure: bool,
    /// A second one has come, unopened.
    pub(crate) arrived: bool,
    /// The sender of the bundle took it back.
    pub(crate) asked: bool,
    /// What cannot be taken in.
    pub(crate) aside: Vec<SetAside>,
    pub(crate) certificate: Option<String>,
    /// So many entries are in the case, one a day from the first of 2024; none for the few it has.
    pub(crate) long: i64,
    /// So many concerns wait for triage; none for the few there are.
    pub(crate) queue: u64,
    /// The child's ties stand in another record of theirs.
    pub(crate) twice: bool,
    /// Somebody amended the entry of 12 March once more.
    pub(crate) amended: bool,
    /// Suggestions also stand in the source and among the people.
    pub(crate) named: bool,
    /// The share to check was proposed by who is at the keyboard.
    pub(crate) own_proposal: bool,
    /// The school asks for a second person's check.
    pub(crate) careful: bool,
    /// Answers wait until they are let through.
    pub(crate) held: Option<Vec<Event>>,
}

/// The bundle that comes later.
pub(crate) const NEWER: ReceivedId = ReceivedId(id(61));

pub(crate) const fn id(seq: u64) -> FactId {
    FactId { device: 1, seq }
}

pub(crate) fn settings(glyphs: Glyphs) -> Settings {
    Settings { theme: Theme::terminal(), glyphs, ..Settings::default() }
}

impl World {
    pub(crate) fn locked(size: (u16, u16)) -> Self {
        Self::with(size, settings(Glyphs::UNICODE))
    }

    pub(crate) fn with(size: (u16, u16), settings: Settings) -> Self {
        let now: Timestamp = "2025-03-14T09:15:00Z".parse().unwrap();
        let app = App::new(settings, size, now);
        let (sent, effects, drafts) = (Vec::new(), Vec::new(), Vec::new());
        Self {
            app,
            now,
            size,
            sent,
            effects,
            drafts,
            triaged: false,
            closed: false,
            unsure: false,
            arrived: false,
            opened: false,
            asked: false,
            aside: Vec::new(),
            certificate: None,
            long: 0,
            queue: 0,
            twice: false,
            amended: false,
            named: false,
            own_proposal: false,
            careful: false,
            held: None,
        }
    }

    pub(crate) fn open(size: (u16, u16)) -> Self {
        let mut world = Self::locked(size);
        world.unlock();
        world
    }

    pub(crate) fn unlock(&mut self) {
        self.input(Input::Event(Event::Unlocked(session())));
        self.input(Input::Event(Event::Exchange(ExchangeState::Online)));
    }

    pub(crate) fn input(&mut self, input: Input) {
        let effects = self.app.on(input, self.now);
        for effect in effects {
            if let Effect::Request(ticket, request) = &effect {
                self.sent.push(request.clone());
                let event = self.answer(*ticket, request.clone());
                match &mut self.held {
                    Some(held) => held.push(event),
                    None => self.input(Input::Event(event)),
                }
            }
            self.effects.push(effect);
        }
    }

    /// Keys as text: letters, and names such as `<Enter>`, `<C-s>`, `<F9>`.
    pub(crate) fn keys(&mut self, text: &str) -> &mut Self {
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            if let (true, Some(end)) = (c == '<', rest.find('>')) {
                self.key(named(&rest[1..end]));
                rest = &rest[end + 1..];
            } else {
                self.key(KeyEvent::from(KeyCode::Char(c)));
                rest = &rest[c.len_utf8()..];
            }
        }
        self
    }

    pub(crate) fn key(&mut self, key: KeyEvent) {
        // As in a terminal: what is seen is drawn before the next key.
        if matches!(
            key.code,
            KeyCode::PageDown | KeyCode::PageUp | KeyCode::Down | KeyCode::Up | KeyCode::Char('j' | 'k')
        ) {
            self.drawn();
        }
        self.input(Input::Key(key));
    }

    pub(crate) fn wait(&mut self, seconds: i64) {
        let until = self.now + SignedDuration::from_secs(seconds);
        while let Some(deadline) = self.app.deadline().filter(|deadline| *deadline <= until) {
            self.now = self.now.max(deadline);
            self.input(Input::Tick);
        }
        self.now = until;
    }

    pub(crate) fn drawn(&self) -> (Buffer, Position) {
        let area = Rect::new(0, 0, self.size.0, self.size.1);
        let mut buf = Buffer::empty(area);
        let cursor = self.app.view(area, &mut buf);
        (buf, cursor)
    }

    /// The screen as text, styles stripped.
    pub(crate) fn screen(&self) -> String {
        let (buf, _) = self.drawn();
        let line =
            |y| (0..self.size.0).map(|x| buf[(x, y)].symbol()).collect::<String>().trim_end().to_owned();
        (0..self.size.1).map(line).collect::<Vec<_>>().join("\n")
    }

    /// The line of text the cursor is on.
    pub(crate) fn cursor_line(&self) -> String {
        let (_, cursor) = self.drawn();
        self.screen().lines().nth(usize::from(cursor.y)).unwrap_or_default().to_owned()
    }

    pub(crate) fn sees(&mut self, text: &str) -> &mut Self {
        let screen = self.screen();
        assert!(screen.contains(text), "{text:?} is not on the screen:\n{screen}");
        self
    }

    fn answer(&mut self, ticket: crate::flow::Ticket, request: Request) -> Event {
        let answer = match request {
            Request::Ask(query) => answer(query, self),
            Request::Members => return Event::Members { ticket, members: members() },
            Request::Suggest { .. } => {
                return Event::Suggested { ticket, suggestions: Box::new(suggestions(self.named)) };
            }
            Request::Checking { .. } => {
                return Event::Checking { ticket, checking: Box::new(checking(self.own_proposal)) };
            }
            Request::Open { received } => {
                (self.closed, self.opened) = (false, true);
                answer(Query::Received { received }, self)
            }
            Request::Preview { .. } => {
                let lines = vec![
                    "FOR NORTHSHIRE POLICE".to_owned(),
                    "12 March: saw a bruise on [another child]".to_owned(),
                ];
                let preview = Preview {
                    lines,
                    html: String::new(),
                    size: 4096,
                    refusals: Vec::new(),
                    cautions: Vec::new(),
                    to_check: self.careful,
                };
                return Event::Previewed { ticket, preview: Box::new(preview) };
            }
            Request::SaveDraft(draft) => {
                self.drafts.retain(|old| old.key != draft.key);
                self.drafts.push(draft);
                return Event::Done { ticket, facts: Vec::new() };
            }
            Request::DropDraft { key } => {
                self.drafts.retain(|old| old.key != key);
                return Event::Done { ticket, facts: Vec::new() };
            }
            Request::Do(crate::casework::command::Command::Triage { .. }) => {
                self.triaged = true;
                return Event::Done { ticket, facts: vec![id(99)] };
            }
            _ => return Event::Done { ticket, facts: vec![id(99)] },
        };
        Event::Answered { ticket, answer }
    }
}

pub(crate) fn named(name: &str) -> KeyEvent {
    let ctrl = |c| KeyEvent::new(KeyCode::Char(c), KeyModifiers::CONTROL);
    match name {
        "Enter" => KeyCode::Enter.into(),
        "Esc" => KeyCode::Esc.into(),
        "Tab" => KeyCode::Tab.into(),
        "BackTab" => KeyEvent::new(KeyCode::BackTab, KeyModifiers::SHIFT),
        "Down" => KeyCode::Down.into(),
        "Up" => KeyCode::Up.into(),
        "Left" => KeyCode::Left.into(),
        "BS" => KeyCode::Backspace.into(),
        "F1" => KeyCode::F(1).into(),
        "PgDn" => KeyCode::PageDown.into(),
        "PgUp" => KeyCode::PageUp.into(),
        "F2" => KeyCode::F(2).into(),
        "F5" => KeyCode::F(5).into(),
        "F6" => KeyCode::F(6).into(),
        "F7" => KeyCode::F(7).into(),
        "F9" => KeyCode::F(9).into(),
        other => ctrl(other.strip_prefix("C-").and_then(|rest| rest.chars().next()).expect("a key name")),
    }
}
