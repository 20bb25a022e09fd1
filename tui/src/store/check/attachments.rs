//! Attachments: whether their bytes are there and are those that were recorded, and what lies beside them unnamed.

use std::{collections::BTreeSet, io::Read as _};

use kith_protocol::ids::{Digest, Hasher};

use super::{MAX_FINDINGS, PIECE};
use crate::{
    casework::{entry::Attachment, fact::Fact},
    store::{Casebook, error::StoreError, facts},
};

impl Casebook {
    /// Each whose bytes are missing or others, with its name and the fact that it came with.
    pub(super) fn wrong_attachments(&self) -> Result<Vec<String>, StoreError> {
        let mut statement = self.db.prepare("SELECT sha256, file FROM attachment")?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let rows = rows.collect::<Result<Vec<([u8; 32], Option<String>)>, _>>()?;
        let mut wrong = Vec::new();
        for (bytes, file) in rows {
            let digest = Digest::from_bytes(bytes);
            if wrong.len() < MAX_FINDINGS
                && let Some(what) = self.is_wrong(&digest, file.as_deref())
            {
                wrong.push(format!("{}: {what}", self.named(&digest)?));
            }
        }
        Ok(wrong)
    }

    fn is_wrong(&self, digest: &Digest, file: Option<&str>) -> Option<String> {
        let beside = self.beside();
        if let Some(file) = file.filter(|file| !beside.has(file)) {
            return Some(format!("its file {} is missing", beside.shown(file)));
        }
        let altered = || Some("its bytes are not those that were recorded".to_owned());
        let Ok(mut reader) = self.read_attachment(digest) else { return altered() };
        let (mut hasher, mut piece) = (Hasher::default(), vec![0; PIECE]);
        loop {
            match reader.read(&mut piece) {
                Ok(0) if hasher.clone().finish() == *digest => return None,
                Ok(0) | Err(_) => return altered(),
                Ok(n) => hasher.update(piece.get(..n).unwrap_or_default()),
            }
        }
    }

    /// An attachment as people know it: its name, and the entry or bundle that it came with.
    fn named(&self, digest: &Digest) -> Result<String, StoreError> {
        let mut found = None;
        let of = |files: &[Attachment]| {
            files.iter().find(|file| file.sha256 == *digest).map(|file| file.name.clone())
        };
        facts::each(&self.db, |recorded| {
            let place = match &recorded.fact {
                Fact::EntryRecorded { entry, .. } => {
                    Some((format!("entry {}", recorded.id), &entry.attachments))
                }
                Fact::EntryAmended { entry, now, .. } => Some((format!("entry {entry}"), &now.attachments)),
                Fact::BundleReceived(bundle) => {
                    Some((format!("received bundle {}", recorded.id), &bundle.attachments))
                }
                _ => None,
            };
            if found.is_none() {
                found = place.and_then(|(place, files)| Some(format!("{} of {place}", of(files)?)));
            }
            Ok(())
        })?;
        Ok(found.unwrap_or_else(|| format!("attachment {digest}")))
    }

    /// Files beside the database that no row names, with their bytes.
    pub(super) fn strays(&self) -> Result<Vec<String>, StoreError> {
        let mut statement = self.db.prepare(
            "SELECT file FROM attachment WHERE file IS NOT NULL UNION SELECT file FROM attachment_gone",
        )?;
        let named = statement.query_map([], |row| row.get(0))?.collect::<Result<BTreeSet<String>, _>>()?;
        let beside = self.beside();
        let all = beside.all()?.into_iter().filter(|(name, _)| !named.contains(name));
        Ok(all
            .map(|(name, bytes)| format!("{}, {bytes} bytes", beside.shown(&name)))
            .take(MAX_FINDINGS)
            .collect())
    }
}
