//! Sharing: what would leave, what is withheld from it, how it goes and what comes back.

mod common;
mod fold;
mod numbers;
mod names;
mod pieces;
mod places;

pub mod hashing;
pub mod plan;
pub mod registry;
pub mod suggest;
