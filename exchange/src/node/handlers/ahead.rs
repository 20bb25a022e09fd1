//! Ahead: a bundle's beginning comes while its sender still seals it. The deposit goes on from there, or does without.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use kith_protocol::{
    envelope::Envelope,
    gate::SignedGate,
    ids::{AgencyId, BundleId, GateId},
    wire::{Policy, Response, WireError},
};

use super::{
    Reply, Trouble, blocking, by,
    deposit::{Received, give_up, receive, rule},
    document,
};
use crate::{
    link::{Stream, StreamError},
    node::{Node, blobs::Hashed, ledger, store::StoreError, waiting_room::MyTurn},
};

/// What was hashed of what came ahead, of each sender's last one. When it is forgotten the file is read again.
#[derive(Default)]
pub(in crate::node) struct CameAhead(Mutex<HashMap<BundleId, (GateId, Hashed)>>);

impl CameAhead {
    fn keep(&self, name: BundleId, gate: GateId, hashed: Hashed) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(name, (gate, hashed));
    }

    fn take(&self, name: BundleId) -> Option<(GateId, Hashed)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&name)
    }
}

pub(super) async fn ahead(
    node: &Arc<Node>,
    caller: &AgencyId,
    stream: &mut Stream,
    (signed, most): (SignedGate, u64),
) -> Reply {
    by(caller, signed.claims().as_ref().map(|gate| &gate.from))?;
    let gate = signed.verify(&node.roster().directory).map_err(|error| document(&error))?;
    let limits = node.limits;
    if most > limits.bundle {
        return Err(WireError::Policy(Policy::BundleTooLarge { limit: limits.bundle }).into());
    }
    let now = node.clock.now();
    gate.is_open(now).map_err(|refusal| WireError::Policy(rule(refusal)))?;
    let (name, id) = (ledger::name_ahead(&gate.from), gate.id);
    let turn = node.turns.take(name).await;
    node.came_ahead.take(name);
    // The file first: what the books promise to a gate is never another's.
    let blobs = node.blobs.clone();
    let upload = blocking(move || blobs.begin(name, most)).await??;
    let begun = node.store.write(move |db| ledger::begin_ahead(db, &gate, most, now, limits)).await;
    if let Err(error) = begun {
        forget(node, name).await?;
        return Err(error.into());
    }
    let (upload, received) = receive(node, stream, upload, turn.over()).await?;
    let result = match received {
        Ok(()) => Ok(Some(Response::Done)),
        Err(Received::Cut(Trouble::Stream(StreamError::GivenUp))) => {
            forget(node, name).await?;
            return Err(StreamError::GivenUp.into());
        }
        Err(Received::Cut(trouble)) => Err(trouble),
        Err(Received::Bad(error)) => {
            blocking(move || upload.discard()).await??;
            return Err(give_up(node, name, error).await);
        }
    };
    node.came_ahead.keep(name, id, blocking(move || upload.pause()).await??);
    result
}

async fn forget(node: &Node, name: BundleId) -> Result<(), StoreError> {
    node.store.write(move |db| ledger::release(db, name)).await?;
    Ok(node.blobs.remove(name)?)
}

/// Waits until what comes ahead of this deposit, if anything does, has let go; it is asked to.
pub(super) async fn turn(node: &Node, envelope: &Envelope) -> Result<Option<MyTurn>, StoreError> {
    let (from, gate) = (envelope.from.clone(), envelope.gate);
    if !node.store.read(move |db| ledger::is_ahead(db, &from, gate)).await? {
        return Ok(None);
    }
    Ok(Some(node.turns.take(ledger::name_ahead(&envelope.from)).await))
}

/// The name of what this sender sent ahead, and what was hashed of it, if it was for this bundle.
pub(super) fn left(node: &Node, envelope: &Envelope) -> (BundleId, Option<Hashed>) {
    let name = ledger::name_ahead(&envelope.from);
    let mut all = node.came_ahead.0.lock().unwrap_or_else(PoisonError::into_inner);
    let ours = all.get(&name).is_some_and(|(gate, _)| *gate == envelope.gate);
    (name, ours.then(|| all.remove(&name)).flatten().map(|(_, hashed)| hashed))
}
