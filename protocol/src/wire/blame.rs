//! Why something was not done, by blame.

use serde::{Deserialize, Serialize};

/// Why it was not done, by blame. Codes only; the reader finds the words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum WireError {
    /// What was sent cannot be right.
    #[error("the bytes are wrong: {0:?}")]
    Bytes(BytesFault),
    /// Whoever asks may not.
    #[error("the peer is wrong: {0:?}")]
    Peer(PeerFault),
    /// A rule forbids it.
    #[error("refused by policy: {0:?}")]
    Policy(Policy),
    /// Not the peer's fault: try again.
    #[error("the node's fault: {fault:?}, try again in {retry_after} s")]
    Ours { fault: OurFault, retry_after: u32 },
}

/// What is wrong with the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum BytesFault {
    /// A frame that cannot be read.
    Frame,
    /// A frame, answer or list that is too long.
    TooLong,
    /// A signed document that does not verify or cannot be read.
    Document,
    /// The sealed file's digest is not the envelope's.
    Digest,
    /// The sealed file ends early or goes on.
    Size,
    /// An offset beyond the end.
    Offset,
    /// The receipt is about something else or names another one before it.
    Receipt,
}

/// What is wrong with the peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PeerFault {
    /// Its link key is nobody's in the directory.
    NotAMember,
    /// It is not the sender.
    NotTheSender,
    /// There is no such bundle for it.
    NotForYou,
}

/// Which rule forbids it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Policy {
    /// The recipient is not in the directory.
    UnknownRecipient,
    /// The gate is for another bundle, sender or recipient.
    GateForAnother,
    /// The gate is not open yet.
    GateNotYet,
    /// The gate has expired.
    GateExpired,
    /// Another bundle went through this gate.
    GateUsed,
    /// The gate was taken back.
    GateWithdrawn,
    /// The bundle was taken back.
    Withdrawn,
    /// The bundle was not collected in time and is gone.
    Expired,
    /// The bundle was acknowledged and is gone.
    Gone,
    /// Bundles may have this many bytes at most.
    BundleTooLarge { limit: u64 },
    /// The sender's bundles that wait may have this many bytes together.
    QuotaFull { limit: u64 },
    /// A bundle may have this many answers.
    TooManyAnswers { limit: u32 },
    /// An agency may have this many logs cosigned: one for each device, and one more whenever a backup was restored.
    TooManyLogs { limit: u32 },
}

/// What is wrong with the node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum OurFault {
    /// No room left.
    DiskFull,
    /// Its storage failed.
    Storage,
    /// Too much at once.
    Busy,
    /// It is stopping.
    Stopping,
    /// The bundle's bytes are gone from its disk. The sender is told; only sending again helps.
    Lost,
}
