//! What may not leave, and what is said about it.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use kith_protocol::{
    bundle::{Reason, Role},
    consent::{Category, ConsentRecord, ParentalResponsibility},
};

use super::{
    story::{NARRATIVE, Story, consent, decide_all, entry, person},
    world::{Agency, World, now},
};
use crate::{
    casework::{
        case::{Case, LevelOfNeed},
        command::Command,
        contact::{Compared, Comparison},
        ids::{CaseId, EntryId, PersonId},
        person::{ContactRule, PersonKind, Relation, RelationKind},
        query::{Answer, Query, Window},
    },
    sharing::plan::{Decision, ShareChoices, SpanId},
};

/// Why it may not go, as told in the preview; sending says the same and writes nothing.
fn refusals(school: &mut Agency, story: &Story, choices: &ShareChoices) -> String {
    let preview = school.office().preview(story.case, choices, &now()).unwrap();
    assert!(preview.lines.is_empty() && preview.html.is_empty());
    let told = preview.refusals.join(" ");
    let sent = school.office().send(story.case, choices, &now()).unwrap_err().to_string();
    assert_eq!(sent, told);
    assert_eq!(school.office().casebook().outbox().unwrap(), []);
    told
}

fn world() -> (World, Story) {
    let mut world = World::offline();
    let story = Story::tell(&mut world.school);
    (world, story)
}

#[test]
fn a_suggestion_nobody_has_decided() {
    let (mut world, story) = world();
    let told = refusals(&mut world.school, &story, &story.choices());
    assert!(told.contains("2 suggested redactions are undecided"), "{told}");
    // Keeping needs a reason.
    let mut choices = story.decided(&mut world.school);
    let first = choices.decisions.keys().next().unwrap().clone();
    choices.decisions.insert(first.clone(), Decision::Keep { reason: " ".into() });
    let told = refusals(&mut world.school, &story, &choices);
    assert!(told.contains("1 suggested redaction is undecided"), "{told}");
    // With one, the same name may stand here and be withheld there.
    choices.decisions.insert(first, Decision::Keep { reason: "social care asked who saw it".into() });
    let preview = world.school.office().preview(story.case, &choices, &now()).unwrap();
    assert_eq!(preview.refusals, Vec::<String>::new());
    assert_eq!(preview.lines.join("\n").matches("Ryan").count(), 1);
}

#[test]
fn a_protected_address_left_in() {
    let (mut world, mut story) = world();
    story.address(&mut world.school, true);
    let told = entry(&[(story.jamie, Role::Subject)], "They live at 14 Harbour Road now.");
    story.entry = EntryId(world.school.did(Command::RecordEntry { entry: told, case: Some(story.case) }));
    let suggested = world.school.office().suggest(story.case, &story.choices(), &now()).unwrap().0;
    assert!(suggested.len() == 1 && suggested[0].blocks);
    // It may not be kept, whatever the reason.
    let mut choices = story.choices();
    choices.decisions.insert(suggested[0].id.clone(), Decision::Keep { reason: "they need it".into() });
    let told = refusals(&mut world.school, &story, &choices);
    assert!(
        told.contains("cannot be kept in, whatever the reason: protected address: Darren Pike"),
        "{told}"
    );
    assert!(told.contains(&format!("entry {}, statement 1: withhold it there", story.entry)), "{told}");
    assert!(!told.contains("undecided") && !told.contains("Harbour"), "{told}");
    // Nor does it leave in the letter.
    let mut choices = story.decided(&mut world.school);
    choices.ask = "Please visit 14, Harbour Road".into();
    let told = refusals(&mut world.school, &story, &choices);
    assert!(told.contains("must not leave") && told.contains("protected address"), "{told}");
    choices.ask = "Please visit".into();
    assert!(world.school.office().preview(story.case, &choices, &now()).unwrap().refusals.is_empty());
}

#[test]
fn a_withheld_name_does_not_survive_elsewhere() {
    let (mut world, story) = world();
    let mut choices = story.decided(&mut world.school);
    choices.ask = "Is Ryan Field known to you?".into();
    let told = refusals(&mut world.school, &story, &choices);
    assert!(told.contains("withheld elsewhere"), "{told}");
}

