//! Streams that are neither pages nor forms: each is searched, holds no words, or is told.

use super::{
    super::*,
    made::{SAID, body, in_streams, objects, text, versions},
};

/// A file in whose root stands `entry`, and this as its object 11.
fn with(entry: &str, eleventh: Vec<u8>) -> Inside {
    let mut all = objects(entry);
    all.push((11, eleventh));
    let [plain, packed] = [versions(&[&all], SAID), in_streams(&all, SAID)].map(|whole| look(&whole));
    assert!(plain.cleaned.is_some() && packed.cleaned.is_some(), "{entry}");
    assert_eq!((plain.text.clone(), &plain.unsearched), (packed.text, &packed.unsearched), "{entry}");
    plain
}

const PACKED: &str = "/Filter /FlateDecode";

#[test]
fn what_somebody_filled_in_or_a_program_says_is_searched() {
    for (entry, words) in [
        ("/Field << /FT /Tx /V 11 0 R >>", "Call Zebra on 07700 900123"),
        ("/Field << /FT /Ch /V [(a) 11 0 R] >>", "Zebra"),
        ("/Field << /FT /Tx /DV 11 0 R >>", "\u{feff}Zebra"),
        ("/OpenAction << /S /JavaScript /JS 11 0 R >>", "app.alert('Zebra')"),
    ] {
        let inside = with(entry, body("", PACKED, words.as_bytes()));
        assert!(inside.text.contains("Zebra") && inside.unsearched.is_empty(), "{entry}: {inside:?}");
    }
    for entry in ["/Field << /FT /Tx /RV 11 0 R >>", "/Note << /RC 11 0 R >>"] {
        let inside = with(entry, body("", "", b"<body><p>Ze<b>bra</b> rang</p></body>"));
        assert!(inside.text.contains("Zebra rang") && inside.unsearched.is_empty(), "{entry}: {inside:?}");
        assert!(with(entry, body("", "", b"<p>Zebra")).unsearched.is_empty());
        assert!(!with(entry, body("", "", b"<p>Zebra</b>")).unsearched.is_empty(), "broken markup");
    }
    let inside = with("/Field << /RV (<p>Ze<b>bra</b></p>) >>", text("null"));
    assert!(inside.text.contains("Zebra"), "{inside:?}");
    let wide: Vec<u8> = "Zebra".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(!with("/Field << /V 11 0 R >>", body("", "", &wide)).unsearched.is_empty(), "no mark, two bytes");
}

#[test]
fn what_is_of_no_known_kind_is_told_however_it_is_marked() {
    for marks in
        ["", "/Length1 5", "/FunctionType 4", "/N 3", "/Subtype /OpenType", "/Type /Font", "/ShadingType 4"]
    {
        let inside = with("/Thing 11 0 R", body(marks, "", b"Zebra"));
        assert!(!inside.unsearched.is_empty(), "{marks}: {inside:?}");
        let inside = with("/Field << /V 11 0 R >>", body(marks, "", b"Zebra"));
        assert!(inside.text.contains("Zebra") || !inside.unsearched.is_empty(), "{marks}: {inside:?}");
        let inside = with("/ToUnicode 11 0 R /Thing [11 0 R]", body(marks, "", b"Zebra"));
        assert!(!inside.unsearched.is_empty(), "{marks}, for two uses: {inside:?}");
    }
}

#[test]
fn a_file_inside_is_told_however_it_is_marked() {
    for entry in ["/File << /EF << /F 11 0 R >> >>", "/File << /Type /Filespec /EF << /UF 11 0 R >> >>"] {
        for marks in ["", "/Type /EmbeddedFile", "/Type /Zebra", "/Length1 3"] {
            assert_eq!(
                with(entry, body(marks, PACKED, b"Zebra")).unsearched,
                "files inside it",
                "{entry} {marks}"
            );
        }
    }
}

#[test]
fn what_holds_no_words_alarms_nobody() {
    for (entry, marks) in [
        ("/Font << /FontFile2 11 0 R >>", "/Length1 7"),
        ("/Font << /FontFile3 11 0 R >>", "/Subtype /Type1C"),
        ("/Font << /ToUnicode 11 0 R >>", ""),
        ("/Font << /Encoding 11 0 R >>", "/Type /CMap"),
        ("/Colour [/ICCBased 11 0 R]", "/N 3"),
        ("/Colour [/Separation /Spot /DeviceCMYK 11 0 R]", "/FunctionType 2"),
        ("/Resources << /Shading << /Sh0 11 0 R >> >>", "/ShadingType 4"),
        ("/Shading << /Function 11 0 R >>", "/FunctionType 0"),
        ("/Intent << /DestOutputProfile 11 0 R >>", "/N 4"),
    ] {
        let inside = with(entry, body(marks, PACKED, b"\x00\x01\x02"));
        assert!(inside.unsearched.is_empty() && inside.hidden.is_empty(), "{entry}: {inside:?}");
    }
}

/// As programs write them: nothing is told of them but the photograph.
#[test]
fn files_of_real_programs_raise_no_false_alarm() {
    for (name, cannot) in [("history", ""), ("linearized", ""), ("packed", "pictures"), ("page", "")] {
        let path = format!("{}/../tests/vectors/attachments/{name}.pdf", env!("CARGO_MANIFEST_DIR"));
        assert_eq!(look(&std::fs::read(path).unwrap()).unsearched, cannot, "{name}");
    }
}

#[test]
fn what_stands_in_a_page_beside_its_letters_is_searched() {
    let drawn = |content: &str| {
        let mut all = objects("");
        all[3].1 = body("", PACKED, content.as_bytes());
        look(&versions(&[&all], SAID))
    };
    for content in [
        "/Span << /ActualText (Zebra) >> BDC BT /F1 9 Tf (Sa) Tj (w) Tj ET EMC",
        "/Span << /A [<< /ActualText <FEFF005A0065006200720061> >>] >> BDC BT /F1 9 Tf [(Saw)] TJ ET EMC",
        "BT /F1 9 Tf (Saw) Tj ET % Zebra\n",
        "/Tag << /Note (Zebra) >> DP BT /F1 9 Tf (Saw) Tj ET",
        "BT /F1 9 Tf (Zebra) (Saw) Tj ET",
        "BT /F1 9 Tf (Saw) Tj ET (Zebra)",
        "BT /F1 9 Tf (Saw) Tj [(Zebra)] Tj ET",
    ] {
        let inside = drawn(content);
        assert!(inside.text.contains("Saw") && inside.text.contains("Zebra"), "{content}: {inside:?}");
        assert!(inside.unsearched.is_empty(), "{content}: {inside:?}");
    }
    for content in ["BT /F1 9 Tf (Saw) Tj ET Zebra", "BT /F1 9 Tf (Saw) Tj ET (Zebra", "[ (Zebra) << 1 >>"] {
        assert!(!drawn(content).unsearched.is_empty(), "{content}");
    }
}

/// Letters that the file draws itself are drawn of words, perhaps.
#[test]
fn letters_that_a_file_draws_itself_are_searched() {
    let font = "/Font << /Type /Font /Subtype /Type3 /CharProcs << /a 11 0 R >> \
        /Resources << /Font << /F1 5 0 R >> >> >>";
    let mut all = objects("/Any 12 0 R");
    all.push((11, body("", "", b"500 0 d0 BT /F1 9 Tf (Zebra) Tj ET")));
    all.push((12, text(font.trim_start_matches("/Font "))));
    let inside = look(&versions(&[&all], SAID));
    assert!(inside.text.contains("Zebra") && inside.unsearched.is_empty(), "{inside:?}");
}
