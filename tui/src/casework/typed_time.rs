//! Times as people type them: `today 0905`, `yest`, `-2d`, `14/3 15:40`, `about 3 march`.

use jiff::{
    ToSpan as _,
    civil::{Date, DateTime, Time, Weekday},
};

use super::{
    decide::EARLIEST_YEAR,
    entry::{Precision, When},
};

/// Longest text that is read as a time, in bytes.
const MAX_TYPED: usize = 80;
/// The furthest that `-2d` and its like reach, in days.
const MAX_BACK: i64 = 40_000;

/// A time as it was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Typed {
    pub when: When,
    /// The whole date in words, to be shown beside what was typed: `Friday 14 March 2025, 09:05`.
    pub full: String,
}

/// Why a text was not taken for a time. Each says what would be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TimeError {
    #[error("type a time, such as `today 0905`, `yest`, `-2d`, `14/3 15:40` or `about 3 march`")]
    Empty,
    #[error(
        "`{0}` is not understood: type a time such as `today 0905`, `yest`, `-2d`, `14/3 15:40` or `about 3 march`"
    )]
    NotUnderstood(String),
    #[error("there is no such {what}: type a date such as `14/3` and a time such as `0905`")]
    NoSuch { what: &'static str },
    #[error("that is {0}, in the future: type the date as well, such as `yest 0905`")]
    InTheFuture(String),
    #[error("that is {0}, in the past: type a day to come, such as `fri`, `+3d` or `14/3`")]
    InThePast(String),
    #[error("that is before {EARLIEST_YEAR}: type the year in full, such as `14/3/2016`")]
    TooLongAgo,
}

/// Reads when something happened. `now` is the school's clock.
///
/// # Errors
/// Says what is not understood, or that the time lies in the future, which is never taken silently.
pub fn happened(text: &str, now: DateTime) -> Result<Typed, TimeError> {
    let parts = read(text, now, Towards::Past)?;
    if parts.date.year() < EARLIEST_YEAR {
        return Err(TimeError::TooLongAgo);
    }
    let at = parts.date.to_datetime(parts.time.unwrap_or(Time::midnight()));
    let precision = match (parts.about, parts.time) {
        (true, _) => Precision::About,
        (false, Some(_)) => Precision::Exact,
        (false, None) => Precision::Day,
    };
    let full = words(at, parts.time.is_some(), parts.about);
    let ahead = if parts.time.is_some() { at > now } else { at.date() > now.date() };
    if ahead { Err(TimeError::InTheFuture(full)) } else { Ok(Typed { when: When { at, precision }, full }) }
}

/// Reads a day by which something is to be done. `fri` is the next Friday, `14/3` the next 14 March.
///
/// # Errors
/// Says what is not understood, or that the day lies in the past.
pub fn due(text: &str, now: DateTime) -> Result<(Date, String), TimeError> {
    let parts = read(text, now, Towards::Future)?;
    let full = words(parts.date.to_datetime(Time::midnight()), false, false);
    if parts.time.is_some() || parts.about {
        return Err(TimeError::NotUnderstood(shown(text)));
    }
    if parts.date < now.date() { Err(TimeError::InThePast(full)) } else { Ok((parts.date, full)) }
}

/// When something happened, in words.
#[must_use]
pub fn in_words(when: &When) -> String {
    let timed = match when.precision {
        Precision::Exact => true,
        Precision::About => when.at.time() != Time::midnight(),
        Precision::Day => false,
    };
    words(when.at, timed, when.precision == Precision::About)
}

fn words(at: DateTime, timed: bool, about: bool) -> String {
    let date = at.strftime("%A %-d %B %Y");
    let about = if about { "about " } else { "" };
    if timed { format!("{about}{date}, {}", at.strftime("%H:%M")) } else { format!("{about}{date}") }
}

/// Which way a day without a year, or a weekday, is looked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Towards {
    Past,
    Future,
}

struct Parts {
    date: Date,
    time: Option<Time>,
    about: bool,
}

