//! Logs and their witnesses: ours is offered to the node, the node's is cosigned here.

use kith_protocol::{
    log::{Cosignature, Offer, SignedCheckpoint, Witness},
    wire::{Request, Response},
};

use super::{Courier, CourierError, Lie, off_topic};

/// What the node says of a log that was offered to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Witnessed {
    /// It keeps the checkpoint as the last it saw; this is its cosignature, verified.
    Cosigned(Cosignature),
    /// The checkpoint does not follow on from the last it saw, which is this one. Whose it is has not been looked at.
    Seen(Option<SignedCheckpoint>),
}

impl Courier {
    /// Offers a log of ours to the node.
    ///
    /// # Errors
    /// The node cannot be reached, refuses, or its cosignature does not hold.
    pub async fn witness(&self, offer: &Offer) -> Result<Witnessed, CourierError> {
        match self.ask(&Request::Witness { offer: offer.clone() }).await? {
            Response::Cosigned { cosignature } => {
                let node = Witness::node(&self.node, true).map_err(|error| Lie::Log(error.into()))?;
                offer.checkpoint.clone().add(&cosignature, &node).map_err(Lie::from)?;
                Ok(Witnessed::Cosigned(cosignature))
            }
            Response::Seen { checkpoint } => Ok(Witnessed::Seen(checkpoint)),
            _ => off_topic(),
        }
    }

    /// Gives the node our cosignature over its own log of `size` leaves.
    ///
    /// # Errors
    /// The node cannot be reached, or does not take it.
    pub async fn give_cosignature(&self, size: u64, cosignature: Cosignature) -> Result<(), CourierError> {
        match self.ask(&Request::Witnessed { size, cosignature }).await? {
            Response::Done => Ok(()),
            _ => off_topic(),
        }
    }
}
