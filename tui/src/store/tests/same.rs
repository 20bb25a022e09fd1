//! Two records of one person: found as one, told as one, and two again when that was wrong.

use super::*;
use crate::casework::{
    command::Refusal,
    query::{EventKey, PersonView, Window},
};

fn person(book: &Casebook, person: PersonId) -> Box<PersonView> {
    match book.asked(&Query::Person { person }) {
        Answer::Person(view) => view,
        other => panic!("{other:?}"),
    }
}

fn found(book: &Casebook, text: &str) -> Vec<PersonId> {
    match book.asked(&Query::FindPeople { text: text.into(), pupils_only: false, limit: 9 }) {
        Answer::People(rows) => rows.iter().map(|row| row.id).collect(),
        other => panic!("{other:?}"),
    }
}

fn chronology(book: &Casebook, case: CaseId, window: Window<EventKey>) -> (Vec<FactId>, u64) {
    match book.asked(&Query::Chronology { case, significant_only: false, window, limit: 2 }) {
        Answer::Chronology { rows, total } => (rows.iter().map(|row| row.key().id).collect(), total),
        other => panic!("{other:?}"),
    }
}

#[test]
fn two_records_of_one_person_are_found_and_told_as_one_until_it_is_taken_back() {
    let (folder, mut book) = fresh();
    let one = book.add("Maya", "Holt");
    let other = book.add("Amaya", "Verity");
    let first = CaseId(book.did(Command::OpenCase(case(one, "hunger"))));
    let second = CaseId(book.did(Command::OpenCase(case(other, "bruise"))));
    let mut seen = Vec::new();
    for (day, child, case) in [(3, one, first), (4, other, second), (5, one, first), (6, other, second)] {
        seen.push(book.record(note(child, day, "seen", Significance::High), Some(case)).0);
    }
    assert_eq!((found(&book, "verity"), found(&book, "maya")), (vec![other], vec![one]));

    let mark = |one, other| Command::MarkSame { one, other, why: "the same birth certificate".into() };
    book.did(mark(other, one));
    assert_eq!(
        (found(&book, "verity"), found(&book, "maya holt")),
        (vec![one], vec![one]),
        "both find the one"
    );
    assert_eq!(found(&book, &other.to_string()), [other], "a reference is one record");
    for record in [one, other] {
        let view = person(&book, record);
        assert_eq!((view.cases.len(), view.entries.len(), view.same.len()), (2, 4, 1));
    }
    for case in [first, second] {
        let page = |window| chronology(&book, case, window);
        assert_eq!(page(Window::First), (seen[..2].to_vec(), 4), "one story, whichever case it is read in");
        let Answer::Months(months) = book.asked(&Query::Months { case }) else { panic!() };
        assert_eq!(months.iter().map(|month| (month.month, month.events)).collect::<Vec<_>>(), [(2, 4)]);
        assert_eq!(page(Window::After(months[0].first)).0, seen[1..3]);
    }
    let done = book.execute(mark(one, other), &author(), &now()).unwrap();
    assert!(done.is_empty(), "it was said already");
    let network = |book: &Casebook| match book.asked(&Query::Network { person: other }) {
        Answer::Network(network) => *network,
        other => panic!("{other:?}"),
    };
    assert_eq!(network(&book).same, [one]);
    let same = book.same_person(other).unwrap();
    assert_eq!(
        same.iter().map(|(id, person)| (*id, person.name())).collect::<Vec<_>>(),
        [(one, "Maya Holt".into())]
    );

    // What is computed from the facts is computed again alike.
    book.rebuild(&mut |_, _| {}).unwrap();
    assert!(book.check(&mut |_, _| {}).unwrap().is_whole());
    assert_eq!(chronology(&book, second, Window::First).1, 4);

    // Nothing of one goes while the other is held.
    let verdict = |book: &Casebook| match book.asked(&Query::File { person: one }) {
        Answer::File(row) => format!("{:?}", row.verdict),
        other => panic!("{other:?}"),
    };
    assert!(!verdict(&book).contains("Held"));
    book.did(Command::PlaceHold { person: other, why: "an inquiry".into(), until: None });
    assert!(verdict(&book).contains("Held"), "{}", verdict(&book));
    drop((book, folder));
}

#[test]
fn only_what_was_said_is_taken_back() {
    let (folder, mut book) = fresh();
    let [one, other, third] = [("Maya", "Holt"), ("Amaya", "Verity"), ("Jon", "Holt")]
        .map(|(given, family)| book.add(given, family));
    let case = CaseId(book.did(Command::OpenCase(case(one, "hunger"))));
    let mark = |one, other| Command::MarkSame { one, other, why: "the same birth certificate".into() };
    book.did(mark(one, other));
    // By way of a third record.
    book.did(mark(third, other));
    let not = |one, other| Command::MarkNotSame { one, other, why: "another Maya".into() };
    let refused = book.execute(not(third, one), &author(), &now());
    assert!(
        matches!(refused, Err(crate::store::CommandError::Refused(Refusal::Fixed { .. }))),
        "{refused:?}"
    );
    book.did(not(other, third));
    book.did(not(one, other));
    assert_eq!((found(&book, "verity"), found(&book, "maya")), (vec![other], vec![one]));
    assert_eq!((chronology(&book, case, Window::First).1, person(&book, one).same.len()), (0, 0));
    let itself = book.execute(mark(one, one), &author(), &now());
    assert!(matches!(itself, Err(crate::store::CommandError::Refused(Refusal::Fixed { .. }))));
    drop((book, folder));
}
