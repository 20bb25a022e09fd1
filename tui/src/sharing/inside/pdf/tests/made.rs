//! Files as programs write them, with the same objects in plain tables, in streams, or in both.

use super::packed;

/// An object's number, and what stands between `obj` and `endobj`.
pub(super) type Object = (u32, Vec<u8>);

const HEADER: &[u8] = b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n";

/// A dictionary with a stream, packed if the filter says so.
pub(super) fn body(entries: &str, packed_with: &str, text: &[u8]) -> Vec<u8> {
    let text = if packed_with.is_empty() { text.to_vec() } else { packed(text) };
    let head = format!("<< /Length {} {packed_with} {entries} >>\nstream\n", text.len());
    [head.as_bytes(), &text, b"\nendstream"].concat()
}

fn put(file: &mut Vec<u8>, (number, body): &Object) -> usize {
    let at = file.len();
    file.extend(format!("{number} 0 obj\n").bytes());
    file.extend(body);
    file.extend(b"\nendobj\n");
    at
}

/// A file of plain tables: each list is one version of it, which adds to those before; and what its trailers say.
pub(super) fn versions(all: &[&[Object]], said: &str) -> Vec<u8> {
    let mut file = HEADER.to_vec();
    let mut prev = String::new();
    for objects in all {
        let mut table = "xref\n0 1\n0000000000 65535 f \n".to_owned();
        for object in *objects {
            table.push_str(&format!("{} 1\n{:010} 00000 n \n", object.0, put(&mut file, object)));
        }
        let at = file.len();
        file.extend(table.bytes());
        file.extend(format!("trailer\n<< {said} {prev} >>\nstartxref\n{at}\n%%EOF\n").bytes());
        prev = format!("/Prev {at}");
    }
    file
}

/// An object stream.
pub(super) fn stream_of(objects: &[Object]) -> Vec<u8> {
    let (mut head, mut within) = (String::new(), Vec::new());
    for (number, body) in objects {
        head.push_str(&format!("{number} {} ", within.len()));
        within.extend(body);
        within.push(b'\n');
    }
    let entries = format!("/Type /ObjStm /N {} /First {}", objects.len(), head.len());
    body(&entries, "/Filter /FlateDecode", &[head.into_bytes(), within].concat())
}

/// The rows of a cross-reference stream, each after the first as what it adds to the one above (PNG, filter 2).
fn rows(places: &[(u32, [u8; 4])]) -> (String, Vec<u8>) {
    let (mut index, mut rows, mut above) = (String::new(), Vec::new(), [0_u8; 4]);
    for (number, row) in places {
        index.push_str(&format!("{number} 1 "));
        rows.push(2);
        rows.extend(row.iter().zip(above).map(|(now, above)| now.wrapping_sub(above)));
        above = *row;
    }
    (index, rows)
}

/// A cross-reference stream.
fn table_of(places: &[(u32, [u8; 4])], said: &str) -> Vec<u8> {
    let (index, rows) = rows(places);
    let parms = "/DecodeParms [<< /Predictor 12 /Columns 4 >>]";
    body(&format!("/Type /XRef /W [1 2 1] /Index [{index}] {parms} {said}"), "/Filter [/FlateDecode]", &rows)
}

const fn at(offset: usize) -> [u8; 4] {
    let [.., high, low] = offset.to_be_bytes();
    [1, high, low, 0]
}

/// A file in which every object without a stream is in an object stream: number 90, its table 91.
pub(super) fn in_streams(objects: &[Object], said: &str) -> Vec<u8> {
    let mut file = HEADER.to_vec();
    let places = place_all(&mut file, objects);
    let here = file.len();
    put(&mut file, &(91, table_of(&places, said)));
    file.extend(format!("startxref\n{here}\n%%EOF\n").bytes());
    file
}

fn place_all(file: &mut Vec<u8>, objects: &[Object]) -> Vec<(u32, [u8; 4])> {
    let streams = |object: &&Object| object.1.ends_with(b"endstream");
    let mut places: Vec<_> =
        objects.iter().filter(streams).map(|object| (object.0, at(put(file, object)))).collect();
    let within: Vec<Object> = objects.iter().filter(|one| !streams(one)).cloned().collect();
    places.extend(within.iter().zip(0..).map(|((number, _), index)| (*number, [2, 0, 90, index])));
    places.push((90, at(put(file, &(90, stream_of(&within))))));
    places
}

