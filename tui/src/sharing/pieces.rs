//! The texts of an entry that would leave, each under the name its spans go by.

use crate::casework::{
    entry::{Danger, Source},
    fact::Author,
    query::EntryView,
};

/// One text and its field: `person/2`, `source`, `statement/0`, `danger`, `told`, `done`, `effect`, `by`.
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
            "by" => "recorded by",
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
    let people = view.names.iter().enumerate().map(|(at, name)| (person(at), name.clone()));
    let statements = entry.statements.iter().enumerate().map(|(at, one)| (statement(at), one.text.clone()));
    let rest = [("danger", danger), ("told", &entry.told), ("done", &entry.done), ("effect", &entry.effect)];
    let all = people
        .chain([("source".to_owned(), source(&entry.source))])
        .chain(statements)
        .chain(rest.map(|(field, text)| (field.to_owned(), text.to_owned())))
        .chain([("by".to_owned(), author(&view.by))]);
    all.filter(|(_, text)| !text.is_empty()).map(|(field, text)| Piece { field, text }).collect()
}

pub(super) fn person(at: usize) -> String {
    format!("person/{at}")
}

pub(super) fn statement(at: usize) -> String {
    format!("statement/{at}")
}

pub(super) fn attachment(at: usize) -> String {
    format!("attachment/{at}")
}

/// Where an entry comes from, in one line.
pub(super) fn source(source: &Source) -> String {
    line([&source.name, &source.role, &source.agency])
}

/// Who recorded it, in one line.
pub(super) fn author(author: &Author) -> String {
    line([&author.name, &author.role])
}

fn line<const N: usize>(parts: [&String; N]) -> String {
    parts.into_iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join(", ")
}
