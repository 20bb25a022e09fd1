//! The path of a script: every step by the program itself, with its exit codes.

use kith_tests::script::{run, run_by};
use serde_json::Value;

use super::{KITH, PASSPHRASE, init, kith};

const CONCERN: &str = r#"{"people": [{"find": "obrein", "role": "subject"}], "happened": "2026-01-09 0905",
  "category": "welfare", "statements": [{"kind": "childs-words", "text": "It hurt"}],
  "danger": null, "told": "A. Khan", "done": "", "effect": ""}"#;

#[test]
fn a_casebook_is_made_filled_and_read_by_a_script() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    init(folder);
    // There is one already; the second time nothing is overwritten.
    let again = kith(folder, &["init", "--agency", "x", "--sector", "school"], "");
    assert_ne!(again.code, 0, "{again:?}");
    // A bad line anywhere takes nothing in, and is named.
    std::fs::write(folder.join("bad.csv"), "given,family,born\nAda,Quill,2017-03-08\nBo,Reed,8/3\n")
        .expect("a file");
    let bad = kith(folder, &["people", "import", "bad.csv"], "");
    assert!(bad.code != 0 && bad.err.contains("line 3"), "{bad:?}");
    let none = kith(folder, &["people", "find", "-"], "quill");
    assert_eq!(none.code, 3, "{none:?}");
    let found = kith(folder, &["people", "find", "-", "--json"], "obrien");
    assert!(found.out.contains("O'Brien-Nguyễn"), "{found:?}");

    let added = kith(folder, &["concern", "add", "--json"], CONCERN);
    let added = added.ends(0).json("concern-add/1");
    assert_eq!((&added["case"], &added["triage"]), (&Value::Null, &true.into()));
    let listed = kith(folder, &["concern", "list", "--json"], "");
    let value: Value = serde_json::from_str(&listed.out).expect("JSON");
    assert_eq!(
        (value["kith"].as_str(), value["concerns"].as_array().map(Vec::len)),
        (Some("concern-list/1"), Some(1))
    );
    let broken = kith(folder, &["concern", "add"], "{");
    assert!(broken.code != 0 && !broken.err.is_empty(), "{broken:?}");

    let concern = added["ref"].as_str().expect("a reference");
    let shown = kith(folder, &["concern", "show", concern], "").ends(0);
    assert!(shown.out.contains("It hurt"), "{shown:?}");
    let slip = kith(folder, &["concern", "add"], &CONCERN.replace("welfare", "wellfare")).ends(2);
    assert!(slip.err.contains("did you mean `welfare`?"), "{slip:?}");
    let twice = kith(folder, &["people", "import", "pupils.csv"], "").ends(6);
    assert!(twice.err.contains("line 2: person 1-1 has the same name"), "{twice:?}");
    let cases = kith(folder, &["case", "list", "--json"], "");
    assert!(serde_json::from_str::<Value>(&cases.out).is_ok(), "{cases:?}");
    let missing = kith(folder, &["case", "show", "1-999"], "");
    assert_eq!(missing.code, 3, "{missing:?}");
    kith(folder, &["casebook", "rebuild"], "").ends(0);
    let whole = kith(folder, &["casebook", "check", "--json"], "").ends(0).json("casebook-check/1");
    assert_eq!((&whole["whole"], &whole["facts"]), (&true.into(), &2.into()), "a pupil and a concern");
    let again = kith(folder, &["concern", "list", "--json"], "").ends(0);
    assert_eq!(again.out, listed.out, "the same after the tables were made anew");
    let triage = ["concern", "triage", concern, "--level", "child-in-need", "--open", "-", "--json"];
    let triaged = kith(folder, &triage, "What hurt").ends(0).json("concern-triage/1");
    let case = triaged["case"].as_str().expect("a case");
    let case = kith(folder, &["case", "show", case, "--json"], "").ends(0).json("case/1");
    assert_eq!((&case["title"], &case["entries"]), (&"What hurt".into(), &1.into()));
    let keys = folder.join("book").join("keys.json");
    let newer = std::fs::read_to_string(&keys).expect("key slots").replace("keys/1", "keys/2");
    std::fs::write(&keys, newer).expect("a file");
    let newer = kith(folder, &["casebook", "check"], "").ends(9);
    assert!(newer.out.contains("FAULT keys.json") && newer.out.contains("ok    casebook.db"), "{newer:?}");
    assert!(newer.err.contains("update Kith") && !newer.err.contains("backup"), "{newer:?}");
}

