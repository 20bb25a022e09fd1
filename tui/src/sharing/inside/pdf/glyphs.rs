//! What letters a simple font has where its encoding names them one by one: `/Differences` (ISO 32000-1, 9.6.6), with the
//! names of the Adobe Glyph List that Latin text takes.

use std::{collections::BTreeMap, rc::Rc};

use unicode_normalization::UnicodeNormalization as _;

use super::{objects::Objects, reader::Value};

/// Codes of a simple font.
const CODES: usize = 256;

/// Names that are no letter with or without an accent, and what they draw.
const NAMES: [(&str, &str); 66] = [
    ("ampersand", "&"),
    ("asciicircum", "^"),
    ("asciitilde", "~"),
    ("asterisk", "*"),
    ("at", "@"),
    ("backslash", "\\"),
    ("bar", "|"),
    ("braceleft", "{"),
    ("braceright", "}"),
    ("bracketleft", "["),
    ("bracketright", "]"),
    ("bullet", "•"),
    ("colon", ":"),
    ("comma", ","),
    ("dollar", "$"),
    ("eight", "8"),
    ("ellipsis", "…"),
    ("emdash", "—"),
    ("endash", "–"),
    ("equal", "="),
    ("Euro", "€"),
    ("exclam", "!"),
    ("ff", "ff"),
    ("ffi", "ffi"),
    ("ffl", "ffl"),
    ("fi", "fi"),
    ("five", "5"),
    ("fl", "fl"),
    ("four", "4"),
    ("grave", "`"),
    ("greater", ">"),
    ("hyphen", "-"),
    ("less", "<"),
    ("minus", "-"),
    ("nbspace", " "),
    ("nine", "9"),
    ("numbersign", "#"),
    ("one", "1"),
    ("parenleft", "("),
    ("parenright", ")"),
    ("percent", "%"),
    ("period", "."),
    ("plus", "+"),
    ("question", "?"),
    ("quotedbl", "\""),
    ("quotedblleft", "“"),
    ("quotedblright", "”"),
    ("quoteleft", "‘"),
    ("quoteright", "’"),
    ("quotesingle", "'"),
    ("semicolon", ";"),
    ("seven", "7"),
    ("six", "6"),
    ("slash", "/"),
    ("space", " "),
    ("sterling", "£"),
    ("three", "3"),
    ("two", "2"),
    ("underscore", "_"),
    ("zero", "0"),
    ("ae", "æ"),
    ("AE", "Æ"),
    ("oe", "œ"),
    ("OE", "Œ"),
    ("oslash", "ø"),
    ("germandbls", "ß"),
];

/// Accents that follow a letter's name, as they are put to it.
const ACCENTS: [(&str, char); 11] = [
    ("acute", '\u{301}'),
    ("breve", '\u{306}'),
    ("caron", '\u{30c}'),
    ("cedilla", '\u{327}'),
    ("circumflex", '\u{302}'),
    ("dieresis", '\u{308}'),
    ("dotaccent", '\u{307}'),
    ("grave", '\u{300}'),
    ("macron", '\u{304}'),
    ("ogonek", '\u{328}'),
    ("tilde", '\u{303}'),
];

/// The codes that an encoding names anew, each with its letter where the name tells one.
pub(super) fn differences(objects: &Objects, encoding: &Value) -> BTreeMap<u32, Option<Rc<str>>> {
    let listed = encoding.get("Differences").and_then(|value| objects.resolve(value));
    let Some(Value::Array(listed)) = listed else { return BTreeMap::new() };
    let mut found = BTreeMap::new();
    let mut code = 0;
    for value in listed.iter().take(2 * CODES) {
        match objects.resolve(value) {
            Some(Value::Name(name)) => {
                if let Ok(code) = u32::try_from(code)
                    && (code as usize) < CODES
                {
                    found.insert(code, letter(name).map(Rc::from));
                }
                code += 1;
            }
            Some(number) => code = number.whole().unwrap_or(CODES),
            None => {}
        }
    }
    found
}

/// What a glyph of this name draws.
fn letter(name: &str) -> Option<String> {
    // What follows a full stop is a form of the same letter, such as small capitals.
    let name = name.split_once('.').map_or(name, |(name, _)| name);
    let alone = |name: &str| {
        let mut chars = name.chars();
        chars.next().filter(|c| c.is_ascii_alphabetic() && chars.next().is_none())
    };
    if let Some(c) = alone(name) {
        return Some(c.to_string());
    }
    if let Some((_, text)) = NAMES.iter().find(|(known, _)| *known == name) {
        return Some((*text).to_owned());
    }
    for (accent, mark) in ACCENTS {
        if let Some(c) = name.strip_suffix(accent).and_then(alone) {
            return Some([c, mark].iter().collect::<String>().nfc().collect());
        }
    }
    if let Some(c) = name.strip_suffix("ring").and_then(alone) {
        return Some([c, '\u{30a}'].iter().collect::<String>().nfc().collect());
    }
    let hex = name.strip_prefix("uni").filter(|hex| hex.len() == 4);
    let hex = hex.or_else(|| name.strip_prefix('u').filter(|hex| (4..=6).contains(&hex.len())));
    let plain = |hex: &&str| hex.bytes().all(|b| b.is_ascii_digit() || (b'A'..=b'F').contains(&b));
    let c = hex.filter(plain).and_then(|hex| char::from_u32(u32::from_str_radix(hex, 16).ok()?))?;
    (!c.is_control()).then(|| c.to_string())
}

#[cfg(test)]
mod tests {
    use super::letter;

    #[test]
    fn a_name_tells_its_letter_or_nothing() {
        for (name, told) in [
            ("A", "A"),
            ("z", "z"),
            ("eacute", "é"),
            ("Scaron", "Š"),
            ("aring", "å"),
            ("seven", "7"),
            ("fi", "fi"),
            ("a.sc", "a"),
            ("uni00E9", "é"),
            ("u1F600", "😀"),
            ("quoteright", "’"),
        ] {
            assert_eq!(letter(name).as_deref(), Some(told), "{name}");
        }
        for name in ["g12", "c65", "", ".notdef", "uniXYZW", "uni0007", "Bacute1", "cid:34", "unknown"] {
            assert_eq!(letter(name), None, "{name}");
        }
    }
}
