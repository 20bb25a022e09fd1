//! The frames: what one end of a link says to the other. The one module that names bincode.
//!
//! A frame is a length (u32, big-endian, of what follows), a version byte, and one message in bincode 2's standard
//! configuration: little-endian varints (below 251 one byte; 251, 252, 253 before 2, 4, 8 bytes), enum variants by
//! number, strings and lists after their length, `Option` as 0 or 1. Bulk bytes follow a frame raw. Way out: these
//! are flat serde types; another format is another version byte. Nothing here is signed or kept: signed documents
//! travel inside as exact text.

mod blame;

use serde::{Deserialize, Serialize, de::DeserializeOwned};

pub use self::blame::{BytesFault, OurFault, PeerFault, Policy, WireError};
use crate::{
    envelope::SignedEnvelope,
    gate::{SignedGate, SignedWithdrawal},
    ids::{AgencyId, BundleId, Digest, GateId},
    log::{Cosignature, Growth, Offer, Path, SignedCheckpoint},
    receipt::SignedReceipt,
};

/// The version byte of every frame.
pub const VERSION: u8 = 1;
/// Longest frame after its length, in bytes.
pub const MAX_FRAME: usize = 1024 * 1024;
/// Longest sealed answer, in bytes.
pub const MAX_ANSWER: usize = 64 * 1024;
/// Bundles up to this size are sent right behind the request, without asking first.
pub const EAGER: u64 = 256 * 1024;

/// The place in a list that a cursor stands for: places grow, and what stands above them is a mark of the node's, by
/// which it knows whether it gave this cursor. One it does not know counts as 0.
#[must_use]
pub const fn place(cursor: u64) -> u64 {
    cursor & ((1 << PLACE_BITS) - 1)
}

/// The low bits of a cursor that are its place.
pub const PLACE_BITS: u32 = 40;

/// What a client asks. One request opens a stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Request {
    /// Take this bundle in. With `eager` its bytes follow at once; without, the node says from where to send.
    Deposit { envelope: SignedEnvelope, gate: SignedGate, eager: bool },
    /// Bundles waiting for us, after this cursor.
    List { after: u64 },
    /// News for us after this cursor; with `wait`, answers when there is some.
    News { after: u64, wait: bool },
    /// The bundle's bytes from `offset` on; `delivered` is our word that we take it in.
    Collect { bundle: BundleId, delivered: SignedReceipt, offset: u64 },
    /// We hold the bundle durably; the node may let its bytes go.
    Acknowledge { bundle: BundleId },
    /// Pass this on to the bundle's sender. At most [`MAX_ANSWER`] bytes, sealed.
    Answer { bundle: BundleId, sealed: Vec<u8> },
    /// We take gates back.
    Withdraw { withdrawal: SignedWithdrawal },
    /// The directory, if it is newer than the version we have.
    Directory { have_version: u64 },
    /// How the node is.
    Status,
    /// The node's log as it is now, with proof that it grew from its first `since` leaves, and of this leaf.
    Proof { leaf: Option<Digest>, since: u64 },
    /// Cosign our log as it is now.
    Witness { offer: Offer },
    /// We cosign the node's log as it was at this size.
    Witnessed { size: u64, cosignature: Cosignature },
    /// What follows is the beginning of the bundle for this gate, whose deposit comes later; it will have at most `most`
    /// bytes.
    Ahead { gate: SignedGate, most: u64 },
}

/// What the node answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Response {
    /// To Deposit: send the bytes from this offset on.
    Send { offset: u64 },
    /// To Deposit: held durably.
    Stored { receipt: SignedReceipt },
    /// To List, oldest first. With `more`, ask again after the last cursor.
    Waiting { bundles: Vec<Waiting>, more: bool },
    /// To News, oldest first. With `more`, ask again after the last cursor.
    News { items: Vec<News>, more: bool },
    /// To Collect: `size - offset` raw bytes follow. `delivered` is the one that counts, if we sent several.
    Sending { size: u64, delivered: SignedReceipt },
    /// To Acknowledge, Answer, Witnessed and Ahead.
    Done,
    /// To Withdraw: one for each gate, in its order.
    Withdrawn { outcomes: Vec<Outcome> },
    /// To Directory: `size` raw bytes follow, the signed directory as JSON; none when ours is the newest.
    Directory { version: u64, size: u64 },
    /// To Status.
    Status { status: Status },
    /// It was not done.
    Failed { error: WireError },
    /// To Proof: the newest checkpoint; the leaf's place in it and the way up; the growth. To who knows nothing of the log
    /// also how it began after a backup was restored, if it did: the exact bytes of its first leaf, and the way up.
    Proven {
        checkpoint: SignedCheckpoint,
        leaf: Option<(u64, Path)>,
        growth: Growth,
        began: Option<(String, Path)>,
    },
    /// To Witness: the node has kept this checkpoint as the last one it saw, and cosigned it.
    Cosigned { cosignature: Cosignature },
    /// To Witness: not cosigned, since it does not follow on from the last one the node saw, which is this.
    Seen { checkpoint: Option<SignedCheckpoint> },
}

