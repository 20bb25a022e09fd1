//! What is in an attachment, as far as a program can tell: its words, what goes along unseen, and a copy without that.

mod office;
mod pdf;
mod picture;
mod words;

use kith_protocol::ids::Digest;

/// Largest attachment that is looked into, in bytes.
pub(super) const MAX_LOOKED_INTO: u64 = 32 << 20;

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inside {
    /// The words that could be read.
    pub text: String,
    /// Why not all of it could be searched; empty when all was.
    pub unsearched: String,
    /// What goes along unseen and cannot be taken out.
    pub hidden: Vec<&'static str>,
    /// The copy that goes in its place.
    pub cleaned: Option<Cleaned>,
}

/// A copy without metadata.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cleaned {
    pub sha256: Digest,
    pub bytes: Vec<u8>,
    /// What was taken out, in words.
    pub taken: String,
}

impl Default for Inside {
    fn default() -> Self {
        Self::unsearched("it is of no kind that can be read")
    }
}

impl Inside {
    /// Nothing could be read.
    #[must_use]
    pub fn unsearched(why: &str) -> Self {
        Self { text: String::new(), unsearched: why.to_owned(), hidden: Vec::new(), cleaned: None }
    }
}

/// Is there anything to be read in files of a media type? Sound and film are for people.
fn is_read(media_type: &str) -> bool {
    !["audio/", "video/", "image/gif"].iter().any(|kind| media_type.starts_with(kind))
}

/// What is said of a file that is not even opened, because of its kind or size.
pub(super) fn unopened(media_type: &str, size: u64) -> Option<Inside> {
    if !is_read(media_type) {
        Some(Inside::default())
    } else if size > MAX_LOOKED_INTO {
        Some(Inside::unsearched("it is too large to be searched"))
    } else {
        None
    }
}

/// Looks into a file of a media type. Never fails: what cannot be read is said.
#[must_use]
pub fn look(media_type: &str, bytes: &[u8]) -> Inside {
    match media_type {
        "text/plain" | "text/csv" | "text/markdown" => text(bytes),
        "application/pdf" => pdf::look(bytes),
        "image/jpeg" => picture::jpeg(bytes),
        "image/png" => picture::png(bytes),
        _ if bytes.starts_with(b"PK\x03\x04") => office::look(bytes),
        _ => Inside::default(),
    }
}

fn text(bytes: &[u8]) -> Inside {
    let text = str::from_utf8(bytes).ok().filter(|text| !text.contains('\0'));
    text.map_or_else(
        || Inside::unsearched("its letters are of no encoding that can be read"),
        |text| Inside { text: text.to_owned(), unsearched: String::new(), hidden: Vec::new(), cleaned: None },
    )
}
