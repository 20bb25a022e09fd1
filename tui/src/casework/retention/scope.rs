//! What goes with a person's file: which facts, and which attachments they name.

use std::{collections::BTreeSet, fmt, str::FromStr};

use kith_protocol::ids::Digest;
use serde::{Deserialize, Serialize};

use crate::casework::{
    case::TriageDecision,
    fact::{Fact, Recorded},
    ids::{
        ActionId, AddressId, BadReference, CaseId, ConsentId, EntryId, FactId, FileId, HoldId, PersonId,
        ProposalId, ReceivedId, ShareId,
    },
};

/// What belongs to a file. The first part is known from the tables; the rest is learnt while the facts go by in order,
/// each through [`Self::take`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// The person, and family of whom nothing else is kept.
    pub people: BTreeSet<PersonId>,
    /// Their cases.
    pub cases: BTreeSet<CaseId>,
    /// Entries that concern nobody else's file.
    pub entries: BTreeSet<EntryId>,
    /// Entries that are kept whole, because they concern another child as well.
    pub kept: BTreeSet<EntryId>,
    /// Places where nobody else lives.
    pub addresses: BTreeSet<AddressId>,
    /// Bundles that were filed in these cases; or the one that was filed nowhere.
    pub received: BTreeSet<ReceivedId>,
    pub actions: BTreeSet<ActionId>,
    pub consents: BTreeSet<ConsentId>,
    pub shares: BTreeSet<ShareId>,
    pub holds: BTreeSet<HoldId>,
    pub proposals: BTreeSet<ProposalId>,
    /// The facts that go.
    pub facts: BTreeSet<FactId>,
    /// Attachments that the facts that go name.
    pub attachments: BTreeSet<Digest>,
    /// Attachments that a fact names which stays.
    pub elsewhere: BTreeSet<Digest>,
}

impl Scope {
    /// Does this fact belong to the file? It is noted if so.
    pub fn take(&mut self, recorded: &Recorded) -> bool {
        let goes = self.holds(recorded.id, &recorded.fact);
        self.sort(recorded, goes);
        goes
    }

    /// Notes a fact as one that goes or one that stays, whatever it is.
    pub fn sort(&mut self, recorded: &Recorded, goes: bool) {
        if goes {
            self.facts.insert(recorded.id);
            self.began(recorded);
            self.attachments.extend(named(&recorded.fact));
        } else {
            self.elsewhere.extend(named(&recorded.fact));
        }
    }

    fn owns(&self, file: FileId) -> bool {
        match file {
            FileId::Person(person) => self.people.contains(&person),
            FileId::Bundle(bundle) => self.received.contains(&bundle),
        }
    }

    /// Notes whom or what a fact that goes began.
    fn began(&mut self, recorded: &Recorded) {
        let id = recorded.id;
        match &recorded.fact {
            Fact::PersonAdded(_) => {
                self.people.insert(PersonId(id));
            }
            Fact::CaseOpened(_) | Fact::ConcernTriaged { decision: TriageDecision::OpenCase(_), .. } => {
                self.cases.insert(CaseId(id));
            }
            Fact::EntryRecorded { .. } => {
                self.entries.insert(EntryId(id));
            }
            _ => {}
        }
    }

    /// Attachments that nothing names any more once the facts have gone.
    pub fn orphans(&self) -> impl Iterator<Item = &Digest> {
        self.attachments.difference(&self.elsewhere)
    }

