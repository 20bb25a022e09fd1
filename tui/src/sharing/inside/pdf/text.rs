//! What a content stream draws, as text, in the order in which it is drawn.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    fonts::{Fonts, usual, utf16},
    lines::Lines,
    place::{Matrix, Pen},
    reader::{Reader, Value},
};

/// What is drawn beside letters, and what only says how (ISO 32000-1, annex A).
const OTHERS: [&[u8]; 54] = [
    b"b", b"B", b"b*", b"B*", b"BDC", b"BMC", b"BX", b"c", b"CS", b"cs", b"d", b"d0", b"d1", b"Do", b"DP",
    b"EI", b"EMC", b"ET", b"EX", b"f", b"F", b"f*", b"G", b"g", b"gs", b"h", b"i", b"ID", b"j", b"J", b"K",
    b"k", b"l", b"m", b"M", b"MP", b"n", b"re", b"RG", b"rg", b"ri", b"s", b"S", b"SC", b"sc", b"SCN",
    b"scn", b"sh", b"Tr", b"v", b"w", b"W", b"W*", b"y",
];

/// What was drawn.
#[derive(Debug, Default)]
pub(super) struct Drawn {
    pub(super) text: String,
    /// Some letters have no meaning that the file tells.
    pub(super) unreadable: bool,
    pub(super) pictures: bool,
    /// Something in it is none of what can be drawn.
    pub(super) strange: bool,
    /// What stands beside what is drawn: in its place for those who listen, in comments.
    pub(super) beside: String,
}

pub(super) fn drawn(content: &[u8], fonts: &Fonts) -> Drawn {
    let mut page = Page { fonts, pen: Pen::new(), lines: Lines::default(), codes: BTreeMap::new() };
    let mut drawn = Drawn::default();
    let mut reader = Reader::content(content);
    let mut stack: Vec<Value> = Vec::new();
    loop {
        reader.blank();
        let start = reader.at;
        let Some(value) = reader.value(0) else {
            drawn.strange |= start < content.len();
            break;
        };
        let Value::Word(word) = value else {
            stack.push(value);
            continue;
        };
        if !(page.moves(&word, &stack) || drawn.shows(&mut page, &word, &mut stack)) {
            drawn.pictures |= word == b"BI";
            drawn.strange |= word != b"BI" && !OTHERS.contains(&word.as_slice());
        }
        stack.iter().for_each(|one| drawn.beside(one));
        stack.clear();
    }
    stack.iter().for_each(|one| drawn.beside(one));
    drawn.beside.push_str(&string(&reader.remarks));
    drawn.unreadable |= page.is_rubbish();
    drawn.text = page.lines.finish();
    drawn
}

/// Where letters are drawn.
struct Page<'f> {
    fonts: &'f Fonts,
    pen: Pen,
    lines: Lines,
    /// Which codes were drawn of each font.
    codes: BTreeMap<String, BTreeSet<u32>>,
}

impl Page<'_> {
    /// Moves the pen, or sets how it draws, if that is what the keyword does.
    fn moves(&mut self, word: &[u8], stack: &[Value]) -> bool {
        let pen = &mut self.pen;
        let one = || last::<1>(stack).map(|[one]| one);
        match word {
            b"q" => pen.save(),
            b"Q" => pen.restore(),
            b"BT" => pen.begin(),
            b"T*" => pen.next_line(),
            b"cm" => last(stack).into_iter().for_each(|by| pen.under(Matrix(by))),
            b"Tm" => last(stack).into_iter().for_each(|to| pen.set(Matrix(to))),
            b"Td" | b"TD" => {
                if let Some([x, y]) = last(stack) {
                    pen.state.leading = if word == b"TD" { -y } else { pen.state.leading };
                    pen.go(x, y);
                }
            }
            b"Tf" => {
                if let Some(Value::Name(name)) = stack.iter().rfind(|one| matches!(one, Value::Name(_))) {
                    pen.state.font.clone_from(name);
                }
                pen.state.size = one().unwrap_or(pen.state.size);
            }
            b"Tc" => pen.state.letters = one().unwrap_or(pen.state.letters),
            b"Tw" => pen.state.words = one().unwrap_or(pen.state.words),
            b"TL" => pen.state.leading = one().unwrap_or(pen.state.leading),
            b"Tz" => pen.state.stretch = one().map_or(pen.state.stretch, |percent| percent / 100.0),
            // Raised letters stand in their line.
            b"Ts" => {}
            _ => return false,
        }
        true
    }

    fn is_rubbish(&self) -> bool {
        self.codes.iter().any(|(name, codes)| self.fonts.get(name).is_some_and(|font| font.is_rubbish(codes)))
    }
}

