//! Any history of commands: the tables are what the facts say, live and rebuilt.

use jiff::ToSpan as _;
use proptest::prelude::*;

use super::*;
use crate::casework::{
    case::{ActionItem, TriageDecision},
    entry::Significance,
    ids::{ActionId, ProposalId},
    retention::{Leaving, Rule},
};
use crate::store::{CheckItem, CheckReport};

/// A step of a history; numbers choose among what exists.
#[derive(Debug, Clone)]
enum Step {
    Person(u8),
    AmendPerson(u8, u8),
    Concern(u8, bool, i8),
    Note(u8, u8, i8),
    Amend(u8, i8, bool),
    Weigh(u8, bool),
    Triage(u8, u8),
    Undo(u8),
    Open(u8),
    AmendCase(u8),
    Close(u8),
    Reopen(u8),
    Action(u8, i8),
    Finish(u8, bool),
    Hold(u8),
    Dispose(u8),
}

fn step() -> impl Strategy<Value = Step> {
    let n = any::<u8>;
    prop_oneof![
        n().prop_map(Step::Person),
        (n(), n()).prop_map(|(a, b)| Step::AmendPerson(a, b)),
        (n(), any::<bool>(), 1_i8..14).prop_map(|(a, b, c)| Step::Concern(a, b, c)),
        (n(), n(), 1_i8..28).prop_map(|(a, b, c)| Step::Note(a, b, c)),
        (n(), 1_i8..14, any::<bool>()).prop_map(|(a, b, c)| Step::Amend(a, b, c)),
        (n(), any::<bool>()).prop_map(|(a, b)| Step::Weigh(a, b)),
        (n(), n()).prop_map(|(a, b)| Step::Triage(a, b)),
        n().prop_map(Step::Undo),
        n().prop_map(Step::Open),
        n().prop_map(Step::AmendCase),
        n().prop_map(Step::Close),
        n().prop_map(Step::Reopen),
        (n(), 1_i8..28).prop_map(|(a, b)| Step::Action(a, b)),
        (n(), any::<bool>()).prop_map(|(a, b)| Step::Finish(a, b)),
        n().prop_map(Step::Hold),
        n().prop_map(Step::Dispose),
    ]
}

const NAMES: [&str; 6] = ["Ann", "Anne", "Bo", "O'Brien-Nguyễn", "Łukasz", "Zoë"];

#[derive(Default)]
struct World {
    people: Vec<PersonId>,
    entries: Vec<EntryId>,
    cases: Vec<CaseId>,
    actions: Vec<ActionId>,
}

fn pick<T: Copy>(from: &[T], n: u8) -> Option<T> {
    from.get(usize::from(n) % from.len().max(1)).copied()
}

impl World {
    fn of_entry(&self, step: &Step) -> Option<Command> {
        let name = |n: u8| NAMES[usize::from(n) % NAMES.len()];
        Some(match *step {
            Step::Concern(n, danger, day) => {
                let mut entry = concern(pick(&self.people, n)?, name(n));
                entry.happened.at = date(2025, 3, day).at(9, 0, 0, 0);
                if day % 3 == 0 {
                    let person = pick(&self.people, n / 2)?;
                    entry.people.push(Involvement { person, role: Role::Witness });
                }
                if danger {
                    entry.danger = Danger::Yes { done: "999".into() };
                }
                Command::RecordEntry { entry, case: None }
            }
            Step::Note(n, m, day) => Command::RecordEntry {
                entry: note(pick(&self.people, n)?, day, name(m), Significance::Medium),
                case: Some(pick(&self.cases, m)?),
            },
            Step::Amend(n, day, low) => {
                let weight = if low { Significance::Low } else { Significance::High };
                let mut now = note(pick(&self.people, n)?, day, "amended words", weight);
                if day % 2 == 0 {
                    now.kind = EntryKind::Concern;
                }
                Command::AmendEntry { entry: pick(&self.entries, n)?, now, why: "slip".into() }
            }
            Step::Weigh(n, low) => Command::SetSignificance {
                entry: pick(&self.entries, n)?,
                significance: if low { Significance::None } else { Significance::Positive },
            },
            _ => return None,
        })
    }

