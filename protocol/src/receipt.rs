//! Receipts: what became of a bundle, each signed by whom it speaks for, each naming the one before.

use std::{collections::BTreeMap, fmt};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    consent::LawfulBasis,
    directory::{CLOCK_SKEW, Directories, Directory},
    document::Kind,
    envelope::{Envelope, member},
    ids::{AgencyId, BundleId, Digest},
    keys::SignedCertificate,
    log::{MAX_SIZE, Origin},
    sign::{Namespace, SigningKey},
    signed::{Document, DocumentError, Signed},
};

/// Longest note in a receipt, in bytes.
pub const MAX_NOTE: usize = 4 * 1024;

/// What a receipt says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReceiptKind {
    /// The node holds it durably. Signed by the node.
    Stored,
    /// The recipient agency has taken it in. Signed by its `link` key, so that it can be done while locked.
    Delivered,
    /// A named person opened and verified it.
    Opened,
    /// A named person took it over.
    Receipted,
    /// A named person did not take it over; the note says why.
    Declined,
    /// A named person answers a withdrawal: it is kept, under a lawful basis; the note says why.
    Kept,
    /// A named person answers a withdrawal: it was deleted. A statement, not a proof.
    Deleted,
}

impl ReceiptKind {
    /// Does it answer a withdrawal?
    #[must_use]
    pub const fn answers_withdrawal(self) -> bool {
        matches!(self, Self::Kept | Self::Deleted)
    }
}

/// Who signs a receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum Signer {
    /// A node, by its name in the directory.
    Node { name: String },
    /// An agency's device, by the agency's `link` key.
    Agency { agency: AgencyId },
    /// A person whom the agency certified.
    Person { agency: AgencyId, certificate: SignedCertificate },
}

/// One statement about one bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// What it says.
    pub kind: ReceiptKind,
    /// The bundle's id.
    pub bundle: BundleId,
    /// SHA-256 of the sealed file.
    pub ciphertext: Digest,
    /// When.
    #[serde(deserialize_with = "crate::moment::utc")]
    pub at: Timestamp,
    /// Who says so.
    pub signer: Signer,
    /// Digest of the receipt before; none for STORED.
    pub previous: Option<Digest>,
    /// What the person adds, at most [`MAX_NOTE`] bytes.
    pub note: Option<String>,
    /// Digest of the withdrawal it answers; for KEPT and DELETED alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawal: Option<Digest>,
    /// Under which basis it is kept; for KEPT alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<LawfulBasis>,
    /// Where it stands in the node's own log; for STORED alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leaf: Option<Leaf>,
}

/// A place in a log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Leaf {
    pub log: Origin,
    /// From 0.
    pub index: u64,
}

impl Receipt {
    /// What is wrong with it whoever signed it.
    fn fault(&self) -> Option<&'static str> {
        let said = self.note.as_deref().unwrap_or_default();
        if said.len() > MAX_NOTE {
            return Some("its note is too long");
        }
        if self.withdrawal.is_some() != self.kind.answers_withdrawal() {
            return Some("it must name a withdrawal exactly when it answers one");
        }
        if self.leaf.is_some() != (self.kind == ReceiptKind::Stored) {
            return Some(
                "it must name its place in the node's log exactly when it says that the node holds it",
            );
        }
        if self.leaf.as_ref().is_some_and(|leaf| leaf.index >= MAX_SIZE) {
            return Some("no log has so many leaves");
        }
        let kept = self.kind == ReceiptKind::Kept;
        if self.basis.is_some() != kept || self.basis == Some(LawfulBasis::Consent) {
            return Some(
                "it must name a basis other than consent exactly when it says that the bundle is kept",
            );
        }
        (kept && said.trim().is_empty()).then_some("it does not say why the bundle is kept")
    }
}

impl Document for Receipt {
    const KIND: Kind = Kind { name: "receipt", version: 1, limit: 32 * 1024 };
    const NAMESPACE: Namespace = Namespace::Receipt;
}

/// A receipt and its signature.
pub type SignedReceipt = Signed<Receipt>;