#[test]
fn a_withheld_name_does_not_stand_in_the_record_of_the_decision() {
    let (mut world, story) = world();
    let mut choices = story.decided(&mut world.school);
    let named = |name: &str| {
        let mut record = consent();
        let (relation, evidence) = ("father".to_owned(), "as recorded in the casebook".to_owned());
        record.safeguarding.parental_responsibility =
            vec![ParentalResponsibility { name: name.to_owned(), relation, evidence }];
        Some(Box::new(record))
    };
    choices.consent = named("Ryan Field");
    let told = refusals(&mut world.school, &story, &choices);
    assert!(told.contains("withheld elsewhere"), "{told}");
    choices.consent = named("Dean Oakes");
    let preview = world.school.office().preview(story.case, &choices, &now()).unwrap();
    assert_eq!(preview.refusals, Vec::<String>::new());
}

#[test]
fn beside_a_withheld_name_stands_no_tie() {
    let (mut world, mut story) = world();
    let father = PersonId(world.school.did(Command::AddPerson(person(PersonKind::Family, "Dean", "Oakes"))));
    world.school.did(Command::RecordRelation(Relation {
        from: father,
        to: story.jamie,
        kind: RelationKind::Father,
        parental_responsibility: true,
        same_household: false,
        contact: ContactRule::Open,
    }));
    let told = entry(&[(story.jamie, Role::Subject), (father, Role::Mentioned)], "Jamie was tired.");
    story.entry = EntryId(world.school.did(Command::RecordEntry { entry: told, case: Some(story.case) }));
    let mut choices = story.choices();
    let lines = |world: &mut World, choices: &ShareChoices| {
        let preview = world.school.office().preview(story.case, choices, &now()).unwrap();
        assert_eq!(preview.refusals, Vec::<String>::new());
        preview.lines.join("\n")
    };
    let shown = lines(&mut world, &choices);
    assert!(shown.contains("Dean Oakes (mentioned; father)"), "{shown}");
    let id = SpanId { entry: story.entry, field: "person/1".into(), start: 0, end: 10 };
    choices.decisions.insert(id, Decision::Withhold(Reason::ThirdPartyAdult));
    let shown = lines(&mut world, &choices);
    assert!(!shown.contains("father") && !shown.contains("Dean"), "{shown}");
}

#[test]
fn whom_the_senders_own_words_name_is_said_before_they_go() {
    let (mut world, story) = world();
    world.school.did(Command::AddPerson(person(
        PersonKind::Pupil { year: "5".into(), class: "5B".into() },
        "Kian",
        "Tranter",
    )));
    let mut choices = story.decided(&mut world.school);
    let cautions = |world: &mut World, choices: &ShareChoices| {
        let preview = world.school.office().preview(story.case, choices, &now()).unwrap();
        assert_eq!(preview.refusals, Vec::<String>::new());
        preview.cautions.join("\n")
    };
    assert_eq!(cautions(&mut world, &choices), "");
    choices.ask = "Please speak to Kian Tranter as well".into();
    let mut record = consent();
    record.safeguarding.childs_view = "Tranter's mother is on 07700 900123".into();
    choices.consent = Some(Box::new(record));
    let told = cautions(&mut world, &choices);
    assert!(told.contains("“What you ask” says “Kian Tranter”"), "{told}");
    assert!(told.contains("“Child's view” says “07700 900123”"), "{told}");
}

#[test]
fn a_share_that_is_refused_leaves_no_record_behind() {
    let (mut world, story) = world();
    let choices = story.decided(&mut world.school);
    world.school.did(Command::CloseCase { case: story.case, outcome: "moved away".into() });
    let refused = world.school.office().send(story.case, &choices, &now()).unwrap_err().to_string();
    assert!(refused.contains("the case is closed"), "{refused}");
    let Answer::Consents(records) = world.school.asked(&Query::Consents { case: story.case }) else {
        panic!()
    };
    assert_eq!(records, []);
}