/// A bundle that waits for its recipient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// Where it stands in our list.
    pub cursor: u64,
    /// Who sends what.
    pub envelope: SignedEnvelope,
    /// With whose leave.
    pub gate: SignedGate,
    /// The node's receipt, which our DELIVERED has to name.
    pub stored: SignedReceipt,
    /// Our own DELIVERED, when collecting was begun before.
    pub delivered: Option<SignedReceipt>,
}

/// Something that happened to one of our bundles.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct News {
    /// Where it stands in our news; ask for what comes after it.
    pub cursor: u64,
    /// Which bundle.
    pub bundle: BundleId,
    /// What happened.
    pub what: Happening,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Happening {
    /// To the recipient: a bundle is waiting.
    Arrived,
    /// To the sender: the recipient took it in.
    Delivered { receipt: SignedReceipt },
    /// To the sender: a sealed answer.
    Answered { sealed: Vec<u8> },
    /// To the recipient: the sender took the gate back; it may have been collected already.
    Withdrawn { withdrawal: SignedWithdrawal },
    /// To the sender: nobody collected it in time and the node let it go. `since` is unix seconds of STORED.
    NotDelivered { since: i64 },
}

/// What became of a gate that was taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// The gate.
    pub gate: GateId,
    /// What became of its bundle.
    pub reach: Reach,
}

/// How far a bundle had come when its gate was taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reach {
    /// No bundle came through it, and none will.
    Unused,
    /// Nobody had collected it, and nobody will.
    Stopped { bundle: BundleId },
    /// This agency has it, and is told.
    Collected { bundle: BundleId, by: AgencyId },
    /// It had expired uncollected.
    Expired { bundle: BundleId },
}

/// How the node is, as far as the asking agency may know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// The node's name in the directory.
    pub node: String,
    /// Its program's version.
    pub program: String,
    /// Its clock, unix seconds.
    pub now: i64,
    /// Version of the directory it works with.
    pub directory: u64,
    /// Bundles waiting for us.
    pub waiting: u64,
    /// Bytes it holds from us that nobody has collected.
    pub held: u64,
    /// The most it will hold from us.
    pub quota: u64,
    /// Logs of ours that it has cosigned; of everybody, for its admin.
    pub cosigned: u64,
    /// How often one of ours was signed in two ways; of everybody, for its admin.
    pub forks: u64,
}

/// Why a frame was not written or read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    #[error("a frame is longer than {MAX_FRAME} bytes")]
    TooLong,
    #[error("a frame is empty or of an unknown version")]
    Version,
    #[error("a frame holds no such message")]
    Unreadable,
    #[error("a frame goes on after its message")]
    Trailing,
    #[error("a frame is not in its shortest form")]
    NotCanonical,
}

/// A message both ends know; only requests and responses are.
pub trait Message: Serialize + DeserializeOwned {}
impl Message for Request {}
impl Message for Response {}

/// The whole frame for `message`, its length first.
///
/// # Errors
/// The message does not fit into a frame.
pub fn encode<M: Message>(message: &M) -> Result<Vec<u8>, FrameError> {
    let mut frame = vec![0, 0, 0, 0, VERSION];
    bincode::serde::encode_into_std_write(message, &mut frame, CONFIG).map_err(|_| FrameError::TooLong)?;
    let length = frame.len() - 4;
    if length > MAX_FRAME {
        return Err(FrameError::TooLong);
    }
    let header = u32::try_from(length).map_err(|_| FrameError::TooLong)?.to_be_bytes();
    for (slot, byte) in frame.iter_mut().zip(header) {
        *slot = byte;
    }
    Ok(frame)
}

/// How many bytes follow this length.
///
/// # Errors
/// More than [`MAX_FRAME`], or none.
pub const fn length(header: [u8; 4]) -> Result<usize, FrameError> {
    match u32::from_be_bytes(header) as usize {
        0 => Err(FrameError::Version),
        length if length > MAX_FRAME => Err(FrameError::TooLong),
        length => Ok(length),
    }
}

/// Reads what follows the length: version byte and message, all of it, in its one shortest form.
///
/// # Errors
/// Anything else. Never takes more than a small multiple of [`MAX_FRAME`] of memory.
pub fn decode<M: Message>(frame: &[u8]) -> Result<M, FrameError> {
    if frame.len() > MAX_FRAME {
        return Err(FrameError::TooLong);
    }
    let Some((&VERSION, body)) = frame.split_first() else { return Err(FrameError::Version) };
    let (message, read) =
        bincode::serde::decode_from_slice(body, CONFIG).map_err(|_| FrameError::Unreadable)?;
    if read != body.len() {
        return Err(FrameError::Trailing);
    }
    let again = bincode::serde::encode_to_vec(&message, CONFIG).map_err(|_| FrameError::Unreadable)?;
    if again == body { Ok(message) } else { Err(FrameError::NotCanonical) }
}

/// The limit counts decoded sizes, which are at most nine times the bytes: allow lists of numbers their due.
const CONFIG: bincode::config::Configuration<
    bincode::config::LittleEndian,
    bincode::config::Varint,
    bincode::config::Limit<{ 2 * MAX_FRAME }>,
> = bincode::config::standard().with_limit::<{ 2 * MAX_FRAME }>();

#[cfg(test)]
mod tests;
