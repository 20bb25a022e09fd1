//! What the codes of a font mean, as far as the file says.

use std::{
    collections::{BTreeMap, BTreeSet, btree_map},
    rc::Rc,
};

use unicode_normalization::UnicodeNormalization as _;

use super::{
    glyphs::differences,
    objects::Objects,
    reader::{Reader, Reference, Value},
    widths::Widths,
};

/// Most codes of one font.
const MAX_CODES: u32 = 70_000;
/// Most codes and widths of all fonts. Those after have letters without a meaning.
const MAX_ALL: usize = 2_000_000;
/// How many bytes of a map count as a code.
const BYTES_A_CODE: usize = 16;
/// Most bytes that one code may mean.
const MAX_MEANING: usize = 32;
/// From how many different signs without a meaning on they may be words.
const FEW_SIGNS: usize = 4;
/// From how many codes on it tells something that few of them differ.
const FEW_CODES: usize = 6;
/// A font with letters of its own (ISO 32000-1, table 123).
const SYMBOLIC: usize = 4;

/// The fonts of a page, by the names its content calls them.
pub(super) type Fonts = BTreeMap<String, Rc<Font>>;

/// Fonts that were read already, by their object.
#[derive(Debug)]
pub(super) struct Cache {
    fonts: BTreeMap<Reference, Rc<Font>>,
    /// How many more codes and widths are read: many fonts may share one map.
    left: usize,
}

impl Default for Cache {
    fn default() -> Self {
        Self { fonts: BTreeMap::new(), left: MAX_ALL }
    }
}

/// One font.
#[derive(Debug, Default)]
pub(super) struct Font {
    /// Two bytes a letter.
    wide: bool,
    codes: BTreeMap<u32, Rc<str>>,
    widths: Widths,
    /// Its map says other letters than its encoding.
    lies: bool,
}

/// One letter that is drawn.
#[derive(Debug)]
pub(super) struct Letter {
    pub(super) code: u32,
    /// None where the file does not tell.
    pub(super) text: Option<Rc<str>>,
    /// How far it goes on, in ems.
    pub(super) width: f64,
    /// The blank that a space between words widens.
    pub(super) is_blank: bool,
}

impl Font {
    pub(super) fn letters(&self, bytes: &[u8]) -> impl Iterator<Item = Letter> {
        bytes.chunks(if self.wide { 2 } else { 1 }).map(|code| {
            let code = code.iter().fold(0, |code, b| code << 8 | u32::from(*b));
            let text = self.codes.get(&code).cloned();
            let width = self.widths.of(code, text.as_deref().unwrap_or_default());
            Letter { code, text, width, is_blank: !self.wide && code == 32 }
        })
    }

    /// Are these codes drawn of it without a meaning that can be so? A few signs without one are bullets and the like.
    pub(super) fn is_rubbish(&self, drawn: &BTreeSet<u32>) -> bool {
        let meanings = || drawn.iter().filter_map(|code| self.codes.get(code));
        let (count, odd) = (meanings().count(), meanings().filter(|text| is_odd(text)).count());
        let few = meanings().collect::<BTreeSet<_>>().len() * 3 <= count;
        self.lies || odd >= FEW_SIGNS || count >= FEW_CODES && few
    }
}

