//! Office files (OOXML and OpenDocument): their words, what hides in them, and a copy without their metadata.
//!
//! Hostile files are expected: entries, bytes and the sizes they unpack to are bounded, and nothing nested is opened.

use std::io::{Cursor, Read as _, Write as _};

use kith_protocol::ids::Digest;
use zip::{CompressionMethod, ZipArchive, ZipWriter, write::SimpleFileOptions};

use super::{Cleaned, Inside, words};

/// Most parts of one file.
const MAX_PARTS: usize = 4_000;
/// Most bytes that all parts together may unpack to.
const MAX_UNPACKED: u64 = 64 << 20;

const CORE: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?><cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"/>"#;
const EXTENDED: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"/>"#;
const CUSTOM: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"/>"#;
const META: &str = r#"<?xml version="1.0" encoding="UTF-8"?><office:document-meta xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" office:version="1.2"><office:meta/></office:document-meta>"#;

/// What stands in place of a part that is metadata alone.
fn emptied(part: &str) -> Option<&'static str> {
    // Names of parts are the same in capitals (ECMA-376 part 2, 6.2.2.3).
    match part.to_ascii_lowercase().as_str() {
        "docprops/core.xml" => Some(CORE),
        "docprops/app.xml" => Some(EXTENDED),
        "docprops/custom.xml" => Some(CUSTOM),
        "meta.xml" => Some(META),
        _ => None,
    }
}

/// What hides in a part by its name alone.
fn hides(part: &str) -> Option<&'static str> {
    let file = part.rsplit('/').next().unwrap_or(part);
    let xml = file.ends_with(".xml");
    match part {
        _ if xml && (file.starts_with("comment") || file.starts_with("threadedComment")) => Some("comments"),
        _ if xml && part.contains("notesSlides/") => Some("speaker's notes"),
        _ if part.starts_with("customXml/item") => Some("data of another program"),
        _ if part.starts_with("docProps/thumbnail") || part.starts_with("Thumbnails/") => {
            Some("a small picture of the first page")
        }
        _ if xml && file == "people.xml" => Some("a list of who worked on it"),
        _ => None,
    }
}

/// What of a part cannot be searched by its name alone.
fn unsearchable(part: &str) -> Option<&'static str> {
    let lower = part.to_lowercase();
    let is = |endings: &[&str]| endings.iter().any(|ending| lower.ends_with(ending));
    if is(&[".xml", ".rels", "mimetype", "/"]) || hides(part).is_some() {
        None
    } else if is(&[".png", ".jpg", ".jpeg", ".gif", ".bmp", ".emf", ".wmf", ".svg", ".tif", ".tiff"]) {
        Some("pictures")
    } else if is(&[".odttf", ".ttf", ".otf", ".fntdata"]) || lower.contains("printersettings") {
        None
    } else {
        Some("files or programs inside it")
    }
}

pub(super) fn look(bytes: &[u8]) -> Inside {
    read(bytes).unwrap_or_else(|| Inside::unsearched("it is damaged, locked or too large when unpacked"))
}

fn read(bytes: &[u8]) -> Option<Inside> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).ok()?;
    if archive.len() > MAX_PARTS {
        return None;
    }
    let mut inside =
        Inside { text: String::new(), unsearched: String::new(), hidden: Vec::new(), cleaned: None };
    let mut left = MAX_UNPACKED;
    let (mut unsearched, mut metadata) = (Vec::new(), false);
    for at in 0..archive.len() {
        let part = archive.by_index(at).ok()?;
        let name = part.name().ok()?.into_owned();
        if emptied(&name).is_some() {
            metadata = true;
            continue;
        }
        note(&mut inside.hidden, hides(&name));
        note(&mut unsearched, unsearchable(&name));
        let mut body = Vec::new();
        // Also what is not searched is unpacked: what does not unpack is no office file.
        part.take(left).read_to_end(&mut body).ok()?;
        left = left.checked_sub(body.len() as u64).filter(|left| *left > 0)?;
        if name.ends_with(".xml") || name.ends_with(".rels") {
            match words::read(&body) {
                Some(found) => {
                    inside.text.push_str(&found.text);
                    inside.text.push('\n');
                    found.hidden.into_iter().for_each(|one| note(&mut inside.hidden, Some(one)));
                }
                None => note(&mut unsearched, Some("a part that does not read")),
            }
        }
    }
    inside.unsearched = unsearched.join(", ");
    if metadata {
        inside.cleaned = clean(&mut archive);
        if inside.cleaned.is_none() {
            note(&mut inside.hidden, Some("author, dates and other properties"));
        }
    }
    Some(inside)
}

