//! Entries: the triage queue, chronologies, single entries, words.

use kith_protocol::bundle::ConcernCategory;
use rusqlite::{Connection, OptionalExtension as _, Row, ToSql};

use super::{all, in_order, number, unknown};
use crate::{
    casework::{
        case::TriageDecision,
        entry::Entry,
        fact::Fact,
        ids::{CaseId, EntryId, FactId},
        query::{EntryRow, EntryVersion, EntryView, Page, Stands, TriageKey, TriageView, Window},
    },
    store::{
        cells,
        error::StoreError,
        facts,
        project::{Tally, entries::sent},
        words,
    },
};

/// Stands for somebody whose own record was destroyed.
const DISPOSED: &str = "(record destroyed)";

/// The columns that [`read`] reads, of `entry e`.
const ROW: &str = "SELECT e.id, e.kind, e.at, e.precision, e.recorded, e.category,
    (SELECT group_concat(p.name, ', ' ORDER BY i.place) FROM entry_person i JOIN person p ON p.id = i.person
     WHERE i.entry = e.id AND i.child = 1),
    e.source, e.headline, e.done, e.significance, e.danger, e.versions, e.attachments, e.waiting, e.case_id
    FROM entry e ";

fn read(row: &Row<'_>) -> Result<EntryRow, StoreError> {
    let waiting: bool = row.get(14)?;
    Ok(EntryRow {
        id: EntryId(cells::id(row, 0)?),
        kind: cells::named(row, 1)?,
        at: cells::parsed(row, 2)?,
        precision: cells::named(row, 3)?,
        recorded: cells::moment(row, 4)?,
        category: cells::named(row, 5)?,
        children: row.get::<_, Option<String>>(6)?.unwrap_or_default(),
        source: row.get(7)?,
        headline: row.get(8)?,
        done: row.get(9)?,
        significance: cells::significance(row, 10)?,
        in_danger: row.get(11)?,
        versions: row.get(12)?,
        attachments: row.get(13)?,
        triaged: !waiting,
        case: cells::maybe_id(row, 15)?.map(CaseId),
    })
}

pub(super) fn select(
    db: &Connection,
    rest: &str,
    values: &[&dyn ToSql],
) -> Result<Vec<EntryRow>, StoreError> {
    all(db, &format!("{ROW}{rest}"), values, read)
}

/// Immediate danger first, then those that have waited longest.
pub(super) fn triage(
    db: &Connection,
    category: Option<ConcernCategory>,
    window: Window<TriageKey>,
    limit: usize,
) -> Result<Page<EntryRow>, StoreError> {
    let (key, back) = window.bound();
    let (danger, key) = key
        .map_or(if back { (false, i64::MAX) } else { (true, 0) }, |TriageKey(danger, id)| {
            (danger, id.0.key())
        });
    let category = category.map(|one| cells::name_of(&one));
    let mut values: Vec<&dyn ToSql> = Vec::new();
    let about = category.as_ref().map_or("", |one| {
        values.push(one);
        "AND e.category = ?"
    });
    let total = match category {
        None => Tally::Untriaged.read(db)?,
        Some(_) => number(db, &format!("SELECT count(*) FROM entry e WHERE e.waiting = 1 {about}"), &values)?,
    };
    values.extend([&danger as &dyn ToSql, &danger, &key, &limit]);
    let on = if back {
        "e.danger >= ? AND (e.danger > ? OR e.id < ?) ORDER BY e.danger, e.id DESC"
    } else {
        "e.danger <= ? AND (e.danger < ? OR e.id > ?) ORDER BY e.danger DESC, e.id"
    };
    let rest = format!("WHERE e.waiting = 1 {about} AND {on} LIMIT ?");
    Ok(Page { rows: in_order(select(db, &rest, &values)?, back), total, window })
}

/// By words, newest first. While whole words fill the page, words that only begin as typed are left out.
pub(super) fn find(db: &Connection, text: &str, limit: usize) -> Result<Vec<EntryRow>, StoreError> {
    if let Ok(id) = text.trim().parse::<FactId>() {
        let named = select(db, "WHERE e.id = ?", &[&id.key()])?;
        if !named.is_empty() {
            return Ok(named);
        }
    }
    let Some((whole, begun)) = words::expressions(text) else { return Ok(Vec::new()) };
    let matching = |expression: &str| {
        select(
            db,
            "WHERE e.id IN (SELECT rowid FROM entry_text WHERE entry_text MATCH ?1 ORDER BY rowid DESC LIMIT ?2)
             ORDER BY e.id DESC",
            &[&expression, &limit],
        )
    };
    let found = matching(&whole)?;
    match begun {
        Some(begun) if found.len() < limit && words::begins_with_more_than_a_letter(text) => matching(&begun),
        _ => Ok(found),
    }
}

