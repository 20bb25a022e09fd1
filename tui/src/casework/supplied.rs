//! What became of words that a sender released later, in the entry that their record was filed as.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{entry::Entry, ids::EntryId};

/// The entry that a received record was filed as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filed {
    NotYet,
    /// It was destroyed here.
    Destroyed,
    /// Its versions with when each was recorded, oldest first; the last is what it says now.
    As {
        entry: EntryId,
        versions: Vec<(Entry, Timestamp)>,
    },
}

/// What released words came to here, beside the record, which has them in any case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Became {
    /// The record is not filed yet: the entry will have them.
    NotFiled,
    /// The entry was destroyed here.
    Destroyed,
    Entry {
        entry: EntryId,
        fields: Vec<Landed>,
    },
}

/// One field of which words were released.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Landed {
    /// As a gap of a share names its own.
    pub field: String,
    /// Since when it says something else here, and so was left as it is; none where the entry has the words.
    pub amended: Option<Timestamp>,
}
