//! Opening what was sealed: the header is bounded before age sees it, and each failure says whose it is.

use std::{
    fmt,
    io::{self, BufRead, BufReader, Chain, Cursor, Read},
};

use age::{DecryptError, Decryptor};

use super::Identity;

/// Longest header that is read, in bytes.
pub const MAX_HEADER: usize = 64 * 1024;
/// Most lines of a header. age reads a header again for each of its lines, so that many short ones would cost much.
const MAX_HEADER_LINES: usize = 256;

const FIRST_LINE: &[u8] = b"age-encryption.org/v1\n";
const ANY_VERSION: &[u8] = b"age-encryption.org/";
const ARMOUR: &[u8] = b"-----BEGIN AGE ENCRYPTED FILE-----";
const STANZA: &[u8] = b"-> ";
const LAST_LINE: &[u8] = b"---";
/// A full line of a stanza's body: 64 characters and the line's end.
const BODY_LINE: usize = 65;

/// Where in a sealed file the damage is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The header does not follow the format, or is cut off.
    Header,
    /// The header reads well but is not the one the sender made.
    HeaderSeal,
    /// The contents are altered, cut off, or followed by more.
    Contents,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Header => "its header is malformed or cut off",
            Self::HeaderSeal => "its header was altered",
            Self::Contents => "its contents were altered or cut off",
        })
    }
}

/// Why a sealed file did not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("this is not a sealed (age) file")]
    NotAge,
    #[error("this age file is in its text form (armoured); ask for the binary form")]
    Armoured,
    #[error("this age file was made in a newer format; update this program")]
    NewerFormat,
    #[error("this file is not sealed to any of these keys")]
    WrongKey,
    #[error("the passphrase is wrong")]
    WrongPassphrase,
    #[error("this file is locked with a passphrase, not sealed to a key")]
    NeedsPassphrase,
    #[error("this file is sealed to a key, not locked with a passphrase")]
    NeedsKey,
    #[error("unlocking asks for 2^{asked} steps of work; at most 2^{limit} are done")]
    TooMuchWork { asked: u8, limit: u8 },
    #[error("the sealed file is damaged: {0}; ask for it again")]
    Damaged(Part),
    #[error("the sealed file could not be read")]
    Read(#[source] io::Error),
}

/// What [`OpenReader`] reported through [`Read`]: damage, or the input's own error.
impl From<io::Error> for OpenError {
    fn from(error: io::Error) -> Self {
        error.downcast().unwrap_or_else(Self::Read)
    }
}

/// Opens a file that is sealed to one of `identities`.
///
/// # Errors
/// Says whether the file is none of age's, is for others, is damaged, or could not be read.
pub fn open_with<R: Read>(identities: &[Identity], input: R) -> Result<OpenReader<R>, OpenError> {
    let decryptor = read_header(input)?;
    if decryptor.is_scrypt() {
        return Err(OpenError::NeedsPassphrase);
    }
    decrypt(decryptor, identities.iter().map(Identity::as_age))
}

/// Gives the contents, 64 KiB at a time. Each piece is genuine, but only the end, reached without an error, shows
/// that nothing is missing: act on nothing before. Its errors turn into [`OpenError`].
pub struct OpenReader<R> {
    inner: age::stream::StreamReader<Input<R>>,
    damaged: bool,
}

impl<R: Read> Read for OpenReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let damage = || io::Error::new(io::ErrorKind::InvalidData, OpenError::Damaged(Part::Contents));
        if self.damaged {
            return Err(damage());
        }
        self.inner.read(buffer).map_err(|error| match error.downcast() {
            Ok(Source(error)) => error,
            Err(_) => {
                self.damaged = true;
                damage()
            }
        })
    }
}

pub(super) type Input<R> = Chain<Cursor<Vec<u8>>, BufReader<Sourced<R>>>;

/// Takes the header off `input`, bounded, and lets age parse it.
pub(super) fn read_header<R: Read>(input: R) -> Result<Decryptor<Input<R>>, OpenError> {
    let mut input = BufReader::new(Sourced(input));
    let header = take_header(&mut input)?;
    Decryptor::new_buffered(Cursor::new(header).chain(input)).map_err(blame)
}

pub(super) fn decrypt<'a, R: Read>(
    decryptor: Decryptor<Input<R>>,
    identities: impl Iterator<Item = &'a dyn age::Identity>,
) -> Result<OpenReader<R>, OpenError> {
    Ok(OpenReader { inner: decryptor.decrypt(identities).map_err(blame)?, damaged: false })
}

fn take_header(input: &mut impl BufRead) -> Result<Vec<u8>, OpenError> {
    let mut header = Vec::new();
    take_line(input, &mut header)?;
    if header != FIRST_LINE {
        return Err(match header {
            _ if header.starts_with(ARMOUR) => OpenError::Armoured,
            _ if FIRST_LINE.starts_with(&header) && !header.is_empty() => OpenError::Damaged(Part::Header),
            _ if header.starts_with(FIRST_LINE.trim_ascii_end()) => OpenError::Damaged(Part::Header),
            _ if header.starts_with(ANY_VERSION) => OpenError::NewerFormat,
            _ => OpenError::NotAge,
        });
    }
    // A stanza's body ends with a line below 64 characters, be it empty. age lets that line be missing; the format
    // does not.
    let mut body_is_open = false;
    for _ in 0..MAX_HEADER_LINES {
        let from = header.len();
        take_line(input, &mut header)?;
        let line = header.get(from..).unwrap_or_default();
        let begins_next = line.starts_with(STANZA) || line.starts_with(LAST_LINE);
        if !line.ends_with(b"\n") || begins_next && body_is_open {
            break;
        }
        if line.starts_with(LAST_LINE) {
            return Ok(header);
        }
        body_is_open = begins_next || line.len() == BODY_LINE;
    }
    Err(OpenError::Damaged(Part::Header))
}

fn take_line(input: &mut impl BufRead, header: &mut Vec<u8>) -> Result<(), OpenError> {
    let room = (MAX_HEADER - header.len().min(MAX_HEADER)) as u64;
    input.take(room).read_until(b'\n', header).map_err(|error| blame_io(error, Part::Header))?;
    Ok(())
}

fn blame(error: DecryptError) -> OpenError {
    match error {
        DecryptError::NoMatchingKeys => OpenError::WrongKey,
        DecryptError::DecryptionFailed | DecryptError::KeyDecryptionFailed => OpenError::WrongPassphrase,
        DecryptError::ExcessiveWork { required, .. } => {
            OpenError::TooMuchWork { asked: required, limit: super::WorkFactor::MOST.log2() }
        }
        DecryptError::InvalidHeader => OpenError::Damaged(Part::Header),
        DecryptError::InvalidMac => OpenError::Damaged(Part::HeaderSeal),
        DecryptError::Io(error) => blame_io(error, Part::Header),
        DecryptError::UnknownFormat => OpenError::NewerFormat,
    }
}

fn blame_io(error: io::Error, part: Part) -> OpenError {
    match error.downcast() {
        Ok(Source(error)) => OpenError::Read(error),
        Err(_) => OpenError::Damaged(part),
    }
}

/// Marks the input's own errors, so that a failing disk is not taken for a damaged file.
pub(super) struct Sourced<R>(R);

#[derive(Debug, thiserror::Error)]
#[error(transparent)]
struct Source(io::Error);

impl<R: Read> Read for Sourced<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer).map_err(|error| io::Error::new(error.kind(), Source(error)))
    }
}