    /// Brings everything to an end, then destroys a file whose copy has been at the next school for a year.
    fn dispose(&self, casebook: &mut Casebook, n: u8) -> Option<()> {
        let person = pick(&self.people, n)?;
        let outcome = || "done".to_owned();
        let nothing = TriageDecision::NoFurtherAction { reason: outcome() };
        let level = LevelOfNeed::Universal;
        let triage = |&entry| Command::Triage { entry, decision: nothing.clone(), level };
        let finish = |&action| Command::FinishAction { action, outcome: outcome() };
        let close = |&case| Command::CloseCase { case, outcome: outcome() };
        let ends = self.entries.iter().map(triage).chain(self.actions.iter().map(finish));
        for end in ends.chain(self.cases.iter().map(close)) {
            // What has ended already, or is gone, is refused.
            let _ = casebook.execute(end, &author(), &now());
        }
        // The next school has all of it: the receipt came after the last record.
        let later = now().checked_add(3.years()).unwrap();
        let receipt = Some(later.date() - 1.year());
        let leaving = Leaving { on: date(2023, 7, 20), to: "Oak High".into(), receipt };
        casebook.execute(Command::RecordLeaving { person, leaving }, &author(), &later).ok()?;
        let propose =
            Command::ProposeDisposal { file: person.into(), rule: Rule::TransferredCopy, signed: None };
        let proposal = match casebook.execute(propose, &author(), &later) {
            Ok(facts) => ProposalId(facts[0]),
            Err(error) => {
                assert!(error.to_string().contains("legal hold"), "{error}");
                return None;
            }
        };
        let second = Author { name: "B. Osei".into(), role: "Deputy".into() };
        casebook.execute(Command::ApproveDisposal { proposal, agreed: None }, &second, &later).unwrap();
        Some(())
    }

