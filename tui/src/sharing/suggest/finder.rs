//! Finds whom and what a text names. What is known is looked for literally; what is not, by its form and by lists.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use aho_corasick::{AhoCorasick, MatchKind};
use jiff::civil::Date;
use kith_protocol::{bundle::Reason, directory::Sector};

use super::{
    addresses::joined,
    blanks::WithoutBlanks,
    fold::{Folded, fold},
    handles::handles,
    names,
    nearly::Nearly,
    numbers::{self, Kind},
    patterns::{Meaning, patterns},
    protected::{Guarded, guarded},
    registry::{self, Known, Registry},
    traces::traces,
    words::words,
};
use crate::{
    casework::{
        ids::{EntryId, PersonId},
        person::PersonKind,
        query::EntryView,
    },
    sharing::plan::ShareChoices,
};

/// Finds whom and what texts name.
pub(in crate::sharing) struct Finder<'a> {
    pub(in crate::sharing) registry: &'a Registry,
    pub(in crate::sharing) known: BTreeMap<PersonId, Known<'a>>,
    pub(super) sector: Sector,
    looker: Option<AhoCorasick>,
    /// What each pattern of `looker` stands for.
    meanings: Vec<Meaning>,
    pub(super) without_blanks: WithoutBlanks,
    pub(super) phones: BTreeMap<String, PersonId>,
    pub(super) emails: BTreeMap<String, PersonId>,
    pub(super) numbers: BTreeMap<String, PersonId>,
    pub(super) postcodes: BTreeMap<String, usize>,
    pub(super) born: BTreeMap<Date, PersonId>,
    pub(super) guarded: Vec<Guarded>,
    /// Phones of the agency itself and of its staff, as they are compared.
    own_phones: BTreeSet<String>,
    /// Words of the names of those near the child, to be known misspelt.
    pub(super) near_names: Vec<String>,
    pub(super) near_owners: Vec<PersonId>,
    pub(super) nearly: Nearly,
    /// Agencies that every reader sees named anyway, folded.
    pub(super) agencies: BTreeSet<String>,
}

/// Something found in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::sharing) struct Hit {
    pub(in crate::sharing) at: Range<usize>,
    /// None: it is known and may stand.
    pub(in crate::sharing) withhold: Option<Withhold>,
    pub(in crate::sharing) rank: Rank,
    /// A whole name of somebody known: no guess knows better.
    pub(super) sure: bool,
}

/// Why it ought to be withheld.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::sharing) struct Withhold {
    pub(in crate::sharing) code: Reason,
    pub(in crate::sharing) why: String,
    pub(in crate::sharing) blocks: bool,
    /// It seems to be of a protected address; where it is kept, that is said once more before it goes.
    pub(in crate::sharing) careful: bool,
}

/// Of several meanings of the same words the lowest counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::sharing) enum Rank {
    Blocked,
    NearWithheld,
    NearAllowed,
    StrangerWithheld,
    StrangerAllowed,
    ByForm,
    Marked,
    Guessed,
}

impl<'a> Finder<'a> {
    pub(in crate::sharing) fn new(
        registry: &'a Registry,
        entries: &[EntryView],
        choices: &ShareChoices,
        (sector, today): (Sector, Date),
    ) -> Self {
        let known = registry::known(registry, entries, sector, today);
        let (texts, meanings): (Vec<String>, Vec<Meaning>) =
            patterns(registry, &known, entries, choices).into_iter().unzip();
        // Fails only beyond four billion patterns; then nothing is searched, and [`Finder::works`] says so.
        let looker = AhoCorasick::builder().match_kind(MatchKind::Standard).build(&texts).ok();
        let without_blanks = WithoutBlanks::new(registry, &known);
        let sources = entries.iter().map(|view| &view.entry.source.agency);
        let agencies = registry.agencies.iter().chain(sources).map(|name| fold(name));
        let mut finder = Self {
            registry,
            known,
            sector,
            looker,
            meanings,
            without_blanks,
            phones: BTreeMap::new(),
            emails: BTreeMap::new(),
            numbers: BTreeMap::new(),
            postcodes: BTreeMap::new(),
            born: BTreeMap::new(),
            guarded: Vec::new(),
            own_phones: registry.phones.iter().map(|phone| numbers::plain_phone(phone)).collect(),
            near_names: Vec::new(),
            near_owners: Vec::new(),
            nearly: Nearly::default(),
            agencies: agencies.filter(|name| !name.is_empty()).collect(),
        };
        finder.index();
        finder
    }

