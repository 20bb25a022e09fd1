//! The review list: what a person must look at, and what was destroyed.

use jiff::civil::Date;
use rusqlite::Connection;

use super::{file_state, keys, outline::outline};
use crate::{
    casework::{
        fact::Fact,
        ids::{FactId, PersonId, ProposalId},
        query::{DisposalRow, ProposalView, RetentionRow, RetentionView},
        retention::{Rule, Verdict, judge},
    },
    store::{ask, error::StoreError, facts},
};

/// Most files that are judged for one list.
const MAX_JUDGED: usize = 2_000;

/// Files that a person must look at, what is due longest first; and what was destroyed, newest first.
pub(in crate::store) fn review(
    db: &Connection,
    today: Date,
    limit: usize,
) -> Result<RetentionView, StoreError> {
    let candidates = "SELECT person FROM proposal WHERE open = 1
        UNION SELECT person FROM hold WHERE lifted IS NULL
        UNION SELECT person FROM leaving
        UNION SELECT id FROM person WHERE pupil = 1 AND born <= ?1
        UNION SELECT id FROM person WHERE pupil = 1 AND born IS NULL
              AND (id IN (SELECT child FROM case_file) OR id IN (SELECT person FROM entry_person))
        LIMIT ?2";
    let mut rows = Vec::new();
    for key in keys(db, candidates, &[&Rule::born_by(today).to_string(), &MAX_JUDGED])? {
        let row = row(db, PersonId(FactId::from_key(key)), today)?;
        let held = matches!(row.verdict, Verdict::Held(_));
        if row.proposal.is_some() || held || row.verdict.needs_a_person() || !row.remarks.is_empty() {
            rows.push(row);
        }
    }
    let due = rows.iter().filter(|row| matches!(row.verdict, Verdict::Due { .. })).count() as u64;
    rows.sort_by_key(|row| (place(row), row.person));
    rows.truncate(limit);
    let newest = "SELECT id FROM disposal ORDER BY id DESC LIMIT ?1";
    let disposals =
        keys(db, newest, &[&limit])?.into_iter().map(|key| disposal(db, key)).collect::<Result<_, _>>()?;
    Ok(RetentionView { rows, due, disposals })
}

/// What is proposed first, then what is due, then what hinders, then what is held.
fn place(row: &RetentionRow) -> (u8, Option<Date>) {
    match &row.verdict {
        _ if row.proposal.is_some() => (0, None),
        Verdict::Due { on, .. } => (1, Some(*on)),
        Verdict::AwaitsReceipt { left } => (2, Some(*left)),
        Verdict::Unfinished(_) => (3, None),
        Verdict::Undated => (4, None),
        Verdict::Held(_) => (5, None),
        Verdict::NotYet { .. } | Verdict::Keep => (6, None),
    }
}

/// How one file stands.
pub(in crate::store) fn row(
    db: &Connection,
    person: PersonId,
    today: Date,
) -> Result<RetentionRow, StoreError> {
    let scope = outline(db, person)?;
    let known = ask::person(db, person)?;
    let file = file_state(db, person)?;
    Ok(RetentionRow {
        person,
        name: known.name(),
        verdict: judge(&file, today),
        remarks: file.remarks(),
        proposal: proposal(db, person)?,
        cases: scope.cases.len() as u64,
        entries: scope.entries.len() as u64,
        family: scope.people.len().saturating_sub(1) as u64,
        kept: scope.kept.into_iter().collect(),
    })
}

/// The proposal that waits for another person's word.
pub(in crate::store) fn proposal(
    db: &Connection,
    person: PersonId,
) -> Result<Option<ProposalView>, StoreError> {
    let found = keys(db, "SELECT id FROM proposal WHERE person = ?1 AND open = 1", &[&person.0.key()])?;
    let Some(key) = found.first() else { return Ok(None) };
    let fact = facts::load(db, *key)?;
    match fact.fact {
        Fact::DisposalProposed { rule, .. } => {
            Ok(Some(ProposalView { id: ProposalId(fact.id), rule, by: fact.by, at: fact.recorded }))
        }
        _ => Err(StoreError::bad_fact(fact.id)),
    }
}

fn disposal(db: &Connection, key: i64) -> Result<DisposalRow, StoreError> {
    let fact = facts::load(db, key)?;
    match fact.fact {
        Fact::Disposed(disposed) => Ok(DisposalRow { id: fact.id, disposed: *disposed }),
        _ => Err(StoreError::bad_fact(fact.id)),
    }
}
