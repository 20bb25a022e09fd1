//! The known word that was probably meant by one that is not known.

/// The nearest of `known`, if it is near enough to be what was meant: a third of its letters may differ.
#[must_use]
pub fn nearest<'k>(typed: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let typed: Vec<char> = typed.to_lowercase().chars().take(LONGEST).collect();
    let distance = |word: &str| apart(&typed, &word.chars().take(LONGEST).collect::<Vec<_>>());
    let (far, word) = known.into_iter().map(|word| (distance(word), word)).min_by_key(|(far, _)| *far)?;
    (far * 3 <= word.chars().count().max(3)).then_some(word)
}

/// Most characters of a word that are looked at.
const LONGEST: usize = 40;

/// How many letters must be put in, left out or changed to make one of the other (Levenshtein).
fn apart(one: &[char], other: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (n, a) in one.iter().enumerate() {
        let mut before = n;
        let mut left = n + 1;
        for (above, b) in row.iter_mut().skip(1).zip(other) {
            let changed = before + usize::from(a != b);
            before = *above;
            left = changed.min(*above + 1).min(left + 1);
            *above = left;
        }
        if let Some(first) = row.first_mut() {
            *first = n + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_its_word_and_another_word_finds_none() {
        let known = ["identity", "contact", "welfare", "childs-voice"];
        for (typed, meant) in [
            ("wellfare", Some("welfare")),
            ("Contakt", Some("contact")),
            ("child-voice", Some("childs-voice")),
            ("", None),
            ("zzz", None),
        ] {
            assert_eq!(nearest(typed, known), meant, "{typed}");
        }
        let letters = |text: &str| text.chars().collect::<Vec<_>>();
        assert_eq!(apart(&letters("kitten"), &letters("sitting")), 3);
        assert_eq!(nearest("x", []), None);
    }
}
