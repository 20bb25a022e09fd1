//! What is not known but may tell who somebody is: strangers' names, misspelt names, ties, schools, work.

use std::ops::Range;

use kith_protocol::bundle::Reason;

use super::{
    finder::{Finder, Hit, Rank, Withhold},
    fold::fold,
    gazetteer,
    institutions::{What, institutions},
    misspelt::misspelt,
    names,
    nearly::Near,
    registry::{Distance, Known, protects},
    strangers::{Stranger, Who, strangers},
    ties::{Tied, is_kin, ties},
    words::Word,
};
use crate::casework::ids::PersonId;

/// Longest name of somebody known, in bytes, that may begin before a guess and reach into it.
const REACH: usize = 512;
/// Shortest misspelt word that is taken for a name that may stand.
const SURELY_MEANT: usize = 5;

impl Finder<'_> {
    /// Guesses, where nothing known is sure. `exact` stands in reading order.
    pub(super) fn guesses(&self, words: &[Word<'_>], exact: &[Hit]) -> Vec<Hit> {
        let mut hits = Vec::new();
        let ties = ties(words);
        for one in strangers(words) {
            hits.extend(stranger(beside(one, &ties), exact));
        }
        hits.extend(ties.into_iter().filter_map(|one| self.tied(words, one, exact)));
        for (at, what) in institutions(words) {
            hits.extend(self.institution(words, at, what, exact));
        }
        for one in self.nearly.spot(words) {
            if !over(exact, &one.at).any(|hit| hit.sure) {
                hits.extend(self.nearly(one));
            }
        }
        for (at, word) in words.iter().enumerate() {
            if over(exact, &word.at).next().is_none() {
                hits.extend(self.slip(word, words.get(at + 1)));
            }
        }
        hits
    }

    /// Somebody near the child whose name is misspelt.
    fn slip(&self, word: &Word<'_>, after: Option<&Word<'_>>) -> Option<Hit> {
        let id = self.near_owners.get(misspelt(word, after, &self.near_names)?)?;
        let known = self.known.get(id)?;
        let Some((code, why)) = known.withhold.clone() else {
            // Another name is rather another person.
            let meant = word.plain.len() >= SURELY_MEANT && !gazetteer::listed(&word.plain).is_name();
            return meant.then(|| allowed(word.at.clone()));
        };
        let why = format!("may be misspelt: {why}");
        let withhold = Some(Withhold { code, why, blocks: false, careful: false });
        Some(Hit { at: word.at.clone(), withhold, rank: Rank::NearWithheld, sure: false })
    }

    /// Somebody known whose whole name is misspelt.
    fn nearly(&self, Near { at, who, another }: Near) -> Option<Hit> {
        let known = self.known.get(&who)?;
        let Some((code, why)) = known.withhold.clone() else { return (!another).then(|| allowed(at)) };
        let why = format!("may be misspelt: {why}");
        let withhold = Some(Withhold { code, why, blocks: false, careful: false });
        Some(Hit { at, withhold, rank: Rank::StrangerWithheld, sure: false })
    }

    fn tied(&self, words: &[Word<'_>], tied: Tied, exact: &[Hit]) -> Option<Hit> {
        let childs_own = over(exact, &tied.owner).any(|hit| hit.rank == Rank::NearAllowed);
        if tied.parent && childs_own {
            return None;
        }
        let owner = words.iter().find(|word| word.at == tied.owner);
        let meant: Vec<&Known<'_>> = self.meant(&tied, owner);
        let informant = meant
            .iter()
            .find_map(|known| known.withhold.clone().filter(|(code, _)| *code == Reason::Informant));
        if let Some((code, why)) = informant {
            return Some(guess(tied.at, code, why));
        }
        let may_stand = !meant.is_empty() && meant.iter().all(|known| known.withhold.is_none());
        if protects(self.sector) || may_stand {
            return None;
        }
        let why = meant.first().map_or_else(
            || "a tie that may tell who it is".to_owned(),
            |known| format!("a tie that tells who it is: {}", known.person.name()),
        );
        let code = if tied.child { Reason::ThirdPartyChild } else { Reason::ThirdPartyAdult };
        Some(guess(tied.at, code, why))
    }

    /// Those near the child who have such a tie to whom the text says: by name, or else the child.
    fn meant(&self, tied: &Tied, owner: Option<&Word<'_>>) -> Vec<&Known<'_>> {
        let named = owner.filter(|owner| owner.possessive && !is_kin(owner));
        let owners: Vec<PersonId> = match named {
            Some(owner) => self.called(&fold(owner.text)),
            None => self.registry.subject.into_iter().collect(),
        };
        let relations = || self.registry.near.relations.iter().map(|(_, relation)| relation);
        let is_meant = |id: PersonId| {
            relations().any(|tie| {
                let ends = [(tie.from, tie.to), (tie.to, tie.from)];
                tied.kinds.contains(&tie.kind)
                    && ends.iter().any(|(one, other)| *one == id && owners.contains(other))
            })
        };
        let near = self.known.iter().filter(|(_, known)| known.distance == Distance::Near);
        near.filter(|(id, _)| is_meant(**id)).map(|(_, known)| known).collect()
    }

    /// Those known here by a folded name.
    fn called(&self, name: &str) -> Vec<PersonId> {
        let forms = |known: &Known<'_>| names::forms(known.person, true);
        let called = self.known.iter().filter(|(_, known)| forms(known).iter().any(|form| form.text == name));
        called.map(|(id, _)| *id).collect()
    }

    fn institution(&self, words: &[Word<'_>], at: Range<usize>, what: What, exact: &[Hit]) -> Option<Hit> {
        let from = words.partition_point(|word| word.at.start < at.start);
        let to = words.partition_point(|word| word.at.start < at.end);
        let each: Vec<&str> = words.get(from..to)?.iter().map(|word| word.text).collect();
        let name = fold(&each.join(" "));
        let ours = self.agencies.iter().any(|one| one.contains(&name) || name.contains(one.as_str()));
        if ours || protects(self.sector) {
            let hides = over(exact, &at).any(|hit| hit.withhold.is_some() && hit.sure);
            return (what == What::School && !hides).then(|| allowed(at));
        }
        let why = match what {
            What::School => "a school at which somebody may be found",
            What::Work => "somebody's place of work",
        };
        Some(guess(at, Reason::ContactOrAddress, why.to_owned()))
    }
}

/// Of `his aunt Carol` the tie and the name are found, each by itself.
fn beside(mut one: Stranger, ties: &[Tied]) -> Stranger {
    if ties.iter().any(|tied| one.at.start < tied.at.end && tied.at.end <= one.name.start) {
        one.at.start = one.name.start;
    }
    one
}

fn stranger(Stranger { at, name, who }: Stranger, exact: &[Hit]) -> Option<Hit> {
    let whole = |hit: &Hit| hit.at.start <= name.start && name.end <= hit.at.end;
    if over(exact, &at).any(|hit| hit.sure || whole(hit)) {
        return None;
    }
    let (code, why) = match who {
        Who::Official => {
            let hides = over(exact, &at).any(|hit| hit.withhold.is_some());
            return (!hides).then(|| allowed(at));
        }
        Who::Place => (Reason::ContactOrAddress, "seems to name a street or another place"),
        Who::Child => (Reason::ThirdPartyChild, "seems to name a child whom the casebook does not know"),
        Who::Somebody => {
            (Reason::ThirdPartyAdult, "may be a name or a place that the casebook does not know")
        }
    };
    Some(guess(at, code, why.to_owned()))
}

const fn guess(at: Range<usize>, code: Reason, why: String) -> Hit {
    Hit {
        at,
        withhold: Some(Withhold { code, why, blocks: false, careful: false }),
        rank: Rank::Guessed,
        sure: false,
    }
}

const fn allowed(at: Range<usize>) -> Hit {
    Hit { at, withhold: None, rank: Rank::Guessed, sure: false }
}

/// What is known and overlaps a stretch.
fn over<'h>(exact: &'h [Hit], at: &Range<usize>) -> impl Iterator<Item = &'h Hit> + use<'h> {
    let (start, end) = (at.start, at.end);
    let to = exact.partition_point(|hit| hit.at.start < end);
    let near = exact.get(..to).unwrap_or_default().iter().rev();
    near.take_while(move |hit| hit.at.start + REACH >= start).filter(move |hit| hit.at.end > start)
}
