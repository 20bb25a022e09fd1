//! One desk: an office, its link, and what it is told to do. Every step is the product's own.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    future::ready,
    io::{BufRead as _, stdin},
    path::Path,
    time::Instant,
};

use jiff::{SignedDuration, ToSpan as _, Zoned};
use kith_exchange::courier::Courier;
use kith_protocol::{
    bundle::{Role, StatementKind},
    consent::{
        Category, ConsentRecord, ConsentVersion, DecidedBy, Decision, FamilyTold, LawfulBasis,
        NamedRecipient, Notice, OnwardLimit, Party, Safeguarding, SpecialCondition, Validity,
    },
    seal::Passphrase,
};
use kith_tui::{
    casework::{
        case::{Case, LevelOfNeed},
        command::Command,
        entry::{Danger, Entry, EntryKind, Involvement, Precision, Significance, Source, Statement, When},
        ids::{CaseId, EntryId, PersonId},
        person::{Person, PersonKind},
        query::{Answer, CaseFilter, EntryRow, EventKey, Query, Window},
    },
    sharing::{
        by_turns::one_round,
        office::Office,
        plan::{Decision as Fate, ShareChoices, Suggestion},
        rounds::{Closed, Desk, Report, round},
    },
    store::Casebook,
};
use tokio::runtime::Runtime;

use super::world::PASSPHRASE;

/// Does what is ordered and ends; without orders, what comes line by line. Says how long each step took.
pub(crate) fn run(folder: &Path, orders: &[&str]) {
    let started = Instant::now();
    let mut at = At::open(folder, orders.is_empty());
    let mut steps = Steps(vec![("unlock", started.elapsed().as_micros())]);
    if let [order, rest @ ..] = orders {
        at.obey(order, rest.first().copied().unwrap_or_default(), &mut steps);
        steps.time("close", || at.close());
        return println!("{}", steps.said());
    }
    for line in stdin().lock().lines() {
        let line = line.expect("an order");
        let (order, rest) = line.split_once(' ').unwrap_or((&line, ""));
        let mut steps = Steps(Vec::new());
        at.obey(order, rest, &mut steps);
        println!("{}", steps.said());
    }
    at.close();
}

