//! What came and was filed nowhere: how long it stays, and that two people can destroy it.

use jiff::{ToSpan as _, Zoned};
use kith_protocol::receipt::ReceiptKind;

use super::{
    story::Story,
    withdrawn::{check, collected, deleted, file, on_disk, withdraw_consent},
    world::{World, now},
};
use crate::casework::{
    command::{Command, Refusal},
    fact::Author,
    ids::{FactId, FileId, HoldId, ProposalId, ReceivedId},
    query::{Answer, Query, RetentionRow},
    retention::{Rule, Verdict},
};
use crate::store::CommandError;

fn second() -> Author {
    Author { name: "Ben Osei".into(), role: "Deputy".into() }
}

fn stands(world: &mut World, received: ReceivedId, on: &Zoned) -> Verdict {
    let query = Query::File { file: FileId::Bundle(received) };
    match world.care.office().casebook().ask(&query, on.date()) {
        Ok(Answer::File(row)) => row.verdict,
        other => panic!("{other:?}"),
    }
}

fn review(world: &mut World, on: &Zoned) -> Vec<RetentionRow> {
    match world.care.office().casebook().ask(&Query::Retention { limit: 9 }, on.date()) {
        Ok(Answer::Retention(view)) => view.rows,
        other => panic!("{other:?}"),
    }
}

/// How many files the first screen says are past their retention.
fn due_today(world: &mut World, on: &Zoned) -> u64 {
    match world.care.office().casebook().ask(&Query::Today { today: on.date() }, on.date()) {
        Ok(Answer::Today(today)) => today.past_retention,
        other => panic!("{other:?}"),
    }
}

fn run(world: &mut World, command: Command, by: &Author, on: &Zoned) -> Result<Vec<FactId>, CommandError> {
    world.care.office().casebook_mut().execute(command, by, on)
}

fn refused(done: Result<Vec<FactId>, CommandError>) -> String {
    match done {
        Err(CommandError::Refused(refusal @ (Refusal::NotDue { .. } | Refusal::SamePerson { .. }))) => {
            refusal.to_string()
        }
        other => panic!("{other:?}"),
    }
}

fn propose(received: ReceivedId, rule: Rule) -> Command {
    Command::ProposeDisposal { file: FileId::Bundle(received), rule, signed: None }
}

#[test]
fn what_was_declined_is_destroyed_by_two_people_once_its_sender_was_told() {
    let (mut world, _, _, received) = Story::delivered();
    world.care.office().answer(received, ReceiptKind::Declined, "Lives in Southshire", &now()).unwrap();
    let later = now().checked_add(1.day()).unwrap();
    // Whoever sent it must hear of that first.
    let waits = stands(&mut world, received, &later);
    assert!(matches!(waits, Verdict::Unfinished(what) if what.contains("not sent yet")), "{waits:?}");
    world.care_round();
    world.school_round();
    let due = stands(&mut world, received, &later);
    assert!(matches!(due, Verdict::Due { rule: Rule::DeclinedBundle, .. }), "{due:?}");
    assert_eq!(due_today(&mut world, &later), 1);
    let rows = review(&mut world, &later);
    assert_eq!(rows.len(), 1);
    assert!(
        rows[0].file == FileId::Bundle(received) && rows[0].name.contains("about Jamie Oakes"),
        "{rows:?}"
    );

    // A hold keeps it, under whatever rule.
    let first = Author { name: "Julia Moss".into(), role: "Social worker".into() };
    let hold = Command::PlaceHold { file: FileId::Bundle(received), why: "inquiry".into(), until: None };
    let hold = HoldId(run(&mut world, hold, &first, &later).unwrap()[0]);
    let held = refused(run(&mut world, propose(received, Rule::DeclinedBundle), &first, &later));
    assert!(held.contains("legal hold by Julia Moss"), "{held}");
    run(&mut world, Command::LiftHold { hold, why: "over".into() }, &first, &later).unwrap();

    let other_rule = refused(run(&mut world, propose(received, Rule::UnfiledBundle), &first, &later));
    assert!(other_rule.contains("declined"), "{other_rule}");
    let proposed = run(&mut world, propose(received, Rule::DeclinedBundle), &first, &later).unwrap();
    let approve = Command::ApproveDisposal { proposal: ProposalId(proposed[0]), agreed: None };
    let alone = refused(run(&mut world, approve.clone(), &first, &later));
    assert!(alone.contains("another person"), "{alone}");
    assert!(on_disk(&mut world, "bruise"), "the search finds what is there");
    let backup = world.care.copy_book();
    std::fs::remove_file(backup.path().join("disposals.db")).unwrap_or_default();
    world.care.open();
    let leaves = world.care.office().casebook().leaves().unwrap();
    run(&mut world, approve, &second(), &later).unwrap();

    for words in ["bruise", "Jamie", "Southshire"] {
        assert!(!on_disk(&mut world, words), "{words} stands in a page");
    }
    assert_eq!(world.care.office().casebook().leaves().unwrap()[..leaves.len()], leaves);
    assert!(check(&mut world).is_whole(), "{:?}", check(&mut world));
    assert!(world.care.inbox().is_empty() && review(&mut world, &later).is_empty());
    assert!(matches!(
        run(&mut world, propose(received, Rule::DeclinedBundle), &first, &later),
        Err(CommandError::Refused(Refusal::Unknown { .. }))
    ));

    // And again when an older backup is put back.
    drop(world.care.copy_book());
    std::fs::copy(backup.path().join("casebook.db"), world.care.book().join("casebook.db")).unwrap();
    world.care.open();
    assert!(!on_disk(&mut world, "bruise") && world.care.inbox().is_empty());
    assert!(check(&mut world).is_whole());
}

