//! What comes of a case of `tests/vectors/signed`, by the doors that the program itself uses.

use kith_protocol::{
    answer::{Answer, AnswerError},
    approval::{ApprovalError, SignedApproval},
    bundle::Bundle,
    consent::SignedNotShared,
    directory::{Directory, DirectoryError, Pinned, SignedDirectory},
    disposal::{DisposalError, SignedDisposal},
    document::BadDocument,
    enrolment::SignedEnrolment,
    envelope::{Envelope, SignedEnvelope},
    gate::{GateRefusal, SignedGate, SignedWithdrawal},
    ids::{AgencyId, BundleId, Digest},
    keys::{CertificateError, SignedCertificate},
    log::{Policy, SignedCheckpoint, Witness},
    receipt::SignedReceipt,
    sign::SignatureSet,
    signed::{Document, DocumentError, Signed},
    supplement::{Misfit, SignedSupplement},
};
use kith_tests::bundles::POLICE;
use serde::{Deserialize as _, de::DeserializeOwned};
use serde_json::Value;

fn field<T: DeserializeOwned>(case: &Value, name: &str) -> T {
    serde_json::from_value(case[name].clone()).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// In the words of `expect`.
pub(super) fn judge(case: &Value, directory: &Directory) -> String {
    let words = judged(case, directory);
    words.map_or_else(str::to_owned, str::to_owned)
}

fn judged(case: &Value, directory: &Directory) -> Result<&'static str, &'static str> {
    let (at, one) = (field(case, "at"), &case["document"]);
    if !one.is_null() && Signed::<Envelope>::deserialize(one).is_err() {
        return Err("unreadable");
    }
    let keys = |id: &AgencyId| directory.member(id).map(|member| &member.keys).ok_or("unknown");
    match case["check"].as_str() {
        Some("directory") => {
            let signed: SignedDirectory = field(case, "document");
            let pinned: Pinned = field(case, "pinned");
            signed.verify(&pinned, at).map_err(|error| of_directory(&error))?;
        }
        Some("enrolment") => {
            let signed: SignedEnrolment = field(case, "document");
            signed.verify().map_err(|error| of_document(&error))?;
        }
        Some("certificate") => {
            let (signed, agency): (SignedCertificate, AgencyId) =
                (field(case, "document"), field(case, "agency"));
            signed.verify(&agency, keys(&agency)?, at).map_err(|error| of_certificate(&error))?;
        }
        Some("envelope") => {
            let signed: SignedEnvelope = field(case, "document");
            signed.verify(directory).map_err(|error| of_document(&error))?;
        }
        Some("gate") => gate(case, directory)?,
        Some("withdrawal") => {
            let signed: SignedWithdrawal = field(case, "document");
            signed.verify(directory).map_err(|error| of_document(&error))?;
        }
        Some("receipt") => {
            let signed: SignedReceipt = field(case, "document");
            signed.verify(directory, at).map_err(|error| of_document(&error))?;
        }
        Some("answer") => return answer(case, directory),
        Some("approval") => {
            let (signed, agency): (SignedApproval, AgencyId) =
                (field(case, "approval"), field(case, "agency"));
            let approved =
                signed.verify((&agency, keys(&agency)?), at).map_err(|error| of_approval(&error))?;
            let content: String = field(case, "content");
            approved.fits(&field(case, "to"), &content).map_err(|error| of_approval(&error))?;
        }
        Some("not-shared") => {
            let signed: SignedNotShared = field(case, "document");
            signed.verify(directory).map_err(|error| of_document(&error))?;
        }
        Some("disposal") => return disposal(case, directory),
        Some("supplement") => supplement(case, directory)?,
        check => panic!("a question nobody asks: {check:?} {one}"),
    }
    Ok("ok")
}

fn gate(case: &Value, directory: &Directory) -> Result<(), &'static str> {
    let signed: SignedGate = field(case, "document");
    let gate = signed.verify(directory).map_err(|error| of_document(&error))?;
    let envelope = SignedEnvelope::from_parts(field(case, "envelope"), nobody());
    let envelope = envelope.claims().map_err(|error| of_document(&error))?;
    gate.admits(&envelope, field(case, "at")).map_err(|refusal| match refusal {
        GateRefusal::ForAnother => "other",
        GateRefusal::NotYet => "early",
        GateRefusal::Expired => "late",
    })
}

fn supplement(case: &Value, directory: &Directory) -> Result<(), &'static str> {
    let golden = std::fs::read(super::vectors().join("bundle/bundle.json")).expect("a vector");
    let bundle: Bundle = serde_json::from_slice(&golden).expect("a bundle");
    let signed: SignedSupplement = field(case, "document");
    let fitted = signed.fit(&bundle, directory, field(case, "at"));
    fitted.map(drop).map_err(|misfit| match misfit {
        Misfit::Document(error) => of_document(&error),
        Misfit::Other { .. } | Misfit::NoRecord(_) => "other",
        Misfit::Proof(_) => "other words",
        Misfit::Nothing | Misfit::Bundle(_) => "nothing",
    })
}

fn disposal(case: &Value, directory: &Directory) -> Result<&'static str, &'static str> {
    let signed: SignedDisposal = field(case, "document");
    let agency = signed.claims().map_err(|error| of_document(&error))?.agency;
    let keys = &directory.member(&agency).ok_or("unknown")?.keys;
    let disposal = signed.verify((&agency, keys)).map_err(|error| match error {
        DisposalError::Document(error) => of_document(&error),
        DisposalError::Certificate(_) => "certificate",
        DisposalError::SamePerson => "same person",
        DisposalError::OtherPeople => "other people",
        DisposalError::OtherFacts => "other",
        DisposalError::Tombstone(_) => "other words",
        DisposalError::NotInLog(_) => "not in the log",
    })?;
    let policy = Policy::for_agency(directory, &agency).expect("there are witnesses");
    let judged = policy.judge(&disposal.log.checkpoint, field(case, "at")).map_err(|_| "not in the log")?;
    Ok(if judged.by.is_empty() { "ok" } else { "cosigned" })
}

