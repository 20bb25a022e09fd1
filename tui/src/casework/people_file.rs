//! A list of pupils as a CSV file, read strictly: every line is good, or nothing of it is taken. Cells are data, also
//! when they look like formulas.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::{
    decide::{MAX_LINE, MAX_NAMES},
    identifier::{check_nhs, check_upn},
    nearest::nearest,
    person::{Identifier, IdentifierScheme, Person, PersonKind},
};

/// Largest file, in bytes.
pub const MAX_FILE: u64 = 64 * 1024 * 1024;
/// Most lines of people.
pub const MAX_ROWS: usize = 200_000;
/// Most problems that are listed.
pub const MAX_PROBLEMS: usize = 100;
/// Most characters of a cell that a problem repeats.
const SHOWN: usize = 24;

/// Something wrong, and where. `line` counts from 1, as editors do; 0 is the file itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub line: u64,
    pub what: String,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            0 => f.write_str(&self.what),
            line => write!(f, "line {line}: {}", self.what),
        }
    }
}

/// One good line: where it stood, and the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub line: u64,
    pub person: Person,
}

/// The columns, in the order they are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Column {
    Given,
    Family,
    Preferred,
    AlsoKnownAs,
    Born,
    Upn,
    Nhs,
    Year,
    Class,
    Phone,
    Email,
}

/// Every column with its name, and what management information systems call it in their exports.
const COLUMNS: [(Column, &str, &[&str]); 11] = [
    (
        Column::Given,
        "given",
        &["first", "forename", "first name", "firstname", "given name", "legal forename"],
    ),
    (Column::Family, "family", &["last", "surname", "last name", "lastname", "family name", "legal surname"]),
    (Column::Preferred, "preferred", &["preferred name", "preferred forename", "chosen name", "known as"]),
    (
        Column::AlsoKnownAs,
        "also_known_as",
        &["former names", "former surname", "other names", "aliases", "aka"],
    ),
    (Column::Born, "born", &["dob", "date of birth", "birth date", "birthdate"]),
    (Column::Upn, "upn", &["unique pupil number"]),
    (Column::Nhs, "nhs", &["nhs number", "nhs no"]),
    (Column::Year, "year", &["year group", "nc year", "national curriculum year"]),
    (Column::Class, "class", &["reg group", "registration group", "form", "tutor group"]),
    (Column::Phone, "phone", &["telephone", "mobile"]),
    (Column::Email, "email", &["e-mail", "email address"]),
];

/// Reads the whole file.
///
/// # Errors
/// Every problem, up to [`MAX_PROBLEMS`]; nothing is to be taken then.
pub fn read(bytes: &[u8]) -> Result<Vec<Row>, Vec<Problem>> {
    let whole = |what: String| Err(vec![Problem { line: 0, what }]);
    if bytes.len() as u64 > MAX_FILE {
        return whole(format!("the file is larger than {MAX_FILE} bytes: split it"));
    }
    let text = match std::str::from_utf8(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes)) {
        Ok(text) => text,
        Err(error) => {
            let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
            let line = before.iter().filter(|byte| **byte == b'\n').count() as u64 + 1;
            let what = "not UTF-8 text: save the file as `CSV UTF-8` and try again".to_owned();
            return Err(vec![Problem { line, what }]);
        }
    };
    let mut csv = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut records = csv.records();
    let Some(Ok(head)) = records.next() else {
        return whole(format!("the file is empty; its first line names the columns: {}", names()));
    };
    let columns = columns(&head)?;
    let mut file = Reader { columns, ..Reader::default() };
    let mut lines = Lines { text: text.as_bytes(), at: 0, line: 1 };
    for record in records {
        match record {
            Ok(record) => file.line(lines.of(record.position()), &record),
            Err(error) => {
                let line = lines.of(error.position());
                file.problem(line, "this line cannot be read as CSV: check its quotes".to_owned());
            }
        }
        if file.rows.len() > MAX_ROWS {
            return whole(format!("more than {MAX_ROWS} people: split the file"));
        }
        if file.problems.len() >= MAX_PROBLEMS {
            break;
        }
    }
    match (file.problems.is_empty(), file.rows.is_empty()) {
        (false, _) => Err(file.problems),
        (true, true) => whole("there are no people in the file".to_owned()),
        (true, false) => Ok(file.rows),
    }
}

