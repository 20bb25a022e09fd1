//! The seed is read closely by people; these hold that it is sound.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Zoned;

use super::*;
use crate::casework::{
    identifier::{check_nhs, check_upn},
    person::{IdentifierScheme, PersonKind},
};

fn calendar() -> Calendar {
    let now: Zoned = "2026-11-20T12:00+00:00[Europe/London]".parse().unwrap();
    Calendar::at(&now)
}

fn seed() -> Seed {
    Seed::load(&ELM_PARK, &calendar()).unwrap()
}

fn all() -> [Seed; 4] {
    [ELM_PARK, ST_JUDES, POLICE, SOCIAL_CARE].map(|files| Seed::load(&files, &calendar()).unwrap())
}

#[test]
fn there_is_a_school_full_of_people_and_a_term_of_records() {
    let seed = seed();
    let pupils =
        seed.people.iter().filter(|(_, person)| matches!(person.kind, PersonKind::Pupil { .. })).count();
    assert!((55..=70).contains(&pupils), "{pupils} pupils");
    assert!((110..=130).contains(&seed.entries.len()), "{} entries", seed.entries.len());
    assert!(seed.entries.iter().filter(|entry| entry.triage == Triaged::Waits).count() >= 5);
    assert_eq!(seed.cases.iter().filter(|case| case.closed.is_none()).count(), 2);
}

#[test]
fn every_reference_names_somebody_once() {
    for seed in all() {
        let keys: BTreeSet<_> = seed.people.iter().map(|(key, _)| *key).collect();
        assert_eq!(keys.len(), seed.people.len(), "two people have one key");
        let known = |key: &str, place: &str| assert!(keys.contains(key), "{place}: nobody is called {key}");
        for tie in &seed.ties {
            known(tie.from, "ties");
            known(tie.to, "ties");
        }
        for home in &seed.homes {
            home.people.iter().for_each(|key| known(key, home.lines));
        }
        for case in &seed.cases {
            known(case.child, case.title);
            known(case.lead, case.title);
        }
        for entry in &seed.entries {
            let place = format!("{} line {}", entry.file, entry.line);
            known(entry.by, &place);
            entry.from.iter().for_each(|key| known(key, &place));
            entry.people.iter().for_each(|(key, _)| known(key, &place));
            entry.actions.iter().for_each(|action| known(action.owner, &place));
        }
    }
}

#[test]
fn numbers_are_valid_and_nobody_shares_one() {
    for seed in all() {
        let mut seen = BTreeMap::new();
        for (key, person) in &seed.people {
            for one in &person.identifiers {
                match one.scheme {
                    IdentifierScheme::Upn => assert!(check_upn(&one.value).is_ok(), "{key}: {}", one.value),
                    IdentifierScheme::Nhs => assert!(check_nhs(&one.value).is_ok(), "{key}: {}", one.value),
                    _ => panic!("{key}: a number without a check"),
                }
                assert_eq!(seen.insert(one.value.clone(), *key), None, "{key} shares {}", one.value);
            }
        }
    }
}

/// Numbers and places that Ofcom and the post keep free, so that nobody is rung or visited.
#[test]
fn phones_postcodes_and_mailboxes_exist_nowhere() {
    for seed in all() {
        for (key, person) in &seed.people {
            for phone in &person.phones {
                assert!(phone.starts_with("07700 900") || phone.starts_with("01632 960"), "{key}: {phone}");
            }
            for email in &person.emails {
                assert!(email.ends_with(".example"), "{key}: {email}");
            }
        }
        for home in &seed.homes {
            assert!(home.postcode.starts_with("NX"), "{}", home.postcode);
        }
    }
}

#[test]
fn every_entry_says_who_when_what_and_about_whom() {
    for seed in all() {
        for entry in &seed.entries {
            let place = format!("{} line {}", entry.file, entry.line);
            assert!(!entry.by.is_empty(), "{place}: by nobody");
            assert!(
                entry.people.first().is_some_and(|(_, role)| *role == Role::Subject),
                "{place}: about nobody"
            );
            assert!(
                entry.statements.iter().all(|(_, text)| !text.trim().is_empty())
                    && !entry.statements.is_empty(),
                "{place}"
            );
            assert!((0..=90).contains(&entry.day), "{place}: {} school days ago", entry.day);
            let is_concern = entry.kind == EntryKind::Concern;
            assert_eq!(
                is_concern,
                entry.triage != Triaged::Not,
                "{place}: concerns are triaged, nothing else is"
            );
            let needs_case = !matches!(entry.triage, Triaged::Waits | Triaged::NoFurtherAction(_));
            assert!(!needs_case || entry.case.is_some(), "{place}: no case to stand in");
            if let Triaged::NoFurtherAction(reason) = &entry.triage {
                assert!(reason.len() > 20, "{place}: a decision without a reason");
            }
            let people: BTreeSet<_> = entry.people.iter().map(|(key, _)| key).collect();
            assert_eq!(people.len(), entry.people.len(), "{place}: somebody stands in it twice");
        }
    }
}

#[test]
fn case_files_open_once_and_run_forward() {
    for seed in all() {
        for case in &seed.cases {
            let entries: Vec<_> =
                seed.entries.iter().filter(|entry| entry.case == Some(case.child)).collect();
            assert_eq!(
                entries.first().map(|entry| &entry.triage),
                Some(&Triaged::OpensCase),
                "{}",
                case.child
            );
            assert_eq!(entries.iter().filter(|entry| entry.triage == Triaged::OpensCase).count(), 1);
            let order = |entry: &&&EntrySeed| (std::cmp::Reverse(entry.day), entry.time);
            assert!(
                entries.windows(2).all(|pair| order(&&pair[0]) <= order(&&pair[1])),
                "{} runs backward",
                case.child
            );
        }
    }
    let seed = seed();
    let [_, _, closed] = seed.cases.as_slice() else { panic!("three cases") };
    assert!(closed.closed.is_some());
}

#[test]
fn all_four_kinds_of_statement_and_every_role_are_used() {
    let seed = seed();
    let kinds: BTreeSet<_> =
        seed.entries.iter().flat_map(|entry| &entry.statements).map(|(kind, _)| kind.words()).collect();
    assert_eq!(kinds.len(), 4);
    assert!(seed.entries.iter().any(|entry| entry.danger.is_some() && entry.triage == Triaged::Waits));
}

#[test]
fn one_address_is_protected_and_the_father_may_have_no_contact() {
    let seed = seed();
    let protected: Vec<_> = seed.homes.iter().filter(|home| !home.protected_from.is_empty()).collect();
    assert_eq!(protected.len(), 1);
    assert!(protected[0].people.contains(&"niamh") && !protected[0].people.contains(&"declan"));
    assert!(
        seed.ties
            .iter()
            .any(|tie| tie.from == "declan" && tie.to == "niamh" && tie.contact == ContactRule::None)
    );
    let names = seed.person("niamh").map(|person| person.family.as_str());
    assert_eq!(names, Some("O'Brien-Nguyễn"));
}

#[test]
fn dates_follow_the_clock() {
    let later: Zoned = "2027-03-05T12:00+00:00[Europe/London]".parse().unwrap();
    let later = Calendar::at(&later);
    let (now, then) = (seed(), Seed::load(&ELM_PARK, &later).unwrap());
    let first = |seed: &Seed| seed.entries[0].day;
    assert_eq!(first(&now), first(&then));
    assert_ne!(now.entries[0].date(&calendar()), then.entries[0].date(&later));
    assert!(now.entries.iter().all(|entry| entry.date(&calendar()) <= calendar().today));
}
