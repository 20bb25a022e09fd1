//! Cases and actions.

use jiff::civil::Date;
use rusqlite::{Connection, OptionalExtension as _, Row, ToSql, params_from_iter};

use super::{all, chronology, entries, in_order, number, on_by_id, people, same, unknown};
use crate::{
    casework::{
        case::{ActionItem, Case},
        ids::{ActionId, CaseId, FactId, PersonId},
        query::{ActionFilter, ActionKey, ActionRow, CaseFilter, CaseRow, CaseView, Page, Window},
    },
    store::{cells, error::StoreError, names, project::Tally, words},
};

/// Most cases that a filter by text goes through.
const MAX_MATCHES: usize = 500;
/// How many significant entries the summary of a case shows.
const LAST_SIGNIFICANT: usize = 5;

/// The columns that [`read`] reads, of `case_file c`; ?1 is today.
const ROW: &str = "SELECT c.id, c.child, p.name, p.year, c.title, c.level, c.lead, c.open, c.entries,
    (SELECT at FROM entry WHERE case_id = c.id ORDER BY at DESC, id DESC LIMIT 1), c.actions_open,
    (SELECT count(*) FROM action WHERE case_id = c.id AND open = 1 AND due < ?1)
    FROM case_file c JOIN person p ON p.id = c.child ";

fn read(row: &Row<'_>) -> Result<CaseRow, StoreError> {
    let last: Option<String> = row.get(9)?;
    Ok(CaseRow {
        id: CaseId(cells::id(row, 0)?),
        child: PersonId(cells::id(row, 1)?),
        child_name: row.get(2)?,
        year: row.get(3)?,
        title: row.get(4)?,
        level: cells::level(row, 5)?,
        lead: row.get(6)?,
        open: row.get(7)?,
        entries: row.get(8)?,
        last: last.map(|at| at.parse().map_err(|_| StoreError::damaged("a row"))).transpose()?,
        actions_open: row.get(10)?,
        actions_overdue: row.get(11)?,
    })
}

/// Newest case first.
pub(super) fn list(
    db: &Connection,
    filter: &CaseFilter,
    window: Window<CaseId>,
    limit: usize,
    today: Date,
) -> Result<Page<CaseRow>, StoreError> {
    let (on, bound, back) = on_by_id("c.id", "?2", window.bound(), |case| case.0);
    let today = today.to_string();
    let open = if filter.include_closed { "" } else { "AND c.open = 1" };
    if filter.text.trim().is_empty() {
        let total = if filter.include_closed { Tally::Cases } else { Tally::CasesOpen }.read(db)?;
        let sql = format!("{ROW}WHERE 1 {open} AND {on} LIMIT {limit}");
        let rows = all(db, &sql, &[&today, &bound], read)?;
        return Ok(Page { rows: in_order(rows, back), total, window });
    }
    let ids = matching(db, &filter.text)?;
    let marks = vec!["?"; ids.len()].join(",");
    let counted = format!("SELECT count(*) FROM case_file c WHERE c.id IN ({marks}) {open}");
    let total = db.prepare(&counted)?.query_row(params_from_iter(&ids), |row| row.get(0))?;
    let marks = (3..).take(ids.len()).map(|n| format!("?{n}")).collect::<Vec<_>>().join(",");
    let sql = format!("{ROW}WHERE c.id IN ({marks}) {open} AND {on} LIMIT {limit}");
    let mut values: Vec<&dyn ToSql> = vec![&today, &bound];
    values.extend(ids.iter().map(|id| id as &dyn ToSql));
    Ok(Page { rows: in_order(all(db, &sql, &values, read)?, back), total, window })
}

/// Cases by reference, by the child's name, or by words of title and lead.
fn matching(db: &Connection, text: &str) -> Result<Vec<i64>, StoreError> {
    if let Ok(id) = text.trim().parse::<FactId>() {
        return Ok(vec![id.key()]);
    }
    let mut of_child = db.prepare_cached("SELECT id FROM case_file WHERE child = ?")?;
    let mut ids: Vec<i64> = Vec::new();
    for child in names::find(db, text, false, MAX_MATCHES)? {
        for id in of_child.query_map([child], |row| row.get(0))? {
            ids.push(id?);
        }
    }
    if let Some((whole, begun)) = words::expressions(text) {
        let expression = begun.unwrap_or(whole);
        let sql = "SELECT rowid FROM case_text WHERE case_text MATCH ? ORDER BY rowid DESC LIMIT ?";
        ids.extend(all(db, sql, &[&expression, &MAX_MATCHES], |row| Ok(row.get::<_, i64>(0)?))?);
    }
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}

/// All cases of one child, newest first.
pub(super) fn of_child(db: &Connection, child: PersonId, today: Date) -> Result<Vec<CaseRow>, StoreError> {
    let sql = format!("{ROW}WHERE c.child = ?2 ORDER BY c.id DESC LIMIT 50");
    all(db, &sql, &[&today.to_string(), &child.0.key()], read)
}

