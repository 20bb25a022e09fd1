//! `SHA256SUMS`: the digest of every other file, as `sha256sum -c` reads it; what the signatures are made over.

use super::Attachment;
use crate::ids::Digest;

pub(super) const SUMS: &str = "SHA256SUMS";
pub(super) const SIGNATURES: &str = "SHA256SUMS.sig";
pub(super) const DOCUMENT: &str = "bundle.json";
pub(super) const PAGE: &str = "index.html";

/// The one text these files have.
pub(super) fn write(document: Digest, page: Digest, attachments: &[Attachment]) -> String {
    let mut text = format!("{document}  {DOCUMENT}\n{page}  {PAGE}\n");
    for attachment in attachments {
        text.push_str(&format!("{}  {}\n", attachment.sha256, attachment.path()));
    }
    text
}

/// The digest of `index.html` that a list names.
#[must_use]
pub fn page_digest(sums: &str) -> Option<Digest> {
    read(sums).map(|(_, page)| page)
}

/// A list and the signatures over it, from where one follows the other: `SHA256SUMS` and `SHA256SUMS.sig`.
#[must_use]
pub fn parts(both: &str) -> Option<(&str, &str)> {
    both.find("-----BEGIN SSH SIGNATURE-----").and_then(|at| both.split_at_checked(at))
}

/// The digests of `bundle.json` and `index.html`, which stand first.
pub(super) fn read(text: &str) -> Option<(Digest, Digest)> {
    let mut lines = text.lines();
    let mut digest = |name: &str| {
        let (digest, rest) = lines.next()?.split_once("  ")?;
        (rest == name).then(|| digest.parse().ok()).flatten()
    };
    Some((digest(DOCUMENT)?, digest(PAGE)?))
}
