//! The layers of screens and what an input does to them. Pure: inputs and the time go in, effects come out.

mod event;
mod footer;
mod input;
mod patience;
mod view;

use std::{cell::Cell, mem::Discriminant};

use jiff::{SignedDuration, Timestamp, Zoned, tz::TimeZone};
use zeroize::Zeroizing;

use crate::{
    action::Action,
    casework::{command::Command, query::Query},
    flow::{Event, ExchangeState, Progress, Request, Session, Ticket},
    keymap::{self, Binding, Context},
    screens::{Cx, Screen, palette::Entry, unlock::Unlock},
    theme::{Glyphs, Theme},
    widgets::paint::{Look, Shown},
};

/// How the program is set up.
#[derive(Debug, Clone)]
pub struct Settings {
    pub theme: Theme,
    pub glyphs: Glyphs,
    /// The school's own time.
    pub zone: TimeZone,
    /// Without a key for so long, it locks.
    pub idle_lock: SignedDuration,
    /// Covered for so long, it locks.
    pub cover_lock: SignedDuration,
    /// Shown where it is asked for. For the demo alone: its people are made up.
    pub demo_passphrase: Option<&'static str>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            theme: Theme::terminal(),
            glyphs: Glyphs::UNICODE,
            zone: TimeZone::UTC,
            idle_lock: SignedDuration::from_mins(5),
            cover_lock: SignedDuration::from_secs(60),
            demo_passphrase: None,
        }
    }
}

/// A draft is kept so long after the last key.
const DRAFT_AFTER: SignedDuration = SignedDuration::from_secs(2);
/// The popup of `g` comes so long after it.
const POPUP_AFTER: SignedDuration = SignedDuration::from_millis(300);
/// Messages that are remembered.
const MAX_MESSAGES: usize = 500;

/// What reaches the program.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    Key(crossterm::event::KeyEvent),
    Paste(String),
    Resize(u16, u16),
    Event(Event),
    /// The time that [`App::deadline`] named has come.
    Tick,
}

/// What the program wants from the rest.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "there is one at a time; a box would buy nothing")]
pub enum Effect {
    Request(Ticket, Request),
    /// Nobody waits for the answer to this any more: a newer question has taken its place.
    GiveUp(Ticket),
    Unlock(Zeroizing<String>),
    Lock,
    Quit,
}

#[derive(Debug, Clone)]
struct Layer {
    id: u64,
    screen: Screen,
}

/// A question on its way.
#[derive(Debug, Clone)]
struct Pending {
    ticket: Ticket,
    layer: u64,
    what: Asked,
}

#[derive(Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "few questions are open at once")]
enum Asked {
    /// A newer question of the same kind takes its place.
    Query(Discriminant<Query>, Wait),
    /// The same, by name, for what is not a query.
    Latest(&'static str),
    Other,
    Draft,
    Command {
        said: String,
        undo: Option<Command>,
    },
}

/// Which keys of somebody who types wait for the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Wait {
    Nothing,
    /// What acts on the answer; what is only typed asks anew.
    Acting,
    /// Everything: what is typed means something else once the answer is there.
    All,
}

/// The program's state.
#[derive(Debug, Clone)]
pub struct App {
    settings: Settings,
    session: Option<Session>,
    layers: Vec<Layer>,
    pending: Vec<Pending>,
    /// Keys that act on the answer to a look-up which has not come yet, and those typed after them.
    waiting: Vec<Input>,
    next: u64,
    now: Timestamp,
    /// When the clock was read, in the school's own time.
    local: Zoned,
    last_input: Timestamp,
    covered: Option<Zoned>,
    /// `g` was pressed at.
    prefix: Option<Timestamp>,
    draft_due: Option<Timestamp>,
    notice: String,
    messages: Vec<(Zoned, String)>,
    undo: Option<(String, Command)>,
    exchange: ExchangeState,
    /// The transfer under way.
    progress: Option<Progress>,
    size: (u16, u16),
    /// What the last frame showed of the pane that has the keys.
    shown: Cell<Shown>,
    effects: Vec<Effect>,
}

