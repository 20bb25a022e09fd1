//! What must hold before a directory is believed. Signatures come first; nothing is read before they hold.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    CLOCK_SKEW, DIRECTORY, Directory, GRACE, MAX_KEYS, MAX_LIFETIME, MAX_MEMBERS, Member, NodeAddress,
    Pinned, count_signers,
};
use crate::{
    document::{BadDocument, is_plain_name},
    ids::{AgencyId, Digest},
    sign::{SignatureSet, VerifyingKey},
};

const MAX_NAME: usize = 120;
const MAX_PHONE: usize = 40;

/// A directory's exact text and the partnership's signatures over it. Unknown fields are refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedDirectory {
    pub text: String,
    pub signature: SignatureSet,
}

impl SignedDirectory {
    /// The directory, if enough of the pinned keys signed it, it is not older than what was seen, and has not run out.
    ///
    /// # Errors
    /// See [`DirectoryError`]. [`DirectoryError::Expired`] still allows [`Self::verify_for_urgent_use`].
    pub fn verify(&self, pinned: &Pinned, now: Timestamp) -> Result<Directory, DirectoryError> {
        match self.verify_for_urgent_use(pinned, now)? {
            (directory, None) => Ok(directory),
            (_, Some(expired)) => Err(DirectoryError::Expired(expired)),
        }
    }

    /// As [`Self::verify`], but takes a directory up to [`super::GRACE`] after it ran out, and says so: only for a
    /// child in urgent danger, and to be recorded.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    pub fn verify_for_urgent_use(
        &self,
        pinned: &Pinned,
        now: Timestamp,
    ) -> Result<(Directory, Option<Expired>), DirectoryError> {
        let directory = self.judge(pinned)?;
        if directory.issued.duration_since(now) > CLOCK_SKEW {
            return Err(DirectoryError::NotYetIssued { issued: directory.issued });
        }
        let over = now.duration_since(directory.expires);
        if over.is_negative() {
            return Ok((directory, None));
        }
        let usable_until = directory.expires.saturating_add(GRACE).unwrap_or(Timestamp::MAX);
        let expired = Expired { at: directory.expires, days: over.as_hours() / 24, usable_until };
        if now < usable_until {
            Ok((directory, Some(expired)))
        } else {
            Err(DirectoryError::LongExpired(expired))
        }
    }

    /// As [`Self::verify`], but whether it has run out plays no part: for whoever signs the next version.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    pub fn verify_to_renew(&self, pinned: &Pinned) -> Result<Directory, DirectoryError> {
        self.judge(pinned)
    }

    /// All but time.
    pub(super) fn judge(&self, pinned: &Pinned) -> Result<Directory, DirectoryError> {
        DIRECTORY.check_length(&self.text)?;
        check_keys(&pinned.keys, pinned.threshold).map_err(|why| DirectoryError::Pins { why })?;
        let valid = count_signers(&pinned.keys, self);
        if valid < needed(pinned.threshold) {
            return Err(DirectoryError::TooFewSignatures { valid, needed: pinned.threshold });
        }
        let directory: Directory = DIRECTORY.read(&self.text)?;
        directory.check()?;
        if directory.partnership != pinned.partnership {
            return Err(DirectoryError::OtherPartnership);
        }
        if directory.version < pinned.at_least_version {
            return Err(DirectoryError::RolledBack {
                offered: directory.version,
                seen: pinned.at_least_version,
            });
        }
        let other_text = pinned.seen.is_some_and(|seen| seen != Digest::of(self.text.as_bytes()));
        if directory.version == pinned.at_least_version && other_text {
            return Err(DirectoryError::TwoOfOneVersion { version: directory.version });
        }
        let valid = count_signers(&directory.keys, self);
        if valid < needed(directory.threshold) {
            return Err(DirectoryError::TooFewNewSignatures { valid, needed: directory.threshold });
        }
        Ok(directory)
    }
}

fn needed(threshold: u32) -> usize {
    usize::try_from(threshold).unwrap_or(usize::MAX)
}

/// A directory that has run out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expired {
    pub at: Timestamp,
    /// Whole days since then.
    pub days: i64,
    /// For urgent danger it can be used until here.
    pub usable_until: Timestamp,
}

impl fmt::Display for Expired {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.days {
            0 => f.write_str("less than a day ago"),
            1 => f.write_str("1 day ago"),
            days => write!(f, "{days} days ago"),
        }
    }
}

