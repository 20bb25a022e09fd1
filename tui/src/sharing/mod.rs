//! Sharing: what would leave, what is withheld from it, how it goes and what comes back.

mod attached;
pub mod blame;
pub mod by_turns;
pub mod certificate;
pub(crate) mod elsewhere;
mod files;
mod given;
mod heard;
pub mod inbox;
pub mod inside;
pub mod laid_out;
mod letter;
pub mod matching;
mod needles;
pub mod not_shared;
pub mod office;
pub mod outbox;
mod papers;
pub mod persons;
pub(crate) mod pieces;

mod own_words;
pub mod plan;
pub mod redact;
mod release;
pub mod rotation;
pub mod rounds;
mod sealing;
mod senders;
pub mod share_papers;
pub mod suggest;
pub mod supplements;
pub mod to_seal;
pub mod unpack;
pub mod view;
mod withdraw;
pub mod withdrawn;
mod witness;

#[cfg(test)]
pub(crate) mod tests;
