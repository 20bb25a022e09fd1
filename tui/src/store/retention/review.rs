//! The review list: what a person must look at, and what was destroyed.

use std::collections::BTreeSet;

use jiff::civil::Date;
use rusqlite::{Connection, Row};

use super::{keys, outline::outline, standing};
use crate::{
    casework::{
        fact::Fact,
        ids::{FactId, FileId, PersonId, ProposalId, ReceivedId},
        query::{DisposalRow, ProposalView, RetentionRow, RetentionView},
        retention::{Rule, Verdict},
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
    let people = "SELECT file FROM proposal WHERE open = 1 AND of_bundle = 0
        UNION SELECT file FROM hold WHERE lifted IS NULL AND of_bundle = 0
        UNION SELECT person FROM leaving
        UNION SELECT id FROM person WHERE pupil = 1 AND born <= ?1
        UNION SELECT id FROM person WHERE pupil = 1 AND born IS NULL
              AND (id IN (SELECT child FROM case_file) OR id IN (SELECT person FROM entry_person))";
    let bundles = "SELECT id FROM received WHERE filed IS NULL AND gone IS NULL
        UNION SELECT file FROM proposal WHERE open = 1 AND of_bundle = 1";
    let people = keys(db, people, &[&Rule::born_by(today).to_string()])?;
    let people = people.into_iter().map(|key| FileId::Person(PersonId(FactId::from_key(key))));
    let bundles = keys(db, bundles, &[])?;
    let bundles = bundles.into_iter().map(|key| FileId::Bundle(ReceivedId(FactId::from_key(key))));
    let proposed: BTreeSet<i64> =
        keys(db, "SELECT file FROM proposal WHERE open = 1", &[])?.into_iter().collect();
    let (mut found, mut due) = (Vec::new(), 0);
    for file in people.chain(bundles) {
        let proposed = proposed.contains(&file.fact().key());
        let standing = standing(db, file)?;
        let verdict = standing.judge(today);
        due += u64::from(matches!(verdict, Verdict::Due { .. }));
        let told = matches!(verdict, Verdict::Held(_)) || !standing.remarks().is_empty();
        if proposed || told || verdict.needs_a_person() {
            found.push((place(&verdict, proposed), file));
        }
    }
    found.sort_unstable();
    let shown = found.iter().take(limit);
    let rows = shown.map(|(_, file)| row(db, *file, today)).collect::<Result<_, _>>()?;
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
pub(in crate::store) fn row(db: &Connection, file: FileId, today: Date) -> Result<RetentionRow, StoreError> {
    let scope = outline(db, file)?;
    let standing = standing(db, file)?;
    Ok(RetentionRow {
        file,
        name: name(db, file)?,
        verdict: standing.judge(today),
        remarks: standing.remarks(),
        proposal: proposal(db, file)?,
        cases: scope.cases.len() as u64,
        entries: scope.entries.len() as u64,
        family: scope.people.len().saturating_sub(1) as u64,
        kept: scope.kept.into_iter().collect(),
    })
}

fn name(db: &Connection, file: FileId) -> Result<String, StoreError> {
    match file {
        FileId::Person(person) => Ok(ask::person(db, person)?.name()),
        FileId::Bundle(bundle) => {
            let told_of = "SELECT from_name, child FROM received WHERE id = ?";
            let told = |row: &Row<'_>| {
                Ok(format!("Bundle from {} about {}", row.get::<_, String>(0)?, row.get::<_, String>(1)?))
            };
            Ok(db.prepare_cached(told_of)?.query_row([bundle.0.key()], told)?)
        }
    }
}

/// The proposal that waits for another person's word.
pub(in crate::store) fn proposal(db: &Connection, file: FileId) -> Result<Option<ProposalView>, StoreError> {
    let found = keys(db, "SELECT id FROM proposal WHERE file = ?1 AND open = 1", &[&file.fact().key()])?;
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
