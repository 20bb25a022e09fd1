//! Names near the child, misspelt.

use super::{common::is_common, gazetteer, strangers::speaks, words::Word};

/// Shortest name that is looked for misspelt.
const SHORTEST: usize = 4;
/// From this many letters on, in the longer of both, two slips are allowed instead of one.
const LONG: usize = 7;
/// From this many letters on a word that begins a sentence is looked at, too.
const SURE: usize = 6;

/// Is the word one of these folded names with a slip in it? Says which.
pub(super) fn misspelt(word: &Word<'_>, after: Option<&Word<'_>>, names: &[String]) -> Option<usize> {
    let plain = word.plain.as_str();
    let letters = plain.chars().count();
    let quiet = is_common(plain) || gazetteer::is_ordinary(plain);
    let person = gazetteer::listed(plain).is_name() || after.is_some_and(speaks);
    let weak = word.begins && letters < SURE && !person;
    if !word.capital || letters < SHORTEST || quiet || weak {
        return None;
    }
    let close = |name: &String| {
        let most = if name.chars().count().max(letters) >= LONG { 2 } else { 1 };
        let same_start = plain.chars().next() == name.chars().next();
        let near = name.chars().count().abs_diff(letters) <= most;
        near && name.chars().count() >= SHORTEST
            && plain != name
            && strsim::osa_distance(plain, name) <= if same_start { most } else { 1 }
    };
    names.iter().position(close)
}

#[cfg(test)]
mod tests {
    use super::{super::words::words, *};

    #[test]
    fn a_slip_is_forgiven_by_length() {
        let names = ["reece".to_owned(), "whitlock".to_owned(), "kian".to_owned()];
        for (text, which) in [
            ("Reese", Some(0)),
            ("Recee", Some(0)),
            ("Witlok", Some(1)),
            ("Dan", None),
            ("Monday", None),
            ("reese", None),
        ] {
            let text = format!("then {text}");
            assert_eq!(misspelt(&words(&text)[1], None, &names), which, "{text}");
        }
    }
}
