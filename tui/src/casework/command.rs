//! Commands: what a person asks of the casebook. `decide` turns them into facts or refuses.

use jiff::civil::Date;
use kith_protocol::{
    approval::{Proposed, SignedApproval},
    consent::{ConsentEvent, ConsentRecord},
    disposal,
    ids::{AgencyId, BundleId, Digest},
    receipt::ReceiptKind,
};

use serde::{Deserialize, Serialize};

use super::{
    case::{ActionItem, Case, LevelOfNeed, TriageDecision},
    contact::Comparison,
    entry::{Entry, Significance},
    fact::{Received, Release, Share, ShareEnd, SignedText},
    ids::{
        ActionId, CaseId, ConsentId, EntryId, FactId, FileId, HoldId, PersonId, ProposalId, ReceivedId,
        ShareId,
    },
    person::{Address, Person, Relation},
    retention::{Leaving, Rule},
    second::SharingPolicy,
};

/// What is asked of the casebook, with everything it needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    AddPerson(Person),
    AmendPerson {
        person: PersonId,
        now: Person,
        why: String,
    },
    RecordAddress(Address),
    RecordRelation(Relation),
    /// Two records are of one person.
    MarkSame {
        one: PersonId,
        other: PersonId,
        why: String,
    },
    /// Takes that back.
    MarkNotSame {
        one: PersonId,
        other: PersonId,
        why: String,
    },
    /// A concern waits for triage when `case` is none; anything else needs a case or stands on its own.
    RecordEntry {
        entry: Entry,
        case: Option<CaseId>,
    },
    AmendEntry {
        entry: EntryId,
        now: Entry,
        why: String,
    },
    SetSignificance {
        entry: EntryId,
        significance: Significance,
    },
    Triage {
        entry: EntryId,
        decision: TriageDecision,
        level: LevelOfNeed,
    },
    UndoTriage {
        entry: EntryId,
    },
    OpenCase(Case),
    AmendCase {
        case: CaseId,
        now: Case,
        why: String,
    },
    CloseCase {
        case: CaseId,
        outcome: String,
    },
    ReopenCase {
        case: CaseId,
        why: String,
    },
    AddAction(ActionItem),
    AmendAction {
        action: ActionId,
        now: ActionItem,
    },
    FinishAction {
        action: ActionId,
        outcome: String,
    },
    ReopenAction {
        action: ActionId,
    },
    RecordConsent {
        case: CaseId,
        record: Box<ConsentRecord>,
    },
    WithdrawConsent {
        consent: ConsentId,
        by: String,
        why: String,
    },
    MoveConsent {
        consent: ConsentId,
        event: ConsentEvent,
    },
    KeepNotice {
        name: String,
        language: String,
        text: String,
    },
    DeclineSharing {
        case: CaseId,
        with: AgencyId,
        because: String,
        /// Put there by the office, which has the keys.
        signed: Option<SignedText>,
    },
    /// Commits the decision and its place in the outbox together; the outbox keeps `draft`, the exact
    /// document that was previewed, until it is sealed. A `record` that is not in the casebook yet is recorded with
    /// it, and is what the share then rests on.
    Share {
        share: Share,
        record: Option<Box<ConsentRecord>>,
        draft: Vec<u8>,
    },
    /// As [`Self::Share`], for one that a second person must check: it waits beside the outbox, with the choices it
    /// was made from.
    ProposeShare {
        share: Share,
        record: Option<Box<ConsentRecord>>,
        draft: Vec<u8>,
        choices: Vec<u8>,
        proposal: Box<Proposed>,
    },
    /// It was checked: into the outbox.
    ApproveShare {
        share: ShareId,
        /// The name of who checked it.
        by: String,
        approval: Box<SignedApproval>,
    },
    SetSharingPolicy {
        policy: SharingPolicy,
        why: String,
    },
    NoteSealed {
        share: ShareId,
        bundle: BundleId,
        ciphertext: Digest,
        envelope: SignedText,
        gate: SignedText,
    },
    /// Releases words that a share had withheld.
    ReleaseWords(Release),
    KeepReceipt {
        share: ShareId,
        kind: ReceiptKind,
        receipt: SignedText,
    },
    EndShare {
        share: ShareId,
        end: ShareEnd,
    },
    /// This casebook was restored from a backup.
    /// Marks what did not hold of a log as dealt with.
    SettleFinding {
        finding: Digest,
        why: String,
    },
    NoteRestored {
        last: Option<String>,
        why: String,
    },
    /// Keeps the signed withdrawal that the node is to pass on.
    SignWithdrawal {
        share: ShareId,
        why: String,
        answer_by: Option<Date>,
        withdrawal: SignedText,
    },
    Receive(Received),
    /// Keeps a verified withdrawal of a received bundle.
    TakeWithdrawal {
        received: ReceivedId,
        why: String,
        answer_by: Option<Date>,
        withdrawal: SignedText,
    },
    /// Keeps a supplement that was verified and fits a received bundle; `number` is that of its record there, from 1.
    TakeSupplement {
        received: ReceivedId,
        number: usize,
        supplement: SignedText,
    },
    /// Takes a bundle that could not be taken in out of the inbox, with the reason.
    DismissBundle {
        bundle: BundleId,
        why: String,
    },
    /// Undoes that.
    BringBackBundle {
        bundle: BundleId,
    },
    /// Files a received bundle: its records become entries of the case.
    FileBundle {
        received: ReceivedId,
        into: FileInto,
    },
    /// With DELETED, the bundle and all that was filed from it are destroyed in the same step.
    AnswerBundle {
        received: ReceivedId,
        kind: ReceiptKind,
        note: String,
        receipt: SignedText,
    },
    // Retention.
    /// Somebody left; a later record replaces an earlier one.
    RecordLeaving {
        person: PersonId,
        leaving: Leaving,
    },
    /// Somebody who had left came back.
    RecordReturn {
        person: PersonId,
        on: Date,
    },
    PlaceHold {
        file: FileId,
        why: String,
        until: Option<Date>,
    },
    LiftHold {
        hold: HoldId,
        why: String,
    },
    ProposeDisposal {
        file: FileId,
        rule: Rule,
        /// The proposer's own signature over exactly what would go; none where there are no keys.
        signed: Option<Box<disposal::Proposed>>,
    },
    SendBackDisposal {
        proposal: ProposalId,
        why: String,
    },
    /// Destroys the file. There is no way back.
    ApproveDisposal {
        proposal: ProposalId,
        /// Both signatures, where the proposer signed.
        agreed: Option<Box<disposal::Agreed>>,
    },
    /// Somebody here compared an agency's eight words. The office sees to it that they are those of the directory.
    CompareContact(Comparison),
}

