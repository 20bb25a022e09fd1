//! Letters become words by where they stand, not by how they are drawn.

use super::{
    super::*,
    made::{SAID, body, objects, text, versions},
};

/// What is read of a page that draws this in Helvetica, `/F1`, or in `font`, `/F2`.
fn page(content: &str, font: &str) -> Inside {
    let mut all = objects("");
    let fonts = "/Resources << /Font << /F1 5 0 R /F2 11 0 R >> >>";
    all[1].1 = text(&format!("<< /Type /Pages /Kids [3 0 R] /Count 1 {fonts} >>"));
    all[3].1 = body("", "", content.as_bytes());
    all.push((11, text(font)));
    all.push((12, body("", "", b"2 beginbfrange <0041> <005a> <0041> <0061> <007a> <0061> endbfrange")));
    look(&versions(&[&all], SAID))
}

/// The first lines of it.
fn drawn(content: &str) -> String {
    let inside = page(&format!("/F1 10 Tf BT 72 700 Td {content} ET"), "null");
    assert_eq!(inside.unsearched, "", "{content}");
    let at = inside.text.find('~').map_or(inside.text.len(), |at| at);
    let start = inside.text.find('^').map_or(0, |at| at + 1);
    inside.text[start..at].trim().to_owned()
}

fn between(content: &str) -> String {
    drawn(&format!("0 300 Td (^) Tj 0 -300 Td {content} ET BT 0 -300 Td (~) Tj"))
}

#[test]
fn a_move_is_a_blank_only_where_it_leaves_one() {
    for (content, says) in [
        // `Al` is 8.89 long at 10 points.
        ("(Al) Tj 8.6 0 Td (fie) Tj", "Alfie"),
        ("(Al) Tj 8.9 0 Td (fie) Tj", "Alfie"),
        ("(Al) Tj 11.5 0 Td (fie) Tj", "Al fie"),
        ("(Al) Tj 8.9 -12 Td (fie) Tj", "Al\nfie"),
        ("(Al) Tj 1 0 0 1 80.9 700 Tm (fie) Tj", "Alfie"),
        ("(Al) Tj 1 0 0 1 83.6 700 Tm (fie) Tj", "Al fie"),
        ("(Al) Tj 1 0 0 1 80.9 688 Tm (fie) Tj", "Al\nfie"),
        ("[(Al) 80 (f) -90 (ie)] TJ", "Alfie"),
        ("[(Al) -300 (fie)] TJ", "Al fie"),
        ("[(A) -200 (l) -200 (f) -200 (i) -200 (e) -500 (S) -200 (t)] TJ", "Alfie St"),
        ("12 TL (Al) ' (fie) '", "Al\nfie"),
        ("(Al) Tj 0 -12 TD (fie) Tj T* (Stubbs) Tj", "Al\nfie\nStubbs"),
        ("(Al) Tj 12 TL 2 1 (fie) \" (x) Tj", "Al\nfiex"),
        ("1 0 0 2 72 600 Tm (Al) Tj 8.9 0 Td (fie) Tj", "Alfie"),
        ("0 1 -1 0 72 600 Tm (Al) Tj 8.9 0 Td (fie) Tj", "Alfie"),
        ("0.1 0 0 0.1 72 600 Tm /F1 100 Tf (Al) Tj 88.9 0 Td (fie) Tj", "Alfie"),
        ("/F1 -10 Tf -1 0 0 -1 72 600 Tm (Al) Tj -8.9 0 Td (fie) Tj", "Alfie"),
    ] {
        assert_eq!(between(content), says, "{content}");
    }
}

#[test]
fn spaces_between_letters_and_words_and_stretches_move_what_follows() {
    for (content, says) in [
        ("4 Tc (Alfie) Tj", "Alfie"),
        ("4 Tc (Alfie Stubbs) Tj", "Alfie Stubbs"),
        ("4 Tc (Al) Tj 16.9 0 Td (fie) Tj", "Alfie"),
        ("0.5 Tc (Al) Tj 8.9 0 Td (fie) Tj", "Alfie"),
        // Its blank is 2.78 long, and 20 more.
        ("20 Tw (A l) Tj 31.7 0 Td (fie) Tj", "A lfie"),
        ("(A l) Tj 31.7 0 Td (fie) Tj", "A l fie"),
        ("50 Tz (Al) Tj 4.5 0 Td (fie) Tj", "Alfie"),
        ("50 Tz (Al) Tj 8.9 0 Td (fie) Tj", "Al fie"),
        ("200 Tz (Al) Tj 17.8 0 Td (fie) Tj", "Alfie"),
        ("(Al) Tj 3 Ts 8.9 0 Td (fie) Tj", "Alfie"),
    ] {
        assert_eq!(between(content), says, "{content}");
    }
}

