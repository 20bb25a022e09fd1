//! Facts: everything a casebook knows, appended, never edited. A correction is another fact.

use jiff::{
    Timestamp,
    civil::{Date, DateTime},
};
use kith_protocol::{
    approval::{Proposed, SignedApproval},
    bundle::Reason as ReasonCode,
    consent::{ConsentEvent, ConsentRecord},
    disposal,
    ids::{AgencyId, BundleId, Digest, SealId},
    receipt::ReceiptKind,
    sign::SignatureSet,
    supplement::{SignedSupplement, Supplement},
};
use serde::{Deserialize, Serialize};

use super::{
    case::{ActionItem, Case, LevelOfNeed, TriageDecision},
    contact::Comparison,
    entry::{AsSent, Entry, Significance},
    holder::HolderChange,
    ids::{
        ActionId, CaseId, ConsentId, EntryId, FactId, FileId, HoldId, PersonId, ProposalId, ReceivedId,
        ShareId,
    },
    person::{Address, Person, Relation},
    retention::{Disposed, Leaving, Rule},
    second::SharingPolicy,
    supplied::Became,
};

/// A fact with where, when and by whom it was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    pub id: FactId,
    pub recorded: Timestamp,
    pub by: Author,
    pub fact: Fact,
}

/// Who records: a named person in a role, as they stood at that time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    pub name: String,
    pub role: String,
}

