//! Signs beside a word that it is somebody's name: what is owned, done, said or told of a person and of nothing else.

use std::collections::BTreeSet;

use super::{
    cues::{ADULTS, CHILDREN, SPEECH, SURELY},
    fold::fold,
    words::{Word, words},
};

/// How far is looked, in bytes.
const REACH: usize = 80;
/// Names that, as words, begin a sentence without an article: stuff, time, virtues, colours. Of others (`Ruby is`) nothing
/// but a name can. Sorted.
#[rustfmt::skip]
const BARE: [&str; 81] = [
    "april", "art", "august", "autumn", "black", "bliss", "blue", "brown", "chance", "charity", "christian",
    "comfort", "cotton", "dawn", "destiny", "diamond", "english", "eve", "ever", "faith", "favour", "fish",
    "flora", "french", "frost", "ginger", "gold", "good", "grace", "gray", "green", "grey", "happy",
    "harmony", "henna", "holiday", "honey", "honour", "hope", "ivory", "jade", "joy", "july", "june",
    "justice", "land", "law", "little", "long", "love", "low", "march", "may", "melody", "mercy", "mint",
    "moss", "night", "north", "ocean", "patience", "peace", "pepper", "power", "prudence", "rain", "red",
    "rice", "rosemary", "sage", "sky", "small", "snow", "spring", "storm", "summer", "trinity", "victory",
    "winter", "wood", "young",
];
/// After `'s` they say that it stands for `is` or `has`; and what belongs to a time of the year.
#[rustfmt::skip]
const NO_OWNER: [&str; 46] = [
    "a", "almost", "always", "an", "back", "been", "best", "break", "day", "days", "end", "ended", "evening",
    "finally", "gone", "good", "great", "happened", "heat", "here", "holiday", "holidays", "hot", "just",
    "light", "lost", "morning", "nearly", "never", "night", "no", "not", "now", "on", "one", "only", "out",
    "over", "rain", "still", "sun", "term", "the", "there", "weather", "work",
];
/// What is a person, or a thing that only a person is.
#[rustfmt::skip]
const PERSONS: [&str; 68] = [
    "absent", "afraid", "aged", "angry", "asked", "asleep", "bruised", "bullied", "carer", "child",
    "classmate", "collected", "cousin", "crying", "excluded", "friends", "frightened", "grabbed", "hiding",
    "hit", "hungry", "hurt", "ill", "injured", "instigator", "kicked", "laughing", "living", "missing",
    "nephew", "niece", "playing", "pregnant", "pulled", "punched", "pupil", "pushed", "quiet", "refusing",
    "sad", "saying", "scared", "seen", "sent", "shouting", "sibling", "sick", "sister", "sitting", "spoken",
    "standing", "staying", "stepbrother", "stepsister", "student", "suspended", "taken", "talking", "tearful",
    "telling", "tired", "told", "twin", "upset", "victim", "walking", "witness", "worried",
];
/// What somebody does or did, beside [`SPEECH`]; after a name that is no [`BARE`] word, nothing but a person.
#[rustfmt::skip]
const DOES: [&str; 47] = [
    "agreed", "appeared", "arrived", "became", "began", "bit", "broke", "brought", "can", "cannot",
    "chose", "could", "cried", "did", "does", "drew", "fell", "felt", "found", "got", "had", "heard", "held", "hid",
    "keeps", "kept", "left", "likes", "looked", "lost", "made", "met", "must", "needed", "needs", "put", "read",
    "refused", "sat", "screamed", "sent", "should", "spoke", "started", "stayed", "stood", "would",
];
/// What may stand between `is` and that.
const BETWEEN: [&str; 22] = [
    "a", "also", "always", "an", "being", "best", "by", "her", "his", "my", "not", "now", "often", "older",
    "one", "our", "still", "the", "their", "very", "visibly", "younger",
];
/// To whom or with whom somebody does something, before initials.
const DONE_TO: [&str; 14] = [
    "asked", "by", "called", "grabbed", "hit", "kicked", "messaged", "punched", "pushed", "rang", "saw",
    "texted", "told", "with",
];
/// Initials of offices, agencies and lessons, beside those in [`super::known`].
#[rustfmt::skip]
const OFFICES: [&str; 24] = [
    "ad", "ap", "cm", "cw", "dh", "dt", "ed", "ep", "ey", "fs", "hl", "hv", "ks", "mh", "ot", "pa", "ra",
    "sa", "sl", "sn", "so", "ss", "tl", "yw",
];