    /// Could it look at all? Nothing may leave unsearched.
    pub(in crate::sharing) const fn works(&self) -> bool {
        self.looker.is_some()
    }

    /// Is it a telephone number of the agency itself, or of its staff?
    pub(in crate::sharing) fn is_own_phone(&self, text: &str) -> bool {
        self.own_phones.contains(&numbers::plain_phone(text))
    }

    fn index(&mut self) {
        // Those near come last, so that of two owners they count.
        let people = self.registry.named.iter().chain(&self.registry.near.people);
        for (id, person) in people {
            if matches!(person.kind, PersonKind::Staff { .. }) {
                self.own_phones.extend(person.phones.iter().map(|phone| numbers::plain_phone(phone)));
            }
            self.phones.extend(person.phones.iter().map(|phone| (numbers::plain_phone(phone), *id)));
            self.emails.extend(person.emails.iter().map(|email| (email.to_lowercase(), *id)));
            self.numbers.extend(person.identifiers.iter().map(|one| (numbers::plain(&one.value), *id)));
            self.born.extend(person.born.map(|born| (born, *id)));
        }
        // A date of birth that others share is the child's own.
        let subject = self.registry.near.people.iter().filter(|(id, _)| self.registry.subject == Some(*id));
        self.born.extend(subject.filter_map(|(id, person)| person.born.map(|born| (born, *id))));
        for (id, person) in &self.registry.near.people {
            for word in names::single_words(person) {
                self.near_names.push(word);
                self.near_owners.push(*id);
            }
        }
        self.nearly = Nearly::of(self.known.iter().map(|(id, known)| (*id, known.person)));
        let addresses = self.registry.near.addresses.iter().enumerate();
        // Of several addresses with one postcode a protected one counts.
        for (at, (_, address)) in addresses {
            let slot = self.postcodes.entry(numbers::plain(&address.postcode)).or_insert(at);
            if registry::address_blocks(self.registry, address).is_some() {
                *slot = at;
                self.guarded.extend(guarded(at, address));
            }
        }
    }

    /// Everything found in a text, in reading order, without overlaps.
    pub(in crate::sharing) fn hits(&self, text: &str, entry: Option<EntryId>) -> Vec<Hit> {
        let folded = Folded::of(text);
        let words = words(text);
        let mut hits: Vec<Hit> = Vec::new();
        let mut places: Vec<Hit> = Vec::new();
        if let Some(looker) = &self.looker {
            for found in looker.find_overlapping_iter(folded.text()) {
                let (range, meaning) = (found.range(), self.meanings.get(found.pattern().as_usize()));
                let at = folded.original(&range).filter(|_| folded.is_whole(&range));
                let hit = at.zip(meaning).and_then(|(at, meaning)| self.judge(text, at, meaning, entry));
                match meaning {
                    Some(Meaning::Address(_) | Meaning::Street(_)) => places.extend(hit),
                    _ => hits.extend(hit),
                }
            }
        }
        let handles = handles(text, &words, &self.near_names);
        for found in numbers::scan(text).into_iter().chain(traces(text, &words)).chain(handles) {
            let is_place = matches!(found.kind, Kind::Postcode | Kind::Street);
            let hit = self.number(found);
            if is_place { places.extend(hit) } else { hits.extend(hit) }
        }
        places.extend(self.guarded(&words));
        hits.extend(joined(&words, places));
        hits.extend(self.dates(&words));
        hits.sort_by_key(|hit| hit.at.start);
        let guesses = self.guesses(&words, &hits);
        hits.extend(guesses);
        apart(hits)
    }
}

/// The best of those that overlap: what blocks, then the longest, then the surest.
pub(super) fn apart(mut hits: Vec<Hit>) -> Vec<Hit> {
    hits.sort_by_key(|hit| (hit.rank > Rank::Blocked, Reverse(hit.at.len()), hit.rank, hit.at.start));
    let mut kept = BTreeMap::<usize, Hit>::new();
    for hit in hits {
        let before = kept.range(..hit.at.end).next_back();
        if !hit.at.is_empty() && before.is_none_or(|(_, other)| other.at.end <= hit.at.start) {
            kept.insert(hit.at.start, hit);
        }
    }
    kept.into_values().collect()
}
