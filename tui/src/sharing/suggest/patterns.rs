//! What is looked for literally: names in every form, addresses, what was marked before.

use std::collections::{BTreeMap, BTreeSet};

use kith_protocol::bundle::Reason;

use super::{
    common::is_common,
    fold::fold,
    names::{self, Form, Part},
    places,
    registry::{Distance, Known, Registry},
    ties::is_tie,
};
use crate::{
    casework::{
        ids::{EntryId, PersonId},
        person::IdentifierScheme,
        query::EntryView,
    },
    sharing::{
        pieces,
        plan::{Decision, ShareChoices},
    },
};

/// Shortest text of one's own marking that is looked for elsewhere too, in letters and digits.
const MIN_MARK: usize = 3;

/// What a stretch of text may stand for.
#[derive(Debug, Clone)]
pub(super) enum Meaning {
    Name {
        person: PersonId,
        form: Form,
    },
    /// Somebody who stands in the record by their office, or an agency: its author, a source, sender and recipient.
    Professional,
    /// Initials of one of those people.
    OfficeInitials,
    Address(usize),
    /// The street alone of an address that is not protected.
    Street(usize),
    /// Somebody marked the same words elsewhere.
    Marked(Reason),
}

/// Everything, folded, with what it means.
pub(super) fn patterns(
    registry: &Registry,
    known: &BTreeMap<PersonId, Known<'_>>,
    entries: &[EntryView],
    choices: &ShareChoices,
) -> Vec<(String, Meaning)> {
    let mut patterns = Vec::new();
    names_of(registry, known, &mut patterns);
    for (at, (_, address)) in registry.near.addresses.iter().enumerate() {
        patterns.extend(places::forms(address).into_iter().map(|form| (form, Meaning::Address(at))));
        if !address.protected {
            patterns.extend(places::streets(address).into_iter().map(|form| (form, Meaning::Street(at))));
        }
    }
    let agencies = entries.iter().map(|view| &view.entry.source.agency).chain(&registry.agencies);
    let agencies = agencies.map(|name| fold(name)).filter(|name| name.chars().count() >= MIN_MARK);
    patterns.extend(agencies.map(|name| (name, Meaning::Professional)));
    let staff = registry.staff.iter().flat_map(|name| official(name));
    let officials = staff.chain(professionals(entries, choices));
    patterns.extend(officials.map(|Form { text, part }| {
        (text, if part == Part::Initials { Meaning::OfficeInitials } else { Meaning::Professional })
    }));
    patterns.extend(marks(entries, choices));
    patterns
}

/// Those whom the record itself names in their office.
fn professionals(entries: &[EntryView], choices: &ShareChoices) -> BTreeSet<Form> {
    let sources = entries.iter().map(|view| &view.entry.source);
    let sources = sources.filter(|source| !source.agency.trim().is_empty()).map(|source| &source.name);
    let authors = entries.iter().map(|view| &view.by.name);
    let decided = choices.consent.iter().map(|consent| &consent.safeguarding.decided_by.name);
    sources.chain(authors).chain(decided).flat_map(|name| official(name)).collect()
}

fn official(name: &str) -> Vec<Form> {
    let forms = names::forms(&names::somebody(name), false).into_iter();
    forms.filter(|form| form.part <= Part::Initials).collect()
}

/// Names and odd numbers. A family name the child shares tells nothing by itself.
fn names_of(registry: &Registry, known: &BTreeMap<PersonId, Known<'_>>, into: &mut Vec<(String, Meaning)>) {
    let subject = registry.subject.and_then(|id| known.get(&id));
    let own = subject.map(|subject| fold(&subject.person.family)).unwrap_or_default();
    for (id, one) in known {
        let alone = one.distance == Distance::Subject || fold(&one.person.family) != own;
        let forms = names::forms(one.person, alone).into_iter();
        into.extend(forms.map(|form| (form.text.clone(), Meaning::Name { person: *id, form })));
        let odd = one.person.identifiers.iter().filter(|_| one.distance == Distance::Near);
        let odd = odd.filter(|one| !matches!(one.scheme, IdentifierScheme::Upn | IdentifierScheme::Nhs));
        let odd = odd.map(|one| fold(&one.value)).filter(|value| value.len() >= 4);
        let form = |text| Form { text, part: Part::Whole };
        into.extend(odd.map(|text| (text.clone(), Meaning::Name { person: *id, form: form(text) })));
    }
}

/// What a person marked to be withheld, so that it is asked about wherever else it stands.
fn marks(entries: &[EntryView], choices: &ShareChoices) -> Vec<(String, Meaning)> {
    let texts: BTreeMap<(EntryId, String), String> = (entries.iter())
        .flat_map(|view| pieces::pieces(view).into_iter().map(|piece| ((view.id, piece.field), piece.text)))
        .collect();
    let withheld = choices.decisions.iter().filter_map(|(id, decision)| match decision {
        Decision::Withhold(code) => Some((id, code)),
        Decision::Keep { .. } => None,
    });
    let marked = withheld.filter_map(|(id, code)| {
        let text = texts.get(&(id.entry, id.field.clone()))?;
        let text = fold(text.get(id.start as usize..id.end as usize)?);
        let long = text.chars().filter(|c| c.is_alphanumeric()).count() >= MIN_MARK;
        (long && !is_common(&text) && !is_tie(&text)).then_some((text, Meaning::Marked(code.clone())))
    });
    marked.collect()
}
