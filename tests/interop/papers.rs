//! What became of a share, and a decision not to share, shown to somebody who has a folder and a directory: by the program,
//! by the verifier in Python, by stock tools.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use kith_protocol::{papers::Files, sign::SigningKey};
use kith_tests::{bundles::World as Small, script::Ran, tools, world::World};

use super::words;
use crate::{
    journeys::two_agencies::{at, case, elm_park, fill_in, police, to_police, withhold_all},
    wire::papers::{decided, judge, taken_on},
};

fn python(kind: &str, folder: &Path, directory: &Path) -> Option<Output> {
    let python = tools::python("the papers of a share in Python")?;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("verifier/kith_verify.py");
    let mut verify = Command::new(python);
    Some(tools::run(verify.arg("-B").arg(script).arg(kind).arg(folder).arg(directory), b""))
}

/// Somebody without a casebook.
fn stranger(world: &World, folder: &str, more: &[&str]) -> Ran {
    at(world, "nobody", &[&["verify", folder, "--directory", "directory.json"], more].concat(), "")
}

/// The commands that the folder's own README gives, for the papers that are there.
fn commands(folder: &Path) -> Vec<String> {
    let readme = fs::read_to_string(folder.join("README.txt")).expect("a README");
    let commands = readme.lines().filter_map(|line| line.strip_prefix("  "));
    let commands = commands.filter(|line| line.starts_with("sha256sum ") || line.starts_with("ssh-keygen "));
    let there = |line: &&str| line.rsplit_once(" < ").is_none_or(|(_, paper)| folder.join(paper).exists());
    commands.filter(there).map(str::to_owned).collect()
}

fn in_bash(folder: &Path, command: &str) -> bool {
    let mut bash = Command::new("bash");
    tools::run(bash.args(["-c", command]).current_dir(folder), b"").status.success()
}

