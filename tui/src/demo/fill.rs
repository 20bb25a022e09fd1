//! Writes the seed into a casebook as a term would have: in order of time, each by the person who wrote it.

mod plan;

use std::{
    collections::{BTreeMap, VecDeque},
    rc::Rc,
};

use jiff::{
    Zoned,
    civil::{DateTime, Time},
    tz::TimeZone,
};

use self::plan::{Step, plan};
use super::{
    DemoError,
    calendar::Calendar,
    seed::{ActionSeed, Due, EntrySeed, Seed, Triaged},
};
use crate::{
    casework::{
        case::{ActionItem, Case, LevelOfNeed, TriageDecision},
        command::Command,
        entry::{Danger, Entry, Involvement, Source, Statement, When},
        fact::Author,
        ids::{ActionId, CaseId, EntryId, FactId, PersonId},
        person::{Address, PersonKind, Relation},
    },
    store::Casebook,
    text,
};

/// When people, ties and addresses were taken in: school days ago.
pub(super) const TAKEN_IN: i64 = 95;
const START_OF_DAY: Time = Time::constant(8, 0, 0, 0);
/// What the filled casebook's things are called.
#[derive(Debug, Default)]
pub(super) struct Filled {
    pub(super) people: BTreeMap<&'static str, PersonId>,
    /// Cases by the child they are about.
    pub(super) cases: BTreeMap<&'static str, CaseId>,
    /// Entries in the order of the seed.
    pub(super) entries: BTreeMap<usize, EntryId>,
    actions: BTreeMap<(usize, usize), ActionId>,
    /// Cases as they stand now.
    open: BTreeMap<&'static str, Case>,
}

/// A seed on its way into a casebook.
pub(super) struct Filling {
    seed: Rc<Seed>,
    calendar: Calendar,
    zone: TimeZone,
    agency: &'static str,
    /// What is still to be done, in order.
    left: VecDeque<(DateTime, Step)>,
    done: Filled,
}

impl Filling {
    /// Makes ready to fill `agency`'s casebook. Everything lies in the past at `now`.
    pub(super) fn new(seed: Seed, agency: &'static str, now: &Zoned) -> Self {
        let (calendar, zone) = (Calendar::at(now), now.time_zone().clone());
        let left = plan(&seed, calendar).into();
        Self { seed: Rc::new(seed), calendar, zone, agency, left, done: Filled::default() }
    }

    /// Takes in the people, then what was recorded before `at`.
    pub(super) fn until(&mut self, at: DateTime, casebook: &mut Casebook) -> Result<(), DemoError> {
        if self.done.people.is_empty() {
            self.roll(casebook)?;
        }
        while let Some((when, step)) = self.left.front().copied().filter(|(when, _)| *when < at) {
            self.left.pop_front();
            self.step(when, step, casebook)?;
        }
        Ok(())
    }

    /// Takes in what is left.
    #[cfg(test)]
    pub(super) fn finish(mut self, casebook: &mut Casebook) -> Result<Filled, DemoError> {
        self.until(DateTime::MAX, casebook)?;
        Ok(self.done)
    }

    fn roll(&mut self, casebook: &mut Casebook) -> Result<(), DemoError> {
        let seed = Rc::clone(&self.seed);
        let at = self.calendar.time(TAKEN_IN, START_OF_DAY);
        for (key, person) in &seed.people {
            let id = self.run(Command::AddPerson(person.clone()), self.seed.lead, at, casebook)?;
            self.done.people.insert(key, PersonId(id));
        }
        for tie in &seed.ties {
            let relation = Relation {
                from: self.id(tie.from)?,
                to: self.id(tie.to)?,
                kind: tie.kind,
                parental_responsibility: tie.responsibility,
                same_household: tie.household,
                contact: tie.contact,
            };
            self.run(Command::RecordRelation(relation), self.seed.lead, at, casebook)?;
        }
        for home in &seed.homes {
            let address = Address {
                lines: home.lines.to_owned(),
                postcode: home.postcode.to_owned(),
                protected: !home.protected_from.is_empty(),
                protected_from: home.protected_from.to_owned(),
                people: home.people.iter().map(|key| self.id(key)).collect::<Result<_, _>>()?,
            };
            self.run(Command::RecordAddress(address), self.seed.lead, at, casebook)?;
        }
        Ok(())
    }

