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

/// A moment in words, in universal time, which needs no knowledge of summer time decades later.
#[must_use]
pub fn moment(at: Timestamp) -> String {
    at.strftime("%-d %B %Y, %H:%M UTC").to_string()
}

pub(super) fn local(at: DateTime) -> String {
    at.strftime("%A %-d %B %Y, %H:%M").to_string()
}

/// When something happened, no more exactly than it is known.
pub(super) fn happened(when: &Happened) -> String {
    let form = match when.precision {
        Precision::Exact => "%-d %B %Y, %H:%M",
        Precision::About => "%-d %B %Y, about %H:%M",
        Precision::Day => "%-d %B %Y",
    };
    when.at.strftime(form).to_string()
}

/// Whole years from `born` to `at`; none before birth.
pub(super) fn age(born: Date, at: Timestamp) -> Option<i16> {
    let today = at.to_zoned(TimeZone::UTC).date();
    let years = today.year() - born.year();
    let had_birthday = (today.month(), today.day()) >= (born.month(), born.day());
    Some(years - i16::from(!had_birthday)).filter(|years| *years >= 0)
}
