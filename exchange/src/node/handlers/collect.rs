//! Collect: the recipient's signed DELIVERED stands in the books before its first byte flows.

use std::{fs::File, io, sync::Arc};

use bytes::Bytes;
use kith_protocol::{
    ids::{AgencyId, BundleId},
    receipt::{ReceiptKind, SignedReceipt, Signer},
    wire::{BytesFault, OurFault, Response, WireError},
};
use tokio::{sync::mpsc, time::timeout};

use super::{Reply, Trouble, blocking, for_recipient};
use crate::{
    disk::Pieces,
    link::{Stream, StreamError},
    node::{
        Node,
        ledger::{self, Held, State},
        serve::PATIENCE,
        sweep,
    },
};

/// Pieces read from the disk that may wait for the link.
const AHEAD: usize = 4;

pub(super) async fn collect(
    node: &Arc<Node>,
    caller: &AgencyId,
    stream: &mut Stream,
    (id, offset): (BundleId, u64),
    delivered: SignedReceipt,
) -> Reply {
    let held = for_recipient(node, caller, id).await?;
    let now = node.clock.now();
    if let Some(refusal) = held.refusal(now) {
        return Err(refusal.into());
    }
    if offset > held.size {
        return Err(WireError::Bytes(BytesFault::Offset).into());
    }
    check(node, caller, id, &held, &delivered)?;
    let bytes = bytes(node, id, held.size, offset).await?;
    let delivered = match held.delivered {
        Some(first) => first,
        None => {
            let first = node.store.write(move |db| ledger::deliver(db, id, &delivered, now)).await?;
            node.bells.ring(&held.sender);
            tracing::info!(bundle = %id, "delivered");
            first
        }
    };
    let sending = Response::Sending { size: held.size, delivered };
    match bytes {
        Kept::Inline(rest) => stream.say(&sending, rest).await?,
        Kept::File(file) => {
            stream.say(&sending, Bytes::new()).await?;
            pour(file, stream, id).await?;
        }
    }
    Ok(None)
}

/// What is left of a bundle's bytes from an offset on.
enum Kept {
    Inline(Bytes),
    File(File),
}

/// Has the bytes in hand before anything is promised about them.
async fn bytes(node: &Arc<Node>, id: BundleId, size: u64, offset: u64) -> Result<Kept, Trouble> {
    if let Some(body) = node.store.read(move |db| ledger::body(db, id)).await? {
        let offset = usize::try_from(offset).unwrap_or(usize::MAX).min(body.len());
        return Ok(Kept::Inline(Bytes::from(body).split_off(offset)));
    }
    let blobs = node.blobs.clone();
    let opened = blocking(move || -> io::Result<Option<File>> {
        if blobs.length(id)? == Some(size) { blobs.read(id, offset).map(Some) } else { Ok(None) }
    });
    if let Some(file) = opened.await?? {
        return Ok(Kept::File(file));
    }
    sweep::lose(node, id).await?;
    Err(WireError::Ours { fault: OurFault::Lost, retry_after: 3600 }.into())
}

fn check(
    node: &Node,
    caller: &AgencyId,
    id: BundleId,
    held: &Held,
    signed: &SignedReceipt,
) -> Result<(), WireError> {
    let (roster, now) = (node.roster(), node.clock.now());
    let receipt =
        signed.verify(&roster.directory, now).map_err(|_| WireError::Bytes(BytesFault::Document))?;
    let right = receipt.kind == ReceiptKind::Delivered
        && (receipt.bundle, receipt.ciphertext) == (id, held.ciphertext)
        && receipt.previous == Some(held.stored.digest())
        && matches!(&receipt.signer, Signer::Agency { agency } if agency == caller);
    if right { Ok(()) } else { Err(WireError::Bytes(BytesFault::Receipt)) }
}

/// Reads on one thread while the link sends what was read before.
async fn pour(mut file: File, stream: &mut Stream, id: BundleId) -> Result<(), Trouble> {
    let (pass, mut passed) = mpsc::channel::<Bytes>(AHEAD);
    let reading = tokio::task::spawn_blocking(move || -> io::Result<()> {
        let pieces = Pieces::new();
        while let Some(piece) = pieces.read(&mut file)? {
            if pass.blocking_send(piece).is_err() {
                break;
            }
        }
        Ok(())
    });
    while let Some(piece) = passed.recv().await {
        timeout(PATIENCE, stream.send(piece)).await.map_err(|_| StreamError::Ended)??;
    }
    match reading.await {
        Ok(Ok(())) => Ok(()),
        broken => {
            tracing::error!(bundle = %id, ?broken, "a bundle's file could not be read");
            Err(StreamError::Ended.into())
        }
    }
}

pub(super) async fn acknowledge(node: &Arc<Node>, caller: AgencyId, id: BundleId) -> Reply {
    let held = for_recipient(node, &caller, id).await?;
    match held.state {
        State::Waiting => return Err(WireError::Bytes(BytesFault::Receipt).into()),
        State::Delivered => {}
        // Nothing is left to let go.
        State::Acknowledged | State::Withdrawn | State::Expired | State::Lost => {
            return Ok(Some(Response::Done));
        }
    }
    let now = node.clock.now();
    let change = move |db: &rusqlite::Connection| {
        let held = ledger::find(db, id)?;
        held.filter(|held| held.state == State::Delivered)
            .map_or(Ok(()), |held| ledger::set_state(db, id, &held, State::Acknowledged, now))
    };
    node.store.write(change).await?;
    node.blobs.remove(id)?;
    tracing::info!(bundle = %id, "acknowledged");
    Ok(Some(Response::Done))
}
