//! The first leaf of a node's log that goes on from a backup: which log it left, and why.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Checkpoint, Origin};

/// Longest statement, in bytes.
pub const MAX_RESTORED: usize = 8 * 1024;

/// What a restored node says of itself, as JSON, byte for byte the leaf.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Restored {
    kith: Version,
    pub node: String,
    #[serde(deserialize_with = "crate::moment::utc")]
    pub at: Timestamp,
    /// The log that is left, as the backup has it. What the node signed later is in nobody's books but its clients'.
    pub left: Checkpoint,
    /// The log that begins.
    pub log: Origin,
    pub why: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Version {
    #[serde(rename = "log-restored/1")]
    One,
}

/// A first leaf that is no such statement.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("what it says of its beginning does not read")]
pub struct BadRestored;

impl Restored {
    #[must_use]
    pub const fn new(node: String, at: Timestamp, left: Checkpoint, log: Origin, why: String) -> Self {
        Self { kith: Version::One, node, at, left, log, why }
    }

    /// The bytes of the leaf.
    ///
    /// # Errors
    /// It is too long.
    pub fn to_text(&self) -> Result<String, BadRestored> {
        let text = serde_json::to_string(self).map_err(|_| BadRestored)?;
        if text.len() > MAX_RESTORED { Err(BadRestored) } else { Ok(text) }
    }

    /// Reads a leaf. That it is the first of its log is for whoever has the proof to say.
    ///
    /// # Errors
    /// It is too long, or something else.
    pub fn parse(text: &str) -> Result<Self, BadRestored> {
        if text.len() > MAX_RESTORED {
            return Err(BadRestored);
        }
        serde_json::from_str(text).map_err(|_| BadRestored)
    }
}
