//! What goes wrong: damage, a clock that jumps, two programs at once, hostile text. Nothing is lost, and it is said.

mod bad_files;
mod full_disk;
mod hostile;
pub(crate) mod node_program;
mod panic;

use std::fs;

use jiff::SignedDuration;
use kith_tests::world::{PASSPHRASE, World};

use crate::journeys::{init, kith, story};

/// Escape sequences, a bidi override, a NUL, an emoji: kept exactly, never sent to a terminal.
const HOSTILE: &str =
    "red \u{1b}[31m bell \u{7} nul \u{0} turned \u{202e}gpj.exe title \u{1b}]0;gone\u{7} \u{1f600}";

#[test]
fn a_damaged_page_is_found_and_named() {
    let folder = tempfile::tempdir().expect("a folder");
    init(folder.path());
    assert_eq!(kith(folder.path(), &["casebook", "check"], "").code, 0);
    let files = fs::read_dir(folder.path().join("book")).expect("a folder");
    let files = files.filter_map(Result::ok).map(|file| file.path()).filter(|path| path.is_file());
    let path = files.max_by_key(|path| path.metadata().map_or(0, |data| data.len())).expect("a file");
    let mut bytes = fs::read(&path).expect("it is there");
    let at = bytes.len() - 5_000;
    bytes[at] ^= 0x55;
    fs::write(&path, bytes).expect("it is written");
    let ran = kith(folder.path(), &["casebook", "check"], "");
    assert_eq!(ran.code, 5, "{ran:?}");
    assert!(format!("{}{}", ran.out, ran.err).contains("page"), "{ran:?}");
}

#[test]
fn hostile_text_is_kept_exactly_and_steers_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    init(folder.path());
    let text = serde_json::to_string(HOSTILE).expect("JSON");
    let concern = format!(
        r#"{{"people": [{{"find": "obrien", "role": "subject"}}], "happened": "2026-01-09 0905", "category": "welfare",
           "statements": [{{"kind": "observed-fact", "text": {text}}}], "danger": null, "told": "A. Khan", "done": "", "effect": ""}}"#
    );
    let added = kith(folder.path(), &["concern", "add"], &concern);
    assert_eq!(added.code, 0, "{added:?}");
    for args in [&["concern", "list"][..], &["concern", "list", "--json"]] {
        let ran = kith(folder.path(), args, "");
        assert!(!ran.out.contains(['\u{1b}', '\u{7}', '\u{0}', '\u{202e}']), "{ran:?}");
        assert!(ran.out.contains("gpj.exe"), "{ran:?}");
    }
}

#[test]
fn hostile_text_on_the_screen_is_harmless() {
    let world = World::new();
    let mut desk = world.desk("elm-park");
    story::enrol_pupils(&mut desk, &world);
    desk.keys("<C-n>obrien<Enter><Enter>today 0905<Enter><F5><Enter>welfare<Enter>").paste(HOSTILE);
    desk.keys("<Tab><Tab><Tab><Tab><Tab>1Head<C-s>").sees("gpj.exe").keys("<C-s>").sees("Concern recorded");
    desk.keys("2").sees("gpj.exe");
    assert!(!desk.screen().contains(['\u{1b}', '\u{7}', '\u{0}', '\u{202e}']));
    // It comes back into the form as it was, byte for byte.
    desk.keys("eSame words<C-s><C-s>").sees("Amended");
    let office = desk.office.as_mut().expect("it is open");
    let today = world.clock.local().date();
    let answer = office
        .ask(
            &kith_tui::casework::query::Query::Triage {
                category: None,
                window: kith_tui::casework::query::Window::First,
                limit: 9,
            },
            today,
        )
        .expect("a list");
    let kith_tui::casework::query::Answer::Triage(page) = answer else { panic!("a queue") };
    let entry = kith_tui::casework::query::Query::Entry { entry: page.rows[0].id };
    let kith_tui::casework::query::Answer::Entry(view) = office.ask(&entry, today).expect("an entry") else {
        panic!("an entry")
    };
    assert_eq!(view.entry.statements[0].text, HOSTILE);
}

#[test]
fn a_clock_that_jumps_back_loses_nothing_and_still_records() {
    let world = World::new();
    let mut desk = world.desk("elm-park");
    story::enrol_pupils(&mut desk, &world);
    story::case(&mut desk);
    world.clock.set("2026-11-19T08:00:00Z");
    desk.keys("<C-r>").sees("Bruise on the left upper arm").sees("Absent again");
    desk.keys("a<Enter>14/9<Enter><F5><Enter>welfare<Enter>Written with a slow clock.<Tab><Tab><Tab><Tab><Tab>1<C-s><C-s>");
    desk.sees("Entry recorded").sees("Written with a slow clock.");
}

#[test]
fn a_machine_that_slept_is_locked_before_its_first_key_counts() {
    let world = World::new();
    let mut desk = world.desk("elm-park");
    story::enrol_pupils(&mut desk, &world);
    world.clock.pass(SignedDuration::from_hours(9));
    desk.keys("2");
    assert!(desk.app.is_locked() && desk.office.is_none());
    desk.keys(PASSPHRASE).keys("<Enter>").sees("TODAY");
}

#[test]
fn a_second_program_on_the_same_casebook_is_refused_and_the_first_goes_on() {
    let world = World::new();
    let mut first = world.desk("elm-park");
    let mut second = world.desk("elm-park");
    assert!(second.office.is_none());
    second.sees("open").sees_no("TODAY");
    first.keys("2").sees("CONCERNS");
    drop(first);
    second.keys(PASSPHRASE).keys("<Enter>").sees("TODAY");
}
