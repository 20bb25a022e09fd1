//! What goes in place of an attached PDF, by stock readers of PDFs.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use kith_tests::tools;
use kith_tui::sharing::inside;

use super::words;

/// PDFs as programs write them, with what is read in them and who is told to have made them.
const FILES: [(&str, &str, &str); 3] = [
    ("history", "Saw Ryan", "Pike"),
    ("packed", "Saw Ryan", "Kezia Pike"),
    ("linearized", "Saw Ryan", "Darren Pike"),
];
/// What a copy has nowhere: who made it and with what, earlier versions, what was taken out.
const TOLD: [&str; 11] = [
    "Pike",
    "Kezia",
    "Zebrafinch",
    "D:2026",
    "xmpmeta",
    "Exif",
    "Producer",
    "LibreOffice",
    "pikepdf",
    "pypdf",
    "fpdf",
];

/// A PDF in a folder of its own, for programs to read.
struct Read(tempfile::TempDir);

impl Read {
    fn new(bytes: &[u8]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("file.pdf"), bytes).expect("a file");
        Self(folder)
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("file.pdf")
    }

    fn by(&self, program: &str, args: &[&str], to: &[&str]) -> Output {
        let output = tools::run(Command::new(program).args(args).arg(self.path()).args(to), b"");
        assert!(output.status.success(), "{program}: {}", words(&output));
        output
    }
}

/// The vector and the copy of it that goes.
fn both(name: &str) -> [Vec<u8>; 2] {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/attachments").join(name).with_extension("pdf");
    let whole = std::fs::read(path).expect("the vector");
    let copy = inside::look("application/pdf", &whole).cleaned.expect("a copy").bytes;
    [whole, copy]
}

#[test]
fn a_copy_of_a_pdf_reads_as_before_and_tells_nothing_of_itself() {
    let what = "a PDF without what it tells of itself, with poppler";
    let (Some(_), Some(_)) = (tools::find("pdftotext", what), tools::find("pdfinfo", what)) else { return };
    for (name, says, by) in FILES {
        let [whole, copy] = both(name).map(|bytes| Read::new(&bytes));
        let [told, says_of] = [("pdfinfo", [].as_slice()), ("pdftotext", &["-"])].map(|(program, to)| {
            let [whole, copy] = [&whole, &copy].map(|read| read.by(program, &[], to));
            assert_eq!(copy.stderr, whole.stderr, "{name}: {program} complains of no more than before");
            [whole, copy].map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
        });
        assert!(told[0].contains(by), "{name}");
        assert!(says_of[0].contains(says), "{name}");
        assert_eq!(says_of[1], says_of[0], "{name}: what is read stays as it is");
        let told = &told[1];
        assert!(told.contains("Pages:           1"), "{told}");
        for line in ["Author", "Creator", "Producer", "CreationDate", "ModDate", "Title", "Keywords"] {
            assert!(!told.contains(&format!("{line}:")), "{name}: {told}");
        }
        assert_eq!(words(&copy.by("pdfinfo", &["-meta"], &[])).trim(), "", "{name}");
    }
}

/// Words of a text that are not searched in a PDF. A single letter is no word: whoever spaces letters may read it so.
pub(super) fn unread(pdf: &[u8], text: &str) -> Vec<String> {
    let inside = inside::look("application/pdf", pdf);
    assert_eq!(inside.unsearched, "");
    let found: BTreeSet<&str> = inside.text.split_whitespace().collect();
    let words = text.split_whitespace().filter(|word| word.chars().count() > 1);
    words.filter(|word| !found.contains(word)).map(str::to_owned).collect()
}

#[test]
fn whatever_a_stock_reader_finds_in_a_pdf_is_searched() {
    let Some(_) = tools::find("pdftotext", "the words of PDFs, with poppler") else { return };
    for name in ["printed", "linearized", "history"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/attachments").join(name);
        let pdf = std::fs::read(path.with_extension("pdf")).expect("the vector");
        let text = Read::new(&pdf).by("pdftotext", &["-raw", "-enc", "UTF-8"], &["-"]).stdout;
        let text = String::from_utf8(text).expect("text in UTF-8");
        assert!(text.contains("Ryan"), "{name}: {text}");
        assert_eq!(unread(&pdf, &text), [""; 0], "{name}");
    }
}

/// Whoever greps finds none of it either, packed or not.
#[test]
fn a_copy_of_a_pdf_is_sound_and_holds_nothing_of_it_when_all_is_unpacked() {
    let Some(_) = tools::find("qpdf", "a PDF written afresh, with qpdf") else { return };
    for (name, ..) in FILES {
        let [_, copy] = both(name);
        let read = Read::new(&copy);
        let sound = words(&read.by("qpdf", &["--check"], &[]));
        assert!(sound.contains("No syntax or stream encoding errors found"), "{name}: {sound}");
        let unpacked = read.by("qpdf", &["--qdf", "--object-streams=disable"], &["-"]).stdout;
        for word in TOLD {
            assert!(!has(&copy, word) && !has(&unpacked, word), "{name}: {word} goes along");
        }
        assert!(!has(&copy, "/ID"), "{name}");
    }
}

/// Does it hold a word in any of the ways in which a PDF writes strings?
fn has(bytes: &[u8], word: &str) -> bool {
    let wide: Vec<u8> = word.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>().into_bytes();
    let forms = [word.as_bytes().to_vec(), hex(word.as_bytes()), hex(&wide), wide];
    forms.iter().any(|form| bytes.windows(form.len()).any(|at| at == form.as_slice()))
}
