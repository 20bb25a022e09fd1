use zip::write::{ExtendedFileOptions, FileOptions};

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
            .last_modified_time(DateTime::from_date_and_time(2026, 3, 4, 5, 6, 8).unwrap());
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

fn searched(parts: &[(&str, &str)]) -> String {
    look(&zipped(parts)).text
}

#[test]
fn whatever_stands_beside_the_text_is_searched() {
    let long = format!("<x a='{}'/>", "http://schemas.openxmlformats.org/Kian_Tranter");
    for (part, body) in [
        ("word/settings.xml", "<w:docVar xmlns:w='w' w:name='pupil' w:val='Kian Tranter'/>"),
        ("word/document.xml", "<w:default xmlns:w='w' w:val='Kian Tranter'/>"),
        ("word/DOCUMENT.XML", "<t>Kian Tranter</t>"),
        ("word/document.xml", "<w:bookmarkStart xmlns:w='w' w:name='Kian_Tranter'/>"),
        ("xl/workbook.xml", "<definedName name='Kian_x0020_Tranter'/>"),
        ("xl/externalLinks/_rels/externalLink1.xml.rels", "<R Target='file:///C:/Kian%20Tranter.xlsx'/>"),
        ("ppt/slides/slide1.xml", "<p:cNvPr xmlns:p='p' id='4' name='Kian &#84;ranter'/>"),
        ("ppt/tags/tag1.xml", "<p:tag xmlns:p='p' name='WHO' val='Kian Tranter'/>"),
        ("content.xml", "<table:table table:name='Kian Tranter' xmlns:table='t'/>"),
        ("settings.xml", "<a><?note Kian Tranter?></a>"),
        ("manifest.rdf", "<a b='Kian Tranter'/>"),
        ("xl/drawings/vmlDrawing1.vml", "<v:shape alt='Kian Tranter' xmlns:v='v'/>"),
        ("word/media/plan.svg", "<svg><text>Kian Tranter</text></svg>"),
        ("word/media/Kian Tranter.png", "x"),
        ("word/styles.xml", &long),
        // A number of somebody's where a program's own stands.
        ("word/document.xml", "<x id='Kian Tranter'/>"),
    ] {
        assert!(searched(&[LETTER[0], (part, body)]).contains("Kian Tranter"), "{part} {body}");
    }
}

#[test]
fn what_stands_beside_the_text_does_not_cut_it() {
    let link = "<p><t>Kian </t><hyperlink tooltip='there'><b val='1'/><t>Tranter</t></hyperlink></p>";
    assert!(searched(&[("word/document.xml", link)]).contains("Kian Tranter"));
}

#[test]
fn numbers_of_programs_are_not_taken_for_those_of_people() {
    let numbers = "<s id='2147483648'/><c val='F5F8EE'><srgbClr val='F5F8EE'/></c><c color='#e6e6ff'/>\
        <p paraId='07700900'/><e uri='{EF278816-EC6F-A645-907D-7F25AECB1D4A}'/>";
    let text = searched(&[("ppt/presentation.xml", &format!("<x>{numbers}</x>"))]);
    for number in ["2147483648", "e6e6ff", "07700900", "EF278816"] {
        assert!(!text.contains(number), "{number}");
    }
    // By place and form together.
    let people = "<x><w val='2147483648'/><a id='07700900123'/><b val='F5F8EE'/></x>";
    let text = searched(&[("word/document.xml", people)]);
    for number in ["2147483648", "07700900123", "F5F8EE"] {
        assert!(text.contains(number), "{number}");
    }
}

