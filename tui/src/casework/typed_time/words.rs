//! What each word of a typed time means: days, months, dates, times of day.

use jiff::{
    ToSpan as _,
    civil::{Date, Time, Weekday},
};

use super::{MAX_BACK, TimeError, Towards};
use crate::casework::decide::EARLIEST_YEAR;

/// The months in full, in order.
pub(crate) const MONTHS: [&str; 12] = [
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

/// The date that the first words name, if they do, and the words after it.
pub(super) fn date<'w>(
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
    let word = word.strip_suffix('.').unwrap_or(word);
    (1..).zip(MONTHS).find_map(|(n, name)| {
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
pub(super) fn time(word: &str, half: &str) -> Option<Result<Time, TimeError>> {
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