/// Why a directory was not believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DirectoryError {
    #[error("{valid} of the partnership's keys signed this directory, {needed} must")]
    TooFewSignatures { valid: usize, needed: u32 },
    #[error("this directory brings new keys: {valid} of them signed it, {needed} must")]
    TooFewNewSignatures { valid: usize, needed: u32 },
    #[error("this directory is of another partnership")]
    OtherPartnership,
    #[error("directory version {offered} is older than version {seen}, which was seen before")]
    RolledBack { offered: u64, seen: u64 },
    #[error(
        "there are two different directories of version {version}: ring the partnership, one is not honest"
    )]
    TwoOfOneVersion { version: u64 },
    #[error("this directory is dated {}, in the future; check the clock", crate::page::moment(*.issued))]
    NotYetIssued { issued: Timestamp },
    #[error("the directory ran out {0}; for urgent danger it is usable until {until}; fetch a new one", until = .0.usable_until)]
    Expired(Expired),
    #[error("the directory ran out {0} and is no longer usable; fetch a new one")]
    LongExpired(Expired),
    #[error("the directory's entry for {id} is not acceptable: {why}")]
    Member { id: AgencyId, why: &'static str },
    #[error("the pinned partnership keys cannot be used: {why}; enrol again")]
    Pins { why: &'static str },
    #[error(transparent)]
    Document(#[from] BadDocument),
}

impl Directory {
    /// What a directory must be, whoever signed it. Signers check it before they sign.
    ///
    /// # Errors
    /// Names what is wrong, and the member it is wrong with.
    pub fn check(&self) -> Result<(), DirectoryError> {
        let refused = |why| Err(DIRECTORY.refused(why).into());
        if !is_plain_name(&self.partnership, MAX_NAME) {
            return refused("the partnership's name is empty, too long or has characters that hide text");
        }
        if let Err(why) = check_keys(&self.keys, self.threshold) {
            return refused(why);
        }
        let lifetime = self.expires.duration_since(self.issued);
        if !lifetime.is_positive() || lifetime > MAX_LIFETIME {
            return refused("it is good for no time, or for more than 400 days");
        }
        if self.members.len() > MAX_MEMBERS {
            return refused("it has more than 2,000 members");
        }
        let mut seen = Seen::default();
        seen.jobs.extend(&self.keys);
        for member in &self.members {
            seen.check(member).map_err(|why| DirectoryError::Member { id: member.id.clone(), why })?;
        }
        Ok(())
    }
}

fn check_keys(keys: &[VerifyingKey], threshold: u32) -> Result<(), &'static str> {
    let distinct: BTreeSet<_> = keys.iter().collect();
    if distinct.len() != keys.len() {
        Err("a partnership key stands in it twice")
    } else if keys.len() > MAX_KEYS {
        Err("there are more than 16 partnership keys")
    } else if threshold == 0 || needed(threshold) > keys.len() {
        Err("the threshold is zero or more than there are keys")
    } else {
        Ok(())
    }
}

/// What stood in the directory so far: nothing may stand in it for two.
#[derive(Default)]
struct Seen<'a> {
    ids: BTreeSet<&'a AgencyId>,
    jobs: BTreeSet<&'a VerifyingKey>,
    seals: BTreeSet<Digest>,
    nodes: BTreeMap<&'a str, &'a NodeAddress>,
}

impl<'a> Seen<'a> {
    fn check(&mut self, member: &'a Member) -> Result<(), &'static str> {
        let plain = |text: &Option<String>, most| text.as_ref().is_none_or(|text| is_plain_name(text, most));
        if !is_plain_name(&member.name, MAX_NAME)
            || !plain(&member.phone, MAX_PHONE)
            || !plain(&member.authority, MAX_NAME)
        {
            return Err("a name or number is empty, too long or has characters that hide text");
        }
        if !self.ids.insert(&member.id) {
            return Err("it stands in the directory twice");
        }
        let keys = &member.keys;
        let own = [&keys.sign, &keys.log, &keys.cosign, &keys.link];
        if !own.into_iter().all(|key| self.jobs.insert(key)) {
            return Err("a key of it has another job too");
        }
        if !self.seals.insert(keys.seal.fingerprint()) {
            return Err("another member has the same sealing key");
        }
        self.check_node(&member.node)
    }

    fn check_node(&mut self, node: &'a NodeAddress) -> Result<(), &'static str> {
        if let Some(known) = self.nodes.insert(&node.name, node) {
            return if known == node {
                Ok(())
            } else {
                Err("its node stands elsewhere with other keys or address")
            };
        }
        node.check()?;
        if [&node.link, &node.sign, &node.log, &node.cosign].into_iter().all(|key| self.jobs.insert(key)) {
            Ok(())
        } else {
            Err("a key of its node has another job too")
        }
    }
}

impl NodeAddress {
    /// Whether name and address are what a directory may hold.
    ///
    /// # Errors
    /// Says which is not well formed.
    pub fn check(&self) -> Result<(), &'static str> {
        if !is_plain_name(&self.name, MAX_NAME) {
            return Err("its node's name is empty, too long or has characters that hide text");
        }
        if !is_host_and_port(&self.addr) {
            return Err("its node's address is not host:port");
        }
        Ok(())
    }
}

/// Whether an address is what a directory may hold: a name or number of a host, and a port.
#[must_use]
pub fn is_host_and_port(addr: &str) -> bool {
    let Some((host, port)) = addr.rsplit_once(':') else { return false };
    let inner = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let host_is_good = match inner {
        Some(v6) => v6.parse::<core::net::Ipv6Addr>().is_ok(),
        None => {
            (1..=253).contains(&host.len())
                && host.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'-')
        }
    };
    host_is_good
        && port.bytes().all(|b| b.is_ascii_digit())
        && port.parse::<u16>().is_ok_and(|port| port != 0)
}
