//! News, answers, withdrawals, the directory, and how the node is.

use bytes::Bytes;
use jiff::Timestamp;
use kith_protocol::{
    directory::{Directories, Directory, Pinned, SignedDirectory},
    envelope::Envelope,
    gate::{SignedWithdrawal, Withdrawal},
    ids::BundleId,
    receipt::{ReceiptKind, Signer},
    wire::{Happening, News, Outcome, Request, Response, Status},
};
use tokio::time::timeout;

use super::{Courier, CourierError, Lie, PATIENCE, Place, Refused, hear, off_topic, place::Page};
use crate::link::StreamError;

/// Longest signed directory that is read, in bytes.
const MAX_DIRECTORY: u64 = 16 * 1024 * 1024;

/// News.
#[derive(Debug, Clone, Default)]
pub struct Heard {
    /// What happened, oldest first.
    pub items: Vec<News>,
    /// Withdrawals, by a member, of bundles that are not known here: never collected, or being collected at this
    /// moment. Whoever files such a bundle later asks [`takes_back`] first.
    pub unknown: Vec<(BundleId, SignedWithdrawal)>,
    /// News whose documents do not verify, and why.
    pub refused: Refused,
    /// Where to go on from.
    pub cursor: Place,
    /// Whether there is more after that.
    pub more: bool,
    /// The node has a newer directory, and some of this needs it: fetch it, then read again from what was kept.
    pub outdated: bool,
    /// The node did not know where we were and began anew: it was set back, or it is long ago. What was sent and not
    /// delivered is to be sent again.
    pub begun_anew: bool,
}

/// The envelope of a bundle that was sent from here or has been taken in here, if it is one.
pub type Known<'a> = &'a (dyn Fn(BundleId) -> Option<Envelope> + Send + Sync);

