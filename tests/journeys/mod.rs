//! Whole journeys: the story by keys, the program in a terminal, the command line in a script.

mod command_line;
mod consents;
mod exits;
mod locked;
mod new_keys;
mod replay;
pub(crate) mod story;
mod terminal;
pub(crate) mod two_agencies;
mod weaker_key;

use std::path::Path;

use jiff::Timestamp;
use kith_protocol::{
    directory::Sector,
    seal::{Passphrase, WorkFactor},
};
use kith_tests::script::{Ran, run};
use kith_tui::{
    casework::fact::Author,
    cli::keys::{Founding, found},
    store::Setup,
};

/// The program under test.
pub(crate) const KITH: &str = env!("CARGO_BIN_EXE_kith-under-test");
pub(crate) const PASSPHRASE: &str = "seven tired herons";

/// Runs `kith` on the casebook in `folder/book`.
pub(crate) fn kith(folder: &Path, args: &[&str], input: &str) -> Ran {
    run(KITH, folder, PASSPHRASE, args, input)
}

/// A casebook in `folder/book` made by the program itself, with one pupil from a CSV file.
pub(crate) fn init(folder: &Path) {
    let args = "init --agency elm-park --sector school --role DSL --recovery-file card --enrolment me.json";
    let mut args: Vec<&str> = args.split(' ').collect();
    args.extend(["--agency-name", "Elm Park Primary", "--name", "Amina Khan"]);
    let ran = kith(folder, &args, "");
    assert_eq!(ran.code, 0, "{ran:?}");
    std::fs::write(folder.join("pupils.csv"), "given,family,year,class\nJonah,O'Brien-Nguyễn,5,Oak\n")
        .expect("a file");
    let ran = kith(folder, &["people", "import", "pupils.csv"], "");
    assert_eq!(ran.code, 0, "{ran:?}");
}

/// An empty casebook in `folder/book` that unlocks at once: for tests that unlock it many times.
pub(crate) fn init_light(folder: &Path) {
    let setup = Setup {
        agency: "elm-park".parse().expect("an agency's id"),
        agency_name: "Elm Park Primary".into(),
        user: Author { name: "Amina Khan".into(), role: "DSL".into() },
        demo: false,
    };
    let founding =
        Founding { setup, sector: Sector::School, phone: None, authority: None, work: WorkFactor::LEAST };
    let made = found(&folder.join("book"), &founding, &Passphrase::from(PASSPHRASE), Timestamp::now());
    assert!(made.is_ok(), "a casebook");
}
