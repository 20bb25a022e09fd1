//! The architecture, as tests: walls between modules, names in one place, files of one idea.

use std::{
    fs,
    path::{Path, PathBuf},
};

const LONGEST_FILE: usize = 600;
const MOST_PACKAGES: usize = 460;

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ stands in the repository").to_owned()
}

/// What stands above a module of tests.
const TESTS: &str = "\n#[cfg(test)]\n";

/// A source file: its path from the root with `/`, its text, and the part before its inline tests.
pub(crate) struct Source {
    pub(crate) path: String,
    pub(crate) text: String,
}

impl Source {
    fn production(&self) -> &str {
        // Tests in a file of their own are only named here, and the rest goes on.
        let inline =
            |rest: &str| rest.lines().next().is_some_and(|line| line.contains("mod ") && line.ends_with('{'));
        let mut marks = self.text.match_indices(TESTS).map(|(at, mark)| (at, at + mark.len()));
        let begin = marks.find(|(_, after)| self.text.get(*after..).is_some_and(inline));
        begin.and_then(|(at, _)| self.text.get(..at)).unwrap_or(&self.text)
    }

    pub(crate) fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        self.production()
            .lines()
            .enumerate()
            .map(|(n, line)| (n + 1, line))
            .filter(|(_, line)| !line.trim_start().starts_with("//"))
    }
}

pub(crate) fn sources(under: &[&str]) -> Vec<Source> {
    let root = root();
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> = under.iter().map(|folder| root.join(folder)).collect();
    while let Some(folder) = folders.pop() {
        for item in fs::read_dir(&folder).expect("a source folder can be read") {
            let path = item.expect("a folder entry").path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_dir() && !["target", "node_modules", "vectors"].contains(&name.as_str()) {
                folders.push(path);
            } else if name.ends_with(".rs") {
                let text = fs::read_to_string(&path).expect("a source file is UTF-8");
                let path =
                    path.strip_prefix(&root).expect("below the root").to_string_lossy().replace('\\', "/");
                found.push(Source { path, text });
            }
        }
    }
    assert!(!found.is_empty(), "no source below {under:?}");
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn product() -> Vec<Source> {
    let mut files = sources(&["protocol/src", "exchange/src", "tui/src"]);
    files.retain(|file| !file.path.contains("/tests"));
    files
}

/// Does `line` name `word` as a whole path segment?
fn names(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let edge = |c: Option<char>| c.is_none_or(|c| !(c.is_alphanumeric() || c == '_' || c == '"'));
        edge(line[..at].chars().next_back()) && edge(line[at + word.len()..].chars().next())
    })
}

