//! A casebook of any size, made from a seed through the store's own transactions: nobody in it exists.

use std::{
    env, fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use jiff::{ToSpan as _, Zoned};
use kith_protocol::{
    bundle::{ConcernCategory, Role, StatementKind},
    seal::{Passphrase, WorkFactor},
};
use kith_tui::{
    casework::{
        case::{ActionItem, Case, LevelOfNeed},
        command::Command,
        entry::{Danger, Entry, EntryKind, Involvement, Precision, Significance, Source, Statement, When},
        fact::Author,
        ids::{CaseId, EntryId, FactId, PersonId},
        person::{Person, PersonKind},
    },
    store::{Casebook, CommandError, Setup},
};
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};

/// How much there is to be.
#[derive(Debug, Clone, Copy)]
pub struct Scale {
    pub pupils: u64,
    pub entries: u64,
    pub seed: u64,
}

/// Commands in one transaction.
const BATCH: usize = 10_000;
/// One pupil in this many has a case; most entries belong to cases.
const PUPILS_A_CASE: usize = 10;
/// So many concerns wait, whatever the size: a list on the screen is then as long in a small casebook.
const CONCERNS: u64 = 200;
/// Names a folder in which generated casebooks stay for the next run.
const FOLDER: &str = "KITH_BENCH_FOLDER";
/// Changes whenever the same size and seed make another casebook.
const MADE_AS: u32 = 3;

/// A casebook that was generated, closed and ready to be opened.
#[derive(Debug, Clone)]
pub struct Scaled {
    pub path: PathBuf,
    pub passphrase: &'static str,
    pub scale: Scale,
    /// How long it took to make; none when it was there already.
    pub made_in: Option<Duration>,
}

/// A casebook of so many pupils and entries at `path`, or from the folder that `KITH_BENCH_FOLDER` names. Its
/// passphrase costs the least work, so that what is slow on purpose is not what is measured.
///
/// # Panics
/// When it cannot be made.
#[must_use]
pub fn casebook(path: &Path, pupils: u64, entries: u64) -> Scaled {
    let scale = Scale { pupils, entries, seed: 7 };
    let kept = env::var_os(FOLDER).map(PathBuf::from);
    let path = kept.map_or_else(
        || path.to_owned(),
        |folder| folder.join(format!("casebook-{MADE_AS}-{pupils}-{entries}-{}", scale.seed)),
    );
    let mut scaled = Scaled { path, passphrase: "seven tired herons", scale, made_in: None };
    if Casebook::is_in(&scaled.path) {
        return scaled;
    }
    let started = Instant::now();
    let making = scaled.path.with_extension("making");
    if making.exists() {
        fs::remove_dir_all(&making).expect("what was half made is removed");
    }
    let setup = Setup {
        agency: "elm-park".parse().expect("an agency's id"),
        agency_name: "Elm Park Primary".to_owned(),
        user: author(),
        demo: true,
    };
    let passphrase = Passphrase::from(scaled.passphrase);
    let (mut book, _) =
        Casebook::create(&making, &setup, &passphrase, WorkFactor::LEAST).expect("a casebook");
    fill(&mut book, scale, &Zoned::now(), &mut |_, _| {}).expect("a full casebook");
    drop(book);
    fs::rename(&making, &scaled.path).expect("a folder can be renamed");
    scaled.made_in = Some(started.elapsed());
    scaled
}

impl Scaled {
    /// Opens it.
    ///
    /// # Panics
    /// When it does not open.
    #[must_use]
    pub fn open(&self) -> Casebook {
        Casebook::unlock(&self.path, &Passphrase::from(self.passphrase)).expect("it opens")
    }

    /// The pupil, case or entry number `n`, counted round and round.
    #[must_use]
    pub const fn pupil(&self, n: u64) -> PersonId {
        PersonId(fact(n % self.scale.pupils))
    }

    /// See [`Self::pupil`].
    #[must_use]
    pub const fn case(&self, n: u64) -> CaseId {
        CaseId(fact(self.scale.pupils + n % self.scale.cases()))
    }

