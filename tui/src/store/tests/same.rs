//! Two records of one person: found as one, told as one, and two again when that was wrong.

use jiff::civil::Date;

use super::*;
use crate::{
    casework::{
        command::Refusal,
        decide::MAX_RECORDS,
        ids::ProposalId,
        person::{Address, ContactRule, Relation, RelationKind},
        query::{EventKey, PersonView, Window},
        retention::{Leaving, Rule, Verdict},
    },
    store::CommandError,
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
    match book.asked(&Query::Chronology { category: None, case, significant_only: false, window, limit: 2 }) {
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
    let near = network(&book);
    let marked: Vec<_> =
        near.others().map(|(id, person, mark)| (id, person.name(), mark.cloned().unwrap())).collect();
    let [(id, name, mark)] = marked.as_slice() else { panic!("{marked:?}") };
    assert_eq!((*id, name.as_str(), mark.why.as_str()), (one, "Maya Holt", "the same birth certificate"));
    assert_eq!(mark.by.name, author().name, "who said so");
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
    let verdict = |book: &Casebook| match book.asked(&Query::File { file: one.into() }) {
        Answer::File(row) => format!("{:?}", row.verdict),
        other => panic!("{other:?}"),
    };
    assert!(!verdict(&book).contains("Held"));
    book.did(Command::PlaceHold { file: other.into(), why: "an inquiry".into(), until: None });
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
    assert!(matches!(&refused, Err(CommandError::Refused(Refusal::ByOthers { .. }))), "{refused:?}");
    let says = refused.unwrap_err().to_string();
    for pair in [format!("{one} with {other}"), format!("{other} with {third}")] {
        assert!(says.contains(&pair), "{says}");
    }
    book.did(not(other, third));
    book.did(not(one, other));
    assert_eq!((found(&book, "verity"), found(&book, "maya")), (vec![other], vec![one]));
    assert_eq!((chronology(&book, case, Window::First).1, person(&book, one).same.len()), (0, 0));
    let itself = book.execute(mark(one, one), &author(), &now());
    assert!(matches!(itself, Err(CommandError::Refused(Refusal::OneRecord { .. }))));
    drop((book, folder));
}

/// Somebody of whom just this is known.
fn known(born: Option<Date>, numbers: &[(IdentifierScheme, &str)]) -> Person {
    let of = |(scheme, value): &(_, &str)| Identifier { scheme: *scheme, value: (*value).into() };
    Person { born, identifiers: numbers.iter().map(of).collect(), ..pupil("Kian", "Brennan") }
}

#[test]
fn two_children_are_not_marked_as_one_by_a_slip_in_a_reference() {
    const UPN: IdentifierScheme = IdentifierScheme::Upn;
    const NHS: IdentifierScheme = IdentifierScheme::Nhs;
    let (folder, mut book) = fresh();
    let (day, next) = (Some(date(2018, 1, 26)), Some(date(2018, 1, 27)));
    let one = known(day, &[(UPN, "B801200005001"), (NHS, "943 476 5919")]);
    let kian = PersonId(book.did(Command::AddPerson(one)));
    let mark = |one, other| Command::MarkSame { one, other, why: "the same birth certificate".into() };
    let others = [
        (known(next, &[]), Some("their date of birth")),
        (known(day, &[(UPN, "B801200005002")]), Some("their UPN")),
        (known(None, &[(NHS, "9434765870")]), Some("their NHS number")),
        (known(next, &[(NHS, "9434765870")]), Some("their date of birth and their NHS number")),
        // A number more, and one written otherwise, are no difference; nor is what is not known.
        (known(day, &[(UPN, "B801200005002"), (UPN, "b801200005001"), (NHS, "9434765919")]), None),
    ];
    let nobody = PersonId(book.did(Command::AddPerson(known(None, &[]))));
    book.did(mark(nobody, kian));
    for (person, differ) in others {
        let other = PersonId(book.did(Command::AddPerson(person.clone())));
        // Nor by way of a record of which nothing is known.
        for mine in [kian, nobody] {
            let done = book.execute(mark(other, mine), &author(), &now());
            match (done, differ) {
                (Ok(_), None) => {}
                (Err(CommandError::Refused(refused)), Some(what)) => {
                    let said = Refusal::TwoPeople { one: other, other: kian, what: what.into() };
                    assert_eq!(refused, said);
                    let says = refused.to_string();
                    assert!(
                        [&other.to_string(), &kian.to_string(), "people amend"].map(|it| says.contains(it))
                            == [true; 3]
                    );
                }
                (done, _) => panic!("{differ:?}: {done:?}"),
            }
        }
        if differ.is_some() {
            let now = Person { born: day, identifiers: Vec::new(), ..person };
            book.did(Command::AmendPerson { person: other, now, why: "the register was wrong".into() });
            book.did(mark(other, kian));
        }
    }
    drop((book, folder));
}

#[test]
fn no_more_records_are_joined_than_are_read() {
    let (folder, mut book) = fresh();
    let mark = |one, other| Command::MarkSame { one, other, why: "one child".into() };
    let many: Vec<PersonId> = (0..=MAX_RECORDS).map(|_| book.add("Maya", "Holt")).collect();
    for pair in many[..MAX_RECORDS].windows(2) {
        book.did(mark(pair[0], pair[1]));
    }
    let refused = book.execute(mark(many[3], many[MAX_RECORDS]), &author(), &now());
    let limit = MAX_RECORDS;
    assert!(matches!(refused, Err(CommandError::Refused(Refusal::ManyRecords { limit: at })) if at == limit));
    assert_eq!(person(&book, many[0]).same.len(), MAX_RECORDS - 1);
    drop((book, folder));
}

#[test]
fn a_file_is_not_due_while_another_record_of_the_person_must_be_kept() {
    let (folder, mut book) = fresh();
    let grown = |kind: Option<PersonKind>| {
        let person = known(Some(date(1998, 1, 1)), &[]);
        Person { kind: kind.unwrap_or_else(|| person.kind.clone()), ..person }
    };
    let old = PersonId(book.did(Command::AddPerson(grown(None))));
    let other = PersonId(book.did(Command::AddPerson(grown(None))));
    let stands = |book: &Casebook, person: PersonId| match book.asked(&Query::File { file: person.into() }) {
        Answer::File(row) => row.verdict,
        other => panic!("{other:?}"),
    };
    let mark = |one, other| Command::MarkSame { one, other, why: "renamed".into() };
    let not = |one, other| Command::MarkNotSame { one, other, why: "two people after all".into() };
    let propose = Command::ProposeDisposal { file: old.into(), rule: Rule::PupilFile, signed: None };
    assert!(matches!(stands(&book, old), Verdict::Due { .. }));

    let mut harm = concern(other, "told a friend");
    harm.category = ConcernCategory::SexualAbuse;
    book.record(harm, None);
    book.did(mark(old, other));
    let harmed = stands(&book, old);
    assert!(matches!(harmed, Verdict::NotYet { rule: Rule::SexualAbuse, .. }), "{harmed:?}");
    assert_eq!(harmed, stands(&book, other));
    let done = book.execute(propose.clone(), &author(), &now());
    assert!(matches!(done, Err(CommandError::Refused(Refusal::NotDue { .. }))), "{done:?}");
    book.did(not(old, other));
    assert!(matches!(stands(&book, old), Verdict::Due { .. }));

    // What waits under the other record; and a proposal that was made before is not approved.
    let waits = PersonId(book.did(Command::AddPerson(grown(None))));
    book.record(concern(waits, "hungry"), None);
    let proposal = ProposalId(book.did(propose));
    book.did(mark(waits, old));
    assert!(matches!(stands(&book, old), Verdict::Unfinished(_)));
    let by = Author { name: "B. Osei".into(), role: "Deputy DSL".into() };
    let done = book.execute(Command::ApproveDisposal { proposal, agreed: None }, &by, &now());
    assert!(matches!(done, Err(CommandError::Refused(Refusal::NotDue { .. }))), "{done:?}");
    book.did(not(waits, old));

    // Who was a pupil and teaches here now is kept until they leave.
    let teacher = grown(Some(PersonKind::Staff { role: "teacher".into() }));
    let teacher = PersonId(book.did(Command::AddPerson(teacher)));
    book.did(mark(teacher, old));
    assert_eq!(stands(&book, old), Verdict::Keep);
    let leaving = Leaving { on: date(2025, 3, 1), to: String::new(), receipt: None };
    book.did(Command::RecordLeaving { person: teacher, leaving });
    assert!(matches!(stands(&book, old), Verdict::Due { on, .. } if on == date(2025, 3, 1)));
    drop((book, folder));
}

#[test]
fn who_may_not_know_and_who_may_not_come_near_holds_for_every_record_of_the_child() {
    let (folder, mut book) = fresh();
    let (child, other) = (book.add("Maya", "Holt"), book.add("Amaya", "Verity"));
    let of_child = CaseId(book.did(Command::OpenCase(case(child, "hunger"))));
    let father = Person { kind: PersonKind::Family, ..pupil("Declan", "Verity") };
    let father = PersonId(book.did(Command::AddPerson(father)));
    for to in [child, other] {
        let contact = if to == other { ContactRule::None } else { ContactRule::Open };
        book.did(Command::RecordRelation(Relation {
            from: father,
            to,
            kind: RelationKind::Father,
            parental_responsibility: to == other,
            same_household: false,
            contact,
        }));
    }
    book.did(Command::RecordAddress(Address {
        lines: "9 Mill Lane".into(),
        postcode: "NT1 2AB".into(),
        protected: true,
        protected_from: "Declan Verity".into(),
        people: vec![other],
    }));
    let badge = |book: &Casebook| match book.asked(&Query::Case { case: of_child }) {
        Answer::Case(view) => view.protected_address,
        other => panic!("{other:?}"),
    };
    let told = |book: &Casebook| match book.asked(&Query::Network { person: child }) {
        Answer::Network(network) => (
            network.ties(child, father).any(|tie| tie.contact == ContactRule::None),
            network.responsible_for(child).map(|(person, _)| person.name()).collect::<Vec<_>>(),
        ),
        other => panic!("{other:?}"),
    };
    assert_eq!((badge(&book), told(&book)), (false, (false, Vec::new())));
    book.did(Command::MarkSame { one: child, other, why: "the same birth certificate".into() });
    assert_eq!((badge(&book), told(&book)), (true, (true, vec!["Declan Verity".to_owned()])));
    drop((book, folder));
}
