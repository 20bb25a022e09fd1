//! Key slots: who can open the casebook. The database key is random; each slot holds it, sealed to the slot's own age
//! identity. A person's passphrase locks that identity; the recovery card is one. So the database key can change
//! without anybody's passphrase: it is sealed anew to the recipients, which stand inside the casebook, where nobody
//! who only holds the files can put another.
//!
//! Slots lie beside the database in two equal files, each replaced whole and flushed, so that no crash and no single
//! bad sector loses them. They are written before the database exists. Names of people stand inside the casebook only.

mod file;

use std::path::Path;

use base64ct::{Base64, Encoding as _};
use kith_protocol::seal::{
    Identity, Passphrase, Recipient, WorkFactor, lock_with_passphrase, open_with, seal_to,
    unlock_with_passphrase,
};
use serde::{Deserialize, Serialize};
use std::io::{Read as _, Write as _};
use zeroize::Zeroizing;

use self::file::{FILES, read};
pub use self::file::{SlotsFault, SlotsFaults};
use super::{
    error::StoreError,
    place::write_whole,
    secrets::{DatabaseKey, RecoverySecret},
};

/// Most slots of one casebook: a team, and the recovery card.
const MAX_SLOTS: usize = 64;
/// Longest slot file that is read, in bytes.
const MAX_FILE: u64 = 1024 * 1024;

/// Names a slot in its file.
pub(super) type SlotNumber = u32;

/// All slots of a casebook.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Slots {
    kith: Version,
    /// Counts changes; of two files that differ the later one holds.
    generation: u64,
    slots: Vec<Slot>,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
enum Version {
    #[serde(rename = "keys/1")]
    One,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Slot {
    number: SlotNumber,
    opens_with: OpensWith,
    /// The slot's age identity, locked with the passphrase; the card's stands on the card alone. In base64, as all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    identity: Option<String>,
    /// An age file, sealed to that identity, that holds the 32 bytes of the database key.
    sealed: String,
    /// While the database key changes: the one to come, sealed likewise. A slot without one goes with the old key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum OpensWith {
    Passphrase,
    RecoveryCard,
}

impl Slots {
    /// The slots of a new casebook: none yet.
    pub(super) const fn new() -> Self {
        Self { kith: Version::One, generation: 0, slots: Vec::new() }
    }

    /// Adds a slot that `passphrase` opens.
    pub(super) fn add_passphrase(
        &mut self,
        key: &DatabaseKey,
        passphrase: &Passphrase,
        work: WorkFactor,
    ) -> Result<(SlotNumber, Recipient), StoreError> {
        let identity = Identity::generate_hybrid();
        let locked = lock_with_passphrase(passphrase, identity.secret_text().as_bytes(), work)?;
        let number = self.add(OpensWith::Passphrase, Some(&locked), &sealed(key, &identity.recipient())?)?;
        Ok((number, identity.recipient()))
    }

    /// Adds a slot that a new recovery card opens.
    pub(super) fn add_card(&mut self, key: &DatabaseKey) -> Result<(RecoverySecret, Recipient), StoreError> {
        let identity = Identity::generate_hybrid();
        self.add(OpensWith::RecoveryCard, None, &sealed(key, &identity.recipient())?)?;
        Ok((RecoverySecret::of(&identity), identity.recipient()))
    }

    /// The slot of the newest card.
    pub(super) fn card(&self) -> Result<SlotNumber, StoreError> {
        let cards = self.slots.iter().filter(|slot| slot.opens_with == OpensWith::RecoveryCard);
        cards.map(|slot| slot.number).max().ok_or_else(|| StoreError::damaged("the key slots"))
    }

    pub(super) fn remove(&mut self, number: SlotNumber) {
        self.slots.retain(|slot| slot.number != number);
    }

    pub(super) fn holds(&self, number: SlotNumber) -> bool {
        self.slots.iter().any(|slot| slot.number == number)
    }

    /// The key, by a passphrase.
    pub(super) fn open_with_passphrase(&self, passphrase: &Passphrase) -> Result<Opened, StoreError> {
        let mut worst = StoreError::WrongPassphrase;
        for slot in self.slots.iter().filter(|slot| slot.opens_with == OpensWith::Passphrase) {
            let locked = bytes(slot.identity.as_deref().unwrap_or_default())?;
            match unlock_with_passphrase(passphrase, &locked).map_err(StoreError::slot) {
                Ok(secret) => {
                    let text = std::str::from_utf8(&secret).ok().and_then(|text| text.parse().ok());
                    let identity = text.ok_or_else(|| StoreError::damaged("a key slot"))?;
                    return slot.open(&identity)?.ok_or_else(|| StoreError::damaged("a key slot"));
                }
                Err(StoreError::WrongPassphrase) => {}
                Err(other) => worst = other,
            }
        }
        Err(worst)
    }

    /// The key, by the recovery card.
    pub(super) fn open_with_card(&self, card: &RecoverySecret) -> Result<Opened, StoreError> {
        let identity: Identity = card.text().parse().map_err(|_| StoreError::WrongCard)?;
        for slot in self.slots.iter().filter(|slot| slot.opens_with == OpensWith::RecoveryCard) {
            if let Some(opened) = slot.open(&identity)? {
                return Ok(opened);
            }
        }
        Err(StoreError::WrongCard)
    }

