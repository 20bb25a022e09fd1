//! Attachments: bytes kept in the casebook by their digest, a piece at a time, never whole in memory.

use std::io::{self, Read};

use kith_protocol::ids::{Digest, Hasher};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::{Arriving, Casebook, error::StoreError};
use crate::casework::entry::Attachment;

/// Size of one piece, in bytes.
pub const CHUNK: usize = 1024 * 1024;
/// Largest attachment, in bytes (4 GiB), as bundles have it.
pub const MAX_ATTACHMENT: u64 = kith_protocol::bundle::MAX_ATTACHMENT;
/// Pieces that are written in one transaction, so that the log beside the database stays small.
const CHUNKS_PER_COMMIT: u64 = 32;

impl Casebook {
    /// Reads a file to its end and keeps it. It belongs to nothing until an entry names it.
    ///
    /// # Errors
    /// When it cannot be read, is larger than [`MAX_ATTACHMENT`], or cannot be written; nothing is kept then.
    pub fn attach(
        &mut self,
        mut from: impl Read,
        name: &str,
        media_type: &str,
    ) -> Result<Attachment, StoreError> {
        let mut incoming = self.incoming()?;
        if let Err(error) = take_in(&mut incoming, &mut from) {
            // The first error is the one to tell; what is left is dropped when the casebook opens next.
            let _ = incoming.drop_all();
            return Err(error);
        }
        let kept = incoming.keep()?.pop();
        let (sha256, size) = kept.ok_or_else(|| StoreError::damaged("an attachment"))?;
        Ok(Attachment { name: name.to_owned(), media_type: media_type.to_owned(), size, sha256 })
    }

    /// The bytes of an attachment.
    ///
    /// # Errors
    /// When it is not here.
    pub fn read_attachment(&self, sha256: &Digest) -> Result<AttachmentReader<'_>, StoreError> {
        let found = self
            .db
            .query_row("SELECT id, size FROM attachment WHERE sha256 = ?", [sha256.as_bytes()], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .optional()?;
        let (attachment, size) =
            found.ok_or_else(|| StoreError::Unknown { what: "attachment", id: sha256.to_string() })?;
        Ok(AttachmentReader { db: &self.db, attachment, size, next: 0, chunk: Vec::new(), at: 0 })
    }

    /// The piece of an attachment at `place`, [`CHUNK`] bytes but for the last; none beyond its end.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn attachment_piece(&self, sha256: &Digest, place: u64) -> Result<Option<Vec<u8>>, StoreError> {
        let mut get = self.db.prepare_cached(
            "SELECT bytes FROM attachment_chunk WHERE place = ?2
             AND attachment = (SELECT id FROM attachment WHERE sha256 = ?1)",
        )?;
        Ok(get.query_row(params![sha256.as_bytes(), place], |row| row.get(0)).optional()?)
    }

    /// Drops what a crash or an error left half read.
    pub(super) fn drop_unfinished_attachments(&self) -> Result<(), StoreError> {
        let mut unfinished = self.db.prepare_cached("SELECT id FROM attachment WHERE sha256 IS NULL")?;
        let unfinished = unfinished.query_map([], |row| row.get(0))?.collect::<Result<Vec<i64>, _>>()?;
        for attachment in unfinished.iter().filter(|one| !self.arriving.contains(one)) {
            self.db.prepare_cached("DELETE FROM attachment WHERE id = ?")?.execute([attachment])?;
        }
        Ok(())
    }
}

fn take_in(incoming: &mut Incoming<'_>, from: &mut impl Read) -> Result<(), StoreError> {
    incoming.begin()?;
    let mut chunk = vec![0; CHUNK];
    loop {
        match from.read(&mut chunk) {
            Ok(0) => return Ok(()),
            Ok(n) => incoming.write(chunk.get(..n).unwrap_or_default())?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(StoreError::io("file to attach")(error)),
        }
    }
}

