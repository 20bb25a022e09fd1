//! Office files (OOXML and OpenDocument): their words, what hides in them, and a copy without their metadata.
//!
//! Hostile files are expected: entries, bytes and the sizes they unpack to are bounded, and nothing nested is opened.

use std::io::{Cursor, Read as _, Write as _};

use kith_protocol::ids::Digest;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter, write::SimpleFileOptions};

use super::{
    Cleaned, Inside,
    words::{self, Words},
};

/// Most parts of one file.
const MAX_PARTS: usize = 4_000;
/// Most bytes that all parts together may unpack to.
const MAX_UNPACKED: u64 = 64 << 20;
/// The part in which an OpenDocument file says what it is.
const MIMETYPE: &str = "mimetype";

const CORE: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?><cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"/>"#;
const EXTENDED: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"/>"#;
const CUSTOM: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"/>"#;
const META: &str = r#"<?xml version="1.0" encoding="UTF-8"?><office:document-meta xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" office:version="1.2"><office:meta/></office:document-meta>"#;

/// What stands in place of a part that is metadata alone.
fn emptied(part: &str) -> Option<&'static str> {
    match part {
        "docprops/core.xml" => Some(CORE),
        "docprops/app.xml" => Some(EXTENDED),
        "docprops/custom.xml" => Some(CUSTOM),
        "meta.xml" => Some(META),
        _ if part.ends_with(".psmdcp") => Some(CORE),
        _ if part.starts_with("object ") && part.ends_with("/meta.xml") => Some(META),
        _ => None,
    }
}

/// What hides in a part by its name alone.
fn hides(part: &str) -> Option<&'static str> {
    let file = part.rsplit('/').next().unwrap_or(part);
    let xml = file.ends_with(".xml");
    match part {
        _ if xml && (file.starts_with("comment") || file.starts_with("threadedcomment")) => Some("comments"),
        _ if xml && part.contains("notesslides/") => Some("speaker's notes"),
        _ if part.starts_with("customxml/item") => Some("data of another program"),
        _ if part.starts_with("docprops/thumbnail") || part.starts_with("thumbnails/") => {
            Some("a small picture of the first page")
        }
        _ if xml && (file == "people.xml" || part.contains("persons/")) => Some("a list of who worked on it"),
        _ if part.contains("_xmlsignatures/") || part == "meta-inf/documentsignatures.xml" => {
            Some("a signature")
        }
        _ => None,
    }
}

fn is_one_of(part: &str, endings: &[&str]) -> bool {
    endings.iter().any(|ending| part.ends_with(ending))
}

fn is_xml(part: &str) -> bool {
    is_one_of(part, &[".xml", ".rels", ".rdf", ".vml", ".svg"])
}

/// What of a part cannot be searched by its name alone.
fn unsearchable(part: &str) -> Option<&'static str> {
    if is_one_of(part, &[".png", ".jpg", ".jpeg", ".gif", ".bmp", ".emf", ".wmf", ".svg", ".tif", ".tiff"]) {
        Some("pictures").filter(|_| hides(part).is_none())
    } else if is_xml(part) || part == MIMETYPE {
        None
    } else if is_one_of(part, &[".odttf", ".ttf", ".otf", ".fntdata"]) {
        Some("fonts")
    } else if part.contains("printersettings") {
        Some("a printer's settings")
    } else {
        Some("files or programs inside it")
    }
}

pub(super) fn look(bytes: &[u8]) -> Inside {
    let Some(parts) = unpacked(bytes) else {
        return Inside::unsearched("it is damaged, locked or too large when unpacked");
    };
    let mut inside = read(&parts);
    match packed(&parts) {
        Some(copy) if copy == bytes => {}
        Some(copy) => {
            let taken = "author, dates and other properties".to_owned();
            inside.cleaned = Some(Cleaned { sha256: Digest::of(&copy), bytes: copy, taken });
        }
        None => inside.hidden.push("author, dates and other properties"),
    }
    inside
}

