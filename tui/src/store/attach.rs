//! Attachments: bytes kept in the casebook by their digest, a piece at a time, never whole in memory.

use std::io::{self, Read};

use kith_protocol::ids::{Digest, Hasher};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::{Casebook, error::StoreError};
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
        self.drop_unfinished_attachments()?;
        let kept = self.take_in(&mut from);
        if kept.is_err() {
            // The first error is the one to tell; what is left is dropped when the casebook opens next.
            let _ = self.drop_unfinished_attachments();
        }
        let (sha256, size) = kept?;
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

    /// Drops what a crash or an error left half read.
    pub(super) fn drop_unfinished_attachments(&self) -> Result<(), StoreError> {
        self.db.execute("DELETE FROM attachment WHERE sha256 IS NULL", [])?;
        Ok(())
    }

    fn take_in(&mut self, from: &mut impl Read) -> Result<(Digest, u64), StoreError> {
        self.db.execute("INSERT INTO attachment (size) VALUES (0)", [])?;
        let attachment = self.db.last_insert_rowid();
        let (mut hasher, mut size, mut place) = (Hasher::default(), 0_u64, 0_u64);
        let mut chunk = vec![0; CHUNK];
        let mut more = true;
        while more {
            let tx = self.transaction()?;
            for _ in 0..CHUNKS_PER_COMMIT {
                let filled = fill(from, &mut chunk).map_err(StoreError::io("file to attach"))?;
                let bytes = chunk.get(..filled).unwrap_or_default();
                if bytes.is_empty() {
                    more = false;
                    break;
                }
                hasher.update(bytes);
                size += filled as u64;
                if size > MAX_ATTACHMENT {
                    return Err(StoreError::TooLarge { what: "the file, in bytes,", limit: MAX_ATTACHMENT });
                }
                put_chunk(&tx, attachment, place, bytes)?;
                place += 1;
            }
            tx.commit()?;
        }
        let digest = hasher.finish();
        self.finish(attachment, digest, size)?;
        Ok((digest, size))
    }

    /// Gives an attachment its name; the same bytes are kept once.
    fn finish(&mut self, attachment: i64, digest: Digest, size: u64) -> Result<(), StoreError> {
        let tx = self.transaction()?;
        let here =
            tx.prepare_cached("SELECT 1 FROM attachment WHERE sha256 = ?")?.exists([digest.as_bytes()])?;
        if here {
            tx.execute("DELETE FROM attachment WHERE id = ?", [attachment])?;
        } else {
            tx.execute(
                "UPDATE attachment SET sha256 = ?, size = ? WHERE id = ?",
                params![digest.as_bytes(), size, attachment],
            )?;
        }
        Ok(tx.commit()?)
    }
}

fn put_chunk(db: &Connection, attachment: i64, place: u64, bytes: &[u8]) -> Result<(), StoreError> {
    db.prepare_cached("INSERT INTO attachment_chunk (attachment, place, bytes) VALUES (?, ?, ?)")?
        .execute(params![attachment, place, bytes])?;
    Ok(())
}

/// Reads until the buffer is full or the file ends.
fn fill(from: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match from.read(rest) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
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