/// Attachments on their way in, a piece at a time. Nothing of them is kept before [`Incoming::keep`].
pub struct Incoming<'c> {
    pub(super) book: &'c mut Casebook,
    /// No step was under way before: what it writes it commits or undoes by itself.
    alone: bool,
    pub(super) so_far: Arriving,
}

/// The one that is being written.
pub(super) struct Current {
    pub(super) attachment: i64,
    hasher: Hasher,
    size: u64,
    place: u64,
    chunk: Vec<u8>,
}

impl Casebook {
    /// Makes ready to take attachments in.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn incoming(&mut self) -> Result<Incoming<'_>, StoreError> {
        self.refresh()?;
        self.drop_unfinished_attachments()?;
        Ok(self.go_on(Arriving::default()))
    }

    /// Goes on with what came.
    pub fn go_on(&mut self, so_far: Arriving) -> Incoming<'_> {
        let alone = self.db.is_autocommit();
        Incoming { book: self, alone, so_far }
    }
}

impl Incoming<'_> {
    /// The casebook that takes them in, to be read.
    #[must_use]
    pub const fn book(&self) -> &Casebook {
        self.book
    }

    /// The next attachment begins.
    ///
    /// # Errors
    /// When it cannot be written, as with all that follow.
    pub fn begin(&mut self) -> Result<(), StoreError> {
        self.end()?;
        self.within()?;
        self.book.db.prepare_cached("INSERT INTO attachment (size) VALUES (0)")?.execute([])?;
        let attachment = self.book.db.last_insert_rowid();
        let chunk = Vec::new();
        self.so_far.current =
            Some(Current { attachment, hasher: Hasher::default(), size: 0, place: 0, chunk });
        Ok(())
    }

    /// Its next bytes.
    ///
    /// # Errors
    /// When it has grown too large, or cannot be written.
    pub fn write(&mut self, mut bytes: &[u8]) -> Result<(), StoreError> {
        let Some(current) = &mut self.so_far.current else { return Ok(()) };
        current.hasher.update(bytes);
        current.size += bytes.len() as u64;
        if current.size > MAX_ATTACHMENT {
            return Err(StoreError::TooLarge { what: "the attachment, in bytes,", limit: MAX_ATTACHMENT });
        }
        while let Some(current) = self.so_far.current.as_mut().filter(|_| !bytes.is_empty()) {
            let (now, later) = bytes.split_at(bytes.len().min(CHUNK - current.chunk.len()));
            current.chunk.extend_from_slice(now);
            bytes = later;
            if current.chunk.len() == CHUNK {
                self.put()?;
            }
        }
        Ok(())
    }

    /// Keeps all of them, under their digests; gives these and their sizes. They belong to nothing until a fact names
    /// them.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn keep(mut self) -> Result<Vec<(Digest, u64)>, StoreError> {
        let whole = self.name_all()?;
        self.commit()?;
        Ok(whole)
    }

    /// As [`Self::keep`], in one step with what names them: that step is under way then, and the caller ends it with
    /// [`Casebook::end_together`].
    ///
    /// # Errors
    /// When they cannot be written; no step is under way then.
    pub fn keep_with_what_follows(mut self) -> Result<Vec<(Digest, u64)>, StoreError> {
        let whole = self.name_all()?;
        self.alone = false;
        Ok(whole)
    }

    fn name_all(&mut self) -> Result<Vec<(Digest, u64)>, StoreError> {
        self.end()?;
        self.within()?;
        self.arrived();
        let whole = std::mem::take(&mut self.so_far.whole);
        for (attachment, digest, size) in &whole {
            finish(&self.book.db, *attachment, *digest, *size)?;
        }
        Ok(whole.into_iter().map(|(_, digest, size)| (digest, size)).collect())
    }

    /// Leaves nothing behind.
    ///
    /// # Errors
    /// When the database cannot be written; what is left is dropped when the casebook opens next.
    pub fn drop_all(mut self) -> Result<(), StoreError> {
        self.undo();
        self.arrived();
        self.book.drop_unfinished_attachments()
    }

    fn end(&mut self) -> Result<(), StoreError> {
        self.put()?;
        let done = self.so_far.current.take();
        self.so_far.whole.extend(done.map(|one| (one.attachment, one.hasher.finish(), one.size)));
        Ok(())
    }

    /// Writes the piece that was filled. So many are committed at once that the log beside the database stays small.
    fn put(&mut self) -> Result<(), StoreError> {
        let Some(current) = self.so_far.current.as_ref().filter(|one| !one.chunk.is_empty()) else {
            return Ok(());
        };
        self.within()?;
        put_chunk(&self.book.db, current.attachment, current.place, &current.chunk)?;
        if (current.place + 1).is_multiple_of(CHUNKS_PER_COMMIT) {
            self.commit()?;
        }
        if let Some(current) = &mut self.so_far.current {
            current.place += 1;
            current.chunk.clear();
        }
        Ok(())
    }

    /// Begins a transaction unless one is open.
    pub(super) fn within(&self) -> Result<(), StoreError> {
        let db = &self.book.db;
        if db.is_autocommit() { Ok(db.execute_batch("BEGIN IMMEDIATE")?) } else { Ok(()) }
    }

    pub(super) fn commit(&self) -> Result<(), StoreError> {
        if self.alone { Ok(self.book.db.execute_batch("COMMIT")?) } else { Ok(()) }
    }

    fn undo(&self) {
        if self.alone && !self.book.db.is_autocommit() {
            // Nothing is left to undo when SQLite has done it by itself.
            let _ = self.book.db.execute_batch("ROLLBACK");
        }
    }
}

