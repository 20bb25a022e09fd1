//! Questions a screen asks of the casebook, and the rows it gets: windows over the whole, never everything.

mod logs;
mod network;
mod page;

use jiff::{
    Timestamp,
    civil::{Date, DateTime},
};
use kith_protocol::{
    bundle::ConcernCategory,
    consent::ConsentRecord,
    ids::{AgencyId, BundleId, Digest},
    receipt::ReceiptKind,
};

use serde::{Deserialize, Serialize};

pub use self::{
    logs::{LogFinding, LogStanding, LogsView, SettledFinding},
    network::{Network, SameMark},
    page::{ActionKey, Keyed, Page, TriageKey, Window},
};
pub use super::event::{Event, EventKey, FiledRow, ReleasedRow};
use super::{
    case::{ActionItem, Case, LevelOfNeed},
    command::Fault,
    entry::{AsSent, Entry, EntryKind, Precision, Significance},
    fact::{Author, Received, Share, ShareEnd, SignedText},
    ids::{ActionId, CaseId, ConsentId, EntryId, FactId, FileId, PersonId, ProposalId, ReceivedId, ShareId},
    person::Person,
    retention::{Disposed, Rule, Verdict},
    second::SharingPolicy,
};

/// Most rows any one answer carries.
pub const PAGE: u32 = 200;

/// What a screen wants to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Query {
    /// Numbers and first rows for the opening screen.
    Today {
        today: Date,
    },
    /// Concerns that wait for triage, immediate danger first, then oldest first.
    Triage {
        category: Option<ConcernCategory>,
        window: Window<TriageKey>,
        limit: u32,
    },
    Cases {
        filter: CaseFilter,
        window: Window<CaseId>,
        limit: u32,
    },
    Case {
        case: CaseId,
    },
    /// Entries, shares and bundles that were filed, in the order in which they happened.
    Chronology {
        case: CaseId,
        significant_only: bool,
        /// Only entries of this category, and nothing else.
        category: Option<ConcernCategory>,
        window: Window<EventKey>,
        limit: u32,
    },
    /// The entries of a case alone, in the same order.
    EntriesOf {
        case: CaseId,
        significant_only: bool,
        window: Window<EventKey>,
        limit: u32,
    },
    /// Events a month, for the strip and for jumping.
    Months {
        case: CaseId,
    },
    Entry {
        entry: EntryId,
    },
    /// Open before finished, then by the date they are due.
    Actions {
        filter: ActionFilter,
        window: Window<ActionKey>,
        limit: u32,
    },
    /// People by part of a name, also misspelt, or by identifier; best first.
    FindPeople {
        text: String,
        pupils_only: bool,
        limit: u32,
    },
    /// Entries by words, newest first.
    FindEntries {
        text: String,
        limit: u32,
    },
    /// Everything known of one person.
    Person {
        person: PersonId,
    },
    /// The child's household and family: people, relations, addresses.
    Network {
        person: PersonId,
    },
    Consents {
        case: CaseId,
    },
    /// One consent record, or decision not to share, and its case.
    Consent {
        consent: ConsentId,
    },
    /// The texts of privacy notices that are kept, newest first.
    Notices,
    /// Newest first.
    Shares {
        case: Option<CaseId>,
        window: Window<ShareId>,
        limit: u32,
    },
    /// Shares that wait for a second person's check, oldest first.
    ToCheck {
        limit: u32,
    },
    /// Which shares a second person must check.
    SharingPolicy,
    /// Newest first.
    Inbox {
        window: Window<ReceivedId>,
        limit: u32,
    },
    /// Bundles that were collected and cannot be taken in.
    SetAside,
    /// The log: how it stands with its witnesses, and what did not hold.
    Logs,
    Received {
        received: ReceivedId,
    },
    Drafts,
    /// Files that a person must look at under the rules of retention, and what was destroyed.
    Retention {
        limit: u32,
    },
    /// How one file stands.
    File {
        file: FileId,
    },
}

