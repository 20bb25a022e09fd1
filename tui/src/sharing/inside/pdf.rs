//! The text layer of a PDF, and what goes along unseen in it.
//!
//! Not a reader of PDFs: every object in the file is looked at, also those that no page shows any more, because they go
//! along too. What is not understood makes the file one that a person must look through.

mod afresh;
mod fonts;
mod glyphs;
mod lines;
mod objects;
mod place;
mod reader;
mod spelt;
mod standard;
mod standing;
mod streams;
mod tables;
mod text;
mod told;
mod unpack;
mod widths;

use std::collections::BTreeSet;

use kith_protocol::ids::Digest;

use self::{
    objects::{Object, Objects},
    reader::Value,
};
use super::{Cleaned, Inside, words};

/// How deep the tree of pages is followed.
const MAX_DEPTH: usize = 16;
/// Most bytes of content that are read.
const MAX_DRAWN: usize = 128 << 20;
/// Entries whose strings are for programs: fonts, colours, sums.
const TECHNICAL: [&str; 7] = ["DA", "DS", "Lang", "Registry", "Ordering", "CharSet", "CheckSum"];
const UNREAD: &str = "parts of an encoding that is not read";
/// What is said of a file of which there is no copy.
const AS_IT_IS: &str = "whatever tells who made it, when and with what, as no copy without that can be made";
/// Entries that tell who made it and with what.
const MADE: [&str; 6] = ["Author", "Creator", "Producer", "Keywords", "Subject", "Company"];

/// What is in it; where a copy can be made without what it tells of itself, in that copy, which is what goes.
pub(super) fn look(bytes: &[u8]) -> Inside {
    let Some(copy) = afresh::written(bytes) else { return read(bytes, true) };
    if copy == bytes {
        return read(bytes, false);
    }
    let taken =
        "author, dates and programs it was made with, who wrote comments and when, earlier versions of it and what \
        no page shows any more"
            .to_owned();
    let inside = read(&copy, false);
    Inside { cleaned: Some(Cleaned { sha256: Digest::of(&copy), bytes: copy, taken }), ..inside }
}

/// What is in it; it tells of itself whatever it was made to, where it is `told`.
fn read(bytes: &[u8], told: bool) -> Inside {
    let start = bytes.get(..bytes.len().min(1024)).unwrap_or_default();
    if !start.windows(5).any(|five| five == b"%PDF-") {
        return Inside::unsearched("it is no PDF that can be read");
    }
    if holds(bytes, b"/Encrypt") {
        return Inside::unsearched("it is locked");
    }
    let Some(objects) = Objects::read(bytes) else {
        return Inside::unsearched("it is damaged or too large when unpacked");
    };
    let mut seen = Seen::default();
    if objects.skipped {
        seen.cannot(UNREAD);
    }
    if bytes.windows(9).filter(|nine| *nine == b"startxref").count()
        > 1 + usize::from(holds(bytes, b"/Linearized"))
    {
        seen.hides("earlier versions of it");
    }
    if told {
        seen.hides(AS_IT_IS);
    }
    for object in objects.all() {
        seen.object(&objects, object);
    }
    seen.whatever_is_not_drawn(&objects);
    if seen.text.trim().is_empty() {
        seen.cannot("no text, so that it may be a scan");
    }
    Inside { text: seen.text, unsearched: seen.unsearched.join(", "), hidden: seen.hidden, cleaned: None }
}

fn holds(bytes: &[u8], word: &[u8]) -> bool {
    bytes.windows(word.len()).any(|window| window == word)
}

/// What was found so far.
#[derive(Default)]
struct Seen {
    text: String,
    unsearched: Vec<&'static str>,
    hidden: Vec<&'static str>,
    fonts: fonts::Cache,
    /// How many bytes of content were drawn; many pages may share one.
    drawn: usize,
    /// Which objects were.
    shown: BTreeSet<usize>,
}

impl Seen {
    fn cannot(&mut self, what: &'static str) {
        if !self.unsearched.contains(&what) {
            self.unsearched.push(what);
        }
    }

    fn hides(&mut self, what: &'static str) {
        if !self.hidden.contains(&what) {
            self.hidden.push(what);
        }
    }

    fn object(&mut self, objects: &Objects, object: &Object) {
        self.strings(&object.value);
        match (object.value.name("Type"), object.value.name("Subtype")) {
            (_, Some("Image")) => {
                self.cannot("pictures");
                if told::is_wrapped(&object.value) {
                    self.hides("what a camera or a program wrote into a picture");
                }
            }
            (Some("EmbeddedFile" | "Filespec"), _) => self.cannot("files inside it"),
            (Some("Metadata"), _)
                if object.stream.as_deref().is_some_and(|one| one.trim_ascii().is_empty()) => {}
            (Some("Metadata"), _) => {
                self.hides("author, dates and programs it was made with");
                match object.stream.as_deref().and_then(words::read) {
                    Some(read) => self.text.push_str(&read.text),
                    None => self.cannot("properties that do not read"),
                }
            }
            (kind, _) if kind == Some("Page") || is_shown(objects, &object.value) => {
                let fonts = fonts::of(objects, inherited(objects, &object.value), &mut self.fonts);
                self.draw(&contents(objects, &object.value), &fonts);
            }
            (_, kind) if kind == Some("Form") || is_drawn(object) => {
                let fonts = fonts::of(objects, object.value.get("Resources"), &mut self.fonts);
                self.draw(&[object], &fonts);
            }
            (_, Some("Type3")) => {
                let fonts = fonts::of(objects, object.value.get("Resources"), &mut self.fonts);
                for letter in letters(objects, &object.value) {
                    self.draw(&[letter], &fonts);
                }
            }
            // What else has a stream comes after whatever is drawn.
            _ => {}
        }
    }

