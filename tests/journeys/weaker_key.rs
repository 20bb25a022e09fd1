//! A recipient whose tools know no post-quantum key: who sends and who receives can see that it is weaker.

use kith_tests::world::World;

use super::story::{case, enrol_pupils, people, share_with_the_police};

#[test]
fn a_classic_key_is_shown_as_weaker_at_both_ends() {
    let world = World::with_a_classic_key();
    let mut desk = world.desk("elm-park");
    enrol_pupils(&mut desk, &world);
    case(&mut desk);
    people(&mut desk);
    desk.resize(140, 60).keys("S").sees("northshire-police").sees("WEAKER KEY").keys("<Esc>");
    desk.keys("5]]").sees("WEAKER KEY: not post-quantum");
    assert_eq!(desk.screen().matches("WEAKER KEY").count(), 1, "only theirs: {}", desk.screen());
    desk.keys("3<Enter>").resize(100, 32);
    share_with_the_police(&mut desk);
    desk.exchange();
    let mut police = world.desk("northshire-police");
    police.exchange();
    police.resize(140, 60).keys("5").sees("It was sealed to a classic key");
    let hybrid = World::new();
    let mut desk = hybrid.desk("elm-park");
    desk.resize(140, 60).keys("5]]").sees("northshire-police").sees_no("WEAKER");
}
