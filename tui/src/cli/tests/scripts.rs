//! A school's list taken in again and again, people amended, and the way from a concern to a case without a screen.

use super::*;

const LIST: &str = "given,family,born,upn,year\nNiamh,O'Brien,2018-01-26,,4\nKit,Marsh,2016-05-01,C820123424001,5\nSam,Reed,,,2\n";

fn import(world: &World, text: &str, more: &str) -> Ran {
    let file = world.write("list.csv", text);
    world.kith(&format!("people import {} {more}", file.display()), "")
}

fn people(world: &World) -> Vec<Value> {
    let listed = world.kith("people list --json", "");
    if listed.exit == Exit::NothingMatched {
        return Vec::new();
    }
    listed.json("people/1")["people"].as_array().unwrap().clone()
}

#[test]
fn a_list_that_is_imported_again_does_not_double_the_school() {
    let world = World::new();
    let first = import(&world, LIST, "");
    assert!(
        first.exit == Exit::Done && first.err.contains("3 people imported: 1-1 to 1-3."),
        "{}",
        first.err
    );
    let again = import(&world, &format!("{LIST}New,Child,2019-01-01,,R\n"), "");
    assert_eq!(again.exit, Exit::Refused, "{}", again.err);
    for line in
        ["line 2: person 1-1 has the same name and birth date", "line 3: this UPN", "line 4: person 1-3"]
    {
        assert!(again.err.contains(line), "{line}: {}", again.err);
    }
    assert!(again.err.contains("--update") && again.err.contains("--again") && !again.err.contains("Niamh"));
    assert_eq!(people(&world).len(), 3, "nothing of it was taken in");

    let next_year = LIST.replace(",,4", ",B801200005001,5").replace("Kit,", "Christopher,");
    let updated = import(&world, &format!("{next_year}New,Child,2019-01-01,,R\n"), "--update --json");
    let told = updated.json("people-import/1");
    assert_eq!((&told["people"], &told["amended"], &told["unchanged"]), (&1.into(), &2.into(), &1.into()));
    assert_eq!(people(&world).len(), 4);
    let kit = world.kith("people show 1-2 --json", "").json("person/1");
    assert_eq!((&kit["person"]["given"], &kit["versions"]), (&"Christopher".into(), &2.into()), "by the UPN");
    let kept = world.kith("people show 1-3 --json", "").json("person/1");
    assert_eq!(kept["versions"], 1, "who is recorded just so is left alone");

    let twin = import(&world, "given,family,born\nNiamh,O'Brien,2018-01-26\n", "--again");
    assert!(twin.exit == Exit::Done && twin.err.contains("1 person imported: 1-"), "{}", twin.err);
    assert_eq!(people(&world).len(), 5);
    let which = import(&world, "given,family,born\nNiamh,O'Brien,2018-01-26\n", "--update");
    assert!(which.exit == Exit::Refused && which.err.contains("any of several"), "{}", which.err);
    let twice = import(&world, "given,family\nAl,Fox\nAl,Fox\n", "");
    assert!(
        twice.exit == Exit::Refused
            && twice.err.contains("line 3: the same name and birth date stand on line 2")
    );
    assert_eq!(import(&world, "given,family,upn\nAl,Fox,C820123424001\n", "--again").exit, Exit::Refused);
    let folder = world.kith(&format!("people import {}", world.folder.path().display()), "");
    assert!(folder.exit == Exit::Usage && folder.err.contains("is a folder"), "{}", folder.err);
}

