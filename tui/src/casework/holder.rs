//! Who opens the casebook and signs for the agency, as each change of it stands in the log. None of these holds a secret.

use serde::{Deserialize, Serialize};

use super::fact::{Author, SignedText};

/// A change of who can open the casebook, or of what they sign with. Who made it is the fact's author.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum HolderChange {
    /// Somebody got a passphrase of their own.
    Added(Author),
    /// Somebody's passphrase was taken away; the casebook got another key.
    Removed(Author),
    /// The author's.
    PassphraseChanged,
    /// The recovery card opened the casebook, for whoever says to be this person.
    CardUsed(Author),
    /// A new recovery card; the casebook got another key.
    CardReplaced,
    /// The agency certified the author's signing key anew.
    Certified { certificate: SignedText },
    /// New keys of the agency were made, which wait to be listed; by their eight words.
    KeysMade { words: String },
    /// The directory lists them: they are in force, and those before are not.
    KeysReplaced { words: String },
}

impl HolderChange {
    /// What happened, in words.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Added(who) => format!("{}, {}, got a passphrase", who.name, who.role),
            Self::Removed(who) => {
                format!("{}, {}, was removed; the casebook got another key", who.name, who.role)
            }
            Self::PassphraseChanged => "changed their passphrase".to_owned(),
            Self::CardUsed(who) => {
                format!("the recovery card was used; {}, {}, got a passphrase by it", who.name, who.role)
            }
            Self::CardReplaced => "made a new recovery card; the casebook got another key".to_owned(),
            Self::Certified { .. } => "their signing key was certified anew".to_owned(),
            Self::KeysMade { words } => format!("made new keys for the agency, to be listed: {words}"),
            Self::KeysReplaced { words } => format!("the agency's new keys are in force: {words}"),
        }
    }
}
