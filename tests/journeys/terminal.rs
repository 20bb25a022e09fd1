//! The real program in a pseudo-terminal: it opens, covers, locks, shrinks, and gives the terminal back.

use std::{path::Path, time::Duration};

use kith_tests::pty::Terminal;

use super::{KITH, PASSPHRASE, init};

const PATIENCE: Duration = Duration::from_secs(60);

fn open(folder: &Path, env: &[(&str, &str)]) -> Terminal {
    let book = folder.join("book");
    let mut terminal = Terminal::start(KITH, &["--casebook", &book.to_string_lossy()], env, (24, 80));
    terminal.wait_for("assphrase", None, PATIENCE);
    terminal.keys(&format!("{PASSPHRASE}\r"));
    terminal.wait_for("TODAY", None, PATIENCE);
    terminal
}

#[test]
fn it_opens_covers_locks_shrinks_and_gives_the_terminal_back() {
    let folder = tempfile::tempdir().expect("a folder");
    init(folder.path());
    let mut terminal = open(folder.path(), &[]);
    terminal.keys("\x0eobrein");
    terminal.wait_for("O'Brien-Nguyễn", None, PATIENCE);
    let on_the_field =
        |terminal: &Terminal| terminal.cursor_line().is_some_and(|line| line.contains("Child"));
    terminal.wait_until("the cursor on the field", on_the_field, PATIENCE);
    terminal.resize(20, 60);
    terminal.keys("\x1b");
    terminal.wait_for("TODAY", None, PATIENCE);
    assert!(terminal.text().lines().all(|line| line.chars().count() <= 60), "{}", terminal.text());
    terminal.keys("\x0c");
    terminal.keys("\x0c");
    terminal.wait_for("assphrase", None, PATIENCE);
    terminal.keys("\x11");
    terminal.wait_end(PATIENCE);
    let left = terminal.text();
    assert!(!left.contains("Brien") && !left.contains("assphrase"), "the screen is cleared: {left}");
    let written = String::from_utf8_lossy(&terminal.written).into_owned();
    let after = |on: &str, off: &str| written.rfind(off) > written.rfind(on);
    assert!(after("\x1b[?1049h", "\x1b[?1049l"), "the alternate screen is left");
    assert!(after("\x1b[?2004h", "\x1b[?2004l"), "bracketed paste is off");
    assert!(written.rfind("\x1b[?25h") > written.rfind("\x1b[?25l"), "the cursor is shown");
    assert!(written.contains("\x1b[3") && !written.contains("Brien\x07"), "in colour; no name in the title");
}

#[test]
fn without_colour_there_is_none_and_an_idle_program_writes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    init(folder.path());
    let mut terminal = open(folder.path(), &[("NO_COLOR", "1")]);
    assert!(terminal.quiet_for(Duration::from_secs(3)), "an idle program writes nothing");
    let written = String::from_utf8_lossy(&terminal.written).into_owned();
    let codes = written.split("\x1b[").skip(1).filter_map(|rest| rest.split_once('m').map(|(code, _)| code));
    let colour = |code: &&str| {
        code.split(';').any(|one| {
            matches!(one.len(), 2 | 3)
                && one.starts_with(['3', '4', '9', '1'])
                && !["39", "49"].contains(&one)
        })
    };
    let numbers = codes.filter(|code| code.chars().all(|c| c.is_ascii_digit() || c == ';'));
    assert_eq!(numbers.filter(colour).collect::<Vec<_>>(), Vec::<&str>::new());
}

#[test]
fn a_draft_outlives_kill_9() {
    let folder = tempfile::tempdir().expect("a folder");
    init(folder.path());
    let mut terminal = open(folder.path(), &[]);
    terminal.keys("\x0eobrien");
    terminal.wait_for("Nguyễn", None, PATIENCE);
    terminal.keys("\r");
    terminal.wait_for("draft kept", None, PATIENCE);
    // Dropping the terminal kills the program without a word.
    drop(terminal);
    let mut terminal = open(folder.path(), &[]);
    terminal.keys("\x0e");
    terminal.wait_for("1 draft kept", None, PATIENCE);
    terminal.keys("\x12");
    terminal.wait_for("O'Brien-Nguyễn", None, PATIENCE);
}