/// The same for readers of both kinds: a table that leaves out what is in object streams, and a stream that has it.
pub(super) fn hybrid(objects: &[Object], said: &str) -> Vec<u8> {
    let mut file = HEADER.to_vec();
    let places = place_all(&mut file, objects);
    let stream = file.len();
    put(&mut file, &(91, table_of(&places, "")));
    let here = file.len();
    file.extend(b"xref\n0 1\n0000000000 65535 f \n");
    for (number, [kind, high, low, _]) in places {
        let offset = usize::from(u16::from_be_bytes([high, low]));
        let row = if kind == 1 { format!("{offset:010} 00000 n ") } else { "0000000000 65535 f ".to_owned() };
        file.extend(format!("{number} 1\n{row}\n").bytes());
    }
    file.extend(format!("trailer\n<< {said} /XRefStm {stream} >>\nstartxref\n{here}\n%%EOF\n").bytes());
    file
}

pub(super) const SAID: &str = "/Size 92 /Root 1 0 R /Info 7 0 R /ID [<5069> <6b65>] /Office (Pike and Son)";

pub(super) fn text(bytes: &str) -> Vec<u8> {
    bytes.as_bytes().to_vec()
}

pub(super) fn saying(says: &str) -> Vec<u8> {
    body("", "", format!("BT /F1 12 Tf 72 700 Td ({says}) Tj ET").as_bytes())
}

/// A page with a comment, made by somebody with something; other objects and entries of the catalog beside.
pub(super) fn objects(more: &str) -> Vec<Object> {
    let xmp = b"<x:xmpmeta><dc:creator>Darren Pike</dc:creator></x:xmpmeta>";
    vec![
        (
            1,
            text(&format!(
                "<< /Type /Catalog /Pages 2 0 R /Metadata 6 0 R /PieceInfo << /P (Pike) >> {more} >>"
            )),
        ),
        (
            2,
            text("<< /Type /Pages /Kids [3 0 R] /Count 1 /Resources << /Font << /F1 5 0 R /T 5 0 R >> >> >>"),
        ),
        (
            3,
            text(
                "<< /Type /Page /Parent 2 0 R /Contents 4 0 R /MediaBox [0 0 612 792.5] % for Pike\n\
                /LastModified (D:2026) /Annots [9 0 R 10 0 R] >>",
            ),
        ),
        (4, saying("Saw Ryan")),
        (5, text("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")),
        (6, body("/Type /Metadata /Subtype /XML", "/Filter /FlateDecode", xmp)),
        (7, text("<< /Author (Darren Pike) /Creator <50696b65> /CreationDate (D:20260304) >>")),
        (8, text("<< /Note (Zebrafinch, of a page that was taken out) >>")),
        (
            9,
            text(
                "<< /Type /Annot /Subtype /Text /Rect [1 2 3 4] /Contents (ring \\(07700\\)) /T (Darren Pike) \
                /NM (pike-1) /M (D:2026) /CreationDate (D:2026) /RC (<p>Pike</p>) >>",
            ),
        ),
        (
            10,
            text(
                "<< /Subtype /Widget /Rect [1 2 3 4] /FT /Tx /DA (/F1 9 Tf) /T (school) /V (Elm Park) /M (D:2026) >>",
            ),
        ),
    ]
}

/// Two versions: the first says and was made by somebody else.
pub(super) fn with_a_history(filter: &str) -> Vec<u8> {
    let mut first = objects("");
    first[3] = (4, saying("Kezia did it"));
    first[5].1 =
        body("/Type /Metadata /Subtype /XML", filter, b"<x><dc:creator>Darren Pike</dc:creator></x>");
    let second = [(4, saying("Saw Ryan")), (7, text("<< /Author (D. Pike) >>"))];
    versions(&[&first, &second], SAID)
}
