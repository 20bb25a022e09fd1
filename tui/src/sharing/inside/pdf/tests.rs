use std::io::Write as _;

use flate2::{Compression, write::ZlibEncoder};

use super::*;

fn packed(text: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

fn stream(number: u32, entries: &str, body: &[u8]) -> Vec<u8> {
    let body = packed(body);
    let head =
        format!("{number} 0 obj\n<< /Length {} /Filter /FlateDecode {entries} >>\nstream\n", body.len());
    [head.as_bytes(), &body, b"\nendstream\nendobj\n"].concat()
}

/// One page in two fonts: one with the usual letters, one with a map.
fn page(more: &[u8]) -> Vec<u8> {
    let drawn = b"BT /F1 12 Tf 72 700 Td (Saw Ry) Tj (an\\222s bag) Tj 0 -14 Td [(Zo\\353) -300 (Field)] TJ \
        /F2 9 Tf 1 0 0 1 72 600 Tm <00010002> Tj ET";
    let map = b"1 beginbfchar <0001> <0041> endbfchar 1 beginbfrange <0002> <0003> <0062> endbfrange";
    [
        b"%PDF-1.7\n".as_slice(),
        b"1 0 obj\n<< /Type /Pages /Kids [2 0 R] /Resources << /Font << /F1 4 0 R /F2 5 0 R >> >> >>\nendobj\n",
        b"2 0 obj\n<< /Type /Page /Parent 1 0 R /Contents 3 0 R >>\nendobj\n",
        &stream(3, "", drawn),
        b"4 0 obj\n<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>\nendobj\n",
        b"5 0 obj\n<< /Type /Font /Subtype /Type0 /ToUnicode 6 0 R >>\nendobj\n",
        &stream(6, "", map),
        more,
        b"trailer << /Root 9 0 R >>\nstartxref\n0\n%%EOF",
    ]
    .concat()
}

#[test]
fn the_text_layer_is_read_in_its_order() {
    let inside = look(&page(b""));
    assert!(inside.text.contains("Saw Ryan\u{2019}s bag\nZoë Field\nAb"), "{inside:?}");
    assert!(inside.unsearched.is_empty() && inside.hidden.is_empty(), "{inside:?}");
}

#[test]
fn what_goes_along_unseen_is_said_and_searched() {
    let made = b"7 0 obj\n<< /Author (Darren Pike) /Producer (Writer) >>\nendobj\n\
        8 0 obj\n<< /Type /Annot /Subtype /Text /Contents (ring \\(07700\\) 900123) >>\nendobj\n";
    let inside = look(&page(made));
    assert!(inside.text.contains("Darren Pike") && inside.text.contains("ring (07700) 900123"), "{inside:?}");
    assert_eq!(inside.hidden, ["author, dates and programs it was made with"]);
    let packed = b"12 0 << /Type /Annot /Contents (Kezia) >>";
    let inside = look(&page(&stream(11, "/Type /ObjStm /N 1 /First 5", packed)));
    assert!(inside.text.contains("Kezia"), "{inside:?}");
}

#[test]
fn what_cannot_be_searched_is_said() {
    let picture = b"7 0 obj\n<< /Subtype /Image /Length 1 >>\nstream\nx\nendstream\nendobj\n";
    assert_eq!(look(&page(picture)).unsearched, "pictures");
    let odd = b"7 0 obj\n<< /Filter /LZWDecode /Length 1 >>\nstream\nx\nendstream\nendobj\n";
    assert_eq!(look(&page(odd)).unsearched, "parts of an encoding that is not read");
    assert!(!look(b"%PDF-1.4\ntrailer << /Encrypt 3 0 R >>").unsearched.is_empty());
    assert!(!look(b"%PDF-1.4\n").unsearched.is_empty());
    let unknown = String::from_utf8_lossy(&page(b"")).contains("/F2 5 0 R");
    assert!(unknown);
    let without_map = page(b"5 0 obj\n<< /Type /Font /Subtype /Type0 >>\nendobj\n");
    assert_eq!(look(&without_map).unsearched, "letters of a font that does not tell what they are");
}

#[test]
fn hostile_files_cost_little_and_break_nothing() {
    let bomb = vec![b' '; 65 << 20];
    assert!(look(&page(&stream(7, "", &bomb))).unsearched.contains("too large"));
    let deep = [b"7 0 obj\n".to_vec(), vec![b'['; 100_000], b"\nendobj\n".to_vec()].concat();
    let _ = look(&page(&deep));
    let round = b"1 0 obj\n<< /Type /Pages /Parent 1 0 R >>\nendobj\n";
    assert!(!look(&page(round)).unsearched.is_empty());
    let whole = page(b"");
    for end in (0..whole.len()).step_by(7) {
        let _ = look(&whole[..end]);
    }
    let mut broken = whole;
    for at in 0..broken.len() {
        broken[at] ^= 0x2a;
        let _ = look(&broken);
        broken[at] ^= 0x2a;
    }
}

/// A file of these objects and tables: each list is one version of it, which adds to those before.
fn versions(all: &[&[(u32, Vec<u8>)]], info: u32) -> Vec<u8> {
    let mut file = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n".to_vec();
    let mut before = None;
    for objects in all {
        let mut table = "xref\n0 1\n0000000000 65535 f \n".to_owned();
        for (number, body) in *objects {
            table.push_str(&format!("{number} 1\n{:010} 00000 n \n", file.len()));
            file.extend(format!("{number} 0 obj\n").bytes());
            file.extend(body);
            file.extend(b"\nendobj\n");
        }
        let at = file.len();
        let prev = before.map_or(String::new(), |before| format!("/Prev {before}"));
        file.extend(table.bytes());
        file.extend(
            format!("trailer\n<< /Size 20 /Root 1 0 R /Info {info} 0 R {prev} >>\nstartxref\n{at}\n%%EOF\n")
                .bytes(),
        );
        before = Some(at);
    }
    file
}

fn body(entries: &str, packed_with: &str, text: &[u8]) -> Vec<u8> {
    let text = if packed_with.is_empty() { text.to_vec() } else { packed(text) };
    let head = format!("<< /Length {} {packed_with} {entries} >>\nstream\n", text.len());
    [head.as_bytes(), &text, b"\nendstream"].concat()
}

/// Two versions: the first says and was made by somebody else.
fn with_a_history(filter: &str) -> Vec<u8> {
    let xmp = b"<x:xmpmeta><dc:creator>Darren Pike</dc:creator></x:xmpmeta>";
    let says = |text: &str| body("", "", format!("BT /F1 12 Tf 72 700 Td ({text}) Tj ET").as_bytes());
    let first = [
        (1, b"<< /Type /Catalog /Pages 2 0 R /Metadata 6 0 R >>".to_vec()),
        (2, b"<< /Type /Pages /Kids [3 0 R] /Count 1 /Resources << /Font << /F1 5 0 R >> >> >>".to_vec()),
        (3, b"<< /Type /Page /Parent 2 0 R /Contents 4 0 R /MediaBox [0 0 612 792] >>".to_vec()),
        (4, says("Kezia did it")),
        (5, b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_vec()),
        (6, body("/Type /Metadata /Subtype /XML", filter, xmp)),
        (7, b"<< /Author (Darren Pike) /Creator <4b657a6961> /CreationDate (D:20260304) >>".to_vec()),
        (8, b"<< /Note (Zebrafinch, of a page that was taken out) >>".to_vec()),
    ];
    let second = [(4, says("Saw Ryan")), (7, b"<< /Author (D. Pike) >>".to_vec())];
    versions(&[&first, &second], 7)
}

#[test]
fn a_copy_goes_without_author_and_earlier_versions() {
    for filter in ["", "/Filter /FlateDecode"] {
        let whole = with_a_history(filter);
        let inside = look(&whole);
        let copy = inside.cleaned.unwrap();
        assert_eq!((copy.bytes.len(), copy.sha256), (whole.len(), Digest::of(&copy.bytes)));
        for word in ["Pike", "Kezia", "4b657a", "D:2026", "Zebrafinch"] {
            assert!(holds(&whole, word.as_bytes()) || !filter.is_empty(), "{word}");
            assert!(!holds(&copy.bytes, word.as_bytes()), "{word} goes along");
        }
        assert!(inside.text.contains("Saw Ryan") && !inside.text.contains("Pike"), "{}", inside.text);
        assert!(inside.hidden.is_empty() && inside.unsearched.is_empty(), "{:?}", inside.hidden);
        let again = look(&copy.bytes);
        assert!(again.cleaned.is_none() && again.hidden.is_empty(), "{again:?}");
    }
}

/// Stock readers judge the copy of this file in `tests/interop`.
#[test]
fn the_kept_file_has_a_history() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/attachments/history.pdf");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, with_a_history("/Filter /FlateDecode")).unwrap();
    }
    assert!(std::fs::read(path).unwrap() == with_a_history("/Filter /FlateDecode"), "run with UPDATE=1");
}

#[test]
fn where_no_copy_can_be_made_what_hides_is_said() {
    let whole = with_a_history("");
    let text = String::from_utf8_lossy(&whole).into_owned();
    let one = |from: &str, to: &str| text.replacen(from, to, 1).into_bytes();
    for (name, other) in [
        ("an object that is not where its table says", one("1 0 obj", "9 0 obj")),
        ("no table at all", text.replace("startxref", "startxrfe").into_bytes()),
        ("names written in another way", one("/Kids", "/Kid#73")),
        ("a packed stream of objects", one("/Note", "/ObjStm")),
        ("metadata packed in a way that is not known", one("/Metadata /Subtype", "/Metadata /Filter /X")),
    ] {
        let inside = look(&other);
        assert!(inside.cleaned.is_none(), "{name}");
        assert!(!inside.hidden.is_empty() || !inside.unsearched.is_empty(), "{name}: {inside:?}");
    }
}
