//! Long lists: their ends, and what is looked for in them.

use std::cell::Cell;

use jiff::tz::TimeZone;
use kith_protocol::bundle::ConcernCategory;

use super::{
    answers::answer,
    world::{World, id},
};
use crate::{
    app::{Effect, Input},
    casework::{ids::EntryId, query::Query},
    flow::{Event, ExchangeState, Request},
    screens::{Cx, Face as _, Flow, Heard, concerns::Concerns},
    theme::{Glyphs, Theme},
    widgets::paint::Look,
};

#[test]
fn the_bottom_of_a_long_list_is_its_last_row_also_when_it_is_read_again() {
    let mut world = World::open((200, 30));
    world.queue = 1_000;
    let asked = |world: &World| {
        let asks = |request: &&Request| matches!(request, Request::Ask(Query::Triage { .. }));
        world.sent.iter().filter(asks).count()
    };
    world.keys("2").sees("1000 to triage").sees("> NEW");
    let before = asked(&world);
    world.keys("G");
    assert!(world.cursor_line().contains("Concern 1000"), "{}", world.screen());
    assert_eq!(asked(&world), before + 1, "the last page alone is asked for");
    // One more has come, and the list is read again.
    world.queue = 1_001;
    world.input(Input::Event(Event::Changed));
    assert!(world.cursor_line().contains("Concern 1000"), "{}", world.screen());
    world.keys("kjj");
    assert!(world.cursor_line().contains("Concern 1001"), "{}", world.screen());
    // Upwards the rest comes page by page, and the top is the first one.
    for _ in 0..250 {
        world.keys("k");
    }
    assert!(world.cursor_line().contains("Concern 751"), "{}", world.screen());
    world.keys("gg");
    assert!(world.cursor_line().contains("Concern 1 "), "{}", world.screen());
    // It goes to the end although the list is read again before the end is there.
    world.held = Some(Vec::new());
    world.keys("G");
    world.input(Input::Event(Event::Changed));
    for event in world.held.take().unwrap() {
        world.input(Input::Event(event));
    }
    assert!(world.cursor_line().contains("Concern 1001"), "{}", world.screen());
}

#[test]
fn a_chronology_that_is_read_again_stays_where_it_is_read() {
    let mut world = World::open((120, 30));
    world.long = 700;
    world.keys("3<Enter>").sees("[Chronology");
    let stays = |world: &mut World| {
        let line = world.cursor_line();
        world.input(Input::Event(Event::Changed));
        assert_eq!(world.cursor_line(), line, "{}", world.screen());
        line
    };
    let first = stays(&mut world);
    for _ in 0..350 {
        world.keys("j");
    }
    let deep = stays(&mut world);
    assert_ne!(deep, first);
    // On from there, to both ends.
    for _ in 0..300 {
        world.keys("j");
    }
    stays(&mut world);
    for _ in 0..300 {
        world.keys("k");
    }
    assert_eq!(stays(&mut world), deep);
    for _ in 0..350 {
        world.keys("k");
    }
    assert_eq!(stays(&mut world), first);
    world.keys("G");
    let last = stays(&mut world);
    for _ in 0..699 {
        world.keys("k");
    }
    assert_eq!(stays(&mut world), first);
    assert_ne!(last, first);
}

#[test]
fn the_chronology_shows_one_category_alone() {
    let mut world = World::open((120, 30));
    world.keys("3<Enter>").sees("[Chronology").keys("/").sees("Which category").keys("bully<Enter><C-s>");
    world.sees("All events of bullying");
    let asked = |world: &World| {
        world.sent.iter().rev().find_map(|request| match request {
            Request::Ask(Query::Chronology { category, .. }) => Some(*category),
            _ => None,
        })
    };
    assert_eq!(asked(&world), Some(Some(ConcernCategory::Bullying)));
    world.input(Input::Event(Event::Changed));
    assert_eq!(asked(&world), Some(Some(ConcernCategory::Bullying)), "also when it is read again");
    world.keys("/<C-u>all<Enter><C-s>").sees("All events, newest first");
    assert_eq!(asked(&world), Some(None));
}

#[test]
fn a_search_is_given_up_once_the_next_one_is_typed() {
    let mut world = World::open((80, 24));
    world.held = Some(Vec::new());
    world.effects.clear();
    world.keys("<C-f>bru");
    let asked = |wanted: fn(&Query) -> bool| -> Vec<_> {
        let ticket = |effect: &Effect| match effect {
            Effect::Request(ticket, Request::Ask(query)) if wanted(query) => Some(*ticket),
            _ => None,
        };
        world.effects.iter().filter_map(ticket).collect()
    };
    let given_up: Vec<_> = world
        .effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::GiveUp(ticket) => Some(*ticket),
            _ => None,
        })
        .collect();
    for kind in [
        |query: &Query| matches!(query, Query::FindPeople { .. }),
        |query: &Query| matches!(query, Query::FindEntries { .. }),
    ] {
        let mut asked = asked(kind);
        assert!(!given_up.contains(&asked.pop().unwrap()), "the newest is waited for");
        assert!(asked.len() >= 2 && asked.iter().all(|ticket| given_up.contains(ticket)), "and no other");
    }
}

#[test]
fn a_concern_that_was_triaged_meanwhile_is_looked_for_once() {
    let mut world = World::open((120, 30));
    world.keys("j<Enter>");
    let mut screen = Concerns::at(EntryId(id(77)), true);
    let zone = TimeZone::UTC;
    let (now, shown) = (world.now.to_zoned(zone), Cell::default());
    let (theme, glyphs) = (Theme::terminal(), Glyphs::UNICODE);
    let look = Look { theme: &theme, glyphs: &glyphs, shown: &shown };
    let cx = Cx {
        now: &now,
        session: None,
        look,
        size: (80, 24),
        exchange: &ExchangeState::Off,
        progress: None,
        messages: &[],
    };
    world.queue = 450;
    let ask = |screen: &mut Concerns| {
        let (mut questions, mut asked) = (screen.ask(&cx), 0);
        while let Some(request) = questions.pop() {
            let Request::Ask(query) = request else { continue };
            asked += usize::from(matches!(query, Query::Triage { .. }));
            let flows = screen.hear(Heard::Answer(answer(query, &world)), &cx);
            assert!(!flows.iter().any(|flow| matches!(flow, Flow::Push(_))), "nothing is to be triaged");
            questions.extend(flows.into_iter().filter_map(|flow| match flow {
                Flow::Ask(request) => Some(request),
                _ => None,
            }));
        }
        asked
    };
    assert_eq!(ask(&mut screen), 4, "the first page, the last one, and the two between");
    assert_eq!(ask(&mut screen), 3, "read again, and not looked for any more");
}
