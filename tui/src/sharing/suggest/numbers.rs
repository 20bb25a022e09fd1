//! Things that look like a postcode, phone number, e-mail address or identifier, wherever they stand in a text.

use std::ops::{Range, RangeInclusive};

use kith_protocol::directory::Sector;

use crate::casework::identifier::{check_nhs, check_upn};

/// Something found by its form alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::sharing) struct Found {
    pub(in crate::sharing) at: Range<usize>,
    pub(in crate::sharing) kind: Kind,
    /// Letters and digits only, upper case; an e-mail address in lower case.
    pub(in crate::sharing) plain: String,
}

/// What it looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sharing) enum Kind {
    Postcode,
    Phone,
    Email,
    Nhs,
    Upn,
    Vehicle,
    Insurance,
    /// A reference of police, court or case.
    Reference,
    /// A handle, user name or link.
    Account,
    /// A house number and street.
    Street,
    /// Six digits or more that are none of these; only of interest when somebody here is known by it.
    Digits,
}

impl Kind {
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::Postcode => "a postcode",
            Self::Phone => "a phone number",
            Self::Email => "an e-mail address",
            Self::Nhs => "an NHS number",
            Self::Upn => "a Unique Pupil Number",
            Self::Vehicle => "a vehicle's registration",
            Self::Insurance => "a National Insurance number",
            Self::Reference => "a reference by which others find a case",
            Self::Account => "somebody's account or a link to it",
            Self::Street => "an address",
            Self::Digits => "a number",
        }
    }

    /// What this recipient works with, and may see.
    pub(super) const fn may_stand(self, sector: Sector) -> bool {
        match self {
            Self::Vehicle | Self::Account => matches!(sector, Sector::Police),
            Self::Reference => {
                matches!(sector, Sector::Police | Sector::SocialCare | Sector::LocalAuthority)
            }
            _ => false,
        }
    }
}

/// Digits of a number with its country code (ITU-T E.164 sets the most).
const LENGTH_ABROAD: RangeInclusive<usize> = 8..=15;
/// Longest e-mail address that is looked for, in bytes to either side of the `@`.
const MAX_EMAIL: usize = 128;

/// Everything that looks like one of [`Kind`], in reading order. Finds may overlap.
pub(in crate::sharing) fn scan(text: &str) -> Vec<Found> {
    let mut found: Vec<Found> = text.match_indices('@').filter_map(|(at, _)| email(text, at)).collect();
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        let rest = text.get(at..).unwrap_or_default();
        if !before.is_alphanumeric() {
            found.extend(postcode(rest).map(|len| here(text, at, len, Kind::Postcode)));
            found.extend(upn(rest).map(|len| here(text, at, len, Kind::Upn)));
            if before != '+' && (c.is_ascii_digit() || c == '+' || c == '(') {
                found.extend(digits(rest, at));
            }
        }
        before = c;
    }
    found.sort_by_key(|one| (one.at.start, std::cmp::Reverse(one.at.end)));
    let mut end = 0;
    // What lies within another find is a part of it.
    found.retain(|one| {
        let before = end;
        end = end.max(one.at.end);
        before < one.at.end
    });
    found
}

/// A phone number as it is compared: without blanks, and with `0` for `+44` or `0044`.
pub(in crate::sharing) fn plain_phone(text: &str) -> String {
    let all: String = text.chars().filter(char::is_ascii_digit).collect();
    let digits = without_exit_code(&all).unwrap_or(&all).to_owned();
    match digits.strip_prefix("44").filter(|rest| rest.len() >= 9) {
        Some(rest) => format!("0{}", rest.strip_prefix('0').unwrap_or(rest)),
        None => digits,
    }
}

/// What is dialled after `00`, the prefix for calls abroad (ITU-T E.123 writes `+`): a country code and 8 to 15 digits in
/// all. No country code begins with 0.
fn without_exit_code(digits: &str) -> Option<&str> {
    let rest = digits.strip_prefix("00").filter(|rest| !rest.starts_with('0'))?;
    LENGTH_ABROAD.contains(&rest.len()).then_some(rest)
}

/// Letters and digits only, upper case.
pub(in crate::sharing) fn plain(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect()
}

fn here(text: &str, at: usize, len: usize, kind: Kind) -> Found {
    let at = at..at + len;
    let plain = plain(text.get(at.clone()).unwrap_or_default());
    Found { at, kind, plain }
}

fn email(text: &str, at: usize) -> Option<Found> {
    let local = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '%' | '+' | '-' | '\'');
    let before: usize =
        text.get(..at)?.chars().rev().take_while(|c| local(*c)).take(MAX_EMAIL).map(char::len_utf8).sum();
    let after = text.get(at + 1..)?;
    let domain =
        after.find(|c: char| !(c.is_alphanumeric() || matches!(c, '.' | '-'))).unwrap_or(after.len());
    let domain = after.get(..domain)?.trim_end_matches(['.', '-']);
    let dotted = domain.len() <= MAX_EMAIL
        && domain.split('.').count() > 1
        && domain.split('.').all(|part| !part.is_empty());
    let at = at.checked_sub(before)?..at + 1 + domain.len();
    (before > 0 && dotted).then(|| Found {
        kind: Kind::Email,
        plain: text.get(at.clone()).unwrap_or_default().to_lowercase(),
        at,
    })
}