impl Drop for Incoming<'_> {
    /// What was committed of it is dropped when the next one comes, or the casebook opens next.
    fn drop(&mut self) {
        self.undo();
    }
}

/// Gives an attachment its name; the same bytes are kept once.
fn finish(db: &Connection, attachment: i64, digest: Digest, size: u64) -> Result<(), StoreError> {
    let here = db.prepare_cached("SELECT 1 FROM attachment WHERE sha256 = ?")?.exists([digest.as_bytes()])?;
    if here {
        db.prepare_cached("DELETE FROM attachment WHERE id = ?")?.execute([attachment])?;
    } else {
        db.prepare_cached("UPDATE attachment SET sha256 = ?, size = ? WHERE id = ?")?.execute(params![
            digest.as_bytes(),
            size,
            attachment
        ])?;
    }
    Ok(())
}

fn put_chunk(db: &Connection, attachment: i64, place: u64, bytes: &[u8]) -> Result<(), StoreError> {
    db.prepare_cached("INSERT INTO attachment_chunk (attachment, place, bytes) VALUES (?, ?, ?)")?
        .execute(params![attachment, place, bytes])?;
    Ok(())
}

/// Reads an attachment a piece at a time.
pub struct AttachmentReader<'c> {
    db: &'c Connection,
    attachment: i64,
    size: u64,
    next: u64,
    chunk: Vec<u8>,
    at: usize,
}

impl AttachmentReader<'_> {
    /// How many bytes there are in all.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }
}

impl Read for AttachmentReader<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.at == self.chunk.len() {
            let next = self
                .db
                .prepare_cached("SELECT bytes FROM attachment_chunk WHERE attachment = ? AND place = ?")
                .and_then(|mut get| {
                    get.query_row(params![self.attachment, self.next], |row| row.get(0)).optional()
                })
                .map_err(|error| io::Error::other(StoreError::from(error)))?;
            let Some(chunk) = next else { return Ok(0) };
            (self.chunk, self.at) = (chunk, 0);
            self.next += 1;
        }
        let rest = self.chunk.get(self.at..).unwrap_or_default();
        let n = rest.len().min(out.len());
        for (to, from) in out.iter_mut().zip(rest) {
            *to = *from;
        }
        self.at += n;
        Ok(n)
    }
}
