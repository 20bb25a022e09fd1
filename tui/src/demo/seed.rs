//! The fictional school as data: people, ties, addresses, and what was written down in a term. The texts are in `seed/`.

mod read;
mod roll;

use jiff::civil::Time;
use kith_protocol::bundle::{ConcernCategory, Role, StatementKind};

use super::calendar::Calendar;
use crate::casework::{
    case::LevelOfNeed,
    entry::{EntryKind, Precision, Significance},
    person::{ContactRule, Person, RelationKind},
};

/// An agency's seed: its files, by name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Files {
    /// Who takes people in, and triages what is in no case.
    pub(super) lead: &'static str,
    /// Local authority and school, as in its pupils' numbers; none for an agency that has no pupils.
    school: Option<&'static str>,
    /// The first school year and the classes from there on.
    classes: (i16, &'static [&'static str]),
    pupils: &'static str,
    adults: &'static str,
    ties: &'static str,
    homes: &'static str,
    texts: &'static [(&'static str, &'static str)],
}

/// The roll of the agency whose folder is named.
macro_rules! files {
    ($folder:literal, [$($text:literal),+ $(,)?], $lead:literal, $school:expr, $classes:expr) => {
        Files {
            lead: $lead,
            school: $school,
            classes: $classes,
            pupils: include_str!(concat!("seed/", $folder, "/pupils.csv")),
            adults: include_str!(concat!("seed/", $folder, "/adults.csv")),
            ties: include_str!(concat!("seed/", $folder, "/ties.csv")),
            homes: include_str!(concat!("seed/", $folder, "/addresses.csv")),
            texts: &[$(($text, include_str!(concat!("seed/", $folder, "/", $text)))),+],
        }
    };
}

/// Local authority 899 and its schools do not exist.
pub(super) const ELM_PARK: Files = files!(
    "elm-park",
    ["term.txt", "niamh.txt", "kian.txt", "callum.txt", "queue.txt"],
    "khan",
    Some("8992745"),
    (0, &["Acorn", "Beech", "Cedar", "Damson", "Elder", "Fir", "Hazel"])
);
pub(super) const ST_JUDES: Files = files!(
    "st-judes",
    ["jayden.txt", "queue.txt"],
    "fenwick",
    Some("8994012"),
    (7, &["7 Austen", "8 Bell", "9 Curie", "10 Darwin", "11 Equiano"])
);
pub(super) const POLICE: Files = files!("police", ["niamh.txt"], "hale", None, (0, &[]));
pub(super) const SOCIAL_CARE: Files =
    files!("social-care", ["kian.txt", "niamh.txt"], "moss", None, (0, &[]));

/// Something in the seed that does not read or does not fit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the demo's {file}, line {line}: {why}")]
pub(super) struct SeedError {
    pub(super) file: &'static str,
    pub(super) line: usize,
    pub(super) why: String,
}

/// Everything an agency's casebook begins with.
#[derive(Debug, Clone)]
pub(super) struct Seed {
    pub(super) lead: &'static str,
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
    /// Where it stands, for whoever corrects it.
    #[cfg(test)]
    pub(super) file: &'static str,
    #[cfg(test)]
    pub(super) line: usize,
    /// School days ago, 0 is today.
    pub(super) day: i64,
    pub(super) time: Time,
    pub(super) precision: Precision,
    pub(super) kind: EntryKind,
    pub(super) category: ConcernCategory,
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
    pub(super) fn load(files: &Files, calendar: &Calendar) -> Result<Self, SeedError> {
        let mut seed = Self {
            lead: files.lead,
            people: roll::people(files, calendar)?,
            ties: roll::ties(files)?,
            homes: roll::homes(files)?,
            cases: Vec::new(),
            entries: Vec::new(),
        };
        for (file, text) in files.texts {
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

#[cfg(test)]
impl EntrySeed {
    /// The day it happened.
    pub(super) fn date(&self, calendar: &Calendar) -> jiff::civil::Date {
        calendar.before(self.day)
    }
}

#[cfg(test)]
mod tests;