    /// Draws streams as one, as each goes on where the one before ended.
    fn draw(&mut self, objects: &[&Object], fonts: &fonts::Fonts) {
        let mut content = Vec::new();
        for object in objects {
            self.shown.insert(object.place);
            let Some(stream) = object.stream.as_deref() else {
                self.cannot(UNREAD);
                continue;
            };
            self.drawn = self.drawn.saturating_add(stream.len());
            if self.drawn > MAX_DRAWN {
                return self.cannot("more than can be read");
            }
            content.extend_from_slice(stream);
            content.push(b'\n');
        }
        let drawn = text::drawn(&content, fonts);
        self.text.push_str(&drawn.text);
        self.text.push('\n');
        if spelt::is_apart(&drawn.text) {
            self.cannot("letters that stand by themselves");
        }
        self.text.push_str(&drawn.beside);
        if drawn.strange && !drawn.pictures {
            self.cannot(UNREAD);
        }
        if drawn.unreadable {
            self.cannot("letters of a font that does not tell what they are");
        }
        if drawn.pictures {
            self.cannot("pictures");
        }
    }

    fn whatever_is_not_drawn(&mut self, objects: &Objects) {
        let uses = streams::Uses::of(objects);
        for object in objects.all().filter(|object| !self.shown.contains(&object.place)).collect::<Vec<_>>() {
            let found = uses.look(object);
            self.text.push_str(&found.text);
            self.text.push('\n');
            found.cannot.into_iter().for_each(|what| self.cannot(what));
        }
    }

    /// Strings, wherever they stand in a value.
    fn strings(&mut self, value: &Value) {
        match value {
            Value::Text(bytes) => self.says(bytes),
            Value::Array(all) => all.iter().for_each(|one| self.strings(one)),
            Value::Dict(entries) => {
                if told::is_signature(value) {
                    self.hides("a digital signature, which a copy would break");
                }
                for (key, value) in entries {
                    self.entry(key, value);
                }
            }
            _ => {}
        }
    }

    fn entry(&mut self, key: &str, value: &Value) {
        match (key, value) {
            ("XFA", _) => self.cannot("a form of another kind"),
            // However the stream itself is marked.
            ("EF", _) => self.cannot("files inside it"),
            // As words that markup parts; as it stands it is searched too.
            (_, Value::Text(bytes)) if streams::RICH.contains(&key) => {
                if let Some(read) = words::read(text::string(bytes).as_bytes()) {
                    self.text.push_str(&read.text);
                    self.text.push('\n');
                }
            }
            _ => {}
        }
        if MADE.contains(&key) && matches!(value, Value::Text(bytes) if !bytes.is_empty()) {
            self.hides("author, dates and programs it was made with");
        }
        if !TECHNICAL.contains(&key) {
            self.strings(value);
        }
    }

    fn says(&mut self, bytes: &[u8]) {
        self.text.push_str(&text::string(bytes));
        self.text.push('\n');
    }
}

/// The resources of a page, or of the nodes above it.
fn inherited<'o>(objects: &'o Objects, page: &'o Value) -> Option<&'o Value> {
    let mut node = page;
    for _ in 0..MAX_DEPTH {
        if let Some(found) = node.get("Resources") {
            return Some(found);
        }
        node = objects.resolve(node.get("Parent")?)?;
    }
    None
}

/// What a font of which the file draws the letters itself has for each.
fn letters<'o>(objects: &'o Objects, font: &'o Value) -> Vec<&'o Object> {
    let Some(Value::Dict(each)) = font.get("CharProcs").and_then(|value| objects.resolve(value)) else {
        return Vec::new();
    };
    each.values().filter_map(|value| objects.object(value)).collect()
}

/// What is drawn on a page.
fn contents<'o>(objects: &'o Objects, page: &'o Value) -> Vec<&'o Object> {
    let stream = |value: &'o Value| objects.object(value);
    match page.get("Contents") {
        Some(one @ Value::Ref(_)) => match objects.resolve(one) {
            Some(Value::Array(all)) => all.iter().filter_map(stream).collect(),
            _ => stream(one).into_iter().collect(),
        },
        Some(Value::Array(all)) => all.iter().filter_map(stream).collect(),
        _ => Vec::new(),
    }
}

/// Is it a page, though it does not say so?
fn is_shown(objects: &Objects, value: &Value) -> bool {
    contents(objects, value).iter().any(|content| matches!(content.value, Value::Dict(_)))
}

/// Is it drawn within pages: an appearance, a pattern?
fn is_drawn(object: &Object) -> bool {
    object.stream.is_some() && object.value.get("BBox").is_some() && object.value.get("ShadingType").is_none()
}

#[cfg(test)]
mod tests;
