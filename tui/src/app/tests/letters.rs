//! Reading what arrived, and being told what came of what one did.

use super::world::{World, id};
use crate::{
    app::Input,
    casework::ids::ShareId,
    flow::{Event, ExchangeState},
};

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

#[test]
fn how_far_a_share_has_come_stands_on_its_own_row() {
    for way in ["", "5]", "3<Enter>]]]"] {
        let mut world = World::open((110, 34));
        world.keys(way);
        let at = |done| Event::Progress { share: Some(ShareId(id(41))), done, total: 21_000_000 };
        world.input(Input::Event(at(7_770_000)));
        world.sees("SENDING 37 % of 21 MB");
        assert!(!world.screen().contains("percent"), "and nowhere else:\n{}", world.screen());
        world.input(Input::Event(at(21_000_000)));
        assert!(!world.screen().contains("SENDING"), "{way}");
        world.input(Input::Event(Event::Progress { share: None, done: 1, total: 4_000_000 }));
        world.sees("COLLECTING 0 % of 4 MB");
        world.input(Input::Event(Event::Exchange(ExchangeState::Online)));
        assert!(!world.screen().contains("COLLECTING"), "the round is over");
    }
}

#[test]
fn whoever_is_locked_out_reads_all_of_why_and_what_to_do() {
    let mut world = World::locked((80, 24));
    let message = "The passphrase is wrong: check Caps Lock and the keyboard layout, or use the recovery card. \
                   The demo's passphrase is: four tired herons (at Elm Park, for the rest of today)";
    world.input(Input::Event(Event::UnlockRefused { message: message.to_owned() }));
    world.sees("the rest of today)").sees("kith recover");
    world.keys("<F1>").sees("Keys here").sees("Unlock with the passphrase").keys("<Esc>").sees("Passphrase");
    assert!(world.app.is_locked());
}
