//! What comes from other agencies, by keys alone.

use kith_protocol::{
    consent::LawfulBasis,
    ids::{BundleId, Digest},
};

use super::{
    journeys::commands,
    world::{NEWER, World, id},
};
use crate::{
    casework::{
        case::LevelOfNeed,
        command::{Command, Fault, FileInto},
        ids::{CaseId, ReceivedId},
        person::IdentifierScheme,
        query::{Query, SetAside},
    },
    flow::Request,
    sharing::withdrawn::Reaction,
};

#[test]
fn whoever_opens_a_case_for_a_bundle_need_not_assess_it() {
    let mut world = World::open((80, 24));
    world.keys("5c3<C-s>");
    let filed = world.sent.iter().find_map(|request| match request {
        Request::File { into: FileInto::NewChild { level, person, .. }, .. } => {
            Some((*level, person.clone()))
        }
        _ => None,
    });
    let (level, person) = filed.unwrap();
    assert_eq!(level, LevelOfNeed::NotAssessed, "what they said is of no list of ours, and nothing is asked");
    let numbers: Vec<_> = person.identifiers.iter().map(|one| (one.scheme, one.value.as_str())).collect();
    assert_eq!(numbers, [(IdentifierScheme::Upn, "B801200005001")], "with their numbers");
    assert_eq!(person.also_known_as, ["Jay"], "and by their other names");
}

#[test]
fn a_bundle_is_filed_to_anybody_of_whom_a_case_can_be_opened() {
    let mut world = World::open((80, 24));
    world.unsure = true;
    world.keys("5c2<Tab>ja");
    let asked = world.sent.iter().rev().find_map(|request| match request {
        Request::Ask(Query::FindPeople { text, pupils_only, .. }) => Some((text.as_str(), *pupils_only)),
        _ => None,
    });
    assert_eq!(asked, Some(("ja", false)), "a child is no pupil at the police: {}", world.screen());
}

#[test]
fn the_child_who_is_meant_is_proposed_and_where_part_agrees_one_is_asked() {
    let mut world = World::open((120, 40));
    world.keys("5").sees("is Maya Holt").keys("c<C-s>").sees("Filed in case 1-99.");
    let into = world.sent.iter().find_map(|request| match request {
        Request::File { into: FileInto::Case(case), .. } => Some(*case),
        _ => None,
    });
    assert_eq!(into, Some(CaseId(id(5))));

    let mut world = World::open((120, 40));
    world.unsure = true;
    world.keys("5").sees("may be Maya Holt").keys("c<C-s>").sees("! needs an answer");
    assert!(!world.sent.iter().any(|one| matches!(one, Request::File { .. })));
}

#[test]
fn a_bundle_is_filed_and_signed_for() {
    let mut world = World::open((80, 24));
    world.keys("5").sees("All 3 hold; 1 caution").keys("c1<Enter><C-s>");
    world.sees("Filed in case 1-99.");
    let filed = world.sent.iter().find(|request| matches!(request, Request::File { .. }));
    assert!(
        matches!(filed, Some(Request::File { into: FileInto::Case(case), .. }) if *case == CaseId(id(5)))
    );
    // Each way asks for what it needs, and for no more.
    world.keys("c").sees("Case").keys("3").sees("Given name").sees("Level of need");
    assert!(!world.screen().contains("type part of the name"), "{}", world.screen());
    world.keys("<Esc>");
    world.keys("RWe visit tomorrow<Enter>");
    assert!(
        world.sent.iter().any(
            |request| matches!(request, Request::AnswerBundle { note, .. } if note == "We visit tomorrow")
        )
    );
    world.sees("RECEIPTED, signed as A. Khan");
}

#[test]
fn a_bundle_is_opened_by_the_person_who_presses_enter_and_not_before() {
    let opens =
        |world: &World| world.sent.iter().filter(|request| matches!(request, Request::Open { .. })).count();
    for size in [(60, 20), (80, 24), (120, 40)] {
        let mut world = World::open(size);
        world.closed = true;
        world.keys("5").sees("Northshire CSC").keys("<C-r>jk]]]");
        world.keys("<Tab>").sees("Not now: Enter opens it; its sender is told");
        world.keys("R").sees("Not now: Enter opens it first").keys("c").sees("Not now: Enter opens it first");
        assert!(!world.screen().contains("What they sent"), "{}", world.screen());
        assert_eq!(opens(&world), 0, "to stand on a row is not to open it");
        world.keys("<Enter>").keys("G").sees("that nothing is older");
        world.keys("<Esc>").sees("OPENED").keys("<Enter>");
        assert_eq!(opens(&world), 1);
        world.keys("<Enter><Enter><Esc><Tab>");
        assert_eq!(opens(&world), 1, "once");
    }
}

