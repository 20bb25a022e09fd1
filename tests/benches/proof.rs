//! What redaction with proof costs: `cargo bench -p kith-tests --bench proof`.
//!
//! A bundle of 1,000 entries of 400 characters, a tenth of the words withheld in runs of 1 to 4: the time to open and
//! verify it, and how much of it is proofs. Its facts stand close together in a small log, or spread over a large one.

#![expect(clippy::print_stdout, clippy::expect_used, reason = "a benchmark prints and may stop")]

use std::{
    io::Read as _,
    time::{Duration, Instant},
};

use kith_protocol::{
    bundle::{
        Bundle, ConcernCategory, Draft, DraftSpan, Happened, Passage, PersonRole, Precision, Reason, Record,
        RecordKind, RecordedBy, Role, Significance, Source, Statement, StatementKind,
    },
    seal::open_with,
};
use kith_tests::{
    bundles::{self, POLICE, World},
    narrative::WORDS,
};
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};

const ENTRIES: usize = 1_000;
const ROUNDS: usize = 15;
/// Characters of a narrative.
const LENGTH: usize = 400;
/// One word in so many is withheld.
const WITHHELD: usize = 10;

fn main() {
    for apart in [3, 100] {
        one(apart);
    }
}

fn one(apart: u64) {
    let (mut world, mut rng) = (World::hybrid(), StdRng::seed_from_u64(8));
    let mut draft = world.draft();
    draft.records = (0..ENTRIES).map(|n| record(n, &mut rng)).collect();
    draft.attachments.clear();
    draft.forbidden.clear();
    world.prove(&mut draft, apart);
    let (sealed, file) = world.seal(Draft::clone(&draft));
    let police = POLICE.parse().expect("an agency's id");
    let mut times: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let started = Instant::now();
            let opened = world.open(Some(sealed.envelope()), &file).expect("it opens");
            opened.verify(&world.directory, &police, bundles::now()).expect("it verifies");
            started.elapsed()
        })
        .collect();
    times.sort_unstable();
    let median = times.get(ROUNDS / 2).copied().unwrap_or_default().as_secs_f64() * 1e3;
    let bundle: Bundle = serde_json::from_str(sealed.document()).expect("it reads");
    let evidence = serde_json::to_string_pretty(&bundle.evidence).expect("it is written").len();
    let mut plain = Vec::new();
    let keys = std::slice::from_ref(&world.police.seal);
    open_with(keys, &file[..]).expect("it opens").read_to_end(&mut plain).expect("it reads");
    let adds = |whole: usize| evidence as f64 / (whole - evidence) as f64 * 100.0;
    let (whole, document) = (plain.len(), sealed.document().len());
    println!("{ENTRIES} entries, every {apart}th fact of the log: open and verify {median:.0} ms");
    println!(
        "  the bundle {whole} bytes, {} without its proofs: they add {:.1} %",
        whole - evidence,
        adds(whole)
    );
    println!("  its bundle.json alone {document} bytes: they add {:.1} %", adds(document));
}

/// Words, a tenth of them withheld in runs.
fn narrative(rng: &mut StdRng) -> Passage<DraftSpan> {
    let (mut passage, mut text, mut length) = (Passage::new(), String::new(), 0);
    while length < LENGTH {
        // Runs are two and a half words long on average.
        if rng.gen_range(0..WITHHELD * 5 / 2) == 0 && !text.is_empty() {
            passage.push(DraftSpan::Text(std::mem::take(&mut text)));
            passage.push(DraftSpan::Withheld(Reason::ThirdPartyChild));
            length += 12;
        }
        let word = WORDS.get(rng.gen_range(0..WORDS.len())).copied().unwrap_or_default();
        text.extend([word, " "]);
        length += word.len() + 1;
    }
    passage.push(DraftSpan::Text(text));
    passage
}

fn record(n: usize, rng: &mut StdRng) -> Record<DraftSpan> {
    let said = |text: &str| vec![DraftSpan::Text(text.to_owned())];
    let person = |name: &str, role, relation| PersonRole { name: said(name), role, relation: said(relation) };
    Record {
        id: format!("1-{n}").parse().expect("an id"),
        kind: RecordKind::Concern,
        category: ConcernCategory::Welfare,
        happened: Happened {
            at: "2026-11-19T10:40:00".parse().expect("a time"),
            precision: Precision::About,
        },
        recorded: bundles::at("2026-11-19T11:05:31Z"),
        recorded_by: RecordedBy { name: said("Tom Iqbal"), role: said("class teacher") },
        source: Source { name: said("Tom Iqbal"), role: said("class teacher"), agency: Vec::new() },
        people: vec![
            person("Jamie Oakes", Role::Subject, "the child"),
            person("Craig Dunn", Role::AllegedInstigator, "mother's partner"),
            PersonRole {
                name: vec![DraftSpan::Withheld(Reason::ThirdPartyChild)],
                role: Role::Witness,
                relation: said("pupil"),
            },
        ],
        statements: vec![Statement { kind: StatementKind::ChildsWords, text: narrative(rng) }],
        in_danger: None,
        told: said("Ruth Adeyemi at 11:00"),
        done: said("MASH rung at noon"),
        effect: said("quiet"),
        significance: Significance::High,
        attachments: Vec::new(),
    }
}
