//! Ids of a casebook: every thing is named by the fact that began it.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// Names a fact: the device that wrote it (its number in this casebook) and its place in that device's log, from 1.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FactId {
    pub device: u16,
    pub seq: u64,
}

impl FactId {
    const SEQ_BITS: u32 = 47;

    /// The fact at this place in the log of this device.
    ///
    /// # Errors
    /// No log is that long: two such ids would share a [`Self::key`].
    pub const fn of(device: u16, seq: u64) -> Result<Self, BadReference> {
        if seq >> Self::SEQ_BITS == 0 { Ok(Self { device, seq }) } else { Err(BadReference) }
    }

    /// One integer that sorts as the id does, for tables.
    #[must_use]
    pub const fn key(self) -> i64 {
        ((self.device as i64) << Self::SEQ_BITS) | (self.seq & ((1 << Self::SEQ_BITS) - 1)).cast_signed()
    }

    /// The id that [`Self::key`] gave.
    #[must_use]
    pub const fn from_key(key: i64) -> Self {
        let bits = key.cast_unsigned();
        Self { device: (bits >> Self::SEQ_BITS) as u16, seq: bits & ((1 << Self::SEQ_BITS) - 1) }
    }
}

/// Text that is not `device-sequence`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a reference is two numbers with a dash between, such as 1-42")]
pub struct BadReference;

impl FromStr for FactId {
    type Err = BadReference;
    fn from_str(text: &str) -> Result<Self, BadReference> {
        let (device, seq) = text.split_once('-').ok_or(BadReference)?;
        let device = device.parse().map_err(|_| BadReference)?;
        Self::of(device, seq.parse().map_err(|_| BadReference)?)
    }
}

impl TryFrom<String> for FactId {
    type Error = BadReference;
    fn try_from(text: String) -> Result<Self, BadReference> {
        text.parse()
    }
}

impl From<FactId> for String {
    fn from(id: FactId) -> Self {
        id.to_string()
    }
}

impl fmt::Display for FactId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.device, self.seq)
    }
}

impl fmt::Debug for FactId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FactId({self})")
    }
}

macro_rules! named_by_fact {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub FactId);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
        impl FromStr for $name {
            type Err = BadReference;
            fn from_str(text: &str) -> Result<Self, BadReference> {
                text.parse().map(Self)
            }
        }
    )*};
}

named_by_fact!(
    /// Anyone the casebook knows: pupil, family, staff, professional.
    PersonId,
    /// A place where people live.
    AddressId,
    /// A tie between two people.
    RelationId,
    /// One recorded event: a concern, call, meeting, note.
    EntryId,
    /// A child's case.
    CaseId,
    /// Something somebody must do by a date.
    ActionId,
    /// A consent record (basis for sharing) or a decision not to share.
    ConsentId,
    /// One sending of a bundle to one agency.
    ShareId,
    /// A bundle that arrived.
    ReceivedId,
    /// An order that nothing of somebody's file may be destroyed.
    HoldId,
    /// Somebody's word that a file is to be destroyed, which another must approve.
    ProposalId,
);

/// A file that the rules of retention judge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileId {
    /// Whatever is kept under somebody's name.
    Person(PersonId),
    /// A received bundle that was filed under nobody's.
    Bundle(ReceivedId),
}

impl FileId {
    /// The fact that began it.
    #[must_use]
    pub const fn fact(self) -> FactId {
        match self {
            Self::Person(PersonId(fact)) | Self::Bundle(ReceivedId(fact)) => fact,
        }
    }
}

impl fmt::Display for FileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fact().fmt(f)
    }
}

impl From<PersonId> for FileId {
    fn from(person: PersonId) -> Self {
        Self::Person(person)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_text_read_back_and_keep_order() {
        let ids = [(0, 1), (1, 1), (1, 2), (2, 1), (u16::MAX, 7)].map(|(device, seq)| FactId { device, seq });
        for id in ids {
            assert_eq!(FactId::from_key(id.key()), id);
            assert_eq!(id.to_string().parse(), Ok(id));
        }
        assert!(ids.windows(2).all(|w| w[0].key() < w[1].key() && w[0] < w[1]));
        assert!("1".parse::<FactId>().is_err() && "1-x".parse::<FactId>().is_err());
    }
}
