//! A bundle as plain lines, from its document alone: what a recipient reads.

use jiff::tz::TimeZone;
use kith_protocol::{
    bundle::{Bundle, Passage, Precision, Record, Span, in_words},
    consent::{DecidedBy, FamilyTold, Safeguarding},
    page::{moment, shown},
    supplement::{Fitted, with_released},
};

use super::pieces;
use crate::{
    casework::{fact::SignedText, supplied::Became},
    text,
};

/// The whole document, one paragraph a line; invisible characters are made visible.
#[must_use]
pub fn lines(bundle: &Bundle) -> Vec<String> {
    let mut lines = Vec::new();
    front(bundle, &mut lines);
    rest(bundle, &mut lines);
    lines.iter().flat_map(|line| line.split('\n')).map(shown).collect()
}

/// The same without the letter, for whoever shows that above it.
#[must_use]
pub fn body(bundle: &Bundle) -> Vec<String> {
    let mut lines = Vec::new();
    rest(bundle, &mut lines);
    lines.iter().flat_map(|line| line.split('\n')).map(shown).collect()
}

/// Every record that says somebody was in immediate danger, and what was done at once.
#[must_use]
pub fn danger(bundle: &Bundle) -> Vec<String> {
    let each = (1..).zip(&bundle.records);
    let said = each.filter_map(|(number, record)| Some((number, words(record.in_danger.as_deref()?))));
    said.map(|(number, done)| shown(&format!("in immediate danger in {number}; at once: {done}"))).collect()
}

fn rest(bundle: &Bundle, lines: &mut Vec<String>) {
    standing(bundle, lines);
    for (number, record) in (1..).zip(&bundle.records) {
        lines.push(String::new());
        entry(number, record, lines);
    }
    if !bundle.attachments.is_empty() {
        lines.extend([String::new(), "Attachments".to_owned()]);
        let each = bundle.attachments.iter();
        lines.extend(each.map(|file| {
            format!("  {} ({}, {} bytes). {}", file.name, file.media_type, file.size, file.checked)
        }));
    }
    if !bundle.withheld.is_empty() {
        lines.extend([String::new(), "Withheld".to_owned()]);
        lines.extend(bundle.withheld.iter().map(|one| format!("  {} x {}", one.count, one.reason.words())));
    }
}

/// A record with released words in their places, and on whose decision they were released.
#[must_use]
pub fn released(fitted: &Fitted) -> Vec<String> {
    let Fitted { number, record, supplement } = fitted;
    let DecidedBy { name, role, on } = &supplement.decided_by;
    let on = moment(*on);
    let mut lines = vec![
        format!("Released on {on} by {name}, {role}: {}", supplement.order),
        format!("Record {number} with the released words; they are the recorded words, as all of it is:"),
    ];
    entry(*number, record, &mut lines);
    lines.iter().flat_map(|line| line.split('\n')).map(shown).collect()
}

/// Where words that were released stand here: in the record, and field by field in the entry that it was filed as.
#[must_use]
pub fn became(became: &Became, zone: &TimeZone) -> Vec<String> {
    let mut lines = vec!["The released words stand in the record from now on.".to_owned()];
    match became {
        Became::NotFiled => {
            lines.push("It is not filed yet: the entry that it becomes will have them.".to_owned());
        }
        Became::Destroyed => {
            lines.push("The entry that it was filed as was destroyed here, and stays so.".to_owned());
        }
        Became::Entry { entry, fields } => lines.extend(fields.iter().map(|one| {
            let field = pieces::name(&one.field);
            match one.amended {
                None => format!("Entry {entry}, {field}: in the entry too."),
                Some(at) => format!(
                    "Entry {entry}, {field}: kept only in the record, because it was amended here on {}.",
                    text::date(at.to_zoned(zone.clone()).date())
                ),
            }
        })),
    }
    lines
}

/// The document of a received bundle as it reads now, and who released which of its records later, on which order.
#[must_use]
pub fn as_it_reads(document: &str, supplements: &[SignedText]) -> Option<(Bundle, Vec<String>)> {
    let mut bundle: Bundle = serde_json::from_str(document).ok()?;
    let supplements: Vec<_> = supplements.iter().map(SignedText::supplement).collect::<Option<_>>()?;
    bundle.records = with_released(&bundle, &supplements).ok()?;
    let said = supplements.iter().map(|one| {
        let number = bundle.records.iter().position(|record| record.id == one.record).map_or(0, |at| at + 1);
        let DecidedBy { name, role, on } = &one.decided_by;
        let on = moment(*on);
        shown(&format!("words of record {number}, on {on} by {name}, {role}: {}", one.order))
    });
    let said = said.collect();
    Some((bundle, said))
}

