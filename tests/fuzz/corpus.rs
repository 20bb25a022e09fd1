//! What each decoder begins from.

use std::{fs, path::Path};

use kith_protocol::{
    bundle::{Fresh, Measured, Sealing},
    ids::{Digest, GateId, LogId, SealId},
    log::{Checkpoint, Origin, Restored},
    seal::open_with,
    sign::SigningKey,
};
use kith_tests::bundles::{World, now};
use serde_json::Value;

use super::seeds;
use crate::tidy::root;

/// What each decoder begins from: files of `tests/vectors`, texts within them, examples of the protocol.
pub(super) fn corpus(name: &str) -> Vec<Vec<u8>> {
    match name {
        "request" | "response" => files("wire", name).iter().map(|hex| from_hex(hex).split_off(4)).collect(),
        "bundle" => files("bundle", "bundle.json"),
        "age" => ["hybrid", "stanza", "stream", "x25519"].iter().flat_map(|kind| published(kind)).collect(),
        "archive" => files("archive", ""),
        "open" => [vec![a_whole_bundle()], files("opened", "cosigned.")].concat(),
        "fact" => files("fact", ""),
        "offer" => within("bundle", "/evidence/log"),
        "consent" => within("bundle", "/consent"),
        "certificate" => within("bundle", "/signed_by"),
        "supplement" => within("bundle", "/text"),
        "signatures" => within("bundle", "/signed_by/signature"),
        "keys" => ["sign", "seal"]
            .iter()
            .flat_map(|key| of_the_directory(&format!("/members/0/keys/{key}")))
            .collect(),
        "log-names" => {
            [within("log", "/log"), vec![b"kith/elm-park/07070707070707070707070707070707".to_vec()]].concat()
        }
        "approval" => within("signed", "/approval/approval/text"),
        "answer" => within("signed", "/plain"),
        "not-shared" => texts("not-shared"),
        "disposal" => texts("disposal"),
        "invitation" => files("invitation", ""),
        "withdrawal-letter" => files("letter", ""),
        "disposal-agreement" => texts("disposal").iter().filter_map(|text| agreed(text)).collect(),
        "log-restored" => vec![a_restored_log()],
        "agency-secrets" => vec![World::hybrid().school.to_text().as_bytes().to_vec()],
        "person-secrets" => vec![World::hybrid().person.to_text().as_bytes().to_vec()],
        "signed-directory" => vec![a_signed_directory()],
        name => of_the_log(name)
            .or_else(|| of_the_program(name))
            .or_else(|| seeds::of_the_disk(name))
            .unwrap_or_else(|| examples(name)),
    }
}

/// What the doors of logs and proofs begin from.
fn of_the_log(name: &str) -> Option<Vec<Vec<u8>>> {
    Some(match name {
        "disclosure" => within("evidence", "/disclosure"),
        "proof" => within("evidence", "/disclosure/proof"),
        "checkpoint" => within("log", "/note"),
        "path" => within("log", "/path"),
        "later" => within("log", "/later"),
        "growth" => within("log", "/growth"),
        "many" => within("log", "/hashes"),
        "logged" => within("papers", "/files/receipt-1-stored.tlog-proof"),
        "papers" => within("papers", "/files"),
        _ => return None,
    })
}

