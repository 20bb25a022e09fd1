//! Sealing and opening a long bundle on a thread of its own. The casebook gives or takes its attachments a piece at a
//! time, and answers whoever asks in between.

use std::io::{self, Cursor, Read};

use kith_protocol::{
    bundle::{Attachment, AttachmentSink, AttachmentSource, SealRefused, Sealed, Verified},
    ids::Digest,
};
use tokio::{
    sync::{mpsc, oneshot},
    task::spawn_blocking,
};

use super::{
    office::{OfficeError, ToOpen},
    rounds::{Desk, RoundError, Said, Told},
    to_seal::ToSeal,
};
use crate::store::{Arriving, CHUNK, Piece};

/// Bytes that are taken in at once: so long others wait for the casebook.
const PIECE: usize = 4 * CHUNK;
/// Pieces that may wait for the casebook.
const AHEAD: usize = 2;

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
        told(Said::Moved { share: Some(share), done, total });
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

/// Opens `next` elsewhere; gives what of its attachments is in the casebook, unnamed, and what came of it. When the desk
/// closes, opening stops.
pub(super) async fn open(
    desk: &impl Desk,
    next: ToOpen,
) -> Result<(Arriving, Result<Verified, OfficeError>), RoundError> {
    let (pass, mut passed) = mpsc::channel(AHEAD);
    let opening = spawn_blocking(move || {
        let mut passing = Passing { pass, piece: Vec::new() };
        // The page comes first.
        passing.pass(Piece::Begins).map_err(OfficeError::file("attachment"))?;
        let verified = next.open(&mut passing)?;
        passing.rest().map_err(OfficeError::file("attachment"))?;
        Ok(verified)
    });
    let mut so_far = Arriving::default();
    while let Some(piece) = passed.recv().await {
        so_far = desk
            .with(move |office, _| office.casebook.take_piece(so_far, piece))
            .await?
            .map_err(OfficeError::from)?;
    }
    let stopped = |error| OfficeError::file("sealed file")(io::Error::other(error));
    Ok((so_far, opening.await.map_err(stopped)?))
}

/// Passes attachments on, a piece at a time.
struct Passing {
    pass: mpsc::Sender<Piece>,
    piece: Vec<u8>,
}

impl Passing {
    fn pass(&mut self, piece: Piece) -> io::Result<()> {
        self.pass.blocking_send(piece).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }

    fn rest(&mut self) -> io::Result<()> {
        let piece = std::mem::take(&mut self.piece);
        if piece.is_empty() { Ok(()) } else { self.pass(Piece::Bytes(piece)) }
    }
}

impl AttachmentSink for Passing {
    fn page(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write(bytes)
    }

    fn begin(&mut self, _: &Attachment) -> io::Result<()> {
        self.rest()?;
        self.pass(Piece::Begins)
    }

    fn write(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            self.piece.reserve_exact(PIECE - self.piece.len());
            let (now, later) = bytes.split_at(bytes.len().min(PIECE - self.piece.len()));
            self.piece.extend_from_slice(now);
            bytes = later;
            if self.piece.len() == PIECE {
                self.rest()?;
            }
        }
        Ok(())
    }

    /// Opened, but not yet verified: whoever asked keeps or drops.
    fn commit(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn discard(&mut self) {}
}
