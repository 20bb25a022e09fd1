//! `SHA256SUMS` of the golden bundle, judged by whoever opens that bundle: signed as it stands, whatever it says.

use std::io::Read;

use kith_protocol::{
    archive::{ArchiveReader, ArchiveWriter},
    bundle::{Bundle, KeepNothing, open_files},
    ids::Digest,
    sign::{Namespace, SigningKey},
};
use kith_tests::bundles::World;

use super::{Case, all, vectors};

/// The one attachment of the golden bundle.
pub(in crate::wire) const PHOTOGRAPH: &[u8] = b"not really a photograph";

fn golden(name: &str) -> Vec<u8> {
    std::fs::read(vectors().join("bundle").join(name)).expect("a vector")
}

fn bundle() -> Bundle {
    serde_json::from_slice(&golden("bundle.json")).expect("a bundle")
}

/// What was signed, once all files were held against it.
pub(super) fn again(from: &mut dyn Read) -> Option<Vec<u8>> {
    let (sums, world, bundle) = (all(from)?, World::hybrid(), bundle());
    let sign = |key: &SigningKey| key.sign(Namespace::Bundle, &sums);
    let signatures = sign(&world.school.sign).and(&sign(&world.person.key));
    let time = u64::try_from(bundle.created.as_second()).expect("after 1970");
    let (mut archive, folder) = (ArchiveWriter::new(Vec::new(), time), bundle.folder());
    let mut put = |name: &str, bytes: &[u8]| {
        archive.file(&format!("{folder}/{name}"), bytes).expect("memory takes it");
    };
    put("SHA256SUMS", &sums);
    put("SHA256SUMS.sig", signatures.as_str().as_bytes());
    put("bundle.json", &golden("bundle.json"));
    put("index.html", &golden("index.html"));
    put(&bundle.attachments[0].path(), PHOTOGRAPH);
    let archive = archive.finish().expect("memory takes it");
    let opened =
        open_files(ArchiveReader::new(archive.as_slice()), &world.directory, &mut KeepNothing).ok()?;
    let verified = opened.verify(&world.directory, &bundle.to.id, bundle.created).ok()?;
    Some(verified.signed_sums().0.as_bytes().to_vec())
}

pub(super) fn sums() -> Vec<Case> {
    let line = |bytes: &[u8], name: &str| format!("{}  {name}\n", Digest::of(bytes));
    let (document, page) =
        (line(&golden("bundle.json"), "bundle.json"), line(&golden("index.html"), "index.html"));
    let photograph = line(PHOTOGRAPH, &bundle().attachments[0].path());
    let good = [document.as_str(), &page, &photograph].concat();
    let upper = |line: &str| [&line[..64].to_uppercase(), &line[64..]].concat();
    let cases = [
        ("golden.txt", good.clone()),
        ("bad-crlf.txt", good.replace('\n', "\r\n")),
        ("bad-upper.txt", [&document, &page, &upper(&photograph)].map(String::as_str).concat()),
        ("bad-upper-first.txt", [&upper(&document), &page, &photograph].map(String::as_str).concat()),
        ("bad-order-first.txt", [&page, &document, &photograph].map(String::as_str).concat()),
        ("bad-order.txt", [&document, &photograph, &page].map(String::as_str).concat()),
        ("bad-twice.txt", [&document, &page, &photograph, &photograph].map(String::as_str).concat()),
        ("bad-twice-first.txt", [&document, &document, &page, &photograph].map(String::as_str).concat()),
        ("bad-missing.txt", [&document, &page].map(String::as_str).concat()),
        ("bad-more.txt", [good.as_str(), &line(b"", "more.txt")].concat()),
        (
            "bad-other.txt",
            [&document, &page, &line(b"", &photograph[66..photograph.len() - 1])]
                .map(String::as_str)
                .concat(),
        ),
        ("bad-name.txt", good.replacen("attachments/", "attachment/", 1)),
        ("bad-folder.txt", good.replacen("  index.html", "  ./index.html", 1)),
        ("bad-binary.txt", good.replacen("  index.html", " *index.html", 1)),
        ("bad-blank.txt", good.replacen("  index.html", "   index.html", 1)),
        ("bad-line.txt", [good.as_str(), "\n"].concat()),
        ("bad-comment.txt", ["# as signed\n", &good].concat()),
        ("bad-mark.txt", ["\u{feff}", &good].concat()),
        ("bad-end.txt", good.trim_end().to_owned()),
    ];
    cases.map(|(name, text)| (name, text.into_bytes())).to_vec()
}
