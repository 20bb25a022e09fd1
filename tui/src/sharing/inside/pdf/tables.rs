//! Where the objects of a PDF stand, by its cross-reference tables and streams, the newest first (ISO 32000-1, 7.5.4 to
//! 7.5.8). Where two readers might understand them in two ways, they do not read.

use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

use super::{
    reader::{Reader, Reference, Value},
    standing::Begun,
    unpack::Budget,
};

/// Most tables that follow on from each other.
const MAX_TABLES: usize = 256;
/// Most entries of all tables together.
const MAX_ENTRIES: usize = 1_000_000;

/// Where an object stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    At {
        offset: usize,
        generation: u32,
    },
    /// In an object stream of this number, the how-manieth.
    Within {
        stream: u32,
        index: usize,
    },
    Nowhere,
}

/// What one table says, with the stream that belongs to it.
type Section = BTreeMap<u32, Place>;

/// All tables together.
#[derive(Debug, Default)]
pub(super) struct Tables {
    places: Section,
    root: Option<Reference>,
    /// What tells of the file, of every version.
    pub(super) told: BTreeSet<Reference>,
    read: BTreeSet<usize>,
    entries: usize,
}

impl Tables {
    /// The tables, and where the newest begins to be read: at the root.
    pub(super) fn read(bytes: &[u8], budget: &mut Budget) -> Option<(Self, Reference)> {
        let mut tables = Self::default();
        let last = bytes.windows(9).rposition(|word| word == b"startxref")?;
        let mut reader = Reader::file(bytes, last + 9);
        let mut next = Some(reader.whole()? as usize);
        bytes.get(reader.at..)?.trim_ascii_start().starts_with(b"%%EOF").then_some(())?;
        while let Some(at) = next {
            (tables.read.len() < MAX_TABLES && tables.read.insert(at)).then_some(())?;
            next = tables.section(bytes, at, budget)?;
        }
        let root = tables.root?;
        Some((tables, root))
    }

    /// Where the newest of this number stands.
    pub(super) fn place(&self, number: u32) -> Place {
        self.places.get(&number).copied().unwrap_or(Place::Nowhere)
    }

    /// Reads one table and its trailer; gives where the one before it stands.
    fn section(&mut self, bytes: &[u8], at: usize, budget: &mut Budget) -> Option<Option<usize>> {
        let mut found = Section::new();
        let mut reader = Reader::file(bytes, at);
        let trailer = if reader.word_is(b"xref").is_some() {
            self.table(&mut reader, &mut found)?;
            let trailer = budget.value(&mut reader)??;
            budget.spend(reader.at.saturating_sub(at))?;
            (!reader.strange).then_some(())?;
            if trailer.get("XRefStm").is_some() {
                self.stream(bytes, trailer.number("XRefStm")?, &mut found, budget)?;
            }
            trailer
        } else {
            self.stream(bytes, at, &mut found, budget)?
        };
        if trailer.get("Encrypt").is_some() {
            return None;
        }
        for (number, place) in found {
            self.places.entry(number).or_insert(place);
        }
        if let (None, Some(Value::Ref(root))) = (self.root, trailer.get("Root")) {
            self.root = Some(*root);
        }
        if let Some(Value::Ref(info)) = trailer.get("Info") {
            self.told.insert(*info);
        }
        match trailer.get("Prev") {
            None => Some(None),
            // The newest must lead to what is shown.
            Some(_) => self.root.and_then(|_| trailer.number("Prev")).map(Some),
        }
    }

    fn table(&mut self, reader: &mut Reader<'_>, found: &mut Section) -> Option<()> {
        while reader.word_is(b"trailer").is_none() {
            let (first, count) = (reader.whole()?, reader.whole()?);
            for number in first..first.checked_add(count)? {
                let (offset, generation) = (reader.whole()? as usize, reader.whole()?);
                let place = match (reader.word_is(b"n"), reader.word_is(b"f")) {
                    (Some(()), _) => Place::At { offset, generation },
                    (None, Some(())) => Place::Nowhere,
                    _ => return None,
                };
                self.entry(found, number, place)?;
            }
        }
        Some(())
    }

    fn stream(&mut self, bytes: &[u8], at: usize, found: &mut Section, budget: &mut Budget) -> Option<Value> {
        let begun = Begun::read(bytes, at, budget)?;
        let length = begun.value.number("Length");
        let object = begun.ended(length, budget)?;
        let value = object.value;
        (value.name("Type") == Some("XRef")).then_some(())?;
        let unpacked = budget.unpack(&value, object.stream?)??;
        let widths = numbers(value.get("W"))?;
        let &[a, b, c] = widths.as_slice() else { return None };
        let width = a.checked_add(b)?.checked_add(c)?;
        let fits = widths.iter().all(|one| *one <= 8) && width > 0 && unpacked.whole;
        fits.then_some(())?;
        let runs = match value.get("Index") {
            None => vec![0, value.number("Size")?],
            index => numbers(index)?,
        };
        let mut rows = unpacked.bytes.chunks_exact(width);
        for run in runs.chunks(2) {
            let &[first, count] = run else { return None };
            for number in first..first.checked_add(count)? {
                let row = rows.next()?;
                let (kind, row) = row.split_at_checked(a)?;
                let (second, third) = row.split_at_checked(b)?;
                let (second, third) = (whole(second)?, whole(third)?);
                let place = match if a == 0 { 1 } else { whole(kind)? } {
                    0 => Place::Nowhere,
                    1 => Place::At { offset: second, generation: u32::try_from(third).ok()? },
                    2 => Place::Within { stream: u32::try_from(second).ok()?, index: third },
                    _ => return None,
                };
                self.entry(found, u32::try_from(number).ok()?, place)?;
            }
        }
        Some(value)
    }

    /// Notes an entry; none when the same section says two things. What a table leaves out for older readers its stream
    /// has (7.5.8.4).
    fn entry(&mut self, found: &mut Section, number: u32, place: Place) -> Option<()> {
        self.entries += 1;
        match found.entry(number) {
            Entry::Vacant(free) => {
                free.insert(place);
            }
            Entry::Occupied(mut before) if *before.get() == Place::Nowhere => {
                before.insert(place);
            }
            Entry::Occupied(before) => (*before.get() == place).then_some(())?,
        }
        (self.entries <= MAX_ENTRIES).then_some(())
    }
}

fn numbers(value: Option<&Value>) -> Option<Vec<usize>> {
    let Some(Value::Array(all)) = value else { return None };
    all.iter().map(Value::whole).collect()
}

/// A number of at most eight bytes, the highest first.
fn whole(bytes: &[u8]) -> Option<usize> {
    usize::try_from(bytes.iter().fold(0, |number: u64, b| number << 8 | u64::from(*b))).ok()
}
