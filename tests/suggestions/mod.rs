//! How well suggestions find what ought to be withheld: measured on narratives labelled by hand, half of them held out.
//!
//! `cargo test -p kith-tests suggestions -- --nocapture` prints the figures, the misses and what was suggested in vain.

#![expect(clippy::print_stdout, reason = "the figures are what it is for; shown with --nocapture")]

mod labels;
mod world;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::date;
use kith_protocol::directory::Sector;
use kith_tui::sharing::{plan::ShareChoices, suggest::suggest};

use self::{
    labels::{Label, Narrative, narratives},
    world::World,
};

const RECIPIENTS: [(char, Sector); 3] =
    [('s', Sector::School), ('p', Sector::Police), ('c', Sector::SocialCare)];

/// What came of all narratives of one file.
#[derive(Debug, Default)]
struct Measured {
    /// By class: found, of how many.
    classes: BTreeMap<String, (usize, usize)>,
    /// Direct identifiers of people whom the casebook knows.
    registered: (usize, usize),
    direct: (usize, usize),
    right: usize,
    suggested: usize,
    entries: usize,
    missed: BTreeMap<String, BTreeSet<char>>,
    /// Of what is missed: direct identifiers of people whom the casebook knows.
    missed_known: BTreeSet<String>,
    vain: BTreeMap<String, BTreeSet<char>>,
}

impl Measured {
    fn of(file: &str) -> Self {
        let world = World::read(include_str!("registry.txt"));
        let mut measured = Self::default();
        for narrative in narratives(file) {
            for (letter, sector) in RECIPIENTS {
                measured.take(&world, &narrative, (letter, sector));
            }
        }
        measured
    }

    fn take(&mut self, world: &World, narrative: &Narrative, (letter, sector): (char, Sector)) {
        let (registry, view) = world.scene(narrative);
        let aware = (sector, date(2026, 3, 12));
        let all = suggest(&registry, &[view], &ShareChoices::default(), aware).0;
        let spans: Vec<_> = (all.into_iter())
            .filter(|one| one.id.field == "statement/0")
            .map(|one| one.id.start as usize..one.id.end as usize)
            .collect();
        self.entries += 1;
        let due: Vec<&Label> = narrative.labels.iter().filter(|label| label.withheld_from(letter)).collect();
        for label in &due {
            let found = label.covered(&narrative.text, &spans);
            count(self.classes.entry(label.class.clone()).or_default(), found);
            if label.is_direct() {
                count(&mut self.direct, found);
                if label.who != "?" {
                    count(&mut self.registered, found);
                }
            }
            if !found {
                let missed = format!("{} {} `{}`", narrative.number, label.class, label.text);
                if label.is_direct() && label.who != "?" {
                    self.missed_known.insert(missed.clone());
                }
                self.missed.entry(missed).or_default().insert(letter);
            }
        }
        for span in spans {
            self.suggested += 1;
            if due.iter().any(|label| label.at.start < span.end && span.start < label.at.end) {
                self.right += 1;
            } else {
                let vain = format!("{} `{}`", narrative.number, &narrative.text[span]);
                self.vain.entry(vain).or_default().insert(letter);
            }
        }
    }

    fn precision(&self) -> f64 {
        ratio((self.right, self.suggested))
    }

    fn print(&self, name: &str) {
        println!("\n== {name}: {} narratives, each to school, police, social care", self.entries / 3);
        for (class, found) in &self.classes {
            println!("   {class:<10} {:>4} of {:>4}  {:.3}", found.0, found.1, ratio(*found));
        }
        println!("   direct     {:>4} of {:>4}  {:.3}", self.direct.0, self.direct.1, ratio(self.direct));
        println!(
            "   registered {:>4} of {:>4}  {:.3}",
            self.registered.0,
            self.registered.1,
            ratio(self.registered)
        );
        println!("   precision  {:>4} of {:>4}  {:.3}", self.right, self.suggested, self.precision());
        println!("   suggestions per entry {:.1}", self.suggested as f64 / self.entries as f64);
        for (what, lists) in [("missed", &self.missed), ("in vain", &self.vain)] {
            for (one, letters) in lists {
                println!("   {what}: {one} ({})", letters.iter().collect::<String>());
            }
        }
    }
}

fn count(into: &mut (usize, usize), found: bool) {
    into.0 += usize::from(found);
    into.1 += 1;
}

fn ratio((part, whole): (usize, usize)) -> f64 {
    if whole == 0 { 1.0 } else { part as f64 / whole as f64 }
}

/// What may not get worse.
struct Floor {
    direct: f64,
    precision: f64,
    /// Of the people known every direct identifier is found, but for these.
    but: &'static [&'static str],
}

fn hold(name: &str, file: &str, floor: &Floor) {
    let measured = Measured::of(file);
    measured.print(name);
    let figures = [
        ("direct identifiers", ratio(measured.direct), floor.direct),
        ("precision", measured.precision(), floor.precision),
    ];
    for (what, figure, least) in figures {
        assert!(figure >= least, "{name}: {what} {figure:.3}, at least {least} before");
    }
    let missed: Vec<&str> = measured.missed_known.iter().map(String::as_str).collect();
    assert_eq!(missed, floor.but, "{name}: of people the casebook knows");
}

#[test]
fn suggestions_find_what_they_were_fitted_to() {
    // A spelling by ear, and the family name that the child bears too.
    let but = &["13 variant `Eefa`", "23 variant `Hussain Ali`"];
    hold("tuned", include_str!("tuned.txt"), &Floor { direct: 0.98, precision: 0.96, but });
}

#[test]
fn suggestions_find_what_was_held_out() {
    // Spellings by ear, short forms on no list, and one without a capital.
    let but = &["13 variant `Oife`", "14 variant `Jos`", "20 nick `Chiddy`", "32 nick `sue`"];
    hold("held-out", include_str!("held-out.txt"), &Floor { direct: 0.95, precision: 0.94, but });
}

#[test]
fn suggestions_find_what_nobody_had_seen() {
    // Without capitals, and with a single letter.
    let but = &["16 nick `manny a`"];
    hold("unseen", include_str!("unseen.txt"), &Floor { direct: 0.86, precision: 0.93, but });
}

#[test]
fn suggestions_find_the_forms_that_a_review_missed() {
    let but = &[];
    hold("forms", include_str!("forms.txt"), &Floor { direct: 0.99, precision: 0.91, but });
}

#[test]
fn suggestions_find_those_forms_in_sentences_written_afterwards() {
    // A virtue and a season that begin a sentence, two slips in a word, a spelling by ear, initials without a sign.
    let but = &[
        "05 name `Summer`",
        "06 name `Grace`",
        "07 variant `Rubie Daker`",
        "07 variant `Shivaun O'Rorke`",
        "09 init `DF`",
        "09 init `RD`",
        "09 init `SO`",
    ];
    hold("afterwards", include_str!("afterwards.txt"), &Floor { direct: 0.75, precision: 0.87, but });
}

#[test]
fn suggestions_are_measured_on_enough() {
    let all =
        [include_str!("tuned.txt"), include_str!("held-out.txt"), include_str!("unseen.txt")].map(narratives);
    let (entries, labels) = all
        .iter()
        .flatten()
        .fold((0, 0), |(entries, labels), narrative| (entries + 1, labels + narrative.labels.len()));
    assert!(entries >= 80 && labels >= 600, "{entries} narratives, {labels} labels");
}
