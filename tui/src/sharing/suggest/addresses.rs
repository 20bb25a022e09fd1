//! A whole address as one stretch: from the flat or house to the postcode, with what stands between.

use std::ops::Range;

use super::{finder::Hit, places::is_part_word, protected::ones_of, words::Word};

/// Most words of a town between a street and its postcode.
const TOWN_WORDS: usize = 4;
/// Longest number of a flat: `2`, `12a`, `B`.
const PART_LETTERS: usize = 4;

/// One hit for each address of which more than one part was found, or before which a flat is named. `parts` are the hits
/// that are addresses, or postcodes.
pub(super) fn joined(words: &[Word<'_>], mut parts: Vec<Hit>) -> Vec<Hit> {
    parts.sort_by_key(|hit| (hit.at.start, std::cmp::Reverse(hit.at.end)));
    let mut whole: Vec<Hit> = Vec::new();
    for part in parts {
        match whole.last_mut() {
            Some(before) if part.at.start < before.at.end || one_address(words, &before.at, &part.at) => {
                before.at.end = before.at.end.max(part.at.end);
                if part.rank < before.rank {
                    (before.rank, before.withhold) = (part.rank, part.withhold);
                }
            }
            _ => whole.push(part),
        }
    }
    for hit in &mut whole {
        hit.at.start = with_flat(words, hit.at.start);
        hit.at.end = with_flat_after(words, hit.at.end);
    }
    whole
}

/// Are they lines of one address? Then commas or new lines stand between them, and at most a town.
fn one_address(words: &[Word<'_>], before: &Range<usize>, after: &Range<usize>) -> bool {
    let between = words.iter().filter(|word| before.end <= word.at.start && word.at.start <= after.start);
    let mut count = 0;
    for word in between {
        if !is_line_break(word.gap) {
            return false;
        }
        if word.at.start == after.start {
            return true;
        }
        count += 1;
        if count > TOWN_WORDS || !word.capital {
            return false;
        }
    }
    false
}

/// Where the address begins: before `Flat 2, ` or `Unit B `, if that stands there.
fn with_flat(words: &[Word<'_>], start: usize) -> usize {
    let Some(first) = words.iter().position(|word| word.at.start >= start) else { return start };
    let (Some(from), Some(house)) = (first.checked_sub(2), words.get(first)) else { return start };
    let Some([part, number]) = words.get(from..first) else { return start };
    let stands = is_flat(part, number) && is_line_break(house.gap);
    if stands { part.at.start } else { start }
}

/// Where the address ends: after `, flat 2`, if that stands there.
fn with_flat_after(words: &[Word<'_>], end: usize) -> usize {
    let next = words.partition_point(|word| word.at.start < end);
    let Some([part, number]) = words.get(next..next + 2) else { return end };
    if is_flat(part, number) && is_line_break(part.gap) { number.at.end } else { end }
}

/// `flat 2`, `Flat 12a`, `unit B`, `flat nine`.
fn is_flat(part: &Word<'_>, number: &Word<'_>) -> bool {
    let plain = number.plain.as_str();
    let letter = plain.len() == 1 && (number.capital || !matches!(plain, "a" | "i"));
    let short = plain.len() <= PART_LETTERS && plain.starts_with(|c: char| c.is_ascii_digit());
    is_part_word(&part.plain) && (letter || short || ones_of(plain).is_some()) && number.gap == " "
}

fn is_line_break(gap: &str) -> bool {
    !gap.is_empty() && gap.chars().all(|c| c.is_whitespace() || matches!(c, ',' | ';'))
}
