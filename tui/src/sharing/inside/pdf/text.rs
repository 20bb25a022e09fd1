//! What a content stream draws, as text, in the order in which it is drawn.

use super::{
    fonts::{Fonts, usual, utf16},
    reader::{Reader, Value},
};

/// A gap in a line of letters that is a blank, in thousandths.
const BLANK: f64 = -180.0;
/// What is drawn beside letters, and what only says how (ISO 32000-1, annex A).
const OTHERS: [&[u8]; 62] = [
    b"b", b"B", b"b*", b"B*", b"BDC", b"BMC", b"BT", b"BX", b"c", b"cm", b"CS", b"cs", b"d", b"d0", b"d1",
    b"Do", b"DP", b"EI", b"EMC", b"EX", b"f", b"F", b"f*", b"G", b"g", b"gs", b"h", b"i", b"ID", b"j", b"J",
    b"K", b"k", b"l", b"m", b"M", b"MP", b"n", b"q", b"Q", b"re", b"RG", b"rg", b"ri", b"s", b"S", b"SC",
    b"sc", b"SCN", b"scn", b"sh", b"Tc", b"TL", b"Tr", b"Ts", b"Tw", b"Tz", b"v", b"w", b"W", b"W*", b"y",
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
    let mut drawn = Drawn::default();
    let mut reader = Reader::content(content);
    let mut stack: Vec<Value> = Vec::new();
    let (mut font, mut line) = (String::new(), f64::NAN);
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
        match word.as_slice() {
            b"Tf" => {
                if let Some(Value::Name(name)) = stack.first() {
                    font.clone_from(name);
                }
            }
            b"Td" | b"TD" => drawn.gap(matches!(stack.get(1), Some(Value::Number(by)) if *by == 0.0)),
            b"Tm" => {
                if let Some(Value::Number(at)) = stack.get(5) {
                    drawn.gap(line.total_cmp(at).is_eq());
                    line = *at;
                }
            }
            b"T*" | b"ET" => drawn.gap(false),
            b"Tj" | b"'" | b"\"" => {
                if word != b"Tj" {
                    drawn.gap(false);
                }
                if let Some(Value::Text(bytes)) = stack.pop_if(|one| matches!(one, Value::Text(_))) {
                    drawn.put(&bytes, &font, fonts);
                }
            }
            b"TJ" => {
                if let Some(Value::Array(all)) = stack.pop_if(|one| matches!(one, Value::Array(_))) {
                    drawn.spaced(&all, &font, fonts);
                }
            }
            b"BI" => {
                drawn.pictures = true;
                drawn.gap(false);
            }
            other => drawn.strange |= !OTHERS.contains(&other),
        }
        stack.iter().for_each(|one| drawn.beside(one));
        stack.clear();
    }
    stack.iter().for_each(|one| drawn.beside(one));
    drawn.beside.push_str(&string(&reader.remarks));
    drawn
}

impl Drawn {
    fn put(&mut self, bytes: &[u8], font: &str, fonts: &Fonts) {
        match fonts.get(font) {
            Some(font) => {
                let (text, known) = font.read(bytes);
                self.text.push_str(&text);
                self.unreadable |= !known;
            }
            None => self.unreadable = true,
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
    fn spaced(&mut self, all: &[Value], font: &str, fonts: &Fonts) {
        for one in all {
            match one {
                Value::Text(bytes) => self.put(bytes, font, fonts),
                Value::Number(by) if *by < BLANK => self.gap(true),
                Value::Number(_) => {}
                other => self.beside(other),
            }
        }
    }

    fn gap(&mut self, same_line: bool) {
        if !self.text.ends_with(char::is_whitespace) {
            self.text.push(if same_line { ' ' } else { '\n' });
        }
    }
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
