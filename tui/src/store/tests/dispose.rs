//! Two people destroy a file; afterwards no page of the casebook holds a word of it, and the log is whole.

use std::{collections::BTreeSet, fs};

use super::{raw_pages::everything, sharing, *};
use crate::casework::{
    case::{ActionItem, TriageDecision},
    command::{FileInto, Refusal},
    entry::Attachment,
    fact::{Share, ShareEnd},
    ids::{ActionId, ConsentId, HoldId, ProposalId, ReceivedId, ShareId},
    person::{Address, ContactRule, Relation, RelationKind},
    query::{Draft, RetentionRow},
    retention::{Leaving, Rule, Verdict},
};
use crate::store::{CommandError, StoreError};
use kith_protocol::{
    consent::{ConsentEvent, ConsentState},
    receipt::ReceiptKind,
};

/// One word for each place in which a word can stand; no two share their first letters.
const DOOMED: [&str; 45] = [
    "quillfeather",
    "xandrophine",
    "zobberling",
    "yttervale",
    "wexcombe",
    "vorpalling",
    "uxbridgeon",
    "tumblewick",
    "snorkelby",
    "rhubarbine",
    "pfefferly",
    "oxymandle",
    "nubbincroft",
    "mugwumpian",
    "lollopsby",
    "kerfuffleton",
    "jabberwick",
    "ibexholme",
    "hobnobberly",
    "gubbinsford",
    "flapdoodley",
    "effluvine",
    "dinglehopper",
    "cattywampus",
    "bumbershoot",
    "argletonian",
    "blatherskite",
    "codswallop",
    "doozyfare",
    "erfindle",
    "fizzgiggle",
    "gobbledy",
    "higgledy",
    "inkhornish",
    "jentacular",
    "kibblethwaite",
    "lickspittle",
    "moonraking",
    "nincompoopish",
    "opsimathy",
    "pauciloquent",
    "quomodocunque",
    "ratoonery",
    "skedaddleton",
    "taradiddle",
];
/// Words of another child, which must stay; the last is the name of the first in an entry of both, which is kept whole.
const KEPT: [&str; 5] = ["marmaladov", "peppercornish", "tiddlywinker", "bothnames", "plumtreeson"];

pub(super) fn second() -> Author {
    Author { name: "B. Osei".into(), role: "Deputy DSL".into() }
}

