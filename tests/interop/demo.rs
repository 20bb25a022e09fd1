//! The demo's own bundle, as the demo leaves it: every judge takes it, by the commands that stand on its page.

use std::{fs, path::Path, process::Command};

use kith_protocol::seal::Passphrase;
use kith_tests::{script::run_by, tools};
use kith_tui::store::Casebook;
use serde_json::Value;

use super::{Desk, files_below, printed_commands, words};
use crate::journeys::KITH;

/// What opens every casebook of the demo.
const PASSPHRASE: &str = "demo";

#[test]
#[expect(clippy::too_many_lines, reason = "one story, told to each judge")]
fn all_judges_agree_on_the_bundle_that_the_demo_leaves() {
    let what = "the demo's own bundle before all judges";
    let stock = ["tar", "sha256sum", "ssh-keygen", "node"];
    let (Some(python), Some(npm), false) = (
        tools::python(what),
        tools::npm_tools(what),
        stock.iter().any(|name| tools::find(name, what).is_none()),
    ) else {
        return;
    };
    let desk = Desk::new(b"", "", &[]);
    let here = desk.path("");
    let kith = |args: &[&str]| run_by("exec \"$@\" 3<passphrase", KITH, &here, PASSPHRASE, args, "");
    run_by("TMPDIR=\"$PWD\" exec \"$@\"", KITH, &here, PASSPHRASE, &["demo", "--play", "--keep"], "").ends(0);
    let left = fs::read_dir(&here).expect("a folder").map(|entry| entry.expect("an entry").path());
    let left = left.into_iter().find(|path| path.is_dir()).expect("the demo's folder");
    let out = left.join("out");
    let folder = fs::read_dir(&out).expect("a folder").map(|entry| entry.expect("an entry").path());
    let folder = folder.into_iter().find(|path| path.is_dir()).expect("the bundle's folder");
    let in_words = |path: &Path| path.to_str().expect("a path in UTF-8").to_owned();
    let (police, opened) = (in_words(&left.join("northshire-police")), in_words(&folder));
    let own = ["--casebook", &police, "--passphrase-fd", "3"];

    // Kith, with a casebook and without one.
    kith(&[&own[..], &["directory", "export", "--out", "directory.json"]].concat()).ends(0);
    kith(&[&own[..], &["verify", &opened]].concat()).ends(0);
    let stranger = ["--casebook", "none", "verify", &opened, "--directory", "directory.json"];
    let ours = kith(&stranger).ends(0);
    assert!(ours.out.contains("Witnessed"), "{}", ours.out);

    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("verifier/kith_verify.py");
    let mut theirs = Command::new(&python);
    theirs.arg("-B").arg(&script).args(["bundle", &opened, "directory.json"]).current_dir(&here);
    let theirs = tools::run(&mut theirs, b"");
    assert!(theirs.status.success(), "{}", words(&theirs));
    assert!(words(&theirs).contains("WITNESSES: witnessed since"), "{}", words(&theirs));

    // One that nobody had witnessed when it was sealed: its recipient's word for the log goes beside the files.
    let inbox = kith(&[&own[..], &["inbox", "--json"]].concat()).ends(0).out;
    let inbox: Value = serde_json::from_str(&inbox).expect("JSON");
    let bundles = inbox["bundles"].as_array().expect("bundles").iter();
    let mut seen = 0;
    for one in bundles.filter(|one| one["gone"] != true) {
        let of = one["ref"].as_str().expect("a reference");
        let to = format!("out-{of}");
        let exported =
            kith(&[&own[..], &["inbox", "export", of, "--out", &to, "--json"]].concat()).ends(0).out;
        let exported: Value = serde_json::from_str(&exported).expect("JSON");
        let Some(note) = exported["witnesses"].as_str() else { continue };
        let stranger =
            ["--casebook", "none", "verify", &to, "--directory", "directory.json", "--with", note, "--json"];
        let ours: Value = serde_json::from_str(&kith(&stranger).ends(0).out).expect("JSON");
        assert!(ours["proven"]["cosigned"].to_string().contains("Northshire Police"), "{ours}");
        let mut theirs = Command::new(&python);
        theirs.arg("-B").arg(&script).args(["bundle", &to, "directory.json", note]).current_dir(&here);
        let theirs = words(&tools::run(&mut theirs, b""));
        assert!(theirs.contains("WITNESSES: ") && theirs.contains("kith/northshire-police at "), "{theirs}");
        // Cut by a byte, or without its owner's line, no judge takes it.
        let text = fs::read_to_string(here.join(note)).expect("a note");
        let (above, below) = text.split_once("\n\n").expect("a note");
        let (_, others) = below.split_once('\n').expect("its owner's line");
        for bad in [text.trim_end(), &format!("{above}\n\n{others}")] {
            let file = desk.path("bad-note.txt");
            fs::write(&file, bad).expect("a file");
            let file = file.to_string_lossy();
            kith(&["--casebook", "none", "verify", &to, "--directory", "directory.json", "--with", &file])
                .ends(5);
            let mut theirs = Command::new(&python);
            theirs.arg("-B").arg(&script).args(["bundle", &to, "directory.json", &file]).current_dir(&here);
            assert!(!tools::run(&mut theirs, b"").status.success(), "{bad}");
        }
        seen += 1;
    }
    assert!(seen > 0, "a bundle that gained a witness");

    // The page's own commands, where it says that they are run: the list of signers lies there as the demo left it.
    let page = fs::read_to_string(folder.join("index.html")).expect("the page");
    let commands = printed_commands(&page);
    let by_hand = desk.script(&format!("cd '{}'\n{}", out.display(), commands[1..].join("\n")));
    assert!(by_hand.status.success(), "{commands:?}: {}", words(&by_hand));
    assert!(words(&by_hand).contains("Good \"bundle@kith\" signature for elm-park"), "{}", words(&by_hand));

    // A stock age client opens the sealed file with the recipient's key, to the very files that the demo left.
    let book = Casebook::unlock(&left.join("northshire-police"), &Passphrase::from(PASSPHRASE));
    let key = book.expect("it unlocks").agency_secrets().expect("it reads").expect("it has keys").seal;
    desk.write("key.txt", format!("{}\n", *key.secret_text()));
    fs::copy(left.join("bundle.age"), desk.path("bundle.age")).expect("a file");
    let opener = format!("node '{}' ../key.txt < ../bundle.age", npm.join("open.mjs").display());
    let stock = commands[0].replace("age -d -i YOUR-KEY-FILE bundle.age", &opener);
    let stock = desk.script(&format!("mkdir stock; cd stock; {stock}"));
    assert!(stock.status.success(), "{}", words(&stock));
    let name = folder.file_name().expect("a name");
    assert!(files_below(&desk.path("stock").join(name)) == files_below(&folder), "the very same files");
}
