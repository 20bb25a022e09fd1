//! Answers: what travels sealed from a recipient back to a bundle's sender.

use serde::{Deserialize, Serialize};

use crate::{
    log::{Cosignature, Origin},
    receipt::SignedReceipt,
};

/// A named person's receipt, and with it the agency's word for the log that the bundle was proven by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    pub receipt: SignedReceipt,
    /// None when the recipient could not see that the log only grew, or saw more of it already.
    pub cosigned: Option<CosignedLog>,
}

/// A witness's word for a log of the sender's when it had `size` leaves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CosignedLog {
    pub log: Origin,
    pub size: u64,
    pub cosignature: Cosignature,
}
