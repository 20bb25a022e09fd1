//! A copy of a PDF without what tells who made it, when and with what, and without what no page shows any more.
//!
//! Nothing is moved: what is not to go is written over, so that every offset holds. Only files whose every object is found
//! by plain tables are taken on (ISO 32000-1, 7.5.4); with objects in packed streams, or what does not read in just this
//! way, there is no copy, and a person looks through the file.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use super::{
    holds,
    reader::{Reader, Value},
};

/// Most tables that follow on from each other.
const MAX_TABLES: usize = 256;
/// Most objects.
const MAX_OBJECTS: usize = 200_000;
/// What packs to nothing (RFC 1950).
const NOTHING: &[u8] = &[0x78, 0x9c, 0x03, 0, 0, 0, 0, 1];

/// An object that the tables name.
struct Live {
    value: Value,
    /// From its number to the end of `endobj`.
    whole: Range<usize>,
    /// Between `obj` and `endobj`.
    body: Range<usize>,
    stream: Option<Range<usize>>,
}

/// The tables, followed from the last.
#[derive(Default)]
struct Tables {
    /// Where each object stands; the first to name it, of the newest, counts.
    places: BTreeMap<u32, Option<usize>>,
    ranges: Vec<Range<usize>>,
    root: Option<Value>,
    info: Option<u32>,
}

/// The copy; none when the file is of another kind than this can be done with.
pub(super) fn stripped(bytes: &[u8]) -> Option<Vec<u8>> {
    let others: [&[u8]; 4] = [b"/Encrypt", b"/ObjStm", b"/XRef", b"/Linearized"];
    if others.iter().any(|word| holds(bytes, word)) {
        return None;
    }
    let tables = Tables::read(bytes)?;
    let mut live = BTreeMap::new();
    for (number, at) in tables.places.iter().filter_map(|(number, at)| Some((*number, (*at)?))) {
        live.insert(number, object(bytes, number, at, &tables)?);
    }
    let (shown, told) = reached(&live, tables.root.as_ref()?)?;
    let mut out = vec![b' '; bytes.len()];
    keep(&mut out, bytes, header(bytes)?);
    for range in &tables.ranges {
        keep(&mut out, bytes, range.clone());
    }
    for (number, one) in &live {
        keep(&mut out, bytes, one.whole.clone());
        if tables.info == Some(*number) {
            put(&mut out, one.body.clone(), b" <<>> ")?;
        } else if !shown.contains(number) {
            put(&mut out, one.body.clone(), b" null ")?;
        } else if told.contains(number) || one.value.name("Type") == Some("Metadata") {
            let nothing = match one.value.get("Filter") {
                None => b"",
                Some(Value::Name(name)) if name == "FlateDecode" => NOTHING,
                Some(_) => return None,
            };
            put(&mut out, one.stream.clone()?, nothing)?;
        }
    }
    Some(out)
}

fn keep(out: &mut [u8], bytes: &[u8], range: Range<usize>) {
    if let (Some(to), Some(from)) = (out.get_mut(range.clone()), bytes.get(range)) {
        to.copy_from_slice(from);
    }
}

/// Writes over a range: these bytes, then blanks. None when they do not fit.
fn put(out: &mut [u8], range: Range<usize>, what: &[u8]) -> Option<()> {
    let to = out.get_mut(range)?;
    to.fill(b' ');
    to.get_mut(..what.len())?.copy_from_slice(what);
    Some(())
}

/// The first line, and the comment after it that says that the file is not text.
fn header(bytes: &[u8]) -> Option<Range<usize>> {
    let line = |from: usize| {
        let rest = bytes.get(from..)?;
        Some(from + rest.iter().position(|b| matches!(b, b'\n' | b'\r'))? + 1)
    };
    if !bytes.starts_with(b"%PDF-") {
        return None;
    }
    let end = line(0).filter(|end| *end <= 20)?;
    let mark = bytes.get(end..).filter(|rest| rest.starts_with(b"%")).and_then(|_| line(end));
    let no_text = |next: &usize| {
        let comment = bytes.get(end + 1..next - 1).unwrap_or_default();
        comment.len() <= 8 && comment.iter().all(|b| *b >= 0x80 || b.is_ascii_whitespace())
    };
    Some(0..mark.filter(no_text).unwrap_or(end))
}