#[test]
fn a_script_attaches_files_to_a_concern_or_records_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    init(folder);
    std::fs::write(folder.join("note.txt"), "what Ada wrote").expect("a file");
    std::fs::write(folder.join("arm.jpg"), [0xff, 0xd8, 0xff, 0xd9]).expect("a file");
    let gone = kith(folder, &["concern", "add", "--attach", "note.txt", "--attach", "gone.jpg"], CONCERN);
    assert!(gone.code != 0 && gone.err.contains("gone.jpg"), "{gone:?}");
    kith(folder, &["concern", "list"], "").ends(3);
    let add = ["concern", "add", "--attach", "note.txt", "--attach", "arm.jpg", "--json"];
    let added = kith(folder, &add, CONCERN).ends(0).json("concern-add/1");
    let shown = kith(folder, &["concern", "show", added["ref"].as_str().expect("a reference")], "").ends(0);
    assert!(shown.out.contains("note.txt (text/plain, 14 bytes"), "{shown:?}");
    assert!(shown.out.contains("arm.jpg (image/jpeg, 4 bytes"), "{shown:?}");
    kith(folder, &["casebook", "check"], "").ends(0);
}

#[test]
fn a_wrong_passphrase_is_code_4_and_no_casebook_code_9() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    assert_eq!(kith(folder, &["case", "list"], "").code, 9);
    init(folder);
    let wrong = run(KITH, folder, "not it", &["unlock"], "");
    assert_eq!(wrong.code, 4, "{wrong:?}");
    assert!(!wrong.err.contains("not it"), "{wrong:?}");
    assert_eq!(kith(folder, &["unlock"], "").code, 0);
}

/// Runs `kith` with a second secret on descriptor 4.
fn with_second(
    folder: &std::path::Path,
    first: &str,
    second: &str,
    args: &[&str],
) -> kith_tests::script::Ran {
    std::fs::write(folder.join("second"), second).expect("a file");
    let call = [&["--casebook", "book", "--passphrase-fd", "3"], args].concat();
    run_by("exec \"$@\" 3<passphrase 4<second", KITH, folder, first, &call, "")
}

