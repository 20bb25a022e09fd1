//! A share from template to sealed file, opened at the other agency; and what refuses it.

use super::*;
use crate::{
    casework::{
        case::{Case, LevelOfNeed},
        command::Command,
        entry::{Danger, Entry, EntryKind, Involvement, Precision, Significance, Source, Statement, When},
        ids::{CaseId, EntryId, PersonId},
        person::Address,
    },
    store::Casebook,
};
use kith_protocol::{
    bundle::{ConcernCategory, Role, StatementKind},
    supplement::{SignedSupplement, Supplement},
};

const PLACE: &str = "14 Larkfield Rise";

/// A case with one entry that names another child and a protected address.
pub(super) fn case(world: &World) -> (CaseId, EntryId) {
    let people: Vec<PersonId> = pupils(world).iter().map(|one| one.parse().unwrap()).collect();
    let mut book = Casebook::unlock(&world.path("elm-park"), &Passphrase::from(SECRET)).unwrap();
    let user = book.session().unwrap().user;
    let mut run = |command| book.execute(command, &user, &now()).unwrap()[0];
    let (niamh, haroon) = (people[0], people[2]);
    run(Command::RecordAddress(Address {
        lines: PLACE.into(),
        postcode: "NX4 7QT".into(),
        protected: true,
        protected_from: "the father".into(),
        people: vec![niamh],
    }));
    let opened = Case {
        child: niamh,
        title: "Safety".into(),
        level: LevelOfNeed::ChildInNeed,
        lead: "Amina Khan".into(),
    };
    let case = CaseId(run(Command::OpenCase(opened)));
    let entry = Entry {
        kind: EntryKind::Note,
        people: vec![
            Involvement { person: niamh, role: Role::Subject },
            Involvement { person: haroon, role: Role::Witness },
        ],
        happened: When { at: "2026-11-19T09:05".parse().unwrap(), precision: Precision::Exact },
        category: ConcernCategory::FamilyCircumstances,
        source: Source {
            name: "Joanna Reid".into(),
            role: "teacher".into(),
            agency: "Elm Park Primary".into(),
        },
        statements: vec![Statement {
            kind: StatementKind::ObservedFact,
            text: format!("A man asked Haroon Siddiqui whether Niamh lives at {PLACE}, NX4 7QT."),
        }],
        danger: Danger::No,
        told: String::new(),
        done: "Rang the police.".into(),
        effect: "Frightened.".into(),
        significance: Significance::High,
        attachments: Vec::new(),
    };
    let entry = EntryId(run(Command::RecordEntry { entry, case: Some(case) }));
    (case, entry)
}

/// The template, filled in as a person would.
pub(super) fn consent(world: &World, case: CaseId) -> Value {
    let ran = world.kith(&format!("share {case} --to northshire-police --template"), "");
    assert_eq!(ran.exit, Exit::Done, "{}", ran.err);
    let mut record: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(
        (&record["lawful_basis"], &record["purposes"][0]),
        (&Value::Null, &"".into()),
        "people decide these"
    );
    record["lawful_basis"] = "duty-to-share".into();
    record["purposes"][0] = "To protect Niamh".into();
    record["notice"]["privacy_notice"] = "Elm Park privacy notice, version 3".into();
    record["safeguarding"]["family_told"] =
        serde_json::json!({ "not-safe": { "because": "the father would hear of it" } });
    record["safeguarding"]["childs_view"] = "She wants the man to go away.".into();
    record["safeguarding"]["necessity"] = "The police are looking for him.".into();
    record
}

pub(super) fn share(world: &World, case: CaseId, record: &Value, more: &str) -> Ran {
    let consent = world.write("consent.json", &record.to_string());
    world.write("ask.txt", "Please find the man.");
    let ask = world.path("ask.txt");
    world.kith(
        &format!(
            "share {case} --to northshire-police --consent {} --ask {} {more}",
            consent.display(),
            ask.display()
        ),
        "",
    )
}

/// Withholds every suggestion under the reason it was suggested for.
pub(super) fn decide(world: &World, undecided: &Ran) -> String {
    let listed = undecided.document("share-undecided/1");
    let decisions: serde_json::Map<String, Value> = (listed["suggestions"].as_array().unwrap().iter())
        .map(|one| {
            (one["span"].as_str().unwrap().to_owned(), serde_json::json!({ "withhold": one["suggested"] }))
        })
        .collect();
    let file = serde_json::json!({ "kith": "decisions/1", "decisions": decisions });
    world.write("decisions.json", &file.to_string()).display().to_string()
}

