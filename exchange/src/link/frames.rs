//! One stream of a link: frames, and the raw bytes behind them.

use bytes::Bytes;
use kith_protocol::wire::{self, FrameError, Message};
use quinn::{ConnectionError, ReadError, ReadExactError, RecvStream, SendStream, WriteError};

/// Pieces taken from the link at once, each about as long as a packet.
const PIECES: usize = 64;
/// Grown by this much while a frame arrives, so that a claimed length takes no memory.
const STEP: usize = 64 * 1024;

/// Why a stream stopped.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StreamError {
    /// The link is gone.
    #[error("the link was lost: {0}")]
    Lost(#[from] ConnectionError),
    /// The peer ended this stream.
    #[error("the peer ended the stream")]
    Ended,
    /// The peer says that what it sends here will not be whole, and is not wanted.
    #[error("the peer gave up what it was sending")]
    GivenUp,
    /// The peer does not want more of our bytes; there may be a reply that says why.
    #[error("the peer wants no more")]
    Stopped,
    /// The peer sent what is not a frame.
    #[error(transparent)]
    Frame(#[from] FrameError),
}

/// Both halves of a stream.
pub(crate) struct Stream {
    out: SendStream,
    into: RecvStream,
}

impl Stream {
    pub(crate) fn new((out, into): (SendStream, RecvStream)) -> Self {
        Self { out, into }
    }

    /// Writes a message, and `behind` right after it.
    pub(crate) async fn say<M: Message>(&mut self, message: &M, behind: Bytes) -> Result<(), StreamError> {
        let frame = Bytes::from(wire::encode(message)?);
        Ok(self.out.write_all_chunks(&mut [frame, behind]).await?)
    }

    /// Writes raw bytes.
    pub(crate) async fn send(&mut self, bytes: Bytes) -> Result<(), StreamError> {
        Ok(self.out.write_chunk(bytes).await?)
    }

    /// Says that nothing follows.
    pub(crate) fn finish(&mut self) {
        // Fails only on a stream that has ended already.
        let _ = self.out.finish();
    }

    /// Says that what was sent is not to be kept.
    pub(crate) fn give_up(&mut self) {
        // Fails only on a stream that has ended already.
        let _ = self.out.reset(quinn::VarInt::from_u32(0));
    }

    /// Waits until the peer has everything, or wants no more.
    #[cfg(feature = "node")]
    pub(crate) async fn received(&mut self) {
        // However it ended, there is nothing more to wait for.
        let _ = self.out.stopped().await;
    }

    /// Wants no more from the peer.
    #[cfg(feature = "node")]
    pub(crate) fn stop(&mut self) {
        // Fails only on a stream that has ended already.
        let _ = self.into.stop(quinn::VarInt::from_u32(0));
    }

    /// Reads a message.
    pub(crate) async fn hear<M: Message>(&mut self) -> Result<M, StreamError> {
        let mut header = [0; 4];
        self.into.read_exact(&mut header).await?;
        let length = wire::length(header)?;
        let mut frame = Vec::new();
        while frame.len() < length {
            let from = frame.len();
            frame.resize(length.min(from + STEP), 0);
            self.into.read_exact(frame.get_mut(from..).unwrap_or_default()).await?;
        }
        Ok(wire::decode(&frame)?)
    }

    /// The next raw bytes in order, in the pieces they came in; `None` at the end.
    pub(crate) async fn pieces(&mut self) -> Result<Option<Vec<Bytes>>, StreamError> {
        let mut pieces = vec![Bytes::new(); PIECES];
        let Some(count) = self.into.read_chunks(&mut pieces).await? else { return Ok(None) };
        pieces.truncate(count);
        Ok(Some(pieces))
    }
}

/// Whether the link ended because one end did not accept the other's key.
pub(crate) fn is_refusal(error: &ConnectionError) -> bool {
    let code = match error {
        ConnectionError::TransportError(error) => error.code,
        ConnectionError::ConnectionClosed(close) => close.error_code,
        _ => return false,
    };
    // CRYPTO_ERROR (RFC 9000, 20.1) carries a TLS alert.
    (0x100..0x200).contains(&u64::from(code))
}

impl From<ReadError> for StreamError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::ConnectionLost(error) => Self::Lost(error),
            ReadError::Reset(_) => Self::GivenUp,
            _ => Self::Ended,
        }
    }
}

impl From<ReadExactError> for StreamError {
    fn from(error: ReadExactError) -> Self {
        match error {
            ReadExactError::ReadError(error) => error.into(),
            ReadExactError::FinishedEarly(_) => Self::Ended,
        }
    }
}

impl From<WriteError> for StreamError {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::ConnectionLost(error) => Self::Lost(error),
            WriteError::Stopped(_) => Self::Stopped,
            _ => Self::Ended,
        }
    }
}
