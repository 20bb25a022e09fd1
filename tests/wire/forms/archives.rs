//! The archive: plain files in one canonical form.

use std::io::Read;

use kith_protocol::archive::{ArchiveReader, ArchiveWriter};

use super::Case;

const TIME: u64 = 1_795_000_000;

/// Read file by file, and written again.
pub(super) fn again(from: &mut dyn Read) -> Option<Vec<u8>> {
    let mut archive = ArchiveReader::new(from);
    let mut written: Option<ArchiveWriter<Vec<u8>>> = None;
    while let Some(entry) = archive.next_entry().ok()? {
        let (mut content, mut piece) = (Vec::new(), [0; 100]);
        loop {
            let got = archive.read_some(&mut piece).ok()?;
            if got == 0 {
                break;
            }
            content.extend_from_slice(&piece[..got]);
        }
        let out = written.get_or_insert_with(|| ArchiveWriter::new(Vec::new(), entry.time));
        out.file(&entry.path, &content).ok()?;
    }
    archive.finish().ok()?;
    written?.finish().ok()
}

fn good() -> Vec<u8> {
    let mut archive = ArchiveWriter::new(Vec::new(), TIME);
    archive.file("kith-a/SHA256SUMS", b"a list").expect("memory takes it");
    archive.file("kith-a/bundle.json", &[b'x'; 700]).expect("memory takes it");
    archive.finish().expect("memory takes it")
}

/// Where the second header begins, its content, and the end.
const SECOND: usize = 1024;
const CONTENT: usize = 1536;
const END: usize = 2560;

/// With other bytes in the second header, its checksum made to fit.
fn header(at: usize, bytes: &[u8]) -> Vec<u8> {
    let mut archive = good();
    archive[SECOND + at..SECOND + at + bytes.len()].copy_from_slice(bytes);
    let header = &mut archive[SECOND..SECOND + 512];
    header[148..156].fill(b' ');
    let sum: u32 = header.iter().map(|b| u32::from(*b)).sum();
    header[148..156].copy_from_slice(format!("{sum:07o}\0").as_bytes());
    archive
}

fn with(at: usize, bytes: &[u8]) -> Vec<u8> {
    let mut archive = good();
    archive[at..at + bytes.len()].copy_from_slice(bytes);
    archive
}

pub(super) fn archives() -> Vec<Case> {
    let mut size = [0; 12];
    (size[0], size[10], size[11]) = (0x80, 2, 0xbc);
    let (mut short, mut long) = (good(), good());
    short.truncate(short.len() - 512);
    long.extend([0; 512]);
    vec![
        ("two-files.tar", good()),
        ("bad-link.tar", header(156, b"2")),
        ("bad-hard-link.tar", header(156, b"1")),
        ("bad-folder.tar", header(156, b"5")),
        ("bad-device.tar", header(156, b"3")),
        ("bad-old-type.tar", header(156, b"\0")),
        ("bad-long-name.tar", header(156, b"L")),
        ("bad-pax.tar", header(156, b"x")),
        ("bad-gnu.tar", header(257, b"ustar  \0")),
        ("bad-link-name.tar", header(157, b"kith-b")),
        ("bad-mode.tar", header(100, b"0000755\0")),
        ("bad-owner.tar", header(108, b"0001750\0")),
        ("bad-owner-name.tar", header(265, b"root")),
        ("bad-size-base-256.tar", header(124, &size)),
        ("bad-size-blanks.tar", header(124, b"       1274\0")),
        ("bad-path-root.tar", header(0, b"/")),
        ("bad-path-up.tar", header(0, b"../a-a/")),
        ("bad-path-letters.tar", header(0, b"kith a/")),
        ("bad-path-hidden.tar", header(30, b"x")),
        ("bad-checksum.tar", with(SECOND + 148, b"0000000\0")),
        ("bad-filler.tar", with(CONTENT + 700, b"x")),
        ("bad-end-once.tar", with(END + 512, b"x")),
        ("bad-end-none.tar", with(END, b"x")),
        ("bad-empty.tar", vec![0; 16_384]),
        ("bad-padding.tar", with(16_000, b"x")),
        ("bad-padding-short.tar", short),
        ("bad-padding-long.tar", long),
    ]
}
