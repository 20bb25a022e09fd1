//! Shares to check, by keys.

use super::{
    journeys::to_send,
    world::{World, id},
};
use crate::{casework::ids::ShareId, flow::Request};

#[test]
fn a_share_is_read_then_approved_by_typing_whom_it_goes_to() {
    let mut world = World::open((80, 24));
    world.keys("gk").sees("TO CHECK").sees("by B. Lowe").keys("a").sees("read it first");
    world
        .keys("<Enter>")
        .sees("Proposed by")
        .sees("because: another child")
        .keys("a")
        .sees("Approve the share");
    world.keys("northshire-police<Enter>").sees("type their short name, northshire-csc");
    let approved = |world: &World| {
        world.sent.iter().any(|request| *request == Request::ApproveShare { share: ShareId(id(42)) })
    };
    assert!(!approved(&world), "the wrong name approves nothing");
    world.keys("anorthshire-csc<Enter>").sees("APPROVED");
    assert!(approved(&world));
}

#[test]
fn a_share_is_sent_back_with_a_reason_and_never_approved_by_who_proposed_it() {
    let mut world = World::open((60, 20));
    world
        .keys("gk<Enter>b")
        .sees("Send the share back")
        .keys("too much of the father<Enter>")
        .sees("SENT BACK");
    let back = Request::SendBackShare { share: ShareId(id(42)), why: "too much of the father".into() };
    assert!(world.sent.contains(&back), "{:?}", world.sent);

    let mut world = World::open((80, 24));
    world.own_proposal = true;
    world.keys("gk<Enter>a").sees("you proposed it");
}

#[test]
fn a_share_that_needs_a_check_is_proposed_and_what_was_chosen_is_kept() {
    let mut world = World::open((80, 24));
    world.careful = true;
    to_send(&mut world);
    world.sees("A second person must check it").keys("northshire-police<Enter>").sees("TO CHECK");
    assert!(world.sent.iter().any(|request| matches!(request, Request::Send { .. })));
    let mut kept = world.drafts.clone();
    assert_eq!(kept.iter().map(|draft| draft.key.as_str()).collect::<Vec<_>>(), ["share/1-5"]);
    // The other person sent it back.
    kept[0].title = "Sent back by B. Lowe: less of the father".into();
    world.drafts = kept;
    world.keys("3<Enter>S").sees("Sent back by B. Lowe: less of the father");
}

#[test]
fn today_shows_what_waits_for_my_check_and_not_what_i_proposed() {
    let mut world = World::locked((80, 24));
    world.careful = true;
    world.unlock();
    world.sees("CHECK").sees("Northshire CSC");
    let mut world = World::locked((80, 24));
    (world.careful, world.own_proposal) = (true, true);
    world.unlock();
    assert!(!world.screen().contains("CHECK"), "{}", world.screen());
}
