//! Long lists, a page at a time: from either end, or on from the key of a row.

use jiff::civil::Date;

use super::{ActionRow, CaseRow, EntryRow, ReceivedRow, ShareRow};
use crate::casework::ids::{ActionId, CaseId, EntryId, ReceivedId, ShareId};

/// A row by whose key the rest of its list can be asked for.
pub trait Keyed {
    type Key: Copy + PartialEq + std::fmt::Debug;

    fn key(&self) -> Self::Key;
}

/// Which part of a long list is wanted, by key so that it costs the same anywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window<K> {
    First,
    After(K),
    Before(K),
    Last,
}

impl<K> Window<K> {
    /// The key it is bounded by, if by any, and whether it goes back towards the beginning of the list.
    pub fn bound(self) -> (Option<K>, bool) {
        match self {
            Self::First => (None, false),
            Self::After(key) => (Some(key), false),
            Self::Before(key) => (Some(key), true),
            Self::Last => (None, true),
        }
    }
}

/// On from a key, or from the beginning.
impl<K> From<Option<K>> for Window<K> {
    fn from(after: Option<K>) -> Self {
        after.map_or(Self::First, Self::After)
    }
}

/// Some rows of a list in its order, the part of it that they are, and how many there are in all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<R: Keyed> {
    pub rows: Vec<R>,
    pub total: u64,
    pub window: Window<R::Key>,
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

impl Keyed for CaseRow {
    type Key = CaseId;

    fn key(&self) -> CaseId {
        self.id
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
