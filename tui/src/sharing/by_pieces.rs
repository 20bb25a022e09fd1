//! Sealing a long bundle on a thread of its own. The casebook gives its attachments a piece at a time, and answers
//! whoever asks in between.

use std::io::{self, Cursor, Read};

use kith_protocol::{
    bundle::{Attachment, AttachmentSource, SealRefused, Sealed},
    ids::Digest,
};
use tokio::{
    sync::{mpsc, oneshot},
    task::spawn_blocking,
};

use super::{
    office::OfficeError,
    rounds::{Desk, RoundError, Told},
    to_seal::ToSeal,
};

/// A piece of an attachment that is wanted; none when there is no such piece.
struct Wanted {
    sha256: Digest,
    place: u64,
    answer: oneshot::Sender<Option<Vec<u8>>>,
}

/// Seals `next` elsewhere, and gives it back with what came of it. When the desk closes, sealing stops.
pub(super) async fn seal(
    desk: &impl Desk,
    next: ToSeal,
    told: Told<'_>,
) -> Result<(ToSeal, Result<Sealed, SealRefused>), RoundError> {
    let (share, total, mut done) = (next.share(), next.attached(), 0);
    let (ask, mut wanted) = mpsc::channel(1);
    let sealing = spawn_blocking(move || {
        let sealed = next.seal(&mut Asking(ask));
        (next, sealed)
    });
    while let Some(Wanted { sha256, place, answer }) = wanted.recv().await {
        let piece = desk.with(move |office, _| office.casebook().attachment_piece(&sha256, place)).await?;
        let piece = piece.map_err(OfficeError::from)?;
        done += piece.as_ref().map_or(0, |piece| piece.len() as u64);
        // Whoever asked may have stopped: then there is no more to say.
        let _ = answer.send(piece);
        told(Some(share), done, total);
    }
    let stopped = |error| OfficeError::file("sealed file")(io::Error::other(error));
    Ok(sealing.await.map_err(stopped)?)
}

/// Asks for attachments, one piece ahead.
struct Asking(mpsc::Sender<Wanted>);

impl AttachmentSource for Asking {
    fn open(&mut self, attachment: &Attachment) -> io::Result<Box<dyn Read + '_>> {
        let mut pieces = Pieces {
            ask: &self.0,
            sha256: attachment.sha256,
            place: 0,
            coming: None,
            piece: Cursor::default(),
        };
        pieces.ask_for_the_next()?;
        Ok(Box::new(pieces))
    }
}

struct Pieces<'a> {
    ask: &'a mpsc::Sender<Wanted>,
    sha256: Digest,
    place: u64,
    coming: Option<oneshot::Receiver<Option<Vec<u8>>>>,
    piece: Cursor<Vec<u8>>,
}

impl Pieces<'_> {
    fn ask_for_the_next(&mut self) -> io::Result<()> {
        let (answer, coming) = oneshot::channel();
        let wanted = Wanted { sha256: self.sha256, place: self.place, answer };
        self.ask.blocking_send(wanted).map_err(|_| io::ErrorKind::BrokenPipe)?;
        self.coming = Some(coming);
        self.place += 1;
        Ok(())
    }
}

impl Read for Pieces<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.piece.position() == self.piece.get_ref().len() as u64 {
            let Some(coming) = self.coming.take() else { return Ok(0) };
            let Some(piece) = coming.blocking_recv().map_err(|_| io::ErrorKind::BrokenPipe)? else {
                return Ok(0);
            };
            self.piece = Cursor::new(piece);
            self.ask_for_the_next()?;
        }
        self.piece.read(into)
    }
}