/// What the doors of the program itself begin from.
fn of_the_program(name: &str) -> Option<Vec<Vec<u8>>> {
    Some(match name {
        "people-file" => vec![
            "given,family,born,year,class\nJonah,O'Brien-Nguyễn,2017-03-08,5,Oak\n\"Ada\",\"Qu\"\"ill\",,,\n"
                .into(),
        ],
        "typed-time" => ["2026-01-09 0905", "yesterday 14:05", "mon", "9/1/2026 09:05", "about 3pm"]
            .map(|typed| typed.as_bytes().to_vec())
            .to_vec(),
        "casework-fact" => files("fact", "")
            .iter()
            .filter_map(|body| kith_protocol::fact::Body::parse(body).ok()?.to_value().ok())
            .map(|value| value["fact"].to_string().into_bytes())
            .collect(),
        "pdf" => ["page", "history", "packed", "linearized"].map(|name| files("attachments", name)).concat(),
        "office" => files("attachments", "letter"),
        "picture" => [files("attachments", "photo"), files("attachments", "scan")].concat(),
        "form-draft" => vec![br#"{"who":["Amina Khan",[]],"what":["It hurt.\nHe said so.",[]]}"#.to_vec()],
        _ => return None,
    })
}

/// What two people signed, of a certificate of disposal.
fn agreed(certificate: &[u8]) -> Option<Vec<u8>> {
    let certificate: Value = serde_json::from_slice(certificate).ok()?;
    Some(certificate.pointer("/agreed/agreement/text")?.as_str()?.as_bytes().to_vec())
}

fn a_restored_log() -> Vec<u8> {
    let origin =
        |log| Origin::of_node(&SigningKey::from_seed(&[1; 32]).public(), LogId::from_bytes([log; 16]));
    let left = Checkpoint { origin: origin(1), size: 41, root: Digest::of(b"root") };
    let said = Restored::new("northshire".into(), now(), left, origin(2), "the disk failed".into());
    said.to_text().expect("it fits").into_bytes()
}

fn a_signed_directory() -> Vec<u8> {
    let text = String::from_utf8(examples("directory").concat()).expect("text");
    serde_json::json!({ "text": text, "signature": "" }).to_string().into_bytes()
}

/// The files of the published vectors, without what stands above each.
pub(super) fn published(kind: &str) -> Vec<Vec<u8>> {
    let cut = |file: Vec<u8>| {
        let end = file.windows(2).position(|two| two == b"\n\n").map_or(0, |end| end + 2);
        file[end..].to_vec()
    };
    files("age", kind).into_iter().map(cut).collect()
}

pub(super) fn files(kind: &str, start: &str) -> Vec<Vec<u8>> {
    let mut paths: Vec<_> = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors").join(kind))
        .expect("vectors")
        .map(|file| file.expect("an entry").path())
        .filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(start)))
        .collect();
    paths.sort();
    paths.iter().map(|path| fs::read(path).expect("a vector")).collect()
}

/// What stands at a place in the JSON files of a folder: a text, or else JSON.
pub(super) fn within(kind: &str, place: &str) -> Vec<Vec<u8>> {
    let read = files(kind, "").into_iter().filter_map(|file| serde_json::from_slice::<Value>(&file).ok());
    let found = read.filter_map(|value| value.pointer(place).cloned());
    found.map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned).into_bytes()).collect()
}

/// The texts of the signed vectors whose file begins so.
pub(super) fn texts(start: &str) -> Vec<Vec<u8>> {
    let read =
        files("signed", start).into_iter().filter_map(|file| serde_json::from_slice::<Value>(&file).ok());
    read.filter_map(|case| Some(case.pointer("/document/text")?.as_str()?.as_bytes().to_vec())).collect()
}

/// The examples of the protocol that are of this kind.
fn examples(kind: &str) -> Vec<Vec<u8>> {
    let protocol = fs::read_to_string(root().join("docs/protocol.md")).expect("the protocol");
    let start = format!("{{\"kith\":\"{kind}/1\",");
    protocol.lines().filter(|line| line.starts_with(&start)).map(|line| line.as_bytes().to_vec()).collect()
}

fn of_the_directory(place: &str) -> Vec<Vec<u8>> {
    let read =
        examples("directory").into_iter().filter_map(|text| serde_json::from_slice::<Value>(&text).ok());
    let texts = read.filter_map(|value| Some(value.pointer(place)?.as_str()?.as_bytes().to_vec()));
    texts.collect()
}

/// A bundle as it stands inside its seal, the same each time.
pub(super) fn a_whole_bundle() -> Vec<u8> {
    let mut world = World::hybrid();
    let draft = world.draft();
    let cleared = world.clear(draft);
    let fresh = Fresh {
        seal_id: SealId::from_bytes([1; 16]),
        gate: GateId::from_bytes([2; 16]),
        gate_salt: Digest::from_bytes([3; 32]),
    };
    let (sealing, mut out) = (Sealing { fresh, ..world.sealing() }, Vec::new());
    let mut files = world.files.clone();
    cleared.seal(&sealing, &mut files, Measured::new(&mut out), &mut |_, _| {}).expect("it may leave");
    let mut plain = Vec::new();
    let opened = open_with(std::slice::from_ref(&world.police.seal), out.as_slice());
    std::io::copy(&mut opened.expect("it is theirs"), &mut plain).expect("it is whole");
    plain
}

fn from_hex(text: &[u8]) -> Vec<u8> {
    let digits: Vec<u8> =
        text.iter().filter_map(|c| (*c as char).to_digit(16)).map(|digit| digit as u8).collect();
    digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}
