//! Keys and pastes: what is global is done here, the rest goes to the top layer.

use crossterm::event::{KeyEvent, KeyEventKind};

use super::{App, DRAFT_AFTER, Effect, Input};
use crate::{
    action::Action,
    keymap::{self, Context, Key},
    screens::{
        Place, Screen, actions::Actions, cases::Cases, concerns::Concerns, entry_form::EntryForm,
        exchange::Exchange, find::Find, help::Help, messages::Messages, palette::Palette,
        retention::Retention, to_check::ToCheck, today::TodayScreen,
    },
};

/// How a notice begins that holds only until the next try.
const REFUSALS: [&str; 2] = ["Not ready", "Not now"];

impl App {
    pub(super) fn on_key(&mut self, event: KeyEvent) {
        if event.kind == KeyEventKind::Release {
            return;
        }
        self.last_input = self.now;
        let key = Key::of(event);
        if self.covered.is_some() {
            return self.on_covered(key);
        }
        if self.must_wait(key) {
            return self.waiting.push(Input::Key(event));
        }
        if let Some(key) = key.filter(|_| self.prefix.take().is_some()) {
            // A prefix swallows nothing: a letter it does not know means what it always means.
            if let Some(binding) = keymap::find(&[Context::Go], key, false) {
                return self.perform(binding.action);
            }
        }
        let typing = self.top().is_some_and(|screen| screen.face().typing());
        match key.and_then(|key| keymap::find(&self.contexts(), key, typing)) {
            Some(binding) => {
                if !Self::is_movement(binding.action) {
                    self.notice.clear();
                }
                self.perform(binding.action);
            }
            None if typing => {
                // What was wrong before is marked where it is wrong; whoever types is putting it right.
                if REFUSALS.iter().any(|start| self.notice.starts_with(start)) {
                    self.notice.clear();
                }
                self.type_in(|screen, cx| screen.face_mut().key(event, cx));
            }
            None => {}
        }
    }

    pub(super) fn on_paste(&mut self, text: String) {
        self.last_input = self.now;
        if !self.waiting.is_empty() {
            return self.waiting.push(Input::Paste(text));
        }
        if self.covered.is_none() && self.top().is_some_and(|screen| screen.face().typing()) {
            let text = text.replace("\r\n", "\n").replace('\r', "\n");
            self.type_in(|screen, cx| screen.face_mut().paste(&text, cx));
        }
    }

    fn type_in(&mut self, f: impl FnOnce(&mut Screen, &crate::screens::Cx<'_>) -> Vec<crate::screens::Flow>) {
        let Some(n) = self.layers.len().checked_sub(1) else { return };
        if let Some((id, flows)) = self.with(n, f) {
            self.follow(id, flows);
        }
        self.note_unsaved();
    }

    fn note_unsaved(&mut self) {
        if self.layers.iter().any(|layer| layer.screen.face().unsaved()) {
            self.draft_due = Some(self.now + DRAFT_AFTER);
        }
    }

    /// Any key lifts the cover; the covering key again locks.
    fn on_covered(&mut self, key: Option<Key>) {
        self.covered = None;
        let again = key.and_then(|key| keymap::find(&[Context::Global], key, true));
        if again.is_some_and(|binding| binding.action == Action::Cover) && self.session.is_some() {
            self.lock();
        }
    }

    /// Does an action, or says why it cannot be done.
    pub(super) fn perform(&mut self, action: Action) {
        if let Some(why) = self.blocked(action) {
            return self.say(format!("Not now: {why}."));
        }
        if self.on_global(action) {
            return;
        }
        let Some(n) = self.layers.len().checked_sub(1) else { return };
        if let Some((id, flows)) = self.with(n, |screen, cx| screen.face_mut().act(action, cx)) {
            self.follow(id, flows);
        }
        self.note_unsaved();
    }

    fn on_global(&mut self, action: Action) -> bool {
        match action {
            Action::Cover => self.covered = Some(self.local.clone()),
            Action::Quit => {
                self.save_drafts();
                self.effects.push(Effect::Quit);
            }
            Action::Help => self.push(Help::new(self.entries()).into()),
            // The rest needs an open casebook.
            _ if self.session.is_none() => return false,
            Action::Lock => self.lock(),
            Action::Palette => self.push(Palette::new(self.entries()).into()),
            Action::Find => self.push(Find::default().into()),
            Action::NewConcern => self.push(EntryForm::concern(&self.cx()).into()),
            Action::GoToCheck => self.push(ToCheck::default().into()),
            Action::GoMessages => self.push(Messages::default().into()),
            Action::GoRetention => self.push(Retention::default().into()),
            Action::GoToday => self.go(Place::Today),
            Action::GoConcerns => self.go(Place::Concerns),
            Action::GoCases => self.go(Place::Cases),
            Action::GoActions => self.go(Place::Actions),
            Action::GoExchange => self.go(Place::Exchange),
            Action::Go => self.prefix = Some(self.now),
            Action::Undo if self.undo.is_some() => self.undo_last(),
            Action::Undo => self.say("Nothing was done that can be undone.".to_owned()),
            Action::Refresh => self.refresh(),
            _ => return false,
        }
        true
    }

    /// Goes to a place; what is half written on the way is kept.
    fn go(&mut self, place: Place) {
        self.save_drafts();
        if self.layers.len() == 1 && self.top().and_then(|screen| screen.face().place()) == Some(place) {
            return self.refresh();
        }
        self.layers.clear();
        self.push(match place {
            Place::Today => TodayScreen::default().into(),
            Place::Concerns => Concerns::default().into(),
            Place::Cases => Cases::default().into(),
            Place::Actions => Actions::default().into(),
            Place::Exchange => Exchange::default().into(),
        });
    }
}
