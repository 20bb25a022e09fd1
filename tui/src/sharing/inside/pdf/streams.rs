//! Every stream is accounted for: it is drawn, its words are searched, it is known to hold none, or it is told.

use std::collections::{BTreeMap, BTreeSet};

use super::{UNREAD, objects::Object, objects::Objects, reader::Value, text, words};

/// What is told of a stream that nothing else is known of.
const UNKNOWN: &str = "data of a kind that is not known";
/// Where programs look for a text that may be a stream (ISO 32000-1, 12.6.4.16 and 12.7.3).
const PLAIN: [&str; 3] = ["V", "DV", "JS"];
/// The same, as XHTML (ISO 32000-1, 12.7.3.4).
pub(super) const RICH: [&str; 2] = ["RV", "RC"];
/// Where they look for fonts and what their codes mean, functions, halftones, colour profiles (ISO 32000-1, 7.10, 8.7.4, 9.7,
/// 9.9, 10.3 to 10.5, 14.11.5).
const WORDLESS: [&str; 21] = [
    "FontFile",
    "FontFile2",
    "FontFile3",
    "ToUnicode",
    "UseCMap",
    "Encoding",
    "CIDToGIDMap",
    "CIDSet",
    "Function",
    "Functions",
    "Shading",
    "TR",
    "TR2",
    "BG",
    "BG2",
    "UCR",
    "UCR2",
    "HT",
    "TransferFunction",
    "DestOutputProfile",
    "JBIG2Globals",
];
/// Colour spaces, which begin with their name (ISO 32000-1, 8.6).
const COLOURS: [&str; 4] = ["ICCBased", "Indexed", "Separation", "DeviceN"];
/// Entries that hold a table of names which the file itself chooses.
const TABLES: [&str; 3] = ["Shading", "EF", "RF"];
/// Streams of which is told wherever they stand, or that no copy has.
const TOLD: [&str; 4] = ["EmbeddedFile", "Metadata", "ObjStm", "XRef"];

/// As what programs read a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Use {
    Plain,
    Rich,
    Wordless,
    /// A file within the file, which is told where it is named.
    File,
    Unknown,
}

impl Use {
    fn of(entry: &str) -> Self {
        match entry {
            "EF" | "RF" => Self::File,
            _ if PLAIN.contains(&entry) => Self::Plain,
            _ if RICH.contains(&entry) => Self::Rich,
            _ if WORDLESS.contains(&entry) => Self::Wordless,
            _ => Self::Unknown,
        }
    }
}

/// Everything that refers to each number.
#[derive(Debug, Default)]
pub(super) struct Uses(BTreeMap<u32, BTreeSet<Use>>);

/// What is in a stream that is not drawn.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) text: String,
    pub(super) cannot: Option<&'static str>,
}

impl Uses {
    pub(super) fn of(objects: &Objects) -> Self {
        let mut uses = Self::default();
        objects.all().for_each(|object| uses.within(&object.value, "", Use::Unknown));
        uses
    }

    fn within(&mut self, value: &Value, entry: &str, read_as: Use) {
        match value {
            Value::Ref((number, _)) => drop(self.0.entry(*number).or_default().insert(read_as)),
            Value::Array(all) => {
                let colour =
                    matches!(all.first(), Some(Value::Name(name)) if COLOURS.contains(&name.as_str()));
                let read_as = if colour { Use::Wordless } else { read_as };
                all.iter().for_each(|one| self.within(one, entry, read_as));
            }
            Value::Dict(entries) => {
                for (key, one) in entries {
                    let entry = if TABLES.contains(&entry) { entry } else { key };
                    self.within(one, entry, Use::of(entry));
                }
            }
            _ => {}
        }
    }

    /// What comes of a stream that was not drawn: whatever may be read in more than one way is looked at in each.
    pub(super) fn look(&self, object: &Object) -> Found {
        let mut found = Found::default();
        let told = object.value.name("Subtype") == Some("Image")
            || object.value.name("Type").is_some_and(|kind| TOLD.contains(&kind));
        if told || !object.streams() {
            return found;
        }
        let unreferred = BTreeSet::from([Use::Unknown]);
        for read_as in self.0.get(&object.number).unwrap_or(&unreferred) {
            let read = match (read_as, object.stream.as_deref()) {
                (Use::Wordless | Use::File, _) => continue,
                (Use::Unknown, Some(_)) => Err(UNKNOWN),
                (_, None) => Err(UNREAD),
                (Use::Plain, Some(bytes)) => plain(bytes).ok_or(UNREAD),
                (Use::Rich, Some(bytes)) => words::read(bytes).map(|read| read.text).ok_or(UNREAD),
            };
            match read {
                Ok(text) => found.text.push_str(&text),
                Err(cannot) => found.cannot = Some(cannot),
            }
        }
        found
    }
}

/// A text; none where its letters are of an encoding that is not known.
fn plain(bytes: &[u8]) -> Option<String> {
    let text = text::string(bytes);
    let odd = |c: char| c == '\u{fffd}' || c.is_control() && !c.is_whitespace();
    (!text.contains(odd)).then_some(text)
}
