//! Files that are due, holds and leavers, by keys alone.

use super::{
    journeys::commands,
    world::{World, id},
};
use crate::{
    casework::{
        command::Command,
        ids::{PersonId, ProposalId},
        retention::Rule,
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
        until: Some(jiff::civil::date(2026, 1, 1)),
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
