//! A fault of the program itself, in a real terminal: the terminal comes back, and what is said is calm.

use std::{os::unix::net::UnixListener, time::Duration};

use kith_tests::pty::Terminal;

use crate::journeys::{KITH, PASSPHRASE, init, kith};

const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn a_panic_gives_the_terminal_back_and_is_told_calmly() {
    let folder = tempfile::tempdir().expect("a folder");
    init(folder.path());
    let (book, socket) = (folder.path().join("book"), folder.path().join("hold"));
    let (book, socket) = (book.to_string_lossy(), socket.to_string_lossy());
    let listener = UnixListener::bind(&*socket).expect("a socket");
    let script = "stty -a; \"$0\" --casebook \"$1\"; echo \"ended with $?\"; stty -a; echo 'that is all'";
    let env = [("KITH_PANICS_WITH", &*socket)];
    let mut terminal = Terminal::start("sh", &["-c", script, KITH, &book], &env, (40, 80));
    terminal.wait_for("assphrase", None, PATIENCE);
    terminal.keys(&format!("{PASSPHRASE}\r"));
    terminal.wait_for("TODAY", None, PATIENCE);
    terminal.keys("\x0eobrein");
    terminal.wait_for("O'Brien-Nguyễn", None, PATIENCE);
    let (holding, _) = listener.accept().expect("the program holds the other end");
    drop(holding);
    terminal.wait_for("that is all", None, PATIENCE);
    terminal.wait_end(PATIENCE);

    let written = String::from_utf8_lossy(&terminal.written).into_owned();
    let modes = |text: &str| {
        let lines: Vec<_> =
            text.lines().filter(|line| line.contains("icanon") || line.contains("opost")).collect();
        lines.concat()
    };
    let (before, shown) = written.split_once("\x1b[?1049h").expect("the alternate screen is entered");
    let (shown, after) = shown.rsplit_once("\x1b[?1049l").expect("the alternate screen is left");
    assert!(shown.contains("TODAY") && shown.contains("\x1b[?2004h"));
    assert!(written.rfind("\x1b[?2004l") > written.rfind("\x1b[?2004h"), "bracketed paste is off");
    assert!(terminal.cursor().2, "the cursor is shown");
    assert!(modes(before).contains(" icanon") && modes(before) == modes(after), "its own modes: {after}");
    for calm in [
        "kith: kith has stopped because of a fault of its own, at ",
        "What was recorded is kept",
        "ended with 1",
    ] {
        assert!(after.contains(calm), "`{calm}`: {after}");
    }
    for never in ["panicked", "Lena Marsh", "Nguyễn", "backtrace"] {
        assert!(!after.contains(never) && !terminal.text().contains(never), "`{never}`: {after}");
    }
    let text = terminal.text();
    assert!(!text.contains("TODAY"), "the screen is cleared: {text}");
    assert_eq!(kith(folder.path(), &["casebook", "check"], "").code, 0);
}
