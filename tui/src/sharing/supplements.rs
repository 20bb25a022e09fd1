//! Files of supplements: sealed or opened, read from a disk, and written out as they were signed.

use std::{
    ffi::OsString,
    fs::{self, File},
    io::{self, Read, Seek as _},
    path::{Path, PathBuf},
};

use kith_protocol::{
    bundle::Bundle,
    directory::Directories,
    ids::AgencyId,
    seal::{Identity, OpenError, open_with},
    sign::{Namespace, SignatureSet},
    signed::DocumentError,
    supplement::{MAX_SUPPLEMENT, Misfit, SignedSupplement},
};

use super::office::OfficeError;
use crate::{
    casework::{
        command::{Fault, Refusal},
        fact::SignedText,
        ids::ReceivedId,
    },
    store::{Casebook, StoreError},
};

/// Room for the signatures and the seal around a supplement, in bytes.
const AROUND: u64 = 64 * 1024;
const LIMIT: u64 = MAX_SUPPLEMENT as u64 + AROUND;
/// How the signed text of one begins.
const BEGINS: &[u8] = b"{\"kith\":\"supplement/";
/// As much of a file as tells what it is: the first block of an archive.
const BEGINNING: usize = 512;

fn bad(why: impl ToString, fault: Fault) -> OfficeError {
    OfficeError::Refused(Refusal::Bundle { why: why.to_string(), fault, what: "supplement" })
}

/// A supplement, sealed to one of `keys` or opened: as it travels, or the signed text with its signatures beside it.
///
/// # Errors
/// It cannot be read, is none, or is cut off, and whose fault that is; nothing is believed of it yet.
pub fn read(path: &Path, keys: &[Identity]) -> Result<SignedSupplement, OfficeError> {
    let failed = || OfficeError::file("supplement");
    let mut file = File::open(path).map_err(failed())?;
    let mut first = [0];
    let opened = file.read(&mut first).is_ok_and(|n| n == 1) && first == *b"{";
    file.rewind().map_err(failed())?;
    // What lies open can be cut off or changed without a key; in a seal it is as whoever sealed it made it.
    let whose = if opened { Fault::OnTheWay } else { Fault::Sender };
    let does_not_read = || bad("the supplement does not read, it may be cut off: ask for it again", whose);
    let mut text = Vec::new();
    if opened {
        file.take(LIMIT).read_to_end(&mut text).map_err(failed())?;
    } else {
        let unsealed = open_with(keys, file).map_err(|error| match error {
            OpenError::WrongKey if keys.is_empty() => bad(
                "the supplement is still sealed, and here is no key to it: its recipient takes it in, and `kith inbox export` writes it out opened",
                Fault::WhatWasNamed,
            ),
            OpenError::WrongKey => bad(error, Fault::OtherKey),
            error => bad(error, Fault::OnTheWay),
        })?;
        unsealed.take(LIMIT).read_to_end(&mut text).map_err(|error| bad(error, Fault::OnTheWay))?;
    }
    if let Some(kind) = kind_of(&text).filter(|kind| kind != "supplement") {
        return Err(bad(format!("this is a file of kind `{kind}`, and no supplement"), Fault::WhatWasNamed));
    }
    if !text.starts_with(BEGINS) {
        return serde_json::from_slice(&text).map_err(|_| does_not_read());
    }
    let mut signatures = String::new();
    File::open(signature_of(path))
        .and_then(|file| file.take(AROUND).read_to_string(&mut signatures))
        .map_err(OfficeError::file("supplement's signature, which must lie beside it"))?;
    let signatures = SignatureSet::from_text(&signatures).map_err(|_| does_not_read())?;
    let text = String::from_utf8(text).map_err(|_| does_not_read())?;
    Ok(SignedSupplement::from_parts(text, signatures))
}

