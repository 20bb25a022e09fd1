//! The path of a script: every step by the program itself, with its exit codes.

use kith_tests::script::run;
use serde_json::Value;

use super::{KITH, init, kith};

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

    let cases = kith(folder, &["case", "list", "--json"], "");
    assert!(serde_json::from_str::<Value>(&cases.out).is_ok(), "{cases:?}");
    let missing = kith(folder, &["case", "show", "1-999"], "");
    assert_eq!(missing.code, 3, "{missing:?}");
    kith(folder, &["casebook", "rebuild"], "").ends(0);
    let whole = kith(folder, &["casebook", "check", "--json"], "").ends(0).json("casebook-check/1");
    assert_eq!((&whole["whole"], &whole["facts"]), (&true.into(), &2.into()), "a pupil and a concern");
    let again = kith(folder, &["concern", "list", "--json"], "").ends(0);
    assert_eq!(again.out, listed.out, "the same after the tables were made anew");
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

#[test]
fn completions_and_a_closed_pipe_are_quiet() {
    let folder = tempfile::tempdir().expect("a folder");
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let ran = kith(folder.path(), &["completions", shell], "").ends(0);
        assert!(
            ran.err.is_empty() && ran.out.contains("chronology") && ran.out.contains("dry-run"),
            "{ran:?}"
        );
    }
    // A shell takes the script as it is.
    let script = format!("'{KITH}' completions bash | bash -n");
    let taken = std::process::Command::new("sh").args(["-c", &script]).output().expect("a shell");
    assert!(taken.status.success() && taken.stderr.is_empty(), "{taken:?}");
    let script = format!("'{KITH}' completions bash | head -n 1 >/dev/null");
    let output = std::process::Command::new("sh").args(["-c", &script]).output().expect("a shell");
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
}
