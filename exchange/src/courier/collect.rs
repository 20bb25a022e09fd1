//! Collect: what waits is verified before it is taken in, and what came is hashed before it is called whole.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use jiff::Timestamp;
use kith_protocol::{
    directory::Directory,
    envelope::{Envelope, SignedEnvelope},
    gate::{Gate, SignedGate},
    ids::{BundleId, Hasher},
    receipt::{ReceiptKind, SignedReceipt, Signer},
    sign::{SigningKey, VerifyingKey},
    signed::DocumentError,
    wire::{Request, Response, Waiting},
};
use tokio::{
    fs::{self, OpenOptions},
    io::{AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    time::timeout,
};

use super::{Courier, CourierError, Lie, PATIENCE, Progress, hear, off_topic};
use crate::link::StreamError;

const BUFFER: usize = 1024 * 1024;

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
    /// Bundles whose documents do not verify, and why: a directory here or there may be out of date.
    pub refused: Vec<(BundleId, Lie)>,
    /// Where to go on from.
    pub cursor: u64,
    /// Whether there are more after that.
    pub more: bool,
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
struct Sofar {
    hasher: Hasher,
    length: u64,
    delivered: Option<SignedReceipt>,
}

impl Courier {
    /// Bundles waiting for us after a cursor, each verified.
    ///
    /// # Errors
    /// See [`CourierError`].
    pub async fn list(&self, after: u64, directory: &Directory) -> Result<Listed, CourierError> {
        let Response::Waiting { bundles, more } = self.ask(&Request::List { after }).await? else {
            return off_topic();
        };
        let cursor = bundles.last().map_or(after, |waiting| waiting.cursor);
        let mut listed = Listed { cursor, more, ..Listed::default() };
        for waiting in bundles {
            let id = waiting.envelope.id();
            match self.arrival(waiting, directory) {
                Ok(arrival) => listed.arrivals.push(arrival),
                Err(lie) => listed.refused.push((id, lie)),
            }
        }
        Ok(listed)
    }

    /// Checks what the node says is waiting.
    fn arrival(&self, waiting: Waiting, directory: &Directory) -> Result<Arrival, Lie> {
        let envelope = waiting.envelope.verify(directory)?;
        let gate = waiting.gate.verify(directory)?;
        let id = waiting.envelope.id();
        self.check_stored(&waiting.stored, id, &envelope)?;
        if (gate.id, &gate.from, &gate.to) != (envelope.gate, &envelope.from, &envelope.to) {
            return Err(Lie::OffTopic);
        }
        let to = directory.member(&envelope.to);
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
        let sofar = Sofar { hasher: Hasher::default(), length: 0, delivered: None };
        self.collect_from(arrival, delivered, out, sofar, progress).await
    }

    /// Takes a bundle in to a file: first beside it as `<name>.part`, from which a later call goes on; the file
    /// itself appears when it is whole, verified and durable.
    ///
    /// # Errors
    /// See [`CourierError`].
    pub async fn collect_to_file(
        &self,
        arrival: &Arrival,
        delivered: &SignedReceipt,
        path: &Path,
        progress: Progress<'_>,
    ) -> Result<Collected, CourierError> {
        let part = part_of(path);
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&part).await?;
        if file.metadata().await?.len() > arrival.envelope.size {
            file.set_len(0).await?;
        }
        let mut sofar = Sofar { hasher: Hasher::default(), length: 0, delivered: None };
        let mut buffer = vec![0; BUFFER];
        loop {
            let read = file.read(&mut buffer).await?;
            if read == 0 {
                break;
            }
            sofar.hasher.update(buffer.get(..read).unwrap_or_default());
            sofar.length += read as u64;
        }
        file.set_max_buf_size(BUFFER);
        let collected = self.collect_from(arrival, delivered, &mut file, sofar, progress).await;
        if matches!(collected, Err(CourierError::Lie(Lie::Bytes))) {
            fs::remove_file(&part).await?;
        }
        let collected = collected?;
        file.sync_all().await?;
        fs::rename(&part, path).await?;
        Ok(collected)
    }

    async fn collect_from<W: AsyncWrite + Unpin + Send>(
        &self,
        arrival: &Arrival,
        delivered: &SignedReceipt,
        out: &mut W,
        mut sofar: Sofar,
        progress: Progress<'_>,
    ) -> Result<Collected, CourierError> {
        let mut result = self.fill(arrival, delivered, out, &mut sofar, progress).await;
        if matches!(result, Err(CourierError::Lost)) {
            result = self.fill(arrival, delivered, out, &mut sofar, progress).await;
        }
        out.flush().await?;
        result?;
        let Sofar { hasher, length, delivered } = sofar;
        let Some(delivered) = delivered else { return off_topic() };
        if hasher.finish() != arrival.envelope.ciphertext {
            return Err(Lie::Bytes.into());
        }
        Ok(Collected { delivered, size: length })
    }

    async fn fill<W: AsyncWrite + Unpin + Send>(
        &self,
        arrival: &Arrival,
        delivered: &SignedReceipt,
        out: &mut W,
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
            for piece in pieces {
                if sofar.length + piece.len() as u64 > wanted {
                    return Err(Lie::Bytes.into());
                }
                out.write_all(&piece).await?;
                sofar.hasher.update(&piece);
                sofar.length += piece.len() as u64;
            }
            progress(sofar.length, wanted);
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

fn part_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".part");
    name.into()
}