pub(super) fn view(db: &Connection, id: CaseId, today: Date) -> Result<CaseView, StoreError> {
    let key = id.0.key();
    let mut statement = db.prepare_cached(
        "SELECT child, title, level, lead, opened, closed, outcome, entries, significant, actions_open, shares,
            (SELECT count(*) FROM action WHERE case_id = c.id AND open = 1 AND due < ?2)
         FROM case_file c WHERE id = ?1",
    )?;
    let mut rows = statement.query((key, today.to_string()))?;
    let row = rows.next()?.ok_or_else(|| unknown("case", id))?;
    let child = PersonId(cells::id(row, 0)?);
    let closed = match row.get::<_, Option<i64>>(5)? {
        Some(at) => Some((cells::from_micros(at)?, row.get::<_, Option<String>>(6)?.unwrap_or_default())),
        None => None,
    };
    Ok(CaseView {
        id,
        case: Case { child, title: row.get(1)?, level: cells::level(row, 2)?, lead: row.get(3)? },
        child: people::latest(db, child)?.1,
        opened: cells::moment(row, 4)?,
        closed,
        entries: row.get(7)?,
        significant: row.get(8)?,
        events: chronology::events(db, id)?,
        actions_open: row.get(9)?,
        actions_overdue: row.get(11)?,
        shares: row.get(10)?,
        protected_address: protected(db, child)?,
        last_significant: entries::select(
            db,
            "WHERE e.case_id = ?1 AND e.significance IN (1, 3, 4) ORDER BY e.at DESC, e.id DESC LIMIT ?2",
            &[&key, &LAST_SIGNIFICANT],
        )?,
    })
}

/// Is any address of the child protected, whichever record it stands in?
fn protected(db: &Connection, child: PersonId) -> Result<bool, StoreError> {
    let mut lives = db.prepare_cached(
        "SELECT 1 FROM address_person ap JOIN address a ON a.id = ap.address
         WHERE ap.person = ? AND a.protected = 1",
    )?;
    for record in same::records(db, child.0.key())? {
        if lives.exists([record])? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Open before finished, by the date they are due.
pub(super) fn actions(
    db: &Connection,
    filter: &ActionFilter,
    window: Window<ActionKey>,
    limit: usize,
) -> Result<Page<ActionRow>, StoreError> {
    let (mut wheres, mut values): (Vec<&str>, Vec<&dyn ToSql>) = (vec!["1"], Vec::new());
    let case = filter.case.map(|case| case.0.key());
    if let Some(case) = &case {
        wheres.push("a.case_id = ?");
        values.push(case);
    }
    if let Some(owner) = &filter.owner {
        wheres.push("a.owner = ?");
        values.push(owner);
    }
    if !filter.include_finished {
        wheres.push("a.open = 1");
    }
    let all_of_it = wheres.join(" AND ");
    let total = match (case, &filter.owner, filter.include_finished) {
        (None, None, true) => Tally::Actions.read(db)?,
        (None, None, false) => Tally::ActionsOpen.read(db)?,
        _ => number(db, &format!("SELECT count(*) FROM action a WHERE {all_of_it}"), &values)?,
    };
    let (key, back) = window.bound();
    let bound = key.map(|ActionKey(open, due, action)| (open, due.to_string(), action.0.key()));
    if let Some((open, due, id)) = &bound {
        wheres.push(if back {
            "a.open >= ? AND (a.open > ? OR (a.due, a.id) < (?, ?))"
        } else {
            "a.open <= ? AND (a.open < ? OR (a.due, a.id) > (?, ?))"
        });
        values.extend([open as &dyn ToSql, open, due, id]);
    }
    let order = if back { "a.open, a.due DESC, a.id DESC" } else { "a.open DESC, a.due, a.id" };
    let rest = format!("{} ORDER BY {order} LIMIT {limit}", wheres.join(" AND "));
    Ok(Page { rows: in_order(select_actions(db, &rest, &values)?, back), total, window })
}

fn select_actions(db: &Connection, rest: &str, values: &[&dyn ToSql]) -> Result<Vec<ActionRow>, StoreError> {
    let sql = format!(
        "SELECT a.id, a.case_id, a.what, a.owner, a.due, p.name, a.outcome
         FROM action a JOIN case_file c ON c.id = a.case_id JOIN person p ON p.id = c.child
         WHERE {rest}"
    );
    all(db, &sql, values, |row| {
        Ok(ActionRow {
            id: ActionId(cells::id(row, 0)?),
            item: ActionItem {
                case: CaseId(cells::id(row, 1)?),
                what: row.get(2)?,
                owner: row.get(3)?,
                due: cells::parsed(row, 4)?,
            },
            child_name: row.get(5)?,
            finished: row.get(6)?,
        })
    })
}

/// The newest open case of a child.
pub(super) fn open_case(db: &Connection, child: i64) -> Result<Option<CaseId>, StoreError> {
    Ok(db
        .prepare_cached("SELECT id FROM case_file WHERE child = ? AND open = 1 ORDER BY id DESC LIMIT 1")?
        .query_row([child], |row| row.get(0))
        .optional()?
        .map(|key| CaseId(FactId::from_key(key))))
}