/// Takes the next doomed word, and says so.
struct Words(std::vec::IntoIter<&'static str>);

impl Words {
    fn next(&mut self) -> String {
        format!("word {} here", self.0.next().unwrap())
    }

    fn one(&mut self) -> String {
        self.0.next().unwrap().to_owned()
    }
}

struct World {
    child: PersonId,
    other: PersonId,
    other_case: CaseId,
    both: EntryId,
    file: Attachment,
    common: Attachment,
}

pub(super) fn grown(family: &str) -> Person {
    Person { born: Some(date(1999, 5, 1)), ..pupil("Sam", family) }
}

/// A child's file with a word in every kind of fact that holds words, and beside it another child's. What needs keys
/// and another agency to come about, proposed shares, released words and supplements, is destroyed with the bundle or
/// the share that it is of, by the same step.
fn fill(book: &mut Casebook) -> World {
    let mut w = Words(Vec::from(DOOMED).into_iter());
    let child = PersonId(book.did(Command::AddPerson(grown(&w.one()))));
    let other = PersonId(book.did(Command::AddPerson(pupil("Ola", KEPT[0]))));
    let mut now = grown("Quillfeather");
    now.also_known_as = vec![w.one()];
    book.did(Command::AmendPerson { person: child, now, why: w.next() });
    let mother = Person { kind: PersonKind::Family, ..pupil(&w.one(), "Quillfeather") };
    let mother = PersonId(book.did(Command::AddPerson(mother)));
    book.did(Command::RecordAddress(Address {
        lines: w.next(),
        postcode: w.one(),
        protected: true,
        protected_from: w.next(),
        people: vec![child, mother],
    }));
    book.did(Command::RecordRelation(Relation {
        from: mother,
        to: child,
        kind: RelationKind::Mother,
        parental_responsibility: true,
        same_household: true,
        contact: ContactRule::Open,
    }));
    let file = book.attach(w.next().repeat(1_000).as_bytes(), &w.one(), "text/plain").unwrap();
    let common = book.attach(KEPT[2].as_bytes(), "common.txt", "text/plain").unwrap();
    let mut first = concern(child, &w.next());
    (first.told, first.done, first.effect) = (w.next(), w.next(), w.next());
    first.source.name = w.next();
    first.danger = Danger::Yes { done: w.next() };
    let recording = book.attach([7; 200_000].as_slice(), "recording.mp3", "audio/mpeg").unwrap();
    first.attachments = vec![file.clone(), common.clone(), recording];
    first.people.push(Involvement { person: mother, role: Role::Family });
    let entry = book.record(first.clone(), None);
    first.statements[0].text = w.next();
    book.did(Command::AmendEntry { entry, now: first, why: w.next() });
    let decision = TriageDecision::OpenCase(case(child, &w.next()));
    let file_case = CaseId(book.did(Command::Triage { entry, decision, level: LevelOfNeed::ChildInNeed }));
    book.did(Command::SetSignificance { entry, significance: Significance::Medium });
    book.did(Command::AmendCase { case: file_case, now: case(child, &w.next()), why: w.next() });
    sharing_facts(book, &mut w, file_case, entry);
    let noted = book.record(concern(child, &w.next()), None);
    let reason = w.next();
    let decision = TriageDecision::NoFurtherAction { reason };
    book.did(Command::Triage { entry: noted, decision, level: LevelOfNeed::Universal });
    finish(book, &mut w, child, file_case);
    // A file of a form that was given up: no fact names it.
    book.attach(w.one().as_bytes(), "given up.txt", "text/plain").unwrap();
    assert_eq!(w.0.len(), 0, "every word stands somewhere");

    let other_case = CaseId(book.did(Command::OpenCase(case(other, "other"))));
    let mut theirs = note(other, 3, KEPT[1], Significance::High);
    theirs.attachments = vec![common.clone()];
    book.record(theirs, Some(other_case));
    book.did(Command::AmendPerson { person: child, now: grown(KEPT[4]), why: "adopted".into() });
    World { child, other, other_case, both: both(book, child, other), file, common }
}

/// An entry of both children, triaged into a case of the first.
fn both(book: &mut Casebook, child: PersonId, other: PersonId) -> EntryId {
    let mut both = concern(child, KEPT[3]);
    both.people.push(Involvement { person: other, role: Role::Witness });
    let entry = book.record(both, None);
    let decision = TriageDecision::OpenCase(case(child, "second"));
    let opened = CaseId(book.did(Command::Triage { entry, decision, level: LevelOfNeed::EarlyHelp }));
    book.did(Command::CloseCase { case: opened, outcome: "moved".into() });
    entry
}

fn sharing_facts(book: &mut Casebook, w: &mut Words, case: CaseId, entry: EntryId) {
    let mut record = sharing::consent();
    record.safeguarding.childs_view = w.next();
    let consent = ConsentId(book.did(Command::RecordConsent { case, record: Box::new(record) }));
    let event = ConsentEvent {
        event_time: now().timestamp(),
        event_state: ConsentState::Requested,
        entity: w.next(),
        event_type: w.next(),
    };
    book.did(Command::MoveConsent { consent, event });
    let (with, because) = (sharing::police(), w.next());
    book.did(Command::DeclineSharing { case, with, because, signed: None });
    let share = Share {
        at: date(2025, 3, 14).at(10, 0, 0, 0),
        case,
        to: sharing::police(),
        consent,
        purpose: w.next(),
        ask: "attend".into(),
        entries: vec![entry],
        attachments: Vec::new(),
        withheld: Vec::new(),
        kept: Vec::new(),
        gaps: Vec::new(),
    };
    let draft = w.next().into_bytes();
    let share = ShareId(book.did(Command::Share { share, record: None, draft }));
    book.set_sealed(share, &sharing::sealed(), &author(), &now()).unwrap();
    let receipt = sharing::signed(&w.next());
    book.did(Command::KeepReceipt { share, kind: ReceiptKind::Stored, receipt });
    book.did(Command::EndShare { share, end: ShareEnd::Withdrawn { why: w.next() } });
    book.did(Command::WithdrawConsent { consent, by: "mother".into(), why: w.next() });
    let text = sharing::document().replace("argued", &w.one());
    let received = ReceivedId(book.did(Command::Receive(sharing::received(&text))));
    book.did(Command::FileBundle { received, into: FileInto::Case(case) });
    let receipt = sharing::signed("{}");
    book.did(Command::AnswerBundle { received, kind: ReceiptKind::Receipted, note: String::new(), receipt });
    let (why, withdrawal) = (w.next(), sharing::signed("{}"));
    book.did(Command::TakeWithdrawal { received, why, answer_by: None, withdrawal });
    let (note, receipt) = (w.next(), sharing::signed("{}"));
    book.did(Command::AnswerBundle { received, kind: ReceiptKind::Kept, note, receipt });
}

fn finish(book: &mut Casebook, w: &mut Words, child: PersonId, case: CaseId) {
    let item = ActionItem { case, what: w.next(), owner: "A. Khan".into(), due: date(2025, 3, 20) };
    let action = ActionId(book.did(Command::AddAction(item.clone())));
    book.did(Command::AmendAction { action, now: ActionItem { what: w.next(), ..item } });
    book.did(Command::FinishAction { action, outcome: w.next() });
    book.did(Command::CloseCase { case, outcome: w.next() });
    book.did(Command::ReopenCase { case, why: w.next() });
    book.did(Command::CloseCase { case, outcome: "again".into() });
    let leaving = Leaving { on: date(2017, 7, 20), to: w.next(), receipt: None };
    book.did(Command::RecordLeaving { person: child, leaving });
    let hold = HoldId(book.did(Command::PlaceHold { file: child.into(), why: w.next(), until: None }));
    book.did(Command::LiftHold { hold, why: w.next() });
    let proposal = propose(book, child);
    book.did(Command::SendBackDisposal { proposal, why: w.next() });
    let draft = Draft {
        key: format!("amend/{}", case.0),
        title: "Amend".into(),
        saved: now().timestamp(),
        body: w.next(),
    };
    book.save_draft(&draft).unwrap();
    let elsewhere = r#"{"what":["aged 1-1 to 1-5",[]]}"#.to_owned();
    book.save_draft(&Draft { key: "concern".into(), body: elsewhere, ..draft }).unwrap();
}

fn propose(book: &mut Casebook, person: PersonId) -> ProposalId {
    ProposalId(book.did(Command::ProposeDisposal {
        file: person.into(),
        rule: Rule::PupilFile,
        signed: None,
    }))
}

fn approve(book: &mut Casebook, proposal: ProposalId) -> Vec<FactId> {
    book.execute(Command::ApproveDisposal { proposal, agreed: None }, &second(), &now()).unwrap()
}

pub(super) fn refused(done: Result<Vec<FactId>, CommandError>) -> Refusal {
    match done {
        Err(CommandError::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

pub(super) fn run(book: &mut Casebook, command: Command, by: &Author) -> Result<Vec<FactId>, CommandError> {
    book.execute(command, by, &now())
}

pub(super) fn file(book: &Casebook, person: PersonId) -> RetentionRow {
    match book.asked(&Query::File { file: person.into() }) {
        Answer::File(row) => *row,
        other => panic!("{other:?}"),
    }
}

/// Words of which any part that an index could hold is found: an index leaves out the letters a word shares with the
/// one before it, and no two of these share more than two.
fn found<'w>(all: &[u8], words: &[&'w str]) -> BTreeSet<&'w str> {
    let is_in = |part: &[u8]| all.windows(part.len()).any(|window| window == part);
    let tail = |word: &str| word.as_bytes()[2..].to_vec();
    words.iter().copied().filter(|word| is_in(&tail(word))).collect()
}

#[test]
fn after_disposal_no_page_holds_a_word_of_the_file() {
    let (folder, mut book) = fresh();
    let world = fill(&mut book);
    let key = book.raw_keys();
    let pieces: Vec<&str> = DOOMED.into_iter().chain(KEPT).collect();
    let before = found(&everything(folder.path(), &key), &pieces);
    assert_eq!(before.len(), pieces.len(), "the search finds what is there: {before:?}");
    // A long attachment is sealed to a key that stands in the database alone: it goes with that, and its file too.
    let mut opens: Vec<u8> =
        book.db.query_row("SELECT key FROM attachment WHERE file IS NOT NULL", [], |row| row.get(0)).unwrap();
    // As `everything` has its bytes.
    opens.make_ascii_lowercase();
    let holds_key = |all: &[u8]| all.windows(opens.len()).any(|at| at == opens);
    let beside = || fs::read_dir(folder.path().join("attachments")).unwrap().count();
    assert!(holds_key(&everything(folder.path(), &key)) && beside() == 1);

    let proposal = propose(&mut book, world.child);
    approve(&mut book, proposal);
    let open = everything(folder.path(), &key);
    assert_eq!(found(&open, &DOOMED), BTreeSet::new());
    assert!(!holds_key(&open) && beside() == 0);
    assert_eq!(found(&open, &KEPT).len(), KEPT.len());
    let grams = |like: &str| -> u64 {
        let sql = "SELECT count(*) FROM name_gram WHERE gram = ?";
        book.db.query_row(sql, [like], |row| row.get(0)).unwrap()
    };
    assert_eq!((grams("^q"), grams("ov")), (0, 1));
    drop(book);
    assert_eq!(found(&everything(folder.path(), &key), &DOOMED), BTreeSet::new(), "nor when it is closed");
}

#[test]
fn what_concerns_another_child_stays_whole_and_the_casebook_checks() {
    let (_folder, mut book) = fresh();
    let world = fill(&mut book);
    let row = file(&book, world.child);
    assert!(matches!(row.verdict, Verdict::Due { rule: Rule::PupilFile, .. }), "{:?}", row.verdict);
    assert_eq!((row.kept.clone(), row.family, row.cases), (vec![world.both], 1, 2));
    let leaves = |book: &Casebook| -> Vec<(i64, Vec<u8>)> {
        let mut all = book.db.prepare("SELECT id, leaf FROM fact ORDER BY id").unwrap();
        all.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect()
    };
    let proposal = propose(&mut book, world.child);
    let before = leaves(&book);
    let facts = approve(&mut book, proposal);
    assert!(leaves(&book).starts_with(&before), "every leaf stays");

    let report = book.check(&mut |_, _| {}).unwrap();
    assert!(report.is_whole(), "{report:?}");
    let (disposed, _, marks) = book.disposal(facts[1]).unwrap();
    assert_eq!((disposed.proposed_by.name, disposed.approved_by.name), ("A. Khan".into(), "B. Osei".into()));
    assert_eq!((disposed.facts.len(), disposed.attachments), (marks.len(), 2));
    assert!(book.found("quillfeather").is_empty());
    assert_eq!(book.found("marmaladov"), ["Ola marmaladov"]);
    let Answer::Entry(view) = book.asked(&Query::Entry { entry: world.both }) else { panic!() };
    assert_eq!((view.names[0].as_str(), view.case), ("(record destroyed)", None));
    assert!(book.read_attachment(&world.file.sha256).is_err());
    book.read_attachment(&world.common.sha256).unwrap();
    let Answer::Today(today) = book.asked(&Query::Today { today: date(2025, 3, 14) }) else { panic!() };
    assert_eq!((today.untriaged, today.open_cases, today.drafts), (0, 1, 1));
    let Answer::Person(other) = book.asked(&Query::Person { person: world.other }) else { panic!() };
    assert_eq!((other.entries.len(), other.cases[0].id), (2, world.other_case));

    book.rebuild(&mut |_, _| {}).unwrap();
    assert!(book.check(&mut |_, _| {}).unwrap().is_whole());
    book.record(note(world.other, 9, "life goes on", Significance::Low), Some(world.other_case));
}

#[test]
fn it_takes_two_people_a_rule_and_no_hold() {
    let (_folder, mut book) = fresh();
    let child = PersonId(book.did(Command::AddPerson(grown("Finch"))));
    let young = book.add("Jo", "Young");
    let propose_as = |rule| Command::ProposeDisposal { file: child.into(), rule, signed: None };
    let early = Command::ProposeDisposal { file: young.into(), rule: Rule::PupilFile, signed: None };
    assert!(matches!(refused(run(&mut book, early, &author())), Refusal::NotDue { .. }));
    let other_rule = run(&mut book, propose_as(Rule::TransferredCopy), &author());
    assert!(matches!(refused(other_rule), Refusal::NotDue { .. }));
    let proposal = propose(&mut book, child);
    let again = run(&mut book, propose_as(Rule::PupilFile), &second());
    assert!(matches!(refused(again), Refusal::NotDue { .. }));
    let same = Author { name: " a.  KHAN".into(), role: "Head".into() };
    let alone = run(&mut book, Command::ApproveDisposal { proposal, agreed: None }, &same);
    assert_eq!(refused(alone), Refusal::SamePerson { name: "A. Khan".into() });

    let hold =
        HoldId(book.did(Command::PlaceHold { file: child.into(), why: "inquiry".into(), until: None }));
    let held = run(&mut book, Command::ApproveDisposal { proposal, agreed: None }, &second());
    assert!(matches!(refused(held), Refusal::NotDue { why } if why.contains("inquiry")));
    book.did(Command::LiftHold { hold, why: "it is over".into() });
    let twice = run(&mut book, Command::LiftHold { hold, why: "again".into() }, &author());
    assert_eq!(refused(twice), Refusal::Over { what: "hold" });
    book.did(Command::SendBackDisposal { proposal, why: "ask the social worker first".into() });
    let late = run(&mut book, Command::ApproveDisposal { proposal, agreed: None }, &second());
    assert_eq!(refused(late), Refusal::Over { what: "proposal" });
    let proposal = propose(&mut book, child);
    approve(&mut book, proposal);
    let gone = run(&mut book, Command::ApproveDisposal { proposal, agreed: None }, &second());
    assert!(matches!(refused(gone), Refusal::Unknown { what: "person", .. }));
}

#[test]
fn a_hold_on_anybody_in_the_file_holds_the_file() {
    let (_folder, mut book) = fresh();
    let child = PersonId(book.did(Command::AddPerson(grown("Finch"))));
    let teacher = Person { kind: PersonKind::Staff { role: "teacher".into() }, ..pupil("Tom", "Reed") };
    let teacher = PersonId(book.did(Command::AddPerson(teacher)));
    let mut entry = note(child, 3, "alleged", Significance::High);
    entry.people.push(Involvement { person: teacher, role: Role::AllegedInstigator });
    book.record(entry, None);
    assert!(matches!(file(&book, child).verdict, Verdict::Due { .. }));
    let hold = book.did(Command::PlaceHold { file: teacher.into(), why: "inquiry".into(), until: None });
    assert!(matches!(file(&book, child).verdict, Verdict::Held(held) if held.id.0 == hold));
}

#[test]
fn what_is_unfinished_or_unknown_is_listed_for_a_person() {
    let (_folder, mut book) = fresh();
    let open = PersonId(book.did(Command::AddPerson(grown("Open"))));
    book.did(Command::OpenCase(case(open, "still open")));
    let unknown = PersonId(book.did(Command::AddPerson(Person { born: None, ..grown("Unknown") })));
    book.record(note(unknown, 3, "seen", Significance::Low), None);
    let moved = book.add("Mo", "Moved");
    let leaving = Leaving { on: date(2025, 3, 1), to: "Oak High".into(), receipt: None };
    book.did(Command::RecordLeaving { person: moved, leaving });
    book.add("Not", "Listed");
    let rows = match book.asked(&Query::Retention { limit: 9 }) {
        Answer::Retention(view) => view.rows,
        other => panic!("{other:?}"),
    };
    let stands = |person: PersonId| &rows.iter().find(|row| row.file == person.into()).unwrap().verdict;
    assert_eq!(rows.len(), 3);
    assert!(matches!(stands(open), Verdict::Unfinished(what) if what.contains("case is open")));
    assert_eq!(stands(unknown), &Verdict::Undated);
    assert_eq!(stands(moved), &Verdict::AwaitsReceipt { left: date(2025, 3, 1) });
}

#[test]
fn an_older_backup_that_is_put_back_loses_the_file_again() {
    let (folder, mut book) = fresh();
    let world = fill(&mut book);
    let (key, proposal) = (book.raw_keys(), propose(&mut book, world.child));
    drop(book);
    let backup = tempfile::tempdir().unwrap();
    fs::copy(folder.path().join("casebook.db"), backup.path().join("casebook.db")).unwrap();

    let mut book = unlock(folder.path());
    assert_eq!(book.finish_disposals(&now()).unwrap(), 0);
    approve(&mut book, proposal);
    book.add("After", "Wards");
    drop(book);
    fs::copy(backup.path().join("casebook.db"), folder.path().join("casebook.db")).unwrap();

    let mut book = unlock(folder.path());
    assert!(!book.found("quillfeather").is_empty(), "the backup holds it");
    assert_eq!(book.finish_disposals(&now()).unwrap(), 1);
    assert_eq!(found(&everything(folder.path(), &key), &DOOMED), BTreeSet::new());
    assert!(book.check(&mut |_, _| {}).unwrap().is_whole());
    assert_eq!(book.finish_disposals(&now()).unwrap(), 0, "once is enough");
    let Answer::Retention(view) = book.asked(&Query::Retention { limit: 9 }) else { panic!() };
    assert_eq!(view.rows, [], "its proposal waits for nobody");
    assert!(view.disposals[0].disposed.replayed && view.disposals[0].disposed.approved_by == second());
}

#[test]
fn a_backup_from_before_somebody_lost_their_place_loses_the_file_again_too() {
    let (folder, mut book) = fresh();
    let passphrase = Passphrase::from("nine quiet otters");
    book.add_holder(&second(), None, (&passphrase, WorkFactor::LEAST), now().timestamp()).unwrap();
    let world = fill(&mut book);
    let proposal = propose(&mut book, world.child);
    drop(book);
    let backup = tempfile::tempdir().unwrap();
    let copy = |from: &Path, to: &Path| {
        for name in ["casebook.db", "keys.json", "keys.copy.json"] {
            fs::copy(from.join(name), to.join(name)).unwrap();
        }
    };
    copy(folder.path(), backup.path());

    let mut book = unlock(folder.path());
    approve(&mut book, proposal);
    book.remove_holder(&second().name, now().timestamp()).unwrap();
    assert_eq!(book.finish_disposals(&now()).unwrap(), 0, "the list opens under the casebook's new key");
    drop(book);
    copy(backup.path(), folder.path());

    let mut book = unlock(folder.path());
    assert!(!book.found("quillfeather").is_empty(), "the backup holds it");
    assert_eq!(book.finish_disposals(&now()).unwrap(), 1);
    assert!(book.found("quillfeather").is_empty());
}

#[test]
fn a_share_that_waits_for_a_check_holds_the_file_up() {
    let (_folder, mut book) = fresh();
    let child = PersonId(book.did(Command::AddPerson(grown("Oakes"))));
    let case_file = CaseId(book.did(Command::OpenCase(case(child, "bruising"))));
    let entry = book.record(note(child, 3, "bruise", Significance::Low), Some(case_file));
    let record = Box::new(sharing::consent());
    let consent = ConsentId(book.did(Command::RecordConsent { case: case_file, record }));
    let share = ShareId(book.did(sharing::proposed(case_file, entry, consent)));
    book.did(Command::CloseCase { case: case_file, outcome: "moved".into() });
    let verdict = file(&book, child).verdict;
    assert!(
        matches!(verdict, Verdict::Unfinished(what) if what.contains("second person's check")),
        "{verdict:?}"
    );
    book.did(Command::EndShare { share, end: ShareEnd::SentBack { why: "not now".into() } });
    assert!(matches!(file(&book, child).verdict, Verdict::Due { .. }));
}

#[test]
fn a_crash_before_the_file_is_written_afresh_is_made_good() {
    let (folder, mut book) = fresh();
    let world = fill(&mut book);
    let (key, proposal) = (book.raw_keys(), propose(&mut book, world.child));
    // The transaction alone, as if the machine stopped right after its commit.
    let command = Command::ApproveDisposal { proposal, agreed: None };
    book.in_one(|tx| crate::store::carry_out(tx, command, &second(), &now())).unwrap();
    assert!(!found(&everything(folder.path(), &key), &DOOMED).is_empty(), "the log still holds it");
    drop(book);
    fs::write(folder.path().join("fresh.db"), b"half a file").unwrap();
    let mut book = unlock(folder.path());
    book.finish_disposals(&now()).unwrap();
    assert_eq!(found(&everything(folder.path(), &key), &DOOMED), BTreeSet::new());
    assert!(book.check(&mut |_, _| {}).unwrap().is_whole());
    assert!(folder.path().join("disposals.db").is_file());
}

#[test]
fn where_there_is_no_room_the_file_is_gone_from_the_tables_and_later_from_the_pages() {
    let (folder, mut book) = fresh();
    let world = fill(&mut book);
    let (key, proposal) = (book.raw_keys(), propose(&mut book, world.child));
    let in_the_way = folder.path().join("fresh.db");
    fs::create_dir(&in_the_way).unwrap();
    let done = book.execute(Command::ApproveDisposal { proposal, agreed: None }, &second(), &now());
    assert!(matches!(done, Err(CommandError::Store(StoreError::OldPages(_)))), "{done:?}");
    assert!(book.found("quillfeather").is_empty());
    fs::remove_dir(in_the_way).unwrap();
    book.finish_disposals(&now()).unwrap();
    assert_eq!(found(&everything(folder.path(), &key), &DOOMED), BTreeSet::new());
}

#[test]
fn a_list_of_disposals_that_cannot_be_read_keeps_nobody_from_the_records() {
    let (folder, mut book) = fresh();
    book.add("Jamie", "Oakes");
    fs::write(folder.path().join("disposals.db"), [7; 8192]).unwrap();
    let said = crate::text::disposals(book.finish_disposals(&now())).unwrap();
    assert!(said.contains("disposals.db"), "{said}");
    assert_eq!(book.found("oakes"), ["Jamie Oakes"]);
}

#[test]
fn an_empty_fact_that_no_disposal_names_is_a_fault() {
    let (_folder, mut book) = fresh();
    let child = book.add("Jamie", "Oakes");
    book.record(note(child, 1, "kept", Significance::Low), None);
    book.db
        .execute("UPDATE fact SET body = NULL, seed = NULL WHERE id = (SELECT max(id) FROM fact)", [])
        .unwrap();
    let report = book.check(&mut |_, _| {}).unwrap();
    assert!(format!("{report:?}").contains("fact 1-2: it is empty, and no disposal names it"), "{report:?}");
    assert!(!report.is_whole());
}
