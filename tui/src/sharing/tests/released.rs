//! Words released later: what was withheld, as it was, and nothing that may not go.

use std::{io::Read as _, path::Path};

use kith_protocol::{bundle::Role, directory::Sector, receipt::ReceiptKind, seal::open_with};

use super::{
    story::{Story, decide_all, entry},
    world::{World, now},
};
use crate::{
    casework::{
        command::Command,
        fact::ShareEnd,
        ids::{EntryId, ShareId},
        second::SharingPolicy,
    },
    sharing::plan::{Decision, SpanId},
};

const ORDER: &str = "Order of the Family Court at Northshire, NS26C00412";

/// A share that withheld names, sent; and its gaps.
fn sent(world: &mut World) -> (ShareId, Vec<SpanId>) {
    let story = Story::tell(&mut world.school);
    let choices = story.decided(&mut world.school);
    let share = world.school.office().send(story.case, &choices, &now()).unwrap();
    let gaps = choices.decisions.iter().filter(|(_, one)| matches!(one, Decision::Withhold(_)));
    (share, gaps.map(|(id, _)| id.clone()).collect())
}

/// What is said of a release; nothing of it may be left.
fn refused(world: &mut World, share: ShareId, gap: &SpanId) -> String {
    let file = world.school.folder.path().join("supplement.age");
    let before = world.school.office().casebook().log_head().unwrap();
    let told = world.school.office().disclose(share, gap, ORDER, &file, &now()).unwrap_err();
    assert!(!file.exists());
    assert_eq!(world.school.office().casebook().log_head().unwrap(), before, "nothing was recorded");
    told.to_string()
}

#[test]
fn one_gap_of_the_share_is_released_and_nothing_else() {
    let mut world = World::new();
    let (share, gaps) = sent(&mut world);
    assert!(refused(&mut world, share, &gaps[0]).contains("never sealed"));
    world.school_round();
    let gap = gaps.iter().find(|gap| gap.field == "statement/0").unwrap().clone();
    let wider = SpanId { start: 0, ..gap.clone() };
    let shown = SpanId { start: 0, end: 5, ..gap.clone() };
    for other in [wider, shown] {
        let told = refused(&mut world, share, &other);
        assert!(told.contains("did not withhold") && told.contains(&gap.to_string()), "{told}");
    }
    let file = world.school.folder.path().join("supplement.age");
    // What cannot be written is not recorded.
    let head = |world: &mut World| world.school.office().casebook().log_head().unwrap();
    let before = head(&mut world);
    let nowhere = world.school.folder.path().join("nowhere/supplement.age");
    world.school.office().disclose(share, &gap, ORDER, &nowhere, &now()).unwrap_err();
    assert_eq!(head(&mut world), before);
    world.school.office().disclose(share, &gap, ORDER, &file, &now()).unwrap();
    let (written, before) = (std::fs::read(&file).unwrap(), head(&mut world));
    let other = gaps.iter().find(|other| **other != gap).unwrap();
    world.school.office().disclose(share, other, ORDER, &file, &now()).unwrap_err();
    assert_eq!((std::fs::read(&file).unwrap(), head(&mut world)), (written, before), "it is there already");
}

#[test]
fn stretches_that_lie_over_each_other_are_one_gap_and_released_as_one() {
    let mut world = World::new();
    let story = Story::tell(&mut world.school);
    let mut choices = story.decided(&mut world.school);
    let name = choices.decisions.keys().find(|id| id.field == "statement/0").unwrap().clone();
    // The same words and some more, marked by hand; and what begins where those end.
    let wider = SpanId { end: name.end + 6, ..name.clone() };
    let after = SpanId { start: wider.end, end: wider.end + 4, ..name.clone() };
    let withheld = Decision::Withhold(kith_protocol::bundle::Reason::ThirdPartyChild);
    choices.decisions.extend([(wider, withheld.clone()), (after.clone(), withheld)]);
    let share = world.school.office().send(story.case, &choices, &now()).unwrap();
    world.school_round();
    let whole = SpanId { end: after.end, ..name };
    let listed = world.school.office().withheld(share).unwrap();
    let of_statement: Vec<_> = listed.iter().filter(|one| one.span.field == "statement/0").collect();
    assert_eq!(of_statement.len(), 1, "{listed:?}");
    assert_eq!(of_statement[0].span, whole);
    assert!(of_statement[0].words.contains("Ryan"), "{listed:?}");
    let file = world.school.folder.path().join("supplement.age");
    world.school.office().disclose(share, &whole, ORDER, &file, &now()).unwrap();
    world.care_round();
    let received = world.care.only_received();
    world.care.office().take_supplement(received, &file, &now()).unwrap();
}

#[test]
fn stretches_for_two_reasons_keep_each_its_own() {
    use kith_protocol::bundle::Reason;

    let mut world = World::new();
    let story = Story::tell(&mut world.school);
    let mut choices = story.decided(&mut world.school);
    let name = choices.decisions.keys().find(|id| id.field == "statement/0").unwrap().clone();
    // It begins in the name, and goes on behind it.
    let over = SpanId { start: name.start + 5, end: name.end + 5, ..name.clone() };
    choices.decisions.insert(over.clone(), Decision::Withhold(Reason::LegalPrivilege));
    let share = world.school.office().send(story.case, &choices, &now()).unwrap();
    world.school_round();
    let listed = world.school.office().withheld(share).unwrap();
    let of_statement: Vec<_> = listed.iter().filter(|one| one.span.field == "statement/0").collect();
    let spans: Vec<_> = of_statement.iter().map(|one| (one.span.start, one.span.end)).collect();
    assert_eq!(spans, [(name.start, name.end), (name.end + 1, over.end)]);
    assert_eq!(of_statement[1].code, Reason::LegalPrivilege);
    assert!(!of_statement[0].words.contains("said") && of_statement[1].words.contains("said"), "{listed:?}");
    let file = world.school.folder.path().join("supplement.age");
    let first = of_statement[0].span.clone();
    world.school.office().disclose(share, &first, ORDER, &file, &now()).unwrap();
}

