//! Ahead: a bundle's bytes leave while it is still being sealed, so that its deposit finds most of them there.

use std::io;

use bytes::Bytes;
use kith_protocol::{
    gate::SignedGate,
    wire::{Request, Response},
};
use tokio::{sync::mpsc, task::spawn_blocking};

use super::{Courier, CourierError, Growing, PATIENCE, hear, off_topic};
use crate::{disk::Pieces, link::StreamError};

/// Pieces that may wait for the link.
const WAITING: usize = 4;

impl Courier {
    /// Sends the bundle for `gate` while its file is being written; it will have at most `most` bytes. When the file is
    /// given up, so is this, and the node keeps nothing. Whoever does not want to wait for a slow link drops it when the
    /// file is whole: the deposit goes on from what came.
    ///
    /// # Errors
    /// See [`CourierError`]. Nothing is lost by any: the deposit sends what is missing.
    pub async fn ahead(&self, gate: &SignedGate, most: u64, growing: Growing) -> Result<(), CourierError> {
        let request = Request::Ahead { gate: gate.clone(), most };
        let mut stream = self.open(&request, Bytes::new()).await?;
        let (pass, mut passed) = mpsc::channel(WAITING);
        let reading = spawn_blocking(move || read(growing, &pass));
        while let Some(piece) = passed.recv().await {
            match stream.send(piece).await {
                Ok(()) => {}
                // Its reply says why.
                Err(StreamError::Stopped) => break,
                Err(error) => return Err(error.into()),
            }
        }
        drop(passed);
        if let Err(error) = reading.await.map_err(io::Error::other)? {
            stream.give_up();
            return Err(error.into());
        }
        stream.finish();
        match hear(&mut stream, PATIENCE).await? {
            Response::Done => Ok(()),
            _ => off_topic(),
        }
    }
}

/// Reads as the file grows, until it is whole or nobody wants more.
fn read(mut growing: Growing, pass: &mpsc::Sender<Bytes>) -> io::Result<()> {
    let pieces = Pieces::new();
    while let Some(piece) = pieces.read(&mut growing)? {
        if pass.blocking_send(piece).is_err() {
            break;
        }
    }
    Ok(())
}