#[test]
fn pages_that_are_moved_beneath_their_letters_are_followed() {
    let moved = "ET q 1 0 0 1 72 500 cm BT /F1 10 Tf (Al) Tj ET Q q 1 0 0 1 80.9 500 cm BT /F1 10 Tf (fie) Tj ET Q \
        Q Q BT 72 500 Td";
    assert_eq!(between(moved), "Alfie");
    let font = "q /F9 10 Tf 9 Tc Q (Al) Tj 8.9 0 Td (fie) Tj";
    assert_eq!(between(font), "Alfie", "what was saved is in force again");
    let deep = format!("{} {} (Al) Tj 8.9 0 Td (fie) Tj", "q ".repeat(5000), "Q ".repeat(5000));
    assert_eq!(between(&deep), "Alfie");
}

#[test]
fn what_is_drawn_out_of_order_is_read_in_order() {
    let at = |x: f64, y: u32, says: &str| format!("1 0 0 1 {x} {y} Tm ({says}) Tj ");
    let letters = |y, order: &[usize]| -> String {
        let all = [(72.0, "A"), (78.7, "l"), (80.9, "f"), (83.7, "i"), (85.9, "e")];
        order.iter().filter_map(|one| all.get(*one)).map(|(x, says)| at(*x, y, says)).collect()
    };
    for order in [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [2, 0, 4, 1, 3]] {
        assert_eq!(between(&letters(600, &order)), "Alfie", "{order:?}");
    }
    let stubbs = at(105.6, 600, "bbs") + &at(90.5, 600, "Stu");
    assert_eq!(between(&stubbs), "Stubbs");
    let apart = at(72.0, 600, "Al") + &at(72.0, 650, "above") + &at(80.9, 600, "fie");
    assert_eq!(between(&apart), "Al\nabove\nfie", "as drawn");
    let whole = |content: &str| page(&format!("/F1 10 Tf BT {content} ET"), "null").text.contains("Alfie");
    assert!(whole(&apart), "and put together");
    let columns = at(72.0, 600, "Al") + &at(72.0, 650, "above") + &at(300.0, 600, "fie");
    assert!(!whole(&columns));
    let bold = "(Alfie) Tj 0.2 0 Td (Alfie) Tj";
    assert_eq!(between(bold), "Alfie\nAlfie", "what lies over each other is not mixed");
    let each = at(72.0, 600, "A") + &at(72.2, 600, "A") + &at(78.7, 600, "l") + &at(78.9, 600, "l");
    assert_eq!(between(&each), "Al");
}

#[test]
fn fonts_say_how_wide_their_letters_are() {
    let simple = |more: &str| format!("<< /Type /Font /Subtype /TrueType /BaseFont /Own {more} >>");
    let wide = |more: &str, kind: &str| {
        format!(
            "<< /Type /Font /Subtype /Type0 /Encoding /{kind} /ToUnicode 12 0 R \
            /DescendantFonts [<< /Type /Font /Subtype /CIDFontType2 {more} >>] >>"
        )
    };
    let one = "(Al) Tj 20 0 Td (fie) Tj";
    let two = "<0041006c> Tj 20 0 Td <006600690065> Tj";
    for (font, content, says) in [
        (simple("/FirstChar 65 /Widths [1000 0 0]"), one, "Al fie"),
        (simple("/FirstChar 65 /Widths [1000] /FontDescriptor << /MissingWidth 1000 >>"), one, "Alfie"),
        (simple("/FirstChar 108 /Widths [1333]"), one, "Alfie"),
        (wide("/W [65 [1000] 108 108 1000] /DW 0", "Identity-H"), two, "Alfie"),
        (wide("/W [60 120 1000]", "Identity-H"), two, "Alfie"),
        (wide("", "Identity-H"), two, "Alfie"),
        (wide("/DW 500", "Identity-H"), two, "Al fie"),
        (wide("/DW 0", "Identity-H"), two, "Al fie"),
        (wide("/W [65 [1000] 108 [1000]]", "Own"), two, "Al fie"),
        (
            wide("/W [65 [(a) null] 66 1 0 -5 1e9 [1] 65", "Identity-H").replace("65 >>", "65] >>"),
            two,
            "Alfie",
        ),
    ] {
        let inside = page(&format!("BT /F2 10 Tf 72 700 Td {content} ET"), &font);
        assert_eq!(inside.text.lines().find(|line| line.contains("Al")), Some(says), "{font}");
    }
}

