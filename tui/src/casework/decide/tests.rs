//! What is refused, with its reason, and what is decided, without any store.

use jiff::civil::date;
use kith_protocol::bundle::{ConcernCategory, Role, StatementKind};

use super::*;
use crate::casework::{
    case::{Case, LevelOfNeed},
    entry::{Attachment, Danger, Entry, Involvement, Precision, Significance, Source, Statement, When},
    ids::{ActionId, EntryId, PersonId},
    person::{Address, Person, PersonKind},
};

fn at() -> Context {
    let local = date(2025, 3, 14).at(10, 0, 0, 0);
    let now = local.to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp();
    Context { now, local, next: id(100) }
}

const fn id(seq: u64) -> FactId {
    FactId { device: 1, seq }
}

fn entry() -> Entry {
    Entry {
        kind: EntryKind::Concern,
        people: vec![Involvement { person: PersonId(id(1)), role: Role::Subject }],
        happened: When { at: at().local, precision: Precision::Exact },
        category: ConcernCategory::Welfare,
        source: Source { name: "R. Patel".into(), role: String::new(), agency: String::new() },
        statements: vec![Statement { kind: StatementKind::ObservedFact, text: "bruise".into() }],
        danger: Danger::No,
        told: String::new(),
        done: String::new(),
        effect: String::new(),
        significance: Significance::None,
        attachments: Vec::new(),
    }
}

fn recorded(change: impl FnOnce(&mut Entry)) -> Result<Vec<Fact>, Refusal> {
    let mut entry = entry();
    change(&mut entry);
    decide(Command::RecordEntry { entry, case: None }, &Touched::Known, &at())
}

fn state(open: bool) -> CaseState {
    let child = PersonId(id(1));
    let now =
        Case { child, title: "Neglect".into(), level: LevelOfNeed::ChildInNeed, lead: "A. Khan".into() };
    CaseState { id: CaseId(id(5)), now, open, actions_open: 0 }
}

#[test]
fn an_entry_needs_a_child_words_a_source_and_a_time_that_has_been() {
    assert_eq!(recorded(|_| {}).unwrap().len(), 1);
    assert_eq!(recorded(|entry| entry.statements[0].text = "é".repeat(MAX_TEXT)).unwrap().len(), 1);
    let refused = |change: fn(&mut Entry)| recorded(change).unwrap_err();
    assert!(matches!(refused(|entry| entry.people.clear()), Refusal::Empty { what: "the child", .. }));
    assert!(matches!(refused(|entry| entry.statements[0].text = " \n".into()), Refusal::Empty { .. }));
    assert!(matches!(refused(|entry| entry.source.name.clear()), Refusal::Empty { what: "the source", .. }));
    let no_deed = Danger::Yes { done: String::new() };
    assert!(matches!(recorded(|entry| entry.danger = no_deed).unwrap_err(), Refusal::Empty { .. }));
    assert!(matches!(
        refused(|entry| entry.statements[0].text = "é".repeat(MAX_TEXT + 1)),
        Refusal::TooLong { limit: MAX_TEXT, .. }
    ));
    let file = Attachment { name: "a".into(), media_type: "b".into(), size: 0, sha256: Digest::of(b"") };
    assert!(matches!(
        recorded(|entry| entry.attachments = vec![file; MAX_ATTACHMENTS + 1]).unwrap_err(),
        Refusal::TooMany { limit: MAX_ATTACHMENTS, .. }
    ));
}

#[test]
fn the_future_is_refused_but_for_the_slack_of_clocks() {
    let soon = |minutes: i64| {
        recorded(|entry| {
            entry.happened.at = entry.happened.at.saturating_add(jiff::SignedDuration::from_mins(minutes));
        })
    };
    assert!(soon(CLOCK_SLACK_MINUTES).is_ok());
    assert_eq!(soon(CLOCK_SLACK_MINUTES + 1), Err(Refusal::InTheFuture));
    let day = |day| recorded(|entry| entry.happened = When { at: day, precision: Precision::Day });
    assert!(day(date(2025, 3, 14).at(23, 0, 0, 0)).is_ok(), "later today is still that day");
    assert_eq!(day(date(2025, 3, 15).at(0, 0, 0, 0)), Err(Refusal::InTheFuture));
    assert_eq!(day(date(1899, 12, 31).at(0, 0, 0, 0)), Err(Refusal::TooLongAgo { earliest: EARLIEST_YEAR }));
}

