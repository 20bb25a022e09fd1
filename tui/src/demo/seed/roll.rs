//! Who is on roll, who belongs to whom, and where they live.

use jiff::civil::Date;

use super::{Files, Home, SeedError, Tie};
use crate::{
    casework::person::{ContactRule, Identifier, IdentifierScheme, Person, PersonKind, RelationKind},
    demo::calendar::Calendar,
};

/// The letters that a UPN may begin with, by remainder.
const UPN_LETTERS: &[u8; 23] = b"ABCDEFGHJKLMNPQRTUVWXYZ";

/// One line of a file, cell by cell.
struct Line {
    file: &'static str,
    number: usize,
    cells: Vec<&'static str>,
}

impl Line {
    fn wrong(&self, why: impl Into<String>) -> SeedError {
        SeedError { file: self.file, line: self.number, why: why.into() }
    }

    fn take<const N: usize>(&self) -> Result<[&'static str; N], SeedError> {
        self.cells
            .as_slice()
            .try_into()
            .map_err(|_| self.wrong(format!("{} cells, not {N}", self.cells.len())))
    }
}

/// The lines below the heading. Cells may stand in double quotes, which hold no double quote.
fn lines(file: &'static str, text: &'static str) -> impl Iterator<Item = Line> {
    text.lines().enumerate().skip(1).filter(|(_, line)| !line.is_empty()).map(move |(n, line)| {
        let mut cells = Vec::new();
        let mut rest = Some(line);
        while let Some(now) = rest {
            let (cell, next) = match now.strip_prefix('"').and_then(|quoted| quoted.split_once('"')) {
                Some((cell, after)) => (cell, after.strip_prefix(',')),
                None => now.split_once(',').map_or((now, None), |(cell, after)| (cell, Some(after))),
            };
            cells.push(cell);
            rest = next;
        }
        Line { file, number: n + 1, cells }
    })
}