#[test]
fn a_page_in_several_streams_is_one() {
    let mut all = objects("");
    all[2].1 = text("<< /Type /Page /Parent 2 0 R /Contents [4 0 R 11 0 R] /MediaBox [0 0 9 9] >>");
    all[3].1 = body("", "", b"BT /F1 10 Tf 72 700 Td (Al) Tj");
    all.push((11, body("", "/Filter /FlateDecode", b"8.9 0 Td (fie) Tj ET")));
    let inside = look(&versions(&[&all], SAID));
    assert!(inside.text.contains("Alfie") && inside.unsearched.is_empty(), "{inside:?}");
}

#[test]
fn a_page_printed_by_a_browser_is_read_as_it_is_seen() {
    let path = format!("{}/../tests/vectors/attachments/printed.pdf", env!("CARGO_MANIFEST_DIR"));
    let inside = look(&std::fs::read(path).unwrap());
    for says in [
        "Ruby Tindall, Flat 2, 14 Larkfield Rise,",
        "NX4 7QT",
        "Toby Kerr and Vera Yates waited for T. Yeo by the fire. AVA Wylde rang on 07700 900123,",
        "Fiona Ward filed it.",
        "ALFIE STUBBS",
        "Carol Haddad took Ryan to Mr Voy\u{2019}s office.",
        "Kezia Pike 9 Tom Fry 12/03/2026",
        "Will LaVey 10 Ann Toye 07700 900456",
        "Avonvale Terrace",
        "Tyrone Watt stood",
    ] {
        assert!(inside.text.contains(says), "{says} is not in {}", inside.text);
    }
    assert_eq!(inside.unsearched, "");
}

/// A font with a map, and what is told of a text in it.
fn told(map: &str, content: &str) -> String {
    let mut all = objects("");
    all[3].1 = body("", "", format!("BT /F1 10 Tf {content} ET").as_bytes());
    all[4].1 = text("<< /Type /Font /Subtype /Type0 /Encoding /Identity-H /ToUnicode 11 0 R >>");
    all.push((11, body("", "", map.as_bytes())));
    look(&versions(&[&all], SAID)).unsearched
}

const NO_MEANING: &str = "letters of a font that does not tell what they are";

#[test]
fn a_map_to_rubbish_tells_nothing() {
    let six = "<000100020003000400050006> Tj";
    for (map, content, says) in [
        ("1 beginbfrange <0001> <0006> <0061> endbfrange", six, ""),
        ("1 beginbfrange <0001> <0006> <e061> endbfrange", six, NO_MEANING),
        ("1 beginbfrange <0001> <0006> <0001> endbfrange", six, NO_MEANING),
        ("1 beginbfrange <0001> <0006> [<> <> <> <0061> <> <>] endbfrange", six, NO_MEANING),
        ("1 beginbfrange <0001> <0006> [<0061><0061><0061><0061><0061><0061>] endbfrange", six, NO_MEANING),
        ("1 beginbfrange <0001> <0006> [<0061><0041><0042><0062><0063><0043>] endbfrange", six, ""),
        ("1 beginbfrange <0001> <0006> <f0b7> endbfrange", "<0001> Tj 0 -12 Td <0002> Tj", ""),
        ("1 beginbfrange <0001> <0005> <0061> endbfrange", six, NO_MEANING),
    ] {
        assert_eq!(told(map, content).trim_start_matches("no text, so that it may be a scan"), says, "{map}");
    }
}

#[test]
fn a_simple_font_means_what_its_encoding_says_or_tells_nothing() {
    let told = |font: &str, content: &str| {
        let mut all = objects("");
        all[3].1 = body("", "", format!("BT /F1 10 Tf {content} ET").as_bytes());
        all[4].1 = text(&format!("<< /Type /Font /Subtype /TrueType /BaseFont /X {font} >>"));
        all.push((11, body("", "", b"1 beginbfrange <00> <ff> <0061> endbfrange")));
        all.push((13, text("<< /Flags 4 /FontFile2 14 0 R >>")));
        all.push((14, body("/Length1 3", "", b"abc")));
        look(&versions(&[&all], SAID)).unsearched
    };
    for (font, content, says) in [
        ("", "(Saw Ryan) Tj", ""),
        ("/Encoding /WinAnsiEncoding /FontDescriptor 13 0 R", "(Saw Ryan) Tj", ""),
        ("/FontDescriptor 13 0 R", "(Saw Ryan) Tj", NO_MEANING),
        ("/Encoding /MacRomanEncoding", "(Saw Ryan) Tj", ""),
        ("/Encoding /MacRomanEncoding", "(Zo\\221) Tj", NO_MEANING),
        ("/ToUnicode 11 0 R", "(Saw Ryan) Tj", NO_MEANING),
        ("/FontDescriptor 13 0 R /ToUnicode 11 0 R", "<00010203> Tj", ""),
        (
            "",
            "(A) Tj 20 0 Td (l) Tj 32 0 Td (f) Tj 9 0 Td (i) Tj 44 0 Td (e) Tj",
            "letters that stand by themselves",
        ),
    ] {
        assert_eq!(told(font, content), says, "{font} {content}");
    }
}

