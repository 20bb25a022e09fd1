//! From the outbox to a sealed file. What sealing takes can leave the casebook's thread, so that a long one holds nobody up.

use std::{collections::BTreeSet, fs::File, io::Write as _, path::PathBuf};

use jiff::{Timestamp, Zoned};
use kith_protocol::{
    approval::Approved,
    bundle::{AttachmentSource, Cleared, Draft, Forbidden, Fresh, Measured, SealRefused, Sealed, Sealing},
    directory::Member,
    keys::PersonKey,
    sign::SigningKey,
};

use super::{
    attached,
    elsewhere::PIECE,
    office::{Office, OfficeError},
    outbox::machine,
    sealing::{Durable, FromCasebook, GATE_OPEN, Leaves, sealed_file, sync_folder},
};
use crate::{casework::ids::ShareId, store::OutboxState};

/// A bundle that may be sealed now, with the keys that seal it; they are wiped when it is dropped.
pub struct ToSeal {
    share: ShareId,
    cleared: Cleared,
    attached: u64,
    /// What may never leave, to be looked for in the attachments.
    never: Vec<Forbidden>,
    me: Member,
    agency: SigningKey,
    person: PersonKey,
    now: Timestamp,
    fresh: Fresh,
    folder: PathBuf,
}

/// One way through the outbox: each share is tried once.
#[derive(Debug, Default)]
pub struct Pass {
    tried: BTreeSet<ShareId>,
    /// Something was sealed, or ended.
    pub changed: bool,
}

impl ToSeal {
    pub(super) const fn share(&self) -> ShareId {
        self.share
    }

    /// Bytes of its attachments.
    pub(super) const fn attached(&self) -> u64 {
        self.attached
    }

    /// Whether others should not have to wait for it.
    const fn is_long(&self) -> bool {
        self.attached > PIECE as u64
    }

    fn name(&self) -> String {
        format!("{}.age", self.fresh.seal_id)
    }

    /// Writes the sealed file; its bytes are on the disk then. A long one can be read from its beginning on.
    pub(super) fn seal(
        &self,
        from: &mut dyn AttachmentSource,
        leaves: Option<Leaves>,
    ) -> Result<Sealed, SealRefused> {
        let sealing = Sealing {
            from: &self.me,
            agency: &self.agency,
            person: &self.person,
            now: self.now,
            gate_open: GATE_OPEN,
            fresh: self.fresh,
        };
        attached::search(self.cleared.attachments(), from, &self.never)?;
        let path = self.folder.join(self.name());
        let sealed = if self.is_long() {
            self.cleared.seal(&sealing, from, Durable::create(&path, leaves)?, &mut |_, _| {})?
        } else {
            // A thread for it would take longer than the work.
            let mut bytes = Vec::new();
            let sealed = self.cleared.seal(&sealing, from, Measured::new(&mut bytes), &mut |_, _| {})?;
            let mut file = File::create(&path)?;
            file.write_all(&bytes)?;
            file.sync_all()?;
            sealed
        };
        sync_folder(&self.folder)?;
        Ok(sealed)
    }
}

impl Office {
    /// Seals whatever waits to be sealed, long or short. What may no longer leave is ended, with the reason. Says
    /// whether anything changed.
    ///
    /// # Errors
    /// When the casebook or a file fails; what was sealed so far stays.
    pub fn seal_waiting(&mut self, now: &Zoned) -> Result<bool, OfficeError> {
        let mut pass = Pass::default();
        while let Some(next) = self.seal_short(&mut pass, now)? {
            self.seal_here(&next, &mut pass, now)?;
        }
        Ok(pass.changed)
    }

