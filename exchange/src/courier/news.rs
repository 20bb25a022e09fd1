//! News, answers, withdrawals, the directory, and how the node is.

use bytes::Bytes;
use jiff::Timestamp;
use kith_protocol::{
    directory::{Directory, Pinned, SignedDirectory},
    gate::SignedWithdrawal,
    ids::BundleId,
    wire::{Happening, News, Outcome, Request, Response, Status},
};
use tokio::time::timeout;

use super::{Courier, CourierError, Lie, PATIENCE, hear, off_topic};
use crate::link::StreamError;

/// Longest signed directory that is read, in bytes.
const MAX_DIRECTORY: u64 = 16 * 1024 * 1024;

/// News.
#[derive(Debug, Clone, Default)]
pub struct Heard {
    /// What happened, oldest first.
    pub items: Vec<News>,
    /// News whose documents do not verify, and why: a directory here or there may be out of date.
    pub refused: Vec<(BundleId, Lie)>,
    /// Where to go on from.
    pub cursor: u64,
    /// Whether there is more after that.
    pub more: bool,
}

impl Courier {
    /// What happened after a cursor. DELIVERED receipts and withdrawals in
    /// it are verified with `directory`; answers are sealed and are judged when they are opened.
    ///
    /// # Errors
    /// See [`CourierError`].
    pub async fn news(&self, after: u64, directory: &Directory) -> Result<Heard, CourierError> {
        self.hear_news(after, false, directory).await
    }

    /// As [`Self::news`], but waits until there is some. Empty after some minutes without: ask again.
    ///
    /// # Errors
    /// See [`CourierError`].
    pub async fn watch(&self, after: u64, directory: &Directory) -> Result<Heard, CourierError> {
        self.hear_news(after, true, directory).await
    }

    async fn hear_news(&self, after: u64, wait: bool, directory: &Directory) -> Result<Heard, CourierError> {
        let Response::News { items, more } = self.ask(&Request::News { after, wait }).await? else {
            return off_topic();
        };
        let cursor = items.last().map_or(after, |item| item.cursor);
        let mut heard = Heard { cursor, more, ..Heard::default() };
        for item in items {
            match check(&item, directory) {
                Ok(()) => heard.items.push(item),
                Err(lie) => heard.refused.push((item.bundle, lie)),
            }
        }
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

/// Whether a piece of news is about its bundle and by whom it should be.
fn check(item: &News, directory: &Directory) -> Result<(), Lie> {
    match &item.what {
        Happening::Delivered { receipt } => {
            // Its time is judged when receipts are folded, by the reader's clock.
            let receipt = receipt.verify(directory, Timestamp::MAX)?;
            if receipt.bundle != item.bundle {
                return Err(Lie::Receipt);
            }
        }
        Happening::Withdrawn { withdrawal } => {
            withdrawal.verify(directory)?;
        }
        Happening::Arrived | Happening::Answered { .. } | Happening::NotDelivered { .. } => {}
    }
    Ok(())
}
