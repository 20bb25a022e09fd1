use jiff::civil::date;
use proptest::prelude::*;

use super::*;

/// Friday 14 March 2025, 10:00.
fn now() -> DateTime {
    date(2025, 3, 14).at(10, 0, 0, 0)
}

fn is(text: &str) -> String {
    happened(text, now()).map_or_else(|error| format!("! {error}"), |typed| typed.full)
}

#[test]
fn what_people_type_is_understood() {
    for (typed, full) in [
        ("now", "Friday 14 March 2025, 10:00"),
        ("today 0905", "Friday 14 March 2025, 09:05"),
        ("0905", "Friday 14 March 2025, 09:05"),
        ("9.05", "Friday 14 March 2025, 09:05"),
        ("Yest 14:30", "Thursday 13 March 2025, 14:30"),
        ("yest", "Thursday 13 March 2025"),
        ("-2d", "Wednesday 12 March 2025"),
        ("-1w 3pm", "Friday 7 March 2025, 15:00"),
        ("14/3", "Friday 14 March 2025"),
        ("15/3", "Friday 15 March 2024"),
        ("14/3 0900", "Friday 14 March 2025, 09:00"),
        ("14 march 9am", "Friday 14 March 2025, 09:00"),
        ("march 14 9 am", "Friday 14 March 2025, 09:00"),
        ("3rd Sept 2024 at 15:40", "Tuesday 3 September 2024, 15:40"),
        ("about 3 mar", "about Monday 3 March 2025"),
        ("~ 3 mar 1540", "about Monday 3 March 2025, 15:40"),
        ("mon 0830", "Monday 10 March 2025, 08:30"),
        ("fri", "Friday 14 March 2025"),
        ("sat noon", "Saturday 8 March 2025, 12:00"),
        ("29/2", "Thursday 29 February 2024"),
        ("1/9/16", "Thursday 1 September 2016"),
        ("1/9/99", "Wednesday 1 September 1999"),
        ("2025-03-14 09:05", "Friday 14 March 2025, 09:05"),
        ("today 12am", "Friday 14 March 2025, 00:00"),
    ] {
        assert_eq!(is(typed), full, "{typed}");
    }
    let typed = happened("about 3 mar", now()).unwrap();
    assert_eq!(in_words(&typed.when), typed.full);
}

#[test]
fn the_future_is_never_taken_silently() {
    assert_eq!(
        is("1430"),
        "! that is Friday 14 March 2025, 14:30, in the future: type the date as well, such as `yest 0905`"
    );
    for text in ["today 1001", "tomorrow", "+1d", "15/3/2025", "14 march 2030", "2026-01-01"] {
        assert!(is(text).contains("in the future"), "{text}: {}", is(text));
    }
}

#[test]
fn what_is_not_a_time_is_refused_with_an_example() {
    for text in [
        "",
        "  ",
        "soon",
        "31/2",
        "14/13",
        "25:00",
        "today 9",
        "13pm",
        "1/1/1850",
        "about",
        "0905 0906",
        "\u{1b}[2J",
    ] {
        assert!(is(text).starts_with("! ") && is(text).contains('`'), "{text}: {}", is(text));
        assert!(!is(text).contains('\u{1b}'));
    }
}

#[test]
fn due_days_lie_ahead() {
    let due = |text: &str| due(text, now()).map_or_else(|error| format!("! {error}"), |(_, full)| full);
    assert_eq!(due("fri"), "Friday 14 March 2025");
    assert_eq!(due("thu"), "Thursday 20 March 2025");
    assert_eq!(due("+3d"), "Monday 17 March 2025");
    assert_eq!(due("13/3"), "Friday 13 March 2026");
    assert_eq!(due("29 feb"), "Tuesday 29 February 2028");
    assert!(due("yest").contains("in the past") && due("fri 0900").contains("not understood"));
}

proptest! {
    #[test]
    fn no_text_panics(text in any::<String>(), year in 1_i16..9999) {
        let now = date(year, 3, 14).at(10, 0, 0, 0);
        let _ = (happened(&text, now), due(&text, now));
    }

    #[test]
    fn nothing_like_a_time_panics_or_lies_ahead(text in "(about |~)?(today|yest|mon|-[0-9]{1,9}[dw]|[0-9]{1,3}/[0-9]{1,3}(/[0-9]{1,5})?|[0-9]{1,3}(st|th)? (mar|sept?)( [0-9]{1,4})?)( [0-9]{1,2}[:.]?[0-9]{0,2}(am|pm|h)?)?") {
        if let Ok(typed) = happened(&text, now()) {
            prop_assert!(typed.when.at <= now());
        }
        let _ = due(&text, now());
    }
}
