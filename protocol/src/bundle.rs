//! One bundle, one recipient agency: `Draft` -clear-> `Cleared` -seal-> `Sealed`; `Opened` -verify-> `Verified`.
//!
//! `Cleared`, `Sealed`, `Opened` and `Verified` have no public constructor: nothing is sealed without the consent
//! check, nothing is imported without verification.

mod draft;
mod exact;
mod types;

pub use self::{
    draft::{Draft, DraftSpan, Forbidden},
    exact::Exact,
    types::{
        Asked, Attachment, Bundle, BundleVersion, Child, Contact, End, Happened, Identifier, Letter, Passage,
        PersonRole, Precision, Reason, ReceiptAsked, Record, RecordKind, Role, Span, Statement,
        StatementKind, Urgency, WithheldCount,
    },
};

/// Most attachments in one bundle.
pub const MAX_ATTACHMENTS: usize = 500;
/// Largest attachment, in bytes (4 GiB).
pub const MAX_ATTACHMENT: u64 = 4 << 30;
/// Most bytes of all attachments together (16 GiB).
pub const MAX_ATTACHMENTS_TOTAL: u64 = 16 << 30;
/// Longest attachment name, in bytes of UTF-8.
pub const MAX_NAME: usize = 200;
/// Most records in one bundle.
pub const MAX_RECORDS: usize = 10_000;
/// Largest `bundle.json`, in bytes.
pub const MAX_DOCUMENT: u64 = 16 << 20;
/// Largest `index.html`, in bytes.
pub const MAX_PAGE: u64 = 128 << 20;
