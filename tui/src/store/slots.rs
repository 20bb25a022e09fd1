//! Key slots: who can open the casebook. The database key is random; each slot holds it, sealed with age.
//!
//! Slots lie beside the database in two equal files, each replaced whole and flushed, so that no crash and no single
//! bad sector loses them. They are written before the database exists. Names of people stand inside the casebook only.

use std::{fs, path::Path};

use base64ct::{Base64, Encoding as _};
use kith_protocol::seal::{
    Identity, Passphrase, WorkFactor, lock_with_passphrase, open_with, seal_to, unlock_with_passphrase,
};
use rand::{RngCore as _, rngs::OsRng};
use serde::{Deserialize, Serialize};
use std::io::{Read as _, Write as _};
use zeroize::Zeroizing;

use super::{error::StoreError, place::write_whole};

/// Most slots of one casebook: a team, and the recovery card.
const MAX_SLOTS: usize = 64;
/// Longest slot file that is read, in bytes.
const MAX_FILE: u64 = 1024 * 1024;
/// The two copies, in the order they are written.
const FILES: [&str; 2] = ["keys.json", "keys.copy.json"];

/// The key of the database. Wiped when dropped; never printed.
pub(super) struct DatabaseKey(Zeroizing<[u8; 32]>);

impl DatabaseKey {
    pub(super) fn generate() -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        OsRng.fill_bytes(bytes.as_mut());
        Self(bytes)
    }

    fn from_opened(bytes: &[u8]) -> Result<Self, StoreError> {
        let bytes = bytes.try_into().map_err(|_| StoreError::damaged("a key slot"))?;
        Ok(Self(Zeroizing::new(bytes)))
    }

    /// The raw key as SQLCipher takes it: `x'…'`.
    pub(super) fn as_sql(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(67));
        text.push_str("x'");
        for byte in self.0.iter() {
            for digit in [byte >> 4, byte & 15] {
                text.push(char::from_digit(digit.into(), 16).unwrap_or_default());
            }
        }
        text.push('\'');
        text
    }
}

/// What stands on the recovery card: an age identity, as text. Wiped when dropped; never printed by accident.
pub struct RecoverySecret(Zeroizing<String>);

impl RecoverySecret {
    /// Takes what somebody typed from the card; blanks between groups do not matter.
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        Self(Zeroizing::new(text.chars().filter(|c| !c.is_whitespace()).collect()))
    }

    /// The text for the card.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }
}

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
    /// An age file in base64 that holds the 32 bytes of the database key.
    sealed: String,
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
    ) -> Result<SlotNumber, StoreError> {
        let sealed = lock_with_passphrase(passphrase, key.0.as_ref(), work)?;
        self.add(OpensWith::Passphrase, &sealed)
    }

    /// Adds a slot that a new recovery card opens.
    pub(super) fn add_card(&mut self, key: &DatabaseKey) -> Result<RecoverySecret, StoreError> {
        let identity = Identity::generate_hybrid();
        let mut writer = seal_to(&[identity.recipient()], Vec::new())?;
        let sealed = writer
            .write_all(key.0.as_ref())
            .and_then(|()| writer.finish())
            .map_err(StoreError::io("recovery slot"))?;
        self.add(OpensWith::RecoveryCard, &sealed)?;
        Ok(RecoverySecret(identity.secret_text()))
    }

    pub(super) fn remove(&mut self, number: SlotNumber) {
        self.slots.retain(|slot| slot.number != number);
    }

    /// The key, and by which slot.
    pub(super) fn open_with_passphrase(
        &self,
        passphrase: &Passphrase,
    ) -> Result<(DatabaseKey, SlotNumber), StoreError> {
        let mut worst = StoreError::WrongPassphrase;
        for slot in self.slots.iter().filter(|slot| slot.opens_with == OpensWith::Passphrase) {
            match unlock_with_passphrase(passphrase, &slot.bytes()?).map_err(StoreError::slot) {
                Ok(bytes) => return Ok((DatabaseKey::from_opened(&bytes)?, slot.number)),
                Err(StoreError::WrongPassphrase) => {}
                Err(other) => worst = other,
            }
        }
        Err(worst)
    }

    /// The key, by the recovery card.
    pub(super) fn open_with_card(&self, card: &RecoverySecret) -> Result<DatabaseKey, StoreError> {
        let identity: Identity = card.text().parse().map_err(|_| StoreError::WrongCard)?;
        for slot in self.slots.iter().filter(|slot| slot.opens_with == OpensWith::RecoveryCard) {
            let mut bytes = Zeroizing::new(Vec::with_capacity(33));
            let sealed = slot.bytes()?;
            let Ok(opened) = open_with(std::slice::from_ref(&identity), sealed.as_slice()) else { continue };
            opened.take(33).read_to_end(&mut bytes).map_err(|_| StoreError::damaged("the recovery slot"))?;
            return DatabaseKey::from_opened(&bytes);
        }
        Err(StoreError::WrongCard)
    }

    /// Reads the slots and mends the copy that a crash left behind.
    pub(super) fn load(folder: &Path) -> Result<Self, StoreError> {
        let [first, second] = FILES.map(|name| read(&folder.join(name)));
        let (best, mend) = match (first, second) {
            (Some(a), Some(b)) if a.generation == b.generation => (a, false),
            (Some(a), Some(b)) => (if a.generation > b.generation { a } else { b }, true),
            (Some(one), None) | (None, Some(one)) => (one, true),
            (None, None) => return Err(StoreError::damaged("both files of key slots")),
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

    fn add(&mut self, opens_with: OpensWith, sealed: &[u8]) -> Result<SlotNumber, StoreError> {
        if self.slots.len() >= MAX_SLOTS {
            return Err(StoreError::TooLarge { what: "the number of key slots", limit: MAX_SLOTS as u64 });
        }
        let number = self.slots.iter().map(|slot| slot.number).max().unwrap_or(0) + 1;
        self.slots.push(Slot { number, opens_with, sealed: Base64::encode_string(sealed) });
        Ok(number)
    }
}

impl Slot {
    fn bytes(&self) -> Result<Vec<u8>, StoreError> {
        Base64::decode_vec(&self.sealed).map_err(|_| StoreError::damaged("a key slot"))
    }
}

/// One file of slots, if it is there and whole.
fn read(path: &Path) -> Option<Slots> {
    let file = fs::File::open(path).ok()?;
    let mut text = Vec::new();
    file.take(MAX_FILE).read_to_end(&mut text).ok()?;
    serde_json::from_slice::<Slots>(&text).ok().filter(|slots| slots.slots.len() <= MAX_SLOTS)
}
