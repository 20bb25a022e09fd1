use jiff::{ToSpan as _, civil::date};
use proptest::{collection::vec, option, prelude::*};

use super::*;
use crate::casework::ids::FactId;

fn id(seq: u64) -> FactId {
    FactId { device: 1, seq }
}

fn file(kind: FileKind) -> FileState {
    FileState {
        kind,
        born: Some(date(2000, 2, 29)),
        leaving: None,
        returned: None,
        made: BTreeMap::new(),
        last_entry: Some(date(2012, 6, 1)),
        sexual_harm: false,
        alleged: None,
        unfinished: None,
        holds: Vec::new(),
        also: Vec::new(),
    }
}

fn gone(to: &str, receipt: Option<Date>) -> Option<Leaving> {
    Some(Leaving { on: date(2016, 7, 20), to: to.into(), receipt })
}

fn due(file: &FileState, on: Date) -> Option<Rule> {
    let before = judge(file, on.yesterday().unwrap());
    match (before, judge(file, on)) {
        (Verdict::NotYet { on: told, rule }, Verdict::Due { on: due, rule: now }) => {
            assert_eq!((told, due, rule), (on, on, now));
            Some(rule)
        }
        _ => None,
    }
}

#[test]
fn a_pupils_file_is_due_at_25_and_one_of_sexual_harm_75_years_after_its_last_entry() {
    let mut pupil = file(FileKind::Pupil);
    assert_eq!(due(&pupil, date(2025, 2, 28)), Some(Rule::PupilFile));
    pupil.sexual_harm = true;
    assert_eq!(due(&pupil, date(2087, 6, 1)), Some(Rule::SexualAbuse));
    assert!(!Rule::SexualAbuse.source().is_empty() && Rule::SexualAbuse.code() == "sexual-abuse");
}

#[test]
fn a_pupil_who_is_yet_to_leave_is_on_roll() {
    let ahead = Leaving { on: date(2030, 1, 1), to: "Oak High".into(), receipt: Some(date(2024, 2, 1)) };
    let pupil = FileState { born: Some(date(2014, 5, 1)), leaving: Some(ahead), ..file(FileKind::Pupil) };
    let at_25 = Verdict::NotYet { on: date(2039, 5, 1), rule: Rule::PupilFile };
    assert_eq!(judge(&pupil, date(2026, 3, 9)), at_25);
    // And then the year runs from that day, not from a receipt that came before.
    assert_eq!(due(&pupil, date(2031, 1, 1)), Some(Rule::TransferredCopy));
}

#[test]
fn nothing_is_due_without_a_date_of_birth() {
    let unknown = FileState { born: None, ..file(FileKind::Pupil) };
    assert_eq!(judge(&unknown, date(2400, 1, 1)), Verdict::Undated);
    let staff = FileState {
        born: None,
        leaving: gone("", None),
        alleged: Some(date(2015, 1, 1)),
        ..file(FileKind::Staff)
    };
    assert_eq!(judge(&staff, date(2400, 1, 1)), Verdict::Undated);
}

#[test]
fn a_copy_goes_a_year_after_the_next_schools_receipt_and_not_before_it() {
    let mut pupil = file(FileKind::Pupil);
    pupil.leaving = gone("Oak High", None);
    assert_eq!(judge(&pupil, date(2018, 1, 1)), Verdict::AwaitsReceipt { left: date(2016, 7, 20) });
    assert!(judge(&pupil, date(2018, 1, 1)).needs_a_person());
    pupil.leaving = gone("Oak High", Some(date(2016, 9, 5)));
    assert_eq!(due(&pupil, date(2017, 9, 5)), Some(Rule::TransferredCopy));
    pupil.sexual_harm = true;
    assert_eq!(due(&pupil, date(2087, 6, 1)), Some(Rule::SexualAbuse));
}

#[test]
fn staff_are_kept_while_they_work_here_and_longer_after_an_allegation() {
    let mut staff = FileState { born: Some(date(1980, 3, 1)), ..file(FileKind::Staff) };
    assert_eq!(judge(&staff, date(2400, 1, 1)), Verdict::Keep);
    staff.leaving = gone("", None);
    assert_eq!(due(&staff, date(2016, 7, 20)), Some(Rule::StaffFile));
    staff.alleged = Some(date(2015, 1, 1));
    assert_eq!(due(&staff, date(2048, 3, 1)), Some(Rule::StaffAllegation));
    staff.alleged = Some(date(2046, 1, 1));
    assert_eq!(due(&staff, date(2056, 1, 1)), Some(Rule::StaffAllegation));
    assert_eq!(judge(&file(FileKind::Other), date(2400, 1, 1)), Verdict::Keep);
}