/// How long the postcode is that `rest` begins with (BS 7666: `A9 9AA` to `AA9A 9AA`).
fn postcode(rest: &str) -> Option<usize> {
    let bytes = rest.as_bytes();
    let is = |at: usize, test: fn(&u8) -> bool| bytes.get(at).is_some_and(test);
    let letters = (0..2).take_while(|at| is(*at, u8::is_ascii_alphabetic)).count();
    if letters == 0 || !is(letters, u8::is_ascii_digit) {
        return None;
    }
    let outward =
        [letters + 2, letters + 1].into_iter().filter(|end| is(*end - 1, u8::is_ascii_alphanumeric));
    outward.into_iter().find_map(|end| {
        let gap =
            rest.get(end..)?.chars().take_while(|c| *c == ' ' || *c == '\u{a0}').take(2).map(char::len_utf8);
        let inward = end + gap.sum::<usize>();
        let letter = |at: usize| {
            bytes
                .get(at)
                .is_some_and(|b| b.is_ascii_alphabetic() && !b"CIKMOV".contains(&b.to_ascii_uppercase()))
        };
        let whole =
            !rest.get(inward + 3..).and_then(|rest| rest.chars().next()).is_some_and(char::is_alphanumeric);
        (is(inward, u8::is_ascii_digit) && letter(inward + 1) && letter(inward + 2) && whole)
            .then_some(inward + 3)
    })
}

/// How long the Unique Pupil Number is that `rest` begins with: 13 characters, of which the first checks the others.
fn upn(rest: &str) -> Option<usize> {
    let (number, after) = rest.split_at_checked(13)?;
    let whole =
        number.bytes().all(|b| b.is_ascii_alphanumeric()) && !after.starts_with(char::is_alphanumeric);
    (whole && check_upn(number).is_ok()).then_some(13)
}

/// Digits written in groups, and what they may be.
fn digits(rest: &str, at: usize) -> Option<Found> {
    let (mut end, mut gap, mut digits) = (0, 0, String::new());
    for (place, c) in rest.char_indices() {
        match c {
            '0'..='9' => {
                digits.push(c);
                (end, gap) = (place + 1, 0);
            }
            '+' if place == 0 => {}
            ' ' | '\u{a0}' | '-' | '(' | ')' if gap < 2 => gap += 1,
            c if c.is_alphanumeric() && gap == 0 => return None,
            _ => break,
        }
        if digits.len() > LENGTH_ABROAD.end() + 2 {
            return None;
        }
    }
    let abroad = (rest.starts_with('+') && LENGTH_ABROAD.contains(&digits.len()))
        || without_exit_code(&digits).is_some();
    let kind = match digits.len() {
        10 if check_nhs(&digits).is_ok() && !digits.starts_with('0') => Kind::Nhs,
        10 | 11 if digits.starts_with('0') => Kind::Phone,
        _ if abroad => Kind::Phone,
        6.. => Kind::Digits,
        _ => return None,
    };
    let plain = if kind == Kind::Phone { plain_phone(&digits) } else { digits };
    Some(Found { at: at..at + end, kind, plain })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(text: &str) -> Vec<(&str, Kind)> {
        scan(text)
            .into_iter()
            .filter(|one| one.kind != Kind::Digits)
            .map(|one| (&text[one.at.clone()], one.kind))
            .collect()
    }

    #[test]
    fn postcodes_in_every_form() {
        for code in ["M1 1AE", "B33 8TH", "CR2 6XH", "DN55 1PT", "EC1A 1BB", "W1A0AX", "ne1 4xd"] {
            assert_eq!(seen(&format!("at {code}, he")), [(code, Kind::Postcode)], "{code}");
        }
        for not in ["year 9 2pm", "Class 4B 12 pupils", "A1 road", "M25 at 9 am"] {
            assert_eq!(seen(not), [], "{not}");
        }
    }

    #[test]
    fn phones_and_numbers_of_people() {
        assert_eq!(seen("ring 07700 900123."), [("07700 900123", Kind::Phone)]);
        assert_eq!(seen("(01632) 960 123 x"), [("(01632) 960 123", Kind::Phone)]);
        assert_eq!(seen("+44 7700 900123"), [("+44 7700 900123", Kind::Phone)]);
        for phone in ["0044 7700 900123", "00447700900123", "(0044) 1632 960 123", "00353 1 555 0123"] {
            assert_eq!(seen(&format!("ring {phone}, or")), [(phone, Kind::Phone)], "{phone}");
        }
        assert_eq!(seen("at 00 12, tag 0000 4471 2290, meter 0012345"), []);
        assert_eq!(plain_phone("0044 (0)7700 900123"), plain_phone("07700 900123"));
        assert_eq!(seen("NHS 943 476 5870"), [("943 476 5870", Kind::Nhs)]);
        assert_eq!(seen("NHS 943 476 5871"), []);
        assert_eq!(
            seen("B801200005001, not B801200005002, and M80120000500A for now"),
            [("B801200005001", Kind::Upn), ("M80120000500A", Kind::Upn)]
        );
        assert_eq!(seen("Q207000016049 P207000016049"), [("P207000016049", Kind::Upn)]);
        assert_eq!(seen("on 12 March 2026 at 10.15, 07/11/2025"), []);
        assert_eq!(plain_phone("+44 (0)7700 900123"), plain_phone("07700-900-123"));
    }

    #[test]
    fn e_mail_addresses() {
        let text = "from J.O'Neill@example.org. Not @home or a@b";
        assert_eq!(seen(text), [("J.O'Neill@example.org", Kind::Email)]);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_scanned_on_char_boundaries(text in "\\PC{0,60}|[0-9A-Z+@ ()éﬁ.-]{0,60}") {
            for one in scan(&text) {
                assert!(!text[one.at].is_empty());
            }
        }
    }
}
