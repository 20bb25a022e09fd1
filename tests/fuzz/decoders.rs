//! Every door through which bytes of others come, one small function each: whatever comes, nothing panics, and what is
//! taken is written again as it came, or, where a form allows white space, reads the same again. Each says whether it took
//! what came.

pub(crate) mod files;

use std::{
    fmt::Debug,
    io::{self, Read as _, Write as _},
    sync::LazyLock,
};

use kith_protocol::{
    answer::Answer,
    approval::Approval,
    archive::ArchiveReader,
    bundle::{Attachment, AttachmentSink, Bundle, KeepNothing, Measured, Opened, open, open_files},
    consent::{ConsentRecord, NotShared},
    directory::{Directory, KeptDirectories, Pinned, SignedDirectory},
    disposal::{Agreement, Disposal, Tombstone},
    enrolment::{Enrolment, Invitation},
    envelope::{Envelope, SignedEnvelope},
    evidence::{Disclosure, Proof},
    fact::Body,
    gate::{Gate, Withdrawal},
    ids::Digest,
    keys::{AgencySecrets, PersonKey, SignedCertificate},
    letter::Letter,
    log::{Growth, Logged, Many, NoteKey, Offer, Origin, Path, Restored, Shown, SignedCheckpoint},
    page,
    papers::{Files, verify},
    receipt::Receipt,
    seal::{Identity, Recipient, open_with, seal_to},
    sign::{Namespace, SignatureSet, SigningKey, VerifyingKey},
    signed::{Document, Signed},
    supplement::Supplement,
    wire::{Message, Request, Response, decode, encode},
};
use kith_tui::{
    casework::{fact::Fact, people_file, typed_time},
    cli::given,
    sharing::inside,
    widgets::form::{Field, Form, Saved},
};
use serde::{Serialize, de::DeserializeOwned};

