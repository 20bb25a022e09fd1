//! The casebook on disk: encrypted, appended to, and asked. The only part that knows SQL.
//!
//! A casebook is a private folder with the database, long attachments beside it, its key slots (twice) and a lock. Facts are the truth; tables that
//! screens ask are computed from them in the same transaction. `recorded` is what the clock said, also when it was set
//! back in between: the order of facts is their sequence, and [`Casebook::check`] names the places.

mod agency_keys;
mod arriving;
mod ask;
mod attach;
mod beside;
mod cells;
mod check;
pub mod cut;
mod destroy;
mod dispose;
mod drafts;
mod error;
mod facts;
mod holders;
mod kept;
mod log;
mod names;
mod people_file;
mod place;
mod post;
mod project;
mod retention;
mod schema;
mod secrets;
mod settings;
mod slots;
mod step;
mod touch;
mod words;

use std::{cell::Cell, path::Path};

use jiff::{Timestamp, Zoned};
use kith_protocol::{
    ids::AgencyId,
    receipt::ReceiptKind,
    seal::{Passphrase, WorkFactor},
};
use rusqlite::Connection;

pub use self::{
    arriving::Arriving,
    attach::{AttachmentReader, MAX_ATTACHMENT},
    check::{CheckItem, CheckReport, Outside, Progress},
    error::{CommandError, StoreError},
    holders::Holder,
    kept::KeptFact,
    log::{LogProof, Met},
    people_file::{ImportError, Imported, Known},
    post::{OutboxItem, OutboxState, Proposal, SealedFile, SealedPapers, SharePapers},
    secrets::RecoverySecret,
    settings::Cursor,
    slots::{SlotsFault, SlotsFaults},
};
use self::{
    beside::InFile,
    place::Place,
    secrets::DatabaseKey,
    slots::{SlotNumber, Slots},
    step::Step,
};
use crate::{
    casework::{
        command::Command,
        decide::{Context, Touched, decide, may_release},
        fact::{Author, Fact, Recorded},
        ids::{FactId, ShareId},
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
    /// Files that were put beside the database in the step that is under way: they go if it is undone.
    arrived: Vec<InFile>,
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
        let (slot, recipient) = slots.add_passphrase(&key, passphrase, work)?;
        let (card, for_card) = slots.add_card(&key)?;
        // Slots first: there is never a database that nobody can open.
        slots.save(place.folder())?;
        let casebook = Self::connect(place, key, slot)?;
        settings::name_holder(&casebook.db, slot, &setup.user, &recipient)?;
        settings::set_card(&casebook.db, &for_card)?;
        casebook.write_setup(setup)?;
        dispose::list::begin(&casebook.db)?;
        Ok((casebook, card))
    }

    /// Is there a casebook in `folder`?
    #[must_use]
    pub fn is_in(folder: &Path) -> bool {
        Place::holds_database(folder)
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
        let mut destroys = false;
        let done = self.in_one(|tx| {
            let mut facts = Vec::new();
            for command in commands {
                destroys |= matches!(
                    command,
                    Command::ApproveDisposal { .. }
                        | Command::AnswerBundle { kind: ReceiptKind::Deleted, .. }
                );
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
        let done = done?;
        if destroys {
            self.after_disposal()?;
        }
        Ok(done)
    }

    /// Runs `work` in one transaction: what it did is committed, or nothing of it.
    fn in_one<T>(
        &mut self,
        work: impl FnOnce(&Step<'_>) -> Result<T, CommandError>,
    ) -> Result<T, CommandError> {
        let tx = self.transaction()?;
        let made = work(&tx)?;
        tx.commit()?;
        Ok(made)
    }

    /// Whether a command would be carried out now. Nothing is.
    ///
    /// # Errors
    /// It would be refused, or the database cannot be read.
    pub fn allows(&self, command: Command, author: &Author, now: &Zoned) -> Result<(), CommandError> {
        let touched = touch::load(&self.db, &command, author)?;
        let at =
            Context { now: now.timestamp(), local: now.datetime(), next: facts::next(&self.db, DEVICE)? };
        Ok(decide(command, &touched, &at).map(|_| ())?)
    }

    /// Whether words that a share withheld can still be released to its recipient.
    ///
    /// # Errors
    /// They cannot, there is no such share, or the database cannot be read.
    pub fn may_release(&self, share: ShareId) -> Result<(), CommandError> {
        Ok(may_release(&touch::share(&self.db, share)?)?)
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
        let casebook = Self { db, met_damage: Cell::new(false), arrived: Vec::new(), key, slot, place };
        casebook.beside().drop_unfinished()?;
        casebook.beside().drop_gone(&casebook.db)?;
        Ok(casebook)
    }

    /// Opens the database again if it has met damage. A step that is under way must end first.
    fn refresh(&mut self) -> Result<(), StoreError> {
        if self.db.is_autocommit() && self.met_damage.take() {
            self.db = open_database(&self.place, &self.key)?;
        }
        Ok(())
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
    let touched = touch::load(db, &command, author)?;
    let kept = match &command {
        Command::Share { draft, .. } => Some((draft.clone(), None)),
        Command::ProposeShare { draft, choices, .. } => Some((draft.clone(), Some(choices.clone()))),
        _ => None,
    };
    let checked = match &command {
        Command::ApproveShare { share, .. } => Some(*share),
        _ => None,
    };
    // Once the node has it, or nobody will, a share leaves the outbox.
    let leaves = match &command {
        Command::KeepReceipt { share, .. } | Command::EndShare { share, .. } => Some(*share),
        _ => None,
    };
    let at = Context { now: now.timestamp(), local: now.datetime(), next: facts::next(db, DEVICE)? };
    let facts = decide(command, &touched, &at)?;
    let destroys = facts.iter().any(|fact| matches!(fact, Fact::Disposed(_)));
    let mut ids = Vec::with_capacity(facts.len());
    for (mut fact, seq) in facts.into_iter().zip(at.next.seq..) {
        name_people(db, &mut fact)?;
        let id = FactId { device: DEVICE, seq };
        let decided = matches!(fact, Fact::ShareDecided(_) | Fact::ShareProposed { .. });
        let gone = match &fact {
            Fact::BundleDestroyed(gone) => Some(gone.clone()),
            _ => None,
        };
        record(db, id, now.timestamp(), author, fact)?;
        if let Some(gone) = gone {
            destroy::bundle(db, &gone)?;
        }
        match kept.as_ref().filter(|_| decided) {
            Some((draft, None)) => post::queue(db, id, draft)?,
            Some((draft, Some(choices))) => post::propose(db, id, draft, choices)?,
            None => {}
        }
        ids.push(id);
    }
    if let Some(share) = checked {
        post::queue_proposed(db, share)?;
    }
    if let Some(share) = leaves {
        post::leave(db, share)?;
    }
    if let Touched::Proposal(state) = touched
        && destroys
    {
        dispose::destroy(db, &state.scope)?;
    }
    Ok(ids)
}

/// Puts the names that people have now into a fact about an entry, so that it tells by itself who they were.
fn name_people(db: &Connection, fact: &mut Fact) -> Result<(), StoreError> {
    if let Fact::EntryRecorded { entry, names, .. } | Fact::EntryAmended { now: entry, names, .. } = fact {
        *names = ask::names(db, entry)?;
    }
    Ok(())
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
    let commitment = facts::append(db, &recorded)?;
    log::append(db, id, &commitment)?;
    project::project(db, &recorded)
}

#[cfg(test)]
pub(crate) mod tests;