fn refuse(problems: &[String]) {
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

#[test]
fn every_file_says_what_it_is_for_and_is_one_idea() {
    let mut problems = Vec::new();
    for file in sources(&["protocol/src", "exchange/src", "tui/src", "tests"]) {
        let tests_beside = file.path.contains("/src/") && file.path.contains("/tests");
        if !file.text.starts_with("//!") && !tests_beside {
            problems.push(format!("{}: begins with no `//!` line", file.path));
        }
        let lines = file.production().lines().count();
        if lines > LONGEST_FILE {
            problems.push(format!("{}: {lines} lines, at most {LONGEST_FILE}", file.path));
        }
    }
    refuse(&problems);
}

/// Each of these is named in one place only, so that it can be replaced there.
#[test]
fn the_named_packages_stand_behind_one_door_each() {
    let doors: [(&str, &[&str]); 11] = [
        ("age::", &["protocol/src/seal"]),
        ("hpke::", &["protocol/src/seal"]),
        ("bincode::", &["protocol/src/wire"]),
        ("ssh_key::", &["protocol/src/sign.rs"]),
        ("quinn::", &["exchange/src/link"]),
        ("rustls::", &["exchange/src/link"]),
        ("rusqlite::", &["tui/src/store", "exchange/src/node"]),
        ("zip::", &["tui/src/sharing/inside"]),
        ("quick_xml::", &["tui/src/sharing/inside"]),
        ("flate2::", &["tui/src/sharing/inside"]),
        (
            "crossterm::",
            &[
                "tui/src/run",
                "tui/src/app",
                "tui/src/keymap",
                "tui/src/widgets",
                "tui/src/screens",
                "tui/src/cli",
            ],
        ),
    ];
    let mut problems = Vec::new();
    for file in product() {
        for (package, allowed) in doors {
            if allowed.iter().any(|door| file.path.starts_with(door)) {
                continue;
            }
            for (n, line) in file.code() {
                let start = line.match_indices(package).any(|(at, _)| {
                    line[..at]
                        .chars()
                        .next_back()
                        .is_none_or(|c| !(c.is_alphanumeric() || c == '_' || c == ':'))
                });
                if start {
                    problems.push(format!(
                        "{}:{n}: {package} belongs to {}",
                        file.path,
                        allowed.join(" and ")
                    ));
                }
            }
        }
    }
    refuse(&problems);
}

/// Which module of `tui` must not know which.
#[test]
fn the_walls_inside_the_client_stand() {
    let walls: [(&str, &[&str]); 6] = [
        (
            "tui/src/casework",
            &[
                "ratatui",
                "rusqlite",
                "tokio",
                "kith_exchange",
                "crate::store",
                "crate::screens",
                "crate::sharing",
                "crate::worker",
            ],
        ),
        (
            "tui/src/store",
            &["ratatui", "tokio", "kith_exchange", "crate::screens", "crate::worker", "crate::app"],
        ),
        ("tui/src/screens", &["rusqlite", "tokio", "kith_exchange", "crate::store", "crate::worker"]),
        (
            "tui/src/widgets",
            &[
                "rusqlite",
                "tokio",
                "kith_exchange",
                "crate::store",
                "crate::screens",
                "crate::casework",
                "crate::sharing",
            ],
        ),
        ("tui/src/sharing", &["ratatui", "crossterm", "crate::screens", "crate::widgets", "crate::app"]),
        ("tui/src/insight", &["ratatui", "rusqlite", "tokio", "crate::store", "crate::screens"]),
    ];
    let mut problems = Vec::new();
    for file in product() {
        for (inside, strangers) in walls {
            if !file.path.starts_with(inside) {
                continue;
            }
            for (n, line) in file.code() {
                for stranger in strangers {
                    if names(line, stranger) {
                        problems.push(format!("{}:{n}: {inside} must not know {stranger}", file.path));
                    }
                }
            }
        }
    }
    refuse(&problems);
}

#[test]
fn what_is_said_knows_no_socket_file_clock_or_thread() {
    let strangers = [
        "std::net",
        "std::fs",
        "std::thread",
        "tokio",
        "quinn",
        "rusqlite",
        "Timestamp::now",
        "SystemTime",
        "Instant::now",
    ];
    let mut problems = Vec::new();
    for file in product().into_iter().filter(|file| file.path.starts_with("protocol/src")) {
        for (n, line) in file.code() {
            for stranger in strangers {
                if names(line, stranger) {
                    problems.push(format!("{}:{n}: protocol must not know {stranger}", file.path));
                }
            }
        }
    }
    refuse(&problems);
}

/// A node that cannot open bundles, because the code that could is not in it.
#[test]
fn the_exchange_never_names_what_opens_a_bundle() {
    let mut problems = Vec::new();
    for file in product().into_iter().filter(|file| file.path.starts_with("exchange/src")) {
        for (n, line) in file.code() {
            for stranger in ["seal", "Opened", "Identity", "Passphrase", "age::", "hpke", "bundle::"] {
                if names(line, stranger) {
                    problems.push(format!("{}:{n}: exchange must not know {stranger}", file.path));
                }
            }
        }
    }
    refuse(&problems);
}

/// Cells of a list are data when they are read; there is no place where one could become a formula again.
#[test]
fn nothing_writes_a_list_that_a_spreadsheet_opens() {
    let mut problems = Vec::new();
    for file in product() {
        for (n, line) in file.code() {
            if line.contains("csv::Writer") || line.contains("WriterBuilder") {
                problems.push(format!("{}:{n}: what is exported here must defuse formulas first", file.path));
            }
        }
    }
    refuse(&problems);
}

/// The clock is read at the rim and passed in.
#[test]
fn the_clock_is_read_at_the_rim() {
    let rim = [
        "tui/src/run",
        "tui/src/worker",
        "tui/src/cli",
        "tui/src/demo",
        "exchange/src/main.rs",
        "exchange/src/node/config.rs",
        "exchange/src/node/cli.rs",
    ];
    let mut problems = Vec::new();
    for file in product() {
        if rim.iter().any(|place| file.path.starts_with(place)) {
            continue;
        }
        for (n, line) in file.code() {
            if line.contains("Timestamp::now")
                || line.contains("Zoned::now")
                || line.contains("SystemTime::now")
            {
                problems.push(format!("{}:{n}: reads the clock; take `now` as a parameter", file.path));
            }
        }
    }
    refuse(&problems);
}

#[test]
fn no_test_sleeps_is_ignored_or_expects_any_panic() {
    let mut problems = Vec::new();
    for file in sources(&["protocol/src", "exchange/src", "tui/src", "tests"]) {
        if file.path == "tests/tidy.rs" {
            continue;
        }
        for (n, line) in file.text.lines().enumerate() {
            let found = ["#[ignore", "#[should_panic", "thread::sleep", "time::sleep"]
                .into_iter()
                .find(|bad| line.contains(bad));
            if let Some(bad) = found
                && !(file.path.starts_with("exchange/src/") || file.path.starts_with("tui/src/"))
                    | line.contains("#[")
            {
                problems.push(format!("{}:{}: {bad}", file.path, n + 1));
            }
        }
    }
    refuse(&problems);
}

#[test]
fn the_dependency_graph_stays_lean() {
    let lock = fs::read_to_string(root().join("Cargo.lock")).expect("Cargo.lock is committed");
    let packages = lock.lines().filter(|line| *line == "[[package]]").count();
    assert!(
        packages <= MOST_PACKAGES,
        "{packages} packages; {MOST_PACKAGES} is the decision (docs/decisions)"
    );
}

#[test]
fn the_log_lines_name_no_child() {
    let mut problems = Vec::new();
    for file in product() {
        for (n, line) in file.code() {
            let logs =
                ["tracing::", "info!(", "warn!(", "error!(", "debug!("].iter().any(|m| line.contains(m));
            if logs
                && ["name", "text", "body", "note", "narrative", "child"].iter().any(|word| names(line, word))
            {
                problems.push(format!("{}:{n}: a log line may hold ids only", file.path));
            }
        }
    }
    refuse(&problems);
}
