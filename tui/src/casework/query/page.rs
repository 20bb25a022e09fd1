//! Long lists, a page at a time: each page is asked for by the key of the last row before it.

use jiff::civil::Date;

use super::{ActionRow, EntryRow, ReceivedRow, ShareRow};
use crate::casework::ids::{ActionId, EntryId, ReceivedId, ShareId};

/// A row by whose key the rest of its list can be asked for.
pub trait Keyed {
    type Key: Copy + PartialEq + std::fmt::Debug;

    fn key(&self) -> Self::Key;
}

/// Some rows of a list, and how many there are in all. `after` is the key they were asked for by; none, from its beginning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<R: Keyed> {
    pub rows: Vec<R>,
    pub total: u64,
    pub after: Option<R::Key>,
}

/// A place in the triage queue: is it immediate danger, and which concern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TriageKey(pub bool, pub EntryId);

/// A place in a list of actions: is it open, when it is due, and which.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActionKey(pub bool, pub Date, pub ActionId);

impl Keyed for EntryRow {
    type Key = TriageKey;

    fn key(&self) -> TriageKey {
        TriageKey(self.in_danger, self.id)
    }
}

impl Keyed for ActionRow {
    type Key = ActionKey;

    fn key(&self) -> ActionKey {
        ActionKey(self.finished.is_none(), self.item.due, self.id)
    }
}

impl Keyed for ShareRow {
    type Key = ShareId;

    fn key(&self) -> ShareId {
        self.id
    }
}

impl Keyed for ReceivedRow {
    type Key = ReceivedId;

    fn key(&self) -> ReceivedId {
        self.id
    }
}
