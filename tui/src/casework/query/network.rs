//! A child's people, as one view.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::casework::{
    fact::Author,
    ids::{AddressId, PersonId, RelationId},
    person::{Address, Person, Relation, RelationKind},
};

/// A child's people: who is tied to whom, and where they live.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Network {
    pub people: Vec<(PersonId, Person)>,
    pub relations: Vec<(RelationId, Relation)>,
    pub addresses: Vec<(AddressId, Address)>,
    /// The person's own other records.
    pub same: Vec<PersonId>,
    /// What says that they are.
    pub marks: Vec<SameMark>,
}

/// That two records were marked as of one person: how that is known, who said so, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SameMark {
    pub one: PersonId,
    pub other: PersonId,
    pub why: String,
    pub by: Author,
    pub at: Timestamp,
}

impl Network {
    /// Who holds parental responsibility for the child whose people these are, and what they are to it; whichever of its
    /// records says so, each of them once.
    pub fn responsible_for(&self, child: PersonId) -> impl Iterator<Item = (&Person, RelationKind)> {
        let mut said = BTreeSet::new();
        let ties = self.relations.iter().map(|(_, tie)| tie).filter(|tie| tie.parental_responsibility);
        let ties = ties.filter(move |tie| self.is_child(child, tie.to) && said.insert(tie.from));
        ties.filter_map(|tie| {
            let (_, person) = self.people.iter().find(|(id, _)| *id == tie.from)?;
            Some((person, tie.kind))
        })
    }

    /// The person's own other records, each with what says so.
    pub fn others(&self) -> impl Iterator<Item = (PersonId, &Person, Option<&SameMark>)> {
        self.people.iter().filter(|(id, _)| self.same.contains(id)).map(|(id, person)| {
            let mark = self.marks.iter().rfind(|mark| mark.one == *id || mark.other == *id);
            (*id, person, mark)
        })
    }

    /// What ties somebody to the child whose people these are, whichever of its records says so.
    pub fn ties(&self, child: PersonId, somebody: PersonId) -> impl Iterator<Item = &Relation> {
        self.relations.iter().map(|(_, tie)| tie).filter(move |tie| {
            (tie.from == somebody && self.is_child(child, tie.to))
                || (tie.to == somebody && self.is_child(child, tie.from))
        })
    }

    fn is_child(&self, child: PersonId, id: PersonId) -> bool {
        id == child || self.same.contains(&id)
    }
}
