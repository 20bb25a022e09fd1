//! Dates as people write them, read word by word.

use std::ops::Range;

use jiff::civil::Date;

use super::words::Word;
use crate::casework::typed_time::MONTHS;

/// A date, where it stands, and whether the text says that it is a date of birth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Dated {
    pub(super) at: Range<usize>,
    pub(super) date: Date,
    pub(super) born: bool,
}

/// Two digits up to this are of this century.
const THIS_CENTURY: i16 = 40;
/// How many words may stand between `born` and the date.
const NEAR: usize = 3;

pub(super) fn dates(words: &[Word<'_>]) -> Vec<Dated> {
    let mut found = Vec::new();
    let mut from = 0;
    while from < words.len() {
        let here = words.get(from..).unwrap_or_default();
        let Some((count, date)) = date(here) else {
            from += 1;
            continue;
        };
        let at =
            here.first().map_or(0, |word| word.at.start)..here.get(count - 1).map_or(0, |word| word.at.end);
        let before = words.get(from.saturating_sub(NEAR + 1)..from).unwrap_or_default();
        found.push(Dated { at, date, born: tells_birth(before) });
        from += count;
    }
    found
}

/// Is the month meant, and not somebody called May?
pub(super) fn month(plain: &str) -> Option<i8> {
    let short = plain.len() >= 3;
    let at = MONTHS.iter().position(|month| {
        *month == plain
            || (short && month.get(..3) == Some(plain))
            || (plain == "sept" && *month == "september")
    })?;
    i8::try_from(at + 1).ok()
}

fn date(words: &[Word<'_>]) -> Option<(usize, Date)> {
    let first = words.first()?;
    if let (Some(month), Some(day)) = (month(&first.plain), words.get(1).and_then(day)) {
        let year = words.get(2).filter(|word| word.plain.len() == 4)?;
        return Some((3, Date::new(year.number()?, month, day).ok()?));
    }
    if let Some(day) = day(first) {
        let of = usize::from(words.get(1).is_some_and(|word| word.plain == "of"));
        if let Some(month) = words.get(1 + of).and_then(|word| month(&word.plain)) {
            let year = year(words.get(2 + of)?)?;
            return Some((3 + of, Date::new(year, month, day).ok()?));
        }
    }
    let [one, two, three, ..] = words else { return None };
    let even = two.gap == three.gap && matches!(two.gap, "/" | "." | "-" | " ");
    let parts = (one.number()?, two.number().filter(|_| even)?, three.number()?);
    let (year, month, day) = match parts {
        (year, month, day) if one.plain.len() == 4 => (year, month, day),
        (day, month, _) if two.gap != " " || three.plain.len() == 4 => (year(three)?, month, day),
        _ => return None,
    };
    Some((3, Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?))
}

fn day(word: &Word<'_>) -> Option<i8> {
    let plain = word.plain.as_str();
    let bare =
        ["st", "nd", "rd", "th"].into_iter().find_map(|ending| plain.strip_suffix(ending)).unwrap_or(plain);
    bare.parse().ok().filter(|day| (1..=31).contains(day))
}

fn year(word: &Word<'_>) -> Option<i16> {
    let number = word.number()?;
    match word.plain.len() {
        4 => Some(number),
        2 if number <= THIS_CENTURY => Some(2000 + number),
        2 => Some(1900 + number),
        _ => None,
    }
}

fn tells_birth(before: &[Word<'_>]) -> bool {
    let said = |plain: &str| before.iter().any(|word| word.plain == plain);
    let dotted = before.windows(3).any(|three| {
        let letters: Vec<&str> = three.iter().map(|word| word.plain.as_str()).collect();
        letters == ["d", "o", "b"]
    });
    said("born") || said("dob") || said("birth") || said("birthday") || dotted
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::{super::words::words, *};

    #[test]
    fn a_date_is_read_in_every_form() {
        for form in [
            "19/06/2010",
            "19.6.10",
            "2010-06-19",
            "19 June 2010",
            "19th of June 2010",
            "June 19th, 2010",
            "19 Jun 10",
            "19 06 2010",
        ] {
            let text = format!("born on {form}, he");
            let found = dates(&words(&text));
            assert_eq!(found.len(), 1, "{form}");
            assert_eq!(
                (found[0].date, &text[found[0].at.clone()], found[0].born),
                (date(2010, 6, 19), form, true)
            );
        }
        for not in ["at 10.15 on Monday", "pages 3 4 5", "32/01/2010", "May we go in 5 minutes"] {
            assert_eq!(dates(&words(not)), [], "{not}");
        }
        assert!(!dates(&words("on 3 March 2026"))[0].born);
    }
}
