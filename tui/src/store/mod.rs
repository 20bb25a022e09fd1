//! The casebook on disk: encrypted, appended to, and asked. The only part that knows SQL.
//!
//! A casebook is a private folder with the database, its key slots (twice) and a lock. Facts are the truth; tables that
//! screens ask are computed from them in the same transaction. `recorded` is what the clock said, also when it was set
//! back in between: the order of facts is their sequence, and [`Casebook::check`] names the places.

mod ask;
mod attach;
mod cells;
mod check;
mod cut;
mod destroy;
mod drafts;
mod error;
mod facts;
mod names;
mod people_file;
mod place;
mod post;
mod project;
mod schema;
mod settings;
mod slots;
mod touch;
mod words;

use std::{cell::Cell, path::Path};

use jiff::{Timestamp, Zoned};
use kith_protocol::{
    ids::AgencyId,
    seal::{Passphrase, WorkFactor},
};
use rusqlite::{Connection, Transaction, TransactionBehavior, params};

pub use self::{
    attach::{AttachmentReader, CHUNK, Incoming, MAX_ATTACHMENT},
    check::{CheckItem, CheckReport, Progress},
    error::{CommandError, StoreError},
    people_file::{ImportError, Imported},
    post::{OutboxItem, OutboxState, SealedFile, SealedPapers, SharePapers},
    settings::{Cursor, Verification},
    slots::RecoverySecret,
};
use self::{
    place::Place,
    slots::{DatabaseKey, SlotNumber, Slots},
};
use crate::{
    casework::{
        command::Command,
        decide::{Context, decide},
        fact::{Author, Fact, Recorded},
        ids::FactId,
    },
    flow::Session,
};

/// The device that writes here. One device a casebook in this issue; ids carry the rest.
const DEVICE: u16 = 1;

/// Commands in one transaction from which on more memory is worth it.
const BULK: usize = 1_000;

/// Who a new casebook belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setup {
    pub agency: AgencyId,
    pub agency_name: String,
    /// Whose passphrase it is.
    pub user: Author,
    /// Fictional people, thrown away afterwards.
    pub demo: bool,
}

/// An open casebook. One thread at a time; dropping it closes and locks it.
pub struct Casebook {
    db: Connection,
    /// SQLCipher answers nothing more on a connection that has met a damaged page: it must be opened again.
    met_damage: Cell<bool>,
    key: DatabaseKey,
    /// The slot that opened it.
    slot: SlotNumber,
    /// Held last, so that the lock outlives the connection.
    place: Place,
}

impl Casebook {
    /// Makes a casebook in `folder`, which must not hold one. The recovery secret is shown once, on the card.
    ///
    /// # Errors
    /// Refuses a folder that holds a casebook, lies on a network disk or is in use.
    pub fn create(
        folder: &Path,
        setup: &Setup,
        passphrase: &Passphrase,
        work: WorkFactor,
    ) -> Result<(Self, RecoverySecret), StoreError> {
        let place = Place::make(folder)?;
        let key = DatabaseKey::generate();
        let mut slots = Slots::new();
        let slot = slots.add_passphrase(&key, passphrase, work)?;
        let card = slots.add_card(&key)?;
        // Slots first: there is never a database that nobody can open.
        slots.save(place.folder())?;
        let casebook = Self::connect(place, key, slot)?;
        casebook.name_holder(slot, &setup.user)?;
        casebook.write_setup(setup)?;
        Ok((casebook, card))
    }

    /// Opens the casebook in `folder`.
    ///
    /// # Errors
    /// Says whether the passphrase is wrong, there is no casebook, it is damaged, too new, or open elsewhere.
    pub fn unlock(folder: &Path, passphrase: &Passphrase) -> Result<Self, StoreError> {
        let place = Place::open(folder)?;
        let (key, slot) = Slots::load(place.folder())?.open_with_passphrase(passphrase)?;
        let casebook = Self::connect(place, key, slot)?;
        // A slot that nobody holds any more came from an older slot file: its passphrase has been changed since.
        match casebook.holder(slot)? {
            Some(_) => Ok(casebook),
            None => Err(StoreError::WrongPassphrase),
        }
    }

