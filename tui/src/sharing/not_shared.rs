//! A decision not to share in a folder, as it was written out: its text, both signatures, and whose keys they are by.

use std::{collections::BTreeMap, path::Path};

use kith_protocol::{
    consent::{NotShared, SignedNotShared},
    directory::Directories,
    ids::AgencyId,
    keys::{AgencyKeys, Certificate},
    sign::SignatureSet,
    signed::DocumentError,
};

use super::{
    office::OfficeError,
    share_papers::{plain_files, refused},
};
use crate::casework::command::Fault;

const TEXT: &str = "decision.json";
const BY_PERSON: &str = "decision.json.person.sig";
const BY_AGENCY: &str = "decision.json.agency.sig";
const SIGNERS: &str = "allowed_signers";
/// Longest of these files, in bytes.
const MAX_FILE: usize = 32 * 1024;

/// A decision that holds, and who made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    pub decision: NotShared,
    pub person: Certificate,
    /// The agency, as the directory in force then calls it.
    pub agency_name: String,
}

/// Whose keys: `person@AGENCY`, then the agency.
pub(super) fn allowed_signers(agency: &AgencyId, person: &Certificate, keys: &AgencyKeys) -> String {
    format!("person@{agency} {}\n{agency} {}\n", person.key, keys.sign)
}

/// The files of such a folder; none where it is something else.
///
/// # Errors
/// It cannot be read, or more lies in it.
pub fn read(folder: &Path) -> Result<Option<BTreeMap<String, String>>, OfficeError> {
    plain_files(folder, |name| name.starts_with(TEXT), (4, MAX_FILE))
}

/// Judges it by the keys that were in force when it was decided.
///
/// # Errors
/// Says what does not hold, and whose fault that is.
pub fn verify(
    files: &BTreeMap<String, String>,
    directories: Directories<'_>,
) -> Result<Decided, OfficeError> {
    let names = [TEXT, BY_PERSON, BY_AGENCY, SIGNERS];
    if let Some(name) = names.iter().find(|name| !files.contains_key(**name)) {
        return Err(refused(format!("{name} is missing from the folder"), Fault::Holder, "files"));
    }
    if let Some(name) = files.keys().find(|name| !names.contains(&name.as_str())) {
        let why = format!("the folder holds {name}, which is no part of a decision not to share");
        return Err(refused(why, Fault::PutThere, "files"));
    }
    let text = |name: &str| files.get(name).cloned().unwrap_or_default();
    let one = |name: &str| {
        let set = SignatureSet::from_text(&text(name)).and_then(|set| Ok((set.each()?.len(), set)));
        match set {
            Ok((1, set)) => Ok(set),
            _ => Err(refused(format!("{name} is not one signature"), Fault::Holder, "decision")),
        }
    };
    let (by_person, by_agency) = (one(BY_PERSON)?, one(BY_AGENCY)?);
    let signed = SignedNotShared::from_parts(text(TEXT), by_person.clone().and(&by_agency));
    let decision = signed.verify(directories).map_err(|error| not_held(&error))?;
    let (person, member) = directories
        .judge(decision.at, |directory| {
            let unknown = || DocumentError::UnknownAgency(decision.agency.clone());
            let member = directory.member(&decision.agency).ok_or_else(unknown)?;
            let person = decision.decided_by.verify(&decision.agency, &member.keys, decision.at)?;
            SignedNotShared::from_parts(text(TEXT), by_person.clone()).verify_by(&person.key)?;
            SignedNotShared::from_parts(text(TEXT), by_agency.clone()).verify_by(&member.keys.sign)?;
            Ok((person, member))
        })
        .map_err(|error: DocumentError| not_held(&error))?;
    if text(SIGNERS) != allowed_signers(&decision.agency, &person, &member.keys) {
        let why = "allowed_signers names other keys, or other names, than those that signed".to_owned();
        return Err(refused(why, Fault::Holder, "signers"));
    }
    Ok(Decided { decision, person, agency_name: member.name.clone() })
}

fn not_held(error: &DocumentError) -> OfficeError {
    let (why, fault, what) = match error {
        DocumentError::UnknownAgency(_) => (error.to_string(), Fault::OurDirectory, "decision"),
        DocumentError::Certificate(_) => (error.to_string(), Fault::Sender, "decision"),
        // Bytes that nobody signed came from somewhere else than from whoever could sign them.
        DocumentError::Signature(_) | DocumentError::Text(_) => (
            format!("the decision, or a signature beside it, was changed since it was signed ({error})"),
            Fault::Holder,
            "decision",
        ),
        _ => (error.to_string(), Fault::Sender, "decision"),
    };
    refused(why, fault, what)
}
