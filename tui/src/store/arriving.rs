//! Attachments that come in by pieces, while others use the casebook in between.

use kith_protocol::ids::Digest;

use super::{
    Casebook,
    attach::{Current, Incoming},
    error::StoreError,
};

/// What has come so far, while others have the casebook.
#[derive(Default)]
pub struct Arriving {
    pub(super) whole: Vec<(i64, Digest, u64)>,
    pub(super) current: Option<Current>,
}

/// What comes next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// An attachment.
    Begins,
    /// Bytes of it.
    Bytes(Vec<u8>),
}

impl Casebook {
    /// Takes in one piece, and lets others have the casebook before the next. A power cut may take it all; nothing of it
    /// counts before it is kept.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn take_piece(&mut self, so_far: Arriving, piece: Piece) -> Result<Arriving, StoreError> {
        self.refresh()?;
        self.unhurried(|book| {
            let mut incoming = book.go_on(so_far);
            match piece {
                Piece::Begins => incoming.begin()?,
                Piece::Bytes(bytes) => incoming.write(&bytes)?,
            }
            incoming.pause()
        })
    }
}

impl Arriving {
    fn attachments(&self) -> impl Iterator<Item = i64> {
        let current = self.current.iter().map(|one| one.attachment);
        self.whole.iter().map(|(one, ..)| *one).chain(current)
    }
}

impl Incoming<'_> {
    fn pause(mut self) -> Result<Arriving, StoreError> {
        self.within()?;
        self.commit()?;
        // One bundle comes in at a time: what another left is not waited for any more.
        self.book.arriving = self.so_far.attachments().collect();
        Ok(std::mem::take(&mut self.so_far))
    }

    /// What is here is not on its way any more.
    pub(super) fn arrived(&mut self) {
        let here: Vec<i64> = self.so_far.attachments().collect();
        self.book.arriving.retain(|one| !here.contains(one));
    }
}
