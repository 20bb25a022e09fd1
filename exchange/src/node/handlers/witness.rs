//! Witness: a member's log is cosigned if it only grew; a member's cosignature over the node's own log is kept.

use std::sync::Arc;

use kith_protocol::{
    directory::Member,
    ids::AgencyId,
    log::{Checkpoint, Cosignature, Cosigner, Fork, Offer, Refused, SignedCheckpoint, Witness},
    wire::{BytesFault, PeerFault, Response, WireError},
};

use super::Reply;
use crate::node::{Node, Roster, log, store::StoreError, witness};

/// Longest checkpoint that is cosigned, in bytes: it is kept.
const MAX_NOTE: usize = 16 * 1024;
const DOCUMENT: WireError = WireError::Bytes(BytesFault::Document);

/// What was seen is kept in the transaction that ends before the cosignature is given away; one writer makes them all,
/// so that no other checkpoint of that log comes in between.
pub(super) async fn witness(node: &Arc<Node>, caller: AgencyId, offer: Offer) -> Reply {
    let log = member(&node.roster(), &caller)?.keys.log;
    if String::from(offer.checkpoint.clone()).len() > MAX_NOTE {
        return Err(WireError::Bytes(BytesFault::TooLong).into());
    }
    let origin = offer.checkpoint.claims().map_err(|_| DOCUMENT)?.origin;
    if origin.agency().as_ref() != Some(&caller) {
        return Err(WireError::Peer(PeerFault::NotTheSender).into());
    }
    offer.checkpoint.verify(&origin, &log).map_err(|_| DOCUMENT)?;
    let cosigner =
        Cosigner::node(node.keys.cosign.clone()).map_err(|_| StoreError::Damaged("the node's name"))?;
    let now = node.clock.now();
    let change = move |db: &rusqlite::Connection| {
        let seen = witness::seen(db, &origin)?;
        let last = seen.as_ref().map(SignedCheckpoint::claims).transpose();
        let last: Option<Checkpoint> = last.map_err(|_| StoreError::Damaged("a checkpoint"))?;
        // The same again may come with the growth it came with first: the answer was lost.
        match cosigner.cosign(&offer.checkpoint, (&origin, &log), last.as_ref(), &offer.growth, now) {
            Ok((_, cosignature)) => {
                witness::keep(db, (&caller, &origin), &offer.checkpoint)?;
                return Ok(Response::Cosigned { cosignature });
            }
            Err(Refused::Forked { size }) => {
                tracing::warn!(agency = %caller, size, "a member signed two different logs of one name");
                let fork = seen.clone().map(|one| Fork { one, other: offer.checkpoint });
                fork.map_or(Ok(()), |fork| witness::keep_fork(db, &fork))?;
            }
            Err(Refused::Checkpoint(_)) => return Err(DOCUMENT.into()),
            Err(Refused::Clock) => return Err(StoreError::Damaged("the clock")),
            Err(Refused::Older { .. } | Refused::NotGrown(_)) => {}
        }
        Ok(Response::Seen { checkpoint: seen })
    };
    Ok(Some(node.store.write(change).await?))
}

/// A member's word for the node's own log.
pub(super) async fn witnessed(node: &Arc<Node>, caller: AgencyId, size: u64, line: Cosignature) -> Reply {
    let by = Witness::agency(member(&node.roster(), &caller)?, false).map_err(|_| DOCUMENT)?;
    let found = node.store.read(move |db| log::head(db, size)).await?;
    let mut signed = log::sign(found.ok_or(WireError::Peer(PeerFault::NotForYou))?, &node.keys)?;
    signed.add(&line, &by).map_err(|_| DOCUMENT)?;
    node.store.write(move |db| witness::keep_cosignature(db, &caller, size, line)).await?;
    Ok(Some(Response::Done))
}

fn member<'a>(roster: &'a Roster, caller: &AgencyId) -> Result<&'a Member, WireError> {
    roster.directory.member(caller).ok_or(WireError::Peer(PeerFault::NotAMember))
}