/// No letter: for private use, a control, a blank, nothing at all.
fn is_odd(text: &str) -> bool {
    text.chars().all(|c| {
        matches!(c, '\u{fffd}' | '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..)
            || c.is_control()
            || c.is_whitespace()
            || is_invisible(c)
    })
}

const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// The fonts that resources name.
pub(super) fn of(objects: &Objects, resources: Option<&Value>, cache: &mut Cache) -> Fonts {
    let fonts = resources.and_then(|value| objects.resolve(value)).and_then(|value| value.get("Font"));
    let Some(Value::Dict(fonts)) = fonts.and_then(|value| objects.resolve(value)) else {
        return Fonts::new();
    };
    let mut found = Fonts::new();
    for (name, value) in fonts {
        let Some(resolved) = objects.resolve(value) else { continue };
        let cached = if let Value::Ref(number) = value { cache.fonts.get(number).cloned() } else { None };
        let one = cached.unwrap_or_else(|| Rc::new(font(objects, resolved, &mut cache.left)));
        if let Value::Ref(number) = value {
            cache.fonts.insert(*number, Rc::clone(&one));
        }
        found.insert(name.clone(), one);
    }
    found
}

fn font(objects: &Objects, value: &Value, left: &mut usize) -> Font {
    if *left == 0 {
        return Font::default();
    }
    let wide = value.name("Subtype") == Some("Type0");
    let map =
        value.get("ToUnicode").and_then(|value| objects.object(value)).and_then(|map| map.stream.as_deref());
    let mut codes = map.map(codes).unwrap_or_default();
    codes.values_mut().for_each(apart);
    let widths = if wide { Widths::wide(objects, value) } else { Widths::simple(objects, value) };
    let encoding = value.get("Encoding").and_then(|value| objects.resolve(value));
    let said = if wide { Said::Nothing } else { said(objects, value, encoding) };
    let named = encoding.filter(|_| !wide && value.name("Subtype") != Some("Type3"));
    let named = named.map(|encoding| differences(objects, encoding)).unwrap_or_default();
    // What is named anew may be called anything.
    let lies = named.is_empty()
        && said == Said::Letters
        && codes.iter().any(|(code, text)| {
            let letter = char::from_u32(*code).filter(char::is_ascii_alphabetic);
            letter.is_some_and(|letter| {
                !text.contains([letter, letter.to_ascii_uppercase(), letter.to_ascii_lowercase()])
            })
        });
    let usual_to = match said {
        Said::Nothing => 0,
        Said::Ascii => 128,
        Said::Letters | Said::Likely => 256,
    };
    // A name that tells no letter leaves its code without a meaning.
    for code in (0..usual_to).filter(|code| !named.contains_key(code)) {
        let letter = char::from_u32(code).map(|c| Rc::from(usual(c).to_string()));
        codes.entry(code).or_insert_with(|| letter.unwrap_or_default());
    }
    for (code, letter) in named {
        if let (btree_map::Entry::Vacant(free), Some(letter)) = (codes.entry(code), letter) {
            free.insert(letter);
        }
    }
    let cost = codes.len() + widths.looked + map.map_or(0, <[u8]>::len) / BYTES_A_CODE;
    *left = left.saturating_sub(cost);
    Font { wide, codes, widths, lies }
}

/// What letters a simple font has, as far as it says so by its encoding.
#[derive(Debug, PartialEq, Eq)]
enum Said {
    Letters,
    /// Not by its encoding; but its letters are the usual ones.
    Likely,
    /// The others are of an encoding that is not read.
    Ascii,
    Nothing,
}

fn said(objects: &Objects, font: &Value, encoding: Option<&Value>) -> Said {
    let base = match encoding {
        Some(Value::Name(name)) => Some(name.as_str()),
        Some(encoding) => encoding.name("BaseEncoding"),
        None => None,
    };
    // Beside names of its own a font that says no more may hold whatever it likes.
    if base.is_none() && encoding.is_some_and(|encoding| encoding.get("Differences").is_some()) {
        return Said::Nothing;
    }
    if font.name("Subtype") == Some("Type3") {
        return Said::Nothing;
    }
    match base {
        Some("MacRomanEncoding") => Said::Ascii,
        Some("MacExpertEncoding") => Said::Nothing,
        Some(_) => Said::Letters,
        None => {
            let descriptor = font.get("FontDescriptor").and_then(|value| objects.resolve(value));
            let brought = descriptor.is_some_and(|descriptor| {
                ["FontFile", "FontFile2", "FontFile3"].iter().any(|key| descriptor.get(key).is_some())
            });
            let flags = descriptor.and_then(|descriptor| descriptor.number("Flags")).unwrap_or_default();
            match (brought, flags & SYMBOLIC != 0) {
                (true, true) => Said::Nothing,
                (true, false) => Said::Likely,
                (false, _) => Said::Letters,
            }
        }
    }
}

/// `beginbfchar` and `beginbfrange` of a character map.
fn codes(map: &[u8]) -> BTreeMap<u32, Rc<str>> {
    let mut codes = BTreeMap::new();
    let mut left = MAX_CODES;
    let mut stack: Vec<Value> = Vec::new();
    let mut reader = Reader::content(map);
    while let Some(value) = reader.value(0) {
        match value {
            Value::Word(word) => {
                match word.as_slice() {
                    b"endbfchar" => stack.chunks(2).for_each(|pair| {
                        if let [Value::Text(code), Value::Text(text)] = pair {
                            codes.insert(number(code), meaning(text));
                        }
                    }),
                    b"endbfrange" => stack.chunks(3).for_each(|three| range(three, (&mut codes, &mut left))),
                    _ => {}
                }
                stack.clear();
            }
            other => stack.push(other),
        }
    }
    codes
}

fn range(three: &[Value], (codes, left): (&mut BTreeMap<u32, Rc<str>>, &mut u32)) {
    let [Value::Text(from), Value::Text(to), target] = three else { return };
    let (from, to) = (number(from), number(to));
    let count = to.saturating_sub(from).min(*left);
    *left -= count;
    match target {
        Value::Text(text) => {
            let first = meaning(text);
            let Some(last) = first.chars().next_back() else { return };
            let stem = first.strip_suffix(last).unwrap_or_default();
            for step in 0..=count {
                let next = char::from_u32(u32::from(last).saturating_add(step));
                codes.extend(next.map(|next| (from + step, Rc::from(format!("{stem}{next}")))));
            }
        }
        Value::Array(all) => {
            codes.extend((from..=from.saturating_add(count)).zip(all).filter_map(
                |(code, value)| match value {
                    Value::Text(text) => Some((code, meaning(text))),
                    _ => None,
                },
            ));
        }
        _ => {}
    }
}

fn number(bytes: &[u8]) -> u32 {
    bytes.iter().take(3).fold(0, |number, b| number << 8 | u32::from(*b))
}

fn meaning(bytes: &[u8]) -> Rc<str> {
    utf16(bytes.get(..bytes.len().min(MAX_MEANING)).unwrap_or_default()).into()
}

/// Letters that are cut as one, such as ﬁ, are still letters of a word.
fn apart(text: &mut Rc<str>) {
    if text.contains(|c| matches!(c, '\u{fb00}'..='\u{fb06}')) {
        *text = text.nfkd().collect::<String>().into();
    }
}

pub(super) fn utf16(bytes: &[u8]) -> String {
    let units: Vec<u16> =
        bytes.chunks(2).map(|pair| pair.iter().fold(0, |unit, b| unit << 8 | u16::from(*b))).collect();
    String::from_utf16_lossy(&units)
}

/// Windows' letters where Latin-1 has none.
pub(super) const fn usual(c: char) -> char {
    match c {
        '\u{91}' | '\u{92}' => '\u{2019}',
        '\u{93}' => '\u{201c}',
        '\u{94}' => '\u{201d}',
        '\u{96}' | '\u{97}' => '-',
        '\u{8a}' => 'Š',
        '\u{9a}' => 'š',
        '\u{8e}' => 'Ž',
        '\u{9e}' => 'ž',
        '\u{8c}' => 'Œ',
        '\u{9c}' => 'œ',
        '\u{9f}' => 'Ÿ',
        '\u{85}' => '…',
        _ => c,
    }
}
