//! Words released later, all the way: from the order at the school to the record at social care.

use std::path::PathBuf;

use jiff::Timestamp;
use kith_protocol::{
    bundle::StatementKind,
    supplement::{SignedSupplement, Supplement},
};

use super::{
    withdrawn::{check, collected, deleted, entries, file, on_disk, withdraw_consent},
    world::{Agency, World, now},
};
use crate::{
    casework::{
        command::Command,
        entry::{Significance, Statement},
        ids::{CaseId, EntryId, ReceivedId, ShareId},
        query::{Answer, EntryView, Event, Query, ReleasedRow, Window},
        supplied::{Became, Landed},
    },
    sharing::{plan::SpanId, view},
};

const ORDER: &str = "Order of the Family Court at Northshire, NS26C00412";

fn gaps(world: &mut World, share: ShareId) -> Vec<SpanId> {
    let gaps = world.school.share(share).share.gaps.into_iter();
    gaps.map(|gap| SpanId { entry: gap.entry, field: gap.field, start: gap.start, end: gap.end }).collect()
}

/// The gap in what was said, released to a file.
fn released(world: &mut World, share: ShareId, field: &str) -> PathBuf {
    let gap = gaps(world, share).into_iter().find(|gap| gap.field == field).unwrap();
    let name = format!("{}.age", field.replace('/', "-"));
    let file = world.school.folder.path().join(name);
    world.school.office().disclose(share, &gap, ORDER, &file, &now()).unwrap();
    file
}

/// What the record says at social care.
fn reads(world: &mut World, received: ReceivedId) -> String {
    let Answer::Received(view) = world.care.asked(&Query::Received { received }) else { panic!() };
    let (bundle, said) = view::as_it_reads(&view.received.document, &view.supplements).unwrap();
    [said, view::lines(&bundle)].concat().join("\n")
}

fn in_entry(entry: EntryId, fields: &[(&str, Option<Timestamp>)]) -> Became {
    let landed = |(field, amended): &(&str, _)| Landed { field: (*field).to_owned(), amended: *amended };
    Became::Entry { entry, fields: fields.iter().map(landed).collect() }
}

fn entry(world: &mut World, entry: EntryId) -> Box<EntryView> {
    let Answer::Entry(view) = world.care.asked(&Query::Entry { entry }) else { panic!() };
    view
}

fn releases(agency: &mut Agency, case: CaseId) -> Vec<ReleasedRow> {
    let all =
        Query::Chronology { category: None, case, significant_only: true, window: Window::First, limit: 50 };
    let Answer::Chronology { rows, .. } = agency.asked(&all) else { panic!() };
    let released = rows.into_iter().filter_map(|row| match row {
        Event::Released(row) => Some(row),
        _ => None,
    });
    released.collect()
}

fn found(world: &mut World, words: &str) -> usize {
    let query = Query::FindEntries { text: words.into(), limit: 5 };
    let Answer::Entries(rows) = world.care.asked(&query) else { panic!() };
    rows.len()
}

#[test]
fn words_released_on_an_order_reach_the_record_that_came_by_the_node() {
    let mut world = World::new();
    let (story, share, received) = collected(&mut world);
    let (case, filed) = file(&mut world, received);
    assert!(!reads(&mut world, received).contains("Ryan") && found(&mut world, "Ryan") == 0);
    let narrative = released(&mut world, share, "statement/0");
    let (fitted, became) = world.care.office().take_supplement(received, &narrative, &now()).unwrap();
    assert_eq!(became, in_entry(filed, &[("statement/0", None)]));
    assert_eq!((fitted.number, fitted.supplement.order.as_str()), (1, ORDER));

    // In the record, in the entry that it became with the version before, and in what can be found.
    let now_reads = reads(&mut world, received);
    assert!(
        now_reads.contains("Ryan Field said he saw it happen") && now_reads.contains(ORDER),
        "{now_reads}"
    );
    let view = entry(&mut world, filed);
    assert!(view.entry.statements[0].text.contains("Ryan Field said he saw it happen"));
    assert!(!view.earlier[0].entry.statements[0].text.contains("Ryan"));
    assert!(view.earlier[0].why.contains("Elm Park Primary released"), "{}", view.earlier[0].why);
    assert_eq!(found(&mut world, "Ryan"), 1);

    // A name besides is released as well: both stand.
    assert!(!view.sent.unwrap().people.iter().any(|one| one.name.contains("Ryan")));
    let name = released(&mut world, share, "person/1");
    let (_, became) = world.care.office().take_supplement(received, &name, &now()).unwrap();
    assert_eq!(became, in_entry(filed, &[("person/1", None)]));
    let view = entry(&mut world, filed);
    assert!(view.entry.statements[0].text.contains("Ryan Field"));
    assert!(view.sent.unwrap().people.iter().any(|one| one.name == "Ryan Field"));

    // A line in the child's chronology at both, which says which way it went.
    let ours = releases(&mut world.school, story.case);
    let theirs = releases(&mut world.care, case);
    assert_eq!((ours.len(), theirs.len()), (2, 2));
    assert!(ours.iter().all(|row| row.by_us && row.order == ORDER && row.agency.contains("Social Care")));
    assert!(theirs.iter().all(|row| !row.by_us && row.order == ORDER && row.agency == "Elm Park Primary"));
    assert!(theirs[0].by.contains("Amira Khan"), "{}", theirs[0].by);
    for book in [&mut world.school, &mut world.care] {
        let report = book.office().casebook_mut().check(&mut |_, _| {}).unwrap();
        assert!(report.is_whole(), "{report:?}");
    }

    // When it is taken back and deleted, nothing of what was released stays either.
    withdraw_consent(&mut world, &story);
    world.school_round();
    world.care_round();
    world.care.office().react(received, deleted(), &now()).unwrap();
    assert!(!on_disk(&mut world, "Ryan Field"));
    assert!(entries(&mut world, case).is_empty() && releases(&mut world.care, case).is_empty());
    assert!(check(&mut world).is_whole(), "{:?}", check(&mut world));
    let late = world.care.office().take_supplement(received, &name, &now()).unwrap_err().to_string();
    assert!(late.contains("deleted already"), "{late}");
    // And to them who have deleted it nothing more is released.
    world.care_round();
    world.school_round();
    let gap = gaps(&mut world, share).remove(0);
    let path = world.school.folder.path().join("late.age");
    let late = world.school.office().disclose(share, &gap, ORDER, &path, &now()).unwrap_err().to_string();
    assert!(
        late.contains("deleted by its recipient") && late.contains("share anew") && !path.exists(),
        "{late}"
    );
}