#[test]
fn what_nobody_filed_is_due_after_a_year_and_not_before_somebody_answered_it() {
    let (mut world, _, _, received) = Story::delivered();
    let year = now().checked_add(1.year()).unwrap();
    let (before, after) = (year.checked_sub(1.day()).unwrap(), year.checked_add(1.day()).unwrap());
    assert!(matches!(
        stands(&mut world, received, &before),
        Verdict::NotYet { rule: Rule::UnfiledBundle, .. }
    ));
    assert!(review(&mut world, &before).is_empty());
    let waits = stands(&mut world, received, &after);
    assert!(matches!(waits, Verdict::Unfinished(what) if what.contains("file it")), "{waits:?}");
    assert_eq!(review(&mut world, &after).len(), 1, "a person is told of it");
    world.care.office().answer(received, ReceiptKind::Receipted, "Read", &now()).unwrap();
    world.care_round();
    assert!(matches!(stands(&mut world, received, &after), Verdict::Due { rule: Rule::UnfiledBundle, .. }));
    assert_eq!([&before, &after].map(|on| due_today(&mut world, on)), [0, 1]);
    // Once it is filed it is no file of its own.
    file(&mut world, received);
    let filed = stands(&mut world, received, &after);
    assert!(matches!(filed, Verdict::Unfinished(what) if what.contains("it was filed")), "{filed:?}");
    assert!(review(&mut world, &after).is_empty());
}

/// Whoever took it back does not undo a court's order.
#[test]
fn what_is_held_is_not_deleted_because_its_sender_takes_it_back() {
    let mut world = World::new();
    let (story, _, received) = collected(&mut world);
    file(&mut world, received);
    let hold = Command::PlaceHold { file: FileId::Bundle(received), why: "inquiry".into(), until: None };
    let hold = HoldId(world.care.did(hold));
    withdraw_consent(&mut world, &story);
    world.school_round();
    world.care_round();
    let why = world.care.office().react(received, deleted(), &now()).unwrap_err().to_string();
    assert!(why.contains("legal hold by Julia Moss") && why.contains("is kept"), "{why}");
    assert!(on_disk(&mut world, "bruise"));
    world.care.did(Command::LiftHold { hold, why: "over".into() });
    world.care.office().react(received, deleted(), &now()).unwrap();
    assert!(!on_disk(&mut world, "bruise"));
}
