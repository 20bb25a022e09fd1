//! The papers of a share in a folder: written out for whoever wants to know what became of it, and judged there.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::Read as _,
    path::Path,
};

use jiff::Zoned;
use kith_protocol::{
    bundle::Bundle,
    directory::Directories,
    ids::{AgencyId, Digest, Hasher},
    papers::{Course, Files, MAX_PAPER, MAX_PAPERS, Papers, PapersRefused, fits, verify},
    receipt::{Receipt, Signer},
    sign::SignatureError,
};

use super::{
    laid_out::verify_laid_out,
    office::{Office, OfficeError},
    papers,
    unpack::new_folder,
    withdraw::answers_ours,
};
use crate::casework::{
    command::{Fault, Refusal},
    ids::ShareId,
};

impl Office {
    /// Writes the papers of a share into a folder that must not be there yet. Says what they prove, and how many of its
    /// receipts do not count and were left out.
    ///
    /// # Errors
    /// It was never sealed, or the folder cannot be written.
    pub fn export_papers(
        &self,
        share: ShareId,
        out: &Path,
        now: &Zoned,
    ) -> Result<(Course, usize), OfficeError> {
        let kept = self.casebook().papers(share)?;
        let Some(sealed) = &kept.sealed else {
            return Err(OfficeError::refused("nothing was signed of it: it was not sealed"));
        };
        let beside = new_folder(out)?;
        let bad = |error: SignatureError| OfficeError::refused(error.to_string());
        let receipts = kept.receipts.iter().map(papers::read).collect::<Result<Vec<_>, _>>().map_err(bad)?;
        let all = receipts.len();
        let receipts = receipts.into_iter().filter(|signed| answers_ours(&kept, signed).is_ok()).collect();
        let papers = Papers {
            envelope: papers::read(&sealed.envelope).map_err(bad)?,
            gate: papers::read(&sealed.gate).map_err(bad)?,
            withdrawal: kept.withdrawal.as_ref().map(papers::read).transpose().map_err(bad)?,
            receipts,
            logged: self.casebook().shown_of(share)?,
        };
        let sign = &self.enrolled()?.secrets.sign;
        let (files, course) =
            papers.lay_out(sign, self.directories()?, now.timestamp()).map_err(|error| not_held(&error))?;
        let failed = || OfficeError::file("folder for the papers");
        for (name, text) in &files {
            fs::write(beside.path().join(name), text).map_err(failed())?;
        }
        fs::rename(beside.path(), out).map_err(failed())?;
        // It went away under its old name.
        let _ = beside.keep();
        let left_out = all.saturating_sub(course.standing.proven.len());
        Ok((course, left_out))
    }
}

/// The papers that lie in a folder; none where it is something else.
///
/// # Errors
/// It cannot be read, or what lies there is more than a share has papers.
pub fn read(folder: &Path) -> Result<Option<Files>, OfficeError> {
    let paper = |name: &str| matches!(name, "envelope.json" | "gate.json") || name.starts_with("receipt-");
    plain_files(folder, paper, (MAX_PAPERS, MAX_PAPER))
}

/// Judges them, as anybody can who has the directories.
///
/// # Errors
/// Says what does not hold, and whose fault that is.
pub fn judge(files: &Files, directories: Directories<'_>, now: &Zoned) -> Result<Course, OfficeError> {
    verify(files, directories, now.timestamp()).map_err(|error| not_held(&error))
}

/// What lies beside the papers and belongs to them.
#[derive(Debug)]
pub enum Beside {
    /// The opened bundle: the envelope is of this one, and the gate commits to its record of consent.
    Opened(Box<Bundle>),
    /// The sealed file, whose digest the envelope has.
    Sealed,
}

/// Holds the opened files of a bundle, or its sealed file, against the papers.
///
/// # Errors
/// It is another bundle, or does not hold itself.
pub fn beside(
    course: &Course,
    path: &Path,
    directories: Directories<'_>,
    now: &Zoned,
) -> Result<Beside, OfficeError> {
    let another = |why: String| refused(why, Fault::WhatWasNamed, "bundle");
    if path.is_dir() {
        let unpacked = verify_laid_out(path, &[], directories, now)?;
        let bundle: Bundle = serde_json::from_str(&unpacked.document)
            .map_err(|_| OfficeError::refused("the bundle was verified and does not read"))?;
        return match fits(course, &bundle) {
            Ok(()) => Ok(Beside::Opened(Box::new(bundle))),
            Err(what) => Err(another(format!(
                "these papers are of another bundle than the one in {}: another {what}",
                path.display()
            ))),
        };
    }
    let failed = || OfficeError::file("sealed file");
    let (mut file, mut digest, mut size) = (File::open(path).map_err(failed())?, Hasher::default(), 0);
    let mut some = vec![0; 64 * 1024];
    loop {
        let read = file.read(&mut some).map_err(failed())?;
        let Some(bytes) = some.get(..read).filter(|bytes| !bytes.is_empty()) else { break };
        digest.update(bytes);
        size += read as u64;
    }
    if (digest.finish(), size) == (course.envelope.ciphertext, course.envelope.size) {
        Ok(Beside::Sealed)
    } else {
        Err(another(format!("{} is not the sealed file of these papers", path.display())))
    }
}

