//! What the casebook keeps besides cases: whose it is, who opens it, secrets of the agency, the directory, cursors.

use kith_protocol::{
    directory::{Directory, NodeAddress, Pinned, SignedDirectory},
    ids::BundleId,
    keys::PersonKey,
    seal::Recipient,
};
use rusqlite::{Connection, OptionalExtension as _, params};
use serde::{Serialize, de::DeserializeOwned};
use zeroize::Zeroizing;

use super::{Casebook, Setup, error::StoreError, slots::SlotNumber};
use crate::casework::{
    fact::{Author, SignedText},
    holder::HolderChange,
    query::SetAside,
};

/// Names of settings; one place, so that no two mean the same.
mod name {
    pub(super) const SETUP: &str = "setup";
    pub(super) const CARD: &str = "card";
    pub(super) const NEXT_CARD: &str = "next card";
    pub(super) const UNRECORDED: &str = "unrecorded";
    pub(super) const DIRECTORY: &str = "directory";
    /// Followed by the version of a directory that was accepted, in digits that sort.
    pub(super) const DIRECTORY_OF: &str = "directory ";
    pub(super) const PINNED: &str = "pinned";
    pub(super) const NODE: &str = "node";
    /// Followed by the slot of the person.
    pub(super) const PERSON_KEY: &str = "person key ";
    /// Followed by the name of the cursor.
    pub(super) const CURSOR: &str = "cursor ";
    /// Followed by the id of a bundle.
    pub(super) const ASIDE: &str = "set aside ";
    /// Followed by the id of a bundle that is set aside.
    pub(super) const DISMISSED: &str = "dismissed ";
    /// Followed by the id of a bundle that is set aside.
    pub(super) const WITHDRAWN: &str = "withdrawn ";
}

/// How far this casebook has read one of the node's lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cursor {
    Inbox,
    Receipts,
    Answers,
    Withdrawals,
}

impl Cursor {
    const fn name(self) -> &'static str {
        match self {
            Self::Inbox => "inbox",
            Self::Receipts => "receipts",
            Self::Answers => "answers",
            Self::Withdrawals => "withdrawals",
        }
    }
}

#[derive(Serialize, serde::Deserialize)]
struct SetupText {
    agency: kith_protocol::ids::AgencyId,
    agency_name: String,
    user: Author,
    demo: bool,
}

impl Casebook {
    pub(super) fn write_setup(&self, setup: &Setup) -> Result<(), StoreError> {
        let Setup { agency, agency_name, user, demo } = setup.clone();
        put_json(&self.db, name::SETUP, &SetupText { agency, agency_name, user, demo })
    }

    pub(super) fn read_setup(&self) -> Result<Setup, StoreError> {
        let SetupText { agency, agency_name, user, demo } =
            get_json(&self.db, name::SETUP)?.ok_or_else(|| StoreError::damaged("the setup"))?;
        Ok(Setup { agency, agency_name, user, demo })
    }

