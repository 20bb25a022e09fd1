//! `kith people`: import, list, find, show, amend.

use std::path::Path;

use jiff::civil::Date;
use serde::Deserialize;
use serde_json::json;

use super::{
    args::{People, Shape},
    desk::{Desk, answer},
    exit::Exit,
    failure::{Failure, open_file},
    forms, given,
};
use crate::{
    casework::{
        command::Command,
        identifier::{check_nhs, check_upn},
        ids::PersonId,
        people_file,
        person::{Identifier, IdentifierScheme, Person, PersonKind},
        query::{Answer, PersonRow, Query},
    },
    store::{ImportError, Imported, Known},
    text,
    widgets::safe_text::wrap,
};

/// Most people that a search lists.
const FOUND: u32 = 25;

pub(super) fn run(desk: &mut Desk, verb: &People) -> Result<(), Failure> {
    match verb {
        People::Import { file, update, again, shape } => {
            let known = match (update, again) {
                (true, _) => Known::Update,
                (_, true) => Known::Again,
                _ => Known::HoldBack,
            };
            import(desk, file, known, *shape)
        }
        People::List { pupils, shape } => list(desk, *pupils, *shape),
        People::Amend { person } => amend(desk, *person),
        People::Same { one, other, not } => same(desk, (*one, *other), *not),
        People::Find { text, pupils, shape } => find(desk, text, *pupils, *shape),
        People::Show { person, shape } => show(desk, *person, *shape),
    }
}

/// Marks two records as of one person, or takes it back.
fn same(desk: &mut Desk, (one, other): (PersonId, PersonId), not: bool) -> Result<(), Failure> {
    let why = match desk.console.asks {
        true => desk.console.ask("How do you know?")?,
        false => desk.console.read_all()?.trim().to_owned(),
    };
    let mut open = desk.open()?;
    let (command, said) = match not {
        false => (Command::MarkSame { one, other, why }, "they are one person; both records stay"),
        true => (Command::MarkNotSame { one, other, why }, "they are two people"),
    };
    let facts = open.casebook.execute(command, &open.session.user, &desk.now)?;
    let before = if facts.is_empty() { "It stood there already" } else { "Recorded" };
    let which = |id| -> Result<String, Failure> {
        let person = open.casebook.person(id)?;
        Ok(format!("{id} {}, {}", person.name(), text::born(person.born)))
    };
    desk.console.say(&format!("{before} of {}; and {}: {said}.", which(one)?, which(other)?))
}

fn import(desk: &mut Desk, path: &Path, known: Known, shape: Shape) -> Result<(), Failure> {
    let file = open_file(path)?;
    let mut open = desk.open()?;
    let by = (&open.session.user, &desk.now);
    let imported = match open.casebook.import_people(file, known, by, &mut |_, _| {}) {
        Ok(imported) => imported,
        Err(ImportError::Problems(problems)) => {
            for problem in &problems {
                desk.console.say(&format!("{}: {problem}", path.display()))?;
            }
            let problems = text::count(problems.len() as u64, "problem", "problems");
            return Err(Failure::new(
                Exit::Refused,
                format!(
                    "nothing was imported: {problems} in {}; put them right and do it again",
                    path.display()
                ),
            ));
        }
        Err(ImportError::Command(error)) => return Err(error.into()),
    };
    let Imported { people, amended, unchanged, new } = imported;
    if shape.json {
        let (first, last) = new.unzip();
        return desk.console.json(
            "people-import/1",
            json!({ "people": people, "first": first, "last": last, "amended": amended, "unchanged": unchanged }),
        );
    }
    let which = match new {
        Some((first, last)) if first == last => format!(": {first}"),
        Some((first, last)) => format!(": {first} to {last}"),
        None => String::new(),
    };
    let known = match (amended, unchanged) {
        (0, 0) => String::new(),
        _ => format!("; {amended} amended, {unchanged} known just so"),
    };
    desk.console.say(&format!("{} imported{which}{known}.", text::count(people, "person", "people")))
}

