//! The fictional school as data: people, ties, addresses, and what was written down in a term. The texts are in `seed/`.

mod read;
mod roll;

use jiff::civil::{Date, Time};
use kith_protocol::{
    bundle::{Role, StatementKind},
    consent::Category,
};

use super::calendar::Calendar;
use crate::casework::{
    case::LevelOfNeed,
    entry::{EntryKind, Precision, Significance},
    person::{ContactRule, Person, RelationKind},
};

/// The files, by name.
const TERM: [(&str, &str); 5] = [
    ("term.txt", include_str!("seed/term.txt")),
    ("niamh.txt", include_str!("seed/niamh.txt")),
    ("kian.txt", include_str!("seed/kian.txt")),
    ("callum.txt", include_str!("seed/callum.txt")),
    ("queue.txt", include_str!("seed/queue.txt")),
];

/// Something in the seed that does not read or does not fit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the demo's {file}, line {line}: {why}")]
pub(super) struct SeedError {
    pub(super) file: &'static str,
    pub(super) line: usize,
    pub(super) why: String,
}

/// Everything about Elm Park.
#[derive(Debug, Clone)]
pub(super) struct Seed {
    pub(super) people: Vec<(&'static str, Person)>,
    pub(super) ties: Vec<Tie>,
    pub(super) homes: Vec<Home>,
    pub(super) cases: Vec<CaseSeed>,
    pub(super) entries: Vec<EntrySeed>,
}

/// `from` is `kind` of `to`.
#[derive(Debug, Clone)]
pub(super) struct Tie {
    pub(super) from: &'static str,
    pub(super) to: &'static str,
    pub(super) kind: RelationKind,
    pub(super) responsibility: bool,
    pub(super) household: bool,
    pub(super) contact: ContactRule,
}

/// An address and who lives there.
#[derive(Debug, Clone)]
pub(super) struct Home {
    pub(super) lines: &'static str,
    pub(super) postcode: &'static str,
    pub(super) people: Vec<&'static str>,
    /// Not empty: the address is protected.
    pub(super) protected_from: &'static str,
}

/// A case, named by the child it is about.
#[derive(Debug, Clone)]
pub(super) struct CaseSeed {
    pub(super) child: &'static str,
    pub(super) title: &'static str,
    pub(super) level: LevelOfNeed,
    pub(super) lead: &'static str,
    /// School days ago and the outcome.
    pub(super) closed: Option<(i64, &'static str)>,
}

/// Something that was written down.
#[derive(Debug, Clone)]
pub(super) struct EntrySeed {
    pub(super) file: &'static str,
    pub(super) line: usize,
    /// School days ago, 0 is today.
    pub(super) day: i64,
    pub(super) time: Time,
    pub(super) precision: Precision,
    pub(super) kind: EntryKind,
    pub(super) category: Category,
    pub(super) significance: Significance,
    /// Who wrote it, and who it came from where that is somebody else.
    pub(super) by: &'static str,
    pub(super) from: Option<&'static str>,
    pub(super) people: Vec<(&'static str, Role)>,
    pub(super) statements: Vec<(StatementKind, String)>,
    pub(super) told: String,
    pub(super) done: String,
    pub(super) effect: String,
    pub(super) danger: Option<String>,
    pub(super) triage: Triaged,
    pub(super) level: Option<LevelOfNeed>,
    /// The child of the case whose file it stands in.
    pub(super) case: Option<&'static str>,
    pub(super) actions: Vec<ActionSeed>,
}

/// What triage decided about an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Triaged {
    /// Not a concern: it stands in its case at once.
    Not,
    Waits,
    OpensCase,
    AddedToCase,
    NoFurtherAction(String),
}

/// Something that somebody was to do.
#[derive(Debug, Clone)]
pub(super) struct ActionSeed {
    pub(super) owner: &'static str,
    pub(super) what: &'static str,
    pub(super) due: Due,
}

/// How an action stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Due {
    /// Open, due so many school days ahead; less than 0 is overdue.
    In(i64),
    /// Done so many school days ago, and what came of it.
    Done(i64, &'static str),
}

impl Seed {
    /// Reads the files; dates are counted from `calendar`.
    pub(super) fn load(calendar: &Calendar) -> Result<Self, SeedError> {
        let people = roll::people(calendar)?;
        let mut seed = Self {
            people,
            ties: roll::ties()?,
            homes: roll::homes()?,
            cases: Vec::new(),
            entries: Vec::new(),
        };
        for (file, text) in TERM {
            read::file(file, text, &mut seed)?;
        }
        Ok(seed)
    }

    pub(super) fn person(&self, key: &str) -> Option<&Person> {
        self.people.iter().find(|(known, _)| *known == key).map(|(_, person)| person)
    }

    pub(super) fn case(&self, child: &str) -> Option<&CaseSeed> {
        self.cases.iter().find(|case| case.child == child)
    }
}

impl EntrySeed {
    /// The day it happened.
    pub(super) fn date(&self, calendar: &Calendar) -> Date {
        calendar.before(self.day)
    }
}

#[cfg(test)]
mod tests;
