//! Letters that make no words, as far as can be told from where they stand.

/// From how many letters on, each by itself, they may be a word.
const MIN_SPELT: usize = 5;
/// Of how many different ones: a column of yes and no is no word.
const MIN_DIFFERENT: usize = 4;
/// From how many words on it counts how many are single letters.
const MIN_WORDS: usize = 20;

/// Is there a word of which every letter stands by itself on one line, or are most words single letters?
pub(super) fn is_apart(text: &str) -> bool {
    let is_letter = |word: &&str| {
        let mut chars = word.chars();
        chars.next().is_some_and(char::is_alphabetic) && chars.next().is_none()
    };
    let spelt = text.lines().any(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        words.chunk_by(|one, next| is_letter(one) && is_letter(next)).any(|run| {
            let mut letters = run.to_vec();
            letters.sort_unstable();
            letters.dedup();
            run.len() >= MIN_SPELT && letters.len() >= MIN_DIFFERENT
        })
    });
    let words = || text.split_whitespace().filter(|word| word.contains(char::is_alphabetic));
    let (all, single) = (words().count(), words().filter(is_letter).count());
    spelt || all >= MIN_WORDS && single * 2 > all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_whose_letters_stand_apart_are_told_from_columns_and_lists() {
        assert!(is_apart("Seen with A l f i e S t u b b s"));
        assert!(is_apart(&"K\nM\nsaw\n".repeat(8)), "most words are single letters");
        for plain in ["I saw Alfie", "Y N Y Y N N Y", "A B C D", "a\nl\nf\ni\ne", "1 2 3 4 5 6 7 8 9"] {
            assert!(!is_apart(plain), "{plain}");
        }
    }
}