pub(in crate::store) fn view(db: &Connection, id: EntryId) -> Result<EntryView, StoreError> {
    let key = id.0.key();
    let mut statement = db.prepare_cached(
        "SELECT e.case_id, e.significance, t.fact FROM entry e LEFT JOIN triage t ON t.entry = e.id WHERE e.id = ?",
    )?;
    let mut rows = statement.query([key])?;
    let row = rows.next()?.ok_or_else(|| unknown("entry", id))?;
    let first = facts::load(db, key)?;
    let (mut versions, stands) = versions(db, key)?;
    let Some(EntryVersion { mut entry, .. }) = versions.pop() else {
        return Err(StoreError::bad_fact(id.0));
    };
    entry.significance = cells::significance(row, 1)?;
    let sent = sent(db, (key, stands.fact.key()), &entry)?;
    let triage: Option<i64> = row.get(2)?;
    Ok(EntryView {
        id,
        names: names(db, &entry)?,
        entry,
        recorded: first.recorded,
        by: first.by,
        stands,
        case: cells::maybe_id(row, 0)?.map(CaseId),
        sent,
        triage: triage.map(|fact| triage_view(db, fact)).transpose()?,
        earlier: versions,
    })
}

/// All versions, oldest first, each with why the next one replaced it; the last is what the entry says now, and where
/// that stands.
fn versions(db: &Connection, key: i64) -> Result<(Vec<EntryVersion>, Stands), StoreError> {
    let mut statement =
        db.prepare_cached("SELECT fact, why FROM entry_version WHERE entry = ? ORDER BY fact")?;
    let mut rows = statement.query([key])?;
    let mut versions: Vec<EntryVersion> = Vec::new();
    let mut stands = None;
    while let Some(row) = rows.next()? {
        if let Some(before) = versions.last_mut() {
            before.why = row.get(1)?;
        }
        let fact = facts::load(db, row.get(0)?)?;
        let (Fact::EntryRecorded { entry, names, .. } | Fact::EntryAmended { now: entry, names, .. }) =
            fact.fact
        else {
            return Err(StoreError::bad_fact(fact.id));
        };
        stands = Some(Stands { fact: fact.id, by: fact.by.clone(), names });
        versions.push(EntryVersion { entry, recorded: fact.recorded, by: fact.by, why: String::new() });
    }
    let stands = stands.ok_or_else(|| StoreError::bad_fact(FactId::from_key(key)))?;
    Ok((versions, stands))
}

/// The names of an entry's people as they are now.
pub(in crate::store) fn names(db: &Connection, entry: &Entry) -> Result<Vec<String>, StoreError> {
    let mut name = db.prepare_cached("SELECT name FROM person WHERE id = ?")?;
    let keys = entry.people.iter().map(|one| one.person.0.key());
    let found = keys.map(|key| name.query_row([key], |row| row.get(0)).optional());
    // The entry outlived the file of one who stands in it.
    found.map(|name| Ok(name?.unwrap_or_else(|| DISPOSED.to_owned()))).collect()
}

fn triage_view(db: &Connection, fact: i64) -> Result<TriageView, StoreError> {
    let fact = facts::load(db, fact)?;
    let Fact::ConcernTriaged { decision, level, .. } = fact.fact else {
        return Err(StoreError::bad_fact(fact.id));
    };
    let decision = match decision {
        TriageDecision::NoFurtherAction { reason } => format!("No further action: {reason}"),
        TriageDecision::AddToCase { case } => format!("Added to case {case}"),
        TriageDecision::OpenCase(case) => format!("Case {} opened: {}", fact.id, case.title),
    };
    Ok(TriageView { decision, level, by: fact.by, at: fact.recorded })
}

/// A person's newest entries.
pub(super) fn of_person(db: &Connection, person: i64, limit: usize) -> Result<Vec<EntryRow>, StoreError> {
    select(
        db,
        "JOIN (SELECT DISTINCT entry FROM (SELECT entry, at FROM entry_person WHERE person = ?1
                ORDER BY at DESC, entry DESC LIMIT ?2)) i ON i.entry = e.id
         ORDER BY e.at DESC, e.id DESC",
        &[&person, &limit],
    )
}

/// How many concerns happened in the week that begins on `monday`.
pub(super) fn week(db: &Connection, monday: &str) -> Result<u64, StoreError> {
    number(db, "SELECT coalesce(sum(entries), 0) FROM concern_week WHERE week = ?", &[&monday])
}
