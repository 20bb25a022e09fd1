//! What passes between screens and the rest: requests go out, events come back. All of it is data.

use std::path::PathBuf;

use jiff::civil::Date;
use kith_protocol::{ids::AgencyId, receipt::ReceiptKind};

use crate::{
    casework::{
        command::{Command, FileInto, Refusal},
        fact::Author,
        ids::{CaseId, FactId, ReceivedId, ShareId},
        query::{Answer, Draft, Query},
    },
    sharing::{
        plan::{Checking, Preview, ShareChoices, Suggestions},
        withdrawn::Reaction,
    },
};

/// What a screen wants done or known. The worker answers each with one [`Event`] carrying the same [`Ticket`].
#[derive(Debug, Clone, PartialEq)]
pub enum Request {
    Ask(Query),
    Do(Command),
    SaveDraft(Draft),
    DropDraft {
        key: String,
    },
    /// Reads and keeps a file as an attachment, by digest.
    Attach {
        path: PathBuf,
    },
    /// Whom we can share with, and how their keys were verified.
    Members,
    Suggest {
        case: CaseId,
        choices: Box<ShareChoices>,
    },
    /// The bundle as the recipient will see it, or why it may not go.
    Preview {
        case: CaseId,
        choices: Box<ShareChoices>,
    },
    /// Clears, records the decision and queues the bundle; the courier takes it from there.
    Send {
        case: CaseId,
        choices: Box<ShareChoices>,
    },
    /// Everything about a share that waits for a second person's check.
    Checking {
        share: ShareId,
    },
    /// The person at the keyboard signs, as the second, what was proposed.
    ApproveShare {
        share: ShareId,
    },
    SendBackShare {
        share: ShareId,
        why: String,
    },
    WithdrawShare {
        share: ShareId,
        why: String,
        /// By when they are asked to answer, should they have it; a fortnight where nobody says.
        answer_by: Option<Date>,
    },
    /// Somebody opens a bundle to read it: its sender is told so, once. Answered like the question for it.
    Open {
        received: ReceivedId,
    },
    File {
        received: ReceivedId,
        into: FileInto,
    },
    AnswerBundle {
        received: ReceivedId,
        kind: ReceiptKind,
        note: String,
    },
    /// Answers the withdrawal of a received bundle.
    React {
        received: ReceivedId,
        reaction: Reaction,
    },
    /// Keeps the text of a privacy notice, word for word as it stands in a file.
    KeepNotice {
        path: PathBuf,
        name: String,
        language: String,
    },
    /// Talk to the node now instead of waiting.
    Exchange,
    /// Writes the signed certificate of a disposal into a folder.
    Certificate {
        disposal: FactId,
        folder: PathBuf,
    },
}

/// Who is at the keyboard, once the casebook is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    pub agency: AgencyId,
    pub agency_name: String,
    pub user: Author,
    /// Fictional people, thrown away afterwards.
    pub demo: bool,
}

/// Ties an answer to the question; a late answer to a question no longer asked is dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// What came back.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    Answered {
        ticket: Ticket,
        answer: Answer,
    },
    /// Committed: the ids of the facts, in order.
    Done {
        ticket: Ticket,
        facts: Vec<FactId>,
    },
    Attached {
        ticket: Ticket,
        attachment: crate::casework::entry::Attachment,
    },
    Members {
        ticket: Ticket,
        members: Vec<MemberRow>,
    },
    Suggested {
        ticket: Ticket,
        suggestions: Box<Suggestions>,
    },
    Checking {
        ticket: Ticket,
        checking: Box<Checking>,
    },
    Previewed {
        ticket: Ticket,
        preview: Box<Preview>,
    },
    Refused {
        ticket: Ticket,
        refusal: Refusal,
    },
    /// Something of ours failed; the text says what and what to do, and names no child.
    Failed {
        ticket: Ticket,
        message: String,
    },
    /// The passphrase was right.
    Unlocked(Session),
    /// It was not, or the casebook could not be opened; the text says what to do.
    UnlockRefused {
        message: String,
    },
    /// The casebook changed by itself (a receipt came, a bundle arrived): ask again.
    Changed,
    /// How the exchange stands, for the header.
    Exchange(ExchangeState),
    /// Something happened by itself that a person should know; the text names no child.
    Notice {
        message: String,
    },
    /// How far a large transfer has come.
    Progress {
        share: Option<ShareId>,
        done: u64,
        total: u64,
    },
}

/// How far a large transfer has come: of a share of ours, or of what is collected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    pub share: Option<ShareId>,
    /// Bytes.
    pub done: u64,
    pub total: u64,
}

/// The state of our link to the node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExchangeState {
    Off,
    Online,
    /// Not reachable since; bundles wait and go by themselves.
    Waiting {
        why: String,
    },
}

/// A line of the directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberRow {
    pub id: AgencyId,
    pub name: String,
    pub sector: String,
    pub phone: String,
    /// How their key was verified, in words: `VERIFIED (phone, 2 Feb, A. Khan)`, `VOUCHED BY partnership`.
    pub trust: String,
    pub words: [&'static str; 8],
    pub post_quantum: bool,
}
