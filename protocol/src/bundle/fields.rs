//! Which field of the fact each part of a record is: the words that its proof is about, in the order of the body.

use serde::Serialize;

use super::{DraftSpan, Passage, Place, Record, Span};
use crate::{
    evidence::{Part, Words},
    fact::Kind,
};

/// A span as far as a reader sees it.
pub(super) trait Shown {
    /// The text; none in a gap.
    fn text(&self) -> Option<&str>;
}

impl Shown for Span {
    fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Withheld(_) => None,
        }
    }
}

impl Shown for DraftSpan {
    fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Withheld(_) | Self::Undecided { .. } => None,
        }
    }
}

/// Where the fields of an entry stand in a fact: recorded, or amended.
pub(super) struct Paths {
    pub(super) entry: &'static str,
    pub(super) names: &'static str,
    /// The record's own id.
    pub(super) id: &'static str,
    /// What stands between the entry and the names.
    other: &'static str,
}

pub(super) const RECORDED: Paths = Paths {
    entry: "/fact/EntryRecorded/entry",
    names: "/fact/EntryRecorded/names",
    id: "/id",
    other: "/fact/EntryRecorded/case",
};
pub(super) const AMENDED: Paths = Paths {
    entry: "/fact/EntryAmended/now",
    names: "/fact/EntryAmended/names",
    id: "/fact/EntryAmended/entry",
    other: "/fact/EntryAmended/why",
};

pub(super) const fn paths(amended: bool) -> &'static Paths {
    if amended { &AMENDED } else { &RECORDED }
}

impl Paths {
    /// The path of a text.
    pub(super) fn of(&self, place: Place) -> String {
        let Self { entry, names, .. } = self;
        match place {
            Place::ByName => "/by/name".to_owned(),
            Place::ByRole => "/by/role".to_owned(),
            Place::Person(nth) => format!("{names}/{nth}"),
            Place::SourceName => format!("{entry}/source/name"),
            Place::SourceRole => format!("{entry}/source/role"),
            Place::SourceAgency => format!("{entry}/source/agency"),
            Place::Statement(nth) => format!("{entry}/statements/{nth}/text"),
            Place::Danger => format!("{entry}/danger/Yes/done"),
            Place::Told => format!("{entry}/told"),
            Place::Done => format!("{entry}/done"),
            Place::Effect => format!("{entry}/effect"),
        }
    }
}

/// Every passage of a record that stands in its fact, and where.
pub(super) fn passages_mut<S>(record: &mut Record<S>) -> Vec<(Place, &mut Passage<S>)> {
    let Record { recorded_by, source, people, statements, in_danger, told, done, effect, .. } = record;
    let mut all = vec![
        (Place::ByName, &mut recorded_by.name),
        (Place::ByRole, &mut recorded_by.role),
        (Place::SourceName, &mut source.name),
        (Place::SourceRole, &mut source.role),
        (Place::SourceAgency, &mut source.agency),
    ];
    all.extend(people.iter_mut().enumerate().map(|(nth, one)| (Place::Person(nth), &mut one.name)));
    all.extend(statements.iter_mut().enumerate().map(|(nth, one)| (Place::Statement(nth), &mut one.text)));
    all.extend(in_danger.as_mut().map(|done| (Place::Danger, done)));
    all.extend([(Place::Told, told), (Place::Done, done), (Place::Effect, effect)]);
    all
}

/// Every field of the fact that a record is of, in order: what is shown of it, and for one that is not shown that it is
/// withheld. How many there are follows from what is always shown, so each field has one place.
pub(super) fn words<S: Shown>(record: &Record<S>, amended: bool) -> Vec<Words<'_>> {
    let Paths { entry, names, id, other } = *paths(amended);
    let mut list = List(Vec::new());
    if amended {
        list.hidden("/id");
    } else {
        list.code(id, &record.id);
    }
    list.code("/recorded", &record.recorded);
    list.passage("/by/name", &record.recorded_by.name);
    list.passage("/by/role", &record.recorded_by.role);
    if amended {
        list.code(id, &record.id);
    }
    let at = |path: &str| format!("{entry}/{path}");
    list.code(&at("kind"), &record.kind);
    list.count(&at("people"), record.people.len());
    for (nth, person) in record.people.iter().enumerate() {
        list.hidden(&at(&format!("people/{nth}/person")));
        list.code(&at(&format!("people/{nth}/role")), &person.role);
    }
    list.code(&at("happened/at"), &record.happened.at);
    list.code(&at("happened/precision"), &record.happened.precision);
    list.code(&at("category"), &record.category);
    list.passage(&at("source/name"), &record.source.name);
    list.passage(&at("source/role"), &record.source.role);
    list.passage(&at("source/agency"), &record.source.agency);
    list.count(&at("statements"), record.statements.len());
    for (nth, statement) in record.statements.iter().enumerate() {
        list.code(&at(&format!("statements/{nth}/kind")), &statement.kind);
        list.passage(&at(&format!("statements/{nth}/text")), &statement.text);
    }
    match &record.in_danger {
        Some(done) => list.passage(&at("danger/Yes/done"), done),
        None => list.whole(&at("danger"), Kind::Text, "No".to_owned()),
    }
    list.passage(&at("told"), &record.told);
    list.passage(&at("done"), &record.done);
    list.passage(&at("effect"), &record.effect);
    list.code(&at("significance"), &record.significance);
    list.count(&at("attachments"), record.attachments.len());
    for (nth, digest) in record.attachments.iter().enumerate() {
        let at = |part: &str| at(&format!("attachments/{nth}/{part}"));
        ["name", "media_type", "size"].iter().for_each(|part| list.hidden(&at(part)));
        match digest {
            Some(digest) => list.code(&at("sha256"), digest),
            None => list.hidden(&at("sha256")),
        }
    }
    list.hidden(other);
    list.hidden(names);
    for (nth, person) in record.people.iter().enumerate() {
        list.passage(&format!("{names}/{nth}"), &person.name);
    }
    list.0
}

struct List<'a>(Vec<Words<'a>>);

impl<'a> List<'a> {
    fn whole(&mut self, path: &str, kind: Kind, text: String) {
        let parts = vec![Part::Text(text.into())];
        self.0.push(Words { path: path.to_owned().into(), kind, parts });
    }

    /// A code, a time or an id: the text it has in JSON.
    fn code(&mut self, path: &str, value: &impl Serialize) {
        let json = serde_json::to_value(value).unwrap_or_default();
        self.whole(path, Kind::Text, json.as_str().unwrap_or_default().to_owned());
    }

    /// A field that a record never shows, or does not show here.
    fn hidden(&mut self, path: &str) {
        self.0.push(Words { path: path.to_owned().into(), kind: Kind::Text, parts: vec![Part::Withheld] });
    }

    fn count(&mut self, path: &str, items: usize) {
        self.whole(path, Kind::List, items.to_string());
    }

    fn passage<S: Shown>(&mut self, path: &str, passage: &'a Passage<S>) {
        let mut parts: Vec<Part<'a>> = Vec::new();
        for span in passage {
            match (span.text(), parts.last_mut()) {
                (Some(text), Some(Part::Text(before))) => before.to_mut().push_str(text),
                (Some(text), _) => parts.push(Part::Text(text.into())),
                (None, Some(Part::Withheld)) => {}
                (None, _) => parts.push(Part::Withheld),
            }
        }
        if parts.is_empty() {
            parts.push(Part::Text("".into()));
        }
        self.0.push(Words { path: path.to_owned().into(), kind: Kind::Text, parts });
    }
}
