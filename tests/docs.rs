//! The documents, held to the code: every namespace, limit, tag, vector and example of `docs/protocol.md`, every test
//! named in `docs/threats.md`, every command of `docs/operations.md`.

use std::{collections::BTreeSet, fs, process::Command};

use kith_protocol::{
    archive, bundle,
    directory::{self, Pinned, SignedDirectory},
    enrolment::{Invitation, SignedEnrolment},
    evidence, fact, gate, keys, letter, log, receipt, seal,
    sign::{self, Namespace, SignatureSet, SigningKey},
    supplement, wire,
    words::eight_words,
};

use super::tidy::{root, sources};

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn protocol() -> String {
    read("docs/protocol.md")
}

/// The text with every run of white space as one blank, so that line ends do not matter.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The golden frames: file name and bytes.
fn frames() -> Vec<(String, Vec<u8>)> {
    let folder = root().join("tests/vectors/wire");
    let mut found: Vec<_> = fs::read_dir(folder)
        .expect("the golden frames are there")
        .map(|entry| entry.expect("a folder entry").file_name().to_string_lossy().into_owned())
        .filter(|name| !name.starts_with("bad-"))
        .map(|name| (name.clone(), from_hex(&read(&format!("tests/vectors/wire/{name}")))))
        .collect();
    found.sort();
    assert!(!found.is_empty(), "no golden frames");
    found
}

fn from_hex(text: &str) -> Vec<u8> {
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(16)).collect();
    digits.chunks(2).map(|pair| u8::try_from(pair[0] << 4 | pair[1]).expect("two digits")).collect()
}

/// What stands between backquotes.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

