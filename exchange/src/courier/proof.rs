//! The node's log, held to what it said before: that a receipt stands in it, and that it only grew.

use kith_protocol::{
    log::{Checkpoint, SignedCheckpoint, leaf_hash},
    receipt::SignedReceipt,
    wire::{Request, Response},
};

use super::{Courier, CourierError, Lie, off_topic};

/// What the node's log is now. Keep both: the checkpoint to ask from, the signed one to show to others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proven {
    pub checkpoint: Checkpoint,
    pub signed: SignedCheckpoint,
    /// Where the receipt that was asked for stands.
    pub index: Option<u64>,
}

impl Courier {
    /// Asks for the node's newest checkpoint, with proof that it grew from the one `known`, and that `receipt` stands in it.
    ///
    /// # Errors
    /// The node cannot show it: it has another log now, dropped something, or never entered the receipt.
    pub async fn proof(
        &self,
        receipt: Option<&SignedReceipt>,
        known: Option<&Checkpoint>,
    ) -> Result<Proven, CourierError> {
        let leaf = receipt.map(|receipt| leaf_hash(receipt.text.as_bytes()));
        let since = known.map_or(0, |known| known.size);
        let Response::Proven { checkpoint: signed, leaf: shown, growth } =
            self.ask(&Request::Proof { leaf, since }).await?
        else {
            return off_topic();
        };
        let claimed = signed.claims().map_err(Lie::from)?.origin;
        let origin = match known {
            Some(known) => &known.origin,
            None if claimed.is_of_node(&self.node.cosign) => &claimed,
            None => return off_topic(),
        };
        let checkpoint = signed.verify(origin, &self.node.log).map_err(Lie::from)?;
        if let Some(known) = known {
            growth.verify(known.size, &known.root, checkpoint.size, &checkpoint.root).map_err(Lie::from)?;
        }
        let index = match (leaf, shown) {
            (None, None) => None,
            (Some(leaf), Some((index, path))) => {
                path.verify(leaf, index, checkpoint.size, &checkpoint.root).map_err(Lie::from)?;
                Some(index)
            }
            _ => return off_topic(),
        };
        Ok(Proven { checkpoint, signed, index })
    }
}