#[test]
fn undecided_suggestions_stop_a_share_and_are_listed() {
    let world = World::new();
    let (case, _) = case(&world);
    let record = consent(&world, case);
    let ran = share(&world, case, &record, "--json");
    assert_eq!(ran.exit, Exit::Refused, "{}", ran.err);
    let listed = ran.document("share-undecided/1");
    let texts: Vec<_> =
        listed["suggestions"].as_array().unwrap().iter().map(|one| one["text"].as_str().unwrap()).collect();
    assert!(
        texts.iter().any(|text| text.contains("Haroon"))
            && texts.iter().any(|text| text.contains("Larkfield")),
        "{texts:?}"
    );
    assert!(listed["suggestions"].as_array().unwrap().iter().any(|one| one["must_be_withheld"] == true));
    let plain = share(&world, case, &record, "");
    assert_eq!(plain.exit, Exit::Refused);
    assert!(
        plain.out.contains("MUST BE WITHHELD") && plain.err.contains("--decisions"),
        "{}{}",
        plain.out,
        plain.err
    );
}

#[test]
fn a_share_without_a_basis_or_with_the_address_left_in_is_refused() {
    let world = World::new();
    let (case, entry) = case(&world);
    let record = consent(&world, case);
    let undecided = share(&world, case, &record, "--json");
    let decisions = decide(&world, &undecided);
    let mut bare = record.clone();
    bare["lawful_basis"] = Value::Null;
    let ran = share(&world, case, &bare, &format!("--decisions {decisions}"));
    assert_eq!(ran.exit, Exit::Refused);
    assert!(ran.err.contains("no lawful basis") && ran.err.contains("nothing was sent"), "{}", ran.err);
    let kept = fs::read_to_string(&decisions)
        .unwrap()
        .replace(r#"{"withhold":"contact-or-address"}"#, r#"{"keep":"they know it"}"#);
    let kept = world.write("kept.json", &kept);
    let ran = share(&world, case, &record, &format!("--decisions {}", kept.display()));
    assert_eq!(ran.exit, Exit::Refused, "{}", ran.err);
    let ran = share(&world, case, &record, &format!("--decisions {decisions} --entries 1-99999"));
    assert_eq!(ran.exit, Exit::NothingMatched, "{entry}: {}", ran.err);
    assert_eq!(world.kith("shares", "").exit, Exit::NothingMatched, "nothing was recorded");
}

#[test]
fn a_sealed_file_goes_by_hand_and_opens_at_the_other_agency() {
    let world = World::new();
    let (case, _) = case(&world);
    let record = consent(&world, case);
    let undecided = share(&world, case, &record, "--json");
    let decisions = decide(&world, &undecided);
    let preview = share(&world, case, &record, &format!("--decisions {decisions} --dry-run"));
    assert_eq!(preview.exit, Exit::Done, "{}", preview.err);
    assert!(
        preview.out.contains("Niamh")
            && !preview.out.contains("Haroon")
            && !preview.out.contains("Larkfield")
    );
    assert_eq!(world.kith("shares", "").exit, Exit::NothingMatched, "a dry run records nothing");
    let file = world.path("bundle.age").display().to_string();
    let sent = share(&world, case, &record, &format!("--decisions {decisions} --to-file {file} --json"))
        .json("share/1");
    assert_eq!(sent["queued"], true, "a file is a second way, not another");
    let shares = world.kith("shares --json", "").json("share-list/1");
    assert_eq!(
        (&shares["shares"][0]["ref"], &shares["shares"][0]["state"]),
        (&sent["ref"], &"queued".into())
    );

    let police = |words: &str| world.kith_of("northshire-police", words, "");
    let verified = police(&format!("verify {file} --json")).json("verified/1");
    assert_eq!(verified["from"], "elm-park");
    let words = verified["checks"].to_string();
    assert!(
        words.contains("recorded words, in their order")
            && words.contains("Not proven: that what is written is true")
    );
    let out = world.path("opened");
    let opened = police(&format!("open {file} --out {}", out.display()));
    assert_eq!(opened.exit, Exit::Done, "{}", opened.err);
    assert!(opened.out.contains("Please find the man.") && !opened.out.contains("Larkfield"));
    for name in ["bundle.json", "index.html", "SHA256SUMS", "SHA256SUMS.sig"] {
        assert!(out.join(name).is_file(), "{name}");
    }
    let again = police(&format!("open {file} --out {}", out.display()));
    assert_eq!(again.exit, Exit::CheckFailed, "an existing folder is left alone: {}", again.err);
    assert_eq!(
        world.kith(&format!("verify {file}"), "").exit,
        Exit::CheckFailed,
        "it is not sealed to its sender"
    );
    let mut bytes = fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&file, bytes).unwrap();
    assert_eq!(police(&format!("verify {file}")).exit, Exit::CheckFailed, "one bit was changed");
}

