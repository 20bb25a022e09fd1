//! Proof: that a receipt stands in the node's log, and that the log only grew.

use std::sync::Arc;

use kith_protocol::{
    ids::Digest,
    log::{Checkpoint, Origin},
    wire::{PeerFault, Response, WireError},
};

use super::Reply;
use crate::node::{Node, log, store::StoreError};

/// Signs the log as it is committed. Who asks for a leaf has its receipt; of others nobody learns anything.
pub(super) async fn proof(node: &Arc<Node>, leaf: Option<Digest>, since: u64) -> Reply {
    let found = node.store.read(move |db| log::prove(db, leaf, since)).await?;
    let log::Proof { id, size, root, leaf, growth } = found.ok_or(WireError::Peer(PeerFault::NotForYou))?;
    let origin = Origin::of_node(&node.keys.cosign.public(), id);
    let checkpoint = Checkpoint { origin, size, root }
        .sign(&node.keys.log)
        .map_err(|_| StoreError::Damaged("the log's name"))?;
    Ok(Some(Response::Proven { checkpoint, leaf, growth }))
}
