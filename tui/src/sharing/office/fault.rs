//! Why a bundle does not count, and whose fault that is.

use std::{fs, io, path::Path};

use jiff::Zoned;
use kith_protocol::{
    bundle::{Measured, OpenRefused, SealedIn as _, Verified, VerifyRefused},
    directory::Directories,
    envelope::SignedEnvelope,
    ids::{AgencyId, Digest},
    receipt::{Receipt, ReceiptKind, fold},
    seal::OpenError,
};

use super::{OfficeError, Papers};
use crate::casework::command::{Fault, Refusal};

/// What is signed with a key that was replaced since is taken in only when a node says that it was there before: whoever
/// has the old key could date it back.
pub(super) fn in_time(
    verified: Verified,
    came_with: &Papers,
    directories: Directories<'_>,
    now: &Zoned,
) -> Result<Verified, OfficeError> {
    let Some(replaced) = verified.replaced() else { return Ok(verified) };
    let envelope =
        came_with.envelope.as_ref().and_then(|one| Some((one.id(), one.verify(directories).ok()?)));
    let proven = envelope.map(|(id, envelope)| {
        fold((id, &envelope), &came_with.receipts, directories, now.timestamp()).proven
    });
    let before = |receipt: &Receipt| receipt.kind == ReceiptKind::Stored && receipt.at < replaced;
    if proven.is_some_and(|proven| proven.iter().any(|(_, receipt)| before(receipt))) {
        return Ok(verified);
    }
    let why = format!(
        "the directory of {} replaced the key that signed it or dropped its sender, and no node had it before then",
        replaced.strftime("%-d %B %Y")
    );
    Err(OfficeError::Refused(Refusal::Bundle { why, fault: Fault::Sender, what: "since" }))
}

/// Whether an envelope that is to be believed names us. What is for another agency needs no key of ours, and no second
/// sending: it came to the wrong desk.
pub(in crate::sharing) fn for_us(
    envelope: Option<&SignedEnvelope>,
    directories: Directories<'_>,
    us: &AgencyId,
) -> Result<(), OfficeError> {
    // One that is not to be believed is told of where the file is opened.
    let Some(envelope) = envelope.and_then(|one| one.verify(directories).ok()) else { return Ok(()) };
    if envelope.to == *us {
        return Ok(());
    }
    let names = |id: &AgencyId| {
        let member = directories.each().find_map(|directory| directory.member(id));
        member.map_or_else(|| id.to_string(), |member| format!("{} ({id})", member.name))
    };
    let why = if envelope.from == *us {
        format!("its envelope says that we sent it: only {} can open it", names(&envelope.to))
    } else {
        format!(
            "its envelope says that it is for {}, not for us: it came to the wrong desk",
            names(&envelope.to)
        )
    };
    Err(OfficeError::Refused(Refusal::Bundle { why, fault: Fault::WrongDesk, what: "recipient" }))
}

/// As [`not_opened`], of a sealed file. Where the seal does not hold, the envelope tells whether what is here is what
/// was sent.
pub(in crate::sharing) fn not_unsealed(
    error: OpenRefused,
    here: impl FnOnce() -> Option<Digest>,
    envelope: Option<&SignedEnvelope>,
) -> OfficeError {
    let OpenRefused::Seal(seal @ (OpenError::WrongKey | OpenError::Damaged(_) | OpenError::NotAge)) = &error
    else {
        return not_opened(error);
    };
    let sent = envelope.and_then(|envelope| envelope.claims().ok()).map(|envelope| envelope.ciphertext);
    let here = here();
    let wrong_key = matches!(seal, OpenError::WrongKey);
    let (fault, more) = match sent.zip(here) {
        Some((sent, here)) if sent != here => {
            (Fault::OnTheWay, "; it is not the file that its envelope names: it was changed on the way")
        }
        Some(_) if wrong_key => (Fault::OtherKey, ", though its envelope says that it is for us"),
        Some(_) => (Fault::Sender, ""),
        None if wrong_key => (
            Fault::OtherKey,
            ": it is for another agency, or its header was changed on the way; its envelope would tell which",
        ),
        None => (Fault::OnTheWay, ""),
    };
    OfficeError::Refused(Refusal::Bundle { why: format!("{error}{more}"), fault, what: "seal" })
}

/// The digest of a file that is here, if it can be read to its end.
pub(in crate::sharing) fn on_disk(path: &Path) -> Option<Digest> {
    let mut file = Measured::new(fs::File::open(path).ok()?);
    io::copy(&mut file, &mut io::sink()).ok()?;
    file.measure().ok().map(|one| one.digest)
}

pub(in crate::sharing) fn not_opened(error: OpenRefused) -> OfficeError {
    let (fault, what) = match error {
        // A disk that is full says nothing about the file.
        OpenRefused::Sink(source) => return OfficeError::file("folder for the files")(source),
        OpenRefused::Read(_) => (Fault::OurProgram, "read"),
        OpenRefused::Seal(OpenError::WrongKey) => (Fault::OtherKey, "seal"),
        OpenRefused::Seal(OpenError::NewerFormat) => (Fault::OurProgram, "seal"),
        OpenRefused::Seal(OpenError::Damaged(_) | OpenError::NotAge) => (Fault::OnTheWay, "seal"),
        OpenRefused::Unreadable(_) => (Fault::OurProgram, "document"),
        OpenRefused::Signature(_) => (Fault::OurDirectory, "sender"),
        OpenRefused::Envelope(_) | OpenRefused::Mismatch { .. } => (Fault::OnTheWay, "envelope"),
        OpenRefused::Altered { .. } => (Fault::OnTheWay, "files"),
        OpenRefused::Unproven(_) => (Fault::Sender, "recorded"),
        OpenRefused::OtherTime { .. } => (Fault::Sender, "sender"),
        OpenRefused::Rule(_) => (Fault::Sender, "document"),
        OpenRefused::Seal(_) => (Fault::Sender, "seal"),
        OpenRefused::Archive(_)
        | OpenRefused::Missing { .. }
        | OpenRefused::Unlisted { .. }
        | OpenRefused::TooLong { .. } => (Fault::Sender, "files"),
    };
    OfficeError::Refused(Refusal::Bundle { why: error.to_string(), fault, what })
}

pub(in crate::sharing) fn not_verified(error: VerifyRefused) -> OfficeError {
    let (fault, what) = match &error {
        VerifyRefused::UnknownSender { .. } => (Fault::OurDirectory, "sender"),
        VerifyRefused::Certificate(_) => (Fault::OurDirectory, "person"),
        VerifyRefused::FromTheFuture { .. } => (Fault::AClock, "created"),
        VerifyRefused::Gate(_) | VerifyRefused::OtherGate => (Fault::OnTheWay, "gate"),
        VerifyRefused::ForAnother { .. } => (Fault::Sender, "recipient"),
        VerifyRefused::Person(_) => (Fault::Sender, "person"),
        VerifyRefused::Counts => (Fault::Sender, "withheld"),
        VerifyRefused::Unproven(_) => (Fault::Sender, "witnessed"),
        VerifyRefused::Forked(_) => (Fault::Sender, "witnesses"),
        VerifyRefused::Witnesses(_) | VerifyRefused::Later(_) => (Fault::Holder, "witnesses"),
        VerifyRefused::Approval(_) => (Fault::Sender, "second-person"),
        VerifyRefused::OutOfScope(_) => (Fault::Sender, "scope"),
    };
    OfficeError::Refused(Refusal::Bundle { why: error.to_string(), fault, what })
}
