//! Directories of other times. What was signed is judged by the one in force when it was signed: keys change, agencies
//! leave and every directory runs out, and none of it makes untrue what was true.

use jiff::{SignedDuration, Timestamp};

use super::{CLOCK_SKEW, DIRECTORY, Directory, DirectoryError, Pinned, SignedDirectory};
use crate::{
    document::Kind,
    ids::{AgencyId, Digest},
    sign::VerifyingKey,
    words::words_of,
};

const PARTNERSHIP: Kind = Kind { name: "partnership", version: 1, limit: 4 * 1024 };

/// Directories that were accepted, each followed by the next; there may be gaps.
#[derive(Debug, Clone)]
pub struct KeptDirectories {
    older: Vec<Directory>,
    newest: Directory,
}

impl KeptDirectories {
    /// Reads directories in any order. The oldest is believed by the keys that it lists itself: whoever accepted it
    /// had pinned them, and whoever did not compares [`Self::words`]. Each later one must follow. Time plays no part.
    ///
    /// # Errors
    /// One of them does not hold, or does not follow; or there is none.
    pub fn follow(signed: &[SignedDirectory]) -> Result<Self, DirectoryError> {
        let mut read = signed
            .iter()
            .map(|one| {
                DIRECTORY.check_length(&one.text)?;
                Ok((DIRECTORY.read::<Directory>(&one.text)?, one))
            })
            .collect::<Result<Vec<_>, DirectoryError>>()?;
        read.sort_by_key(|(directory, _)| directory.version);
        let none = || DirectoryError::from(DIRECTORY.refused("there is none"));
        let (first, _) = read.first().ok_or_else(none)?;
        let mut pinned = Pinned::enrol(first.partnership.clone(), first.keys.clone(), first.threshold);
        for (_, one) in &read {
            pinned = pinned.follow(one)?;
        }
        let mut older: Vec<Directory> = read.into_iter().map(|(directory, _)| directory).collect();
        older.dedup_by_key(|directory| directory.version);
        let newest = older.pop().ok_or_else(none)?;
        Ok(Self { older, newest })
    }

    /// All of them.
    #[must_use]
    pub fn all(&self) -> Directories<'_> {
        Directories { older: &self.older, newest: &self.newest }
    }

    /// Eight words over the name, the keys and the threshold that the oldest lists: what a stranger compares with the
    /// partnership before believing any of it.
    #[must_use]
    pub fn words(&self) -> [&'static str; 8] {
        self.older.first().unwrap_or(&self.newest).words()
    }
}

impl Directory {
    /// Eight words over the partnership's name, keys and threshold.
    #[must_use]
    pub fn words(&self) -> [&'static str; 8] {
        #[derive(serde::Serialize)]
        struct Partnership<'a> {
            partnership: &'a str,
            threshold: u32,
            keys: &'a [VerifyingKey],
        }
        let Self { partnership, threshold, keys, .. } = self;
        let text = PARTNERSHIP.write(&Partnership { partnership, threshold: *threshold, keys });
        words_of(Digest::of(text.as_bytes()).as_bytes())
    }
}

/// The directories that a reader holds.
#[derive(Debug, Clone, Copy)]
pub struct Directories<'a> {
    /// Oldest first.
    older: &'a [Directory],
    newest: &'a Directory,
}

impl<'a> From<&'a Directory> for Directories<'a> {
    fn from(newest: &'a Directory) -> Self {
        Self { older: &[], newest }
    }
}

impl<'a> From<&'a KeptDirectories> for Directories<'a> {
    fn from(kept: &'a KeptDirectories) -> Self {
        kept.all()
    }
}

/// When something was signed, as exactly as is told.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    from: Timestamp,
    until: Timestamp,
}

impl From<Timestamp> for Moment {
    fn from(at: Timestamp) -> Self {
        Self { from: at, until: at }
    }
}

impl Moment {
    /// Some time in the hour that begins at `from`.
    #[must_use]
    pub fn hour(from: Timestamp) -> Self {
        Self { from, until: from.saturating_add(SignedDuration::from_hours(1)).unwrap_or(Timestamp::MAX) }
    }
}

impl<'a> Directories<'a> {
    /// The newest.
    #[must_use]
    pub const fn newest(self) -> &'a Directory {
        self.newest
    }

    /// All of them, the newest first.
    pub fn each(self) -> impl Iterator<Item = &'a Directory> {
        std::iter::once(self.newest).chain(self.older.iter().rev())
    }

    /// Those issued after `one`, the oldest first.
    pub fn after(self, one: &Directory) -> impl Iterator<Item = &'a Directory> {
        let version = one.version;
        let all = self.older.iter().chain(std::iter::once(self.newest));
        all.filter(move |later| later.version > version)
    }

    /// Those that can have been in force at a moment, the newest first: clocks differ by [`CLOCK_SKEW`]. Of a time
    /// before all of them it is the oldest.
    pub fn at(self, moment: impl Into<Moment>) -> impl Iterator<Item = &'a Directory> {
        let Moment { from, until } = moment.into();
        let from = from.saturating_sub(CLOCK_SKEW).unwrap_or(Timestamp::MIN);
        let until = until.saturating_add(CLOCK_SKEW).unwrap_or(Timestamp::MAX);
        let mut over = false;
        let oldest = self.older.first().unwrap_or(self.newest).version;
        self.each().filter(move |one| {
            let fits = !over && (one.issued <= until || one.version == oldest);
            over |= one.issued <= from;
            fits
        })
    }

    /// What `judge` says by the directory in force at a moment, or else by one that can have been.
    ///
    /// # Errors
    /// What it said by the newest of these.
    pub fn judge<T, E>(
        self,
        moment: impl Into<Moment>,
        mut judge: impl FnMut(&'a Directory) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut said = None;
        for one in self.at(moment) {
            match judge(one) {
                Ok(found) => return Ok(found),
                Err(error) => said = said.or(Some(error)),
            }
        }
        match said {
            Some(error) => Err(error),
            None => judge(self.newest),
        }
    }

    /// The directory by which `key` was the signing key of `agency` at a moment.
    #[must_use]
    pub fn listing(
        self,
        agency: &AgencyId,
        key: &VerifyingKey,
        moment: impl Into<Moment>,
    ) -> Option<&'a Directory> {
        self.at(moment).find(|one| one.member(agency).is_some_and(|member| member.keys.sign == *key))
    }
}