/// A word that may be a given name begins a sentence: does what follows say that it is one?
pub(super) fn is_person(written: &str, after: &str) -> bool {
    let bare = BARE.binary_search(&fold(written).as_str()).is_ok();
    let after = start(after);
    let owned = ["'s", "\u{2019}s", "'S", "\u{2019}S"].into_iter().find_map(|own| after.strip_prefix(own));
    let owns = owned.filter(|rest| !rest.starts_with(char::is_alphanumeric));
    let next = words(owns.unwrap_or(after));
    if owns.is_some() {
        let thing = next.first().filter(|thing| thing.gap == " ");
        return !bare
            || thing.is_some_and(|thing| {
                !NO_OWNER.contains(&thing.plain.as_str()) && !thing.plain.ends_with("ing")
            });
    }
    let [first, rest @ ..] = next.as_slice() else { return false };
    let beside = first.gap == " ";
    match first.plain.as_str() {
        "dob" | "d" if matches!(first.gap, " " | ", " | " (") => is_birth(&next),
        "date" | "born" => matches!(first.gap, " " | ", " | " (") && is_birth(&next),
        "is" | "was" => beside && (!bare || is_said_of_a_person(rest)),
        "has" => beside && (!bare || has(rest)),
        "in" => beside && is_class(rest),
        plain => {
            let speaks = SPEECH.get(..SURELY).is_some_and(|speech| speech.contains(&plain));
            let does = speaks || (!bare && DOES.binary_search(&plain).is_ok());
            let who = first.gap == ", " && plain == "who";
            (beside && does) || who || (matches!(first.gap, ", " | " (") && is_class(&next))
        }
    }
}

/// Initials of somebody who is no more than on the roll: do they stand for a person here?
pub(super) fn are_somebodys(before: &str, written: &str, after: &str, shortening: bool) -> bool {
    let plain = fold(written).replace(['.', ' '], "");
    let dotted = written.contains('.');
    let next = words(start(after));
    let next = next.first().filter(|next| next.gap == " ");
    let speaks = next.is_some_and(|next| {
        !next.upper && SPEECH.get(..SURELY).is_some_and(|speech| speech.contains(&next.plain.as_str()))
    });
    let last = before.strip_suffix(' ').unwrap_or_default().rsplit(|c: char| !c.is_alphanumeric()).next();
    let done_to = last.is_some_and(|last| DONE_TO.contains(&last));
    // `T.K. Maxx`
    let goes_on = next.is_some_and(|next| next.capital);
    if dotted {
        return speaks || (!goes_on && !shortening);
    }
    (speaks || (done_to && !goes_on)) && !shortening && !OFFICES.contains(&plain.as_str())
}

/// Initials that stand for somebody in this text, two letters each, small.
pub(in crate::sharing) fn initials(text: &str) -> BTreeSet<(char, char)> {
    let words = words(text);
    let mut found = BTreeSet::new();
    for (at, word) in words.iter().enumerate() {
        let single = |word: &Word<'_>| word.capital && word.plain.chars().count() == 1;
        let next = words.get(at + 1).filter(|next| single(word) && single(next));
        let dotted =
            next.filter(|next| matches!(next.gap, "." | ". ")).map(|next| word.at.start..next.at.end);
        let at = dotted.unwrap_or_else(|| word.at.clone());
        let parts = (text.get(..at.start), text.get(at.clone()), text.get(at.end..));
        let (Some(before), Some(written), Some(after)) = parts else { continue };
        let after = if written.contains('.') { after.strip_prefix('.').unwrap_or(after) } else { after };
        let letters: Vec<char> = fold(written).chars().filter(|c| c.is_alphabetic()).collect();
        let capitals = written.chars().filter(|c| c.is_alphabetic()).all(char::is_uppercase);
        if let ([one, two], true) = (letters.as_slice(), capitals)
            && are_somebodys(before, written, after, false)
        {
            found.insert((*one, *two));
        }
    }
    found
}

