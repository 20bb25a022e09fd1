//! Two agencies and a node that runs, with the program itself at both ends: what a script does from a concern to a
//! receipt.

use kith_protocol::{
    bundle::{ConcernCategory, Role, StatementKind},
    seal::Passphrase,
};
use kith_tests::{
    script::{Ran, run_by},
    world::{PASSPHRASE, World},
};
use kith_tui::{
    casework::{
        case::{Case, LevelOfNeed},
        command::Command,
        entry::{Danger, Entry, EntryKind, Involvement, Precision, Significance, Source, Statement, When},
        ids::{CaseId, PersonId},
        person::Address,
    },
    store::Casebook,
};
use serde_json::{Map, Value, json};

use super::{KITH, story::pupil};

/// Where nobody may learn that the child lives.
pub(crate) const HOME: &str = "9 Mill Lane";

/// What a script does at one agency of `world`.
pub(crate) fn at(world: &World, agency: &str, args: &[&str], input: &str) -> Ran {
    in_shell("exec \"$@\" 3<passphrase", world, agency, args, input)
}

/// The same by a line of shell of one's own.
pub(crate) fn in_shell(shell: &str, world: &World, agency: &str, args: &[&str], input: &str) -> Ran {
    let call = [&["--casebook", agency, "--passphrase-fd", "3"], args].concat();
    run_by(shell, KITH, world.folder.path(), PASSPHRASE, &call, input)
}

pub(crate) fn elm_park(world: &World, args: &[&str]) -> Ran {
    at(world, "elm-park", args, "")
}

pub(crate) fn police(world: &World, args: &[&str]) -> Ran {
    at(world, "northshire-police", args, "")
}

/// A child of this name and a case with one entry: these words, another child's name and the protected home.
pub(crate) fn case(world: &World, given: &str, words: &str) -> CaseId {
    case_with(world, given, words, None)
}

/// The same with a text attached.
pub(crate) fn case_with(world: &World, given: &str, words: &str, attached: Option<&str>) -> CaseId {
    let now = world.clock.local();
    let mut book =
        Casebook::unlock(&world.casebook("elm-park"), &Passphrase::from(PASSPHRASE)).expect("it unlocks");
    let user = book.session().expect("a session").user;
    let attached = attached.map(|text| book.attach(text.as_bytes(), "notes.txt", "text/plain"));
    let attachments = attached.into_iter().map(|file| file.expect("it is taken in")).collect();
    let mut run = |command| book.execute(command, &user, &now).expect("it is recorded")[0];
    let child = PersonId(run(Command::AddPerson(pupil(given, "O'Brien-Nguyễn"))));
    let other = PersonId(run(Command::AddPerson(pupil("Lena", "Marsh"))));
    run(Command::RecordAddress(Address {
        lines: HOME.into(),
        postcode: "NP4 2AB".into(),
        protected: true,
        protected_from: "Rob Crane, by court order".into(),
        people: vec![child],
    }));
    let opened =
        Case { child, title: "Safety".into(), level: LevelOfNeed::ChildInNeed, lead: "Amina Khan".into() };
    let case = CaseId(run(Command::OpenCase(opened)));
    let entry = Entry {
        kind: EntryKind::Note,
        people: vec![
            Involvement { person: child, role: Role::Subject },
            Involvement { person: other, role: Role::Witness },
        ],
        happened: When {
            at: now.datetime().checked_sub(jiff::SignedDuration::from_hours(24)).expect("yesterday"),
            precision: Precision::Exact,
        },
        category: ConcernCategory::Welfare,
        source: Source { name: "Amina Khan".into(), role: "lead".into(), agency: "Elm Park Primary".into() },
        statements: vec![Statement {
            kind: StatementKind::ObservedFact,
            text: format!("{words} Lena Marsh asked whether they still live at {HOME}, NP4 2AB."),
        }],
        danger: Danger::No,
        told: String::new(),
        done: "Rang the police.".into(),
        effect: "Frightened.".into(),
        significance: Significance::High,
        attachments,
    };
    run(Command::RecordEntry { entry, case: Some(case) });
    case
}

