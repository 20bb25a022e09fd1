//! Answers: one query in, one window of rows out. Every list goes by an index and has an end.

mod cases;
mod chronology;
mod consent;
mod entries;
mod people;
mod released;
mod same;
mod sharing;
mod today;

pub(super) use self::{
    chronology::cases_of_one,
    entries::{names, view as entry_view},
    same::records,
};

use jiff::civil::Date;
use kith_protocol::ids::AgencyId;
use rusqlite::{Connection, Row, ToSql};

pub(super) use self::consent::{notices, record as consent_record};
use super::{Casebook, drafts, error::StoreError, log, retention, settings};
use crate::casework::{
    contact::Verification,
    ids::{CaseId, FactId, PersonId},
    person::Person,
    query::{Answer, LogsView, PAGE, Query},
    second::SharingPolicy,
};

impl Casebook {
    /// Answers a query. `today` decides what is overdue.
    ///
    /// Chronologies come oldest first whatever the window: `First` is the oldest page, `Last` the newest, `After` what
    /// is later than a key, `Before` the page just earlier than it. Lists of cases, shares, bundles and found entries
    /// come newest first.
    ///
    /// # Errors
    /// When what is asked for is not here, or the database cannot be read.
    pub fn ask(&self, query: &Query, today: Date) -> Result<Answer, StoreError> {
        if !self.met_damage.get() {
            let answered = answer(&self.db, query, today);
            if !matches!(answered, Err(StoreError::Damaged { .. })) {
                return answered;
            }
            self.met_damage.set(true);
        }
        // What is not damaged is still answered.
        answer(&super::open_database(&self.place, &self.key)?, query, today)
    }
}

impl Casebook {
    /// The case, and those of the child's other records: all that a share from it may take entries from.
    ///
    /// # Errors
    /// When there is no such case, or the database cannot be read.
    pub fn cases_of_one(&self, case: CaseId) -> Result<Vec<CaseId>, StoreError> {
        cases_of_one(&self.db, case)
    }

    /// Which shares a second person must check.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn sharing_policy(&self) -> Result<SharingPolicy, StoreError> {
        sharing::policy(&self.db)
    }

    /// How an agency's keys were compared by a person here the last time, and which keys.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn verified(&self, agency: &AgencyId) -> Result<Option<Verification>, StoreError> {
        sharing::verified(&self.db, agency)
    }
}

fn answer(db: &Connection, query: &Query, today: Date) -> Result<Answer, StoreError> {
    Ok(match query {
        Query::Today { today } => Answer::Today(Box::new(today::view(db, *today)?)),
        Query::Triage { category, window, limit } => {
            Answer::Triage(entries::triage(db, *category, *window, rows(*limit))?)
        }
        Query::Cases { filter, window, limit } => {
            Answer::Cases(cases::list(db, filter, *window, rows(*limit), today)?)
        }
        Query::Case { case } => Answer::Case(Box::new(cases::view(db, *case, today)?)),
        Query::Chronology { case, significant_only, category, window, limit } => {
            chronology::page(db, *case, (*significant_only, *category), *window, rows(*limit))?
        }
        Query::EntriesOf { case, significant_only, window, limit } => {
            chronology::entries_of(db, *case, *significant_only, *window, rows(*limit))?
        }
        Query::Months { case } => Answer::Months(chronology::months(db, *case)?),
        Query::Entry { entry } => Answer::Entry(Box::new(entries::view(db, *entry)?)),
        Query::Actions { filter, window, limit } => {
            Answer::Actions(cases::actions(db, filter, *window, rows(*limit))?)
        }
        Query::FindPeople { text, pupils_only, limit } => {
            Answer::People(people::find(db, text, *pupils_only, rows(*limit))?)
        }
        Query::FindEntries { text, limit } => Answer::Entries(entries::find(db, text, rows(*limit))?),
        Query::Person { person } => Answer::Person(Box::new(people::view(db, *person, today)?)),
        Query::Network { person } => Answer::Network(Box::new(people::network(db, *person)?)),
        Query::Consents { case } => Answer::Consents(consent::of_case(db, *case)?),
        Query::Consent { consent } => consent::one(db, *consent)?,
        Query::Notices => Answer::Notices(notices(db)?),
        Query::Shares { case, window, limit } => {
            Answer::Shares(sharing::shares(db, *case, *window, rows(*limit))?)
        }
        Query::ToCheck { limit } => Answer::ToCheck(sharing::to_check(db, rows(*limit))?),
        Query::SharingPolicy => Answer::SharingPolicy(sharing::policy(db)?),
        Query::Inbox { window, limit } => Answer::Inbox(sharing::inbox(db, *window, rows(*limit))?),
        Query::SetAside => Answer::SetAside(settings::set_aside(db)?),
        Query::Logs => {
            let (findings, settled) = log::findings(db)?;
            Answer::Logs(Box::new(LogsView { facts: log::size(db)?, standing: None, findings, settled }))
        }
        Query::Received { received } => Answer::Received(Box::new(sharing::received(db, *received)?)),
        Query::Drafts => Answer::Drafts(drafts::list(db)?),
        Query::Retention { limit } => {
            Answer::Retention(Box::new(retention::review(db, today, rows(*limit))?))
        }
        Query::File { file } => Answer::File(Box::new(retention::row(db, *file, today)?)),
    })
}

/// Somebody as recorded now.
pub(super) fn person(db: &Connection, id: PersonId) -> Result<Person, StoreError> {
    Ok(people::latest(db, id)?.1)
}

/// How many rows are given of those asked for.
fn rows(limit: u32) -> usize {
    limit.min(PAGE) as usize
}

/// Runs a query and reads each row.
fn all<T>(
    db: &Connection,
    sql: &str,
    values: &[&dyn ToSql],
    read: impl Fn(&Row<'_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = statement.query(values)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(read(row)?);
    }
    Ok(found)
}

/// Rows that were asked for backwards, in the order of their list again.
fn in_order<T>(mut rows: Vec<T>, back: bool) -> Vec<T> {
    if back {
        rows.reverse();
    }
    rows
}

/// What goes on in a list whose newest comes first: condition and order over its column `id`, where `mark` stands for
/// the number that bounds it; that number; and whether it goes backwards.
fn on_by_id<K>(
    id: &str,
    mark: &str,
    (key, back): (Option<K>, bool),
    fact: impl Fn(K) -> FactId,
) -> (String, i64, bool) {
    let (sign, order, open) = if back { (">", "", 0) } else { ("<", " DESC", i64::MAX) };
    let bound = key.map_or(open, |key| fact(key).key());
    (format!("{id} {sign} {mark} ORDER BY {id}{order}"), bound, back)
}

/// One number.
fn number(db: &Connection, sql: &str, values: &[&dyn ToSql]) -> Result<u64, StoreError> {
    let n: i64 = db.prepare_cached(sql)?.query_row(values, |row| row.get(0))?;
    Ok(n.max(0).cast_unsigned())
}

fn unknown(what: &'static str, id: impl ToString) -> StoreError {
    StoreError::Unknown { what, id: id.to_string() }
}
