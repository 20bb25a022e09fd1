//! Entries with their versions, their triage, their words for searching, and the roll-ups they count in.

use jiff::{
    ToSpan as _,
    civil::{Date, DateTime},
};
use kith_protocol::bundle::{MAX_RECORDS, Role};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::{Tally, cases};
use crate::{
    casework::{
        case::TriageDecision,
        entry::{AsSent, Danger, Entry, EntryKind, Significance},
        fact::{Fact, Recorded},
        ids::{CaseId, FactId},
    },
    store::{
        cells::{self, name_of, significance_number},
        error::StoreError,
        facts,
    },
};

/// Longest headline of a row, in characters.
const HEADLINE: usize = 240;

pub(super) fn project(db: &Connection, recorded: &Recorded) -> Result<(), StoreError> {
    let key = recorded.id.key();
    match &recorded.fact {
        Fact::EntryRecorded { entry, case, .. } => {
            let micros = recorded.recorded.as_microsecond();
            record(db, key, micros, entry, *case)
        }
        Fact::EntryAmended { entry: id, now, why, .. } => amend(db, id.0.key(), key, now, why),
        Fact::SignificanceSet { entry, significance } => weigh(db, entry.0.key(), *significance),
        Fact::ConcernTriaged { entry, decision, .. } => {
            let case = match decision {
                TriageDecision::NoFurtherAction { .. } => None,
                TriageDecision::AddToCase { case } => Some(*case),
                TriageDecision::OpenCase(case) => {
                    cases::open(db, recorded, case)?;
                    Some(CaseId(recorded.id))
                }
            };
            db.prepare_cached("INSERT INTO triage (entry, fact) VALUES (?, ?)")?
                .execute([entry.0.key(), key])?;
            set_triaged(db, entry.0.key(), case)
        }
        Fact::TriageUndone { entry } => undo(db, entry.0.key()),
        _ => Ok(()),
    }
}

/// The words of an entry that can be searched for, with what else its sender recorded.
fn search_words(entry: &Entry, sent: Option<&AsSent>) -> String {
    let statements = entry.statements.iter().map(|statement| statement.text.as_str());
    let danger = match &entry.danger {
        Danger::Yes { done } => done.as_str(),
        Danger::No => "",
    };
    let source = [&entry.source.name, &entry.source.role, &entry.source.agency];
    let rest = [entry.told.as_str(), &entry.done, &entry.effect, danger];
    statements
        .chain(rest)
        .chain(source.into_iter().map(String::as_str))
        .chain(entry.attachments.iter().map(|file| file.name.as_str()))
        .chain(sent.into_iter().flat_map(AsSent::texts))
        .filter(|text| !text.is_empty())
        .collect::<Vec<_>>()
        .join("\n")
}

fn record(
    db: &Connection,
    key: i64,
    recorded: i64,
    entry: &Entry,
    case: Option<CaseId>,
) -> Result<(), StoreError> {
    let waiting = entry.kind == EntryKind::Concern && case.is_none();
    let case = existing(db, case)?;
    db.prepare_cached(
        "INSERT INTO entry (id, latest, versions, kind, at, precision, recorded, category, source, headline, done,
            significance, danger, attachments, waiting, case_id)
         VALUES (?1, ?1, 0, '', '', '', ?2, '', '', '', '', 0, 0, 0, ?3, ?4)",
    )?
    .execute(params![key, recorded, waiting, case.map(|case| case.0.key())])?;
    write(db, key, key, entry, "")?;
    if waiting {
        Tally::Untriaged.add(db, 1)?;
    }
    count(db, key, 1)
}

fn amend(db: &Connection, key: i64, fact: i64, now: &Entry, why: &str) -> Result<(), StoreError> {
    count(db, key, -1)?;
    unindex(db, key)?;
    write(db, key, fact, now, why)?;
    count(db, key, 1)
}

