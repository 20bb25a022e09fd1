//! What a casebook promises, tried on real files.

mod chronology;
mod dispose;
mod due;
mod faults;
mod holders;
mod pages;
pub(crate) mod raw_pages;
mod rebuild;
mod same;
mod seeds;
mod sharing;
mod story;
mod vector;

use std::path::Path;

use jiff::{Zoned, civil::date, tz::TimeZone};
use kith_protocol::{
    bundle::{ConcernCategory, Role, StatementKind},
    seal::{Passphrase, WorkFactor},
};
use tempfile::TempDir;

use super::{Casebook, RecoverySecret, Setup};
use crate::casework::{
    case::{Case, LevelOfNeed},
    command::Command,
    entry::{Danger, Entry, EntryKind, Involvement, Precision, Significance, Source, Statement, When},
    fact::Author,
    ids::{CaseId, EntryId, FactId, PersonId},
    person::{Identifier, IdentifierScheme, Person, PersonKind},
    query::{Answer, Query},
};

const PASSPHRASE: &str = "seven tired herons";

/// Friday 14 March 2025, 10:00 in London.
pub(super) fn now() -> Zoned {
    date(2025, 3, 14).at(10, 0, 0, 0).to_zoned(TimeZone::get("Europe/London").unwrap()).unwrap()
}

pub(super) fn author() -> Author {
    Author { name: "A. Khan".into(), role: "DSL".into() }
}

fn setup() -> Setup {
    let (agency, agency_name) = ("elm-park".parse().unwrap(), "Elm Park Primary".into());
    Setup { agency, agency_name, user: author(), demo: false }
}

fn create(folder: &Path) -> (Casebook, RecoverySecret) {
    Casebook::create(folder, &setup(), &Passphrase::from(PASSPHRASE), WorkFactor::LEAST).unwrap()
}

pub(super) fn fresh() -> (TempDir, Casebook) {
    let folder = tempfile::tempdir().unwrap();
    let (casebook, _) = create(folder.path());
    (folder, casebook)
}

pub(super) fn unlock(folder: &Path) -> Casebook {
    Casebook::unlock(folder, &Passphrase::from(PASSPHRASE)).unwrap()
}

impl Casebook {
    /// The keys of the database and of the list of disposals, for reading raw pages.
    pub(crate) fn raw_keys(&self) -> [Vec<u8>; 2] {
        let list = "SELECT value FROM setting WHERE name = 'key of the list of disposals'";
        [self.key.bytes().to_vec(), self.db.query_row(list, [], |row| row.get(0)).unwrap()]
    }

    /// Carries out a command that must succeed and gives the first fact's id.
    fn did(&mut self, command: Command) -> FactId {
        self.execute(command, &author(), &now()).unwrap()[0]
    }

    fn asked(&self, query: &Query) -> Answer {
        self.ask(query, date(2025, 3, 14)).unwrap()
    }

    fn found(&self, text: &str) -> Vec<String> {
        match self.asked(&Query::FindPeople { text: text.into(), pupils_only: false, limit: 20 }) {
            Answer::People(rows) => rows.into_iter().map(|row| row.name).collect(),
            other => panic!("{other:?}"),
        }
    }

    pub(super) fn add(&mut self, given: &str, family: &str) -> PersonId {
        PersonId(self.did(Command::AddPerson(pupil(given, family))))
    }

    fn record(&mut self, entry: Entry, case: Option<CaseId>) -> EntryId {
        EntryId(self.did(Command::RecordEntry { entry, case }))
    }
}

fn pupil(given: &str, family: &str) -> Person {
    Person {
        kind: PersonKind::Pupil { year: "Y4".into(), class: "Oak".into() },
        given: given.into(),
        family: family.into(),
        preferred: None,
        also_known_as: Vec::new(),
        born: Some(date(2016, 5, 1)),
        identifiers: vec![Identifier { scheme: IdentifierScheme::Upn, value: "B801200005001".into() }],
        phones: Vec::new(),
        emails: Vec::new(),
    }
}

fn concern(child: PersonId, text: &str) -> Entry {
    Entry {
        kind: EntryKind::Concern,
        people: vec![Involvement { person: child, role: Role::Subject }],
        happened: When { at: date(2025, 3, 14).at(9, 5, 0, 0), precision: Precision::Exact },
        category: ConcernCategory::Welfare,
        source: Source { name: "R. Patel".into(), role: "class teacher".into(), agency: String::new() },
        statements: vec![Statement { kind: StatementKind::ObservedFact, text: text.into() }],
        danger: Danger::No,
        told: "A. Khan at 9:10".into(),
        done: "MASH rung".into(),
        effect: "quiet".into(),
        significance: Significance::High,
        attachments: Vec::new(),
    }
}

fn note(child: PersonId, day: i8, text: &str, significance: Significance) -> Entry {
    let happened = When { at: date(2025, 2, day).at(12, 0, 0, 0), precision: Precision::Exact };
    Entry { kind: EntryKind::Note, happened, significance, ..concern(child, text) }
}

fn case(child: PersonId, title: &str) -> Case {
    Case { child, title: title.into(), level: LevelOfNeed::ChildInNeed, lead: "A. Khan".into() }
}
