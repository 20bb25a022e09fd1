//! Golden bundles as they stand in their archive once the seal is off, one fault a file: files, signatures, people, consent,
//! approval and witnesses, judged whole and in pieces by whoever opens them.

use std::{
    collections::BTreeMap,
    io::{Cursor, Write as _},
};

use jiff::ToSpan as _;
use kith_exchange::courier::{Courier, growing};
use kith_protocol::{
    archive::{ArchiveReader, ArchiveWriter},
    bundle::{Bundle, KeepNothing, Measured, OpenRefused, Opened, VerifyRefused, open, open_files},
    envelope::{Envelope, SignedEnvelope, coarse},
    gate::{Gate, SignedGate},
    ids::{Digest, GateId, SealId},
    keys::{Certificate, SignedCertificate},
    log::{Checkpoint, Cosigner, Growth, SignedCheckpoint},
    page,
    seal::seal_to,
    sign::{Namespace, SigningKey},
};
use kith_tests::bundles::{POLICE, SCHOOL, World, now};
use serde_json::{Value, json};

use super::{
    forms::PHOTOGRAPH,
    pieces::Pieces,
    signed::{key, node, person, vectors},
};

/// A page that another version made: what is wrong here is elsewhere, and such a page is short.
const PAGE: &str = "<!DOCTYPE html>\n<title>A bundle</title>\n";
/// The files before the attachments, by their place in the archive.
const SUMS: usize = 0;
const DOCUMENT: usize = 2;
const INDEX: usize = 3;
const ATTACHED: usize = 4;

/// The files of a bundle in their order, by what is in them and where.
type Files = Vec<(String, Vec<u8>)>;

fn golden(name: &str) -> String {
    std::fs::read_to_string(vectors().join("bundle").join(name)).expect("a vector")
}

fn read(document: &str) -> Bundle {
    serde_json::from_str(document).expect("a bundle")
}

/// The list of these files, and its signatures, by whom it is to be signed.
fn signed(files: &mut Files, by: &[&SigningKey]) {
    let line = |(name, bytes): &(String, Vec<u8>)| format!("{}  {name}\n", Digest::of(bytes));
    let sums: String = files.iter().skip(DOCUMENT).map(line).collect();
    let each = by.iter().map(|key| key.sign(Namespace::Bundle, sums.as_bytes()));
    let set = each.reduce(|set, one| set.and(&one)).expect("somebody signs");
    files[SUMS].1 = sums.into_bytes();
    files[SUMS + 1].1 = set.as_str().as_bytes().to_vec();
}

/// A whole bundle around a document.
fn files(world: &World, document: &str, page: &str) -> Files {
    let photograph = read(document).attachments[0].path();
    let named = [
        ("SHA256SUMS", Vec::new()),
        ("SHA256SUMS.sig", Vec::new()),
        ("bundle.json", document.as_bytes().to_vec()),
        ("index.html", page.as_bytes().to_vec()),
        (photograph.as_str(), PHOTOGRAPH.to_vec()),
    ];
    let mut files: Files = named.map(|(name, bytes)| (name.to_owned(), bytes)).to_vec();
    signed(&mut files, &[&world.school.sign, &world.person.key]);
    files
}

fn archive(files: &Files, folder: &str, time: i64) -> Vec<u8> {
    let mut archive = ArchiveWriter::new(Vec::new(), u64::try_from(time).expect("after 1970"));
    for (name, bytes) in files {
        let path = if name.contains(":") { name.replace(':', "/") } else { format!("{folder}/{name}") };
        archive.file(&path, bytes).expect("memory takes it");
    }
    archive.finish().expect("memory takes it")
}

fn packed(document: &str, files: &Files) -> Vec<u8> {
    let bundle = read(document);
    archive(files, &bundle.folder(), bundle.created.as_second())
}