/// The arguments of a share with the police; the files named lie in the world's folder.
pub(crate) fn to_police<'a>(case: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let fixed = ["share", case, "--to", "northshire-police", "--consent", "record.json", "--ask", "ask.txt"];
    [&fixed, more].concat()
}

/// Fills in the template as a person would, and writes what is asked.
pub(crate) fn fill_in(world: &World, case: &str, ask: &str) -> Value {
    let template = ["share", case, "--to", "northshire-police", "--template"];
    let mut record: Value = serde_json::from_str(&elm_park(world, &template).ends(0).out).expect("JSON");
    assert_eq!((&record["lawful_basis"], &record["purposes"][0]), (&Value::Null, &"".into()));
    record["lawful_basis"] = "duty-to-share".into();
    record["purposes"][0] = "To protect the child".into();
    record["notice"]["privacy_notice"] = "Elm Park privacy notice, version 3".into();
    record["safeguarding"]["family_told"] =
        json!({ "not-safe": { "because": "her partner would hear of it" } });
    record["safeguarding"]["childs_view"] = "Wants it to stop.".into();
    record["safeguarding"]["necessity"] = "They need to know who was there.".into();
    write(world, "record.json", &record.to_string());
    write(world, "ask.txt", ask);
    record
}

/// Withholds what is suggested and looks files through; the decisions lie in `decisions.json`.
pub(crate) fn withhold_all(world: &World, case: &str) {
    let undecided = elm_park(world, &to_police(case, &["--dry-run", "--json"])).ends(6);
    let listed = undecided.json("share-undecided/1");
    let suggestions = listed["suggestions"].as_array().expect("a list");
    let texts: Vec<_> = suggestions.iter().filter_map(|one| one["text"].as_str()).collect();
    assert!(texts.iter().any(|text| text.contains("Lena")), "{texts:?}");
    assert!(texts.iter().any(|text| text.contains("Mill Lane")), "{texts:?}");
    let decide = |one: &Value| {
        let span = one["span"].as_str().expect("a span").to_owned();
        let file = span.contains("attachment");
        let fate =
            if file { json!({ "keep": "looked through" }) } else { json!({ "withhold": one["suggested"] }) };
        (span, fate)
    };
    let decisions: Map<String, Value> = suggestions.iter().map(decide).collect();
    write(world, "decisions.json", &json!({ "kith": "decisions/1", "decisions": decisions }).to_string());
}

pub(crate) fn write(world: &World, name: &str, text: &str) {
    std::fs::write(world.folder.path().join(name), text).expect("a file");
}

