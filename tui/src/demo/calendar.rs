//! The demo's dates: everything is told in school days before today, so that it is always this term.

use jiff::{
    ToSpan as _, Zoned,
    civil::{Date, DateTime, Time, Weekday},
};

/// Until this time of day the last school day counts as today: what happened this morning must lie in the past.
const MORNING: Time = Time::constant(10, 0, 0, 0);

/// School days, counted from a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Calendar {
    /// Day 0: today, or the last school day before it.
    pub(super) today: Date,
}

impl Calendar {
    /// The calendar at `now`.
    pub(super) fn at(now: &Zoned) -> Self {
        let mut today = now.date();
        if now.time() < MORNING {
            today = today.saturating_sub(1.day());
        }
        while is_weekend(today) {
            today = today.saturating_sub(1.day());
        }
        Self { today }
    }

    /// The day `n` school days before day 0; a negative `n` lies ahead.
    pub(super) fn before(&self, n: i64) -> Date {
        let step = if n < 0 { 1.day() } else { (-1).days() };
        let mut day = self.today;
        for _ in 0..n.unsigned_abs() {
            day = day.saturating_add(step);
            while is_weekend(day) {
                day = day.saturating_add(step);
            }
        }
        day
    }

    /// A time on the day `n` school days before day 0.
    pub(super) fn time(&self, n: i64, time: Time) -> DateTime {
        self.before(n).to_datetime(time)
    }

    /// The calendar year in which the school year began.
    pub(super) fn school_year(&self) -> i16 {
        if self.today.month() >= 9 { self.today.year() } else { self.today.year() - 1 }
    }

    /// When a child of school year `year` (0 is Reception) was born, from the birthday as `month-day`.
    pub(super) fn born(&self, year: i16, month: i8, day: i8) -> Option<Date> {
        let autumn = if month >= 9 { 5 } else { 4 };
        Date::new(self.school_year() - autumn - year, month, day).ok()
    }
}

fn is_weekend(day: Date) -> bool {
    matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn at(text: &str) -> Calendar {
        Calendar::at(&format!("{text}[Europe/London]").parse().unwrap())
    }

    #[test]
    fn before_ten_and_at_weekends_the_last_school_day_is_today() {
        assert_eq!(at("2026-11-20T10:00+00:00").today, date(2026, 11, 20));
        assert_eq!(at("2026-11-20T09:59+00:00").today, date(2026, 11, 19));
        assert_eq!(at("2026-11-22T12:00+00:00").today, date(2026, 11, 20));
        assert_eq!(at("2026-11-23T08:00+00:00").today, date(2026, 11, 20));
    }

    #[test]
    fn school_days_skip_weekends_both_ways() {
        let calendar = at("2026-11-20T12:00+00:00");
        assert_eq!(calendar.before(4), date(2026, 11, 16));
        assert_eq!(calendar.before(5), date(2026, 11, 13));
        assert_eq!(calendar.before(-1), date(2026, 11, 23));
        assert_eq!(calendar.before(0), calendar.today);
    }

    #[test]
    fn children_are_as_old_as_their_year() {
        let calendar = at("2026-11-20T12:00+00:00");
        assert_eq!(calendar.born(0, 9, 1), Some(date(2021, 9, 1)), "the eldest in Reception");
        assert_eq!(calendar.born(0, 8, 31), Some(date(2022, 8, 31)), "the youngest in Reception");
        assert_eq!(at("2027-06-10T12:00+01:00").born(4, 1, 26), Some(date(2018, 1, 26)));
    }
}