/// What each step took, in microseconds.
struct Steps(Vec<(&'static str, u128)>);

impl Steps {
    fn time<T>(&mut self, what: &'static str, step: impl FnOnce() -> T) -> T {
        let started = Instant::now();
        let done = step();
        self.0.push((what, started.elapsed().as_micros()));
        done
    }

    fn said(&self) -> String {
        self.0.iter().map(|(what, micros)| format!("{what} {micros} ")).collect()
    }
}

/// Somebody at a desk.
struct At {
    office: Office,
    runtime: Runtime,
    /// Made at the first call, and kept.
    courier: Option<Courier>,
}

impl At {
    /// One that stays keeps its link alive between orders, on a thread of its own, as the full-screen program does.
    fn open(folder: &Path, stays: bool) -> Self {
        let book = Casebook::unlock(folder, &Passphrase::from(PASSPHRASE)).expect("it opens");
        let office = Office::open(book, folder, &Zoned::now()).expect("an office");
        let runtime = match stays {
            true => tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build(),
            false => tokio::runtime::Builder::new_current_thread().enable_all().build(),
        };
        let runtime = runtime.expect("a runtime");
        Self { office, runtime, courier: None }
    }

    fn obey(&mut self, order: &str, rest: &str, steps: &mut Steps) {
        let now = Zoned::now();
        match order {
            "record" => record(&mut self.office, Path::new(rest), &now, steps),
            "send" => {
                let (case, choices) = choices(&self.office, &now);
                steps.time("decide", || self.office.send(case, &choices, &now)).expect("it may go");
                steps.time("seal", || self.office.seal_waiting(&now)).expect("it is sealed");
                let report = steps.time("deposit", || self.round());
                assert_eq!(report.stored, 1, "STORED was verified and kept: {report:?}");
            }
            "receive" => {
                let report = steps.time("collect", || self.round());
                assert_eq!(report.received, 1, "the bundle was verified and kept: {report:?}");
                let Ok(Answer::Inbox(rows)) = self.office.ask(&Query::Inbox { limit: 1 }, now.date()) else {
                    return;
                };
                let newest = rows.first().expect("a bundle").id;
                let Ok(Answer::Received(view)) =
                    self.office.casebook().ask(&Query::Received { received: newest }, now.date())
                else {
                    panic!("the bundle is not here");
                };
                let came: u64 = view.received.attachments.iter().map(|one| one.size).sum();
                assert_eq!(came.to_string(), rest, "the file came with it");
                let signed = steps.time("sign-OPENED", || self.office.opened(newest, &now));
                assert!(signed.expect("it is signed"), "nobody had opened it");
                let report = steps.time("tell", || self.round());
                assert!(report.notes.is_empty(), "{report:?}");
            }
            _ => drop(self.round()),
        }
    }

    fn round(&mut self) -> Report {
        let mut report = Report::default();
        if self.office.enrolled().is_err() {
            one_round(&mut self.office, &Zoned::now, &|_, _, _| {}, &mut report).expect("a first round");
        }
        let courier = self.courier.get_or_insert_with(|| {
            let node = self.office.enrolled().expect("an agency that takes part").node().clone();
            let secrets = self.office.casebook().agency_secrets().expect("the casebook reads");
            Courier::new(node, &secrets.expect("keys").link).expect("a courier")
        });
        let desk = Here(RefCell::new(&mut self.office));
        self.runtime.block_on(round(&desk, courier, &|_, _, _| {}, &mut report)).expect("a round");
        report
    }

    fn close(&mut self) {
        if let Some(courier) = self.courier.take() {
            self.runtime.block_on(courier.close());
        }
    }
}

/// The office at hand.
struct Here<'a>(RefCell<&'a mut Office>);

impl Desk for Here<'_> {
    fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Office, &Zoned) -> T + Send + 'static,
    ) -> impl Future<Output = Result<T, Closed>> {
        ready(Ok(work(&mut self.0.borrow_mut(), &Zoned::now())))
    }
}

/// A new child, a case, and an entry with the file.
fn record(office: &mut Office, file: &Path, now: &Zoned, steps: &mut Steps) {
    let attached = steps.time("attach", || office.attach(file)).expect("it is attached");
    let pupil = Person {
        kind: PersonKind::Pupil { year: "5".into(), class: "5B".into() },
        given: "Jamie".into(),
        family: "Oakes".into(),
        preferred: None,
        also_known_as: Vec::new(),
        born: None,
        identifiers: Vec::new(),
        phones: Vec::new(),
        emails: Vec::new(),
    };
    steps.time("record", || {
        let mut did = |command| office.execute(command, now).expect("it is recorded").first().copied();
        let child = PersonId(did(Command::AddPerson(pupil)).expect("a fact"));
        let (title, lead) = ("Bruising".to_owned(), "Amira Khan".to_owned());
        let case = Case { child, title, level: LevelOfNeed::ChildInNeed, lead };
        let case = CaseId(did(Command::OpenCase(case)).expect("a fact"));
        let text = "Jamie had a bruise on the left arm, the size of a coin.";
        let entry = Entry {
            kind: EntryKind::Note,
            people: vec![Involvement { person: child, role: Role::Subject }],
            happened: When { at: now.datetime() - 1.hour(), precision: Precision::Exact },
            category: Category::Welfare,
            source: Source { name: "Tom Reed".into(), role: "teacher".into(), agency: String::new() },
            statements: vec![Statement { kind: StatementKind::ObservedFact, text: text.into() }],
            danger: Danger::No,
            told: String::new(),
            done: "first aid".into(),
            effect: String::new(),
            significance: Significance::High,
            attachments: vec![attached],
        };
        did(Command::RecordEntry { entry, case: Some(case) });
    });
}

