//! Attachments: bytes kept by their digest, the same bytes once. Short ones are in the database, long ones beside it.

use std::{
    fs::File,
    io::{self, Cursor, Read},
};

use kith_protocol::{ids::Digest, seal::OpenReader};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::{
    Casebook,
    arriving::{Arrived, Arriving, Held},
    beside::{Beside, InFile},
    error::StoreError,
};
use crate::casework::entry::Attachment;

/// Largest attachment, in bytes (4 GiB), as bundles have it.
pub const MAX_ATTACHMENT: u64 = kith_protocol::bundle::MAX_ATTACHMENT;
/// Bytes that are read at a time.
const PIECE: usize = 256 * 1024;

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
        let mut arriving = self.arriving();
        take_in(&mut arriving, &mut from)?;
        let kept = self.keep(arriving)?.pop();
        let (sha256, size) = kept.ok_or_else(|| StoreError::damaged("an attachment"))?;
        Ok(Attachment { name: name.to_owned(), media_type: media_type.to_owned(), size, sha256 })
    }

    /// Makes ready to take attachments in.
    #[must_use]
    pub fn arriving(&self) -> Arriving {
        Arriving::new(self.beside())
    }

    /// Keeps what arrived, under its digests; gives these and the sizes, in order. It belongs to nothing until a fact
    /// names it.
    ///
    /// # Errors
    /// When it cannot be written; nothing of it is kept then.
    pub fn keep(&mut self, arriving: Arriving) -> Result<Vec<(Digest, u64)>, StoreError> {
        let alone = self.db.is_autocommit();
        if alone {
            self.begin_together()?;
        }
        let kept = self.put(arriving);
        if alone {
            self.end_together(kept.is_ok())?;
        }
        kept
    }

    /// As [`Self::keep`], in one step with what names them: that step is under way then, and the caller ends it with
    /// [`Self::end_together`].
    ///
    /// # Errors
    /// When they cannot be written; no step is under way then.
    pub fn keep_with_what_follows(&mut self, arriving: Arriving) -> Result<Vec<(Digest, u64)>, StoreError> {
        self.begin_together()?;
        let kept = self.put(arriving);
        if kept.is_err() {
            self.end_together(false)?;
        }
        kept
    }

    fn put(&mut self, arriving: Arriving) -> Result<Vec<(Digest, u64)>, StoreError> {
        let mut kept = Vec::new();
        for Arrived { sha256, size, held } in arriving.finish()? {
            if !is_here(&self.db, &sha256)? {
                match held {
                    Held::Inside(bytes) => put_inside(&self.db, &sha256, &bytes)?,
                    Held::Beside(mut file) => {
                        file.put_in_place()?;
                        put_beside(&self.db, &sha256, size, &file)?;
                        self.arrived.push(file);
                    }
                }
            }
            kept.push((sha256, size));
        }
        Ok(kept)
    }

    /// The bytes of an attachment. They can be read elsewhere, while others use the casebook.
    ///
    /// # Errors
    /// When it is not here, or is damaged.
    pub fn read_attachment(&self, sha256: &Digest) -> Result<AttachmentReader, StoreError> {
        let mut get =
            self.db.prepare_cached("SELECT size, bytes, file, key FROM attachment WHERE sha256 = ?")?;
        let row = get.query_row([sha256.as_bytes()], |row| {
            Ok((
                row.get(0)?,
                row.get::<_, Option<Vec<u8>>>(1)?,
                row.get::<_, Option<String>>(2)?,
                row.get(3)?,
            ))
        });
        let unknown = || StoreError::Unknown { what: "attachment", id: sha256.to_string() };
        let (size, bytes, file, key) = row.optional()?.ok_or_else(unknown)?;
        let from = match (bytes, file, key) {
            (Some(bytes), ..) => From::Inside(Cursor::new(bytes)),
            (None, Some(file), Some(key)) => From::Beside(Box::new(self.beside().open(&file, &key)?)),
            _ => return Err(StoreError::damaged("an attachment")),
        };
        Ok(AttachmentReader { size, from })
    }

    pub(super) fn beside(&self) -> Beside {
        Beside::of(self.place.folder())
    }
}

fn take_in(arriving: &mut Arriving, from: &mut impl Read) -> Result<(), StoreError> {
    arriving.begin()?;
    let mut piece = vec![0; PIECE];
    loop {
        match from.read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(n) => arriving.write(piece.get(..n).unwrap_or_default())?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(StoreError::io("file to attach")(error)),
        }
    }
}

fn is_here(db: &Connection, sha256: &Digest) -> Result<bool, StoreError> {
    Ok(db.prepare_cached("SELECT 1 FROM attachment WHERE sha256 = ?")?.exists([sha256.as_bytes()])?)
}

fn put_inside(db: &Connection, sha256: &Digest, bytes: &[u8]) -> Result<(), StoreError> {
    db.prepare_cached("INSERT INTO attachment (sha256, size, bytes) VALUES (?, ?, ?)")?.execute(params![
        sha256.as_bytes(),
        bytes.len() as u64,
        bytes
    ])?;
    Ok(())
}

fn put_beside(db: &Connection, sha256: &Digest, size: u64, file: &InFile) -> Result<(), StoreError> {
    db.prepare_cached("INSERT INTO attachment (sha256, size, file, key) VALUES (?, ?, ?, ?)")?
        .execute(params![sha256.as_bytes(), size, file.name(), file.key()])?;
    Ok(())
}

/// Reads an attachment.
pub struct AttachmentReader {
    size: u64,
    from: From,
}

enum From {
    Inside(Cursor<Vec<u8>>),
    Beside(Box<OpenReader<File>>),
}

impl AttachmentReader {
    /// How many bytes there are in all.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }
}

impl Read for AttachmentReader {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match &mut self.from {
            From::Inside(bytes) => bytes.read(out),
            From::Beside(file) => file.read(out),
        }
    }
}
