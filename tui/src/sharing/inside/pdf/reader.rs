//! The values of a PDF, read one after the other. Depth is bounded; every step goes on.

use std::collections::BTreeMap;

/// How deep values may stand in each other.
const MAX_DEPTH: usize = 24;

/// The number of an object and its generation.
pub(super) type Reference = (u32, u32);

/// A value. Everything of it is here that it takes to write it again.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    /// Its escapes resolved; each byte is one letter, so that none is lost (ISO 32000-1, 7.3.5).
    Name(String),
    Ref(Reference),
    /// Not a number where its digits make none.
    Number(f64),
    Text(Vec<u8>),
    Array(Vec<Self>),
    Dict(BTreeMap<String, Self>),
    /// A keyword: `true`, `obj`, `Tj`.
    Word(Vec<u8>),
}

impl Value {
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        if let Self::Dict(entries) = self { entries.get(key) } else { None }
    }

    pub(super) fn name(&self, key: &str) -> Option<&str> {
        if let Some(Self::Name(name)) = self.get(key) { Some(name) } else { None }
    }

    pub(super) fn number(&self, key: &str) -> Option<usize> {
        self.get(key)?.whole()
    }

    /// A number that counts or says where something stands.
    pub(super) fn whole(&self) -> Option<usize> {
        let Self::Number(number) = *self else { return None };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it is whole, positive and small"
        )]
        ((0.0..1e9).contains(&number) && number.fract() == 0.0).then_some(number as usize)
    }
}

/// Reads values one after the other.
pub(super) struct Reader<'b> {
    pub(super) bytes: &'b [u8],
    pub(super) at: usize,
    /// Do two numbers and an `R` refer to an object?
    refs: bool,
    /// How many values may still be read.
    pub(super) left: usize,
    /// Something is written so that another reader may understand it otherwise.
    pub(super) strange: bool,
    /// What stands in the comments of what is drawn.
    pub(super) remarks: Vec<u8>,
}

impl<'b> Reader<'b> {
    /// Reads from a place in a file, where values refer to objects.
    pub(super) const fn file(bytes: &'b [u8], at: usize) -> Self {
        Self { bytes, at, refs: true, left: usize::MAX, strange: false, remarks: Vec::new() }
    }