#[test]
fn a_bundle_that_comes_while_another_is_read_takes_nobody_into_itself() {
    let mut world = World::open((120, 40));
    world.keys("5<Enter>").sees("What they sent");
    world.arrived = true;
    world.keys("<C-r>").sees("What they sent").keys("c3<C-s>");
    let filed = |world: &World, id| {
        world.sent.iter().any(|request| matches!(request, Request::File { received, .. } if *received == id))
    };
    assert!(filed(&world, ReceivedId(id(51))) && !filed(&world, NEWER), "what is read is what is filed");
    // On its own row it stays closed until Enter opens it, with the reading pane beside it or not.
    world.keys("<Esc>k");
    assert!(!world.screen().contains("What they sent"), "{}", world.screen());
    assert!(!world.sent.contains(&Request::Open { received: NEWER }));
    world.keys("<Enter>");
    assert!(world.sent.contains(&Request::Open { received: NEWER }));
}

#[test]
fn a_bundle_that_cannot_be_opened_stands_in_the_inbox_with_what_to_do() {
    for size in [(60, 20), (80, 24), (120, 40)] {
        let mut world = World::open(size);
        world.aside = vec![SetAside {
            bundle: BundleId(Digest::of(b"bundle")),
            from: "hillside-gp".parse().unwrap(),
            from_name: "Hillside Surgery".to_owned(),
            phone: "01632 960111".to_owned(),
            since: world.now,
            why: "this file is not sealed to any of these keys".to_owned(),
            fault: Fault::OtherKey,
        }];
        world.keys("5").sees("Inbox 2").sees("SET ASIDE").sees("Hillside Surgery");
        for key in ["c", "R", "!"] {
            world.keys(key).sees("Not now: it could not be opened");
        }
        world
            .keys("<Enter>")
            .sees("not sealed to any of these keys")
            .sees("01632 960111")
            .sees("Ask whom it is for");
        assert!(!world.sent.iter().any(|request| matches!(request, Request::Open { .. })));
        world.keys("<Esc>d").sees("Dismiss it").keys("rang them, sent again<Enter>");
        let bundle = BundleId(Digest::of(b"bundle"));
        let why = "rang them, sent again".to_owned();
        assert_eq!(commands(&world).last(), Some(&&Command::DismissBundle { bundle, why }));
        world.sees("u undoes it").keys("u");
        assert_eq!(commands(&world).last(), Some(&&Command::BringBackBundle { bundle }));
        world.keys("<Enter>");
        // The others are still there, and a refresh does not move anybody off theirs.
        world.keys("<Esc>j<C-r>");
        assert!(world.cursor_line().contains("Northshire CSC"), "{}", world.screen());
        world.keys("d").sees("Not now: only what could not be opened");
        world.aside.clear();
        world.keys("<C-r>");
        assert!(world.cursor_line().contains("Northshire CSC"), "{}", world.screen());
    }
}

#[test]
fn a_bundle_that_was_taken_back_is_a_task_and_is_answered_by_name() {
    for size in [(60, 20), (80, 24), (120, 40)] {
        let mut world = World::open(size);
        world.asked = true;
        world.keys("5").sees("WITHDRAWN").keys("w").sees("It was taken back");
        // To keep it a reason is needed.
        world.keys("3<Enter>").sees("say why it is kept");
        world.keys("w3a section 47 enquiry has begun<Enter>").sees("Answered, signed as A. Khan");
        let kept = Reaction::Kept {
            basis: LawfulBasis::PublicTask,
            because: "a section 47 enquiry has begun".to_owned(),
        };
        assert!(reactions(&world).contains(&&kept), "{:?}", reactions(&world));
        world.keys("w1<Enter>");
        assert!(reactions(&world).contains(&&Reaction::Deleted { note: String::new() }));
    }
    let mut world = World::open((80, 24));
    world.keys("5w").sees("its sender has not taken it back");
}

fn reactions(world: &World) -> Vec<&Reaction> {
    let each = world.sent.iter().filter_map(|request| match request {
        Request::React { reaction, .. } => Some(reaction),
        _ => None,
    });
    each.collect()
}
