//! People the casebook does not know, by lists of names and by how a text speaks of people.
//!
//! A name that is no ordinary word is enough; one that may be a word needs a sign beside it: a title, a family name, a
//! verb of speech, somebody to whom something is done. Officials in their role may stand.

use std::ops::Range;

use super::{
    cues::{
        ADULTS, CALLED, CHILDREN, MONTHS, OFFICES, PLACES, SMALL_TITLES, SPEECH, SURELY, TITLES, TOWARDS,
    },
    gazetteer::{is_ordinary, listed},
    streets::is_street,
    words::Word,
};

/// Somebody who seems to be named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stranger {
    pub(super) at: Range<usize>,
    /// The same without a title.
    pub(super) name: Range<usize>,
    pub(super) who: Who,
}

/// As what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    Child,
    Somebody,
    /// `Mill Lane`: no person, but it tells where somebody is.
    Place,
    /// A police officer, doctor, social worker: named in their role.
    Official,
}

/// Most words of one name.
const LONGEST: usize = 4;

pub(super) fn strangers(words: &[Word<'_>]) -> Vec<Stranger> {
    let mut found = Vec::new();
    let mut from = 0;
    while from < words.len() {
        let Some((end, who)) = read(words, from) else {
            from += 1;
            continue;
        };
        let stretch = words.get(from..end).unwrap_or_default();
        if let (Some(first), Some(last)) = (stretch.first(), stretch.last()) {
            let title = stretch.len() > 1 && TITLES.contains(&first.plain.as_str());
            let name = stretch.get(usize::from(title)).unwrap_or(first);
            let (at, name) = (first.at.start..last.at.end, name.at.start..last.at.end);
            found.push(Stranger { at, name, who });
        }
        from = end.max(from + 1);
    }
    let more = again(words, &found);
    found.extend(more);
    found.sort_by_key(|one| one.at.start);
    found
}

/// Parts of names that stood in full, standing alone elsewhere: `Tyrone Jacks`, then `Jacks`.
fn again(words: &[Word<'_>], found: &[Stranger]) -> Vec<Stranger> {
    let within = |one: &Stranger, word: &Word<'_>| one.at.start <= word.at.start && word.at.end <= one.at.end;
    let parts: Vec<(&str, Who)> = (found.iter())
        .flat_map(|one| {
            let named = words.iter().filter(|word| within(one, word) && word.at.start >= one.name.start);
            let named: Vec<&Word<'_>> = named.filter(|word| word.plain.chars().count() > 2).collect();
            let full = if named.len() > 1 { named } else { Vec::new() };
            full.into_iter().map(|word| (word.plain.as_str(), one.who))
        })
        .filter(|(part, _)| !is_ordinary(part) && !MONTHS.contains(part) && !PLACES.contains(part))
        .collect();
    let alone = words.iter().filter(|word| word.capital && !found.iter().any(|one| within(one, word)));
    alone
        .filter_map(|word| {
            let (_, who) = parts.iter().find(|(part, _)| *part == word.plain)?;
            Some(Stranger { at: word.at.clone(), name: word.at.clone(), who: *who })
        })
        .collect()
}

/// Where the name ends that begins with this word.
fn read(words: &[Word<'_>], from: usize) -> Option<(usize, Who)> {
    let word = words.get(from)?;
    let next = words.get(from + 1);
    let rank = OFFICES.contains(&word.plain.as_str());
    // `PC 4417 Latham`
    let numbered = rank && next.is_some_and(|next| next.plain.bytes().all(|b| b.is_ascii_digit()));
    let name = from + 1 + usize::from(numbered);
    if let Some(next) = words.get(name).filter(|next| matches!(next.gap, " " | ". ")) {
        let small = !word.capital && SMALL_TITLES.contains(&word.plain.as_str());
        let title = (word.capital || rank || small) && TITLES.contains(&word.plain.as_str());
        // `nan's Skoda`, `nan. Then`, `cousin NHS`
        let apart = small && (word.possessive || next.gap != " " || next.upper);
        if (title || rank) && next.capital && !is_ordinary(&next.plain) && !apart {
            let who = if rank { Who::Official } else { Who::Somebody };
            return Some((extend(words, name), who));
        }
    }
    let is_named = word.capital && is_a_name(words, from);
    if !is_named {
        return None;
    }
    let end = extend(words, from);
    if is_place(words, end) {
        return None;
    }
    Some((end, if is_a_street(words, from, end) { Who::Place } else { role(words, from, end) }))
}

/// `Mill Lane`, but not `Dave Lane`.
fn is_a_street(words: &[Word<'_>], from: usize, end: usize) -> bool {
    let Some([first, .., last]) = words.get(from..end) else { return false };
    is_street(&last.plain) && !listed(&first.plain).given
}

/// Does the word at `at` name somebody?
fn is_a_name(words: &[Word<'_>], at: usize) -> bool {
    let Some(word) = words.get(at) else { return false };
    let plain = word.plain.as_str();
    let list = listed(plain);
    let before = at.checked_sub(1).and_then(|at| words.get(at)).filter(|_| !word.begins);
    let is_before = |set: &[&str]| before.is_some_and(|before| set.contains(&before.plain.as_str()));
    let beside = matches!(word.gap, " " | ", " | ": ");
    let after = words.get(at + 1).filter(|next| next.gap == " ");
    let speaks = |set: &[&str]| after.is_some_and(|next| set.contains(&next.plain.as_str()));
    let called = is_before(&CALLED) && word.gap == " ";
    // `Nana` and `Nan` are names, too, but hardly ever meant as such.
    let kin = TITLES.contains(&plain) || ADULTS.contains(&plain);
    if kin || is_ordinary(plain) && !list.is_name() || (word.upper && word.text.len() <= 4 && !list.given) {
        return false;
    }
    let surely = SPEECH.get(..SURELY).unwrap_or_default();
    let family_next = words.get(at + 1).is_some_and(|next| {
        next.goes_on() && next.capital && listed(&next.plain).family && !MONTHS.contains(&next.plain.as_str())
    });
    if list.given && !list.doubtful {
        return true;
    }
    if MONTHS.contains(&plain) && !called && !family_next {
        return !word.begins && (speaks(surely) || is_before(&["with", "told", "asked", "saw", "hit"]));
    }
    let person_before =
        beside && (is_before(&CHILDREN) || is_before(&ADULTS)) && before.is_some_and(|one| !one.possessive);
    if list.given {
        let sure = (word.begins && speaks(surely)) || (!word.begins && speaks(&SPEECH));
        let pair = words.get(at + 1).is_some_and(|and| and.plain == "and")
            && words.get(at + 2).is_some_and(|other| other.capital && listed(&other.plain).given);
        let done = !word.begins && (is_before(&TOWARDS) || word.possessive);
        return called || family_next || sure || pair || done || person_before;
    }
    if list.family && !list.doubtful {
        return !word.begins || speaks(surely) || word.possessive || family_next;
    }
    if list.family {
        return called || (!word.begins && speaks(surely) && !is_ordinary(plain));
    }
    // The Hendersons, all of them.
    let all = plain.strip_suffix('s').map(listed).is_some_and(|one| one.family && !one.doubtful);
    if all && before.is_some_and(|before| before.plain == "the") {
        return true;
    }
    let unheard = !word.upper && !word.begins;
    called || (unheard && (person_before || speaks(surely))) || (unheard && family_next && !is_street(plain))
}

/// Does the word say that the one before it is a person?
pub(super) fn speaks(word: &Word<'_>) -> bool {
    word.gap == " " && SPEECH.get(..SURELY).is_some_and(|surely| surely.contains(&word.plain.as_str()))
}

/// Takes in the words that belong to the same name.
fn extend(words: &[Word<'_>], from: usize) -> usize {
    let rest = words.get(from + 1..).unwrap_or_default().iter().take(LONGEST - 1);
    let more = rest.take_while(|word| {
        let initial = word.text.chars().count() == 1;
        let joined = word.goes_on() || (word.gap == ". " && !word.begins);
        let list = listed(&word.plain);
        let name = list.is_name() || initial || !(is_ordinary(&word.plain) || is_street(&word.plain));
        let place = PLACES.contains(&word.plain.as_str());
        joined && word.capital && name && !place && !(word.upper && !initial && !list.is_name())
    });
    from + 1 + more.count()
}

/// Is what ends before `end` a street, school or other place?
fn is_place(words: &[Word<'_>], end: usize) -> bool {
    let last = end.checked_sub(1).and_then(|at| words.get(at));
    let next = words.get(end).filter(|next| next.gap == " " && next.capital);
    let first_is_saint =
        end.checked_sub(2).and_then(|at| words.get(at)).is_some_and(|word| word.text == "St");
    let place = |word: &Word<'_>| PLACES.contains(&word.plain.as_str()) || is_street(&word.plain);
    first_is_saint
        || next.is_some_and(place)
        || last.is_some_and(|word| PLACES.contains(&word.plain.as_str()))
}

/// As what somebody is named, by the words before and after.
fn role(words: &[Word<'_>], from: usize, end: usize) -> Who {
    let before = words.get(from.saturating_sub(1)..from).unwrap_or_default();
    let after = words.get(end..(end + 4).min(words.len())).unwrap_or_default();
    let official = |word: &Word<'_>| OFFICES.contains(&word.plain.as_str());
    let near = words.get(from).is_some_and(|word| matches!(word.gap, " " | ", " | ": "));
    let bracketed = after.first().is_some_and(|word| word.gap == " (") && after.iter().any(official);
    if bracketed || (near && before.iter().any(official)) {
        return Who::Official;
    }
    if before.iter().any(|word| CHILDREN.contains(&word.plain.as_str())) { Who::Child } else { Who::Somebody }
}

#[cfg(test)]
mod tests {
    use super::{super::words::words, *};

    fn seen(text: &str) -> Vec<&str> {
        let all = strangers(&words(text)).into_iter().filter(|one| one.who != Who::Official);
        all.map(|one| &text[one.at]).collect()
    }

    #[test]
    fn names_are_found_by_lists_titles_and_what_is_said_of_them() {
        for (text, names) in [
            ("then Kezia Mbeki left with Tafari Mensah.", &["Kezia Mbeki", "Tafari Mensah"][..]),
            ("a boy called Spud and Mrs Zyx-Wood", &["Spud", "Mrs Zyx-Wood"]),
            ("he told Grace; Hope said no. We saw Summer Hayes", &["Grace", "Hope", "Summer Hayes"]),
            ("her friend Xanthi waited", &["Xanthi"]),
            ("Thompson said so, and the Henderson twins", &["Thompson", "Henderson"]),
            ("Auntie Shell came", &["Auntie Shell"]),
            ("with nan Pat and his uncle Rob, mrs Zyx", &["nan Pat", "uncle Rob", "mrs Zyx"]),
            ("with the Hendersons in York", &["Hendersons"]),
            ("Tyrone Jacks came. Jacks has a car.", &["Tyrone Jacks", "Jacks"]),
        ] {
            assert_eq!(seen(text), names, "{text}");
        }
    }

    #[test]
    fn words_places_and_months_are_left_alone() {
        for quiet in [
            "Will it rain in May? Mark the date. Hope is good; grace and patience too.",
            "English and Maths on Monday in Year 6, by April or since June",
            "at St Albert School, near Grace Road, and Bradford Station",
            "his nan Monday, gran's Skoda, to aunt. Then I saw uncle NHS; told nan English was hard",
            "MASH and CAMHS rang. Summer holidays begin.",
            "a member of the public; the Spanish teacher; this Friday; he told Nana",
        ] {
            assert_eq!(seen(quiet), Vec::<&str>::new(), "{quiet}");
        }
    }

    #[test]
    fn a_street_is_a_place_and_a_man_called_lane_is_none() {
        let who = |text: &str| strangers(&words(text)).first().map(|one| one.who);
        assert_eq!(who("he drove off towards Mill Lane"), Some(Who::Place));
        assert_eq!(who("he drove off with Dave Lane"), Some(Who::Somebody));
    }

    #[test]
    fn officials_may_stand() {
        for text in [
            "PC Davies",
            "social worker Jane Hill",
            "Ffion Rees (family support worker)",
            "Dr. Adan",
            "PC 4417 Latham",
        ] {
            let found = strangers(&words(text));
            assert!(
                found.iter().all(|one| one.who == Who::Official) && !found.is_empty(),
                "{text} {found:?}"
            );
        }
    }
}
