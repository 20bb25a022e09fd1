//! Files that are due, holds and leavers, by keys alone.

use jiff::civil::date;

use super::{
    answers::author,
    journeys::commands,
    world::{World, id},
};
use crate::{
    casework::{
        command::Command,
        fact::Author,
        ids::{EntryId, HoldId, PersonId, ProposalId},
        query::{DisposalRow, ProposalView, RetentionRow, RetentionView},
        retention::{Disposed, FactList, Hold, Rule, Verdict},
    },
    flow::Request,
};

#[test]
fn a_file_is_proposed_by_one_person_and_destroyed_by_another() {
    let mut world = World::open((120, 40));
    world.keys("gr").sees("2 files due").sees("PROPOSED").sees("UNDATED").sees("HELD").sees("DESTROYED");
    world.sees("by B. Osei").keys("yno<Enter>").sees("destroy was not typed");
    assert!(commands(&world).is_empty(), "nothing is destroyed by a slip");
    world.keys("ydestroy<Enter>");
    assert_eq!(commands(&world), [&Command::ApproveDisposal { proposal: ProposalId(id(71)), agreed: None }]);
    world.keys("jppropose<Enter>").sees("Another person unlocks and approves it.");
    let proposed =
        Command::ProposeDisposal { file: PersonId(id(51)).into(), rule: Rule::PupilFile, signed: None };
    assert_eq!(commands(&world).last(), Some(&&proposed));
    world.keys("jp").sees("date of birth is not known");
    assert_eq!(commands(&world).len(), 2);
}

#[test]
fn holds_and_leavers_are_recorded_and_a_certificate_is_saved() {
    let mut world = World::open((80, 24));
    world.keys("grjh<Tab>asked by the court<Enter>2026-01-01<Enter>").sees("The file is held.");
    let held = Command::PlaceHold {
        file: PersonId(id(51)).into(),
        why: "asked by the court".into(),
        until: Some(date(2026, 1, 1)),
    };
    assert_eq!(commands(&world).last(), Some(&&held));
    world.keys("jjhit is over<Enter>");
    assert!(matches!(commands(&world).last(), Some(Command::LiftHold { .. })));
    world.keys("l<Tab>2024-07-19<Enter>Oak High<Enter>2024-09-02<Enter><Enter>").sees("Recorded.");
    assert!(
        matches!(commands(&world).last(), Some(Command::RecordLeaving { leaving, .. }) if leaving.to == "Oak High")
    );
    world.keys("l<Tab>2024-07-19<Tab><Tab><Tab>2024-08-01<Enter>").sees("either when they left");
    world.keys("l<Tab><Tab><Tab><Tab>2025-01-06<Enter>").sees("their leaving counts no more");
    assert!(matches!(commands(&world).last(), Some(Command::RecordReturn { .. })));
    world.keys("jw/tmp/papers<Enter>");
    let asked =
        |request: &Request| matches!(request, Request::Certificate { disposal, .. } if *disposal == id(72));
    assert!(world.sent.iter().any(asked));
}

/// One file that is due, one that a colleague proposed, one that is held, one that nobody can date; one destroyed.
pub(super) fn review() -> RetentionView {
    let row = |seq, name: &str, verdict| RetentionRow {
        file: PersonId(id(seq)).into(),
        name: name.to_owned(),
        verdict,
        remarks: Vec::new(),
        proposal: None,
        cases: 1,
        entries: 7,
        family: 2,
        kept: vec![EntryId(id(23))],
    };
    let due = |on| Verdict::Due { on, rule: Rule::PupilFile };
    let colleague = Author { name: "B. Osei".to_owned(), role: "Deputy DSL".to_owned() };
    let at: jiff::Timestamp = "2025-03-10T10:00:00Z".parse().unwrap();
    let hold = Hold { id: HoldId(id(70)), by: "A. Khan".to_owned(), why: "inquiry".to_owned(), until: None };
    let proposal = ProposalView { id: ProposalId(id(71)), rule: Rule::PupilFile, by: colleague.clone(), at };
    let disposed = Disposed {
        rule: Rule::PupilFile,
        proposed_by: colleague,
        proposed: at,
        approved_by: author(),
        approved: at,
        facts: [id(60), id(61)].into_iter().collect(),
        kept: FactList::default(),
        attachments: 1,
        replayed: false,
        agreed: None,
        absent: Vec::new(),
    };
    RetentionView {
        rows: vec![
            RetentionRow { proposal: Some(proposal), ..row(50, "Robin Ash", due(date(2024, 9, 3))) },
            row(51, "Sam Birch", due(date(2025, 1, 9))),
            row(52, "Kit Cedar", Verdict::Undated),
            row(53, "Lee Dogwood", Verdict::Held(hold)),
        ],
        due: 2,
        found: 4,
        disposals: vec![DisposalRow { id: id(72), disposed }],
    }
}
