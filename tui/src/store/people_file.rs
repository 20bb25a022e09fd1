//! Imports a list of pupils: read whole, checked against the casebook, then taken in one transaction, or not at all.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Read,
};

use jiff::Zoned;
use rusqlite::Connection;

use super::{Casebook, CommandError, ask, check::Progress, error::StoreError, names};
use crate::casework::{
    command::Command,
    fact::Author,
    ids::{FactId, PersonId},
    people_file::{self, MAX_FILE, MAX_PROBLEMS, Problem, Row},
    person::{Person, PersonKind},
};

/// People between two words of progress.
const STEP: u64 = 100;
/// Why somebody was amended by a list.
const WHY: &str = "as a list says that was imported";

/// What is done with people of the file whom the casebook knows already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// Nothing is imported: each is named.
    HoldBack,
    /// They are amended by what the file says.
    Update,
    /// Who only has the same name and birth date is another person.
    Again,
}

/// What an import made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Imported {
    pub people: u64,
    pub amended: u64,
    /// Known, and recorded just so.
    pub unchanged: u64,
    /// The first and the last of those who are new.
    pub new: Option<(FactId, FactId)>,
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
        known: Known,
        (author, now): (&Author, &Zoned),
        progress: Progress<'_>,
    ) -> Result<Imported, ImportError> {
        let mut bytes = Vec::new();
        file.take(MAX_FILE + 1).read_to_end(&mut bytes).map_err(StoreError::io("file to import"))?;
        let rows = people_file::read(&bytes).map_err(ImportError::Problems)?;
        let tx = self.transaction()?;
        let (total, mut done, mut made) = (rows.len() as u64, 0, Imported::default());
        for (line, what) in plan(&tx, rows, known)? {
            match &what {
                Some(Command::AddPerson(_)) => made.people += 1,
                Some(_) => made.amended += 1,
                None => made.unchanged += 1,
            }
            let adds = matches!(what, Some(Command::AddPerson(_)));
            for id in carry_out(&tx, what, (author, now), line)? {
                made.new = if adds { Some((made.new.map_or(id, |(first, _)| first), id)) } else { made.new };
            }
            done += 1;
            if done % STEP == 0 || done == total {
                progress(done, total);
            }
        }
        tx.commit()?;
        Ok(made)
    }
}

fn carry_out(
    db: &Connection,
    command: Option<Command>,
    (author, now): (&Author, &Zoned),
    line: u64,
) -> Result<Vec<FactId>, ImportError> {
    let Some(command) = command else { return Ok(Vec::new()) };
    super::carry_out(db, command, author, now).map_err(|error| match error {
        CommandError::Refused(refusal) => {
            ImportError::Problems(vec![Problem { line, what: refusal.to_string() }])
        }
        other => other.into(),
    })
}

/// What each line comes to; nothing where somebody is recorded just so. Or every reason to hold the list back.
fn plan(db: &Connection, rows: Vec<Row>, how: Known) -> Result<Vec<(u64, Option<Command>)>, ImportError> {
    let (register, mut lines) = (Register::read(db)?, BTreeMap::new());
    let (mut planned, mut problems) = (Vec::with_capacity(rows.len()), Vec::new());
    for Row { line, person } in rows {
        let twin = lines.insert(called(&person), line).filter(|_| how != Known::Again);
        let met = register.meet(db, &person)?;
        let what = match (twin, met, how) {
            (Some(first), ..) => Err(format!(
                "the same name and birth date stand on line {first}: remove one; if they are two people, --again takes both"
            )),
            (_, Met::Nobody, _) | (_, Met::Namesake(_), Known::Again) => Ok(Some(Command::AddPerson(person))),
            (_, Met::Several, _) => {
                Err("this may be any of several people the casebook knows: amend the right one with `kith people amend`".into())
            }
            (_, Met::Number(known) | Met::Namesake(known), Known::Update) => Ok(update(db, known, person)?),
            (_, Met::Number(known), _) => Err(format!(
                "this UPN or NHS number belongs to person {known} already: --update amends that person by the list, or remove the line"
            )),
            (_, Met::Namesake(known), _) => Err(format!(
                "person {known} has the same name and birth date: --update amends that person by the list, --again takes this \
                 as another person of that name"
            )),
        };
        match what {
            Ok(command) => planned.push((line, command)),
            Err(what) if problems.len() < MAX_PROBLEMS => problems.push(Problem { line, what }),
            Err(_) => {}
        }
    }
    if problems.is_empty() { Ok(planned) } else { Err(ImportError::Problems(problems)) }
}

