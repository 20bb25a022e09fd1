//! Decide: the only place that refuses. A command and what it touches become facts, or a refusal that says why.

mod consent;
mod limits;
mod received;
mod retention;
mod same;
mod sharing;
mod supplement;

use jiff::{
    Timestamp,
    civil::{Date, DateTime},
};
use kith_protocol::{
    bundle::ConcernCategory,
    consent::ConsentRecord,
    disposal,
    ids::{AgencyId, Digest},
    receipt::ReceiptKind,
};

pub use self::limits::{
    CLOCK_SLACK_MINUTES, EARLIEST_YEAR, MAX_ATTACHMENTS, MAX_LINE, MAX_NAMES, MAX_PEOPLE, MAX_RECORDS,
    MAX_SHARE_ENTRIES, MAX_STATEMENTS, MAX_TEXT,
};
pub use self::same::TwoRecords;
pub use self::sharing::may_release;
use super::{
    case::{Case, LevelOfNeed, TriageDecision},
    command::{Command, Refusal},
    entry::EntryKind,
    fact::{Author, Fact, Received, SignedText},
    ids::{CaseId, EntryId, FactId},
    retention::{Hold, Leaving, Rule, Scope, Standing},
    supplied::Filed,
};

/// When the command is carried out, and how the facts it makes will be named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Context {
    pub now: Timestamp,
    /// The same moment on the school's clock.
    pub local: DateTime,
    /// The id of the first fact; those that follow count on from it.
    pub next: FactId,
}

/// What the casebook holds of what a command names; the store loads it in the command's own transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Touched {
    /// Something the command names is not in this casebook.
    Missing {
        what: &'static str,
        id: String,
    },
    /// Everything it names is there, and has no state that matters.
    Known,
    /// Somebody's leaving, if they left and did not come back.
    Leaving(Option<Leaving>),
    Case(CaseState),
    Entry {
        kind: EntryKind,
        triage: Triage,
        case: Option<CaseState>,
    },
    Action {
        open: bool,
        item_case: CaseId,
        case: CaseState,
    },
    People(Box<TwoRecords>),
    Consent(ConsentState),
    /// What a new share rests on.
    Sharing {
        case: CaseState,
        consent: ConsentState,
        entries: Vec<SharedEntry>,
    },
    Share(ShareState),
    /// A notice about to be kept: has its name and language another text already?
    Notice {
        other_text: bool,
    },
    /// A bundle about to be received: is it here already?
    Arriving {
        here: bool,
    },
    Received {
        received: Box<Received>,
        filed: bool,
        answered: Option<ReceiptKind>,
        case: Option<CaseState>,
        withdrawal: Withdrawn,
        /// What its sender released of it since, oldest first.
        supplements: Vec<SignedText>,
    },
    /// A received bundle of which more words came.
    Supplied {
        received: Box<Received>,
        /// The entry that the record became.
        filed: Filed,
        /// Supplements taken in before, oldest first.
        earlier: Vec<SignedText>,
    },
    /// A file that may be proposed for destruction.
    Retention {
        standing: Standing,
        proposed: bool,
    },
    /// When somebody was born, where it is known.
    Born(Option<Date>),
    Hold {
        lifted: bool,
    },
    Proposal(Box<ProposalState>),
    /// A received bundle that was deleted.
    Gone,
    /// A bundle that could not be taken in.
    Aside {
        from: AgencyId,
        wrong: String,
        dismissed: bool,
    },
}

/// A proposal to destroy a file, with the file as it stands now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProposalState {
    pub rule: Rule,
    pub by: Author,
    pub at: Timestamp,
    pub open: bool,
    /// Who is at the keyboard.
    pub approver: Author,
    pub standing: Standing,
    /// What would go; empty unless it is to be approved.
    pub scope: Scope,
    /// The same by number and leaf, as the proposer signed it.
    pub content: Digest,
    /// The proposer's signature.
    pub signed: Option<Box<disposal::Proposed>>,
}

