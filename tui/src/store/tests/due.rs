//! When a file is due: who left, what a copy is, what comes first in the review.

use jiff::ToSpan as _;

use super::{
    dispose::{file, grown, refused, run, second},
    *,
};
use crate::casework::{
    command::Refusal,
    ids::ProposalId,
    query::RetentionRow,
    retention::{Leaving, Rule, Verdict},
};
use crate::store::CommandError;

#[test]
fn a_copy_is_due_a_year_after_the_receipt() {
    let (_folder, mut book) = fresh();
    let child = book.add("Jamie", "Oakes");
    let receipt = Some(now().date() - 1.year());
    let leaving = Leaving { on: date(2024, 3, 1), to: "Oak High".into(), receipt };
    book.did(Command::RecordLeaving { person: child, leaving });
    assert!(matches!(file(&book, child).verdict, Verdict::Due { rule: Rule::TransferredCopy, .. }));
}

/// Nobody else ever had what was recorded after the receipt, so it does not go with the copy.
#[test]
fn what_was_recorded_after_the_receipt_is_no_copy_and_keeps_the_file() {
    let (_folder, mut book) = fresh();
    let child = book.add("Jamie", "Oakes");
    let receipt = Some(now().date() - 1.year());
    let leaving = Leaving { on: date(2024, 3, 1), to: "Oak High".into(), receipt };
    book.did(Command::RecordLeaving { person: child, leaving });
    let propose = Command::ProposeDisposal { file: child.into(), rule: Rule::TransferredCopy, signed: None };
    let proposal = ProposalId(run(&mut book, propose.clone(), &author()).unwrap()[0]);
    book.record(concern(child, "came back to us"), None);
    let row = file(&book, child);
    assert!(!matches!(row.verdict, Verdict::Due { .. }), "{row:?}");
    assert!(row.remarks[0].starts_with("1 record was made after the next school's receipt"), "{row:?}");
    let Answer::Retention(review) = book.asked(&Query::Retention { limit: 9 }) else { panic!() };
    assert!(
        review.rows.iter().any(|one| one.file == child.into() && one.remarks == row.remarks),
        "{review:?}"
    );
    // Neither a new proposal nor the one that was made before.
    let approve = Command::ApproveDisposal { proposal, agreed: None };
    assert!(matches!(refused(run(&mut book, approve, &second())), Refusal::NotDue { .. }));
    book.did(Command::SendBackDisposal { proposal, why: "came back".into() });
    let again = refused(run(&mut book, propose, &author()));
    assert!(
        matches!(&again, Refusal::NotDue { why } if why.contains("made after the next school")),
        "{again:?}"
    );
    assert_eq!(book.found("oakes"), ["Jamie Oakes"]);
}

#[test]
fn who_came_back_has_not_left() {
    let (_folder, mut book) = fresh();
    let child = book.add("Jamie", "Oakes");
    let back = |on| Command::RecordReturn { person: child, on };
    let on = now().date();
    assert!(matches!(refused(run(&mut book, back(on), &author())), Refusal::NotLeft { .. }));
    let receipt = Some(now().date() - 1.year());
    let leaving = Leaving { on: date(2024, 3, 1), to: "Oak High".into(), receipt };
    book.did(Command::RecordLeaving { person: child, leaving: leaving.clone() });
    assert!(matches!(refused(run(&mut book, back(date(2024, 2, 29)), &author())), Refusal::NotLeft { .. }));
    assert!(matches!(refused(run(&mut book, back(on + 1.day()), &author())), Refusal::InTheFuture));
    book.did(back(on));
    let row = file(&book, child);
    assert!(!matches!(row.verdict, Verdict::Due { .. }), "{row:?}");
    assert_eq!(row.remarks, [format!("came back on {on}")]);
    assert!(matches!(refused(run(&mut book, back(on), &author())), Refusal::NotLeft { .. }));
    // The two facts stand; a new leaving counts from itself.
    book.did(Command::RecordLeaving { person: child, leaving });
    assert!(matches!(file(&book, child).verdict, Verdict::Due { .. }));
}

#[test]
fn a_day_of_leaving_that_lies_ahead_or_after_the_receipt_is_refused() {
    let (_folder, mut book) = fresh();
    let child = book.add("Jamie", "Oakes");
    let today = now().date();
    let mut refused = |on, receipt| {
        let leaving = Leaving { on, to: "Oak High".into(), receipt };
        match book.execute(Command::RecordLeaving { person: child, leaving }, &author(), &now()) {
            Err(CommandError::Refused(refusal)) => Some(refusal),
            Ok(_) => None,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(refused(today + 1.day(), None), Some(Refusal::InTheFuture));
    assert_eq!(refused(date(2030, 1, 1), Some(date(2024, 2, 1))), Some(Refusal::InTheFuture));
    assert_eq!(refused(today - 3.days(), Some(today - 4.days())), Some(Refusal::ReceiptTooEarly));
    assert!(
        matches!(refused(date(2001, 1, 1), None), Some(Refusal::NotLeft { why }) if why.contains("born"))
    );
    assert_eq!(refused(today - 3.days(), Some(today - 3.days())), None);
}

#[test]
fn what_is_due_longest_is_shown_first_however_much_waits_and_the_rest_is_counted() {
    let (_folder, mut book) = fresh();
    // Recorded last, due first.
    for years in 26..40_i16 {
        let born = Some(now().date() - years.years());
        book.did(Command::AddPerson(Person { born, ..grown(&format!("Of {years}")) }));
    }
    let Answer::Retention(view) = book.asked(&Query::Retention { limit: 3 }) else { panic!() };
    let born = |row: &RetentionRow| row.name.clone();
    let names: Vec<_> = view.rows.iter().map(born).collect();
    assert!(names[0].contains("39") && names[1].contains("38") && names[2].contains("37"), "{names:?}");
    assert_eq!((view.due, view.found), (14, 14));
}
