//! The text layer of a PDF, and what goes along unseen in it.
//!
//! Not a reader of PDFs: every object in the file is looked at, also those that no page shows any more, because they go
//! along too. What is not understood makes the file one that a person must look through.

mod afresh;
mod fonts;
mod objects;
mod reader;
mod standing;
mod tables;
mod text;
mod told;
mod unpack;

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
/// Entries whose strings people read, beside what is drawn.
const SAID: [&str; 16] = [
    "Contents",
    "V",
    "TU",
    "Title",
    "Alt",
    "ActualText",
    "URI",
    "Subj",
    "RC",
    "RV",
    "DV",
    "Opt",
    "T",
    "E",
    "Desc",
    "Lbl",
];
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
        seen.cannot("parts of an encoding that is not read");
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
        let Value::Dict(_) = &object.value else { return };
        self.strings(&object.value);
        match (object.value.name("Type"), object.value.name("Subtype")) {
            (_, Some("Image")) => self.cannot("pictures"),
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
            (Some("Page"), _) => {
                let fonts = fonts::of(objects, inherited(objects, &object.value), &mut self.fonts);
                for content in contents(objects, &object.value) {
                    self.draw(content, &fonts);
                }
            }
            (_, Some("Form")) => {
                let fonts = fonts::of(objects, object.value.get("Resources"), &mut self.fonts);
                if let Some(content) = object.stream.as_deref() {
                    self.draw(content, &fonts);
                }
            }
            _ => {}
        }
    }

    fn draw(&mut self, content: &[u8], fonts: &fonts::Fonts) {
        self.drawn = self.drawn.saturating_add(content.len());
        if self.drawn > MAX_DRAWN {
            return self.cannot("more than can be read");
        }
        let drawn = text::drawn(content, fonts);
        self.text.push_str(&drawn.text);
        self.text.push('\n');
        if drawn.unreadable {
            self.cannot("letters of a font that does not tell what they are");
        }
        if drawn.pictures {
            self.cannot("pictures");
        }
    }

    /// Strings people read or that tell who made it, wherever they stand in a value.
    fn strings(&mut self, value: &Value) {
        let Value::Dict(entries) = value else { return };
        if told::is_signature(value) {
            self.hides("a digital signature, which a copy would break");
        }
        for (key, value) in entries {
            match value {
                Value::Text(bytes) if MADE.contains(&key.as_str()) => {
                    if !bytes.is_empty() {
                        self.hides("author, dates and programs it was made with");
                    }
                    self.says(bytes);
                }
                _ if SAID.contains(&key.as_str()) => self.said(value),
                _ => self.strings(value),
            }
        }
    }

    /// A string people read, or a list of them.
    fn said(&mut self, value: &Value) {
        match value {
            Value::Text(bytes) => self.says(bytes),
            Value::Array(all) => all.iter().for_each(|one| self.said(one)),
            _ => self.strings(value),
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

/// What is drawn on a page.
fn contents<'o>(objects: &'o Objects, page: &'o Value) -> Vec<&'o [u8]> {
    let stream = |value: &'o Value| objects.object(value).and_then(|object| object.stream.as_deref());
    match page.get("Contents") {
        Some(one @ Value::Ref(_)) => match objects.resolve(one) {
            Some(Value::Array(all)) => all.iter().filter_map(stream).collect(),
            _ => stream(one).into_iter().collect(),
        },
        Some(Value::Array(all)) => all.iter().filter_map(stream).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests;
