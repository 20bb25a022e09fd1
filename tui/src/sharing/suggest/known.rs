//! Whether somebody or something that is known by name or number ought to be withheld from this recipient.

use std::ops::Range;

use kith_protocol::bundle::Reason;

use super::{
    dates::dates,
    finder::{Finder, Hit, Rank, Withhold},
    fold::fold,
    gazetteer::is_ordinary,
    names::{Form, Part},
    numbers::{self, Found, Kind},
    patterns::Meaning,
    places::is_street_meant,
    protected::Spotted,
    registry::{self, Distance},
    signs::{are_somebodys, is_person},
    words::Word,
};
use crate::casework::ids::{EntryId, PersonId};

/// After a word that may be a name, these say that it is none: `Will the class`, `Mark my words`.
const GOES_ON: [&str; 20] = [
    "a", "an", "be", "he", "her", "his", "i", "is", "it", "my", "need", "our", "she", "that", "the", "there",
    "they", "this", "we", "you",
];
/// What capitals commonly stand for, so that they are nobody's initials.
const SHORT: [&str; 34] = [
    "am", "bp", "cd", "ce", "cp", "dc", "di", "ds", "eh", "eu", "gp", "hm", "hr", "ht", "id", "it", "iv",
    "la", "ls", "mp", "ni", "no", "ok", "pc", "pe", "pm", "pp", "re", "sw", "ta", "tv", "uk", "us", "vc",
];

