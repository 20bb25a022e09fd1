//! Signed receipts.

use serde::{Deserialize, Serialize};

/// What a receipt says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReceiptKind {
    /// The node holds it durably. Signed by the node.
    Stored,
    /// The recipient agency has taken it in. Signed by its `link` key, so that it can be done while locked.
    Delivered,
    /// A named person opened and verified it.
    Opened,
    /// A named person took it over.
    Receipted,
    /// A named person did not take it over; the note says why.
    Declined,
}