fn refuse(problems: &[String]) {
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

#[test]
fn every_namespace_and_kind_stands_in_the_protocol() {
    let (document, mut problems) = (protocol(), Vec::new());
    for file in sources(&["protocol/src"]) {
        for (n, line) in file.code() {
            for namespace in line.split('"').filter(|text| text.ends_with("@kith")) {
                if !document.contains(&format!("| `{namespace}` |")) {
                    problems.push(format!("{}:{n}: {namespace} has no row", file.path));
                }
            }
            let kind = line.split_once("Kind { name: \"").and_then(|(_, rest)| rest.split_once('"'));
            if let Some((kind, _)) = kind
                && !kind.ends_with("-secrets")
                && !document.contains(&format!("{kind}/1"))
            {
                problems.push(format!("{}:{n}: the kind {kind}/1 is not described", file.path));
            }
        }
    }
    refuse(&problems);
}

#[test]
fn every_category_stands_in_the_protocol_with_its_words_and_the_data_it_means() {
    let name = |it: serde_json::Value| it.as_str().expect("a word").to_owned();
    let (document, mut problems) = (protocol(), Vec::new());
    for one in bundle::ConcernCategory::ALL {
        let json = |it: Result<serde_json::Value, _>| name(it.expect("a code"));
        let (code, data) = (json(serde_json::to_value(one)), json(serde_json::to_value(one.data())));
        let row = format!("| `{code}` | {} | `{data}` |", one.words());
        if !document.contains(&row) {
            problems.push(format!("docs/protocol.md has no row: {row}"));
        }
    }
    let table = document.split("| `category` | in words |").nth(1).unwrap_or_default();
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|')).count();
    assert_eq!(rows, bundle::ConcernCategory::ALL.len(), "rows of categories in docs/protocol.md");
    refuse(&problems);
}

/// Each public limit of `protocol`: what it is, and the words that say so.
const LIMITS: [(&str, i64, i64, &str); 43] = [
    ("MAX_BODY", fact::MAX_BODY as i64, 64 << 20, "At most 64 MiB, 262,144 fields, 32 levels"),
    ("MAX_FIELDS", fact::MAX_FIELDS as i64, 262_144, "At most 64 MiB, 262,144 fields, 32 levels"),
    ("MAX_DEPTH", fact::MAX_DEPTH as i64, 32, "At most 64 MiB, 262,144 fields, 32 levels"),
    ("MAX_SEGMENT", fact::MAX_SEGMENT as i64, 63, "`B` is 1, `_` is 63"),
    ("MAX_LEAVES", evidence::MAX_LEAVES as i64, 1 << 20, "together are at most 1,048,576"),
    ("MAX_SIGNATURES", sign::MAX_SIGNATURES as i64, 16 << 10, "at most 16 KiB"),
    ("MAX_RECIPIENTS", seal::MAX_RECIPIENTS as i64, 32, "A file has 1 to 32 recipients"),
    ("MAX_HEADER", seal::MAX_HEADER as i64, 64 << 10, "Longest header read: 64 KiB and 256 lines"),
    ("MAX_NAME", keys::MAX_NAME as i64, 120, "`name`, `role` | plain name(120)"),
    ("MAX_MEMBERS", directory::MAX_MEMBERS as i64, 2_000, "At most 2,000 members"),
    ("MAX_KEYS", directory::MAX_KEYS as i64, 16, "at most 16 partnership keys"),
    ("GRACE", directory::GRACE.as_hours(), 7 * 24, "usable for 7 days, for a child in urgent danger"),
    ("MAX_LIFETIME", directory::MAX_LIFETIME.as_hours(), 400 * 24, "at most 400 days apart"),
    ("CLOCK_SKEW", directory::CLOCK_SKEW.as_secs(), 600, "`issued` is at most 10 minutes ahead"),
    ("MAX_ATTACHMENTS", bundle::MAX_ATTACHMENTS as i64, 500, "Attachments: at most 500"),
    ("MAX_ATTACHMENT", bundle::MAX_ATTACHMENT as i64, 4 << 30, "each at most 4 GiB"),
    ("MAX_ATTACHMENTS_TOTAL", bundle::MAX_ATTACHMENTS_TOTAL as i64, 16 << 30, "together at most 16 GiB"),
    ("MAX_NAME", bundle::MAX_NAME as i64, 200, "a `name` of 1 to 200 bytes"),
    ("MAX_RECORDS", bundle::MAX_RECORDS as i64, 10_000, "At most 10,000 records"),
    ("MAX_DOCUMENT", bundle::MAX_DOCUMENT as i64, 16 << 20, "the document; at most 16 MiB"),
    ("MAX_PAGE", bundle::MAX_PAGE as i64, 128 << 20, "the same for a person; at most 128 MiB"),
    ("MAX_WITHDRAWN", gate::MAX_WITHDRAWN as i64, 256, "a list of 1 to 256 id128"),
    ("MAX_WHY", letter::MAX_WHY as i64, 1_024, "`why` has at most 1,024 bytes"),
    ("MAX_NOTE", receipt::MAX_NOTE as i64, 4 << 10, "`note` | optional text | at most 4 KiB"),
    ("MAX_SIZE", log::MAX_SIZE as i64, i64::MAX, "A log has at most 2^63 − 1 leaves"),
    ("MAX_HASHES", log::MAX_HASHES as i64, 64, "a child of the root; at most 64 hashes"),
    ("MAX_LEAVES", log::MAX_LEAVES as i64, 65_536, "for at most 65,536 leaves"),
    ("MAX_GROWN", log::MAX_GROWN as i64, 8, "`grown`, at most 8 of"),
    ("MAX_NOTE_BYTES", log::MAX_NOTE_BYTES as i64, 131_072, "more than 131,072 bytes"),
    ("MAX_NOTE_SIGNATURES", log::MAX_NOTE_SIGNATURES as i64, 100, "more than 100 signatures"),
    ("WITNESSES", log::WITNESSES as i64, 2, "when at least 2 different witnesses of the list cosigned it"),
    (
        "MAX_RESTORED",
        log::MAX_RESTORED as i64,
        8 << 10,
        "at most 8 KiB, byte for byte as the admin gives it out",
    ),
    ("MAX_PAPERS", kith_protocol::papers::MAX_PAPERS as i64, 139, "At most 64 receipts, 139 files"),
    ("MAX_PAPER", kith_protocol::papers::MAX_PAPER as i64, 160 << 10, "each at most 160 KiB"),
    ("MAX_SUPPLEMENT", supplement::MAX_SUPPLEMENT as i64, 1 << 20, "version 1, at most 1 MiB"),
    ("VERSION", wire::VERSION as i64, 1, "1 byte version: 1"),
    ("MAX_FRAME", wire::MAX_FRAME as i64, 1_048_576, "big-endian; 1 to 1,048,576"),
    ("MAX_ANSWER", wire::MAX_ANSWER as i64, 65_536, "`sealed` bytes, at most 65,536"),
    ("PLACE_BITS", wire::PLACE_BITS as i64, 40, "its low 40 bits are a place in the list"),
    ("EAGER", wire::EAGER as i64, 262_144, "sends eagerly up to 262,144 bytes"),
    ("SHORTEST", archive::SHORTEST as i64, 16_384, "L = max(L, 16384)"),
    ("STREAMS", kith_exchange::link::STREAMS as i64, 16, "one for each request, at most 16 at once"),
    ("ALPN", kith_exchange::link::ALPN.len() as i64, "kith/1".len() as i64, "ALPN `kith/1`"),
];

#[test]
fn every_limit_is_the_one_the_protocol_says() {
    let (document, mut problems) = (flat(&protocol()), Vec::new());
    for (name, real, said, words) in LIMITS {
        if real != said {
            problems.push(format!("{name} is {real}, the protocol says {said}"));
        }
        if !document.contains(words) {
            problems.push(format!("{name}: the protocol does not say “{words}”"));
        }
    }
    for (code, words) in bundle::NOT_PROVEN {
        if !document.contains(&format!("- `{code}`: {words}")) {
            problems.push(format!("the protocol does not say, as not proven, “`{code}`: {words}”"));
        }
    }
    // Texts, lists and work factors are no limits.
    let others = ["NOT_PROVEN", "ALL", "CODED", "LEAST", "STANDARD", "MOST"];
    let known: BTreeSet<&str> = LIMITS.iter().map(|(name, ..)| *name).chain(others).collect();
    for file in sources(&["protocol/src"]) {
        for (n, line) in file.code() {
            let name = line.trim_start().strip_prefix("pub const ").and_then(|rest| rest.split_once(':'));
            if let Some((name, _)) = name
                && !name.starts_with("fn ")
                && !known.contains(name)
            {
                problems.push(format!("{}:{n}: {name} is not held to the protocol here", file.path));
            }
        }
    }
    refuse(&problems);
}

#[test]
fn every_golden_frame_stands_in_the_protocol_under_its_tag() {
    let (document, mut problems) = (protocol(), Vec::new());
    let frames = frames();
    for (name, bytes) in &frames {
        let Some(row) = document.lines().find(|line| line.starts_with('|') && line.contains(name.as_str()))
        else {
            problems.push(format!("{name} has no row"));
            continue;
        };
        let (tag, rest) = (bytes[5], &bytes[6..]);
        let begins = match (name.starts_with("response-"), tag) {
            (true, 9) => format!("| `{:02x} {:02x}", rest[0], rest[1]),
            _ => format!("| {tag} |"),
        };
        if !row.starts_with(&begins) {
            problems.push(format!("{name}: its row should begin with {begins}"));
        }
    }
    for named in quoted(&document).filter(|text| text.ends_with(".hex")) {
        let file = named.rsplit('/').next().unwrap_or(named);
        if !frames.iter().any(|(name, _)| name == file) {
            problems.push(format!("{named} is not there"));
        }
    }
    refuse(&problems);
}

#[test]
fn the_examples_are_real_bytes() {
    let (document, frames) = (protocol(), frames());
    let vector = read("tests/vectors/bundle/bundle.json");
    let mut seen = BTreeSet::new();
    for example in document.lines().filter(|line| line.starts_with("{\"kith\":")) {
        let kind = example.split('"').nth(3).unwrap_or_default();
        let real = match kind {
            "directory/1" | "enrolment/1" => true,
            "certificate/1" => vector.contains(&example.replace('"', "\\\"")),
            _ => frames.iter().any(|(_, bytes)| String::from_utf8_lossy(bytes).contains(example)),
        };
        assert!(real, "this example stands in no vector: {example}");
        seen.insert(kind);
    }
    let kinds =
        ["certificate/1", "directory/1", "enrolment/1", "envelope/1", "gate/1", "receipt/1", "withdrawal/1"];
    assert_eq!(seen, BTreeSet::from(kinds), "each kind has an example");
}

fn example<'a>(document: &'a str, begins: &str) -> &'a str {
    document.lines().find(|line| line.starts_with(begins)).unwrap_or_else(|| panic!("no example {begins}"))
}

