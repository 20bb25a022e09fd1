//! `kith open` and `kith verify`: a sealed file that came by hand; also the certificate of a disposal.

use std::{
    io::Read as _,
    path::{Path, PathBuf},
};

use kith_protocol::{
    bundle::{NOT_PROVEN, Proven},
    directory::KeptDirectories,
    disposal::SignedDisposal,
    envelope::SignedEnvelope,
    log::{Cosigned, WITNESSES, Witnessed},
};
use serde_json::{Value, json};

use super::{
    args::Shape,
    desk::Desk,
    directory,
    exit::Exit,
    failure::{Failure, open_file},
    papers,
};
use crate::{
    casework::command::Refusal,
    exports,
    sharing::{
        certificate,
        laid_out::verify_laid_out,
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
    (out, with): (Option<&Path>, &[PathBuf]),
    shape: Shape,
) -> Result<(), Failure> {
    open_file(file)?;
    let unpacked = unpack(desk, file, envelope, (out, with));
    let unpacked = unpacked.or_else(|error| fail(desk, file, error, ("opened", shape)))?;
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
    open_file(file)?;
    let unpacked = unpack(desk, file, envelope, (None, &[]));
    let unpacked = unpacked.or_else(|error| fail(desk, file, error, ("opened", Shape::default())))?;
    let bundle = serde_json::from_str(&unpacked.document).map_err(|_| super::desk::off_topic())?;
    let document = exports::document(&bundle, &unpacked.document, desk.now.timestamp());
    desk.console.raw(format!("{document}\n").as_bytes())
}

pub(super) fn verify(
    desk: &mut Desk,
    (file, directories): (&Path, &[PathBuf]),
    (envelope, with): (Option<&Path>, &[PathBuf]),
    shape: Shape,
) -> Result<(), Failure> {
    // Said by its name, before anything is made of it.
    if !file.is_dir() {
        open_file(file)?;
    }
    let trusted =
        (!directories.is_empty()).then(|| directory::read(directories, desk.now.timestamp())).transpose()?;
    if papers::verify(desk, file, (trusted.as_ref(), with), shape)? {
        return Ok(());
    }
    if let Some(signed) = certificate::read(file).map_err(Failure::from)? {
        return verify_disposal(desk, (&signed, trusted.as_ref()), (file, shape));
    }
    let unpacked = match &trusted {
        Some(kept) => as_stranger(desk, file, (kept, with), shape),
        None => unpack(desk, file, envelope, (None, with)),
    };
    let unpacked = unpacked.or_else(|error| fail(desk, file, error, ("verified", shape)))?;
    if shape.json {
        let partnership = trusted.as_ref().map(|kept| {
            json!({ "name": kept.all().newest().partnership, "words": kept.words(), "compared": false })
        });
        let proven = unpacked.proven.as_ref().map(|proven| {
            json!({
                "log": proven.origin, "size": proven.size, "facts": proven.facts,
                "witnessed": proven.since().is_some(), "witnessed_since": proven.since(),
                "witnesses": proven.witnesses(), "witnesses_asked": WITNESSES, "cosigned": cosigned(proven),
                "records": no_later(proven),
            })
        });
        let fields = json!({
            "verified": true, "from": unpacked.from, "from_name": unpacked.from_name,
            "signed_by": unpacked.signed_by, "checks": unpacked.checks, "results": unpacked.results,
            "proven": proven, "not_proven": not_proven(), "withheld": unpacked.withheld,
            "released": unpacked.released, "released_words": unpacked.released_words, "partnership": partnership,
        });
        return desk.console.json("verified/1", fields);
    }
    tell(desk, &unpacked)?;
    unpacked.released.iter().try_for_each(|line| desk.console.text(0, line))
}

/// What no proof shows, by its code and in words.
fn not_proven() -> Vec<Value> {
    NOT_PROVEN.iter().map(|(code, words)| json!({ "code": code, "words": words })).collect()
}

/// Who else signed the log as it stood, the earliest first.
fn cosigned(proven: &Proven) -> Vec<Value> {
    let by = proven.witnessed.iter().flat_map(|witnessed| &witnessed.by);
    by.map(by_whom).collect()
}

fn by_whom(one: &Cosigned) -> Value {
    json!({ "name": one.name, "own": one.own, "at": one.at })
}

/// By when each record was recorded, as others know it; null where they do not.
fn no_later(proven: &Proven) -> Vec<Value> {
    let each = proven.records.iter().zip(&proven.facts);
    each.map(|(record, fact)| json!({ "record": record, "fact": fact, "no_later_than": proven.since() }))
        .collect()
}

/// The certificate of a disposal: who signed, and for what.
fn verify_disposal(
    desk: &mut Desk,
    (signed, trusted): (&SignedDisposal, Option<&KeptDirectories>),
    (file, shape): (&Path, Shape),
) -> Result<(), Failure> {
    let held = if let Some(kept) = trusted {
        rests_on(desk, kept, shape)?;
        certificate::verify_as_stranger(signed, kept.all(), &desk.now)
    } else {
        let open = desk.open()?;
        open.office(desk)?.verify_disposal(signed, &desk.now)
    };
    let (one, witnessed) =
        held.or_else(|error| fail(desk, file, Stopped::Office(error), ("verified", shape)))?;
    let (first, second) = (&one.proposed_by, &one.approved_by);
    if shape.json {
        let fields = json!({
            "verified": true, "agency": one.agency, "rule": one.rule, "tombstone": one.tombstone.fact,
            "proposed_by": first.name, "proposed": first.on, "approved_by": second.name, "approved": second.on,
            "facts": one.facts.len(), "absent": one.absent.len(), "attachments": one.attachments,
            "kept": one.kept, "replayed": one.replayed,
            "witnessed_since": witnessed.as_ref().and_then(|found| found.standing().since()),
            "cosigned": witnessed.iter().flat_map(|found| &found.by).map(by_whom).collect::<Vec<_>>(),
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
        &format!(
            "{facts} of the log; their leaves stay, with tombstone {}, which is shown and names just these",
            one.tombstone.fact
        ),
    )?;
    desk.console.field("Log", &log_words(witnessed.as_ref()))?;
    desk.console.field("Not proven", "that no copy exists elsewhere")
}

/// On whose word it rests that the log has what a certificate shows of it.
fn log_words(witnessed: Option<&Witnessed>) -> String {
    match witnessed {
        Some(found) if found.standing().since().is_some() => found.to_string(),
        Some(found) if found.by.iter().any(|one| !one.own) => {
            format!("{found}; otherwise the agency's word alone")
        }
        _ => "the agency's word alone: no other agency has cosigned it".to_owned(),
    }
}

fn tell(desk: &mut Desk, unpacked: &Unpacked) -> Result<(), Failure> {
    desk.console.field("From", &format!("{} ({})", unpacked.from_name, unpacked.from))?;
    desk.console.field("Signed by", &unpacked.signed_by)?;
    unpacked.checks.iter().try_for_each(|check| desk.console.field("Checked", check))
}

/// By directories that were given with it, without a casebook. On whose word they rest is said before anything else.
fn as_stranger(
    desk: &mut Desk,
    folder: &Path,
    (kept, with): (&KeptDirectories, &[PathBuf]),
    shape: Shape,
) -> Result<Unpacked, Stopped> {
    if !folder.is_dir() {
        return Err(Stopped::Other(Failure::usage(format!(
            "{}: without a casebook only opened files can be verified: name the folder that `kith inbox export`, `kith open --out` or `age -d` with `tar -x` made",
            folder.display()
        ))));
    }
    with.iter().try_for_each(|path| open_file(path).map(drop))?;
    rests_on(desk, kept, shape)?;
    verify_laid_out(folder, with, kept.all(), &desk.now).map_err(Stopped::Office)
}

/// On whose word all rests that is verified without a casebook.
pub(super) fn rests_on(desk: &mut Desk, kept: &KeptDirectories, shape: Shape) -> Result<(), Failure> {
    if !shape.json {
        let directory = kept.all().newest();
        desk.console.field("Partnership", &directory.partnership)?;
        desk.console.field("Its words", &kept.words().join(" "))?;
        desk.console.field(
            "Compare them",
            "All below rests on them. Ring an agency of the partnership on a number that did not come with the files: it reads these words from `kith directory list`. Other words: believe nothing below.",
        )?;
        desk.console.line("")?;
    }
    Ok(())
}

/// Why there is nothing to tell of what was given.
pub(super) enum Stopped {
    /// It does not hold, or could not be read.
    Office(OfficeError),
    Other(Failure),
}

impl<E: Into<Failure>> From<E> for Stopped {
    fn from(error: E) -> Self {
        Self::Other(error.into())
    }
}

/// Says whose fault it is, for people and for programs: of the file, or of a supplement to it.
pub(super) fn fail<T>(
    desk: &mut Desk,
    file: &Path,
    stopped: Stopped,
    (kind, shape): (&str, Shape),
) -> Result<T, Failure> {
    let (file, refusal) = match stopped {
        Stopped::Office(OfficeError::Refused(refusal)) => (file.to_owned(), refusal),
        Stopped::Office(OfficeError::Supplement { path, refusal }) => (path, refusal),
        Stopped::Office(other) => return Err(other.into()),
        Stopped::Other(failure) => return Err(failure),
    };
    let Refusal::Bundle { why, fault, what } = &refusal else {
        return Err(Failure::new(Exit::CheckFailed, format!("{}: {refusal}", file.display())));
    };
    let (whose, remedy) = text::fault(*fault);
    if shape.json {
        let fields =
            json!({ kind: false, "file": file, "fault": fault, "what": what, "why": why, "remedy": remedy });
        desk.console.json(&format!("{kind}/1"), fields)?;
    }
    let message = format!("{}: {why}. The fault is {whose}. {remedy}", file.display());
    Err(Failure::new(Exit::CheckFailed, message))
}

fn unpack(
    desk: &mut Desk,
    file: &Path,
    envelope: Option<&Path>,
    (out, with): (Option<&Path>, &[PathBuf]),
) -> Result<Unpacked, Stopped> {
    // Said before anybody is asked for a passphrase.
    for path in Some(file).filter(|file| !file.is_dir()).into_iter().chain(with.iter().map(PathBuf::as_path))
    {
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
    let office = if file.is_dir() { open.office(desk)? } else { open.enrolled_office(desk)? };
    office.unpack(file, envelope.as_ref(), (out, with), &desk.now).map_err(Stopped::Office)
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