/// A door by its name.
pub(crate) type Decoder = (&'static str, fn(&[u8]) -> bool);

/// All doors; cargo-fuzz has a program of each name.
pub(crate) const DECODERS: [Decoder; 63] = [
    ("request", frame::<Request>),
    ("response", frame::<Response>),
    ("bundle", bundle),
    ("archive", archive),
    ("age", age),
    ("signatures", signatures),
    ("directory", document::<Directory>),
    ("signed-directory", json::<SignedDirectory>),
    ("invitation", json::<Invitation>),
    ("enrolment", signed::<Enrolment>),
    ("certificate", json::<SignedCertificate>),
    ("envelope", signed::<Envelope>),
    ("gate", signed::<Gate>),
    ("withdrawal", signed::<Withdrawal>),
    ("receipt", signed::<Receipt>),
    ("supplement", signed::<Supplement>),
    ("disposal", signed::<Disposal>),
    ("consent", json::<ConsentRecord>),
    ("approval", signed::<Approval>),
    ("not-shared", signed::<NotShared>),
    ("answer", answer),
    ("fact", fact),
    ("proof", |bytes| text::<Proof>(bytes)),
    ("disclosure", disclosure),
    ("checkpoint", |bytes| text::<SignedCheckpoint>(bytes)),
    ("offer", json::<Shown>),
    ("path", |bytes| text::<Path>(bytes)),
    ("growth", |bytes| text::<Growth>(bytes)),
    ("many", many),
    ("keys", keys),
    ("log-names", log_names),
    ("people-file", people_file),
    ("typed-time", typed),
    ("casework-fact", json::<Fact>),
    ("form-draft", form_draft),
    ("pdf", |bytes| looked_into("application/pdf", bytes)),
    ("office", |bytes| looked_into("application/zip", bytes)),
    ("open", whole),
    ("picture", |bytes| looked_into("image/jpeg", bytes) | looked_into("image/png", bytes)),
    ("withdrawal-letter", letter),
    ("disposal-agreement", signed::<Agreement>),
    ("log-restored", restored),
    ("agency-secrets", agency_secrets),
    ("person-secrets", person_secrets),
    ("passphrase-slot", files::passphrase_slot),
    ("key-slots", files::key_slots),
    ("recovery-card", files::recovery_card),
    ("concern-form", files::form::<given::Concern>),
    ("decisions", files::form::<given::Decisions>),
    ("person-amended", files::form::<given::Amendment>),
    ("references", files::references),
    ("signed-text", json::<SignedEnvelope>),
    ("supplement-file", files::supplement_file),
    ("disposal-file", files::disposal_file),
    ("tombstone", json::<Tombstone>),
    ("laid-open", |bytes| files::laid_open(bytes, &vectors())),
    ("pins", json::<Pinned>),
    ("node-settings", files::node_settings),
    ("node-secrets", files::node_secrets),
    ("partnership-key", |bytes| files::partnership_key(bytes, &vectors())),
    ("later", later),
    ("logged", logged),
    ("papers", papers),
];

/// The door of this name.
///
/// # Panics
/// When there is none.
#[must_use]
pub(crate) fn decoder(name: &str) -> fn(&[u8]) -> bool {
    let found = DECODERS.iter().find(|(known, _)| *known == name);
    found.unwrap_or_else(|| panic!("no decoder {name}")).1
}

/// What follows the length of a frame has one form.
fn frame<M: Message>(bytes: &[u8]) -> bool {
    let read = decode::<M>(bytes);
    if let Ok(message) = &read {
        let again = encode(message).expect("what was read fits");
        assert_eq!(again.get(4..), Some(bytes), "it has two forms");
    }
    read.is_ok()
}

/// That a receipt stands in a log.
fn logged(bytes: &[u8]) -> bool {
    let Ok(Ok(read)) = str::from_utf8(bytes).map(str::parse::<Logged>) else { return false };
    assert_eq!(read.to_string().as_bytes(), bytes, "it has two forms");
    true
}

/// The files of a folder, by the directory of the vectors.
fn papers(bytes: &[u8]) -> bool {
    static LISTED: LazyLock<KeptDirectories> = LazyLock::new(|| {
        let vector = include_str!("../vectors/signed/directory.json");
        let vector: serde_json::Value = serde_json::from_str(vector).expect("JSON");
        let signed = serde_json::from_value(vector["document"].clone()).expect("a directory");
        KeptDirectories::follow(&[signed]).expect("it holds")
    });
    let Ok(files) = serde_json::from_slice::<Files>(bytes) else { return false };
    verify(&files, LISTED.all(), "2026-11-24T00:00:00Z".parse().expect("a moment")).is_ok()
}

/// A text of one form.
fn text<T: TryFrom<String> + Into<String>>(bytes: &[u8]) -> bool {
    let Ok(text) = str::from_utf8(bytes) else { return false };
    let Ok(read) = T::try_from(text.to_owned()) else { return false };
    assert_eq!(read.into(), text, "it has two forms");
    true
}

/// A later checkpoint with its growth, as text.
fn later(bytes: &[u8]) -> bool {
    let Some(read) = str::from_utf8(bytes).ok().and_then(|text| text.parse::<Offer>().ok()) else {
        return false;
    };
    assert_eq!(read.to_string().as_bytes(), bytes, "it has two forms");
    true
}

fn json<T: Serialize + DeserializeOwned>(bytes: &[u8]) -> bool {
    let Ok(read) = serde_json::from_slice::<T>(bytes) else { return false };
    let once = serde_json::to_string(&read).expect("what was read can be written");
    let again: T = serde_json::from_str(&once).expect("what was written can be read");
    assert_eq!(serde_json::to_string(&again).ok(), Some(once), "it does not read the same again");
    true
}

/// A document with its first field, which says what kind it is, or without.
fn document<T: Serialize + DeserializeOwned>(bytes: &[u8]) -> bool {
    let as_it_is = json::<T>(bytes);
    let Ok(mut value) = serde_json::from_slice::<serde_json::Value>(bytes) else { return as_it_is };
    if let Some(fields) = value.as_object_mut() {
        fields.remove("kith");
    }
    as_it_is | json::<T>(value.to_string().as_bytes())
}

fn signed<T: Document + PartialEq + Debug>(bytes: &[u8]) -> bool {
    let Ok(text) = str::from_utf8(bytes) else { return false };
    let nobody = SignatureSet::from_text("").expect("an empty set");
    let Ok(read) = Signed::<T>::from_parts(text.to_owned(), nobody).claims() else { return false };
    let again = Signed::new(&read, &SigningKey::from_seed(&[1; 32]));
    assert_eq!(again.claims().ok(), Some(read), "it does not read the same again");
    true
}

/// The document of a bundle, and the page that is made of it.
fn bundle(bytes: &[u8]) -> bool {
    let Ok(bundle) = serde_json::from_slice::<Bundle>(bytes) else { return false };
    let page = page::render(&bundle);
    assert!(!page.to_lowercase().contains("<script"), "a page with a script");
    json::<Bundle>(bytes)
}

/// The directory of the vectors, by which all others are judged, and what it is judged by.
struct Vectors {
    signed: SignedDirectory,
    pinned: Pinned,
    directory: Directory,
}

fn vectors() -> Vectors {
    let case: serde_json::Value =
        serde_json::from_str(include_str!("../vectors/signed/directory.json")).expect("a vector");
    let field = |name: &str| case[name].to_string();
    let pinned: Pinned = serde_json::from_str(&field("pinned")).expect("pins");
    let signed: SignedDirectory = serde_json::from_str(&field("document")).expect("a directory");
    let now = serde_json::from_str(&field("at")).expect("a time");
    let directory = signed.verify(&pinned, now).expect("it holds");
    Vectors { signed, pinned, directory }
}

/// A whole bundle, as whoever sends it can make it: sealed to its recipient, opened and judged. It is read in one way, sealed
/// or laid open, and nothing of a bundle that is refused is kept.
fn whole(bytes: &[u8]) -> bool {
    static POLICE: LazyLock<(Identity, Directory)> =
        LazyLock::new(|| (Identity::hybrid_from_seed(&[77; 32]), vectors().directory));
    let (key, directory) = &*POLICE;
    let mut sealing = seal_to(&[key.recipient()], Vec::new()).expect("it begins");
    sealing.write_all(bytes).expect("memory takes it");
    let sealed = sealing.finish().expect("memory takes it");
    let mut kept = Kept::default();
    let keys = std::slice::from_ref(key);
    let opened = open(keys, None, directory, Measured::new(sealed.as_slice()), &mut kept);
    assert_eq!(kept.committed, opened.is_ok(), "what is refused is not kept");
    let laid_open = open_files(ArchiveReader::new(bytes), directory, &mut KeepNothing);
    if let Ok(opened) = &opened {
        let told = |opened: &Opened| serde_json::to_string(opened.claims()).expect("it was read");
        let same = laid_open.as_ref().is_ok_and(|other| told(other) == told(opened));
        assert!(same, "sealed it reads otherwise");
    }
    let Ok(opened) = opened else { return false };
    let now = opened.claims().created;
    let me = opened.claims().to.id.clone();
    let Ok(verified) = opened.verify(directory, &me, now) else { return false };
    assert!(!verified.checks().is_empty());
    let (sums, _) = verified.signed_sums();
    assert!(sums.starts_with(&Digest::of(verified.document().as_bytes()).to_string()), "another was signed");
    true
}

/// What became of the attachments.
#[derive(Default)]
struct Kept {
    committed: bool,
}

impl AttachmentSink for Kept {
    fn begin(&mut self, _: &Attachment) -> io::Result<()> {
        Ok(())
    }
    fn write(&mut self, _: &[u8]) -> io::Result<()> {
        Ok(())
    }
    fn commit(&mut self) -> io::Result<()> {
        self.committed = true;
        Ok(())
    }
    fn discard(&mut self) {
        self.committed = false;
    }
}

fn archive(bytes: &[u8]) -> bool {
    let mut archive = ArchiveReader::new(bytes);
    let mut piece = [0; 1000];
    while let Ok(Some(entry)) = archive.next_entry() {
        let mut read = 0;
        while let Ok(more @ 1..) = archive.read_some(&mut piece) {
            read += more as u64;
        }
        assert!(read <= entry.size, "more than was announced");
    }
    archive.finish().is_ok()
}

/// A sealed file, for the keys of the published vectors.
fn age(bytes: &[u8]) -> bool {
    let keys = [
        "AGE-SECRET-KEY-PQ-1HZLGZUPT4ETPKDEV8HSGFDCYZ4E522W0A7PU2LHT8EH9W6YLNC3SW78XKG",
        "AGE-SECRET-KEY-1EGTZVFFV20835NWYV6270LXYVK2VKNX2MMDKWYKLMGR48UAWX40Q2P2LM0",
    ]
    .map(|key| key.parse::<Identity>().expect("a published key"));
    open_with(&keys, bytes).is_ok_and(|plain| io::copy(&mut plain.take(1 << 20), &mut io::sink()).is_ok())
}

fn signatures(bytes: &[u8]) -> bool {
    let Ok(text) = str::from_utf8(bytes) else { return false };
    let Ok(set) = SignatureSet::from_text(text) else { return false };
    let key = SigningKey::from_seed(&[1; 32]).public();
    assert!(key.verify(Namespace::Bundle, b"never signed", &set).is_err(), "a forged signature");
    assert_eq!(set.as_str(), text);
    true
}

fn fact(bytes: &[u8]) -> bool {
    let Ok(body) = Body::parse(bytes) else { return false };
    let once = body.to_bytes().expect("what was read can be written");
    let again = Body::parse(&once).expect("what was written can be read");
    assert_eq!(again.to_value().ok(), body.to_value().ok(), "it does not read the same again");
    assert_eq!(again.to_bytes().ok(), Some(once), "it has two forms");
    true
}

fn disclosure(bytes: &[u8]) -> bool {
    let Ok(read) = serde_json::from_slice::<Disclosure<'_>>(bytes) else { return false };
    read.proof.reveal(&read.words).is_ok()
}

fn many(bytes: &[u8]) -> bool {
    let as_text = text::<Many>(bytes);
    let Ok(read) = Many::from_bytes(bytes) else { return as_text };
    assert_eq!(read.to_bytes(), bytes);
    true
}

fn keys(bytes: &[u8]) -> bool {
    let Ok(text) = str::from_utf8(bytes) else { return false };
    let seal = text.parse::<Recipient>();
    if let Ok(key) = &seal {
        assert_eq!(key.to_string(), text, "one key has one text");
    }
    let sign = text.parse::<VerifyingKey>();
    if let Ok(key) = sign {
        assert_eq!(key.to_string().parse::<VerifyingKey>().ok(), Some(key));
    }
    if let Ok(key) = text.parse::<Identity>() {
        let again = key.secret_text().parse::<Identity>().expect("our own text");
        assert_eq!(again.recipient(), key.recipient());
    }
    seal.is_ok() || sign.is_ok()
}

fn log_names(bytes: &[u8]) -> bool {
    let Ok(text) = str::from_utf8(bytes) else { return false };
    let origin = text.parse::<Origin>();
    if let Ok(origin) = &origin {
        assert_eq!(origin.to_string(), text);
    }
    let key = text.parse::<NoteKey>();
    if let Ok(key) = &key {
        assert_eq!(key.to_string(), text);
    }
    origin.is_ok() || key.is_ok()
}

fn people_file(bytes: &[u8]) -> bool {
    let read = people_file::read(bytes);
    if let Err(problems) = &read {
        assert!(!problems.is_empty(), "refused without a word");
    }
    read.is_ok()
}

fn typed(bytes: &[u8]) -> bool {
    let now = jiff::civil::date(2026, 11, 22).at(9, 14, 7, 0);
    let text = String::from_utf8_lossy(bytes);
    let happened = typed_time::happened(&text, now);
    if let Ok(typed) = &happened {
        assert!(!typed.full.is_empty());
    }
    happened.is_ok() | typed_time::due(&text, now).is_ok()
}

/// What stands in an answer before its blanks.
fn answer(bytes: &[u8]) -> bool {
    let Ok(read) = Answer::from_text(bytes) else { return json::<Answer>(bytes) };
    let again = read.to_text().expect("what was read can be written");
    assert_eq!(Answer::from_text(&again).ok(), Some(read), "it does not read the same again");
    true
}

/// What a withdrawal says to the agency that has the bundle.
fn letter(bytes: &[u8]) -> bool {
    let Some(read) = str::from_utf8(bytes).ok().and_then(|text| Letter::from_text(text).ok()) else {
        return false;
    };
    let again = read.to_text().expect("what was read can be written");
    assert_eq!(Letter::from_text(&again).ok(), Some(read), "it does not read the same again");
    true
}

/// What a node says of its log that goes on from a backup.
fn restored(bytes: &[u8]) -> bool {
    let Some(read) = str::from_utf8(bytes).ok().and_then(|text| Restored::parse(text).ok()) else {
        return false;
    };
    let again = read.to_text();
    assert!(again.is_err() || again.and_then(|text| Restored::parse(&text)).ok() == Some(read));
    true
}

fn agency_secrets(bytes: &[u8]) -> bool {
    let Some(read) = str::from_utf8(bytes).ok().and_then(|text| AgencySecrets::from_text(text).ok()) else {
        return false;
    };
    let again = AgencySecrets::from_text(&read.to_text()).expect("what was written can be read");
    assert_eq!(again.public(), read.public(), "it does not read the same again");
    true
}

fn person_secrets(bytes: &[u8]) -> bool {
    let Some(read) = str::from_utf8(bytes).ok().and_then(|text| PersonKey::from_text(text).ok()) else {
        return false;
    };
    let again = PersonKey::from_text(&read.to_text()).expect("what was written can be read");
    assert_eq!(again.key.public(), read.key.public(), "it does not read the same again");
    true
}

/// A form that was left: it comes back as it can be shown, and is left the same again.
fn form_draft(bytes: &[u8]) -> bool {
    let Ok(saved) = serde_json::from_slice::<Saved>(bytes) else { return false };
    let mut form = Form::new(vec![Field::line("who", "Who"), Field::area("what", "What", 3)]);
    form.restore(&saved);
    let once = form.saved();
    form.restore(&once);
    assert_eq!(form.saved(), once, "it is not left the same again");
    true
}

/// A file that somebody attached, before it is shared.
fn looked_into(media_type: &str, bytes: &[u8]) -> bool {
    let inside = inside::look(media_type, bytes);
    if let Some(cleaned) = &inside.cleaned {
        let again = inside::look(media_type, &cleaned.bytes);
        assert!(
            again.cleaned.is_none_or(|more| more.bytes == cleaned.bytes),
            "cleaning leaves something to clean"
        );
    }
    inside.unsearched.is_empty() || inside.cleaned.is_some()
}