/// A share through the node to a person's word; then it is taken back and deleted. Both times its sender writes the papers.
#[test]
#[expect(clippy::too_many_lines, reason = "one story, told to each judge")]
fn what_became_of_a_share_is_proven_to_a_stranger_in_three_ways() {
    let world = World::today();
    let here = world.folder.path().to_owned();
    let case = case(&world, "Jonah", "Bruise on the left upper arm.").to_string();
    fill_in(&world, &case, "Please find the man.");
    withhold_all(&world, &case);
    let send = to_police(&case, &["--decisions", "decisions.json", "--json"]);
    let sent = elm_park(&world, &send).ends(0).json("share/1");
    let share = sent["ref"].as_str().expect("a reference").to_owned();
    let early = elm_park(&world, &["shares", "export", &share, "--out", "early"]).ends(6);
    assert!(early.err.contains("not sealed") && !here.join("early").exists(), "{early:?}");
    elm_park(&world, &["exchange"]).ends(0);
    police(&world, &["exchange"]).ends(0);
    let inbox = police(&world, &["inbox", "--json"]).ends(0).json("inbox/1");
    let received = inbox["bundles"][0]["ref"].as_str().expect("a reference").to_owned();
    police(&world, &["inbox", "read", &received]).ends(0);
    let answer = ["inbox", "answer", &received, "--receipted", "--note", "-"];
    at(&world, "northshire-police", &answer, "Visit today at 14:00").ends(0);
    police(&world, &["inbox", "export", &received, "--out", "opened"]).ends(0);
    police(&world, &["exchange"]).ends(0);
    elm_park(&world, &["exchange"]).ends(0);
    elm_park(&world, &["directory", "export", "--out", "directory.json"]).ends(0);

    let export = ["shares", "export", &share, "--out", "papers"];
    let written = elm_park(&world, &[&export[..], &["--json"]].concat()).ends(0).json("share-papers/1");
    assert_eq!(
        (&written["state"], &written["answers"], &written["in_node_log"], &written["left_out"]),
        (&"RECEIPTED".into(), &4.into(), &true.into(), &0.into())
    );
    elm_park(&world, &export).ends(6);
    for file in fs::read_dir(here.join("papers")).expect("a folder") {
        let text = fs::read_to_string(file.expect("a file").path()).expect("a text");
        assert!(!text.contains("Bruise") && !text.contains("Jonah"), "nothing of the case: {text}");
    }
    let told = stranger(&world, "papers", &[]).ends(0).out;
    let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
    for words in [
        "From Elm Park Primary (elm-park)",
        "To Northshire Police PPU (northshire-police)",
        "STORED by the node northshire",
        "DELIVERED by the program of Northshire Police PPU",
        "OPENED by Marcus Hale, Detective Constable, of Northshire Police PPU",
        "RECEIPTED by Marcus Hale, Detective Constable",
        "“Visit today at 14:00”",
        "STORED stands where it says, as leaf 1 of",
        "Not proven that the share was not taken back since",
        "Not proven what was shared, and on what lawful basis",
    ] {
        assert!(told.contains(words), "{words}\n{told}");
    }
    let json = stranger(&world, "papers", &["--with", "opened", "--json"]).ends(0).json("verified-papers/1");
    assert_eq!(
        (&json["verified"], &json["opened_bundle"]["basis"], &json["opened_bundle"]["consent_committed"]),
        (&true.into(), &"duty-to-share".into(), &true.into())
    );
    assert_eq!(json["bundle"], written["bundle"]);
    assert!(!json["not_proven"].to_string().contains("lawful basis"), "{json}");
    for agency in ["elm-park", "northshire-police"] {
        at(&world, agency, &["verify", "papers"], "").ends(0);
    }
    if let Some(theirs) = python("papers", &here.join("papers"), &here.join("directory.json")) {
        let said = words(&theirs);
        assert!(theirs.status.success(), "{said}");
        assert!(
            said.contains(
                "PROVEN: RECEIPTED, signed by Marcus Hale, Detective Constable of Northshire Police PPU"
            ),
            "{said}"
        );
        assert!(said.contains("PROVEN: STORED is leaf 1 of"), "{said}");
    }
    let stock =
        ["ssh-keygen", "sha256sum"].iter().all(|name| tools::find(name, "the papers of a share").is_some());
    if stock {
        let given = commands(&here.join("papers"));
        assert!(given.len() >= 7, "{given:?}");
        given.iter().for_each(|one| assert!(in_bash(&here.join("papers"), one), "{one}"));
    }

    // Another share's bundle, another case's: these are not its papers.
    elm_park(&world, &send).ends(0);
    elm_park(&world, &["exchange"]).ends(0);
    police(&world, &["exchange"]).ends(0);
    let inbox = police(&world, &["inbox", "--json"]).ends(0).json("inbox/1");
    let bundles = inbox["bundles"].as_array().expect("a list").iter().filter_map(|one| one["ref"].as_str());
    let other = bundles.into_iter().find(|one| *one != received).expect("a second one").to_owned();
    police(&world, &["inbox", "export", &other, "--out", "other"]).ends(0);
    let not_its = stranger(&world, "papers", &["--with", "other", "--json"]).ends(5).json("verified/1");
    assert_eq!((&not_its["fault"], &not_its["what"]), (&"what-was-named".into(), &"bundle".into()));

    at(&world, "elm-park", &["withdraw", &share, "--why", "-"], "it was the wrong child").ends(0);
    elm_park(&world, &["exchange"]).ends(0);
    police(&world, &["exchange"]).ends(0);
    police(&world, &["inbox", "answer", &received, "--deleted"]).ends(0);
    police(&world, &["exchange"]).ends(0);
    elm_park(&world, &["exchange"]).ends(0);
    elm_park(&world, &["shares", "export", &share, "--out", "later"]).ends(0);
    let json = stranger(&world, "later", &["--json"]).ends(0).json("verified-papers/1");
    assert_eq!(json["state"], "DELETED");
    assert!(
        json["withdrawn"].is_string() && !json["not_proven"].to_string().contains("not-taken-back-since")
    );
    if let Some(theirs) = python("papers", &here.join("later"), &here.join("directory.json")) {
        let said = words(&theirs);
        assert!(theirs.status.success() && said.contains("PROVEN: it was taken back"), "{said}");
    }
    if stock {
        let given = commands(&here.join("later"));
        given.iter().for_each(|one| assert!(in_bash(&here.join("later"), one), "{one}"));
    }
}

