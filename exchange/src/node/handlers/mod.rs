//! One handler for each verb. Each checks who asks, changes the books, and only then replies.

mod about;
mod ahead;
mod collect;
mod deposit;
mod news;
mod proof;
mod withdraw;
mod witness;

use std::sync::Arc;

use kith_protocol::{
    ids::{AgencyId, BundleId},
    signed::DocumentError,
    wire::{BytesFault, OurFault, PeerFault, Policy, Request, Response, WireError},
};

use super::{
    Node,
    ledger::{self, Held},
    serve::Caller,
    store::StoreError,
};
use crate::link::{Stream, StreamError};

/// Why a request came to nothing.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The peer is told.
    Wire(WireError),
    /// The peer is gone.
    Stream(StreamError),
}

impl From<WireError> for Trouble {
    fn from(error: WireError) -> Self {
        Self::Wire(error)
    }
}

impl From<StreamError> for Trouble {
    fn from(error: StreamError) -> Self {
        Self::Stream(error)
    }
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        if !matches!(error, StoreError::Wire(_)) {
            tracing::error!(%error, "the store failed");
        }
        Self::Wire(error.wire())
    }
}

impl From<std::io::Error> for Trouble {
    fn from(error: std::io::Error) -> Self {
        StoreError::from(error).into()
    }
}

pub(super) use self::ahead::CameAhead;

type Reply = Result<Option<Response>, Trouble>;

pub(super) async fn handle(node: &Arc<Node>, caller: Caller, stream: &mut Stream, request: Request) -> Reply {
    let caller = match caller {
        Caller::Agency(agency) => agency,
        Caller::Admin if request == Request::Status => return about::status(node, None).await,
        Caller::Admin => return Err(WireError::Peer(PeerFault::NotAMember).into()),
    };
    match request {
        Request::Deposit { envelope, gate, eager } => {
            let offer = deposit::check(node, &caller, envelope, gate)?;
            deposit::deposit(node, offer, stream, eager).await
        }
        Request::List { after } => news::list(node, caller, after).await,
        Request::News { after, wait } => news::news(node, caller, after, wait).await,
        Request::Collect { bundle, delivered, offset } => {
            collect::collect(node, &caller, stream, (bundle, offset), delivered).await
        }
        Request::Acknowledge { bundle } => collect::acknowledge(node, caller, bundle).await,
        Request::Answer { bundle, sealed } => news::answer(node, caller, bundle, sealed).await,
        Request::Withdraw { withdrawal } => withdraw::withdraw(node, caller, withdrawal).await,
        Request::Directory { have_version } => about::directory(node, stream, have_version).await,
        Request::Status => about::status(node, Some(caller)).await,
        Request::Proof { leaf, since } => proof::proof(node, leaf, since).await,
        Request::Witness { offer } => witness::witness(node, caller, offer).await,
        Request::Witnessed { size, cosignature } => witness::witnessed(node, caller, size, cosignature).await,
        Request::Ahead { gate, most } => ahead::ahead(node, &caller, stream, (gate, most)).await,
    }
}

/// The bundle, if it is for this agency. Others learn nothing, not even that it exists.
async fn for_recipient(node: &Node, caller: &AgencyId, id: BundleId) -> Result<Held, Trouble> {
    let held = node.store.read(move |db| ledger::find(db, id)).await?;
    held.filter(|held| held.recipient == *caller).ok_or(Trouble::Wire(WireError::Peer(PeerFault::NotForYou)))
}

/// Whether a document is its caller's own, before its signature is looked at.
fn by(caller: &AgencyId, from: Result<&AgencyId, &DocumentError>) -> Result<(), WireError> {
    match from {
        Ok(from) if from == caller => Ok(()),
        Ok(_) => Err(WireError::Peer(PeerFault::NotTheSender)),
        Err(error) => Err(document(error)),
    }
}

/// What a peer is told about a document of its own that does not verify: of two agencies it can only be the other that
/// nobody knows.
fn document(error: &DocumentError) -> WireError {
    match error {
        DocumentError::UnknownAgency(_) => WireError::Policy(Policy::UnknownRecipient),
        _ => WireError::Bytes(BytesFault::Document),
    }
}

const STOPPING: WireError = WireError::Ours { fault: OurFault::Stopping, retry_after: 5 };

/// Does `work` where it may wait for a disk.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Trouble> {
    tokio::task::spawn_blocking(work).await.map_err(|_| STOPPING.into())
}