/// Which column stands where, by the first line.
fn columns(head: &csv::StringRecord) -> Result<BTreeMap<Column, usize>, Vec<Problem>> {
    let (mut found, mut problems) = (BTreeMap::new(), Vec::new());
    let wrong = |what| Problem { line: 1, what };
    for (at, cell) in head.iter().enumerate() {
        let told = cell.trim().to_lowercase();
        let known = COLUMNS.iter().find(|(_, name, _)| *name == told);
        let meant = COLUMNS.iter().find(|(.., others)| others.contains(&told.replace('_', " ").as_str()));
        match (known, meant) {
            (Some((column, name, _)), _) => {
                if found.insert(*column, at).is_some() {
                    problems.push(wrong(format!("the column `{name}` is there twice: remove one")));
                }
            }
            (None, Some((_, name, _))) => {
                problems.push(wrong(format!("rename the column `{}` to `{name}`", shown(cell))));
            }
            (None, None) if told.is_empty() => {
                problems.push(wrong(format!("column {} has no name: name it or remove it", at + 1)));
            }
            (None, None) => {
                let remedy = match near(&told) {
                    Some(name) => format!("rename it to `{name}`, or remove it"),
                    None => "rename it, or remove it with its cells".to_owned(),
                };
                let what =
                    format!("the column `{}` is not known: {remedy}; known are {}", shown(cell), names());
                problems.push(wrong(what));
            }
        }
    }
    if !found.contains_key(&Column::Given) && !found.contains_key(&Column::Family) && problems.is_empty() {
        let what = format!(
            "the first line must name the columns, `given` and `family` among them; known are {}",
            names()
        );
        problems.push(wrong(what));
    }
    problems.truncate(MAX_PROBLEMS);
    if problems.is_empty() { Ok(found) } else { Err(problems) }
}

/// The column whose name, or what others call it, is nearest to what stands there.
fn near(told: &str) -> Option<&'static str> {
    let every = |(_, name, others): &(Column, &'static str, &'static [&'static str])| {
        std::iter::once(*name).chain(others.iter().copied()).map(|word| (word, *name)).collect::<Vec<_>>()
    };
    let all: Vec<_> = COLUMNS.iter().flat_map(every).collect();
    let word = nearest(&told.replace('_', " "), all.iter().map(|(word, _)| *word))?;
    all.iter().find(|(other, _)| *other == word).map(|(_, name)| *name)
}

/// The names of all columns.
#[must_use]
pub fn names() -> String {
    COLUMNS.map(|(_, name, _)| name).join(", ")
}

/// Counts lines as an editor does; the CSV reader counts the end of a line to the next one.
struct Lines<'t> {
    text: &'t [u8],
    at: usize,
    line: u64,
}

impl Lines<'_> {
    /// The line that a record begins on. Records come in order.
    fn of(&mut self, position: Option<&csv::Position>) -> u64 {
        let start =
            position.map_or(self.at, |position| usize::try_from(position.byte()).unwrap_or(usize::MAX));
        let ends = |byte: &&u8| matches!(byte, b'\r' | b'\n');
        let start = start + self.text.get(start..).unwrap_or_default().iter().take_while(ends).count();
        let passed = self.text.get(self.at..start).unwrap_or_default();
        self.line += passed.iter().filter(|byte| **byte == b'\n').count() as u64;
        self.at = self.at.max(start);
        self.line
    }
}

#[derive(Default)]
struct Reader {
    columns: BTreeMap<Column, usize>,
    rows: Vec<Row>,
    problems: Vec<Problem>,
    /// The line each UPN was first seen on.
    upns: BTreeMap<String, u64>,
}

impl Reader {
    fn problem(&mut self, line: u64, what: String) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(Problem { line, what });
        }
    }

    fn line(&mut self, line: u64, record: &csv::StringRecord) {
        if record.iter().all(|cell| cell.trim().is_empty()) {
            return;
        }
        let wanted = self.columns.len();
        if record.len() != wanted {
            let what =
                format!("{} cells where the first line has {wanted}: check commas and quotes", record.len());
            return self.problem(line, what);
        }
        if let Some(cell) = record.iter().find(|cell| cell.chars().count() > MAX_LINE) {
            let what = format!("the cell beginning `{}` is longer than {MAX_LINE} characters", shown(cell));
            return self.problem(line, what);
        }
        let before = self.problems.len();
        let person = self.person(line, record);
        if self.problems.len() == before {
            self.rows.push(Row { line, person });
        }
    }

    fn person(&mut self, line: u64, record: &csv::StringRecord) -> Person {
        let cell =
            |column| self.columns.get(&column).and_then(|at| record.get(*at)).unwrap_or_default().trim();
        let text = |column| cell(column).to_owned();
        let list = |column| -> Vec<String> {
            cell(column).split(';').map(str::trim).filter(|one| !one.is_empty()).map(str::to_owned).collect()
        };
        let mut person = Person {
            kind: PersonKind::Pupil { year: text(Column::Year), class: text(Column::Class) },
            given: text(Column::Given),
            family: text(Column::Family),
            preferred: Some(text(Column::Preferred)).filter(|name| !name.is_empty()),
            also_known_as: list(Column::AlsoKnownAs),
            born: None,
            identifiers: Vec::new(),
            phones: list(Column::Phone),
            emails: list(Column::Email),
        };
        let (born, upn, nhs) = (text(Column::Born), text(Column::Upn), text(Column::Nhs));
        if person.given.is_empty() && person.family.is_empty() {
            self.problem(line, "no name: give `given` or `family`".to_owned());
        }
        if [&person.also_known_as, &person.phones, &person.emails]
            .into_iter()
            .any(|list| list.len() > MAX_NAMES)
        {
            self.problem(line, format!("more than {MAX_NAMES} names or numbers in one cell"));
        }
        if !born.is_empty() {
            person.born = date(&born);
            if person.born.is_none() {
                let what = format!("`born` is `{}`: write 2014-03-09 or 09/03/2014", shown(&born));
                self.problem(line, what);
            }
        }
        self.identifiers(line, &upn, &nhs, &mut person.identifiers);
        person
    }

    fn identifiers(&mut self, line: u64, upn: &str, nhs: &str, into: &mut Vec<Identifier>) {
        if !upn.is_empty() {
            match check_upn(upn) {
                Err(error) => self.problem(line, format!("`upn` is `{}`: {error}", shown(upn))),
                Ok(upn) => {
                    if let Some(first) = self.upns.insert(upn.clone(), line) {
                        self.problem(
                            line,
                            format!("the same UPN stands on line {first}: one of them is wrong"),
                        );
                    }
                    into.push(Identifier { scheme: IdentifierScheme::Upn, value: upn });
                }
            }
        }
        if !nhs.is_empty() {
            match check_nhs(nhs) {
                Err(error) => self.problem(line, format!("`nhs` is `{}`: {error}", shown(nhs))),
                Ok(nhs) => into.push(Identifier { scheme: IdentifierScheme::Nhs, value: nhs }),
            }
        }
    }
}

