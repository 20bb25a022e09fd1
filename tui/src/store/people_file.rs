//! Imports a list of pupils: read whole, checked against the casebook, then taken in one transaction, or not at all.

use std::{collections::BTreeMap, io::Read};

use jiff::Zoned;
use rusqlite::OptionalExtension as _;

use super::{Casebook, CommandError, check::Progress, error::StoreError};
use crate::casework::{
    command::Command,
    fact::Author,
    ids::FactId,
    people_file::{self, MAX_FILE, MAX_PROBLEMS, Problem},
    person::IdentifierScheme,
};

/// People between two words of progress.
const STEP: u64 = 100;

/// What an import made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Imported {
    pub people: u64,
    pub first: FactId,
    pub last: FactId,
}

/// Why nothing was imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error("nothing was imported: {} problems in the file, the first: {}", .0.len(), first(.0))]
    Problems(Vec<Problem>),
    #[error(transparent)]
    Command(#[from] CommandError),
}

impl From<StoreError> for ImportError {
    fn from(error: StoreError) -> Self {
        Self::Command(error.into())
    }
}

impl From<rusqlite::Error> for ImportError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Command(error.into())
    }
}

fn first(problems: &[Problem]) -> String {
    problems.first().map(ToString::to_string).unwrap_or_default()
}

impl Casebook {
    /// Imports people from a CSV file.
    ///
    /// # Errors
    /// All problems of the file, or what went wrong; nothing was imported then.
    pub fn import_people(
        &mut self,
        file: impl Read,
        author: &Author,
        now: &Zoned,
        progress: Progress<'_>,
    ) -> Result<Imported, ImportError> {
        let mut bytes = Vec::new();
        file.take(MAX_FILE + 1).read_to_end(&mut bytes).map_err(StoreError::io("file to import"))?;
        let rows = people_file::read(&bytes).map_err(ImportError::Problems)?;
        let tx = self.transaction()?;
        let known = known_upns(&tx, &rows)?;
        if !known.is_empty() {
            return Err(ImportError::Problems(known));
        }
        let (total, mut done) = (rows.len() as u64, 0);
        let mut ends: Option<(FactId, FactId)> = None;
        for row in rows {
            let line = row.line;
            let ids =
                super::carry_out(&tx, Command::AddPerson(row.person), author, now).map_err(|error| {
                    match error {
                        CommandError::Refused(refusal) => {
                            ImportError::Problems(vec![Problem { line, what: refusal.to_string() }])
                        }
                        other => other.into(),
                    }
                })?;
            for id in ids {
                ends = Some((ends.map_or(id, |(first, _)| first), id));
            }
            done += 1;
            if done % STEP == 0 || done == total {
                progress(done, total);
            }
        }
        tx.commit()?;
        // The file has at least one person, or it would have been refused.
        let (first, last) = ends.ok_or_else(|| ImportError::Problems(Vec::new()))?;
        Ok(Imported { people: total, first, last })
    }
}

/// People of the file whom the casebook knows already, by their UPN.
fn known_upns(db: &rusqlite::Connection, rows: &[people_file::Row]) -> Result<Vec<Problem>, StoreError> {
    let mut find =
        db.prepare_cached("SELECT person FROM person_identifier WHERE value = ? AND scheme = ? LIMIT 1")?;
    let scheme = super::cells::name_of(&IdentifierScheme::Upn);
    let mut lines: BTreeMap<u64, FactId> = BTreeMap::new();
    for row in rows {
        for one in row.person.identifiers.iter().filter(|one| one.scheme == IdentifierScheme::Upn) {
            let known: Option<i64> =
                find.query_row([&one.value, &scheme], |found| found.get(0)).optional()?;
            lines.extend(known.map(|key| (row.line, FactId::from_key(key))));
        }
    }
    let problem = |(line, person)| {
        let what =
            format!("this UPN belongs to person {person} already: remove the line, or amend that person");
        Problem { line, what }
    };
    Ok(lines.into_iter().take(MAX_PROBLEMS).map(problem).collect())
}
