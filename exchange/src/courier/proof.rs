//! The node's log, held to what it said before: that a receipt stands in it, and that it only grew.

use std::cmp::Ordering;

use kith_protocol::{
    log::{Checkpoint, Growth, Logged, Path, Restored, SignedCheckpoint, leaf_hash},
    receipt::SignedReceipt,
    wire::{Request, Response},
};

use super::{Courier, CourierError, Lie, off_topic};

/// What the node's log is now. Keep both: the checkpoint to ask from, the signed one to show to others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proven {
    pub checkpoint: Checkpoint,
    pub signed: SignedCheckpoint,
    /// Where the receipt that was asked for stands, and what shows it to anybody.
    pub logged: Option<Logged>,
    /// That it grew from the checkpoint that was known, if one was.
    pub growth: Growth,
    /// How it began after a backup was restored, if it did; told when nothing of it was known.
    pub began: Option<Box<Restored>>,
}

/// In what way a node's log is not what it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Breach {
    /// Another log stands in its place.
    Replaced,
    /// It has fewer leaves than it had.
    Shrunk,
    /// It has as many leaves, and others among them.
    Forked,
    /// It does not show that it only grew.
    Rewritten,
    /// A receipt it signed does not stand in it, or elsewhere than it signed.
    Missing,
}

/// What holding a node to its word came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Audit {
    Holds(Proven),
    /// It does not hold; `now` is what the node says of its log by itself.
    Broken {
        breach: Breach,
        now: Proven,
    },
}

impl Courier {
    /// As [`Self::proof`]; what does not hold is looked into, so that it can be told and shown to others.
    ///
    /// # Errors
    /// The node cannot be reached, or does not even say what its log is now.
    pub async fn audit(
        &self,
        receipt: Option<&SignedReceipt>,
        known: Option<&Checkpoint>,
    ) -> Result<Audit, CourierError> {
        let failed = match self.proof(receipt, known).await {
            Ok(proven) => return Ok(Audit::Holds(proven)),
            Err(error @ (CourierError::Lie(_) | CourierError::Refused(_))) => error,
            Err(error) => return Err(error),
        };
        let now = self.proof(None, None).await?;
        let of_the_whole = match known {
            Some(known) => self.breach(known, &now.checkpoint).await?,
            None => None,
        };
        match of_the_whole.or(receipt.map(|_| Breach::Missing)) {
            Some(breach) => Ok(Audit::Broken { breach, now }),
            None => Err(failed),
        }
    }

    async fn breach(&self, known: &Checkpoint, now: &Checkpoint) -> Result<Option<Breach>, CourierError> {
        Ok(match now.size.cmp(&known.size) {
            _ if now.origin != known.origin => Some(Breach::Replaced),
            Ordering::Less => Some(Breach::Shrunk),
            Ordering::Equal => (now.root != known.root).then_some(Breach::Forked),
            Ordering::Greater => match self.proof(None, Some(known)).await {
                Ok(_) => None,
                Err(CourierError::Lie(_) | CourierError::Refused(_)) => Some(Breach::Rewritten),
                Err(error) => return Err(error),
            },
        })
    }

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
        let Response::Proven { checkpoint: signed, leaf: shown, growth, began } =
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
        // A log that began after a backup has receipts of the one before at other places.
        let signed_for = receipt.and_then(|receipt| receipt.claims().ok()?.leaf);
        let signed_for = signed_for.filter(|place| place.log == checkpoint.origin).map(|place| place.index);
        let logged = match (leaf, shown) {
            (None, None) => None,
            (Some(_), Some((index, _))) if signed_for.is_some_and(|place| place != index) => {
                return Err(Lie::Place.into());
            }
            (Some(leaf), Some((index, path))) => {
                path.verify(leaf, index, checkpoint.size, &checkpoint.root).map_err(Lie::from)?;
                Some(Logged { index, path, checkpoint: signed.clone().by_owner_alone() })
            }
            _ => return off_topic(),
        };
        let began = began.map(|(said, path)| beginning(&said, &path, &checkpoint)).transpose()?;
        Ok(Proven { checkpoint, signed, logged, growth, began })
    }
}

/// What a log says of its beginning, if that is its first leaf.
fn beginning(said: &str, path: &Path, log: &Checkpoint) -> Result<Box<Restored>, Lie> {
    path.verify(leaf_hash(said.as_bytes()), 0, log.size, &log.root)?;
    let restored = Restored::parse(said).map_err(|_| Lie::OffTopic)?;
    if restored.log == log.origin { Ok(Box::new(restored)) } else { Err(Lie::OffTopic) }
}
