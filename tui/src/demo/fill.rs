//! Writes the seed into a casebook as a term would have: in order of time, each by the person who wrote it.

use std::{
    collections::{BTreeMap, VecDeque},
    rc::Rc,
};

use jiff::{
    SignedDuration, Zoned,
    civil::{DateTime, Time},
    tz::TimeZone,
};

use super::{
    DemoError,
    calendar::Calendar,
    seed::{ActionSeed, Due, EntrySeed, Seed, Triaged},
};
use crate::{
    casework::{
        case::{ActionItem, Case, LevelOfNeed, TriageDecision},
        command::Command,
        entry::{Danger, Entry, EntryKind, Involvement, Source, Statement, When},
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
/// When something that was done later that day was written down.
const END_OF_DAY: Time = Time::constant(16, 50, 0, 0);
/// How long after it happened somebody wrote it down, and how long after that it was triaged.
const WRITTEN_AFTER: i64 = 25;
const TRIAGED_AFTER: i64 = 15;

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

/// One thing that somebody did, in the order of its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Record(usize),
    Triage(usize),
    Act(usize, usize),
    Finish(usize, usize),
    Close(usize),
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
        while let Some((at, step)) = self.left.pop_front_if(|(step, _)| *step < at) {
            self.step(at, step, casebook)?;
        }
        Ok(())
    }

    /// Takes in what is left.
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

/// Every step with its time, in order.
fn plan(seed: &Seed, calendar: Calendar) -> Vec<(DateTime, Step)> {
    let mut steps = Vec::new();
    for (n, entry) in seed.entries.iter().enumerate() {
        let written = later(calendar.time(entry.day, entry.time), WRITTEN_AFTER);
        let triaged = later(written, TRIAGED_AFTER);
        steps.push((written, Step::Record(n)));
        if !matches!(entry.triage, Triaged::Not | Triaged::Waits) {
            steps.push((triaged, Step::Triage(n)));
        }
        for (a, action) in entry.actions.iter().enumerate() {
            let added = later(triaged, 5);
            steps.push((added, Step::Act(n, a)));
            if let Due::Done(day, _) = action.due {
                steps.push((calendar.time(day, END_OF_DAY).max(later(added, 30)), Step::Finish(n, a)));
            }
        }
    }
    for (n, case) in seed.cases.iter().enumerate() {
        steps.extend(case.closed.map(|(day, _)| (calendar.time(day, END_OF_DAY), Step::Close(n))));
    }
    steps.sort_unstable();
    steps
}

impl EntrySeed {
    /// Who decides about it: the lead of its case, else the designated safeguarding lead.
    fn lead(&self, seed: &Seed) -> &'static str {
        self.case.and_then(|child| seed.case(child)).map_or(seed.lead, |case| case.lead)
    }
}

fn later(at: DateTime, minutes: i64) -> DateTime {
    at.saturating_add(SignedDuration::from_mins(minutes))
}

#[cfg(test)]
mod tests {
    use kith_protocol::seal::{Passphrase, WorkFactor};

    use super::*;
    use crate::{
        casework::query::{ActionFilter, Answer, CaseFilter, Query, Today},
        demo::seed::{ELM_PARK, Files, POLICE, SOCIAL_CARE, ST_JUDES},
        store::Setup,
    };

    fn filled(files: &Files, now: &Zoned) -> (tempfile::TempDir, Casebook, usize) {
        let folder = tempfile::tempdir().unwrap();
        let setup = Setup {
            agency: "elm-park".parse().unwrap(),
            agency_name: "Elm Park Primary".into(),
            user: Author { name: "Amina Khan".into(), role: "Designated Safeguarding Lead".into() },
            demo: true,
        };
        let passphrase = Passphrase::from("demo");
        let (mut casebook, _) =
            Casebook::create(&folder.path().join("casebook"), &setup, &passphrase, WorkFactor::LEAST)
                .unwrap();
        let seed = Seed::load(files, &Calendar::at(now)).unwrap();
        let entries = seed.entries.len();
        let filled = Filling::new(seed, "Elm Park Primary", now).finish(&mut casebook).unwrap();
        assert_eq!(filled.entries.len(), entries);
        (folder, casebook, entries)
    }

    fn today(casebook: &Casebook, now: &Zoned) -> Today {
        let today = now.date();
        let Answer::Today(view) = casebook.ask(&Query::Today { today }, today).unwrap() else { panic!() };
        *view
    }

    #[test]
    fn a_term_goes_in_and_is_whole() {
        let now: Zoned = "2026-11-20T12:00+00:00[Europe/London]".parse().unwrap();
        let (_folder, casebook, _) = filled(&ELM_PARK, &now);
        let view = today(&casebook, &now);
        assert_eq!((view.untriaged, view.in_danger, view.open_cases), (7, 1, 2));
        assert!(view.actions_overdue >= 2 && view.actions_due_week >= 3, "{view:?}");
        let cases = Query::Cases {
            filter: CaseFilter { include_closed: true, ..CaseFilter::default() },
            after: None,
            limit: 9,
        };
        let Answer::Cases { total, .. } = casebook.ask(&cases, now.date()).unwrap() else { panic!() };
        assert_eq!(total, 3);
        let filter = ActionFilter { include_finished: true, ..ActionFilter::default() };
        let Answer::Actions { total, .. } =
            casebook.ask(&Query::Actions { filter, limit: 50 }, now.date()).unwrap()
        else {
            panic!()
        };
        assert!(total >= 15, "{total}");
    }

    /// Also at a weekend just after midnight, and in the week in which the clocks change.
    #[test]
    fn every_agency_is_whole_at_any_time_and_nothing_lies_ahead() {
        for now in ["2026-11-20T10:01+00:00", "2027-02-14T00:05+00:00", "2027-03-29T07:40+01:00"] {
            let now: Zoned = format!("{now}[Europe/London]").parse().unwrap();
            for files in [&ELM_PARK, &ST_JUDES, &POLICE, &SOCIAL_CARE] {
                let (_folder, mut casebook, _) = filled(files, &now);
                let report = casebook.check(&mut |_, _| {}).unwrap();
                assert!(report.results.iter().all(|(_, findings)| findings.is_empty()), "{now}: {report:?}");
                assert_eq!(casebook.clock_went_back(now.timestamp()).unwrap(), None, "{now}");
            }
        }
    }

    #[test]
    fn it_stops_where_it_is_told_to_and_goes_on_from_there() {
        let now: Zoned = "2026-11-20T12:00+00:00[Europe/London]".parse().unwrap();
        let (_folder, whole, _) = filled(&ELM_PARK, &now);
        let folder = tempfile::tempdir().unwrap();
        let setup = Setup {
            agency: "elm-park".parse().unwrap(),
            agency_name: "Elm Park Primary".into(),
            user: Author { name: "Amina Khan".into(), role: "Designated Safeguarding Lead".into() },
            demo: true,
        };
        let (mut casebook, _) =
            Casebook::create(folder.path(), &setup, &Passphrase::from("p"), WorkFactor::LEAST).unwrap();
        let calendar = Calendar::at(&now);
        let mut filling = Filling::new(Seed::load(&ELM_PARK, &calendar).unwrap(), "Elm Park Primary", &now);
        filling.until(calendar.time(32, START_OF_DAY), &mut casebook).unwrap();
        assert_eq!(today(&casebook, &now).untriaged, 0);
        filling.finish(&mut casebook).unwrap();
        assert_eq!(today(&casebook, &now), today(&whole, &now));
    }
}
