//! One desk: an office, its link, and what it is told to do. Every step is the product's own.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    future::ready,
    io::{BufRead as _, stdin},
    mem,
    path::Path,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use jiff::{SignedDuration, ToSpan as _, Zoned};
use kith_exchange::courier::Courier;
use kith_protocol::{
    bundle::{ConcernCategory, Role, StatementKind},
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
        ids::{CaseId, EntryId, PersonId, ReceivedId},
        person::{Person, PersonKind},
        query::{Answer, CaseFilter, EntryRow, EventKey, Page, Query, Window},
    },
    sharing::{
        by_turns::one_round,
        office::Office,
        plan::{Decision as Fate, ShareChoices, Suggestion},
        rounds::{Closed, Desk, Report, Said, round},
    },
    store::Casebook,
};
use tokio::runtime::Runtime;

use super::world::PASSPHRASE;

/// Does what is ordered and ends; without orders, what comes line by line. For each order it says two lines of how long
/// its steps took: one at the very moment at which what was ordered is so, one when nothing is left to do.
pub(crate) fn run(folder: &Path, orders: &[&str]) {
    let started = Instant::now();
    let mut at = At::open(folder);
    let unlocked = started.elapsed();
    if let [order, rest @ ..] = orders {
        let steps = Steps::default();
        steps.note("unlock", unlocked);
        at.obey(order, rest.first().copied().unwrap_or_default(), &steps);
        steps.time("close", || at.close());
        return steps.say();
    }
    for line in stdin().lock().lines() {
        let line = line.expect("an order");
        let (order, rest) = line.split_once(' ').unwrap_or((&line, ""));
        let steps = Steps::default();
        at.obey(order, rest, &steps);
        steps.say();
    }
    at.close();
}

