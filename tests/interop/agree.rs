//! One bundle, every judge: Kith with a casebook, Kith as a stranger, the Python verifier, `sha256sum`, `ssh-keygen` and
//! `age` all take it; and of each byte that is changed, whoever covers it says so.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use kith_protocol::seal::Passphrase;
use kith_tests::{
    script::{Ran, run_by},
    tools,
    world::{PASSPHRASE, World},
};
use kith_tui::store::Casebook;
use serde_json::Value;

use super::{Desk, files_below, printed_commands, tamper::flipped, words};
use crate::journeys::{
    KITH,
    two_agencies::{at, case, elm_park, fill_in, police, to_police, withhold_all},
};

/// A bundle with gaps, from a log that others witnessed, with a supplement; sealed, exported, and everything that
/// judges need beside it.
struct Given {
    world: World,
    desk: Desk,
    /// The folder's name, which is the bundle's.
    folder: String,
}

/// Two supplements to it, and the orders on which they were released.
const SUPPLEMENTS: [&str; 2] = ["supplement.age", "second.age"];
const ORDERS: [&str; 2] = ["NS26C00412", "NS26C00413"];

/// The reference of the bundle that came last.
fn received(world: &World) -> String {
    let inbox = police(world, &["inbox", "--json"]).ends(0).json("inbox/1");
    inbox["bundles"][0]["ref"].as_str().expect("a reference").to_owned()
}

fn given() -> Given {
    let mut world = World::today_with_a_classic_key();
    let case = case(&world, "Jonah", "Bruise on the left upper arm.").to_string();
    fill_in(&world, &case, "Please find the man.");
    withhold_all(&world, &case);
    let send = to_police(&case, &["--decisions", "decisions.json", "--json"]);
    // The police answer a first one: with it goes their word for the log.
    elm_park(&world, &send).ends(0);
    elm_park(&world, &["exchange"]).ends(0);
    police(&world, &["exchange"]).ends(0);
    at(&world, "northshire-police", &["inbox", "answer", &received(&world), "--receipted"], "").ends(0);
    police(&world, &["exchange"]).ends(0);
    elm_park(&world, &["exchange"]).ends(0);

    let undecided = elm_park(&world, &to_police(&case, &["--dry-run", "--json"])).ends(6);
    let listed = undecided.json("share-undecided/1");
    let lena = listed["suggestions"].as_array().expect("a list").iter();
    let lena = lena.filter(|one| one["text"].as_str().is_some_and(|text| text.contains("Lena")));
    let spans: Vec<_> = lena.map(|one| one["span"].as_str().expect("a span").to_owned()).collect();
    assert!(spans.len() > 1, "she is among the people and in a statement: {spans:?}");
    let sent = elm_park(&world, &send).ends(0).json("share/1");
    // While the node is away the sealed file waits, and can be looked at.
    world.stop_node();
    elm_park(&world, &["exchange"]).ends(7);
    let waits = files_below(&world.casebook("elm-park").join("outbox"));
    let sealed = waits.into_iter().find(|(name, _)| name.ends_with(".age")).expect("it waits").1;
    world.start_node();
    elm_park(&world, &["exchange"]).ends(0);
    police(&world, &["exchange"]).ends(0);
    let share = sent["ref"].as_str().expect("a reference");
    for (span, (order, out)) in spans.iter().zip(ORDERS.into_iter().zip(SUPPLEMENTS)) {
        elm_park(&world, &["disclose", share, "--span", span, "--order", order, "--out", out]).ends(0);
    }

    let export = ["inbox", "export", &received(&world), "--json"];
    let exported = police(&world, &export).ends(0).json("exported/1");
    let folder = exported["folder"].as_str().expect("a folder").to_owned();
    police(&world, &["directory", "export", "--out", "directory.json"]).ends(0);

    let book = Casebook::unlock(&world.casebook("northshire-police"), &Passphrase::from(PASSPHRASE));
    let key = book.expect("it unlocks").agency_secrets().expect("it reads").expect("it has keys").seal;
    let directory = fs::read_to_string(world.folder.path().join("directory.json")).expect("a directory");
    let directory: Value = serde_json::from_str(&directory).expect("JSON");
    let listed: Value = serde_json::from_str(directory["text"].as_str().expect("text")).expect("JSON");
    let school = listed["members"].as_array().expect("members").iter().find(|one| one["id"] == "elm-park");
    let school = school.expect("listed")["keys"]["sign"].as_str().expect("a key").parse().expect("a key");
    let desk = Desk::new(&sealed, &key.secret_text(), &[("elm-park", school)]);
    for name in SUPPLEMENTS.into_iter().chain(["directory.json"]) {
        desk.write(name, fs::read(world.folder.path().join(name)).expect("a file"));
    }
    for name in ["supplement", "second"] {
        let opened = desk.script(&format!("age -d -i key.txt {name}.age > {name}.json"));
        assert!(opened.status.success(), "{}", words(&opened));
    }
    // The same as `kith inbox export` writes it: the text as it was signed, the signatures beside it.
    let signed: Value = serde_json::from_str(&desk.read("supplement.json")).expect("JSON");
    for (name, part) in [("supplement-1.json", "text"), ("supplement-1.json.sig", "signature")] {
        desk.write(name, signed[part].as_str().expect("a text"));
    }
    for (name, bytes) in files_below(&world.folder.path().join(&folder)) {
        let path = desk.path(&folder).join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, bytes).expect("a file");
    }
    Given { world, desk, folder }
}

