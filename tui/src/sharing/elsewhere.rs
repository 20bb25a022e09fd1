//! Sealing and opening a long bundle on a thread of its own. The casebook says where attachments are, and answers whoever
//! asks in between.

use std::{
    io::{self, Read},
    pin::pin,
    time::Duration,
};

use kith_exchange::courier::Courier;
use kith_protocol::{
    bundle::{Attachment, AttachmentSink, AttachmentSource, SealRefused, Sealed, Verified},
    ids::Digest,
};
use tokio::{
    select,
    sync::{mpsc, oneshot},
    task::spawn_blocking,
    time::timeout,
};

use super::{
    office::{OfficeError, Sink, ToOpen},
    rounds::{Desk, RoundError, Said, Told},
    sealing::{Leaves, Leaving},
    to_seal::ToSeal,
};
use crate::{
    pipe::Ahead,
    store::{Arriving, AttachmentReader, StoreError},
};

/// Bundles with more bytes attached are sealed and opened elsewhere; after so many it is told how far that has come.
pub(crate) const PIECE: usize = 1024 * 1024;

/// What is still on its way to the node when all is sealed may arrive in this time; what has not is sent again.
const ARRIVING: Duration = Duration::from_secs(1);

/// What sealing says.
enum Step {
    /// It wants an attachment.
    Wants { sha256: Digest, answer: oneshot::Sender<Result<AttachmentReader, StoreError>> },
    /// It has read so many bytes more.
    Moved(u64),
}

/// Seals `next` elsewhere, and gives it back with what came of it; its bytes go ahead to the node meanwhile. When the desk
/// closes, sealing stops.
pub(super) async fn seal(
    desk: &impl Desk,
    courier: &Courier,
    next: ToSeal,
    told: Told<'_>,
) -> Result<(ToSeal, Result<Sealed, SealRefused>), RoundError> {
    let (leaves, leaving) = oneshot::channel();
    let ahead = async {
        if let Ok(Leaving { gate, most, file }) = leaving.await {
            // Whatever became of it, the deposit knows what the node has.
            let _ = courier.ahead(&gate, most, file).await;
        }
    };
    let sealed = seal_beside(desk, (next, leaves), told);
    let (mut ahead, mut sealed) = (pin!(ahead), pin!(sealed));
    select! {
        () = &mut ahead => sealed.await,
        done = &mut sealed => {
            let _ = timeout(ARRIVING, ahead).await;
            done
        }
    }
}

async fn seal_beside(
    desk: &impl Desk,
    (next, leaves): (ToSeal, Leaves),
    told: Told<'_>,
) -> Result<(ToSeal, Result<Sealed, SealRefused>), RoundError> {
    let (share, total, mut done) = (next.share(), next.attached(), 0);
    let (say, mut said) = mpsc::channel(1);
    let sealing = spawn_blocking(move || {
        let sealed = next.seal(&mut Asking(say), Some(leaves));
        (next, sealed)
    });
    while let Some(step) = said.recv().await {
        match step {
            Step::Wants { sha256, answer } => {
                let reader = desk.with(move |office, _| office.casebook().read_attachment(&sha256)).await?;
                // Whoever asked may have stopped: then there is no more to say.
                let _ = answer.send(reader);
            }
            Step::Moved(some) => {
                desk.with(|_, _| ()).await?;
                done += some;
                told(Said::Moved { share: Some(share), done, total });
            }
        }
    }
    Ok(sealing.await.map_err(stopped)?)
}

/// Asks the casebook where attachments are.
struct Asking(mpsc::Sender<Step>);

impl AttachmentSource for Asking {
    fn open(&mut self, attachment: &Attachment) -> io::Result<Box<dyn Read + '_>> {
        let (answer, coming) = oneshot::channel();
        self.0
            .blocking_send(Step::Wants { sha256: attachment.sha256, answer })
            .map_err(|_| io::ErrorKind::BrokenPipe)?;
        let reader = coming.blocking_recv().map_err(|_| io::ErrorKind::BrokenPipe)?;
        let from = Ahead::new(reader.map_err(io::Error::other)?)?;
        Ok(Box::new(Counted { from, say: &self.0, some: 0 }))
    }
}

/// Says how much was read, and stops when nobody listens any more.
struct Counted<'a> {
    from: Ahead<AttachmentReader>,
    say: &'a mpsc::Sender<Step>,
    some: usize,
}

impl Read for Counted<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.from.read(into)?;
        self.some += read;
        if self.some >= PIECE || (read == 0 && self.some > 0) {
            let some = std::mem::take(&mut self.some) as u64;
            self.say.blocking_send(Step::Moved(some)).map_err(|_| io::ErrorKind::BrokenPipe)?;
        }
        Ok(read)
    }
}

/// Opens `next` elsewhere; gives what arrived with it, and what came of it. When the desk closes, opening stops.
pub(super) async fn open(
    desk: &impl Desk,
    next: ToOpen,
    arriving: Arriving,
) -> Result<(Sink, Result<Verified, OfficeError>), RoundError> {
    let (say, mut said) = mpsc::channel(1);
    let opening = spawn_blocking(move || {
        let mut taking = Taking { sink: Sink::new(arriving)?, say, some: 0 };
        let verified = next.open(&mut taking);
        Ok::<_, OfficeError>((taking.sink, verified))
    });
    while let Some(()) = said.recv().await {
        desk.with(|_, _| ()).await?;
    }
    Ok(opening.await.map_err(stopped)??)
}

/// Takes attachments in, and stops when nobody listens any more.
struct Taking {
    sink: Sink,
    say: mpsc::Sender<()>,
    some: usize,
}

impl AttachmentSink for Taking {
    fn page(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.sink.page(bytes)
    }

    fn begin(&mut self, attachment: &Attachment) -> io::Result<()> {
        self.sink.begin(attachment)
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.some += bytes.len();
        if self.some >= PIECE {
            self.some = 0;
            self.say.blocking_send(()).map_err(|_| io::ErrorKind::BrokenPipe)?;
        }
        self.sink.write(bytes)
    }

    fn commit(&mut self) -> io::Result<()> {
        self.sink.commit()
    }

    fn discard(&mut self) {
        self.sink.discard();
    }
}

fn stopped(error: tokio::task::JoinError) -> OfficeError {
    OfficeError::file("sealed file")(io::Error::other(error))
}