/// A share with a name withheld, and that name released.
pub(super) struct Released {
    pub(super) world: World,
    case: CaseId,
    share: String,
    span: String,
    /// The sealed bundle and the sealed supplement.
    pub(super) file: String,
    supplement: String,
}

const ORDER: &str = "NS26C00412";

pub(super) fn released() -> Released {
    let world = World::new();
    let (case, _) = case(&world);
    let record = consent(&world, case);
    let undecided = share(&world, case, &record, "--json");
    let decisions = decide(&world, &undecided);
    let [file, supplement] =
        ["bundle.age", "supplement.age"].map(|name| world.path(name).display().to_string());
    let sent = share(&world, case, &record, &format!("--decisions {decisions} --to-file {file} --json"))
        .json("share/1");
    let suggestions = undecided.document("share-undecided/1")["suggestions"].clone();
    let name = |one: &&Value| one["text"].as_str().unwrap().contains("Haroon");
    let name = suggestions.as_array().unwrap().iter().find(name).unwrap();
    let of = |value: &Value| value.as_str().unwrap().to_owned();
    let released =
        Released { case, share: of(&sent["ref"]), span: of(&name["span"]), file, supplement, world };
    assert_eq!(released.disclose(&released.supplement).exit, Exit::Done);
    released
}

impl Released {
    fn disclose(&self, out: &str) -> Ran {
        let Self { share, span, .. } = self;
        self.world.kith(&format!("disclose {share} --span {span} --order {ORDER} --out {out}"), "")
    }

    pub(super) fn police(&self, words: &str) -> Ran {
        self.world.kith_of("northshire-police", words, "")
    }

    /// The supplement with another byte at its end.
    fn damaged(&self) -> String {
        let mut bytes = fs::read(&self.supplement).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        let broken = self.world.path("broken.age");
        fs::write(&broken, bytes).unwrap();
        broken.display().to_string()
    }

    /// The same words as the police would sign them, of a record that is not theirs.
    fn of_another_sender(&self) -> String {
        let book = |name| Casebook::unlock(&self.world.path(name), &Passphrase::from(SECRET)).unwrap();
        let (school, police) = (book("elm-park"), book("northshire-police"));
        let (_, release) = school.releases(self.share.parse().unwrap()).unwrap().remove(0);
        let (person, secrets) =
            (police.person_key().unwrap().unwrap(), police.agency_secrets().unwrap().unwrap());
        let theirs = Supplement {
            from: "northshire-police".parse().unwrap(),
            signed_by: person.certificate.clone(),
            ..release.supplement.supplement().unwrap()
        };
        let theirs = SignedSupplement::release(&theirs, &secrets.sign, &person);
        self.world.write("theirs.json", &serde_json::to_string(&theirs).unwrap()).display().to_string()
    }
}