impl Finder<'_> {
    pub(super) fn judge(
        &self,
        text: &str,
        at: Range<usize>,
        meaning: &Meaning,
        entry: Option<EntryId>,
    ) -> Option<Hit> {
        match meaning {
            Meaning::Name { person, form } => self.name(text, at, (*person, form), entry),
            Meaning::Professional => {
                Some(Hit { at, withhold: None, rank: Rank::StrangerAllowed, sure: true })
            }
            Meaning::OfficeInitials => {
                let written = text.get(at.clone()).filter(|written| are_initials(written));
                written.map(|_| Hit { at, withhold: None, rank: Rank::StrangerAllowed, sure: true })
            }
            Meaning::Address(place) => Some(self.address(at, *place)),
            Meaning::Street(place) => is_street_meant(text, &at).then(|| self.address(at, *place)),
            Meaning::Marked(code) => {
                let why = "you withheld the same words elsewhere".to_owned();
                let withhold = Withhold { code: code.clone(), why, blocks: false, careful: false };
                Some(Hit { at, withhold: Some(withhold), rank: Rank::Marked, sure: false })
            }
        }
    }

    fn name(
        &self,
        text: &str,
        at: Range<usize>,
        (id, form): (PersonId, &Form),
        entry: Option<EntryId>,
    ) -> Option<Hit> {
        let known = self.known.get(&id)?;
        let here = entry.is_some_and(|entry| known.in_entries.contains(&entry));
        let stranger = known.distance == Distance::Stranger;
        if !is_meant(text, &at, form, stranger) || is_of_two(text, &at) {
            return None;
        }
        let rank = match (stranger, known.withhold.is_some()) {
            (false, true) => Rank::NearWithheld,
            (false, false) => Rank::NearAllowed,
            (true, true) => Rank::StrangerWithheld,
            (true, false) => Rank::StrangerAllowed,
        };
        let withhold = known.withhold.clone().map(|(code, why)| {
            let loose = matches!(form.part, Part::Initials | Part::Short);
            let unsure = loose || (form.part >= Part::Given && !here);
            let why = if unsure { format!("may be a name: {why}") } else { why };
            Withhold { code, why, blocks: false, careful: false }
        });
        Some(Hit { at, withhold, rank, sure: form.part <= Part::Titled })
    }

    fn address(&self, at: Range<usize>, place: usize) -> Hit {
        let address = self.registry.near.addresses.get(place).map(|(_, address)| address);
        let blocked = address.and_then(|address| registry::address_blocks(self.registry, address));
        let (blocks, rank) =
            if blocked.is_some() { (true, Rank::Blocked) } else { (false, Rank::NearWithheld) };
        let why = blocked.unwrap_or_else(|| "an address of somebody named here".to_owned());
        let withhold = Some(Withhold { code: Reason::ContactOrAddress, why, blocks, careful: false });
        Hit { at, withhold, rank, sure: false }
    }

    /// An address that nobody may learn, as people write it; a rare word of its street alone may be kept, with care.
    pub(super) fn guarded(&self, words: &[Word<'_>]) -> Vec<Hit> {
        let agencies: Vec<&str> = self.agencies.iter().map(String::as_str).collect();
        let spotted = self.guarded.iter().flat_map(|one| one.spot(words, &agencies));
        let hit = |Spotted { at, place, alone }| {
            let mut hit = self.address(at, place);
            if let (true, Some(withhold)) = (alone, &mut hit.withhold) {
                withhold.why = format!("may be of a {}", withhold.why);
                (withhold.blocks, withhold.careful, hit.rank) = (false, true, Rank::NearWithheld);
            }
            hit
        };
        spotted.map(hit).collect()
    }

    pub(super) fn number(&self, found: Found) -> Option<Hit> {
        let Found { at, kind, plain } = found;
        if let (Kind::Postcode, Some(place)) = (kind, self.postcodes.get(&plain)) {
            return Some(self.address(at, *place));
        }
        let owner = match kind {
            Kind::Email => self.emails.get(&plain),
            Kind::Phone | Kind::Digits => {
                self.phones.get(&numbers::plain_phone(&plain)).or_else(|| self.numbers.get(&plain))
            }
            Kind::Postcode | Kind::Street => None,
            _ => self.numbers.get(&plain),
        };
        match (owner, kind) {
            (Some(owner), _) => Some(self.owned(at, kind.words(), *owner, &plain)),
            (None, Kind::Digits) => None,
            (None, kind) => {
                let code = match kind {
                    Kind::Reference => Reason::PoliceOrCourt,
                    _ => Reason::ContactOrAddress,
                };
                let withhold = Withhold { code, why: kind.words().to_owned(), blocks: false, careful: false };
                let withhold = Some(withhold).filter(|_| !kind.may_stand(self.sector));
                Some(Hit { at, withhold, rank: Rank::ByForm, sure: false })
            }
        }
    }

    /// A number of somebody known here. The child's own identifiers go with the child.
    fn owned(&self, at: Range<usize>, what: &str, owner: PersonId, plain: &str) -> Hit {
        let known = self.known.get(&owner);
        let own = self.registry.subject == Some(owner) && self.numbers.contains_key(plain);
        let blocked = registry::person_blocks(self.registry, owner).filter(|_| !own);
        let rank = match (&blocked, own) {
            (Some(_), _) => Rank::Blocked,
            (None, true) => Rank::NearAllowed,
            (None, false) => Rank::NearWithheld,
        };
        let blocks = blocked.is_some();
        let why = blocked.unwrap_or_else(|| {
            known.map_or_else(|| what.to_owned(), |known| format!("{what} of {}", known.person.name()))
        });
        let code = Reason::ContactOrAddress;
        Hit {
            at,
            withhold: (!own).then_some(Withhold { code, why, blocks, careful: false }),
            rank,
            sure: true,
        }
    }

    /// Dates of birth: of those known here, and others where the text says what they are. The child's own may stand.
    pub(super) fn dates(&self, words: &[Word<'_>]) -> Vec<Hit> {
        let each = dates(words).into_iter().filter_map(|one| {
            let owner = self.born.get(&one.date);
            if owner.is_none() && !one.born {
                return None;
            }
            let own = owner.is_some() && owner == self.registry.subject.as_ref();
            let named = owner.and_then(|owner| self.known.get(owner)).map(|known| known.person.name());
            let why =
                named.map_or_else(|| "a date of birth".to_owned(), |name| format!("{name}'s date of birth"));
            let withhold = Withhold { code: Reason::ContactOrAddress, why, blocks: false, careful: false };
            let rank = if own { Rank::NearAllowed } else { Rank::NearWithheld };
            Some(Hit { at: one.at, withhold: (!own).then_some(withhold), rank, sure: true })
        });
        each.collect()
    }
}

/// Is what stands at `at` written as a name in this form, rather than a word or a shortening? Of a stranger to the child
/// more is asked.
pub(in crate::sharing) fn is_meant(text: &str, at: &Range<usize>, form: &Form, stranger: bool) -> bool {
    let alone = form.part >= Part::Given;
    let written = text.get(at.clone()).unwrap_or_default();
    let capital = written.chars().next().is_some_and(char::is_uppercase);
    let after = text.get(at.end..).unwrap_or_default();
    let begins = begins_sentence(text, at.start);
    let person = || form.part == Part::Given && is_person(written, after);
    // One of the family is rather meant than the word.
    let ordinary = form.is_common() && (!capital || (begins && (stranger || goes_on(after)) && !person()));
    let before = text.get(..at.start).unwrap_or_default();
    let odd = match form.part {
        Part::Initials => {
            !are_initials(written)
                || (stranger
                    && !are_somebodys(before, written, after, SHORT.contains(&bare(written).as_str())))
        }
        Part::Short => !capital,
        _ => false,
    };
    let loose = form.part == Part::Short;
    !(ordinary || odd || (stranger && (loose || (alone && form.part != Part::Initials && !capital))))
}

/// Does a comma part two people here: `Stubbs, Alfie` in `Donna Stubbs, Alfie Stubbs`?
fn is_of_two(text: &str, at: &Range<usize>) -> bool {
    let (before, written) =
        (text.get(..at.start).unwrap_or_default(), text.get(at.clone()).unwrap_or_default());
    let word =
        before.strip_suffix(' ').unwrap_or_default().rsplit(char::is_whitespace).next().unwrap_or_default();
    written.contains(',')
        && word.starts_with(char::is_uppercase)
        && word.ends_with(char::is_alphabetic)
        && !is_ordinary(&fold(word))
}

/// Does the sentence go on so that a word before it is no name?
fn goes_on(after: &str) -> bool {
    let next = after.strip_prefix(' ').unwrap_or_default();
    let end = next.find(|c: char| !c.is_alphanumeric()).unwrap_or(next.len());
    next.get(..end).is_some_and(|next| GOES_ON.binary_search(&next).is_ok())
}

/// The letters alone, small.
fn bare(initials: &str) -> String {
    initials.chars().filter(|c| c.is_alphabetic()).flat_map(char::to_lowercase).collect()
}

/// Capitals, and with full stops between unless nothing else is written so.
fn are_initials(written: &str) -> bool {
    let capitals = written.chars().filter(|c| c.is_alphabetic()).all(char::is_uppercase);
    capitals && (written.contains('.') || !SHORT.contains(&bare(written).as_str()))
}

/// Is what stands at `at` the first word of a sentence, so that its capital says nothing?
fn begins_sentence(text: &str, at: usize) -> bool {
    let before = text.get(..at).unwrap_or_default();
    let line = before.trim_end_matches([' ', '\t', '"', '\'', '(', '[', '\u{201c}', '\u{2018}', '\u{a0}']);
    line.chars()
        .next_back()
        .is_none_or(|c| matches!(c, '.' | '!' | '?' | ':' | '\n' | '\r' | '\u{2022}' | '-' | '\u{2013}'))
}