/// The newest case, and everything in it for social care, the file too.
fn choices(office: &Office, now: &Zoned) -> (CaseId, ShareChoices) {
    let ask = |query: Query| office.ask(&query, now.date()).expect("an answer");
    let Answer::Cases { rows, .. } =
        ask(Query::Cases { filter: CaseFilter::default(), after: None, limit: 1 })
    else {
        panic!("no cases");
    };
    let case = rows.first().expect("a case").id;
    let window: Window<EventKey> = Window::First;
    let Answer::EntriesOf { rows, .. } =
        ask(Query::EntriesOf { case, significant_only: false, window, limit: 10 })
    else {
        panic!("no chronology");
    };
    let entries: Vec<EntryId> = rows.iter().map(|row: &EntryRow| row.id).collect();
    let mut attachments = Vec::new();
    for entry in &entries {
        if let Answer::Entry(view) = ask(Query::Entry { entry: *entry }) {
            attachments.extend(view.entry.attachments.iter().map(|one| one.sha256));
        }
    }
    let mut choices = ShareChoices {
        to: Some("northshire-csc".parse().expect("an agency's id")),
        consent: Some(Box::new(consent(now))),
        ask: "Tell us whether Jamie is known to you".into(),
        answer_by: None,
        entries,
        attachments,
        decisions: BTreeMap::new(),
        versions: BTreeMap::new(),
    };
    let suggested = office.suggest(case, &choices, now).expect("suggestions");
    // A file that cannot be searched is kept by a person who has looked it through; withheld, it would not travel.
    let keep = || Fate::Keep { reason: "looked through".to_owned() };
    let decide = |one: Suggestion| (one.id, if one.blocks { Fate::Withhold(one.code) } else { keep() });
    choices.decisions.extend(suggested.0.into_iter().map(decide));
    (case, choices)
}

fn consent(now: &Zoned) -> ConsentRecord {
    let at = now.timestamp();
    let id = |text: &str| text.parse().expect("an agency's id");
    ConsentRecord {
        kith: ConsentVersion::One,
        record_id: "1-7".parse().expect("a reference"),
        pii_principal_id: vec!["1-1".parse().expect("a reference")],
        decision: Decision::Share,
        notice: Notice { privacy_notice: "2025".into(), language: "en-GB".into(), sha256: None },
        purposes: vec!["Referral for assessment".into()],
        lawful_basis: Some(LawfulBasis::DutyToShare),
        special_condition: Some(SpecialCondition::Safeguarding),
        pii_controllers: vec![Party {
            id: id("elm-park"),
            name: "Elm Park Primary".into(),
            address: "Elm Park".into(),
            contact: "office@elmpark.example".into(),
            phone: "01632 960100".into(),
        }],
        recipients: vec![NamedRecipient {
            id: id("northshire-csc"),
            name: "Northshire Children's Social Care".into(),
        }],
        categories: BTreeSet::from([Category::Welfare]),
        validity: Validity {
            from: at - 1.hour(),
            until: at + SignedDuration::from_hours(24 * 30),
            review: None,
        },
        withdrawal_method: "ring the school".into(),
        storage_location: "the school's casebook".into(),
        retention_period: "until 25".into(),
        jurisdiction: "England".into(),
        events: Vec::new(),
        safeguarding: Safeguarding {
            family_told: FamilyTold::NotSafe { because: "the cause is not known".into() },
            childs_view: "wants it to stop".into(),
            capacity: None,
            parental_responsibility: Vec::new(),
            level_of_need: None,
            necessity: "they need the injury's history to assess".into(),
            withheld_from: Vec::new(),
            decided_by: DecidedBy { name: "Amira Khan".into(), role: "DSL".into(), on: at },
            advice: None,
            onward: OnwardLimit::AskFirst,
        },
    }
}
