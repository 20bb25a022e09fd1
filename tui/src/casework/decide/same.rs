//! Two records of one person: marked when nothing that is known speaks against it, and parted again.

use super::{MAX_RECORDS, Touched, limits};
use crate::casework::{
    command::{Command, Refusal},
    fact::Fact,
    ids::PersonId,
    person::{IdentifierScheme, Person},
};

/// Two records of people, and what each is joined with already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TwoRecords {
    /// These very two were marked.
    pub marked: bool,
    /// Every record of the person of the first, itself included; likewise of the second.
    pub one: Vec<(PersonId, Person)>,
    pub other: Vec<(PersonId, Person)>,
    /// What was marked among the records of the first.
    pub marks: Vec<(PersonId, PersonId)>,
}

pub(super) fn decide(command: Command, touched: &Touched) -> Result<Vec<Fact>, Refusal> {
    match (command, touched) {
        (Command::MarkSame { one, other, .. }, _) if one == other => Err(Refusal::OneRecord { record: one }),
        (Command::MarkSame { one, other, why }, Touched::People(two)) => {
            if two.one.iter().any(|(id, _)| *id == other) {
                return Ok(Vec::new());
            }
            limits::reason(&why)?;
            may_be_one(two)?;
            Ok(vec![Fact::SamePerson { one, other, why }])
        }
        (Command::MarkNotSame { one, other, why }, Touched::People(two)) => {
            if two.one.iter().all(|(id, _)| *id != other) {
                return Ok(Vec::new());
            }
            limits::reason(&why)?;
            if !two.marked {
                return Err(by_way_of_others(one, other, &two.marks));
            }
            Ok(vec![Fact::NotSamePerson { one, other, why }])
        }
        _ => Err(Refusal::Changed),
    }
}

/// From then on the other's names are the subject's own, which nothing withholds: a slip in a reference must not do that.
fn may_be_one(two: &TwoRecords) -> Result<(), Refusal> {
    if two.one.len() + two.other.len() > MAX_RECORDS {
        return Err(Refusal::ManyRecords { limit: MAX_RECORDS });
    }
    for (one, person) in &two.one {
        for (other, else_) in &two.other {
            let what = differ(person, else_);
            if !what.is_empty() {
                return Err(Refusal::TwoPeople { one: *one, other: *other, what: what.join(" and ") });
            }
        }
    }
    Ok(())
}

/// What of two people is known and not the same, that one person has only once.
fn differ(one: &Person, other: &Person) -> Vec<&'static str> {
    let mut what = Vec::new();
    what.extend(one.born.zip(other.born).filter(|(one, other)| one != other).map(|_| "their date of birth"));
    for (scheme, name) in [(IdentifierScheme::Upn, "their UPN"), (IdentifierScheme::Nhs, "their NHS number")]
    {
        let (one, other) = (numbers(one, scheme), numbers(other, scheme));
        let known = !one.is_empty() && !other.is_empty();
        what.extend((known && !one.iter().any(|number| other.contains(number))).then_some(name));
    }
    what
}

/// However they were spaced.
fn numbers(person: &Person, scheme: IdentifierScheme) -> Vec<String> {
    let of_scheme = person.identifiers.iter().filter(|one| one.scheme == scheme);
    let plain = |value: &str| value.chars().filter(char::is_ascii_alphanumeric).collect::<String>();
    let all = of_scheme.map(|one| plain(&one.value).to_ascii_uppercase());
    all.filter(|number| !number.is_empty()).collect()
}

/// Who parts them must say which of the marks was wrong.
fn by_way_of_others(one: PersonId, other: PersonId, marks: &[(PersonId, PersonId)]) -> Refusal {
    let marks: Vec<String> = marks.iter().map(|(one, other)| format!("{one} with {other}")).collect();
    Refusal::ByOthers { one, other, marks: marks.join(", ") }
}
