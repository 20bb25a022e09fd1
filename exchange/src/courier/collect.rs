//! Collect: what waits is verified before it is taken in, and what came is hashed before it is called whole.

use bytes::Bytes;
use jiff::Timestamp;
use kith_protocol::{
    directory::Directories,
    envelope::{Envelope, SignedEnvelope},
    gate::{Gate, SignedGate},
    ids::{BundleId, Digest, Hasher},
    receipt::{ReceiptKind, SignedReceipt, Signer},
    sign::{SigningKey, VerifyingKey},
    signed::DocumentError,
    wire::{Request, Response, Waiting},
};
use tokio::{
    io::{AsyncWrite, AsyncWriteExt as _},
    time::timeout,
};

use super::{Courier, CourierError, Lie, PATIENCE, Place, Progress, Refused, hear, off_topic, place::Page};
use crate::link::StreamError;

/// A bundle that waits, whose envelope, gate and STORED receipt have been verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    id: BundleId,
    envelope: Envelope,
    gate: Gate,
    waiting: Waiting,
    /// Our link key, as the directory lists it.
    link: VerifyingKey,
}

/// What waits for us.
#[derive(Debug, Clone, Default)]
pub struct Listed {
    /// Bundles in order, oldest first.
    pub arrivals: Vec<Arrival>,
    /// Bundles whose documents do not verify, and why.
    pub refused: Refused,
    /// Where to go on from.
    pub cursor: Place,
    /// Whether there are more after that.
    pub more: bool,
    /// The node has a newer directory, and some of this needs it: fetch it, then list again from what was kept.
    pub outdated: bool,
    /// The node did not know where we were and began anew: it was set back, or it is long ago.
    pub begun_anew: bool,
}

impl Arrival {
    /// The bundle's id.
    #[must_use]
    pub const fn id(&self) -> BundleId {
        self.id
    }

    /// Who sends what.
    #[must_use]
    pub const fn envelope(&self) -> &Envelope {
        &self.envelope
    }

    /// The envelope as it was signed.
    #[must_use]
    pub const fn signed_envelope(&self) -> &SignedEnvelope {
        &self.waiting.envelope
    }

    /// With whose leave.
    #[must_use]
    pub const fn gate(&self) -> &Gate {
        &self.gate
    }

    /// The gate as it was signed.
    #[must_use]
    pub const fn signed_gate(&self) -> &SignedGate {
        &self.waiting.gate
    }

    /// The node's receipt.
    #[must_use]
    pub const fn stored(&self) -> &SignedReceipt {
        &self.waiting.stored
    }

    /// Where it stands in our list.
    #[must_use]
    pub const fn cursor(&self) -> u64 {
        self.waiting.cursor
    }

    /// Does the node have our DELIVERED for it?
    #[must_use]
    pub const fn is_delivered(&self) -> bool {
        self.waiting.delivered.is_some()
    }

    /// Our DELIVERED for it: the one the node has already, or a new one signed with our `link` key.
    #[must_use]
    pub fn delivered(&self, link: &SigningKey, at: Timestamp) -> SignedReceipt {
        self.waiting.delivered.clone().unwrap_or_else(|| {
            SignedReceipt::delivered(self.id, &self.envelope, &self.waiting.stored, link, at)
        })
    }
}

/// A bundle that has come whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collected {
    /// The DELIVERED that counts: what OPENED has to name.
    pub delivered: SignedReceipt,
    /// Bytes in all.
    pub size: u64,
}

/// How far a collection has come.
#[derive(Default)]
pub(super) struct Sofar {
    pub(super) length: u64,
    pub(super) delivered: Option<SignedReceipt>,
}

/// Where a bundle's bytes go. It hashes what it takes.
pub(super) trait Sink: Send {
    /// Takes the next bytes.
    fn take(&mut self, pieces: Vec<Bytes>) -> impl Future<Output = std::io::Result<()>> + Send;
}

/// Writes as it comes.
struct Through<'a, W> {
    out: &'a mut W,
    hasher: Hasher,
}

impl<W: AsyncWrite + Unpin + Send> Sink for Through<'_, W> {
    async fn take(&mut self, pieces: Vec<Bytes>) -> std::io::Result<()> {
        for piece in pieces {
            self.hasher.update(&piece);
            self.out.write_all(&piece).await?;
        }
        Ok(())
    }
}

