//! Which child of ours is meant? States and thresholds as the DfE's SUI matcher has them.

use std::collections::BTreeSet;

use jiff::{Span, civil::Date};
use kith_protocol::bundle::{Bundle, Child};

use super::{
    office::OfficeError,
    suggest::{fold::fold, numbers::plain},
};
use crate::{
    casework::{
        ids::PersonId,
        person::{Person, PersonKind},
        query::{Answer, PersonRow, Query},
    },
    store::Casebook,
};

/// From here on it is a match.
pub const SURE: f64 = 0.95;
/// From here on it may be one.
pub const MAY_BE: f64 = 0.85;
/// The most that a name can come to which is not quite the same.
const NEARLY: f64 = 0.94;
/// Candidates looked at for each name.
const CANDIDATES: u32 = 20;

/// How well a child of ours fits.
#[derive(Debug, Clone, PartialEq)]
pub struct ChildMatch {
    pub row: PersonRow,
    /// 0 to 1.
    pub score: f64,
}

/// What all candidates together say. Nothing is ever attached by itself but to a single [`MatchState::Match`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MatchState {
    Match,
    /// Several fit as well: somebody must choose.
    ManyMatch,
    PotentialMatch,
    LowConfidence,
    NoMatch,
}

/// What these candidates, best first, say.
#[must_use]
pub fn state(matches: &[ChildMatch]) -> MatchState {
    match matches {
        [] => MatchState::NoMatch,
        [first, second, ..] if first.score >= SURE && second.score >= SURE => MatchState::ManyMatch,
        [first, ..] if first.score >= SURE => MatchState::Match,
        [first, ..] if first.score >= MAY_BE => MatchState::PotentialMatch,
        _ => MatchState::LowConfidence,
    }
}

/// The one who is meant, where that is beyond doubt.
#[must_use]
pub fn meant(matches: &[ChildMatch]) -> Option<PersonId> {
    (state(matches) == MatchState::Match).then(|| matches.first().map(|best| best.row.id)).flatten()
}

/// Children of ours who may be the ones a document is about, best first: found by any of the names it gives, by any
/// number, and by date of birth with a part of a name.
pub(super) fn matches(book: &Casebook, document: &str) -> Result<Vec<ChildMatch>, OfficeError> {
    let Ok(bundle) = serde_json::from_str::<Bundle>(document) else { return Ok(Vec::new()) };
    let mut found: Vec<ChildMatch> = Vec::new();
    for child in &bundle.children {
        let mut rows = Vec::new();
        let numbers = child.identifiers.iter().map(|one| &one.value);
        for text in [&child.name].into_iter().chain(&child.also_known_as).chain(numbers) {
            // A child is a pupil at a school, and at the police somebody with a date of birth or a case.
            let query = Query::FindPeople { text: text.clone(), pupils_only: false, limit: CANDIDATES };
            if let Answer::People(named) = book.ask(&query, Date::constant(2000, 1, 1))? {
                rows.extend(named.into_iter().map(|row| (row, true)));
            }
        }
        if let Some(born) = child.born {
            rows.extend(book.people_born(born)?.into_iter().map(|row| (row, false)));
        }
        for (row, named) in rows {
            if found.iter().any(|one| one.row.id == row.id) {
                continue;
            }
            let person = book.person(row.id)?;
            if may_be_child(&row, &person) && (named || shares_a_name(child, &person)) {
                found.push(ChildMatch { score: score(child, &person), row });
            }
        }
    }
    found.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.row.id.cmp(&b.row.id)));
    Ok(found)
}

/// Not somebody at work, nor a grown-up of whom nothing says that a child is meant.
const fn may_be_child(row: &PersonRow, person: &Person) -> bool {
    match person.kind {
        PersonKind::Pupil { .. } => true,
        PersonKind::Family | PersonKind::Other => row.born.is_some() || row.case.is_some(),
        PersonKind::Staff { .. } | PersonKind::Professional { .. } => false,
    }
}

/// Is any part of their names a part of ours?
fn shares_a_name(child: &Child, person: &Person) -> bool {
    let theirs = parts([&child.name].into_iter().chain(&child.also_known_as));
    let ours = [&person.given, &person.family].into_iter().chain(&person.preferred);
    !theirs.is_disjoint(&parts(ours.chain(&person.also_known_as)))
}

fn parts<'a>(names: impl Iterator<Item = &'a String>) -> BTreeSet<String> {
    let words = |name: &String| -> Vec<String> {
        fold(name).split([' ', '-']).filter(|part| !part.is_empty()).map(str::to_owned).collect()
    };
    names.flat_map(words).collect()
}

/// How well a person fits a child described elsewhere: name three fifths, date of birth two; a number settles it.
#[must_use]
pub fn score(child: &Child, person: &Person) -> f64 {
    let ours = |value: &str| person.identifiers.iter().any(|one| plain(&one.value) == plain(value));
    let name = name_score(child, person);
    let born = born_score(child.born, person.born);
    let numbered = child.identifiers.iter().any(|one| plain(&one.value).len() >= 6 && ours(&one.value));
    let plain_score = 0.6 * name + 0.4 * born;
    if numbered && plain_score >= 0.6 {
        // A number can be mistyped into another child's: name or birthday must speak for it too.
        plain_score.max(0.97)
    } else if name < 1.0 {
        // A name that is nearly the same may be a twin's.
        plain_score.min(NEARLY)
    } else {
        plain_score
    }
}

