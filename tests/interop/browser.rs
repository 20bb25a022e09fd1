//! A browser as judge of `index.html`: what is disclosed is read there, what is withheld stands nowhere, nothing runs.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use kith_protocol::{
    bundle::{Bundle, DraftSpan, Reason, Record, Span},
    page,
};
use kith_tests::{
    bundles::{WITHHELD, World},
    tools,
};

use super::{document, words};

/// A page on disk and the browser that shows it, each time with a new profile.
struct Shown {
    browser: PathBuf,
    folder: tempfile::TempDir,
    runs: usize,
}

impl Shown {
    /// None, after saying so, where there is no browser.
    fn new(page: &str, what: &str) -> Option<Self> {
        let browser = tools::find("chromium", what)?;
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("index.html"), page).expect("a page is written");
        Some(Self { browser, folder, runs: 0 })
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&mut self, wanted: &[&str]) -> Output {
        self.runs += 1;
        let profile = self.file(&format!("profile-{}", self.runs));
        let output = tools::run(
            Command::new("timeout")
                .arg("120")
                .arg(&self.browser)
                .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"])
                .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
                .arg(format!("--user-data-dir={}", profile.display()))
                .args(wanted)
                .arg(format!("file://{}", self.file("index.html").display())),
            b"",
        );
        assert!(output.status.success(), "{}", words(&output));
        output
    }

    /// The document as the browser holds it after loading.
    fn dom(&mut self) -> String {
        String::from_utf8(self.run(&["--dump-dom"]).stdout).expect("a document in UTF-8")
    }

    /// The text of the page in print.
    fn printed(&mut self) -> Option<String> {
        let pdf = self.file("page.pdf");
        self.run(&["--no-pdf-header-footer", &format!("--print-to-pdf={}", pdf.display())]);
        let reader = tools::find("pdftotext", "reading the page in print")?;
        let output = tools::run(Command::new(reader).args(["-raw", "-enc", "UTF-8"]).arg(&pdf).arg("-"), b"");
        assert!(output.status.success(), "{}", words(&output));
        Some(String::from_utf8(output.stdout).expect("text in UTF-8"))
    }

    fn picture(&mut self, keep: &Path) {
        self.run(&["--window-size=1000,5200", &format!("--screenshot={}", keep.display())]);
    }
}

/// The text a person reads: no markup, no head, white space as one space.
fn text_of(dom: &str) -> String {
    let (_, body) = dom.split_once("<body>").expect("a body");
    let mut text = String::new();
    for (at, piece) in body.split('<').enumerate() {
        let (tag, words) = if at == 0 { ("", piece) } else { piece.split_once('>').expect("a tag ends") };
        // A line break and the end of a block part words; other markup does not.
        let inline = ["span", "/span", "strong", "/strong", "code", "/code", "small", "/small", "a", "/a"];
        if !inline.contains(&tag.split(' ').next().unwrap_or_default()) {
            text.push(' ');
        }
        text.push_str(words);
    }
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&nbsp;", " ");
    squeezed(&text.replace("&amp;", "&"))
}

fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Everything a person is to read.
fn disclosed(bundle: &Bundle) -> Vec<String> {
    let letter = &bundle.letter;
    let mut all = vec![
        letter.subject.clone(),
        letter.why.clone(),
        letter.asked.what.clone(),
        letter.may_use_for.clone(),
        letter.ring.phone.clone(),
        bundle.from.name.clone(),
        bundle.to.name.clone(),
        bundle.consent.get().safeguarding.childs_view.clone(),
        bundle.consent.get().safeguarding.necessity.clone(),
    ];
    all.extend(bundle.children.iter().map(|child| child.name.clone()));
    all.extend(bundle.attachments.iter().map(|one| one.name.clone()));
    all.extend(kith_protocol::bundle::NOT_PROVEN.map(|(_, words)| words.to_owned()));
    for span in bundle.records.iter().flat_map(Record::passages).flatten() {
        all.push(match span {
            Span::Text(text) => text.clone(),
            Span::Withheld(reason) => format!("withheld: {} \u{2013} {}", reason.number(), reason.words()),
        });
    }
    all
}

#[test]
fn what_is_disclosed_is_read_in_a_browser_and_in_print_and_what_is_withheld_stands_nowhere() {
    let mut world = World::hybrid();
    let draft = world.draft();
    let (sealed, _) = world.seal(draft);
    let bundle = document(&sealed);
    let Some(mut shown) = Shown::new(&page::render(&bundle), "the page in a browser") else { return };
    let dom = shown.dom();
    let text = text_of(&dom);
    for wanted in disclosed(&bundle) {
        assert!(text.contains(&squeezed(&wanted)), "“{wanted}” cannot be read on the page:\n{text}");
    }
    let picture = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bundle-page.png");
    shown.picture(&picture);
    assert!(fs::read(&picture).expect("a picture").starts_with(b"\x89PNG"));
    let printed = shown.printed();
    for (needle, _) in WITHHELD {
        assert!(!dom.contains(needle) && !text.contains(needle), "“{needle}” stands on the page");
        let dense = |text: &str| text.split_whitespace().collect::<String>().to_lowercase();
        let leaked = printed.as_ref().is_some_and(|printed| dense(printed).contains(&dense(needle)));
        assert!(!leaked, "“{needle}” is printed");
    }
    if let Some(printed) = printed {
        // A page's end may part two words, never one word.
        for word in disclosed(&bundle).iter().flat_map(|text| text.split_whitespace()) {
            assert!(printed.contains(word), "“{word}” is not printed:\n{printed}");
        }
    }
}