    /// Reads what is drawn, or a map: numbers are only numbers.
    pub(super) const fn content(bytes: &'b [u8]) -> Self {
        Self { bytes, at: 0, refs: false, left: usize::MAX, strange: false, remarks: Vec::new() }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    pub(super) fn blank(&mut self) {
        while let Some(b) = self.peek() {
            match b {
                b'%' => {
                    let start = self.at;
                    while self.peek().is_some_and(|b| b != b'\n' && b != b'\r') {
                        self.at += 1;
                    }
                    if !self.refs {
                        self.remarks.extend(self.bytes.get(start..self.at).unwrap_or_default());
                        self.remarks.push(b'\n');
                    }
                }
                0 | b'\t' | b'\n' | 0x0c | b'\r' | b' ' => self.at += 1,
                _ => return,
            }
        }
    }

    /// Goes past a keyword, if that comes next.
    pub(super) fn word_is(&mut self, word: &[u8]) -> Option<()> {
        self.blank();
        self.bytes.get(self.at..)?.strip_prefix(word)?;
        self.at += word.len();
        Some(())
    }

    pub(super) fn whole(&mut self) -> Option<u32> {
        self.blank();
        let start = self.at;
        while self.peek().is_some_and(|b| b.is_ascii_digit()) {
            self.at += 1;
        }
        str::from_utf8(self.bytes.get(start..self.at)?).ok()?.parse().ok()
    }

    pub(super) fn value(&mut self, depth: usize) -> Option<Value> {
        self.blank();
        if depth > MAX_DEPTH {
            return None;
        }
        self.left = self.left.checked_sub(1)?;
        match self.peek()? {
            b'/' => self.name().map(Value::Name),
            b'(' => self.string().map(Value::Text),
            b'<' if self.bytes.get(self.at + 1) == Some(&b'<') => self.dict(depth),
            b'<' => Some(Value::Text(self.hex())),
            b'[' => {
                self.at += 1;
                let mut all = Vec::new();
                loop {
                    self.blank();
                    if self.peek()? == b']' {
                        self.at += 1;
                        return Some(Value::Array(all));
                    }
                    all.push(self.value(depth + 1)?);
                }
            }
            b'0'..=b'9' | b'+' | b'-' | b'.' => Some(self.number()),
            _ => Some(self.word()),
        }
    }

    fn dict(&mut self, depth: usize) -> Option<Value> {
        self.at += 2;
        let mut entries = BTreeMap::new();
        loop {
            self.blank();
            match self.peek()? {
                b'>' => {
                    self.strange |= self.bytes.get(self.at + 1) != Some(&b'>');
                    self.at += 2;
                    return Some(Value::Dict(entries));
                }
                b'/' => {
                    let key = self.name()?;
                    self.strange |= entries.insert(key, self.value(depth + 1)?).is_some();
                }
                _ => return None,
            }
        }
    }

    fn name(&mut self) -> Option<String> {
        self.at += 1;
        let start = self.at;
        while self.peek().is_some_and(is_regular) {
            self.at += 1;
        }
        let mut rest = self.bytes.get(start..self.at)?;
        let mut name = String::with_capacity(rest.len());
        while let Some((b, after)) = rest.split_first() {
            rest = after;
            let escaped = (*b == b'#').then(|| Some((digit(*rest.first()?)? << 4) | digit(*rest.get(1)?)?));
            match escaped {
                Some(Some(b)) => {
                    name.push(char::from(b));
                    rest = rest.get(2..)?;
                }
                Some(None) => {
                    self.strange = true;
                    name.push('#');
                }
                None => name.push(char::from(*b)),
            }
        }
        Some(name)
    }

    fn word(&mut self) -> Value {
        let start = self.at;
        while self.peek().is_some_and(is_regular) {
            self.at += 1;
        }
        if self.at == start {
            self.at += 1;
        }
        Value::Word(self.bytes.get(start..self.at).unwrap_or_default().to_vec())
    }

    fn number(&mut self) -> Value {
        let start = self.at;
        while self.peek().is_some_and(|b| b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.')) {
            self.at += 1;
        }
        let text = str::from_utf8(self.bytes.get(start..self.at).unwrap_or_default()).unwrap_or_default();
        let end = self.at;
        if let (true, Ok(number)) = (self.refs, text.parse::<u32>())
            && let Some(generation) = self.whole()
        {
            self.blank();
            let after = self.bytes.get(self.at + 1).is_none_or(|b| !is_regular(*b));
            if self.peek() == Some(b'R') && after {
                self.at += 1;
                return Value::Ref((number, generation));
            }
        }
        self.at = end;
        Value::Number(text.parse().unwrap_or(f64::NAN))
    }

    fn hex(&mut self) -> Vec<u8> {
        self.at += 1;
        let mut digits = Vec::new();
        while let Some(b) = self.peek() {
            self.at += 1;
            match digit(b) {
                Some(digit) => digits.push(digit),
                None if b == b'>' => return pairs(&digits),
                None => self.strange |= is_regular(b),
            }
        }
        self.strange = true;
        pairs(&digits)
    }

    fn string(&mut self) -> Option<Vec<u8>> {
        self.at += 1;
        let (mut text, mut open) = (Vec::new(), 1_u32);
        loop {
            let b = self.peek()?;
            self.at += 1;
            match b {
                b'\\' => {
                    let escaped = self.peek()?;
                    self.at += 1;
                    match escaped {
                        b'n' => text.push(b'\n'),
                        b'r' => text.push(b'\r'),
                        b't' => text.push(b'\t'),
                        b'0'..=b'7' => {
                            let mut code = u32::from(escaped - b'0');
                            for _ in 0..2 {
                                let Some(digit @ b'0'..=b'7') = self.peek() else { break };
                                code = code * 8 + u32::from(digit - b'0');
                                self.at += 1;
                            }
                            text.push(u8::try_from(code & 0xff).unwrap_or_default());
                        }
                        b'\n' => {}
                        b'\r' => self.at += usize::from(self.peek() == Some(b'\n')),
                        other => text.push(other),
                    }
                }
                b')' if open == 1 => return Some(text),
                _ => {
                    open = match b {
                        b'(' => open + 1,
                        b')' => open - 1,
                        _ => open,
                    };
                    text.push(b);
                }
            }
        }
    }
}

fn pairs(digits: &[u8]) -> Vec<u8> {
    digits.chunks(2).map(|pair| pair.first().unwrap_or(&0) << 4 | pair.get(1).unwrap_or(&0)).collect()
}

fn digit(b: u8) -> Option<u8> {
    char::from(b).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

pub(super) const fn is_regular(b: u8) -> bool {
    !matches!(
        b,
        0 | b'\t'
            | b'\n'
            | 0x0c
            | b'\r'
            | b' '
            | b'('
            | b')'
            | b'<'
            | b'>'
            | b'['
            | b']'
            | b'{'
            | b'}'
            | b'/'
            | b'%'
    )
}