impl App {
    /// The program, locked, with a terminal of `size` columns and rows.
    #[must_use]
    pub fn new(settings: Settings, size: (u16, u16), now: Timestamp) -> Self {
        let local = now.to_zoned(settings.zone.clone());
        let screen = Unlock::new(settings.demo_passphrase).into();
        Self {
            settings,
            session: None,
            layers: vec![Layer { id: 0, screen }],
            pending: Vec::new(),
            waiting: Vec::new(),
            next: 1,
            now,
            local,
            last_input: now,
            covered: None,
            prefix: None,
            draft_due: None,
            notice: String::new(),
            messages: Vec::new(),
            undo: None,
            exchange: ExchangeState::Off,
            progress: None,
            size,
            shown: Cell::default(),
            effects: Vec::new(),
        }
    }

    /// Takes one input at `now`; gives what is to be done, in order.
    pub fn on(&mut self, input: Input, now: Timestamp) -> Vec<Effect> {
        self.now = now;
        self.local = now.to_zoned(self.settings.zone.clone());
        // A machine that slept may bring a key before the tick that was due: it locks first, and the key is lost.
        let open = self.session.is_some();
        self.on_time();
        if open && self.session.is_none() && matches!(input, Input::Key(_) | Input::Paste(_)) {
            return std::mem::take(&mut self.effects);
        }
        match input {
            Input::Key(key) => self.on_key(key),
            Input::Paste(text) => self.on_paste(text),
            Input::Resize(columns, rows) => self.size = (columns, rows),
            Input::Event(event) => {
                self.on_event(event);
                self.catch_up();
            }
            Input::Tick => {}
        }
        self.on_time();
        std::mem::take(&mut self.effects)
    }

    /// When [`Input::Tick`] is wanted next; none while nothing can happen by itself.
    #[must_use]
    pub fn deadline(&self) -> Option<Timestamp> {
        let covered = self.covered.as_ref().filter(|_| self.session.is_some());
        let cover = covered.map(|since| since.timestamp() + self.settings.cover_lock);
        let idle = self.session.as_ref().map(|_| self.last_input + self.settings.idle_lock);
        let popup = self.prefix.map(|at| at + POPUP_AFTER).filter(|at| *at > self.now);
        [cover, idle, popup, self.draft_due].into_iter().flatten().min()
    }

