//! The courier: calls a node for an agency, and believes nothing the node says without checking it.

mod ahead;
mod collect;
mod deposit;
mod error;
mod file;
mod growing;
mod news;
mod place;
mod proof;
mod witness;

use std::{net::SocketAddr, time::Duration};

use bytes::Bytes;
use kith_protocol::{
    directory::NodeAddress,
    sign::SigningKey,
    wire::{Request, Response},
};
use tokio::{sync::Mutex, task::yield_now, time::timeout};

pub use collect::{Arrival, Collected, Listed};
pub use error::{CourierError, Lie};
pub use growing::{Growing, Grows, growing};
pub use news::{Heard, Known, takes_back};
pub use place::{Place, Refused};
pub use proof::{Audit, Breach, Proven};
pub use witness::Witnessed;

use crate::link::{self, ClientConfig, Connection, Endpoint, Stream, StreamError, VarInt};

/// Tells how many bytes have gone or come, and of how many.
pub type Progress<'a> = &'a (dyn Fn(u64, u64) + Send + Sync);

/// A link that does not come about in this time does not come about.
const CALLING: Duration = Duration::from_secs(10);
/// A reply that does not come in this time does not come. Only a watch waits longer.
const PATIENCE: Duration = Duration::from_secs(60);
/// A goodbye that has not left by then does not matter.
const FAREWELL: Duration = Duration::from_millis(100);

/// Calls one node with one agency's link key; opens a link when it needs one and again when it was lost.
pub struct Courier {
    node: NodeAddress,
    dialling: ClientConfig,
    line: Mutex<Option<Line>>,
}

/// An open link and the socket it uses.
struct Line {
    endpoint: Endpoint,
    connection: Connection,
}

impl Courier {
    /// Makes ready to call `node` with the agency's `link` key. Nothing is sent yet.
    ///
    /// # Errors
    /// The key was not taken.
    pub fn new(node: NodeAddress, link: &SigningKey) -> Result<Self, CourierError> {
        let dialling = link::dialling(link, node.link)?;
        Ok(Self { node, dialling, line: Mutex::new(None) })
    }

    /// As [`Self::new`], and opens the link. The node's first reply, not this, shows that it takes our key.
    ///
    /// # Errors
    /// The node cannot be reached, or shows another key than the directory lists.
    pub async fn connect(node: NodeAddress, link: &SigningKey) -> Result<Self, CourierError> {
        let courier = Self::new(node, link)?;
        courier.call().await?;
        Ok(courier)
    }

    /// Opens the link if none is open, so that whoever asks next need not wait for that.
    ///
    /// # Errors
    /// As [`Self::connect`].
    pub async fn call(&self) -> Result<(), CourierError> {
        self.connection().await.map(drop)
    }

    /// The node it calls.
    #[must_use]
    pub const fn node(&self) -> &NodeAddress {
        &self.node
    }

    /// Ends the link, if there is one. Whatever was asked has been answered by then. The courier can be used again.
    pub async fn close(&self) {
        if let Some(Line { connection, endpoint: _endpoint }) = self.line.lock().await.take()
            && connection.close_reason().is_none()
        {
            let sent = || connection.stats().udp_tx.datagrams;
            let before = sent();
            connection.close(VarInt::from_u32(0), b"");
            // It leaves when the link's own task next runs. Waiting longer would only be for packets that come late
            // (RFC 9000, 10.2).
            let left = async {
                while sent() == before {
                    yield_now().await;
                }
            };
            let _ = timeout(FAREWELL, left).await;
        }
    }

    pub(crate) async fn connection(&self) -> Result<Connection, CourierError> {
        let mut line = self.line.lock().await;
        if let Some(line) = line.as_ref().filter(|line| line.connection.close_reason().is_none()) {
            return Ok(line.connection.clone());
        }
        let fresh = self.dial().await?;
        let connection = fresh.connection.clone();
        *line = Some(fresh);
        Ok(connection)
    }

    async fn dial(&self) -> Result<Line, CourierError> {
        let found = timeout(CALLING, tokio::net::lookup_host(&self.node.addr)).await;
        let Ok(Ok(addresses)) = found else { return Err(CourierError::NoAnswer) };
        let mut last = CourierError::NoAnswer;
        for address in addresses {
            match timeout(CALLING, self.dial_one(address)).await {
                Ok(Ok(line)) => return Ok(line),
                Ok(Err(error)) => last = error,
                Err(_) => last = CourierError::NoAnswer,
            }
        }
        Err(last)
    }

    async fn dial_one(&self, address: SocketAddr) -> Result<Line, CourierError> {
        let any: SocketAddr = if address.is_ipv6() { ([0_u16; 8], 0).into() } else { ([0_u8; 4], 0).into() };
        let endpoint = link::client(any)?;
        // The name is never sent: keys alone say who is there.
        let connecting = endpoint
            .connect_with(self.dialling.clone(), address, "node.invalid")
            .map_err(|_| CourierError::NoAnswer)?;
        match connecting.await {
            Ok(connection) => Ok(Line { endpoint, connection }),
            Err(error) if link::is_refusal(&error) => Err(CourierError::OtherKey),
            Err(_) => Err(CourierError::NoAnswer),
        }
    }

    /// Sends a request, and `behind` right after it.
    async fn open(&self, request: &Request, behind: Bytes) -> Result<Stream, CourierError> {
        let connection = self.connection().await?;
        let mut stream = Stream::new(connection.open_bi().await.map_err(StreamError::from)?);
        match stream.say(request, behind).await {
            // The node may have said why it wants no more.
            Ok(()) | Err(StreamError::Stopped) => Ok(stream),
            Err(error) => Err(error.into()),
        }
    }

    /// One request, one reply. A link that was lost is opened again, once: every request may be sent twice.
    async fn ask(&self, request: &Request) -> Result<Response, CourierError> {
        again(|| async {
            let mut stream = self.open(request, Bytes::new()).await?;
            stream.finish();
            let wait =
                if matches!(request, Request::News { wait: true, .. }) { PATIENCE * 10 } else { PATIENCE };
            hear(&mut stream, wait).await
        })
        .await
    }
}

/// Reads a reply; what the node could not do becomes an error.
async fn hear(stream: &mut Stream, wait: Duration) -> Result<Response, CourierError> {
    match timeout(wait, stream.hear::<Response>()).await.map_err(|_| CourierError::NoAnswer)?? {
        Response::Failed { error } => Err(error.into()),
        response => Ok(response),
    }
}

/// Tries once more when the link was lost on the way.
async fn again<T, F: Future<Output = Result<T, CourierError>>>(
    attempt: impl Fn() -> F,
) -> Result<T, CourierError> {
    match attempt().await {
        Err(CourierError::Lost) => attempt().await,
        result => result,
    }
}

/// The node answered something that does not fit the question.
const fn off_topic<T>() -> Result<T, CourierError> {
    Err(CourierError::Lie(Lie::OffTopic))
}
