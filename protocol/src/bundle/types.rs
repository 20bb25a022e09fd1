//! What `bundle.json` says, as types. Unknown fields are refused: a signed document holds nothing its reader is not
//! shown. New fields come with a new number in `kith`.

use std::collections::BTreeSet;

use jiff::{
    Timestamp,
    civil::{Date, DateTime},
};
use serde::{Deserialize, Serialize};

use super::{Evidence, Exact, Record, Span, WithheldCount};
use crate::{
    approval::SignedApproval,
    consent::{Category, ConsentRecord},
    ids::{AgencyId, Digest, GateId, SealId},
    keys::SignedCertificate,
};

/// The form of the document.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum BundleVersion {
    #[default]
    #[serde(rename = "bundle/1")]
    One,
}

/// `bundle.json`: who to whom, why, under which record, and the records disclosed.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bundle {
    pub kith: BundleVersion,
    pub from: End,
    pub to: End,
    /// Fingerprint of the age key it is sealed to.
    pub recipient_key: Digest,
    pub seal_id: SealId,
    pub gate: GateId,
    /// Salt of the gate's commitment to the consent record.
    pub gate_salt: Digest,
    #[serde(deserialize_with = "crate::moment::utc")]
    pub created: Timestamp,
    /// The named person who sends it; their signature stands beside the agency's.
    pub signed_by: SignedCertificate,
    /// Two people's signatures over what is read here, where the sender asked for a second person's check.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval: Option<SignedApproval>,
    pub letter: Letter,
    pub consent: Exact<ConsentRecord>,
    pub children: Vec<Child>,
    pub records: Vec<Record<Span>>,
    pub attachments: Vec<Attachment>,
    /// How many passages are withheld, by reason.
    pub withheld: Vec<WithheldCount>,
    /// What proves the records; none when there are none.
    pub evidence: Option<Evidence>,
}

impl Bundle {
    /// Name and role of the person whose certificate it carries, as the certificate says; not yet verified.
    #[must_use]
    pub fn signed_by_words(&self) -> Option<(String, String)> {
        named(&self.signed_by)
    }

    /// The same of the two people who proposed and checked it, where a check was asked for; not yet verified.
    #[must_use]
    pub fn checked_by_words(&self) -> Option<[(String, String); 2]> {
        let SignedApproval { proposed_by, checked_by, .. } = self.approval.as_ref()?;
        Some([named(proposed_by)?, named(checked_by)?])
    }

    /// The top folder of its archive.
    #[must_use]
    pub fn folder(&self) -> String {
        let day = self.created.strftime("%Y-%m-%d");
        let id = self.seal_id.to_string();
        format!("kith-{}-{day}-{}", self.from.id, id.get(..8).unwrap_or(&id))
    }
}

fn named(certificate: &SignedCertificate) -> Option<(String, String)> {
    let claimed: serde_json::Value = serde_json::from_str(&certificate.text).ok()?;
    let word = |name| claimed.get(name).and_then(serde_json::Value::as_str).map(str::to_owned);
    Some((word("name")?, word("role")?))
}

/// One end of the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct End {
    pub id: AgencyId,
    pub name: String,
}

/// Why it was sent, what is asked, and whom to ring.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Letter {
    /// One line, such as `Referral: Jamie Oakes, 9, unexplained bruising`.
    pub subject: String,
    pub why: String,
    pub asked: Asked,
    /// What the recipient may use it for.
    pub may_use_for: String,
    pub ring: Contact,
    /// Whether a named person is asked to say that they opened it, and that they take it on or decline.
    pub receipts: BTreeSet<ReceiptAsked>,
}

/// What the recipient is asked to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    pub what: String,
    /// By when, in local time of the sender.
    pub by: Option<DateTime>,
    pub urgency: Urgency,
}

/// How soon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Urgency {
    /// A child may be in immediate danger; the sender has also rung.
    Immediate,
    SameDay,
    ByDate,
    ForInformation,
}

impl Urgency {
    /// How soon, in words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Immediate => "Immediate: a child may be in danger now",
            Self::SameDay => "The same day",
            Self::ByDate => "By the date given",
            Self::ForInformation => "For information",
        }
    }
}

/// A receipt the sender asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReceiptAsked {
    Opened,
    TakenOnOrDeclined,
}

/// A person to ring.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    pub name: String,
    pub role: String,
    pub phone: String,
    pub out_of_hours: Option<String>,
}

/// A child the bundle is about, as disclosed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Child {
    pub name: String,
    pub also_known_as: Vec<String>,
    pub born: Option<Date>,
    pub identifiers: Vec<Identifier>,
}

/// A number another system knows the child by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identifier {
    /// What it is, such as `UPN` or `NHS number`.
    pub kind: String,
    pub value: String,
}

/// A file that travels with the bundle, named by its digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attachment {
    /// SHA-256 of its bytes.
    pub sha256: Digest,
    /// In bytes.
    pub size: u64,
    /// What people call it; never used as a path.
    pub name: String,
    pub media_type: String,
    pub category: Category,
    /// Who looked it through, metadata included, and why it goes whole.
    pub checked: String,
    /// SHA-256 of the recorded files that it is a copy of, without what was hidden in them; none when it is the recorded
    /// file itself.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub copy_of: BTreeSet<Digest>,
}

impl Attachment {
    /// Whether it goes for a recorded file: it is that file, or a copy of it.
    #[must_use]
    pub fn stands_for(&self, recorded: &Digest) -> bool {
        self.recorded().any(|one| one == recorded)
    }

    /// What it goes for where a record names it: a file of its own bytes, and those it is a copy of. It can be both, where
    /// a file that hid nothing was recorded beside one that hid something.
    pub fn recorded(&self) -> impl Iterator<Item = &Digest> {
        std::iter::once(&self.sha256).chain(&self.copy_of)
    }

    /// Where it stands in the bundle. The ending comes from a short list, never from its name.
    #[must_use]
    pub fn path(&self) -> String {
        let ending = match self.media_type.as_str() {
            "application/pdf" => "pdf",
            "application/msword" => "doc",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document" => "docx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" => "xlsx",
            "audio/mpeg" => "mp3",
            "audio/mp4" => "m4a",
            "image/jpeg" => "jpg",
            "image/png" => "png",
            "image/tiff" => "tif",
            "message/rfc822" => "eml",
            "text/csv" => "csv",
            "text/plain" => "txt",
            "video/mp4" => "mp4",
            _ => "bin",
        };
        format!("attachments/{}.{ending}", self.sha256)
    }
}