/// What each file holds, by its name, and what comes of it.
type Made = BTreeMap<String, (&'static str, Vec<u8>)>;

fn made() -> Made {
    let (world, mut made) = (World::hybrid(), Made::new());
    let good = golden("bundle.json");
    let (page, approved) = (golden("index.html"), golden("bundle-approved.json"));
    for (name, document) in [("golden", &good), ("approved", &approved)] {
        let files = files(&world, document, &page::render(&read(document)));
        made.insert(format!("{name}.tar"), ("too few", packed(document, &files)));
    }
    assert_eq!(page, page::render(&read(&good)), "the golden page");
    altered(&world, &good, &mut made);
    for (name, said, document) in documents(&world, &good, &approved) {
        let files = files(&world, &document, PAGE);
        made.insert(format!("{name}.tar"), (said, packed(&document, &files)));
    }
    made
}

/// Files that are not as they were signed, or not where they stood.
fn altered(world: &World, good: &str, made: &mut Made) {
    let (school, person) = (&world.school.sign, &world.person.key);
    let mut put = |name: &str, said: &'static str, change: &dyn Fn(&mut Files)| {
        let mut files = files(world, good, PAGE);
        change(&mut files);
        made.insert(format!("bad-{name}.tar"), (said, packed(good, &files)));
    };
    put("cut", "files", &|files| drop(files.pop()));
    put("added", "files", &|files| files.push(("more.txt".into(), b"more".to_vec())));
    put("order", "files", &|files| files.swap(INDEX, ATTACHED));
    put("folders", "files", &|files| files[INDEX].0 = "kith-elsewhere:index.html".into());
    put("document", "files", &|files| files[DOCUMENT].1.push(b'\n'));
    put("page", "files", &|files| files[INDEX].1.push(b'\n'));
    put("attachment", "files", &|files| files[ATTACHED].1[0] ^= 1);
    put("attachment-other", "files", &|files| {
        files[ATTACHED].1[0] ^= 1;
        signed(files, &[school, person]);
    });
    put("sums", "not signed", &|files| {
        files[INDEX].1.push(b'\n');
        let signatures = files[SUMS + 1].clone();
        signed(files, &[school, person]);
        files[SUMS + 1] = signatures;
    });
    put("agency", "not signed", &|files| signed(files, &[person]));
    put("person", "person", &|files| signed(files, &[school]));
    let (bundle, files) = (read(good), files(world, good, PAGE));
    let time = bundle.created.as_second();
    let whole = packed(good, &files);
    made.insert(
        "bad-folder.tar".into(),
        ("files", archive(&files, "kith-elm-park-2026-11-22-a5a5a5a6", time)),
    );
    made.insert("bad-time.tar".into(), ("files", archive(&files, &bundle.folder(), time + 1)));
    made.insert("bad-torn.tar".into(), ("archive", whole[..whole.len() - 512].to_vec()));
}

/// With other words in the document.
fn saying(of: &str, change: &dyn Fn(&mut Value)) -> String {
    let mut document: Value = serde_json::from_str(of).expect("JSON");
    change(&mut document);
    serde_json::to_string_pretty(&document).expect("JSON") + "\n"
}

/// Takes a name, what is said, and the document.
type Put<'a> = dyn FnMut(&'static str, &'static str, String) + 'a;

/// Documents that are as they were signed, and say what they may not.
fn documents(world: &World, good: &str, approved: &str) -> Vec<(&'static str, &'static str, String)> {
    let mut all = Vec::new();
    let mut put = |name, said, document| all.push((name, said, document));
    put("bad-to", "another's", saying(good, &|one| one["to"]["id"] = json!("southshire-police")));
    put("bad-attachment-size", "files", saying(good, &|one| one["attachments"][0]["size"] = json!(24)));
    beyond_consent(good, &mut put);
    by_others(world, good, &mut put);
    not_approved(world, approved, &mut put);
    cosigned(world, good, &mut put);
    all
}

fn beyond_consent(good: &str, put: &mut Put<'_>) {
    let mut put = |name, change: &dyn Fn(&mut Value)| {
        put(name, "consent", saying(good, &|one| change(&mut one["consent"])));
    };
    let without = json!(["identity", "welfare", "childs-voice"]);
    put("bad-consent-category", &|one| one["categories"] = without.clone());
    put("bad-consent-recipient", &|one| one["recipients"][0]["id"] = json!("southshire"));
    put("bad-consent-late", &|one| one["validity"]["until"] = json!(now()));
    put("bad-consent-withdrawn", &|one| {
        one["lawful_basis"] = json!("consent");
        one["notice"]["sha256"] = json!(Digest::of(b"notice"));
        one["events"] = json!([event("given", 1), event("withdrawn", 2)]);
    });
}

/// Whose certificate is not what it must be.
fn by_others(world: &World, good: &str, put: &mut Put<'_>) {
    let mut put = |name, said, certificate: SignedCertificate| {
        put(name, said, saying(good, &|one| one["signed_by"] = json!(certificate)));
    };
    let ruth = |agency, seed, by| person(agency, "Ruth Adeyemi", seed, by).certificate;
    let (school, police) = (&world.school.sign, &world.police.sign);
    put("bad-person-agency", "certificate", ruth(SCHOOL, 60, police));
    put("bad-person-other", "certificate", ruth(POLICE, 60, school));
    put("bad-person-key", "person", ruth(SCHOOL, 61, school));
    let ours = &world.person.certificate;
    let until = now() - 1.hours();
    let held = ours.verify(&SCHOOL.parse().expect("an id"), &world.school.public(), now()).expect("it holds");
    put("bad-person-late", "certificate", Certificate { until, ..held }.sign(school));
}