fn front(bundle: &Bundle, lines: &mut Vec<String>) {
    let letter = &bundle.letter;
    lines.push(letter.subject.clone());
    lines.push(format!("From {} to {}", bundle.from.name, bundle.to.name));
    if let Some([(first, _), (name, role)]) = bundle.checked_by_words() {
        lines.push(format!("Checked by: {name}, {role}, after {first} proposed it"));
    }
    lines.push(format!("Why: {}", letter.why));
    lines.push(format!("Asked: {} ({})", letter.asked.what, letter.asked.urgency.words()));
    if let Some(by) = letter.asked.by {
        lines.push(format!("By: {}", by.strftime("%A %-d %B %Y, %H:%M")));
    }
    let ring = &letter.ring;
    lines.push(format!("Ring: {}, {}, {}", ring.name, ring.role, ring.phone));
}

/// Whom it is about, and what it rests on.
fn standing(bundle: &Bundle, lines: &mut Vec<String>) {
    lines.push(format!("May be used for: {}", bundle.letter.may_use_for));
    for child in &bundle.children {
        let also = if child.also_known_as.is_empty() {
            String::new()
        } else {
            format!(", also {}", child.also_known_as.join(", "))
        };
        let born =
            child.born.map(|born| format!(", born {}", born.strftime("%-d %B %Y"))).unwrap_or_default();
        lines.push(format!("Child: {}{also}{born}", child.name));
        lines.extend(child.identifiers.iter().map(|one| format!("  {}: {}", one.kind, one.value)));
    }
    let consent = bundle.consent.get();
    if let Some(basis) = &consent.lawful_basis {
        lines.push(format!("Basis: {}", basis.words()));
    }
    record(&consent.safeguarding, lines);
}

/// What safeguarding adds to the record, as they read it.
fn record(more: &Safeguarding, lines: &mut Vec<String>) {
    lines.push(format!("Necessary because: {}", more.necessity));
    lines.push(match &more.family_told {
        FamilyTold::Yes { response, .. } => format!("Family told: yes. {response}"),
        FamilyTold::NotYet { because, .. } => format!("Family told: not yet, because: {because}"),
        FamilyTold::NotSafe { because } => format!("Family told: no, it is not safe: {because}"),
    });
    lines.push(format!("Child's view: {}", more.childs_view));
    lines.extend(more.capacity.as_ref().map(|capacity| format!("What the child understands: {capacity}")));
    lines.extend(
        more.parental_responsibility
            .iter()
            .map(|one| format!("Parental responsibility: {}, {} ({})", one.name, one.relation, one.evidence)),
    );
    lines.extend(more.advice.as_ref().map(|advice| format!("Advice taken: {advice}")));
}

fn entry(number: usize, record: &Record<Span>, lines: &mut Vec<String>) {
    lines.push(format!("{number}. {}", record.headline()));
    let form = match record.happened.precision {
        Precision::Exact => "%A %-d %B %Y, %H:%M",
        Precision::About => "%A %-d %B %Y, about %H:%M",
        Precision::Day => "%A %-d %B %Y",
    };
    lines.push(format!(
        "  {}; {}, about {}",
        record.happened.at.strftime(form),
        record.kind.words(),
        record.category.words()
    ));
    put(lines, "Source", &joined([&record.source.name, &record.source.role, &record.source.agency]));
    for person in &record.people {
        let relation = words(&person.relation);
        let relation = if relation.is_empty() { relation } else { format!("; {relation}") };
        lines.push(format!("  {} ({}{relation})", words(&person.name), person.role.words()));
    }
    for statement in &record.statements {
        lines.push(format!("  {}: {}", statement.kind.words(), words(&statement.text)));
    }
    put(
        lines,
        "In immediate danger; done at once",
        &record.in_danger.as_deref().map(words).unwrap_or_default(),
    );
    put(lines, "Told", &words(&record.told));
    put(lines, "Done", &words(&record.done));
    put(lines, "Effect on the child", &words(&record.effect));
    put(lines, "Significance", record.significance.words().unwrap_or_default());
    put(lines, "Recorded by", &joined([&record.recorded_by.name, &record.recorded_by.role]));
}

fn put(lines: &mut Vec<String>, label: &str, text: &str) {
    if !text.is_empty() {
        lines.push(format!("  {label}: {text}"));
    }
}

/// Passages in one line, with a comma between those that are there.
fn joined<const N: usize>(passages: [&Passage<Span>; N]) -> String {
    let there = passages.into_iter().filter(|passage| !passage.is_empty());
    there.map(|passage| words(passage)).collect::<Vec<_>>().join(", ")
}

fn words(passage: &[Span]) -> String {
    in_words(passage, |reason| format!("[withheld {}: {}]", reason.number(), reason.words()))
}