/// What happened to the casebook. Serialised into the versioned flat body that `kith_protocol::fact` defines; variants and
/// fields are only ever added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fact {
    PersonAdded(Person),
    PersonAmended {
        person: PersonId,
        now: Person,
        why: String,
    },
    AddressRecorded(Address),
    RelationRecorded(Relation),
    /// `names` are those of `entry.people`, in the same order, as they stood then; the store puts them in.
    EntryRecorded {
        entry: Entry,
        case: Option<CaseId>,
        names: Vec<String>,
    },
    EntryAmended {
        entry: EntryId,
        now: Entry,
        why: String,
        names: Vec<String>,
    },
    SignificanceSet {
        entry: EntryId,
        significance: Significance,
    },
    ConcernTriaged {
        entry: EntryId,
        decision: TriageDecision,
        level: LevelOfNeed,
        /// The level of the case that it was added to, where the concern raised it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        raised_from: Option<LevelOfNeed>,
    },
    /// Undoes the triage of a concern that nothing has been built on since.
    TriageUndone {
        entry: EntryId,
    },
    CaseOpened(Case),
    CaseAmended {
        case: CaseId,
        now: Case,
        why: String,
    },
    CaseClosed {
        case: CaseId,
        outcome: String,
    },
    CaseReopened {
        case: CaseId,
        why: String,
    },
    ActionAdded(ActionItem),
    ActionAmended {
        action: ActionId,
        now: ActionItem,
    },
    ActionFinished {
        action: ActionId,
        outcome: String,
    },
    ActionReopened {
        action: ActionId,
    },
    ConsentRecorded {
        case: CaseId,
        record: Box<ConsentRecord>,
    },
    ConsentWithdrawn {
        consent: ConsentId,
        by: String,
        why: String,
    },
    /// Consent was asked for, given, refused, withdrawn, or ran out. The record stands; its state is that of the last.
    ConsentMoved {
        consent: ConsentId,
        event: ConsentEvent,
    },
    /// The text of a privacy notice, as families are given it. Records name it by the digest of its text.
    NoticeKept {
        name: String,
        language: String,
        text: String,
    },
    /// A decision not to share is a record too (DfE information sharing advice, rule 7).
    SharingDeclined {
        case: CaseId,
        with: AgencyId,
        because: String,
        /// The same, signed by who decided and by the agency; none where there were no keys yet.
        #[serde(default)]
        signed: Option<SignedText>,
    },
    ShareDecided(Share),
    /// Decided by one person, and waiting for a second one's check. It has its name from this fact.
    ShareProposed {
        share: Share,
        proposal: Box<Proposed>,
    },
    /// The author checked it: from here on it may go.
    ShareApproved {
        share: ShareId,
        approval: Box<SignedApproval>,
    },
    /// Which shares a second person must check, from now on.
    SharingPolicySet {
        policy: SharingPolicy,
        why: String,
    },
    /// The bundle was sealed: from here on it has an id.
    ShareSealed {
        share: ShareId,
        bundle: BundleId,
        ciphertext: Digest,
        /// By these its receipts are verified, and it can be taken back.
        envelope: SignedText,
        gate: SignedText,
    },
    /// A signed receipt, kept byte for byte.
    ReceiptKept {
        share: ShareId,
        kind: ReceiptKind,
        receipt: SignedText,
    },
    /// Sending came to an end without delivery: withdrawn in time, refused, expired.
    ShareEnded {
        share: ShareId,
        end: ShareEnd,
    },
    /// Words that a share had withheld were released later.
    WordsReleased(Release),
    /// The casebook was restored from a backup. With this fact another log begins; `last` is the last checkpoint known of
    /// the one that is left, a signed note.
    BackupRestored {
        last: Option<String>,
        why: String,
    },
    /// What did not hold of a log was looked into, and what came of it.
    FindingSettled {
        finding: Digest,
        why: String,
    },
    /// A bundle is taken back: its recipient is to delete it, or to say on which basis it is kept.
    WithdrawalSigned {
        share: ShareId,
        why: String,
        answer_by: Option<Date>,
        withdrawal: SignedText,
    },
    BundleReceived(Received),
    /// The entries that it became are the next facts, as many as `sent` has.
    BundleFiled {
        received: ReceivedId,
        case: CaseId,
        /// What else its sender recorded of each. It stands here, since a fact of an entry has what can be shared on.
        sent: Vec<AsSent>,
        /// When it was filed, on the agency's own clock: its place in the chronology.
        at: DateTime,
    },
    BundleAnswered {
        received: ReceivedId,
        kind: ReceiptKind,
        note: String,
        receipt: SignedText,
    },
    /// Its sender took a bundle back: somebody must delete it, or say on which basis it is kept.
    WithdrawalArrived {
        received: ReceivedId,
        why: String,
        answer_by: Option<Date>,
        withdrawal: SignedText,
    },
    /// Words that a received bundle withheld came later. Where that changes the entry it was filed as, its amendment is the
    /// next fact.
    SupplementTaken(Supplied),
    /// What is left of a received bundle whose body and seed, and those of all that was filed from it, were destroyed.
    BundleDestroyed(Destroyed),
    // Retention.
    LeavingRecorded {
        person: PersonId,
        leaving: Leaving,
    },
    /// Somebody who had left came back: their leaving counts no more.
    ReturnRecorded {
        person: PersonId,
        on: Date,
    },
    HoldPlaced {
        file: FileId,
        why: String,
        until: Option<Date>,
    },
    HoldLifted {
        hold: HoldId,
        why: String,
    },
    DisposalProposed {
        file: FileId,
        rule: Rule,
        /// Signed by whoever proposed it, over exactly what would go; none where the casebook had no keys.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        signed: Option<Box<disposal::Proposed>>,
    },
    DisposalSentBack {
        proposal: ProposalId,
        why: String,
    },
    /// By another person than the one who proposed it.
    DisposalApproved {
        proposal: ProposalId,
    },
    /// The tombstone: these facts have a leaf and nothing else any more.
    Disposed(Box<Disposed>),
    /// Who can open the casebook, or what they sign with, changed.
    HolderChanged(HolderChange),
    /// A bundle that could not be taken in was looked after, and need not stand in the inbox any more. It is kept.
    BundleDismissed {
        bundle: BundleId,
        from: AgencyId,
        /// What was wrong with it.
        wrong: String,
        why: String,
    },
    /// It stands in the inbox again.
    BundleBroughtBack {
        bundle: BundleId,
    },
    /// Somebody here compared the eight words of an agency's keys.
    ContactCompared(Comparison),
    /// Two records are of one person. Both stay as they are.
    SamePerson {
        one: PersonId,
        other: PersonId,
        why: String,
    },
    /// They are of two people after all.
    NotSamePerson {
        one: PersonId,
        other: PersonId,
        why: String,
    },
}

/// What stays of a received bundle that was deleted; nothing of what it said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Destroyed {
    pub received: ReceivedId,
    pub bundle: Option<BundleId>,
    /// Digest of its document, so that the same does not come in again unnoticed.
    pub document: Digest,
    pub from: AgencyId,
    pub from_name: String,
    pub arrived: Timestamp,
    /// The facts whose bodies were destroyed with it.
    pub facts: Vec<FactId>,
    /// Destroyed again, after an older backup was put back: who deleted it first, and when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<(Author, Timestamp)>,
}

/// A signed document, kept byte for byte so that it can be verified again at any time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedText {
    pub text: String,
    pub signature: String,
}

impl SignedText {
    /// What a supplement says; it was verified before it was kept.
    #[must_use]
    pub fn supplement(&self) -> Option<Supplement> {
        let signatures = SignatureSet::from_text(&self.signature).ok()?;
        SignedSupplement::from_parts(self.text.clone(), signatures).claims().ok()
    }
}

