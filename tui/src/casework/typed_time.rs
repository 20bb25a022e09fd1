//! Times as people type them: `today 0905`, `yest`, `-2d`, `14/3 15:40`, `about 3 march`.

mod words;

use jiff::civil::{Date, DateTime, Time};

pub(crate) use self::words::MONTHS;
use self::words::{date, time};
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

/// What was typed, short, with nothing a terminal would obey.
fn shown(text: &str) -> String {
    text.trim().chars().take(40).flat_map(char::escape_default).collect()
}

#[cfg(test)]
mod tests;
