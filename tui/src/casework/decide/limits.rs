//! What any record must have and may hold: named limits, and the checks against them.

use jiff::SignedDuration;

use super::Context;
use crate::casework::{
    case::{ActionItem, Case},
    command::Refusal,
    entry::{Danger, Entry, Precision},
    person::{Address, Person},
};

/// Longest text of a single line (a name, title, owner), in characters.
pub const MAX_LINE: usize = 500;
/// Longest narrative text, in characters: about 60 printed pages.
pub const MAX_TEXT: usize = 100_000;
/// Most statements in one entry.
pub const MAX_STATEMENTS: usize = 200;
/// Most people in one entry or at one address.
pub const MAX_PEOPLE: usize = 200;
/// Most attachments of one entry.
pub const MAX_ATTACHMENTS: usize = 200;
/// Most other names, identifiers, phones or e-mail addresses of one person.
pub const MAX_NAMES: usize = 50;
/// Most records of one person.
pub const MAX_RECORDS: usize = 20;
/// Most entries in one share.
pub const MAX_SHARE_ENTRIES: usize = 10_000;
/// Most receipts that are kept of one share: a node passes on 32 answers to a bundle.
pub(super) const MAX_RECEIPTS: usize = 64;
/// The earliest year in which anything we record happened.
pub const EARLIEST_YEAR: i16 = 1900;
/// How far ahead of this machine's clock a time may lie before it is called the future.
pub const CLOCK_SLACK_MINUTES: i64 = 5;

pub(super) fn person(person: &Person) -> Result<(), Refusal> {
    if blank(&person.given) && blank(&person.family) && person.preferred.as_deref().is_none_or(blank) {
        return Err(Refusal::Empty { what: "the name", remedy: "give at least one name" });
    }
    let names = [&person.given, &person.family].into_iter().chain(&person.preferred);
    let others = person.also_known_as.iter().chain(&person.phones).chain(&person.emails);
    names.chain(others).try_for_each(|text| line("a name or number", text))?;
    person.identifiers.iter().try_for_each(|one| line("an identifier", &one.value))?;
    let most = [&person.also_known_as, &person.phones, &person.emails].map(Vec::len);
    let most = most.into_iter().max().unwrap_or(0).max(person.identifiers.len());
    count("names, numbers or addresses of one person", most, MAX_NAMES)
}

pub(super) fn address(address: &Address) -> Result<(), Refusal> {
    needed("the address", &address.lines, "give at least one line")?;
    line("the postcode", &address.postcode)?;
    text("the reason for protection", &address.protected_from)?;
    if address.protected {
        needed(
            "the reason for protection",
            &address.protected_from,
            "say who must not learn the address, and why",
        )?;
    }
    if address.people.is_empty() {
        return Err(Refusal::Empty { what: "the list of people", remedy: "say who lives there" });
    }
    count("people at one address", address.people.len(), MAX_PEOPLE)
}

pub(super) fn entry(entry: &Entry, at: &Context) -> Result<(), Refusal> {
    when(entry, at)?;
    count("statements", entry.statements.len(), MAX_STATEMENTS)?;
    count("people", entry.people.len(), MAX_PEOPLE)?;
    count("attachments", entry.attachments.len(), MAX_ATTACHMENTS)?;
    if entry.statements.iter().all(|statement| blank(&statement.text)) {
        return Err(Refusal::Empty { what: "what happened", remedy: "write what was seen, heard or said" });
    }
    if entry.people.is_empty() {
        return Err(Refusal::Empty { what: "the child", remedy: "say whom it is about" });
    }
    entry.statements.iter().try_for_each(|statement| text("a statement", &statement.text))?;
    [
        ("who was told", &entry.told),
        ("what was done", &entry.done),
        ("the effect on the child", &entry.effect),
    ]
    .into_iter()
    .try_for_each(|(what, words)| text(what, words))?;
    needed("the source", &entry.source.name, "say who saw or said it")?;
    [&entry.source.name, &entry.source.role, &entry.source.agency]
        .into_iter()
        .chain(entry.attachments.iter().flat_map(|file| [&file.name, &file.media_type]))
        .try_for_each(|words| line("a source or file name", words))?;
    match &entry.danger {
        Danger::Yes { done } => needed("what was done at once", done, "say whom you rang and when"),
        Danger::No => Ok(()),
    }
}

fn when(entry: &Entry, at: &Context) -> Result<(), Refusal> {
    let happened = entry.happened.at;
    if happened.year() < EARLIEST_YEAR {
        return Err(Refusal::TooLongAgo { earliest: EARLIEST_YEAR });
    }
    let latest = at.local.saturating_add(SignedDuration::from_mins(CLOCK_SLACK_MINUTES));
    let ahead = match entry.happened.precision {
        Precision::Exact => happened > latest,
        Precision::About | Precision::Day => happened.date() > latest.date(),
    };
    if ahead { Err(Refusal::InTheFuture) } else { Ok(()) }
}

pub(super) fn case(case: &Case) -> Result<(), Refusal> {
    needed("the title", &case.title, "say in a few words what the case is about")?;
    needed("the lead", &case.lead, "name the person who leads it")?;
    line("the title", &case.title)?;
    line("the lead", &case.lead)
}

pub(super) fn action(item: &ActionItem) -> Result<(), Refusal> {
    needed("the action", &item.what, "say what is to be done")?;
    needed("the owner", &item.owner, "name the person who does it")?;
    line("the owner", &item.owner)
}

pub(super) fn reason(why: &str) -> Result<(), Refusal> {
    if blank(why) { Err(Refusal::NoReason) } else { text("the reason", why) }
}

/// A text that must be there, and within [`MAX_TEXT`].
pub(super) fn needed(what: &'static str, words: &str, remedy: &'static str) -> Result<(), Refusal> {
    if blank(words) { Err(Refusal::Empty { what, remedy }) } else { text(what, words) }
}

pub(super) fn text(what: &'static str, words: &str) -> Result<(), Refusal> {
    at_most(what, words, MAX_TEXT)
}

pub(super) fn line(what: &'static str, words: &str) -> Result<(), Refusal> {
    at_most(what, words, MAX_LINE)
}

pub(super) const fn count(what: &'static str, n: usize, limit: usize) -> Result<(), Refusal> {
    if n > limit { Err(Refusal::TooMany { what, limit }) } else { Ok(()) }
}

fn at_most(what: &'static str, words: &str, limit: usize) -> Result<(), Refusal> {
    // Bytes are never fewer than characters: most texts need no counting.
    if words.len() > limit && words.chars().count() > limit {
        return Err(Refusal::TooLong { what, limit });
    }
    Ok(())
}

fn blank(text: &str) -> bool {
    text.trim().is_empty()
}
