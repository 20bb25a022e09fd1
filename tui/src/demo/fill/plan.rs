//! When each thing of the seed was done.

use jiff::{
    SignedDuration,
    civil::{DateTime, Time},
};

use crate::demo::{
    calendar::Calendar,
    seed::{Due, Seed, Triaged},
};

/// When something that was done later that day was written down.
const END_OF_DAY: Time = Time::constant(16, 50, 0, 0);
/// How long after it happened somebody wrote it down, and how long after that it was triaged.
const WRITTEN_AFTER: i64 = 25;
const TRIAGED_AFTER: i64 = 15;

/// One thing that somebody did, in the order of its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    Record(usize),
    Triage(usize),
    Act(usize, usize),
    Finish(usize, usize),
    Close(usize),
}

/// Every step with its time, in order.
pub(super) fn plan(seed: &Seed, calendar: Calendar) -> Vec<(DateTime, Step)> {
    let mut steps = Vec::new();
    for (n, entry) in seed.entries.iter().enumerate() {
        let written = later(calendar.time(entry.day, entry.time), WRITTEN_AFTER);
        let triaged = later(written, TRIAGED_AFTER);
        steps.push((written, Step::Record(n)));
        if !matches!(entry.triage, Triaged::Not | Triaged::Waits) {
            steps.push((triaged, Step::Triage(n)));
        }
        for (a, action) in entry.actions.iter().enumerate() {
            let added = later(triaged, 5);
            steps.push((added, Step::Act(n, a)));
            if let Due::Done(day, _) = action.due {
                steps.push((calendar.time(day, END_OF_DAY).max(later(added, 30)), Step::Finish(n, a)));
            }
        }
    }
    for (n, case) in seed.cases.iter().enumerate() {
        steps.extend(case.closed.map(|(day, _)| (calendar.time(day, END_OF_DAY), Step::Close(n))));
    }
    steps.sort_unstable();
    steps
}

fn later(at: DateTime, minutes: i64) -> DateTime {
    at.saturating_add(SignedDuration::from_mins(minutes))
}