#[test]
fn a_withheld_name_is_released_later_on_an_order() {
    let one = released();
    let Released { world, case, share, span, file, supplement } = &one;
    let listed = world.kith(&format!("disclose {share}"), "");
    let line = listed.out.lines().find(|line| line.starts_with(span)).unwrap();
    assert!(listed.exit == Exit::Done && line.contains("person 2: Haroon Siddiqui (released on "), "{line}");
    let listed = world.kith(&format!("disclose {share} --json"), "").json("withheld/1");
    let one_of = |span: &str| {
        listed["withheld"].as_array().unwrap().iter().find(|one| one["span"] == span).unwrap().clone()
    };
    assert!(one_of(span)["released"]["ref"].is_string() && one_of(span)["code"].is_string(), "{listed}");
    let left = listed["withheld"].as_array().unwrap().iter().filter(|one| one["released"].is_null());
    assert!(left.count() > 0, "{listed}");
    assert_ne!(one.disclose(supplement).exit, Exit::Done, "the file is there already");
    let second = world.path("again.age").display().to_string();
    let twice = one.disclose(&second);
    assert!(twice.exit == Exit::Changed && twice.err.contains("--again"), "{}", twice.err);
    let again = format!("disclose {share} --span {span} --again --out {second}");
    assert_eq!(world.kith(&again, "").exit, Exit::Done);
    // It stands with the share: by whom, when, on which order.
    let listed = world.kith("shares --json", "").json("share-list/1");
    let released = listed["shares"][0]["released"].as_array().unwrap();
    assert_eq!((released.len(), &released[0]["order"]), (1, &ORDER.into()), "{listed}");
    assert_eq!(released[0]["by"], "Amina Khan");
    assert!(world.kith("shares", "").out.contains("by Amina Khan, of entry"));
    let with = one.police(&format!("verify {file} --with {supplement}"));
    assert_eq!(with.exit, Exit::Done, "{}", with.err);
    assert!(with.out.contains(ORDER) && with.out.contains("Haroon"), "{}", with.out);
    let json = one.police(&format!("verify {file} --with {supplement} --json")).json("verified/1");
    assert!(json["released"].to_string().contains("Haroon"));
    assert_eq!(json["proven"]["facts"].as_array().unwrap().len(), 1);
    let broken = one.police(&format!("verify {file} --with {}", one.damaged()));
    assert!(broken.exit == Exit::CheckFailed && !broken.out.contains("Haroon"), "{}", broken.out);
    let line = world.kith(&format!("chronology {case}"), "").out;
    assert!(line.contains("RELEASED to") && line.contains(ORDER), "{line}");
    assert!(world.kith("casebook check", "").exit == Exit::Done);
}

#[test]
fn what_was_released_is_taken_in_once_and_stands_in_the_record() {
    let one = released();
    let Released { world, file, supplement, .. } = &one;
    let received = one.police(&format!("inbox import {file} --json")).json("imported/1");
    let received = received["ref"].as_str().unwrap();
    assert_eq!(one.police(&format!("inbox import {file}")).exit, Exit::Changed, "it is there already");
    // What does not hold says whose fault it is, and leaves nothing.
    for (other, why) in
        [(one.damaged(), "The fault is "), (one.of_another_sender(), "its sender is not that")]
    {
        let refused = one.police(&format!("inbox supplement {received} {other}"));
        assert_eq!(refused.exit, Exit::CheckFailed, "{}", refused.err);
        assert!(refused.err.contains(why) && refused.err.contains("The fault is "), "{}", refused.err);
    }
    assert!(!one.police(&format!("inbox read {received}")).out.contains("Haroon"));
    let taken = one.police(&format!("inbox supplement {received} {supplement} --json")).json("supplement/1");
    assert_eq!((&taken["number"], &taken["order"]), (&1.into(), &ORDER.into()));
    assert_eq!(taken["became"]["is"], "not-filed");
    let again = one.police(&format!("inbox supplement {received} {supplement}"));
    assert!(again.exit == Exit::Changed && again.err.contains("already"), "{}", again.err);
    let read = one.police(&format!("inbox read {received}")).out;
    assert!(read.contains("Haroon") && read.contains(ORDER), "{read}");
    assert!(world.kith_of("northshire-police", "casebook check", "").exit == Exit::Done);
}

