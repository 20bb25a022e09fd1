//! Order: what has waited too long goes, and what a crash left half done is put right.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use kith_protocol::{ids::BundleId, wire::Happening};
use rusqlite::Connection;

use super::{
    Node,
    config::expired,
    ledger::{self, State},
    store::StoreError,
};

/// An upload that was begun waits this long to be gone on with.
const UNFINISHED: SignedDuration = SignedDuration::from_hours(72);

/// Lets go what has waited too long: bundles nobody collected, collected ones nobody acknowledged, broken uploads.
pub(super) async fn sweep(node: &Arc<Node>) -> Result<(), StoreError> {
    let (now, keep) = (node.clock.now(), node.limits.keep());
    let (gone, senders) = node.store.write(move |db| let_go(db, now, keep)).await?;
    for id in &gone {
        node.blobs.remove(*id)?;
    }
    senders.iter().for_each(|sender| node.bells.ring(sender));
    if !gone.is_empty() {
        tracing::info!(count = gone.len(), "let go what waited too long");
    }
    Ok(())
}

type LetGo = (Vec<BundleId>, Vec<kith_protocol::ids::AgencyId>);

fn let_go(db: &Connection, now: Timestamp, keep: SignedDuration) -> Result<LetGo, StoreError> {
    let (mut gone, mut senders) = (Vec::new(), Vec::new());
    let before = |keep| now.checked_sub(keep).unwrap_or(Timestamp::MIN);
    for (from, to) in [(State::Waiting, State::Expired), (State::Delivered, State::Acknowledged)] {
        for id in ledger::idle(db, from, before(keep))? {
            let Some(held) = ledger::find(db, id)? else { continue };
            if from == State::Waiting && !expired(now, held.stored_at, keep) {
                continue;
            }
            ledger::set_state(db, id, &held, to, now)?;
            if to == State::Expired {
                let since = held.stored_at.as_second();
                ledger::tell(db, &held.sender, id, &Happening::NotDelivered { since })?;
                senders.push(held.sender);
            }
            gone.push(id);
        }
    }
    for id in ledger::abandoned(db, before(UNFINISHED))? {
        ledger::release(db, id)?;
        gone.push(id);
    }
    Ok((gone, senders))
}

/// After a start: files and books are made to agree again.
///
/// A whole file that is not in the books goes back to being unfinished, so that its sender can go on; one whose
/// bundle has ended is removed; an unfinished file without a reservation is removed.
pub(super) async fn tidy(node: &Arc<Node>) -> Result<(), StoreError> {
    for id in node.blobs.all()? {
        let (held, reserved) = node
            .store
            .read(move |db| Ok((ledger::find(db, id)?, ledger::reserved(db)?.contains(&id))))
            .await?;
        match held {
            Some(held) if held.state.refusal().is_none() => {}
            None if reserved => node.blobs.demote(id)?,
            _ => node.blobs.remove(id)?,
        }
    }
    let reserved = node.store.read(ledger::reserved).await?;
    for id in node.blobs.begun()? {
        if !reserved.contains(&id) {
            node.blobs.remove(id)?;
        }
    }
    sweep(node).await
}