/// Whether the sender of a received bundle took it back, and what would go with it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Withdrawn {
    pub asked: bool,
    /// When it arrived; everything that was recorded from it, itself included.
    pub arrived: Timestamp,
    pub facts: Vec<FactId>,
    /// An agency that something filed from it was shared with and still is.
    pub shared_on: Option<String>,
    /// Holds on it, or on the file that it was filed in, which nobody has lifted.
    pub holds: Vec<Hold>,
}

/// How a case stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseState {
    pub id: CaseId,
    pub now: Case,
    pub open: bool,
    pub actions_open: u32,
}

/// How the triage of an entry stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Triage {
    /// The entry is not a concern, or was put into a case at once.
    None,
    Waiting,
    /// `built` names what has been built on it since.
    Done {
        by: String,
        built: Option<&'static str>,
        /// The case that it raised and that stands there still, and the level it came from.
        raised: Option<(Box<CaseState>, LevelOfNeed)>,
    },
}

/// How a consent record stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentState {
    pub of_this_case: bool,
    pub withdrawn: bool,
    /// None for a decision not to share.
    pub record: Option<Box<ConsentRecord>>,
}

/// An entry that is to be shared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SharedEntry {
    pub of_this_case: bool,
    pub category: ConcernCategory,
}

/// How a share stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShareState {
    /// It waits for a second person's check; by whom it was proposed.
    pub to_check: Option<String>,
    pub sealed: bool,
    pub ended: bool,
    /// It was taken back already.
    pub asked: bool,
    /// The receipts kept, by kind and the digest of the text.
    pub receipts: Vec<(ReceiptKind, Digest)>,
}

impl ShareState {
    fn has(&self, kind: ReceiptKind) -> bool {
        self.receipts.iter().any(|(one, _)| *one == kind)
    }
}

/// Turns a command into the facts that carry it out; an empty list means that it was done already.
///
/// # Errors
/// Refuses what may not be done, and says why and what to do.
pub fn decide(command: Command, touched: &Touched, at: &Context) -> Result<Vec<Fact>, Refusal> {
    if let Touched::Missing { what, id } = touched {
        return Err(Refusal::Unknown { what, id: id.clone() });
    }
    match command {
        Command::AddPerson(_)
        | Command::AmendPerson { .. }
        | Command::RecordAddress(_)
        | Command::RecordRelation(_) => people(command),
        Command::MarkSame { .. } | Command::MarkNotSame { .. } => same::decide(command, touched),
        Command::RecordEntry { .. }
        | Command::AmendEntry { .. }
        | Command::SetSignificance { .. }
        | Command::Triage { .. }
        | Command::UndoTriage { .. } => entries(command, touched, at),
        Command::OpenCase(_)
        | Command::AmendCase { .. }
        | Command::CloseCase { .. }
        | Command::ReopenCase { .. } => cases(command, touched),
        Command::AddAction(_)
        | Command::AmendAction { .. }
        | Command::FinishAction { .. }
        | Command::ReopenAction { .. } => actions(command, touched),
        Command::Receive(_)
        | Command::DismissBundle { .. }
        | Command::BringBackBundle { .. }
        | Command::TakeWithdrawal { .. }
        | Command::FileBundle { .. }
        | Command::AnswerBundle { .. } => received::decide(command, touched, at),
        Command::TakeSupplement { received, number, supplement } => {
            supplement::taken((received, number), supplement, touched, at)
        }
        Command::SettleFinding { finding, why } => {
            limits::reason(&why).map(|()| vec![Fact::FindingSettled { finding, why }])
        }
        Command::NoteRestored { last, why } => {
            limits::reason(&why)?;
            Ok(vec![Fact::BackupRestored { last, why }])
        }
        Command::RecordLeaving { .. }
        | Command::RecordReturn { .. }
        | Command::PlaceHold { .. }
        | Command::LiftHold { .. }
        | Command::ProposeDisposal { .. }
        | Command::SendBackDisposal { .. }
        | Command::ApproveDisposal { .. } => retention::decide(command, touched, at),
        Command::RecordConsent { .. }
        | Command::MoveConsent { .. }
        | Command::WithdrawConsent { .. }
        | Command::KeepNotice { .. }
        | Command::DeclineSharing { .. } => consent::decide(command, touched, at),
        Command::Share { .. }
        | Command::ProposeShare { .. }
        | Command::NoteSealed { .. }
        | Command::KeepReceipt { .. }
        | Command::ReleaseWords(_)
        | Command::SignWithdrawal { .. }
        | Command::EndShare { .. } => sharing::decide(command, touched, at),
        Command::ApproveShare { .. } | Command::SetSharingPolicy { .. } => sharing::second(command, touched),
        Command::CompareContact(compared) => sharing::compared(compared),
    }
}

