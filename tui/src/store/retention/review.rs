//! The review list: what a person must look at, and what was destroyed.

use std::collections::BTreeSet;

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

/// Files that a person must look at, what is due longest first; and what was destroyed, newest first. Every file is
/// judged; of those beyond `limit` only how many there are is told.
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
              AND (id IN (SELECT child FROM case_file) OR id IN (SELECT person FROM entry_person))";
    let proposed: BTreeSet<i64> =
        keys(db, "SELECT person FROM proposal WHERE open = 1", &[])?.into_iter().collect();
    let (mut found, mut due) = (Vec::new(), 0);
    for key in keys(db, candidates, &[&Rule::born_by(today).to_string()])? {
        let (person, proposed) = (PersonId(FactId::from_key(key)), proposed.contains(&key));
        let verdict = judge(&file_state(db, person)?, today);
        due += u64::from(matches!(verdict, Verdict::Due { .. }));
        if proposed || matches!(verdict, Verdict::Held(_)) || verdict.needs_a_person() {
            found.push((place(&verdict, proposed), person));
        }
    }
    found.sort_unstable();
    let shown = found.iter().take(limit);
    let rows = shown.map(|(_, person)| row(db, *person, today)).collect::<Result<_, _>>()?;
    let newest = "SELECT id FROM disposal ORDER BY id DESC LIMIT ?1";
    let disposals =
        keys(db, newest, &[&limit])?.into_iter().map(|key| disposal(db, key)).collect::<Result<_, _>>()?;
    Ok(RetentionView { rows, due, found: found.len() as u64, disposals })
}

/// What is proposed first, then what is due, then what hinders, then what is held.
fn place(verdict: &Verdict, proposed: bool) -> (u8, Option<Date>) {
    match verdict {
        _ if proposed => (0, None),
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
    Ok(RetentionRow {
        person,
        name: known.name(),
        verdict: judge(&file_state(db, person)?, today),
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
