//! Finds whom and what a text names: people in every spelling, addresses, numbers, and what was marked before.

use std::{cmp::Reverse, collections::BTreeMap, ops::Range};

use aho_corasick::{AhoCorasick, MatchKind};
use jiff::civil::Date;
use kith_protocol::{bundle::Reason, directory::Sector};

use super::{
    common::is_common,
    fold::{Folded, fold},
    names::{self, Form, Part},
    numbers::{self, Found, Kind},
    pieces, places,
    plan::{Decision, ShareChoices},
    registry::{self, Distance, Known, Registry},
};
use crate::casework::{
    ids::{EntryId, PersonId},
    person::IdentifierScheme,
    query::EntryView,
};

/// Shortest text of one's own marking that is looked for elsewhere too, in letters and digits.
const MIN_MARK: usize = 3;

/// Finds whom and what texts name.
pub(super) struct Finder<'a> {
    pub(super) registry: &'a Registry,
    pub(super) known: BTreeMap<PersonId, Known<'a>>,
    looker: Option<AhoCorasick>,
    /// What each pattern of `looker` stands for.
    meanings: Vec<Meaning>,
    phones: BTreeMap<String, PersonId>,
    emails: BTreeMap<String, PersonId>,
    numbers: BTreeMap<String, PersonId>,
    postcodes: BTreeMap<String, usize>,
}

/// What a stretch of text may stand for.
#[derive(Debug, Clone)]
enum Meaning {
    Name {
        person: PersonId,
        form: Form,
    },
    Address(usize),
    Born(PersonId),
    /// Somebody marked the same words elsewhere.
    Marked(Reason),
}

/// Something found in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hit {
    pub(super) at: Range<usize>,
    /// None: it is known and may stand.
    pub(super) withhold: Option<Withhold>,
    pub(super) rank: Rank,
}

/// Why it ought to be withheld.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Withhold {
    pub(super) code: Reason,
    pub(super) why: String,
    pub(super) blocks: bool,
}

/// Of several meanings of the same words the lowest counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    Blocked,
    NearWithheld,
    NearAllowed,
    StrangerWithheld,
    StrangerAllowed,
    ByForm,
    Marked,
}

impl<'a> Finder<'a> {
    pub(super) fn new(
        registry: &'a Registry,
        entries: &[EntryView],
        choices: &ShareChoices,
        (sector, today): (Sector, Date),
    ) -> Self {
        let known = registry::known(registry, entries, sector, today);
        let mut patterns = Vec::new();
        names_of(registry, &known, &mut patterns);
        for (at, (_, address)) in registry.near.addresses.iter().enumerate() {
            patterns.extend(places::forms(address).into_iter().map(|form| (form, Meaning::Address(at))));
        }
        patterns.extend(marks(entries, choices));
        let (texts, meanings): (Vec<String>, Vec<Meaning>) = patterns.into_iter().unzip();
        // Fails only beyond four billion patterns; then nothing is searched, and [`Finder::works`] says so.
        let looker = AhoCorasick::builder().match_kind(MatchKind::Standard).build(&texts).ok();
        let mut finder = Self {
            registry,
            known,
            looker,
            meanings,
            phones: BTreeMap::new(),
            emails: BTreeMap::new(),
            numbers: BTreeMap::new(),
            postcodes: BTreeMap::new(),
        };
        finder.index();
        finder
    }

    /// Could it look at all? Nothing may leave unsearched.
    pub(super) const fn works(&self) -> bool {
        self.looker.is_some()
    }

    fn index(&mut self) {
        let people = self.registry.near.people.iter().chain(&self.registry.named);
        for (id, person) in people {
            self.phones.extend(person.phones.iter().map(|phone| (numbers::plain_phone(phone), *id)));
            self.emails.extend(person.emails.iter().map(|email| (email.to_lowercase(), *id)));
            self.numbers.extend(person.identifiers.iter().map(|one| (numbers::plain(&one.value), *id)));
        }
        let addresses = self.registry.near.addresses.iter().enumerate();
        // Of several addresses with one postcode a protected one counts.
        for (at, (_, address)) in addresses {
            let slot = self.postcodes.entry(numbers::plain(&address.postcode)).or_insert(at);
            if registry::address_blocks(self.registry, address).is_some() {
                *slot = at;
            }
        }
    }