    /// Opens the casebook with the recovery card, and gives `user` a slot with a new passphrase.
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
        let mut slots = Slots::load(place.folder())?;
        let key = slots.open_with_card(card)?;
        let slot = slots.add_passphrase(&key, passphrase, work)?;
        let casebook = Self::connect(place, key, slot)?;
        casebook.name_holder(slot, user)?;
        slots.save(casebook.place.folder())?;
        Ok(casebook)
    }

    /// Is there a casebook in `folder`?
    #[must_use]
    pub fn is_in(folder: &Path) -> bool {
        Place::holds_database(folder)
    }

    /// Gives another person a slot.
    ///
    /// # Errors
    /// When there are too many slots, or they cannot be written.
    pub fn add_holder(
        &self,
        user: &Author,
        passphrase: &Passphrase,
        work: WorkFactor,
    ) -> Result<(), StoreError> {
        let mut slots = Slots::load(self.place.folder())?;
        let slot = slots.add_passphrase(&self.key, passphrase, work)?;
        self.name_holder(slot, user)?;
        slots.save(self.place.folder())
    }

    /// Puts a new passphrase in place of the one that opened the casebook.
    ///
    /// # Errors
    /// When the slots cannot be written; the old passphrase then still holds.
    pub fn change_passphrase(&mut self, fresh: &Passphrase, work: WorkFactor) -> Result<(), StoreError> {
        let user = self.session()?.user;
        let mut slots = Slots::load(self.place.folder())?;
        let slot = slots.add_passphrase(&self.key, fresh, work)?;
        slots.remove(self.slot);
        self.name_holder(slot, &user)?;
        self.copy_person_key(slot)?;
        slots.save(self.place.folder())?;
        let left = std::mem::replace(&mut self.slot, slot);
        self.forget_slot(left)
    }

    /// Whose casebook it is, and who opened it.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn session(&self) -> Result<Session, StoreError> {
        let setup = self.read_setup()?;
        let user = self.holder(self.slot)?.unwrap_or(setup.user);
        Ok(Session { agency: setup.agency, agency_name: setup.agency_name, user, demo: setup.demo })
    }

    /// Carries out a command in one transaction: what it touches is loaded, `decide` judges, the facts are appended,
    /// every table is brought up to date. Returns the ids of the facts, in order; none if all was done already.
    ///
    /// # Errors
    /// The refusal of `decide`, or what went wrong; either way nothing was written.
    pub fn execute(
        &mut self,
        command: Command,
        author: &Author,
        now: &Zoned,
    ) -> Result<Vec<FactId>, CommandError> {
        self.execute_all([command], author, now)
    }

    /// Carries out several commands in one transaction: all, or none.
    ///
    /// # Errors
    /// As [`Self::execute`], for the first command that does not succeed.
    pub fn execute_all(
        &mut self,
        commands: impl IntoIterator<Item = Command>,
        author: &Author,
        now: &Zoned,
    ) -> Result<Vec<FactId>, CommandError> {
        let commands = commands.into_iter();
        let bulk = commands.size_hint().0 >= BULK;
        if bulk {
            schema::set_bulk(&self.db, true)?;
        }
        let done = self.in_one(|tx| {
            let mut facts = Vec::new();
            for command in commands {
                facts.extend(carry_out(tx, command, author, now)?);
            }
            Ok(facts)
        });
        if bulk {
            schema::set_bulk(&self.db, false)?;
        }
        if matches!(done, Err(CommandError::Store(StoreError::Damaged { .. }))) {
            self.met_damage.set(true);
        }
        done
    }

    /// Runs `work` in one transaction: what it did is committed, or nothing of it.
    fn in_one<T>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, CommandError>,
    ) -> Result<T, CommandError> {
        let tx = self.transaction()?;
        let made = work(&tx)?;
        tx.commit()?;
        Ok(made)
    }

    /// When the last fact was recorded, if that lies after `now`: the clock was set back since, or was wrong then.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn clock_went_back(&self, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let last = facts::last_recorded(&self.db)?.map(cells::from_micros).transpose()?;
        Ok(last.filter(|last| *last > now))
    }

    fn connect(place: Place, key: DatabaseKey, slot: SlotNumber) -> Result<Self, StoreError> {
        schema::silence();
        let db = open_database(&place, &key)?;
        let casebook = Self { db, met_damage: Cell::new(false), key, slot, place };
        casebook.drop_unfinished_attachments()?;
        Ok(casebook)
    }

    /// Opens the database again if it has met damage.
    fn refresh(&mut self) -> Result<(), StoreError> {
        if self.met_damage.take() {
            self.db = open_database(&self.place, &self.key)?;
        }
        Ok(())
    }

    fn transaction(&mut self) -> Result<Transaction<'_>, StoreError> {
        self.refresh()?;
        Ok(self.db.transaction_with_behavior(TransactionBehavior::Immediate)?)
    }
}

