//! The objects of a PDF, found by reading the whole file, not by its table of contents. Everything is bounded.

use std::collections::BTreeMap;

use super::{
    reader::{Reader, Value},
    unpack::{Budget, MAX_OBJECTS},
};

/// One object, its stream unpacked.
#[derive(Debug)]
pub(super) struct Object {
    /// Its place among all.
    pub(super) place: usize,
    pub(super) number: u32,
    pub(super) value: Value,
    pub(super) stream: Option<Vec<u8>>,
    /// It has a stream that was not unpacked.
    packed: bool,
}

impl Object {
    pub(super) const fn streams(&self) -> bool {
        self.packed || self.stream.is_some()
    }
}

/// All of them, superseded ones too.
#[derive(Debug, Default)]
pub(super) struct Objects {
    all: Vec<Object>,
    /// The last of each number.
    last: BTreeMap<u32, usize>,
    /// There is what was not read, or not unpacked.
    pub(super) skipped: bool,
    budget: Budget,
}

impl Objects {
    /// None when it is too much.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let mut objects = Self::default();
        let mut at = 0;
        while let Some(found) = find(bytes.get(at..)?, b" obj") {
            let keyword = at + found;
            at = keyword + 4;
            let Some(number) = number_before(bytes.get(..keyword)?) else { continue };
            let mut reader = Reader::file(bytes, at);
            // What does not read is not read again and again.
            let value = objects.budget.value(&mut reader)?;
            objects.skipped |= value.is_none() || reader.strange;
            let Some(value) = value else { continue };
            at = reader.at;
            let stream = objects.stream(bytes, &mut at, &value)?;
            let packed = at != reader.at && stream.is_none();
            objects.add(number, value, stream, packed)?;
        }
        objects.packed()?;
        Some(objects)
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Object> {
        self.all.iter()
    }

    pub(super) fn object(&self, value: &Value) -> Option<&Object> {
        let Value::Ref((number, _)) = value else { return None };
        self.all.get(*self.last.get(number)?)
    }

    /// A value itself, or what it refers to.
    pub(super) fn resolve<'o>(&'o self, value: &'o Value) -> Option<&'o Value> {
        if matches!(value, Value::Ref(_)) {
            self.object(value).map(|object| &object.value)
        } else {
            Some(value)
        }
    }

    fn add(&mut self, number: u32, value: Value, stream: Option<Vec<u8>>, packed: bool) -> Option<()> {
        if self.all.len() >= MAX_OBJECTS {
            return None;
        }
        let place = self.all.len();
        self.last.insert(number, place);
        self.all.push(Object { place, number, value, stream, packed });
        Some(())
    }

    /// The stream after a dictionary, unpacked; pictures and fonts are passed over. None when it is too much.
    fn stream(&mut self, bytes: &[u8], at: &mut usize, value: &Value) -> Option<Option<Vec<u8>>> {
        let mut reader = Reader::file(bytes, *at);
        reader.blank();
        let Some(rest) = bytes.get(reader.at..).and_then(|rest| rest.strip_prefix(b"stream")) else {
            return Some(None);
        };
        let rest = rest.strip_prefix(b"\r\n").or_else(|| rest.strip_prefix(b"\n")).unwrap_or(rest);
        let start = bytes.len() - rest.len();
        // The length may stand elsewhere or lie: it counts only where the end is where it says.
        let said = value.number("Length").filter(|said| {
            let after = rest.get(*said..).unwrap_or_default();
            after.trim_ascii_start().starts_with(b"endstream")
        });
        let length = said.or_else(|| find(rest, b"endstream")).unwrap_or(rest.len());
        *at = start + length;
        let raw = rest.get(..length)?;
        let shown = value.name("Subtype") == Some("Image")
            || value.name("Type") == Some("XRef")
            || ["Length1", "Length2", "Length3"].iter().any(|key| value.get(key).is_some())
            || matches!(value.name("Subtype"), Some("Type1C" | "CIDFontType0C" | "OpenType"))
            || value.get("FunctionType").is_some()
            || value.get("N").is_some() && value.name("Type").is_none();
        if shown {
            return Some(None);
        }
        let unpacked = self.budget.unpack(value, raw)?;
        self.skipped |= unpacked.as_ref().is_none_or(|unpacked| !unpacked.whole);
        Some(unpacked.map(|unpacked| unpacked.bytes))
    }

    /// Objects within object streams.
    fn packed(&mut self) -> Option<()> {
        let mut found = Vec::new();
        for object in self.all.iter().filter(|object| object.value.name("Type") == Some("ObjStm")) {
            let Some(bytes) = &object.stream else { continue };
            for (number, at) in self.budget.within(&object.value, bytes)? {
                let mut reader = Reader::file(bytes, at);
                let value = self.budget.value(&mut reader)?;
                self.skipped |= value.is_none() || reader.strange;
                found.extend(value.map(|value| (number, value)));
                if found.len() > MAX_OBJECTS {
                    return None;
                }
            }
        }
        for (number, value) in found {
            self.add(number, value, None, false)?;
        }
        Some(())
    }
}

fn find(bytes: &[u8], word: &[u8]) -> Option<usize> {
    bytes.windows(word.len()).position(|window| window == word)
}

/// `12 0` before ` obj`.
fn number_before(bytes: &[u8]) -> Option<u32> {
    let tail = bytes.get(bytes.len().saturating_sub(20)..)?;
    let text = String::from_utf8_lossy(tail);
    let mut words = text.rsplit(|c: char| c.is_ascii_whitespace() || !c.is_ascii_digit());
    words.next()?.parse::<u16>().ok()?;
    words.next()?.parse().ok()
}
