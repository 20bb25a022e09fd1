//! The papers of a share, for somebody who has nothing but them and a directory: envelope, gate, every receipt, the
//! withdrawal, and that STORED stands in the node's log. Texts in files, each with its signature beside it.

mod check;
mod keys;

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::{
    bundle::Bundle,
    directory::Directories,
    envelope::{Envelope, SignedEnvelope},
    gate::{Gate, SignedGate, SignedWithdrawal, Withdrawal, commit},
    ids::{AgencyId, BundleId, Digest},
    log::{Logged, Origin},
    receipt::{ReceiptKind, SignedReceipt, Standing, fold},
    sign::{Namespace, SigningKey},
    signed::{Document, DocumentError, Signed},
};

pub use self::check::verify;

/// The files of such a folder by their names, each its exact text.
pub type Files = BTreeMap<String, String>;

/// Most receipts that one share has papers of.
const MAX_RECEIPTS: usize = 64;
/// Most files of such a folder.
pub const MAX_PAPERS: usize = 2 * MAX_RECEIPTS + 11;
/// Longest of them, in bytes.
pub const MAX_PAPER: usize = 160 * 1024;

const SUMS: &str = "SHA256SUMS";
const SIGNATURES: &str = "SHA256SUMS.sig";
const SIGNERS: &str = "allowed_signers";
const README: &str = "README.txt";
const ENVELOPE: &str = "envelope.json";
const GATE: &str = "gate.json";
const WITHDRAWAL: &str = "withdrawal.json";
const LOGGED: &str = "receipt-1-stored.tlog-proof";
const WORDS: &str = include_str!("papers/readme.txt");

/// What no paper shows, by its code and in words; always said where they hold.
pub const NOT_PROVEN: [(&str, &str); 6] = [
    (
        "all-answers",
        "that these are all the answers there are: they are those that the sender had when it wrote them out",
    ),
    (
        "done",
        "that anybody did what a receipt says: it is the word of whoever signed it, and `deleted` does not prove that no copy is left",
    ),
    ("when", "that a paper was signed when it says: the time is by the clock of whoever signed it"),
    ("one-log", "that the node keeps no second log that says otherwise"),
    ("not-taken-back-since", "that the share was not taken back since"),
    (
        "content",
        "what was shared, and on what lawful basis: that stands in the opened bundle alone, which is checked with it by `--with`",
    ),
];

/// What a sender keeps of a share.
#[derive(Debug, Clone)]
pub struct Papers {
    pub envelope: SignedEnvelope,
    pub gate: SignedGate,
    pub withdrawal: Option<SignedWithdrawal>,
    /// In any order.
    pub receipts: Vec<SignedReceipt>,
    /// That STORED stands in the node's log, if the node showed it.
    pub logged: Option<Logged>,
}

/// Papers that belong together and hold.
#[derive(Debug, Clone)]
pub struct Course {
    /// The bundle's id.
    pub id: BundleId,
    pub envelope: Envelope,
    pub gate: Gate,
    pub withdrawal: Option<Withdrawal>,
    /// What the receipts prove, in their order.
    pub standing: Standing,
    pub logged: Option<InNodeLog>,
}

/// Where STORED stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InNodeLog {
    pub origin: Origin,
    /// How many leaves the checkpoint has that shows it.
    pub size: u64,
    /// From 0.
    pub index: u64,
    /// Whether it is the log and place that STORED names; else it is one that the node began after a backup.
    pub as_signed: bool,
}

/// Why such a folder is not believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PapersRefused {
    #[error("{0} is missing")]
    Missing(String),
    #[error("{0} is there and is not in the signed list of files")]
    Unlisted(String),
    #[error("{0} is not as the signed list of files has it")]
    Altered(String),
    #[error("SHA256SUMS was changed since {0} signed it, or is not signed by them")]
    List(AgencyId),
    #[error("{0} is in no directory at hand")]
    Unknown(AgencyId),
    #[error("{paper}: {why}")]
    Paper {
        /// Which part of them: `files`, `envelope`, `gate`, `withdrawal`, `receipts`, `log` or `signers`.
        what: &'static str,
        paper: String,
        why: String,
    },
}

impl PapersRefused {
    /// Which part it is about, for programs.
    #[must_use]
    pub const fn what(&self) -> &'static str {
        match self {
            Self::Missing(_) | Self::Unlisted(_) | Self::Altered(_) => "files",
            Self::List(_) | Self::Unknown(_) => "signature",
            Self::Paper { what, .. } => what,
        }
    }
}