#[test]
fn a_legal_hold_beats_every_timer_and_what_is_unfinished_delays() {
    let mut pupil = file(FileKind::Pupil);
    let hold = Hold {
        id: HoldId(id(9)),
        by: "A. Khan".into(),
        why: "inquiry".into(),
        until: Some(date(2030, 1, 1)),
    };
    pupil.holds = vec![hold.clone()];
    assert_eq!(judge(&pupil, date(2030, 1, 1)), Verdict::Held(hold));
    assert!(matches!(judge(&pupil, date(2030, 1, 2)), Verdict::Due { .. }));
    pupil.holds[0].until = None;
    assert!(matches!(judge(&pupil, date(2999, 1, 1)), Verdict::Held(_)));
    pupil.holds.clear();
    pupil.unfinished = Some("a case is open");
    assert_eq!(judge(&pupil, date(2030, 1, 1)), Verdict::Unfinished("a case is open"));
    assert!(matches!(judge(&pupil, date(2020, 1, 1)), Verdict::NotYet { .. }));
}

#[test]
fn lists_of_facts_are_written_as_runs_and_read_back() {
    let list: FactList = [4, 2, 3, 9, 11, 12].map(id).into_iter().collect();
    assert_eq!(list.to_string(), "1-2..4,1-9,1-11..12");
    assert_eq!(list.to_string().parse(), Ok(list));
    assert_eq!("".parse(), Ok(FactList::default()));
    // Too many at once, or run by run; backwards; past the end of every log.
    let (many, past) = ("1-0..999999", (1_u64 << 47) - 2);
    assert_eq!(many.parse::<FactList>().map(|list| list.len()), Ok(1_000_000));
    let (one_more, past) = (format!("{many},2-1"), format!("1-{past}..{}", past + 2));
    for bad in ["1", "1-2..x", "1-1..99999999999", "1-2..", "1-2..1", "1-0..1000000", &one_more, &past] {
        assert!(bad.parse::<FactList>().is_err(), "{bad}");
    }
}

/// What the next school cannot have is no copy: then the file is kept as if it had never gone there.
#[test]
fn a_copy_that_was_added_to_is_kept_as_long_as_any_pupils_file() {
    let mut pupil = file(FileKind::Pupil);
    let receipt = date(2016, 9, 5);
    pupil.leaving = gone("Oak High", Some(receipt));
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    pupil.made = BTreeMap::from([(id(1), at("2016-09-04T09:59:00Z"))]);
    assert_eq!(due(&pupil, date(2017, 9, 5)), Some(Rule::TransferredCopy));
    assert_eq!(pupil.remarks(), [""; 0]);
    // On the day of the receipt, by whatever clock, nobody can tell which came first.
    pupil.made.insert(id(2), at("2016-09-04T10:00:00Z"));
    assert_eq!(due(&pupil, date(2025, 2, 28)), Some(Rule::PupilFile));
    pupil.made.insert(id(3), at("2024-01-01T09:00:00Z"));
    let verdict = judge(&pupil, date(2020, 1, 1));
    assert!(
        pupil.words(&verdict).contains("; 2 records were made after the next school's receipt of 2016-09-05")
    );
    assert_eq!(judge(&FileState { born: None, ..pupil.clone() }, date(2400, 1, 1)), Verdict::Undated);
    // A later receipt, of all of it, counts again.
    pupil.leaving = gone("Oak High", Some(date(2024, 2, 1)));
    assert_eq!(due(&pupil, date(2025, 2, 1)), Some(Rule::TransferredCopy));
}

proptest! {
    /// A transfer lets a file go earlier only if each of its entries lay before the receipt.
    #[test]
    fn nothing_is_due_earlier_for_a_transfer_than_each_of_its_entries_allows(
        receipt in 0..9_000_i64, today in 0..40_000_i64, born in option::of(0..9_000_i64),
        made in vec(0..12_000_i64, 0..6), also in any::<bool>(), sexual_harm in any::<bool>(),
    ) {
        let day = |days: i64| date(2000, 1, 1).checked_add(days.days()).unwrap();
        let at = |days: i64| day(days).at(12, 0, 0, 0).to_zoned(TimeZone::UTC).unwrap().timestamp();
        let left = gone("Oak High", Some(day(receipt)));
        let made: BTreeMap<_, _> = (1..).map(id).zip(made).map(|(id, days)| (id, at(days))).collect();
        let stayed = FileState {
            born: born.map(day), made, sexual_harm,
            ..file(FileKind::Pupil)
        };
        let other = if also { Vec::from([(FileKind::Pupil, left.clone())]) } else { Vec::new() };
        let moved = FileState { leaving: left, also: other, ..stayed.clone() };
        let is_due = |file: &FileState| matches!(judge(file, day(today)), Verdict::Due { .. });
        let sent = stayed.made.values().all(|at| *at < day(receipt).to_zoned(TimeZone::UTC).unwrap().timestamp());
        prop_assert!(!is_due(&moved) || is_due(&stayed) || sent);
        prop_assert!(!is_due(&moved) || today > receipt);
    }
}