#[test]
fn a_recipient_the_record_does_not_name() {
    let (mut world, story) = world();
    let mut choices = story.decided(&mut world.school);
    let mut record = consent();
    record.recipients.clear();
    choices.consent = Some(Box::new(record));
    let told = refusals(&mut world.school, &story, &choices);
    assert!(told.contains("does not name northshire-csc"), "{told}");
    choices.to = Some("nobody-here".parse().unwrap());
    let told = refusals(&mut world.school, &story, &choices);
    assert!(told.contains("not in the directory"), "{told}");
}

#[test]
fn a_category_out_of_scope() {
    let (mut world, story) = world();
    let mut choices = story.decided(&mut world.school);
    let mut record = consent();
    record.categories = BTreeSet::from([Category::Attendance]);
    choices.consent = Some(Box::new(record));
    let told = refusals(&mut world.school, &story, &choices);
    assert!(told.contains("does not cover welfare"), "{told}");
}

#[test]
fn missing_choices_are_asked_for_one_after_the_other() {
    let (mut world, story) = world();
    let all = story.decided(&mut world.school);
    for (choices, needed) in [
        (ShareChoices { to: None, ..all.clone() }, "choose the agency"),
        (ShareChoices { consent: None, ..all.clone() }, "on which basis"),
        (ShareChoices { entries: Vec::new(), ..all.clone() }, "at least one entry"),
        (ShareChoices { ask: String::new(), ..all }, "what is asked"),
    ] {
        let told = refusals(&mut world.school, &story, &choices);
        assert!(told.contains(needed), "{needed}: {told}");
    }
}

#[test]
fn marks_that_no_longer_fit_an_amended_entry() {
    let (mut world, story) = world();
    let choices = story.decided(&mut world.school);
    let now_says = entry(&[(story.jamie, Role::Subject), (story.ryan, Role::Witness)], "Short.");
    world.school.did(Command::AmendEntry { entry: story.entry, now: now_says, why: "wrong child".into() });
    let told = refusals(&mut world.school, &story, &choices);
    assert!(told.contains("changed after it was marked"), "{told}");
}

#[test]
fn marks_do_not_shift_to_other_words_when_an_entry_is_amended() {
    let (mut world, story) = world();
    let mut choices = story.decided(&mut world.school);
    let at = NARRATIVE.find("left arm").unwrap() as u32;
    let mark = SpanId { entry: story.entry, field: "statement/0".into(), start: at, end: at + 8 };
    choices.decisions.insert(mark, Decision::Withhold(Reason::NotRelevant));
    choices.versions.insert(story.entry, 1);
    assert!(world.school.office().preview(story.case, &choices, &now()).unwrap().refusals.is_empty());
    // Every mark still fits somewhere, but not where it was made.
    let longer = format!("Today {NARRATIVE}");
    let now_says = entry(&[(story.jamie, Role::Subject), (story.ryan, Role::Witness)], &longer);
    world.school.did(Command::AmendEntry { entry: story.entry, now: now_says, why: "the day".into() });
    let told = refusals(&mut world.school, &story, &choices);
    assert!(told.contains("changed after it was marked"), "{told}");
}

#[test]
fn an_agency_whose_keys_have_changed_since_they_were_verified() {
    let (mut world, story) = world();
    let choices = story.decided(&mut world.school);
    let care = super::world::care_id();
    let heard = |words: &str| {
        let how = Compared::Telephone { number: "01632 960310".into() };
        Command::CompareContact(Comparison { agency: care.clone(), words: words.into(), how })
    };
    let user = world.school.office().session().user.clone();
    // As it stands after they have changed their keys.
    world.school.office().casebook_mut().execute(heard("one two three"), &user, &now()).unwrap();
    let told = refusals(&mut world.school, &story, &choices);
    assert!(told.contains("have changed since they were verified"), "{told}");
    let rows = world.school.office().members().unwrap();
    assert!(rows.len() == 1 && rows[0].trust.starts_with("CHANGED KEY"));
    let words = rows[0].words.join(" ");
    let wrong = world.school.office().execute(heard("one two three"), &now()).unwrap_err();
    assert!(wrong.to_string().contains("not the eight words of"), "{wrong}");
    world.school.office().execute(heard(&words), &now()).unwrap();
    let trust = world.school.office().members().unwrap()[0].trust.clone();
    assert_eq!(trust, format!("VERIFIED (telephone 01632 960310, 9 Mar, {})", user.name));
    assert!(world.school.office().preview(story.case, &choices, &now()).unwrap().refusals.is_empty());
}

