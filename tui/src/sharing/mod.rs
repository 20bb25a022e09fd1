//! Sharing: what would leave, what is withheld from it, how it goes and what comes back.

pub mod blame;
mod by_pieces;
pub mod by_turns;
mod common;
mod files;
mod finder;
mod fold;
pub mod inbox;
mod letter;
pub mod matching;
mod names;
mod needles;
mod numbers;
pub mod office;
pub mod outbox;
mod papers;
pub(crate) mod pieces;
mod places;

pub mod hashing;
pub mod plan;
pub mod redact;
pub mod registry;
pub mod rounds;
mod sealing;
mod spans;
pub mod suggest;
pub mod to_seal;
pub mod unpack;
pub mod view;
mod withdraw;
pub mod withdrawn;

#[cfg(test)]
pub(crate) mod tests;
