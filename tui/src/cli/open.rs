//! `kith open` and `kith verify`: a sealed file that came by hand.

use std::{io::Read as _, path::Path};

use kith_protocol::envelope::SignedEnvelope;
use serde_json::{Value, json};

use super::{
    args::Shape,
    desk::Desk,
    exit::Exit,
    failure::{Failure, open_file},
};
use crate::{
    exports,
    sharing::{
        office::{OfficeError, envelope_path},
        unpack::Unpacked,
    },
};

/// Longest envelope that is read, in bytes.
const MAX_ENVELOPE: u64 = 64 * 1024;

pub(super) fn open(
    desk: &mut Desk,
    file: &Path,
    envelope: Option<&Path>,
    (out, with): (Option<&Path>, Option<&Path>),
    shape: Shape,
) -> Result<(), Failure> {
    let unpacked = unpack(desk, file, envelope, (out, with))?;
    if shape.json {
        let document: Value =
            serde_json::from_str(&unpacked.document).map_err(|_| super::desk::off_topic())?;
        let fields = json!({
            "from": unpacked.from, "from_name": unpacked.from_name, "signed_by": unpacked.signed_by,
            "checks": unpacked.checks, "out": out, "document": document, "released": unpacked.released,
        });
        return desk.console.json("opened/1", fields);
    }
    tell(desk, &unpacked)?;
    desk.console.line("")?;
    unpacked.lines.iter().chain(&unpacked.released).try_for_each(|line| desk.console.text(0, line))?;
    if let Some(out) = out {
        desk.console.say(&format!(
            "Its files are in {}; anyone can check them there with sha256sum and ssh-keygen.",
            out.display()
        ))?;
    }
    Ok(())
}

/// The same as a FHIR R4 document, for a health system to take in.
pub(super) fn fhir(desk: &mut Desk, file: &Path, envelope: Option<&Path>) -> Result<(), Failure> {
    let unpacked = unpack(desk, file, envelope, (None, None))?;
    let bundle = serde_json::from_str(&unpacked.document).map_err(|_| super::desk::off_topic())?;
    let document = exports::document(&bundle, &unpacked.document, desk.now.timestamp());
    desk.console.raw(format!("{document}\n").as_bytes())
}

pub(super) fn verify(
    desk: &mut Desk,
    file: &Path,
    (envelope, with): (Option<&Path>, Option<&Path>),
    shape: Shape,
) -> Result<(), Failure> {
    let unpacked = unpack(desk, file, envelope, (None, with))?;
    if shape.json {
        let proven = unpacked.proven.as_ref().map(|proven| {
            json!({
                "log": proven.origin, "size": proven.size, "facts": proven.facts,
                "witnessed_since": proven.since(), "witnesses": proven.witnesses(),
            })
        });
        let fields = json!({
            "verified": true, "from": unpacked.from, "from_name": unpacked.from_name,
            "signed_by": unpacked.signed_by, "checks": unpacked.checks, "results": unpacked.results,
            "proven": proven, "released": unpacked.released,
        });
        return desk.console.json("verified/1", fields);
    }
    tell(desk, &unpacked)?;
    unpacked.released.iter().try_for_each(|line| desk.console.text(0, line))
}

fn tell(desk: &mut Desk, unpacked: &Unpacked) -> Result<(), Failure> {
    desk.console.field("From", &format!("{} ({})", unpacked.from_name, unpacked.from))?;
    desk.console.field("Signed by", &unpacked.signed_by)?;
    unpacked.checks.iter().try_for_each(|check| desk.console.field("Checked", check))
}

fn unpack(
    desk: &mut Desk,
    file: &Path,
    envelope: Option<&Path>,
    (out, with): (Option<&Path>, Option<&Path>),
) -> Result<Unpacked, Failure> {
    // Said before anybody is asked for a passphrase.
    for path in std::iter::once(file).chain(with) {
        open_file(path)?;
    }
    let envelope = match envelope {
        Some(path) => Some(read_envelope(path)?),
        None => Some(envelope_path(file))
            .filter(|path| path.exists())
            .map(|path| read_envelope(&path))
            .transpose()?,
    };
    let open = desk.open()?;
    let office = open.enrolled_office(desk)?;
    let unpacked = office.unpack(file, envelope.as_ref(), (out, with), &desk.now);
    unpacked.map_err(|error| match error {
        OfficeError::Refused(refusal) => {
            Failure::new(Exit::CheckFailed, format!("{}: {refusal}", file.display()))
        }
        other => other.into(),
    })
}

fn read_envelope(path: &Path) -> Result<SignedEnvelope, Failure> {
    let mut text = Vec::new();
    let file = open_file(path)?;
    file.take(MAX_ENVELOPE).read_to_end(&mut text).map_err(Failure::file(path))?;
    serde_json::from_slice(&text).map_err(|error| {
        Failure::new(
            Exit::CheckFailed,
            format!("{}: not an envelope ({error}); ask the sender for it again", path.display()),
        )
    })
}