#[test]
fn the_directory_enrolment_and_invitation_of_the_protocol_verify() {
    let (document, key) = (protocol(), |n| SigningKey::from_seed(&[n; 32]));
    let at = |text: &str| text.parse::<jiff::Timestamp>().expect("a time");
    let text = example(&document, "{\"kith\":\"directory/1\"").to_owned();
    let armour = document.split("-----BEGIN SSH SIGNATURE-----\n").nth(1).expect("a signature");
    let armour = armour.split("-----END SSH SIGNATURE-----").next().unwrap_or_default();
    let armour = format!("-----BEGIN SSH SIGNATURE-----\n{armour}-----END SSH SIGNATURE-----\n");
    let signature = SignatureSet::from_text(&armour).expect("short enough");
    let pinned = Pinned::enrol("Northshire Safeguarding Partnership".into(), vec![key(7).public()], 1);
    let directory = SignedDirectory { text, signature }.verify(&pinned, at("2026-12-01T00:00:00Z"));
    let directory = directory.expect("the directory of the protocol verifies");

    let text = example(&document, "{\"kith\":\"enrolment/1\"");
    let signature = key(1).sign(Namespace::Enrolment, text.as_bytes());
    let enrolment = SignedEnrolment::from_parts(text.to_owned(), signature).verify().expect("it verifies");
    assert_eq!(directory.members[0].keys, enrolment.keys);
    let document_on_one_line = flat(&document);
    assert!(document_on_one_line.contains(&eight_words(&enrolment.keys).join(" ")));

    let invitation: Invitation =
        serde_json::from_str(example(&document, "{\"node\":")).expect("the invitation reads");
    assert!(document_on_one_line.contains(&invitation.words().join(" ")));
}