    fn step(&mut self, at: DateTime, step: Step, casebook: &mut Casebook) -> Result<(), DemoError> {
        let seed = Rc::clone(&self.seed);
        let entry = |n: usize| seed.entries.get(n).ok_or(DemoError::Seed);
        match step {
            Step::Record(n) => self.record(n, entry(n)?, at, casebook),
            Step::Triage(n) => self.triage(n, entry(n)?, at, casebook),
            Step::Act(n, a) => {
                let entry = entry(n)?;
                let action = entry.actions.get(a).ok_or(DemoError::Seed)?;
                let item = self.item(entry, action)?;
                let id = self.run(Command::AddAction(item), entry.lead(&seed), at, casebook)?;
                self.done.actions.insert((n, a), ActionId(id));
                Ok(())
            }
            Step::Finish(n, a) => {
                let action = entry(n)?.actions.get(a).ok_or(DemoError::Seed)?;
                let (id, Due::Done(_, outcome)) = (self.done.actions.get(&(n, a)).copied(), &action.due)
                else {
                    return Err(DemoError::Seed);
                };
                let action_id = id.ok_or(DemoError::Seed)?;
                let by = self.staff_or_lead(action.owner, entry(n)?);
                let command = Command::FinishAction { action: action_id, outcome: (*outcome).to_owned() };
                self.run(command, by, at, casebook).map(drop)
            }
            Step::Close(n) => {
                let case = seed.cases.get(n).ok_or(DemoError::Seed)?;
                let (_, outcome) = case.closed.ok_or(DemoError::Seed)?;
                let id = self.case(case.child)?;
                self.run(
                    Command::CloseCase { case: id, outcome: outcome.to_owned() },
                    case.lead,
                    at,
                    casebook,
                )
                .map(drop)
            }
        }
    }

    fn record(
        &mut self,
        n: usize,
        entry: &EntrySeed,
        at: DateTime,
        casebook: &mut Casebook,
    ) -> Result<(), DemoError> {
        let case = match (&entry.triage, entry.case) {
            (Triaged::Not, Some(child)) => Some(self.case(child)?),
            _ => None,
        };
        let command = Command::RecordEntry { entry: self.entry(entry)?, case };
        let id = self.run(command, entry.by, at, casebook)?;
        self.done.entries.insert(n, EntryId(id));
        Ok(())
    }

    fn triage(
        &mut self,
        n: usize,
        entry: &EntrySeed,
        at: DateTime,
        casebook: &mut Casebook,
    ) -> Result<(), DemoError> {
        let seed = Rc::clone(&self.seed);
        let id = self.done.entries.get(&n).copied().ok_or(DemoError::Seed)?;
        let case = entry.case.and_then(|child| seed.case(child));
        let level = entry.level.or(case.map(|case| case.level)).unwrap_or(LevelOfNeed::Universal);
        let (decision, opens) = match (&entry.triage, case) {
            (Triaged::NoFurtherAction(reason), _) => {
                (TriageDecision::NoFurtherAction { reason: reason.clone() }, None)
            }
            (Triaged::AddedToCase, Some(case)) => {
                (TriageDecision::AddToCase { case: self.case(case.child)? }, None)
            }
            (Triaged::OpensCase, Some(case)) => {
                let (child, title) = (self.id(case.child)?, case.title.to_owned());
                let opened = Case { child, title, level, lead: self.name(case.lead)? };
                (TriageDecision::OpenCase(opened.clone()), Some((case.child, opened)))
            }
            _ => return Err(DemoError::Seed),
        };
        let made =
            self.run(Command::Triage { entry: id, decision, level }, entry.lead(&seed), at, casebook)?;
        match (opens, case) {
            (Some((child, opened)), _) => {
                self.done.cases.insert(child, CaseId(made));
                self.done.open.insert(child, opened);
            }
            (None, Some(case)) => self.raise(case.child, level, entry.lead(&seed), at, casebook)?,
            (None, None) => {}
        }
        Ok(())
    }