/// Writes what an entry says now: its row, people, version and words.
fn write(db: &Connection, key: i64, fact: i64, entry: &Entry, why: &str) -> Result<(), StoreError> {
    let at = entry.happened.at.to_string();
    let sent = sent(db, (key, fact), entry)?;
    db.prepare_cached(
        "UPDATE entry SET latest = ?2, versions = versions + 1, kind = ?3, at = ?4, precision = ?5, category = ?6,
            source = ?7, headline = ?8, done = ?9, significance = ?10, danger = ?11, attachments = ?12
         WHERE id = ?1",
    )?
    .execute(params![
        key,
        fact,
        name_of(&entry.kind),
        at,
        name_of(&entry.happened.precision),
        name_of(&entry.category),
        source(entry, sent.as_deref()),
        headline(entry),
        entry.done,
        significance_number(entry.significance),
        matches!(entry.danger, Danger::Yes { .. }),
        entry.attachments.len(),
    ])?;
    db.prepare_cached("INSERT INTO entry_version (entry, fact, why) VALUES (?, ?, ?)")?
        .execute(params![key, fact, why])?;
    db.prepare_cached("DELETE FROM entry_person WHERE entry = ?")?.execute([key])?;
    let mut insert = db.prepare_cached(
        "INSERT INTO entry_person (entry, place, person, child, at) SELECT ?1, ?2, id, ?4, ?5 FROM person WHERE id = ?3",
    )?;
    let is_child = |role| matches!(role, Role::Subject | Role::AllegedVictim);
    let none_is_child = !entry.people.iter().any(|one| is_child(one.role));
    for (place, one) in entry.people.iter().enumerate() {
        let child = is_child(one.role) || (none_is_child && place == 0);
        insert.execute(params![key, place, one.person.0.key(), child, at])?;
    }
    text_index(db, key, "", &search_words(entry, sent.as_deref()))
}

/// Takes the words of an entry, as it stands, out of the index.
fn unindex(db: &Connection, key: i64) -> Result<(), StoreError> {
    let (fact, entry) = latest(db, key)?;
    text_index(db, key, "delete", &search_words(&entry, sent(db, (key, fact), &entry)?.as_deref()))
}

/// Puts the words of an entry into the index, or takes exactly those words out.
fn text_index(db: &Connection, key: i64, command: &str, words: &str) -> Result<(), StoreError> {
    if command.is_empty() {
        db.prepare_cached("INSERT INTO entry_text (rowid, words) VALUES (?, ?)")?
            .execute(params![key, words])?;
    } else {
        db.prepare_cached("INSERT INTO entry_text (entry_text, rowid, words) VALUES (?, ?, ?)")?
            .execute(params![command, key, words])?;
    }
    Ok(())
}

fn weigh(db: &Connection, key: i64, significance: Significance) -> Result<(), StoreError> {
    count(db, key, -1)?;
    db.prepare_cached("UPDATE entry SET significance = ? WHERE id = ?")?
        .execute([significance_number(significance), key])?;
    count(db, key, 1)
}

fn set_triaged(db: &Connection, key: i64, case: Option<CaseId>) -> Result<(), StoreError> {
    count(db, key, -1)?;
    Tally::Untriaged.add(db, -1)?;
    let case = existing(db, case)?;
    db.prepare_cached("UPDATE entry SET waiting = 0, case_id = ? WHERE id = ?")?
        .execute(params![case.map(|case| case.0.key()), key])?;
    count(db, key, 1)
}

fn undo(db: &Connection, key: i64) -> Result<(), StoreError> {
    let fact: Option<i64> = db
        .prepare_cached("DELETE FROM triage WHERE entry = ? RETURNING fact")?
        .query_row([key], |row| row.get(0))
        .optional()?;
    // The triage itself was disposed of with the file that it opened: the entry waits already.
    let Some(fact) = fact else { return Ok(()) };
    count(db, key, -1)?;
    if let Fact::ConcernTriaged { decision: TriageDecision::OpenCase(_), .. } = facts::load(db, fact)?.fact {
        cases::never_opened(db, fact)?;
    }
    Tally::Untriaged.add(db, 1)?;
    db.prepare_cached("UPDATE entry SET waiting = 1, case_id = NULL WHERE id = ?")?.execute([key])?;
    count(db, key, 1)
}

/// A case, unless it was disposed of.
fn existing(db: &Connection, case: Option<CaseId>) -> Result<Option<CaseId>, StoreError> {
    let Some(case) = case else { return Ok(None) };
    let here = db.prepare_cached("SELECT 1 FROM case_file WHERE id = ?")?.exists([case.0.key()])?;
    Ok(here.then_some(case))
}

/// An entry that outlived the file in which it was triaged waits for nobody.
pub(super) fn outlived(db: &Connection, key: i64) -> Result<(), StoreError> {
    let waits = db.prepare_cached("SELECT 1 FROM entry WHERE id = ? AND waiting = 1")?.exists([key])?;
    if waits { set_triaged(db, key, None) } else { Ok(()) }
}

/// Takes an entry out of every table, where it is in them. Its body must still be there.
pub(super) fn remove(db: &Connection, key: i64) -> Result<(), StoreError> {
    if !db.prepare_cached("SELECT 1 FROM entry WHERE id = ?")?.exists([key])? {
        return Ok(());
    }
    count(db, key, -1)?;
    unindex(db, key)?;
    for sql in [
        "DELETE FROM entry WHERE id = ?",
        "DELETE FROM entry_person WHERE entry = ?",
        "DELETE FROM entry_version WHERE entry = ?",
        "DELETE FROM triage WHERE entry = ?",
    ] {
        db.prepare_cached(sql)?.execute([key])?;
    }
    Ok(())
}

