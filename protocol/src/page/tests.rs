use super::*;
use crate::bundle::{Draft, DraftSpan, tests::World};

fn page_of(change: impl FnOnce(&mut Draft)) -> (Bundle, String) {
    let mut world = World::new();
    let mut draft = world.draft();
    change(&mut draft);
    let (sealed, _) = world.seal(draft);
    let bundle = serde_json::from_str(sealed.document()).unwrap();
    let page = render(&bundle);
    (bundle, page)
}

/// The golden page of a fixed bundle; `UPDATE=1` writes both anew.
#[test]
fn the_page_is_the_golden_page() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/bundle");
    let (json, html) = (format!("{folder}/bundle.json"), format!("{folder}/index.html"));
    let (bundle, page) = page_of(|_| ());
    let document = serde_json::to_string_pretty(&bundle).unwrap() + "\n";
    if std::env::var_os("UPDATE").is_some() {
        std::fs::create_dir_all(folder).unwrap();
        std::fs::write(&json, &document).unwrap();
        std::fs::write(&html, &page).unwrap();
    }
    let golden = std::fs::read_to_string(&json).unwrap();
    assert!(golden == document, "bundle.json changed: if the format did, run with UPDATE=1");
    let read: Bundle = serde_json::from_str(&golden).unwrap();
    assert!(render(&read) == std::fs::read_to_string(&html).unwrap(), "the page changed: see UPDATE=1");
}

#[test]
fn a_hostile_text_stays_text() {
    let nasty = "<script>alert(1)</script>\" onload='x' &lt; </style><img src=x>";
    let (_, page) = page_of(|draft| {
        draft.letter.subject = nasty.into();
        draft.letter.why = nasty.into();
        draft.children[0].name = nasty.into();
        draft.attachments[0].name = nasty.into();
        draft.consent.safeguarding.necessity = nasty.into();
        draft.records[0].source.role = vec![DraftSpan::Text(nasty.into())];
        draft.records[0].statements[1].text = vec![DraftSpan::Text(nasty.into())];
        draft.records[1].told = vec![DraftSpan::Withheld(crate::bundle::Reason::Other(nasty.into()))];
    });
    for markup in ["<script", "<img", "onload='", "&lt; </style>", "javascript:"] {
        assert!(!page.contains(markup), "{markup}");
    }
    assert_eq!(page.matches("</style>").count(), 1);
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;&quot; onload=&#39;x&#39; &amp;lt;"));
}

#[test]
fn what_cannot_be_seen_is_shown() {
    let odd = "a\0b\u{1b}[31mc\u{202e}d\u{200b}e\u{feff}f\u{2028}g\u{e0041}h\u{9b}i";
    let (_, page) = page_of(|draft| {
        draft.letter.subject = odd.into();
        draft.letter.why = odd.into();
        draft.letter.may_use_for = "Thank you \u{1f600} Zoë, 日本".into();
    });
    assert!(!page.chars().any(|c| c != '\n' && is_odd(c)));
    for shown in
        ["[U+0000]", "[U+001B]", "[U+202E]", "[U+200B]", "[U+FEFF]", "[U+2028]", "[U+E0041]", "[U+009B]"]
    {
        // In the title, the heading and the text.
        assert_eq!(page.matches(shown).count(), 3, "{shown}");
    }
    assert!(page.contains("Thank you \u{1f600} Zoë, 日本"));
    assert!(!shown(odd).contains(is_odd));
}

#[test]
fn nothing_loads_and_nothing_runs() {
    let (_, page) = page_of(|_| ());
    assert!(page.contains("default-src 'none'; style-src 'sha256-"));
    for word in ["<script", "src=", "http:", "https:", "@import", "url(", " style=", "<iframe", "<form"] {
        assert!(!page.contains(word), "{word}");
    }
    let csp = page.find("Content-Security-Policy").unwrap();
    assert!(csp < page.find("<style>").unwrap());
    assert!(page.starts_with("<!DOCTYPE html>\n<html lang=\"en-GB\">"));
}

#[test]
fn every_gap_is_labelled_and_counted() {
    let (bundle, page) = page_of(|_| ());
    let gaps: u64 = bundle.withheld.iter().map(|one| one.count).sum();
    assert_eq!(page.matches("<span class=\"withheld\">").count() as u64, gaps);
    assert!(page.contains("Gap 1, withheld: 1 \u{2013} another child"));
    assert!(page.contains("withheld: 9 \u{2013} would tell the household of a plan"));
    assert!(page.contains(&format!("Gap {gaps}, withheld:")) && !page.contains(&format!("Gap {}", gaps + 1)));
}

#[test]
fn the_commands_are_the_stock_ones() {
    let (_, page) = page_of(|_| ());
    for command in [
        "age -d -i YOUR-KEY-FILE bundle.age | tar -x",
        "sha256sum -c SHA256SUMS",
        "ssh-keygen -Y verify -f ../allowed_signers -I elm-park -n bundle@kith -s SHA256SUMS.sig &lt; SHA256SUMS",
    ] {
        assert!(page.contains(command), "{command}");
    }
}

#[test]
fn headings_and_tables_serve_a_screen_reader() {
    let (_, page) = page_of(|_| ());
    assert_eq!(page.matches("<h1>").count(), 1);
    assert_eq!(page.matches("<table").count(), page.matches("<caption>").count());
    assert_eq!(page.matches("<main>").count(), 1);
    for part in
        ["th", "td", "tr", "table", "section", "article", "p", "div", "span", "ul", "li", "a", "h2", "h3"]
    {
        let opened = page.matches(&format!("<{part}>")).count() + page.matches(&format!("<{part} ")).count();
        assert_eq!(opened, page.matches(&format!("</{part}>")).count(), "{part}");
    }
}
