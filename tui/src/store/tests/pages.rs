//! Long lists, page by page: every row once, in one order, whatever a page holds.

use kith_protocol::bundle::ConcernCategory;

use super::{sharing::of, *};
use crate::casework::{
    case::ActionItem,
    ids::{ActionId, ConsentId, ReceivedId},
    query::{ActionFilter, CaseFilter, Keyed, Page, Window},
};

/// All rows of a list, two at a time, and the total each page told; the same from its end.
fn walk<R: Keyed>(page: impl Fn(Window<R::Key>) -> Page<R>) -> (Vec<R>, u64) {
    let (rows, total) = forwards(|after| page(after.into()));
    let mut back: Vec<R> = Vec::new();
    loop {
        let next = page(back.first().map_or(Window::Last, |row| Window::Before(row.key())));
        assert!(next.rows.len() <= 2 && next.total == total);
        if next.rows.is_empty() {
            break;
        }
        back.splice(0..0, next.rows);
    }
    let keys = |rows: &[R]| rows.iter().map(R::key).collect::<Vec<_>>();
    assert_eq!(keys(&back), keys(&rows), "from the end it is the same list");
    (rows, total)
}

fn forwards<R: Keyed>(page: impl Fn(Option<R::Key>) -> Page<R>) -> (Vec<R>, u64) {
    let (mut rows, mut total) = (Vec::new(), 0);
    loop {
        let next = page(rows.last().map(R::key));
        assert_eq!(next.window, rows.last().map(R::key).into(), "a page says what it follows");
        assert!(next.rows.len() <= 2);
        total = next.total.max(total);
        if next.rows.is_empty() {
            return (rows, total);
        }
        rows.extend(next.rows);
    }
}

#[test]
fn the_queue_is_walked_by_key_danger_first_and_by_category() {
    let (_folder, mut book) = fresh();
    let child = book.add("Jamie", "Oakes");
    let mut recorded = Vec::new();
    for n in 0..7 {
        let danger = if n % 3 == 1 { Danger::Yes { done: "999".into() } } else { Danger::No };
        let category = if n % 2 == 0 { ConcernCategory::Neglect } else { ConcernCategory::Bullying };
        let entry = Entry { danger, category, ..concern(child, "seen") };
        recorded.push(book.record(entry, None));
    }
    let queue = |category| {
        let (rows, total) = walk(|window| match book.asked(&Query::Triage { category, window, limit: 2 }) {
            Answer::Triage(page) => page,
            other => panic!("{other:?}"),
        });
        (rows.iter().map(|row| row.id).collect::<Vec<_>>(), total)
    };
    let at = |places: &[usize]| places.iter().map(|n| recorded[*n]).collect::<Vec<_>>();
    assert_eq!(queue(None), (at(&[1, 4, 0, 2, 3, 5, 6]), 7));
    assert_eq!(queue(Some(ConcernCategory::Neglect)), (at(&[4, 0, 2, 6]), 4));
    assert_eq!(queue(Some(ConcernCategory::Radicalisation)), (Vec::new(), 0));
}

#[test]
fn actions_and_shares_are_walked_by_key() {
    let (_folder, mut book) = fresh();
    let child = book.add("Jamie", "Oakes");
    let case = CaseId(book.did(Command::OpenCase(case(child, "bruising"))));
    let mut made = Vec::new();
    // Two are due on one day, and one is finished.
    for day in [20, 16, 18, 16, 17] {
        let (what, owner) = ("ring".to_owned(), "A. Khan".to_owned());
        made.push(ActionId(book.did(Command::AddAction(ActionItem {
            case,
            what,
            owner,
            due: date(2025, 3, day),
        }))));
    }
    book.did(Command::FinishAction { action: made[1], outcome: "done".into() });
    for filter in [
        ActionFilter { include_finished: true, ..ActionFilter::default() },
        ActionFilter { case: Some(case), owner: Some("A. Khan".into()), include_finished: true },
    ] {
        let (rows, total) =
            walk(|window| match book.asked(&Query::Actions { filter: filter.clone(), window, limit: 2 }) {
                Answer::Actions(page) => page,
                other => panic!("{other:?}"),
            });
        let order: Vec<_> = rows.iter().map(|row| row.id).collect();
        assert_eq!((order, total), (vec![made[3], made[4], made[2], made[0], made[1]], 5));
    }

    let entry = book.record(concern(child, "bruise"), Some(case));
    let record = Box::new(sharing::consent());
    let consent = ConsentId(book.did(Command::RecordConsent { case, record }));
    let sent: Vec<_> = (0..5)
        .map(|_| {
            let share = of(case, entry, consent);
            book.did(Command::Share { share, record: None, draft: b"the draft".to_vec() })
        })
        .collect();
    for case in [None, Some(case)] {
        let (rows, total) = walk(|window| match book.asked(&Query::Shares { case, window, limit: 2 }) {
            Answer::Shares(page) => page,
            other => panic!("{other:?}"),
        });
        let newest_first: Vec<_> = sent.iter().rev().copied().collect();
        assert_eq!((rows.iter().map(|row| row.id.0).collect::<Vec<_>>(), total), (newest_first, 5));
    }
    let nothing = walk(|window: Window<ReceivedId>| match book.asked(&Query::Inbox { window, limit: 2 }) {
        Answer::Inbox(page) => page,
        other => panic!("{other:?}"),
    });
    assert_eq!((nothing.0.len(), nothing.1), (0, 0));
}

#[test]
fn cases_are_walked_by_key_whether_they_are_filtered_or_not() {
    let (_folder, mut book) = fresh();
    let [one, other] = ["Oakes", "Ash"].map(|family| book.add("Jamie", family));
    let case = CaseId(book.did(Command::OpenCase(case(one, "bruising"))));
    let more = CaseId(book.did(Command::OpenCase(self::case(other, "bruising"))));
    for (text, found) in [("", vec![more, case]), ("bruising", vec![more, case]), ("ash", vec![more])] {
        let filter = CaseFilter { text: text.to_owned(), include_closed: false };
        let query = |window| Query::Cases { filter: filter.clone(), window, limit: 2 };
        let (rows, total) = walk(|window| match book.asked(&query(window)) {
            Answer::Cases(page) => page,
            other => panic!("{other:?}"),
        });
        assert_eq!(
            (rows.iter().map(|row| row.id).collect::<Vec<_>>(), total),
            (found.clone(), found.len() as u64)
        );
    }
}