fn read(text: &str, now: DateTime, towards: Towards) -> Result<Parts, TimeError> {
    let lower = text.trim().to_lowercase();
    if lower.is_empty() {
        return Err(TimeError::Empty);
    }
    let not_understood = || TimeError::NotUnderstood(shown(text));
    if lower.len() > MAX_TYPED {
        return Err(not_understood());
    }
    let spaced = lower.replace([',', '~'], " ").replace(" at ", " ");
    let mut words: Vec<&str> = spaced.split_whitespace().collect();
    let before = words.len();
    words.retain(|word| !matches!(*word, "about" | "abt" | "around" | "approx" | "circa" | "c" | "c."));
    let about = words.len() < before || lower.starts_with('~');
    if words.is_empty() {
        return Err(not_understood());
    }
    if words == ["now"] {
        let minute = Time::constant(now.hour(), now.minute(), 0, 0);
        return Ok(Parts { date: now.date(), time: Some(minute), about });
    }
    let (date, rest) = date(&words, now.date(), towards)?;
    let time = match rest {
        [] => None,
        [one] => Some(time(one, "").ok_or_else(not_understood)??),
        // `9 am` in two words.
        [one, half @ ("am" | "pm")] => Some(time(one, half).ok_or_else(not_understood)??),
        _ => return Err(not_understood()),
    };
    // A time by itself, such as `0905`, is today's.
    Ok(Parts { date: date.unwrap_or(now.date()), time, about })
}

/// The date that the first words name, if they do, and the words after it.
fn date<'w>(
    words: &'w [&'w str],
    today: Date,
    towards: Towards,
) -> Result<(Option<Date>, &'w [&'w str]), TimeError> {
    let none = TimeError::NoSuch { what: "day" };
    let [first, rest @ ..] = words else { return Ok((None, words)) };
    let day = |date: Result<Date, jiff::Error>| date.map(Some).map_err(|_| none.clone());
    if let Some(days) = near_day(first) {
        return Ok((day(today.checked_add(days.days()))?, rest));
    }
    if let Some(weekday) = weekday(first) {
        // Today counts: on a Monday, `mon` is today.
        let days = match towards {
            Towards::Past => -i64::from(today.weekday().since(weekday)),
            Towards::Future => i64::from(today.weekday().until(weekday)),
        };
        return Ok((day(today.checked_add(days.days()))?, rest));
    }
    if let Some(date) = numeric(first, today, towards) {
        return Ok((Some(date?), rest));
    }
    let (number, name, rest) = match words {
        [number, name, rest @ ..] if month(name).is_some() => (number, name, rest),
        [name, number, rest @ ..] if month(name).is_some() => (number, name, rest),
        _ => return Ok((None, words)),
    };
    let (Some(day), Some(month)) = (day_number(number), month(name)) else { return Err(none) };
    match rest {
        [year, rest @ ..] if year.len() == 4 && is_year(year) => {
            Ok((Some(on(day, month, year.parse().ok(), today, towards)?), rest))
        }
        rest => Ok((Some(on(day, month, None, today, towards)?), rest)),
    }
}

/// `today`, `yest`, `-2d`, `+1w`: days from today.
fn near_day(word: &str) -> Option<i64> {
    match word {
        "today" | "tod" | "tdy" => return Some(0),
        "yesterday" | "yest" | "yes" | "y" | "yday" => return Some(-1),
        "tomorrow" | "tom" | "tmr" => return Some(1),
        _ => {}
    }
    let (sign, rest) = match word.split_at_checked(1)? {
        ("-", rest) => (-1, rest),
        ("+", rest) => (1, rest),
        _ => return None,
    };
    let (number, unit) = rest.split_at_checked(rest.find(|c: char| !c.is_ascii_digit())?)?;
    let days = match unit {
        "d" | "day" | "days" => 1,
        "w" | "wk" | "week" | "weeks" => 7,
        _ => return None,
    };
    let number: i64 = number.parse().ok().filter(|number| *number <= MAX_BACK)?;
    Some(sign * number * days)
}

fn weekday(word: &str) -> Option<Weekday> {
    let names = [
        (Weekday::Monday, "monday"),
        (Weekday::Tuesday, "tuesday"),
        (Weekday::Wednesday, "wednesday"),
        (Weekday::Thursday, "thursday"),
        (Weekday::Friday, "friday"),
        (Weekday::Saturday, "saturday"),
        (Weekday::Sunday, "sunday"),
    ];
    names.into_iter().find_map(|(day, name)| (word.len() >= 3 && name.starts_with(word)).then_some(day))
}

fn month(word: &str) -> Option<i8> {
    const NAMES: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let word = word.strip_suffix('.').unwrap_or(word);
    (1..).zip(NAMES).find_map(|(n, name)| {
        (word.len() >= 3 && (name.starts_with(word) || (name == "september" && word == "sept"))).then_some(n)
    })
}

