//! How the program ends: every documented code reached, passphrases by descriptor or by hand, joining a partnership.

use std::{collections::BTreeSet, process::Command, time::Duration};

use kith_protocol::{
    enrolment::{Invitation, SignedEnrolment},
    seal::Passphrase,
    words::eight_words,
};
use kith_tests::{
    pty::Terminal,
    script::{run, run_by},
};
use kith_tui::{cli::exit::Exit, store::Casebook};

use super::{KITH, PASSPHRASE, init, init_light, kith};
use crate::faults::node_program::{PROGRAM, Place, kith_node, said};

const PATIENCE: Duration = Duration::from_secs(60);

/// A node's folder with its invitation, made by the program.
pub(crate) fn partnership() -> (Place, String) {
    let place = Place::new();
    let made = place.init();
    assert_eq!(made.status.code(), Some(0), "{}", said(&made));
    let invitation = place.folder.join("invitation.json").to_string_lossy().into_owned();
    (place, invitation)
}

#[test]
fn every_documented_exit_code_is_reached() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let (_place, invitation) = partnership();
    let mut reached = BTreeSet::new();
    let mut ends = |code: i32, args: &[&str]| {
        let ran = kith(folder, args, "").ends(code);
        assert_eq!(code == 0, !ran.err.contains("kith: "), "a failure says what it is: {ran:?}");
        reached.insert(code);
    };
    ends(9, &["case", "list"]);
    init_light(folder);
    std::fs::write(folder.join("bad.csv"), "given,family,born\nBo,Reed,8/3\n").expect("a file");
    std::fs::write(folder.join("bad.json"), "{").expect("a file");
    ends(0, &["unlock"]);
    ends(1, &["people", "import", "nowhere.csv"]);
    ends(3, &["case", "show", "1-999"]);
    ends(5, &["join", "bad.json"]);
    ends(6, &["people", "import", "bad.csv"]);
    ends(8, &["init", "--agency", "elm-park", "--sector", "school"]);
    ends(9, &["exchange"]);
    ends(0, &["join", &invitation, "--compared"]);
    ends(7, &["exchange"]);
    reached.insert(kith(folder, &["case", "nonsense"], "").ends(2).code);
    reached.insert(run(KITH, folder, "not it", &["unlock"], "").ends(4).code);
    let book = folder.join("book");
    let mut asked = Terminal::start(KITH, &["--casebook", &book.to_string_lossy(), "unlock"], &[], (24, 80));
    asked.wait_for("Passphrase: ", None, PATIENCE);
    asked.keys("\x03");
    reached.extend(i32::try_from(asked.wait_end(PATIENCE)));
    // That a share waits for a second person takes another agency: `two_agencies` reaches it.
    let documented = Exit::TABLE.iter().filter(|(exit, _)| *exit != Exit::ToCheck);
    assert_eq!(reached, documented.map(|(exit, _)| i32::from(exit.number())).collect());
}

#[test]
fn a_passphrase_comes_by_descriptor_or_by_hand_and_never_as_an_argument() {
    let folder = tempfile::tempdir().expect("a folder");
    init_light(folder.path());
    let call = |args: &[&str], input: &str| {
        let args = [&["--casebook", "book"], args].concat();
        run_by("exec \"$@\"", KITH, folder.path(), PASSPHRASE, &args, input)
    };
    for line_end in ["", "\n", "\r\n"] {
        call(&["unlock", "--passphrase-fd", "0"], &format!("{PASSPHRASE}{line_end}")).ends(0);
    }
    let nobody = call(&["unlock"], PASSPHRASE).ends(4);
    assert!(nobody.err.contains("--passphrase-fd"), "{nobody:?}");
    for wrong in [
        &["unlock", PASSPHRASE][..],
        &["unlock", "--passphrase", PASSPHRASE],
        &["unlock", "--passphrase-fd", "9"],
        &["unlock", "--passphrase-fd", "0"],
    ] {
        call(wrong, "").ends(2);
    }
    let book = folder.path().join("book");
    let mut asked = Terminal::start(KITH, &["--casebook", &book.to_string_lossy(), "unlock"], &[], (24, 80));
    asked.wait_for("Passphrase: ", None, PATIENCE);
    asked.keys(&format!("seven tried\x15{PASSPHRASE}\r"));
    asked.wait_for("The passphrase is right", None, PATIENCE);
    assert_eq!(asked.wait_end(PATIENCE), 0);
    assert!(!asked.text().contains("herons") && !asked.text().contains("tried"), "{}", asked.text());
}

#[test]
fn an_agency_joins_when_the_words_were_compared_and_not_before() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    init(folder);
    let (place, invitation) = partnership();
    let words: Invitation =
        serde_json::from_slice(&std::fs::read(&invitation).expect("a file")).expect("an invitation");
    let unheard = kith(folder, &["join", &invitation], "").ends(6);
    assert!(unheard.err.contains(&words.words().join(" ")), "{unheard:?}");
    let none = kith(folder, &["exchange"], "").ends(9);
    assert!(none.err.contains("kith join"), "nothing was changed: {none:?}");
    kith(folder, &["join", "nowhere.json"], "").ends(1);
    kith(folder, &["join", &invitation, "--compared"], "").ends(0);

    // The admin lists it after the same call the other way, and one round later it has the directory.
    let me = folder.join("me.json");
    let enrolment: SignedEnrolment =
        serde_json::from_slice(&std::fs::read(&me).expect("a file")).expect("an enrolment");
    let keys = enrolment.verify().expect("it is ours").keys;
    let (key, me) = (place.key(), me.to_string_lossy().into_owned());
    let listed = kith_node(&["enrol", "--folder", place.path(), "--key", &key, "--compared", &me]);
    assert_eq!(listed.status.code(), Some(0), "{}", said(&listed));
    assert!(said(&listed).contains(&eight_words(&keys).join(" ")), "{}", said(&listed));
    let running = place.serve(&mut Command::new(PROGRAM));
    let round = kith(folder, &["exchange", "--json"], "").ends(0).json("exchange/1");
    assert_eq!(round["reached"], true);
    running.kill();
    kith(folder, &["exchange"], "").ends(7);
    let book = Casebook::unlock(&folder.join("book"), &Passphrase::from(PASSPHRASE)).expect("it unlocks");
    let (directory, pinned) = (book.directory().expect("it reads"), book.pinned().expect("it reads"));
    let directory = directory.expect("a directory").verify(&pinned.expect("keys"), jiff::Timestamp::now());
    assert_eq!(directory.expect("it verifies").members[0].keys, keys);
    drop(book);

    let (_other, elsewhere) = partnership();
    let refused = kith(folder, &["join", &elsewhere, "--compared"], "").ends(8);
    assert!(refused.err.contains("nothing was changed"), "{refused:?}");
}