#[test]
fn what_is_missing_or_closed_is_said_first() {
    let missing = Touched::Missing { what: "case", id: "1-9".into() };
    let close = Command::CloseCase { case: CaseId(id(9)), outcome: "done".into() };
    assert_eq!(
        decide(close.clone(), &missing, &at()),
        Err(Refusal::Unknown { what: "case", id: "1-9".into() })
    );
    assert_eq!(decide(close.clone(), &Touched::Case(state(false)), &at()), Err(Refusal::CaseClosed));
    let busy = CaseState { actions_open: 2, ..state(true) };
    assert_eq!(decide(close.clone(), &Touched::Case(busy), &at()), Err(Refusal::OpenActions { open: 2 }));
    assert_eq!(decide(close.clone(), &Touched::Case(state(true)), &at()).unwrap().len(), 1);
    assert_eq!(decide(close, &Touched::Known, &at()), Err(Refusal::Changed), "loaded for another command");
    let into_closed = Command::RecordEntry { entry: entry(), case: Some(CaseId(id(9))) };
    assert_eq!(decide(into_closed, &Touched::Case(state(false)), &at()), Err(Refusal::CaseClosed));
}

#[test]
fn triage_is_for_concerns_that_wait() {
    let triage = |state| {
        let command = Command::Triage {
            entry: EntryId(id(5)),
            decision: TriageDecision::NoFurtherAction { reason: "known to us".into() },
            level: LevelOfNeed::Universal,
        };
        decide(command, &Touched::Entry { kind: EntryKind::Concern, triage: state, case: None }, &at())
    };
    assert_eq!(triage(Triage::Waiting).unwrap().len(), 1);
    assert_eq!(triage(Triage::None), Err(Refusal::NotAConcern));
    let by = "B. Lowe".to_owned();
    assert_eq!(
        triage(Triage::Done { by: by.clone(), built: None, raised: None }),
        Err(Refusal::AlreadyTriaged { by: by.clone() })
    );
    let undo = |built| {
        let triage = Triage::Done { by: by.clone(), built, raised: None };
        let touched = Touched::Entry { kind: EntryKind::Concern, triage, case: None };
        decide(Command::UndoTriage { entry: EntryId(id(5)) }, &touched, &at())
    };
    assert!(undo(None).is_ok());
    assert_eq!(
        undo(Some("an action in the case")),
        Err(Refusal::CannotUndo { what: "an action in the case" })
    );
}

#[test]
fn what_was_recorded_as_one_thing_does_not_become_another() {
    let fixed = |command, touched| matches!(decide(command, &touched, &at()), Err(Refusal::Fixed { .. }));
    let amend = Command::AmendEntry { entry: EntryId(id(5)), now: entry(), why: "slip".into() };
    assert!(fixed(amend, Touched::Entry { kind: EntryKind::Note, triage: Triage::None, case: None }));
    let child = PersonId(id(2));
    let now = Case { child, title: "t".into(), level: LevelOfNeed::EarlyHelp, lead: "l".into() };
    let amend = Command::AmendCase { case: CaseId(id(9)), now, why: "slip".into() };
    assert!(fixed(amend, Touched::Case(state(true))));
    let reopen = Command::ReopenAction { action: ActionId(id(6)) };
    let touched = Touched::Action { open: true, item_case: CaseId(id(9)), case: state(true) };
    assert_eq!(decide(reopen, &touched, &at()), Err(Refusal::ActionState { is: "open" }));
}

#[test]
fn a_protected_address_says_from_whom_and_a_person_has_a_name() {
    let address = Address {
        lines: "1 High St".into(),
        postcode: String::new(),
        protected: true,
        protected_from: String::new(),
        people: vec![PersonId(id(1))],
    };
    let refused = decide(Command::RecordAddress(address), &Touched::Known, &at());
    assert!(matches!(refused, Err(Refusal::Empty { what: "the reason for protection", .. })));
    let nobody = Person {
        kind: PersonKind::Other,
        given: " ".into(),
        family: String::new(),
        preferred: None,
        also_known_as: Vec::new(),
        born: None,
        identifiers: Vec::new(),
        phones: Vec::new(),
        emails: Vec::new(),
    };
    let refused = decide(Command::AddPerson(nobody), &Touched::Known, &at());
    assert!(matches!(refused, Err(Refusal::Empty { what: "the name", .. })));
}
