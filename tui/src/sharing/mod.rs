//! Sharing: the only part that redacts, seals, opens and talks to the courier.

pub mod hashing;
pub mod plan;
