//! What can go wrong when a node is called, so that the caller knows whether to wait or to tell somebody.

use std::{io, time::Duration};

use kith_protocol::{
    directory::DirectoryError,
    log::{CheckpointError, PathError},
    signed::DocumentError,
    wire::{OurFault, WireError},
};

use crate::link::{LinkError, StreamError, is_refusal};

/// Why a call came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum CourierError {
    /// Nobody answers at the node's address.
    #[error("the node does not answer")]
    NoAnswer,
    /// The link broke; what was under way can be gone on with.
    #[error("the link to the node was lost")]
    Lost,
    /// The node cannot do it now.
    #[error("the node cannot do it now ({fault:?}); try again in {retry_after} s")]
    Later { fault: OurFault, retry_after: u32 },
    /// One end does not take the other's link key: the directory here or there is not up to date, or it is not
    /// the node.
    #[error("the node and this agency do not know each other's link keys; compare both directories")]
    OtherKey,
    /// The node will not do it, and says why.
    #[error("the node refused: {0}")]
    Refused(WireError),
    /// What the node sent is not true.
    #[error("the node's answer does not hold: {0}")]
    Lie(#[from] Lie),
    /// A file or socket here failed.
    #[error("a file or socket on this machine failed: {0}")]
    Here(#[from] io::Error),
    /// The link could not be prepared.
    #[error(transparent)]
    Link(#[from] LinkError),
}

/// In what way an answer does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Lie {
    #[error("it does not fit the question")]
    OffTopic,
    #[error("it is not a readable frame")]
    Frame,
    #[error("a document in it is not what it should be: {0}")]
    Document(#[from] DocumentError),
    #[error("a receipt in it is about something else")]
    Receipt,
    #[error("the bundle's bytes are not those of its envelope")]
    Bytes,
    #[error("a withdrawal in it is another sender's, or takes back another bundle")]
    Withdrawal,
    #[error("its directory does not verify: {0}")]
    Directory(#[from] DirectoryError),
    #[error("its log does not hold: {0}")]
    Log(#[from] CheckpointError),
    #[error("what it shows of its log does not hold: {0}")]
    Proof(#[from] PathError),
    #[error("a receipt stands elsewhere in its log than it signed")]
    Place,
}

impl Lie {
    /// Whether it may be no lie, but a directory here that is too old.
    #[must_use]
    pub const fn asks_for_a_directory(&self) -> bool {
        use DocumentError::{Certificate, Signature, UnknownAgency, UnknownNode};
        matches!(self, Self::Document(UnknownAgency(_) | UnknownNode(_) | Certificate(_) | Signature(_)))
    }
}

impl CourierError {
    /// When to try again, if trying again can help: the request belongs back in the queue.
    #[must_use]
    pub const fn try_later(&self) -> Option<Duration> {
        match self {
            Self::NoAnswer | Self::Lost => Some(Duration::from_secs(30)),
            Self::Later { retry_after, .. } => Some(Duration::from_secs(*retry_after as u64)),
            Self::OtherKey | Self::Refused(_) | Self::Lie(_) | Self::Here(_) | Self::Link(_) => None,
        }
    }
}

impl From<StreamError> for CourierError {
    fn from(error: StreamError) -> Self {
        match error {
            StreamError::Lost(error) if is_refusal(&error) => Self::OtherKey,
            StreamError::Lost(_) | StreamError::Ended | StreamError::GivenUp | StreamError::Stopped => {
                Self::Lost
            }
            StreamError::Frame(_) => Self::Lie(Lie::Frame),
        }
    }
}

impl From<WireError> for CourierError {
    fn from(error: WireError) -> Self {
        match error {
            WireError::Ours { fault, retry_after } => Self::Later { fault, retry_after },
            error => Self::Refused(error),
        }
    }
}
