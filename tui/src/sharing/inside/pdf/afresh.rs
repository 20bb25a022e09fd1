//! A copy of a PDF, written afresh: what is reached from its root, without what tells who made it, when and with what.
//!
//! Numbers, tables and strings are our own, the bytes of streams as they are. Where a reader would have to guess, there is
//! no copy, and a person looks through the file.

use std::{
    borrow::Cow,
    collections::{BTreeMap, btree_map::Entry},
    io::Write as _,
};

use super::{
    super::{MAX_LOOKED_INTO, picture},
    reader::{Reference, Value, is_regular},
    standing::{File, Standing},
    tables::Place,
    told,
    unpack::{MAX_OBJECTS, only},
};

/// Up to here every whole number is written as it was read.
const MAX_NUMBER: f64 = 9_007_199_254_740_992.0;

/// What must be known of an object to read it.
const KIND: [&str; 4] = ["Type", "Subtype", "Filter", "DecodeParms"];

struct Copy<'b> {
    file: File<'b>,
    out: Vec<u8>,
    /// What was reached, in order: the first is number 1.
    reached: Vec<Reference>,
    numbers: BTreeMap<Reference, usize>,
}

/// The copy; none when the file does not read in just one way, is locked or signed.
pub(super) fn written(bytes: &[u8]) -> Option<Vec<u8>> {
    let version = bytes.strip_prefix(b"%PDF-")?.get(..3)?;
    let &[b'1' | b'2', b'.', b'0'..=b'9'] = version else { return None };
    let (file, root) = File::open(bytes)?;
    let out = [b"%PDF-", version, b"\n%\xe2\xe3\xcf\xd3\n"].concat();
    let mut copy = Copy { file, out, reached: vec![root], numbers: BTreeMap::from([(root, 1)]) };
    let mut offsets = Vec::new();
    while let Some(reference) = copy.reached.get(offsets.len()).copied() {
        offsets.push(copy.out.len());
        copy.object(offsets.len(), reference)?;
    }
    copy.ended(&offsets)
}

impl Copy<'_> {
    fn object(&mut self, number: usize, reference: Reference) -> Option<()> {
        let Standing { mut value, stream } = self.file.object(reference)?;
        self.says_its_kind(&mut value)?;
        writeln!(self.out, "{number} 0 obj").ok()?;
        match stream {
            _ if told::in_object(&value) => self.out.extend(b"null"),
            None => self.value(&value)?,
            Some(bytes) => {
                let bytes = shown(&value, bytes)?;
                let length = f64::from(u32::try_from(bytes.len()).ok()?);
                let Value::Dict(entries) = &mut value else { return None };
                entries.insert("Length".to_owned(), Value::Number(length));
                self.value(&value)?;
                self.fits(bytes.len())?;
                self.out.extend(b"\nstream\n");
                self.out.extend_from_slice(&bytes);
                self.out.extend(b"\nendstream");
            }
        }
        self.out.extend(b"\nendobj\n");
        self.fits(0)
    }

    /// What tells how to read an object stands in the copy within it, whatever it referred to.
    fn says_its_kind(&mut self, value: &mut Value) -> Option<()> {
        let Value::Dict(entries) = value else { return Some(()) };
        for key in KIND {
            if let Some(Value::Ref(elsewhere)) = entries.get(key)
                && self.file.tables.place(elsewhere.0) != Place::Nowhere
            {
                let found = self.file.object(*elsewhere)?.value;
                (!matches!(found, Value::Ref(_))).then_some(())?;
                entries.insert(key.to_owned(), found);
            }
        }
        Some(())
    }

    /// The copy stays as small as what is looked into.
    fn fits(&self, more: usize) -> Option<()> {
        ((self.out.len() + more) as u64 <= MAX_LOOKED_INTO).then_some(())
    }

    fn value(&mut self, value: &Value) -> Option<()> {
        match value {
            Value::Name(name) => self.name(name),
            Value::Ref(reference) => self.reference(*reference),
            Value::Number(number) if number.abs() <= MAX_NUMBER => write!(self.out, "{number}").ok(),
            Value::Word(word) if matches!(word.as_slice(), b"true" | b"false" | b"null") => {
                self.out.extend_from_slice(word);
                Some(())
            }
            Value::Number(_) | Value::Word(_) => None,
            Value::Text(text) => {
                self.out.push(b'<');
                text.iter().try_for_each(|b| write!(self.out, "{b:02x}")).ok()?;
                self.out.push(b'>');
                Some(())
            }
            Value::Array(all) => {
                self.out.push(b'[');
                for (at, one) in all.iter().enumerate() {
                    self.out.extend((at > 0).then_some(b' '));
                    self.value(one)?;
                }
                self.out.push(b']');
                Some(())
            }
            Value::Dict(_) if told::is_signature(value) => None,
            Value::Dict(entries) => {
                self.out.extend(b"<<");
                for (key, one) in entries.iter().filter(|(key, _)| !told::in_entry(value, key)) {
                    self.name(key)?;
                    self.out.push(b' ');
                    self.value(one)?;
                }
                self.out.extend(b">>");
                Some(())
            }
        }
    }

    fn name(&mut self, name: &str) -> Option<()> {
        self.out.push(b'/');
        for c in name.chars() {
            let b = u8::try_from(c).ok()?;
            if is_regular(b) && b.is_ascii_graphic() && b != b'#' {
                self.out.push(b);
            } else {
                write!(self.out, "#{b:02x}").ok()?;
            }
        }
        Some(())
    }

    /// A reference under its new number, or nothing where nothing stands or what stands there does not go.
    fn reference(&mut self, reference: Reference) -> Option<()> {
        let tables = &self.file.tables;
        if tables.place(reference.0) == Place::Nowhere || tables.told.contains(&reference) {
            self.out.extend(b"null");
            return Some(());
        }
        let number = match self.numbers.entry(reference) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(new) => {
                self.reached.push(reference);
                (self.reached.len() <= MAX_OBJECTS).then_some(())?;
                *new.insert(self.reached.len())
            }
        };
        write!(self.out, "{number} 0 R").ok()
    }

    fn ended(mut self, offsets: &[usize]) -> Option<Vec<u8>> {
        let (at, size) = (self.out.len(), offsets.len() + 1);
        write!(self.out, "xref\n0 {size}\n0000000000 65535 f \n").ok()?;
        offsets.iter().try_for_each(|offset| writeln!(self.out, "{offset:010} 00000 n ")).ok()?;
        write!(self.out, "trailer\n<</Root 1 0 R/Size {size}>>\nstartxref\n{at}\n%%EOF\n").ok()?;
        self.fits(0)?;
        Some(self.out)
    }
}

/// The bytes of a stream; of a photograph without what the camera wrote into it.
fn shown<'b>(value: &Value, bytes: &'b [u8]) -> Option<Cow<'b, [u8]>> {
    let named =
        matches!(only(value.get("Filter")), Some(Value::Name(name)) if name == "DCTDecode" || name == "DCT");
    let begins = bytes.starts_with(b"\xff\xd8") && value.name("Type") != Some("EmbeddedFile");
    let clean = (named || begins).then(|| picture::jpeg_without_metadata(bytes).map(Cow::Owned));
    clean.unwrap_or(Some(Cow::Borrowed(bytes)))
}