/// `3`, `3rd`: a day of the month.
fn day_number(word: &str) -> Option<i8> {
    let digits = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let end = word.get(digits.len()..)?;
    matches!(end, "" | "st" | "nd" | "rd" | "th").then(|| digits.parse().ok())?
}

fn is_year(word: &str) -> bool {
    word.parse::<i16>().is_ok_and(|year| (EARLIEST_YEAR..2100).contains(&year))
}

/// `14/3`, `14/3/25`, `14/3/2025`, `2025-03-14`.
fn numeric(word: &str, today: Date, towards: Towards) -> Option<Result<Date, TimeError>> {
    if word.len() == 10 && word.as_bytes().get(4) == Some(&b'-') {
        return Some(word.parse().map_err(|_| TimeError::NoSuch { what: "day" }));
    }
    let mut parts = word.split('/');
    let (day, month, year, more) = (parts.next()?, parts.next()?, parts.next(), parts.next());
    let number = |text: &str| {
        (!text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
    };
    let (day, month): (i16, i16) = (number(day)?, number(month)?);
    let year = match year.map(|year| (year.len(), number(year))) {
        None => None,
        Some((4, Some(year))) => Some(year),
        Some((2, Some(year))) => Some(2000 + year)
            .filter(|year| *year <= today.year() || towards == Towards::Future)
            .or(Some(1900 + year)),
        _ => return None,
    };
    let (Ok(day), Ok(month), None) = (i8::try_from(day), i8::try_from(month), more) else {
        return Some(Err(TimeError::NoSuch { what: "day" }));
    };
    Some(on(day, month, year, today, towards))
}

/// A day of a month; without a year the nearest one, the way it is looked for.
fn on(day: i8, month: i8, year: Option<i16>, today: Date, towards: Towards) -> Result<Date, TimeError> {
    let none = TimeError::NoSuch { what: "day" };
    if let Some(year) = year {
        return Date::new(year, month, day).map_err(|_| none);
    }
    // Eight years reach a 29 February across a century's turn.
    (0..=8)
        .map(|years| if towards == Towards::Past { today.year() - years } else { today.year() + years })
        .filter_map(|year| Date::new(year, month, day).ok())
        .find(|date| if towards == Towards::Past { *date <= today } else { *date >= today })
        .ok_or(none)
}

/// `0905`, `9:05`, `9.05`, `9am`, `3.40pm`, `noon`; none if it does not look like a time.
fn time(word: &str, half: &str) -> Option<Result<Time, TimeError>> {
    let joined = format!("{word}{half}");
    match joined.as_str() {
        "noon" | "midday" => return Some(Ok(Time::constant(12, 0, 0, 0))),
        "midnight" => return Some(Ok(Time::midnight())),
        _ => {}
    }
    let (clock, afternoon) = match (joined.strip_suffix("am"), joined.strip_suffix("pm")) {
        (Some(clock), _) => (clock, Some(false)),
        (_, Some(clock)) => (clock, Some(true)),
        _ => (joined.as_str(), None),
    };
    let clock = clock.strip_suffix('h').unwrap_or(clock);
    let (hour, minute) = match clock.split_once([':', '.', 'h']) {
        Some((hour, minute)) if minute.len() == 2 => (hour, minute),
        Some(_) => return None,
        None if clock.len() == 4 || (clock.len() == 3) => clock.split_at_checked(clock.len() - 2)?,
        None if afternoon.is_some() || joined.ends_with('h') => (clock, "00"),
        None => return None,
    };
    let digits = |text: &str| (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(hour) || !digits(minute) {
        return None;
    }
    let (hour, minute): (i8, i8) = (hour.parse().ok()?, minute.parse().ok()?);
    let hour = match (afternoon, hour) {
        (None, hour) => Some(hour),
        (Some(false), 12) => Some(0),
        (Some(true), 12) => Some(12),
        (Some(false), 1..=11) => Some(hour),
        (Some(true), 1..=11) => Some(hour + 12),
        (Some(_), _) => None,
    };
    let time = hour.and_then(|hour| Time::new(hour, minute, 0, 0).ok());
    Some(time.ok_or(TimeError::NoSuch { what: "time of day" }))
}

/// What was typed, short, with nothing a terminal would obey.
fn shown(text: &str) -> String {
    text.trim().chars().take(40).flat_map(char::escape_default).collect()
}

#[cfg(test)]
mod tests {
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
}