/// The columns, with an example, for `--help`.
pub(super) fn import_form() -> String {
    let columns = wrap(&people_file::names(), 74).join("\n  ");
    format!(
        "Columns, in any order; `given` or `family` must be there:\n  {columns}\n\n\
         Several numbers or names in one cell are parted by `;`. For example:\n  \
         given,family,born,upn,year,class\n  Niamh,O'Brien,2018-01-26,,4,Elder"
    )
}

fn list(desk: &mut Desk, pupils_only: bool, shape: Shape) -> Result<(), Failure> {
    let open = desk.open()?;
    let mut rows: Vec<PersonRow> = Vec::new();
    loop {
        let page = open.casebook.people_after(rows.last().map(|row| row.id), pupils_only)?;
        if page.is_empty() {
            break;
        }
        rows.extend(page);
    }
    if shape.json {
        let people: Vec<_> = rows.iter().map(forms::person_row).collect();
        return desk.console.json("people/1", json!({ "people": people }));
    }
    rows.iter().try_for_each(|row| desk.console.line(&forms::person_line(row)))?;
    if rows.is_empty() { Err(Failure::new(Exit::NothingMatched, "nobody is recorded yet")) } else { Ok(()) }
}

/// The form of an amendment on standard input.
pub(super) const AMENDMENT: &str = r#"On standard input, only what changes, and why:
  {"why": "the register was wrong", "born": "2018-01-26"}

Fields: given, family, preferred, also_known_as, born, upn, nhs, phones,
emails; of a pupil year and class. Lists replace the list that was there;
an empty text takes a name or number away."#;

/// What changes of a person; what is not named stays.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Amendment {
    why: String,
    given: Option<String>,
    family: Option<String>,
    preferred: Option<String>,
    also_known_as: Option<Vec<String>>,
    born: Option<Date>,
    upn: Option<String>,
    nhs: Option<String>,
    phones: Option<Vec<String>>,
    emails: Option<Vec<String>>,
    year: Option<String>,
    class: Option<String>,
}

fn amend(desk: &mut Desk, id: PersonId) -> Result<(), Failure> {
    let given = desk.console.read_all()?;
    let amendment: Amendment =
        given::read(&given, "standard input", "`kith people amend --help` shows the form")?;
    let mut open = desk.open()?;
    let why = amendment.why.clone();
    let now = amended(open.casebook.person(id)?, amendment)?;
    open.casebook.execute(Command::AmendPerson { person: id, now, why }, &open.session.user, &desk.now)?;
    desk.console.say(&format!("{id} is amended; the version before stays on record."))
}

fn amended(mut person: Person, amendment: Amendment) -> Result<Person, Failure> {
    let Amendment { given, family, preferred, also_known_as, born, phones, emails, .. } = amendment;
    person.given = given.unwrap_or(person.given);
    person.family = family.unwrap_or(person.family);
    person.preferred = preferred.or(person.preferred).filter(|name| !name.is_empty());
    person.also_known_as = also_known_as.unwrap_or(person.also_known_as);
    person.born = born.or(person.born);
    person.phones = phones.unwrap_or(person.phones);
    person.emails = emails.unwrap_or(person.emails);
    for (scheme, name, value, check) in [
        (IdentifierScheme::Upn, "upn", amendment.upn, check_upn as fn(&str) -> _),
        (IdentifierScheme::Nhs, "nhs", amendment.nhs, check_nhs),
    ] {
        let Some(value) = value else { continue };
        person.identifiers.retain(|one| one.scheme != scheme);
        if !value.is_empty() {
            let value = check(&value).map_err(|error| Failure::usage(format!("`{name}`: {error}")))?;
            person.identifiers.push(Identifier { scheme, value });
        }
    }
    match (&mut person.kind, amendment.year, amendment.class) {
        (_, None, None) => {}
        (PersonKind::Pupil { year, class }, new_year, new_class) => {
            new_year.into_iter().for_each(|new| *year = new);
            new_class.into_iter().for_each(|new| *class = new);
        }
        _ => return Err(Failure::usage("`year` and `class` are a pupil's, and this is no pupil")),
    }
    Ok(person)
}

