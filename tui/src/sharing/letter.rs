//! The covering letter, the child, and whom to ring: what stands before the entries.

use std::collections::BTreeSet;

use jiff::{Zoned, civil::Time};
use kith_protocol::{
    bundle::{Asked, Child, Contact, Identifier, Letter, ReceiptAsked, Urgency, one_line},
    consent::ConsentRecord,
    directory::{Member, Sector},
};

use super::plan::ShareChoices;
use crate::casework::{
    fact::Author,
    person::{IdentifierScheme, Person},
};

/// Longest purpose in the subject, in characters.
const MAX_SUBJECT: usize = 80;

pub(super) fn letter(
    consent: &ConsentRecord,
    choices: &ShareChoices,
    child: &Person,
    (from, by): (&Member, &Author),
    now: &Zoned,
) -> Letter {
    let purposes: Vec<&str> =
        consent.purposes.iter().map(|one| one.trim()).filter(|one| !one.is_empty()).collect();
    let first = purposes.first().copied().unwrap_or("Information");
    let first = one_line(first, MAX_SUBJECT);
    let onward = consent.safeguarding.onward.words();
    Letter {
        subject: format!("{first}: {}", child.name()),
        why: purposes.join("\n"),
        asked: Asked {
            what: choices.ask.trim().to_owned(),
            by: choices.answer_by.map(|day| day.to_datetime(Time::constant(17, 0, 0, 0))),
            urgency: match choices.answer_by {
                Some(day) if day <= now.date() => Urgency::SameDay,
                Some(_) => Urgency::ByDate,
                None => Urgency::ForInformation,
            },
        },
        may_use_for: format!("Safeguarding and promoting the welfare of {}. {onward}", child.name()),
        ring: Contact {
            name: by.name.clone(),
            role: by.role.clone(),
            phone: from.phone.clone().unwrap_or_default(),
            out_of_hours: None,
        },
        receipts: BTreeSet::from([ReceiptAsked::Opened, ReceiptAsked::TakenOnOrDeclined]),
    }
}

/// The child, with the numbers this recipient works with and no others.
pub(super) fn child(person: &Person, sector: Sector) -> Child {
    let numbers = person.identifiers.iter().filter_map(|one| {
        let kind = number_for(one.scheme, sector)?;
        Some(Identifier { kind: kind.to_owned(), value: one.value.clone() })
    });
    Child {
        name: [person.given.as_str(), person.family.as_str()].join(" ").trim().to_owned(),
        also_known_as: person.preferred.iter().chain(&person.also_known_as).cloned().collect(),
        born: person.born,
        identifiers: numbers.collect(),
    }
}

/// What a number is called, if the sector has a use for it.
const fn number_for(scheme: IdentifierScheme, sector: Sector) -> Option<&'static str> {
    use Sector as S;
    match (scheme, sector) {
        (IdentifierScheme::Upn, S::School | S::SocialCare | S::LocalAuthority) => Some("UPN"),
        (IdentifierScheme::Nhs, S::Health | S::SocialCare | S::LocalAuthority) => Some("NHS number"),
        (IdentifierScheme::LocalAuthorityChildId, S::SocialCare | S::LocalAuthority) => {
            Some("local authority child id")
        }
        (IdentifierScheme::PoliceReference, S::Police) => Some("police reference"),
        _ => None,
    }
}
