//! A sealed bundle opens the same however its bytes arrive, and only in the one form its sender gave it.

use std::io::{self, Read};

use kith_protocol::{
    archive::ArchiveWriter,
    bundle::{Attachment, AttachmentSink, OpenRefused, Opened, Sealed},
    ids::Digest,
    seal::{open_with, seal_to},
};
use kith_tests::bundles::{POLICE, World, now};
use proptest::prelude::*;

/// Gives a few bytes at a time and is interrupted between.
struct Trickle<'a> {
    bytes: &'a [u8],
    lengths: Vec<usize>,
    turn: usize,
}

impl Read for Trickle<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.turn += 1;
        let length = self.lengths[self.turn % self.lengths.len()];
        if length == 0 {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let length = length.min(into.len());
        self.bytes.read(&mut into[..length])
    }
}

/// What was kept of attachments.
#[derive(Default, PartialEq, Debug)]
struct Kept(Vec<(Digest, Vec<u8>)>, bool);

impl AttachmentSink for Kept {
    fn begin(&mut self, attachment: &Attachment) -> io::Result<()> {
        self.0.push((attachment.sha256, Vec::new()));
        Ok(())
    }
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.last_mut().expect("it began").1.extend_from_slice(bytes);
        Ok(())
    }
    fn commit(&mut self) -> io::Result<()> {
        self.1 = true;
        Ok(())
    }
    fn discard(&mut self) {
        *self = Self::default();
    }
}

fn good() -> (World, Sealed, Vec<u8>) {
    let mut world = World::hybrid();
    let draft = world.draft();
    let (sealed, file) = world.seal(draft);
    (world, sealed, file)
}

fn arrives(world: &World, sealed: &Sealed, file: &[u8], lengths: &[usize]) -> (Opened, Kept) {
    let mut kept = Kept::default();
    let from = Trickle { bytes: file, lengths: lengths.to_vec(), turn: 0 };
    let opened = world.open_into(Some(sealed.envelope()), from, &mut kept).expect("it opens");
    (opened, kept)
}

fn holds(world: &World, sealed: &Sealed, (opened, kept): (Opened, Kept)) {
    let document = serde_json::to_string_pretty(opened.claims()).expect("JSON") + "\n";
    assert_eq!(document, sealed.document());
    assert!(kept.1 && kept.0.len() == 2);
    assert!(kept.0.iter().all(|(digest, bytes)| Digest::of(bytes) == *digest));
    let me = POLICE.parse().expect("an agency's id");
    let verified = opened.verify(&world.directory, &me, now()).expect("it is verified");
    assert_eq!(
        (verified.id(), verified.measure().expect("it was sealed").size),
        (Some(sealed.id()), sealed.size())
    );
}

#[test]
fn whole_and_byte_by_byte_it_opens_the_same() {
    let (world, sealed, file) = good();
    for lengths in [&[usize::MAX][..], &[1], &[1, 0], &[65_535, 1], &[65_537], &[511, 0, 513]] {
        holds(&world, &sealed, arrives(&world, &sealed, &file, lengths));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn in_any_pieces_it_opens_the_same(lengths in proptest::collection::vec(1_usize..9_000, 1..20)) {
        let (world, sealed, file) = good();
        holds(&world, &sealed, arrives(&world, &sealed, &file, &lengths));
    }

    #[test]
    fn cut_anywhere_it_is_refused_and_nothing_is_kept(at in 0.0_f64..1.0) {
        let (world, sealed, file) = good();
        let cut = (file.len() as f64 * at) as usize;
        let mut kept = Kept::default();
        prop_assert!(world.open_into(Some(sealed.envelope()), &file[..cut], &mut kept).is_err());
        prop_assert_eq!(kept, Kept::default());
    }
}

fn plain(world: &World, file: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    let opened = open_with(std::slice::from_ref(&world.police.seal), file);
    opened.expect("it opens").read_to_end(&mut plain).expect("whole");
    plain
}

fn sealed_again(world: &World, plain: &[u8]) -> Vec<u8> {
    let mut sealing = seal_to(&[world.police.seal.recipient()], Vec::new()).expect("sealing begins");
    io::Write::write_all(&mut sealing, plain).expect("memory takes it");
    sealing.finish().expect("memory takes it")
}

#[test]
fn sealed_again_by_somebody_else_it_is_not_what_its_envelope_names() {
    let (world, sealed, file) = good();
    let again = sealed_again(&world, &plain(&world, &file));
    let refused = world.open(Some(sealed.envelope()), &again);
    // age adds some random bytes to a header, so that the size may differ too.
    let Err(OpenRefused::Mismatch { field }) = refused else { panic!("{refused:?}") };
    assert!(["size of the sealed file", "digest of the sealed file"].contains(&field), "{field}");
    // Without the envelope nobody can tell, and `verify` says just that.
    let opened = world.open(None, &again).expect("it opens");
    let me = POLICE.parse().expect("an agency's id");
    let verified = opened.verify(&world.directory, &me, now()).expect("the content is as signed");
    assert_eq!(verified.id(), None);
}

#[test]
fn the_same_document_in_other_bytes_is_refused() {
    let (world, sealed, file) = good();
    let plain = plain(&world, &file);
    let (folder, time, files) = apart(&plain);
    let build = |files: &[(String, Vec<u8>)], time: u64| {
        let mut archive = ArchiveWriter::new(Vec::new(), time);
        for (name, bytes) in files {
            archive.file(&format!("{folder}/{name}"), bytes).expect("memory takes it");
        }
        sealed_again(&world, &archive.finish().expect("memory takes it"))
    };
    assert!(world.open(None, &build(&files, time)).is_ok(), "in its own form it opens");
    let refused = world.open(None, &build(&files, time + 1));
    assert!(matches!(refused, Err(OpenRefused::Mismatch { field: "time of the files" })), "{refused:?}");
    let compact: serde_json::Value = serde_json::from_str(sealed.document()).expect("JSON");
    let mut changed = files.clone();
    for (_, bytes) in changed.iter_mut().filter(|(name, _)| name == "bundle.json") {
        *bytes = serde_json::to_vec(&compact).expect("JSON");
    }
    let refused = world.open(None, &build(&changed, time));
    assert!(matches!(refused, Err(OpenRefused::Altered { .. })), "{refused:?}");
    for swapped in [(0, 1), (2, 3), (4, 5)] {
        let mut changed = files.clone();
        changed.swap(swapped.0, swapped.1);
        assert!(world.open(None, &build(&changed, time)).is_err(), "{swapped:?} in another order");
    }
}

/// The folder, the time and the files of an archive of ours.
fn apart(plain: &[u8]) -> (String, u64, Vec<(String, Vec<u8>)>) {
    let mut archive = kith_protocol::archive::ArchiveReader::new(plain);
    let (mut folder, mut time, mut files) = (String::new(), 0, Vec::new());
    while let Some(entry) = archive.next_entry().expect("an archive of ours") {
        let (top, name) = entry.path.split_once('/').expect("a folder");
        let mut bytes = vec![0; usize::try_from(entry.size).expect("a small file")];
        let mut at = 0;
        while at < bytes.len() {
            at += archive.read_some(&mut bytes[at..]).expect("its bytes");
        }
        (folder, time) = (top.to_owned(), entry.time);
        files.push((name.to_owned(), bytes));
    }
    (folder, time, files)
}
