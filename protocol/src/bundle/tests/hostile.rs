//! Files a hostile or faulty sender could make: every one is refused, and nothing of it is kept.

use std::io::Write as _;

use super::{super::*, World, fixture::*};
use crate::{
    archive::{ArchiveError, ArchiveWriter, padded},
    consent::tests::at,
    ids::Digest,
    seal::seal_to,
    sign::{Namespace, SigningKey},
};

type Files = Vec<(String, Vec<u8>)>;

/// The files of `bundle` as they should be, signed by the school and its person.
fn files_of(world: &World, bundle: &Bundle, attachments: &[&[u8]]) -> Files {
    let document = serde_json::to_string_pretty(bundle).unwrap();
    files_with(world, bundle, &document, attachments)
}

fn files_with(world: &World, bundle: &Bundle, document: &str, attachments: &[&[u8]]) -> Files {
    let page = crate::page::render(bundle);
    let sums = sums::write(Digest::of(document.as_bytes()), Digest::of(page.as_bytes()), &bundle.attachments);
    let sign = |key: &SigningKey| key.sign(Namespace::Bundle, sums.as_bytes());
    let signatures = sign(&World::agency()).and(&sign(&world.person.key)).as_str().to_owned();
    let folder = bundle.folder();
    let mut files = vec![
        (format!("{folder}/SHA256SUMS"), sums.into_bytes()),
        (format!("{folder}/SHA256SUMS.sig"), signatures.into_bytes()),
        (format!("{folder}/bundle.json"), document.as_bytes().to_vec()),
        (format!("{folder}/index.html"), page.into_bytes()),
    ];
    for (attachment, bytes) in bundle.attachments.iter().zip(attachments) {
        files.push((format!("{folder}/{}", attachment.path()), bytes.to_vec()));
    }
    files
}

fn archive(files: &Files) -> Vec<u8> {
    let time = u64::try_from(at(NOW).as_second()).unwrap();
    let mut archive = ArchiveWriter::new(Vec::new(), time);
    files.iter().for_each(|(path, bytes)| archive.file(path, bytes).unwrap());
    archive.finish().unwrap()
}

fn seal(world: &World, plain: &[u8]) -> Vec<u8> {
    let mut out = seal_to(&[world.police.recipient()], Vec::new()).unwrap();
    out.write_all(plain).unwrap();
    out.finish().unwrap()
}

pub(super) fn seal_bundle(world: &World, bundle: &Bundle) -> Vec<u8> {
    seal(world, &archive(&files_of(world, bundle, &[b"not really a photograph"])))
}

fn good(world: &mut World) -> (Bundle, Files) {
    let draft = world.draft();
    let agency = World::agency();
    let bundle = world.clear(draft).unwrap().bundle(&world.sealing(&agency)).unwrap();
    let files = files_of(world, &bundle, &[b"not really a photograph"]);
    (bundle, files)
}

fn refused(world: &World, plain: &[u8]) -> OpenRefused {
    let mut kept = Kept::default();
    let told = world.open(None, &seal(world, plain), &mut kept).unwrap_err();
    assert!(kept.discarded && !kept.committed && kept.files.is_empty());
    told
}

#[test]
fn the_forger_can_make_a_good_one() {
    let mut world = World::new();
    let (_, files) = good(&mut world);
    assert!(world.open(None, &seal(&world, &archive(&files)), &mut Kept::default()).is_ok());
}

#[test]
fn files_out_of_place_are_refused() {
    let mut world = World::new();
    let (bundle, files) = good(&mut world);
    let told = |change: &dyn Fn(&mut Files)| {
        let mut files = files.clone();
        change(&mut files);
        refused(&world, &archive(&files)).to_string()
    };
    let folder = bundle.folder();
    assert!(told(&|files| files.push((format!("{folder}/more.txt"), vec![1]))).contains("does not name"));
    assert!(told(&|files| files.push(files[4].clone())).contains("does not name"));
    assert!(told(&|files| files.swap(2, 3)).contains("does not name"));
    assert!(told(&|files| files[3].0 = "elsewhere/index.html".into()).contains("does not name"));
    assert!(told(&|files| files[0].0 = format!("x/{folder}/SHA256SUMS")).contains("file"));
    assert!(told(&|files| drop(files.pop())).contains("has no attachments/"));
    assert!(told(&Vec::clear).contains("no SHA256SUMS where"));
    assert!(told(&|files| files.truncate(1)).contains("no SHA256SUMS.sig where"));
}

