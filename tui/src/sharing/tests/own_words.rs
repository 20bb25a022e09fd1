//! What leaves beside the entries' own words, and addresses that nobody may learn, in the ways people write them.

use kith_protocol::{
    bundle::{Reason, Role},
    consent::{ParentalResponsibility, WithheldFrom},
};

use super::{
    story::{NARRATIVE, Story, consent, entry, pupil},
    world::{World, now},
};
use crate::{
    casework::{
        command::Command,
        ids::{EntryId, PersonId},
        person::Address,
    },
    sharing::plan::{Decision, SpanId},
};

fn world() -> (World, Story) {
    let mut world = World::offline();
    let story = Story::tell(&mut world.school);
    (world, story)
}

#[test]
fn whoever_is_withheld_is_said_wherever_else_a_part_of_their_name_leaves() {
    let (mut world, story) = world();
    let mut choices = story.decided(&mut world.school);
    let at = u32::try_from(NARRATIVE.find("left arm").unwrap()).unwrap();
    let own = SpanId { entry: story.entry, field: "statement/0".into(), start: at, end: at + 8 };
    choices.decisions.insert(own, Decision::Withhold(Reason::Other("Ryan asked us to".into())));
    choices.ask = "Ring the Fields, R.F. knows; Jamie is at home".into();
    let mut record = consent();
    let more = &mut record.safeguarding;
    let (name, relation, evidence) = ("Mrs Field".into(), "guardian".into(), "told by ryan".into());
    more.parental_responsibility = vec![ParentalResponsibility { name, relation, evidence }];
    more.level_of_need = Some("CP as Ryan said".into());
    more.withheld_from = vec![WithheldFrom {
        what: "what Ryan saw".into(),
        from_whom: "Mr Field".into(),
        because: "Ryan fears him".into(),
    }];
    record.retention_period = "until Ryan leaves".into();
    record.storage_location = "Ryan's cupboard".into();
    record.withdrawal_method = "Tell Ryan".into();
    choices.consent = Some(Box::new(record));
    let preview = world.school.office().preview(story.case, &choices, &now()).unwrap();
    assert_eq!(preview.refusals, Vec::<String>::new());
    let told = preview.cautions.join("\n");
    for place in [
        "“What you ask” says “Fields”",
        "“What you ask” says “R.F.”",
        "“Reason in your own words” says “Ryan”",
        "“Parental responsibility 1, name” says “Field”",
        "“Parental responsibility 1, evidence” says “ryan”",
        "“Level of need” says “Ryan”",
        "“Withheld from 1, what” says “Ryan”",
        "“Withheld from 1, from whom” says “Field”",
        "“Withheld from 1, because” says “Ryan”",
        "“Retention period” says “Ryan”",
        "“Storage location” says “Ryan”",
        "“Withdrawal method” says “Ryan”",
    ] {
        assert!(told.contains(&format!("{place} (Ryan Field is withheld in an entry)")), "{place}: {told}");
    }
    assert_eq!(preview.cautions.len(), 12, "{told}");
    assert!(!told.contains("Jamie"), "{told}");
}

#[test]
fn a_family_name_that_the_child_bears_and_names_of_those_who_may_stand_are_no_caution() {
    let (mut world, mut story) = world();
    let sister = PersonId(world.school.did(Command::AddPerson(pupil("Ruth", "Oakes"))));
    let told = entry(&[(story.jamie, Role::Subject), (sister, Role::Witness)], "Ruth Oakes was there.");
    story.entry = EntryId(world.school.did(Command::RecordEntry { entry: told, case: Some(story.case) }));
    let mut choices = story.decided(&mut world.school);
    choices.ask = "Ring Amira Khan, 01632 960100: the Oakes family, Jamie, Ms Khan".into();
    let preview = world.school.office().preview(story.case, &choices, &now()).unwrap();
    assert_eq!((preview.refusals, preview.cautions), (Vec::<String>::new(), Vec::<String>::new()));
    choices.ask = "Ruth, at 07700 900123".into();
    let preview = world.school.office().preview(story.case, &choices, &now()).unwrap();
    let told = preview.cautions.join("\n");
    assert!(preview.cautions.len() == 2 && told.contains("“Ruth” (Ruth Oakes is withheld"), "{told}");
}

#[test]
fn a_protected_address_is_stopped_in_every_ordinary_form() {
    let (mut world, mut story) = world();
    world.school.did(Command::RecordAddress(Address {
        lines: "Flat 2, 14 Larkfield Rise\nNorthport".into(),
        postcode: "NP1 4QT".into(),
        protected: true,
        protected_from: "Darren Pike, by court order".into(),
        people: vec![story.jamie],
    }));
    let forms = [
        "No 14 Larkfield",
        "14 Larkfield R1se",
        "Rise, Larkfield",
        "14 Larkfeild Rise",
        "14 L\u{430}rkfield Rise",
        "fourteen larkfield",
    ];
    for form in forms {
        let told = entry(&[(story.jamie, Role::Subject)], &format!("They live at {form} now."));
        story.entry = EntryId(world.school.did(Command::RecordEntry { entry: told, case: Some(story.case) }));
        let suggested = world.school.office().suggest(story.case, &story.choices(), &now()).unwrap().0;
        assert!(suggested.len() == 1 && suggested[0].blocks, "{form}: {suggested:?}");
        // Nor does it leave in the letter.
        let mut choices = story.decided(&mut world.school);
        choices.ask = format!("Please visit {form}");
        let preview = world.school.office().preview(story.case, &choices, &now()).unwrap();
        let told = preview.refusals.join(" ");
        assert!(told.contains("must not leave") && told.contains("protected address"), "{form}: {told}");
    }
    // A rare word of it may be kept, but not in silence.
    let told = entry(&[(story.jamie, Role::Subject)], "They are up at Larkfield now.");
    story.entry = EntryId(world.school.did(Command::RecordEntry { entry: told, case: Some(story.case) }));
    let suggested = world.school.office().suggest(story.case, &story.choices(), &now()).unwrap().0;
    assert!(suggested.len() == 1 && !suggested[0].blocks, "{suggested:?}");
    let mut choices = story.choices();
    choices.decisions.insert(suggested[0].id.clone(), Decision::Keep { reason: "the shops".into() });
    let preview = world.school.office().preview(story.case, &choices, &now()).unwrap();
    assert_eq!(preview.refusals, Vec::<String>::new());
    let told = preview.cautions.join("\n");
    assert!(told.contains("“Larkfield” stays in entry") && told.contains("protected address"), "{told}");
}

#[test]
fn somebody_on_the_roll_is_found_misspelt_in_each_word_and_by_initials() {
    let (mut world, mut story) = world();
    for (given, family) in [("Alfie", "Stubbs"), ("Thea", "Quirke")] {
        world.school.did(Command::AddPerson(pupil(given, family)));
    }
    let told = entry(&[(story.jamie, Role::Subject)], "Jamie saw Alfi Stubs. T.Q. was there; AS said no.");
    story.entry = EntryId(world.school.did(Command::RecordEntry { entry: told, case: Some(story.case) }));
    let suggested = world.school.office().suggest(story.case, &story.choices(), &now()).unwrap().0;
    let asked: Vec<&str> = suggested.iter().map(|one| one.text.as_str()).collect();
    assert_eq!(asked, ["Alfi Stubs", "T.Q.", "AS"]);
}