#[test]
fn what_was_released_before_it_was_filed_is_filed_with_it() {
    let mut world = World::new();
    let (_, share, received) = collected(&mut world);
    let narrative = released(&mut world, share, "statement/0");
    let (_, became) = world.care.office().take_supplement(received, &narrative, &now()).unwrap();
    assert_eq!(became, Became::NotFiled);
    let (case, filed) = file(&mut world, received);
    let view = entry(&mut world, filed);
    assert!(view.entry.statements[0].text.contains("Ryan Field") && view.earlier.is_empty());
    assert_eq!(releases(&mut world.care, case).len(), 1);
    assert!(check(&mut world).is_whole(), "{:?}", check(&mut world));
}

#[test]
fn what_somebody_here_amended_stays_as_they_left_it() {
    let mut world = World::new();
    let (_, share, received) = collected(&mut world);
    let (_, filed) = file(&mut world, received);
    let mut amended = entry(&mut world, filed).entry;
    amended.statements[0].text = "Seen on a home visit as well.".into();
    world.care.did(Command::AmendEntry { entry: filed, now: amended, why: "visited".into() });
    let narrative = released(&mut world, share, "statement/0");
    let (_, became) = world.care.office().take_supplement(received, &narrative, &now()).unwrap();
    assert_eq!(became, in_entry(filed, &[("statement/0", Some(now().timestamp()))]));
    let view = entry(&mut world, filed);
    assert_eq!(view.entry.statements[0].text, "Seen on a home visit as well.");
    assert_eq!(view.earlier.len(), 1, "nothing of it changed, so nothing was amended");
    assert!(reads(&mut world, received).contains("Ryan Field"), "the record itself has the words");
}

#[test]
fn released_words_find_their_statement_and_nothing_else_changes() {
    let mut world = World::new();
    let (_, share, received) = collected(&mut world);
    let (_, filed) = file(&mut world, received);
    world.care.did(Command::SetSignificance { entry: filed, significance: Significance::High });
    // Somebody put a statement of their own before the one with the gap.
    let mut amended = entry(&mut world, filed).entry;
    let own = Statement { kind: StatementKind::ObservedFact, text: "Seen on a home visit.".into() };
    amended.statements.insert(0, own);
    world.care.did(Command::AmendEntry { entry: filed, now: amended, why: "visited".into() });
    let narrative = released(&mut world, share, "statement/0");
    let (_, became) = world.care.office().take_supplement(received, &narrative, &now()).unwrap();
    assert_eq!(became, in_entry(filed, &[("statement/0", None)]));
    let is = entry(&mut world, filed).entry;
    assert_eq!(is.statements[0].text, "Seen on a home visit.");
    assert!(is.statements[1].text.contains("Ryan Field"), "{:?}", is.statements);
    assert_eq!(is.significance, Significance::High, "as the lead weighed it");
}

#[test]
fn a_supplement_is_taken_in_once_and_only_where_it_belongs() {
    let mut world = World::new();
    let (story, share, received) = collected(&mut world);
    let narrative = released(&mut world, share, "statement/0");
    // Another bundle of the same record, with words of its own withheld.
    let choices = story.decided(&mut world.school);
    world.school.office().send(story.case, &choices, &now()).unwrap();
    world.school_round();
    world.care_round();
    let other = world.care.inbox().iter().map(|row| row.id).find(|id| *id != received).unwrap();
    let leaves = |world: &mut World| world.care.office().casebook().leaves().unwrap().len();
    let before = leaves(&mut world);
    let mut refused = |received, path: &PathBuf| {
        let told = world.care.office().take_supplement(received, path, &now()).unwrap_err().to_string();
        assert_eq!(leaves(&mut world), before, "nothing is kept: {told}");
        told
    };
    assert!(refused(other, &narrative).contains("signed and whole, and is to another bundle"));
    let mut bytes = std::fs::read(&narrative).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    let broken = narrative.with_extension("broken");
    std::fs::write(&broken, bytes).unwrap();
    refused(received, &broken);
    world.care.office().take_supplement(received, &narrative, &now()).unwrap();
    let again = world.care.office().take_supplement(received, &narrative, &now()).unwrap_err().to_string();
    assert_eq!(again, "this supplement is in the casebook already");
    // The same words in another wrapping are nothing new.
    let book = world.school.office().casebook();
    let (person, (_, release)) =
        (book.person_key().unwrap().unwrap(), book.releases(share).unwrap().remove(0));
    let anew = Supplement { order: "another order".into(), ..release.supplement.supplement().unwrap() };
    let anew = SignedSupplement::release(&anew, &world.school.secrets.sign, &person);
    let twice = world.school.folder.path().join("twice.json");
    std::fs::write(&twice, serde_json::to_vec(&anew).unwrap()).unwrap();
    let again = world.care.office().take_supplement(received, &twice, &now()).unwrap_err().to_string();
    assert!(again.contains("nothing that was still withheld"), "{again}");
}