    /// Everybody with a slot, and what their copy of the database key is sealed to.
    pub(super) fn holder_rows(&self) -> Result<Vec<(SlotNumber, Author, Recipient)>, StoreError> {
        let mut statement =
            self.db.prepare_cached("SELECT slot, name, role, recipient FROM holder ORDER BY slot")?;
        let mut rows = statement.query([])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let recipient: String = row.get(3)?;
            let recipient = recipient.parse().map_err(|_| StoreError::damaged("a holder"))?;
            found.push((row.get(0)?, Author { name: row.get(1)?, role: row.get(2)? }, recipient));
        }
        Ok(found)
    }

    /// What the card's copy of the database key is sealed to.
    pub(super) fn card(&self) -> Result<Recipient, StoreError> {
        let text = get(&self.db, name::CARD)?.ok_or_else(|| StoreError::damaged("the setup"))?;
        text.parse().map_err(|_| StoreError::damaged("the setup"))
    }

    pub(super) fn holder(&self, slot: SlotNumber) -> Result<Option<Author>, StoreError> {
        Ok(self
            .db
            .query_row("SELECT name, role FROM holder WHERE slot = ?", [slot], |row| {
                Ok(Author { name: row.get(0)?, role: row.get(1)? })
            })
            .optional()?)
    }

    /// The signing key of the person who opened the casebook, with its certificate.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn person_key(&self) -> Result<Option<PersonKey>, StoreError> {
        let Some(text) = secret(&self.db, &person_key_name(self.slot))? else { return Ok(None) };
        PersonKey::from_text(&text).map(Some).map_err(|_| StoreError::damaged("the person's key"))
    }

    /// Keeps the signing key of the person who opened the casebook.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn set_person_key(&mut self, key: &PersonKey) -> Result<(), StoreError> {
        put_person_key(&self.db, self.slot, key)
    }

    /// The directory as it was signed. Whoever reads it verifies it against [`Self::pinned`].
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn directory(&self) -> Result<Option<SignedDirectory>, StoreError> {
        get_json(&self.db, name::DIRECTORY)
    }

    /// Every directory that was accepted, oldest first, as it was signed: what was signed is judged by the one in force
    /// then.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn directories(&self) -> Result<Vec<SignedDirectory>, StoreError> {
        let sql = "SELECT value FROM setting WHERE substr(name, 1, ?1) = ?2 ORDER BY name";
        let mut statement = self.db.prepare_cached(sql)?;
        let mut rows = statement.query(params![name::DIRECTORY_OF.len() as i64, name::DIRECTORY_OF])?;
        let mut out = Vec::new();
        while let Some(row) = rows.next()? {
            let text: String = row.get(0)?;
            out.push(serde_json::from_str(&text).map_err(|_| StoreError::damaged("a setting"))?);
        }
        Ok(out)
    }

    /// What to hold on to between directories.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn pinned(&self) -> Result<Option<Pinned>, StoreError> {
        get_json(&self.db, name::PINNED)
    }

    /// Keeps a directory that was verified beside those before it, what to pin from now on, and the names of its members, together.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn set_directory(
        &mut self,
        signed: &SignedDirectory,
        verified: &Directory,
        pinned: &Pinned,
    ) -> Result<(), StoreError> {
        let tx = self.transaction()?;
        put_json(&tx, name::DIRECTORY, signed)?;
        put_json(&tx, &format!("{}{:020}", name::DIRECTORY_OF, verified.version), signed)?;
        put_json(&tx, name::PINNED, pinned)?;
        let mut insert = tx.prepare_cached("INSERT OR REPLACE INTO agency (id, name) VALUES (?, ?)")?;
        for member in &verified.members {
            insert.execute(params![member.id.as_str(), member.name])?;
        }
        drop(insert);
        tx.commit()
    }

    /// Pins the partnership's keys at enrolment, before any directory was seen.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn set_pinned(&mut self, pinned: &Pinned) -> Result<(), StoreError> {
        put_json(&self.db, name::PINNED, pinned)
    }

    /// The node this agency talks to.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn node(&self) -> Result<Option<NodeAddress>, StoreError> {
        get_json(&self.db, name::NODE)
    }

    /// Keeps the node this agency talks to.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn set_node(&mut self, node: &NodeAddress) -> Result<(), StoreError> {
        put_json(&self.db, name::NODE, node)
    }

    /// How far one of the node's lists has been read; 0 at first.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn cursor(&self, cursor: Cursor) -> Result<u64, StoreError> {
        self::cursor(&self.db, cursor)
    }

    /// Notes how far one of the node's lists has been read. It is on the disk with whatever is written next: after a
    /// power cut some of a list is read once more, which changes nothing.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn set_cursor(&mut self, cursor: Cursor, to: u64) -> Result<(), StoreError> {
        self.unhurried(|book| put_json(&book.db, &cursor_name(cursor), &to))
    }
}

impl Casebook {
    /// Notes that a bundle which was collected cannot be taken in.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn put_aside(&mut self, row: &SetAside) -> Result<(), StoreError> {
        self.refresh()?;
        put_json(&self.db, &format!("{}{}", name::ASIDE, row.bundle), row)
    }

    /// It was taken in after all, or is not here any more.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn not_aside(&mut self, bundle: BundleId) -> Result<(), StoreError> {
        self.refresh()?;
        let mut delete = self.db.prepare_cached("DELETE FROM setting WHERE name = ?")?;
        for name in [name::ASIDE, name::WITHDRAWN, name::DISMISSED] {
            delete.execute([format!("{name}{bundle}")])?;
        }
        Ok(())
    }

    /// Keeps the withdrawal of a bundle that is set aside, until it is taken in after all. One that is not needs none.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn keep_withdrawal(&mut self, bundle: BundleId, withdrawal: &SignedText) -> Result<(), StoreError> {
        self.refresh()?;
        match get(&self.db, &format!("{}{bundle}", name::ASIDE))? {
            Some(_) => put_json(&self.db, &format!("{}{bundle}", name::WITHDRAWN), withdrawal),
            None => Ok(()),
        }
    }

    /// The withdrawal that came while a bundle was set aside.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn kept_withdrawal(&self, bundle: BundleId) -> Result<Option<SignedText>, StoreError> {
        get_json(&self.db, &format!("{}{bundle}", name::WITHDRAWN))
    }
}

pub(super) fn name_holder(
    db: &Connection,
    slot: SlotNumber,
    user: &Author,
    recipient: &Recipient,
) -> Result<(), StoreError> {
    db.execute(
        "INSERT OR REPLACE INTO holder (slot, name, role, recipient) VALUES (?, ?, ?, ?)",
        params![slot, user.name, user.role, recipient.to_string()],
    )?;
    Ok(())
}

/// Nobody holds this slot any more: it opens nothing, even if its file comes back.
pub(super) fn forget_slot(db: &Connection, slot: SlotNumber) -> Result<(), StoreError> {
    db.execute("DELETE FROM setting WHERE name = ?", [person_key_name(slot)])?;
    db.execute("DELETE FROM holder WHERE slot = ?", [slot])?;
    Ok(())
}

pub(super) fn set_card(db: &Connection, recipient: &Recipient) -> Result<(), StoreError> {
    put(db, name::CARD, &recipient.to_string())
}