/// A part as it goes.
struct Part {
    name: String,
    /// Names of parts are the same in capitals (ECMA-376 part 2, 6.2.2.3).
    lower: String,
    body: Vec<u8>,
}

/// All parts, those that are metadata alone emptied. Folders go: they are no parts.
fn unpacked(bytes: &[u8]) -> Option<Vec<Part>> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).ok()?;
    if archive.len() > MAX_PARTS {
        return None;
    }
    let mut left = MAX_UNPACKED;
    let mut parts = Vec::new();
    for at in 0..archive.len() {
        let part = archive.by_index(at).ok()?;
        let name = part.name().ok()?.into_owned();
        let lower = name.to_ascii_lowercase();
        let mut body = Vec::new();
        // Also what is not searched is unpacked: what does not unpack is no office file.
        part.take(left).read_to_end(&mut body).ok()?;
        left = left.checked_sub(body.len() as u64).filter(|left| *left > 0)?;
        if let Some(empty) = emptied(&lower) {
            body = empty.into();
        } else if let Some(clean) = picture(&lower, &body) {
            body = clean;
        }
        if !name.ends_with('/') {
            parts.push(Part { name, lower, body });
        }
    }
    // OpenDocument wants it first (part 2, 3.3).
    parts.sort_by_key(|part| part.name != MIMETYPE);
    Some(parts)
}

/// A picture without what its camera wrote, as when it is attached by itself.
fn picture(part: &str, body: &[u8]) -> Option<Vec<u8>> {
    let inside = match part {
        _ if is_one_of(part, &[".jpg", ".jpeg"]) => super::picture::jpeg(body),
        _ if part.ends_with(".png") => super::picture::png(body),
        _ => return None,
    };
    inside.cleaned.map(|clean| clean.bytes)
}

fn read(parts: &[Part]) -> Inside {
    let mut inside =
        Inside { text: String::new(), unsearched: String::new(), hidden: Vec::new(), cleaned: None };
    let mut unsearched = Vec::new();
    let mut beside = Words::default();
    for Part { name, lower, body } in parts {
        beside.beside(name);
        note(&mut inside.hidden, hides(lower));
        note(&mut unsearched, unsearchable(lower));
        if lower == MIMETYPE {
            match str::from_utf8(body) {
                Ok(kind) => beside.beside(kind),
                Err(_) => note(&mut unsearched, Some("a part that does not read")),
            }
        }
        if is_xml(lower) {
            match words::read(body) {
                Some(found) => {
                    inside.text.push_str(&found.text);
                    inside.text.push('\n');
                    beside.beside.extend(found.beside);
                    found.hidden.into_iter().for_each(|one| note(&mut inside.hidden, Some(one)));
                    note(&mut unsearched, Some("bytes written as letters (base64)").filter(|_| found.coded));
                }
                None => note(&mut unsearched, Some("a part that does not read")),
            }
        }
    }
    for words in beside.beside {
        inside.text.push('\n');
        inside.text.push_str(&words);
        inside.text.push('\n');
    }
    inside.unsearched = unsearched.join(", ");
    inside
}

/// The parts packed afresh: dates, notes, rights and bytes that belong to no part stay behind.
fn packed(parts: &[Part]) -> Option<Vec<u8>> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for Part { name, body, .. } in parts {
        // OpenDocument wants it as it is (part 2, 3.3).
        let stored = name == MIMETYPE;
        let method = if stored { CompressionMethod::Stored } else { CompressionMethod::Deflated };
        let options =
            SimpleFileOptions::default().compression_method(method).last_modified_time(DateTime::DEFAULT);
        writer.start_file(name.as_str(), options).ok()?;
        writer.write_all(body).ok()?;
    }
    Some(writer.finish().ok()?.into_inner())
}

fn note(list: &mut Vec<&'static str>, one: Option<&'static str>) {
    list.extend(one.filter(|one| !list.contains(one)).into_iter().collect::<Vec<_>>());
}

#[cfg(test)]
mod tests;