/// What the opened bundle adds: it is the very one, and the gate commits to its record of consent.
///
/// # Errors
/// In what it differs.
pub fn fits(course: &Course, bundle: &Bundle) -> Result<(), &'static str> {
    let (envelope, gate) = (&course.envelope, &course.gate);
    let same = |same: bool, what| if same { Ok(()) } else { Err(what) };
    same(envelope.from == bundle.from.id, "sender")?;
    same(envelope.to == bundle.to.id, "recipient")?;
    same(envelope.recipient_key == bundle.recipient_key, "key it was sealed to")?;
    same(envelope.seal_id == bundle.seal_id, "seal id")?;
    same(envelope.gate == bundle.gate, "gate")?;
    let commitment = commit(bundle.gate_salt.as_bytes(), bundle.consent.text().as_bytes());
    same(gate.commitment == commitment, "record of consent that the gate commits to")
}

impl Papers {
    /// The files, listed and signed by the sender's `sign` key; with what they prove. Receipts that do not count are left out.
    ///
    /// # Errors
    /// What does not hold.
    pub fn lay_out(
        &self,
        agency: &SigningKey,
        directories: Directories<'_>,
        now: Timestamp,
    ) -> Result<(Files, Course), PapersRefused> {
        let refused = |paper: &str, why: DocumentError| PapersRefused::Paper {
            what: "envelope",
            paper: paper.to_owned(),
            why: why.to_string(),
        };
        let envelope = self.envelope.verify(directories).map_err(|why| refused(ENVELOPE, why))?;
        let standing = fold((self.envelope.id(), &envelope), &self.receipts, directories, now);
        let mut receipts = Vec::new();
        for (digest, receipt) in &standing.proven {
            let signed = self.receipts.iter().find(|signed| signed.digest() == *digest);
            receipts.extend(signed.map(|signed| (receipt.kind, signed)));
        }
        let mut files = Files::new();
        put(&mut files, ENVELOPE, &self.envelope);
        put(&mut files, GATE, &self.gate);
        if let Some(withdrawal) = &self.withdrawal {
            put(&mut files, WITHDRAWAL, withdrawal);
        }
        for (place, (kind, signed)) in receipts.iter().enumerate() {
            put(&mut files, &receipt_name(place, *kind), signed);
        }
        if let (Some(logged), false) = (&self.logged, receipts.is_empty()) {
            files.insert(LOGGED.to_owned(), logged.to_string());
        }
        let words =
            WORDS.replace("SENDER", envelope.from.as_str()).replace("RECIPIENT", envelope.to.as_str());
        files.insert(README.to_owned(), words);
        let receipts: Vec<_> = receipts.into_iter().map(|(_, signed)| signed).collect();
        let papers = keys::Signers {
            exporter: agency.public(),
            envelope: &self.envelope,
            gate: &self.gate,
            withdrawal: self.withdrawal.as_ref(),
            receipts: &receipts,
        };
        let signers = papers.allowed(directories).map_err(|why| refused(SIGNERS, why))?;
        files.insert(SIGNERS.to_owned(), signers);
        let sums = list(&files);
        files.insert(
            SIGNATURES.to_owned(),
            agency.sign(Namespace::Papers, sums.as_bytes()).as_str().to_owned(),
        );
        files.insert(SUMS.to_owned(), sums);
        let course = verify(&files, directories, now)?;
        Ok((files, course))
    }
}

/// The one list of files: `DIGEST  NAME` for each but the list and its signature, by name.
fn list(files: &Files) -> String {
    let listed = files.iter().filter(|(name, _)| !matches!(name.as_str(), SUMS | SIGNATURES));
    listed.map(|(name, text)| format!("{}  {name}\n", Digest::of(text.as_bytes()))).collect()
}

fn put<T: Document>(files: &mut Files, name: &str, signed: &Signed<T>) {
    files.insert(name.to_owned(), signed.text.clone());
    files.insert(format!("{name}.sig"), signed.signature.as_str().to_owned());
}

fn receipt_name(place: usize, kind: ReceiptKind) -> String {
    let kind = match kind {
        ReceiptKind::Stored => "stored",
        ReceiptKind::Delivered => "delivered",
        ReceiptKind::Opened => "opened",
        ReceiptKind::Receipted => "receipted",
        ReceiptKind::Declined => "declined",
        ReceiptKind::Kept => "kept",
        ReceiptKind::Deleted => "deleted",
    };
    format!("receipt-{}-{kind}.json", place + 1)
}