    /// See [`Self::pupil`].
    #[must_use]
    pub const fn entry(&self, n: u64) -> EntryId {
        EntryId(fact(self.scale.pupils + 2 * self.scale.cases() + n % self.scale.entries))
    }
}

impl Scale {
    const fn cases(self) -> u64 {
        self.pupils.div_ceil(PUPILS_A_CASE as u64)
    }
}

/// Every command of [`fill`] makes one fact: pupils, cases, an action for each case, entries.
const fn fact(n: u64) -> FactId {
    FactId { device: 1, seq: n + 1 }
}

fn author() -> Author {
    Author { name: "A. Khan".to_owned(), role: "DSL".to_owned() }
}

/// Fills a casebook. `told` hears what was made so far.
///
/// # Errors
/// As the store's; what was committed before stays.
pub fn fill(
    casebook: &mut Casebook,
    scale: Scale,
    now: &Zoned,
    told: &mut dyn FnMut(&str, u64),
) -> Result<(), CommandError> {
    let author = author();
    let mut made = Made { rng: StdRng::seed_from_u64(scale.seed), now: now.clone() };
    let mut people: Vec<PersonId> = Vec::new();
    while (people.len() as u64) < scale.pupils {
        let n = (scale.pupils - people.len() as u64).min(BATCH as u64);
        let batch: Vec<Command> = (0..n).map(|_| Command::AddPerson(made.pupil())).collect();
        people.extend(casebook.execute_all(batch, &author, now)?.into_iter().map(PersonId));
        told("pupils", people.len() as u64);
    }
    let mut cases: Vec<(CaseId, PersonId)> = Vec::new();
    for chunk in people.iter().step_by(PUPILS_A_CASE).copied().collect::<Vec<_>>().chunks(BATCH) {
        let batch: Vec<Command> = chunk.iter().map(|child| Command::OpenCase(made.case(*child))).collect();
        let ids: Vec<FactId> = casebook.execute_all(batch, &author, now)?;
        cases.extend(ids.into_iter().map(CaseId).zip(chunk.iter().copied()));
        told("cases", cases.len() as u64);
    }
    for chunk in cases.chunks(BATCH) {
        let batch: Vec<Command> =
            chunk.iter().map(|(case, _)| Command::AddAction(made.action(*case))).collect();
        casebook.execute_all(batch, &author, now)?;
    }
    let entries_a_concern = (scale.entries / CONCERNS).max(2);
    let mut done = 0;
    while done < scale.entries {
        let n = (scale.entries - done).min(BATCH as u64);
        let batch: Vec<Command> = (done..done + n)
            .filter_map(|at| {
                let (case, child) = *made.active(&cases, (at, scale.entries))?;
                let waits = at % entries_a_concern == 0;
                let entry = made.entry(child, if waits { EntryKind::Concern } else { EntryKind::Note });
                Some(Command::RecordEntry { entry, case: (!waits).then_some(case) })
            })
            .collect();
        casebook.execute_all(batch, &author, now)?;
        done += n;
        told("entries", done);
    }
    Ok(())
}

struct Made {
    rng: StdRng,
    now: Zoned,
}

const STARTS: [&str; 24] = [
    "Ab", "Al", "Am", "Be", "Bri", "Ca", "Da", "El", "Fa", "Ga", "Ha", "Is", "Ja", "Ka", "Li", "Ma", "Na",
    "Ol", "Pe", "Ro", "Sa", "Ta", "Vi", "Za",
];
const MIDDLES: [&str; 20] = [
    "li", "mi", "ra", "no", "ve", "sha", "the", "lo", "ni", "du", "ri", "be", "cha", "na", "so", "ti", "wa",
    "ye", "ko", "me",
];
const ENDS: [&str; 16] =
    ["n", "a", "el", "son", "ah", "y", "er", "ton", "is", "well", "ley", "ov", "ski", "ham", "mad", "dez"];