#[test]
fn altered_files_are_refused() {
    let mut world = World::new();
    let (_, files) = good(&mut world);
    for (at, name) in [(2, "bundle.json"), (3, "index.html"), (4, "attachments/")] {
        let mut files = files.clone();
        *files[at].1.last_mut().unwrap() ^= 1;
        let told = refused(&world, &archive(&files));
        assert!(matches!(&told, OpenRefused::Altered { path } if path.contains(name)), "{told:?}");
    }
    for at in [0, 1] {
        let mut files = files.clone();
        files[at].1[70] ^= 1;
        let told = refused(&world, &archive(&files));
        assert!(matches!(told, OpenRefused::Signature(_)), "{told:?}");
    }
    let mut longer = files;
    longer[4].1.push(0);
    assert!(matches!(refused(&world, &archive(&longer)), OpenRefused::TooLong { .. }));
}

#[test]
fn a_signature_of_a_stranger_is_refused() {
    let mut world = World::new();
    let (_, mut files) = good(&mut world);
    let stranger = SigningKey::from_seed(&[50; 32]).sign(Namespace::Bundle, &files[0].1);
    files[1].1 = stranger.as_str().as_bytes().to_vec();
    let told = refused(&world, &archive(&files));
    assert!(matches!(told, OpenRefused::Signature(crate::sign::SignatureError::OtherKey)), "{told:?}");
    // The right key, for another kind of document.
    let other = World::agency().sign(Namespace::Gate, &files[0].1);
    files[1].1 = other.as_str().as_bytes().to_vec();
    let told = refused(&world, &archive(&files));
    assert!(matches!(told, OpenRefused::Signature(crate::sign::SignatureError::OtherNamespace)), "{told:?}");
}

#[test]
fn without_the_named_persons_signature_it_is_not_filed() {
    let mut world = World::new();
    let (_, mut files) = good(&mut world);
    let alone = World::agency().sign(Namespace::Bundle, &files[0].1);
    files[1].1 = alone.as_str().as_bytes().to_vec();
    let opened = world.open(None, &seal(&world, &archive(&files)), &mut Kept::default()).unwrap();
    let told = opened.verify(&world.directory, &"northshire-police".parse().unwrap(), at(NOW));
    assert!(matches!(told, Err(VerifyRefused::Person(_))), "{told:?}");
}

#[test]
fn what_the_document_claims_is_held_to() {
    let mut world = World::new();
    let (bundle, _) = good(&mut world);
    let told = |change: &dyn Fn(&mut Bundle)| {
        let mut bundle = bundle.clone();
        change(&mut bundle);
        refused(&world, &archive(&files_of(&world, &bundle, &[b"not really a photograph"])))
    };
    let told_from = told(&|bundle| bundle.from.id = "other-school".parse().unwrap());
    assert!(matches!(told_from, OpenRefused::Mismatch { field: "sender" }), "{told_from:?}");
    let told_key = told(&|bundle| bundle.recipient_key = Digest::of(b"another"));
    assert!(matches!(told_key, OpenRefused::Mismatch { field: "recipient's key" }), "{told_key:?}");
    let told_size = told(&|bundle| bundle.attachments[0].size -= 1);
    assert!(matches!(told_size, OpenRefused::TooLong { .. }), "{told_size:?}");
    let told_size = told(&|bundle| bundle.attachments[0].size += 1);
    assert!(matches!(told_size, OpenRefused::Altered { .. }), "{told_size:?}");
    let told_none = told(&|bundle| bundle.attachments.clear());
    assert!(matches!(told_none, OpenRefused::Rule(_)), "{told_none:?}");
    let mut counts = bundle.clone();
    counts.withheld[0].count = 1;
    let file = seal(&world, &archive(&files_of(&world, &counts, &[b"not really a photograph"])));
    let opened = world.open(None, &file, &mut Kept::default()).unwrap();
    let told = opened.verify(&world.directory, &counts.to.id, at(NOW));
    assert_eq!(told.unwrap_err(), VerifyRefused::Counts);
}