/// Adds an entry as it stands to every number it counts in, or takes it out (`by` is 1 or -1).
fn count(db: &Connection, key: i64, by: i64) -> Result<(), StoreError> {
    let mut statement =
        db.prepare_cached("SELECT at, significance, danger, waiting, case_id, kind FROM entry WHERE id = ?")?;
    let mut rows = statement.query([key])?;
    // What is said later of an entry that was destroyed counts nowhere.
    let Some(row) = rows.next()? else { return Ok(()) };
    let at: DateTime = cells::parsed(row, 0)?;
    let significant = cells::significance(row, 1)?.is_significant();
    if row.get(2)? && row.get(3)? {
        Tally::InDanger.add(db, by)?;
    }
    if let Some(case) = row.get::<_, Option<i64>>(4)? {
        let weight = if significant { by } else { 0 };
        db.prepare_cached(
            "UPDATE case_file SET entries = entries + ?2, significant = significant + ?3 WHERE id = ?1",
        )?
        .execute([case, by, weight])?;
        cases::count_month(db, case, at, (by, weight))?;
    }
    if cells::named::<EntryKind>(row, 5)? == EntryKind::Concern {
        db.prepare_cached(
            "INSERT INTO concern_week (week, entries) VALUES (?1, ?2)
             ON CONFLICT (week) DO UPDATE SET entries = entries + ?2",
        )?
        .execute(params![monday(at.date()).to_string(), by])?;
    }
    Ok(())
}

/// The Monday of the week that `date` lies in.
pub(in crate::store) fn monday(date: Date) -> Date {
    date.saturating_sub(i64::from(date.weekday().to_monday_zero_offset()).days())
}

/// What an entry says now, and by which fact.
pub(in crate::store) fn latest(db: &Connection, key: i64) -> Result<(i64, Entry), StoreError> {
    let fact: i64 =
        db.prepare_cached("SELECT latest FROM entry WHERE id = ?")?.query_row([key], |row| row.get(0))?;
    match facts::load(db, fact)?.fact {
        Fact::EntryRecorded { entry, .. } | Fact::EntryAmended { now: entry, .. } => Ok((fact, entry)),
        _ => Err(StoreError::bad_fact(FactId::from_key(fact))),
    }
}

/// What else the sender of an entry recorded, where it came in a bundle: as it read when the version `fact` was recorded.
pub(in crate::store) fn sent(
    db: &Connection,
    (key, fact): (i64, i64),
    entry: &Entry,
) -> Result<Option<Box<AsSent>>, StoreError> {
    if entry.kind != EntryKind::Received {
        return Ok(None);
    }
    let later: Option<i64> = db
        .prepare_cached("SELECT max(id) FROM released WHERE entry = ? AND id < ?")?
        .query_row([key, fact], |row| row.get(0))?;
    if let Some(later) = later {
        return match facts::load(db, later)?.fact {
            Fact::SupplementTaken(supplied) => Ok(supplied.filed.map(|(_, sent)| Box::new(sent))),
            _ => Err(StoreError::bad_fact(FactId::from_key(later))),
        };
    }
    let filed: Option<i64> = db
        .prepare_cached(
            "SELECT max(id) FROM fact WHERE id >= ?1 - ?2 AND id < ?1 AND kind = 'BundleFiled' AND body IS NOT NULL",
        )?
        .query_row(params![key, MAX_RECORDS], |row| row.get(0))?;
    let Some(filed) = filed else { return Ok(None) };
    match facts::load(db, filed)?.fact {
        Fact::BundleFiled { sent, .. } => {
            let place = usize::try_from(key - filed - 1).unwrap_or(usize::MAX);
            Ok(sent.into_iter().nth(place).map(Box::new))
        }
        _ => Err(StoreError::bad_fact(FactId::from_key(filed))),
    }
}

fn source(entry: &Entry, sent: Option<&AsSent>) -> String {
    let agency = if entry.kind == EntryKind::Received { entry.source.agency.as_str() } else { "" };
    let agency = sent.map_or(agency, |sent| &sent.agency);
    [entry.source.name.as_str(), &entry.source.role, agency]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(", ")
}

/// How a statement begins; what it is about, where nothing was said.
fn headline(entry: &Entry) -> String {
    let texts = entry.statements.iter().map(|statement| statement.text.trim());
    let line: String = texts
        .filter(|text| !text.is_empty())
        .flat_map(|text| text.chars().chain([' ']))
        .take(HEADLINE)
        .collect();
    if line.is_empty() { entry.category.words().to_owned() } else { line.trim_end().to_owned() }
}