impl Courier {
    /// What happened after a cursor. DELIVERED receipts and withdrawals in it are verified with `directories`, and
    /// against the bundle they are about; answers are sealed and are judged when they are opened.
    ///
    /// # Errors
    /// See [`CourierError`].
    pub async fn news<'a>(
        &self,
        after: impl Into<Place>,
        directories: impl Into<Directories<'a>>,
        known: Known<'_>,
    ) -> Result<Heard, CourierError> {
        self.hear_news(after.into(), false, directories.into(), known).await
    }

    /// As [`Self::news`], but waits until there is some. Empty after some minutes without: ask again.
    ///
    /// # Errors
    /// See [`CourierError`].
    pub async fn watch<'a>(
        &self,
        after: impl Into<Place>,
        directories: impl Into<Directories<'a>>,
        known: Known<'_>,
    ) -> Result<Heard, CourierError> {
        self.hear_news(after.into(), true, directories.into(), known).await
    }

    async fn hear_news(
        &self,
        after: Place,
        wait: bool,
        directories: Directories<'_>,
        known: Known<'_>,
    ) -> Result<Heard, CourierError> {
        let request = Request::News { after: after.asked(), wait };
        let Response::News { items, more } = self.ask(&request).await? else {
            return off_topic();
        };
        let begun_anew = after.begun_anew(items.first().map(|item| item.cursor));
        let (mut heard, mut page) = (Heard { more, begun_anew, ..Heard::default() }, Page::new(after));
        for item in items {
            let envelope = known(item.bundle);
            let checked = check(&item, directories, envelope.as_ref());
            page.read(item.cursor, checked.as_ref().map(|&()| ()));
            match (checked, item.what) {
                (Err(lie), _) => heard.refused.push((item.bundle, lie)),
                (Ok(()), Happening::Withdrawn { withdrawal }) if envelope.is_none() => {
                    heard.unknown.push((item.bundle, withdrawal));
                }
                (Ok(()), what) => heard.items.push(News { what, ..item }),
            }
        }
        (heard.cursor, heard.outdated) = self.end_of(page, directories).await?;
        Ok(heard)
    }

    /// Passes a sealed answer on to a bundle's sender. Doing it twice is doing it once.
    ///
    /// # Errors
    /// See [`CourierError`]; more than [`kith_protocol::wire::MAX_ANSWER`] bytes are refused.
    pub async fn answer(&self, bundle: BundleId, sealed: Vec<u8>) -> Result<(), CourierError> {
        match self.ask(&Request::Answer { bundle, sealed }).await? {
            Response::Done => Ok(()),
            _ => off_topic(),
        }
    }

    /// Takes gates back: what became of each, in the order they were named.
    ///
    /// # Errors
    /// See [`CourierError`].
    pub async fn withdraw(&self, withdrawal: &SignedWithdrawal) -> Result<Vec<Outcome>, CourierError> {
        let named = withdrawal.claims().map_err(Lie::from)?.gates;
        let request = Request::Withdraw { withdrawal: withdrawal.clone() };
        match self.ask(&request).await? {
            Response::Withdrawn { outcomes }
                if outcomes.iter().map(|outcome| outcome.gate).eq(named.iter().copied()) =>
            {
                Ok(outcomes)
            }
            _ => off_topic(),
        }
    }

    /// A newer directory than the pinned one, if the node has one, verified.
    ///
    /// # Errors
    /// See [`CourierError`].
    pub async fn directory(
        &self,
        pinned: &Pinned,
        now: Timestamp,
    ) -> Result<Option<(SignedDirectory, Directory)>, CourierError> {
        let have_version = pinned.at_least_version;
        let mut stream = self.open(&Request::Directory { have_version }, Bytes::new()).await?;
        stream.finish();
        let size = match hear(&mut stream, PATIENCE).await? {
            Response::Directory { size: 0, .. } => return Ok(None),
            Response::Directory { size, .. } if size <= MAX_DIRECTORY => size,
            _ => return off_topic(),
        };
        let mut text = Vec::new();
        while let Some(pieces) =
            timeout(PATIENCE, stream.pieces()).await.map_err(|_| StreamError::Ended)??
        {
            pieces.iter().for_each(|piece| text.extend_from_slice(piece));
            if text.len() as u64 > size {
                return off_topic();
            }
        }
        if (text.len() as u64) < size {
            return Err(CourierError::Lost);
        }
        let signed: SignedDirectory =
            serde_json::from_slice(&text).map_err(|_| CourierError::Lie(Lie::Frame))?;
        let directory = signed.verify(pinned, now).map_err(Lie::from)?;
        Ok(Some((signed, directory)))
    }

    /// How the node is.
    ///
    /// # Errors
    /// See [`CourierError`].
    pub async fn status(&self) -> Result<Status, CourierError> {
        match self.ask(&Request::Status).await? {
            Response::Status { status } if status.node == self.node.name => Ok(status),
            _ => off_topic(),
        }
    }
}

/// Whether `withdrawal` takes back the bundle of this verified envelope: it is its sender's, and names its gate.
///
/// # Errors
/// It does not, or does not verify.
pub fn takes_back<'a>(
    withdrawal: &SignedWithdrawal,
    envelope: &Envelope,
    directories: impl Into<Directories<'a>>,
) -> Result<Withdrawal, Lie> {
    let body = withdrawal.verify(directories)?;
    let right = body.from == envelope.from && body.gates.contains(&envelope.gate);
    if right { Ok(body) } else { Err(Lie::Withdrawal) }
}

/// Whether a piece of news is about its bundle and by whom it should be, as far as the bundle is known.
fn check(item: &News, directories: Directories<'_>, envelope: Option<&Envelope>) -> Result<(), Lie> {
    match &item.what {
        Happening::Delivered { receipt } => {
            // Its time is judged when receipts are folded, by the reader's clock.
            let receipt = receipt.verify(directories, Timestamp::MAX)?;
            let right = |envelope: &Envelope| {
                receipt.ciphertext == envelope.ciphertext
                    && matches!(&receipt.signer, Signer::Agency { agency } if *agency == envelope.to)
            };
            let delivered = receipt.kind == ReceiptKind::Delivered && receipt.bundle == item.bundle;
            if !delivered || !envelope.is_none_or(right) {
                return Err(Lie::Receipt);
            }
        }
        Happening::Withdrawn { withdrawal } => {
            envelope.map_or_else(
                || withdrawal.verify(directories).map_err(Lie::from),
                |envelope| takes_back(withdrawal, envelope, directories),
            )?;
        }
        Happening::Arrived | Happening::Answered { .. } | Happening::NotDelivered { .. } => {}
    }
    Ok(())
}
