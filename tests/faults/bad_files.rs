//! Every file that a person can hand to the program, wrong in each way: the place is named, and nothing is half-done.

use kith_tests::{script::Ran, world::World};
use serde_json::Value;

use crate::journeys::two_agencies::{at, case, elm_park, fill_in, police, to_police, withhold_all};

/// What is wrong, as bytes; the code it ends with, and what is said.
type Wrong<'a> = (&'a [u8], i32, &'a [&'a str]);

/// Writes each of `wrong` to `name` in turn, runs, and holds that it is refused and named.
fn each(world: &World, name: &str, wrong: &[Wrong<'_>], run: impl Fn() -> Ran) {
    let path = world.folder.path().join(name);
    for (bytes, code, says) in wrong {
        std::fs::write(&path, bytes).expect("a file");
        let ran = run().ends(*code);
        for part in [&[name][..], says].concat() {
            assert!(ran.err.contains(part), "`{part}` is not said: {ran:?}");
        }
        assert!(ran.out.is_empty() && !ran.err.contains("os error"), "{ran:?}");
    }
}

#[test]
fn a_list_of_people_that_is_wrong_is_named_by_line_and_nothing_is_taken() {
    let world = World::today();
    let long = format!("given,family\n{},Reed\n", "a".repeat(501));
    let wrong: [Wrong<'_>; 9] = [
        (b"", 6, &["is empty", "given, family"]),
        (b"given,family\n", 6, &["no people in the file"]),
        (b"given,family\nAnn,\xff\n", 6, &["line 2", "UTF-8"]),
        (b"given,family,given\nAnn,Lee,Ann\n", 6, &["line 1", "twice"]),
        (b"given,shoe size\nAnn,3\n", 6, &["line 1"]),
        (b"given,family,born\nAnn,Lee,2018-02-30\n", 6, &["line 2", "born"]),
        (b"given,family,upn\nAnn,Lee,X1\n", 6, &["line 2", "UPN"]),
        (b"given,family\nAnn,Lee\n\"Bo,Reed\n", 6, &["line 3"]),
        (long.as_bytes(), 6, &["line 2", "500"]),
    ];
    each(&world, "list.csv", &wrong, || elm_park(&world, &["people", "import", "list.csv"]));
    for name in ["ann", "bo", "reed"] {
        at(&world, "elm-park", &["people", "find", "-"], name).ends(3);
    }
    let whole = elm_park(&world, &["casebook", "check", "--json"]).ends(0).json("casebook-check/1");
    assert_eq!(whole["facts"], 3, "that three agencies' words were compared, and nobody");
}

#[test]
fn records_decisions_and_sealed_files_that_are_wrong_are_named_and_nothing_leaves() {
    let world = World::today();
    let case = case(&world, "Jonah", "Bruise on the arm.").to_string();
    let mut record = fill_in(&world, &case, "Please find the man.");
    withhold_all(&world, &case);
    let good = |name: &str| std::fs::read(world.folder.path().join(name)).expect("a file");
    let (kept_record, kept_decisions) = (good("record.json"), good("decisions.json"));
    let share = || elm_park(&world, &to_police(&case, &["--decisions", "decisions.json"]));

    record["shoe_size"] = 3.into();
    let more = record.to_string();
    let wrong: [Wrong<'_>; 4] = [
        (b"", 2, &["nothing was given"]),
        (b"{\n\"kith\": 7}", 2, &["line 2"]),
        (more.as_bytes(), 2, &["shoe_size"]),
        (b"[]", 2, &["consent record"]),
    ];
    each(&world, "record.json", &wrong, share);
    std::fs::write(world.folder.path().join("record.json"), kept_record).expect("a file");

    let wrong: [Wrong<'_>; 3] = [
        (b"{", 2, &["line 1"]),
        (b"{\"kith\":\"decisions/1\",\"decisions\":{\"nonsense\":{\"keep\":\"x\"}}}", 2, &["decisions"]),
        (b"{\"kith\":\"decisions/1\",\"decisions\":{\"1-1:done:0:4\":{\"burn\":\"x\"}}}", 2, &["burn"]),
    ];
    each(&world, "decisions.json", &wrong, share);
    std::fs::write(world.folder.path().join("decisions.json"), kept_decisions).expect("a file");
    elm_park(&world, &["shares"]).ends(3);

    let decided = ["--decisions", "decisions.json", "--to-file", "bundle.age"];
    elm_park(&world, &to_police(&case, &decided)).ends(0);
    let (whole, envelope) = (good("bundle.age"), good("bundle.age.envelope.json"));
    let longer = [&whole[..], b"\0"].concat();
    let wrong: [Wrong<'_>; 6] = [
        (b"", 5, &[]),
        (b"hello", 5, &[]),
        (b"age-encryption.org/v1\n-> X25519 x\n", 5, &[]),
        (&whole[..whole.len() - 1], 5, &[]),
        (&whole[..200], 5, &[]),
        (&longer, 5, &[]),
    ];
    each(&world, "bundle.age", &wrong, || police(&world, &["open", "bundle.age", "--out", "opened"]));
    std::fs::write(world.folder.path().join("bundle.age"), &whole).expect("a file");
    let mut other: Value = serde_json::from_slice(&envelope).expect("JSON");
    other["text"] = other["text"].as_str().expect("a text").replace("elm-park", "st-judes").into();
    let other = other.to_string();
    for bytes in [&b"{"[..], b"", other.as_bytes()] {
        std::fs::write(world.folder.path().join("bundle.age.envelope.json"), bytes).expect("a file");
        police(&world, &["open", "bundle.age", "--out", "opened"]).ends(5);
    }
    assert!(!world.folder.path().join("opened").exists(), "nothing was laid out");
    std::fs::write(world.folder.path().join("bundle.age.envelope.json"), envelope).expect("a file");
    police(&world, &["open", "bundle.age", "--out", "opened"]).ends(0);
}

#[test]
fn an_invitation_that_is_wrong_changes_nothing() {
    let world = World::today();
    let long = vec![b' '; 65 * 1024];
    let wrong: [Wrong<'_>; 4] = [
        (b"", 5, &["line 1"]),
        (b"{\"node\":{}}", 5, &["line 1"]),
        (b"\xff", 5, &["line 1"]),
        (&long, 2, &["too long"]),
    ];
    each(&world, "invitation.json", &wrong, || elm_park(&world, &["join", "invitation.json", "--compared"]));
    elm_park(&world, &["exchange"]).ends(0);
}
