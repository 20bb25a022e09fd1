//! What stands in the chronology of a case, and where.

use jiff::{Timestamp, civil::DateTime};
use kith_protocol::receipt::ReceiptKind;

use super::{
    ids::FactId,
    query::{EntryRow, ReceivedRow, ShareRow},
};

/// Where something stands in a chronology: by time, then by the fact that began it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct EventKey {
    pub at: DateTime,
    pub id: FactId,
}

impl EntryRow {
    /// Where it stands in its case.
    #[must_use]
    pub const fn key(&self) -> EventKey {
        EventKey { at: self.at, id: self.id.0 }
    }
}

/// Something that stands in the chronology of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "they are kept a page at a time")]
pub enum Event {
    Entry(EntryRow),
    /// It was decided to share; the receipts so far stand with it.
    Share(ShareRow),
    Filed(FiledRow),
    /// Words that a share had withheld were released.
    Released(ReleasedRow),
}

impl Event {
    /// Where it stands.
    #[must_use]
    pub const fn key(&self) -> EventKey {
        match self {
            Self::Entry(row) => row.key(),
            Self::Share(row) => EventKey { at: row.share.at, id: row.id.0 },
            Self::Filed(row) => EventKey { at: row.at, id: row.received.id.0 },
            Self::Released(row) => EventKey { at: row.at, id: row.id },
        }
    }

    /// Does it matter to the child's story? What passes between agencies always does.
    #[must_use]
    pub const fn is_significant(&self) -> bool {
        match self {
            Self::Entry(row) => row.significance.is_significant(),
            Self::Share(_) | Self::Filed(_) | Self::Released(_) => true,
        }
    }
}

/// A bundle of another agency that was filed into a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FiledRow {
    pub received: ReceivedRow,
    /// When it was filed, in the agency's own time.
    pub at: DateTime,
    /// What people here answered: kind, when, by whom in words, note.
    pub answers: Vec<(ReceiptKind, Timestamp, String, String)>,
}

/// Words that a share had withheld, released later: by us, or by another agency to us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleasedRow {
    pub id: FactId,
    /// When it was released, or taken in, in the agency's own time.
    pub at: DateTime,
    pub by_us: bool,
    /// The other agency, by name.
    pub agency: String,
    /// Who released it, in words, and when.
    pub by: String,
    pub on: Timestamp,
    /// The record, as its sender numbers it.
    pub record: String,
    /// On which order, or for which reason.
    pub order: String,
}
