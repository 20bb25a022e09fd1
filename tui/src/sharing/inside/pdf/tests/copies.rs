//! Copies of a PDF: what is gone, what stays, and of what there is none.

use super::{
    super::{objects::Objects, *},
    made::{Object, SAID, body, hybrid, in_streams, objects, saying, text, versions, with_a_history},
};

fn copy(whole: &[u8]) -> Vec<u8> {
    look(whole).cleaned.expect("a copy").bytes
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
            let drawn = String::from_utf8(saying("Saw Ryan")).unwrap();
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

/// In whatever entry, on a page that does not say that it is one, in a pattern, in a picture within its packing.
#[test]
fn whatever_words_go_along_in_a_copy_are_searched() {
    let mut all = objects("/Any [<< /Thing (Bullfinch) >>] /More [11 0 R 12 0 R 13 0 R] /DA (Chaffinch)");
    all[2].1 = text("<< /Parent 2 0 R /Type 14 0 R /Contents 4 0 R >>");
    let fonts = "/Resources << /Font << /F1 5 0 R >> >>";
    let tile =
        body(&format!("/PatternType 1 /BBox [0 0 1 1] {fonts}"), "", b"BT /F1 9 Tf (Greenfinch) Tj ET");
    all.push((11, tile));
    all.push((12, text("(Goldfinch)")));
    all.push((14, text("/Page")));
    let inside = look(&versions(&[&all], SAID));
    assert!(
        inside.cleaned.is_some() && inside.unsearched.is_empty() && inside.hidden.is_empty(),
        "{inside:?}"
    );
    for word in ["Saw Ryan", "Bullfinch", "Greenfinch", "Goldfinch"] {
        assert!(inside.text.contains(word), "{word}: {}", inside.text);
    }
    assert!(!inside.text.contains("Chaffinch"), "an appearance is for programs");
    all[2].1 = text("<< /Parent 2 0 R /Contents 4 0 R >>");
    assert!(look(&versions(&[&all], SAID)).text.contains("Saw Ryan"));
    all.push((13, body("/Subtype /Image /Filter [/ASCII85Decode /DCTDecode]", "", b"s4IA0~>")));
    let inside = look(&in_streams(&all, SAID));
    assert!(inside.hidden.iter().any(|what| what.contains("camera")), "{inside:?}");
    all[3].1 = body("/Length1 1", "", b"BT /F1 12 Tf (Saw Ryan) Tj ET");
    assert!(look(&in_streams(&all, SAID)).unsearched.contains("encoding"), "a page that says it is a font");
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
        ("a photograph that is cut off", with(11, body("/Filter 12 0 R", "", b"\xff\xd8\xffcut off"))),
        ("a type that leads on", {
            let mut all = objects("/More 11 0 R");
            all.extend([(11, text("<< /Type 12 0 R >>")), (12, text("5 0 R"))]);
            versions(&[&all], SAID)
        }),
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
