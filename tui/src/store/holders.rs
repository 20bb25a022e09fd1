//! Holders: who opens the casebook, by a passphrase of their own or by the recovery card, and who no longer does.

use std::{path::Path, thread};

use kith_protocol::{
    keys::PersonKey,
    seal::{Passphrase, WorkFactor},
};

use super::{
    Casebook, StoreError,
    place::Place,
    schema,
    secrets::{DatabaseKey, RecoverySecret},
    slots::{Opened, Slots},
};
use crate::casework::fact::Author;

/// A person who can open the casebook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    pub who: Author,
    /// It is they who opened it now.
    pub here: bool,
}

impl Casebook {
    /// Opens the casebook in `folder`.
    ///
    /// # Errors
    /// Says whether the passphrase is wrong, there is no casebook, it is damaged, too new, or open elsewhere.
    pub fn unlock(folder: &Path, passphrase: &Passphrase) -> Result<Self, StoreError> {
        let place = Place::open(folder)?;
        let slots = Slots::load(place.folder())?;
        // SQLCipher makes itself ready while the passphrase is tried. Where no thread can be had it does so later.
        drop(thread::Builder::new().name("kith-ready".to_owned()).spawn(schema::silence));
        let opened = slots.open_with_passphrase(passphrase)?;
        let casebook = Self::settle(place, opened, slots)?;
        // A slot that nobody holds any more came from an older slot file: its passphrase has been changed since.
        match casebook.holder(casebook.slot)? {
            Some(_) => Ok(casebook),
            None => Err(StoreError::WrongPassphrase),
        }
    }

    /// Opens the casebook with the recovery card, and gives `user` a slot with a new passphrase. Whoever has that name
    /// already gets it in place of the one they lost.
    ///
    /// # Errors
    /// As [`Self::unlock`], and when the card is not this casebook's.
    pub fn recover(
        folder: &Path,
        card: &RecoverySecret,
        user: &Author,
        passphrase: &Passphrase,
        work: WorkFactor,
    ) -> Result<Self, StoreError> {
        let place = Place::open(folder)?;
        let slots = Slots::load(place.folder())?;
        let opened = slots.open_with_card(card)?;
        let mut casebook = Self::settle(place, opened, slots)?;
        let before = casebook.holder_rows()?.into_iter().find(|(_, who, _)| who.name == user.name);
        let mut slots = Slots::load(casebook.place.folder())?;
        let (slot, recipient) = slots.add_passphrase(&casebook.key, passphrase, work)?;
        casebook.name_holder(slot, user, &recipient)?;
        let lost = before.map(|(lost, ..)| lost);
        if let Some(lost) = lost {
            slots.remove(lost);
            casebook.copy_person_key(lost, slot)?;
        }
        slots.save(casebook.place.folder())?;
        casebook.slot = slot;
        lost.map_or(Ok(()), |lost| casebook.forget_slot(lost))?;
        Ok(casebook)
    }

    /// Who can open it, in the order in which they were given a slot.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn holders(&self) -> Result<Vec<Holder>, StoreError> {
        let rows = self.holder_rows()?.into_iter();
        Ok(rows.map(|(slot, who, _)| Holder { who, here: slot == self.slot }).collect())
    }

    /// Gives another person a slot, with their signing key once the agency has keys.
    ///
    /// # Errors
    /// When somebody of that name has one, there are too many, or they cannot be written.
    pub fn add_holder(
        &self,
        user: &Author,
        person: Option<&PersonKey>,
        passphrase: &Passphrase,
        work: WorkFactor,
    ) -> Result<(), StoreError> {
        if self.holder_rows()?.iter().any(|(_, who, _)| who.name == user.name) {
            return Err(StoreError::HolderExists);
        }
        let mut slots = Slots::load(self.place.folder())?;
        let (slot, recipient) = slots.add_passphrase(&self.key, passphrase, work)?;
        if let Some(person) = person {
            self.put_person_key(slot, person)?;
        }
        self.name_holder(slot, user, &recipient)?;
        slots.save(self.place.folder())
    }

    /// Puts a new passphrase in place of the one that opened the casebook.
    ///
    /// # Errors
    /// When the slots cannot be written; the old passphrase then still holds.
    pub fn change_passphrase(&mut self, fresh: &Passphrase, work: WorkFactor) -> Result<(), StoreError> {
        let user = self.session()?.user;
        let mut slots = Slots::load(self.place.folder())?;
        let (slot, recipient) = slots.add_passphrase(&self.key, fresh, work)?;
        slots.remove(self.slot);
        self.name_holder(slot, &user, &recipient)?;
        self.copy_person_key(self.slot, slot)?;
        slots.save(self.place.folder())?;
        let left = std::mem::replace(&mut self.slot, slot);
        self.forget_slot(left)
    }

    /// Takes somebody's slot away and gives the database another key, so that neither their passphrase nor a key they
    /// kept opens what is written here. A crash at any point leaves one of the two keys, and slots that hold it.
    ///
    /// # Errors
    /// When nobody has that name, it is they who opened the casebook, or it cannot be written.
    pub fn remove_holder(&mut self, name: &str) -> Result<(), StoreError> {
        let rows = self.holder_rows()?;
        let gone = rows.iter().find(|(_, who, _)| who.name == name).map(|(slot, ..)| *slot);
        let gone = gone.ok_or(StoreError::NoSuchHolder)?;
        if gone == self.slot {
            return Err(StoreError::OwnSlot);
        }
        let kept: Vec<_> = rows
            .into_iter()
            .filter(|(slot, ..)| *slot != gone)
            .map(|(slot, _, recipient)| (slot, recipient))
            .collect();
        let fresh = DatabaseKey::generate();
        let mut slots = Slots::load(self.place.folder())?;
        slots.begin_change(&fresh, &kept, &self.card()?)?;
        slots.save(self.place.folder())?;
        self.refresh()?;
        schema::change_key(&self.db, &fresh)?;
        self.key = fresh;
        self.forget_slot(gone)?;
        slots.end_change(true);
        slots.save(self.place.folder())
    }

    /// Opens the database with whichever key fits, and ends a change of keys that a crash cut short.
    fn settle(place: Place, opened: Opened, mut slots: Slots) -> Result<Self, StoreError> {
        let Opened { slot, key, next } = opened;
        let Some(next) = next else {
            if !slots.is_changing() {
                return Self::connect(place, key, slot);
            }
            // The one who is to go opens it. While the database has the old key they were not removed.
            let casebook = Self::connect(place, key, slot).map_err(|error| match error {
                StoreError::Damaged { .. } => StoreError::WrongPassphrase,
                other => other,
            })?;
            slots.end_change(false);
            slots.save(casebook.place.folder())?;
            return Ok(casebook);
        };
        let changed = schema::fits(&place, &next);
        let casebook = Self::connect(place, if changed { next } else { key }, slot)?;
        slots.end_change(changed);
        for (slot, ..) in casebook.holder_rows()? {
            if !slots.holds(slot) {
                casebook.forget_slot(slot)?;
            }
        }
        slots.save(casebook.place.folder())?;
        Ok(casebook)
    }
}