/// What a file says that it is, by how it begins: an archive is a bundle, and a document names its kind.
fn kind_of(text: &[u8]) -> Option<String> {
    if text.get(257..262) == Some(b"ustar") {
        return Some("bundle".to_owned());
    }
    let beginning = text.get(..text.len().min(BEGINNING)).unwrap_or_default();
    let passed_over = |byte: &u8| byte.is_ascii_whitespace() || *byte == b'\\';
    let beginning: Vec<u8> = beginning.iter().copied().filter(|byte| !passed_over(byte)).collect();
    let beginning = String::from_utf8_lossy(&beginning);
    let signed = beginning.strip_prefix(r#"{"text":""#).unwrap_or(&beginning);
    let (kind, _) = signed.strip_prefix(r#"{"kith":""#)?.split_once('/')?;
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte == b'-';
    kind.bytes().all(plain).then(|| kind.to_owned())
}

/// What is said of a file that was named as a sealed bundle and is something else.
pub(super) fn another_kind(path: &Path, keys: &[Identity]) -> Option<OfficeError> {
    let mut beginning = Vec::new();
    File::open(path).and_then(|file| file.take(BEGINNING as u64).read_to_end(&mut beginning)).ok()?;
    if let Some(mut unsealed) = File::open(path).ok().and_then(|file| open_with(keys, file).ok()) {
        beginning = vec![0; BEGINNING];
        let read = unsealed.read(&mut beginning).ok()?;
        beginning.truncate(read);
    }
    let sealed_bundle = beginning.get(257..262) == Some(b"ustar");
    let kind = kind_of(&beginning).filter(|_| !sealed_bundle)?;
    let instead = match kind.as_str() {
        "supplement" => "name the bundle that it is to, and this with --with or `kith inbox supplement`",
        "bundle" => "name the folder in which it lies",
        _ => "name the sealed file",
    };
    let why = format!("this is a file of kind `{kind}`, and no sealed bundle: {instead}");
    Some(OfficeError::Refused(Refusal::Bundle { why, fault: Fault::WhatWasNamed, what: "kind" }))
}

/// What is said of one among several of which none releases more than the others.
pub(super) fn released_twice() -> OfficeError {
    bad(
        "the supplements named together release the same words: each must release something more",
        Fault::WhatWasNamed,
    )
}

/// What is said of one that is not to `bundle`, or not to be believed. `here` is the bundle that it is to.
pub(super) fn does_not_fit(
    error: &Misfit,
    signed: &SignedSupplement,
    (bundle, directories): (&Bundle, Directories<'_>),
    here: Option<ReceivedId>,
) -> OfficeError {
    match error {
        Misfit::Other { .. } => {
            let claimed = signed.claims().ok().filter(|claimed| claimed.seal_id != bundle.seal_id);
            // Who names the very bundle, and is not its sender or names another recipient, made it so.
            let Some(claimed) = claimed else { return bad(error, Fault::Sender) };
            let here = here.map(|id| format!(", here {id}")).unwrap_or_default();
            let why = format!(
                "the supplement is signed and whole, and is to another bundle: that of {} to {} with the seal id {}{here}. The bundle named has {}",
                claimed.from, claimed.to, claimed.seal_id, bundle.seal_id
            );
            bad(why, Fault::WhatWasNamed)
        }
        Misfit::Document(DocumentError::UnknownAgency(_)) => bad(error, Fault::OurDirectory),
        Misfit::Document(DocumentError::FromTheFuture) => bad(error, Fault::AClock),
        // Bytes that nobody signed came from somewhere else than from whoever could sign them.
        Misfit::Document(DocumentError::Signature(_)) => bad(error, Fault::OnTheWay),
        Misfit::Document(DocumentError::Text(_)) if !signed_by(signed, &bundle.from.id, directories) => {
            bad(format!("{error}: it was cut off or changed since it was signed"), Fault::OnTheWay)
        }
        _ => bad(error, Fault::Sender),
    }
}

/// Whether the agency signed the text as it is here, by any key that it was ever listed with.
fn signed_by(signed: &SignedSupplement, agency: &AgencyId, directories: Directories<'_>) -> bool {
    let bytes = signed.text.as_bytes();
    directories
        .each()
        .filter_map(|directory| directory.member(agency))
        .any(|member| member.keys.sign.verify(Namespace::Supplement, bytes, &signed.signature).is_ok())
}

/// The bundle in a casebook that a supplement is to.
pub(super) fn bundle_here(
    book: &Casebook,
    signed: &SignedSupplement,
) -> Result<Option<ReceivedId>, StoreError> {
    signed.claims().map_or(Ok(None), |claimed| book.received_of_seal(claimed.seal_id))
}

/// Writes supplements into `folder`, oldest first, byte for byte as they were signed: each a text and, beside it, its
/// signatures, as `ssh-keygen -Y verify` takes them.
pub(super) fn write_out(folder: &Path, supplements: &[SignedText]) -> io::Result<()> {
    for (one, name) in supplements.iter().zip(names(folder)) {
        fs::write(signature_of(&name), &one.signature)?;
        fs::write(name, &one.text)?;
    }
    Ok(())
}

/// The names that they have in `folder`, in order.
pub(super) fn names(folder: &Path) -> impl Iterator<Item = PathBuf> {
    (1..).map(|number| folder.join(format!("supplement-{number}.json")))
}

/// The folder of supplements beside the one of a bundle's own files, where nothing else may lie.
pub(super) fn folder_beside(out: &Path) -> PathBuf {
    let mut name = out.file_name().unwrap_or_default().to_owned();
    name.push("-supplements");
    out.with_file_name(name)
}

fn signature_of(path: &Path) -> OsString {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".sig");
    beside
}