/// What the casebook answers; one variant for each question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    Today(Box<Today>),
    Triage(Page<EntryRow>),
    Cases(Page<CaseRow>),
    Case(Box<CaseView>),
    Chronology { rows: Vec<Event>, total: u64 },
    EntriesOf { rows: Vec<EntryRow>, total: u64 },
    Months(Vec<Month>),
    Entry(Box<EntryView>),
    Actions(Page<ActionRow>),
    People(Vec<PersonRow>),
    Entries(Vec<EntryRow>),
    Person(Box<PersonView>),
    Network(Box<Network>),
    Consents(Vec<ConsentRow>),
    Consent { row: Box<ConsentRow>, case: CaseId },
    Notices(Vec<NoticeRow>),
    Shares(Page<ShareRow>),
    ToCheck(Vec<ShareRow>),
    SharingPolicy(SharingPolicy),
    Inbox(Page<ReceivedRow>),
    SetAside(Vec<SetAside>),
    Logs(Box<LogsView>),
    Received(Box<ReceivedView>),
    Drafts(Vec<Draft>),
    Retention(Box<RetentionView>),
    File(Box<RetentionRow>),
}

/// Which cases.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CaseFilter {
    pub text: String,
    pub include_closed: bool,
}

/// Which actions.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ActionFilter {
    pub case: Option<CaseId>,
    pub owner: Option<String>,
    pub include_finished: bool,
}

/// The opening screen.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Today {
    pub untriaged: u64,
    pub in_danger: u64,
    pub open_cases: u64,
    pub actions_overdue: u64,
    pub actions_due_week: u64,
    pub inbox_unanswered: u64,
    pub shares_waiting: u64,
    pub concerns_by_week: Vec<(Date, u64)>,
    pub triage: Vec<EntryRow>,
    pub actions: Vec<ActionRow>,
    pub shares: Vec<ShareRow>,
    /// Shares that wait for a second person's check.
    pub to_check: Vec<ShareRow>,
    pub inbox: Vec<ReceivedRow>,
    pub drafts: u64,
    /// Pupils' files past the age at which they may go.
    pub past_retention: u64,
    /// Files of which one person says that they are to be destroyed.
    pub disposals_proposed: u64,
    /// Why the certificate of the person at the keyboard could not be renewed.
    pub certificate: Option<String>,
}

/// A line of a chronology or queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryRow {
    pub id: EntryId,
    pub kind: EntryKind,
    pub at: DateTime,
    pub precision: Precision,
    pub recorded: Timestamp,
    pub category: ConcernCategory,
    /// Child or children, by name.
    pub children: String,
    pub source: String,
    /// First words of what was seen, cut at 240 characters.
    pub headline: String,
    pub done: String,
    pub significance: Significance,
    pub in_danger: bool,
    pub versions: u32,
    pub attachments: u32,
    pub triaged: bool,
    pub case: Option<CaseId>,
}

/// An entry with everything about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryView {
    pub id: EntryId,
    pub entry: Entry,
    /// Names for `entry.people`, in the same order.
    pub names: Vec<String>,
    pub recorded: Timestamp,
    pub by: Author,
    /// The fact that says what it says now.
    pub stands: Stands,
    pub case: Option<CaseId>,
    /// What else its sender recorded, where it came in a bundle.
    pub sent: Option<Box<AsSent>>,
    pub triage: Option<TriageView>,
    /// Earlier versions, oldest first, each with why it was amended.
    pub earlier: Vec<EntryVersion>,
}

impl EntryView {
    /// How many versions there are, this one included.
    #[must_use]
    pub fn versions(&self) -> u32 {
        u32::try_from(self.earlier.len()).unwrap_or(u32::MAX).saturating_add(1)
    }
}

/// The fact that an entry's newest version stands in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stands {
    pub fact: FactId,
    pub by: Author,
    /// The names of its people as they were then.
    pub names: Vec<String>,
}