/// What a second person did not check as they must.
fn not_approved(world: &World, approved: &str, put: &mut Put<'_>) {
    let mut put = |name, document: String| put(name, "approval", document);
    put("bad-approval-content", approved.replacen("Oakes, aged 9", "Oakes, aged 8", 1));
    put("bad-approval-seal", approved.replacen("a5a5a5a5\",\n", "a5a5a5a6\",\n", 1));
    let mut put = |name, change: &dyn Fn(&mut Value)| {
        // All else stays as it was written: the two signed for those bytes.
        let mut bundle = read(approved);
        let mut approval = json!(bundle.approval);
        change(&mut approval);
        bundle.approval = serde_json::from_value(approval).expect("an approval");
        put(name, serde_json::to_string_pretty(&bundle).expect("JSON") + "\n");
    };
    put("bad-approval-same", &|one| one["checked_by"] = one["proposed_by"].clone());
    put("bad-approval-alone", &|one| {
        let text = one["approval"]["text"].as_str().expect("a text").to_owned();
        one["approval"]["signature"] = json!(world.person.key.sign(Namespace::Approval, text.as_bytes()));
    });
    let tom = |agency, seed, by| json!(person(agency, "Tom Iqbal", seed, by).certificate);
    put("bad-approval-key", &|one| one["checked_by"] = tom(SCHOOL, 63, &world.school.sign));
    put("bad-approval-agency", &|one| one["checked_by"] = tom(SCHOOL, 62, &world.police.sign));
}

fn event(state: &str, hour: u8) -> Value {
    json!({ "event_time": format!("2026-11-20T0{hour}:00:00Z"), "event_state": state, "entity": "Dana Oakes, mother",
        "event_type": "by telephone" })
}

/// The checkpoint of the golden bundle, cosigned in each way.
fn cosigned(world: &World, good: &str, put: &mut Put<'_>) {
    let mut put = |name, said, note: String| {
        put(name, said, saying(good, &|one| one["evidence"]["log"]["checkpoint"] = json!(note)));
    };
    let bundle: Value = serde_json::from_str(good).expect("JSON");
    let text = bundle["evidence"]["log"]["checkpoint"].as_str().expect("a note").to_owned();
    let note: SignedCheckpoint = text.parse().expect("a note");
    let claims = note.claims().expect("a checkpoint");
    let line = |by: &Cosigner, note: &SignedCheckpoint| {
        let log = (&claims.origin, &world.school.log.public());
        let (_, line) = by.cosign(note, log, None, &Growth::new(Vec::new()), now()).expect("it is signed");
        String::from(line) + "\n"
    };
    let police = |key: SigningKey| Cosigner::agency(&POLICE.parse().expect("an id"), key).expect("a name");
    let theirs = police(world.police.cosign.clone());
    let node = Cosigner::node(key(93)).expect("a name");
    let nobody = Cosigner::agency(&"southshire".parse().expect("an id"), key(97)).expect("a name");
    let other = Checkpoint { root: Digest::of(b"another"), ..claims.clone() };
    let other = other.sign(&world.school.log).expect("a name");
    put("cosigned", "since", [text.as_str(), &line(&node, &note), &line(&theirs, &note)].concat());
    put("cosigned-nobody", "too few", [text.as_str(), &line(&node, &note), &line(&nobody, &note)].concat());
    put(
        "cosigned-forged",
        "too few",
        [text.as_str(), &line(&node, &note), &line(&police(key(97)), &note)].concat(),
    );
    put(
        "bad-cosigned-other",
        "witnesses",
        [text.as_str(), &line(&node, &note), &line(&theirs, &other)].concat(),
    );
}

/// In a word, as the names and this table have it.
fn judged(world: &World, archive: &[u8], length: usize) -> String {
    let from = ArchiveReader::new(Pieces(archive, length));
    in_a_word(world, open_files(from, &world.directory, &mut KeepNothing))
}

