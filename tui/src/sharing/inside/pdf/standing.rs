//! The objects that the tables of a PDF lead to, as a reader finds them: none where it would have to guess.

use std::{collections::BTreeMap, rc::Rc};

use super::{
    reader::{Reader, Reference, Value},
    tables::{Place, Tables},
    unpack::Budget,
};

/// How often one object may be needed to read another: a length, within a stream, whose length stands elsewhere.
const MAX_DEPTH: usize = 3;

/// An object, its stream as it is packed.
#[derive(Debug)]
pub(super) struct Standing<'b> {
    pub(super) value: Value,
    pub(super) stream: Option<&'b [u8]>,
}

/// What is found through the tables.
pub(super) struct File<'b> {
    bytes: &'b [u8],
    pub(super) tables: Tables,
    budget: Budget,
    /// Object streams that were unpacked.
    opened: BTreeMap<u32, Rc<Opened>>,
}

struct Opened {
    bytes: Vec<u8>,
    places: Vec<(u32, usize)>,
}

impl<'b> File<'b> {
    /// The file, and its root.
    pub(super) fn open(bytes: &'b [u8]) -> Option<(Self, Reference)> {
        let mut budget = Budget::default();
        let (tables, root) = Tables::read(bytes, &mut budget)?;
        Some((Self { bytes, tables, budget, opened: BTreeMap::new() }, root))
    }

    /// The newest object of this number.
    pub(super) fn object(&mut self, reference: Reference) -> Option<Standing<'b>> {
        self.find(reference, 0)
    }

    fn find(&mut self, (number, generation): Reference, depth: usize) -> Option<Standing<'b>> {
        (depth < MAX_DEPTH).then_some(())?;
        match self.tables.place(number) {
            Place::At { offset, generation: there } if there == generation => {
                self.at((number, generation), offset, depth)
            }
            Place::Within { stream, index } if generation == 0 => {
                let opened = self.opened(stream, depth)?;
                let &(named, at) = opened.places.get(index)?;
                (named == number).then_some(())?;
                let mut reader = Reader::file(&opened.bytes, at);
                let value = self.budget.value(&mut reader)??;
                (!reader.strange).then_some(Standing { value, stream: None })
            }
            _ => None,
        }
    }

    fn at(&mut self, reference: Reference, offset: usize, depth: usize) -> Option<Standing<'b>> {
        let begun = Begun::read(self.bytes, offset, &mut self.budget)?;
        (begun.reference == reference).then_some(())?;
        let length = match begun.value.get("Length") {
            Some(Value::Ref(of)) if begun.streams => self.find(*of, depth + 1)?.value.whole(),
            direct => direct.and_then(Value::whole),
        };
        begun.ended(length, &mut self.budget)
    }

    fn opened(&mut self, stream: u32, depth: usize) -> Option<Rc<Opened>> {
        if let Some(opened) = self.opened.get(&stream) {
            return Some(Rc::clone(opened));
        }
        let Place::At { offset, generation } = self.tables.place(stream) else { return None };
        let object = self.at((stream, generation), offset, depth)?;
        (object.value.name("Type") == Some("ObjStm")).then_some(())?;
        let unpacked = self.budget.unpack(&object.value, object.stream?)??;
        unpacked.whole.then_some(())?;
        let places = self.budget.within(&object.value, &unpacked.bytes)?;
        let opened = Rc::new(Opened { bytes: unpacked.bytes, places });
        self.opened.insert(stream, Rc::clone(&opened));
        Some(opened)
    }
}

/// An object that stands at a place in the file, read as far as its stream.
pub(super) struct Begun<'b> {
    at: usize,
    reference: Reference,
    pub(super) value: Value,
    /// A stream follows.
    streams: bool,
    reader: Reader<'b>,
}

impl<'b> Begun<'b> {
    pub(super) fn read(bytes: &'b [u8], at: usize, budget: &mut Budget) -> Option<Self> {
        let mut reader = Reader::file(bytes, at);
        let reference = (reader.whole()?, reader.whole()?);
        reader.word_is(b"obj")?;
        let value = budget.value(&mut reader)??;
        let streams = reader.word_is(b"stream").is_some();
        Some(Self { at, reference, value, streams, reader })
    }

    /// The whole object up to its `endobj`, its stream being so long.
    pub(super) fn ended(mut self, length: Option<usize>, budget: &mut Budget) -> Option<Standing<'b>> {
        let mut stream = None;
        if self.streams {
            let rest = self.reader.bytes.get(self.reader.at..)?;
            let rest = rest.strip_prefix(b"\r\n").or_else(|| rest.strip_prefix(b"\n"))?;
            stream = Some(rest.get(..length?)?);
            self.reader.at = (self.reader.bytes.len() - rest.len()).checked_add(length?)?;
            self.reader.word_is(b"endstream")?;
        }
        self.reader.word_is(b"endobj")?;
        budget.spend(self.reader.at.saturating_sub(self.at))?;
        (!self.reader.strange).then_some(Standing { value: self.value, stream })
    }
}
