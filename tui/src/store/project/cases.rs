//! Cases and actions.

use jiff::civil::DateTime;
use rusqlite::{Connection, params};

use super::Tally;
use crate::{
    casework::{
        case::{ActionItem, Case},
        fact::{Fact, Recorded},
    },
    store::{cells::level_number, error::StoreError},
};

pub(super) fn project(db: &Connection, recorded: &Recorded) -> Result<(), StoreError> {
    let key = recorded.id.key();
    match &recorded.fact {
        Fact::CaseOpened(case) => open(db, recorded, case),
        Fact::CaseAmended { case: id, now, .. } => amend(db, id.0.key(), now),
        Fact::CaseClosed { case, outcome } => {
            Tally::CasesOpen.add(db, -1)?;
            db.prepare_cached("UPDATE case_file SET open = 0, closed = ?2, outcome = ?3 WHERE id = ?1")?
                .execute(params![case.0.key(), recorded.recorded.as_microsecond(), outcome])?;
            touch(db, case.0.key())
        }
        Fact::CaseReopened { case, .. } => {
            Tally::CasesOpen.add(db, 1)?;
            db.prepare_cached("UPDATE case_file SET open = 1, closed = NULL, outcome = NULL WHERE id = ?")?
                .execute([case.0.key()])?;
            touch(db, case.0.key())
        }
        Fact::ActionAdded(item) => add_action(db, key, item),
        Fact::ActionAmended { action, now } => {
            db.prepare_cached("UPDATE action SET what = ?2, owner = ?3, due = ?4 WHERE id = ?1")?
                .execute(params![action.0.key(), now.what, now.owner, now.due.to_string()])?;
            Ok(())
        }
        Fact::ActionFinished { action, outcome } => set_action_open(db, action.0.key(), Some(outcome)),
        Fact::ActionReopened { action } => set_action_open(db, action.0.key(), None),
        _ => Ok(()),
    }
}

/// A new case, named by the fact that opened it: the opening itself, or a triage.
pub(super) fn open(db: &Connection, recorded: &Recorded, case: &Case) -> Result<(), StoreError> {
    let key = recorded.id.key();
    Tally::Cases.add(db, 1)?;
    Tally::CasesOpen.add(db, 1)?;
    db.prepare_cached(
        "INSERT INTO case_file (id, versions, child, title, level, lead, open, opened, entries, significant,
            actions_open, shares)
         VALUES (?, 1, ?, ?, ?, ?, 1, ?, 0, 0, 0, 0)",
    )?
    .execute(params![
        key,
        case.child.0.key(),
        case.title,
        level_number(case.level),
        case.lead,
        recorded.recorded.as_microsecond(),
    ])?;
    db.prepare_cached("INSERT INTO case_text (rowid, words) VALUES (?, ?)")?
        .execute(params![key, words(&case.title, &case.lead)])?;
    Ok(())
}

/// Takes back a case that a triage opened, when the triage is undone: nothing was built on it.
pub(super) fn never_opened(db: &Connection, key: i64) -> Result<(), StoreError> {
    unindex(db, key)?;
    db.prepare_cached("DELETE FROM case_file WHERE id = ?")?.execute([key])?;
    db.prepare_cached("DELETE FROM case_month WHERE case_id = ?")?.execute([key])?;
    Tally::Cases.add(db, -1)?;
    Tally::CasesOpen.add(db, -1)
}

/// Counts events of a case in the month of `at`: how many more or fewer, and how many of these are significant.
pub(super) fn count_month(
    db: &Connection,
    case: i64,
    at: DateTime,
    (by, significant): (i64, i64),
) -> Result<(), StoreError> {
    let month = at.strftime("%Y-%m").to_string();
    db.prepare_cached(
        "INSERT INTO case_month (case_id, month, events, significant) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (case_id, month) DO UPDATE SET events = events + ?3, significant = significant + ?4",
    )?
    .execute(params![case, month, by, significant])?;
    db.prepare_cached("DELETE FROM case_month WHERE case_id = ? AND month = ? AND events = 0")?
        .execute(params![case, month])?;
    Ok(())
}

fn amend(db: &Connection, key: i64, now: &Case) -> Result<(), StoreError> {
    unindex(db, key)?;
    db.prepare_cached("UPDATE case_file SET title = ?2, level = ?3, lead = ?4 WHERE id = ?1")?
        .execute(params![key, now.title, level_number(now.level), now.lead])?;
    db.prepare_cached("INSERT INTO case_text (rowid, words) VALUES (?, ?)")?
        .execute(params![key, words(&now.title, &now.lead)])?;
    touch(db, key)
}

/// Counts one more change of the case itself.
fn touch(db: &Connection, key: i64) -> Result<(), StoreError> {
    db.prepare_cached("UPDATE case_file SET versions = versions + 1 WHERE id = ?")?.execute([key])?;
    Ok(())
}

fn unindex(db: &Connection, key: i64) -> Result<(), StoreError> {
    let old = db
        .prepare_cached("SELECT title, lead FROM case_file WHERE id = ?")?
        .query_row([key], |row| Ok(words(&row.get::<_, String>(0)?, &row.get::<_, String>(1)?)))?;
    db.prepare_cached("INSERT INTO case_text (case_text, rowid, words) VALUES ('delete', ?, ?)")?
        .execute(params![key, old])?;
    Ok(())
}

fn words(title: &str, lead: &str) -> String {
    format!("{title}\n{lead}")
}

fn add_action(db: &Connection, key: i64, item: &ActionItem) -> Result<(), StoreError> {
    Tally::Actions.add(db, 1)?;
    Tally::ActionsOpen.add(db, 1)?;
    db.prepare_cached("UPDATE case_file SET actions_open = actions_open + 1 WHERE id = ?")?
        .execute([item.case.0.key()])?;
    db.prepare_cached("INSERT INTO action (id, case_id, what, owner, due, open) VALUES (?, ?, ?, ?, ?, 1)")?
        .execute(params![key, item.case.0.key(), item.what, item.owner, item.due.to_string()])?;
    Ok(())
}

fn set_action_open(db: &Connection, key: i64, outcome: Option<&str>) -> Result<(), StoreError> {
    let by: i64 = if outcome.is_some() { -1 } else { 1 };
    Tally::ActionsOpen.add(db, by)?;
    let case: i64 = db
        .prepare_cached("UPDATE action SET open = ?2, outcome = ?3 WHERE id = ?1 RETURNING case_id")?
        .query_row(params![key, outcome.is_none(), outcome], |row| row.get(0))?;
    db.prepare_cached("UPDATE case_file SET actions_open = actions_open + ? WHERE id = ?")?
        .execute([by, case])?;
    Ok(())
}
