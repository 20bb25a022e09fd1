//! Init, import, concerns and the reading verbs.

use super::*;

#[test]
fn init_makes_everything_once_and_shows_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let passphrase = folder.path().join("passphrase");
    fs::write(&passphrase, SECRET).unwrap();
    let passphrase = File::open(passphrase).unwrap();
    let words = format!(
        "init --agency elm-park --agency-name Elm@Park --sector school --name Amina@Khan --role DSL --recovery-file {} --enrolment {} --json",
        at("card"),
        at("enrolment.json")
    );
    let casebook = folder.path().join("casebook");
    let ran = kith(&casebook, passphrase.as_raw_fd(), &words, "");
    let value = ran.json("init/1");
    assert_eq!(value["words"].as_array().unwrap().len(), 8);
    let card = fs::read_to_string(at("card")).unwrap();
    let secret: String = card.lines().skip(4).flat_map(|line| line.split(' ')).collect();
    assert!(secret.starts_with("AGE-SECRET-KEY-PQ-1"), "{secret}");
    assert!(!ran.out.contains("SECRET-KEY") && !ran.err.contains("SECRET-KEY"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(at("card")).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let enrolment: kith_protocol::enrolment::SignedEnrolment =
        serde_json::from_str(&fs::read_to_string(at("enrolment.json")).unwrap()).unwrap();
    assert_eq!(enrolment.verify().unwrap().name, "Elm Park");
    let again = kith(&casebook, passphrase.as_raw_fd(), &words, "");
    assert_eq!(again.exit, Exit::Changed, "{}", again.err);
}

#[test]
fn without_a_casebook_the_remedies_are_named() {
    let folder = tempfile::tempdir().unwrap();
    for words in ["", "unlock", "case list", "inbox"] {
        let ran = kith(folder.path(), 0, words, "");
        assert_eq!(ran.exit, Exit::Configuration, "{words}");
        assert!(ran.err.contains("kith init") && ran.err.contains("kith demo"), "{}", ran.err);
    }
    let paths = kith(folder.path(), 0, "paths --json", "").json("paths/1");
    assert_eq!(paths["exists"], false);
}

#[test]
fn a_wrong_passphrase_is_not_allowed_in() {
    let world = World::new();
    let wrong = world.write("wrong", "something else entirely");
    let wrong = File::open(wrong).unwrap();
    let ran = kith(&world.path("elm-park"), wrong.as_raw_fd(), "unlock", "");
    assert_eq!(ran.exit, Exit::NotAllowed, "{}", ran.err);
    let ran = world.kith("unlock", "");
    assert_eq!(ran.exit, Exit::Done);
    assert!(ran.err.contains("Amina Khan"), "{}", ran.err);
}

#[test]
fn an_import_names_every_wrong_line_and_takes_nothing() {
    let world = World::new();
    let path = world.write(
        "bad.csv",
        "given,family,born,upn,year,class\nAnna,Berg,31/02/2018,,4,Elder\nBo,Chen,2018-01-01,A123,4,Elder\n",
    );
    let ran = world.kith(&format!("people import {}", path.display()), "");
    assert_eq!(ran.exit, Exit::Refused);
    assert!(ran.err.contains("line 2") && ran.err.contains("line 3"), "{}", ran.err);
    assert_eq!(world.kith("people find - --json", "Berg").exit, Exit::NothingMatched);
}

#[test]
fn a_child_is_found_by_a_misspelt_part_of_a_name() {
    let world = World::new();
    let people = pupils(&world);
    let found = world.kith("people find - --pupils --json", "obrian nguyan").json("people/1");
    let found: Vec<_> = found["people"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["ref"].as_str().unwrap().to_owned())
        .collect();
    assert!(found.contains(&people[0]) && found.contains(&people[1]), "{found:?}");
    let shown = world.kith(&format!("people show {}", people[0]), "");
    assert!(shown.out.contains("Nguyễn") && shown.out.contains("26 January 2018"), "{}", shown.out);
}

fn concern(people: &[String], text: &str) -> String {
    serde_json::json!({
        "people": [{ "person": people[0], "role": "subject" }, { "find": "haroon", "role": "witness" }],
        "happened": "today 0905", "category": "welfare",
        "statements": [{ "kind": "observed-fact", "text": text }, { "kind": "childs-words", "text": "I am fine." }],
        "danger": "Rang 999 at 09:10", "told": "the head",
    })
    .to_string()
}

#[test]
fn a_concern_goes_in_as_json_and_waits_for_triage() {
    let world = World::new();
    let people = pupils(&world);
    let hostile = "came in late\u{1b}[2J\u{202e} without a coat";
    let added = world.kith("concern add --json", &concern(&people, hostile)).json("concern-add/1");
    assert_eq!(added["triage"], true);
    let list = world.kith("concern list --json", "");
    let value = list.json("concern-list/1");
    let row = &value["concerns"][0];
    assert_eq!(
        (&row["ref"], &row["in_danger"], &row["at"]),
        (&added["ref"], &true.into(), &"2026-11-20T09:05:00".into())
    );
    assert!(row["headline"].as_str().unwrap().contains('\u{1b}'), "programs get the exact value");
    assert!(!list.out.contains('\u{1b}') && !list.out.contains('\u{202e}'), "terminals never do");
    let shown = world.kith("concern list", "");
    assert!(shown.out.contains("IN DANGER") && shown.out.contains("<U+001B>[2J<U+202E>"), "{}", shown.out);
}

#[test]
fn what_is_wrong_with_a_concern_is_said_and_nothing_is_recorded() {
    let world = World::new();
    let people = pupils(&world);
    let good = concern(&people, "late");
    for (bad, exit, says) in [
        (good.replace("today 0905", "tomorrow"), Exit::Refused, "happened"),
        (good.replace("haroon", "nobody at all"), Exit::NothingMatched, "people find"),
        (good.replace("\"haroon\"", "\"nguyen\""), Exit::NothingMatched, "more than one"),
        (good.replace("welfare", "mischief"), Exit::Usage, "line 1"),
        (good.replace(&people[0], "1-99999"), Exit::NothingMatched, "not in this casebook"),
        ("{".to_owned(), Exit::Usage, "concern add --help"),
    ] {
        let ran = world.kith("concern add", &bad);
        assert_eq!(ran.exit, exit, "{}", ran.err);
        assert!(ran.err.contains(says), "{says}: {}", ran.err);
    }
    assert_eq!(world.kith("concern list", "").exit, Exit::NothingMatched);
}

#[test]
fn the_casebook_checks_and_rebuilds() {
    let world = World::new();
    pupils(&world);
    let check = world.kith("casebook check --json", "").json("casebook-check/1");
    assert_eq!((&check["whole"], &check["facts"]), (&true.into(), &3.into()));
    assert_eq!(world.kith("casebook rebuild", "").exit, Exit::Done);
    assert_eq!(world.kith("people find -", "haroon").exit, Exit::Done);
}

#[test]
fn completions_hold_verbs_and_no_names() {
    let ran = kith(Path::new("/nowhere"), 0, "completions bash", "");
    assert_eq!(ran.exit, Exit::Done);
    assert!(ran.out.contains("chronology") && ran.out.contains("completions"));
}