/// What triage decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TriageView {
    pub decision: String,
    pub level: LevelOfNeed,
    pub by: Author,
    pub at: Timestamp,
}

/// A version that an amendment replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryVersion {
    pub entry: Entry,
    pub recorded: Timestamp,
    pub by: Author,
    /// Why the next version replaced it.
    pub why: String,
}

/// A line of the list of cases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseRow {
    pub id: CaseId,
    pub child: PersonId,
    pub child_name: String,
    pub year: String,
    pub title: String,
    pub level: LevelOfNeed,
    pub lead: String,
    pub open: bool,
    pub entries: u64,
    pub last: Option<DateTime>,
    pub actions_open: u64,
    pub actions_overdue: u64,
}

/// The summary of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseView {
    pub id: CaseId,
    pub case: Case,
    pub child: Person,
    pub opened: Timestamp,
    pub closed: Option<(Timestamp, String)>,
    pub entries: u64,
    pub significant: u64,
    /// Everything in its chronology: entries, shares, bundles filed.
    pub events: u64,
    pub actions_open: u64,
    pub actions_overdue: u64,
    pub shares: u64,
    pub protected_address: bool,
    pub last_significant: Vec<EntryRow>,
}

/// One month of a chronology.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Month {
    pub year: i16,
    pub month: i8,
    pub events: u32,
    pub significant: u32,
    /// The first of the month, for jumping.
    pub first: EventKey,
}

/// A line of a list of actions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActionRow {
    pub id: ActionId,
    pub item: ActionItem,
    pub child_name: String,
    pub finished: Option<String>,
}

/// A line of a list of people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonRow {
    pub id: PersonId,
    pub name: String,
    pub detail: String,
    pub born: Option<Date>,
    pub case: Option<CaseId>,
}

/// Everything known of one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonView {
    pub id: PersonId,
    pub person: Person,
    pub cases: Vec<CaseRow>,
    pub entries: Vec<EntryRow>,
    pub versions: u32,
    /// The same person's other records.
    pub same: Vec<(PersonId, Person)>,
}

/// A consent record, or a decision not to share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentRow {
    pub id: ConsentId,
    pub recorded: Timestamp,
    pub by: Author,
    pub what: ConsentOrNot,
}

/// The two outcomes of asking whether to share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConsentOrNot {
    Record { record: Box<ConsentRecord>, withdrawn: Option<(Timestamp, String)> },
    NotShared { with: AgencyId, because: String, signed: Option<SignedText> },
}

/// A privacy notice, by the digest of its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeRow {
    pub sha256: Digest,
    pub name: String,
    pub language: String,
    pub kept: Timestamp,
    pub text: String,
}

/// A share with its receipts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShareRow {
    pub id: ShareId,
    pub share: Share,
    pub child_name: String,
    pub to_name: String,
    pub decided: Timestamp,
    pub by: Author,
    /// When a second person checked it, and who.
    pub checked: Option<(Timestamp, Author)>,
    pub bundle: Option<BundleId>,
    pub state: ShareState,
    /// Receipts in order: kind, time signed, by whom in words, note.
    pub receipts: Vec<(ReceiptKind, Timestamp, String, String)>,
    /// That they were asked to delete it, or to say on which basis they keep it.
    pub asked: Option<Asked>,
    /// What was released of it later, oldest first.
    pub released: Vec<Released>,
}

impl ShareRow {
    /// Who signed two different answers of one kind, and of which: the first counts, and both are in `receipts`.
    pub fn answered_twice(&self) -> impl Iterator<Item = (ReceiptKind, &str)> {
        let same = |at: usize| {
            let (kind, _, by, _) = self.receipts.get(at)?;
            let before = self.receipts.iter().take(at).filter(|one| (&one.0, &one.2) == (kind, by)).count();
            (before == 1 && *kind > ReceiptKind::Delivered).then_some((*kind, by.as_str()))
        };
        (0..self.receipts.len()).filter_map(same)
    }
}

