//! What went wrong on the way, by who must do something about it, and in words.

use kith_exchange::courier::CourierError;
use kith_protocol::wire::{PeerFault, Policy, WireError};

/// Who must do something before it can go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Blame {
    /// This bundle never will: the sender decides anew.
    Bundle,
    /// This bundle, later.
    Wait,
    /// Nothing goes now.
    Link,
}

pub(super) const fn blame(error: &CourierError) -> Blame {
    match error {
        CourierError::NoAnswer
        | CourierError::Lost
        | CourierError::Later { .. }
        | CourierError::OtherKey
        | CourierError::Link(_)
        | CourierError::Refused(WireError::Ours { .. } | WireError::Peer(PeerFault::NotAMember)) => {
            Blame::Link
        }
        CourierError::Refused(WireError::Policy(
            Policy::GateForAnother
            | Policy::GateExpired
            | Policy::GateUsed
            | Policy::GateWithdrawn
            | Policy::Withdrawn
            | Policy::Expired
            | Policy::Gone
            | Policy::BundleTooLarge { .. },
        )) => Blame::Bundle,
        CourierError::Refused(_) | CourierError::Lie(_) | CourierError::Here(_) => Blame::Wait,
    }
}

/// Why it did not go, in words, and what to do.
#[must_use]
pub fn words(error: &CourierError) -> String {
    let text = match error {
        CourierError::Refused(WireError::Policy(rule)) => match rule {
            Policy::UnknownRecipient => {
                "the node does not know the recipient yet; it goes when its directory is up to date"
            }
            Policy::GateForAnother | Policy::GateUsed => "the node did not take its gate; send it again",
            Policy::GateNotYet => "this machine's clock is ahead of the node's; set it right",
            Policy::GateExpired => "it waited too long and its gate has shut; send it again",
            Policy::GateWithdrawn | Policy::Withdrawn => "it was taken back",
            Policy::Expired => {
                "nobody collected it in time, and the node let it go; ring them, then send it again"
            }
            Policy::Gone => "it was collected already",
            Policy::BundleTooLarge { limit } => {
                return format!(
                    "it is larger than the node takes ({limit} bytes); leave attachments out or send several"
                );
            }
            Policy::QuotaFull { .. } => "our room at the node is full; it goes when others have collected",
            Policy::TooManyAnswers { .. } => "this bundle has as many answers as the node takes",
            Policy::TooManyLogs { .. } => "the node cosigns as many logs of this agency as it will",
        },
        CourierError::Refused(WireError::Peer(PeerFault::NotAMember)) | CourierError::OtherKey => {
            "the node does not know this agency's key: ask the partnership whether the directory is up to date"
        }
        CourierError::NoAnswer => {
            "the node does not answer: is this machine online, and does the filter of this network let it through?"
        }
        other => return other.to_string(),
    };
    text.to_owned()
}
