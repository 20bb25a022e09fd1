//! The opening screen: numbers the writer kept, and the first rows of each list.

use jiff::{ToSpan as _, civil::Date};
use rusqlite::Connection;

use super::{cases, entries, number, sharing};
use crate::{
    casework::{
        query::{ActionFilter, Today, Window},
        retention::Rule,
    },
    store::{
        error::StoreError,
        project::{Tally, monday},
        retention,
    },
};

/// How many rows of each list are shown.
const ROWS: usize = 12;
/// How many weeks the strip of concerns covers, this one included.
const WEEKS: i64 = 8;
/// How many days ahead `due this week` looks, today included.
const DUE_DAYS: i64 = 7;

pub(super) fn view(db: &Connection, today: Date) -> Result<Today, StoreError> {
    let this_week = monday(today);
    let weeks = (0..WEEKS).rev().map(|back| this_week.saturating_sub(back.weeks()));
    let text = today.to_string();
    let until = today.saturating_add(DUE_DAYS.days()).to_string();
    Ok(Today {
        untriaged: Tally::Untriaged.read(db)?,
        in_danger: Tally::InDanger.read(db)?,
        open_cases: Tally::CasesOpen.read(db)?,
        actions_overdue: number(db, "SELECT count(*) FROM action WHERE open = 1 AND due < ?", &[&text])?,
        actions_due_week: number(
            db,
            "SELECT count(*) FROM action WHERE open = 1 AND due >= ? AND due < ?",
            &[&text, &until],
        )?,
        inbox_unanswered: Tally::InboxUnanswered.read(db)?,
        shares_waiting: Tally::SharesWaiting.read(db)?,
        concerns_by_week: weeks
            .map(|week| Ok((week, entries::week(db, &week.to_string())?)))
            .collect::<Result<_, StoreError>>()?,
        triage: entries::triage(db, None, Window::First, ROWS)?.rows,
        actions: cases::actions(db, &ActionFilter::default(), Window::First, ROWS)?.rows,
        shares: sharing::waiting(db, ROWS)?,
        to_check: sharing::to_check(db, ROWS)?,
        inbox: sharing::unanswered(db, ROWS)?,
        drafts: number(db, "SELECT count(*) FROM draft", &[])?,
        past_retention: number(
            db,
            "SELECT count(*) FROM person WHERE pupil = 1 AND born <= ?
             AND id NOT IN (SELECT file FROM hold WHERE lifted IS NULL)",
            &[&Rule::born_by(today).to_string()],
        )? + retention::unfiled_due(db, today)?,
        disposals_proposed: number(db, "SELECT count(*) FROM proposal WHERE open = 1", &[])?,
        // The office knows.
        certificate: None,
    })
}
