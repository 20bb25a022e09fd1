//! `kith people`: import, find, show.

use std::{fs::File, path::Path};

use serde_json::json;

use super::{
    args::{People, Shape},
    desk::{Desk, answer},
    exit::Exit,
    failure::Failure,
    forms,
};
use crate::{
    casework::{
        ids::PersonId,
        query::{Answer, Query},
    },
    store::ImportError,
    text,
};

/// Most people that a search lists.
const FOUND: u32 = 25;

pub(super) fn run(desk: &mut Desk, verb: &People) -> Result<(), Failure> {
    match verb {
        People::Import { file, shape } => import(desk, file, *shape),
        People::Find { text, pupils, shape } => find(desk, text, *pupils, *shape),
        People::Show { person, shape } => show(desk, *person, *shape),
    }
}

fn import(desk: &mut Desk, path: &Path, shape: Shape) -> Result<(), Failure> {
    let file = File::open(path).map_err(Failure::file(path))?;
    let mut open = desk.open()?;
    let imported = match open.casebook.import_people(file, &open.session.user, &desk.now, &mut |_, _| {}) {
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
    if shape.json {
        let (first, last) = (imported.first, imported.last);
        return desk
            .console
            .json("people-import/1", json!({ "people": imported.people, "first": first, "last": last }));
    }
    let people = text::count(imported.people, "person", "people");
    desk.console.say(&format!("{people} imported, {} to {}.", imported.first, imported.last))
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
