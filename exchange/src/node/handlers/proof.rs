//! Proof: that a receipt stands in the node's log, and that the log only grew.

use std::sync::Arc;

use kith_protocol::{
    ids::Digest,
    log::Witness,
    wire::{PeerFault, Response, WireError},
};

use super::Reply;
use crate::node::{Node, log, witness};

/// Signs the log as it is committed. Who asks for a leaf has its receipt; of others nobody learns anything.
pub(super) async fn proof(node: &Arc<Node>, leaf: Option<Digest>, since: u64) -> Reply {
    let question = move |db: &rusqlite::Connection| {
        let Some(proof) = log::prove(db, leaf, since)? else { return Ok(None) };
        let cosignatures = witness::cosignatures(db, proof.head.size)?;
        Ok(Some((proof, cosignatures)))
    };
    let found = node.store.read(question).await?;
    let (log::Proof { head, leaf, growth, began }, cosignatures) =
        found.ok_or(WireError::Peer(PeerFault::NotForYou))?;
    let mut checkpoint = log::sign(head, &node.keys)?;
    let roster = node.roster();
    for (witness, line) in cosignatures {
        // One who has left the directory, or has another key by now, is passed over.
        let known = roster.directory.member(&witness).and_then(|member| Witness::agency(member, false).ok());
        let _ = known.map(|known| checkpoint.add(&line, &known));
    }
    Ok(Some(Response::Proven { checkpoint, leaf, growth, began }))
}