fn people(command: Command) -> Result<Vec<Fact>, Refusal> {
    Ok(vec![match command {
        Command::AddPerson(person) => {
            limits::person(&person)?;
            Fact::PersonAdded(person)
        }
        Command::AmendPerson { person, now, why } => {
            limits::person(&now)?;
            limits::reason(&why)?;
            Fact::PersonAmended { person, now, why }
        }
        Command::RecordAddress(address) => {
            limits::address(&address)?;
            Fact::AddressRecorded(address)
        }
        Command::RecordRelation(relation) if relation.from == relation.to => {
            return Err(Refusal::Fixed { what: "a tie joins two people; what somebody is to themselves" });
        }
        Command::RecordRelation(relation) => Fact::RelationRecorded(relation),
        _ => return Err(Refusal::Changed),
    }])
}

fn entries(command: Command, touched: &Touched, at: &Context) -> Result<Vec<Fact>, Refusal> {
    Ok(vec![match (command, touched) {
        (Command::RecordEntry { entry, case: Some(case) }, Touched::Case(state)) => {
            open(state)?;
            limits::entry(&entry, at)?;
            Fact::EntryRecorded { entry, case: Some(case), names: Vec::new() }
        }
        (Command::RecordEntry { entry, case: None }, Touched::Known) => {
            limits::entry(&entry, at)?;
            Fact::EntryRecorded { entry, case: None, names: Vec::new() }
        }
        (Command::AmendEntry { entry, now, why }, Touched::Entry { kind, .. }) => {
            limits::reason(&why)?;
            limits::entry(&now, at)?;
            if now.kind != *kind {
                return Err(Refusal::Fixed { what: "the kind of an entry" });
            }
            Fact::EntryAmended { entry, now, why, names: Vec::new() }
        }
        (Command::SetSignificance { entry, significance }, Touched::Entry { .. }) => {
            Fact::SignificanceSet { entry, significance }
        }
        (Command::Triage { entry, decision, level }, Touched::Entry { triage, case, .. }) => {
            waiting(triage)?;
            triage_decision(&decision, case.as_ref())?;
            return Ok(triaged(entry, decision, level, case.as_ref()));
        }
        (Command::UndoTriage { entry }, Touched::Entry { triage, .. }) => match triage {
            Triage::None => return Err(Refusal::NotAConcern),
            Triage::Waiting => return Err(Refusal::Changed),
            Triage::Done { built: Some(what), .. } => return Err(Refusal::CannotUndo { what }),
            Triage::Done { built: None, raised, .. } => {
                let back = raised.as_ref().map(|(case, from)| {
                    at_level(case, *from, format!("The triage of concern {entry} was undone"))
                });
                return Ok([Fact::TriageUndone { entry }].into_iter().chain(back).collect());
            }
        },
        _ => return Err(Refusal::Changed),
    }])
}

/// A concern that needs more than its case raises the case.
fn triaged(
    entry: EntryId,
    decision: TriageDecision,
    level: LevelOfNeed,
    case: Option<&CaseState>,
) -> Vec<Fact> {
    let adds = matches!(decision, TriageDecision::AddToCase { .. });
    let raised = case.filter(|case| adds && case.now.level < level);
    let raise = raised.map(|case| at_level(case, level, format!("Raised by the triage of concern {entry}")));
    let raised_from = raised.map(|case| case.now.level);
    [Fact::ConcernTriaged { entry, decision, level, raised_from }].into_iter().chain(raise).collect()
}

