//! `kith open` and `kith verify`: a sealed file that came by hand; also the certificate of a disposal.

use std::{io::Read as _, path::Path};

use kith_protocol::{disposal::SignedDisposal, envelope::SignedEnvelope};
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
        certificate,
        office::{OfficeError, envelope_path},
        unpack::Unpacked,
    },
    text,
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
    if let Some(signed) = certificate::read(file).map_err(Failure::from)? {
        return verify_disposal(desk, &signed, (file, shape));
    }
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

/// The certificate of a disposal: who signed, and for what.
fn verify_disposal(
    desk: &mut Desk,
    signed: &SignedDisposal,
    (file, shape): (&Path, Shape),
) -> Result<(), Failure> {
    let open = desk.open()?;
    let office = open.office(desk)?;
    let one = office.verify_disposal(signed).map_err(|error| not_verified(file, error))?;
    let (first, second) = (&one.proposed_by, &one.approved_by);
    if shape.json {
        let fields = json!({
            "verified": true, "agency": one.agency, "rule": one.rule, "tombstone": one.tombstone,
            "proposed_by": first.name, "proposed": first.on, "approved_by": second.name, "approved": second.on,
            "facts": one.facts.len(), "absent": one.absent.len(), "attachments": one.attachments,
            "kept": one.kept, "replayed": one.replayed,
        });
        return desk.console.json("verified-disposal/1", fields);
    }
    desk.console.field("From", &format!("{} ({})", one.agency_name, one.agency))?;
    desk.console.field("Rule", &format!("{}, by {}", one.rule_words, one.rule_source))?;
    let both = format!(
        "{}, {}, proposed exactly this on {}; {}, {}, approved it on {}. Both signed, and the agency.",
        first.name, first.role, first.on, second.name, second.role, second.on
    );
    desk.console.field("Checked", &both)?;
    let facts = text::count(one.facts.len() as u64, "fact", "facts");
    desk.console.field(
        "Destroyed",
        &format!("{facts} of the log; their leaves stay, with tombstone {}", one.tombstone),
    )?;
    desk.console.field("Not proven", "that no copy exists elsewhere")
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
    unpacked.map_err(|error| not_verified(file, error))
}

fn not_verified(file: &Path, error: OfficeError) -> Failure {
    match error {
        OfficeError::Refused(refusal) => {
            Failure::new(Exit::CheckFailed, format!("{}: {refusal}", file.display()))
        }
        other => other.into(),
    }
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
