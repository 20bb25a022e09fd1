//! What goes in place of an attached PDF, by stock readers of PDFs.

use std::{path::Path, process::Command};

use kith_tests::tools;
use kith_tui::sharing::inside;

use super::words;

#[test]
fn a_copy_of_a_pdf_reads_as_before_and_tells_nothing_of_itself() {
    let what = "a PDF without what it tells of itself, with poppler";
    let (Some(_), Some(_)) = (tools::find("pdftotext", what), tools::find("pdfinfo", what)) else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let history = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/attachments/history.pdf");
    let whole = std::fs::read(history).expect("the vector");
    let copy = inside::look("application/pdf", &whole).cleaned.expect("a copy").bytes;
    let run = |program: &str, args: &[&str], bytes: &[u8]| {
        let path = folder.path().join("file.pdf");
        std::fs::write(&path, bytes).expect("a file");
        let mut command = Command::new(program);
        command.args(args).arg(&path);
        if program == "pdftotext" {
            command.arg("-");
        }
        let output = tools::run(&mut command, b"");
        assert!(output.status.success(), "{program}: {}", words(&output));
        assert!(output.stderr.is_empty(), "{program} complains: {}", words(&output));
        words(&output)
    };
    assert!(
        run("pdfinfo", &[], &whole).contains("Pike") && run("pdfinfo", &["-meta"], &whole).contains("Pike")
    );
    assert!(run("pdftotext", &[], &whole).contains("Saw Ryan"));
    assert_eq!(run("pdftotext", &[], &copy), run("pdftotext", &[], &whole), "what is read stays as it is");
    let told = run("pdfinfo", &[], &copy);
    assert!(told.contains("Pages:           1"), "{told}");
    for line in ["Author", "Creator", "Producer", "CreationDate", "ModDate", "Title"] {
        assert!(!told.contains(&format!("{line}:")), "{told}");
    }
    assert_eq!(run("pdfinfo", &["-meta"], &copy).trim(), "");
    // Whoever greps finds none of it either, packed or not: the earlier page, who made it, what was taken out.
    for word in ["Pike", "Kezia", "Zebrafinch", "D:2026"] {
        assert!(!copy.windows(word.len()).any(|at| at == word.as_bytes()), "{word}");
    }
}