fn answer(case: &Value, directory: &Directory) -> Result<&'static str, &'static str> {
    let mut text: Vec<u8> = field::<String>(case, "plain").into_bytes();
    text.resize(field(case, "length"), b' ');
    let answer = Answer::from_text(&text).map_err(|error| match error {
        AnswerError::Length | AnswerError::Malformed(_) => "unreadable",
        error => panic!("{error}"),
    })?;
    let receipt = answer.receipt.verify(directory, field(case, "at")).map_err(|error| of_document(&error))?;
    if receipt.bundle != BundleId(field::<Digest>(case, "bundle")) {
        return Err("other");
    }
    let police = POLICE.parse().expect("an agency's id");
    let witness = Witness::agency(directory.member(&police).ok_or("unknown")?, false).expect("a name");
    let mut note: SignedCheckpoint = field::<String>(case, "checkpoint").parse().expect("a note");
    let seen = note.claims().expect("a checkpoint");
    let counts = answer.cosigned.is_some_and(|one| {
        (&one.log, one.size) == (&seen.origin, seen.size) && note.add(&one.cosignature, &witness).is_ok()
    });
    Ok(if counts { "cosigned" } else { "receipt alone" })
}

/// Read as it is written again by us, which must change nothing of a good one.
pub(super) fn written_again(case: &Value) -> Option<Value> {
    fn again<T: Document>(document: &Value) -> Value {
        let signed: Signed<T> = serde_json::from_value(document.clone()).expect("a signed document");
        let body = signed.claims().expect("it reads");
        let text = Signed::new(&body, &super::cases::key(98)).text;
        serde_json::to_value(Signed::<T>::from_parts(text, signed.signature)).expect("JSON")
    }
    let one = &case["document"];
    Some(match case["check"].as_str()? {
        "enrolment" => again::<kith_protocol::enrolment::Enrolment>(one),
        "envelope" => again::<Envelope>(one),
        "gate" => again::<kith_protocol::gate::Gate>(one),
        "withdrawal" => again::<kith_protocol::gate::Withdrawal>(one),
        "receipt" => again::<kith_protocol::receipt::Receipt>(one),
        "approval" => again::<kith_protocol::approval::Approval>(&case["approval"]["approval"]),
        "not-shared" => again::<kith_protocol::consent::NotShared>(one),
        "disposal" => again::<kith_protocol::disposal::Disposal>(one),
        "supplement" => again::<kith_protocol::supplement::Supplement>(one),
        // What its own functions write: a directory by its signer, a certificate by its agency.
        "directory" => {
            let directory: Directory = read(one, "directory");
            serde_json::to_value(directory.sign(&[&super::cases::key(99)])).expect("JSON")
        }
        "certificate" => {
            let certificate: kith_protocol::keys::Certificate = read(one, "certificate");
            serde_json::to_value(certificate.sign(&super::cases::key(1))).expect("JSON")
        }
        _ => return None,
    })
}

fn read<T: DeserializeOwned>(one: &Value, kind: &str) -> T {
    let text = one["text"].as_str().expect("a text");
    let fields = text.strip_prefix(&format!("{{\"kith\":\"{kind}/1\",")).expect("it begins with its kind");
    serde_json::from_str(&format!("{{{fields}")).expect("it reads")
}

fn nobody() -> SignatureSet {
    SignatureSet::from_text("").expect("an empty set")
}

const fn of_text(error: &BadDocument) -> &'static str {
    match error {
        BadDocument::Refused { .. } => "not acceptable",
        _ => "unreadable",
    }
}

const fn of_document(error: &DocumentError) -> &'static str {
    match error {
        DocumentError::Text(error) => of_text(error),
        DocumentError::UnknownAgency(_) | DocumentError::UnknownNode(_) => "unknown",
        DocumentError::Certificate(_) => "certificate",
        DocumentError::FromTheFuture => "future",
        DocumentError::Signature(_) => "not signed",
    }
}

const fn of_certificate(error: &CertificateError) -> &'static str {
    match error {
        CertificateError::Signature(_) => "not signed",
        CertificateError::Document(error) => of_text(error),
        _ => "certificate",
    }
}

const fn of_approval(error: &ApprovalError) -> &'static str {
    match error {
        ApprovalError::SamePerson => "same person",
        ApprovalError::OtherContent | ApprovalError::OtherEnds | ApprovalError::OtherSeal => "other",
        ApprovalError::Certificate(_) => "certificate",
        ApprovalError::Document(error) => of_document(error),
    }
}

const fn of_directory(error: &DirectoryError) -> &'static str {
    match error {
        DirectoryError::TooFewSignatures { .. } | DirectoryError::TooFewNewSignatures { .. } => "not signed",
        DirectoryError::OtherPartnership => "other",
        DirectoryError::RolledBack { .. } => "older",
        DirectoryError::TwoOfOneVersion { .. } => "two of one version",
        DirectoryError::NotYetIssued { .. } => "future",
        DirectoryError::Expired(_) | DirectoryError::LongExpired(_) => "expired",
        DirectoryError::Document(error) => of_text(error),
        DirectoryError::Member { .. } | DirectoryError::Pins { .. } => "not acceptable",
    }
}