#[test]
fn somebody_is_amended_by_what_is_given_and_nothing_else() {
    let world = World::new();
    import(&world, LIST, "");
    let amend = |json: &str| world.kith("people amend 1-1", json);
    assert_eq!(
        amend(r#"{"why": "the register was wrong", "born": "2018-02-26", "class": "Elm"}"#).exit,
        Exit::Done
    );
    let now = world.kith("people show 1-1 --json", "").json("person/1");
    assert_eq!((&now["person"]["born"], &now["person"]["given"]), (&"2018-02-26".into(), &"Niamh".into()));
    assert_eq!(now["versions"], 2);
    let slip = amend(r#"{"why": "x", "borne": "2018-02-26"}"#);
    assert!(slip.exit == Exit::Usage && slip.err.contains("did you mean `born`?"), "{}", slip.err);
    assert_eq!(amend(r#"{"why": " ", "given": "Neve"}"#).exit, Exit::Refused, "a change needs its reason");
    assert_eq!(amend(r#"{"why": "x", "upn": "C820123424002"}"#).exit, Exit::Usage);
    assert_eq!(world.kith("people amend 1-77", r#"{"why": "x"}"#).exit, Exit::NothingMatched);
}

#[test]
fn a_script_gets_from_a_concern_to_a_case_and_a_share() {
    let world = World::new();
    let child = pupils(&world)[0].clone();
    let concern = |category: &str| {
        let json = format!(
            r#"{{"people": [{{"person": "{child}", "role": "subject"}}], "happened": "2026-11-19 0905", "category": "{category}",
                "statements": [{{"kind": "observed-fact", "text": "A bruise on the arm."}}]}}"#
        );
        world.kith("concern add --json", &json)
    };
    let slip = concern("wellfare");
    assert_eq!(slip.exit, Exit::Usage);
    assert!(
        slip.err.contains("`wellfare` is no category") && slip.err.contains("did you mean"),
        "{}",
        slip.err
    );
    let [one, two, three] = ["welfare"; 3]
        .map(|category| concern(category).json("concern-add/1")["ref"].as_str().unwrap().to_owned());
    let shown = world.kith(&format!("concern show {one}"), "");
    assert!(shown.out.contains("A bruise on the arm.") && shown.out.contains("it waits"), "{}", shown.out);

    let opened =
        world.kith(&format!("concern triage {one} --level child-in-need --open - --json"), "Bruising\n");
    let case = opened.json("concern-triage/1")["case"].as_str().unwrap().to_owned();
    let added = world.kith(&format!("concern triage {two} --level child-in-need --case {case} --json"), "");
    assert_eq!(added.json("concern-triage/1")["case"], case.as_str());
    let twice = world.kith(&format!("concern triage {two} --level child-in-need --case {case}"), "");
    assert_eq!(twice.exit, Exit::Changed, "{}", twice.err);
    let nothing =
        world.kith(&format!("concern triage {three} --level universal --no-further-action -"), " \n");
    assert_eq!(nothing.exit, Exit::Refused, "a decision needs its reason: {}", nothing.err);
    let nothing = world
        .kith(&format!("concern triage {three} --level universal --no-further-action -"), "A fall, seen.");
    assert_eq!(nothing.exit, Exit::Done, "{}", nothing.err);
    assert_eq!(world.kith("concern list", "").exit, Exit::NothingMatched, "none waits any more");

    let held = world.kith(&format!("case show {case} --json"), "").json("case/1");
    assert_eq!(
        (&held["title"], &held["lead"], &held["entries"]),
        (&"Bruising".into(), &"Amina Khan".into(), &2.into())
    );
    let record = sharing::consent(&world, case.parse().unwrap());
    let ready = sharing::share(&world, case.parse().unwrap(), &record, "--json");
    let sent = if ready.exit == Exit::Refused {
        let decisions = sharing::decide(&world, &ready);
        sharing::share(&world, case.parse().unwrap(), &record, &format!("--decisions {decisions} --json"))
    } else {
        ready
    };
    assert_eq!(sent.json("share/1")["to"], "northshire-police");

    let other =
        world.kith(&format!("case open {child} --level early-help --title - --lead Ben --json"), "Lateness");
    let other = other.json("case-open/1")["ref"].as_str().unwrap().to_owned();
    let held = world.kith(&format!("case show {other} --json"), "").json("case/1");
    assert_eq!((&held["level"], &held["lead"]), (&"early-help".into(), &"Ben".into()));
    assert_eq!(world.kith("case open 1-99999 --level early-help --title -", "x").exit, Exit::NothingMatched);
}

#[test]
fn before_a_partnership_there_is_no_inbox_to_be_empty() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::new();
    let since = now().timestamp() - SignedDuration::from_hours(24);
    drop(agency(&folder.path().join("alone"), "alone", ("Alone", Sector::School), since));
    let alone = kith(&folder.path().join("alone"), world.passphrase.as_raw_fd(), "inbox", "");
    assert_eq!(alone.exit, Exit::Configuration, "{}", alone.err);
    assert!(alone.err.contains("kith join"), "{}", alone.err);
    assert_eq!(world.kith("inbox", "").exit, Exit::NothingMatched);
}

#[test]
fn two_records_are_marked_as_of_one_person_and_parted_again() {
    let world = World::new();
    let csv = "given,family,born,year\nMaya,Holt,2016-02-28,Y4\nAmaya,Verity,,Y4\nJon,Holt,2018-02-26,Y2\n";
    fs::write(world.path("two.csv"), csv).unwrap();
    let taken = world.kith(&format!("people import {}", world.path("two.csv").display()), "");
    assert_eq!(taken.exit, Exit::Done, "{}", taken.err);
    let find = |name: &str| {
        let found = world.kith("people find --json", name).json("people/1");
        found["people"][0]["ref"].as_str().unwrap().to_owned()
    };
    let (maya, amaya) = (find("maya holt"), find("amaya verity"));
    assert_ne!(maya, amaya);
    let marked = world.kith(&format!("people same {maya} {amaya}"), "one birth certificate");
    let said =
        format!("{maya} Maya Holt, born 28 February 2016; and {amaya} Amaya Verity, not known when born");
    assert!(marked.err.contains(&said) && marked.err.contains("they are one person"), "{}", marked.err);
    let slip = world.kith(&format!("people same {} {amaya}", find("jon holt")), "one birth certificate");
    assert_eq!(slip.exit, Exit::Refused, "{}", slip.err);
    assert!(slip.err.contains("they differ in their date of birth"), "{}", slip.err);
    assert_eq!(find("amaya verity"), maya);
    let shown = world.kith(&format!("people show {maya} --json"), "").json("person/1");
    assert_eq!(shown["same"][0].as_str(), Some(amaya.as_str()));
    let parted = world.kith(&format!("people same {maya} {amaya} --not"), "two girls after all");
    assert_eq!((parted.exit, find("amaya verity")), (Exit::Done, amaya), "{}", parted.err);
}
