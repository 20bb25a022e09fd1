//! Deposit: bytes durable, then the books, then the receipt, then the reply.

use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use kith_protocol::{
    envelope::{Envelope, SignedEnvelope},
    gate::{GateRefusal, SignedGate},
    ids::{AgencyId, BundleId, Digest},
    receipt::SignedReceipt,
    wire::{BytesFault, EAGER, Policy, Response, WireError},
};
use tokio::{sync::mpsc, time::timeout};

use super::{Reply, STOPPING, Trouble, ahead, blocking, by, document};
use crate::{
    link::{Stream, StreamError},
    node::{
        Node,
        blobs::{Upload, UploadError},
        ledger::{self, Accepted, Reserved, State},
        serve::{PATIENCE, stopped},
        store::is_full,
    },
};

/// Bundles up to this size stand in the database and share its commit; a file needs two waits for the disk of its own.
const INLINE: u64 = 64 * 1024;
/// Batches of pieces that may wait for the disk.
const BEHIND: usize = 16;

/// A deposit whose documents are in order.
pub(super) struct Offer {
    id: BundleId,
    envelope: Envelope,
    signed: SignedEnvelope,
    gate: SignedGate,
    gate_until: Timestamp,
    at: Timestamp,
    /// The gate lets no new bundle pass; one that is in the books keeps its receipt.
    shut: Option<Policy>,
}

pub(super) fn check(
    node: &Node,
    caller: &AgencyId,
    signed: SignedEnvelope,
    signed_gate: SignedGate,
) -> Result<Offer, WireError> {
    let roster = node.roster();
    by(caller, signed.claims().as_ref().map(|envelope| &envelope.from))?;
    by(caller, signed_gate.claims().as_ref().map(|gate| &gate.from))?;
    let envelope = signed.verify(&roster.directory).map_err(|error| document(&error))?;
    let gate = signed_gate.verify(&roster.directory).map_err(|error| document(&error))?;
    if envelope.size > node.limits.bundle {
        return Err(WireError::Policy(Policy::BundleTooLarge { limit: node.limits.bundle }));
    }
    let now = node.clock.now();
    let shut = gate.admits(&envelope, now).err().map(rule);
    // Receipts tell whole seconds.
    let at = Timestamp::from_second(now.as_second()).unwrap_or(now);
    Ok(Offer { id: signed.id(), envelope, signed, gate: signed_gate, gate_until: gate.valid_until, at, shut })
}

/// What a sender is told whose gate lets nothing pass.
pub(super) const fn rule(refusal: GateRefusal) -> Policy {
    match refusal {
        GateRefusal::ForAnother => Policy::GateForAnother,
        GateRefusal::NotYet => Policy::GateNotYet,
        GateRefusal::Expired => Policy::GateExpired,
    }
}

pub(super) async fn deposit(node: &Arc<Node>, offer: Offer, stream: &mut Stream, eager: bool) -> Reply {
    let (id, size, to) = (offer.id, offer.envelope.size, offer.envelope.to.clone());
    if eager && size > EAGER {
        return Err(WireError::Bytes(BytesFault::TooLong).into());
    }
    if let Some(rule) = offer.shut {
        let held = node.store.read(move |db| ledger::find(db, id)).await?;
        let receipt = held.filter(|held| held.state != State::Lost).ok_or(WireError::Policy(rule))?.stored;
        return Ok(Some(Response::Stored { receipt }));
    }
    let receipt = if eager && size <= INLINE {
        let body = small(stream, size, offer.envelope.ciphertext).await?;
        enter(node, offer, Some(body)).await?
    } else {
        large(node, offer, stream, eager).await?
    };
    node.bells.ring(&to);
    tracing::info!(bundle = %id, size, "stored");
    Ok(Some(Response::Stored { receipt }))
}

async fn enter(node: &Arc<Node>, offer: Offer, body: Option<Vec<u8>>) -> Result<SignedReceipt, Trouble> {
    let Offer { id, envelope, signed, gate, gate_until, at, .. } = offer;
    let (signer, new) = (node.clone(), Accepted { id, envelope, signed, gate, gate_until, at, body });
    let change = move |db: &rusqlite::Connection| {
        let by = (signer.name.as_str(), &signer.keys.sign);
        let sign = |leaf| SignedReceipt::stored((id, &new.envelope), by, leaf, at);
        ledger::accept(db, &new, signer.limits, (&signer.keys.cosign.public(), sign))
    };
    Ok(node.store.write(change).await?)
}

async fn small(stream: &mut Stream, size: u64, digest: Digest) -> Result<Vec<u8>, Trouble> {
    let mut body = Vec::new();
    while let Some(pieces) = next(stream).await? {
        for piece in pieces {
            body.extend_from_slice(&piece);
        }
        if body.len() as u64 > size {
            return Err(WireError::Bytes(BytesFault::Size).into());
        }
    }
    if (body.len() as u64) < size {
        return Err(WireError::Bytes(BytesFault::Size).into());
    }
    if Digest::of(&body) != digest {
        return Err(WireError::Bytes(BytesFault::Digest).into());
    }
    Ok(body)
}

