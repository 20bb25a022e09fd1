//! A disk without room at the receiving end: it is said, nothing half-done stays, and it comes once there is room.

use std::fs;

use kith_tests::{script::Ran, world::World};

use crate::journeys::two_agencies::{
    case_with, elm_park, fill_in, in_shell, police, to_police, withhold_all,
};

/// The police's program may write no file longer than 2 or 4 MB, by the shell's units: to it the disk is full there.
fn with_little_room(world: &World, args: &[&str]) -> Ran {
    let shell = "trap '' XFSZ; ulimit -f 4000; exec \"$@\" 3<passphrase";
    in_shell(shell, world, "northshire-police", args, "")
}

/// Everything below the world's folder that is no casebook and no node.
fn beside(world: &World) -> Vec<String> {
    let files = fs::read_dir(world.folder.path()).expect("a folder");
    let mut names: Vec<_> =
        files.map(|file| file.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn a_bundle_larger_than_the_disk_leaves_nothing_behind_and_comes_when_there_is_room() {
    let world = World::today();
    let notes = "A long walk in the rain. ".repeat(250_000);
    let case = case_with(&world, "Jonah", "Bruise on the arm.", Some(&notes)).to_string();
    fill_in(&world, &case, "Please find the man.");
    withhold_all(&world, &case);
    let decided = ["--decisions", "decisions.json", "--to-file", "bundle.age"];
    elm_park(&world, &to_police(&case, &decided)).ends(0);
    assert!(fs::metadata(world.folder.path().join("bundle.age")).expect("a file").len() > 6_000_000);

    let before = beside(&world);
    let full = with_little_room(&world, &["open", "bundle.age", "--out", "opened"]).ends(1);
    assert!(full.out.is_empty() && full.err.contains("disk"), "{full:?}");
    assert_eq!(beside(&world), before);
    police(&world, &["open", "bundle.age", "--out", "opened"]).ends(0);

    // What was written to a file goes by the node as well.
    elm_park(&world, &["exchange"]).ends(0);
    let full = with_little_room(&world, &["exchange", "--json"]).ends(1);
    assert!(full.err.contains("was not collected") && full.err.contains("free some space"), "{full:?}");
    assert_eq!(full.json("exchange/1")["failed_here"], true);
    police(&world, &["inbox"]).ends(3);
    police(&world, &["casebook", "check"]).ends(0);
    let came = police(&world, &["exchange", "--json"]).ends(0).json("exchange/1");
    assert_eq!(came["received"], 1, "nothing was lost");
    police(&world, &["inbox"]).ends(0);
}
