//! Reading what arrived, and being told what came of what one did.

use super::world::World;
use crate::{app::Input, flow::Event};

#[test]
fn what_they_ask_and_by_when_is_in_sight_as_soon_as_a_bundle_is_open() {
    for size in [(60, 20), (80, 24), (110, 34)] {
        let mut world = World::open(size);
        world.closed = true;
        world.keys("5");
        assert!(!world.screen().contains("strategy discussion"), "unopened, it says nothing");
        world.keys("<Enter>").sees("strategy discussion").sees("23 November 2026, 15:15");
        world.sees("DANGER").sees("01632 960 002");
        world.keys("jjjj").sees("All 3 hold; 1 caution").sees("the gate is not");
        assert!(!world.screen().contains("unaltered"), "{}", world.screen());
        world.keys("ijjjj").sees("ok: unaltered");
        world.keys("i");
        assert!(!world.screen().contains("unaltered"), "{}", world.screen());
    }
}

#[test]
fn what_is_being_done_is_said_until_it_is_done_or_refused() {
    let mut world = World::open((80, 24));
    world.held = Some(Vec::new());
    world.keys("5");
    let let_through = |world: &mut World| {
        while let Some(events) = world.held.replace(Vec::new()).filter(|events| !events.is_empty()) {
            events.into_iter().for_each(|event| world.input(Input::Event(event)));
        }
    };
    let_through(&mut world);
    world.keys("RWe visit<Enter>").sees("Signing the answer.");
    let_through(&mut world);
    world.sees("RECEIPTED, signed as A. Khan");
    world.keys("RWe visit<Enter>").sees("Signing the answer.");
    for event in world.held.replace(Vec::new()).unwrap_or_default() {
        let Event::Done { ticket, .. } = event else { continue };
        world.input(Input::Event(Event::Failed { ticket, message: "the disk is full".to_owned() }));
    }
    world.sees("Not done: the disk is full");
}

#[test]
fn what_was_not_ready_is_forgotten_when_it_is_put_right() {
    let mut world = World::open((80, 24));
    world.keys("<C-n><C-s>").sees("Not ready").keys("m");
    assert!(!world.screen().contains("Not ready"), "{}", world.screen());
}
