//! Links in, requests out to the handlers, until the node is told to stop.

use std::{sync::Arc, time::Duration};

use kith_protocol::{
    ids::AgencyId,
    sign::VerifyingKey,
    wire::{BytesFault, Request, Response, WireError},
};
use tokio::{sync::watch, task::JoinSet, time::timeout};

use super::{Node, handlers, sweep};
use crate::link::{self, Connection, Endpoint, Incoming, Stream, StreamError, VarInt};

/// From so many unanswered handshakes on, a caller must first show that its address is its own.
const RETRY_FROM: usize = 64;
/// A handshake, a first frame, a pause inside a transfer: each at most this long.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);
/// What stopping waits for.
const FAREWELL: Duration = Duration::from_secs(5);
const SWEEP_EVERY: Duration = Duration::from_secs(3600);

/// Who opened a link.
#[derive(Debug, Clone)]
pub(super) enum Caller {
    /// The node's own admin, with the node's link key.
    Admin,
    /// A member agency.
    Agency(AgencyId),
}

pub(super) async fn serve(node: Arc<Node>, endpoint: Endpoint, most: usize) {
    let (mut links, mut stopping) = (JoinSet::new(), node.stopping.clone());
    let mut sweeping = tokio::time::interval(SWEEP_EVERY);
    // The first tick comes at once, and the node tidied as it started.
    sweeping.tick().await;
    loop {
        tokio::select! {
            () = stopped(&mut stopping) => break,
            _ = sweeping.tick() => if let Err(error) = sweep::sweep(&node).await {
                tracing::error!(%error, "the sweep failed");
            },
            Some(_) = links.join_next() => {}
            incoming = endpoint.accept() => {
                let Some(incoming) = incoming else { break };
                if links.len() >= most {
                    tracing::warn!(most, "a link was turned away");
                    incoming.refuse();
                } else if node.doors.unanswered() >= RETRY_FROM && incoming.may_retry() {
                    // Fails only where a retry is not allowed, which was asked.
                    let _ = incoming.retry();
                } else {
                    links.spawn(one_link(Arc::clone(&node), incoming));
                }
            }
        }
    }
    let _ = timeout(FAREWELL, async { while links.join_next().await.is_some() {} }).await;
    links.shutdown().await;
    endpoint.close(VarInt::from_u32(0), b"");
    let _ = timeout(FAREWELL, endpoint.wait_idle()).await;
}

/// Returns when the node is to stop.
pub(super) async fn stopped(stopping: &mut watch::Receiver<bool>) {
    // An error means that the handle was dropped, which is a stop as well.
    let _ = stopping.wait_for(|stop| *stop).await;
}

async fn one_link(node: Arc<Node>, incoming: Incoming) {
    let Ok(connecting) = incoming.accept() else { return };
    let connection = {
        let _unanswered = node.doors.knock();
        timeout(PATIENCE, connecting).await
    };
    let Ok(Ok(connection)) = connection else {
        tracing::debug!("a handshake failed");
        return;
    };
    let Some(key) = link::peer(&connection) else { return };
    let Some(_place) = node.doors.enter(key, node.limits.links_each) else {
        tracing::warn!("a member has too many links; the newest was closed");
        connection.close(VarInt::from_u32(1), b"too many links");
        return;
    };
    let (mut requests, mut stopping) = (JoinSet::new(), node.stopping.clone());
    loop {
        tokio::select! {
            () = stopped(&mut stopping) => break,
            Some(_) = requests.join_next() => {}
            stream = connection.accept_bi() => match stream {
                Ok(halves) => {
                    requests.spawn(one_request(Arc::clone(&node), key, Stream::new(halves)));
                }
                Err(error) => {
                    tracing::debug!(%error, "a link ended");
                    return;
                }
            }
        }
    }
    while requests.join_next().await.is_some() {}
    farewell(&connection).await;
}

/// Gives the last replies time to arrive before the link is closed.
async fn farewell(connection: &Connection) {
    connection.close(VarInt::from_u32(0), b"stopping");
    connection.closed().await;
}

async fn one_request(node: Arc<Node>, key: VerifyingKey, mut stream: Stream) {
    let response = match timeout(PATIENCE, stream.hear::<Request>()).await {
        Ok(Ok(request)) => answer(&node, key, &mut stream, request).await,
        Ok(Err(StreamError::Frame(_))) => Err(WireError::Bytes(BytesFault::Frame).into()),
        Ok(Err(error)) => Err(error.into()),
        Err(_) => return,
    };
    let last = match response {
        Ok(None) => None,
        Ok(Some(response)) => Some(response),
        Err(handlers::Trouble::Wire(error)) => Some(Response::Failed { error }),
        Err(handlers::Trouble::Stream(error)) => {
            tracing::debug!(%error, "a request broke off");
            return;
        }
    };
    stream.stop();
    if let Some(response) = last {
        let _ = timeout(PATIENCE, stream.say(&response, bytes::Bytes::new())).await;
    }
    stream.finish();
    // The link may be closed right after: wait until the peer has the reply.
    let _ = timeout(PATIENCE, stream.received()).await;
}

async fn answer(
    node: &Arc<Node>,
    key: VerifyingKey,
    stream: &mut Stream,
    request: Request,
) -> Result<Option<Response>, handlers::Trouble> {
    let caller = match node.roster().links.get(&key) {
        Some(agency) => Caller::Agency(agency.clone()),
        None if key == node.keys.link.public() => Caller::Admin,
        None => return Err(WireError::Peer(kith_protocol::wire::PeerFault::NotAMember).into()),
    };
    handlers::handle(node, caller, stream, request).await
}
