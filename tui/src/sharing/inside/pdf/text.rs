//! What a content stream draws, as text, in the order in which it is drawn.

use super::{
    fonts::{Fonts, usual, utf16},
    reader::{Reader, Value},
};

/// A gap in a line of letters that is a blank, in thousandths.
const BLANK: f64 = -180.0;

/// What was drawn.
#[derive(Debug, Default)]
pub(super) struct Drawn {
    pub(super) text: String,
    /// Some letters have no meaning that the file tells.
    pub(super) unreadable: bool,
    pub(super) pictures: bool,
}

pub(super) fn drawn(content: &[u8], fonts: &Fonts) -> Drawn {
    let mut drawn = Drawn::default();
    let mut reader = Reader::content(content);
    let mut stack: Vec<Value> = Vec::new();
    let (mut font, mut line) = (String::new(), f64::NAN);
    while let Some(value) = reader.value(0) {
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
                if let Some(Value::Text(bytes)) = stack.last() {
                    drawn.put(bytes, &font, fonts);
                }
            }
            b"TJ" => {
                let all = if let Some(Value::Array(all)) = stack.last() { all.as_slice() } else { &[] };
                for one in all {
                    match one {
                        Value::Text(bytes) => drawn.put(bytes, &font, fonts),
                        Value::Number(by) if *by < BLANK => drawn.gap(true),
                        _ => {}
                    }
                }
            }
            b"BI" => {
                drawn.pictures = true;
                drawn.gap(false);
            }
            _ => {}
        }
        stack.clear();
    }
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
