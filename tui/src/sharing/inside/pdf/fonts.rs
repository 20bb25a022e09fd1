//! What the codes of a font mean, as far as the file says.

use std::{collections::BTreeMap, rc::Rc};

use super::{
    objects::Objects,
    reader::{Reader, Reference, Value},
};

/// Most codes of one font.
const MAX_CODES: u32 = 70_000;
/// Most bytes that one code may mean.
const MAX_MEANING: usize = 32;

/// The fonts of a page, by the names its content calls them.
pub(super) type Fonts = BTreeMap<String, Rc<Font>>;

/// Fonts that were read already, by their object.
pub(super) type Cache = BTreeMap<Reference, Rc<Font>>;

/// One font.
#[derive(Debug, Default)]
pub(super) struct Font {
    /// Two bytes a letter.
    wide: bool,
    codes: BTreeMap<u32, String>,
    /// Codes that are not listed mean letters of the usual encoding.
    usual: bool,
}

impl Font {
    /// The letters, and whether all of them were known.
    pub(super) fn read(&self, bytes: &[u8]) -> (String, bool) {
        let mut known = true;
        let letters = bytes.chunks(if self.wide { 2 } else { 1 }).map(|code| {
            let code = code.iter().fold(0, |code, b| code << 8 | u32::from(*b));
            let usual = || char::from_u32(code).filter(|_| self.usual).map(|c| usual(c).to_string());
            self.codes.get(&code).cloned().or_else(usual).unwrap_or_else(|| {
                known = false;
                "\u{fffd}".to_owned()
            })
        });
        let text = letters.collect();
        (text, known)
    }
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
        let one = match value {
            Value::Ref(number) => {
                Rc::clone(cache.entry(*number).or_insert_with(|| Rc::new(font(objects, resolved))))
            }
            _ => Rc::new(font(objects, resolved)),
        };
        found.insert(name.clone(), one);
    }
    found
}

fn font(objects: &Objects, value: &Value) -> Font {
    let wide = value.name("Subtype") == Some("Type0");
    let own = value
        .get("Encoding")
        .and_then(|value| objects.resolve(value))
        .is_some_and(|encoding| encoding.get("Differences").is_some());
    let map =
        value.get("ToUnicode").and_then(|value| objects.object(value)).and_then(|map| map.stream.as_deref());
    let codes = map.map(codes).unwrap_or_default();
    Font { wide, usual: !wide && !own && value.name("Subtype") != Some("Type3"), codes }
}

/// `beginbfchar` and `beginbfrange` of a character map.
fn codes(map: &[u8]) -> BTreeMap<u32, String> {
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

fn range(three: &[Value], (codes, left): (&mut BTreeMap<u32, String>, &mut u32)) {
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
                codes.extend(next.map(|next| (from + step, format!("{stem}{next}"))));
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

fn meaning(bytes: &[u8]) -> String {
    utf16(bytes.get(..bytes.len().min(MAX_MEANING)).unwrap_or_default())
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