#[test]
fn a_document_with_more_or_other_fields_is_refused() {
    let mut world = World::new();
    let (bundle, _) = good(&mut world);
    let document = serde_json::to_string_pretty(&bundle).unwrap();
    for wrong in [
        document.replacen('{', r#"{"hidden": "x","#, 1),
        document.replace("bundle/1", "bundle/9"),
        document.replace("\"kind\": \"Concern\"", "\"kind\": \"Concern\", \"private\": 1"),
        document.replacen("\"withheld\": \"informant\"", "\"withheld\": \"informant\", \"text\": \"x\"", 1),
        document.replacen('{', r#"{"kith": "bundle/1","#, 1),
        "[".repeat(100_000),
        document + "{}",
    ] {
        let files = files_with(&world, &bundle, &wrong, &[b"not really a photograph"]);
        let told = refused(&world, &archive(&files));
        assert!(matches!(told, OpenRefused::Unreadable(_)), "{told:?}");
    }
}

#[test]
fn padding_hides_nothing() {
    let mut world = World::new();
    let (_, files) = good(&mut world);
    let plain = archive(&files);
    let mut last = plain.clone();
    *last.last_mut().unwrap() = 1;
    let mut longer = plain.clone();
    longer.resize(padded(plain.len() as u64 + 1) as usize, 0);
    for wrong in [&last[..], &longer, &plain[..plain.len() - 512]] {
        let told = refused(&world, wrong);
        let padding = |told: &ArchiveError| {
            // Where the archive just fills its length, what is cut off is its end.
            let cut = matches!(told, ArchiveError::Truncated { .. });
            cut || matches!(told, ArchiveError::Padding { .. } | ArchiveError::NotCanonical { .. })
        };
        assert!(matches!(&told, OpenRefused::Archive(error) if padding(error)), "{told:?}");
    }
    let cut = refused(&world, &plain[..plain.len() / 3]);
    assert!(matches!(cut, OpenRefused::Archive(_) | OpenRefused::Missing { .. }), "{cut:?}");
}

#[test]
fn a_flipped_bit_anywhere_is_refused() {
    let mut world = World::new();
    let draft = world.draft();
    let (sealed, file) = world.seal(draft);
    let step = (file.len() / 100).max(1);
    for at in (0..file.len()).step_by(step).chain(0..32).chain(file.len() - 32..file.len()) {
        let mut file = file.clone();
        file[at] ^= 1 << (at % 8);
        let mut kept = Kept::default();
        let envelope = Some(sealed.envelope()).filter(|_| at % 2 == 0);
        assert!(world.open(envelope, &file, &mut kept).is_err(), "byte {at}");
        assert!(!kept.committed && kept.files.is_empty(), "byte {at}");
    }
    for end in [0, 1, file.len() / 2, file.len() - 1] {
        assert!(world.open(None, &file[..end], &mut Kept::default()).is_err(), "cut at {end}");
    }
    let mut more = file;
    more.push(0);
    assert!(world.open(None, &more, &mut Kept::default()).is_err());
}

/// A hostile sender can seal anything: what is inside is held to as well.
#[test]
fn a_flipped_bit_inside_the_seal_is_refused() {
    let mut world = World::new();
    let (_, files) = good(&mut world);
    let plain = archive(&files);
    // The armour of the signatures may be written in several ways; their content may not.
    let sig = 512 + files[0].1.len().next_multiple_of(512) + 512;
    let armour = sig..sig + files[1].1.len();
    for at in (0..plain.len()).step_by(499).chain((0..512).step_by(9)).filter(|at| !armour.contains(at)) {
        let mut plain = plain.clone();
        plain[at] ^= 1 << (at % 8);
        let _ = refused(&world, &plain);
    }
}

#[test]
fn a_sink_that_fails_stops_it() {
    struct Full(bool);
    impl AttachmentSink for Full {
        fn begin(&mut self, _: &Attachment) -> std::io::Result<()> {
            Ok(())
        }
        fn write(&mut self, _: &[u8]) -> std::io::Result<()> {
            Err(std::io::ErrorKind::StorageFull.into())
        }
        fn commit(&mut self) -> std::io::Result<()> {
            panic!("nothing to commit")
        }
        fn discard(&mut self) {
            self.0 = true;
        }
    }
    let mut world = World::new();
    let (bundle, _) = good(&mut world);
    let file = seal_bundle(&world, &bundle);
    let mut full = Full(false);
    let keys = std::slice::from_ref(&world.police);
    let told = open(keys, None, &world.directory, Measured::new(&file[..]), &mut full);
    assert!(matches!(told, Err(OpenRefused::Sink(_))), "{told:?}");
    assert!(full.0);
}
