//! Dates as people write them.

use jiff::{
    Timestamp,
    civil::{Date, DateTime},
    tz::TimeZone,
};

use crate::bundle::{Happened, Precision};

pub(super) fn day(date: Date) -> String {
    date.strftime("%-d %B %Y").to_string()
}

/// A moment, in universal time, which needs no knowledge of summer time decades later.
pub(super) fn moment(at: Timestamp) -> String {
    at.strftime("%-d %B %Y, %H:%M UTC").to_string()
}

pub(super) fn local(at: DateTime) -> String {
    at.strftime("%A %-d %B %Y, %H:%M").to_string()
}

/// When something happened, no more exactly than it is known.
pub(super) fn happened(when: &Happened) -> String {
    let one = |at: DateTime| match when.precision {
        Precision::Minute => at.strftime("%-d %B %Y, %H:%M").to_string(),
        Precision::AboutTime => at.strftime("%-d %B %Y, about %H:%M").to_string(),
        Precision::Day => at.strftime("%-d %B %Y").to_string(),
        Precision::AboutDay => at.strftime("about %-d %B %Y").to_string(),
        Precision::Month => at.strftime("%B %Y").to_string(),
        Precision::Year => at.strftime("%Y").to_string(),
    };
    let from = one(when.at);
    when.until.map_or_else(|| from.clone(), |until| format!("{from} to {}", one(until)))
}

/// Whole years from `born` to `at`; none before birth.
pub(super) fn age(born: Date, at: Timestamp) -> Option<i16> {
    let today = at.to_zoned(TimeZone::UTC).date();
    let years = today.year() - born.year();
    let had_birthday = (today.month(), today.day()) >= (born.month(), born.day());
    Some(years - i16::from(!had_birthday)).filter(|years| *years >= 0)
}