/// Whom of the casebook a line is about.
enum Met {
    Nobody,
    /// By a number that belongs to one person.
    Number(PersonId),
    /// By name and birth date alone.
    Namesake(PersonId),
    Several,
}

/// The name as it is shown, and the birth date.
type Called = (String, Option<String>);

fn called(person: &Person) -> Called {
    (person.name().to_lowercase(), person.born.map(|day| day.to_string()))
}

/// Everybody by name and birth date, read once for the whole list.
struct Register(BTreeMap<Called, Vec<PersonId>>);

impl Register {
    fn read(db: &Connection) -> Result<Self, StoreError> {
        let mut statement = db.prepare_cached("SELECT id, name, born FROM person")?;
        let (mut rows, mut people) = (statement.query([])?, BTreeMap::<Called, Vec<PersonId>>::new());
        while let Some(row) = rows.next()? {
            let name: String = row.get(1)?;
            let id = PersonId(FactId::from_key(row.get(0)?));
            people.entry((name.to_lowercase(), row.get(2)?)).or_default().push(id);
        }
        Ok(Self(people))
    }

    fn meet(&self, db: &Connection, person: &Person) -> Result<Met, StoreError> {
        let mut find =
            db.prepare_cached("SELECT person FROM person_identifier WHERE value = ? AND scheme = ? LIMIT 2")?;
        let mut numbers = BTreeSet::new();
        for one in &person.identifiers {
            let scheme = super::cells::name_of(&one.scheme);
            let mut rows = find.query([&names::plain_identifier(&one.value), &scheme])?;
            while let Some(row) = rows.next()? {
                numbers.insert(PersonId(FactId::from_key(row.get(0)?)));
            }
        }
        let namesakes = self.0.get(&called(person)).map_or(&[][..], Vec::as_slice);
        let numbers: Vec<_> = numbers.into_iter().collect();
        Ok(match (numbers.as_slice(), namesakes) {
            ([one], _) => Met::Number(*one),
            ([], []) => Met::Nobody,
            ([], [one]) => Met::Namesake(*one),
            _ => Met::Several,
        })
    }
}

/// Somebody known, with what a line says put over what is recorded; what the line leaves open stays.
fn update(db: &Connection, id: PersonId, line: Person) -> Result<Option<Command>, StoreError> {
    let before = ask::person(db, id)?;
    let mut now = before.clone();
    now.kind = match (line.kind, now.kind) {
        (PersonKind::Pupil { year, class }, PersonKind::Pupil { year: old_year, class: old_class }) => {
            let or = |new: String, old| if new.is_empty() { old } else { new };
            PersonKind::Pupil { year: or(year, old_year), class: or(class, old_class) }
        }
        (new, _) => new,
    };
    for (to, from) in [(&mut now.given, line.given), (&mut now.family, line.family)] {
        if !from.is_empty() {
            *to = from;
        }
    }
    now.preferred = line.preferred.or(now.preferred);
    now.born = line.born.or(now.born);
    for one in line.identifiers {
        now.identifiers.retain(|other| other.scheme != one.scheme);
        now.identifiers.push(one);
    }
    let place = |scheme| before.identifiers.iter().position(|other| other.scheme == scheme);
    now.identifiers.sort_by_key(|one| place(one.scheme).unwrap_or(usize::MAX));
    for (to, from) in [
        (&mut now.also_known_as, line.also_known_as),
        (&mut now.phones, line.phones),
        (&mut now.emails, line.emails),
    ] {
        let fresh: Vec<_> = from.into_iter().filter(|one| !to.contains(one)).collect();
        to.extend(fresh);
    }
    Ok((now != before).then(|| Command::AmendPerson { person: id, now, why: WHY.to_owned() }))
}
