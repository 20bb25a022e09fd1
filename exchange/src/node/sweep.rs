//! Order: what has waited too long goes, and what a crash left half done is put right.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use kith_protocol::{ids::BundleId, wire::Happening};
use rusqlite::Connection;

use super::{
    Node,
    config::Limits,
    ledger::{self, State},
    store::StoreError,
};

/// An upload that was begun waits this long to be gone on with.
const UNFINISHED: SignedDuration = SignedDuration::from_hours(72);

/// Lets go what has waited too long: bundles nobody collected, collected ones nobody acknowledged, broken uploads.
pub(super) async fn sweep(node: &Arc<Node>) -> Result<(), StoreError> {
    let (now, limits) = (node.clock.now(), node.limits);
    let (gone, senders) = node.store.write(move |db| let_go(db, now, limits)).await?;
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

fn let_go(db: &Connection, now: Timestamp, limits: Limits) -> Result<LetGo, StoreError> {
    let (mut gone, mut senders) = (Vec::new(), Vec::new());
    let before = |keep| now.checked_sub(keep).unwrap_or(Timestamp::MIN);
    for id in ledger::overdue(db, before(limits.keep()), now)? {
        let Some(held) = ledger::find(db, id)? else { continue };
        ledger::set_state(db, id, &held, State::Expired, now)?;
        let since = held.stored_at.as_second();
        ledger::tell(db, &held.sender, id, &Happening::NotDelivered { since }, now)?;
        senders.push(held.sender);
        gone.push(id);
    }
    for id in ledger::idle(db, State::Delivered, before(limits.keep()))? {
        let Some(held) = ledger::find(db, id)? else { continue };
        ledger::set_state(db, id, &held, State::Acknowledged, now)?;
        gone.push(id);
    }
    ledger::forget(db, before(limits.remember()), now)?;
    for id in ledger::abandoned(db, before(UNFINISHED))? {
        ledger::release(db, id)?;
        gone.push(id);
    }
    Ok((gone, senders))
}

/// After a start: files and books are made to agree again.
///
/// A whole file that is not in the books goes back to being unfinished, so that its sender can go on; one whose
/// bundle has ended is removed; an unfinished file without a reservation is removed. Where the books know of a file
/// that is missing, or is of another length, its bundle is lost, and its sender is told.
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
    for (id, size) in node.store.read(ledger::in_files).await? {
        if node.blobs.length(id)? != Some(size) {
            lose(node, id).await?;
        }
    }
    sweep(node).await
}

/// Notes that a bundle's file is missing or broken, and tells its sender.
pub(super) async fn lose(node: &Arc<Node>, id: BundleId) -> Result<(), StoreError> {
    let now = node.clock.now();
    let sender = node.store.write(move |db| ledger::lose(db, id, now)).await?;
    tracing::error!(bundle = %id, "the bytes of a bundle are missing; its sender is told");
    node.blobs.remove(id)?;
    node.bells.ring(&sender);
    Ok(())
}