impl Drawn {
    /// Draws letters, if that is what the keyword does.
    fn shows(&mut self, page: &mut Page<'_>, word: &[u8], stack: &mut Vec<Value>) -> bool {
        match word {
            b"Tj" | b"'" | b"\"" => {
                let text = stack.pop_if(|one| matches!(one, Value::Text(_)));
                if let (b"\"", Some([words, letters])) = (word, last(stack)) {
                    (page.pen.state.words, page.pen.state.letters) = (words, letters);
                }
                if word != b"Tj" {
                    page.pen.next_line();
                }
                if let Some(Value::Text(bytes)) = text {
                    self.put(&bytes, page);
                }
            }
            b"TJ" => {
                if let Some(Value::Array(all)) = stack.pop_if(|one| matches!(one, Value::Array(_))) {
                    self.spaced(&all, page);
                }
            }
            _ => return false,
        }
        true
    }

    fn put(&mut self, bytes: &[u8], page: &mut Page<'_>) {
        let Some(font) = page.fonts.get(&page.pen.state.font) else {
            self.unreadable = true;
            return;
        };
        if !page.codes.contains_key(&page.pen.state.font) {
            page.codes.insert(page.pen.state.font.clone(), BTreeSet::new());
        }
        let mut codes = page.codes.get_mut(&page.pen.state.font);
        for letter in font.letters(bytes) {
            let spot = page.pen.letter(letter.width, letter.is_blank);
            codes.iter_mut().for_each(|codes| codes.extend([letter.code]));
            self.unreadable |= letter.text.is_none();
            page.lines.put(letter.text.unwrap_or_else(|| "\u{fffd}".into()), spot);
        }
    }

    /// Strings that no font draws, as `/ActualText` (ISO 32000-1, 14.9.4).
    fn beside(&mut self, value: &Value) {
        match value {
            Value::Text(bytes) => {
                self.beside.push_str(&string(bytes));
                self.beside.push('\n');
            }
            Value::Array(all) => all.iter().for_each(|one| self.beside(one)),
            Value::Dict(entries) => {
                entries.iter().filter(|(key, _)| *key != "Lang").for_each(|(_, one)| self.beside(one));
            }
            _ => {}
        }
    }

    /// Strings, and between them how far apart they stand.
    fn spaced(&mut self, all: &[Value], page: &mut Page<'_>) {
        for one in all {
            match one {
                Value::Text(bytes) => self.put(bytes, page),
                Value::Number(by) => page.pen.back(*by),
                other => self.beside(other),
            }
        }
    }
}

/// The last numbers before a keyword.
fn last<const N: usize>(stack: &[Value]) -> Option<[f64; N]> {
    let mut numbers = [0.0; N];
    let from = stack.len().checked_sub(N)?;
    for (number, value) in numbers.iter_mut().zip(stack.get(from..)?) {
        let Value::Number(one) = value else { return None };
        *number = *one;
    }
    Some(numbers)
}

/// A string outside of what is drawn: UTF-16 or UTF-8 with their marks, else the usual letters.
pub(super) fn string(bytes: &[u8]) -> String {
    if let Some(rest) = bytes.strip_prefix(b"\xfe\xff") {
        return utf16(rest);
    }
    if let Some(text) = bytes.strip_prefix(b"\xef\xbb\xbf").and_then(|rest| str::from_utf8(rest).ok()) {
        return text.to_owned();
    }
    bytes.iter().map(|b| usual(char::from(*b))).collect()
}
