//! Every kind of question asked of a small and of a large casebook: `cargo bench -p kith-tests --bench casebook`.
//!
//! Small is 300 pupils and 3,000 entries, large 100,000 pupils and 1,000,000 entries; both have 100 entries a case and
//! 200 concerns waiting, so that the same screens are asked for. The large one takes minutes to make:
//! `KITH_BENCH_FOLDER` names a folder where it stays for the next run. No peer: the figure is large beside small.

#![expect(clippy::print_stdout, clippy::expect_used, reason = "a benchmark prints and may stop")]

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use jiff::{Zoned, civil::Date};
use kith_tests::scale::{self, Scaled};
use kith_tui::{
    casework::{
        command::Command,
        entry::Significance,
        fact::Author,
        query::{ActionFilter, Answer, CaseFilter, EventKey, PAGE, Query, Window},
    },
    store::Casebook,
};

const ROUNDS: u64 = 300;
/// Rows a screen asks for.
const ROWS: u32 = 50;

fn main() {
    let work = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let sizes = [("small", 300, 3_000), ("large", 100_000, 1_000_000)];
    let measured = sizes.map(|(name, pupils, entries)| {
        let scaled = scale::casebook(&work.path().join(name), pupils, entries);
        print_made(name, &scaled);
        measure(&scaled)
    });
    let [small, large] = measured;
    println!(
        "\n{:<34} {:>10} {:>10} {:>10} {:>10} {:>9}",
        "ms, medians of 300", "small p50", "small p99", "large p50", "large p99", "p50 ratio"
    );
    for (small, large) in small.iter().zip(&large) {
        let ms = |time: Duration| format!("{:.3}", time.as_secs_f64() * 1e3);
        println!(
            "{:<34} {:>10} {:>10} {:>10} {:>10} {:>9.2}",
            small.what,
            ms(small.p50),
            ms(small.p99),
            ms(large.p50),
            ms(large.p99),
            large.p50.as_secs_f64() / small.p50.as_secs_f64()
        );
    }
}

fn print_made(name: &str, scaled: &Scaled) {
    let size = |path: &Path| fs::metadata(path).map_or(0, |file| file.len()) / 1_000_000;
    println!(
        "{name}: {} pupils, {} entries, {} MB, {}; load {}",
        scaled.scale.pupils,
        scaled.scale.entries,
        size(&scaled.path.join("casebook.db")),
        scaled.made_in.map_or_else(|| "made before".to_owned(), |time| format!("made in {time:.1?}")),
        fs::read_to_string("/proc/loadavg").unwrap_or_default().trim()
    );
}

struct Figure {
    what: &'static str,
    p50: Duration,
    p99: Duration,
}

fn timed(what: &'static str, mut once: impl FnMut(u64)) -> Figure {
    let mut times: Vec<Duration> = (0..ROUNDS)
        .map(|round| {
            let started = Instant::now();
            once(round);
            started.elapsed()
        })
        .collect();
    times.sort_unstable();
    let at = |share: u64| times.get((ROUNDS * share / 100) as usize).copied().unwrap_or_default();
    Figure { what, p50: at(50), p99: at(99) }
}

fn measure(scaled: &Scaled) -> Vec<Figure> {
    let mut figures = vec![timed("open with the least work, and close", |_| drop(scaled.open()))];
    let mut book = scaled.open();
    let today = Zoned::now().date();
    for (what, query) in questions(scaled, today) {
        figures.push(timed(what, |n| ask(&book, &query(n), today)));
    }
    figures.push(timed("chronology, the page after", |n| page_after(&book, scaled, n, today)));
    let by = Author { name: "A. Khan".to_owned(), role: "DSL".to_owned() };
    figures.push(timed("record significance, durable", |n| {
        let [one, other] = [Significance::Low, Significance::High];
        let entry = scaled.entry(n * 7_919 + 1);
        for significance in [one, other] {
            // The one it has already changes nothing.
            let command = Command::SetSignificance { entry, significance };
            book.execute(command, &by, &Zoned::now()).expect("it is recorded");
        }
    }));
    figures
}

type Question<'a> = (&'static str, Box<dyn Fn(u64) -> Query + 'a>);

