//! Holders: who opens the casebook, by a passphrase of their own or by the recovery card, and who no longer does. Each
//! change is a fact of the log.

use std::{path::Path, thread};

use jiff::Timestamp;
use kith_protocol::{
    keys::PersonKey,
    seal::{Passphrase, Recipient, WorkFactor},
};
use rusqlite::Connection;

use super::{
    Casebook, DEVICE, StoreError, facts,
    place::Place,
    record, schema,
    secrets::{DatabaseKey, RecoverySecret},
    settings,
    slots::{Opened, SlotNumber, Slots},
};
use crate::casework::{
    fact::{Author, Fact, Recorded, SignedText},
    holder::HolderChange,
};

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
        passphrase: (&Passphrase, WorkFactor),
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let place = Place::open(folder)?;
        let slots = Slots::load(place.folder())?;
        let opened = slots.open_with_card(card)?;
        let mut casebook = Self::settle(place, opened, slots).map_err(|error| match error {
            StoreError::WrongPassphrase => StoreError::WrongCard,
            other => other,
        })?;
        let lost = casebook.holder_rows()?.into_iter().find(|(_, who, _)| who.name == user.name);
        let lost = lost.map(|(lost, ..)| lost);
        let mut slots = Slots::load(casebook.place.folder())?;
        let (slot, recipient) = slots.add_passphrase(&casebook.key, passphrase.0, passphrase.1)?;
        let tx = casebook.transaction()?;
        settings::name_holder(&tx, slot, user, &recipient)?;
        if let Some(lost) = lost {
            slots.remove(lost);
            settings::copy_person_key(&tx, lost, slot)?;
        }
        note(&tx, HolderChange::CardUsed(user.clone()), user, now)?;
        tx.commit()?;
        slots.save(casebook.place.folder())?;
        casebook.slot = slot;
        lost.map_or(Ok(()), |lost| settings::forget_slot(&casebook.db, lost))?;
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

    /// Every change of who can open it and of what they sign with, oldest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn holder_changes(&self) -> Result<Vec<(Recorded, HolderChange)>, StoreError> {
        let changes = facts::holder_changes(&self.db)?.into_iter();
        let change = |recorded: Recorded| match recorded.fact.clone() {
            Fact::HolderChanged(change) => Some((recorded, change)),
            _ => None,
        };
        Ok(changes.filter_map(change).collect())
    }

    /// Gives another person a slot, with their signing key once the agency has keys.
    ///
    /// # Errors
    /// When somebody of that name has one, there are too many, or they cannot be written.
    pub fn add_holder(
        &mut self,
        user: &Author,
        person: Option<&PersonKey>,
        passphrase: (&Passphrase, WorkFactor),
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if self.holder_rows()?.iter().any(|(_, who, _)| who.name == user.name) {
            return Err(StoreError::HolderExists);
        }
        let by = self.session()?.user;
        let mut slots = Slots::load(self.place.folder())?;
        let (slot, recipient) = slots.add_passphrase(&self.key, passphrase.0, passphrase.1)?;
        let tx = self.transaction()?;
        if let Some(person) = person {
            settings::put_person_key(&tx, slot, person)?;
        }
        settings::name_holder(&tx, slot, user, &recipient)?;
        // Before the slot is there: nobody ever holds one of whom the log does not tell.
        note(&tx, HolderChange::Added(user.clone()), &by, now)?;
        tx.commit()?;
        slots.save(self.place.folder())
    }

    /// Puts a new passphrase in place of the one that opened the casebook.
    ///
    /// # Errors
    /// When the slots cannot be written; the old passphrase then still holds.
    pub fn change_passphrase(
        &mut self,
        fresh: &Passphrase,
        work: WorkFactor,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let user = self.session()?.user;
        let left = self.slot;
        let mut slots = Slots::load(self.place.folder())?;
        let (slot, recipient) = slots.add_passphrase(&self.key, fresh, work)?;
        slots.remove(left);
        let tx = self.transaction()?;
        settings::name_holder(&tx, slot, &user, &recipient)?;
        settings::copy_person_key(&tx, left, slot)?;
        tx.commit()?;
        slots.save(self.place.folder())?;
        self.slot = slot;
        let tx = self.transaction()?;
        settings::forget_slot(&tx, left)?;
        note(&tx, HolderChange::PassphraseChanged, &user, now)?;
        tx.commit()
    }

    /// Takes somebody's slot away and gives the database another key, so that neither their passphrase nor a key they
    /// kept opens what is written here. A crash at any point leaves one of the two keys, and slots that hold it.
    ///
    /// # Errors
    /// When nobody has that name, it is they who opened the casebook, or it cannot be written.
    pub fn remove_holder(&mut self, name: &str, now: Timestamp) -> Result<(), StoreError> {
        let by = self.session()?.user;
        let mut rows = self.holder_rows()?;
        let place = rows.iter().position(|(_, who, _)| who.name == name).ok_or(StoreError::NoSuchHolder)?;
        let (gone, who, _) = rows.remove(place);
        if gone == self.slot {
            return Err(StoreError::OwnSlot);
        }
        let mut slots = Slots::load(self.place.folder())?;
        let card = (slots.card()?, self.card()?);
        self.change_key(&mut slots, rows, card)?;
        let tx = self.transaction()?;
        settings::forget_slot(&tx, gone)?;
        note(&tx, HolderChange::Removed(who), &by, now)?;
        tx.commit()?;
        slots.end_change(true);
        slots.save(self.place.folder())
    }

    /// Makes a new recovery card and gives the database another key, so that the card before opens nothing any more, also
    /// with an older slot file. `keep` puts the new one on paper before the old one goes.
    ///
    /// # Errors
    /// When it could not be kept, or cannot be written; the card before then still opens the casebook.
    pub fn replace_card<E: From<StoreError>>(
        &mut self,
        now: Timestamp,
        keep: impl FnOnce(&RecoverySecret) -> Result<(), E>,
    ) -> Result<(), E> {
        let by = self.session()?.user;
        let rows = self.holder_rows()?;
        let mut slots = Slots::load(self.place.folder())?;
        let (secret, recipient) = slots.add_card(&self.key)?;
        keep(&secret)?;
        settings::set_next_card(&self.db, &recipient)?;
        let card = (slots.card()?, recipient);
        self.change_key(&mut slots, rows, card)?;
        let tx = self.transaction()?;
        settings::end_card(&tx, true)?;
        note(&tx, HolderChange::CardReplaced, &by, now)?;
        tx.commit()?;
        slots.end_change(true);
        Ok(slots.save(self.place.folder())?)
    }

    /// Puts a certificate for the same signing key in place of the one of the person who opened the casebook.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn certify_anew(&mut self, key: &PersonKey, now: Timestamp) -> Result<(), StoreError> {
        let (slot, user) = (self.slot, self.session()?.user);
        let kith_protocol::keys::SignedCertificate { text, signature } = key.certificate.clone();
        let certificate = SignedText { text, signature: signature.as_str().to_owned() };
        let tx = self.transaction()?;
        settings::put_person_key(&tx, slot, key)?;
        note(&tx, HolderChange::Certified { certificate }, &user, now)?;
        tx.commit()
    }

    /// Records changes of holders that a crash kept out of the log.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish_holders(&mut self, now: Timestamp) -> Result<(), StoreError> {
        let changes = settings::unrecorded(&self.db)?;
        if changes.is_empty() {
            return Ok(());
        }
        let by = Author { name: "Kith".to_owned(), role: "made good after a crash".to_owned() };
        let tx = self.transaction()?;
        changes.into_iter().try_for_each(|change| note(&tx, change, &by, now))?;
        settings::set_unrecorded(&tx, &[])?;
        tx.commit()
    }

    /// Gives the database another key, which `kept` and the card have; other slots go once the change is ended.
    fn change_key(
        &mut self,
        slots: &mut Slots,
        kept: Vec<(SlotNumber, Author, Recipient)>,
        card: (SlotNumber, Recipient),
    ) -> Result<(), StoreError> {
        let kept = kept.into_iter().map(|(slot, _, recipient)| (slot, recipient));
        let kept: Vec<_> = kept.chain([card]).collect();
        let fresh = DatabaseKey::generate();
        slots.begin_change(&fresh, &kept)?;
        slots.save(self.place.folder())?;
        self.refresh()?;
        schema::change_key(&self.db, &fresh)?;
        self.key = fresh;
        Ok(())
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
            settings::end_card(&casebook.db, false)?;
            slots.end_change(false);
            slots.save(casebook.place.folder())?;
            return Ok(casebook);
        };
        let changed = schema::fits(&place, &next);
        let mut casebook = Self::connect(place, if changed { next } else { key }, slot)?;
        slots.end_change(changed);
        let left: Vec<_> =
            casebook.holder_rows()?.into_iter().filter(|(slot, ..)| !slots.holds(*slot)).collect();
        let tx = casebook.transaction()?;
        let mut unrecorded = settings::unrecorded(&tx)?;
        for (slot, who, _) in left {
            settings::forget_slot(&tx, slot)?;
            unrecorded.push(HolderChange::Removed(who));
        }
        unrecorded.extend(settings::end_card(&tx, changed)?.then_some(HolderChange::CardReplaced));
        settings::set_unrecorded(&tx, &unrecorded)?;
        tx.commit()?;
        slots.save(casebook.place.folder())?;
        Ok(casebook)
    }
}

/// Records a change of holders, beside what it changed.
pub(super) fn note(
    db: &Connection,
    change: HolderChange,
    by: &Author,
    now: Timestamp,
) -> Result<(), StoreError> {
    record(db, facts::next(db, DEVICE)?, now, by, Fact::HolderChanged(change))
}
