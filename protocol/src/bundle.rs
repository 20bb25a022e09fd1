//! One bundle, one recipient agency: `Draft` -clear-> `Cleared` -seal-> `Sealed`; `Opened` -verify-> `Verified`.
//!
//! `Cleared`, `Sealed`, `Opened` and `Verified` have no public constructor: nothing is sealed without the consent
//! check, nothing is imported without verification.

mod clear;
mod concern;
mod cut;
mod draft;
mod exact;
mod fields;
mod files;
mod gaps;
mod measure;
mod opening;
mod parts;
mod passage;
mod proof;
mod reading;
mod record;
mod sealing;
mod search;
mod show;
mod since;
mod sums;
mod types;
mod verify;

pub use self::search::before_a_gap;
pub use self::{
    clear::Cleared,
    concern::ConcernCategory,
    cut::{Mark, Marks},
    draft::{Draft, DraftSpan, Forbidden, Second},
    exact::Exact,
    files::{Found, SignedFiles},
    gaps::WithheldSpan,
    measure::{Measure, Measured, SealedIn, SealedOut},
    opening::{AttachmentSink, KeepNothing, OpenRefused, Opened, open, open_files},
    passage::{Passage, Reason, Span, WithheldCount, in_words},
    proof::{Evidence, Proven, RecordProof, Unproven},
    record::{
        Happened, PersonRole, Precision, Record, RecordKind, RecordedBy, Role, Significance, Source,
        Statement, StatementKind, one_line,
    },
    sealing::{AttachmentSource, Fresh, NoAttachments, Rehearsed, SealRefused, Sealed, Sealing},
    search::refusals as forbidden_left_in,
    show::{Logged, NotAnEntry, Place},
    sums::{page_digest, parts},
    types::{
        Asked, Attachment, Bundle, BundleVersion, Child, Contact, End, Identifier, Letter, ReceiptAsked,
        Urgency,
    },
    verify::{Check, Outcome, Verified, VerifyRefused, What},
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

/// What signatures, digests and proofs do not prove: a code for programs, and the words. Said by whoever verifies, never by
/// the sender.
pub const NOT_PROVEN: [(&str, &str); 9] = [
    ("truth", "that what is written is true: it is what the people named recorded"),
    (
        "when",
        "that things happened when the record says, nor that they were recorded then: only since when the log is witnessed is known from others than the sender",
    ),
    ("unrecorded", "that nothing was left unrecorded"),
    ("other-records", "that these are all the records the sender holds about the child"),
    ("latest", "that this is the latest version of each record"),
    ("reasons", "that what is withheld is what the reason beside it says"),
    (
        "beside-records",
        "what the sender says besides the records: the letter, the children's names and numbers, who people are to the child, what files are called",
    ),
    (
        "attachments",
        "that attachments hold nothing that should not be there: the people named looked through them, and programs read only some kinds of text in them",
    ),
    (
        "one-log",
        "that the sender keeps no second log that says otherwise: whoever signed this one saw only this one, and nobody compares two",
    ),
];

#[cfg(test)]
pub(crate) mod tests;