const WORDS: [&str; 64] = [
    "bruise",
    "arm",
    "left",
    "right",
    "said",
    "mother",
    "father",
    "home",
    "school",
    "late",
    "tired",
    "hungry",
    "absent",
    "phone",
    "call",
    "meeting",
    "plan",
    "review",
    "visit",
    "worker",
    "social",
    "police",
    "health",
    "nurse",
    "teacher",
    "class",
    "lunch",
    "playground",
    "quiet",
    "upset",
    "cried",
    "happy",
    "friend",
    "brother",
    "sister",
    "night",
    "morning",
    "weekend",
    "money",
    "clothes",
    "dirty",
    "clean",
    "bed",
    "slept",
    "floor",
    "angry",
    "shouted",
    "hit",
    "fell",
    "stairs",
    "doctor",
    "dentist",
    "missed",
    "appointment",
    "letter",
    "parent",
    "carer",
    "seen",
    "heard",
    "told",
    "worried",
    "better",
    "worse",
    "zebra",
];

impl Made {
    fn pick(&mut self, from: &[&'static str]) -> &'static str {
        // Earlier ones are commoner, as names and words are.
        let (a, b) = (self.rng.gen_range(0..from.len()), self.rng.gen_range(0..from.len()));
        from.get(a.min(b)).copied().unwrap_or_default()
    }

    /// One of the cases that are worked on when entry `at` of so many is made: a tenth of all, and others later.
    fn active<'a, T>(&mut self, cases: &'a [T], (at, entries): (u64, u64)) -> Option<&'a T> {
        let worked_on = self.rng.gen_range(0..cases.len().div_ceil(10));
        let passed = (cases.len() as u64 * at / entries.max(1)) as usize;
        cases.get((passed + worked_on) % cases.len())
    }

    fn name(&mut self) -> String {
        let (start, middle, end) = (self.pick(&STARTS), self.pick(&MIDDLES), self.pick(&ENDS));
        if self.rng.gen_ratio(1, 3) { format!("{start}{end}") } else { format!("{start}{middle}{end}") }
    }

    fn pupil(&mut self) -> Person {
        let year = self.rng.gen_range(1..=11);
        Person {
            kind: PersonKind::Pupil { year: format!("Y{year}"), class: "Oak".to_owned() },
            given: self.name(),
            family: self.name(),
            preferred: None,
            also_known_as: Vec::new(),
            born: self.now.date().checked_sub((year + 5).years()).ok(),
            identifiers: Vec::new(),
            phones: Vec::new(),
            emails: Vec::new(),
        }
    }

    fn case(&mut self, child: PersonId) -> Case {
        let title = format!("{} {}", self.pick(&WORDS), self.pick(&WORDS));
        let lead = self.pick(&["A. Khan", "B. Lowe", "C. Diaz"]).to_owned();
        Case { child, title, level: LevelOfNeed::ChildInNeed, lead }
    }

    fn action(&mut self, case: CaseId) -> ActionItem {
        let due = self.now.date().saturating_add(self.rng.gen_range(-5_i64..60).days());
        ActionItem { case, what: "ring the health visitor".to_owned(), owner: "A. Khan".to_owned(), due }
    }

    fn entry(&mut self, child: PersonId, kind: EntryKind) -> Entry {
        let at = self.now.datetime().saturating_sub(self.rng.gen_range(1_i64..2_000_000).minutes());
        let text: Vec<&str> = (0..60).map(|_| self.pick(&WORDS)).collect();
        let significance = match self.rng.gen_range(0..4) {
            0 => Significance::None,
            1 => Significance::Low,
            2 => Significance::Medium,
            _ => Significance::High,
        };
        Entry {
            kind,
            people: vec![Involvement { person: child, role: Role::Subject }],
            happened: When { at, precision: Precision::Exact },
            category: ConcernCategory::Welfare,
            source: Source { name: "R. Patel".into(), role: "teacher".into(), agency: String::new() },
            statements: vec![Statement { kind: StatementKind::ObservedFact, text: text.join(" ") }],
            danger: Danger::No,
            told: String::new(),
            done: "recorded".to_owned(),
            effect: String::new(),
            significance,
            attachments: Vec::new(),
        }
    }
}
