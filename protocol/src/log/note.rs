//! Signed notes (C2SP `signed-note`): a text, an empty line, and a line for each signature.

use std::{fmt, str::FromStr};

use base64ct::{Base64, Encoding as _};

use crate::{
    ids::Hasher,
    sign::{SigningKey, VerifyingKey},
};

/// Longest note that is read, in bytes.
pub const MAX_NOTE_BYTES: usize = 128 * 1024;
/// Most signatures of a note.
pub const MAX_NOTE_SIGNATURES: usize = 100;

const MAX_KEY_NAME: usize = 255;
const DASH: &str = "\u{2014} ";

/// Why a note was not read, or not believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    #[error("it has {0} bytes; at most {MAX_NOTE_BYTES} are read")]
    TooLong(usize),
    #[error("it is not a signed note: {0}")]
    Malformed(&'static str),
    #[error("it has {0} signatures; at most {MAX_NOTE_SIGNATURES} are read")]
    TooMany(usize),
    #[error("it has no signature by {0}")]
    NotSigned(String),
    #[error("the signature by {0} does not match the text")]
    Mismatch(String),
}

/// What a key's signatures say; the number is the algorithm byte of its key id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum NoteKind {
    /// A log's own signature over a note's text.
    Ed25519 = 0x01,
    /// A witness's signature over time and text (C2SP `tlog-cosignature`, v1).
    Cosignature = 0x04,
}

impl NoteKind {
    const fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            0x01 => Some(Self::Ed25519),
            0x04 => Some(Self::Cosignature),
            _ => None,
        }
    }
}

/// A key that signs notes, and the name it signs under. In text a *verifier key*: `name+id+key`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NoteKey {
    name: String,
    kind: NoteKind,
    key: VerifyingKey,
}

impl NoteKey {
    /// Ties a key to a name.
    ///
    /// # Errors
    /// The name is empty, longer than 255 bytes, or has white space or `+`.
    pub fn new(name: String, kind: NoteKind, key: VerifyingKey) -> Result<Self, NoteError> {
        if is_key_name(&name) {
            Ok(Self { name, kind, key })
        } else {
            Err(NoteError::Malformed("a key's name is empty, too long, or has white space or +"))
        }
    }

    /// The name it signs under.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The key itself.
    #[must_use]
    pub const fn key(&self) -> &VerifyingKey {
        &self.key
    }

    pub(super) const fn kind(&self) -> NoteKind {
        self.kind
    }

    /// The first 4 bytes of SHA-256 over name, line feed, algorithm byte and public key.
    #[must_use]
    pub fn id(&self) -> [u8; 4] {
        let mut hasher = Hasher::default();
        hasher.update(self.name.as_bytes());
        hasher.update(&[b'\n', self.kind as u8]);
        hasher.update(self.key.as_bytes());
        let [a, b, c, d, ..] = *hasher.finish().as_bytes();
        [a, b, c, d]
    }
}

impl fmt::Display for NoteKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [&[self.kind as u8], self.key.as_bytes().as_slice()].concat();
        let id = u32::from_be_bytes(self.id());
        write!(f, "{}+{id:08x}+{}", self.name, Base64::encode_string(&bytes))
    }
}

impl FromStr for NoteKey {
    type Err = NoteError;
    fn from_str(text: &str) -> Result<Self, NoteError> {
        let wrong = NoteError::Malformed("a verifier key is not name+id+key of a kind known here");
        let read = || {
            let (name, rest) = text.split_once('+')?;
            let (id, key) = rest.split_once('+')?;
            let bytes = Base64::decode_vec(key).ok()?;
            let (kind, key) = bytes.split_first()?;
            let key = VerifyingKey::from_bytes(key.try_into().ok()?);
            let read = Self::new(name.to_owned(), NoteKind::from_byte(*kind)?, key).ok()?;
            (format!("{:08x}", u32::from_be_bytes(read.id())) == id).then_some(read)
        };
        read().ok_or(wrong)
    }
}

fn is_key_name(name: &str) -> bool {
    (1..=MAX_KEY_NAME).contains(&name.len()) && !name.chars().any(|c| c.is_whitespace() || c == '+')
}

/// A signature line: who, with which key, and the bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    name: String,
    id: [u8; 4],
    pub(super) signature: Vec<u8>,
}

impl Line {
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn new(key: &NoteKey, signature: Vec<u8>) -> Self {
        Self { name: key.name.clone(), id: key.id(), signature }
    }

    /// Whether it claims to be by `key`.
    pub(super) fn is_by(&self, key: &NoteKey) -> bool {
        self.name == key.name && self.id == key.id()
    }

    /// Do both claim to be by one key?
    pub(super) fn is_of(&self, other: &Self) -> bool {
        (&self.name, self.id) == (&other.name, other.id)
    }

    /// Reads a line without its line feed.
    pub(super) fn read(text: &str) -> Result<Self, NoteError> {
        let read = || {
            let (name, signature) = text.strip_prefix(DASH)?.split_once(' ')?;
            let bytes = Base64::decode_vec(signature).ok()?;
            let (id, signature) = bytes.split_first_chunk::<4>()?;
            let sound = is_key_name(name) && !signature.is_empty();
            sound.then(|| Self { name: name.to_owned(), id: *id, signature: signature.to_vec() })
        };
        read().ok_or(NoteError::Malformed("a signature line is not a dash, a name and base64"))
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [self.id.as_slice(), &self.signature].concat();
        write!(f, "{DASH}{} {}", self.name, Base64::encode_string(&bytes))
    }
}

/// A text and its signature lines; none is believed yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Note {
    /// Ends with a line feed.
    pub(super) text: String,
    pub(super) lines: Vec<Line>,
}

impl Note {
    /// Signs `text`, which ends with a line feed.
    pub(super) fn sign(text: String, name: &NoteKey, key: &SigningKey) -> Self {
        let line = Line::new(name, key.sign_note(text.as_bytes()).to_vec());
        Self { text, lines: vec![line] }
    }

    /// Checks the signatures that claim to be by `key`, of kind [`NoteKind::Ed25519`].
    pub(super) fn verify(&self, key: &NoteKey) -> Result<(), NoteError> {
        let mut lines = self.lines.iter().filter(|line| line.is_by(key)).peekable();
        if lines.peek().is_none() {
            return Err(NoteError::NotSigned(key.name.clone()));
        }
        if lines.all(|line| key.key.verify_note(self.text.as_bytes(), &line.signature)) {
            Ok(())
        } else {
            Err(NoteError::Mismatch(key.name.clone()))
        }
    }
}

impl FromStr for Note {
    type Err = NoteError;
    fn from_str(note: &str) -> Result<Self, NoteError> {
        if note.len() > MAX_NOTE_BYTES {
            return Err(NoteError::TooLong(note.len()));
        }
        if note.chars().any(|c| c < ' ' && c != '\n') {
            return Err(NoteError::Malformed("it has control characters"));
        }
        let (text, lines) =
            note.rsplit_once("\n\n").ok_or(NoteError::Malformed("no empty line stands in it"))?;
        let lines = lines.strip_suffix('\n').ok_or(NoteError::Malformed("its last line is cut off"))?;
        let count = lines.split('\n').count();
        if count > MAX_NOTE_SIGNATURES {
            return Err(NoteError::TooMany(count));
        }
        let lines = lines.split('\n').map(Line::read).collect::<Result<_, _>>()?;
        Ok(Self { text: format!("{text}\n"), lines })
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.lines.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}