fn questions(scaled: &Scaled, today: Date) -> Vec<Question<'_>> {
    let find = |texts: &'static [&'static str]| {
        move |n: u64| {
            let text = texts.get(n as usize % texts.len()).copied().unwrap_or_default().to_owned();
            Query::FindPeople { text, pupils_only: true, limit: ROWS }
        }
    };
    let words = |text: &'static str| move |_| Query::FindEntries { text: text.to_owned(), limit: ROWS };
    let chronology = |window: Window<EventKey>, significant_only| {
        move |n| Query::Chronology {
            category: None,
            case: scaled.case(n * 97),
            significant_only,
            window,
            limit: ROWS,
        }
    };
    let cases = |text: &'static str| {
        move |_| {
            let filter = CaseFilter { text: text.to_owned(), include_closed: false };
            Query::Cases { filter, window: Window::First, limit: ROWS }
        }
    };
    let actions = |owner: Option<&'static str>| {
        move |_| {
            let filter = ActionFilter { owner: owner.map(str::to_owned), ..ActionFilter::default() };
            Query::Actions { filter, window: Window::First, limit: ROWS }
        }
    };
    vec![
        ("Today", Box::new(move |_| Query::Today { today })),
        (
            "triage queue, all of it",
            Box::new(|_| Query::Triage { category: None, window: Window::First, limit: PAGE }),
        ),
        ("cases, first page", Box::new(cases(""))),
        ("cases, by a name", Box::new(cases("abli"))),
        ("cases, by a letter", Box::new(cases("a"))),
        ("one case", Box::new(|n| Query::Case { case: scaled.case(n * 97) })),
        ("chronology, oldest page", Box::new(chronology(Window::First, false))),
        ("chronology, newest page", Box::new(chronology(Window::Last, false))),
        ("chronology, significant, newest", Box::new(chronology(Window::Last, true))),
        ("months of a case", Box::new(|n| Query::Months { case: scaled.case(n * 97) })),
        ("one entry", Box::new(|n| Query::Entry { entry: scaled.entry(n * 7_919) })),
        ("actions, all open", Box::new(actions(None))),
        ("actions, one owner's", Box::new(actions(Some("A. Khan")))),
        ("people, as typed: 1 letter", Box::new(find(&["a", "b", "s", "z", "m"]))),
        ("people, as typed: 2 letters", Box::new(find(&["ab", "br", "sa", "ja", "ma"]))),
        ("people, as typed: 4 letters", Box::new(find(&["abli", "brim", "sara", "jash", "mave"]))),
        ("people, two names", Box::new(find(&["ablin beson", "camin alson", "briran davely"]))),
        ("people, misspelt", Box::new(find(&["ablni", "camein", "brirann", "davelly"]))),
        ("people, nobody", Box::new(find(&["qqqq", "xyzzy"]))),
        ("entries, a common word", Box::new(words("bruise"))),
        ("entries, a rare word", Box::new(words("zebra"))),
        ("entries, two words", Box::new(words("bruise zebra"))),
        ("entries, a beginning", Box::new(words("br"))),
        ("one person", Box::new(|n| Query::Person { person: scaled.pupil(n * 10) })),
        ("a person's network", Box::new(|n| Query::Network { person: scaled.pupil(n * 10) })),
        ("consents of a case", Box::new(|n| Query::Consents { case: scaled.case(n) })),
        ("inbox", Box::new(|_| Query::Inbox { window: Window::First, limit: ROWS })),
    ]
}

fn ask(book: &Casebook, query: &Query, today: Date) {
    std::hint::black_box(book.ask(query, today).expect("an answer"));
}

/// The page that follows the oldest one, as scrolling asks for it.
fn page_after(book: &Casebook, scaled: &Scaled, n: u64, today: Date) {
    let case = scaled.case(n * 97);
    let page =
        |window| Query::Chronology { category: None, case, significant_only: false, window, limit: ROWS / 5 };
    let Answer::Chronology { rows, .. } = book.ask(&page(Window::First), today).expect("an answer") else {
        return;
    };
    if let Some(last) = rows.last() {
        ask(book, &page(Window::After(last.key())), today);
    }
}