    /// As [`Self::seal_waiting`], up to the next long one, which is for the caller to seal and [`Self::sealed`].
    ///
    /// # Errors
    /// When the casebook or a file fails; what was sealed so far stays.
    pub fn seal_short(&mut self, pass: &mut Pass, now: &Zoned) -> Result<Option<ToSeal>, OfficeError> {
        for item in self.casebook.outbox()? {
            let OutboxState::ToSeal { draft } = item.state else { continue };
            if !pass.tried.insert(item.share) {
                continue;
            }
            match self.ready(item.share, &draft, now) {
                Ok(Some(next)) if next.is_long() => return Ok(Some(next)),
                Ok(Some(next)) => self.seal_here(&next, pass, now)?,
                Ok(None) => pass.changed = true,
                // One that cannot be sealed now holds up no other.
                Err(OfficeError::Refused(why)) => self.not_yet(item.share, &why.to_string(), now)?,
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    /// Notes what sealing came to.
    ///
    /// # Errors
    /// When the casebook fails.
    pub fn sealed(
        &mut self,
        next: &ToSeal,
        sealed: Result<Sealed, SealRefused>,
        pass: &mut Pass,
        now: &Zoned,
    ) -> Result<(), OfficeError> {
        let noted = match sealed {
            Ok(sealed) => self.note_sealed(next, &sealed, now),
            Err(SealRefused::Approval(why)) => self.end(next.share, &why.to_string(), now),
            Err(SealRefused::Refused(refusals)) => self.end(next.share, &told(&refusals), now),
            Err(error) => Err(error.into()),
        };
        match noted {
            Err(OfficeError::Refused(why)) => self.not_yet(next.share, &why.to_string(), now),
            Err(error) => Err(error),
            Ok(()) => {
                pass.changed = true;
                Ok(())
            }
        }
    }

    fn seal_here(&mut self, next: &ToSeal, pass: &mut Pass, now: &Zoned) -> Result<(), OfficeError> {
        let sealed = next.seal(&mut FromCasebook(&self.casebook), None);
        self.sealed(next, sealed, pass, now)
    }

    fn note_sealed(&mut self, next: &ToSeal, sealed: &Sealed, now: &Zoned) -> Result<(), OfficeError> {
        let file = sealed_file(sealed, next.name())?;
        self.casebook.set_sealed(next.share, &file, &machine(), now)?;
        Ok(())
    }

    /// What sealing a share takes; none when it may no longer leave and was ended.
    fn ready(&mut self, share: ShareId, draft: &[u8], now: &Zoned) -> Result<Option<ToSeal>, OfficeError> {
        let may = self.may_leave(share, now)?;
        let draft: Draft = serde_json::from_slice(draft)
            .map_err(|_| OfficeError::refused("a queued draft does not read"))?;
        let attached = draft.attachments.iter().map(|one| one.size).sum();
        let never = draft.forbidden.iter().filter(|one| one.always).cloned().collect();
        let to = self.member(&draft.to.id)?.clone();
        let (at, approved) = (now.timestamp(), self.approval(share, now)?);
        let cleared = may.map(|()| match approved {
            Some(approved) => draft.clear_approved(&to, at, approved),
            None => draft.clear(&to, at),
        });
        let why = match cleared {
            Ok(Ok(cleared)) => return Ok(Some(self.with_keys(share, (cleared, never), attached, now)?)),
            Ok(Err(refusals)) => told(&refusals),
            Err(why) => why,
        };
        self.end(share, &why, now)?;
        Ok(None)
    }

    /// The second person's check of a share, where there was one.
    fn approval(&self, share: ShareId, now: &Zoned) -> Result<Option<Approved>, OfficeError> {
        let Some(signed) = self.casebook.papers(share)?.approval else { return Ok(None) };
        let me = &self.enrolled()?.me;
        let approved = signed.verify((&me.id, &me.keys), now.timestamp());
        approved.map(Some).map_err(|error| OfficeError::refused(error.to_string()))
    }

    fn with_keys(
        &self,
        share: ShareId,
        (cleared, never): (Cleared, Vec<Forbidden>),
        attached: u64,
        now: &Zoned,
    ) -> Result<ToSeal, OfficeError> {
        let enrolled = self.sending(now)?;
        Ok(ToSeal {
            share,
            cleared,
            attached,
            never,
            me: enrolled.me.clone(),
            agency: enrolled.secrets.sign.clone(),
            person: self.signs(now.timestamp())?.clone(),
            now: now.timestamp(),
            fresh: Fresh::system(),
            folder: self.outbox_folder(),
        })
    }
}

fn told(refusals: &[kith_protocol::consent::Refusal]) -> String {
    refusals.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}
