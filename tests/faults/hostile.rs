//! Hostile text on its whole way: out of one agency's casebook, through a real bundle, to the other's page and screen.

use kith_protocol::page;
use kith_tests::{desk::Desk, world::World};
use serde_json::Value;

use crate::journeys::{
    init_light, kith,
    two_agencies::{at, case, elm_park, fill_in, police, to_police, withhold_all},
};

/// Markup, escape sequences, a title, a bidi override, a NUL, an emoji.
const WORDS: &str = "</p><script>alert(1)</script><img src=x onerror=alert(2)> red \u{1b}[31m bell \u{7} nul \u{0} \
                     turned \u{202e}gpj.exe title \u{1b}]0;gone\u{7} \u{1f600} &lt; end.";
const NAME: &str = "Jo\u{202e}nah\u{1b}[2J<script>";
const ASK: &str = "Ring \u{1b}]52;c;aGVsbG8=\u{7}<iframe src=x> us\u{200b}";

fn steers(c: char) -> bool {
    c != '\n' && page::is_odd(c)
}

/// What every place where it is shown holds to.
fn harmless(place: &str, text: &str) {
    assert!(!text.contains(steers), "{place}: {text:?}");
    assert!(text.contains("U+001B") && text.contains("U+0000") && text.contains("U+202E"), "{place}: {text}");
    assert!(text.contains("gpj.exe") && text.contains("\u{1f600}"), "{place}: {text}");
}

#[test]
fn hostile_text_reaches_the_recipients_page_and_terminal_as_plain_text() {
    let world = World::today();
    let case = case(&world, NAME, WORDS).to_string();
    fill_in(&world, &case, ASK);
    withhold_all(&world, &case);
    let decided = ["--decisions", "decisions.json"];
    let dry = elm_park(&world, &to_police(&case, &[&decided[..], &["--dry-run"]].concat())).ends(0);
    harmless("the preview", &dry.out);
    elm_park(&world, &to_police(&case, &[&decided[..], &["--to-file", "b.age"]].concat())).ends(0);

    let opened = police(&world, &["open", "b.age", "--out", "opened"]).ends(0);
    harmless("what `open` prints", &opened.out);
    let html = std::fs::read_to_string(world.folder.path().join("opened/index.html")).expect("a page");
    harmless("the page", &html);
    for markup in ["<script", "<img", "<iframe", "onerror=alert(2)>"] {
        assert!(!html.contains(markup), "{markup}");
    }
    assert!(html.contains("&lt;script&gt;alert(1)&lt;/script&gt;") && html.contains("&amp;lt; end."));
    let document =
        std::fs::read_to_string(world.folder.path().join("opened/bundle.json")).expect("it is there");
    let document: Value = serde_json::from_str(&document).expect("JSON");
    assert_eq!(document["children"][0]["name"], format!("{NAME} O'Brien-Nguyễn"), "kept exactly");
    assert_eq!(document["letter"]["asked"]["what"], ASK);
    assert!(
        document["records"][0]["statements"][0]["text"][0]["text"]
            .as_str()
            .is_some_and(|text| { text.starts_with(WORDS) }),
        "{}",
        document["records"][0]["statements"]
    );

    // Through the node: in the list, in the bundle as it is read, on the screen.
    elm_park(&world, &to_police(&case, &decided)).ends(0);
    elm_park(&world, &["exchange"]).ends(0);
    police(&world, &["exchange"]).ends(0);
    let list = police(&world, &["inbox", "--json"]).ends(0);
    assert!(!list.out.contains(steers), "{}", list.out);
    let list = list.json("inbox/1");
    assert_eq!(list["bundles"][0]["child"], format!("{NAME} O'Brien-Nguyễn"));
    let received = list["bundles"][0]["ref"].as_str().expect("a reference");
    harmless("the bundle as it is read", &police(&world, &["inbox", "read", received]).ends(0).out);
    at(&world, "northshire-police", &["inbox", "answer", received, "--declined", "--note", "-"], ASK).ends(0);
    let mut desk = world.desk("northshire-police");
    on_the_screen(&mut desk);
    drop(desk);
    police(&world, &["exchange"]).ends(0);
    elm_park(&world, &["exchange"]).ends(0);
    let answered = elm_park(&world, &["shares"]).ends(0);
    assert!(!answered.out.contains(steers) && answered.out.contains("U+200B"), "{}", answered.out);
}

fn on_the_screen(desk: &mut Desk) {
    desk.resize(140, 90).keys("5").sees("U+202E");
    assert!(!desk.screen().contains(steers), "{}", desk.screen());
    desk.keys("<Enter>").sees("gpj.exe");
    harmless("the screen", &desk.screen());
    for _ in 0..5 {
        desk.keys("<PgDn>");
        assert!(!desk.screen().contains(steers), "{}", desk.screen());
    }
}

#[test]
fn names_of_one_letter_and_of_two_hundred_are_kept_found_and_shown() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    init_light(folder);
    let long: String = ('a'..='z').cycle().take(199).collect();
    let long = format!("Ł{long}");
    let names = [("X", "Ö"), ("李", "Y"), (&long, "O'Brien-Nguyễn"), ("=cmd|'/c calc'!A1", "@SUM(1)")];
    let mut csv = "given,family\n".to_owned();
    for (given, family) in names {
        csv.push_str(&format!("{given},{family}\n"));
    }
    std::fs::write(folder.join("names.csv"), csv).expect("a file");
    kith(folder, &["people", "import", "names.csv"], "").ends(0);
    for (given, family) in names {
        let found = kith(folder, &["people", "find", "-", "--json"], &format!("{given} {family}")).ends(0);
        let found = found.json("people/1");
        let all = found["people"].as_array().expect("a list");
        let one = all.iter().find(|one| one["name"] == format!("{given} {family}"));
        let one = one.unwrap_or_else(|| panic!("{given} {family}: {found}"));
        let id = one["ref"].as_str().expect("a reference");
        let shown = kith(folder, &["people", "show", id, "--json"], "").ends(0).json("person/1");
        assert_eq!((&shown["person"]["given"], &shown["person"]["family"]), (&given.into(), &family.into()));
    }
    std::fs::write(folder.join("long.csv"), format!("given,family\nAda,Quill\n{long}{long}{long},Reed\n"))
        .expect("a file");
    let refused = kith(folder, &["people", "import", "long.csv"], "").ends(6);
    assert!(refused.err.contains("line 3") && refused.err.contains("500"), "{refused:?}");
    kith(folder, &["people", "find", "-"], "quill").ends(3);
}
