//! What comes back from the rest, and what screens want: flows become effects.

use super::{App, Asked, Effect, Layer, patience};
use crate::{
    action::Action,
    casework::query::Query,
    flow::{Event, ExchangeState, Progress, Request, Session, Ticket},
    screens::{Answered, Flow, Heard, Screen, exchange::TALKING, share::QUEUED, today::TodayScreen},
};

impl App {
    pub(super) fn on_event(&mut self, event: Event) {
        match event {
            Event::Answered { ticket, answer } => self.heard(ticket, Heard::Answer(answer)),
            Event::Done { ticket, facts } => self.done(ticket, Heard::Done(facts)),
            Event::Attached { ticket, attachment } => self.heard(ticket, Heard::Attached(attachment)),
            Event::Members { ticket, members } => self.heard(ticket, Heard::Members(members)),
            Event::Suggested { ticket, suggestions } => self.heard(ticket, Heard::Suggested(suggestions)),
            Event::Checking { ticket, checking } => self.heard(ticket, Heard::Checking(checking)),
            Event::Previewed { ticket, preview } => self.heard(ticket, Heard::Previewed(preview)),
            Event::Refused { ticket, refusal } => self.refused(ticket, refusal.to_string()),
            Event::Failed { ticket, message } => self.refused(ticket, message),
            Event::Unlocked(session) => self.unlocked(session),
            Event::UnlockRefused { message } => {
                self.with(0, |screen, cx| screen.face_mut().hear(Heard::Not(message), cx));
            }
            Event::Changed if self.session.is_some() => {
                // What went meanwhile says so in its own row.
                if self.notice == QUEUED {
                    self.notice.clear();
                }
                self.refresh();
            }
            Event::Changed => {}
            Event::Exchange(state) => self.exchange_is(state),
            Event::Notice { message } => self.say(message),
            Event::Progress { share, done, total } => {
                self.progress = (done < total).then_some(Progress { share, done, total });
            }
        }
    }

    fn unlocked(&mut self, session: Session) {
        self.session = Some(session);
        self.last_input = self.now;
        self.layers.clear();
        self.push(TodayScreen::default().into());
    }

    fn exchange_is(&mut self, state: ExchangeState) {
        if let (ExchangeState::Waiting { why }, true) =
            (&state, state != self.exchange && self.session.is_some())
        {
            self.say(format!("The exchange cannot be reached ({why}). What is queued goes by itself later."));
        }
        if state == ExchangeState::Online && self.notice == TALKING {
            self.say("Talked to the node: nothing waits here.".to_owned());
        }
        // A round is over: nothing is on its way just now.
        self.progress = None;
        self.exchange = state;
    }

    /// Takes the question that `ticket` names; none when it is no longer asked.
    fn take(&mut self, ticket: Ticket) -> Option<(usize, Asked)> {
        let at = self.pending.iter().position(|pending| pending.ticket == ticket)?;
        let pending = self.pending.remove(at);
        let layer = self.layers.iter().position(|layer| layer.id == pending.layer);
        Some((layer.unwrap_or(usize::MAX), pending.what))
    }

    fn heard(&mut self, ticket: Ticket, heard: Heard) {
        if let Some((n, _)) = self.take(ticket) {
            self.tell(n, heard);
        }
    }

    fn tell(&mut self, n: usize, heard: Heard) {
        if let Some((id, flows)) = self.with(n, |screen, cx| screen.face_mut().hear(heard, cx)) {
            self.follow(id, flows);
        }
    }

    fn done(&mut self, ticket: Ticket, heard: Heard) {
        let Some((n, what)) = self.take(ticket) else { return };
        match what {
            Asked::Draft => return self.tell(n, Heard::DraftSaved),
            Asked::Command { said, undo } => {
                let hint = if undo.is_some() { "  u undoes it." } else { "" };
                self.say(format!("{said}{hint}"));
                self.undo = undo.map(|command| (said, command));
            }
            Asked::Query(..) | Asked::Latest(_) | Asked::Other => {}
        }
        self.tell(n, heard);
        self.refresh();
    }

