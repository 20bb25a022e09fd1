use super::{
    super::{objects::Objects, *},
    made::{Object, body, hybrid, in_streams, stream_of, versions},
};

const SAID: &str = "/Size 92 /Root 1 0 R /Info 7 0 R /ID [<5069> <6b65>] /Office (Pike and Son)";

fn text(bytes: &str) -> Vec<u8> {
    bytes.as_bytes().to_vec()
}

fn page(says: &str) -> Vec<u8> {
    body("", "", format!("BT /F1 12 Tf 72 700 Td ({says}) Tj ET").as_bytes())
}

/// A page with a comment, made by somebody with something; other objects and entries of the catalog beside.
fn objects(more: &str) -> Vec<Object> {
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
        (4, page("Saw Ryan")),
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

fn copy(whole: &[u8]) -> Vec<u8> {
    look(whole).cleaned.expect("a copy").bytes
}

/// Two versions: the first says and was made by somebody else.
fn with_a_history(filter: &str) -> Vec<u8> {
    let mut first = objects("");
    first[3] = (4, page("Kezia did it"));
    first[5].1 =
        body("/Type /Metadata /Subtype /XML", filter, b"<x><dc:creator>Darren Pike</dc:creator></x>");
    let second = [(4, page("Saw Ryan")), (7, text("<< /Author (D. Pike) >>"))];
    versions(&[&first, &second], SAID)
}

#[test]
fn a_copy_goes_without_author_and_earlier_versions() {
    for filter in ["", "/Filter /FlateDecode"] {
        let whole = with_a_history(filter);
        let inside = look(&whole);
        let copy = inside.cleaned.unwrap();
        assert_eq!(copy.sha256, Digest::of(&copy.bytes));
        for word in ["Pike", "Kezia", "D:2026", "Zebrafinch", "/ID", "/Office", "pike-1"] {
            assert!(holds(&whole, word.as_bytes()), "{word}");
        }
        nothing_is_told(&copy.bytes);
        assert!(inside.text.contains("Saw Ryan") && !inside.text.contains("Pike"), "{}", inside.text);
        assert!(inside.text.contains("ring (07700)") && inside.text.contains("Elm Park"), "{}", inside.text);
        assert!(inside.hidden.is_empty() && inside.unsearched.is_empty(), "{:?}", inside.hidden);
        let again = look(&copy.bytes);
        assert!(again.cleaned.is_none() && again.hidden.is_empty(), "{again:?}");
    }
}

fn nothing_is_told(copy: &[u8]) {
    let objects = Objects::read(copy).unwrap();
    let everything = objects.all().fold(copy.to_vec(), |mut all, object| {
        all.extend(format!("{:?}", object.value).bytes());
        all.extend(object.stream.iter().flatten());
        all
    });
    for word in
        ["Pike", "50696b65", "pike-1", "Kezia", "4b657a6961", "D:2026", "Zebrafinch", "/ID", "/Office"]
    {
        assert!(!holds(&everything, word.as_bytes()), "{word} goes along");
    }
}

#[test]
fn however_a_file_is_packed_its_copy_is_the_same() {
    let all = objects("");
    let plain = copy(&versions(&[&all], SAID));
    nothing_is_told(&plain);
    assert!(copy(&in_streams(&all, SAID)) == plain, "objects in streams");
    assert!(copy(&hybrid(&all, SAID)) == plain, "tables for readers of both kinds");
    let inside = look(&in_streams(&all, SAID));
    assert!(inside.hidden.is_empty() && inside.unsearched.is_empty(), "{inside:?}");
    assert!(inside.text.contains("Saw Ryan") && inside.text.contains("ring (07700)"), "{inside:?}");
    for (name, other) in [
        ("a length that stands elsewhere", {
            let mut all = all.clone();
            let drawn = String::from_utf8(page("Saw Ryan")).unwrap();
            let length = drawn.split_whitespace().nth(2).unwrap().to_owned();
            all[3].1 = text(&drawn.replacen(&length, "11 0 R", 1));
            all.push((11, text(&length)));
            all
        }),
        ("other numbers, and one of them free", {
            let renamed = |body: &Vec<u8>| {
                String::from_utf8_lossy(body)
                    .replace("9 0 R", "19 0 R")
                    .replace("5 0 R", "25 0 R")
                    .into_bytes()
            };
            let mut all: Vec<Object> = all.iter().map(|(number, body)| (*number, renamed(body))).collect();
            all[5] = objects("")[5].clone();
            (all[8].0, all[4].0) = (19, 25);
            all
        }),
    ] {
        for made in [versions, |all: &[&[Object]], said: &str| in_streams(all[0], said)] {
            assert!(copy(&made(&[&other], SAID)) == plain, "{name}");
        }
    }
}

#[test]
fn strings_and_names_stand_in_the_copy_as_they_were() {
    let name: String = (1..=255_u8).map(|b| format!("#{b:02x}")).collect();
    let every: String = (0..=255_u8).map(|b| format!("\\{b:03o}")).collect();
    let all = objects(&format!(
        "/{name} ({every}) /N [-.5 +7 4. 1234567890 0.00001 true null] /L (a\\\r\nb(c)\\))"
    ));
    let copy = copy(&in_streams(&all, SAID));
    let objects = Objects::read(&copy).unwrap();
    let root = objects.all().find(|object| object.value.name("Type") == Some("Catalog")).unwrap();
    let name: String = (1..=255_u8).map(char::from).collect();
    assert_eq!(root.value.get(&name), Some(&Value::Text((0..=255).collect())));
    assert_eq!(root.value.get("L"), Some(&Value::Text(b"ab(c))".to_vec())));
    assert!(holds(&copy, b"[-0.5 7 4 1234567890 0.00001 true null]"));
}

#[test]
fn a_photograph_in_a_page_loses_what_the_camera_wrote() {
    let jpeg = b"\xff\xd8\xff\xe1\x00\x0cExif\0\0Pike\xff\xfe\x00\x06Pike\xff\xda\x00\x03\0\x12\x34\xff\xd9";
    let mut all = objects("/Shown 11 0 R");
    all.push((11, body("/Subtype /Image /Filter [/DCTDecode]", "", jpeg)));
    let copy = copy(&versions(&[&all], SAID));
    nothing_is_told(&copy);
    assert!(holds(&copy, b"\xff\xd8\xff\xda\x00\x03\0\x12\x34\xff\xd9\nendstream"));
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
fn a_signed_file_goes_as_it_is_and_says_why() {
    let mut all = objects("/AcroForm << /Fields [11 0 R] >>");
    all.push((
        11,
        text("<< /FT /Sig /V << /Filter /Adobe.PPKLite /ByteRange [0 1 2 3] /Contents <00> >> >>"),
    ));
    for whole in [versions(&[&all], SAID), in_streams(&all, SAID)] {
        let inside = look(&whole);
        assert!(
            inside.cleaned.is_none() && inside.hidden.iter().any(|why| why.contains("signature")),
            "{inside:?}"
        );
    }
    all[10].1 = text("<< /FT /Sig /T (signed by) >>");
    assert!(look(&versions(&[&all], SAID)).cleaned.is_some(), "a field in which nobody has signed");
}

/// What another reader might read otherwise, or what would cost without end.
#[test]
fn where_no_copy_can_be_made_it_is_said() {
    let plain = |more: &str| versions(&[&objects(more)], SAID);
    let within = |more: &str| in_streams(&objects(more), SAID);
    let changed = |whole: &[u8], from: &str, to: &str| {
        assert_eq!(from.len(), to.len(), "every offset holds");
        let at = whole.windows(from.len()).position(|at| at == from.as_bytes()).expect(from);
        [&whole[..at], to.as_bytes(), &whole[at + from.len()..]].concat()
    };
    let with = |number: u32, body: Vec<u8>| {
        let mut all = objects("/More 11 0 R");
        all.push((number, body));
        versions(&[&all], SAID)
    };
    let fine = plain("");
    let table = fine.windows(6).position(|at| at == b"xref\n0").unwrap();
    assert!(look(&fine).cleaned.is_some() && look(&within("")).cleaned.is_some());
    for (name, other) in [
        ("another object than the table says", changed(&fine, "3 0 obj", "8 0 obj")),
        ("another generation", changed(&fine, "/Pages 2 0 R", "/Pages 2 1 R")),
        ("no table at all", changed(&fine, "startxref", "startxrfe")),
        ("something after the end of an object", changed(&fine, "endobj", "endobx")),
        ("a stream that is longer than it says", changed(&fine, "/Length 39", "/Length 38")),
        ("a trailer that leads nowhere", changed(&fine, "/Root 1 0 R", "/Boot 1 0 R")),
        ("a locked file", changed(&fine, "/Office (", "/Encrypt(")),
        ("tables that lead to each other", versions(&[&objects("")], &format!("{SAID} /Prev {table}"))),
        ("a key that stands there twice", plain("/A 1 /A 2")),
        ("a name that breaks off", plain("/A#4 1")),
        ("a number that is none", plain("/A 1.2.3")),
        ("a word that is none", plain("/A [1 0 X]")),
        ("a number too large to be written as it was", plain("/A 99999999999999999999")),
        ("a string that is none", plain("/A <4z>")),
        ("a photograph that does not read", with(11, body("/Filter /DCTDecode", "", b"no picture"))),
        ("a length that refers to itself", with(11, text("<< /Length 11 0 R >>\nstream\nx\nendstream"))),
        ("an object stream that is not there", changed(&within(""), "90 0 obj", "89 0 obj")),
        ("a table of no width", changed(&within(""), "/W [1 2 1]", "/W [0 0 0]")),
        ("a table of a huge width", changed(&within(""), "/W [1 2 1]", "/W [1 2 9]")),
        ("a table without an end", changed(&within(""), "/Index [4 1 ", "/Index [4 9 ")),
        ("rows of another filter", changed(&within(""), "/Predictor 12", "/Predictor 02")),
        ("rows without an end", changed(&within(""), "/Columns 4", "/Columns 9")),
    ] {
        let inside = look(&other);
        assert!(inside.cleaned.is_none(), "{name}");
        assert!(!inside.hidden.is_empty() || !inside.unsearched.is_empty(), "{name}: {inside:?}");
    }
}

#[test]
fn hostile_packing_costs_little_and_breaks_nothing() {
    let all = objects("");
    for whole in [in_streams(&all, SAID), hybrid(&all, SAID), with_a_history("")] {
        let mut broken = whole.clone();
        for at in 0..broken.len() {
            for bit in [0x01, 0x10, 0x2a] {
                broken[at] ^= bit;
                if let Some(copy) = afresh::written(&broken) {
                    assert!(afresh::written(&copy).is_some_and(|again| again == copy), "{at} {bit}");
                }
                broken[at] ^= bit;
            }
        }
        for end in 0..whole.len() {
            let _ = afresh::written(&whole[..end]);
        }
    }
}

/// Streams that are named again and again, in each other, or that unpack to too much.
#[test]
fn what_would_grow_without_end_gets_no_copy() {
    let itself = [(90, text("null")), (5, text("<<>>"))];
    let mut all = objects("/More 90 0 R");
    all.push((90, stream_of(&itself)));
    assert!(look(&versions(&[&all], SAID)).cleaned.is_some_and(|copy| !holds(&copy.bytes, b"ObjStm")));
    let bomb = vec![b' '; 65 << 20];
    all[10].1 = body("/Type /ObjStm /N 1 /First 5", "/Filter /FlateDecode", &bomb);
    assert!(look(&in_streams(&[(1, text("<< /A 2 0 R >>")), all[10].clone()], SAID)).cleaned.is_none());
    // One end that belongs to every object: a thousand times a megabyte would be read, or written.
    let long = "9".repeat(1 << 20);
    let comments = with_one_end(1000, &format!("\n({long}) endobj\n"), |_| "%".to_owned());
    assert!(afresh::written(&comments).is_none());
    for (count, goes) in [(8, true), (40, false)] {
        let whole = with_one_end(count, &format!("{long}endstream endobj\n"), |number| {
            let covered = (count - number) * 37 + long.len();
            format!("<</Length {covered:8}>>stream\n")
        });
        assert_eq!(afresh::written(&whole).is_some(), goes, "{count}");
    }
}

/// A file of which every object begins within the one before, and all end together.
fn with_one_end(count: usize, end: &str, begins: impl Fn(usize) -> String) -> Vec<u8> {
    let refs: String = (2..=count).map(|number| format!("{number} 0 R ")).collect();
    let mut file = format!("%PDF-1.4\n1 0 obj <</All [{refs}]>> endobj\n");
    let mut table = format!("xref\n1 {count}\n{:010} 00000 n \n", 9);
    for number in 2..=count {
        table.push_str(&format!("{:010} 00000 n \n", file.len()));
        file.push_str(&format!("{number:4} 0 obj{}", begins(number)));
    }
    file.push_str(end);
    format!("{file}{table}trailer << /Root 1 0 R >> startxref {} %%EOF", file.len()).into_bytes()
}