#[test]
fn a_decision_not_to_share_is_verified_by_the_directory() {
    let world = World::today();
    let here = world.folder.path().to_owned();
    let case = case(&world, "Jonah", "Bruise on the left upper arm.").to_string();
    let decline = ["consent", "decline", &case, "--with", "northshire-police", "--because", "-"];
    at(&world, "elm-park", &decline, "nobody is in danger\n").ends(0);
    let listed = elm_park(&world, &["consent", "list", &case, "--json"]).ends(0).json("consent-list/1");
    let id = listed["records"][0]["ref"].as_str().expect("a reference").to_owned();
    elm_park(&world, &["consent", "export", &id, "--format", "signed", "--out", "decision"]).ends(0);
    elm_park(&world, &["directory", "export", "--out", "directory.json"]).ends(0);
    let json = stranger(&world, "decision", &["--json"]).ends(0).json("verified-not-shared/1");
    assert_eq!(
        (&json["with"], &json["because"], &json["decided_by"]["name"]),
        (&"northshire-police".into(), &"nobody is in danger".into(), &"Amina Khan".into())
    );
    police(&world, &["verify", "decision"]).ends(0);
    if let Some(theirs) = python("not-shared", &here.join("decision"), &here.join("directory.json")) {
        assert!(theirs.status.success(), "{}", words(&theirs));
    }
    let path = here.join("decision/decision.json");
    let text = fs::read_to_string(&path).expect("a text").replace("nobody", "no body");
    fs::write(&path, text).expect("a file");
    let json = stranger(&world, "decision", &["--json"]).ends(5).json("verified/1");
    assert_eq!((&json["fault"], &json["what"]), (&"holder".into(), &"decision".into()));
}

fn laid_out(folder: &Path, files: &Files) {
    fs::create_dir_all(folder).expect("a folder");
    files.iter().for_each(|(name, text)| fs::write(folder.join(name), text).expect("a file"));
}

/// Each byte of each file: by ours in this process, by the verifier in Python in one of its own; one of each file by stock tools.
#[test]
fn no_byte_of_the_papers_of_a_share_or_of_a_decision_changes_unseen() {
    let world = Small::hybrid();
    let desk = tempfile::tempdir().expect("a folder");
    let directory = world.directory.sign(&[&SigningKey::from_seed(&[99; 32])]).expect("its key");
    let listed: PathBuf = desk.path().join("directory.json");
    fs::write(&listed, serde_json::to_vec(&directory).expect("JSON")).expect("a file");
    for (kind, files) in [("papers", taken_on(&world)), ("not-shared", decided(&world))] {
        let bytes: usize = files.values().map(String::len).sum();
        assert_eq!(judge(kind, &files, &world), "ok");
        for (name, whole) in &files {
            for at in 0..whole.len() {
                let mut changed = whole.as_bytes().to_vec();
                changed[at] ^= 1 << (at % 7);
                // What is no text is refused before it is judged.
                let Ok(text) = String::from_utf8(changed) else { continue };
                let mut files = files.clone();
                files.insert(name.clone(), text);
                assert_ne!(judge(kind, &files, &world), "ok", "{name} at {at}");
            }
        }
        let folder = desk.path().join(kind);
        laid_out(&folder, &files);
        if let Some(python) = tools::python("each byte in Python") {
            let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("interop/every_byte.py");
            let mut run = Command::new(python);
            let output = tools::run(run.arg("-B").arg(script).arg(&folder).arg(&listed).arg(kind), b"");
            assert!(output.status.success(), "{}", words(&output));
            assert_eq!(words(&output), format!("{bytes}\n"), "what was taken all the same");
        }
        if kind == "not-shared" || tools::find("ssh-keygen", "one byte of each paper").is_none() {
            continue;
        }
        let given = commands(&folder);
        given.iter().for_each(|one| assert!(in_bash(&folder, one), "{one}"));
        for (name, whole) in &files {
            let mut changed = whole.as_bytes().to_vec();
            let middle = changed.len() / 2;
            changed[middle] ^= 1;
            fs::write(folder.join(name), changed).expect("a file");
            assert!(given.iter().any(|one| !in_bash(&folder, one)), "{name}");
            fs::write(folder.join(name), whole).expect("a file");
        }
    }
}
