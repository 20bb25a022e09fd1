//! Doors of files that lie on a disk, in a folder of their own as the program finds them, and of what a person gives it.

use std::{fs, path::Path};

use kith_exchange::node::{NodeFolder, renew};
use kith_protocol::{
    archive::ArchiveReader,
    bundle::{KeepNothing, open_files},
    directory::{KeptDirectories, SignedDirectory},
    seal::{Identity, OpenError, Passphrase, WorkFactor, lock_with_passphrase, unlock_with_passphrase},
    sign::SignatureSet,
};
use kith_tui::{
    casework::{
        category::Typed,
        ids::{CaseId, EntryId, FactId, PersonId},
        retention::FactList,
    },
    cli::{exit::Exit, given},
    sharing::{certificate, laid_out::verify_laid_out, plan::SpanId, supplements},
    store::{Casebook, RecoverySecret},
};
use serde::de::DeserializeOwned;

use super::Vectors;

/// What opens the slots of the vectors.
pub(crate) const PASSPHRASE: &str = "password";
/// Where a document ends and its signatures begin, in what is taken apart into a file and the one beside it.
const SIGNATURES: &[u8] = b"}-----BEGIN SSH SIGNATURE-----";

/// A folder that goes away again, with these files.
fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, bytes) in files {
        fs::write(folder.path().join(name), bytes).expect("a file is written");
    }
    folder
}

/// A key slot: more work than we do is refused before any is done.
pub(super) fn passphrase_slot(bytes: &[u8]) -> bool {
    let passphrase = Passphrase::from(PASSPHRASE);
    let opened = unlock_with_passphrase(&passphrase, bytes);
    if let Err(OpenError::TooMuchWork { asked, limit }) = opened {
        assert!(asked > limit && limit == WorkFactor::MOST.log2(), "{asked} is not too much");
    }
    let Ok(secret) = opened else { return false };
    assert!(secret.len() < bytes.len(), "more came out than went in");
    let again = lock_with_passphrase(&passphrase, &secret, WorkFactor::LEAST).expect("it can be locked");
    assert!(unlock_with_passphrase(&passphrase, &again).is_ok_and(|again| *again == *secret));
    true
}

/// `keys.json`, and the copy beside it: what says that it is whole is what opens it.
pub(super) fn key_slots(bytes: &[u8]) -> bool {
    let folder = folder(&[("keys.json", bytes), ("keys.copy.json", bytes), ("casebook.db", b"none")]);
    let outside = Casebook::from_outside(folder.path());
    let whole =
        outside.0.iter().filter(|(name, _)| name.ends_with(".json")).all(|(_, fault)| fault.is_none());
    let opened = Casebook::unlock(folder.path(), &Passphrase::from(PASSPHRASE)).map(drop);
    let told = opened.expect_err("there is no database").to_string();
    assert!(told.len() < 1_000, "{told}");
    assert_eq!(fs::read(folder.path().join("keys.json")).ok().as_deref(), Some(bytes), "it was written over");
    whole
}

/// What stands on the card, as typed or whole.
pub(super) fn recovery_card(bytes: &[u8]) -> bool {
    let Ok(text) = str::from_utf8(bytes) else { return false };
    let card = RecoverySecret::from_text(text);
    assert_eq!(RecoverySecret::from_text(card.text()).text(), card.text(), "it does not read the same again");
    let spread: String = text.chars().flat_map(|c| [c, ' ']).collect();
    assert_eq!(RecoverySecret::from_text(&spread).text(), card.text(), "blanks matter");
    card.text().parse::<Identity>().is_ok()
}

/// A form that a person or a script gives: what is wrong is said shortly, with the remedy, and not in the parser's words.
pub(super) fn form<T: DeserializeOwned>(bytes: &[u8]) -> bool {
    let Ok(text) = str::from_utf8(bytes) else { return false };
    let read = given::read::<T>(text, "standard input", "see --help");
    if let Err(failure) = &read {
        let told = &failure.message;
        assert!(failure.exit == Exit::Usage && told.ends_with("; see --help"), "{told}");
        assert!(told.len() < 4_000, "{} bytes of {} are told again", told.len(), text.len());
    }
    read.is_ok()
}

/// References as they are typed and as they stand in facts.
pub(super) fn references(bytes: &[u8]) -> bool {
    let Ok(text) = str::from_utf8(bytes) else { return false };
    let fact = text.parse::<FactId>();
    if let Ok(fact) = fact {
        assert_eq!(FactId::from_key(fact.key()), fact, "two references share a key");
        assert!(text.parse::<CaseId>().is_ok() && text.parse::<EntryId>().is_ok());
        assert!(text.parse::<PersonId>().is_ok());
    }
    let list = text.parse::<FactList>();
    if let Ok(list) = &list {
        assert_eq!(
            list.to_string().parse::<FactList>().as_ref(),
            Ok(list),
            "it does not read the same again"
        );
    }
    let span = SpanId::try_from(text.to_owned());
    if let Ok(span) = &span {
        let again = String::from(span.clone());
        assert_eq!(SpanId::try_from(again).as_ref(), Ok(span), "it does not read the same again");
    }
    fact.is_ok() | list.is_ok() | span.is_ok() | text.parse::<Typed>().is_ok()
}