    /// The first half of a change of the database key: whoever keeps a slot also has the key to come. A slot that is not
    /// in `kept` goes with the old key.
    pub(super) fn begin_change(
        &mut self,
        fresh: &DatabaseKey,
        kept: &[(SlotNumber, Recipient)],
    ) -> Result<(), StoreError> {
        for slot in &mut self.slots {
            let to = kept.iter().find(|(number, _)| *number == slot.number).map(|(_, to)| to);
            slot.next = to.map(|to| sealed(fresh, to)).transpose()?.map(|one| Base64::encode_string(&one));
        }
        Ok(())
    }

    /// Whether a change was begun and not ended.
    pub(super) fn is_changing(&self) -> bool {
        self.slots.iter().any(|slot| slot.next.is_some())
    }

    /// The second half, once the database has the new key; or, if it still has the old one, the way back.
    pub(super) fn end_change(&mut self, changed: bool) {
        if changed {
            self.slots.retain(|slot| slot.next.is_some());
        }
        for slot in &mut self.slots {
            let next = slot.next.take();
            if let Some(next) = next.filter(|_| changed) {
                slot.sealed = next;
            }
        }
    }

    /// What is wrong with each file of slots in a folder, by its name.
    pub(super) fn look(folder: &Path) -> [(&'static str, Option<SlotsFault>); 2] {
        FILES.map(|name| (name, read(&folder.join(name)).err()))
    }

    /// Reads the slots and mends the copy that a crash left behind.
    pub(super) fn load(folder: &Path) -> Result<Self, StoreError> {
        let files = FILES.map(|name| read(&folder.join(name)));
        let faults = SlotsFaults(files.each_ref().map(|file| file.as_ref().err().cloned()));
        if faults.is_other_version() {
            return Err(StoreError::Slots(faults));
        }
        let (best, mend) = match files {
            [Ok(a), Ok(b)] if a.generation == b.generation => (a, false),
            [Ok(a), Ok(b)] => (if a.generation > b.generation { a } else { b }, true),
            [Ok(one), Err(_)] | [Err(_), Ok(one)] => (one, true),
            [Err(_), Err(_)] => return Err(StoreError::Slots(faults)),
        };
        if mend {
            best.write(folder)?;
        }
        Ok(best)
    }

    /// Writes both files, one after the other.
    pub(super) fn save(&mut self, folder: &Path) -> Result<(), StoreError> {
        self.generation += 1;
        self.write(folder)
    }

    fn write(&self, folder: &Path) -> Result<(), StoreError> {
        let text =
            serde_json::to_vec_pretty(self).map_err(|error| StoreError::io("key slots")(error.into()))?;
        FILES
            .iter()
            .try_for_each(|name| write_whole(&folder.join(name), &text))
            .map_err(StoreError::io("key slots"))
    }

    fn add(
        &mut self,
        opens_with: OpensWith,
        identity: Option<&[u8]>,
        sealed: &[u8],
    ) -> Result<SlotNumber, StoreError> {
        if self.slots.len() >= MAX_SLOTS {
            return Err(StoreError::TooLarge { what: "the number of key slots", limit: MAX_SLOTS as u64 });
        }
        let number = self.slots.iter().map(|slot| slot.number).max().unwrap_or(0) + 1;
        let (identity, sealed) = (identity.map(Base64::encode_string), Base64::encode_string(sealed));
        self.slots.push(Slot { number, opens_with, identity, sealed, next: None });
        Ok(number)
    }
}

/// What a slot gave.
pub(super) struct Opened {
    pub(super) slot: SlotNumber,
    pub(super) key: DatabaseKey,
    /// The key to come, where a change of keys did not end: one of the two fits.
    pub(super) next: Option<DatabaseKey>,
}

impl Slot {
    /// The keys in it; none if it is sealed to another identity.
    fn open(&self, identity: &Identity) -> Result<Option<Opened>, StoreError> {
        let Some(key) = key_in(&self.sealed, identity)? else { return Ok(None) };
        let next = self.next.as_deref().map(|next| key_in(next, identity)).transpose()?.flatten();
        Ok(Some(Opened { slot: self.number, key, next }))
    }
}

fn key_in(sealed: &str, identity: &Identity) -> Result<Option<DatabaseKey>, StoreError> {
    let sealed = bytes(sealed)?;
    let Ok(opened) = open_with(std::slice::from_ref(identity), sealed.as_slice()) else { return Ok(None) };
    let mut key = Zeroizing::new(Vec::with_capacity(33));
    opened.take(33).read_to_end(&mut key).map_err(|_| StoreError::damaged("a key slot"))?;
    DatabaseKey::from_opened(&key).map(Some)
}

fn sealed(key: &DatabaseKey, to: &Recipient) -> Result<Vec<u8>, StoreError> {
    let mut writer = seal_to(std::slice::from_ref(to), Vec::new())?;
    writer.write_all(key.bytes()).and_then(|()| writer.finish()).map_err(StoreError::io("key slot"))
}

fn bytes(text: &str) -> Result<Vec<u8>, StoreError> {
    Base64::decode_vec(text).map_err(|_| StoreError::damaged("a key slot"))
}