/// A letter without properties, and whatever a zip file can say beside its parts.
fn noted() -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.set_comment("by Kian Tranter").unwrap();
    writer.add_directory("Kian Tranter/", SimpleFileOptions::default()).unwrap();
    for (name, body) in [LETTER[0], LETTER[2]] {
        let mut options = FileOptions::<ExtendedFileOptions>::default()
            .with_file_comment("of Kian Tranter")
            .unix_permissions(0o751);
        options.add_extra_field(0x7075, b"for Kian Tranter".as_slice(), false).unwrap();
        options.add_extra_field(0x7076, b"at Kian Tranter's".as_slice(), true).unwrap();
        writer.start_file(name, options).unwrap();
        writer.write_all(body.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// The same with more between its parts and its list of them, which no reader looks at.
fn padded() -> Vec<u8> {
    let mut bytes = noted();
    let more = b"and Kian Tranter";
    let end = bytes.windows(4).rposition(|four| four == b"PK\x05\x06").unwrap();
    let list = u32::from_le_bytes(bytes[end + 16..end + 20].try_into().unwrap());
    let moved = list + u32::try_from(more.len()).unwrap();
    bytes[end + 16..end + 20].copy_from_slice(&moved.to_le_bytes());
    bytes.splice(list as usize..list as usize, *more);
    bytes
}

#[test]
fn a_file_without_properties_is_packed_afresh_too() {
    let plain = look(&zipped(&[LETTER[0], LETTER[2]]));
    for whole in [noted(), padded()] {
        assert!(whole.windows(7).filter(|seven| *seven == b"Tranter").count() > 5);
        let copy = look(&whole).cleaned.unwrap().bytes;
        assert!(!copy.windows(7).any(|seven| seven == b"Tranter"));
        // The same words, the same bytes, however they were packed; and a copy is its own copy.
        assert_eq!(look(&copy), plain);
        let mut archive = ZipArchive::new(Cursor::new(copy.as_slice())).unwrap();
        assert_eq!(archive.file_names().map(Result::unwrap).collect::<Vec<_>>(), [LETTER[0].0, LETTER[2].0]);
        let mut body = String::new();
        archive.by_name(LETTER[2].0).unwrap().read_to_string(&mut body).unwrap();
        assert_eq!(body, LETTER[2].1);
    }
}

#[test]
fn the_type_of_an_opendocument_file_comes_first_and_as_it_is() {
    let mime = "application/vnd.oasis.opendocument.text";
    let parts = [("content.xml", "<a/>"), ("mimetype", mime), ("Object 1/meta.xml", "<m>Kian Tranter</m>")];
    let copy = look(&zipped(&parts)).cleaned.unwrap().bytes;
    assert_eq!(&copy[30..38 + mime.len()], format!("mimetype{mime}").as_bytes());
    assert!(look(&copy).cleaned.is_none() && !look(&copy).text.contains("Kian"));
}

#[test]
fn pictures_inside_lose_what_the_camera_wrote() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/attachments/photo.jpg");
    let photo = std::fs::read(path).unwrap();
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file("word/media/image1.jpeg", SimpleFileOptions::default()).unwrap();
    writer.write_all(&photo).unwrap();
    let inside = look(&writer.finish().unwrap().into_inner());
    assert_eq!(inside.unsearched, "pictures");
    let copy = inside.cleaned.unwrap().bytes;
    let mut archive = ZipArchive::new(Cursor::new(copy.as_slice())).unwrap();
    let mut picture = Vec::new();
    archive.by_index(0).unwrap().read_to_end(&mut picture).unwrap();
    assert_eq!(picture, super::super::picture::jpeg(&photo).cleaned.unwrap().bytes);
}

#[test]
fn parts_that_are_not_searched_are_said() {
    for (part, body, said) in [
        ("word/vbaProject.bin", "x", "files or programs inside it"),
        ("word/embeddings/oleObject1.bin", "x", "files or programs inside it"),
        ("xl/printerSettings/printerSettings1.bin", "x", "a printer's settings"),
        ("word/fonts/font1.odttf", "x", "fonts"),
        ("word/mimetype", "x", "files or programs inside it"),
        ("word/document.xml", "<?xml version='1.0' encoding='utf-7'?><a/>", "a part that does not read"),
        ("content.xml", "<a><binary-data>eA==</binary-data></a>", "bytes written as letters (base64)"),
        ("settings.xml", "<i type='base64Binary'>eA==</i>", "bytes written as letters (base64)"),
        ("settings.xml", "<i type='base64Binary'/>", ""),
        ("word/document.xml", "<?xml version='1.0' encoding='UTF-8'?><a/>", ""),
    ] {
        assert_eq!(look(&zipped(&[LETTER[0], (part, body)])).unsearched, said, "{part} {body}");
    }
    for (part, said) in [
        ("CustomXML/item1.xml", "data of another program"),
        ("docprops/Thumbnail.jpeg", "a small picture of the first page"),
        ("_xmlsignatures/sig1.xml", "a signature"),
        ("xl/persons/person.xml", "a list of who worked on it"),
    ] {
        assert_eq!(look(&zipped(&[LETTER[0], (part, "<a/>")])).hidden, [said], "{part}");
    }
}