impl Given {
    fn stranger(&self) -> Ran {
        self.ours(&self.folder, &["supplement.json"])
    }

    fn ours(&self, folder: &str, supplements: &[&str]) -> Ran {
        let mut args = vec!["--casebook", "none", "verify", folder, "--directory", "directory.json"];
        args.extend(supplements.iter().flat_map(|one| ["--with", one]));
        run_by("exec \"$@\"", KITH, &self.desk.path(""), "", &args, "")
    }

    fn python(&self, python: &Path) -> Output {
        self.theirs(python, &self.folder, &["supplement.json"])
    }

    fn theirs(&self, python: &Path, folder: &str, supplements: &[&str]) -> Output {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("verifier/kith_verify.py");
        let mut run = Command::new(python);
        run.arg("-B").arg(script).args(["bundle", folder, "directory.json"]).args(supplements);
        tools::run(run.current_dir(self.desk.path("")), b"")
    }

    /// What the page says to run in the folder: `sha256sum`, then `ssh-keygen`.
    fn stock(&self) -> [bool; 2] {
        let commands = printed_commands(&self.desk.read("page.html"));
        [&commands[2], &commands[3]]
            .map(|command| self.desk.script(&format!("cd {}; {command}", self.folder)).status.success())
    }
}

#[test]
fn all_judges_agree_on_one_bundle_and_on_each_byte_changed() {
    let what = "one bundle before all judges";
    let tools = ["age", "tar", "sha256sum", "ssh-keygen"];
    let (Some(python), false) =
        (tools::python(what), tools.iter().any(|name| tools::find(name, what).is_none()))
    else {
        return;
    };
    let given = given();
    let Given { world, desk, folder } = &given;
    desk.write("page.html", desk.read(&format!("{folder}/index.html")));

    // Stock age and tar leave exactly what was exported.
    let opened = desk.script("mkdir stock; cd stock; age -d -i ../key.txt ../bundle.age | tar -x");
    assert!(opened.status.success(), "{}", words(&opened));
    assert!(files_below(&desk.path("stock").join(folder)) == files_below(&desk.path(folder)));
    fs::write(world.folder.path().join("bundle.age"), fs::read(desk.path("bundle.age")).expect("a file"))
        .expect("a file");

    let by_hand = "ssh-keygen -Y verify -f allowed_signers -I elm-park -n supplement@kith -s supplement-1.json.sig < supplement-1.json";
    let by_hand = desk.script(by_hand);
    assert!(by_hand.status.success(), "{}", words(&by_hand));
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("verifier/kith_verify.py");
    let args = ["bundle", folder, "directory.json", "supplement-1.json"];
    let apart = Command::new(&python).arg("-B").arg(script).args(args).current_dir(desk.path("")).output();
    let apart = apart.expect("it runs");
    assert!(apart.status.success(), "{}", words(&apart));

    let ours = police(world, &["verify", "bundle.age", "--with", "supplement.age"]).ends(0);
    let stranger = given.stranger();
    assert_eq!(stranger.code, 0, "{stranger:?}");
    let theirs = given.python(&python);
    assert!(theirs.status.success(), "{}", words(&theirs));
    let theirs = words(&theirs);
    assert_eq!(given.stock(), [true, true]);
    for said in [&ours.out, &stranger.out] {
        let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
        for words in [
            "recorded words, in their order",
            "Passages withheld",
            "Lena Marsh",
            "NS26C00412",
            "Witnessed",
            "Northshire Police PPU at",
        ] {
            assert!(said.contains(words), "{words}: {said}");
        }
    }
    for words in [
        "PROVEN: the words shown",
        "WITHHELD: ",
        "released later: NS26C00412",
        "WITNESSES: witnessed since",
        "NO LATER THAN: facts",
    ] {
        assert!(theirs.contains(words), "{words}: {theirs}");
    }

    changed_bytes(&given, &python);
    several_supplements(&given, &python);
    folders(&given, &python);
}

/// Each fits after the other, named in either order; of two of the same the second gives nothing.
fn several_supplements(given: &Given, python: &Path) {
    for named in [["supplement.json", "second.json"], ["second.json", "supplement.json"]] {
        let (ours, theirs) = (given.ours(&given.folder, &named), given.theirs(python, &given.folder, &named));
        assert!(ours.code == 0 && theirs.status.success(), "{ours:?} {}", words(&theirs));
        for order in ORDERS {
            assert!(ours.out.contains(order) && words(&theirs).contains(order), "{order}: {ours:?}");
        }
    }
    let twice = ["supplement.json", "supplement.json"];
    let (ours, theirs) = (given.ours(&given.folder, &twice), given.theirs(python, &given.folder, &twice));
    assert!(ours.code == 5 && !theirs.status.success(), "{ours:?} {}", words(&theirs));
}