#[test]
fn every_test_the_threats_rely_on_is_there() {
    let names: BTreeSet<String> = sources(&["protocol/src", "exchange/src", "tui/src", "tests"])
        .iter()
        .flat_map(|file| file.text.lines().filter_map(|line| line.split_once("fn ")).map(|(_, rest)| rest))
        .filter_map(|rest| rest.split(['(', '<']).next().map(str::to_owned))
        .collect();
    let (mut problems, mut relied_on) = (Vec::new(), 0);
    for (n, row) in read("docs/threats.md").lines().enumerate().filter(|(_, line)| line.starts_with("| ")) {
        let shown_by = row.trim_end_matches([' ', '|']).rsplit(" | ").next().unwrap_or_default();
        for part in shown_by.split("; ") {
            for name in quoted(part).filter(|name| name.matches('_').count() > 1) {
                relied_on += 1;
                if !names.contains(name) {
                    problems.push(format!("docs/threats.md:{}: there is no test {name}", n + 1));
                }
            }
        }
    }
    refuse(&problems);
    assert!(relied_on > 50, "only {relied_on} tests were looked for");
}

#[test]
fn every_package_we_depend_on_has_its_line_and_is_used() {
    let (manifest, decisions) = (read("Cargo.toml"), read("docs/decisions/0002-dependencies.md"));
    let table = manifest.split("[workspace.dependencies]").nth(1).and_then(|rest| rest.split("\n[").next());
    let names = table.expect("a table of dependencies").lines().filter_map(|line| line.split_once(" = "));
    let members: String =
        ["protocol", "exchange", "tui", "tests"].map(|member| read(&format!("{member}/Cargo.toml"))).concat();
    let lines: Vec<_> = decisions.lines().filter(|line| line.starts_with("| ")).collect();
    let mut problems = Vec::new();
    for (name, _) in names.filter(|(name, _)| !name.starts_with("kith-")) {
        let word = |text: &str| text.split([' ', ',', '`', ';']).any(|word| word == name);
        if !lines.iter().any(|line| word(line)) {
            problems.push(format!("docs/decisions/0002-dependencies.md has no line for {name}"));
        }
        if !members
            .lines()
            .any(|line| line.starts_with(&format!("{name}.")) || line.starts_with(&format!("{name} =")))
        {
            problems.push(format!("Cargo.toml: no package uses {name}"));
        }
    }
    refuse(&problems);
}

#[test]
fn ci_installs_what_the_readme_says_and_the_tests_ask_for() {
    let (script, readme) = (read(".ci/run"), read("README.md"));
    let wanted = script.split("wanted=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a list");
    let mut problems = Vec::new();
    let programs: BTreeSet<_> = wanted.split(' ').filter_map(|pair| pair.split_once(':')).collect();
    for (_, package) in programs.iter().chain([&("", "tzdata"), &("", "python3-cryptography")]) {
        let said = readme.contains(&format!("`{package}`")) || readme.contains(&format!(" {package}"));
        if !said || !script.contains(package) {
            problems.push(format!("{package}: not in both README.md and .ci/run"));
        }
    }
    // Part of every Debian system, or of a package that is listed.
    let there = ["tar", "sha256sum", "age-keygen"];
    for file in sources(&["tests/interop"]) {
        for name in file.text.split("tools::find(\"").skip(1).filter_map(|rest| rest.split('"').next()) {
            if !there.contains(&name) && !programs.iter().any(|(program, _)| *program == name) {
                problems.push(format!("{}: .ci/run does not install {name}", file.path));
            }
        }
    }
    refuse(&problems);
}

#[test]
fn every_command_and_exit_code_of_the_node_is_in_operations() {
    let help = Command::new(env!("CARGO_BIN_EXE_kith-node-under-test")).arg("--help").output();
    let help = String::from_utf8(help.expect("the node program runs").stdout).expect("its help is UTF-8");
    let (document, mut problems) = (read("docs/operations.md"), Vec::new());
    let commands = help.split("Commands:\n").nth(1).and_then(|rest| rest.split("\n\n").next());
    let commands = commands.expect("the help lists commands").lines();
    let names = commands.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    for name in names.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help") {
        if !document.contains(&format!("kith-node {name}")) {
            problems.push(format!("docs/operations.md does not tell about `kith-node {name}`"));
        }
    }
    let codes = help.split("Exit codes:").nth(1).expect("the help lists exit codes");
    for code in codes.split_whitespace().filter(|word| word.parse::<u8>().is_ok()) {
        if !document.contains(&format!("\n| {code} |")) {
            problems.push(format!("docs/operations.md has no row for exit code {code}"));
        }
    }
    refuse(&problems);
}