    /// A case follows the level of need that triage found.
    fn raise(
        &mut self,
        child: &'static str,
        level: LevelOfNeed,
        by: &str,
        at: DateTime,
        casebook: &mut Casebook,
    ) -> Result<(), DemoError> {
        let Some(case) = self.done.open.get_mut(child).filter(|case| case.level != level) else {
            return Ok(());
        };
        case.level = level;
        let (now, why) = (case.clone(), format!("Level of need after triage: {}", text::level(level)));
        let case = self.case(child)?;
        self.run(Command::AmendCase { case, now, why }, by, at, casebook).map(drop)
    }

    fn entry(&self, seed: &EntrySeed) -> Result<Entry, DemoError> {
        let involve =
            |(key, role): &(&'static str, _)| Ok(Involvement { person: self.id(key)?, role: *role });
        let at = self.calendar.time(seed.day, seed.time);
        let statements =
            seed.statements.iter().map(|(kind, text)| Statement { kind: *kind, text: text.clone() });
        Ok(Entry {
            kind: seed.kind,
            people: seed.people.iter().map(involve).collect::<Result<_, DemoError>>()?,
            happened: When { at, precision: seed.precision },
            category: seed.category,
            source: self.source(seed)?,
            statements: statements.collect(),
            danger: seed.danger.clone().map_or(Danger::No, |done| Danger::Yes { done }),
            told: seed.told.clone(),
            done: seed.done.clone(),
            effect: seed.effect.clone(),
            significance: seed.significance,
            attachments: Vec::new(),
        })
    }

    fn source(&self, seed: &EntrySeed) -> Result<Source, DemoError> {
        let key = seed.from.unwrap_or(seed.by);
        let person = self.seed.person(key).ok_or(DemoError::Seed)?;
        let (role, agency) = match &person.kind {
            PersonKind::Staff { role } => (role.clone(), self.agency.to_owned()),
            PersonKind::Professional { role, agency } => (role.clone(), agency.clone()),
            _ => {
                let tie = self.seed.ties.iter().find(|tie| tie.from == key);
                (tie.map(|tie| text::relation(tie.kind)).unwrap_or_default().to_owned(), String::new())
            }
        };
        Ok(Source { name: person.name(), role, agency })
    }

    fn item(&self, entry: &EntrySeed, action: &ActionSeed) -> Result<ActionItem, DemoError> {
        let due = match action.due {
            Due::In(days) => self.calendar.before(-days),
            Due::Done(day, _) => self.calendar.before(day),
        };
        let case = self.case(entry.case.ok_or(DemoError::Seed)?)?;
        Ok(ActionItem { case, what: action.what.to_owned(), owner: self.name(action.owner)?, due })
    }

    /// Who writes down that an action is done: its owner, or the lead where the owner is not of this school.
    fn staff_or_lead(&self, owner: &'static str, entry: &EntrySeed) -> &'static str {
        let staff = self.seed.person(owner).is_some_and(|one| matches!(one.kind, PersonKind::Staff { .. }));
        if staff { owner } else { entry.lead(&self.seed) }
    }

    fn run(
        &self,
        command: Command,
        by: &str,
        at: DateTime,
        casebook: &mut Casebook,
    ) -> Result<FactId, DemoError> {
        let person = self.seed.person(by).ok_or(DemoError::Seed)?;
        let role = match &person.kind {
            PersonKind::Staff { role } | PersonKind::Professional { role, .. } => role.clone(),
            _ => String::new(),
        };
        let author = Author { name: person.name(), role };
        let at = at.to_zoned(self.zone.clone()).map_err(|_| DemoError::Seed)?;
        let facts = casebook.execute(command, &author, &at)?;
        facts.first().copied().ok_or(DemoError::Seed)
    }

    fn id(&self, key: &str) -> Result<PersonId, DemoError> {
        self.done.people.get(key).copied().ok_or(DemoError::Seed)
    }

    fn case(&self, child: &str) -> Result<CaseId, DemoError> {
        self.done.cases.get(child).copied().ok_or(DemoError::Seed)
    }

    fn name(&self, key: &str) -> Result<String, DemoError> {
        Ok(self.seed.person(key).ok_or(DemoError::Seed)?.name())
    }
}

impl EntrySeed {
    /// Who decides about it: the lead of its case, else the designated safeguarding lead.
    fn lead(&self, seed: &Seed) -> &'static str {
        self.case.and_then(|child| seed.case(child)).map_or(seed.lead, |case| case.lead)
    }
}

#[cfg(test)]
mod tests;
