//! The day of a lead, from concern to chronology, as the screens ask for it.

use jiff::civil::date;

use super::*;
use crate::casework::{
    case::{ActionItem, TriageDecision},
    command::Refusal,
    ids::ActionId,
    query::{ActionFilter, CaseFilter, Draft, EntryRow, EventKey, Page, Today, Window},
};
use crate::store::CommandError;

fn today(casebook: &Casebook) -> Box<Today> {
    match casebook.asked(&Query::Today { today: date(2025, 3, 14) }) {
        Answer::Today(today) => today,
        other => panic!("{other:?}"),
    }
}

fn refused(casebook: &mut Casebook, command: Command) -> Refusal {
    match casebook.execute(command, &author(), &now()) {
        Err(CommandError::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

fn chronology(
    casebook: &Casebook,
    case: CaseId,
    significant_only: bool,
    window: Window<EventKey>,
) -> Vec<EntryRow> {
    match casebook.asked(&Query::EntriesOf { case, significant_only, window, limit: 3 }) {
        Answer::EntriesOf { rows, .. } => rows,
        other => panic!("{other:?}"),
    }
}

fn open_case_by_triage(casebook: &mut Casebook, child: PersonId, entry: EntryId) -> CaseId {
    let decision = TriageDecision::OpenCase(case(child, "unexplained bruising"));
    CaseId(casebook.did(Command::Triage { entry, decision, level: LevelOfNeed::ChildInNeed }))
}

#[test]
fn a_concern_becomes_a_case_with_a_chronology() {
    let (_folder, mut casebook) = fresh();
    let child = casebook.add("Jamie", "Oakes");
    let mut urgent = concern(child, "Bruise on the left forearm, size of a coin");
    urgent.danger = Danger::Yes { done: "999 at 9:07".into() };
    let calm = casebook.record(concern(child, "Tired, no breakfast"), None);
    let entry = casebook.record(urgent, None);

    let view = today(&casebook);
    assert_eq!((view.untriaged, view.in_danger, view.open_cases), (2, 1, 0));
    assert_eq!(view.triage.iter().map(|row| row.id).collect::<Vec<_>>(), [entry, calm], "danger first");
    assert_eq!(view.triage[0].children, "Jamie Oakes");
    assert_eq!(view.concerns_by_week.len(), 8);
    assert_eq!(view.concerns_by_week[7], (date(2025, 3, 10), 2));

    let case = open_case_by_triage(&mut casebook, child, entry);
    casebook.did(Command::Triage {
        entry: calm,
        decision: TriageDecision::AddToCase { case },
        level: LevelOfNeed::EarlyHelp,
    });
    for day in 1..=6 {
        let weight = if day % 2 == 0 { Significance::Medium } else { Significance::Low };
        casebook.record(note(child, day, "note", weight), Some(case));
    }
    let view = today(&casebook);
    assert_eq!((view.untriaged, view.in_danger, view.open_cases), (0, 0, 1));

    let first = chronology(&casebook, case, false, Window::First);
    assert_eq!(first.iter().map(|row| row.at.day()).collect::<Vec<_>>(), [1, 2, 3]);
    let key = first[2].key();
    let next = chronology(&casebook, case, false, Window::After(key));
    assert_eq!(next.iter().map(|row| row.at.day()).collect::<Vec<_>>(), [4, 5, 6]);
    let before = chronology(&casebook, case, false, Window::Before(next[0].key()));
    assert_eq!(before, first);
    let last = chronology(&casebook, case, true, Window::Last);
    assert_eq!(last.iter().map(|row| row.at.day()).collect::<Vec<_>>(), [6, 14, 14]);

    let Answer::Case(view) = casebook.asked(&Query::Case { case }) else { panic!() };
    assert_eq!((view.entries, view.significant, view.last_significant.len()), (8, 5, 5));
    let Answer::Months(months) = casebook.asked(&Query::Months { case }) else { panic!() };
    assert_eq!(
        months.iter().map(|m| (m.month, m.events, m.significant)).collect::<Vec<_>>(),
        [(2, 6, 3), (3, 2, 2)]
    );
    assert_eq!(months[1].first.id, calm.0);
}

#[test]
fn an_amended_entry_keeps_every_version_and_is_found_by_its_new_words_only() {
    let (_folder, mut casebook) = fresh();
    let child = casebook.add("Jamie", "Oakes");
    let entry = casebook.record(concern(child, "saw a zebra"), None);
    let now = concern(child, "saw a gnu");
    let no_reason = Command::AmendEntry { entry, now: now.clone(), why: " ".into() };
    assert_eq!(refused(&mut casebook, no_reason), Refusal::NoReason);
    casebook.did(Command::AmendEntry { entry, now, why: "wrong animal".into() });

    let Answer::Entry(view) = casebook.asked(&Query::Entry { entry }) else { panic!() };
    assert_eq!(view.entry.statements[0].text, "saw a gnu");
    assert_eq!(view.names, ["Jamie Oakes"]);
    assert_eq!((view.earlier.len(), view.earlier[0].why.as_str()), (1, "wrong animal"));
    assert_eq!(view.earlier[0].entry.statements[0].text, "saw a zebra");
    let found = |text: &str| match casebook.asked(&Query::FindEntries { text: text.into(), limit: 9 }) {
        Answer::Entries(rows) => rows.len(),
        other => panic!("{other:?}"),
    };
    assert_eq!((found("zebra"), found("gnu"), found("SAW gn"), found("\"saw a gnu\"")), (0, 1, 1, 1));
}

#[test]
fn a_concern_that_needs_more_raises_its_case_and_one_that_needs_less_does_not() {
    let (_folder, mut casebook) = fresh();
    let child = casebook.add("Jamie", "Oakes");
    let entries = [(); 3].map(|()| casebook.record(concern(child, "bruise"), None));
    let case = open_case_by_triage(&mut casebook, child, entries[0]);
    let level = |casebook: &Casebook| match casebook.asked(&Query::Case { case }) {
        Answer::Case(view) => view.case.level,
        other => panic!("{other:?}"),
    };
    let add = |casebook: &mut Casebook, entry, level| {
        let decision = TriageDecision::AddToCase { case };
        casebook.execute(Command::Triage { entry, decision, level }, &author(), &now()).unwrap().len()
    };
    assert_eq!(level(&casebook), LevelOfNeed::ChildInNeed);
    assert_eq!(add(&mut casebook, entries[1], LevelOfNeed::EarlyHelp), 1, "the triage alone");
    assert_eq!(level(&casebook), LevelOfNeed::ChildInNeed);
    assert_eq!(add(&mut casebook, entries[2], LevelOfNeed::ChildProtection), 2);
    assert_eq!(level(&casebook), LevelOfNeed::ChildProtection);
    casebook.rebuild(&mut |_, _| {}).unwrap();
    assert_eq!(level(&casebook), LevelOfNeed::ChildProtection);
    // Undone, nothing is left of it; undoing the other changes no level.
    casebook.execute(Command::UndoTriage { entry: entries[1] }, &author(), &now()).unwrap();
    assert_eq!(level(&casebook), LevelOfNeed::ChildProtection);
    casebook.execute(Command::UndoTriage { entry: entries[2] }, &author(), &now()).unwrap();
    assert_eq!(level(&casebook), LevelOfNeed::ChildInNeed);
}

#[test]
fn triage_is_undone_only_while_nothing_was_built_on_it() {
    let (_folder, mut casebook) = fresh();
    let child = casebook.add("Jamie", "Oakes");
    let entry = casebook.record(concern(child, "bruise"), None);
    let first = open_case_by_triage(&mut casebook, child, entry);
    let again = Command::Triage {
        entry,
        decision: TriageDecision::NoFurtherAction { reason: "x".into() },
        level: LevelOfNeed::Universal,
    };
    assert_eq!(refused(&mut casebook, again), Refusal::AlreadyTriaged { by: "A. Khan".into() });
    casebook.did(Command::UndoTriage { entry });
    assert_eq!((today(&casebook).untriaged, today(&casebook).open_cases), (1, 0));
    assert!(
        casebook.ask(&Query::Case { case: first }, date(2025, 3, 14)).is_err(),
        "the case was never opened"
    );

    let case = open_case_by_triage(&mut casebook, child, entry);
    casebook.did(Command::AddAction(ActionItem {
        case,
        what: "ring MASH".into(),
        owner: "A. Khan".into(),
        due: date(2025, 3, 13),
    }));
    let built = refused(&mut casebook, Command::UndoTriage { entry });
    assert_eq!(built, Refusal::CannotUndo { what: "an action in the case" });
}

#[test]
fn actions_are_due_late_finished_and_hold_the_case_open() {
    let (_folder, mut casebook) = fresh();
    let child = casebook.add("Jamie", "Oakes");
    let case_id = CaseId(casebook.did(Command::OpenCase(case(child, "attendance"))));
    let item = |what: &str, day| ActionItem {
        case: case_id,
        what: what.into(),
        owner: "A. Khan".into(),
        due: date(2025, 3, day),
    };
    let late = ActionId(casebook.did(Command::AddAction(item("late", 12))));
    let soon = ActionId(casebook.did(Command::AddAction(item("soon", 17))));
    let view = today(&casebook);
    assert_eq!((view.actions_overdue, view.actions_due_week, view.actions.len()), (1, 1, 2));
    let close = Command::CloseCase { case: case_id, outcome: "settled".into() };
    assert_eq!(refused(&mut casebook, close.clone()), Refusal::OpenActions { open: 2 });
    for action in [late, soon] {
        casebook.did(Command::FinishAction { action, outcome: "done".into() });
    }
    let filter = ActionFilter { case: Some(case_id), include_finished: true, ..ActionFilter::default() };
    let Answer::Actions(Page { rows, total, .. }) =
        casebook.asked(&Query::Actions { filter, window: Window::First, limit: 9 })
    else {
        panic!()
    };
    assert_eq!((rows.len(), total, rows[0].finished.as_deref()), (2, 2, Some("done")));
    casebook.did(close);
    let closed = Command::AddAction(item("more", 18));
    assert_eq!(refused(&mut casebook, closed), Refusal::CaseClosed);

    let cases = |text: &str, include_closed| {
        let filter = CaseFilter { text: text.into(), include_closed };
        match casebook.asked(&Query::Cases { filter, window: Window::First, limit: 9 }) {
            Answer::Cases(Page { rows, total, .. }) => (rows.len(), total),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!((cases("", false), cases("", true)), ((0, 0), (1, 1)));
    assert_eq!((cases("oaks", true), cases("atten", true), cases("zzz", true)), ((1, 1), (1, 1), (0, 0)));
}

#[test]
fn people_are_found_by_any_part_of_any_name_also_misspelt() {
    let (_folder, mut casebook) = fresh();
    let mut person = pupil("Siobhán", "O'Brien-Nguyễn");
    person.preferred = Some("Shiv".into());
    person.also_known_as = vec!["Ní Bhriain".into()];
    let id = PersonId(casebook.did(Command::AddPerson(person.clone())));
    casebook.add("Mohammed", "Khan");
    casebook.add("Y", &"x".repeat(200));
    let is = |text: &str| casebook.found(text) == ["Shiv O'Brien-Nguyễn"];
    for text in [
        "siobhan",
        "nguyen",
        "NGUYỄN",
        "obrien",
        "o'brien",
        "brien ng",
        "shiv",
        "bhriain",
        "siobahn",
        "nguyne obrein",
        "shiv obri",
    ] {
        assert!(is(text), "{text}: {:?}", casebook.found(text));
    }
    assert_eq!(casebook.found("mohamad"), ["Mohammed Khan"]);
    assert_eq!(casebook.found("B8012000").len(), 3, "by number");
    assert_eq!(casebook.found(&id.to_string()), ["Shiv O'Brien-Nguyễn"], "by reference");
    assert_eq!(casebook.found("y xxxxx").len(), 1);
    assert!(casebook.found("\" OR 1=1 --").is_empty());

    casebook.add("Mia", "O\u{2019}Brien-Nguyễn");
    for text in ["mai", "mai obrien", "maia", "mi"] {
        assert_eq!(casebook.found(text), ["Mia O\u{2019}Brien-Nguyễn"], "{text}");
    }

    person.family = "Smith".into();
    casebook.did(Command::AmendPerson { person: id, now: person, why: "adopted".into() });
    assert_eq!(casebook.found("nguyen"), ["Mia O\u{2019}Brien-Nguyễn"], "no longer a name of Shiv's");
    assert_eq!(casebook.found("siobhan smith"), ["Shiv Smith"]);
    let Answer::Person(view) = casebook.asked(&Query::Person { person: id }) else { panic!() };
    assert_eq!((view.versions, view.person.family.as_str()), (2, "Smith"));
}

#[test]
fn what_is_written_is_kept_exactly_also_after_opening_again() {
    let (folder, mut casebook) = fresh();
    let odd = "esc \u{1b}[31m nul \0 bidi \u{202e}abc\u{202c} emoji 👨‍👩‍👧 tab\t crlf\r\n quote \" ' ; -- é e\u{301} end ";
    let child = casebook.add("a", &"é".repeat(200));
    let entry = casebook.record(concern(child, odd), None);
    casebook.save_draft(&draft("concern", odd)).unwrap();
    casebook.save_draft(&draft("share/1-7", "x")).unwrap();
    drop(casebook);

    let mut casebook = unlock(folder.path());
    let Answer::Entry(view) = casebook.asked(&Query::Entry { entry }) else { panic!() };
    assert_eq!(view.entry, concern(child, odd));
    assert_eq!(view.names, [format!("a {}", "é".repeat(200))]);
    casebook.drop_draft("share/1-7").unwrap();
    let Answer::Drafts(drafts) = casebook.asked(&Query::Drafts) else { panic!() };
    assert_eq!(drafts, [draft("concern", odd)]);
    assert_eq!(casebook.session().unwrap().user, author());
}

fn draft(key: &str, body: &str) -> Draft {
    Draft { key: key.into(), title: "t".into(), saved: now().timestamp(), body: body.into() }
}