/// Words that were withheld and released later: by whom, when, of which entry, on which order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Released {
    pub at: Timestamp,
    pub by: Author,
    pub entry: EntryId,
    pub order: String,
}

/// A bundle that was taken back after it was collected, on either side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub at: Timestamp,
    pub why: String,
    pub answer_by: Option<Date>,
}

/// How far a share has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShareState {
    /// Proposed by one person, waiting for a second one's check.
    ToCheck,
    /// On this machine, waiting to go.
    Queued,
    Stored,
    Delivered,
    Opened,
    Receipted,
    Declined,
    Ended(ShareEnd),
    /// Taken back too late; they have not answered yet.
    Asked,
    Kept,
    Deleted,
}

/// A line of the inbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedRow {
    pub id: ReceivedId,
    pub from_name: String,
    pub signed_by: String,
    pub purpose: String,
    pub child: String,
    pub received: Timestamp,
    pub case: Option<CaseId>,
    pub answered: Option<ReceiptKind>,
    /// Its sender took it back.
    pub asked: Option<Asked>,
    /// It was deleted; what it said is not here any more.
    pub gone: bool,
}

impl ReceivedRow {
    /// Does its withdrawal wait for an answer?
    #[must_use]
    pub const fn owes_answer(&self) -> bool {
        self.asked.is_some() && !matches!(self.answered, Some(ReceiptKind::Kept | ReceiptKind::Deleted))
    }
}

/// A bundle that was collected and cannot be taken in. It is kept as it came, and tried again when the casebook opens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetAside {
    pub bundle: BundleId,
    pub from: AgencyId,
    pub from_name: String,
    pub phone: String,
    pub since: Timestamp,
    pub why: String,
    pub fault: Fault,
}

/// A bundle that arrived, whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedView {
    pub id: ReceivedId,
    pub received: Received,
    pub at: Timestamp,
    pub case: Option<CaseId>,
    pub answers: Vec<(ReceiptKind, Timestamp, String)>,
    pub asked: Option<Asked>,
    /// When it was deleted, and by whom; what it said is not here any more.
    pub gone: Option<(Timestamp, Author)>,
    /// Children of this agency who may be the one meant, best first. The casebook alone leaves them out: whom a
    /// document means is for sharing to say.
    pub matches: Vec<PersonRow>,
    /// The one of them who is meant: a name and the date of birth agree, or a number and a name, and nobody else fits so.
    pub meant: Option<PersonId>,
    /// What its sender released of it since, oldest first.
    pub supplements: Vec<SignedText>,
}

/// Where retention stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RetentionView {
    pub rows: Vec<RetentionRow>,
    /// How many files are due.
    pub due: u64,
    /// How many files a person must look at, these rows and the rest.
    pub found: u64,
    pub disposals: Vec<DisposalRow>,
}

/// One file under the rules of retention.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetentionRow {
    pub file: FileId,
    /// Whose it is; of a bundle, from whom and about whom.
    pub name: String,
    pub verdict: Verdict,
    /// What else bears on it.
    pub remarks: Vec<String>,
    pub proposal: Option<ProposalView>,
    /// What goes with it.
    pub cases: u64,
    pub entries: u64,
    /// Family of whom nothing else is kept.
    pub family: u64,
    /// Entries that stay whole, because they concern another child as well.
    pub kept: Vec<EntryId>,
}

/// A proposal to destroy a file, waiting for another person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProposalView {
    pub id: ProposalId,
    pub rule: Rule,
    pub by: Author,
    pub at: Timestamp,
}

/// A disposal that was carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisposalRow {
    pub id: FactId,
    pub disposed: Disposed,
}

/// A form that was left before it was recorded. Kept until recorded or dropped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Which form, and for what: `concern`, `amend/1-42`, `share/1-7`.
    pub key: String,
    pub title: String,
    pub saved: Timestamp,
    /// The form's own serialised fields.
    pub body: String,
}