    #[expect(
        clippy::too_many_lines,
        reason = "an arm for each kind of fact: a new one must be thought of here"
    )]
    fn holds(&mut self, id: FactId, fact: &Fact) -> bool {
        match fact {
            Fact::PersonAdded(_) => self.people.contains(&PersonId(id)),
            Fact::PersonAmended { person, .. }
            | Fact::LeavingRecorded { person, .. }
            | Fact::ReturnRecorded { person, .. } => self.people.contains(person),
            Fact::AddressRecorded(_) => self.addresses.contains(&AddressId(id)),
            Fact::SamePerson { one, other, .. } | Fact::NotSamePerson { one, other, .. } => {
                self.people.contains(one) || self.people.contains(other)
            }
            Fact::RelationRecorded(tie) => self.people.contains(&tie.from) || self.people.contains(&tie.to),
            Fact::EntryRecorded { .. } => self.entries.contains(&EntryId(id)),
            Fact::EntryAmended { entry, .. }
            | Fact::SignificanceSet { entry, .. }
            | Fact::TriageUndone { entry } => self.entries.contains(entry),
            // The case that a triage opened is told of in the triage.
            Fact::ConcernTriaged { entry, decision, .. } => {
                let opened =
                    matches!(decision, TriageDecision::OpenCase(case) if self.people.contains(&case.child));
                opened || self.entries.contains(entry)
            }
            Fact::CaseOpened(_) => self.cases.contains(&CaseId(id)),
            Fact::CaseAmended { case, .. }
            | Fact::CaseClosed { case, .. }
            | Fact::CaseReopened { case, .. } => self.cases.contains(case),
            Fact::ActionAdded(item) => note(self.cases.contains(&item.case), &mut self.actions, ActionId(id)),
            Fact::ActionAmended { action, .. }
            | Fact::ActionFinished { action, .. }
            | Fact::ActionReopened { action } => self.actions.contains(action),
            Fact::ConsentRecorded { case, .. } | Fact::SharingDeclined { case, .. } => {
                note(self.cases.contains(case), &mut self.consents, ConsentId(id))
            }
            Fact::ConsentWithdrawn { consent, .. } | Fact::ConsentMoved { consent, .. } => {
                self.consents.contains(consent)
            }
            Fact::ShareDecided(share) | Fact::ShareProposed { share, .. } => {
                note(self.cases.contains(&share.case), &mut self.shares, ShareId(id))
            }
            Fact::ShareApproved { share, .. }
            | Fact::ShareSealed { share, .. }
            | Fact::ReceiptKept { share, .. }
            | Fact::ShareEnded { share, .. }
            | Fact::WithdrawalSigned { share, .. } => self.shares.contains(share),
            Fact::WordsReleased(release) => self.shares.contains(&release.share),
            Fact::SupplementTaken(supplied) => self.received.contains(&supplied.received),
            Fact::BundleReceived(_) => self.received.contains(&ReceivedId(id)),
            Fact::BundleFiled { received, .. }
            | Fact::BundleAnswered { received, .. }
            | Fact::WithdrawalArrived { received, .. } => self.received.contains(received),
            Fact::HoldPlaced { file, .. } => note(self.owns(*file), &mut self.holds, HoldId(id)),
            Fact::HoldLifted { hold, .. } => self.holds.contains(hold),
            // Who decided stays in the log, and holds no name; why somebody sent it back may.
            Fact::DisposalProposed { file, .. } => {
                note(self.owns(*file), &mut self.proposals, ProposalId(id));
                false
            }
            Fact::DisposalSentBack { proposal, .. } => self.proposals.contains(proposal),
            // Of the agency and its log, and nobody's file. A tombstone says nothing of what was in the bundle, and a notice
            // is everybody's.
            Fact::DisposalApproved { .. }
            | Fact::Disposed(_)
            | Fact::BackupRestored { .. }
            | Fact::HolderChanged(_)
            | Fact::ContactCompared(_)
            | Fact::BundleDismissed { .. }
            | Fact::BundleBroughtBack { .. }
            | Fact::FindingSettled { .. }
            | Fact::SharingPolicySet { .. }
            | Fact::BundleDestroyed(_)
            | Fact::NoticeKept { .. } => false,
        }
    }
}

/// Notes an id that belongs here.
fn note<T: Ord>(belongs: bool, ids: &mut BTreeSet<T>, id: T) -> bool {
    if belongs {
        ids.insert(id);
    }
    belongs
}

/// The files that a fact names.
#[must_use]
pub fn named(fact: &Fact) -> Vec<Digest> {
    match fact {
        Fact::EntryRecorded { entry, .. } | Fact::EntryAmended { now: entry, .. } => {
            entry.attachments.iter().map(|file| file.sha256).collect()
        }
        Fact::ShareDecided(share) | Fact::ShareProposed { share, .. } => share.attachments.clone(),
        Fact::BundleReceived(received) => received.files().collect(),
        _ => Vec::new(),
    }
}

/// Ids of facts in order, written as runs: `1-4..9,1-12`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FactList(BTreeSet<FactId>);

impl FactList {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Are there none?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Is this one of them?
    #[must_use]
    pub fn contains(&self, id: FactId) -> bool {
        self.0.contains(&id)
    }

    /// Each of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = FactId> {
        self.0.iter().copied()
    }
}

impl FromIterator<FactId> for FactList {
    fn from_iter<I: IntoIterator<Item = FactId>>(ids: I) -> Self {
        Self(ids.into_iter().collect())
    }
}

impl fmt::Display for FactList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut runs: Vec<(FactId, u64)> = Vec::new();
        for id in &self.0 {
            match runs.last_mut() {
                Some((first, last)) if first.device == id.device && *last + 1 == id.seq => *last = id.seq,
                _ => runs.push((*id, id.seq)),
            }
        }
        for (n, (first, last)) in runs.iter().enumerate() {
            let comma = if n == 0 { "" } else { "," };
            write!(f, "{comma}{first}")?;
            if *last > first.seq {
                write!(f, "..{last}")?;
            }
        }
        Ok(())
    }
}

/// Most facts of one list that is read.
const MAX_FACTS: usize = 1_000_000;

impl FromStr for FactList {
    type Err = BadReference;
    fn from_str(text: &str) -> Result<Self, BadReference> {
        let mut ids = BTreeSet::new();
        for run in text.split(',').filter(|run| !run.is_empty()) {
            let (first, last) = run.split_once("..").map_or((run, None), |(first, last)| (first, Some(last)));
            let first: FactId = first.parse()?;
            let last = last.map_or(Ok(first.seq), str::parse).map_err(|_| BadReference)?;
            FactId::of(first.device, last)?;
            let room = MAX_FACTS.saturating_sub(ids.len()) as u64;
            if last < first.seq || last - first.seq >= room {
                return Err(BadReference);
            }
            ids.extend((first.seq..=last).map(|seq| FactId { device: first.device, seq }));
        }
        Ok(Self(ids))
    }
}

impl TryFrom<String> for FactList {
    type Error = BadReference;
    fn try_from(text: String) -> Result<Self, BadReference> {
        text.parse()
    }
}

impl From<FactList> for String {
    fn from(list: FactList) -> Self {
        list.to_string()
    }
}
