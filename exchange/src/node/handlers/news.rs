//! What waits, what happened, and answers on their way back.

use std::{pin::pin, sync::Arc, time::Duration};

use kith_protocol::{
    ids::{AgencyId, BundleId},
    wire::{BytesFault, Happening, MAX_ANSWER, PeerFault, Policy, Response, WireError},
};
use tokio::time::sleep_until;

use super::{Reply, for_recipient};
use crate::node::{Node, ledger, serve::stopped};

/// A watch without news ends after this, with none.
const WATCH: Duration = Duration::from_secs(300);

pub(super) async fn list(node: &Arc<Node>, caller: AgencyId, after: u64) -> Reply {
    let now = node.clock.now();
    let (bundles, more) = node.store.read(move |db| ledger::waiting(db, &caller, after, now)).await?;
    Ok(Some(Response::Waiting { bundles, more }))
}

pub(super) async fn news(node: &Arc<Node>, caller: AgencyId, after: u64, wait: bool) -> Reply {
    let (bell, mut stopping) = (node.bells.of(&caller), node.stopping.clone());
    let until = tokio::time::Instant::now() + WATCH;
    loop {
        let mut rung = pin!(bell.notified());
        rung.as_mut().enable();
        let asker = caller.clone();
        let (items, more) = node.store.read(move |db| ledger::news(db, &asker, after)).await?;
        if !items.is_empty() || !wait {
            return Ok(Some(Response::News { items, more }));
        }
        tokio::select! {
            () = rung => {}
            () = sleep_until(until) => return Ok(Some(Response::News { items, more })),
            () = stopped(&mut stopping) => return Err(super::STOPPING.into()),
        }
    }
}

pub(super) async fn answer(node: &Arc<Node>, caller: AgencyId, id: BundleId, sealed: Vec<u8>) -> Reply {
    if sealed.len() > MAX_ANSWER {
        return Err(WireError::Bytes(BytesFault::TooLong).into());
    }
    let held = for_recipient(node, &caller, id).await?;
    let now = node.clock.now();
    if held.delivered.is_none() {
        // Nobody answers what was never collected: it waits still, or was stopped before.
        return Err(held.refusal(now).unwrap_or(WireError::Peer(PeerFault::NotForYou)).into());
    }
    let (limit, sender) = (node.limits.answers, held.sender.clone());
    let change = move |db: &rusqlite::Connection| {
        let (count, known) = ledger::answers(db, &held, id, &sealed)?;
        if count >= limit && !known {
            return Err(WireError::Policy(Policy::TooManyAnswers { limit }).into());
        }
        ledger::tell(db, &held.sender, id, &Happening::Answered { sealed }, now)
    };
    node.store.write(change).await?;
    node.bells.ring(&sender);
    tracing::info!(bundle = %id, "answered");
    Ok(Some(Response::Done))
}
