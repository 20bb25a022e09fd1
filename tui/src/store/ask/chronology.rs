//! The chronology of a case: its entries, what was shared from it, and what was filed into it, in one order.

use std::collections::BTreeMap;

use jiff::civil::DateTime;
use kith_protocol::bundle::ConcernCategory;
use rusqlite::{Connection, OptionalExtension as _, ToSql};

use super::{all, entries, number, released, same, sharing, unknown};
use crate::{
    casework::{
        ids::{CaseId, FactId},
        query::{Answer, Event, EventKey, Month, Window},
    },
    store::{cells, error::StoreError},
};

/// Which rows of one table belong to a page: after `WHERE` and the table's own condition on the case, `?1`.
struct Page {
    sql: String,
    newest_first: bool,
    /// The time and the fact that the page begins or ends at; both are `NULL` where it does not.
    key: (Option<String>, Option<i64>),
}

impl Page {
    fn new(window: Window<EventKey>, limit: usize) -> Self {
        let (from, newest_first, key) = match window {
            Window::First => ("?2 IS NULL AND ?3 IS NULL", false, None),
            Window::After(key) => ("({t}.at, {t}.id) > (?2, ?3)", false, Some(key)),
            Window::Before(key) => ("({t}.at, {t}.id) < (?2, ?3)", true, Some(key)),
            Window::Last => ("?2 IS NULL AND ?3 IS NULL", true, None),
        };
        let order = if newest_first { "DESC" } else { "" };
        let sql = format!("AND {from} ORDER BY {{t}}.at {order}, {{t}}.id {order} LIMIT {limit}");
        Self { sql, newest_first, key: (key.map(|key| key.at.to_string()), key.map(|key| key.id.key())) }
    }

    /// The rest of a query on table `t`.
    fn of(&self, t: &str, condition: &str) -> String {
        format!("WHERE {t}.case_id = ?1 {condition} {}", self.sql.replace("{t}", t))
    }

    /// The page, oldest first, out of what each table gave.
    fn cut<T>(&self, mut rows: Vec<T>, key: impl Fn(&T) -> EventKey, limit: usize) -> Vec<T> {
        rows.sort_unstable_by_key(&key);
        let over = rows.len().saturating_sub(limit);
        if self.newest_first {
            rows.drain(..over);
        } else {
            rows.truncate(limit);
        }
        rows
    }
}

/// Each table gives as many rows as the page has, by its own index; the page is what comes first of them all.
pub(super) fn page(
    db: &Connection,
    case: CaseId,
    (significant_only, category): (bool, Option<ConcernCategory>),
    window: Window<EventKey>,
    limit: usize,
) -> Result<Answer, StoreError> {
    let page = Page::new(window, limit);
    let (mut rows, mut total) = (Vec::<Event>::new(), 0_u64);
    if let Some(category) = category {
        let name = cells::name_of(&category);
        let wanted = format!("{} AND e.category = ?4", only(significant_only));
        for case in cases_of_one(db, case)? {
            let key = case.0.key();
            let counted = format!(
                "SELECT count(*) FROM entry e WHERE e.case_id = ?1 {} AND e.category = ?2",
                only(significant_only)
            );
            total = total.saturating_add(number(db, &counted, &[&key, &name])?);
            let values: [&dyn ToSql; 4] = [&key, &page.key.0, &page.key.1, &name];
            let entries = entries::select(db, &page.of("e", &wanted), &values)?;
            rows.extend(entries.into_iter().map(Event::Entry));
        }
        return Ok(Answer::Chronology { rows: page.cut(rows, Event::key, limit), total });
    }
    for case in cases_of_one(db, case)? {
        let key = case.0.key();
        total = total.saturating_add(count(db, case, significant_only)?);
        total = total.saturating_add(between_agencies(db, key)?);
        let values: [&dyn ToSql; 3] = [&key, &page.key.0, &page.key.1];
        let entries = entries::select(db, &page.of("e", only(significant_only)), &values)?;
        rows.extend(entries.into_iter().map(Event::Entry));
        rows.extend(sharing::select(db, &page.of("s", ""), &values)?.into_iter().map(Event::Share));
        rows.extend(sharing::filed(db, &page.of("r", ""), &values)?.into_iter().map(Event::Filed));
        rows.extend(released::select(db, &page.of("l", ""), &values)?.into_iter().map(Event::Released));
    }
    Ok(Answer::Chronology { rows: page.cut(rows, Event::key, limit), total })
}

