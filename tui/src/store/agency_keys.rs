//! The agency's secret keys: those in force, those that wait to be listed, and what is kept of those before.

use jiff::Timestamp;
use kith_protocol::{keys::AgencySecrets, seal::Identity, words::eight_words};
use zeroize::Zeroizing;

use super::{
    Casebook, StoreError,
    holders::note,
    settings::{get, put, remove},
};
use crate::casework::holder::HolderChange;

const PRESENT: &str = "agency secrets";
const TO_COME: &str = "agency secrets to come";
/// Secret texts of sealing keys that were in force before, one a line.
const FORMER_SEALS: &str = "former seals";

impl Casebook {
    /// The agency's secret keys, if it has enrolled.
    ///
    /// # Errors
    /// When they cannot be read, as with all that follow.
    pub fn agency_secrets(&self) -> Result<Option<AgencySecrets>, StoreError> {
        self.secrets(PRESENT)
    }

    /// Keeps the agency's secret keys.
    ///
    /// # Errors
    /// When they cannot be written, as with all that follow.
    pub fn set_agency_secrets(&mut self, secrets: &AgencySecrets) -> Result<(), StoreError> {
        put(&self.db, PRESENT, &secrets.to_text())
    }

    /// Keys that were made to take the place of these, and wait until the directory lists them.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn secrets_to_come(&self) -> Result<Option<AgencySecrets>, StoreError> {
        self.secrets(TO_COME)
    }

    /// Keeps new keys until they are listed.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn keep_secrets_to_come(&mut self, next: &AgencySecrets, now: Timestamp) -> Result<(), StoreError> {
        let by = self.session()?.user;
        let tx = self.transaction()?;
        put(&tx, TO_COME, &next.to_text())?;
        note(&tx, HolderChange::KeysMade { words: words(next) }, &by, now)?;
        tx.commit()
    }

    /// The keys to come are in force from now on. Of those before, the sealing key stays, to open what was sealed to it.
    ///
    /// # Errors
    /// When there are none, or they cannot be written.
    pub fn adopt_secrets(&mut self, now: Timestamp) -> Result<(), StoreError> {
        let by = self.session()?.user;
        let (Some(next), Some(before)) = (self.secrets_to_come()?, self.agency_secrets()?) else {
            return Err(StoreError::damaged("the agency's keys"));
        };
        let tx = self.transaction()?;
        let mut former = Zeroizing::new(get(&tx, FORMER_SEALS)?.unwrap_or_default());
        former.push_str(&before.seal.secret_text());
        former.push('\n');
        put(&tx, FORMER_SEALS, &former)?;
        put(&tx, PRESENT, &next.to_text())?;
        remove(&tx, TO_COME)?;
        note(&tx, HolderChange::KeysReplaced { words: words(&next) }, &by, now)?;
        tx.commit()
    }

    /// What opens bundles for the agency: the sealing key in force, then those before, newest first.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn seals(&self) -> Result<Vec<Identity>, StoreError> {
        let former = Zeroizing::new(get(&self.db, FORMER_SEALS)?.unwrap_or_default());
        let read = former.lines().rev().map(|line| line.parse().ok());
        let read = read.collect::<Option<Vec<Identity>>>();
        let read = read.ok_or_else(|| StoreError::damaged("the agency's keys"))?;
        Ok(self.agency_secrets()?.map(|one| one.seal).into_iter().chain(read).collect())
    }

    fn secrets(&self, name: &str) -> Result<Option<AgencySecrets>, StoreError> {
        let Some(text) = get(&self.db, name)?.map(Zeroizing::new) else { return Ok(None) };
        AgencySecrets::from_text(&text).map(Some).map_err(|_| StoreError::damaged("the agency's keys"))
    }
}

fn words(secrets: &AgencySecrets) -> String {
    eight_words(&secrets.public()).join(" ")
}