#[test]
fn a_font_whose_encoding_names_its_letters_is_searched_by_those_names() {
    let told = |encoding: &str, content: &str| {
        let mut all = objects("");
        all[3].1 = body("", "", format!("BT /F1 10 Tf {content} ET").as_bytes());
        let font = format!(
            "<< /Type /Font /Subtype /Type1 /BaseFont /X /FontDescriptor 13 0 R /Encoding << {encoding} >> >>"
        );
        all[4].1 = text(&font);
        all.push((13, text("<< /Flags 4 /FontFile3 14 0 R >>")));
        all.push((14, body("/Length1 3", "", b"abc")));
        let inside = look(&versions(&[&all], SAID));
        (inside.text, inside.unsearched)
    };
    let ryan = "/Differences [1 /R /y /a /n 32 /space 40 /eacute /uni00E9 /quoteright /one]";
    let (words, unsearched) = told(ryan, "<01020304200102030420282b> Tj");
    assert!(words.contains("Ryan Ryan é1") && unsearched.is_empty(), "{words}: {unsearched}");
    // What names tell nothing of, and what nothing names, may be anything.
    for (encoding, content) in [
        ("/Differences [1 /g1 /g2 /g3 /g4]", "<01020304> Tj"),
        (ryan, "(ABCDEFGH) Tj"),
        ("/BaseEncoding /WinAnsiEncoding /Differences [65 /g1 /g2 /g3 /g4 /g5 /g6 /g7 /g8]", "(ABCDEFGH) Tj"),
    ] {
        let (_, unsearched) = told(encoding, content);
        assert_eq!(unsearched, NO_MEANING, "{encoding}");
    }
    let (words, unsearched) =
        told("/BaseEncoding /WinAnsiEncoding /Differences [39 /quotesingle]", "(Saw Ryan) Tj");
    assert!(words.contains("Saw Ryan") && unsearched.is_empty(), "{words}: {unsearched}");
}

#[test]
fn hostile_places_and_widths_cost_little_and_break_nothing() {
    let font = format!(
        "<< /Type /Font /Subtype /Type0 /Encoding /Identity-H /ToUnicode 12 0 R \
        /DescendantFonts [<< /W [{} 0 [{}]] /DW 99999999999 >>] >>",
        "0 4294967295 500 ".repeat(20_000),
        "1 ".repeat(200_000)
    );
    let begun = std::time::Instant::now();
    for content in [
        "1e999 0 0 1 0 0 Tm <00410042> Tj 1e308 1e308 Td 1e308 1e308 Td <0041> Tj".to_owned(),
        "0 0 0 0 0 0 cm <0041006c> Tj 9 9 Td <00660069> Tj".to_owned(),
        "-- 3 Td Tm Tf Td Tz (x) Tz <0041> Tj [1e400 <0041> -1e400] TJ 0 Tz <0041> Tj 0 Tf".to_owned(),
        "<0041> Tj 1 0 0 1 5 5 Tm ".repeat(100_000),
        "<0041> Tj -5 0 Td ".repeat(100_000),
    ] {
        let _ = page(&format!("BT /F2 10 Tf {content} ET"), &font);
    }
    assert!(begun.elapsed().as_secs() < 60, "{:?}", begun.elapsed());
}

/// Many fonts that share one map and one list of widths.
#[test]
fn fonts_that_share_what_is_large_cost_little() {
    let mut all = objects("");
    let many: String = (100..2000).map(|number| format!("/X{number} {number} 0 R ")).collect();
    all[1].1 = text(&format!(
        "<< /Type /Pages /Kids [3 0 R] /Count 1 /Resources << /Font << /F1 5 0 R {many} >> >> >>"
    ));
    all.push((11, body("", "/Filter /FlateDecode", b"1 beginbfrange <0000> <ffff> <0041> endbfrange")));
    all.push((12, text(&format!("[0 [{}]]", "1 ".repeat(60_000)))));
    all.extend((100..2000).map(|number| {
        let font = "<< /Type /Font /Subtype /Type0 /Encoding /Identity-H /ToUnicode 11 0 R \
            /DescendantFonts [<< /W 12 0 R >>] >>";
        (number, text(font))
    }));
    all[3].1 = body("", "", b"BT /X1999 9 Tf (Saw Ryan) Tj ET");
    let begun = std::time::Instant::now();
    let inside = look(&versions(&[&all], SAID));
    assert_eq!(inside.unsearched, NO_MEANING);
    assert!(begun.elapsed().as_secs() < 60, "{:?}", begun.elapsed());
}
