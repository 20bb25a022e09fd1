//! Who is who for one share: everyone near the child, everyone in the entries, and others here whose names occur.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use kith_protocol::{
    bundle::{Reason, Role},
    directory::Sector,
    ids::Digest,
};

use crate::{
    casework::{
        ids::{EntryId, PersonId},
        person::{Address, ContactRule, Person, PersonKind, Relation, RelationKind},
        query::{EntryView, Network},
    },
    sharing::inside::Inside,
};

/// Everything that is known about whom a text may name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Registry {
    /// The child the case is about.
    pub subject: Option<PersonId>,
    /// The child's household and family, and those of everyone in the entries.
    pub near: Network,
    /// Others of the casebook whose names occur in the texts.
    pub named: Vec<(PersonId, Person)>,
    /// What is in the chosen attachments, as far as a program can tell.
    pub files: BTreeMap<Digest, Inside>,
    /// Agencies whose names may stand: the sender and the recipient.
    pub agencies: Vec<String>,
    /// Who of the sender is at the desk: they sign what goes.
    pub staff: Vec<String>,
    /// Telephone numbers of sender and recipient.
    pub phones: Vec<String>,
}

/// Somebody a text may name.
#[derive(Debug)]
pub(in crate::sharing) struct Known<'a> {
    pub(in crate::sharing) person: &'a Person,
    pub(in crate::sharing) distance: Distance,
    /// The entries in which they have a part.
    pub(in crate::sharing) in_entries: BTreeSet<EntryId>,
    /// Why they are suggested to be withheld, if they are.
    pub(in crate::sharing) withhold: Option<(Reason, String)>,
}

/// How close to the child.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::sharing) enum Distance {
    Subject,
    /// Of the family, or in one of the entries.
    Near,
    Stranger,
}

/// Who is who, by id.
pub(in crate::sharing) fn known<'a>(
    registry: &'a Registry,
    entries: &[EntryView],
    sector: Sector,
    today: Date,
) -> BTreeMap<PersonId, Known<'a>> {
    let mut parts = BTreeMap::<PersonId, (BTreeSet<EntryId>, bool)>::new();
    for view in entries {
        for one in &view.entry.people {
            let part = parts.entry(one.person).or_default();
            part.0.insert(view.id);
            part.1 |= one.role == Role::Reporter;
        }
    }
    let near = registry.near.people.iter().map(|row| (row, Distance::Near));
    let named = registry.named.iter().map(|row| (row, Distance::Stranger));
    let mut known = BTreeMap::new();
    for ((id, person), distance) in near.chain(named) {
        let (in_entries, reported) = parts.remove(id).unwrap_or_default();
        let subject = registry.subject == Some(*id);
        let distance = match distance {
            _ if subject => Distance::Subject,
            _ if !in_entries.is_empty() => Distance::Near,
            distance => distance,
        };
        let withhold = match subject {
            true => None,
            false => judge(person, tie(registry, *id), reported, (sector, today)),
        };
        known.entry(*id).or_insert(Known { person, distance, in_entries, withhold });
    }
    known
}

/// What somebody is to the child.
pub(in crate::sharing) fn tie(registry: &Registry, id: PersonId) -> Option<&Relation> {
    let relations = registry.near.relations.iter().map(|(_, relation)| relation);
    relations.into_iter().find(|relation| {
        let ends = [Some(relation.from), Some(relation.to)];
        ends.contains(&Some(id)) && ends.contains(&registry.subject)
    })
}

/// Should this person's name be withheld, and why? Thinly by recipient: services that protect children need to know
/// the family; others get their names only when somebody decides so.
fn judge(
    person: &Person,
    tie: Option<&Relation>,
    reported: bool,
    (sector, today): (Sector, Date),
) -> Option<(Reason, String)> {
    let name = person.name();
    if reported {
        return Some((Reason::Informant, format!("{name} reported it")));
    }
    let relation = tie.map(|tie| relation_words(tie.kind));
    if is_child(person, today) {
        let who = relation.unwrap_or("pupil or child known here");
        return Some((Reason::ThirdPartyChild, format!("{name} is another child ({who})")));
    }
    match person.kind {
        PersonKind::Staff { .. } | PersonKind::Professional { .. } => None,
        _ if protects(sector) && relation.is_some() => None,
        _ => {
            let who = relation.unwrap_or("not of the child's family, as far as is recorded");
            Some((Reason::ThirdPartyAdult, format!("{name} is another adult ({who})")))
        }
    }
}

/// Services that protect children work with the whole family.
pub(super) const fn protects(sector: Sector) -> bool {
    matches!(sector, Sector::Police | Sector::SocialCare | Sector::Health | Sector::LocalAuthority)
}

fn is_child(person: &Person, today: Date) -> bool {
    let grown = today.checked_sub(jiff::Span::new().years(18)).unwrap_or(today);
    matches!(person.kind, PersonKind::Pupil { .. }) || person.born.is_some_and(|born| born > grown)
}

/// A tie in words, as read from the other end to the child.
pub(in crate::sharing) const fn relation_words(kind: RelationKind) -> &'static str {
    match kind {
        RelationKind::Mother => "mother",
        RelationKind::Father => "father",
        RelationKind::StepParent => "step-parent",
        RelationKind::ParentsPartner => "parent's partner",
        RelationKind::Sibling => "brother or sister",
        RelationKind::HalfSibling => "half-brother or half-sister",
        RelationKind::Grandparent => "grandparent",
        RelationKind::AuntOrUncle => "aunt or uncle",
        RelationKind::FosterCarer => "foster carer",
        RelationKind::Guardian => "guardian",
        RelationKind::SocialWorker => "social worker",
        RelationKind::FamilyFriend => "friend of the family",
        RelationKind::Other => "tie recorded here",
    }
}

/// Whom somebody must have no contact with, and who that somebody is.
pub(in crate::sharing) fn shielded(registry: &Registry) -> BTreeMap<PersonId, PersonId> {
    let relations = registry.near.relations.iter().map(|(_, relation)| relation);
    relations
        .filter(|relation| relation.contact == ContactRule::None)
        .map(|relation| (relation.to, relation.from))
        .collect()
}

/// May an address not leave, and why? It is protected, or a place where somebody lives whom another must not reach.
pub(in crate::sharing) fn address_blocks(registry: &Registry, address: &Address) -> Option<String> {
    if address.protected {
        let from = address.protected_from.trim();
        let from = if from.is_empty() { "it must not be known" } else { from };
        return Some(format!("protected address: {from}"));
    }
    shielded(registry).iter().find_map(|(to, from)| {
        let hides = address.people.contains(to) && !address.people.contains(from);
        hides.then(|| no_contact(registry, *to, *from))
    })
}

/// May a person's phone or e-mail not leave, and why?
pub(in crate::sharing) fn person_blocks(registry: &Registry, id: PersonId) -> Option<String> {
    shielded(registry).get(&id).map(|from| no_contact(registry, id, *from))
}

fn no_contact(registry: &Registry, to: PersonId, from: PersonId) -> String {
    let name = |id: PersonId| {
        let person = registry.near.people.iter().find(|(one, _)| *one == id);
        person.map_or_else(|| "somebody".to_owned(), |(_, person)| person.name())
    };
    format!("{} must have no contact with {}, whose whereabouts this tells", name(from), name(to))
}