/// What a supplement says, once it is opened by who it is sealed to.
fn opened(world: &World, path: &Path) -> Vec<u8> {
    let mut text = Vec::new();
    let keys = [world.care.secrets.seal.clone()];
    open_with(&keys, std::fs::File::open(path).unwrap()).unwrap().read_to_end(&mut text).unwrap();
    text
}

#[test]
fn the_same_words_are_released_once_and_written_out_again_when_asked() {
    let mut world = World::new();
    let (share, gaps) = sent(&mut world);
    world.school_round();
    let file = |world: &World, name: &str| world.school.folder.path().join(name);
    let (first, second) = (file(&world, "first.age"), file(&world, "second.age"));
    let again =
        |world: &mut World, path: &Path| world.school.office().disclose_again(share, &gaps[0], path, &now());
    let told = again(&mut world, &second).unwrap_err().to_string();
    assert!(told.contains("not released yet") && !second.exists(), "{told}");
    let fact = world.school.office().disclose(share, &gaps[0], ORDER, &first, &now()).unwrap();
    let told = refused(&mut world, share, &gaps[0]);
    assert!(told.contains(&format!("released already on 2026-03-09, {fact}")), "{told}");
    // Once more: the same words under the same signatures, and nothing new in the record.
    let head = world.school.office().casebook().log_head().unwrap();
    assert_eq!(again(&mut world, &second).unwrap(), fact);
    assert_eq!(world.school.office().casebook().log_head().unwrap(), head);
    assert_eq!(opened(&world, &first), opened(&world, &second));
    // Another gap is another release; and of what was taken back nothing goes out again.
    let other = file(&world, "other.age");
    world.school.office().disclose(share, &gaps[1], ORDER, &other, &now()).unwrap();
    world.school.office().withdraw(share, "consent was withdrawn", None, &now()).unwrap();
    let third = file(&world, "third.age");
    let told = again(&mut world, &third).unwrap_err().to_string();
    assert!(told.contains("taken back") && !third.exists(), "{told}");
}

#[test]
fn what_was_taken_back_is_not_released_from() {
    let mut world = World::new();
    let (share, gaps) = sent(&mut world);
    world.school_round();
    world.school.office().withdraw(share, "consent was withdrawn", None, &now()).unwrap();
    let told = refused(&mut world, share, &gaps[0]);
    assert!(told.contains("taken back"), "{told}");
    // Nor is it offered.
    let told = world.school.office().withheld(share).unwrap_err().to_string();
    assert!(told.contains("taken back"), "{told}");
}

#[test]
fn what_they_declined_or_never_got_is_not_released_from() {
    let mut world = World::new();
    let (share, gaps) = sent(&mut world);
    world.school_round();
    world.care_round();
    let received = world.care.only_received();
    let declined = ReceiptKind::Declined;
    world.care.office().answer(received, declined, "Lives in Southshire", &now()).unwrap();
    world.care_round();
    world.school_round();
    let told = refused(&mut world, share, &gaps[0]);
    assert!(told.contains("declined") && told.contains("anew"), "{told}");

    let mut world = World::new();
    let (share, gaps) = sent(&mut world);
    world.school_round();
    world.school.did(Command::EndShare { share, end: ShareEnd::NotCollected });
    let told = refused(&mut world, share, &gaps[0]);
    assert!(told.contains("without reaching its recipient"), "{told}");
}

#[test]
fn where_two_must_agree_one_alone_releases_nothing() {
    let mut world = World::new();
    let (share, gaps) = sent(&mut world);
    world.school_round();
    let policy = SharingPolicy { sectors: [Sector::SocialCare].into(), levels: [].into() };
    world.school.did(Command::SetSharingPolicy { policy, why: "agreed by the governors".into() });
    let told = refused(&mut world, share, &gaps[0]);
    assert!(told.contains("a second person must check"), "{told}");
}

#[test]
fn a_protected_address_is_not_released_on_any_order() {
    let mut world = World::new();
    let story = Story::tell(&mut world.school);
    story.address(&mut world.school, true);
    for form in ["14 Harbour Road", "14 Harbour", "fourteen Harbour R0ad"] {
        let text = format!("Jamie lives at {form} now.");
        let told = entry(&[(story.jamie, Role::Subject)], &text);
        let told = EntryId(world.school.did(Command::RecordEntry { entry: told, case: Some(story.case) }));
        let mut choices = story.choices();
        choices.entries = vec![told];
        let choices = decide_all(&mut world.school, story.case, choices);
        let share = world.school.office().send(story.case, &choices, &now()).unwrap();
        world.school_round();
        let address = choices.decisions.keys().find(|gap| gap.field == "statement/0").unwrap();
        let told = refused(&mut world, share, address);
        assert!(told.contains("may not be released"), "{form}: {told}");
    }
}