#[test]
fn people_get_passphrases_of_their_own_change_them_lose_them_and_are_removed() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    init(folder);
    let add = ["holder", "add", "Ben Lowe", "--role", "Deputy", "--new-passphrase-fd", "4"];
    let short = with_second(folder, PASSPHRASE, "short", &add).ends(6);
    assert!(short.err.contains("12 characters"), "{short:?}");
    with_second(folder, PASSPHRASE, "nine quiet otters\n", &add).ends(0);
    with_second(folder, PASSPHRASE, "nine quiet otters\n", &add).ends(8);
    let list = run(KITH, folder, "nine quiet otters", &["holder", "list", "--json"], "").ends(0);
    let list = list.json("holders/1");
    assert_eq!(list["holders"][1]["name"], "Ben Lowe");
    assert_eq!((&list["holders"][0]["here"], &list["holders"][1]["here"]), (&false.into(), &true.into()));

    let change = ["passphrase", "--new-passphrase-fd", "4"];
    with_second(folder, "nine quiet otters", "two loud geese\n", &change).ends(0);
    run(KITH, folder, "nine quiet otters", &["unlock"], "").ends(4);
    run(KITH, folder, "two loud geese", &["unlock"], "").ends(0);

    // The printed card, as `kith init` wrote it, is all that is needed.
    let recover = "recover --card-fd 5 --new-passphrase-fd 4 --role DSL --name";
    let recover: Vec<&str> = recover.split(' ').chain(["Amina Khan"]).collect();
    std::fs::write(folder.join("second"), "five slow herons\n").expect("a file");
    let by_card = |card: &str| {
        let shell = format!("exec \"$@\" 4<second 5<{card}");
        let call = [&["--casebook", "book"], recover.as_slice()].concat();
        run_by(&shell, KITH, folder, "unused", &call, "")
    };
    std::fs::write(folder.join("other"), "AGE-SECRET-KEY-PQ-1QQQQ").expect("a file");
    let wrong = by_card("other").ends(4);
    assert!(wrong.err.contains("recovery card"), "{wrong:?}");
    by_card("card").ends(0);
    run(KITH, folder, PASSPHRASE, &["unlock"], "").ends(4);
    run(KITH, folder, "five slow herons", &["unlock"], "").ends(0);

    run(KITH, folder, "five slow herons", &["holder", "remove", "Amina Khan"], "").ends(6);
    run(KITH, folder, "five slow herons", &["holder", "remove", "Nobody"], "").ends(3);
    run(KITH, folder, "five slow herons", &["holder", "remove", "Ben Lowe"], "").ends(0);
    run(KITH, folder, "two loud geese", &["unlock"], "").ends(4);
    let left = run(KITH, folder, "five slow herons", &["holder", "list"], "").ends(0);
    assert_eq!(left.out, "Amina Khan, DSL  (you)\n");
    run(KITH, folder, "five slow herons", &["casebook", "check"], "").ends(0);
    // A card that somebody saw: another takes its place.
    let card = ["holder", "card", "--recovery-file"];
    let renew = |to: &str| run(KITH, folder, "five slow herons", &[&card[..], &[to]].concat(), "");
    let there = renew("card").ends(1);
    assert!(there.err.contains("nothing is overwritten"), "{there:?}");
    run(KITH, folder, "not it at all", &["holder", "card", "--recovery-file", "nowhere"], "").ends(4);
    assert!(!folder.join("nowhere").exists());
    renew("card-2").ends(0);
    let seen = by_card("card").ends(4);
    assert!(seen.err.contains("not the recovery card"), "{seen:?}");
    by_card("card-2").ends(0);

    let told = run(KITH, folder, "five slow herons", &["holder", "history", "--json"], "").ends(0);
    let told = told.json("holder-history/1");
    let by: Vec<_> =
        told["changes"].as_array().expect("a list").iter().map(|one| &one["by"]["name"]).collect();
    assert_eq!(
        by,
        ["Amina Khan", "Ben Lowe", "Amina Khan", "Amina Khan", "Amina Khan", "Amina Khan"],
        "{told}"
    );
    assert_eq!(told["changes"][3]["what"]["Removed"]["name"], "Ben Lowe");
}

#[test]
fn completions_and_a_closed_pipe_are_quiet() {
    let folder = tempfile::tempdir().expect("a folder");
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let ran = kith(folder.path(), &["completions", shell], "").ends(0);
        let verbs = ["chronology", "dry-run", "contacts", "triage", "amend"];
        assert!(ran.err.is_empty() && verbs.iter().all(|verb| ran.out.contains(verb)), "{ran:?}");
    }
    // A shell takes the script as it is.
    let script = format!("'{KITH}' completions bash | bash -n");
    let taken = std::process::Command::new("sh").args(["-c", &script]).output().expect("a shell");
    assert!(taken.status.success() && taken.stderr.is_empty(), "{taken:?}");
    let script = format!("'{KITH}' completions bash | head -n 1 >/dev/null");
    let output = std::process::Command::new("sh").args(["-c", &script]).output().expect("a shell");
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
}
