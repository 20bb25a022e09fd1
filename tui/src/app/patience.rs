//! Keys typed faster than a look-up answers: what acts on the answer waits for it, and so does what is typed after it.
//! Whether the answer is quick or slow, the same keys do the same.

use super::{App, Asked, Input, Wait};
use crate::{
    action::Action,
    casework::query::Query,
    keymap::{self, Key},
};

/// Which keys wait for the answer to a question.
pub(super) const fn wait(query: &Query) -> Wait {
    match query {
        Query::FindPeople { .. } | Query::FindEntries { .. } | Query::Cases { .. } => Wait::Acting,
        // The cases of a child, which a digit picks from.
        Query::Person { .. } => Wait::All,
        _ => Wait::Nothing,
    }
}

impl App {
    /// Must this key wait for a look-up of the top screen? Whoever leaves, covers or quits need not, and gives up what
    /// waits.
    pub(super) fn must_wait(&mut self, key: Option<Key>) -> bool {
        let wait = if self.waiting.is_empty() { self.looking_up() } else { Wait::All };
        if wait == Wait::Nothing {
            return false;
        }
        let binding = key.and_then(|key| keymap::find(&self.contexts(), key, true));
        match binding.map(|binding| binding.action) {
            Some(Action::Back | Action::Cover | Action::Lock | Action::Quit) => {
                self.waiting.clear();
                false
            }
            Some(_) => true,
            None => wait == Wait::All,
        }
    }

    /// An answer came: keys that waited for it have their turn, in order.
    pub(super) fn catch_up(&mut self) {
        if self.waiting.is_empty() || self.looking_up() != Wait::Nothing {
            return;
        }
        for input in std::mem::take(&mut self.waiting) {
            match input {
                Input::Key(key) => self.on_key(key),
                Input::Paste(text) => self.on_paste(text),
                Input::Resize(..) | Input::Event(_) | Input::Tick => {}
            }
        }
    }

    /// What waits for the look-ups of the top screen, while it is typed into.
    fn looking_up(&self) -> Wait {
        let Some(top) = self.layers.last().filter(|layer| layer.screen.face().typing()) else {
            return Wait::Nothing;
        };
        let asked = self.pending.iter().filter(|pending| pending.layer == top.id);
        let waits = asked.map(|pending| match pending.what {
            Asked::Query(_, wait) => wait,
            _ => Wait::Nothing,
        });
        waits.max().unwrap_or(Wait::Nothing)
    }
}