fn find(desk: &mut Desk, text: &str, pupils_only: bool, shape: Shape) -> Result<(), Failure> {
    let text = if text == "-" { wanted(desk)? } else { text.to_owned() };
    let open = desk.open()?;
    let query = Query::FindPeople { text, pupils_only, limit: FOUND };
    let rows = answer!(open.ask(&query)?, Answer::People(rows) => rows)?;
    if shape.json {
        let people: Vec<_> = rows.iter().map(forms::person_row).collect();
        desk.console.json("people/1", json!({ "people": people }))?;
    } else {
        rows.iter().try_for_each(|row| desk.console.line(&forms::person_line(row)))?;
    }
    if rows.is_empty() {
        return Err(Failure::new(
            Exit::NothingMatched,
            "nobody found; try fewer letters, or a UPN or NHS number",
        ));
    }
    Ok(())
}

fn wanted(desk: &mut Desk) -> Result<String, Failure> {
    let text =
        if desk.console.asks { desk.console.ask("Name or number")? } else { desk.console.read_all()? };
    let text = text.lines().next().unwrap_or_default().trim().to_owned();
    if text.is_empty() { Err(Failure::usage("give part of a name, or a number")) } else { Ok(text) }
}

fn show(desk: &mut Desk, person: PersonId, shape: Shape) -> Result<(), Failure> {
    let open = desk.open()?;
    let view = answer!(open.ask(&Query::Person { person })?, Answer::Person(view) => view)?;
    let network = answer!(open.ask(&Query::Network { person })?, Answer::Network(network) => network)?;
    let console = &mut desk.console;
    let name = |id: &PersonId| {
        let found = network.people.iter().find(|(known, _)| known == id);
        found.map_or_else(|| id.to_string(), |(_, person)| person.name())
    };
    if shape.json {
        let relations: Vec<_> = network
            .relations
            .iter()
            .map(|(id, relation)| json!({ "ref": id, "relation": relation }))
            .collect();
        let addresses: Vec<_> =
            network.addresses.iter().map(|(id, address)| json!({ "ref": id, "address": address })).collect();
        return console.json(
            "person/1",
            json!({
                "ref": view.id, "person": forms::person(&view.person), "versions": view.versions,
                "same": view.same.iter().map(|(id, _)| id).collect::<Vec<_>>(),
                "cases": view.cases.iter().map(forms::case).collect::<Vec<_>>(),
                "entries": view.entries.iter().map(forms::entry).collect::<Vec<_>>(),
                "relations": relations, "addresses": addresses,
            }),
        );
    }
    let person = &view.person;
    console.line(&format!("{}  {}", view.id, person.name()))?;
    console.field("What", &text::person_kind(&person.kind))?;
    console.field("Born", &person.born.map(text::date).unwrap_or_default())?;
    console.field("Also", &person.also_known_as.join(", "))?;
    for other in network.others() {
        console.field("Same person", &format!("as {}", text::other_record(other, desk.now.time_zone())))?;
    }
    for one in &person.identifiers {
        console.field(text::scheme(one.scheme), &one.value)?;
    }
    console.field("Phone", &person.phones.join(", "))?;
    for (_, relation) in &network.relations {
        let responsibility = if relation.parental_responsibility { ", parental responsibility" } else { "" };
        let household = if relation.same_household { ", same household" } else { "" };
        let (from, to) = (name(&relation.from), name(&relation.to));
        let what = text::relation(relation.kind);
        let contact = text::contact(relation.contact);
        console
            .field("Relation", &format!("{from} is {what} of {to}: {contact}{responsibility}{household}"))?;
    }
    for (_, address) in &network.addresses {
        let protected =
            if address.protected { format!("PROTECTED: {} ", address.protected_from) } else { String::new() };
        console.field("Address", &format!("{protected}{}, {}", address.lines, address.postcode))?;
    }
    for case in &view.cases {
        console.field("Case", &format!("{} {} ({})", case.id, case.title, text::level(case.level)))?;
    }
    Ok(())
}
