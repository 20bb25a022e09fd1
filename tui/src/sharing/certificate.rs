//! The certificate of a disposal: made from the tombstone and the leaves that stay, signed with the agency's key.

use std::{
    fs,
    path::{Path, PathBuf},
};

use kith_protocol::{
    consent::DecidedBy,
    disposal::{Disposal, DisposedFact, SignedDisposal},
};

use super::office::OfficeError;
use crate::{
    casework::{fact::Author, ids::FactId},
    store::Casebook,
};

/// The certificate of a disposal. It can be made again at any time, and says the same.
///
/// # Errors
/// When there is no such disposal, or the agency has no keys yet.
pub fn certificate(book: &Casebook, id: FactId) -> Result<SignedDisposal, OfficeError> {
    let Some(secrets) = book.agency_secrets()? else {
        return Err(OfficeError::refused(
            "this casebook has no keys, so it cannot sign: it was not made with `kith init`",
        ));
    };
    let session = book.session()?;
    let (disposed, leaves) = book.disposal(id)?;
    let decided = |by: Author, on| DecidedBy { name: by.name, role: by.role, on };
    let certificate = Disposal {
        agency: session.agency,
        agency_name: session.agency_name,
        rule: disposed.rule.code().to_owned(),
        rule_words: disposed.rule.words().to_owned(),
        rule_source: disposed.rule.source().to_owned(),
        proposed_by: decided(disposed.proposed_by, disposed.proposed),
        approved_by: decided(disposed.approved_by, disposed.approved),
        replayed: disposed.replayed,
        tombstone: id.to_string(),
        facts: leaves.into_iter().map(|(fact, leaf)| DisposedFact { fact: fact.to_string(), leaf }).collect(),
        attachments: disposed.attachments,
        kept: disposed.kept.iter().map(|entry| entry.to_string()).collect(),
    };
    Ok(SignedDisposal::new(&certificate, &secrets.sign))
}

/// Writes it and its signature into `folder`, side by side, as `ssh-keygen -Y verify` takes them.
///
/// # Errors
/// As [`certificate`], and when the files are there already or cannot be written.
pub fn save(book: &Casebook, id: FactId, folder: &Path) -> Result<PathBuf, OfficeError> {
    let signed = certificate(book, id)?;
    let file = folder.join(format!("disposal-{id}.json"));
    let signature = folder.join(format!("disposal-{id}.json.sig"));
    for (path, text) in [(&file, signed.text.as_str()), (&signature, signed.signature.as_str())] {
        let made = fs::File::create_new(path)
            .and_then(|mut new| std::io::Write::write_all(&mut new, text.as_bytes()));
        made.map_err(OfficeError::file("certificate"))?;
    }
    Ok(file)
}