/// The recipient of the card to come, while the key of the database changes for it.
pub(super) fn set_next_card(db: &Connection, recipient: &Recipient) -> Result<(), StoreError> {
    put(db, name::NEXT_CARD, &recipient.to_string())
}

/// Ends a change of card: the one to come takes the other's place, if the key changed. Says whether it did.
pub(super) fn end_card(db: &Connection, changed: bool) -> Result<bool, StoreError> {
    let next = get(db, name::NEXT_CARD)?.filter(|_| changed);
    if let Some(next) = &next {
        put(db, name::CARD, next)?;
    }
    db.execute("DELETE FROM setting WHERE name = ?", [name::NEXT_CARD])?;
    Ok(next.is_some())
}

/// Changes of holders that were made and are not in the log yet, since a crash came between.
pub(super) fn unrecorded(db: &Connection) -> Result<Vec<HolderChange>, StoreError> {
    Ok(get_json(db, name::UNRECORDED)?.unwrap_or_default())
}

pub(super) fn set_unrecorded(db: &Connection, changes: &[HolderChange]) -> Result<(), StoreError> {
    put_json(db, name::UNRECORDED, &changes)
}

pub(super) fn put_person_key(db: &Connection, slot: SlotNumber, key: &PersonKey) -> Result<(), StoreError> {
    put(db, &person_key_name(slot), &key.to_text())
}

/// The signing key under the slot `from` also stands under the slot `to`.
pub(super) fn copy_person_key(db: &Connection, from: SlotNumber, to: SlotNumber) -> Result<(), StoreError> {
    db.execute(
        "INSERT OR REPLACE INTO setting (name, value) SELECT ?, value FROM setting WHERE name = ?",
        [person_key_name(to), person_key_name(from)],
    )?;
    Ok(())
}

/// A bundle that is set aside, and whether it was dismissed.
pub(super) fn aside(db: &Connection, bundle: BundleId) -> Result<Option<(SetAside, bool)>, StoreError> {
    let row = get_json(db, &format!("{}{bundle}", name::ASIDE))?;
    let dismissed = get(db, &format!("{}{bundle}", name::DISMISSED))?.is_some();
    Ok(row.map(|row| (row, dismissed)))
}

pub(super) fn set_dismissed(db: &Connection, bundle: BundleId, dismissed: bool) -> Result<(), StoreError> {
    let name = format!("{}{bundle}", name::DISMISSED);
    if dismissed { put(db, &name, "") } else { remove(db, &name) }
}

/// Bundles that cannot be taken in and were not dismissed, oldest first.
pub(super) fn set_aside(db: &Connection) -> Result<Vec<SetAside>, StoreError> {
    let sql = "SELECT value FROM setting WHERE substr(name, 1, ?1) = ?2
               AND NOT EXISTS (SELECT 1 FROM setting d WHERE d.name = ?3 || substr(setting.name, ?1 + 1))";
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = statement.query(params![name::ASIDE.len() as i64, name::ASIDE, name::DISMISSED])?;
    let mut out: Vec<SetAside> = Vec::new();
    while let Some(row) = rows.next()? {
        let text: String = row.get(0)?;
        out.push(serde_json::from_str(&text).map_err(|_| StoreError::damaged("a setting"))?);
    }
    out.sort_by_key(|row| (row.since, row.bundle));
    Ok(out)
}

fn person_key_name(slot: SlotNumber) -> String {
    format!("{}{slot}", name::PERSON_KEY)
}

pub(super) fn cursor(db: &Connection, cursor: Cursor) -> Result<u64, StoreError> {
    Ok(get_json(db, &cursor_name(cursor))?.unwrap_or(0))
}

fn cursor_name(cursor: Cursor) -> String {
    format!("{}{}", name::CURSOR, cursor.name())
}

fn secret(db: &Connection, name: &str) -> Result<Option<Zeroizing<String>>, StoreError> {
    Ok(get(db, name)?.map(Zeroizing::new))
}

pub(super) fn get(db: &Connection, name: &str) -> Result<Option<String>, StoreError> {
    let mut get = db.prepare_cached("SELECT value FROM setting WHERE name = ?")?;
    Ok(get.query_row([name], |row| row.get(0)).optional()?)
}

pub(super) fn put(db: &Connection, name: &str, value: &str) -> Result<(), StoreError> {
    db.prepare_cached("INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)")?
        .execute([name, value])?;
    Ok(())
}

pub(super) fn remove(db: &Connection, name: &str) -> Result<(), StoreError> {
    db.execute("DELETE FROM setting WHERE name = ?", [name])?;
    Ok(())
}

fn get_json<T: DeserializeOwned>(db: &Connection, name: &str) -> Result<Option<T>, StoreError> {
    let Some(text) = get(db, name)? else { return Ok(None) };
    serde_json::from_str(&text).map(Some).map_err(|_| StoreError::damaged("a setting"))
}

fn put_json(db: &Connection, name: &str, value: &impl Serialize) -> Result<(), StoreError> {
    let text = serde_json::to_string(value).map_err(|_| StoreError::damaged("a setting"))?;
    put(db, name, &text)
}
