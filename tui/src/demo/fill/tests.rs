use kith_protocol::seal::{Passphrase, WorkFactor};

use super::*;
use crate::{
    casework::query::{ActionFilter, Answer, CaseFilter, Page, Query, Today, Window},
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
        Casebook::create(&folder.path().join("casebook"), &setup, &passphrase, WorkFactor::LEAST).unwrap();
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
        window: Window::First,
        limit: 9,
    };
    let Answer::Cases(Page { total, .. }) = casebook.ask(&cases, now.date()).unwrap() else { panic!() };
    assert_eq!(total, 3);
    let filter = ActionFilter { include_finished: true, ..ActionFilter::default() };
    let Answer::Actions(Page { total, .. }) =
        casebook.ask(&Query::Actions { filter, window: Window::First, limit: 50 }, now.date()).unwrap()
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