impl Signed<Receipt> {
    /// A node's word that it holds the bundle durably, and that this word itself stands at `leaf` of its log.
    #[must_use]
    pub fn stored(
        (id, envelope): (BundleId, &Envelope),
        (node, key): (&str, &SigningKey),
        leaf: Leaf,
        at: Timestamp,
    ) -> Self {
        let signer = Signer::Node { name: node.to_owned() };
        let (kind, ciphertext) = (ReceiptKind::Stored, envelope.ciphertext);
        let receipt = receipt(kind, id, ciphertext, at, (signer, None));
        Self::new(&Receipt { leaf: Some(leaf), ..receipt }, key)
    }

    /// The recipient agency's word that it takes the bundle in, made with its `link` key before bytes flow.
    #[must_use]
    pub fn delivered(
        id: BundleId,
        envelope: &Envelope,
        stored: &Self,
        link: &SigningKey,
        at: Timestamp,
    ) -> Self {
        let signer = Signer::Agency { agency: envelope.to.clone() };
        let (kind, ciphertext, previous) =
            (ReceiptKind::Delivered, envelope.ciphertext, Some(stored.digest()));
        Self::new(&receipt(kind, id, ciphertext, at, (signer, previous)), link)
    }

    /// Checks the signature of whom the receipt speaks for, by the directory.
    ///
    /// A person's certificate must hold when the receipt was made, not when it is read, and the keys be those in force
    /// then: receipts outlive both.
    ///
    /// # Errors
    /// The signer is unknown, may not say this, or did not; or the receipt is from the future.
    pub fn verify<'a>(
        &self,
        directories: impl Into<Directories<'a>>,
        now: Timestamp,
    ) -> Result<Receipt, DocumentError> {
        let claimed = self.claims()?;
        let receipt = directories.into().judge(claimed.at, |directory| self.signed(&claimed, directory))?;
        let fits = match receipt.kind {
            ReceiptKind::Stored => matches!(receipt.signer, Signer::Node { .. }),
            ReceiptKind::Delivered => matches!(receipt.signer, Signer::Agency { .. }),
            _ => matches!(receipt.signer, Signer::Person { .. }),
        };
        if !fits {
            return Err(Receipt::KIND.refused("its signer may not say this").into());
        }
        if let Some(fault) = receipt.fault() {
            return Err(Receipt::KIND.refused(fault).into());
        }
        if receipt.at.duration_since(now) > CLOCK_SKEW {
            return Err(DocumentError::FromTheFuture);
        }
        Ok(receipt)
    }

    fn signed(&self, claimed: &Receipt, directory: &Directory) -> Result<Receipt, DocumentError> {
        match &claimed.signer {
            Signer::Node { name } => self.by_node(directory, name),
            Signer::Agency { agency } => self.verify_by(&member(directory, agency)?.keys.link),
            Signer::Person { agency, certificate } => {
                let keys = &member(directory, agency)?.keys;
                self.verify_by(&certificate.verify(agency, keys, claimed.at)?.key)
            }
        }
    }

    fn by_node(&self, directory: &Directory, name: &str) -> Result<Receipt, DocumentError> {
        let mut result = Err(DocumentError::UnknownNode(name.to_owned()));
        for node in directory.members.iter().map(|member| &member.node).filter(|node| node.name == name) {
            result = self.verify_by(&node.sign);
            if let Ok(receipt) = &result {
                let its_own = receipt.leaf.as_ref().is_none_or(|leaf| leaf.log.is_of_node(&node.cosign));
                return if its_own {
                    result
                } else {
                    Err(Receipt::KIND.refused("it names another node's log").into())
                };
            }
        }
        result
    }
}

/// One that nobody adds anything to.
fn receipt(
    kind: ReceiptKind,
    bundle: BundleId,
    ciphertext: Digest,
    at: Timestamp,
    (signer, previous): (Signer, Option<Digest>),
) -> Receipt {
    Receipt {
        kind,
        bundle,
        ciphertext,
        at,
        signer,
        previous,
        note: None,
        withdrawal: None,
        basis: None,
        leaf: None,
    }
}

