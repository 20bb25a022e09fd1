use std::io::Write as _;

use flate2::{Compression, write::ZlibEncoder};

use super::*;

mod copies;
mod hostile;
mod lines;
mod made;
mod streams;

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
    assert!(inside.unsearched.is_empty() && inside.hidden == [AS_IT_IS], "{inside:?}");
}

#[test]
fn what_goes_along_unseen_is_said_and_searched() {
    let made = b"7 0 obj\n<< /Author (Darren Pike) /Producer (Writer) >>\nendobj\n\
        8 0 obj\n<< /Type /Annot /Subtype /Text /Contents (ring \\(07700\\) 900123) >>\nendobj\n";
    let inside = look(&page(made));
    assert!(inside.text.contains("Darren Pike") && inside.text.contains("ring (07700) 900123"), "{inside:?}");
    assert_eq!(inside.hidden, [AS_IT_IS, "author, dates and programs it was made with"]);
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