/// The same parts with the properties emptied, packed afresh: dates, notes and bytes that belong to no part stay behind.
fn clean(archive: &mut ZipArchive<Cursor<&[u8]>>) -> Option<Cleaned> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for at in 0..archive.len() {
        let mut part = archive.by_index(at).ok()?;
        let name = part.name().ok()?.into_owned();
        let method = match part.compression() {
            // OpenDocument wants its first part as it is.
            CompressionMethod::Stored => CompressionMethod::Stored,
            _ => CompressionMethod::Deflated,
        };
        let options = SimpleFileOptions::default().compression_method(method);
        if name.ends_with('/') {
            writer.add_directory(name, options).ok()?;
            continue;
        }
        writer.start_file(name.as_str(), options).ok()?;
        match emptied(&name) {
            Some(empty) => writer.write_all(empty.as_bytes()).ok()?,
            None => std::io::copy(&mut part, &mut writer).map(drop).ok()?,
        }
    }
    let bytes = writer.finish().ok()?.into_inner();
    let taken = "author, dates and other properties".to_owned();
    Some(Cleaned { sha256: Digest::of(&bytes), bytes, taken })
}

fn note(list: &mut Vec<&'static str>, one: Option<&'static str>) {
    list.extend(one.filter(|one| !list.contains(one)).into_iter().collect::<Vec<_>>());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zipped(parts: &[(&str, &str)]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, body) in parts {
            let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
            writer.start_file(*name, options).unwrap();
            writer.write_all(body.as_bytes()).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    const LETTER: [(&str, &str); 3] = [
        ("[Content_Types].xml", "<Types/>"),
        ("docProps/core.xml", "<c><creator>Darren Pike</creator></c>"),
        (
            "word/document.xml",
            "<w:document xmlns:w=\"w\"><w:p><w:r><w:t>Saw Ry</w:t></w:r><w:r><w:t>an &amp; Zo&#235;</w:t></w:r></w:p><w:p><w:t>Next</w:t></w:p></w:document>",
        ),
    ];

    #[test]
    fn words_are_read_and_properties_taken_out_of_a_copy() {
        let inside = look(&zipped(&LETTER));
        assert!(inside.text.contains("Saw Ryan & Zoë\n") && inside.text.contains("Next"), "{inside:?}");
        assert!(inside.unsearched.is_empty() && inside.hidden.is_empty(), "{inside:?}");
        let cleaned = inside.cleaned.unwrap();
        assert_eq!(cleaned.sha256, Digest::of(&cleaned.bytes));
        let mut archive = ZipArchive::new(Cursor::new(cleaned.bytes.as_slice())).unwrap();
        let mut core = String::new();
        archive.by_name("docProps/core.xml").unwrap().read_to_string(&mut core).unwrap();
        assert_eq!(core, CORE);
        let mut body = String::new();
        archive.by_name("word/document.xml").unwrap().read_to_string(&mut body).unwrap();
        assert_eq!(body, LETTER[2].1);
        assert!(look(&cleaned.bytes).cleaned.is_none_or(|again| again.bytes == cleaned.bytes));
        // The same file gives the same copy.
        assert_eq!(look(&zipped(&LETTER)).cleaned.unwrap().bytes, cleaned.bytes);
    }

    #[test]
    fn what_stands_beside_the_parts_stays_behind() {
        let mut parts = LETTER;
        parts[1].0 = "DocProps/Core.xml";
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        writer.set_comment("by Darren Pike").unwrap();
        for (name, body) in parts {
            let options = SimpleFileOptions::default()
                .last_modified_time(zip::DateTime::from_date_and_time(2026, 3, 4, 5, 6, 8).unwrap());
            writer.start_file(name, options).unwrap();
            writer.write_all(body.as_bytes()).unwrap();
        }
        let whole = writer.finish().unwrap().into_inner();
        let cleaned = look(&whole).cleaned.unwrap().bytes;
        let mut archive = ZipArchive::new(Cursor::new(cleaned.as_slice())).unwrap();
        assert!(archive.comment().is_empty());
        let mut core = archive.by_name("DocProps/Core.xml").unwrap();
        assert_ne!(core.last_modified().map(|date| date.year()), Some(2026));
        let mut text = String::new();
        core.read_to_string(&mut text).unwrap();
        assert_eq!(text, CORE);
    }

    #[test]
    fn what_hides_or_cannot_be_searched_is_said() {
        let mut parts = LETTER.to_vec();
        parts.extend([
            ("word/comments.xml", "<c author=\"Ryan Field\"><t>odd</t></c>"),
            ("word/media/image1.png", "x"),
            ("word/vbaProject.bin", "x"),
            ("word/footer1.xml", "<w:ftr><w:del>old</w:del></w:ftr>"),
        ]);
        let inside = look(&zipped(&parts));
        assert!(inside.text.contains("Ryan Field"));
        assert_eq!(inside.hidden, ["comments", "changes that were tracked"]);
        assert_eq!(inside.unsearched, "pictures, files or programs inside it");
    }

    #[test]
    fn bombs_and_broken_files_are_left_alone() {
        let bomb = "a".repeat((MAX_UNPACKED + 1) as usize);
        let huge = look(&zipped(&[("word/document.xml", &bomb)]));
        assert!(!huge.unsearched.is_empty() && huge.cleaned.is_none());
        let whole = zipped(&LETTER);
        for end in (0..whole.len()).step_by(37) {
            let inside = look(&whole[..end]);
            assert!(!inside.unsearched.is_empty(), "{end}");
        }
        let mut broken = whole.clone();
        for at in (0..whole.len()).step_by(3) {
            broken[at] ^= 0x5a;
            let _ = look(&broken);
            broken[at] ^= 0x5a;
        }
    }
}