/// How far a bundle is known to have come. Nothing here is believed without its receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BundleState {
    Queued,
    Stored,
    Delivered,
    Opened,
    Receipted,
    Declined,
    Kept,
    Deleted,
}

/// Why a receipt does not count.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptRefusal {
    #[error(transparent)]
    Document(#[from] DocumentError),
    #[error("the receipt is about another bundle")]
    OtherBundle,
    #[error("the receipt is not by the agency or node it should be by")]
    OtherSigner,
    #[error("the receipt answers another withdrawal than was made")]
    OtherWithdrawal,
    #[error("the receipt does not follow on from one before it")]
    Unlinked,
    #[error("two different receipts claim the same place")]
    Forked,
}

/// What a set of receipts proves about one bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The furthest state that is proven.
    pub state: BundleState,
    /// The proven receipts, each with its digest: a receipt after the one it names, else the earlier one first.
    pub proven: Vec<(Digest, Receipt)>,
    /// What does not count, and why. Never empty without a reason to show it.
    pub refused: Vec<(Digest, ReceiptRefusal)>,
}

impl Standing {
    /// What the next receipt is to name.
    #[must_use]
    pub fn last(&self) -> Option<Digest> {
        self.proven.last().map(|(digest, _)| *digest)
    }
}

impl fmt::Display for BundleState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Queued => "QUEUED",
            Self::Stored => "STORED",
            Self::Delivered => "DELIVERED",
            Self::Opened => "OPENED",
            Self::Receipted => "RECEIPTED",
            Self::Declined => "DECLINED",
            Self::Kept => "KEPT",
            Self::Deleted => "DELETED",
        })
    }
}

/// What `receipts`, in any order and with repeats, prove about bundle `id`, whose verified envelope is `envelope`.
///
/// STORED comes first, by the home node of sender or recipient; DELIVERED and all after are the recipient's. Of these
/// two there is one each. Then persons of the recipient speak, each naming DELIVERED or a person's receipt that counts;
/// several may speak at once. The last RECEIPTED or DECLINED in the order of `proven` decides; without one, it is OPENED.
/// Answers to a withdrawal stand above these: KEPT, and above all DELETED, after which nothing is left to speak of.
#[must_use]
pub fn fold<'a>(
    (id, envelope): (BundleId, &Envelope),
    receipts: &[SignedReceipt],
    directories: impl Into<Directories<'a>>,
    now: Timestamp,
) -> Standing {
    let directories = directories.into();
    let checked = |signed| (signed, check((id, envelope), signed, directories, now));
    joined(receipts.iter().map(checked))
}

/// What `new` says, if it counts beside receipts that are kept. Those were proven when they were kept, by the keys their
/// signers had then; they are not asked for again, since an agency may have replaced its keys meanwhile.
///
/// # Errors
/// Why it does not count.
pub fn follows<'a>(
    (id, envelope): (BundleId, &Envelope),
    kept: &[SignedReceipt],
    new: &SignedReceipt,
    directories: impl Into<Directories<'a>>,
    now: Timestamp,
) -> Result<Receipt, ReceiptRefusal> {
    let checked = check((id, envelope), new, directories.into(), now);
    let kept = kept.iter().map(|signed| (signed, signed.claims().map_err(ReceiptRefusal::from)));
    let Standing { proven, refused, .. } = joined(kept.chain([(new, checked)]));
    let digest = new.digest();
    match proven.into_iter().find(|(one, _)| *one == digest) {
        Some((_, receipt)) => Ok(receipt),
        None => {
            let why = refused.into_iter().find(|(one, _)| *one == digest);
            Err(why.map_or(ReceiptRefusal::Unlinked, |(_, why)| why))
        }
    }
}