fn name_score(child: &Child, person: &Person) -> f64 {
    let family = person.family.as_str();
    let ours = [Some(person.given.as_str()), person.preferred.as_deref()].into_iter().flatten();
    let ours: Vec<String> = ours
        .map(|given| fold(&format!("{given} {family}")))
        .chain(person.also_known_as.iter().map(|name| fold(name)))
        .collect();
    let family = fold(family);
    let theirs = [fold(&child.name)].into_iter().chain(child.also_known_as.iter().map(|name| {
        let name = fold(name);
        // Another first name stands with the family name.
        if name.contains(' ') { name } else { format!("{name} {family}") }
    }));
    let pairs = theirs.flat_map(|theirs| {
        ours.iter().map(move |ours| strsim::jaro_winkler(&theirs, ours)).collect::<Vec<_>>()
    });
    pairs.fold(0.0, f64::max)
}

fn born_score(theirs: Option<Date>, ours: Option<Date>) -> f64 {
    let (Some(theirs), Some(ours)) = (theirs, ours) else { return 0.7 };
    let swapped = Date::new(theirs.year(), theirs.day(), theirs.month()).ok();
    let near = |by: Span| {
        theirs.checked_sub(by).is_ok_and(|from| from <= ours)
            && theirs.checked_add(by).is_ok_and(|to| ours <= to)
    };
    if theirs == ours {
        1.0
    } else if swapped == Some(ours) {
        0.85
    } else if near(Span::new().months(6)) {
        0.6
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use kith_protocol::bundle::Identifier;

    use super::*;
    use crate::casework::{ids::FactId, person::IdentifierScheme};

    fn ours() -> Person {
        Person {
            kind: PersonKind::Pupil { year: "5".into(), class: String::new() },
            given: "Jamie".into(),
            family: "Oakes".into(),
            preferred: Some("Jay".into()),
            also_known_as: Vec::new(),
            born: Some(date(2016, 3, 4)),
            identifiers: vec![crate::casework::person::Identifier {
                scheme: IdentifierScheme::Nhs,
                value: "943 476 5870".into(),
            }],
            phones: Vec::new(),
            emails: Vec::new(),
        }
    }

    fn theirs(name: &str, born: Option<Date>) -> Child {
        Child { name: name.into(), also_known_as: Vec::new(), born, identifiers: Vec::new() }
    }

    #[test]
    fn only_name_and_birthday_together_are_sure() {
        let birthday = Some(date(2016, 3, 4));
        assert!(score(&theirs("Jamie Oakes", birthday), &ours()) >= SURE);
        assert!(score(&theirs("JAY OAKES", birthday), &ours()) >= SURE);
        let close = [
            theirs("Jamie Oakes", None),
            theirs("Jamie Oakes", Some(date(2016, 4, 3))),
            theirs("Jamie Oakes", Some(date(2016, 6, 4))),
        ];
        for child in close {
            let score = score(&child, &ours());
            assert!((0.8..SURE).contains(&score), "{child:?} {score}");
        }
        assert!(score(&theirs("Jamie Oakes", Some(date(2011, 3, 4))), &ours()) < MAY_BE);
        assert!(score(&theirs("Zara Malik", birthday), &ours()) < SURE);
        // A twin's name is nearly the same.
        let twin = score(&theirs("Jamia Oakes", birthday), &ours());
        assert!((MAY_BE..SURE).contains(&twin), "{twin}");
    }

    #[test]
    fn a_number_settles_it_only_beside_a_name_that_fits() {
        let number = || vec![Identifier { kind: "NHS number".into(), value: "9434765870".into() }];
        let child = Child { identifiers: number(), ..theirs("Jamie Okes", None) };
        assert!(score(&child, &ours()) >= SURE);
        let other = Child { identifiers: number(), ..theirs("Zara Malik", Some(date(2009, 1, 1))) };
        assert!(score(&other, &ours()) < MAY_BE);
    }

    #[test]
    fn two_who_fit_alike_are_for_a_person_to_choose() {
        let one = |seq, score| ChildMatch {
            row: PersonRow {
                id: PersonId(FactId { device: 1, seq }),
                name: String::new(),
                detail: String::new(),
                born: None,
                case: None,
            },
            score,
        };
        assert_eq!(state(&[one(1, 0.99), one(2, 0.96)]), MatchState::ManyMatch);
        assert_eq!(state(&[one(1, 0.99), one(2, 0.9)]), MatchState::Match);
        assert_eq!(meant(&[one(1, 0.99), one(2, 0.9)]), Some(PersonId(FactId { device: 1, seq: 1 })));
        assert_eq!((meant(&[one(1, 0.99), one(2, 0.96)]), meant(&[one(1, 0.94)])), (None, None));
        assert_eq!(state(&[one(1, 0.94)]), MatchState::PotentialMatch);
        assert_eq!(state(&[one(1, 0.5)]), MatchState::LowConfidence);
        assert_eq!(state(&[]), MatchState::NoMatch);
    }
}