/// The case, and those of the child's other records: the child has one story.
pub(in crate::store) fn cases_of_one(db: &Connection, case: CaseId) -> Result<Vec<CaseId>, StoreError> {
    let child: Option<i64> = db
        .prepare_cached("SELECT child FROM case_file WHERE id = ?")?
        .query_row([case.0.key()], |row| row.get(0))
        .optional()?;
    let child = child.ok_or_else(|| unknown("case", case))?;
    let mut cases = vec![case];
    for other in same::records(db, child)?.into_iter().filter(|record| *record != child) {
        let sql = "SELECT id FROM case_file WHERE child = ? ORDER BY id LIMIT 50";
        cases.extend(all(db, sql, &[&other], |row| Ok(CaseId(cells::id(row, 0)?)))?);
    }
    Ok(cases)
}

/// How many events stand in the chronology of a case.
pub(super) fn events(db: &Connection, case: CaseId) -> Result<u64, StoreError> {
    let one =
        |case: CaseId| Ok::<_, StoreError>(count(db, case, false)? + between_agencies(db, case.0.key())?);
    cases_of_one(db, case)?.into_iter().map(one).sum()
}

/// The entries alone, those of the child's other records with them.
pub(super) fn entries_of(
    db: &Connection,
    case: CaseId,
    significant_only: bool,
    window: Window<EventKey>,
    limit: usize,
) -> Result<Answer, StoreError> {
    let page = Page::new(window, limit);
    let (mut rows, mut total) = (Vec::new(), 0_u64);
    for case in cases_of_one(db, case)? {
        let key = case.0.key();
        total = total.saturating_add(count(db, case, significant_only)?);
        let values: [&dyn ToSql; 3] = [&key, &page.key.0, &page.key.1];
        rows.extend(entries::select(db, &page.of("e", only(significant_only)), &values)?);
    }
    Ok(Answer::EntriesOf { rows: page.cut(rows, crate::casework::query::EntryRow::key, limit), total })
}

const fn only(significant: bool) -> &'static str {
    if significant { "AND e.significance IN (1, 3, 4)" } else { "" }
}

/// How many entries a case has.
fn count(db: &Connection, case: CaseId, significant_only: bool) -> Result<u64, StoreError> {
    let column = if significant_only { "significant" } else { "entries" };
    let total: Option<u64> = db
        .prepare_cached(&format!("SELECT {column} FROM case_file WHERE id = ?"))?
        .query_row([case.0.key()], |row| row.get(0))
        .optional()?;
    total.ok_or_else(|| unknown("case", case))
}

/// How many shares, filed bundles and releases a case has.
pub(super) fn between_agencies(db: &Connection, case: i64) -> Result<u64, StoreError> {
    let sql = "SELECT (SELECT shares FROM case_file WHERE id = ?1) + (SELECT count(*) FROM received WHERE case_id = ?1)
        + (SELECT count(*) FROM released WHERE case_id = ?1)";
    number(db, sql, &[&case])
}

pub(super) fn months(db: &Connection, case: CaseId) -> Result<Vec<Month>, StoreError> {
    let mut months = BTreeMap::<(i16, i8), Month>::new();
    for case in cases_of_one(db, case)? {
        let key = case.0.key();
        let sql = "SELECT month, events, significant FROM case_month WHERE case_id = ? AND events > 0";
        let of_case = all(db, sql, &[&key], |row| {
            let month: String = row.get(0)?;
            let first = first_since(db, key, &month)?;
            let (year, month) = (first.at.year(), first.at.month());
            Ok(Month { year, month, events: row.get(1)?, significant: row.get(2)?, first })
        })?;
        for month in of_case {
            let there = months.entry((month.year, month.month));
            there
                .and_modify(|sum| {
                    sum.events = sum.events.saturating_add(month.events);
                    sum.significant = sum.significant.saturating_add(month.significant);
                    sum.first = sum.first.min(month.first);
                })
                .or_insert(month);
        }
    }
    Ok(months.into_values().collect())
}

/// The first event of a case since the beginning of a month.
fn first_since(db: &Connection, case: i64, month: &str) -> Result<EventKey, StoreError> {
    let arm = |table: &str| {
        format!(
            "SELECT * FROM (SELECT at, id FROM {table} WHERE case_id = ?1 AND at >= ?2 ORDER BY at, id LIMIT 1)"
        )
    };
    let sql = format!(
        "{} UNION ALL {} UNION ALL {} UNION ALL {} ORDER BY 1, 2 LIMIT 1",
        arm("entry"),
        arm("share"),
        arm("received"),
        arm("released")
    );
    let mut statement = db.prepare_cached(&sql)?;
    let mut rows = statement.query((case, month))?;
    let row = rows.next()?.ok_or_else(|| StoreError::damaged("a month"))?;
    let at: DateTime = cells::parsed(row, 0)?;
    Ok(EventKey { at, id: FactId::from_key(row.get(1)?) })
}
