//! From what was typed to an entry.

use jiff::{Zoned, civil::Time};
use kith_protocol::bundle::Role;

use super::fields::{BOXES, ROLES};
use crate::{
    casework::{
        category,
        entry::{
            Attachment, Danger, Entry, EntryKind, Involvement, Precision, Significance, Source, Statement,
            When,
        },
        ids::PersonId,
        typed_time,
    },
    screens::Cx,
    text,
    widgets::form::{Field, Form, Picked},
};

/// The time that was typed, or what is wrong with it.
pub(super) fn when(typed: &str, now: &Zoned) -> Result<When, String> {
    typed_time::happened(typed, now.datetime()).map(|typed| typed.when).map_err(|error| error.to_string())
}

/// A time as one would type it.
pub(super) fn typed(when: When) -> String {
    match when.precision {
        Precision::Exact => when.at.strftime("%-d/%-m/%Y %H:%M").to_string(),
        Precision::About if when.at.time() == Time::midnight() => {
            when.at.strftime("about %-d/%-m/%Y").to_string()
        }
        Precision::About => when.at.strftime("about %-d/%-m/%Y %H:%M").to_string(),
        Precision::Day => when.at.strftime("%-d/%-m/%Y").to_string(),
    }
}

/// The entry that the form describes; the form was checked before.
pub(super) fn entry(form: &Form, attachments: &[Attachment], cx: &Cx<'_>) -> Result<Entry, String> {
    let significance = text::SIGNIFICANCES
        .into_iter()
        .find(|it| Some(text::significance(*it)) == form.key_of("significance"));
    let kinds =
        text::ENTRY_KINDS.into_iter().find(|kind| Some(text::entry_kind(*kind)) == form.key_of("kind"));
    let hidden = |id| form.field(id).is_none_or(|field| field.hidden);
    let concern = hidden("kind");
    let category = form.key_of("category").and_then(category::typed);
    Ok(Entry {
        kind: if concern { EntryKind::Concern } else { kinds.unwrap_or(EntryKind::Note) },
        people: people(form)?,
        happened: when(form.text("when"), cx.now)?,
        category: category.ok_or("no category")?,
        source: source(form.text("source"), cx.session.map_or("", |session| &session.agency_name)),
        statements: statements(form),
        danger: match form.key_of("danger") {
            Some("yes") => Danger::Yes { done: form.text("danger_done").to_owned() },
            _ => Danger::No,
        },
        told: form.text("told").to_owned(),
        done: form.text("done").to_owned(),
        effect: form.text("effect").to_owned(),
        significance: significance.unwrap_or(Significance::None),
        attachments: attachments.to_vec(),
    })
}

fn people(form: &Form) -> Result<Vec<Involvement>, String> {
    let id = |picked: &Picked| picked.choice.key.parse::<PersonId>().map_err(|error| error.to_string());
    let picked =
        |field: &str| form.field(field).map(|field: &Field| field.picked.clone()).unwrap_or_default();
    let mut out = Vec::new();
    for child in picked("child") {
        out.push(Involvement { person: id(&child)?, role: Role::Subject });
    }
    for other in picked("people") {
        let part = other.part.as_ref().map_or("", |part| part.key.as_str());
        let role = ROLES.into_iter().find(|role| role.words() == part).unwrap_or(Role::Mentioned);
        out.push(Involvement { person: id(&other)?, role });
    }
    Ok(out)
}

/// `name, role, agency`; the agency is ours when none is said.
fn source(typed: &str, ours: &str) -> Source {
    let mut parts = typed.splitn(3, ',').map(|part| part.trim().to_owned());
    Source {
        name: parts.next().unwrap_or_default(),
        role: parts.next().unwrap_or_default(),
        agency: parts.next().unwrap_or_else(|| ours.to_owned()),
    }
}

fn statements(form: &Form) -> Vec<Statement> {
    let text = |id: &str| form.field(id).map(|field| field.editor.text().to_owned()).unwrap_or_default();
    BOXES
        .iter()
        .map(|(id, kind, ..)| Statement { kind: *kind, text: text(id) })
        .filter(|statement| !statement.text.trim().is_empty())
        .collect()
}
