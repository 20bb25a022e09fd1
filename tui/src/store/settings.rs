//! What the casebook keeps besides cases: whose it is, who opens it, secrets of the agency, the directory, cursors.

use kith_protocol::{
    directory::{Directory, NodeAddress, Pinned, SignedDirectory},
    ids::BundleId,
    keys::{AgencySecrets, PersonKey},
    seal::Recipient,
};
use rusqlite::{Connection, OptionalExtension as _, params};
use serde::{Serialize, de::DeserializeOwned};
use zeroize::Zeroizing;

use super::{Casebook, Setup, error::StoreError, schema, slots::SlotNumber};
use crate::casework::{
    fact::{Author, SignedText},
    query::SetAside,
};

/// Names of settings; one place, so that no two mean the same.
mod name {
    pub(super) const SETUP: &str = "setup";
    pub(super) const CARD: &str = "card";
    pub(super) const AGENCY_SECRETS: &str = "agency secrets";
    pub(super) const DIRECTORY: &str = "directory";
    pub(super) const PINNED: &str = "pinned";
    pub(super) const NODE: &str = "node";
    /// Followed by the slot of the person.
    pub(super) const PERSON_KEY: &str = "person key ";
    /// Followed by the name of the cursor.
    pub(super) const CURSOR: &str = "cursor ";
    /// Followed by the id of a bundle.
    pub(super) const ASIDE: &str = "set aside ";
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

    pub(super) fn name_holder(
        &self,
        slot: SlotNumber,
        user: &Author,
        recipient: &Recipient,
    ) -> Result<(), StoreError> {
        self.db.execute(
            "INSERT OR REPLACE INTO holder (slot, name, role, recipient) VALUES (?, ?, ?, ?)",
            params![slot, user.name, user.role, recipient.to_string()],
        )?;
        Ok(())
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

    pub(super) fn set_card(&self, recipient: &Recipient) -> Result<(), StoreError> {
        put(&self.db, name::CARD, &recipient.to_string())
    }

    pub(super) fn holder(&self, slot: SlotNumber) -> Result<Option<Author>, StoreError> {
        Ok(self
            .db
            .query_row("SELECT name, role FROM holder WHERE slot = ?", [slot], |row| {
                Ok(Author { name: row.get(0)?, role: row.get(1)? })
            })
            .optional()?)
    }

    /// The agency's secret keys, if it has enrolled.
    ///
    /// # Errors
    /// When they cannot be read, as with all that follow.
    pub fn agency_secrets(&self) -> Result<Option<AgencySecrets>, StoreError> {
        let Some(text) = secret(&self.db, name::AGENCY_SECRETS)? else { return Ok(None) };
        AgencySecrets::from_text(&text).map(Some).map_err(|_| StoreError::damaged("the agency's keys"))
    }

    /// Keeps the agency's secret keys.
    ///
    /// # Errors
    /// When they cannot be written, as with all that follow.
    pub fn set_agency_secrets(&mut self, secrets: &AgencySecrets) -> Result<(), StoreError> {
        put(&self.db, name::AGENCY_SECRETS, &secrets.to_text())
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
        self.put_person_key(self.slot, key)
    }

    pub(super) fn put_person_key(&self, slot: SlotNumber, key: &PersonKey) -> Result<(), StoreError> {
        put(&self.db, &person_key_name(slot), &key.to_text())
    }

    /// The signing key under the slot `from` also stands under the slot `to`.
    pub(super) fn copy_person_key(&self, from: SlotNumber, to: SlotNumber) -> Result<(), StoreError> {
        self.db.execute(
            "INSERT OR REPLACE INTO setting (name, value) SELECT ?, value FROM setting WHERE name = ?",
            [person_key_name(to), person_key_name(from)],
        )?;
        Ok(())
    }

    /// Nobody holds this slot any more: it opens nothing, even if its file comes back.
    pub(super) fn forget_slot(&self, slot: SlotNumber) -> Result<(), StoreError> {
        self.db.execute("DELETE FROM setting WHERE name = ?", [person_key_name(slot)])?;
        self.db.execute("DELETE FROM holder WHERE slot = ?", [slot])?;
        Ok(())
    }

    /// The directory as it was signed. Whoever reads it verifies it against [`Self::pinned`].
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn directory(&self) -> Result<Option<SignedDirectory>, StoreError> {
        get_json(&self.db, name::DIRECTORY)
    }

    /// What to hold on to between directories.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn pinned(&self) -> Result<Option<Pinned>, StoreError> {
        get_json(&self.db, name::PINNED)
    }

    /// Keeps a directory that was verified, what to pin from now on, and the names of its members, together.
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
        put_json(&tx, name::PINNED, pinned)?;
        let mut insert = tx.prepare_cached("INSERT OR REPLACE INTO agency (id, name) VALUES (?, ?)")?;
        for member in &verified.members {
            insert.execute(params![member.id.as_str(), member.name])?;
        }
        drop(insert);
        Ok(tx.commit()?)
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
        Ok(get_json(&self.db, &cursor_name(cursor))?.unwrap_or(0))
    }

    /// Notes how far one of the node's lists has been read. It is on the disk with whatever is written next: after a
    /// power cut some of a list is read once more, which changes nothing.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn set_cursor(&mut self, cursor: Cursor, to: u64) -> Result<(), StoreError> {
        schema::wait_for_disk(&self.db, false)?;
        let put = put_json(&self.db, &cursor_name(cursor), &to);
        schema::wait_for_disk(&self.db, true)?;
        put
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
        for name in [name::ASIDE, name::WITHDRAWN] {
            self.db.execute("DELETE FROM setting WHERE name = ?", [format!("{name}{bundle}")])?;
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

/// Bundles that cannot be taken in, oldest first.
pub(super) fn set_aside(db: &Connection) -> Result<Vec<SetAside>, StoreError> {
    let sql = "SELECT value FROM setting WHERE substr(name, 1, ?1) = ?2";
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = statement.query(params![name::ASIDE.len() as i64, name::ASIDE])?;
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

fn cursor_name(cursor: Cursor) -> String {
    format!("{}{}", name::CURSOR, cursor.name())
}

fn secret(db: &Connection, name: &str) -> Result<Option<Zeroizing<String>>, StoreError> {
    Ok(get(db, name)?.map(Zeroizing::new))
}

fn get(db: &Connection, name: &str) -> Result<Option<String>, StoreError> {
    Ok(db.query_row("SELECT value FROM setting WHERE name = ?", [name], |row| row.get(0)).optional()?)
}

fn put(db: &Connection, name: &str, value: &str) -> Result<(), StoreError> {
    db.execute("INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)", [name, value])?;
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