/// Where a received bundle goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileInto {
    Case(CaseId),
    /// A child this agency knows already, without a case.
    Child {
        child: PersonId,
        case: Case,
    },
    /// A child this agency did not know.
    NewChild {
        person: Person,
        title: String,
        level: LevelOfNeed,
        lead: String,
    },
}

/// Whose doing it is that a bundle cannot be taken in, and so who must do something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    /// The sender made it so.
    Sender,
    /// It was sealed to a key that we do not have.
    OtherKey,
    /// What came is not what was sent.
    OnTheWay,
    /// The files lay open, and are not what was signed: whoever had them could do that without a key.
    Holder,
    /// Somebody put a file among those that were signed.
    PutThere,
    /// It is for another agency.
    WrongDesk,
    /// We may know less than there is to know.
    OurDirectory,
    OurProgram,
    AClock,
    /// Nothing is wrong with the files so far: they do not belong together, or another form of one is needed.
    WhatWasNamed,
}

/// Why a command was refused; the text says what to do. It holds no case content.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("{what} is empty: {remedy}")]
    Empty { what: &'static str, remedy: &'static str },
    #[error("{what} is too long: {limit} characters at most; attach the rest as a file")]
    TooLong { what: &'static str, limit: usize },
    #[error("{what} {id} is not in this casebook")]
    Unknown { what: &'static str, id: String },
    #[error("there are too many {what}: {limit} at most; record them in several entries")]
    TooMany { what: &'static str, limit: usize },
    #[error("the time lies in the future: check the date")]
    InTheFuture,
    #[error(
        "the next school cannot have confirmed the file before the day of leaving: check both dates, and give the day on which it confirmed the whole file"
    )]
    ReceiptTooEarly,
    #[error("the year is before {earliest}: check the date")]
    TooLongAgo { earliest: i16 },
    #[error("{what} stays as it was recorded: record a new one instead")]
    Fixed { what: &'static str },
    #[error("the received bundle cannot be read: {why}; ask the sender to send it again")]
    Unreadable { why: &'static str },
    #[error("this concern was triaged already by {by}: open the case to go on")]
    AlreadyTriaged { by: String },
    #[error("only a concern can be triaged")]
    NotAConcern,
    #[error("the case is closed: reopen it first")]
    CaseClosed,
    #[error("the case is open already")]
    CaseOpen,
    #[error("open actions remain ({open}): finish them or say why not before closing")]
    OpenActions { open: u32 },
    #[error("the action is {is} already")]
    ActionState { is: &'static str },
    #[error("a reason is needed: it stands in the record beside the change")]
    NoReason,
    #[error("it cannot be undone: {what} was made since")]
    CannotUndo { what: &'static str },
    #[error("{0}")]
    Sharing(String),
    /// A bundle that cannot be taken in.
    #[error("{why}")]
    Bundle {
        why: String,
        fault: Fault,
        /// What did not hold; a stable short name, for programs.
        what: &'static str,
    },
    #[error("the share is {state} already")]
    ShareState { state: &'static str },
    #[error("this bundle is in the casebook already")]
    AlreadyReceived,
    #[error(
        "this bundle is in the casebook already, whole; this copy of it is damaged: it is not the file that its envelope names, and was cut off or changed on the way. Throw this copy away; nothing needs to be sent again"
    )]
    DamagedCopy,
    #[error("this supplement is in the casebook already")]
    AlreadySupplied,
    #[error(
        "these words were released already on {on}, {release}: with --again the same supplement is written out once more"
    )]
    AlreadyReleased { on: Date, release: FactId },
    #[error("this bundle was {what} already")]
    AlreadyAnswered { what: &'static str },
    #[error("the file may not be destroyed: {why}")]
    NotDue { why: String },
    #[error("their coming back cannot be recorded: {why}")]
    NotLeft { why: String },
    #[error("another person must approve: {name} proposed it")]
    SamePerson { name: String },
    #[error("{record} is the same person as itself: name the other record of theirs")]
    OneRecord { record: PersonId },
    #[error(
        "{one} and {other} cannot be one person: they differ in {what}. If they are one all the same, amend the record that is wrong first, with `people amend` or on the tab People"
    )]
    TwoPeople { one: PersonId, other: PersonId, what: String },
    #[error(
        "one person has at most {limit} records, and these would be more: part those first that are of somebody else"
    )]
    ManyRecords { limit: usize },
    #[error(
        "{one} and {other} were never marked themselves, they are one person by what was said of others ({marks}): part those of which that was wrong"
    )]
    ByOthers { one: PersonId, other: PersonId, marks: String },
    #[error("the {what} is over already")]
    Over { what: &'static str },
    #[error("somebody else changed this since you opened it: look again, then decide")]
    Changed,
}