fn list(cell: &'static str) -> Vec<&'static str> {
    cell.split(';').filter(|part| !part.is_empty()).collect()
}

fn owned(cell: &'static str) -> Vec<String> {
    list(cell).into_iter().map(str::to_owned).collect()
}

/// Pupils and other children, then everybody else.
pub(super) fn people(files: &Files, calendar: &Calendar) -> Result<Vec<(&'static str, Person)>, SeedError> {
    let pupils =
        lines("pupils.csv", files.pupils).enumerate().map(|(n, line)| pupil(files, &line, n, calendar));
    let adults = lines("adults.csv", files.adults).map(|line| adult(&line));
    pupils.chain(adults).collect()
}

fn pupil(
    files: &Files,
    line: &Line,
    n: usize,
    calendar: &Calendar,
) -> Result<(&'static str, Person), SeedError> {
    let [key, given, family, preferred, also, birthday, year, nhs] = line.take()?;
    let number: i16 = if year == "R" { 0 } else { year.parse().map_err(|_| line.wrong("no such year"))? };
    let born = born(birthday, number, calendar).ok_or_else(|| line.wrong("no such birthday"))?;
    let mut identifiers = Vec::new();
    let kind = match files.school {
        None => PersonKind::Other,
        Some(school) => {
            let joined = calendar.school_year() - number;
            let value = upn(&format!("{school}{:02}{:03}", joined % 100, n + 1));
            identifiers.push(Identifier { scheme: IdentifierScheme::Upn, value });
            let (first, classes) = files.classes;
            let class = usize::try_from(number - first).ok().and_then(|at| classes.get(at));
            let class = *class.ok_or_else(|| line.wrong("no such class"))?;
            let year = if number == 0 { "Reception".to_owned() } else { format!("Year {number}") };
            PersonKind::Pupil { year, class: class.to_owned() }
        }
    };
    if !nhs.is_empty() {
        identifiers.push(Identifier { scheme: IdentifierScheme::Nhs, value: nhs.to_owned() });
    }
    let person = Person {
        kind,
        given: given.to_owned(),
        family: family.to_owned(),
        preferred: Some(preferred).filter(|name| !name.is_empty()).map(str::to_owned),
        also_known_as: owned(also),
        born: Some(born),
        identifiers,
        phones: Vec::new(),
        emails: Vec::new(),
    };
    Ok((key, person))
}

fn born(birthday: &str, year: i16, calendar: &Calendar) -> Option<Date> {
    let (month, day) = birthday.split_once('-')?;
    calendar.born(year, month.parse().ok()?, day.parse().ok()?)
}

/// The twelve digits with their check letter before them: positions 2 to 13 weigh what they are, modulo 23.
fn upn(digits: &str) -> String {
    let sum: usize = digits.bytes().zip(2..).map(|(digit, weight)| usize::from(digit - b'0') * weight).sum();
    let letter = UPN_LETTERS.get(sum % UPN_LETTERS.len()).copied().map(char::from).unwrap_or_default();
    format!("{letter}{digits}")
}

fn adult(line: &Line) -> Result<(&'static str, Person), SeedError> {
    let [key, kind, given, family, role, agency, phone, email] = line.take()?;
    let kind = match kind {
        "staff" => PersonKind::Staff { role: role.to_owned() },
        "professional" => PersonKind::Professional { role: role.to_owned(), agency: agency.to_owned() },
        "family" => PersonKind::Family,
        "other" => PersonKind::Other,
        _ => return Err(line.wrong("no such kind of person")),
    };
    let person = Person {
        kind,
        given: given.to_owned(),
        family: family.to_owned(),
        preferred: None,
        also_known_as: Vec::new(),
        born: None,
        identifiers: Vec::new(),
        phones: owned(phone),
        emails: owned(email),
    };
    Ok((key, person))
}

pub(super) fn ties(files: &Files) -> Result<Vec<Tie>, SeedError> {
    let mut all = Vec::new();
    for line in lines("ties.csv", files.ties) {
        let [from, kind, to, responsibility, household, contact] = line.take()?;
        let yes = |cell: &str| match cell {
            "yes" => Ok(true),
            "no" => Ok(false),
            _ => Err(line.wrong("yes or no")),
        };
        let kind = match kind {
            "mother" => RelationKind::Mother,
            "father" => RelationKind::Father,
            "parents-partner" => RelationKind::ParentsPartner,
            "sibling" => RelationKind::Sibling,
            "half-sibling" => RelationKind::HalfSibling,
            "grandparent" => RelationKind::Grandparent,
            "aunt-or-uncle" => RelationKind::AuntOrUncle,
            "social-worker" => RelationKind::SocialWorker,
            _ => return Err(line.wrong("no such tie")),
        };
        let contact = match contact {
            "open" => ContactRule::Open,
            "supervised" => ContactRule::Supervised,
            "none" => ContactRule::None,
            _ => return Err(line.wrong("no such contact rule")),
        };
        let (responsibility, household) = (yes(responsibility)?, yes(household)?);
        all.extend(list(to).into_iter().map(|to| Tie { from, to, kind, responsibility, household, contact }));
    }
    Ok(all)
}

pub(super) fn homes(files: &Files) -> Result<Vec<Home>, SeedError> {
    lines("addresses.csv", files.homes)
        .map(|line| {
            let [lines, postcode, people, protected_from] = line.take()?;
            Ok(Home { lines, postcode, people: list(people), protected_from })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_letters_are_those_of_published_examples() {
        for known in ["B801200005001", "C820123424001", "P207000016049"] {
            assert_eq!(upn(&known[1..]), known);
        }
    }

    #[test]
    fn cells_in_quotes_keep_their_commas() {
        let line = lines("x", "heading\na,\"b, c\",,d").next().unwrap();
        assert_eq!(line.take::<4>().unwrap(), ["a", "b, c", "", "d"]);
        assert_eq!(line.number, 2);
    }
}