/// A date as registers write it: year first, or day first.
fn date(text: &str) -> Option<Date> {
    if let Ok(date) = text.parse::<Date>() {
        return Some(date);
    }
    let mut parts = text.splitn(3, ['/', '.', '-']);
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    if year.len() != 4 {
        return None;
    }
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

/// The beginning of a cell, with nothing in it that a terminal would obey.
fn shown(cell: &str) -> String {
    let mut text: String = cell.chars().take(SHOWN).flat_map(char::escape_default).collect();
    if cell.chars().count() > SHOWN {
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str) -> Vec<String> {
        read(text.as_bytes()).unwrap_err().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_good_file_reads_exactly() {
        let text = "\u{feff}Given,family,preferred,also_known_as,born,upn,year,class\r\n\
                    \"Ann\nMarie\",\"O'Brien, \"\"Nell\"\"\",,Byrne; Burke,09/03/2014,B801200005001,Y4,Oak\r\n\
                    =1+1,@cmd,,,2014-03-09,,,\r\n\r\n";
        let rows = read(text.as_bytes()).unwrap();
        assert_eq!((rows[0].line, rows[1].line), (2, 4));
        assert_eq!(rows[0].person.given, "Ann\nMarie");
        assert_eq!(rows[0].person.family, "O'Brien, \"Nell\"");
        assert_eq!(rows[0].person.also_known_as, ["Byrne", "Burke"]);
        assert_eq!(rows[0].person.born, rows[1].person.born);
        assert_eq!((rows[1].person.given.as_str(), rows[1].person.family.as_str()), ("=1+1", "@cmd"));
    }

    #[test]
    fn every_problem_is_listed_with_its_line_and_remedy() {
        let found = problems(
            "given,family,born,upn\nAnn,Lee,31/02/2014,\nBo,Lee,,B801200005002\n,,,\n\"x,Lee\"\nCy,Lee,,C820123424001\n\
             Di,Lee,,c820123424001\n , ,2014-01-01,\n",
        );
        let lines: Vec<&str> = found.iter().map(|text| text.split(':').next().unwrap()).collect();
        assert_eq!(lines, ["line 2", "line 3", "line 5", "line 7", "line 8"], "{found:#?}");
        assert!(found[0].contains("write 2014-03-09"), "{}", found[0]);
        assert!(found[3].contains("line 6"), "{}", found[3]);
    }

    #[test]
    fn wrong_columns_are_named_with_the_remedy() {
        assert_eq!(
            problems("Forename,Surname,shoe size\u{1b}[2J,upn,upn\n"),
            [
                "line 1: rename the column `Forename` to `given`".to_owned(),
                "line 1: rename the column `Surname` to `family`".to_owned(),
                format!(
                    "line 1: the column `shoe size\\u{{1b}}[2J` is not known: rename it, or remove it with its cells; known are {}",
                    names()
                ),
                "line 1: the column `upn` is there twice: remove one".to_owned(),
            ]
        );
        assert_eq!(problems("first,last\n").len(), 2);
        let slip = problems("given,famly\n");
        assert!(slip[0].contains("`famly` is not known: rename it to `family`"), "{slip:?}");
        assert!(problems("")[0].contains("first line names the columns"));
        assert!(problems("given,family\n")[0].contains("no people"));
        assert_eq!(read(b"given,family\nA,B\nA,\xff\n").unwrap_err()[0].line, 3);
    }

    #[test]
    fn no_more_than_a_hundred_problems_are_listed() {
        assert_eq!(problems(&format!("given,family,born\n{}", "A,B,x\n".repeat(500))).len(), MAX_PROBLEMS);
    }
}