/// The decision to send one bundle: to whom, on which basis, what, what was withheld and what was kept and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// When it was decided, on the agency's own clock: its place in the chronology.
    pub at: DateTime,
    pub case: CaseId,
    pub to: AgencyId,
    pub consent: ConsentId,
    pub purpose: String,
    pub ask: String,
    pub entries: Vec<EntryId>,
    pub attachments: Vec<Digest>,
    pub withheld: Vec<Withholding>,
    pub kept: Vec<Keeping>,
    /// Every stretch that was withheld, in order; those that lie over each other, or touch, as one.
    #[serde(default)]
    pub gaps: Vec<Gap>,
}

/// A stretch of one text of an entry that a share withheld: the field, the bytes of it, and the reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    pub entry: EntryId,
    pub field: String,
    pub start: u32,
    pub end: u32,
    /// Why.
    pub code: ReasonCode,
}

impl Gap {
    /// Does `next`, which begins no earlier, lie over this one, or begin where it ends?
    #[must_use]
    pub fn reaches(&self, next: &Self) -> bool {
        (self.entry, &self.field) == (next.entry, &next.field) && next.start <= self.end
    }
}

/// Words of an entry, withheld from a share and released to its recipient later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// When, on the agency's own clock: its place in the chronology.
    pub at: DateTime,
    pub share: ShareId,
    pub entry: EntryId,
    /// On which order, or for which reason.
    pub order: String,
    /// What went, byte for byte.
    pub supplement: SignedText,
}

/// Words that a received bundle withheld and its sender released later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Supplied {
    pub received: ReceivedId,
    /// When it was taken in, on the agency's own clock: its place in the chronology.
    pub at: DateTime,
    /// The record's entry here, and what else its sender recorded, as it reads now; none where it was not filed yet.
    pub filed: Option<(EntryId, AsSent)>,
    /// What it came to in that entry.
    pub became: Became,
    /// What came, byte for byte.
    pub supplement: SignedText,
}

/// How often one reason was used in one entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withholding {
    pub entry: EntryId,
    pub code: ReasonCode,
    pub spans: u32,
}

/// A suggestion that was kept in, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keeping {
    pub entry: EntryId,
    pub text: String,
    pub reason: String,
}

/// How a share ended without reaching its recipient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ShareEnd {
    Withdrawn {
        why: String,
    },
    RefusedByNode {
        why: String,
    },
    NotCollected,
    /// Whoever checked it did not approve it.
    SentBack {
        why: String,
    },
}

impl ShareEnd {
    /// Why, as somebody said it.
    #[must_use]
    pub fn why(&self) -> Option<&str> {
        match self {
            Self::Withdrawn { why } | Self::RefusedByNode { why } | Self::SentBack { why } => Some(why),
            Self::NotCollected => None,
        }
    }
}

/// A bundle that arrived, verified, with its opened content kept in the casebook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Received {
    pub bundle: Option<BundleId>,
    pub from: AgencyId,
    pub from_name: String,
    /// Who signed, in words.
    pub signed_by: String,
    pub purpose: String,
    pub child: String,
    pub envelope: Option<SignedText>,
    /// The gate it came through, when it came by a node.
    pub gate: Option<SignedText>,
    /// The node's STORED and our DELIVERED, which our answers follow on from.
    pub receipts: Vec<SignedText>,
    /// `bundle.json`, byte for byte.
    pub document: String,
    /// `SHA256SUMS`, which names the document's digest, and after it the signatures over it.
    pub document_signature: String,
    /// What was checked and what came of it, as shown.
    pub checks: Vec<String>,
    pub attachments: Vec<super::entry::Attachment>,
}

impl Received {
    /// Which sealing it is: what was sealed once is not taken in twice.
    #[must_use]
    pub fn seal_id(&self) -> Option<SealId> {
        #[derive(Deserialize)]
        struct Sealed {
            seal_id: SealId,
        }
        serde_json::from_str(&self.document).ok().map(|sealed: Sealed| sealed.seal_id)
    }

    /// Digests of the files that are kept for it: its attachments, and its `index.html` as it was signed.
    pub fn files(&self) -> impl Iterator<Item = Digest> {
        let page = kith_protocol::bundle::page_digest(&self.document_signature);
        self.attachments.iter().map(|file| file.sha256).chain(page)
    }
}

impl From<Destroyed> for Received {
    /// What can still be said of it.
    fn from(left: Destroyed) -> Self {
        Self {
            bundle: left.bundle,
            from: left.from,
            from_name: left.from_name,
            signed_by: String::new(),
            purpose: String::new(),
            child: String::new(),
            envelope: None,
            gate: None,
            receipts: Vec::new(),
            document: String::new(),
            document_signature: String::new(),
            checks: Vec::new(),
            attachments: Vec::new(),
        }
    }
}