/// A file, and the signatures that lie beside it if it has any.
fn beside(bytes: &[u8], name: &str) -> tempfile::TempDir {
    let at = bytes.windows(SIGNATURES.len()).position(|some| some == SIGNATURES);
    let (text, signatures) = at.map_or((bytes, &b""[..]), |at| bytes.split_at(at + 1));
    folder(&[(name, text), (&format!("{name}.sig"), signatures)])
}

/// A supplement in a file: sealed, as it travels, or its text with the signatures beside it.
pub(super) fn supplement_file(bytes: &[u8]) -> bool {
    let folder = beside(bytes, "supplement.json");
    let read = supplements::read(&folder.path().join("supplement.json"), &[]);
    if let Ok(signed) = &read {
        assert!(SignatureSet::from_text(signed.signature.as_str()).is_ok(), "a set that does not read");
    }
    read.is_ok_and(|signed| signed.claims().is_ok())
}

/// A certificate of disposal in a file, with the signatures beside it.
pub(super) fn disposal_file(bytes: &[u8]) -> bool {
    let folder = beside(bytes, "disposal.json");
    let Ok(Some(read)) = certificate::read(&folder.path().join("disposal.json")) else { return false };
    assert!(bytes.starts_with(read.text.as_bytes()), "another text than lies there");
    read.claims().is_ok()
}

/// The files of a bundle in a folder: whoever is shown them there says what whoever reads them one after the other says.
pub(super) fn laid_open(bytes: &[u8], Vectors { signed, directory, .. }: &Vectors) -> bool {
    let folder = tempfile::tempdir().expect("a folder");
    let mut archive = ArchiveReader::new(bytes);
    let mut top = None;
    while let Ok(Some(entry)) = archive.next_entry() {
        let path = folder.path().join(&entry.path);
        let inside = Path::new(&entry.path).components();
        assert!(inside.clone().all(|part| matches!(part, std::path::Component::Normal(_))), "{}", entry.path);
        top = top.or_else(|| Some(folder.path().join(inside.clone().next()?)));
        let made = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::File::create_new(path));
        // What stands in another's way is no folder of files.
        let Ok(mut file) = made else { return false };
        let mut piece = [0; 1000];
        while let Ok(read @ 1..) = archive.read_some(&mut piece) {
            std::io::Write::write_all(&mut file, &piece[..read]).expect("it is written");
        }
    }
    let Some(top) = top.filter(|top| top.is_dir()) else { return false };
    let kept = KeptDirectories::follow(std::slice::from_ref(signed)).expect("it holds");
    let now: jiff::Zoned = "2026-11-23T12:00:00Z[UTC]".parse().expect("a time");
    let shown = verify_laid_out(&top, &[], kept.all(), &now).is_ok();
    let read = open_files(ArchiveReader::new(bytes), directory, &mut KeepNothing);
    let read = read.is_ok_and(|opened| opened.verify_as_stranger(kept.all(), now.timestamp()).is_ok());
    assert!(!read || shown, "in its archive it is taken, and laid open not");
    shown
}

/// A node's own folder, one file of it changed.
fn node(settings: &[u8], secrets: &[u8]) -> (tempfile::TempDir, NodeFolder) {
    let folder = folder(&[("node.json", settings), ("secrets.json", secrets)]);
    let node = NodeFolder(folder.path().to_owned());
    (folder, node)
}

/// `node.json` of a node.
pub(crate) const NODE: &str = r#"{"name":"Northshire node","listen":"0.0.0.0:4433","addr":"node.example:4433","limits":{"bundle":4294967296,"keep_days":28}}"#;

/// `secrets.json` of a node.
pub(crate) fn seeds() -> String {
    let [link, sign, log, cosign] = ["01", "02", "03", "04"].map(|digits| digits.repeat(32));
    format!(r#"{{"link":"{link}","sign":"{sign}","log":"{log}","cosign":"{cosign}"}}"#)
}

pub(super) fn node_settings(bytes: &[u8]) -> bool {
    let (_folder, node) = node(bytes, seeds().as_bytes());
    node.address().is_ok()
}

pub(super) fn node_secrets(bytes: &[u8]) -> bool {
    let (_folder, node) = node(NODE.as_bytes(), bytes);
    let Ok(keys) = node.keys() else { return false };
    let address = node.address().expect("the settings are good");
    assert_eq!((address.link, address.cosign), (keys.link.public(), keys.cosign.public()));
    true
}

/// The partnership's key, by which a directory is renewed; nothing else renews it.
pub(super) fn partnership_key(bytes: &[u8], Vectors { signed, pinned, .. }: &Vectors) -> bool {
    let (folder, node) = node(NODE.as_bytes(), seeds().as_bytes());
    let put = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).expect("it is written");
    put("directory.json", &serde_json::to_vec(signed).expect("JSON"));
    put("pinned.json", &serde_json::to_vec(pinned).expect("JSON"));
    put("partnership.key", bytes);
    let now = "2026-11-23T12:00:00Z".parse().expect("a time");
    let renewed = renew(&node, &[folder.path().join("partnership.key")], now).is_ok();
    let after = fs::read(folder.path().join("directory.json")).expect("a directory");
    let after: SignedDirectory = serde_json::from_slice(&after).expect("it reads");
    assert_eq!(after.text != signed.text, renewed, "a directory changed without its key");
    renewed
}
