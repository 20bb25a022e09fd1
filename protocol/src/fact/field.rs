//! One field of a body, and where its text was cut into segments.

use std::{borrow::Cow, fmt, ops::Range};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error as _, SeqAccess, Visitor},
    ser::SerializeSeq as _,
};

/// Longest segment of a cut text, in bytes.
pub const MAX_SEGMENT: usize = ALPHABET.len() - 1;

/// A path, a type and the exact text. The text of a `Text` may be cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field<'a> {
    path: Cow<'a, str>,
    kind: Kind,
    text: Cow<'a, str>,
    /// A character for the length of each segment; empty when the text is whole.
    cut: Cow<'a, str>,
}

/// What a field's text stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Text,
    /// A whole number, in decimal.
    Integer,
    Bool,
    Null,
    /// Its text is the number of items.
    List,
    /// An object without members.
    Object,
}

impl<'a> Field<'a> {
    pub(super) fn value(path: String, kind: Kind, text: Cow<'a, str>) -> Self {
        Self { path: path.into(), kind, text, cut: "".into() }
    }

    /// A text in segments of these lengths; none when they are no lengths of segments.
    pub(super) fn cut_text(path: String, text: &'a str, lengths: &[u8]) -> Option<Self> {
        let letter = |length: &u8| (*length > 0).then(|| ALPHABET.get(usize::from(*length))).flatten();
        let cut: String = if lengths.len() < 2 {
            String::new()
        } else {
            lengths
                .iter()
                .map(|length| letter(length).map(|letter| char::from(*letter)))
                .collect::<Option<_>>()?
        };
        Some(Self { path: path.into(), kind: Kind::Text, text: text.into(), cut: cut.into() })
    }

    /// Where it stands, as a JSON pointer.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The segments of a cut text, which put together are the text; another field has none.
    pub fn segments(&self) -> impl Iterator<Item = &str> {
        self.bounds().filter_map(|at| self.text.get(at))
    }

    /// How many segments the text is cut into; none when it is whole.
    #[must_use]
    pub fn segment_count(&self) -> usize {
        self.cut.len()
    }

    /// How many leaves stand for it: one for the field, one for each segment.
    #[must_use]
    pub fn leaves(&self) -> usize {
        1 + self.segment_count()
    }

    /// The numbers of the segments that a stretch of the text touches: what cannot be parted from it.
    #[must_use]
    pub fn touched(&self, stretch: &Range<usize>) -> Range<usize> {
        let first = self.bounds().take_while(|at| at.end <= stretch.start).count();
        let last = self.bounds().take_while(|at| at.start < stretch.end).count();
        first..last.max(first)
    }

    /// Where each segment stands.
    fn bounds(&self) -> impl Iterator<Item = Range<usize>> {
        let lengths = self.cut.bytes().map(|letter| length(letter).unwrap_or_default());
        lengths.scan(0, |end, length| {
            let start = *end;
            *end += length;
            Some(start..*end)
        })
    }

    /// Is it cut into two segments or more, of 1 to 63 bytes each, between characters, to its end?
    pub(super) fn is_well_cut(&self) -> bool {
        if self.cut.is_empty() {
            return true;
        }
        let lengths = self.cut.bytes().all(|letter| length(letter).is_some());
        let whole = self.bounds().all(|at| self.text.is_char_boundary(at.end));
        let end = self.bounds().last().map(|at| at.end);
        self.kind == Kind::Text && self.cut.len() > 1 && lengths && whole && end == Some(self.text.len())
    }
}

/// A segment of `n` bytes is written as the letter at `n`; `A`, for none, is never written.
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

fn length(letter: u8) -> Option<usize> {
    ALPHABET.iter().position(|one| *one == letter).filter(|length| *length > 0)
}

impl Serialize for Field<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let cut = (!self.cut.is_empty()).then_some(&self.cut);
        let mut list = serializer.serialize_seq(Some(3 + usize::from(cut.is_some())))?;
        list.serialize_element(&self.path)?;
        list.serialize_element(&self.kind)?;
        list.serialize_element(&self.text)?;
        cut.map_or(Ok(()), |cut| list.serialize_element(cut))?;
        list.end()
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Field<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(FieldVisitor)
    }
}

/// Text that is not copied when it stands in the input as it is.
#[derive(Deserialize)]
struct Borrowed<'a>(#[serde(borrow)] Cow<'a, str>);

struct FieldVisitor;

impl<'de> Visitor<'de> for FieldVisitor {
    type Value = Field<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a path, a type, a text, and where it is cut")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Field<'de>, A::Error> {
        let short = |at| A::Error::invalid_length(at, &self);
        let Borrowed(path) = list.next_element()?.ok_or_else(|| short(0))?;
        let kind = list.next_element()?.ok_or_else(|| short(1))?;
        let Borrowed(text) = list.next_element()?.ok_or_else(|| short(2))?;
        let cut = match list.next_element()? {
            // An empty cut is written by leaving it out.
            Some(Borrowed(cut)) if cut.is_empty() => return Err(short(4)),
            Some(Borrowed(cut)) => cut,
            None => "".into(),
        };
        Ok(Field { path, kind, text, cut })
    }
}