#[test]
fn a_directory_that_ran_out_carries_only_urgent_danger() {
    let (mut world, story) = world();
    let choices = story.decided(&mut world.school);
    let later = now() + SignedDuration::from_hours(24 * 201);
    world.school.office().reload(&later).unwrap();
    let preview = world.school.office().preview(story.case, &choices, &later).unwrap();
    assert!(preview.refusals.join(" ").contains("ran out 1 day ago"), "{:?}", preview.refusals);
}

#[test]
fn ones_own_mark_is_withheld_and_counts() {
    let (mut world, story) = world();
    let mut choices = story.decided(&mut world.school);
    let start = u32::try_from(NARRATIVE.find("on the left arm").unwrap()).unwrap();
    let id = SpanId { entry: story.entry, field: "statement/0".into(), start, end: start + 15 };
    choices.decisions.insert(id, Decision::Withhold(Reason::NotRelevant));
    let preview = world.school.office().preview(story.case, &choices, &now()).unwrap();
    assert!(
        preview.lines.join("\n").contains("Jamie had a bruise [withheld 5: not relevant to the purpose]."),
        "{:?}",
        preview.lines
    );
}

#[test]
fn an_adult_nobody_knows_to_be_family_is_suggested_for_social_care_too() {
    let (mut world, mut story) = world();
    let neighbour = world.school.did(Command::AddPerson(person(PersonKind::Other, "Gwen", "Pritchard")));
    let people = [(story.jamie, Role::Subject), (PersonId(neighbour), Role::Reporter)];
    let told = entry(&people, "Gwen Pritchard rang: shouting at night.");
    story.entry = EntryId(world.school.did(Command::RecordEntry { entry: told, case: Some(story.case) }));
    let suggested = world.school.office().suggest(story.case, &story.choices(), &now()).unwrap().0;
    assert!(
        suggested.len() == 2 && suggested.iter().all(|one| one.code == Reason::Informant),
        "{suggested:?}"
    );
    let choices = decide_all(&mut world.school, story.case, story.choices());
    let lines = world.school.office().preview(story.case, &choices, &now()).unwrap().lines.join("\n");
    assert!(
        lines.contains("[withheld 3: an informant or whistle-blower] rang") && !lines.contains("Pritchard")
    );
}

#[test]
fn another_record_of_the_child_is_the_child_and_no_third_party() {
    let (mut world, story) = world();
    let suggested = |world: &mut World| {
        world.school.office().suggest(story.case, &story.choices(), &now()).unwrap().0.len()
    };
    let before = suggested(&mut world);
    assert!(before > 0, "Ryan is another child");
    let (one, other, why) = (story.jamie, story.ryan, "the same birth certificate".to_owned());
    world.school.did(Command::MarkSame { one, other, why: why.clone() });
    assert_eq!(suggested(&mut world), 0, "Ryan is what Jamie was called before");
    world.school.did(Command::MarkNotSame { one, other, why });
    assert_eq!(suggested(&mut world), before);
}