async fn next(stream: &mut Stream) -> Result<Option<Vec<Bytes>>, StreamError> {
    timeout(PATIENCE, stream.pieces()).await.map_err(|_| StreamError::Ended)?
}

async fn large(
    node: &Arc<Node>,
    offer: Offer,
    stream: &mut Stream,
    eager: bool,
) -> Result<SignedReceipt, Trouble> {
    let (id, limits, at) = (offer.id, node.limits, offer.at);
    let turn = node.turns.take(id).await;
    let coming = ahead::turn(node, &offer.envelope).await?;
    let envelope = offer.envelope.clone();
    let reserved = node.store.write(move |db| ledger::reserve(db, id, &envelope, at, limits)).await?;
    let ahead = match reserved {
        Reserved::Stored(receipt) => return Ok(receipt),
        Reserved::Room { ahead } => ahead,
    };
    let (blobs, size, digest) = (node.blobs.clone(), offer.envelope.size, offer.envelope.ciphertext);
    let (name, hashed) = ahead::left(node, &offer.envelope);
    let resume = move || {
        if ahead {
            blobs.rename(name, id)?;
        }
        if eager { blobs.begin(id, size) } else { blobs.resume((id, size), digest, hashed.filter(|_| ahead)) }
    };
    let upload = blocking(resume).await??;
    drop(coming);
    if !eager {
        stream.say(&Response::Send { offset: upload.length() }, Bytes::new()).await?;
    }
    let (upload, received) = receive(node, stream, upload, turn.over()).await?;
    let completed = match received {
        Ok(()) => blocking(move || upload.complete(digest)).await?,
        Err(Received::Cut(trouble)) => {
            blocking(move || upload.pause()).await??;
            return Err(trouble);
        }
        Err(Received::Bad(error)) => {
            blocking(move || upload.discard()).await??;
            Err(error)
        }
    };
    if let Err(error) = completed {
        return Err(give_up(node, id, error).await);
    }
    let entered = enter(node, offer, None).await;
    if matches!(entered, Err(Trouble::Wire(WireError::Policy(_)))) {
        // The gate was used or taken back meanwhile: these bytes will never be wanted.
        node.store.write(move |db| ledger::release(db, id)).await?;
        node.blobs.remove(id)?;
    }
    entered
}

/// Why not all bytes were taken in.
pub(super) enum Received {
    /// They may go on later.
    Cut(Trouble),
    /// What there is cannot be used.
    Bad(UploadError),
}

/// Hands what arrives to a thread that hashes and writes it, until the end, a cut, or somebody else's turn.
pub(super) async fn receive(
    node: &Node,
    stream: &mut Stream,
    mut upload: Upload,
    over: impl Future<Output = ()>,
) -> Result<(Upload, Result<(), Received>), Trouble> {
    let (pass, mut passed) = mpsc::channel::<Vec<Bytes>>(BEHIND);
    let writing = tokio::task::spawn_blocking(move || {
        let mut result = Ok(());
        while let (true, Some(pieces)) = (result.is_ok(), passed.blocking_recv()) {
            result = upload.take(&pieces);
        }
        (upload, result)
    });
    let mut stopping = node.stopping.clone();
    let mut over = std::pin::pin!(over);
    let cut = loop {
        tokio::select! {
            () = stopped(&mut stopping) => break Some(STOPPING.into()),
            () = &mut over => break Some(StreamError::Ended.into()),
            pieces = next(stream) => match pieces {
                Ok(Some(pieces)) => if pass.send(pieces).await.is_err() { break None },
                Ok(None) => break None,
                Err(error) => break Some(error.into()),
            }
        }
    };
    drop(pass);
    let (upload, written) = writing.await.map_err(|_| STOPPING)?;
    let result = match (written, cut) {
        (Err(error), _) => Err(Received::Bad(error)),
        (Ok(()), Some(trouble)) => Err(Received::Cut(trouble)),
        (Ok(()), None) => Ok(()),
    };
    Ok((upload, result))
}

/// Lets the room of an upload go, unless the sender can go on with it, and says what went wrong.
pub(super) async fn give_up(node: &Node, id: BundleId, error: UploadError) -> Trouble {
    let fault = match error {
        UploadError::TooShort => return WireError::Bytes(BytesFault::Size).into(),
        UploadError::TooLong => WireError::Bytes(BytesFault::Size).into(),
        UploadError::Digest => WireError::Bytes(BytesFault::Digest).into(),
        UploadError::File(error) => {
            if is_full(&error) {
                tracing::error!("the disk is full");
            }
            error.into()
        }
    };
    match node.store.write(move |db| ledger::release(db, id)).await {
        Ok(()) => fault,
        Err(error) => error.into(),
    }
}
