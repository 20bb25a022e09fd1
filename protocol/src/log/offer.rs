//! What a log's owner shows to a witness, and to the reader of a bundle.

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

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

/// From how many sizes a bundle shows at most that its log grew.
pub const MAX_GROWN: usize = 8;

/// A checkpoint in a bundle. What its reader saw last is not known for certain: bundles wait, and are taken back. So growth
/// is shown from each size that the reader may have seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shown {
    pub checkpoint: SignedCheckpoint,
    /// At most [`MAX_GROWN`], the smallest size first. To who saw nothing of the log nothing need be shown.
    #[serde(deserialize_with = "few")]
    pub grown: Vec<Grown>,
}

/// That a log grew from its first `since` leaves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grown {
    pub since: u64,
    pub growth: Growth,
}

impl Shown {
    /// Growth from what a reader saw who saw `size` leaves, if it is shown.
    #[must_use]
    pub fn growth_from(&self, size: u64) -> Option<&Growth> {
        self.grown.iter().find(|one| one.since == size).map(|one| &one.growth)
    }
}

fn few<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Grown>, D::Error> {
    let grown = Vec::<Grown>::deserialize(from)?;
    let rising = grown.is_sorted_by(|one, next| one.since < next.since);
    if grown.len() > MAX_GROWN || !rising {
        return Err(D::Error::custom("growth is shown from too many sizes, or not the smallest first"));
    }
    Ok(grown)
}