    /// Everything found in a text, in reading order, without overlaps.
    pub(super) fn hits(&self, text: &str, entry: Option<EntryId>) -> Vec<Hit> {
        let folded = Folded::of(text);
        let mut hits: Vec<Hit> = Vec::new();
        if let Some(looker) = &self.looker {
            for found in looker.find_overlapping_iter(folded.text()) {
                let (range, meaning) = (found.range(), self.meanings.get(found.pattern().as_usize()));
                let at = folded.original(&range).filter(|_| folded.is_whole(&range));
                let hit = at.zip(meaning).and_then(|(at, meaning)| self.judge(text, at, meaning, entry));
                hits.extend(hit);
            }
        }
        hits.extend(numbers::scan(text).into_iter().filter_map(|found| self.number(found)));
        hits.sort_by_key(|hit| (hit.rank > Rank::Blocked, Reverse(hit.at.len()), hit.rank, hit.at.start));
        let mut kept: Vec<Hit> = Vec::new();
        for hit in hits {
            if kept.iter().all(|other| hit.at.end <= other.at.start || other.at.end <= hit.at.start) {
                kept.push(hit);
            }
        }
        kept.sort_by_key(|hit| hit.at.start);
        kept
    }

    fn judge(&self, text: &str, at: Range<usize>, meaning: &Meaning, entry: Option<EntryId>) -> Option<Hit> {
        match meaning {
            Meaning::Name { person, form } => self.name(text, at, (*person, form), entry),
            Meaning::Address(place) => Some(self.address(at, *place)),
            Meaning::Born(person) => {
                let why = format!("{}'s date of birth", self.known.get(person)?.person.name());
                let withhold = Withhold { code: Reason::ContactOrAddress, why, blocks: false };
                Some(Hit { at, withhold: Some(withhold), rank: Rank::NearWithheld })
            }
            Meaning::Marked(code) => {
                let why = "you withheld the same words elsewhere".to_owned();
                let withhold = Withhold { code: code.clone(), why, blocks: false };
                Some(Hit { at, withhold: Some(withhold), rank: Rank::Marked })
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
        let alone = form.part >= Part::Given;
        let stranger = known.distance == Distance::Stranger;
        let capital = text.get(at.clone())?.chars().next().is_some_and(char::is_uppercase);
        let ordinary = form.is_common() && (!capital || (begins_sentence(text, at.start) && !here));
        if ordinary || (alone && stranger && !capital) {
            return None;
        }
        let rank = match (stranger, known.withhold.is_some()) {
            (false, true) => Rank::NearWithheld,
            (false, false) => Rank::NearAllowed,
            (true, true) => Rank::StrangerWithheld,
            (true, false) => Rank::StrangerAllowed,
        };
        let withhold = known.withhold.clone().map(|(code, why)| {
            let why = if alone && !here { format!("may be a name: {why}") } else { why };
            Withhold { code, why, blocks: false }
        });
        Some(Hit { at, withhold, rank })
    }

    fn address(&self, at: Range<usize>, place: usize) -> Hit {
        let address = self.registry.near.addresses.get(place).map(|(_, address)| address);
        let blocked = address.and_then(|address| registry::address_blocks(self.registry, address));
        let (blocks, rank) =
            if blocked.is_some() { (true, Rank::Blocked) } else { (false, Rank::NearWithheld) };
        let why = blocked.unwrap_or_else(|| "an address of somebody named here".to_owned());
        Hit { at, withhold: Some(Withhold { code: Reason::ContactOrAddress, why, blocks }), rank }
    }

    fn number(&self, found: Found) -> Option<Hit> {
        let Found { at, kind, plain } = found;
        if let (Kind::Postcode, Some(place)) = (kind, self.postcodes.get(&plain)) {
            return Some(self.address(at, *place));
        }
        let owner = match kind {
            Kind::Email => self.emails.get(&plain),
            Kind::Postcode => None,
            Kind::Phone | Kind::Digits => {
                self.phones.get(&numbers::plain_phone(&plain)).or_else(|| self.numbers.get(&plain))
            }
            Kind::Nhs | Kind::Upn => self.numbers.get(&plain),
        };
        let what = match kind {
            Kind::Postcode => "a postcode",
            Kind::Phone => "a phone number",
            Kind::Email => "an e-mail address",
            Kind::Nhs => "an NHS number",
            Kind::Upn => "a Unique Pupil Number",
            Kind::Digits => "a number",
        };
        match (owner, kind) {
            (Some(owner), _) => Some(self.owned(at, what, *owner, &plain)),
            (None, Kind::Digits) => None,
            (None, _) => {
                let withhold =
                    Withhold { code: Reason::ContactOrAddress, why: what.to_owned(), blocks: false };
                Some(Hit { at, withhold: Some(withhold), rank: Rank::ByForm })
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
        Hit { at, withhold: (!own).then_some(Withhold { code, why, blocks }), rank }
    }
}

/// Names and dates of birth. A family name the child shares tells nothing by itself.
fn names_of(registry: &Registry, known: &BTreeMap<PersonId, Known<'_>>, into: &mut Vec<(String, Meaning)>) {
    let subject = registry.subject.and_then(|id| known.get(&id));
    let own = subject.map(|subject| fold(&subject.person.family)).unwrap_or_default();
    for (id, one) in known {
        let alone = one.distance == Distance::Subject || fold(&one.person.family) != own;
        let forms = names::forms(one.person, alone).into_iter();
        into.extend(forms.map(|form| (form.text.clone(), Meaning::Name { person: *id, form })));
        let born = one.person.born.filter(|_| one.distance == Distance::Near);
        into.extend(born.into_iter().flat_map(dates).map(|date| (date, Meaning::Born(*id))));
        let odd = one.person.identifiers.iter().filter(|_| one.distance == Distance::Near);
        let odd = odd.filter(|one| !matches!(one.scheme, IdentifierScheme::Upn | IdentifierScheme::Nhs));
        let odd = odd.map(|one| fold(&one.value)).filter(|value| value.len() >= 4);
        let form = |text| Form { text, part: Part::Whole };
        into.extend(odd.map(|text| (text.clone(), Meaning::Name { person: *id, form: form(text) })));
    }
}

/// A date as people write it, folded (a dash folds to a blank).
fn dates(date: Date) -> Vec<String> {
    let forms =
        ["%d/%m/%Y", "%-d/%-m/%Y", "%d.%m.%Y", "%d/%m/%y", "%Y %m %d", "%d %m %Y", "%-d %B %Y", "%-d %b %Y"];
    forms.iter().map(|form| date.strftime(form).to_string().to_lowercase()).collect()
}

/// What a person marked to be withheld, so that it is asked about wherever else it stands.
fn marks(entries: &[EntryView], choices: &ShareChoices) -> Vec<(String, Meaning)> {
    let texts: BTreeMap<(EntryId, String), String> = (entries.iter())
        .flat_map(|view| pieces::pieces(view).into_iter().map(|piece| ((view.id, piece.field), piece.text)))
        .collect();
    let withheld = choices.decisions.iter().filter_map(|(id, decision)| match decision {
        Decision::Withhold(code) => Some((id, code)),
        Decision::Keep { .. } => None,
    });
    let marked = withheld.filter_map(|(id, code)| {
        let text = texts.get(&(id.entry, id.field.clone()))?;
        let text = fold(text.get(id.start as usize..id.end as usize)?);
        let long = text.chars().filter(|c| c.is_alphanumeric()).count() >= MIN_MARK;
        (long && !is_common(&text)).then_some((text, Meaning::Marked(code.clone())))
    });
    marked.collect()
}

/// Is what stands at `at` the first word of a sentence, so that its capital says nothing?
fn begins_sentence(text: &str, at: usize) -> bool {
    let before = text.get(..at).unwrap_or_default();
    let line = before.trim_end_matches([' ', '\t', '"', '\'', '(', '[', '\u{201c}', '\u{2018}', '\u{a0}']);
    line.chars()
        .next_back()
        .is_none_or(|c| matches!(c, '.' | '!' | '?' | ':' | '\n' | '\r' | '\u{2022}' | '-' | '\u{2013}'))
}
