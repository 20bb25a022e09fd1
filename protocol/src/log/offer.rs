//! What a log's owner shows to a witness.

use serde::{Deserialize, Serialize};

use super::{checkpoint::SignedCheckpoint, path::Growth};

/// A checkpoint for a witness to cosign, with proof that the log grew from what that witness saw of it last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Offer {
    pub checkpoint: SignedCheckpoint,
    /// From how many leaves the growth is: those of the checkpoint the witness cosigned last, 0 if there is none.
    pub since: u64,
    pub growth: Growth,
}