impl Courier {
    /// Bundles waiting for us after a cursor, each verified.
    ///
    /// # Errors
    /// See [`CourierError`].
    pub async fn list<'a>(
        &self,
        after: impl Into<Place>,
        directories: impl Into<Directories<'a>>,
    ) -> Result<Listed, CourierError> {
        let (after, directories) = (after.into(), directories.into());
        let Response::Waiting { bundles, more } = self.ask(&Request::List { after: after.asked() }).await?
        else {
            return off_topic();
        };
        let begun_anew = after.begun_anew(bundles.first().map(|waiting| waiting.cursor));
        let (mut listed, mut page) = (Listed { more, begun_anew, ..Listed::default() }, Page::new(after));
        for waiting in bundles {
            let (id, cursor) = (waiting.envelope.id(), waiting.cursor);
            let arrival = self.arrival(waiting, directories);
            page.read(cursor, arrival.as_ref().map(|_| ()));
            match arrival {
                Ok(arrival) => listed.arrivals.push(arrival),
                Err(lie) => listed.refused.push((id, lie)),
            }
        }
        (listed.cursor, listed.outdated) = self.end_of(page, directories).await?;
        Ok(listed)
    }

    /// Checks what the node says is waiting.
    fn arrival(&self, waiting: Waiting, directories: Directories<'_>) -> Result<Arrival, Lie> {
        let envelope = waiting.envelope.verify(directories)?;
        let gate = waiting.gate.verify(directories)?;
        let id = waiting.envelope.id();
        self.check_stored(&waiting.stored, id, &envelope)?;
        if (gate.id, &gate.from, &gate.to) != (envelope.gate, &envelope.from, &envelope.to) {
            return Err(Lie::OffTopic);
        }
        let to = directories.newest().member(&envelope.to);
        let link = to.ok_or_else(|| DocumentError::UnknownAgency(envelope.to.clone()))?.keys.link;
        Ok(Arrival { id, envelope, gate, waiting, link })
    }

    /// Takes a bundle in, from the beginning. If the link is lost once, it goes on where it was.
    ///
    /// # Errors
    /// See [`CourierError`]. Unless this is `Ok`, what was written is not the bundle.
    pub async fn collect<W: AsyncWrite + Unpin + Send>(
        &self,
        arrival: &Arrival,
        delivered: &SignedReceipt,
        out: &mut W,
        progress: Progress<'_>,
    ) -> Result<Collected, CourierError> {
        let mut sofar = Sofar::default();
        let mut sink = Through { out, hasher: Hasher::default() };
        let filled = self.fill(arrival, delivered, &mut sink, &mut sofar, progress).await;
        sink.out.flush().await?;
        filled?;
        whole(arrival, sofar, sink.hasher.finish())
    }

    /// Takes in what is missing. If the link is lost once, it goes on where it was.
    pub(super) async fn fill<S: Sink>(
        &self,
        arrival: &Arrival,
        delivered: &SignedReceipt,
        sink: &mut S,
        sofar: &mut Sofar,
        progress: Progress<'_>,
    ) -> Result<(), CourierError> {
        match self.attempt_to_fill(arrival, delivered, sink, sofar, progress).await {
            Err(CourierError::Lost) => self.attempt_to_fill(arrival, delivered, sink, sofar, progress).await,
            result => result,
        }
    }

    async fn attempt_to_fill<S: Sink>(
        &self,
        arrival: &Arrival,
        delivered: &SignedReceipt,
        sink: &mut S,
        sofar: &mut Sofar,
        progress: Progress<'_>,
    ) -> Result<(), CourierError> {
        let (bundle, wanted) = (arrival.id, arrival.envelope.size);
        let request = Request::Collect { bundle, delivered: delivered.clone(), offset: sofar.length };
        let mut stream = self.open(&request, Bytes::new()).await?;
        stream.finish();
        let Response::Sending { size, delivered } = hear(&mut stream, PATIENCE).await? else {
            return off_topic();
        };
        if size != wanted {
            return Err(Lie::Bytes.into());
        }
        check_delivered(arrival, &delivered)?;
        sofar.delivered = Some(delivered);
        while let Some(pieces) =
            timeout(PATIENCE, stream.pieces()).await.map_err(|_| StreamError::Ended)??
        {
            let length = sofar.length + pieces.iter().map(|piece| piece.len() as u64).sum::<u64>();
            if length > wanted {
                return Err(Lie::Bytes.into());
            }
            sink.take(pieces).await?;
            sofar.length = length;
            progress(length, wanted);
        }
        if sofar.length == wanted { Ok(()) } else { Err(CourierError::Lost) }
    }

    /// Tells the node that we hold the bundle durably; it lets its bytes go.
    ///
    /// # Errors
    /// See [`CourierError`].
    pub async fn acknowledge(&self, bundle: BundleId) -> Result<(), CourierError> {
        match self.ask(&Request::Acknowledge { bundle }).await? {
            Response::Done => Ok(()),
            _ => off_topic(),
        }
    }
}

/// Whether a DELIVERED the node gives back is ours and says what it has to say.
fn check_delivered(arrival: &Arrival, signed: &SignedReceipt) -> Result<(), CourierError> {
    let receipt = signed.verify_by(&arrival.link).map_err(Lie::from)?;
    let right = receipt.kind == ReceiptKind::Delivered
        && (receipt.bundle, receipt.ciphertext) == (arrival.id, arrival.envelope.ciphertext)
        && receipt.previous == Some(arrival.waiting.stored.digest())
        && matches!(&receipt.signer, Signer::Agency { agency } if *agency == arrival.envelope.to);
    if right { Ok(()) } else { Err(Lie::Receipt.into()) }
}

/// What came, if it is the bundle.
pub(super) fn whole(arrival: &Arrival, sofar: Sofar, digest: Digest) -> Result<Collected, CourierError> {
    let Some(delivered) = sofar.delivered else { return off_topic() };
    if digest != arrival.envelope.ciphertext {
        return Err(Lie::Bytes.into());
    }
    Ok(Collected { delivered, size: sofar.length })
}