/// What people and programs leave in a folder, and around signatures: Kith and Python say the same of each.
fn folders(given: &Given, python: &Path) {
    for (holds, what, change) in [
        (true, "another name of the folder", ":"),
        (false, "an empty folder in it", "mkdir empty"),
        (false, "an empty folder for attachments", "mkdir attachments"),
        (false, "a hidden file", "touch .hidden"),
        (false, "the list of signers in it", "cp ../allowed_signers ."),
        (false, "a link", "mv bundle.json ..; ln -s ../bundle.json bundle.json"),
        (false, "a link to nowhere", "ln -s nowhere link"),
        (false, "a folder that is linked", "ln -s . attachments"),
        (false, "a pipe", "mkfifo pipe"),
        (false, "a pipe in a file's place", "rm index.html; mkfifo index.html"),
        (false, "a pipe in the list's place", "rm SHA256SUMS; mkfifo SHA256SUMS"),
        (false, "a file that is missing", "rm index.html"),
        (false, "a signature that begins", "echo '-----BEGIN SSH SIGNATURE-----' >> SHA256SUMS.sig"),
        (false, "words after the signatures", "echo words >> SHA256SUMS.sig"),
        (false, "words before the signatures", "sed -i '1i words' SHA256SUMS.sig"),
        (false, "a blank line after the signatures", "echo >> SHA256SUMS.sig"),
        (false, "lines as Windows ends them", "sed -i 's/$/\\r/' SHA256SUMS.sig"),
    ] {
        let copy = format!("rm -rf apart bundle.json; cp -r {} apart; cd apart; {change}", given.folder);
        let made = given.desk.script(&copy);
        assert!(made.status.success(), "{what}: {}", words(&made));
        let (ours, theirs) = (given.ours("apart", &[]), given.theirs(python, "apart", &[]));
        assert_eq!(ours.code, if holds { 0 } else { 5 }, "{what}: {ours:?}");
        assert_eq!(theirs.status.success(), holds, "{what}: {}", words(&theirs));
    }
    // The same of a supplement's signatures.
    for (what, change) in [("after", "echo words >>"), ("before", "sed -i '1i words'")] {
        let (text, signatures) = ("supplement-1.json", "supplement-1.json.sig");
        let whole = given.desk.read(signatures);
        let made = given.desk.script(&format!("{change} {signatures}"));
        assert!(made.status.success(), "{}", words(&made));
        let (ours, theirs) =
            (given.ours(&given.folder, &[text]), given.theirs(python, &given.folder, &[text]));
        assert!(ours.code == 5 && !theirs.status.success(), "{what}: {ours:?} {}", words(&theirs));
        given.desk.write(signatures, whole);
    }
}

fn changed_bytes(given: &Given, python: &Path) {
    let Given { world, desk, folder } = given;
    // Which of sha256sum and ssh-keygen covers it; Python and Kith cover all.
    for (name, covered) in [
        ("SHA256SUMS", [false, false]),
        ("SHA256SUMS.sig", [true, false]),
        ("bundle.json", [false, true]),
        ("index.html", [false, true]),
    ] {
        let path = desk.path(folder).join(name);
        let whole = fs::read(&path).expect("a file");
        // A digit stays a digit: to another line than one of digits sha256sum only warns.
        let at = whole.iter().position(u8::is_ascii_digit).filter(|_| name == "SHA256SUMS");
        fs::write(&path, flipped(&whole, at.unwrap_or(120.min(whole.len() / 4)))).expect("a file");
        assert_eq!(given.stock(), covered, "{name}");
        assert!(!given.python(python).status.success(), "{name}: Python");
        let refused = given.stranger();
        assert!(refused.code == 5 && !refused.out.contains("recorded words"), "{name}: {refused:?}");
        fs::write(path, whole).expect("a file");
    }
    for (name, judges) in [("supplement.json", 2), ("directory.json", 2)] {
        let whole = fs::read(desk.path(name)).expect("a file");
        desk.write(name, flipped(&whole, whole.len() / 3));
        assert!(!given.python(python).status.success(), "{name}: Python, of {judges}");
        assert_eq!(given.stranger().code, 5, "{name}");
        desk.write(name, whole);
    }
    let whole = fs::read(desk.path("bundle.age")).expect("a file");
    let bad = flipped(&whole, whole.len() / 2);
    fs::write(world.folder.path().join("bundle.age"), &bad).expect("a file");
    desk.write("bad.age", bad);
    assert!(!desk.script("age -d -i key.txt bad.age > /dev/null").status.success());
    let refused = police(world, &["verify", "bundle.age", "--json"]).ends(5).json("verified/1");
    assert_eq!((&refused["verified"], &refused["fault"]), (&false.into(), &"on-the-way".into()));
    assert_eq!(given.stranger().code, 0, "all is as it was");
}
