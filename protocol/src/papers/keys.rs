//! Whose key is which in the papers of a share, as OpenSSH reads it.

use super::{Namespace, SignedEnvelope, SignedGate, SignedReceipt, SignedWithdrawal};
use crate::{
    directory::{Directories, Directory, Moment},
    envelope::member,
    ids::AgencyId,
    receipt::Signer,
    sign::VerifyingKey,
    signed::{Document, DocumentError, Signed},
};

/// Who signed what, in the order of the list.
pub(super) struct Signers<'a> {
    pub(super) exporter: VerifyingKey,
    pub(super) envelope: &'a SignedEnvelope,
    pub(super) gate: &'a SignedGate,
    pub(super) withdrawal: Option<&'a SignedWithdrawal>,
    /// In their order.
    pub(super) receipts: &'a [&'a SignedReceipt],
}

impl Signers<'_> {
    /// The one text of `allowed_signers`: a line for each name, kind of document and key, where it is first needed.
    ///
    /// # Errors
    /// A paper that is not signed by whom it should be.
    pub(super) fn allowed(&self, directories: Directories<'_>) -> Result<String, DocumentError> {
        let envelope = self.envelope.claims()?;
        let from = &envelope.from;
        let mut lines = vec![line(from.as_str(), Namespace::Papers, &self.exporter)];
        let key = by_sender(self.envelope, from, Moment::hour(envelope.at), directories)?;
        lines.push(line(from.as_str(), Namespace::Envelope, &key));
        let opened = Moment::hour(self.gate.claims()?.valid_from);
        lines.push(line(from.as_str(), Namespace::Gate, &by_sender(self.gate, from, opened, directories)?));
        if let Some(withdrawal) = self.withdrawal {
            let key = by_sender(withdrawal, from, withdrawal.claims()?.at.into(), directories)?;
            lines.push(line(from.as_str(), Namespace::Withdrawal, &key));
        }
        for signed in self.receipts {
            let receipt = signed.claims()?;
            let (name, key) = directories.judge(receipt.at, |directory| of_receipt(signed, directory))?;
            let one = line(&name, Namespace::Receipt, &key);
            if !lines.contains(&one) {
                lines.push(one);
            }
        }
        Ok(lines.concat())
    }
}

fn line(name: &str, namespace: Namespace, key: &VerifyingKey) -> String {
    format!("{name} namespaces=\"{}\" {key}\n", namespace.as_str())
}

fn by_sender<T: Document>(
    signed: &Signed<T>,
    from: &AgencyId,
    at: Moment,
    directories: Directories<'_>,
) -> Result<VerifyingKey, DocumentError> {
    directories.judge(at, |directory| {
        let key = member(directory, from)?.keys.sign;
        signed.verify_by(&key).map(|_| key)
    })
}

/// As whom, and with which key.
fn of_receipt(
    signed: &SignedReceipt,
    directory: &Directory,
) -> Result<(String, VerifyingKey), DocumentError> {
    let receipt = signed.claims()?;
    let (name, key) = match &receipt.signer {
        Signer::Node { name } => {
            let keys = directory.members.iter().filter(|member| member.node.name == *name);
            let mut keys = keys.map(|member| member.node.sign);
            let key = keys.find(|key| signed.verify_by(key).is_ok());
            ("node".to_owned(), key.ok_or_else(|| DocumentError::UnknownNode(name.clone()))?)
        }
        Signer::Agency { agency } => (agency.to_string(), member(directory, agency)?.keys.link),
        Signer::Person { agency, certificate } => {
            let keys = &member(directory, agency)?.keys;
            (format!("person@{agency}"), certificate.verify(agency, keys, receipt.at)?.key)
        }
    };
    signed.verify_by(&key).map(|_| (name, key))
}
