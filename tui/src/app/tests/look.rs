//! How the main screens look, at three sizes.

use super::world::World;

/// The screens that a change must not alter unseen.
const SCREENS: [(&str, &str); 14] = [
    ("today", ""),
    ("concerns", "2"),
    ("triage", "2t23"),
    ("concern form", "<C-n>may<Enter><Tab>today 0905"),
    ("cases", "3"),
    ("case chronology", "3<Enter>"),
    ("case people", "3<Enter>]]"),
    ("case shares", "3<Enter>]]]"),
    ("inbox", "5"),
    ("share why", "3<Enter>S<Enter>Keep Maya safe<Enter>"),
    (
        "share redact",
        "3<Enter>S<Enter>Keep safe<Enter>duty<Enter>12no<Enter>view<Enter>why<Enter>ask<Enter><C-s> <C-s>r1",
    ),
    ("to check", "gk"),
    ("a share to check", "gk<Enter>"),
    ("help", "2?tri"),
];

fn album(size: (u16, u16)) -> String {
    let one = |(name, keys): (&str, &str)| {
        let mut world = World::open(size);
        world.keys(keys);
        format!("== {name}\n{}\n", world.screen())
    };
    SCREENS.into_iter().map(one).collect()
}

#[test]
fn at_60_by_20() {
    insta::assert_snapshot!(album((60, 20)));
}

#[test]
fn at_80_by_24() {
    insta::assert_snapshot!(album((80, 24)));
}

#[test]
fn at_120_by_40() {
    insta::assert_snapshot!(album((120, 40)));
}