    fn refused(&mut self, ticket: Ticket, why: String) {
        let Some((n, what)) = self.take(ticket) else { return };
        let prefix =
            if matches!(what, Asked::Draft) { "The draft could not be kept: " } else { "Not done: " };
        self.say(format!("{prefix}{why}"));
        self.tell(n, Heard::Not(why));
    }

    /// Asks again what fills the screens in sight: the top one and, under boxes, the one that shows.
    pub(super) fn refresh(&mut self) {
        let full = self.layers.iter().rposition(|layer| !layer.screen.face().is_box()).unwrap_or(0);
        for n in full..self.layers.len() {
            self.fill(n);
        }
    }

    fn fill(&mut self, n: usize) {
        if let Some((id, requests)) = self.with(n, |screen, cx| screen.face().ask(cx)) {
            for request in requests {
                self.request(id, request);
            }
        }
    }

    pub(super) fn request(&mut self, layer: u64, request: Request) {
        let what = match &request {
            Request::Ask(query) => {
                Asked::Query(std::mem::discriminant::<Query>(query), patience::wait(query))
            }
            Request::Members => Asked::Latest("members"),
            Request::Suggest { .. } => Asked::Latest("suggest"),
            Request::Preview { .. } => Asked::Latest("preview"),
            Request::Checking { .. } => Asked::Latest("checking"),
            Request::SaveDraft(_) | Request::DropDraft { .. } => Asked::Draft,
            _ => Asked::Other,
        };
        self.send(layer, request, what);
    }

    pub(super) fn push(&mut self, screen: Screen) {
        let id = self.next;
        self.next += 1;
        self.layers.push(Layer { id, screen });
        self.fill(self.layers.len() - 1);
    }

    fn pop(&mut self) {
        if self.layers.len() > 1 {
            self.save_draft(self.layers.len() - 1);
            self.layers.pop();
            self.refresh();
        }
    }

    /// Does what the screen of layer `id` wants.
    pub(super) fn follow(&mut self, id: u64, flows: Vec<Flow>) {
        for flow in flows {
            match flow {
                Flow::Push(screen) => self.push(*screen),
                Flow::Replace(screen) => {
                    self.save_draft(self.layers.len().saturating_sub(1));
                    self.layers.pop();
                    self.push(*screen);
                }
                Flow::Pop => self.pop_layer(id),
                Flow::Answer(answer) => self.answer(id, *answer),
                Flow::Ask(request) => self.request(id, request),
                Flow::Begin { request, doing, done } => {
                    // What is being done is no news to keep: the outcome takes its place.
                    doing.clone_into(&mut self.notice);
                    self.send(id, request, Asked::Command { said: done, undo: None });
                }
                Flow::Do(doing) => {
                    let what = Asked::Command { said: doing.said, undo: doing.undo };
                    self.send(id, Request::Do(doing.command), what);
                }
                Flow::Say(text) => self.say(text),
                Flow::Perform(action) => self.perform(action),
                Flow::Unlock(passphrase) => self.effects.push(Effect::Unlock(passphrase)),
            }
        }
    }

    /// Closes the layer that asked for it, with everything above it.
    fn pop_layer(&mut self, id: u64) {
        let Some(n) = self.layers.iter().position(|layer| layer.id == id) else { return };
        while self.layers.len() > n.max(1) {
            self.pop();
        }
    }

    fn answer(&mut self, id: u64, answer: Answered) {
        let Some(n) = self.layers.iter().position(|layer| layer.id == id).filter(|n| *n > 0) else { return };
        self.layers.truncate(n);
        if let Answered::Run(action) = answer {
            return self.perform(action);
        }
        if let Some((below, flows)) = self.with(n - 1, |screen, cx| screen.face_mut().answered(answer, cx)) {
            self.follow(below, flows);
        }
    }

    pub(super) fn undo_last(&mut self) {
        let Some((said, command)) = self.undo.take() else { return };
        let Some(id) = self.layers.last().map(|layer| layer.id) else { return };
        self.send(id, Request::Do(command), Asked::Command { said: format!("Undone: {said}"), undo: None });
    }

    pub(super) fn is_movement(action: Action) -> bool {
        matches!(action, Action::Up | Action::Down | Action::PageUp | Action::PageDown)
    }
}