fn at_level(case: &CaseState, level: LevelOfNeed, why: String) -> Fact {
    Fact::CaseAmended { case: case.id, now: Case { level, ..case.now.clone() }, why }
}

fn waiting(triage: &Triage) -> Result<(), Refusal> {
    match triage {
        Triage::Waiting => Ok(()),
        Triage::None => Err(Refusal::NotAConcern),
        Triage::Done { by, .. } => Err(Refusal::AlreadyTriaged { by: by.clone() }),
    }
}

fn triage_decision(decision: &TriageDecision, case: Option<&CaseState>) -> Result<(), Refusal> {
    match decision {
        TriageDecision::NoFurtherAction { reason } => limits::reason(reason),
        TriageDecision::AddToCase { .. } => case.map_or(Err(Refusal::Changed), open),
        TriageDecision::OpenCase(case) => limits::case(case),
    }
}

fn cases(command: Command, touched: &Touched) -> Result<Vec<Fact>, Refusal> {
    Ok(vec![match (command, touched) {
        (Command::OpenCase(case), Touched::Known) => {
            limits::case(&case)?;
            Fact::CaseOpened(case)
        }
        (Command::AmendCase { case, now, why }, Touched::Case(state)) => {
            limits::case(&now)?;
            limits::reason(&why)?;
            same_child(&now, state)?;
            Fact::CaseAmended { case, now, why }
        }
        (Command::CloseCase { case, outcome }, Touched::Case(state)) => {
            open(state)?;
            limits::needed("the outcome", &outcome, "say how the case ended")?;
            match state.actions_open {
                0 => Fact::CaseClosed { case, outcome },
                open => return Err(Refusal::OpenActions { open }),
            }
        }
        (Command::ReopenCase { case, why }, Touched::Case(state)) => {
            limits::reason(&why)?;
            if state.open {
                return Err(Refusal::CaseOpen);
            }
            Fact::CaseReopened { case, why }
        }
        _ => return Err(Refusal::Changed),
    }])
}

fn actions(command: Command, touched: &Touched) -> Result<Vec<Fact>, Refusal> {
    Ok(vec![match (command, touched) {
        (Command::AddAction(item), Touched::Case(state)) => {
            open(state)?;
            limits::action(&item)?;
            Fact::ActionAdded(item)
        }
        (Command::AmendAction { action, now }, Touched::Action { open: is_open, item_case, .. }) => {
            limits::action(&now)?;
            if now.case != *item_case {
                return Err(Refusal::Fixed { what: "the case of an action" });
            }
            if !is_open {
                return Err(Refusal::ActionState { is: "finished" });
            }
            Fact::ActionAmended { action, now }
        }
        (Command::FinishAction { action, outcome }, Touched::Action { open: is_open, .. }) => {
            limits::needed("the outcome", &outcome, "say what came of it")?;
            if !is_open {
                return Err(Refusal::ActionState { is: "finished" });
            }
            Fact::ActionFinished { action, outcome }
        }
        (Command::ReopenAction { action }, Touched::Action { open: is_open, case, .. }) => {
            open(case)?;
            if *is_open {
                return Err(Refusal::ActionState { is: "open" });
            }
            Fact::ActionReopened { action }
        }
        _ => return Err(Refusal::Changed),
    }])
}

fn open(case: &CaseState) -> Result<(), Refusal> {
    if case.open { Ok(()) } else { Err(Refusal::CaseClosed) }
}

fn same_child(case: &Case, state: &CaseState) -> Result<(), Refusal> {
    if case.child == state.now.child { Ok(()) } else { Err(Refusal::Fixed { what: "the child of a case" }) }
}

#[cfg(test)]
mod tests;
