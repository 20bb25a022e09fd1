//! Deposit: a bundle counts as stored when the node's signed receipt for exactly this bundle has been verified.

use std::io::SeekFrom;

use bytes::{Bytes, BytesMut};
use kith_protocol::{
    envelope::{Envelope, SignedEnvelope},
    gate::SignedGate,
    ids::BundleId,
    receipt::{ReceiptKind, SignedReceipt, Signer},
    wire::{EAGER, Request, Response},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncSeek, AsyncSeekExt as _},
    sync::Mutex,
};

use super::{Courier, CourierError, Lie, PATIENCE, Progress, again, hear, off_topic};
use crate::link::{Stream, StreamError};

/// What is read and sent at once.
const PIECE: usize = 256 * 1024;

impl Courier {
    /// Leaves a bundle with the node. `body` is the sealed file, as long as the envelope says; it is read from where
    /// the node asks, and again from there if the link is lost once. Doing it twice gives the same receipt.
    ///
    /// # Errors
    /// See [`CourierError::try_later`]; what was sent so far is not lost.
    pub async fn deposit<R: AsyncRead + AsyncSeek + Unpin + Send>(
        &self,
        envelope: &SignedEnvelope,
        gate: &SignedGate,
        body: R,
        progress: Progress<'_>,
    ) -> Result<SignedReceipt, CourierError> {
        let claims = envelope.claims().map_err(Lie::from)?;
        let eager = claims.size <= EAGER;
        let request = Request::Deposit { envelope: envelope.clone(), gate: gate.clone(), eager };
        let body = &Mutex::new(body);
        let receipt = again(|| async {
            let mut body = body.lock().await;
            self.attempt(&request, eager, claims.size, &mut *body, progress).await
        })
        .await?;
        self.check_stored(&receipt, envelope.id(), &claims)?;
        progress(claims.size, claims.size);
        Ok(receipt)
    }

    async fn attempt<R: AsyncRead + AsyncSeek + Unpin + Send>(
        &self,
        request: &Request,
        eager: bool,
        size: u64,
        body: &mut R,
        progress: Progress<'_>,
    ) -> Result<SignedReceipt, CourierError> {
        let mut stream = if eager {
            let mut bytes = Vec::new();
            body.rewind().await?;
            body.take(size + 1).read_to_end(&mut bytes).await?;
            self.open(request, Bytes::from(bytes)).await?
        } else {
            let mut stream = self.open(request, Bytes::new()).await?;
            let offset = match hear(&mut stream, PATIENCE).await? {
                Response::Stored { receipt } => return Ok(receipt),
                Response::Send { offset } if offset <= size => offset,
                _ => return off_topic(),
            };
            body.seek(SeekFrom::Start(offset)).await?;
            match pour(&mut stream, body, (offset, size), progress).await {
                Ok(()) | Err(CourierError::Lost) => {}
                Err(error) => return Err(error),
            }
            stream
        };
        stream.finish();
        match hear(&mut stream, PATIENCE).await? {
            Response::Stored { receipt } => Ok(receipt),
            _ => off_topic(),
        }
    }

    /// Whether a STORED receipt is this node's, and for this bundle.
    pub(super) fn check_stored(
        &self,
        signed: &SignedReceipt,
        id: BundleId,
        envelope: &Envelope,
    ) -> Result<(), Lie> {
        let receipt = signed.verify_by(&self.node.sign)?;
        let right = receipt.kind == ReceiptKind::Stored
            && (receipt.bundle, receipt.ciphertext) == (id, envelope.ciphertext)
            && receipt.previous.is_none()
            && receipt.leaf.is_some_and(|leaf| leaf.log.is_of_node(&self.node.cosign))
            && matches!(&receipt.signer, Signer::Node { name } if *name == self.node.name);
        if right { Ok(()) } else { Err(Lie::Receipt) }
    }
}

/// Sends what is left of the body. When the node wants no more, its reply says why.
async fn pour<R: AsyncRead + Unpin + Send>(
    stream: &mut Stream,
    body: &mut R,
    (mut sent, size): (u64, u64),
    progress: Progress<'_>,
) -> Result<(), CourierError> {
    while sent < size {
        let mut piece = BytesMut::with_capacity(PIECE);
        if body.read_buf(&mut piece).await? == 0 {
            return Ok(());
        }
        let length = piece.len() as u64;
        match stream.send(piece.freeze()).await {
            Ok(()) => {}
            Err(StreamError::Stopped) => return Ok(()),
            Err(error) => return Err(error.into()),
        }
        sent += length;
        progress(sent, size);
    }
    Ok(())
}