/// Bundles are printed, and the print is attached to another entry: what they name is found there, word by word.
#[test]
fn a_page_in_print_is_searched_in_every_word() {
    let mut world = World::hybrid();
    let draft = world.draft();
    let (sealed, _) = world.seal(draft);
    let page = page::render(&document(&sealed));
    let Some(mut shown) = Shown::new(&page, "searching the page in print") else { return };
    let Some(printed) = shown.printed() else { return };
    let pdf = fs::read(shown.file("page.pdf")).expect("a print");
    assert!(printed.split_whitespace().count() > 200, "{printed}");
    assert_eq!(super::attachments::unread(&pdf, &printed), [""; 0]);
}

const HOSTILE: [&str; 5] = [
    "<script>document.title = 'it ran'</script>",
    "<img src=x onerror=\"document.title='it ran'\">",
    "</title></style></pre><svg onload=\"document.title='it ran'\">",
    "\" autofocus onfocus=\"document.title='it ran'\" x=\"",
    "\0\u{1b}[2J\u{202e}gnp.exe\u{202c}\u{200b}<iframe srcdoc='<script>parent.document.title=1</script>'></iframe>",
];

#[test]
fn hostile_text_is_shown_and_does_nothing() {
    let nasty = HOSTILE.concat();
    let mut world = World::hybrid();
    let mut draft = world.draft();
    draft.letter.subject = format!("Referral {nasty}");
    draft.letter.why = nasty.clone();
    draft.letter.asked.what = nasty.clone();
    draft.letter.ring.phone = nasty.clone();
    draft.children[0].name = nasty.clone();
    draft.children[0].identifiers[0].kind = nasty.clone();
    draft.attachments[0].name = HOSTILE[0].into();
    draft.attachments[0].checked = nasty.clone();
    draft.consent.purposes.push(nasty.clone());
    draft.consent.safeguarding.advice = Some(nasty.clone());
    draft.records[0].told = vec![DraftSpan::Text(nasty.clone())];
    draft.records[0].statements[1].text = vec![DraftSpan::Text(nasty.clone())];
    draft.records[1].told = vec![DraftSpan::Withheld(Reason::Other(nasty))];
    let (sealed, _) = world.seal(draft);
    let page = page::render(&document(&sealed));
    let Some(mut shown) = Shown::new(&page, "hostile text in a browser") else { return };
    let dom = shown.dom();
    let (_, from) = dom.split_once("<title>").expect("a title");
    let (title, _) = from.split_once("</title>").expect("the title ends");
    assert!(title.starts_with("Referral &lt;script&gt;"), "{title}");
    // In a document written out again, `<` begins a tag and nothing else.
    for tag in dom.split('<').skip(1).filter_map(|piece| piece.split('>').next()) {
        let name = tag.split(' ').next().unwrap_or_default();
        let dangerous = ["script", "img", "svg", "iframe", "form", "object", "embed", "base"].contains(&name);
        assert!(!dangerous && !tag.contains(" on") && !tag.contains("autofocus"), "the browser made <{tag}>");
    }
    let text = text_of(&dom);
    for part in HOSTILE.iter().take(4) {
        assert!(text.contains(&squeezed(part)), "{part} is not shown as text");
    }
    assert!(text.contains("[U+0000][U+001B][2J[U+202E]gnp.exe[U+202C][U+200B]<iframe srcdoc="), "{text}");
    assert!(!dom.chars().any(|c| c != '\n' && page::is_odd(c)));
}

/// The same text in a page without our escaping does run: the probe is no dud.
#[test]
fn the_probe_runs_where_nothing_stops_it() {
    let page = format!("<!DOCTYPE html><title>quiet</title><body>{}</body>", HOSTILE[0]);
    let Some(mut shown) = Shown::new(&page, "the probe in a browser") else { return };
    assert!(shown.dom().contains("<title>it ran</title>"));
}

/// Were the escaping ever to fail, the page's own policy stops what got in.
#[test]
fn the_policy_of_the_page_stops_a_script_that_got_in() {
    let mut world = World::hybrid();
    let draft = world.draft();
    let (sealed, _) = world.seal(draft);
    let page =
        page::render(&document(&sealed)).replace("<main>", &format!("<main>{}", HOSTILE[..2].concat()));
    let Some(mut shown) = Shown::new(&page, "the page's policy in a browser") else { return };
    let dom = shown.dom();
    assert!(dom.contains("<script>document.title") && dom.contains("<img src=\"x\" onerror="), "it got in");
    assert!(!dom.contains("<title>it ran</title>"), "and ran");
}
