//! Other people's programs as judges. Where one is missing the test says so plainly; in CI it must be there.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

/// The program `name`, or none after saying plainly that `what` was not run.
///
/// # Panics
/// With `KITH_REQUIRE_TOOLS` set, when the program is missing: CI installs every one of them.
#[must_use]
pub fn find(name: &str, what: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file());
    if found.is_none() {
        not_run(what, &format!("`{name}` is not installed"));
    }
    found
}

/// The folder of the stock age-encryption package, or none after saying so.
///
/// # Panics
/// As [`find`].
#[must_use]
pub fn npm_tools(what: &str) -> Option<PathBuf> {
    npm_package("age-encryption", what)
}

/// The folder of the stock npm tools, with this package among them, or none after saying so.
///
/// # Panics
/// As [`find`].
#[must_use]
pub fn npm_package(package: &str, what: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tools");
    if folder.join("node_modules").join(package).is_dir() {
        return Some(folder);
    }
    not_run(what, "run `npm ci --prefix tests/tools` first");
    None
}

/// The first Python that has the `cryptography` package, or none after saying so.
///
/// # Panics
/// As [`find`].
#[must_use]
pub fn python(what: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let has_it = |python: &PathBuf| {
        python.is_file()
            && run(Command::new(python).args(["-c", "import cryptography"]), b"").status.success()
    };
    let found = std::env::split_paths(&path).map(|folder| folder.join("python3")).find(has_it);
    if found.is_none() {
        not_run(what, "`python3` with the package `cryptography` is not installed");
    }
    found
}

fn not_run(what: &str, why: &str) {
    assert!(std::env::var_os("KITH_REQUIRE_TOOLS").is_none(), "{what}: {why}");
    // Past the test runner's capture, so that a green line does not hide it.
    let _shown = writeln!(std::io::stderr(), "NOT RUN: {what}: {why}");
}

/// Runs `command` with `input` on its standard input.
///
/// # Panics
/// When it cannot be started.
#[must_use]
pub fn run(command: &mut Command, input: &[u8]) -> Output {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let mut stdin = child.stdin.take().expect("a pipe was asked for");
    let input = input.to_vec();
    let feeder = std::thread::spawn(move || {
        // A program that needs no more input may close the pipe.
        let _closed = stdin.write_all(&input);
    });
    let output = child.wait_with_output().expect("the program ends");
    feeder.join().expect("the feeder ends");
    output
}