fn joined<'a>(
    receipts: impl Iterator<Item = (&'a SignedReceipt, Result<Receipt, ReceiptRefusal>)>,
) -> Standing {
    let mut standing = Standing { state: BundleState::Queued, proven: Vec::new(), refused: Vec::new() };
    let mut loose: BTreeMap<Digest, Receipt> = BTreeMap::new();
    for (signed, checked) in receipts {
        match checked {
            Ok(receipt) => drop(loose.insert(signed.digest(), receipt)),
            Err(refusal) => standing.refused.push((signed.digest(), refusal)),
        }
    }
    for kind in [ReceiptKind::Stored, ReceiptKind::Delivered] {
        let next = following(&standing, &loose, |receipt| receipt.kind == kind);
        let [digest] = next.as_slice() else {
            loose.retain(|digest, _| !next.contains(digest));
            standing.refused.extend(next.into_iter().map(|digest| (digest, ReceiptRefusal::Forked)));
            break;
        };
        climb(&mut standing, &mut loose, *digest);
    }
    while let Some(digest) = next_person(&standing, &loose) {
        climb(&mut standing, &mut loose, digest);
    }
    standing.refused.extend(loose.into_keys().map(|digest| (digest, ReceiptRefusal::Unlinked)));
    standing
}

fn check(
    (id, envelope): (BundleId, &Envelope),
    signed: &SignedReceipt,
    directories: Directories<'_>,
    now: Timestamp,
) -> Result<Receipt, ReceiptRefusal> {
    let receipt = signed.verify(directories, now)?;
    if (receipt.bundle, receipt.ciphertext) != (id, envelope.ciphertext) {
        return Err(ReceiptRefusal::OtherBundle);
    }
    let rightful = match &receipt.signer {
        Signer::Node { name } => directories
            .at(receipt.at)
            .flat_map(|directory| [&envelope.from, &envelope.to].map(|id| directory.member(id)))
            .flatten()
            .any(|member| member.node.name == *name && signed.verify_by(&member.node.sign).is_ok()),
        Signer::Agency { agency } | Signer::Person { agency, .. } => *agency == envelope.to,
    };
    if rightful { Ok(receipt) } else { Err(ReceiptRefusal::OtherSigner) }
}

/// The receipts that name the last proven one and are `right`. One is believed; several are a fork, and none is.
fn following(
    standing: &Standing,
    loose: &BTreeMap<Digest, Receipt>,
    right: impl Fn(&Receipt) -> bool,
) -> Vec<Digest> {
    let fits = |receipt: &Receipt| receipt.previous == standing.last() && right(receipt);
    loose.iter().filter(|(_, receipt)| fits(receipt)).map(|(digest, _)| *digest).collect()
}

/// The earliest person's receipt that names DELIVERED or a person's receipt that counts.
fn next_person(standing: &Standing, loose: &BTreeMap<Digest, Receipt>) -> Option<Digest> {
    let named = |digest| {
        standing.proven.iter().any(|(known, receipt)| *known == digest && receipt.kind != ReceiptKind::Stored)
    };
    let fits =
        |receipt: &Receipt| receipt.kind > ReceiptKind::Delivered && receipt.previous.is_some_and(named);
    let next = loose.iter().filter(|(_, receipt)| fits(receipt));
    next.min_by_key(|(digest, receipt)| (receipt.at, **digest)).map(|(digest, _)| *digest)
}

/// Takes a receipt in. A person who opened it after another took it over, or declined it, changes nothing; nor does what
/// is said after a withdrawal was answered, but for the withdrawal's next answer.
fn climb(standing: &mut Standing, loose: &mut BTreeMap<Digest, Receipt>, digest: Digest) {
    let Some(receipt) = loose.remove(&digest) else { return };
    let reached = state_after(receipt.kind);
    let counts = match standing.state {
        BundleState::Kept | BundleState::Deleted => reached > standing.state,
        state => receipt.kind != ReceiptKind::Opened || state == BundleState::Delivered,
    };
    if counts {
        standing.state = reached;
    }
    standing.proven.push((digest, receipt));
}

const fn state_after(kind: ReceiptKind) -> BundleState {
    match kind {
        ReceiptKind::Stored => BundleState::Stored,
        ReceiptKind::Delivered => BundleState::Delivered,
        ReceiptKind::Opened => BundleState::Opened,
        ReceiptKind::Receipted => BundleState::Receipted,
        ReceiptKind::Declined => BundleState::Declined,
        ReceiptKind::Kept => BundleState::Kept,
        ReceiptKind::Deleted => BundleState::Deleted,
    }
}

#[cfg(test)]
mod tests;
