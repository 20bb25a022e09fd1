//! Each byte of a small bundle, changed one at a time. Nothing that a seal, a signature or a digest covers may change
//! without notice: by ours in this process, by the verifier in Python in one of its own.

use std::{path::Path, process::Command};

use kith_protocol::{
    archive::{ArchiveReader, ArchiveWriter},
    bundle::{Attachment, Bundle, KeepNothing, open_files},
    envelope::SignedEnvelope,
    gate::SignedGate,
    ids::Digest,
    sign::{Namespace, SignatureSet, SigningKey},
};
use kith_tests::{
    bundles::{World, now},
    tools,
};

use super::{Desk, words};

const PHOTO: &[u8] = b"\xff\xd8 not really a photograph \xff\xd9";

/// The signed files of a bundle of one record and one attachment. Its page is a short one: a sender can sign any.
///
/// `long` fills the archive with a letter, so that hardly any padding follows.
fn small(world: &mut World, long: bool) -> (Bundle, Vec<(String, Vec<u8>)>) {
    let mut draft = world.draft();
    let photo = world.files.attach("arm.jpg", "image/jpeg", PHOTO);
    let mut record = draft.records.swap_remove(2);
    record.attachments = vec![Some(photo.sha256)];
    (draft.records, draft.attachments) = (vec![record], vec![photo]);
    draft.letter.why = draft.letter.why.repeat(if long { 36 } else { 1 });
    let (sealed, _) = world.seal(draft);
    let bundle: Bundle = serde_json::from_str(sealed.document()).expect("ours");
    let mut files = vec![
        ("bundle.json".to_owned(), sealed.document().as_bytes().to_vec()),
        ("index.html".to_owned(), b"<p>".to_vec()),
        (bundle.attachments.first().map(Attachment::path).expect("one"), PHOTO.to_vec()),
    ];
    let line = |(name, bytes): &(String, Vec<u8>)| format!("{}  {name}\n", Digest::of(bytes));
    let sums: String = files.iter().map(line).collect();
    let sign = |key: &SigningKey| key.sign(Namespace::Bundle, sums.as_bytes());
    let set = sign(&world.school.sign).and(&sign(&world.person.key)).as_str().to_owned();
    files.insert(0, ("SHA256SUMS.sig".to_owned(), set.into_bytes()));
    files.insert(0, ("SHA256SUMS".to_owned(), sums.into_bytes()));
    (bundle, files)
}

fn archive(bundle: &Bundle, files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let time = u64::try_from(bundle.created.as_second()).expect("after 1970");
    let mut archive = ArchiveWriter::new(Vec::new(), time);
    for (name, bytes) in files {
        archive.file(&format!("{}/{name}", bundle.folder()), bytes).expect("memory takes it");
    }
    archive.finish().expect("memory takes it")
}

/// What is read of an archive and believed: the document, exactly as it was signed.
fn believed(world: &World, plain: &[u8]) -> Option<String> {
    let opened = open_files(ArchiveReader::new(plain), &world.directory, &mut KeepNothing).ok()?;
    let verified = opened.verify_as_stranger(&world.directory, now()).ok()?;
    Some(verified.document().to_owned())
}

/// One bit of each byte, another from byte to byte.
const fn flip(bytes: &mut [u8], at: usize) {
    bytes[at] ^= 1 << (at % 8);
}

#[test]
fn every_byte_of_the_signed_files_is_covered() {
    let mut world = World::hybrid();
    let (bundle, files) = small(&mut world, true);
    let whole = archive(&bundle, &files);
    assert!(believed(&world, &whole).is_some(), "it is in order");
    let mut plain = whole.clone();
    for at in 0..plain.len() {
        flip(&mut plain, at);
        assert_eq!(believed(&world, &plain), None, "byte {at}");
        plain[at] = whole[at];
    }
    assert_eq!(plain.len(), 16 * 1024);
}

#[test]
fn every_byte_of_the_sealed_file_is_covered() {
    let mut world = World::classic();
    let (bundle, files) = small(&mut world, true);
    let whole = super::tamper::sealed_again(&world, &archive(&bundle, &files));
    assert!(world.open(None, &whole).is_ok());
    let mut file = whole.clone();
    for at in 0..file.len() {
        flip(&mut file, at);
        assert!(world.open(None, &file).is_err(), "byte {at}");
        file[at] = whole[at];
    }
}

/// Of short signed documents every bit is changed.
#[test]
fn every_bit_of_envelope_and_gate_is_covered() {
    let mut world = World::hybrid();
    let draft = world.draft();
    let (sealed, _) = world.seal(draft);
    let (envelope, gate) = (sealed.envelope(), sealed.gate());
    for (text, set, holds) in [
        (
            &envelope.text,
            &envelope.signature,
            &(|text, set| SignedEnvelope::from_parts(text, set).verify(&world.directory).is_ok())
                as &dyn Fn(String, SignatureSet) -> bool,
        ),
        (&gate.text, &gate.signature, &|text, set| {
            SignedGate::from_parts(text, set).verify(&world.directory).is_ok()
        }),
    ] {
        assert!(holds(text.clone(), set.clone()));
        for bit in 0..text.len() * 8 {
            let mut bytes = text.clone().into_bytes();
            bytes[bit / 8] ^= 1 << (bit % 8);
            // What is no text cannot come to be looked at.
            let Ok(text) = String::from_utf8(bytes) else { continue };
            assert!(!holds(text, set.clone()), "bit {bit} of the text");
        }
        let armour = set.as_str();
        for bit in 0..armour.len() * 8 {
            let mut bytes = armour.as_bytes().to_vec();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let Some(set) = String::from_utf8(bytes).ok().and_then(|one| SignatureSet::from_text(&one).ok())
            else {
                continue;
            };
            assert!(!holds(text.clone(), set), "bit {bit} of the signature");
        }
    }
}

/// The same bytes, one at a time, in one run of the verifier in Python: it takes what ours takes and nothing else.
#[test]
fn the_python_verifier_covers_every_byte_too() {
    let what = "every byte changed, in Python";
    let Some(python) = tools::python(what) else { return };
    let mut world = World::hybrid();
    let (bundle, files) = small(&mut world, false);
    let desk = Desk::new(b"", "", &[]);
    let folder = desk.path(&bundle.folder());
    for (name, bytes) in &files {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder is made");
        std::fs::write(path, bytes).expect("a file is written");
    }
    let directory = world.directory.sign(&[&SigningKey::from_seed(&[99; 32])]).expect("its key");
    desk.write("directory.json", serde_json::to_vec(&directory).expect("JSON"));
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("interop/every_byte.py");
    let mut run = Command::new(python);
    let output = tools::run(run.arg("-B").arg(script).arg(&folder).arg(desk.path("directory.json")), b"");
    assert!(output.status.success(), "{}", words(&output));
    let said = words(&output);
    let (tried, taken) = said.split_once('\n').expect("a number first");
    assert_eq!(tried.parse(), Ok(files.iter().map(|(_, bytes)| bytes.len()).sum::<usize>()), "{said}");
    assert_eq!(taken, "", "{said}");
}