/// What each step took that was not said yet, in microseconds.
#[derive(Default)]
struct Steps(Mutex<Vec<(&'static str, u128)>>);

impl Steps {
    fn note(&self, what: &'static str, time: Duration) {
        self.0.lock().expect("nobody panicked").push((what, time.as_micros()));
    }

    fn time<T>(&self, what: &'static str, step: impl FnOnce() -> T) -> T {
        let started = Instant::now();
        let done = step();
        self.note(what, started.elapsed());
        done
    }

    fn say(&self) {
        let parts = mem::take(&mut *self.0.lock().expect("nobody panicked"));
        println!("{}", parts.iter().map(|(what, micros)| format!("{what} {micros} ")).collect::<String>());
    }
}

/// Somebody at a desk.
struct At {
    office: Office,
    runtime: Runtime,
    /// Called as soon as the casebook is open, as the full-screen program does, and kept.
    courier: Option<Arc<Courier>>,
}

impl At {
    fn open(folder: &Path) -> Self {
        let book = Casebook::unlock(folder, &Passphrase::from(PASSPHRASE)).expect("it opens");
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.expect("a runtime");
        let office = Office::open(book, folder, &Zoned::now()).expect("an office");
        let mut at = Self { office, runtime, courier: None };
        if at.office.enrolled().is_ok() {
            let courier = at.courier();
            // A node that cannot be reached is told of by the round.
            at.runtime.spawn(async move { drop(courier.call().await) });
        }
        at
    }

    fn courier(&mut self) -> Arc<Courier> {
        let made = self.courier.get_or_insert_with(|| {
            let enrolled = self.office.enrolled().expect("an agency that takes part");
            let secrets = self.office.casebook().agency_secrets().expect("the casebook reads");
            let courier = Courier::new(enrolled.node().clone(), &secrets.expect("keys").link);
            Arc::new(courier.expect("a courier"))
        });
        Arc::clone(made)
    }

    fn obey(&mut self, order: &str, rest: &str, steps: &Steps) {
        let now = Zoned::now();
        match order {
            "record" => {
                record(&mut self.office, Path::new(rest), &now, steps);
                steps.say();
            }
            "send" => {
                let (case, choices) = steps.time("choose", || choices(&self.office, &now));
                steps.time("decide", || self.office.send(case, &choices, &now)).expect("it may go");
                let report = self.round("seal-and-deposit", None, steps);
                assert_eq!(report.stored, 1, "STORED was verified and kept: {report:?}");
            }
            "receive" => {
                let report = self.round("collect", rest.parse().ok(), steps);
                assert_eq!(report.received, 1, "the bundle was verified and kept: {report:?}");
                assert!(report.notes.is_empty(), "{report:?}");
            }
            _ => {
                steps.say();
                drop(self.round("round", None, steps));
            }
        }
    }

    /// A round, in which a bundle with so many bytes attached is read when it has come. STORED and OPENED are said at once.
    fn round(&mut self, what: &'static str, reads: Option<u64>, steps: &Steps) -> Report {
        let mut report = Report::default();
        if self.office.enrolled().is_err() {
            one_round(&mut self.office, &Zoned::now, &|_| {}, &mut report).expect("a first round");
        }
        let courier = self.courier();
        let (came, since) = (Mutex::new(None), Mutex::new(Instant::now()));
        let passed = || mem::replace(&mut *since.lock().expect("nobody panicked"), Instant::now()).elapsed();
        let told = |said: Said| match said {
            Said::Moved { .. } => {}
            Said::Received(received) => {
                steps.note(what, passed());
                *came.lock().expect("nobody panicked") = Some(received);
            }
            Said::Stored(_) => {
                steps.note(what, passed());
                steps.say();
            }
            Said::Answered => {
                steps.note("tell", passed());
                steps.say();
            }
        };
        let read = |office: &mut Office| {
            let Some(received) = came.lock().expect("nobody panicked").take() else { return };
            read(office, received, reads);
            steps.note("sign-OPENED", passed());
        };
        let desk = Here(RefCell::new(&mut self.office), &read);
        self.runtime.block_on(round(&desk, &courier, &told, &mut report)).expect("a round");
        steps.note("rest", passed());
        report
    }

    fn close(&mut self) {
        if let Some(courier) = self.courier.take() {
            self.runtime.block_on(courier.close());
        }
    }
}

/// Somebody looks at what came, and signs OPENED by that.
fn read(office: &mut Office, received: ReceivedId, attached: Option<u64>) {
    let now = Zoned::now();
    let Ok(Answer::Received(view)) = office.ask(&Query::Received { received }, now.date()) else {
        panic!("the bundle is not here");
    };
    let came: u64 = view.received.attachments.iter().map(|one| one.size).sum();
    assert_eq!(Some(came), attached, "the file came with it");
    assert!(office.opened(received, &now).expect("it is signed"), "nobody had opened it");
}

/// The office at hand, and somebody who does what they want between two steps of a round.
struct Here<'a>(RefCell<&'a mut Office>, &'a dyn Fn(&mut Office));

impl Desk for Here<'_> {
    fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Office, &Zoned) -> T + Send + 'static,
    ) -> impl Future<Output = Result<T, Closed>> {
        let mut office = self.0.borrow_mut();
        self.1(&mut office);
        ready(Ok(work(&mut office, &Zoned::now())))
    }
}

/// A new child, a case, and an entry with the file.
fn record(office: &mut Office, file: &Path, now: &Zoned, steps: &Steps) {
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
            category: ConcernCategory::Welfare,
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
    let Answer::Cases(Page { rows, .. }) =
        ask(Query::Cases { filter: CaseFilter::default(), window: Window::First, limit: 1 })
    else {
        panic!("no cases");
    };
    let (case, child) = rows.first().map(|row| (row.id, row.child)).expect("a case");
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
        consent: Some(Box::new(consent(child, now))),
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

fn consent(child: PersonId, now: &Zoned) -> ConsentRecord {
    let at = now.timestamp();
    let id = |text: &str| text.parse().expect("an agency's id");
    ConsentRecord {
        kith: ConsentVersion::One,
        record_id: format!("r{}", at.as_microsecond()).parse().expect("a reference"),
        pii_principal_id: vec![child.to_string().parse().expect("a reference")],
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
            decided_by: DecidedBy {
                name: "Amira Khan".into(),
                role: "Designated Safeguarding Lead".into(),
                on: at,
            },
            advice: None,
            onward: OnwardLimit::AskFirst,
        },
    }
}