#[test]
fn what_stands_in_another_record_of_the_child_goes_too_while_it_is_the_childs() {
    let (mut world, mut story) = world();
    let (one, other, why) = (story.jamie, story.ryan, "the same birth certificate".to_owned());
    let (title, level, lead) = ("Hunger".to_owned(), LevelOfNeed::EarlyHelp, "A. Khan".to_owned());
    let case = CaseId(world.school.did(Command::OpenCase(Case { child: other, title, level, lead })));
    let told = entry(&[(other, Role::Subject)], "Came without a coat.");
    story.entry = EntryId(world.school.did(Command::RecordEntry { entry: told, case: Some(case) }));
    let no = |world: &mut World, story: &Story| {
        let said =
            world.school.office().preview(story.case, &story.choices(), &now()).unwrap().refusals.join(" ");
        assert!(said.contains("is not of this case, nor of one of the child's other records"), "{said}");
    };
    no(&mut world, &story);
    world.school.did(Command::MarkSame { one, other, why: why.clone() });
    let choices = decide_all(&mut world.school, story.case, story.choices());
    let preview = world.school.office().preview(story.case, &choices, &now()).unwrap();
    assert_eq!(preview.refusals, Vec::<String>::new());
    assert!(preview.lines.iter().any(|line| line.contains("Came without a coat.")), "{:?}", preview.lines);
    let all = Query::EntriesOf { case: story.case, significant_only: false, window: Window::First, limit: 9 };
    let Answer::EntriesOf { rows, total } = world.school.asked(&all) else { panic!("entries") };
    assert!(rows.len() as u64 == total && rows.iter().any(|row| row.case == Some(case)));
    world.school.did(Command::MarkNotSame { one, other, why: why.clone() });
    no(&mut world, &story);
    world.school.did(Command::MarkSame { one, other, why });
    world.school.office().send(story.case, &choices, &now()).unwrap();
}

/// A record goes to its recipient whole: with another child's it tells them of another family.
#[test]
fn a_record_that_is_not_of_this_child_this_agency_or_this_person() {
    let (mut world, story) = world();
    let good = story.decided(&mut world.school);
    let told = |world: &mut World, change: &dyn Fn(&mut ConsentRecord)| {
        let mut choices = good.clone();
        change(choices.consent.as_mut().unwrap());
        refusals(&mut world.school, &story, &choices)
    };
    let ryan = story.ryan.to_string();
    let of_ryan = told(&mut world, &|record| record.pii_principal_id = vec![ryan.parse().unwrap()]);
    assert!(of_ryan.contains("write one for this child"), "{of_ryan}");
    let (both, jamie) = (ryan.clone(), story.jamie.to_string());
    let both = told(&mut world, &|record| {
        record.pii_principal_id = [&jamie, &both].map(|id| id.parse().unwrap()).into()
    });
    assert!(both.contains(&format!("is of {}", story.ryan)), "{both}");
    let nobody = told(&mut world, &|record| record.pii_principal_id.clear());
    assert!(nobody.contains("names no child"), "{nobody}");
    let police = told(&mut world, &|record| record.recipients[0].name = "Northshire Police PPU".into());
    assert!(police.contains("the directory \"Northshire Children's Social Care\""), "{police}");
    let other = told(&mut world, &|record| record.safeguarding.decided_by.name = "Daniel Osei".into());
    assert!(other.contains("Daniel Osei decided, and Amira Khan is at the desk"), "{other}");
    let soon = now().timestamp() + SignedDuration::from_mins(40);
    let short = told(&mut world, &|record| record.validity.until = soon);
    assert!(short.contains("ends within the hour"), "{short}");
}

/// A record that was withdrawn does not come back through a file that says a little else.
#[test]
fn a_record_of_a_known_name_that_says_something_else_or_was_withdrawn() {
    let (mut world, story) = world();
    let choices = story.decided(&mut world.school);
    world.school.office().send(story.case, &choices, &now()).unwrap();
    let later = now().checked_add(SignedDuration::from_hours(1)).unwrap();
    let mut again = choices.clone();
    let until = &mut again.consent.as_mut().unwrap().validity.until;
    *until += SignedDuration::from_hours(24);
    let told = world.school.office().preview(story.case, &again, &later).unwrap().refusals.join(" ");
    assert!(told.contains("another record of this name"), "{told}");
    super::withdrawn::withdraw_consent(&mut world, &story);
    for choices in [again, choices] {
        let told = world.school.office().preview(story.case, &choices, &later).unwrap().refusals.join(" ");
        assert!(told.contains("was withdrawn"), "{told}");
    }
}
