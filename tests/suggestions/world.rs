//! The invented casebook: people, ties and homes from `registry.txt`, and the part of it that a share would load.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::date;
use kith_protocol::bundle::{ConcernCategory, Role, StatementKind};
use kith_tui::{
    casework::{
        entry::{Danger, Entry, EntryKind, Involvement, Precision, Significance, Source, Statement, When},
        fact::Author,
        ids::{AddressId, EntryId, FactId, PersonId, RelationId},
        person::{
            Address, ContactRule, Identifier, IdentifierScheme, Person, PersonKind, Relation, RelationKind,
        },
        query::{EntryView, Network, Stands},
    },
    sharing::suggest::registry::Registry,
};

use super::labels::Narrative;

/// Everybody and everything the casebook knows.
#[derive(Debug, Default)]
pub(super) struct World {
    people: BTreeMap<String, (PersonId, Person)>,
    ties: Vec<Relation>,
    homes: Vec<Address>,
    schools: Vec<String>,
}

impl World {
    pub(super) fn read(text: &str) -> Self {
        let mut world = Self::default();
        let mut part = "";
        for line in text.lines().filter(|line| !line.is_empty()) {
            if let Some(comment) = line.strip_prefix("# ") {
                part = comment.split(':').next().unwrap_or_default();
                continue;
            }
            match part {
                "tie" => world.tie(line),
                "home" => world.home(line),
                "school" => world.schools.push(line.to_owned()),
                _ => world.person(line),
            }
        }
        world
    }

    fn person(&mut self, line: &str) {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let list = |at: usize| -> Vec<String> {
            cells[at].split(';').map(|one| one.trim().to_owned()).filter(|one| !one.is_empty()).collect()
        };
        let identifier = |text: String| {
            let (scheme, value) = text.split_once(' ').expect("a scheme and a value");
            let scheme = if scheme == "nhs" { IdentifierScheme::Nhs } else { IdentifierScheme::Upn };
            Identifier { scheme, value: value.to_owned() }
        };
        let person = Person {
            kind: match cells[1] {
                "pupil" => PersonKind::Pupil { year: "6".into(), class: "6A".into() },
                "family" => PersonKind::Family,
                "staff" => PersonKind::Staff { role: "teacher".into() },
                "professional" => {
                    PersonKind::Professional { role: "social worker".into(), agency: "Care".into() }
                }
                _ => PersonKind::Other,
            },
            given: cells[2].to_owned(),
            family: cells[3].to_owned(),
            preferred: Some(cells[4].to_owned()).filter(|name| !name.is_empty()),
            also_known_as: list(5),
            born: cells[6].parse().ok(),
            identifiers: list(7).into_iter().map(identifier).collect(),
            phones: list(8),
            emails: list(9),
        };
        let id = PersonId(fact(self.people.len() as u64 + 1));
        self.people.insert(cells[0].to_owned(), (id, person));
    }

    fn id(&self, key: &str) -> PersonId {
        self.people.get(key).unwrap_or_else(|| panic!("{key} is not in registry.txt")).0
    }

    fn tie(&mut self, line: &str) {
        let (tie, rule) = line.split_once(" | ").unwrap_or((line, "open"));
        let [from, kind, to] = tie.split(' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let relation = Relation {
            from: self.id(from),
            to: self.id(to),
            kind: match kind {
                "mother" => RelationKind::Mother,
                "father" => RelationKind::Father,
                "sibling" => RelationKind::Sibling,
                "half-sibling" => RelationKind::HalfSibling,
                "partner" => RelationKind::ParentsPartner,
                "grandparent" => RelationKind::Grandparent,
                "aunt-or-uncle" => RelationKind::AuntOrUncle,
                "foster-carer" => RelationKind::FosterCarer,
                "social-worker" => RelationKind::SocialWorker,
                other => panic!("{other}"),
            },
            parental_responsibility: false,
            same_household: false,
            contact: match rule {
                "none" => ContactRule::None,
                "supervised" => ContactRule::Supervised,
                _ => ContactRule::Open,
            },
        };
        self.ties.push(relation);
    }