fn open_database(place: &Place, key: &DatabaseKey) -> Result<Connection, StoreError> {
    let mut db = Connection::open(place.database())?;
    schema::prepare(&db, key)?;
    schema::migrate(&mut db)?;
    Ok(db)
}

/// The one way in: everything that changes casework passes here, inside the caller's transaction.
fn carry_out(
    db: &Connection,
    command: Command,
    author: &Author,
    now: &Zoned,
) -> Result<Vec<FactId>, CommandError> {
    let touched = touch::load(db, &command)?;
    let draft = match &command {
        Command::Share { draft, .. } => Some(draft.clone()),
        _ => None,
    };
    // Once the node has it, or nobody will, a share leaves the outbox.
    let leaves = match &command {
        Command::KeepReceipt { share, .. } | Command::EndShare { share, .. } => Some(*share),
        _ => None,
    };
    let at = Context { now: now.timestamp(), local: now.datetime(), next: facts::next(db, DEVICE)? };
    let facts = decide(command, &touched, &at)?;
    let mut ids = Vec::with_capacity(facts.len());
    for (fact, seq) in facts.into_iter().zip(at.next.seq..) {
        let id = FactId { device: DEVICE, seq };
        let queued = matches!(fact, Fact::ShareDecided(_));
        let gone = match &fact {
            Fact::BundleDestroyed(gone) => Some((destroy::attached(db, gone)?, gone.clone())),
            _ => None,
        };
        record(db, id, now.timestamp(), author, fact)?;
        if let Some((attached, gone)) = gone {
            destroy::bundle(db, &gone, &attached)?;
        }
        if let Some(draft) = draft.as_ref().filter(|_| queued) {
            db.prepare_cached("INSERT INTO outbox (share, draft) VALUES (?, ?)")?
                .execute(params![id.key(), draft])?;
        }
        ids.push(id);
    }
    if let Some(share) = leaves {
        db.prepare_cached("DELETE FROM outbox WHERE share = ?")?.execute([share.0.key()])?;
    }
    Ok(ids)
}

/// Appends one fact and brings every table up to date.
fn record(
    db: &Connection,
    id: FactId,
    now: Timestamp,
    author: &Author,
    fact: Fact,
) -> Result<(), StoreError> {
    // Columns count microseconds; the body says the same moment.
    let recorded = cells::from_micros(now.as_microsecond())?;
    let recorded = Recorded { id, recorded, by: author.clone(), fact };
    facts::append(db, &recorded)?;
    project::project(db, &recorded)
}

#[cfg(test)]
mod tests;
