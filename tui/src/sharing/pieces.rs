//! The texts of an entry that would leave, each under the name its spans go by.

use kith_protocol::bundle::Place;

use crate::casework::{entry::Danger, query::EntryView};

/// One text and its field: `person/2`, `source/name`, `statement/0`, `danger`, `told`, `done`, `effect`, `by/name`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) field: String,
    pub(crate) text: String,
}

/// What a field is called where somebody reads of it.
pub(crate) fn name(field: &str) -> String {
    let nth = |at: &str| at.parse::<usize>().map_or(0, |at| at + 1);
    match field.split_once('/') {
        Some(("person", at)) => format!("person {}", nth(at)),
        Some(("statement", at)) => format!("statement {}", nth(at)),
        Some(("attachment", at)) => format!("file {}", nth(at)),
        _ => match field {
            "danger" => "done at once",
            "told" => "who was told",
            "by/name" => "recorded by",
            "by/role" => "recorder role",
            "source/name" => "source",
            "source/role" => "source role",
            "source/agency" => "source agency",
            other => other,
        }
        .to_owned(),
    }
}

/// All of them, in reading order; none is empty.
pub(crate) fn pieces(view: &EntryView) -> Vec<Piece> {
    let entry = &view.entry;
    let danger = match &entry.danger {
        Danger::Yes { done } => done.as_str(),
        Danger::No => "",
    };
    let people = view.stands.names.iter().enumerate().map(|(at, name)| (person(at), name.clone()));
    let statements = entry.statements.iter().enumerate().map(|(at, one)| (statement(at), one.text.clone()));
    let rest = [("danger", danger), ("told", &entry.told), ("done", &entry.done), ("effect", &entry.effect)];
    let source = &entry.source;
    let source =
        [("source/name", &source.name), ("source/role", &source.role), ("source/agency", &source.agency)];
    let by = [("by/name", &view.stands.by.name), ("by/role", &view.stands.by.role)];
    let all = people
        .chain(source.map(|(field, text)| (field.to_owned(), text.clone())))
        .chain(statements)
        .chain(rest.map(|(field, text)| (field.to_owned(), text.to_owned())))
        .chain(by.map(|(field, text)| (field.to_owned(), text.clone())));
    all.filter(|(_, text)| !text.is_empty()).map(|(field, text)| Piece { field, text }).collect()
}

/// The field of a place in a fact.
pub(super) fn field(place: Place) -> String {
    match place {
        Place::Person(at) => person(at),
        Place::Statement(at) => statement(at),
        Place::ByName => "by/name".to_owned(),
        Place::ByRole => "by/role".to_owned(),
        Place::SourceName => "source/name".to_owned(),
        Place::SourceRole => "source/role".to_owned(),
        Place::SourceAgency => "source/agency".to_owned(),
        Place::Danger => "danger".to_owned(),
        Place::Told => "told".to_owned(),
        Place::Done => "done".to_owned(),
        Place::Effect => "effect".to_owned(),
    }
}

fn person(at: usize) -> String {
    format!("person/{at}")
}

fn statement(at: usize) -> String {
    format!("statement/{at}")
}

pub(in crate::sharing) fn attachment(at: usize) -> String {
    format!("attachment/{at}")
}