    fn home(&mut self, line: &str) {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        self.homes.push(Address {
            lines: cells[0].to_owned(),
            postcode: cells[1].to_owned(),
            protected: !cells[3].is_empty(),
            protected_from: cells[3].to_owned(),
            people: cells[2].split(", ").map(|key| self.id(key)).collect(),
        });
    }

    /// What a share would load for one narrative: those tied to the child or to anybody in the entry, and all others
    /// as people whose names occur.
    pub(super) fn scene(&self, narrative: &Narrative) -> (Registry, EntryView) {
        let subject = self.id(&narrative.subject);
        let mut here: BTreeSet<PersonId> = narrative.people.iter().map(|(key, _)| self.id(key)).collect();
        here.insert(subject);
        let near: BTreeSet<PersonId> = (self.ties.iter())
            .filter(|tie| here.contains(&tie.from) || here.contains(&tie.to))
            .flat_map(|tie| [tie.from, tie.to])
            .chain(here.iter().copied())
            .collect();
        let (close, named) = self.people.values().cloned().partition(|(id, _)| near.contains(id));
        let relations =
            self.ties.iter().enumerate().map(|(at, tie)| (RelationId(fact(200 + at as u64)), tie.clone()));
        let homes = self.homes.iter().filter(|home| home.people.iter().any(|one| near.contains(one)));
        let addresses = homes.enumerate().map(|(at, home)| (AddressId(fact(300 + at as u64)), home.clone()));
        let registry = Registry {
            subject: Some(subject),
            near: Network {
                same: Vec::new(),
                marks: Vec::new(),
                people: close,
                relations: relations
                    .filter(|(_, tie)| near.contains(&tie.from) && near.contains(&tie.to))
                    .collect(),
                addresses: addresses.collect(),
            },
            named,
            // The first school of the list is the sender.
            agencies: self.schools.iter().take(1).cloned().collect(),
            ..Registry::default()
        };
        (registry, self.view(narrative))
    }

    fn view(&self, narrative: &Narrative) -> EntryView {
        let part = |role: &str| match role {
            "subject" => Role::Subject,
            "victim" => Role::AllegedVictim,
            "instigator" => Role::AllegedInstigator,
            "witness" => Role::Witness,
            "reporter" => Role::Reporter,
            "family" => Role::Family,
            _ => Role::Mentioned,
        };
        let people = narrative.people.iter();
        EntryView {
            sent: None,
            id: EntryId(fact(500)),
            entry: Entry {
                kind: EntryKind::Note,
                people: people
                    .clone()
                    .map(|(key, role)| Involvement { person: self.id(key), role: part(role) })
                    .collect(),
                happened: When { at: date(2026, 3, 10).at(10, 0, 0, 0), precision: Precision::Exact },
                category: ConcernCategory::Welfare,
                source: Source {
                    name: "Amira Khan".into(),
                    role: "DSL".into(),
                    agency: "Elm Park Primary School".into(),
                },
                statements: vec![Statement {
                    kind: StatementKind::ObservedFact,
                    text: narrative.text.clone(),
                }],
                danger: Danger::No,
                told: String::new(),
                done: String::new(),
                effect: String::new(),
                significance: Significance::Low,
                attachments: Vec::new(),
            },
            names: people.clone().map(|(key, _)| self.people[key].1.name()).collect(),
            recorded: "2026-03-10T10:30:00Z".parse().expect("a time"),
            by: Author { name: "Amira Khan".into(), role: "DSL".into() },
            stands: Stands {
                fact: fact(500),
                by: Author { name: "Amira Khan".into(), role: "DSL".into() },
                names: people.map(|(key, _)| self.people[key].1.name()).collect(),
            },
            case: None,
            triage: None,
            earlier: Vec::new(),
        }
    }
}

fn fact(seq: u64) -> FactId {
    FactId { device: 1, seq }
}