    /// The terminal's title: never case text.
    #[must_use]
    pub const fn title(&self) -> &'static str {
        if self.covered.is_some() || self.session.is_none() { "terminal" } else { "kith" }
    }

    /// Is the casebook locked?
    #[must_use]
    pub const fn is_locked(&self) -> bool {
        self.session.is_none()
    }

    /// The screens, from the bottom.
    pub fn screens(&self) -> impl Iterator<Item = &Screen> {
        self.layers.iter().map(|layer| &layer.screen)
    }

    fn on_time(&mut self) {
        if self.draft_due.is_some_and(|due| due <= self.now) {
            self.save_drafts();
        }
        let idle = self.last_input + self.settings.idle_lock;
        let cover = self.covered.as_ref().map(|since| since.timestamp() + self.settings.cover_lock);
        if self.session.is_some() && (idle <= self.now || cover.is_some_and(|at| at <= self.now)) {
            self.lock();
        }
    }

    /// Keeps what is half written, then forgets everything it showed.
    fn lock(&mut self) {
        self.save_drafts();
        self.session = None;
        self.pending.clear();
        self.waiting.clear();
        self.undo = None;
        self.notice.clear();
        self.messages.clear();
        self.prefix = None;
        let screen = Unlock::new(self.settings.demo_passphrase).into();
        self.layers = vec![Layer { id: self.next, screen }];
        self.next += 1;
        self.effects.push(Effect::Lock);
    }

    fn save_drafts(&mut self) {
        self.draft_due = None;
        for n in 0..self.layers.len() {
            self.save_draft(n);
        }
    }

    fn save_draft(&mut self, n: usize) {
        let Some((id, draft)) = self.with(n, |screen, cx| screen.face_mut().save(cx)) else { return };
        if let Some(draft) = draft {
            self.send(id, Request::SaveDraft(draft), Asked::Draft);
        }
    }

    /// Lets a layer see the context while it changes.
    fn with<T>(&mut self, n: usize, f: impl FnOnce(&mut Screen, &Cx<'_>) -> T) -> Option<(u64, T)> {
        let layer = self.layers.get_mut(n)?;
        let (id, away) = (layer.id, Unlock::default().into());
        let mut screen = std::mem::replace(&mut layer.screen, away);
        let out = f(&mut screen, &self.cx());
        if let Some(layer) = self.layers.get_mut(n) {
            layer.screen = screen;
        }
        Some((id, out))
    }

    fn cx(&self) -> Cx<'_> {
        Cx {
            now: &self.local,
            session: self.session.as_ref(),
            look: Look { theme: &self.settings.theme, glyphs: &self.settings.glyphs, shown: &self.shown },
            size: self.size,
            exchange: &self.exchange,
            progress: self.progress.as_ref(),
            messages: &self.messages,
        }
    }

    fn top(&self) -> Option<&Screen> {
        self.layers.last().map(|layer| &layer.screen)
    }

    /// The contexts whose keys count now.
    fn contexts(&self) -> Vec<Context> {
        let mut contexts = self.top().map(|screen| screen.face().contexts()).unwrap_or_default();
        if self.session.is_some() {
            contexts.push(Context::Global);
        }
        contexts
    }

    /// What can be done now, and where not, why.
    fn entries(&self) -> Vec<Entry> {
        let contexts = self.contexts();
        keymap::usable(&contexts)
            .into_iter()
            .filter(|binding| {
                !matches!(binding.action, Action::Go | Action::Back | Action::Help | Action::Palette)
            })
            .map(|binding| Entry { binding: *binding, why_not: self.why_not(binding) })
            .collect()
    }

    fn why_not(&self, binding: &Binding) -> Option<String> {
        if binding.action == Action::Undo && self.undo.is_none() {
            return Some("nothing was done that can be undone".to_owned());
        }
        self.blocked(binding.action)
    }

    /// Why an action cannot be done now.
    fn blocked(&self, action: Action) -> Option<String> {
        let top = self.top()?.face();
        match action {
            Action::Back | Action::CloseView if self.layers.len() == 1 && !top.inside() => {
                Some("this is the first screen: Ctrl+Q quits".to_owned())
            }
            Action::CloseView if top.typing() => Some("Esc goes back from here".to_owned()),
            Action::Zoom if !top.zooms(&self.cx()) => Some("there is one pane here".to_owned()),
            Action::NextPane | Action::PrevPane if !top.has_panes() => {
                Some("there is one pane here".to_owned())
            }
            Action::NextTab | Action::PrevTab if !top.has_tabs() => Some("there are no tabs here".to_owned()),
            action => top.why_not(action, &self.cx()),
        }
    }

    fn say(&mut self, text: String) {
        if text.is_empty() {
            return;
        }
        if self.messages.len() == MAX_MESSAGES {
            self.messages.remove(0);
        }
        self.messages.push((self.local.clone(), text.clone()));
        self.notice = text;
    }

    fn send(&mut self, layer: u64, request: Request, what: Asked) {
        let overtaken = |old: &mut Pending| old.layer == layer && same_question(&old.what, &what);
        let given_up: Vec<_> =
            self.pending.extract_if(.., overtaken).map(|old| Effect::GiveUp(old.ticket)).collect();
        self.effects.extend(given_up);
        let ticket = Ticket(self.next);
        self.next += 1;
        self.pending.push(Pending { ticket, layer, what });
        self.effects.push(Effect::Request(ticket, request));
    }
}

/// Does the second question make the first one's answer useless?
fn same_question(old: &Asked, new: &Asked) -> bool {
    match (old, new) {
        (Asked::Query(a, _), Asked::Query(b, _)) => a == b,
        (Asked::Latest(a), Asked::Latest(b)) => a == b,
        _ => false,
    }
}

#[cfg(test)]
pub(crate) mod tests;