#[test]
fn a_share_that_a_second_person_must_check_waits_until_another_holder_approves_it() {
    let world = World::new();
    let (case, _) = case(&world);
    let deputys = world.write("deputys", "nine quiet otters");
    let (new, deputys) = (File::open(&deputys).unwrap(), File::open(&deputys).unwrap());
    let add = format!("holder add Ben@Lowe --role Deputy --new-passphrase-fd {}", new.as_raw_fd());
    assert_eq!(world.kith(&add, "").exit, Exit::Done);
    let deputy = |words: &str, input: &str| kith(&world.path("elm-park"), deputys.as_raw_fd(), words, input);
    let why = world.write("why.txt", "agreed by the governors").display().to_string();
    assert_eq!(world.kith(&format!("check policy --sector police --why {why}"), "").exit, Exit::Done);
    let policy = world.kith("check policy --json", "").json("check-policy/1");
    assert_eq!(policy["sectors"][0], "police");

    let record = consent(&world, case);
    let decisions = decide(&world, &share(&world, case, &record, "--json"));
    let file = world.path("early.age").display().to_string();
    let early = share(&world, case, &record, &format!("--decisions {decisions} --to-file {file}"));
    assert_eq!(early.exit, Exit::Refused, "no file before the check: {}", early.err);
    let ran = share(&world, case, &record, &format!("--decisions {decisions} --json"));
    assert_eq!(ran.exit, Exit::ToCheck, "{}", ran.err);
    let first = ran.document("share-to-check/1")["ref"].as_str().unwrap().to_owned();
    let own = world.kith(&format!("check approve {first}"), "");
    assert!(own.exit == Exit::Refused && own.err.contains("same person"), "{}", own.err);

    let listed = deputy("check list --json", "").json("check-list/1");
    assert_eq!(
        (&listed["shares"][0]["ref"], &listed["shares"][0]["proposed_by"]),
        (&first.as_str().into(), &"Amina Khan".into())
    );
    let shown = deputy(&format!("check show {first}"), "");
    assert!(
        shown.out.contains("Haroon Siddiqui") && shown.out.contains("because: another child"),
        "{}",
        shown.out
    );
    let (_, read) = shown.out.split_once("What they will read:").unwrap();
    assert!(read.contains("[withheld 1: another child]") && !read.contains("Haroon"), "{read}");
    assert_eq!(deputy(&format!("check return {first} --why -"), "say why now").exit, Exit::Done);
    let late = deputy(&format!("check approve {first}"), "");
    assert!(
        late.exit == Exit::Refused
            && late.err.contains("Ben Lowe on")
            && late.err.contains("sent it back: say why now"),
        "{}",
        late.err
    );
    let unknown = deputy("check approve 1-9999", "");
    assert!(
        unknown.exit == Exit::NothingMatched && unknown.err.contains("not in this casebook"),
        "{}",
        unknown.err
    );

    let ran = share(&world, case, &record, &format!("--decisions {decisions} --json"));
    let second = ran.document("share-to-check/1")["ref"].as_str().unwrap().to_owned();
    assert_eq!(deputy(&format!("check approve {second}"), "").exit, Exit::Done);
    let shares = world.kith("shares --json", "").json("share-list/1");
    let state = |at: usize| shares["shares"][at]["state"].as_str().unwrap().to_owned();
    assert_eq!((state(0), state(1)), ("queued".to_owned(), "sent-back".to_owned()));
    assert_eq!(shares["shares"][0]["checked_by"], "Ben Lowe");
}

#[test]
fn a_node_that_does_not_answer_is_said_and_what_waits_stays() {
    let world = World::new();
    let ran = world.kith("exchange --json", "");
    assert_eq!(ran.exit, Exit::Unreachable, "{}", ran.err);
    assert_eq!(ran.document("exchange/1")["reached"], false);
}

#[test]
fn an_unknown_agency_is_named_with_those_that_are_known() {
    let world = World::new();
    let (case, _) = case(&world);
    let ran = world.kith(&format!("share {case} --to nobody --template"), "");
    assert_eq!(ran.exit, Exit::NothingMatched);
    assert!(ran.err.contains("northshire-police"), "{}", ran.err);
}

#[test]
fn a_decision_about_what_is_not_shared_is_refused_with_its_place() {
    let world = World::new();
    let (case, entry) = case(&world);
    let record = consent(&world, case);
    let undecided = share(&world, case, &record, "--json");
    let decided = fs::read_to_string(decide(&world, &undecided)).unwrap();
    let with = |more: &str| {
        let decisions = decided.replacen("\"decisions\":{", &format!("\"decisions\":{{{more},"), 1);
        assert_ne!(decisions, decided, "{decided}");
        let path = world.write("more.json", &decisions).display().to_string();
        share(&world, case, &record, &format!("--decisions {path} --dry-run"))
    };
    for (span, why) in [
        ("1-9999:statement/0:0:4".to_owned(), "entry 1-9999 is not among those that are shared"),
        (format!("{entry}:statement/7:0:4"), "says nothing in “statement 8”"),
        (format!("{entry}:attachment/0:0:4"), "has no file 1"),
        (format!("{entry}:statement/0:0:99999"), "“statement 1” of entry"),
    ] {
        let ran = with(&format!("\"{span}\":{{\"withhold\":\"not-relevant\"}}"));
        assert!(
            ran.exit == Exit::NothingMatched && ran.err.contains(why) && ran.err.contains(&span),
            "{}",
            ran.err
        );
    }
    let ran = with(&format!("\"{entry}:statement/0:0:4\":{{\"withhold\":\"not-relevant\"}}"));
    assert_eq!(ran.exit, Exit::Done, "{}", ran.err);
}
