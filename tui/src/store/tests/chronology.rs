//! What passed between agencies stands in a case's chronology, in one order with its entries.

use kith_protocol::receipt::ReceiptKind;

use super::{sharing::*, *};
use crate::casework::{
    command::FileInto,
    fact::Share,
    ids::{ConsentId, ReceivedId, ShareId},
    query::{Event, EventKey, Window},
};

/// A case with notes on the 2nd, 4th, 6th and 12th, and shares on the 3rd and 4th; the answers of the first share kept.
fn shared(casebook: &mut Casebook) -> (CaseId, ShareId) {
    let child = casebook.add("Jamie", "Oakes");
    let case = CaseId(casebook.did(Command::OpenCase(case(child, "bruising"))));
    let record = Box::new(consent());
    let consent = ConsentId(casebook.did(Command::RecordConsent { case, record }));
    let days = [2, 4, 6, 12].map(|day| {
        let weight = if day == 6 { Significance::High } else { Significance::Low };
        casebook.record(note(child, day, "note", weight), Some(case))
    });
    let shares = [3, 4].map(|day| {
        let share = Share { at: date(2025, 2, day).at(23, 0, 0, 0), ..of(case, days[0], consent) };
        ShareId(casebook.did(Command::Share { share, record: None, draft: b"the draft".to_vec() }))
    });
    casebook.set_sealed(shares[0], &sealed(), &author(), &now()).unwrap();
    for kind in [ReceiptKind::Stored, ReceiptKind::Delivered] {
        casebook.did(Command::KeepReceipt { share: shares[0], kind, receipt: signed("{}") });
    }
    (case, shares[0])
}

fn page(
    casebook: &Casebook,
    case: CaseId,
    window: Window<EventKey>,
    significant_only: bool,
) -> (Vec<Event>, u64) {
    match casebook.asked(&Query::Chronology { category: None, case, significant_only, window, limit: 2 }) {
        Answer::Chronology { rows, total } => (rows, total),
        other => panic!("{other:?}"),
    }
}

/// Days of the month, with `s` for a share and `f` for a filed bundle.
fn days(events: &[Event]) -> Vec<String> {
    let day = |event: &Event| {
        let sort = match event {
            Event::Entry(_) => "",
            Event::Share(_) => "s",
            Event::Filed(_) => "f",
            Event::Released(_) => "r",
        };
        format!("{}{sort}", event.key().at.day())
    };
    events.iter().map(day).collect()
}

#[test]
fn shares_stand_between_the_entries_of_their_time_in_every_page() {
    let (_folder, mut casebook) = fresh();
    let (case, share) = shared(&mut casebook);
    let whole = ["2", "3s", "4", "4s", "6", "12"];
    for significant_only in [false, true] {
        let expected: Vec<&str> = if significant_only { vec!["3s", "4s", "6"] } else { whole.to_vec() };
        let (mut forward, mut window) = (Vec::new(), Window::First);
        loop {
            let (rows, total) = page(&casebook, case, window, significant_only);
            assert_eq!(total, expected.len() as u64);
            let Some(last) = rows.last() else { break };
            window = Window::After(last.key());
            forward.extend(rows);
        }
        let (mut back, mut window) = (Vec::new(), Window::Last);
        loop {
            let (mut rows, _) = page(&casebook, case, window, significant_only);
            let Some(first) = rows.first() else { break };
            window = Window::Before(first.key());
            rows.append(&mut back);
            back = rows;
        }
        assert_eq!(days(&forward), expected);
        assert_eq!(days(&back), expected);
        let kept = forward.iter().find_map(|event| match event {
            Event::Share(row) if row.id == share => Some(row),
            _ => None,
        });
        let kinds: Vec<_> = kept.unwrap().receipts.iter().map(|(kind, ..)| *kind).collect();
        assert_eq!(kinds, [ReceiptKind::Stored, ReceiptKind::Delivered]);
    }
    let Answer::Months(months) = casebook.asked(&Query::Months { case }) else { panic!() };
    assert_eq!((months.len(), months[0].events, months[0].significant), (1, 6, 3));
    let Answer::Case(view) = casebook.asked(&Query::Case { case }) else { panic!() };
    assert_eq!((view.entries, view.events), (4, 6));
    casebook.rebuild(&mut |_, _| {}).unwrap();
    assert_eq!(days(&page(&casebook, case, Window::First, false).0), whole[..2]);
    assert!(casebook.check(&mut |_, _| {}).unwrap().is_whole());
}

#[test]
fn a_bundle_that_was_filed_stands_there_with_its_answers_until_it_is_deleted() {
    let (_folder, mut casebook) = fresh();
    let (case, _) = shared(&mut casebook);
    let received = ReceivedId(casebook.did(Command::Receive(received(&document()))));
    casebook.did(Command::FileBundle { received, into: FileInto::Case(case) });
    let answer =
        |kind, note: &str| Command::AnswerBundle { received, kind, note: note.into(), receipt: signed("{}") };
    casebook.did(answer(ReceiptKind::Receipted, "thank you"));
    let (rows, total) = page(&casebook, case, Window::Last, false);
    // The entry that came in it is one of its own, at the time it tells of.
    assert_eq!((days(&rows), total), (vec!["1".to_owned(), "14f".to_owned()], 8));
    let Event::Filed(row) = &rows[1] else { panic!("{rows:?}") };
    assert_eq!(row.received.from_name, "Northshire Police");
    assert_eq!(row.answers.iter().map(|(kind, ..)| *kind).collect::<Vec<_>>(), [ReceiptKind::Receipted]);
    let Answer::Months(months) = casebook.asked(&Query::Months { case }) else { panic!() };
    assert_eq!(months.iter().map(|month| (month.month, month.events)).collect::<Vec<_>>(), [(2, 6), (3, 2)]);

    let withdrawal = signed("withdrawal");
    casebook.did(Command::TakeWithdrawal {
        received,
        why: "wrong child".into(),
        answer_by: None,
        withdrawal,
    });
    casebook.did(answer(ReceiptKind::Deleted, ""));
    let (rows, total) = page(&casebook, case, Window::Last, false);
    assert_eq!((days(&rows), total), (vec!["6".to_owned(), "12".to_owned()], 6));
    assert!(casebook.check(&mut |_, _| {}).unwrap().is_whole());
}

#[test]
fn one_category_alone_is_shown_with_how_many_there_are() {
    let (_folder, mut book) = fresh();
    let child = book.add("Jamie", "Oakes");
    let case = CaseId(book.did(Command::OpenCase(case(child, "bruising"))));
    let mut seen = Vec::new();
    for category in [ConcernCategory::Bullying, ConcernCategory::Neglect, ConcernCategory::Bullying] {
        let entry = Entry { category, ..concern(child, "seen") };
        seen.push(book.record(entry, Some(case)).0);
    }
    for (category, found) in [
        (Some(ConcernCategory::Bullying), vec![seen[0], seen[2]]),
        (Some(ConcernCategory::Neglect), vec![seen[1]]),
        (Some(ConcernCategory::Radicalisation), Vec::new()),
        (None, seen.clone()),
    ] {
        for window in [Window::First, Window::Last] {
            let query = Query::Chronology { case, significant_only: false, category, window, limit: 9 };
            let Answer::Chronology { rows, total } = book.asked(&query) else { panic!("a chronology") };
            let ids: Vec<_> = rows.iter().map(|row| row.key().id).collect();
            assert_eq!((ids, total), (found.clone(), found.len() as u64), "{category:?}");
        }
    }
}
