//! Issuing the next version of the directory: who is listed, at which node, for how long.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use kith_protocol::{
    directory::{Directory, Pinned, SignedDirectory},
    enrolment::{Invitation, SignedEnrolment},
    ids::AgencyId,
    words::eight_words,
};

use super::{AdminError, Form, LIFETIME, NodeFolder, NodeKeys, read_json, read_seed_file, write_json};

/// What enrolling an agency came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrolled {
    pub id: AgencyId,
    pub name: String,
    pub words: [&'static str; 8],
    pub version: u64,
}

/// What an enrolment file asks for, before anybody compared its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::node) struct Asked {
    pub(in crate::node) id: AgencyId,
    pub(in crate::node) words: [&'static str; 8],
    /// Whether the key that the directory lists for this agency signed it as well; none if it is not listed.
    pub(in crate::node) by_listed_key: Option<bool>,
}

/// Checks an enrolment file; what it asks for counts only after its words were compared with the agency.
///
/// # Errors
/// The file cannot be read or does not verify.
pub(in crate::node) fn asked(folder: &NodeFolder, enrolment: &Path) -> Result<Asked, AdminError> {
    let signed: SignedEnrolment = read_json(enrolment, Form::Enrolment)?;
    let asked = signed.verify().map_err(AdminError::Enrolment)?;
    let words = eight_words(&asked.keys);
    let (current, pinned) = folder.directory()?;
    let directory = current.verify_to_renew(&pinned)?;
    let listed = directory.member(&asked.id);
    let by_listed_key = listed.map(|member| signed.verify_by(&member.keys.sign).is_ok());
    Ok(Asked { id: asked.id, words, by_listed_key })
}

/// Lists an agency in the directory and signs the next version with the partnership keys in `keys`.
///
/// # Errors
/// A file cannot be read or does not verify, or the agency is listed and not to be replaced.
pub fn enrol(
    folder: &NodeFolder,
    enrolment: &Path,
    keys: &[PathBuf],
    replace: bool,
    now: Timestamp,
) -> Result<Enrolled, AdminError> {
    let signed: SignedEnrolment = read_json(enrolment, Form::Enrolment)?;
    let asked = signed.verify().map_err(AdminError::Enrolment)?;
    let (id, name, words) = (asked.id.clone(), asked.name.clone(), eight_words(&asked.keys));
    let node = folder.address()?;
    let version = reissue(folder, keys, now, |directory| {
        if directory.member(&asked.id).is_some() && !replace {
            return Err(AdminError::Member(asked.id));
        }
        directory.members.retain(|member| member.id != asked.id);
        directory.members.push(asked.member(node));
        Ok(())
    })?;
    Ok(Enrolled { id, name, words, version })
}

/// Takes an agency out of the directory. Gives the new version.
///
/// # Errors
/// It is not listed, or a file cannot be read or does not verify.
pub fn remove(
    folder: &NodeFolder,
    agency: &AgencyId,
    keys: &[PathBuf],
    now: Timestamp,
) -> Result<u64, AdminError> {
    reissue(folder, keys, now, |directory| {
        let before = directory.members.len();
        directory.members.retain(|member| member.id != *agency);
        if directory.members.len() == before { Err(AdminError::NoMember(agency.clone())) } else { Ok(()) }
    })
}

/// Signs the directory anew as it is, good for another year, however long ago it ran out. Gives the new version.
///
/// # Errors
/// A file cannot be read or does not verify.
pub fn renew(folder: &NodeFolder, keys: &[PathBuf], now: Timestamp) -> Result<u64, AdminError> {
    reissue(folder, keys, now, |_| Ok(()))
}

/// Lists the node at another address, with new keys if asked to, for all its members at once. Gives the new version.
/// After a crash in between it can be done again without new keys: it lists what stands in the folder.
///
/// # Errors
/// The address is not well formed, or a file cannot be read or does not verify.
pub fn relocate(
    folder: &NodeFolder,
    addr: Option<&str>,
    new_keys: bool,
    keys: &[PathBuf],
    now: Timestamp,
) -> Result<u64, AdminError> {
    let (mut settings, mut invitation) =
        (folder.settings()?, read_json::<Invitation>(&folder.invitation_path(), Form::Own)?);
    if let Some(addr) = addr {
        addr.clone_into(&mut settings.addr);
    }
    let own = if new_keys { NodeKeys::generate() } else { folder.keys()? };
    let node = own.address(settings.name.clone(), settings.addr.clone());
    node.check().map_err(AdminError::Address)?;
    let next = next(folder, keys, now, |directory| {
        let ours = directory.members.iter_mut().filter(|member| member.node.name == node.name);
        ours.for_each(|member| member.node.clone_from(&node));
        Ok(())
    })?;
    if new_keys {
        folder.put_keys(&own)?;
    }
    write_json(&folder.settings_path(), &settings)?;
    invitation.node = node;
    write_json(&folder.invitation_path(), &invitation)?;
    next.put(folder)
}

/// A signed version that is not yet in the folder.
struct Next {
    version: u64,
    signed: SignedDirectory,
    pinned: Pinned,
}

impl Next {
    fn put(&self, folder: &NodeFolder) -> Result<u64, AdminError> {
        folder.put_directory(&self.signed, &self.pinned)?;
        Ok(self.version)
    }
}

fn reissue(
    folder: &NodeFolder,
    keys: &[PathBuf],
    now: Timestamp,
    change: impl FnOnce(&mut Directory) -> Result<(), AdminError>,
) -> Result<u64, AdminError> {
    next(folder, keys, now, change)?.put(folder)
}

fn next(
    folder: &NodeFolder,
    keys: &[PathBuf],
    now: Timestamp,
    change: impl FnOnce(&mut Directory) -> Result<(), AdminError>,
) -> Result<Next, AdminError> {
    let (current, pinned) = folder.directory()?;
    // Whoever holds the keys may sign again, also long after the last version ran out.
    let mut directory = current.verify_to_renew(&pinned)?;
    change(&mut directory)?;
    directory.version += 1;
    directory.issued = now;
    directory.expires = now.saturating_add(LIFETIME).unwrap_or(now);
    let keys = keys.iter().map(|path| read_seed_file(path)).collect::<Result<Vec<_>, _>>()?;
    let signed = directory.sign(&keys.iter().collect::<Vec<_>>()).ok_or(AdminError::NoKey)?;
    signed.verify(&pinned, now)?;
    let pinned = pinned.follow(&signed)?;
    Ok(Next { version: directory.version, signed, pinned })
}
