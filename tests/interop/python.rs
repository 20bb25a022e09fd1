//! A verifier in another language, written from `docs/protocol.md` alone: it and we agree on every vector
//! of our own formats (age files are opened by stock tools), and on a real
//! share opened with stock tools, as it came and with a byte changed in each of its files.

use std::{path::Path, process::Command, process::Output};

use kith_protocol::seal::Passphrase;
use kith_tests::{
    tools,
    world::{PASSPHRASE, World},
};
use kith_tui::store::Casebook;

use super::{
    Desk,
    tamper::{flipped, members},
    words,
};
use crate::journeys::two_agencies::{case, elm_park, fill_in, police, to_police, withhold_all};

fn verifier(python: &Path, args: &[&str]) -> Output {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("verifier/kith_verify.py");
    tools::run(Command::new(python).arg("-B").arg(script).args(args), b"")
}

#[test]
fn the_python_verifier_agrees_with_every_vector() {
    let Some(python) = tools::python("every vector in Python") else { return };
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors");
    let output = verifier(&python, &["vectors", vectors.to_str().expect("a path in UTF-8")]);
    assert!(output.status.success(), "{}", words(&output));
    let files: usize = [
        "archive",
        "bundle",
        "consent",
        "evidence",
        "fact",
        "invitation",
        "letter",
        "log",
        "opened",
        "papers",
        "signed",
        "sums",
        "wire",
    ]
    .iter()
    .flat_map(|kind| std::fs::read_dir(vectors.join(kind)).expect("vectors"))
    .filter(|file| {
        file.as_ref()
            .is_ok_and(|file| file.path().extension().is_some_and(|end| end != "html" && end != "md"))
    })
    .count();
    // The published signatures stand many in a file: RFC 8032, Wycheproof, speccheck.
    let signatures = 4 + 151 + 12;
    assert_eq!(words(&output), format!("AGREES with all {} vectors.\n", files + signatures));
}

/// Each rule of that verifier is put out of force by itself: a vector must notice, or one rule less would pass for all.
#[test]
fn each_rule_of_the_python_verifier_is_held_by_a_vector_of_one_fault() {
    let Some(python) = tools::python("rules and vectors in Python") else { return };
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut rules = Command::new(python);
    let output =
        tools::run(rules.arg("-B").arg(tests.join("verifier/rules.py")).arg(tests.join("vectors")), b"");
    assert!(output.status.success(), "{}", words(&output));
    assert!(words(&output).starts_with("HELD: "), "{}", words(&output));
}

/// A share made by the program, opened by Debian's `age`; each of its files changed, sealed again by Debian's `age`.
#[test]
fn the_python_verifier_and_ours_judge_a_real_share_alike() {
    let what = "a real share in Python";
    let (Some(python), Some(age), Some(_)) =
        (tools::python(what), tools::find("age", what), tools::find("tar", what))
    else {
        return;
    };
    let world = World::today_with_a_classic_key();
    let case = case(&world, "Jonah", "Bruise on the left upper arm.").to_string();
    fill_in(&world, &case, "Please find the man.");
    withhold_all(&world, &case);
    let to_file = ["--decisions", "decisions.json", "--to-file", "bundle.age"];
    elm_park(&world, &to_police(&case, &to_file)).ends(0);
    police(&world, &["verify", "bundle.age"]).ends(0);

    let book = Casebook::unlock(&world.casebook("northshire-police"), &Passphrase::from(PASSPHRASE));
    let key = book.expect("it unlocks").agency_secrets().expect("it reads").expect("it has keys").seal;
    let sealed = std::fs::read(world.folder.path().join("bundle.age")).expect("the sealed file");
    let desk = Desk::new(&sealed, &key.secret_text(), &[]);
    desk.write("directory.json", serde_json::to_vec(world.signed_directory()).expect("JSON"));
    let opened = tools::run(Command::new(&age).arg("-d").arg("-i").arg(desk.path("key.txt")), &sealed);
    assert!(opened.status.success(), "{}", words(&opened));
    let plain = opened.stdout;
    let members = members(&plain);
    let folder = members[0].0.split_once('/').expect("a folder").0.to_owned();

    let judged = |plain: &[u8]| {
        let _gone = std::fs::remove_dir_all(desk.path(&folder));
        let tar = tools::run(Command::new("tar").arg("-x").current_dir(desk.path("")), plain);
        assert!(tar.status.success(), "{}", words(&tar));
        let [folder, directory] = [desk.path(&folder), desk.path("directory.json")];
        let [folder, directory] = [&folder, &directory].map(|path| path.to_str().expect("a path in UTF-8"));
        let theirs = verifier(&python, &["bundle", folder, directory]);
        let again = tools::run(Command::new(&age).args(["-r", &key.recipient().to_string()]), plain);
        std::fs::write(world.folder.path().join("again.age"), again.stdout).expect("a file");
        let ours = police(&world, &["verify", "again.age"]);
        (theirs, ours)
    };
    let (theirs, ours) = judged(&plain);
    assert!(theirs.status.success() && ours.code == 0, "{} {ours:?}", words(&theirs));
    let said = words(&theirs);
    for line in [
        "PROVEN: Elm Park Primary (elm-park) signed every file, for Northshire Police PPU.",
        "PROVEN: Amina Khan, Designated Safeguarding Lead, signed them too",
        "PROVEN: the words shown are the recorded words, in their order, of facts ",
        "WITNESSES: not witnessed yet: seen by 0 of the 2 witnesses asked. Nobody else",
        "WITHHELD: ",
        "NOT PROVEN: that what is written is true",
        "TAKEN ON TRUST: the directory of Northshire Safeguarding Children Partnership, version 1.",
    ] {
        assert!(said.contains(line), "{line}\n{said}");
    }
    assert!(members.len() >= 4, "{members:?}");
    for (path, at, size) in &members {
        // In a set of two signatures, the agency's and then the person's.
        for place in [at + size / 4, at + size * 3 / 4] {
            let (theirs, ours) = judged(&flipped(&plain, place));
            let said = words(&theirs);
            assert_eq!(theirs.status.code(), Some(1), "{path}: {said}");
            assert!(said.starts_with("REFUSED: ") && !said.contains("PROVEN"), "{path}: {said}");
            assert_eq!(ours.code, 5, "{path}: {ours:?}");
        }
    }
}