fn start(text: &str) -> &str {
    let end = (0..=REACH.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    text.get(..end).unwrap_or_default()
}

/// `dob 4/2/16`, `date of birth`, `born on 4 May`, but no `born leader`.
fn is_birth(next: &[Word<'_>]) -> bool {
    let plain: Vec<&str> = next.iter().take(4).map(|word| word.plain.as_str()).collect();
    match plain.as_slice() {
        ["dob", ..] | ["d", "o", "b", ..] | ["date", "of", "birth", ..] => true,
        ["born", rest @ ..] => rest.iter().take(3).any(|word| word.starts_with(|c: char| c.is_ascii_digit())),
        _ => false,
    }
}

/// `Kian's friend`, `a witness`, `9`, `in Year 4`, `crying`.
fn is_said_of_a_person(next: &[Word<'_>]) -> bool {
    let skipped = next.iter().take_while(|word| BETWEEN.contains(&word.plain.as_str()) || word.possessive);
    let Some(rest) = next.get(skipped.count()..) else { return false };
    let Some(first) = rest.first().filter(|first| first.gap != ". ") else { return false };
    let age = first.number().is_some_and(|age| age < 19);
    let age = age && rest.get(1).is_none_or(|unit| matches!(unit.plain.as_str(), "and" | "year" | "years"));
    let plain = first.plain.as_str();
    let person = [&PERSONS[..], &CHILDREN, &ADULTS].iter().any(|all| all.contains(&plain));
    age || person || (plain == "in" && is_class(rest.get(1..).unwrap_or_default()))
}

/// `has told me`, `has her bag`.
fn has(next: &[Word<'_>]) -> bool {
    let skipped = next.iter().take_while(|word| BETWEEN.contains(&word.plain.as_str()));
    let owner = next.first().is_some_and(|word| matches!(word.plain.as_str(), "her" | "his"));
    let after = next.get(skipped.count());
    let told = |word: &Word<'_>| {
        SPEECH.get(..SURELY).is_some_and(|speech| speech.contains(&word.plain.as_str()))
            || PERSONS.contains(&word.plain.as_str())
    };
    owner || after.is_some_and(told)
}

/// `Year 4`, `Y4`, `4B`, `Reception`.
fn is_class(next: &[Word<'_>]) -> bool {
    let Some(first) = next.first() else { return false };
    let mut chars = first.plain.chars();
    let digits = first.plain.bytes().filter(u8::is_ascii_digit).count();
    let short = first.plain.len() <= 3 && (1..=2).contains(&digits) && first.plain.len() > digits;
    let lettered = short && chars.next().is_some_and(|c| c == 'y' || c == 'r' || c.is_ascii_digit());
    let year = matches!(first.plain.as_str(), "year" | "class")
        && next.get(1).is_some_and(|number| number.number().is_some() || number.plain.len() <= 3);
    lettered || year || first.text == "Reception"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_so_that_it_can_be_searched() {
        assert!(BARE.is_sorted() && DOES.is_sorted());
    }

    #[test]
    fn what_only_a_person_is_or_has_makes_a_name_of_a_word() {
        for (name, after) in [
            ("Ruby", " is here"),
            ("Ruby", "'s coat"),
            ("Ruby", "\u{2019}s gone"),
            ("Summer", "'s bag"),
            ("Summer", " is Tom's friend"),
            ("Hope", " was very upset"),
            ("Joy", " is 9 and small"),
            ("Joy", " (Y4) hit him"),
            ("May", " in 5B"),
            ("May", " born 4 June 2016"),
            ("May", ", dob 4/6/16"),
            ("Grace", " has told her mum"),
            ("Poppy", " said no"),
            ("Poppy", " got up"),
            ("Hope", ", who is nine"),
        ] {
            assert!(is_person(name, after), "{name}{after}");
        }
        for (word, after) in [
            ("Summer", " is nearly over"),
            ("Summer", "'s over"),
            ("Summer", "'s coming"),
            ("Summer", " born children"),
            ("Hope", " is what they need"),
            ("Grace", " is said before lunch"),
            ("May", " has 31 days"),
            ("Joy", " was in the air"),
            ("Will", " the class need it"),
            ("Ruby", " red paint"),
            ("Hope", " kept him going"),
            ("Mark", " my words"),
            ("May", " is 4 weeks away"),
        ] {
            assert!(!is_person(word, after), "{word}{after}");
        }
    }

    #[test]
    fn initials_are_somebodys_beside_speech_or_with_full_stops() {
        for (before, written, after) in [
            ("", "MQ", " said no"),
            ("he told ", "MQ", " to go"),
            ("", "M.Q.", " and his bag"),
            ("with ", "M.Q", ", who"),
        ] {
            assert!(are_somebodys(before, written, after, false), "{before}{written}{after}");
        }
        for (before, written, after) in [
            ("", "M.Q.", " Stores"),
            ("see ", "MQ", " on page 3"),
            ("", "HV", " said no"),
            ("he was ", "SO", " upset"),
            ("AS ", "MQ", " SAID"),
        ] {
            assert!(!are_somebodys(before, written, after, false), "{before}{written}{after}");
        }
        let found = initials("T.K. told R. T. that MQ said so, HV said no, A.B. Stores, see DF");
        assert_eq!(found, BTreeSet::from([('t', 'k'), ('r', 't'), ('m', 'q')]));
        assert!(!are_somebodys("", "P.E.", " was off", true) && are_somebodys("", "P.E.", " said", true));
    }
}