pub(super) fn refused(why: String, fault: Fault, what: &'static str) -> OfficeError {
    OfficeError::Refused(Refusal::Bundle { why, fault, what })
}

fn not_held(error: &PapersRefused) -> OfficeError {
    let fault = match error {
        PapersRefused::Missing(_) | PapersRefused::Altered(_) | PapersRefused::List(_) => Fault::Holder,
        PapersRefused::Unlisted(_) => Fault::PutThere,
        PapersRefused::Unknown(_) => Fault::OurDirectory,
        PapersRefused::Paper { .. } => Fault::Sender,
    };
    refused(error.to_string(), fault, error.what())
}

/// The files of a folder as texts, when the name of one of them is `known`, and no bundle lies there. Links are not
/// followed; there are no more of them, and no longer ones, than `limits` says.
pub(super) fn plain_files(
    folder: &Path,
    known: impl Fn(&str) -> bool,
    limits: (usize, usize),
) -> Result<Option<BTreeMap<String, String>>, OfficeError> {
    let failed = || OfficeError::file("folder");
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed())? {
        let entry = entry.map_err(failed())?;
        names.push((entry.file_name().to_string_lossy().into_owned(), entry.path()));
        // A folder of something else may hold any number.
        if names.len() > limits.0 {
            break;
        }
    }
    if !names.iter().any(|(name, _)| known(name)) || names.iter().any(|(name, _)| name == "bundle.json") {
        return Ok(None);
    }
    if names.len() > limits.0 {
        return Err(refused("the folder holds too many files".to_owned(), Fault::PutThere, "files"));
    }
    let mut files = BTreeMap::new();
    for (name, path) in names {
        if !fs::symlink_metadata(&path).map_err(failed())?.is_file() {
            let why = format!("the folder holds {name}, which is no plain file");
            return Err(refused(why, Fault::PutThere, "files"));
        }
        let (mut bytes, most) = (Vec::new(), limits.1 as u64 + 1);
        let file = File::open(&path).map_err(failed())?;
        file.take(most).read_to_end(&mut bytes).map_err(failed())?;
        let text = String::from_utf8(bytes).ok().filter(|text| text.len() <= limits.1);
        let Some(text) = text else {
            let why = format!("{name} is longer than such a file is, or no text");
            return Err(refused(why, Fault::Holder, "files"));
        };
        files.insert(name, text);
    }
    Ok(Some(files))
}

/// One answer, for people and for programs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    pub receipt: Receipt,
    pub digest: Digest,
    /// The person with their role, the recipient's program, or the node.
    pub by: String,
    /// Whose person or program it is; none for the node.
    pub agency: Option<AgencyId>,
}

/// Who said what, in its order. The certificates held when they signed: the papers were judged.
#[must_use]
pub fn said(course: &Course, directories: Directories<'_>) -> Vec<Said> {
    let each = course.standing.proven.iter();
    each.map(|(digest, receipt)| {
        let (by, agency) = match &receipt.signer {
            Signer::Node { name } => (format!("the node {name}"), None),
            Signer::Agency { agency } => {
                (format!("the program of {}", named(agency, directories)), Some(agency.clone()))
            }
            Signer::Person { agency, certificate } => {
                let held = directories.judge(receipt.at, |directory| {
                    let member = directory.member(agency).ok_or(())?;
                    certificate.verify(agency, &member.keys, receipt.at).map_err(drop)
                });
                let who =
                    held.map_or_else(|()| "a person".to_owned(), |one| format!("{}, {}", one.name, one.role));
                (format!("{who}, of {}", named(agency, directories)), Some(agency.clone()))
            }
        };
        Said { receipt: receipt.clone(), digest: *digest, by, agency }
    })
    .collect()
}

/// An agency as people call it, with its short name.
#[must_use]
pub fn named(id: &AgencyId, directories: Directories<'_>) -> String {
    let member = directories.each().find_map(|directory| directory.member(id));
    member.map_or_else(|| id.to_string(), |member| format!("{} ({id})", member.name))
}
