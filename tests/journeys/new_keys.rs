//! New keys for an agency, with the programs themselves: made, listed by the admin after a call, in force by themselves.

use std::process::Command;

use super::{exits::partnership, init, kith};
use crate::faults::node_program::{PROGRAM, kith_node, said};

#[test]
fn an_agency_replaces_its_keys_by_the_admin_and_goes_on_with_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    init(folder);
    let early = kith(folder, &["keys", "replace", "--enrolment", "early.json"], "").ends(6);
    assert!(early.err.contains("no directory lists this agency") && !folder.join("early.json").exists());
    let (place, invitation) = partnership();
    let key = place.key();
    let enrol = |file: &str, more: &[&str]| {
        let file = folder.join(file).to_string_lossy().into_owned();
        kith_node(&[&["enrol", "--folder", place.path(), "--key", &key], more, &[file.as_str()]].concat())
    };
    kith(folder, &["join", &invitation, "--compared"], "").ends(0);
    assert_eq!(enrol("me.json", &["--compared"]).status.code(), Some(0));
    let running = place.serve(&mut Command::new(PROGRAM));
    kith(folder, &["exchange"], "").ends(0);

    let made = kith(folder, &["keys", "replace", "--enrolment", "new.json"], "").ends(0);
    kith(folder, &["keys", "replace", "--enrolment", "new.json"], "").ends(1);
    let shown = || kith(folder, &["keys", "show", "--json"], "").ends(0).json("keys/1");
    let before = shown();
    let to_come = before["to_come"].as_str().expect("words").to_owned();
    assert!(made.err.contains(&to_come) && made.err.contains("--replace"), "{made:?}");
    kith(folder, &["exchange"], "").ends(0);
    assert_eq!(shown(), before, "nothing changes before they are listed");

    // The admin hears the words, and is told that the agency signed with the key it has.
    let unheard = enrol("new.json", &["--replace"]);
    assert_eq!(unheard.status.code(), Some(6), "{}", said(&unheard));
    assert!(said(&unheard).contains(&to_come) && said(&unheard).contains("listed with, too"));
    let listed = enrol("new.json", &["--replace", "--compared"]);
    assert_eq!(listed.status.code(), Some(0), "{}", said(&listed));
    running.kill();
    let running = place.serve(&mut Command::new(PROGRAM));
    let round = kith(folder, &["exchange"], "").ends(0);
    assert!(round.err.contains("new keys: they are in force"), "{round:?}");
    let after = shown();
    assert_eq!(
        (after["words"].as_str(), &after["to_come"]),
        (Some(to_come.as_str()), &serde_json::Value::Null)
    );
    kith(folder, &["exchange"], "").ends(0);
    kith(folder, &["casebook", "check"], "").ends(0);
    // Somebody who asks with the file of before has not the key that is listed now.
    let forged = enrol("me.json", &["--replace"]);
    assert!(said(&forged).contains("did NOT sign"), "{}", said(&forged));
    running.kill();
}