#[test]
fn a_script_shares_and_hears_that_it_was_taken_on() {
    let mut world = World::today();
    let case = case(&world, "Jonah", "Bruise on the left upper arm.").to_string();
    let shown = elm_park(&world, &["case", "show", &case, "--json"]).ends(0).json("case/1");
    assert_eq!(
        (&shown["child_name"], &shown["level"], &shown["entries"], &shown["protected_address"]),
        (&"Jonah O'Brien-Nguyễn".into(), &"child-in-need".into(), &1.into(), &true.into())
    );
    let mut record = fill_in(&world, &case, "Please find the man.");
    withhold_all(&world, &case);
    let decided = |more: &[&'static str]| [&["--decisions", "decisions.json"], more].concat();

    // Refused by a rule, in a dry run and without; nothing is recorded.
    let basis = record["lawful_basis"].take();
    write(&world, "record.json", &record.to_string());
    for more in [&["--dry-run"][..], &[]] {
        let refused = elm_park(&world, &to_police(&case, &decided(more))).ends(6);
        assert!(
            refused.err.contains("no lawful basis") && refused.err.contains("nothing was"),
            "{refused:?}"
        );
    }
    record["lawful_basis"] = basis;
    write(&world, "record.json", &record.to_string());
    let dry = elm_park(&world, &to_police(&case, &decided(&["--dry-run"]))).ends(0);
    assert!(dry.out.contains("Bruise on the left") && dry.err.contains("Nothing was sent"), "{dry:?}");
    assert!(!dry.out.contains("Lena") && !dry.out.contains(HOME), "{dry:?}");
    elm_park(&world, &["shares"]).ends(3);

    // It goes, is read and taken on, and the answer is back: each step one command.
    let sent = elm_park(&world, &to_police(&case, &decided(&["--json"]))).ends(0).json("share/1");
    world.stop_node();
    let down = elm_park(&world, &["exchange", "--json"]).ends(7).json("exchange/1");
    assert_eq!((&down["reached"], &down["queued"]), (&false.into(), &1.into()));
    world.start_node();
    let up = elm_park(&world, &["exchange", "--json"]).ends(0).json("exchange/1");
    assert_eq!((&up["sent"], &up["queued"]), (&1.into(), &0.into()));
    let came = police(&world, &["exchange", "--json"]).ends(0).json("exchange/1");
    assert_eq!(came["received"], 1);
    let inbox = police(&world, &["inbox", "--json"]).ends(0).json("inbox/1");
    assert_eq!(inbox["bundles"][0]["from"], "elm-park", "whom a script answers");
    assert!(inbox["bundles"][0]["bundle"].is_string());
    let received = inbox["bundles"][0]["ref"].as_str().expect("a reference").to_owned();
    let read = police(&world, &["inbox", "read", &received]).ends(0);
    assert!(read.out.contains("Please find the man.") && !read.out.contains(HOME), "{read:?}");
    let answer = ["inbox", "answer", &received, "--receipted", "--note", "-"];
    at(&world, "northshire-police", &answer, "Visit today at 14:00").ends(0);
    at(&world, "northshire-police", &answer, "and again").ends(8);
    police(&world, &["exchange"]).ends(0);
    elm_park(&world, &["exchange"]).ends(0);
    let shares = elm_park(&world, &["shares", "--json"]).ends(0).json("share-list/1");
    let share = &shares["shares"][0];
    assert_eq!((&share["ref"], &share["state"]), (&sent["ref"], &"receipted".into()), "{shares}");
    assert!(share["receipts"].to_string().contains("Visit today at 14:00"), "{shares}");
}

/// The police read a share and answer; their word for the school's log stands there from then on, and goes with the next.
#[test]
fn whoever_answers_a_share_witnesses_the_log_it_was_proven_by() {
    let world = World::today();
    let case = case(&world, "Jonah", "Bruise on the left upper arm.").to_string();
    fill_in(&world, &case, "Please find the man.");
    withhold_all(&world, &case);
    let decided = ["--decisions", "decisions.json"];
    elm_park(&world, &to_police(&case, &decided)).ends(0);
    elm_park(&world, &["exchange"]).ends(0);
    let log = |world: &World| elm_park(world, &["casebook", "check"]).ends(0).out;
    assert!(log(&world).contains("cosigned by northshire (our own); not witnessed"), "{}", log(&world));
    police(&world, &["exchange"]).ends(0);
    let inbox = police(&world, &["inbox", "--json"]).ends(0).json("inbox/1");
    let received = inbox["bundles"][0]["ref"].as_str().expect("a reference").to_owned();
    police(&world, &["inbox", "read", &received]).ends(0);
    police(&world, &["exchange"]).ends(0);
    elm_park(&world, &["exchange"]).ends(0);
    let said = log(&world);
    assert!(said.contains("witnessed by") && said.contains("Northshire Police PPU"), "{said}");

    let to_file = [&decided[..], &["--to-file", "second.age"]].concat();
    elm_park(&world, &to_police(&case, &to_file)).ends(0);
    let verified = police(&world, &["verify", "second.age"]).ends(0);
    let said = &verified.out;
    assert!(said.contains("Witnessed since") && said.contains("Northshire Police PPU at"), "{said}");
}

#[test]
fn a_share_that_two_must_agree_on_goes_once_the_second_has_signed() {
    let world = World::today();
    let case = case(&world, "Jonah", "Bruise on the left upper arm.").to_string();
    fill_in(&world, &case, "Please find the man.");
    withhold_all(&world, &case);
    write(&world, "second", "nine quiet otters\n");
    let add = ["holder", "add", "Ben Lowe", "--role", "Deputy", "--new-passphrase-fd", "4"];
    in_shell("exec \"$@\" 3<passphrase 4<second", &world, "elm-park", &add, "").ends(0);
    let policy = ["check", "policy", "--sector", "police", "--why", "-"];
    at(&world, "elm-park", &policy, "agreed by the governors").ends(0);
    let send = to_police(&case, &["--decisions", "decisions.json", "--json"]);
    let waits = elm_park(&world, &send).ends(10).json("share-to-check/1");
    let share = waits["ref"].as_str().expect("a reference");
    let own = elm_park(&world, &["check", "approve", share]).ends(6);
    assert!(own.err.contains("same person"), "{own:?}");
    let deputy = |args: &[&str]| in_shell("exec \"$@\" 3<second", &world, "elm-park", args, "");
    let shown = deputy(&["check", "show", share]).ends(0);
    assert!(shown.out.contains("because: another child") && shown.out.contains("Bruise"), "{shown:?}");
    deputy(&["check", "approve", share]).ends(0);
    elm_park(&world, &["exchange"]).ends(0);
    police(&world, &["exchange"]).ends(0);
    let inbox = police(&world, &["inbox", "--json"]).ends(0).json("inbox/1");
    let received = inbox["bundles"][0]["ref"].as_str().expect("a reference").to_owned();
    let read = police(&world, &["inbox", "read", &received]).ends(0);
    assert!(read.out.contains("Checked by: Ben Lowe, Deputy, after Amina Khan proposed it"), "{read:?}");
}

#[test]
fn a_sealed_file_is_verified_opened_and_refused_when_one_bit_differs() {
    let world = World::today();
    let case = case(&world, "Jonah", "Bruise on the left upper arm.").to_string();
    fill_in(&world, &case, "Please find the man.");
    withhold_all(&world, &case);
    let to_file = ["--decisions", "decisions.json", "--to-file", "bundle.age"];
    elm_park(&world, &to_police(&case, &to_file)).ends(0);
    elm_park(&world, &to_police(&case, &to_file)).ends(1);
    let verified = police(&world, &["verify", "bundle.age", "--json"]).ends(0).json("verified/1");
    assert_eq!((&verified["verified"], &verified["from"]), (&true.into(), &"elm-park".into()));
    let checked = police(&world, &["verify", "bundle.age"]).ends(0);
    assert!(checked.out.contains("Amina Khan") && !checked.out.contains("Bruise"), "{checked:?}");
    let opened = police(&world, &["open", "bundle.age", "--json"]).ends(0).json("opened/1");
    assert!(opened["document"].to_string().contains("Bruise on the left upper arm."));
    let shown = police(&world, &["open", "bundle.age", "--out", "opened"]).ends(0);
    assert!(shown.out.contains("Please find the man.") && !shown.out.contains("Lena"), "{shown:?}");
    assert!(world.folder.path().join("opened/index.html").is_file());

    elm_park(&world, &["verify", "bundle.age"]).ends(5);
    police(&world, &["verify", "nowhere.age"]).ends(1);
    let path = world.folder.path().join("bundle.age");
    let mut bytes = std::fs::read(&path).expect("a file");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&path, bytes).expect("a file");
    for verb in
        [&["verify", "bundle.age"][..], &["open", "bundle.age"], &["open", "bundle.age", "--out", "no"]]
    {
        let refused = police(&world, verb).ends(5);
        assert!(refused.out.is_empty() && refused.err.contains("bundle.age"), "{refused:?}");
    }
    assert!(!world.folder.path().join("no").exists(), "nothing is laid out");
    write(&world, "bundle.age.envelope.json", "{");
    police(&world, &["verify", "bundle.age"]).ends(5);
}