fn in_a_word(world: &World, opened: Result<Opened, OpenRefused>) -> String {
    use OpenRefused::{Altered, Archive, Mismatch, Missing, Signature, Unlisted};
    let opened = match opened {
        Ok(opened) => opened,
        Err(Archive(_)) => return "archive".into(),
        Err(Missing { .. } | Unlisted { .. } | Altered { .. }) => return "files".into(),
        Err(Mismatch { field: "name of the folder" | "time of the files" }) => return "files".into(),
        Err(Signature(_)) => return "not signed".into(),
        Err(other) => return format!("{other:?}"),
    };
    match opened.verify(&world.directory, &POLICE.parse().expect("an id"), now()) {
        Ok(verified) if verified.proven().is_some_and(|proven| proven.since().is_some()) => "since".into(),
        Ok(_) => "too few".into(),
        Err(VerifyRefused::ForAnother { .. }) => "another's".into(),
        Err(VerifyRefused::Certificate(_)) => "certificate".into(),
        Err(VerifyRefused::Person(_)) => "person".into(),
        Err(VerifyRefused::Approval(_)) => "approval".into(),
        Err(VerifyRefused::Unproven(_)) => "witnesses".into(),
        Err(VerifyRefused::OutOfScope(each)) if each.len() == 1 => "consent".into(),
        Err(other) => format!("{other:?}"),
    }
}

/// `UPDATE=1` writes them.
#[test]
fn every_opened_bundle_is_judged_as_it_says_whole_and_in_pieces() {
    let (world, folder, made) = (World::hybrid(), vectors().join("opened"), made());
    if std::env::var_os("UPDATE").is_some() {
        std::fs::create_dir_all(&folder).expect("a folder");
        for (name, (_, bytes)) in &made {
            std::fs::write(folder.join(name), bytes).expect("a vector is written");
        }
    }
    let mut wrong = Vec::new();
    for (name, (said, bytes)) in &made {
        let there = std::fs::read(folder.join(name)).unwrap_or_default();
        assert!(there == *bytes, "{name}: if the format changed, run with UPDATE=1");
        for length in [usize::MAX, 511, 1] {
            let judged = judged(&world, &there, length);
            if judged != *said {
                wrong.push(format!("{name} by {length}: {judged}, and not {said}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(
        std::fs::read_dir(&folder).expect("the vectors").count(),
        made.len(),
        "a vector that nobody makes"
    );
}

/// Sealed, given to a node and collected from it: what it holds is judged as before.
#[tokio::test]
async fn every_opened_bundle_is_judged_the_same_behind_a_node() {
    let world = World::hybrid();
    let node = node(&world).await;
    let school = Courier::new(node.address.clone(), &world.school.link).expect("a key");
    let police = Courier::new(node.address.clone(), &world.police.link).expect("a key");
    let golden = read(&golden("bundle.json"));
    let made = made();
    for (nth, (name, (said, archive))) in (0_u8..).zip(&made) {
        let mut sealing = seal_to(&[world.police.seal.recipient()], Vec::new()).expect("it begins");
        sealing.write_all(archive).expect("memory takes it");
        let sealed = sealing.finish().expect("memory takes it");
        let gate = Gate {
            id: GateId::from_bytes([nth; 16]),
            from: SCHOOL.parse().expect("an id"),
            to: POLICE.parse().expect("an id"),
            valid_from: coarse(now()),
            valid_until: now() + 72.hours(),
            commitment: Digest::of(b"nobody asks"),
        };
        let envelope = Envelope {
            from: gate.from.clone(),
            to: gate.to.clone(),
            recipient_key: golden.recipient_key,
            seal_id: SealId::from_bytes([nth; 16]),
            gate: gate.id,
            ciphertext: Digest::of(&sealed),
            size: sealed.len() as u64,
            at: gate.valid_from,
        };
        let envelope = SignedEnvelope::new(&envelope, &world.school.sign);
        let gate = SignedGate::new(&gate, &world.school.sign);
        school.deposit(&envelope, &gate, Cursor::new(sealed), &|_, _| ()).await.expect("it is taken");
        let listed = police.list(0, &node.directory).await.expect("listed");
        let arrival =
            listed.arrivals.iter().find(|one| *one.signed_envelope() == envelope).expect("it waits");
        let (file, delivered) =
            (node.folder.path().join("file"), arrival.delivered(&world.police.link, now()));
        police
            .collect_to_file(arrival, &delivered, (&file, growing().0), &|_, _| ())
            .await
            .expect("collected");
        let file = std::fs::File::open(&file).expect("a file");
        let keys = std::slice::from_ref(&world.police.seal);
        let opened = open(keys, None, &world.directory, Measured::new(file), &mut KeepNothing);
        assert_eq!(in_a_word(&world, opened), *said, "{name}");
        std::fs::remove_file(node.folder.path().join("file")).expect("it was there");
    }
    node.handle.stop().await;
}

/// Whether a vector of this folder is taken or refused, as its name has it.
pub(super) fn holds(name: &str, bytes: &[u8]) -> Option<()> {
    let taken = ["since", "too few"].contains(&judged(&World::hybrid(), bytes, usize::MAX).as_str());
    (taken != name.starts_with("bad-")).then_some(())
}