impl Tables {
    fn read(bytes: &[u8]) -> Option<Self> {
        let mut tables = Self::default();
        let last = bytes.windows(9).rposition(|word| word == b"startxref")?;
        let mut reader = Reader { bytes, at: last + 9, refs: false };
        let mut next = Some(reader.whole()? as usize);
        let rest = bytes.get(reader.at..)?;
        let end = bytes.len() - rest.trim_ascii_start().strip_prefix(b"%%EOF")?.len();
        tables.ranges.push(last..end);
        while let Some(at) = next {
            if tables.ranges.len() > MAX_TABLES {
                return None;
            }
            next = tables.table(bytes, at)?;
        }
        Some(tables)
    }

    /// Reads one table and its trailer; gives where the one before it stands.
    fn table(&mut self, bytes: &[u8], at: usize) -> Option<Option<usize>> {
        let mut reader = Reader { bytes, at, refs: true };
        reader.word_is(b"xref")?;
        while reader.word_is(b"trailer").is_none() {
            let (first, count) = (reader.whole()?, reader.whole()?);
            for number in first..first.checked_add(count)? {
                let place = reader.whole()? as usize;
                reader.whole()?;
                let used = match (reader.word_is(b"n"), reader.word_is(b"f")) {
                    (Some(()), _) => Some(place),
                    (None, Some(())) => None,
                    _ => return None,
                };
                self.places.entry(number).or_insert(used);
            }
            if self.places.len() > MAX_OBJECTS {
                return None;
            }
        }
        let trailer = reader.value(0)?;
        if strange(&trailer) || trailer.get("XRefStm").is_some() {
            return None;
        }
        if self.root.is_none() {
            self.root = Some(trailer.get("Root")?.clone());
            self.info = match trailer.get("Info") {
                Some(Value::Ref(number)) => Some(*number),
                Some(_) => return None,
                None => None,
            };
        }
        self.ranges.push(at..reader.at);
        match trailer.get("Prev") {
            None => Some(None),
            Some(_) => trailer.number("Prev").map(Some),
        }
    }
}

fn object(bytes: &[u8], number: u32, at: usize, tables: &Tables) -> Option<Live> {
    let mut reader = Reader { bytes, at, refs: true };
    (reader.whole()? == number).then_some(())?;
    reader.whole()?;
    reader.word_is(b"obj")?;
    let begin = reader.at;
    let value = reader.value(0)?;
    if strange(&value) {
        return None;
    }
    let mut stream = None;
    if reader.word_is(b"stream").is_some() {
        let rest = bytes.get(reader.at..)?;
        let rest = rest.strip_prefix(b"\r\n").or_else(|| rest.strip_prefix(b"\n"))?;
        let start = bytes.len() - rest.len();
        let length = match value.get("Length")? {
            Value::Ref(elsewhere) => {
                let mut there = Reader { bytes, at: (*tables.places.get(elsewhere)?)?, refs: false };
                (there.whole()? == *elsewhere).then_some(())?;
                there.whole()?;
                there.word_is(b"obj")?;
                there.whole()? as usize
            }
            _ => value.number("Length")?,
        };
        reader.at = start.checked_add(length)?;
        stream = Some(start..reader.at);
        reader.word_is(b"endstream")?;
    }
    reader.blank();
    let end = reader.at;
    reader.word_is(b"endobj")?;
    Some(Live { value, whole: at..reader.at, body: begin..end, stream })
}

/// Objects that something leads to from the root, and those of them that tell of the file itself.
fn reached(live: &BTreeMap<u32, Live>, root: &Value) -> Option<(BTreeSet<u32>, BTreeSet<u32>)> {
    let (mut shown, mut told) = (BTreeSet::new(), BTreeSet::new());
    let mut next = Vec::new();
    refs(root, &mut next, &mut told);
    while let Some(number) = next.pop() {
        if let (Some(one), true) = (live.get(&number), shown.insert(number)) {
            refs(&one.value, &mut next, &mut told);
        }
    }
    (!shown.is_empty()).then_some((shown, told))
}

fn refs(value: &Value, into: &mut Vec<u32>, told: &mut BTreeSet<u32>) {
    match value {
        Value::Ref(number) => into.push(*number),
        Value::Array(all) => all.iter().for_each(|one| refs(one, into, told)),
        Value::Dict(entries) => {
            for (key, value) in entries {
                if let ("Metadata", Value::Ref(number)) = (key.as_str(), value) {
                    told.insert(*number);
                }
                refs(value, into, told);
            }
        }
        _ => {}
    }
}

/// Names that are written in another way than they are read here.
fn strange(value: &Value) -> bool {
    match value {
        Value::Name(name) => name.contains('#'),
        Value::Array(all) => all.iter().any(strange),
        Value::Dict(entries) => entries.iter().any(|(key, value)| key.contains('#') || strange(value)),
        _ => false,
    }
}