    /// Takes a step; whatever is refused is refused, and changes nothing.
    fn take(&mut self, casebook: &mut Casebook, step: &Step) -> Option<()> {
        let name = |n: u8| NAMES[usize::from(n) % NAMES.len()];
        let command = match *step {
            Step::Dispose(n) => return self.dispose(casebook, n),
            Step::Hold(n) => {
                Command::PlaceHold { file: pick(&self.people, n)?.into(), why: "inquiry".into(), until: None }
            }
            Step::Person(n) => Command::AddPerson(pupil(name(n), name(n / 6))),
            Step::AmendPerson(n, m) => Command::AmendPerson {
                person: pick(&self.people, n)?,
                now: pupil(name(m), name(m / 6)),
                why: "married".into(),
            },
            Step::Concern(..) | Step::Note(..) | Step::Amend(..) | Step::Weigh(..) => self.of_entry(step)?,
            Step::Triage(n, m) => Command::Triage {
                entry: pick(&self.entries, n)?,
                decision: match m % 3 {
                    0 => TriageDecision::NoFurtherAction { reason: "known".into() },
                    1 => TriageDecision::AddToCase { case: pick(&self.cases, m)? },
                    _ => TriageDecision::OpenCase(case(pick(&self.people, m)?, "by triage")),
                },
                level: LevelOfNeed::EarlyHelp,
            },
            Step::Undo(n) => Command::UndoTriage { entry: pick(&self.entries, n)? },
            Step::Open(n) => Command::OpenCase(case(pick(&self.people, n)?, name(n))),
            Step::AmendCase(n) => {
                let id = pick(&self.cases, n)?;
                Command::AmendCase {
                    case: id,
                    now: case(pick(&self.people, n)?, "new title"),
                    why: "y".into(),
                }
            }
            Step::Close(n) => Command::CloseCase { case: pick(&self.cases, n)?, outcome: "done".into() },
            Step::Reopen(n) => Command::ReopenCase { case: pick(&self.cases, n)?, why: "again".into() },
            Step::Action(n, day) => Command::AddAction(ActionItem {
                case: pick(&self.cases, n)?,
                what: "ring".into(),
                owner: name(n).into(),
                due: date(2025, 3, day),
            }),
            Step::Finish(n, again) if again => Command::ReopenAction { action: pick(&self.actions, n)? },
            Step::Finish(n, _) => {
                Command::FinishAction { action: pick(&self.actions, n)?, outcome: "rang".into() }
            }
        };
        let opens = matches!(&command, Command::Triage { decision: TriageDecision::OpenCase(_), .. });
        let made = *casebook.execute(command, &author(), &now()).ok()?.first()?;
        match step {
            Step::Person(_) => self.people.push(PersonId(made)),
            Step::Concern(..) | Step::Note(..) => self.entries.push(EntryId(made)),
            Step::Open(_) => self.cases.push(CaseId(made)),
            Step::Triage(..) if opens => self.cases.push(CaseId(made)),
            Step::Action(..) => self.actions.push(ActionId(made)),
            _ => {}
        }
        Some(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn tables_are_what_the_facts_say(steps in prop::collection::vec(step(), 1..80)) {
        let (_folder, mut casebook) = fresh();
        let mut world = World::default();
        for n in 0..3 {
            world.take(&mut casebook, &Step::Person(n));
        }
        for step in &steps {
            world.take(&mut casebook, step);
        }
        let whole = |report: CheckReport| prop_assert_ok(report.is_whole(), report);
        whole(casebook.check(&mut |_, _| {}).unwrap())?;
        casebook.rebuild(&mut |_, _| {}).unwrap();
        whole(casebook.check(&mut |_, _| {}).unwrap())?;
    }
}

fn prop_assert_ok(good: bool, report: CheckReport) -> Result<(), TestCaseError> {
    if good { Ok(()) } else { Err(TestCaseError::fail(format!("{report:?}"))) }
}

#[test]
fn a_table_that_was_tampered_with_is_named_and_rebuilt() {
    let (_folder, mut casebook) = fresh();
    let child = casebook.add("Jamie", "Oakes");
    casebook.record(concern(child, "bruise"), None);
    casebook.db.execute("UPDATE entry SET headline = 'nothing'", []).unwrap();
    casebook.db.execute("DELETE FROM name_part", []).unwrap();
    let report = casebook.check(&mut |_, _| {}).unwrap();
    assert!(!report.is_whole());
    let named = format!("{report:?}");
    assert!(named.contains("table entry: 1 rows") && named.contains("table name_part: "), "{named}");
    let mut last = (0, 0);
    casebook.rebuild(&mut |done, total| last = (done, total)).unwrap();
    assert_eq!(last, (2, 2));
    assert!(casebook.check(&mut |_, _| {}).unwrap().is_whole());
    assert_eq!(casebook.found("oakes"), ["Jamie Oakes"]);
}

#[test]
fn a_fact_that_is_not_what_its_leaf_commits_to_is_named() {
    let (_folder, mut casebook) = fresh();
    let child = casebook.add("Jamie", "Oakes");
    casebook.record(concern(child, "bruise"), None);
    let findings = |casebook: &mut Casebook| {
        let report = casebook.check(&mut |_, _| {}).unwrap();
        assert!(!report.is_whole());
        let facts = report.results.into_iter().find(|(item, _)| *item == CheckItem::Facts);
        facts.unwrap().1
    };
    let changed = "UPDATE fact SET body = CAST(replace(CAST(body AS TEXT), 'bruise', 'scrape') AS BLOB)";
    casebook.db.execute(changed, []).unwrap();
    assert_eq!(findings(&mut casebook), ["fact 1-2: its leaf commits to something else"]);
    casebook.db.execute("UPDATE fact SET leaf = zeroblob(32) WHERE seed IS NOT NULL", []).unwrap();
    assert_eq!(findings(&mut casebook).len(), 2);
}
